"""``assistant review`` without a screen, as scripts, auditors and a boss who edits in Word use it."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.delivery import deliver_revision
from assistant.documents.model import Paragraph
from assistant.documents.readers import read
from assistant.draft import Draft
from assistant.errors import InputError
from assistant.export import write
from assistant.export.opinion import opinion_sheet
from assistant.export.revisions import AUTHOR
from assistant.review import DraftFile, Hand, Standing, apply, code_of, edit, place
from assistant.review.incoming import decisions_of, paired
from assistant.review.opinion import sheet_of
from assistant.table import GoalTable
from tests.samples import NOON, department_drafts, past_tables, sample_draft, write_draft

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(home: Path) -> Run:
    """The program in this process: the same answers as in one of its own, many times faster."""
    from typer.testing import CliRunner

    from assistant.cli.app import app

    def call(*arguments: object, input: str | None = None, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        result = CliRunner().invoke(app, [str(each) for each in arguments], input=input, env=env)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(list(arguments), result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_draft(tmp_path, sample_draft())


def said(result: subprocess.CompletedProcess[str]) -> str:
    return result.stdout.replace("\n", "") + result.stderr


def test_listing_for_people_and_for_programs(path: Path, run: Run) -> None:
    result = run("review", path, "--list")
    assert result.returncode == 0
    for words in ("indicators[0].value", "≥55人", "上年：≥46人", "要问：", "--accept-clean", "签字：无", "产出指标 › 数量指标"):
        assert words in result.stdout, words
    assert "spending_plan[0]" not in result.stdout
    assert "spending_plan[0]" in run("review", path, "--list", "--full").stdout
    draft = json.loads(run("review", path, "--list", "--json").stdout)["drafts"][0]
    assert draft["progress"]["decided"] == 0
    cell = next(each for each in draft["cells"] if each["cell"] == "indicators[0].value")
    assert (cell["text"], cell["previous"], cell["origin"], cell["change"], cell["state"]) == ("≥55人", "≥46人", "request", "changed", "undecided")


def test_a_whole_review_by_commands(path: Path, tmp_path: Path, run: Run) -> None:
    assert run("review", path, "--accept-clean", "--person", "王会计").returncode == 0
    assert run("review", path, "--verify").returncode == 1
    refused = run("review", path, "--sign", "王会计")
    assert refused.returncode == 2
    assert "待核实" in refused.stderr
    decisions = {
        "person": "王会计",
        "decisions": [
            {"cell": "indicators[1].value", "action": "edit", "to": "≥60人"},
            {"cell": "project.code", "action": "edit", "to": "13073026P00TF1J100047"},
            {"cell": "indicators[7]", "action": "reject", "reason": "无法统计"},
        ],
    }
    file = tmp_path / "决定.json"
    file.write_text(json.dumps(decisions, ensure_ascii=False), encoding="utf-8")
    assert run("review", path, "--decide", file).returncode == 0
    assert run("review", path, "--waive", "V207", "--reason", "试点", "--until", "2099-01-01", "--person", "王会计").returncode == 0
    rest = [cell.address for cell in Standing(DraftFile(path).draft).undecided]
    done = run("review", path, "--decide", "-", "--json", input=json.dumps({"person": "王会计", "decisions": [{"action": "accept", "cells": rest}]}))
    assert json.loads(done.stdout)["drafts"][0]["progress"]["open"] == 0
    signed = run("review", path, "--sign", "王会计")
    assert signed.returncode == 0, signed.stderr
    code = re.search(r"校验码：([0-9A-F-]+)", signed.stdout)
    assert code
    assert run("review", path, "--sign", "李科长", "--role", "科室负责人").returncode == 0
    verified = run("review", path, "--verify", "--code", code[1])
    assert verified.returncode == 0, verified.stdout
    assert "完好，签字有效" in verified.stdout
    assert run("review", path, "--verify", "--code", "0000-0000-0000-0000").returncode == 1
    assert run("review", path, "--return", "依据不足", "--person", "赵理事长").returncode == 0
    assert json.loads(run("review", path, "--verify", "--json").stdout)["drafts"][0]["ok"] is False
    assert "无法统计" in run("review", "--refusals").stdout
    assert json.loads(run("review", "--refusals", "--json").stdout)["refusals"][0]["row"] == "培训后稳定就业6个月以上的比例"


def test_a_changed_file_is_told_and_taken_over_only_with_a_reason(path: Path, run: Run) -> None:
    run("review", path, "--sign", "王会计", "--reason", "预审")
    path.write_text(path.read_text(encoding="utf-8").replace('"495"', '"496"'), encoding="utf-8")
    result = run("review", path, "--verify")
    assert result.returncode == 1
    assert "审核之外被改动" in said(result)
    assert "已失效" in result.stdout
    assert run("review", path, "--accept-clean", "--person", "王会计").returncode == 2
    assert run("review", path, "--adopt", "财政局改了预算", "--person", "王会计").returncode == 0
    assert run("review", path, "--accept-clean", "--person", "王会计").returncode == 0


def test_decisions_are_taken_all_or_none(path: Path, run: Run) -> None:
    before = path.read_bytes()
    text = json.dumps([{"cell": "year", "action": "accept"}, {"cell": "nowhere", "action": "accept"}])
    result = run("review", path, "--decide", "-", "--person", "王会计", input=text)
    assert result.returncode == 2
    assert "第2条" in result.stderr
    assert path.read_bytes() == before


def test_editing_after_the_signature_says_that_it_ended(path: Path, run: Run) -> None:
    run("review", path, "--sign", "王会计", "--reason", "预审")
    result = run("review", path, "--decide", "-", "--person", "王会计", input='[{"cell": "purpose", "action": "edit", "to": "用于就业。", "reason": "精简"}]')
    assert result.returncode == 0
    assert "签字已失效" in result.stderr
    assert "签字：无" in result.stdout


def test_a_folder_of_drafts_and_undo(tmp_path: Path, run: Run) -> None:
    for draft in department_drafts()[:3]:
        write_draft(tmp_path, draft)
    assert run("review", tmp_path, "--accept-clean", "--person", "王会计").returncode == 0
    drafts = json.loads(run("review", tmp_path, "--list", "--json").stdout)["drafts"]
    assert [draft["progress"]["clean"] for draft in drafts] == [0, 0, 0]
    assert run("review", tmp_path, "--undo", "--person", "王会计").returncode == 0
    drafts = json.loads(run("review", tmp_path, "--list", "--json").stdout)["drafts"]
    assert [draft["progress"]["decided"] for draft in drafts] == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--accept-clean"], "姓名"),
        (["--waive", "V207", "--person", "王"], "理由"),
        (["--waive", "W419", "--reason", "x", "--person", "王"], "处"),
        (["--return", "", "--person", "王"], "原因"),
        (["--decide", "没有.json", "--person", "王"], "读不到"),
        (["--sign", "王", "--role", "主任"], "没有“主任”"),
        (["--from-word", "没有.docx", "--person", "王"], "读不到"),
        (["--list", "--reason", "x"], "--reason 要和 --waive 或 --sign 一起用"),
        (["--list", "--until", "2026-12-31"], "--until 要和 --waive 一起用"),
        (["--list", "--role", "编制人"], "--role 要和 --sign 或 --return 一起用"),
        (["--list", "--code", "AAAA"], "--code 要和 --verify 一起用"),
    ],
)
def test_what_cannot_be_done_is_said_in_two_lines(path: Path, run: Run, arguments: list[str], words: str) -> None:
    before = path.read_bytes()
    result = run("review", path, *arguments)
    assert result.returncode == 2
    assert words in result.stderr
    assert result.stderr.startswith("错误：")
    assert "建议：" in result.stderr
    assert path.read_bytes() == before


def test_the_second_is_told_on_the_command_line_too(path: Path, run: Run) -> None:
    with place(path, "李会计", "2025-11-20T10:30:00+08:00"):
        result = run("review", path, "--accept-clean", "--person", "王会计")
        assert run("review", path, "--list").returncode == 0
    assert result.returncode == 2
    assert "李会计正在审核" in result.stderr


def test_a_name_may_stand_in_the_settings(path: Path, run: Run) -> None:
    assert run("review", path, "--accept-clean", env={"ASSISTANT_PERSON": "张会计"}).returncode == 0
    assert DraftFile(path).draft.history[0].person == "张会计"


def test_what_validate_mends_stands_in_the_history(tmp_path: Path, run: Run) -> None:
    draft = sample_draft()
    table = draft.table.with_text("indicators[2].value", "＞＝90％")
    path = write_draft(tmp_path, draft.model_copy(update={"table": table}))
    result = run("validate", path, "--fix")
    after = DraftFile(path).draft
    if not any(entry.action == "mend" for entry in after.history):
        pytest.fail(result.stdout + result.stderr)
    assert run("review", path, "--undo", "--person", "王会计").returncode == 0


# -- a Word file comes back --------------------------------------------------------------------------------------------------------------


def word_of(folder: Path, table: GoalTable, name: str = "表.docx") -> Path:
    path = folder / name
    write(path, [table])
    return path


def tracked(path: Path, old: str, new: str, *, author: str = "赵理事长", date: str = "2025-11-21T15:00:00Z") -> None:
    """Change a run's text in a Word file with revision marks, as Word itself does."""
    marks = f'w:id="900" w:author="{author}" w:date="{date}"'
    _rewrite(
        path,
        lambda xml: re.sub(
            rf"<w:r>(<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>{re.escape(old)}</w:t></w:r>",
            lambda match: (
                f"<w:del {marks}><w:r>{match[1] or ''}<w:delText>{old}</w:delText></w:r></w:del>"
                f"<w:ins {marks}><w:r>{match[1] or ''}<w:t>{new}</w:t></w:r></w:ins>"
            ),
            xml,
            count=1,
        ),
    )


