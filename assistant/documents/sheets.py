"""A spreadsheet's sheet as a grid: the used part only, merged cells as one, empty places filled where the grid is dense.

Shared by the readers of .xlsx, .xls and Excel 2003 XML.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.documents.grids import PLACE_CAP
from assistant.documents.model import Document, Grid, GridCell, Locator, Notice, Paragraph
from assistant.errors import UnreadableFile

MERGE_CAP = 200_000
# Up to here empty places become cells; beyond, blank rows and columns are left out and addresses keep the real place.
DENSE_CAP = 600_000
_FAR = 60


@dataclass(slots=True)
class Sheet:
    """A sheet's non-empty cells by place (0-based) and its merged ranges (first row, first column, last row, last column)."""

    name: str
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_row: int = -1
    # What has to be said about the sheet (a key of ``_SAID``) and where.
    said: dict[str, list[str]] = field(default_factory=dict)

    def say(self, what: str, where: str) -> None:
        """Note a place of which something has to be said."""
        self.said.setdefault(what, []).append(where)


_SAID = {
    "rounded": "{n} 个数按单元格格式显示，小数位少于存储的数：{where}",
    "formula": "{n} 个公式没有保存计算结果，未读到内容：{where}；请用 Excel 打开、重新计算并保存",
    "error": "{n} 个单元格是错误值：{where}",
    "covered": "{n} 个单元格被合并单元格遮住，其中的内容未计入：{where}",
    "hidden": "{n} 个单元格按格式不显示，未计入：{where}",
    "outside": "{n} 个单元格的地址无效，未读取：{where}",
    "rows": "{n} 个隐藏的行也已读取：{where}",
    "columns": "{n} 处隐藏的列也已读取：{where}",
}


def add_sheet(sheet: Sheet, number: int, document: Document) -> bool:
    """Put a sheet's name, its grid and what has to be said of it into a document; False when it is empty."""
    document.blocks.append(Paragraph(sheet.name, Locator(sheet=sheet.name), kind="sheet"))
    grid, covered = sheet_grid(sheet, number, document.source.path)
    if grid is not None:
        document.blocks.append(grid)
    for place in covered:
        sheet.say("covered", a1(*place))
    for what, places in sheet.said.items():
        more = "…" if len(places) > 5 else ""
        document.notices.append(Notice(f"工作表“{sheet.name}”", _SAID[what].format(n=len(places), where="、".join(places[:5]) + more)))
    return grid is not None


def say_hidden(name: str, document: Document) -> None:
    """Name a hidden sheet, which is not read."""
    document.notices.append(Notice(f"工作表“{name}”", "是隐藏的工作表，未读取；需要时请在 Excel 中取消隐藏"))


def a1(row: int, column: int) -> str:
    """The address a person sees: (2, 1) is B3."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def sheet_grid(sheet: Sheet, number: int, file: str) -> tuple[Grid | None, list[tuple[int, int]]]:
    """The grid of a sheet (None when empty) and the places of cells with content that a merged range hides."""
    if not sheet.cells:
        return None, []
    if len(sheet.merges) > MERGE_CAP:
        raise UnreadableFile(f"“{file}”的工作表“{sheet.name}”有超过 {MERGE_CAP} 个合并单元格，没有读取。", "请用 Excel 打开后另存一份再试。")
    last_row, last_column = max(row for row, _ in sheet.cells), max(column for _, column in sheet.cells)
    first_row, first_column = min(row for row, _ in sheet.cells), min(column for _, column in sheet.cells)
    merges = _clipped(sheet, first_row, first_column, last_row, last_column)
    last_row = max([last_row, *(merge[2] for merge in merges)])
    last_column = max([last_column, *(merge[3] for merge in merges)])
    dense = (last_row - first_row + 1) * (last_column - first_column + 1) <= DENSE_CAP
    rows: Sequence[int] = range(first_row, last_row + 1)
    columns: Sequence[int] = range(first_column, last_column + 1)
    if not dense:
        rows = sorted({row for row, _ in sheet.cells} | {row for merge in merges for row in (merge[0], merge[2])})
        columns = sorted({column for _, column in sheet.cells} | {column for merge in merges for column in (merge[1], merge[3])})
    if len(rows) * len(columns) > PLACE_CAP:
        raise UnreadableFile(f"“{file}”的工作表“{sheet.name}”用到 {len(rows)} 行 {len(columns)} 列，超出可读取的范围。", "请拆成较小的文件再试。")
    spans, covered = _placed(merges, rows, columns)
    row_at, column_at = {row: i for i, row in enumerate(rows)}, {column: i for i, column in enumerate(columns)}
    hidden: list[tuple[int, int]] = []
    found: dict[tuple[int, int], tuple[str, int, int]] = dict.fromkeys(spans, ("", -1, -1))
    for (row, column), text in sheet.cells.items():
        at = row_at[row], column_at[column]
        if covered.get(at, at) == at:
            found[at] = (text, row, column)
        else:
            hidden.append((row, column))
    places = ((i, j) for i in range(len(rows)) for j in range(len(columns))) if dense else iter(sorted(found))
    cells = []
    for i, j in places:
        if covered and covered.get((i, j), (i, j)) != (i, j):
            continue
        high, wide = spans.get((i, j), (1, 1))
        text = found[i, j][0] if (i, j) in found else ""
        cells.append(GridCell(i, j, text, high, wide, Locator(sheet=sheet.name, grid=number, row=rows[i] + 1, column=columns[j] + 1)))
    return Grid(len(rows), len(columns), cells, Locator(sheet=sheet.name, grid=number)), hidden


_Places = dict[tuple[int, int], tuple[int, int]]


def _placed(merges: list[tuple[int, int, int, int]], rows: Sequence[int], columns: Sequence[int]) -> tuple[_Places, _Places]:
    """Spans by place of the first cell, and the place of the first cell by every place covered, in the grid's own rows and columns."""
    spans: _Places = {}
    covered: _Places = {}
    left_over = PLACE_CAP
    for first_row, first_column, last_row, last_column in merges:
        top, bottom = bisect_left(rows, first_row), bisect_right(rows, last_row)
        left, right = bisect_left(columns, first_column), bisect_right(columns, last_column)
        left_over -= (bottom - top) * (right - left)
        if left_over < 0:
            break  # no sheet merges more places than it has: the rest overlaps
        inside = [(row, column) for row in range(top, bottom) for column in range(left, right)]
        if len(inside) > 1 and not any(place in covered for place in inside):  # of overlapping ranges the first holds, as in Excel's repair
            covered.update(dict.fromkeys(inside, (top, left)))
            spans[top, left] = (bottom - top, right - left)
    return spans, covered


def _clipped(sheet: Sheet, first_row: int, first_column: int, last_row: int, last_column: int) -> list[tuple[int, int, int, int]]:
    """The merged ranges that touch the used part; ranges running far beyond it (a title merged over all columns) are cut there."""
    found = []
    for top, left, bottom, right in sheet.merges:
        if top > last_row or left > last_column or bottom < first_row or right < first_column:
            continue
        bottom = bottom if bottom <= last_row + _FAR else last_row
        right = right if right <= last_column + _FAR else last_column
        top, left = max(top, first_row), max(left, first_column)
        if (top, left) != (bottom, right):
            found.append((top, left, bottom, right))
    return found
