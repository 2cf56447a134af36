"""可行性 within a table: numbers, dates and values that cannot all be true, and benefits that only repeat an output."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from assistant.chinese import HAN, fold, pattern
from assistant.findings import Severity
from assistant.target import Target
from assistant.validation.context import LONGEST, OUTPUT_TYPES, Row, TableContext, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import lexicon, split
from assistant.validation.numbers import month_of
from assistant.validation.subjects import activities, content, topics
from assistant.validation.terms import canonical_unit, counted_thing

# A number with its unit in running text; «每» and its like make it a price or an average, «第» an order, «约» an estimate.
_COUNTED = pattern(
    r"(?<![\d.第每均≥≤>-])(\d+(?:\.\d+)?)(万?)(?:余)?(人次|平方米|立方米|公顷|公里|延米|名|人|户|个|场次|场|期|次|台|套|辆|所|处|亩|座|盏|份|条|吨|篇|家|栋|件|对|株|枚|棵|头|只|册|页|间|张|眼|口|支|组|部|米)(?![/次数]|以[上下]年|及?以[上下]的)"
)


@rule("S607", "goal-number-differs", Severity.ERROR, "相关性")
def goal_number_differs(table: TableContext) -> Iterator[Hit]:
    """目标或用途里的数量与指标值不一致。

    查什么：绩效目标、资金用途里写的“培训50人”等数量，与讲同一件事、同一单位的数量指标是否一致；同一件事有几个数的不下结论。
    为什么：同一件事两个数，批复以后以哪个为准说不清。
    反例：目标“培训残疾人50人”，数量指标“培训残疾人人数 ≥46人”。
    正例：目标“培训残疾人46人”，数量指标“培训残疾人人数 ≥46人”。
    依据：财预〔2015〕88号“相应匹配”、绩效目标审核“相关性”
    """
    rows = [row for row in table.quantities if row.value.number is not None and row.value.upper is None and not row.value.money]
    if not rows:
        return
    texts = [("purpose", table.purpose), *((f"goals[{i}]", goal) for i, goal in enumerate(table.goals))]
    for cell, text in texts:
        for count in _counts_in(text[:LONGEST]):
            if not _said_of_an_effect(table.rows, count):
                yield from _differs(rows, cell, count)


class _Count(NamedTuple):
    """A count a text states: its clause as written, what the clause says (folded) before and beside the count, its unit and number, its words."""

    clause: str
    before: str
    beside: str
    unit: str
    number: Decimal
    shown: str


def _said_of_an_effect(rows: Sequence[Row], count: _Count) -> bool:
    """Whether a benefit row gives that very figure under the name the clause uses (新增就业35人 beside 就业扶持50人)."""
    return any(
        row.value.number == count.number and canonical_unit(row.value.unit) == count.unit and fold(row.name) in fold(count.clause)
        for row in rows
        if row.family == "效益指标"
    )


@lru_cache(maxsize=16384)
def _counts_in(text: str) -> tuple[_Count, ...]:
    """The counts a text states outright, one of a unit to a clause. Prices, averages, estimates and sub-counts are left out."""
    if not re.search(r"\d", text):
        return ()
    found = []
    for clause in re.split(r"[。；;，,、\n]", text):
        said = fold(clause)
        said = _PRICE_SAID.sub("", said) if "元" in said else said
        if _NO_COUNT.search(said):
            continue
        counted = list(_COUNTED.finditer(said))
        often = Counter(canonical_unit(match[3]) for match in counted)
        for match in counted:
            # Two numbers of one unit in a clause may be parts of one another: neither is taken.
            if often[canonical_unit(match[3])] == 1:
                number = Decimal(match[1]) * (10_000 if match[2] else 1)
                before, after = said[: match.start()], said[match.end() :]
                # 新建道路12公里和道路养护: what is joined on is another matter.
                beside = before if after.startswith(("和", "及", "与", "并", "以及")) else f"{before} {after}"
                found.append(_Count(clause.strip(), before, beside, canonical_unit(match[3]), number, match[0]))
    return tuple(found)


_NAME_AT_LEAST = 4
_NO_COUNT = pattern(r"每|人均|平均|约|预计|近|左右|其中|累计|现有|共有|已|计划期|年内新|\d+元")
# 按每人每月80元标准为600名…发放 states a price and a count.
_PRICE_SAID = pattern(
    r"(?:按照?|以)?(?:每[人户亩月年学期天次生]+){1,3}(?:补助|补贴|发放|不超过)?\d+(?:\.\d+)?万?元(?:的?标准)?"
    r"|\d+(?:\.\d+)?万?元/[人户亩月年天次生·.]+(?:的?标准)?"
)


def _differs(rows: Sequence[Row], cell: str, count: _Count) -> Iterator[Hit]:
    done = _done(count.beside)
    same = [row for row in rows if canonical_unit(row.value.unit) == count.unit and not _else_done(done, row)]
    said = content(count.beside)
    near = [
        row
        for row in same
        if len(row.content & said) >= 2
        or (row.topics & topics(count.beside) and row.content & said)
        # 补贴面积160万亩 says the row's name outright; 墓穴1500个 says nothing that the only row of that unit does not say.
        or (len(row.facts.folded) >= _NAME_AT_LEAST and row.facts.folded in count.beside)
        or (len(same) == 1 and said and (said <= row.content or _same_thing(row, count)))
    ]
    if len(near) != 1 or near[0].value.number == count.number:
        return
    row = near[0]
    assert row.value.number is not None
    if any(other.value.number == count.number for other in same):
        return
    yield Hit(
        f"{'资金用途' if cell == 'purpose' else '绩效目标'}写“{count.shown}”，数量指标{row.shown}写“{row.value.text}”，两处不一致。",
        cell,
        expected=row.value.text,
        found=count.shown,
        difference=f"{number_text(abs(count.number - row.value.number))}{row.value.unit}",
        quote=count.clause,
    )


# Building, keeping up and buying are different things whatever they are done to.
_WAYS = {word: way for way, words in lexicon("topics")["ways"].items() for word in split(words)}


@lru_cache(maxsize=16384)
def _done(text: str) -> frozenset[str]:
    return frozenset(_WAYS[word] for word in activities(text) if word in _WAYS)


def _else_done(done: frozenset[str], row: Row) -> bool:
    mine = _done(row.facts.folded)
    return bool(done and mine) and done.isdisjoint(mine)


def _same_thing(row: Row, count: _Count) -> bool:
    """Does the word before the count end the row's name (专职保安110名, 聘用保安人数), with nothing else being done to it?"""
    name = counted_thing(row.facts.folded)
    doing = set(activities(count.beside))
    return len(name) > 1 and bool(content(name[-2:])) and count.before.endswith(name[-2:]) and (not doing or bool(doing & set(activities(row.facts.folded))))


