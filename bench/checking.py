"""Checking: goal tables a second in memory beside jsonschema's check of the same tables' shape, and the command beside its own ``--help``.

The tables are the good ones of the tests in twenty variants each (other places, other numbers), judged in files of ten as an office's tables
come, so that no text but the customary wording is met twice. jsonschema checks types and required fields only; what is compared is the price
of all rules against the price of a mere look at the shape.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.line import ROOT, Line, command, processor

SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
VARIANTS = 20


def tables() -> list[object]:
    """A thousand and more goal tables, no two with the same name, use, goals or values."""
    sys.path.insert(0, str(ROOT / "tests"))
    from tables import parse

    from assistant.target import Target

    good = []
    for path in sorted([*(ROOT / "tests" / "rules" / "good").glob("*.table"), *(ROOT / "tests" / "rules" / "offices").glob("*.table")]):
        good += parse(path.read_text(encoding="utf-8"))[0]
    made: list[object] = []
    for i in range(VARIANTS):
        place = f"{'东西南北中'[i % 5]}{'山河湖川原'[i // 5 % 5]}镇"
        for table in good:
            rows = tuple(
                row.model_copy(update={"value": Target.parse(row.value.text.replace(f"{row.value.number}", f"{row.value.number + i}"))})
                if row.type == "数量指标" and row.value.number
                else row.model_copy(update={"description": f"{place}{row.description}" if row.description else None})
                for row in table.indicators
            )
            made.append(
                table.model_copy(
                    update={
                        "project": table.project.model_copy(update={"name": f"{place}{table.project.name}"}),
                        "purpose": f"{table.purpose}涉及{place}。" if table.purpose else None,
                        "goals": tuple(f"{place}：{goal}" for goal in table.goals),
                        "indicators": rows,
                    }
                )
            )
    return made


def lines() -> Iterator[Line]:
    """Tables a second, and the command from cold."""
    from assistant.table import GoalTable
    from assistant.validation import validate

    made = tables()
    groups = [made[i : i + 10] for i in range(0, len(made), 10)]
    validate(groups[0])

    def judge() -> None:
        for group in groups:
            validate(group)

    first = processor(judge, 1)
    again = processor(judge, 5)
    try:
        import jsonschema

        checker = jsonschema.Draft202012Validator(GoalTable.model_json_schema(mode="serialization"))
        records = [table.model_dump(mode="json") for table in made]
        theirs = len(made) / processor(lambda: [list(checker.iter_errors(record)) for record in records], 3)
        note = f"{len(made)} tables, every text new"
    except ImportError:
        theirs, note = None, "jsonschema is not installed"
    yield Line("tables checked a second, in memory", len(made) / first, "tables/s", "jsonschema, shape only", theirs, at_least=3000, note=note)
    yield Line("tables checked a second, the same again", len(made) / again, "tables/s", "jsonschema, shape only", theirs, at_least=3000)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command(["validate", SEED], home=home, rounds=1)
        ours, helps = [], []
        for _ in range(9):
            ours.append(command(["validate", SEED], home=home, rounds=1))
            helps.append(command(["--help"], home=home, rounds=1))
        yield Line("validate a ten-table text, cold", statistics.median(ours), "s", "assistant --help", statistics.median(helps), ratio_at_most=2.5)
