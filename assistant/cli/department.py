"""``assistant department``: the whole text of a department for a year, part 1 and part 2, as one Word file and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import settings_and_corpus
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.corpus import Corpus, PastDepartment
    from assistant.draft import Draft
    from assistant.drafting.narrative import Narrative
    from assistant.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("department", help="编出一个部门全年的绩效文本：第一部分（总体、分项目标和措施）和第二部分（全部项目表），一个 Word 文件。")(department)


def department(
    drafts: list[Path] = typer.Argument(
        None, metavar="[草稿…]", help="草稿文件或文件夹；不写则用工作区里该单位该年度的草稿，都没有就按上年各项目起草。", show_default=False
    ),
    year: int | None = typer.Option(None, "--year", help="预算年度；默认为上年文本的下一年。", show_default=False),
    unit: str | None = typer.Option(None, "--unit", help="预算单位；默认取设置中的 unit，再不然用资料库里唯一的单位。", show_default=False),
    output: Path | None = typer.Option(None, "-o", "--output", help="存到哪个文件夹；默认存到工作区的 drafts。", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出全部内容。"),
) -> None:
    """Gather the tables, write part 1, save, show what a person must look at."""
    from assistant.drafting import narrative

    settings, corpus = settings_and_corpus()
    owner = unit or settings.unit or corpus.own_unit
    last = _last(corpus, owner, year)
    wanted = year or (last.year + 1 if last is not None and last.year else None)
    found = _drafts(drafts or [], settings, corpus, owner, wanted)
    wanted = wanted or next((draft.table.year for draft in found if draft.table.year), None)
    owner = owner or next((draft.table.unit.name for draft in found if draft.table.unit.name), None)
    tables = [draft.table.model_copy(update={"number": number}) for number, draft in enumerate(found, 1)]
    part1 = narrative.write(tables, last, unit=owner, year=wanted, model_measures=_measures(corpus) if last is None else ())
    shape = _shape(part1, found, owner, wanted)
    paths = _save(part1, tables, shape, output or settings.drafts, owner, wanted)
    render.as_json(shape) if as_json else _show(part1, found)
    (render.notice if as_json else print)("\n".join(f"已保存：{path}" for path in paths))


def _last(corpus: Corpus, unit: str | None, year: int | None) -> PastDepartment | None:
    """The newest part 1 of the unit before the year."""
    from assistant.chinese import fold

    found = [one for one in corpus.departments() if unit and one.unit and (fold(unit) in fold(one.unit) or fold(one.unit) in fold(unit))]
    found = [one for one in found if year is None or one.year is None or one.year < year]
    return max(found, key=lambda one: one.year or 0, default=None)


def _drafts(paths: list[Path], settings: Settings, corpus: Corpus, unit: str | None, year: int | None) -> list[Draft]:
    from assistant.chinese import fold
    from assistant.drafting.saving import load

    if paths:
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise InputError(f"找不到“{missing[0]}”。", "请检查路径；草稿是 assistant draft 写出的 .json 文件。")
        files = [file for path in paths for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
        found = [load(file) for file in files if not path_is_record(file)]
        if not found:
            raise InputError("给出的地方没有草稿。", "先用 assistant draft 起草，或给出放草稿的文件夹。")
        return found
    kept = [load(file) for file in sorted(settings.drafts.glob("*.json")) if not path_is_record(file)] if settings.drafts.is_dir() else []
    mine = [draft for draft in kept if draft.table.year == year and (unit is None or fold(draft.table.unit.name or "") == fold(unit))]
    return mine or _continued(corpus, unit, year)


def path_is_record(path: Path) -> bool:
    """Whether a JSON file beside drafts is a record of the program and no draft."""
    from assistant.drafting.batch import SUMMARY_FILE

    return path.name == f"{SUMMARY_FILE}.json" or path.name.endswith("部门预算绩效文本.json")


def _continued(corpus: Corpus, unit: str | None, year: int | None) -> list[Draft]:
    """Last year's projects drafted for the new year with their budgets open."""
    from assistant.drafting import embedded
    from assistant.drafting.request import understand

    past = [one for one in corpus.past_tables(unit=corpus.units_named(unit) or unit if unit else None) if year is None or one.year == year - 1]
    if not past:
        raise InputError(
            "没有可以编入的项目表：没有草稿，资料库里也没有该单位上年的目标表。", "先用 assistant draft 起草，或用 assistant corpus add 添加上年文本。"
        )
    render.notice(f"没有找到{unit or ''}{year or ''}年的草稿，按上年{len(past)}个项目起草，预算留待核实。")
    return [embedded.draft(understand(name=one.table.project.name or "未命名项目", year=year, unit=one.unit), corpus, previous=one) for one in past]


def _measures(corpus: Corpus) -> Any:
    return next((one.goals.measures for one in corpus.departments() if one.goals.measures), ())


def _shape(part1: Narrative, drafts: list[Draft], unit: str | None, year: int | None) -> dict[str, Any]:
    return {
        "kind": "department",
        "unit": unit,
        "year": year,
        "department": part1.to_json(),
        "tables": [draft.table.model_dump(mode="json") for draft in drafts],
        "open_questions": [{"project": draft.table.project.name, **question.model_dump()} for draft in drafts for question in draft.open_questions],
    }


def _save(part1: Narrative, tables: list[Any], shape: dict[str, Any], folder: Path, unit: str | None, year: int | None) -> tuple[Path, Path]:
    import json

    from assistant import export, workspace
    from assistant.drafting.saving import file_name

    workspace.make_folder(folder)
    title = f"{unit or ''}{year or ''}年部门预算绩效文本"
    word, kept = folder / f"{file_name(title)}.docx", folder / f"{file_name(title)}.json"
    export.write(word, tables, department=part1.goals, title=title)
    workspace.write(kept, json.dumps(shape, ensure_ascii=False, indent=2) + "\n")
    return word, kept


def _show(part1: Narrative, drafts: list[Draft]) -> None:
    out = render.console()
    render.say("第一部分  部门整体绩效目标", style="bold")
    render.say(f"一、总体绩效目标\n{part1.goals.overall_goal}\n二、分项绩效目标")
    for item in part1.goals.items:
        render.say(f"  {item.title}\n    绩效目标：{item.goal}\n    绩效指标：{item.indicators}")
    render.say("三、工作保障措施：" + "、".join(measure.title for measure in part1.goals.measures))
    rows = [
        (i, d.table.project.name, d.table.text("budget.total") or "待核实", len(d.table.indicators), len(d.open_questions)) for i, d in enumerate(drafts, 1)
    ]
    out.print(render.grid(("序号", "项目", "预算数", "指标", "待核实"), rows, title="\n第二部分  预算项目绩效目标（单位：万元）"))
    if part1.notes:
        render.say("需要人看一眼的地方", style="bold magenta")
        for note in part1.notes:
            render.say(f"  {note.where}：“{note.text}” {note.why}")
