"""A list of next year's projects, from tables and JSON, to requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.documents.readers import Member, read
from assistant.errors import InputError
from assistant.extraction.projects import project_lines, read_list

LIST = """2026年项目清单
单位：万元

序号\t单位名称\t项目名称\t预算数\t其中：财政资金\t其他资金\t资金用途\t文号\t已知情况\t备注
1\t762001怀来县残疾人联合会\t残疾人就业保障金\t495\t495.00\t\t用于残疾人就业、培训\t怀财字〔2026〕7号、冀财社〔2025〕163号\t培训人数=55人；补贴标准：1600元/人\t
2\t\t家庭无障碍改造\t35万元\t350000元\t0\t改造40户\t\t户数=40户，标准=3500元/户\t续建
\t\t小计\t530\t\t\t\t\t\t
3\t怀来县水务局\t农村饮水\t待定\t\t\t\t\t\t
"""


def test_a_list_with_title_sums_and_merged_offices() -> None:
    lines, report = project_lines(read(Member("清单.txt", LIST.encode())))
    first, second, third = (line.request for line in lines)
    assert (first.name, first.year, first.unit, first.budget, first.fiscal, first.other) == (
        "残疾人就业保障金",
        2026,
        "怀来县残疾人联合会",
        "495",
        "495.00",
        None,
    )
    assert first.basis == ("怀财字〔2026〕7号", "冀财社〔2025〕163号")
    assert first.known == {"培训人数": "55人", "补贴标准": "1600元/人"}
    assert (second.unit, second.budget, second.fiscal, second.other, second.purpose) == ("怀来县残疾人联合会", "35", "35", "0", "改造40户")
    assert second.known == {"户数": "40户", "标准": "3500元/户"}
    assert (third.unit, third.budget) == ("怀来县水务局", None)
    assert [item.why for item in report.unread] == ["“农村饮水”的金额“待定”不是一个数"]
    assert report.warnings == ["第1个表格的列“备注”没有用到。"]
    assert lines[0].where == "第1个表格第2行"
    assert lines[1].fields["budget"] == "35万元"


def test_amounts_in_yuan_by_the_heading() -> None:
    lines, _ = project_lines(read(Member("2027年.txt", "项目名称\t预算金额（元）\t需求\n甲项目\t4,700,000\t照上年\n乙项目\t12.3万\t\n".encode())))
    assert [(one.budget, one.year, one.sentence) for one in [line.request for line in lines]] == [("470", 2027, "照上年"), ("12.3", 2027, None)]


@pytest.mark.parametrize("wrapped", [False, True])
def test_json_with_either_language(tmp_path: Path, wrapped: bool) -> None:
    entries = [{"name": "甲", "budget": 480, "year": 2026, "known": {"人数": "5人"}, "basis": ["A〔2025〕1号"]}, {"需求": "残保金495万", "颜色": "红"}]
    path = tmp_path / "清单.json"
    path.write_text(json.dumps({"projects": entries} if wrapped else entries, ensure_ascii=False), encoding="utf-8")
    lines, report = read_list(path)
    assert [(line.request.name, line.request.budget, line.request.sentence) for line in lines] == [("甲", "480", None), ("", None, "残保金495万")]
    assert lines[0].request.known == {"人数": "5人"}
    assert report.warnings == ["第2个项目的“颜色”没有用到。"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.json", "{"), ("a.json", "[1]"), ("a.json", "{}"), ("a.json", "[]"), ("a.txt", "今天下雨。"), ("a.txt", "项目名称\t预算数\n合计\t5\n")],
)
def test_what_is_no_list_is_said(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_list(path)
    assert caught.value.hint
    with pytest.raises(InputError):
        read_list(tmp_path / "没有.json")
