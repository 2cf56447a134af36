"""Exports: what is printed where, that every format holds exactly the table, and that nothing in a text can break or run."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from assistant.errors import InputError
from assistant.export import FORMATS, department_differences, differences, render, write
from assistant.export.characters import clean, file_name
from assistant.export.excel import exact, number_format, sheet_name
from assistant.export.layout import lay_out, level_runs
from assistant.export.outline import outline
from assistant.export.pages import pages_of
from assistant.export.word import contents_entries
from assistant.table import Budget, DepartmentGoals, GoalItem, GoalTable, Indicator, Measure, PlanNode, Project, Unit
from assistant.target import Target
from tests.strategies import departments, dirty_texts, tables

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def example(**changes: object) -> GoalTable:
    """The first table of the seed, written by hand."""
    rows = [
        ("产出指标", "数量指标", "得到培训或职业介绍服务的残疾人", "得到培训或职业介绍服务的残疾人人数", "≥46人"),
        ("产出指标", "质量指标", "残疾人职业技能培训合格率", "残疾人职业技能培训合格的比例", "≥90%"),
        ("产出指标", "成本指标", "职业培训补贴人均标准", "职业培训补贴人均标准", "1500元/人"),
        ("效益指标", "社会效益指标", "新增残疾人就业人数", "新增残疾人就业人数", "≥35人"),
        ("满意度指标", "服务对象满意度指标", "残疾人满意率", "残疾人满意率", "≥80%"),
    ]
    data: dict[str, object] = {
        "number": 1,
        "title": "怀财字【2025】7号 残疾人就业保障金绩效目标表",
        "year": 2025,
        "unit": Unit(code="762001", name="怀来县残疾人联合会"),
        "project": Project(code="13073025P00TF1J100047", name="怀财字【2025】7号 残疾人就业保障金"),
        "budget": Budget(total=Decimal("470.00"), fiscal=Decimal("470.00")),
        "purpose": "用于残疾人就业、培训以及残疾人生活保障。",
        "spending_plan": tuple(PlanNode(by=by, percent=Decimal(p)) for by, p in (("3月底", 25), ("6月底", 50), ("10月底", 75), ("12月底", 100))),
        "goals": ("减轻残疾人生活压力。",),
        "indicators": tuple(Indicator(level1=a, level2=b, level3=c, description=d, value=Target.parse(e), basis="工作计划") for a, b, c, d, e in rows),
    }
    return GoalTable.model_validate({**data, **changes})


PART_ONE = DepartmentGoals(
    overall_goal="坚持系统推进。",
    items=(GoalItem(title="残疾人维权。", goal="全面推进无障碍建设。", indicators="满意程度 90%以上。"),),
    measures=(Measure(title="完善制度建设", text="包括资金管理办法等。"), Measure(title="加强支出管理", text="及时支付资金。")),
    unit=Unit(code="762001", name="怀来县残疾人联合会"),
    year=2025,
)


def body(data: bytes) -> etree._Element:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    return root[0]


def texts(row: etree._Element) -> list[str]:
    return ["".join(cell.itertext(f"{W}t")) for cell in row.findall(f"{W}tc")]


# -- the printed form ---------------------------------------------------------------------------------------------------------------


def test_word_prints_the_hebei_form_cell_by_cell() -> None:
    found = body(render([example()]))
    header, indicators = found.findall(f"{W}tbl")
    assert [texts(row) for row in header.findall(f"{W}tr")] == [
        ["762001怀来县残疾人联合会", "单位：万元"],
        ["项目编码", "13073025P00TF1J100047", "项目名称", "怀财字【2025】7号 残疾人就业保障金"],
        ["预算规模及资金用途", "预算数", "470.00", "其中：财政资金", "470.00", "其他资金", ""],
        ["", "用于残疾人就业、培训以及残疾人生活保障。"],
        ["资金支出计划（%）", "3月底", "6月底", "10月底", "12月底"],
        ["", "25%", "50%", "75%", "100%"],
        ["绩效目标", "1.减轻残疾人生活压力。"],
    ]
    rows = indicators.findall(f"{W}tr")
    assert texts(rows[0]) == ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"]
    assert texts(rows[1])[0] == "产出指标"
    assert texts(rows[2])[:2] == ["", "质量指标"]
    merges = [[merge.get(f"{W}val") for merge in row[1].iter(f"{W}vMerge")] for row in rows[1:]]
    assert merges == [["restart"], [None], [None], [], []]


def test_word_rows_stay_whole_and_heads_repeat() -> None:
    found = body(render([example()]))
    for grid in found.findall(f"{W}tbl"):
        rows = grid.findall(f"{W}tr")
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * (len(rows) - 1)


def test_word_grid_adds_up_in_every_row() -> None:
    for form in ("hebei-2025", "national", "sichuan-2025", "yunnan", "hunan", "hubei", "anhui"):
        for grid in body(render([example(form=form, extra={"项目期": "3年"})])).findall(f"{W}tbl"):
            widths = [int(column.get(f"{W}w")) for column in grid.find(f"{W}tblGrid")]
            for row in grid.findall(f"{W}tr"):
                spans = [int(span.get(f"{W}val")) if (span := cell.find(f"{W}tcPr/{W}gridSpan")) is not None else 1 for cell in row.findall(f"{W}tc")]
                own = [int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w")) for cell in row.findall(f"{W}tc")]
                assert sum(spans) == len(widths)
                assert sum(own) == sum(widths) == 8844


def test_a_whole_text_has_cover_filled_contents_and_heading_levels() -> None:
    made = [example(), example(number=2, project=Project(name="经费"), title=None)]
    data = render(made, department=PART_ONE)
    paragraphs = [(p.find(f"{W}pPr/{W}pStyle"), "".join(p.itertext(f"{W}t"))) for p in body(data).findall(f"{W}p")]
    styled = [(style.get(f"{W}val"), text) for style, text in paragraphs if style is not None]
    assert styled[:3] == [("Subtitle", "怀来县残疾人联合会"), ("Title", "2025年部门预算绩效文本"), ("TOCHeading", "目　录")]
    contents = [text for style, text in styled if style.startswith("TOC") and style != "TOCHeading"]
    assert contents == [
        "第一部分 部门整体绩效目标1",
        "一、总体绩效目标2",
        "二、分项绩效目标2",
        "三、工作保障措施2",
        "第二部分 预算项目绩效目标3",
        "1.怀财字【2025】7号 残疾人就业保障金绩效目标表4",
        "2.经费绩效目标表5",
    ]
    headings = [(style, text) for style, text in styled if style in ("Heading1", "Heading2")]
    assert [text for _, text in headings] == [text for _, text in contents_entries(outline(made, PART_ONE))]
    assert ("BodyText", "（一）完善制度建设。包括资金管理办法等。") in styled
    anchors = {link.get(f"{W}anchor") for link in body(data).iter(f"{W}hyperlink")}
    assert anchors == {mark.get(f"{W}name") for mark in body(data).iter(f"{W}bookmarkStart")}


def test_contents_without_part_one_count_from_the_first_form() -> None:
    found = body(render([example(), example(number=2)], title="2025年预算项目绩效目标表"))
    contents = ["".join(p.itertext(f"{W}t")) for p in found.findall(f"{W}p") if (s := p.find(f"{W}pPr/{W}pStyle")) is not None and s.get(f"{W}val") == "TOC2"]
    assert [text[-1] for text in contents] == ["1", "2"]


def test_loose_forms_carry_their_year_and_are_counted() -> None:
    made = render([example(number=None), example(number=None, year=2026)], to="md").decode()
    assert "（2025年度）" in made
    assert "（2026年度）" in made
    assert "## 1.怀财字" in made
    assert "## 2.怀财字" in made
    assert "## 怀财字" in render([example(number=None)], to="md").decode()


@pytest.mark.parametrize("to", ["docx", "xlsx", "md", "html"])
def test_open_cells_are_marked_and_nothing_else_is(to: str) -> None:
    marks = {"docx": b"FFF2CC", "xlsx": b"FFF2CC", "html": b"<mark>", "md": "待核实".encode()}

    def content(table: GoalTable) -> bytes:
        data = render([table], to=to)
        return data if to in ("html", "md") else b"".join(zipfile.ZipFile(io.BytesIO(data)).read(name) for name in zipfile.ZipFile(io.BytesIO(data)).namelist())

    assert marks[to] in content(example().with_text("indicators[0].value", "≥待核实人"))
    assert marks[to] not in content(example())


def test_other_forms_print_their_own_columns() -> None:
    table = example(form="sichuan-2025", extra={"主管部门": "某某局", "项目期": "3年"})
    table = table.model_copy(update={"indicators": tuple(row.model_copy(update={"extra": {"权重": "15"}}) for row in table.indicators)})
    form = lay_out(table)
    assert [cell.text for cell in form.indicators.rows[0]] == [
        "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "绩效指标描述", "指标值确定依据", "权重",
    ]  # fmt: skip
    assert [cell.text for cell in form.indicators.rows[1]][3:6] == ["≥", "46", "人"]
    shown = [cell.text for row in form.header.rows for cell in row]
    assert {"某某局", "3年", "用于残疾人就业、培训以及残疾人生活保障。", "3月底"} <= set(shown)


def test_a_value_is_parted_only_where_its_parts_give_it_back() -> None:
    rows = tuple(Indicator(level1="产出指标", level2="数量指标", level3="数", value=Target.parse(text)) for text in ("90%以上", "全年", "≤20.70万元", ""))
    form = lay_out(GoalTable(form="sichuan-2025", indicators=rows))
    assert [[cell.text for cell in row][3:6] for row in form.indicators.rows[1:]] == [
        ["", "90%以上", ""],
        ["", "全年", ""],
        ["≤", "20.70", "万元"],
        ["", "", ""],
    ]


def test_level_two_merges_only_inside_one_level_one_and_blanks_never() -> None:
    rows = [Indicator(level1=a, level2=b) for a, b in (("产出", "数量"), ("产出", "数量"), ("成本", "数量"), ("", ""), ("", ""))]
    assert level_runs(rows, "level1") == [2, 0, 1, 1, 1]
    assert level_runs(rows, "level2") == [2, 0, 1, 1, 1]


@given(tables())
@quick
def test_every_text_of_a_table_is_printed_somewhere(table: GoalTable) -> None:
    form = lay_out(table)
    shown = [cell.text for block in form.blocks for row in block.rows for cell in row]
    for cell in table.cells():
        text = clean(cell.text)
        # A level cell stands once for the rows it covers; unit and goals share their cells with code and number.
        assert not text or cell.address == "year" or any(text in seen for seen in shown), cell


def test_page_estimate_grows_with_the_table() -> None:
    table = example()
    assert pages_of(lay_out(table)) == 1
    assert pages_of(lay_out(table.model_copy(update={"indicators": table.indicators * 3}))) == 2


# -- formats ------------------------------------------------------------------------------------------------------------------------


def test_the_same_tables_give_the_same_bytes() -> None:
    for to in ("docx", "xlsx", "md", "html", "json", "csv"):
        assert render([example()], to=to) == render([example()], to=to), to


def test_excel_keeps_money_as_numbers_with_the_decimals_of_the_source() -> None:
    assert number_format(Decimal("470.00")) == "0.00"
    assert number_format(Decimal("5")) == "0"
    assert number_format(Decimal("1E+3")) == "0"
    assert exact(Decimal("470.00")) == 470.0
    assert exact(Decimal("1234567890123456.78")) is None
    sheet = zipfile.ZipFile(io.BytesIO(render([example()], to="xlsx"))).read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"<v>470</v>", sheet)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=12))
@quick
def test_sheet_names_are_legal_and_unique(headings: list[str]) -> None:
    taken: set[str] = set()
    names = [sheet_name(heading, taken) for heading in headings]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")', "\t=1", "＝1+1"])
def test_no_text_becomes_a_formula(lead: str) -> None:
    table = example(purpose=lead + "1", title=None, project=Project(name=lead + "名", code="1"))
    for flat in (False, True):
        book = zipfile.ZipFile(io.BytesIO(render([table], to="xlsx", flat=flat)))
        for name in book.namelist():
            assert b"<f>" not in book.read(name)
            assert b"<hyperlink" not in book.read(name)
    for row in csv.reader(io.StringIO(render([table], to="csv").decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(dirty_texts(), st.sampled_from(["docx", "xlsx", "md", "html", "json", "csv"]))
@quick
def test_dirty_texts_break_no_file(text: str, to: str) -> None:
    table = GoalTable.model_construct(**{**dict(example()), "purpose": text, "goals": (text,), "project": Project.model_construct(code=text, name=text)})
    data = render([table], to=to)
    if to in ("docx", "xlsx"):
        book = zipfile.ZipFile(io.BytesIO(data))
        for name in book.namelist():
            etree.fromstring(book.read(name))
    elif to == "json":
        json.loads(data)
    else:
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\u202e\ufffe\uffff]", data.decode("utf-8-sig"))


def test_clean_keeps_what_is_text() -> None:
    assert clean("甲\r\n乙\u2028丙\x0b丁") == "甲\n乙\n丙\n丁"
    assert clean("\x1b[31m红\x1b[0m\ud800字") == "红字"
    assert clean("𠮷家≥46人\t😀") == "𠮷家≥46人\t😀"


@pytest.mark.parametrize(
    ("text", "name"), [("a/b:c*d", "a_b_c_d"), ("..", "绩效目标表"), ("  经费 ", "经费"), ("长" * 300, "长" * 66), ("con", "_con"), ("COM1.2026", "_COM1.2026")]
)
def test_file_names(text: str, name: str) -> None:
    assert file_name(text) == name


def test_html_asks_nobody_for_anything() -> None:
    page = render([example(purpose='<script>alert(1)</script>&"')], to="html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;" in page
    assert not re.search(r"https?://|src=|@import|url\(", page)
    assert 'rowspan="3" class="center">产出指标' in page


def test_json_has_the_shape_of_the_contract() -> None:
    content = json.loads(render([example()], department=PART_ONE, to="json"))
    table = content["tables"][0]
    assert table["budget"] == {"total": "470.00", "fiscal": "470.00", "other": None}
    assert table["indicators"][0]["value"] | {"text": "≥46人", "comparator": "≥", "number": "46", "unit": "人"} == table["indicators"][0]["value"]
    assert content["department"]["items"][0]["title"] == "残疾人维权。"
    assert GoalTable.model_validate(table) == example()


def test_flat_list_has_a_row_for_each_indicator() -> None:
    rows = list(csv.DictReader(io.StringIO(render([example(), example(number=2, indicators=())], to="csv").decode("utf-8-sig"))))
    assert len(rows) == 6
    assert rows[0]["预算数（万元）"] == "470.00"
    assert rows[0]["6月底支出进度"] == "50%"
    assert rows[2]["一级指标"] == "产出指标"
    assert rows[5]["三级指标"] == ""
    mixed = list(csv.DictReader(io.StringIO(render([example(), example(money_unit="元")], to="csv").decode("utf-8-sig"))))
    assert [row["金额单位"] for row in mixed[::5]] == ["万元", "元"]


def test_write_replaces_only_a_finished_file(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    path.write_bytes(b"old")
    with pytest.raises(InputError):
        write(path, [], to="docx")
    with pytest.raises(InputError):
        write(path, [example()], to="doc")
    assert path.read_bytes() == b"old"
    write(path, [example()])
    assert zipfile.is_zipfile(path)
    assert [item.name for item in tmp_path.iterdir()] == ["x.docx"]


def test_formats_are_listed_with_their_suffix() -> None:
    assert {name: form.suffix for name, form in FORMATS.items()} == {name: f".{name}" for name in ("docx", "xlsx", "md", "html", "pdf", "json", "csv")}


# -- differences --------------------------------------------------------------------------------------------------------------------


def test_differences_name_the_cell_that_differs() -> None:
    table = example()
    assert differences([table], [table]) == []
    found = table.with_text("indicators[2].value", "1500元").with_text("budget.total", "470")
    assert differences([table], [found]) == [
        "第1张表“怀财字【2025】7号 残疾人就业保障金”的预算数（budget.total）应为“470.00”，文件里是“470”。",
        "第1张表“怀财字【2025】7号 残疾人就业保障金”的第3行·指标值（indicators[2].value）应为“1500元/人”，文件里是“1500元”。",
    ]
    assert differences([table], []) == ["应有 1 张表，文件里读到 0 张。"]
    assert "绩效目标条数" in differences([table], [table.model_copy(update={"goals": ()})])[0]


@given(departments(), st.data())
@quick
def test_any_changed_cell_is_a_difference(made: list[GoalTable], data: st.DataObject) -> None:
    assert differences(made, made) == []
    i = data.draw(st.integers(0, len(made) - 1))
    cells = [cell.address for cell in made[i].cells() if cell.text and not cell.address.startswith(("budget", "spending_plan", "year"))]
    address = data.draw(st.sampled_from(cells))
    changed = [*made]
    changed[i] = made[i].with_text(address, made[i].text(address) + "甲")
    assert len(differences(made, changed)) == 1


def test_department_differences() -> None:
    assert department_differences(PART_ONE, PART_ONE) == []
    assert department_differences(None, None) == []
    assert len(department_differences(PART_ONE, None)) == 1
    changed = PART_ONE.model_copy(update={"measures": PART_ONE.measures[:1], "overall_goal": "其他"})
    assert len(department_differences(PART_ONE, changed)) == 2
