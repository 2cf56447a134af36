"""What a sentence speaks of in the draft at hand: 第三行, 那个成本指标, 培训人数, 满意度, 预算, 用途, 最后一行, 它.

A reference that fits one place gives it; one that fits several gives them all, to be asked about; never a guess. Names are taken as
people say them: by a part of the name, by what is counted (培训人数 for a row about training that counts 人), or by ear (满易度).
"""

from __future__ import annotations

import re

from assistant.chat.saying import ordinal, sounds_like
from assistant.chinese import fold, likeness
from assistant.table import GoalTable, Indicator

_ORDINAL = r"(\d+|[一二两三四五六七八九十]+)"
_ROW = re.compile(rf"(?:表(?:里|中)?的?)?第?{_ORDINAL}(?:行|条|项|个指标|个三级指标|号指标|号)(?:的)?(?:指标|那个|内容)?")
_ROWS = re.compile(rf"第?{_ORDINAL}(?:行|条|项|个)?(?=[、，,和跟与及到至-]|行|条|项|$)")
_LAST = re.compile(r"(?:最后|末尾|最下面|最底下|最末|倒数第?一)(?:一|那|的)?(?:一)?(?:行|条|个|项)?(?:指标)?")
_IT = re.compile(
    r"(?:(?:它|他|这个|那个|这一?行|那一?行|这一?条|那一?条|该指标|这项|那项|刚才(?:的|那)?(?:个|行|条|加的|改的|那个|新加的|说的)?|"
    r"刚刚(?:的|那)?(?:个|行|条|加的)?|上面(?:的|那)?(?:个|行|条)?|(?:最后|刚|刚刚|刚才)?(?:新)?(?:加|增加|添|新增)的)(?:那?(?:个|行|"
    r"条))?(?:的)?(?:指标|数|值|数字)?)(?:再|"
    r"也|还是|又|就)*"
)
_GOAL = re.compile(r"(?:绩效|年度|总体)?目标(?:第?(\d+|[一二三四五])(?:条|段|个)?)?|第?(\d+|[一二三四五])(?:条|段|个)(?:绩效)?目标")
# What people call a header cell → its address.
_HEADER = (
    (r"(?:项目)?(?:总)?预算(?:数|总额|金额|规模|资金)?|总额|资金总额|总金额|金额|资金|钱", "budget.total"),
    (r"(?:其中)?[：:]?(?:财政(?:资金|拨款|拨付|部分)?|财政拨款资金)", "budget.fiscal"),
    (r"其他资金|其它资金|自筹(?:资金|部分)?|单位(?:自有)?资金", "budget.other"),
    (r"(?:资金|项目|钱的)?用途|用处|资金使用方向", "purpose"),
    (r"项目名称|项目名|名称|名字|标题", "project.name"),
    (r"项目编码|项目编号|编码|代码|项目代码", "project.code"),
    (r"(?:预算)?年度|年份", "year"),
    (r"预算单位|单位名称|单位|部门", "unit.name"),
)
_PARTS = {
    "描述": "description",
    "解释": "description",
    "说明": "description",
    "口径": "description",
    "依据": "basis",
    "名称": "level3",
    "名字": "level3",
    "三级指标": "level3",
}
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
# What is counted, by the last word of how people call it → a pattern for the unit of the value.
_COUNTED = (
    (r"(?:总|多少)?人数|人员数量?|名额|人头", r"万?人(?:次)?|名"),
    (r"人次|次数|场次|期数|场数", r"万?人?次|期|场"),
    (r"户数", r"户"),
    (r"面积", r".*(?:平方米|亩|公顷|㎡|平米).*"),
    (r"里程|长度|公里数", r".*(?:公里|米|千米|km).*"),
    (r"(?:台|套|件|辆|个|份|座|所|处|项|条)数", r"台|套|件|辆|个|份|座|所|处|项|条|台套"),
    (r"数量|数目|个数|总数", r"[^%％元/]*"),
    (r"率|比例|占比|百分比", r"%|％|百分比"),
    # A price is for one of something, or in 元; an amount in 万元 is a sum.
    (r"标准|单价|价格|补贴标准|补助标准|人均|每人", r"元|.*/.*"),
    (r"总成本|成本", r".*元.*"),
    (r"时间|时限|期限", r".*(?:日|天|月|年|前|底).*"),
)
_NEAR = 0.45


def part_of(word: str) -> str:
    """The indicator's column a word means; the value when it says none."""
    return next((column for key, column in _PARTS.items() if key in word), "value")


def row_in(cell: str) -> int | None:
    """The index of the indicator row that an address is in, None for another address."""
    match = re.match(r"indicators\[(\d+)\]", cell)
    return int(match[1]) if match else None


