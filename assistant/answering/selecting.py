"""Which tables and rows meet what a question demands: conditions on values, lists, counts, what is left when some are taken away.

Every demand is checked on the records, never by likeness of text.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import Fit, means
from assistant.answering.question import Condition, Question
from assistant.answering.views import Cell, TableView
from assistant.chinese import chinese_number, document_numbers
from assistant.target import Target


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
    same = unit in ("", number[1]) or (unit == "个百分点" and number[1] == "%")
    if not same:
        return False
    return compare(number[0], condition.comparator, wanted)


def compare(left: Decimal, comparator: str, right: Decimal) -> bool:
    """Whether a comparison holds."""
    tests = {"≥": operator.ge, ">": operator.gt, "≤": operator.le, "<": operator.lt, "=": operator.eq, "≈": operator.eq}
    return bool(tests[comparator](left, right))


def matching(desk: Desk) -> list[Fit] | None:
    """The cells, at most one kind a table, that meet every condition and word of a list question; None when nothing in it selects."""
    q = desk.q
    conditions = conditions_of(q)
    if not (q.runs() or q.fields or conditions or q.in_words or q.in_numbers or desk.m.hard or q.kind):
        return None
    cells = [cell for view in desk.tables for cell in view.cells if _selectable(desk, cell)]
    if desk.nodes:
        cells = [cell for cell in cells if cell.type != "plan" or cell.name in desk.nodes]
    # An amount of nought is none.
    cells = [cell for cell in cells if cell.address not in ("budget.other", "budget.fiscal") or (cell.number is not None and cell.number[0]) or conditions]
    if q.in_numbers:
        cells = [cell for cell in cells if cell.row is not None and cell.kind != "text"]
    if q.in_words:
        cells = [cell for cell in cells if cell.in_words]
    if conditions:
        cells = [cell for cell in cells if all(holds(condition, cell) for condition in conditions)]
    fits = list(desk.m.choose(cells))
    typed = [fit for fit in fits if desk._field_rank(fit) > 0]
    if not typed and q.runs():
        # A project is meant by its own name as by a row's words.
        fits = [fit for fit in fits if fit.own or fit.cell.address == "project.name"] or fits
    fits = typed or fits
    if INDICATORS_ASKED.search(q.text):
        return [fit for fit in fits if fit.cell.row is not None]
    best: dict[int, Fit] = {}
    for fit in sorted(fits, key=desk._order):
        best.setdefault(id(fit.cell.holder), fit)
    return list(best.values())


# Whatever has to do with a thing is asked for (与康复有关的项目), not what is named after it (康复项目).
WIDELY = re.compile(r"有关|相关|涉及|牵涉|用于|用在|用到|花在|提到|提及")


def by_name(desk: Desk, fits: list[Fit]) -> tuple[list[Fit], list[Fit]]:
    """Fits parted into those of the projects named so and those of projects that only speak of it; all together where the question asks widely."""
    named = [fit for fit in fits if fit.cell.address == "project.name" and fit.identity]
    if not named or WIDELY.search(desk.q.text):
        return fits, []
    return named, [fit for fit in fits if fit not in named]


def _also(rest: list[Fit]) -> str:
    return f"另有{len(rest)}个项目的内容也说到：{'；'.join(fit.cell.holder.said for fit in rest)}。" if rest else ""


# Rows are asked for, not projects.
INDICATORS_ASKED = re.compile(
    r"(?:哪些|哪几[个项条]|几[个项条]|多少[个项条]?)(?:的)?(?:绩效|三级|[一-鿿]{2,4})?指标(?!值?(?:等于|是|为|里|中)?的?项目)|指标(?:里面?|中|当中)?(?:一共|总共|共)?(?:有)?(?:哪些|哪几|几个|多少个)"
)


def asks_for_projects(q: Question) -> bool:
    """Whether a question wants projects picked out."""
    return q.which or q.listing or q.counting or re.search(r"的项目|最", q.text) is not None


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
        if desk.nodes:
            return cell.type == "plan"
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
        names = [name_cell(view) for view in desk.tables] if desk.m.hard else []
        head = f"{len(names)}个项目：" if len(names) > 1 else ""
        return Found(f"{head}{'；'.join(cell.holder.said for cell in names)}。", names) if names else None
    fits = matching(desk)
    if not fits:
        return None
    rows = INDICATORS_ASKED.search(q.text) is not None
    if q.negated and (q.fields or q.runs()):
        if rows:
            return _other_rows(desk, fits)
        if any(one.hard for one in q.fields) and not any(desk._field_rank(fit) == 2 for fit in fits):
            # Words that only other cells say are no demand on the field asked about.
            return None
        rest = others(desk, fits)
        if not rest:
            return None
        return Found(f"{len(rest)}个项目：{'；'.join(view.said for view in rest)}。", [name_cell(view) for view in rest])
    lines, cells = [], []
    fits, others_too = by_name(desk, fits)
    for fit in fits:
        name = fit.cell.holder.said
        cells += [fit.cell] if fit.cell.address == "project.name" or not isinstance(fit.cell.holder, TableView) else [name_cell(fit.cell.holder), fit.cell]
        if fit.cell.address == "project.name":
            lines.append(name)
            continue
        lines.append(f"{name}（{wording.shortened(wording.said(fit.cell), 60).rstrip('。')}）")
    if len(lines) > 6 and sum(map(len, lines)) > 500 and not rows:
        lines = [fit.cell.holder.said for fit in fits]
    head = "有。" if re.search(r"有没有|有无|是否有|有.*[吗么]", q.text) else ""
    head += f"{len(lines)}个{'指标' if rows else '项目'}：" if len(lines) > 1 else ""
    return Found(f"{head}{'；'.join(lines)}。{_also(others_too)}", [*cells, *(fit.cell for fit in others_too)])


def _other_rows(desk: Desk, fits: list[Fit]) -> Found | None:
    """The rows of the types asked for that are not among the fits: 不是达到标准的质量指标."""
    fields = [one for one in desk.q.fields if one.hard and one.meaning.endswith("指标")]
    chosen = {id(fit.cell) for fit in fits}
    cells = [cell for view in desk.tables for cell in view.rows if id(cell) not in chosen and any(means(one, cell) for one in fields)]
    if not cells:
        return None
    return Found(f"{len(cells)}个指标：{wording.listed([f'{cell.holder.said}（{wording.said(cell)}）' for cell in cells[:20]])}。", cells[:20])


def by_document(desk: Desk) -> Found | None:
    """The projects of each document number: how many, and what they come to."""
    q = desk.q
    if not re.search(r"(?:文件|文号|文)(?:各|分别|都)|(?:各|每)(?:个|份|张)?(?:文件|文号)|按(?:文件|文号)", q.text) or desk.m.hard:
        return None
    groups: dict[str, list[TableView]] = {}
    for view in desk.tables:
        number = next((str(one) for one in document_numbers(view.name)), "没有文号的")
        groups.setdefault(number, []).append(view)
    lines, cells = [], list[Cell]()
    for number, views in groups.items():
        budgets = [cell for view in views if (cell := view.cell("budget.total")) is not None and cell.number]
        lines.append(f"{number}{len(views)}个项目，预算数合计{wording.amount(sum((cell.number[0] for cell in budgets if cell.number), Decimal(0)))}")
        cells += budgets
    return Found(wording.listed(lines) + "。", cells) if len(groups) > 1 else None


def name_cell(view: TableView) -> Cell:
    """The cell of a table's project name."""
    cell = view.cell("project.name")
    return cell if cell is not None else view.cells[0]


