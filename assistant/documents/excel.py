"""Excel files (.xlsx, .xlsm): each visible sheet as one grid with its merged cells, numbers and dates as a person sees them.

A sparse, streaming reader: a sheet that declares a million empty rows costs the reading of its text and nothing else. Formulas are
never calculated; their stored results are read. Hidden sheets are named, not read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from assistant.documents.content import Content
from assistant.documents.model import Document, Locator, Notice, Paragraph
from assistant.documents.numberformat import BUILT_IN, NumberFormat, general, number_format, plain
from assistant.documents.ooxml import Package, Relationship, clean, refuse_doctype
from assistant.documents.sheets import Sheet, a1, add_sheet, say_hidden
from assistant.errors import UnreadableFile

SHEET_CAP = 192 << 20
CELL_CAP = 1_500_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")


def read_excel(content: Content) -> Document:
    """The content of an .xlsx or .xlsm: per visible sheet its name, its grid, its text boxes and comments."""
    source = content.source("xlsx")
    package = Package(content.data, source.path, password=content.password)
    main = package.main_part("xl/workbook.xml")
    if main not in package:
        raise UnreadableFile(f"“{source.path}”里没有工作簿，不是 Excel 文件。", "请确认文件类型；Word 文件请用 .docx 扩展名。")
    workbook = package.xml(main)
    links = package.relationships(main)
    book = _Book(package, workbook, links)
    document = Document(source, [])
    for name, hidden, link in book.sheets(workbook):
        if link is None or link.external or link.target not in package:
            document.notices.append(Notice(f"工作表“{name}”", "找不到这个工作表的内容，未读取"))
        elif link.kind != "worksheet":
            document.notices.append(Notice(f"工作表“{name}”", "是图表或宏表，未读取"))
        elif hidden:
            say_hidden(name, document)
        else:
            book.read_sheet(name, link.target, document)
    if any(part.endswith("vbaproject.bin") for part in package.parts()):
        document.notices.append(Notice("全文", "文件含宏代码，没有运行"))
    if any(link.kind == "externalLink" for link in links.values()):
        document.notices.append(Notice("全文", "含引用其他工作簿的公式，没有访问那些文件，读取的是保存时的数值"))
    return document


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(parent: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (child for child in (parent if parent is not None else ()) if _local(child) == name)


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(parent, name), None)


def _truth(text: str | None) -> bool:
    return text in ("1", "true", "on")


class _Book:
    """The workbook's shared things: strings, formats, epoch."""

    def __init__(self, package: Package, workbook: etree._Element, links: dict[str, Relationship]) -> None:
        self.package = package
        self.links = links
        by_kind = {link.kind: link.target for link in links.values() if not link.external}
        self.strings = self._shared_strings(by_kind.get("sharedStrings"))
        self.formats = self._formats(by_kind.get("styles"))
        properties = _child(workbook, "workbookPr")
        self.since_1904 = properties is not None and _truth(properties.get("date1904"))
        self.grids = 0

    def sheets(self, workbook: etree._Element) -> Iterator[tuple[str, bool, Relationship | None]]:
        """Name, hiddenness and part of each sheet, in the order of the tabs."""
        for sheet in _children(_child(workbook, "sheets"), "sheet"):
            link_id = next((str(value) for key, value in sheet.attrib.items() if str(key).endswith("}id")), "")
            yield clean(sheet.get("name") or ""), sheet.get("state") in ("hidden", "veryHidden"), self.links.get(link_id)

    def _shared_strings(self, part: str | None) -> list[str]:
        if part is None or part not in self.package:
            return []
        return [_rich_text(item) for item in _streamed(self.package, part, "si")]

    def _formats(self, part: str | None) -> list[NumberFormat | None]:
        """The format of each cell style; None for General."""
        if part is None or part not in self.package:
            return []
        styles = self.package.xml(part)
        own = {item.get("numFmtId"): item.get("formatCode") or "General" for item in _children(_child(styles, "numFmts"), "numFmt")}
        found: list[NumberFormat | None] = []
        for style in _children(_child(styles, "cellXfs"), "xf"):
            number = style.get("numFmtId") or "0"
            code = own.get(number) or (BUILT_IN.get(int(number), "General") if number.isdecimal() and len(number) < 6 else "General")
            found.append(None if code in ("General", "G/通用格式") else number_format(code[:1000]))
        return found

    # -- one sheet --------------------------------------------------------------------------------------------------------------

    def read_sheet(self, name: str, part: str, document: Document) -> None:
        """A sheet's name, grid, text boxes and comments into a document."""
        sheet = Sheet(name)
        for element in _streamed(self.package, part, "row", "mergeCell", "col"):
            kind = _local(element)
            if kind == "row":
                self._row(element, sheet)
            elif kind == "mergeCell":
                _merge(element, sheet)
            elif _truth(element.get("hidden")):
                sheet.say("columns", f"第{element.get('min')}至{element.get('max')}列")
        self.grids += add_sheet(sheet, self.grids + 1, document)
        self._beside(name, part, document)

    def _row(self, row: etree._Element, sheet: Sheet) -> None:
        given = row.get("r")
        index = int(given) - 1 if given and given.isdecimal() and len(given) < 8 else sheet.last_row + 1
        sheet.last_row = index
        column = -1
        filled = False
        for cell in row:
            reference = cell.get("r")
            column += 1
            if reference is not None:
                place = place_of(reference)
                if place is None:
                    sheet.say("outside", reference[:20])
                    continue
                index, column = place
                sheet.last_row = index
            text = self._cell(cell, index, column, sheet) if len(cell) else ""
            if text:
                filled = True
                sheet.cells[index, column] = text
                if len(sheet.cells) > CELL_CAP:
                    raise _too_many(self.package.name)
        if filled and _truth(row.get("hidden")):
            sheet.say("rows", f"第{index + 1}行")

    def _cell(self, cell: etree._Element, row: int, column: int, sheet: Sheet) -> str:
        kind = cell.get("t") or "n"
        value = inline = formula = None
        for child in cell:
            local = _local(child)
            if local == "v":
                value = child.text
            elif local == "is":
                inline = child
            elif local == "f":
                formula = child
        if kind == "inlineStr":
            return self._styled(cell, clean(_rich_text(inline)).strip() if inline is not None else "", row, column, sheet)
        if value is None or value == "":
            if formula is not None and kind != "str":
                sheet.say("formula", a1(row, column))
            return ""
        if kind == "s":
            text = self.strings[int(value)] if value.isdecimal() and len(value) < 9 and int(value) < len(self.strings) else ""
            return self._styled(cell, clean(text).strip(), row, column, sheet)
        if kind == "str":
            return self._styled(cell, clean(_unescaped(value)).strip(), row, column, sheet)
        if kind == "b":
            return "TRUE" if _truth(value) else "FALSE"
        if kind == "e":
            sheet.say("error", f"{a1(row, column)}（{value[:20]}）")
            return clean(value)
        if kind == "d":
            return clean(value.removesuffix("T00:00:00")).replace("T", " ")
        return self._number(cell, value, row, column, sheet)

    def _format_of(self, cell: etree._Element) -> NumberFormat | None:
        style = cell.get("s")
        if not style or not style.isdecimal() or len(style) > 6:
            return None
        index = int(style)
        return self.formats[index] if index < len(self.formats) else None

    def _styled(self, cell: etree._Element, text: str, row: int, column: int, sheet: Sheet) -> str:
        form = self._format_of(cell) if text else None
        if form is None:
            return text
        shown = form.text(text)
        if not shown:
            sheet.say("hidden", a1(row, column))
        return shown

    def _number(self, cell: etree._Element, value: str, row: int, column: int, sheet: Sheet) -> str:
        number = plain(value)
        if number is None:
            return clean(value)
        form = self._format_of(cell)
        if form is None:
            return general(number)
        shown = form.number(number, since_1904=self.since_1904)
        if not shown.exact:
            sheet.say("rounded", f"{a1(row, column)} 显示 {shown.text}，存储 {general(number)}")
        if not shown.text and number:
            sheet.say("hidden", a1(row, column))
        return clean(shown.text)

    # -- beside the cells -------------------------------------------------------------------------------------------------------

    def _beside(self, name: str, part: str, document: Document) -> None:
        """Text boxes and comments of a sheet; pictures are only counted."""
        for link in self.package.relationships(part).values():
            if link.external or link.target not in self.package:
                continue
            if link.kind == "comments":
                for comment in self.package.xml(link.target).iter("{*}comment"):
                    place = place_of(comment.get("ref") or "")
                    text = clean(_rich_text(_child(comment, "text"))).strip()
                    if text:
                        where = Locator(sheet=name, row=place[0] + 1, column=place[1] + 1) if place else Locator(sheet=name)
                        document.blocks.append(Paragraph(text, where, kind="comment"))
            elif link.kind == "drawing":
                root = self.package.xml(link.target)
                pictures = sum(1 for _ in root.iter("{*}pic"))
                for body in root.iter("{*}txBody"):
                    lines = ("".join(str(text) for text in line.itertext("{*}t")) for line in body.iter("{*}p"))
                    text = clean("\n".join(lines)).strip()
                    if text:
                        document.blocks.append(Paragraph(text, Locator(sheet=name), kind="textbox"))
                if pictures:
                    document.notices.append(Notice(f"工作表“{name}”", f"含 {pictures} 张图片，图中的文字未读取"))


