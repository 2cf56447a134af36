"""This year's tables against last year's, when those are given: projects gone, targets unchanged or lowered, prices jumped.

A project is found again by its name without document numbers and years; where several share a name, the code or the nearest budget decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.findings import Severity
from assistant.validation.context import COST_TYPES, FileContext, Row, TableContext, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.terms import unnumbered

_TENTH = Decimal("0.1")
_FIFTH = Decimal("0.2")


def _own_name(table: TableContext) -> str:
    """A project's name for finding it again next year: without document numbers, years and blanks."""
    return re.sub(r"20\d\d年?度?", "", unnumbered(table.name))


def _pairs(file: FileContext) -> Iterator[tuple[TableContext, TableContext]]:
    """Each table with last year's table of the same project."""
    left: list[TableContext] = list(file.previous)
    for table in sorted(file.tables, key=lambda each: (each.name, each.table.number or 0)):
        same = [old for old in left if _own_name(old) and _own_name(old) == _own_name(table)]
        if not same:
            continue
        budget = table.budget or Decimal(0)
        best = min(same, key=lambda old: (old.purpose != table.purpose, abs((old.budget or Decimal(0)) - budget), old.name))
        left.remove(best)
        yield table, best


def _row_pairs(table: TableContext, old: TableContext) -> Iterator[tuple[Row, Row]]:
    before = {(row.type, row.facts.folded): row for row in old.rows if row.name}
    for row in table.rows:
        match = before.get((row.type, row.facts.folded))
        if match is not None:
            yield row, match


@rule("Y951", "project-gone", Severity.INFO, "完整性", scope="file")
def project_gone(file: FileContext) -> Iterator[Hit]:
    """上年有的项目今年没有了。

    查什么：上年文件里的项目，今年有没有同名（不计文号和年份）的表。
    为什么：可能是项目结束，也可能是漏报；请确认。
    反例：上年有“残疾人机动轮椅车燃油补贴”，今年没有。
    正例：项目到期的，在说明里写明。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    if not file.previous or not file.tables:
        return
    now = {_own_name(table) for table in file.tables}
    for old in sorted(file.previous, key=lambda each: (each.table.number or 0, each.name)):
        if old.name and _own_name(old) not in now:
            budget = "" if old.budget is None else f"（上年预算{old.money(old.budget)}）"
            yield Hit(f"上年的项目“{old.name}”{budget}今年没有对应的表。", expected="有表或说明已结束", found="没有", quote=old.purpose or None)


@rule("Y952", "targets-unchanged", Severity.INFO, "可行性", scope="file")
def targets_unchanged(file: FileContext) -> Iterator[Hit]:
    """指标值与上年完全一样。

    查什么：与上年同一项目相比，全部指标值是否一字未改；预算变化超过10%而数量没变的为警告。
    为什么：目标值应参考上年完成情况调整；钱变了数量不变，说明没有重新测算。
    反例：预算从470万元增到520万元，培训人数仍是46人。
    正例：预算增加，培训人数相应增加并写明依据。
    依据：财预〔2021〕101号（历史标准）；财预〔2015〕88号“相应匹配”
    """
    for table, old in _pairs(file):
        pairs = [(row, before) for row, before in _row_pairs(table, old) if row.value.number is not None]
        if len(pairs) < 3 or any(row.value.folded != before.value.folded for row, before in pairs):
            continue
        change = _change(table, old)
        if change is not None and abs(change) > _TENTH:
            yield Hit(
                f"预算比上年{'增加' if change > 0 else '减少'}{abs(change) * 100:.1f}%，{len(pairs)}个数值指标却与上年完全一样。",
                "budget.total",
                expected="随预算调整的数量",
                found=f"{old.money(old.budget or Decimal(0))} → {table.money(table.budget or Decimal(0))}",
                severity=Severity.WARNING,
                table=table.index,
            )
        else:
            yield Hit(f"{len(pairs)}个数值指标与上年完全一样。", None, expected="参考上年完成情况调整", found="全部相同", table=table.index)


def _change(table: TableContext, old: TableContext) -> Decimal | None:
    if table.budget is None or not old.budget or old.budget <= 0:
        return None
    return (table.budget - old.budget) / old.budget


@rule("Y953", "target-lowered", Severity.WARNING, "可行性", scope="file")
def target_lowered(file: FileContext) -> Iterator[Hit]:
    """预算没减，目标值却比上年低。

    查什么：数量、合格率、满意度等越高越好的指标，今年的值是否低于上年，而预算没有减少。
    为什么：钱不少、事变少，要说明原因。
    反例：预算不变，满意度从≥90%降到≥80%。
    正例：满意度不低于上年。
    依据：财预〔2021〕101号（历史标准）；财预〔2015〕88号“合理可行”
    """
    for table, old in _pairs(file):
        change = _change(table, old)
        if change is None or change < 0:
            continue
        for row, before in _row_pairs(table, old):
            higher_is_better = row.type == "数量指标" or row.facts.good_rate
            a, b = row.value, before.value
            if not higher_is_better or row.facts.bad or a.number is None or b.number is None or a.unit != b.unit or a.comparator in ("≤", "<") or a.money:
                continue
            if a.number < b.number:
                yield Hit(
                    f"{row.shown}由上年的“{b.text}”降为“{a.text}”，预算没有减少。",
                    row.at("value"),
                    expected=f"不低于{b.text}",
                    found=a.text,
                    difference=f"少{number_text(b.number - a.number)}{a.unit}",
                    table=table.index,
                )


@rule("Y954", "price-jumped", Severity.WARNING, "适当性", scope="file")
def price_jumped(file: FileContext) -> Iterator[Hit]:
    """单价比上年上涨20%以上。

    查什么：同一项目同名的人均标准、单价，比上年高出20%以上。
    为什么：标准大幅提高要有新的文件或询价依据。
    反例：培训补贴标准由1500元/人升到2000元/人，依据没变。
    正例：依据写明新的标准文件。
    依据：财预〔2021〕101号（预算支出标准）
    """
    for table, old in _pairs(file):
        for row, before in _row_pairs(table, old):
            a, b = row.value, before.value
            if row.type not in COST_TYPES or not a.per or a.per != b.per or not a.number or not b.number:
                continue
            if a.number > b.number * (1 + _FIFTH):
                yield Hit(
                    f"{row.shown}由上年的“{b.text}”升为“{a.text}”，涨{(a.number - b.number) / b.number * 100:.1f}%。",
                    row.at("value"),
                    expected=b.text,
                    found=a.text,
                    difference=f"多{number_text(a.number - b.number)}元",
                    table=table.index,
                )
