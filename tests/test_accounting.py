"""Nothing of a form is lost without a word: whatever is done to a table, each of its texts is found again in what was read, or is reported.

Independent of the program's own last look (``extraction.accounting``): every cell that is no label gets a mark or a number of its own, so
that a lost text cannot hide behind an equal one, and the marks are looked for in the JSON that ``assistant read`` gives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chinese import fold
from assistant.documents import Document
from assistant.extraction import extract, labels
from assistant.table import canonical_level1, canonical_level2
from tests import forms, provinces
from tests.forms import Form
from tests.office_files import Spot

# Rare characters: no label, level or unit has one of them.
_MARKS = [chr(code) for code in range(0x9F00, 0x9F00 + 160)]
_WORDS = {fold(word) for table in (labels.FIELDS, labels.COLUMNS, labels.EXTRA_COLUMNS, labels.MONEY_COLUMNS) for words in table.values() for word in words}
_WORDS |= set(map(fold, labels.GROUPS))
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DOCUMENTS = {f"province/{name}": case.blocks for name, case in provinces.CASES.items()} | {
    f"form/{name}": make(forms.Facts(7)).blocks for name, make in forms.LAYOUTS.items()
}


def _is_label(text: str) -> bool:
    """Whether a text is the form's own: a label, a level, a date of the spending plan, a unit of money, the title."""
    word = re.sub(r"\([^()]*\)|^其中:?|[:：]|^(?:[一二三四五六七八九十]、|\(.\))", "", fold(text))
    if word in _WORDS or len(word) < 2 or canonical_level1(text) or canonical_level2(text):
        return True
    return re.fullmatch(r"\d+月底?|.*(?:绩效.*表|年度|单位:.?万?元\)?|指标|绩效指标评价标准)", word) is not None or fold(text) in _WORDS


def _marked(blocks: list[str | list[Spot]]) -> tuple[list[str | list[Spot]], dict[str, str]]:
    """The blocks with every text made its own, and where each mark or number stands."""
    made: list[str | list[Spot]] = []
    placed: dict[str, str] = {}
    marks, number = iter(_MARKS * 40), 1000
    for g, block in enumerate(blocks):
        if isinstance(block, str):
            made.append(block)
            continue
        spots = []
        for spot in block:
            text = spot.text
            numbers = [one.text for one in block if one.row == spot.row]
            if text.strip() and not _is_label(text) and numbers[:3] != ["1", "2", "3"]:
                found = _NUMBER.search(text)
                if re.search(r"[\u4e00-\u9fff]{3}", text) and not re.match(r"\s*[\d≥≤=<>]", text):
                    token = next(marks) + next(marks)
                    text = f"{text[:5]}{token}{text[5:]}" if len(text) > 8 else f"{text[:2]}{token}{text[2:]}"
                    placed[token] = f"{g}: {text}"
                elif found and not re.search(r"年|月", text):
                    number += 1
                    text = text[: found.start()] + str(number) + text[found.end() :]
                    placed[str(number)] = f"{g}: {text}"
            spots.append(replace(spot, text=text))
        made.append(spots)
    return made, placed


# -- what happens to tables ----------------------------------------------------------------------------------------------------------


def _with(spots: list[Spot], i: int, text: str) -> list[Spot]:
    return [*spots[:i], replace(spots[i], text=text), *spots[i + 1 :]]


def _blank(spots: list[Spot], i: int, j: int) -> list[Spot]:
    return _with(spots, i, "")


def _swap(spots: list[Spot], i: int, j: int) -> list[Spot]:
    return _with(_with(spots, i, spots[j].text), j, spots[i].text)


def _again(spots: list[Spot], i: int, j: int) -> list[Spot]:
    """The rows of a cell once more, below themselves."""
    first, high = spots[i].row, spots[i].row_span
    if any(spot.row < first < spot.row + spot.row_span or spot.row < first + high < spot.row + spot.row_span for spot in spots):
        return spots
    kept = [spot for spot in spots if spot.row < first + high]
    below = [Spot(spot.row + high, spot.column, spot.text, spot.row_span, spot.column_span) for spot in spots if spot.row >= first]
    return kept + below


