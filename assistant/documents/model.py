"""The neutral document: blocks (paragraphs and grids) in reading order, each knowing where it stands.

A grid keeps the real spans of its cells: two neighbouring cells with equal text stay two cells, a merged cell is one cell that
covers several places. Plain slotted classes, because thousands of cells are made per second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from assistant.chinese import fold


@dataclass(slots=True, frozen=True)
class SourceFile:
    """The file a document was read from: path as given (``a.zip!b.docx`` inside an archive), sha256 of its bytes, format name."""

    path: str
    sha256: str
    format: str


class Locator(NamedTuple):
    """Where something stands, counted from 1 as a person would: page, sheet, grid, row, column, paragraph or line; None = not applicable."""

    page: int | None = None
    sheet: str | None = None
    grid: int | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = []
        if self.page is not None:
            parts.append(f"第{self.page}页")
        if self.sheet is not None:
            parts.append(f"工作表“{self.sheet}”")
        if self.grid is not None:
            parts.append(f"第{self.grid}个表格")
        if self.row is not None:
            parts.append(f"第{self.row}行")
        if self.column is not None:
            parts.append(f"第{self.column}列")
        if self.line is not None:
            parts.append(f"第{self.line}行文字" if self.row is None else f"第{self.line}行")
        return "".join(parts)


NOWHERE = Locator()


@dataclass(slots=True)
class Paragraph:
    """A paragraph outside grids; ``level`` is its outline level (1 = top) or None; ``kind`` tells body text from text boxes,
    footnotes and comments."""

    text: str
    locator: Locator
    level: int | None = None
    kind: str = "body"


@dataclass(slots=True)
class GridCell:
    """One real cell: top-left place (0-based), spans, text with paragraphs parted by line breaks, and grids nested inside it.
    ``doubtful`` marks text that recognition (OCR) was not sure of."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    locator: Locator = NOWHERE
    nested: list[Grid] = field(default_factory=list)
    doubtful: bool = False


@dataclass(slots=True)
class Grid:
    """A table as it really is: ``rows`` × ``columns`` places, covered by cells in reading order.

    ``ragged`` marks a grid whose rows are lists of cells without common columns (text that lost its spans): only the order
    of the cells of a row is meaningful there, and a row may have been cut into several.
    """

    rows: int
    columns: int
    cells: list[GridCell]
    locator: Locator = NOWHERE
    ragged: bool = False
    _covering: dict[tuple[int, int], GridCell] | None = None

    def at(self, row: int, column: int) -> GridCell | None:
        """The cell covering a place (0-based), or None for a hole."""
        if self._covering is None:
            self._covering = {
                (row, column): cell
                for cell in self.cells
                for row in range(cell.row, cell.row + cell.row_span)
                for column in range(cell.column, cell.column + cell.column_span)
            }
        return self._covering.get((row, column))

    def row_cells(self, row: int) -> list[GridCell]:
        """The distinct cells that cover a row, from left to right."""
        found: list[GridCell] = []
        for column in range(self.columns):
            cell = self.at(row, column)
            if cell is not None and (not found or found[-1] is not cell):
                found.append(cell)
        return found


@dataclass(slots=True, frozen=True)
class Notice:
    """Something a reader wants said: where, and what was not read, guessed or accepted (in Chinese)."""

    where: str
    why: str


@dataclass(slots=True)
class Document:
    """A file's content: blocks in reading order and what the reader has to say about them."""

    source: SourceFile
    blocks: list[Paragraph | Grid]
    notices: list[Notice] = field(default_factory=list)

    def grids(self) -> Iterator[Grid]:
        """Every grid, nested ones after the one that holds them."""
        for block in self.blocks:
            if isinstance(block, Grid):
                yield from _with_nested(block)

    def find(self, quote: str) -> list[Locator]:
        """Where a quote stands, widths and blanks ignored."""
        wanted = fold(quote)
        places: list[Locator] = []
        if not wanted:
            return places
        for block in self.blocks:
            if isinstance(block, Paragraph):
                if wanted in fold(block.text):
                    places.append(block.locator)
            else:
                places.extend(cell.locator for grid in _with_nested(block) for cell in grid.cells if wanted in fold(cell.text))
        return places


def _with_nested(grid: Grid) -> Iterator[Grid]:
    yield grid
    for cell in grid.cells:
        for inner in cell.nested:
            yield from _with_nested(inner)
