"""Many projects in one run, and the whole text of a department."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assistant.corpus import Corpus
from assistant.draft import Draft
from assistant.drafting import batch, narrative, saving
from assistant.drafting.batch import Entry
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand
from assistant.errors import InputError


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


@pytest.fixture
def make(corpus: Corpus) -> Callable[[Mapping[str, Any]], Draft]:
    return lambda fields: draft(understand(fields.get("request"), name=fields.get("name", ""), year="2026", budget=fields.get("budget")), corpus)


ENTRIES = [
    Entry("第2行", {"name": "残疾人就业保障金", "budget": "495"}),
    Entry("第3行", {"name": "残疾人文化节", "budget": "12"}),
    Entry("第4行", {"name": "坏的一行", "budget": "abc"}),
]


def test_one_bad_project_costs_nothing_of_the_rest(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path, corpus: Corpus) -> None:
    summary = batch.run(ENTRIES, make, tmp_path, state="1")
    batch.year_on_year(summary, corpus.past_tables())
    assert [one.state for one in summary.results] == ["continued", "new", "failed"]
    assert "abc" in (summary.results[2].message or "")
    assert summary.results[0].last_budget == "470.00"
    assert len(summary.dropped) == 9
    assert summary.to_json()["counts"]["dropped"] == 9


def test_a_defect_of_ours_is_told_and_the_run_goes_on(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path) -> None:
    def broken(fields: Mapping[str, Any]) -> Draft:
        if fields["name"] == "残疾人文化节":
            raise KeyError("x")
        return make(fields)

    summary = batch.run(ENTRIES[:2], broken, tmp_path, state="1")
    assert [one.state for one in summary.results] == ["continued", "failed"]
    assert "KeyError" in (summary.results[1].message or "")


def test_an_interrupted_run_goes_on_where_it_stopped(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path) -> None:
    calls: list[str] = []

    def counting(fields: Mapping[str, Any]) -> Draft:
        calls.append(fields["name"])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return make(fields)

    with pytest.raises(KeyboardInterrupt):
        batch.run(ENTRIES[:2], counting, tmp_path, state="1")
    summary = batch.run(ENTRIES[:2], counting, tmp_path, state="1")
    assert calls == ["残疾人就业保障金", "残疾人文化节", "残疾人文化节"]
    assert [one.resumed for one in summary.results] == [True, False]
    # Another corpus or drafter drafts everything again.
    batch.run(ENTRIES[:2], counting, tmp_path, state="2")
    assert len(calls) == 5


KILLED = """
import os, signal, sys
from pathlib import Path
from assistant import workspace
from assistant.corpus import Corpus
from assistant.drafting import batch
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand

home, folder, which, when = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
corpus, calls = Corpus.open(home), 0

def dying(does):
    def do(path, *arguments, **named):
        global calls
        mine = which == "append" or path.suffix == ".json"
        calls += mine
        if mine and calls == 2 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        does(path, *arguments, **named)
        if mine and calls == 2 and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
    return do

setattr(workspace, which, dying(getattr(workspace, which)))
entries = [batch.Entry(str(i), {"name": f"项目{i}培训", "budget": sys.argv[5]}) for i in range(3)]
batch.run(entries, lambda fields: draft(understand(None, name=fields["name"], year="2026", budget=fields["budget"]), corpus), folder, state="1")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "budget changed"])
@pytest.mark.parametrize(("which", "when", "finished"), [("append", "before", 1), ("append", "after", 1), ("write", "before", 1), ("write", "after", 2)])
def test_killed_at_any_step_what_is_finished_is_not_drafted_again(corpus: Corpus, tmp_path: Path, which: str, when: str, finished: int, earlier: bool) -> None:
    def make(fields: Mapping[str, Any]) -> Draft:
        drafted.append(fields["name"])
        return draft(understand(None, name=fields["name"], year="2026", budget=fields["budget"]), corpus)

    drafted: list[str] = []
    before, after = ([Entry(str(i), {"name": f"项目{i}培训", "budget": budget}) for i in range(3)] for budget in ("5", "6"))
    if earlier:
        batch.run(before, make, tmp_path / "out", state="1")
    child = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "home", tmp_path / "out", which, when, "6"], check=False, timeout=120)
    assert child.returncode == -signal.SIGKILL
    drafted.clear()
    summary = batch.run(after, make, tmp_path / "out", state="1")
    assert drafted == [f"项目{i}培训" for i in range(finished, 3)]
    assert [one.resumed for one in summary.results] == [i < finished for i in range(3)]
    assert [saving.load(tmp_path / "out" / str(one.json)).table.budget.total for one in summary.results] == [6, 6, 6]
    # And a run with nothing left to do drafts nothing.
    drafted.clear()
    batch.run(after, make, tmp_path / "out", state="1")
    assert drafted == []


