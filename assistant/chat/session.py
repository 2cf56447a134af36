"""Sessions: every turn of a conversation, the draft at hand and what was just shown, one private JSON file each.

A turn is kept before it is shown, so that a closed terminal loses nothing. A branch copies the turns up to a point; the draft file
itself is never copied or rolled back by that: drafts are kept apart and have their own undo.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from assistant import workspace
from assistant.draft import Request
from assistant.errors import InputError
from assistant.table import place_of
from assistant.target import Frozen


class Cited(Frozen):
    """A numbered citation of a reply."""

    source: str | None = None
    project: str | None = None
    year: int | None = None
    cell: str | None = None
    text: str | None = None


@dataclass
class Reply:
    """What is shown after a turn: Markdown, citations, what kind of turn it was, whether the conversation ends."""

    text: str
    kind: str = "answer"
    citations: tuple[Cited, ...] = ()
    over: bool = False
    notes: list[str] = field(default_factory=list)


class Turn(Frozen):
    """One exchange: what was said, what was answered (Markdown), what kind of turn it was, its citations."""

    n: int
    user: str
    reply: str = ""
    kind: str = ""
    citations: tuple[Cited, ...] = ()
    draft: str | None = None


class Pending(Frozen):
    """What the conversation waits for: a slot of a request, an open question of the draft, a yes, or a choice."""

    kind: Literal["slot", "question", "confirm", "choice"]
    slot: str = ""
    cell: str = ""
    known_as: str = ""
    action: dict[str, Any] = Field(default_factory=dict)
    options: tuple[str, ...] = ()
    # The slot or question that waited before this choice or confirmation, and waits again after it.
    behind: Pending | None = None


class Answered(Frozen):
    """What was answered last to a question of ours, so that 不对，是… and 撤销 can speak of it: the slot of a request, or the cell and name
    of an open question; the text; and the request as it was before, None where the draft's own history takes it back."""

    slot: str = ""
    cell: str = ""
    known_as: str = ""
    text: str = ""
    before: Request | None = None


class Session(Frozen):
    """A conversation as it stands. ``draft`` is the path of the draft at hand; ``request`` is one still being filled; ``focus`` is the
    cell spoken of last; ``shown`` are the codes of the findings shown last, in order, ``at`` the number of the one spoken of last;
    ``skipped`` the questions not to ask again; ``answers`` what was answered to our questions, newest last; ``asked`` and ``topic`` the
    last question to the corpus and the project its answer was about; ``changed`` the last edit: cell, text before, text after."""

    id: str
    title: str = ""
    created: str = ""
    updated: str = ""
    parent: str | None = None
    turns: tuple[Turn, ...] = ()
    draft: str | None = None
    request: Request | None = None
    pending: Pending | None = None
    focus: str | None = None
    shown: tuple[str, ...] = ()
    at: int = 0
    skipped: tuple[str, ...] = ()
    answers: tuple[Answered, ...] = ()
    asked: str = ""
    topic: str = ""
    changed: tuple[str, str, str] | None = None

    def with_turn(self, turn: Turn, now: str) -> Session:
        """The session with one turn more; its first words become the title."""
        title = self.title or " ".join(turn.user.split())[:30]
        return self.model_copy(update={"turns": (*self.turns, turn), "title": title, "updated": now})

    def markdown(self) -> str:
        """The conversation as Markdown, every citation under its answer."""
        lines = [f"# {self.title or '对话'}", "", f"开始于 {self.created}，共 {len(self.turns)} 轮。", ""]
        for turn in self.turns:
            lines += [f"## {turn.n}. {turn.user}", "", turn.reply, ""]
            for number, cited in enumerate(turn.citations, 1):
                lines.append(f"{number}. {place(cited)}：{cited.text or ''}")
            if turn.citations:
                lines.append("")
        return "\n".join(lines)


def place(cited: Cited) -> str:
    """Where a citation stands, in words."""
    return " · ".join(str(part) for part in (cited.source, cited.year, cited.project, place_of(cited.cell)) if part)


class Sessions:
    """The session files of a workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self, now: str) -> Session:
        """A fresh session with an id of its own (not written until its first turn)."""
        return Session(id=f"{now[:10].replace('-', '')}-{secrets.token_hex(3)}", created=now, updated=now)

    def save(self, session: Session) -> None:
        """Write a session, readable by its owner only."""
        workspace.write(self._path(session.id), session.model_dump_json(indent=1), private=True)

    def load(self, name: str) -> Session:
        """The session with an id, or whose id begins with ``name``. InputError when there is none, or several."""
        found = [path for path in self._files() if path.stem.startswith(name)] if name else []
        exact = [path for path in found if path.stem == name]
        if len(exact or found) != 1:
            what = f"有{len(found)}个对话的编号以“{name}”开头。" if found else f"没有编号为“{name}”的对话。"
            raise InputError(what, "用 assistant chat --list 查看所有对话的编号。")
        path = (exact or found)[0]
        try:
            return Session.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            raise InputError(f"对话文件“{path}”读不出来。", "文件可能损坏；可删除它，其他对话不受影响。") from None

    def all(self) -> list[Session]:
        """Every readable session, the newest first."""
        found = []
        for path in self._files():
            try:
                found.append(Session.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                continue
        return sorted(found, key=lambda session: session.updated, reverse=True)

    def branch(self, session: Session, turns: int, now: str) -> Session:
        """A new session with the first ``turns`` turns of another. InputError for a turn that is not there."""
        if not 0 <= turns <= len(session.turns):
            raise InputError(f"这个对话只有{len(session.turns)}轮。", "请给出其中一轮的序号。")
        kept = session.turns[:turns]
        draft = next((turn.draft for turn in reversed(kept) if turn.draft), None)
        branched = self.new(now).model_copy(update={"turns": kept, "title": session.title, "parent": session.id, "draft": draft})
        self.save(branched)
        return branched

    def remove(self, session: Session) -> None:
        """Delete a session's file."""
        self._path(session.id).unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []

    def _path(self, name: str) -> Path:
        if not name or set(name) - set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"):
            raise InputError(f"“{name}”不能作对话编号。", "编号只用字母、数字和短横。")
        return self.folder / f"{name}.json"
