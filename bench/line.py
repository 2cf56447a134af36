"""One measured figure beside its rival and its bar: the shape that every benchmark module gives, and the clocks they share.

A benchmark module has ``lines() -> Iterator[Line]`` and is found by ``python -m bench`` on its own; it prints nothing to stdout (notices
go to stderr) and gives a line with ``value=None`` and the reason in ``note`` for what could not be measured here.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Line:
    """What was measured (``value`` in ``unit``), what the ``rival`` took for the same in the same run (``theirs``, same unit), and the bars.

    ``at_most`` and ``at_least`` bind the value; ``ratio_at_most`` binds value ÷ theirs (0.25 = four times as fast). ``exact=True``: a count
    or a share, the same on any machine; otherwise a cost that a loaded machine spoils.
    """

    what: str
    value: float | None
    unit: str
    rival: str = ""
    theirs: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    ratio_at_most: float | None = None
    exact: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value ÷ theirs; under 1 where less is better and we need less."""
        return None if self.value is None or not self.theirs else self.value / self.theirs

    @property
    def times(self) -> float | None:
        """How many times as fast as the rival; None for counts and scores, and where the rival is a command of our own."""
        if self.ratio is None or self.exact or self.rival.startswith("assistant"):
            return None
        return self.ratio if self.unit.endswith("/s") else 1 / self.ratio

    @property
    def bar(self) -> str:
        """The bars in words, empty without one."""
        told = []
        if self.at_most is not None:
            told.append(f"≤ {self.at_most:g} {self.unit}")
        if self.at_least is not None:
            told.append(f"≥ {self.at_least:g} {self.unit}")
        if self.ratio_at_most is not None:
            told.append(f"≤ {self.ratio_at_most:g} × {self.rival}")
        return ", ".join(told)

    @property
    def met(self) -> bool | None:
        """Whether every bar holds; None without a bar, or when what it needs was not measured."""
        held = []
        if self.at_most is not None:
            held.append(None if self.value is None else self.value <= self.at_most)
        if self.at_least is not None:
            held.append(None if self.value is None else self.value >= self.at_least)
        if self.ratio_at_most is not None:
            held.append(None if self.ratio is None else self.ratio <= self.ratio_at_most)
        if False in held:
            return False
        return None if not held or None in held else True


def processor(action: Callable[[], object], rounds: int = 9) -> float:
    """Seconds of this process's processor time that the action takes: the median of some rounds, less swayed by other work than the clock."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return statistics.median(times)


def pair(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 9) -> tuple[float, float]:
    """``processor`` of two actions, taking turns, so that both see the same machine."""
    mine, other = [], []
    for _ in range(rounds):
        mine.append(processor(ours, 1))
        other.append(processor(theirs, 1))
    return statistics.median(mine), statistics.median(other)


def command(arguments: Sequence[object], *, home: Path, rounds: int = 5, codes: Sequence[int] = (0, 1), said: str = "", cwd: Path | None = None) -> float:
    """Seconds of processor time (user + system, children too) of a whole process started cold: the median of some rounds.

    ``arguments`` beginning with an option or a word of ``assistant`` run this checkout's program; a ``Path`` in front runs that program.
    """
    head = [] if arguments and isinstance(arguments[0], Path) else [sys.executable, "-m", "assistant"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "ASSISTANT_HOME": str(home)}
    times = []
    for _ in range(rounds):
        before = os.times()
        done = subprocess.run(
            [*head, *map(str, arguments)], input=said, capture_output=True, encoding="utf-8", errors="replace", env=environment, cwd=cwd, check=False
        )
        after = os.times()
        if done.returncode not in codes:
            raise RuntimeError(f"{arguments}: {done.returncode} {done.stderr[-300:]}")
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(times)
