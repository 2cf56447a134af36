"""Building grids: clamps against hostile spans, and cells placed row by row as HTML and Word tables say it.

A grid's places are bounded, so that a table declaring a million rows or columns costs nothing.
"""

from __future__ import annotations

from assistant.documents.model import Grid, GridCell, Locator
from assistant.errors import UnreadableFile

COLUMN_CAP = 1_024
SPAN_CAP = 256
PLACE_CAP = 4_000_000
DEPTH_CAP = 8


def finished(cells: list[GridCell], locator: Locator, name: str) -> Grid | None:
    """A grid of cells with their real extent, row spans cut where the table ends; None for a table without any cell."""
    if not cells:
        return None
    rows = max([cell.row for cell in cells]) + 1
    columns = covered = 0
    for cell in cells:
        wide, high = cell.column_span, cell.row_span
        if high != 1:
            cell.row_span = high = max(1, min(high, rows - cell.row))
        if cell.column + wide > columns:
            columns = cell.column + wide
        covered += wide * high
    if rows * columns > PLACE_CAP or covered > PLACE_CAP:
        raise UnreadableFile(f"“{name}”{locator}声明了 {rows} 行 {columns} 列，超出可读取的范围。", "请把表格拆成几个较小的文件再试。")
    return Grid(rows=rows, columns=columns, cells=cells, locator=locator)


class Placer:
    """Places the cells of a row-by-row table (HTML) into the first free column, minding the row spans from above."""

    def __init__(self) -> None:
        self.cells: list[GridCell] = []
        self._row = -1
        self._column = 0
        self._taken: dict[int, int] = {}

    def start_row(self) -> None:
        """Begin the next row."""
        self._row += 1
        self._column = 0
        self._taken = {column: until for column, until in self._taken.items() if until > self._row}

    def end_section(self) -> None:
        """Row spans do not reach beyond a table section (thead, tbody, tfoot)."""
        for cell in self.cells:
            cell.row_span = min(cell.row_span, self._row + 1 - cell.row)
        self._taken = {}

    @property
    def row(self) -> int:
        """The current row, 0-based."""
        return max(self._row, 0)

    def place(self, text: str, row_span: int, column_span: int) -> GridCell | None:
        """Put a cell at the next free place; None when the row is beyond the columns allowed."""
        while self._column in self._taken:
            self._column += 1
        if self._column >= COLUMN_CAP:
            return None
        column_span = max(1, min(column_span, SPAN_CAP))
        # A cell must not cover a place that a row span from above already holds.
        for width in range(1, column_span):
            if self._column + width in self._taken:
                column_span = width
                break
        cell = GridCell(row=self.row, column=self._column, text=text, row_span=row_span, column_span=column_span)
        self.cells.append(cell)
        if row_span > 1:
            for column in range(self._column, self._column + column_span):
                self._taken[column] = self._row + row_span
        self._column += column_span
        return cell