@lru_cache(maxsize=16384)
def _core(name: str) -> str:
    return re.sub(r"的|比例|比率|百分比|率$|率|程度$|度$|人数$|数量$|次数$|数$|情况$|指标$", "", name)


# Words after which a description states the whole count, not a part of it.
_WHOLE = pattern(rf"(?:合计|共计|总计|共|计划{HAN}{{0,6}}|任务(?:数|量)?为?|目标(?:数|值)?为?|完成|达到|应)$")


def _stated_otherwise(row: Row) -> str | None:
    """The count a quantity's own description states when it is another one of the same unit; None when it states none or more than one."""
    number, unit = row.value.number, canonical_unit(row.value.unit)
    if number is None or row.value.money or not row.description or _NO_COUNT.search(row.description):
        return None
    text = fold(row.description)
    told = [match for match in _COUNTED.finditer(text) if canonical_unit(match[3]) == unit]
    if len(told) != 1 or not _WHOLE.search(text[: told[0].start()]):
        return None
    said = Decimal(told[0][1]) * (10_000 if told[0][2] else 1)
    return told[0][0] if said != number else None


@rule("S608", "contradicting-values", Severity.WARNING, "可行性")
def contradicting_values(table: TableContext) -> Iterator[Hit]:
    """同一件事的两个值互相矛盾。

    查什么：名称实质相同的两行值不同；数量指标的描述写的合计数与指标值不同；参保率低于100%而补贴覆盖率却是100%；合格、取证、就业的人数多于培训人数。
    为什么：值互相矛盾，至少有一个写错。
    反例：残疾人参保率 ≥90%，残疾人补贴覆盖率 100%。
    正例：残疾人参保率 ≥99%，残疾人补贴覆盖率 ≥99%。
    依据：财预〔2015〕88号“合理可行”
    """
    for row in table.quantities:
        if (stated := _stated_otherwise(row)) is not None:
            yield Hit(
                f"{row.shown}的值是“{row.value.text}”，描述里却写“{stated}”。",
                row.at("description"),
                expected=f"与“{row.value.text}”一致",
                found=stated,
            )
    rows = [row for row in table.numeric if row.name and not row.value.money]
    rows.sort(key=lambda row: (row.facts.folded, row.value.folded, row.type or ""))
    for i, row in enumerate(rows):
        for other in rows[i + 1 :]:
            if row.value.unit != other.value.unit or row.value.number == other.value.number:
                continue
            why = _contradiction(row, other)
            if why:
                yield Hit(
                    f"{row.shown}为“{row.value.text}”，{other.shown}为“{other.value.text}”，{why}。",
                    other.at("value"),
                    expected="互相一致的值",
                    found=f"{row.value.text}；{other.value.text}",
                )


