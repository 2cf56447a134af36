"""The money chain: which quantity and which price belong together, and how much of the budget they explain.

A price (``1500元/人``) is tied to a quantity (``≥46人``) when the units agree and the names do not speak of different things. The product
is *exact* when the quantity counts just what the price pays for; when the quantity covers more (people served by several uses) the
product is only the most that can be meant, so it can prove a shortfall but no overshoot. Prices per month or day are multiplied by the
months or days the table states; without them a year has 12 months and the product is again only the most.

Everything is Decimal and in 元; nothing here judges, ``money`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from assistant.chinese import CHINESE_NUMERAL, HAN, chinese_number, fold, pattern
from assistant.validation.context import Row, TableContext, number_text
from assistant.validation.faults import placeholder
from assistant.validation.subjects import Use, content, is_bundle
from assistant.validation.terms import canonical_unit, counted_thing

_ZERO = Decimal(0)
_MONTHS = Decimal(12)
_DAYS = Decimal(365)
_WHOLE_YEAR = " × 12个月（按全年计）"
# Rows that together make up this share of the budget are what it is for.
_NEARLY = Decimal("0.95")
_LISTED = pattern("[、和及与]")
# What a price says that it is for each of: 每站补助标准, 单所造价, 村均补助.
_EACH = pattern(rf"[每单]({HAN})|({HAN})均")
# Units that may count anything; what is counted stands in the name.
_ANY_THING = frozenset({"个", "处", "所", "家", "座"})


@dataclass(slots=True)
class Tie:
    """One quantity × price. ``low`` and ``high`` bound the amount in 元 (equal when exact); ``times`` are the words for
    months and days; ``doubt`` says why it is not exact (empty when it is)."""

    quantity: Row
    price: Row
    low: Decimal
    high: Decimal
    times: str = ""
    doubt: str = ""

    @property
    def once(self) -> str:
        """Quantity and price, without the times they are paid: ``10人 × 2000元/人·月``."""
        price = self.price.value
        assert price.number is not None
        return f"{_counted(self.quantity)} × {number_text(price.number)}{price.unit}"

    @property
    def formula(self) -> str:
        """The arithmetic without its result: ``46人 × 1500元/人``, ``10人 × 2000元/人·月 × 12个月``."""
        return self.once + self.times


@dataclass(slots=True)
class Loose:
    """A price no quantity could be tied to, and what is missing."""

    price: Row
    missing: str


@dataclass(slots=True)
class Chain:
    """What the table's prices explain. ``totals`` are cost rows that state a sum, ``parts`` those that state the sum of one part,
    ``wordy`` cost rows without a number, ``open`` those whose number is still to be given."""

    ties: list[Tie] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    totals: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    wordy: list[Row] = field(default_factory=list)
    open: list[Row] = field(default_factory=list)

    low: Decimal = _ZERO
    high: Decimal = _ZERO

    def add_up(self) -> None:
        """Reckon ``low`` (the least all cost together) and ``high`` (the most), in 元. A quantity that has several prices costs at least the
        dearest, where they are alternatives the cheapest, and at most all of them."""
        self.low = self.high = sum((row.value.number or _ZERO for row in self.parts), _ZERO)
        for ties in self._by_quantity():
            self.low += (min if _alternative(ties) else max)(tie.low for tie in ties)
            self.high += sum((tie.high for tie in ties), _ZERO)

    def _by_quantity(self) -> list[list[Tie]]:
        groups: dict[int, list[Tie]] = {}
        for tie in self.ties:
            groups.setdefault(tie.quantity.index, []).append(tie)
        return list(groups.values())

    def formula(self, table: TableContext) -> str:
        """The arithmetic in one line: ``46人 × 1500元/人 = 6.90万元``; several products joined and summed, alternatives joined by 或."""
        groups = self._by_quantity()
        pieces = sorted(piece for ties in groups for piece in _formulas(ties)) + sorted(f"{row.name}{row.value.text}" for row in self.parts)
        result = f" ≥ {table.money(self.low)}" if any(map(_alternative, groups)) else f" = {table.money(self.high)}"
        return " + ".join(pieces) + result


def _alternative(ties: Sequence[Tie]) -> bool:
    return len(ties) > 1 and all(alternatives(ties[0].price, tie.price) for tie in ties[1:])


def _formulas(ties: Sequence[Tie]) -> list[str]:
    formulas = sorted(tie.formula for tie in ties)
    return [" 或 ".join(formulas)] if _alternative(ties) else formulas


def chain_of(table: TableContext) -> Chain:
    """The chain of a table. Rows are taken in an order of content, so that it does not depend on the order of the form."""
    chain = Chain()
    quantities = [row for row in table.quantities if row.value.number is not None and not row.value.money]
    quantities.sort(key=_content_order)
    prices: list[Row] = []
    amounts: list[Row] = []
    for row in sorted(table.costs, key=_content_order):
        if row.value.number is None:
            if row.value.kind == "text" and row.name:
                (chain.open if placeholder(row.value.text) else chain.wordy).append(row)
        elif row.value.money and (row.value.per or not row.facts.saving):
            (prices if row.value.per else amounts).append(row)
    for price in prices:
        _tie(chain, table, price, quantities, prices)
    _sort_amounts(chain, table, amounts)
    chain.add_up()
    return chain


def _content_order(row: Row) -> tuple[str, ...]:
    return (row.facts.folded, row.value.folded, row.description, row.basis)


def _tie(chain: Chain, table: TableContext, price: Row, quantities: Sequence[Row], prices: Sequence[Row]) -> None:
    assert price.value.number is not None
    candidates, rest, frequency = _candidates(price, quantities)
    if not candidates:
        chain.loose.append(Loose(price, f"以“{price.value.per[0]}”计的数量指标"))
        return
    factor, words, lacking = _times(table, price, rest, quantities)
    fitting = _fitting(table, price, candidates, prices)
    tied = fitting if len(fitting) == 1 else _explaining(table, price.value.number * factor, candidates)
    if not tied:
        named = "、".join(row.shown for row in fitting)
        chain.loose.append(Loose(price, f"{price.shown}对应{named}中的哪一行" if named else f"{price.shown}对应的数量指标"))
        return
    if lacking:
        chain.loose.append(Loose(price, f"{price.shown}要用到的{lacking}"))
        return
    if frequency is not None and frequency.value.number is not None:
        factor, words = factor * frequency.value.number, f" × {_counted(frequency)}{words}"
    rivals = [other for other in prices if other.value.per[0] == price.value.per[0] and _best(other, candidates) == tied]
    for quantity in tied:
        chain.ties.append(_product(table, quantity, price, rest, factor, words, quantities))
        if any(not alternatives(price, other) for other in rivals if other is not price):
            chain.ties[-1].doubt = chain.ties[-1].doubt or f"{quantity.shown}同时对应几个单价"


def _candidates(price: Row, quantities: Sequence[Row]) -> tuple[list[Row], tuple[str, ...], Row | None]:
    """The quantities counted in what the price pays for, what is left of the price's unit, and the row that says how often (36次/人·年)."""
    unit, rest = price.value.per[0], price.value.per[1:]
    candidates = [row for row in quantities if canonical_unit(row.value.unit) == unit]
    if not candidates:
        # 扶持村 7个 counts what 50万元/村 pays for.
        candidates = [row for row in quantities if row.value.unit in _ANY_THING and unit in row.facts.folded]
    if not candidates and unit == "人":
        # 人次 stands for 人 when nothing else is counted.
        candidates = [row for row in quantities if row.value.unit == "人次"]
    if rest[:1] == ("次",) and unit == "人" and any(row.value.unit == "人次" for row in quantities):
        candidates, rest = [row for row in quantities if row.value.unit == "人次"], rest[1:]
    frequency = None if candidates else _frequency(unit, quantities)
    if frequency is not None:
        return [row for row in quantities if canonical_unit(row.value.unit) == frequency[1]], rest, frequency[0]
    return candidates, rest, None


