"""Plain text and Markdown: encodings, the three shapes of tables in text, what is refused, and the walk over folders."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents import Document, Grid, Paragraph, plain
from assistant.documents.content import Content
from assistant.documents.readers import Member, expand, read
from assistant.errors import AssistantError, UnreadableFile

ONE_CELL_A_LINE = "题目\n\t甲\n\t乙\n\n\t\n\t丙一\n丙二\n\n\t丁\t\n\t戊\n\n尾\n"


def document(tmp_path: Path, data: str | bytes, name: str = "a.txt") -> Document:
    path = tmp_path / name
    path.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
    return read(path)


def rows(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in grid.row_cells(row)] for row in range(grid.rows)]


def only_grid(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


def test_a_cell_opens_at_tab_and_ends_at_the_next(tmp_path: Path) -> None:
    found = document(tmp_path, ONE_CELL_A_LINE)
    grid = only_grid(found)
    assert rows(grid) == [["甲", "乙"], ["", "丙一\n丙二"], ["丁", "戊"]]
    assert grid.ragged
    assert grid.cells[3].locator.line == 6
    assert [block.text for block in found.blocks if isinstance(block, Paragraph)] == ["题目", "尾"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_and_line_end_gives_the_same_blocks(tmp_path: Path, encoding: str, newline: str) -> None:
    text = "绩效目标表：≥46人，残疾人〔2024〕163号\n" + ONE_CELL_A_LINE
    plain = document(tmp_path, text)
    other = document(tmp_path, text.replace("\n", newline).encode(encoding), "b.txt")
    assert other.blocks == plain.blocks
    assert bool(other.notices) == (encoding in ("utf-16-le", "utf-16-be"))


def test_a_few_broken_bytes_do_not_turn_utf8_into_nonsense(tmp_path: Path) -> None:
    data = ("预算项目绩效目标表" * 60).encode() + b"\xff\xfe" + "残疾人就业保障金".encode()
    found = document(tmp_path, data)
    assert found.blocks[0].text.endswith("残疾人就业保障金")  # type: ignore[union-attr]
    assert "2处字节损坏" in found.notices[0].why


def test_rows_parted_by_tab(tmp_path: Path) -> None:
    aligned = only_grid(document(tmp_path, "一级\t二级\t值\n产出\t数量\t1\n\t质量\t2\n"))
    assert rows(aligned) == [["一级", "二级", "值"], ["产出", "数量", "1"], ["", "质量", "2"]]
    assert not aligned.ragged
    assert only_grid(document(tmp_path, "项目\t甲\n一级\t二级\t值\n产出\t数量\t1\n")).ragged


def test_a_heading_with_its_page_number_is_no_table(tmp_path: Path) -> None:
    found = document(tmp_path, "目录\n\n1.甲绩效目标表\t3\n\n2.乙绩效目标表\t4\n")
    assert not list(found.grids())
    assert [block.text for block in found.blocks] == ["目录", "1.甲绩效目标表\t3", "2.乙绩效目标表\t4"]  # type: ignore[union-attr]


def test_bookmarks_are_taken_off_and_mark_headings(tmp_path: Path) -> None:
    found = document(tmp_path, "[bookmark: _Toc_2_2_1]一、总体\n[bookmark: OLE_LINK1][bookmark: OLE_LINK2]（一）制度\n")
    assert [(block.text, block.level) for block in found.blocks if isinstance(block, Paragraph)] == [("一、总体", 1), ("（一）制度", None)]


def test_markdown_tables_headings_breaks_and_escapes(tmp_path: Path) -> None:
    text = "## 1\\. 甲 绩效目标表 ##\n\n| 一级 | 值 |\n| --- | :-: |\n| 产出 | a \\| b<br>c |\n|  | \\>=5 &lt;6 |\n\n尾\n"
    found = document(tmp_path, text, "a.md")
    assert found.blocks[0] == Paragraph("1. 甲 绩效目标表", found.blocks[0].locator, 2)
    assert rows(only_grid(found)) == [["一级", "值"], ["产出", "a | b\nc"], ["", ">=5 <6"]]


def test_box_drawings(tmp_path: Path) -> None:
    found = document(tmp_path, "┌──┬──┐\n│甲│乙│\n├──┼──┤\n│1 │  │\n└──┴──┘\n尾")
    assert rows(only_grid(found)) == [["甲", "乙"], ["1", ""]]
    assert found.blocks[-1].text == "尾"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "空文件"),
        ("a.txt", b" \r\n\t", "空文件"),
        ("a.txt", bytes(range(256)) * 40, "不是文本文件"),
        ("a.bin", b"Rar!\x1a\x07" + b"\0" * 50, "不能读取"),
        ("a.txt", "字".encode() * 9_000_000, "超过上限"),
        ("a.txt", b"1\n" * 400_001, "超过上限"),
    ],
)
def test_what_is_no_text_is_refused_in_words(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words) as caught:
        document(tmp_path, data, name)
    assert caught.value.hint
    assert name in caught.value.message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="找不到"):
        read(tmp_path / "没有.txt")
    with pytest.raises(UnreadableFile, match="文件夹"):
        read(tmp_path)


def test_text_under_an_unknown_name_is_read_and_said(tmp_path: Path) -> None:
    found = document(tmp_path, "绩效目标表", "导出.dat")
    assert found.source.format == "txt"
    assert "按纯文本读取" in found.notices[0].why


def test_folders_are_walked_in_order_without_lock_files(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a.md", "~$a.md", ".hidden.txt", "b/.git/c.txt", "c.xyz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    skipped: list[Path] = []
    found = list(expand([tmp_path, tmp_path / "没有.txt"], skipped=skipped))
    assert found == [tmp_path / "a.md", tmp_path / "b" / "2.txt", tmp_path / "没有.txt"]
    assert skipped == [tmp_path / "c.xyz"]


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_words(data: bytes) -> None:
    for reader in (plain.read_text, plain.read_markdown):
        with contextlib.suppress(AssistantError):
            reader(Content("x", data))


@given(st.text(alphabet="\t\n |甲乙1-#*\\", max_size=80))
def test_no_text_loses_its_characters(text: str) -> None:
    try:
        found = read(Member("x.txt", text.encode()))
    except UnreadableFile:
        return
    kept = "".join(block.text if isinstance(block, Paragraph) else "".join(cell.text for cell in block.cells) for block in found.blocks)
    wanted = [char for char in text if char in "甲乙1"]
    assert [char for char in kept if char in "甲乙1"] == wanted
