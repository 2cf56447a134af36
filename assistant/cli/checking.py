"""From paths to judged files: drafts, records of ``read --json``, any readable document; many files in a pool of processes.

One file is one department's year: its tables are judged together. Reports come back small enough to send between processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cli import render
from assistant.errors import AssistantError, InputError, UnreadableFile, misfit, unreadable
from assistant.findings import Report
from assistant.table import DepartmentGoals, GoalTable, Money
from assistant.validation import validate

if TYPE_CHECKING:
    from assistant.documents.readers import Member
    from assistant.draft import Draft


@dataclass(slots=True)
class Content:
    """What a file holds: its tables and part 1, the draft it is (None for other files), what could not be read in words."""

    file: str
    tables: list[GoalTable]
    department: DepartmentGoals | None = None
    draft: Draft | None = None
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Settings:
    """How to judge: rules chosen and left out, last year's tables, the department's total."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    previous: tuple[GoalTable, ...] = ()
    total: Money | None = None
    password: str | None = None
    # Whether stdout is read by a person: a diff may stand there.
    talks: bool = False
    # Whether the tables are needed once they are judged (for a page, for mends); thousands of them fill the memory.
    whole: bool = True


def content_of(item: Path | Member, password: str | None = None) -> Content:
    """The content of a draft, a JSON record or a document. Raises AssistantError for what holds no goal table."""
    if isinstance(item, Path) and item.suffix.lower() == ".json":
        return _from_json(item)
    from assistant.extraction import extract_file

    found = extract_file(item, password=password).required()
    unread = [f"{one.where}，{one.why}" for one in found.report.unread]
    return Content(found.source.path, list(found.tables), found.department, None, unread)


def _from_json(path: Path) -> Content:
    from pydantic import ValidationError

    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, RecursionError):
        raise UnreadableFile(f"“{path}”不是有效的 JSON。", "请给出 assistant draft 保存的草稿，或 assistant read --json 的输出。") from None
    try:
        return _record(path, data)
    except ValidationError as error:
        raise UnreadableFile(f"“{path}”不是绩效目标表的 JSON：{misfit(error)}。", "请对照 assistant read --json 的输出。") from None


def _record(path: Path, data: Any) -> Content:
    if isinstance(data, dict) and data.get("kind") == "draft":
        from assistant.draft import Draft

        draft = Draft.model_validate(data)
        return Content(str(path), [draft.table], None, draft)
    if isinstance(data, dict) and isinstance(data.get("documents"), list):
        documents = [each for each in data["documents"] if isinstance(each, dict)]
        tables = [GoalTable.model_validate(table) for each in documents for table in each.get("tables", ())]
        parts = [DepartmentGoals.model_validate(each["department"]) for each in documents if each.get("department")]
        return Content(str(path), _needed(tables, path), parts[0] if len(parts) == 1 else None)
    if isinstance(data, dict) and isinstance(data.get("tables"), list):
        part = DepartmentGoals.model_validate(data["department"]) if data.get("department") else None
        return Content(str(path), _needed([GoalTable.model_validate(table) for table in data["tables"]], path), part)
    if isinstance(data, list):
        return Content(str(path), _needed([GoalTable.model_validate(table) for table in data], path))
    return Content(str(path), [GoalTable.model_validate(data)])


def _needed(tables: list[GoalTable], path: Path) -> list[GoalTable]:
    if not tables:
        raise InputError(f"“{path}”里没有绩效目标表。", "请给出 assistant draft 保存的草稿，或 assistant read --json 的输出。")
    return tables


def check(item: Path | Member, settings: Settings) -> tuple[Content, Report]:
    """A file's content and its report; what a pool of processes runs."""
    content = content_of(item, settings.password)
    report = judged(content, settings)
    if not settings.whole:
        content.tables, content.department = [_head(table) for table in content.tables], None
    return content, report


def judged(content: Content, settings: Settings) -> Report:
    """What the rules say of a file's content."""
    return validate(
        content.tables,
        department=content.department,
        previous=settings.previous,
        select=settings.select,
        ignore=settings.ignore,
        file=content.file,
        total=settings.total,
    )


def _head(table: GoalTable) -> GoalTable:
    """The table with no more than the lists of a workbook name of it."""
    return GoalTable.model_construct(number=table.number, year=table.year, project=table.project, budget=table.budget, money_unit=table.money_unit)


def files_under(paths: Iterable[Path], skipped: list[Path], beside: list[Path]) -> Iterator[Path | Member]:
    """The files to judge: those named, and in folders every readable file and every JSON file. ``skipped`` collects files of other kinds,
    ``beside`` what our own commands wrote from a JSON file of the same name (a draft's form, a summary): judging it again would count twice.
    """
    from assistant.documents.readers import expand

    for path in paths:
        if path.suffix.lower() == ".json" and not path.is_dir():
            yield path
            continue
        own: set[Path] = set()
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*.json") if each.is_file() and not any(part.startswith(".") for part in each.parts[len(path.parts) :]))
            own = {each.with_suffix("") for each in inside if _ours(each)}
            yield from inside
        for item in expand([path], skipped=skipped):
            if isinstance(item, Path) and item.with_suffix("") in own:
                beside.append(item)
            else:
                yield item


def _ours(path: Path) -> bool:
    """Whether a JSON file is a draft or a summary of ours; its head tells."""
    try:
        with path.open("rb") as file:
            return re.match(rb'\s*\{\s*"kind":\s*"(?:draft|batch)"', file.read(200)) is not None
    except OSError:
        return False


def check_all(paths: Sequence[Path], settings: Settings, progress: Any = None) -> Iterator[tuple[Content, Report] | AssistantError]:
    """Each file judged, in order, or the error that kept it from being judged; the others go on."""
    if len(paths) == 1 and _alone(paths[0]):
        # One file needs no pool, and loading one costs a tenth of a second.
        try:
            yield check(paths[0], settings)
        except AssistantError as error:
            yield error
        return
    from assistant.documents.batch import read_many

    skipped: list[Path] = []
    beside: list[Path] = []
    for outcome in read_many(files_under(paths, skipped, beside), partial(check, settings=settings), progress=progress):
        if outcome.result is not None:
            yield outcome.result
        elif not _foreign_json(outcome.item, paths):
            yield outcome.error or InputError(f"“{outcome.item}”没有检查。")
    render.passed_over([path for path in skipped if path.suffix.lower() != ".json"])
    if beside:
        render.notice(f"提示：{len(beside)}个由草稿写出的同名文件没有重复检查：{render.names(beside)}。要查它们，请写出文件名。")


def _alone(path: Path) -> bool:
    return path.suffix.lower() in (".json", ".txt", ".md", ".csv", ".docx") and not path.is_dir()


def _foreign_json(item: Path | Member, paths: Sequence[Path]) -> bool:
    # A folder may hold JSON files of other programs; only one the user named must be a goal table.
    return isinstance(item, Path) and item.suffix.lower() == ".json" and item not in paths
