"""A goal table on the terminal, drawn like the paper form; for a draft with origin and change of every row, and what stands under it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from assistant.chinese import columns
from assistant.cli.render import console, finding_lines, plain, say
from assistant.draft import CHANGE_LABELS, ORIGIN_LABELS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from assistant.draft import Draft, Provenance, Source
    from assistant.table import GoalTable

_CHANGE_STYLES = {"same": "dim", "changed": "yellow", "new": "green"}
_CHANGE_SIGNS = {"same": " ", "changed": "△", "new": "＋"}
# Below this width descriptions and bases stand under the form's rows instead of beside them.
_WIDE = 96


def show_table(table: GoalTable, *, provenance: Iterable[Provenance] = ()) -> None:
    """Print the form: title, unit and year, header block, plan, goals, indicator block."""
    origins = {entry.cell: entry for entry in provenance}
    out = console()
    out.print()
    out.print(plain(table.title or f"{table.project.name or ''}绩效目标表"), style="bold", justify="center")
    unit = f"{table.unit.code or ''}{table.unit.name or ''}"
    year = f"{table.year}年度" if table.year else ""
    out.print(plain(f"{unit}    {year}    单位：{table.money_unit}"))
    out.print(_head(table, origins))
    out.print(_indicators(table, origins, wide=out.width >= _WIDE))


def _marked(text: str, entry: Provenance | None, *, last_year: bool = True) -> Any:
    from rich.text import Text

    shown = Text(plain(text))
    if entry is None:
        return shown
    if entry.origin == "open" and ("待核实" in text or not text):
        shown = Text(plain(text), style="bold magenta")
    elif entry.change == "changed":
        shown.stylize("yellow")
    if last_year and entry.change == "changed" and entry.previous:
        shown.append(f"\n上年：{plain(entry.previous)}", style="dim")
    return shown


def _head(table: GoalTable, origins: dict[str, Provenance]) -> Table:
    from rich import box
    from rich.table import Table

    head = Table(box=box.SQUARE, show_header=False, show_lines=True, expand=True, padding=(0, 1))
    head.add_column(width=12, style="bold")
    head.add_column(ratio=1, overflow="fold")
    money = table.budget
    total, fiscal = table.text("budget.total") or "待核实", table.text("budget.fiscal") or ("" if money.total is not None else "待核实")
    other = table.text("budget.other")
    head.add_row("项目编码", _marked(table.project.code or "", origins.get("project.code"), last_year=False))
    head.add_row("项目名称", _marked(table.project.name or "", origins.get("project.name")))
    head.add_row("预算数", _marked(f"{total}    其中：财政资金 {fiscal}    其他资金 {other}".rstrip(), origins.get("budget.total")))
    head.add_row("资金用途", _marked(table.purpose or "", origins.get("purpose")))
    if table.spending_plan:
        plan = "    ".join(f"{node.by} {'待核实' if node.percent is None else f'{node.percent:f}%'}" for node in table.spending_plan)
        head.add_row("支出计划", _marked(plan, origins.get("spending_plan[0].percent"), last_year=False))
    for i, goal in enumerate(table.goals):
        head.add_row("绩效目标" if i == 0 else "", _marked(f"{i + 1}.{goal}", origins.get(f"goals[{i}]"), last_year=False))
    return head


def _indicators(table: GoalTable, origins: dict[str, Provenance], *, wide: bool) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    block = Table(box=box.SQUARE, show_lines=True, expand=True, header_style="bold", padding=(0, 0))
    columns = [("一级指标", 8), ("二级指标", 10), ("三级指标", 24), ("绩效指标描述", 28), ("指标值", 18), ("指标值确定依据", 20)]
    if not wide:
        columns = [("二级指标", 10), ("三级指标", 28), ("指标值", 20)]
    for name, ratio in columns:
        block.add_column(name, ratio=ratio, overflow="fold")
    if origins:
        block.add_column("来源", width=8, overflow="fold")
    above = ""
    for i, row in enumerate(table.indicators):
        at = f"indicators[{i}]."
        entry, named = origins.get(f"{at}value"), origins.get(f"{at}level3")
        cells: list[Any] = [Text(plain("" if row.level1 == above else row.level1))] if wide else []
        above = row.level1
        cells += [Text(plain(row.level2)), _marked(row.level3, named)]
        if wide:
            cells.append(_marked(row.description or "", origins.get(f"{at}description"), last_year=False))
        cells.append(_marked(row.value.text, entry))
        if wide:
            cells.append(_marked(row.basis or "", origins.get(f"{at}basis"), last_year=False))
        if origins:
            cells.append(_origin(entry, named))
        block.add_row(*cells)
    return block


def _origin(value: Provenance | None, name: Provenance | None) -> Any:
    from rich.text import Text

    if value is None:
        return Text("")
    change = "new" if name is not None and name.change == "new" else value.change
    return Text(f"{ORIGIN_LABELS[value.origin]}\n{_CHANGE_SIGNS[change]}{CHANGE_LABELS[change]}", style=_CHANGE_STYLES[change])


def show_draft(draft: Draft) -> None:
    """Print a draft: the form, the evidence of its numbers, what was left out, what is found, what is asked."""
    show_table(draft.table, provenance=draft.provenance)
    out = console()
    if out.width < _WIDE:
        say("窗口较窄，指标描述和依据没有显示，见保存的文件或放宽窗口。")
    for note in (note for note in draft.trace.notes if not note.startswith("起草时间")):
        say(f"说明：{note}")
    _evidence(draft, out)
    if draft.dropped:
        out.print("\n没有沿用的内容", style="bold")
        for gone in draft.dropped:
            say(f"  － {gone.text}：{gone.reason}")
    if draft.findings:
        out.print("\n检查结果", style="bold")
        for finding in draft.findings:
            for line in finding_lines(finding):
                out.print(line, soft_wrap=True)
    show_questions(draft)


def _evidence(draft: Draft, out: Console) -> None:
    """Where every number comes from, grouped by origin: what was said, carried, customary, worked out."""
    groups: dict[str, list[str]] = {}
    for entry in draft.provenance:
        if not (entry.cell.startswith("budget") or entry.cell.endswith(".value")) or entry.origin == "open" or not draft.table.text(entry.cell):
            continue
        said = f"{_row_name(draft, entry.cell)} {draft.table.text(entry.cell)}"
        note = entry.note if entry.note and entry.origin != "library" else None
        why = "；".join(part for part in (entry.formula, _where(entry.source, entry.origin), note) if part)
        groups.setdefault(entry.origin, []).append(f"    {said}{f' ← {why}' if why else ''}")
    if groups:
        out.print("\n数字从哪里来", style="bold")
        for origin, lines in groups.items():
            tail = "（惯用值，可调整）" if origin == "library" else ""
            say(f"  {ORIGIN_LABELS[origin]}{tail}")
            for line in lines:
                say(line, hang=2)


def _where(source: Source | None, origin: str) -> str:
    if source is None or origin == "computed":
        return ""
    if source.path == "request":
        return f"“{source.text}”" if source.text else ""
    file = (source.path or "").rsplit("/", 1)[-1]
    if origin == "library":
        return f"“{file}”类"
    return " ".join(part for part in (file, source.cell, f"“{source.text}”" if source.text else "") if part)


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
        asked, key = f"  {i}. {question.question}", f'--known "{question.known_as}=…"' if question.known_as else ""
        # What is to be copied stands in one line.
        apart = key and out.is_terminal and columns(f"{asked}  {key}") > out.width
        say(asked if apart or not key else f"{asked}  {key}", hang=3)
        if apart:
            say(f"     {key}")