def _drop_row(spots: list[Spot], i: int, j: int) -> list[Spot]:
    row = spots[i].row
    if any(spot.row <= row < spot.row + spot.row_span and spot.row_span > 1 for spot in spots):
        return spots
    return [Spot(spot.row - (spot.row > row), spot.column, spot.text, spot.row_span, spot.column_span) for spot in spots if spot.row != row]


def _split(spots: list[Spot], i: int, j: int) -> list[Spot]:
    """A merged cell taken apart, its text in the first place."""
    spot = spots[i]
    parts = [Spot(spot.row + r, spot.column + c, spot.text if r == c == 0 else "", 1, 1) for r in range(spot.row_span) for c in range(spot.column_span)]
    return sorted([*spots[:i], *parts, *spots[i + 1 :]], key=lambda one: (one.row, one.column))


def _merge(spots: list[Spot], i: int, j: int) -> list[Spot]:
    """A cell and the blank or equal one at its right made one."""
    spot = spots[i]
    right = next((one for one in spots if one.row == spot.row and one.column == spot.column + spot.column_span and one.row_span == spot.row_span), None)
    if right is None:
        return spots
    text = "\n".join(part for part in (spot.text, right.text) if part)
    joined = Spot(spot.row, spot.column, text, spot.row_span, spot.column_span + right.column_span)
    return sorted([joined if one is spot else one for one in spots if one is not right], key=lambda one: (one.row, one.column))


def _write(spots: list[Spot], i: int, j: int) -> list[Spot]:
    """Words where a blank was."""
    blanks = [k for k, spot in enumerate(spots) if not spot.text.strip()]
    return _with(spots, blanks[j % len(blanks)], ("补充说明内容", "群众满意度", "合计", "12.5", "质量指标")[i % 5]) if blanks else spots


_CHANGES = (_blank, _swap, _again, _drop_row, _split, _merge, _write)


@st.composite
def _changed(draw: st.DrawFn) -> tuple[str, list[str | list[Spot]]]:
    name = draw(st.sampled_from(sorted(_DOCUMENTS)))
    blocks = list(_DOCUMENTS[name])
    places = [i for i, block in enumerate(blocks) if not isinstance(block, str)]
    done = []
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.sampled_from(places))
        spots = list(blocks[place])
        change = draw(st.sampled_from(_CHANGES))
        i, j = draw(st.integers(0, len(spots) - 1)), draw(st.integers(0, len(spots) - 1))
        done.append(f"{change.__name__[1:]}({place}, {spots[i].text!r}, {spots[j].text!r})")
        blocks[place] = change(spots, i, j)
    return f"{name} {' '.join(done)}", blocks


def _lost(document: Document, placed: dict[str, str]) -> Iterator[str]:
    """The marked texts that are neither in the records nor in the report."""
    found = extract(document)
    said = json.dumps(found.to_json(), ensure_ascii=False)
    kept = fold(said)
    reported = [item.where for item in found.report.unread]
    for token, text in placed.items():
        if token in kept:
            continue
        # A report shows the beginning of a text; of a row or grid that was not read at all only the place.
        cells = [(grid, cell) for grid in document.grids() for cell in grid.cells if token in cell.text]
        places = [place for grid, cell in cells for place in (str(grid.locator), str(cell.locator._replace(column=None)))]
        if not any(where == place or where.endswith(place) or (place.endswith("行") and place in where) for where in reported for place in places):
            yield text


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
def test_every_text_of_a_form_is_read_or_reported(name: str) -> None:
    blocks, placed = _marked(list(_DOCUMENTS[name]))
    assert list(_lost(forms.document(Form(blocks, [])), placed)) == []


@settings(max_examples=200)
@given(_changed())
def test_whatever_is_done_to_a_form_nothing_of_it_is_lost_unsaid(changed: tuple[str, list[str | list[Spot]]]) -> None:
    _, blocks = changed
    made, placed = _marked(blocks)
    document = forms.document(Form(made, []))
    assert list(_lost(document, placed)) == []
