"""The review in whole: a department pressed through key by key, and the yearly loop from draft to next year's draft."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.draft import Draft
from assistant.review import DraftFile, Standing
from bench.reviewing import department, tally

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(home: Path) -> Run:
    """The program in this process."""
    from typer.testing import CliRunner

    from assistant.cli.app import app

    def call(*arguments: object, input: str | None = None) -> subprocess.CompletedProcess[str]:
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(list(arguments), result.exit_code, result.stdout, result.stderr)

    return call


def test_real_drafts_take_fewer_than_one_and_a_half_keys_a_changed_cell(tmp_path: Path, home: Path) -> None:
    """Every key pressed in the application on drafts of the bundled department; ``python -m bench --only reviewing`` does all ten."""
    paths = department(home, tmp_path, most=2)
    count = tally(paths, home)
    assert count.left == 0, count
    assert count.sweeps <= count.tables, "one key takes all that is unchanged and clean in a table"
    assert count.keys / count.changed < 1.5, count
    for path in paths:
        standing = Standing(DraftFile(path).draft)
        assert standing.progress[0] == standing.progress[1]


def test_the_yearly_loop(tmp_path: Path, home: Path, run: Run) -> None:
    """Draft, decide, sign at three levels, verify, export in three ways, the boss edits Word, back in, sign again, into the corpus, next year."""
    out = tmp_path / "drafts"
    assert run("draft", "--name", "残疾人就业保障金", "--year", "2026", "--budget", "480", "-o", out, "--no-input").returncode == 0
    path = next(each for each in out.glob("*.json") if json.loads(each.read_text(encoding="utf-8")).get("kind") == "draft")
    run("review", path, "--accept-clean", "--person", "王会计")
    _decide_all(path, run)
    for name, role in (("王会计", "编制人"), ("李科长", "科室负责人"), ("赵理事长", "单位负责人")):
        signed = run("review", path, "--sign", name, "--role", role)
        assert signed.returncode == 0, signed.stderr
    assert run("review", path, "--verify").returncode == 0
    form = tmp_path / "批复.docx"
    assert run("export", path, "--to", "docx", "-o", form).returncode == 0
    opinion = tmp_path / "意见.docx"
    assert run("review", path, "--opinion", opinion).returncode == 0
    assert opinion.stat().st_size > 1000

    boss = tmp_path / "领导改.docx"
    _replaced(form, boss, "≥46人", "≥52人")
    back = run("review", path, "--from-word", boss, "--person", "赵理事长")
    assert back.returncode == 0, back.stderr
    assert "签字已失效" in back.stderr
    draft = DraftFile(path).draft
    assert draft.table.indicators[0].value.text == "≥52人"
    assert "领导改.docx" in str(draft.history[-1].via)
    assert run("review", path, "--verify").returncode == 1
    _decide_all(path, run)
    refused = run("review", path, "--sign", "王会计")
    assert "两处不一致" in refused.stderr, "the goal still says what the boss changed in the row"
    goal = [{"cell": "goals[0]", "action": "edit", "to": draft.table.goals[0].replace("46人", "52人"), "reason": "与指标一致"}]
    assert run("review", path, "--decide", "-", "--person", "王会计", input=json.dumps(goal, ensure_ascii=False)).returncode == 0
    assert run("review", path, "--sign", "王会计").returncode == 0

    assert run("corpus", "add", path).returncode == 0
    again = tmp_path / "next"
    assert run("draft", "--name", "残疾人就业保障金", "--year", "2027", "--budget", "500", "-o", again, "--no-input").returncode == 0
    later = Draft.model_validate_json(next(each for each in again.glob("*.json") if '"kind": "draft"' in each.read_text(encoding="utf-8")).read_bytes())
    assert later.previous is not None
    assert later.previous.year == 2026
    assert any("52" in (entry.previous or "") for entry in later.provenance)


def _decide_all(path: Path, run: Run) -> None:
    standing = Standing(DraftFile(path).draft)
    decisions = []
    for cell in standing.undecided:
        if cell.open and cell.address.endswith(".value"):
            decisions.append(
                {"cell": cell.address, "action": "edit", "to": "≥30人" if "人数" in cell.label or "人" in cell.text else "300元/人·月", "reason": "已核实"}
            )
        elif cell.open:
            decisions.append({"cell": cell.address, "action": "edit", "to": _known(cell.address), "reason": "已核实"})
        else:
            decisions.append({"cell": cell.address, "action": "accept", "reason": "已核实"})
    if decisions:
        done = run("review", path, "--decide", "-", "--person", "王会计", input=json.dumps(decisions, ensure_ascii=False))
        assert done.returncode == 0, done.stderr


def _known(cell: str) -> str:
    return "13073026P00TF1J100047" if cell == "project.code" else "冀残字〔2025〕9号"


def _replaced(source: Path, target: Path, old: str, new: str) -> None:
    """A Word file with one text changed, as somebody at Word would leave it (without tracked changes)."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename == "word/document.xml":
                text = data.decode("utf-8")
                assert re.search(re.escape(old), text)
                data = text.replace(old, new, 1).encode("utf-8")
            after.writestr(item, data)
