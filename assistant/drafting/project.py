"""The project that rows are written for: its name, year, money and documents, and what it cites of the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from assistant.draft import Request, Source
from assistant.drafting import wording
from assistant.drafting.facts import Fact
from assistant.drafting.request import documents_of
from assistant.library import LibraryRow


class Money(NamedTuple):
    """The project's money as arithmetic needs it: amount in 元, text in the form's unit, the cell it comes from, the sum that gave it."""

    yuan: Decimal
    text: str
    source: Source
    reckoned: str = ""

    def shown(self, formula: str) -> str:
        """A formula that uses the money, after the one that gave it where nobody said it."""
        return f"{self.reckoned}；{formula}" if self.reckoned else formula


@dataclass(slots=True)
class Project:
    """What every row needs to know of the project: its name without number and year, year, money, documents, unit."""

    core: str
    year: int | None
    request: Request
    money: Money | None = None
    documents: tuple[str, ...] = ()
    unit_name: str | None = None
    refused: frozenset[str] = frozenset()
    used: list[Fact] = field(default_factory=list)

    @classmethod
    def of(cls, core: str, request: Request, year: int | None, money: Money | None, unit_name: str | None, refused: frozenset[str]) -> Project:
        """The project of a request."""
        documents = documents_of(request)
        return cls(core, year, request, money, documents, unit_name, refused)

    @property
    def short(self) -> str:
        """The core name, cut for use inside an indicator's name."""
        return self.core if len(self.core) <= 12 else ""


def library_source(row: LibraryRow, column: str) -> Source:
    """A library row as the source of a cell."""
    text = {"三级指标": row.template, "指标解释": row.description, "依据": row.basis}.get(column)
    if text is None:
        text = f"{row.name}：{row.comparator}{'' if row.customary is None else wording.plain(row.customary)}{row.unit}（惯用值）"
    return Source(path=f"corpus/indicators/{row.type}", cell=column, text=text)
