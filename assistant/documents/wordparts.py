"""What stands beside a Word document's body: style sheet (heading levels, hidden text) and automatic numbering.

Numbering is part of what a person reads (``1.`` before a table's title is often automatic), so it is counted here as Word counts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from assistant.chinese import han_number
from assistant.documents.ooxml import Package, parse_xml

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFF = ("0", "false", "off", "none")


def namespace_of(root: etree._Element) -> str:
    """The main namespace of a part's root: transitional or strict."""
    return str(root.tag)[1:].partition("}")[0]


def switched_on(element: etree._Element | None, val: str) -> bool:
    """Whether an on/off property is present and not switched off."""
    return element is not None and (element.get(val) or "1") not in _OFF


def whole(text: str | None, default: int = 0) -> int:
    """A whole number of an attribute, tolerant of what hostile or odd producers write."""
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return default


@dataclass(slots=True)
class _Style:
    name: str
    based_on: str | None
    level: int | None
    number: tuple[str | None, int] | None
    hidden: bool


class Styles:
    """The style sheet: outline level, numbering and hiddenness by style id, inherited through ``basedOn``; looked up as needed."""

    def __init__(self, root: etree._Element | None = None, raw: bytes = b"") -> None:
        self._namespace = namespace_of(root) if root is not None else ""
        w = f"{{{self._namespace}}}"
        self._elements = {style.get(w + "styleId") or "": style for style in root.iterchildren(w + "style")} if root is not None else {}
        self._styles: dict[str, _Style] = {}
        self._numbers: dict[str | None, tuple[str | None, int] | None] = {}
        self._levels: dict[str | None, int | None] = {}
        self._may_hide = b"vanish" in raw
        # Whether any style brings automatic numbering.
        self.any_numbered = b"numPr" in raw

    @classmethod
    def of(cls, package: Package, part: str | None) -> Styles:
        """The styles of a package; none when the part is missing."""
        if part is None or part not in package:
            return cls()
        raw = package.read(part)
        return cls(parse_xml(raw, package.name, part), raw)

    def _style(self, style_id: str) -> _Style | None:
        if style_id not in self._styles and (style := self._elements.get(style_id)) is not None:
            w = f"{{{self._namespace}}}"
            val = w + "val"
            name, based, paragraph = style.find(w + "name"), style.find(w + "basedOn"), style.find(w + "pPr")
            run = style.find(w + "rPr")
            outline = paragraph.find(w + "outlineLvl") if paragraph is not None else None
            numbered = paragraph.find(w + "numPr") if paragraph is not None else None
            self._styles[style_id] = _Style(
                name=(name.get(val) or "").lower() if name is not None else "",
                based_on=based.get(val) if based is not None else None,
                level=whole(outline.get(val), 9) + 1 if outline is not None else None,
                number=number_in(numbered, self._namespace) if numbered is not None else None,
                hidden=run is not None and switched_on(run.find(w + "vanish"), val),
            )
        return self._styles.get(style_id)

    def _chain(self, style_id: str | None) -> list[_Style]:
        chain: list[_Style] = []
        while style_id is not None and (style := self._style(style_id)) is not None and len(chain) < 20:
            chain.append(style)
            style_id = style.based_on
        return chain

    def level(self, style_id: str | None) -> int | None:
        """Outline level (1 = top) of a paragraph style, None for body text."""
        if style_id not in self._levels:
            self._levels[style_id] = self._level(style_id)
        return self._levels[style_id]

    def _level(self, style_id: str | None) -> int | None:
        for style in self._chain(style_id):
            if style.level is not None:
                return style.level if style.level <= 9 else None
            match = re.fullmatch(r"(?:heading|标题)\s*(\d)|title|标题", style.name)
            if match:
                return int(match[1] or 1)
        return None

    def is_contents(self, style_id: str | None) -> bool:
        """Whether a paragraph style is one of a table of contents (TOC 1, 目录 1)."""
        style = self._style(style_id) if style_id else None
        return style is not None and re.fullmatch(r"(?:toc|目录)\s*\d?", style.name) is not None

    def number(self, style_id: str | None) -> tuple[str | None, int] | None:
        """Automatic numbering a paragraph style brings: (numbering id, level)."""
        if not self.any_numbered:
            return None
        if style_id not in self._numbers:
            numbers = (style.number for style in self._chain(style_id))
            self._numbers[style_id] = next((number for number in numbers if number is not None and number[0] is not None), None)
        return self._numbers[style_id]

    def telling(self, style_id: str) -> bool:
        """Whether a paragraph style says more than how its text looks: a level, a number, that it is one of a table of contents."""
        return self.level(style_id) is not None or self.number(style_id) is not None or self.is_contents(style_id)

    def hidden(self) -> set[str]:
        """The ids of styles whose text is hidden."""
        return {style_id for style_id in self._elements if (style := self._style(style_id)) is not None and style.hidden} if self._may_hide else set()


