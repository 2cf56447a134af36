"""``validate --fix``: mends made in the file they belong to — a draft in place, a document as a mended copy beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli import render
from assistant.cli.checking import Content, Settings

if TYPE_CHECKING:
    from assistant.draft import Draft
    from assistant.validation.fixing import Change

_MARK = ".修正"


def mend(content: Content, settings: Settings, *, unsafe: bool, show_only: bool, now: str) -> Content:
    """The content with its mends made (or only shown); the diff goes to stderr with a word on where the result was written."""
    from assistant.validation.fixing import difference, fix

    tables, changes = fix(
        content.tables, unsafe=unsafe, department=content.department, previous=settings.previous, select=settings.select, ignore=settings.ignore
    )
    if not changes:
        render.notice(f"{content.file}：没有可以{'修正' if unsafe else '自动修正'}的地方。")
        return content
    render.notice(f"{content.file}：{len(changes)}处修正\n{difference(content.tables, changes)}")
    if show_only:
        render.notice("以上只是预览，文件没有改动；去掉 --diff 并加 --fix 写入。")
        return content
    if content.draft is not None and content.draft.status == "signed":
        render.notice(f"{content.file}：草案已签发，没有改动；请先撤回签发再修正。")
        return content
    mended = Content(content.file, tables, content.department, content.draft, content.unread)
    _write(mended, changes, now)
    return mended


def _write(content: Content, changes: Sequence[Change], now: str) -> None:
    from assistant import workspace

    path = Path(content.file)
    if content.draft is not None:
        content.draft = mended_draft(content.draft, content, changes, now)
        with workspace.locked(path):
            workspace.write(path, content.draft.to_json() + "\n")
        render.notice(f"已写入草案：{path}")
        return
    if "!" in content.file:
        path = Path(content.file.split("!", 1)[0]).parent / Path(content.file.rpartition("!")[2]).name
    beside = path.with_name(f"{path.stem}{_MARK}{'.json' if path.suffix.lower() == '.json' else '.docx'}")
    from assistant.export import write

    write(beside, content.tables, department=content.department, to="json" if beside.suffix == ".json" else "docx")
    render.notice(f"原文件没有改动；修正后的内容另存为：{beside}")


def mended_draft(draft: Draft, content: Content, changes: Sequence[Change], now: str) -> Draft:
    """The draft with the mended table, a note of the mend in the provenance of each changed cell, fresh findings and a line of history."""
    from assistant.draft import Provenance
    from assistant.validation import validate

    notes: dict[str, str] = {}
    for change in changes:
        said = f"校验修正 {change.code}：{change.before or '空'} → {change.after}"
        notes[change.cell] = f"{notes[change.cell]}；{said}" if change.cell in notes else said
    kept = []
    for entry in draft.provenance:
        note = notes.pop(entry.cell, None)
        if note is None:
            kept.append(entry)
        else:
            kept.append(entry.model_copy(update={"note": f"{entry.note}；{note}" if entry.note else note, "change": "changed"}))
    kept += [Provenance(cell=cell, origin="person", change="changed", note=note) for cell, note in notes.items()]
    table = content.tables[0]
    history = (*draft.history, {"at": now, "action": "fix", "changes": [change._asdict() for change in changes]})
    return draft.model_copy(update={"table": table, "provenance": tuple(kept), "findings": validate([table]).findings, "history": history})
