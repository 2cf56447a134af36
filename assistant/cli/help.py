"""How ``--help`` looks: usage line, heads, kinds of values and bounds in Chinese, columns aligned by what characters take on a terminal."""

from __future__ import annotations

import contextlib
import inspect
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

_SECTIONS = {"Options": "选项", "Commands": "命令", "Arguments": "参数"}
_KINDS = {"str": "文字", "int": "整数", "int range": "整数", "float": "小数", "float range": "小数", "path": "路径", "filename": "文件"}
# What Typer puts behind a text: ``[required]``, ``[default: 8; 1<=x<=50]``, ``[x>=1]``.
_EXTRA = re.compile(r"\s*\[((?:required|default: |[\d.]+<=x|x[<>]=)[^\[\]]*)\]$")
_BOUNDS = re.compile(r"(?:([\d.]+)<=)?x(?:<=([\d.]+)|>=([\d.]+))?$")
_WIDEST_HEAD = 28
# Punctuation that does not begin a line.
_CLOSING = "，。；：、）”！？"


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
            formatter.write("".join(f"  {line}\n" for line in _wrapped(" ".join(paragraph.split()), formatter.width - 2)))

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
    formatter.section = lambda name: section(_SECTIONS.get(name, name))
    formatter.write_dl = lambda rows, *_rest, **_more: formatter.write(_listed([_row(*row) for row in rows], formatter.width, formatter.current_indent))
    try:
        yield
    finally:
        formatter.section, formatter.write_dl = section, write


def _row(head: str, text: str) -> tuple[str, str]:
    for kind, word in _KINDS.items():
        head = head.replace(f"<{kind}>", word)
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
    first = max((_cells(head) for head, _ in rows if _cells(head) <= _WIDEST_HEAD), default=_WIDEST_HEAD) + 2
    lines = []
    for head, text in rows:
        room = max(width - indent - first, 20)
        pieces = _wrapped(text, room) or [""]
        left = " " * indent + head
        if _cells(head) + 2 > first:
            lines.append(left)
            left = " " * indent
        lines.append(left + " " * (indent + first - _cells(left)) + pieces[0])
        lines.extend(" " * (indent + first) + piece for piece in pieces[1:])
    return "".join(line.rstrip() + "\n" for line in lines)


def _wrapped(text: str, room: int) -> list[str]:
    # Latin words stay whole, Chinese breaks anywhere but before closing punctuation.
    lines: list[str] = [""]
    for piece in re.findall(rf"(?:[!-~]+|[^!-~\s])[{_CLOSING}］]*|\s+", text):
        if _cells(lines[-1] + piece) > room and lines[-1]:
            lines.append("")
        lines[-1] = (lines[-1] + piece).lstrip() if not lines[-1] else lines[-1] + piece
    return [line.rstrip() for line in lines if line.strip()]


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
