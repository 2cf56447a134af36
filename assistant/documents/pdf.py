"""PDF files: characters with their places and ruling lines out of PDFium, tables out of the lines, pages joined.

A page without a text layer (a scan) goes to recognition where the extra is installed, and is named where it is not.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from assistant.documents import standin
from assistant.documents.content import Content
from assistant.documents.model import Document, Notice
from assistant.documents.pages import Page, assemble
from assistant.documents.ruling import Rule
from assistant.documents.symbols import readable
from assistant.documents.typeset import Piece
from assistant.errors import UnreadableFile

PAGE_CAP = 3_000
CHARACTER_CAP = 300_000
OBJECT_CAP = 100_000
_THIN = 3.0
# What PDFium makes of a hyphen at the end of a line; project names have hyphens of their own there.
_LINE_END_HYPHEN = 2


def read_pdf(content: Content) -> Document:
    """The content of a PDF: paragraphs and ruled tables in reading order; UnreadableFile when broken, locked or only pictures."""
    import pypdfium2

    standin.install()
    try:
        pdf = pypdfium2.PdfDocument(content.data, password=content.password)
    except pypdfium2.PdfiumError as error:
        raise _unreadable(content, str(error)) from error
    try:
        count = len(pdf)
        if count > PAGE_CAP:
            raise UnreadableFile(f"“{content.path}”有 {count} 页，超过上限 {PAGE_CAP} 页，没有读取。", "请只保留绩效目标表所在的页。")
        document = Document(content.source("pdf"), [])
        pages, scans = [], []
        for number in range(1, count + 1):
            try:
                page = _read_page(pdf, number)
            except pypdfium2.PdfiumError:
                document.notices.append(Notice(f"第{number}页", "这一页已损坏，未读取"))
                continue
            if page.is_picture:
                scans.append(number)
                page = _recognised(pdf, page, document)
            elif page.picture_share > 0.4 and not page.vertical:
                _add_rules(pdf, page)
            pages.append(page)
        assemble(pages, document, _outline(pdf))
        _say_doubts(document, [page.number for page in pages if page.recognised])
        if pdf.get_formtype():
            document.notices.append(Notice("全文", "含可填写的表单域，域中填写的内容可能未读取，请核对"))
    finally:
        pdf.close()
    if not document.blocks and scans:
        raise _only_pictures(content)
    return document


def _unreadable(content: Content, why: str) -> UnreadableFile:
    if "assword" in why:
        if content.password is None:
            return UnreadableFile(f"“{content.path}”设有打开密码。", "请用 --password 给出密码，或用阅读器去掉密码后再试。")
        return UnreadableFile(f"“{content.path}”的密码不对。", "请核对密码后重试。")
    return UnreadableFile(f"“{content.path}”不是完整的 PDF，已损坏或被截断。", "请重新下载或向来源索取完整文件。")


def _only_pictures(content: Content) -> UnreadableFile:
    from assistant.documents import ocr

    if ocr.available():
        return UnreadableFile(f"“{content.path}”是扫描件，没有认出文字。", "请换一份更清晰的扫描件，或使用电子原件。")
    return UnreadableFile(f"“{content.path}”是扫描件。{ocr.MISSING}", ocr.HINT)


def _outline(pdf: Any) -> dict[str, int]:
    """Folded bookmark title → level."""
    from assistant.chinese import fold

    titles: dict[str, int] = {}
    try:
        for order, item in enumerate(pdf.get_toc(max_depth=6)):
            if order > 5_000:
                break
            titles.setdefault(fold(item.get_title()), min(item.level + 1, 9))
    except Exception:  # broken outlines raise several kinds; headings are a comfort, not the content
        return titles
    return titles


def _recognised(pdf: Any, page: Page, document: Document) -> Page:
    from assistant.documents import ocr

    if not ocr.available():
        document.notices.append(Notice(f"第{page.number}页", f"是扫描图像，没有可读的文字，未读取。{ocr.MISSING}{ocr.HINT}"))
        return page
    return ocr.read_pdf_page(pdf, page)


def _add_rules(pdf: Any, page: Page) -> None:
    from assistant.documents import ocr

    if ocr.available():
        ocr.add_rules(pdf, page)


def _say_doubts(document: Document, numbers: list[int]) -> None:
    if numbers:
        from assistant.documents import ocr

        ocr.say_doubts(document, numbers)


# -- one page -------------------------------------------------------------------------------------------------------------------------

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _read_page(pdf: Any, number: int) -> Page:
    import pypdfium2.raw as raw

    handle = pdf[number - 1]
    try:
        text = raw.FPDFText_LoadPage(handle.raw)
        try:
            shown = _shown(handle, _quarter_turns(raw, handle, text))
            page = Page(number, *_size(handle, shown))
            page.pieces, page.unknown = _pieces(raw, text, shown)
        finally:
            raw.FPDFText_ClosePage(text)
        strokes = _Strokes(raw, shown)
        strokes.walk(handle.raw)
        page.horizontal, page.vertical = strokes.horizontal, strokes.vertical
        page.picture_share = min(1.0, strokes.pictures / max(page.width * page.height, 1.0))
        return page
    finally:
        handle.close()


def _quarter_turns(raw: Any, handle: Any, text: Any) -> int:
    """How often the page must be turned clockwise to be read: as most of its text stands, else as the page says."""
    count = raw.FPDFText_CountChars(text)
    step = max(1, count // 40)
    # PDFium gives the angle clockwise.
    turns = [-round(raw.FPDFText_GetCharAngle(text, i) / (math.pi / 2)) % 4 for i in range(0, count, step) if raw.FPDFText_GetUnicode(text, i) > 32]
    most = max(set(turns), key=turns.count, default=0)
    return most if turns.count(most) > 0.7 * len(turns) else int(handle.get_rotation()) // 90 % 4


def _shown(handle: Any, quarter: int) -> Callable[[float, float], tuple[float, float]]:
    """From the page's own coordinates (origin below left) to those of the page as read (origin above left)."""
    left, bottom, right, top = handle.get_cropbox()
    if quarter == 1:
        return lambda x, y: (y - bottom, x - left)
    if quarter == 2:
        return lambda x, y: (right - x, y - bottom)
    if quarter == 3:
        return lambda x, y: (top - y, right - x)
    return lambda x, y: (x - left, top - y)


