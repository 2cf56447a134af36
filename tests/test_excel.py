"""Excel files: merged cells, what a person sees of numbers and dates, what is said about the rest, and hostile sheets."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.documents import Document, Grid, Paragraph
from assistant.documents.content import Content
from assistant.documents.excel import read_excel
from assistant.documents.sheets import a1
from assistant.errors import UnreadableFile
from tests.layouts import layouts
from tests.office_files import Spot, Tab, excel_tab, inline_rows, layout_of, rows_of, strict, texts, xlsx


def excel(*tabs: Tab, make: Callable[[bytes], bytes] | None = None, **options: object) -> Document:
    data = xlsx(*tabs, **options)  # type: ignore[arg-type]
    return read_excel(Content("a.xlsx", make(data) if make else data))


def only(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


def whys(document: Document) -> str:
    return "\n".join(f"{notice.where}{notice.why}" for notice in document.notices)


FILLED = st.sampled_from("产出指标|数量指标|≥46人|工作计划|25%|470.00|<及时>&发放|A类 B-2|第一段\n第二段".split("|"))


@given(layouts(texts=FILLED))
def test_the_grid_read_is_the_grid_written(layout: list[Spot]) -> None:
    assert layout_of(only(excel(excel_tab(layout)))) == layout


@given(layouts(texts=FILLED, most_rows=3, most_columns=3))
def test_strict_files_read_the_same(layout: list[Spot]) -> None:
    def stricter(data: bytes) -> bytes:
        return strict(data)

    assert layout_of(only(excel(excel_tab(layout), make=stricter))) == layout


def test_blank_cells_inside_the_used_part_are_cells() -> None:
    grid = only(excel(Tab("表", inline_rows([["", "", ""], ["", "甲", ""], ["", "", "乙"]]))))
    assert rows_of(grid) == [["甲", ""], ["", "乙"]]
    assert [str(cell.locator) for cell in grid.cells if cell.text] == ["工作表“表”第1个表格第2行第2列", "工作表“表”第1个表格第3行第3列"]


NUMBERS = """<row r="1"><c r="A1" s="1"><v>470</v></c><c r="B1" s="2"><v>0.25</v></c><c r="C1" s="3"><v>45992</v></c><c r="D1" s="4"><v>46</v></c>
<c r="E1"><v>0.28999999999999998</v></c><c r="F1" s="1"><f>A1/3</f><v>156.66666666666666</v></c><c r="G1" t="b"><v>1</v></c><c r="H1" t="str"><f>X</f><v>文</v></c>
<c r="I1" t="d"><v>2025-12-01T00:00:00</v></c><c r="J1" t="e"><v>#REF!</v></c><c r="K1"><f>SUM(A1)</f></c><c r="L1" t="s" s="5"><v>0</v></c></row>"""


def test_numbers_and_dates_are_read_as_a_person_sees_them() -> None:
    document = excel(Tab("表", NUMBERS), strings=["<t>藏</t>"], formats={200: '"≥"0"人"', 201: ";;;"}, styles=[0, 2, 9, 31, 200, 201])
    assert [cell.text for cell in only(document).cells] == ["470.00", "25%", "2025年12月1日", "≥46人", "0.29", "156.67", "TRUE", "文", "2025-12-01", "#REF!"]
    said = whys(document)
    assert "F1 显示 156.67，存储 156.666666666667" in said
    assert "1 个公式没有保存计算结果，未读到内容：K1" in said
    assert "错误值：J1（#REF!）" in said
    assert "按格式不显示，未计入：L1" in said


def test_strings_rich_escaped_and_with_reading_aids() -> None:
    strings = [
        "<r><t>得到</t></r><r><rPr><b/></rPr><t>培训</t></r><rPh><t>peixun</t></rPh>",
        '<t xml:space="preserve"> 第一_x000D_\n第二 </t>',
        "<t>_x005F_x0041_</t>",
    ]
    row = "".join(f'<c r="{a1(0, i)}" t="s"><v>{i}</v></c>' for i in range(4))
    assert [cell.text for cell in only(excel(Tab("表", f"<row>{row}</row>"), strings=strings)).cells] == ["得到培训", "第一\n第二", "_x0041_"]


def test_cells_without_addresses_count_on() -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert rows_of(only(excel(Tab("表", rows)))) == [["1", "2"], ["3", ""]]


