"""``assistant read``: what was found in a document, and what could not be understood."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli import render
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.extraction import Extraction
    from assistant.table import DepartmentGoals, GoalTable

_MISSING: dict[str, str] = {
    "year": "年度",
    "unit.name": "预算单位",
    "project.name": "项目名称",
    "budget.total": "预算数",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("read", help="读取文件里的绩效目标表，列出读到的内容和没有读懂的地方。可给多个文件、文件夹或压缩包。")(read)


def read(
    paths: list[Path] = typer.Argument(..., metavar="路径…", help="文件、文件夹或压缩包，可多个。"),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出结构化内容。"),
    full: bool = typer.Option(False, "--full", help="逐表显示全部内容；默认只列清单，单个文件不超过两张表时全部显示。"),
    original: bool = typer.Option(False, "--original", help="Word 修订按修改前读取；默认按修改后读取。"),
    password: str | None = typer.Option(None, "--password", metavar="密码", help="打开加密文件的密码。", show_default=False),
) -> None:
    """Read, show, and exit 0 (all read), 1 (something that looks like a goal table was not fully read) or 2 (a file could not be read)."""
    found, failed = [], 0
    alone = len(paths) == 1 and paths[0].is_file()
    for item in _extractions(paths, original, password):
        if isinstance(item, AssistantError):
            failed += 1
            render.fault(item.message, item.hint)
            continue
        found.append(item)
        if not as_json:
            _show(item, full=full or (alone and len(item.tables) <= 2))
    if as_json and (found or not failed):
        render.as_json({"documents": [one.to_json() for one in found]})
    elif not as_json and len(found) + failed > 1:
        _sum_up(found, failed)
    if failed:
        raise typer.Exit(2)
    if not all(one.report.complete for one in found):
        raise typer.Exit(1)


def _extractions(paths: list[Path], original: bool, password: str | None) -> Iterator[Extraction | AssistantError]:
    """Each file's extraction, or the error that kept it from being read; the other files go on."""
    from assistant.documents.batch import read_many
    from assistant.documents.readers import expand
    from assistant.errors import InputError
    from assistant.extraction import extract_file

    skipped: list[Path] = []
    seen = 0
    work = partial(extract_file, original=original, password=password)
    with render.progress("读取文件") as progress:
        for outcome in read_many(expand(paths, skipped=skipped), work, progress=lambda done: progress(done, 0, "")):
            seen += 1
            try:
                if outcome.result is None:
                    raise outcome.error or InputError(f"“{outcome.item}”没有读出内容。")
                extraction = outcome.result
                yield extraction if extraction.policy and extraction.report.complete else extraction.required()
            except AssistantError as error:
                yield error
    render.passed_over(skipped)
    if not seen:
        yield InputError(f"“{'、'.join(map(str, paths))}”里没有可读的文件。", "请给出 Word、Excel、PDF 或文本文件，或装有这些文件的文件夹。")


# -- what a person sees ------------------------------------------------------------------------------------------------------------


def _show(extraction: Extraction, *, full: bool) -> None:
    report, tables = extraction.report, extraction.tables
    render.say(f"\n{extraction.source.path}（{extraction.source.format}）", style="bold")
    if not extraction.found:
        render.say("  这是政策文件，里面没有绩效目标表；可用 assistant corpus add 收入资料库后提问。")
        return
    rows = sum(len(table.indicators) for table in tables)
    render.say(f"  文件里有表格{report.grids_found}个，读取{report.grids_read}个；得到绩效目标表{report.tables_read}张，指标{rows}行。")
    for part in extraction.departments:
        render.say(f"  部门整体绩效目标：{_part_one(part)}")
    if full:
        for table in tables:
            _show_table(table)
    else:
        _list_tables(tables)
    for warning in report.warnings:
        render.say(f"  提示：{warning}", style="yellow")
    for item in report.unread:
        render.say(f"  没有读懂：{item.where}，{item.why}。", style="bold red")
    render.say("  全部读懂。" if report.complete else f"  有{len(report.unread)}处没有读懂，请对照原文核对。", style="green" if report.complete else "bold red")


def _sum_up(found: list[Extraction], failed: int) -> None:
    """One line below many files: how much was read, what was not."""
    tables = [table for one in found for table in one.tables]
    partly = sum(not one.report.complete for one in found)
    left = "，".join([*([f"没有读成{failed}份"] if failed else []), *([f"没有全部读懂{partly}份"] if partly else [])])
    render.console().print(
        f"\n共{len(found) + failed}份文件，绩效目标表{len(tables)}张，指标{sum(len(table.indicators) for table in tables)}行；{left or '全部读懂'}。",
        style="bold red" if left else "bold",
    )


def _part_one(part: DepartmentGoals) -> str:
    overall = "总体目标1段" if part.overall_goal else "没有总体目标"
    measured = sum(len(item.measures) for item in part.items)
    return f"{overall}，分项目标{len(part.items)}项（含量化指标{measured}个），保障措施{len(part.measures)}条"


def _list_tables(tables: tuple[GoalTable, ...]) -> None:
    lines = [
        (
            table.number if table.number is not None else i,
            table.project.name or table.title or "（没有项目名称）",
            f"{table.budget.total:f}{table.money_unit}" if table.budget.total is not None else "",
            len(table.goals),
            len(table.indicators),
            "、".join(missing(table)) or "无",
        )
        for i, table in enumerate(tables, 1)
    ]
    render.console().print(render.grid(("序号", "项目", "预算数", "目标", "指标行", "缺少的栏目"), lines))


def _show_table(table: GoalTable) -> None:
    console = render.console()
    number = f"{table.number}. " if table.number is not None else ""
    render.say(f"\n  {number}{table.title or table.project.name or '绩效目标表'}", style="bold")
    for cell in table.cells():
        if cell.text and not cell.address.startswith(("indicators", "goals", "spending_plan")):
            unit = table.money_unit if cell.address.startswith("budget.") else ""
            render.say(f"  {cell.label}：{_indented(cell.text)}{unit}")
    if table.spending_plan:
        nodes = (f"{node.by} {'' if node.percent is None else format(node.percent, 'f') + '%'}" for node in table.spending_plan)
        render.say(f"  资金支出计划：{'，'.join(nodes)}")
    for i, goal in enumerate(table.goals, 1):
        render.say(f"  绩效目标{i}：{_indented(goal)}")
    for name, text in table.extra.items():
        render.say(f"  {name}：{_indented(text)}", style="dim")
    rows = [(row.level1, row.level2, row.level3, row.description, row.value.text, row.basis) for row in table.indicators]
    console.print(render.grid(("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"), rows))
    if lacking := missing(table):
        render.say(f"  缺少的栏目：{'、'.join(lacking)}", style="yellow")


def _indented(text: str) -> str:
    return text.replace("\n", "\n      ")


def missing(table: GoalTable) -> list[str]:
    """The main fields of a table in which nothing is written, by their Chinese names."""
    found = [label for address, label in _MISSING.items() if not table.text(address)]
    found += [] if table.goals else ["绩效目标"]
    without = sum(1 for indicator in table.indicators if not indicator.value.text)
    return found + ([f"{without}行没有指标值"] if without else []) + ([] if table.indicators else ["绩效指标"])
