"""A short notation for goal tables in tests, so that a case shows only what it is about.

One line a cell, rows of indicators as ``数量 名称 | 值 | 描述 | 依据``; tables are parted by a line ``---``::

    项目 农村公路日常养护
    年度 2025
    预算 120 财政 120
    用途 用于农村公路日常养护。
    计划 20 50 80 100
    目标 完成120公里养护
    数量 养护里程 | ≥120公里 | 纳入计划的里程 | ×交发〔2025〕3号

``基于 道路养护`` starts from a good table of ``tests/rules/good``; then ``改 地址 = 文字``, ``删 indicators[2]`` and further lines change it.
``部门``, ``分项`` and ``措施`` lines write part 1.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.findings import Report
from assistant.table import DepartmentGoals, GoalItem, GoalTable, Indicator, Measure, NamedTarget, PlanNode
from assistant.target import Target
from assistant.validation.engine import BROKEN_DOWN

GOOD = Path(__file__).parent / "rules" / "good"


def broken_down(report: Report) -> list[str]:
    """What a report says of rules that broke down; the engine catches them, so a test must ask."""
    return [finding.message for finding in report.findings if finding.message.startswith(BROKEN_DOWN)]


_LEVELS = {
    "数量": ("产出指标", "数量指标"),
    "质量": ("产出指标", "质量指标"),
    "时效": ("产出指标", "时效指标"),
    "成本": ("产出指标", "成本指标"),
    "经济成本": ("成本指标", "经济成本指标"),
    "社会成本": ("成本指标", "社会成本指标"),
    "生态成本": ("成本指标", "生态环境成本指标"),
    "经济": ("效益指标", "经济效益指标"),
    "社会": ("效益指标", "社会效益指标"),
    "生态": ("效益指标", "生态效益指标"),
    "持续": ("效益指标", "可持续影响指标"),
    "满意": ("满意度指标", "服务对象满意度指标"),
}


@lru_cache
def good(name: str) -> GoalTable:
    """The good table of that name."""
    return parse((GOOD / f"{name}.table").read_text(encoding="utf-8"))[0][0]


def good_names() -> list[str]:
    """The names of all good tables."""
    return sorted(path.stem for path in GOOD.glob("*.table"))


def parse(text: str) -> tuple[list[GoalTable], DepartmentGoals | None]:
    """The tables of a text in the notation, and part 1 when it has any."""
    tables: list[GoalTable] = []
    part: dict[str, Any] = {}
    for block in re.split(r"(?m)^---+\s*$", text):
        table = _table(block, part)
        if table is not None:
            tables.append(table)
    return tables, _part(part) if part else None


def _table(block: str, part: dict[str, Any]) -> GoalTable | None:
    table: GoalTable | None = None
    for raw in block.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        if word in ("部门", "分项", "措施", "部门年度"):
            part.setdefault(word, []).append(rest)
            continue
        table = good(rest) if word == "基于" else _with(table or GoalTable(year=2025), word, rest.strip())
    return table


def _with(table: GoalTable, word: str, rest: str) -> GoalTable:
    update: dict[str, Any] = {}
    if word == "改":
        address, _, text = rest.partition("=")
        return table.with_text(address.strip(), text.strip().replace("\\n", "\n"))
    if word == "删":
        index = int(re.fullmatch(r"indicators\[(\d+)\]", rest)[1])  # type: ignore[index]
        update["indicators"] = tuple(row for i, row in enumerate(table.indicators) if i != index)
    elif word in _LEVELS or word == "指标":
        update["indicators"] = (*table.indicators, _row(word, rest))
    elif word == "项目":
        update["project"] = table.project.model_copy(update={"name": rest or None})
    elif word == "编码":
        update["project"] = table.project.model_copy(update={"code": rest or None})
    elif word == "单位":
        code, _, name = rest.partition(" ")
        update["unit"] = table.unit.model_copy(update={"code": code, "name": name})
    elif word == "预算":
        parts = rest.split()
        amounts: dict[str, Decimal | None] = {"total": Decimal(parts[0]) if parts else None, "fiscal": None, "other": None}
        for name, amount in zip(parts[1::2], parts[2::2], strict=True):
            amounts[{"财政": "fiscal", "其他": "other"}[name]] = Decimal(amount)
        update["budget"] = table.budget.model_copy(update=amounts)
    elif word == "计划":
        marks = rest.split()
        nodes = [mark.split(":") if ":" in mark else ("", mark) for mark in marks]
        names = ["3月底", "6月底", "10月底", "12月底"]
        update["spending_plan"] = tuple(
            PlanNode(by=by or names[i], percent=None if percent == "空" else Decimal(percent)) for i, (by, percent) in enumerate(nodes)
        )
    elif word == "目标":
        update["goals"] = (*table.goals, rest) if rest else ()
    elif word == "附":
        name, _, text = rest.partition("=")
        update["extra"] = {**table.extra, name: text}
    elif word == "年度":
        update["year"] = int(rest) if rest else None
    elif word == "序号":
        update["number"] = int(rest)
    else:
        update[{"用途": "purpose", "标题": "title", "金额单位": "money_unit", "表样": "form", "框架": "frame"}[word]] = rest or None
    return table.model_copy(update=update)


def _row(word: str, rest: str) -> Indicator:
    level1, level2 = _LEVELS.get(word, ("", ""))
    if word == "指标":
        levels, _, rest = rest.partition(" ")
        level1, _, level2 = levels.partition("/")
    name, value, description, basis, more = ([cell.strip() for cell in rest.split("|")] + ["", "", "", ""])[:5]
    extra = {more.partition("=")[0]: more.partition("=")[2]} if more else {}
    return Indicator(level1=level1, level2=level2, level3=name, value=Target.parse(value), description=description or None, basis=basis or None, extra=extra)


def _part(part: dict[str, Any]) -> DepartmentGoals:
    items = []
    for line in part.get("分项", ()):
        title, goal, indicators = ([cell.strip() for cell in line.split("|")] + ["", ""])[:3]
        measures = tuple(
            NamedTarget(name=found[1], value=Target.parse(found[2]))
            for found in re.finditer(r"([\u4e00-\u9fff]+?)(?:达到)?(\d+(?:\.\d+)?%(?:以上)?)", indicators)
        )
        items.append(GoalItem(title=title, goal=goal, indicators=indicators, measures=measures))
    years = part.get("部门年度")
    return DepartmentGoals(
        overall_goal="".join(part.get("部门", ())),
        items=tuple(items),
        measures=tuple(Measure(title=line.split("|")[0], text=line) for line in part.get("措施", ())),
        year=int(years[0]) if years else None,
    )
