"""Two things side by side: difference, multiple, which is greater, how the wording differs; projects beside another one; two years."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.computing import column, stretch
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import Fit, means
from assistant.answering.question import Question
from assistant.answering.selecting import asks_for_projects
from assistant.answering.views import Cell, TableView
from assistant.corpus import own_name

_JOINTS = r"和|与|跟|同|及|比|较|还是|、|,|相比|对比|vs"


def pair(desk: Desk) -> Found | None:
    """Two cells side by side: difference, multiple, which is greater, or how the wording differs."""
    totals = _totals(desk) or _groups(desk)
    if totals is not None:
        return totals
    for both in (sides(desk), within(desk)):
        if both is not None:
            left, right = both
            names = (left.name, right.name) if left.holder is right.holder else (left.holder.said, right.holder.said)
            found = side_by_side(desk.q, left, right, names)
            if found is not None:
                return found
    return None


def uniform(desk: Desk) -> Found | None:
    """Whether a field says the same in all tables of the scope, and what it says where (支出计划都一样吗, 各项目满意度一样吗)."""
    q = desk.q
    field = next((one for one in q.fields if one.hard and (one.meaning in ("plan", "budget.fiscal") or one.meaning.endswith("指标"))), None)
    if field is None or q.operator != "wording" or q.runs(q.marked()) or desk.m.hard or len(desk.tables) < 2:
        return None
    groups: dict[str, list[TableView]] = {}
    cells = list[Cell]()
    for view in desk.tables:
        meant = [cell for cell in view.cells if means(field, cell)]
        groups.setdefault("、".join(f"{cell.name if cell.type == 'plan' else ''}{cell.text}" for cell in meant) or "没有写", []).append(view)
        cells += meant
    if len(groups) == 1:
        return Found(f"一样：{len(desk.tables)}个项目都是{next(iter(groups))}。", cells)
    lines = [f"{said}的有{len(views)}个" + (f"：{'、'.join(view.said for view in views)}" if len(views) <= 3 else "") for said, views in groups.items()]
    return Found(f"不一样：{wording.listed(lines)}。", cells)


def side_by_side(q: Question, left: Cell, right: Cell, names: tuple[str, str]) -> Found | None:
    """Two cells set against each other as the question's operator asks; ``names`` are how each side is called."""
    if q.operator == "wording":
        return wordings(left, right, names)
    a, b = left.number, right.number
    if a is None or b is None or a[1] != b[1]:
        return None
    within = left.holder is right.holder
    shown = "，".join(f"{'' if within else name}{wording.said(cell)}" for name, cell in zip(names, (left, right), strict=True))
    if q.operator == "times":
        if not b[0] or not a[0]:
            return None
        small_first = a[0] < b[0] and re.search(r"是.*倍", q.text) is None
        top, bottom = (b[0], a[0]) if small_first else (a[0], b[0])
        said = "后者是前者" if small_first else "前者是后者"
        return Found(f"{shown}，{said}的{wording.plain(top / bottom)}倍。", [left, right])
    gap = a[0] - b[0]
    if not gap:
        return Found(f"一样：{shown}。", [left, right])
    more, less = (names[0], names[1]) if gap > 0 else (names[1], names[0])
    difference = wording.number_said(abs(gap), "个百分点" if a[1] == "%" else a[1])
    if q.operator == "greater":
        lower = re.search(r"少|低|小|便宜|短", q.operator_text)
        return Found(f"{less if lower else more}{'更低' if lower else '更高'}：{shown}，相差{difference}。", [left, right])
    return Found(f"{shown}，相差{difference}（{more}多）。", [left, right])


