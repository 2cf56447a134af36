"""Word files (.docx, .docm): a walk over the body's own XML that keeps the real grid of every table.

Why not a library: of those measured none was right on every variant; they lose text in tracked insertions, content controls, moved
text, symbols and formulas without a word, and guess merged cells by comparing neighbours (see ``bench/reading.py`` for speed).
Macros are never run, relationships never followed out of the package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from assistant.documents.content import Content
from assistant.documents.grids import DEPTH_CAP
from assistant.documents.model import Document, Grid, Locator, Notice, Paragraph
from assistant.documents.ooxml import Package, Relationship, clean, parse_xml
from assistant.documents.wordobjects import embedded, scans
from assistant.documents.wordparts import STRICT, TRANSITIONAL, Numbering, Styles, namespace_of, undressed
from assistant.documents.wordtables import TableReader
from assistant.documents.wordtext import KIND, Line, LineReader, Reading, is_placeholder, link_id
from assistant.errors import UnreadableFile

_BOOKMARK_LEVEL = re.compile(r"_Toc(?:_(\d)_\d_)?\d+")
_BLOCK_WRAPPERS = frozenset("sdtContent customXml smartTag".split())
_NOTE_KINDS = {"footnote": "footnotes", "endnote": "endnotes", "comment": "comments"}


def read_word(content: Content) -> Document:
    """The content of a .docx or .docm: paragraphs and grids in reading order, then notes, comments, headers and footers.

    Tracked changes are read as accepted, or as they stood before with ``content.original``. UnreadableFile for anything that is no
    Word package.
    """
    return _read(content, None)[0]


@dataclass(slots=True)
class OpenWord:
    """A Word file open for change: the document as read, the name and root element of its main part, and for every locator of a cell or
    a paragraph the element (``w:tc``, ``w:p``) that stands there."""

    document: Document
    part: str
    root: etree._Element
    elements: dict[Locator, etree._Element]


def open_word(content: Content) -> OpenWord:
    """The content of a Word file together with the XML it was read from. Raises what ``read_word`` raises."""
    elements: dict[Locator, etree._Element] = {}
    document, part, root = _read(content, elements)
    return OpenWord(document, part, root, elements)


def _read(content: Content, elements: dict[Locator, etree._Element] | None) -> tuple[Document, str, etree._Element]:
    source = content.source("docx")
    package = Package(content.data, source.path, password=content.password)
    main = package.main_part("word/document.xml")
    if main not in package:
        raise UnreadableFile(f"“{source.path}”里没有 Word 正文，不是 Word 文件。", "请确认文件类型；Excel 文件请用 .xlsx 扩展名。")
    raw = package.read(main)
    links = package.relationships(main)
    by_kind = {link.kind: link.target for link in links.values() if not link.external}
    styles = Styles.of(package, by_kind.get("styles"))
    plain, symbols = undressed(raw, styles)
    # Whoever will change the file needs all of it.
    root = parse_xml(plain if elements is None else raw, source.path, main)
    namespace = namespace_of(root)
    if namespace not in (TRANSITIONAL, STRICT):
        raise UnreadableFile(f"“{source.path}”的正文不是 Word 格式。", "请用 Word 或 WPS 打开后另存为 .docx 再试。")
    body = root.find(f"{{{namespace}}}body")
    reading = Reading(namespace, original=content.original, may_symbol=symbols)
    walker = Walker(package, links, by_kind, styles, reading, elements)
    if body is not None:
        walker.tables.mark(body)
        walker.blocks_of(body, walker.blocks)
        references = walker.tables.unmark()
        walker.add_notes()
        walker.add_headers(references)
        walker.add_scans()
    document = Document(source, walker.blocks)
    document.notices.extend(_notices(reading, package, links))
    document.notices.extend(walker.notices)
    return document, main, root


class Walker:
    """Walks block content; counts grids and paragraphs; collects what stands outside the flow."""

    def __init__(
        self,
        package: Package,
        links: dict[str, Relationship],
        by_kind: dict[str, str],
        styles: Styles,
        reading: Reading,
        elements: dict[Locator, etree._Element] | None,
    ) -> None:
        self.elements = elements
        self.package = package
        self.links = links
        self.reading = reading
        self.blocks: list[Paragraph | Grid] = []
        self.notices: list[Notice] = []
        self.by_kind = by_kind
        self.styles = styles
        self.numbering = Numbering(package, by_kind.get("numbering"))
        reading.hidden_styles = self.styles.hidden()
        self.lines = LineReader(reading)
        self.tables = TableReader(self)
        self.paragraphs = 0
        self.depth = 0
        self._notes: list[tuple[str, str, Locator]] = []

    # -- blocks -----------------------------------------------------------------------------------------------------------------

    def blocks_of(self, container: etree._Element, out: list[Paragraph | Grid], kind: str = "body") -> None:
        """The paragraphs and tables of a body, content control or text box."""
        runs_on: Paragraph | None = None
        for child in container:
            what = KIND.get(child.tag)
            if what == "p":
                runs_on = self._paragraph(child, out, kind, runs_on)
            elif what == "tbl":
                runs_on = None
                beside: list[Paragraph | Grid] = []
                grid = self.tables.table(child, beside)
                out.extend([*([grid] if grid is not None else []), *beside])
            elif what == "sdt":
                content = child.find(self.reading.name("sdtContent"))
                if content is None:
                    continue
                if is_placeholder(child, self.reading):
                    self.reading.met["placeholder"] += 1
                else:
                    self.blocks_of(content, out, kind)
            elif what in _BLOCK_WRAPPERS or what in ("ins", "moveTo", "del", "moveFrom"):
                self.blocks_of(child, out, kind)
            elif what in ("altChunk", "subDoc"):
                self.foreign(link_id(child), out, Locator(line=self.paragraphs + 1))

    def _paragraph(self, element: etree._Element, out: list[Paragraph | Grid], kind: str, before: Paragraph | None) -> Paragraph | None:
        line = self.lines.line(element)
        text = clean(self.numbered(line).strip())
        joined = before is not None and text != ""
        if before is not None:
            # The mark between the two paragraphs is deleted by a revision: they are one.
            before.text += text
            paragraph: Paragraph | None = before
        elif text:
            self.paragraphs += 1
            level = self._level(line) if kind == "body" else None
            contents = line.in_contents or self.styles.is_contents(line.style)
            shown = "toc" if contents and kind == "body" else kind
            paragraph = Paragraph(text, Locator(line=self.paragraphs), level=None if shown == "toc" else level, kind=shown)
            out.append(paragraph)
            if self.elements is not None:
                self.elements[paragraph.locator] = element
        else:
            paragraph = None
        self.beside(out, Locator(line=self.paragraphs) if text or joined else Locator(line=self.paragraphs + 1))
        return paragraph if line.runs_on else None

    def numbered(self, line: Line) -> str:
        """A paragraph's text with its automatic number."""
        number = line.number
        if number is None or number[0] is None:
            from_style = self.styles.number(line.style)
            number = (from_style[0], number[1] if number else from_style[1]) if from_style else None
        if number is None or not line.text.strip():
            return line.text
        return self.numbering.label(*number) + line.text.lstrip()

    def _level(self, line: Line) -> int | None:
        if line.level is not None:
            return line.level if line.level <= 9 else None
        level = self.styles.level(line.style)
        if level is None:
            for bookmark in line.bookmarks:
                if match := _BOOKMARK_LEVEL.fullmatch(bookmark):
                    return int(match[1] or 2)
        return level

    def beside(self, out: list[Paragraph | Grid], locator: Locator) -> None:
        """Text boxes, embedded objects and notes that hang on what was just read."""
        boxes, self.reading.boxes = self.reading.boxes, []
        notes, self.reading.notes = self.reading.notes, []
        objects, self.reading.objects = self.reading.objects, []
        for link in objects:
            self.foreign(link, out, locator)
        self._notes.extend((kind, note_id, locator) for kind, note_id in notes)
        if boxes and self.depth < DEPTH_CAP:
            self.depth += 1
            for box in boxes:
                self.blocks_of(box, out, "textbox")
            self.depth -= 1

    # -- outside the flow -------------------------------------------------------------------------------------------------------

    def foreign(self, link: str, out: list[Paragraph | Grid], locator: Locator) -> None:
        """Content that lies in another part and format: read where it stands, or named."""
        found = embedded(self.package, self.links.get(link), str(locator), original=self.reading.original, grids=self.tables.grids)
        self._take(found, out)

    def _take(self, found: Document | Notice, out: list[Paragraph | Grid]) -> None:
        if isinstance(found, Notice):
            self.notices.append(found)
            return
        out.extend(found.blocks)
        self.notices.extend(found.notices)
        self.tables.grids += sum(1 for _ in found.grids())

    def add_scans(self) -> None:
        """Pictures, where they are all there is."""
        for found in scans(self.package, self.links, self.reading.pictures, self.blocks, self.reading.original):
            self.reading.met["picture"] -= isinstance(found, Document)
            self._take(found, self.blocks)

    def add_notes(self) -> None:
        """Footnotes, endnotes and comments that the text refers to, each located where it is referred to."""
        roots: dict[str, dict[str, etree._Element]] = {}
        for kind, note_id, locator in list(self._notes):
            if kind not in roots:
                part = self.by_kind.get(_NOTE_KINDS[kind])
                elements = self.package.xml(part) if part is not None and part in self.package else []
                roots[kind] = {element.get(self.reading.name("id")) or "": element for element in elements}
            element = roots[kind].pop(note_id, None)
            if element is not None:
                self._aside(element, kind, locator)

    def add_headers(self, references: list[etree._Element]) -> None:
        """Page headers and footers in use, each text once."""
        seen: set[tuple[str, str]] = set()
        for kind in ("header", "footer"):
            targets: dict[str, None] = {}
            for reference in references:
                if reference.tag != self.reading.name(f"{kind}Reference"):
                    continue
                link = self.links.get(link_id(reference))
                if link is not None and not link.external and link.target in self.package:
                    targets[link.target] = None
            for target in targets:
                out: list[Paragraph | Grid] = []
                self.blocks_of(self.package.xml(target), out, kind)
                for block in out:
                    texts = [block.text] if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
                    for text in texts:
                        if text and (kind, text) not in seen:
                            seen.add((kind, text))
                            self.blocks.append(Paragraph(text, Locator(), kind=kind))

    def _aside(self, element: etree._Element, kind: str, locator: Locator) -> None:
        out: list[Paragraph | Grid] = []
        self.blocks_of(element, out, kind)
        for block in out:
            if isinstance(block, Paragraph):
                self.blocks.append(Paragraph(block.text, locator, kind=kind))
            else:
                self.blocks.append(block)


