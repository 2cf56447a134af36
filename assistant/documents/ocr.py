"""Scanned pages and pictures (.png .jpg .tif .bmp): text by recognition, tables by the lines in the picture.

An optional extra (rapidocr with onnxruntime; its models lie inside the wheel, nothing is fetched). Whatever comes from here is marked:
the format begins with ``ocr-``, each page is named as recognised, doubtful cells are marked, likely slips are said aloud. Nothing is mended.

Measured: single characters drop out (``元/人`` → ``元人``); the angle classifier turns ``≥90%`` upside down and stays off.
"""

from __future__ import annotations

import importlib.util
import io
import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from assistant.documents.content import Content
from assistant.documents.model import Document, Notice
from assistant.documents.ooxml import clean
from assistant.documents.pages import Page, assemble
from assistant.documents.picture import Picture, ink_in, prepared, rules_of, turned
from assistant.documents.ruling import Frame, frames
from assistant.documents.typeset import Piece, weight
from assistant.errors import UnreadableFile
from assistant.resources import installing

if TYPE_CHECKING:
    import numpy

DPI = 200
PIXEL_CAP = 80_000_000
FRAME_CAP = 200
_SURE = 0.9
_TEXT_HEIGHT = 10.5
MISSING = "识别扫描件和图片需要文字识别组件，本机没有安装。"
HINT = f"请安装（模型随包安装，不联网）：{installing('ocr')}；或使用电子原件。"


