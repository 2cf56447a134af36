"""The engine: the catalogue itself, how rules are chosen, how a report is built."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import assistant.validation as rules
from assistant.errors import InputError
from assistant.extraction.labels import FORMS
from assistant.findings import Finding, Outcome, Report, Severity
from assistant.table import GoalTable, Project
from assistant.validation import RULES, engine, rule, setaside, validate
from assistant.validation.engine import ASPECTS, HEADS, Rule, chosen
from assistant.validation.forms import form_of
from assistant.validation.lexicons import lexicon
from assistant.validation.subjects import uses
from assistant.validation.terms import value_facts

sys.path.insert(0, str(Path(__file__).parent))
from tables import broken_down, good


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


def test_an_old_code_keeps_its_meaning_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = good("托养服务").with_text("budget.fiscal", "1.00")
    written = tmp_path / "基线.json"
    monkeypatch.setattr(rules, "RULES", tuple(replace(each, code="N399") if each.code == "N301" else each for each in RULES))
    before = validate([table])
    written.write_text(setaside.baseline_text(before.findings), encoding="utf-8")
    assert "N399" in {finding.code for finding in before.findings}
    monkeypatch.undo()
    # N399 of those days is N301 today.
    monkeypatch.setitem(engine.REDIRECTS, "N399", "N301")
    assert [each.code for each in chosen(RULES, ["n399"])] == ["N301"] == [rule("N399").code]
    assert [finding.code for finding in validate([table], select=["N399"]).findings] == ["N301"]
    assert "N301" not in {finding.code for finding in validate([table], ignore=["N399"]).findings}
    marked, notes = setaside.against_baseline(validate([table]).findings, setaside.load_baseline(written))
    assert all(finding.waived for finding in marked)
    assert not notes
    waivers = tmp_path / "豁免.toml"
    waivers.write_text('[[waiver]]\ncode = "N399"\nperson = "张三"\nreason = "尾差"\ndate = 2025-03-01\n', encoding="utf-8")
    marked, notes = setaside.waive(validate([table]).findings, setaside.load_waivers(waivers), date(2025, 4, 1))
    assert [finding.code for finding in marked if finding.waived] == ["N301"]
    assert not notes
    assert not set(engine.REDIRECTS) & {each.code for each in RULES}, "旧编号不再用"
    assert set(engine.REDIRECTS.values()) <= {each.code for each in RULES}


def test_a_rule_that_breaks_down_says_so_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(given: object) -> Iterator[engine.Hit]:
        yield engine.Hit("先说一句。")
        raise ZeroDivisionError("坏了")

    table = good("托养服务").with_text("budget.fiscal", "1.00")
    healthy = validate([table])
    for scope in ("table", "file"):
        bad = replace(RULES[0], code="Z000", scope=scope, check=breaks)
        monkeypatch.setattr(rules, "RULES", (bad, *RULES))
        report = validate([table])
        said = [finding for finding in report.findings if finding.code == "Z000"]
        assert [finding.message for finding in said if finding.outcome is Outcome.FAILED] == ["先说一句。"]
        assert ["ZeroDivisionError 坏了" in finding.message for finding in said if finding.outcome is Outcome.UNDECIDED] == [True]
        assert [finding for finding in report.findings if finding.code != "Z000"] == list(healthy.findings)
        assert broken_down(report)
    assert not broken_down(healthy)


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


def test_every_form_that_can_be_read_has_its_own_requirements() -> None:
    assert set(FORMS) <= set(lexicon("forms")["form"])
    assert form_of("hebei-2030").plan == (3, 6, 10, 12), "新版按同省最近的表样"
    assert form_of("某个没见过的表样").required == form_of("generic").required


@pytest.mark.parametrize(
    ("text", "number", "unit", "per"),
    [
        ("每人每月50元", "50", "元/人·月", ("人", "月")),
        ("每户不超过3500元", "3500", "元/户", ("户",)),
        ("人均1500元", "1500", "元/人", ("人",)),
        ("3.5万元每公里", "35000.0", "元/公里", ("公里",)),
        ("≤20.7万", "207000.0", "元", ()),
        ("≤3.5万/公里", "35000.0", "元/公里", ("公里",)),
        ("12000元/人（年）", "12000", "元/人·年", ("人", "年")),
        ("500元/人*月", "500", "元/人·月", ("人", "月")),
        ("小学每人1000元，初中1250元", None, "", ()),
    ],
)
def test_prices_are_read_however_they_are_written(text: str, number: str | None, unit: str, per: tuple[str, ...]) -> None:
    facts = value_facts(text, "", True)
    assert (None if facts.number is None else str(facts.number), facts.unit, facts.per) == (number, unit, per)
    assert facts.text == text


def test_uses_of_funds_are_split_where_they_are_several() -> None:
    def split(text: str) -> list[str]:
        return [use.text for use in uses(text)]

    assert split("用于残疾人就业、培训以及残疾人生活保障。") == ["残疾人就业", "培训", "残疾人生活保障"]
    assert split("用于重度肢体和精神智力残疾人托养服务。") == ["重度肢体和精神智力残疾人托养服务"]
    assert split("用于道路和桥梁维修养护") == ["道路和桥梁维修养护"]
    assert split("用于残疾人基本康复、辅助器具和残疾儿童康复训练及早期干预。") == ["残疾人基本康复", "辅助器具", "残疾儿童康复训练", "早期干预"]
    assert split("通过开展家庭无障碍改造，提高残疾人教育、就业水平。") == ["开展家庭无障碍改造"]
    assert split("主要用于高标准农田建设，包括土地平整、灌溉与排水等工程") == ["高标准农田建设"]
    assert split("项目建设背景较为复杂，涉及多个部门和多个年度，需要统筹考虑各方面因素，并结合当地实际情况逐步推进落实到位并长期坚持下去") == []
