"""Where a question is answered: the tables and part 1 texts of its scope, taken out once and kept for the questions after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answering import scope as scoping
from assistant.answering.desk import Desk
from assistant.answering.dissecting import take_apart
from assistant.answering.question import Known, Question
from assistant.answering.scope import Scope
from assistant.answering.views import Cell, PartView, Pool, TableView
from assistant.chinese import fold
from assistant.corpus import Corpus
from assistant.corpus.units import short_name
from assistant.retrieval import alias_table


@dataclass
class _Shelf:
    """The tables and texts of a scope taken out once for many questions: chats, pipes and suites ask the same unit again and again."""

    tables: list[TableView]
    parts: list[PartView]
    complete: bool

    @cached_property
    def known(self) -> Known:
        """What these tables lend to the reading of a question."""
        cells = [cell for view in self.tables for cell in view.rows] + [cell for part in self.parts for cell in part.measures]
        return Known(
            numbers=frozenset(number for view in self.tables for *_, number in view.numbers if number >= 10),
            units=frozenset(cell.number[1] for cell in cells if cell.number),
            words="\n".join(dict.fromkeys(fold(cell.name) for cell in cells)),
            phrases=frozenset(text for view in self.tables for cell in view.rows for text in _quotable(cell)),
        )


# Scopes taken out and not changed since, oldest first.
_SHELVES: dict[tuple[str, str, tuple[str, ...] | None, int | None], _Shelf] = {}


_KEPT = 32


@dataclass(slots=True)
class Room:
    """A scope with its tables, ready for questions."""

    scope: Scope
    shelf: _Shelf

    @property
    def tables(self) -> list[TableView]:
        """The tables of the scope."""
        return self.shelf.tables

    @property
    def parts(self) -> list[PartView]:
        """Part 1 of the texts of the scope."""
        return self.shelf.parts

    @property
    def complete(self) -> bool:
        """Whether these are all tables of the scope."""
        return self.shelf.complete

    @property
    def newest(self) -> int | None:
        """The newest year that the scope has tables of."""
        return self.scope.years[0] if self.scope.years else None

    def desk(self, q: Question) -> Desk:
        """A question over this room's tables and texts."""
        return Desk(q, self.tables, self.parts, self.ambient)

    @property
    def ambient(self) -> Pool:
        """The unit's own name, which every table of it is about."""
        return Pool(*(self.scope.units or ()))


def enter(corpus: Corpus, scope: Scope, text: str) -> Room:
    """The room of a scope; ``text`` is the question, by which near tables are found where a scope is too wide to be taken out whole."""
    key = (str(corpus.home), corpus.fingerprint, scope.units, scope.year)
    shelf = _SHELVES.get(key)
    if shelf is None:
        shelf = _shelf(corpus, scope, text)
        if shelf.complete:
            # Those that the index thought near are near to this question only.
            while len(_SHELVES) >= _KEPT:
                del _SHELVES[next(iter(_SHELVES))]
            _SHELVES[key] = shelf
    return Room(scope, shelf)


def _shelf(corpus: Corpus, scope: Scope, text: str) -> _Shelf:
    tables, departments, complete = scoping.tables_in(corpus, scope, text)
    aliases = alias_table()
    several = scope.units is None or len(scope.units) > 1

    def whose(unit: str | None) -> str:
        return f"{short_name(unit)}·" if several and unit else ""

    views = [TableView(past, whose(past.unit), aliases) for past in tables]
    return _Shelf(views, [PartView(past, whose(past.unit)) for past in departments], complete)


def taken_apart(text: str, room: Room) -> Question:
    """A question read with what the room's tables lend to its reading."""
    return take_apart(text, replace(room.shelf.known, names=room.scope.names))


def _quotable(cell: Cell) -> list[str]:
    """Texts of a row that a question may quote: its basis, and a value in words."""
    assert cell.row is not None
    texts = [cell.row.basis or "", cell.text if cell.kind == "text" else ""]
    return [fold(text) for text in texts if len(text) >= 3 and not any(char.isdigit() for char in text)]
