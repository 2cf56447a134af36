"""The sheet a drafter writes on: every cell with its origin, its change against last year, and what must be asked about it.

A cell cannot be written without saying where it comes from; at the end the sheet becomes a ``GoalTable``, one ``Provenance`` per cell
and the open questions in the order in which their answers change the table most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from assistant import taxonomy
from assistant.chinese import fold, likeness
from assistant.draft import Change, Dropped, OpenQuestion, Origin, Provenance, Source
from assistant.table import Budget, GoalTable, Indicator, PlanNode, Project, Unit
from assistant.target import Target

OPEN = taxonomy.OPEN_VALUE


class Ask(NamedTuple):
    """A question about a cell: the words, the key to answer with, and its weight (higher = its answer changes the table more)."""

    question: str
    known_as: str | None = None
    weight: int = 50


class Cell(NamedTuple):
    """What is written in a cell and why it is written."""

    text: str
    origin: Origin
    change: Change = "new"
    source: Source | None = None
    formula: str | None = None
    note: str | None = None
    previous: str | None = None
    ask: Ask | None = None

    def against(self, previous: str | None) -> Cell:
        """The same cell marked against last year's text of it: same, changed, or new where there was none."""
        if previous is None or not previous.strip():
            return self._replace(change="new")
        change: Change = "same" if fold(previous) == fold(self.text) else "changed"
        return self._replace(change=change, previous=previous)


def open_cell(ask: Ask, *, note: str | None = None, previous: str | None = None) -> Cell:
    """A cell nobody has given a value for: 待核实, with the question that would settle it."""
    return Cell(OPEN, "open", "new" if previous is None else "changed", note=note, previous=previous, ask=ask)


@dataclass(slots=True)
class Row:
    """One indicator row being written. ``kind`` (数量, 单价, 总成本, 质量 …) and ``component`` tell the goal text what it counts."""

    level2: str
    level3: Cell
    description: Cell
    value: Cell
    basis: Cell
    kind: str = ""
    component: int | None = None
    position: int | None = None
    unit: str = ""
    comparator: str = ""
    carried: bool = False

    @property
    def target(self) -> Target:
        """The value as a target."""
        return Target.parse(self.value.text)

    @property
    def is_open(self) -> bool:
        """Whether the value waits for an answer."""
        return self.value.origin == "open"


