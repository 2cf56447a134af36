"""Applying the mends that rules propose: safe ones unasked, unsafe ones only when wanted, until nothing more can be mended.

A mend changes the text of one cell. In every round each cell is changed once at most; the table is then judged again, because a mend may
settle (or show) something else. A mend that was made before, or that a cell cannot hold, is not made again, so this always ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from assistant.errors import InputError
from assistant.findings import Outcome, TableRef
from assistant.table import DepartmentGoals, GoalTable
from assistant.validation import RULES
from assistant.validation.context import FileContext
from assistant.validation.engine import chosen, run

_ROUNDS = 200


class Change(NamedTuple):
    """One cell mended: which table (place among those given), which cell, by which rule, from what to what."""

    table: int
    cell: str
    code: str
    safe: bool
    before: str
    after: str


def fix(
    tables: Sequence[GoalTable],
    *,
    unsafe: bool = False,
    department: DepartmentGoals | None = None,
    previous: Sequence[GoalTable] = (),
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> tuple[list[GoalTable], list[Change]]:
    """The tables with every safe mend made (the unsafe ones too when ``unsafe``), and the changes in the order they were made."""
    rules = chosen(RULES, select, ignore)
    mended = list(tables)
    changes: list[Change] = []
    made: set[tuple[int, str, str]] = set()
    for _ in range(_ROUNDS):
        before = len(changes)
        touched: set[tuple[int, str]] = set()
        for index, finding in run(rules, FileContext(mended, department=department, previous=previous)):
            mend, cell = finding.fix, finding.cell
            if index is None or mend is None or cell is None or finding.outcome is not Outcome.FAILED or not (mend.safe or unsafe):
                continue
            if any((index, where) in touched for where in (cell, *mend.also)) or (index, cell, mend.to) in made:
                continue
            for where, to in ((cell, mend.to), *mend.also.items()):
                change = _made(mended, Change(index, where, finding.code, mend.safe, "", to))
                if change is not None:
                    changes.append(change)
                touched.add((index, where))
            made.add((index, cell, mend.to))
        if len(changes) == before:
            break
    return mended, changes


def _made(tables: list[GoalTable], wanted: Change) -> Change | None:
    table = tables[wanted.table]
    try:
        before = table.text(wanted.cell)
        if before == wanted.after:
            return None
        tables[wanted.table] = table.with_text(wanted.cell, wanted.after)
    except (KeyError, InputError):
        return None
    return wanted._replace(before=before)


def difference(tables: Sequence[GoalTable], changes: Iterable[Change]) -> str:
    """The changes as a diff a person reads: project, cell, rule, old and new text."""
    lines: list[str] = []
    shown: int | None = None
    places = [{cell.address: (i, cell.label) for i, cell in enumerate(table.cells())} for table in tables]
    # In the order of the form, not of the rules.
    for change in sorted(changes, key=lambda each: (each.table, places[each.table].get(each.cell, (len(places[each.table]), ""))[0])):
        table = tables[change.table]
        if change.table != shown:
            lines.append(f"@@ {TableRef.of(table)}")
            shown = change.table
        label = places[change.table].get(change.cell, (0, change.cell))[1]
        lines.append(f"  {label}（{change.cell}）{change.code} {'安全' if change.safe else '不安全，请核对'}")
        lines.append(f"- {change.before or '（空）'}")
        lines.append(f"+ {change.after}")
    return "\n".join(lines)
