"""适当性 of money and plan: sums of the header, the spending plan's nodes, their agreement with what the table promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from assistant.chinese import fold
from assistant.findings import Severity
from assistant.validation.context import Row, TableContext, number_text
from assistant.validation.engine import Hit, rule

_HUNDRED = Decimal(100)


@rule("N301", "budget-sum", Severity.ERROR, "完整性")
def budget_sum(table: TableContext) -> Iterator[Hit]:
    """财政资金与其他资金之和不等于预算数。

    查什么：财政资金 + 其他资金（+ 表中另列的上年结转）是否等于预算数，容差0.01。
    为什么：总数和来源对不上，批复金额就无法确定。
    反例：预算数470.00，财政资金400.00，其他资金50.00。
    正例：预算数470.00，财政资金420.00，其他资金50.00。
    依据：《中华人民共和国预算法》第三十二条；财预〔2015〕88号绩效目标审核“完整性”
    """
    budget = table.table.budget
    if budget.total is None or (budget.fiscal is None and budget.other is None):
        return
    fiscal, other = budget.fiscal or Decimal(0), budget.other or Decimal(0)
    carried = _carried_over(table)
    found = fiscal + other
    if abs(found - budget.total) <= Decimal("0.01") or (carried is not None and abs(found + carried - budget.total) <= Decimal("0.01")):
        return
    unit = table.unit
    parts = f"财政资金{fiscal:f} + 其他资金{other:f}" + (f"（另列结转{carried:f}）" if carried is not None else "")
    if budget.other is None and budget.fiscal is not None:
        # Only one source is written: the missing one may be the difference, or the total may be wrong.
        yield Hit(
            f"只填了财政资金{fiscal:f}{unit}，与预算数{budget.total:f}{unit}相差{number_text(abs(budget.total - fiscal))}{unit}。",
            "budget.other" if budget.total > fiscal else "budget.fiscal",
            expected=f"{budget.total:f}",
            found=f"{fiscal:f}",
            difference=f"{budget.total - fiscal:f}{unit}",
        )
        return
    yield Hit(
        f"{parts} = {found:f}{unit}，不等于预算数{budget.total:f}{unit}。",
        "budget.total",
        expected=f"{found:f}",
        found=f"{budget.total:f}",
        difference=f"{budget.total - found:f}{unit}",
    )


def _carried_over(table: TableContext) -> Decimal | None:
    for label, text in table.table.extra.items():
        if "结转" in label:
            match = re.search(r"\d+(?:\.\d+)?", text.replace(",", ""))
            if match:
                return Decimal(match[0])
    return None


@rule("N302", "budget-not-positive", Severity.ERROR, "可行性")
def budget_not_positive(table: TableContext) -> Iterator[Hit]:
    """预算数为零或负数。

    查什么：预算数、财政资金、其他资金是否为负，预算数是否为零。
    为什么：没有钱的项目不需要绩效目标表；负数多是录入错误。
    反例：预算数 -5.80。
    正例：预算数 5.80。
    依据：《中华人民共和国预算法》第三十二条
    """
    budget = table.table.budget
    if budget.total is not None and budget.total <= 0:
        yield Hit(f"预算数为{budget.total:f}{table.unit}。", "budget.total", expected="大于0", found=f"{budget.total:f}")
    for part, label in (("fiscal", "财政资金"), ("other", "其他资金")):
        amount = getattr(budget, part)
        if amount is not None and amount < 0:
            yield Hit(f"{label}为{amount:f}{table.unit}。", f"budget.{part}", expected="不小于0", found=f"{amount:f}")


@rule("N303", "no-funding-source", Severity.WARNING, "完整性")
def no_funding_source(table: TableContext) -> Iterator[Hit]:
    """只有预算数，没有写资金来源。

    查什么：表样有财政资金、其他资金两栏时，是否至少填了一栏。
    为什么：不写来源，就无法核对财政拨款和自有资金。
    反例：预算数470.00，财政资金、其他资金都空白。
    正例：预算数470.00，其中：财政资金470.00。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    budget = table.table.budget
    if table.form.plan and budget.total is not None and budget.fiscal is None and budget.other is None:
        yield Hit("没有填写财政资金和其他资金。", "budget.fiscal", expected=f"合计{budget.total:f}", found="空")


@lru_cache(maxsize=512)
def month_of(by: str) -> int | None:
    """The month of a plan node (``3月底`` → 3, ``第一季度`` → 3, ``年底`` → 12), or None."""
    if match := re.search(r"(\d{1,2})\s*月", by):
        return int(match[1])
    if match := re.search(r"([一二三四1-4])\s*季", by):
        return {"一": 3, "二": 6, "三": 9, "四": 12}.get(match[1]) or int(match[1]) * 3
    return 12 if re.search(r"年[底末终]|全年", by) else (6 if "半年" in by or "年中" in by else None)


@rule("N304", "plan-not-rising", Severity.ERROR, "可行性")
def plan_not_rising(table: TableContext) -> Iterator[Hit]:
    """资金支出计划下降。

    查什么：累计支出进度是否随时间不减。
    为什么：累计进度不可能后面比前面少。
    反例：3月底50%，6月底25%。
    正例：3月底25%，6月底50%，10月底75%，12月底100%。
    依据：河北省预算项目绩效目标表样（资金支出计划为累计百分比）
    """
    plan = table.table.spending_plan
    for i in range(1, len(plan)):
        before, after = plan[i - 1], plan[i]
        if before.percent is not None and after.percent is not None and after.percent < before.percent:
            yield Hit(
                f"{after.by}累计{number_text(after.percent)}%，比{before.by}的{number_text(before.percent)}%还少。",
                f"spending_plan[{i}].percent",
                expected=f"≥{number_text(before.percent)}%",
                found=f"{number_text(after.percent)}%",
                difference=f"{number_text(after.percent - before.percent)}个百分点",
            )


