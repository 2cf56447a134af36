"""Pictures of runs as SVG, drawn by hand: scores with intervals and bars, movement against the baseline, every case as a square.

No script, no outside address, no colour as the only sign. ``picture`` is the one for the README, made from accepted baselines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from assistant.evaluation.compare import Comparison
from assistant.evaluation.runs import Run
from assistant.evaluation.statistics import Interval, interval

INK, DIM, RULE, BLUE, RED, GREEN = "#1f2933", "#6b7785", "#e3e7ec", "#2463a6", "#b3261e", "#1b7f4b"
_FONT = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"
_WIDTH, _LEFT, _RIGHT = 920, 250, 170


class Line(NamedTuple):
    """One score of one run: its interval over cases, the bar it must reach (None = none), the movement against a baseline."""

    name: str
    interval: Interval
    bar: float | None
    movement: str = ""

    @property
    def below(self) -> bool:
        """Whether the mean is below the bar."""
        return self.bar is not None and self.interval.mean < self.bar


def lines(run: Run, comparison: Comparison | None = None) -> list[Line]:
    """Every score of a run that applies to a case, in order."""
    moved = {move.score: move for move in comparison.movements} if comparison is not None else {}
    groups = run.groups()
    found = []
    for name in run.names:
        values = run.means(name)
        if values:
            move = moved.get(name)
            told = ""
            if move is not None:
                still = max(abs(move.low), abs(move.high), abs(move.difference)) < 0.0005
                told = "未变" if still else f"{move.difference:+.3f} [{move.low:+.3f}, {move.high:+.3f}]"
            found.append(Line(name, interval(list(values.values()), [groups[case] for case in values]), run.bars.get(name), told))
    return found


def scores(rows: Sequence[tuple[str, Line]], *, least: float | None = None) -> str:
    """A dot with its 95 % interval for each labelled line, a tick where its bar stands; the axis begins near the lowest."""
    lowest = min((min(line.interval.low, line.bar if line.bar is not None else 1.0) for _, line in rows), default=0.0)
    start = max(0.0, int(lowest * 10 - 0.5) / 10) if least is None else least
    start = min(start, 0.9)

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - start) / (1 - start)

    step = 0.02 if start >= 0.9 else 0.05 if start >= 0.75 else 0.1 if start >= 0.5 else 0.2
    parts = [*_axis([tick / 100 for tick in range(round(start * 100), 101, round(step * 100))], x, len(rows), "{:.2f}")]
    for number, (label, line) in enumerate(rows):
        y = 24 + 30 * number
        color = RED if line.below else BLUE
        low, high, mean = line.interval.low, line.interval.high, line.interval.mean
        parts.append(_text(_LEFT - 14, y + 5, label, anchor="end"))
        if line.bar is not None:
            parts.append(f'<path d="M{x(line.bar):.1f} {y - 9}V{y + 9}" stroke="{INK}" stroke-width="2" stroke-dasharray="3 2"/>')
        parts.append(f'<path d="M{x(low):.1f} {y}H{x(high):.1f}" stroke="{color}" stroke-width="5" stroke-opacity=".35" stroke-linecap="round"/>')
        parts.append(f'<circle cx="{x(mean):.1f}" cy="{y}" r="6" fill="{color}"/>')
        verdict = "" if line.bar is None else (" 未达要求" if line.below else " 达到")
        parts.append(_text(_WIDTH - _RIGHT + 18, y + 5, f"{mean:.3f}{verdict}", color=color if line.below else INK))
    return _svg(24 + 30 * len(rows) + 26, parts, "各项得分、95%区间与要求")


def movements(comparisons: Sequence[tuple[str, Comparison]]) -> str:
    """The paired difference of every score that moved, with its interval, around a line at zero; empty when nothing moved."""
    rows = [(f"{title}·{move.score}", move) for title, comparison in comparisons for move in comparison.movements if move.difference or move.low or move.high]
    if not rows:
        return ""
    reach = max(max(abs(move.low), abs(move.high), abs(move.difference)) for _, move in rows) * 1.1 or 0.01

    def x(value: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value + reach) / (2 * reach)

    parts = [*_axis([-reach, -reach / 2, 0.0, reach / 2, reach], x, len(rows), "{:+.3f}")]
    parts.append(f'<path d="M{x(0):.1f} 10V{24 + 30 * len(rows) - 12}" stroke="{INK}" stroke-width="1.5"/>')
    for number, (label, move) in enumerate(rows):
        y = 24 + 30 * number
        color = RED if move.high < 0 else GREEN if move.low > 0 else DIM
        word = "变差" if move.high < 0 else "变好" if move.low > 0 else "在波动内"
        parts.append(_text(_LEFT - 14, y + 5, label, anchor="end"))
        parts.append(f'<path d="M{x(move.low):.1f} {y}H{x(move.high):.1f}" stroke="{color}" stroke-width="5" stroke-opacity=".35" stroke-linecap="round"/>')
        parts.append(f'<circle cx="{x(move.difference):.1f}" cy="{y}" r="6" fill="{color}"/>')
        parts.append(_text(_WIDTH - _RIGHT + 18, y + 5, f"{move.difference:+.4f} {word}", color=color))
    return _svg(24 + 30 * len(rows) + 26, parts, "与基线之差")


def cases(run: Run, *, width: int = _WIDTH) -> str:
    """Every case as a square: full = right, half = partly, hollow = wrong, crossed = error; hovering names it."""
    seen = list(dict.fromkeys(sample.case for sample in run.samples))
    side, gap = (15, 4) if len(seen) <= 300 else (8, 2)
    across = max(1, width // (side + gap))
    name = run.names[0] if run.names else ""
    parts = []
    means = [run.means(each) for each in run.names]
    for number, case in enumerate(seen):
        x, y = (number % across) * (side + gap) + 1, (number // across) * (side + gap) + 1
        value = next((found[case] for found in means if case in found), None)
        told = "出错" if value is None else f"{value:.2f}"
        parts.append(f"<g><title>{escape(case)} {escape(name)} {told}</title>")
        if value is None:
            parts.append(f'<path d="M{x} {y}l{side} {side}m0 {-side}l{-side} {side}" stroke="{RED}" stroke-width="2"/>')
        else:
            color = BLUE if value >= 0.9 else "#c77700" if value >= 0.6 else RED
            parts.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}" rx="2" fill="#fff" stroke="{color}" stroke-width="1.5"/>')
            tall = side * max(0.0, min(1.0, value))
            parts.append(f'<rect x="{x}" y="{y + side - tall:.1f}" width="{side}" height="{tall:.1f}" rx="2" fill="{color}" fill-opacity=".8"/>')
        parts.append("</g>")
    rows = (len(seen) + across - 1) // across
    return _svg(rows * (side + gap) + 2, parts, "每个用例一格", width=width)


def of_baselines(folder: Path) -> str:
    """The picture of the accepted baselines in a folder that no model had a part in; the same files give the same picture."""
    from assistant.evaluation.runs import load

    return picture([run for path in sorted(folder.glob("*-embedded.json")) if (run := load(path)).steady])


def picture(runs: Sequence[Run], titles: Mapping[str, str] | None = None) -> str:
    """One picture of accepted runs for a page that has no room for a report: every score that has a bar, with interval and bar."""
    named = titles or {}
    rows = [
        (f"{named.get(run.suite, run.title or run.suite)}·{line.name}（{line.interval.cases}例）", line)
        for run in runs
        for number, line in enumerate(lines(run))
        if number == 0 or line.bar is not None
    ]
    inner = scores(rows)
    height = 24 + 30 * len(rows) + 26 + 74
    caption = "圆点：均值；色带：95%区间（按部门成组自助抽样）；虚线：必须达到的要求。离线起草与回答，不用模型。"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" font-family="{_FONT}">'
        f'<title>评测得分</title><rect width="{_WIDTH}" height="{height}" rx="10" fill="#fff" stroke="{RULE}"/>'
        f"{_text(24, 34, 'assistant evals run --all：各评测集得分', size=17)}"
        f'<g transform="translate(0 46)">{inner}</g>{_text(24, height - 14, caption, color=DIM, size=12)}</svg>\n'
    )


def _axis(ticks: Sequence[float], x: object, rows: int, form: str) -> list[str]:
    assert callable(x)
    foot = 24 + 30 * rows - 12
    parts = []
    for tick in ticks:
        parts.append(f'<path d="M{x(tick):.1f} 10V{foot}" stroke="{RULE}"/>')
        parts.append(_text(x(tick), foot + 18, form.format(tick), anchor="middle", color=DIM, size=12))
    return parts


def _text(x: float, y: float, text: str, *, anchor: str = "start", color: str = INK, size: int = 14) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}" font-size="{size}">{escape(text)}</text>'


def _svg(height: int, parts: Sequence[str], title: str, *, width: int = _WIDTH) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="{_FONT}">'
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>"
