"""The tables of many offices in one year, and what of them a question means: which tables, which figure of each, with its cells.

Read from the heads of all tables, and from the rows of one type where rows are asked for; thousands are never taken out whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache

from assistant import library
from assistant.answering import lexicon
from assistant.answering.computing import measures_of
from assistant.answering.matching import Matcher, fits_kind
from assistant.answering.question import Condition, Question
from assistant.answering.selecting import conditions_of, holds, name_cell
from assistant.answering.views import Cell, TableView
from assistant.chinese import fold
from assistant.corpus import Corpus
from assistant.corpus.units import short_name
from assistant.table import HEADER_LABELS, Indicator, canonical_level1, canonical_level2

# Words for an office, for a place, for all of them.
OFFICE = r"(?:预算)?(?:单位(?!编码|代码|名称)|部门(?!整体|目标|绩效)|委办局|(?<=[个各哪家])局(?!长|里))"
PLACE = r"(?:县市区|县区|区县|(?<=[个各哪])[县区])"
ALL = re.compile(
    rf"全(?:县|市|区|州|旗|盟|省|镇)(?:的)?(?:(?:所有|全部|各个?)(?:的)?(?:{OFFICE}|单位|部门)|单位|部门)?|"
    rf"(?:各|所有|全部)(?:的)?(?:{OFFICE}|{PLACE})|(?:县|市|区)(?:直|本级|里|上)(?:的)?(?:各|所有|全部)?(?:单位|部门)?|资料库(?:里|中)?(?:所有|全部)?"
)
_N = r"(?:[一二两三四五六七八九十]|\d+)"
_RANKED = rf"最[多少高低大小]的?前?{_N}?[个家名]?|前{_N}[个家名位]?的?|第{_N}[多少高低大小]?的?"
_ASKED, _TOLD = (
    rf"(?:[哪那什啥多几]么?少?一?(?:个|些|几个|家|几家)?|各个?|每一?[个家]?|按|分|{_RANKED})",
    r"(?=有(?:哪|几|多少)|是?(?:哪|什么)|排|(?:一共|总共|共)有?(?:几|多少)|的?(?:清单|名单|个数|数量)|[里中]?.{0,8}最[多少高低大小])",
)
BY_OFFICE, BY_PLACE = (re.compile(rf"{_ASKED}{what}|{what}{_TOLD}") for what in (OFFICE, PLACE))
# How many (or which) offices or places there are.
HOW_MANY_GROUPS = re.compile(
    rf"(?:多少|几)[个家]?(?:{OFFICE}|{PLACE})|(?:{OFFICE}|的{PLACE})(?:一共|总共|共)?有?(?:多少|几)[个家]?(?=$|[?!.,])|"
    rf"(?:哪些|哪几个|哪几家)(?:{OFFICE}|{PLACE})|(?:{OFFICE}|的{PLACE})都?[有是](?:哪些|哪几|谁)"
)
HOW_MANY = re.compile(r"(?:项目|目标表)(?:一共|总共|共)?有?(?:多少|几)个?(?=$|[?!.,]|一共|总共|合计|共)")
_PROJECTS = re.compile(
    r"项目(?:数量?|个数|总数)?[是有]?(?:最|第|更|排|前|平均)[^额钱]?|(?:多少|几)[个张项份]?(?:项目|目标表|绩效表|表)|项目(?:数量?|个数)|(?:目标)?表有?最[多少]|"
    + HOW_MANY.pattern
)
INDICATORS = re.compile(r"(?:多少|几)[个条项]?的?(?:[一-鿿]{2,4})?指标(?!值)|指标(?:数|个数|数量)?最[多少]|指标(?:一共|总共|共|合计)?有?(?:多少|几)个")
# What is usual among all rows of a type.
USUAL = re.compile(r"一般|普遍|大多数?|大部分|多数|通常|分布|常见|平均(?:水平)?|都(?:定|写|设)[的了]?[是在]?多少|各?有哪几?种")
STANDS = re.compile(r"排(?:名|在)?(?:第)?(?:几|多少)|第几(?:名|位|大|多|高)")
CHANGED = re.compile(lexicon.CHANGE)
# Words around what is demanded that demand nothing.
_ASIDE = re.compile(
    r"(?:项目)?(?:名称|名字|名)(?:里面?|中|上)?面?(?:有|带|含有?|包含|包括|写着?|叫)|(?:类|方面|相关|有关|性质|领域)的?|涉及到?|关于|用于|用在|属于|"
    r"用了|写了|设了|定了|填了|增加|减少|变化|新增|绩效目标表?|目标表|总?预算|总额|总数|规模|(?:多少|几)[名位]|其他|分别|各自|当中|合计"
)
_MONEY = ("", "元", "万元", "亿元")


@dataclass(slots=True)
class Part:
    """What one table adds to an answer: its figure, the figure's unit, the cells it comes from."""

    view: TableView
    value: Decimal
    unit: str
    cells: list[Cell]


