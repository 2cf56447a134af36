"""Doubts about recognised text, said aloud and never mended: cells the recognition was not sure of, and ≥ that was taken for 2 or z."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.chinese import fold
from assistant.documents import Grid
from assistant.extraction.wording import one_line
from assistant.table import GoalTable

# 292% for ≥92%, z95% for ≥95%: a rate cannot be that large, or be written so.
_RATE = re.compile(r"[2z](\d{2,3}(?:\.\d+)?)%")
_NUMBER = re.compile(r"2(\d{2,})(\D*)")
_MAY_EXCEED = re.compile(r"(?:增长|增加|提高|提升)(?:率|幅度|比例)?$|倍|投入产出|杠杆|撬动")
_MOST_SHOWN = 30


def doubtful_cells(grids: Sequence[Grid]) -> Iterator[str]:
    """A line for each cell that recognition was not sure of; a count for those beyond the first thirty."""
    cells = [cell for grid in grids for cell in grid.cells if cell.doubtful and cell.text.strip()]
    for cell in cells[:_MOST_SHOWN]:
        yield f"{cell.locator}“{one_line(cell.text)[:40]}”识别把握不大，请对照原件核对。"
    if len(cells) > _MOST_SHOWN:
        yield f"另有{len(cells) - _MOST_SHOWN}格识别把握不大，请对照原件核对。"


def slips(tables: Iterable[GoalTable], *, recognised: bool) -> Iterator[str]:
    """Targets that look like a ≥ taken for a digit or letter. ``recognised`` = the text came from a picture, so bare numbers count too."""
    for table in tables:
        signed = sum(1 for row in table.indicators if row.value.comparator)
        for i, row in enumerate(table.indicators, 1):
            folded = fold(row.value.text)
            match = _RATE.fullmatch(folded)
            if match and float(match[1]) <= 100 and not _MAY_EXCEED.search(row.level3):
                meant = f"≥{match[1]}%"
            elif recognised and row.value.comparator is None and signed * 2 > len(table.indicators) and (match := _NUMBER.fullmatch(folded)):
                meant = f"≥{match[1]}{match[2]}"
            else:
                continue
            name = table.project.name or table.title or "一张表"
            yield f"“{name}”第{i}行指标值“{row.value.text}”可能是“{meant}”（≥常被认成2或z），请核对原文。"
