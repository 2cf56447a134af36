"""The suites end to end: the gate stops each deliberately worse drafter, the leak guard bites, the command's codes and files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from assistant.cli.app import app
from assistant.draft import Draft, Request
from assistant.evaluation import charts, running
from assistant.evaluation.cases import Case, Suite, find_suites
from assistant.evaluation.compare import compare, differences, gate
from assistant.evaluation.report import junit, page
from assistant.evaluation.runs import Run, load
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
    folder = EVALS / suite.name
    texts = (folder / "texts", *(folder / more for more in suite.texts))
    world = World(home=home / f"workspace-{suite.name}", texts=texts, drafter=drafter, drafters=drafters)
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


@pytest.fixture
def run() -> Callable[..., Result]:
    """The program in this process: the engine is loaded once for all tests of the file."""

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def test_the_command_runs_compares_accepts(run: Callable[..., Result], tmp_path: Path) -> None:
    first = run("evals", "run", "robustness", "--limit", "4", "--json")
    assert first.exit_code == 0, first.stderr
    identity = json.loads(first.stdout)["runs"][0]["run"]
    again = run("evals", "compare", identity, identity)
    assert again.exit_code == 0
    assert "可以接受" in again.stdout
    assert "注意：只有4个用例" in run("evals", "accept", identity, "-o", tmp_path).stderr
    files = ("--report", tmp_path / "r.html", "--junit", tmp_path / "r.xml")
    against = run("evals", "run", "robustness", "--limit", "4", "--against", tmp_path, *files)
    assert against.exit_code == 0, against.stderr
    assert "4次沿用上次的输出" in against.stderr
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert ElementTree.parse(tmp_path / "r.xml").getroot()[0].attrib["failures"] == "0"
    assert run("evals", "run", "robustness", "--limit", "2", "--fail-under", "1").exit_code == 0
    shown = run("evals", "show", identity, "--rescore", "--json")
    assert json.loads(shown.stdout)["runs"][0]["scores"] == json.loads(first.stdout)["runs"][0]["scores"]
    missing = run("evals", "run", "没有这个")
    assert missing.exit_code == 2
    assert missing.stderr.startswith("错误：")


def test_a_worse_way_fails_and_says_where(run: Callable[..., Result], tmp_path: Path) -> None:
    both = run("evals", "run", "drafting", "--limit", "8", "--drafter", "embedded,copy", "--json")
    assert both.exit_code == 0, both.stderr
    good, bad = (one["run"] for one in json.loads(both.stdout)["runs"])
    compared = run("evals", "compare", good, bad)
    assert compared.exit_code == 1
    assert "变差 drafting-" in compared.stdout
    assert "    - 数量 " in compared.stdout
    assert "不可接受" in compared.stdout
    assert run("evals", "run", "drafting", "--limit", "8", "--fail-under", "1").exit_code == 1


def test_suites_scores_reports_and_comparisons_need_no_engine(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["inspect_ai"] = None
from pathlib import Path
from assistant.evaluation import charts, compare, engine, judging, paper, report, running, runs, scorers, solvers, world, worse, years
baseline = runs.load(Path(sys.argv[1]))
print(len(report.page([baseline], {}, {baseline.id: baseline}, created="2026-11-23", version="0")) > 5000, len(report.junit([baseline])) > 500)
print(compare.gate(compare.compare(baseline, baseline)), charts.of_baselines(Path(sys.argv[1]).parent)[:4])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(EVALS / "baselines" / "validation-embedded.json")],
        env={**os.environ, "PYTHONPATH": str(EVALS.parent)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.splitlines() == ["True True", "[] <svg"], done.stderr


@pytest.mark.parametrize(("name", "limit"), [("validation", None), ("year-on-year", None), ("drafting", 12), ("left-out", 8)])
def test_a_fast_subset_is_no_worse_than_the_accepted_baseline(name: str, limit: int | None, home: Path) -> None:
    run = solved(SUITES[name].only([], limit), home)
    comparison = compare(load(EVALS / "baselines" / run.file_name), run)
    assert comparison.movements
    assert gate(comparison) == []


def test_the_report_shows_what_moved_and_both_drafts(home: Path) -> None:
    suite = SUITES["drafting"].only([], 3)
    before = solved(suite, home)
    after = solved(suite, home, "without_first_row", without_first_row=worse(without_first_row))
    text = page([after], {suite.name: suite}, {after.id: before}, created="2026-11-23T10:00:00", version="0")
    assert "比基线差的用例" in text
    assert "<del>数量 " in text
    assert text.count("<svg") >= 3
    assert "用例为什么" not in text
    assert [line for line in differences(before, after, suite.cases[0].id) if line.startswith("-数量")]


def test_nothing_in_common_is_no_pass() -> None:
    one = Run(id="a", suite="s", samples=())
    assert gate(compare(one, one)) == ["没有一个用例可比：两边的用例不同，或内容已改"]


def test_a_changed_case_is_not_compared(home: Path) -> None:
    suite = SUITES["validation"].only([], 3)
    run = solved(suite, home)
    other = run.model_copy(update={"samples": (run.samples[0].model_copy(update={"asked": "0"}), *run.samples[1:])})
    comparison = compare(run, other)
    assert comparison.changed == (run.samples[0].case,)
    assert all(move.count <= 2 for move in comparison.movements)


def test_the_picture_of_the_baselines_is_steady_and_whole() -> None:
    text = charts.of_baselines(EVALS / "baselines")
    assert text == charts.of_baselines(EVALS / "baselines")
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert all(SUITES[name].title in text for name in ("drafting", "answering", "reading", "validation", "robustness"))


def test_an_unknown_way_and_a_missing_case_are_two_lines(run: Callable[..., Result]) -> None:
    for arguments in (
        ("run", "drafting", "--drafter", "别的"),
        ("run", "drafting", "--only", "没有这个用例"),
        ("run", "drafting", "--drafter", "model"),
        ("show",),
    ):
        failed = run("evals", *arguments)
        assert failed.exit_code == 2, arguments
        assert len(failed.stderr.strip().splitlines()) == 2, failed.stderr
