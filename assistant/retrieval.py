"""Retrieval: what is asked put into the corpus's words, looked for by words (BM25) and by vectors, and the two rankings fused.

Words rank rows best in this field; vectors find paraphrase and policy prose. Scope (unit, year, kind) is a filter, never a matter of
likeness.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Any

from assistant import library, taxonomy
from assistant.chinese import CHINESE_NUMERAL, chinese_number, document_numbers, fold
from assistant.corpus import Corpus, Passage
from assistant.store import VectorStore
from assistant.table import canonical_level2

# Reciprocal rank fusion: how fast a rank's worth falls, and how much each ranking counts.
_RRF = 20.0
_WORDS_WEIGHT, _VECTOR_WEIGHT = 1.0, 0.7
# How much the words of a passage's surroundings count beside its own, and what a slot (多少人 → 数量指标) adds.
_AROUND, _SLOT, _FUSED = 0.55, 0.25, 2.0
_REFERENCE = ("policy", "library", "glossary")
_ABOUT_RULES = re.compile(r"怎么|如何|什么意思|什么是|规定|要求|写法|应该|能不能|为什么|办法|指引|政策|区别")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score (higher is better) and ``why`` in Chinese: which words, which likeness, which ranks."""

    passage: Passage
    score: float
    why: str


def search(
    corpus: Corpus, store: VectorStore | None, query: str, *, k: int = 8, year: int | None = None, unit: str | None = None, kind: str | None = None
) -> list[Hit]:
    """The passages that answer a query best, at most ``k``; ``year``, ``unit`` (exact name) and ``kind`` narrow.

    Passages that belong to no unit or year (policies, library, glossary) pass those filters. ``store`` None ranks by words alone.
    Both rankings bring candidates; the order is how much of the query's content a passage explains, its own words before its
    surroundings, with the fused ranks between equals.
    """
    text = normalised(query)
    words = " ".join((text, *aliases_in(text)))
    depth = max(6 * k, 60)
    fused, reasons, found = _candidates(corpus, store, words, depth, kind, unit, year)
    keys = {int(number) for number in re.findall(r"(?<!\d)(\d{1,4})号", text)}
    if keys and any(keys & _numbers(passage) for passage in found.values()):
        found = {id: passage for id, passage in found.items() if keys & _numbers(passage)}
    weights = _content(text, list(found.values()))
    rules = _ABOUT_RULES.search(text) is not None
    slots = _slots(text)
    hits = []
    for id, passage in found.items():
        score = _explained(text, weights, passage) + _FUSED * fused[id]
        if slots and passage.kind in ("row", "table") and _fills(passage, slots):
            score += _SLOT
        if passage.kind in _REFERENCE and not rules:
            score *= 0.6
        hits.append(Hit(passage, round(score, 5), "；".join(reasons[id])))
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:k]


def _fills(passage: Passage, slots: set[str]) -> bool:
    """Whether a row is of a level-2 type asked for, or a table's header holds a field asked for."""
    if passage.kind == "table":
        return bool(slots & set(_HEADER))
    return canonical_level2(passage.text.split(" ", 1)[0]) in slots


def _candidates(
    corpus: Corpus, store: VectorStore | None, words: str, depth: int, kind: str | None, unit: str | None, year: int | None
) -> tuple[dict[str, float], dict[str, list[str]], dict[str, Passage]]:
    """Candidates by words (cells and reference texts apart, so that neither crowds out the other) and by vectors, ranks fused."""
    scores: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}
    found: dict[str, Passage] = {}
    groups = [[kind]] if kind else [["table", "row", "goal"], list(_REFERENCE)]
    for kinds in groups:
        for rank, (passage, score, looked_for) in enumerate(corpus.records.find(words, depth, kinds=kinds, unit=unit, year=year), 1):
            found[passage.id] = passage
            scores[passage.id] = _WORDS_WEIGHT / (_RRF + rank)
            hit = [word for word in looked_for if word in fold(passage.text + passage.context)]
            reasons[passage.id] = [f"词面第{rank}（BM25 {score:.1f}：{'、'.join(hit[:8])}）"]
    if store is not None and kind != "row":
        for rank, (passage, likeness) in enumerate(_near(corpus, store, words, depth, kind, unit, year), 1):
            found[passage.id] = passage
            scores[passage.id] = scores.get(passage.id, 0.0) + _VECTOR_WEIGHT / (_RRF + rank)
            reasons.setdefault(passage.id, []).append(f"向量第{rank}（相似度 {likeness:.2f}）")
    return scores, reasons, found