def number_in(number: etree._Element, namespace: str) -> tuple[str | None, int]:
    """The numbering that a ``w:numPr`` asks for: numbering id (None for the style's) and level."""
    w = f"{{{namespace}}}"
    which, level = number.find(w + "numId"), number.find(w + "ilvl")
    return (which.get(w + "val") if which is not None else None, min(max(whole(level.get(w + "val")) if level is not None else 0, 0), 8))


# What a run's properties can say that changes what is read: hiddenness, raised digits, symbol fonts, revisions, styles.
_TELLING = re.compile(rb"vanish|superscript|ymbol|dings|rStyle|Change|<w:(?:ins|del|moveFrom|moveTo)\b")
# Empty elements that only say how paragraphs, cells, rows and tables look.
_DRESS = re.compile(
    rb"<w:(?:t(?:cW|rHeight|blHeader)|vAlign|cantSplit|s(?:pacing|hd|napToGrid)|widowControl|ind|jc|adjustRightInd|autoSpaceD[EN]|wordWrap|keep(?:Next|Lines)|noWrap)"
    rb"(?: [^<>]*)?/>"
)
_STYLE = re.compile(rb'<w:pStyle w:val="([^"<>&]*)"/>')


def undressed(raw: bytes, styles: Styles) -> tuple[bytes, bool]:
    """A Word part without what says nothing about its content, and whether symbol fonts are left.

    That is two thirds and more of what Word and LibreOffice write, and as many elements to build and look through: properties of runs,
    borders and sizes of cells, alignments, styles that bring neither level nor number. Taken off in the bytes, where a document has only a
    few dozen different ones; anything telling stays, and so does everything in parts with comments or CDATA.
    """
    if b"<w:body>" not in raw[:20_000] or b"<!" in raw:
        return raw, b"ymbol" in raw or b"dings" in raw

    symbols = False

    def of_run(properties: bytes) -> bytes:
        nonlocal symbols
        symbols = symbols or b"ymbol" in properties or b"dings" in properties
        return properties if _TELLING.search(properties) else b""

    def of_paragraph(properties: bytes) -> bytes:
        return _STYLE.sub(lambda style: style[0] if styles.telling(style[1].decode("utf-8", "replace")) else b"", _DRESS.sub(b"", properties))

    plain = _each(raw, b"rPr", of_run)
    plain = _each(plain, b"tcBorders", lambda properties: b"")
    plain = _each(plain, b"tblGrid", lambda properties: b"")
    plain = _each(plain, b"tcPr", lambda properties: _DRESS.sub(b"", properties))
    plain = _each(plain, b"trPr", lambda properties: _DRESS.sub(b"", properties))
    plain = _each(plain, b"pPr", of_paragraph)
    return plain.replace(b'<w:t xml:space="preserve">', b"<w:t>"), symbols


def _each(raw: bytes, name: bytes, kept_of: Callable[[bytes], bytes]) -> bytes:
    """A part in which every element of a name holds only what ``kept_of`` leaves of its inside; one left empty goes."""
    opening, closing = b"<w:%s>" % name, b"</w:%s>" % name
    pieces = raw.split(opening)
    if len(pieces) == 1:
        return raw
    known: dict[bytes, bytes] = {}
    kept = [pieces[0]]
    for piece in pieces[1:]:
        inside, end, rest = piece.partition(closing)
        left = known.get(inside)
        if left is None:
            left = kept_of(inside) if end else inside
            left = known[inside] = opening + left + end if left or not end else b""
        kept.append(left)
        kept.append(rest)
    return b"".join(kept)


_HAN_DIGITS = "〇一二三四五六七八九"


def _counting(number: int) -> str:
    return han_number(number) if 0 < number < 10_000 else str(number)