def _fitting(table: TableContext, price: Row, candidates: list[Row], prices: Sequence[Row]) -> list[Row]:
    """The candidates whose words fit the price best: one, several that fit alike, or none when every one speaks of something else."""
    best = _best(price, candidates)
    if best is None:
        sure = len(candidates) == 1 and (price.value.per[0] == "天" or _must_be(table, price, candidates[0], prices))
        return candidates if sure else []
    if len(best) > 1:
        best = _nearest(price, best)
    if len(best) > 1 and not price.content:
        # 亩均补助标准 names nothing of its own: it is for what the project is named after.
        own = content(table.name)
        best = [row for row in best if row.content & own] or best
    return best


def _explaining(table: TableContext, each: Decimal, candidates: Sequence[Row]) -> list[Row]:
    """What words do not settle, the budget may: the one candidate whose product is the budget, or all of them when together they make it up."""
    budget = table.budget
    if budget is None or budget <= 0:
        return []
    exact = [row for row in candidates if row.value.number is not None and abs(row.value.number * each - budget) <= table.tolerance]
    if len(exact) == 1:
        return exact
    together = sum((row.value.number or _ZERO for row in candidates), _ZERO) * each
    return list(candidates) if len(candidates) > 1 and budget * _NEARLY <= together <= budget + table.tolerance else []


