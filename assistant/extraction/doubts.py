"""What recognition of text may have got wrong: cells that it was not sure of, and rates that look like a ≥ taken for 2 or z (also by
somebody else's, long before the file came here). Said, never mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from assistant.chinese import fold, pattern
from assistant.documents import Document
from assistant.extraction import labels, lexicon
from assistant.extraction.wording import one_line
from assistant.table import GoalTable, canonical_level1, canonical_level2
from assistant.taxonomy import LEVEL1_NAMES, LEVEL2_NAMES

# 292% for ≥92%, z95% for ≥95%: a rate cannot be that large, or be written so.
_RATE = pattern(r"[2z](\d{2,3}(?:\.\d+)?)%")
_MAY_EXCEED = pattern(r"(?:增长|增加|提高|提升)(?:率|幅度|比例)?$|倍|投入产出|杠杆|撬动")


def doubtful(document: Document) -> Iterator[str]:
    """A line for each cell of a recognised document that is doubtful, and for levels that are nearly, but not quite, a known one."""
    if not document.source.format.startswith("ocr-"):
        return
    for grid in document.grids():
        for cell in grid.cells:
            text = one_line(cell.text)
            if cell.doubtful:
                shown = f"“{text[:40]}”" if text and "\ufffd" not in text else "有字没有认出的一格"
                yield f"{cell.locator}{shown}识别把握不大，请核对原件。"
            elif known := _nearly(text):
                yield f"{cell.locator}“{text}”可能是“{known}”的误认，请核对原件。"


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    """Labels, heads and levels with one character left out of each place (a gap where it was), and without their last one."""
    words = [f"{name}指标" for name in (*LEVEL1_NAMES, *LEVEL2_NAMES)]
    words += [word for table in (labels.FIELDS, labels.COLUMNS) for group in table.values() for word in group]
    found: dict[str, str] = {}
    for word in sorted(set(map(fold, words)), key=len):
        if len(word) >= 4:
            for i in range(len(word)):
                found.setdefault(f"{word[:i]}\0{word[i + 1 :]}", word)
            found.setdefault(word[:-1], word)
    return found


def _nearly(text: str) -> str | None:
    """The label, head or level that a text is but for one character changed, or its last one dropped; None for any other."""
    word = fold(text).rstrip(":")
    if not 3 <= len(word) <= 16 or lexicon.field(text) or lexicon.column(text) or lexicon.is_group(text):
        return None
    if canonical_level1(text) or canonical_level2(text):
        # 服务对象满意度指 is known all the same; the cut tail shows.
        return _labels().get(word) if word.endswith("指") else None
    known = _labels()
    if word.endswith("指") and word in known:
        return known[word]
    return next((known[gap] for i in range(len(word)) if (gap := f"{word[:i]}\0{word[i + 1 :]}") in known), None)


def slips(tables: Iterable[GoalTable]) -> Iterator[str]:
    """A line for each target that looks like such a slip."""
    for table in tables:
        for i, row in enumerate(table.indicators, 1):
            match = _RATE.fullmatch(fold(row.value.text))
            if match and float(match[1]) <= 100 and not _MAY_EXCEED.search(row.level3):
                name = table.project.name or table.title or "一张表"
                yield f"“{name}”第{i}行指标值“{row.value.text}”可能是“≥{match[1]}%”（≥常被认成2或z），请核对原文。"
