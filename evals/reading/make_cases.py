"""Makes ``cases-forms.jsonl`` and ``forms/``: every known look of a province's form, as a web page, and read from Word, Excel and web.

python evals/reading/make_cases.py
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from assistant.evaluation.paper import written  # noqa: E402
from tests.forms import LAYOUTS, Facts, document  # noqa: E402

HERE = Path(__file__).resolve().parent
WHY = {"docx": "写在 Word 里", "xlsx": "写在 Excel 里", "html": "写在网页里"}
SEED = 11


def main() -> None:
    """Write the forms and the cases."""
    shutil.rmtree(HERE / "forms", ignore_errors=True)
    (HERE / "forms").mkdir()
    cases = []
    for name, layout in LAYOUTS.items():
        form = layout(Facts(SEED))
        file = f"forms/{name}.html"
        (HERE / file).write_bytes(written(document(form), "html"))
        tables = [table.model_dump(mode="json") for table in form.tables]
        for via, why in WHY.items():
            cases.append(
                {
                    "id": f"reading-form-{name}-{via}",
                    "why": f"“{name}”样式的表{why}，合并、分列、级次的写法各异，逐格不差",
                    "group": name,
                    "input": {"text": file, "via": via},
                    "target": {"tables": tables},
                    "tags": ["form", via],
                }
            )
    (HERE / "cases-forms.jsonl").write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases), encoding="utf-8")
    print(len(cases))


if __name__ == "__main__":
    main()
