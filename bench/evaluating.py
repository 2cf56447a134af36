"""The evals measured: the whole embedded matrix, cases scored a second, reopening a run, and the gate over hundreds of drafters.

``lines()`` for ``python -m bench``; ``python -m bench.evaluating --seeds 500`` prints the gate's figures alone, for more seeds.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from assistant.evaluation import charts, running
from assistant.evaluation.cases import find_suites
from assistant.evaluation.compare import compare, gate
from assistant.evaluation.runs import load
from assistant.evaluation.world import World
from assistant.evaluation.worse import DEFECTS, Trial
from bench.line import ROOT, Line, command, processor

SUITES = {suite.name: suite for suite in find_suites(ROOT / "evals")}
SEEDS = 200


def lines() -> Iterator[Line]:
    """Every figure; the matrix first, the rest measured on its runs."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        cases = sum(len(suite.cases) for suite in SUITES.values() if suite.solver != "grade")
        took = command(["evals", "run", "--all", "--against", "baseline", "--report", home / "report.html"], home=home, rounds=1)
        yield Line(f"evals run --all, {cases} cases, nothing kept from before", took, "s", at_most=180)
        yield from scoring(home)
        yield from gates(SEEDS, home)


def scoring(home: Path) -> Iterator[Line]:
    """Cases scored a second by suite and over the matrix as it is; the slowest run to open and show."""
    slowest = cases = spent = 0.0
    for path in sorted((home / "evals" / "runs").glob("*.json")):
        run = load(path)
        suite, folder = SUITES[run.suite], ROOT / "evals" / run.suite
        world = World(home=home / "evals" / "workspace" / suite.name, texts=(folder / "texts", *(folder / more for more in suite.texts)))
        running.rescore(run, suite, world)
        each = processor(partial(running.rescore, run, suite, world), 5)
        yield Line(f"scoring {run.suite}", len(run.samples) / each, "cases/s")
        cases, spent = cases + len(run.samples), spent + each
        slowest = max(slowest, processor(partial(_open, path), 5))
    yield Line("scoring the whole matrix", cases / spent, "cases/s", at_least=1000)
    yield Line("opening the largest run again", slowest, "s", at_most=1)


def _open(path: Path) -> object:
    return charts.lines(load(path))


def gates(seeds: int, home: Path) -> Iterator[Line]:
    """Shares of drafters that the gate stops: worse ones in all, a quarter, a tenth of their drafts, and equal ones."""
    trial = Trial(SUITES["drafting"], World(home=home / "evals" / "workspace" / "drafting"))
    plain = trial.run()

    def share(stops: Callable[[int], list[str]]) -> float:
        return sum(bool(stops(seed)) for seed in range(seeds)) / seeds

    def worse(defect: str, part: float, seed: int) -> list[str]:
        return gate(compare(plain, trial.run(defect, seed, part)))

    for defect in DEFECTS:
        yield Line(f"gate stops a drafter that {defect.replace('-', ' ')}", share(partial(worse, defect, 1.0)), "of 1", at_least=1, exact=True)
        for part in (0.25, 0.1):
            yield Line(f"… in {part:.0%} of its drafts", share(partial(worse, defect, part)), "of 1", exact=True)
    yield Line("gate stops an equal drafter with other words", share(partial(worse, "says-it-differently", 1.0)), "of 1", at_most=0.05, exact=True)
    for part in (0.1, 0.3):
        equal = share(lambda seed, part=part: gate(compare(trial.unsteady(seed, part), trial.unsteady(10**6 + seed, part))))  # type: ignore[misc]
        yield Line(f"gate stops an equal drafter, both wrong in {part:.0%} of drafts", equal, "of 1", at_most=0.05, exact=True)


def main() -> None:
    """Print the gate's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps({line.what: line.value for line in gates(options.seeds, Path(place))}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
