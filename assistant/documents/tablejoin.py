"""Tables that run over the end of a page, made one: repeated heads dropped, a row cut by the page's end put together again.

Two tables are one when they stand last and first on their pages, have the same outer edges, and the rows that follow would not have
fitted below the first part. Whatever is put together is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.chinese import fold
from assistant.documents.ruling import NEAR
from assistant.documents.typeset import Line, ends_paragraph, joined

_HEAD_ROWS = 3


@dataclass(slots=True)
class Cell:
    """A cell on paper: place, spans (0-based), its lines, the width they may take, the page."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: list[Line]
    width: float
    page: int
    nested: list[Table] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The lines as paragraphs."""
        return joined(self.lines, 0.0, self.width)

    @property
    def columns(self) -> tuple[int, int]:
        """First column and span."""
        return self.column, self.column_span


@dataclass(slots=True)
class Table:
    """A table on paper: edges of its columns and rows, its cells, the pages it begins and ends on."""

    xs: list[float]
    ys: list[float]
    cells: list[Cell]
    page: int
    last_page: int = 0
    heads: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.last_page = self.last_page or self.page
        self.heads = [self.row_texts(row) for row in range(min(_HEAD_ROWS, self.rows))]

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.ys) - 1

    @property
    def left(self) -> float:
        """The left edge."""
        return self.xs[0]

    @property
    def right(self) -> float:
        """The right edge."""
        return self.xs[-1]

    @property
    def top(self) -> float:
        """The upper edge, on the first page."""
        return self.ys[0]

    @property
    def bottom(self) -> float:
        """The lower edge, on the last page."""
        return self.ys[-1]

    def row_texts(self, row: int) -> list[str]:
        """The folded texts of the cells that begin in a row."""
        return [fold(cell.text) for cell in sorted(self.cells, key=lambda cell: cell.column) if cell.row == row]


def join(table: Table, following: Table, page_bottom: float) -> list[str] | None:
    """Put the following table under the first if it is its continuation: what has to be said, or None if it is a table of its own."""
    if abs(table.left - following.left) > NEAR or abs(table.right - following.right) > NEAR:
        return None
    heads = _repeated_heads(table, following)
    if heads >= following.rows:
        return None
    height = following.ys[_first_block(following, heads)] - following.ys[heads]
    if page_bottom - table.bottom > height + NEAR:
        return None
    said = [f"续表重复的表头（{heads} 行）已略去"] if heads else []
    _drop_rows(following, heads)
    _share_columns(table, following)
    if _is_cut(table, following):
        _mend(table, following)
        said.append("首行与上一页末行是同一行，已合并")
        _drop_rows(following, 1)
    _append(table, following)
    return said


def _first_block(table: Table, row: int) -> int:
    """The row after the rows that merged cells tie to a row: some programs never break a table inside them."""
    end = row + 1
    for cell in sorted(table.cells, key=lambda cell: cell.row):
        if row <= cell.row < end:
            end = max(end, cell.row + cell.row_span)
    return end


def _repeated_heads(table: Table, following: Table) -> int:
    """How many rows at the top of the following table repeat those of the first."""
    for count in range(min(_HEAD_ROWS, len(table.heads), following.rows), 0, -1):
        closed = all(cell.row >= count or cell.row + cell.row_span <= count for cell in following.cells)
        rows = [following.row_texts(row) for row in range(count)]
        if closed and rows == table.heads[:count] and any(text for row in rows for text in row):
            return count
    return 0


def _drop_rows(table: Table, count: int) -> None:
    """Take rows off the top; a cell that reaches further down begins at the new top."""
    if not count:
        return
    kept = []
    for cell in table.cells:
        if cell.row + cell.row_span <= count:
            continue
        if cell.row < count:
            cell.row_span -= count - cell.row
            cell.row = count
        cell.row -= count
        kept.append(cell)
    table.cells = kept
    table.ys = table.ys[count:]


def _share_columns(table: Table, following: Table) -> None:
    """Give both tables the edges of either, so that columns mean the same."""
    edges: list[float] = []
    for x in sorted(table.xs + following.xs):
        if not edges or x - edges[-1] > NEAR:
            edges.append(x)

    def place(x: float) -> int:
        return min(range(len(edges)), key=lambda i: abs(edges[i] - x))

    for part in (table, following):
        at = [place(x) for x in part.xs]
        for cell in part.cells:
            first, last = at[cell.column], at[cell.column + cell.column_span]
            cell.column, cell.column_span = first, max(1, last - first)
        part.xs = list(edges)


def _last_row(table: Table) -> dict[tuple[int, int], Cell]:
    return {cell.columns: cell for cell in table.cells if cell.row + cell.row_span == table.rows}


def _is_cut(table: Table, following: Table) -> bool:
    """Whether the first row goes on with the texts of the row above the page's end instead of being a row of its own."""
    above = _last_row(table)
    below = [cell for cell in following.cells if cell.row == 0]
    filled = [cell for cell in below if cell.lines]
    if not filled or not following.rows or any(cell.columns not in above for cell in below):
        return False
    empty_below_text = any(not cell.lines and above[cell.columns].lines and above[cell.columns].row_span == 1 for cell in below)
    # Each text that goes on must have run to the very end of its line above.
    runs_on = all(_runs_on(above[cell.columns], cell) for cell in filled)
    return runs_on and (empty_below_text or (len(filled) == len(below) and len(below) > 1))


def _runs_on(upper: Cell, lower: Cell) -> bool:
    if not upper.lines:
        return False
    return not ends_paragraph(upper.lines[-1], lower.lines[0], 0.0, upper.width) and upper.lines[-1].text[-1] not in "。；！？"


def _mend(table: Table, following: Table) -> None:
    """The texts of the cut row's lower half into its upper half; a cell that reaches further down stays for the rows below."""
    above = _last_row(table)
    for cell in following.cells:
        if cell.row == 0:
            upper = above[cell.columns]
            upper.lines.extend(cell.lines)
            upper.nested.extend(cell.nested)
            cell.lines, cell.nested = [], []


def _append(table: Table, following: Table) -> None:
    rows, above = table.rows, _last_row(table)
    merging = {cell.columns for cell in table.cells + following.cells if cell.row_span > 1}
    for cell in following.cells:
        upper = above.get(cell.columns) if cell.row == 0 else None
        # A merged cell goes on over the page's end: its text stands in one of the parts only. Where each part is one row high, a
        # blank below a text is taken for the same cell if this column has merged cells at all.
        if upper is not None and cell.columns in merging and not (upper.lines and cell.lines):
            upper.row_span += cell.row_span
            upper.lines = upper.lines or cell.lines
            upper.nested.extend(cell.nested)
            continue
        cell.row += rows
        table.cells.append(cell)
    table.ys = table.ys + [table.ys[-1] + (y - following.ys[0]) for y in following.ys[1:]]
    table.ys[-1] = following.ys[-1] if following.rows else table.ys[-1]
    table.last_page = following.page
