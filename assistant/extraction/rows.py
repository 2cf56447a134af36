"""A grid as rows of slots, the shape in which header and indicator blocks are read.

A slot is one cell as one row sees it: a vertically merged cell is a slot of each of its rows, marked as inherited below the first.
Holes of sparse grids become blank slots, so that a label without a value has a blank beside it.
"""

from __future__ import annotations

from assistant.chinese import fold, pattern
from assistant.documents import NOWHERE, Grid, GridCell, Locator
from assistant.extraction.lexicon import key
from assistant.extraction.wording import one_line


class Slot:
    """A cell in a row: its text as read, its columns ``start`` to ``end`` (exclusive), whether it began in an earlier row (``inherited``),
    whether nothing is written in it (``blank``), whether something is and begins here (``fresh``). Made by the hundred for every table,
    hence no dataclass; two slots are never the same one."""

    __slots__ = ("blank", "cell", "end", "fresh", "inherited", "start", "text")

    def __init__(self, text: str, start: int, end: int, inherited: bool, cell: GridCell | None) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.inherited = inherited
        self.cell = cell
        self.blank = not text or text.isspace()
        self.fresh = not inherited and not self.blank

    @property
    def line(self) -> str:
        """The text on one line."""
        return one_line(self.text)

    @property
    def key(self) -> str:
        """The text folded for comparing with labels."""
        return key(self.text)

    @property
    def locator(self) -> Locator:
        """Where the cell stands."""
        return self.cell.locator if self.cell is not None else NOWHERE

    def covers(self, other: Slot) -> bool:
        """Whether the two share a column."""
        return self.start < other.end and other.start < self.end


Row = list[Slot]


def rows_of(grid: Grid) -> list[Row]:
    """The rows of a grid, top to bottom, each from left to right."""
    rows: list[Row] = [[] for _ in range(grid.rows)]
    unsorted: set[int] = set()
    for cell in grid.cells:
        first, text, start, end = cell.row, cell.text, cell.column, cell.column + cell.column_span
        if first < grid.rows:
            row = rows[first]
            if row and row[-1].start > start:
                unsorted.add(first)
            row.append(Slot(text, start, end, False, cell))
        if cell.row_span > 1:
            for r in range(first + 1, min(first + cell.row_span, grid.rows)):
                row = rows[r]
                if row and row[-1].start > start:
                    unsorted.add(r)
                row.append(Slot(text, start, end, True, cell))
    for r in unsorted:
        rows[r].sort(key=lambda slot: slot.start)
    if grid.ragged:
        return rows
    return [_without_holes(row, grid.columns) for row in rows]


def _without_holes(row: Row, columns: int) -> Row:
    at = 0
    for slot in row:
        if slot.start > at:
            break
        at = max(at, slot.end)
    else:
        if at >= columns or not row:
            return row
    full: Row = []
    at = 0
    for slot in row:
        if slot.start > at:
            full.append(Slot("", at, slot.start, False, None))
        full.append(slot)
        at = max(at, slot.end)
    if at < columns:
        full.append(Slot("", at, columns, False, None))
    return full


def written(row: Row) -> Row:
    """The slots of a row that hold text and begin in it."""
    return [slot for slot in row if slot.fresh]


_COLUMN_NUMBER = pattern(r"\(?\d{1,2}\)?|[①-⑳]|[a-z]")


def numbers_column(text: str) -> bool:
    """Whether a text is what a row that only numbers the columns has in a cell."""
    return len(text) <= 4 and _COLUMN_NUMBER.fullmatch(fold(text)) is not None


def numbers_columns(row: Row) -> bool:
    """Whether a row only numbers the columns."""
    new = written(row)
    return len(new) > 2 and all(numbers_column(slot.text) for slot in new)


def at(row: Row, column: int) -> Slot | None:
    """The slot of a row that covers a column, or None."""
    if 0 <= column < len(row) and row[column].start == column:
        return row[column]
    for slot in row:
        if slot.start <= column < slot.end:
            return slot
    return None