def _size(handle: Any, shown: Callable[[float, float], tuple[float, float]]) -> tuple[float, float]:
    left, bottom, right, top = handle.get_cropbox()
    (x0, y0), (x1, y1) = shown(left, bottom), shown(right, top)
    return abs(x1 - x0), abs(y1 - y0)


def _pieces(raw: Any, text: Any, shown: Callable[[float, float], tuple[float, float]]) -> tuple[list[Piece], int]:
    """The characters of a page with their places, and how many have no known meaning."""
    count = raw.FPDFText_CountChars(text)
    if count > CHARACTER_CAP:
        raise UnreadableFile("PDF 的一页里文字过多，没有读取。", "请只保留绩效目标表所在的页。")
    code, box_of, generated = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FPDFText_IsGenerated
    box = raw.FS_RECTF()
    reference = ctypes.byref(box)
    pieces: list[Piece] = []
    unknown = 0
    high = 0
    for i in range(count):
        value = code(text, i)
        if value == _LINE_END_HYPHEN:
            value = 0x2D
        if value <= 32 or value == 0xA0 or value == 0x3000:
            if value in (32, 0xA0, 0x3000) and generated(text, i) == 0 and box_of(text, i, reference):
                pieces.append(_piece(box, shown, " "))
            continue
        if 0xD800 <= value < 0xDC00:
            high = value
            continue
        if 0xDC00 <= value < 0xE000:
            value, high = (0x10000 + ((high - 0xD800) << 10) + value - 0xDC00, 0) if high else (0xFFFD, 0)
        char = chr(value)
        if value >= 0xE000:
            if value < 0xF900:
                char = readable(char)
                unknown += char == "\ufffd" or value < 0xF000
            elif 0xFFFD <= value <= 0xFFFF:
                unknown, char = unknown + 1, "\ufffd"
        elif value == 0x7F:
            continue
        if box_of(text, i, reference):
            pieces.append(_piece(box, shown, char))
    return pieces, unknown


def _piece(box: Any, shown: Callable[[float, float], tuple[float, float]], char: str) -> Piece:
    x0, y0 = shown(box.left, box.top)
    x1, y1 = shown(box.right, box.bottom)
    if x1 < x0:
        x0, x1 = x1, x0
    return Piece(x0, y0, x1, y1, char) if y0 <= y1 else Piece(x0, y1, x1, y0, char)


