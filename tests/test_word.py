"""Word files: the real grid of every table, and the text a person sees, on hand-written files of every variant."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.documents import Document, Grid, Locator, Paragraph
from assistant.documents.content import Content
from assistant.documents.readers import Member, read
from assistant.documents.word import open_word, read_word
from tests.layouts import layouts
from tests.office_files import Spot, docx, layout_of, p, parts_of, r, rows_of, strict, tbl, tc, texts, tr, word_part, word_table, zipped


def word(body: str, parts: dict[str, str] | None = None, *, original: bool = False, make: object = None) -> Document:
    data = docx(body, parts)
    return read_word(Content("a.docx", make(data) if callable(make) else data, original))


def only(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


def cell(inner: str, **options: object) -> str:
    """The text of a lone cell holding raw paragraphs."""
    document = word(tbl(tr(tc(inner), tc("旁"))), **options)  # type: ignore[arg-type]
    return only(document).cells[0].text


@given(layouts())
def test_the_grid_read_is_the_grid_written(layout: list[Spot]) -> None:
    grid = only(word(word_table(layout)))
    rows = max(spot.row for spot in layout) + 1
    assert layout_of(grid) == [Spot(s.row, s.column, s.text, min(s.row_span, rows - s.row), s.column_span) for s in layout]


@given(layouts(most_rows=4, most_columns=4))
def test_strict_files_read_the_same(layout: list[Spot]) -> None:
    assert only(word(word_table(layout), make=strict)).cells == only(word(word_table(layout))).cells


def test_neighbouring_equal_cells_stay_two() -> None:
    grid = only(word(tbl(tr(tc("同"), tc("同")), tr(tc("同"), tc("同")))))
    assert [(c.text, c.row_span, c.column_span) for c in grid.cells] == [("同", 1, 1)] * 4


def test_rows_that_begin_late_and_old_horizontal_merges() -> None:
    body = tbl(
        tr(tc("甲"), tc("乙"), tc("丙")),
        tr(tc("在丙下"), properties='<w:gridBefore w:val="2"/>'),
        tr(tc("宽", properties='<w:hMerge w:val="restart"/>'), tc(properties="<w:hMerge/>"), tc("末")),
        columns=3,
    )
    assert layout_of(only(word(body))) == [
        Spot(0, 0, "甲"),
        Spot(0, 1, "乙"),
        Spot(0, 2, "丙"),
        Spot(1, 2, "在丙下"),
        Spot(2, 0, "宽", 1, 2),
        Spot(2, 2, "末"),
    ]


def test_a_merge_that_continues_nothing_is_a_cell_of_its_own() -> None:
    grid = only(word(tbl(tr(tc("甲"), tc("孤", vertical="continue")), tr(tc("乙"), tc("丙")))))
    assert [c.text for c in grid.cells] == ["甲", "孤", "乙", "丙"]


def test_text_under_a_vertical_merge_is_said_not_read() -> None:
    document = word(tbl(tr(tc("见", vertical="restart"), tc("1")), tr(tc("遮住", vertical="continue"), tc("2"))))
    assert only(document).cells[0].text == "见"
    assert any("遮住" in notice.why for notice in document.notices)


def test_content_controls_hold_rows_cells_paragraphs_and_runs() -> None:
    control = "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>"
    body = control.format(tbl(control.format(tr(control.format(tc(control.format(p(raw=control.format(r("控件")))))), tc("旁")))))
    assert rows_of(only(word(body))) == [["控件", "旁"]]


def test_an_unfilled_control_shows_a_prompt_that_is_no_content() -> None:
    control = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('单击此处输入文字')}</w:sdtContent></w:sdt>"
    document = word(tbl(tr(tc(p(raw=control)), tc("旁"))))
    assert only(document).cells[0].text == ""
    assert any("尚未填写" in notice.why for notice in document.notices)


INS, DEL = '<w:ins w:id="1" w:author="a">{}</w:ins>', '<w:del w:id="2" w:author="a">{}</w:del>'
DELETED = '<w:r><w:delText xml:space="preserve">{}</w:delText></w:r>'


@pytest.mark.parametrize(("original", "expected"), [(False, "≥50人以上"), (True, "≥46人以上")])
def test_revisions_are_read_as_accepted_or_as_before(original: bool, expected: str) -> None:
    inner = p("≥", raw=DEL.format(DELETED.format("46")) + INS.format(r("50")) + r("人以上"))
    document = word(tbl(tr(tc(inner), tc("旁"))), original=original)
    assert only(document).cells[0].text == expected
    assert ("原文" if original else "--original") in document.notices[0].why


def test_moved_text_and_moved_marks() -> None:
    moved = p("始", raw=f'<w:moveTo w:id="1">{r("移来")}</w:moveTo><w:moveFrom w:id="2">{r("移走")}</w:moveFrom>')
    assert cell(moved) == "始移来"
    assert cell(moved, original=True) == "始移走"


@pytest.mark.parametrize(("original", "expected"), [(False, [["甲"], ["新"]]), (True, [["甲"], ["旧"]])])
def test_rows_inserted_and_deleted(original: bool, expected: list[list[str]]) -> None:
    body = tbl(tr(tc("甲")), tr(tc(p(raw=INS.format(r("新")))), properties="<w:ins/>"), tr(tc(p(raw=DEL.format(DELETED.format("旧")))), properties="<w:del/>"))
    assert rows_of(only(word(body, original=original))) == expected


def test_cells_inserted_and_deleted() -> None:
    body = tbl(tr(tc("甲"), tc("旧", properties="<w:cellDel/>"), tc("新", properties="<w:cellIns/>")))
    assert rows_of(only(word(body))) == [["甲", "新"]]
    assert rows_of(only(word(body, original=True))) == [["甲", "旧"]]


def test_paragraphs_whose_mark_is_deleted_are_one() -> None:
    mark = "<w:rPr><w:del/></w:rPr>"
    assert cell(p("上", properties=mark) + p("下")) == "上下"
    assert cell(p("上", properties=mark) + p("下"), original=True) == "上\n下"
    assert texts(word(p("上", properties=mark) + p("下"))) == ["上下"]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ('<w:sym w:font="Symbol" w:char="F0B3"/>', "≥"),
        ('<w:sym w:font="Symbol" w:char="F0A3"/>', "≤"),
        ('<w:sym w:font="Symbol" w:char="B3"/>', "≥"),
        ('<w:sym w:font="Wingdings 2" w:char="F0A3"/>', "□"),
        ('<w:sym w:font="Wingdings 2" w:char="F052"/>', "☑"),
        ('<w:sym w:font="Wingdings" w:char="F0FE"/>', "☑"),
        ('<w:sym w:font="宋体" w:char="2265"/>', "≥"),
        ("<w:t>\uf0b3</w:t>", "≥"),
        ('<w:rPr><w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/></w:rPr><w:t>\uf0a3</w:t>', "□"),
        ('<w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr><w:t>\u00b3</w:t>', "≥"),
        ("<w:noBreakHyphen/>", "-"),
        ('<w:br w:type="page"/>', ""),
        ("<w:ruby><w:rt><w:r><w:t>yì</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>义</w:t></w:r></w:rubyBase></w:ruby>", "义"),
    ],
)
def test_symbols_are_read_as_they_look(run: str, expected: str) -> None:
    assert cell(p("前", raw=f"<w:r>{run}</w:r>{r('90%')}")) == f"前{expected}90%"


def test_formulas_fractions_and_powers() -> None:
    math = "<m:oMath><m:r><m:t>≥</m:t></m:r><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>3</m:t></m:r></m:den></m:f></m:oMath>"
    assert cell(p("率", raw=math)) == "率≥1/3"
    power = "<m:oMathPara><m:oMath><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>4</m:t></m:r></m:sup></m:sSup></m:oMath></m:oMathPara>"
    assert cell(p(raw=power)) == "10⁴"
    assert cell(p("500m", raw=r("2", '<w:vertAlign w:val="superscript"/>'))) == "500m²"


FIELD = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> {} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>{}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def test_field_codes_stay_out_and_results_in() -> None:
    nested = FIELD.format("IF 1", FIELD.format("=SUM(ABOVE)", r("470.00")))
    assert cell(p("共", raw=nested + r("万元"))) == "共470.00万元"
    assert cell(p(raw=f'<w:fldSimple w:instr="DATE">{r("2025年")}</w:fldSimple>')) == "2025年"


def test_a_field_that_never_ends_does_not_swallow_the_document() -> None:
    broken = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>X</w:instrText></w:r>'
    assert texts(word(p("前", raw=broken) + p("后"))) == ["前", "后"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [(r"eq \o\ac(○,1)", "①"), (r"EQ \f(1,2)", "1/2"), (r"eq \o(≥,_)", "≥"), (r"eq \o\al(\s\up 5(服务),\s\do 2(对象))", "服务对象")],
)
def test_drawn_equations_without_result(code: str, expected: str) -> None:
    drawn = f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{code}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert cell(p(raw=drawn)) == expected


def test_old_form_fields_show_their_choice() -> None:
    begin = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{}</w:ffData></w:fldChar></w:r><w:r><w:instrText>F</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    choice = '<w:ddList><w:result w:val="1"/><w:listEntry w:val="新增"/><w:listEntry w:val="延续"/></w:ddList>'
    assert cell(p(raw=begin.format(choice))) == "延续"
    assert cell(p(raw=begin.format("<w:checkBox><w:checked/></w:checkBox>") + r("是"))) == "☑是"
    assert cell(p(raw=begin.format('<w:checkBox><w:default w:val="0"/></w:checkBox>') + r("否"))) == "□否"


def test_hidden_text_is_left_out_and_counted() -> None:
    document = word(p("见", raw=r("藏", "<w:vanish/>") + r("显", '<w:vanish w:val="0"/>')))
    assert texts(document) == ["见显"]
    assert any("1 处隐藏文字" in notice.why for notice in document.notices)


BOX = """<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{0}</w:txbxContent>
</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{0}</w:txbxContent>
</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""


