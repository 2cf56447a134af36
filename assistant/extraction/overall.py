"""Forms of a whole department: 部门整体支出绩效目标表, and Hebei's older grids of duties and activities (职责—活动).

They name no project and are no project's table: their money, tasks and indicators become ``DepartmentGoals``, in which every text of the
form has a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.chinese import fold, pattern
from assistant.extraction import lexicon, wording
from assistant.extraction.building import Builder
from assistant.extraction.report import ReadingReport, Unread
from assistant.extraction.rows import Row, Slot, at
from assistant.table import GATHERED_INDICATORS, DepartmentGoals, GoalItem, NamedTarget, Unit
from assistant.target import Target

_WHOLE = pattern(r"(?:部门|单位|\))整体|整体(?:支出)?绩效(?:目标|自评)|整体支出")
_TASKS = "年度主要任务"
_TASK_HEADS = frozenset(
    map(fold, "任务名称 主要内容 主要任务 工作内容 任务内容 预算金额 金额 总额 资金总额 财政拨款 其他资金 对应项目 预算数 任务 备注 序号".split())
)
_MONEY = {"budget.total": "资金总额", "budget.fiscal": "财政拨款", "budget.other": "其他资金"}


def is_overall(builder: Builder) -> bool:
    """Whether a form without a project is that of a department as a whole."""
    if builder.project_name or builder.project_code or builder.flat:
        return False
    title = fold(builder.title.text) if builder.title is not None else ""
    return (_WHOLE.search(title) is not None and "区域" not in title) or _TASKS in builder.extra


def department_of(builder: Builder, report: ReadingReport) -> DepartmentGoals:
    """The department's goals that such a form holds; what it says besides goals and indicators becomes items of its own."""
    table = builder.build()
    unit = table.money_unit
    amounts = [(_MONEY[name], f"{value:f}{builder.money_unit or written or unit}") for name, (value, written) in builder.amounts.items()]
    items = []
    if amounts:
        measures = tuple(NamedTarget(name=name, value=Target.parse(text)) for name, text in amounts)
        items.append(GoalItem(title="年度预算", goal="；".join(f"{name}{text}" for name, text in amounts), measures=measures))
    extra = dict(table.extra)
    items += _tasks(extra.pop(_TASKS, ""))
    items += [GoalItem(title=name, goal=text) for name, text in extra.items()]
    if table.purpose:
        items.append(GoalItem(title="资金用途", goal=table.purpose))
    lines, found = [], []
    for row in table.indicators:
        name = row.level3 or row.level2 or row.level1
        more = [f"{label}：{text}" for label, text in (("说明", row.description), ("依据", row.basis), *row.extra.items()) if text]
        # Without 指标, lest the line be taken for a row of a table that lost its borders.
        levels = "/".join(level.removesuffix("指标") for level in (row.level1, row.level2) if level)
        lines.append(f"{levels}/{name}：{row.value.text}" + (f"（{'；'.join(more)}）" if more else ""))
        if row.value.number is not None:
            found.append(NamedTarget(name=name, value=row.value))
    if lines or items:
        items.append(GoalItem(title=GATHERED_INDICATORS, indicators="\n".join(lines), measures=tuple(found)))
    report.unread.extend(Unread(f"{builder.name}{place}", why) for place, why in builder.unread)
    report.warnings.extend(builder.warnings)
    report.warnings.append(f"{builder.name}是部门整体的绩效目标表，不是项目表：其中的目标、预算和{len(lines)}条指标作为部门整体绩效目标读取。")
    return DepartmentGoals(overall_goal="\n".join(table.goals), items=tuple(items), unit=table.unit, year=table.year)


def _tasks(text: str) -> Iterator[GoalItem]:
    """The tasks of a year, one a line: name, content, amounts under their heads."""
    amounts_of: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split(" | ")]
        if all(lexicon.key(cell) in _TASK_HEADS or fold(re.sub(r"[（(].*", "", cell)) in _TASK_HEADS for cell in cells):
            heads = [cell for cell in cells if re.search("额|拨款|资金|预算", cell)]
            # 总额 | 财政拨款 | 其他资金 stand below 预算金额（万元）, whose unit they share.
            shared = re.search(r"[（(](万元|元)[)）]", amounts_of[0]) if amounts_of else None
            amounts_of = [f"{head}（{shared[1]}）" if shared and "元" not in head else head for head in heads] or amounts_of
            continue
        amounts = [cell for cell in cells[1:] if wording.amount(cell) is not None]
        words = [cell for cell in cells[1:] if cell not in amounts]
        if len(amounts) == len(amounts_of):
            amounts = [f"{head}{amount}" for head, amount in zip(amounts_of, amounts, strict=True)]
        yield GoalItem(title=cells[0], goal="；".join([*words, *amounts]))


