"""Quantity × unit cost against the budget, in what was asked and in what was drafted; contradictions with their arithmetic.

A contradiction is reported and asked, never drafted over: the figure that cannot stand is left open, the sum is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from assistant.chinese import fold
from assistant.draft import Request
from assistant.drafting import lexicon
from assistant.drafting.components import Uses
from assistant.drafting.facts import Fact, Product, same_unit, shared
from assistant.drafting.naming import REST
from assistant.drafting.project import Money as ProjectMoney
from assistant.drafting.project import Project
from assistant.drafting.sheet import Ask, Row, Sheet, open_cell
from assistant.drafting.wording import plain, read
from assistant.findings import Finding, Severity
from assistant.table import Indicator, Money
from assistant.target import Target

BASIS = "《中华人民共和国预算法》第三十二条；财预〔2015〕88号绩效目标审核“适当性”"
# Rounding of a budget written with two decimals, and of a price.
SLACK = Decimal("1.005")


def product(count: Target, price: Target, months: Decimal | None = None, days: Decimal | None = None) -> Product | None:
    """Quantity times unit cost in 元, when the price is per unit of that quantity; a monthly price needs its months (12 in a year), a daily
    one the days it is paid for."""
    n, c = count.base, price.base
    per = fold(price.measured_per or "").replace("*", "·")
    if n is None or c is None or not per:
        return None
    head, _, period = per.partition("·")
    if not same_unit(head, n[1] or fold(count.unit or "")):
        return None
    times = Decimal(1)
    words = f"{plain(n[0])}{n[1]}×{price.number:f}{price.unit}"
    if "月" in period:
        times = months or Decimal(12)
        words += f"×{plain(times)}个月"
    elif days is not None and period in ("天", "日"):
        times = days
        words += f"×{plain(days)}天"
    elif period and period not in ("年", "学年"):
        return None
    total = n[0] * c[0] * times
    return Product(total, f"{words}={money_words(total)}")


def money_words(yuan: Decimal) -> str:
    """An amount of 元 in 万元, with as many decimals as it needs."""
    amount = Money(yuan, "元").to("万元").amount
    return f"{plain(amount.quantize(Decimal('0.0001')))}万元"


def explains(indicators: tuple[Indicator, ...], budget_yuan: Decimal | None) -> tuple[int, int, Product] | None:
    """The quantity row and the price row of a past table whose product is its budget (within 5 %), by position."""
    if not budget_yuan:
        return None
    for i, row in enumerate(indicators):
        if row.type != "数量指标":
            continue
        for j, price in enumerate(indicators):
            if price.type not in ("成本指标", "经济成本指标"):
                continue
            made = product(row.value, price.value)
            if made is not None and abs(made.yuan - budget_yuan) <= budget_yuan * Decimal("0.05"):
                return i, j, made
    return None


def months_of(facts: list[Fact]) -> Decimal | None:
    """The months a monthly price is paid for, when given."""
    return next((fact.number for fact in facts if fact.kind == "months"), None)


def days_of(facts: list[Fact]) -> Decimal | None:
    """The days a daily price is paid for, when given (每人每天5元，全年200天)."""
    given = {fact.number for fact in facts if fact.kind == "count" and fact.unit in ("天", "日")}
    return given.pop() if len(given) == 1 else None


def reckoned(uses: Uses, facts: list[Fact]) -> Product | None:
    """What the numbers, prices and amounts of a request come to, where nobody said its budget; None unless each use has its money.

    A price without a count of its own (社保每人每月900元) is paid for the one use counted in its unit.
    """
    months, days = months_of(facts), days_of(facts)
    made: list[Product] = []
    left, bare = list(facts), False
    for component in uses.components:
        if component.quantity is not None and component.price is not None:
            one = product(component.quantity.value, component.price.value, months, days)
            if one is None:
                return None
            made.append(one)
        elif component.amount is not None and component.amount.value.base is not None:
            made.append(Product(component.amount.value.base[0], f"{component.nominal}{component.amount.value.text}"))
        elif component.of_whole or uses.whole is not None or not any(part.of_whole for part in uses.components):
            # Not 培育300人，其中…120人、…180人, which is paid with its parts.
            bare = True
        left = [fact for fact in left if fact not in (component.quantity, component.price, component.amount)]
    counted = [component.quantity for component in uses.components if component.quantity is not None]
    for price in [fact for fact in left if fact.kind == "price"]:
        own = [fact for fact in left if fact.kind == "count" and shared(fact.name, price.name) >= 0.5]
        found = [one for count in (own or counted) if (one := product(count.value, price.value, months, days)) is not None]
        if len(found) != 1:
            return None
        made += found
    amounts = [
        fact
        for fact in left
        if fact.kind == "money" and not fact.name.startswith("其中") and not lexicon.NOT_SPENT.search(fact.name) and fact.value.base is not None
    ]
    if (not made and not amounts) or (bare and not amounts and (len(made) < 2 or len(uses.components) > 1)):
        return None
    made += [Product(fact.value.base[0], f"{fact.name}{fact.value.text}") for fact in amounts if fact.value.base is not None]
    total = sum((one.yuan for one in made), Decimal(0))
    added = "+".join(money_words(one.yuan).removesuffix("万元") for one in made)
    return Product(total, "；".join(one.words for one in made) + (f"；合计{added}={money_words(total)}" if len(made) > 1 else ""))


def take_remainder(uses: Uses, request: Request, facts: list[Fact]) -> None:
    """What is left of the budget for the one use that the request gives the rest to (作业点租金6万、人员工资30万，其余买火箭弹)."""
    given = sum(REST.match(clause) is not None for clause in read(request.sentence).clauses) if request.sentence else 0
    last = uses.components[-1] if uses.components else None
    if given != 1 or last is None or request.budget is None or last.amount is not None or last.price is not None:
        return
    spent: list[Decimal] = []
    for one in uses.components[:-1]:
        made = product(one.quantity.value, one.price.value, months_of(facts), days_of(facts)) if one.quantity is not None and one.price is not None else None
        amount = one.amount.value.base[0] if one.amount is not None and one.amount.value.base is not None else made.yuan if made is not None else None
        if amount is None:
            return
        spent.append(amount)
    left = Decimal(request.budget) * 10_000 - sum(spent, Decimal(0))
    if spent and left > 0:
        words = "-".join(money_words(amount).removesuffix("万元") for amount in spent)
        last.remainder = Product(left, f"{plain(Decimal(request.budget))}-{words}={money_words(left)}（预算数减其他各项）")


def pairs(sheet: Sheet, days: Decimal | None = None) -> Iterator[tuple[Row, Row]]:
    """Count rows with the price row that belongs to each: of the same component, or the only ones that fit."""
    prices = [row for row in sheet.rows if row.target.measured_per and row.level2 in ("成本指标", "经济成本指标")]
    counts = [row for row in sheet.rows if row.level2 == "数量指标" and row.target.number is not None]
    for price in prices:
        own = [count for count in counts if count.component is not None and count.component == price.component]
        like = [count for count in counts if shared(count.level3.text, price.level3.text) >= 0.5]
        fitting = [count for count in counts if product(count.target, price.target, days=days) is not None]
        chosen = next((count for count in (*own, *like) if count in fitting), None)
        if chosen is None and len(fitting) == 1 and len(prices) == 1:
            chosen = fitting[0]
        if chosen is not None:
            yield chosen, price


def settle(sheet: Sheet, project: Project, facts: list[Fact]) -> list[Finding]:
    """Hold every quantity × price, and their sum, against the budget; what exceeds it is opened, asked and reported."""
    if project.money is None:
        return []
    budget = project.money
    months, days = months_of(facts), days_of(facts)
    found: list[Finding] = []
    total, words = Decimal(0), []
    largest: tuple[Decimal, Row] | None = None
    seen: set[int] = set()
    for count, price in list(pairs(sheet, days)):
        made = product(count.target, price.target, months, days)
        if made is None or (id(count) in seen and price.kind != "另付") or "computed" in (price.value.origin, count.value.origin):
            continue
        seen.add(id(count))
        if made.yuan > budget.yuan * SLACK and (said := _instalment(project)):
            found.append(_contracted(made, budget, said))
            continue
        if made.yuan > budget.yuan * SLACK:
            found.append(_over(made, count, price, budget.yuan, budget.text))
            continue
        total += made.yuan
        words.append(made.words)
        if largest is None or made.yuan > largest[0]:
            largest = (made.yuan, count)
    for row in sheet.rows:
        base = row.target.base
        given = row.kind in ("money", "分项成本") and row.value.origin == "request"
        kept = row.carried and row.value.origin == "carried" and row.kind != "总成本" and base is not None and base[1] == "元"
        if (given or kept) and row.level2 in ("成本指标", "经济成本指标") and base is not None:
            total += base[0]
            words.append(f"{'上年' if kept else ''}{row.level3.text}{money_words(base[0])}")
            if largest is None or base[0] > largest[0] or kept:
                # What last year's table says gives way to what was said for this year.
                largest = (base[0], row)
    if largest is not None and total > budget.yuan * SLACK:
        summed = f"；合计{money_words(total)}" if len(words) > 1 else ""
        said = f"{'；'.join(words)}{summed}，超过预算数{budget.text}"
        row = largest[1]
        ask = Ask(f"{said}，请核对数量、标准或预算。{row.level3.text}应为多少？", row.level3.text, 96)
        row.value = open_cell(ask, note=f"给出的{row.value.text}{'与其他各项合计' if summed else ''}超过预算：{said}", previous=row.value.previous)
        found.append(_finding("Q902", "over-budget", f"{said}。", "budget.total", f"≤{budget.text}", money_words(total), money_words(total - budget.yuan)))
    return found


def _instalment(project: Project) -> str:
    """The words by which a request says that this year pays a part only, empty where it says none."""
    request = project.request
    said = [request.known.get("付款安排", ""), request.stated.get("budget", "")]
    return "，".join(text for text in said if _BY_INSTALMENT.search(text))


def _contracted(made: Product, budget: ProjectMoney, said: str) -> Finding:
    share, left = plain((budget.yuan / made.yuan * 100).quantize(Decimal("0.1"))), money_words(made.yuan - budget.yuan)
    message = f"{made.words}是合同总额；需求中说{said}，本年支付{budget.text}（{share}%），余下{left}在以后年度支付，请与合同付款条款核对。"
    return _finding("Q907", "paid-by-instalments", message, "budget.total", budget.text, money_words(made.yuan), left, Severity.INFO)


def _over(made: Product, count: Row, price: Row, budget: Decimal, text: str) -> Finding:
    each = price.target.base
    n = count.target.base
    assert each is not None
    assert n is not None
    times = made.yuan / (n[0] * each[0])
    most = int(budget / (each[0] * times))
    at_most = (budget / (n[0] * times)).quantize(Decimal("0.01"))
    choices = f"按{price.target.number:f}{price.target.unit}最多{most}{n[1]}；按{plain(n[0])}{n[1]}，标准最多{plain(at_most)}元"
    said = f"{made.words}，超过预算数{text}（差{money_words(made.yuan - budget)}）"
    kept = count.value
    whose = "需求中" if "request" in (kept.origin, price.value.origin) else "上年"
    ask = Ask(f"{said}。{choices}。{count.level3.text}应为多少？", count.level3.text, 97)
    count.value = open_cell(ask, note=f"{whose}的{kept.text}与标准、预算互相矛盾：{said}", previous=kept.previous)
    return _finding("Q902", "over-budget", f"{said}。{choices}。", None, f"≤{text}", money_words(made.yuan), money_words(made.yuan - budget))


_BY_INSTALMENT = re.compile(r"分(?:期|\d+年)|首期|首付|尾款|余款|质保金")


def told_twice(request: Request, facts: list[Fact]) -> list[tuple[Fact, Fact]]:
    """Counts that the statement of use and the known figures give differently (培训1624人 there, 培训人数=50人 here)."""
    stated = [fact for fact in facts if fact.kind == "count" and fact.said in (request.purpose, request.name)]
    known = [fact for fact in facts if fact.kind == "count" and fact.said not in (request.purpose, request.name)]
    return [
        (one, other)
        for one in stated
        for other in known
        if same_unit(one.unit, other.unit) and one.number != other.number and shared(one.name, other.name) >= 0.6 and not _PART.search(one.name + other.name)
    ]


_PART = re.compile(r"每|其中|新增|受益|覆盖|惠及")


def open_what_differs(sheet: Sheet, pairs_told: list[tuple[Fact, Fact]]) -> list[Finding]:
    """A count given in two ways is asked, not chosen."""
    found = []
    for stated, known in pairs_told:
        said = f"{known.name}：资金用途写{stated.value.text}，已知数写{known.value.text}，两处不一致"
        found.append(_finding("Q906", "given-twice", f"需求中的{said}。", None, stated.value.text, known.value.text, None))
        for row in sheet.rows:
            if row.level2 == "数量指标" and same_unit(row.unit, stated.unit) and _is_about(row, stated, known):
                ask = Ask(f"{said}，应为多少？", row.level3.text, 97)
                row.value = open_cell(ask, note=f"需求前后不一致：{said}", previous=row.value.previous)
    return found


def _is_about(row: Row, stated: Fact, known: Fact) -> bool:
    """Whether a row holds one of two figures that differ, or last year's in their place."""
    named = max(shared(row.level3.text, stated.name), shared(row.level3.text, known.name)) >= 0.5
    base = row.target.base
    given = row.value.origin == "request" and base is not None and base[0] in (stated.number, known.number)
    return named and (given or row.value.origin == "carried")


