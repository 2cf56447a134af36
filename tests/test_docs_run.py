"""What a reader types from the pages works as typed: every command in order in a fresh folder, and what the page shows of its output is there.

A block marked ``sh`` holds commands only; ``console`` holds commands behind ``$``, what is said in a conversation behind ``›``, and lines of
their output, which must occur in this order, however they are wrapped. A block behind ``<!-- file: NAME -->`` is the content of that file.
Other blocks (a model, a server, installation) are not run here.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.app import app
from tests.conftest import ROOT

PAGES = ["README.md", "README.zh-CN.md", "docs/guide.zh-CN.md"]
_BLOCK = re.compile(r"(?:<!-- file: (?P<file>[^\n]+) -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass
class Step:
    """One command with what is typed into it and the lines that the page shows of what comes out."""

    command: str
    said: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


def steps(page: str, folder: Path | None = None) -> Iterator[Step]:
    """The commands of a page in order; its files are written into ``folder`` on the way."""
    for block in _BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        lines = [line for line in block["text"].splitlines() if line.strip()]
        if block["file"] and folder is not None:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
        if block["kind"] == "sh":
            yield from (Step(line.split("  #")[0].strip()) for line in lines)
        elif block["kind"] == "console":
            assert lines[0].startswith("$ "), f"{page}: {lines[0]}"
            step = Step(lines[0][2:])
            for line in lines[1:]:
                if line.startswith("$ "):
                    yield step
                    step = Step(line[2:])
                elif line.startswith("› "):
                    step.said.append(line[2:])
                else:
                    step.shown.append(line)
            yield step


@pytest.mark.slow  # a few dozen commands; about a second each where they index
@pytest.mark.parametrize("page", PAGES)
def test_a_page_works_as_typed(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    for step in steps(page, tmp_path):
        words = shlex.split(step.command)
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), step.command
            continue
        assert words[0] == "assistant", f"{page}: {step.command}"
        if words[1] == "evals" and importlib.util.find_spec("inspect_ai") is None:
            continue
        result = CliRunner().invoke(app, words[1:], input="".join(f"{line}\n" for line in step.said))
        refused = any(line.startswith("错误：") for line in step.shown)
        assert result.exit_code in ((2,) if refused else (0, 1)), f"{page}: {step.command}\n{result.output}"
        there = re.sub(r"\s", "", result.stderr + result.stdout)
        at = 0
        for line in step.shown:
            found = there.find(re.sub(r"\s", "", line), at)
            assert found >= 0, f"{page}: {step.command}\nshows “{line}”, which is not in\n{result.output}"
            at = found + 1


def test_the_pages_have_commands_to_run() -> None:
    assert [len(list(steps(page))) > 8 for page in PAGES] == [True] * len(PAGES)