def test_a_text_box_is_read_once() -> None:
    document = word(p("标题", raw=BOX.format(p("单位：万元"))))
    assert texts(document) == ["标题"]
    assert texts(document, "textbox") == ["单位：万元"]
    old = word(p(raw=f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p('单位：元')}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"))
    assert texts(old, "textbox") == ["单位：元"]


def test_a_text_box_in_a_cell_and_a_table_in_a_text_box() -> None:
    document = word(tbl(tr(tc(p("格", raw=BOX.format(p("单位：万元")))), tc("旁"))))
    assert texts(document, "textbox") == ["单位：万元"]
    assert only(document).cells[0].text == "格"
    boxed = word(p(raw=BOX.format(tbl(tr(tc("甲"), tc("乙"))))))
    assert rows_of(only(boxed)) == [["甲", "乙"]]


def test_tables_inside_cells() -> None:
    inner = tbl(tr(tc("里"), tc("≥1")))
    document = word(tbl(tr(tc("外", inner, p("后")), tc("旁"))))
    outer, nested = document.grids()
    assert outer.cells[0].text == "外\n后"
    assert outer.cells[0].nested == [nested]
    assert rows_of(nested) == [["里", "≥1"]]
    assert (outer.locator.grid, nested.locator.grid) == (1, 2)


def test_a_deep_nest_of_tables_keeps_its_text() -> None:
    inner = p("最里")
    for _ in range(12):
        inner = tbl(tr(tc(inner + p())))
    document = word(inner)
    assert any("嵌套过深" in notice.why for notice in document.notices)
    assert document.find("最里")


STYLES = word_part(
    "styles",
    '<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="own"><w:name w:val="表题"/><w:basedOn w:val="2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="2"><w:name w:val="标题 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="t1"><w:name w:val="toc 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="n"><w:name w:val="auto"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="character" w:styleId="secret"><w:name w:val="secret"/><w:rPr><w:vanish/></w:rPr></w:style>',
)


def test_headings_have_levels_and_contents_are_set_apart() -> None:
    body = (
        p("目录一", style="t1")
        + p("第一部分", style="1")
        + p("表题", style="own")
        + p("直接", properties='<w:outlineLvl w:val="2"/>')
        + p(raw='<w:bookmarkStart w:id="1" w:name="_Toc_4_4_0000000004"/>' + r("书签题"))
        + p("正文")
    )
    document = word(body, {"styles": STYLES})
    assert [(b.text, b.level, b.kind) for b in document.blocks if isinstance(b, Paragraph)] == [
        ("目录一", None, "toc"),
        ("第一部分", 1, "body"),
        ("表题", 2, "body"),
        ("直接", 3, "body"),
        ("书签题", 4, "body"),
        ("正文", None, "body"),
    ]


def test_a_contents_field_without_styles() -> None:
    start = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    body = p(raw=start + r("1.甲 1")) + p("2.乙 2") + p(raw='<w:r><w:fldChar w:fldCharType="end"/></w:r>') + p("1.甲")
    document = word(body)
    assert texts(document, "toc") == ["1.甲 1", "2.乙 2"]
    assert texts(document) == ["1.甲"]


def test_text_hidden_by_a_style() -> None:
    assert texts(word(p("见", raw=r("藏", '<w:rStyle w:val="secret"/>')), {"styles": STYLES})) == ["见"]


NUMBERING = word_part(
    "numbering",
    '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1部分"/></w:lvl></w:abstractNum>'
    '<w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf06c"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num>',
)


def test_automatic_numbers_are_part_of_the_text() -> None:
    def numbered(text: str, which: int, level: int = 0) -> str:
        return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{which}"/></w:numPr>')

    body = "".join(
        [
            p("总体", style="n"),
            numbered("甲", 1),
            numbered("乙", 1, 1),
            numbered("丙", 1, 1),
            numbered("丁", 1),
            numbered("戊", 1, 1),
            numbered("点", 3),
            numbered("己", 4),
            numbered("", 1),
            p("分项", style="n"),
        ]
    )
    document = word(body, {"styles": STYLES, "numbering": NUMBERING})
    assert texts(document) == ["第一部分 总体", "1.甲", "（一）乙", "（二）丙", "2.丁", "（一）戊", "点", "9.己", "第二部分 分项"]


def test_notes_and_comments_stand_at_the_end_with_their_place() -> None:
    parts = {
        "footnotes": word_part("footnotes", f'<w:footnote w:id="0"><w:p/></w:footnote><w:footnote w:id="2">{p("脚注")}</w:footnote>'),
        "comments": word_part("comments", f'<w:comment w:id="7" w:author="b">{p("请核对")}</w:comment><w:comment w:id="8">{p("无人引用")}</w:comment>'),
    }
    body = p("正文", raw='<w:r><w:footnoteReference w:id="2"/></w:r>') + tbl(tr(tc(p("格", raw='<w:r><w:commentReference w:id="7"/></w:r>')), tc("旁")))
    document = word(body, parts)
    assert texts(document, "footnote") == ["脚注"]
    assert [(b.text, str(b.locator)) for b in document.blocks if isinstance(b, Paragraph) and b.kind == "comment"] == [("请核对", "第1个表格第1行第1列")]


def test_headers_are_read_once() -> None:
    header = word_part("hdr", p("怀来县残疾人联合会"))
    section = f'<w:p><w:pPr><w:sectPr><w:headerReference xmlns:r="{"http://schemas.openxmlformats.org/officeDocument/2006/relationships"}" r:id="rIdheader"/></w:sectPr></w:pPr></w:p>'
    assert texts(word(section + section, {"header": header}), "header") == ["怀来县残疾人联合会"]


def test_pictures_macros_and_outside_links_are_said() -> None:
    data = docx(p(raw='<w:r><w:drawing><a:blip r:embed="rId9"/></w:drawing></w:r>'), links={"rId9": ("image", "http://example.invalid/a.png")})
    whys = " ".join(notice.why for notice in read_word(Content("a.docx", data)).notices)
    assert "1 张图片" in whys
    assert "没有访问" in whys


def test_the_main_part_may_have_another_name_and_parts_backslashes() -> None:
    data = docx(p("别处"), main="word/document2.xml")
    assert texts(read(Member("a.docx", data))) == ["别处"]
    assert texts(read(Member("a.docx", data.replace(b"word/document2.xml", b"word\\document2.xml")))) == ["别处"]


def test_background_before_the_body_and_foreign_namespaces() -> None:
    body = p("甲", raw='<wpsCustomData xmlns="http://www.wps.cn/officeDocument/2013/wpsCustomData"><x/></wpsCustomData>' + r("乙"))
    data = docx(body).replace(b"", b"")
    assert texts(read_word(Content("a.docx", data))) == ["甲乙"]


DRESS = '<w:rFonts w:ascii="Times New Roman" w:eastAsia="仿宋"/><w:b/><w:sz w:val="24"/><w:lang w:eastAsia="zh-CN"/>'
CHANGE = f'<w:rPrChange w:id="1"><w:rPr>{DRESS}</w:rPr></w:rPrChange>'
BORDERS = '<w:tcBorders><w:top w:val="single"/></w:tcBorders>'


@given(layouts(most_rows=4, most_columns=4))
def test_what_dresses_the_text_changes_nothing(layout: list[Spot]) -> None:
    """Run properties and borders are taken off before parsing: whoever opens the file for change gets the same document from all of it."""
    plain = docx(word_table(layout) + p("尾"))
    dressed = docx(
        (word_table(layout) + p("尾"))
        .replace("<w:r><w:t", f"<w:r><w:rPr>{DRESS}{CHANGE}</w:rPr><w:t")
        .replace("<w:tcPr>", f"<w:tcPr>{BORDERS}")
        .replace("<w:p>", f"<w:p><w:pPr><w:rPr>{DRESS}</w:rPr></w:pPr>", 3)
    )
    assert read_word(Content("a.docx", dressed)).blocks == read_word(Content("a.docx", plain)).blocks
    assert open_word(Content("a.docx", dressed)).document.blocks == read_word(Content("a.docx", plain)).blocks


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (f"{DRESS}<w:vanish/>", ""),
        (f'{DRESS}<w:vertAlign w:val="superscript"/>', "²"),
        ('<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>', "2"),
        (DRESS, "2"),
    ],
)
def test_what_tells_in_run_properties_is_kept(properties: str, expected: str) -> None:
    many = "".join(tc(p("甲", raw=r("乙", DRESS))) for _ in range(5))
    grid = only(word(tbl(tr(many, tc(p("m", raw=r("2", properties)))))))
    assert [c.text for c in grid.cells] == ["甲乙"] * 5 + [f"m{expected}"]