def _streamed(package: Package, part: str, *names: str) -> Iterator[etree._Element]:
    """The elements of these names as the part is parsed, each emptied after use; a sheet with far too many values is not begun."""
    data = package.read(part, SHEET_CAP)
    refuse_doctype(data, package.name, part)
    if data.count(b"<v>") + data.count(b"<is>") > CELL_CAP:
        raise _too_many(package.name)
    tags = tuple("{*}" + name for name in names)
    try:
        for _, element in etree.iterparse(
            io.BytesIO(data), events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
        ):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise UnreadableFile(f"“{package.name}”的部件 {part} 不是完整的 XML，可能损坏或被截断。", "请用 Excel 或 WPS 打开后另存一份再试。") from error


def _too_many(name: str) -> UnreadableFile:
    return UnreadableFile(f"“{name}”里有超过 {CELL_CAP} 个非空单元格的工作表，没有读取。", "请拆成较小的文件再试。")


def _rich_text(item: etree._Element | None) -> str:
    """The text of a string item: plain or in runs, without reading aids (pinyin)."""
    parts: list[str] = []
    for child in item if item is not None else ():
        local = _local(child)
        if local == "t":
            parts.append(child.text or "")
        elif local == "r":
            parts.extend(text.text or "" for text in _children(child, "t"))
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n") if "_x" in text or "\r" in text else text


@lru_cache(maxsize=65536)
def place_of(reference: str) -> tuple[int, int] | None:
    """Row and column (0-based) of an address such as ``B3``; None when it is none or lies outside a sheet."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    return (row - 1, column - 1) if 0 < row <= 1_048_576 and column <= 16_384 else None


def _merge(element: etree._Element, sheet: Sheet) -> None:
    first, _, last = (element.get("ref") or "").partition(":")
    start, end = place_of(first), place_of(last or first)
    if start is not None and end is not None and start != end and start[0] <= end[0] and start[1] <= end[1]:
        sheet.merges.append((*start, *end))
