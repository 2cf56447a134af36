"""A suite out of an office's own years: draft year N from year N−1, then compare with the tables that were signed for N."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from assistant import workspace
from assistant.chinese import fold, without_document_numbers
from assistant.documents.readers import read
from assistant.errors import InputError
from assistant.evaluation.cases import Case, Suite, load_suite
from assistant.extraction import extract
from assistant.table import GoalTable

_HEAD = """name = {name}
title = "往年对照"
purpose = "拿上一年的表起草下一年，与当年签过字的表比"
solver = "draft"
scorers = ["year-on-year"]
"""


def make_suite(paths: Sequence[Path], folder: Path, *, name: str) -> Suite:
    """Write the suite into a folder, the texts beside it. InputError when no two years of one office are among the files."""
    tables: dict[Path, list[GoalTable]] = {path: list(extract(read(path)).tables) for path in paths}
    cases = []
    for path, found in tables.items():
        earlier = [table for other, tables_ in tables.items() if other != path for table in tables_]
        cases += [_case(table, path, name) for table in found if _has_past(table, earlier)]
    if not cases:
        raise InputError("这些文件里没有同一单位、前后两年的表。", "请给出同一单位至少相邻两年的文件。")
    for path in paths:
        workspace.write(folder / "texts" / path.name, path.read_bytes())
    workspace.write(folder / "cases.jsonl", "".join(case.model_dump_json() + "\n" for case in cases))
    head = _HEAD.format(name=json.dumps(name, ensure_ascii=False))
    tomllib.loads(head)
    workspace.write(folder / "suite.toml", head)
    return load_suite(folder)


def _has_past(table: GoalTable, earlier: Sequence[GoalTable]) -> bool:
    """Whether last year has this office, so that drafting from it means something."""
    return any(past.year is not None and table.year == past.year + 1 and fold(past.unit.name or "") == fold(table.unit.name or "") for past in earlier)


def _case(table: GoalTable, path: Path, name: str) -> Case:
    own = without_document_numbers(table.project.name or "")
    options = {
        "name": own,
        "year": table.year,
        "budget": f"{table.budget.total:f}{table.money_unit}" if table.budget.total is not None else None,
        "purpose": table.purpose,
        "unit": table.unit.name,
    }
    return Case(
        id=f"{name}-{table.year}-{table.number or 0}-{own[:20]}",
        why=f"{table.unit.name}{table.year}年“{own}”：上年的表能不能带出当年签过字的表",
        group=table.unit.name or "",
        input={"options": {key: value for key, value in options.items() if value is not None}, "this_year": (table.year or 1) - 1},
        target={"table": table.model_dump(mode="json")},
        tags=("year-on-year",),
        sources=(path.name,),
    )
