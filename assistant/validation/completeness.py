"""完整性: what a table must have — header cells, the levels of its frame, and every cell of an indicator row.

A form without a column is not blamed for it (``forms``); a frame's edition decides where the price stands and of whom it is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from assistant.chinese import pattern
from assistant.findings import Severity
from assistant.table import HEADER_LABELS, INDICATOR_LABELS, GoalTable
from assistant.taxonomy import EMPTY_VALUES, FRAMES
from assistant.validation.context import COST_TYPES, Row, TableContext
from assistant.validation.engine import Hit, rule
from assistant.validation.faults import placeholder
from assistant.validation.forms import frame_of
from assistant.validation.lexicons import Words, lexicon, split

_K = lexicon("kinds")
_NOT_WORKS = Words(split(_K["not_works"]))
_WORKS = Words(split(_K["works"]))
_PURCHASE = Words(split(_K["purchase"]))
_PUBLIC = Words(split(_K["public"]))
_INTERNAL = Words(split(_K["internal"]))
_LABELS = {**HEADER_LABELS, "goals": "绩效目标", "spending_plan": "资金支出计划"}


# Paying others for what they buy buys nothing: 农机购置补贴, 对农户购置插秧机给予补贴.
_SUBSIDISED = pattern(r"购置[^，。；]{0,30}补贴")


@lru_cache(maxsize=16384)
def is_works(about: str) -> bool:
    """Does the project build, repair or buy things (so that its price must be controlled)?"""
    text = _NOT_WORKS.without(_SUBSIDISED.sub(" ", about))
    return _WORKS.search(text) is not None or _PURCHASE.search(text) is not None


@lru_cache(maxsize=16384)
def serves_public(about: str) -> bool:
    """Does the project serve people outside the office?"""
    return _PUBLIC.search(_INTERNAL.without(about)) is not None


def edition(table: TableContext) -> str:
    """The frame a table is judged by: as said, or 2021 when it has 成本指标 as level 1."""
    return "2021" if table.table.frame == "2021" or any(row.family == "成本指标" for row in table.rows) else table.table.frame


def _empty(table: TableContext, address: str) -> bool:
    if address == "goals":
        return not any(table.goals)
    if address == "spending_plan":
        return not table.table.spending_plan
    read = _READ.get(address)
    return not (read(table.table) if read else table.table.text(address).strip())


# The header cells that forms ask for, read without going through addresses: this runs for every table.
_READ: dict[str, Callable[[GoalTable], object]] = {
    "project.name": lambda table: (table.project.name or "").strip(),
    "project.code": lambda table: (table.project.code or "").strip(),
    "unit.name": lambda table: (table.unit.name or "").strip(),
    "purpose": lambda table: (table.purpose or "").strip(),
    "budget.total": lambda table: table.budget.total is not None,
}


@rule("F101", "missing-header-cell", Severity.ERROR, "完整性")
def missing_header_cell(table: TableContext) -> Iterator[Hit]:
    """表头必填项为空。

    查什么：项目名称、预算数、资金用途、绩效目标、资金支出计划等本表样要求的单元格是否填写；项目编码、预算单位缺失按警告提示。
    为什么：缺名称、金额、用途或目标的表无法审核，财政部门会直接退回；项目编码要到入库时才有，起草阶段允许暂缺。
    反例：资金用途 一栏空白。
    正例：资金用途：用于残疾人职业技能培训和就业补贴。
    依据：财预〔2015〕88号绩效目标审核“完整性”；《中华人民共和国预算法》第三十二条
    """
    for address in table.form.required:
        if _empty(table, address):
            where = {"goals": None, "spending_plan": None}.get(address, address)
            yield Hit(f"{_LABELS[address]}没有填写。", where, expected="填写", found="空")
    for address in table.form.wanted:
        if _empty(table, address) or placeholder(table.table.text(address)):
            yield Hit(f"{_LABELS[address]}没有填写。", address, expected="填写", found=table.table.text(address) or "空", severity=Severity.WARNING)


@rule("F102", "no-indicators", Severity.ERROR, "完整性")
def no_indicators(table: TableContext) -> Iterator[Hit]:
    """没有一行绩效指标。

    查什么：指标表是否至少有一行写了三级指标。
    为什么：没有指标就没有可考核的产出和效果。
    反例：只有表头，指标区空白。
    正例：产出、效益、满意度各有至少一行指标。
    依据：财预〔2015〕88号绩效目标审核“完整性”；财预〔2021〕101号
    """
    if not table.named:
        yield Hit("表中没有任何绩效指标。", expected="至少产出、效益各一行", found="0行")


def _missing(table: TableContext, wanted: str) -> bool:
    return bool(table.named) and wanted not in table.types


@rule("F103", "missing-quantity-indicator", Severity.ERROR, "完整性")
def missing_quantity_indicator(table: TableContext) -> Iterator[Hit]:
    """缺数量指标。

    查什么：产出指标中是否至少有一行数量指标。
    为什么：数量指标说明花这笔钱要做多少事，是核对预算的起点，几乎所有项目都能设。
    反例：产出指标只有质量、时效两行。
    正例：数量指标：培训残疾人人数 ≥46人。
    依据：财预〔2021〕101号（产出指标原则上均应设置）；中发〔2018〕34号
    """
    if _missing(table, "数量指标"):
        yield Hit("缺少数量指标，看不出这笔钱要完成多少工作。", expected="数量指标至少1行", found="0行")


@rule("F104", "missing-quality-indicator", Severity.WARNING, "完整性")
def missing_quality_indicator(table: TableContext) -> Iterator[Hit]:
    """缺质量指标。

    查什么：产出指标中是否有质量指标。
    为什么：只写数量不写做到什么程度，无法判断钱花得好不好。
    反例：数量、时效都有，没有质量。
    正例：质量指标：培训合格率 ≥90%。
    依据：财预〔2021〕101号；财预〔2015〕88号绩效目标审核“完整性”
    """
    if _missing(table, "质量指标"):
        yield Hit("缺少质量指标，没有说明产出要达到什么标准。", expected="质量指标至少1行", found="0行")


@rule("F105", "missing-timeliness-indicator", Severity.WARNING, "完整性")
def missing_timeliness_indicator(table: TableContext) -> Iterator[Hit]:
    """缺时效指标。

    查什么：产出指标中是否有时效指标。
    为什么：没有完成时间就无法监控进度。
    反例：数量、质量都有，没有时效。
    正例：时效指标：补贴发放完成时间 12月10日前。
    依据：财预〔2021〕101号；财预〔2015〕88号绩效目标审核“完整性”
    """
    if _missing(table, "时效指标"):
        yield Hit("缺少时效指标，没有说明什么时候完成。", expected="时效指标至少1行", found="0行")


@rule("F106", "missing-cost-indicator", Severity.WARNING, "完整性")
def missing_cost_indicator(table: TableContext) -> Iterator[Hit]:
    """缺成本指标。

    查什么：有没有成本指标（2015版在产出指标下，2021版为一级指标）。工程、修缮、购置类必须有，缺了是错误；其他项目按版本为警告或提示。
    为什么：没有成本指标，数量与预算之间无法核对，也没有成本控制要求。
    反例：道路硬化项目只有数量、质量、时效。
    正例：成本指标：路面硬化单位造价 ≤180元/平方米。
    依据：财预〔2021〕101号（工程、修缮、购置类项目应设成本指标）
    """
    works = is_works(table.named_for)
    # 社会成本 and 生态环境成本 do not tell what works may cost.
    told = any(row.family == "成本指标" and (not works or row.type not in ("社会成本指标", "生态环境成本指标")) for row in table.rows)
    if not table.rows or table.types & COST_TYPES or told or not table.named:
        return
    if works:
        yield Hit("工程、修缮或购置类项目没有成本指标。", expected=f"{frame_of(edition(table)).cost}至少1行", found="0行", severity=Severity.ERROR)
    else:
        severity = Severity.WARNING if frame_of(edition(table)).cost_always else Severity.INFO
        yield Hit("没有成本指标，数量与预算之间无法核对。", expected=f"{frame_of(edition(table)).cost}至少1行", found="0行", severity=severity)


@rule("F107", "missing-benefit-indicator", Severity.ERROR, "完整性")
def missing_benefit_indicator(table: TableContext) -> Iterator[Hit]:
    """缺效益指标。

    查什么：有没有经济、社会、生态效益或可持续影响中的任意一行。
    为什么：产出和效益原则上每个项目都必须设；只有产出没有效益，说不出花钱的目的。
    反例：只有产出指标和满意度指标。
    正例：社会效益指标：新增残疾人就业人数 ≥35人。
    依据：财预〔2021〕101号（产出、效益原则上均应设置）；中发〔2018〕34号
    """
    if table.rows and "效益指标" not in table.families and bool(table.named):
        yield Hit("缺少效益指标，没有说明要取得什么效果。", expected="效益指标至少1行", found="0行")


@rule("F108", "missing-satisfaction-indicator", Severity.ERROR, "完整性")
def missing_satisfaction_indicator(table: TableContext) -> Iterator[Hit]:
    """缺满意度指标。

    查什么：直接服务群众、学生、企业等外部对象的项目有没有满意度指标；只服务机关自身的项目不要求。
    为什么：服务对象满意度是绩效目标的必备内容；没有直接服务对象的项目可以不设。
    反例：残疾人补贴项目没有满意度指标。
    正例：满意度指标：补贴对象满意度 ≥90%。
    依据：中发〔2018〕34号（绩效目标应包括服务对象满意度）；财预〔2021〕101号
    """
    if not table.rows or "满意度指标" in table.families or not table.named:
        return
    if serves_public(table.about):
        yield Hit("项目直接服务群众等外部对象，却没有满意度指标。", expected="满意度指标至少1行", found="0行")


@rule("F109", "unknown-level", Severity.WARNING, "完整性")
def unknown_level(table: TableContext) -> Iterator[Hit]:
    """一级或二级指标名称为空或不在指标框架内。

    查什么：一级、二级指标名称是否属于所用版本的框架（已知的别名，如“效果指标”“进度指标”，算同一个）。
    为什么：名称不在框架内，系统不能归类，权重和评价都无从对应。
    反例：二级指标写“其他指标”。
    正例：二级指标写“社会效益指标”。
    依据：财预〔2015〕88号；财预〔2021〕101号（指标框架）
    """
    for row in table.rows:
        if row.family is None and row.type is None and not row.indicator.level1.strip() and not row.indicator.level2.strip():
            yield Hit(f"指标{row.shown}没有写一级、二级指标。", row.at("level1"), expected="框架内的名称", found="空", severity=Severity.ERROR)
        elif row.family is None and row.indicator.level1.strip() and row.type is None:
            yield Hit(f"一级指标“{row.indicator.level1}”不在指标框架内。", row.at("level1"), expected="、".join(FRAMES["2015"]), found=row.indicator.level1)
        elif row.type is None and row.indicator.level2.strip() and row.family is not None:
            known = "、".join(dict.fromkeys(name for frame in FRAMES.values() for name in frame.get(row.family, ())))
            yield Hit(f"二级指标“{row.indicator.level2}”不在“{row.indicator.level1}”的框架内。", row.at("level2"), expected=known, found=row.indicator.level2)


@rule("F110", "level2-under-wrong-level1", Severity.WARNING, "完整性")
def level2_under_wrong_level1(table: TableContext) -> Iterator[Hit]:
    """二级指标放错了一级指标。

    查什么：二级指标是否属于它上面的一级指标；成本指标在产出下（2015版）或单列一级（2021版）都算对。
    为什么：放错位置会使权重汇总和分类统计出错。
    反例：产出指标下写“社会效益指标”。
    正例：效益指标下写“社会效益指标”。
    依据：财预〔2015〕88号；财预〔2021〕101号（指标框架）
    """
    for row in table.rows:
        if row.family is None or row.type is None or row.type == "服务对象满意度指标":
            continue
        homes = _HOMES[row.type]
        if row.family not in homes:
            yield Hit(
                f"“{row.indicator.level2}”不属于“{row.indicator.level1}”。", row.at("level2"), expected="或".join(homes), found=row.indicator.level1.strip()
            )


_HOMES: dict[str, tuple[str, ...]] = {}
for _frame in FRAMES.values():
    for _level1, _level2s in _frame.items():
        for _level2 in _level2s:
            if _level1 not in _HOMES.get(_level2, ()):
                _HOMES[_level2] = (*_HOMES.get(_level2, ()), _level1)
_HOMES["成本指标"] = ("产出指标", "成本指标")


@rule("F111", "empty-indicator-name", Severity.ERROR, "完整性")
def empty_indicator_name(table: TableContext) -> Iterator[Hit]:
    """三级指标名称为空。

    查什么：写了指标值、解释或依据的行有没有三级指标名称。
    为什么：没有名称的值不知道考核什么。
    反例：三级指标空白，指标值 ≥90%。
    正例：三级指标“培训合格率”，指标值 ≥90%。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    for row in table.rows:
        if not row.name and (row.value.text or row.description or row.basis):
            yield Hit(
                f"{row.indicator.level2 or '指标'}有一行没有三级指标名称。", row.at("level3"), expected="指标名称", found="空", quote=row.value.text or None
            )


