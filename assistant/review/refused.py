"""Refusals in a draft's history, as the records that drafting and evals learn from."""

from __future__ import annotations

from assistant.draft import Draft, Entry
from assistant.refusals import Refusal
from assistant.review.places import row_of
from assistant.review.standing import effective, removed_row
from assistant.table import Indicator
from assistant.taxonomy import OPEN_VALUE

# An edit of what one of these proposed is a refusal of the proposal, with the better text beside it.
_PROPOSED = ("library", "policy", "computed", "model", "carried")


def refusals_of(draft: Draft) -> list[Refusal]:
    """Every refusal that still counts: rows taken out, cells not taken, and proposals that a person replaced."""
    found = []
    for entry in effective(draft.history):
        if entry.action not in ("reject", "edit") or not entry.cell or not entry.before or OPEN_VALUE in entry.before:
            continue
        origin = _origin(entry)
        if entry.action == "edit" and origin not in _PROPOSED:
            continue
        found.append(_refusal(draft, entry, origin))
    return found


def _refusal(draft: Draft, entry: Entry, origin: str | None) -> Refusal:
    kept = entry.kept or {}
    place = row_of(entry.cell or "")
    raw = kept.get("row") if removed_row(entry) else kept.get("indicator")
    row = Indicator.model_validate(raw) if isinstance(raw, dict) else None
    part = (place[2] or ("level3" if place[0] == "indicators" else "goals")) if place else (entry.cell or "")
    whole = removed_row(entry) and row is not None
    return Refusal(
        id=entry.hash[:16],
        time=entry.time,
        person=entry.person,
        draft=draft.id,
        unit=draft.table.unit.name or draft.request.unit,
        project=draft.table.project.name,
        year=draft.table.year,
        part=part,
        level2=row.level2 if row else None,
        row=row.level3 if row else None,
        origin=origin,
        refused=row.level3 if whole and row else (entry.before or ""),
        instead="" if removed_row(entry) else (entry.after or ""),
        reason=entry.reason or "",
        request=draft.request,
    )


def _origin(entry: Entry) -> str | None:
    kept = (entry.kept or {}).get("provenance") or []
    if removed_row(entry):
        # The row's name tells where the row came from.
        kept = [each for each in kept if str(each[1].get("cell", "")).endswith("level3")] or kept
    return str(kept[0][1].get("origin")) if kept else None
