"""Deliberately worse drafts, and equally good ones: what the gate must stop, and what it must let pass. For its own proof.

Each function takes a draft and a source of chance and gives the draft as another drafter would have made it: provenance and questions go
with the rows, so that only the defect itself can be noticed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from assistant.draft import Draft
from assistant.evaluation import scorers, solvers
from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.runs import Run, Sample
from assistant.evaluation.world import World
from assistant.table import Indicator
from assistant.target import Target

_UNITS = ("人", "户", "次", "元", "万元", "%", "公里", "台", "个", "年")
_ROW = re.compile(r"indicators\[(\d+)\](.*)")


def drops_a_row(draft: Draft, chance: random.Random) -> Draft:
    """One row is missing."""
    rows = len(draft.table.indicators)
    gone = chance.randrange(rows)
    return _arranged(draft, [number for number in range(rows) if number != gone])


def copies_a_wrong_unit(draft: Draft, chance: random.Random) -> Draft:
    """One value has the unit of something else."""
    fitting = [number for number, row in enumerate(draft.table.indicators) if row.value.kind == "quant" and row.value.unit]
    if not fitting:
        return draft
    number = chance.choice(fitting)
    value = draft.table.indicators[number].value
    unit = chance.choice([unit for unit in _UNITS if unit != value.unit])
    return _with_value(draft, number, f"{value.comparator or ''}{value.number}{unit}")


def invents_a_number(draft: Draft, chance: random.Random) -> Draft:
    """One value has a number that nobody gave."""
    fitting = [number for number, row in enumerate(draft.table.indicators) if row.value.kind in ("quant", "text", "missing")]
    number = chance.choice(fitting)
    value = draft.table.indicators[number].value
    return _with_value(draft, number, f"{value.comparator or '≥'}{chance.randrange(1003, 9973)}{value.unit or '人'}")


def says_it_differently(draft: Draft, chance: random.Random) -> Draft:
    """As good: the rows of a type in another order, descriptions with another last mark."""
    order = list(range(len(draft.table.indicators)))
    chance.shuffle(order)
    order.sort(key=lambda number: _place(draft.table.indicators, number))
    made = _arranged(draft, order)
    rows = [row.model_copy(update={"description": (row.description or "").rstrip("。") or None}) for row in made.table.indicators]
    return made.model_copy(update={"table": made.table.model_copy(update={"indicators": tuple(rows)})})


DEFECTS: dict[str, Callable[[Draft, random.Random], Draft]] = {
    "drops-a-row": drops_a_row,
    "copies-a-wrong-unit": copies_a_wrong_unit,
    "invents-a-number": invents_a_number,
}


EQUAL = {"says-it-differently": says_it_differently}


class Trial:
    """A suite's drafts made once and spoiled in many ways, so that the gate can be tried with hundreds of drafters in seconds."""

    def __init__(self, suite: Suite, world: World, *, each: int = 5) -> None:
        self._cases = suite.cases
        drafts = {case.id: Draft.model_validate(solvers.draft(case, world)["draft"]) for case in suite.cases}  # type: ignore[index]
        self._plain = {case.id: _sample(case, drafts[case.id], world) for case in suite.cases}
        self._spoiled = {
            name: {case.id: [_sample(case, spoil(drafts[case.id], random.Random(f"{name}{case.id}{n}")), world) for n in range(each)] for case in suite.cases}
            for name, spoil in {**DEFECTS, **EQUAL}.items()
        }

    def run(self, defect: str = "", seed: int = 0, share: float = 1.0, *, model: str = "") -> Run:
        """The run of a drafter that has ``defect`` in ``share`` of its drafts (each time another spoiling), of the plain drafter without one."""
        chance = random.Random(f"{defect}{seed}")
        samples = [chance.choice(self._spoiled[defect][case.id]) if defect and chance.random() < share else self._plain[case.id] for case in self._cases]
        return Run(id=f"{defect or 'plain'}-{seed}", suite="trial", settings={"model": model}, samples=tuple(samples))

    def unsteady(self, seed: int, share: float = 0.2) -> Run:
        """The run of a drafter that is now and then wrong, as a model is: in ``share`` of its drafts it has one of the defects."""
        chance = random.Random(f"unsteady{seed}")
        samples = [
            chance.choice(self._spoiled[chance.choice(sorted(DEFECTS))][case.id]) if chance.random() < share else self._plain[case.id] for case in self._cases
        ]
        return Run(id=f"unsteady-{seed}", suite="trial", settings={"model": "unsteady"}, samples=tuple(samples))


def _sample(case: Case, draft: Draft, world: World) -> Sample:
    return Sample(case=case.id, group=case.group, scores=tuple(scorers.of_draft(case, draft, world)))


def _place(rows: Sequence[Indicator], number: int) -> int:
    """Where the row's type begins."""
    return next(first for first, row in enumerate(rows) if row.level2 == rows[number].level2)


def _with_value(draft: Draft, number: int, text: str) -> Draft:
    rows = list(draft.table.indicators)
    rows[number] = rows[number].model_copy(update={"value": Target.parse(text)})
    return draft.model_copy(update={"table": draft.table.model_copy(update={"indicators": tuple(rows)})})


def _arranged(draft: Draft, order: Sequence[int]) -> Draft:
    """The draft with the rows of ``order`` in that order, addresses following them."""
    new = {old: number for number, old in enumerate(order)}

    def moved(cell: str) -> str | None:
        match = _ROW.fullmatch(cell)
        if match is None:
            return cell
        return f"indicators[{new[int(match[1])]}]{match[2]}" if int(match[1]) in new else None

    table = draft.table.model_copy(update={"indicators": tuple(draft.table.indicators[old] for old in order)})
    provenance = tuple(entry.model_copy(update={"cell": cell}) for entry in draft.provenance if (cell := moved(entry.cell)) is not None)
    questions = tuple(one.model_copy(update={"cell": cell}) for one in draft.open_questions if (cell := moved(one.cell)) is not None)
    return draft.model_copy(update={"table": table, "provenance": provenance, "open_questions": questions})