@rule("F112", "empty-value", Severity.ERROR, "完整性")
def empty_value(table: TableContext) -> Iterator[Hit]:
    """指标值为空。

    查什么：有名称的指标是否写了指标值；“/”“—”“无”“XX”等都算没写。
    为什么：没有值的指标无法考核。
    反例：培训人数，指标值“/”。
    正例：培训人数，指标值“≥46人”。
    依据：财预〔2015〕88号绩效目标审核“完整性”；财预〔2021〕101号（设置指标值）
    """
    for row in table.rows:
        if row.name and row.value.kind == "missing":
            yield Hit(f"指标{row.shown}没有指标值。", row.at("value"), expected="指标值", found=row.value.text or "空")


@rule("F113", "unresolved-placeholder", Severity.ERROR, "完整性")
def unresolved_placeholder(table: TableContext) -> Iterator[Hit]:
    """待核实、XX 等占位内容没有落实。

    查什么：各单元格里是否还留着“待核实”“待定”“XX”“？”等占位文字。
    为什么：占位内容说明数据还没有人给出，报出去会被退回；工具起草时不编数字，因此必须由人补齐。
    反例：培训人数，指标值“待核实”。
    正例：培训人数，指标值“≥55人”。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    for row in table.rows:
        held = placeholder(row.value.text)
        if held and row.value.kind != "missing":
            yield Hit(f"指标{row.shown}的指标值还有未落实的内容“{held}”。", row.at("value"), expected="落实后的内容", found=row.value.text)
    for cell, text in table.suspicious:
        if held := placeholder(text):
            yield Hit(f"{_label(cell)}还有未落实的内容“{held}”。", cell, expected="落实后的内容", found=text)


def _label(cell: str) -> str:
    name = re.sub(r"\[\d+\]", "", cell)
    return _LABELS.get(name) or INDICATOR_LABELS[name.rpartition(".")[2]]


@rule("F114", "empty-description", Severity.WARNING, "完整性")
def empty_description(table: TableContext) -> Iterator[Hit]:
    """绩效指标描述为空。

    查什么：表样有“绩效指标描述”（指标解释）一栏时，每行是否填写。
    为什么：描述说明指标怎么算，缺了考核时容易各说各话。
    反例：培训合格率，描述空白。
    正例：培训合格率，描述“考核合格人数÷参训人数×100%”。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    if "description" not in table.form.columns and not any(row.description for row in table.rows):
        return
    for row in table.rows:
        if row.name and not row.description:
            yield Hit(f"指标{row.shown}没有绩效指标描述。", row.at("description"), expected="定义或计算方法", found="空")


