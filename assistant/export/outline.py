"""The running order of a document: cover, part 1 (部门整体绩效目标), part 2 (one form a project), the same for every format.

``outline`` gives the paragraphs of part 1 with their level, ``Whole`` what stands on the cover; the forms themselves are ``layout``'s.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assistant.chinese import han_number
from assistant.export.characters import clean, clean_name
from assistant.export.layout import PrintedForm, lay_out
from assistant.table import DepartmentGoals, GoalTable, Measure

PART_ONE = "第一部分 部门整体绩效目标"
PART_TWO = "第二部分 预算项目绩效目标"


class Line(NamedTuple):
    """A paragraph of part 1: ``level`` 2 for 一、, 3 for （一）, 0 for running text; ``lead`` is the part of running text that is set off."""

    text: str
    level: int = 0
    lead: str = ""


@dataclass(slots=True, frozen=True)
class Whole:
    """Everything a document prints. ``cover`` is empty for loose forms, else the owner's name and the title."""

    cover: tuple[str, ...]
    lines: tuple[Line, ...]
    forms: tuple[PrintedForm, ...]

    @property
    def title(self) -> str:
        """A one-line name of the document."""
        if self.cover:
            return "".join(self.cover)
        return self.forms[0].heading if self.forms else "绩效目标表"


def outline(
    tables: Sequence[GoalTable],
    department: DepartmentGoals | None = None,
    title: str | None = None,
    waiting: Sequence[Collection[str]] = (),
) -> Whole:
    """Put a document together. With a department or a title it gets a cover and (in Word) a table of contents; loose forms carry the
    year under their headings instead. Several forms are numbered (``numbered``). ``waiting`` holds for each table the open cells."""
    cover = _cover(tables, department, title)
    counted = numbered(tables) if len(tables) > 1 or cover else tables
    forms = tuple(
        lay_out(table, with_year=not _cover_tells_year(cover, table), waiting=waiting[i] if i < len(waiting) else ()) for i, table in enumerate(counted)
    )
    return Whole(cover, tuple(part_one(department)) if department else (), forms)


def numbered(tables: Sequence[GoalTable]) -> list[GoalTable]:
    """The tables with a number each: their own where all have one and no two the same, else counted in this order."""
    numbers = [table.number for table in tables]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return list(tables)
    return [table.model_copy(update={"number": i}) for i, table in enumerate(tables, start=1)]


def _cover(tables: Sequence[GoalTable], department: DepartmentGoals | None, title: str | None) -> tuple[str, ...]:
    if department is None and not title:
        return ()
    owners = [department.unit.name if department else None, *(table.unit.name for table in tables)]
    years = [department.year if department else None, *(table.year for table in tables)]
    owner = next((clean_name(name) for name in owners if name), "")
    year = next((year for year in years if year), None)
    name = clean_name(title) if title else f"{f'{year}年' if year else ''}部门预算绩效文本"
    if owner and name.startswith(owner) and name != owner:
        # A long title breaks after the owner's name, not where the line happens to be full.
        name = name.removeprefix(owner)
    return (owner, name) if owner and owner not in name else (name,)


def _cover_tells_year(cover: Sequence[str], table: GoalTable) -> bool:
    return any(f"{table.year}年" in line for line in cover)


def part_one(department: DepartmentGoals) -> list[Line]:
    """The paragraphs of 部门整体绩效目标 in the order and numbering of the Hebei text."""
    lines: list[Line] = []
    heads = 0

    def head(text: str) -> None:
        nonlocal heads
        heads += 1
        lines.append(Line(f"{han_number(heads)}、{text}", 2))

    if department.overall_goal:
        head("总体绩效目标")
        lines += [Line(text) for text in clean(department.overall_goal).split("\n")]
    if department.items:
        head("分项绩效目标")
    for i, item in enumerate(department.items, start=1):
        lines.append(Line(f"（{han_number(i)}）{clean_name(item.title)}", 3))
        if item.goal:
            lines.append(Line(f"绩效目标：{clean_name(item.goal)}", lead="绩效目标："))
        if item.indicators:
            lines.append(Line(f"绩效指标：{clean_name(item.indicators)}", lead="绩效指标："))
    if department.measures:
        head("工作保障措施")
    for i, measure in enumerate(department.measures, start=1):
        text = f"（{han_number(i)}）{measure_line(measure)}"
        lines.append(Line(text, lead=text[: len(text) - len(clean_name(measure.text))]))
    return lines


def measure_line(measure: Measure) -> str:
    """A measure in one line: its title, a full stop unless the title ends with a sign of its own, its text."""
    name = clean_name(measure.title)
    return f"{name}{'' if name.endswith(('。', '；', '：')) else '。'}{clean_name(measure.text)}"