def _letters(number: int) -> str:
    return chr(64 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1) if 0 < number <= 780 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    text = ""
    for value, sign in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), "M CM D CD C XC L XL X IX V IV I".split(), strict=True):
        count, number = divmod(number, value)
        text += sign * count
    return text


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 0 < number <= 20 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    "upperLetter": _letters,
    "lowerLetter": lambda n: _letters(n).lower(),
    "upperRoman": _roman,
    "lowerRoman": lambda n: _roman(n).lower(),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalZero": lambda n: f"{n:02d}",
    "decimalFullWidth": lambda n: str(n).translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)}),
    "chineseCounting": _counting,
    "chineseCountingThousand": _counting,
    "japaneseCounting": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": _counting,
    "ideographDigital": lambda n: "".join(_HAN_DIGITS[int(digit)] for digit in str(n)),
    "taiwaneseDigital": lambda n: "".join(_HAN_DIGITS[int(digit)] for digit in str(n)),
    "ideographTraditional": lambda n: "甲乙丙丁戊己庚辛壬癸"[n - 1] if 0 < n <= 10 else str(n),
    "ideographZodiac": lambda n: "子丑寅卯辰巳午未申酉戌亥"[n - 1] if 0 < n <= 12 else str(n),
    "bullet": lambda n: "",
    "none": lambda n: "",
}


@dataclass(slots=True)
class _Level:
    start: int
    format: str
    text: str


class Numbering:
    """Automatic numbers as Word counts them: one counter row per abstract list, restarted by deeper levels and by overrides."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, str] = {}
        self._overrides: dict[tuple[str, int], int] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._seen: set[tuple[str, int]] = set()
        if part is not None and part in package:
            self._load(package.xml(part))

    def _load(self, root: etree._Element) -> None:
        w = f"{{{namespace_of(root)}}}"
        for abstract in root.iterfind(w + "abstractNum"):
            levels = self._levels.setdefault(abstract.get(w + "abstractNumId", ""), {})
            for level in abstract.iterfind(w + "lvl"):
                levels[whole(level.get(w + "ilvl"))] = _level(level, w)
        for number in root.iterfind(w + "num"):
            number_id, link = number.get(w + "numId", ""), number.find(w + "abstractNumId")
            abstract_id = (link.get(w + "val") or "") if link is not None else ""
            self._lists[number_id] = abstract_id
            for override in number.iterfind(w + "lvlOverride"):
                depth, start, own_level = whole(override.get(w + "ilvl")), override.find(w + "startOverride"), override.find(w + "lvl")
                if start is not None:
                    self._overrides[number_id, depth] = whole(start.get(w + "val"), 1)
                if own_level is not None:
                    own = f"{abstract_id}#{number_id}"
                    self._levels.setdefault(own, dict(self._levels.get(abstract_id, {})))[depth] = _level(own_level, w)
                    self._lists[number_id] = own

    def label(self, number_id: str | None, depth: int) -> str:
        """The next number of a list at a level, as text before the paragraph (``1.``, ``（一）``, ``第一部分 ``); empty for bullets."""
        abstract_id = self._lists.get(number_id or "")
        levels = self._levels.get(abstract_id or "")
        if number_id is None or abstract_id is None or not levels or depth not in levels:
            return ""
        counters = self._counters.setdefault(abstract_id, [None] * 9)
        if (number_id, depth) in self._overrides and (number_id, depth) not in self._seen:
            counters[depth] = self._overrides[number_id, depth] - 1
        self._seen.add((number_id, depth))
        for upper in range(depth):
            if counters[upper] is None and upper in levels:
                counters[upper] = levels[upper].start
        current = counters[depth]
        counters[depth] = levels[depth].start if current is None else current + 1
        counters[depth + 1 :] = [None] * (8 - depth)
        text = re.sub(r"%([1-9])", lambda match: _shown(levels.get(int(match[1]) - 1), counters[int(match[1]) - 1]), levels[depth].text)
        if levels[depth].format == "bullet" or not text.strip():
            return ""
        return text if text[-1] in "、.．。)）】〕:：" else text + " "


def _level(element: etree._Element, w: str) -> _Level:
    start, form, text = element.find(w + "start"), element.find(w + "numFmt"), element.find(w + "lvlText")
    return _Level(
        start=whole(start.get(w + "val"), 1) if start is not None else 1,
        format=(form.get(w + "val") or "decimal") if form is not None else "decimal",
        text=(text.get(w + "val") or "") if text is not None else "",
    )


def _shown(level: _Level | None, number: int | None) -> str:
    if level is None or number is None:
        return ""
    return _FORMATS.get(level.format, str)(number)
