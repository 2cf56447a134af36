"""What a person decides: acts, their record, taking back, waivers, refusals, decisions from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.draft import Draft
from assistant.errors import InputError
from assistant.findings import Severity
from assistant.refusals import refusals, refused_rows
from assistant.review import (
    Hand,
    Standing,
    accept,
    accept_clean,
    acceptable,
    apply,
    decisions_in,
    edit,
    insert,
    mend,
    move,
    needs_reason,
    pressing,
    recheck,
    refuse,
    undo,
    waive,
)
from assistant.review.files import DraftFile
from assistant.review.history import as_json, content_hash
from assistant.review.standing import removed_row
from assistant.table import Indicator
from tests.samples import department_drafts, hands, sample_draft, write_draft

AT = Hand("王会计", "2025-11-20T09:00:00+08:00")
ROW = Indicator(level1="效益指标", level2="社会效益指标", level3="带动就业家庭数", value="≥20户", basis="工作计划")  # type: ignore[arg-type]


def content(draft: Draft) -> str:
    return content_hash(as_json(draft))


def test_accepting_records_who_when_and_what() -> None:
    draft = accept(sample_draft(), ("indicators[0].value",), AT)
    entry = draft.history[-1]
    assert (entry.n, entry.person, entry.time, entry.action, entry.cell, entry.after) == (1, "王会计", AT.now, "accept", "indicators[0].value", "≥55人")
    assert draft.status == "in-review"
    assert Standing(draft).by_address["indicators[0].value"].state == "accepted"


def test_what_is_open_cannot_be_accepted() -> None:
    with pytest.raises(InputError, match="待核实"):
        accept(sample_draft(), ("indicators[1].value",), AT)


def test_an_error_is_accepted_only_with_a_reason_which_waives_it() -> None:
    draft = edit(sample_draft(), "budget.total", "-5", AT, reason="试")
    errors = Standing(draft).by_address["budget.total"].errors
    assert errors
    with pytest.raises(InputError, match="有错误"):
        accept(draft, ("budget.total",), AT)
    draft = accept(draft, ("budget.total",), AT, reason="冲减上年结余，见财政局通知")
    view = Standing(draft).by_address["budget.total"]
    assert view.state == "accepted"
    assert not view.errors
    waived = [finding for finding in view.findings if finding.waived]
    assert waived
    assert "王会计" in str(waived[0].waived)
    assert "2026-12-31" in str(waived[0].waived)


def test_an_empty_cell_may_be_left_empty_with_a_reason() -> None:
    with pytest.raises(InputError):
        accept(sample_draft(), ("project.code",), AT)
    draft = accept(sample_draft(), ("project.code",), AT, reason="编码待财政下达")
    assert Standing(draft).by_address["project.code"].state == "accepted"


def test_one_stroke_accepts_everything_unchanged_and_clean_and_nothing_else() -> None:
    draft = sample_draft()
    clean = set(Standing(draft).clean_cells)
    after = accept_clean(draft, AT)
    accepted = {cell.address for cell in Standing(after).cells if cell.state == "accepted"}
    assert accepted == clean
    assert len(after.history) == 1
    for cell in Standing(draft).cells:
        if cell.address in accepted:
            assert cell.same
            assert not any(pressing(finding, Severity.WARNING) for finding in cell.findings)
    assert accept_clean(after, AT) is after


def test_an_equal_figure_under_another_name_is_not_unchanged() -> None:
    draft = edit(sample_draft(), "indicators[6].level3", "新增残疾人灵活就业人数", AT, reason="口径调整")
    assert "indicators[6].value" in {cell.address for cell in Standing(sample_draft()).cells if cell.clean}
    assert not Standing(draft).by_address["indicators[6].value"].clean


def test_editing_changes_source_question_and_findings_at_once() -> None:
    draft = sample_draft()
    assert any(finding.code == "F113" for finding in draft.findings)
    after = edit(draft, "indicators[1].value", "≥60人", AT)
    assert after.table.indicators[1].value.number == 60
    assert not any(finding.code == "F113" for finding in after.findings)
    assert not any(question.cell == "indicators[1].value" for question in after.open_questions)
    provenance = after.origin_of("indicators[1].value")
    assert provenance is not None
    assert provenance.origin == "person"
    assert (after.history[-1].before, after.history[-1].after) == ("待核实", "≥60人")


def test_a_reason_is_wanted_only_where_something_with_a_source_is_overridden() -> None:
    views = Standing(sample_draft()).by_address
    assert needs_reason(views["indicators[0].value"])
    assert needs_reason(views["indicators[5].value"])
    assert not needs_reason(views["indicators[1].value"])
    assert not needs_reason(views["project.code"])
    assert not needs_reason(views["indicators[7].value"])


def test_an_edit_that_changes_nothing_is_an_acceptance() -> None:
    assert edit(sample_draft(), "year", "2026年", AT).history[-1].action == "accept"


def test_text_a_cell_cannot_hold_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="金额"):
        edit(sample_draft(), "budget.total", "四百九", AT)
    with pytest.raises(InputError, match="没有单元格"):
        edit(sample_draft(), "indicators[99].value", "1", AT)


def test_what_the_program_mends_keeps_its_source_and_is_still_to_be_decided() -> None:
    draft = accept(sample_draft(), ("indicators[0].value",), AT)
    after = mend(draft, "indicators[0].value", "≥55 人", AT, reason="校验修正 V999")
    provenance = after.origin_of("indicators[0].value")
    assert provenance is not None
    assert (provenance.origin, provenance.note) == ("request", "校验修正 V999")
    assert provenance.source == draft.origin_of("indicators[0].value").source  # type: ignore[union-attr]
    assert Standing(after).by_address["indicators[0].value"].state == "undecided"
    assert after.history[-1].action == "mend"


def test_refusing_brings_back_last_year_or_leaves_it_open() -> None:
    draft = refuse(sample_draft(), "indicators[0].value", AT, reason="名额未批")
    assert draft.table.text("indicators[0].value") == "≥46人"
    assert draft.origin_of("indicators[0].value").origin == "carried"  # type: ignore[union-attr]
    draft = refuse(draft, "indicators[7].value", AT, reason="无法统计")
    assert draft.table.text("indicators[7].value") == "待核实"
    assert Standing(draft).by_address["indicators[7].value"].open
    with pytest.raises(InputError, match="原因"):
        refuse(draft, "indicators[4].value", AT, reason=" ")


def test_refusing_a_row_moves_everything_beside_it() -> None:
    draft = accept(sample_draft(), ("indicators[8].level3",), AT)
    after = refuse(draft, "indicators[5]", AT, reason="与预算重复")
    assert len(after.table.indicators) == 8
    assert after.dropped[-1].text == "职业培训补贴总成本 ≤8.8万元"
    assert after.origin_of("indicators[6].value").origin == "model"  # type: ignore[union-attr]
    standing = Standing(after)
    assert standing.by_address["indicators[7].level3"].state == "accepted"
    assert standing.by_address["indicators[7].value"].text == "≥80%"


def test_a_new_row_is_the_persons_and_decided() -> None:
    after = insert(sample_draft(), "indicators[7]", ROW, AT, reason="领导要求")
    assert after.table.indicators[7].level3 == "带动就业家庭数"
    standing = Standing(after)
    assert standing.by_address["indicators[7].value"].state == "edited"
    assert standing.by_address["indicators[8].level3"].text == "培训后稳定就业6个月以上的比例"
    assert after.origin_of("indicators[8].level3").origin == "model"  # type: ignore[union-attr]
    assert insert(after, "goals[1]", "新增目标。", AT).table.goals[1] == "新增目标。"
    with pytest.raises(InputError, match="位置"):
        insert(after, "indicators[99]", ROW, AT)


def test_a_row_that_is_moved_takes_its_decisions_evidence_and_questions_along() -> None:
    draft = accept(sample_draft(), ("indicators[4].level3",), AT)
    name = draft.table.indicators[4].level3
    after = move(draft, "indicators[4]", 1, AT)
    assert [row.level3 for row in after.table.indicators][:3] == [draft.table.indicators[i].level3 for i in (0, 4, 1)]
    assert Standing(after).by_address["indicators[1].level3"].state == "accepted"
    assert Standing(after).by_address["indicators[4].level3"].state == "undecided"
    assert after.origin_of("indicators[1].value") == draft.origin_of("indicators[4].value").model_copy(update={"cell": "indicators[1].value"})  # type: ignore[union-attr]
    assert (after.history[-1].before, after.history[-1].after, after.table.indicators[1].level3) == ("第5行", "第2行", name)
    assert content(undo(after, AT)) == content(draft)
    assert move(draft, "indicators[4]", 4, AT) is draft
    for row, to in (("indicators[99]", 0), ("indicators[0]", 99), ("purpose", 0)):
        with pytest.raises(InputError):
            move(draft, row, to, AT)


ACTS = st.sampled_from(["accept", "clean", "edit", "mend", "fill", "refuse", "restore", "row", "insert", "goal", "move", "waive"])


def _act(draft: Draft, name: str, pick: int, hand: Hand) -> Draft:
    cells = Standing(draft).cells
    cell = cells[pick % len(cells)]
    row = f"indicators[{pick % len(draft.table.indicators)}]"
    if name == "accept":
        return accept(draft, (cell.address,), hand, reason="理由" if pick % 2 else None)
    if name == "clean":
        return accept_clean(draft, hand)
    if name == "edit":
        return edit(draft, cell.address, "12", hand)
    if name == "mend":
        return mend(draft, cell.address, "13", hand, reason="校验修正 V201")
    if name == "fill":
        return edit(draft, f"{row}.value", f"≥{pick}人", hand)
    if name == "refuse":
        return refuse(draft, cell.address, hand, reason="不合适")
    if name == "restore":
        return refuse(draft, cell.address, hand, reason="不合适", to="7")
    if name == "row":
        return refuse(draft, row, hand, reason="重复")
    if name == "insert":
        return insert(draft, row, ROW, hand)
    if name == "goal":
        return insert(draft, "goals[0]", "又一个目标。", hand)
    if name == "move":
        return move(draft, row, pick * 7 % len(draft.table.indicators), hand)
    findings = [finding for finding in draft.findings if pressing(finding, Severity.INFO)]
    finding = findings[pick % len(findings)]
    return waive(draft, finding.code, hand, reason="已批复", cell=finding.cell)


@given(st.lists(st.tuples(ACTS, st.integers(0, 500)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_undoing_everything_gives_back_the_draft_exactly(acts: list[tuple[str, int]]) -> None:
    hand = hands()
    start = sample_draft()
    draft, done = start, 0
    for name, pick in acts:
        try:
            after = _act(draft, name, pick, next(hand))
        except InputError:
            continue
        done += after is not draft
        draft = after
    for _ in range(done):
        draft = undo(draft, next(hand))
    assert content(draft) == content(start)
    assert Standing(draft).progress == Standing(start).progress
    with pytest.raises(InputError, match="没有可以撤销"):
        undo(draft, next(hand))


@given(st.lists(st.tuples(ACTS, st.integers(0, 500)), min_size=1, max_size=8))
@settings(max_examples=25, deadline=None)
def test_what_stands_beside_the_table_always_points_into_it(acts: list[tuple[str, int]]) -> None:
    hand = hands()
    draft = sample_draft()
    for name, pick in acts:
        try:
            draft = _act(draft, name, pick, next(hand))
        except InputError:
            continue
    known = {cell.address for cell in draft.table.cells()}
    assert {entry.cell for entry in draft.provenance} <= known
    assert {question.cell for question in draft.open_questions} <= known
    assert set(Standing(draft).decided.cells) <= known
    assert draft.findings == recheck(draft, AT.now).findings


def test_a_waiver_needs_a_reason_and_ends_on_its_day_or_with_the_text() -> None:
    draft = sample_draft()
    with pytest.raises(InputError, match="理由"):
        waive(draft, "V207", AT, reason="")
    with pytest.raises(InputError, match="过去"):
        waive(draft, "V207", AT, reason="试点", until="2025-01-01")
    with pytest.raises(InputError, match="没有未豁免的问题"):
        waive(draft, "V999", AT, reason="试点")
    with pytest.raises(InputError, match="处"):
        waive(draft, "W419", AT, reason="试点")
    draft = waive(draft, "V207", AT, reason="试点", until="2026-06-30")
    assert [finding.waived for finding in draft.findings if finding.code == "V207"] == ["试点（王会计，至2026-06-30）"]
    late = recheck(draft, "2026-07-01T08:00:00+08:00")
    assert [finding.waived for finding in late.findings if finding.code == "V207"] == [None]
    changed = edit(draft, "indicators[8].value", "≥82%", AT, reason="按去年实绩")
    assert [finding.waived for finding in changed.findings if finding.code == "V207"] == [None]


def test_what_only_the_drafter_can_say_stays_until_its_cell_changes() -> None:
    draft = sample_draft()
    own = draft.findings[0].model_copy(update={"code": "D999", "cell": "indicators[5].value", "message": "数字没有来源"})
    draft = draft.model_copy(update={"findings": (*draft.findings, own)})
    assert any(finding.code == "D999" for finding in accept_clean(draft, AT).findings)
    assert not any(finding.code == "D999" for finding in edit(draft, "indicators[5].value", "≤9万元", AT, reason="r").findings)


def test_the_group_stroke_takes_what_can_be_taken() -> None:
    draft = sample_draft()
    row = tuple(cell.address for cell in Standing(draft).group("indicators[1].level3"))
    assert len(row) == 6
    chosen = acceptable(draft, row)
    assert set(chosen) == set(row) - {"indicators[1].value"}
    assert len(Standing(draft).group("budget.total")) == 3


def test_going_round_the_undecided() -> None:
    standing = Standing(accept_clean(sample_draft(), AT))
    first = standing.next_undecided(None)
    assert first == "year"
    assert standing.next_undecided("year") == "project.code"
    assert standing.next_undecided("indicators[8].value") == "year"
    assert standing.next_undecided("year", back=True) == "indicators[8].value"
    assert Standing(accept(department_drafts()[1], tuple(c.address for c in Standing(department_drafts()[1]).undecided), AT)).next_undecided("year") is None


def test_refusals_are_remembered_and_withdrawn_with_the_decision(tmp_path: Path, home: Path) -> None:
    file = DraftFile(write_draft(tmp_path, sample_draft()), home=home)
    file.save(refuse(file.draft, "indicators[7]", AT, reason="无法统计"))
    file.save(refuse(file.draft, "indicators[0].value", AT, reason="名额未批"))
    file.save(edit(file.draft, "indicators[5].value", "≤9万元", AT, reason="含教材费"))
    found = refusals(home, unit="怀来县残疾人联合会")
    assert [(each.part, each.refused, each.instead, each.origin) for each in found] == [
        ("level3", "培训后稳定就业6个月以上的比例", "", "model"),
        ("value", "≥55人", "≥46人", "request"),
        ("value", "≤8.8万元", "≤9万元", "computed"),
    ]
    assert refused_rows(home, "怀来县残疾人联合会") == {"培训后稳定就业6个月以上的比例"}
    assert refused_rows(home, "另一单位") == frozenset()
    assert found[0].request.budget == "495"
    file.save(undo(file.draft, AT))
    assert len(refusals(home)) == 2


def test_a_damaged_line_of_refusals_costs_only_itself(tmp_path: Path, home: Path) -> None:
    file = DraftFile(write_draft(tmp_path, sample_draft()), home=home)
    file.save(refuse(file.draft, "indicators[7]", AT, reason="无法统计"))
    store = home / "refusals.jsonl"
    store.write_text("{broken\n[1]\n" + store.read_text(encoding="utf-8") + '{"half": ', encoding="utf-8")
    file.save(refuse(file.draft, "indicators[0].value", AT, reason="名额未批"))
    assert len(refusals(home)) == 2


def test_decisions_from_a_file_speak_of_the_table_as_it_was(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "person": "李会计",
            "decisions": [
                {"cell": "indicators[0]", "action": "不采纳", "reason": "取消"},
                {"cell": "indicators[1].value", "action": "修改", "to": "≥60人"},
                {"cell": "indicators[8]", "action": "insert", "row": {"level1": "效益指标", "level2": "社会效益指标", "level3": "新行", "value": "≥1户"}},
                {"cell": "indicators[8].level3", "action": "accept"},
                {"cells": ["budget.fiscal", "year"], "action": "accept"},
                {"cell": "indicators[2]", "action": "移动", "to": "indicators[1]"},
                {"cell": "indicators[2].value", "action": "accept"},
                {"finding": "V207", "action": "waive", "reason": "试点"},
            ],
        },
        ensure_ascii=False,
    )
    person, items = decisions_in(text)
    after = apply(sample_draft(), items, Hand(person or "", AT.now, "file"))
    assert [row.level3 for row in after.table.indicators][-2:] == ["新行", "残疾人满意率"]
    assert after.table.indicators[1].value.text == "≥60人"
    assert Standing(after).by_address["indicators[8].level3"].state == "accepted"
    assert [entry.action for entry in after.history] == ["reject", "edit", "insert", "accept", "accept", "move", "accept", "waive"]
    assert [row.level3 for row in after.table.indicators][:2] == [sample_draft().table.indicators[i].level3 for i in (2, 1)]
    assert Standing(after).by_address["indicators[0].value"].state == "accepted"
    assert {entry.via for entry in after.history} == {"file"}
    assert removed_row(after.history[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "不是 JSON"),
        ("[1]", "不合要求"),
        ("{}", "decisions"),
        ('[{"action": "burn", "cell": "year"}]', "burn"),
        ('[{"action": "accept", "cell": "nowhere"}]', "nowhere"),
        ('[{"action": "edit", "cell": "year"}]', "to"),
        ('[{"action": "reject", "cell": "purpose"}]', "原因"),
        ('[{"action": "accept"}]', "没有可采纳"),
        ('[{"action": "insert", "cell": "indicators[0]"}]', "row"),
        ('[{"action": "insert", "cell": "purpose", "goal": "x"}]', "位置"),
        ('[{"action": "move", "cell": "indicators[0]"}]', "移到哪一行"),
        ('[{"action": "move", "cell": "indicators[0]", "to": "goals[0]"}]', "移到哪一行"),
        ('[{"action": "reject", "cell": "indicators[3]", "reason": "x"}, {"action": "accept", "cell": "indicators[3].value"}]', "删除"),
        ("[" * 5000, "不是 JSON"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        apply(sample_draft(), decisions_in(text)[1], AT)
    assert said in error.value.message + error.value.hint


def test_a_name_is_wanted() -> None:
    with pytest.raises(InputError, match="姓名"):
        accept_clean(sample_draft(), Hand("  ", AT.now))
