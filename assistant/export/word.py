"""The official form as a Word file: real merged cells, heading styles with outline levels, A4 type area of GB/T 9704, page numbers.

The unchanging parts of the package (styles, fonts, footer) are XML files under ``parts/``, readable and diffable; the document itself is
put together here as text, which is some thirty times faster than building it through an object model. The same input gives the same
bytes.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from xml.sax.saxutils import escape

from assistant import taxonomy
from assistant.export.characters import clean
from assistant.export.layout import FormBlock, FormCell, PrintedForm
from assistant.export.outline import PART_ONE, PART_TWO, Line, Whole
from assistant.export.pages import heading_pages

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# Twips. Margins of GB/T 9704 (37, 26, 35, 28 mm), the type area is 156 mm wide.
TEXT_WIDTH = 8844
_PAGE = '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1985" w:left="1588" w:header="851" w:footer="1304" w:gutter="0"/>'
_STYLES = {"label": "FormLabel", "center": "FormCenter", "left": "FormText", "unit": "FormText", "note": "FormNote"}
_FORM_HEADING = '<w:spacing w:after="120" w:line="520" w:lineRule="exact"/><w:ind w:firstLineChars="0" w:firstLine="0"/><w:jc w:val="center"/>'
_OPEN_SHADE = '<w:shd w:val="clear" w:color="auto" w:fill="FFF2CC"/>'
_BARE = "<w:tcBorders>" + "".join(f'<w:{side} w:val="nil"/>' for side in ("top", "left", "right")) + "</w:tcBorders>"


def word(whole: Whole, *, pages: Mapping[int, int] | None = None) -> bytes:
    """The document as the bytes of a .docx file.

    ``pages`` maps contents entries (counted from 0) to the page measured for them; without it the page numbers are estimates.
    """
    return package(document(_body(whole, pages or {})), title=whole.title)


def document(body: str) -> str:
    """document.xml around a body's XML."""
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'


