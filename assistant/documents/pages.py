"""Pages put together: pieces into the cells of ruled tables, lines into paragraphs, tables that run over a page's end into one.

The neutral part of reading paper: used for PDF pages and for recognised scans.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from assistant.chinese import fold
from assistant.documents.model import Document, Grid, GridCell, Locator, Notice, Paragraph
from assistant.documents.ruling import NEAR, Box, Frame, Rule, frames
from assistant.documents.tablejoin import Cell, Table, join
from assistant.documents.typeset import Line, Piece, ends_paragraph, joined, lines_of

_PAGE_NUMBER = re.compile(r"[-—–─\s·~]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共，,]\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–─\s·~]*")
_CONTENTS_END = re.compile(r"(?:\.{3,}|…+|·{3,})\s*\d{1,4}$")
# Where on a page its number and its running head stand: nearer to the edge than any text margin.
_NUMBER_EDGE, _HEAD_EDGE = 0.1, 0.075


@dataclass(slots=True)
class Page:
    """What was found on a page, origin at the top left as shown: pieces of text, straight lines, the share that pictures cover."""

    number: int
    width: float
    height: float
    pieces: list[Piece] = field(default_factory=list)
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    unknown: int = 0
    picture_share: float = 0.0
    recognised: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether the page is a scan, or its text layer says nothing."""
        if self.picture_share <= 0.4 and not self.unknown:
            return False
        shown = sum(1 for piece in self.pieces if piece.text.strip())
        return (self.picture_share > 0.4 and shown < 20) or (shown > 20 and self.unknown > 0.3 * shown)


@dataclass(slots=True)
class _Sheet:
    """One page sorted out: tables and the lines outside them."""

    page: Page
    tables: list[Table] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    furniture: list[Line] = field(default_factory=list)

    def edges(self) -> tuple[float, float]:
        left = min([line.left for line in self.lines] + [table.left for table in self.tables], default=0.0)
        right = max([line.right for line in self.lines] + [table.right for table in self.tables], default=0.0)
        return left, max(right, self.page.width - left)


def assemble(pages: list[Page], document: Document, outline: dict[str, int]) -> None:
    """The blocks of all pages into a document, with what has to be said about them."""
    sheets = [_sorted_out(page) for page in pages]
    _set_furniture_aside(sheets)
    _Assembly(document, outline, _bottoms(sheets)).run(sheets)


def _sorted_out(page: Page) -> _Sheet:
    sheet = _Sheet(page)
    found = frames(page.horizontal, page.vertical)
    by_size = sorted(found, key=lambda frame: frame.area)
    inside: dict[int, list[Piece]] = {}
    outside: list[Piece] = []
    box: Box | None = None
    nested = any(_inside(frame, other) for frame in found for other in found if other is not frame)
    for piece in page.pieces:
        left, top, right, bottom, _, _ = piece
        x, y = (left + right) / 2, (top + bottom) / 2
        # Most characters stand in the same cell as the one before.
        if nested or box is None or not (box.left <= x < box.right and box.top <= y < box.bottom):
            box = next((box for frame in by_size if frame.holds(x, y) and (box := frame.box_at(x, y)) is not None), None)
        if box is None:
            outside.append(piece)
        else:
            inside.setdefault(id(box), []).append(piece)
    tables = {id(frame): _table(frame, inside, page) for frame in found}
    for frame in found:
        holder = next((other for other in by_size if other.area > frame.area * 1.05 and _inside(frame, other)), None)
        if holder is None:
            sheet.tables.append(tables[id(frame)])
        else:
            box = holder.box_at((frame.xs[0] + frame.xs[-1]) / 2, (frame.ys[0] + frame.ys[-1]) / 2)
            cell = next(cell for cell, own in zip(tables[id(holder)].cells, holder.boxes, strict=True) if own is box)
            cell.nested.append(tables[id(frame)])
    sheet.lines = lines_of(outside, apart="\t")
    return sheet


