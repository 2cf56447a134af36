"""Web pages: real spans, what a browser shows, encodings, pages under other names, hostile pages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

import pytest
from hypothesis import given

from assistant.documents import Document, Grid, Paragraph
from assistant.documents.content import Content
from assistant.documents.html import read_html
from assistant.documents.readers import Member, read
from assistant.errors import UnreadableFile
from tests.layouts import layouts
from tests.office_files import Spot, layout_of, rows_of, texts


def page(text: str | bytes) -> Document:
    return read_html(Content("a.html", text.encode() if isinstance(text, str) else text))


def only(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


def html_table(layout: Sequence[Spot]) -> str:
    rows = max(spot.row + spot.row_span for spot in layout)
    lines = []
    for row in range(rows):
        cells = (
            f'<td rowspan="{spot.row_span}" colspan="{spot.column_span}">{escape(spot.text).replace(chr(10), "<br>")}</td>'
            for spot in layout
            if spot.row == row
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table border=1>{''.join(lines)}</table>"


@given(layouts())
def test_the_grid_read_is_the_grid_written(layout: list[Spot]) -> None:
    grid = only(page(html_table(layout)))
    rows = max(spot.row for spot in layout) + 1
    assert layout_of(grid) == [Spot(s.row, s.column, s.text, min(s.row_span, rows - s.row), s.column_span) for s in layout]


def test_blocks_headings_breaks_and_what_is_not_shown() -> None:
    document = page(
        "<!DOCTYPE html><html><head><title>题</title><style>p{}</style></head><body><h2>第二部分</h2><p>一、 总体&nbsp;目标</p>散文<br>又一行<div>块<script>x()</script></div>"
        "<p style='display: none'>藏</p><span hidden>藏</span><!-- 注 --><img src=http://example.invalid/a.png></body></html>"
    )
    assert [(b.text, b.level) for b in document.blocks if isinstance(b, Paragraph)] == [
        ("第二部分", 2),
        ("一、 总体 目标", None),
        ("散文\n又一行", None),
        ("块", None),
    ]
    said = " ".join(notice.why for notice in document.notices)
    assert "2 处网页上不显示" in said
    assert "1 张图片" in said


def test_sections_captions_and_spans_that_end_with_their_section() -> None:
    document = page(
        "<table><caption>残保金绩效目标表</caption><tfoot><tr><td>末</td><td>尾</td></tr></tfoot><thead><tr><th rowspan=9>头</th><th>一</th></tr></thead>"
        "<tbody><tr><td rowspan=0>甲</td><td>1</td></tr><tr><td>2</td></tr></tbody></table>"
    )
    assert texts(document, "caption") == ["残保金绩效目标表"]
    assert rows_of(only(document)) == [["头", "一"], ["甲", "1"], ["2"], ["末", "尾"]]


def test_nested_tables_paragraphs_and_form_fields_in_cells() -> None:
    document = page(
        "<table><tr><td><p>第一段</p><p>第二段</p><table><tr><td>里</td></tr></table></td><td><input value='470.00'><input type=checkbox checked>是<input type=radio>否"
        "<select><option>甲<option selected>乙</select><input type=hidden value=x></td></tr></table>"
    )
    outer, inner = document.grids()
    assert [cell.text for cell in outer.cells] == ["第一段\n第二段", "470.00☑是□否乙"]
    assert rows_of(inner) == [["里"]]


def test_entities_written_twice_stay_as_shown_and_symbols_resolve() -> None:
    document = page("<table><tr><td>&ge;46&#20154;</td><td>&amp;gt;=90%</td><td><span style='font-family:Symbol'>&sup3;</span>5</td></tr></table>")
    assert rows_of(only(document)) == [["≥46人", "&gt;=90%", "≥5"]]


def test_the_width_row_of_word_pages_is_no_row() -> None:
    document = page("<table><tr><td>甲</td></tr><tr height=0><td width=9></td><td width=9></td></tr></table>")
    assert rows_of(only(document)) == [["甲"]]


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", ""])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_encodings_declared_rightly_wrongly_or_not(declared: str, encoding: str) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    document = page(f"<html><head>{meta}</head><table><tr><td>残疾人就业保障金绩效目标，用于残疾人就业</td></tr></table>".encode(encoding))
    assert rows_of(only(document)) == [["残疾人就业保障金绩效目标，用于残疾人就业"]]


def test_pages_under_other_names_and_saved_archives() -> None:
    body = "<html><meta charset=utf-8><table><tr><td>甲</td></tr></table></html>"
    document = read(Member("旧.xls", body.encode()))
    assert rows_of(only(document)) == [["甲"]]
    assert "按内容读取" in document.notices[0].why
    archive = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=gb2312\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
        + __import__("base64").b64encode("<table><tr><td>残疾人</td></tr></table>".encode("gbk")).decode()
        + "\r\n--b--\r\n"
    )
    assert rows_of(only(read(Member("旧.doc", archive.encode())))) == [["残疾人"]]


# -- hostile ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [200, 300, 1900])
@pytest.mark.parametrize("tag", ["div", "font"])
def test_tags_that_never_close(depth: int, tag: str) -> None:
    document = page(f"<body>{f'<{tag}>' * depth}<p>深</p><table><tr><td>格</td></tr></table>后")
    assert rows_of(only(document)) == [["格"]]
    assert "深" in " ".join(texts(document))
    assert "后" in " ".join(texts(document))


def test_a_bottomless_page_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="过深"):
        page("<div>" * 5000 + "深")


def test_hostile_spans_cost_nothing() -> None:
    began = time.monotonic()
    document = page("<table>" + "<tr><td rowspan=999999999 colspan=999999999>甲</td></tr>" * 3 + "</table>")
    assert time.monotonic() - began < 20
    assert {cell.text for cell in only(document).cells} == {"甲"}
    with pytest.raises(UnreadableFile, match="列数过多"):
        page("<table><tr>" + "<td>x</td>" * 2000 + "</tr></table>")


def test_deeply_nested_tables_keep_their_text() -> None:
    document = page("<table><tr><td>" * 30 + "最里" + "</td></tr></table>" * 30)
    assert document.find("最里")


def test_external_entities_are_not_followed(tmp_path: object) -> None:
    document = page('<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>甲&x;</p>')
    assert "root" not in " ".join(texts(document))