@pytest.mark.parametrize("body", [p("<![CDATA[<w:rPr>]]>"), p("甲") + "<!-- <w:rPr> -->" + p("乙")], ids=["cdata", "comment"])
def test_markup_that_only_looks_like_properties_is_left_alone(body: str) -> None:
    assert texts(word(body.replace("&lt;![CDATA[&lt;w:rPr&gt;]]&gt;", "<![CDATA[<w:rPr>]]>")))


CHUNK = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId9"/>'


def with_object(body: str, target: str, data: bytes, kind: str) -> Document:
    parts = parts_of(docx(body, links={"rId9": (kind, target)}))
    return read(Member("a.docx", zipped({**parts, f"word/{target}": data})))


@pytest.mark.parametrize(
    ("target", "data"),
    [
        ("afchunk.htm", "<html><p>网页里</p><table><tr><td>甲</td><td>≥1</td></tr></table></html>".encode()),
        ("afchunk.docx", docx(p("网页里") + tbl(tr(tc("甲"), tc("≥1"))))),
        (
            "afchunk.mht",
            b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            + "<html><p>网页里</p><table><tr><td>甲</td><td>≥1</td></tr></table></html>".encode()
            + b"\n--b--\n",
        ),
    ],
)
def test_chunks_of_other_formats_are_read_where_they_stand(target: str, data: bytes) -> None:
    document = with_object(p("前") + tbl(tr(tc("一"))) + CHUNK + p("后"), target, data, "aFChunk")
    assert texts(document) == ["前", "网页里", "后"]
    first, inner = document.grids()
    assert rows_of(inner) == [["甲", "≥1"]]
    assert (first.locator.grid, inner.locator.grid) == (1, 2)