def test_hidden_sheets_are_named_not_read_and_hidden_rows_are_read_and_named() -> None:
    rows = '<row r="1" hidden="1"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>'
    document = excel(Tab("明", rows, before='<cols><col min="3" max="4" hidden="1"/></cols>'), Tab("暗", rows, state="veryHidden"))
    assert rows_of(only(document)) == [["1"], ["2"]]
    assert texts(document, "sheet") == ["明"]
    assert "工作表“暗”是隐藏的工作表" in whys(document)
    assert "1 个隐藏的行也已读取：第1行" in whys(document)
    assert "1 处隐藏的列也已读取：第3至4列" in whys(document)


def test_content_under_a_merged_range_is_said() -> None:
    document = excel(Tab("表", inline_rows([["甲", "遮"], ["乙", "丙"]]), ["A1:B1"]))
    assert rows_of(only(document)) == [["甲"], ["乙", "丙"]]
    assert "被合并单元格遮住，其中的内容未计入：B1" in whys(document)


def test_the_other_epoch() -> None:
    document = excel(Tab("表", '<row><c s="1"><v>44530</v></c></row>'), styles=[0, 31], properties='<workbookPr date1904="1"/>')
    assert only(document).cells[0].text == "2025年12月1日"


def test_comments_and_text_boxes() -> None:
    comments = '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><commentList><comment ref="B2"><text><r><t>请核对</t></r></text></comment></commentList></comments>'
    drawing = '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><sp><txBody><a:p><a:r><a:t>单位：</a:t></a:r><a:r><a:t>万元</a:t></a:r></a:p></txBody></sp><pic/></d>'
    links = {"rId1": ("comments", "../comments1.xml"), "rId2": ("drawing", "../drawings/drawing1.xml"), "rId3": ("image", "http://example.invalid/x.png")}
    document = excel(Tab("表", inline_rows([["甲"]]), links=links), parts={"xl/comments1.xml": comments, "xl/drawings/drawing1.xml": drawing})
    assert texts(document, "textbox") == ["单位：万元"]
    assert [str(b.locator) for b in document.blocks if isinstance(b, Paragraph) and b.kind == "comment"] == ["工作表“表”第2行第2列"]
    assert "1 张图片" in whys(document)


# -- hostile ------------------------------------------------------------------------------------------------------------------------


def test_a_million_declared_rows_and_far_cells_cost_little() -> None:
    rows = (
        inline_rows([["甲", "乙"]])
        + "".join(f'<row r="{i}" spans="1:3" ht="14.25"/>' for i in range(2, 100_000))
        + '<row r="1048576"><c r="XFD1048576"><v>9</v></c></row>'
    )
    began = time.monotonic()
    grid = only(excel(Tab("表", rows, ["A1:XFD1", "A2:A1048576"])))
    assert time.monotonic() - began < 60
    assert grid.rows * grid.columns < 20
    assert {cell.text for cell in grid.cells if cell.text} == {"甲", "9"}
    assert grid.cells[-1].locator.row == 1_048_576


def test_a_title_merged_over_all_columns_is_cut_at_the_table() -> None:
    grid = only(excel(Tab("表", inline_rows([["题"], ["甲", "乙"]]), ["A1:XFD1"])))
    assert layout_of(grid) == [Spot(0, 0, "题", 1, 2), Spot(1, 0, "甲"), Spot(1, 1, "乙")]


def test_overlapping_and_nonsense_ranges() -> None:
    merges = ["A1:B1", "B1:B2", "B2", "ZZZZ1:A1", "B2:A1", "", "A0:B0", *["A1:B2"] * 1000]
    assert rows_of(only(excel(Tab("表", inline_rows([["甲", ""], ["乙", "丙"]]), merges)))) == [["甲"], ["乙", "丙"]]


@pytest.mark.parametrize(
    "row",
    [
        '<c r="A0"><v>1</v></c>',
        '<c r="ZZZZ1"><v>1</v></c>',
        '<c r="A1" t="s"><v>99</v></c>',
        '<c r="A1" s="x"><v>y</v></c>',
        '<c r="A1" t="q"><v>nan</v></c>',
        "<q/>",
    ],
)
def test_odd_cells_never_break_the_sheet(row: str) -> None:
    document = excel(Tab("表", f'<row r="x">{row}<c r="B1"><v>2</v></c></row>'))
    assert [cell.text for cell in only(document).cells][-1] == "2"


def test_too_many_places_are_refused() -> None:
    rows = "".join(f'<row r="{i * 3 + 1}"><c r="{a1(i * 3, i * 3)}"><v>1</v></c></row>' for i in range(2200))
    with pytest.raises(UnreadableFile, match="超出可读取的范围"):
        excel(Tab("表", rows))
