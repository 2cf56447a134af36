"""What holds for any table: order does not matter, twice is the same as once, a mended table needs no mending, nothing raises; and the
mutation test: every named way of breaking a good table is caught by the rule meant for it.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.extraction import extract_file
from assistant.findings import Finding, Report, Severity
from assistant.table import DepartmentGoals, GoalItem, GoalTable, Indicator, Measure, Project
from assistant.target import Target
from assistant.validation import RULES, validate
from assistant.validation.fixing import difference, fix
from assistant.validation.grading import points_of

sys.path.insert(0, str(Path(__file__).parent))
import mutations
from strategies import dirty_texts, tables, texts
from tables import broken_down, good, good_names

QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module")
def seed_tables(request: pytest.FixtureRequest) -> list[GoalTable]:
    folder = Path(__file__).parent.parent / "corpus" / "tables"
    return list(extract_file(next(folder.glob("*2025*.txt"))).tables)


def content(report: Report, given: list[GoalTable]) -> Counter[tuple[object, ...]]:
    """The findings by what they say, the number of a row replaced by its words."""

    def place(finding: Finding) -> str:
        match = re.fullmatch(r"indicators\[(\d+)\]\.(\w+)", finding.cell or "")
        owners = [table for table in given if finding.table and (table.number, table.project.name) == (finding.table.number, finding.table.project)]
        if match is None or not owners or int(match[1]) >= len(owners[0].indicators):
            return finding.cell or ""
        return f"{owners[0].indicators[int(match[1])].model_dump_json()}.{match[2]}"

    return Counter((f.code, f.severity, f.outcome, f.message, f.expected, f.found, f.difference, place(f)) for f in report.findings)


def shuffled(table: GoalTable, seed: int) -> GoalTable:
    rows = list(table.indicators)
    random.Random(seed).shuffle(rows)
    return table.model_copy(update={"indicators": tuple(rows)})


@st.composite
def crowded(draw: st.DrawFn) -> GoalTable:
    """A good table with some rows there again under another value or name: doubles, prices that may belong to several quantities, sums."""
    table = good(draw(st.sampled_from(good_names())))
    rows = list(table.indicators)
    for row in draw(st.lists(st.sampled_from(rows), min_size=1, max_size=4)):
        value = draw(st.sampled_from([row.value, Target.parse("≥46人"), Target.parse("1500元/人"), Target.parse("≤300元/人·月"), Target.parse("≤12万元")]))
        again = row.model_copy(update={"value": value})
        rows.append(draw(st.sampled_from([again, again.model_copy(update={"level3": f"其他{row.level3}", "basis": None})])))
    return table.model_copy(update={"indicators": tuple(rows)})


@QUIET
@given(st.lists(tables(most_rows=9) | crowded(), min_size=1, max_size=3), st.integers(0, 99))
def test_findings_do_not_depend_on_the_order_of_rows(given_tables: list[GoalTable], seed: int) -> None:
    given_tables = [table.model_copy(update={"number": i}) for i, table in enumerate(given_tables, 1)]
    moved = [shuffled(table, seed) for table in given_tables]
    assert content(validate(given_tables), given_tables) == content(validate(moved), moved)


def test_a_row_that_a_table_has_twice_is_one_project() -> None:
    table = good("托养服务")
    first = table.indicators[0]
    doubled = table.model_copy(update={"indicators": (*table.indicators, first, first.model_copy(update={"value": Target.parse("≥46人")}))})
    assert "X903" not in {finding.code for finding in validate([doubled]).findings}
    before = content(validate([doubled]), [doubled])
    for seed in range(9):
        moved = shuffled(doubled, seed)
        assert content(validate([moved]), [moved]) == before


def test_findings_on_the_seed_do_not_depend_on_the_order_of_rows_or_tables(seed_tables: list[GoalTable]) -> None:
    before = content(validate(seed_tables), seed_tables)
    for seed in range(5):
        moved = [shuffled(table, seed) for table in seed_tables]
        random.Random(seed).shuffle(moved)
        assert content(validate(moved), moved) == before


@QUIET
@given(st.lists(tables(most_rows=9), min_size=1, max_size=3))
def test_validating_twice_is_the_same(given_tables: list[GoalTable]) -> None:
    assert validate(given_tables) == validate(given_tables)


VALUES = st.sampled_from(
    "≧９０％ >=90% ≥90%以上 》95% ≥90%% 95%≥ ≥百分之九十 达到标准 及时发放 有所提升 ≥1500元/人 90% 20.7万元 ≤46人 ≥3起 不超预算 按实际发放 ≥46 &gt;=80%".split()
)
WRONG_TEXTS = st.sampled_from(
    ["用于培训。。", "制定制度:并执行", "冀财社【2024】163号", "冀财社(24)第163号文件、怀财字【2025】7号", "贫困残疾人，，培训。", "工作计划"]
)


@st.composite
def faulty(draw: st.DrawFn) -> GoalTable:
    """A good table with several cells spoilt."""
    table = good(draw(st.sampled_from(good_names())))
    for i in draw(st.lists(st.integers(0, len(table.indicators) - 1), max_size=4)):
        table = table.with_text(f"indicators[{i}].value", draw(VALUES))
        table = table.with_text(f"indicators[{i}].basis", draw(WRONG_TEXTS))
    if draw(st.booleans()):
        table = table.with_text("purpose", draw(WRONG_TEXTS))
    return table


@QUIET
@given(faulty(), st.booleans())
def test_a_mended_table_needs_no_mending(table: GoalTable, unsafe: bool) -> None:
    mended, changes = fix([table], unsafe=unsafe)
    after = validate(mended)
    left = {(finding.code, finding.cell) for finding in after.findings if finding.fix is not None and (finding.fix.safe or unsafe)}
    made = {(change.code, change.cell) for change in changes}
    assert not left & made, left & made
    assert not fix(mended, unsafe=unsafe)[1]
    assert all(change.safe or unsafe for change in changes)
    if changes:
        assert difference([table], changes).count("\n+ ") == len(changes)


@QUIET
@given(faulty())
def test_a_safe_mend_changes_no_meaning(table: GoalTable) -> None:
    mended, changes = fix([table])
    for change in changes:
        if change.cell.endswith(".value"):
            before, after = Target.parse(change.before), Target.parse(change.after)
            assert (before.kind, before.comparator, before.number) == (after.kind, after.comparator, after.number)
    assert mended[0].budget == table.budget
    assert [row.level3 for row in mended[0].indicators] == [row.level3 for row in table.indicators]


odd = st.one_of(
    texts(8),
    dirty_texts(),
    st.text(max_size=40),
    st.sampled_from(["", " ", "0", "²", "①", "十", "。", "【】", "≥", "元/", "/人", "%", "（）", "2025年", "1e5", "-", "万元"]),
)


@st.composite
def anything(draw: st.DrawFn) -> GoalTable:
    """A table of any text in any cell."""
    rows = tuple(
        Indicator(
            level1=draw(odd | st.sampled_from(["产出指标", "效益指标", "成本指标", ""])),
            level2=draw(odd | st.sampled_from(["数量指标", "成本指标", "时效指标", "满意度指标", "社会效益指标"])),
            level3=draw(odd),
            description=draw(odd | st.none()),
            value=Target.parse(draw(odd | VALUES)),
            basis=draw(odd | st.none()),
            extra=draw(st.dictionaries(st.sampled_from(["权重", "分值"]), odd, max_size=1)),
        )
        for _ in range(draw(st.integers(0, 6)))
    )
    table: GoalTable = draw(tables(most_rows=1))
    return table.model_copy(
        update={
            "indicators": rows,
            "project": Project(code=draw(odd | st.none()), name=draw(odd | st.none())),
            "title": draw(odd | st.none()),
            "purpose": draw(odd | st.none()),
            "goals": tuple(draw(st.lists(odd, max_size=3))),
            "form": draw(odd),
            "frame": draw(odd),
            "year": draw(st.none() | st.integers(-10, 99999)),
        }
    )


@QUIET
@given(st.lists(anything(), max_size=3), st.lists(anything(), max_size=2), odd, odd)
def test_no_input_makes_a_rule_raise(given_tables: list[GoalTable], previous: list[GoalTable], goal: str, words: str) -> None:
    part = DepartmentGoals(overall_goal=goal, items=(GoalItem(title=words, goal=goal, indicators=words),), measures=(Measure(title=words, text=goal),))
    report = validate(given_tables, department=part, previous=previous)
    assert not broken_down(report)
    assert report.summary.tables == len(given_tables)
    fix(given_tables, unsafe=True)


@pytest.mark.parametrize("piece", ["(", "文件要求", "培训和", "〔2024", "1234567,", "12万元", "培训50人", "《", "满意", "水平、", "0", "2024年"])
@pytest.mark.parametrize("cell", ["purpose", "goals[0]", "indicators[0].level3", "indicators[1].value", "indicators[3].basis", "indicators[2].description"])
def test_a_book_in_a_cell_costs_no_minutes(piece: str, cell: str) -> None:
    table = good("托养服务").with_text(cell, piece * (20_000 // len(piece)))
    started = time.process_time()
    validate([table])
    assert time.process_time() - started < 20


@pytest.mark.parametrize("name", good_names())
def test_mutations_are_caught_by_the_rule_meant(name: str) -> None:
    table = good(name)
    assert not [finding for finding in validate([table]).findings if finding.severity is Severity.ERROR]
    missed = [mutation.name for mutation, _, broken in mutations.broken([table]) if not _said(broken, mutation.code)]
    assert not missed


def _said(table: GoalTable, code: str) -> bool:
    return any(finding.code == code for finding in validate([table]).findings)


def test_there_are_many_mutations_and_each_applies_somewhere() -> None:
    applied = {mutation.name for mutation, _, _ in mutations.broken([good(name) for name in good_names()])}
    assert len(mutations.ALL) >= 40
    assert applied == {mutation.name for mutation in mutations.ALL}
    assert {mutation.code for mutation in mutations.ALL} <= {each.code for each in RULES}


def test_grades_are_calibrated(seed_tables: list[GoalTable]) -> None:
    points = {name: points_of(validate([good(name)]).findings)[0] for name in good_names()}
    assert min(points.values()) >= 90, "好表为优"
    published = [points_of(validate([table]).findings)[0] for table in seed_tables]
    assert all(60 <= each < 90 for each in published), "公开并执行的表为良或中"
    errors = [mutation for mutation in mutations.ALL if mutation.code in ("V201", "V202", "V206", "F103", "F107", "N304", "M501")]
    for name in good_names():
        table, made = good(name), 0
        for mutation in errors:
            broken = mutation.change(table)
            if broken is None:
                continue
            table, made = broken, made + 1
            now = points_of(validate([table]).findings)[0]
            assert now < 80, f"{name}：一处错误至多为中"
        assert made < 3 or points_of(validate([table]).findings)[0] < 60, f"{name}：{made}处错误应为差"
    phrases = GoalTable(
        year=2025,
        form="other",
        project=Project(name="宣传活动"),
        goals=("推动高质量发展，促进社会和谐稳定。",),
        indicators=tuple(
            Indicator(level1=level1, level2=level2, level3=name, description=name, value=Target.parse(value), basis="工作计划")
            for level1, level2, name, value in (
                ("产出指标", "数量指标", "活动开展情况", "完成任务"),
                ("产出指标", "质量指标", "活动质量", "达到标准"),
                ("产出指标", "时效指标", "活动及时性", "及时"),
                ("产出指标", "成本指标", "活动成本", "不超预算"),
                ("效益指标", "社会效益指标", "社会影响力", "有所提升"),
                ("满意度指标", "服务对象满意度指标", "满意度", "满意"),
            )
        ),
    )
    assert points_of(validate([phrases]).findings)[0] < 60, "全是套话为差"
