"""可行性 of values: signs that point the wrong way, impossible numbers, targets set too low, units that do not fit.

The direction of ≥ and ≤ is told by what the name measures (``lexicons/measures.toml``); a name that tells nothing is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any

from assistant.chinese import CHINESE_NUMERAL, chinese_number, pattern
from assistant.findings import Fix, Severity
from assistant.target import Target
from assistant.validation.context import COST_TYPES, Row, TableContext, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import lexicon
from assistant.validation.terms import TIME_UNITS

_HUNDRED = Decimal(100)
_UP, _DOWN = frozenset("≥>"), frozenset("≤<")
_LIMITS = lexicon("limits")


_WRITTEN_SIGNS = "大于等于 大于或等于 小于等于 小于或等于 不低于 不少于 不超过 不高于 >= <= ≥ ≤ ≧ ≦ > < ＞ ＜".split()


def _flipped(row: Row, sign: str) -> Fix:
    """The same value with the other sign; never safe, because only the office knows what it meant."""
    text = row.value.text
    for written in _WRITTEN_SIGNS:
        if text.startswith(written):
            return Fix.of(safe=False, to=sign + text[len(written) :].strip())
    bare = re.sub(r"(?:及|（含）|\(含\))?(?:以上|以下|以内|之内)$", "", text)
    return Fix.of(safe=False, to=sign + bare)


@rule("V201", "cost-without-ceiling", Severity.ERROR, "可行性")
def cost_without_ceiling(table: TableContext) -> Iterator[Hit]:
    """成本指标用了“≥”，花得越多越“达标”。

    查什么：成本指标的金额前是不是“≥”“>”“不低于”“以上”。节约、压减类和法定最低标准不算。
    为什么：成本是控制上限的；写成“≥”等于不设上限，且目标值不得突破支出标准。补贴标准是固定数的写“=”或直接写数。
    反例：残疾儿童康复补贴标准 ≥12000元/人。
    正例：残疾儿童康复补贴标准 =12000元/人；培训人均成本 ≤1500元/人。
    依据：财预〔2021〕101号（成本指标值不得突破预算支出标准）
    """
    for row in table.costs:
        if row.facts.folded.endswith("控制率") and row.value.comparator in _UP and row.value.unit == "%" and (row.value.number or 0) >= _HUNDRED:
            yield Hit(f"{row.shown}写成“{row.value.text}”，超出预算也算达标。", row.at("value"), expected="≤100%", found=row.value.text, fix=_flipped(row, "≤"))
        if row.value.money and row.value.comparator in _UP and (row.value.per or not row.facts.saving) and not row.facts.floor:
            if row.description and ("最低" in row.description or "不低于" in row.description):
                continue
            right = "=" if row.facts.subsidy and row.value.per else "≤"
            yield Hit(
                f"成本指标{row.shown}写成“{row.value.text}”，越多越达标，失去控制成本的作用。",
                row.at("value"),
                expected=f"{right}{row.value.text.lstrip('≥≧>＞=').strip()}" if row.value.text[:1] in "≥≧>＞" else f"“{right}”",
                found=row.value.text,
                fix=_flipped(row, right),
            )


# A "rate of accuracy" that is reckoned as a deviation (预算编制准确率＝|执行数－预算数|÷预算数) is rightly small.
_DEVIATION = pattern(r"预算编制|偏差|偏离|误差|[\[(].*(?:计算|-|∣|\|).*[\])]")


@rule("V202", "good-rate-with-ceiling", Severity.ERROR, "可行性")
def good_rate_with_ceiling(table: TableContext) -> Iterator[Hit]:
    """越高越好的率用了“≤”。

    查什么：合格率、完成率、覆盖率、及时率、满意度等正向指标的值前是不是“≤”“<”“以内”。
    为什么：方向写反，完成得越差越“达标”。
    反例：服务对象满意度 ≤90%。
    正例：服务对象满意度 ≥90%。
    依据：财预〔2020〕10号（正向指标按完成比例计分）；财预〔2021〕101号“量化易评”
    """
    for row in table.numeric:
        value = row.value
        good = row.facts.good_rate or _nearly_all(row)
        if value.comparator in _DOWN and good and value.number is not None and not value.money and not row.facts.short_time:
            if (not row.facts.rate and not row.facts.satisfaction) or _DEVIATION.search(row.facts.folded):
                continue
            yield Hit(
                f"{row.shown}越高越好，却写成“{value.text}”。",
                row.at("value"),
                expected=f"≥{number_text(value.number)}{value.unit}",
                found=value.text,
                fix=_flipped(row, "≥"),
            )


def _nearly_all(row: Row) -> bool:
    """A rate held under 85 to 99 %: of a bad thing nobody allows so much, so more of it must be better."""
    facts, value = row.facts, row.value
    high = value.unit == "%" and value.number is not None and 85 <= value.number < _HUNDRED
    return high and facts.folded.endswith("率") and not (facts.bad or facts.saving) and _MAY_HAVE_CEILING.search(facts.folded) is None


# 预算控制率, 资产负债率, 病床使用率 and shares of money are rightly held down.
_MAY_HAVE_CEILING = pattern(r"控制|负债|占|比|价|支出|成本|费用|预算|资金|使用|利用|入住|偏差|损耗|负荷|容量|密度|湿度|含水|结余|折|执行")


@rule("V203", "bad-rate-with-floor", Severity.ERROR, "可行性")
def bad_rate_with_floor(table: TableContext) -> Iterator[Hit]:
    """越低越好的率或事件数用了“≥”。

    查什么：故障率、投诉率、差错率、事故数、违规数等反向指标的值前是不是“≥”“>”“以上”。
    为什么：方向写反，问题越多越“达标”。
    反例：安全事故发生次数 ≥1起。
    正例：安全事故发生次数 =0起。
    依据：财预〔2020〕10号（反向指标计分）；财预〔2021〕101号“量化易评”
    """
    for row in table.numeric:
        if row.facts.bad and row.value.number is not None and row.value.comparator in _UP:
            yield Hit(
                f"{row.shown}越低越好，却写成“{row.value.text}”。",
                row.at("value"),
                expected=f"≤{number_text(row.value.number)}{row.value.unit}",
                found=row.value.text,
                fix=_flipped(row, "≤"),
            )


@rule("V204", "duration-with-floor", Severity.WARNING, "可行性")
def duration_with_floor(table: TableContext) -> Iterator[Hit]:
    """越短越好的时间用了“≥”。

    查什么：响应时间、修复时间、办理时限、工期等的值前是不是“≥”“>”“以上”。培训时长、开放时间不算。
    为什么：方向写反，拖得越久越“达标”。
    反例：故障响应时间 ≥30分钟。
    正例：故障响应时间 ≤30分钟。
    依据：财预〔2021〕101号“量化易评”（时效指标）
    """
    for row in table.numeric:
        if row.facts.short_time and row.value.number is not None and row.value.comparator in _UP and row.value.unit in TIME_UNITS:
            yield Hit(
                f"{row.shown}越短越好，却写成“{row.value.text}”。",
                row.at("value"),
                expected=f"≤{number_text(row.value.number)}{row.value.unit}",
                found=row.value.text,
                fix=_flipped(row, "≤"),
            )


@rule("V205", "quantity-with-ceiling", Severity.WARNING, "可行性")
def quantity_with_ceiling(table: TableContext) -> Iterator[Hit]:
    """数量指标用了“≤”。

    查什么：数量指标的人数、次数、面积等是不是“≤”“<”“以内”。压减类、会议的人数和天数、事故类不算。
    为什么：产出数量是要完成的任务，写成上限就不必做。
    反例：培训残疾人人数 ≤46人。
    正例：培训残疾人人数 ≥46人。
    依据：财预〔2021〕101号“量化易评”（数量指标）
    """
    for row in table.quantities:
        value = row.value
        if value.number is None or value.comparator not in _DOWN or value.money or row.facts.bad or row.facts.saving:
            continue
        if value.unit in TIME_UNITS or "%" in value.unit or row.facts.limited:
            continue
        yield Hit(
            f"数量指标{row.shown}写成“{value.text}”，成了上限。",
            row.at("value"),
            expected=f"≥{number_text(value.number)}{value.unit}",
            found=value.text,
            fix=_flipped(row, "≥"),
        )


@rule("V206", "impossible-value", Severity.ERROR, "可行性")
def impossible_value(table: TableContext) -> Iterator[Hit]:
    """指标值不可能出现。

    查什么：合格率、覆盖率、满意度等超过100%；人数、户数写成小数；数量任务为0；“>100%”这类达不到的值。
    为什么：达不到的值等于没有目标。完成率、增长率可以超过100%，不在此列。
    反例：残疾人满意率 ≥900%；培训人数 ≥46.5人。
    正例：残疾人满意率 ≥90%；培训人数 ≥46人。
    依据：财预〔2015〕88号“合理可行”
    """
    for row in table.numeric:
        value = row.value
        if value.number is None:
            continue
        percent = value.unit in ("%", "") or value.unit == "百分比"
        if row.facts.bounded and percent and (value.number > _HUNDRED or (value.number == _HUNDRED and value.comparator == ">")):
            yield Hit(f"{row.shown}最高只能是100%，写的是“{value.text}”。", row.at("value"), expected="0%至100%", found=value.text)
        elif value.unit in ("人", "人次", "户", "名", "家") and value.number != value.number.to_integral_value():
            yield Hit(f"{row.shown}应是整数，写的是“{value.text}”。", row.at("value"), expected=f"整数（{value.unit}）", found=value.text)
        elif row.type == "数量指标" and value.number == 0 and row.facts.counts and not row.facts.bad and not row.facts.saving and not _zero_is_right(row):
            yield Hit(f"数量指标{row.shown}的目标是0，等于没有任务。", row.at("value"), expected="大于0", found=value.text)


def _zero_is_right(row: Row) -> bool:
    return any(word in row.facts.folded for word in ("重复", "新增编外", "未", "不合格", "遗漏", "拖欠", "超"))


@rule("V207", "target-too-low", Severity.WARNING, "可行性")
def target_too_low(table: TableContext) -> Iterator[Hit]:
    """目标值明显偏低。

    查什么：满意度低于85%，及时率、按期完成率、合格率、准确率低于90%，发放到人的补贴覆盖率低于95%（界限在 lexicons/limits.toml，可调）。
    为什么：目标值偏低，不努力也能完成，审核时会要求提高；确有困难的，在依据里写明历史数据。
    反例：残疾人满意率 ≥80%。
    正例：残疾人满意率 ≥90%（依据：上年问卷结果92%）。
    依据：财预〔2015〕88号绩效目标审核“适当性”
    """
    for row in table.numeric:
        value = row.value
        if value.number is None or value.unit not in ("%", "百分比") or value.comparator in _DOWN or row.facts.bad or row.facts.saving:
            continue
        for limit in _limits_of(row.facts.folded):
            if "needs" in limit and not any(word in table.about for word in limit["needs"]):
                continue
            if value.number < limit["least"] and not any(word in row.basis for word in ("历史", "上年", "近三年", "三年平均")):
                yield Hit(
                    f"{row.shown}的目标“{value.text}”偏低，同类项目一般不低于{limit['least']}%。",
                    row.at("value"),
                    expected=f"≥{limit['least']}%",
                    found=value.text,
                    difference=f"低{number_text(limit['least'] - value.number)}个百分点",
                )
            break


@lru_cache(maxsize=16384)
def _limits_of(name: str) -> tuple[dict[str, Any], ...]:
    """The entries of the limits that a (folded) name falls under, in their order."""
    return tuple(limit for limit in _LIMITS["low"] if any(word in name for word in limit["words"]) and not any(word in name for word in limit["except"]))


@rule("V208", "no-comparator", Severity.INFO, "可行性")
def no_comparator(table: TableContext) -> Iterator[Hit]:
    """率或总成本没有写“≥”“≤”。

    查什么：不到100%的率、金额总数前有没有比较符号。100%、固定补贴标准和确定的个数可以不写。
    为什么：不写符号按“等于”理解，多完成反而算偏差。
    反例：培训合格率 90%；运行总成本 20.7万元。
    正例：培训合格率 ≥90%；运行总成本 ≤20.7万元。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.numeric:
        value = row.value
        if value.number is None or value.comparator is not None or value.kind != "quant":
            continue
        if value.unit == "%" and value.number not in (_HUNDRED, 0) and (row.facts.good_rate or row.facts.bad or row.facts.folded.endswith("率")):
            sign = "≤" if row.facts.bad else "≥"
            yield _unsigned(row.shown, row, sign)
        elif row.type in COST_TYPES and value.money and not value.per and not row.facts.saving:
            yield _unsigned(f"成本指标{row.shown}", row, "≤")


