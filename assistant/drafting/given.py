"""Rows made for a figure that the request gives and no library row asks for: its name, its level-2 type, its sign, its definition."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.draft import Source
from assistant.drafting import lexicon, phrases, suggestions
from assistant.drafting.bases import basis_cell
from assistant.drafting.components import Component
from assistant.drafting.facts import Fact, same_unit
from assistant.drafting.project import Project
from assistant.drafting.sheet import Cell, Row
from assistant.library import ProjectType


def own_row(fact: Fact, project: Project, kinds: Sequence[ProjectType] = ()) -> Row:
    """A row made for one given figure; a price takes sign and basis from the price row of the project's type."""
    level2, comparator, basis = level_of(fact)
    usual = next((row for kind in kinds for row in kind.rows if row.use == "单价"), None)
    if level2 == "成本指标" and fact.kind == "price" and usual is not None:
        comparator, basis = usual.comparator, usual.basis
    describing = {
        "数量指标": f"本年实际完成并有记录可查的{_row_name(fact)}",
        "服务对象满意度指标": "选择“满意”“基本满意”的问卷数÷有效问卷数×100%",
    }.get(level2, f"年末按台账核定的{_row_name(fact)}")
    if level2 == "成本指标":
        per = fact.unit.partition("/")[2].split("·")[0]
        describing = suggestions.priced(per) if per else "该项实际支出合计，以合同和支付凭证为准，不超过给定金额"
    project.used.append(fact)
    return Row(
        level2=level2,
        level3=Cell(_row_name(fact), "request", source=fact.source),
        description=Cell(describing, "library", source=Source(path="corpus/indicators/通用", cell="指标解释", text=describing)),
        value=suggestions.given(fact, comparator),
        basis=basis_cell(basis, project),
        kind=fact.kind,
        unit=fact.unit,
        comparator=comparator,
    )


def _row_name(fact: Fact) -> str:
    """A figure's name as the name of its row: 电费 → 电费支出, 前端摄像机标准 stays; the number that tells two alike names apart goes."""
    name = re.sub(r"（\d）|^其中", "", fact.name)
    if _PLACE_COUNT.fullmatch(name):
        return f"覆盖{name}"
    if fact.kind == "count" and fact.unit in ("人", "户"):
        return phrases.counted(name, fact.unit)
    if fact.kind == "money" and level_of(fact)[0] == "成本指标":
        return f"{name.removesuffix('资金')}支出" if name.endswith(("费", "资金")) else name
    return name


_PLACE_COUNT = re.compile(r"(?:行政村|自然村|乡镇|社区|小区|村庄|学校|街道)(?:数量|个数|数)")


def level_of(fact: Fact) -> tuple[str, str, str]:
    """Level-2 type, sign and kind of basis for a given figure, by what it measures."""
    name = fact.name
    if "满意" in name:
        return "服务对象满意度指标", "≥", "满意度问卷调查"
    if fact.kind == "price" or fact.kind == "money":
        if lexicon.BROUGHT_IN.search(name):
            return "经济效益指标", "≥", "上年跟踪回访结果"
        return "成本指标", "≤", "预算测算"
    if fact.kind == "date" or any(word in name for word in ("及时", "按期", "按时", "时间", "工期", "时限", "天内")):
        return "时效指标", "≤" if fact.kind in ("date", "count") else "≥", "年度工作计划"
    if fact.kind == "rate":
        if any(word in name for word in ("合格", "准确", "达标", "完好", "优良", "有效", "验收", "出勤", "完成")):
            return "质量指标", "≥", "实施方案"
        if any(word in name for word in ("故障", "差错", "投诉")):
            return "质量指标", "≤", "合同"
        return "社会效益指标", "≥", "上年业务台账"
    if any(word in name for word in ("使用年限", "使用寿命")):
        return "可持续影响指标", "≥", "资产配置标准"
    if any(word in name for word in ("事故", "投诉", "事件")):
        return "社会效益指标", "≤", "安全生产责任制"
    if any(word in name for word in ("受益", "惠及", "覆盖", "带动", "新增就业", "吸引", "服务群众", "受惠")):
        return "社会效益指标", "≥", "实施方案"
    return "数量指标", "≥", "年度工作计划"


_BESIDES = re.compile(
    r"^(?:另外?|还|并)?(?:缴纳?|交|购买|发放)?(社保|社会保险|五险(?:一金)?|公积金|保险|意外险|食宿|伙食|交通|通讯|加班|高温|取暖|绩效)(?:费|补助|补贴)?标准$"
)


def paid_besides(row: Row, fact: Fact, components: Sequence[Component]) -> None:
    """社保每人每月900元: paid besides the wage for the people already counted, so it is named by them and multiplied with their count."""
    said = _BESIDES.match(fact.name)
    if fact.kind != "price" or said is None:
        return
    paid = [index for index, one in enumerate(components) if one.quantity is not None and same_unit(f"元/{one.unit}", fact.unit)]
    if len(paid) == 1:
        row.level3 = row.level3._replace(text=f"{components[paid[0]].thing}{said[1]}标准")
        row.component, row.kind = paid[0], "另付"
