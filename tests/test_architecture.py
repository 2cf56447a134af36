"""The design's rules that a machine can hold: layers, sizes, forbidden room names, unfinished marks, words of a workplace."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "assistant").rglob("*.py"))


def test_import_contracts_hold() -> None:
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 500


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short(module: Path) -> None:
    functions = [node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {each.name: lines for each in functions if (lines := (each.end_lineno or 0) - each.lineno + 1) > 60}
    assert not long, f"functions over 60 lines in {module.name}: {long}"


def test_no_module_is_a_drawer_for_leftovers() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc"}
    assert not [module for module in MODULES if module.stem in forbidden]


def test_nothing_is_left_unfinished() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error")
    assert not [(module.name, mark) for module in MODULES for mark in marks if mark in module.read_text(encoding="utf-8")]


@pytest.mark.parametrize("arguments", [["--help"], ["validate", "--help"], ["read", "--help"], ["rules", "--help"]], ids=" ".join)
def test_light_commands_load_nothing_heavy(arguments: list[str]) -> None:
    heavy = "pydantic langchain langchain_core openai chromadb tiktoken docx numpy jieba textual inspect_ai lxml"
    code = (
        "import sys\nfrom assistant.cli.app import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', sorted(set(sys.modules) & set({heavy.split()!r})))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert "LOADED []" in result.stdout


def test_goldens_are_never_rewritten_in_ci(request: pytest.FixtureRequest) -> None:
    if os.environ.get("CI"):
        assert not request.config.getoption("--accept")
