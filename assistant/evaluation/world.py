"""What a suite's cases are solved with: a corpus of their own, drafters by name, and the guard against leaks.

The corpus is the bundled one plus the suites' own texts, in a workspace apart from the user's. A case that names its sources is solved
without them; the guard then looks for the expected rows in what the drafter is given, and a case that could have been copied errs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.chinese import fold
from assistant.corpus import Corpus, PastTable, add, remove
from assistant.draft import Draft, Request
from assistant.errors import AssistantError, InputError
from assistant.evaluation.cases import Case
from assistant.evaluation.sourcing import Known
from assistant.model.call import Call, Model, OnText, Reply
from assistant.table import GoalTable

# A draft, or the rest of the work: a function that asks a model and touches no records.
Made = Draft | Callable[[], Draft]
Drafter = Callable[[Request, Any], Made]
# A table shares this much of the expected one's rows only when it is the same table.
_SAME_ROWS = 0.9


class Leak(AssistantError):
    """What a case expects could be found in what its solver was given."""


class Without:
    """A corpus without some documents (or single tables of them): what drafting may see of it, passages included."""

    def __init__(self, corpus: Corpus, sources: Sequence[str]) -> None:
        self._corpus = corpus
        self._sources = frozenset(fold(source) for source in sources)
        hidden = [past for past in corpus.past_tables() if self._is_source(past)]
        self.hidden = tuple(hidden)
        self._hidden_ids = frozenset(past.id for past in hidden)
        self.records = _Records(corpus, self._is_hidden)
        digest = hashlib.sha256("\n".join(sorted(self._sources)).encode()).hexdigest()[:8]
        self.fingerprint = f"{corpus.fingerprint}-{digest}"
        self.own_unit = corpus.own_unit
        self.units = corpus.units

    def past_tables(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> list[PastTable]:
        """Past tables whose document or project is not left out."""
        return [past for past in self._corpus.past_tables(unit, year) if past.id not in self._hidden_ids]

    def tables_by_id(self, ids: Sequence[str]) -> dict[str, PastTable]:
        """As in the corpus, without those left out."""
        return self._corpus.tables_by_id([each for each in ids if each not in self._hidden_ids])

    def policies(self) -> Any:
        """Policies are no case's source."""
        return self._corpus.policies()

    def _is_source(self, past: PastTable) -> bool:
        # A source is a file's name, or a file's name with a project after "#" (leave-one-out within a text) or a year after "@".
        path, project = fold(Path(past.source.path or "").name), fold(past.table.project.name or "")
        return not self._sources.isdisjoint((path, f"{path}#{project}", f"{path}@{past.year}"))

    def _is_hidden(self, passage: Any) -> bool:
        return passage.table in self._hidden_ids or fold(Path(passage.source).name) in self._sources


class _Records:
    """The corpus's records for finding passages, without those of hidden documents."""

    def __init__(self, corpus: Corpus, hidden: Callable[[Any], bool]) -> None:
        self._records, self._hidden = corpus.records, hidden

    def find(self, query: str, k: int, **scope: Any) -> list[Any]:
        """The best passages that are not hidden."""
        return [hit for hit in self._records.find(query, 2 * k + 20, **scope) if not self._hidden(hit[0])][:k]

    def passages(self, ids: Sequence[str]) -> dict[str, Any]:
        """Passages by id, without the hidden ones."""
        return {id: passage for id, passage in self._records.passages(ids).items() if not self._hidden(passage)}


class Meter:
    """A model that counts what one case costs: tokens and money (None as soon as one reply has no price)."""

    def __init__(self, model: Model) -> None:
        self.name = model.name
        self.tokens = 0
        self.cost: Decimal | None = Decimal(0)
        self._model = model

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The model's reply, counted."""
        reply = self._model.reply(call, on_text)
        self.tokens += reply.usage.total
        self.cost = None if self.cost is None or reply.cost is None else self.cost + reply.cost
        return reply

    def spent(self) -> dict[str, Any]:
        """Tokens and money as an output tells them."""
        return {"tokens": self.tokens, "cost": None if self.cost is None else float(self.cost)}


