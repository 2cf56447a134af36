"""The gate over hundreds of drafters: each deliberately worse one is stopped, equal ones pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.evaluation.cases import find_suites
from assistant.evaluation.compare import compare, gate
from assistant.evaluation.statistics import agreement, chance
from assistant.evaluation.world import World
from assistant.evaluation.worse import DEFECTS, Trial

EVALS = Path(__file__).resolve().parent.parent / "evals"
SEEDS = 110


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    suite = {suite.name: suite for suite in find_suites(EVALS)}["drafting"]
    return Trial(suite.only([], 30), World(home=tmp_path_factory.mktemp("trial")), each=4)


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_a_worse_drafter_is_stopped_every_time(trial: Trial, defect: str) -> None:
    plain = trial.run()
    passed = [seed for seed in range(SEEDS) if not gate(compare(plain, trial.run(defect, seed)))]
    assert passed == []


def test_one_invented_number_in_ten_drafts_is_stopped(trial: Trial) -> None:
    plain = trial.run()
    stopped = sum(bool(gate(compare(plain, trial.run("invents-a-number", seed, 0.2)))) for seed in range(30))
    assert stopped >= 29


def test_an_equal_drafter_passes_every_time(trial: Trial) -> None:
    plain = trial.run()
    assert [seed for seed in range(SEEDS) if gate(compare(plain, trial.run("says-it-differently", seed)))] == []


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_equal_drafters_that_err_now_and_then_pass_in_95_of_100_seeds(trial: Trial, share: float) -> None:
    stopped = [seed for seed in range(SEEDS) if gate(compare(trial.unsteady(seed, share), trial.unsteady(10_000 + seed, share)))]
    assert len(stopped) <= SEEDS * 0.05


def test_an_unsteady_drafter_that_becomes_much_worse_is_stopped(trial: Trial) -> None:
    before = [trial.unsteady(seed, 0.1) for seed in range(10)]
    assert all(gate(compare(run, trial.run("invents-a-number", seed, model="unsteady"))) for seed, run in enumerate(before))


def test_a_fall_is_only_as_likely_as_coins_say() -> None:
    assert chance([0.0, 0.0]) == 1.0
    assert chance([0.1, -0.05]) == 1.0
    assert chance([-0.1] * 4) == pytest.approx(1 / 16, abs=0.015)
    assert chance([-0.1] * 20) < 0.001
    # Ten cases of one of two departments are no ten votes, and yet too few departments to count by.
    assert chance([-0.1] * 20, [f"{i % 10}" for i in range(20)]) == pytest.approx(1 / 1024, abs=0.002)


def test_kappa_is_one_for_equal_grades_and_nothing_for_chance() -> None:
    grades = [1, 2, 3, 4] * 10
    assert agreement(grades, grades)[0] == 1.0
    assert agreement(grades, grades).kappa.mean == pytest.approx(1.0)
    shuffled = [4, 1, 3, 2, 1, 4, 2, 3] * 5
    assert abs(agreement(shuffled, grades).kappa.mean) < 0.35
    # A textbook table (two readers, squares of the distance): 1 − 6/ (mean squared distance of all pairs × 10).
    a, b = [1, 1, 2, 2, 3, 3, 4, 4, 1, 4], [1, 2, 2, 2, 3, 4, 4, 4, 1, 2]
    expected = sum((x - y) ** 2 for x in a for y in b) / 100
    assert agreement(a, b).kappa.mean == pytest.approx(1 - (6 / 10) / expected)
    assert agreement(a, b).exact == 0.7
