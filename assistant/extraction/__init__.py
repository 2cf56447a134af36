"""Extraction: a Document becomes goal tables, department goals and a reading report.

``extract(document)`` reads any form by its labels (``labels`` holds them as data): paragraphs and grids go through one ``walk``, which
hands header rows to ``header``, indicator blocks to ``columns`` and ``indicators``, flat lists to ``listing``, and gathers each table
in a ``building.Builder``. Part 1 of a department's text is read by ``department``, text that lost its tables by ``running``, lists of
next year's projects by ``projects``. ``accounting`` looks at the end whether every cell went somewhere: nothing that looks like a goal
table is left out without a line in the report.
"""

from __future__ import annotations

import re
from pathlib import Path

from assistant.documents import Document, Paragraph
from assistant.documents.readers import Member, read
from assistant.extraction.accounting import unaccounted
from assistant.extraction.building import Builder
from assistant.extraction.department import departments
from assistant.extraction.doubts import doubtful, slips
from assistant.extraction.overall import department_of, is_overall
from assistant.extraction.report import Extraction, ReadingReport, Unread
from assistant.extraction.titles import project_of
from assistant.extraction.walk import Walk
from assistant.extraction.wording import year_in
from assistant.table import DepartmentGoals, GoalTable

__all__ = ["Extraction", "ReadingReport", "Unread", "extract", "extract_file"]


def extract_file(path: Path | Member, *, original: bool = False, password: str | None = None) -> Extraction:
    """``extract`` of a file; what a pool of processes runs. Raises what ``documents.readers.read`` raises."""
    return extract(read(path, original=original, password=password))


def extract(document: Document) -> Extraction:
    """Every goal table and department goal of a document, with where each cell stands and what was not read."""
    walk = Walk(document).run()
    report, builders = walk.report, walk.builders
    if not any(builder.indicators for builder in builders):
        # Its patterns take a tenth of a second to make, and few documents need them.
        from assistant.extraction.running import read_running

        builders = read_running(document, report) or builders
    kept = [builder for builder in builders if _whole(builder, report)]
    tables: list[GoalTable] = []
    places = []
    parts = [*departments(document.blocks), *(duties.department() for duties in walk.duties)]
    for builder in kept:
        if is_overall(builder):
            parts.append(department_of(builder, report))
            continue
        builder.project_name = builder.project_name or (project_of(builder.title) if builder.title else None) or builder.sheet
        tables.append(builder.build())
        places.append(builder.places)
        report.unread.extend(Unread(f"{builder.name}{place}", why) for place, why in builder.unread)
        report.warnings.extend(builder.warnings)
    report.warnings.extend(doubtful(document))
    report.warnings.extend(slips(tables))
    report.unread.extend(unaccounted(walk.read_grids, kept, report))
    report.tables_read = len(tables)
    tables = _with_year_of_name(tables, document, report)
    parts = [_with_office(part, tables if len(parts) == 1 else []) for part in parts]
    found = tuple(parts)
    return Extraction(
        document.source, found[0] if found else None, tuple(tables), tuple(places), report, found, not tables and not found and _is_policy(document)
    )


def _with_year_of_name(tables: list[GoalTable], document: Document, report: ReadingReport) -> list[GoalTable]:
    """The year of the file's name for tables that do not say theirs."""
    name = re.split(r"[/\\!]", document.source.path)[-1]
    found = re.search(r"(?<!\d)(20\d{2})(?=\s*年|[\s_\-—.部预绩]|$)", name)
    if found is None:
        tables = [_with_year_of_title(table) for table in tables]
        if any(table.year is None for table in tables):
            report.warnings.append("没有写明年度，文件名里也没有，年度留空。")
        return tables
    year = int(found[1])
    if other := sorted({table.year for table in tables if table.year not in (None, year)}, key=str):
        report.warnings.append(f"文件名写的是{year}年，表里写的是{'、'.join(map(str, other))}年，以表为准。")
    return [table if table.year is not None else table.model_copy(update={"year": year}) for table in tables]


def _with_year_of_title(table: GoalTable) -> GoalTable:
    year = None if table.year is not None else year_in(table.title or "") or year_in(" ".join(node.by for node in table.spending_plan))
    return table if year is None else table.model_copy(update={"year": year})


def _with_office(part: DepartmentGoals, tables: list[GoalTable]) -> DepartmentGoals:
    """Part 1 with the office and year of the tables of the same text where it does not name its own."""
    changes: dict[str, object] = {}
    units = {table.unit for table in tables if table.unit.name}
    if len(units) == 1 and part.unit.name in (None, next(iter(units)).name):
        changes["unit"] = next(iter(units))
    years = {table.year for table in tables if table.year}
    if part.year is None and len(years) == 1:
        changes["year"] = years.pop()
    return part.model_copy(update=changes) if changes else part


def _whole(builder: Builder, report: ReadingReport) -> bool:
    """Whether a builder became a table; one without indicators is reported, one without anything is dropped."""
    if builder.indicators:
        return True
    if not builder.extra and (builder.empty or not (builder.project_name or builder.goals)):
        return False
    report.unread.append(Unread(f"{builder.name}{builder.start}", "没有找到绩效指标部分"))
    return True


def _is_policy(document: Document) -> bool:
    """Whether a document without tables reads like a policy text: a document number and articles or a notice."""
    text = "\n".join(block.text for block in document.blocks[:200] if isinstance(block, Paragraph))
    return bool(re.search(r"[〔\[【（(]\s*20\d\d\s*[〕\]】）)]\s*\d+\s*号", text) and re.search(r"第[一二三四五六七八九十]+条|通知|办法|意见|规定|指引", text))