@dataclass(slots=True)
class Group:
    """Parts that belong together: one project's, one office's or one place's."""

    name: str
    parts: list[Part]

    @property
    def value(self) -> Decimal:
        """What the parts come to."""
        return sum((part.value for part in self.parts), Decimal(0))


@dataclass(slots=True)
class Figure:
    """What is reckoned of each table: ``kind`` money, projects, indicators or rows (values of rows); its address or rows, its name."""

    kind: str
    label: str
    address: str = ""


@dataclass(slots=True)
class Survey:
    """One question over the tables of many offices in one year; ``notes`` say what was left out."""

    q: Question
    corpus: Corpus
    units: tuple[str, ...] | None
    year: int | None
    label: str
    tables: list[TableView]
    group: str = ""
    # The one office whose part or rank is asked.
    focus: str | None = None
    notes: list[str] = field(default_factory=list)
    # The rows that made a table be chosen, by table id; the words that its name has.
    rows: dict[str, list[Cell]] = field(default_factory=dict)
    demand: str = ""

    def key(self, view: TableView) -> str:
        """The office or place that a table's figure belongs to."""
        if self.group == "place":
            return view.past.county or "没有写县区的"
        return short_name(view.past.unit) if view.past.unit else "没有写单位的"

    def groups(self, parts: Sequence[Part]) -> list[Group]:
        """The parts by office or place, the largest first."""
        found: dict[str, list[Part]] = {}
        for part in parts:
            found.setdefault(self.key(part.view), []).append(part)
        return sorted((Group(name, members) for name, members in found.items()), key=lambda group: (-group.value, group.name))


def reckons(q: Question, group: str) -> bool:
    """Whether a question asks something of many tables together."""
    if q.operator in ("sum", "average", "most", "least", "rank", "share", "difference", "times", "greater") or group or q.counting:
        return True
    wide = ALL.search(q.text) is not None
    usual = USUAL.search(q.text) is not None and any(one.hard and one.meaning.endswith("指标") for one in q.fields)
    if usual or HOW_MANY.search(q.text) or compares_years(q, q.years):
        return True
    money = any(one.hard and one.meaning.startswith("budget.") for one in q.fields)
    return bool((q.listing or q.which) and (q.conditions or q.negated or wide or "项目" in q.text)) or (
        wide and (money or q.kind in ("money", "budget", "count"))
    )


def read(survey: Survey, years: Sequence[int]) -> list[TableView]:
    """The heads of all tables meant, each project once; what has no year, and what two documents say alike, is noted."""
    taken: dict[tuple[object, ...], int] = {}
    views, undated, twice = [], 0, 0
    known = {*survey.corpus.own_units, None}
    for past in survey.corpus.heads(survey.units, years):
        if survey.units is None and past.unit not in known:
            continue
        if past.year is None:
            undated += 1
            continue
        table = past.table
        document = hash(past.source.path)
        key = (past.unit, past.year, table.project.name, table.project.code, table.budget.total)
        if taken.setdefault(key, document) != document:
            twice += 1
            continue
        views.append(TableView(past, f"{short_name(past.unit)}·" if past.unit else ""))
    if twice:
        survey.notes.append(f"{twice}张与另一份资料里的同单位、同年、同项目、同金额，只计一次")
    if undated:
        survey.notes.append(f"另有{undated}张没有写年度，未计入")
    return views


# -- which of them -----------------------------------------------------------------------------------------------------------------------


def choose(survey: Survey, figure: Figure) -> bool:
    """Keep the tables that meet every demand of the question; False when some word of it demands what cannot be told from the records."""
    q = survey.q
    if q.keys:
        survey.tables = [view for view in survey.tables if any(key.means(*one) for key in q.keys for one in view.numbers)]
        survey.demand += f"名称带{'、'.join(f'{key.number}号' for key in q.keys)}的"
    types = [one for one in q.fields if one.hard and one.meaning.endswith("指标")]
    rest = _rest(q)
    demands = conditions_of(q)
    money = [one for one in demands if one.unit in ("", "元", "万元", "亿元") and one.number is not None]
    of_rows = [one for one in demands if one not in money]
    if types:
        money, of_rows = [], demands
    if of_rows and of_rows[0].unit in ("个", "张", "项") and not types:
        # 项目超过10个的单位: a demand on the office.
        of_rows = []
    if of_rows or (types and q.negated):
        return _by_rows(survey, rest, types, of_rows)
    if rest.runs() and figure.kind != "rows" and not _by_name(survey, rest):
        return False
    if q.negated and not _unfilled(survey):
        return False
    if money and not survey.group:
        address = money_of(q)
        cells = [(view, view.cell(address)) for view in survey.tables]
        survey.tables = [view for view, cell in cells if cell is not None and all(holds(one, cell) for one in money)]
        survey.demand += f"{HEADER_LABELS[address]}{'且'.join(demanded(one) for one in money)}的"
    return True


