"""From a model's text to the JSON value in it: thinking and fences aside, control characters out, every repair told.

Models think aloud before they answer, wrap answers in fences, show an example first, or stop in the middle. ``find`` gives the one
value that has the wanted keys, with what had to be repaired and whether it was whole; ``rows`` gives the whole rows of an answer that is
still being written. Nothing here raises on any text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from assistant.model.lenient import Cut, CutList, Reader

_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060-\u2064\ufeff]")
_TAGS = "think|thinking|thought|reasoning|思考"
_TAG = re.compile(rf"<(/?)(?:{_TAGS})>", re.IGNORECASE)
_STARTS = re.compile(r"[{\[]")
# An answer that is longer than this is no table and no paragraph; reading stops here.
LONGEST = 400_000
_CANDIDATES = 60


class Found(NamedTuple):
    """The value found (None = none), the repairs made in words, and whether it was whole."""

    value: Any
    repairs: tuple[str, ...]
    whole: bool


def clean(text: str) -> str:
    """Text without terminal control, half characters and direction marks; widths and line breaks stay."""
    return _tidied(text)[0]


def without_thoughts(text: str) -> str:
    """The answer without what the model thought aloud; an opened and never closed thought swallows the rest."""
    kept: list[str] = []
    since, thinking = 0, False
    for tag in _TAG.finditer(text):
        if tag[1]:
            # A closing tag without its opening one: all before it was thought.
            kept = kept if thinking else []
            since, thinking = tag.end(), False
        elif not thinking:
            kept.append(text[since : tag.start()])
            thinking = True
    return "".join(kept if thinking else [*kept, text[since:]]).strip()


def find(text: str, wanted: Collection[str] = ()) -> Found:
    """The JSON value of an answer. Among several, the one with most of the ``wanted`` keys, then the whole one, then the last."""
    tidied, repairs = _tidied(text)
    if len(tidied) > LONGEST:
        tidied, repairs = tidied[:LONGEST], [*repairs, "回答过长，后面的已舍去"]
    body = without_thoughts(tidied)
    if body != tidied.strip():
        repairs.append("去掉了思考过程")
    best: tuple[tuple[int, bool, int], Any, Reader] | None = None
    at = tried = 0
    while tried < _CANDIDATES and (start := _STARTS.search(body, at)):
        reader = Reader(body, start.start())
        value = reader.value()
        rank = (_wanted_in(value, wanted), not reader.cut, tried if len(body[start.start() : reader.at]) > 2 else -1)
        if value and (best is None or rank >= best[0]):
            best = (rank, value, reader)
        at, tried = max(reader.at, start.start() + 1), tried + 1
    if best is None:
        return Found(None, tuple(repairs), False)
    _, value, reader = best
    repairs += [f"{name}{f'（{times}处）' if times > 1 else ''}" for name, times in reader.slips.items()]
    return Found(value, tuple(repairs), not reader.cut)


def rows(text: str, key: str) -> list[dict[str, Any]]:
    """The rows under ``key`` that are already whole while the answer is still being written."""
    value = find(text, (key,)).value
    listed = value.get(key) if isinstance(value, dict) else value if isinstance(value, list) else None
    return [row for row in listed if isinstance(row, dict) and not isinstance(row, Cut)] if isinstance(listed, list) else []


def is_cut(value: Any) -> bool:
    """True for a container that was still open when the text ended."""
    return isinstance(value, (Cut, CutList))


def _wanted_in(value: Any, wanted: Collection[str]) -> int:
    if isinstance(value, dict):
        return sum(key in value for key in wanted)
    # A bare list of rows, where an object around them was asked for.
    return int(isinstance(value, list) and any(isinstance(item, dict) for item in value) and bool(wanted)) - (0 if isinstance(value, list) else 1)


def _tidied(text: str) -> tuple[str, list[str]]:
    repairs = []
    for pattern, name in (
        (_ESCAPE_SEQUENCE, "去掉了终端控制序列"),
        (_CONTROL, "去掉了控制字符"),
        (_SURROGATE, "去掉了残缺字符"),
        (_DIRECTION, "去掉了不可见标记"),
    ):
        shorter = pattern.sub("", text)
        if shorter != text:
            repairs.append(name)
            text = shorter
    return text, repairs