_MET = {
    "hidden": "有 {} 处隐藏文字，未计入",
    "placeholder": "有 {} 处内容控件尚未填写，其中的提示文字未计入",
    "symbol": "有 {} 个符号字体的字符认不出，显示为 �",
    "picture": "含 {} 张图片，图中的文字未读取",
    "wide span": "有 {} 处列合并超出合理范围，已截短",
}


def _notices(reading: Reading, package: Package, links: dict[str, Relationship]) -> list[Notice]:
    met, notices = reading.met, []
    inserted, deleted = met["inserted"] + met["inserted row"], met["deleted"] + met["deleted row"]
    if inserted or deleted:
        how = "按修订前的原文读取" if reading.original else "按接受全部修订后的文字读取（要读修订前的原文请加 --original）"
        notices.append(Notice("全文", f"含修订：插入 {inserted} 处、删除 {deleted} 处；{how}"))
    notices.extend(Notice("全文", text.format(met[kind])) for kind, text in _MET.items() if met[kind])
    if any(part.endswith("vbaproject.bin") for part in package.parts()):
        notices.append(Notice("全文", "文件含宏代码，没有运行"))
    outside = sum(link.external and link.kind not in ("hyperlink",) for link in links.values())
    if outside:
        notices.append(Notice("全文", f"含 {outside} 个指向文件外部的链接，没有访问"))
    return notices
