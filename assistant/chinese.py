"""Chinese text as offices write it: widths, blanks, numerals, document numbers, years, lines broken as printers break them.

Pure functions over strings, used by everything that compares what people typed. Nothing here knows budgets or forms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast


class _Pattern:
    """What ``pattern`` gives: the compiled expression's methods, each put in place when the first of them is asked for."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = (source, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(*self._source)
        for method in ("search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn", "pattern"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression that is compiled when it is first used. Ranges of Chinese characters take a millisecond each to compile, which
    would cost every start of the program a tenth of a second."""
    return cast("re.Pattern[str]", _Pattern(source, flags))


# Zero-width and directional marks that Word, WPS and web pages leave inside cells; they never carry meaning here.
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF, 0x00AD], None)
_ANY_INVISIBLE = pattern("[" + "".join(map(chr, _INVISIBLE)) + "]")
_BLANK = pattern(r"\s+")
# A Chinese character in a regular expression: any letter beyond Latin-1 (rare characters of names and 〇 too). A range of twenty thousand
# characters takes a millisecond to compile each time it is written; this takes a thirtieth of that.
HAN = r"[^\W\d\x00-\xff]"
_BLANK_NEXT_TO_HAN = pattern(rf"(?:(?<={HAN})|(?<=[，。、；：（）《》“”%％]))[ \t\u3000\u00a0]+|[ \t\u3000\u00a0]+(?={HAN}|[，。、；：（）《》“”])")


def fold(text: str) -> str:
    """Text for comparing: half width, no invisible marks, no blanks, ``〔〕【】[]`` alike, lower case.

    Never shown to a person and never stored; the raw text is.
    """
    # Long texts fill no cache: reading thousands of files must not keep them all.
    return _short_fold(text) if len(text) <= 400 else _fold(text)


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", visible(text))
    text = "".join(text.split()).lower()
    return text.translate(_FOLDED)


_FOLDED = str.maketrans({"〔": "[", "〕": "]", "【": "[", "】": "]", "﹝": "[", "﹞": "]", "—": "-", "－": "-", "–": "-", "―": "-", "≧": "≥", "≦": "≤"})


_short_fold = lru_cache(maxsize=65536)(_fold)


def visible(text: str) -> str:
    """The text without zero-width and directional marks; everything else as it is."""
    # Printable texts hold none of them, which is told faster than by looking for each.
    return text.translate(_INVISIBLE) if not text.isprintable() and _ANY_INVISIBLE.search(text) else text


def harmless(text: str) -> str:
    """The text without what no terminal, page or workbook should be given: control characters (but tab and line feed), marks that turn the
    direction of writing, halves of characters."""
    return _HARMFUL.sub("", text)


_HARMFUL = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def tidy(text: str) -> str:
    """Text for keeping: invisible marks gone, blanks beside Chinese characters gone, runs of blanks and line breaks made one blank.

    The words, widths and punctuation stay as written.
    """
    text = text.translate(_INVISIBLE)
    text = _BLANK.sub(" ", text).strip()
    return _BLANK_NEXT_TO_HAN.sub("", text)


_DIGITS = {"零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
CHINESE_NUMERAL = pattern(r"[零〇○一二两三四五六七八九十百千万亿]+")


def chinese_number(text: str) -> int | None:
    """The value of a Chinese numeral (``五十五`` 55, ``一千六`` 1600, ``二〇二六`` 2026), or None when it is none."""
    if not text or not CHINESE_NUMERAL.fullmatch(text):
        return None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, section, digit, last_scale = 0, 0, 0, 1
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
            continue
        scale = _SCALES[char]
        if scale >= 10_000:
            total = (total + section + digit) * scale if scale > 10_000 and total else total + (section + digit) * scale
            section = 0
        else:
            section += (digit or 1) * scale
        digit, last_scale = 0, scale
    # 一千六 means 1600, 三万五 means 35,000: a trailing digit right after a scale above ten is a tenth of that scale.
    if digit and last_scale >= 100 and len(text) >= 2 and text[-2] not in "零〇○":
        digit *= last_scale // 10
    return total + section + digit


def han_number(number: int, digits: str = "零一二三四五六七八九", scales: str = "十百千") -> str:
    """A whole number in Chinese numerals: 12 → 十二, 105 → 一百零五, 30,000 → 三万; with other ``digits`` and ``scales`` those of vouchers."""
    if number == 0:
        return digits[0]
    groups: list[str] = []
    for group in ("", "万", "亿", "万亿"):
        number, rest = divmod(number, 10_000)
        text, zero = "", False
        for scale, name in ((1000, scales[2]), (100, scales[1]), (10, scales[0]), (1, "")):
            digit, rest = divmod(rest, scale)
            if digit:
                text += ("零" if zero else "") + digits[digit] + name
                zero = False
            else:
                zero = zero or bool(text) or number > 0
        groups.append(text + group if text else "")
    joined = "".join(reversed(groups))
    return joined.removeprefix(digits[1]) if joined.startswith(digits[1] + "十") else joined


class DocumentNumber(NamedTuple):
    """A document number (发文字号) such as ``冀财社〔2024〕163号``: issuer's short name, year, running number."""

    prefix: str
    year: int
    number: int

    def __str__(self) -> str:
        """The regular form of GB/T 9704: six-cornered brackets, full year, no 第."""
        return f"{self.prefix}〔{self.year}〕{self.number}号"

    @property
    def short(self) -> str:
        """How staff say it: ``163号``."""
        return f"{self.number}号"


# A document number: two to eight Han characters, a bracketed year in any kind of bracket, a number, 号.
_DOCUMENT_NUMBER = pattern(rf"({HAN}{{1,8}}?)\s*[〔【\[（(﹝［]\s*(\d{{4}})\s*[〕】\]）)﹞］]\s*第?\s*(\d{{1,5}})\s*号")
_NOT_PART_OF_PREFIX = pattern(r"^(?:根据|依据|按照|按|依照|贯彻|落实|执行|参照|和|及|与|见|由|以|的|通知|文件|印发|关于|用于|来自|所附|附)+")


def document_numbers(text: str) -> list[DocumentNumber]:
    """Every document number in a text, in order, brackets of any kind accepted."""
    return [number for number, _ in numbered_places(text)]


def numbered_places(text: str) -> Iterator[tuple[DocumentNumber, tuple[int, int]]]:
    """Every document number with its place (start, end) in the text."""
    if "号" not in text:
        return
    for match in _DOCUMENT_NUMBER.finditer(text):
        # The lazy prefix starts at the first Han run's beginning; keep only the characters that touch the bracket.
        start = match.start(1)
        prefix = match.group(1)
        lead = _NOT_PART_OF_PREFIX.match(prefix)
        if lead and lead.end() < len(prefix):
            start += lead.end()
            prefix = prefix[lead.end() :]
        yield DocumentNumber(prefix, int(match.group(2)), int(match.group(3))), (start, match.end())


def without_document_numbers(text: str) -> str:
    """The text with its document numbers and the separators after them taken out: a project's own name."""
    for _, (start, end) in reversed(list(numbered_places(text))):
        text = text[:start] + " " + text[end:]
    return text.strip(" 　-—－_:：、,，").strip()


_NUMBER_IN_TEXT = pattern(r"(?<![\d.])\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")


def numbers_in(text: str) -> list[Decimal]:
    """Every Arabic number of a text, thousands separators understood, in order."""
    folded = unicodedata.normalize("NFKC", text)
    return [Decimal(match.replace(",", "")) for match in _NUMBER_IN_TEXT.findall(folded)]


def bigrams(text: str) -> set[str]:
    """The set of character pairs of the folded text, the measure of likeness that works on two-character Chinese terms."""
    folded = fold(text)
    return {folded[i : i + 2] for i in range(len(folded) - 1)} or ({folded} if folded else set())


def likeness(left: str, right: str) -> float:
    """How alike two texts are, 0 to 1: the Dice coefficient of their character pairs."""
    a, b = bigrams(left), bigrams(right)
    if not a or not b:
        return 0.0
    return 2 * len(a & b) / (len(a) + len(b))


def columns(text: str) -> int:
    """Columns a text takes on a terminal: a wide character two, any other one."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


_TOKEN = pattern(r"[A-Za-z0-9_.,%≥≤=<>±/+\-]+|.", re.DOTALL)
_NOT_FIRST = frozenset("，。、；：？！）》”’】〕％%,.;:?!)]")
_NOT_LAST = frozenset("（《“‘【〔([")


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` columns: figures and Latin words whole where they fit, no line beginning with closing punctuation."""
    lines: list[list[str]] = [[]]
    used = 0
    for token in _TOKEN.findall(text.replace("\n", " ")):
        for piece in _pieces(token, width):
            size = columns(piece)
            if used + size > width and lines[-1]:
                last = lines[-1][-1]
                moves = (piece[0] in _NOT_FIRST or last in _NOT_LAST) and len(lines[-1]) > 1 and columns(last) + size <= width
                carried = [lines[-1].pop()] if moves else []
                if carried and lines[-1][-1] in _NOT_LAST and len(lines[-1]) > 1 and columns(lines[-1][-1]) + columns(last) + size <= width:
                    carried.insert(0, lines[-1].pop())
                lines.append(carried)
                used = sum(columns(each) for each in carried)
            if piece == " " and not lines[-1]:
                continue
            lines[-1].append(piece)
            used += size
    return ["".join(line) for line in lines]


def _pieces(token: str, width: int) -> list[str]:
    if columns(token) <= width:
        return [token]
    pieces, piece = [], ""
    for char in token:
        if columns(piece + char) > width and piece:
            pieces.append(piece)
            piece = ""
        piece += char
    return [*pieces, piece]


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis where it is wider than that many columns."""
    if columns(text) <= width:
        return text
    while text and columns(text) > width - 1:
        text = text[:-1]
    return text + "…" if text else ""
