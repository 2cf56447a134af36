"""Every form read cell by cell: as grids with spans, as text with one cell a line, as text with one row a line."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chinese import fold
from assistant.documents import Document, Grid, Locator, Paragraph
from assistant.documents.readers import Member, read
from assistant.errors import AssistantError
from assistant.extraction import extract, labels, lexicon
from assistant.table import GoalTable
from tests import forms
from tests.forms import LAYOUTS, Facts, Form, Sheet
from tests.office_files import Spot

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


# -- documents of several tables ---------------------------------------------------------------------------------------------------


def facts(number: int) -> Facts:
    return Facts(7, number=number)


def joined(*parts: Form) -> Form:
    return Form([block for part in parts for block in part.blocks], [table for part in parts for table in part.tables])


def fused(*parts: Form) -> Form:
    """All blocks in one grid, headings as rows across it."""
    spots: list[Spot] = []
    for block in (block for part in parts for block in part.blocks):
        row = max((spot.row + spot.row_span for spot in spots), default=0)
        spots += [Spot(row, 0, block, 1, 7)] if isinstance(block, str) else [replace(spot, row=spot.row + row) for spot in block]
    return Form([spots], [table for part in parts for table in part.tables])


def split(form: Form, at: int, *between: str, head: tuple[int, ...] = ()) -> Form:
    """The last grid cut before row ``at`` as a page end does: merged cells go on blank, ``head`` rows are repeated."""
    *before, spots = form.blocks
    above = [replace(spot, row_span=min(spot.row_span, at - spot.row)) for spot in spots if spot.row < at]
    below = [Spot(i, spot.column, spot.text, 1, spot.column_span) for i, row in enumerate(head) for spot in spots if spot.row == row]
    for spot in spots:
        first, last = max(spot.row, at), spot.row + spot.row_span
        if last > at:
            below.append(Spot(first - at + len(head), spot.column, spot.text if spot.row >= at else "", last - first, spot.column_span))
    return Form([*before, above, *between, sorted(below, key=lambda spot: (spot.row, spot.column))], form.tables)


def changed(form: Form, text: Callable[[str], str], **fields: object) -> Form:
    """The form with every cell's text changed, and fields of its tables with it."""
    blocks = [block if isinstance(block, str) else [replace(spot, text=text(spot.text)) for spot in block] for block in form.blocks]
    return Form(blocks, [table.model_copy(update=fields) for table in form.tables])


BROKEN = {
    "项目编码": "项目\n编码",
    "项目名称": "项 目 名 称",
    "绩效目标": "绩\n效\n目\n标",
    "一级指标": "一级\n指标",
    "指标值确定依据": "指标值\n确定依据",
    "产出指标": "产出\n指标",
    "3月底": "3 月底",
}
NOISE = [Spot(0, 0, "收入"), Spot(0, 1, "支出"), Spot(1, 0, "一般公共预算"), Spot(1, 1, "100"), Spot(2, 0, "合计"), Spot(2, 1, "100")]


