"""What makes the program start quickly, held to be right: commands loaded one by one, values built without validation, lazy patterns."""

from __future__ import annotations

import re

import pytest
import typer
from typer.main import get_command

from assistant.chinese import pattern
from assistant.cli.app import GROUPS, Application, app
from assistant.documents.readers import read
from assistant.extraction import extract
from assistant.findings import Fix, Report
from assistant.table import DepartmentGoals, GoalTable
from assistant.validation import validate
from tests.samples import SEED


@pytest.mark.parametrize("module", GROUPS)
def test_a_module_brings_the_commands_it_is_listed_with(module: str) -> None:
    group = get_command(app)
    assert isinstance(group, Application)
    group.load([module])
    assert tuple(group.commands) == GROUPS[module]


def test_one_command_loads_one_module_and_an_unknown_one_is_none() -> None:
    group = get_command(app)
    assert isinstance(group, Application)
    context = typer.Context(group)
    assert group.get_command(context, "rules") is not None
    assert tuple(group.commands) == GROUPS["validating"]
    assert group.get_command(context, "no-such-command") is None
    assert group.list_commands(context) == [name for names in GROUPS.values() for name in names]


def test_tables_built_from_parts_are_what_validation_would_make() -> None:
    found = extract(read(SEED))
    assert found.department is not None
    for table in found.tables:
        again = GoalTable.model_validate(table.model_dump())
        assert again == table
        assert again.model_dump() == table.model_dump()
        assert GoalTable.model_validate_json(table.model_dump_json()) == table
    assert DepartmentGoals.model_validate(found.department.model_dump()) == found.department
    report = validate(found.tables, department=found.department, file="a.txt")
    assert report.findings
    assert Report.model_validate(report.model_dump()) == report
    assert Report.model_validate(report.model_dump()).summary.model_dump() == report.summary.model_dump()
    assert Fix.of(safe=True, to="≥1") == Fix(safe=True, to="≥1")


def test_a_pattern_compiles_when_asked_and_then_answers_like_the_compiled_one() -> None:
    late, now = pattern(r"(\d+)(人|户)", re.ASCII), re.compile(r"(\d+)(人|户)", re.ASCII)
    assert vars(late).keys() == {"_source"}
    text = "12人和3户"
    assert late.findall(text) == now.findall(text)
    assert late.sub(r"\2\1", text) == now.sub(r"\2\1", text)
    assert late.split(text) == now.split(text)
    assert late.fullmatch("5人")
    assert not late.fullmatch(text)
    assert late.pattern == now.pattern
    with pytest.raises(re.error):
        pattern("(").search("")