def count(desk: Desk) -> Found | None:
    """How many tables, indicators, itemised goals or measures."""
    q = desk.q
    if q.counted in ("措施", "分项") or re.search(r"分项(?:绩效)?目标|保障措施", q.text):
        return _count_part(desk)
    if "指标" in q.counted:
        selects = q.conditions or q.loose_numbers or q.in_words or q.in_numbers
        found = None if selects or "basis" in q.meanings() else desk.rows_of_table()
        if found is not None:
            return Found(f"{len(found.cells)}个。{found.text}", found.cells)
        return listing(desk) if selects else None
    desk = without_numbers(desk)
    q = desk.q
    if q.kind == "count" and not q.counted:
        desk = desk.with_question(replace(q, kind="", classifier=""))
        q = desk.q
    if not (q.runs() or q.conditions or q.loose_numbers or q.in_words or q.in_numbers or desk.m.hard or any(one.hard for one in q.fields)):
        views = desk.tables
        return Found(f"一共{len(views)}张绩效目标表，每个项目一张，共{len(views)}个项目。", [name_cell(view) for view in views]) if views else None
    if desk.m.hard and not (q.runs() or q.fields or conditions_of(q) or q.in_words or q.in_numbers or q.kind):
        return Found(f"{len(desk.tables)}个：{'；'.join(view.said for view in desk.tables)}。", [name_cell(view) for view in desk.tables])
    fits = matching(desk)
    if not fits:
        return None
    if q.negated:
        rest = others(desk, fits)
        return Found(f"{len(rest)}个：{'；'.join(view.said for view in rest)}。", [name_cell(view) for view in rest])
    fits, others_too = by_name(desk, fits)
    names = "；".join(fit.cell.holder.said for fit in fits)
    return Found(f"{len(fits)}个：{names}。{_also(others_too)}", [fit.cell for fit in (*fits, *others_too)])