def _totals(desk: Desk) -> Found | None:
    """Two document numbers with nothing else: what all projects of each come to."""
    q = desk.q
    keyed = sorted({key.number for key in q.keys})
    fields = {one.meaning for one in q.fields}
    if len(keyed) != 2 or q.runs() or q.operator == "wording" or fields - {"budget.total"} or q.kind not in ("", "money"):
        return None
    groups = []
    for number in keyed:
        part = desk.with_question(replace(q, keys=[key for key in q.keys if key.number == number]))
        groups.append(part.budgets())
    sums = [sum((cell.number[0] for cell in group if cell.number), Decimal(0)) for group in groups]
    if not all(groups):
        return None
    said = "，".join(f"{number}号文{len(group)}个项目合计{wording.amount(total)}" for number, group, total in zip(keyed, groups, sums, strict=True))
    if q.operator == "times":
        return Found(f"{said}，前者是后者的{wording.plain(sums[0] / sums[1])}倍。", [*groups[0], *groups[1]]) if sums[1] else None
    more = keyed[0] if sums[0] > sums[1] else keyed[1]
    return Found(f"{said}，相差{wording.amount(abs(sums[0] - sums[1]))}（{more}号文多）。", [*groups[0], *groups[1]])


def _groups(desk: Desk) -> Found | None:
    """Two groups of projects (康复和教育就业): what the budgets of each come to, where a side names more than one."""
    q = desk.q
    if q.operator not in ("greater", "difference", "times") or {one.meaning for one in q.fields} - {"budget.total"} or q.kind not in ("", "money"):
        return None
    for match in re.finditer(_JOINTS, q.text):
        halves = [stretch(q, 0, match.start()), stretch(q, match.end(), len(q.text))]
        if any(half.keys and not half.runs() for half in halves) and any(half.runs() for half in halves):
            # 163和164教育就业: what one half names is the other's too.
            continue
        sides = [_names_table(desk, half) if half.runs() or half.keys else [] for half in halves]
        if not all(sides) or max(map(len, sides)) < 2 or {id(view) for view in sides[0]} & {id(view) for view in sides[1]}:
            continue
        groups = [[cell for view in views if (cell := view.cell("budget.total")) is not None and cell.number] for views in sides]
        names = [(half.text[runs[0][0] : runs[-1][1]] if (runs := half.runs()) else views[0].said) for half, views in zip(halves, sides, strict=True)]
        sums = [sum((cell.number[0] for cell in group if cell.number), Decimal(0)) for group in groups]
        if not all(sums):
            continue
        said = "，".join(
            f"“{name}”{len(group)}个项目合计{wording.amount(total)}（{'＋'.join(wording.value(cell).removesuffix('万元') for cell in group)}）"
            for name, group, total in zip(names, groups, sums, strict=True)
        )
        if q.operator == "times":
            return Found(f"{said}，前者是后者的{wording.plain(sums[0] / sums[1])}倍。", [*groups[0], *groups[1]])
        more, less = (names[0], names[1]) if sums[0] >= sums[1] else (names[1], names[0])
        asked = less if q.operator == "greater" and re.search(r"少|低|小", q.operator_text) else more
        gap = f"相差{wording.amount(abs(sums[0] - sums[1]))}" if sums[0] != sums[1] else "一样多"
        return Found(f"{said}，{gap}（“{asked}”{'少' if asked is less else '多'}）。", [*groups[0], *groups[1]])
    return None


def wordings(left: Cell, right: Cell, names: tuple[str, str]) -> Found:
    """How two cells are written, and in what the writing differs."""

    def full(name: str, cell: Cell) -> str:
        return f"{name}写的是“{cell.name or cell.label}：{wording.value(cell)}”"

    notes = []
    if left.name != right.name:
        notes.append("指标名称不同")
    a, b = left.target, right.target
    if a is not None and b is not None:
        if (a.comparator or "") != (b.comparator or ""):
            words = {"≥": "用≥（不低于）", "≤": "用≤（不超过）", "": "没有符号"}
            notes.append(f"前者{words.get(a.comparator or '', '用' + (a.comparator or ''))}，后者{words.get(b.comparator or '', '用' + (b.comparator or ''))}")
        if a.base is not None and b.base is not None:
            notes.append("数值相同" if a.base == b.base else "数值不同")
    same = left.text == right.text and left.name == right.name
    return Found(
        f"{'写法一样：' if same else ''}{full(names[0], left)}，{full(names[1], right)}{'；' + '，'.join(notes) if notes and not same else ''}。", [left, right]
    )


