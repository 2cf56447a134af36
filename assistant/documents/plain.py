"""Plain text and Markdown as a Document. Tables in text come in three shapes, all read here:

* one cell a line, the line opening with TAB (what Word's tables become when only the text is taken): a cell opens at TAB and ends at
  the next one, so a blank line may stand inside a cell;
* one row a line, cells parted by TAB (a selection copied out of Word, WPS or Excel);
* one row a line between ``|`` or box-drawing bars (Markdown).

The first two lose the spans, so their grids are ``ragged`` unless every row has the same number of cells. Everything else is
paragraphs. ``[bookmark: …]`` residue is taken off. Knows nothing of budgets.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from assistant.chinese import pattern
from assistant.documents.content import Content, decode
from assistant.documents.model import Document, Grid, GridCell, Locator, Paragraph
from assistant.errors import UnreadableFile

# More lines than any office's text has; beyond it a file is refused before it costs time and memory.
MOST_LINES = 400_000

_BOOKMARK = pattern(r"\[bookmark: ([^\]]*)\]")
_BAR = pattern(r"[|│┃║｜]")
_FRAME = pattern(r"[|│┃║｜┌└├╔╚╠]")
_RULE = pattern(r"[\s|│┃║｜┌┐└┘├┤┬┴┼─━═╔╗╚╝╠╣╦╩╬+:\-]+")
_HEADING = pattern(r"(#{1,6})\s+(.*?)(?:\s+#+)?\s*")
_LONGEST_QUOTE = 60
_BREAK = pattern(r"<br\s*/?>", re.IGNORECASE)
_ESCAPED = pattern(r"\\([\\`*_{}\[\]()#+\-.!|<>~&=\"'^$%@:;,?/])")
_CONTROL = dict.fromkeys([*range(9), *range(14, 28), 127], None)


def read_text(content: Content) -> Document:
    """A ``.txt`` file."""
    text, notices = decode(content)
    return Document(content.source("txt"), _blocks(content, text, markdown=False), notices)


def read_markdown(content: Content) -> Document:
    """A ``.md`` file: pipe tables, ``#`` headings, ``<br>`` and backslash escapes understood; other marks stay as written."""
    text, notices = decode(content)
    return Document(content.source("md"), _blocks(content, text, markdown=True), notices)


def _blocks(content: Content, text: str, *, markdown: bool) -> list[Paragraph | Grid]:
    lines = text.translate(_CONTROL).splitlines()
    if len(lines) > MOST_LINES:
        raise UnreadableFile(f"“{content.path}”有{len(lines)}行，超过上限{MOST_LINES}行，没有读取。", "请只保留绩效目标表所在的部分。")
    shapes = _one_cell_a_line(lines)
    reader = _Reader(_clean if markdown else str.strip, markdown)
    number = 0
    while number < len(lines):
        reader.one_cell_a_line = shapes[number]
        taken = 1 if shapes[number] else _quoted(lines, number)
        reader.take("\v".join(lines[number : number + taken]), number + 1)
        number += taken
    reader.end()
    return reader.blocks


def _quoted(lines: list[str], start: int) -> int:
    """How many lines a row takes whose cell is quoted over several lines, as Excel copies a cell with line breaks in it."""
    line = lines[start]
    if '"' not in line or line.count('"') % 2 == 0:
        return 1
    if not any(cell.startswith('"') and cell.count('"') % 2 for cell in line.split("\t")):
        return 1
    quotes = line.count('"')
    for taken in range(2, min(_LONGEST_QUOTE, len(lines) - start) + 1):
        quotes += lines[start + taken - 1].count('"')
        if quotes % 2 == 0:
            return taken if any("\t" in one for one in lines[start : start + taken]) else 1
    return 1


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and ("\v" in cell or '""' in cell):
        return cell[1:-1].replace('""', '"')
    return cell


def _one_cell_a_line(lines: list[str]) -> list[bool]:
    """For each line whether the TAB lines around it hold one cell each (True) or one row each.

    Decided for every stretch of text between paragraphs, so that both shapes may stand in one text.
    """
    shapes: list[bool] = []
    start, gap = 0, True
    for number, line in enumerate([*lines, "."]):
        if not line.strip():
            gap = gap or not line.startswith("\t")
            continue
        if (gap and "\t" not in line) or number == len(lines):
            stretch = lines[start:number]
            cells = sum(1 for one in stretch if one.startswith("\t") and "\t" not in one.strip())
            rows = sum(1 for one in stretch if "\t" in one.strip())
            shapes += [cells > rows] * len(stretch)
            start = number
        gap = False
    return shapes


