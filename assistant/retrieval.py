"""Retrieval: what is asked put into the corpus's words, looked for by words (BM25) and by vectors, and the two rankings fused.

Words rank rows best in this field; vectors find paraphrase and policy prose. Scope (unit, year, kind) is a filter, never a matter of
likeness.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import Any

from assistant import library, taxonomy
from assistant.chinese import CHINESE_NUMERAL, chinese_number, document_numbers, fold
from assistant.corpus import Corpus, Passage
from assistant.store import VectorStore
from assistant.table import canonical_level2

# Reciprocal rank fusion: how fast a rank's worth falls, and how much each ranking counts.
_RRF = 20.0
_WORDS_WEIGHT, _VECTOR_WEIGHT = 1.0, 0.7
# How much the words of a passage's surroundings count beside its own, and what a slot (多少人 → 数量指标) adds.
_AROUND, _SLOT, _FUSED = 0.55, 0.25, 2.0
_REFERENCE = ("policy", "library", "glossary")
_ABOUT_RULES = re.compile(r"怎么|如何|什么意思|什么是|规定|要求|写法|应该|能不能|为什么|办法|指引|政策|区别")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score (higher is better) and ``why`` in Chinese: which words, which likeness, which ranks."""

    passage: Passage
    score: float
    why: str


def search(
    corpus: Corpus, store: VectorStore | None, query: str, *, k: int = 8, year: int | None = None, unit: str | None = None, kind: str | None = None
) -> list[Hit]:
    """The passages that answer a query best, at most ``k``; ``year``, ``unit`` (exact name) and ``kind`` narrow.

    Passages that belong to no unit or year (policies, library, glossary) pass those filters. ``store`` None ranks by words alone.
    Both rankings bring candidates; the order is how much of the query's content a passage explains, its own words before its
    surroundings, with the fused ranks between equals.
    """
    text = normalised(query)
    words = " ".join((text, *aliases_in(text)))
    depth = max(6 * k, 60)
    fused, reasons, found = _candidates(corpus, store, words, depth, kind, unit, year)
    keys = {int(number) for number in re.findall(r"(?<!\d)(\d{1,4})号", text)}
    if keys and any(keys & _numbers(passage) for passage in found.values()):
        found = {id: passage for id, passage in found.items() if keys & _numbers(passage)}
    weights = _content(text, list(found.values()))
    rules = _ABOUT_RULES.search(text) is not None
    slots = _slots(text)
    hits = []
    for id, passage in found.items():
        score = _explained(text, weights, passage) + _FUSED * fused[id]
        if slots and passage.kind in ("row", "table") and _fills(passage, slots):
            score += _SLOT
        if passage.kind in _REFERENCE and not rules:
            score *= 0.6
        hits.append(Hit(passage, round(score, 5), "；".join(reasons[id])))
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))[:k]


def _fills(passage: Passage, slots: set[str]) -> bool:
    """Whether a row is of a level-2 type asked for, or a table's header holds a field asked for."""
    if passage.kind == "table":
        return bool(slots & set(_HEADER))
    return canonical_level2(passage.text.split(" ", 1)[0]) in slots


def _candidates(
    corpus: Corpus, store: VectorStore | None, words: str, depth: int, kind: str | None, unit: str | None, year: int | None
) -> tuple[dict[str, float], dict[str, list[str]], dict[str, Passage]]:
    """Candidates by words (cells and reference texts apart, so that neither crowds out the other) and by vectors, ranks fused."""
    scores: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}
    found: dict[str, Passage] = {}
    groups = [[kind]] if kind else [["table", "row", "goal"], list(_REFERENCE)]
    for kinds in groups:
        for rank, (passage, score, looked_for) in enumerate(corpus.records.find(words, depth, kinds=kinds, unit=unit, year=year), 1):
            found[passage.id] = passage
            scores[passage.id] = _WORDS_WEIGHT / (_RRF + rank)
            hit = [word for word in looked_for if word in fold(passage.text + passage.context)]
            reasons[passage.id] = [f"词面第{rank}（BM25 {score:.1f}：{'、'.join(hit[:8])}）"]
    if store is not None and kind != "row":
        for rank, (passage, likeness) in enumerate(_near(corpus, store, words, depth, kind, unit, year), 1):
            found[passage.id] = passage
            scores[passage.id] = scores.get(passage.id, 0.0) + _VECTOR_WEIGHT / (_RRF + rank)
            reasons.setdefault(passage.id, []).append(f"向量第{rank}（相似度 {likeness:.2f}）")
    return scores, reasons, found


def _content(text: str, candidates: list[Passage]) -> list[float]:
    """How much each character of a query tells among the candidates: 0 for small talk, more the fewer of them have its pairs."""
    weights = [0.0] * len(text)
    pools = [fold(passage.text + passage.context) for passage in candidates]
    talk = [False] * len(text)
    for match in small_talk().finditer(text):
        talk[match.start() : match.end()] = [True] * len(match[0])
    for i in range(len(text) - 1):
        if talk[i] and talk[i + 1]:
            continue
        among = sum(text[i : i + 2] in pool for pool in pools)
        weight = math.log(1 + (len(pools) + 1) / (1 + among)) if among else 0.0
        for place in (i, i + 1):
            weights[place] = max(weights[place], weight)
    return weights


