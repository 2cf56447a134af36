"""Two things side by side, a part of a whole, and claims: difference, multiple, which is greater, wording, share, yes or no."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.computing import column, stretch
from assistant.answering.deciding import Desk, Found
from assistant.answering.matching import means
from assistant.answering.question import Condition, Question
from assistant.answering.selecting import conditions_of, holds, listing
from assistant.answering.views import Cell, Pool, TableView
from assistant.corpus import own_name
from assistant.table import HEADER_LABELS

_JOINTS = r"和|与|跟|同|及|比|较|还是|、|,|相比|对比|vs"


# Projects that one year has and the other has not.
MOVED = re.compile(
    r"(?:新增|新设|增加|(?<!最)多|(?<!最)(?<!减)少|减少|取消|没有|不再|停|砍|去掉)了?(?:的)?(?:是|有)?(?:哪|什么|啥|几|多少)(?:些|几)?(?:个|项)?项目|两年都有|(?:去年|今年)和(?:去年|今年)都有|"
    r"(?:哪|什么|啥)(?:些|几)?(?:个|项)?项目(?:是)?(?:今年|去年|上年|本年)?(?:的|是)?(?:新增|新设|新上|取消|没有了|不再|停了|砍)|"
    r"(?:去年|上年|今年|本年|\d{4}年?)有,?(?:但|而)?(?:是)?(?:今年|本年|去年|上年|\d{4}年?)(?:却)?没有|"
    r"(?:去年|上年|今年|本年|\d{4}年?)没有,?(?:但|而)?(?:是)?(?:今年|本年|去年|上年|\d{4}年?)(?:才|却|又)?有|"
    r"(?:新增|取消|减少)(?:了)?(?:的)?项目|项目(?:有)?(?:什么|啥)?(?:变化|增减|不同)"
)


def pair(desk: Desk) -> Found | None:
    """Two cells side by side: difference, multiple, which is greater, or how the wording differs."""
    totals = _totals(desk) or _groups(desk)
    if totals is not None:
        return totals
    for sides in (_sides(desk), _within(desk)):
        if sides is not None:
            left, right = sides
            names = (left.name, right.name) if left.holder is right.holder else (left.holder.said, right.holder.said)
            found = _set_against(desk.q, left, right, names)
            if found is not None:
                return found
    return None


def years(now: Desk, then: Desk) -> Found | None:
    """The same cell in two years: both values, the difference and the change in percent. ``now`` and ``then`` ask the same without
    the year and the comparison."""
    cells: list[list[Cell]] = []
    for desk in (now, then):
        fits = desk.choose() if desk.q.fields or desk.q.kind else desk.choose(desk.budgets())
        cells.append([fit.cell for fit in desk._preferred(fits)] if fits else [])
    whole = _whole_years(now, then)
    if whole is not None:
        return whole
    best = _alike(cells[0], cells[1])
    if best is None:
        return None
    a, b = best
    named = (f"{a.holder.past.year}年", f"{b.holder.past.year}年")
    if a.number is None or b.number is None or now.q.operator == "wording":
        return _wording(a, b, named)
    found = _set_against(now.q, a, b, named)
    if found is None or not b.number[0] or now.q.operator == "times":
        return found
    change = (a.number[0] - b.number[0]) / b.number[0] * 100
    percent = f"，{'增长' if change > 0 else '下降'}{abs(change).quantize(Decimal('0.01'))}%" if change and a.kind != "percent" else ""
    return Found(f"{a.holder.said}：{found.text.rstrip('。')}{percent}。", found.cells)


def _whole_years(now: Desk, then: Desk) -> Found | None:
    """What all budgets of two years come to, when no project and no other field is named."""
    q = now.q
    marks = list(q.settled)
    for one in q.fields:
        marks[one.start : one.end] = [True] * (one.end - one.start)
    if q.runs(marks) or now.m.hard or q.kind not in ("", "money", "budget", "percent") or {one.meaning for one in q.fields} - {"budget.total", "project.name"}:
        return None
    if any(now.m.spelled(view) >= 2 for view in now.tables):
        return None
    sums = [sum((cell.number[0] for cell in desk.budgets() if cell.number), Decimal(0)) for desk in (now, then)]
    if not all(sums):
        return None
    years = [next((view.past.year for view in desk.tables), None) for desk in (now, then)]
    gap = sums[0] - sums[1]
    said = "，".join(f"{year}年{len(desk.budgets())}个项目合计{wording.amount(total)}" for year, desk, total in zip(years, (now, then), sums, strict=True))
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
    years = f"{now.m.tables[0].past.year}年比{then.m.tables[0].past.year}年" if now.m.tables and then.m.tables else ""
    return Found(f"{years}{said}；{left}。", [view.cells[0] for view in (*new, *gone)])


def _set_against(q: Question, left: Cell, right: Cell, names: tuple[str, str]) -> Found | None:
    if q.operator == "wording":
        return _wording(left, right, names)
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


def _wording(left: Cell, right: Cell, names: tuple[str, str]) -> Found:
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


def _sides(desk: Desk) -> tuple[Cell, Cell] | None:
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
    return (both[0], both[1]) if len(both) == 2 else None


def _within(desk: Desk) -> tuple[Cell, Cell] | None:
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
        best = _alike(found[0], found[1])
        if best is not None:
            return best
    # One half names only the project: take from its table the cell that is like the other half's.
    for mine, theirs, half in ((0, 1, left), (1, 0, right)):
        if not found[theirs]:
            continue
        views = _names_table(desk, half)
        cells = [cell for view in views[:2] for cell in view.cells if _same_field(cell, found[theirs][0])]
        best = _alike(cells, found[theirs]) if cells else None
        if best is not None:
            return best if mine == 0 else (best[1], best[0])
    return None


def _same_field(a: Cell, b: Cell) -> bool:
    return a.type == b.type and a.row is not None if b.row is not None else a.address == b.address


def _alike(left: list[Cell], right: list[Cell]) -> tuple[Cell, Cell] | None:
    pairs = [(a, b) for a in left for b in right if _same_field(a, b) and a.holder is not b.holder]
    return max(pairs, key=lambda pair: len(pair[0].pool.pairs & pair[1].pool.pairs)) if pairs else None


def share(desk: Desk) -> Found | None:
    """A project's part of the whole of its unit (or of a group named behind 占)."""
    q = desk.q
    at = q.text.find("占")
    left = stretch(q, 0, at)
    rated = desk.with_question(replace(left, kind="percent", classifier=""))
    rates = [fit for fit in rated.choose() if fit.own and fit.cost <= 1.3]
    if rates and not re.search(r"总|全部|整个|合计", q.text[at:]):
        # The share is itself an indicator (新能源公交车占比).
        return rated.say([fit.cell for fit in rates])
    inside = _part_of_its_own(desk, left)
    if inside is not None:
        return inside
    cells = column(desk.with_question(replace(left, kind="", classifier="")))
    whole_q = stretch(q, at, len(q.text))
    whole = desk.with_question(whole_q)
    group = [cell for view in (whole.tables if whole_q.keys else desk.m.tables) if (cell := view.cell("budget.total")) is not None]
    cells = [cell for cell in cells if cell.address == "budget.total"]
    if not cells or len(cells) == len(group) or not group:
        return None
    part = sum((cell.number[0] for cell in cells if cell.number), Decimal(0))
    everything = sum((cell.number[0] for cell in group if cell.number), Decimal(0))
    if not everything:
        return None
    percent = (part / everything * 100).quantize(Decimal("0.01"))
    names = "、".join(cell.holder.said for cell in cells)
    return Found(f"{names}预算数{wording.amount(part)}，占{len(group)}个项目合计{wording.amount(everything)}的{percent}%。", cells)


