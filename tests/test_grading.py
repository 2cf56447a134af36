"""The proposed grade, point by point, and whom a waiver fits; what a report counts and where it exits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from assistant.findings import Finding, Outcome, Report, Severity, TableRef
from assistant.validation.grading import grade_of, letter_of, points_of
from assistant.validation.setaside import Waiver, waive


def finding(code: str = "V201", severity: Severity = Severity.WARNING, aspect: str | None = "可行性", **more: Any) -> Finding:
    return Finding(code=code, name="x", severity=severity, message="指标“合格率”不对。", aspect=aspect, **more)


@pytest.mark.parametrize(("points", "letter"), [(100, "优"), (90, "优"), ("89.9", "良"), (80, "良"), (79, "中"), (60, "中"), (59, "差"), (0, "差")])
def test_bands(points: Any, letter: str) -> None:
    assert letter_of(Decimal(points)) == letter


def test_every_severity_has_its_price() -> None:
    assert points_of([])[0] == 100
    assert points_of([finding()])[0] == Decimal("97.5")
    assert points_of([finding(severity=Severity.INFO)])[0] == Decimal("99.5")
    # An error costs ten and holds the table below 良.
    points, lost = points_of([finding(severity=Severity.ERROR)])
    assert (points, lost["可行性"]) == (79, 10)


def test_one_rule_counts_twice_at_most() -> None:
    assert [points_of([finding()] * n)[0] for n in (1, 2, 3, 9)] == [Decimal("97.5"), 95, 95, 95]


def test_a_part_loses_no_more_than_it_has() -> None:
    many = [finding(code=f"V2{n:02}", aspect="完整性") for n in range(20)]
    points, lost = points_of(many)
    assert (points, lost["完整性"], lost["可行性"]) == (80, 20, 0)


def test_errors_of_three_rules_leave_nothing_to_mend_from() -> None:
    errors = [finding(code=code, severity=Severity.ERROR) for code in ("A1", "A2", "A3")]
    assert [points_of(errors[:n])[0] for n in (1, 2, 3)] == [79, 79, 59]
    # The same rule three times is one kind of error.
    assert points_of([errors[0]] * 3)[0] == 79


@pytest.mark.parametrize("left_out", [{"outcome": Outcome.UNDECIDED}, {"waived": "张三：已批复"}, {"aspect": None}], ids=str)
def test_what_does_not_count(left_out: dict[str, Any]) -> None:
    assert points_of([finding(**{"severity": Severity.ERROR, **left_out})])[0] == 100


def test_a_file_has_the_grade_of_its_mean() -> None:
    grade = grade_of([(0, finding(severity=Severity.ERROR)), (None, finding(severity=Severity.ERROR))], ["甲", "乙"])
    assert (grade.letter, grade.points) == ("良", Decimal("89.5"))
    assert grade.reckoning[1].startswith("甲：中（79分：")
    assert grade.reckoning[2].startswith("乙：优（100分：")


def waiver(**parts: Any) -> Waiver:
    return Waiver(
        **{"code": "V201", "project": "", "row": "", "cell": "", "person": "张三", "reason": "已批复", "on": date(2026, 1, 1), "until": None, **parts}
    )


def test_whom_a_waiver_fits() -> None:
    mine = finding(cell="indicators[0].value", table=TableRef(number=1, project="怀财字〔2026〕5号 残疾人就业保障金"))
    assert waiver().fits(mine)
    assert not waiver(code="V202").fits(mine)
    assert waiver(project="残疾人就业保障金").fits(mine)
    assert waiver(project="怀财字〔2026〕5号 残疾人就业保障金").fits(mine)
    assert not waiver(project="经费").fits(mine)
    assert not waiver(project="经费").fits(mine.model_copy(update={"table": None}))
    assert waiver(row="合格率").fits(mine)
    assert not waiver(row="满意度").fits(mine)
    assert waiver(cell="indicators[0].value").fits(mine)
    assert not waiver(cell="indicators[1].value").fits(mine)


def test_a_report_counts_each_finding_once_and_apart() -> None:
    found = [
        finding(severity=Severity.ERROR),
        finding(),
        finding(severity=Severity.INFO),
        finding(outcome=Outcome.UNDECIDED),
        finding(waived="张三：已批复"),
    ]
    counts = Report.of(found, tables=2).summary
    assert (counts.tables, counts.error, counts.warning, counts.info, counts.undecided, counts.waived) == (2, 1, 1, 1, 1, 1)


def test_where_a_report_exits() -> None:
    warned = Report.of([finding()], tables=1)
    assert [warned.exit_code(fail_on) for fail_on in (Severity.ERROR, Severity.WARNING, Severity.INFO)] == [0, 1, 1]
    for quiet in (finding(severity=Severity.ERROR, waived="x"), finding(severity=Severity.ERROR, outcome=Outcome.UNDECIDED)):
        assert Report.of([quiet], tables=1).exit_code(Severity.INFO) == 0


def test_a_table_is_headed_by_number_and_project() -> None:
    assert str(TableRef(number=3, project="残疾人就业保障金")) == "3. 残疾人就业保障金"
    assert str(TableRef(project="残疾人就业保障金")) == "残疾人就业保障金"
    assert str(TableRef()) == "（没有项目名称）"


def test_a_waiver_holds_to_its_last_day() -> None:
    waiver = Waiver("V201", "", "", "", "张三", "省定最低标准", date(2025, 3, 1), date(2025, 6, 30))
    for today, notes in ((date(2025, 6, 30), 0), (date(2025, 7, 1), 1)):
        marked, said = waive([finding()], [waiver], today)
        assert bool(marked[0].waived) is (notes == 0)
        assert len(said) == notes
