"""The text of one Word paragraph as a person sees it.

Revisions are read as accepted (or as before, with ``original``), field results without their codes, symbols and formulas as
characters, hidden text left out and counted. What does not belong into the line (text boxes, notes) is handed on, in order.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from lxml import etree

from assistant.documents.symbols import UNKNOWN, readable, superscript, symbol
from assistant.documents.wordparts import STRICT, TRANSITIONAL, number_in, switched_on, whole

_MATH = ("http://schemas.openxmlformats.org/officeDocument/2006/math", "http://purl.oclc.org/ooxml/officeDocument/math")
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

_NAMES = """r t tab ptab br cr noBreakHyphen sym ins moveTo del moveFrom delText hyperlink smartTag sdt sdtContent customXml fldSimple bdo dir ruby rubyBase
 fldChar instrText pict object drawing footnoteReference endnoteReference commentReference bookmarkStart p tbl tr tc rPr pPr sectPr altChunk subDoc""".split()
KIND: dict[str, str] = {f"{{{namespace}}}{name}": name for namespace in (TRANSITIONAL, STRICT) for name in _NAMES}
MATH_TAGS = tuple(f"{{{namespace}}}{name}" for namespace in _MATH for name in ("oMath", "oMathPara"))
ALTERNATE = f"{{{_COMPATIBILITY}}}AlternateContent"
KIND.update({tag: tag.rpartition("}")[2] for tag in (*MATH_TAGS, ALTERNATE)})
_FALLBACK = f"{{{_COMPATIBILITY}}}Fallback"
_CHOICE = f"{{{_COMPATIBILITY}}}Choice"
_BOX_TAGS = tuple(f"{{{namespace}}}txbxContent" for namespace in (TRANSITIONAL, STRICT))
_WRAPPERS = frozenset("hyperlink smartTag sdtContent customXml bdo dir fldSimple rubyBase".split())


@dataclass(slots=True)
class Field:
    """An open field: its code so far, and whether its result has begun."""

    code: str = ""
    in_result: bool = False
    shown: bool = False

    @property
    def is_contents(self) -> bool:
        """Whether the field makes a table of contents."""
        return self.in_result and self.code.lstrip()[:4].upper() == "TOC "


@dataclass(slots=True)
class Reading:
    """Options and running state of one document: what was met (for notices), open fields, boxes and notes to hand on."""

    namespace: str
    original: bool = False
    may_symbol: bool = True
    hidden_styles: set[str] = field(default_factory=set)
    met: Counter[str] = field(default_factory=Counter)
    fields: list[Field] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def name(self, local: str) -> str:
        """The full tag or attribute of a local name in this document's namespace."""
        return f"{{{self.namespace}}}{local}"


@dataclass(slots=True)
class Line:
    """A paragraph's text and what its properties say: style, outline level, numbering, bookmarks, whether it runs on into the next."""

    text: str
    style: str | None = None
    level: int | None = None
    number: tuple[str | None, int] | None = None
    bookmarks: tuple[str, ...] = ()
    runs_on: bool = False
    in_contents: bool = False