def test_a_workbook_put_in_as_an_object_is_read() -> None:
    from tests.office_files import Tab, inline_rows, xlsx

    raw = '<w:r><w:object><v:shape/><o:OLEObject Type="Embed" ProgID="Excel.Sheet.12" r:id="rId9"/></w:object></w:r>'
    document = with_object(p("前", raw=raw) + p("后"), "embeddings/Sheet1.xlsx", xlsx(Tab("表", inline_rows([["甲", "≥1"]]))), "package")
    assert rows_of(only(document)) == [["甲", "≥1"]]
    assert any("已一并读取" in notice.why for notice in document.notices)
    other = with_object(p("前", raw=raw), "embeddings/oleObject1.bin", b"\0" * 50, "oleObject")
    assert any("oleObject1.bin 未读取" in notice.why for notice in other.notices)


def test_files_inside_files_inside_files_end_somewhere() -> None:
    data = docx(p("里"))
    for _ in range(6):
        data = zipped({**parts_of(docx(p("层") + CHUNK, links={"rId9": ("aFChunk", "a.docx")})), "word/a.docx": data})
    document = read(Member("a.docx", data))
    assert 2 <= len(texts(document)) <= 4
    assert any("未读取" in notice.why for notice in document.notices)


@pytest.mark.parametrize("there", [True, False])
def test_a_file_of_nothing_but_scans_goes_to_recognition(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.documents import ocr, readers

    monkeypatch.setattr(ocr, "available", lambda: there)
    page = Document(Content("x", b"").source("ocr-png"), [Paragraph("认出的字", Locator(page=1, line=1))])
    monkeypatch.setitem(readers.READERS, ".png", lambda content: page)
    picture = '<w:r><w:drawing><a:blip r:embed="rId9"/></w:drawing></w:r>'
    document = with_object(p("附件", raw=picture), "media/image1.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "image")
    assert texts(document) == (["附件", "认出的字"] if there else ["附件"])
    assert any("[ocr]" in notice.why for notice in document.notices) == (not there)
    full = with_object(p("正文" * 300, raw=picture), "media/image1.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "image")
    assert any("1 张图片" in notice.why for notice in full.notices)
