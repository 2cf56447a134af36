"""A flat list: one row per indicator for many projects, the project's own cells merged, repeated or blank below the first."""

from __future__ import annotations

from assistant.chinese import fold
from assistant.extraction import lexicon, wording
from assistant.extraction.building import Builder
from assistant.extraction.columns import Layout
from assistant.extraction.indicators import IndicatorReader, place_of
from assistant.extraction.mending import unshifted
from assistant.extraction.report import Unread
from assistant.extraction.rows import Row, Slot, at, numbers_columns, written
from assistant.extraction.sequence import TableSequence
from assistant.extraction.titles import Title

_SUMS = frozenset({"合计", "总计", "小计"})
_SAYS_A_GOAL = ("goals", "goals.long")


def projects_named(rows: list[Row]) -> tuple[int, bool]:
    """How many projects a grid lists one a row without indicators, and whether it also says their goals; (0, False) for any other grid.

    Such a list is no goal table: a row of labels only, the project's name among them, and names below it.
    """
    for r, row in enumerate(rows[:5]):
        heads = written(row)
        fields = {name: slot for slot in heads if (name := lexicon.field(slot.text))}
        if "project.name" not in fields or len(fields) < 3 or len(fields) * 2 < len(heads):
            continue
        names = [slot for below in rows[r + 1 :] if (slot := at(below, fields["project.name"].start)) is not None and slot.fresh]
        if names and not any(lexicon.field(slot.text) or lexicon.column(slot.text) for slot in names):
            return len(names), any(name in fields for name in _SAYS_A_GOAL)
        return 0, False
    return 0, False


class ListReader:
    """Reads the rows of a list; ``builders`` are its projects in order of appearance."""

    def __init__(self, layout: Layout, *, above: Builder | None, tables: TableSequence, title: Title | None) -> None:
        self.builders: list[Builder] = []
        self.unread: list[Unread] = []
        # Rows of sums, which belong to no project.
        self.sums: list[str] = []
        self.layout = layout
        self._wrapped = tables.wrapped
        self._money_unit = (above.money_unit if above else None) or tables.money_unit
        self._year = (above.year if above else None) or tables.year
        self._title = title
        self._unit: str | None = above.unit_name if above else None
        self._unit_above = self._unit
        # What else stood above the list holds for every project of it.
        self._extra = dict(above.extra) if above else {}
        self._above: dict[str, Slot | None] = {}
        # Readers by office, project code and project name: a list need not be sorted by project.
        self._readers: dict[tuple[str, str, str], IndicatorReader] = {}
        self._current: IndicatorReader | None = None

    def read(self, rows: list[Row], start: int) -> None:
        """Read the rows from ``start`` on, also those of a grid that goes on with the list on the next page."""
        for r in range(start, len(rows)):
            if any(slot.fresh for slot in rows[r]):
                self._row(unshifted(rows[r], self.layout), rows[r + 1] if r + 1 < len(rows) else None)

    def finish(self) -> None:
        """End the list; the office that filled it in is kept where a project has one of its own."""
        for builder in self.builders:
            if self._unit_above and builder.unit_name and fold(builder.unit_name) != fold(self._unit_above):
                builder.keep("填报单位", self._unit_above)
        for reader in self._readers.values():
            reader.finish()

    def _row(self, row: Row, following: Row | None) -> None:
        new = written(row)
        if numbers_columns(row) or all(fold(slot.text) in self.layout.words for slot in new):
            return
        values = {name: at(row, column.start) for name, column in self.layout.fields}
        texts = {name: slot.line if slot is not None else "" for name, slot in values.items()}
        name = texts.get("project.name", "")
        if {new[0].key, name} & _SUMS or wording.amount(name) is not None:
            if len(new) <= 3:
                self.sums.append("、".join(slot.line for slot in new))
            else:
                self.unread.append(Unread(str(place_of(row)), f"这一行的项目名称是“{name}”，没有读取：{' | '.join(slot.line for slot in new)[:60]}"))
            return
        self._carry_office(values, texts)
        if name and not self._has_indicator(row) and self._heads_projects(name, following):
            # 单位名称、项目名称 in one column: a row with nothing but the office's name, code and sum.
            self._unit, self._current = " ".join(text for text in (texts.get("project.code"), name) if text), None
            others = [slot for slot in new if slot is not values.get("project.name") and slot is not values.get("project.code")]
            if sums := [slot.line for slot in others if wording.amount(slot.text) is not None]:
                self.sums.append("、".join([name, *sums]))
            if words := [slot.line for slot in others if wording.amount(slot.text) is None]:
                self.unread.append(Unread(str(place_of(row)), f"单位“{name}”这一行的“{' | '.join(words)[:60]}”没有读进任何项目"))
            return
        key = (texts.get("unit.name", "") or self._unit or "", texts.get("project.code", ""), name)
        if name or key[1]:
            if key not in self._readers:
                self._readers[key] = self._new(key)
            self._current = self._readers[key]
        if self._current is None:
            self.unread.append(Unread(str(place_of(row)), f"这一行上面没有项目名称，没有读取：{' | '.join(slot.line for slot in new)[:60]}"))
            return
        self._assign(self._current.builder, values, row)
        self._current.read(row)

    def _carry_office(self, values: dict[str, Slot | None], texts: dict[str, str]) -> None:
        """An office is written once for all its projects; a cell left blank below means the same."""
        for name in ("unit.name", "unit.code"):
            slot = values.get(name)
            if slot is None or slot.blank:
                slot = self._above.get(name)
            if slot is not None:
                self._above[name] = values[name] = slot
                texts[name] = slot.line

    def _has_indicator(self, row: Row) -> bool:
        columns = [column for one in self.layout.sets for role, column in one.roles.items() if role not in ("level1", "level2")]
        return any((slot := at(row, column.start)) is not None and not slot.blank for column in columns)

    def _heads_projects(self, name: str, following: Row | None) -> bool:
        if not wording.is_organisation(name) or following is None:
            return False
        column = next(column for field, column in self.layout.fields if field == "project.name")
        below = at(following, column.start)
        return below is not None and below.fresh

    def _new(self, key: tuple[str, str, str]) -> IndicatorReader:
        builder = Builder(wrapped=self._wrapped, money_unit=self._money_unit, year=self._year, flat=True)
        builder.words |= self.layout.words
        builder.extra.update(self._extra)
        if key[0] and not any(name == "unit.name" for name, _ in self.layout.fields):
            builder.assign_unit(key[0], builder.start)
        if self._title is not None:
            builder.title = Title(self._title.text, None, False, self._title.locator)
            builder.year = builder.year or wording.year_in(self._title.text)
        self.builders.append(builder)
        return IndicatorReader(builder, self.layout)

    def _assign(self, builder: Builder, values: dict[str, Slot | None], row: Row) -> None:
        for name, column in self.layout.fields:
            slot = at(row, column.start) if name == "node" else values.get(name)
            if slot is None or slot.blank:
                continue
            if (name == "goals" and slot.text in builder.goals) or (name == "purpose" and wording.prose(slot.text) in builder.purpose):
                continue
            if name == "node":
                builder.assign_node_once(column.label, slot.text, slot.locator)
            else:
                builder.assign(name, column.label, slot.text, slot.locator)
