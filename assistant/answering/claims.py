"""Claims judged: whether a number, a word or a comparison that the question states holds, and whether something is there."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answering import wording
from assistant.answering.comparing import sides, within
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import means
from assistant.answering.question import Condition
from assistant.answering.selecting import conditions_of, holds, listing
from assistant.answering.views import Cell, Pool


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
    if (q.in_words or q.in_numbers) and (verdict := _in_words_or_numbers(desk)) is not None:
        return verdict
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
    both = sides(part) or within(part)
    if both is None:
        return None
    a, b = both[0].number, both[1].number
    if a is None or b is None or a[1] != b[1]:
        return None
    more = match["word"] in "多高大长贵"
    holds_true = a[0] > b[0] if more else a[0] < b[0]
    said = "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in both)
    return Found(f"{'是' if holds_true else '不是'}，{said}{'，两者一样' if a[0] == b[0] else ''}。", list(both))


def _in_words_or_numbers(desk: Desk) -> Found | None:
    """Whether the rows of a type (of the tables named, else of all) say words, or numbers, throughout."""
    q = desk.q
    types = [one for one in q.fields if one.hard and one.meaning.endswith("指标")]
    rows = [cell for view in desk.tables_meant() for cell in view.rows if not types or any(means(one, cell) for one in types)]
    worded = [cell for cell in rows if cell.in_words]
    if not rows:
        return None
    bad = [cell for cell in rows if (cell in worded) != q.in_words]
    what = types[0].meaning if types else "指标"
    head = "是" if not bad else "都不是" if len(bad) == len(rows) else "不都是"
    said = f"{head}。{len(rows)}个{what}里，用文字表述的{len(worded)}个，写了数的{len(rows) - len(worded)}个"
    shown = bad if bad and len(bad) < len(rows) else []
    lines = [f"{cell.holder.said}（{wording.said(cell)}）" for cell in shown[:12]]
    which = "写了数的" if q.in_words else "用文字的"
    return Found(said + (f"；{which}是：{wording.listed(lines)}" if lines else "") + "。", shown or rows)


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
    if not fields or desk.q.runs(desk.q.marked()):
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
    if all(cell.type == "plan" for cell in cells) and not desk.nodes:
        # 支出计划要到100%吗: of the nodes of each plan the one that the claim fits.
        cells = _one_a_table(cells, claims)
    good = [cell for cell in cells if all(_agrees(claim, cell) for claim in claims)]
    holds_all = len(good) == len(cells)
    if every and len(cells) > 1:
        bad = [cell for cell in cells if cell not in good]
        if holds_all:
            return Found(f"是，{len(cells)}个项目都是：{_brief(good)}。", good)
        return Found(f"不是，{len(bad)}个项目不同：" + "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in bad[:6]) + "。", bad)
    if len(cells) > 4 and len({(cell.name, cell.text) for cell in cells}) == 1:
        return Found(f"{'是' if holds_all else '不是'}，{len(cells)}个项目都是{wording.said(cells[0])}。", cells)
    said = "；".join(f"{cell.holder.said}{wording.said(cell)}" for cell in cells[:4])
    return Found(f"{'是' if holds_all else '不是'}，{said}{f'；等{len(cells)}处' if len(cells) > 4 else ''}。", cells[:12])


def _one_a_table(cells: list[Cell], claims: list[Condition]) -> list[Cell]:
    """The cell of each table that meets the claims, else its last one."""
    tables: dict[int, Cell] = {}
    for cell in cells:
        known = tables.get(id(cell.holder))
        if known is None or not all(_agrees(claim, known) for claim in claims):
            tables[id(cell.holder)] = cell
    return list(tables.values())


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
    wanted = [one for one in q.fields if one.hard and one.meaning.endswith("指标")]
    if not wanted or not views or any(cell.type == wanted[0].meaning for view in views for cell in view.rows):
        return None
    types = "、".join(dict.fromkeys(cell.type for cell in views[0].rows))
    return Found(f"没有。{views[0].said}的目标表只有{types}，没有{wanted[0].meaning}。", list(views[0].rows)[:6])
