"""A goal table while it is being read: fields, places and rows gathered from header and indicator blocks, then built once.

Nothing that was read goes missing here: a second value for a field, a text that fits no field, an amount that is no number are kept
in ``extra`` and said in ``warnings`` or ``unread``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.chinese import HAN, fold, pattern
from assistant.documents import NOWHERE, Locator
from assistant.extraction import labels, lexicon, wording
from assistant.extraction.sentences import indicators_in
from assistant.extraction.titles import Title
from assistant.table import YUAN, Budget, GoalTable, Indicator, MoneyUnit, PlanNode, Project, Unit, canonical_level1

# 51000021R000000019951-工资性支出: the project's code in front of its name.
_CODE_IN_NAME = pattern(r"([0-9]{6,}[A-Z][0-9A-Z]{6,})\s*[-—_:：]\s*(\S.*)")
# What parts the two values beside a label of two names: 某局/某中心, 某项目（530602A0001）, 王海 6062345.
_BETWEEN_VALUES = pattern(r"\s*[/／、；;\n]\s*|\s*[（(\[](?=[0-9A-Za-z]{6,}[)）\]]$)|(?<=[0-9A-Za-z])[)）\]]$|\s+(?=[0-9０-９-]{7,}$)")
_CODE = pattern(r"[0-9a-z]{6,}")
_FORMS = tuple((name, tuple(map(fold, every)), tuple(map(fold, one))) for name, (_, every, one) in labels.FORMS.items())
_PLACED = ("unit.name", "unit.code", "year", "project.name", "project.code", "budget.total", "budget.fiscal", "budget.other", "purpose", "goals[0]")


_PART = pattern(rf"(?:[一二三四五六]、|\d[.、]|[（(]|其中[:：]?)*({HAN}{{2,10}}?)\s*[:：]?\s*(-?\d[\d,]*(?:\.\d+)?\s*(?:亿元|万元|元)?)")


_UNIT_BEHIND = pattern(r"[\s（(，,]*(?:金额|计量|货币)?单位\s*[:：]\s*(亿元|万元|千元|元)[)）]?\s*$")


_LEAD_AND_PARTS = pattern(rf"(-?\d[\d,]*(?:\.\d+)?\s*(?:亿元|万元|元)?)\s*[，,；;。（(]\s*(?=其中|{HAN}{{2,10}}[:：]?\s*\d)")


def code_and_name(text: str) -> tuple[str, str] | None:
    """A project's code and its name where they are written together, or None."""
    match = _CODE_IN_NAME.fullmatch(text)
    return (match[1], match[2]) if match else None


def is_money(name: str) -> bool:
    """Whether a field holds an amount."""
    return name.startswith("budget.") or name.endswith(("资金", "资金总额", "上级补助", "一般公共预算", "政府性基金", "收入"))


