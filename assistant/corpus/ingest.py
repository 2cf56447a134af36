"""From a file to records: read, extract, keep the reading as JSON, and make tables and passages from that JSON.

``keep`` writes a document; ``derive`` makes what is found in it, and makes it again from the stored reading when the shape of records
changes, without the file.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.corpus import passages
from assistant.corpus.policies import Policy, Section, parse
from assistant.corpus.records import Records
from assistant.corpus.units import county_of
from assistant.errors import UnreadableFile, reason
from assistant.table import DepartmentGoals, GoalTable

_PIECE = 500
# Lists and sums of an office: worth keeping for their goal tables only.
_SPREADSHEETS = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".et", ".ods")


@dataclass(slots=True)
class Reading:
    """What a file turned out to be: ``kind`` tables, policy, or none (a spreadsheet or a blank page without goal tables); ``content`` as
    stored; ``warnings`` to tell."""

    path: str
    sha256: str
    format: str
    kind: str
    title: str
    content: dict[str, Any]
    original: str = ""
    unit: str | None = None
    year: int | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def tables(self) -> int:
        """How many goal tables it has."""
        return len(self.content.get("tables") or ())


def read_file(item: Any, path: str, *, unit: str | None = None, year: int | None = None) -> Reading:
    """Read one file (a Path, or a member of an archive) as goal tables, a policy digest, or a text cut into sections.

    ``path`` is how it will be cited. Raises InputError for what cannot be read.
    """
    if isinstance(item, Path) and item.suffix.lower() == ".md":
        try:
            raw = item.read_bytes()
        except OSError as error:
            raise UnreadableFile(f"读不到文件“{item}”：{reason(error)}。", "请检查文件是否存在、是否有读取权限。") from None
        text = raw.decode("utf-8", errors="replace")
        if text.lstrip("﻿").startswith("+++"):
            policy = parse(text, path)
            return Reading(path, hashlib.sha256(raw).hexdigest(), "md", "policy", policy.title, policy.model_dump(mode="json"), text)
    if isinstance(item, Path) and item.suffix.lower() == ".json":
        return _own_file(item, path)
    from assistant.documents.readers import read
    from assistant.extraction import extract

    document = read(item)
    extraction = extract(document)
    text = _text_of(document)
    if not extraction.tables and extraction.department is None:
        policy = _as_policy(document, path)
        kind = "none" if Path(path).suffix.lower() in _SPREADSHEETS or not policy.sections else "policy"
        return Reading(path, document.source.sha256, document.source.format, kind, policy.title, policy.model_dump(mode="json"), text)
    first = extraction.tables[0] if extraction.tables else None
    unit = unit or next((table.unit.name for table in extraction.tables if table.unit.name), None)
    if unit is None and extraction.department is not None:
        unit = extraction.department.unit.name
    year = year or next((table.year for table in extraction.tables if table.year), None) or (extraction.department.year if extraction.department else None)
    unit, year = passages.document_scope(path, unit, year, first)
    content = {
        "tables": [table.model_dump(mode="json") for table in extraction.tables],
        "departments": [part.model_dump(mode="json") for part in extraction.departments],
    }
    title = Path(path.replace("!", "/")).stem
    warnings = [f"{gap['where']}：{gap['why']}" for gap in extraction.to_json()["report"]["unread"]]
    return Reading(path, document.source.sha256, document.source.format, "tables", title, content, text, unit, year, warnings)


def _own_file(file: Path, path: str) -> Reading:
    """A signed draft, or tables exported as JSON: the program's own files, taken as they are. UnreadableFile for any other JSON.

    Whether a draft's signature still fits its content is checked by who adds it (the review knows how); here it must say ``signed``.
    """
    from assistant.draft import Draft
    from assistant.export.records import tables_of

    try:
        raw = file.read_bytes()
        value = json.loads(raw.decode("utf-8-sig"))
        if isinstance(value, dict) and value.get("kind") == "draft":
            draft = Draft.model_validate(value)
            if draft.status != "signed":
                raise UnreadableFile(f"草稿“{file.name}”还没有签字，不能作为往年目标表入库。", f"请先审核签字：assistant review {file}。")
            tables, department = [draft.table], None
        else:
            tables, department = tables_of(value)
    except OSError as error:
        raise UnreadableFile(f"读不到文件“{file}”：{reason(error)}。", "请检查文件是否存在、是否有读取权限。") from None
    except (ValueError, RecursionError):
        raise UnreadableFile(f"“{file.name}”不是草稿，也不是导出的目标表。", "JSON 文件只收已签字的草稿和 assistant export --to json 的结果。") from None
    first = tables[0] if tables else None
    unit, year = passages.document_scope(path, first.unit.name if first else None, first.year if first else None, first)
    content = {
        "tables": [table.model_dump(mode="json") for table in tables],
        "departments": [department.model_dump(mode="json")] if department else [],
    }
    text = "\n".join(f"{cell.label}\t{cell.text}" for table in tables for cell in table.cells() if cell.text)
    return Reading(path, hashlib.sha256(raw).hexdigest(), "json", "tables", Path(path).stem, content, text, unit, year)


def unsigned_draft_of(file: Path) -> Path | None:
    """The draft beside a form that was written from it, while nobody has signed it: its table is no past table yet."""
    draft = file.with_suffix(".json")
    if file == draft or not draft.is_file():
        return None
    try:
        value = json.loads(draft.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None
    return draft if isinstance(value, dict) and value.get("kind") == "draft" and value.get("status") != "signed" else None


def keep(records: Records, layer: str, reading: Reading, *, added: str | None = None) -> int:
    """Write a reading with all that is made from it; call inside a transaction. Gives the document's id."""
    document = records.put_document(
        layer=layer, path=reading.path, sha256=reading.sha256, format=reading.format, kind=reading.kind, title=reading.title,
        unit=reading.unit, county=county_of(reading.unit), year=reading.year, content=reading.content, original=reading.original, added=added,
    )  # fmt: skip
    derive(records, document, layer, reading.kind, reading.sha256, reading.unit, reading.year, reading.content)
    return document


