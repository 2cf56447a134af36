"""What rules look at: a table with every row read once, and the file (or group) that a table stands in.

Rules ask these objects, never the text directly, so that each text is folded, parsed and classified one time whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.chinese import fold
from assistant.findings import TableRef
from assistant.table import YUAN, DepartmentGoals, GoalTable, Indicator, Money, canonical_level1, canonical_level2
from assistant.validation.faults import ordinary
from assistant.validation.forms import Form, form_of
from assistant.validation.subjects import Use, activities, content, is_bundle, people, topics, uses
from assistant.validation.terms import TIME_UNITS, NameFacts, ValueFacts, each_of_name, name_facts, unit_of_name, value_facts

if TYPE_CHECKING:
    from functools import cached_property

    from assistant.validation.chain import Chain
else:

    class cached_property:
        """``functools.cached_property`` without the lock that Python 3.11 takes at each first look: a context is one thread's own."""

        def __init__(self, func):
            self.func = func
            self.__doc__ = func.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.func(instance)
            return value


COST_TYPES = frozenset({"成本指标", "经济成本指标"})
OUTPUT_TYPES = frozenset({"数量指标", "质量指标", "时效指标"})
# No purpose or goal is longer; what is beyond is not looked into for meaning (a book pasted into a cell must cost no minutes).
LONGEST = 4000
BENEFIT_TYPES = frozenset({"经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"})


class Row:
    """One indicator with what its cells say. ``family`` and ``type`` are the canonical 一级 and 二级 names, None when unknown."""

    __slots__ = ("basis", "description", "facts", "family", "index", "indicator", "level2", "name", "type", "value")

    def __init__(self, index: int, indicator: Indicator) -> None:
        self.index = index
        self.indicator = indicator
        self.name: str = indicator.level3.strip()
        self.description: str = (indicator.description or "").strip()
        self.basis: str = (indicator.basis or "").strip()
        self.level2: str = indicator.level2
        self.family: str | None = canonical_level1(indicator.level1)
        self.type: str | None = canonical_level2(indicator.level2, indicator.level1)
        self.facts: NameFacts = name_facts(self.name)
        cost = self.type in COST_TYPES
        each = each_of_name(self.facts.folded) if cost else ""
        self.value: ValueFacts = value_facts(indicator.value.text, unit_of_name(self.facts.folded), cost, each)

    @property
    def topics(self) -> frozenset[str]:
        """The topics the name speaks of."""
        return topics(self.facts.folded)

    @property
    def content(self) -> frozenset[str]:
        """The character pairs that distinguish the name."""
        return content(self.facts.folded)

    @property
    def people(self) -> frozenset[str]:
        """The kinds of people the name speaks of."""
        return people(self.facts.folded)

    def is_about(self, use: Use) -> bool:
        """Does the name or the description speak of a use of funds: the same topic, or distinguishing words of it?"""
        return not use.topics.isdisjoint(self.topics) or self.says(use.content) or not use.topics.isdisjoint(topics(fold(self.description)))

    def says(self, words: frozenset[str]) -> bool:
        """Does the name or the description hold any of these character pairs?"""
        return not words.isdisjoint(self.content) or (bool(self.description) and not words.isdisjoint(content(self.description)))

    def at(self, part: str) -> str:
        """The address of one of the row's cells: ``level3``, ``value`` …"""
        return f"indicators[{self.index}].{part}"

    @property
    def shown(self) -> str:
        """The row as a message names it; never its number, which changes when rows move."""
        return f"“{self.name}”" if self.name else f"（无名的{self.level2 or '指标'}）"


