"""Dates and times of a spreadsheet under Excel's date format codes, Chinese ones included.

A date is a count of days since 30 December 1899 (or 1904), with Excel's 29 February 1900 that never was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from assistant.chinese import han_number

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]|(?P<noon>AM/PM|A/P|上午/下午)|'
    r"(?P<date>y+|m+|d+|h+|s+|a{3,4}|e+)|(?P<fraction>\.0+)|(?P<general>General)|(?P<digit>[0#?@%])|(?P<literal>.)",
    re.IGNORECASE | re.DOTALL,
)
_DIGITS = "〇一二三四五六七八九"
_WEEKDAYS = "一二三四五六日"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February March April May June July August September October November December".split()
_LAST_SERIAL = 2_958_466


def date_pattern(code: str) -> list[tuple[str, str]] | None:
    """The tokens of a date or time format code, minutes told from months; None for a format of numbers or texts."""
    if code.strip().lower() in ("[$-f800]dddd, mmmm dd, yyyy", "[$-f800]"):
        code = 'yyyy"年"m"月"d"日"'
    elif code.strip().lower().startswith("[$-f400]"):
        code = "h:mm:ss"
    tokens: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        if kind is None or kind == "bracket":
            continue
        text = match[kind]
        if kind in ("general", "digit"):
            return None
        tokens.append(("literal", text) if kind in ("quoted", "escaped", "literal") else (kind, text.lower()))
    if not any(kind in ("date", "elapsed", "noon") for kind, _ in tokens):
        return None
    return _with_minutes(tokens)


def _with_minutes(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """An m beside hours or seconds means minutes."""
    times = [i for i, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    for order, i in enumerate(times):
        kind, text = tokens[i]
        if kind == "date" and text[0] == "m" and len(text) <= 2:
            before = tokens[times[order - 1]][1][0] if order else ""
            after = tokens[times[order + 1]][1][0] if order + 1 < len(times) else ""
            if before == "h" or after == "s":
                tokens[i] = ("minute", text)
    return tokens


def as_date(number: Decimal, tokens: list[tuple[str, str]], numerals: str = "", *, since_1904: bool = False) -> str | None:
    """A day count as text; None when it is no date (negative, beyond the year 9999)."""
    if since_1904:
        number += 1462
    if not 0 <= number < _LAST_SERIAL:
        return None
    decimals = max((len(text) - 1 for kind, text in tokens if kind == "fraction"), default=0)
    seconds = (number * 86_400).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    days, rest = divmod(seconds, 86_400)
    moment = datetime(1899, 12, 30 if days >= 60 else 31) + timedelta(days=int(days), seconds=int(rest))
    noon = any(kind == "noon" for kind, _ in tokens)
    shown = []
    for kind, text in tokens:
        if kind == "literal":
            shown.append(text)
        elif kind == "elapsed":
            shown.append(str(int(seconds // {"h": 3600, "m": 60, "s": 1}[text[0]])).rjust(len(text), "0"))
        elif kind == "noon":
            early, late = {"am/pm": ("AM", "PM"), "a/p": ("A", "P")}.get(text, ("上午", "下午"))
            shown.append(early if moment.hour < 12 else late)
        elif kind == "fraction":
            shown.append("." + f"{rest % 1:f}".partition(".")[2].ljust(decimals, "0")[: len(text) - 1])
        else:
            shown.append(_part(moment, "n" * len(text) if kind == "minute" else text, noon, numerals))
    return "".join(shown).strip()


_PARTS: dict[str, Callable[[datetime], int]] = {
    "m": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "h": lambda moment: moment.hour,
    "n": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
}


def _part(moment: datetime, text: str, noon: bool, numerals: str) -> str:
    letter, length = text[0], len(text)
    if letter in "ye":
        year = f"{moment.year % 100:02d}" if letter == "y" and length <= 2 else str(moment.year)
        return year.translate({ord("0") + i: digit for i, digit in enumerate(_DIGITS)}) if numerals == "1" else year
    if letter == "a":
        weekday = _WEEKDAYS[moment.weekday()]
        return weekday if length == 3 else "星期" + weekday
    if letter == "d" and length > 2:
        return _DAYS[moment.weekday()][: 3 if length == 3 else None]
    if letter == "m" and length > 2:
        return _MONTHS[moment.month - 1][: {3: 3, 5: 1}.get(length)]
    value = _PARTS[letter](moment)
    if letter == "h" and noon:
        value = value % 12 or 12
    if numerals == "1":
        return han_number(value, _DIGITS)
    return f"{value:02d}" if length == 2 else str(value)