def sides(desk: Desk) -> tuple[Cell, Cell] | None:
    """The two cells that the question sets side by side: its text is cut at a joint, each half names a table, one half names the field."""
    q = desk.q
    for match in re.finditer(_JOINTS + ("|是" if q.operator == "times" else ""), q.text):
        left, right = _inherit(stretch(q, 0, match.start()), stretch(q, match.end(), len(q.text)))
        if not (left.keys or _names_table(desk, left)) or not (right.keys or _names_table(desk, right)):
            continue
        pairs = _cells_of_halves(desk, left, right)
        if pairs is not None and pairs[0].holder is not pairs[1].holder:
            return pairs
    keyed = sorted({key.number for key in q.keys})
    if len(keyed) == 2:
        halves = [replace(q, settled=list(q.settled), keys=[key for key in q.keys if key.number == number]) for number in keyed]
        return _cells_of_halves(desk, *halves)
    both = column(desk)
    if len(both) > 2 and re.search(r"(?:两|二)(?:个|项|张|笔|者)", q.text):
        # 康复的两个项目: the two that are called so.
        both = [cell for cell in both if cell.holder in desk.named_tables()]
    return (both[0], both[1]) if len(both) == 2 else None


def within(desk: Desk) -> tuple[Cell, Cell] | None:
    """Two rows of one table: 城市低保 against 农村低保."""
    q = desk.q
    for match in re.finditer(_JOINTS, q.text):
        left, right = stretch(q, 0, match.start()), stretch(q, match.end(), len(q.text))
        if not left.runs() or not right.runs():
            continue
        found: list[list[Cell]] = []
        for half, other in ((left, right), (right, left)):
            borrowed = [replace(one, start=len(half.text), end=len(half.text)) for one in other.fields]
            fits = desk.with_question(replace(half, fields=[*half.fields, *borrowed])).choose()
            found.append([fit.cell for fit in fits if fit.cell.row is not None])
        pairs = [(a, b) for a in found[0] for b in found[1] if a.holder is b.holder and a is not b and _same_field(a, b) and a.kind == b.kind]
        if pairs:
            return pairs[0]
    return None


def _names_table(desk: Desk, half: Question) -> list[TableView]:
    return desk.with_question(half).named_tables() if half.text else []


def _inherit(left: Question, right: Question) -> tuple[Question, Question]:
    """A half that has only a document number is about the other half's thing, and the other way round."""
    if left.keys and not left.runs() and right.runs():
        return _joined(left, right), right
    if right.keys and not right.runs() and left.runs():
        return left, _joined(right, left)
    return left, right


def _joined(bare: Question, full: Question) -> Question:
    """A half with the content words of the other half added."""
    words = ",".join(full.text[start:end] for start, end in full.runs())
    return replace(bare, text=f"{bare.text},{words}", settled=[*bare.settled, True, *(char == "," for char in words)])


def _cells_of_halves(desk: Desk, left: Question, right: Question) -> tuple[Cell, Cell] | None:
    found: list[list[Cell]] = []
    for half, other in ((left, right), (right, left)):
        # The other half's field words are this one's too; they stand nowhere in its text.
        borrowed = [replace(one, start=len(half.text), end=len(half.text)) for one in other.fields]
        q = replace(half, fields=[*half.fields, *borrowed], settled=list(half.settled))
        part = desk.with_question(q)
        fits = part.choose() if q.fields or q.kind else part.choose(part.budgets())
        views = _names_table(desk, half)
        found.append([fit.cell for fit in fits if fit.cell.holder in views] or [fit.cell for fit in fits])
    if found[0] and found[1]:
        best = alike(found[0], found[1])
        if best is not None:
            return best
    # One half names only the project: take from its table the cell that is like the other half's.
    for mine, theirs, half in ((0, 1, left), (1, 0, right)):
        if not found[theirs]:
            continue
        views = _names_table(desk, half)
        cells = [cell for view in views[:2] for cell in view.cells if _same_field(cell, found[theirs][0])]
        best = alike(cells, found[theirs]) if cells else None
        if best is not None:
            return best if mine == 0 else (best[1], best[0])
    return None