_PASSED = pattern(r"(?:合格|取证|结业|获证|通过|考核合格)人数$")
_TRAINED = pattern(r"培训(?:人数|人次|残疾人人数|学员人数)$")


def _contradiction(row: Row, other: Row) -> str:
    a, b = row.value, other.value
    assert a.number is not None
    assert b.number is not None
    if row.type == other.type and row.facts.rate == other.facts.rate and _core(row.facts.folded) == _core(other.facts.folded) and row.facts.folded != "":
        return "说的是同一件事，值却不同"
    for low, high in ((row, other), (other, row)):
        insured, covered = low.facts.folded, high.facts.folded
        if (
            low.facts.rate
            and re.search(r"参保率|缴费率", insured)
            and re.search(r"(?:补贴|资助|代缴|参保)覆盖率", covered)
            and (low.value.number or 0) < (high.value.number or 0)
        ):
            return "参保的人没有那么多，补贴却全部覆盖，请统一口径"
    if a.unit in ("人", "人次", "名"):
        for part, whole in ((row, other), (other, row)):
            if _PASSED.search(part.facts.folded) and _TRAINED.search(whole.facts.folded) and (part.value.number or 0) > (whole.value.number or 0):
                return "合格的人比参加培训的还多"
    return ""


@rule("S609", "benefit-repeats-output", Severity.WARNING, "适当性")
def benefit_repeats_output(table: TableContext) -> Iterator[Hit]:
    """效益指标重复产出指标。

    查什么：效益指标与数量、质量、时效指标的名称实质相同。
    为什么：效益要说产出带来了什么变化，重复产出等于没写效益。
    反例：数量指标“培训残疾人人数 ≥46人”，社会效益“培训残疾人数量 ≥46人”。
    正例：社会效益“参训残疾人就业率 ≥60%”。
    依据：财预〔2021〕101号（产出与效益指标的含义）
    """
    outputs = {
        _core(row.facts.folded): row
        for row in sorted(table.rows, key=lambda row: (row.facts.folded, row.value.folded))
        if row.type in OUTPUT_TYPES and row.name
    }
    for row in table.benefits:
        if row.name and len(_core(row.facts.folded)) >= 3:
            twin = outputs.get(_core(row.facts.folded))
            if twin is not None:
                yield Hit(
                    f"效益指标{row.shown}与{twin.level2}{twin.shown}说的是同一件事。",
                    row.at("level3"),
                    expected="产出带来的变化",
                    found=row.name,
                    quote=twin.name,
                )