def documents() -> dict[str, Form]:
    two = joined(forms.hebei(facts(1)), forms.hebei(facts(2)))
    parted = forms.hebei(facts(1), grids=2)
    whole = forms.hebei(facts(1))
    contents = ["目录", "第一部分 部门整体绩效目标\t1", *(f"{i}.{facts(i).name}绩效目标表........{i + 2}" for i in (1, 2))]
    yuan = changed(forms.hebei(facts(2)), lambda text: text.replace("单位：万元", "单位:元"), money_unit="元")
    no_unit = changed(whole, lambda text: "" if text == "单位：万元" else text)
    foot = changed(whole, str, extra={"联系人": "张三", "联系电话": "0313-123456"})
    return {
        "三张表": joined(two, forms.hebei(facts(3), grids=2)),
        "没有标题": joined(*(forms.hebei(facts(i), heading=False) for i in (1, 2)), forms.hebei(facts(3), heading=False, grids=2)),
        "并成一个表格": fused(forms.hebei(facts(1)), forms.hebei(facts(2))),
        "并成一个表格没有标题": fused(*(forms.hebei(facts(i), heading=False) for i in (1, 2))),
        "目录重复标题": Form([*contents, *two.blocks], two.tables),
        "4、": joined(forms.hebei(facts(4), number="{}、"), forms.hebei(Facts(8, number=4), number="（{}）")),
        "分页": joined(split(parted, 5), forms.hebei(facts(2))),
        "分页重复表头": joined(split(parted, 5, head=(0,)), forms.hebei(facts(2))),
        "分页续": joined(split(parted, 5, "（续）", head=(0,)), forms.hebei(facts(2))),
        "分页标题续": joined(split(parted, 5, f"{parted.tables[0].title}（续）", head=(0,)), forms.hebei(facts(2))),
        "一个表格分页": joined(split(whole, 10), forms.hebei(facts(2))),
        "一个表格分页重复项目": joined(split(whole, 10, head=(0, 1, 7)), forms.hebei(facts(2))),
        "表头里分页": joined(split(whole, 4), forms.hebei(facts(2))),
        "中央2021分页": split(forms.central_2021(facts(1)), 11),
        "中央2021分页重复表头": split(forms.central_2021(facts(1)), 11, head=(6,)),
        "安徽分页": split(forms.anhui(facts(1)), 13),
        "安徽分页重复表头": split(forms.anhui(facts(1)), 13, head=(11,)),
        "云南分页": split(forms.yunnan(facts(1)), 9),
        "云南分页重复表头": split(forms.yunnan(facts(1)), 9, head=(0,)),
        "四川分页": split(forms.sichuan(facts(1)), 9),
        "四川分页重复表头": split(forms.sichuan(facts(1)), 9, head=(0,)),
        "标签断行": changed(whole, lambda text: BROKEN.get(text, text)),
        "一张表以元计": joined(forms.hebei(facts(1)), yuan, forms.hebei(facts(3))),
        "单位写在表外": Form([no_unit.blocks[0], "金额单位：万元", no_unit.blocks[1]], whole.tables),
        "夹着别的表": joined(Form(["收支总表", NOISE], []), whole, Form(["以上各表由财政局提供。", NOISE], [])),
        "表外的落款": joined(Form([*whole.blocks, "填报人：张三    联系电话：0313-123456"], foot.tables), forms.hebei(facts(2))),
    }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", documents())
def test_a_document_of_several_tables(name: str, shape: str) -> None:
    form = documents()[name]
    check(form, SHAPES[shape](form))


def test_a_row_cut_by_a_page_end_is_joined_and_said() -> None:
    form = forms.hebei(facts(1), grids=2)
    head, body = form.blocks[1], form.blocks[2]
    assert isinstance(head, list)
    assert isinstance(body, list)
    name = form.tables[0].indicators[3].level3
    row = next(spot.row for spot in body if spot.text == name)
    form = split(form, row + 1)
    (*blocks, above, below) = form.blocks
    above = [replace(spot, text=name[:6]) if spot.text == name else spot for spot in above]
    rest = [Spot(0, i, name[6:] if i == 2 else "") for i in range(6)]
    document = forms.document(Form([*blocks, above, [*rest, *(replace(spot, row=spot.row + 1) for spot in below)]], []))
    found = extract(document)
    assert found.tables[0].indicators == form.tables[0].indicators
    assert any("分页截断" in warning for warning in found.report.warnings)


def test_grids_inside_cells_belong_to_the_table() -> None:
    form = forms.hebei(facts(1), grids=2)
    document = forms.document(form)
    outer, inner = (block for block in document.blocks if isinstance(block, Grid))
    outer.cells[-1].nested.append(inner)
    document.blocks.remove(inner)
    check(form, document)


# -- cells that moved ---------------------------------------------------------------------------------------------------------------


def test_a_web_table_whose_merged_cells_were_dropped() -> None:
    """Rows under a merged cell begin further left; levels and comparators say by how much."""
    text = """
| 部门预算项目绩效目标申报表(2024年度) | | | | | | | | | | | |
| 金额单位：元 | | | | | | | | | | | |
| 单位名称 | 项目名称 | 预算数 | 年度目标 | 一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | 权重 | 指标方向性 |
| 820-河口镇部门 | 1,250,000.50 | | | | | | | | | | |
| 820001-某县河口镇人民政府 | 村级管水员报酬 | 1,150,000.50 | 按月发放报酬 | 效益指标 | 社会效益指标 | 供水保证率 | ≥ | 95 | % | 10 | 正向指标 |
| 产出指标 | 时效指标 | 发放及时率 | ≥ | 98 | % | 20 | 正向指标 | | | | |
| 产出指标 | 数量指标 | 管水员人数 | ＝ | 230 | 人 | 10 | 正向指标 | | | | |
| 堰塘整治 | 100,000.00 | 整治堰塘11口 | 满意度指标 | 服务对象满意度指标 | 村民满意度 | ≥ | 90 | % | 10 | 正向指标 | |
| 产出指标 | 质量指标 | 验收结论 | 定性 | 合格 | | 10 | 正向指标 | | | | |
"""
    found = extract(read(Member("a.md", text.encode())))
    assert not found.report.unread
    first, second = found.tables
    assert (first.project.name, str(first.budget.total), first.money_unit, first.year) == ("村级管水员报酬", "1150000.50", "元", 2024)
    assert (first.unit.code, first.unit.name) == ("820001", "某县河口镇人民政府")
    assert [(row.level1, row.level2, row.level3, row.value.text) for row in first.indicators] == [
        ("效益指标", "社会效益指标", "供水保证率", "≥95%"),
        ("产出指标", "时效指标", "发放及时率", "≥98%"),
        ("产出指标", "数量指标", "管水员人数", "＝230人"),
    ]
    assert second.unit.name == "某县河口镇人民政府"
    assert [(row.level3, row.value.text) for row in second.indicators] == [("村民满意度", "≥90%"), ("验收结论", "合格")]


