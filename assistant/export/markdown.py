"""The form as Markdown: pipe tables that every viewer draws; merged level names are repeated, because Markdown knows no spans."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.export.layout import FormBlock, PrintedForm
from assistant.export.outline import PART_ONE, PART_TWO, Whole

# Signs that Markdown or a viewer's HTML would take for its own.
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
_LEAD = re.compile(r"^([+\-=])")


def markdown(whole: Whole) -> bytes:
    """The document as the bytes of a .md file (UTF-8)."""
    return ("\n".join(_lines(whole)) + "\n").encode("utf-8")


def _lines(whole: Whole) -> Iterator[str]:
    if whole.cover:
        yield f"# {escaped(''.join(whole.cover))}\n"
    if whole.lines:
        yield f"# {PART_ONE}\n"
        for line in whole.lines:
            yield f"{'#' * line.level} {escaped(line.text)}\n" if line.level else f"{escaped(line.text)}\n"
        if whole.forms:
            yield f"# {PART_TWO}\n"
    for form in whole.forms:
        yield from _form(form)


def _form(form: PrintedForm) -> Iterator[str]:
    yield f"## {escaped(form.heading)}\n"
    if form.year:
        yield f"{escaped(form.year)}\n"
    yield from _table(form.header, repeat=False)
    yield ""
    yield from _table(form.indicators, repeat=True)
    yield ""


def _table(block: FormBlock, *, repeat: bool) -> Iterator[str]:
    width = max(map(len, block.rows))
    above: dict[int, str] = {}
    for i, row in enumerate(block.rows):
        texts = []
        for cell in row:
            if cell.rows:
                above[cell.left] = cell.text
            texts.append(escaped(cell.text if cell.rows else above[cell.left] if repeat else ""))
        # The first row's cells must be as many as the rule's below it, or viewers see no table.
        texts += [""] * (width - len(texts) if i == 0 else 0)
        yield "| " + " | ".join(texts) + " |"
        if i == 0:
            yield "|" + " --- |" * width


def escaped(text: str) -> str:
    """Text in which no sign is Markdown: signs escaped, line breaks as ``<br>``."""
    text = _MARKS.sub(r"\\\1", text)
    # At the start of a paragraph a dash would open a list.
    text = _LEAD.sub(r"\\\1", text)
    return text.replace("\n", "<br>").replace("\t", " ")
