"""A file is handed out only after it was read back: writing (``export``) and reading (``documents``, ``extraction``) joined.

``deliver`` writes tables to a file and fails, leaving nothing behind, when the file does not hold exactly what was meant.
``collect`` is the other way: the tables in drafts, exports and office documents, whatever the user has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from assistant import workspace
from assistant.documents.readers import Member, expand, read
from assistant.draft import Draft
from assistant.errors import AssistantError, InputError, UnreadableFile
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
) -> list[str]:
    """Write the tables to ``path`` and return the differences found on reading back: none, or NotWhatWasMeant and no file.

    With ``checked=False`` the file is written all the same and the differences are returned.
    """
    data = render(tables, department=department, title=title, to=to, flat=flat)
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
    out = differences(wanted, found)
    if FORMATS[to].whole and not flat and to != "xlsx":
        out += department_differences(department, extraction.department)
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
class Material:
    """What was collected: tables, part 1 if there was one, and for each file what it was (``draft``, ``tables`` or a document)."""

    tables: list[GoalTable] = field(default_factory=list)
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
        raise InputError("没有找到可导出的绩效目标表。", "请给出草案文件（assistant draft 生成的 .json），或含绩效目标表的 Word、Excel 等文件。")
    return material


def _take_json(path: Path, material: Material, *, strict: bool) -> None:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(content, dict) and content.get("kind") == "draft":
            material.tables.append(Draft.model_validate(content).table)
            return
        for entry in content["documents"] if isinstance(content, dict) and "documents" in content else [content]:
            material.tables += [GoalTable.model_validate(table) for table in entry["tables"]]
            if entry.get("department") and material.department is None:
                material.department = DepartmentGoals.model_validate(entry["department"])
    except FileNotFoundError:
        raise UnreadableFile(f"找不到文件“{path}”。", "请检查路径和文件名，含空格时请加引号。") from None
    except OSError as error:
        raise UnreadableFile(f"读不到文件“{path}”：{error.strerror or error}。", "请检查是否有读取权限。") from None
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        if strict:
            raise UnreadableFile(f"“{path.name}”不是草案文件，也不是导出的 JSON。", "请给出 assistant draft 生成的 .json 文件。") from None


def _take_document(item: Path | Member, material: Material) -> None:
    extraction = extract(read(item)).required()
    material.tables += extraction.tables
    material.department = material.department or extraction.department
    material.unread += [f"{extraction.source.path}：{one.where}，{one.why}" for one in extraction.report.unread]
