"""Passages: what can be found and cited. Goal tables, part 1 of department texts, policies, library and glossary cut into pieces,
each knowing document, project and cell.

A row's passage carries its project's name and use of funds as ``context``: rows read alone look alike in every table. ``vector`` tells
which passages stand in the vector index too: one per table, policy section, part-1 entry, library type and glossary term; rows are
found by words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assistant.chinese import document_numbers, without_document_numbers
from assistant.corpus.policies import Policy
from assistant.library import LibraryRow, ProjectType, Term
from assistant.table import DepartmentGoals, GoalTable

PassageKind = Literal["table", "row", "goal", "policy", "library", "glossary"]
KIND_LABELS: dict[str, str] = {"table": "目标表", "row": "指标", "goal": "部门目标", "policy": "政策", "library": "指标库", "glossary": "术语"}


@dataclass(frozen=True, slots=True)
class Passage:
    """One findable piece: ``text`` is what it says, ``context`` what it belongs to (searched, not shown as its words), ``cell`` the
    address or section, ``title`` the project, policy, type or term, ``table`` the id of the goal table it is part of."""

    id: str
    kind: PassageKind
    title: str
    text: str
    context: str = ""
    cell: str = ""
    source: str = ""
    layer: str = "bundled"
    unit: str | None = None
    county: str | None = None
    year: int | None = None
    table: str | None = None
    vector: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose and which year's a document's passages are."""

    unit: str | None = None
    county: str | None = None
    year: int | None = None


def own_name(project: str) -> str:
    """A project's name without document numbers: 冀财社【2024】163号 残疾人事业发展补助资金-康复 → 残疾人事业发展补助资金-康复."""
    return without_document_numbers(project)


def number_key(text: str) -> str:
    """The document numbers of a text as one key, empty when there are none (``冀财社|2024|163``)."""
    return ";".join(f"{number.prefix}|{number.year}|{number.number}" for number in document_numbers(text))


def of_table(table: GoalTable, table_id: str, scope: Scope) -> Iterator[Passage]:
    """A table's header as one passage with a vector, then one passage per indicator row."""
    project = table.project.name or table.title or f"第{table.number}张表"
    rows = [row_text(row.level2, row.level3, row.description, row.value.text, None) for row in table.indicators]
    head = [
        project,
        f"项目编码 {table.project.code}" if table.project.code else "",
        f"预算数 {table.budget.total:f}{table.money_unit}" if table.budget.total is not None else "",
        f"资金用途 {table.purpose}" if table.purpose else "",
        *(f"绩效目标 {goal}" for goal in table.goals),
        "支出计划 " + " ".join(f"{node.by}{node.percent:f}%" for node in table.spending_plan if node.percent is not None) if table.spending_plan else "",
    ]
    text = "；".join(part for part in head if part)
    around = " ".join((scope.unit or "", *rows))
    yield _made(table_id, "table", "table", project, text, around, "project.name", scope, table=table_id, vector=True)
    context = " ".join((scope.unit or "", project, table.purpose or "", *table.goals))
    for i, row in enumerate(table.indicators):
        text = row_text(row.level2, row.level3, row.description, row.value.text, row.basis)
        yield _made(table_id, f"indicators[{i}]", "row", project, text, context, f"indicators[{i}]", scope, table=table_id)


def row_text(level2: str, level3: str, description: str | None, value: str, basis: str | None) -> str:
    """An indicator row in one line; a description that repeats the name is not said twice."""
    parts = [level2, level3]
    if description and description != level3:
        parts.append(description)
    parts.append(value)
    if basis:
        parts.append(f"依据 {basis}")
    return " ".join(part for part in parts if part)


