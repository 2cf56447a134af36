"""Solvers: how a case of each kind is put to the program. One function per kind, ``(case, world) → output``, plain data out.

An output is everything a scorer needs later, so that a run can be scored again without being solved again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.evaluation.cases import Case
from assistant.evaluation.world import World
from assistant.findings import Outcome
from assistant.table import GoalTable

Solver = Callable[[Case, World], dict[str, Any]]


def draft(case: Case, world: World) -> dict[str, Any]:
    """Input ``sentence`` and ``options`` as for ``assistant draft``; output the draft and the baseline's score is left to the scorer."""
    from assistant.drafting.request import understand

    given = world.given(case)
    request = understand(case.input.get("sentence"), this_year=case.input.get("this_year", world.this_year), **case.input.get("options", {}))
    made = world.draft(request, given)
    goals = "；".join(made.table.goals)
    tokens = made.trace.tokens or 0
    return {"draft": made.model_dump(mode="json", by_alias=True), "text": f"{made.table.project.name}：{goals}", "tokens": tokens}


def ask(case: Case, world: World) -> dict[str, Any]:
    """Input ``question`` (and ``unit``, ``year``); output the answer's JSON."""
    from assistant.answering import ask as answer

    found = answer(case.input["question"], world.corpus, world.store, unit=case.input.get("unit"), year=case.input.get("year"))
    return {"answer": found.to_json(), "text": found.answer}


def validate(case: Case, world: World) -> dict[str, Any]:
    """Input ``table`` (GoalTable JSON), or ``mutation`` with ``table``'s project name in the corpus; output the findings' codes."""
    from assistant.validation import validate as judge

    table = GoalTable.model_validate(case.input["table"])
    report = judge([table])
    failed = [finding for finding in report.findings if finding.outcome is Outcome.FAILED]
    return {
        "codes": sorted({finding.code for finding in failed}),
        "errors": sorted({f"{finding.code} {finding.message}" for finding in failed if finding.severity == "error"}),
        "text": "；".join(finding.message for finding in failed[:5]),
    }


def read(case: Case, world: World) -> dict[str, Any]:
    """Input ``text`` (a document among the suites' texts) and ``via`` (a format to write and read back); output both readings' tables."""
    from assistant.documents.readers import Member
    from assistant.documents.readers import read as document
    from assistant.export import FORMATS, render
    from assistant.extraction import extract

    path = _text(case.input["text"], world)
    meant = extract(document(path)).tables
    via = case.input.get("via")
    if via is None:
        return {"tables": [table.model_dump(mode="json") for table in meant], "text": f"{len(meant)}张表"}
    data = render(meant, to=via)
    found = extract(document(Member(f"{path.stem}{FORMATS[via].suffix}", data))).tables
    return {
        "meant": [table.model_dump(mode="json") for table in meant],
        "tables": [table.model_dump(mode="json") for table in found],
        "text": f"{len(found)}张表",
    }


def fault(case: Case, world: World) -> dict[str, Any]:
    """Input ``request`` and ``replies`` of a scripted model that errs or obeys a poisoned text; output both drafts and what was said."""
    from assistant.drafting import generated
    from assistant.drafting.embedded import draft as embedded
    from assistant.drafting.material import gather
    from assistant.drafting.request import understand
    from assistant.errors import ModelError
    from assistant.model import ScriptedModel

    before = embedded(understand(case.input["request"], this_year=world.this_year), world.given(case))
    said: list[str] = []
    try:
        after = generated.improve(gather(before, None), ScriptedModel(list(case.input["replies"])))
        said += [*after.trace.notes, *(f"{each.text}（{each.reason}）" for each in after.dropped)]
    except ModelError as error:
        after = before
        said.append(error.message)
    return {
        "before": before.model_dump(mode="json", by_alias=True),
        "draft": after.model_dump(mode="json", by_alias=True),
        "said": said,
        "text": "；".join(said)[:500],
    }


SOLVERS: dict[str, Solver] = {"draft": draft, "ask": ask, "validate": validate, "read": read, "fault": fault}


def solver(name: str) -> Solver:
    """The solver a suite names. InputError when there is none."""
    if name not in SOLVERS:
        raise InputError(f"没有“{name}”这种评测方式。", f"suite.toml 的 solver 可用：{'、'.join(SOLVERS)}。")
    return SOLVERS[name]


def _text(name: str, world: World) -> Path:
    from assistant.resources import bundled

    # A suite's own texts, those of its neighbours, the bundled ones.
    neighbours = [path for folder in world.texts for path in sorted(folder.parent.parent.glob("*/texts"))]
    for folder in (*world.texts, *neighbours, bundled("corpus") / "tables"):
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"评测集的文本“{name}”不在。", "请恢复 evals 文件夹。")
