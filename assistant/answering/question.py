"""A question taken apart, as the other modules see it: hard keys, fields, operator, kind of answer, and what is left to be found.

Every character gets accounted for: ``settled`` marks those that keys, question words, operators and small talk explain; what is left are
content words, and an answer has to explain each of them. Field words settle only for cells of that field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Key:
    """A document number as asked: issuer (may be empty or a part), year (None when not said), number."""

    prefix: str
    year: int | None
    number: int
    start: int
    end: int

    def means(self, prefix: str, year: int, number: int) -> bool:
        """Whether a document number (issuer, year, running number) may be the one asked for."""
        asked = self.prefix.removesuffix("字").removesuffix("文")
        if number != self.number or self.year not in (None, year):
            return False
        return not asked or asked in prefix or prefix in self.prefix or prefix.endswith(asked[-2:])


@dataclass(frozen=True, slots=True)
class Field:
    """A field word: what it may mean (address, level-2 type or row part), where it stands, whether it names the field outright."""

    meaning: str
    start: int
    end: int
    hard: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A demand on values: comparator with number and unit, or a comparator sign alone (``number`` None)."""

    comparator: str
    number: Decimal | None
    unit: str
    start: int
    end: int


@dataclass(slots=True)
class Question:
    """A question taken apart. ``kind`` is the kind of answer asked for (see ``lexicon.ASKS``, or count, or empty), ``classifier`` the
    measure word behind 多少; ``operator`` a name of ``lexicon.OPERATORS`` or empty; ``spent`` that an amount put in is asked, no price."""

    raw: str
    text: str
    settled: list[bool]
    keys: list[Key] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    ordinals: list[int] = field(default_factory=list)
    years: list[int] = field(default_factory=list)
    relative_years: list[int] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    loose_numbers: list[tuple[int, int]] = field(default_factory=list)
    kind: str = ""
    classifier: str = ""
    operator: str = ""
    operator_text: str = ""
    yes_no: bool = False
    counting: bool = False
    counted: str = ""
    listing: bool = False
    which: bool = False
    negated: bool = False
    in_words: bool = False
    in_numbers: bool = False
    whole_row: bool = False
    all_rows: bool = False
    spent: bool = False
    how_to: bool = False
    absent: tuple[str, str] | None = None

    def settle(self, start: int, end: int) -> None:
        """Account for characters."""
        self.settled[start:end] = [True] * (end - start)

    def free(self, start: int, end: int) -> bool:
        """Whether nothing accounts for these characters yet."""
        return not any(self.settled[start:end])

    def marked(self, *spans: tuple[int, int]) -> list[bool]:
        """Which characters are accounted for when the field words and these spans are too."""
        marks = list(self.settled)
        for start, end in (*((one.start, one.end) for one in self.fields), *spans):
            marks[start:end] = [True] * (end - start)
        return marks

    def without_fields(self, *spans: tuple[int, int]) -> Question:
        """What is asked about, with no field and no kind of answer asked: field words and these spans are accounted for."""
        return replace(self, settled=self.marked(*spans), fields=[], kind="", classifier="")

    def meanings(self) -> set[str]:
        """What the field words may mean."""
        return {one.meaning for one in self.fields}

    def runs(self, settled: list[bool] | None = None) -> list[tuple[int, int]]:
        """The stretches of characters that nothing accounts for."""
        marks = settled or self.settled
        return [match.span() for match in re.finditer(r"0+", "".join("1" if mark else "0" for mark in marks))]


@dataclass(frozen=True, slots=True)
class Known:
    """What the scope lends to the reading of a question: running ``numbers`` of its document numbers (so that a bare 164 is known as
    one), ``units`` of its values, ``words`` of its indicators' names, ``phrases`` that stand as values or bases, and the ``names`` of the
    offices meant (folded, longest first)."""

    numbers: frozenset[int] = frozenset()
    units: frozenset[str] = frozenset()
    words: str = ""
    phrases: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()


# What is quoted, word by word.
QUOTED = re.compile(r"[“\"‘'「『]([^”\"’'」』]+)[”\"’'」』]")