def _same_field(a: Cell, b: Cell) -> bool:
    return a.type == b.type and a.row is not None if b.row is not None else a.address == b.address


def alike(left: list[Cell], right: list[Cell]) -> tuple[Cell, Cell] | None:
    """The two cells of the same field in different tables whose own words are most alike."""
    pairs = [(a, b) for a in left for b in right if _same_field(a, b) and a.holder is not b.holder]
    return max(pairs, key=lambda pair: len(pair[0].pool.pairs & pair[1].pool.pairs)) if pairs else None


# -- projects beside one -----------------------------------------------------------------------------------------------------------------

_BESIDE = re.compile(
    r"比(?P<a>[^,?!.]{2,24}?)(?:的)?(?:预算|资金|经费)?(?:要|还|更)?(?P<word>高|多|大|低|少|小)的|"
    r"(?P<sign>高于|超过|多于|大于|低于|少于|小于|不如)(?P<b>[^\d,?!.][^,?!.]{1,24}?)(?:的预算)?的(?=项目|有|表)"
)


def beside(desk: Desk) -> Found | None:
    """Projects whose budget is above or below that of a project named."""
    q = desk.q
    match = _BESIDE.search(q.text)
    if match is None or not asks_for_projects(q) or {one.meaning for one in q.fields} - {"budget.total"} or q.kind not in ("", "money"):
        return None
    group = "a" if match["a"] else "b"
    other = _named(desk, *match.span(group))
    if other is None or (mark := other.cell("budget.total")) is None or mark.number is None:
        return None
    above = (match["word"] or match["sign"])[0] in "高多大超"
    line = mark.number[0]
    cells = [cell for cell in desk.budgets() if cell.number and (cell.number[0] > line if above else cell.number[0] < line)]
    said = f"{other.said}的预算数是{wording.value(mark)}"
    if not cells:
        return Found(f"没有：{said}，没有比它{'高' if above else '低'}的。", [mark])
    lines = [f"{cell.holder.said}（{wording.value(cell)}）" for cell in cells]
    return Found(f"{len(cells)}个项目：{wording.listed(lines)}。{said}。", [*cells, mark])


def _named(desk: Desk, start: int, end: int) -> TableView | None:
    part = desk.with_question(replace(stretch(desk.q, start, end), fields=[]))
    views = part.named_tables() if part.q.runs() or part.q.keys else []
    return views[0] if len(views) == 1 else None


# -- two years ---------------------------------------------------------------------------------------------------------------------------

# Projects that one year has and the other has not.
MOVED = re.compile(
    r"(?:新增|新设|增加|(?<!最)多|(?<!最)(?<!减)少|减少|取消|没有|不再|停|砍|去掉)了?(?:的)?(?:是|有)?(?:哪|什么|啥|几|多少)(?:些|几)?(?:个|项)?项目|两年都有|(?:去年|今年)和(?:去年|今年)都有|"
    r"(?:哪|什么|啥)(?:些|几)?(?:个|项)?项目(?:是)?(?:今年|去年|上年|本年)?(?:的|是)?(?:新增|新设|新上|取消|没有了|不再|停了|砍)|"
    r"(?:去年|上年|今年|本年|\d{4}年?)有,?(?:但|而)?(?:是)?(?:今年|本年|去年|上年|\d{4}年?)(?:却)?没有|"
    r"(?:去年|上年|今年|本年|\d{4}年?)没有,?(?:但|而)?(?:是)?(?:今年|本年|去年|上年|\d{4}年?)(?:才|却|又)?有|"
    r"(?:新增|取消|减少)(?:了)?(?:的)?项目|项目(?:有)?(?:什么|啥)?(?:变化|增减|不同)"
)