@rule("F115", "empty-basis", Severity.WARNING, "完整性")
def empty_basis(table: TableContext) -> Iterator[Hit]:
    """指标值确定依据为空。

    查什么：表样有“指标值确定依据”一栏时，每行是否填写。
    为什么：指标值应有计划标准、历史标准、行业标准或支出标准作依据。
    反例：人均补贴标准1500元/人，依据空白。
    正例：依据“《××县职业培训补贴办法》（×人社〔2023〕8号）”。
    依据：财预〔2021〕101号（指标值应有依据：计划、历史、行业、预算支出标准或其他标准）
    """
    if "basis" not in table.form.columns and not any(row.basis for row in table.rows):
        return
    for row in table.rows:
        if row.name and (not row.basis or row.basis.lower() in EMPTY_VALUES):
            yield Hit(f"指标{row.shown}没有写指标值确定依据。", row.at("basis"), expected="文件、计划、历史数据或标准", found=row.basis or "空")


@rule("F116", "duplicate-indicator", Severity.WARNING, "完整性")
def duplicate_indicator(table: TableContext) -> Iterator[Hit]:
    """同一张表里指标重复。

    查什么：同一二级指标下名称相同（忽略空格和全半角）的指标，或不同类型下名称和值都相同的指标。
    为什么：重复指标不增加信息，还会重复计分。
    反例：社会效益指标里两行都叫“残疾人就业率”。
    正例：每行指标各说一件事。
    依据：财预〔2021〕101号“重点突出”
    """
    seen: dict[str, list[Row]] = {}
    for row in table.rows:
        if row.facts.folded:
            seen.setdefault(row.facts.folded, []).append(row)
    for rows in seen.values():
        if len(rows) < 2:
            continue
        # In an order of content, so that the finding does not depend on the order of the rows.
        rows.sort(key=lambda row: (row.type or "", row.value.folded, row.description, row.basis))
        alike = Counter((row.type, "") for row in rows) + Counter((None, row.value.folded) for row in rows if row.value.folded)
        for row in rows[1:]:
            if alike[(row.type, "")] > 1 or alike[(None, row.value.folded)] > 1:
                others = sorted({other.value.text for other in rows if other is not row})
                yield Hit(
                    f"指标{row.shown}在本表出现{len(rows)}次。", row.at("level3"), found=row.value.text or None, expected="只写一次", quote="；".join(others)
                )


@rule("F117", "unusual-indicator-count", Severity.INFO, "完整性")
def unusual_indicator_count(table: TableContext) -> Iterator[Hit]:
    """指标过少或过多。

    查什么：有名称的指标是否少于6行或多于20行。
    为什么：少于6行难以覆盖数量、质量、时效、成本、效益、满意度；过多则重点不突出、难以考核。
    反例：整张表只有3行指标。
    正例：8到14行，用途里的每项内容都有对应指标。
    依据：财预〔2021〕101号“重点突出”
    """
    count = len(table.named)
    if 0 < count < 6:
        yield Hit(f"全表只有{count}行指标，难以覆盖产出、效益和满意度。", expected="6至20行", found=f"{count}行")
    elif count > 20:
        yield Hit(f"全表有{count}行指标，建议只留核心指标。", expected="6至20行", found=f"{count}行")
