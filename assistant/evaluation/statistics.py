"""Intervals and differences: the mean of a score with its 95 % interval, the paired difference of two runs, how sure a fall is, agreement.

Cases of one department resemble each other, so whole groups are drawn (cluster bootstrap), and flipped where there are enough of them;
with fewer than two groups single cases are drawn. The draws are seeded: the same scores give the same interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

DRAWS = 2_000
FLIPS = 4_000
_SEED = 20_260
# Fewer groups than these give a sign-flip test nothing to count: two have four patterns. Then single cases are flipped.
_GROUPS_TO_FLIP = 8


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
    if data.min() == data.max():
        return Interval(float(data[0]), float(data[0]), float(data[0]), len(data))
    sums, counts = _clusters(data, groups, 2)
    picks = np.random.default_rng(_SEED).integers(0, len(sums), size=(DRAWS, len(sums)))
    draws = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975))
    return Interval(float(data.mean()), float(low), float(high), len(data))


def paired(before: Sequence[float], after: Sequence[float], groups: Sequence[str] | None = None) -> Interval:
    """The mean of ``after − before`` over the same cases in the same order, with its 95 % interval."""
    return interval([b - a for a, b in zip(before, after, strict=True)], groups)


def chance(differences: Sequence[float], groups: Sequence[str] | None = None) -> float:
    """How likely two equal runs would show a fall as large as this by chance: a one-sided sign-flip test over cases (or groups).

    1 when nothing fell. Exact for equal runs whatever the scores look like: then each difference is as likely as its opposite.
    """
    import numpy as np

    data = np.asarray(differences, dtype=float)
    if not len(data) or data.mean() >= 0:
        return 1.0
    sums, _ = _clusters(data, groups, _GROUPS_TO_FLIP)
    sums = sums[np.abs(sums) > 1e-12]
    if not len(sums):
        return 1.0
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), size=(FLIPS, len(sums)))
    return float((1 + np.count_nonzero(signs @ sums <= sums.sum() + 1e-12)) / (FLIPS + 1))


def flakiness(values: Sequence[float]) -> float:
    """How much one case's repeats disagree: largest minus smallest score, 0 for a steady case."""
    return max(values) - min(values) if values else 0.0


class Agreement(NamedTuple):
    """How well grades agree with those of people: the share that is equal, the weighted kappa (0 = chance, 1 = always) with its interval."""

    exact: float
    kappa: Interval


def agreement(given: Sequence[int], people: Sequence[int]) -> Agreement:
    """Exact agreement and quadratic weighted kappa of two lists of grades (small whole numbers), with its 95 % bootstrap interval."""
    import numpy as np

    a, b = np.asarray(given, dtype=int), np.asarray(people, dtype=int)
    picks = np.random.default_rng(_SEED).integers(0, len(a), size=(DRAWS, len(a)))
    drawn = [_kappa(a[pick], b[pick]) for pick in picks]
    low, high = np.quantile([value for value in drawn if value == value] or [float("nan")], (0.025, 0.975))
    return Agreement(float((a == b).mean()), Interval(_kappa(a, b), float(low), float(high), len(a)))


def _kappa(a: Any, b: Any) -> float:
    import numpy as np

    # 1 − observed squared distance over that expected if the two lists had nothing to do with each other.
    expected = float(((a[:, None] - b[None, :]) ** 2).mean())
    return 1.0 - float(np.square(a - b).mean()) / expected if expected else float("nan")


def _clusters(values: Any, groups: Sequence[str] | None, enough: int) -> tuple[Any, Any]:
    """Sums and counts of the values by group, or of single values where there are not ``enough`` groups."""
    import numpy as np

    names = sorted(set(groups)) if groups else []
    if groups is None or len(names) < enough:
        return values, np.ones(len(values))
    index = {name: number for number, name in enumerate(names)}
    members = np.array([index[name] for name in groups])
    return np.bincount(members, weights=values, minlength=len(names)), np.bincount(members, minlength=len(names)).astype(float)
