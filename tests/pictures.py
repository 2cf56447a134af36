"""Pictures of the terminal as SVG, from the very segments that were drawn: every column at its place whatever font shows them.

Text is placed run by run with its width given in columns, and the lines of boxes are drawn as paths, because fonts disagree about the
width of both. Pictures are files under ``docs/images``; ``--accept`` rewrites them, otherwise they are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

# A Chinese character is two columns wide and as wide as its size.
WIDE, HIGH, SIZE = 8.0, 21, 16
NARROW = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,monospace"
FONTS = "'Sarasa Mono SC','Noto Sans Mono CJK SC','Microsoft YaHei','PingFang SC',monospace"
IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
# Left, right, up, down arms of each line character.
_ARMS = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru", "┼": "lrud"}
_ROUND = {"╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu"}
_BLOCKS = {"█": 1.0, "░": 0.18, "▁": 0.0}


def picture(lines: Iterable[Iterable[Segment]], *, title: str, ground: str = "#faf8f2", ink: str = "#1f2a33") -> str:
    """The SVG of lines of segments in a plain window frame with a title."""
    rows = [[segment for segment in line if not segment.control and segment.text] for line in lines]
    columns = max((sum(cell_len(segment.text) for segment in row) for row in rows), default=1)
    width, height, top, edge = columns * WIDE, len(rows) * HIGH, 30, 8
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2 * edge:.0f} {height + top + edge:.0f}" font-family="{FONTS}" font-size="{SIZE}">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" rx="9" fill="#e4e0d4"/><circle cx="18" cy="15" r="5" fill="#c9c5b8"/><circle cx="36" cy="15" r="5" fill="#c9c5b8"/>',
        f'<text x="{width / 2 + edge:.0f}" y="20" text-anchor="middle" font-size="13" fill="#6b7680">{escape(title)}</text>',
        f'<rect x="{edge}" y="{top}" width="{width:.1f}" height="{height}" fill="{ground}"/>',
    ]
    for y, row in enumerate(rows):
        out.extend(_row(row, edge, top + y * HIGH, ground, ink))
    return "\n".join([*out, "</svg>\n"])


def _row(row: list[Segment], left: float, top: float, ground: str, ink: str) -> Iterator[str]:
    texts: list[str] = []
    x = left
    for segment in row:
        style = segment.style or Style()
        front, back = _hex(style.color) or ink, _hex(style.bgcolor)
        if style.reverse:
            front, back = back or ground, front
        size = cell_len(segment.text) * WIDE
        if back and back != ground:
            yield f'<rect x="{x:.1f}" y="{top}" width="{size + 0.3:.1f}" height="{HIGH + 0.3}" fill="{back}"/>'
        weight = ' font-weight="bold"' if style.bold else ""
        for kind, run in _runs(segment.text):
            across = cell_len(run) * WIDE
            if kind == "line":
                texts.extend(_drawn(char, x + i * WIDE, top, front) for i, char in enumerate(run))
            elif run.strip():
                start = len(run) - len(run.lstrip(" "))
                body = run.strip(" ")
                # Signs that Chinese fonts draw wide although they take one column.
                font = f' font-family="{NARROW}"' if kind == "sign" else ""
                texts.append(
                    f'<text x="{x + start * WIDE:.1f}" y="{top + 16}" fill="{front}"{weight}{font} '
                    f'textLength="{cell_len(body) * WIDE:.1f}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(body)}</text>'
                )
            x += across
    yield from texts


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Runs of one kind: lines and blocks, wide characters, others."""
    run, last = "", ""
    for char in text:
        if char in _ARMS or char in _ROUND or char in _BLOCKS:
            kind = "line"
        else:
            kind = "wide" if cell_len(char) == 2 else ("text" if char.isascii() else "sign")
        if kind != last and run:
            yield last, run
            run = ""
        run, last = run + char, kind
    if run:
        yield last, run


def _drawn(char: str, x: float, top: float, colour: str) -> str:
    if char in _BLOCKS:
        return f'<rect x="{x:.1f}" y="{top + 4}" width="{WIDE + 0.2:.1f}" height="{HIGH - 8}" fill="{colour}" opacity="{_BLOCKS[char]}"/>'
    cx, cy = x + WIDE / 2, top + HIGH / 2
    ends = {"l": (x, cy), "r": (x + WIDE, cy), "u": (cx, top), "d": (cx, top + HIGH)}
    if char in _ROUND:
        (ax, ay), (bx, by) = (ends[arm] for arm in _ROUND[char])
        path = f"M{ax:.1f} {ay:.1f}Q{cx:.1f} {cy:.1f} {bx:.1f} {by:.1f}"
    else:
        path = "".join(f"M{cx:.1f} {cy:.1f}L{ends[arm][0]:.1f} {ends[arm][1]:.1f}" for arm in _ARMS[char])
    return f'<path d="{path}" stroke="{colour}" stroke-width="1.1" fill="none"/>'


def _hex(colour: Color | None) -> str | None:
    if colour is None or colour.is_default:
        return None
    return colour.get_truecolor().hex


def compare(name: str, svg: str, *, accept: bool) -> None:
    """Write the picture with ``--accept``; else the one on the disk must be the same."""
    path = IMAGES / name
    if accept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    elif not path.exists() or path.read_text(encoding="utf-8") != svg:
        pytest.fail(f"docs/images/{name} is not what the program shows now; look at it and run with --accept")
