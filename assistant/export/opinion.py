"""绩效目标审核意见表 as a Word file: what was found by aspect, how each finding was dealt with, who decided what, who signed.

Draws a sheet that is given complete; the review decides what stands in it. Levels that have not signed get an empty line for a pen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.export.characters import clean
from assistant.export.forms import WIDTH
from assistant.export.layout import FormBlock, FormCell, Kind
from assistant.export.word import document, grid, package, paragraph

TITLE = "预算项目绩效目标审核意见表"
_PAGE = (
    '<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1701" w:right="1474" w:bottom="1701" w:left="1588" w:header="851" w:footer="1134" w:gutter="0"/></w:sectPr>'
)
_GAP = '<w:p><w:pPr><w:pStyle w:val="FormGap"/></w:pPr></w:p>'


@dataclass(slots=True, frozen=True)
class OpinionSheet:
    """What an opinion sheet says, every text ready to print.

    ``head`` are pairs of label and text (two pairs a row); ``aspects`` rows of aspect, what is asked, counts, opinion; ``findings`` rows of
    place, finding with basis, treatment; ``decisions`` rows of time, person, act, place, change with reason; ``signatures`` rows of
    level, name, time, remark; ``remarks`` lines under it all.
    """

    head: tuple[tuple[str, str], ...]
    aspects: tuple[tuple[str, str, str, str], ...]
    findings: tuple[tuple[str, str, str], ...]
    decisions: tuple[tuple[str, str, str, str, str], ...]
    signatures: tuple[tuple[str, str, str, str], ...]
    remarks: tuple[str, ...] = ()


def write_opinion_sheet(path: Path, sheet: OpinionSheet) -> None:
    """Write the sheet as a .docx file, whole or not at all. WorkspaceError when the place cannot be written."""
    from assistant import workspace

    workspace.write(path, opinion_sheet(sheet))


def opinion_sheet(sheet: OpinionSheet) -> bytes:
    """The bytes of the Word file; the same sheet gives the same bytes."""
    numbered = [(str(i), *row) for i, row in enumerate(sheet.findings, start=1)]
    body = [
        paragraph(TITLE, "FormHeading"),
        _head(sheet.head),
        _section("一、审核意见"),
        _table((0, 110, 400, 640, WIDTH), ("方面", "审核内容", "问题", "意见"), sheet.aspects, ("label", "left", "center", "left")),
        _section("二、问题及处理"),
        _table((0, 70, 280, 760, WIDTH), ("序号", "位置", "问题和依据", "处理"), numbered, ("center", "center", "left", "left")),
        _section("三、审核记录"),
        _table((0, 165, 270, 365, 570, WIDTH), ("时间", "审核人", "决定", "位置", "内容变化和原因"), sheet.decisions, ("center",) * 4 + ("left",)),
        _section("四、签字"),
        _table((0, 200, 420, 640, WIDTH), ("级别", "签字", "时间", "说明"), sheet.signatures, ("label", "center", "center", "left"), tall=True),
        *(paragraph(clean(line), "FormRemark") for line in sheet.remarks),
        _GAP,
        _PAGE,
    ]
    return package(document("".join(body)), title=TITLE)


def _section(text: str) -> str:
    return paragraph(text, "Heading3")


def _head(pairs: Sequence[tuple[str, str]]) -> str:
    edges = (0, 150, 560, 690, WIDTH)
    rows = []
    for start in range(0, len(pairs), 2):
        cells: list[FormCell] = []
        for column, (label, text) in enumerate(pairs[start : start + 2]):
            left, middle, right = edges[2 * column], edges[2 * column + 1], edges[2 * column + 2]
            if column == 0 and start + 1 == len(pairs):
                right = WIDTH
            cells += [FormCell(label, left, middle, kind="label"), FormCell(clean(text), middle, right, kind="left")]
        rows.append(tuple(cells))
    return grid(FormBlock(tuple(rows), 0, edges), "opinion")


def _table(edges: tuple[int, ...], heads: Sequence[str], rows: Sequence[Sequence[str]], kinds: Sequence[Kind], *, tall: bool = False) -> str:
    made = [tuple(FormCell(text, left, right) for text, left, right in zip(heads, edges, edges[1:], strict=False))]
    for row in rows:
        texts = [clean(text) + ("\n" if tall and not text else "") for text in row]
        made.append(tuple(FormCell(text, left, right, kind=kind) for text, left, right, kind in zip(texts, edges, edges[1:], kinds, strict=False)))
    if not rows:
        made.append((FormCell("无", 0, WIDTH),))
    return grid(FormBlock(tuple(made), 1, edges), "indicators")