@dataclass(slots=True)
class Sheet:
    """The table being drafted."""

    frame: str = "2015"
    form: str = "hebei-2025"
    header: dict[str, Cell] = field(default_factory=dict)
    plan: list[tuple[str, Cell]] = field(default_factory=list)
    goals: list[Cell] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    title: str | None = None
    number: int | None = None
    extra_questions: list[tuple[str, Ask]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def named(self, level2: str | None = None) -> list[str]:
        """The names of the rows (of one level-2 type)."""
        return [row.level3.text for row in self.rows if level2 is None or row.level2 == level2]

    def add(self, row: Row, refused: Collection[str]) -> bool:
        """Write a row unless it is there already or the unit has refused it before."""
        name = fold(row.level3.text)
        if name in refused:
            self.notes.append(f"“{row.level3.text}”以前被本单位退回过，没有再列。")
            return False
        for other in self.rows:
            # C级危房改造 and D级危房改造 are named alike and are two uses.
            apart = None not in (other.component, row.component) and other.component != row.component
            if other.level2 == row.level2 and (fold(other.level3.text) == name or (not apart and likeness(other.level3.text, row.level3.text) > 0.9)):
                return False
        row.level2 = level2_of(row.level2, self.frame)
        self.rows.append(row)
        return True

    def sort(self) -> None:
        """Rows under the frame's own level-2 names and in its order, otherwise as they were added."""
        for row in self.rows:
            row.level2 = level2_of(row.level2, self.frame)
        order = {name: index for index, name in enumerate(level2 for types in taxonomy.FRAMES[self.frame].values() for level2 in types)}
        self.rows.sort(key=lambda row: order.get(row.level2, 99))

    def table(self) -> GoalTable:
        """The goal table as written so far."""
        head = {address: cell.text for address, cell in self.header.items()}
        levels = {level2: level1 for level1, types in taxonomy.FRAMES[self.frame].items() for level2 in types}
        return GoalTable(
            number=self.number,
            title=self.title,
            year=int(head["year"]) if head.get("year") else None,
            unit=Unit(code=head.get("unit.code") or None, name=head.get("unit.name") or None),
            project=Project(code=head.get("project.code") or None, name=head.get("project.name") or None),
            budget=Budget(total=_number(head.get("budget.total")), fiscal=_number(head.get("budget.fiscal")), other=_number(head.get("budget.other"))),
            purpose=head.get("purpose") or None,
            spending_plan=tuple(PlanNode(by=by, percent=_number(cell.text)) for by, cell in self.plan),
            goals=tuple(cell.text for cell in self.goals),
            indicators=tuple(
                Indicator(
                    level1=levels.get(row.level2, ""),
                    level2=row.level2,
                    level3=row.level3.text,
                    description=row.description.text,
                    value=Target.parse(row.value.text),
                    basis=row.basis.text or None,
                )
                for row in self.rows
            ),
            form=self.form,
            frame=self.frame,
        )

    def provenance(self) -> tuple[Provenance, ...]:
        """One entry for every cell of the table, in the order of the form."""
        return tuple(
            Provenance(cell=address, origin=cell.origin, change=cell.change, source=cell.source, formula=cell.formula, note=cell.note, previous=cell.previous)
            for address, cell in self._cells()
        )

    def questions(self) -> tuple[OpenQuestion, ...]:
        """The open questions, those that change the table most first, each answer asked for once."""
        asked = [(ask, address) for address, cell in self._cells() if (ask := cell.ask) is not None]
        asked += [(ask, address) for address, ask in self.extra_questions]
        ordered: dict[str, OpenQuestion] = {}
        for ask, address in sorted(asked, key=lambda pair: -pair[0].weight):
            ordered.setdefault(ask.known_as or ask.question, OpenQuestion(cell=address, question=ask.question, known_as=ask.known_as))
        return tuple(ordered.values())

    def _cells(self) -> Iterator[tuple[str, Cell]]:
        blank = Cell("", "open")
        levels = {level2: level1 for level1, types in taxonomy.FRAMES[self.frame].items() for level2 in types}
        for cell in self.table().cells():
            if not cell.address.startswith(("spending_plan", "goals", "indicators")):
                yield cell.address, self.header.get(cell.address, blank)
        for i, (_, plan_cell) in enumerate(self.plan):
            yield f"spending_plan[{i}].percent", plan_cell
        for i, goal_cell in enumerate(self.goals):
            yield f"goals[{i}]", goal_cell
        for i, row in enumerate(self.rows):
            frame = Source(cell=f"{self.frame}版指标框架", text=row.level2)
            change: Change = "same" if row.carried else "new"
            origin: Origin = "carried" if row.carried else "policy"
            note = None if row.carried else FRAME_BASIS[self.frame]
            yield f"indicators[{i}].level1", Cell(levels.get(row.level2, ""), origin, change, source=frame, note=note)
            yield f"indicators[{i}].level2", Cell(row.level2, origin, change, source=frame, note=note)
            for part in ("level3", "description", "value", "basis"):
                yield f"indicators[{i}].{part}", getattr(row, part)


def level2_of(level2: str, frame: str) -> str:
    """The name a level-2 type has in a frame: 成本指标 is 经济成本指标 in 2021; social and ecological costs are benefits in 2015."""
    known = {name for types in taxonomy.FRAMES[frame].values() for name in types}
    if level2 in known:
        return level2
    other = {"成本指标": "经济成本指标", "经济成本指标": "成本指标", "社会成本指标": "社会效益指标", "生态环境成本指标": "生态效益指标"}.get(level2, level2)
    return other if other in known else "社会效益指标"


FRAME_BASIS = {"2015": "财预〔2015〕88号的指标框架", "2021": "财预〔2021〕101号的指标框架"}


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text and text != OPEN else None
