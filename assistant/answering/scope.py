"""Whose and which year's texts a question is about: a unit named in it, else the own unit; a year named in it, else the newest.

Scope comes before ranking: with thousands of other offices' tables beside, nothing else finds the right row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.corpus import Corpus, PastDepartment, PastTable
from assistant.corpus.units import county_of, names_of, short_name
from assistant.library import short_names
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
        unit = called(self.units) if self.units else "全部单位"
        return f"{unit}{self.year}年" if self.year else unit


def called(units: Sequence[str]) -> str:
    """How units are called together: up to three by name, more by their place and number."""
    if len(units) <= 3:
        return "、".join(map(short_name, units))
    places = {county_of(unit) for unit in units} - {None}
    return f"{places.pop()}{len(units)}个单位" if len(places) == 1 else f"全部{len(units)}个单位（{len(places)}个县区）"


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
    """The units that a question names, the words that name them, and those that share a body's name among which it does not choose."""
    strong: list[tuple[str, str]] = []
    weak: list[tuple[str, str]] = []
    for unit in dict.fromkeys(unit for unit, *_ in corpus.units):
        place = county_of(unit)
        places = {place, place[:-1]} if place else set()
        said = [name for name in names_of(unit) if name in text]
        bodies = [name for name in said if name not in places]
        whole = [name for name in bodies if place and (place[:-1] in name or place in name)]
        if whole or (bodies and len(bodies) < len(said)):
            strong.append((unit, (whole or bodies)[0]))
        elif said and not (bodies and _of_another_place(text, bodies[0], place or "")):
            weak.append((unit, said[0]))
    units: dict[str, None] = {}
    ambiguous: list[str] = []
    rest = text
    for name in sorted({name for _, name in strong or weak}, key=len, reverse=True):
        if name not in rest:
            # A part of a longer name.
            continue
        rest = rest.replace(name, "\n")
        same = [unit for unit, said_so in strong or weak if said_so == name]
        same = same if strong else _preferred(same, own, text)
        units.update(dict.fromkeys(same))
        if not strong and len(same) > 1 and not all(name in (place, place[:-1]) for unit in same if (place := county_of(unit))):
            ambiguous += same
    names = tuple(sorted({name for unit in units for name in names_of(unit) if name in text}, key=len, reverse=True))
    return (tuple(units) if units else None), names, tuple(ambiguous)


def _of_another_place(text: str, body: str, place: str) -> bool:
    """Whether a body stands behind another place's name: 怀来县民政局 is no 民政局 of 怀安县."""
    before = re.search(rf"([一-鿿]{{1,8}}[县区市旗])的?{re.escape(body)}", text)
    return before is not None and not _OWN_PLACE.match(before[1]) and not _same_place(before[1], place)


def _preferred(units: list[str], own: tuple[str, ...] | None, text: str) -> list[str]:
    """Of units that a place or a body alone names: the own one, else those of the own county, else all."""
    if not own:
        return units
    mine = [unit for unit in units if unit in own]
    if mine:
        return mine
    counties = {county_of(unit) for unit in own}
    near = [unit for unit in units if county_of(unit) in counties]
    if near or not any(counties):
        return near or units
    # 教育局 said by an office of one county is no other county's.
    return [unit for unit in units if (place := county_of(unit)) and place[:2] in text]


def of_unit(corpus: Corpus, unit: str) -> Scope:
    """The scope of one unit in its newest year."""
    years = sorted({when for one, when, *_ in corpus.units if when is not None and one == unit}, reverse=True)
    return Scope((unit,), (), (), tuple(years), years[0] if years else None)


_PLACES = r"[一-鿿]{1,8}?(?:自治县|自治旗|县|区|市|旗)"
_BODIES = "|".join(sorted({re.escape(name) for full, shorts in short_names() for name in (full, *shorts) if len(name) >= 3}, key=len, reverse=True))
_FIELDS = "教育|民政|财政|水务|水利|公安|司法|审计|统计|税务|商务|文化|体育|卫生|科技|林业|农业|交通|信访|档案|粮食"
_BODY = rf"(?:{_BODIES}|(?:{_FIELDS})局|残联|妇联|科协|文联|团委|县委办|政府办)"
_OFFICE = re.compile(rf"(?:(?P<place>{_PLACES})(?:的)?)?(?P<body>{_BODY})")
_COUNTY = re.compile(r"(?:^|[,、和与跟比在])(?P<place>[一-鿿]{1,6}(?:自治县|县|自治旗))(?!级|道|域|城|区|乡|内|直|委|里|政府|本级)")
# Ways to speak of the own county.
_OWN_PLACE = re.compile(r"^(?:全|我|本|该|咱|我们|咱们|各|贫困|外|邻|哪个|那个|这个|哪些|多少|几个)+(?:县|区|市|旗)$")


def stranger(question: str, scope: Scope, texts: Sequence[str]) -> str | None:
    """An office (or county) that the question names, that is none of the scope's units and that no text of the scope mentions."""
    text = normalised(question)
    known = {name for unit in scope.units or () for name in names_of(unit)}
    if scope.units is None:
        return None
    places = {county_of(unit) for unit in scope.units} | {(county_of(unit) or "")[:-1] for unit in scope.units}
    for match in _OFFICE.finditer(text):
        place = match["place"] or ""
        foreign = bool(place) and not _OWN_PLACE.match(place) and not any(one and _same_place(place, one) for one in places)
        if foreign or (match["body"] not in known and not any(match["body"] in normalised(said) for said in texts)):
            return match[0]
    for match in _COUNTY.finditer(text):
        place = match["place"]
        inside = (
            any(one and (one in place or _same_place(place, one)) for one in places)
            or _OWN_PLACE.match(place)
            or any(place in normalised(said) for said in texts)
        )
        if not inside and not re.search(r"的|全|每|各|本|我|哪|几|多少|什么", place):
            return place
    return None


def _same_place(said: str, place: str) -> bool:
    """Whether a place as said is this one: its own name, more before it (张家口市怀来县), or an autonomous county said short (围场县)."""
    return said.endswith(place) or ("自治" in place and len(said) >= 3 and place.startswith(said.rstrip("县旗")))


def tables_in(corpus: Corpus, scope: Scope, text: str) -> tuple[list[PastTable], list[PastDepartment], bool]:
    """The tables and part 1 texts of a scope, and whether they are all of them (False: only those the index thought near)."""
    if scope.units is not None:
        return corpus.past_tables(scope.units, scope.year), corpus.departments(scope.units, scope.year), True
    known = {*corpus.own_units, None}
    if sum(corpus.records.table_counts().values()) <= _ALL:
        tables, parts = corpus.past_tables(year=scope.year), corpus.departments(year=scope.year)
        return [past for past in tables if past.unit in known], [past for past in parts if past.unit in known], True
    text = normalised(text)
    hits = corpus.records.find(" ".join((text, *aliases_in(text))), 80, kinds=["table", "row"], year=scope.year)
    ids = list(dict.fromkeys(passage.table for passage, *_ in hits if passage.table and passage.unit in known))[:40]
    return list(corpus.tables_by_id(ids).values()), [], False