# -- nothing is lost ---------------------------------------------------------------------------------------------------------------

LABELS = sorted({word for words in [*labels.FIELDS.values(), *labels.COLUMNS.values()] for word in words} | labels.GROUPS)
ODDITIES = [
    "100.00",
    "12",
    "≥50人",
    "2025年",
    "产出指标",
    "数量指标",
    "3月底",
    "25%",
    "完成甲。\n完成乙。",
    "",
    "",
    "单位：万元",
    "项目名称：丁项目",
    "1.目标一；2.目标二。",
]


def disturbed(spots: list[Spot], chance: random.Random) -> list[Spot]:
    """A grid with some cells changed and rows put in, its own texts marked so that each can be looked for."""
    for _ in range(chance.randint(1, 5)):
        mark = f"独特文字{chance.randrange(10**6)}号"
        text = chance.choice([chance.choice(LABELS), chance.choice(ODDITIES), mark, mark])
        at = chance.randrange(len(spots))
        if chance.random() < 0.6:
            spots = [replace(spot, text=text) if i == at else spot for i, spot in enumerate(spots)]
            continue
        row, width = spots[at].row, max(spot.column + spot.column_span for spot in spots)
        below = [replace(spot, row=spot.row + 1) if spot.row >= row else spot for spot in spots]
        below = [replace(spot, row_span=spot.row_span + 1) if spot.row < row < spot.row + spot.row_span else spot for spot in below]
        taken = {c for spot in below if spot.row < row < spot.row + spot.row_span for c in range(spot.column, spot.column + spot.column_span)}
        texts = {
            c: chance.choice([chance.choice(LABELS), chance.choice(ODDITIES), f"独特文字{chance.randrange(10**6)}号"]) for c in range(width) if c not in taken
        }
        spots = sorted([*below, *(Spot(row, c, text) for c, text in texts.items())], key=lambda spot: (spot.row, spot.column))
    return spots


@settings(max_examples=150, deadline=None)
@given(layout=st.sampled_from(sorted(LAYOUTS)), seed=st.integers(0, 5), chaos=st.integers(0, 10**9), shape=st.sampled_from(["grid", "cells"]))
def test_what_is_written_is_read_or_reported(layout: str, seed: int, chaos: int, shape: str) -> None:
    """Whatever a form was made into: no error but ours, and no text of a grid that was read is missing from tables and report."""
    chance = random.Random(chaos)
    form = LAYOUTS[layout](Facts(seed))
    form = Form([block if isinstance(block, str) else disturbed(block, chance) for block in form.blocks], [])
    found = extract(SHAPES[shape](form))
    said = fold(json.dumps(found.to_json(), ensure_ascii=False))
    if found.report.grids_read < found.report.grids_found:
        return
    heads = {spot.text for block in form.blocks if not isinstance(block, str) for spot in block if _in_a_head(spot, block)}
    marks = {spot.text for block in form.blocks if not isinstance(block, str) for spot in block if spot.text.startswith("独特文字")}
    assert not [mark for mark in marks - heads if fold(mark) not in said]


def _in_a_head(spot: Spot, block: list[Spot]) -> bool:
    """Whether a text stands among column heads: there it is a label, which only shows where something is written below it."""
    return any(
        (other.row == spot.row and "一级" in fold(other.text)) or (other.row == spot.row and fold(other.text) in ("指标值", "三级指标")) for other in block
    )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(LABELS), st.sampled_from(ODDITIES), st.text(max_size=6)), max_size=40),
    st.sampled_from(["\n", "\t", "\n\t", "\n\n\t", " ", "|", ""]),
)
def test_any_words_give_tables_or_a_report(words: list[str], between: str) -> None:
    with contextlib.suppress(AssistantError):
        extract(read(Member("x.txt", between.join(words).encode("utf-8", "replace"))))