@dataclass(slots=True)
class Builder:
    """One table under construction. Amounts stay in the unit they were written in until ``build``."""

    title: Title | None = None
    year: int | None = None
    unit_code: str | None = None
    unit_name: str | None = None
    project_code: str | None = None
    project_name: str | None = None
    amounts: dict[str, tuple[Decimal, str | None]] = field(default_factory=dict)
    money_unit: str | None = None
    purpose: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    plan: list[tuple[str, str, Locator]] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)
    # Indicators in sentences: the levels they stand beside, the text, the place.
    sentences: list[tuple[str, str, str, Locator]] = field(default_factory=list)
    # Indicators of several years that stand in a block of their own above or below the year's.
    long_rows: list[Indicator] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    places: dict[str, Locator] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    unread: list[tuple[Locator, str]] = field(default_factory=list)
    flat: bool = False
    sheet: str | None = None
    wrapped: bool = False
    start: Locator = NOWHERE
    _amount_labels: dict[str, str] = field(default_factory=dict)
    _blanks: dict[str, Locator] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How much has been read so far."""
        texts = (self.unit_name, self.project_name, self.project_code, self.year, self.title)
        parts = (self.indicators, self.long_rows, self.goals, self.plan, self.extra, self.amounts, self.purpose)
        return sum(len(part) for part in parts) + sum(1 for text in texts if text)

    @property
    def empty(self) -> bool:
        """Whether nothing but a title, a unit or a money unit is here yet."""
        return not (self.project_name or self.project_code or self.amounts or self.goals or self.purpose or self.plan or self.indicators)

    @property
    def name(self) -> str:
        """What to call this table in a message."""
        if self.project_name:
            return f"“{self.project_name}”"
        return f"“{self.title.text}”" if self.title else str(self.start) or "一张表"

    def assign(self, name: str, label: str, text: str, place: Locator) -> None:
        """Give a field the text found beside its label. An empty text leaves the field as it is."""
        self.words.add(lexicon.key(label))
        if unit := lexicon.money_unit(label):
            self.money_unit = self.money_unit or unit
        if not text.strip():
            self.note_blank(name, place)
            return
        if parts := self._parted(label, text):
            for part in parts:
                self.assign(*part, place)
            self.keep(wording.one_line(label).rstrip(":："), text)
            return
        if name.startswith("budget."):
            self._assign_amount(name, label, text, place)
        elif name == "unit.name":
            if behind := _UNIT_BEHIND.search(text):
                # 某局 and, at the right end of its line, 单位：万元.
                self.money_unit = self.money_unit or behind[1]
                text = text[: behind.start()]
            self.assign_unit(text, place)
        elif name == "unit.code":
            self.unit_code = self.unit_code or wording.one_line(text)
            self.places.setdefault("unit.code", place)
        elif name == "year":
            self._assign_year(label, text, place)
        elif name == "project.name":
            self._assign_name(label, wording.one_line(text), place)
        elif name == "project.code":
            self._assign_once("project_code", "project.code", label, re.sub(r"\s", "", wording.one_line(text)), place)
        elif name == "purpose":
            self.purpose.append(wording.prose(text, wrapped=self.wrapped))
            self.places.setdefault("purpose", place)
        elif name == "goals":
            self.goals.append(text)
            self.places.setdefault("goals[0]", place)
        elif name == "goals.long":
            self.keep("长期目标", text)
        elif name == "plan":
            self.keep("资金支出计划", text)
        else:
            self.keep(name.removeprefix("extra:"), text)

    def _parted(self, label: str, text: str) -> list[tuple[str, str, str]]:
        """Field, label and text of each of the two values beside a label of two names; empty when the text is one value."""
        names = lexicon.fields_of(label)
        parts = [part for part in _BETWEEN_VALUES.split(text.strip()) if part]
        if not names or len(parts) != 2:
            return []
        if _CODE.fullmatch(fold(parts[0])) and names[1][0].endswith(".code"):
            parts.reverse()
        return [(name, own, part) for (name, own), part in zip(names, parts, strict=True)]

    def note_blank(self, name: str, place: Locator) -> None:
        """Remember where a field would be written: worth knowing to whoever fills the table."""
        self._blanks.setdefault("goals[0]" if name == "goals" else name, place)

    def assign_unit(self, text: str, place: Locator) -> None:
        """The budget unit, its code split off."""
        code, name = wording.organisation(text)
        if name and self.unit_name and fold(name) != fold(self.unit_name):
            self.keep("单位名称", text)
            return
        if code:
            self.unit_code = self.unit_code or code
            self.places.setdefault("unit.code", place)
        if name:
            self.unit_name = self.unit_name or name
            self.places.setdefault("unit.name", place)

    def assign_node(self, by: str, text: str, place: Locator) -> None:
        """One node of the spending plan."""
        self.plan.append((re.sub(r"\s|(?:支出进度|累计支出|进度|累计|支出)?(?:[（(]?[%％][)）]?)?[:：]?$", "", wording.one_line(by)), text, place))

    def assign_node_once(self, by: str, text: str, place: Locator) -> None:
        """One node of the spending plan of a list, whose rows repeat it."""
        self.assign_node(by, text, place)
        if any(node[:2] == self.plan[-1][:2] for node in self.plan[:-1]):
            self.plan.pop()

    def keep(self, name: str, text: str) -> None:
        """Keep a text that the model has no place for; a second one goes under the first."""
        text = wording.prose(text, wrapped=self.wrapped)
        if not text:
            return
        old = self.extra.get(name)
        if old is None:
            self.extra[name] = text
        elif text not in old.split("\n"):
            self.extra[name] = f"{old}\n{text}"

    def leave(self, text: str, place: Locator) -> None:
        """A text whose meaning is not known: kept and said."""
        line = wording.one_line(text)
        self.keep("其他内容", line)
        self.warnings.append(f"{place}“{line[:40]}{'…' if len(line) > 40 else ''}”没有对应的栏目，保留在“其他内容”。")

    def _assign_name(self, label: str, text: str, place: Locator) -> None:
        if named := code_and_name(text):
            self._assign_once("project_code", "project.code", label, named[0], place)
            text = named[1]
        self._assign_once("project_name", "project.name", label, text, place)

    def _assign_once(self, attribute: str, address: str, label: str, text: str, place: Locator) -> None:
        old = getattr(self, attribute)
        if old is None:
            setattr(self, attribute, text)
            self.places[address] = place
        elif fold(old) != fold(text):
            self.keep(wording.one_line(label).rstrip(":："), text)

    def _assign_year(self, label: str, text: str, place: Locator) -> None:
        digits = re.search(r"20\d{2}", fold(text))
        if digits and self.year is None:
            self.year = int(digits[0])
            self.places["year"] = place
        elif not digits:
            self.keep(wording.one_line(label), text)

    def _assign_amount(self, name: str, label: str, text: str, place: Locator) -> None:
        label = wording.one_line(label).rstrip(":：")
        found = wording.amount(text)
        if found is None:
            if wording.no_amount(text):
                return
            if lead := _LEAD_AND_PARTS.match(wording.one_line(text)):
                # 20万元，其中财政资金15万元: the field's own amount, then its parts.
                self._assign_amount(name, label, lead[1], place)
            parts = self._assign_parts(text, place)
            if lead and not parts:
                self.keep(label, text)
            if parts or lead:
                return
            self.keep(label, text)
            self.unread.append((place, f"“{label}”一栏的“{wording.one_line(text)[:40]}”不是金额"))
            return
        old = self.amounts.get(name)
        if old is not None and old != found:
            # Two amounts for one field: the year's own wins, the other is kept under its label.
            old_label = self._amount_labels[name]
            if lexicon.long_term(label) is not False or lexicon.long_term(old_label) is False:
                self.keep(label, text)
                return
            self.keep(old_label, f"{old[0]:f}{old[1] or ''}")
        self.amounts[name] = found
        self._amount_labels[name] = label
        self.places[name] = place

    def _assign_parts(self, text: str, place: Locator) -> bool:
        """Several amounts in one cell, each behind its own label (总额100万元　财政拨款：80万元　其他：20万元); the cell's text is kept too."""
        parts = [(name, label, number) for label, number in _PART.findall(wording.one_line(text)) if (name := lexicon.field(label)) and is_money(name)]
        if not any(name.startswith("budget.") for name, _, _ in parts):
            return False
        for name, label, number in parts:
            self.assign(name, label, number, place)
        self.keep("资金构成", text)
        return True

    def move_to_long(self) -> None:
        """The indicators so far turn out to be those of several years: the year's own follow in another block."""
        self.long_rows += self.indicators
        self.indicators = []
        self.places = {address: place for address, place in self.places.items() if not address.startswith("indicators")}

    def end(self) -> None:
        """All is read: the rows of several years are the table's own when there are no others, else kept as text."""
        rows, self.long_rows = self.long_rows, []
        for level1, level2, text, place in self.sentences if not (self.indicators or rows) else ():
            found, left = indicators_in(text, level1, level2)
            self.indicators += found
            self.unread.extend((place, f"“{clause[:40]}”写成了一句话，分不清指标名称和指标值") for clause in left)
        if not self.indicators:
            self.indicators = rows
            return
        for row in rows:
            more = [f"{name}：{text}" for name, text in row.extra.items()]
            parts = (row.level1, row.level2, row.level3, row.value.text, row.description, row.basis, *more)
            self.keep("长期绩效指标", " | ".join(part for part in parts if part))

    def _form(self) -> str:
        """The id of the form in ``labels.FORMS`` whose tell-tale words are all there; ``other`` when none is."""
        words = self.words | set(map(fold, self.extra)) | {fold(name) for row in self.indicators for name in (row.level1, row.level2)}
        if self.title is not None:
            words.add(fold(self.title.text))
        if self.flat:
            words.add("#list")
        joined = "\n".join(words)

        def there(word: str) -> bool:
            # One-character labels (优 良 中 差) must stand alone; longer ones may be part of a longer label.
            return word in words or (len(word) > 2 and word in joined)

        return next((name for name, every, one in _FORMS if all(map(there, every)) and (not one or any(map(there, one)))), labels.OTHER_FORM)

    def build(self) -> GoalTable:
        """The finished table, told which province's form it is by the words met in it and which frame of levels by its cost indicators."""
        unit = self._unit_of_money()
        goals: list[str] = []
        for text in self.goals:
            goals.extend(wording.goals(text, wrapped=self.wrapped))
        if (place := self.places.pop("goals[0]", None)) is not None:
            self.places.update({f"goals[{i}]": place for i in range(len(goals))})
        for name, blank in self._blanks.items():
            if name in _PLACED:
                self.places.setdefault(name, blank)
        if self.title is not None and self.title.locator != NOWHERE:
            self.places["title"] = self.title.locator
        return GoalTable.model_construct(
            number=self.title.number if self.title else None,
            title=self.title.text if self.title else None,
            year=self.year,
            unit=Unit.model_construct(code=self.unit_code, name=self.unit_name),
            money_unit=unit,
            project=Project.model_construct(code=self.project_code, name=self.project_name),
            budget=Budget.model_construct(None, **{name.removeprefix("budget."): self._in_unit(value, unit) for name, value in self.amounts.items()}),
            purpose="\n".join(self.purpose) or None,
            spending_plan=self._plan(),
            goals=tuple(goals),
            indicators=tuple(self.indicators),
            form=self._form(),
            frame="2021" if any(canonical_level1(row.level1) == "成本指标" for row in self.indicators) else "2015",
            extra=self.extra,
        )

    def _unit_of_money(self) -> MoneyUnit:
        written = {unit for _, unit in self.amounts.values() if unit}
        unit = self.money_unit or (written.pop() if len(written) == 1 else None)
        if unit == "千元":
            self.warnings.append(f"{self.name}金额以千元计，已换算成元。")
            return "元"
        if unit is None and self.amounts:
            self.warnings.append(f"{self.name}没有写明金额单位，按万元读取，请核对。")
        return "元" if unit == "元" else "亿元" if unit == "亿元" else "万元"

    def _in_unit(self, value: tuple[Decimal, str | None], unit: str) -> Decimal:
        number, written = value
        written = written or self.money_unit or unit
        if written == unit:
            return number
        return (number * YUAN[written] / YUAN[unit]).normalize() + 0

    def _plan(self) -> tuple[PlanNode, ...]:
        nodes: list[PlanNode] = []
        for by, text, place in self.plan:
            number = wording.percent(text)
            if number is not None and number > 100:
                number = None
            if number is None and fold(text) not in ("", "-", "/", "无"):
                self.unread.append((place, f"资金支出计划“{by}”的“{wording.one_line(text)[:20]}”不是百分数"))
                self.keep(f"资金支出计划·{by}", text)
            self.places[f"spending_plan[{len(nodes)}].percent"] = place
            nodes.append(PlanNode.model_construct(by=by, percent=number))
        return tuple(nodes)