def of_department(goals: DepartmentGoals, document: str, scope: Scope) -> Iterator[Passage]:
    """Part 1: the overall goal, one passage per itemised goal and per measure."""
    if goals.overall_goal:
        yield _made(document, "overall_goal", "goal", "总体绩效目标", goals.overall_goal, scope.unit or "", "department.overall_goal", scope, vector=True)
    for i, item in enumerate(goals.items):
        text = "；".join(part for part in (item.title, item.goal, item.indicators) if part)
        yield _made(document, f"items[{i}]", "goal", item.title, text, scope.unit or "", f"department.items[{i}]", scope, vector=True)
    for i, measure in enumerate(goals.measures):
        text = f"{measure.title}。{measure.text}" if measure.text else measure.title
        yield _made(document, f"measures[{i}]", "goal", measure.title, text, scope.unit or "", f"department.measures[{i}]", scope, vector=True)


def of_policy(document: str, policy: Policy) -> Iterator[Passage]:
    """One passage per section of a policy digest; its number, other names and topics are its context."""
    title = policy.title
    context = " ".join(part for part in (title, policy.number or "", *policy.facts.values()) if part)
    for i, (heading, text) in enumerate((section.heading, section.text) for section in policy.sections):
        yield Passage(_id(document, f"section[{i}]"), "policy", title, f"{heading}\n{text}" if heading else text, context, heading, vector=True)


def of_library(kinds: Iterable[ProjectType], general: Iterable[LibraryRow]) -> Iterator[Passage]:
    """One passage per project type of the indicator library."""
    for kind in kinds:
        rows = "；".join(library_row_text(row) for row in kind.rows)
        text = f"{kind.name}：{rows}" + (f"。{kind.note}" if kind.note else "")
        yield Passage(_id("library", kind.code), "library", f"{kind.code} {kind.name}", text, " ".join((*kind.triggers, kind.served)), kind.code, vector=True)
    rows = "；".join(library_row_text(row) for row in general)
    if rows:
        yield Passage(_id("library", "general"), "library", "通用指标", rows, "任何项目", "通用", vector=True)


def library_row_text(row: LibraryRow) -> str:
    """A library row in one line: type, name, customary target."""
    target = f"{row.comparator}{row.customary if row.customary is not None else '…'}{row.unit}"
    return f"{row.level2} {row.name} {target}"


def of_glossary(terms: Iterable[Term]) -> Iterator[Passage]:
    """One passage per term."""
    for term in terms:
        names = "、".join((term.term, *term.aliases))
        yield Passage(_id("glossary", term.term), "glossary", term.term, f"{names}：{term.meaning}", term.category, term.term, vector=True)


def document_scope(path: str, unit: str | None, year: int | None, table: GoalTable | None = None) -> tuple[str | None, int | None]:
    """Unit and year of a document: from its tables, else from the file's name (``…联合会-2025年部门预算绩效文本``), else from a project code."""
    stem = re.split(r"[/\\!]", path)[-1].rsplit(".", 1)[0]
    if year is None and (match := re.search(r"(20\d{2})\s*年", stem) or re.search(r"(?<!\d)(20\d{2})(?!\d)", stem)):
        year = int(match[1])
    if year is None and table is not None and (match := re.match(r"\d{6}(\d{2})[A-Z]", table.project.code or "")):
        year = 2000 + int(match[1])
    if unit is None and (match := re.match(r"([一-鿿]{4,30}?(?:局|会|办|院|所|站|中心|委|部|校|园|政府|公司|队))(?=[-_－—\s（(]|20\d\d|$)", stem)):
        unit = match[1]
    return unit, year


def _made(
    owner: str,
    part: str,
    kind: PassageKind,
    title: str,
    text: str,
    context: str,
    cell: str,
    scope: Scope,
    *,
    table: str | None = None,
    vector: bool = False,
) -> Passage:
    return Passage(_id(owner, part), kind, title, text, context, cell, unit=scope.unit, county=scope.county, year=scope.year, table=table, vector=vector)


def _id(owner: str, part: str) -> str:
    return hashlib.blake2b(f"{owner}\x00{part}".encode(), digest_size=12).hexdigest()
