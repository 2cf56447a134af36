"""The goal table: money, use, spending plan, goals and indicators, each parsed from and printed as offices write them.

The types are frozen and strict. What a document wrote is always kept as written (``Target.text``); the parsed parts stand beside it.
Every cell has an address (``budget.total``, ``indicators[2].value``) by which findings, provenance and decisions point at it.
Imports nothing but pydantic and the field's names.

Sources: the Hebei form 预算项目绩效目标表 (部门预算绩效文本, part 2), value grammar as in published tables of several provinces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from pydantic import Field

from assistant import taxonomy
from assistant.chinese import fold
from assistant.errors import InputError
from assistant.target import Frozen, Target

MoneyUnit = Literal["元", "万元", "亿元"]
YUAN: dict[str, int] = {"元": 1, "千元": 1_000, "万元": 10_000, "亿元": 100_000_000}


class Money(NamedTuple):
    """An amount and its unit, never one without the other."""

    amount: Decimal
    unit: str = "万元"

    @property
    def yuan(self) -> Decimal:
        """The amount in 元."""
        return self.amount * YUAN[self.unit]

    def to(self, unit: str) -> Money:
        """The same money in another unit."""
        return self if unit == self.unit else Money((self.yuan / YUAN[unit]).normalize() + 0, unit)

    def __str__(self) -> str:
        return f"{self.amount:f}{self.unit}"

    @classmethod
    def parse(cls, text: str, default_unit: str = "万元") -> Money:
        """Money from text: ``470``, ``470.00万元``, ``4,700,000 元``, ``495万``, ``1.2亿``; InputError for anything else."""
        folded = fold(text).replace(",", "").replace("人民币", "").replace("¥", "")
        match = re.fullmatch(r"(-?\d+(?:\.\d+)?)(亿元|亿|万元|万|千元|元整|元|块钱|块)?", folded)
        if not match:
            raise InputError(f"金额“{text}”不是一个数。", "请写成数字，可带单位，例如 480、480万元 或 4800000元。")
        unit = {"亿": "亿元", "万": "万元", "元整": "元", "块": "元", "块钱": "元", None: default_unit}.get(match[2], match[2])
        return cls(Decimal(match[1]), str(unit))


class Unit(Frozen):
    """预算单位: the budget unit that owns the table."""

    code: str | None = None
    name: str | None = None


class Project(Frozen):
    """项目: code (项目编码, 21 characters in Hebei) and name."""

    code: str | None = None
    name: str | None = None


class Budget(Frozen):
    """预算规模: amounts in the table's ``money_unit``; None = not in the source."""

    total: Decimal | None = None
    fiscal: Decimal | None = None
    other: Decimal | None = None


class PlanNode(Frozen):
    """One node of 资金支出计划: by when, cumulative percent (as a number, ``25`` for 25 %)."""

    by: str
    percent: Decimal | None = None


class Indicator(Frozen):
    """One row of the indicator block. Level names as written (merged cells carried down); ``extra`` keeps columns beyond the model."""

    level1: str = ""
    level2: str = ""
    level3: str = ""
    description: str | None = None
    value: Target = Target.model_construct()
    basis: str | None = None
    extra: dict[str, str] = Field(default_factory=dict)

    @property
    def family(self) -> str | None:
        """Canonical level 1 (产出指标 …), or None when the name is unknown."""
        return canonical_level1(self.level1)

    @property
    def type(self) -> str | None:
        """Canonical level 2 (数量指标 …), or None when the name is unknown."""
        return canonical_level2(self.level2, self.level1)


@lru_cache(maxsize=4096)
def _stem(name: str) -> str:
    return re.sub(r"指标|目标|\(.*?\)|^[一二三四五六七八九十\d]+[、.．]", "", fold(name))


def canonical_level1(name: str) -> str | None:
    """The canonical level-1 name for what a form writes (效果指标 → 效益指标), or None."""
    stem = _stem(name)
    return taxonomy.LEVEL1_NAMES.get(stem) or ("满意度指标" if "满意" in stem else None)


