"""The tables of a Word document as real grids.

Two ways to the same grid. Most tables hold nothing but rows, merged cells and paragraphs of plain runs: they are read in one pass over
four tags, several times faster than element by element. A cell with anything else in it (revisions, controls, breaks, symbols, fields,
pictures, notes …) is read the long way, and so is a whole table whose structure has it. ``Marks`` finds both beforehand in one pass.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from lxml import etree

from assistant.documents.grids import COLUMN_CAP, DEPTH_CAP, SPAN_CAP, finished
from assistant.documents.model import Grid, GridCell, Locator, Notice, Paragraph
from assistant.documents.ooxml import clean
from assistant.documents.symbols import SYMBOL_FONTS, readable
from assistant.documents.wordparts import Styles, whole
from assistant.documents.wordtext import ALTERNATE, KIND, MATH_TAGS, Reading, is_placeholder, link_id

if TYPE_CHECKING:
    from assistant.documents.word import Walker

_WRAPPERS = frozenset("sdtContent customXml smartTag ins moveTo del moveFrom".split())
# What makes a cell more than paragraphs of plain runs.
_UNPLAIN = """ins del moveTo moveFrom tbl sdt customXml smartTag altChunk subDoc numPr sym br cr tab ptab noBreakHyphen ruby fldChar instrText fldSimple pict
 object drawing footnoteReference endnoteReference commentReference gridBefore hMerge cellIns cellDel vanish vertAlign""".split()
_REFERENCES = ("headerReference", "footerReference")
_STRUCTURE = frozenset("tbl tr trPr".split())
_CELL_STRUCTURE = frozenset("hMerge cellIns cellDel tbl".split())


class Marks:
    """Cells and tables that must be read the long way, and the references to page heads and feet, found in one pass over a part."""

    def __init__(self, root: etree._Element, reading: Reading, styles: Styles) -> None:
        name = reading.name
        local = {name(tag): tag for tag in _UNPLAIN}
        local.update(dict.fromkeys((*MATH_TAGS, ALTERNATE), "math"))
        if reading.hidden_styles:
            local[name("rStyle")] = "rStyle"
        # Every run has fonts and most paragraphs a style: looked at only where the part holds symbols or styles bring numbers.
        if reading.may_symbol:
            local[name("rFonts")] = "rFonts"
        if styles.any_numbered:
            local[name("pStyle")] = "pStyle"
        local.update({name(tag): tag for tag in _REFERENCES})
        self.cells: set[etree._Element] = set()
        self.tables: set[etree._Element] = set()
        self.references: list[etree._Element] = []
        cell_tag, table_tag, val = name("tc"), name("tbl"), name("val")
        fonts = (name("ascii"), name("hAnsi"))
        structure = {name(tag) for tag in _STRUCTURE}
        for element in root.iter(*local):
            kind, holder = local[element.tag], element.getparent()
            if kind in _REFERENCES:
                self.references.append(element)
                continue
            if kind == "pStyle" and styles.number(element.get(val)) is None:
                continue
            if kind == "rFonts" and not any((element.get(font) or "").lower().startswith(SYMBOL_FONTS) for font in fonts):
                continue
            if kind == "tab" and element.get(val) is not None:
                continue  # a stop on the ruler, no blank in the text
            of_table = kind in _CELL_STRUCTURE or (holder is not None and holder.tag in structure)
            while holder is not None and holder.tag != cell_tag and holder.tag != table_tag:
                holder = holder.getparent()
            if holder is None:
                continue
            if holder.tag == cell_tag:
                self.cells.add(holder)
            while of_table and holder is not None:
                if holder.tag == table_tag:
                    self.tables.add(holder)
                    break
                holder = holder.getparent()


class Merging:
    """Puts the cells of a table into its grid one after another, joining merged ones."""

    def __init__(self) -> None:
        self.cells: list[GridCell] = []
        self.column = 0
        self._open: dict[int, GridCell] = {}
        self._previous: GridCell | None = None

    def start_row(self, column: int) -> None:
        """Begin a row at a column."""
        self.column = column
        self._previous = None

    def add(self, index: int, span: int, vertical: str | None, text: str, nested: list[Grid], locator: Locator, horizontal: str | None = None) -> str:
        """Add a cell of a row; the text that is hidden under a vertical merge, which Word does not show."""
        column = self.column
        self.column = column + span
        hidden = ""
        if horizontal == "continue" and self._previous is not None:
            self._previous.column_span += span
            self._previous.text = "\n".join(part for part in (self._previous.text, text) if part)
            self._previous.nested.extend(nested)
            return hidden
        above = self._open.get(column) if vertical == "continue" else None
        if above is not None and above.row + above.row_span == index:
            above.row_span += 1
            above.nested.extend(nested)
            self._previous = None
            return text
        self._previous = cell = GridCell(index, column, text, 1, span, locator, nested)
        self.cells.append(cell)
        if vertical is not None:
            self._open[column] = cell
        else:
            self._open.pop(column, None)
        return hidden


class TableReader:
    """Reads the tables of a part for its walker, which reads what stands beside and inside cells."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.reading = walker.reading
        self.marks: Marks | None = None
        self.grids = 0
        name = self.reading.name
        self._row, self._cell, self._line, self._text = name("tr"), name("tc"), name("p"), name("t")
        self._span, self._merge, self._val = name("gridSpan"), name("vMerge"), name("val")
        self._tcpr, self._trpr, self._before = name("tcPr"), name("trPr"), name("gridBefore")
        self._inserted, self._deleted = name("ins"), name("del")
        self._cell_kinds = {name(local): local for local in ("gridSpan", "vMerge", "hMerge", "cellIns", "cellDel")}

    def mark(self, root: etree._Element) -> None:
        """Look through a part once, so that its plain tables can be read the short way."""
        self.marks = Marks(root, self.reading, self.walker.styles)

    def unmark(self) -> list[etree._Element]:
        """Other parts follow, of which nothing is known; gives the references to page heads and feet met in this one."""
        marks, self.marks = self.marks, None
        return marks.references if marks is not None else []

    def table(self, table: etree._Element, beside: list[Paragraph | Grid]) -> Grid | None:
        """The real grid of a ``w:tbl``; text boxes anchored in its cells go to ``beside``."""
        self.grids += 1
        locator = Locator(grid=self.grids)
        placed = Merging()
        if self.marks is not None and table not in self.marks.tables and not self.reading.fields:
            self._pass_over(table, placed, locator, beside)
        else:
            self._by_elements(table, placed, locator, beside)
        return finished(placed.cells, locator, self.walker.package.name)

    # -- the short way ----------------------------------------------------------------------------------------------------------

    def _pass_over(self, table: etree._Element, placed: Merging, where: Locator, beside: list[Paragraph | Grid]) -> None:
        assert self.marks is not None
        unplain, elements, add = self.marks.cells, self.walker.elements, placed.add
        cell_tag, row_tag, line_tag, text_tag, span_tag, merge_tag = self._cell, self._row, self._line, self._text, self._span, self._merge
        grid, row, order, span, val = where.grid, -1, 0, 1, self._val
        vertical: str | None = None
        cell: etree._Element | None = None
        parts: list[str] = []
        # The table itself once more at the end, to close the last cell.
        for element in chain(table.iter(row_tag, cell_tag, line_tag, text_tag, span_tag, merge_tag), (table,)):
            tag = element.tag
            if tag == text_tag:
                parts.append(element.text or "")
            elif tag == line_tag:
                parts.append("\n")
            elif tag == span_tag:
                span = self._clamped(element)
            elif tag == merge_tag:
                vertical = element.get(val) or "continue"
            else:
                if cell is not None:
                    locator = Locator(None, None, grid, row + 1, order)
                    if elements is not None:
                        elements[locator] = cell
                    if placed.column + span > COLUMN_CAP:
                        self._too_wide(where, row)
                    else:
                        nested: list[Grid] = []
                        if cell in unplain:
                            text, nested = self._content(cell, beside, locator)
                        else:
                            # Nothing to clean: XML itself allows no control characters. Most cells are one text.
                            text = readable((parts[1] if len(parts) == 2 else "".join(parts)).strip()) if len(parts) > 1 else ""
                        if hidden := add(row, span, vertical, text, nested, locator):
                            self._say_hidden(hidden, locator)
                parts, span, vertical = [], 1, None
                if tag == cell_tag:
                    cell, order = element, order + 1
                else:
                    cell, row, order = None, row + 1, 0
                    placed.start_row(0)

    def _clamped(self, span: etree._Element) -> int:
        width = whole(span.get(self._val), 1)
        if width > SPAN_CAP:
            self.reading.met["wide span"] += 1
        return max(1, min(width, SPAN_CAP))

    def _too_wide(self, where: Locator, row: int) -> None:
        notice = Notice(f"{where}第{row + 1}行", f"列数超过 {COLUMN_CAP}，其后的单元格未读取")
        if notice not in self.walker.notices[-1:]:
            self.walker.notices.append(notice)

    def _say_hidden(self, text: str, locator: Locator) -> None:
        self.walker.notices.append(Notice(str(locator), f"被纵向合并遮住的文字未计入：{text[:60]}"))

    # -- element by element -----------------------------------------------------------------------------------------------------

    def _by_elements(self, table: etree._Element, placed: Merging, where: Locator, beside: list[Paragraph | Grid]) -> None:
        index = 0
        for row in self._children(table, "tr"):
            column, gone = self._row_properties(row)
            if gone:
                continue
            placed.start_row(column)
            for order, element in enumerate(self._children(row, "tc"), 1):
                span, vertical, horizontal, gone = self._cell_properties(element)
                if gone:
                    continue
                if placed.column + span > COLUMN_CAP:
                    self._too_wide(where, index)
                    break
                locator = Locator(grid=where.grid, row=index + 1, column=order)
                if self.walker.elements is not None:
                    self.walker.elements[locator] = element
                text, nested = self._content(element, beside, locator)
                if hidden := placed.add(index, span, vertical, text, nested, locator, horizontal):
                    self._say_hidden(hidden, locator)
            index += 1

    def _children(self, parent: etree._Element, wanted: str) -> list[etree._Element]:
        """Rows of a table or cells of a row, through content controls and custom markup."""
        found: list[etree._Element] = []
        for child in parent:
            kind = KIND.get(child.tag)
            if kind == wanted:
                found.append(child)
            elif kind in _WRAPPERS or kind == "sdt":
                found.extend(self._children(child, wanted))
        return found

    def _row_properties(self, row: etree._Element) -> tuple[int, bool]:
        """The column a row begins at, and whether a revision removed the row."""
        column, inserted, deleted = 0, False, False
        for properties in row.iterchildren(self._trpr):
            for child in properties.iterchildren(self._before, self._inserted, self._deleted):
                if child.tag == self._before:
                    column = min(max(whole(child.get(self._val)), 0), SPAN_CAP)
                elif child.tag == self._inserted:
                    inserted = True
                    self.reading.met["inserted row"] += 1
                else:
                    deleted = True
                    self.reading.met["deleted row"] += 1
        return column, inserted if self.reading.original else deleted

    def _cell_properties(self, cell: etree._Element) -> tuple[int, str | None, str | None, bool]:
        """Column span, vertical and horizontal merge (restart, continue, None), and whether a revision removed the cell."""
        span, vertical, horizontal, gone = 1, None, None, False
        properties = next(cell.iterchildren(self._tcpr), None)
        kinds = self._cell_kinds
        for child in properties.iterchildren(*kinds) if properties is not None else ():
            local = kinds[child.tag]
            if local == "gridSpan":
                span = self._clamped(child)
            elif local == "vMerge":
                vertical = child.get(self._val) or "continue"
            elif local == "hMerge":
                horizontal = child.get(self._val) or "continue"
            elif local == "cellIns":
                gone = gone or self.reading.original
            else:
                gone = gone or not self.reading.original
        return span, vertical, horizontal, gone

    # -- inside a cell ----------------------------------------------------------------------------------------------------------

    def _content(self, cell: etree._Element, beside: list[Paragraph | Grid], locator: Locator) -> tuple[str, list[Grid]]:
        texts: list[str] = []
        nested: list[Grid] = []
        runs_on = [False]
        self._fill(cell, texts, nested, runs_on, beside, locator)
        return clean("\n".join(texts).strip()), nested

    def _fill(
        self, container: etree._Element, texts: list[str], nested: list[Grid], runs_on: list[bool], beside: list[Paragraph | Grid], locator: Locator
    ) -> None:
        for child in container:
            kind = KIND.get(child.tag)
            if kind == "p":
                line = self.walker.lines.line(child)
                text = self.walker.numbered(line)
                if runs_on[0] and texts:
                    texts[-1] += text
                else:
                    texts.append(text)
                runs_on[0] = line.runs_on
                if self.reading.boxes or self.reading.notes or self.reading.objects:
                    self.walker.beside(beside, locator)
            elif kind == "tbl":
                self._nest(child, texts, nested, beside, locator)
            elif kind == "sdt":
                content = child.find(self.reading.name("sdtContent"))
                if content is not None and is_placeholder(child, self.reading):
                    self.reading.met["placeholder"] += 1
                elif content is not None:
                    self._fill(content, texts, nested, runs_on, beside, locator)
            elif kind in _WRAPPERS:
                self._fill(child, texts, nested, runs_on, beside, locator)
            elif kind == "altChunk":
                self.walker.foreign(link_id(child), beside, locator)

    def _nest(self, table: etree._Element, texts: list[str], nested: list[Grid], beside: list[Paragraph | Grid], locator: Locator) -> None:
        if self.walker.depth >= DEPTH_CAP:
            self.walker.notices.append(Notice(str(locator), "表格嵌套过深，里层表格只读取了文字"))
            texts.append("\n".join(str(text) for text in table.itertext(self._text)))
            return
        self.walker.depth += 1
        inner = self.table(table, beside)
        self.walker.depth -= 1
        if inner is not None:
            nested.append(inner)
