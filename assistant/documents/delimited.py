"""Lists as text (.csv, .tsv): one grid, the delimiter found out, quotes and line breaks in cells understood."""

from __future__ import annotations

import csv
import io

from assistant.documents.content import Content, decode
from assistant.documents.grids import COLUMN_CAP, PLACE_CAP
from assistant.documents.model import Document, Grid, GridCell, Locator, Notice
from assistant.documents.ooxml import clean
from assistant.errors import UnreadableFile

_DELIMITERS = ",\t;|，"


def read_delimited(content: Content) -> Document:
    """The content of a .csv or .tsv file; UnreadableFile when it is no text or has far too many cells."""
    text, notices = decode(content)
    declared = text[:6].lower()
    if declared.startswith("sep=") and len(declared) > 4:  # Excel's own way to name the delimiter
        delimiter, text = declared[4], text.partition("\n")[2]
    else:
        delimiter = _delimiter(text[:65536], "\t" if content.suffix == ".tsv" else ",")
    rows, odd = _rows(text, delimiter, content.path)
    document = Document(content.source("csv"), [], notices)
    if odd:
        document.notices.append(Notice(content.path, "有引号没有配对，其后的内容按原样读取，请核对"))
    width = max((len(row) for _, row in rows), default=0)
    if width:
        cells = [
            GridCell(i, j, row[j] if j < len(row) else "", locator=Locator(grid=1, row=i + 1, column=j + 1, line=line))
            for i, (line, row) in enumerate(rows)
            for j in range(width)
        ]
        document.blocks.append(Grid(len(rows), width, cells, Locator(grid=1)))
    return document


def _rows(text: str, delimiter: str, path: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """The rows with their line numbers, blank rows at both ends and blank columns at the right left out; whether quotes were odd."""
    odd = text.count('"') % 2 == 1
    # An unpaired quote would swallow the rest of the file into one cell.
    # The limit is the whole process's: only ever raised, or other readers of CSV would fail.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE) if odd else csv.reader(lines, delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    places = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UnreadableFile(f"“{path}”第{line}行不是规范的 CSV：{error}。", "请用 Excel 或 WPS 打开后另存为 .xlsx 再试。") from error
        if row is None:
            break
        cells = [clean(cell.replace("\r\n", "\n").replace("\r", "\n")).strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > COLUMN_CAP or (places := places + len(cells)) > PLACE_CAP:
            raise UnreadableFile(f"“{path}”的单元格过多（第{line}行有 {len(cells)} 列），没有读取。", "请拆成较小的文件再试。")
        if cells or rows:
            rows.append((line, cells))
    while rows and not rows[-1][1]:
        rows.pop()
    if rows and len(rows) * max(len(row) for _, row in rows) > PLACE_CAP:
        raise UnreadableFile(f"“{path}”的行列过多，没有读取。", "请拆成较小的文件再试。")
    return rows, odd


def _delimiter(sample: str, usual: str) -> str:
    """The delimiter that parts the first line and most others into the same number of cells, more than one."""
    best, most = usual, (False, 0)
    for delimiter in _DELIMITERS:
        try:
            counts = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)][:200]
        except csv.Error:
            continue
        widths = [count for count in counts if count > 1]
        score = counts[:1] > [1], max((widths.count(width) * (width - 1) for width in set(widths)), default=0)
        if score > most or (score == most and score[1] and delimiter == usual):
            best, most = delimiter, score
    return best