@rule("N305", "plan-not-complete", Severity.ERROR, "可行性")
def plan_not_complete(table: TableContext) -> Iterator[Hit]:
    """资金支出计划年底不到100%。

    查什么：最后一个节点的累计支出进度是否为100%。
    为什么：年度预算应在当年安排完；确需跨年的写明原因。
    反例：12月底 90%。
    正例：12月底 100%。
    依据：河北省预算项目绩效目标表样；《中华人民共和国预算法》第十八条（预算年度）
    """
    plan = table.table.spending_plan
    if plan and plan[-1].percent is not None and plan[-1].percent < _HUNDRED:
        last = plan[-1]
        yield Hit(
            f"{last.by}累计只有{number_text(plan[-1].percent)}%，全年没有安排完。",
            f"spending_plan[{len(plan) - 1}].percent",
            expected="100%",
            found=f"{number_text(plan[-1].percent)}%",
            difference=f"{number_text(plan[-1].percent - _HUNDRED)}个百分点",
        )


@rule("N306", "plan-node-missing", Severity.ERROR, "完整性")
def plan_node_missing(table: TableContext) -> Iterator[Hit]:
    """资金支出计划缺节点或没填百分比。

    查什么：表样规定的节点（河北：3、6、10、12月底）是否齐全，百分比是否填写。
    为什么：缺了节点就无法按节点监控支出进度。
    反例：6月底 空白。
    正例：3月底25%，6月底50%，10月底75%，12月底100%。
    依据：河北省预算项目绩效目标表样
    """
    plan = table.table.spending_plan
    for i, node in enumerate(plan):
        if node.percent is None:
            yield Hit(f"{node.by}的支出进度没有填写。", f"spending_plan[{i}].percent", expected="百分比", found="空")
    months = [month_of(node.by) for node in plan]
    if plan and table.form.plan and None not in months:
        missing = [month for month in table.form.plan if month not in months]
        # A province that plans by quarters has 9 for 10; the nodes are then simply others.
        if missing and len(plan) < len(table.form.plan):
            yield Hit(
                f"资金支出计划缺{'、'.join(f'{month}月底' for month in missing)}。",
                expected="、".join(f"{month}月底" for month in table.form.plan),
                found="、".join(node.by for node in plan),
            )


@rule("N307", "plan-out-of-range", Severity.ERROR, "可行性")
def plan_out_of_range(table: TableContext) -> Iterator[Hit]:
    """支出进度不在0到100之间。

    查什么：每个节点的百分比是否在0%至100%之间。
    为什么：超过100%或为负的进度不可能出现。
    反例：10月底 175%。
    正例：10月底 75%。
    依据：河北省预算项目绩效目标表样
    """
    for i, node in enumerate(table.table.spending_plan):
        if node.percent is not None and not 0 <= node.percent <= _HUNDRED:
            yield Hit(
                f"{node.by}的支出进度是{number_text(node.percent)}%。",
                f"spending_plan[{i}].percent",
                expected="0%至100%",
                found=f"{number_text(node.percent)}%",
            )


_WEIGHT_COLUMNS = ("权重", "分值", "标准分")


def _weights(table: TableContext) -> list[tuple[Row, Decimal]]:
    """The rows that carry a weight, with it; ``12%`` and ``12`` alike."""
    found = []
    for row in table.rows:
        for label, text in row.indicator.extra.items():
            if any(word in label for word in _WEIGHT_COLUMNS) and (match := re.fullmatch(r"(\d+(?:\.\d+)?)(?:%|分)?", fold(text))):
                found.append((row, Decimal(match[1])))
                break
    return found


@rule("N308", "weights-off", Severity.WARNING, "适当性")
def weights_off(table: TableContext) -> Iterator[Hit]:
    """权重合计不对。

    查什么：有权重（分值）一栏的表，各行权重合计是否为90（预算执行率另占10）或100；有没有权重为0的行。
    为什么：自评时预算执行率占10分，指标占90分；合计不是90或100，得分就算不出来。
    反例：六行指标权重合计80。
    正例：成本20、产出40、效益20、满意度10，合计90。
    依据：财预〔2020〕10号（单位自评指标权重）；财预〔2021〕101号
    """
    weights = _weights(table)
    if len(weights) < 3 or len(weights) != len(table.named):
        return
    together = sum((weight for _, weight in weights), Decimal(0))
    if together not in _WHOLE_WEIGHTS:
        shown = " + ".join(number_text(weight) for _, weight in sorted(weights, key=lambda pair: (pair[0].facts.folded, pair[1])))
        yield Hit(f"各行权重合计{number_text(together)}，应为90或100。", expected="90或100", found=f"{shown} = {number_text(together)}")
    for row, weight in weights:
        if weight == 0:
            yield Hit(f"{row.shown}的权重为0，等于不考核。", row.at("value"), expected="大于0", found="0")


# 90 with the execution rate apart, 100 with it or by local habit; 0.9 and 1 where weights are written as fractions.
_WHOLE_WEIGHTS = frozenset({Decimal(90), Decimal(100), Decimal("0.9"), Decimal(1)})
