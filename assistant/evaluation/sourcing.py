"""Does every number of a draft come from somewhere? An independent check: it shares no code with the drafters and trusts no label.

For each cell the numbers are read from its text and looked for where the provenance says they stand: in the request, in the cited
cell (which must exist in the corpus and say so), in a library row or policy (likewise), or in arithmetic, which is worked out again
and whose operands must themselves be found. What is left over is unsourced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol

from assistant import library
from assistant.chinese import chinese_number, fold, numbers_in
from assistant.corpus import PastTable
from assistant.draft import Draft, Provenance

# Numbers that are part of a method, not of a claim: percent formulas, months of a year, yuan in 万元.
_METHOD = frozenset(map(Decimal, (1, 12, 100, 1000, 10_000)))


class Unsourced(NamedTuple):
    """A number with no source: its cell, the number, and what was looked for."""

    cell: str
    number: Decimal
    why: str


class Tables(Protocol):
    """What the check needs of a corpus."""

    def past_tables(self) -> Sequence[PastTable]:
        """Every past table."""
        ...


class Known:
    """A corpus's tables prepared for many checks: which texts stand in which project and year. Made once, used for thousands of drafts."""

    def __init__(self, corpus: Tables) -> None:
        self._tables = list(corpus.past_tables())
        self._texts: dict[str | None, list[tuple[int | None, frozenset[str]]]] = {}
        self._years: dict[Any, set[Decimal]] = {}
        for past in self._tables:
            texts = frozenset([*(fold(cell.text) for cell in past.table.cells() if cell.text), str(past.year), fold(past.table.title or "")])
            for project in {past.table.project.name, None}:
                self._texts.setdefault(project, []).append((past.year, texts))
            self._years.setdefault(past.table.project, set()).add(Decimal(past.year or 0))

    def past_tables(self) -> Sequence[PastTable]:
        """Every past table, as the corpus gave them."""
        return self._tables

    def says(self, texts: set[str], project: str | None, year: int | None) -> bool:
        """Whether a table of that project and year (None = of any) has a cell, year or title with one of the folded texts."""
        return any(not texts.isdisjoint(known) for of, known in self._texts.get(project, ()) if year is None or of is None or of == year)

    def years(self, project: Any) -> set[Decimal]:
        """The years of the tables of exactly that project."""
        return self._years.get(project, set())


def unsourced(draft: Draft, corpus: Tables) -> list[Unsourced]:
    """Every number of the draft's table that its provenance does not account for."""
    return list(_Check(draft, corpus if isinstance(corpus, Known) else Known(corpus)).found())


class _Check:
    """One draft being checked; what many cells need is worked out once."""

    def __init__(self, draft: Draft, corpus: Known) -> None:
        self.draft, self.corpus = draft, corpus

    def found(self) -> Iterator[Unsourced]:
        draft = self.draft
        entries = {entry.cell: entry for entry in draft.provenance}
        year = draft.table.year
        years = {Decimal(year), Decimal(year - 1)} if year is not None else set()
        for cell in draft.table.cells():
            wanted = _digits(cell.text)
            if not wanted:
                continue
            address = cell.address
            entry = entries.get(address)
            if entry is None:
                yield from (Unsourced(address, number, "没有来源记录") for number in wanted)
                continue
            allowed, why = self._allowed(entry)
            beside: list[AbstractSet[Decimal]] = [allowed] if address == "year" else [allowed, years]
            if address.endswith((".description", ".level3")):
                beside.append(_METHOD)
            if address.startswith("goals"):
                beside += [self.rows, self.named]
            elif address.endswith((".level3", ".description", ".basis")):
                # The things' own names may hold digits (4G网络运维); those are the name's and the use's, which are judged by themselves.
                beside.append(self.named)
            yield from (Unsourced(address, number, why) for number in wanted if not any(number in known for known in beside))

    @cached_property
    def rows(self) -> AbstractSet[Decimal]:
        """The numbers of the table's own rows (names and values, each judged by itself) and budget, which its goals may repeat."""
        texts = [text for row in self.draft.table.indicators for text in (row.value.text, row.level3)]
        return frozenset(number for text in (*texts, self.draft.table.text("budget.total")) for number in _digits(text))

    @cached_property
    def named(self) -> AbstractSet[Decimal]:
        """The numbers in the project's name and use of money."""
        return frozenset(_digits(f"{self.draft.table.project.name or ''} {self.draft.table.purpose or ''}"))

    @cached_property
    def said(self) -> AbstractSet[Decimal]:
        """Every number in the words of the request, Chinese numerals and scales understood."""
        request = self.draft.request
        plain = (request.name, request.purpose, request.sentence, request.budget, request.fiscal, request.other, request.unit, str(request.year or ""))
        words = [*plain, *request.basis, *request.known.keys(), *request.known.values(), *request.stated.values()]
        return frozenset(number for text in words if text for number in _numbers_of(text))

    @cached_property
    def before(self) -> AbstractSet[Decimal]:
        """Every number of last year's table, and its years."""
        previous = self.draft.previous
        if previous is None:
            return frozenset()
        return frozenset(number for cell in previous.cells() for number in _numbers_of(cell.text)) | self.corpus.years(previous.project)

    def _allowed(self, entry: Provenance) -> tuple[AbstractSet[Decimal], str]:
        source = entry.source
        cited = frozenset(_digits(source.text or "")) if source is not None else frozenset()
        if entry.origin == "request":
            return self.said, "需求里没有这个数"
        if entry.origin in ("carried", "person"):
            if source is None or not _stands(entry, self.corpus):
                return frozenset(), f"引用的内容在资料里找不到：{source.text if source else ''}"
            # The year of the table that is cited may be said with it.
            return cited | ({Decimal(source.year)} if source.year else set()), "引用的单元格里没有这个数"
        if entry.origin in ("library", "policy"):
            if source is None or not source.text:
                return frozenset(), "没有引用"
            if entry.origin == "library" and not _in_library(source.text):
                return _METHOD & cited, f"指标库里没有这句话：{source.text}"
            return cited | (_METHOD if entry.origin == "policy" else frozenset()), "引用的文字里没有这个数"
        if entry.origin == "model":
            # A model's words may say what the request says, and what stands at the place that they cite.
            stands = source is not None and (_stands(entry, self.corpus) or (source.path or "").startswith("policies/"))
            return self.said | (cited if stands else frozenset()), "模型写的数，需求和所引之处都没有"
        if entry.origin == "computed":
            return self._worked_out(entry), "算式里没有这个数，或算式不对"
        return frozenset(), "待核实的单元格里不应有数"

    def _worked_out(self, entry: Provenance) -> AbstractSet[Decimal]:
        """The numbers of a formula whose steps are right and whose operands are known."""
        formula = fold(entry.formula or "")
        cited = _numbers_of(entry.source.text) if entry.source is not None and entry.source.text else frozenset()
        known = (self.said, _METHOD, cited, self.before)
        results: set[Decimal] = set()
        for match in _STEP.finditer(formula):
            operands = [Decimal(number) for number in _PLAIN_NUMBER.findall(match[1] + match[2])]
            if all(operand in results or any(operand in one for one in known) for operand in operands) and _right(match[0]):
                results.add(Decimal(match[4]))
        return results | {number for number in _digits(formula) if any(number in one for one in known)}


