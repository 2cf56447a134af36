"""Words written otherwise than the corpus writes them: by ear (无障爱 for 无障碍), or short (保租房 for 保障性租赁住房).

Only what nothing explains is ever changed; a word that the corpus knows is never taken for another that sounds like it, and a short form
that two names allow is nobody's: it takes characters of one project's name in order, beginning where a word begins, close together.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from assistant.answering.desk import Desk
from assistant.answering.question import Question
from assistant.answering.views import PartView, TableView
from assistant.chinese import fold
from assistant.corpus import own_name


def by_sound(q: Question, tables: Sequence[TableView], parts: Sequence[PartView], desk: Desk) -> str | None:
    """The question with unexplained stretches replaced by words of the corpus that sound alike; None when there are none."""
    covered = [False] * len(q.text)
    words = _vocabulary(tables, parts)
    for i in range(len(q.text) - 1):
        if q.text[i : i + 2] in words:
            covered[i] = covered[i + 1] = True
    for start, end, _ in desk.m.spans:
        covered[start:end] = [True] * (end - start)
    gaps = [match.span() for match in re.finditer(r"0+", "".join("1" if a or b else "0" for a, b in zip(covered, q.settled, strict=True)))]
    text = q.text
    changed = False
    for start, end in gaps:
        if not re.fullmatch(r"[一-鿿]{1,4}", text[start:end]):
            return None
        found = _sounding(text, start, end, words)
        if found is None:
            return None
        text = text[:start] + found + text[end:]
        changed = True
    return text if changed else None


def _sounding(text: str, start: int, end: int, words: str) -> str | None:
    """What the corpus writes for a stretch: same sounds, at least as many characters right as wrong, neighbours on either side looked
    at too; the widest surroundings decide."""
    for before, after in ((2, 2), (2, 1), (1, 2), (2, 0), (0, 2), (1, 1), (1, 0), (0, 1), (0, 0)):
        left, right = start - before, end + after
        window = text[max(0, left) : right]
        if left < 0 or right > len(text) or len(window) < 2 or not re.fullmatch(r"[一-鿿]+", window):
            continue
        sounds = [_sound(char) for char in window]
        context = [i for i in range(len(window)) if not start <= left + i < end]
        for place in range(len(words) - len(window) + 1):
            piece = words[place : place + len(window)]
            if any(piece[i] != window[i] for i in context) or "\n" in piece:
                continue
            wrong = sum(a != b for a, b in zip(piece, window, strict=True))
            if 0 < wrong <= len(window) - wrong and all(_sound(a) & b for a, b in zip(piece, sounds, strict=True)):
                return piece[before : before + end - start]
    return None


@functools.lru_cache(maxsize=8192)
def _sound(char: str) -> frozenset[str]:
    """The sounds of a character without tone, with the differences that people do not hear folded away."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=False, errors="default")[0]
    return frozenset(_fuzzy(one) for one in found)


def _fuzzy(sound: str) -> str:
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if sound.startswith(long):
            sound = short + sound[2:]
    return re.sub(r"(?<=[aei])ng$", "n", sound)


def _vocabulary(tables: Sequence[TableView], parts: Sequence[PartView]) -> str:
    pieces = [text for view in tables for text in (view.title.text, view.use.text, view.rest.text, *view.identities)]
    pieces += [cell.pool.text for part in parts for cell in part.cells]
    return "\n".join(dict.fromkeys("\n".join(pieces).split("\n")))


# -- short forms --------------------------------------------------------------------------------------------------------------------------

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
