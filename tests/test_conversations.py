"""Scripted conversations in embedded mode: Markdown files, one short runner, the real corpus, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.chat.conversation import Conversation
from assistant.chat.desk import Desk
from assistant.chat.session import Sessions
from assistant.cli.chatting import _export
from assistant.corpus import Corpus
from assistant.documents.libreoffice import program
from assistant.store import open_store

FILES = sorted((Path(__file__).parent / "conversations").glob("*.md"))
Script = list[tuple[str, list[tuple[str, str]]]]


def scripts() -> Iterator[tuple[str, Script]]:
    for path in FILES:
        for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title, *lines = part.splitlines()
            turns: Script = []
            for line in lines:
                if line.startswith(">"):
                    turns.append((line[1:].lstrip(" ") if not line.startswith(">  ") else line[2:], []))
                elif line[:1] in "=~!" and line[1:2] == " ":
                    turns[-1][1].append((line[0], line[2:].strip()))
            yield f"{path.stem}·{title}", turns


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


def converse(home: Path, place: Path) -> Conversation:
    corpus = Corpus.open(home)

    def store(corpus: Corpus) -> object:
        opened = open_store(home)
        opened.refresh(corpus)
        return opened

    desk = Desk(
        home=place,
        unit=None,
        person="张三",
        now=lambda: "2026-11-23T10:00:00+08:00",
        this_year=2025,
        open_corpus=lambda: corpus,
        open_store=store,
        export=_export,
        drafts=place / "drafts",
    )
    sessions = Sessions(place / "sessions")
    return Conversation(desk, sessions, sessions.new("2026-11-23T10:00:00+08:00"))


@pytest.mark.parametrize(("title", "turns"), list(scripts()), ids=[title for title, _ in scripts()])
def test_conversation(title: str, turns: Script, shared_home: Path, tmp_path: Path) -> None:
    if "LibreOffice" in title and program() is None:
        pytest.skip("LibreOffice is not installed")
    talk = converse(shared_home, tmp_path)
    for said, expected in turns:
        reply = talk.handle(said.replace("\\n", "\n"))
        for sign, text in expected:
            where = f"{said!r} → [{reply.kind}] {reply.text}"
            if sign == "=":
                assert reply.kind == text, where
            elif sign == "~":
                assert text in reply.text, where
            else:
                assert text not in reply.text, where


def test_there_are_enough() -> None:
    assert len(list(scripts())) >= 110


def test_a_session_is_kept_branched_and_told(shared_home: Path, tmp_path: Path) -> None:
    talk = converse(shared_home, tmp_path)
    talk.handle("残保金2026年预算480万")
    talk.handle("都跳过")
    again = talk.sessions.load(talk.session.id)
    assert again == talk.session
    assert (tmp_path / "sessions" / f"{again.id}.json").stat().st_mode & 0o077 == 0
    branch = talk.sessions.branch(again, 1, "2026-11-23T11:00:00+08:00")
    assert (len(branch.turns), branch.parent, branch.draft) == (1, again.id, again.draft)
    told = again.markdown()
    assert "残保金2026年预算480万" in told
    assert {one.id for one in talk.sessions.all()} == {again.id, branch.id}


def test_a_change_to_a_signed_draft_says_that_the_signature_is_gone(shared_home: Path, tmp_path: Path) -> None:
    from assistant.review import sign

    talk = converse(shared_home, tmp_path)
    talk.handle("残保金2026年预算480万")
    talk.handle("都跳过")
    file = talk.file
    assert file is not None
    file.save(sign(file.draft, talk.hand, reason="当面核对"))
    assert "签字" not in talk.handle("检查一下").text
    assert "编制人 张三的签字随修改失效" in talk.handle("第1行改成60人").text
    assert "失效" not in talk.handle("第1行改成61人").text
