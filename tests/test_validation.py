"""The engine: the catalogue itself, how rules are chosen, how a report is built."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from assistant.errors import InputError
from assistant.findings import Finding, Report, Severity
from assistant.table import GoalTable, Project
from assistant.validation import RULES, rule, validate
from assistant.validation.engine import ASPECTS, HEADS, Rule, chosen


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.code)
def test_rule_is_documented(each: Rule) -> None:
    assert re.fullmatch(r"[A-Z]\d{3}", each.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", each.name)
    assert each.aspect in ASPECTS
    assert set(HEADS) <= set(each.sections), "查什么、为什么、反例、正例、依据"
    assert all(each.sections.values())
    assert each.basis == each.sections["依据"]
    assert each.title
    assert "：" not in each.title


def test_codes_and_names_are_unique_and_families_stand_together() -> None:
    assert max(Counter(each.code for each in RULES).values()) == 1
    assert max(Counter(each.name for each in RULES).values()) == 1
    families = [each.code[0] for each in RULES]
    assert [family for i, family in enumerate(families) if i == 0 or families[i - 1] != family] == list(dict.fromkeys(families))
    assert [each.code for each in RULES] == [code for family in dict.fromkeys(families) for code in sorted(c.code for c in RULES if c.code[0] == family)]


def test_rules_are_chosen_by_code_family_name_and_aspect() -> None:
    assert [each.code for each in chosen(RULES, ["N301"])] == ["N301"]
    assert {each.code[0] for each in chosen(RULES, ["N"])} == {"N"}
    assert [each.code for each in chosen(RULES, ["budget-sum"])] == ["N301"]
    assert {each.aspect for each in chosen(RULES, ["完整性"])} == {"完整性"}
    assert "N301" not in {each.code for each in chosen(RULES, ["N"], ["N301"])}
    assert [each.code for each in chosen(RULES, ["Z999"], redirects={"Z999": "N301"})] == ["N301"]


def test_an_unknown_rule_is_named_with_its_neighbours() -> None:
    with pytest.raises(InputError) as raised:
        chosen(RULES, ["N3O1"])
    assert "N301" in raised.value.hint
    assert rule("n301").name == "budget-sum"


def test_an_empty_table_fails_but_does_not_raise() -> None:
    report = validate([GoalTable(project=Project(name="道路养护"))])
    assert report.exit_code() == 1
    assert {finding.code for finding in report.findings if finding.severity is Severity.ERROR} >= {"F101", "F102"}
    assert validate([]).exit_code() == 0


def test_findings_are_what_the_type_says() -> None:
    report = validate([GoalTable(project=Project(name="道路养护"), purpose="用于培训。。", form="hebei-2025")], file="a.docx")
    assert len(report.findings) > 3
    for finding in report.findings:
        assert Finding.model_validate(finding.model_dump()) == finding
        assert finding == finding.model_copy()
        assert set(finding.model_dump()) == set(Finding.model_fields)
    assert report == Report.model_validate_json(report.model_dump_json())