def of_request(request: Request, facts: list[Fact]) -> list[Finding]:
    """Contradictions inside the request itself: parts that do not add up, rates above 100 %, parts beyond the whole."""
    total, fiscal, other = (Decimal(value) if value is not None else None for value in (request.budget, request.fiscal, request.other))
    found = _money_does_not_add_up(total, fiscal, other)
    for fact in facts:
        if fact.kind == "rate" and fact.number is not None and fact.number > 100 and "增" not in fact.name:
            said = f"需求中的{fact.name}{fact.value.text}超过100%。"
            found.append(_finding("Q903", "rate-over-100", said, None, "≤100%", fact.value.text, f"{plain(fact.number - 100)}个百分点"))
    if total is not None:
        found.extend(_parts_over_total(total, facts))
        stated = request.stated.get("budget", "")
        if total >= 100_000 and "万" not in stated and "亿" not in stated:
            said = f"预算{plain(total)}万元（合{plain(total / 10_000)}亿元）异常大，单位是不是元？"
            found.append(_finding("Q905", "budget-unit-doubtful", said, "budget.total", "请确认单位", f"{plain(total)}万元", None, Severity.WARNING))
    return found


def _money_does_not_add_up(total: Decimal | None, fiscal: Decimal | None, other: Decimal | None) -> list[Finding]:
    """Fiscal and other money against the total, in 万元."""
    code, name, cell = "Q901", "money-does-not-add-up", "budget.total"
    if total is None:
        return []
    if fiscal is not None and other is not None and fiscal + other != total:
        parts = fiscal + other
        added = f"财政资金{plain(fiscal)}+其他资金{plain(other)}={plain(parts)}万元，不等于预算数{plain(total)}万元"
        said = f"需求中的金额互相矛盾：{added}（差{plain(abs(total - parts))}万元）。"
        return [_finding(code, name, said, cell, f"{plain(total)}万元", f"{plain(parts)}万元", f"{plain(parts - total)}万元")]
    found = []
    for label, part in (("财政资金", fiscal), ("其他资金", other)):
        if part is not None and part > total:
            said = f"需求中的{label}{plain(part)}万元大于预算数{plain(total)}万元。"
            found.append(_finding(code, name, said, cell, f"≤{plain(total)}万元", f"{plain(part)}万元", f"{plain(part - total)}万元"))
    return found


def _parts_over_total(total: Decimal, facts: list[Fact]) -> list[Finding]:
    """The amounts named one by one, in 元, against the total in 万元."""
    amounts = [(fact, fact.value.base[0]) for fact in facts if fact.kind == "money" and fact.value.base is not None and not lexicon.NOT_SPENT.search(fact.name)]
    parts = sum((amount for _, amount in amounts), Decimal(0))
    if parts <= total * 10_000:
        return []
    words = "+".join(f"{fact.name}{fact.value.text}" for fact, _ in amounts)
    said = f"需求中的分项金额{words}={money_words(parts)}，超过预算数{plain(total)}万元。"
    return [_finding("Q904", "parts-over-total", said, "budget.total", f"≤{plain(total)}万元", money_words(parts), money_words(parts - total * 10_000))]


def _finding(
    code: str, name: str, message: str, cell: str | None, expected: str, found: str, difference: str | None, severity: Severity = Severity.ERROR
) -> Finding:
    return Finding(
        code=code, name=name, severity=severity, cell=cell, message=message, expected=expected, found=found, difference=difference, basis=BASIS, aspect="适当性"
    )