def _product(table: TableContext, quantity: Row, price: Row, rest: Sequence[str], factor: Decimal, words: str, quantities: Sequence[Row]) -> Tie:
    assert quantity.value.number is not None
    assert price.value.number is not None
    doubt = _doubt(table, quantity, price)
    if quantity.facts.daily and not {"天", "月"} & set(rest):
        # 日处理污水1.5万吨 × 2.4元/吨 is the cost of one day.
        days = [row for row in quantities if canonical_unit(row.value.unit) == "天" and row.value.number]
        if len(days) == 1 and days[0].value.number is not None:
            factor, words = factor * days[0].value.number, f"{words} × {_counted(days[0])}"
        else:
            factor, words = factor * _DAYS, f"{words} × {_DAYS}天"
            doubt = doubt or f"{quantity.shown}是每天的量，没有写全年天数"
    once = quantity.value.number * price.value.number
    high = once * factor
    return Tie(quantity, price, _ZERO if doubt else once if words.endswith(_WHOLE_YEAR) else high, high, words, doubt)


def alternatives(price: Row, other: Row) -> bool:
    """Are two prices of one quantity each for a part of it (小学生均公用经费标准, 初中生均公用经费标准)? Their names then mostly end alike."""
    one, two = price.facts.folded, other.facts.folded
    half = max(len(one), len(two)) // 2 + 1
    return one[-half:] == two[-half:]


def _frequency(unit: str, quantities: Sequence[Row]) -> tuple[Row, str] | None:
    """The row that says how many of ``unit`` fall to one of another unit (36次/人·年), and that other unit; None when none or several do."""
    found = []
    for row in quantities:
        head, slash, tail = row.value.unit.partition("/")
        if slash and canonical_unit(head) == unit:
            found.append((row, canonical_unit(tail.split("·")[0])))
    return found[0] if len(found) == 1 else None


def _must_be(table: TableContext, price: Row, quantity: Row, prices: Sequence[Row]) -> bool:
    """With one price and one quantity of a unit, and a single use of the money, other words still mean the same thing."""
    alone = sum(1 for other in prices if other.value.per[0] == price.value.per[0]) == 1
    if len(table.uses) < 2:
        return alone
    return alone and any(price.is_about(use) and quantity.is_about(use) for use in table.uses)


def _counted(row: Row) -> str:
    assert row.value.number is not None
    return f"{number_text(row.value.number)}{row.value.unit}"


def _best(price: Row, candidates: Sequence[Row]) -> list[Row] | None:
    """The candidates that fit the price best; several when they fit alike, None when every one speaks of something else."""
    scores = [_fit(price, row) for row in candidates]
    highest = max(scores)
    if highest < 0:
        return None
    return [row for row, score in zip(candidates, scores, strict=True) if score == highest]


def _nearest(price: Row, rows: list[Row]) -> list[Row]:
    """Of rows that fit alike, the one whose name shares clearly more of its words with the price (80-89周岁老人 …); all when none does."""
    shared = sorted(((_in_common(price.facts.folded, row.facts.folded), row) for row in rows), key=lambda pair: -pair[0])
    return [shared[0][1]] if shared[0][0] >= shared[1][0] + 2 else rows


def _in_common(left: str, right: str) -> int:
    """The length of the longest run of characters two names share."""
    best, before = 0, [0] * (len(right) + 1)
    for a in left:
        row = [0] * (len(right) + 1)
        for j, b in enumerate(right):
            if a == b:
                row[j + 1] = before[j] + 1
                best = max(best, row[j + 1])
        before = row
    return best