def _inside(frame: Frame, other: Frame) -> bool:
    """Whether a table lies within one cell of another."""
    box = other.box_at((frame.xs[0] + frame.xs[-1]) / 2, (frame.ys[0] + frame.ys[-1]) / 2) if other.holds(frame.xs[0], frame.ys[0]) else None
    return box is not None and box.left <= frame.xs[0] and frame.xs[-1] <= box.right and box.top <= frame.ys[0] and frame.ys[-1] <= box.bottom


def _table(frame: Frame, inside: dict[int, list[Piece]], page: Page) -> Table:
    lines = {id(box): lines_of(inside.get(id(box), [])) for box in frame.boxes}
    pad = min((line.left - box.left for box in frame.boxes for line in lines[id(box)]), default=5.0)
    pad = min(max(pad, 0.5), 6.0)
    cells = [_cell(box, lines[id(box)], pad, page.number) for box in frame.boxes]
    return Table(frame.xs, frame.ys, cells, page.number)


def _cell(box: Box, lines: list[Line], pad: float, page: int) -> Cell:
    return Cell(box.row, box.column, box.row_span, box.column_span, lines, box.right - box.left - 2 * pad, page)


def _set_furniture_aside(sheets: list[_Sheet]) -> None:
    """Page numbers and running heads are not body text and must not part a table from its continuation."""
    heads = Counter(fold(line.text) for sheet in sheets for line in sheet.lines if _at_edge(line, sheet.page, _HEAD_EDGE))
    for sheet in sheets:
        body: list[Line] = []
        for line in sheet.lines:
            repeated = len(sheets) > 2 and heads[fold(line.text)] > 0.6 * len(sheets) and _at_edge(line, sheet.page, _HEAD_EDGE)
            furniture = repeated or (_at_edge(line, sheet.page, _NUMBER_EDGE) and _PAGE_NUMBER.fullmatch(line.text) is not None)
            (sheet.furniture if furniture else body).append(line)
        sheet.lines = body


def _at_edge(line: Line, page: Page, share: float) -> bool:
    return line.bottom < share * page.height or line.top > (1 - share) * page.height


def _bottoms(sheets: list[_Sheet]) -> float:
    """How far down a page the text of this document may reach, from what it does and from its upper margin."""
    tops = [line.top for sheet in sheets for line in sheet.lines] + [table.top for sheet in sheets for table in sheet.tables]
    ends = [line.bottom for sheet in sheets for line in sheet.lines] + [table.bottom for sheet in sheets for table in sheet.tables]
    height = max((sheet.page.height for sheet in sheets), default=0.0)
    return max(max(ends, default=0.0), height - min(tops, default=0.0))


def _centred_with(above: Line, line: Line) -> bool:
    """Whether a line is the rest of a centred title above it."""
    middle, other = (above.left + above.right) / 2, (line.left + line.right) / 2
    return abs(middle - other) < 0.6 * line.size and above.text[-1] not in "。；！？"


