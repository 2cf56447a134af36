"""Retrieval: what is asked put into the corpus's words, looked for by words (BM25) and by vectors, and the two rankings fused.

Words rank rows best in this field; vectors find paraphrase and policy prose. Scope (unit, year, kind) is a filter, never a matter of
likeness.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from assistant import library
from assistant.chinese import CHINESE_NUMERAL, chinese_number, fold
from assistant.corpus import Corpus, Passage
from assistant.store import VectorStore

# Reciprocal rank fusion: how fast a rank's worth falls, and how much each ranking counts.
_RRF = 20.0
_WORDS_WEIGHT, _VECTOR_WEIGHT = 1.0, 0.7


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score (higher is better) and ``why`` in Chinese: which words, which likeness, which ranks."""

    passage: Passage
    score: float
    why: str


def search(
    corpus: Corpus, store: VectorStore | None, query: str, *, k: int = 8, year: int | None = None, unit: str | None = None, kind: str | None = None
) -> list[Hit]:
    """The passages that answer a query best, at most ``k``; ``year``, ``unit`` (exact name) and ``kind`` narrow.

    Passages that belong to no unit or year (policies, library, glossary) pass those filters. ``store`` None ranks by words alone.
    """
    text = normalised(query)
    words = " ".join((text, *aliases_in(text)))
    kinds = [kind] if kind else None
    depth = max(4 * k, 40)
    by_words = corpus.records.find(words, depth, kinds=kinds, unit=unit, year=year)
    scores: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}
    found: dict[str, Passage] = {}
    for rank, (passage, score, looked_for) in enumerate(by_words, 1):
        found[passage.id] = passage
        scores[passage.id] = _WORDS_WEIGHT / (_RRF + rank)
        hit = [word for word in looked_for if word in fold(passage.text + passage.context)]
        reasons[passage.id] = [f"词面第{rank}（BM25 {score:.1f}：{'、'.join(hit[:8])}）"]
    if store is not None and kind != "row":
        for rank, (passage, likeness) in enumerate(_near(corpus, store, words, depth, kind, unit, year), 1):
            found[passage.id] = passage
            scores[passage.id] = scores.get(passage.id, 0.0) + _VECTOR_WEIGHT / (_RRF + rank)
            reasons.setdefault(passage.id, []).append(f"向量第{rank}（相似度 {likeness:.2f}）")
    order = sorted(scores, key=lambda id: (-scores[id], id))[:k]
    return [Hit(found[id], scores[id], "；".join(reasons[id])) for id in order]


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

_NUMERAL_BEFORE = re.compile(r"([零〇○一二两三四五六七八九十百千万]{2,})(?=号|年|万元|元|人|户|张|个百分点)|([一二两三四五六七八九十])(?=号|万元)")
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
