"""The walk over a document: paragraphs and grids in reading order become goal tables.

A table begins with its heading or with a new project's header block and ends where the next begins. Header and indicator block may be
one grid or several; a grid that goes on after a page break (repeated head, （续）, the same project again) is joined to its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from assistant.chinese import fold
from assistant.documents import Document, Grid, Locator, Paragraph
from assistant.extraction import lexicon, titles, wording
from assistant.extraction.building import Builder, Title
from assistant.extraction.columns import Layout, is_head, layout_at
from assistant.extraction.header import HeaderReader, starts_header
from assistant.extraction.indicators import IndicatorReader, aligned, place_of
from assistant.extraction.listing import ListReader
from assistant.extraction.report import ReadingReport, Unread
from assistant.extraction.rows import Row, Slot, rows_of
from assistant.table import canonical_level1, canonical_level2

# Labels at the foot of a table: they belong to the table above them.
_FOOT = frozenset(
    f"extra:{name}"
    for name in "总分 备注 审核意见 改进措施 存在问题 评价结论 联系人 联系电话 填报日期 负责人 财务负责人 偏差原因 保障措施 受益对象 实际完成情况".split()
)
_LOOKS_LIKE = ("绩效目标", "绩效指标", "一级指标", "三级指标", "指标值")


class Walk:
    """One pass over a document's blocks. ``builders`` are the tables in order, ``report`` what was met."""

    def __init__(self, document: Document) -> None:
        self.report = ReadingReport(warnings=[f"{notice.where}：{notice.why}" for notice in document.notices])
        self.builders: list[Builder] = []
        self._text = document.source.format in ("txt", "md")
        self._wrapped = document.source.format.startswith(("pdf", "ocr"))
        self._current: Builder | None = None
        self._pending: Builder | None = None
        self._header: HeaderReader | None = None
        self._block: IndicatorReader | None = None
        self._title: Title | None = None
        self._nearest: Title | None = None
        self._unit: tuple[str, Locator] | None = None
        self._document_unit: str | None = None
        self._money_unit: str | None = None
        self._year: int | None = None
        self._continued = False
        self._after_break = False
        self._blocks = list(_flattened(document.blocks))

    def run(self) -> Walk:
        """Walk the whole document."""
        for block in self._blocks:
            if isinstance(block, Paragraph):
                self._paragraph(block)
            else:
                self._grid(block)
        self._close()
        return self

    # -- paragraphs ----------------------------------------------------------------------------------------------------------------

    def _paragraph(self, paragraph: Paragraph) -> None:
        text = paragraph.text
        if titles.continuation(text):
            self._continued = True
            self._after_break = True
            return
        if title := titles.heading(text, paragraph.locator):
            self._heading(title)
            return
        if self._block is not None and self._pending is None and self._title is None and self._block.level_row([Slot(text, 0, 2, False, None)]):
            return
        if lexicon.only_money_unit(text):
            self._set_money_unit(lexicon.money_unit(text))
            return
        pairs = lexicon.inline_pairs(text) if len(text) <= 200 else []
        if pairs:
            self._loose_pairs(pairs, text, paragraph)
            return
        if found := titles.text_title(text):
            self._year = found[1]
            self._document_unit = found[0] or self._document_unit
        if (bare := fold(text).strip("()")).endswith(("年度", "年")) and len(bare) <= 10 and (year := wording.year_in(text)):
            self._set_year(year)
            return
        if len(text) <= 40 and wording.is_organisation(text) and wording.organisation(text)[0]:
            self._unit = (text, paragraph.locator)
            return
        self._nearest = titles.numbered_heading(text, paragraph.locator)
        if self._current is not None and not self._current.indicators and self._header is not None and self._header.take_more(text, paragraph.locator):
            return
        self._after_break = self._after_break and paragraph.kind != "body"

    def _heading(self, title: Title) -> None:
        if self._title is not None and lexicon.generic_title(self._title.text) is False and lexicon.generic_title(title.text) and title.number is None:
            # A form's own name under the heading that names the project.
            if year := wording.year_in(title.text):
                self._set_year(year)
            return
        if title.continued:
            self._continued = True
            self._after_break = True
            return
        self._title = title

    def _loose_pairs(self, pairs: list[tuple[str, str, str]], text: str, paragraph: Paragraph) -> None:
        """Labels with values on a line above or below a table (项目单位：某局    金额单位：万元)."""
        foot = all(name in _FOOT for name, _, _ in pairs)
        self._set_money_unit(lexicon.money_unit(text))
        if foot:
            builder = self._pending or self._current
            if builder is not None:
                for name, label, value in pairs:
                    builder.assign(name, label, value, paragraph.locator)
            return
        if not any(name.startswith(("unit.", "year", "project.", "budget.")) or name == "extra:主管部门" for name, _, _ in pairs):
            return
        builder = self._next_builder()
        for name, label, value in pairs:
            if name == "unit.name" and lexicon.only_money_unit(f"{label}：{value}"):
                continue
            builder.assign(name, label, value, paragraph.locator)

    def _set_money_unit(self, unit: str | None) -> None:
        if unit is None:
            return
        builder = self._pending or self._current
        if builder is not None and builder.money_unit is None and not builder.indicators:
            builder.money_unit = unit
        else:
            self._money_unit = unit

    def _set_year(self, year: int) -> None:
        if self._pending is not None:
            self._pending.year = self._pending.year or year
        elif self._current is not None and self._current.empty:
            self._current.year = self._current.year or year
        else:
            self._next_builder().year = year

    # -- grids ---------------------------------------------------------------------------------------------------------------------

    def _grid(self, grid: Grid) -> None:
        self.report.grids_found += 1
        rows = rows_of(grid)
        if self._text:
            rows = [cut for row in rows for cut in _cut_lines(row)]
        if not self._worth(rows, grid):
            return
        before = self._mark()
        r = 0
        while r < len(rows):
            r = self._row(rows, r, grid)
        self._after_break = True
        if self._mark() != before:
            self.report.grids_read += 1
        else:
            self.report.unread.append(Unread(str(grid.locator), "像是绩效目标表，但没有认出其中的栏目"))

    def _worth(self, rows: list[Row], grid: Grid) -> bool:
        """Whether a grid can be part of a goal table; others are left and, when they only look like one, reported."""
        words = {slot.key for row in rows for slot in row if not slot.blank and len(slot.text) <= 40}
        if any(is_head(row) for row in rows):
            return True
        fields = {lexicon.field(slot.text) for row in rows for slot in row if not slot.blank} - {None}
        strong = {"project.name", "project.code", "goals", "budget.total", "purpose", "plan"}
        title = any(titles.heading(slot.line, slot.locator) for row in rows for slot in row[:1])
        if len(fields & strong) >= 2 and ("goals" in fields or "plan" in fields or "purpose" in fields or title or self._title is not None):
            return True
        if self._current is not None and (self._goes_on(rows) or (fields and all(name in _FOOT for name in fields))):
            return True
        if self._current is not None and not self._current.indicators and fields & {"goals", "goals.long", "purpose", "plan"}:
            return True
        if any(any(mark in word for mark in _LOOKS_LIKE) for word in words) and grid.rows > 1:
            self.report.unread.append(Unread(str(grid.locator), "含有绩效目标的字样，但不是认得的绩效目标表，没有读取"))
        return False

    def _goes_on(self, rows: list[Row]) -> bool:
        """Whether a grid without a head goes on with the indicators of the one before."""
        if self._block is None or self._pending is not None:
            return False
        layout = self._block.layout
        width = max((slot.end for row in rows for slot in row), default=0)
        return width == layout.width and self._title is None

    def _mark(self) -> tuple[object, ...]:
        builder = self._pending or self._current
        return (len(self.builders), id(builder), self._size(self._pending), self._size(self._current))

    def _size(self, builder: Builder | None) -> int:
        if builder is None:
            return 0
        texts = [builder.unit_name, builder.project_name, builder.project_code, builder.year, builder.title]
        return (
            len(builder.indicators)
            + len(builder.goals)
            + len(builder.plan)
            + len(builder.extra)
            + len(builder.amounts)
            + len(builder.purpose)
            + sum(map(bool, texts))
        )

    def _row(self, rows: list[Row], r: int, grid: Grid) -> int:
        """Read the row at ``r``; the index of the next row to read."""
        row = rows[r]
        header = self._header if self._header is not None and (self._pending or self._current) is self._header.builder else None
        layout = layout_at(rows, r, ragged=grid.ragged, two_terms=header is not None and header.two_terms)
        if layout is not None:
            return self._head(rows, r, layout)
        if self._block is not None and self._pending is None and (self._block.names_level(row) or not starts_header(row)):
            return self._indicator_row(rows, r)
        self._header_row(row, rows[r + 1] if r + 1 < len(rows) else None, ragged=grid.ragged)
        return r + 1

    def _head(self, rows: list[Row], r: int, layout: Layout) -> int:
        if layout.flat or layout.fields:
            return self._list(rows, r, layout)
        if self._pending is not None and self._pending.empty and self._current is not None and self._current.indicators and self._same_title():
            # The same table's title, unit and head again on the next page.
            self._pending = None
            self._title = None
        builder = self._ready()
        builder.words |= layout.words
        if self._block is not None and self._block.builder is builder:
            self._block.goes_on_with(layout)
            self._after_break = True
        else:
            self._open_block(builder, layout)
            self._after_break = False
        return r + layout.rows

    def _same_title(self) -> bool:
        current, pending = self._current, self._pending
        title = self._title or (pending.title if pending is not None else None)
        if self._continued or title is None:
            return True
        old = current.title if current is not None else None
        return old is not None and fold(old.text) == fold(title.text) and old.number == title.number

    def _list(self, rows: list[Row], r: int, layout: Layout) -> int:
        if layout.flat:
            self._close()
            reader = ListReader(layout, wrapped=self._wrapped, money_unit=self._money_unit, year=self._year, title=self._title)
            end = reader.read(rows, r + layout.rows, ragged=layout.ragged)
            self.builders.extend(reader.builders)
            self._title = None
            return end
        builder = self._ready()
        builder.words |= layout.words
        self._open_block(builder, layout)
        return r + layout.rows

    def _open_block(self, builder: Builder, layout: Layout) -> None:
        if self._block is not None:
            self._block.finish()
        self._block = IndicatorReader(builder, layout)

    def _indicator_row(self, rows: list[Row], r: int) -> int:
        block = self._block
        assert block is not None
        row, used = rows[r], 1
        if block.layout.ragged and len(row) != block.layout.width and not (len(row) == 1 and block.level_row(row)):
            row, used = self._mended(rows, r, block.layout)
        if len(row) == 0:
            texts = " | ".join(slot.line for slot in rows[r] if not slot.blank)
            if texts:
                block.builder.unread.append((place_of(rows[r]), f"这一行有{len(rows[r])}格，表头有{block.layout.width}格，对不上：{texts[:60]}"))
            return r + 1
        block.read(row, after_break=self._after_break)
        self._after_break = False
        return r + used

    def _mended(self, rows: list[Row], r: int, layout: Layout) -> tuple[Row, int]:
        """A ragged row made whole: fragments joined, TABs inside cells parted, a short row put under its columns; empty when none fits."""
        whole = list(rows[r])
        if len(whole) > layout.width:
            kept = [slot for i, slot in enumerate(whole) if i < 2 or not slot.blank]
            trimmed = whole[: layout.width] if all(slot.blank for slot in whole[layout.width :]) else kept
            return (_renumbered(trimmed), 1) if len(trimmed) == layout.width else ([], 1)
        parted = [Slot(part.strip(), 0, 1, False, slot.cell) for slot in whole for part in slot.text.split("\t")]
        if len(parted) == layout.width:
            return _renumbered(parted), 1
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
                return _renumbered(whole), used
            if cells - edges == layout.width and edges:
                return _renumbered(_joined(rows[r : r + used])), used
        short = aligned(rows[r], layout)
        return (short, 1) if short else ([], 1)

    # -- header rows and the change of tables -------------------------------------------------------------------------------------

    def _header_row(self, row: Row, following: Row | None, *, ragged: bool) -> None:
        if not any(not slot.blank and not slot.inherited for slot in row):
            return
        builder = self._pending or self._current
        if builder is None or (builder is self._current and builder.indicators and not self._at_foot(row)):
            builder = self._next_builder()
        if self._header is None or self._header.builder is not builder:
            self._header = HeaderReader(builder)
        if self._opens_another(row, builder):
            builder = self._start_over(builder)
        self._header.read(row, following, ragged=ragged)
        if builder is self._pending and (builder.project_name or builder.project_code):
            self._settle_pending()

    def _opens_another(self, row: Row, builder: Builder) -> bool:
        """Whether a header row names another project than the builder that has no indicators yet."""
        if builder.project_name is None or builder.indicators:
            return False
        for slot, value in pairwise(row):
            if lexicon.field(slot.text) == "project.name" and not value.blank and not slot.inherited:
                return fold(value.line) != fold(builder.project_name) and bool(builder.goals or builder.amounts)
        return False

    def _start_over(self, builder: Builder) -> Builder:
        self._finish(builder)
        self._pending = None
        self._current = Builder(wrapped=self._wrapped)
        self._adopt(self._current)
        self._header = HeaderReader(self._current)
        return self._current

    def _at_foot(self, row: Row) -> bool:
        first = next((slot for slot in row if not slot.blank), None)
        if first is None:
            return True
        name = lexicon.field(first.text)
        if name is None and (pairs := lexicon.inline_pairs(first.text)):
            return all(pair[0] in _FOOT for pair in pairs)
        # The amounts' and the goals' rows may also stand below the indicators, but only where the table has none yet.
        return name in _FOOT or (name in ("goals", "purpose", "plan") and self._current is not None and not (self._current.goals or self._current.purpose))

    def _next_builder(self) -> Builder:
        """The builder that header fields go to: a new one once the current table has its indicators."""
        if self._pending is None and (self._current is None or self._current.indicators):
            builder = Builder(wrapped=self._wrapped)
            if self._current is None:
                self._current = builder
                self._adopt(builder)
                return builder
            self._pending = builder
        found = self._pending or self._current
        assert found is not None
        return found

    def _settle_pending(self) -> None:
        """A header that names its project: the same project again goes on, another one begins a table."""
        current, pending = self._current, self._pending
        if pending is None:
            return
        same = (
            current is not None
            and fold(current.project_name or "") == fold(pending.project_name or "")
            and (not current.project_code or not pending.project_code or current.project_code == pending.project_code)
            and (self._continued or self._same_title())
        )
        if same and current is not None:
            self._pending = None
            self._header = HeaderReader(current) if self._header is not None else None
            self._title = None
            return
        if current is not None:
            self._finish(current)
        self._current, self._pending, self._block = pending, None, None
        self._adopt(pending)

    def _ready(self) -> Builder:
        """The builder that indicators go to."""
        if self._pending is not None:
            if self._current is not None:
                self._finish(self._current)
            self._current, self._pending, self._block = self._pending, None, None
            self._adopt(self._current)
        elif self._title is not None and self._current is not None and self._current.indicators and not self._same_title():
            self._finish(self._current)
            self._current, self._block = Builder(wrapped=self._wrapped), None
            self._adopt(self._current)
        if self._current is None:
            self._current = Builder(wrapped=self._wrapped)
            self._adopt(self._current)
        return self._current

    def _adopt(self, builder: Builder) -> None:
        """Give a new table what stood above it."""
        title = self._title or (self._nearest if builder.title is None else None)
        if title is not None and (builder.title is None or lexicon.generic_title(builder.title.text)):
            if builder.title is not None:
                builder.words.add(fold(builder.title.text))
            builder.title = title
        if builder.title is not None and lexicon.generic_title(builder.title.text):
            builder.year = builder.year or wording.year_in(builder.title.text)
        self._title = self._nearest = None
        self._continued = False
        if self._unit is not None and builder.unit_name is None:
            builder.assign_unit(*self._unit)
        builder.money_unit = builder.money_unit or self._money_unit
        builder.year = builder.year or self._year

    def _finish(self, builder: Builder) -> None:
        if self._block is not None and self._block.builder is builder:
            self._block.finish()
        if builder.unit_name is None and self._document_unit:
            builder.unit_name = self._document_unit
        self.builders.append(builder)

    def _close(self) -> None:
        for builder in (self._current, self._pending):
            if builder is not None and not (builder is self._pending and builder.empty):
                self._finish(builder)
        self._current = self._pending = self._block = self._header = None


