"""The suites end to end: the gate stops each deliberately worse drafter, the leak guard bites, the command's codes and files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.draft import Draft, Request
from assistant.evaluation import running
from assistant.evaluation.cases import Case, Suite, find_suites
from assistant.evaluation.compare import compare, gate
from assistant.evaluation.report import junit, page
from assistant.evaluation.runs import Run
from assistant.evaluation.world import Leak, Without, World
from assistant.table import GoalTable
from assistant.target import Target

pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
EVALS = Path(__file__).resolve().parent.parent / "evals"
SUITES = {suite.name: suite for suite in find_suites(EVALS)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evals")


def solved(suite: Suite, home: Path, drafter: str = "embedded", **drafters: Callable[[Request, Any], Draft]) -> Run:
    # A workspace for each suite: texts of one would change the own unit of another.
    world = World(home=home / f"workspace-{suite.name}", texts=(EVALS / suite.name / "texts",), drafter=drafter, drafters=drafters)
    return running.run(suite, world, folder=home, now="2026-11-23T10:00:00")


def worse(change: Callable[[GoalTable], GoalTable]) -> Callable[[Request, Any], Draft]:
    def drafter(request: Request, corpus: Any) -> Draft:
        from assistant.drafting.embedded import draft

        made = draft(request, corpus)
        return made.model_copy(update={"table": change(made.table)})

    return drafter


def without_first_row(table: GoalTable) -> GoalTable:
    return table.model_copy(update={"indicators": table.indicators[1:]})


def with_wrong_unit(table: GoalTable) -> GoalTable:
    rows = [row.model_copy(update={"value": Target.parse(row.value.text.replace("%", "人").replace("元", "个"))}) for row in table.indicators]
    return table.model_copy(update={"indicators": tuple(rows)})


def with_invented_number(table: GoalTable) -> GoalTable:
    rows = [row.model_copy(update={"value": Target.parse("≥7321人")}) if row.type == "数量指标" else row for row in table.indicators]
    return table.model_copy(update={"indicators": tuple(rows)})


@pytest.mark.parametrize("change", [without_first_row, with_wrong_unit, with_invented_number])
def test_the_gate_stops_a_worse_drafter(change: Callable[[GoalTable], GoalTable], home: Path) -> None:
    suite = SUITES["drafting"].only([], 12)
    before = solved(suite, home)
    after = solved(suite, home, change.__name__, **{change.__name__: worse(change)})
    assert gate(compare(before, after), tolerance=0.003)
    assert gate(compare(before, solved(suite, home)), tolerance=0.003) == []


def test_the_leak_guard_bites(home: Path) -> None:
    suite = SUITES["year-on-year"]
    world = World(home=home / "workspace-years", texts=(EVALS / suite.name / "texts",))
    case = suite.cases[0]
    seen = world.given(case)
    assert isinstance(seen, Without)
    assert all(Path(past.source.path or "").name not in case.sources for past in seen.past_tables())
    with pytest.raises(Leak):
        world.given(case.model_copy(update={"sources": ()}))


def test_a_leaking_case_is_an_error_not_a_score(home: Path) -> None:
    suite = SUITES["year-on-year"]
    leaking = suite.model_copy(update={"cases": tuple(case.model_copy(update={"sources": ()}) for case in suite.cases[:2])})
    run = solved(leaking, home)
    assert all(sample.error and "答案就在" in sample.error for sample in run.samples)


@pytest.mark.parametrize("name", sorted(SUITES))
def test_every_case_says_why_it_exists(name: str) -> None:
    assert SUITES[name].cases
    assert all(len(case.why) >= 2 for case in SUITES[name].cases)


@pytest.mark.parametrize("name", ["robustness", "reading"])
def test_a_suite_reaches_its_bars(name: str, home: Path) -> None:
    run = solved(SUITES[name].only([], 30), home)
    assert [sample.error for sample in run.samples if sample.error] == []
    for score, bar in run.bars.items():
        for case, values in run.values(score).items():
            assert min(values) >= bar, (case, score, [each for sample in run.samples if sample.case == case for each in sample.scores])


def test_outputs_are_kept_and_scored_again(home: Path) -> None:
    suite = SUITES["drafting"].only([], 3)
    run = solved(suite, home)
    world = World(home=home / f"workspace-{suite.name}", texts=(EVALS / suite.name / "texts",))
    assert [sample.scores for sample in running.rescore(run, suite, world).samples] == [sample.scores for sample in run.samples]


def test_the_report_is_one_page_and_escapes(home: Path) -> None:
    suite = Suite(name="demo", title="<b>题</b>", purpose="", solver="draft", scorers=("drafting",), cases=(Case(id="<x>", why="因为", group="甲"),))
    run = solved(SUITES["drafting"].only([], 3), home).model_copy(update={"title": "<b>题</b>"})
    text = page([run], {suite.name: suite}, {}, created="2026-11-23", version="0")
    assert "<b>题</b>" not in text
    assert "<svg" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert junit([run]).count("<testcase") == 3


def test_the_command_runs_compares_accepts(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    first = run("evals", "run", "robustness", "--limit", "4", "--json")
    assert first.returncode == 0, first.stderr
    identity = json.loads(first.stdout)["runs"][0]["run"]
    again = run("evals", "compare", identity, identity)
    assert again.returncode == 0
    assert "可以接受" in again.stdout
    accepted = run("evals", "accept", identity, "--to", tmp_path)
    assert accepted.returncode == 0
    against = run("evals", "run", "robustness", "--limit", "4", "--against", tmp_path, "--report", tmp_path / "r.html")
    assert against.returncode == 0, against.stderr
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("evals", "run", "robustness", "--limit", "2", "--fail-under", "1", "--drafter", "embedded").returncode == 0
    missing = run("evals", "run", "没有这个")
    assert missing.returncode == 2
    assert missing.stderr.startswith("错误：")
