"""The log of every model call, in one SQLite file that only its owner can read; also what was learned of each endpoint.

A log must never cost a draft: when it cannot be written, the call goes on and ``trouble`` says so once. Keys are not in it, because
they are in no message. ``prune`` really deletes: the pages are overwritten and the file is made small again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant.errors import InputError, ModelError, WorkspaceError
from assistant.model.call import Call, Model, OnText, Reply, Usage

_SCHEMA = """
create table if not exists calls (
  id integer primary key autoincrement, at text not null, model text not null, host text not null, prompt text not null, purpose text not null,
  fingerprint text not null, messages text not null, answer text not null, finish text not null, rung text not null,
  prompt_tokens integer, cached_tokens integer, completion_tokens integer, thinking_tokens integer, estimated integer,
  seconds real, attempts integer, cost text, currency text, outcome text not null, error text not null, notes text not null
);
create index if not exists calls_by_fingerprint on calls (fingerprint);
create table if not exists dialects (base_url text, model text, dialect text, primary key (base_url, model));
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One call as kept. ``outcome`` is ``ok`` or the kind of the fault; ``at`` is local time, ISO 8601."""

    id: int
    at: str
    model: str
    host: str
    prompt: str
    purpose: str
    fingerprint: str
    messages: tuple[dict[str, str], ...]
    answer: str
    finish: str
    rung: str
    usage: Usage
    seconds: float
    attempts: int
    cost: Decimal | None
    currency: str
    outcome: str
    error: str
    notes: tuple[str, ...]

    def to_dict(self, *, texts: bool = True) -> dict[str, Any]:
        """For ``--json``; ``texts`` False leaves messages and answer out."""
        usage = self.usage
        shown: dict[str, Any] = {
            "id": self.id,
            "at": self.at,
            "model": self.model,
            "host": self.host,
            "prompt": self.prompt,
            "purpose": self.purpose,
            "fingerprint": self.fingerprint,
            "outcome": self.outcome,
            "finish": self.finish,
            "rung": self.rung,
            "tokens": {
                "prompt": usage.prompt,
                "cached": usage.cached,
                "completion": usage.completion,
                "thinking": usage.thinking,
                "estimated": usage.estimated,
            },
            "seconds": round(self.seconds, 3),
            "attempts": self.attempts,
            "cost": None if self.cost is None else f"{self.cost:f}",
            "currency": self.currency,
            "error": self.error,
            "notes": list(self.notes),
        }
        if texts:
            shown |= {"messages": list(self.messages), "answer": self.answer}
        return shown


class _Closing(sqlite3.Connection):
    """A connection that is closed with whoever held it; from Python 3.13 on SQLite's module warns of what nobody closed."""

    def __del__(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.close()


class CallLog:
    """The log at a path. ``now`` gives the local time as ISO text; it is the caller's, because only the command line reads the clock."""

    def __init__(self, path: Path, now: Callable[[], str]) -> None:
        self.path = path
        self.trouble: str | None = None
        self._now = now
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def record(self, call: Call, host: str, model: str, outcome: Reply | ModelError, seconds: float) -> None:
        """Keep one call; trouble is noted, not raised."""
        failed = isinstance(outcome, ModelError)
        reply = Reply(outcome.partial, finish="cut", model=model, seconds=seconds) if isinstance(outcome, ModelError) else outcome
        usage = reply.usage
        row = (
            self._now(),
            reply.model or model,
            host,
            f"{call.prompt}#{call.words}" if call.words else call.prompt,
            call.purpose,
            call.fingerprint,
            json.dumps([{"role": m.role, "text": m.text} for m in call.messages], ensure_ascii=False),
            reply.text,
            reply.finish,
            reply.rung,
            usage.prompt,
            usage.cached,
            usage.completion,
            usage.thinking,
            int(usage.estimated),
            reply.seconds,
            reply.attempts,
            None if reply.cost is None else f"{reply.cost:f}",
            reply.currency,
            (outcome.kind or "error") if isinstance(outcome, ModelError) else "ok",
            outcome.message if isinstance(outcome, ModelError) else "",
            json.dumps(list(reply.notes), ensure_ascii=False),
        )
        clean = tuple(value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value for value in row)
        try:
            with self._lock, self._open() as database:
                database.execute(f"insert into calls values (null, {', '.join('?' * len(clean))})", clean)
        except (sqlite3.Error, OSError) as error:
            self.trouble = f"调用记录没有写入“{self.path}”：{error}。{'本次失败的调用也未记下。' if failed else ''}"

    def entries(self, *, limit: int | None = None, outcome: str | None = None) -> list[Entry]:
        """The newest calls first. WorkspaceError when the file cannot be read."""
        where, values = ("where outcome = ?", [outcome]) if outcome else ("", [])
        return self._select(f"select * from calls {where} order by id desc limit ?", [*values, -1 if limit is None else limit])

    def entry(self, number: int) -> Entry:
        """One call by its number; InputError when there is none."""
        found = self._select("select * from calls where id = ?", [number])
        if not found:
            raise InputError(f"没有编号为 {number} 的调用记录。", "用 assistant log list 查看现有编号。")
        return found[0]

    def replies(self) -> dict[str, Reply]:
        """The newest good answer to each fingerprint, for ReplayModel."""
        good = reversed(self.entries(outcome="ok"))
        return {
            e.fingerprint: Reply(e.answer, e.finish, e.usage, e.model, e.rung, e.seconds, e.attempts, e.cost, e.currency)  # type: ignore[arg-type]
            for e in good
        }

    def prune(self, *, before: str | None = None, keep: int | None = None) -> int:
        """Delete the calls made before an ISO time, or all but the newest ``keep``; the number deleted. Nothing given deletes all."""
        if not self.path.exists():
            return 0
        try:
            with self._lock, self._open() as database:
                if before is not None:
                    gone = database.execute("delete from calls where at < ?", (before,)).rowcount
                elif keep is not None:
                    gone = database.execute("delete from calls where id not in (select id from calls order by id desc limit ?)", (keep,)).rowcount
                else:
                    gone = database.execute("delete from calls").rowcount
                database.commit()
                database.execute("vacuum")
                database.execute("pragma wal_checkpoint(truncate)")
        except (sqlite3.Error, OSError) as error:
            raise self._unreadable(error) from None
        return gone

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def dialect(self, base_url: str, model: str) -> str | None:
        """What an endpoint was found to take, or None."""
        if not self.path.exists():
            return None
        with contextlib.suppress(sqlite3.Error, OSError), self._lock, self._open() as database:
            row = database.execute("select dialect from dialects where base_url = ? and model = ?", (base_url, model)).fetchone()
            return str(row[0]) if row else None
        return None

    def keep_dialect(self, base_url: str, model: str, text: str) -> None:
        """Keep what an endpoint takes."""
        with contextlib.suppress(sqlite3.Error, OSError), self._lock, self._open() as database:
            database.execute("insert or replace into dialects values (?, ?, ?)", (base_url, model, text))

    def _select(self, query: str, values: list[Any]) -> list[Entry]:
        if not self.path.exists():
            return []
        try:
            with self._lock, self._open() as database:
                return [_entry(row) for row in database.execute(query, values)]
        except (sqlite3.Error, OSError, ValueError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> WorkspaceError:
        return WorkspaceError(f"调用记录“{self.path}”读不了：{error}。", "可把该文件移走，程序会另建一个。")

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # Made private before anything is in it; SQLite gives its journal the same mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        with contextlib.suppress(OSError):
            os.chmod(self.path, 0o600)
        if self._database is None:
            database = sqlite3.connect(self.path, timeout=30, check_same_thread=False, factory=_Closing)
            try:
                database.execute("pragma secure_delete = on")
                # Written ahead: a commit costs no wait for the disk, and a killed process loses nothing.
                database.execute("pragma journal_mode = wal")
                database.execute("pragma synchronous = normal")
                database.row_factory = sqlite3.Row
                database.executescript(_SCHEMA)
            except sqlite3.Error:
                database.close()
                raise
            self._database = database
        with self._database:
            yield self._database


class LoggedModel:
    """A model whose every call, answered or failed, goes into a log."""

    def __init__(self, model: Model, log: CallLog, *, host: str = "", timer: Callable[[], float]) -> None:
        self.name = model.name
        self._model, self._log, self._host, self._timer = model, log, host, timer

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The model's reply, logged."""
        begun = self._timer()
        try:
            reply = self._model.reply(call, on_text)
        except ModelError as error:
            self._log.record(call, self._host, self.name, error, self._timer() - begun)
            raise
        self._log.record(call, self._host, self.name, reply, self._timer() - begun)
        return reply


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        id=row["id"],
        at=row["at"],
        model=row["model"],
        host=row["host"],
        prompt=row["prompt"],
        purpose=row["purpose"],
        fingerprint=row["fingerprint"],
        messages=tuple(json.loads(row["messages"])),
        answer=row["answer"],
        finish=row["finish"],
        rung=row["rung"],
        usage=Usage(row["prompt_tokens"], row["cached_tokens"], row["completion_tokens"], row["thinking_tokens"], bool(row["estimated"])),
        seconds=row["seconds"],
        attempts=row["attempts"],
        cost=None if row["cost"] is None else Decimal(row["cost"]),
        currency=row["currency"],
        outcome=row["outcome"],
        error=row["error"],
        notes=tuple(json.loads(row["notes"])),
    )
