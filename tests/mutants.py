"""Does any test notice when the program is changed? Small changes to the core, one at a time, each met with the tests that should fail.

    python -m tests.mutants [table findings validation drafting] [--sample 30] [--seed 1]

A change is made to the syntax tree of one module (a comparison turned, a sum made a difference, a number moved by one, an ``and`` made an
``or`` …) and lives only in a child process, which imports it instead of the file; nothing is written. The tests are run once under coverage,
then a change meets only those that come by its lines. What survives is printed with its place: either a test is missing, or the change makes
no difference.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import NamedTuple

import coverage
import pytest

ROOT = Path(__file__).resolve().parent.parent
# What is changed, and the tests that should notice.
TARGETS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "table": (("table", "target"), ("test_table", "test_target")),
    "findings": (
        ("findings", "validation/engine", "validation/grading", "validation/setaside"),
        ("test_grading", "test_validation", "test_validation_commands"),
    ),
    "validation": (
        (
            *("validation/chain", "validation/money", "validation/values", "validation/completeness", "validation/coherence", "validation/cross_year"),
            *("validation/contradictions", "validation/terms", "validation/subjects", "validation/context", "validation/placement", "validation/document"),
            *("validation/wording", "validation/definitions", "validation/numbers", "validation/cross_table", "validation/department"),
        ),
        ("test_validation_rules", "test_validation", "test_validation_offices"),
    ),
    "drafting": (
        tuple(f"drafting/{name}" for name in "amounts arithmetic continuing facts given heading matching new parts renewal spoken suggestions uses".split()),
        ("test_drafts_written", "test_drafting", "test_drafting_arithmetic", "test_request", "test_drafting_properties"),
    ),
}
# A change that hangs is killed too; measured by how long the tests took without any.
LEAST_SECONDS, TIMES_AS_LONG = 60, 5
_TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


class Mutant(NamedTuple):
    """One change: module, lines (of the changed expression or of an ``if``'s test), what it says before and after, and the changed code."""

    path: Path
    line: int
    end: int
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
            end = getattr(old if field == "test" else node, "end_lineno", 0)
            found.append(Mutant(path, getattr(node, "lineno", 0), end, before, ast.unparse(node), code))
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


class Visits:
    """Which tests come by which lines, learned from one run of all of them; ``green`` when all pass without a change."""

    def __init__(self, tests: Sequence[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["COVERAGE_FILE"] = str(Path(folder, "coverage"))
            began = time.monotonic()
            self.green = not failed(lambda: run(tests, "--cov=assistant", "--cov-context=test", "--cov-report="), 3600)
            self.patience = max(LEAST_SECONDS, TIMES_AS_LONG * (time.monotonic() - began))
            data = coverage.CoverageData(os.environ.pop("COVERAGE_FILE"))
            data.read()
            self.lines = {file: data.contexts_by_lineno(file) for file in data.measured_files()}

    def of(self, mutant: Mutant) -> set[str] | None:
        """The tests that come by; None when the lines run at import, before any test."""
        by_line = self.lines.get(str(mutant.path), {})
        found = {context for line in range(mutant.line, mutant.end + 1) for context in by_line.get(line, ())}
        return None if "" in found else {context.rpartition("|")[0] for context in found}


class Loop:
    """A pytest plugin: in place of one run of the collected tests, one run for each change in a child that has it, of the tests that come by."""

    def __init__(self, changed: Sequence[Mutant], visits: Visits, tell: Callable[[Mutant, bool], None]) -> None:
        self.changed, self.visits, self.tell = changed, visits, tell

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for mutant in self.changed:
            names = self.visits.of(mutant) or set()
            items = [item for item in session.items if item.nodeid in names]
            self.tell(mutant, bool(items) and failed(partial(self.run, mutant, items, session), self.visits.patience))
        return True

    @staticmethod
    def run(mutant: Mutant, items: Sequence[pytest.Item], session: pytest.Session) -> int:
        """Exchange the code of the functions that are loaded already, and run the tests until one fails."""
        exchange(mutant)
        for item, following in zip(items, [*items[1:], None], strict=True):
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return 1
        return 0


def exchange(mutant: Mutant) -> None:
    """Give every loaded function of the module the code it has after the change."""
    codes: dict[tuple[str, int], CodeType] = {}
    waiting = [mutant.code]
    while waiting:
        code = waiting.pop()
        codes[code.co_qualname, code.co_firstlineno] = code
        waiting += [part for part in code.co_consts if isinstance(part, CodeType)]
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename == str(mutant.path):
            thing.__code__ = codes[thing.__code__.co_qualname, thing.__code__.co_firstlineno]


def run(tests: Sequence[str], *options: str, plugins: Sequence[object] = ()) -> int:
    """Run test files quietly until the first failure; 0 when all pass."""
    files = [str(ROOT / "tests" / f"{test}.py") for test in tests]
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        fixed = ["-q", "-x", "-p", "no:cacheprovider", "--rootdir", str(ROOT), "--basetemp", str(Path(folder, "t"))]
        return pytest.main([*fixed, *options, *files], list(plugins))


def run_from_import(mutant: Mutant, tests: Sequence[str]) -> int:
    """Run the tests in a process that has not loaded the program yet."""
    sys.meta_path.insert(0, Changed(mutant))
    return run(tests)


def failed(act: Callable[[], int], seconds: float) -> bool:
    """Whether ``act`` fails (or takes longer) in a child; what it changes there is gone with it."""
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        code = 1
        try:
            code = act()
        finally:
            os._exit(0 if code == 0 else 1)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


class Target:
    """One part of the program with its tests, the changes drawn for it, and what has survived so far."""

    def __init__(self, name: str, size: int, seed: int) -> None:
        self.name = name
        modules, self.tests = TARGETS[name]
        every = [mutant for module in modules for mutant in mutants(ROOT / "assistant" / f"{module}.py")]
        self.possible = len(every)
        self.sample = sorted(random.Random(seed).sample(every, min(size, len(every))), key=lambda each: (str(each.path), each.line))
        self.visits = Visits(self.tests)
        self.survivors = 0
        # pytest takes the terminal's place while its loop runs.
        self.out = os.fdopen(os.dup(1), "w", encoding="utf-8")

    def tell(self, mutant: Mutant, dead: bool) -> None:
        if not dead:
            self.survivors += 1
            place = f"{mutant.path.relative_to(ROOT)}:{mutant.line}"
            print(f"  survived {place}  {mutant.before[:110]}  →  {mutant.after[:110]}", file=self.out, flush=True)

    def meet_at_import(self) -> None:
        """The changes in what runs at import, each in a process that has not loaded the program yet."""
        for mutant in self.sample:
            if self.visits.of(mutant) is None:
                self.tell(mutant, failed(partial(run_from_import, mutant, self.tests), self.visits.patience))

    def meet_loaded(self) -> None:
        """The changes inside functions; loads the program."""
        run(self.tests, plugins=[Loop([mutant for mutant in self.sample if self.visits.of(mutant) is not None], self.visits, self.tell)])
        drawn = len(self.sample)
        print(f"{self.name}: {drawn - self.survivors} of {drawn} killed ({1 - self.survivors / drawn:.0%}); {self.possible} possible", flush=True)


def main() -> int:
    """Sample, run, print what survived and the kill rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], default=list(TARGETS))
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    # What every child would import again; nothing of the program itself.
    for name in ("pydantic", "lxml.etree", "numpy", "jieba", "typer.testing", "rich.console"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    targets = [Target(name, chosen.sample, chosen.seed) for name in chosen.targets]
    for target in targets:
        if not target.visits.green:
            print(f"{target.name}: its tests fail without any change", flush=True)
            return 1
    for target in targets:
        target.meet_at_import()
    for target in targets:
        target.meet_loaded()
    return 0


if __name__ == "__main__":
    sys.exit(main())
