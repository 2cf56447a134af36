"""Rows that lost their shape, made whole: text without spans cut into fragments, cells shifted left under a vertical merge.

A row is only mended when what its cells say makes the mend certain (a level's name in the wrong column, exactly the missing number of
cells in the next fragment); otherwise it is left for the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from assistant.chinese import fold
from assistant.extraction import lexicon, titles
from assistant.extraction.columns import Layout, is_head
from assistant.extraction.header import starts_header
from assistant.extraction.indicators import only_level2
from assistant.extraction.rows import Row, Slot, at
from assistant.table import canonical_level1, canonical_level2
from assistant.target import Target
from assistant.taxonomy import COMPARATOR_SIGNS, LEVEL2_NAMES

_SIGNS = frozenset(sign for sign, _ in COMPARATOR_SIGNS)
_TYPES = frozenset(map(fold, LEVEL2_NAMES))


def renumbered(row: Row) -> Row:
    """The slots of a row in columns 0, 1, 2 …"""
    return [Slot(slot.text, i, i + 1, False, slot.cell) for i, slot in enumerate(row)]


def mended(rows: list[Row], r: int, layout: Layout) -> tuple[Row, int]:
    """A ragged row under its head and how many rows it took; an empty row when nothing fits.

    Fragments are joined, TABs inside cells parted, a short row is put under its columns by the levels in it.
    """
    whole = list(rows[r])
    if len(whole) > layout.width:
        kept = [slot for i, slot in enumerate(whole) if i < 2 or not slot.blank]
        trimmed = whole[: layout.width] if all(slot.blank for slot in whole[layout.width :]) else kept
        return (renumbered(trimmed), 1) if len(trimmed) == layout.width else ([], 1)
    parted = [Slot(part.strip(), 0, 1, False, slot.cell) for slot in whole for part in slot.text.split("\t")]
    if len(parted) == layout.width:
        return renumbered(parted), 1
    used, cells, edges = 1, len(whole), 0
    while r + used < len(rows) and cells < layout.width + edges:
        following = rows[r + used]
        if starts_header(following) or is_head(following):
            break
        whole += following
        cells += len(following)
        edges += 1
        used += 1
        if cells == layout.width:
            return renumbered(whole), used
        if cells - edges == layout.width:
            return renumbered(_joined(rows[r : r + used])), used
    short = _aligned(rows[r], layout)
    return (short, 1) if short else ([], 1)


def _joined(rows: list[Row]) -> Row:
    """Rows that were cut inside a cell: the last cell of each and the first of the next are one."""
    whole = list(rows[0])
    for row in rows[1:]:
        last = whole[-1]
        whole[-1] = Slot(f"{last.text}\n{row[0].text}", last.start, last.end, False, last.cell)
        whole += row[1:]
    return whole


def _aligned(cells: Row, layout: Layout) -> Row | None:
    """A ragged row shorter than the head put under its columns by what its first cell is, or None when that is not certain."""
    one = layout.sets[0]
    if not cells or len(layout.sets) > 1:
        return None
    name, missing = cells[0].line, layout.width - len(cells)
    level1, level2, level3 = (one.roles[role].start if role in one.roles else -1 for role in ("level1", "level2", "level3"))
    if not name or (canonical_level1(name) and not only_level2(name)):
        shift = level1
    elif canonical_level2(name):
        shift = level2
    else:
        shift = level3
    if shift < 0 or (shift > 0 and shift != missing) or (shift == 0 and missing > 1):
        return None
    gap = len(cells)
    both: Row = []
    if shift == level1 == 0 and missing == 1 and level2 == 1 and len(cells) > 2 and not _names_type(cells[1].line):
        # Level 1 merged over level 2: the cell behind it is the indicator.
        gap = 1
        both = [Slot(cells[0].text, 1, 2, False, cells[0].cell)] if canonical_level2(name) else []
    return both + [Slot(slot.text, at, at + 1, slot.inherited, slot.cell) for i, slot in enumerate(cells) for at in (i + shift + (i >= gap),)]


def _names_type(name: str) -> bool:
    """Whether a text is the name of a level-2 type itself, not of an indicator that speaks of satisfaction."""
    return canonical_level2(name) is not None and (name.rstrip("）)0123456789分（(").endswith(("指标", "目标")) or fold(name) in _TYPES)


def unshifted(row: Row, layout: Layout) -> Row:
    """A row whose cells moved left because merged cells above it were dropped, moved back; other rows as they are.

    Certain by a level's name, or a comparator, that stands left of its column with as many blank cells at the row's end.
    """
    if len(layout.sets) != 1 or len(row) < 3 or any(slot.inherited for slot in row):
        return row
    roles = layout.sets[0].roles
    shift = _shift(row, roles["level1"].start if "level1" in roles else -1, lambda text: canonical_level1(text) and not only_level2(text))
    if shift is None:
        shift = _shift(row, roles["level2"].start if "level2" in roles else -1, canonical_level2)
    if shift is None and "comparator" in roles:
        shift = _shift(row, roles["comparator"].start, _SIGNS.__contains__)
    if not shift or any(not slot.blank for slot in row[len(row) - shift :]):
        return row
    moved = [Slot(slot.text, slot.start + shift, slot.end + shift, False, slot.cell) for slot in row[: len(row) - shift]]
    return [Slot("", i, i + 1, False, None) for i in range(shift)] + moved


def _shift(row: Row, column: int, known: Callable[[str], object]) -> int | None:
    """How far left of its column a known text stands; 0 when it stands where it should, None when there is none."""
    if column < 0:
        return None
    right = at(row, column)
    if right is not None and known(right.line):
        return 0
    found = next((slot for slot in row if slot.start < column and not slot.blank and known(slot.line)), None)
    return None if found is None else column - found.start


def without_stray(row: Row) -> tuple[Row, str]:
    """A row of text whose last cell is a whole target with a sentence under it, and that sentence: a line of its own, no part of the target."""
    last = next((i for i in range(len(row) - 1, -1, -1) if not row[i].blank), -1)
    if last < 0 or "\n" not in row[last].text:
        return row, ""
    slot = row[last]
    first, _, rest = slot.text.partition("\n")
    if not rest.strip().endswith(("。", "；", "：", ":")) or Target.parse(first.strip()).number is None or first.strip().endswith(("，", "、", "（", "(")):
        return row, ""
    return [*row[:last], Slot(first, slot.start, slot.end, slot.inherited, slot.cell), *row[last + 1 :]], rest.strip()


def cut_lines(row: Row) -> Iterator[Row]:
    """A heading, or a level's name on a line of its own, that stuck to a cell of a row of text is taken off it, and ends the row there."""
    for i, slot in enumerate(row):
        lines = slot.text.split("\n")
        keep = len(lines)
        while keep > 1 and _stands_alone(lines[keep - 1], slot, last=i == len(row) - 1):
            keep -= 1
        if keep < len(lines):
            yield [*row[:i], Slot("\n".join(lines[:keep]), slot.start, slot.end, False, slot.cell)]
            yield from ([Slot(line, 0, 1, False, slot.cell)] for line in lines[keep:])
            yield from cut_lines(renumbered(row[i + 1 :]))
            return
    if row:
        yield row


def _stands_alone(line: str, slot: Slot, *, last: bool) -> bool:
    title = titles.heading(line, slot.locator)
    if title is not None and (title.number is not None or titles.project_of(title) is not None):
        return True
    if last and lexicon.is_group(line) and line.strip().endswith("绩效指标"):
        return True
    if last and (pair := lexicon.inline(line)) and pair[2] and (pair[0] in ("goals", "purpose") or pair[0].startswith(("project.", "budget.", "unit."))):
        return True
    return last and line.strip().endswith("指标") and (canonical_level1(line) is not None or canonical_level2(line) is not None)
