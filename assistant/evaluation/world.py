"""What a suite's cases are solved with: a corpus of their own, drafters by name, and the guard against leaks.

The corpus is the bundled one plus the suites' own texts, in a workspace apart from the user's. A case that names its sources is solved
without them; the guard then looks for the expected rows in what the drafter is given, and a case that could have been copied errs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.chinese import fold
from assistant.corpus import Corpus, PastTable, add
from assistant.draft import Draft, Request
from assistant.errors import AssistantError, InputError
from assistant.evaluation.cases import Case
from assistant.table import GoalTable

Drafter = Callable[[Request, Any], Draft]
# A table shares this much of the expected one's rows only when it is the same table.
_SAME_ROWS = 0.9


class Leak(AssistantError):
    """What a case expects could be found in what its solver was given."""


class Without:
    """A corpus without some documents: what drafting may see of it."""

    def __init__(self, corpus: Corpus, sources: Sequence[str]) -> None:
        self._corpus = corpus
        self._sources = tuple(fold(source) for source in sources)

    @property
    def fingerprint(self) -> str:
        """The corpus's state, and what was left out."""
        return f"{self._corpus.fingerprint}-{len(self._sources)}"

    @property
    def own_unit(self) -> str | None:
        """As in the corpus."""
        return self._corpus.own_unit

    @property
    def units(self) -> list[tuple[str, int | None, str, int]]:
        """As in the corpus."""
        return self._corpus.units

    def past_tables(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> list[PastTable]:
        """Past tables whose document or project is not left out."""
        return [past for past in self._corpus.past_tables(unit, year) if not self._is_source(past)]

    def _is_source(self, past: PastTable) -> bool:
        # A source is a file's name, or a file's name and a project after "#" for leave-one-out within a text.
        path, project = fold(Path(past.source.path or "").name), fold(past.table.project.name or "")
        return any(source in (path, f"{path}#{project}") for source in self._sources)


@dataclass
class World:
    """``home`` is the evals' own workspace, ``texts`` folders with the suites' documents, ``drafter`` who drafts (by name),
    ``model`` opens the configured model for drafter ``model``."""

    home: Path
    texts: tuple[Path, ...] = ()
    drafter: str = "embedded"
    model: Any = None
    this_year: int = 2025
    drafters: dict[str, Drafter] = field(default_factory=dict)

    @cached_property
    def corpus(self) -> Corpus:
        """The bundled corpus with the suites' texts added."""
        corpus = Corpus.open(self.home)
        found = [path for folder in self.texts if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]
        if found:
            add(corpus, found)
        return corpus

    @cached_property
    def store(self) -> Any:
        """Its vectors."""
        from assistant.store import open_store

        store = open_store(self.home)
        store.refresh(self.corpus)
        return store

    def given(self, case: Case) -> Any:
        """What a drafter may see for a case, checked for leaks."""
        seen = Without(self.corpus, case.sources) if case.sources else self.corpus
        expected = case.target.get("table")
        if expected is not None:
            guard(GoalTable.model_validate(expected), seen.past_tables())
        return seen

    def draft(self, request: Request, corpus: Any) -> Draft:
        """A draft by the drafter in force. InputError for one nobody knows."""
        known = {"embedded": _embedded, "copy": _copy, "model": self._by_model, **self.drafters}
        if self.drafter not in known:
            raise InputError(f"没有起草器“{self.drafter}”。", f"可用的起草器：{'、'.join(known)}。")
        return known[self.drafter](request, corpus)

    def _by_model(self, request: Request, corpus: Any) -> Draft:
        from assistant.drafting import generated
        from assistant.drafting.material import gather

        if self.model is None:
            raise InputError("没有设置模型，不能评测起草器 model。", "请先 assistant config set，或用 --drafter embedded。")
        return generated.improve(gather(_embedded(request, corpus), None), self.model)


def guard(expected: GoalTable, given: Sequence[PastTable]) -> None:
    """Leak when one of the given tables is the expected one: same year, and nearly all rows with the same name and value."""
    rows = {(fold(row.level3), fold(row.value.text)) for row in expected.indicators}
    for past in given:
        if past.year == expected.year and rows:
            shared = rows & {(fold(row.level3), fold(row.value.text)) for row in past.table.indicators}
            if len(shared) / len(rows) >= _SAME_ROWS:
                raise Leak(f"用例的答案就在给起草器的资料里：{past.source.path}，{past.table.project.name}。", "请把这份文件写进用例的 sources。")


def _embedded(request: Request, corpus: Any) -> Draft:
    from assistant.drafting.embedded import draft

    return draft(request, corpus)


def _copy(request: Request, corpus: Any) -> Draft:
    from assistant.evaluation.draft_score import copied

    return copied(request, corpus.past_tables())
