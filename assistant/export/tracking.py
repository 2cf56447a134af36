"""A draft written over last year's Word file as Word revisions: cell by cell, with inserted and deleted rows and whole tables.

Accepting all gives the draft, rejecting all gives last year's file. Where each cell stands in the old file is told by the caller (its
reading found it); how the revisions are made is ``revisions``', which row became which is ``alignment``'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from assistant.chinese import fold
from assistant.documents.model import Locator
from assistant.export.alignment import align_rows
from assistant.export.characters import clean, clean_name
from assistant.export.layout import goal_lines, heading_of, level_runs
from assistant.export.revisions import Reviser
from assistant.table import GoalTable, Indicator

_PARTS = ("level1", "level2", "level3", "description", "value", "basis")
_FIELDS = ("unit.code", "unit.name", "project.code", "project.name", "budget.total", "budget.fiscal", "budget.other", "purpose")


class CannotTrack(Exception):
    """The old file's table has a shape in which this change cannot be written as revisions; the message says why, in Chinese."""


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
    _Rows(reviser, old, new).write(whole=whole_rows)


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
    dates = {fold(node.by): node for node in after}
    in_place = len(before) == len(after) and not all(fold(node.by) in dates for node in before)
    if not in_place and any(fold(node.by) not in {fold(other.by) for other in before} and node.percent is not None for node in after):
        raise CannotTrack(f"上年表的资金支出计划有 {len(before)} 个时点，草案有 {len(after)} 个")
    for i, node in enumerate(before):
        now = after[i] if in_place else dates.get(fold(node.by))
        was_text = "" if node.percent is None else f"{node.percent:f}"
        now_text = "" if now is None or now.percent is None else f"{now.percent:f}"
        address = f"spending_plan[{i}].percent"
        pending.change(old, address, was_text, now_text, printed=f"{now_text}%" if now_text else "")
        if in_place and fold(node.by) != fold(after[i].by):
            pending.set(_label_above(reviser, old.elements.get(address), node.by), clean_name(after[i].by))


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


def replaced(text: str, before: str, after: str, printed: str) -> str:
    """A cell's text with one field's text in it replaced; ``printed`` where the field is not found (empty, or written otherwise)."""
    if before and text.count(before) >= 1:
        return text.replace(before, after, 1)
    if before:
        loose = re.compile(r"\s*".join(re.escape(char) for char in re.sub(r"\s", "", before)))
        if loose.search(text):
            return loose.sub(lambda _: after, text, count=1)
    return printed


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


# -- indicator rows -----------------------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where the parts of a row stand: number of the cell in the row for each part, for signs and units in columns of their own too."""

    parts: dict[str, int]
    comparator: int | None = None
    unit: int | None = None


