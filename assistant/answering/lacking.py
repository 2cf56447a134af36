"""Tables that lack something, and tables left out: 哪些项目没有成本指标, 除了残保金其他项目合计.

The cells of a goal table are a closed list, so that what is not there is known.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answering.computing import stretch
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import means
from assistant.answering.question import Field, Question
from assistant.answering.selecting import name_cell
from assistant.answering.views import Cell, TableView
from assistant.table import HEADER_LABELS

_LACK = re.compile(r"(?<!有)(?:既|都|也|又)?(?:没有?|未|缺少?|不含|不带|无)(?:填写|填|写明|写|设置|设定|设|列出|列|安排|带)?[有了着]?(?:任何|具体|明确)?的?$")
_AND = re.compile(r"(?:指标)?(?:和|与|、|及|或者?|,)?(?:又|也|还|同时)?(?:都)?(?:没有?|未|缺少?)?(?:设|写|填)?")
_BUT = re.compile(
    r"(?:(?:不是|不属于|非)(?P<e>[^,]{0,12}?\d号(?:文件?)?)的?|除(?:去|了|开|掉)?(?P<a>[^,]{2,30}?)(?:以外|之外|外)?,?(?:的)?(?:其他|其余|剩下|剩余|余下|别的|另外)(?:的)?(?:[一二两三四五六七八九十几\d]+个)?(?:项目|表|资金)?|"
    r"除(?:去|了|开|掉)?(?P<b>[^,]{2,30}?)(?:以外|之外|外(?=的|,)),?|"
    r"除(?:去|了|开|掉)?(?P<d>[^,]{2,30}?)(?:的(?:项目|表|资金))?,?(?=还有|还剩)|"
    r"(?:不算|不含|不包括|扣除|扣掉|去掉|刨去|减去)(?P<c>[^,]{2,30}?)(?=,|的话|之后|后|还有|还剩|一共|合计|总|剩|其他|其余|有几|有多少|$))(?:,?(?:其他|其余|剩下|剩余|余下|别的)的?)?"
)


def answer(desk: Desk) -> Found | None:
    """The tables without a level-2 type or header cell that the question names behind 没有, 没写, 缺; None for other questions."""
    q = desk.q
    asks = q.which or q.listing or q.counting or re.search(r"的(?:项目|表|指标)|哪", q.text)
    field = next((one for one in sorted(q.fields, key=lambda one: one.start) if one.hard and _LACK.search(q.text[: one.start])), None)
    if not asks or field is None or field.meaning in ("plan", "safeguard", "item", "overall", "level3"):
        return None
    plain = replace(q, settled=list(q.settled))
    lack = _LACK.search(q.text[: field.start])
    assert lack is not None
    plain.settle(lack.start(), field.end)
    fields = [field]
    for one in sorted(q.fields, key=lambda one: one.start):
        if one.hard and one.start >= fields[-1].end and _AND.fullmatch(q.text[fields[-1].end : one.start]):
            plain.settle(fields[-1].end, one.end)
            fields.append(one)
    inner = desk.with_question(replace(plain, fields=[]))
    if inner.q.runs() and not any(inner.m.spelled(view) >= 2 for view in inner.tables):
        return None
    views = inner.named_tables() if inner.q.runs() else inner.tables
    if not views:
        return None
    if field.meaning in ("basis", "description"):
        return _blank_rows(views, field.meaning)
    if len(fields) > 1:
        return _lacking_several(q, views, fields)
    label = _label(q, field)
    having = {id(view): cells for view in views if (cells := _cells(view, field))}
    without = [view for view in views if id(view) not in having]
    if not without:
        return Found(f"没有这样的项目：{len(views)}个项目都有{label}。", [cells[0] for cells in having.values()])
    said = f"{len(without)}个项目没有{label}：{'；'.join(view.said for view in without)}。"
    return Found(said, [name_cell(view) for view in without])


def _label(q: Question, field: Field) -> str:
    label = HEADER_LABELS.get(field.meaning, field.meaning)
    return label if label.endswith(("指标", "资金", "数", "用途", "目标")) else q.text[field.start : field.end]


def _lacking_several(q: Question, views: list[TableView], fields: list[Field]) -> Found:
    """The tables without each of several fields, and those without any of them: 没有时效指标和成本指标 may mean either."""
    without = [[view for view in views if not _cells(view, field)] for field in fields]
    every = [view for view in without[0] if all(view in group for group in without[1:])]
    lines = [
        f"没有{label}的{len(group)}个" + (f"：{'、'.join(view.said for view in group)}" if group else "")
        for label, group in (*((_label(q, field), group) for field, group in zip(fields, without, strict=True)), ("这几样", every))
    ]
    found = [view for view in views if any(view in group for group in without)]
    return Found(f"{'；'.join(lines)}。", [name_cell(view) for view in found or views])


def unfilled(desk: Desk) -> Found | None:
    """That a header cell asked for by name (有没有其他资金, 哪些项目用了自筹资金) is filled in nowhere; None when it is somewhere."""
    q = desk.q
    field = next((one for one in q.fields if one.hard and one.meaning in ("budget.other", "budget.fiscal", "purpose")), None)
    if field is None or not (q.yes_no or q.which or q.listing or q.counting) or q.conditions or q.loose_numbers:
        return None
    views = desk.tables_meant()
    if not views or any(_cells(view, field) for view in views):
        return None
    whose = views[0].said if len(views) == 1 else f"{len(views)}张目标表"
    budgets = [cell for view in views if (cell := view.cell("budget.total")) is not None]
    return Found(f"没有。{whose}的“{HEADER_LABELS[field.meaning]}”一栏都没有填写。", budgets)


def _cells(view: TableView, field: Field) -> list[Cell]:
    """The cells of a table that the field word means and that hold something; an amount of nought is nothing."""
    found = [cell for cell in view.cells if means(field, cell)]
    return [cell for cell in found if not (cell.address.startswith("budget.") and cell.number is not None and not cell.number[0])]


def _blank_rows(views: list[TableView], part: str) -> Found:
    cells = [cell for view in views for cell in view.rows if cell.row is not None and not getattr(cell.row, part)]
    what = "确定依据" if part == "basis" else "指标描述"
    if not cells:
        rows = [cell for view in views for cell in view.rows]
        return Found(f"没有：{len(views)}个项目的{len(rows)}个指标都写了{what}。", [name_cell(view) for view in views])
    lines = [f"{cell.holder.said}：{cell.name}" for cell in cells[:12]]
    return Found(f"{len(cells)}个指标没有写{what}：{'；'.join(lines)}{'等' if len(cells) > 12 else ''}。", cells[:12])


def all_left(desk: Desk) -> Found | None:
    """The projects that remain by name, when nothing more is asked of them."""
    q = desk.q
    if q.runs() or q.fields or q.kind or q.operator or q.conditions or q.loose_numbers or not (q.which or q.listing or q.counting):
        return None
    return Found(f"{len(desk.tables)}个项目：{'；'.join(view.said for view in desk.tables)}。", [name_cell(view) for view in desk.tables])


def without_some(desk: Desk) -> Desk | None:
    """The desk without the tables that the question leaves out (除了…以外), or None when it leaves out none."""
    q = desk.q
    match = _BUT.search(q.text)
    if match is None:
        return None
    group = next(name for name in "abcde" if match[name])
    start, end = match.span(group)
    part = desk.with_question(stretch(q, start, end))
    if not (part.q.runs() or part.q.keys):
        return None
    named = part.named_tables()
    if not named:
        pieces = [desk.with_question(stretch(q, start + at, start + to)) for at, to in (match.span() for match in re.finditer("[^和与、及跟]+", part.q.text))]
        each = [piece.named_tables() if piece.q.runs() or piece.q.keys else [] for piece in pieces]
        named = [view for views in each for view in views] if all(each) else []
    # A name that stands in one project's name as it is said means that one, not what is also called so.
    literal = [view for view in named if (words := part.q.text.strip("的项目资金")) and words in view.title]
    out = {id(view) for view in literal or named}
    if not out or len(out) == len(desk.m.tables):
        return None
    # The words left out are no words of what is asked of the rest.
    blank = q.text[: match.start()] + "," * (match.end() - match.start()) + q.text[match.end() :]
    rest = replace(
        q,
        text=blank,
        settled=list(q.settled),
        negated=False,
        keys=[key for key in q.keys if not start <= key.start < end],
        fields=[one for one in q.fields if not (match.start() <= one.start and one.end <= match.end())],
    )
    rest.settle(*match.span())
    return Desk(rest, [view for view in desk.m.tables if id(view) not in out], [], desk.m.ambient)
