"""Web pages (.html, .htm, saved pages .mht, and Office files that are web pages inside): blocks and tables with real spans.

Nothing is fetched, no script runs; what a person would not see (scripts, styles, ``display:none``) is left out.
"""

from __future__ import annotations

import email
import email.policy
import re

from lxml import etree
from lxml import html as lxml_html

from assistant.documents.content import Content, decode
from assistant.documents.grids import DEPTH_CAP, Placer, finished
from assistant.documents.model import Document, Grid, GridCell, Locator, Notice, Paragraph
from assistant.documents.ooxml import clean
from assistant.documents.symbols import readable
from assistant.errors import UnreadableFile

_TAG_CAP = 2_000_000
_PLACE_CAP = 2_000_000
_UNSEEN = frozenset("script style head template noscript object iframe svg canvas datalist colgroup col map audio video".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html "
    "legend li main menu nav ol p pre section summary ul".split()
)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE)
_SECTIONS = ("thead", "tbody", "tfoot")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)


def read_html(content: Content) -> Document:
    """The content of a web page; UnreadableFile when it is no text or far too large."""
    text, notices = _text(content)
    if text.count("<") > _TAG_CAP:
        raise UnreadableFile(f"“{content.path}”的网页标记过多，没有读取。", "请只保留绩效目标表所在的部分。")
    document = Document(content.source("html"), [], notices)
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(clean(text).encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        return document
    if any("depth" in entry.message for entry in parser.error_log):
        raise UnreadableFile(f"“{content.path}”的网页标记嵌套过深，没有读取。", "请用浏览器打开，把表格复制到 Word 或 Excel 中保存后再试。")
    page = _walked(root, content.path)
    document.blocks = page.blocks
    if page.hidden:
        document.notices.append(Notice("全文", f"有 {page.hidden} 处网页上不显示的文字，未计入"))
    if page.pictures:
        document.notices.append(Notice("全文", f"含 {page.pictures} 张图片，图中的文字未读取"))
    return document


def _walked(root: etree._Element, path: str) -> _Page:
    page = _Page(path)
    try:
        page.blocks_of(root)
    except RecursionError:
        # Tags never closed nest by the thousand; without the wrappers nothing but their nesting is lost.
        for wrapper in list(root.iter("div", "section", "article", "form", "center", "p")):
            wrapper.insert(0, etree.Element("br"))
            wrapper.append(etree.Element("br"))
        etree.strip_tags(root, "div", "section", "article", "form", "center", "p", "font", "span", "b", "i", "u", "a", "strong", "em", "small", "big", "o:p")
        page = _Page(path)
        page.blocks_of(root)
    page.end_paragraph()
    return page


def _text(content: Content) -> tuple[str, list[Notice]]:
    data = content.data
    if re.match(rb"(?:From |MIME-Version:|Content-Type: multipart)", data[:4096].lstrip(), re.IGNORECASE) or b"\nMIME-Version:" in data[:4096]:
        data = _page_of_mail(data)
    declared = _CHARSET.search(data[:4096])
    # Pages declare their encoding, often wrongly. Bytes that are UTF-8 or GB18030 show it; only Big5 must be believed.
    if declared and declared[1].lower() in (b"big5", b"big5-hkscs"):
        try:
            return data.decode("big5hkscs"), []
        except UnicodeDecodeError:
            pass
    return decode(Content(content.path, data))


def _page_of_mail(data: bytes) -> bytes:
    """The page inside a web archive (.mht): its first HTML part."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                charset = part.get_content_charset()
                return f'<meta charset="{charset}">'.encode() + payload if charset and not _CHARSET.search(payload[:4096]) else payload
    return data


class _Page:
    """Walks a page; inline text gathers into the open paragraph, blocks and tables close it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.blocks: list[Paragraph | Grid] = []
        self.hidden = 0
        self.pictures = 0
        self._line: list[str] = []
        self._level: int | None = None
        self._paragraphs = 0
        self._grids = 0
        self._places = 0
        self._depth = 0

    def blocks_of(self, element: etree._Element) -> None:
        """The content of an element, its own text first."""
        tag = _tag(element)
        if self._unseen(element, tag):
            return
        if tag == "table":
            self.end_paragraph()
            if _only_lays_out(element):
                self._unwrapped(element)
                return
            grid = self.table(element, self.blocks)
            if grid is not None:
                self.blocks.append(grid)
            return
        if tag == "br":
            self._line.append("\n")
        elif tag == "img":
            self.pictures += 1
        block = tag in _BLOCKS
        if block:
            self.end_paragraph()
        level = int(tag[1]) if re.fullmatch(r"h[1-6]", tag) else None
        self._level = level or self._level
        self._add(element.text, element)
        for child in element:
            if isinstance(child.tag, str):
                self.blocks_of(child)
            self._add(child.tail, element)
        if tag in ("input", "select", "textarea"):
            self._line.append(_field_value(element, tag))
        if block:
            self.end_paragraph()

    def _unwrapped(self, table: etree._Element) -> None:
        """The content of a table that only puts parts of the page beside each other, cell after cell."""
        for element in _own(table, "caption", "tr"):
            if self._unseen(element, _tag(element)):
                continue
            for cell in [element] if _tag(element) == "caption" else _own(element, "td", "th"):
                self.blocks_of(cell)
                self.end_paragraph()

    def end_paragraph(self) -> None:
        """Close the open paragraph."""
        text = _collapsed("".join(self._line))
        if text:
            self._paragraphs += 1
            self.blocks.append(Paragraph(text, Locator(line=self._paragraphs), self._level))
        self._line, self._level = [], None

    def _add(self, text: str | None, element: etree._Element) -> None:
        if text and _tag(element) not in ("select", "textarea"):
            self._line.append(_with_font(text, element))

    def _unseen(self, element: etree._Element, tag: str) -> bool:
        if tag in _UNSEEN:
            return True
        style = element.get("style")
        if element.get("hidden") is not None or (style and _HIDDEN.search(style)) or (tag == "input" and element.get("type") == "hidden"):
            self.hidden += any(str(text).strip() for text in element.itertext())
            return True
        return False

    # -- tables -----------------------------------------------------------------------------------------------------------------

    def table(self, table: etree._Element, beside: list[Paragraph | Grid]) -> Grid | None:
        """The grid of a table element; its caption goes before it into ``beside``."""
        self._grids += 1
        locator, placer = Locator(grid=self._grids), Placer()
        sections: list[tuple[int, list[etree._Element]]] = [(1, [])]
        for child in table:
            tag = _tag(child)
            if tag == "caption":
                text = self._cell_text(child, [])
                if text:
                    self._paragraphs += 1
                    beside.append(Paragraph(text, Locator(line=self._paragraphs), kind="caption"))
            elif tag in _SECTIONS:
                # A foot is shown last wherever it stands.
                sections.append(({"thead": 0, "tfoot": 2}.get(tag, 1), [row for row in child if _tag(row) == "tr"]))
                sections.append((1, []))
            elif tag == "tr":
                sections[-1][1].append(child)
        for _, rows in sorted(sections, key=lambda section: section[0]):
            for row in rows:
                # Word closes its saved tables with a row of no height that only names column widths.
                if not self._unseen(row, "tr") and (row.get("height") != "0" or any(str(text).strip() for text in row.itertext())):
                    self._row(row, placer, locator)
            if rows:
                placer.end_section()
        return finished(placer.cells, locator, self.path)

    def _row(self, row: etree._Element, placer: Placer, table: Locator) -> None:
        placer.start_row()
        for order, element in enumerate((child for child in row if _tag(child) in ("td", "th")), 1):
            if self._unseen(element, "td"):
                continue
            nested: list[Grid] = []
            text = self._cell_text(element, nested)
            # rowspan=0 means down to the end of the section.
            high = _whole(element.get("rowspan"), 1)
            cell: GridCell | None = placer.place(text, 65_534 if high == 0 else max(1, min(high, 65_534)), max(1, _whole(element.get("colspan"), 1)))
            if cell is None:
                raise UnreadableFile(f"“{self.path}”{table}的列数过多，没有读取。", "请只保留绩效目标表所在的部分。")
            self._places += cell.column_span
            if self._places > _PLACE_CAP:
                raise UnreadableFile(f"“{self.path}”的表格过大，没有读取。", "请只保留绩效目标表所在的部分。")
            cell.nested = nested
            cell.locator = Locator(grid=table.grid, row=placer.row + 1, column=order)

    def _cell_text(self, cell: etree._Element, nested: list[Grid]) -> str:
        parts: list[str] = []
        self._fill(cell, parts, nested)
        return _collapsed("".join(parts))

    def _fill(self, element: etree._Element, parts: list[str], nested: list[Grid]) -> None:
        if element.text:
            parts.append(_with_font(element.text, element))
        for child in element:
            tag = _tag(child)
            if not tag or self._unseen(child, tag):
                pass
            elif tag == "table":
                self._nest(child, parts, nested)
            elif tag == "br":
                parts.append("\n")
            elif tag in ("input", "select", "textarea"):
                parts.append(_field_value(child, tag))
            else:
                self.pictures += tag == "img"
                block = tag in _BLOCKS
                parts.append("\n" if block else "")
                self._fill(child, parts, nested)
                parts.append("\n" if block else "")
            if child.tail:
                parts.append(_with_font(child.tail, element))

    def _nest(self, table: etree._Element, parts: list[str], nested: list[Grid]) -> None:
        if self._depth >= DEPTH_CAP:
            parts.append(" ".join(str(text) for text in table.itertext()))
            return
        self._depth += 1
        before: list[Paragraph | Grid] = []
        inner = self.table(table, before)
        parts.extend(f"\n{block.text}\n" for block in before if isinstance(block, Paragraph))
        self._depth -= 1
        if inner is not None:
            nested.append(inner)


def _own(element: etree._Element, *tags: str) -> list[etree._Element]:
    """The rows of a table or the cells of a row, not those of tables inside it."""
    found: list[etree._Element] = []
    for child in element:
        if _tag(child) in tags:
            found.append(child)
        elif _tag(child) in _SECTIONS:
            found += _own(child, *tags)
    return found


def _only_lays_out(table: etree._Element) -> bool:
    """Whether a table holds other tables and hardly any rows of its own: the frame of a page, not a form with a table inside a cell."""
    inner = [child for child in table.iter("table") if child is not table]
    if not inner:
        return False
    inside = sum(len(str(text).strip()) for child in inner if next(child.iterancestors("table"), None) is table for text in child.itertext())
    if 2 * inside < sum(len(str(text).strip()) for text in table.itertext()):
        return False
    rows = [[cell for cell in _own(row, "td", "th") if any(str(text).strip() for text in cell.itertext())] for row in _own(table, "tr")]
    return sum(len(row) > 1 and not any(cell.find(".//table") is not None for cell in row) for row in rows) < 3


def _tag(element: etree._Element) -> str:
    return element.tag.rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _whole(text: str | None, default: int) -> int:
    match = re.match(r"\s*(\d{1,9})", text or "")
    return int(match[1]) if match else default


def _with_font(text: str, element: etree._Element) -> str:
    """Text with the private characters of symbol fonts resolved by the font that the element or its style names; blanks made one."""
    text = re.sub(r"[ \t\r\n\f]+", " ", text)
    style = element.get("style")
    font = re.search(r"font-family\s*:\s*[\"']?([\w ]+)", style, re.IGNORECASE) if style else None
    return readable(text, font[1] if font else element.get("face"))


def _field_value(element: etree._Element, tag: str) -> str:
    """What a form field shows: typed text, the chosen option, a tick."""
    if tag == "textarea":
        return element.text or ""
    if tag == "select":
        options = list(element.iter("option"))
        chosen = next((option for option in options if option.get("selected") is not None), options[0] if options else None)
        return "".join(str(text) for text in chosen.itertext()).strip() if chosen is not None else ""
    kind = (element.get("type") or "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑" if element.get("checked") is not None else "□"
    return (element.get("value") or "") if kind in ("text", "number", "date", "tel", "search", "email", "url") else ""


def _collapsed(text: str) -> str:
    """Blanks as a browser shows them: one between words, none at the ends of lines, empty lines gone; no-break blanks are blanks."""
    lines = (re.sub(r"[ \u00a0]+", " ", line).strip() for line in clean(text).split("\n"))
    return "\n".join(line for line in lines if line)