# -- 职责—活动 -----------------------------------------------------------------------------------------------------------------------

_DUTY = pattern(r"(?:部门)?(?:职责|工作)?[-—－/、及]*(?:职责|工作)?活动(?:名称)?|职责活动.*|部门职责[-—－/、及].*活动")
_GRADES = ("优", "良", "中", "差")


@dataclass(slots=True)
class Duties:
    """The head of such a grid and the items read below it: which column holds the duty, its goal, its indicator and the grades."""

    columns: dict[str, Slot]
    width: int
    rows: int
    unit: Unit = field(default_factory=Unit)
    year: int | None = None
    money_unit: str | None = None
    items: list[GoalItem] = field(default_factory=list)

    def read(self, rows: list[Row], start: int) -> None:
        """The rows from ``start`` on: a row with a duty or activity opens an item, the rows below it bring more of its indicators."""
        for row in rows[start:]:
            texts = {name: slot for name, column in self.columns.items() if (slot := at(row, column.start)) is not None}
            fresh = {name: slot.text.strip() for name, slot in texts.items() if slot.fresh}
            if not fresh or set(map(fold, fresh.values())) <= {fold(column.text) for column in self.columns.values()}:
                continue
            self._row(fresh)

    def _row(self, fresh: dict[str, str]) -> None:
        name = fresh.pop("duty", None)
        if name is not None or not self.items:
            self.items.append(GoalItem(title=wording.one_line(name or "")))
        item = self.items[-1]
        value = next((fresh.pop(grade) for grade in _GRADES if grade in fresh), fresh.pop("value", ""))
        indicator = wording.one_line(fresh.pop("indicator", ""))
        rest = {label: fresh.pop(label) for label in [*_GRADES] if label in fresh}
        goal = "\n".join(text if label == "goal" else f"{self.columns[label].line}：{self._with_unit(label, text)}" for label, text in fresh.items())
        line = f"{indicator}：{wording.one_line(value)}" if indicator or value else ""
        line += f"（{'；'.join(f'{grade}：{wording.one_line(text)}' for grade, text in rest.items())}）" if rest else ""
        measured = Target.parse(wording.one_line(value)) if indicator else None
        self.items[-1] = GoalItem(
            title=item.title,
            goal="\n".join(text for text in (item.goal, goal) if text),
            indicators="\n".join(text for text in (item.indicators, line) if text),
            measures=(*item.measures, NamedTarget(name=indicator, value=measured)) if measured is not None and measured.number is not None else item.measures,
        )

    def _with_unit(self, label: str, text: str) -> str:
        amount = wording.amount(text) if (lexicon.field(label) or "").startswith("budget.") else None
        return f"{text}{self.money_unit or ''}" if amount is not None and amount[1] is None else text

    def department(self) -> DepartmentGoals:
        """All that was read."""
        return DepartmentGoals(items=tuple(self.items), unit=self.unit, year=self.year)


def duties_at(rows: list[Row]) -> Duties | None:
    """The head of a grid of duties and activities, or None for any other grid."""
    for r, row in enumerate(rows[:4]):
        first = next((slot for slot in row if slot.fresh and "活动" in slot.text and len(slot.key) <= 16 and _DUTY.fullmatch(slot.key)), None)
        if first is None:
            continue
        below = rows[r + 1] if r + 1 < len(rows) else []
        graded = {slot.key: slot for slot in below if slot.key in _GRADES and not slot.inherited}
        columns: dict[str, Slot] = {"duty": first}
        for slot in row:
            if slot is first or slot.blank or any(slot.covers(grade) for grade in graded.values()):
                continue
            columns[_role(slot.key)] = slot
        columns.update(graded)
        if ("goal" in columns or "value" in columns or graded) and "indicator" in columns:
            return Duties(columns, max(slot.end for slot in row), r + (2 if graded else 1))
    return None


def _role(word: str) -> str:
    if word in ("绩效目标", "目标", "年度绩效目标"):
        return "goal"
    if word in ("绩效指标", "指标", "指标名称", "绩效指标名称"):
        return "indicator"
    return "value" if lexicon.column(word) in ("value", "standard") else word
