"""Makes ``cases.jsonl``: every past table of the bundled corpus and of the answering suite's offices, left out in turn.

A case is asked by name, money and use alone; its table (and that of the same project in later years) is hidden from the drafter.

python evals/left-out/make_cases.py
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from assistant.chinese import fold, without_document_numbers  # noqa: E402
from assistant.corpus import Corpus, add  # noqa: E402
from assistant.evaluation.left_out import cases as left_out  # noqa: E402

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Write the cases."""
    with tempfile.TemporaryDirectory() as home:
        corpus = Corpus.open(Path(home))
        add(corpus, [ROOT / "evals" / "answering" / "texts"])
        past = corpus.past_tables()
        found = []
        for number, (one, request, target, _) in enumerate(left_out(corpus), 1):
            own = without_document_numbers(one.table.project.name or "")
            same = [
                other
                for other in past
                if other.unit == one.unit
                and (other.year or 0) >= (one.year or 0)
                and fold(without_document_numbers(other.table.project.name or "")) == fold(own)
            ]
            options = {"name": own, "year": one.year, "budget": request.budget, "purpose": request.purpose, "unit": one.unit}
            found.append(
                {
                    "id": f"left-out-{number:02d}-{own[:16]}",
                    "why": f"拿走{one.unit}{one.year}年“{own}”的表：没有它，也要起草得对",
                    "group": one.unit,
                    "input": {"options": options, "this_year": (one.year or 1) - 1},
                    "target": {**target, "table": one.table.model_copy(update={"year": one.year}).model_dump(mode="json")},
                    "tags": ["left-out"],
                    "sources": sorted({f"{Path(other.source.path or '').name}#{other.table.project.name}" for other in same}),
                }
            )
        corpus.close()
    (HERE / "cases.jsonl").write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in found), encoding="utf-8")
    print(len(found))


if __name__ == "__main__":
    main()