def canonical_level2(name: str, level1: str = "") -> str | None:
    """The canonical level-2 name for what a form writes (环境效益 → 生态效益指标), or None.

    Under the level-1 family 成本指标 (frame of 2021) a bare 成本 is 经济成本指标.
    """
    stem = _stem(name)
    found = taxonomy.LEVEL2_NAMES.get(stem) or ("服务对象满意度指标" if "满意" in stem else None)
    if found == "成本指标" and canonical_level1(level1) == "成本指标":
        return "经济成本指标"
    return found


class Cell(NamedTuple):
    """One addressable cell of a table: address, the form's label, text (empty string = nothing written)."""

    address: str
    label: str
    text: str


class GoalTable(Frozen):
    """预算项目绩效目标表: one project's goal table for one year."""

    number: int | None = None
    title: str | None = None
    year: int | None = None
    unit: Unit = Unit.model_construct()
    money_unit: MoneyUnit = "万元"
    project: Project = Project.model_construct()
    budget: Budget = Budget.model_construct()
    purpose: str | None = None
    spending_plan: tuple[PlanNode, ...] = ()
    goals: tuple[str, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    form: str = "hebei-2025"
    frame: str = "2015"
    extra: dict[str, str] = Field(default_factory=dict)

    @property
    def total(self) -> Money | None:
        """预算数 as money."""
        return None if self.budget.total is None else Money(self.budget.total, self.money_unit)

    def cells(self) -> Iterator[Cell]:
        """Every cell in the order of the form."""
        for address, label in HEADER_LABELS.items():
            yield Cell(address, label, self.text(address))
        for i, node in enumerate(self.spending_plan):
            yield Cell(f"spending_plan[{i}].percent", f"支出计划·{node.by}", self.text(f"spending_plan[{i}].percent"))
        for i, goal in enumerate(self.goals):
            yield Cell(f"goals[{i}]", "绩效目标" if len(self.goals) == 1 else f"绩效目标{i + 1}", goal)
        for i, row in enumerate(self.indicators):
            for part, label in INDICATOR_LABELS.items():
                yield Cell(f"indicators[{i}].{part}", f"第{i + 1}行·{label}", _as_text(getattr(row, part)))

    def text(self, address: str) -> str:
        """The text at an address, empty when nothing is written; KeyError for an address this table does not have."""
        value: Any = self
        for name, index in _steps(address):
            try:
                value = getattr(value, name)
                if index is not None:
                    value = value[index] if isinstance(value, tuple) else ()[index]
            except (AttributeError, IndexError, TypeError):
                raise KeyError(address) from None
        return _as_text(value)

    def with_text(self, address: str, text: str) -> GoalTable:
        """A copy with one cell's text replaced, parsed as that cell needs it.

        KeyError for an unknown address, InputError for text that the cell cannot hold (a budget that is no number).
        """
        self.text(address)
        data = self.model_dump()
        steps = _steps(address)
        holder: Any = data
        for name, index in steps[:-1]:
            holder = holder[name] if index is None else holder[name][index]
        name, index = steps[-1]
        new = _parsed(address, text, self.money_unit)
        if index is None:
            holder[name] = new
        else:
            holder[name] = [new if i == index else old for i, old in enumerate(holder[name])]
        return GoalTable.model_validate(data)


# Address → label of the cells above the indicator block, in the order of the Hebei form.
HEADER_LABELS: dict[str, str] = {
    "unit.code": "单位编码",
    "unit.name": "预算单位",
    "year": "年度",
    "project.code": "项目编码",
    "project.name": "项目名称",
    "budget.total": "预算数",
    "budget.fiscal": "财政资金",
    "budget.other": "其他资金",
    "purpose": "资金用途",
}
INDICATOR_LABELS: dict[str, str] = {
    "level1": "一级指标",
    "level2": "二级指标",
    "level3": "三级指标",
    "description": "绩效指标描述",
    "value": "指标值",
    "basis": "指标值确定依据",
}
_PART_LABELS = {"department.overall_goal": "总体绩效目标", "department.items": "分项绩效目标", "department.measures": "工作保障措施"}
_ROW = re.compile(r"indicators\[(\d+)\]\.(\w+)")
_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def place_of(cell: str | None) -> str:
    """A cell's address as a person calls it: ``第3行·指标值``, ``预算数``, ``6月底``."""
    if cell is None:
        return ""
    if match := _ROW.fullmatch(cell):
        return f"第{int(match[1]) + 1}行·{INDICATOR_LABELS.get(match[2], match[2])}"
    if match := re.fullmatch(r"goals\[(\d+)\]", cell):
        return f"绩效目标{int(match[1]) + 1}"
    if match := re.fullmatch(r"spending_plan\[(\d+)\]\.percent", cell):
        return f"支出计划第{int(match[1]) + 1}个节点"
    if match := re.fullmatch(r"(department\.\w+)(?:\[(\d+)\]\.(\w+))?", cell):
        part = {"goal": "·绩效目标", "indicators": "·绩效指标", "title": "·标题"}.get(match[3] or "", "")
        return _PART_LABELS.get(match[1], match[1]) + (f"{int(match[2]) + 1}" if match[2] else "") + part
    return HEADER_LABELS.get(cell, cell)


def places_of(cells: Iterable[str | None]) -> str:
    """Several addresses as a person calls them; the same cell of several rows together: ``第1、3行·指标值；预算数``."""
    rows: dict[str, set[int]] = {}
    nodes: set[int] = set()
    others: dict[str, None] = {}
    for cell in cells:
        if cell and (match := _ROW.fullmatch(cell)):
            rows.setdefault(INDICATOR_LABELS.get(match[2], match[2]), set()).add(int(match[1]) + 1)
        elif cell and (match := re.fullmatch(r"spending_plan\[(\d+)\]\.percent", cell)):
            nodes.add(int(match[1]) + 1)
        elif cell:
            others[place_of(cell)] = None
    named = [f"第{'、'.join(map(str, sorted(numbers)))}行·{label}" for label, numbers in rows.items()]
    return "；".join([*named, *([f"支出计划第{'、'.join(map(str, sorted(nodes)))}个节点"] if nodes else []), *others])


@lru_cache(maxsize=4096)
def _steps(address: str) -> tuple[tuple[str, int | None], ...]:
    steps: list[tuple[str, int | None]] = []
    for part in address.split("."):
        match = _STEP.fullmatch(part)
        if not match:
            raise KeyError(address)
        steps.append((match[1], None if match[2] is None else int(match[2])))
    return tuple(steps)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Target):
        return value.text
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _parsed(address: str, text: str, money_unit: str) -> Any:
    text = text.strip()
    if address.endswith(".value"):
        return Target.parse(text)
    if not text:
        return "" if re.fullmatch(r"goals\[\d+\]|indicators\[\d+\]\.level\d|spending_plan\[\d+\]\.by", address) else None
    if address.startswith("budget."):
        return Money.parse(text, money_unit).to(money_unit).amount
    if address.endswith(".percent"):
        try:
            return Decimal(fold(text).rstrip("%"))
        except InvalidOperation:
            raise InputError(f"支出进度“{text}”不是百分数。", "请写 0 到 100 的数，例如 25%。") from None
    if address == "year":
        digits = fold(text).removesuffix("年度").removesuffix("年")
        if not digits.isdigit():
            raise InputError(f"年度“{text}”不是年份。", "请写四位年份，例如 2026。")
        return int(digits)
    return text


class NamedTarget(Frozen):
    """A measure in running prose: what is measured and the target (``法律援助满意程度`` 90%以上)."""

    name: str
    value: Target


class GoalItem(Frozen):
    """One 分项绩效目标 of part 1: title, goal and its indicators as written, with the measures found in that prose."""

    title: str
    goal: str = ""
    indicators: str = ""
    measures: tuple[NamedTarget, ...] = ()


class Measure(Frozen):
    """One 工作保障措施 of part 1."""

    title: str
    text: str = ""


# The item that holds the indicators of a 部门整体支出绩效目标表, which prints them together below all tasks.
GATHERED_INDICATORS = "年度绩效指标"


class DepartmentGoals(Frozen):
    """部门整体绩效目标, part 1 of a department's text: overall goal, itemised goals, measures."""

    overall_goal: str = ""
    items: tuple[GoalItem, ...] = ()
    measures: tuple[Measure, ...] = ()
    unit: Unit = Unit.model_construct()
    year: int | None = None

    @property
    def gathered(self) -> GoalItem | None:
        """The item with the indicators of all others, where the form prints them together; None in a text whose items have their own."""
        return next((item for item in self.items if item.title == GATHERED_INDICATORS and not item.goal), None)
