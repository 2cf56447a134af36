"""适当性 of the amount: does quantity × price explain the budget, and is the money used as its source allows?

``chain`` does the tying and the arithmetic; the rules here tell overshoot, shortfall and rounding apart and show the sum. Rounding
(within the last place the budget is written in) is never a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from assistant.chinese import pattern
from assistant.findings import Fix, Severity
from assistant.validation.chain import Chain, Loose, Tie
from assistant.validation.completeness import is_works
from assistant.validation.context import Row, TableContext, money_text, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import lexicon
from assistant.validation.terms import canonical_unit, numbers_of

_LIMITS = {name: Decimal(text) for name, text in lexicon("limits")["chain"].items()}
_SLIP = Decimal(10_000)
_ZERO = Decimal(0)


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole * 100:.1f}%"


def _slipped(amount: Decimal, budget: Decimal) -> bool:
    # The budget and what the rows cost differ by just the step from 元 to 万元.
    return any(abs(amount * factor - budget) <= budget / 100 for factor in (_SLIP, 1 / _SLIP))


@rule("M501", "over-budget", Severity.ERROR, "适当性")
def over_budget(table: TableContext) -> Iterator[Hit]:
    """数量×单价超过预算数。

    查什么：能对上的数量与单价逐项相乘再相加（元/人·月按月数，未写月数的按12个月算：超出的写出预算够几个月，表里写明全年或按月的作警告，否则只说无法判断；日处理量一类每天的量没有写天数时按365天算，只说无法判断），是否超过预算数；超出5%以内为警告，尾数四舍五入不算；表里写明分期付款的作提示。数量和单价对不上的，说明缺什么，不下结论。
    为什么：按自己写的数量和标准算，钱不够，目标就完不成或标准写错了。
    反例：预算2.00万元，训练残疾儿童13人，标准12000元/人（13×12000=15.60万元）。
    正例：预算15.60万元，训练残疾儿童13人，标准12000元/人。
    依据：财预〔2015〕88号“相应匹配”、绩效目标审核“适当性”
    """
    budget, chain = table.budget, table.chain
    if budget is None or budget <= 0 or not chain.ties:
        return
    over = chain.low - budget
    if over > table.tolerance:
        if not _slipped(chain.low, budget):
            # An error when the sum itself is far over; a ceiling price (≤) that is a little over may still be kept.
            severity = Severity.ERROR if over > budget * _LIMITS["over"] else Severity.WARNING
            severity = Severity.INFO if _BY_INSTALMENT.search(table.about) else severity
            yield Hit(
                f"按数量和单价计算需要{table.money(chain.low)}，超过预算数{table.money(budget)}，多出{table.money(over)}。",
                "budget.total",
                expected=chain.formula(table),
                found=f"预算数{table.money(budget)}",
                difference=f"超{table.money(over)}（{_percent(over, budget)}）",
                severity=severity,
            )
        return
    assumed = [tie for tie in chain.ties if tie.low < tie.high and not tie.doubt]
    if assumed and not any(tie.doubt for tie in chain.ties) and chain.high - budget > table.tolerance and not _slipped(chain.high, budget):
        yield from _too_many_months(table, assumed)
        return
    doubts = [tie for tie in chain.ties if tie.doubt]
    if doubts and chain.high - budget > table.tolerance and not _slipped(chain.high, budget):
        most = chain.high - budget
        yield Hit(
            f"若全部按标准计算需要{table.money(chain.high)}，会超过预算数{table.money(budget)}；但{doubts[0].doubt}，无法判断。"
            f"请补充{doubts[0].price.shown}单独对应的数量。",
            "budget.total",
            expected=chain.formula(table),
            found=f"预算数{table.money(budget)}",
            difference=f"最多超{table.money(most)}",
            undecided=True,
        )


def _too_many_months(table: TableContext, assumed: list[Tie]) -> Iterator[Hit]:
    """A monthly price that twelve months would overspend: for how many months the budget is, which may be what is meant."""
    budget, chain = table.budget, table.chain
    assert budget is not None
    a_month = sum((tie.high for tie in assumed), _ZERO) / 12
    others = chain.high - a_month * 12
    months = (budget - others) / a_month
    whole = months >= 1 and abs(months - months.to_integral_value()) * a_month <= table.tolerance
    priced = " + ".join(sorted(tie.once for tie in assumed))
    rest = f"({table.money(budget)} - {table.money(others)})" if others else table.money(budget)
    reckoned = f"{rest} ÷ ({priced}) = {months.quantize(Decimal(1) if whole else Decimal('0.1')):f}个月"
    over = chain.high - budget
    texts = (table.about, *(row.name + row.value.text for row in table.rows))
    stated = any(_TWELVE.search(text) or (not whole and _MONTHLY.search(text)) for text in texts)
    yield Hit(
        f"按全年12个月计算需要{table.money(chain.high)}，超过预算数{table.money(budget)}，多出{table.money(over)}；"
        + (f"预算只够{reckoned}。" if stated else f"{reckoned}，表中没有写月数，无法判断，请写明月数。"),
        "budget.total",
        expected=chain.formula(table),
        found=f"预算数{table.money(budget)}",
        difference=f"超{table.money(over)}（{_percent(over, budget)}）",
        severity=Severity.WARNING,
        undecided=not stated,
    )


# Words by which a table says that this year pays only a part of what it buys.
_BY_INSTALMENT = pattern(r"分(?:期|[\d二两三四五]+(?:年|次|批))(?:支付|付款|付清|付|拨付)|首期款?|首付款?|分年度支付|跨年度支付")

# Words by which a table says that it pays every month, and all the months of the year.
_MONTHLY = pattern(r"每月|按月|月均|逐月")
_TWELVE = pattern(r"全年|12个月|十二个月")


@rule("M502", "budget-unexplained", Severity.WARNING, "适当性")
def budget_unexplained(table: TableContext) -> Iterator[Hit]:
    """预算数中有一部分没有数量和单价说明。

    查什么：数量×单价合计比预算数少5%以上（工程类15%）；余下的钱对应的用途没有任何指标，或表里再没有别的数量，为警告；还有别的数量指标只是没写单价，为提示。
    为什么：余下的钱做什么、做多少没有指标约束，等于没有目标。
    反例：预算16.67万元，康复训练13人×12000元/人=15.60万元，余1.07万元用于无障碍改造却没有指标。
    正例：再加一行“无障碍改造户数 ≥3户”和“改造补助标准 3500元/户”。
    依据：财预〔2015〕88号“相应匹配”；财预〔2021〕101号“高度关联”
    """
    budget, chain = table.budget, table.chain
    if budget is None or budget <= 0 or not chain.ties or chain.loose or chain.wordy or chain.open:
        return
    left = budget - chain.high
    uncovered = [use.text for use in table.uncovered]
    allowed = _LIMITS["short_works"] if is_works(table.named_for) and not uncovered else _LIMITS["short"]
    if left <= table.tolerance or left <= budget * allowed or _slipped(chain.high, budget):
        return
    tied = {tie.quantity.index for tie in chain.ties} | {tie.price.index for tie in chain.ties}
    others = [row for row in table.quantities if row.index not in tied and row.value.number is not None]
    if uncovered:
        severity, why = Severity.WARNING, f"用途中的{_quoted(uncovered)}也没有指标"
    elif len(table.uses) < 2 and not others:
        severity, why = Severity.WARNING, "没有别的数量和单价可以说明"
    else:
        severity, why = Severity.INFO, "其余内容没有写单价" if others else "其余内容没有数量和单价"
    yield Hit(
        f"数量×单价只能说明预算的{_percent(chain.high, budget)}，余下{table.money(left)}：{why}。",
        "budget.total",
        expected=chain.formula(table),
        found=f"预算数{table.money(budget)}",
        difference=f"未说明{table.money(left)}（{_percent(left, budget)}）",
        severity=severity,
    )


def _quoted(words: list[str]) -> str:
    return "、".join(f"“{word}”" for word in words)


@rule("M503", "money-unit-slip", Severity.ERROR, "适当性")
def money_unit_slip(table: TableContext) -> Iterator[Hit]:
    """金额单位差一万倍。

    查什么：数量×单价的合计或成本总额，与预算数正好相差约一万倍。
    为什么：元和万元写混，批复金额会差一万倍。
    反例：单位：万元，预算数填 28500，而19人×1500元/人=2.85万元。
    正例：单位：万元，预算数填 2.85。
    依据：财预〔2015〕88号绩效目标审核“完整性”；《中华人民共和国预算法》第十九条
    """
    budget, chain = table.budget, table.chain
    if budget is None or budget <= 0:
        return
    if chain.ties and chain.high > 0 and _slipped(chain.high, budget):
        yield Hit(
            f"数量×单价为{money_text(chain.high)}，预算数却是{money_text(budget)}，正好差一万倍，像是元和万元写混了。",
            "budget.total",
            expected=chain.formula(table),
            found=f"{table.table.budget.total:f}{table.unit}",
            difference="约一万倍",
        )
    for row in chain.totals:
        if row.value.number and _slipped(row.value.number, budget):
            yield Hit(
                f"成本指标{row.shown}“{row.value.text}”与预算数{table.money(budget)}正好差一万倍，像是元和万元写混了。",
                row.at("value"),
                expected=f"≤{table.money(budget)}",
                found=row.value.text,
                difference="约一万倍",
            )


@rule("M504", "standard-without-number", Severity.WARNING, "适当性")
def standard_without_number(table: TableContext) -> Iterator[Hit]:
    """成本标准没有数字。

    查什么：补贴标准、单价一类成本指标写“按实际缴费金额”“按规定标准”等文字；用预算数÷数量算出隐含的标准供核对。
    为什么：没有数字的标准无法核对预算，也无法考核成本。
    反例：补贴人数3976人，补贴发放标准：按实际缴费金额补贴（130.73万元÷3976人=328.80元/人）。
    正例：补贴发放标准：≤400元/人（年度个人缴费标准）。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号（预算支出标准）
    """
    for row in table.chain.wordy:
        if not (row.facts.unit_price or "标准" in row.value.folded or "实际" in row.value.folded or "定额" in row.value.folded):
            continue
        implied = table.implied(row)
        if implied is None:
            yield Hit(f"成本指标{row.shown}写成“{row.value.text}”，没有数字。", row.at("value"), expected="金额，如 ≤1500元/人", found=row.value.text)
            continue
        price, quantity, formula = implied
        target = f"{price:f}元/{canonical_unit(quantity.value.unit)}"
        yield Hit(
            f"成本指标{row.shown}写成“{row.value.text}”，没有数字；按预算和{quantity.shown}推算约为{target}，请写明标准。",
            row.at("value"),
            expected=formula,
            found=row.value.text,
            quote=f"{quantity.name} {quantity.value.text}",
            fix=Fix.of(safe=False, to=f"≤{target}"),
        )


@rule("M505", "price-not-tied", Severity.INFO, "适当性")
def price_not_tied(table: TableContext) -> Iterator[Hit]:
    """单价找不到对应的数量，无法核对预算。

    查什么：成本指标的单价（元/人、元/户 等）能否与数量指标对上；对不上的说明缺哪个数。
    为什么：单价和数量各说各的，就算不出要花多少钱。
    反例：数量“培训期数 3期”，单价“1500元/人”，没有培训人数。
    正例：再加一行“培训人数 ≥150人”。
    依据：财预〔2015〕88号“相应匹配”
    """
    budget = table.budget
    seen: set[tuple[str, str]] = set()
    for loose in sorted(table.chain.loose, key=_loose_order):
        price = loose.price
        if (price.name, loose.missing) in seen or budget is None or not price.value.number:
            continue
        seen.add((price.name, loose.missing))
        yield Hit(
            f"{price.shown}“{price.value.text}”没有可以相乘的数量，无法核对预算；缺{loose.missing}。",
            price.at("value"),
            expected=loose.missing,
            found=price.value.text,
            undecided=True,
        )


def _loose_order(loose: Loose) -> tuple[str, str]:
    return (loose.price.facts.folded, loose.missing)


@rule("M506", "cost-exceeds-budget", Severity.ERROR, "适当性")
def cost_exceeds_budget(table: TableContext) -> Iterator[Hit]:
    """成本总额与预算数不符。

    查什么：成本指标中的总额或分项金额是否超过预算数，分项之和是否超过预算数；写明“总成本”的比预算少5%以上为警告。
    为什么：成本上限高于预算等于没有控制；低于预算则多出的钱没有用处。
    反例：预算20.70万元，运行保障成本 ≤207万元。
    正例：预算20.70万元，运行保障成本 ≤20.70万元。
    依据：财预〔2021〕101号（成本指标值不得突破预算支出标准）；财预〔2015〕88号“相应匹配”
    """
    budget, chain = table.budget, table.chain
    if budget is None or budget <= 0:
        return
    for row in (*chain.totals, *chain.parts):
        amount = row.value.number or _ZERO
        if amount - budget > table.tolerance and not _slipped(amount, budget):
            yield Hit(
                f"成本指标{row.shown}“{row.value.text}”超过预算数{table.money(budget)}。",
                row.at("value"),
                expected=f"≤{table.money(budget)}",
                found=row.value.text,
                difference=f"超{table.money(amount - budget)}",
            )
        elif row.facts.total and budget - amount > budget * _LIMITS["short"] and not _slipped(amount, budget) and len(chain.totals) == 1:
            yield Hit(
                f"{row.shown}“{row.value.text}”比预算数{table.money(budget)}少{table.money(budget - amount)}。",
                row.at("value"),
                expected=f"≤{table.money(budget)}",
                found=row.value.text,
                difference=f"少{table.money(budget - amount)}（{_percent(budget - amount, budget)}）",
                severity=Severity.WARNING,
            )
    if len(chain.parts) > 1 and not chain.ties:
        yield from _parts_over(table, chain, budget)


def _parts_over(table: TableContext, chain: Chain, budget: Decimal) -> Iterator[Hit]:
    together = chain.low
    if together - budget > table.tolerance and all((row.value.number or _ZERO) - budget <= table.tolerance for row in chain.parts):
        yield Hit(
            f"各项成本之和为{table.money(together)}，超过预算数{table.money(budget)}。",
            "budget.total",
            expected=chain.formula(table),
            found=f"预算数{table.money(budget)}",
            difference=f"超{table.money(together - budget)}",
        )


@rule("M507", "off-known-standard", Severity.WARNING, "适当性")
def off_known_standard(table: TableContext) -> Iterator[Hit]:
    """单价与公开的统一标准不一致。

    查什么：写明或推算出的标准，与全国统一的标准（居民医保个人缴费、机动轮椅车燃油补贴等，见 lexicons/standards.toml）相差5%以上；
    地方可以加发或只补一部分的，只作提示。
    为什么：标准写错会多付或少付。
    反例：2025年资助参保，推算只有328.80元/人，个人缴费标准为400元/人。
    正例：资助参保标准 ≤400元/人。
    依据：财预〔2021〕101号（预算支出标准）
    """
    for entry in lexicon("standards")["standard"]:
        if not any(word in table.about for word in entry["project"]):
            continue
        known = _standard_for(entry, table.table.year)
        if known is None:
            continue
        for row, price, formula in _prices(table, entry):
            if abs(price - known) > known * _LIMITS["standard"]:
                how, check = "推算为" if formula else "为", "请核对" if entry["exact"] else "请核对是否只补一部分"
                yield Hit(
                    f"{row.shown}{how}{price:f}元/{entry['per']}，{entry['title']}标准是{number_text(known)}元，{check}。",
                    row.at("value"),
                    expected=f"{number_text(known)}元/{entry['per']}（{entry['source']}）",
                    found=formula or row.value.text,
                    difference=f"{'少' if price < known else '多'}{number_text(abs(price - known))}元/{entry['per']}",
                    severity=Severity.WARNING if entry["exact"] else Severity.INFO,
                )


def _standard_for(entry: dict[str, Any], year: int | None) -> Decimal | None:
    years = entry["years"]
    found = years.get(str(year)) or years.get("0")
    return None if found is None else Decimal(found)


def _prices(table: TableContext, entry: dict[str, Any]) -> Iterator[tuple[Row, Decimal, str]]:
    for tie in table.chain.ties:
        row = tie.price
        if row.value.number is not None and row.value.per in ((entry["per"],), (entry["per"], "年"), ("辆",), ("辆", "年")) and _fits(row, table, entry):
            yield row, row.value.number, ""
    for row in table.chain.wordy:
        implied = table.implied(row)
        if implied is not None and _fits(row, table, entry) and canonical_unit(implied[1].value.unit) == entry["per"]:
            yield row, implied[0], implied[2]


def _fits(row: Row, table: TableContext, entry: dict[str, Any]) -> bool:
    about = row.facts.folded + row.value.folded
    return all(word in about or word in table.about for word in entry["all"]) and any(word in about for word in entry["any"])


@rule("M508", "amounts-in-use-differ", Severity.ERROR, "适当性")
def amounts_in_use_differ(table: TableContext) -> Iterator[Hit]:
    """用途里写明的各项金额与预算数对不上。

    查什么：资金用途中逐项写了金额（两项以上）的，合计是否等于预算数；合计超过预算为错误，少于预算为警告。
    为什么：用途金额是批复依据，与预算数对不上就无法执行。
    反例：预算50万元，用途“培训20万元、就业补贴40万元”。
    正例：预算60万元，用途“培训20万元、就业补贴40万元”。
    依据：财预〔2015〕88号“相应匹配”；《中华人民共和国预算法》第十三条
    """
    budget = table.budget
    if budget is None or budget <= 0 or not table.purpose:
        return
    text = table.purpose
    if text.count("元") < 2:
        return
    if re.search(r"元/|每[人户名个月年]|/人|标准|人均|其中|总投资|已", text):
        return
    amounts = [Decimal(number.replace(",", "")) * (_SLIP if unit == "万元" else 1) for number, unit in re.findall(r"(\d[\d,]*(?:\.\d+)?)\s*(万元|元)", text)]
    if len(amounts) < 2 or budget in amounts:
        return
    together = sum(amounts, _ZERO)
    if abs(together - budget) > table.tolerance:
        yield Hit(
            f"用途中各项金额合计{table.money(together)}，预算数是{table.money(budget)}。",
            "purpose",
            expected=f"{' + '.join(table.money(amount) for amount in amounts)} = {table.money(together)}",
            found=f"预算数{table.money(budget)}",
            difference=f"{'超' if together > budget else '少'}{table.money(abs(together - budget))}",
            severity=Severity.ERROR if together > budget else Severity.WARNING,
        )


@rule("M509", "vague-cost", Severity.WARNING, "适当性")
def vague_cost(table: TableContext) -> Iterator[Hit]:
    """成本指标用“不超预算”“严格控制”代替金额。

    查什么：总成本一类成本指标的值只有文字，没有金额。
    为什么：“不超预算”对任何项目都成立，起不到控制成本的作用。
    反例：项目总成本：不超预算。
    正例：项目总成本：≤20.70万元。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号（成本指标）
    """
    for row in table.chain.wordy:
        if row.facts.unit_price or "标准" in row.value.folded or "实际" in row.value.folded or "定额" in row.value.folded:
            continue
        if re.search(r"\d", row.value.folded):
            continue
        to = None if table.budget is None else f"≤{table.money(table.budget)}"
        fix = Fix.of(safe=False, to=to) if to else None
        yield Hit(f"成本指标{row.shown}写成“{row.value.text}”，没有金额。", row.at("value"), expected=to or "≤金额", found=row.value.text, fix=fix)


@rule("M510", "forbidden-use", Severity.ERROR, "相关性")
def forbidden_use(table: TableContext) -> Iterator[Hit]:
    """用途超出资金允许的范围。

    查什么：彩票公益金、残疾人事业发展补助资金等专项资金，用途里是否有公务接待、公务用车、人员工资、机关运行等禁止的支出（lexicons/funds.toml）。
    为什么：专项资金只能用于规定的范围，改变用途要追究责任。
    反例：彩票公益金项目“用于无障碍改造和公务用车运行”。
    正例：彩票公益金项目“用于残疾人家庭无障碍改造”。
    依据：《中华人民共和国预算法》第六十三条、第九十三条；相应资金管理办法
    """
    for fund in lexicon("funds")["fund"]:
        if not any(name in table.name for name in fund["name"]):
            continue
        found = [
            word for word in fund["forbidden"] if word in table.purpose and not re.search(rf"(?:不得|不能|严禁|禁止|不)[^，。；]{{0,8}}{word}", table.purpose)
        ]
        if found:
            yield Hit(f"{fund['title']}不能用于{_quoted(found)}。", "purpose", expected=fund["basis"], found="、".join(found), quote=table.purpose)


@rule("M511", "stale-carry-over", Severity.WARNING, "可行性")
def stale_carry_over(table: TableContext) -> Iterator[Hit]:
    """结转两年以上的资金。

    查什么：名称或用途写明“结转”的项目，文号年份是否早于预算年度两年以上。
    为什么：连续两年未用完的结转资金视同结余，应当收回统筹，不能再安排。
    反例：2025年预算里的“冀财社〔2022〕80号（结转）”。
    正例：2025年预算里的“冀财社〔2024〕163号（结转）”。
    依据：《中华人民共和国预算法》第四十二条
    """
    year = table.table.year
    if year is None or "结转" not in table.name + table.purpose:
        return
    years = [number.year for number in numbers_of(table.name)] or [int(found) for found in re.findall(r"(20\d\d)年", table.name)]
    if years and max(years) <= year - 3:
        yield Hit(
            f"{max(years)}年的资金结转到{year}年，已超过两年。",
            "project.name",
            expected=f"{year - 2}年及以后下达的资金",
            found=f"{max(years)}年",
            difference=f"{year - max(years)}年",
        )


@rule("M512", "forced-matching-funds", Severity.INFO, "可行性")
def forced_matching_funds(table: TableContext) -> Iterator[Hit]:
    """上级专项要求县级配套。

    查什么：用途、目标或指标名称里出现“县级配套”“地方配套资金到位率”一类要求，每张表只说一次；本身就是县级配套的项目（名称里写明）不查。
    为什么：上级专项转移支付一般不得要求下级承担配套资金，国务院规定应当共同承担的除外；有规定的请在依据里写明。
    反例：县级配套资金到位率 100%，依据空白。
    正例：写明国务院规定共同承担的文件。
    依据：《中华人民共和国预算法》第十六条
    """
    if _MATCHING.search(table.name):
        return
    texts = [("purpose", table.purpose), *((f"goals[{i}]", goal) for i, goal in enumerate(table.goals))]
    texts += [(row.at("level3"), row.name) for row in sorted(table.named, key=lambda row: row.facts.folded)]
    for cell, text in texts:
        if "配套" in text and (match := _MATCHING.search(text)):
            yield Hit(f"提到“{match[0]}”，请核对是否属于国务院规定共同承担的事项。", cell, expected="有规定并写明依据", found=match[0], quote=text)
            return


_MATCHING = pattern(r"(?:县级?|区级?|市县|地方|本级)(?:财政)?配套资?金?")
