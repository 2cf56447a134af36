"""A draft written over last year's Word file as Word revisions: cell by cell, with inserted and deleted rows and whole tables.

Accepting all gives the draft, rejecting all gives last year's file. Where each cell stands in the old file is told by the caller (its
reading found it); how the revisions are made is ``revisions``', the indicator rows are ``tracked_rows``'.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from assistant.chinese import fold
from assistant.documents.model import Locator
from assistant.export.characters import clean, clean_name
from assistant.export.layout import goal_lines, heading_of
from assistant.export.revisions import Reviser
from assistant.export.tracked_rows import CannotTrack, TrackedRows, replaced
from assistant.table import GoalTable

_FIELDS = ("unit.code", "unit.name", "project.code", "project.name", "budget.total", "budget.fiscal", "budget.other", "purpose")


@dataclass(slots=True)
class OldTable:
    """A table of the old file: as read, and the element (cell or paragraph) of each address."""

    table: GoalTable
    elements: dict[str, etree._Element] = field(default_factory=dict)

    @classmethod
    def of(cls, table: GoalTable, places: dict[str, Locator], elements: dict[Locator, etree._Element]) -> OldTable:
        """From what reading and opening the file gave."""
        return cls(table, {address: elements[place] for address, place in places.items() if place in elements})


def resolved_title(old: GoalTable, new: GoalTable) -> str | None:
    """The title the new table has in the old file: its own, or the old one with the project's new name in it; a form's own name stays."""
    name = old.project.name or ""
    if not old.title or not name or fold(name) not in fold(old.title):
        return old.title
    return heading_of(new.model_copy(update={"number": None})) if new.title or new.project.name else old.title


def as_in(old: GoalTable, new: GoalTable) -> GoalTable:
    """The new table as the old file will say it: with the old table's number, and the title it can carry."""
    return new.model_copy(update={"number": old.number, "title": resolved_title(old, new)})


def write_changes(reviser: Reviser, old: OldTable, new: GoalTable, *, whole_rows: bool = False) -> None:
    """Make the revisions that turn one old table into the new one.

    ``whole_rows`` replaces all indicator rows instead of changing them one by one. CannotTrack where the old table has no place for
    something the new one says.
    """
    _write_header(reviser, old, new)
    _write_goals(reviser, old, new)
    TrackedRows(reviser, old.elements, old.table.indicators, new.indicators).write(whole=whole_rows)


# -- header block -------------------------------------------------------------------------------------------------------------------


def _write_header(reviser: Reviser, old: OldTable, new: GoalTable) -> None:
    pending = _Pending(reviser)
    for address in _FIELDS:
        pending.change(old, address, old.table.text(address), clean(new.text(address)))
    _write_plan(reviser, pending, old, new)
    if old.table.title:
        pending.change(old, "title", old.table.title, resolved_title(old.table, new) or "")
    if old.table.year and new.year and old.table.year != new.year:
        pending.change(old, "year", str(old.table.year), str(new.year), needed=False)
    pending.write()


def _write_plan(reviser: Reviser, pending: _Pending, old: OldTable, new: GoalTable) -> None:
    before, after = old.table.spending_plan, new.spending_plan
    if not before:
        for node in after:
            if node.percent is not None:
                pending.set(_blank_below(reviser, old, node.by), f"{node.percent:f}%")
        return
    dates = {fold(node.by): node for node in after}
    in_place = len(before) == len(after) and not all(fold(node.by) in dates for node in before)
    if not in_place and any(fold(node.by) not in {fold(other.by) for other in before} and node.percent is not None for node in after):
        raise CannotTrack(f"上年表的资金支出计划有 {len(before)} 个时点，草稿有 {len(after)} 个")
    for i, node in enumerate(before):
        now = after[i] if in_place else dates.get(fold(node.by))
        was_text = "" if node.percent is None else f"{node.percent:f}"
        now_text = "" if now is None or now.percent is None else f"{now.percent:f}"
        address = f"spending_plan[{i}].percent"
        pending.change(old, address, was_text, now_text, printed=f"{now_text}%" if now_text else "")
        if in_place and fold(node.by) != fold(after[i].by):
            pending.set(_label_above(reviser, old.elements.get(address), node.by), clean_name(after[i].by))