def find(table: GoalTable, what: str, *, part: str = "", focus: str | None = None) -> list[str]:
    """The addresses a phrase can mean in a table, best first; empty when none. ``focus`` is what 它 means."""
    words = _bare(what)
    if not words or _IT.fullmatch(words):
        return [_with_part(focus, part)] if focus else []
    if certain := exact(table, words, part=part):
        return certain
    rows = rows_of(table, words)
    return [f"indicators[{i}].{part_of(part)}" for i in rows]


def exact(table: GoalTable, what: str, *, part: str = "") -> list[str]:
    """The addresses a phrase means by its very words: a cell of the head, a goal, a node, a numbered row, a type, a name in full."""
    words = _bare(what)
    for pattern, address in _HEADER:
        if re.fullmatch(pattern, words) and not (part and part not in ("值", "数值")):
            return [address]
    if match := _GOAL.fullmatch(words):
        said = match[1] or match[2]
        number = ordinal(said) if said else None
        places = range(len(table.goals)) if number is None else [number - 1]
        return [f"goals[{i}]" for i in places if 0 <= i < len(table.goals)]
    if node := re.fullmatch(r"(\d+|[一二三四五六七八九十]+)月(?:份|底)?(?:的)?(?:支出|资金)?(?:进度|计划|比例|节点)?", words):
        month = f"{ordinal(node[1])}月"
        return [f"spending_plan[{i}].percent" for i, each in enumerate(table.spending_plan) if fold(each.by).startswith(month)]
    if parted := re.fullmatch(r"(.{1,20}?)的?(描述|解释|说明|口径|依据|确定依据|名称|名字)", words):
        return [] if part else exact(table, parted[1], part=parted[2])
    rows = _numbered(table, words)
    if not rows:
        rows = [i for i, row in enumerate(table.indicators) if row.level3 and fold(row.level3) == words] or _of_type(table, words)
    return [f"indicators[{i}].{part_of(part)}" for i in rows]


def sure(table: GoalTable, what: str, unit: str = "") -> list[str]:
    """The addresses of a phrase that leaves no doubt: exact, or words of two characters and more that stand in one row's name only; with
    a ``unit`` (人 in 培训55人) in the name of one row that is counted so."""
    if found := exact(table, what):
        return found
    words = _bare(what)
    rows = [i for i, row in enumerate(table.indicators) if len(words) >= 2 and words in fold(row.level3)] or _counted(table, words)
    if len(rows) > 1 and unit:
        rows = [i for i in rows if counted_in(table.indicators[i], unit)]
    return [f"indicators[{i}].value" for i in rows] if len(rows) == 1 else []


def counted_in(row: Indicator, unit: str) -> bool:
    """Whether a row's value has a unit; where nothing stands yet, whether its name counts such things."""
    if row.value.number is not None:
        return fold(row.value.unit or "") == fold(unit)
    return any(re.fullmatch(pattern, unit) and re.search(rf"(?:{name})$", fold(row.level3)) for name, pattern in _COUNTED if pattern != r"[^%％元/]*")


def numbered(table: GoalTable, what: str) -> list[int]:
    """The indices of several rows named by number (第3行和第5行, 三、四行, 第3到5行), in order; empty when it is no such list."""
    words = _bare(what)
    if edge := re.fullmatch(r"(?P<last>最后|倒数|末尾|最下面)?(?P<first>最?前面?|开头)?的?(?P<n>[2-9两二三四五])(?:行|条|个)(?:指标)?", words):
        n, count = ordinal(edge["n"]) or 0, len(table.indicators)
        return [] if not (edge["last"] or edge["first"]) or n > count else list(range(count - n, count) if edge["last"] else range(n))
    if not re.search(r"[、，,和跟与及到至-]", words) or not re.fullmatch(
        rf"(?:第?{_ORDINAL}(?:行|条|项|个)?(?:指标)?[、，,和跟与及到至-]*)+(?:这几行|这两行)?", words
    ):
        return []
    found = [number for match in _ROWS.finditer(words) if (number := ordinal(match[1])) is not None]
    if re.search(r"到|至|-", words) and len(found) == 2:
        found = list(range(found[0], found[1] + 1))
    return [number - 1 for number in dict.fromkeys(found) if 1 <= number <= len(table.indicators)]


def rows_of(table: GoalTable, what: str) -> list[int]:
    """The indices of the indicator rows a phrase can mean."""
    words = _bare(what)
    if found := _numbered(table, words):
        return found
    named = [i for i, row in enumerate(table.indicators) if row.level3 and fold(row.level3) == words]
    kind = re.sub(r"那个|这个|那条|这条|的|指标|一栏|那行|这行|那一行|一行", "", words)
    return named or _of_type(table, kind) or _alike(table, kind or words)


