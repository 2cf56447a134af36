"""Answers in prose: what a policy requires, how a cell is written, what a term means, from digests, library and glossary.

The same demand as for cells: the heading, the document's names or the section's text must explain every content word.
"""

from __future__ import annotations

import re

from assistant import library
from assistant.answering import wording
from assistant.answering.answer import Answer, Citation
from assistant.answering.deciding import Desk
from assistant.answering.matching import Matcher
from assistant.answering.question import Key, Question
from assistant.answering.views import Pool
from assistant.chinese import document_numbers, fold
from assistant.corpus import Corpus, Passage
from assistant.retrieval import search
from assistant.store import VectorStore

_MEANING = re.compile(
    r"(?:是)?(?:什么|啥)(?:意思|含义|概念|叫)|什么是|啥是|何谓|何为|什么叫|啥叫|(?:指|是)(?:的是)?(?:什么|啥)(?:意思)?[?]?$|"
    r"(?:定义|含义)(?:是什么)?[?]?$"
)


def comes_first(q: Question, desk: Desk) -> bool:
    """Whether a question is about how things are done in general rather than about a table's cell."""
    if _MEANING.search(q.text) and re.search(r"意思|含义|什么是|啥是|什么叫|啥叫|定义|概念", q.text):
        return True
    if not q.how_to or (desk.m.hard and not desk.m.unknown_keys):
        return False
    # A project named or a cell's own words asked for: it is about a table.
    return not desk.named_tables() and not any(fit.own for fit in desk.choose())


def answer(text: str, q: Question, corpus: Corpus, store: VectorStore | None, k: int) -> Answer | None:
    """The section, library rows or term that answers, or None."""
    term = _term(text, q)
    if term is not None:
        return term
    if not (q.how_to or q.keys or (q.listing and not q.fields) or _names_policy(q, corpus)):
        return None
    if q.operator not in ("", "wording") or q.kind in ("count", "per", "money", "place") or (q.absent is not None and not q.how_to):
        return None
    return _section(text, q, corpus, store, k)


def _names_policy(q: Question, corpus: Corpus) -> bool:
    """Whether a policy's title or other name stands in the question."""
    names = [fold(name) for policy in corpus.policies() for name in (policy.title, *policy.facts.get("aliases", "").split("、"))]
    return any(len(name) >= 3 and name in q.text for name in names)


def _term(text: str, q: Question) -> Answer | None:
    """The meaning of a term, when the question asks for the meaning of just that."""
    if not _MEANING.search(q.text):
        return None
    rest = _MEANING.sub("", q.text).strip("?,.的请问一下")
    for entry in library.glossary():
        names = [fold(name) for name in (entry.term, *entry.aliases)]
        if rest in names or rest.removesuffix("指标") in names:
            also = f"（也叫{'、'.join(entry.aliases[:3])}）" if entry.aliases else ""
            citation = Citation("glossary/术语.csv", None, None, entry.term, entry.meaning)
            return Answer(text, True, f"{entry.term}{also}：{entry.meaning}。", (citation,))
    return None


def _section(text: str, q: Question, corpus: Corpus, store: VectorStore | None, k: int) -> Answer | None:
    hits = search(corpus, store, text, k=max(k, 8), kind="policy")
    best: tuple[float, Passage] | None = None
    for rank, hit in enumerate(hits):
        if q.keys and not any(_carries(hit.passage, key) for key in q.keys):
            continue
        share = _explained(q, hit.passage)
        if share is None:
            continue
        score = share - 0.02 * rank
        if best is None or score > best[0]:
            best = (score, hit.passage)
    if best is None or best[0] < 0.45:
        return None
    passage = best[1]
    body = passage.text.partition("\n")[2] or passage.text
    number = re.search(r"[一-鿿]+〔\d{4}〕\d+号", passage.context)
    title = f"《{passage.title}》" + (f"（{number[0]}）" if number else "")
    said = wording.shortened(body.replace("\n\n", "\n").strip(), 240)
    return Answer(text, True, f"{said}（依据{title}“{passage.cell}”）", (Citation(passage.source, passage.title, None, passage.cell, body),))


def _carries(passage: Passage, key: Key) -> bool:
    """Whether a policy has the document number asked for."""
    return any(one.number == key.number and key.year in (None, one.year) for one in document_numbers(passage.context))


def _explained(q: Question, passage: Passage) -> float | None:
    """How much of the question's content a section's heading and names explain, or None when something nothing in it explains."""
    fields = list(q.fields)
    settled = list(q.settled)
    matcher = Matcher(q, ())
    head = matcher.covered(Pool(passage.cell, passage.title, passage.context))
    body = matcher.covered(Pool(passage.text))
    content = [i for start, end in q.runs(settled) for i in range(start, end)]
    content = content or [i for one in fields for i in range(one.start, one.end)]
    if not content or any(not (head[i] or body[i]) for i in content):
        return None
    return sum(head[i] for i in content) / len(content)
