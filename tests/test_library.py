"""The data a finance officer edits: every file parses, every type can make a table, no place's number is presented as a norm."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from assistant.chinese import fold
from assistant.library import ProjectType, general_rows, glossary, project_types, replacements, slang
from assistant.resources import bundled
from assistant.table import canonical_level2
from assistant.target import Target

TYPES = project_types()


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.code)
def test_type_can_make_a_table(kind: ProjectType) -> None:
    assert 8 <= len(kind.rows) <= 14
    assert len({row.name for row in kind.rows}) == len(kind.rows)
    uses = {row.use for row in kind.rows}
    assert uses <= {"必备", "每项用途", "单价", "总成本", "可选"}
    assert "每项用途" in uses
    assert uses & {"单价", "总成本"}
    covered = {canonical_level2(row.level2) for row in kind.rows}
    assert {"数量指标", "质量指标", "时效指标", "成本指标"} <= covered
    assert covered & {"社会效益指标", "经济效益指标", "生态效益指标", "可持续影响指标"}
    if kind.public:
        assert "服务对象满意度指标" in covered


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.code)
def test_rows_define_and_take_no_places_number(kind: ProjectType) -> None:
    for row in kind.rows:
        assert fold(row.description) != fold(row.name), row.name
        assert len(row.description) >= 8, row.name
        assert row.comparator in {"≥", "≤", "="}, row.name
        if row.customary is not None:
            # Only rates, scores and zero-event counts are customary everywhere.
            assert row.unit in {"%", "分", "天"} or row.customary == 0, row.name
            assert 0 <= row.customary <= Decimal(100) or row.unit == "天", row.name
        if row.unit != "日期":
            assert Target.parse(f"{row.comparator}1{row.unit}").kind == "quant", row.unit


def test_enough_types_terms_and_replacements() -> None:
    assert len(TYPES) >= 25
    assert len(glossary()) >= 140
    assert len(slang()) >= 60
    assert len(replacements()) >= 40
    assert general_rows()


def test_every_policy_says_what_it_is_and_how_sure() -> None:
    files = sorted((bundled("corpus") / "policies").glob("*.md"))
    assert len(files) >= 15
    for path in files:
        _, head, body = path.read_text(encoding="utf-8").split("+++", 2)
        front = tomllib.loads(head)
        assert front["title"], path.name
        assert front["certainty"] in {"核对", "部分核对", "凭记忆"}, path.name
        sections = body.split("\n## ")[1:]
        assert sections, path.name
        assert all(60 <= len(section) <= 800 for section in sections), path.name
