"""绩效指标描述 of a row: the library's definition with the project's own thing in it, or one in the customary form where it words none."""

from __future__ import annotations

import re

from assistant.chinese import fold, likeness
from assistant.drafting import phrases
from assistant.drafting.components import Component
from assistant.target import Target

PAYMENTS = ("津贴", "补助", "优待金", "生活费", "护理费", "抚恤金", "奖励金", "补贴", "补助金", "慰问金", "报酬")
_PAID_TO = frozenset("T01 T15 T16 T41 T44".split())
# Counted by what is laid, built or grown.
LAID = frozenset("公里 米 平方米 亩 公顷 立方米 眼 座".split())


def definition(text: str, thing: str) -> str:
    """The library's definition with the thing's name in it."""
    return text.replace("{对象}补贴", thing if thing.endswith(PAYMENTS) else f"{thing}补贴").replace("{对象}", thing)


def counting(component: Component) -> str:
    """A definition for a count that the library does not word: what is counted and when it counts."""
    unit, noun = component.unit, component.nominal
    if unit in ("人", "户"):
        return f"本年实际得到{noun}的{'人' if unit == '人' else '户'}数，同一{'人' if unit == '人' else '户'}全年只计1次"
    if component.type is not None and component.type.code in _PAID_TO and unit not in LAID:
        return f"本年公示（审核）无异议后实际得到{noun}的{phrases.measure(unit)}"
    if unit in ("人次", "户次", "次", "场", "批次", "期"):
        return f"本年按计划完成并留有记录的{noun}{phrases.measure(unit)}"
    if unit in ("公里", "米", "平方米", "亩", "座", "眼", "处", "立方米", "公顷") and (component.type is None or not component.type.works):
        return f"本年按合同或计划实际完成的{noun}{phrases.measure(unit)}，以合同和验收（考核）记录为准"
    if unit in ("公里", "米", "平方米", "亩", "座", "眼", "处", "立方米", "公顷"):
        return f"本年完成并通过验收的{noun}{phrases.measure(unit)}，不含在建部分"
    return f"本年完成并通过验收（签收）的{noun}{phrases.measure(unit)}"


def priced(per: str) -> str:
    """A definition for the price of one, which the library does not word for its unit."""
    return f"文件规定或合同约定的每{per}金额，按实际数量结算"


_FILLER = re.compile(r"的|人数|人次数?|比例|比率|情况|数量|程度|占比|率|指标|户数|数$|标准|，|。")


def repeats(name: str, description: str) -> bool:
    """Whether a description only says the name again."""
    a, b = _FILLER.sub("", fold(name)), _FILLER.sub("", fold(description))
    return not b or a == b or (likeness(a, b) > 0.85 and "÷" not in description and len(b) <= len(a) + 4)


def customary(name: str, level2: str, value: Target) -> str:
    """A definition in the customary form for a name that no library row fits: what is counted or divided by what."""
    unit = value.unit or ""
    stem = re.sub(r"(?:比例|比率|占比|率)$", "", name)
    if level2 == "服务对象满意度指标" or "满意" in name:
        return "选择“满意”“基本满意”的问卷数÷有效问卷数×100%"
    if value.kind == "date":
        return "全部任务完成并通过验收（核查）的日期"
    if unit in ("起", "例", "宗"):
        return f"本年发生并经认定的{name}{'起数' if not name.endswith('数') else ''}"
    if unit in ("%", "百分比"):
        if known := formula_of(name):
            return known
        return f"实际达到{stem}要求的数量÷应达到的数量×100%"
    if level2 in ("成本指标", "经济成本指标"):
        return "该项支出÷实际数量，有文件标准的按标准执行" if value.measured_per else "项目各项支出合计，不超过年度预算数"
    if unit in ("人", "名"):
        return f"本年{_as_action(name)}的实际人数，同一人全年只计1次，以名册和台账为准"
    if unit == "户":
        return "本年实际完成（享受）的户数，同一户全年只计1次，以台账和验收记录为准"
    if unit:
        return f"本年实际完成并有记录可查的数量，按{unit}计"
    return f"年末按台账和有关记录核定的{name}"


_FORMULAS: tuple[tuple[str, str], ...] = (
    ("参保率", "实际参保人数÷应参保人数×100%"),
    ("入学率", "实际入学人数÷应入学人数×100%"),
    ("就业率", "实现就业人数÷参加培训（服务）人数×100%"),
    ("知晓率", "抽样问卷中知道主要内容的人数÷有效问卷数×100%"),
    ("覆盖率", "实际服务（享受）人数÷应服务（享受）人数×100%"),
    ("合格率", "合格数÷参加考核（验收）数×100%"),
    ("完成率", "实际完成数÷计划完成数×100%"),
    ("及时率", "在规定期限内完成数÷应完成数×100%"),
    ("准确率", "复核无误数÷复核总数×100%"),
    ("到位率", "实际到位数÷应到位数×100%"),
    ("达标率", "达到规定标准数÷检查总数×100%"),
    ("完好率", "能正常使用数÷在册总数×100%"),
    ("整改率", "期限内整改到位数÷发现问题数×100%"),
    ("利用率", "实际使用量÷可使用量×100%"),
    ("发放率", "实际发放金额（人数）÷应发放金额（人数）×100%"),
    ("保障率", "得到保障的工作事项数÷应保障的工作事项数×100%"),
    ("出勤率", "实到人次÷应到人次×100%"),
    ("办结率", "按期办结件数÷应办结件数×100%"),
)


def formula_of(name: str) -> str:
    """The customary formula of a rate by the end of its name, empty when there is none."""
    return next((formula for ending, formula in _FORMULAS if ending in name), "")


def _as_action(name: str) -> str:
    text = re.sub(r"(?:的)?(?:人数|人次数?|数量)$", "", name)
    return text if re.match(r"得到|接受|享受|参加", text) else f"实际得到{text}"