def _rewrite(path: Path, change: Callable[[str], str], part: str = "word/document.xml") -> None:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    before = parts[part].decode("utf-8")
    after = change(before)
    assert after != before
    parts[part] = after.encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)


def test_an_unchanged_word_file_holds_no_decisions(tmp_path: Path) -> None:
    for draft in (sample_draft(), *department_drafts()):
        found, notes = decisions_of(word_of(tmp_path, draft.table), draft)
        assert found == []
        assert "没有可记的改动" in notes[0]


def test_tracked_changes_become_decisions_of_their_authors(tmp_path: Path) -> None:
    draft = sample_draft()
    path = word_of(tmp_path, draft.table)
    tracked(path, "≥55人", "≥60人")
    tracked(path, "待核实", "≥80人", author="李科长")
    found, notes = decisions_of(path, draft)
    assert notes == []
    assert [(each.cell, each.to, each.person) for each in found] == [
        ("indicators[0].value", "≥60人", "赵理事长"),
        ("indicators[1].value", "≥80人", "李科长"),
    ]
    assert found[0].reason == "在 Word 中修改（赵理事长，2025-11-21 15:00）"
    after = apply(draft, found, Hand("王会计", NOON, f"word:{path.name}"))
    assert [(entry.person, entry.action, entry.after, entry.via) for entry in after.history] == [
        ("赵理事长", "edit", "≥60人", "word:表.docx"),
        ("李科长", "edit", "≥80人", "word:表.docx"),
    ]