@pytest.mark.parametrize(
    "text",
    [
        "总额10606.75万元\n一、财政拨款：6923.35万元（其中：上级财政资金：6923.35万元；本级财政：0万元）\n二、自有资金：0万元",
        "资金总额：10606.75　财政拨款：6923.35　其他：0",
    ],
)
def test_several_amounts_in_one_cell(text: str) -> None:
    form = forms.central_2018(facts(1))
    *before, spots = form.blocks
    rows = [spot for spot in spots if spot.row < 2] + [Spot(2, 0, "资金总额及构成（万元）"), Spot(2, 1, text, 1, 4)]
    rest = [replace(spot, row=spot.row - 3) for spot in spots if spot.row >= 6]
    found = extract(forms.document(Form([*before, rows + rest], [])))
    assert found.report.complete
    (table,) = found.tables
    assert (str(table.budget.total), str(table.budget.fiscal), str(table.budget.other), table.money_unit) == ("10606.75", "6923.35", "0", "万元")
    assert table.extra.get("资金构成", text) == text


# -- labels and doubts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("实施周期总体绩效目标", "goals.long"),
        ("2025年度绩效目标", "goals"),
        ("项目 名称：", "project.name"),
        ("*项目\n名称", "project.name"),
        ("其中：财政    资金", "budget.fiscal"),
        ("实施期金额（万元）", "extra:中期资金总额"),
        ("年度金额", "budget.total"),
        ("（一）项目概况", "extra:项目概况"),
        ("绩效目标表", None),
        ("培训目标", None),
        ("完成培训任务的目标", None),
        ("补助资金", None),
    ],
)
def test_labels_of_fields(label: str, field: str | None) -> None:
    assert lexicon.field(label) == field


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("2025年指标值", "value"),
        ("实施期（2024-2026年）指标值", "value.long"),
        ("三级\n指标", "level3"),
        ("指 标 值（包含数字及文字描述）", "value"),
        ("分值权重(90)", "extra:权重"),
        ("工作计划", None),
    ],
)
def test_labels_of_columns(label: str, role: str | None) -> None:
    assert lexicon.column(label) == role


def test_slips_of_recognition_are_suspected_aloud_and_never_mended() -> None:
    form = forms.hebei(facts(1))
    rows = list(form.tables[0].indicators)
    values = {rows[0].value.text: "292%", rows[1].value.text: "z95%"}
    document = forms.document(changed(form, lambda text: values.get(text, text)))
    found = extract(document)
    assert {"292%", "z95%"} <= {row.value.text for row in found.tables[0].indicators}
    said = "\n".join(found.report.warnings)
    assert "“292%”可能是“≥92%”" in said
    assert "“z95%”可能是“≥95%”" in said


def test_labels_and_values_in_one_cell() -> None:
    """中央部门（2015）with every amount and goal written behind its label in the same cell."""
    form = forms.central_2015(facts(1))
    (table,) = form.tables
    *before, spots = form.blocks
    head = [spot for spot in spots if spot.row < 4]
    row = Sheet()
    row.rows = 4
    row.row(("项目资金\n（万元）", 1, 3), ("中期资金总额：900.00", 3), (f"年度资金总额：{table.budget.total}", 3))
    row.row(("其中：财政拨款：800.00", 3), (f"其中：财政拨款：{table.budget.fiscal}", 3)).row(("其他资金：100.00", 3), (f"其他资金：{table.budget.other}", 3))
    row.row(("总体目标", 1), (f"中期目标：{table.extra['长期目标']}", 3), (f"年度目标：{table.goals[0]}", 3))
    rest = [replace(spot, row=spot.row - 1) for spot in spots if spot.row >= 9]
    check(Form([*before, head + row.spots + rest], form.tables), forms.document(Form([*before, head + row.spots + rest], [])))


