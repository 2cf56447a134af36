"""A draft on disk: ``draft.json`` (everything) and the official form as Word, read back and compared before it is called saved.

File names come from the project's name, made safe for Windows; the same draft saved again replaces its own files, another project
with the same name gets a number. A project whose document number comes later keeps its file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assistant import workspace
from assistant.draft import Draft
from assistant.drafting.matching import core_of
from assistant.errors import AssistantError, InputError

_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))})


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a draft was put, and what reading the Word file back found different (nothing, when all is well)."""

    json: Path
    docx: Path
    differences: tuple[str, ...] = ()


def file_name(name: str) -> str:
    """A file name (without ending) for a project's name: no characters Windows forbids, no reserved name, at most 80 characters."""
    text = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", name).strip(" ._")[:80].rstrip(" ._")
    return f"{text}_" if text.lower() in _RESERVED else text or "未命名项目"


def save(draft: Draft, folder: Path, *, check: bool = True, noting: Callable[[Saved, str], None] = lambda _saved, _text: None) -> Saved:
    """Write both files, the draft last; with ``check`` read the Word file back and compare. ``noting`` is told the names
    and the text just before the draft is written, so that a draft that is there is always a noted one.

    WorkspaceError when the folder cannot be written; an earlier state of the draft is then still whole."""
    from assistant.export import write

    workspace.make_folder(folder)
    stem = _earlier(folder, draft) or _free(folder, _stem(draft, draft.table.project.name), draft)
    saved = Saved(folder / f"{stem}.json", folder / f"{stem}.docx")
    new = not saved.docx.exists()
    write(saved.docx, [draft.table], waiting=[{question.cell for question in draft.open_questions}])
    try:
        text = draft.to_json() + "\n"
        noting(saved, text)
        workspace.write(saved.json, text)
    except BaseException:
        if new:
            saved.docx.unlink(missing_ok=True)
        raise
    return replace(saved, differences=_read_back(draft, saved.docx)) if check else saved


def _stem(draft: Draft, name: str | None) -> str:
    return file_name(f"{draft.table.year or ''}{'-' if draft.table.year else ''}{name or '未命名项目'}")


def _earlier(folder: Path, draft: Draft) -> str | None:
    """The name under which the project was drafted before its document number was known; one project has one file."""
    name = draft.table.project.name or ""
    core, part = core_of(name)
    stem = _stem(draft, f"{core}-{part}" if part else core)
    return stem if core and stem != _stem(draft, name) and _belongs(folder / f"{stem}.json", draft) else None


def _free(folder: Path, stem: str, draft: Draft) -> str:
    for candidate in (stem, *(f"{stem}({i})" for i in range(2, 1000))):
        path = folder / f"{candidate}.json"
        if not path.exists() or _belongs(path, draft):
            return candidate
    raise InputError(f"“{folder}”里同名的草稿太多。", "请换一个文件夹（-o）。")


def _belongs(path: Path, draft: Draft) -> bool:
    """Whether a saved file is an earlier state of the same project's draft: same unit, year and name, not signed."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(data, dict) or data.get("kind") != "draft" or data.get("status") != "draft":
        return False
    if data.get("id") == draft.id:
        return True
    table = data.get("table") or {}
    same_unit = (table.get("unit") or {}).get("name") == draft.table.unit.name
    return same_unit and table.get("year") == draft.table.year and (data.get("request") or {}).get("purpose") == draft.request.purpose


def _read_back(draft: Draft, form: Path) -> tuple[str, ...]:
    from assistant.documents.readers import read
    from assistant.export import differences
    from assistant.extraction import extract

    try:
        found = extract(read(form)).tables
    except AssistantError as error:
        return (f"写出的 Word 读不回来：{error.message}",)
    return tuple(differences([draft.table], found))


def load(path: Path) -> Draft:
    """A saved draft. InputError for a file that is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"读不了草稿“{path}”。", "请检查路径；草稿是 assistant draft 写出的 .json 文件。") from None
    try:
        return Draft.model_validate_json(text)
    except ValueError:
        raise InputError(f"“{path}”不是草稿文件。", "草稿是 assistant draft 写出的 .json 文件。") from None