class LineReader:
    """Reads paragraphs one after another; fields may span several of them."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        name = reading.name
        self._val, self._id = name("val"), name("id")
        self._object = name("object")
        self._ppr, self._style, self._level = name("pPr"), name("pStyle"), name("outlineLvl")
        self._own_properties = (self._style, self._level, name("rPr"), name("numPr"))
        self._number, self._gone_mark = name("numPr"), name("ins" if reading.original else "del")
        self._vanish, self._raise, self._run_style, self._fonts = name("vanish"), name("vertAlign"), name("rStyle"), name("rFonts")
        self._skipped = {"ins", "moveTo"} if reading.original else {"del", "moveFrom"}
        self._entered = {"del", "moveFrom"} if reading.original else {"ins", "moveTo"}
        self._parts: list[str] = []
        self._bookmarks: list[str] = []

    def line(self, paragraph: etree._Element) -> Line:
        """The text of a ``w:p`` and its properties."""
        self._parts, self._bookmarks = [], []
        line = Line("")
        for properties in paragraph.iterchildren(self._ppr):
            self._properties(properties, line)
        self._inline(paragraph)
        if self.reading.fields:
            line.in_contents = any(field.is_contents for field in self.reading.fields)
            # A field code never legitimately spans text of another paragraph here: an unclosed one must not swallow the document.
            self.reading.fields = [field for field in self.reading.fields if field.in_result]
        text = "".join(self._parts)
        line.text = readable(text)
        if self._bookmarks:
            line.bookmarks = tuple(self._bookmarks)
        return line

    def _properties(self, properties: etree._Element, line: Line) -> None:
        for child in properties.iterchildren(*self._own_properties):
            tag = child.tag
            if tag == self._style:
                line.style = child.get(self._val)
            elif tag == self._level:
                line.level = whole(child.get(self._val), 9) + 1
            elif tag == self._number:
                line.number = number_in(child, self.reading.namespace)
            else:
                line.runs_on = next(child.iterchildren(self._gone_mark), None) is not None

    def _inline(self, element: etree._Element) -> None:
        for child in element:
            kind = KIND.get(child.tag)
            if kind is None or kind == "pPr":
                continue
            if kind == "r":
                self._run(child)
            elif kind in self._skipped:
                self.reading.met["deleted" if kind in ("del", "moveFrom") else "inserted"] += 1
            elif kind in self._entered:
                self.reading.met["inserted" if kind in ("ins", "moveTo") else "deleted"] += 1
                self._inline(child)
            elif kind in _WRAPPERS:
                self._inline(child)
            elif kind == "sdt":
                self._control(child)
            elif kind in ("oMath", "oMathPara"):
                self._add(math_text(child))
            elif kind == "AlternateContent":
                self._alternate(child)
            elif kind == "bookmarkStart":
                self._bookmarks.append(child.get(self.reading.name("name")) or "")
            elif kind in ("pict", "object", "drawing"):
                self._picture(child)

    def _control(self, control: etree._Element) -> None:
        content = control.find(self.reading.name("sdtContent"))
        if content is None:
            return
        if is_placeholder(control, self.reading):
            self.reading.met["placeholder"] += 1
        else:
            self._inline(content)

    def _add(self, text: str) -> None:
        fields = self.reading.fields
        if fields and not all(field.in_result for field in fields):
            return
        if text:
            self._parts.append(text)
            for open_field in fields:
                open_field.shown = True

    def _run(self, run: etree._Element) -> None:
        raised, font = False, None
        for child in run:
            kind = KIND.get(child.tag)
            if kind == "t" or kind == "delText":
                text = child.text or ""
                if font is not None:
                    text = readable(text, font)
                self._add(superscript(text) if raised else text)
            elif kind == "rPr":
                if self._is_hidden(child):
                    self._count_hidden(run)
                    return
                raised = _is_raised(child.find(self._raise), self._val)
                fonts = child.find(self._fonts) if self.reading.may_symbol else None
                font = (fonts.get(self.reading.name("ascii")) or fonts.get(self.reading.name("hAnsi"))) if fonts is not None else None
            elif kind is not None:
                self._run_content(kind, child)

    def _run_content(self, kind: str, child: etree._Element) -> None:
        if kind in ("tab", "ptab"):
            self._add("\t")
        elif kind in ("br", "cr"):
            self._add("\n" if child.get(self.reading.name("type")) in (None, "textWrapping") else "")
        elif kind == "noBreakHyphen":
            self._add("-")
        elif kind == "sym":
            self._symbol(child)
        elif kind == "fldChar":
            self._field(child)
        elif kind == "instrText":
            if self.reading.fields and not self.reading.fields[-1].in_result:
                self.reading.fields[-1].code += child.text or ""
        elif kind in ("pict", "object", "drawing"):
            self._picture(child)
        elif kind == "AlternateContent":
            self._alternate(child)
        elif kind in ("footnoteReference", "endnoteReference", "commentReference"):
            self.reading.notes.append((kind.removesuffix("Reference"), child.get(self._id) or ""))
        elif kind == "ruby":
            # A reading aid above a word (pinyin): the word itself counts.
            self._inline(child)
        elif kind in ("oMath", "oMathPara"):
            self._add(math_text(child))
        elif kind in self._entered or kind in _WRAPPERS:
            self._inline(child)

    def _is_hidden(self, properties: etree._Element) -> bool:
        if switched_on(properties.find(self._vanish), self._val):
            return True
        style = properties.find(self._run_style) if self.reading.hidden_styles else None
        return style is not None and style.get(self._val) in self.reading.hidden_styles

    def _count_hidden(self, run: etree._Element) -> None:
        if any(text.strip() for text in run.itertext()) and not any(KIND.get(child.tag) == "instrText" for child in run):
            self.reading.met["hidden"] += 1

    def _symbol(self, element: etree._Element) -> None:
        try:
            shown = symbol(element.get(self.reading.name("font")), int(element.get(self.reading.name("char")) or "", 16))
        except (ValueError, OverflowError):
            shown = UNKNOWN
        if shown == UNKNOWN:
            self.reading.met["symbol"] += 1
        self._add(shown)

    def _field(self, element: etree._Element) -> None:
        kind, fields = element.get(self.reading.name("fldCharType")), self.reading.fields
        if kind == "begin":
            shown = form_field_text(element, self.reading)
            if len(fields) < 100:
                if shown:
                    self._add(shown)
                fields.append(Field())
        elif kind == "separate" and fields:
            fields[-1].in_result = True
        elif kind == "end" and fields:
            done = fields.pop()
            if not done.shown and re.match(r"\s*eq\b", done.code, re.IGNORECASE):
                self._add(equation_text(done.code))

    def _alternate(self, element: etree._Element) -> None:
        """One of the alternatives, never both: a text box is stored twice, for new and for old Word."""
        for wanted in (_CHOICE, _FALLBACK):
            for option in element.iterchildren(wanted):
                before = len(self._parts), len(self.reading.boxes)
                for child in option:
                    kind = KIND.get(child.tag)
                    if kind == "r":
                        self._run(child)
                    elif kind is not None:
                        self._run_content(kind, child)
                if (len(self._parts), len(self.reading.boxes)) != before:
                    return

    def _picture(self, element: etree._Element) -> None:
        boxes = [box for box in element.iter(*_BOX_TAGS) if not any(parent.tag in _BOX_TAGS for parent in _ancestors(box, element))]
        alternatives = [box for box in boxes if any(parent.tag == _FALLBACK for parent in _ancestors(box, element))]
        chosen = [box for box in boxes if box not in alternatives] or boxes
        self.reading.boxes.extend(chosen)
        if not chosen:
            for child in element.iter():
                local = str(child.tag).rpartition("}")[2]
                if local == "OLEObject":
                    self.reading.objects.append(link_id(child))
                elif local in ("blip", "imagedata") and element.tag != self._object:
                    self.reading.pictures.append(link_id(child))
                    self.reading.met["picture"] += 1
                elif local == "textpath":
                    self._add(child.get("string") or "")


def link_id(element: etree._Element) -> str:
    """The id of the link that an element holds (``r:id``, ``r:embed``), empty when it holds none."""
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith(("}id", "}embed"))), "")


def _ancestors(element: etree._Element, top: etree._Element) -> list[etree._Element]:
    found = []
    for parent in element.iterancestors():
        if parent is top:
            break
        found.append(parent)
    return found


def _is_raised(element: etree._Element | None, val: str) -> bool:
    return element is not None and element.get(val) == "superscript"


def is_placeholder(control: etree._Element, reading: Reading) -> bool:
    """Whether a content control still shows its grey prompt (单击此处输入文字) instead of content."""
    properties = control.find(reading.name("sdtPr"))
    return properties is not None and switched_on(properties.find(reading.name("showingPlcHdr")), reading.name("val"))


def form_field_text(element: etree._Element, reading: Reading) -> str:
    """What a legacy form field shows without a result of its own: the chosen entry of a list, ☑ or □ for a tick box."""
    data = element.find(reading.name("ffData"))
    if data is None:
        return ""
    val, name = reading.name("val"), reading.name
    choices = data.find(name("ddList"))
    if choices is not None:
        entries = [entry.get(val) or "" for entry in choices.iterfind(name("listEntry"))]
        chosen = choices.find(name("result"))
        chosen = choices.find(name("default")) if chosen is None else chosen
        index = whole(chosen.get(val)) if chosen is not None else 0
        return entries[index] if 0 <= index < len(entries) else ""
    box = data.find(name("checkBox"))
    if box is not None:
        state = box.find(name("checked"))
        state = box.find(name("default")) if state is None else state
        return "☑" if switched_on(state, val) else "□"
    return ""


_EQUATION_FRACTION = re.compile(r"\\f\s*\(([^(),，]*)[,，;]([^(),，]*)\)", re.IGNORECASE)
_EQUATION_SWITCH = re.compile(r"\\[a-z]+\s*\d*\s*(?=[\\(])", re.IGNORECASE)


def equation_text(code: str) -> str:
    """What an EQ field draws, in one line: ``eq \\o\\ac(○,1)`` gives ①, ``eq \\f(1,2)`` 1/2, ``eq \\o(≥,_)`` ≥."""
    text = re.sub(r"^\s*eq\s*", "", code, flags=re.IGNORECASE)
    enclosed = re.search(r"\\o\s*\\ac\s*\(\s*[○◯□]\s*[,，;]\s*(\d{1,2})\s*\)", text, re.IGNORECASE)
    if enclosed and 1 <= int(enclosed[1]) <= 20:
        return chr(0x2460 + int(enclosed[1]) - 1)
    text = _EQUATION_FRACTION.sub(r"\1/\2", text)
    text = _EQUATION_SWITCH.sub("", text)
    return re.sub(r"[(),，;_\s\\]+", "", text)


def math_text(element: etree._Element) -> str:
    """A formula in one line: fractions with a stroke, raised digits raised, everything else in reading order."""
    local = str(element.tag).rpartition("}")[2]
    if local == "t":
        return element.text or ""
    parts = {str(child.tag).rpartition("}")[2]: child for child in element}
    if local == "f" and "num" in parts and "den" in parts:
        return f"{_grouped(math_text(parts['num']))}/{_grouped(math_text(parts['den']))}"
    if local in ("sSup", "sSubSup") and "sup" in parts:
        below = math_text(parts["sub"]) if "sub" in parts else ""
        return (math_text(parts["e"]) if "e" in parts else "") + below + superscript(math_text(parts["sup"]))
    if local == "rad" and "e" in parts:
        return "√" + _grouped(math_text(parts["e"]))
    if local == "d":
        signs = {str(sign.tag).rpartition("}")[2]: _sign(sign) for sign in parts["dPr"]} if "dPr" in parts else {}
        inner = ",".join(math_text(child) for child in element if str(child.tag).endswith("}e"))
        return signs.get("begChr", "(") + inner + signs.get("endChr", ")")
    if local.endswith("Pr"):
        return ""
    return "".join(math_text(child) for child in element if isinstance(child.tag, str))


def _sign(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}val")), "")


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[\w.%％]*", text) else f"({text})"