def _unsigned(said: str, row: Row, sign: str) -> Hit:
    signed = sign + row.value.text
    return Hit(f"{said}没有写比较符号。", row.at("value"), expected=signed, found=row.value.text, fix=Fix.of(safe=False, to=signed))


@rule("V209", "unreadable-value", Severity.WARNING, "可行性")
def unreadable_value(table: TableContext) -> Iterator[Hit]:
    """指标值写法读不出数。

    查什么：写了符号和数字却不成一个值，如“≥90%%”“》95%”“≥百分之九十”“≥≤5%”；能还原的给出改法。
    为什么：系统和审核人读不出数，就无法比较。
    反例：满意度 》95%。
    正例：满意度 ≥95%。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.written:
        value = row.value
        if not _SIGNED.search(value.folded) or _OWN_UNIT.fullmatch(value.folded):
            continue
        mended = _mended(value.folded)
        yield Hit(
            f"{row.shown}的值“{value.text}”读不出数。",
            row.at("value"),
            expected=mended or "符号+数字+单位",
            found=value.text,
            fix=None if mended is None else Fix.of(safe=False, to=mended),
        )


# A sign at the very beginning (or the end) of something that is then no value.
_SIGNED = pattern(
    r"^(?:[》》>≥≤<《=＝]|大于|小于|不低于|不超过|不少于)+\s*[\d百零〇一二三四五六七八九十]|^[≥≤<>=]*-\d+(?:\.\d+)?(?:人|名|户|个|件|次|场|台|套|亩|公里|万?元)|^[>≥≤<](?:优秀?|良好?|中|合格|达标|较好|较高|好|高)$|^\d+(?:\.\d+)?%{2,}|^百分之|^\d+(?:\.\d+)?[%元人][》《≥≤<>=]+$"
)
# A sign and a number with a unit nobody lists (≤0.5ngTEQ/m³), or a ratio (≥1:3), can be read all the same.
_OWN_UNIT = pattern(r"(?:[≥≤<>=]|大于|小于|不低于|不超过|不少于)\d+(?:\.\d+)?(?:(?![%元])[^\W\d][\w/·³²^-]{0,11}|:\d+(?:\.\d+)?)")
_WRONG_SIGNS = str.maketrans({"》": "≥", "《": "≤"})


def _mended(folded: str) -> str | None:
    text = re.sub(r"%{2,}", "%", folded).translate(_WRONG_SIGNS)
    if match := re.fullmatch(rf"([^百]*)百分之({CHINESE_NUMERAL.pattern}|\d+(?:\.\d+)?)(以上|以下)?", text):
        number = match[2] if match[2][0].isdigit() else chinese_number(match[2])
        text = f"{match[1]}{number}%{match[3] or ''}"
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)([%元人])([≥≤<>=]+)", text):
        text = f"{match[3]}{match[1]}{match[2]}"
    return text if text != folded and Target.parse(text).number is not None else None