class _Rows:
    """The indicator rows of one table and their change."""

    def __init__(self, reviser: Reviser, old: OldTable, new: GoalTable) -> None:
        self.reviser = reviser
        self.old, self.new = old.table.indicators, new.indicators
        self.cells = [
            {part: old.elements[f"indicators[{i}].{part}"] for part in _PARTS if f"indicators[{i}].{part}" in old.elements} for i in range(len(self.old))
        ]
        self.rows = [self._row_of(cells) for cells in self.cells]
        self.place = self._places()

    def write(self, *, whole: bool) -> None:
        if not self.old:
            if self.new:
                raise CannotTrack("上年表里没有指标行")
            return
        if self.old == self.new:
            return
        match = {} if whole else align_rows(self.old, self.new, self._groups())
        if not match:
            self._replace_all()
            return
        plan = self._inserts(match)
        for j, i in match.items():
            self._change(i, self.new[j])
        for i in range(len(self.old)):
            if i not in match.values():
                self.reviser.delete_row(self.rows[i])
        for place, before, row in plan:
            if before:
                place.addprevious(row)
            else:
                place.addnext(row)

    # -- where things stand -----------------------------------------------------------------------------------------------------

    def _row_of(self, cells: dict[str, etree._Element]) -> etree._Element:
        cell = next((cells[part] for part in ("level3", "value", "description", "basis") if part in cells), None)
        row = cell.getparent() if cell is not None else None
        if row is None or row.tag != self.reviser.tag("tr"):
            raise CannotTrack("上年表的指标行不是普通的表格行（可能是内容控件或几列并排）")
        return row

    def _groups(self) -> list[tuple[int, int]]:
        return [(id(cells.get("level1", self.rows[i])), id(cells.get("level2", self.rows[i]))) for i, cells in enumerate(self.cells)]

    def _places(self) -> _Place:
        """Number of the cell for each part, by the columns of the grid: level cells of other rows count by where they begin."""
        if not self.rows:
            return _Place({})
        if len(set(map(id, self.rows))) != len(self.rows):
            raise CannotTrack("上年表一行里有几个指标，不能逐行修订")
        starts: dict[str, int] = {}
        for cells in self.cells:
            for part, cell in cells.items():
                starts.setdefault(part, self._start(cell))
        likeliest = self._like()
        own = {self._start(cell): n for n, cell in enumerate(likeliest.findall(self.reviser.tag("tc")))}
        return _Place({part: own[start] for part, start in starts.items() if start in own}, *self._signs())

    def _like(self) -> etree._Element:
        """The row new ones are made like: one whose cells are its own, as many as in the fullest row."""
        return max(self.rows, key=lambda row: len(row.findall(self.reviser.tag("tc"))))

    def _start(self, cell: etree._Element) -> int:
        row = cell.getparent()
        assert row is not None
        before = row.find(f"{self.reviser.tag('trPr')}/{self.reviser.tag('gridBefore')}")
        column = int(before.get(self.reviser.tag("val")) or 0) if before is not None else 0
        for other in row.findall(self.reviser.tag("tc")):
            if other is cell:
                return column
            span = other.find(f"{self.reviser.tag('tcPr')}/{self.reviser.tag('gridSpan')}")
            column += int(span.get(self.reviser.tag("val")) or 1) if span is not None else 1
        raise CannotTrack("上年表的指标行结构特殊（内容控件），不能逐行修订")

    def _signs(self) -> tuple[int | None, int | None]:
        """The cells of sign and unit where the form gives them columns of their own."""
        for i, row in enumerate(self.old):
            value = self.cells[i].get("value")
            if value is None or row.value.number is None or fold(self.reviser.text(value)) == fold(row.value.text):
                continue
            texts = [fold(self.reviser.text(cell)) for cell in self.rows[i].findall(self.reviser.tag("tc"))]
            sign = next((n for n, text in enumerate(texts) if row.value.comparator and text == fold(row.value.comparator)), None)
            unit = next((n for n, text in enumerate(texts) if row.value.unit and text == fold(row.value.unit)), None)
            if sign is not None or unit is not None:
                return sign, unit
        return None, None

    def _split(self, row: Indicator) -> dict[int, str] | None:
        """Texts of sign, number and unit cells, or None when the form writes values whole or this value cannot be parted."""
        place, target = self.place, row.value
        if (place.comparator is None and place.unit is None) or "value" not in place.parts:
            return None
        sign, unit = target.comparator or "", target.unit or ""
        number = "" if target.number is None else f"{target.number:f}"
        if not number or f"{sign}{number}{unit}" != target.text:
            return {n: "" for n in (place.comparator, place.unit) if n is not None} | {place.parts["value"]: target.text}
        texts = {place.parts["value"]: number if place.comparator is not None else sign + number}
        if place.comparator is not None:
            texts[place.comparator] = sign
        if place.unit is not None:
            texts[place.unit] = unit
        else:
            texts[place.parts["value"]] += unit
        return texts

    # -- changing rows ----------------------------------------------------------------------------------------------------------

    def _change(self, i: int, new: Indicator) -> None:
        old, cells = self.old[i], self.cells[i]
        for part in _PARTS:
            before, after = _text(old, part), _text(new, part)
            if re.sub(r"\s", "", before) == re.sub(r"\s", "", after):
                continue
            cell = cells.get(part)
            if cell is None:
                raise CannotTrack(f"上年表里没有“{part}”一栏，写不下“{after[:30]}”")
            split = self._split(new) if part == "value" else None
            if split is not None:
                own = self.rows[i].findall(self.reviser.tag("tc"))
                for n, text in split.items():
                    self.reviser.set_cell(own[n], text)
            else:
                self.reviser.set_cell(cell, replaced(self.reviser.text(cell), before, after, after))

    def _inserts(self, match: dict[int, int]) -> list[tuple[etree._Element, bool, etree._Element]]:
        """(place, before it, row) of every new row, in an order in which they can be put in; made before anything is changed."""
        kept = set(match.values())
        plan: list[tuple[etree._Element, bool, etree._Element]] = []
        above: etree._Element | None = None
        last: int | None = None
        previous: Indicator | None = None
        for j, row in enumerate(self.new):
            if j in match:
                last, previous = match[j], row
                above = self.rows[last]
                continue
            following = self._next_old(last, kept)
            merged = set()
            for part in ("level1", "level2"):
                inside = last is not None and following is not None and self._same_cell(part, last, following)
                if inside:
                    if previous is None or fold(getattr(previous, part)) != fold(getattr(row, part)):
                        raise CannotTrack("新增的行落在合并单元格中间而名称不同")
                    merged.add(part)
            made = self._new_row(row, merged)
            if above is not None:
                plan.append((above, False, made))
            else:
                plan.append((self.rows[0], True, made))
            if above is not None:
                above = made
            previous = row
        return plan

    def _next_old(self, last: int | None, kept: set[int]) -> int | None:
        start = 0 if last is None else last + 1
        return start if start < len(self.old) else None

    def _same_cell(self, part: str, one: int, other: int) -> bool:
        cell = self.cells[one].get(part)
        return cell is not None and cell is self.cells[other].get(part)

    def _new_row(self, row: Indicator, merged: set[str], tops: Sequence[str] = ()) -> etree._Element:
        texts = {}
        for part in _PARTS:
            text, n = _text(row, part), self.place.parts.get(part)
            if n is None:
                if text:
                    raise CannotTrack(f"上年表里没有“{part}”一栏，写不下“{text[:30]}”")
                continue
            texts[n] = text
        texts.update(self._split(row) or {})
        below = [self.place.parts[part] for part in merged if part in self.place.parts]
        first = [self.place.parts[part] for part in tops if part in self.place.parts]
        return self.reviser.new_row(self._like(), texts, merged=below, tops=first)

    def _replace_all(self) -> None:
        """All old rows out, all new rows in after them, merged among themselves."""
        runs = {part: level_runs(self.new, part) for part in ("level1", "level2")}
        made = [
            self._new_row(row, {part for part in runs if runs[part][j] == 0}, [part for part in runs if runs[part][j] > 1]) for j, row in enumerate(self.new)
        ]
        for row in reversed(made):
            self.rows[-1].addnext(row)
        for row in self.rows:
            self.reviser.delete_row(row)


def _text(row: Indicator, part: str) -> str:
    found = getattr(row, part)
    return clean(found.text if part == "value" else found or "")
