"""Forms of provinces in every kind of file: each field as it was written, nothing left over; forms of whole departments are no projects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

import pytest

from assistant.delivery import what_differs
from assistant.documents import Document
from assistant.documents.readers import Member, read
from assistant.export import render
from assistant.extraction import extract
from tests import forms, provinces
from tests.forms import Form
from tests.office_files import Spot, docx, excel_tab, p, tc, tr, word_table, xlsx
from tests.paper import pdf
from tests.provinces import CASES, Case, html_table, spots


def word(case: Case) -> Document:
    blocks = (p(block) if isinstance(block, str) else word_table(block) + p() for block in case.blocks)
    return read(Member("a.docx", docx("".join(blocks))))


def excel(case: Case) -> Document:
    """The lines above the table as merged rows of the sheet."""
    placed: list[Spot] = []
    for block in case.blocks:
        row = max((spot.row + spot.row_span for spot in placed), default=0)
        layout = [Spot(0, 0, block, 1, 5)] if isinstance(block, str) else block
        placed += [Spot(spot.row + row, spot.column, spot.text, spot.row_span, spot.column_span) for spot in layout]
    return read(Member("a.xlsx", xlsx(excel_tab(placed, "Sheet1"))))


def page(case: Case) -> Document:
    """A government site's page, whose frame is a table too."""
    inner = "".join(f"<p>{block}</p>" if isinstance(block, str) else html_table(block) for block in case.blocks)
    frame = f"<table width='100%'><tr><td>首页</td><td>政务公开</td></tr><tr><td colspan=2><table><tr><td>{inner}</td></tr></table></td></tr></table>"
    return read(Member("a.html", f"<html><body>{frame}<p>版权所有</p></body></html>".encode()))


