"""The history of a draft as a chain of hashes: each entry holds the hash of the one before and of the content after it.

The hashes are taken from the JSON as it stands in the file, not from the types of this version: a file signed years ago must still
verify with a newer program. What is empty (null, [] or {}) does not count, so that a field added later changes no old hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from assistant.draft import Draft, Entry
from assistant.errors import InputError

# What is not content: the history itself and the status that follows from it.
_NOT_CONTENT = ("history", "status")
# A file is read by people and other programs with their own limits; far deeper than any draft goes.
_DEEPEST = 60


class Hand(NamedTuple):
    """Who decides, when (ISO time with zone), and by what way (None = the screen)."""

    person: str
    now: str
    via: str | None = None


def canonical(value: Any) -> str:
    """The one spelling of a JSON value: keys sorted, no blanks, nothing empty."""
    return json.dumps(_without_empty(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Any) -> str:
    """The sha256 of a value's one spelling, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def content_hash(raw: Mapping[str, Any]) -> str:
    """The hash of everything in a draft's JSON but its history and status."""
    return digest({key: value for key, value in raw.items() if key not in _NOT_CONTENT})


def entry_hash(raw: Mapping[str, Any]) -> str:
    """The hash of a history entry's JSON, its own hash left out."""
    return digest({key: value for key, value in raw.items() if key != "hash"})


def genesis(identity: str) -> str:
    """What the first entry holds as the hash before it: a hash of the draft's id."""
    return digest(["draft", identity])


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft as the JSON value that its file holds."""
    return draft.model_dump(mode="json", by_alias=True)


def spelled(raw: Mapping[str, Any]) -> str:
    """A draft's JSON exactly as this program writes it (``Draft.to_json`` spells the same, many times faster)."""
    return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"


def code_of(draft: Draft) -> str:
    """The short code of the newest entry (校验码): printed on paper, it anchors the whole chain. Empty without history."""
    return short_code(draft.history[-1].hash) if draft.history else ""


def short_code(full: str) -> str:
    """The first sixteen digits in groups of four, as people read them out."""
    return "-".join(full[i : i + 4].upper() for i in range(0, 16, 4))


def pending(draft: Draft, hand: Hand, **what: Any) -> Entry:
    """The next entry of a draft's history, without its hashes. InputError without a person's name."""
    if not hand.person.strip():
        raise InputError("没有审核人姓名。", "请用 --person 姓名 指明，或用 assistant config set person 姓名 设好。")
    # Empty keys are not hashed; where the keys are free (``kept``) there must be none, or one could be renamed unseen.
    if what.get("kept") is not None:
        what["kept"] = _without_empty(what["kept"])
    return Entry(n=len(draft.history) + 1, time=hand.now, person=hand.person.strip(), via=hand.via, **what)


def record(draft: Draft, entry: Entry) -> Draft:
    """The draft with one more entry in its history, sealed over the draft as given."""
    before = draft.history[-1].hash if draft.history else genesis(draft.id)
    entry = entry.model_copy(update={"content": content_hash(as_json(draft)), "previous": before})
    sealed = entry.model_copy(update={"hash": entry_hash(entry.model_dump(mode="json"))})
    return draft.model_copy(update={"history": (*draft.history, sealed)})


def untouched(draft: Draft) -> bool:
    """Whether the content is what the newest entry left; True without history."""
    return not draft.history or draft.history[-1].content == content_hash(as_json(draft))


def check_untouched(draft: Draft) -> None:
    """InputError when the content was changed outside the review since the newest entry."""
    if not untouched(draft):
        raise InputError(
            f"草稿“{draft.id}”在审核之外被改动过：内容与最后一条审核记录（{draft.history[-1].person}，{draft.history[-1].time}）不一致。",
            "查明原因后，可用 --adopt 原因 --person 姓名 接收现有内容（已有的采纳和签字随之失效），或恢复原文件。",
        )


def chain_problems(raw: Mapping[str, Any]) -> list[str]:
    """Every break of the chain as a Chinese sentence; empty when content, entries and their order are as they were written."""
    history: Sequence[Any] = raw.get("history") or ()
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        return ["审核记录的结构已损坏。"]
    problems = []
    before = genesis(str(raw.get("id", "")))
    for place, entry in enumerate(history, start=1):
        if entry.get("n") != place:
            problems.append(f"第{place}条审核记录的编号是{entry.get('n')}：有记录被删除、增加或调换了次序。")
        if entry.get("previous") != before:
            problems.append(f"第{place}条审核记录与前一条接不上：前面的记录被改动、删除或调换了次序。")
        if entry.get("hash") != entry_hash(entry):
            problems.append(f"第{place}条审核记录（{entry.get('person')}，{entry.get('time')}）的内容与其校验值不符：记录被改动过。")
        before = str(entry.get("hash"))
    if history and history[-1].get("content") != content_hash(raw):
        problems.append("草稿的内容与最后一条审核记录不符：目标表、来源、问题或需求在审核之外被改动过。")
    return problems


def _without_empty(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise InputError("草稿文件嵌套过深，不是本程序写出的草稿。", "请换用起草得到的 .json 文件。")
    if isinstance(value, Mapping):
        kept = {key: _without_empty(inner, depth + 1) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner is not None and inner != [] and inner != {}}
    if isinstance(value, list | tuple):
        return [_without_empty(inner, depth + 1) for inner in value]
    return value
