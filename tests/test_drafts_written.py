"""Whole drafts of odd requests as files for people to read: a change of any cell, source or question shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.corpus import Corpus, add
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand

FOLDER = Path(__file__).parent / "golden" / "drafts"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    made = Corpus.open(tmp_path_factory.mktemp("corpus"))
    add(made, sorted(FOLDER.glob("*.txt")))
    return made


def written(sentence: str, corpus: Corpus) -> str:
    """A draft in short lines: head, goal, one line a row (type, name, value and its origin, basis, definition), questions, findings, dropped rows."""
    made = draft(understand(sentence, this_year=2025), corpus, unit="" if sentence.startswith("水务局") else "某县某局")
    table = made.table
    money = "/".join(f"{part or ''}" for part in (table.budget.total, table.budget.fiscal, table.budget.other))
    plan = "、".join(f"{node.by}{node.percent or '?'}" for node in table.spending_plan)
    lines = [
        f"## {sentence}",
        "",
        f"{table.project.name}｜{table.unit.name}｜{table.year}｜{money}｜{table.purpose}｜{plan}",
        f"目标：{'；'.join(table.goals)}",
    ]
    for index, row in enumerate(table.indicators):
        cell = made.origin_of(f"indicators[{index}].value")
        assert cell is not None
        quoted = cell.source.text if cell.source is not None and cell.origin in ("request", "carried") else ""
        why = f"{cell.origin} {cell.change} {cell.formula or quoted or ''}"
        lines.append("- " + "｜".join((row.level2, row.level3, row.value.text, why.strip(), row.basis or "", row.description or "", cell.note or "")))
    lines += [f"? {asked.question}" for asked in made.open_questions]
    # What the rules say is theirs to test; what the drafter finds in the request is said here.
    lines += [f"! {finding.code} {finding.message if finding.code.startswith('Q') else ''}".rstrip() for finding in made.findings]
    lines += [f"~ {gone.text}：{gone.reason}" for gone in made.dropped]
    return "\n".join([*lines, *(f"= {note}" for note in made.trace.notes), ""])


@pytest.mark.parametrize("name", ["continuing", "new"])
def test_drafts_are_as_written(name: str, corpus: Corpus, accept: bool) -> None:
    path = FOLDER / f"{name}.md"
    expected = path.read_text(encoding="utf-8")
    requests = re.findall(r"^## (.+)$", expected, re.MULTILINE)
    found = "\n".join(written(sentence, corpus) for sentence in requests)
    if accept:
        path.write_text(found, encoding="utf-8")
    assert found == (path.read_text(encoding="utf-8"))
