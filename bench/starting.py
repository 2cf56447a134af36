"""Start-up and the everyday commands from cold, beside Python's own import of typer and rich and beside another assistant's ``--help``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.line import ROOT, Line, command

SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
PYTHON = Path(sys.executable)


def lines() -> Iterator[Line]:
    """Processor time of whole processes, each the median of some."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        floor = command([PYTHON, "-c", "import typer, rich"], home=home, rounds=9)
        shown = command(["--help"], home=home, rounds=9)
        yield Line("assistant --help", shown, "s", 'python -c "import typer, rich"', floor, ratio_at_most=2)
        other = Path(sys.executable).with_name("llm")
        found = other if other.exists() else Path(shutil.which("llm") or "")
        if found.is_file():
            yield Line("assistant --help", shown, "s", "llm --help", command([found, "--help"], home=home, rounds=9))
        else:
            yield Line("assistant --help", shown, "s", "llm --help", None, note="llm is not installed")
        word = Path(folder) / "ten.docx"
        command(["export", SEED, "--to", "docx", "-o", word], home=home, rounds=1)
        yield Line("validate a ten-table Word file, cold", command(["validate", word], home=home), "s", at_most=0.6)
        command(["ask", "残保金预算多少"], home=home, rounds=1)
        yield Line("ask, cold", command(["ask", "残保金今年预算多少"], home=home), "s", at_most=2)
        draft = ["draft", "残保金2026年预算480万，用于残疾人就业、培训", "-o", Path(folder) / "out", "--no-input"]
        yield Line("draft, cold", command(draft, home=home), "s", at_most=2)
