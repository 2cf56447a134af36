"""A suite out of an office's own years: draft year N from the years before, then compare with the tables that were signed for N."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from assistant import workspace
from assistant.chinese import fold, without_document_numbers
from assistant.corpus import Corpus, PastTable, add
from assistant.errors import InputError
from assistant.evaluation.cases import Case, Suite, load_suite

_HEAD = """name = {name}
title = {title}
purpose = "拿上一年的表起草下一年，与当年签过字的表比"
solver = "draft"
scorers = ["year-on-year"]
"""


class Made(NamedTuple):
    """The suite, and what is to be told about the files it was made of."""

    suite: Suite
    notes: tuple[str, ...]


def make_suite(paths: Sequence[Path], folder: Path, *, name: str) -> Made:
    """Write the suite into a folder, the texts beside it. InputError when no two years of one office are among the files.

    The files are read as the corpus reads them, so that unit and year are known as they will be when the cases are solved.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        corpus = Corpus.open(Path(scratch))
        try:
            added = add(corpus, paths)
            past = corpus.past_tables()
        finally:
            corpus.close()
    notes = [f"没有读：{path}（{why}）" for path, why in added.unread] + [f"注意：{path}：{why}" for path, why in added.warnings]
    notes += [f"同一份文件给了两次：{path}" for path, _ in added.same_content]
    own = [one for one in past if one.layer == "user"]
    notes += _told(own)
    cases = [_case(one, past, name) for one in own if _has_past(one, past)]
    if not cases:
        raise InputError(
            f"这些文件里没有同一单位、前后两年的表（读到：{'；'.join(_told(own)) or '没有表'}）。",
            "请给出同一单位至少相邻两年的文件；文件名里写上单位和年份最稳妥。",
        )
    first = [one for one in own if not _has_past(one, past)]
    if first:
        notes.append(f"最早一年的{len(first)}张表只作起草的依据，不出题。")
    _write(folder, sorted({Path(one.source.path.split("!")[0]) for one in own if one.source.path}), _numbered(cases), name)
    return Made(load_suite(folder), tuple(notes))


def _write(folder: Path, files: Sequence[Path], cases: Sequence[Case], name: str) -> None:
    texts = folder / "texts"
    for old in texts.glob("*") if texts.is_dir() else ():
        old.unlink()
    for path in files:
        workspace.write(texts / path.name, path.read_bytes())
    workspace.write(folder / "cases.jsonl", "".join(case.model_dump_json() + "\n" for case in cases))
    workspace.write(folder / "suite.toml", _HEAD.format(name=json.dumps(name, ensure_ascii=False), title=json.dumps(f"往年对照·{name}", ensure_ascii=False)))


def _told(own: Sequence[PastTable]) -> list[str]:
    counts: dict[tuple[str, str], int] = {}
    for one in own:
        key = (one.unit or "（没认出单位）", f"{one.year}年" if one.year else "（没认出年度）")
        counts[key] = counts.get(key, 0) + 1
    return [f"{unit} {year}：{count}张表" for (unit, year), count in sorted(counts.items())]


def _same_unit(left: PastTable, right: PastTable) -> bool:
    return bool(left.unit) and fold(left.unit or "") == fold(right.unit or "")


def _has_past(one: PastTable, past: Sequence[PastTable]) -> bool:
    """Whether last year has this office, so that drafting from it means something."""
    return one.year is not None and any(other.year == one.year - 1 and _same_unit(one, other) for other in past)


def _case(one: PastTable, past: Sequence[PastTable], name: str) -> Case:
    table = one.table
    year = one.year or 0
    own = without_document_numbers(table.project.name or "")
    options = {
        "name": own,
        "year": year,
        "budget": f"{table.budget.total:f}{table.money_unit}" if table.budget.total is not None else None,
        "fiscal": f"{table.budget.fiscal:f}{table.money_unit}" if table.budget.fiscal is not None else None,
        "purpose": table.purpose,
        "unit": one.unit,
    }
    continued = any(
        other.year == year - 1 and _same_unit(one, other) and fold(without_document_numbers(other.table.project.name or "")) == fold(own) for other in past
    )
    # Nothing of that year or of a later one may be seen, whatever file it stands in.
    hidden = {f"{Path(other.source.path or '').name}@{other.year}" for other in past if _same_unit(one, other) and (other.year or 0) >= year}
    return Case(
        id=f"{name}-{year}-{own[:24]}",
        why=f"{one.unit}{year}年“{own}”：" + ("上年的表能不能带出当年签过字的表" if continued else "上年没有的项目，能不能起草得像当年签过字的表"),
        group=one.unit or "",
        input={"options": {key: value for key, value in options.items() if value is not None}, "this_year": year - 1},
        target={"table": table.model_copy(update={"year": year}).model_dump(mode="json")},
        tags=("year-on-year", "延续" if continued else "新增"),
        sources=tuple(sorted(hidden)),
    )


def _numbered(cases: Sequence[Case]) -> list[Case]:
    """The cases with different ids, where two projects begin with the same words."""
    seen: dict[str, int] = {}
    found = []
    for case in cases:
        seen[case.id] = seen.get(case.id, 0) + 1
        found.append(case if seen[case.id] == 1 else case.model_copy(update={"id": f"{case.id}-{seen[case.id]}"}))
    return found