def _part_of_its_own(desk: Desk, left: Question) -> Found | None:
    """What share 财政资金 or 其他资金 is of the same table's budget."""
    whole = replace(left, kind="", classifier="", settled=list(left.settled))
    for one in left.fields:
        if one.meaning == "budget.total":
            whole.settle(one.start, one.end)
    part = desk.with_question(whole)
    fields = [cell for view in part.tables for address in ("budget.fiscal", "budget.other") if (cell := view.cell(address)) is not None]
    cells = [fit.cell for fit in part.choose(fields) if part._field_rank(fit)]
    lines, used = [], list[Cell]()
    for cell in cells[:4]:
        total = cell.holder.cell("budget.total") if isinstance(cell.holder, TableView) else None
        if total is None or not total.number or not total.number[0] or not cell.number:
            continue
        percent = (cell.number[0] / total.number[0] * 100).quantize(Decimal("0.01"))
        lines.append(f"{cell.holder.said}{wording.said(cell)}，占预算数{wording.value(total)}的{percent}%")
        used += [cell, total]
    return Found(wording.listed(lines) + "。", used) if lines else None


# -- yes or no -------------------------------------------------------------------------------------------------------------------------


def yes_no(desk: Desk) -> Found | None:
    """Whether a claim holds: a number, a word, or that something is there; with the cell that shows it."""
    q = desk.q
    numeric = [one for one in conditions_of(q) if one.number is not None]
    if len({(one.unit, one.number) for one in numeric if one.comparator == "="}) > 1:
        # Two figures claimed at once are a calculation of the asker's.
        return None
    if (fiscal := _all_fiscal(desk)) is not None:
        return fiscal
    if numeric and re.search(r"(?:有没有|有无|是否有).*的?(?:项目|表)|(?:项目|表)(?:有吗|有没有|有么)", q.text):
        return listing(desk.with_question(replace(q, yes_no=False))) or Found("没有这样的项目。", desk.budgets()[:12])
    if numeric:
        return _judge(desk, numeric)
    if (verdict := _more_than(desk)) is not None:
        return verdict
    signs = [one for one in q.conditions if one.number is None]
    if signs:
        return _judge(desk, signs)
    exists = re.search(r"有没有|有无|是否有|是不是有|是否设|有.{0,12}(?:吗|么)|设.{0,10}(?:吗|么|没)|写.{0,10}(?:没有|没)$", q.text)
    if exists and re.search(r"都|全部|所有|每个|每张", q.text) and (everywhere := _everywhere(desk)) is not None:
        return everywhere
    found = desk.look_up()
    if found is not None:
        if exists:
            return Found("有。" + found.text, found.cells)
        said = [Pool(cell.text, cell.row.basis if cell.row is not None else None) for cell in found.cells]
        claimed = any(all(desk.m.covered(pool)[start:end]) for start, end in q.runs() for pool in said)
        return Found(("是。" if claimed else "") + found.text, found.cells)
    if exists:
        return _not_there(desk)
    return None