def _fit(price: Row, quantity: Row) -> int:
    shared = len(price.topics & quantity.topics) * 3 + len(price.content & quantity.content) * 2 + len(price.people & quantity.people)
    if shared:
        return shared
    if (each := _EACH.search(price.facts.folded)) and (each[1] or each[2]) in quantity.facts.folded:
        return 1
    # Both speak of something, and of different things: not the same. One that says nothing of its own may be anything's.
    return -1 if price.content and quantity.content else 0


def _times(table: TableContext, price: Row, rest: Sequence[str], quantities: Sequence[Row]) -> tuple[Decimal, str, str]:
    """Factor for the further parts of a price's unit, its words in the formula, and what is lacking (empty = nothing)."""
    factor, words = Decimal(1), ""
    for part in rest:
        if part in ("年", "学年"):
            continue
        stated = [row for row in quantities if canonical_unit(row.value.unit) == part and row.value.number]
        if len(stated) == 1 and stated[0].value.number is not None:
            factor *= stated[0].value.number
            words += f" × {_counted(stated[0])}"
        elif part == "月" and not stated:
            months = _months_told(f"{table.about}。{fold(price.description)}。{price.value.folded}")
            factor *= months or _MONTHS
            words += f" × {months}个月" if months else _WHOLE_YEAR
        elif part == "学期" and not stated:
            factor *= 2
            words += " × 2学期"
        else:
            return factor, words, {"天": "天数", "月": "月数", "次": "次数"}.get(part, f"{part}数")
    return factor, words, ""


@lru_cache(maxsize=16384)
def _months_told(text: str) -> int | None:
    """The months for which a text says that money is paid (按10个月发放), when it says one number only; None for a deadline (3个月内)."""
    if "个月" not in text:
        return None
    said = {int(month) if month.isdigit() else chinese_number(month) for month in _MONTHS_SAID.findall(text)}
    told = said.pop() if len(said) == 1 else None
    return told if told and told <= _MONTHS else None


_MONTHS_SAID = pattern(rf"(\d{{1,2}}|{CHINESE_NUMERAL.pattern})个月(?!以?[内前后上下]|之内|工资)")


def _doubt(table: TableContext, quantity: Row, price: Row) -> str:
    uses = table.uses
    # What is counted stands in the price's own name (印刷年鉴册数, 年鉴编印单价), or the money is one sum for everything.
    thing = counted_thing(quantity.facts.folded)
    same = bool(content(thing[-2:])) and thing[-2:] in price.facts.folded and not _LISTED.search(thing)
    if len(uses) < 2 or same or is_bundle(table.name):
        return ""
    counted, paid = _uses_of(quantity, uses), _uses_of(price, uses)
    extra = [use for use in counted if use not in paid]
    if paid and extra:
        return f"{quantity.shown}还包含{'、'.join(f'“{use.text}”' for use in extra)}的对象"
    return ""


def _uses_of(row: Row, uses: Sequence[Use]) -> list[Use]:
    """The uses a row may be about: the same topic or distinguishing words, and no narrower people than the row's own."""
    found = []
    for use in uses:
        if not (row.topics & use.topics or row.content & use.content):
            continue
        if row.people and use.people and not _may_be(row.people, use.people):
            continue
        found.append(use)
    return found


def _may_be(row_people: frozenset[str], use_people: frozenset[str]) -> bool:
    # A row about 残疾儿童 is not about a use for 残疾人 in general; a row about 残疾人 may count 残疾儿童 too.
    return row_people <= use_people


def _sort_amounts(chain: Chain, table: TableContext, amounts: Sequence[Row]) -> None:
    budget = table.budget
    for row in amounts:
        assert row.value.number is not None
        alone = len(amounts) == 1 and not chain.ties
        whole = row.facts.total or not row.content or alone or (budget is not None and abs(row.value.number - budget) <= table.tolerance)
        # 县级物流配送中心补助 shares 中心 with 乡镇商贸中心单个补助 and is another part all the same.
        tied = any(2 * len(row.content & tie.price.content) >= len(row.content) for tie in chain.ties)
        if whole:
            chain.totals.append(row)
        elif not tied:
            chain.parts.append(row)
