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
    cells = [cell for cell in desk.cells() if isinstance(cell.holder, TableView) and cell.number is not None]
    if not q.kind and not q.fields:
        cells = [cell for cell in cells if cell.address == "budget.total"]
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
    if q.operator == "average" and (q.kind == "per" or re.search(r"每(?:个|名|位)?(?:人|户|辆|孩子|学生)|人均", q.text)):
        return ratio(desk)
    cells = column(desk)
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
    names = "；".join(cell.holder.name for cell in cells) if len(cells) <= 4 else ""
    return Found(wording.listed(lines) + (f"。项目：{names}" if names else "") + "。", cells)


def _label(cells: list[Cell]) -> str:
    labels = {cell.label if cell.row is None else cell.type for cell in cells}
    return labels.pop() if len(labels) == 1 else ""


def _short(cell: Cell) -> str:
    return wording.value(cell).replace("万元", "") if cell.address.startswith("budget.") else cell.text


def ratio(desk: Desk) -> Found | None:
    """Budget ÷ quantity within one table."""
    q = replace(desk.q, kind="", classifier="")
    measure = desk.q.classifier
    views = desk.with_question(q).named_tables()
    results, cells = [], []
    for view in views[:3]:
        budget = view.cell("budget.total")
        rows = [cell for cell in view.rows if cell.type == "数量指标" and cell.kind == "count" and cell.number]
        rows = [cell for cell in rows if not measure or fold(cell.target.unit or "") == measure] or ([] if measure else rows)  # type: ignore[union-attr]
        if budget is None or budget.number is None or not rows or not rows[0].number or not rows[0].number[0]:
            continue
        money, (many, unit) = budget.number[0], rows[0].number
        each = money / many
        results.append(f"{view.name}：预算数{wording.value(budget)}÷{rows[0].name}{rows[0].text}，平均每{unit}{each.quantize(Decimal('0.01')):f}元")
        cells += [budget, rows[0]]
    return Found(wording.listed(results) + "（按目标值计算）。", cells) if results else None


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
    down = not re.search(r"最(?:少|低|小|便宜|短|早)|第[^,]{1,3}(?:少|低|小)|倒数|后[一二两三四五\d]|从(?:小|低|少)", text)
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
    lines = [f"{cell.holder.name}（{wording.said(cell)}）" for cell in chosen]
    head = f"{_label(chosen)}{word}的是" if word else f"按{_label(chosen)}从{'高到低' if down else '低到高'}"
    head += f"第{first + 1}的是" if first and count == 1 else "：" if not word else ""
    left_out = [cell for cell in column(desk) if cell not in ordered]
    tail = f"（另有{len(left_out)}项单位不同，未列入比较）" if left_out else ""
    return Found(head + "；".join(lines) + tail + "。", chosen)


def _place(q: Question) -> tuple[int, int]:
    """Where to begin (0 = first) and how many are asked for."""
    text = q.operator_text
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
    if not (q.runs() or q.fields or conditions or desk.m.hard or q.kind):
        return None
    cells = [cell for view in desk.tables for cell in view.cells if _selectable(desk, cell)]
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


def listing(desk: Desk) -> Found | None:
    """The tables that meet what the question says, with the cell that shows it."""
    q = desk.q
    for start, end in q.loose_numbers:
        q.settle(start, end)
    fits = matching(desk)
    if not fits:
        return None
    if q.negated and (q.fields or q.runs()):
        chosen = {id(fit.cell.holder) for fit in fits}
        rest = [view for view in desk.tables if id(view) not in chosen]
        if not rest:
            return None
        return Found(f"{len(rest)}个项目：{'；'.join(view.name for view in rest)}。", [_name_cell(view) for view in rest])
    lines, cells = [], []
    for fit in fits:
        name = fit.cell.holder.name
        cells.append(fit.cell)
        if fit.cell.address == "project.name":
            lines.append(name)
            continue
        lines.append(f"{name}（{wording.shortened(wording.said(fit.cell), 60).rstrip('。')}）")
    if len(lines) > 6 and sum(map(len, lines)) > 500:
        lines = [fit.cell.holder.name for fit in fits]
    head = f"{len(lines)}个项目：" if len(lines) > 1 else ""
    return Found(head + "；".join(lines) + "。", cells)


def _name_cell(view: TableView) -> Cell:
    cell = view.cell("project.name")
    return cell if cell is not None else view.cells[0]


def count(desk: Desk) -> Found | None:
    """How many tables, indicators, itemised goals or measures."""
    q = desk.q
    if q.counted in ("措施", "分项") or (q.counted == "目标" and "分项" in q.text):
        return _count_part(desk)
    if "指标" in q.counted:
        found = desk.rows_of_table()
        if found is not None:
            return Found(f"{len(found.cells)}个。{found.text}", found.cells)
        return None
    for start, end in q.loose_numbers:
        q.settle(start, end)
    if not (q.runs() or q.conditions or q.loose_numbers or desk.m.hard or any(one.hard for one in q.fields)):
        views = desk.tables
        return Found(f"一共{len(views)}张绩效目标表，每个项目一张，共{len(views)}个项目。", [_name_cell(view) for view in views]) if views else None
    fits = matching(desk)
    if not fits:
        return None
    if q.negated:
        chosen = {id(fit.cell.holder) for fit in fits}
        rest = [view for view in desk.tables if id(view) not in chosen]
        return Found(f"{len(rest)}个：{'；'.join(view.name for view in rest)}。", [_name_cell(view) for view in rest])
    names = "；".join(fit.cell.holder.name for fit in fits)
    return Found(f"{len(fits)}个：{names}。", [fit.cell for fit in fits])


def _count_part(desk: Desk) -> Found | None:
    for part in desk.parts:
        kind = "safeguard" if "措施" in desk.q.counted else "item"
        cells = [cell for cell in part.cells if cell.type == kind]
        if cells:
            what = "工作保障措施" if kind == "safeguard" else "分项绩效目标"
            return Found(f"{what}共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells)
    return None


def part_items(desk: Desk) -> Found | None:
    """The list of itemised goals or of safeguards of part 1."""
    text = desk.q.text
    for part in desk.parts:
        if re.search(r"(?:保障)?措施", text) and not [run for run in desk.q.runs() if desk.q.text[run[0] : run[1]] not in ("保障措施", "保障")]:
            cells = [cell for cell in part.cells if cell.type == "safeguard"]
            return Found(f"工作保障措施共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells) if cells else None
        if re.search(r"分项(?:绩效)?目标", text):
            cells = [cell for cell in part.cells if cell.type == "item"]
            return Found(f"分项绩效目标共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells) if cells else None
        if re.search(r"总体(?:绩效)?目标|整体(?:绩效)?目标", text):
            cells = [cell for cell in part.cells if cell.type == "overall"]
            return Found(f"总体绩效目标：{cells[0].text}", cells) if cells else None
    return None