@dataclass(slots=True)
class _Strokes:
    """Walks the drawn objects of a page and keeps straight lines and the area of pictures."""

    raw: Any
    shown: Callable[[float, float], tuple[float, float]]
    horizontal: list[Rule] = field(default_factory=list)
    vertical: list[Rule] = field(default_factory=list)
    pictures: float = 0.0
    _left: int = OBJECT_CAP

    def walk(self, page: Any) -> None:
        """All objects of a page."""
        raw = self.raw
        for i in range(min(raw.FPDFPage_CountObjects(page), OBJECT_CAP)):
            self._object(raw.FPDFPage_GetObject(page, i), _IDENTITY, 0)

    def _object(self, thing: Any, matrix: _Matrix, depth: int) -> None:
        raw = self.raw
        self._left -= 1
        if self._left < 0:
            return
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            self._path(thing, _times(self._matrix(thing), matrix))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            own = _times(self._matrix(thing), matrix)
            self._picture(own)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < 8:
            own = _times(self._matrix(thing), matrix)
            for i in range(min(raw.FPDFFormObj_CountObjects(thing), OBJECT_CAP)):
                self._object(raw.FPDFFormObj_GetObject(thing, i), own, depth + 1)

    def _matrix(self, thing: Any) -> _Matrix:
        own = self.raw.FS_MATRIX()
        if not self.raw.FPDFPageObj_GetMatrix(thing, own):
            return _IDENTITY
        return own.a, own.b, own.c, own.d, own.e, own.f

    def _picture(self, matrix: _Matrix) -> None:
        a, b, c, d, e, f = matrix
        corners = [self.shown(e + a * x + c * y, f + b * x + d * y) for x in (0, 1) for y in (0, 1)]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        top, bottom = min(y for _, y in corners), max(y for _, y in corners)
        self.pictures += (right - left) * (bottom - top)
        self._thin(left, top, right, bottom)

    def _thin(self, left: float, top: float, right: float, bottom: float) -> None:
        """A rectangle so thin that it is a line."""
        if bottom - top <= min(_THIN, right - left):
            self.horizontal.append(Rule((top + bottom) / 2, left, right))
        elif right - left <= _THIN:
            self.vertical.append(Rule((left + right) / 2, top, bottom))

    def _path(self, thing: Any, matrix: _Matrix) -> None:
        raw = self.raw
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(thing, fill, stroke)
        if not fill.value and not stroke.value:
            return
        count = raw.FPDFPath_CountSegments(thing)
        if count > OBJECT_CAP or self._is_white(thing, bool(stroke.value)):
            return
        a, b, c, d, e, f = matrix
        x, y = ctypes.c_float(), ctypes.c_float()
        points: list[tuple[float, float]] = []
        for i in range(count):
            segment = raw.FPDFPath_GetPathSegment(thing, i)
            kind = raw.FPDFPathSegment_GetType(segment)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                self._figure(points, bool(stroke.value))
                points = []
            points.append(self.shown(a * x.value + c * y.value + e, b * x.value + d * y.value + f))
            if raw.FPDFPathSegment_GetClose(segment):
                points.append(points[0])
        self._figure(points, bool(stroke.value))

    def _figure(self, points: list[tuple[float, float]], stroked: bool) -> None:
        """One figure of a path: its straight strokes, or a filled rectangle thin enough to be a line."""
        if len(points) < 2:
            return
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        if min(right - left, bottom - top) <= _THIN:
            self._thin(left, top, right, bottom)
        elif stroked and len(points) < 200:
            for (x0, y0), (x1, y1) in pairwise(points):
                if min(abs(x1 - x0), abs(y1 - y0)) <= 1:
                    self._thin(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def _is_white(self, thing: Any, stroked: bool) -> bool:
        raw = self.raw
        parts = [ctypes.c_uint() for _ in range(4)]
        colour = raw.FPDFPageObj_GetStrokeColor if stroked else raw.FPDFPageObj_GetFillColor
        if not colour(thing, *parts):
            return False
        return parts[3].value == 0 or all(part.value >= 250 for part in parts[:3])
