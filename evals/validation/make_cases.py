"""Makes ``cases.jsonl``: good tables that must stay without errors, and one broken copy for each named mutation.

python evals/validation/make_cases.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tests import mutations, tables  # noqa: E402

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Write the cases."""
    good = [(name, tables.good(name)) for name in tables.good_names()]
    cases = [
        {
            "id": f"validation-good-{name}",
            "why": "好表不能报错误",
            "group": name,
            "input": {"table": table.model_dump(mode="json")},
            "target": {"silent": True},
            "tags": ["good"],
        }
        for name, table in good
    ]
    seen: set[str] = set()
    for mutation, original, broken in mutations.broken([table for _, table in good]):
        if mutation.name in seen:
            continue
        seen.add(mutation.name)
        group = next(name for name, table in good if table == original)
        cases.append(
            {
                "id": f"validation-{mutation.name}",
                "why": f"改坏：{mutation.name}",
                "group": group,
                "input": {"table": broken.model_dump(mode="json")},
                "target": {"codes": [mutation.code]},
                "tags": ["mutation"],
            }
        )
    (HERE / "cases.jsonl").write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")
    print(len(cases))


if __name__ == "__main__":
    main()
