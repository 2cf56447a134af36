"""The figures of a run as one picture: how many times as fast as its rival each thing is, and how cost grows with the tables kept.

``python -m bench --plot docs/images/bench.svg`` writes it after measuring; the file is text (SVG), drawn here by hand because it is a
row of bars and four lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from bench.line import Line

_WIDTH, _ROW, _LEFT, _RIGHT = 940, 24, 420, 120
_INK, _PALE, _OURS, _WORSE, _GRID = "#24292f", "#57606a", "#2f6f4e", "#b35900", "#d0d7de"
_FONT = "font-family='Helvetica, Arial, Noto Sans CJK SC, Microsoft YaHei, sans-serif'"


def drawn(lines: Iterable[Line], curve: Sequence[dict[str, Any]], told: str) -> str:
    """The SVG: bars for every line that is faster or slower than a rival, curves for the sizes measured, ``told`` (command, machine) underneath."""
    rivals = [line for line in lines if line.times]
    height = 70 + _ROW * len(rivals) + (300 if curve else 0) + 40
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{height}' viewBox='0 0 {_WIDTH} {height}' {_FONT} font-size='13'>",
        f"<rect width='{_WIDTH}' height='{height}' fill='white'/>",
        _text(20, 28, "How many times as fast as what one would use instead", size=16, weight="bold"),
    ]
    parts += _bars(rivals, 50)
    if curve:
        parts += _curves(curve, 80 + _ROW * len(rivals))
    parts += [_text(20, height - 14, told, ink=_PALE, size=11), "</svg>"]
    return "\n".join(parts) + "\n"


def _bars(rivals: Sequence[Line], top: int) -> list[str]:
    if not rivals:
        return []
    times = [line.times or 1.0 for line in rivals]
    space = _WIDTH - _LEFT - _RIGHT
    # Ratios from a half to a hundred: a scale of powers, one (as fast as the rival) marked.
    low, high = min(0.5, *times), max(2.0, *times)

    def at(value: float) -> float:
        return _LEFT + space * (_power(value) - _power(low)) / (_power(high) - _power(low))

    parts = [f"<line x1='{at(1):.1f}' y1='{top - 6}' x2='{at(1):.1f}' y2='{top + _ROW * len(rivals)}' stroke='{_PALE}' stroke-dasharray='3 3'/>"]
    for row, (line, value) in enumerate(zip(rivals, times, strict=True)):
        y = top + row * _ROW
        left, right = sorted((at(1), at(value)))
        parts.append(_text(_LEFT - 10, y + 14, f"{line.what} / {line.rival}", anchor="end", size=12))
        parts.append(f"<rect x='{left:.1f}' y='{y + 3}' width='{max(1, right - left):.1f}' height='{_ROW - 8}' fill='{_OURS if value >= 1 else _WORSE}'/>")
        parts.append(_text(right + 6, y + 14, f"{value:.3g} ×", size=12))
    return parts


def _curves(curve: Sequence[dict[str, Any]], top: int) -> list[str]:
    shown = (("index_s", "index, s of processor time"), ("query_p95_ms", "query p95, ms"), ("memory_mb", "memory, MB"), ("disk_mb", "disk, MB"))
    parts = [_text(20, top, "How it grows with the number of tables", size=16, weight="bold")]
    wide, high = 170, 170
    for number, (key, title) in enumerate(shown):
        left, bottom = 50 + number * 225, top + 40 + high
        most = max(float(point[key]) for point in curve) or 1
        first, last = (_power(curve[i]["tables"]) for i in (0, -1))
        spots = [(left + wide * (_power(p["tables"]) - first) / ((last - first) or 1), bottom - high * float(p[key]) / most, p) for p in curve]
        parts.append(_text(left - 20, top + 24, title, size=12))
        parts.append(f"<path d='M{left} {bottom - high} V{bottom} H{left + wide}' fill='none' stroke='{_GRID}'/>")
        parts.append(f"<polyline points='{' '.join(f'{x:.1f},{y:.1f}' for x, y, _ in spots)}' fill='none' stroke='{_OURS}' stroke-width='2'/>")
        for x, y, point in spots:
            parts.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{_OURS}'/>")
            parts.append(_text(x, y - 8, f"{float(point[key]):.3g}", anchor="middle", size=11))
            parts.append(_text(x, bottom + 16, f"{point['tables']:,}", anchor="middle", size=10, ink=_PALE))
    return parts


def _power(value: float) -> float:
    import math

    return math.log10(value)


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, weight: str = "normal", ink: str = _INK) -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{size}' font-weight='{weight}' fill='{ink}'>{escape(words)}</text>"