def _rest(q: Question) -> Question:
    """The question with everything accounted for but the words that projects or rows are called by."""
    spans = [match.span() for found in (ALL, BY_OFFICE, BY_PLACE, USUAL, _ASIDE, CHANGED, STANDS, INDICATORS) for match in found.finditer(q.text)]
    spans += [(one.start, one.end) for one in q.conditions]
    if q.negated:
        spans += [match.span() for match in re.finditer(lexicon.NEGATION, q.text)]
    return replace(q, settled=q.marked(*spans), fields=[])


def demanded(one: Condition) -> str:
    """A demand in short (≥100万元)."""
    return f"{one.comparator}{one.number if one.number is not None else ''}{one.unit or '万元'}"


def _by_name(survey: Survey, rest: Question) -> bool:
    """Keep the projects whose names say the words that nothing else explains; those that only their use says are noted."""
    matcher = Matcher(rest, ())
    places = [i for start, end in rest.runs() for i in range(start, end)]
    named = [view for view in survey.tables if all(map(matcher.covered(view.title).__getitem__, places))]
    used = [view for view in survey.tables if all(map(matcher.covered(view.use).__getitem__, places))]
    # A single character left over is half of a word (贴 of 补贴).
    words = "、".join(rest.text[max(0, start - (end - start == 1)) : end] for start, end in rest.runs())
    if not named and not used:
        return False
    where = "名称" if named else "资金用途"
    survey.tables = named or used
    others = {name for start, end, names in matcher.spans for name in names if any(start <= i < end for i in places)}
    alike = sorted(name for name in others if words not in name and any(name in (view.title if named else view.use) for view in survey.tables))
    also = f"（或{'、'.join(alike[:4])}）" if alike else ""
    survey.demand += f"{where}里有“{words}”{also}的"
    known = set(map(id, named))
    if named and (more := sum(id(view) not in known for view in used)):
        survey.notes.append(f"另有{more}个项目只在资金用途里提到“{words}”，未计入")
    return True


def _unfilled(survey: Survey) -> bool:
    """Keep the tables that leave a cell of the head empty (没填资金用途)."""
    one = next((one for one in survey.q.fields if one.hard and one.meaning in ("budget.total", "budget.fiscal", "budget.other", "purpose")), None)
    if one is None:
        return False
    survey.tables = [view for view in survey.tables if (cell := view.cell(one.meaning)) is None or (cell.number is not None and not cell.number[0])]
    survey.demand += f"没有填{HEADER_LABELS[one.meaning]}的"
    return True


def _by_rows(survey: Survey, rest: Question, types: Sequence[object], demands: list[Condition]) -> bool:
    """Keep the tables with a row of the types and demands asked for, or those without one; the rows become the evidence."""
    q = survey.q
    # What is asked of the tables chosen is no demand on the rows that choose them.
    survey.rows = _rows(replace(survey, q=replace(q, kind="", classifier="")), rest, demands)
    kind = "、".join(dict.fromkeys(one.meaning for one in q.fields if one.hard and one.meaning.endswith("指标"))) or "指标"
    if q.negated:
        survey.tables = [view for view in survey.tables if view.past.id not in survey.rows]
        survey.rows = {}
        survey.demand += f"没有{kind}{'且'.join(map(demanded, demands))}的" if demands else f"没有{kind}的"
        return True
    survey.tables = [view for view in survey.tables if view.past.id in survey.rows]
    survey.demand += f"{kind}{'且'.join(demanded(one) for one in demands)}的"
    return bool(survey.tables) or not rest.runs()


def _rows(survey: Survey, rest: Question, demands: Sequence[Condition]) -> dict[str, list[Cell]]:
    """The rows of the level-2 types asked for that meet the demands, give the kind of answer asked for and say the words asked, by table."""
    q = survey.q
    types = {one.meaning for one in q.fields if one.hard and one.meaning.endswith("指标")}
    if not types and (q.kind == "count" or not demands):
        types = {"数量指标"}
    views = {view.past.id: view for view in survey.tables}
    # 几个 counts things, not days or square metres.
    measures = measures_of(q) or (library.measures()["个"] if q.classifier == "个" else ())
    matcher = Matcher(rest, ())
    places = [i for start, end in rest.runs() for i in range(start, end)]
    found: dict[str, list[Cell]] = {}
    for table, place, text in survey.corpus.records.rows(survey.units, survey.year, _wanted(*types)):
        view = views.get(table)
        if view is None:
            continue
        row = Indicator.model_validate_json(text)
        cell = view.row(place, row)
        if not fits_kind(q, cell) or (measures and fold(row.value.unit or "") not in measures) or not all(holds(one, cell) for one in demands):
            continue
        if places and not all((own := matcher.covered(cell.pool))[i] for i in places):
            name = matcher.covered(view.title)
            if not all(own[i] or name[i] for i in places):
                continue
        found.setdefault(table, []).append(cell)
    return found