def _more_than(desk: Desk) -> Found | None:
    """Whether one thing is more than another: 163号康复人数是不是比164号多."""
    match = re.search(r"(?<!相)(?<!对)比[^?!.,]{1,20}?(?:更|要|还)?(?P<word>多|高|大|长|贵|少|低|小|短|便宜)(?:吗|么|吧|不|没有|$|[?!.,])", desk.q.text)
    if match is None:
        return None
    q = replace(desk.q, settled=list(desk.q.settled), operator="greater", yes_no=False)
    q.settle(*match.span("word"))
    part = desk.with_question(q)
    sides = _sides(part) or _within(part)
    if sides is None:
        return None
    a, b = sides[0].number, sides[1].number
    if a is None or b is None or a[1] != b[1]:
        return None
    more = match["word"] in "多高大长贵"
    holds_true = a[0] > b[0] if more else a[0] < b[0]
    said = "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in sides)
    return Found(f"{'是' if holds_true else '不是'}，{said}{'，两者一样' if a[0] == b[0] else ''}。", list(sides))


def _all_fiscal(desk: Desk) -> Found | None:
    """Whether all money of the tables named is fiscal money."""
    q = desk.q
    if not re.search(r"全(?:部)?(?:都)?(?:是|由|靠|来自)|都(?:是|由|靠|来自)", q.text) or not any(one.meaning == "budget.fiscal" for one in q.fields):
        return None
    views = desk.named_tables() or desk.tables
    lines, cells, same = [], list[Cell](), True
    for view in views[:12]:
        total, fiscal, other = (view.cell(address) for address in ("budget.total", "budget.fiscal", "budget.other"))
        if total is None or fiscal is None or not total.number or not fiscal.number:
            return None
        same = same and total.number[0] == fiscal.number[0]
        lines.append(f"{view.said}预算数{wording.value(total)}，财政资金{wording.value(fiscal)}" + (f"，其他资金{wording.value(other)}" if other else ""))
        cells += [total, fiscal]
    return Found(f"{'是' if same else '不是'}，{wording.listed(lines)}。", cells)