class TableContext:
    """One table, analysed on demand and once."""

    def __init__(self, table: GoalTable, index: int = 0) -> None:
        self.table = table
        self.index = index
        self.reference: TableRef | None = None
        self.form: Form = form_of(table.form)
        self.siblings: Sequence[TableContext] = ()
        # What a family of rules has found out about this table and wants to keep.
        self.memory: dict[str, Any] = {}
        self.rows: list[Row] = [Row(i, indicator) for i, indicator in enumerate(table.indicators)]
        # The rows by what rules ask for, so that a rule meets only rows it can be about.
        self.named: list[Row] = []
        self.numeric: list[Row] = []
        self.written: list[Row] = []
        self.dates: list[Row] = []
        self.costs: list[Row] = []
        self.quantities: list[Row] = []
        self.timeliness: list[Row] = []
        self.benefits: list[Row] = []
        self.satisfaction: list[Row] = []
        self._sort_rows()

    def _sort_rows(self) -> None:
        lists = {"数量指标": self.quantities, "时效指标": self.timeliness, "服务对象满意度指标": self.satisfaction}
        lists |= dict.fromkeys(COST_TYPES, self.costs) | dict.fromkeys(BENEFIT_TYPES, self.benefits)
        kinds = {"text": self.written, "date": self.dates}
        for row in self.rows:
            if row.name:
                self.named.append(row)
            if row.value.number is not None:
                self.numeric.append(row)
            else:
                kinds.get(row.value.kind, []).append(row)
            if row.type in lists:
                lists[row.type].append(row)

    @cached_property
    def types(self) -> frozenset[str]:
        """The canonical level-2 types that have a row."""
        return frozenset(row.type for row in self.rows if row.type)

    @cached_property
    def families(self) -> frozenset[str]:
        """The canonical level-1 families that have a row, also told by a row's type."""
        found = {row.family for row in self.rows if row.family}
        if self.types & BENEFIT_TYPES:
            found.add("效益指标")
        if "服务对象满意度指标" in self.types:
            found.add("满意度指标")
        return frozenset(found)

    @cached_property
    def name(self) -> str:
        """The project's name, empty when missing."""
        return (self.table.project.name or "").strip()

    @cached_property
    def purpose(self) -> str:
        """资金用途, empty when missing."""
        return (self.table.purpose or "").strip()

    @cached_property
    def goals(self) -> tuple[str, ...]:
        """The goals as written."""
        return tuple(goal.strip() for goal in self.table.goals)

    @cached_property
    def about(self) -> str:
        """Name, purpose and goals in one text, folded: what the project says it is."""
        return fold("。".join((self.name, self.purpose, *self.goals))[:LONGEST])

    @cached_property
    def suspicious(self) -> tuple[tuple[str, str], ...]:
        """Address and text of every cell in running words that has a fault of wording; the project's name last."""
        found: list[tuple[str, str]] = []
        for row in self.rows:
            for part, text in (("basis", row.basis), ("description", row.description), ("level3", row.name)):
                if not ordinary(text):
                    found.append((f"indicators[{row.index}].{part}", text))
        if not ordinary(self.purpose):
            found.append(("purpose", self.purpose))
        for i, goal in enumerate(self.goals):
            if not ordinary(goal):
                found.append((f"goals[{i}]", goal))
        if not ordinary(self.name):
            found.append(("project.name", self.name))
        return tuple(found)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The uses of funds that the purpose lists."""
        return uses(self.purpose[:LONGEST])

    @cached_property
    def promises(self) -> tuple[Use, ...]:
        """What the goals say will be done."""
        return tuple({use.text: use for goal in self.goals for use in uses(goal[:LONGEST])}.values())

    @cached_property
    def named_for(self) -> str:
        """Name and purpose in one text, folded: what the money buys, without what the goals promise of it."""
        return fold(f"{self.name}。{self.purpose}"[:LONGEST])

    @cached_property
    def chain(self) -> Chain:
        """The money chain of the table."""
        from assistant.validation.chain import chain_of

        return chain_of(self)

    def rows_about(self, use: Use) -> list[Row]:
        """The indicators (satisfaction aside) that measure a use: the same topic, or distinguishing words of it, in name or description."""
        return [row for row in self.rows if row.type != "服务对象满意度指标" and row.name and row.is_about(use)]

    @cached_property
    def uncovered(self) -> list[Use]:
        """The uses of funds no indicator measures. Only told when the purpose lists several: one use is what the whole table is about.

        Running expenses need no indicator each; a use of which the lexicon knows no topic is never held to be uncovered.
        """
        if len(self.uses) < 2 or is_bundle(self.name):
            return []
        return [use for use in self.uses if use.topics and not use.expense and not self._covered(use)]

    def _covered(self, use: Use) -> bool:
        rows = self.rows_about(use)
        others = [other for other in self.uses if other is not use and not use.topics.isdisjoint(other.topics)]
        if rows and others and use.topics <= frozenset[str]().union(*(other.topics for other in others)):
            # 采购应急物资 and 应急演练 share their topic: a row on one of them does not measure the other.
            own = use.content.difference(*(other.content for other in others))
            rows = [row for row in rows if not own or row.says(own) or any(word in row.name for word in activities(use.text))]
        return bool(rows) or self._counts_people_of(use) or any(use.kind and row.says(use.kind) for row in self.rows if row.type != "服务对象满意度指标")

    def _counts_people_of(self, use: Use) -> bool:
        """Does a quantity count the people whom this use alone of all serves (患者随访管理 and 规范管理患者人数)?"""
        others = frozenset[str]().union(*(other.people for other in self.uses if other is not use))
        return any(use.people & row.people - others for row in self.quantities)

    def twin(self, row: Row) -> TableContext | None:
        """Another table of the file that has an indicator of the same name and speaks of what the name says; None when there is none."""
        wanted = row.facts.folded
        for other in self.siblings:
            if (
                other is not self
                and any(each.facts.folded == wanted for each in other.rows)
                and (row.topics & topics(other.about) or row.content & content(other.about))
            ):
                return other
        return None

    def implied(self, row: Row) -> tuple[Decimal, Row, str] | None:
        """The price that budget ÷ quantity gives for a cost row without a number: price in 元, the quantity, the arithmetic.

        None when the table counts nothing or more than one thing, or when the money is for several uses.
        """
        counted = [each for each in self.quantities if each.value.number and each.value.unit and each.value.unit not in TIME_UNITS]
        if self.budget is None or self.budget <= 0 or len(self.uses) > 1 or len(counted) != 1 or counted[0].value.money or "%" in counted[0].value.unit:
            return None
        quantity = counted[0]
        assert quantity.value.number is not None
        price = (self.budget / quantity.value.number).quantize(Decimal("0.01"))
        return price, quantity, f"{self.money(self.budget)} ÷ {number_text(quantity.value.number)}{quantity.value.unit} = {price:f}元/{quantity.value.unit}"

    @cached_property
    def budget(self) -> Decimal | None:
        """预算数 in 元."""
        total = self.table.budget.total
        return None if total is None else total * YUAN[self.table.money_unit]

    @cached_property
    def tolerance(self) -> Decimal:
        """What rounding explains: one unit of the last place in which the budget is written, never finer than 0.01 of the money unit
        (budgets are printed with two decimals although their last zeros may be dropped), in 元."""
        total = self.table.budget.total
        exponent = -2 if total is None else max(-2, int(total.as_tuple().exponent))
        return Decimal(1).scaleb(min(exponent, -2)) * YUAN[self.table.money_unit]

    @cached_property
    def unit(self) -> str:
        """万元 or 元: the unit the table speaks in."""
        return self.table.money_unit

    def money(self, yuan: Decimal) -> str:
        """An amount of 元 as this table writes money, without trailing noise: ``15.60万元``."""
        return money_text(yuan, self.unit)


class FileContext:
    """The tables that are judged together — one file, one department's year — with part 1 and last year's tables when given."""

    def __init__(
        self,
        tables: Sequence[GoalTable],
        *,
        department: DepartmentGoals | None = None,
        previous: Sequence[GoalTable] = (),
        file: str | None = None,
        total: Money | None = None,
    ) -> None:
        self.tables = [TableContext(table, i) for i, table in enumerate(tables)]
        for each in self.tables:
            each.siblings = self.tables
        self.department = department
        self.previous = [TableContext(table, i) for i, table in enumerate(previous)]
        self.file = file
        self.total = total

    def part(self) -> None:
        """Let the tables forget each other, once all is said."""
        for each in self.tables:
            each.siblings = ()


@lru_cache(maxsize=16384)
def money_text(yuan: Decimal, unit: str = "万元") -> str:
    """``156000`` → ``15.60万元``; more decimals only where the amount has them, at most four."""
    amount = Money(yuan, "元").to(unit).amount
    rounded = amount.quantize(Decimal("0.01"))
    if rounded != amount:
        amount = amount.quantize(Decimal("0.0001"))
        return f"{amount.normalize():f}{unit}"
    return f"{rounded:f}{unit}"


@lru_cache(maxsize=16384)
def number_text(number: Decimal) -> str:
    """A number without trailing zeros or exponents: ``12000``, ``0.5``."""
    return f"{number.normalize():f}" if number else "0"