_BEFORE_A_NAME = re.compile(
    r"^(?:把|将|表里的?|表中的?|草稿里的?|这张表的?|草稿的?|现在的?|目前的?|(?:刚才|刚刚)(?:的|那个|说的)?(?=.)|那个(?=.)|这个(?=.{2}))+"
)
_AFTER_A_NAME = re.compile(r"(?<=.{2})的?(?:那|这)一?(?:行|条|个|项)(?:指标)?$")


def _bare(what: str) -> str:
    """A reference without quotation marks and the words around a name (把“培训人数”那行 → 培训人数)."""
    words = re.sub(r"[“”\"'「」『』]", "", fold(what)).strip("的,。，")
    return words if _IT.fullmatch(words) else _BEFORE_A_NAME.sub("", _AFTER_A_NAME.sub("", words))


def _numbered(table: GoalTable, words: str) -> list[int]:
    count = len(table.indicators)
    if _LAST.fullmatch(words):
        return [count - 1] if count else []
    if match := re.fullmatch(rf"倒数第?{_ORDINAL}(?:行|条|个|项)?", words):
        number = ordinal(match[1])
        return [count - number] if number and 1 <= number <= count else []
    if match := _ROW.fullmatch(words):
        number = ordinal(match[1])
        return [number - 1] if number is not None and 1 <= number <= count else []
    return []


def _of_type(table: GoalTable, words: str) -> list[int]:
    kind = re.sub(r"那个|这个|那条|这条|的|指标|一栏|那行|这行|那一行|(?:目标)?值$", "", words)
    for key, level2 in _TYPES.items():
        if re.fullmatch(rf"(?:服务对象|群众|受益人)?{key}(?:度|影响)?", kind) or (
            len(kind) >= 2 and len(key) == len(kind) and kind != key and sounds_like(kind, key)
        ):
            return _typed(table, level2)
        if len(kind) == len(key) + 1 and kind.endswith("度") and sounds_like(kind[:-1], key):
            return _typed(table, level2)
    return []


def _typed(table: GoalTable, level2: str) -> list[int]:
    return [i for i, row in enumerate(table.indicators) if level2 in (row.type, row.family) or (level2 == "成本指标" and "成本" in (row.type or ""))]


def _counted(table: GoalTable, words: str) -> list[int]:
    """Rows whose name shares what is spoken of and whose value is counted in the unit that the phrase's last word asks for."""
    for name, unit in _COUNTED:
        match = re.fullmatch(rf"(?P<what>.{{0,12}}?)(?:的)?(?:{name})", words)
        if match is None:
            continue
        fitting = [i for i, row in enumerate(table.indicators) if _has_unit(row, unit)]
        what = match["what"]
        if not what:
            return fitting if len(fitting) == 1 else []
        inside = [i for i in fitting if what in fold(table.indicators[i].level3)]
        return inside or [i for i in fitting if len(what) >= 4 and _scattered(what, fold(table.indicators[i].level3))]
    return []


def _has_unit(row: Indicator, pattern: str) -> bool:
    if row.value.number is not None:
        return bool(re.fullmatch(pattern, row.value.unit or ""))
    # Nothing stands there yet: the name tells what is counted.
    return any(re.search(rf"(?:{name})$", fold(row.level3)) for name, unit in _COUNTED if unit == pattern)


def _alike(table: GoalTable, words: str) -> list[int]:
    names = [fold(row.level3) for row in table.indicators]
    inside = [i for i, name in enumerate(names) if words in name or (len(words) >= 4 and len(name) >= 4 and name in words)]
    if inside or (inside := _counted(table, words)):
        return inside
    scores = {i: max(likeness(words, row.level3), likeness(words, row.description or "") * 0.8) for i, row in enumerate(table.indicators)}
    # All the characters of a short name in the right order (培训人数 in 得到培训的残疾人人数) count as alike.
    for i, name in enumerate(names):
        if _scattered(words, name):
            scores[i] = max(scores[i], 0.6)
    best = max(scores.values(), default=0.0)
    if best >= _NEAR:
        return [i for i in sorted(scores, key=lambda i: -scores[i]) if scores[i] >= best - 0.08]
    return [i for i, name in enumerate(names) if _by_ear(words, name)]


def near(table: GoalTable, what: str, most: int = 3) -> list[int]:
    """The rows that share something with a phrase that fits none, best first."""
    words = _bare(what)
    scores = [(sum(1 for char in set(words) if char in row.level3) / max(len(set(words)), 1), -i) for i, row in enumerate(table.indicators)]
    return [-i for score, i in sorted(scores, reverse=True)[:most] if score >= 0.4]


def _by_ear(words: str, name: str) -> bool:
    if not 2 <= len(words) <= len(name):
        return False
    return any(
        sum(a == b for a, b in zip(words, piece, strict=True)) * 2 >= len(words) and sounds_like(words, piece)
        for piece in (name[at : at + len(words)] for at in range(len(name) - len(words) + 1))
    )


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
