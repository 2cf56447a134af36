"""A hundred tables of other offices and provinces, written as a careful officer would: nothing is found in them; and the same tables broken as
strangers break them (``rules/offices/broken.md``): each defect is found by a rule meant for it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from assistant.findings import Outcome
from assistant.validation import validate

sys.path.insert(0, str(Path(__file__).parent))
from tables import parse

HERE = Path(__file__).parent / "rules" / "offices"


def _blocks() -> dict[str, str]:
    found = {}
    for path in sorted(HERE.glob("*.table")):
        for block in re.split(r"(?m)^---+\s*$", path.read_text(encoding="utf-8")):
            found[re.search(r"(?m)^项目 (.*)$", block)[1]] = block.strip() + "\n"  # type: ignore[index]
    return found


BLOCKS = _blocks()


def _broken() -> list[tuple[str, set[str], str]]:
    cases = []
    for part in re.split(r"(?m)^## ", (HERE / "broken.md").read_text(encoding="utf-8"))[1:]:
        head, *lines = part.strip().splitlines()
        label, codes, project = (piece.strip() for piece in head.split(" | "))
        (name,) = [name for name in BLOCKS if project in name]
        block = BLOCKS[name]
        for line in lines:
            if line.startswith("+ "):
                block += line[2:] + "\n"
                continue
            old, new = (side.replace("\\n", "\n") for side in line.split(" => "))
            old, new = (old + "\n", "") if new == "删" else (old, new)
            assert old in block, (label, old)
            block = block.replace(old, new, 1)
        cases.append((label, set(codes.split()), block))
    return cases


@pytest.mark.parametrize("name", BLOCKS)
def test_a_careful_table_is_left_in_peace(name: str) -> None:
    tables, part = parse(BLOCKS[name])
    # A line 提示 names the advice that is right all the same.
    allowed = re.findall(r"(?m)^# 提示 (.*)$", BLOCKS[name])
    report = validate(tables, department=part)
    assert not [(one.code, one.message) for one in report.findings if one.code not in " ".join(allowed)]
    assert report.grade == "优"


@pytest.mark.parametrize(("label", "codes", "block"), [pytest.param(*case, id=case[0]) for case in _broken()])
def test_a_strangers_defect_is_found(label: str, codes: set[str], block: str) -> None:
    tables, part = parse(block)
    found = {one.code for one in validate(tables, department=part).findings if one.outcome is Outcome.FAILED}
    assert codes & found, (label, found)


def test_there_are_enough_of_both() -> None:
    assert len(BLOCKS) >= 140
    assert len(_broken()) >= 220
