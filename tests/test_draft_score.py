"""The draft score and the independent check of sources, on drafts, on a copied table, and on forged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.corpus import Corpus
from assistant.draft import Draft
from assistant.drafting.embedded import draft
from assistant.drafting.request import understand
from assistant.evaluation import draft_score, left_out
from assistant.evaluation.sourcing import unsourced

CASES = [json.loads(line) for line in (Path(__file__).resolve().parent.parent / "evals" / "drafting" / "cases.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


def drafted(case: dict[str, Any], corpus: Corpus) -> Draft:
    return draft(understand(case["input"].get("sentence"), this_year=2025, **case["input"]["options"]), corpus)


def test_every_group_is_above_its_bar_and_clearly_above_copying(corpus: Corpus) -> None:
    scores: dict[str, list[float]] = {}
    copies: dict[str, list[float]] = {}
    past = corpus.past_tables()
    for case in CASES:
        made = drafted(case, corpus)
        parts = draft_score.score(case["target"], made, corpus)
        copy = draft_score.score(case["target"], draft_score.copied(made.request, past), corpus)
        scores.setdefault(case["tags"][0], []).append(draft_score.total(parts))
        copies.setdefault(case["tags"][0], []).append(draft_score.total(copy))
        assert parts["sourced"].value == 1, (case["id"], parts["sourced"].reason)
        assert parts["clean"].value > 0, (case["id"], parts["clean"].reason)
        if "conflict" in case["target"]:
            assert parts["numbers"].value > 0, (case["id"], parts["numbers"].reason)
    everything = [value for values in scores.values() for value in values]
    assert len(everything) >= 30
    assert sum(everything) / len(everything) >= 90
    for group, values in scores.items():
        assert sum(values) / len(values) >= 85, group
        assert sum(values) / len(values) >= sum(copies[group]) / len(copies[group]) + 20, group


def test_weights_are_a_hundred() -> None:
    assert sum(draft_score.WEIGHTS.values()) == 100


def changed(made: Draft, cell: str, text: str) -> Draft:
    return made.model_copy(update={"table": made.table.with_text(cell, text)})


def test_a_number_from_nowhere_is_found(corpus: Corpus) -> None:
    made = drafted(CASES[0], corpus)
    assert unsourced(made, corpus) == []
    index = next(i for i, row in enumerate(made.table.indicators) if row.level3 == "残疾人生活保障人数")
    assert [one.cell for one in unsourced(changed(made, f"indicators[{index}].value", "≥321人"), corpus)] == [f"indicators[{index}].value"]
    assert unsourced(changed(made, "indicators[0].value", "≥56人"), corpus)
    assert unsourced(changed(made, "goals[0]", "全年培训77人。"), corpus)


def test_a_false_citation_and_wrong_arithmetic_are_found(corpus: Corpus) -> None:
    case = next(case for case in CASES if case["id"] == "drafting-c05")
    made = drafted(case, corpus)
    assert unsourced(made, corpus) == []
    entries = {entry.cell: entry for entry in made.provenance}
    quantity = entries["indicators[0].value"]
    assert quantity.formula is not None
    wrong = quantity.model_copy(update={"formula": quantity.formula.replace("≈20人", "≈25人")})
    forged = changed(made, "indicators[0].value", "≥25人")
    forged = forged.model_copy(update={"provenance": tuple(wrong if entry.cell == wrong.cell else entry for entry in forged.provenance)})
    assert unsourced(forged, corpus)
    satisfaction = next(entry for entry in made.provenance if entry.origin == "carried" and entry.cell.endswith(".value") and entry.source is not None)
    assert satisfaction.source is not None
    false = satisfaction.model_copy(update={"source": satisfaction.source.model_copy(update={"text": "≥99%"})})
    lied = changed(made, satisfaction.cell, "≥99%")
    lied = lied.model_copy(update={"provenance": tuple(false if entry.cell == false.cell else entry for entry in lied.provenance)})
    assert [one.cell for one in unsourced(lied, corpus)] == [satisfaction.cell]


def test_what_is_wrong_costs_points(corpus: Corpus) -> None:
    case = CASES[0]
    made = drafted(case, corpus)
    whole = draft_score.score(case["target"], made, corpus)
    bare = made.model_copy(update={"table": made.table.model_copy(update={"indicators": made.table.indicators[:2]})})
    fewer = draft_score.score(case["target"], bare, corpus)
    assert fewer["levels"].value < whole["levels"].value
    assert "成本" in fewer["levels"].reason
    assert draft_score.total(fewer) < draft_score.total(whole)
    vague = changed(made, "indicators[3].value", "达到标准")
    parts = draft_score.score(case["target"], vague, corpus)
    assert parts["measurable"].value < 1
    assert parts["form"].value < 1


def test_every_past_table_left_out_is_drafted_well_without_it(corpus: Corpus) -> None:
    scores = left_out.scores(corpus, lambda request, rest: draft(request, rest))
    copies = left_out.scores(corpus, lambda request, rest: draft_score.copied(request, rest.past_tables()))
    assert len(scores) == 10
    for name, parts in scores:
        assert draft_score.total(parts) >= 85, (name, {part: one.reason for part, one in parts.items()})
        assert parts["sourced"].value == 1, name
    assert sum(draft_score.total(parts) for _, parts in scores) >= sum(draft_score.total(parts) for _, parts in copies) + 200