class _Reader:
    """The lines of a text, gathered into blocks one after the other."""

    def __init__(self, clean: Callable[[str], str], markdown: bool) -> None:
        self.blocks: list[Paragraph | Grid] = []
        self._clean = clean
        self.one_cell_a_line = False
        self._markdown = markdown
        # Rows of the grid being read: cells as (line number, lines of text).
        self._rows: list[list[tuple[int, list[str]]]] = []
        self._shape = ""
        self._gap = False
        self._grids = 0

    def take(self, line: str, number: int) -> None:
        """One line, counted from 1."""
        if _FRAME.search(line) and self._take_bars(line, number):
            return
        if self.one_cell_a_line and line.startswith("\t"):
            self._take_cell(line, number)
        elif not self.one_cell_a_line and "\t" in line and (line.strip() or self._shape == "rows"):
            self._take_row(line, number)
        elif not line.strip():
            self._gap = True
        elif self._rows and not self._gap and (self._shape == "cells" or (self._shape == "rows" and any(map(str.strip, self._rows[-1][-1][1])))):
            # A line without TAB right under a cell is more of that cell.
            self._rows[-1][-1][1].append(line)
        else:
            self._paragraph(line, number)

    def end(self) -> None:
        """Close the grid that is open, if any."""
        rows, self._rows, shape, self._shape, self._gap = self._rows, [], self._shape, "", False
        if not rows:
            return
        if shape == "rows" and all(map(_heading_with_page, rows)):
            for row in rows:
                self._plain_paragraph("\t".join(" ".join(lines) for _, lines in row), row[0][0])
            return
        self._grids += 1
        grid = self._grids
        width = max(map(len, rows))
        cells = [
            GridCell(i, j, self._cell_text(lines), locator=Locator(grid=grid, row=i + 1, column=j + 1, line=number))
            for i, row in enumerate(rows)
            for j, (number, lines) in enumerate(row)
        ]
        ragged = shape == "cells" or (shape == "rows" and any(len(row) != width for row in rows))
        self.blocks.append(Grid(len(rows), width, cells, Locator(grid=grid, line=rows[0][0][0]), ragged=ragged))

    def _take_cell(self, line: str, number: int) -> None:
        if self._shape != "cells":
            self.end()
            self._shape = "cells"
        if self._gap or not self._rows:
            self._rows.append([])
        self._gap = False
        self._rows[-1].append((number, [line[1:]]))

    def _take_row(self, line: str, number: int) -> None:
        if self._shape != "rows" or self._gap:
            self.end()
            self._shape = "rows"
        self._rows.append([(number, _unquoted(cell.strip()).split("\v")) for cell in line.split("\t")])
        self._gap = False

    def _take_bars(self, line: str, number: int) -> bool:
        stripped = line.strip()
        if _RULE.fullmatch(stripped) and not _BAR.fullmatch(stripped):
            return True
        bars = _BAR.findall(re.sub(r"\\.", "", stripped))
        if not bars or (len(bars) < 2 and not (self._shape == "bars" or self._markdown)):
            return False
        if not _BAR.match(stripped) and self._shape != "bars" and not (self._markdown and len(bars) > 1):
            return False
        if self._shape != "bars" or self._gap:
            self.end()
            self._shape = "bars"
        self._gap = False
        cells = re.split(r"(?<!\\)[|│┃║｜]", stripped)
        cells = cells[1:] if not cells[0].strip() and _BAR.match(stripped) else cells
        cells = cells[:-1] if len(cells) > 1 and not cells[-1].strip() else cells
        self._rows.append([(number, [cell]) for cell in cells])
        return True

    def _cell_text(self, lines: list[str]) -> str:
        text = "\n".join(line.strip() for line in lines if line.strip())
        return self._clean(_BOOKMARK.sub("", text))

    def _paragraph(self, line: str, number: int) -> None:
        self.end()
        self._plain_paragraph(line, number)

    def _plain_paragraph(self, line: str, number: int) -> None:
        marks = _BOOKMARK.findall(line)
        text = _BOOKMARK.sub("", line).strip()
        level = 1 if any(mark.strip().startswith("_Toc") for mark in marks) else None
        if self._markdown and (match := _HEADING.fullmatch(text)):
            level, text = len(match[1]), match[2]
        text = self._clean(text)
        if text:
            self.blocks.append(Paragraph(text, Locator(line=number), level))


def _heading_with_page(row: list[tuple[int, list[str]]]) -> bool:
    """Whether a line with TABs is a line of a table of contents, or no row of cells at all."""
    texts = [text for _, lines in row if (text := " ".join(lines).strip())]
    return len(texts) < 2 or (len(texts) == 2 and re.fullmatch(r"-?\s*[\divxlc]{1,4}\s*-?", texts[-1].lower()) is not None)


def _clean(text: str) -> str:
    """Markdown's marks resolved: ``<br>``, escapes, entities, a cell that is bold as a whole."""
    text = _BREAK.sub("\n", text.strip())
    if len(text) > 4 and text.startswith("**") and text.endswith("**") and "**" not in text[2:-2]:
        text = text[2:-2]
    text = _ESCAPED.sub(lambda match: f"\0{ord(match[1])}\0", text)
    text = html.unescape(text)
    return re.sub(r"\0(\d+)\0", lambda match: chr(int(match[1])), text).strip()