def package(document_xml: str, *, title: str) -> bytes:
    """A .docx package with this document.xml and the package's own styles."""
    contents = {
        "[Content_Types].xml": part("content-types.xml"),
        "_rels/.rels": part("rels.xml"),
        "word/document.xml": document_xml,
        "word/_rels/document.xml.rels": part("document-rels.xml"),
        "word/styles.xml": part("styles.xml"),
        "word/settings.xml": part("settings.xml"),
        "word/fontTable.xml": part("fonts.xml"),
        "word/footer1.xml": part("footer.xml"),
        "docProps/core.xml": Template(part("core.xml")).substitute(title=escape(clean(title))),
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for name, text in contents.items():
            # A fixed date: the same tables give the same file.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode("utf-8"))
    return stream.getvalue()


@cache
def part(name: str) -> str:
    """The text of a part that travels with this package."""
    return (Path(__file__).parent / "parts" / name).read_text(encoding="utf-8")


def _body(whole: Whole, pages: Mapping[int, int]) -> str:
    out: list[str] = []
    marks = _Bookmarks()
    if whole.cover:
        out += _front(whole, pages)
        if whole.lines:
            out.append(paragraph(PART_ONE, "Heading1", mark=marks.next()))
    for i, line in enumerate(whole.lines):
        out.append(_line(line, marks, new_page=i == 0))
    if whole.cover and whole.lines and whole.forms:
        out.append(paragraph(PART_TWO, "Heading1", mark=marks.next()))
    for i, form in enumerate(whole.forms):
        out += _form(form, marks, new_page=i > 0 or bool(whole.cover))
    start = '<w:pgNumType w:start="1"/>' if whole.cover else ""
    out.append(f'<w:sectPr><w:footerReference w:type="default" r:id="rId4"/>{_PAGE}{start}</w:sectPr>')
    return "".join(out)


class _Bookmarks:
    """Hands out the bookmarks that the contents point at, in the order of the document."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        """The name of the next bookmark."""
        self.count += 1
        return self.name(self.count - 1)

    @staticmethod
    def name(index: int) -> str:
        """The bookmark of a contents entry counted from 0, named as Word names its own."""
        return f"_Toc{100000001 + index}"


def contents_entries(whole: Whole) -> list[tuple[int, str]]:
    """(level, text) of each entry of the table of contents."""
    entries = [(1, PART_ONE)] if whole.lines else []
    entries += [(2, line.text) for line in whole.lines if line.level == 2]
    if whole.lines and whole.forms:
        entries.append((1, PART_TWO))
    return entries + [(2, form.heading) for form in whole.forms]


def _front(whole: Whole, pages: Mapping[int, int]) -> list[str]:
    """Cover and contents, a section without page numbers."""
    out = [
        paragraph(text, "Subtitle" if i < len(whole.cover) - 1 else "Title", look='<w:spacing w:before="3600"/>' if len(whole.cover) == 1 else "")
        for i, text in enumerate(whole.cover)
    ]
    out.append(paragraph("目　录", "TOCHeading"))
    parts = [text for level, text in contents_entries(whole) if level == 1]
    estimated = heading_pages(whole.lines, whole.forms, parts=parts)
    entries = contents_entries(whole)
    for i, (level, text) in enumerate(entries):
        page = pages.get(i, estimated[i])
        name = _Bookmarks.name(i)
        begin = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>' if i == len(entries) - 1 else ""
        out.append(
            f'<w:p><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr>{begin if i == 0 else ""}<w:hyperlink w:anchor="{name}" w:history="1">'
            f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r><w:r><w:tab/></w:r>{_page_field(name, page)}</w:hyperlink>{end}</w:p>'
        )
    out.append(f"<w:p><w:pPr><w:sectPr>{_PAGE}</w:sectPr></w:pPr></w:p>")
    return out


def _page_field(name: str, page: int) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>{page}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _line(line: Line, marks: _Bookmarks, *, new_page: bool) -> str:
    if line.level == 2:
        return paragraph(line.text, "Heading2", mark=marks.next(), new_page=new_page)
    if line.level == 3:
        return paragraph(line.text, "Heading3", new_page=new_page)
    rest = line.text[len(line.lead) :]
    bold = run(line.lead, "<w:b/><w:bCs/>") if line.lead else ""
    return f'<w:p><w:pPr><w:pStyle w:val="BodyText"/>{"<w:pageBreakBefore/>" if new_page else ""}</w:pPr>{bold}{run(rest)}</w:p>'


def _form(form: PrintedForm, marks: _Bookmarks, *, new_page: bool) -> Iterable[str]:
    # Word's own heading style, so that every reader knows it as one; centred like a form's title.
    yield paragraph(form.heading, "Heading2", mark=marks.next(), new_page=new_page, look=_FORM_HEADING)
    if form.year:
        yield paragraph(form.year, "FormYear")
    yield grid(form.header, "header")
    yield '<w:p><w:pPr><w:pStyle w:val="FormGap"/></w:pPr></w:p>'
    yield grid(form.indicators, "indicators")
    if any(cell.open for block in form.blocks for row in block.rows for cell in row):
        yield paragraph(f"注：带底色的单元格（{taxonomy.OPEN_VALUE}或空白）尚无依据，核实填写后再报送。", "FormRemark")
    else:
        yield '<w:p><w:pPr><w:pStyle w:val="FormGap"/></w:pPr></w:p>'


def paragraph(text: str, style: str, *, mark: str = "", new_page: bool = False, look: str = "") -> str:
    """A paragraph of one run; ``mark`` makes it the target of a contents entry, ``look`` is formatting beyond its style."""
    properties = f'<w:pStyle w:val="{style}"/>' + ("<w:pageBreakBefore/>" if new_page else "") + look
    begin, end = "", ""
    if mark:
        number = int(mark.removeprefix("_Toc")) % 1000
        begin, end = f'<w:bookmarkStart w:id="{number}" w:name="{mark}"/>', f'<w:bookmarkEnd w:id="{number}"/>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{begin}{run(text)}{end}</w:p>"


def run(text: str, properties: str = "") -> str:
    """A run of text; tabs are Word's tabs, the word 待核实 is marked."""
    if not text:
        return ""
    wrapped = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    out = []
    for i, piece in enumerate(text.split(taxonomy.OPEN_VALUE)):
        if i:
            out.append(f'<w:r><w:rPr><w:rStyle w:val="Open"/>{properties}</w:rPr><w:t>{taxonomy.OPEN_VALUE}</w:t></w:r>')
        if piece:
            inner = "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in piece.split("\t"))
            out.append(f"<w:r>{wrapped}{inner}</w:r>")
    return "".join(out)


def grid(block: FormBlock, kind: str) -> str:
    """A block as a Word table with its real column borders and merged cells."""
    edges = [edge * TEXT_WIDTH // 1000 for edge in block.edges]
    columns = "".join(f'<w:gridCol w:w="{right - left}"/>' for left, right in itertools.pairwise(edges))
    height = 480 if kind == "header" else 680
    rows = "".join(_row(block, row, edges, kind=kind, head=i < block.head, height=height) for i, row in enumerate(block.rows))
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="FormTable"/><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )


def _row(block: FormBlock, row: Sequence[FormCell], edges: Sequence[int], *, kind: str, head: bool, height: int) -> str:
    if head:
        height = 400 if kind == "header" else 480
    properties = f'<w:cantSplit/><w:trHeight w:val="{height}" w:hRule="atLeast"/>' + ("<w:tblHeader/>" if head else "")
    cells = "".join(_cell(block, cell, edges, head=head and kind == "indicators", bare=head and kind == "header") for cell in row)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def _cell(block: FormBlock, cell: FormCell, edges: Sequence[int], *, head: bool, bare: bool) -> str:
    first, span = block.columns(cell)
    properties = f'<w:tcW w:w="{edges[first + span] - edges[first]}" w:type="dxa"/>'
    if span > 1:
        properties += f'<w:gridSpan w:val="{span}"/>'
    if cell.rows != 1:
        properties += '<w:vMerge w:val="restart"/>' if cell.rows else "<w:vMerge/>"
    if bare:
        properties += _BARE
    if cell.open:
        properties += _OPEN_SHADE
    style = "FormHead" if head else _STYLES[cell.kind]
    begin = f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>'
    paragraphs = "".join(f"{begin}{run(text)}</w:p>" for text in cell.text.split("\n"))
    return f'<w:tc><w:tcPr>{properties}<w:vAlign w:val="center"/></w:tcPr>{paragraphs}</w:tc>'
