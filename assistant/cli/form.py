"""A goal table on the terminal, drawn like the paper form; for a draft with origin and change of every row, and what stands under it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from assistant.cli.render import console, finding_lines, plain
from assistant.draft import CHANGE_LABELS, ORIGIN_LABELS

if TYPE_CHECKING:
    from rich.table import Table

    from assistant.draft import Draft, Provenance
    from assistant.table import GoalTable

_CHANGE_STYLES = {"same": "dim", "changed": "yellow", "new": "green"}
_CHANGE_SIGNS = {"same": " ", "changed": "△", "new": "＋"}


def show_table(table: GoalTable, *, provenance: Iterable[Provenance] = ()) -> None:
    """Print the form: title, header block, plan, goals, indicator block."""
    origins = {entry.cell: entry for entry in provenance}
    out = console()
    out.print()
    out.print(plain(table.title or f"{table.project.name or ''}绩效目标表"), style="bold", justify="center")
    unit = f"{table.unit.code or ''}{table.unit.name or ''}"
    year = f"{table.year}年度" if table.year else ""
    out.print(plain(f"{unit}    {year}    单位：{table.money_unit}"))
    out.print(_head(table, origins))
    out.print(_indicators(table, origins))


def _marked(text: str, entry: Provenance | None) -> Any:
    from rich.text import Text

    shown = Text(plain(text))
    if entry is None:
        return shown
    if entry.origin == "open":
        shown = Text(plain(text) or "（空）", style="bold magenta")
    elif entry.change == "changed":
        shown.stylize("yellow")
        if entry.previous:
            shown.append(f"\n上年：{plain(entry.previous)}", style="dim")
    return shown


def _head(table: GoalTable, origins: dict[str, Provenance]) -> Table:
    from rich import box
    from rich.table import Table

    head = Table(box=box.SQUARE, show_header=False, show_lines=True, expand=True, padding=(0, 1))
    head.add_column(width=12, style="bold")
    head.add_column(ratio=1, overflow="fold")
    money = table.budget
    parts = [
        f"{table.text('budget.total') or '（空）'}",
        f"其中：财政资金 {table.text('budget.fiscal') or '（空）'}",
        f"其他资金 {'' if money.other is None else table.text('budget.other')}",
    ]
    head.add_row("项目编码", _marked(table.project.code or "", origins.get("project.code")))
    head.add_row("项目名称", _marked(table.project.name or "", origins.get("project.name")))
    head.add_row("预算数", _marked("    ".join(parts), origins.get("budget.total")))
    head.add_row("资金用途", _marked(table.purpose or "", origins.get("purpose")))
    plan = "    ".join(f"{node.by} {'' if node.percent is None else f'{node.percent:f}%'}" for node in table.spending_plan)
    head.add_row("支出计划", _marked(plan, origins.get("spending_plan[0].percent")))
    for i, goal in enumerate(table.goals):
        entry = origins.get(f"goals[{i}]")
        head.add_row("绩效目标" if i == 0 else "", _marked(f"{i + 1}.{goal}", _quiet(entry)))
    return head


def _indicators(table: GoalTable, origins: dict[str, Provenance]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    block = Table(box=box.SQUARE, show_lines=True, expand=True, header_style="bold", padding=(0, 0))
    columns = (("二级指标", 1.1), ("三级指标", 2.4), ("绩效指标描述", 2.8), ("指标值", 1.8), ("指标值确定依据", 2.2))
    for name, ratio in columns:
        block.add_column(name, ratio=int(ratio * 10), overflow="fold")
    if origins:
        block.add_column("来源", width=10, overflow="fold")
    for i, row in enumerate(table.indicators):
        at = f"indicators[{i}]."
        value = origins.get(f"{at}value")
        cells = [
            Text(plain(row.level2)),
            _marked(row.level3, origins.get(f"{at}level3")),
            _marked(row.description or "", _quiet(origins.get(f"{at}description"))),
            _marked(row.value.text, value),
            _marked(row.basis or "", _quiet(origins.get(f"{at}basis"))),
        ]
        if origins:
            cells.append(_origin(value, origins.get(f"{at}level3")))
        block.add_row(*cells)
    return block


def _quiet(entry: Provenance | None) -> Provenance | None:
    """Descriptions and bases change in almost every row; their former text is in the saved draft, not on the screen."""
    return entry.model_copy(update={"previous": None}) if entry is not None else None


def _origin(value: Provenance | None, name: Provenance | None) -> Any:
    from rich.text import Text

    if value is None:
        return Text("")
    change = "new" if name is not None and name.change == "new" else value.change
    label = ORIGIN_LABELS[value.origin]
    return Text(f"{_CHANGE_SIGNS[change]}{label}\n{CHANGE_LABELS[change]}", style=_CHANGE_STYLES[change])


def show_draft(draft: Draft) -> None:
    """Print a draft: the form, the evidence of its numbers, what was left out, what is found, what is asked."""
    show_table(draft.table, provenance=draft.provenance)
    out = console()
    for note in draft.trace.notes:
        out.print(f"说明：{plain(note)}")
    _evidence(draft)
    if draft.dropped:
        out.print("\n没有沿用的内容", style="bold")
        for gone in draft.dropped:
            out.print(plain(f"  － {gone.text}：{gone.reason}"))
    if draft.findings:
        out.print("\n检查结果", style="bold")
        for finding in draft.findings:
            for line in finding_lines(finding):
                out.print(line)
    show_questions(draft)


def _evidence(draft: Draft) -> None:
    out = console()
    lines = []
    for entry in draft.provenance:
        if not (entry.cell.startswith("budget") or entry.cell.endswith(".value")) or entry.origin == "open" or not (entry.formula or entry.source):
            continue
        name = _row_name(draft, entry.cell)
        where = ""
        if entry.source is not None:
            where = "，".join(
                part
                for part in (
                    entry.source.path if entry.source.path != "request" else "需求",
                    entry.source.cell,
                    f"“{entry.source.text}”" if entry.source.text else "",
                )
                if part
            )
        said = "；".join(part for part in (entry.formula, where, entry.note) if part)
        lines.append(f"  {name} {draft.table.text(entry.cell)} ← {ORIGIN_LABELS[entry.origin]}：{said}")
    if lines:
        out.print("\n数字从哪里来", style="bold")
        for line in lines:
            out.print(plain(line))


def _row_name(draft: Draft, cell: str) -> str:
    if cell.startswith("indicators["):
        return draft.table.text(cell.replace(".value", ".level3"))
    return {"budget.total": "预算数", "budget.fiscal": "财政资金", "budget.other": "其他资金"}.get(cell, cell)


def show_questions(draft: Draft) -> None:
    """The open questions, numbered, with the name to answer under."""
    if not draft.open_questions:
        return
    out = console()
    out.print("\n还要核实", style="bold magenta")
    for i, question in enumerate(draft.open_questions, 1):
        key = f'  （--known "{question.known_as}=…"）' if question.known_as else ""
        out.print(plain(f"  {i}. {question.question}{key}"))
