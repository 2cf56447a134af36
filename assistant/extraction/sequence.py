"""Which table is being read: the tables of a document one after the other, and what stood above each.

A header block after a table's indicators is held as ``pending`` until it names its project: the same project again (a header repeated
on the next page) goes on with the table, another one begins the next.
"""

from __future__ import annotations

import re

from assistant.chinese import fold
from assistant.documents import Locator
from assistant.extraction import lexicon, wording
from assistant.extraction.building import Builder
from assistant.extraction.titles import Title


class TableSequence:
    """The finished builders in order, the one being read, and the heading, office, year and money unit that hold for the next."""

    def __init__(self, *, wrapped: bool) -> None:
        self.finished: list[Builder] = []
        self.current: Builder | None = None
        self.pending: Builder | None = None
        # The heading above the next table, a numbered line that may be one, and whether （续） was said.
        self.title: Title | None = None
        self.nearest: Title | None = None
        self.continued = False
        self.unit: tuple[str, Locator] | None = None
        self.document_unit: str | None = None
        self.money_unit: str | None = None
        self.year: int | None = None
        self.wrapped = wrapped
        self.sheet = ""
        self.turned = False

    @property
    def open(self) -> Builder | None:
        """The builder that reads now."""
        return self.pending or self.current

    def next(self) -> Builder:
        """The builder that header fields go to: a new one once the current table has its indicators."""
        if self.pending is None and (self.current is None or self.current.indicators):
            builder = Builder(wrapped=self.wrapped)
            if self.current is not None:
                self.pending = builder
            else:
                self.current = builder
                self._adopt(builder)
        found = self.open
        assert found is not None
        return found

    def ready(self) -> Builder:
        """The builder that indicators go to."""
        if self.pending is not None:
            self._promote()
        elif (self.turned and self.current is not None and self.current.indicators) or (
            self.title is not None and self.current is not None and self.current.indicators and not self.same_title()
        ):
            self.start_over()
        if self.current is None:
            self.current = Builder(wrapped=self.wrapped)
            self._adopt(self.current)
        return self.current

    def turn_sheet(self, name: str) -> None:
        """Another sheet of a workbook begins: what follows is another table, named by the sheet when it does not name itself."""
        self.sheet, self.turned = name, True

    def start_over(self) -> Builder:
        """Finish the current table and begin another."""
        if self.current is not None:
            self._finish(self.current)
        self.pending = None
        self.current = Builder(wrapped=self.wrapped)
        self._adopt(self.current)
        return self.current

    def settle(self) -> None:
        """Decide about a pending header that names its project."""
        current, pending = self.current, self.pending
        if pending is None or not (pending.project_name or pending.project_code):
            return
        same = (
            current is not None
            and fold(current.project_name or "") == fold(pending.project_name or "")
            and (not current.project_code or not pending.project_code or current.project_code == pending.project_code)
            and (self.continued or self.same_title())
        )
        if same:
            self.drop_pending()
        else:
            self._promote()

    def drop_pending(self) -> None:
        """The header was the current table's again."""
        self.pending = self.title = None

    def repeated(self) -> bool:
        """Whether a pending header without a project is the current table's title and unit again."""
        return self.pending is not None and self.pending.empty and self.current is not None and bool(self.current.indicators) and self.same_title()

    def same_title(self) -> bool:
        """Whether the heading above, if any, is the current table's own."""
        title = self.title or (self.pending.title if self.pending is not None else None)
        if self.continued or title is None:
            return True
        old = self.current.title if self.current is not None else None
        return old is not None and fold(old.text) == fold(title.text) and old.number == title.number

    def close(self, without: Builder | None = None) -> None:
        """Finish what is open; ``without`` = a header that is no table of its own as long as it names no project (a list took it over)."""
        for builder in (self.current, self.pending):
            if builder is not None and not ((builder is self.pending or builder is without) and builder.empty):
                self._finish(builder)
        self.current = self.pending = None

    def set_money_unit(self, unit: str | None) -> None:
        """A money unit said on a line of its own: the open table's while it has none, else that of the tables below."""
        builder = self.open
        if unit is None:
            return
        if builder is not None and builder.money_unit is None and not builder.indicators:
            builder.money_unit = unit
        else:
            self.money_unit = unit

    def set_unit(self, text: str, place: Locator) -> None:
        """An office said on a line of its own: that of the tables below, and of one that has only begun (by its year)."""
        self.unit = (text, place)
        builder = self.open
        if builder is not None and builder.empty and builder.unit_name is None:
            builder.assign_unit(text, place)

    def set_year(self, year: int) -> None:
        """A year said on a line of its own (（2025年度） under a form's title)."""
        if self.pending is None and self.current is not None and self.current.empty:
            builder = self.current
        else:
            builder = self.pending or self.next()
        builder.year = builder.year or year

    def _promote(self) -> None:
        if self.current is not None:
            self._finish(self.current)
        self.current, self.pending = self.pending, None
        if self.current is not None:
            self._adopt(self.current)

    def _adopt(self, builder: Builder) -> None:
        """Give a new table what stood above it."""
        title = self.title or (self.nearest if builder.title is None else None)
        if title is not None and (builder.title is None or lexicon.generic_title(builder.title.text)):
            if builder.title is not None:
                builder.words.add(fold(builder.title.text))
            builder.title = title
        if builder.title is not None and lexicon.generic_title(builder.title.text):
            builder.year = builder.year or wording.year_in(builder.title.text)
        self.title = self.nearest = None
        self.continued = self.turned = False
        if self.sheet and not re.fullmatch(r"(?i)sheet\s*\d*|工作表\s*\d*|\d+", self.sheet):
            builder.sheet = self.sheet
        if self.unit is not None and builder.unit_name is None:
            builder.assign_unit(*self.unit)
        builder.money_unit = builder.money_unit or self.money_unit
        builder.year = builder.year or self.year

    def _finish(self, builder: Builder) -> None:
        builder.end()
        if builder.unit_name is None and self.document_unit:
            builder.unit_name = self.document_unit
        self.finished.append(builder)
