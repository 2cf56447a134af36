"""What a sentence speaks of in the draft at hand: 第三行, 那个成本指标, 培训人数, 满意度, 预算, 用途, 最后一行, 它.

A reference that fits one place gives it; one that fits several gives them all, to be asked about; never a guess.
"""

from __future__ import annotations

import re

from assistant.chat.intents import ordinal
from assistant.chinese import fold, likeness
from assistant.table import GoalTable

_ROW = re.compile(r"第?(\d+|[一二两三四五六七八九十]+)(?:行|条|项|个指标|个三级指标|号指标)")
_LAST = re.compile(r"最后(?:一|那)?(?:行|条|个|项)?(?:指标)?")
_IT = re.compile(r"(?:它|这个|那个|这行|那行|这一行|那一行|这条|那条|刚才(?:的|那)?(?:个|行|条)?|上面(?:的|那)?(?:个|行|条)?)(?:指标|数|值)?")
_GOAL = re.compile(r"(?:绩效|年度|总体)?目标(?:第?(\d+|[一二三四五])(?:条|段|个)?)?")
# What people call a header cell → its address.
_HEADER = (
    (r"(?:总)?预算(?:数|总额|金额|规模)?|总额|资金总额|总金额|钱", "budget.total"),
    (r"(?:其中)?财政(?:资金|拨款|的)?", "budget.fiscal"),
    (r"其他资金|其它资金|自筹(?:资金)?", "budget.other"),
    (r"(?:资金)?用途|用处", "purpose"),
    (r"项目名称|项目名|名称|名字", "project.name"),
    (r"项目编码|编码|代码", "project.code"),
    (r"年度|年份", "year"),
    (r"预算单位|单位名称|单位", "unit.name"),
)
_PARTS = {"描述": "description", "解释": "description", "依据": "basis", "名称": "level3", "名字": "level3"}
_TYPES = {
    "数量": "数量指标",
    "质量": "质量指标",
    "时效": "时效指标",
    "成本": "成本指标",
    "经济效益": "经济效益指标",
    "社会效益": "社会效益指标",
    "生态效益": "生态效益指标",
    "可持续": "可持续影响指标",
    "满意": "服务对象满意度指标",
    "效益": "效益指标",
}
_NEAR = 0.45


def part_of(word: str) -> str:
    """The indicator's column a word means; the value when it says none."""
    return next((column for key, column in _PARTS.items() if key in word), "value")


def find(table: GoalTable, what: str, *, part: str = "", focus: str | None = None) -> list[str]:
    """The addresses a phrase can mean in a table, best first; empty when none. ``focus`` is what 它 means."""
    words = fold(what).strip("的,。")
    if not words or _IT.fullmatch(words):
        return [_with_part(focus, part)] if focus else []
    for pattern, address in _HEADER:
        if re.fullmatch(pattern, words):
            return [address]
    if match := _GOAL.fullmatch(words):
        number = ordinal(match[1]) if match[1] else None
        places = range(len(table.goals)) if number is None else [number - 1]
        return [f"goals[{i}]" for i in places if 0 <= i < len(table.goals)]
    if node := re.fullmatch(r"(\d+)月底?(?:的)?(?:支出)?(?:进度|计划|比例|节点)?", words):
        return [f"spending_plan[{i}].percent" for i, each in enumerate(table.spending_plan) if fold(each.by).startswith(node[1] + "月")]
    rows = rows_of(table, words)
    return [f"indicators[{i}].{part_of(part)}" for i in rows]


def rows_of(table: GoalTable, what: str) -> list[int]:
    """The indices of the indicator rows a phrase can mean."""
    words = fold(what)
    count = len(table.indicators)
    if _LAST.fullmatch(words):
        return [count - 1] if count else []
    if match := _ROW.search(words):
        number = ordinal(match[1])
        return [number - 1] if number is not None and 1 <= number <= count else []
    named = [i for i, row in enumerate(table.indicators) if row.level3 and fold(row.level3) == words]
    if named:
        return named
    kind = re.sub(r"那个|这个|那条|这条|的|指标|一栏|那行|这行", "", words)
    for key, level2 in _TYPES.items():
        if re.fullmatch(rf"{key}(?:度|影响)?", kind):
            found = [i for i, row in enumerate(table.indicators) if level2 in (row.type, row.family) or (level2 == "成本指标" and "成本" in (row.type or ""))]
            if found:
                return found
    return _alike(table, kind or words)


def _alike(table: GoalTable, words: str) -> list[int]:
    inside = [i for i, row in enumerate(table.indicators) if words in fold(row.level3) or (len(words) >= 4 and fold(row.level3) in words)]
    if inside:
        return inside
    scores = {i: max(likeness(words, row.level3), likeness(words, row.description or "") * 0.8) for i, row in enumerate(table.indicators)}
    # All the characters of a short name in the right order (培训人数 in 得到培训的残疾人人数) count as alike.
    for i, row in enumerate(table.indicators):
        if _scattered(words, fold(row.level3)):
            scores[i] = max(scores[i], 0.6)
    best = max(scores.values(), default=0.0)
    if best < _NEAR:
        return []
    return [i for i in sorted(scores, key=lambda i: -scores[i]) if scores[i] >= best - 0.08]


def _scattered(short: str, long: str) -> bool:
    """Whether every pair of a short name's characters stands in a long one, in order."""
    pieces = [short[i : i + 2] for i in range(0, len(short) - 1, 2)] if len(short) >= 4 else []
    at = 0
    for piece in pieces:
        at = long.find(piece, at) + 1
        if at == 0:
            return False
    return bool(pieces)


def _with_part(focus: str, part: str) -> str:
    match = re.fullmatch(r"(indicators\[\d+\])\.\w+", focus)
    return f"{match[1]}.{part_of(part)}" if match and part else focus
