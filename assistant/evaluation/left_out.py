"""Leave one out: every past table drafted anew as if it had never been seen, from its name, use and money, with the rest of the corpus.

The use of money is cut into its uses by the plain joiners of a sentence, so that the judge shares nothing with the drafter's own reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assistant.corpus import PastTable
from assistant.draft import Draft, Request
from assistant.evaluation import draft_score
from assistant.evaluation.draft_score import Part
from assistant.evaluation.sourcing import Tables


class Rest:
    """A corpus without one of its tables."""

    def __init__(self, corpus: Any, without: PastTable) -> None:
        self._tables = [past for past in corpus.past_tables() if past.id != without.id]
        self.fingerprint = f"{corpus.fingerprint}-{without.id}"
        self.own_unit = corpus.own_unit

    def past_tables(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> list[PastTable]:
        """The other tables, optionally of a unit and a year."""
        wanted = [unit] if isinstance(unit, str) else unit
        return [past for past in self._tables if (wanted is None or past.unit in wanted) and (year is None or past.year == year)]


def cases(corpus: Any) -> Iterator[tuple[PastTable, Request, dict[str, Any], Rest]]:
    """Each past table with the request that asks for it, the target of the score, and the corpus without it."""
    for past in corpus.past_tables():
        table = past.table
        if not table.purpose or table.budget.total is None:
            continue
        request = Request(name=table.project.name or "", year=table.year, unit=past.unit, budget=f"{table.budget.total:f}", purpose=table.purpose)
        target = {"uses": uses_in(table.purpose), "figures": [], "derived": [], "public": any(row.family == "满意度指标" for row in table.indicators)}
        yield past, request, target, Rest(corpus, past)


def uses_in(purpose: str) -> list[list[str]]:
    """The uses a sentence names, each as the words (its last four and last two characters) by which a row may name it."""
    text = re.sub(r"^(?:资金)?(?:主要)?用于|[。；\s]+$", "", purpose)
    pieces = [
        re.sub(r"(?:补贴|补助|资金|服务|工作|等)+$", "", piece)
        for piece in re.split(r"、|，|以及|及(?!时)|和(?=[^、，]*(?:训练|改造|补贴|培训|适配|保障|服务|器具))", text)
    ]
    # A place that is kept running is counted by the place: 中心运行 by 中心, 学校日常运转 by 学校.
    pieces = [re.sub(r"(?<=..)(?:正常|日常)*(?:运行|运转)$", "", piece) for piece in pieces]
    return [[piece[-4:], piece[-2:]] for piece in pieces if len(piece) >= 2]


def scores(corpus: Any, drafter: Callable[[Request, Tables], Draft]) -> list[tuple[str, dict[str, Part]]]:
    """The parts of the score of every table left out in turn, by project name."""
    found = []
    for past, request, target, rest in cases(corpus):
        made = drafter(request, rest)
        found.append((past.table.project.name or "", draft_score.score(target, made, rest)))
    return found
