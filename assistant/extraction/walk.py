"""The walk over a document: paragraphs and grids in reading order become goal tables.

Header rows go to a ``HeaderReader``, indicator rows to an ``IndicatorReader``, flat lists to a ``ListReader``; ``TableSequence``
says to which table they belong. Header and indicator block may be one grid or several; a grid that goes on after a page break
(a repeated head, no head at all) is joined to its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from assistant.chinese import fold, pattern
from assistant.documents import Document, Grid, Locator, Paragraph
from assistant.extraction import labels, lexicon, titles, wording
from assistant.extraction.accounting import explains_itself
from assistant.extraction.building import Builder
from assistant.extraction.columns import Layout, is_head, layout_at, parts_by_level1
from assistant.extraction.header import HeaderReader, starts_header
from assistant.extraction.indicators import IndicatorReader, place_of
from assistant.extraction.listing import ListReader, projects_named
from assistant.extraction.mending import cut_lines, mended, unshifted, without_stray
from assistant.extraction.overall import Duties, duties_at
from assistant.extraction.report import ReadingReport, Unread
from assistant.extraction.rows import Row, Slot, rows_of, written
from assistant.extraction.sequence import TableSequence
from assistant.table import Unit, canonical_level1, canonical_level2
from assistant.taxonomy import OPEN_VALUE

_HEADING_LENGTH = 30
_LEVEL_LENGTH = 12
_PAGE_NUMBER = pattern(r"\s*[-—－]?\s*(?:第\s*)?\d{1,4}\s*(?:页)?(?:\s*[/／共]\s*\d{1,4}\s*页?)?\s*[-—－]?\s*")
_LOOKS_LIKE = ("绩效目标", "绩效指标", "一级指标", "三级指标", "指标值")
# Under the title of a goal table so many labels of fields make a header, whatever they are.
_MANY_FIELDS = 3
_STRONG = frozenset({"project.name", "project.code", "goals", "budget.total", "purpose", "plan"})


class Walk:
    """One pass over a document's blocks. ``builders`` are the tables in order, ``report`` what was met."""

    def __init__(self, document: Document) -> None:
        self.report = ReadingReport(warnings=[f"{notice.where}：{notice.why}" for notice in document.notices])
        self.read_grids: list[Grid] = []
        self.duties: list[Duties] = []
        self._blocks = document.blocks
        self._text = document.source.format in ("txt", "md")
        self._tables = TableSequence(wrapped=document.source.format.startswith(("pdf", "ocr")))
        self._header: HeaderReader | None = None
        self._block: IndicatorReader | None = None
        self._list: ListReader | None = None
        self._in_duties = False
        # Whether the row before was one of a header.
        self._in_header = False
        # The level 1 that lines of indicators stand under.
        self._level1 = ""
        # Lines since the last grid that said nothing to us.
        self._between: list[Paragraph] = []
        # The first indicator row after a page break may be the rest of the row before.
        self._after_break = False

    @property
    def builders(self) -> list[Builder]:
        """The tables in order."""
        return self._tables.finished

    def run(self) -> Walk:
        """Walk the whole document."""
        self._read(self._blocks)
        self._close_block()
        self._close_list()
        self._tables.close()
        return self

    def _read(self, blocks: Iterable[Paragraph | Grid]) -> None:
        """Blocks in reading order, grids inside cells after the grid that holds them."""
        for block in blocks:
            if isinstance(block, Paragraph):
                self._paragraph(block)
                continue
            taken = self._grid(block)
            for cell in block.cells:
                if taken:
                    for inner in cell.nested:
                        self._inside(inner)
                    continue
                if not cell.nested:
                    continue
                # In a table that only lays out, what stands beside the inner one is its title, office and money unit above, its foot below.
                lines = [line for line in cell.text.split("\n") if line.strip()]
                foot = [line for line in lines if (pairs := lexicon.inline_pairs(line)) and all(pair[0] in labels.FOOT for pair in pairs)]
                self._read(Paragraph(line, cell.locator) for line in lines if line not in foot)
                self._read(cell.nested)
                self._read(Paragraph(line, cell.locator) for line in foot)

    def _inside(self, grid: Grid) -> None:
        """A grid in a cell of one that was read: a table of its own, or fields of the one around it (its money in a small table)."""
        builder = self._tables.open
        if self._grid(grid) or builder is None:
            return
        size = builder.size
        reader, rows = HeaderReader(builder), rows_of(grid)
        if any(lexicon.field(slot.text) for row in rows for slot in row if not slot.blank):
            for row, following in zip(rows, [*rows[1:], None], strict=True):
                reader.read(row, following, ragged=grid.ragged)
        self.report.grids_read += builder.size > size
        self.read_grids.append(grid)
        self._read(inner for cell in grid.cells for inner in cell.nested)

    # -- paragraphs ----------------------------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Paragraph) -> None:
        text, tables = paragraph.text, self._tables
        if paragraph.kind == "sheet":
            self._close_block()
            tables.turn_sheet(text)
            return
        if paragraph.kind not in ("body", "textbox", "caption"):
            return
        parts = [part for part in text.split("\t") if part.strip()]
        if len(parts) > 1 and any(lexicon.only_money_unit(part) for part in parts):
            # Office at the left, money unit at the right of one line.
            for part in parts:
                if fold(part) == OPEN_VALUE:
                    tables.set_unit(part.strip(), paragraph.locator)
                else:
                    self._paragraph(Paragraph(part.strip(), paragraph.locator, None, paragraph.kind))
            return
        if titles.continuation(text):
            tables.continued = self._after_break = True
            return
        if title := titles.heading(text, paragraph.locator):
            self._heading(title)
            return
        if self._block is not None and tables.pending is None and tables.title is None and self._block.level_row([Slot(text, 0, 2, False, None)]):
            return
        if lexicon.only_money_unit(text):
            tables.set_money_unit(lexicon.money_unit(text))
            return
        if pairs := lexicon.inline_pairs(text) if len(text) <= 200 else []:
            self._loose_pairs(pairs, text, paragraph)
            return
        if self._sentence(text, paragraph.locator):
            return
        self._text_title(text)
        if (bare := fold(text).strip("()")).endswith(("年度", "年")) and len(bare) <= 10 and (year := wording.year_in(text)):
            tables.set_year(year)
            return
        if len(text) <= 40 and wording.is_organisation(text) and wording.organisation(text)[0]:
            tables.set_unit(text, paragraph.locator)
            return
        tables.nearest = titles.numbered_heading(text, paragraph.locator)
        current = tables.current
        if current is not None and not current.indicators and self._header is not None and self._header.take_more(text):
            return
        if (
            paragraph.kind == "body"
            and not (tables.nearest is not None and len(text) <= _HEADING_LENGTH)
            and not (_PAGE_NUMBER.fullmatch(text) or explains_itself(text))
        ):
            self._between.append(paragraph)
        self._after_break = self._after_break and paragraph.kind != "body"

    def _sentence(self, text: str, place: Locator) -> bool:
        """Take a line of indicators behind the name of their level (1.数量指标：培训50人) below the fields of a table without a grid."""
        builder, line = self._tables.open, wording.without_number(text)
        name, rest = (part.strip() for part in (*re.split("[:：]", line, maxsplit=1), "")[:2])
        if builder is None or builder.indicators or not builder.project_name or len(name) > _LEVEL_LENGTH or not name.endswith("指标"):
            return False
        if rest and (canonical_level1(name) or canonical_level2(name)):
            builder.sentences.append((self._level1, "", line, place))
            return True
        first = not rest and canonical_level1(name) is not None
        self._level1 = name if first else self._level1
        return first

    def _text_title(self, text: str) -> bool:
        """Take office and year of a whole text's title; False when the line is none."""
        found = titles.text_title(text)
        if found is not None:
            self._tables.year = found[1]
            self._tables.document_unit = found[0] or self._tables.document_unit
        return found is not None

    def _heading(self, title: titles.Title) -> None:
        self._between = []
        above = self._tables.title
        if above is not None and not lexicon.generic_title(above.text) and lexicon.generic_title(title.text) and title.number is None:
            # A form's own name under the heading that names the project.
            if year := wording.year_in(title.text):
                self._tables.set_year(year)
            return
        self._tables.title = title

    def _loose_pairs(self, pairs: list[tuple[str, str, str]], text: str, paragraph: Paragraph) -> None:
        """Labels with values on a line above or below a table (项目单位：某局    金额单位：万元)."""
        self._tables.set_money_unit(lexicon.money_unit(text))
        if all(name in labels.FOOT for name, _, _ in pairs):
            builder = self._tables.open
        elif any(name.startswith(("unit.", "year", "project.", "budget.")) or name == "extra:主管部门" for name, _, _ in pairs):
            builder = self._tables.next()
        elif (builder := self._tables.open) is None or builder.indicators or not builder.project_name:
            return
        for name, label, value in pairs:
            if builder is not None and not lexicon.only_money_unit(f"{label}：{value}"):
                builder.assign(name, label, value, paragraph.locator)

    # -- grids ---------------------------------------------------------------------------------------------------------------------

    def _grid(self, grid: Grid) -> bool:
        """Read a grid; False when it holds nothing of a goal table."""
        self.report.grids_found += 1
        rows = rows_of(grid)
        if self._text:
            rows = [cut for row in rows for cut in cut_lines(row)]
        if not grid.ragged and self._duties_in(rows):
            self.report.grids_read += 1
            return True
        heads = [is_head(row) for row in rows]
        if not any(heads) and (self._only_lists(rows, grid) or not self._worth(rows, grid)):
            return False
        before, was = self._mark(), self._list or self._tables.open
        between, self._between = self._between, []
        self._in_header = False
        if self._list is not None and self._goes_on(self._list.layout, rows) and not any(heads):
            self._list.read(rows, 0)
        else:
            r = 0
            while r < len(rows):
                r = self._row(rows, r, grid, heads)
        self._after_break = True
        if self._mark() != before:
            self.report.grids_read += 1
            self.read_grids.append(grid)
            if was is not None and was is (self._list or self._tables.open):
                self._left_between(between)
        else:
            self.report.unread.append(Unread(str(grid.locator), "像是绩效目标表，但没有认出其中的栏目"))
        return True

    def _left_between(self, lines: list[Paragraph]) -> None:
        """Say which lines stood between two parts of one table without being read into it."""
        for line in lines:
            shown = f"“{line.text[:40]}{'…' if len(line.text) > 40 else ''}”"
            if self._tables.wrapped:
                # Paper prints more between the parts of a table than belongs to it.
                self.report.warnings.append(f"{line.locator}{shown}夹在同一张表的两部分之间，没有读进任何栏目。")
            else:
                self.report.unread.append(Unread(str(line.locator), f"{shown}夹在同一张表的两部分之间，没有读进任何栏目"))

    def _duties_in(self, rows: list[Row]) -> bool:
        """Read a grid of duties and activities, or one that goes on with the last."""
        found = duties_at(rows)
        if found is not None:
            above = self._tables.title
            code, name = wording.organisation(self._tables.unit[0] if self._tables.unit else self._tables.document_unit or "")
            found.unit, found.money_unit = Unit(code=code, name=name), self._tables.money_unit
            found.year = (wording.year_in(above.text) if above is not None else None) or self._tables.year
            self._tables.title = None
            again = self.duties[-1] if self._in_duties and above is None else None
            if again is not None and again.columns.keys() == found.columns.keys():
                again.columns = found.columns
            else:
                self.duties.append(found)
            self._in_duties = True
            self.duties[-1].read(rows, found.rows)
        elif self._in_duties and self._tables.title is None and self.duties[-1].width == max((slot.end for row in rows for slot in row), default=0):
            self.duties[-1].read(rows, 0)
        else:
            self._in_duties = False
        return self._in_duties

    def _only_lists(self, rows: list[Row], grid: Grid) -> bool:
        """Whether a grid only lists projects, which is said once."""
        if any("指标" in slot.text for row in rows for slot in row if len(slot.text) <= _HEADING_LENGTH):
            return False
        count, with_goals = projects_named(rows)
        if with_goals:
            self.report.unread.append(Unread(str(grid.locator), f"列了{count}个项目和它们的绩效目标，没有指标，不是认得的绩效目标表，没有读取"))
        elif count:
            self.report.warnings.append(f"{grid.locator}是项目清单（{count}行），没有指标，不是绩效目标表；要据此起草请用 assistant draft --projects。")
        return count > 0

    def _worth(self, rows: list[Row], grid: Grid) -> bool:
        """Whether a grid can be part of a goal table; others are left and, when they only look like one, reported."""
        current, title = self._tables.current, self._tables.title
        texts = [slot.text for row in rows for slot in row if not slot.blank]
        fields = {lexicon.field(text) or (pair[0] if (pair := lexicon.inline(text)) else None) for text in texts} - {None}
        titled = title is not None or any(titles.heading(slot.line, slot.locator) for row in rows for slot in row[:1])
        if title is not None and len(fields) >= _MANY_FIELDS:
            return True
        if len(fields & _STRONG) >= 2 and (fields & {"goals", "plan", "purpose"} or titled):
            return True
        for reader in (self._block if self._tables.pending is None else None, self._list):
            if reader is not None and self._goes_on(reader.layout, rows):
                return True
        if current is not None and fields and all(name in labels.FOOT for name in fields):
            return True
        if current is not None and not current.indicators and fields & {"goals", "goals.long", "purpose", "plan"}:
            return True
        if len(fields & labels.ONLY_IN_FORMS) > 1:
            self.report.unread.append(Unread(str(grid.locator), "有绩效目标表的栏目，但没有项目名称和绩效目标，分不清属于哪张表，没有读取"))
            return False
        words = {slot.key for row in rows for slot in row if not slot.blank and len(slot.text) <= 40}
        levels = {name for word in words if word.endswith("指标") and (name := canonical_level1(word) or canonical_level2(word))}
        if grid.rows > 1 and (len(levels) > 2 or any(mark in word for mark in _LOOKS_LIKE for word in words)):
            self.report.unread.append(Unread(str(grid.locator), "含有绩效目标的字样，但不是认得的绩效目标表，没有读取"))
        return False

    def _goes_on(self, layout: Layout, rows: list[Row]) -> bool:
        """Whether a grid without a head goes on with the rows of the one before."""
        return self._tables.title is None and max((slot.end for row in rows for slot in row), default=0) == layout.width

    def _mark(self) -> tuple[object, ...]:
        tables = self._tables
        counted = 0 if self._list is None else sum(builder.size for builder in self._list.builders)
        return (len(tables.finished), id(tables.open), *(builder.size if builder else 0 for builder in (tables.pending, tables.current)), counted)

    def _row(self, rows: list[Row], r: int, grid: Grid, heads: list[bool]) -> int:
        """Read the row at ``r``; the index of the next row to read. ``heads`` tells which rows are heads of indicators."""
        row, tables = rows[r], self._tables
        header = self._header if self._header is not None and tables.open is self._header.builder else None
        if r + 1 < len(rows) and heads[r + 1] and parts_by_level1(row):
            return r + 1
        layout = layout_at(rows, r, ragged=grid.ragged, two_terms=header is not None and header.two_terms) if heads[r] else None
        if layout is not None:
            self._in_header = False
            return self._read_list(rows, r, layout) if layout.flat else self._head(r, layout)
        answers = self._in_header and header is not None and header.waits and len(written(row)) == 1
        own = tables.pending is None and not _is_title(row) and not answers
        self._in_header = not (self._block is not None and own and (self._block.names_level(row) or not starts_header(row)))
        if not self._in_header:
            return self._indicator_row(rows, r)
        self._header_row(row, rows[r + 1] if r + 1 < len(rows) else None, ragged=grid.ragged, answers=answers)
        return r + 1

    def _head(self, r: int, layout: Layout) -> int:
        if self._tables.repeated():
            # The same table's title, unit and head again on the next page.
            self._tables.drop_pending()
        builder = self._tables.ready()
        builder.words |= layout.words
        same = self._block is not None and self._block.builder is builder and lexicon.key(self._block.layout.group) == lexicon.key(layout.group)
        if self._block is not None and (same or (self._block.builder is builder and layout.long is None)):
            self._block.goes_on_with(layout)
            self._after_break = True
        else:
            self._close_block()
            if layout.long is False and builder.indicators and not builder.long_rows:
                builder.move_to_long()
            self._block = IndicatorReader(builder, layout)
            self._after_break = False
        return r + layout.rows

    def _read_list(self, rows: list[Row], r: int, layout: Layout) -> int:
        tables = self._tables
        above = tables.open if tables.open is not None and not tables.open.indicators else None
        # A title stands above the grid, or (in a sheet) in rows of its own above the head.
        title = tables.title or (above.title if above is not None and above.empty else None)
        if self._list is None or title is not None or self._list.layout.words != layout.words:
            self._close_block()
            self._close_list()
            tables.close(without=above)
            self._list = ListReader(layout, above=above, tables=tables, title=title)
            tables.title = None
        self._list.read(rows, r + layout.rows)
        return len(rows)

    def _indicator_row(self, rows: list[Row], r: int) -> int:
        block = self._block
        assert block is not None
        row, used = rows[r], 1
        new = written(row)
        if len(new) == 1 == len(row) and not block.layout.ragged:
            # A text across the whole table is a level or a note (one more after the last), no indicator.
            if block.level_row(row):
                self._after_break = False
                return r + 1
            if not explains_itself(new[0].text):
                if "备注" in block.builder.extra:
                    block.builder.keep("备注", new[0].text)
                else:
                    block.builder.leave(new[0].text, new[0].locator)
                return r + 1
        if self._text:
            row, stray = without_stray(row)
            if stray:
                block.builder.unread.append((place_of(rows[r]), f"“{stray[:40]}{'…' if len(stray) > 40 else ''}”夹在指标行之间，没有读进任何栏目"))
                rows[r] = row
        if block.layout.ragged and len(row) != block.layout.width and not (len(row) == 1 and block.level_row(row)):
            row, used = mended(rows, r, block.layout)
        elif self._text:
            row = unshifted(row, block.layout)
        if not row:
            texts = " | ".join(slot.line for slot in rows[r] if not slot.blank)
            if texts:
                block.builder.unread.append((place_of(rows[r]), f"这一行有{len(rows[r])}格，表头有{block.layout.width}格，对不上：{texts[:60]}"))
            return r + 1
        block.read(row, after_break=self._after_break)
        self._after_break = False
        return r + used

    def _header_row(self, row: Row, following: Row | None, *, ragged: bool, answers: bool) -> None:
        """One row of a header or foot; ``answers`` = it is the one text below a label that stood alone (五、其他说明 over 无。)."""
        tables = self._tables
        if not any(slot.fresh for slot in row):
            if self._header is not None and self._header.builder is tables.open:
                self._header.note_blank(row)
            return
        new = written(row)
        if len(new) == 1 and titles.heading(new[0].line, new[0].locator) is None and self._text_title(new[0].line):
            return
        builder = tables.open
        if builder is None or (builder is tables.current and builder.indicators and not (answers or self._at_foot(row, builder))):
            builder = tables.next()
        if _opens_another(row, builder):
            builder = tables.start_over()
        if self._header is None or self._header.builder is not builder:
            self._header = HeaderReader(builder)
        self._header.read(row, following, ragged=ragged)
        if builder is tables.pending:
            tables.settle()
            self._after_settling(builder)

    def _after_settling(self, builder: Builder) -> None:
        tables = self._tables
        if tables.current is builder:
            self._close_block()
        elif tables.pending is None and tables.current is not None:
            self._header = HeaderReader(tables.current)

    def _at_foot(self, row: Row, builder: Builder) -> bool:
        """Whether a row under the indicators belongs to their table: a foot, or fields that this form prints below them."""
        first = next((slot for slot in row if not slot.blank), None)
        if first is None:
            return True
        name = lexicon.field(first.text)
        if name is None and (pairs := lexicon.inline_pairs(first.text)):
            return all(pair[0] in labels.FOOT for pair in pairs)
        return name in labels.FOOT or (name in ("goals", "purpose", "plan") and not (builder.goals or builder.purpose))

    def _close_block(self) -> None:
        if self._block is not None:
            self._block.finish()
            self._block = None

    def _close_list(self) -> None:
        if self._list is not None:
            self._list.finish()
            self.builders.extend(self._list.builders)
            self.report.unread.extend(self._list.unread)
            if self._list.sums:
                self.report.warnings.append(f"清单里的合计行不属于哪个项目，没有读入：{'；'.join(self._list.sums)}。")
            self._list = None


def _is_title(row: Row) -> bool:
    """Whether a row holds nothing but a table's title (the first row of the next project's sheet)."""
    new = [slot for slot in row if not slot.blank]
    return len(new) == 1 and not new[0].inherited and titles.heading(new[0].line, new[0].locator) is not None


def _opens_another(row: Row, builder: Builder) -> bool:
    """Whether a header row names another project than a builder that has no indicators yet."""
    if builder.project_name is None or builder.indicators or not (builder.goals or builder.amounts):
        return False
    for slot, value in pairwise(row):
        if lexicon.field(slot.text) == "project.name" and not value.blank and not slot.inherited:
            return fold(value.line) != fold(builder.project_name)
    return False