@dataclass(eq=False)
class World:
    """``home`` is the evals' own workspace, ``texts`` folders with the suites' documents, ``drafter`` who drafts (by name),
    ``model`` the configured model for drafter ``model``, ``judge`` the model in the role of judge, ``prompts`` a folder of prompt files
    being tried."""

    home: Path
    texts: tuple[Path, ...] = ()
    drafter: str = "embedded"
    model: Model | None = None
    judge: Model | None = None
    prompts: Path | None = None
    this_year: int = 2025
    drafters: dict[str, Drafter] = field(default_factory=dict)

    @property
    def variant(self) -> str:
        """Who solves, in a word: ``embedded``, ``model·deepseek-chat·短提示词``."""
        return "·".join(part for part in (self.drafter, self.model_name, self.prompts.name if self.prompts else "") if part)

    @property
    def model_name(self) -> str:
        """The model that solves, empty when none does."""
        return self.model.name if self.model is not None else ""

    @property
    def judge_name(self) -> str:
        """The model in the role of judge, empty when there is none."""
        return self.judge.name if self.judge is not None else ""

    @cached_property
    def prompts_label(self) -> str:
        """The prompt files being tried as ``folder: name@version-fingerprint …``, empty for the program's own."""
        if self.prompts is None:
            return ""
        from assistant import prompts

        if not (files := sorted(path.stem for path in self.prompts.glob("*.md") if path.stem != "README")):
            raise InputError(f"“{self.prompts}”里没有提示词文件。", "把要试的 .md 提示词放进一个文件夹，文件名与 prompts/ 里的相同。")
        found = [prompts.load(name, self.prompts) for name in files]
        return f"{self.prompts.name}: " + " ".join(f"{each.label}-{each.fingerprint}" for each in found)

    @cached_property
    def corpus(self) -> Corpus:
        """The bundled corpus with the suites' texts added."""
        corpus = Corpus.open(self.home)
        found = [path.resolve() for folder in self.texts if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]
        if found:
            add(corpus, found)
        # Texts that are gone since, or stood elsewhere, must not be found any more.
        stale = {one.path for one in corpus.documents(superseded=True) if one.layer == "user"} - {str(path) for path in found}
        for path in sorted(name for name in stale if name.split("!")[0] not in {str(path) for path in found}):
            remove(corpus, path)
        return corpus

    @cached_property
    def known(self) -> Known:
        """The corpus prepared for the check of sources."""
        return Known(self.corpus)

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
        expected = [GoalTable.model_validate(case.target["table"])] if case.target.get("table") else []
        # What was left out may stand there a second time, under another file's name.
        expected += [past.table for past in seen.hidden] if isinstance(seen, Without) else []
        for table in expected:
            guard(table, seen.past_tables())
        return seen

    def draft(self, request: Request, corpus: Any, model: Model | None = None) -> Made:
        """A draft by the drafter in force, or the rest of the work. InputError for a drafter nobody knows."""
        known: dict[str, Drafter] = {"embedded": _embedded, "copy": _copy, "model": lambda asked, given: _by_model(asked, given, model), **self.drafters}
        if self.drafter not in known:
            raise InputError(f"没有起草器“{self.drafter}”。", f"可用的起草器：{'、'.join(known)}。")
        return known[self.drafter](request, corpus)


def guard(expected: GoalTable, given: Sequence[PastTable]) -> None:
    """Leak when one of the given tables is the expected one: of the same year (or of none), nearly all rows with the same name and value."""
    rows = {(fold(row.level3), fold(row.value.text)) for row in expected.indicators}
    for past in given:
        if past.year in (expected.year, None) and rows:
            shared = rows & {(fold(row.level3), fold(row.value.text)) for row in past.table.indicators}
            if len(shared) / len(rows) >= _SAME_ROWS:
                raise Leak(f"用例的答案就在给起草器的资料里：{past.source.path}，{past.table.project.name}。", "请把这份文件写进用例的 sources。")


def _embedded(request: Request, corpus: Any) -> Draft:
    from assistant.drafting.embedded import draft

    return draft(request, corpus)


def _copy(request: Request, corpus: Any) -> Draft:
    from assistant.evaluation.draft_score import copied

    return copied(request, corpus.past_tables())


def _by_model(request: Request, corpus: Any, model: Model | None) -> Made:
    from assistant.drafting import generated
    from assistant.drafting.material import gather

    if model is None:
        raise InputError("没有设置模型，不能评测起草器 model。", "请先 assistant config set preset 名称，或用 --drafter embedded。")
    # Records are read here; what is left to do only asks the model.
    material = gather(_embedded(request, corpus), corpus)
    return lambda: generated.improve(material, model)
