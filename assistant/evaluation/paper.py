"""Any document's blocks and grids as a plain Word, Excel or web file: how the reading suite puts one form before several readers.

Not the official form (that is ``export``): real spans, real merges, no styles, so that what is read back can only come from the grids.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from html import escape

from assistant.documents.model import Document, Grid, GridCell
from assistant.errors import InputError

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def written(document: Document, via: str) -> bytes:
    """The document as a ``docx``, ``xlsx`` or ``html`` file. InputError for another format."""
    if via not in _WRITERS:
        raise InputError(f"评测集不能把表写成“{via}”。", f"via 可用：{'、'.join(_WRITERS)}。")
    return _WRITERS[via](document)


def _word(document: Document) -> bytes:
    body = "".join(_word_table(block) + _word_text("") if isinstance(block, Grid) else _word_text(block.text) for block in document.blocks)
    part = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_W}"><w:body>{body}<w:sectPr/></w:body></w:document>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"[Content_Types].xml": _TYPES, "_rels/.rels": _LINKS, "word/document.xml": part}.items():
            archive.writestr(name, text)
    return stream.getvalue()


def _word_text(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r></w:p>' if text else "<w:p/>"


def _word_table(grid: Grid) -> str:
    rows = []
    for row in range(grid.rows):
        cells = []
        for column, cell in _starting(grid, row):
            wide = f'<w:gridSpan w:val="{cell.column_span}"/>' if cell.column_span > 1 else ""
            tall = "" if cell.row_span == 1 else '<w:vMerge w:val="restart"/>' if cell.row == row else "<w:vMerge/>"
            text = cell.text if cell.row == row else ""
            cells.append((column, f"<w:tc><w:tcPr>{wide}{tall}</w:tcPr>{''.join(map(_word_text, text.split(chr(10))))}</w:tc>"))
        rows.append(f"<w:tr>{''.join(text for _, text in sorted(cells))}</w:tr>")
    return f"<w:tbl><w:tblPr/><w:tblGrid>{'<w:gridCol/>' * grid.columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _starting(grid: Grid, row: int) -> Iterator[tuple[int, GridCell]]:
    """What stands in a row, holes as empty cells, by column."""
    column = 0
    while column < grid.columns:
        cell = grid.at(row, column) or GridCell(row, column, "")
        yield column, cell
        column = cell.column + cell.column_span


def _excel(document: Document) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        width = max((block.columns for block in document.blocks if isinstance(block, Grid)), default=1)
        at = 0
        for block in document.blocks:
            if not isinstance(block, Grid):
                sheet.merge_range(at, 0, at, width - 1, block.text) if width > 1 else sheet.write_string(at, 0, block.text)
                at += 1
                continue
            for cell in block.cells:
                top, left = at + cell.row, cell.column
                if cell.row_span * cell.column_span > 1:
                    sheet.merge_range(top, left, top + cell.row_span - 1, left + cell.column_span - 1, cell.text)
                else:
                    sheet.write_string(top, left, cell.text)
            at += block.rows
    return stream.getvalue()


def _web(document: Document) -> bytes:
    parts = [_web_table(block) if isinstance(block, Grid) else f"<p>{escape(block.text)}</p>" for block in document.blocks]
    return f"<!doctype html><html><head><meta charset=utf-8></head><body>{''.join(parts)}</body></html>".encode()


def _web_table(grid: Grid) -> str:
    rows: list[list[str]] = [[] for _ in range(grid.rows)]
    for cell in sorted(grid.cells, key=lambda one: (one.row, one.column)):
        text = escape(cell.text).replace("\n", "<br>")
        rows[cell.row].append(f'<td rowspan="{cell.row_span}" colspan="{cell.column_span}">{text}</td>')
    return f"<table border=1>{''.join(f'<tr>{chr(10).join(cells)}</tr>' for cells in rows)}</table>"


_WRITERS = {"docx": _word, "xlsx": _excel, "html": _web}
