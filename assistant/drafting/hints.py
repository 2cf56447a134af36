"""What the policy texts say about a standard that nobody gave: shown beside the question, never written into the table.

Digests of standards say what was seen elsewhere or nationally; whether it holds here is for a person to say.
"""

from __future__ import annotations

import re
from typing import Any
from weakref import WeakKeyDictionary

from assistant.chinese import bigrams
from assistant.drafting.sheet import Row, Sheet

_STANDARD = re.compile(r"每(?:人|户|辆|台|亩|名|生|村|件)[^。；]{0,12}?\d[\d.]*(?:万)?元|\d[\d.]*元/(?:人|户|辆|台|亩)")
_known: WeakKeyDictionary[Any, tuple[str, list[tuple[frozenset[str], str, str]]]] = WeakKeyDictionary()


def add(sheet: Sheet, corpus: Any, year: int | None) -> None:
    """Add to every open price the sentence of a policy text that speaks of its standard, with where it stands."""
    for row in sheet.rows:
        if row.kind != "单价" and not (row.is_open and row.level2 in ("成本指标", "经济成本指标") and "标准" in row.level3.text):
            continue
        if not row.is_open or row.value.ask is None:
            continue
        found = _sentence(row, corpus, year)
        if found is not None:
            said, where = found
            ask = row.value.ask._replace(question=f"{row.value.ask.question}参考：{said}（{where}，是否适用请核对）")
            row.value = row.value._replace(ask=ask, note="；".join(part for part in (row.value.note, f"参考：{said}（{where}）") if part))


def _sentence(row: Row, corpus: Any, year: int | None) -> tuple[str, str] | None:
    wanted = bigrams(re.sub(r"标准|人均|户均|补助|补贴|发放|资助|单位|参加|城乡|重度|残疾人", "", row.level3.text))
    best: tuple[float, str, str] | None = None
    for words, sentence, where in _sentences(corpus):
        score = len(wanted & words) / len(wanted) if wanted else 0.0
        score += 0.3 if year is not None and f"{year}" in sentence else 0.0
        if score >= 0.5 and (best is None or score > best[0]):
            best = (score, sentence, where)
    return (best[1], best[2]) if best else None


def _sentences(corpus: Any) -> list[tuple[frozenset[str], str, str]]:
    """Sentences of policy texts that state a price per unit: the words of heading and sentence, the sentence, the text's title."""
    if not hasattr(corpus, "policies"):
        return []
    kept = _known.get(corpus)
    if kept is None or kept[0] != corpus.fingerprint:
        found = [
            (frozenset(bigrams(section.heading + sentence)), sentence.strip(), policy.title)
            for policy in corpus.policies()
            for section in policy.sections
            if "标准" in section.heading or "标准" in policy.title
            for sentence in re.split(r"[。；]", section.text)
            if _STANDARD.search(sentence) and len(sentence) <= 80 and "写" not in sentence
        ]
        kept = (corpus.fingerprint, found)
        _known[corpus] = kept
    return kept[1]
