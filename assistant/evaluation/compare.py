"""Two runs of the same suite side by side, and the gate that decides whether a change may land.

The comparison is paired: only cases both runs solved, and that ask the same, count; the interval is of the difference per case. The
gate fails on a score that fell and would hardly have by chance (all scores together raise a false alarm in at most 5 of 100 equal runs), on a
case that used to be solved and now errs, and, where no model and so no chance is in it, on a mean that fell by more than
``largest_fall``. A score that merely moved within its noise passes.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from assistant.evaluation.runs import Run
from assistant.evaluation.statistics import chance, interval, paired
from assistant.target import Frozen

FALSE_ALARMS = 0.05


class CaseChange(Frozen):
    """A case whose score moved: before, after, and the reason given now."""

    case: str
    score: str
    before: float
    after: float
    reason: str = ""


class Movement(Frozen):
    """One score in both runs: means, the paired difference (after − before) with its interval, and how likely such a fall is by chance."""

    score: str
    before: float
    after: float
    low: float
    high: float
    difference: float
    count: int
    chance: float = 1.0


class Comparison(Frozen):
    """What moved between two runs. ``new_errors`` solved before and err now; ``unmatched`` stand in one run only; ``changed`` ask something
    else than they did; ``steady`` = no model in either run."""

    before: str
    after: str
    movements: tuple[Movement, ...] = ()
    worse: tuple[CaseChange, ...] = ()
    better: tuple[CaseChange, ...] = ()
    new_errors: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    steady: bool = True


def compare(before: Run, after: Run) -> Comparison:
    """The paired comparison of two runs, case by case."""
    groups = {**before.groups(), **after.groups()}
    asked = {sample.case: sample.asked for sample in before.samples}
    changed = {sample.case for sample in after.samples if asked.get(sample.case) and sample.asked and sample.asked != asked[sample.case]}
    movements: list[Movement] = []
    moved: list[CaseChange] = []
    for name in [name for name in before.names if name in after.names]:
        old, new = before.means(name), after.means(name)
        common = sorted((set(old) & set(new)) - changed)
        if not common:
            continue
        was, now, clusters = [old[case] for case in common], [new[case] for case in common], [groups[case] for case in common]
        difference = paired(was, now, clusters)
        movements.append(
            Movement(
                score=name,
                before=sum(was) / len(was),
                after=sum(now) / len(now),
                low=difference.low,
                high=difference.high,
                difference=difference.mean,
                count=len(common),
                chance=chance([b - a for a, b in zip(was, now, strict=True)], clusters),
            )
        )
        moved += [
            CaseChange(case=case, score=name, before=old[case], after=new[case], reason=_reason(after, case, name))
            for case in common
            if abs(new[case] - old[case]) > 1e-9
        ]
    solved = {sample.case for sample in before.samples if not sample.error}
    errors = {sample.case for sample in after.samples if sample.error}
    return Comparison(
        before=before.id,
        after=after.id,
        movements=tuple(movements),
        worse=tuple(sorted((one for one in moved if one.after < one.before), key=lambda one: one.after - one.before)),
        better=tuple(sorted((one for one in moved if one.after > one.before), key=lambda one: one.before - one.after)),
        new_errors=tuple(sorted(solved & errors)),
        unmatched=tuple(sorted(set(before.groups()) ^ set(after.groups()))),
        changed=tuple(sorted(changed)),
        steady=before.steady and after.steady,
    )


def gate(comparison: Comparison, *, tolerance: float = 0.003, largest_fall: float = 0.02) -> list[str]:
    """Why the later run may not land, in Chinese; empty = it may. Falls of at most ``tolerance`` never matter."""
    reasons = [f"用例 {case} 原来能解，现在出错" for case in comparison.new_errors]
    if not comparison.movements:
        reasons.append("没有一个用例可比：两边的用例不同，或内容已改")
    falling = [move for move in comparison.movements if move.difference < -tolerance]
    # Bonferroni over the scores that moved at all: together they may cry wolf in FALSE_ALARMS of equal runs.
    moving = sum(move.low != 0 or move.high != 0 or move.difference != 0 for move in comparison.movements)
    for move in falling:
        if move.chance <= FALSE_ALARMS / moving:
            how = "不是偶然波动" if move.chance < 0.001 else f"偶然出现这样的下降只有{move.chance:.1%}的可能"
            reasons.append(f"{move.score} 变差：{move.before:.3f} → {move.after:.3f}（差的95%区间 [{move.low:+.3f}, {move.high:+.3f}]；{how}）")
        elif comparison.steady and move.difference < -largest_fall:
            reasons.append(f"{move.score} 平均下降 {-move.difference:.3f}，超过允许的 {largest_fall:.3f}")
    return reasons


def below_bars(run: Run, bars: Mapping[str, float] | None = None) -> list[str]:
    """Scores of a run below their bar, in Chinese."""
    reasons = []
    for name, bar in (run.bars if bars is None else bars).items():
        values = run.means(name)
        if values:
            mean = interval(list(values.values())).mean
            if mean < bar:
                reasons.append(f"{run.title or run.suite} 的 {name} 为 {mean:.3f}，低于要求的 {bar:.3f}")
    return reasons


def differences(before: Run, after: Run, case: str) -> list[str]:
    """The lines in which a case's two outputs differ, marked ``-`` and ``+``, unchanged neighbours with a blank; empty when equal."""
    old, new = before.first(case), after.first(case)
    if old is None or new is None or not old.text or old.text == new.text:
        return []
    lines = difflib.unified_diff(old.text.splitlines(), new.text.splitlines(), lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _reason(run: Run, case: str, name: str) -> str:
    sample = run.first(case)
    return (sample.error or sample.reason(name)) if sample is not None else ""
