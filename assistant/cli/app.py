"""The application object: the commands, their Chinese help, and the one place where errors become words and exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from assistant.cli.help import ChineseHelp
from assistant.cli.render import fault
from assistant.errors import AssistantError


class Command(ChineseHelp, TyperCommand):
    """A command with Chinese help."""


class Group(ChineseHelp, TyperGroup):
    """A group of commands with Chinese help; the outermost one turns errors into words."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *rest: Any, **extra: Any) -> Any:
        """Run, then exit with the contract's codes: 0 clean, 1 findings, 2 could not run, 130 interrupted."""
        try:
            extra["standalone_mode"] = False
            code = super().main(args, prog_name or "assistant", *rest, **extra)
            if code == 130:
                # What Typer makes of Ctrl-C without a word.
                raise typer.Abort
        except AssistantError as error:
            fault(error.message, error.hint)
            sys.exit(error.exit_code)
        except typer.Abort:
            fault("操作已中断。", "已完成的部分都已保存，可重新运行同一命令继续。")
            sys.exit(130)
        except typer.TyperException as error:
            message, hint = _usage_in_chinese(error)
            fault(message, hint)
            sys.exit(2)
        except BrokenPipeError:
            sys.stderr.close()
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _usage_in_chinese(error: Any) -> tuple[str, str]:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "assistant"
    hint = f"查看用法：{path} --help。"
    kind = type(error).__name__
    parameter = getattr(error, "param", None)
    named: str = ""
    if parameter is not None:
        named = "/".join(parameter.opts) if parameter.param_type_name == "option" else str(parameter.human_readable_name or parameter.name).rstrip("…")
    if kind == "NoSuchOption":
        near = "、".join(sorted(error.possibilities or ()))
        return f"没有选项“{error.option_name}”。", (f"是不是 {near}？" if near else "") + hint
    if kind == "MissingParameter":
        return f"缺少{'选项' if getattr(parameter, 'param_type_name', '') == 'option' else '参数'} {named}。", hint
    if kind == "BadParameter":
        choices = getattr(getattr(parameter, "type", None), "choices", None)
        allowed = f"可用的值：{'、'.join(map(str, choices))}。" if choices else ""
        return f"{named} 的值无效：{_bad_value(error.message)}", allowed + hint
    if kind == "NoArgsIsHelpError":
        often = "常用：assistant draft 一句话需求、assistant validate 文件、assistant chat；" if path == "assistant" else ""
        return "没有给出命令。", often + hint
    if "No such command" in error.message:
        import difflib

        wanted = error.message.split("'")[1] if "'" in error.message else ""
        close = difflib.get_close_matches(wanted, context.command.list_commands(context) if context is not None else [], n=1)
        return f"没有命令“{wanted}”。", (f"是不是 {close[0]}？" if close else "") + hint
    if "requires an argument" in error.message:
        return f"选项 {getattr(error, 'option_name', named)} 后面要有值。", hint
    if "unexpected extra argument" in error.message:
        return f"多出了参数：{error.message.split('(')[-1].rstrip(')')}。", "含空格的内容请加引号。" + hint
    return f"命令写法有误：{error.message}", hint


def _bad_value(message: str) -> str:
    """Why a value was not taken, in Chinese; Typer says it in English."""
    value = found[1] if (found := re.match(r"'(.*?)' |(\S+) is not in", message)) else ""
    if "is not a valid int" in message:
        return f"“{value}”不是整数。"
    if "is not a valid float" in message:
        return f"“{value}”不是数。"
    if bounds := re.search(r"(\S+) is not in the range (?:([\d.]*\d)<=)?x(?:<=([\d.]*\d)|>=([\d.]*\d))?", message):
        number, low, high, least = bounds.groups()
        return f"{number} 不在 {low} 到 {high} 之间。" if low and high else f"{number} 太{'大，最大 ' + high if high else '小，最小 ' + (least or low)}。"
    if path := re.match(r"\w+ '(.*)' is not (readable|writable)\.", message):
        return f"没有{'读' if path[2] == 'readable' else '写'}“{path[1]}”的权限。"
    if "is not one of" in message:
        return f"没有“{value}”。"
    return message


# The modules of the commands in the order of the help, each with ``register(app)``, and the commands each one brings.
GROUPS: dict[str, tuple[str, ...]] = {
    "reading": ("read",),
    "asking": ("ask",),
    "drafting": ("draft",),
    "department": ("department",),
    "validating": ("validate", "rules"),
    "reviewing": ("review",),
    "exporting": ("export",),
    "corpus": ("corpus",),
    "chatting": ("chat",),
    "evals": ("evals",),
    "models": ("log", "config"),
    "doctor": ("doctor",),
}
_MODULE_OF = {command: module for module, commands in GROUPS.items() for command in commands}


class Application(Group):
    """The outermost group: a command's module is loaded when the command is asked for, all of them for the help."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. What it loads stays to the end, so the collector, which would walk all of it every few hundred new objects, is
        called less often: that was a fifth of a short command's time."""
        gc.set_threshold(50_000, 20, 100)
        return super().invoke(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name not in self.commands:
            self.load([_MODULE_OF[cmd_name]] if cmd_name in _MODULE_OF else GROUPS)
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command's name, in the order of the help."""
        self.load(GROUPS)
        return [command for commands in GROUPS.values() for command in commands]

    def load(self, modules: Iterable[str]) -> None:
        """Bring in the commands of some modules."""
        from typer.main import get_group

        for module in modules:
            if GROUPS[module][0] in self.commands:
                continue
            part = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=False)
            importlib.import_module(f"assistant.cli.{module}").register(part)
            for command in part.registered_commands:
                command.cls = Command
            self.commands.update(get_group(part).commands)


app = typer.Typer(
    name="assistant",
    cls=Application,
    help="预算项目绩效目标表助手：提问、起草、检查、审核、导出。不联网、不配置模型即可使用。",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=False)
def _application(version: bool = typer.Option(False, "--version", help="显示版本并退出。", is_eager=True, callback=lambda value: _version(value))) -> None:
    pass


def _version(value: bool) -> None:
    if value:
        from assistant import __version__

        print(f"assistant {__version__}")
        raise typer.Exit(0)


def add_group(app: typer.Typer, name: str, told: str, commands: Mapping[str, tuple[Any, str]]) -> None:
    """Add a group of commands to the application: each by its name, with its help."""
    group = typer.Typer(name=name, cls=Group, help=told, no_args_is_help=True, rich_markup_mode=None)
    for command, (function, does) in commands.items():
        group.command(command, cls=Command, help=does)(function)
    app.add_typer(group)


def main() -> None:
    """The console script."""
    _in_utf8()
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 (locale C, an old code page) must still get every line; what it cannot show is replaced.
        if hasattr(stream, "reconfigure"):
            utf8 = (stream.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
            stream.reconfigure(errors="replace") if utf8 or stream.isatty() else stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    finally:
        # The process ends here: its objects need not be looked through once more.
        gc.freeze()


def _in_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale is another (zh_CN.GBK, a bare C): names of files are UTF-8, the bundled ones too."""
    if os.name != "posix" or sys.flags.utf8_mode or sys.getfilesystemencoding().lower().replace("-", "") == "utf8":
        return
    os.environ["PYTHONUTF8"] = "1"
    if sys.stdout.isatty():
        os.environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:replace")
    # What was typed in the locale's own encoding goes on as UTF-8; bytes it does not know stay as they are.
    typed = [word.encode("utf-8", "surrogateescape") for word in sys.argv[1:]]
    os.execv(sys.executable, [os.fsencode(sys.executable), b"-m", b"assistant", *typed])
