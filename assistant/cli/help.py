"""How ``--help`` looks: usage line, heads, kinds of values and bounds in Chinese, columns aligned by what characters take on a terminal."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.chinese import columns, wrap

_SECTIONS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}
_KINDS = {"str": "文字", "int": "整数", "int range": "整数", "float": "小数", "float range": "小数", "path": "路径", "filename": "文件"}
# What an option takes, by its name; the same in every command.
_VALUES = {
    "--year": "年度",
    "--unit": "单位",
    "--name": "名称",
    "--budget": "金额",
    "--fiscal": "金额",
    "--other": "金额",
    "--total": "金额",
    "--max-cost": "金额",
    "--purpose": "用途",
    "--basis": "文号",
    "--known": "名称=数值",
    "--projects": "清单",
    "--drafter": "起草器",
    "--frame": "版本",
    "--select": "规则",
    "--ignore": "规则",
    "--password": "密码",
    "--person": "姓名",
    "--session": "编号",
    "--draft": "草稿",
    "--kind": "种类",
    "--before": "日期",
    "--title": "标题",
    "--author": "姓名",
    "--model": "模型",
    "--judge-model": "模型",
    "--prompts": "文件夹",
    "--only": "用例",
    "--against": "基线",
    "--report": "文件.html",
    "--junit": "文件.xml",
    "--branch": "轮次",
    "--port": "端口",
}
# What Typer puts behind a text: ``[required]``, ``[default: 8; 1<=x<=50]``, ``[x>=1]``.
_EXTRA = re.compile(r"\s*\[((?:required|default: |[\d.]+<=x|x[<>]=)[^\[\]]*)\]$")
_BOUNDS = re.compile(r"(?:([\d.]+)<=)?x(?:<=([\d.]+)|>=([\d.]+))?$")
_WIDEST_HEAD = 28


class ChineseHelp:
    """Mixin for Typer's command classes."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The usage line."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        words = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]…"}
        formatter.write_usage(ctx.command_path, " ".join(words.get(piece, piece) for piece in pieces), prefix="用法：")

    def get_help_option(self, ctx: Any) -> Any:
        """The help option itself."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "显示帮助并退出。"
        return option

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """What the command does."""
        text = inspect.cleandoc(self.help or "").partition("\f")[0]  # type: ignore[attr-defined]
        if not text:
            return
        formatter.write_paragraph()
        for paragraph in text.split("\n\n"):
            formatter.write("".join(f"  {line}\n" for line in wrap(" ".join(paragraph.split()), formatter.width - 2)))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options; in a group also the commands."""
        with _in_chinese(formatter):
            super().format_options(ctx, formatter)  # type: ignore[misc]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands of a group."""
        with _in_chinese(formatter):
            super().format_commands(ctx, formatter)  # type: ignore[misc]


@contextlib.contextmanager
def _in_chinese(formatter: Any) -> Iterator[None]:
    section, write = formatter.section, formatter.write_dl
    formatter.section = lambda name: _section(formatter, _SECTIONS.get(str(name), str(name)))
    formatter.write_dl = lambda rows, *_rest, **_more: formatter.write(_listed([_row(*row) for row in rows], formatter.width, formatter.current_indent))
    try:
        yield
    finally:
        formatter.section, formatter.write_dl = section, write


@contextlib.contextmanager
def _section(formatter: Any, name: str) -> Iterator[None]:
    """A head with a Chinese colon and what stands under it, indented."""
    formatter.write_paragraph()
    formatter.write(f"{'':>{formatter.current_indent}}{name}：\n")
    formatter.indent()
    try:
        yield
    finally:
        formatter.dedent()


def _row(head: str, text: str) -> tuple[str, str]:
    named = next((value for option, value in _VALUES.items() if option in re.split(r"[ ,]+", head)), None)
    for kind, word in _KINDS.items():
        head = head.replace(f"<{kind}>", named or word)
    found = _EXTRA.search(text)
    if found is None:
        return head, text
    return head, f"{text[: found.start()]}［{'；'.join(_said(part) for part in found[1].split('; '))}］"


def _said(part: str) -> str:
    if part == "required":
        return "必填"
    if part.startswith("default: "):
        return f"默认 {part.removeprefix('default: ')}"
    bounds = _BOUNDS.match(part)
    if bounds is None:
        return part
    low, high, least = bounds.groups()
    return f"{low} 到 {high}" if low and high else f"不大于 {high}" if high else f"不小于 {least or low}"


def _listed(rows: Sequence[tuple[str, str]], width: int, indent: int) -> str:
    """Two columns; a head wider than the first column has a line of its own."""
    first = max((columns(head) for head, _ in rows if columns(head) <= _WIDEST_HEAD), default=_WIDEST_HEAD) + 2
    lines = []
    for head, text in rows:
        room = max(width - indent - first, 20)
        pieces = wrap(text, room) or [""]
        left = " " * indent + head
        if columns(head) + 2 > first:
            lines.append(left)
            left = " " * indent
        lines.append(left + " " * (indent + first - columns(left)) + pieces[0])
        lines.extend(" " * (indent + first) + piece for piece in pieces[1:])
    return "".join(line.rstrip() + "\n" for line in lines)
