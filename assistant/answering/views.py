"""What can be answered with: every cell of the tables and of part 1 in scope, with the words that may point at it.

A table has words in four pools, from telling to vague: its name, its use and goals, one row's own words, everything else in it. A
closed list: a cell that is not here does not exist, and a question for it is answered with no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal

from assistant.chinese import document_numbers, fold
from assistant.corpus import PastDepartment, PastTable, own_name
from assistant.table import HEADER_LABELS, YUAN, Indicator
from assistant.target import Target

# The cells above the indicator block that a question may be about.
_HEAD = ("project.name", "project.code", "unit.name", "unit.code", "budget.total", "budget.fiscal", "budget.other", "purpose")
AnswerKind = Literal["money", "per", "percent", "count", "time", "text"]


class Pool:
    """Folded words of one origin: the text, and its pairs of neighbouring characters."""

    def __init__(self, *texts: str | None) -> None:
        self._texts = texts

    @cached_property
    def text(self) -> str:
        """The texts folded, a line each."""
        return "\n".join(fold(text) for text in self._texts if text)

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Every pair of neighbours."""
        return frozenset(self.text[i : i + 2] for i in range(len(self.text) - 1))

    def __contains__(self, words: str) -> bool:
        return words in self.text


@dataclass(eq=False)
class Cell:
    """One answerable cell. ``address`` as in JSON; ``label`` in Chinese; ``text`` as written; ``pool`` its own words; ``type`` the
    level-2 type of a row; ``holder`` the table or part it stands in."""

    holder: TableView | PartView
    address: str
    label: str
    text: str
    pool: Pool
    type: str = ""
    target: Target | None = None
    row: Indicator | None = None
    name: str = ""
    around: Pool = field(default_factory=lambda: Pool())

    @cached_property
    def with_value(self) -> Pool:
        """Own words with the value's: what a question for rows that say something is matched with."""
        row = self.row
        if row is None:
            return self.pool
        return Pool(row.level3, row.description, row.value.text if row.value.kind in ("text", "cycle", "date") else None, row.basis)

    @cached_property
    def kind(self) -> AnswerKind:
        """What kind of answer the cell gives."""
        if self.address.startswith("budget."):
            return "money"
        target = self.target
        if target is None or target.kind in ("text", "missing"):
            return "text"
        if target.kind in ("date", "cycle"):
            return "time"
        unit = fold(target.unit or "")
        if unit.removeprefix("个").startswith(("%", "百分", "‰")):
            return "percent"
        if target.measured_per is not None:
            return "per"
        if unit in YUAN or unit in ("元", "万", "亿"):
            return "money"
        return "count"

    @property
    def in_words(self) -> bool:
        """Whether a row says its target without a number (全年 says none either)."""
        return self.row is not None and bool(self.text) and re.search(r"\d|[一二两三四五六七八九十]+(?:次|天|个|月|年|期|场)", self.text) is None

    @property
    def number(self) -> tuple[Decimal, str] | None:
        """The cell's number and unit, money in 元; None when it says no number."""
        if self.address.startswith("budget.") and isinstance(self.holder, TableView):
            amount = getattr(self.holder.past.table.budget, self.address.removeprefix("budget."))
            return None if amount is None else (amount * YUAN[self.holder.past.table.money_unit], "元")
        return self.target.base if self.target is not None else None


