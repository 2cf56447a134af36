"""Names said short: 保租房 for 保障性租赁住房, 计生 for 计划生育. Looked for only when nothing explains a stretch otherwise.

A short form takes characters of one project's name in order, beginning where a word of the name begins, close together; when two names
allow it, it is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answering.desk import Desk
from assistant.answering.question import Question
from assistant.answering.views import TableView
from assistant.chinese import fold
from assistant.corpus import own_name

_LONGEST, _SPREAD = 4, 2


def spelled_out(q: Question, tables: Sequence[TableView], desk: Desk) -> str | None:
    """The question with its unexplained stretches spelled out as parts of project names; None when one cannot be."""
    names = list(dict.fromkeys(fold(own_name(view.name)) for view in tables))
    known = _known(q, desk, tables)
    text, changed = q.text, False
    gaps = [match.span() for match in re.finditer("0+", "".join("1" if mark else "0" for mark in known))]
    for start, end in reversed(gaps):
        word = text[start:end]
        if not re.fullmatch(rf"[一-鿿]{{2,{_LONGEST}}}", word):
            return None
        found = {part for name in names if (part := _part(word, name)) is not None}
        if len(found) != 1:
            return None
        text, changed = text[:start] + found.pop() + text[end:], True
    return text if changed else None


def _known(q: Question, desk: Desk, tables: Sequence[TableView]) -> list[bool]:
    """What of the question is settled, a field word, or a pair of characters that some table says."""
    known = q.marked(*((start, end) for start, end, _ in desk.m.spans))
    pools = [pool for view in tables for pool in (view.title, view.use, view.rest)]
    for i in range(len(q.text) - 1):
        if any(q.text[i : i + 2] in pool.pairs for pool in pools):
            known[i] = known[i + 1] = True
    return known


def _part(word: str, name: str) -> str | None:
    """The part of a name that a word shortens."""
    for match in re.finditer(re.escape(word[0]), name):
        place = match.start()
        for char in word[1:]:
            place = name.find(char, place + 1, place + 2 + _SPREAD)
            if place < 0:
                break
        if place > 0 and place - match.start() >= len(word):
            return name[match.start() : place + 1]
    return None