def _cut_lines(row: Row) -> Iterator[Row]:
    """A heading, or a level's name on a line of its own, that stuck to the last cell of a row of text is taken off it."""
    if not row or "\n" not in row[-1].text:
        yield row
        return
    last = row[-1]
    lines = last.text.split("\n")
    keep = len(lines)
    while keep > 1 and _stands_alone(lines[keep - 1], last):
        keep -= 1
    yield [*row[:-1], Slot("\n".join(lines[:keep]), last.start, last.end, False, last.cell)]
    yield from ([Slot(line, 0, 1, False, last.cell)] for line in lines[keep:])


def _stands_alone(line: str, slot: Slot) -> bool:
    if titles.heading(line, slot.locator) is not None and titles.numbered(line)[0] is not None:
        return True
    return line.strip().endswith("指标") and (canonical_level1(line) is not None or canonical_level2(line) is not None)


def _flattened(blocks: list[Paragraph | Grid]) -> Iterator[Paragraph | Grid]:
    """Blocks in reading order, grids inside cells after the grid that holds them."""
    for block in blocks:
        yield block
        if isinstance(block, Grid):
            for cell in block.cells:
                yield from _flattened(list(cell.nested))


def _renumbered(row: Row) -> Row:
    return [Slot(slot.text, i, i + 1, False, slot.cell) for i, slot in enumerate(row)]


def _joined(rows: list[Row]) -> Row:
    """Rows that were cut inside a cell: the last cell of each and the first of the next are one."""
    whole = list(rows[0])
    for row in rows[1:]:
        last = whole[-1]
        whole[-1] = Slot(f"{last.text}\n{row[0].text}", last.start, last.end, False, last.cell)
        whole += row[1:]
    return whole
