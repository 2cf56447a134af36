"""Decisions given as JSON, for scripts and for what another program or a Word file brings back: all of them, or none.

``{"person": "王会计", "decisions": [{"cell": "indicators[0].value", "action": "accept"}, …]}``, or the bare list. Actions (Chinese words
too): accept ``cell`` or ``cells``; edit ``cell`` ``to``; reject ``cell`` (a row as a whole: ``indicators[3]``) with ``reason``; insert ``cell`` with
``row`` or ``goal``; move a row ``cell`` ``to`` the place of another; waive ``finding`` with ``reason``, ``until``. Every address means the
table as it was before the first decision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import Field, ValidationError

from assistant.draft import Draft
from assistant.errors import InputError, misfit
from assistant.review import decisions
from assistant.review.history import Hand
from assistant.review.places import row_of
from assistant.table import Indicator
from assistant.target import Frozen

_WORDS = {"采纳": "accept", "修改": "edit", "不采纳": "reject", "删除": "reject", "refuse": "reject", "增加": "insert", "移动": "move", "豁免": "waive"}
_ACTIONS = ("accept", "edit", "reject", "insert", "move", "waive")


class Decision(Frozen):
    """One decision as written in a file."""

    action: str
    cell: str | None = None
    cells: tuple[str, ...] = ()
    to: str | None = None
    reason: str | None = None
    finding: str | None = None
    until: str | None = None
    row: Indicator | None = None
    goal: str | None = None
    person: str | None = None
    time: str | None = None
    note: str | None = Field(default=None, exclude=True)


def decisions_in(text: str, *, name: str = "决定文件") -> tuple[str | None, list[Decision]]:
    """The person (when named) and the decisions of a JSON text; InputError naming the place of what cannot be used."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{name}不是 JSON。", '写法：{"person": "姓名", "decisions": [{"cell": "indicators[0].value", "action": "accept"}]}。') from None
    person = raw.get("person") if isinstance(raw, dict) else None
    items = raw.get("decisions") if isinstance(raw, dict) else raw
    if not isinstance(items, list) or not (person is None or isinstance(person, str)):
        raise InputError(f"{name}中没有 decisions 列表。", '写法：{"person": "姓名", "decisions": [ … ]}。')
    found = []
    for i, item in enumerate(items, start=1):
        try:
            decision = Decision.model_validate(item)
        except ValidationError as error:
            raise InputError(f"{name}第{i}条决定不合要求：{misfit(error)}。", f"可用的键：{'、'.join(Decision.model_fields)}。") from None
        action = _WORDS.get(decision.action, decision.action)
        if action not in _ACTIONS:
            raise InputError(f"{name}第{i}条的 action“{decision.action}”不认识。", f"可用：{'、'.join(_ACTIONS)}。")
        found.append(decision.model_copy(update={"action": action}))
    return person, found


def apply(draft: Draft, items: Sequence[Decision], hand: Hand) -> Draft:
    """All the decisions in their order. InputError tells which one cannot be taken, and nothing is changed then."""
    rows = {"indicators": list(range(len(draft.table.indicators))), "goals": list(range(len(draft.table.goals)))}
    for i, item in enumerate(items, start=1):
        try:
            draft = _one(draft, item, hand, rows)
        except InputError as error:
            raise InputError(
                f"第{i}条决定（{item.cell or item.finding or item.action}）没有执行：{error.message}", f"{error.hint}全部决定都没有写入。"
            ) from None
    return draft


def _one(draft: Draft, item: Decision, hand: Hand, rows: dict[str, list[int]]) -> Draft:
    who = Hand(item.person or hand.person, item.time or hand.now, hand.via)
    cell = _now_at(item.cell, rows) if item.cell and item.action != "insert" else item.cell
    if item.action == "accept":
        cells = tuple(_now_at(each, rows) for each in (item.cells or ((item.cell,) if item.cell else ())))
        return decisions.accept(draft, cells, who, reason=item.reason, until=item.until)
    if item.action == "waive":
        return decisions.waive(draft, item.finding or "", who, reason=item.reason or "", cell=cell, until=item.until)
    if cell is None:
        raise InputError("没有写 cell。", "请写明单元格，例如 indicators[0].value。")
    if item.action == "edit":
        if item.to is None:
            raise InputError("没有写 to（改成什么）。", '例如 "to": "≥50人"。')
        return decisions.edit(draft, cell, item.to, who, reason=item.reason)
    if item.action == "move":
        return _tracking(draft, rows, lambda: decisions.move(draft, cell, _target(item, rows), who, reason=item.reason))
    if item.action == "reject":
        return _tracking(draft, rows, lambda: decisions.refuse(draft, cell, who, reason=item.reason or "", to=item.to))
    place = _insertion(cell, rows)
    new = item.goal if item.goal is not None else item.row
    if new is None:
        raise InputError(
            "没有写 row（指标行）或 goal（绩效目标）。", '例如 "row": {"level1": "产出指标", "level2": "数量指标", "level3": "…", "value": "≥50人"}。'
        )
    return _tracking(draft, rows, lambda: decisions.insert(draft, place, new, who, reason=item.reason))


def _tracking(draft: Draft, rows: dict[str, list[int]], act: Callable[[], Draft]) -> Draft:
    after = act()
    if after is draft:
        return draft
    entry = after.history[-1]
    place = row_of(entry.cell or "")
    if place and entry.action == "move":
        rows[place[0]].insert(int((entry.kept or {})["to"]), rows[place[0]].pop(place[1]))
    elif place and entry.action == "insert":
        rows[place[0]].insert(place[1], -1)
    elif place and len(getattr(after.table, place[0])) < len(getattr(draft.table, place[0])):
        rows[place[0]].pop(place[1])
    return after


def _now_at(cell: str, rows: dict[str, list[int]]) -> str:
    place = row_of(cell)
    if place is None:
        return cell
    if place[1] not in rows[place[0]]:
        raise InputError(f"目标表没有“{cell}”（或前面的决定已把它删除）。", "单元格的写法见 assistant review 草稿.json --list。")
    return f"{place[0]}[{rows[place[0]].index(place[1])}]" + (f".{place[2]}" if place[2] else "")


def _target(item: Decision, rows: dict[str, list[int]]) -> int:
    """The present place of the row that ``to`` names."""
    there, here = row_of(item.to or ""), row_of(item.cell or "")
    if there is None or here is None or there[0] != here[0]:
        raise InputError("没有写 to（移到哪一行）。", '例如 "to": "indicators[0]"。')
    place = row_of(_now_at(item.to or "", rows))
    return place[1] if place else 0


def _insertion(cell: str, rows: dict[str, list[int]]) -> str:
    place: Any = row_of(cell)
    if place is None:
        return cell
    # Before the row that is meant, or where it is gone, before the next one that is still there.
    following = [i for i, original in enumerate(rows[place[0]]) if original >= place[1]]
    return f"{place[0]}[{following[0] if following else len(rows[place[0]])}]"
