"""The report as one self-contained HTML file a bureau can mail: each table drawn as the form, findings marked in their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from assistant.chinese import harmless
from assistant.findings import Finding, Outcome, Report
from assistant.table import INDICATOR_LABELS, GoalTable, place_of
from assistant.validation.grading import letter_of, points_of
from assistant.validation.report_files import Judged

_KINDS = (("error", "错误"), ("warning", "警告"), ("info", "提示"), ("undecided", "未定"))
_COLUMNS = 12


@dataclass(slots=True)
class _Cell:
    """One drawn cell: text, spans of a 12-column grid, whether it is a label, the findings marked in it."""

    text: str
    span: int
    head: bool = False
    down: int = 1
    marks: list[dict[str, object]] = field(default_factory=list)


def report_html(judged: Sequence[Judged], *, title: str = "绩效目标表检查报告", notes: Sequence[str] = ()) -> str:
    """The whole report. No script, no outside address: styles are inside, links lead within the page."""
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=False)
    template = environment.from_string((files("assistant.validation") / "templates" / "report.html.j2").read_text(encoding="utf-8"))
    shown = [_file(each, i) for i, each in enumerate(judged)]
    return harmless(template.render(title=title, files=shown, notes=list(notes), kinds=_KINDS))


def _file(each: Judged, number: int) -> dict[str, Any]:
    graded = each.report.grade is not None
    parts = [_part(name, f"f{number}t{i}", found, table, graded=graded and table is not None) for i, (name, table, found) in enumerate(each.parts())]
    return {"name": each.file, "counts": each.report.summary, "parts": parts, "unread": list(each.unread)}


def _part(title: str, anchor: str, found: Sequence[Finding], table: GoalTable | None, *, graded: bool) -> dict[str, Any]:
    findings = [_finding(one, i, anchor) for i, one in enumerate(found, 1)]
    counts = Report.of(found, tables=1).summary.model_dump()
    points, _ = points_of(found)
    return {
        "title": title,
        "anchor": anchor,
        "findings": findings,
        "counts": counts,
        "grade": f"{letter_of(points)}（{points:g}分）" if graded else "",
        "rows": [] if table is None else _form(table, findings),
    }


def _finding(one: Finding, number: int, anchor: str) -> dict[str, Any]:
    undecided = one.outcome is Outcome.UNDECIDED
    details = [(label, text) for label, text in (("应为", one.expected), ("现为", one.found), ("相差", one.difference)) if text]
    if one.fix is not None and one.fix.to != one.expected:
        details.append(("可自动改为" if one.fix.safe else "建议改为", one.fix.to))
    details += [("已豁免", one.waived)] if one.waived else []
    return {
        "number": number,
        "anchor": f"{anchor}n{number}",
        "kind": "undecided" if undecided else one.severity.value,
        "word": "未定" if undecided else one.severity.label,
        "code": one.code,
        "place": place_of(one.cell),
        "message": one.message,
        "details": details,
        "basis": one.basis,
        "waived": bool(one.waived),
        "cell": one.cell,
        "title": one.message,
    }


def _form(table: GoalTable, findings: Sequence[dict[str, Any]]) -> list[list[_Cell]]:
    marks: dict[str, list[dict[str, Any]]] = {}
    for one in findings:
        if one["cell"]:
            marks.setdefault(one["cell"], []).append(one)

    def cell(address: str, span: int, down: int = 1) -> _Cell:
        try:
            text = table.text(address)
        except KeyError:
            text = ""
        return _Cell(text, span, False, down, marks.get(address, []))

    def head(text: str, span: int, down: int = 1) -> _Cell:
        return _Cell(text, span, True, down)

    unit = f"{table.unit.code or ''}{table.unit.name or ''}"
    rows = [[head("预算单位", 2), _Cell(unit, 6, False, 1, marks.get("unit.name", []) + marks.get("unit.code", [])), head("年度", 2), cell("year", 2)]]
    rows.append([head("项目编码", 2), cell("project.code", 4), head("项目名称", 2), cell("project.name", 4)])
    rows.append(
        [
            head("预算规模及资金用途", 2, 2),
            head(f"预算数（{table.money_unit}）", 2),
            cell("budget.total", 2),
            head("其中：财政资金", 2),
            cell("budget.fiscal", 1),
            head("其他资金", 2),
            cell("budget.other", 1),
        ]
    )
    rows.append([cell("purpose", 10)])
    if table.spending_plan:
        rows += _plan(table, cell, head)
    rows.append([head("绩效目标", 2, max(1, len(table.goals))), *([cell("goals[0]", 10)] if table.goals else [_Cell("", 10)])])
    rows += [[cell(f"goals[{i}]", 10)] for i in range(1, len(table.goals))]
    rows.append([head(label, span) for label, span in zip(INDICATOR_LABELS.values(), _SPANS, strict=True)])
    for i in range(len(table.indicators)):
        rows.append(
            [
                cell(f"indicators[{i}].{part}", span, down)
                for part, span in zip(INDICATOR_LABELS, _SPANS, strict=True)
                if (down := _height(table, i, part, marks)) > 0
            ]
        )
    return rows


def _height(table: GoalTable, i: int, part: str, marks: dict[str, list[dict[str, Any]]]) -> int:
    """How many rows an indicator's cell is drawn over: levels are merged downwards as in the form, but for cells with findings; 0 = drawn above."""

    def same(a: int, b: int) -> bool:
        above, below = table.indicators[a], table.indicators[b]
        if part == "level2" and above.level1 != below.level1:
            return False
        return getattr(above, part) == getattr(below, part) != "" and not any(f"indicators[{each}].{part}" in marks for each in (a, b))

    if part not in ("level1", "level2"):
        return 1
    if i > 0 and same(i - 1, i):
        return 0
    last = i
    while last + 1 < len(table.indicators) and same(last, last + 1):
        last += 1
    return last - i + 1


_SPANS = (1, 1, 3, 3, 2, 2)


def _plan(table: GoalTable, cell: Any, head: Any) -> list[list[_Cell]]:
    nodes = table.spending_plan[: _COLUMNS - 2]
    span, left = divmod(_COLUMNS - 2, len(nodes))
    spans = [span + (1 if i < left else 0) for i in range(len(nodes))]
    return [
        [head("资金支出计划（%）", 2, 2), *(head(node.by, each) for node, each in zip(nodes, spans, strict=True))],
        [cell(f"spending_plan[{i}].percent", each) for i, each in enumerate(spans)],
    ]
