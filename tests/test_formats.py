"""Every form in every format: written as a real file by hand, read back, and every field of every table compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.documents import Document
from assistant.documents.libreoffice import converted, program
from assistant.documents.readers import Member, read
from assistant.extraction import extract
from assistant.table import GoalTable
from tests.forms import LAYOUTS, Facts, Form
from tests.office_files import Tab, a1, docx, escape, inline_rows, p, strict, word_table, xlsx
from tests.paper import pdf
from tests.test_html import html_table

SEEDS = (4, 5)


def as_word(form: Form) -> bytes:
    return docx("".join(p(block) if isinstance(block, str) else word_table(block) for block in form.blocks) + p())


def as_sheet(form: Form) -> bytes:
    """All blocks under one another on one sheet, headings merged over the width."""
    width = max((spot.column + spot.column_span for block in form.blocks if not isinstance(block, str) for spot in block), default=1)
    rows: list[list[str]] = []
    merges: list[str] = []
    for block in form.blocks:
        start = len(rows)
        if isinstance(block, str):
            rows.append([block])
            merges.append(f"A{start + 1}:{a1(start, width - 1)}")
            continue
        rows += [[""] * width for _ in range(max(spot.row + spot.row_span for spot in block))]
        for spot in block:
            rows[start + spot.row][spot.column] = spot.text
            if spot.row_span * spot.column_span > 1:
                merges.append(f"{a1(start + spot.row, spot.column)}:{a1(start + spot.row + spot.row_span - 1, spot.column + spot.column_span - 1)}")
    return xlsx(Tab("Sheet1", inline_rows(rows), merges))


def as_page(form: Form) -> bytes:
    blocks = (f"<p>{escape(block)}</p>" if isinstance(block, str) else html_table(block) for block in form.blocks)
    return f"<html><meta charset=gb2312><body>{''.join(blocks)}</body></html>".encode("gb18030")


FORMATS: dict[str, Callable[[Form], bytes]] = {
    "a.docx": as_word,
    "strict.docx": lambda form: strict(as_word(form)),
    "a.xlsx": as_sheet,
    "a.html": as_page,
    "a.pdf": lambda form: pdf(form.blocks, size=(842, 4000)),
}


def check(form: Form, document: Document) -> None:
    found = extract(document)
    assert not found.report.unread
    assert [table.project.name for table in found.tables] == [table.project.name for table in form.tables]
    for expected, table in zip(form.tables, found.tables, strict=True):
        for name in GoalTable.model_fields:
            assert getattr(table, name) == getattr(expected, name), name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_form_in_every_format(layout: str, name: str, seed: int) -> None:
    form = LAYOUTS[layout](Facts(seed))
    check(form, read(Member(name, FORMATS[name](form))))


@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.parametrize(("layout", "name"), [("河北旧", "a.doc"), ("河北新", "a.odt"), ("河北新", "a.rtf"), ("河北新·两个表格", "a.pdf"), ("安徽", "a.pdf")])
def test_forms_in_formats_that_libreoffice_writes(layout: str, name: str) -> None:
    if program() is None:
        pytest.skip("LibreOffice is not installed")
    form = LAYOUTS[layout](Facts(6))
    check(form, read(Member(name, converted(as_word(form), ".docx", name[2:], name))))