def available() -> bool:
    """Whether the extra is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False, "Global.max_side_len": 2000})


# -- what is read -----------------------------------------------------------------------------------------------------------------------


def read_picture(content: Content) -> Document:
    """The content of a picture file, each of its frames a page; UnreadableFile without the extra, for broken and for giant pictures."""
    if not available():
        raise UnreadableFile(f"“{content.path}”是图片。{MISSING}", HINT)
    document = Document(content.source(content.suffix.lstrip(".") or "png"), [])
    pages = []
    for number, picture in enumerate(_frames(content), 1):
        page = Page(number, 0, 0)
        _recognise(page, prepared(picture), 595.0)
        pages.append(page)
    assemble(pages, document, {})
    say_doubts(document, [page.number for page in pages])
    if not document.blocks:
        raise UnreadableFile(f"“{content.path}”里没有认出文字。", "请换一张更清晰、端正的图片，或使用电子原件。")
    return document


def _frames(content: Content) -> list[Picture]:
    from PIL import Image, ImageOps, ImageSequence

    try:
        with Image.open(io.BytesIO(content.data)) as image:
            if image.width * image.height > PIXEL_CAP:
                raise UnreadableFile(f"“{content.path}”有 {image.width}×{image.height} 个像素，过大，没有读取。", "请缩小到 A4 纸 300 dpi 左右再试。")
            found: list[Picture] = []
            for frame in ImageSequence.Iterator(image):
                if len(found) >= FRAME_CAP or frame.width * frame.height > PIXEL_CAP:
                    break
                found.append(_array(ImageOps.exif_transpose(frame)))
            return found
    except UnreadableFile:
        raise
    except Exception as error:  # the library raises many kinds for broken pictures, one thing to say
        raise UnreadableFile(f"“{content.path}”不是完整的图片，打不开。", "请用看图软件打开确认，或重新扫描。") from error


def _array(image: Any) -> Picture:
    import numpy

    if image.mode in ("RGBA", "LA", "P", "PA"):  # what is transparent is paper
        from PIL import Image

        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return numpy.asarray(image.convert("RGB"))


def read_pdf_page(pdf: Any, page: Page) -> Page:
    """A scanned page of a PDF, recognised."""
    made = Page(page.number, page.width, page.height)
    _recognise(made, prepared(_rendered(pdf, page)), page.width)
    return made


def add_rules(pdf: Any, page: Page) -> None:
    """The lines of a scan that already has a text layer, so that its tables are found."""
    picture = _rendered(pdf, page)
    scale = page.width / picture.shape[1]
    heights = [piece.bottom - piece.top for piece in page.pieces if piece.text.strip()]
    page.horizontal, page.vertical = rules_of(picture, scale, median(heights) if heights else _TEXT_HEIGHT)


def _rendered(pdf: Any, page: Page) -> Picture:
    handle = pdf[page.number - 1]
    try:
        # A declared page of many metres must not become a picture of gigabytes.
        scale = min(DPI / 72, (PIXEL_CAP / 4 / max(page.width * page.height, 1.0)) ** 0.5)
        picture: numpy.ndarray[Any, Any] = handle.render(scale=scale, rev_byteorder=True).to_numpy().copy()
        return picture
    finally:
        handle.close()


# -- recognition ------------------------------------------------------------------------------------------------------------------------


def _recognise(page: Page, picture: Picture, width: float) -> None:
    """Text and lines of a picture into a page, ``width`` points wide."""
    words = _words(picture)
    tall = sum(1 for left, top, right, bottom, text, _ in words if bottom - top > 1.5 * (right - left) and len(text) > 1)
    if words and tall > 0.6 * sum(1 for word in words if len(word[4]) > 1):
        # Lying on its side: of the two ways up, the one that reads more surely.
        ways = [(turned(picture, quarter), _words(turned(picture, quarter))) for quarter in (1, 3)]
        picture, words = max(ways, key=lambda way: sum(word[5] * len(word[4]) for word in way[1]))
    scale = width / picture.shape[1]
    page.width, page.height = width, picture.shape[0] * scale
    heights = [(bottom - top) * scale for left, top, right, bottom, text, _ in words if right - left >= bottom - top or len(text) == 1]
    page.horizontal, page.vertical = rules_of(picture, scale, 0.9 * median(heights) if heights else _TEXT_HEIGHT)
    page.recognised, page.picture_share = True, 1.0
    page.pieces = _pieces(_with_width_looked_at(words), page, picture, scale)


_Word = tuple[float, float, float, float, str, float]


def _words(picture: Picture) -> list[_Word]:
    """Recognised lines of text: edges in pixels, text, how sure."""
    found = _engine()(picture, use_det=True, use_cls=False, use_rec=True)
    if found is None or found.boxes is None:
        return []
    return [
        (float(box[:, 0].min()), float(box[:, 1].min()), float(box[:, 0].max()), float(box[:, 1].max()), clean(text), float(score))
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]


def _pieces(words: list[_Word], page: Page, picture: Picture, scale: float) -> list[Piece]:
    """Words as pieces; one that runs over a wall of a table is read again, cell by cell."""
    tables = frames(page.horizontal, page.vertical)
    pieces = []
    for left, top, right, bottom, text, score in words:
        y = (top + bottom) / 2 * scale
        cuts = [left * scale, right * scale]
        for table in tables:
            box = table.box_at(left * scale + 2, y) if table.holds(left * scale + 2, y) else None
            while box is not None and box.right < right * scale - 4:
                cuts.insert(-1, box.right)
                box = table.box_at(box.right + 2, y)
        if len(cuts) == 2:
            pieces.append(Piece(left * scale, top * scale, right * scale, bottom * scale, text, score >= _SURE))
            continue
        for start, end in pairwise(cuts):
            part = picture[int(top) : int(bottom) + 1, int(start / scale) + 3 : int(end / scale) - 2]
            piece = _read_part(part, start, top * scale, end, bottom * scale)
            if piece is not None:
                pieces.append(piece)
    return pieces + _overlooked(pieces, tables, page, picture, scale)


def _overlooked(pieces: list[Piece], tables: list[Frame], page: Page, picture: Picture, scale: float) -> list[Piece]:
    """Cells where something is written that was not found (a sign of its own, a short number): read again, and named when nothing comes of it."""
    read: set[int] = set()
    for piece in pieces:
        x, y = (piece.left + piece.right) / 2, (piece.top + piece.bottom) / 2
        read.update(id(box) for table in tables if table.holds(x, y) and (box := table.box_at(x, y)) is not None)
    found = []
    for box in (box for table in tables for box in table.boxes if id(box) not in read):
        inside = (int(box.left / scale) + 4, int(box.top / scale) + 4, int(box.right / scale) - 4, int(box.bottom / scale) - 4)
        ink = ink_in(picture, *inside)
        if ink is None:
            continue
        left, top, right, bottom = ink
        pad = 6
        seen = _read_part(picture[max(top - pad, 0) : bottom + pad, max(left - pad, 0) : right + pad], left * scale, top * scale, right * scale, bottom * scale)
        text = seen.text if seen is not None else "\ufffd"
        found.append(Piece(left * scale, top * scale, right * scale, bottom * scale, text, sure=False))
    return found


def _with_width_looked_at(words: list[_Word]) -> list[_Word]:
    """Words whose width does not fit the number of their characters are not sure: one was dropped or made of two."""
    ratios = [(right - left) / (bottom - top) / weight(text) for left, top, right, bottom, text, _ in words if weight(text) >= 4 and _HAN_ONLY.fullmatch(text)]
    if len(ratios) < 5:
        return words
    usual = median(ratios)
    looked = []
    for left, top, right, bottom, text, score in words:
        size = weight(text)
        off = (right - left) / max(bottom - top, 1.0) / usual - size
        wrong = size >= 3 and _HAN_ONLY.fullmatch(text) is not None and off > max(0.7, 0.09 * size)
        looked.append((left, top, right, bottom, text, min(score, 0.5) if wrong else score))
    return looked


def _read_part(part: Picture, left: float, top: float, right: float, bottom: float) -> Piece | None:
    if part.shape[0] < 8 or part.shape[1] < 8 or part.min() > 160:
        return None
    found = _engine()(part, use_det=False, use_cls=False, use_rec=True)
    text, score = (clean(str(found.txts[0])), float(found.scores[0])) if found is not None and found.txts else ("", 0.0)
    return Piece(left + 1, top, right - 1, bottom, text, score >= _SURE) if text.strip() and score > 0.3 else None


_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]+")


# -- doubts -----------------------------------------------------------------------------------------------------------------------------

# Characters that hardly ever are all that a cell holds, and the signs that are.
_ALONE = {"一": "—", "二": "＝", "三": "≡”或“≥", "Z": "≥", "z": "≥", "S": "≤", "V": "√", "口": "□"}
_SIGN_AS_CHARACTER = re.compile(r"[之乏三](?=\d+[%％人户])")
_PER_MILLE = re.compile(r"\d[%％][oO0。]")
_LOST_STROKE = re.compile(r"\d元(?:人|户|亩|台|次|家|月|年)")
_STROKE_AS_DIGIT = re.compile(r"(?<=元)[1lI|丨](?=人|户|亩|台|次|家|月|年)")
_LETTER_IN_NUMBER = re.compile(r"(?<=\d)[oOlI](?=[\d.%])|(?<![A-Za-z])[oOlI](?=\d+[.%])")


def say_doubts(document: Document, numbers: list[int]) -> None:
    """Name recognised pages and suspect slips that any text can have.

    Cells of low confidence are marked ``doubtful``; those and a ≥ taken for 2 or z are listed where targets are known (extraction).
    """
    if not numbers:
        return
    document.source = replace(document.source, format=f"ocr-{document.source.format}")
    pages = "、".join(str(number) for number in numbers[:20]) + ("…" if len(numbers) > 20 else "")
    document.notices.append(Notice(f"第{pages}页", "是扫描图像，文字由识别（OCR）得到，未经确认，请对照原件核对"))
    for grid in document.grids():
        for cell in grid.cells if grid.locator.page in numbers else ():
            why = suspicion(cell.text)
            if why:
                document.notices.append(Notice(str(cell.locator), f"“{cell.text[:30]}”{why}，没有改动，请核对原件"))


def suspicion(text: str) -> str | None:
    """What a recognised text may have been misread from, or None."""
    bare = text.replace(" ", "")
    if bare in _ALONE:
        return f"可能是“{_ALONE[bare]}”的误读"
    if match := _SIGN_AS_CHARACTER.match(bare):
        return f"开头的“{match[0]}”可能是“≥”的误读"
    if match := _PER_MILLE.search(bare):
        return f"“{match[0][1:]}”可能是“‰”的误读"
    if match := _LOST_STROKE.search(bare):
        return f"“{match[0]}”可能漏认了“/”（{match[0][:-1]}/{match[0][-1]}）"
    if match := _STROKE_AS_DIGIT.search(bare):
        return f"“元{match[0]}”中的“{match[0]}”可能是“/”的误读"
    if _LETTER_IN_NUMBER.search(bare):
        return "数字中间有字母，可能是 0 或 1 的误读"
    return None
