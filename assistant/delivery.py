"""A file is handed out only after it was read back: writing (``export``) and reading (``documents``, ``extraction``) joined.

``deliver`` writes tables to a file and fails, leaving nothing behind, when the file does not hold exactly what was meant.
``collect`` is the other way: the tables in drafts, exports and office documents, whatever the user has.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant import workspace
from assistant.documents.model import Document, Paragraph
from assistant.documents.readers import Member, expand, read
from assistant.draft import Draft
from assistant.errors import AssistantError, InputError, UnreadableFile, reason
from assistant.export import FORMATS, department_differences, differences, render
from assistant.export.outline import numbered
from assistant.extraction import extract
from assistant.table import DepartmentGoals, GoalTable


class NotWhatWasMeant(AssistantError):
    """The file, read back, differs from the tables; ``differences`` names the cells."""

    def __init__(self, path: Path, found: Sequence[str]) -> None:
        shown = "".join(found[:5]) + (f"等 {len(found)} 处。" if len(found) > 5 else "")
        super().__init__(
            f"“{path.name}”写出后读回核对不一致，没有保存：{shown}",
            "请改写这些单元格（如去掉像栏目名的文字）后重试；确需先看文件，可加 --unchecked 照样写出。",
        )
        self.differences = list(found)


def deliver(
    path: Path,
    tables: Sequence[GoalTable],
    *,
    department: DepartmentGoals | None = None,
    title: str | None = None,
    to: str = "docx",
    flat: bool = False,
    checked: bool = True,
    waiting: Sequence[Collection[str]] = (),
) -> list[str]:
    """Write the tables to ``path`` and return the differences found on reading back: none, or NotWhatWasMeant and no file.

    With ``checked=False`` the file is written all the same and the differences are returned. ``waiting``: see ``export.write``.
    """
    data = render(tables, department=department, title=title, to=to, flat=flat, waiting=waiting)
    found = what_differs(data, path, tables, department=department, to=to, flat=flat)
    if found and checked:
        raise NotWhatWasMeant(path, found)
    workspace.write(path, data)
    return found


def what_differs(
    data: bytes, path: Path, tables: Sequence[GoalTable], *, department: DepartmentGoals | None = None, to: str = "docx", flat: bool = False
) -> list[str]:
    """Read a file's bytes back and compare."""
    if to == "json":
        written = json.loads(data)
        return differences(tables, [GoalTable.model_validate(table) for table in written["tables"]])
    extraction = extract(read(Member(f"{path.stem}{FORMATS[to].suffix}", data)))
    found = [_armed(table) for table in extraction.tables] if to == "csv" else list(extraction.tables)
    wanted = numbered(tables) if len(tables) > 1 else list(tables)
    if flat or to == "csv":
        # A list has no headings.
        wanted = [table.model_copy(update={"number": None, "title": None}) for table in wanted]
    out = differences(wanted, found, blanks=to != "pdf")
    if FORMATS[to].whole and not flat and to != "xlsx":
        out += department_differences(department, extraction.department, blanks=to != "pdf")
    return out


def _armed(table: GoalTable) -> GoalTable:
    """A table read from CSV without the apostrophes that keep spreadsheets from running its texts."""

    def bare(value: Any) -> Any:
        if isinstance(value, str):
            return value[1:] if value[:1] == "'" and value[1:2] in tuple("=+-@＝＋－＠") else value
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items()}
        return [bare(item) for item in value] if isinstance(value, list | tuple) else value

    data = table.model_dump()
    for row in data["indicators"]:
        row["value"] = row["value"]["text"]
    return GoalTable.model_validate(bare(data))


@dataclass(slots=True)
class RevisedFile:
    """What was done to a Word file: number of revision marks, and what the person should know."""

    revisions: int
    notices: list[str] = field(default_factory=list)


