"""Named ways to break a good goal table, each with the rule meant to catch it.

A mutation takes a good table and returns the broken one, or None when the table has nothing to break that way. ``broken`` gives every
(mutation, table) pair for a set of tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.table import GoalTable, Indicator
from assistant.target import Target

Change = Callable[[GoalTable], GoalTable | None]


class Mutation(NamedTuple):
    """One way to break a table: its name, the rule meant to catch it, how it is done."""

    name: str
    code: str
    change: Change


def rows(table: GoalTable, *types: str) -> list[int]:
    """The places of the rows of these types."""
    return [i for i, row in enumerate(table.indicators) if row.type in types]


def numeric(table: GoalTable, *types: str) -> list[int]:
    """The places of the rows of these types whose value has a number."""
    return [i for i in rows(table, *types) if table.indicators[i].value.number is not None]


def rates(table: GoalTable, *types: str) -> list[int]:
    """The places of the rows that are rates in percent."""
    return [i for i in numeric(table, *types) if table.indicators[i].value.unit == "%" and table.indicators[i].level3.endswith(("率", "度"))]


def prices(table: GoalTable) -> list[int]:
    """The places of the rows with a price."""
    return [i for i in numeric(table, "成本指标", "经济成本指标") if table.indicators[i].value.measured_per]


def put(cell: str, text: str) -> Change:
    """Write a text into a fixed cell."""
    return lambda table: table.with_text(cell, text)


def put_first(find: Callable[[GoalTable], list[int]], part: str, text: str | Callable[[Indicator], str]) -> Change:
    """Write a text into a part of the first row found."""

    def change(table: GoalTable) -> GoalTable | None:
        found = find(table)
        if not found:
            return None
        row = table.indicators[found[0]]
        return table.with_text(f"indicators[{found[0]}].{part}", text if isinstance(text, str) else text(row))

    return change


def without(*types: str) -> Change:
    """Take out every row of these types."""

    def change(table: GoalTable) -> GoalTable | None:
        left = tuple(row for row in table.indicators if row.type not in types)
        return None if len(left) == len(table.indicators) else table.model_copy(update={"indicators": left})

    return change


def with_row(level1: str, level2: str, name: str, value: str, description: str = "按台账统计", basis: str = "2024年台账") -> Change:
    """Add a row."""
    row = Indicator(level1=level1, level2=level2, level3=name, value=Target.parse(value), description=description, basis=basis)
    return lambda table: table.model_copy(update={"indicators": (*table.indicators, row)})


def with_budget(change: Callable[[Decimal], Decimal], *, fiscal: bool = True) -> Change:
    """Change the total of the budget (and the fiscal part with it)."""

    def made(table: GoalTable) -> GoalTable | None:
        total = table.budget.total
        if total is None or not prices(table):
            return None
        new = change(total)
        return table.model_copy(update={"budget": table.budget.model_copy(update={"total": new, **({"fiscal": new, "other": None} if fiscal else {})})})

    return made


def with_plan(*percents: int | None) -> Change:
    """Another spending plan; None for a form without one."""

    def change(table: GoalTable) -> GoalTable | None:
        if not table.spending_plan:
            return None
        nodes = tuple(
            node.model_copy(update={"percent": None if percent is None else Decimal(percent)})
            for node, percent in zip(table.spending_plan, percents, strict=True)
        )
        return table.model_copy(update={"spending_plan": nodes})

    return change


def with_fields(**fields: Any) -> Change:
    """Replace whole fields."""
    return lambda table: table.model_copy(update=fields)


def signed(sign: str) -> Callable[[Indicator], str]:
    """The value of a row with another sign."""
    return lambda row: sign + re.sub(r"^[≥≤=<>]", "", row.value.text)


def only_hebei(change: Change) -> Change:
    """A change that only matters to the Hebei form."""
    return lambda table: change(table) if table.form == "hebei-2025" else None


def goal_with_number(table: GoalTable) -> GoalTable | None:
    """The number of a quantity in the goal made another one."""
    for i in numeric(table, "数量指标"):
        row = table.indicators[i]
        shown = re.sub(r"^[≥≤=<>]", "", row.value.text)
        for j, goal in enumerate(table.goals):
            at = goal.find(re.match(r"[\d.]+", shown)[0])  # type: ignore[index]
            if at >= 0 and row.value.unit and goal[at:].startswith(shown):
                return table.with_text(f"goals[{j}]", goal[:at] + "9" + goal[at:])
    return None


ALL: tuple[Mutation, ...] = (
    Mutation("name-removed", "F101", with_fields(project=GoalTable().project)),
    Mutation("budget-removed", "F101", with_fields(budget=GoalTable().budget)),
    Mutation("goals-removed", "F101", with_fields(goals=())),
    Mutation("purpose-removed", "F101", only_hebei(with_fields(purpose=None))),
    Mutation("plan-removed", "F101", only_hebei(with_fields(spending_plan=()))),
    Mutation("indicators-removed", "F102", with_fields(indicators=())),
    Mutation("quantity-removed", "F103", without("数量指标")),
    Mutation("quality-removed", "F104", without("质量指标")),
    Mutation("timeliness-removed", "F105", without("时效指标")),
    Mutation("cost-removed", "F106", without("成本指标", "经济成本指标")),
    Mutation("benefit-removed", "F107", without("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")),
    Mutation("level2-unknown", "F109", put_first(lambda t: rows(t, "社会效益指标"), "level2", "综合指标")),
    Mutation("level1-wrong", "F110", put_first(lambda t: rows(t, "社会效益指标"), "level1", "产出指标")),
    Mutation("row-name-removed", "F111", put_first(lambda t: rows(t, "质量指标"), "level3", "")),
    Mutation("value-removed", "F112", put_first(lambda t: rows(t, "质量指标"), "value", "")),
    Mutation("value-slash", "F112", put_first(lambda t: rows(t, "社会效益指标"), "value", "/")),
    Mutation("value-open", "F113", put_first(lambda t: rows(t, "数量指标"), "value", "待核实")),
    Mutation("name-placeholder", "F113", put_first(lambda t: rows(t, "数量指标"), "level3", "XX人数")),
    Mutation("description-removed", "F114", only_hebei(put_first(lambda t: rows(t, "质量指标"), "description", ""))),
    Mutation("basis-removed", "F115", only_hebei(put_first(lambda t: rows(t, "质量指标"), "basis", ""))),
    Mutation("row-twice", "F116", lambda t: t.model_copy(update={"indicators": (*t.indicators, t.indicators[-1])})),
    Mutation("price-lower-bound", "V201", put_first(prices, "value", signed("≥"))),
    Mutation("rate-upper-bound", "V202", put_first(lambda t: rates(t, "质量指标", "社会效益指标"), "value", signed("≤"))),
    Mutation("satisfaction-upper-bound", "V202", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", signed("≤"))),
    Mutation("accidents-lower-bound", "V203", with_row("产出指标", "质量指标", "安全事故发生次数", "≥1起")),
    Mutation("response-lower-bound", "V204", with_row("产出指标", "时效指标", "故障响应时间", "≥30分钟")),
    Mutation(
        "quantity-upper-bound", "V205", put_first(lambda t: [i for i in numeric(t, "数量指标") if "维修" not in t.indicators[i].level3], "value", signed("≤"))
    ),
    Mutation("satisfaction-impossible", "V206", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "≥900%")),
    Mutation("half-a-person", "V206", with_row("产出指标", "数量指标", "参加培训人数", "≥46.5人")),
    Mutation("satisfaction-low", "V207", with_row("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥70%", basis="2025年工作方案")),
    Mutation(
        "sign-lost",
        "V208",
        put_first(lambda t: [i for i in rates(t, "质量指标", "时效指标", "服务对象满意度指标") if t.indicators[i].value.number != 100], "value", signed("")),
    ),
    Mutation("sign-garbled", "V209", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "》95%")),
    Mutation(
        "sources-differ",
        "N301",
        lambda t: t.model_copy(update={"budget": t.budget.model_copy(update={"fiscal": t.budget.fiscal - 1})}) if t.budget.fiscal else None,
    ),
    Mutation("budget-negative", "N302", with_budget(lambda total: -total)),
    Mutation("plan-falls", "N304", with_plan(50, 25, 75, 100)),
    Mutation("plan-unfinished", "N305", with_plan(25, 50, 75, 90)),
    Mutation("plan-node-empty", "N306", with_plan(25, None, 75, 100)),
    Mutation("plan-beyond-100", "N307", with_plan(25, 50, 175, 100)),
    Mutation("quantity-vague", "W401", put_first(lambda t: rows(t, "数量指标"), "value", "完成任务")),
    Mutation(
        "quality-vague",
        "W402",
        lambda t: (
            None
            if not rows(t, "质量指标")
            else t.with_text(f"indicators[{rows(t, '质量指标')[0]}].value", "达到标准").with_text(f"indicators[{rows(t, '质量指标')[0]}].basis", "工作计划2025")
        ),
    ),
    Mutation("timeliness-vague", "W403", put_first(lambda t: rows(t, "时效指标"), "value", "及时完成")),
    Mutation("benefit-vague", "W404", put_first(lambda t: rows(t, "社会效益指标"), "value", "有所提升")),
    Mutation("benefit-slogan", "W405", put_first(lambda t: rows(t, "社会效益指标"), "value", "促进社会和谐稳定")),
    Mutation("timeliness-in-quality", "W406", put_first(lambda t: rows(t, "质量指标"), "level3", "任务完成及时率")),
    Mutation("satisfaction-in-benefit", "W406", put_first(lambda t: rows(t, "社会效益指标"), "level3", "群众满意度")),
    Mutation("satisfaction-in-people", "W408", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "≥90人")),
    Mutation("budget-as-output", "W409", lambda t: with_row("产出指标", "数量指标", "投入资金", f"{t.budget.total:f}{t.money_unit}")(t)),
    Mutation("process-as-benefit", "W410", with_row("效益指标", "社会效益指标", "资金使用合规率", "=100%")),
    Mutation("execution-rate", "W411", with_row("产出指标", "时效指标", "预算执行率", "≥95%")),
    Mutation("unit-lost", "W413", put_first(lambda t: rates(t, "质量指标"), "value", "≥95")),
    Mutation("description-copies-name", "W414", put_first(lambda t: rates(t, "质量指标"), "description", lambda row: row.level3)),
    Mutation("two-measures", "W415", put_first(lambda t: rows(t, "社会效益指标"), "level3", "服务水平、覆盖率")),
    Mutation(
        "satisfaction-of-nobody",
        "W416",
        lambda t: (
            None
            if not rows(t, "服务对象满意度指标")
            else t.with_text(f"indicators[{rows(t, '服务对象满意度指标')[0]}].level3", "满意度").with_text(
                f"indicators[{rows(t, '服务对象满意度指标')[0]}].description", "满意份数÷有效份数"
            )
        ),
    ),
    Mutation("satisfaction-certain", "W417", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "100%")),
    Mutation("basis-of-price-generic", "W419", only_hebei(put_first(prices, "basis", "工作计划"))),
    Mutation(
        "budget-halved",
        "M501",
        lambda t: (
            with_budget(lambda total: total / 2)(t)
            if len(numeric(t, "数量指标")) <= 2 and "月" not in "".join(row.value.text for row in t.indicators)
            else None
        ),
    ),
    Mutation("budget-doubled", "M502", lambda t: with_budget(lambda total: total * 2)(t)),
    Mutation(
        "unit-slip", "M503", lambda t: with_budget(lambda total: total * 10_000)(t) if "月" not in "".join(row.value.text for row in t.indicators) else None
    ),
    Mutation("price-in-words", "M504", lambda t: put_first(prices, "value", "按规定标准执行")(t)),
    Mutation(
        "cost-beyond-budget",
        "M506",
        lambda t: with_row(
            "成本指标" if t.frame == "2021" else "产出指标",
            "经济成本指标" if t.frame == "2021" else "成本指标",
            "项目总成本",
            f"≤{t.budget.total * 3:f}{t.money_unit}",
        )(t),
    ),
    Mutation("use-without-indicator", "S601", only_hebei(lambda t: t.with_text("purpose", (t.purpose or "").rstrip("。") + "、残疾儿童早期干预。"))),
    Mutation("foreign-benefit", "S603", lambda t: with_row("效益指标", "社会效益指标", "殡葬服务火化覆盖面", "≥90%")(t)),
    Mutation("category-contradicts", "S604", only_hebei(lambda t: t.with_text("project.name", "事业发展补助资金-殡葬"))),
    Mutation("goal-copies-purpose", "S605", lambda t: t.model_copy(update={"goals": (t.purpose,)})),
    Mutation("goal-slogan", "S606", with_fields(goals=("不断提升水平，促进和谐发展，维护稳定大局。",))),
    Mutation("goal-number-differs", "S607", goal_with_number),
    Mutation("deadline-last-year", "S611", with_row("产出指标", "时效指标", "任务完成时间", "2023年12月底前")),
    Mutation("day-that-is-none", "S611", with_row("产出指标", "时效指标", "任务完成时间", "2025年11月31日前")),
    Mutation("grade-with-sign", "V209", put_first(lambda t: rates(t, "质量指标"), "value", "≥优")),
    Mutation("count-negative", "V209", with_row("产出指标", "数量指标", "参加人数", "≥-46人")),
    Mutation("rate-graded", "W402", put_first(lambda t: [i for i in rates(t, "质量指标") if t.indicators[i].level3.endswith("率")], "value", "优秀")),
    Mutation("quantity-nearly-done", "W401", put_first(lambda t: rows(t, "数量指标"), "value", "基本完成")),
    Mutation("brackets-of-number", "T701", only_hebei(put_first(lambda t: rows(t, "质量指标"), "basis", "冀财社【2024】163号"))),
    Mutation("basis-from-the-future", "T703", only_hebei(put_first(lambda t: rows(t, "质量指标"), "basis", "冀财社〔2027〕163号"))),
    Mutation("code-cut", "T704", only_hebei(put("project.code", "13073025P000"))),
    Mutation("year-not-changed", "T704", only_hebei(with_fields(year=2026))),
    Mutation("title-of-another", "T705", with_fields(title="殡葬设施改造绩效目标表")),
    Mutation("goal-of-last-year", "T706", lambda t: t.model_copy(update={"goals": ("2023年完成全部任务。",)})),
    Mutation("outdated-words", "T707", lambda t: t.model_copy(update={"goals": (*t.goals, "为建档立卡贫困户提供服务。")})),
    Mutation("stop-doubled", "T708", lambda t: t.with_text("purpose", (t.purpose or "").rstrip("。") + "。。")),
    Mutation("odd-sign", "T709", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "≧９０％")),
    Mutation("beyond-authority", "T711", lambda t: t.model_copy(update={"goals": (*t.goals, "制定地方性法律法规。")})),
    Mutation("sign-against-word", "T712", put_first(lambda t: rates(t, "服务对象满意度指标"), "value", "≤90%以上")),
)


def broken(tables: Iterable[GoalTable]) -> Iterator[tuple[Mutation, GoalTable, GoalTable]]:
    """Every mutation of every table it applies to: mutation, the good table, the broken one."""
    for table in tables:
        for mutation in ALL:
            result = mutation.change(table)
            if result is not None and result != table:
                yield mutation, table, result
