"""Parts of a whole: what share of all money a project has, which projects have such a share, 财政资金 of a budget."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.computing import column, stretch
from assistant.answering.desk import Desk, Found
from assistant.answering.question import Condition, Question
from assistant.answering.selecting import asks_for_projects, compare, conditions_of
from assistant.answering.views import Cell, TableView
from assistant.chinese import chinese_number


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
    if len(cells) > 4 and len(cells) == len(part.tables):
        return _fund_of_all(cells, part)
    lines, used = [], list[Cell]()
    for cell in cells[:12]:
        total = cell.holder.cell("budget.total") if isinstance(cell.holder, TableView) else None
        if total is None or not total.number or not total.number[0] or not cell.number:
            continue
        percent = (cell.number[0] / total.number[0] * 100).quantize(Decimal("0.01"))
        lines.append(f"{cell.holder.said}{wording.said(cell)}，占预算数{wording.value(total)}的{percent}%")
        used += [cell, total]
    return Found(wording.listed(lines) + "。", used) if lines else None


def _fund_of_all(cells: list[Cell], desk: Desk) -> Found | None:
    """What share one fund is of all budgets together."""
    budgets = [cell for cell in desk.budgets() if cell.number]
    fund, total = (sum((cell.number[0] for cell in group if cell.number), Decimal(0)) for group in (cells, budgets))
    if not total:
        return None
    percent = (fund / total * 100).quantize(Decimal("0.01"))
    said = f"{len(cells)}个项目的{cells[0].label}合计{wording.amount(fund)}，占预算数合计{wording.amount(total)}的{percent}%"
    return Found(f"{said}。", [*cells, *budgets])


_HALF = re.compile(r"(?P<more>超过|大于|高于|多于|不低于|达到|超)?(?:了)?(?:总)?(?:预算|资金|盘子|规模)?(?:的)?(?:一半|半数)(?:以上)?")


_TOP = re.compile(
    r"(?:最(?P<few>少|低|小)|最(?:多|大|高))?的?前(?:面)?(?P<a>[一二两三四五六七八九十]|\d+)(?:名|位|个|大|项)|最(?:(?P<fewest>少|低|小)|多|大|高)的?(?:前)?(?P<b>[两二三四五六七八九十]|\d+)(?:个|项|名|大)"
)


def top(desk: Desk) -> Found | None:
    """What the largest (or smallest) few projects come to and what share of all money that is (前三个合计占多少)."""
    q = desk.q
    match = _TOP.search(q.text)
    if match is None or (q.operator != "share" and "占" not in q.text) or {one.meaning for one in q.fields} - {"budget.total"} or desk.m.hard:
        return None
    aside = re.finditer(rf"{_TOP.pattern}|占比?|比重|比例|百分之|多少|预算|资金|钱|项目|合计|一共|总共|总|全部", q.text)
    marks = q.marked(*(found.span() for found in aside))
    said = match["a"] or match["b"]
    size = int(said) if said.isdigit() else chinese_number(said.replace("两", "二")) or 0
    budgets = [cell for cell in desk.budgets() if cell.number]
    total = sum((cell.number[0] for cell in budgets if cell.number), Decimal(0))
    if q.runs(marks) or not 0 < size <= len(budgets) or not total:
        return None
    down = not (match["few"] or match["fewest"])
    chosen = sorted(budgets, key=lambda cell: cell.number[0] if cell.number else Decimal(0), reverse=down)[:size]
    part = sum((cell.number[0] for cell in chosen if cell.number), Decimal(0))
    each = wording.listed([_share_said(cell, cell.number[0] / total * 100) for cell in chosen if cell.number])
    percent = (part / total * 100).quantize(Decimal("0.01"))
    return Found(
        f"预算数最{'多' if down else '少'}的{size}个项目合计{wording.amount(part)}，占{len(budgets)}个项目合计{wording.amount(total)}的{percent}%：{each}。",
        chosen,
    )


def by_share(desk: Desk) -> Found | None:
    """The projects whose share of all money meets a demand, or is the largest or smallest; None for other questions."""
    q = desk.q
    if not asks_for_projects(q):
        return None
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
    aside = re.finditer(r"占比?|比重|比例|份额|总", q.text)
    marks = q.marked(*((one.start, one.end) for one in demands), *q.loose_numbers, *(match.span() for match in aside))
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
