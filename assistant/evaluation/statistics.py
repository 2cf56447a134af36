"""Intervals and differences: the mean of a score with its 95 % interval, and the paired difference of two runs.

Cases of one department resemble each other, so whole groups are drawn (cluster bootstrap). With fewer than two groups single
cases are drawn. The draws are seeded: the same scores give the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

DRAWS = 2_000
_SEED = 20_260


class Interval(NamedTuple):
    """A mean with the bounds of its 95 % interval and the number of cases behind it."""

    mean: float
    low: float
    high: float
    cases: int

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}] (n={self.cases})"


def interval(values: Sequence[float], groups: Sequence[str] | None = None) -> Interval:
    """The mean of ``values`` and its 95 % interval; ``groups`` gives the cluster of each value. An empty list gives NaN."""
    import numpy as np

    if not values:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    data = np.asarray(values, dtype=float)
    draws = _draws(data, groups)
    low, high = np.quantile(draws, (0.025, 0.975))
    return Interval(float(data.mean()), float(low), float(high), len(data))


def paired(before: Sequence[float], after: Sequence[float], groups: Sequence[str] | None = None) -> Interval:
    """The mean of ``after − before`` over the same cases in the same order, with its 95 % interval."""
    return interval([b - a for a, b in zip(before, after, strict=True)], groups)


def flakiness(values: Sequence[float]) -> float:
    """How much one case's repeats disagree: largest minus smallest score, 0 for a steady case."""
    return max(values) - min(values) if values else 0.0


def _draws(values: Any, groups: Sequence[str] | None) -> Any:
    import numpy as np

    random = np.random.default_rng(_SEED)
    names = sorted(set(groups)) if groups else []
    if len(names) < 2 or groups is None:
        picks = random.integers(0, len(values), size=(DRAWS, len(values)))
        return values[picks].mean(axis=1)
    index = {name: number for number, name in enumerate(names)}
    members = np.array([index[name] for name in groups])
    sums = np.bincount(members, weights=values, minlength=len(names))
    counts = np.bincount(members, minlength=len(names))
    picks = random.integers(0, len(names), size=(DRAWS, len(names)))
    return sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
