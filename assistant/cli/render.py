"""The one look of the terminal: console, notices, findings, small tables. Colour is never the only sign.

Results go to stdout, progress and notices to stderr. Wide characters are measured by rich. Text from documents is never taken as
markup, and control characters never reach the terminal.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistant.chinese import harmless

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from assistant.findings import Finding, Report

# Columns up to this many terminal cells are never wrapped.
_SHORT = 8
_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan", "undecided": "magenta"}


def console(*, stderr: bool = False) -> Console:
    """A console for stdout (or stderr) that takes no markup from data."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, soft_wrap=False, emoji=False)


def notice(message: str) -> None:
    """A line for the person, on stderr, so that piped results stay clean."""
    print(plain(message), file=sys.stderr)


def fault(message: str, hint: str) -> None:
    """The two lines of an error on stderr: what is wrong, what to do."""
    print(f"错误：{' '.join(plain(message).split())}\n建议：{' '.join(plain(hint).split())}", file=sys.stderr)


def passed_over(files: Sequence[Path]) -> None:
    """A notice of the files whose kind cannot be read."""
    if files:
        notice(f"提示：{len(files)}个文件的类型不能读取，已跳过：{names(files)}")


def names(files: Sequence[Path]) -> str:
    """The first few files by name."""
    return "、".join(path.name for path in files[:5]) + ("…" if len(files) > 5 else "")


def say(text: str, *, style: str | None = None, hang: int = 0) -> None:
    """A line of prose on stdout without control characters. On a terminal it is broken as printers break Chinese, the further lines under
    the first one's indent and ``hang`` columns more; in a pipe it stays one line, so that other programs find what they look for."""
    from rich.text import Text

    from assistant.chinese import wrap

    out = console()
    for line in plain(text).split("\n"):
        words = line.lstrip(" ")
        indent = len(line) - len(words)
        further = " " * (indent + hang)
        pieces = wrap(words, max(out.width - len(further), 20)) if out.is_terminal else [words]
        out.print(Text("\n".join([" " * indent + pieces[0], *(further + piece for piece in pieces[1:])])), style=style, soft_wrap=True)


def as_json(value: Any) -> None:
    """One JSON value on stdout: readable Chinese, two blanks of indent."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def plain(text: str) -> str:
    """Text without the control characters that could move a terminal's cursor or hide what follows."""
    return harmless(text)


def grid(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    """A plain table with Chinese heads, the look of every list."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    shown = [[cell if isinstance(cell, Text) else Text(plain("" if cell is None else str(cell))) for cell in row] for row in rows]
    # A narrow table does not break its title.
    head_line = Text(plain(title), no_wrap=True, overflow="ignore") if title else None
    table = Table(title=head_line, box=box.SIMPLE_HEAD, title_justify="left", header_style="bold", pad_edge=False)
    widths = [max((cell_len(row[number].plain) for row in shown if number < len(row)), default=0) for number in range(len(columns))]
    long = sum(width > _SHORT for width in widths)
    # Numbers are never broken, their heads rather; long columns share what is left, so that none is squeezed to a character a line.
    left = console().width - sum(max(width, 4) + 3 for width in widths if width <= _SHORT)
    room = max(6, left // long - 3) if long else 0
    for column, width in zip(columns, widths, strict=True):
        short = width <= _SHORT
        head = "\n".join(column[at : at + 2] for at in range(0, len(column), 2)) if short and cell_len(column) > max(width, 6) else column
        table.add_column(head, overflow="fold", no_wrap=short, min_width=None if short else min(width, room))
    for row in shown:
        table.add_row(*row)
    return table


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress line on stderr, drawn only on a terminal: the body calls ``advance(done, total, name)``."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _name: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=f"{what} {plain(name)[-30:]}")


def finding_lines(finding: Finding) -> list[Any]:
    """A finding as text lines: sign and code, cell and message, arithmetic, basis, mend."""
    from rich.text import Text

    undecided = finding.outcome.value == "undecided"
    style = _STYLES["undecided" if undecided else finding.severity.value]
    head = Text()
    head.append(f"{'未定' if undecided else finding.severity.label} {finding.code}", style=style)
    if finding.waived:
        head.append(f"（已豁免：{plain(finding.waived)}）", style="dim")
    head.append(f" {plain(finding.message)}")
    lines = [head]
    details = [
        f"应为 {finding.expected}" if finding.expected else "",
        f"现为 {finding.found}" if finding.found else "",
        f"相差 {finding.difference}" if finding.difference else "",
    ]
    if any(details):
        lines.append(Text("     " + "；".join(plain(part) for part in details if part)))
    if finding.fix is not None:
        lines.append(Text(f"     {'可自动改为' if finding.fix.safe else '建议改为'}：{plain(finding.fix.to)}", style="green"))
    if finding.basis:
        lines.append(Text(f"     依据：{plain(finding.basis)}", style="dim"))
    return lines


def summary_line(report: Report) -> str:
    """The one-line count under every list of findings."""
    counts = report.summary
    parts = [f"{counts.tables}张表", f"错误{counts.error}", f"警告{counts.warning}", f"提示{counts.info}"]
    if counts.undecided:
        parts.append(f"未定{counts.undecided}")
    if counts.waived:
        parts.append(f"已豁免{counts.waived}")
    if counts.grade:
        parts.append(f"建议等级 {counts.grade}（仅供参考）")
    return "，".join(parts)
