"""Every form read cell by cell: as grids with spans, as text with one cell a line, as text with one row a line."""

from __future__ import annotations

import pytest

from assistant.documents import Document
from assistant.documents.readers import Member, read
from assistant.extraction import extract
from assistant.table import GoalTable
from tests import forms
from tests.forms import LAYOUTS, Facts, Form

SEEDS = (1, 2, 3)
SHAPES = {
    "grid": forms.document,
    "cells": lambda form: read(Member("表.txt", forms.text_of(form).encode())),
    "rows": lambda form: read(Member("表.txt", forms.tabbed_of(form).encode("gb18030"))),
}


def check(form: Form, document: Document) -> None:
    """Every field of every table, and nothing left unread."""
    found = extract(document)
    assert not found.report.unread
    assert [table.project.name for table in found.tables] == [table.project.name for table in form.tables]
    for expected, table in zip(form.tables, found.tables, strict=True):
        for name in GoalTable.model_fields:
            assert getattr(table, name) == getattr(expected, name), name


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_form_is_read_cell_by_cell(layout: str, shape: str, seed: int) -> None:
    form = LAYOUTS[layout](Facts(seed))
    check(form, SHAPES[shape](form))