@lru_cache(maxsize=32_768)
def _digits(text: str) -> tuple[Decimal, ...]:
    # The same texts come back in every variant of a draft that is scored.
    return tuple(numbers_in(text))


@lru_cache(maxsize=32_768)
def _numbers_of(text: str) -> frozenset[Decimal]:
    found = set(_digits(text))
    folded = fold(text)
    for match in _SCALED.finditer(folded):
        found.add(Decimal(match[1]) * {"万": 10_000, "千": 1_000, "百": 100, "亿": 100_000_000}[match[2]])
        if match[2] == "亿":
            found.add(Decimal(match[1]) * 10_000)
    for match in _YUAN.finditer(folded):
        found.add(Decimal(match[1]) / 10_000)
    for words in _NUMERALS.findall(text):
        for part in (words, words.rstrip("万亿")):
            number = chinese_number(part)
            if number is not None:
                found.add(Decimal(number))
    return frozenset(found)


_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*([万千百亿])")
_YUAN = re.compile(r"(\d+(?:\.\d+)?)(?:元|块)")
_NUMERALS = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
_PLAIN_NUMBER = re.compile(r"[\d.]+")


def _stands(entry: Provenance, corpus: Known) -> bool:
    """Whether the cited cell exists: a past table of that project (and year) has a cell with this very text."""
    source = entry.source
    if source is None:
        return False
    if source.path == "answers.json":
        return True
    text = source.text or ""
    return corpus.says({fold(text), fold(text.rstrip("%")), fold(text.rstrip("年"))}, source.project, source.year)


_library_texts: set[str] = set()


def _in_library(text: str) -> bool:
    if not _library_texts:
        rows = [row for kind in library.project_types() for row in kind.rows] + list(library.general_rows())
        for row in rows:
            value = "" if row.customary is None else f"{row.customary.normalize():f}"
            _library_texts.update(map(fold, (row.template, row.description, row.basis, row.name, f"{row.name}：{row.comparator}{value}{row.unit}（惯用值）")))
        for one in library.replacements():
            value = "" if one.customary is None else f"{one.customary.normalize():f}"
            _library_texts.update(map(fold, (one.name, one.description, one.basis, f"{one.name}：{one.comparator}{value}{one.unit}（惯用值）")))
    return fold(text) in _library_texts or not _digits(text)


_STEP = re.compile(r"([\d.]+)[^\d=≈×÷+\-→]*((?:[×÷+\-][\d.]+[^\d=≈×÷+\-]*)+)([=≈])([\d.]+)")


def _right(step: str) -> bool:
    """Whether ``19人×1500元/人=2.85万元`` is right, units of 万 understood; ≈ allows rounding to the last place and whole units."""
    left, sign, right = re.split(r"([=≈])", step)[:3]
    try:
        value = _evaluate(left)
        result = Decimal(re.findall(r"[\d.]+", right)[0])
    except (InvalidOperation, IndexError, ZeroDivisionError):
        return False
    for scale in (Decimal(1), Decimal(10_000), Decimal("0.0001")):
        scaled = value * scale
        if scaled == result:
            return True
        if sign == "≈" and (abs(scaled - result) <= Decimal("0.01") or (0 <= scaled - result < 1)):
            return True
        if sign == "=" and abs(scaled - result) <= Decimal("0.0001"):
            return True
    return False


def _evaluate(text: str) -> Decimal:
    parts = re.findall(r"([×÷+\-]?)([\d.]+)", text)
    value = Decimal(0)
    for sign, number in parts:
        other = Decimal(number)
        value = other if not sign else value * other if sign == "×" else value / other if sign == "÷" else value + other if sign == "+" else value - other
    return value


def as_json(found: Sequence[Unsourced]) -> str:
    """The findings for a log."""
    return json.dumps([{"cell": one.cell, "number": f"{one.number:f}", "why": one.why} for one in found], ensure_ascii=False)
