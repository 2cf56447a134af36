"""Reports of runs: one self-contained HTML page a leader can read, JUnit XML for a build server, plain data for JSON."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from assistant.evaluation import charts, judging
from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.charts import Line, lines
from assistant.evaluation.compare import Comparison, below_bars, compare, gate
from assistant.evaluation.runs import Run, Sample
from assistant.evaluation.statistics import flakiness, paired
from assistant.table import GoalTable

_WORST = 6
_SETTINGS = {"model": "模型", "prompts": "提示词", "judge": "评判模型"}


def as_data(run: Run, baseline: Run | None = None, suite: Suite | None = None) -> dict[str, Any]:
    """A run as ``evals run --json`` tells it: every score with interval and definition, costs, errors, movement against a baseline."""
    comparison = compare(baseline, run) if baseline is not None else None
    agreed = judging.agreed(run, {case.id: case for case in suite.cases}) if suite is not None else None
    return {
        "run": run.id,
        "suite": run.suite,
        "variant": run.variant,
        "settings": run.settings,
        "cases": len({sample.case for sample in run.samples}),
        "errors": sum(sample.error is not None for sample in run.samples),
        "reused": sum(sample.reused for sample in run.samples),
        **spent(run),
        "scores": [
            {
                "name": line.name,
                "mean": line.interval.mean,
                "low": line.interval.low,
                "high": line.interval.high,
                "cases": line.interval.cases,
                "bar": line.bar,
                "definition": run.definitions.get(line.name, ""),
            }
            for line in lines(run)
        ],
        "flaky": unsteady(run),
        "agreement": None if agreed is None else {"exact": agreed.exact, "kappa": agreed.kappa._asdict()},
        "baseline": None if comparison is None else {"run": comparison.before, "gate": gate(comparison), "movements": _plain(comparison)},
    }


def _plain(comparison: Comparison) -> list[dict[str, Any]]:
    return [move.model_dump(mode="json") for move in comparison.movements]


def spent(run: Run) -> dict[str, Any]:
    """Tokens, money (None = price unknown) and seconds of a run, as the solving once took them."""
    costs = [sample.cost for sample in run.samples]
    return {
        "seconds": round(sum(sample.seconds for sample in run.samples), 2),
        "tokens": sum(sample.tokens for sample in run.samples),
        "cost": None if any(cost is None for cost in costs) else round(sum(cost or 0.0 for cost in costs), 6),
    }


def unsteady(run: Run) -> dict[str, float]:
    """Cases whose repeats disagree, by how much at most."""
    found: dict[str, float] = {}
    for name in run.names:
        for case, values in run.values(name).items():
            spread = flakiness(values)
            if spread > 0:
                found[case] = max(found.get(case, 0.0), round(spread, 4))
    return found


def matrix(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """For every suite that several variants solved: each variant's main score, its paired difference to the first, and its costs."""
    rows = []
    for suite in dict.fromkeys(run.suite for run in runs):
        some = [run for run in runs if run.suite == suite]
        if len(some) < 2:
            continue
        for run in some:
            found = lines(run)
            main = next((line for line in found if line.name == (some[0].names or [""])[0]), None)
            rows.append(
                {"suite": run.title or suite, "variant": run.variant, "way": run.way, "main": main, "difference": _to_first(some[0], run, main), **spent(run)}
            )
    return rows


def _to_first(first: Run, run: Run, main: Line | None) -> str:
    if main is None or run is first:
        return ""
    old, new = first.means(main.name), run.means(main.name)
    common = sorted(set(old) & set(new))
    if not common:
        return ""
    groups = run.groups()
    found = paired([old[case] for case in common], [new[case] for case in common], [groups[case] for case in common])
    return f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


