"""The form as one self-contained HTML page: real row and column spans, nothing fetched from anywhere, ready to print on A4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from string import Template

from assistant import taxonomy
from assistant.export.layout import FormBlock, FormCell, PrintedForm
from assistant.export.outline import PART_ONE, PART_TWO, Line, Whole
from assistant.export.word import part


def html(whole: Whole) -> bytes:
    """The document as the bytes of an .html file (UTF-8)."""
    body = "\n".join(_body(whole))
    return Template(part("page.html")).substitute(title=escape(whole.title), body=body).encode("utf-8")


def _body(whole: Whole) -> Iterator[str]:
    if whole.cover:
        yield f'<header class="cover">{"".join(f"<p>{escape(line)}</p>" for line in whole.cover[:-1])}<h1>{escape(whole.cover[-1])}</h1></header>'
    if whole.lines:
        yield f'<h1 class="part">{PART_ONE}</h1>'
        yield from (_line(line) for line in whole.lines)
        if whole.forms:
            yield f'<h1 class="part">{PART_TWO}</h1>'
    for form in whole.forms:
        yield from _form(form)


def _line(line: Line) -> str:
    if line.level:
        return f"<h{line.level}>{_text(line.text)}</h{line.level}>"
    lead = f"<b>{_text(line.lead)}</b>" if line.lead else ""
    return f"<p>{lead}{_text(line.text[len(line.lead) :])}</p>"


def _form(form: PrintedForm) -> Iterator[str]:
    yield f'<section class="form"><h2>{_text(form.heading)}</h2>'
    if form.year:
        yield f'<p class="year">{_text(form.year)}</p>'
    for block, name in zip(form.blocks, ("header", "indicators"), strict=True):
        yield f'<table class="{name}">{_columns(block)}'
        yield "<thead>" + "".join(_row(block, row, "th" if name == "indicators" else "td") for row in block.rows[: block.head]) + "</thead>"
        yield "<tbody>" + "\n".join(_row(block, row, "td") for row in block.rows[block.head :]) + "</tbody></table>"
    yield "</section>"


def _columns(block: FormBlock) -> str:
    widths = (right - left for left, right in zip(block.edges, block.edges[1:], strict=False))
    return "<colgroup>" + "".join(f'<col style="width:{width / 10:g}%">' for width in widths) + "</colgroup>"


def _row(block: FormBlock, row: Sequence[FormCell], tag: str) -> str:
    cells = []
    for cell in row:
        if not cell.rows:
            continue
        _, span = block.columns(cell)
        spans = (f' colspan="{span}"' if span > 1 else "") + (f' rowspan="{cell.rows}"' if cell.rows > 1 else "")
        classes = f' class="{cell.kind}{" open" if cell.open else ""}"'
        cells.append(f"<{tag}{spans}{classes}>{_text(cell.text)}</{tag}>")
    return f"<tr>{''.join(cells)}</tr>"


def _text(text: str) -> str:
    return escape(text).replace(taxonomy.OPEN_VALUE, f"<mark>{taxonomy.OPEN_VALUE}</mark>").replace("\n", "<br>")
