"""What people answered to open questions, kept in the workspace as plain JSON (``answers.json``).

Answers are kept by unit and project and come back the next time the same project is drafted: as given figures in the same year, as
last year's figures later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant import workspace
from assistant.chinese import fold
from assistant.draft import Request
from assistant.drafting.matching import core_of
from assistant.errors import WorkspaceError

ANSWERS = "answers.json"


def answers_for(home: Path, unit: str | None, request: Request) -> dict[str, tuple[str, int | None]]:
    """Earlier answers about the same project of the unit: name → (text, year), the newest year up to the request's winning."""
    core = "-".join(core_of(request.name))
    found: dict[str, tuple[str, int | None]] = {}
    for entry in sorted(_entries(home / ANSWERS), key=lambda entry: entry.get("year") or 0):
        if entry.get("project") == core and _same(entry.get("unit"), unit) and (request.year is None or (entry.get("year") or 0) <= request.year):
            found[str(entry["known_as"])] = (str(entry["value"]), entry.get("year"))
    return found


def keep_answers(home: Path, unit: str | None, name: str, year: int | None, answers: Mapping[str, str], *, at: str | None = None) -> None:
    """Keep answers; an earlier one to the same question for the same year is replaced."""
    if not answers:
        return
    path = home / ANSWERS
    core = "-".join(core_of(name))
    with workspace.locked(path):
        kept = [
            entry
            for entry in _entries(path)
            if not (entry.get("project") == core and _same(entry.get("unit"), unit) and entry.get("year") == year and entry.get("known_as") in answers)
        ]
        kept += [{"unit": unit, "project": core, "year": year, "known_as": known_as, "value": value, "at": at} for known_as, value in answers.items()]
        workspace.write(path, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


def forget_answer(home: Path, unit: str | None, name: str, year: int | None, known_as: str) -> None:
    """Take an answer back; nothing happens when there is none."""
    path = home / ANSWERS
    core = "-".join(core_of(name))
    with workspace.locked(path):
        entries = _entries(path)
        kept = [
            entry
            for entry in entries
            if not (entry.get("project") == core and _same(entry.get("unit"), unit) and entry.get("year") == year and entry.get("known_as") == known_as)
        ]
        if len(kept) < len(entries):
            workspace.write(path, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


def _same(left: Any, right: str | None) -> bool:
    return not left or not right or fold(str(left)) == fold(right)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except (ValueError, OSError) as error:
        raise WorkspaceError(f"读不了“{path}”：{error}。", "请改正或删除该文件后重试；其中只有以前的回答，删除不影响资料。") from None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise WorkspaceError(f"“{path}”的内容不是一列记录。", "请改正或删除该文件后重试。")
    return data
