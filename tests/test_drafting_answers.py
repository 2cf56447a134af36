"""Asking back: questions at a terminal, answers kept for the next time, refused suggestions not offered again."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from assistant.corpus import Corpus
from assistant.draft import Request
from assistant.drafting import known
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand
from assistant.errors import WorkspaceError
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


def test_questions_stand_in_the_order_of_their_weight(corpus: Corpus) -> None:
    made = draft(understand("残保金2026年495万"), corpus)
    keys = [question.known_as for question in made.open_questions]
    assert keys.index("残疾人生活保障人数") < keys.index("资金文件号") < keys.index("项目编码")
    assert len(keys) == len(set(keys))


def test_answers_are_kept_by_unit_project_and_year(tmp_path: Path) -> None:
    known.keep_answers(tmp_path, "某局", "怀财字〔2026〕7号 残疾人就业保障金", 2026, {"残疾人生活保障人数": "320人"})
    known.keep_answers(tmp_path, "某局", "残保金", 2026, {"残疾人生活保障人数": "330人"})
    assert known.answers_for(tmp_path, "某局", Request(name="残疾人就业保障金(2026)", year=2026)) == {"残疾人生活保障人数": ("330人", 2026)}
    assert known.answers_for(tmp_path, "别的局", Request(name="残疾人就业保障金", year=2026)) == {}
    assert known.answers_for(tmp_path, "某局", Request(name="残疾人就业保障金", year=2025)) == {}
    assert json.loads((tmp_path / "answers.json").read_text(encoding="utf-8"))[0]["value"] == "330人"


def test_last_years_answer_is_carried_cited_and_asked_about(corpus: Corpus) -> None:
    made = draft(understand("残保金2027年495万"), corpus, answers={"残疾人生活保障人数": ("320人", 2026)})
    index = next(i for i, row in enumerate(made.table.indicators) if row.level3 == "残疾人生活保障人数")
    entry = made.origin_of(f"indicators[{index}].value")
    assert entry is not None
    assert entry.source is not None
    assert (made.table.indicators[index].value.text, entry.origin, entry.source.path, entry.source.year) == ("≥320人", "carried", "answers.json", 2026)
    assert any(question.cell == entry.cell for question in made.open_questions)


def test_a_broken_answers_file_is_two_sentences(tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text("{", encoding="utf-8")
    with pytest.raises(WorkspaceError) as caught:
        known.answers_for(tmp_path, None, Request(name="x项目", year=2026))
    assert caught.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal")
def test_at_a_terminal_the_questions_are_asked_and_may_be_skipped(home: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "110", "TERM": "dumb"}
    command = [sys.executable, "-m", "assistant", "draft", "残保金2026年495万", "-o", str(tmp_path)]
    child = pexpect.spawn(command[0], command[1:], env=environment, encoding="utf-8", timeout=60, dimensions=(60, 110))
    child.expect("直接回车跳过")
    answered = {"残疾人生活保障计划": "320人", "标准": ""}
    while child.expect(["\r\n> ", "已保存"]) == 0:
        asked = child.before or ""
        child.sendline(next((text for words, text in answered.items() if words in asked), ""))
    child.expect(pexpect.EOF)
    saved = json.loads((tmp_path / "2026-残疾人就业保障金.json").read_text(encoding="utf-8"))
    assert "≥320人" in [row["value"]["text"] for row in saved["table"]["indicators"]]
    kept = json.loads((home / "answers.json").read_text(encoding="utf-8"))
    assert [(entry["known_as"], entry["value"]) for entry in kept] == [("残疾人生活保障人数", "320人")]
