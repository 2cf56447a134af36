"""Rates that look like a ≥ taken for 2 or z by somebody's text recognition long before the file came here: said, never mended.

What our own recognition doubts is said by ``documents.ocr``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.chinese import fold, pattern
from assistant.table import GoalTable

# 292% for ≥92%, z95% for ≥95%: a rate cannot be that large, or be written so.
_RATE = pattern(r"[2z](\d{2,3}(?:\.\d+)?)%")
_MAY_EXCEED = pattern(r"(?:增长|增加|提高|提升)(?:率|幅度|比例)?$|倍|投入产出|杠杆|撬动")


def slips(tables: Iterable[GoalTable]) -> Iterator[str]:
    """A line for each target that looks like such a slip."""
    for table in tables:
        for i, row in enumerate(table.indicators, 1):
            match = _RATE.fullmatch(fold(row.value.text))
            if match and float(match[1]) <= 100 and not _MAY_EXCEED.search(row.level3):
                name = table.project.name or table.title or "一张表"
                yield f"“{name}”第{i}行指标值“{row.value.text}”可能是“≥{match[1]}%”（≥常被认成2或z），请核对原文。"
