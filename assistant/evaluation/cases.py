"""Suites and cases: what is asked of the program, what a right result is, and why the case exists. Plain files under ``evals/``.

A suite is a folder with ``suite.toml`` (name, purpose, solver, scorers, bars) and ``cases*.jsonl``, one case a line. Offices add
their own past years with ``assistant evals add``, which writes the same files into the workspace.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant.errors import InputError, fault_in
from assistant.target import Frozen

_OPTIONS = {
    "name": "项目",
    "year": "年度",
    "budget": "预算",
    "fiscal": "其中财政",
    "other": "其他资金",
    "purpose": "用途",
    "unit": "单位",
    "basis": "依据",
    "known": "已知",
}


def _listed(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


class Case(Frozen):
    """One case. ``why`` says what it would catch; ``group`` is the department (the cluster of the statistics); ``sources`` name the
    documents the expected result was taken from, which the solver must not be given (leak guard)."""

    id: str
    why: str
    group: str = ""
    input: dict[str, Any] = Field(default_factory=dict)
    target: dict[str, Any] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes when what is asked or expected changes."""
        shape = json.dumps([self.input, self.target, self.sources], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(shape.encode()).hexdigest()[:12]

    @property
    def asked(self) -> str:
        """What is asked, as a person reads it."""
        options = self.input.get("options") or {}
        said = self.input.get("sentence") or self.input.get("question") or self.input.get("request") or ""
        parts = [str(said), *(f"{_OPTIONS.get(name, name)} {_listed(value)}" for name, value in options.items() if value)]
        return "；".join(part for part in parts if part) or json.dumps(self.input, ensure_ascii=False)[:1500]

    @property
    def expected(self) -> str:
        """What is expected, shortened."""
        return json.dumps(self.target, ensure_ascii=False)[:1500]


class Suite(Frozen):
    """A suite: which solver answers its cases, which scorers judge, and the bar each score must reach (none = reported only).

    ``texts`` are folders of documents, beside its own ``texts/``, that belong to its corpus (relative to the suite's folder).
    """

    name: str
    title: str
    purpose: str
    solver: str
    scorers: tuple[str, ...]
    texts: tuple[str, ...] = ()
    bars: dict[str, float] = Field(default_factory=dict)
    cases: tuple[Case, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes whenever a case changes; two runs are comparable only where it is equal or their common cases are."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    def only(self, wanted: Iterable[str], limit: int | None = None) -> Suite:
        """The suite with the cases whose id, group or tag is wanted (all, when none is), at most ``limit`` of them."""
        words = set(wanted)
        cases = [case for case in self.cases if not words or case.id in words or case.group in words or words & set(case.tags)]
        return self.model_copy(update={"cases": tuple(cases[:limit])})


def load_suite(folder: Path) -> Suite:
    """The suite in a folder. InputError names the file and line that cannot be used."""
    try:
        head = tomllib.loads((folder / "suite.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"“{folder}”里没有 suite.toml。", "用 assistant evals list 查看可用的评测集。") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"“{folder / 'suite.toml'}”写法有误：{fault_in(error)}。", "请改正后重试。") from None
    cases = [case for path in sorted(folder.glob("cases*.jsonl")) for case in load_cases(path)]
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"评测集“{folder.name}”里用例编号“{case.id}”重复。", "请给每个用例不同的编号。")
        seen.add(case.id)
    try:
        return Suite.model_validate({**head, "cases": cases})
    except ValidationError as error:
        raise InputError(f"“{folder / 'suite.toml'}”缺项或多项：{_first(error)}。", "请对照其他评测集改正。") from None


def load_cases(path: Path) -> list[Case]:
    """The cases of one JSONL file."""
    cases = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"“{path.name}”不是 UTF-8 文本。", "请用 UTF-8 编码另存后重试。") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(Case.model_validate(json.loads(line)))
        except (ValueError, RecursionError) as error:
            reason = _first(error) if isinstance(error, ValidationError) else str(error)
            raise InputError(f"“{path.name}”第{number}行不是用例：{reason}。", "每行写一个 JSON 对象，含 id、why、input、target。") from None
    return cases


def find_suites(*folders: Path) -> list[Suite]:
    """Every suite under the given folders, by name; a later folder's suite of the same name adds its cases."""
    found: dict[str, Suite] = {}
    for folder in folders:
        if not folder.is_dir():
            continue
        for place in sorted(path.parent for path in folder.glob("*/suite.toml")):
            suite = load_suite(place)
            if suite.name in found:
                known = {case.id for case in found[suite.name].cases}
                more = tuple(case for case in suite.cases if case.id not in known)
                suite = found[suite.name].model_copy(update={"cases": found[suite.name].cases + more})
            found[suite.name] = suite
    return [found[name] for name in sorted(found)]


def _first(error: ValidationError) -> str:
    problem = error.errors()[0]
    return f"{'.'.join(map(str, problem['loc']))} {problem['msg']}"
