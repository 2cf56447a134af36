"""适当性 of the place: an indicator under the wrong 二级指标, a unit that does not fit, money put in where results belong.

The words are ``lexicons/placement.toml`` and ``lexicons/units.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from assistant.chinese import fold, pattern
from assistant.findings import Fix, Severity
from assistant.validation.context import BENEFIT_TYPES, COST_TYPES, Row, TableContext
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import lexicon, split
from assistant.validation.terms import bare_name


class _Place(NamedTuple):
    right: str
    words: re.Pattern[str]
    excluded: re.Pattern[str]
    wrong: frozenset[str]


_PLACES = [
    _Place(entry["right"], pattern(entry["words"]), pattern(entry["except"]), frozenset(split(entry["wrong"]))) for entry in lexicon("placement")["place"]
]
_MISFIT = {kind: frozenset(split(units)) for kind, units in lexicon("units")["misfit"].items()}
_ENDINGS = [(tuple(entry["words"]), split(entry["units"])) for entry in lexicon("units")["ending"]]


@lru_cache(maxsize=65536)
def right_place(name: str, type_: str) -> str | None:
    """Where an indicator of this (folded) name belongs when ``type_`` is wrong for it; None when it may stay."""
    for place in _PLACES:
        if place.words.search(name) and not place.excluded.search(name):
            return place.right if type_ in place.wrong else None
    return None


@rule("W406", "wrong-level2-type", Severity.WARNING, "适当性")
def wrong_level2_type(table: TableContext) -> Iterator[Hit]:
    """指标放错了二级类型。

    查什么：满意度、及时率、合格率、人数、知晓率等名称是否放在对应的二级指标下；补贴标准、单价是否放在成本指标下。
    为什么：放错类型会使权重和评分方法都用错。
    反例：质量指标：补贴发放及时率。
    正例：时效指标：补贴发放及时率。
    依据：财预〔2021〕101号（各类指标的含义）；财预〔2015〕88号绩效目标审核“相关性”
    """
    for row in table.named:
        if row.type is None:
            continue
        right = right_place(row.facts.folded, row.type)
        if right is None and row.value.money and row.value.per and row.facts.unit_price and row.type in ("数量指标", "质量指标", "时效指标"):
            right = "成本指标"
        if right is not None:
            yield Hit(f"{row.shown}应放在{right}，现在是{row.level2 or row.type}。", row.at("level2"), expected=right, found=row.level2 or row.type)


@rule("W407", "timeliness-without-time", Severity.INFO, "适当性")
def timeliness_without_time(table: TableContext) -> Iterator[Hit]:
    """时效指标看不出时间要求。

    查什么：时效指标的名称、描述和值里都没有时间、及时、按期、进度一类的意思。
    为什么：时效指标要回答什么时候完成；只说完成度是数量或质量。
    反例：时效指标：服务的完成度 达到标准。
    正例：时效指标：服务任务按期完成率 ≥95%。
    依据：财预〔2021〕101号（时效指标反映产出的及时程度）
    """
    for row in table.timeliness:
        if not row.name or row.facts.speaks_of_time or row.value.kind in ("date", "cycle", "missing") or _TIME.search(row.description + row.value.text):
            continue
        yield Hit(f"时效指标{row.shown}看不出时间要求。", row.at("level3"), expected="及时率、按期完成率、完成时间或天数", found=row.name)


_TIME = pattern(r"及时|按时|按期|如期|准时|准点|时效|时间|时限|进度|[年月日天周季]|小时|分钟|期")


@rule("W408", "unit-misfit", Severity.WARNING, "适当性")
def unit_misfit(table: TableContext) -> Iterator[Hit]:
    """计量单位与指标不符。

    查什么：名称写“人次”单位却是“人”、名称写“户数”单位却是“人”、率的单位不是%；时效指标用人数、满意度用人数作单位等。
    为什么：单位错了，完成值就没法比。
    反例：轮椅车业务服务人次数 ≥12人。
    正例：轮椅车燃油补贴人数 ≥12人。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.numeric:
        value = row.value
        if not value.unit or not row.name:
            continue
        fits = _fitting(row.facts.folded)
        if fits is not None and value.unit.partition("/")[0] not in fits and not value.money:
            yield Hit(f"{row.shown}的单位写成“{value.unit}”。", row.at("value"), expected="、".join(fits[:4]), found=value.text)
        elif fits is not None and value.money and row.facts.rate:
            yield Hit(f"{row.shown}是比率，值却是金额“{value.text}”。", row.at("value"), expected="百分比", found=value.text)
        elif value.unit in _MISFIT.get(row.type or "", ()) and not (value.money and row.type == "数量指标" and _is_input(row, table)):
            if row.type in COST_TYPES and row.facts.bad:
                continue
            yield Hit(f"{row.level2}{row.shown}的单位“{value.unit}”与指标类型不符。", row.at("value"), expected=_USUAL.get(row.type or ""), found=value.text)


@lru_cache(maxsize=65536)
def _fitting(name: str) -> tuple[str, ...] | None:
    """The units that fit a (folded) name by its ending; None when anything may be counted."""
    return next((units for words, units in _ENDINGS if bare_name(name).endswith(words)), None)


_USUAL = {
    "数量指标": "人、户、次、个、平方米等实物单位",
    "质量指标": "%、分、级",
    "时效指标": "%、天、日期",
    "成本指标": "元、万元、元/人、%",
    "经济成本指标": "元、万元、元/人、%",
    "经济效益指标": "万元、元/人、%",
    "生态效益指标": "吨、%、亩、天",
    "服务对象满意度指标": "%",
}


