"""Solvers: how a case of each kind is put to the program. One function per kind, ``(case, world) → output``, plain data out.

An output is everything a scorer needs later, so that a run can be scored again without being solved again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.draft import Draft
from assistant.errors import InputError
from assistant.evaluation import draft_score, judging
from assistant.evaluation.cases import Case
from assistant.evaluation.world import Meter, World
from assistant.findings import Outcome
from assistant.table import GoalTable

Output = dict[str, Any]
Solver = Callable[[Case, World], Output | Callable[[], Output]]


def kept(solve: Solver, case: Case, world: World, keep: Callable[[Output], None]) -> Output | Callable[[], Output]:
    """``solve`` with its output timed and handed to ``keep`` as soon as it is there, also where the rest of the work comes later."""
    began = time.perf_counter()
    output = solve(case, world)
    if not callable(output):
        output["seconds"] = round(time.perf_counter() - began, 4)
        keep(output)
        return output
    before, rest = time.perf_counter() - began, output

    def finish() -> Output:
        start = time.perf_counter()
        found = rest()
        found["seconds"] = round(before + time.perf_counter() - start, 4)
        keep(found)
        return found

    return finish


def draft(case: Case, world: World) -> Output | Callable[[], Output]:
    """Input ``sentence`` and ``options`` as for ``assistant draft``; output the draft, the findings of a check of it, what it cost."""
    from assistant.drafting.request import understand

    given = world.given(case)
    request = understand(case.input.get("sentence"), this_year=case.input.get("this_year", world.this_year), **case.input.get("options", {}))
    meter = Meter(world.model) if world.model is not None else None
    made = world.draft(request, given, meter)

    def finish(done: Draft) -> Output:
        return {**drafted(done), **(meter.spent() if meter else {})}

    return finish(made) if isinstance(made, Draft) else lambda: finish(made())


def drafted(made: Draft) -> Output:
    """A draft as an output: itself, what the validator says of it (asked here, not believed), and its readable text."""
    return {"draft": made.model_dump(mode="json", by_alias=True), "findings": draft_score.findings(made), "text": as_text(made)}


def as_text(made: Draft) -> str:
    """A draft in lines, one a row, so that two drafts can be laid side by side."""
    table = made.table
    money = f"{table.text('budget.total')}{table.money_unit}"
    lines = [f"{table.project.name}（{table.year or '年度未写'}年，{money}）", *(f"目标 {goal}" for goal in table.goals)]
    lines += [f"{row.level2.removesuffix('指标')} {row.level3} {row.value.text}（{row.basis or '无依据'}）" for row in table.indicators]
    return "\n".join([*lines, *(f"待问 {question.question}" for question in made.open_questions)])


def ask(case: Case, world: World) -> Output | Callable[[], Output]:
    """Input ``question`` (and ``unit``, ``year``); output the answer's JSON, in a model's words where one is set."""
    from assistant.answering import ask as answer

    found = answer(case.input["question"], world.corpus, world.store, unit=case.input.get("unit"), year=case.input.get("year"))
    if world.model is None:
        return {"answer": found.to_json(), "text": found.answer}
    meter = Meter(world.model)

    def finish() -> Output:
        from assistant.phrasing import phrase

        said = phrase(found, meter)
        return {"answer": said.to_json(), "text": said.answer, **meter.spent()}

    return finish


def validate(case: Case, world: World) -> Output:
    """Input ``table`` (GoalTable JSON), or ``mutation`` with ``table``'s project name in the corpus; output the findings' codes."""
    from assistant.validation import validate as judge

    table = GoalTable.model_validate(case.input["table"])
    report = judge([table])
    failed = [finding for finding in report.findings if finding.outcome is Outcome.FAILED]
    return {
        "codes": sorted({finding.code for finding in failed}),
        "errors": sorted({f"{finding.code} {finding.message}" for finding in failed if finding.severity == "error"}),
        "text": "\n".join(f"{finding.code} {finding.message}" for finding in failed) or "没有发现",
    }


def read(case: Case, world: World) -> Output:
    """Input ``text`` (a document among the suites' texts), and ``via``, a format it is written in and read back.

    With a ``target`` the target's tables are what must be read; without one, ``via`` must give what the text itself gives. The output
    holds cells, as ``[table, label, text]``.
    """
    from assistant.documents.readers import Member
    from assistant.documents.readers import read as document
    from assistant.evaluation import paper
    from assistant.export import FORMATS, render
    from assistant.extraction import extract

    path = _text(case.input["text"], world)
    via = case.input.get("via")
    source = document(path)
    if case.target:
        meant = tuple(GoalTable.model_validate(table) for table in case.target["tables"])
        found = extract(source if via is None else document(Member(f"{path.stem}.{via}", paper.written(source, via))))
    else:
        meant, to = extract(source).tables, str(via or "docx")
        found = extract(document(Member(f"{path.stem}{FORMATS[to].suffix}", render(meant, to=to))))
    unread = [f"没读懂：{item.where}（{item.why}）" for item in found.report.unread]
    return {"meant": _cells(meant), "found": _cells(found.tables), "text": "\n".join([*(_told(table) for table in found.tables), *unread])}


def _cells(tables: Sequence[GoalTable]) -> list[list[list[str]]]:
    return [[[cell.address, cell.label, cell.text] for cell in table.cells()] for table in tables]


def _told(table: GoalTable) -> str:
    rows = [f"{row.level2} {row.level3} {row.value.text}" for row in table.indicators]
    return "\n".join([f"{table.project.name}（{table.year or ''}）", *rows])


def fault(case: Case, world: World) -> Output:
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
        "before_findings": draft_score.findings(before),
        **drafted(after),
        "said": said,
        "text": "\n".join(["说明：", *said, "", as_text(after)]),
    }


def grade(case: Case, world: World) -> Callable[[], Output]:
    """Input ``kind``, ``project``, ``text``; output the grade that the model in the role of judge gives. Needs a model."""
    if world.model is None:
        raise InputError("没有设置模型，不能评测模型评判。", "请先 assistant config set preset 名称。")
    meter = Meter(world.model)
    return lambda: {**judging.grade_case(case, meter), **meter.spent()}


SOLVERS: dict[str, Solver] = {"draft": draft, "ask": ask, "validate": validate, "read": read, "fault": fault, "grade": grade}
# Which drafters a solver's cases can be put to, the usual one first.
DRAFTERS: dict[str, tuple[str, ...]] = {"draft": ("embedded", "copy", "model"), "ask": ("embedded", "model"), "grade": ("judge",)}


def drafters(name: str) -> tuple[str, ...]:
    """The drafters that a solver knows."""
    return DRAFTERS.get(name, ("embedded",))


def solver(name: str) -> Solver:
    """The solver a suite names. InputError when there is none."""
    if name not in SOLVERS:
        raise InputError(f"没有“{name}”这种评测方式。", f"suite.toml 的 solver 可用：{'、'.join(SOLVERS)}。")
    return SOLVERS[name]


def _text(name: str, world: World) -> Path:
    from assistant.resources import bundled

    # A suite's own texts, those of its neighbours, the bundled ones.
    neighbours = [path for folder in world.texts for path in sorted(folder.parent.parent.glob("*/texts"))]
    own = [folder.parent for folder in world.texts]
    for folder in (*world.texts, *own, *neighbours, bundled("corpus") / "tables"):
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"评测集的文本“{name}”不在。", "请恢复 evals 文件夹。")
