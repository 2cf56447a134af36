"""A review as one JSON value: what ``assistant review --list --json`` prints and other programs read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from assistant.draft import CHANGE_LABELS, ORIGIN_LABELS, Draft
from assistant.findings import Severity
from assistant.review.history import code_of
from assistant.review.signing import Verification, next_role
from assistant.review.standing import CellView, Standing, pressing, signatures


def summary(draft: Draft) -> dict[str, Any]:
    """Progress, cells, findings and signatures of a draft. Cells in the order of the form; those nobody must decide on are left out."""
    standing = Standing(draft)
    done, total = standing.progress
    return {
        "id": draft.id,
        "status": draft.status,
        "project": draft.table.project.name,
        "year": draft.table.year,
        "progress": {"decided": done, "total": total, "open": sum(cell.open for cell in standing.cells), "clean": len(standing.clean_cells)},
        "cells": [_cell(cell) for cell in standing.cells if cell.needed],
        "findings": [finding.model_dump(mode="json") for finding in draft.findings],
        "signatures": [{"role": role, "person": entry.person, "time": entry.time} for role, entry in signatures(draft).items()],
        "next_role": next_role(draft),
        "entries": len(draft.history),
        "code": code_of(draft),
    }


def verification(result: Verification) -> dict[str, Any]:
    """The auditor's answer as JSON."""
    return {"ok": result.ok, **asdict(result)}


def problems_of(cell: CellView) -> str:
    """A cell's unwaived defects in a few words: the worst severity and how many."""
    found = [finding for finding in cell.findings if pressing(finding, Severity.WARNING)]
    if not found:
        return ""
    worst = min(found, key=lambda finding: finding.severity.rank)
    return f"{worst.severity.label}{worst.code}" + (f"等{len(found)}个" if len(found) > 1 else "")


def origin_label(cell: CellView) -> str:
    """Where a cell's text comes from, in Chinese; ``未注明`` when the draft does not say."""
    return ORIGIN_LABELS[cell.provenance.origin] if cell.provenance else ("" if not cell.text else "未注明")


def change_label(cell: CellView) -> str:
    """How the text stands to last year's: 未变, 改动, 新增."""
    if cell.previous is None:
        return CHANGE_LABELS["new"]
    return CHANGE_LABELS["same" if cell.same else "changed"]


def _cell(cell: CellView) -> dict[str, Any]:
    entry = cell.entry
    return {
        "cell": cell.address,
        "label": cell.label,
        "text": cell.text,
        "previous": cell.previous,
        "origin": cell.provenance.origin if cell.provenance else None,
        "change": "new" if cell.previous is None else ("same" if cell.same else "changed"),
        "state": cell.state,
        "open": cell.open,
        "clean": cell.clean,
        "question": cell.question.question if cell.question else None,
        "findings": [finding.code for finding in cell.findings if not finding.waived],
        "by": {"person": entry.person, "time": entry.time, "reason": entry.reason} if entry else None,
    }