def _is_input(row: Row, table: TableContext) -> bool:
    return table.budget is not None and row.value.money and not row.value.per and row.value.number == table.budget


@rule("W409", "input-as-result", Severity.WARNING, "适当性")
def input_as_result(table: TableContext) -> Iterator[Hit]:
    """把投入的钱当作产出或效益。

    查什么：数量指标或效益指标的值就是本项目的预算金额。
    为什么：投入多少钱不是产出，花完预算不等于完成任务。
    反例：数量指标：补贴资金 470万元（预算数470.00万元）。
    正例：数量指标：补贴发放人数 ≥46人。
    依据：财预〔2021〕101号（产出、效益指标的含义）
    """
    for row in table.numeric:
        if (row.type == "数量指标" or row.type in BENEFIT_TYPES) and _is_input(row, table):
            yield Hit(
                f"{row.level2}{row.shown}的值“{row.value.text}”就是预算数，投入不是结果。", row.at("value"), expected="完成的实物量或效果", found=row.value.text
            )


@rule("W410", "process-as-benefit", Severity.WARNING, "适当性")
def process_as_benefit(table: TableContext) -> Iterator[Hit]:
    """把工作过程当作效益。

    查什么：效益指标写“召开会议”“支出合规”“资金使用率”“制度执行”一类过程或管理要求。
    为什么：效益要说明对社会、经济、生态带来什么变化，过程不是效果。
    反例：社会效益指标：经费支出合规率 100%。
    正例：社会效益指标：新增残疾人就业人数 ≥35人。
    依据：财预〔2021〕101号（效益指标的含义）
    """
    for row in table.benefits:
        if _PROCESS.search(row.facts.folded):
            yield Hit(f"{row.level2}{row.shown}是工作过程或资金管理要求，不是效果。", row.at("level3"), expected="受益人数、变化幅度等效果", found=row.name)


_PROCESS = pattern(
    r"召开.{0,8}会议|会议次数|(?:支出|资金使用|经费使用|使用)(?:合规|规范|合法)|(?:资金|经费)(?:到位|拨付|支付|执行|使用)(?:及时)?率|预算执行|专款专用|发文|印发文件|检查次数$"
)


@rule("W411", "execution-rate-as-indicator", Severity.INFO, "适当性")
def execution_rate_as_indicator(table: TableContext) -> Iterator[Hit]:
    """把预算执行率设成绩效指标。

    查什么：指标名称是否就是预算执行率、资金支出率。
    为什么：自评时预算执行率单独计10分，再设成指标就重复计分。
    反例：质量指标：预算执行率 ≥95%。
    正例：不设该指标，由自评表统一计算。
    依据：财预〔2020〕10号（单位自评指标包括预算执行率）
    """
    for row in table.named:
        if row.facts.rate and re.search(r"(?:预算|资金)(?:执行|支出)(?:完成)?率|预算支出进度|支出进度完成率", row.facts.folded):
            yield Hit(f"{row.shown}在自评时单独计分，不必再设为指标。", row.at("level3"), expected="删去或换成反映产出的指标", found=row.name)


@rule("W412", "rate-as-quantity", Severity.INFO, "适当性")
def rate_as_quantity(table: TableContext) -> Iterator[Hit]:
    """数量指标只有百分比。

    查什么：一张表的数量指标全部是百分比，没有一行写实物量。
    为什么：百分比看不出工作量，也不能与预算核对。
    反例：数量指标只有一行：培训计划完成率 100%。
    正例：数量指标：培训人数 ≥150人。
    依据：财预〔2021〕101号（数量指标反映提供的公共产品或服务数量）
    """
    rows = [row for row in table.quantities if row.name and row.value.number is not None]
    if rows and all(row.value.unit in ("%", "百分比") for row in rows):
        row = min(rows, key=lambda each: each.facts.folded)
        yield Hit("数量指标全是百分比，看不出要做多少。", row.at("value"), expected="至少一行实物量", found="；".join(sorted(each.value.text for each in rows)))


@rule("W413", "missing-measuring-unit", Severity.INFO, "适当性")
def missing_measuring_unit(table: TableContext) -> Iterator[Hit]:
    """指标值没有计量单位。

    查什么：值只有数字、没有单位，名称和描述里也没有写单位。
    为什么：没有单位，46可以是人，也可以是人次。
    反例：培训规模 ≥46。
    正例：培训人数 ≥46人。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.numeric:
        value = row.value
        if value.unit or value.kind != "quant" or not row.name or value.number == 0:
            continue
        if _NAMED_UNIT.search(row.facts.folded) or row.facts.folded.endswith(("指数", "系数")) or "单位:" in fold(row.description):
            continue
        if row.facts.rate and value.number is not None and value.number <= 100:
            to = f"{value.text}%"
            yield Hit(f"{row.shown}的值“{value.text}”没有单位。", row.at("value"), expected=to, found=value.text, fix=Fix.of(safe=False, to=to))
        else:
            yield Hit(f"{row.shown}的值“{value.text}”没有单位。", row.at("value"), expected="数字+单位", found=value.text)


_NAMED_UNIT = pattern(r"\((?:单位:)?[^)]{1,8}\)$|(?:人数|人次|户数|次数)$")