def deliver_revision(
    path: Path,
    against: Path,
    tables: Sequence[GoalTable],
    *,
    author: str,
    date: str,
    previous: Sequence[GoalTable | None] = (),
    remove_others: bool = False,
) -> RevisedFile:
    """Write the tables over last year's Word file as revisions, to ``path``; last year's file is not touched.

    The result is read twice before it is kept: with all revisions accepted it must hold the tables, with all rejected it must be last
    year's file. NotWhatWasMeant when it does not.
    """
    from assistant.documents.content import Content
    from assistant.documents.word import open_word
    from assistant.export.alignment import pair_tables
    from assistant.export.revised import CannotTrackTable, revise
    from assistant.export.tracking import OldTable

    if not tables:
        raise InputError("没有可写成修订的绩效目标表。", "请给出至少一份草稿。")
    data, converted_from = _word_bytes(against)
    first = open_word(Content(str(against), data))
    reading = extract(first.document)
    pairs = pair_tables(reading.tables, tables, previous)
    whole: frozenset[int] = frozenset()
    while True:
        opened = open_word(Content(str(against), data))
        old = [OldTable.of(table, places, opened.elements) for table, places in zip(reading.tables, reading.places, strict=True)]
        try:
            done = revise(data, opened, old, tables, pairs, author=author, date=date, remove_others=remove_others, whole_rows=whole)
        except CannotTrackTable as error:
            if error.index in whole:
                raise InputError(f"上年文件的表样写不下草稿：{error}。", "请改用 assistant export 另行导出，或换一份表样相同的上年文件。") from None
            whole |= {error.index}
            continue
        found, notices = _revision_differs(done.data, first.document, reading.tables, done.accepted)
        if not found:
            break
        if len(whole) == len(tables):
            raise NotWhatWasMeant(path, found)
        whole = frozenset(range(len(tables)))
    workspace.write(path, done.data)
    if converted_from:
        notices.append(f"上年文件是 {converted_from}，已先转换成 .docx，版面请核对；原文件未动。")
    used = {i for i in pairs if i is not None}
    rest = [table.project.name or "" for i, table in enumerate(reading.tables) if i not in used]
    if rest:
        notices.append(
            f"上年文件里另有 {len(rest)} 个项目不在草稿中，{'已标为删除' if remove_others else '原样保留'}：{'、'.join(rest[:5])}{'…' if len(rest) > 5 else ''}"
        )
    added = [table.project.name or "" for table, i in zip(tables, pairs, strict=True) if i is None]
    if added:
        notices.append(f"上年文件里没有的 {len(added)} 个项目作为新表插入在最后：{'、'.join(added[:5])}")
    return RevisedFile(done.revisions, notices)


_CONVERTIBLE = (".doc", ".wps", ".rtf", ".odt")


def _word_bytes(path: Path) -> tuple[bytes, str]:
    """The bytes of a .docx, and the suffix it was converted from (empty when it is one)."""
    suffix = path.suffix.lower()
    document = read(path)
    if suffix in _CONVERTIBLE and document.source.format != "docx":
        from assistant.documents.libreoffice import converted

        return converted(path.read_bytes(), suffix, "docx", path.name), suffix
    if document.source.format != "docx":
        raise InputError(f"“{path.name}”不是 Word 文件，不能写成修订。", "请用 Word 或 WPS 把上年文件另存为 .docx。")
    return path.read_bytes(), ""


def _revision_differs(data: bytes, against: Document, old: Sequence[GoalTable], wanted: Sequence[GoalTable]) -> tuple[list[str], list[str]]:
    """What is wrong with a revised file, and what is only to be said."""
    rejected = read(Member("修订稿.docx", data), original=True)
    out = [f"拒绝全部修订后与上年文件不同：{line}" for line in _texts_differ(against, rejected)]
    out += [f"拒绝全部修订后，{line}" for line in differences(old, list(extract(rejected).tables))]
    found = list(extract(read(Member("修订稿.docx", data))).tables)
    notices: list[str] = []
    if len(found) == len(wanted):
        # A file that nowhere says its year cannot say the new one.
        silent = [i for i, (table, there) in enumerate(zip(wanted, found, strict=True)) if table.year and there.year is None]
        wanted = [table.model_copy(update={"year": None}) if i in silent else table for i, table in enumerate(wanted)]
        if silent:
            notices.append("上年文件里没有写年度的地方，修订稿也没有写年度。")
    return out + [f"接受全部修订后，{line}" for line in differences(wanted, found)], notices


