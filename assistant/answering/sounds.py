"""Words written by ear: a stretch that nothing explains is compared by sound with the words of the corpus (无障爱 → 无障碍).

Only what is unexplained is ever changed; a word that the corpus knows is never taken for another that sounds like it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from assistant.answering.desk import Desk
from assistant.answering.question import Question
from assistant.answering.views import PartView, TableView


def corrected(q: Question, tables: Sequence[TableView], parts: Sequence[PartView], desk: Desk) -> str | None:
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