def _blank_below(reviser: Reviser, old: OldTable, by: str) -> etree._Element:
    """The cell under a date of a plan in which nothing was written last year."""
    tables = dict.fromkeys(table for element in old.elements.values() for table in element.iterancestors(reviser.tag("tbl")))
    for table in tables:
        rows = table.findall(reviser.tag("tr"))
        for row, below in pairwise(rows):
            start = next((start for start, cell in reviser.columns(row).items() if fold(reviser.text(cell)) == fold(by)), None)
            cell = reviser.columns(below).get(start) if start is not None else None
            if cell is not None and not reviser.text(cell).strip():
                return cell
    raise CannotTrack(f"上年表的资金支出计划里没有“{by}”的位置")


def _label_above(reviser: Reviser, cell: etree._Element | None, text: str) -> etree._Element:
    """The cell with a label in the table of a cell, the last one before it."""
    table = next(cell.iterancestors(reviser.tag("tbl")), None) if cell is not None else None
    found: etree._Element | None = None
    for other in table.iter(reviser.tag("tc")) if table is not None else ():
        if other is cell:
            break
        if fold(reviser.text(other)) == fold(text):
            found = other
    if found is None:
        raise CannotTrack(f"上年表里没有找到“{text}”一格")
    return found


class _Pending:
    """New texts of cells, several fields to a cell (code and name of the unit), written once."""

    def __init__(self, reviser: Reviser) -> None:
        self._reviser = reviser
        self._texts: dict[etree._Element, str] = {}

    def change(self, old: OldTable, address: str, before: str, after: str, *, printed: str | None = None, needed: bool = True) -> None:
        if fold(before) == fold(after) and re.sub(r"\s", "", before) == re.sub(r"\s", "", after):
            return
        element = old.elements.get(address)
        if element is None:
            if needed and after:
                raise CannotTrack(f"上年表里没有“{address}”的位置，写不下“{after[:30]}”")
            return
        text = self._texts.get(element)
        text = self._reviser.text(element) if text is None else text
        self._texts[element] = replaced(text, before, after, after if printed is None else printed)

    def set(self, element: etree._Element, text: str) -> None:
        """Give a whole cell a text."""
        self._texts[element] = text

    def write(self) -> None:
        for element, text in self._texts.items():
            set_text(self._reviser, element, text)


def set_text(reviser: Reviser, element: etree._Element, text: str) -> None:
    """Give a cell or a paragraph a text."""
    if element.tag == reviser.tag("p"):
        reviser.set_paragraph(element, clean_name(text))
    else:
        reviser.set_cell(element, text)


def _write_goals(reviser: Reviser, old: OldTable, new: GoalTable) -> None:
    before, after = [clean(goal) for goal in old.table.goals], [clean_name(goal) for goal in new.goals]
    if [fold(goal) for goal in before] == [fold(goal) for goal in after]:
        return
    element = old.elements.get("goals[0]")
    if element is None:
        raise CannotTrack("上年表里没有“绩效目标”的位置")
    text = _goals_replaced(reviser.text(element), before, after) if len(before) == len(after) else None
    set_text(reviser, element, text or "\n".join(goal_lines(new.goals)))


def _goals_replaced(text: str, before: Sequence[str], after: Sequence[str]) -> str | None:
    """A cell's text with each goal replaced in turn, its own numbers kept; None when a goal is not found as it was read."""
    cursor = 0
    for was, now in zip(before, after, strict=True):
        at = text.find(was, cursor)
        if at < 0:
            return None
        text = text[:at] + now + text[at + len(was) :]
        cursor = at + len(now)
    return text
