"""PDF files of forms: ruled tables set by reportlab with a Chinese font of the PDF standard, so that nothing need be installed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from tests.office_files import Spot

FONT = "STSong-Light"


def pdf(blocks: Sequence[str | list[Spot]], *, size: tuple[float, float] = (595, 842), repeat: int = 0, dress: Any = None, **options: Any) -> bytes:
    """Paragraphs and ruled tables one after another; tables break over pages, ``repeat`` head rows are repeated there, ``dress`` draws each page's
    head and foot."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = ParagraphStyle("body", fontName=FONT, fontSize=10.5, leading=14, wordWrap="CJK")
    out = io.BytesIO()
    page = SimpleDocTemplate(out, pagesize=size, leftMargin=60, rightMargin=60, topMargin=60, bottomMargin=60, **options)
    story: list[Any] = []
    for block in blocks:
        if isinstance(block, str):
            story.append(Paragraph(_marked(block), style))
            continue
        rows, columns = max(s.row + s.row_span for s in block), max(s.column + s.column_span for s in block)
        cells: list[list[Any]] = [[""] * columns for _ in range(rows)]
        commands: list[tuple[Any, ...]] = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        for spot in block:
            cells[spot.row][spot.column] = [Paragraph(_marked(line), style) for line in spot.text.split("\n")]
            if spot.row_span * spot.column_span > 1:
                commands.append(("SPAN", (spot.column, spot.row), (spot.column + spot.column_span - 1, spot.row + spot.row_span - 1)))
        story.append(Table(cells, colWidths=[(size[0] - 120) / columns] * columns, style=commands, repeatRows=repeat, splitByRow=1))
        story.append(Spacer(1, 12))
    page.build(story, **({"onFirstPage": dress, "onLaterPages": dress} if dress else {}))
    return out.getvalue()


def _marked(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
