"""Addresses of rows and cells, and how they move when a row comes, goes or changes its place.

A row is ``indicators[3]`` or ``goals[0]``; a cell of it ``indicators[3].value`` (a goal's cell is the row itself). A group is what is
accepted in one stroke: the cells of a row, the spending plan, the money, the head of the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from assistant.draft import Draft, OpenQuestion, Provenance
from assistant.findings import Finding

_ROW = re.compile(r"(indicators|goals)\[(\d+)\](?:\.(\w+))?")
Mover = Callable[[str], str | None]
Item = TypeVar("Item", Provenance, OpenQuestion)


def row_of(address: str) -> tuple[str, int, str | None] | None:
    """List name, index and cell name of an address within a row (``indicators``, 3, ``value``), or None for another address."""
    match = _ROW.fullmatch(address)
    return (match[1], int(match[2]), match[3]) if match else None


def is_row(address: str | None) -> bool:
    """Whether the address is an indicator row as a whole or a goal."""
    place = row_of(address or "")
    return place is not None and place[2] is None


def group_of(address: str) -> str:
    """The group a cell belongs to; cells of one group have equal names."""
    place = row_of(address)
    if place:
        return f"{place[0]}[{place[1]}]"
    if address.startswith("spending_plan"):
        return "spending_plan"
    if address.startswith("budget."):
        return "budget"
    return "head" if address.startswith(("unit.", "project.", "year")) else address


def leaving(name: str, at: int) -> Mover:
    """Where addresses go when row ``at`` of a list is taken out: None for those of the row itself."""

    def move(address: str) -> str | None:
        place = row_of(address)
        if not place or place[0] != name or place[1] < at:
            return address
        return None if place[1] == at else _at(name, place[1] - 1, place[2])

    return move


def coming(name: str, at: int) -> Mover:
    """Where addresses go when a row is put in before row ``at``."""

    def move(address: str) -> str | None:
        place = row_of(address)
        return _at(name, place[1] + 1, place[2]) if place and place[0] == name and place[1] >= at else address

    return move


def moving(name: str, at: int, to: int) -> Mover:
    """Where addresses go when row ``at`` of a list is moved to place ``to`` and those between close up."""

    def move(address: str) -> str | None:
        place = row_of(address)
        if not place or place[0] != name or not min(at, to) <= place[1] <= max(at, to):
            return address
        return _at(name, to if place[1] == at else place[1] + (1 if to < at else -1), place[2])

    return move


def moved(items: Iterable[Item], move: Mover) -> tuple[Item, ...]:
    """Provenance or questions at their new addresses, those of a row that left dropped."""
    found = []
    for item in items:
        address = move(item.cell)
        if address is not None:
            found.append(item if address == item.cell else item.model_copy(update={"cell": address}))
    return tuple(found)


def moved_findings(findings: Iterable[Finding], move: Mover) -> tuple[Finding, ...]:
    """Findings at their new addresses, those of a row that left dropped."""
    found = []
    for finding in findings:
        if finding.cell is None:
            found.append(finding)
            continue
        address = move(finding.cell)
        if address is not None:
            found.append(finding.model_copy(update={"cell": address}))
    return tuple(found)


def taken(items: Sequence[Item], chosen: Callable[[str], bool]) -> list[list[Any]]:
    """The chosen items with their places, as JSON, for putting back later."""
    return [[i, item.model_dump(mode="json")] for i, item in enumerate(items) if chosen(item.cell)]


def put_back(items: Sequence[Item], kept: Iterable[Sequence[Any]], of: type[Item]) -> tuple[Item, ...]:
    """The items with the kept ones at the places where they stood."""
    found = list(items)
    for place, raw in kept:
        found.insert(int(place), of.model_validate(raw))
    return tuple(found)


def move_beside(draft: Draft, move: Mover) -> dict[str, Any]:
    """What stands beside a draft's table (provenance, questions, findings) at its new addresses, for ``model_copy``."""
    return {
        "provenance": moved(draft.provenance, move),
        "open_questions": moved(draft.open_questions, move),
        "findings": moved_findings(draft.findings, move),
    }


def _at(name: str, index: int, part: str | None) -> str:
    return f"{name}[{index}]" + (f".{part}" if part else "")