def _wanted(*types: str) -> Callable[[str, str], bool]:
    """Whether a row of this level 1 and level 2 is of one of the types (every row, when 指标 alone is asked for)."""

    @cache
    def wanted(level1: str, level2: str) -> bool:
        found, family = canonical_level2(level2, level1) or "", canonical_level1(level1)
        return found in types or family in types or ("成本指标" in types and found.endswith("成本指标"))

    return wanted if set(types) - {"指标"} else lambda _level1, _level2: True


# -- what is reckoned --------------------------------------------------------------------------------------------------------------------


def money_of(q: Question) -> str:
    """The address of the money that a question is about."""
    return next((one.meaning for one in q.fields if one.meaning in ("budget.fiscal", "budget.other")), "budget.total")


def figure_of(survey: Survey) -> Figure | None:
    """What the question reckons of each table; None when it names a field that is not reckoned (依据, 支出计划)."""
    q = survey.q
    if {one.meaning for one in q.fields if one.hard} & {"plan", "basis", "description", "level3", "safeguard", "item", "overall", "project.code", "unit.code"}:
        return None
    types = [one.meaning for one in q.fields if one.hard and one.meaning.endswith("指标")]
    counts_rows = any(one.meaning == "数量指标" and re.search(r"数$|人次$", q.text[one.start : one.end]) for one in q.fields)
    if INDICATORS.search(q.text):
        return Figure("indicators", types[0] if types else "指标")
    if q.kind == "count" and not HOW_MANY_GROUPS.search(q.text) and not HOW_MANY.search(q.text) and not q.counting:
        # How many of nothing named (几个教育局) is counted in no row.
        return Figure("rows", "目标值") if _rest(q).runs() else None
    if q.kind in ("money", "budget") or any(one.meaning.startswith("budget.") and one.hard for one in q.fields):
        address = money_of(q)
        return Figure("money", HEADER_LABELS[address], address)
    if (
        (types or counts_rows)
        and not q.counting
        and (USUAL.search(q.text) or q.operator in ("most", "least", "average", "sum", "rank"))
        and not conditions_of(q)
    ):
        return Figure("rows", types[0] if types else "数量指标")
    if _PROJECTS.search(q.text) or (q.counting and "项目" in q.counted):
        return Figure("projects", "项目")
    return Figure("money", HEADER_LABELS["budget.total"], "budget.total")


def parts_of(survey: Survey, figure: Figure) -> list[Part]:
    """What each table adds; tables that say nothing are noted."""
    q = survey.q
    if figure.kind == "projects":
        return [Part(view, Decimal(1), "个项目", [cell]) for view in survey.tables if (cell := view.cell("project.name")) is not None]
    if figure.kind == "money":
        cells = [(view, view.cell(figure.address)) for view in survey.tables]
        lacking = [view for view, cell in cells if cell is None or cell.number is None]
        if lacking and figure.address == "budget.total":
            names = "、".join(view.said for view in lacking[:3])
            survey.notes.append(f"{len(lacking)}张没有填预算数，未计入：{names}{'等' if len(lacking) > 3 else ''}")
        some = figure.address != "budget.total"
        found = ((view, cell, cell.number[0]) for view, cell in cells if cell is not None and cell.number is not None)
        return [Part(view, amount, "元", [cell]) for view, cell, amount in found if amount or not some]
    views = {view.past.id: view for view in survey.tables}
    if figure.kind == "indicators":
        counts = Counter(table for table, *_ in survey.corpus.records.rows(survey.units, survey.year, _wanted(figure.label)) if table in views)
        return [Part(views[table], Decimal(n), "个指标", [name_cell(views[table])]) for table, n in counts.items()]
    rows = survey.rows or _rows(survey, _rest(q), [])
    return [Part(views[table], cell.number[0], cell.number[1], [cell]) for table, cells in rows.items() for cell in cells if cell.number]


def compares_years(q: Question, asked: Sequence[int]) -> bool:
    """Whether a question sets two years side by side."""
    compared = re.search(r"比|较|与|和|跟|同比|从", q.text) and (CHANGED.search(q.text) or re.search(r"增加|减少|增长|下降|多|少|变化", q.text))
    return bool((len(asked) == 2 or q.relative_years or "同比" in q.text) and (compared or q.operator in ("difference", "times", "greater")))
