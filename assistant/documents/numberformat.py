"""Numbers and dates of a spreadsheet as a person sees them: Excel's format codes applied to stored values.

Covers sections, conditions, literals (``"人"``, ``\\x``, ``!x``), thousands, scaling, percent, powers of ten, fractions, dates, times and
elapsed times, Chinese date formats and ``[DBNum1]``/``[DBNum2]`` numerals. Excel keeps 15 significant digits: 0.28999999999999998 is 0.29.

Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (numFmt), built-in formats of the zh-cn locale.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from assistant.chinese import han_number
from assistant.documents.dateformat import as_date, date_pattern

_DATE = 'yyyy"年"m"月"d"日"'
_MONTH, _DAY = 'yyyy"年"m"月"', 'm"月"d"日"'
_NOON, _NOON_SECONDS = '上午/下午h"时"mm"分"', '上午/下午h"时"mm"分"ss"秒"'
BUILT_IN: dict[int, str] = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "yyyy/m/d",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy/m/d h:mm",
    27: _MONTH,
    28: _DAY,
    29: _DAY,
    30: "m-d-yy",
    31: _DATE,
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: _NOON,
    35: _NOON_SECONDS,
    36: _MONTH,
    37: "#,##0;-#,##0",
    38: "#,##0;-#,##0",
    39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00",
    41: "#,##0",
    42: "¥#,##0",
    43: "#,##0.00",
    44: "¥#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    50: _MONTH,
    51: _DAY,
    52: _MONTH,
    53: _DAY,
    54: _DAY,
    55: _NOON,
    56: _NOON_SECONDS,
    57: _MONTH,
    58: _DAY,
}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)|(?P<power>E[+-])|(?P<digit>[0#?])|(?P<sign>[.,%/@])|(?P<other>.)',
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


@dataclass(slots=True, frozen=True)
class Shown:
    """The text a cell shows; ``exact`` is False when the format shows fewer decimals than are stored."""

    text: str
    exact: bool = True


@dataclass(slots=True)
class _Section:
    """One of the parts of a format code between semicolons: tokens as (kind, text), flags found in brackets."""

    tokens: list[tuple[str, str]] = field(default_factory=list)
    condition: tuple[str, Decimal] | None = None
    numerals: str = ""
    date: list[tuple[str, str]] | None = None


def plain(value: str) -> Decimal | None:
    """A stored number with the 15 significant digits that Excel keeps, or None when it is none."""
    try:
        number = float(value)
    except ValueError:
        return None
    if number != number or number in (float("inf"), float("-inf")):
        return None
    return Decimal(format(number, ".15g"))


def general(number: Decimal) -> str:
    """A number without any format: plain digits, no superfluous zeros, no powers of ten."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


