"""Projects chosen by how they stand to the others: by their share of the whole, or above and below another project."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.computing import stretch
from assistant.answering.deciding import Desk, Found
from assistant.answering.question import Condition, Question
from assistant.answering.selecting import compare, conditions_of
from assistant.answering.views import Cell, TableView

_HALF = re.compile(r"(?P<more>超过|大于|高于|多于|不低于|达到|超)?(?:了)?(?:总)?(?:预算|资金|盘子|规模)?(?:的)?(?:一半|半数)(?:以上)?")
_BESIDE = re.compile(
    r"比(?P<a>[^,?!.]{2,24}?)(?:的)?(?:预算|资金|经费)?(?:要|还|更)?(?P<word>高|多|大|低|少|小)的|"
    r"(?P<sign>高于|超过|多于|大于|低于|少于|小于|不如)(?P<b>[^\d,?!.][^,?!.]{1,24}?)(?:的预算)?的(?=项目|有|表)"
)


def answer(desk: Desk) -> Found | None:
    """Projects by their share of the whole, or beside another project; None for other questions."""
    q = desk.q
    if not (q.which or q.listing or q.counting or re.search(r"的项目|最", q.text)):
        return None
    return _by_share(desk) or _beside(desk)


def _by_share(desk: Desk) -> Found | None:
    q = desk.q
    budgets = [cell for cell in desk.budgets() if cell.number]
    total = sum((cell.number[0] for cell in budgets if cell.number), Decimal(0))
    if not total or {one.meaning for one in q.fields} - {"budget.total", "budget.fiscal"}:
        return None
    half = _HALF.search(q.text)
    demands = [one for one in conditions_of(q) if one.unit == "%" and one.number is not None]
    if half is not None and not demands:
        demands = [Condition(">", Decimal(50), "%", *half.span())]
    elif not (demands and (q.operator == "share" or "占" in q.text)):
        return _largest_share(q, budgets, total)
    marks = list(q.settled)
    spans = [*((one.start, one.end) for one in q.fields), *((one.start, one.end) for one in demands), *q.loose_numbers]
    for start, end in spans:
        marks[start:end] = [True] * (end - start)
    for match in re.finditer(r"占比?|比重|比例|份额|总", q.text):
        marks[match.start() : match.end()] = [True] * (match.end() - match.start())
    if q.runs(marks):
        return None
    shares = [(cell, cell.number[0] / total * 100) for cell in budgets if cell.number]
    chosen = [(cell, share) for cell, share in shares if all(compare(share, one.comparator, one.number or Decimal(0)) for one in demands)]
    if not chosen:
        return Found(f"没有这样的项目：{len(budgets)}个项目合计{wording.amount(total)}。", budgets)
    return Found(
        f"{len(chosen)}个项目：{wording.listed([_share_said(cell, share) for cell, share in chosen])}，合计{wording.amount(total)}。", [c for c, _ in chosen]
    )


def _largest_share(q: Question, budgets: list[Cell], total: Decimal) -> Found | None:
    """占比最大的项目占多少."""
    match = re.search(r"占比?(?:重)?(?:是)?最(?P<word>大|高|多|小|低|少)|最(?P<other>大|高|多|小|低|少)(?:的)?(?:一个|那个)?项目(?:的)?占", q.text)
    if match is None:
        return None
    pick = max if (match["word"] or match["other"]) in "大高多" else min
    value = pick(cell.number[0] for cell in budgets if cell.number)
    chosen = [cell for cell in budgets if cell.number and cell.number[0] == value]
    return Found(f"{wording.listed([_share_said(cell, value / total * 100) for cell in chosen])}，{len(budgets)}个项目合计{wording.amount(total)}。", chosen)


def _share_said(cell: Cell, share: Decimal) -> str:
    return f"{cell.holder.said}（预算数{wording.value(cell)}，占{share.quantize(Decimal('0.01'))}%）"


def _beside(desk: Desk) -> Found | None:
    """Projects whose budget is above or below that of a project named."""
    q = desk.q
    match = _BESIDE.search(q.text)
    if match is None or {one.meaning for one in q.fields} - {"budget.total"} or q.kind not in ("", "money"):
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
