"""The grade 优良中差 as a proposal, with its reckoning. Never more than that: the grade is given by the person who reviews.

The four parts and their points are those of the review form of 财预〔2015〕88号: 完整性 20, 相关性 20, 适当性 30, 可行性 30; the bands are 90, 80
and 60. A defect takes points from the part of its rule: an error 10, a warning 2.5, advice 0.5, each part no more than it has. A table
with an error is at most 中, because an error is what a bureau returns a table for; one with errors under three rules is 差. The same rule
counts twice at most in one table (six rows with the same generic basis are one habit, not six defects); undecided and waived findings
do not count.

Calibration (the tests hold it, tests/test_validation_invariants.py):

* ten published and accepted tables of one county office (the seed): 良 or 中, none 优 and none 差;
* good tables of other fields written for the tests: 优;
* a good table broken in one place with an error: 中 at most; broken under three or more rules: 差;
* a table of nothing but set phrases (达到标准, 及时, 有所提升) without a single number: 差.

A file's grade is that of the mean of its tables; defects of part 1 and of the file as a whole are listed, not graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from assistant.findings import Finding, Outcome, Severity

PARTS: dict[str, Decimal] = {"完整性": Decimal(20), "相关性": Decimal(20), "适当性": Decimal(30), "可行性": Decimal(30)}
COSTS: dict[Severity, Decimal] = {Severity.ERROR: Decimal(10), Severity.WARNING: Decimal("2.5"), Severity.INFO: Decimal("0.5")}
BANDS: tuple[tuple[int, str], ...] = ((90, "优"), (80, "良"), (60, "中"), (0, "差"))
_TWICE = 2
# With an error the table would be sent back: 中 at best. With errors of three kinds there is nothing to mend it from: 差.
_MOST_WITH_ERROR = Decimal(79)
_MOST_WITH_MANY = Decimal(59)
_MANY = 3


class Grade(NamedTuple):
    """A proposed grade: letter, points of 100, and the reckoning in words (a line for the whole, one for each table)."""

    letter: str
    points: Decimal
    reckoning: tuple[str, ...]


def letter_of(points: Decimal) -> str:
    """The band of a number of points."""
    return next(letter for least, letter in BANDS if points >= least)


def points_of(findings: Sequence[Finding]) -> tuple[Decimal, dict[str, Decimal]]:
    """The points of one table, and what each part lost."""
    lost = dict.fromkeys(PARTS, Decimal(0))
    seen: dict[tuple[str, Severity], int] = {}
    for finding in findings:
        if finding.outcome is not Outcome.FAILED or finding.waived or finding.aspect not in PARTS:
            continue
        key = (finding.code, finding.severity)
        times = seen[key] = seen.get(key, 0) + 1
        if times <= _TWICE:
            lost[finding.aspect] += COSTS[finding.severity]
    lost = {part: min(loss, PARTS[part]) for part, loss in lost.items()}
    points = Decimal(100) - sum(lost.values(), Decimal(0))
    errors = sum(1 for _, severity in seen if severity is Severity.ERROR)
    return min(points, _MOST_WITH_MANY if errors >= _MANY else _MOST_WITH_ERROR if errors else points), lost


def grade_of(found: Sequence[tuple[int | None, Finding]], names: Sequence[str]) -> Grade:
    """The proposed grade of a file from its findings, each with the place of its table, and the names of its tables."""
    per_table: list[list[Finding]] = [[] for _ in names]
    for index, finding in found:
        if index is not None:
            per_table[index].append(finding)
    points: list[Decimal] = []
    lines: list[str] = []
    for name, findings in zip(names, per_table, strict=True):
        mine, lost = points_of(findings)
        points.append(mine)
        parts = "，".join(f"{part}{PARTS[part] - loss:g}/{PARTS[part]}" for part, loss in lost.items())
        lines.append(f"{name}：{letter_of(mine)}（{mine:g}分：{parts}）")
    mean = (sum(points, Decimal(0)) / len(names)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    prices = "，".join(f"{severity.label}每处扣{cost:g}分" for severity, cost in COSTS.items())
    head = f"建议等级{letter_of(mean)}，平均{mean:g}分（{prices}，同一规则每表最多计两处，有错误的最高为中，三类以上错误为差；仅供参考，由审核人确定）"
    return Grade(letter_of(mean), mean, (head, *lines))
