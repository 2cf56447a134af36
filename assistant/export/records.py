"""The tables as JSON, in the shape of ``assistant read --json`` (one document's ``department`` and ``tables``)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from assistant.table import DepartmentGoals, GoalTable

_SURROGATE = re.compile("[\ud800-\udfff]")


def records(tables: Sequence[GoalTable], department: DepartmentGoals | None = None) -> bytes:
    """The bytes of a .json file. Texts are whole; only what UTF-8 cannot hold (lone surrogates) is taken out."""
    content = {
        "department": department.model_dump(mode="json") if department else None,
        "tables": [table.model_dump(mode="json") for table in tables],
    }
    return (_SURROGATE.sub("", json.dumps(content, ensure_ascii=False, indent=2)) + "\n").encode("utf-8")


def tables_of(content: Any) -> tuple[list[GoalTable], DepartmentGoals | None]:
    """The tables and part 1 in what such a file holds; ValueError when it is another kind of file."""
    if not isinstance(content, dict) or not isinstance(content.get("tables"), list):
        raise ValueError("no tables")
    department = content.get("department")
    return [GoalTable.model_validate(table) for table in content["tables"]], DepartmentGoals.model_validate(department) if department else None
