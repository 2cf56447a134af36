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
# Who stands in a draft's history for what the program itself mended.
_BY = "自动修正"


def mend(content: Content, settings: Settings, *, unsafe: bool, show_only: bool, now: str) -> Content:
    """The content with its mends made (or only shown: then the diff goes to stdout if a person reads it); notices go to stderr."""
    from assistant.validation.fixing import difference, fix

    tables, changes = fix(
        content.tables, unsafe=unsafe, department=content.department, previous=settings.previous, select=settings.select, ignore=settings.ignore
    )
    if not changes:
        render.notice(f"{content.file}：没有可以{'修正' if unsafe else '自动修正'}的地方。")
        return content
    shown = f"{content.file}：{len(changes)}处修正\n{difference(content.tables, changes)}"
    if show_only:
        # The diff is what was asked for: it goes where the results go, unless a program reads them there.
        print(render.plain(shown)) if settings.talks else render.notice(shown)
        render.notice("以上只是预览，文件没有改动；去掉 --diff 并加 --fix 写入。")
        return content
    render.notice(shown)
    if content.draft is not None and content.draft.status == "signed":
        render.notice(f"{content.file}：草稿已签字，没有改动；请先退回（assistant review 草稿 --return 原因）再修正。")
        return content
    mended = Content(content.file, tables, content.department, content.draft, content.unread)
    _write(mended, changes, now)
    return mended


def _write(content: Content, changes: Sequence[Change], now: str) -> None:
    path = Path(content.file)
    if content.draft is not None:
        from assistant import review

        with review.place(path, _BY, now, waiting=1.0):
            file = review.DraftFile(path)
            review.check_untouched(file.draft)
            content.draft = mended_draft(file.draft, changes, now)
            file.save(content.draft)
        render.notice(f"已写入草稿：{path}")
        return
    if "!" in content.file:
        path = Path(content.file.split("!", 1)[0]).parent / Path(content.file.rpartition("!")[2]).name
    beside = path.with_name(f"{path.stem}{_MARK}{'.json' if path.suffix.lower() == '.json' else '.docx'}")
    from assistant.export import write

    write(beside, content.tables, department=content.department, to="json" if beside.suffix == ".json" else "docx")
    render.notice(f"原文件没有改动；修正后的内容另存为：{beside}")


def mended_draft(draft: Draft, changes: Sequence[Change], now: str) -> Draft:
    """The draft with each mend on record: the source of the cell stays, a person still decides on the new text, and can take it back."""
    from assistant import review

    for change in changes:
        if draft.table.text(change.cell) != change.after:
            draft = review.mend(draft, change.cell, change.after, review.Hand(_BY, now, "validate --fix"), reason=f"校验修正 {change.code}")
    return draft