def _content(text: str, candidates: list[Passage]) -> list[float]:
    """How much each character of a query tells among the candidates: 0 for small talk, more the fewer of them have its pairs."""
    weights = [0.0] * len(text)
    pools = [fold(passage.text + passage.context) for passage in candidates]
    talk = [False] * len(text)
    for match in small_talk().finditer(text):
        talk[match.start() : match.end()] = [True] * len(match[0])
    for i in range(len(text) - 1):
        if talk[i] and talk[i + 1]:
            continue
        among = sum(text[i : i + 2] in pool for pool in pools)
        weight = math.log(1 + (len(pools) + 1) / (1 + among)) if among else 0.0
        for place in (i, i + 1):
            weights[place] = max(weights[place], weight)
    return weights


def _explained(text: str, weights: list[float], passage: Passage) -> float:
    """The share of a query's content that a passage's own words (whole) and its surroundings (in part) explain."""
    total = sum(weights)
    if not total:
        return 0.0
    own = fold(f"{passage.title}\n{passage.text}") if passage.kind not in ("row",) else fold(passage.text)
    around = fold(f"{passage.title}\n{passage.context}")
    marks = [0.0] * len(text)
    for i in range(len(text) - 1):
        pair = text[i : i + 2]
        worth = 1.0 if pair in own else _AROUND if pair in around else 0.0
        if worth:
            marks[i], marks[i + 1] = max(marks[i], worth), max(marks[i + 1], worth)
    for name, others in _named(text):
        start = text.index(name)
        worth = 1.0 if any(other in own for other in others) else _AROUND if any(other in around for other in others) else 0.0
        for place in range(start, start + len(name)):
            marks[place] = max(marks[place], worth)
    return sum(mark * weight for mark, weight in zip(marks, weights, strict=True)) / total


def _named(text: str) -> list[tuple[str, frozenset[str]]]:
    table = alias_table()
    return [(name, others) for name, others in table.items() if len(name) >= 2 and name in text]


def _numbers(passage: Passage) -> set[int]:
    return {one.number for one in document_numbers(f"{passage.title} {passage.context}" if passage.kind != "row" else passage.title)}


_HEADER = ("预算数", "财政资金", "其他资金", "资金用途", "项目名称", "项目编码", "预算单位", "绩效目标", "资金支出计划")


def _slots(text: str) -> set[str]:
    """The fields and level-2 types that words of a query ask for (多少人 → 数量指标)."""
    found = {"服务对象满意度指标" if row.field == "满意度指标" else row.field for row in library.slang() if fold(row.words) in text}
    return found | {canonical for name, canonical in taxonomy.LEVEL2_NAMES.items() if name in text}


def _near(corpus: Corpus, store: VectorStore, text: str, depth: int, kind: str | None, unit: str | None, year: int | None) -> list[tuple[Passage, float]]:
    where: dict[str, Any] = {"kind": kind} if kind else {}
    if unit and kind in (None, "table", "goal"):
        # Chroma cannot ask for “this unit or none”; what belongs to nobody is found by its kind in a second look.
        near = store.search(corpus, text, depth, {**where, "unit": unit, **({"year": year} if year else {})})
        if kind is None:
            near += store.search(corpus, text, depth, {"kind": ["policy", "library", "glossary"]})
            near.sort(key=lambda one: -one.likeness)
    elif year and kind in ("table", "goal"):
        near = store.search(corpus, text, depth, {**where, "year": year})
    else:
        near = store.search(corpus, text, depth, where)
    passages = corpus.records.passages([one.id for one in near])
    return [(passages[one.id], one.likeness) for one in near if one.id in passages and (year is None or passages[one.id].year in (None, year))]


