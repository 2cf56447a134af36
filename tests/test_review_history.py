"""The chain, signatures in levels, the auditor's check, and two people on one file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.draft import Draft
from assistant.errors import InputError, UnreadableFile, WorkspaceError
from assistant.review import (
    Busy,
    ChangedOutside,
    Hand,
    Standing,
    accept,
    accept_clean,
    adopt,
    edit,
    place,
    refuse,
    send_back,
    sign,
    signed_table,
    undo,
    verify,
    waive,
)
from assistant.review.files import DraftFile, find
from assistant.review.history import as_json, code_of, entry_hash, spelled
from tests.conftest import ROOT
from tests.samples import NOON, department_drafts, hands, sample_draft, write_draft


def decided_draft() -> Draft:
    """The sample with every cell decided and no error left."""
    hand = hands()
    draft = accept_clean(sample_draft(), next(hand))
    draft = edit(draft, "indicators[1].value", "≥60人", next(hand))
    draft = edit(draft, "project.code", "13073026P00TF1J100047", next(hand))
    draft = refuse(draft, "indicators[7]", next(hand), reason="无法统计")
    draft = waive(draft, "V207", next(hand), reason="试点", cell="indicators[7].value")
    return accept(draft, tuple(cell.address for cell in Standing(draft).undecided), next(hand))


def signed_draft() -> Draft:
    draft = sign(decided_draft(), Hand("王会计", "2025-11-21T09:00:00+08:00"))
    return sign(draft, Hand("李科长", "2025-11-21T10:00:00+08:00"))


SIGNED = spelled(as_json(signed_draft())).encode("utf-8")


def test_a_signed_file_verifies_and_tells_what_was_bound() -> None:
    result = verify(SIGNED, now=NOON)
    assert result.ok, result.problems
    assert [(each.role, each.person, each.in_force) for each in result.signatures] == [("编制人", "王会计", True), ("科室负责人", "李科长", True)]
    assert "V207@indicators[7].value" in result.signatures[0].waived
    assert any(name.startswith("W419@") for name in result.signatures[0].open)
    assert result.signatures[0].undecided == ()
    assert result.code == code_of(signed_draft())
    assert verify(SIGNED, now=NOON, code=result.code).ok
    assert not verify(SIGNED, now=NOON, code="0000-0000-0000-0000").ok


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
@settings(max_examples=400, deadline=None)
def test_any_single_changed_byte_is_found(at: int, turn: int) -> None:
    data = bytearray(SIGNED)
    data[at] ^= turn
    assert not verify(bytes(data), now=NOON).ok


def test_every_byte_of_the_decisions_counts() -> None:
    start = SIGNED.index(b'"history"')
    for at in range(start, len(SIGNED), 97):
        data = bytearray(SIGNED)
        data[at] = ord("0") if data[at] != ord("0") else ord("1")
        assert not verify(bytes(data), now=NOON).ok, at


@given(st.integers(0, len(SIGNED)), st.binary(min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_inserted_bytes_are_found(at: int, more: bytes) -> None:
    data = SIGNED[:at] + more + SIGNED[at:]
    # A line break more or less at the very end, and line ends of another system, say nothing else.
    if data.decode("utf-8-sig", "replace").replace("\r\n", "\n").rstrip("\n") != SIGNED.decode().rstrip("\n"):
        assert not verify(data, now=NOON).ok


def test_line_ends_and_a_byte_order_mark_do_not_count() -> None:
    assert verify(SIGNED.replace(b"\n", b"\r\n"), now=NOON).ok
    assert verify(b"\xef\xbb\xbf" + SIGNED, now=NOON).ok


def _raw() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SIGNED)
    return loaded


def _problems(raw: dict[str, Any]) -> str:
    return "；".join(verify(spelled(raw).encode(), now=NOON).problems)


def test_decisions_left_out_doubled_or_in_another_order_are_found() -> None:
    for i in range(len(_raw()["history"]) - 1):
        raw = _raw()
        raw["history"][i], raw["history"][i + 1] = raw["history"][i + 1], raw["history"][i]
        assert "次序" in _problems(raw)
        raw = _raw()
        del raw["history"][i]
        assert "删除" in _problems(raw)
        raw = _raw()
        raw["history"].insert(i, raw["history"][i])
        assert _problems(raw)


def test_a_forged_entry_does_not_fit_even_with_a_hash_of_its_own() -> None:
    raw = _raw()
    entry = raw["history"][2]
    entry["person"] = "别人"
    entry["hash"] = entry_hash(entry)
    assert "接不上" in _problems(raw)


@pytest.mark.parametrize(
    ("key", "value"),
    [("findings", []), ("provenance", []), ("open_questions", [{"cell": "year", "question": "?", "known_as": None}]), ("previous", None), ("dropped", [])],
)
def test_what_stands_beside_the_table_is_bound_too(key: str, value: object) -> None:
    raw = _raw()
    assert raw[key] != value
    raw[key] = value
    assert "内容与最后一条审核记录不符" in _problems(raw)


def test_status_follows_from_the_history() -> None:
    raw = _raw()
    raw["status"] = "draft"
    assert "状态" in _problems(raw)
    raw = _raw()
    raw["history"] = []
    assert "没有任何审核记录" in _problems(raw)


def test_the_end_cut_off_is_found_by_the_printed_code() -> None:
    raw = _raw()
    code = verify(SIGNED, now=NOON).code
    raw["history"] = raw["history"][:-1]
    shorter = spelled(raw).encode()
    assert verify(shorter, now=NOON).ok
    assert "没有校验码" in "；".join(verify(shorter, now=NOON, code=code).problems)


def test_doubled_keys_cannot_hide_another_table() -> None:
    table = json.dumps(_raw()["table"], ensure_ascii=False)
    data = SIGNED.replace(b'  "table": {', f'  "table": {table.replace("495", "999")},\n  "table": {{'.encode(), 1)
    assert "原样" in "；".join(verify(data, now=NOON).problems)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff\xfe", b'{"kind": "draft"}', b"[" * 100_000, b'{"kind":"draft","id":"x","request":{},"table":{},"history":[NaN]}']
)
def test_anything_at_all_is_answered_in_words(data: bytes) -> None:
    result = verify(data, now=NOON)
    assert not result.ok
    assert result.problems


def test_files_of_another_version_keep_their_hashes() -> None:
    # A field this version does not know of could not be read; one it adds is empty, and empty does not count.
    raw = _raw()
    raw["table"]["extra"] = {}
    del raw["table"]["number"]
    assert verify(spelled(raw).encode(), now=NOON).ok


def test_signing_is_refused_while_something_speaks_against_it() -> None:
    with pytest.raises(InputError) as error:
        sign(sample_draft(), Hand("王会计", NOON))
    assert "待核实" in error.value.message
    assert "未定" in error.value.message
    draft = sign(sample_draft(), Hand("王会计", NOON), reason="先报预审")
    assert "先报预审" in str(draft.history[-1].reason)
    assert draft.history[-1].signature.undecided  # type: ignore[union-attr]


def test_levels_sign_in_turn_and_once() -> None:
    draft = decided_draft()
    with pytest.raises(InputError, match="编制人尚未签字"):
        sign(draft, Hand("李科长", NOON), role="科室负责人")
    with pytest.raises(InputError, match="没有“主任”"):
        sign(draft, Hand("李科长", NOON), role="主任")
    draft = sign(draft, Hand("王会计", NOON))
    assert draft.status == "signed"
    with pytest.raises(InputError, match="已于"):
        sign(draft, Hand("王会计", NOON), role="编制人")
    draft = sign(sign(draft, Hand("李科长", NOON)), Hand("王会计", NOON))
    assert [entry.role for entry in draft.history if entry.action == "sign"] == ["编制人", "科室负责人", "单位负责人"]
    assert any("同一人" in notice for notice in verify(spelled(as_json(draft)).encode(), now=NOON).notices)
    with pytest.raises(InputError, match="都已签字"):
        sign(draft, Hand("王会计", NOON))


@pytest.mark.parametrize("act", ["edit", "refuse", "undo", "return", "edit and back"])
def test_any_later_change_ends_the_signatures(act: str) -> None:
    draft, hand = signed_draft(), Hand("王会计", NOON)
    if act.startswith("edit"):
        after = edit(draft, "indicators[0].value", "≥56人", hand, reason="增加一人")
    elif act == "refuse":
        after = refuse(draft, "indicators[4].value", hand, reason="标准未定")
    elif act == "undo":
        after = undo(draft, hand)
    else:
        after = send_back(draft, Hand("赵理事长", NOON), reason="依据不足")
    if act == "edit and back":
        after = undo(after, hand)
    assert after.status == "in-review"
    result = verify(spelled(as_json(after)).encode(), now=NOON)
    assert result.intact
    assert not result.ok
    assert [each.in_force for each in result.signatures] == [False, False]
    assert signed_table(after) == ()


def test_accepting_once_more_leaves_the_signature_whole() -> None:
    draft = accept(signed_draft(), ("year",), Hand("李科长", NOON))
    assert draft.status == "signed"
    assert signed_table(draft) == ("编制人 王会计", "科室负责人 李科长")


def test_a_return_needs_a_reason_and_the_levels_begin_again() -> None:
    with pytest.raises(InputError, match="原因"):
        send_back(signed_draft(), Hand("赵理事长", NOON), reason="")
    draft = send_back(signed_draft(), Hand("赵理事长", NOON), reason="依据不足")
    assert (draft.history[-1].role, draft.history[-1].reason) == ("单位负责人", "依据不足")
    assert sign(draft, Hand("王会计", NOON)).history[-1].role == "编制人"


def test_an_expired_waiver_is_told() -> None:
    assert any("到期" in notice for notice in verify(SIGNED, now="2027-01-01T00:00:00+08:00").notices)


def test_a_change_by_other_means_is_found_and_can_be_taken_over(tmp_path: Path) -> None:
    path = write_draft(tmp_path, sample_draft())
    file = DraftFile(path)
    file.save(accept_clean(file.draft, Hand("王会计", NOON)))
    path.write_text(path.read_text(encoding="utf-8").replace("≥55人", "≥59人"), encoding="utf-8")
    from assistant.review import check_untouched, untouched

    again = DraftFile(path)
    assert not untouched(again.draft)
    with pytest.raises(InputError, match="审核之外"):
        check_untouched(again.draft)
    again.save(adopt(again.draft, Hand("王会计", NOON), reason="已核对，是我改的"))
    result = verify(path.read_bytes(), now=NOON)
    assert result.intact, result.problems
    assert any("审核之外" in notice for notice in result.notices)
    assert Standing(again.draft).progress[0] == 0
    with pytest.raises(InputError, match="没有可以撤销"):
        undo(again.draft, Hand("王会计", NOON))


def test_a_save_never_overwrites_what_another_saved(tmp_path: Path) -> None:
    path = write_draft(tmp_path, sample_draft())
    mine, theirs = DraftFile(path), DraftFile(path)
    theirs.save(accept(theirs.draft, ("year",), Hand("李会计", NOON)))
    with pytest.raises(ChangedOutside):
        mine.save(accept_clean(mine.draft, Hand("王会计", NOON)))
    assert mine.changed()
    mine.reload()
    mine.save(accept_clean(mine.draft, Hand("王会计", NOON)))
    assert [entry.person for entry in DraftFile(path).draft.history] == ["李会计", "王会计"]


HOLDER = """
import sys, time
from pathlib import Path
from assistant.review import place
with place(Path(sys.argv[1]), "李会计", "2025-11-20T10:30:00+08:00"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_reviewer_is_told_who_and_a_killed_one_leaves_the_place(tmp_path: Path) -> None:
    path = write_draft(tmp_path, sample_draft())
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(Busy, match=r"李会计正在审核.*11-20 10:30"), place(path, "王会计", NOON):
            pass
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()
    with place(path, "王会计", NOON):
        pass


WRITER = """
import sys
from pathlib import Path
from assistant.review import Hand, accept, undo
from assistant.review.files import DraftFile
file = DraftFile(Path(sys.argv[1]))
while True:
    file.save(accept(file.draft, ("year",), Hand("王会计", "2025-11-20T10:30:00+08:00")))
    print("saved", flush=True)
"""


def test_killed_in_the_middle_of_saving_the_file_is_whole(tmp_path: Path) -> None:
    path = write_draft(tmp_path, department_drafts()[0])
    entries = 0
    for i in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "saved\n"
        time.sleep(0.05 + 0.037 * i)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        draft = DraftFile(path).draft
        result = verify(path.read_bytes(), now=NOON)
        assert result.intact or not draft.history
        assert len(draft.history) > entries
        entries = len(draft.history)


def test_what_is_no_draft_is_said_so(tmp_path: Path) -> None:
    for name, text in {"a.json": "{", "b.json": "[]", "c.json": '{"kind": "draft", "id": 5}', "d.json": "\x00"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile):
            DraftFile(tmp_path / name)
    (tmp_path / "c.json").unlink()
    with pytest.raises(InputError, match="没有草稿"):
        find([str(tmp_path)], tmp_path)
    with pytest.raises(InputError, match="没有找到"):
        find(["没有的草稿"], tmp_path)


def test_drafts_are_found_by_file_folder_id_and_project(tmp_path: Path) -> None:
    path = write_draft(tmp_path, sample_draft())
    (tmp_path / "summary.json").write_text('{"kind": "summary"}', encoding="utf-8")
    assert find([str(tmp_path)], tmp_path) == [path]
    assert find([str(path), str(tmp_path)], tmp_path) == [path]
    assert find(["残疾人就业保障金-2026"], tmp_path) == [path]
    assert find(["残疾人就业保障金"], tmp_path) == [path]
    write_draft(tmp_path, sample_draft().model_copy(update={"id": "另一份"}))
    with pytest.raises(InputError, match="有2份"):
        find(["残疾人就业保障金"], tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permission there")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    import os

    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    path = write_draft(tmp_path, sample_draft())
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(WorkspaceError), place(path, "王会计", NOON):
            pass
    finally:
        tmp_path.chmod(0o755)