def page(runs: Sequence[Run], suites: Mapping[str, Suite], baselines: Mapping[str, Run], *, created: str, version: str) -> str:
    """The HTML report. ``baselines`` are by run id. Pictures are SVG inside the page; nothing is fetched from anywhere."""
    from jinja2 import Environment
    from markupsafe import Markup

    comparisons = {run.id: compare(baselines[run.id], run) for run in runs if run.id in baselines}
    told = [(run, lines(run, comparisons.get(run.id))) for run in runs]
    several = len({run.variant for run in runs}) > 1
    named = [(f"{run.title or run.suite}{f'（{run.way}）' if several else ''}", run, found) for run, found in told]
    rows = [(f"{title}·{line.name}", line) for title, _, found in named for line in found[:1] + [each for each in found[1:] if each.bar is not None]]
    held = [run for run in runs if not run.yardstick]
    bad = [line for run in held for line in below_bars(run)]
    bad += [f"{run.title or run.suite}：{reason}" for run in held if run.id in comparisons for reason in gate(comparisons[run.id])]
    template = Environment(autoescape=True).from_string((Path(__file__).parent / "report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        created=created[:16].replace("T", " "),
        version=version,
        verdicts=bad,
        cases=sum(len({sample.case for sample in run.samples}) for run in runs),
        summary=[_sentence(title, run, found) for title, run, found in named if found],
        chart=Markup(charts.scores(rows)) if rows else "",
        moved=Markup(charts.movements([(title, comparisons[run.id]) for title, run, _ in named if run.id in comparisons])),
        compared=bool(comparisons),
        matrix=matrix(runs),
        runs=[_run(title, run, found, suites.get(run.suite), baselines.get(run.id), comparisons.get(run.id), Markup) for title, run, found in named],
    )


def _sentence(title: str, run: Run, found: Sequence[Line]) -> dict[str, Any]:
    first = found[0]
    bar = "" if first.bar is None else f"，要求 {first.bar:.2f}"
    errors = sum(sample.error is not None for sample in run.samples)
    words = f"{first.name} {first.interval.mean:.3f}（95%区间 {first.interval.low:.3f}—{first.interval.high:.3f}{bar}），{first.interval.cases}个用例"
    below = [line.name for line in found if line.below]
    verdict = "对照" if run.yardstick else "未达：" + "、".join(below) if below else "达到" if run.bars else "不设要求"
    return {"title": title, "words": words + (f"，出错{errors}个" if errors else ""), "verdict": verdict, "bad": bool(below) and not run.yardstick}


def _run(title: str, run: Run, found: Sequence[Line], suite: Suite | None, baseline: Run | None, comparison: Comparison | None, markup: Any) -> dict[str, Any]:
    cases = {case.id: case for case in suite.cases} if suite is not None else {}
    agreed = judging.agreed(run, cases)
    return {
        "title": title,
        "purpose": suite.purpose if suite is not None else "",
        "cases": len({sample.case for sample in run.samples}),
        "errors": sum(sample.error is not None for sample in run.samples),
        **spent(run),
        "made": "；".join(f"{_SETTINGS[name]} {value}" for name, value in run.settings.items() if value and name in _SETTINGS),
        "lines": found,
        "definitions": run.definitions,
        "squares": markup(charts.cases(run)),
        "agreed": judging.said(agreed) if agreed is not None else "",
        "flaky": "、".join(f"{case}（差{spread:.2f}）" for case, spread in sorted(unsteady(run).items())),
        "failed": [(sample.case, sample.error) for sample in run.samples if sample.error],
        "worse": comparison.worse[:12] if comparison is not None else (),
        "changed": len(comparison.changed) if comparison is not None else 0,
        "worst": [_worst(sample, cases.get(sample.case), baseline, markup) for sample in worst(run, comparison)],
    }


def worst(run: Run, comparison: Comparison | None = None) -> list[Sample]:
    """The samples to look at: those that got worse, then those with the lowest scores; perfect ones are left out."""
    fallen = {change.case: change.after - change.before for change in reversed(comparison.worse)} if comparison is not None else {}
    ranked = []
    for sample in run.samples:
        values = [score.value for score in sample.scores if score.value is not None]
        if values and not sample.error and (min(values) < 1 or fallen.get(sample.case)):
            # What got worse, then the main score, then the others.
            ranked.append(((fallen.get(sample.case, 0.0), values[0], sum(values) / len(values)), sample))
    ranked.sort(key=lambda one: one[0])
    return list({sample.case: sample for _, sample in reversed(ranked)}.values())[::-1][:_WORST]


def _worst(sample: Sample, case: Case | None, baseline: Run | None, markup: Any) -> dict[str, Any]:
    old = baseline.first(sample.case) if baseline is not None else None
    if old is not None and old.text and old.text != sample.text:
        beside, text = "基线的结果", old.text
    else:
        beside, text = ("应有的内容", _expected(case)) if case is not None and case.target else ("", "")
    left, right = (
        _side_by_side(text, sample.text) if "table" in (case.target if case else {}) or beside == "基线的结果" else (escape(text), escape(sample.text))
    )
    low = [score for score in sample.scores if score.value is not None and score.value < 1]
    return {
        "id": sample.case,
        "why": case.why if case else "",
        "asked": case.asked if case else "",
        "scores": [(score.name, f"{score.value:.2f}", score.reason) for score in low],
        "beside": beside,
        "left": markup(left[:6000]),
        "right": markup(right[:6000]),
    }


def _expected(case: Case) -> str:
    table = case.target.get("table")
    if isinstance(table, dict):
        found = GoalTable.model_validate(table)
        return "\n".join(
            [*found.goals, *(f"{row.level2.removesuffix('指标')} {row.level3} {row.value.text}（{row.basis or '无依据'}）" for row in found.indicators)]
        )
    return case.expected


def _side_by_side(old: str, new: str) -> tuple[str, str]:
    """Both texts as HTML, lines that stand in one only marked."""
    matcher = difflib.SequenceMatcher(None, a := old.splitlines(), b := new.splitlines(), autojunk=False)
    left, right = [], []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        mark = tag != "equal"
        left += [f"<del>{escape(line)}</del>" if mark else escape(line) for line in a[i1:i2]]
        right += [f"<ins>{escape(line)}</ins>" if mark else escape(line) for line in b[j1:j2]]
    return "\n".join(left), "\n".join(right)


def junit(runs: Sequence[Run]) -> str:
    """JUnit XML: a suite per run, a case per sample; an error is an error, a score below its bar is a failure."""
    root = ElementTree.Element("testsuites")
    for run in runs:
        element = ElementTree.SubElement(root, "testsuite", name=f"{run.suite}.{run.variant}", tests=str(len(run.samples)))
        failures = 0
        for sample in run.samples:
            case = ElementTree.SubElement(element, "testcase", name=f"{sample.case}#{sample.epoch}", classname=run.suite, time=f"{sample.seconds:.3f}")
            if sample.error:
                ElementTree.SubElement(case, "error", message=_xml(sample.error))
            low = [score for score in sample.scores if score.value is not None and score.value < run.bars.get(score.name, 0.0)]
            if low and not sample.error:
                failures += 1
                said = "；".join(f"{score.name} {score.value:.3f} {score.reason}" for score in low)
                ElementTree.SubElement(case, "failure", message=_xml(said))
        element.set("failures", str(failures))
        element.set("errors", str(sum(sample.error is not None for sample in run.samples)))
    return ElementTree.tostring(root, encoding="unicode")


def _xml(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or (ord(char) >= 32 and not 0xD800 <= ord(char) <= 0xDFFF and ord(char) not in (0xFFFE, 0xFFFF)))