def _count_part(desk: Desk) -> Found | None:
    for part in desk.parts:
        kind = "safeguard" if "措施" in desk.q.text else "item"
        cells = [cell for cell in part.cells if cell.type == kind]
        if cells:
            what = "工作保障措施" if kind == "safeguard" else "分项绩效目标"
            return Found(f"{what}共{len(cells)}项：{'；'.join(cell.name for cell in cells)}。", cells)
    return None


def safeguard(desk: Desk) -> Found | None:
    """The safeguard of part 1 that is about what the question names (怎么保证支出进度)."""
    q = replace(desk.q, settled=list(desk.q.settled), fields=[], kind="", classifier="")
    for one in desk.q.fields:
        if one.meaning != "safeguard":
            q.settled[one.start : one.end] = [False] * (one.end - one.start)
    for match in re.finditer(r"保证|保障|确保|做到|做好|加强|落实|推进|规范|监督|管好|管理|抓|采取|办法|举措|靠|措施", q.text):
        q.settle(*match.span())
    inner = desk.with_question(q)
    fits = inner.m.choose(cell for part in desk.parts for cell in part.cells if cell.type == "safeguard") if q.runs() else []
    return inner.say([fits[0].cell]) if fits else None


_DONE = re.compile(
    r"(?:买|购置?|采购|配备?)了?(?:哪些|什么|啥|哪几样)(?:东西|物资|物品|设备|器材)?(?=$|[?!.,])|"
    r"(?:建|修|做|干|开展|完成|搞|办|实施|安排)了?(?:哪些|什么|啥|哪几样)(?:工作|内容|任务|事情?|活动|工程)(?=$|[?!.,])"
)


def done(desk: Desk) -> Found | None:
    """What the tables named get or do (买了哪些东西): their quantities."""
    match = _DONE.search(desk.q.text)
    views = desk.with_question(desk.q.without_fields(match.span())).named_tables() if match is not None else []
    rows = [cell for view in views for cell in view.rows if cell.type == "数量指标"]
    if not rows or len(views) > 3:
        return None
    lines = [f"{view.said}：{'，'.join(f'{cell.name}{cell.text}' for cell in rows if cell.holder is view)}" for view in views]
    return Found(f"{wording.listed(lines)}。", rows)


def part_items(desk: Desk) -> Found | None:
    """The list of itemised goals or of safeguards of part 1, or the one with the number asked for."""
    text = desk.q.text
    if desk.q.runs(desk.q.marked()):
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
