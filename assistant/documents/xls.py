"""Old Excel files (.xls, and .et of WPS): read by xlrd in a process of its own, shown with the number formats of the file.

A process apart, with limits on memory and time, because a broken file can make any reader of this format eat both. Where the library
gives up, LibreOffice is tried.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from assistant.documents import memory
from assistant.documents.content import Content
from assistant.documents.legacy import read_spreadsheet, unlocked
from assistant.documents.libreoffice import program
from assistant.documents.model import Document, Notice
from assistant.documents.numberformat import general, number_format, plain
from assistant.documents.ooxml import clean
from assistant.documents.sheets import Sheet, a1, add_sheet, say_hidden
from assistant.errors import UnreadableFile

SECONDS = 60.0
MEMORY_CAP = 2 << 30
_CELL_CAP = 1_500_000
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read_xls(content: Content) -> Document:
    """The content of an .xls or .et file: per visible sheet its name and grid."""
    data = unlocked(content)
    try:
        book = _read_apart(data, content.path)
    except UnreadableFile:
        if program() is None:
            raise
        return read_spreadsheet(content)
    document = Document(content.source(content.suffix.lstrip(".") or "xls"), [])
    if not book["formatted"]:
        document.notices.append(Notice("全文", "读不到单元格格式和合并信息，数字和日期按存储的值显示，请核对"))
    for number, sheet in enumerate(book["sheets"], 1):
        _add_sheet(document, sheet, number, bool(book["since_1904"]))
    return document


def _add_sheet(document: Document, raw: dict[str, Any], number: int, since_1904: bool) -> None:
    name = clean(str(raw["name"]))
    if raw["hidden"]:
        say_hidden(name, document)
        return
    sheet = Sheet(name, merges=[(int(a), int(b), int(c), int(d)) for a, b, c, d in raw["merges"]])
    for row, column, kind, value, code in raw["cells"]:
        text = _text(kind, value, code, since_1904, a1(row, column), sheet)
        if text:
            sheet.cells[int(row), int(column)] = text
    add_sheet(sheet, number, document)


def _text(kind: str, value: Any, code: str, since_1904: bool, place: str, sheet: Sheet) -> str:
    if kind == "text":
        return number_format(code[:1000]).text(clean(str(value)).strip()) if value else ""
    if kind == "truth":
        return "TRUE" if value else "FALSE"
    if kind == "error":
        return _ERRORS.get(int(value), "#?")
    number = plain(str(value))
    if number is None:
        return ""
    if code in ("", "General"):
        return general(number)
    shown = number_format(code[:1000]).number(number, since_1904=since_1904)
    if not shown.exact:
        sheet.say("rounded", f"{place} 显示 {shown.text}，存储 {general(number)}")
    return clean(shown.text)


def _read_apart(data: bytes, path: str) -> dict[str, Any]:
    """The raw content as the child process sends it; UnreadableFile when it fails, is too slow or too hungry."""
    package = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))), "PYTHONUTF8": "1"}
    try:
        done = subprocess.run([sys.executable, "-m", __name__], input=data, capture_output=True, timeout=SECONDS, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableFile(f"“{path}”在 {SECONDS:.0f} 秒内没有读完，已放弃。", "请用 Excel 或 WPS 打开，另存为 .xlsx 再试。") from None
    if done.returncode != 0:
        raise UnreadableFile(f"“{path}”不是完整的 Excel 97-2003 文件，打不开。", "请用 Excel 或 WPS 打开，另存为 .xlsx 再试。")
    book: dict[str, Any] = json.loads(done.stdout)
    return book


# -- in the child process ---------------------------------------------------------------------------------------------------------------


def _raw_book(data: bytes) -> dict[str, Any]:
    import xlrd

    silent = io.StringIO()
    try:
        book, formatted = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=silent), True
    except Exception:  # any error in the formats of a file that is otherwise whole
        book, formatted = xlrd.open_workbook(file_contents=data, ragged_rows=True, logfile=silent), False
    return {"since_1904": book.datemode == 1, "formatted": formatted, "sheets": [_raw_sheet(book, sheet, formatted) for sheet in book.sheets()]}


_KINDS = {1: "text", 2: "number", 3: "number", 4: "truth", 5: "error"}


def _raw_sheet(book: Any, sheet: Any, formatted: bool) -> dict[str, Any]:
    cells = []
    hidden = bool(sheet.visibility)
    for row in range(0 if hidden else sheet.nrows):
        for column, cell in enumerate(sheet.row(row)):
            kind = _KINDS.get(cell.ctype)
            if kind is None:
                continue
            code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str if formatted and cell.xf_index is not None else ""
            if not formatted and cell.ctype == 3:
                code = "yyyy/m/d"
            cells.append((row, column, kind, cell.value, code))
            if len(cells) > _CELL_CAP:
                raise MemoryError
    merges = [(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
    return {"name": sheet.name, "hidden": hidden, "cells": cells, "merges": merges}


def _serve() -> None:
    memory.limit(MEMORY_CAP)
    sys.stdout.write(json.dumps(_raw_book(sys.stdin.buffer.read())))


if __name__ == "__main__":
    _serve()
