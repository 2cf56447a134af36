"""Bytes into inputs: text straight from the bytes, or spelled from the field's own words, so that mutation reaches past the first letter."""

from __future__ import annotations

from typing import Any

WORDS = (
    "0 1 2 5 9 10 46 100 2026 1500 20.7 1,000 １２ 百 千 万 亿 三 两 十五 〇 . , ， ％ % ‰ ± ≥ ≤ ≧ ≦ ＞ ＜ > < = ═ 》 ~ ～ - — 至 到 / * · × 约 共 不低于 不超过 不少于 达到 "
    "以上 以内 左右 之间 之前 前 底 末 底前 人 人次 个 户 元 万元 亿元 元/人 元/人·月 万人次 百分比 公里 工作日 年 月 日 全年 按月 每季度 年底 当年 12月 31日 "
    "2026年 2026年12月底前 2026-12-31 无 / 达到标准 及时发放 逐步提升 残疾人就业保障金 残保金 培训 补贴 每人 人均 预算 财政资金 其他资金 用于 项目 今年 明年 去年 "
    "产出指标 效益指标 满意度指标 数量指标 质量指标 时效指标 成本指标 社会效益指标 服务对象满意度指标 冀财社〔2024〕163号 〔 〕 《 》 “ ” \" ' { } [ ] : ： ; ； \\ \n \t | ( ) （ ） # ``` "
    "<think> </think> null true NaN \u200b \ufeff \u202e \ud800 \x1b[31m 😀 𠮷 怀来县残疾人联合会 第一行 改成 删掉 加一行 检查 导出 撤销 多少 是什么 哪些 比 超过 合计 平均 最高 一览"
).split(" ")


def text(data: bytes) -> str:
    """A text: the first byte says whether the rest is UTF-8 (broken bytes as half characters) or indices of ``WORDS``."""
    if not data:
        return ""
    if data[0] < 128:
        return data.decode("utf-8", "surrogateescape")
    return "".join(WORDS[byte % len(WORDS)] for byte in data[1:])


class Taker:
    """Bytes as a row of choices; zeros when they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, below: int) -> int:
        """A number from 0 to below - 1."""
        if below <= 1 or self._at >= len(self._data):
            return 0
        self._at += 1
        size = 1
        value = self._data[self._at - 1]
        while 256**size < below and self._at < len(self._data):
            value = value * 256 + self._data[self._at]
            self._at, size = self._at + 1, size + 1
        return value % below

    def piece(self, most: int = 40) -> bytes:
        """The next bytes."""
        end = self._at + self.number(most)
        taken, self._at = self._data[self._at : end], min(end, len(self._data))
        return taken

    def rest(self) -> bytes:
        """All that is left."""
        taken, self._at = self._data[self._at :], len(self._data)
        return taken

    @property
    def more(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)


def value(take: Taker, depth: int = 0) -> Any:
    """Any JSON value."""
    kind = take.number(10)
    if kind == 0:
        return None
    if kind == 1:
        return bool(take.number(2))
    if kind == 2:
        return take.number(100000) - 50000
    if kind == 3:
        return take.number(1000) / 7
    if kind == 4 and depth < 3:
        return [value(take, depth + 1) for _ in range(take.number(4))]
    if kind == 5 and depth < 3:
        return {text(take.piece(12)): value(take, depth + 1) for _ in range(take.number(4))}
    if kind == 6:
        return 10 ** take.number(400)
    return text(take.piece())


def places(tree: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every node of a JSON value, in order."""
    found = [above] if above else []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in items:
        found += places(inner, (*above, key))
    return found


def changed(tree: Any, take: Taker) -> Any:
    """A JSON value (changed in place) with some nodes replaced, taken out, doubled or exchanged."""
    for _ in range(1 + take.number(4)):
        paths = places(tree)
        if not paths:
            return tree
        *way, last = paths[take.number(len(paths))]
        parent = tree
        for step in way:
            parent = parent[step]
        act = take.number(5)
        if act == 0:
            del parent[last]
        elif act == 1 and isinstance(parent, list):
            parent.insert(take.number(len(parent) + 1), parent[last])
        elif act == 2:
            *other, end = paths[take.number(len(paths))]
            source = tree
            for step in other:
                source = source[step]
            parent[last] = source[end] if not isinstance(source[end], (dict, list)) else value(take)
        elif act == 3 and isinstance(parent, dict):
            parent[text(take.piece(12))] = value(take)
        else:
            parent[last] = value(take)
    return tree
