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
    """One line on paper: its text, edges, the width of its first unbreakable word, and its character size."""

    left: float
    top: float
    right: float
    bottom: float
    text: str
    head: float
    size: float
    sure: bool = True
    blank_after: bool = False


_LATIN = re.compile(r"[A-Za-z0-9À-ɏͰ-ϿЀ-ӿ]")
# A word that typesetting keeps together: opening marks, one wide character or a run of narrow ones, closing marks.
_HEAD = re.compile(r"[（《“‘〈「『【〔\[(｛]*(?:[!-~À-ɏ]+|.)[，。、；：？！）》”’〉」』】〕\])}％%…·]*", re.DOTALL)
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
    parts: list[str] = []
    previous: Piece | None = None
    height = max(piece.bottom - piece.top for piece in pieces)
    em = 0.8 * height
    for piece in pieces:
        if previous is not None and piece.text != " " and previous.text != " ":
            gap = piece.left - previous.right
            if gap > 2 * em and not (apart == " " and not _LATIN.match(piece.text[0])):
                parts.append(apart)
            elif gap > 0.22 * em and _LATIN.match(previous.text[-1]) and _LATIN.match(piece.text[0]):
                parts.append(" ")
        parts.append(piece.text)
        previous = piece
    text = "".join(parts)
    if not text.strip():
        return None
    shown = [piece for piece in pieces if piece.text.strip()]
    left, right = min(piece.left for piece in shown), max(piece.right for piece in shown)
    return Line(
        left=left,
        top=min(piece.top for piece in shown),
        right=right,
        bottom=max(piece.bottom for piece in shown),
        text=text.strip(),
        head=_head_width(shown, text.strip(), right - left),
        size=em,
        sure=all(piece.sure for piece in shown),
        blank_after=text[-1].isspace(),
    )


def _head_width(pieces: list[Piece], text: str, width: float) -> float:
    match = _HEAD.match(text)
    length = match.end() if match else 1
    if all(len(piece.text) == 1 for piece in pieces):
        count = sum(1 for char in text[:length] if char != " ")
        return pieces[min(count, len(pieces)) - 1].right - pieces[0].left
    return width * weight(text[:length]) / max(weight(text), 0.5)


def weight(text: str) -> float:
    """The width of a text in characters of full width."""
    return sum(0.5 if char < "\u0250" else 1.0 for char in text)


def joined(lines: list[Line], left: float, right: float, *, indent: bool = False) -> str:
    """Lines between two edges as paragraphs parted by line breaks; ``indent``: a line set in from the left begins a paragraph."""
    text = ""
    previous: Line | None = None
    for line in lines:
        if previous is None:
            text = line.text
        elif ends_paragraph(previous, line, left, right) or (indent and line.left - left > 1.4 * line.size and previous.left - left < 1.4 * line.size):
            text += "\n" + line.text
        else:
            text += ("" if _stuck(previous, line, right - left) else " ") + line.text
        previous = line
    return text


def ends_paragraph(line: Line, following: Line, left: float, right: float) -> bool:
    """Whether the break after a line was meant: the next word would have fitted into it."""
    free = (right - left) - (line.right - line.left)
    head = following.head
    if line.text[-1] in _OPENING:
        return False
    if _LATIN.match(line.text[-1]) and _LATIN.match(following.text[0]):
        head += 0.3 * line.size
    return free > head + 0.45 * line.size


def _stuck(line: Line, following: Line, width: float) -> bool:
    """Whether a wrapped line goes on without a blank: always, except after a real one and between two Latin words."""
    if line.blank_after:
        return False
    if not (line.text[-1].isascii() and line.text[-1].isalpha() and following.text[0].isascii() and following.text[0].isalpha()):
        return True
    last = re.search(r"[!-~]+$", line.text)
    return last is not None and 0.5 * len(last[0]) * line.size + following.head > width  # one word, too long for the line
