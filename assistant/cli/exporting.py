"""``assistant export``: drafts and documents as the official form in Word, Excel, PDF and more, each file read back before it is done."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.delivery import Material
    from assistant.table import GoalTable

_NAMES = "docx、xlsx、md、html、pdf、json、csv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export", help="把草稿或文件里的绩效目标表导出为正式表样（Word、Excel、PDF 等），写完即读回核对。")(export)


def export(
    paths: list[Path] = typer.Argument(..., metavar="草稿…", help="草稿 .json、含草稿的文件夹，或任何含绩效目标表的文件，可多个。"),
    to: str = typer.Option("", "--to", metavar="格式", help=f"{_NAMES}；默认按 -o 的扩展名，否则 docx。", show_default=False),
    output: Path | None = typer.Option(None, "--output", "-o", metavar="路径", help="输出文件或文件夹；默认当前文件夹，按项目命名。", show_default=False),
    split: bool = typer.Option(False, "--split", help="每个项目一个文件；默认合成一个文件。"),
    flat: bool = typer.Option(False, "--flat", help="Excel 清单：一行一个指标，供导入财政系统。"),
    title: str | None = typer.Option(None, "--title", help="加封面和目录，用这个标题。", show_default=False),
    against: Path | None = typer.Option(None, "--track-changes", metavar="上年.docx", help="在这份 Word 文件上写成修订痕迹。", show_default=False),
    author: str = typer.Option("绩效目标助手", "--author", help="修订的作者。"),
    date: str | None = typer.Option(None, "--date", metavar="日期", help="修订的时间，如 2026-01-05；默认现在。", show_default=False),
    remove_others: bool = typer.Option(False, "--remove-others", help="与 --track-changes 同用：草稿里没有的项目标为删除；默认原样保留。"),
    unchecked: bool = typer.Option(False, "--unchecked", help="读回核对不一致时也写出文件（退出码 1）。"),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出结果清单。"),
) -> None:
    """Write and say what was written; exit 1 when a file was written although it differs, 2 when nothing could be written."""
    from assistant.delivery import collect

    material = collect(paths)
    for line in material.unread:
        render.notice(f"提示：没有读懂 {line}")
    if against is not None:
        files = [_revised(against, material, output, author, date, remove_others=remove_others)]
    else:
        files = _written(material, _format(to, output, flat=flat), output, split=split, flat=flat, title=title, checked=not unchecked)
    _tell(files, material, as_json=as_json)
    if any(file["differences"] for file in files):
        raise typer.Exit(1)


def _format(to: str, output: Path | None, *, flat: bool) -> str:
    from assistant.export import FORMATS

    suffix = output.suffix.lower().lstrip(".") if output is not None else ""
    name = (to or ("html" if suffix == "htm" else suffix if suffix in FORMATS else "xlsx" if flat else "docx")).lower().lstrip(".")
    if name not in FORMATS:
        raise InputError(f"没有导出格式“{to}”。", f"可用的格式：{_NAMES}。")
    if flat and name not in ("xlsx", "csv"):
        raise InputError(f"--flat 是 Excel 清单，不能与 {name} 同用。", "请用 --to xlsx 或 --to csv。")
    return name


def _written(material: Material, to: str, output: Path | None, *, split: bool, flat: bool, title: str | None, checked: bool) -> list[dict[str, Any]]:
    from assistant.delivery import deliver
    from assistant.export import FORMATS

    suffix = FORMATS[to].suffix
    apart = split and len(material.tables) > 1
    groups = [([table], [open_cells]) for table, open_cells in zip(material.tables, material.waiting, strict=True)] if apart else []
    groups = groups or [(material.tables, material.waiting)]
    files: list[dict[str, Any]] = []
    taken: set[Path] = set()
    for tables, waiting in groups:
        department = None if split else material.department
        path = _target(output, _name(tables, title, whole=department is not None), suffix, one=len(groups) == 1, taken=taken)
        found = deliver(path, tables, department=department, title=title, to=to, flat=flat, checked=checked, waiting=waiting)
        files.append({"path": str(path), "format": to, "tables": len(tables), "differences": found})
    return files


def _name(tables: list[GoalTable], title: str | None, *, whole: bool) -> str:
    first = tables[0] if tables else None
    if title:
        return title
    if first is not None and len(tables) == 1 and not whole:
        return f"{first.project.name or first.title or ''}{f'-{first.year}年' if first.year else ''}绩效目标表"
    owner = (first.unit.name if first is not None else None) or ""
    year = f"{first.year}年" if first is not None and first.year else ""
    return f"{owner}-{year}{'部门预算绩效文本' if whole else '预算项目绩效目标表'}".strip("-")


def _target(output: Path | None, name: str, suffix: str, *, one: bool, taken: set[Path]) -> Path:
    """Where to write: the path that was given, or a name of our own that overwrites nothing."""
    from assistant.export.characters import file_name

    if output is not None and one and not output.is_dir() and (output.suffix or not str(output).endswith(("/", "\\"))):
        return output if output.suffix else output.with_name(output.name + suffix)
    folder = output if output is not None else Path()
    plain = file_name(name)
    for count in range(1, 10_000):
        path = folder / f"{plain}{'' if count == 1 else f'({count})'}{suffix}"
        if not path.exists() and path not in taken:
            taken.add(path)
            return path
    raise InputError(f"“{folder}”里同名文件太多。", "请用 -o 指定文件名。")


def _revised(against: Path, material: Material, output: Path | None, author: str, date: str | None, *, remove_others: bool) -> dict[str, Any]:
    from assistant.delivery import deliver_revision

    path = _target(output, f"{against.stem}-修订稿", ".docx", one=True, taken=set())
    if path.suffix.lower() != ".docx":
        raise InputError("修订稿只能是 Word 文件。", "请把 -o 的扩展名写成 .docx。")
    done = deliver_revision(path, against, material.tables, author=author, date=_moment(date), previous=material.previous, remove_others=remove_others)
    for line in done.notices:
        render.notice(f"提示：{line}")
    return {"path": str(path), "format": "docx", "tables": len(material.tables), "revisions": done.revisions, "differences": []}


def _moment(date: str | None) -> str:
    """The revision's time as Word writes it (ISO 8601, to the second)."""
    try:
        moment = datetime.fromisoformat(date) if date else datetime.now(UTC)
    except ValueError:
        raise InputError(f"“{date}”不是日期。", "请写成 2026-01-05 或 2026-01-05T09:30:00。") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(files: list[dict[str, Any]], material: Material, *, as_json: bool) -> None:
    from assistant.taxonomy import OPEN_VALUE

    if as_json:
        render.as_json({"files": files})
    for file in files:
        if not as_json:
            print(render.plain(file["path"]))
        revisions = f"，修订 {file['revisions']} 处" if "revisions" in file else ""
        how = "读回核对不一致" if file["differences"] else "读回核对一致"
        render.notice(f"已写出 {file['tables']} 张表{revisions}，{how}：{Path(file['path']).name}")
        for line in file["differences"]:
            render.notice(f"  不一致：{line}")
    written = sum(OPEN_VALUE in cell.text for table in material.tables for cell in table.cells())
    blank = sum(not cell.text and cell.address in asked for table, asked in zip(material.tables, material.waiting, strict=True) for cell in table.cells())
    if written or blank:
        also = f"、{blank} 处空白" if blank else ""
        render.notice(f"提示：有 {written} 处“{OPEN_VALUE}”{also}等待填写，文件中已标出，核实填写后再报送。")
