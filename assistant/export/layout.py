"""A goal table laid out as its printed form: blocks of rows of cells with real spans, the same for every format that draws it.

``lay_out`` turns a GoalTable into a ``PrintedForm``: heading, header block, indicator block. Writers only draw; what stands in which
cell, what is merged and what is marked open is decided here once. Texts come out clean (``characters``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from assistant import taxonomy
from assistant.chinese import tidy
from assistant.export.characters import clean, clean_name
from assistant.export.forms import GOALS, PLAN, WIDTH, Form, Slot, form_of
from assistant.table import GoalTable, Indicator, PlanNode

Kind = Literal["label", "center", "left", "unit", "note"]


@dataclass(slots=True, frozen=True)
class FormCell:
    """A cell from ``left`` to ``right`` (thousandths of the form's width) over ``rows`` rows; ``rows`` 0 = covered by the cell above.

    ``number`` is the amount behind a money cell; ``address`` the cell's address in GoalTable, None for labels.
    """

    text: str
    left: int
    right: int
    rows: int = 1
    kind: Kind = "center"
    address: str | None = None
    number: Decimal | None = None
    waiting: bool = False

    @property
    def open(self) -> bool:
        """True where somebody still has to give a figure: 待核实 is written there, or the cell is blank and waits for one."""
        return self.waiting or taxonomy.OPEN_VALUE in self.text


@dataclass(slots=True, frozen=True)
class FormBlock:
    """Rows of cells; the first ``head`` rows are repeated on every page. ``edges`` are the column borders, from 0 to WIDTH."""

    rows: tuple[tuple[FormCell, ...], ...]
    head: int
    edges: tuple[int, ...]

    def columns(self, cell: FormCell) -> tuple[int, int]:
        """First column and number of columns of a cell."""
        first = self.edges.index(cell.left)
        return first, self.edges.index(cell.right) - first


@dataclass(slots=True, frozen=True)
class PrintedForm:
    """One form ready to draw. ``year`` is the line under the heading (empty when the document's cover carries the year)."""

    heading: str
    year: str
    header: FormBlock
    indicators: FormBlock
    table: GoalTable

    @property
    def blocks(self) -> tuple[FormBlock, FormBlock]:
        """The header block and the indicator block."""
        return self.header, self.indicators


def lay_out(table: GoalTable, *, with_year: bool = True, waiting: Collection[str] = ()) -> PrintedForm:
    """The printed form of a table; blank cells whose address is in ``waiting`` are marked open."""
    form = form_of(table.form)
    year = year_line(table) if with_year else ""
    header, indicators = (_marked(block, waiting) for block in (_header(table, form), _indicators(table, form)))
    return PrintedForm(heading_of(table), year, header, indicators, table)


def _marked(block: FormBlock, waiting: Collection[str]) -> FormBlock:
    # One question asks for the whole of a spending plan.
    plan = any(address.startswith("spending_plan") for address in waiting)
    if not waiting:
        return block

    def open_here(cell: FormCell) -> bool:
        address = cell.address or ""
        return not cell.text and (address in waiting or (plan and address.startswith("spending_plan")))

    rows = tuple(tuple(replace(cell, waiting=True) if open_here(cell) else cell for cell in row) for row in block.rows)
    return FormBlock(rows, block.head, block.edges)


def year_line(table: GoalTable) -> str:
    """（2025年度）, the line under a heading; empty when the year is not known."""
    return f"（{table.year}年度）" if table.year else ""


def heading_of(table: GoalTable) -> str:
    """``1.项目名绩效目标表``: the number, a dot, the title (made from the project's name when the table has none)."""
    title = clean_name(table.title or "") or clean_name(table.project.name or "") + "绩效目标表"
    return f"{table.number}.{title}" if table.number else title


def goal_lines(goals: Sequence[str]) -> list[str]:
    """The goals as printed: each on one line of its own with its number (a second line would read as another goal)."""
    return [f"{i}.{tidy(clean(goal))}" for i, goal in enumerate(goals, start=1)]


def level_runs(rows: Sequence[Indicator], part: str) -> list[int]:
    """For each row how many rows its level cell reaches down: n for the first of n equal ones, 0 for those it covers.

    Level 2 merges only inside one level 1; blank cells are never merged.
    """
    spans = [1] * len(rows)
    first = 0
    for i in range(1, len(rows)):
        same = getattr(rows[i], part) == getattr(rows[first], part) != "" and (part == "level1" or rows[i].level1 == rows[first].level1)
        if same:
            spans[first] += 1
            spans[i] = 0
        else:
            first = i
    return spans


def _header(table: GoalTable, form: Form) -> FormBlock:
    rows: list[tuple[FormCell, ...]] = [_unit_row(table)]
    printed: set[str] = {"unit.code", "unit.name", "year", "project.name", "project.code", "budget.total", "budget.fiscal", "budget.other"}
    printed |= {slot.field for row in form.header if not isinstance(row, str) for slot in row if slot.field}
    below: list[tuple[int, int, int]] = []
    for row in form.header:
        if row == GOALS:
            rows.append(_wide_row(form, form.goals_label, "\n".join(goal_lines(table.goals)), "goals"))
        elif row == PLAN:
            if table.spending_plan or form.label_width:
                rows.extend(_plan_rows(table.spending_plan or _EMPTY_PLAN, form))
        elif not isinstance(row, str):
            rows.append(tuple(_slots(row, table, below)))
    if PLAN not in form.header and table.spending_plan:
        rows.extend(_plan_rows(table.spending_plan, form))
    if "purpose" not in printed and table.purpose:
        rows.append(_wide_row(form, "资金用途", clean(table.purpose), "purpose"))
    for label, text in table.extra.items():
        if f"extra:{label}" not in printed and text:
            rows.append(_wide_row(form, clean_name(label), clean(text), None))
    return FormBlock(tuple(rows), 1, _edges(rows))


_EMPTY_PLAN = tuple(PlanNode(by=by) for by in ("3月底", "6月底", "10月底", "12月底"))


def _unit_row(table: GoalTable) -> tuple[FormCell, ...]:
    owner = clean_name(f"{table.unit.code or ''}{table.unit.name or ''}")
    if owner == "待核实":
        # Without its label nobody, man or program, could tell what is still open here.
        owner = "预算单位：待核实"
    return (FormCell(owner, 0, 720, kind="unit", address="unit.name"), FormCell(f"单位：{table.money_unit}", 720, WIDTH, kind="note"))


def _slots(row: Sequence[Slot], table: GoalTable, below: list[tuple[int, int, int]]) -> Iterator[FormCell]:
    """The cells of a header row; ``below`` carries the extents that cells of earlier rows still cover, with the rows left."""
    left = 0
    covered = {start: (end, rows) for start, end, rows in below}
    below.clear()
    for slot in row:
        while left in covered:
            end, rows = covered[left]
            yield FormCell("", left, end, rows=0, kind="label")
            if rows > 1:
                below.append((left, end, rows - 1))
            left = end
        right = left + slot.width
        if slot.rows > 1:
            below.append((left, right, slot.rows - 1))
        if slot.field is None:
            yield FormCell(slot.text, left, right, slot.rows, "label")
        else:
            yield _field_cell(slot.field, table, left, right, slot.rows)
        left = right


def _field_cell(field: str, table: GoalTable, left: int, right: int, rows: int) -> FormCell:
    if field.startswith("extra:"):
        return FormCell(clean(table.extra.get(field[6:], "")), left, right, rows, "left")
    number = getattr(table.budget, field[7:]) if field.startswith("budget.") else None
    kind: Kind = "left" if field in ("purpose", "project.name") else "center"
    return FormCell(clean(table.text(field)), left, right, rows, kind, field, number)


def _wide_row(form: Form, label: str, text: str, address: str | None) -> tuple[FormCell, ...]:
    width = form.label_width
    return (FormCell(label, 0, width, kind="label"), FormCell(text, width, WIDTH, kind="left", address=address))


def _plan_rows(plan: Sequence[PlanNode], form: Form) -> list[tuple[FormCell, ...]]:
    label, rest = form.label_width, WIDTH - form.label_width
    ends = [label + rest * i // len(plan) for i in range(len(plan) + 1)]
    top = [FormCell(form.plan_label, 0, label, 2, "label")]
    bottom = [FormCell("", 0, label, 0, "label")]
    for i, node in enumerate(plan):
        top.append(FormCell(clean_name(node.by), ends[i], ends[i + 1], kind="label"))
        percent = "" if node.percent is None else f"{node.percent:f}%"
        bottom.append(FormCell(percent, ends[i], ends[i + 1], address=f"spending_plan[{i}].percent"))
    return [tuple(top), tuple(bottom)]


def _indicators(table: GoalTable, form: Form) -> FormBlock:
    columns = [(column.part, column.label, column.width) for column in form.columns]
    columns += _columns_beyond(table, form)
    total = sum(width for _, _, width in columns)
    ends = [0]
    for _, _, width in columns:
        ends.append(ends[-1] + width)
    ends = [end * WIDTH // total for end in ends]
    rows = [tuple(FormCell(label, ends[k], ends[k + 1], kind="label") for k, (_, label, _) in enumerate(columns))]
    runs = {part: level_runs(table.indicators, part) for part in ("level1", "level2")}
    split = any(part == "number" for part, _, _ in columns)
    for i, row in enumerate(table.indicators):
        cells = []
        for k, (part, _, _) in enumerate(columns):
            span = runs[part][i] if part in runs else 1
            kind: Kind = "left" if part in ("level3", "description") or part.startswith("extra:") else "center"
            address = None if part.startswith("extra:") else f"indicators[{i}].{'value' if part in ('comparator', 'number', 'unit') else part}"
            cells.append(FormCell(clean(_part(row, part, split)) if span else "", ends[k], ends[k + 1], span, kind, address))
        rows.append(tuple(cells))
    return FormBlock(tuple(rows), 1, tuple(ends))


def _columns_beyond(table: GoalTable, form: Form) -> list[tuple[str, str, int]]:
    """Columns for what the rows hold and the form has no column for."""
    parts = {column.part for column in form.columns}
    labels: dict[str, str] = {}
    for row in table.indicators:
        if row.description and "description" not in parts:
            labels.setdefault("description", "绩效指标描述")
        if row.basis and "basis" not in parts:
            labels.setdefault("basis", "指标值确定依据")
        for key, text in row.extra.items():
            if text and f"extra:{key}" not in parts:
                labels.setdefault(f"extra:{key}", clean_name(key))
    return [(part, label, 110 if part.startswith("extra:") else 200) for part, label in labels.items()]


def _part(row: Indicator, part: str, split: bool) -> str:
    if part.startswith("extra:"):
        return row.extra.get(part[6:], "")
    if part == "value" or not split or part not in ("comparator", "number", "unit"):
        found = getattr(row, part)
        return found.text if part == "value" else found or ""
    target = row.value
    # A value is parted only where its parts joined give back what was written; 90%以上 stays whole in the middle column.
    whole = target.number is None or f"{target.comparator or ''}{target.number:f}{target.unit or ''}" != target.text
    if whole:
        return target.text if part == "number" else ""
    return {"comparator": target.comparator or "", "number": f"{target.number:f}", "unit": target.unit or ""}[part]


def _edges(rows: Sequence[Sequence[FormCell]]) -> tuple[int, ...]:
    return tuple(sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)}))