class _Assembly:
    """Takes pages in order and gives blocks; keeps the table that may go on over the page's end."""

    def __init__(self, document: Document, outline: dict[str, int], bottom: float) -> None:
        self.document = document
        self.outline = outline
        self.bottom = bottom
        self._items: list[Table | list[tuple[Line, _Sheet]]] = []
        self._grids = 0
        self._lines = 0

    def run(self, sheets: list[_Sheet]) -> None:
        for sheet in sheets:
            self._say(sheet)
            items: list[tuple[float, Table | Line]] = [(table.top, table) for table in sheet.tables]
            items += [(line.top, line) for line in sheet.lines]
            first = True
            for _, item in sorted(items, key=lambda pair: pair[0]):
                if isinstance(item, Table):
                    self._add_table(item, first)
                else:
                    self._add_line(item, sheet)
                first = False
        for group in self._items:
            if isinstance(group, Table):
                self.document.blocks.append(self._grid(group))
            else:
                self._paragraphs(group)
        self._furniture(sheets)

    def _furniture(self, sheets: list[_Sheet]) -> None:
        """Running heads and feet, each once; page numbers say nothing."""
        seen: set[tuple[str, str]] = set()
        for sheet in sheets:
            for line in sheet.furniture:
                kind = "header" if line.top < sheet.page.height / 2 else "footer"
                if not _PAGE_NUMBER.fullmatch(line.text) and (kind, line.text) not in seen:
                    seen.add((kind, line.text))
                    self.document.blocks.append(Paragraph(line.text, Locator(page=sheet.page.number), kind=kind))

    def _say(self, sheet: _Sheet) -> None:
        page = sheet.page
        if page.recognised or page.is_picture:
            return
        long = [rule for rule in page.horizontal if rule.end - rule.start > 0.5 * page.width]
        if len({round(rule.at / NEAR) for rule in long}) >= 3 and not sheet.tables:
            self.document.notices.append(Notice(f"第{page.number}页", "有横线而没有竖线，可能是没有竖框线的表格，按文字读取"))
        if page.unknown:
            self.document.notices.append(Notice(f"第{page.number}页", f"有 {page.unknown} 个字的字体没有文字信息，可能读错，请核对"))
        if page.picture_share > 0.4:
            self.document.notices.append(Notice(f"第{page.number}页", "是带文字层的扫描图像，文字来自扫描软件的识别，请核对"))

    def _add_table(self, table: Table, first: bool) -> None:
        before = self._items[-1] if self._items else None
        if first and isinstance(before, Table) and before.last_page == table.page - 1:
            said = join(before, table, self.bottom)
            if said is not None:
                self.document.notices.extend(Notice(f"第{table.page}页", text) for text in said)
                return
        self._items.append(table)

    def _add_line(self, line: Line, sheet: _Sheet) -> None:
        if self._items and isinstance(self._items[-1], list):
            self._items[-1].append((line, sheet))
        else:
            self._items.append([(line, sheet)])

    def _paragraphs(self, lines: list[tuple[Line, _Sheet]]) -> None:
        group: list[Line] = []
        start = lines[0][1]
        for line, sheet in lines:
            if group:
                left, right = sheet.edges()
                last = group[-1]
                indented = line.left - left > 1.4 * line.size and last.left - left < 1.4 * last.size and not _centred_with(last, line)
                # The first line of a paragraph begins two characters in; the room it had is less by those.
                begins = last.left if last.left - left > 1.4 * last.size and line.left - left < 0.5 * line.size else left
                resized = abs(line.size - last.size) > 0.15 * last.size
                apart = "\t" in line.text + last.text or _CONTENTS_END.search(last.text) is not None
                if resized or indented or apart or ends_paragraph(last, line, begins, right):
                    self._paragraph(group, start)
                    group, start = [], sheet
            else:
                start = sheet
            group.append(line)
        self._paragraph(group, start)

    def _paragraph(self, lines: list[Line], sheet: _Sheet) -> None:
        left, right = sheet.edges()
        text = joined(lines, left - 1e6, right)
        text = text.replace("\n", "")
        self._lines += 1
        level = self.outline.get(fold(text)) if self.outline else None
        self.document.blocks.append(Paragraph(text, Locator(page=sheet.page.number, line=self._lines), level))

    def _grid(self, table: Table) -> Grid:
        self._grids += 1
        number = self._grids
        orders: Counter[int] = Counter()
        cells = []
        for cell in sorted(table.cells, key=lambda cell: (cell.row, cell.column)):
            orders[cell.row] += 1
            locator = Locator(page=cell.page, grid=number, row=cell.row + 1, column=orders[cell.row])
            made = GridCell(cell.row, cell.column, cell.text, cell.row_span, cell.column_span, locator)
            made.doubtful = any(not line.sure for line in cell.lines)
            made.nested = [self._grid(inner) for inner in cell.nested]
            cells.append(made)
        return Grid(len(table.ys) - 1, len(table.xs) - 1, cells, Locator(page=table.page, grid=number))
