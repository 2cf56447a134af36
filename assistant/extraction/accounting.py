"""Whether every cell of the grids that were read went somewhere: the last look before a reading may call itself complete.

A cell is accounted for when its text is in a table, a warning or a report line, or when it is a label, a heading, a level, a money
unit or a year. What is left is reported as unread with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from assistant.chinese import fold, pattern
from assistant.documents import NOWHERE, Grid, GridCell
from assistant.extraction import lexicon, titles, wording
from assistant.extraction.building import Builder, code_and_name
from assistant.extraction.indicators import two_levels
from assistant.extraction.report import ReadingReport, Unread
from assistant.extraction.rows import numbers_column
from assistant.table import YUAN, canonical_level1, canonical_level2

# Cells that say nothing: dots to be filled in, seals, marks.
_NOTHING = pattern(r"[.…·\-—–_/\\*＊~～\s、，。:：;；()（）□√✓☑■]*|\(?(?:盖章|签字|签章|公章|签名)\)?")
# Labels over other labels that belong to no column.
_HEADS = frozenset(map(fold, ("绩效指标评价标准", "指标值评价标准", "年度指标", "绩效指标及目标值", "指标完成情况", "评价等级", "绩效目标及绩效指标")))
# Titles are the longest texts that belong to a form.
_LONGEST_LINE = 200


def unaccounted(grids: Sequence[Grid], builders: Iterable[Builder], report: ReadingReport) -> list[Unread]:
    """The cells of these grids whose text is nowhere in what was read."""
    texts = {fold(text) for builder in builders for text in _texts(builder)}
    said = [*report.warnings, *(f"{item.where} {item.why}" for item in report.unread)]
    everything = "\n".join(texts) + "\n" + fold("\n".join(said))
    left: list[Unread] = []
    for grid in grids:
        numbers = _rows_of_numbers(grid)
        for cell in grid.cells:
            text = fold(cell.text)
            if not text or text in texts or lexicon.key(cell.text) in texts or cell.row in numbers or explains_itself(cell.text):
                continue
            if not _found(cell.text, text, everything):
                shown = wording.one_line(cell.text)
                left.append(Unread(str(cell.locator), f"“{shown[:40]}{'…' if len(shown) > 40 else ''}”没有读进任何栏目"))
    return left


def _texts(builder: Builder) -> Iterator[str]:
    named = (builder.unit_code, builder.unit_name, builder.project_code, builder.project_name, str(builder.year) if builder.year else None)
    yield from (text for text in named if text)
    yield from builder.words
    yield from builder.purpose
    yield from builder.goals
    yield from (f"{amount:f}" for amount, _ in builder.amounts.values())
    for by, text, _ in builder.plan:
        yield by
        yield text
    for name, text in builder.extra.items():
        yield name
        yield text
        yield from re.split(r"\n| \| ", text)
    for row in builder.indicators:
        yield from (row.level1, row.level2, row.level3, row.description or "", row.value.text, row.basis or "")
        yield from row.extra.keys()
        yield from row.extra.values()
    if builder.title is not None:
        yield builder.title.text


def _rows_of_numbers(grid: Grid) -> frozenset[int]:
    """Rows that only number the columns."""
    first = {cell.row for cell in grid.cells if cell.column < 2 and numbers_column(cell.text)}
    rows: dict[int, list[GridCell]] = {}
    for cell in grid.cells if first else ():
        if cell.row in first and cell.text.strip():
            rows.setdefault(cell.row, []).append(cell)
    return frozenset(r for r, cells in rows.items() if len(cells) > 2 and all(numbers_column(cell.text) for cell in cells))


def explains_itself(text: str) -> bool:
    """Whether a text is part of the form rather than of its content."""
    return len(text) <= _LONGEST_LINE and _explains_itself(text)


@lru_cache(maxsize=8192)
def _explains_itself(text: str) -> bool:
    folded = fold(text)
    if _NOTHING.fullmatch(folded) or folded.strip("()") in YUAN or folded in _HEADS or lexicon.field(text) or lexicon.column(text) or lexicon.is_group(text):
        return True
    if lexicon.plan_node(text) or lexicon.money_column(text) or lexicon.only_money_unit(text):
        return True
    if len(folded) <= 24 and (canonical_level1(text) or canonical_level2(text) or two_levels(text)):
        return True
    line = wording.one_line(text)
    if titles.form_number(line) or titles.continuation(line) or titles.heading(line, NOWHERE) or titles.text_title(line):
        return True
    return len(folded) <= 16 and not re.search("[。；，,;]", line) and (wording.year_in(line) is not None or lexicon.long_term(text) is not None)


def _found(text: str, folded: str, everything: str) -> bool:
    if _within(folded, everything):
        return True
    amount = wording.amount(text)
    if amount is not None:
        return _within(f"{amount[0]:f}", everything) or _within(f"{amount[0].normalize():f}", everything)
    parts = [part for part in re.split(r"[\t\n]", text) if part.strip()]
    if len(parts) > 1:
        return all(explains_itself(part) or _found(part, fold(part), everything) for part in parts)
    if pairs := lexicon.inline_pairs(text):
        return all(_found(value, fold(value), everything) for _, _, value in pairs if value)
    if named := code_and_name(text):
        return all(fold(part) in everything for part in named)
    code, name = wording.organisation(text)
    if name and (code or fold(name) != folded) and wording.is_organisation(text):
        return fold(name) in everything and (code or "") in everything
    bare = fold(wording.without_number(text))
    return (bare != folded and bare in everything) or (text.rstrip().endswith(("%", "％")) and folded.rstrip("%") in everything)


def _within(folded: str, everything: str) -> bool:
    """Whether a text is part of others; a number only as a whole one."""
    at = everything.find(folded)
    if not folded[:1].isdigit() and not folded[-1:].isdigit():
        return at >= 0
    while at >= 0:
        before, behind = everything[at - 1 : at] if at else "", everything[at + len(folded) : at + len(folded) + 2]
        if not (before.isdigit() or before == ".") and not (behind[:1].isdigit() or (behind[:1] == "." and behind[1:].isdigit())):
            return True
        at = everything.find(folded, at + 1)
    return False
