from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from assistant.errors import InputError
from assistant.table import Budget, GoalTable, Indicator, Money, PlanNode, Project, canonical_level1, canonical_level2, place_of, places_of
from assistant.target import Target


@pytest.fixture
def table() -> GoalTable:
    return GoalTable(
        number=1,
        year=2025,
        project=Project(code="13073025P00TF1J100047", name="残疾人就业保障金"),
        budget=Budget(total=Decimal("470.00"), fiscal=Decimal("470.00")),
        purpose="用于培训。",
        spending_plan=(PlanNode(by="3月底", percent=Decimal("25")),),
        goals=("培训残疾人",),
        indicators=(Indicator(level1="产出指标", level2="数量指标", level3="培训人数", value=Target.parse("≥46人")),),
    )


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("470", 4_700_000),
        ("470.00万元", 4_700_000),
        ("4,700,000 元", 4_700_000),
        ("495万", 4_950_000),
        ("1.2亿", 120_000_000),
        ("12千元", 12_000),
        ("８万", 80_000),
        ("300块", 300),
    ],
)
def test_money_as_people_write_it(text: str, yuan: int) -> None:
    assert Money.parse(text).yuan == yuan


@pytest.mark.parametrize("text", ["abc", "", "12万3", "约50万", "1.2.3"])
def test_money_that_is_none(text: str) -> None:
    with pytest.raises(InputError, match="不是一个数"):
        Money.parse(text)


def test_money_keeps_its_digits() -> None:
    assert str(Money.parse("470.00").amount) == "470.00"
    assert Money.parse("207000元").to("万元") == Money(Decimal("20.7"), "万元")


def test_every_cell_can_be_read_by_its_address(table: GoalTable) -> None:
    for cell in table.cells():
        assert table.text(cell.address) == cell.text
    assert table.text("budget.total") == "470.00"
    assert table.text("budget.other") == ""


@pytest.mark.parametrize("address", ["budget.sum", "indicators[9].value", "goals[1]", "x", "indicators[0].value.", "project.name[0]"])
def test_an_address_that_is_none(table: GoalTable, address: str) -> None:
    with pytest.raises(KeyError):
        table.text(address)


def test_writing_one_cell_changes_only_that_cell(table: GoalTable) -> None:
    changed = table.with_text("indicators[0].value", "≥50人")
    assert changed.indicators[0].value.number == 50
    differing = [a.address for a, b in zip(table.cells(), changed.cells(), strict=True) if a.text != b.text]
    assert differing == ["indicators[0].value"]


def test_writing_money_takes_units(table: GoalTable) -> None:
    assert table.with_text("budget.total", "4800000元").text("budget.total") == "480"
    with pytest.raises(InputError):
        table.with_text("budget.total", "abc")


def test_a_cell_emptied_stays_what_it_is(table: GoalTable) -> None:
    emptied = {
        cell: table.with_text(cell, " ").text(cell) for cell in ("purpose", "goals[0]", "indicators[0].level2", "spending_plan[0].by", "year", "budget.other")
    }
    assert set(emptied.values()) == {""}
    assert table.with_text("purpose", "").purpose is None
    assert table.with_text("goals[0]", "").goals == ("",)
    assert table.with_text("indicators[0].level3", "").indicators[0].level3 == ""
    assert table.with_text("indicators[0].basis", "").indicators[0].basis is None


def test_round_trip_through_json(table: GoalTable) -> None:
    assert GoalTable.model_validate_json(table.model_dump_json()) == table
    assert '"total":"470.00"' in table.model_dump_json()


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        GoalTable.model_validate({"projekt": {}})


@pytest.mark.parametrize(
    ("name", "canonical"), [("效果指标", "效益指标"), ("产 出指标", "产出指标"), ("项目完成指标", "产出指标"), ("满意度", "满意度指标"), ("过程", None)]
)
def test_names_of_level_1(name: str, canonical: str | None) -> None:
    assert canonical_level1(name) == canonical


@pytest.mark.parametrize(
    ("name", "level1", "canonical"),
    [
        ("环境效益", "效益指标", "生态效益指标"),
        ("成本", "产出指标", "成本指标"),
        ("成本指标", "成本指标", "经济成本指标"),
        ("社会公众满意度", "效果指标", "服务对象满意度指标"),
        ("进度", "", "时效指标"),
        ("受益群众满意情况", "", "服务对象满意度指标"),
        ("其他情况", "", None),
    ],
)
def test_names_of_level_2(name: str, level1: str, canonical: str | None) -> None:
    assert canonical_level2(name, level1) == canonical


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        (None, ""),
        ("budget.total", "预算数"),
        ("indicators[2].value", "第3行·指标值"),
        ("goals[0]", "绩效目标1"),
        ("spending_plan[1].percent", "支出计划第2个节点"),
        ("department.overall_goal", "总体绩效目标"),
        ("department.items[1].goal", "分项绩效目标2·绩效目标"),
        ("department.measures[0].title", "工作保障措施1·标题"),
        ("something.else", "something.else"),
    ],
)
def test_addresses_as_people_say_them(cell: str | None, place: str) -> None:
    assert place_of(cell) == place


def test_several_addresses_as_people_say_them() -> None:
    cells = ["indicators[2].value", "indicators[0].value", "indicators[2].value", "indicators[1].basis", "spending_plan[0].percent", "purpose", None, "purpose"]
    assert places_of(cells) == "第1、3行·指标值；第2行·指标值确定依据；支出计划第1个节点；资金用途"
    assert places_of(["purpose"]) == "资金用途"


def test_cells_are_called_by_their_row(table: GoalTable) -> None:
    labels = {cell.address: cell.label for cell in table.cells()}
    assert labels["indicators[0].value"] == "第1行·指标值"
    assert labels["goals[0]"] == "绩效目标"
    two = table.model_copy(update={"goals": ("甲", "乙"), "indicators": (*table.indicators, *table.indicators)})
    labels = {cell.address: cell.label for cell in two.cells()}
    assert (labels["goals[1]"], labels["indicators[1].level3"]) == ("绩效目标2", "第2行·三级指标")


def test_writing_one_goal_leaves_the_others(table: GoalTable) -> None:
    two = table.model_copy(update={"goals": ("甲", "乙", "丙")})
    assert two.with_text("goals[1]", "丁").goals == ("甲", "丁", "丙")
    assert two.with_text("year", "2026年度").year == 2026
    with pytest.raises(InputError, match="不是年份"):
        two.with_text("year", "明年")


def test_a_target_from_a_record_with_the_text_alone() -> None:
    assert Target.model_validate({"text": "≥46人"}) == Target.parse("≥46人") == Target.model_validate("≥46人")
    parsed = Target.parse("≥46人")
    assert Target.model_validate(parsed.model_dump()) == parsed
