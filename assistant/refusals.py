"""Refusals remembered: what a person did not take from a draft, and why, so that it is not offered to that unit again.

One JSON line a refusal in ``refusals.jsonl`` of the workspace, written by the review and read by the drafters and by the evals (each line
is a ready case: the request, what was refused, what stands instead, the reason). A refusal that was undone is withdrawn by a later line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, ValidationError

from assistant import workspace
from assistant.chinese import fold
from assistant.draft import Request
from assistant.target import Frozen


class Refusal(Frozen):
    """One refusal. ``part`` is the cell's own name (``level3`` with no ``instead`` = the row as a whole, ``value``, ``purpose`` …); ``row`` the name (三级指标)
    of the row it stood in; ``refused`` the text that was offered and ``instead`` what the person put there (empty: nothing)."""

    id: str
    time: str
    person: str
    draft: str
    unit: str | None = None
    project: str | None = None
    year: int | None = None
    part: str
    level2: str | None = None
    row: str | None = None
    origin: str | None = None
    refused: str
    instead: str = ""
    reason: str = ""
    request: Request = Field(default_factory=Request)

    @property
    def whole_row(self) -> bool:
        """Whether the row itself was refused, not one of its texts."""
        return self.part == "level3" and not self.instead


def store(home: Path) -> Path:
    """Where refusals are kept."""
    return home / "refusals.jsonl"


def remember(home: Path, refusals: Iterable[Refusal]) -> None:
    """Add refusals; one that is already there (same id) is not doubled."""
    _append(home, [refusal.model_dump(mode="json", exclude_none=True) for refusal in refusals])


def withdraw(home: Path, ids: Iterable[str]) -> None:
    """Take refusals back (the decision was undone)."""
    _append(home, [{"withdrawn": name} for name in ids])


def refusals(home: Path, *, unit: str | None = None) -> list[Refusal]:
    """The refusals in force, oldest first; of one unit when named. A damaged line is passed over, the others count."""
    found: dict[str, Refusal] = {}
    for record in _records(store(home)):
        gone = record.get("withdrawn")
        if isinstance(gone, str):
            found.pop(gone, None)
            continue
        try:
            refusal = Refusal.model_validate(record)
        except ValidationError:
            continue
        found[refusal.id] = refusal
    return [refusal for refusal in found.values() if unit is None or fold(refusal.unit or "") == fold(unit)]


def refused_rows(home: Path, unit: str | None) -> frozenset[str]:
    """The folded names (三级指标) of rows that a unit has refused: a drafter leaves them out. Empty without a unit."""
    if not unit:
        return frozenset()
    return frozenset(fold(refusal.row or refusal.refused) for refusal in refusals(home, unit=unit) if refusal.whole_row)


def _records(path: Path) -> list[dict[str, object]]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    records = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            records.append(record)
    return records


def _append(home: Path, records: list[dict[str, object]]) -> None:
    if not records:
        return
    path = store(home)
    with workspace.locked(path):
        there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        if there and not there.endswith("\n"):
            there += "\n"
        known = set(there.splitlines())
        lines = [json.dumps(record, ensure_ascii=False, sort_keys=True) for record in records]
        workspace.write(path, there + "".join(f"{line}\n" for line in lines if line not in known))
