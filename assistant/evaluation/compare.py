"""Two runs of the same suite side by side, and the gate that decides whether a change may land.

The comparison is paired: only cases both runs solved count, and the interval is of the difference per case. The gate fails on a
score whose whole interval lies below zero by more than ``tolerance``, on one whose mean fell by more than ``largest_fall``,
and on a case that used to be solved and now errs. A score that merely moved within its noise passes.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.evaluation.runs import Run
from assistant.evaluation.statistics import Interval, interval, paired
from assistant.target import Frozen


class CaseChange(Frozen):
    """A case whose score moved: before, after, and the reason given now."""

    case: str
    score: str
    before: float
    after: float
    reason: str = ""


class Movement(Frozen):
    """One score in both runs: means and the paired difference (after − before) with its interval."""

    score: str
    before: float
    after: float
    low: float
    high: float
    difference: float
    count: int


class Comparison(Frozen):
    """What moved between two runs. ``new_errors`` solved before and err now; ``unmatched`` stand in one run only."""

    before: str
    after: str
    movements: tuple[Movement, ...] = ()
    worse: tuple[CaseChange, ...] = ()
    better: tuple[CaseChange, ...] = ()
    new_errors: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()


def compare(before: Run, after: Run) -> Comparison:
    """The paired comparison of two runs, case by case."""
    groups = {**before.groups(), **after.groups()}
    movements: list[Movement] = []
    worse: list[CaseChange] = []
    better: list[CaseChange] = []
    for name in [name for name in before.names if name in after.names]:
        old, new = _means(before.values(name)), _means(after.values(name))
        common = sorted(set(old) & set(new))
        if not common:
            continue
        difference = paired([old[case] for case in common], [new[case] for case in common], [groups[case] for case in common])
        movements.append(_movement(name, old, new, common, difference))
        for case in common:
            if abs(new[case] - old[case]) > 1e-9:
                change = CaseChange(case=case, score=name, before=old[case], after=new[case], reason=_reason(after, case, name))
                (better if new[case] > old[case] else worse).append(change)
    solved = {sample.case for sample in before.samples if not sample.error}
    errors = {sample.case for sample in after.samples if sample.error}
    return Comparison(
        before=before.id,
        after=after.id,
        movements=tuple(movements),
        worse=tuple(sorted(worse, key=lambda change: change.after - change.before)),
        better=tuple(sorted(better, key=lambda change: change.before - change.after)),
        new_errors=tuple(sorted(solved & errors)),
        unmatched=tuple(sorted(set(before.groups()) ^ set(after.groups()))),
    )


def gate(comparison: Comparison, *, tolerance: float = 0.0, largest_fall: float = 0.02) -> list[str]:
    """Why the later run may not land, in Chinese; empty = it may."""
    reasons = [f"用例 {case} 原来能解，现在出错" for case in comparison.new_errors]
    for move in comparison.movements:
        if move.high < -tolerance:
            reasons.append(f"{move.score} 变差：{move.before:.3f} → {move.after:.3f}，差的95%区间 [{move.low:+.3f}, {move.high:+.3f}] 全在零以下")
        elif move.difference < -largest_fall:
            reasons.append(f"{move.score} 平均下降 {-move.difference:.3f}，超过允许的 {largest_fall:.3f}")
    return reasons


def below_bars(run: Run, bars: Mapping[str, float] | None = None) -> list[str]:
    """Scores of a run below their bar, in Chinese."""
    reasons = []
    for name, bar in (run.bars if bars is None else bars).items():
        values = _means(run.values(name))
        if values:
            mean = interval(list(values.values())).mean
            if mean < bar:
                reasons.append(f"{run.suite} 的 {name} 为 {mean:.3f}，低于要求的 {bar:.3f}")
    return reasons


def _means(values: Mapping[str, list[float]]) -> dict[str, float]:
    return {case: sum(repeats) / len(repeats) for case, repeats in values.items()}


def _movement(name: str, old: Mapping[str, float], new: Mapping[str, float], common: list[str], difference: Interval) -> Movement:
    return Movement(
        score=name,
        before=sum(old[case] for case in common) / len(common),
        after=sum(new[case] for case in common) / len(common),
        low=difference.low,
        high=difference.high,
        difference=difference.mean,
        count=len(common),
    )


def _reason(run: Run, case: str, name: str) -> str:
    for sample in run.samples:
        if sample.case == case:
            for score in sample.scores:
                if score.name == name:
                    return score.reason
    return ""
