"""What was meant to be written against what is found in the file: the check before an export says done.

Blanks and invisible marks beside Chinese characters do not count (readers take them off everywhere); words, signs, digits and the
decimals of money do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.chinese import tidy
from assistant.export.characters import clean
from assistant.export.layout import heading_of
from assistant.export.outline import measure_line
from assistant.table import INDICATOR_LABELS, DepartmentGoals, GoalTable

# A stop that ends a heading is punctuation of the line, not of the title.
_STOPS = "。；：;:"


def differences(expected: Sequence[GoalTable], found: Sequence[GoalTable], *, blanks: bool = True) -> list[str]:
    """Every difference as a Chinese sentence naming the table and the cell; empty when the file holds what was meant.

    ``blanks=False`` for formats that keep no blanks (PDF: a word broken at the end of a line is two pieces of text).
    Form and frame are not compared: they say how a table is printed, not what it says.
    """
    if len(expected) != len(found):
        return [f"应有 {len(expected)} 张表，文件里读到 {len(found)} 张。"]
    return [line for i, (wanted, read) in enumerate(zip(expected, found, strict=True), start=1) for line in _table(i, wanted, read, blanks)]


def department_differences(expected: DepartmentGoals | None, found: DepartmentGoals | None, *, blanks: bool = True) -> list[str]:
    """The same for part 1."""
    if expected is None:
        return []
    if found is None:
        return ["文件里没有读到第一部分（部门整体绩效目标）。"]
    out: list[str] = []

    def compare(label: str, wanted: str, read: str) -> None:
        left, right = _plain(wanted), _plain(read)
        if left != right and (blanks or re.sub(r"\s", "", left) != re.sub(r"\s", "", right)):
            out.append(f"第一部分的{label}应为“{_short(wanted)}”，文件里是“{_short(read)}”。")

    compare("总体绩效目标", expected.overall_goal, found.overall_goal)
    if len(expected.items) != len(found.items):
        out.append(f"第一部分应有 {len(expected.items)} 项分项绩效目标，文件里读到 {len(found.items)} 项。")
    if len(expected.measures) != len(found.measures):
        out.append(f"第一部分应有 {len(expected.measures)} 条工作保障措施，文件里读到 {len(found.measures)} 条。")
    for i, (item, other) in enumerate(zip(expected.items, found.items, strict=False), start=1):
        compare(f"分项绩效目标{i}·名称", item.title.rstrip(_STOPS), other.title.rstrip(_STOPS))
        compare(f"分项绩效目标{i}·绩效目标", item.goal, other.goal)
        compare(f"分项绩效目标{i}·绩效指标", item.indicators, other.indicators)
    for i, (measure, there) in enumerate(zip(expected.measures, found.measures, strict=False), start=1):
        compare(f"工作保障措施{i}", measure_line(measure).rstrip(_STOPS), measure_line(there).rstrip(_STOPS))
    return out


def _table(place: int, wanted: GoalTable, read: GoalTable, blanks: bool) -> Iterator[str]:
    name = f"第{place}张表“{_short(wanted.project.name or wanted.title or '')}”"
    for label, left, right in _pairs(wanted, read):
        if left != right and (blanks or re.sub(r"\s", "", left) != re.sub(r"\s", "", right)):
            yield f"{name}的{label}应为“{_short(left)}”，文件里是“{_short(right)}”。"


def _pairs(wanted: GoalTable, read: GoalTable) -> Iterator[tuple[str, str, str]]:
    """(label, text meant, text found) of everything that is compared."""
    if wanted.number is not None:
        yield "编号", str(wanted.number), str(read.number or "")
    yield "表名", _plain(_title(wanted)), _plain(_title(read))
    yield "金额单位", wanted.money_unit, read.money_unit
    for address, label in _HEADER:
        left, right = _plain(wanted.text(address)), _plain(read.text(address))
        # A form without a place for the code or the year cannot say it is missing; what was never there is not a difference.
        if left or address not in ("year", "unit.code"):
            yield f"{label}（{address}）", left, right
    yield from _plan(wanted, read)
    yield from _listed("绩效目标", "goals", [_plain(goal) for goal in wanted.goals if _plain(goal)], [_plain(goal) for goal in read.goals])
    yield "指标行数", str(len(wanted.indicators)), str(len(read.indicators))
    for i, (row, other) in enumerate(zip(wanted.indicators, read.indicators, strict=False)):
        for part, label in INDICATOR_LABELS.items():
            where = f"第{i + 1}行·{label}（indicators[{i}].{part}）"
            left, right = getattr(row, part), getattr(other, part)
            yield where, _plain(left.text if part == "value" else left), _plain(right.text if part == "value" else right)
        yield from _beyond(f"第{i + 1}行", row.extra, other.extra)
    yield from _beyond("表头", wanted.extra, read.extra)


_HEADER = (
    ("unit.code", "单位编码"),
    ("unit.name", "预算单位"),
    ("year", "年度"),
    ("project.code", "项目编码"),
    ("project.name", "项目名称"),
    ("budget.total", "预算数"),
    ("budget.fiscal", "财政资金"),
    ("budget.other", "其他资金"),
    ("purpose", "资金用途"),
)


def _title(table: GoalTable) -> str:
    return heading_of(table.model_copy(update={"number": None}))


def _plan(wanted: GoalTable, read: GoalTable) -> Iterator[tuple[str, str, str]]:
    left = [(_plain(node.by), node.percent) for node in wanted.spending_plan if node.percent is not None]
    right = [(_plain(node.by), node.percent) for node in read.spending_plan if node.percent is not None]
    if left != right:
        yield "资金支出计划", _joined(left), _joined(right)


def _joined(nodes: Iterable[tuple[str, object]]) -> str:
    return "、".join(f"{by}{percent}%" for by, percent in nodes)


def _listed(label: str, address: str, wanted: Sequence[str], read: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    yield f"{label}条数", str(len(wanted)), str(len(read))
    for i, (left, right) in enumerate(zip(wanted, read, strict=False)):
        yield f"{label}{i + 1}（{address}[{i}]）", left, right


def _beyond(where: str, wanted: dict[str, str], read: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for key, text in wanted.items():
        if not _plain(text):
            continue
        # Another reader may file it under another name; the text itself must be there.
        there = read.get(key) or next((other for other in read.values() if _plain(other) == _plain(text)), "")
        yield f"{where}·{key}", _plain(text), _plain(there)


def _plain(text: str | None) -> str:
    return tidy(clean(text)) if text else ""


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
