"""GoalTable → the official form as Word, Excel, Markdown, HTML, PDF, JSON; and what a changed file says.

``write`` makes a file, whole or not at all; ``differences`` compares what was meant with what is found in it (reading back is the
caller's, who may import ``extraction``). ``layout`` decides once what stands in which cell, the format modules only draw.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from assistant.errors import InputError
from assistant.export.differences import department_differences, differences
from assistant.table import DepartmentGoals, GoalTable

__all__ = ["FORMATS", "Format", "department_differences", "differences", "render", "write"]


class Format(NamedTuple):
    """An export format: file suffix, Chinese name, whether it can carry part 1 (部门整体绩效目标)."""

    suffix: str
    label: str
    whole: bool = True


FORMATS: dict[str, Format] = {
    "docx": Format(".docx", "Word"),
    "xlsx": Format(".xlsx", "Excel"),
    "md": Format(".md", "Markdown"),
    "html": Format(".html", "网页"),
    "pdf": Format(".pdf", "PDF"),
    "json": Format(".json", "JSON"),
    "csv": Format(".csv", "CSV 清单", whole=False),
}


def write(
    path: Path,
    tables: Sequence[GoalTable],
    *,
    department: DepartmentGoals | None = None,
    title: str | None = None,
    to: str = "docx",
    flat: bool = False,
    waiting: Sequence[Collection[str]] = (),
) -> None:
    """Write the tables to ``path`` in the format ``to`` (a key of FORMATS), replacing a file that is there only when all went well.

    ``flat`` (xlsx) writes one row for each indicator instead of a sheet for each project; csv is always flat. ``waiting`` holds for each
    table the addresses of cells that somebody still has to fill, marked in the form also where they are blank. InputError for an unknown
    format or nothing to write, WorkspaceError when the place cannot be written, AssistantError when a converter is missing.
    """
    from assistant import workspace

    workspace.write(path, render(tables, department=department, title=title, to=to, flat=flat, waiting=waiting))


def render(
    tables: Sequence[GoalTable],
    *,
    department: DepartmentGoals | None = None,
    title: str | None = None,
    to: str = "docx",
    flat: bool = False,
    waiting: Sequence[Collection[str]] = (),
) -> bytes:
    """The bytes of such a file."""
    from assistant.export.outline import outline

    if to not in FORMATS:
        raise InputError(f"没有导出格式“{to}”。", f"可用的格式：{'、'.join(FORMATS)}。")
    if not tables and department is None:
        raise InputError("没有可导出的绩效目标表。", "请给出至少一份草稿或含绩效目标表的文件。")
    if to == "json":
        from assistant.export.records import records

        return records(tables, department)
    if to == "csv" or (to == "xlsx" and flat):
        from assistant.export.excel import flat_csv, flat_excel

        return flat_csv(tables) if to == "csv" else flat_excel(tables)
    whole = outline(tables, department, title, waiting)
    if to == "docx":
        from assistant.export.word import word

        return word(whole)
    if to == "xlsx":
        from assistant.export.excel import excel

        return excel(whole)
    if to == "md":
        from assistant.export.markdown import markdown

        return markdown(whole)
    if to == "html":
        from assistant.export.html import html

        return html(whole)
    from assistant.export.pdf import pdf

    return pdf(whole)
