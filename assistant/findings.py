"""What a check says: Finding, and the Report that alone orders, counts, grades and decides the exit code.

A finding is either ``failed`` (a defect) or ``undecided`` (the rule lacks an input, and says which). Shapes follow the JSON of
``assistant validate --json``, which scripts rely on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from assistant.table import GoalTable
from assistant.target import Frozen

NAMELESS = "（没有项目名称）"


class Severity(StrEnum):
    """How bad: error = a bureau would return the table, warning = mend before submitting, info = advice."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return {"error": "错误", "warning": "警告", "info": "提示"}[self.value]


_RANKS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


class Outcome(StrEnum):
    """failed = the defect is there; undecided = it could not be decided, the message says what is missing."""

    FAILED = "failed"
    UNDECIDED = "undecided"


class TableRef(Frozen):
    """Which table of a file a finding is about."""

    number: int | None = None
    project: str | None = None

    @classmethod
    def of(cls, table: GoalTable) -> TableRef:
        """The reference to a table."""
        return cls.built(number=table.number, project=table.project.name)

    def __str__(self) -> str:
        """How reports head it: ``3. 残疾人就业保障金``."""
        return f"{'' if self.number is None else f'{self.number}. '}{self.project or NAMELESS}"


class Fix(Frozen):
    """A mend: the text the cell would have; ``safe`` = meaning unchanged (widths, brackets), so it may be applied unasked. ``also`` are
    other cells that must change with it (the name of an indicator whose value is replaced), by address."""

    safe: bool
    to: str
    also: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, *, safe: bool, to: str, also: dict[str, str] | None = None) -> Fix:
        """The same without validation, for rules, whose parts have their types."""
        return cls.built(safe=safe, to=to, also=also or {})


class Finding(Frozen):
    """One finding. ``cell`` is an address of GoalTable (None = the table or document as a whole); ``basis`` names the document
    and clause; ``expected``, ``found``, ``difference`` carry the arithmetic as shown to a person."""

    code: str
    name: str
    severity: Severity
    outcome: Outcome = Outcome.FAILED
    file: str | None = None
    table: TableRef | None = None
    cell: str | None = None
    message: str
    expected: str | None = None
    found: str | None = None
    difference: str | None = None
    quote: str | None = None
    basis: str | None = None
    fix: Fix | None = None
    aspect: str | None = None
    waived: str | None = None


class Summary(Frozen):
    """Counts of a report; ``grade`` is 优良中差 and only a proposal."""

    tables: int = 0
    error: int = 0
    warning: int = 0
    info: int = 0
    undecided: int = 0
    waived: int = 0
    grade: str | None = None


class Report(Frozen):
    """All findings of a run, worst first within each table, with the number of tables looked at."""

    findings: tuple[Finding, ...] = ()
    tables: int = 0
    grade: str | None = None
    notes: tuple[str, ...] = Field(default=())

    @classmethod
    def of(cls, findings: Iterable[Finding], *, tables: int, grade: str | None = None, notes: Iterable[str] = ()) -> Report:
        """A report with its findings in the one order: file, table, severity, code, cell."""
        return cls.model_construct(findings=tuple(sorted(findings, key=_order)), tables=tables, grade=grade, notes=tuple(notes))

    @property
    def summary(self) -> Summary:
        """Counts; waived and undecided findings are counted apart and not among the severities."""
        counts = {"error": 0, "warning": 0, "info": 0, "undecided": 0, "waived": 0}
        for finding in self.findings:
            if finding.waived:
                counts["waived"] += 1
            elif finding.outcome is Outcome.UNDECIDED:
                counts["undecided"] += 1
            else:
                counts[finding.severity.value] += 1
        return Summary.model_construct(None, tables=self.tables, grade=self.grade, **counts)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> int:
        """0 when no decided, unwaived finding is at or above ``fail_on``, else 1."""
        for finding in self.findings:
            if finding.outcome is Outcome.FAILED and not finding.waived and finding.severity.rank <= fail_on.rank:
                return 1
        return 0


_NO_TABLE = TableRef.model_construct()
_ONE_DIGIT = re.compile(r"\[(\d)\]")


def _order(finding: Finding) -> tuple[object, ...]:
    table = finding.table or _NO_TABLE
    undecided = finding.outcome is Outcome.UNDECIDED
    # indicators[2] before indicators[10].
    cell = _ONE_DIGIT.sub(r"[ \1]", finding.cell or "")
    return (finding.file or "", table.number or 0, table.project or "", undecided, finding.severity.rank, finding.code, cell, finding.message)