def test_a_boss_reviews_the_revisions_against_last_year_and_sends_them_back(tmp_path: Path) -> None:
    draft = sample_draft()
    against = word_of(tmp_path, past_tables()[0], "上年.docx")
    path = tmp_path / "修订稿.docx"
    deliver_revision(path, against, [draft.table], author=AUTHOR, date="2025-11-20T12:00:00Z", previous=[draft.previous])
    assert decisions_of(path, draft)[0] == []
    tracked(path, "≥90%", "≥95%")
    found, notes = decisions_of(path, draft)
    assert [(each.cell, each.to, each.person) for each in found] == [("indicators[2].value", "≥95%", "赵理事长")], notes
    later = edit(draft, "indicators[0].value", "≥58人", Hand("王会计", NOON), reason="增加")
    found, notes = decisions_of(path, later)
    assert [each.cell for each in found] == ["indicators[2].value"]
    assert "第1行·指标值" in notes[0]


def test_the_drafts_own_later_changes_are_not_undone_by_an_old_file(tmp_path: Path) -> None:
    draft = sample_draft()
    path = word_of(tmp_path, draft.table)
    tracked(path, "≥55人", "≥60人")
    later = edit(draft, "purpose", "用于残疾人就业和培训。", Hand("王会计", NOON), reason="精简")
    found, notes = decisions_of(path, later)
    assert [each.cell for each in found] == ["indicators[0].value"]
    assert "资金用途" in notes[0]
    assert "没有修订标记" in notes[0]


def test_rows_added_and_removed_without_marks(tmp_path: Path) -> None:
    draft = sample_draft()
    rows = draft.table.indicators
    new = rows[0].model_copy(update={"level3": "培训班次", "description": "举办的培训班数"})
    table = draft.table.model_copy(update={"indicators": (rows[0], new, *rows[2:])}).with_text("goals[0]", "只有一个目标。")
    found, _ = decisions_of(word_of(tmp_path, table), draft)
    after = apply(draft, found, Hand("王会计", NOON, "word"))
    assert [row.level3 for row in after.table.indicators] == [row.level3 for row in table.indicators]
    assert after.table.goals == ("只有一个目标。",)
    again, _ = decisions_of(word_of(tmp_path, after.table), after)
    assert again == []