def test_the_summary_is_a_workbook_and_json(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path) -> None:
    summary = batch.run(ENTRIES, make, tmp_path, state="1")
    kept, book = batch.write_summary(summary, tmp_path)
    assert json.loads(kept.read_text(encoding="utf-8"))["counts"]["failed"] == 1
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][1:5] == ["残疾人就业保障金", "怀来县残疾人联合会", 2026, "延续"]
    assert sheet["H2"].value == 25
    assert sheet["B5"].value == "合计"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b:c*?", "a_b_c"), ("CON", "CON_"), ("  ..  ", "未命名项目"), ("残疾人就业保障金", "残疾人就业保障金"), ("项" * 200, "项" * 80), ("尾.", "尾")],
)
def test_file_names_are_safe_on_windows(name: str, expected: str) -> None:
    assert saving.file_name(name) == expected


def test_saved_draft_is_read_back_and_replaces_itself_only(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path) -> None:
    made = make({"name": "残疾人文化节", "budget": "12"})
    first, second = saving.save(made, tmp_path), saving.save(made, tmp_path)
    assert first == second
    assert saving.load(first.json) == made
    other = make({"name": "残疾人文化节", "budget": "13"}).model_copy(update={"status": "signed"})
    saving.save(other.model_copy(update={"id": "x"}), tmp_path)
    first.json.write_text(first.json.read_text(encoding="utf-8").replace('"status": "draft"', '"status": "signed"'), encoding="utf-8")
    assert saving.save(made, tmp_path).json != first.json


def test_loading_what_is_no_draft(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    for name in ("x.json", "missing.json"):
        with pytest.raises(InputError):
            saving.load(tmp_path / name)


def test_part_one_keeps_the_offices_words_and_flags_what_is_old(corpus: Corpus) -> None:
    tables = [draft(understand(name=past.table.project.name or "", year="2026", budget="10"), corpus, previous=past).table for past in corpus.past_tables()]
    last = corpus.departments()[0]
    part1 = narrative.write(tables, last, unit="怀来县残疾人联合会", year=2026)
    assert part1.goals.overall_goal == last.goals.overall_goal
    assert [item.title for item in part1.goals.items][:7] == [item.title for item in last.goals.items]
    assert len(part1.goals.measures) == 7
    flagged = {note.text for note in part1.notes}
    assert {"十四五", "护理津贴", "制定残疾人法律法规"} <= flagged
    # The figures of the tables stand in the items.
    words = "".join(item.indicators for item in part1.goals.items)
    assert "残疾人家庭无障碍改造户数" in words


def test_part_one_without_last_years_text(make: Callable[[Mapping[str, Any]], Draft]) -> None:
    table = make({"name": "农村公路养护", "budget": "120"}).table
    part1 = narrative.write([table], None, unit="某县交通运输局", year=2026)
    assert "农村公路养护" in part1.goals.overall_goal
    assert "120.00万元" in part1.goals.overall_goal
    assert part1.goals.items[0].title == "农村公路养护"


def test_department_command(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("department", "--year", "2026", "-o", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    shape = json.loads(done.stdout)
    assert (shape["unit"], shape["year"], len(shape["tables"])) == ("怀来县残疾人联合会", 2026, 10)
    read = run("read", tmp_path / "怀来县残疾人联合会2026年部门预算绩效文本.docx", "--json")
    found = json.loads(read.stdout)["documents"][0]
    assert len(found["tables"]) == 10
    assert len(found["department"]["items"]) == len(shape["department"]["items"])


def test_list_of_projects(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "2026年项目.csv"
    path.write_text(
        "项目名称,预算数（万元）,资金用途,已知情况\n残疾人就业保障金,495,,培训人数=55人\n残疾人文化节,12,用于举办残疾人文化活动4场,\n坏的一行,abc,,\n",
        encoding="utf-8",
    )
    done = run("draft", "--projects", path, "-o", tmp_path / "out", "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    assert summary["counts"] == {"continued": 1, "new": 1, "failed": 1, "dropped": 9, "open_questions": summary["counts"]["open_questions"]}
    assert "abc" in summary["results"][2]["message"]
    names = sorted(path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith("."))
    assert names == ["2026-残疾人就业保障金.docx", "2026-残疾人就业保障金.json", "2026-残疾人文化节.docx", "2026-残疾人文化节.json", "汇总.json", "汇总.xlsx"]
    again = run("draft", "--projects", path, "-o", tmp_path / "out", "--json")
    assert [one["resumed"] for one in json.loads(again.stdout)["results"]] == [True, True, False]


def test_a_list_that_is_none(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = run("draft", "--projects", path, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_project_that_gets_its_document_number_later_keeps_its_file(make: Callable[[Mapping[str, Any]], Draft], tmp_path: Path) -> None:
    before = make({"name": "残疾人就业保障金", "year": 2026, "budget": "480", "purpose": "用于残疾人培训。"})
    project = before.table.project.model_copy(update={"name": "怀财字〔2026〕5号 残疾人就业保障金"})
    after = before.model_copy(update={"id": "later", "table": before.table.model_copy(update={"project": project})})
    first = saving.save(before, tmp_path)
    assert saving.save(after, tmp_path).json == first.json
    assert saving.load(first.json).table.project.name == after.table.project.name
