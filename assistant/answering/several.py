"""Several questions in one sentence: 残保金培训多少人，每人补多少. Each clause is asked by itself, the project of the first understood in the rest.

Used only when the sentence as a whole has no answer; given only when every clause has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.answering.answer import Answer
from assistant.chinese import without_document_numbers

_CLAUSES = re.compile(r"[，,；;？?]+(?:以及|还有|另外|和|那么?)?|(?:以及|还有)(?=.*(?:多少|几|什么|哪))")
_ASKS = re.compile(r"多少|几|什么|哪|怎么|如何|何时|是否|吗")
_MOST = 4


def clauses(question: str) -> list[str]:
    """The clauses of a sentence that each ask something; empty when it asks one thing only."""
    parts = [part.strip(" 。的呢") for part in _CLAUSES.split(question) if part and part.strip(" 。")]
    if not 2 <= len(parts) <= _MOST or not all(_ASKS.search(part) for part in parts):
        return []
    return parts


def answer(question: str, ask: Callable[[str], Answer]) -> Answer | None:
    """The joined answers of all clauses, or None when one of them has none."""
    parts = clauses(question)
    found: list[Answer] = []
    for part in parts:
        one = _follow(part, found[0], ask) if found else ask(part)
        if one is None or not one.answered:
            return None
        found.append(one)
    if not found:
        return None
    scope = found[0].scope
    said = "；".join(one.answer.removesuffix(f"（按{scope}回答）").rstrip("。") for one in found)
    citations = tuple(dict.fromkeys(cited for one in found for cited in one.citations))
    return Answer(question, True, f"{said}。" + (f"（按{scope}回答）" if scope else ""), citations, found[0].mode, scope)


def _follow(part: str, first: Answer, ask: Callable[[str], Answer]) -> Answer | None:
    """A later clause: about the first one's project unless it names one itself; None when it can only be taken for all projects."""
    projects = {cited.project for cited in first.citations}
    if len(projects) == 1 and (project := next(iter(projects))):
        for words in (f"{project}的{part}", f"{without_document_numbers(project)}{part}"):
            one = ask(words)
            if one.answered and {cited.project for cited in one.citations} == projects:
                return one
    one = ask(part)
    return one if one.answered and len({cited.project for cited in one.citations}) == 1 else None
