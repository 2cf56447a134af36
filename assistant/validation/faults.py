"""Faults of wording that any running text may have, each told from the text alone and remembered: placeholders, malformed document
numbers, outdated words, typing faults. ``ordinary`` says in one look that a text has none of them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.chinese import HAN, pattern
from assistant.taxonomy import OPEN_VALUE
from assistant.validation.lexicons import Words, lexicon, pairs_of

# Words that hold a place for what is still to be written.
_PLACEHOLDER = pattern(rf"{OPEN_VALUE}|待定|待补充|待填|待确定|待明确|[xX×＊*○]{{2,}}|[?？]|^(?:测试|示例|模板)$")


@lru_cache(maxsize=65536)
def placeholder(text: str) -> str | None:
    """The words of a text that only hold a place (待核实, XX), or None."""
    match = _PLACEHOLDER.search(text)
    return match[0] if match else None


# A document number in any dress: brackets of any kind or two-digit year, 第, blanks.
_NUMBER = pattern(rf"({HAN}{{1,8}})\s*([〔【\[（(﹝［])\s*(\d{{2,4}})\s*年?\s*[〕】\]）)﹞］]\s*第?\s*0*(\d{{1,5}})\s*(号?)")


_OPENING = frozenset("〔【[（(﹝［")


@lru_cache(maxsize=65536)
def mended_number(text: str) -> tuple[str, str] | None:
    """The text with its document numbers in regular form, and the first malformed one; None when there is nothing to mend.

    A bracketed year without a series before it, or with an ordinary parenthesis and no 号, is no document number.
    """
    if _OPENING.isdisjoint(text):
        return None
    first: list[str] = []

    def regular(match: re.Match[str]) -> str:
        series, opening, year, number, sign = match.groups()
        if len(year) == 3 or (not sign and (opening in "（([［" or len(year) == 2)):
            return match[0]
        year = f"20{year}" if len(year) == 2 else year
        good = f"{series}〔{year}〕{number}号"
        if good != match[0]:
            first.append(match[0][-(len(match[0]) - max(0, len(series) - 4)) :])
        return good

    mended = _NUMBER.sub(regular, text)
    return (mended, first[0]) if first else None


_ANY_DATED = Words(word for entry in lexicon("dated")["word"] for word in entry["words"])


@lru_cache(maxsize=65536)
def has_dated(text: str) -> bool:
    """Does the text hold a word that is outdated at some time?"""
    return _ANY_DATED.search(text) is not None


_DOUBLED = pattern(r"([，。；：、！？])\1+|([，、；：])[。]|[。][，、；]")
_HALF = pattern(r"[,;:!?]")
# Words written twice in a row repeat at least three pairs of characters.
_REPEATED, _REPEATED_LEAST = pattern(rf"({HAN}{{4,16}})\1"), 3
_LONGEST = 20_000
_HALF_TO_FULL = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}


@lru_cache(maxsize=65536)
def typing_of(text: str) -> tuple[str, str] | None:
    """What is wrong (first fault) and the mended text, or None."""
    if match := _DOUBLED.search(text):
        fault = f"标点“{match[0]}”重复"
    elif match := next((found for found in _HALF.finditer(text) if _between_han(found)), None):
        fault = f"汉字之间用了半角标点“{match[0]}”"
    elif len(text) - len(pairs_of(text)) > _REPEATED_LEAST and (match := _REPEATED.search(text)):
        return f"“{match[1]}”连写了两遍", ""
    else:
        return None
    mended = _DOUBLED.sub(lambda found: found[0][0] if found[1] else ("。" if "。" in found[0] and found[0][0] != "。" else found[0][0]), text)
    return fault, _HALF.sub(lambda found: _HALF_TO_FULL[found[0]] if _between_han(found) else found[0], mended)


def _between_han(match: re.Match[str]) -> bool:
    text, at = match.string, match.start()
    return 0 < at < len(text) - 1 and "\u4e00" <= text[at - 1] <= "\u9fff" and "\u4e00" <= text[at + 1] <= "\u9fff"


@lru_cache(maxsize=65536)
def ordinary(text: str) -> bool:
    """Has the text none of the faults above? A text that is far too long for a cell is not looked into."""
    return len(text) > _LONGEST or not (placeholder(text) or mended_number(text) or has_dated(text) or typing_of(text))
