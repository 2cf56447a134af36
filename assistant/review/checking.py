"""Re-validation while a person decides: the findings on the table as it stands now, with the waivers in force marked.

What only the drafter can say (a finding with a code of its own, not of the rule pack) stays until its cell is changed.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from assistant.draft import Draft
from assistant.findings import Finding
from assistant.review.standing import Waiver, decided
from assistant.validation import RULES, validate


@lru_cache(maxsize=1)
def rules_fingerprint() -> str:
    """Twelve digits that change whenever a rule, its words or its severity does: which rule pack a signature was given under."""
    told = "\n".join(f"{rule.code}|{rule.name}|{rule.severity}|{rule.aspect}|{rule.doc}" for rule in RULES)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def recheck(draft: Draft, now: str) -> Draft:
    """The draft with its findings as of now: rules run again, waivers of the history applied."""
    previous = [draft.previous] if draft.previous else []
    found = validate([draft.table], previous=previous).findings
    others = tuple(finding for finding in draft.findings if finding.code not in _codes() and _still_stands(draft, finding))
    waivers = [waiver for waiver in decided(draft.history).waivers if waiver.in_force(now)]
    return draft.model_copy(update={"findings": tuple(_marked(finding, waivers) for finding in (*found, *others))})


def findings_with(draft: Draft, cell: str, text: str) -> tuple[Finding, ...]:
    """What the rules would say about a cell if it held ``text``; InputError for text that the cell cannot hold."""
    table = draft.table.with_text(cell, text)
    previous = [draft.previous] if draft.previous else []
    return tuple(finding for finding in validate([table], previous=previous).findings if finding.cell == cell)


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(rule.code for rule in RULES)


def _still_stands(draft: Draft, finding: Finding) -> bool:
    entry = decided(draft.history).cells.get(finding.cell or "")
    return entry is None or entry.action == "accept"


def _marked(finding: Finding, waivers: list[Waiver]) -> Finding:
    for waiver in waivers:
        if waiver.code == finding.code and waiver.cell == finding.cell:
            until = f"，至{waiver.entry.until}" if waiver.entry.until else ""
            return finding.model_copy(update={"waived": f"{waiver.entry.reason}（{waiver.entry.person}{until}）"})
    return finding.model_copy(update={"waived": None}) if finding.waived else finding