@dataclass(eq=False)
class TableView:
    """A goal table with its pools of words and its cells."""

    past: PastTable
    # The unit's short name, said before the project where the scope holds several units.
    unit: str = ""
    aliases: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The project's name as written."""
        table = self.past.table
        return table.project.name or table.title or f"第{table.number}张表"

    @property
    def said(self) -> str:
        """How the project is named in an answer."""
        return f"{self.unit}{self.name}"

    @cached_property
    def numbers(self) -> list[tuple[str, int, int]]:
        """Document numbers in the project's name: issuer, year, number."""
        return [(fold(one.prefix), one.year, one.number) for one in document_numbers(self.name)]

    @cached_property
    def based_on(self) -> list[tuple[str, int, int]]:
        """Document numbers that the table as a whole rests on: its 立项依据, or the basis of half of its rows and more."""
        table = self.past.table
        bases = [row.basis for row in table.indicators if row.basis]
        often = [text for text in dict.fromkeys(bases) if 2 * bases.count(text) >= len(table.indicators)]
        texts = [text for name, text in table.extra.items() if "依据" in name] + often
        return [(fold(one.prefix), one.year, one.number) for text in texts for one in document_numbers(text)]

    @cached_property
    def identities(self) -> tuple[str, ...]:
        """Names that alone mean this project: its own name, the part behind a dash, what they are also called."""
        own = fold(own_name(self.name))
        parts = {own, *(part for part in re.split(r"[-_:()]", own) if len(part) >= 2)}
        names = set(parts)
        for part in parts:
            names.update(self.aliases.get(part, ()))
            names.update(name for name in (part.removesuffix(tail) for tail in ("项目", "资金", "经费", "专项", "项目资金", "专项资金")) if len(name) >= 2)
        return tuple(sorted(names, key=len, reverse=True))

    @cached_property
    def title(self) -> Pool:
        """The words of its name."""
        return Pool(self.name)

    @cached_property
    def use(self) -> Pool:
        """The words of its use of funds and goals."""
        return Pool(self.past.table.purpose, *self.past.table.goals)

    @cached_property
    def rest(self) -> Pool:
        """The words of all its rows."""
        return Pool(*(part for row in self.past.table.indicators for part in (row.level2, row.level3, row.description, row.value.text, row.basis)))

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """The single uses that the purpose lists (残疾儿童康复训练 | 残疾人家庭无障碍改造)."""
        text = re.sub(r"^(?:主要)?(?:用于|用作)|(?:等)?(?:支出|方面|工作|项目)?[。.]?$", "", fold(self.past.table.purpose or ""))
        return tuple(part for part in re.split(r"以及|和|及|与|、|,|;|。", text) if len(part) >= 2)

    @cached_property
    def cells(self) -> list[Cell]:
        """Every cell of the header and of the rows that says something."""
        table = self.past.table
        found = [cell for address in _HEAD if (cell := self._headed(address)) is not None]
        for i, node in enumerate(table.spending_plan):
            if node.percent is not None:
                target = Target.parse(f"{node.percent:f}%")
                found.append(Cell(self, f"spending_plan[{i}].percent", f"支出计划·{node.by}", target.text, Pool(node.by), "plan", target, name=node.by))
        found += [Cell(self, f"goals[{i}]", "绩效目标", goal, Pool(goal)) for i, goal in enumerate(table.goals)]
        found += [self.row(i, row) for i, row in enumerate(table.indicators)]
        return found

    def _headed(self, address: str) -> Cell | None:
        text = self.past.table.text(address)
        return Cell(self, address, HEADER_LABELS[address], text, Pool(text)) if text else None

    def row(self, i: int, row: Indicator) -> Cell:
        """The cell of an indicator row."""
        address, own = f"indicators[{i}].value", Pool(row.level3, row.description)
        return Cell(self, address, row.level3, row.value.text, own, row.type or row.level2, row.value, row, row.level3)

    @property
    def rows(self) -> list[Cell]:
        """The indicator rows."""
        return [cell for cell in self.cells if cell.row is not None]

    def cell(self, address: str) -> Cell | None:
        """The cell at an address, or None when nothing is written there."""
        if "cells" not in self.__dict__ and address in _HEAD:
            # One cell of thousands of tables: the others are not made.
            return self._headed(address)
        return next((cell for cell in self.cells if cell.address == address), None)


@dataclass(eq=False)
class PartView:
    """Part 1 of a department's text: measures as name → value, goals and safeguards as clauses."""

    past: PastDepartment
    unit: str = ""

    @property
    def said(self) -> str:
        """How part 1 is named in an answer."""
        return f"{self.unit}部门整体绩效目标"

    @cached_property
    def cells(self) -> list[Cell]:
        """Every measure and every text of part 1."""
        goals = self.past.goals
        found: list[Cell] = []
        for i, item in enumerate(goals.items):
            context = f"department.items[{i}]"
            around = Pool(item.title, item.indicators)
            for measure in item.measures:
                pool = Pool(measure.name)
                found.append(
                    Cell(self, f"{context}.indicators", "绩效指标", measure.value.text, pool, "measure", measure.value, name=measure.name, around=around)
                )
            found.append(Cell(self, f"{context}.goal", "绩效目标", item.goal, Pool(item.title, item.goal), "item", name=item.title))
            if item.indicators:
                found.append(
                    Cell(self, f"{context}.indicators", "绩效指标", item.indicators, Pool(item.title, item.indicators), "item indicators", name=item.title)
                )
        for i, safeguard in enumerate(goals.measures):
            pool = Pool(safeguard.title, safeguard.text)
            found.append(Cell(self, f"department.measures[{i}]", "工作保障措施", safeguard.text, pool, "safeguard", name=safeguard.title))
        if goals.overall_goal:
            found.append(Cell(self, "department.overall_goal", "总体绩效目标", goals.overall_goal, Pool(goals.overall_goal), "overall", name="总体绩效目标"))
        return found

    @property
    def measures(self) -> list[Cell]:
        """The measures with a value."""
        return [cell for cell in self.cells if cell.type == "measure"]
