"""Reports of runs: one self-contained HTML page a leader can read, JUnit XML for a build server, rows for the terminal."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.compare import below_bars, compare
from assistant.evaluation.runs import Run, Sample
from assistant.evaluation.statistics import Interval, flakiness, interval

_WORST = 8


class Line(NamedTuple):
    """One score of one run: its interval over cases, the bar it must reach (None = none), the movement against a baseline."""

    name: str
    interval: Interval
    bar: float | None
    movement: str = ""


def lines(run: Run, baseline: Run | None = None) -> list[Line]:
    """Every score of a run, in order."""
    moved = {move.score: move for move in compare(baseline, run).movements} if baseline is not None else {}
    groups = run.groups()
    found = []
    for name in run.names:
        values = {case: sum(repeats) / len(repeats) for case, repeats in run.values(name).items()}
        if not values:
            continue
        move = moved.get(name)
        told = f"{move.difference:+.3f} [{move.low:+.3f}, {move.high:+.3f}]" if move is not None else ""
        found.append(Line(name, interval(list(values.values()), [groups[case] for case in values]), run.bars.get(name), told))
    return found


def page(runs: Sequence[Run], suites: Mapping[str, Suite], baselines: Mapping[str, Run], *, created: str, version: str) -> str:
    """The HTML report: scores by suite with intervals, movement against the baselines, worst cases with their drafts."""
    from jinja2 import Environment
    from markupsafe import Markup

    template = Environment(autoescape=True).from_string((Path(__file__).parent / "report.html.j2").read_text(encoding="utf-8"))
    verdicts = [line for run in runs for line in below_bars(run)]
    shown = [_run(run, suites.get(run.suite), baselines.get(run.suite)) for run in runs]
    return template.render(created=created, version=version, runs=shown, verdicts=verdicts, chart=Markup(chart(runs)))


def _run(run: Run, suite: Suite | None, baseline: Run | None) -> dict[str, Any]:
    cases = {case.id: case for case in suite.cases} if suite is not None else {}
    rows = [
        {
            "name": line.name,
            "mean": f"{line.interval.mean:.3f}",
            "interval": f"{line.interval.low:.3f}—{line.interval.high:.3f}",
            "cases": line.interval.cases,
            "bar": "" if line.bar is None else f"{line.bar:.2f}",
            "below": line.bar is not None and line.interval.mean < line.bar,
            "movement": line.movement,
            "definition": run.definitions.get(line.name, ""),
        }
        for line in lines(run, baseline)
    ]
    unsteady = {case: flakiness(values) for name in run.names for case, values in run.values(name).items() if flakiness(values) > 0}
    return {
        "title": run.title or run.suite,
        "variant": run.variant,
        "cases": len({sample.case for sample in run.samples}),
        "errors": sum(sample.error is not None for sample in run.samples),
        "seconds": f"{sum(sample.seconds for sample in run.samples):.1f}",
        "tokens": sum(sample.tokens for sample in run.samples),
        "cost": sum(sample.cost for sample in run.samples),
        "rows": rows,
        "flaky": "、".join(f"{case}（差{spread:.2f}）" for case, spread in sorted(unsteady.items())),
        "failed": [(sample.case, sample.error) for sample in run.samples if sample.error],
        "worst": [_worst(sample, cases.get(sample.case)) for sample in worst(run)],
    }


def worst(run: Run) -> list[Sample]:
    """The samples with the lowest first applicable score, the worst first; perfect ones are left out."""
    judged = [(score, sample) for sample in run.samples if not sample.error and (score := _first(sample)) is not None and score < 1]
    return [sample for _, sample in sorted(judged, key=lambda pair: pair[0])[:_WORST]]


def _first(sample: Sample) -> float | None:
    return next((score.value for score in sample.scores if score.value is not None), None)


def _worst(sample: Sample, case: Case | None) -> dict[str, Any]:
    low = min((score for score in sample.scores if score.value is not None), key=lambda score: score.value or 0.0)
    return {
        "id": sample.case,
        "why": case.why if case else "",
        "score": low.name,
        "value": f"{low.value:.2f}",
        "reason": low.reason,
        "input": json.dumps(case.input, ensure_ascii=False, indent=1)[:1500] if case else "",
        "output": _shown(sample.output),
    }


def _shown(output: Mapping[str, Any]) -> str:
    draft = output.get("draft")
    if isinstance(draft, dict):
        rows = [f"{row['level2']} {row['level3']} {row['value']['text']}（{row['basis'] or ''}）" for row in draft["table"]["indicators"]]
        return "\n".join([*draft["table"]["goals"], *rows])
    return str(output.get("text", ""))[:1500]


def chart(runs: Sequence[Run]) -> str:
    """Bars of the first score of every run with its interval, as SVG."""
    bars = [(run, found[0]) for run in runs if (found := lines(run))]
    height = 34 * len(bars) + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="{height}" font-size="13" font-family="sans-serif" role="img">']
    for tick in range(0, 11, 2):
        x, foot = 300 + tick * 50, height - 6
        parts.append(f'<line x1="{x}" y1="0" x2="{x}" y2="{height - 22}" stroke="#e2e2e2"/>')
        parts.append(f'<text x="{x}" y="{foot}" text-anchor="middle" fill="#666">{tick / 10}</text>')
    for number, (run, line) in enumerate(bars):
        y = 34 * number + 6
        mean, low, high = line.interval.mean, line.interval.low, line.interval.high
        label = html.escape(f"{run.title or run.suite}·{line.name}（{run.variant}）")
        color = "#b00020" if line.bar is not None and mean < line.bar else "#2f6db3"
        parts.append(f'<text x="290" y="{y + 15}" text-anchor="end">{label}</text><rect x="300" y="{y}" width="{500 * mean:.1f}" height="20" fill="{color}"/>')
        parts.append(f'<line x1="{300 + 500 * low:.1f}" y1="{y + 10}" x2="{300 + 500 * high:.1f}" y2="{y + 10}" stroke="#111" stroke-width="2"/>')
        parts.append(f'<text x="{310 + 500 * max(mean, high):.1f}" y="{y + 15}">{mean:.3f}</text>')
    return "".join([*parts, "</svg>"])


def junit(runs: Sequence[Run]) -> str:
    """JUnit XML: a suite per run, a case per sample; an error is an error, a first score below 1 with a bar is a failure."""
    root = ElementTree.Element("testsuites")
    for run in runs:
        errors = sum(sample.error is not None for sample in run.samples)
        element = ElementTree.SubElement(root, "testsuite", name=run.suite, tests=str(len(run.samples)), errors=str(errors))
        for sample in run.samples:
            case = ElementTree.SubElement(element, "testcase", name=f"{sample.case}#{sample.epoch}", classname=run.suite, time=f"{sample.seconds:.3f}")
            if sample.error:
                ElementTree.SubElement(case, "error", message=_xml(sample.error))
            for score in sample.scores:
                if score.value is not None and score.value < run.bars.get(score.name, 0.0):
                    ElementTree.SubElement(case, "failure", message=_xml(f"{score.name} {score.value:.3f} {score.reason}"))
    return ElementTree.tostring(root, encoding="unicode")


def _xml(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or ord(char) >= 32)