def _everywhere(desk: Desk) -> Found | None:
    """Whether every table has a level-2 type or header cell."""
    fields = [one for one in desk.q.fields if one.hard]
    marks = list(desk.q.settled)
    for one in fields:
        marks[one.start : one.end] = [True] * (one.end - one.start)
    if not fields or desk.q.runs(marks):
        return None
    having = {id(view): cell for view in desk.tables for cell in view.cells if any(means(one, cell) for one in fields)}
    lacking = [view for view in desk.tables if id(view) not in having]
    if not lacking:
        return Found(f"是，{len(desk.tables)}个项目都有。", list(having.values()))
    return Found(f"不是，没有的有{len(lacking)}个：{'；'.join(view.said for view in lacking)}。", [view.cells[0] for view in lacking])


def _judge(desk: Desk, claims: list[Condition]) -> Found | None:
    q = replace(desk.q, settled=list(desk.q.settled), yes_no=False)
    for start, end in q.loose_numbers:
        q.settle(start, end)
    if not q.kind and not q.fields:
        unit = claims[0].unit
        q.kind = {"%": "percent", "万元": "money", "元": "money", "亿元": "money"}.get(unit, "count" if unit else "")
        q.classifier = unit if q.kind == "count" else ""
    part = desk.with_question(q)
    fits = part.choose()
    cells = [fit.cell for fit in part._preferred(fits)] if fits else []
    cells = [cell for cell in cells if cell.number is not None or (cell.target is not None and claims[0].number is None)]
    if not cells:
        return None
    every = re.search(r"都|全部|所有|每个|每张|均", desk.q.text) is not None
    good = [cell for cell in cells if all(_agrees(claim, cell) for claim in claims)]
    holds_all = len(good) == len(cells)
    if every and len(cells) > 1:
        bad = [cell for cell in cells if cell not in good]
        if holds_all:
            return Found(f"是，{len(cells)}个项目都是：{_brief(good)}。", good)
        return Found(f"不是，{len(bad)}个项目不同：" + "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in bad[:6]) + "。", bad)
    said = "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in cells[:4])
    return Found(f"{'是' if holds_all else '不是'}，{said}。", cells[:4])


def _brief(cells: list[Cell]) -> str:
    return "、".join(dict.fromkeys(wording.said(cell) for cell in cells))


def _agrees(claim: Condition, cell: Cell) -> bool:
    if claim.number is not None and claim.comparator == "=" and not claim.unit:
        number = cell.number
        return number is not None and number[0] in (claim.number, claim.number * 10_000)
    if claim.unit == "元" and cell.number is not None and cell.number[1].startswith("元/"):
        # 12000元 claimed of a price of 12000元/人.
        return holds(replace(claim, unit=cell.number[1]), cell)
    return holds(claim, cell)


def _not_there(desk: Desk) -> Found | None:
    """A definite no for a level-2 type that the tables named do not have: their cells are a closed list."""
    q = desk.q
    views = desk.named_tables()
    empty = [one for one in q.fields if one.hard and one.meaning in ("budget.other", "budget.fiscal", "purpose")]
    if empty and not any(view.cell(empty[0].meaning) for view in views or desk.tables):
        label = HEADER_LABELS[empty[0].meaning]
        return Found(f"没有。{views[0].said if len(views) == 1 else f'{len(views or desk.tables)}张目标表'}的“{label}”一栏都没有填写。", [])
    wanted = [one for one in q.fields if one.hard and one.meaning.endswith("指标")]
    if not wanted or not views or any(cell.type == wanted[0].meaning for view in views for cell in view.rows):
        return None
    types = "、".join(dict.fromkeys(cell.type for cell in views[0].rows))
    return Found(f"没有。{views[0].said}的目标表只有{types}，没有{wanted[0].meaning}。", list(views[0].rows)[:6])