def _texts_differ(left: Document, right: Document) -> list[str]:
    ours, theirs = list(_texts(left)), list(_texts(right))
    if ours == theirs:
        return []
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    return [f"第{place + 1}处文字“{(ours[place : place + 1] or [''])[0][:30]}”变成了“{(theirs[place : place + 1] or [''])[0][:30]}”。"]


def _texts(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, Paragraph):
            yield block.text
        else:
            yield from (f"{cell.row},{cell.column}:{cell.text}" for cell in block.cells)


@dataclass(slots=True)
class Material:
    """What was collected: tables, for each the table a draft was made from (where it says so) and its open cells, part 1 if there was one, and what could
    not be read in documents."""

    tables: list[GoalTable] = field(default_factory=list)
    previous: list[GoalTable | None] = field(default_factory=list)
    waiting: list[frozenset[str]] = field(default_factory=list)
    department: DepartmentGoals | None = None
    unread: list[str] = field(default_factory=list)


def collect(paths: Iterable[Path]) -> Material:
    """The tables in draft files, JSON exports, folders of either, and any document the readers know; in the order given.

    InputError for a file without a goal table, UnreadableFile for one that cannot be read.
    """
    material = Material()
    for path in paths:
        if path.is_dir():
            for draft in sorted(path.glob("*.json")):
                _take_json(draft, material, strict=False)
            rest = [item for item in expand([path]) if not str(getattr(item, "path", item)).lower().endswith(".json")]
            # A folder of drafts also holds the Word files made of them; drafts win.
            if not material.tables:
                for item in rest:
                    _take_document(item, material)
        elif path.suffix.lower() == ".json":
            _take_json(path, material, strict=True)
        else:
            for item in expand([path]):
                _take_document(item, material)
    if not material.tables and material.department is None:
        raise InputError("没有找到可导出的绩效目标表。", "请给出草稿文件（assistant draft 生成的 .json），或含绩效目标表的 Word、Excel 等文件。")
    return material


def open_cells(draft: Draft) -> frozenset[str]:
    """The cells that a draft still asks for."""
    return frozenset(question.cell for question in draft.open_questions if question.cell)


def _take_json(path: Path, material: Material, *, strict: bool) -> None:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(content, dict) and content.get("kind") == "draft":
            draft = Draft.model_validate(content)
            material.tables.append(draft.table)
            material.previous.append(draft.previous)
            material.waiting.append(open_cells(draft))
            return
        for entry in content["documents"] if isinstance(content, dict) and "documents" in content else [content]:
            tables = [GoalTable.model_validate(table) for table in entry["tables"]]
            material.tables += tables
            material.previous += [None] * len(tables)
            material.waiting += [frozenset()] * len(tables)
            if entry.get("department") and material.department is None:
                material.department = DepartmentGoals.model_validate(entry["department"])
    except FileNotFoundError:
        raise UnreadableFile(f"找不到文件“{path}”。", "请检查路径和文件名，含空格时请加引号。") from None
    except OSError as error:
        raise UnreadableFile(f"读不到文件“{path}”：{reason(error)}。", "请检查是否有读取权限。") from None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        if strict:
            raise UnreadableFile(f"“{path.name}”不是草稿文件，也不是导出的 JSON。", "请给出 assistant draft 生成的 .json 文件。") from None


def _take_document(item: Path | Member, material: Material) -> None:
    extraction = extract(read(item)).required()
    material.tables += extraction.tables
    material.previous += [None] * len(extraction.tables)
    material.waiting += [frozenset()] * len(extraction.tables)
    material.department = material.department or extraction.department
    material.unread += [f"{extraction.source.path}：{one.where}，{one.why}" for one in extraction.report.unread]
