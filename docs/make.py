"""Makes the generated parts of the documentation from the program itself, or checks that they are what the program says today.

    python docs/make.py            rewrite docs/commands.md, docs/rules.md, the transcripts in the READMEs and the pictures
    python docs/make.py --check    exit 1 and name what is out of date (the tests call this for everything but pictures)

A transcript in a Markdown file stands in a fenced block right after a comment ``<!-- run: assistant … -->``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Picture → the command whose terminal output it shows, run in a fresh workspace in this order.
PICTURES = {
    "draft": [
        "draft",
        "--name",
        "残疾人就业保障金",
        "--year",
        "2026",
        "--budget",
        "480",
        "--purpose",
        "用于残疾人就业、培训以及残疾人生活保障。",
        "--no-input",
    ],
    "ask": ["ask", "残保金今年培训多少人，每人补多少"],
    "validate": ["validate", "corpus/tables", "--fail-on", "error"],
    "read": ["read", "corpus/tables"],
}
# What is said in the picture of a conversation.
SAID = ["残保金今年培训多少人，每人补多少", "残保金2026年预算495万，培训60人每人1600元", "都跳过", "第1行改成65人", "目标也改"]
_RUN = re.compile(r"(<!-- run: assistant (.*?) -->\n```(?:text)?\n)(.*?)(```)", re.DOTALL)


def run(arguments: list[str], home: str, *, color: bool = False, columns: int = 100) -> str:
    """The program's stdout for some arguments, in a workspace of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_HOME": home, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    environment |= {"FORCE_COLOR": "1", "TERM": "xterm-256color"} if color else {"NO_COLOR": "1", "TERM": "dumb"}
    result = subprocess.run([sys.executable, "-m", "assistant", *arguments], cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    return "\n".join(line.rstrip() for line in result.stdout.replace(home, "~/assistant").splitlines()).strip() + "\n"


def help_text(path: list[str]) -> str:
    """What ``assistant … --help`` prints, asked for inside this process: a process for each of thirty commands takes half a minute."""
    from typer.testing import CliRunner

    from assistant.cli.app import app

    shown = CliRunner().invoke(app, [*path, "--help"], prog_name="assistant", env={"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"})
    return "\n".join(line.rstrip() for line in shown.stdout.splitlines()).strip() + "\n"


def command_reference() -> str:
    """Every command with its help, as the program prints it."""
    from typer.main import get_command

    from assistant.cli.app import app

    group = get_command(app)
    group.list_commands(None)  # loads them all
    parts = ["# 命令参考\n", "由 `python docs/make.py` 从程序生成，不要手改。\n"]
    for path in [[], *command_paths(group, [])]:
        parts.append(f"## assistant {' '.join(path)}".rstrip() + "\n")
        parts.append("```text\n" + help_text(path) + "```\n")
    return "\n".join(parts)


def command_paths(group: object, above: list[str]) -> list[list[str]]:
    """The words of every command and group of commands, in the order of the help."""
    if hasattr(group, "load"):
        from assistant.cli.app import GROUPS

        group.load(GROUPS)
    found = []
    for name, command in getattr(group, "commands", {}).items():
        if not getattr(command, "hidden", False):
            found.append([*above, name])
            found.extend(command_paths(command, [*above, name]))
    return found


def rule_catalogue() -> str:
    """Every rule with what it teaches."""
    from assistant.validation import RULES

    parts = ["# 规则目录\n", f"由 `python docs/make.py` 从程序生成，不要手改。共 {len(RULES)} 条；终端里看一条：`assistant rules 代码`。\n"]
    with tempfile.TemporaryDirectory() as home:
        parts.append("```text\n" + run(["rules"], home, columns=120) + "```\n")
    for rule in RULES:
        parts.append(f"## {rule.code} {rule.name}\n")
        parts.append(rule.doc.strip() + "\n")
    return "\n".join(parts)


def with_transcripts(text: str) -> str:
    """A Markdown text with its transcripts made anew."""
    with tempfile.TemporaryDirectory() as home:
        import shlex

        return _RUN.sub(lambda match: match[1] + run(shlex.split(match[2]), home) + match[4], text)


_COUNT = re.compile(r"(<!-- count: (\w+) -->).*?(<!-- end -->)")


def with_counts(text: str) -> str:
    """A Markdown text with what it counts counted anew: ``<!-- count: rules -->93<!-- end -->``."""
    from assistant import library
    from assistant.validation import RULES

    kinds = library.project_types()
    counts = {"rules": len(RULES), "types": len(kinds), "rows": sum(len(kind.rows) for kind in kinds)}
    return _COUNT.sub(lambda match: f"{match[1]}{counts[match[2]]}{match[3]}", text)


def generated() -> dict[Path, str]:
    """Path → what the file should say. About ten seconds: help and rules in this process, each transcript in one of its own."""
    files = {ROOT / "docs" / "commands.md": command_reference(), ROOT / "docs" / "rules.md": rule_catalogue()}
    for name in ("README.md", "README.zh-CN.md"):
        path = ROOT / name
        if path.exists():
            files[path] = with_transcripts(with_counts(path.read_text(encoding="utf-8")))
    return files


def conversation(said: list[str], home: str) -> list[tuple[str, str]]:
    """What was said to ``assistant chat`` and what it replied, from a real conversation."""
    import json

    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_HOME": home, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "assistant", "chat", "--json"]
    result = subprocess.run(command, cwd=ROOT, env=environment, input="\n".join(said) + "\n", capture_output=True, encoding="utf-8", check=False)
    replies = [json.loads(line)["reply"] for line in result.stdout.splitlines()]
    return list(zip(said, (reply.replace(home, "~/assistant") for reply in replies), strict=False))


# Lines of a picture; a longer output is cut, and the picture says so.
MOST_LINES = 58


def pictures() -> None:
    """The terminal pictures, as SVG, from real runs."""
    from rich.console import Console, Group
    from rich.markdown import Markdown
    from rich.text import Text

    from assistant.evaluation.charts import of_baselines
    from tests.pictures import picture

    console = Console(width=100, force_terminal=True, color_system="truecolor", legacy_windows=False)

    def draw(name: str, command: str, *shown: object) -> None:
        lines = console.render_lines(Group(Text(f"$ {command}", style="bold"), *shown), pad=False)  # type: ignore[arg-type]
        cut = [*lines[:MOST_LINES], *console.render_lines(Text("（以下略）", style="dim"), pad=False)] if len(lines) > MOST_LINES else lines
        (ROOT / "docs" / "images" / f"{name}.svg").write_text(picture(cut, title=" ".join(command.split()[:2])), encoding="utf-8")

    with tempfile.TemporaryDirectory() as home:
        for name, arguments in PICTURES.items():
            command = " ".join(f"'{part}'" if " " in part else part for part in ["assistant", *arguments])
            draw(name, command, Text.from_ansi(run(arguments, home, color=True)))
    with tempfile.TemporaryDirectory() as home:
        parts = [part for line, reply in conversation(SAID, home) for part in (Text(f"\n› {line}", style="bold green"), Markdown(reply))]
        draw("chat", "assistant chat", *parts)
    (ROOT / "docs" / "images" / "evals.svg").write_text(of_baselines(ROOT / "evals" / "baselines"), encoding="utf-8")


def main() -> int:
    """Write, or with --check compare."""
    said = generated()
    stale = [path for path, text in said.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"out of date: {path.relative_to(ROOT)} (run python docs/make.py)")
        return 1 if stale else 0
    for path, text in said.items():
        path.write_text(text, encoding="utf-8")
    pictures()
    return 0


if __name__ == "__main__":
    sys.exit(main())
