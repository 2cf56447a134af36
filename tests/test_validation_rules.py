"""Every rule's Markdown cases (tests/rules/<CODE>-<name>.md): ``报`` must fire as expected, ``不报`` must stay silent.

A case is a block in the notation of ``tables``; ``===上年===`` parts this year's tables from last year's, ``总额 130`` gives the
department's total. Lines ``- key: value`` under a case are what one of the findings must say; ``fix`` is the text it proposes (无 = none), ``safe`` whether
that may be applied unasked.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant.findings import Finding, Severity
from assistant.table import Money
from assistant.validation import RULES, validate

sys.path.insert(0, str(Path(__file__).parent))
from tables import good, good_names, parse

CASES = Path(__file__).parent / "rules"


class Case(NamedTuple):
    code: str
    fires: bool
    title: str
    block: str
    expected: dict[str, str]


def read(path: Path) -> list[Case]:
    text = path.read_text(encoding="utf-8")
    code = path.name.split("-", 1)[0]
    found = []
    for match in re.finditer(r"^## (报|不报)：([^\n]+)\n\n```\n(.*?)```\n(?:\n((?:- [^\n]+\n?)+))?", text, re.MULTILINE | re.DOTALL):
        expected = dict(line[2:].split(": ", 1) for line in (match[4] or "").strip().splitlines())
        found.append(Case(code, match[1] == "报", match[2], match[3], expected))
    return found


ALL = [case for path in sorted(CASES.glob("*.md")) for case in read(path)]


def findings(block: str, code: str | None = None) -> list[Finding]:
    total = re.search(r"^总额 (.+)$", block, re.MULTILINE)
    now, _, before = re.sub(r"^总额 .+\n", "", block, flags=re.MULTILINE).partition("===上年===")
    tables, department = parse(now)
    previous = parse(before)[0] if before else []
    report = validate(tables, department=department, previous=previous, select=[code] if code else [], total=Money.parse(total[1]) if total else None)
    return list(report.findings)


def _texts(finding: Finding) -> dict[str, str]:
    mend = {"fix": "无"} if finding.fix is None else {"fix": finding.fix.to, "safe": str(finding.fix.safe)}
    return {key: str(value) for key, value in finding.model_dump(mode="json").items()} | mend


@pytest.mark.parametrize("case", ALL, ids=[f"{case.code}-{'fires' if case.fires else 'silent'}-{i}" for i, case in enumerate(ALL)])
def test_case(case: Case) -> None:
    found = findings(case.block, case.code)
    if not case.fires:
        assert not found, (case.title, [finding.message for finding in found])
        return
    assert found, f"没有报：{case.title}"
    said = [_texts(finding) for finding in found]
    wanted = case.expected
    fits = [one for one in said if all((value in one[key]) if key == "message" else one[key] == value for key, value in wanted.items())]
    assert fits, (wanted, [{key: one[key] for key in wanted} for one in said])


def test_every_rule_has_a_case_that_fires_and_one_that_stays_silent() -> None:
    assert {path.stem for path in CASES.glob("*.md")} == {f"{each.code}-{each.name}" for each in RULES}
    fires = {case.code for case in ALL if case.fires}
    silent = {case.code for case in ALL if not case.fires}
    assert {each.code for each in RULES} == fires == silent


@pytest.mark.parametrize("name", good_names())
def test_a_good_table_has_no_finding_at_all(name: str) -> None:
    report = validate([good(name)])
    assert not report.findings, [finding.message for finding in report.findings]
    assert report.grade == "优"


@pytest.mark.parametrize("path", sorted((CASES / "silent").glob("*.table")), ids=lambda path: path.stem)
def test_tempting_false_positives_stay_silent(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    allowed = re.search(r"^# 只允许:(.*)$", text, re.MULTILINE)[1].split()  # type: ignore[index]
    assert not [(finding.code, finding.message) for finding in findings(text) if finding.code not in allowed]


def test_errors_only_where_a_bureau_would_return_the_table() -> None:
    errors = {each.code for each in RULES if each.severity is Severity.ERROR}
    assert len(errors) < len(RULES) / 3
