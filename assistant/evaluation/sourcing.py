"""Does every number of a draft come from somewhere? An independent check: it shares no code with the drafters and trusts no label.

For each cell the numbers are read from its text and looked for where the provenance says they stand: in the request, in the cited
cell (which must exist in the corpus and say so), in a library row or policy (likewise), or in arithmetic, which is worked out again
and whose operands must themselves be found. What is left over is unsourced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, Protocol

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


def unsourced(draft: Draft, corpus: Tables) -> list[Unsourced]:
    """Every number of the draft's table that its provenance does not account for."""
    said = _said_by_request(draft)
    found: list[Unsourced] = []
    entries = {entry.cell: entry for entry in draft.provenance}
    year = draft.table.year
    years = {Decimal(year), Decimal(year - 1)} if year is not None else set()
    rows = {number for row in draft.table.indicators for number in numbers_in(row.value.text)} | set(numbers_in(draft.table.text("budget.total")))
    named = set(numbers_in(f"{draft.table.project.name or ''} {draft.table.purpose or ''}"))
    for cell in draft.table.cells():
        wanted = numbers_in(cell.text)
        if not wanted:
            continue
        entry = entries.get(cell.address)
        if entry is None:
            found += [Unsourced(cell.address, number, "没有来源记录") for number in wanted]
            continue
        allowed, why = _allowed(entry, draft, corpus, said)
        allowed = allowed | (set() if cell.address == "year" else years) | (_METHOD if cell.address.endswith((".description", ".level3")) else set())
        if cell.address.startswith("goals"):
            allowed = allowed | rows | named
        elif cell.address.endswith((".level3", ".description", ".basis")):
            # The things' own names may hold digits (4G网络运维); those are the name's and the use's, which are judged by themselves.
            allowed = allowed | named
        found += [
            Unsourced(cell.address, number, why) for number in wanted if number not in allowed and number.normalize() not in {n.normalize() for n in allowed}
        ]
    return found


def _said_by_request(draft: Draft) -> set[Decimal]:
    """Every number in the words of the request, Chinese numerals and scales understood."""
    request = draft.request
    words = [
        request.name,
        request.purpose or "",
        request.sentence or "",
        request.budget or "",
        request.fiscal or "",
        request.other or "",
        request.unit or "",
        str(request.year or ""),
    ]
    words += [*request.basis, *request.known.keys(), *request.known.values(), *request.stated.values()]
    found: set[Decimal] = set()
    for text in words:
        found |= _numbers_of(text)
    return found


def _numbers_of(text: str) -> set[Decimal]:
    found = set(numbers_in(text))
    for match in re.finditer(r"(\d+(?:\.\d+)?)\s*([万千百亿])", fold(text)):
        found.add(Decimal(match[1]) * {"万": 10_000, "千": 1_000, "百": 100, "亿": 100_000_000}[match[2]])
        if match[2] == "亿":
            found.add(Decimal(match[1]) * 10_000)
    for match in re.finditer(r"(\d+(?:\.\d+)?)(?:元|块)", fold(text)):
        found.add(Decimal(match[1]) / 10_000)
    for words in re.findall(r"[零〇一二两三四五六七八九十百千万亿]+", text):
        for part in (words, words.rstrip("万亿")):
            number = chinese_number(part)
            if number is not None:
                found.add(Decimal(number))
    return found


def _allowed(entry: Provenance, draft: Draft, corpus: Tables, said: set[Decimal]) -> tuple[set[Decimal], str]:
    cited = set(numbers_in(entry.source.text or "")) if entry.source is not None else set()
    if entry.origin == "request":
        return said, "需求里没有这个数"
    if entry.origin in ("carried", "person"):
        if entry.source is None or not _stands(entry, draft, corpus):
            return set(), f"引用的内容在资料里找不到：{entry.source.text if entry.source else ''}"
        # The year of the table that is cited may be said with it.
        return cited | ({Decimal(entry.source.year)} if entry.source.year else set()), "引用的单元格里没有这个数"
    if entry.origin in ("library", "policy"):
        if entry.source is None or not entry.source.text:
            return set(), "没有引用"
        if entry.origin == "library" and not _in_library(entry.source.text):
            return set(_METHOD & cited), f"指标库里没有这句话：{entry.source.text}"
        return cited | (_METHOD if entry.origin == "policy" else set()), "引用的文字里没有这个数"
    if entry.origin == "model":
        # A model's words may say what the request says, and what stands at the place that they cite.
        stands = entry.source is not None and (_stands(entry, draft, corpus) or (entry.source.path or "").startswith("policies/"))
        return said | (cited if stands else set()), "模型写的数，需求和所引之处都没有"
    if entry.origin == "computed":
        return _worked_out(entry, draft, corpus, said), "算式里没有这个数，或算式不对"
    return set(), "待核实的单元格里不应有数"


def _stands(entry: Provenance, draft: Draft, corpus: Tables) -> bool:
    """Whether the cited cell exists: a past table of that project (and year) has a cell with this very text."""
    source = entry.source
    if source is None:
        return False
    if source.path == "answers.json":
        return True
    texts = {fold(source.text or ""), fold((source.text or "").rstrip("%")), fold((source.text or "").rstrip("年"))}
    for past in corpus.past_tables():
        if source.project is not None and past.table.project.name != source.project:
            continue
        if source.year is not None and past.year is not None and past.year != source.year:
            continue
        if any(fold(cell.text) in texts for cell in past.table.cells() if cell.text) or texts & {str(past.year), fold(past.table.title or "")}:
            return True
    return False


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
    return fold(text) in _library_texts or not numbers_in(text)


_STEP = re.compile(r"([\d.]+)[^\d=≈×÷+\-→]*((?:[×÷+\-][\d.]+[^\d=≈×÷+\-]*)+)([=≈])([\d.]+)")


def _worked_out(entry: Provenance, draft: Draft, corpus: Tables, said: set[Decimal]) -> set[Decimal]:
    """The numbers of a formula whose steps are right and whose operands are known."""
    formula = fold(entry.formula or "")
    known = set(said) | _METHOD
    if entry.source is not None and entry.source.text:
        known |= _numbers_of(entry.source.text)
    if draft.previous is not None:
        for cell in draft.previous.cells():
            known |= _numbers_of(cell.text)
    for past in corpus.past_tables():
        if draft.previous is not None and past.table.project == draft.previous.project:
            known |= {Decimal(past.year or 0)}
    results: set[Decimal] = set()
    for match in _STEP.finditer(formula):
        operands = [Decimal(number) for number in re.findall(r"[\d.]+", match[1] + match[2])]
        if any(not _near_known(operand, known | results) for operand in operands):
            continue
        if _right(match[0]):
            results.add(Decimal(match[4]))
    stated = {number for number in numbers_in(formula) if _near_known(number, known)}
    return results | stated


def _near_known(number: Decimal, known: Iterable[Decimal]) -> bool:
    return any(number == other for other in known)


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