def test_rows_are_paired_by_name_then_by_likeness() -> None:
    rows = sample_draft().table.indicators
    renamed = rows[2].model_copy(update={"level3": "残疾人职业技能培训考核合格率"})
    assert paired(rows, (rows[0], rows[1], renamed, *rows[3:])) == list(range(9))
    assert paired(rows, rows[1:]) == [None, *range(8)]
    assert paired(rows, ()) == [None] * 9


def test_the_wrong_tables_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "十张.docx"
    write(path, [draft.table for draft in department_drafts()])
    with pytest.raises(InputError, match="认不出"):
        decisions_of(path, sample_draft())
    found, _ = decisions_of(path, department_drafts()[4])
    assert found == []


def test_the_word_file_comes_back_by_the_command(path: Path, tmp_path: Path, run: Run) -> None:
    draft: Draft = DraftFile(path).draft
    word = word_of(tmp_path, draft.table)
    tracked(word, "≥55人", "≥60人")
    result = run("review", path, "--from-word", word, "--person", "王会计")
    assert result.returncode == 0, result.stderr
    entry = DraftFile(path).draft.history[-1]
    assert (entry.person, entry.after) == ("赵理事长", "≥60人")
    assert "没有可记的改动" in run("review", path, "--from-word", word, "--person", "王会计").stderr


# -- the opinion sheet -------------------------------------------------------------------------------------------------------------------


def test_the_opinion_sheet_holds_findings_decisions_and_signatures(path: Path, tmp_path: Path, run: Run) -> None:
    run("review", path, "--decide", "-", "--person", "王会计", input='[{"cell": "indicators[7]", "action": "reject", "reason": "无法统计"}]')
    run("review", path, "--waive", "V207", "--reason", "试点", "--person", "王会计")
    run("review", path, "--sign", "王会计", "--reason", "先报预审")
    sheet = tmp_path / "意见.docx"
    assert run("review", path, "--opinion", sheet).returncode == 0
    document = read(sheet)
    texts = [cell.text for grid in document.grids() for cell in grid.cells]
    code = code_of(DraftFile(path).draft)
    for words in (
        "残疾人就业保障金",
        "完整性",
        "相关性",
        "适当性",
        "可行性",
        "编制人",
        "单位负责人",
        "删除“培训后稳定就业6个月以上的比例 稳步提升”\n原因：无法统计",
    ):
        assert words in texts, words
    for words in ("豁免：试点（王会计，至2026-12-31）", "先报预审", "错误 F113"):
        assert any(words in text for text in texts), words
    assert any(code in block.text for block in document.blocks if isinstance(block, Paragraph))
    first = sheet.read_bytes()
    assert run("review", path, "--opinion", sheet).returncode == 0
    assert sheet.read_bytes() == first


def test_an_opinion_sheet_of_an_unreviewed_draft_says_so(tmp_path: Path) -> None:
    sheet = sheet_of(department_drafts()[0])
    assert sheet.decisions == ()
    assert sheet.remarks == ("本表尚无审核记录。",)
    assert [row[1:] for row in sheet.signatures] == [("", "", "")] * 3
    assert opinion_sheet(sheet)[:2] == b"PK"


# -- the yearly loop -------------------------------------------------------------------------------------------------------------------


def test_a_signed_draft_becomes_a_past_table_and_nothing_else_does(path: Path, tmp_path: Path, run: Run) -> None:
    refused = run("corpus", "add", path)
    assert refused.returncode == 1
    assert "还没有签字" in said(refused)
    run("review", path, "--sign", "王会计", "--reason", "预审")
    data = path.read_text(encoding="utf-8")
    path.write_text(data.replace("≥55人", "≥59人"), encoding="utf-8")
    tampered = run("corpus", "add", path)
    assert tampered.returncode == 2
    assert "签字无效" in tampered.stderr
    path.write_text(data, encoding="utf-8")
    added = json.loads(run("corpus", "add", path, "--json").stdout)
    assert added["tables"] == 1, added
    answer = run("ask", "残疾人就业保障金2026年预算数是多少", "--unit", "怀来县残疾人联合会")
    assert "495" in answer.stdout
    (tmp_path / "别的.json").write_text("{}", encoding="utf-8")
    assert "不是草稿" in said(run("corpus", "add", tmp_path / "别的.json"))


def test_the_programs_own_revisions_bear_one_name() -> None:
    from assistant.cli.exporting import export

    assert inspect.signature(export).parameters["author"].default.default == AUTHOR
