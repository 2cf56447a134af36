"""On which page a heading will stand, estimated, so that a table of contents is filled before anyone opens the file.

The estimate is good because the layout is: fixed line heights, square characters, a new page for every form. Word and LibreOffice
put the exact numbers in when the field is updated; the PDF writer measures them.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from assistant.export.layout import FormBlock, PrintedForm
from assistant.export.outline import Line

# Points. The type area of GB/T 9704: 156 mm × 225 mm on A4.
AREA_WIDTH, AREA_HEIGHT = 442.2, 637.8
BODY_SIZE, BODY_LINE = 16.0, 28.0
FORM_SIZE, FORM_LINE = 10.5, 16.0
HEADING_LINE, YEAR_LINE, GAP = 26.0, 23.0, 5.0
CELL_PADDING, CELL_MARGIN = 6.5, 6.0
HEADER_ROW, INDICATOR_ROW = 24.0, 34.0


def width_of(text: str) -> float:
    """The width of a text in characters' widths: Chinese 1, Latin ½."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def lines_of(text: str, size: float, width: float, indent: float = 0.0) -> int:
    """How many lines a text takes at a font size within a width, all in points. Punctuation that may not begin a line costs some room."""
    fits = max(1, math.floor(width / size))
    whole = [width_of(part) + (indent if i == 0 else 0) for i, part in enumerate(text.split("\n"))]
    return sum(max(1, math.ceil(part * (1.01 if part > fits else 1.0) / fits)) for part in whole)


def row_heights(block: FormBlock, least: float) -> list[float]:
    """The height of each row of a block in points."""
    heights = []
    for row in block.rows:
        tallest = least
        for cell in row:
            if cell.rows == 1:
                width = (cell.right - cell.left) / 1000 * AREA_WIDTH - CELL_MARGIN
                tallest = max(tallest, lines_of(cell.text, FORM_SIZE, width) * FORM_LINE + CELL_PADDING)
        heights.append(tallest)
    return heights


def pages_of(form: PrintedForm) -> int:
    """How many pages a form fills when it starts on a new one."""
    used = lines_of(form.heading, BODY_SIZE, AREA_WIDTH) * HEADING_LINE + 6 + (YEAR_LINE if form.year else 0)
    pages = 1
    for block, least in zip(form.blocks, (HEADER_ROW, INDICATOR_ROW), strict=True):
        heights = row_heights(block, least)
        repeated = sum(heights[: block.head])
        for height in heights:
            if used + height > AREA_HEIGHT:
                pages += 1
                used = repeated
            used += min(height, AREA_HEIGHT - used)
        used += GAP
    return pages


def heading_pages(lines: Sequence[Line], forms: Sequence[PrintedForm], *, parts: Sequence[str]) -> list[int]:
    """The page of each contents entry, in the order of the document: part 1 and its headings of level 2, part 2 and its forms.

    ``parts`` are the names of the parts that are printed, each on a page of its own; page 1 is the first one after the contents.
    """
    pages, page = [], 1
    if lines:
        pages.append(page)
        page, used = page + 1, 0
        capacity = int(AREA_HEIGHT // BODY_LINE)
        for line in lines:
            height = lines_of(line.text, BODY_SIZE, AREA_WIDTH, indent=2)
            # A heading keeps the first line of what follows beside it.
            if used and used + (height + 1 if line.level else 1) > capacity:
                page, used = page + 1, 0
            if line.level == 2:
                pages.append(page)
            used += height
            page, used = page + used // capacity, used % capacity
        page += 1 if used else 0
    if len(parts) > 1:
        pages.append(page)
        page += 1
    for form in forms:
        pages.append(page)
        page += pages_of(form)
    return pages