SHAPES: dict[str, Callable[[Case], Document]] = {
    "grid": lambda case: forms.document(Form(list(case.blocks), [])),
    "docx": word,
    "xlsx": excel,
    "html": page,
    "pdf": lambda case: read(Member("a.pdf", pdf(list(case.blocks), size=(842, 595)))),
    "cells": lambda case: read(Member("表.txt", forms.text_of(Form(list(case.blocks), [])).encode())),
    "rows": lambda case: read(Member("表.txt", forms.tabbed_of(Form(list(case.blocks), [])).encode("gb18030"))),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", CASES)
def test_a_form_is_read_field_by_field(name: str, shape: str) -> None:
    check(CASES[name], SHAPES[shape](CASES[name]))


def check(case: Case, document: Document) -> None:
    """Every project of a case, and nothing left unread."""
    found = extract(document)
    assert not found.report.unread
    for expected, table in zip_longest(case.projects, found.tables):
        assert table is not None
        assert [(row.level1, row.level2, row.level3, row.value.text) for row in table.indicators] == list(expected.rows)
        wanted = {"name": expected.name, "code": expected.code, "unit": expected.unit, "year": expected.year, "goals": tuple(expected.goals) or None}
        wanted |= {name: Decimal(text) for name in ("total", "fiscal", "other") if (text := getattr(expected, name)) is not None}
        got = {"name": table.project.name, "code": table.project.code, "unit": table.unit.name, "year": table.year, "goals": table.goals}
        got |= {"total": table.budget.total, "fiscal": table.budget.fiscal, "other": table.budget.other}
        assert {key: got[key] for key, value in wanted.items() if value is not None} == {key: value for key, value in wanted.items() if value is not None}
        assert table.money_unit == expected.money_unit
        assert expected.extra.items() <= table.extra.items()


# -- forms of whole departments ------------------------------------------------------------------------------------------------------

WHOLE = {
    "任务与资金": (
        "部门（单位）整体支出绩效目标表",
        "（2025年度）",
        """
部门（单位）名称 | 某县教育局 | < | < | < | <
年度主要任务 | 任务名称 | 主要内容 | 预算金额（万元） | < | <
^ | ^ | ^ | 总额 | 财政拨款 | 其他资金
^ | 义务教育保障 | 落实两免一补，改善办学条件 | 1200 | 1200 | 0
^ | 教师队伍建设 | 培训教师500人次 | 80 | 60 | 20
^ | 金额合计 | < | 1280 | 1260 | 20
年度总体目标 | 目标1：九年义务教育巩固率达到96%。\\目标2：培训教师500人次。 | < | < | < | <
年度绩效指标 | 一级指标 | 二级指标 | 三级指标 | < | 指标值
^ | 产出指标 | 数量指标 | 培训教师人次 | < | ≥500人次
^ | 效益指标 | 社会效益指标 | 九年义务教育巩固率 | < | ≥96%
""",
    ),
    "整体预算": (
        "部门整体支出绩效目标表",
        "金额单位：万元",
        """
部门名称 | 某县教育局 | < | < | <
年度部门整体支出预算 | 资金总额 | 财政拨款 | 其他资金 | <
^ | 1280 | 1260 | 20 | <
部门职能职责描述 | 主管全县教育工作。 | < | < | <
年度总体目标 | 九年义务教育巩固率达到96%。\\培训教师500人次。 | < | < | <
部门整体支出年度绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值
^ | 产出指标 | 数量指标 | 培训教师人次 | ≥500人次
^ | 效益指标 | 社会效益指标 | 九年义务教育巩固率 | ≥96%
""",
    ),
}


@pytest.mark.parametrize("shape", ["grid", "docx", "xlsx", "html", "pdf"])
@pytest.mark.parametrize("name", WHOLE)
def test_the_form_of_a_whole_department_is_no_project(name: str, shape: str) -> None:
    found = extract(SHAPES[shape](Case([spots(block) if "|" in block else block for block in WHOLE[name]], [])))
    assert not found.tables
    assert not found.report.unread
    assert any("是部门整体的绩效目标表，不是项目表" in warning for warning in found.report.warnings)
    part = found.department
    assert part is not None
    assert part.unit.name == "某县教育局"
    assert part.overall_goal == "九年义务教育巩固率达到96%。\n培训教师500人次。"
    measures = {measure.name: measure.value.text for item in part.items for measure in item.measures}
    assert {"培训教师人次": "≥500人次", "九年义务教育巩固率": "≥96%"}.items() <= measures.items()
    assert part.items[-1].indicators.splitlines() == ["产出/数量/培训教师人次：≥500人次", "效益/社会效益/九年义务教育巩固率：≥96%"]
    # Written as part 1 of a text it comes back as it was.
    for to in ("docx", "md"):
        assert not what_differs(render([], department=part, to=to), Path(f"a.{to}"), [], department=part, to=to)
    items = {item.title: item.goal for item in part.items}
    if name == "任务与资金":
        assert part.year == 2025
        assert items["教师队伍建设"] == "培训教师500人次；总额（万元）80；财政拨款（万元）60；其他资金（万元）20"
    else:
        assert items["年度预算"] == "资金总额1280万元；财政拨款1260万元；其他资金20万元"
        assert measures["资金总额"] == "1280万元"
        assert items["部门职责"] == "主管全县教育工作。"


DUTIES = """
职责活动 | 年度预算数 | 内容描述 | 绩效目标 | 绩效指标 | 评价标准 | < | < | <
^ | ^ | ^ | ^ | ^ | 优 | 良 | 中 | 差
一、残疾人就业 | 100.5 | 组织就业培训 | 提高就业率 |  |  |  |  |
（一）职业技能培训 | 60 | 开展培训班 | 培训残疾人46人 | 培训合格率 | ≥95% | ≥90% | ≥85% | <85%
^ | ^ | ^ | ^ | 培训人数 | ≥46人 | ≥40人 | ≥30人 | <30人
"""
MORE = """
（二）就业服务 | 40.5 | 就业援助 | 援助就业30人 | 就业率 | ≥80% | ≥70% | ≥60% | <60%
"""


@pytest.mark.parametrize("shape", ["grid", "docx", "html"])
def test_a_grid_of_duties_and_activities_is_read_as_the_departments(shape: str) -> None:
    blocks = ["部门职责-工作活动绩效目标", "762001某县残疾人联合会", "单位：万元", spots(DUTIES), spots(MORE)]
    found = extract(SHAPES[shape](Case(blocks, [])))
    assert not found.tables
    assert not found.report.unread
    (part,) = found.departments
    assert (part.unit.code, part.unit.name) == ("762001", "某县残疾人联合会")
    assert [item.title for item in part.items] == ["一、残疾人就业", "（一）职业技能培训", "（二）就业服务"]
    assert part.items[1].goal == "年度预算数：60万元\n内容描述：开展培训班\n培训残疾人46人"
    assert part.items[1].indicators == "培训合格率：≥95%（良：≥90%；中：≥85%；差：<85%）\n培训人数：≥46人（良：≥40人；中：≥30人；差：<30人）"
    assert [(measure.name, measure.value.text) for item in part.items for measure in item.measures] == [
        ("培训合格率", "≥95%"),
        ("培训人数", "≥46人"),
        ("就业率", "≥80%"),
    ]


# -- what stands between rows ----------------------------------------------------------------------------------------------------------

ROWS = """2025年项目支出绩效目标表
项目名称\t村庄清洁\t\t\t
年度资金总额（万元）\t30\t\t\t
年度目标\t清洁村庄20个。\t\t\t
一级指标\t二级指标\t三级指标\t指标值{head}
产出指标\t数量指标\t清洁村庄数\t≥20个{cell}
本年新增两个村需单独核算。
产出指标\t质量指标\t验收合格率\t≥95%{cell}
"""


@pytest.mark.parametrize("last", [("", ""), ("\t备注", "\t")])
def test_a_line_of_prose_between_rows_is_said(last: tuple[str, str]) -> None:
    found = extract(read(Member("a.txt", ROWS.format(head=last[0], cell=last[1]).encode())))
    (table,) = found.tables
    assert [row.value.text for row in table.indicators] == ["≥20个", "≥95%"]
    (unread,) = found.report.unread
    assert "本年新增两个村需单独核算。" in unread.why


@pytest.mark.parametrize("line", ["年度绩效指标", "- 2 -", "第 3 页 共 9 页", "单位：万元", "（续）"])
def test_what_explains_itself_between_rows_is_not(line: str) -> None:
    text = ROWS.format(head="\t备注", cell="\t").replace("本年新增两个村需单独核算。", line)
    assert not extract(read(Member("a.txt", text.encode()))).report.unread


def test_a_frame_of_a_page_is_unwrapped_and_a_form_with_a_table_inside_is_not() -> None:
    case = provinces.CASES["江西"]
    form, head = html_table(next(block for block in case.blocks if not isinstance(block, str))), "<p>（2025年度）</p>"
    framed = read(Member("a.html", f"<table><tr><td>导航</td></tr><tr><td>{head}{form}<p>填报人：张三</p></td></tr></table>".encode()))
    assert [type(block).__name__ for block in framed.blocks] == ["Paragraph", "Paragraph", "Grid", "Paragraph"]
    rows = "".join(f"<tr><td>项目{i}</td><td>值{i}</td></tr>" for i in range(4))
    (kept,) = read(Member("a.html", f"<table>{rows}<tr><td colspan=2>{form}</td></tr></table>".encode())).grids().__iter__().__next__().cells[-1].nested
    assert kept.rows > 10


FRAMED = """
项目名称 | 集雨水窖建设 | < | <
年度资金总额 | 36 | < | <
年度目标 | 修建水窖120口。 | < | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 修建水窖数 | ≥120口
满意度指标 | 服务对象满意度指标 | 农户满意度 | ≥90%
"""


def test_a_word_table_that_only_lays_out_gives_title_unit_and_foot() -> None:
    cell = tc("2025年项目支出绩效目标表", "金额单位：元", word_table(spots(FRAMED)), "填报人：王某")
    found = extract(read(Member("a.docx", docx(f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>{tr(cell)}</w:tbl>{p()}"))))
    (table,) = found.tables
    assert (table.project.name, table.year, table.money_unit, table.extra) == ("集雨水窖建设", 2025, "元", {"联系人": "王某"})
    assert len(table.indicators) == 2
    assert not found.report.unread


@pytest.mark.parametrize(
    ("money", "total", "fiscal", "other"),
    [
        ("项目资金 | 总额：20万元，其中财政资金15万元，自筹资金5万元 | < | <", "20", "15", "5"),
        ("项目资金 | 20万元（其中：财政拨款15万元；其他资金5万元） | < | <", "20", "15", "5"),
        ("预算金额 | 20 | 万元 | ", "20", None, None),
    ],
)
def test_amounts_with_their_parts_or_unit_beside_them(money: str, total: str, fiscal: str | None, other: str | None) -> None:
    form = FRAMED.replace("年度资金总额 | 36 | < | <", money)
    found = extract(SHAPES["docx"](Case(["2025年项目支出绩效目标表", spots(form)], [])))
    (table,) = found.tables
    assert [None if amount is None else f"{amount:f}" for amount in (table.budget.total, table.budget.fiscal, table.budget.other)] == [total, fiscal, other]
    assert table.money_unit == "万元"
    assert not found.report.unread
    assert not any("不是认得的栏目" in warning for warning in found.report.warnings)
