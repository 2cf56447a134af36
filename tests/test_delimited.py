"""Lists as text: delimiters, quotes, encodings, and lists that are none."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents import Document
from assistant.documents.content import Content
from assistant.documents.delimited import read_delimited
from assistant.errors import UnreadableFile
from tests.office_files import rows_of


def read(text: str | bytes, name: str = "a.csv") -> Document:
    return read_delimited(Content(name, text.encode() if isinstance(text, str) else text))


def rows(text: str | bytes, name: str = "a.csv") -> list[list[str]]:
    (grid,) = read(text, name).grids()
    return rows_of(grid)


CELLS = st.text(st.sampled_from('甲乙1,;\t"\n| ≥'), max_size=6).map(str.strip)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6))
def test_what_a_writer_wrote_is_read(table: list[list[str]]) -> None:
    table = [["项目名称", "预算数", "资金用途", "依据"], *table]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    while not any(table[-1]):
        table = table[:-1]
    found = rows(out.getvalue())
    assert found == [row + [""] * (4 - len(row)) for row in table]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_delimiters_and_encodings(delimiter: str, encoding: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in [["项目名称", "预算数"], ["残保金", "470.00"], ["经费", "20.70"]])
    assert rows(text.encode(encoding)) == [["项目名称", "预算数"], ["残保金", "470.00"], ["经费", "20.70"]]


def test_the_delimiter_named_by_excel_and_blank_margins() -> None:
    assert rows("sep=;\n\n甲;乙,丙;;\n;丁\n\n") == [["甲", "乙,丙"], ["", "丁"]]


def test_an_unpaired_quote_swallows_nothing() -> None:
    document = read('甲,"乙\n丙,丁\n')
    (grid,) = document.grids()
    assert rows_of(grid) == [["甲", '"乙'], ["丙", "丁"]]
    assert "引号" in document.notices[0].why


def test_empty_and_hostile_lists() -> None:
    assert read("\n,,\n").blocks == []
    with pytest.raises(UnreadableFile, match="过多"):
        read("甲," * 5000)
    with pytest.raises(UnreadableFile, match="过多"):
        read(("甲" + "," * 1000 + "乙\n") + "甲\n" * 20_000)
    with pytest.raises(UnreadableFile):
        read(bytes(range(256)) * 4)