class NumberFormat:
    """A compiled format code."""

    def __init__(self, code: str) -> None:
        self.sections = [_section(part) for part in _split(code)[:4]] or [_section("General")]

    def text(self, value: str) -> str:
        """A text value under the format: the section with ``@``, ``;;;`` hides it."""
        if len(self.sections) == 4:
            section = self.sections[3]
        elif any(kind == "sign" and text == "@" for kind, text in self.sections[-1].tokens):
            section = self.sections[-1]
        else:
            return value
        return "".join(value if (kind, text) == ("sign", "@") else text for kind, text in section.tokens if kind in ("literal", "sign"))

    def number(self, number: Decimal, *, since_1904: bool = False) -> Shown:
        """A number, date or time under the format."""
        section, signed = self._section_for(number)
        if section.date is not None:
            date = as_date(number, section.date, section.numerals, since_1904=since_1904)
            return Shown(general(number) if date is None else date)
        kinds = {kind for kind, _ in section.tokens}
        if "general" in kinds or ("sign", "@") in section.tokens:
            value = general(number if signed else abs(number))
            return Shown("".join(value if kind == "general" or (kind, text) == ("sign", "@") else text for kind, text in section.tokens))
        if number.adjusted() > 20:
            return Shown(general(number))
        if not kinds & {"digit"}:
            return Shown("".join(text for kind, text in section.tokens if kind == "literal"))
        shown = _Digits(section).show(abs(number))
        negative = signed and number < 0 and re.search(r"[1-9]", shown.text)
        text = ("-" if negative else "") + shown.text
        if section.numerals and re.fullmatch(r"\d+", text):
            text = _numerals(int(text), section.numerals)
        return Shown(text.strip(), shown.exact)

    def _section_for(self, number: Decimal) -> tuple[_Section, bool]:
        """The section for a number, and whether its sign must be written (an own section for negatives shows it by itself)."""
        numeric = self.sections[:3]
        if any(section.condition for section in numeric):
            for section in numeric:
                if section.condition is None or _COMPARE[section.condition[0]](number, section.condition[1]):
                    return section, True
            return numeric[-1], True
        if number < 0 and len(numeric) > 1:
            return numeric[1], False
        if number == 0 and len(numeric) > 2:
            return numeric[2], False
        return numeric[0], True


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat:
    """The compiled form of a format code, kept for the next cell."""
    return NumberFormat(code)


def _split(code: str) -> list[str]:
    parts, start, i = [], 0, 0
    while i < len(code):
        if code[i] == '"':
            i = code.find('"', i + 1)
            if i < 0:
                break
        elif code[i] in "\\!_*":
            i += 1
        elif code[i] == "[":
            i = max(i, code.find("]", i))
        elif code[i] == ";":
            parts.append(code[start:i])
            start = i + 1
        i += 1
    parts.append(code[start:])
    return parts


def _section(code: str) -> _Section:
    section = _Section()
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup, match[match.lastgroup] if match.lastgroup else ""
        if kind in ("quoted", "escaped"):
            section.tokens.append(("literal", text))
        elif kind == "bracket":
            _bracket(section, text)
        elif kind in ("general", "power", "digit", "sign"):
            section.tokens.append((kind, text))
        elif kind == "other":
            section.tokens.append(("literal", text))
    section.date = date_pattern(code)
    return section


def _bracket(section: _Section, text: str) -> None:
    if condition := _CONDITION.fullmatch(text.strip()):
        section.condition = condition[1], Decimal(condition[2])
    elif text.upper().startswith("DBNUM"):
        section.numerals = text[-1]
    elif text.startswith("$"):
        currency = text[1:].partition("-")[0]
        if currency:
            section.tokens.append(("literal", currency))


