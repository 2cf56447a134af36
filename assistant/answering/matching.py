"""Which cells answer a question: each character of it must be explained by the cell's own words, its table's name or its use.

The cheaper the explanation the better the fit: own words and names cost nothing, the use of funds a little, anything else in the table
more. Cells that explain everything equally well are all given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assistant.answering.question import Field, Key, Question
from assistant.answering.views import Cell, PartView, Pool, TableView
from assistant.chinese import fold
from assistant.library import measures, short_verbs, synonyms
from assistant.retrieval import alias_table

# What a stretch of content costs by where it is found; see ``_cost``.
_NAME_APART, _OWN_APART, _OWN_AND_NAME, _USE, _WITH_USE, _REST, _AMBIENT, _PART = 0.15, 0.3, 0.4, 1.0, 1.2, 2.0, 0.1, 0.6
# A stretch that names a grant of money.
_GRANT = r"[一-鿿]{2,}(?:津贴|补贴|补助|奖补|救助金|奖励)$"
# Fits this much dearer than the best are not what was asked.
TOLERANCE = 0.25


@dataclass(eq=False, slots=True)
class Fit:
    """How well a cell answers: ``missing`` the content nothing explains (empty for an answer), ``cost`` of the explanation,
    ``identity`` characters of the project's names that the question spells out, ``named`` characters of field words it settles,
    ``own`` whether its own words were asked for, ``precise`` share of its own words that the question says."""

    cell: Cell
    cost: float
    missing: tuple[str, ...]
    identity: int
    named: int
    own: bool
    precise: float


@dataclass
class Matcher:
    """Matching of one question in one scope. ``ambient`` are words that belong to everything in scope (the unit's own name)."""

    q: Question
    tables: Sequence[TableView]
    parts: Sequence[PartView] = ()
    ambient: Pool = field(default_factory=Pool)

    @cached_property
    def spans(self) -> list[tuple[int, int, frozenset[str]]]:
        """Where names with other names stand in the question, and those other names."""
        found = []
        table = alias_table()
        text = self.q.text
        for start, char in enumerate(text):
            if char in short_verbs():
                found.append((start, start + 1, short_verbs()[char]))
            for end in range(min(len(text), start + 14), start + 1, -1):
                others = table.get(text[start:end], frozenset()) | synonyms().get(text[start:end], frozenset())
                if others:
                    found.append((start, end, others))
        return found

    @property
    def by_value(self) -> bool:
        """Whether the question may quote what a value says (which rows write 及时发放), rather than ask for it."""
        q = self.q
        return q.which or q.yes_no or q.counting or q.negated or (q.listing and re.search(r"分别|各", q.text) is None)

    # -- tables ------------------------------------------------------------------------------------------------------------------------

    @cached_property
    def keyed(self) -> list[TableView]:
        """The tables that the hard keys of the question allow."""
        q = self.q
        found = list(self.tables)
        if q.keys:
            found = [view for view in found if any(self._meant(view, key) for key in q.keys)]
        if q.codes:
            found = [view for view in found if any((view.past.table.project.code or "").lower().endswith(code) for code in q.codes)] or [
                view for view in found if any(code in (view.past.table.project.code or "").lower() for code in q.codes)
            ]
        if q.ordinals:
            known = [view.past.table.number or place + 1 for place, view in enumerate(found)]
            found = [view for view, number in zip(found, known, strict=True) if number in q.ordinals or (-1 in q.ordinals and number == max(known))]
        return found

    @property
    def unknown_keys(self) -> list[Key]:
        """Document numbers asked for that no table in scope carries."""
        return [key for key in self.q.keys if not any(self._meant(view, key) for view in self.tables)]

    def _meant(self, view: TableView, key: Key) -> bool:
        """Whether a table carries a document number in its name or, where no table's name does, rests on it."""
        if any(key.means(*one) for one in view.numbers):
            return True
        return not any(key.means(*one) for other in self.tables for one in other.numbers) and any(key.means(*one) for one in view.based_on)

    @property
    def hard(self) -> bool:
        """Whether the question names a document number, a code or a table's number."""
        return bool(self.q.keys or self.q.codes or self.q.ordinals)

    # -- fits --------------------------------------------------------------------------------------------------------------------------

    def fits(self, cells: Iterable[Cell]) -> list[Fit]:
        """Each cell's fit."""
        return [self.fit(cell) for cell in cells]

    def fit(self, cell: Cell) -> Fit:
        """How well a cell explains the question."""
        q = self.q
        settled = list(q.settled)
        named = 0
        for one in q.fields:
            if means(one, cell):
                settled[one.start : one.end] = [True] * (one.end - one.start)
                named = max(named, (one.end - one.start) * (2 if one.hard else 1))
        covers = self._covers(cell)
        cost, missing, own = 0.0, list[str](), False
        for start, end in q.runs(settled):
            price, is_own, gap = self._cost(start, end, covers)
            cost += price
            own = own or is_own
            if gap:
                missing.append(gap)
        if cell.address == "budget.total" and isinstance(cell.holder, TableView):
            cost += self._part_of_budget(cell.holder)
        identity = self._identity(cell)
        told = sum(covers[0][i] for i in range(len(q.text)))
        precise = told / max(len(cell.pool.text), 1) if cell.row is not None or cell.type == "measure" else 0.0
        return Fit(cell, cost, tuple(missing), identity, named, own, precise)

    def _part_of_budget(self, view: TableView) -> float:
        """What it costs that the question is about one of several uses of a table's money: its budget does not tell them apart."""
        asked = self.uses_asked(view)
        return _PART if asked and len(asked) < len(view.uses) else 0.0

    def uses_asked(self, view: TableView) -> list[str]:
        """The uses of a table's money that the question's content words, the project's name aside, are about."""
        content = self._content(self.covered(view.title))
        return [use for use in view.uses if any(_telling(run, use, view.uses) for run in content)]

    def _content(self, known: Sequence[bool]) -> list[str]:
        """The content words of the question (and what they are also called) that are neither field words nor ``known`` otherwise."""
        marks = [a or b for a, b in zip(self.q.marked(), known, strict=True)]
        content = [self.q.text[start:end] for start, end in self.q.runs(marks)]
        return content + [other for start, end, others in self.spans if not all(marks[start:end]) for other in others]

    def _identity(self, cell: Cell) -> int:
        if not isinstance(cell.holder, TableView):
            return 0
        return self.spelled(cell.holder)

    def spelled(self, view: TableView) -> int:
        """How many characters of a project's names the question spells out, field words like 其他资金 aside."""
        return max((len(name) for name in view.identities if name in self._naming), default=0)

    @cached_property
    def _naming(self) -> str:
        text = list(self.q.text)
        for one in self.q.fields:
            if one.hard and one.meaning.startswith("budget."):
                text[one.start : one.end] = "\n" * (one.end - one.start)
        return "".join(text)

    def _covers(self, cell: Cell) -> list[list[bool]]:
        holder = cell.holder
        if isinstance(holder, TableView):
            own = cell.with_value if self.by_value else cell.pool
            # A word of another row says nothing about this one, unless the kind of answer leaves no doubt which row is meant; and what
            # only a row says is a part of the money at most.
            apart = cell.address.startswith("budget.") if cell.row is None else self.q.kind not in ("count", "per", "percent")
            rest = _NOTHING if apart else holder.rest
            pools = (own, holder.title, holder.use, rest)
        else:
            pools = (cell.pool, Pool(), cell.around, Pool())
        covers = [self.covered(pool) for pool in pools]
        # A figure of some other row is no word of this one.
        covers[3] = [mark and not char.isdigit() for mark, char in zip(covers[3], self.q.text, strict=True)]
        return covers

    def covered(self, pool: Pool) -> list[bool]:
        """Which characters of the question a pool explains, by pairs of neighbours and by other names."""
        known = self._cache.get(id(pool))
        if known is not None:
            return known[1]
        text = self.q.text
        marks = [False] * len(text)
        pairs = pool.pairs
        for i in range(len(text) - 1):
            if text[i : i + 2] in pairs and not text[i].isdigit() and not text[i + 1].isdigit():
                marks[i] = marks[i + 1] = True
        for number in re.finditer(r"\d+(?:\.\d+)?", text):
            if re.search(rf"(?<![\d.]){re.escape(number[0])}(?![\d.])", pool.text):
                marks[number.start() : number.end()] = [True] * len(number[0])
        for start, end, others in self.spans:
            if any(other in pool for other in others):
                marks[start:end] = [True] * (end - start)
        # The pool is kept beside its marks, so that its id stays its own.
        self._cache[id(pool)] = (pool, marks)
        return marks

    @cached_property
    def _cache(self) -> dict[int, tuple[Pool, list[bool]]]:
        return {}

    def _cost(self, start: int, end: int, covers: list[list[bool]]) -> tuple[float, bool, str]:
        """The price of a stretch, whether the cell's own words carry it, and what of it nothing explains."""
        own, name, use, rest = (cover[start:end] for cover in covers)
        words = self.q.text[start:end]
        surround = self.covered(self.ambient)[start:end]
        if all(own):
            price = 0.0 if self._whole(words, covers, 0) else _OWN_APART
            if all(name):
                # What the project's name says too is no reason for just this row.
                return min(price, 0.0 if self._whole(words, covers, 1) else _NAME_APART), False, ""
            return price, True, ""
        if all(name):
            return (0.0 if self._whole(words, covers, 1) else _NAME_APART), False, ""
        if all(surround):
            return _AMBIENT, False, ""
        both = [a or b or c for a, b, c in zip(own, name, surround, strict=True)]
        if all(both):
            return _OWN_AND_NAME, any(own), ""
        if re.search(_GRANT, words) and not any(self._together(words, pool) for pool in (covers[0], covers[1], covers[2])):
            # The name of a grant whose parts stand apart from each other is the name of another grant.
            return _REST, any(own), words
        if all(use):
            return _USE, any(own), ""
        with_use = [a or b for a, b in zip(both, use, strict=True)]
        if all(with_use):
            return _WITH_USE, any(own), ""
        everything = [a or b for a, b in zip(with_use, rest, strict=True)]
        if all(everything):
            return _REST, any(own), ""
        gaps = [i for i, mark in enumerate(everything) if not mark]
        if all(self._lone(start + i, covers, everything, i) for i in gaps):
            return (_REST if any(own) else _OWN_APART + _USE), any(own), ""
        return _REST, any(own), "".join(words[i] for i in gaps)

    def _together(self, words: str, marks: list[bool]) -> bool:
        """Whether the words of a grant's name stand near each other in the pool behind these marks: 托养补贴 in 托养服务补贴."""
        pool = next((pool for pool, known in self._cache.values() if known is marks), None)
        if pool is None:
            return True
        head, noun = words[:2], words[-2:]
        nouns = {noun, *synonyms().get(noun, ())}
        heads = {head, *synonyms().get(head, ()), *alias_table().get(head, ())}
        return any(re.search(rf"{re.escape(a)}[^,;、。\n]{{0,4}}{re.escape(b)}", pool.text) for a in heads for b in nouns)

    def _lone(self, place: int, covers: list[list[bool]], known: list[bool], i: int) -> bool:
        """Whether a single unexplained character is a word of the cell's own said short (播 for 刊播)."""
        neighbours = [known[j] for j in (i - 1, i + 1) if 0 <= j < len(known)]
        if not neighbours and (self.q.text[place] == "率" or not all(self.q.settled[j] for j in (place - 1, place + 1) if 0 <= j < len(self.q.settled))):
            # The end of a word whose beginning a field word took (验收|人).
            return False
        own = next(pool for pool, marks in self._cache.values() if marks is covers[0])
        fields = any(one.start <= place < one.end for one in self.q.fields)
        return all(neighbours) and not fields and self.q.text[place] in own

    def _whole(self, words: str, covers: list[list[bool]], which: int) -> bool:
        return any(id(marks) == id(covers[which]) and words in pool for pool, marks in self._cache.values())

    # -- choosing ----------------------------------------------------------------------------------------------------------------------

    def choose(self, cells: Iterable[Cell], *, tolerance: float = TOLERANCE) -> list[Fit]:
        """The cells that explain everything, best first, without those clearly worse than the best."""
        fits = [fit for fit in self.fits(cells) if not fit.missing and not self._other_use(fit)]
        return cheapest(fits, tolerance, strict=self.hard)

    def _other_use(self, fit: Fit) -> bool:
        """Whether the question is about one use of a table's money and the row about another one.

        A table for 康复训练 and 无障碍改造 whose quantity row counts 康复训练 says nothing of how many homes are altered.
        """
        view = fit.cell.holder
        if not isinstance(view, TableView) or fit.cell.row is None or len(view.uses) < 2:
            return False
        # Words of the project's name and of the row itself ask for no particular use.
        content = self._content([a or b for a, b in zip(self.covered(view.title), self.covered(fit.cell.pool), strict=True)])
        asked = [use for use in view.uses if any(_telling(run, use, view.uses) for run in content)]
        rowed = [use for use in view.uses if _telling(fit.cell.pool.text, use, view.uses)]
        if asked and self.q.kind in ("count", "per"):
            # How many of this use: only a row that counts this use says so.
            return not set(asked) & set(rowed)
        return bool(asked and rowed and not set(asked) & set(rowed))


def cheapest(fits: list[Fit], tolerance: float = TOLERANCE, *, strict: bool = False) -> list[Fit]:
    """The fits within tolerance of the best; among them those that spell out a project's own name win over those that do not.

    Unless ``strict`` (a document number beside the name), a cell whose own words say it all stays beside them.
    """
    if not fits:
        return []
    best = min(fit.cost for fit in fits)
    near = [fit for fit in fits if fit.cost <= best + tolerance]
    spelled = max(fit.identity for fit in near)
    if spelled >= 2:
        near = [fit for fit in near if fit.identity == spelled or (fit.own and fit.cost <= best and not strict)]
    return sorted(near, key=lambda fit: (fit.cost, -fit.named, -fit.precise))


def _telling(text: str, use: str, uses: Sequence[str]) -> bool:
    """Whether a text has a pair of characters that only this use has."""
    others = "|".join(other for other in uses if other != use)
    own = {use[i : i + 2] for i in range(len(use) - 1)} - {others[i : i + 2] for i in range(len(others) - 1)}
    return any(pair in text for pair in own if not re.search(r"[的等费项]", pair))


def means(one: Field, cell: Cell) -> bool:
    """Whether a field word may mean this cell."""
    meaning = one.meaning
    if cell.row is not None:
        if meaning in ("level3", "description", "basis"):
            return True
        if meaning in ("产出指标", "效益指标"):
            return cell.row.family == meaning
        if meaning == "效益":
            return "效益" in cell.type or "影响" in cell.type
        if meaning in ("成本指标", "经济成本指标"):
            return "成本" in cell.type
        return meaning == cell.type or (meaning == "社会效益指标" and not one.hard and cell.type == "数量指标")
    if meaning == "use" and isinstance(cell.holder, TableView):
        # What the money is for: forms without 资金用途 say it in the goal.
        return cell.address == "purpose" or (not cell.holder.past.table.purpose and cell.address.startswith("goals"))
    if meaning == "plan":
        return cell.type == "plan"
    if meaning == "goals":
        return cell.address.startswith("goals") or cell.type.startswith("item")
    if meaning in ("safeguard", "item", "overall"):
        return cell.type.startswith(meaning)
    return meaning == cell.address


def fits_kind(q: Question, cell: Cell) -> bool:
    """Whether a cell gives the kind of answer that is asked for."""
    kind, measure = q.kind, q.classifier
    if not kind:
        return True
    is_cost = "成本" in cell.type
    if kind == "budget":
        return cell.address.startswith("budget.")
    if kind == "money":
        if q.spent and cell.kind == "per":
            # What is put in is an amount, no price.
            return False
        return cell.address.startswith("budget.") or cell.kind in ("money", "per") or (is_cost and cell.kind == "text")
    if kind == "per":
        if cell.row is None or not (cell.kind == "per" or is_cost):
            return False
        per = fold(cell.target.measured_per or "") if cell.target is not None else ""
        if measure in ("月", "天", "日", "个月"):
            # A price that does not say by the month is not known to be one.
            return cell.kind == "text" or measure[-1] in per or measure[-1] in cell.pool
        return not measure or measure == "年" or not per or any(unit in per for unit in (measure, *measures().get(measure, ())[:3]))
    if kind == "percent":
        return cell.kind == "percent"
    if kind == "count":
        if cell.kind != "count" or cell.target is None:
            return False
        unit = cell.number[1] if cell.number else ""
        if measure == "人次" and unit == "人" and "人次" not in cell.pool:
            # One person served five times is five 人次.
            return False
        if measure == "个":
            # 几个 counts anything.
            return cell.kind == "count"
        return not unit or unit == measure or unit in measures().get(measure, (measure,))
    if kind == "time":
        return cell.kind == "time" or cell.type in ("时效指标", "plan", "safeguard", "item", "item indicators")
    return False


_NOTHING = Pool()