def derive(records: Records, document: int, layer: str, kind: str, sha256: str, unit: str | None, year: int | None, content: dict[str, Any]) -> None:
    """Make the tables and passages of a stored document."""
    owner = f"{layer}:{sha256}"
    if kind == "policy":
        records.put_passages(document, passages.of_policy(owner, Policy.model_validate(content)))
        return
    if kind != "tables":
        return
    for ordinal, data in enumerate(content.get("tables") or ()):
        table = GoalTable.model_validate(data)
        scope = passages.Scope(table.unit.name or unit, county_of(table.unit.name or unit), table.year or year)
        table_id = f"{owner[:5]}{sha256[:10]}-{ordinal + 1}"
        project = table.project.name or table.title or ""
        records.put_table(
            document, ordinal, table_id, table.number, project, table.project.code, (scope.unit, scope.county, scope.year), table.model_dump_json()
        )
        records.put_passages(document, passages.of_table(table, table_id, scope))
    for ordinal, data in enumerate(content.get("departments") or ()):
        goals = DepartmentGoals.model_validate(data)
        office = goals.unit.name or unit
        scope = passages.Scope(office, county_of(office), goals.year or year)
        records.put_part(document, ordinal, scope.unit, scope.county, scope.year, goals.model_dump_json())
        records.put_passages(document, passages.of_department(goals, f"{owner}/{ordinal}", scope))


def _text_of(document: Any) -> str:
    lines: list[str] = []
    for block in document.blocks:
        if hasattr(block, "cells"):
            lines.extend("\t".join(cell.text for cell in block.row_cells(row)) for row in range(block.rows))
        else:
            lines.append(block.text)
    return "\n".join(lines)


_HEADING = re.compile(r"^\s*(?:第[一二三四五六七八九十百]+[条章节]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)])")


def _as_policy(document: Any, path: str) -> Policy:
    """A text without goal tables, cut at its headings and articles; long pieces are cut at paragraphs."""
    title, sections, heading, body = "", list[Section](), "", list[str]()

    def close() -> None:
        text = "\n".join(body).strip()
        if text:
            sections.append(Section(heading=heading, text=text))
        body.clear()

    for block in document.blocks:
        text = _text_of_block(block)
        if not text:
            continue
        if not title and len(text) <= 60 and not _HEADING.match(text):
            title = text
            continue
        level = getattr(block, "level", None)
        if (_HEADING.match(text) or level) and len(text) <= 40:
            close()
            heading = text
            continue
        if _HEADING.match(text) or sum(map(len, body)) > _PIECE:
            close()
        body.append(text)
    close()
    from assistant.chinese import document_numbers

    found = document_numbers(title + " " + " ".join(section.text for section in sections[:2]))
    name = Path(path.replace("!", "/")).stem
    return Policy(title=title or name, number=str(found[0]) if found else None, sections=tuple(sections), source=path)


def _text_of_block(block: Any) -> str:
    if hasattr(block, "cells"):
        return "\n".join("\t".join(cell.text.strip() for cell in block.row_cells(row)) for row in range(block.rows)).strip()
    return str(block.text).strip()
