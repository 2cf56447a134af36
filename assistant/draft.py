"""Draft: the artefact a request becomes, a person reviews, and an auditor verifies. Types only, no reading or writing of files.

A draft carries its table, where every cell comes from (``provenance``), what was left out (``dropped``), what must still be asked
(``open_questions``), what the validator says, the trace of how it was made, and the history of decisions. The JSON is the
contract's ``draft --json``.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from assistant.findings import Finding
from assistant.table import GoalTable
from assistant.target import Frozen

Origin = Literal["request", "carried", "library", "policy", "computed", "model", "person", "open"]
Change = Literal["same", "changed", "new"]
Status = Literal["draft", "in-review", "signed"]

ORIGIN_LABELS: dict[str, str] = {
    "request": "需求",
    "carried": "沿用上年",
    "library": "指标库",
    "policy": "政策文件",
    "computed": "计算",
    "model": "模型",
    "person": "人工",
    "open": "待核实",
}
CHANGE_LABELS: dict[str, str] = {"same": "未变", "changed": "改动", "new": "新增"}


class Request(Frozen):
    """What a person asked for. Amounts as decimal strings in 万元 unless ``money_unit`` says otherwise; ``known`` maps a
    fact's name to its text (``培训人数`` → ``50人``)."""

    name: str = ""
    year: int | None = None
    unit: str | None = None
    budget: str | None = None
    fiscal: str | None = None
    other: str | None = None
    purpose: str | None = None
    basis: tuple[str, ...] = ()
    known: dict[str, str] = Field(default_factory=dict)
    sentence: str | None = None
    money_unit: str = "万元"
    frame: str | None = None
    form: str | None = None
    # The user's own words for year and amounts where they differ from the regular form (``495万``, ``明年``), to quote.
    stated: dict[str, str] = Field(default_factory=dict)


class Source(Frozen):
    """Where something stands: document path (relative to its corpus), project, year, cell label or address, text there."""

    path: str | None = None
    project: str | None = None
    year: int | None = None
    cell: str | None = None
    text: str | None = None


class Provenance(Frozen):
    """Where one cell comes from. ``source`` is the cited place (last year's cell, a library row, a clause, the request);
    ``formula`` the arithmetic in full for a computed number; ``previous`` last year's text of the same cell."""

    cell: str
    origin: Origin
    change: Change = "new"
    source: Source | None = None
    formula: str | None = None
    note: str | None = None
    previous: str | None = None


class Dropped(Frozen):
    """A row or text that stood in last year's table, or that a model proposed, and is not in this draft, with the reason."""

    cell: str | None = None
    text: str
    reason: str
    source: Source | None = None


class OpenQuestion(Frozen):
    """A number or text nobody has given: which cell waits for it and what to ask. ``known_as`` is the key to answer with (``--known``)."""

    cell: str
    question: str
    known_as: str | None = None


class Trace(Frozen):
    """How a draft was made: drafter, prompt name@version and fingerprint, model, passages used, state of the corpus, version."""

    drafter: str = "embedded"
    model: str | None = None
    prompt: str | None = None
    fingerprint: str | None = None
    passages: tuple[str, ...] = ()
    corpus: str | None = None
    version: str = ""
    tokens: int | None = None
    notes: tuple[str, ...] = ()


Action = Literal["accept", "edit", "reject", "insert", "move", "undo", "mend", "waive", "sign", "return", "adopt"]

ACTION_LABELS: dict[str, str] = {
    "accept": "采纳",
    "edit": "修改",
    "reject": "不采纳",
    "insert": "增加",
    "move": "移动",
    "undo": "撤销",
    "mend": "自动修正",
    "waive": "豁免",
    "sign": "签字",
    "return": "退回",
    "adopt": "接收外部改动",
}


class Signature(Frozen):
    """What a signature binds: the hash of the content, the rule pack's fingerprint and the program's version it was checked with,
    the findings left open, those waived, and the cells that nobody had decided one by one."""

    content: str
    rules: str
    version: str
    open: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


class Entry(Frozen):
    """One entry of a draft's history: who did what, when, to which cell, from which text to which, and why.

    ``n`` counts from 1. ``cells`` are those of one act on many (accepting a row, or all that is unchanged and clean). ``waives`` are
    the codes of findings that the act sets aside until the day ``until``. ``undoes`` is the number of the entry taken back. ``kept`` is
    what an undo puts back. ``via`` tells how the decision came in (screen, file, a Word file's name).
    The chain: ``content`` is the hash of the draft's content after the act, ``previous`` the hash of the entry before, ``hash`` that of
    this entry. Fields are only ever added, with None for "not there": old entries must keep their hash.
    """

    n: int
    time: str
    person: str
    action: Action
    cell: str | None = None
    cells: tuple[str, ...] | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    waives: tuple[str, ...] | None = None
    until: str | None = None
    undoes: int | None = None
    role: str | None = None
    signature: Signature | None = None
    via: str | None = None
    kept: dict[str, Any] | None = None
    content: str = ""
    previous: str = ""
    hash: str = ""


class Draft(Frozen):
    """One drafted table and everything a reviewer needs beside it."""

    kind: Literal["draft"] = "draft"
    # The JSON key is the contract's "schema"; pydantic reserves that attribute name.
    schema_: int = Field(default=1, alias="schema")
    id: str
    status: Status = "draft"
    request: Request
    table: GoalTable
    previous: GoalTable | None = None
    provenance: tuple[Provenance, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()
    findings: tuple[Finding, ...] = ()
    trace: Trace = Trace()
    history: tuple[Entry, ...] = ()

    def to_json(self) -> str:
        """The contract's JSON, readable Chinese, two blanks of indent."""
        return self.model_dump_json(by_alias=True, indent=2)

    def origin_of(self, cell: str) -> Provenance | None:
        """The provenance of a cell, or None."""
        return next((entry for entry in self.provenance if entry.cell == cell), None)
