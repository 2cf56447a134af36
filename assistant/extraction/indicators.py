"""The rows of an indicator block as indicators: levels carried down, split targets joined, extra columns kept."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.chinese import HAN, fold, pattern, tidy
from assistant.documents import NOWHERE, Locator
from assistant.extraction import lexicon, wording
from assistant.extraction.building import Builder
from assistant.extraction.columns import UNNAMED, ColumnSet, Layout
from assistant.extraction.rows import Row, Slot, at, numbers_columns, written
from assistant.extraction.sentences import measures_in
from assistant.table import Indicator, canonical_level1, canonical_level2
from assistant.target import Target
from assistant.taxonomy import COMPARATOR_SIGNS, COMPARATOR_WORDS

_SIGNS = frozenset({sign for sign, _ in COMPARATOR_SIGNS} | {word for word, _ in COMPARATOR_WORDS} | {"±", "≈", "等于", "＝", "＞", "＜"})
_QUALITATIVE = frozenset({"定性", "定性指标", "文字", "文字描述"})
_NO_UNIT = frozenset({"", "/", "-", "--", "—", "无", "\\", "无单位", "空"})
_WORDS = pattern(rf"{HAN}{{2}}")
_BARE = pattern(r"\d[\d,.]*")
# What an indicator says itself, beside its levels.
_OWN = ("level3", "description", "value")
_LONGEST_NAME = 24
# What a form numbers its blank lines with (指标1：).
_FORM_NUMBER = pattern(r"^指标\s*\d{1,2}\s*[:：]\s*(?=\S)")
_TOTAL = pattern(r"(?:合计|总分|总计|小计)(?:\(.*\))?")
# (≥**人), （≤XX万元）, (≥人): the comparator of a target inside the indicator's name.
_IN_NAME = pattern(r"[（(]\s*(≥|≤|>=|<=|≧|≦|＞|＜|>|<|=|＝|不低于|不少于|不高于|不超过)\s*(?:[*＊×xX○〇_—\-\s]|\d[\d.,]*)*\s*([^\d*＊（）()]{0,8})\s*[）)]\s*$")
_NAME_THEN_TARGET = pattern(
    r"(.{2,}?)\s*[:：]?\s*((?:≥|≤|>=|<=|≧|≦|＞|＜|>|<|=|＝|不低于|不少于|不高于|不超过|控制在)\s*\d[\d,.]*\s*\S{0,10}|\d[\d,.]*\s*[%％](?:以上|以下|以内)?)\s*$"
)


class IndicatorReader:
    """Reads the data rows of a block into a builder; the levels are carried from row to row, also over a page break."""

    def __init__(self, builder: Builder, layout: Layout) -> None:
        self.builder = builder
        self.layout = layout
        self._main, self._beside = layout.main, layout.side
        self._levels: list[list[str]] = [["", ""] for _ in layout.sets]
        # Types printed without an indicator so far, by their two levels; rows of sets that stand beside the first.
        self._waiting: list[tuple[str, str]] = []
        self._later: list[list[tuple[Indicator, dict[str, Slot | None]]]] = [[] for _ in layout.sets]

    def goes_on_with(self, layout: Layout) -> None:
        """Take over a head that is repeated on the next page."""
        if len(layout.sets) == len(self.layout.sets):
            self.layout = layout
            self._main, self._beside = layout.main, layout.side

    def read(self, row: Row, *, after_break: bool = False) -> None:
        """One row of the block."""
        if self._skips(row):
            return
        if self.level_row(row):
            return
        side: dict[str, str] = {}
        for one in self._beside:
            side.update(self._side(one, row))
        read = [self._indicator(one, row, side if one is self._main[0] else {}, after_break) for one in self._main]
        if side and not any(read):
            self.builder.keep("长期绩效指标", " | ".join(side.values()))

    def finish(self) -> None:
        """End the block: the rows of other sets go behind the first's; types printed in the form without an indicator are said."""
        later, self._later = self._later, [[] for _ in self.layout.sets]
        for indicator, slots in (found for rows in later for found in rows):
            self._append(indicator, slots)
        if names := [level2 or level1 for level1, level2 in self._waiting if level2 or level1]:
            self.builder.warnings.append(f"{self.builder.name}有{len(names)}类指标没有填写内容：{'、'.join(dict.fromkeys(names))}。")
        self._waiting = []

    def names_level(self, row: Row) -> bool:
        """Whether a row has the name of a known level in one of the level columns, so that it is no header row whatever stands before."""
        for one in self.layout.sets:
            for role, known in (("level1", canonical_level1), ("level2", canonical_level2)):
                slot = at(row, one.roles[role].start) if role in one.roles else None
                if slot is not None and slot.fresh and known(slot.line):
                    return True
        return False

    # -- rows that are no indicators -----------------------------------------------------------------------------------------------

    def _skips(self, row: Row) -> bool:
        new = written(row)
        if not new:
            return True
        # The head again, on another page; or a row that numbers the columns.
        if numbers_columns(row) or (len(new) > 1 and all(slot.key in self.layout.words or fold(slot.text) in self.layout.words for slot in new)):
            return True
        if _TOTAL.fullmatch(new[0].key):
            self.builder.keep("总分", " | ".join(slot.line for slot in new[1:]) or new[0].line)
            return True
        return False

    def level_row(self, row: Row) -> bool:
        """Take the level that a row of its own names (一、产出指标 across the table); False for any other row."""
        new = written(row)
        if len(new) != 1:
            return False
        slot = new[0]
        if self._stands_in_own_column(slot):
            return False
        name = _level_name(slot)
        cost_of_output = canonical_level2(name) == "成本指标" and canonical_level1(self._levels[0][0]) == "产出指标"
        if canonical_level1(name) and not only_level2(name) and not cost_of_output:
            for levels in self._levels:
                levels[:] = [name, ""]
            return True
        if canonical_level2(name):
            for levels in self._levels:
                levels[1] = name
            self._waiting.append((self._levels[0][0], name))
            return True
        return False

    def _stands_in_own_column(self, slot: Slot) -> bool:
        """Whether a cell fills just the column of names, descriptions or targets: an indicator of which nothing else is written."""
        one = self.layout.sets[0]
        if self.layout.ragged or not (column := next((one.roles[role] for role in _OWN if role in one.roles and slot.start == one.roles[role].start), None)):
            return False
        if "level1" not in one.roles and "level2" not in one.roles:
            # Without columns of their own the levels may stand among the names, in a cell merged over the rest of the row.
            return slot.end - slot.start == 1
        starts = [other.start for other in (*one.roles.values(), *(extra for _, extra in one.extras)) if other.start > column.start]
        return slot.end <= min(starts, default=self.layout.width)

    # -- one indicator -------------------------------------------------------------------------------------------------------------

    def _indicator(self, one: ColumnSet, row: Row, side: dict[str, str], after_break: bool) -> bool:
        slots = {role: at(row, column.start) for role, column in one.roles.items()}
        self._one_cell_one_role(slots)
        levels = self._levels[self.layout.sets.index(one)]
        own = [slots.get(role) for role in ("level3", "description", "value", "basis")]
        fresh = any(slot is not None and slot.fresh for slot in own)
        level1, level2 = self._carry(levels, slots.get("level1"), slots.get("level2"))
        level1 = one.level1 if one.level1 and "level1" not in one.roles else level1
        if not fresh:
            if not one.level1 and not any(slot is not None and slot.inherited and not slot.blank for slot in own):
                self._waiting.append((level1, level2))
            return False
        level3, value_slot = slots.get("level3"), slots.get("value")
        if after_break and self.builder.indicators and self._is_rest(slots):
            self._add_rest(slots)
            return True
        name = _FORM_NUMBER.sub("", level3.line) if level3 is not None else ""
        extra = self._extras(one, row) | side
        text = self._target(one, row, name, value_slot, extra)
        if not text and (match := self._target_in_name(one, row, name)):
            extra["三级指标原文"] = name
            name, text = match
        basis, description = slots.get("basis"), slots.get("description")
        self._waiting = [(first, second) for first, second in self._waiting if first != level1 or (second and second != level2)]
        found = (
            Indicator.model_construct(
                level1=level1,
                level2=level2,
                level3=name,
                description=self._prose(description),
                value=Target.parse(text),
                basis=self._prose(basis),
                extra={key: value for key, value in extra.items() if value},
            ),
            slots,
        )
        if one is self._main[0]:
            self._append(*found)
        else:
            self._later[self.layout.sets.index(one)].append(found)
        return True

    def _one_cell_one_role(self, slots: dict[str, Slot | None]) -> None:
        """A cell merged over several columns is read once, in the leftmost role; a level-1 cell over level 2 may be both."""
        seen: dict[int, str] = {}
        for role in ("level1", "level2", "level3", "description", "value", "basis", "comparator", "unit"):
            slot = slots.get(role)
            if slot is None or slot.cell is None:
                continue
            first = seen.setdefault(id(slot.cell), role)
            if first == role:
                continue
            if first == "level1" and role == "level2" and canonical_level2(slot.line):
                continue
            if first in ("level1", "level2") and role == "level3" and not canonical_level2(slot.line):
                # An indicator's name written over the levels' columns too.
                slots[first] = None
                seen[id(slot.cell)] = role
                continue
            slots[role] = None

    def _carry(self, levels: list[str], first: Slot | None, second: Slot | None) -> tuple[str, str]:
        level1 = _level_name(first) if first is not None and not first.blank else ""
        level2 = _level_name(second) if second is not None and not second.blank else ""
        if not level2 and (both := two_levels(level1)):
            level1, level2 = both
        level1 = self._completed(levels[0], level1, "level1", canonical_level1)
        level2 = self._completed(levels[1], level2, "level2", canonical_level2)
        if level1 and level1 != levels[0]:
            levels[:] = [level1, ""]
        elif level1 and first is not None and not first.inherited:
            levels[0] = level1
            levels[1] = levels[1] if not level2 else ""
        if level2:
            levels[1] = level2
        return levels[0], levels[1]

    def _completed(self, above: str, name: str, role: str, known: Callable[[str], str | None]) -> str:
        """A level whose name was cut by the end of a page (服务对象满意度 | 指标) whole again, here and in the rows above."""
        if not name or not above or len(name) > 6 or not name.endswith("标") or above.endswith("指标") or known(name) or not known(above + name):
            return name
        rows = self.builder.indicators
        for i in range(len(rows) - 1, -1, -1):
            if getattr(rows[i], role) != above:
                break
            rows[i] = rows[i].model_copy(update={role: above + name})
        return above + name

    def _append(self, indicator: Indicator, slots: dict[str, Slot | None]) -> None:
        builder = self.builder
        if self.layout.long:
            builder.long_rows.append(indicator)
            return
        i = len(builder.indicators)
        builder.indicators.append(indicator)
        for role in ("level1", "level2", "level3", "description", "value", "basis"):
            slot = slots.get(role)
            if slot is not None and slot.cell is not None:
                builder.places[f"indicators[{i}].{role}"] = slot.locator

    def _prose(self, slot: Slot | None) -> str | None:
        if slot is None or slot.blank:
            return None
        return wording.prose(slot.text, wrapped=self.builder.wrapped) or None

    def _extras(self, one: ColumnSet, row: Row) -> dict[str, str]:
        extra: dict[str, str] = {}
        for name, column in one.extras:
            slot = at(row, column.start)
            if slot is None or slot.blank:
                continue
            if column.role.startswith(UNNAMED) and (slot.start != column.start or lexicon.is_group(slot.text)):
                continue  # a cell of the column before, or of the group at the left
            extra[name] = wording.prose(slot.text, wrapped=self.builder.wrapped)
        return extra

    def _side(self, one: ColumnSet, row: Row) -> dict[str, str]:
        """The indicator of several years that stands beside the year's."""
        slots = {role: at(row, column.start) for role, column in one.roles.items()}
        self._one_cell_one_role(slots)
        if not any((slot := slots.get(role)) is not None and slot.fresh for role in ("level3", "value")):
            return {}
        found = {"长期三级指标": slots["level3"].line if slots.get("level3") is not None else ""}  # type: ignore[union-attr]
        found["长期指标值"] = self._target(one, row, found["长期三级指标"], slots.get("value"), {})
        if not found["长期指标值"] and (parted := self._target_in_name(one, row, found["长期三级指标"])):
            found["长期三级指标原文"] = found["长期三级指标"]
            found["长期三级指标"], found["长期指标值"] = parted
        found.update({f"长期{name}": text for name, text in self._extras(one, row).items()})
        return {name: text for name, text in found.items() if text}

    # -- the target ----------------------------------------------------------------------------------------------------------------

    def _target(self, one: ColumnSet, row: Row, name: str, slot: Slot | None, extra: dict[str, str]) -> str:
        """The target as one text: sign, number and unit joined where they stand in columns of their own."""
        value = slot.line if slot is not None else ""
        comparator = self._text(one, row, "comparator")
        unit = self._text(one, row, "unit")
        if comparator and not (fold(comparator) in _SIGNS or comparator in _SIGNS):
            # 指标性质 may also say 定性, or something that is no comparator at all: kept, not joined.
            extra[one.roles["comparator"].label] = comparator
            comparator = ""
        if not comparator and extra.get("指标属性") in _SIGNS:
            # Hunan writes the comparator under 指标值类型.
            comparator = extra.pop("指标属性")
        if not value:
            return ""
        if self.builder_joins_name and not comparator and (match := _IN_NAME.search(name)) and _BARE.match(fold(value)):
            comparator, unit = match[1], unit or match[2].strip()
        joined = value
        if comparator and not value.startswith(tuple(_SIGNS)) and re.match(r"[\d.]", fold(value)):
            joined = comparator + joined
        if unit and fold(unit) not in _NO_UNIT and not fold(value).endswith(fold(unit)):
            if _BARE.fullmatch(fold(value).lstrip("≥≤><=±")):
                joined += unit
            else:
                extra.setdefault("计量单位", unit)
        return joined

    @property
    def builder_joins_name(self) -> bool:
        """Whether names may carry parts of targets: not in forms that give the target and its basis columns of their own."""
        return "basis" not in self.layout.sets[0].roles

    def _text(self, one: ColumnSet, row: Row, role: str) -> str:
        column = one.roles.get(role)
        slot = at(row, column.start) if column is not None else None
        return slot.line if slot is not None else ""

    def _target_in_name(self, one: ColumnSet, row: Row, name: str) -> tuple[str, str] | None:
        """A name and the target written behind it, in a cell merged over both columns or where the form leaves no other place."""
        places = [at(row, one.roles[role].start) for role in ("level3", "value") if role in one.roles]
        if len(places) == 2 and places[0] is places[1] and len(measures := measures_in(name)) == 1 and measures[0].name:
            return measures[0].name, measures[0].value.text
        if not self.builder_joins_name or not (match := _NAME_THEN_TARGET.fullmatch(name)):
            return None
        # ≥88% is no name with a target behind it.
        return (match[1].rstrip("：:，, "), match[2]) if _WORDS.search(match[1]) else None

    # -- a row cut by the end of a page ---------------------------------------------------------------------------------------------

    def _is_rest(self, slots: dict[str, Slot | None]) -> bool:
        """Whether a first row after a page break is the rest of the row before: no levels, no target, something to add."""
        empty = all((slot := slots.get(role)) is None or slot.blank for role in ("level1", "level2", "value"))
        return empty and bool(self.builder.indicators[-1].value.text)

    def _add_rest(self, slots: dict[str, Slot | None]) -> None:
        last = self.builder.indicators[-1]
        changes: dict[str, str] = {}
        for role in ("level3", "description", "basis"):
            slot = slots.get(role)
            if slot is not None and not slot.blank:
                old = getattr(last, role) or ""
                changes[role] = wording.one_line(f"{old}\n{slot.line}")
        self.builder.indicators[-1] = last.model_copy(update=changes)
        self.builder.warnings.append(f"{self.builder.name}第{len(self.builder.indicators)}行指标被分页截断，已与下页的文字接上，请核对。")


def _level_name(slot: Slot) -> str:
    """A level as it is called; the blanks of one drawn out over its cell (数 量 指 标) are no part of it."""
    name = slot.line
    return tidy(name) if (" " in name or "\u3000" in name) and (canonical_level1(name) or canonical_level2(name)) else name


def two_levels(name: str) -> tuple[str, str] | None:
    """Level 1 and level 2 of a cell that names both (产出指标-数量指标), or None."""
    first, _, second = re.sub(r"\s*[-—－/、]\s*", "-", name).partition("-")
    return (first, second) if len(name) <= _LONGEST_NAME and canonical_level1(first) and canonical_level2(second) else None


def only_level2(name: str) -> bool:
    """Whether a name is that of a level-2 type although it would do for level 1 as well."""
    return fold(name).startswith(("服务对象", "社会公众"))


def place_of(row: Row) -> Locator:
    """Where a row stands."""
    slot = next((slot for slot in row if slot.cell is not None), None)
    return slot.locator if slot is not None else NOWHERE