class _Digits:
    """Lays a number's digits into the placeholders of a section."""

    def __init__(self, section: _Section) -> None:
        self.tokens = list(section.tokens)
        signs = [(i, text) for i, (kind, text) in enumerate(self.tokens) if kind == "sign"]
        digits = [i for i, (kind, _) in enumerate(self.tokens) if kind == "digit"]
        self.point = next((i for i, text in signs if text == "."), None)
        self.percent = sum(text == "%" for _, text in signs)
        self.power = next((i for i, (kind, _) in enumerate(self.tokens) if kind == "power"), None)
        end = min(i for i in (self.point, self.power, len(self.tokens)) if i is not None)
        self.whole = [i for i in digits if i < end]
        self.part = [i for i in digits if self.point is not None and i > self.point and (self.power is None or i < self.power)]
        self.slash = next((i for i, text in signs if text == "/"), None)
        last, end = self.whole[-1] if self.whole else -1, digits[-1] if digits else -1
        commas = [i for i, text in signs if text == ","]
        self.thousands = any(self.whole and self.whole[0] < i < last for i in commas)
        self.scale = 0
        while end + 1 + self.scale in commas:
            self.scale += 1
        self.commas = set(commas)

    def show(self, number: Decimal) -> Shown:
        if self.slash is not None and self.whole:
            return Shown(self._fraction(number))
        scaled = number * (Decimal(100) ** self.percent) / (Decimal(1000) ** self.scale)
        if self.power is not None:
            return self._scientific(scaled)
        rounded = scaled.quantize(Decimal(1).scaleb(-len(self.part)), ROUND_HALF_UP)
        whole, _, part = f"{rounded:f}".partition(".")
        filled = self._fill_whole("" if whole == "0" else whole)
        filled.update(self._fill_part(part))
        return Shown(self._joined(filled), rounded == scaled)

    def _fill_whole(self, digits: str) -> dict[int, str]:
        filled: dict[int, str] = {}
        rest = digits
        for order, i in enumerate(reversed(self.whole)):
            if order == len(self.whole) - 1:
                digit, rest = rest, ""
                digit = digit or ("0" if self.tokens[i][1] == "0" else "")
            else:
                digit, rest = rest[-1:], rest[:-1]
                digit = digit or ("0" if self.tokens[i][1] == "0" else "")
            filled[i] = digit
        return self._with_thousands(filled) if self.thousands else filled

    def _with_thousands(self, filled: dict[int, str]) -> dict[int, str]:
        count, out = 0, dict(filled)
        for i in reversed(self.whole):
            text = ""
            for digit in reversed(filled[i]):
                if count and count % 3 == 0:
                    text = "," + text
                text, count = digit + text, count + 1
            out[i] = text
        return out

    def _fill_part(self, digits: str) -> dict[int, str]:
        filled = dict(zip(self.part, digits, strict=False))
        for i in reversed(self.part):
            if self.tokens[i][1] == "0" or filled.get(i, "0") != "0":
                break
            filled[i] = ""
        return filled

    def _joined(self, filled: dict[int, str]) -> str:
        shown = []
        for i, (kind, text) in enumerate(self.tokens):
            if kind == "digit":
                shown.append(filled.get(i, ""))
            elif kind == "sign" and text == ".":
                # A point without digits behind it is not worth showing, though Excel does.
                shown.append("." if not self.part or any(filled.get(j) for j in self.part) else "")
            elif kind == "literal" or (kind == "sign" and i not in self.commas):
                shown.append(text)
        return "".join(shown)

    def _scientific(self, number: Decimal) -> Shown:
        text = f"{number:.{len(self.part)}E}"
        mantissa, _, power = text.partition("E")
        return Shown(f"{mantissa}E{power[0]}{power[1:].rjust(2, '0')}", Decimal(text) == number)

    def _fraction(self, number: Decimal) -> str:
        below = "".join(text for _, text in self.tokens[(self.slash or 0) + 1 :]).strip()
        fixed = re.match(r"\d+", below) if re.match(r"[1-9]", below) else None
        most = 10 ** max(1, len(re.match(r"[0#?]*", below)[0])) - 1 if not fixed else int(fixed[0])  # type: ignore[index]
        mixed = any(kind == "literal" and text == " " for kind, text in self.tokens[: self.slash])
        whole = int(number) if mixed else 0
        rest = Fraction(number) - whole
        part = Fraction(round(rest * most), most) if fixed else rest.limit_denominator(most)
        if part == 1 and mixed:
            whole, part = whole + 1, Fraction(0)
        if part == 0:
            return str(whole)
        shown = f"{part.numerator * (most // part.denominator) if fixed else part.numerator}/{most if fixed else part.denominator}"
        return f"{whole} {shown}" if whole else shown


_NUMERALS = {"1": ("〇一二三四五六七八九", "十百千"), "2": ("零壹贰叁肆伍陆柒捌玖", "拾佰仟")}


def _numerals(number: int, kind: str) -> str:
    """A whole number in Chinese numerals, everyday (1) or for vouchers (2); full-width digits for 3."""
    if kind not in _NUMERALS:
        return str(number).translate({ord("0") + i: chr(0xFF10 + i) for i in range(10)})
    return han_number(number, *_NUMERALS[kind])
