"""Excel 2003 XML (``<?mso-application progid="Excel.Sheet"?>``), which many office systems export under the name .xls."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from lxml import etree

from assistant.documents.content import Content
from assistant.documents.model import Document
from assistant.documents.numberformat import general, number_format, plain
from assistant.documents.ooxml import clean, parse_xml
from assistant.documents.sheets import Sheet, add_sheet, say_hidden

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
# The names of built-in formats in this dialect.
_NAMED = {
    "General Date": "yyyy/m/d h:mm",
    "Long Date": 'yyyy"年"m"月"d"日"',
    "Medium Date": "d-mmm-yy",
    "Short Date": "yyyy/m/d",
    "Long Time": "h:mm:ss",
    "Medium Time": "h:mm AM/PM",
    "Short Time": "h:mm",
    "Currency": "¥#,##0.00",
    "Euro Currency": "€#,##0.00",
    "Fixed": "0.00",
    "Standard": "#,##0.00",
    "Percent": "0.00%",
    "Scientific": "0.00E+00",
    "General Number": "General",
    "General": "General",
}
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def read_spreadsheetml(content: Content) -> Document:
    """The content of an Excel 2003 XML file: per visible sheet its name and grid."""
    root = parse_xml(content.data.lstrip(b"\xef\xbb\xbf \t\r\n"), content.path)
    codes = _formats(root)
    document = Document(content.source("xls"), [])
    for number, worksheet in enumerate(root.iterfind(f"{_SS}Worksheet"), 1):
        name = clean(worksheet.get(_SS + "Name") or "")
        if any(str(item.tag).endswith("}Visible") and (item.text or "").startswith("Sheet") for item in worksheet.iter("{*}Visible")):
            say_hidden(name, document)
            continue
        sheet = Sheet(name)
        table = worksheet.find(f"{_SS}Table")
        if table is not None:
            _read_table(table, sheet, codes)
        add_sheet(sheet, number, document)
    return document


def _formats(root: etree._Element) -> dict[str, str]:
    """Style id → format code, inherited from parent styles."""
    own: dict[str, tuple[str | None, str | None]] = {}
    for style in root.iterfind(f"{_SS}Styles/{_SS}Style"):
        number = style.find(f"{_SS}NumberFormat")
        own[style.get(_SS + "ID") or ""] = (number.get(_SS + "Format") if number is not None else None, style.get(_SS + "Parent"))
    codes: dict[str, str] = {}
    for name in own:
        code, parent = own[name]
        for _ in range(10):
            if code is not None or parent not in own:
                break
            code, parent = own[parent]
        codes[name] = _NAMED.get(code or "", code or "General")
    return codes


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\d{1,7}", text) else None


def _read_table(table: etree._Element, sheet: Sheet, codes: dict[str, str]) -> None:
    row = -1
    held: dict[int, int] = {}  # column → last row that a merge from above covers
    for line in table.iterfind(f"{_SS}Row"):
        index = _whole(line.get(_SS + "Index"))
        row = index - 1 if index else row + 1
        column = -1
        for cell in line.iterfind(f"{_SS}Cell"):
            index = _whole(cell.get(_SS + "Index"))
            column = index - 1 if index else column + 1
            while not index and held.get(column, -1) >= row:
                column += 1
            if not (0 <= row < _LAST_ROW and 0 <= column < _LAST_COLUMN):
                break
            across = min(_whole(cell.get(_SS + "MergeAcross")) or 0, _LAST_COLUMN - 1 - column)
            down = min(_whole(cell.get(_SS + "MergeDown")) or 0, _LAST_ROW - 1 - row)
            if across or down:
                sheet.merges.append((row, column, row + down, column + across))
                held.update(dict.fromkeys(range(column, column + across + 1), row + down) if down else {})
            text = _text(cell, codes.get(cell.get(_SS + "StyleID") or "", "General"))
            if text:
                sheet.cells[row, column] = text
            column += across


def _text(cell: etree._Element, code: str) -> str:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return ""
    value = "".join(str(part) for part in data.itertext())
    kind = data.get(_SS + "Type")
    if kind == "Boolean":
        return "TRUE" if value.strip() == "1" else "FALSE"
    number = plain(value) if kind == "Number" else _serial(value) if kind == "DateTime" else None
    if number is None:
        return clean(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if kind == "DateTime" and code == "General":
        code = "yyyy/m/d"
    return general(number) if code == "General" else clean(number_format(code[:1000]).number(number).text)


def _serial(value: str) -> Decimal | None:
    """An ISO time as Excel's count of days."""
    try:
        moment = datetime.fromisoformat(value.strip().rstrip("Z"))
    except ValueError:
        return None
    days = moment.replace(tzinfo=None) - datetime(1899, 12, 30)
    return Decimal(days.days) + Decimal(days.seconds) / 86_400