def same_cell(now: Desk, then: Desk) -> Found | None:
    """The same cell in two years: both values, the difference and the change in percent. ``now`` and ``then`` ask the same without
    the year and the comparison."""
    whole = _whole_years(now, then)
    if whole is not None:
        return whole
    best = _same(now, then, Desk.choose)
    if best is None and not (now.q.fields or now.q.kind):
        best = _same(now, then, lambda desk: desk.choose(desk.budgets()))
    if best is None:
        return None
    a, b = best
    named = (f"{a.holder.past.year}年", f"{b.holder.past.year}年")
    if a.number is None or b.number is None or now.q.operator == "wording":
        return wordings(a, b, named)
    found = side_by_side(now.q, a, b, named)
    if found is None or not b.number[0] or now.q.operator == "times":
        return found
    change = (a.number[0] - b.number[0]) / b.number[0] * 100
    percent = f"，{'增长' if change > 0 else '下降'}{abs(change).quantize(Decimal('0.01'))}%" if change and a.kind != "percent" else ""
    return Found(f"{a.holder.said}：{found.text.rstrip('。')}{percent}。", found.cells)


def _same(now: Desk, then: Desk, choose: Callable[[Desk], list[Fit]]) -> tuple[Cell, Cell] | None:
    """The cells of both years that are most alike; without a field word only rows that are called just what is asked (造林成活率)."""
    asked = bool(now.q.fields or now.q.kind)
    sides = []
    for desk in (now, then):
        fits = [fit for fit in choose(desk) if asked or fit.cell.row is None or (fit.own and fit.cost <= 0.3)]
        sides.append([fit.cell for fit in desk._preferred(fits)] if fits else [])
    return alike(*sides)


def _whole_years(now: Desk, then: Desk) -> Found | None:
    """What all budgets of two years come to, when no project and no other field is named."""
    q = now.q
    if (
        q.runs(q.marked())
        or now.m.hard
        or q.kind not in ("", "money", "budget", "percent")
        or {one.meaning for one in q.fields} - {"budget.total", "project.name"}
    ):
        return None
    if any(now.m.spelled(view) >= 2 for view in now.tables):
        return None
    sums = [sum((cell.number[0] for cell in desk.budgets() if cell.number), Decimal(0)) for desk in (now, then)]
    if not all(sums):
        return None
    both = [next((view.past.year for view in desk.tables), None) for desk in (now, then)]
    gap = sums[0] - sums[1]
    said = "，".join(f"{year}年{len(desk.budgets())}个项目合计{wording.amount(total)}" for year, desk, total in zip(both, (now, then), sums, strict=True))
    percent = abs(gap / sums[1] * 100).quantize(Decimal("0.01"))
    change = f"，{'增加' if gap > 0 else '减少'}{wording.amount(abs(gap))}，{'增长' if gap > 0 else '下降'}{percent}%" if gap else "，一样"
    return Found(f"{said}{change}。", [*now.budgets(), *then.budgets()])


def projects(now: Desk, then: Desk) -> Found | None:
    """Which projects one year has and the other has not."""
    if not MOVED.search(now.q.text):
        return None
    mine = {own_name(view.name): view for view in now.m.tables}
    theirs = {own_name(view.name): view for view in then.m.tables}
    if re.search(r"都有", now.q.text):
        both = [view for name, view in mine.items() if name in theirs]
        return Found(f"两年都有的项目{len(both)}个：{'；'.join(own_name(view.name) for view in both)}。", [view.cells[0] for view in both])
    new, gone = [view for name, view in mine.items() if name not in theirs], [view for name, view in theirs.items() if name not in mine]
    said = f"新增{len(new)}个" + (f"：{'；'.join(view.said for view in new)}" if new else "")
    left = f"不再有{len(gone)}个" + (f"：{'；'.join(view.said for view in gone)}" if gone else "")
    ahead = f"{now.m.tables[0].past.year}年比{then.m.tables[0].past.year}年" if now.m.tables and then.m.tables else ""
    return Found(f"{ahead}{said}；{left}。", [view.cells[0] for view in (*new, *gone)])
