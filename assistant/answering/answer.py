"""Answer: what ``ask`` gives back, with citations; the JSON is the contract's ``ask --json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.answering.views import Cell, TableView

NOT_THERE = "资料中没有"


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in the corpus: document, project (or policy, term), year, cell address or section, text there."""

    source: str
    project: str | None
    year: int | None
    cell: str | None
    text: str

    @classmethod
    def of(cls, cell: Cell) -> Citation:
        """The citation of a cell."""
        past = cell.holder.past
        project = cell.holder.name if isinstance(cell.holder, TableView) else None
        return cls(past.source.path or "", project, past.year, cell.address, cell.text)

    @classmethod
    def at(cls, view: TableView, address: str) -> Citation:
        """The citation of a table's cell by its address."""
        return cls(view.past.source.path or "", view.name, view.past.year, address, view.past.table.text(address))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in Chinese with its citations; ``answered`` False says 资料中没有 with the nearest things. ``scope`` is whose and which
    year's texts were used, None for policies and terms."""

    question: str
    answered: bool
    answer: str
    citations: tuple[Citation, ...] = ()
    mode: str = "embedded"
    scope: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        names = ("source", "project", "year", "cell", "text")
        return {
            "question": self.question,
            "answered": self.answered,
            "answer": self.answer,
            "citations": [{name: getattr(citation, name) for name in names} for citation in self.citations],
            "mode": self.mode,
            "scope": self.scope,
        }