def test_fields_on_lines_above_a_grid_of_indicators() -> None:
    form = forms.anhui(facts(1))
    (table,) = form.tables
    (spots,) = form.blocks
    body = [replace(spot, row=spot.row - 11) for spot in spots if spot.row >= 11]
    lines = [
        "2026年项目支出绩效目标表",
        f"项目名称：{table.project.name}",
        f"预算单位：{table.unit.name}    金额单位：万元",
        "年度资金总额：12.50",
        "年度绩效目标：完成任务。",
    ]
    found = extract(forms.document(Form([*lines, body], [])))
    (read_table,) = found.tables
    assert found.report.complete
    assert (read_table.project.name, read_table.unit.name, str(read_table.budget.total)) == (table.project.name, table.unit.name, "12.50")
    assert (read_table.goals, read_table.year, read_table.indicators) == (("完成任务。",), 2026, table.indicators)


def test_targets_in_sentences() -> None:
    sheet = (
        Sheet()
        .row("项目名称", ("农村公路养护", 2))
        .row("实施单位", ("某县交通运输局", 2))
        .row("资金总额（万元）", ("85", 2))
        .row("绩效目标", ("做好养护。", 2))
    )
    sheet.row(("产出指标", 1, 2), "数量指标", "养护公路里程≥120公里；安装护栏3000米以上").row("质量指标", "1.路面完好率：≥95%\n2.养护质量明显提高")
    sheet.row("效益指标", "社会效益指标", "沿线群众出行时间缩短10%。").row("满意度指标", ("沿线群众满意度达到90%以上", 2))
    found = extract(forms.document(Form(["2026年项目绩效目标表", sheet.spots], [])))
    (table,) = found.tables
    assert [(row.level1, row.level2, row.level3, row.value.text) for row in table.indicators] == [
        ("产出指标", "数量指标", "养护公路里程", "≥120公里"),
        ("产出指标", "数量指标", "安装护栏", "3000米以上"),
        ("产出指标", "质量指标", "路面完好率", "≥95%"),
        ("效益指标", "社会效益指标", "沿线群众出行时间缩短", "10%"),
        ("满意度指标", "", "沿线群众满意度", "达到90%以上"),
    ]
    assert [item.why for item in found.report.unread] == ["“养护质量明显提高”写成了一句话，分不清指标名称和指标值"]
    assert table.extra["质量指标"] == "1.路面完好率：≥95%\n2.养护质量明显提高"


def test_one_paragraph_of_targets() -> None:
    sheet = Sheet().row("项目名称", "村级光伏维护").row("资金总额（万元）", "12").row("绩效目标", "保障电站运行。")
    sheet.row("绩效指标", "数量指标：维护电站20座；质量指标：设备完好率≥98%；服务对象满意度指标：村民满意度≥90%。")
    found = extract(forms.document(Form(["项目绩效目标表", sheet.spots], [])))
    assert [(row.level2, row.level3, row.value.text) for row in found.tables[0].indicators] == [
        ("数量指标", "维护电站", "20座"),
        ("质量指标", "设备完好率", "≥98%"),
        ("服务对象满意度指标", "村民满意度", "≥90%"),
    ]
    assert found.report.complete


def test_each_sheet_is_a_table_of_its_own() -> None:
    form = forms.anhui(facts(1))
    (spots,) = form.blocks
    body = [replace(spot, row=spot.row - 11) for spot in spots if spot.row >= 11]
    document = forms.document(Form([body, body], []))
    first, second = document.blocks
    document.blocks = [
        Paragraph("校舍维修", Locator(sheet="校舍维修"), kind="sheet"),
        first,
        Paragraph("Sheet2", Locator(sheet="Sheet2"), kind="sheet"),
        second,
    ]
    found = extract(document)
    assert [(table.project.name, table.indicators) for table in found.tables] == [(name, form.tables[0].indicators) for name in ("校舍维修", None)]


def test_the_name_of_a_level_cut_by_a_page_end_is_made_whole() -> None:
    form = forms.hebei(facts(1), grids=2)
    (*blocks, body) = form.blocks
    at = max(spot.row for spot in body if isinstance(spot, Spot) and spot.text == "服务对象满意度指标")
    rows = [replace(spot, text="服务对象满意度") if spot.row == at and spot.column == 1 else spot for spot in body if isinstance(spot, Spot)]
    last = max(spot.row for spot in rows) + 1
    more = [Spot(last, i, text) for i, text in enumerate(["", "指标", "群众投诉办结率", "", "≥95%", "信访办法"])]
    (table,) = extract(forms.document(Form([*blocks, [*rows, *more]], []))).tables
    assert [row.level2 for row in table.indicators][-2:] == ["服务对象满意度指标"] * 2
    assert table.indicators[:-1] == form.tables[0].indicators
