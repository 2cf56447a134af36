"""Goal tables in text without tables: read as far as it is certain, reported beyond that."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.documents import Document, Locator, Paragraph, SourceFile
from assistant.documents.readers import Member, read
from assistant.extraction import Extraction, extract, extract_file
from assistant.table import GoalTable

TEXTS = sorted((Path(__file__).parent / "texts").glob("*.txt"))

GLUED = """某市2022年市直部门预算项目支出绩效目标表项目名称机关办公楼运行保障项目类别本级支出项目项目性质持续性项目立项依据机关事务服务中心三定方案\
绩效目标以办公楼服务对象满意为目标，着力打造节约型机关。绩效指标一级指标二级指标三级指标绩效标准当年预期实现值产出指标数量指标日常维修维护次数反映办公楼全年维修情况\
≥280次安检巡察次数反映楼宇保卫巡检情况200次质量指标维修验收合格率反映维修质量情况≥92%成本指标成本控制率不超预算效益指标社会效益指标水电气消耗下降率反映消耗比上年下降情况≥3%\
满意度指标服务对象满意度指标服务对象满意率反映服务对象满意情况≥95%"""
WEIGHTED = """部门预算项目绩效目标表（2023年度）
项目名称 社会保险缴费 预算单位 某县审计局
产出指标数量指标足额保障率=100% 22.5 科目调整次数≤10次 22.5 时效指标按时发放率=100% 22.5 效益指标经济效益指标结余率(计算方法为:结余数/预算数)≤5% 22.5 合计100 评价结论及时、足额缴纳。"""
WORDS = """项目支出绩效自评表 (2022年度)
项目名称 委托业务项目 主管部门 219-某市某区人民政府 实施单位 219001-某市某区棠河镇人民政府 项目资金 (万元) 年初预算数 全年预算数 全年执行数 分值 执行率 得分 \
年度资金总额: 90 90 89.97 10 99.97% 9.99 其中:本年财政拨款 90 89.974 89.974 上年结转资金 其他资金 年度总体目标 预期目标 实际完成情况 全年开展三类委托业务。 完成两类。 \
绩效指标 一级指标 二级指标 三级指标 年度指标值 实际完成值 分值 得分 偏差原因分析及改进措施 产出指标(50分) 数量指标 委托业务数量 ≥50个 50 8 8 质量指标 报告合格率 ≥100百分比 100 8 8 \
支出合规性 严格执行相关制度规定 达成预期指标 8 8 时效指标 提交及时性 在计划时间内完成 达成预期指标 8 8 满意度指标(10分) 满意度指标 公众满意度 ≥95% 95% 10 10"""
LINES = """2024年项目支出绩效目标表
项目名称
困难群众救助
预算单位
某县民政局
年度资金总额（万元）
120.50
年度目标
保障困难群众基本生活。
一级指标
二级指标
三级指标
指标值
产出指标
数量指标
救助人数
≥300人
救助批次
4次
满意度指标
服务对象满意度指标
救助对象满意度
≥90%
"""
BARS = """部门预算项目支出绩效自评表(2023年度) |
项目名称 |
51000021R000000019951-工资性支出 |
实施单位 (盖章) |
某县发展和改革局 |
绩效指标(90分) |
一级指标 |
二级指标 |
三级指标 |
指标性质 |
指标值 |
度量单位 |
完成值 |
权重 |
得分 |
产出指标 |
数量指标 |
发放(缴纳)覆盖率 |
= |
100 |
% |
|
60 |
|
效益指标 |
社会效益指标 |
足额保障率 |
≥ |
98 |
% |
|
30 |
|
合计 |
100 |
"""


def extracted(text: str, name: str = "网页.txt") -> Extraction:
    return extract(read(Member(name, text.encode("utf-8"))))


def rows(table: GoalTable) -> list[tuple[str, str, str, str]]:
    return [(row.level1, row.level2, row.level3, row.value.text) for row in table.indicators]


def test_words_run_together_are_read_by_sign_and_unit() -> None:
    found = extracted(GLUED)
    (table,) = found.tables
    assert (table.project.name, table.year, table.goals) == ("机关办公楼运行保障", 2022, ("以办公楼服务对象满意为目标，着力打造节约型机关。",))
    assert rows(table) == [
        ("产出指标", "数量指标", "日常维修维护次数", "≥280次"),
        ("产出指标", "数量指标", "安检巡察次数", "200次"),
        ("产出指标", "质量指标", "维修验收合格率", "≥92%"),
        ("效益指标", "社会效益指标", "水电气消耗下降率", "≥3%"),
        ("满意度指标", "服务对象满意度指标", "服务对象满意率", "≥95%"),
    ]
    assert table.indicators[0].description == "反映办公楼全年维修情况"
    assert [item.where for item in found.report.unread] == ["成本指标后面的文字“成本控制率不超预算”"]
    assert not found.report.complete


def test_weights_behind_targets() -> None:
    (table,) = extracted(WEIGHTED).tables
    assert [(row.level3, row.value.text, row.extra["权重"]) for row in table.indicators] == [
        ("足额保障率", "=100%", "22.5"),
        ("科目调整次数", "≤10次", "22.5"),
        ("按时发放率", "=100%", "22.5"),
        ("结余率(计算方法为:结余数/预算数)", "≤5%", "22.5"),
    ]
    assert (table.unit.name, table.extra["总分"], table.extra["评价结论"]) == ("某县审计局", "100", "及时、足额缴纳。")


def test_words_parted_by_blanks_are_cells() -> None:
    found = extracted(WORDS)
    (table,) = found.tables
    assert found.report.complete
    assert (table.form, table.year, table.unit.code, table.unit.name) == ("self-evaluation", 2022, "219001", "某市某区棠河镇人民政府")
    assert (str(table.budget.total), str(table.budget.fiscal), table.extra["年度资金总额·执行率"]) == ("90", "90", "99.97%")
    assert (table.goals, table.extra["实际完成情况"]) == (("全年开展三类委托业务。",), "完成两类。")
    assert rows(table)[1:3] == [
        ("产出指标(50分)", "质量指标", "报告合格率", "≥100百分比"),
        ("产出指标(50分)", "质量指标", "支出合规性", "严格执行相关制度规定"),
    ]
    assert table.indicators[2].extra == {"实际完成值": "达成预期指标", "权重": "8", "得分": "8"}


def test_one_cell_a_line_without_tabs() -> None:
    found = extracted(LINES)
    (table,) = found.tables
    assert found.report.complete
    assert (table.project.name, table.unit.name, str(table.budget.total), table.year) == ("困难群众救助", "某县民政局", "120.50", 2024)
    assert rows(table) == [
        ("产出指标", "数量指标", "救助人数", "≥300人"),
        ("产出指标", "数量指标", "救助批次", "4次"),
        ("满意度指标", "服务对象满意度指标", "救助对象满意度", "≥90%"),
    ]


def test_cells_that_end_in_bars_keep_their_blanks() -> None:
    (table,) = extracted(BARS).tables
    assert (table.project.code, table.project.name) == ("51000021R000000019951", "工资性支出")
    assert rows(table) == [("产出指标", "数量指标", "发放(缴纳)覆盖率", "=100%"), ("效益指标", "社会效益指标", "足额保障率", "≥98%")]
    assert [row.extra for row in table.indicators] == [{"权重": "60"}, {"权重": "30"}]


def test_the_seed_without_its_tabs_is_still_read(seed: Path) -> None:
    whole = extract_file(seed)
    found = extracted(seed.read_text(encoding="utf-8").replace("\t", ""), seed.name)
    assert found.tables == whole.tables
    assert found.report.complete
    assert "没有表格线" in found.report.warnings[0]


def test_the_seed_in_one_line_is_read_where_certain_and_reported_beyond(seed: Path) -> None:
    text = "".join(line.strip() for line in seed.read_text(encoding="utf-8").split("第二部分", 1)[1].splitlines())
    found = extracted(text.replace("\t", ""), seed.name)
    whole = extract_file(seed)
    assert not found.report.complete
    for table in found.tables:
        right = next(other for other in whole.tables if other.project.code == table.project.code)
        written = {(row.level2, row.value.text) for row in right.indicators}
        assert {(row.level2, row.value.text) for row in table.indicators} <= written
        assert (table.project, table.purpose, table.goals) == (right.project, right.purpose, right.goals)
        assert (table.budget.total, table.budget.fiscal) == (right.budget.total, right.budget.fiscal)
    assert sum(len(table.indicators) for table in found.tables) >= 25


@pytest.mark.parametrize("text", ["产出指标、效益指标、满意度指标都要填写。\n", "一级指标\n二级指标\n", "项目名称\n某项目\n"])
def test_talk_of_indicators_is_no_table(text: str) -> None:
    assert not extracted(text).tables


def test_without_lines_an_indicator_stands_under_the_level_of_its_type() -> None:
    """The name of a merged level-1 cell stands at the middle of its rows on paper."""
    rows = """项目名称\t渔港清淤
一级指标\t二级指标\t三级指标\t指标值
数量指标\t清淤土方量\t≥18万立方米
产出指标\t质量指标\t工程质量验收合格率\t100%
经济效益指标\t减少搁浅损失\t≥60万元
效益指标\t社会效益指标\t可停泊渔船数量\t≥400艘"""
    blocks = [Paragraph(line, Locator(page=1, line=i)) for i, line in enumerate(rows.splitlines(), 1)]
    found = extract(Document(SourceFile("a.pdf", "0" * 64, "pdf"), list(blocks)))
    assert [row.level1 for row in found.tables[0].indicators] == ["产出指标", "产出指标", "效益指标", "效益指标"]
    assert found.report.unread