# -- the query in the corpus's words -----------------------------------------------------------------------------------------------

_NUMERAL_BEFORE = re.compile(
    r"([零〇○一二两三四五六七八九十百千万]{2,})(?=号|年|万元|元|人|户|张|个百分点|月[底末])|([一二两三四五六七八九十])(?=号|万元|月[底末])"
)
_YEAR_IN_HAN = re.compile(r"[二][零〇○][零〇○一二三四五六七八九]{2}(?=年)")
_NOT_A_NUMERAL = re.compile(r"一(?:个|人|户|张)|百分之")


def normalised(query: str) -> str:
    """A query for looking up: half width, no blanks, simplified characters, Chinese numerals before 号, 年 and units in digits."""
    text = simplified(fold(query))
    text = _YEAR_IN_HAN.sub(lambda match: str(chinese_number(match[0]) or match[0]), text)
    return _NUMERAL_BEFORE.sub(lambda match: _digits(match[0]), text)


def _digits(numeral: str) -> str:
    if len(numeral) == 1 and numeral in "一两":
        # 一个人, 两补: words, not amounts.
        return numeral
    value = chinese_number(numeral) if CHINESE_NUMERAL.fullmatch(numeral) else None
    return numeral if value is None else str(value)


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; text that is simplified already is not touched and costs nothing."""
    try:
        text.encode("gb2312")
        return text
    except UnicodeEncodeError:
        pass
    return _converter().convert(text)  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@functools.lru_cache(maxsize=1)
def alias_table() -> dict[str, frozenset[str]]:
    """Every name of the glossary, folded → the other names of the same thing."""
    table: dict[str, set[str]] = {}
    for term in library.glossary():
        names = {fold(name) for name in (term.term, *term.aliases)}
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}


def aliases_in(text: str) -> list[str]:
    """The other names of every glossary name that stands in a text (残保金 → 残疾人就业保障金), longest names first."""
    table = alias_table()
    names = sorted((name for name in table if len(name) >= 2 and name in text), key=len, reverse=True)
    kept: list[str] = []
    for name in names:
        if not any(name in longer for longer in kept):
            kept.append(name)
    return list(dict.fromkeys(other for name in kept for other in sorted(table[name]) if other not in text))


# Words that ask, join or fill and say nothing about what is asked. Longer ones first where one begins another; sorted when compiled.
SMALL_TALK = """
请问 请教 抄一下 抄给我 抄下来 抄 念一下 念给我 贴出来 贴一下 发我 发给我 复述 复述一下
麻烦 劳驾 你好 您好 帮我 帮忙 帮 给我 给 告诉我 告诉 说说 说一下 讲讲 讲一下 查一下 查查 查询 查 看看 看一下 看 想知道 想问 想了解 想看 我想
想 了解 知道 不知道 需要知道 需要 问一下 问问 问 一下 一下子 下 呗 啊 呀 呢 吧 嘛 哈 哦 哎 诶 咯 啦 哇 么 吗 的话 的 地 得 了 着 过 都 也 还 就 又 再
才 只 到底 究竟 具体 具体是 大概 大约 总的 其中 里面 里边 里头 里 中 内 上 上面 当中 之中 这个 那个 这些 那些 这 那 那张 这张 该 此 其 它 他们 我们
咱们 咱 我 你 您 俺 我县 我单位 本单位 本部门 本县 我局 单位 咱县 咱们县 县里 县上 全县 我会 本会 目前 现在 现有 当前 眼下 如今 有 是 为 在 对 对于
关于 有关 相关 按 按照 根据 依照 把 将 被 让 由 从 向 往 给出 写 写的 写了 写着 写成 写明 填 填的 填了 填写 定 定的 定了 定为 设 设的 设了 设定 设置
设有 列 列的 列了 规定 要求 安排 计划 确定 明确 说 说的 提到 提 涉及 包括 包含 含 作为 当作 算 叫 叫做 称 名叫 名为 属于 用 用的 使用 采用 打算 准备
预计 要 能 会 可以 应 应该 应当 得要 达 达到 到 完成 做 做到 搞 弄 整 拿 出 来 去 进行 开展 实施 执行的是 一 个 些 点 处 种 类 项 张 份 条 笔 款 表
表格 表里 目标表 绩效表 绩效目标表 那张表 这张表 表中 表上 项目 该项目 这个项目 那个项目 资金 专项 专项资金 经费 钱 款项 指标 绩效指标 指标值 目标值
目标 绩效目标值 绩效 部门 文件 文 号文 号 资料里 资料中 材料里 材料中 内容 情况 方面 部分 数 数字 数值 值 数据 信息 结果 答案 东西 事 事儿 事项 工作
任务 年度 年 今年 本年 本年度 当年 和 与 跟 同 及 以及 还有 或 或者 并 并且 而 而且 但 但是 然后 那么 如果 因为 所以 比 比较 比起 相比 相对 之间 两者
二者 两个 两项 两张 两边 双方 三个 四个 五个 六个 七个 八个 九个 十个 各 各自 各个 每个 每张 每项 每 所有 全部 全 整个 整体 任何 一个 一张 一项 一种
几个 完整 详细 详细的 原文 原话 原样 文字 字样 字 句 话 内容是 叙述 表述 描述 写法 说法 名字 名称 叫法 是什么 什么 啥 哪 哪个 哪里 多少 几 几何 如何
怎么 怎样 咋 咋样 怎么样 几多 多 几年一遇 多少年一遇 ? ! , . ; : 、 。 " ' ( ) 《 》 “ ” ‘ ’ - ~ … / · + = | 「 」 [ ] < > 元 块 万元 万 之前 以前 前
补 发 领 享受 惠及 受益 下了 下达 下达了 拨 拨了 批 批了 批复 怎么写 怎么写的 咋写 咋写的 写的啥 写的什么 怎么说 怎么定的 如何规定 怎么规定 是怎么
是多少 是几 为多少 有多少 定多少 定了多少 写多少 分别是 分别 分别为 一共 总共 合计 共计 共 总计 列出来 列出 列一下 列举 都列 都给我 都要 都有 有没有
是否 是不是 对吗 对不对 有无 请列出 请给出 请说明 说明 一览 清单 汇总 统计 统计一下 出来 起来 多大 多高 多少来着 来着 之 所 以内 之内 以上 以下 左右
范围 介绍 介绍一下 概况 简介 基本情况 下面 下边 底下 交 缴 缴纳 代缴 控制 控制在 标的 总 共有 清楚 明白 搞清楚 落实 三项 四项 五项 六项 七项 八项 九项
十项 三张 四张 五张 三笔 两笔 几笔 以 结尾 结束 开头 末尾 一栏 那栏 一项里 这一项 此项 是几年一遇 花 花费 花销 投 投入 支出 拿出 搞了 办 举办 组织 带
含有 写有 标有 注明 那条 这条 那一条 之类 相关的 的时候 什么的 一类 修好 修完 改 改完 办完 拿到 领到 领取 得到了 坐 乘 走 完 好 成 掉 上限 下限 限额
最高限 覆盖 到位 做完 干完 搞完 弄好 弄完 交给 花掉 用掉 用去 能够 可 须 得花 得用 享有 是吧 嗯 对吧 就是 即 等于是 来讲 来说 而言 起 每年 一年
全县范围 范围内 新 老 另 另外 此外 讲 讲到 说到 提及 谈 谈到 保证 确保了 要比 块儿 这块 这块儿 那块 那块儿 这边 那边
后 之后 以后 怎么处理 如何处理 怎么办 咋办 时间点 各时间点 用了 使了
"""


@functools.lru_cache(maxsize=1)
def small_talk() -> re.Pattern[str]:
    """The words of small talk, longest first."""
    words = sorted({fold(word) for word in SMALL_TALK.split()} - {""}, key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in words))