_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@rule("S611", "deadline-outside-year", Severity.WARNING, "可行性")
def deadline_outside_year(table: TableContext) -> Iterator[Hit]:
    """完成时间不在预算年度内。

    查什么：指标值写的完成日期是不是预算年度内的日期；日期是否真有（没有13月、11月31日）。
    为什么：预算按年度安排，晚于年底的完成时间无法在本年考核；早于年初的多半是去年的日期没改。
    反例：2025年预算，完成时间 2024年12月底前。
    正例：2025年预算，完成时间 2025年12月底前。
    依据：《中华人民共和国预算法》第十八条（预算年度）
    """
    for row in table.dates:
        deadline = Target.parse(row.value.text).deadline
        if deadline is None:
            continue
        year, month, day = deadline
        if not 1 <= month <= 12:
            yield Hit(f"{row.shown}的时间“{row.value.text}”没有这个月份。", row.at("value"), expected="1至12月", found=row.value.text, severity=Severity.ERROR)
        elif day is not None and not 1 <= day <= _DAYS[month - 1]:
            most = f"{month}月最多{_DAYS[month - 1]}天"
            yield Hit(f"{row.shown}的时间“{row.value.text}”没有这一天。", row.at("value"), expected=most, found=row.value.text, severity=Severity.ERROR)
        elif year is not None and table.table.year is not None and year != table.table.year:
            yield Hit(
                f"{row.shown}的时间“{row.value.text}”不在{table.table.year}年内。", row.at("value"), expected=f"{table.table.year}年内", found=row.value.text
            )


_PAYS = pattern(r"发放|拨付|支付|支出|缴费|缴纳")
_IN_PARTS = pattern(r"每|首|第一|批|[春秋]季|上半年|[一二三]季度|[上下]学期")


@rule("S612", "plan-contradicts-deadline", Severity.WARNING, "可行性")
def plan_contradicts_deadline(table: TableContext) -> Iterator[Hit]:
    """支出计划与完成时间矛盾。

    查什么：资金支付、发放类时效指标写明的完成月份，到那个月的累计支出进度是否达到100%。工程、采购的完工时间可以早于付款，不查。
    为什么：说6月底前发放完毕，支出计划6月底却只有50%，两处必有一处不对。
    反例：补贴发放完成时间 6月底前，6月底支出50%。
    正例：补贴发放完成时间 6月底前，6月底支出100%。
    依据：财预〔2015〕88号“相应匹配”
    """
    plan = [(month_of(node.by), node) for node in table.table.spending_plan]
    due = [(row, Target.parse(row.value.text).deadline) for row in table.timeliness if row.value.kind == "date" and _PAYS.search(row.facts.folded)]
    # Paid in several parts (春季学期, 秋季学期), only the last date asks for everything.
    last = max((deadline[1] for _, deadline in due if deadline), default=0)
    for row, deadline in due:
        if deadline is None or not 1 <= deadline[1] <= 12 or deadline[1] < last or _IN_PARTS.search(row.name + row.value.text):
            continue
        for i, (month, node) in enumerate(plan):
            if month is not None and month >= deadline[1] and node.percent is not None:
                if node.percent < 100 and month == deadline[1]:
                    yield Hit(
                        f"{row.shown}写“{row.value.text}”，支出计划到{node.by}只有{number_text(node.percent)}%。",
                        f"spending_plan[{i}].percent",
                        expected="100%",
                        found=f"{number_text(node.percent)}%",
                        difference=f"差{number_text(100 - node.percent)}个百分点",
                    )
                break