def _explained(text: str, weights: list[float], passage: Passage) -> float:
    """The share of a query's content that a passage's own words (whole) and its surroundings (in part) explain."""
    total = sum(weights)
    if not total:
        return 0.0
    own = fold(f"{passage.title}\n{passage.text}") if passage.kind not in ("row",) else fold(passage.text)
    around = fold(f"{passage.title}\n{passage.context}")
    marks = [0.0] * len(text)
    for i in range(len(text) - 1):
        pair = text[i : i + 2]
        worth = 1.0 if pair in own else _AROUND if pair in around else 0.0
        if worth:
            marks[i], marks[i + 1] = max(marks[i], worth), max(marks[i + 1], worth)
    for name, others in _named(text):
        start = text.index(name)
        worth = 1.0 if any(other in own for other in others) else _AROUND if any(other in around for other in others) else 0.0
        for place in range(start, start + len(name)):
            marks[place] = max(marks[place], worth)
    return sum(mark * weight for mark, weight in zip(marks, weights, strict=True)) / total


def _named(text: str) -> list[tuple[str, frozenset[str]]]:
    table = alias_table()
    return [(name, others) for name, others in table.items() if len(name) >= 2 and name in text]


def _numbers(passage: Passage) -> set[int]:
    return {one.number for one in document_numbers(f"{passage.title} {passage.context}" if passage.kind != "row" else passage.title)}


_HEADER = ("预算数", "财政资金", "其他资金", "资金用途", "项目名称", "项目编码", "预算单位", "绩效目标", "资金支出计划")


def _slots(text: str) -> set[str]:
    """The fields and level-2 types that words of a query ask for (多少人 → 数量指标)."""
    found = {"服务对象满意度指标" if row.field == "满意度指标" else row.field for row in library.slang() if fold(row.words) in text}
    return found | {canonical for name, canonical in taxonomy.LEVEL2_NAMES.items() if name in text}


def _near(corpus: Corpus, store: VectorStore, text: str, depth: int, kind: str | None, unit: str | None, year: int | None) -> list[tuple[Passage, float]]:
    where: dict[str, Any] = {"kind": kind} if kind else {}
    if unit and kind in (None, "table", "goal"):
        # Chroma cannot ask for “this unit or none”; what belongs to nobody is found by its kind in a second look.
        near = store.search(corpus, text, depth, {**where, "unit": unit, **({"year": year} if year else {})})
        if kind is None:
            near += store.search(corpus, text, depth, {"kind": ["policy", "library", "glossary"]})
            near.sort(key=lambda one: -one.likeness)
    elif year and kind in ("table", "goal"):
        near = store.search(corpus, text, depth, {**where, "year": year})
    else:
        near = store.search(corpus, text, depth, where)
    passages = corpus.records.passages([one.id for one in near])
    return [(passages[one.id], one.likeness) for one in near if one.id in passages and (year is None or passages[one.id].year in (None, year))]


# -- the query in the corpus's words -----------------------------------------------------------------------------------------------

_NUMERAL_BEFORE = re.compile(
    r"([零〇○一二两三四五六七八九十百千万]{2,})(?=号|年|万元|元|人|户|张|个百分点|月[底末])|([一二两三四五六七八九十])(?=号|万元|月[底末])"
)
_YEAR_IN_HAN = re.compile(r"[二][零〇○][零〇○一二三四五六七八九]{2}(?=年)")
_NOT_A_NUMERAL = re.compile(r"一(?:个|人|户|张)|百分之")


def normalised(query: str) -> str:
    """A query for looking up: half width, no blanks, simplified characters, Chinese numerals before 号, 年 and units in digits."""
    text = simplified(fold(query))
    text = _YEAR_IN_HAN.sub(lambda match: str(chinese_number(match[0]) or match[0]), text)
    return _NUMERAL_BEFORE.sub(lambda match: _digits(match[0]), text)


def _digits(numeral: str) -> str:
    if len(numeral) == 1 and numeral in "一两":
        # 一个人, 两补: words, not amounts.
        return numeral
    value = chinese_number(numeral) if CHINESE_NUMERAL.fullmatch(numeral) else None
    return numeral if value is None else str(value)


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; text that is simplified already is not touched and costs nothing."""
    try:
        text.encode("gb2312")
        return text
    except UnicodeEncodeError:
        pass
    return _converter().convert(text)  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@functools.lru_cache(maxsize=1)
def alias_table() -> dict[str, frozenset[str]]:
    """Every name of the glossary, folded → the other names of the same thing."""
    table: dict[str, set[str]] = {}
    for term in library.glossary():
        names = {fold(name) for name in (term.term, *term.aliases)}
        for name in names:
            table.setdefault(name, set()).update(names - {name})
    return {name: frozenset(others) for name, others in table.items()}


def aliases_in(text: str) -> list[str]:
    """The other names of every glossary name that stands in a text (残保金 → 残疾人就业保障金), longest names first."""
    table = alias_table()
    names = sorted((name for name in table if len(name) >= 2 and name in text), key=len, reverse=True)
    kept: list[str] = []
    for name in names:
        if not any(name in longer for longer in kept):
            kept.append(name)
    return list(dict.fromkeys(other for name in kept for other in sorted(table[name]) if other not in text))


@functools.lru_cache(maxsize=1)
def small_talk() -> re.Pattern[str]:
    """The words of small talk, longest first."""
    return re.compile("|".join(map(re.escape, library.small_talk())))
