"""Whose and which year's texts a question is about: a unit named in it, else the own unit; a year named in it, else the newest.

Scope comes before ranking: with thousands of other offices' tables beside, nothing else finds the right row.
"""

from __future__ import annotations

from dataclasses import dataclass

from assistant.corpus import Corpus, PastDepartment, PastTable
from assistant.corpus.units import county_of, names_of, short_name
from assistant.retrieval import aliases_in, normalised

# Up to so many tables are looked through without asking the index first.
_ALL = 300


@dataclass(slots=True)
class Scope:
    """``units`` the units meant (None = any), ``names`` what of the question named them, ``ambiguous`` units between which the
    question does not choose, ``years`` the years these units have tables of, newest first."""

    units: tuple[str, ...] | None
    names: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    year: int | None = None

    @property
    def label(self) -> str:
        """The scope as shown with an answer (怀来县残联2025年)."""
        unit = "、".join(short_name(unit) for unit in self.units[:3]) if self.units else "全部单位"
        return f"{unit}{self.year}年" if self.year else unit


def resolve(corpus: Corpus, question: str, *, unit: str | None = None, year: int | None = None) -> Scope:
    """The scope of a question; ``unit`` and ``year`` are the caller's wishes, which names in the question override."""
    text = normalised(question)
    own = _own(corpus, unit)
    units, names, ambiguous = _named(corpus, text, own)
    if units is None and own:
        units = own
    years = sorted({when for one, when, *_ in corpus.units if when is not None and (units is None or one in units)}, reverse=True)
    newest = years[0] if years and units is not None and len(units) == 1 else None
    return Scope(units, names, ambiguous, tuple(years), year if year is not None else newest)


def _own(corpus: Corpus, unit: str | None) -> tuple[str, ...] | None:
    """The units meant when the question names none: the wish, else the corpus's one unit."""
    if unit is None:
        return (corpus.own_unit,) if corpus.own_unit else None
    found = corpus.units_named(unit)
    return tuple(found) if found else (unit,)


def _named(corpus: Corpus, text: str, own: tuple[str, ...] | None) -> tuple[tuple[str, ...] | None, tuple[str, ...], tuple[str, ...]]:
    strong: list[tuple[str, str]] = []
    weak: list[tuple[str, str]] = []
    for unit in dict.fromkeys(unit for unit, *_ in corpus.units):
        place = county_of(unit)
        said = [name for name in names_of(unit) if name in text]
        whole = [name for name in said if place and (place[:-1] in name or place in name) and name not in (place, place[:-1])]
        if whole:
            strong.append((unit, whole[0]))
        elif said and place and {place, place[:-1]} & set(said) and len(said) > 1:
            strong.append((unit, said[0]))
        elif said:
            weak.append((unit, said[0]))
    found = strong or _preferred(weak, own)
    if not found:
        return None, (), ()
    longest = max(len(name) for _, name in found)
    units = tuple(unit for unit, name in found if len(name) == longest)
    names = tuple(sorted({name for unit in units for name in names_of(unit) if name in text}, key=len, reverse=True))
    ambiguous = units if len(units) > 1 and not strong else ()
    return units, names, ambiguous


def _preferred(weak: list[tuple[str, str]], own: tuple[str, ...] | None) -> list[tuple[str, str]]:
    """Of units named only by place or only by body: the own one, else those of the own county, else all."""
    if own:
        mine = [(unit, name) for unit, name in weak if unit in own]
        if mine:
            return mine
        counties = {county_of(unit) for unit in own}
        near = [(unit, name) for unit, name in weak if county_of(unit) in counties]
        if near:
            return near
    return weak


def tables_in(corpus: Corpus, scope: Scope, text: str) -> tuple[list[PastTable], list[PastDepartment], bool]:
    """The tables and part 1 texts of a scope, and whether they are all of them (False: only those the index thought near)."""
    if scope.units is not None:
        return corpus.past_tables(scope.units, scope.year), corpus.departments(scope.units, scope.year), True
    if sum(number for *_, number in corpus.units) <= _ALL:
        return corpus.past_tables(year=scope.year), corpus.departments(year=scope.year), True
    text = normalised(text)
    hits = corpus.records.find(" ".join((text, *aliases_in(text))), 80, kinds=["table", "row"], year=scope.year)
    ids = list(dict.fromkeys(passage.table for passage, *_ in hits if passage.table))[:40]
    return list(corpus.tables_by_id(ids).values()), [], False
