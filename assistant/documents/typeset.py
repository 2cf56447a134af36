"""Text out of placed pieces (characters of a PDF, words of a scan): lines, and lines joined as the writer meant them.

A line break on paper is either a wrap or the end of a paragraph. It is a wrap when the next word would not have fitted into the rest of
the line. Gaps between Chinese and Latin are typography, not blanks; real blanks stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple


class Piece(NamedTuple):
    """A character or word with its edges; ``sure`` is False for a doubtful reading."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    sure: bool = True


@dataclass(slots=True)
class Line:
    """One line on paper: its text, edges, the width of its first unbreakable word, and its character size; ``words``: its pieces are
    words of a recognised scan, whose edges are less exact."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    head: float
    size: float
    sure: bool = True
    blank_after: bool = False
    words: bool = False


_LATIN = re.compile(r"[A-Za-z0-9À-ɏͰ-ϿЀ-ӿ]")
# A word that typesetting keeps together: opening marks, one wide character or a run of narrow ones with their signs, closing marks,
# and digits that follow those at once.
_NARROW = r"[≥≤≧≦±≈＝＞＜￥]*[!-~À-ɏ]+"
_HEAD = re.compile(rf"[（《“‘〈「『【〔\[(｛]*(?:{_NARROW}|.)[，。、；：？！）》”’〉」』】〕\])}}％%…·]*(?:(?<=[，、：；])[!-~À-ɏ]+)?", re.DOTALL)
_ITEM = re.compile(r"\d{1,2}[.．、)）](?!\d)|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳]|[一二三四五六七八九十]{1,3}、|目标\d")
_LISTED = frozenset("0123456789（(一二三四五六七八九十目①②③④⑤⑥⑦⑧⑨⑩")
_STOPS = "。；;：:！？"
_OPENING = "（《“‘〈「『【〔[("


def lines_of(pieces: list[Piece], *, apart: str = " ") -> list[Line]:
    """The lines that pieces stand on, from top to bottom; ``apart`` is put into gaps as wide as between columns."""
    rows: list[list[Piece]] = []
    centre = height = 0.0
    for piece in sorted(pieces, key=lambda piece: piece.top + piece.bottom):
        middle = (piece.top + piece.bottom) / 2
        if rows and middle - centre <= 0.5 * min(height, piece.bottom - piece.top):
            rows[-1].append(piece)
            if piece.bottom - piece.top > height:
                centre, height = middle, piece.bottom - piece.top
        elif rows and piece.bottom - piece.top < 0.75 * height and middle - centre <= 0.5 * height:
            rows[-1].append(piece)  # raised or lowered small characters
        else:
            rows.append([piece])
            centre, height = middle, piece.bottom - piece.top
    return [line for row in rows if (line := _line(sorted(row), apart)) is not None]


def _line(pieces: list[Piece], apart: str) -> Line | None:
    shown = [piece for piece in pieces if piece.text != " "]
    if not shown:
        return None
    top, bottom = min(piece.top for piece in shown), max(piece.bottom for piece in shown)
    em = 0.8 * max([piece.bottom - piece.top for piece in shown])
    parts: list[str] = []
    before, end = " ", 0.0
    for piece in pieces:
        char = piece.text
        if char != " " != before and piece.left - end > 0.22 * em:
            if piece.left - end > 2 * em and (apart != " " or _LATIN.match(char)):
                parts.append(apart)
            elif _LATIN.match(before[-1]) and _LATIN.match(char):
                parts.append(" ")
        parts.append(char)
        before, end = char, piece.right
    text = "".join(parts)
    left, right = shown[0].left, max([piece.right for piece in shown])
    return Line(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        text=text.strip(),
        head=_head_width(shown, text.strip(), right - left),
        size=em,
        sure=all(piece.sure for piece in shown),
        blank_after=text[-1] == " ",
        words=len(shown) < 0.7 * len(text.replace(" ", "")),
    )


def _head_width(pieces: list[Piece], text: str, width: float) -> float:
    match = _HEAD.match(text)
    length = match.end() if match else 1
    if len(pieces) >= len(text.replace(" ", "").replace("\t", "")):  # one piece a character
        return pieces[min(length - text.count(" ", 0, length), len(pieces)) - 1].right - pieces[0].left
    return width * weight(text[:length]) / max(weight(text), 0.5)


def weight(text: str) -> float:
    """The width of a text in characters of full width."""
    return sum(0.5 if char < "\u0250" else 1.0 for char in text)


def joined(lines: list[Line], left: float, right: float) -> str:
    """Lines between two edges as paragraphs parted by line breaks; a numbered item begins one after a full stop or as the next number."""
    text = ""
    number = 0
    previous: Line | None = None
    for line in lines:
        # Counting begins with a 1. at the top.
        following = (previous is None or number > 0) and line.text[0].isdigit() and _number(line.text) == number + 1
        if previous is None:
            text = line.text
        elif ends_paragraph(previous, line, left, right) or following or _item_after_stop(previous.text, line.text):
            text += "\n" + line.text
        else:
            text += ("" if _stuck(previous, line, right - left) else " ") + line.text
        number += following
        previous = line
    return text


def _number(text: str) -> int:
    """The number of an item that a line opens (2 of ``2.维修``), 0 when it opens none."""
    match = _ITEM.match(text)
    return int("".join(filter(str.isdigit, match[0]))) if match else 0


def _item_after_stop(before: str, text: str) -> bool:
    return text[0] in _LISTED and before[-1] in _STOPS and _ITEM.match(text) is not None


def ends_paragraph(line: Line, following: Line, left: float, right: float) -> bool:
    """Whether the break after a line was meant: the next word would have fitted into it."""
    free = (right - left) - (line.right - line.left)
    head = following.head
    if line.text[-1] in _OPENING:
        return False
    if _LATIN.match(line.text[-1]) and _LATIN.match(following.text[0]):
        head += 0.3 * line.size
    return free > head + (1.1 if line.words else 0.45) * line.size


def _stuck(line: Line, following: Line, width: float) -> bool:
    """Whether a wrapped line goes on without a blank: always, except after a real one and between two Latin words."""
    if line.blank_after:
        return False
    if not (line.text[-1].isascii() and line.text[-1].isalpha() and following.text[0].isascii() and following.text[0].isalpha()):
        return True
    last = re.search(r"[!-~]+$", line.text)
    return last is not None and 0.5 * len(last[0]) * line.size + following.head > width  # one word, too long for the line
