"""What a right answer is: the same verdict for the suite, the benchmarks and the tests.

Target: ``answerable``; ``contains`` (each a text or a list of alternatives), ``forbid`` (texts that must not stand there), ``cells`` (each
``project#address``, any one of which must be cited).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.chinese import fold


def right(target: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether an answer (``ask --json``) is right for a target, and why not."""
    if not target.get("answerable", True):
        refused = not answer["answered"]
        return refused, "" if refused else f"硬答了：{answer['answer'][:80]}"
    text = fold(answer["answer"])
    missing = [item for item in target.get("contains", []) if not any(fold(word) in text for word in ([item] if isinstance(item, str) else item))]
    wrong = [word for word in target.get("forbid", []) if fold(word) in text]
    if not answer["answered"]:
        return False, "没有答"
    said = f"缺：{'、'.join(one if isinstance(one, str) else '或'.join(one) for one in missing)}" if missing else f"多：{'、'.join(wrong)}" if wrong else ""
    return not said, said


def cited(target: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[bool, str] | None:
    """Whether one of the right cells was cited, and what was instead; None where the target names no cell."""
    cells = {fold(cell) for cell in target.get("cells", [])}
    if not cells:
        return None
    found = {fold(f"{each['project'] or ''}#{each['cell'] or ''}") for each in answer["citations"]}
    return (True, "") if cells & found else (False, f"引的是{'、'.join(sorted(found)[:2]) or '空'}")
