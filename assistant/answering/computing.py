"""Operations over several cells: sums, counts, extremes, ratios, shares, differences, comparisons, conditions, yes or no.

Every figure is computed from records with exact decimals, and the answer shows what was computed from what.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.deciding import Desk, Found
from assistant.answering.matching import Fit, means
from assistant.answering.question import Condition, Question
from assistant.answering.views import Cell, TableView
from assistant.chinese import chinese_number, fold
from assistant.target import Target


def column(desk: Desk) -> list[Cell]:
    """One cell per table that an operation runs over: the field asked for (the budget when none is) in every table that the rest of
    the question allows."""
    q = desk.q
    bare = not q.kind and not q.fields
    cells = [cell for cell in (desk.budgets() if bare else desk.cells()) if isinstance(cell.holder, TableView) and cell.number is not None]
    if q.kind == "money" and not any("成本" in one.meaning for one in q.fields):
        cells = [cell for cell in cells if cell.address.startswith("budget.")]
    if q.operator == "sum":
        # Prices and rates do not add up.
        cells = [cell for cell in cells if cell.kind not in ("per", "percent")]
    unit = _unit_of_field(q)
    if unit:
        cells = [cell for cell in cells if cell.row is not None and fold(cell.target.unit or "") in unit] if unit else cells  # type: ignore[union-attr]
    fits = [fit for fit in desk.m.choose(cells) if desk._reasoned(fit)]
    return [fit.cell for fit in best_each(desk, fits)]


def best_each(desk: Desk, fits: list[Fit]) -> list[Fit]:
    """The best fit of each table."""
    best: dict[int, Fit] = {}
    for fit in sorted(fits, key=desk._order):
        best.setdefault(id(fit.cell.holder), fit)
    ranks = {desk._field_rank(fit) for fit in best.values()}
    return [fit for fit in best.values() if desk._field_rank(fit) == max(ranks)] if ranks else []


def _unit_of_field(q: Question) -> tuple[str, ...]:
    """Units that a word like 人数 or 户数 demands."""
    if re.search(r"人数|人次|多少人|几个人", q.text):
        return ("人", "名", "人次", "位")
    return ("户",) if "户数" in q.text else ()


# -- sums, averages, extremes ----------------------------------------------------------------------------------------------------------


def total(desk: Desk) -> Found | None:
    """The sum (or mean) of a field over the tables asked for."""
    q = desk.q
    if q.operator == "average":
        prices = [fit for fit in desk.choose() if fit.own and fit.cost <= 0.4 and fit.cell.kind == "per"]
        if prices:
            # The mean is itself an indicator (每延米改造费用); what the budget comes to is said beside it.
            said, divided = desk.say([fit.cell for fit in prices]), ratio(desk)
            if divided is None or not re.search(r"每|人均", q.operator_text + q.text[q.text.find("平均") :]):
                return said
            return Found(f"{said.text.rstrip('。')}；{divided.text}", [*said.cells, *divided.cells])
    if q.operator == "average" and not re.search(r"每(?:个|张|项)?(?:项目|表)", q.text) and re.search(r"每|人均|除以|÷|一(?:个|户|人)", q.text):
        return ratio(desk)
    cells = column(desk) or several(desk)
    if not cells:
        return None
    if len(cells) == 1 and q.operator == "sum":
        return desk.say(cells)
    units = {cell.number[1] for cell in cells if cell.number}
    lines = []
    for unit in sorted(units):
        same = [cell for cell in cells if cell.number and cell.number[1] == unit]
        values = [cell.number[0] for cell in same if cell.number]
        result = sum(values, Decimal(0))
        if q.operator == "average":
            result /= len(values)
        shown = "＋".join(_short(cell) for cell in same) if len(same) <= 12 else f"{len(same)}项相加"
        name = "平均" if q.operator == "average" else "合计"
        lines.append(f"{len(same)}个项目{_label(same)}{name}{wording.number_said(result, unit)}（{shown}{f'，再除以{len(same)}' if name == '平均' else ''}）")
    names = "；".join(cell.holder.said for cell in cells) if len(cells) <= 4 else ""
    return Found(wording.listed(lines) + (f"。项目：{names}" if names else "") + "。", cells)


def several(desk: Desk) -> list[Cell]:
    """The same field of several things that the question lists (残保金、经费、医保补贴): the cells of each part, in order; empty when a
    part names nothing."""
    q = desk.q
    pieces = [match.span() for match in re.finditer(r"(?:(?!、|,|和|与|跟|及|以及|还有|加上|加).)+", q.text)]
    found: list[Cell] = []
    parts = 0
    for start, end in pieces:
        half = stretch(q, start, end)
        if not (half.runs() or half.keys) and not any(len(name) >= 2 and name in half.text for view in desk.tables for name in view.identities):
            continue
        borrowed = [replace(one, start=len(half.text), end=len(half.text)) for one in q.fields if not start <= one.start < end]
        part = desk.with_question(replace(half, fields=[*half.fields, *borrowed]))
        fits = part.choose() if q.fields or q.kind else part.choose(part.budgets())
        named = part.named_tables()
        cells = [fit.cell for fit in fits if fit.cell.holder in named] or [fit.cell for fit in fits]
        if not cells:
            return []
        parts += 1
        found += [cell for cell in cells if cell not in found]
    return found if parts >= 2 else []


def stretch(q: Question, start: int, end: int) -> Question:
    """A stretch of the question as a question of its own."""
    inside = [one for one in q.fields if start <= one.start and one.end <= end]
    return replace(
        q,
        text=q.text[start:end],
        settled=q.settled[start:end],
        keys=[replace(key, start=key.start - start, end=key.end - start) for key in q.keys if start <= key.start < end],
        fields=[replace(one, start=one.start - start, end=one.end - start) for one in inside],
        operator="",
        loose_numbers=[],
    )


def _label(cells: list[Cell]) -> str:
    labels = {cell.label if cell.row is None else cell.type for cell in cells}
    return labels.pop() if len(labels) == 1 else ""


def _short(cell: Cell) -> str:
    return wording.value(cell).replace("万元", "") if cell.address.startswith("budget.") else cell.text


def ratio(desk: Desk) -> Found | None:
    """Budget ÷ quantity within one table."""
    measure, noun, span = _divisor(desk.q)
    q = replace(desk.q, kind="", classifier="", settled=list(desk.q.settled))
    q.settle(*span)
    views = desk.with_question(q).named_tables()
    results, cells = [], []
    for view in views[:3]:
        budget = view.cell("budget.total")
        rows = [cell for cell in view.rows if cell.kind == "count" and cell.number]
        if noun and any(noun in cell.pool for cell in rows):
            rows = [cell for cell in rows if noun in cell.pool]
        elif measure:
            rows = [cell for cell in rows if cell.type == "数量指标" and cell.number and cell.number[1] in (measure, *_PEOPLE.get(measure, ()))]
        else:
            rows = [cell for cell in rows if cell.type == "数量指标"]
        if budget is None or budget.number is None or not rows or not rows[0].number or not rows[0].number[0]:
            continue
        money, (many, unit) = budget.number[0], rows[0].number
        each = money / many
        results.append(f"{view.said}：预算数{wording.value(budget)}÷{rows[0].name}{rows[0].text}，平均每{unit}{_each(each)}")
        cells += [budget, rows[0]]
    return Found(wording.listed(results) + "（按目标值计算）。", cells) if results else None


_PEOPLE = {"人": ("名", "位", "人次"), "个": ("所", "处", "家", "座"), "孩子": ("人", "名"), "学生": ("人", "名"), "老人": ("人", "名")}


_DIVIDED_BY = "个|名|位|座|所|处|户|辆|台|次|场|件|条|公里|亩|人|张|间|套|块|村"


def _divisor(q: Question) -> tuple[str, str, tuple[int, int]]:
    """What is divided by: a measure (人), a noun (学位), and where it stands in the question."""
    match = re.search(rf"每(?:一)?(?:({_DIVIDED_BY})(?!项目))?([一-鿿]{{0,4}}?)(?=多少|几|的|花|要|投|需|补|是|能|$|[?!,.])", q.text)
    if match and (match[1] or match[2]):
        noun = match[2] if len(match[2] or "") >= 2 else ""
        return match[1] or match[2] or "", noun, match.span()
    return ("人" if re.search(r"人均|人数|每人", q.text) else ""), "", (0, 0)


def _each(yuan: Decimal) -> str:
    text = f"{yuan.quantize(Decimal('0.01')):f}元"
    return f"{text}（约{wording.amount(yuan)}）" if yuan >= 10_000 else text


def extreme(desk: Desk) -> Found | None:
    """The largest, smallest, or n-th of a field."""
    cells = column(desk)
    if len(cells) < 2 and not (cells and desk.m.hard):
        return None
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.number[1] if cell.number else "", []).append(cell)
    _unit, cells = max(groups.items(), key=lambda pair: len(pair[1]))
    text = desk.q.operator_text + desk.q.text
    fewest = r"最(?:少|低|小|便宜|短|早|省)|(?<![多大高])(?:少|低|小|便宜|短)(?=$|[?!,.呢啊的])|第[^,]{1,3}(?:少|低|小)|倒数|后[一二两三四五\d]|从(?:小|低|少)"
    down = not re.search(fewest, text)
    ordered = sorted(cells, key=lambda cell: cell.number[0] if cell.number else Decimal(0), reverse=down)
    values = [cell.number[0] for cell in ordered if cell.number]
    first, count = _place(desk.q)
    if desk.q.operator == "rank" and re.search(r"排(?:个)?(?:序|名|队)|从(?:大|小|高|低|多|少)", desk.q.operator_text) and count == 1 and first == 0:
        count = len(ordered)
    if first >= len(ordered):
        return None
    end = first + count
    if count == 1:
        end = first + sum(1 for value in values[first:] if value == values[first])
    chosen = ordered[first:end]
    word = ("最高" if down else "最低") if first == 0 and count == 1 else ""
    lines = [f"{cell.holder.said}（{wording.said(cell)}）" for cell in chosen]
    if len(chosen) > 4 and count == 1:
        lines = [f"{wording.said(chosen[0])}，共{len(chosen)}个项目相同"]
    head = f"{_label(chosen)}{word}的是" if word else f"按{_label(chosen)}从{'高到低' if down else '低到高'}"
    head += f"第{first + 1}的是" if first and count == 1 else "：" if not word else ""
    left_out = [cell for cell in column(desk) if cell not in ordered]
    tail = f"（另有{len(left_out)}项单位不同，未列入比较）" if left_out else ""
    return Found(head + "；".join(lines) + tail + "。", chosen)


def _place(q: Question) -> tuple[int, int]:
    """Where to begin (0 = first) and how many are asked for."""
    text = q.operator_text
    if match := re.search(r"最[多少高低大小](?:的)?(?:前)?([一二两三四五六七八九十]|\d+)(?:个|项|名|张)", q.text):
        number = int(match[1]) if match[1].isdigit() else chinese_number(match[1].replace("两", "二")) or 1
        return 0, number
    if match := re.search(r"(?:前|后|倒数|最多的前)([一二两三四五六七八九十]|\d+)", text):
        number = int(match[1]) if match[1].isdigit() else chinese_number(match[1].replace("两", "二")) or 1
        return (number - 1, 1) if "倒数第" in text else (0, number)
    if match := re.search(r"第([一二三四五六七八九十]|\d+)", text):
        return (int(match[1]) if match[1].isdigit() else chinese_number(match[1]) or 1) - 1, 1
    return 0, 1


# -- counts and lists ------------------------------------------------------------------------------------------------------------------


def holds(condition: Condition, cell: Cell) -> bool:
    """Whether a cell meets a demand; a sign alone is about how the value is written."""
    target = cell.target
    if condition.number is None:
        return target is not None and (target.comparator or "") == condition.comparator
    number = cell.number
    if number is None:
        return False
    wanted, unit = Target.parse(f"{condition.number}{condition.unit or ''}").base or (condition.number, "")
    if not condition.unit and cell.kind == "money":
        # A bare number is in the unit of the form.
        wanted *= 10_000
        unit = "元"
    if unit and unit != number[1] and not (unit == "个百分点" and number[1] == "%"):
        return False
    return _compare(number[0], condition.comparator, wanted)


def _compare(left: Decimal, comparator: str, right: Decimal) -> bool:
    tests = {"≥": operator.ge, ">": operator.gt, "≤": operator.le, "<": operator.lt, "=": operator.eq, "≈": operator.eq}
    return bool(tests[comparator](left, right))


def matching(desk: Desk) -> list[Fit] | None:
    """The cells, at most one kind a table, that meet every condition and word of a list question; None when nothing in it selects."""
    q = desk.q
    conditions = conditions_of(q)
    if not (q.runs() or q.fields or conditions or q.in_words or q.in_numbers or desk.m.hard or q.kind):
        return None
    cells = [cell for view in desk.tables for cell in view.cells if _selectable(desk, cell)]
    if q.in_numbers:
        cells = [cell for cell in cells if cell.row is not None and cell.kind != "text"]
    if q.in_words:
        cells = [cell for cell in cells if cell.row is not None and cell.kind == "text"]
    if conditions:
        cells = [cell for cell in cells if all(holds(condition, cell) for condition in conditions)]
    fits = list(desk.m.choose(cells))
    typed = [fit for fit in fits if desk._field_rank(fit) > 0]
    fits = typed or ([fit for fit in fits if fit.own] or fits if q.runs() else fits)
    best: dict[int, Fit] = {}
    for fit in sorted(fits, key=desk._order):
        best.setdefault(id(fit.cell.holder), fit)
    return list(best.values())


def conditions_of(q: Question) -> list[Condition]:
    """The demands on values, bare numbers as equalities."""
    found = list(q.conditions)
    for start, end in q.loose_numbers:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)(.*)", q.text[start:end])
        if match:
            unit = {"万": "万元", "亿": "亿元"}.get(match[2], match[2])
            found.append(Condition("=", Decimal(match[1]), unit, start, end))
    return found


def _selectable(desk: Desk, cell: Cell) -> bool:
    q = desk.q
    conditions = conditions_of(q)
    if cell.row is not None:
        return True
    named = any(means(one, cell) for one in q.fields)
    if conditions and any(one.number is not None for one in conditions):
        hard = {one.meaning for one in q.fields if one.hard}
        return cell.address == "budget.total" and (named or not hard) and any(one.unit in ("", "元", "万元", "亿元") for one in conditions)
    return cell.address in ("project.name", "purpose") or cell.address.startswith("goals") or named


def without_numbers(desk: Desk) -> Desk:
    """The question with its bare numbers accounted for: they have become conditions."""
    q = replace(desk.q, settled=list(desk.q.settled))
    for start, end in q.loose_numbers:
        q.settle(start, end)
    return desk.with_question(q)


def others(desk: Desk, fits: list[Fit]) -> list[TableView]:
    """The tables that have the field asked for and are not among the fits."""
    chosen = {id(fit.cell.holder) for fit in fits}
    fields = [one for one in desk.q.fields if one.hard]
    having = [view for view in desk.tables if not fields or any(means(one, cell) for one in fields for cell in view.cells)]
    return [view for view in having if id(view) not in chosen]


def listing(desk: Desk) -> Found | None:
    """The tables that meet what the question says, with the cell that shows it."""
    desk = without_numbers(desk)
    q = desk.q
    if not (q.runs() or q.fields or q.kind or conditions_of(q) or q.in_words or q.in_numbers):
        # A document number alone: its projects by name.
        names = [_name_cell(view) for view in desk.tables] if desk.m.hard else []
        head = f"{len(names)}个项目：" if len(names) > 1 else ""
        return Found(f"{head}{'；'.join(cell.holder.said for cell in names)}。", names) if names else None
    fits = matching(desk)
    if not fits:
        return None
    if q.negated and (q.fields or q.runs()):
        rest = others(desk, fits)
        if not rest:
            return None
        return Found(f"{len(rest)}个项目：{'；'.join(view.said for view in rest)}。", [_name_cell(view) for view in rest])
    lines, cells = [], []
    for fit in fits:
        name = fit.cell.holder.said
        cells += [fit.cell] if fit.cell.address == "project.name" or not isinstance(fit.cell.holder, TableView) else [_name_cell(fit.cell.holder), fit.cell]
        if fit.cell.address == "project.name":
            lines.append(name)
            continue
        lines.append(f"{name}（{wording.shortened(wording.said(fit.cell), 60).rstrip('。')}）")
    if len(lines) > 6 and sum(map(len, lines)) > 500:
        lines = [fit.cell.holder.said for fit in fits]
    head = "有。" if re.search(r"有没有|有无|是否有|有.*[吗么]", q.text) else ""
    head += f"{len(lines)}个项目：" if len(lines) > 1 else ""
    return Found(head + "；".join(lines) + "。", cells)


def _name_cell(view: TableView) -> Cell:
    cell = view.cell("project.name")
    return cell if cell is not None else view.cells[0]


def count(desk: Desk) -> Found | None:
    """How many tables, indicators, itemised goals or measures."""
    q = desk.q
    if q.counted in ("措施", "分项") or re.search(r"分项(?:绩效)?目标|保障措施", q.text):
        return _count_part(desk)
    if "指标" in q.counted:
        found = desk.rows_of_table()
        if found is not None:
            return Found(f"{len(found.cells)}个。{found.text}", found.cells)
        return None
    desk = without_numbers(desk)
    q = desk.q
    if q.kind == "count" and not q.counted:
        desk = desk.with_question(replace(q, kind="", classifier=""))
        q = desk.q
    if not (q.runs() or q.conditions or q.loose_numbers or q.in_words or q.in_numbers or desk.m.hard or any(one.hard for one in q.fields)):
        views = desk.tables
        return Found(f"一共{len(views)}张绩效目标表，每个项目一张，共{len(views)}个项目。", [_name_cell(view) for view in views]) if views else None
    fits = matching(desk)
    if not fits:
        return None
    if q.negated:
        rest = others(desk, fits)
        return Found(f"{len(rest)}个：{'；'.join(view.said for view in rest)}。", [_name_cell(view) for view in rest])
    names = "；".join(fit.cell.holder.said for fit in fits)
    return Found(f"{len(fits)}个：{names}。", [fit.cell for fit in fits])


def _count_part(desk: Desk) -> Found | None:
    for part in desk.parts:
        kind = "safeguard" if "措施" in desk.q.text else "item"
        cells = [cell for cell in part.cells if cell.type == kind]
        if cells:
            what = "工作保障措施" if kind == "safeguard" else "分项绩效目标"
            return Found(f"{what}共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells)
    return None


def part_items(desk: Desk) -> Found | None:
    """The list of itemised goals or of safeguards of part 1, or the one with the number asked for."""
    text = desk.q.text
    field_marks = list(desk.q.settled)
    for one in desk.q.fields:
        field_marks[one.start : one.end] = [True] * (one.end - one.start)
    if desk.q.runs(field_marks):
        return None
    for part in desk.parts:
        numbered = re.search(r"第([一二三四五六七八九十]{1,2}|\d{1,2})(?:个|项|条)", text)
        if numbered and re.search(r"分项|措施|目标", text):
            place = int(numbered[1]) if numbered[1].isdigit() else chinese_number(numbered[1]) or 0
            cells = [cell for cell in part.cells if cell.type == ("safeguard" if "措施" in text else "item")]
            if not 0 < place <= len(cells):
                return None
            cell = cells[place - 1]
            more = [other for other in part.cells if other.type == "item indicators" and other.name == cell.name]
            said = [f"第{place}项：{cell.name}", cell.text, *(f"绩效指标：{other.text}" for other in more)]
            return Found("。".join(piece.rstrip("。") for piece in said if piece) + "。", [cell, *more])
        if re.search(r"(?:保障)?措施", text):
            cells = [cell for cell in part.cells if cell.type == "safeguard"]
            return Found(f"工作保障措施共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells) if cells else None
        if re.search(r"分项(?:绩效)?目标", text):
            cells = [cell for cell in part.cells if cell.type == "item"]
            return Found(f"分项绩效目标共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells) if cells else None
        if re.search(r"总体(?:绩效)?目标|整体(?:绩效)?目标", text):
            cells = [cell for cell in part.cells if cell.type == "overall"]
            return Found(f"总体绩效目标：{cells[0].text}", cells) if cells else None
    return None
