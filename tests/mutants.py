"""Does any test notice when the program is changed? Small changes to the core, one at a time, each met with the tests that should fail.

    python -m tests.mutants [table findings validation drafting] [--sample 30] [--seed 1]

A change is made to the syntax tree of one module (a comparison turned, a sum made a difference, a number moved by one, an ``and`` made an
``or`` …) and lives only in a child process, which imports it instead of the file; nothing is written. What survives is printed with its
place: either a test is missing, or the change makes no difference.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# What is changed, and the tests that should notice.
TARGETS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "table": (("table", "target"), ("test_table", "test_target")),
    "findings": (("findings", "validation/engine", "validation/grading", "validation/setaside"), ("test_validation", "test_validation_commands")),
    "validation": (
        ("validation/chain", "validation/money", "validation/values", "validation/completeness", "validation/coherence", "validation/cross_year"),
        ("test_validation_rules", "test_validation", "test_validation_invariants"),
    ),
    "drafting": (
        ("drafting/arithmetic", "drafting/matching", "drafting/renewal", "drafting/continuing", "drafting/heading", "drafting/facts"),
        ("test_drafting", "test_request", "test_drafting_properties"),
    ),
}
SECONDS = 150
_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: module, line, what it says before and after, and the changed code."""

    path: Path
    line: int
    before: str
    after: str
    code: CodeType


def changes(tree: ast.Module) -> Iterator[tuple[ast.AST, str, object]]:
    """Every (node, field, new value) that makes a mutant. Annotations, docstrings and decorators stay."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            yield node, "ops", [_TURNED[type(node.ops[0])]()]
        elif isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in _TURNED and not _typed(node):
            yield node, "op", _TURNED[type(node.op)]()
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield node, "test", ast.UnaryOp(ast.Not(), node.test)
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield node, "value", node.value + 1
        elif isinstance(node, ast.Constant) and type(node.value) is bool:
            yield node, "value", not node.value


def _typed(node: ast.AST) -> bool:
    # ``str | None`` has no sum in it, and ``"a" + "b"`` has no difference.
    return any(isinstance(part, ast.Constant | ast.JoinedStr) and not isinstance(getattr(part, "value", 0), int) for part in ast.walk(node) if part is not node)


def mutants(path: Path) -> list[Mutant]:
    """All mutants of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for part in [part for node in ast.walk(tree) for part in (getattr(node, "annotation", None), getattr(node, "returns", None)) if part is not None]:
        for inner in ast.walk(part):
            vars(inner).setdefault("value", None)
            inner.__dict__["untouched"] = True
    found = []
    for node, field, new in changes(tree):
        if getattr(node, "untouched", False):
            continue
        old = getattr(node, field)
        before = ast.unparse(node)
        setattr(node, field, new)
        with contextlib.suppress(Exception):
            code = compile(ast.fix_missing_locations(tree), str(path), "exec")
            found.append(Mutant(path, getattr(node, "lineno", 0), before, ast.unparse(node), code))
        setattr(node, field, old)
    return found


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from changed code."""

    def __init__(self, mutant: Mutant) -> None:
        self.code = mutant.code
        self.path = mutant.path
        self.name = ".".join(mutant.path.relative_to(ROOT).with_suffix("").parts)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))


def killed(mutant: Mutant | None, tests: Sequence[str]) -> bool:
    """Whether the tests fail (or hang) with the change; in a child, so that every run starts from what is on disk."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            import pytest

            if mutant is not None:
                sys.meta_path.insert(0, Changed(mutant))
            with contextlib.redirect_stdout(io.StringIO()):
                code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(ROOT), *(str(ROOT / "tests" / f"{test}.py") for test in tests)])
            os._exit(0 if code == 0 else 1)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main() -> int:
    """Sample, run, print what survived and the kill rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], default=list(TARGETS))
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    # What every child would import again; nothing of the program itself.
    for name in ("pytest", "pydantic", "lxml.etree", "numpy", "jieba", "typer.testing", "rich.console"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for target in chosen.targets:
        modules, tests = TARGETS[target]
        if killed(None, tests):
            print(f"{target}: its tests fail without any change", flush=True)
            return 1
        every = [mutant for module in modules for mutant in mutants(ROOT / "assistant" / f"{module}.py")]
        sample = random.Random(chosen.seed).sample(every, min(chosen.sample, len(every)))
        dead = 0
        for mutant in sorted(sample, key=lambda each: (str(each.path), each.line)):
            if killed(mutant, tests):
                dead += 1
            else:
                print(f"  survived {mutant.path.relative_to(ROOT)}:{mutant.line}  {mutant.before[:110]}  →  {mutant.after[:110]}", flush=True)
        print(f"{target}: {dead} of {len(sample)} killed ({dead / len(sample):.0%}); {len(every)} possible", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
