"""The texts of two years side by side: one cell, all budgets, which projects came and went."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.comparing import alike, side_by_side, wordings
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import Fit
from assistant.answering.views import Cell
from assistant.corpus import own_name

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
