"""One use of the money: the service or thing, who is served, the unit it is counted by, its project type, the figures given for it.

A phrase becomes a use here; how a statement of use is taken apart stands in ``uses``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.draft import Source
from assistant.drafting import lexicon, phrases
from assistant.drafting.facts import Fact, Product
from assistant.drafting.kinds import PAY_OF_WORKERS, TYPE_OF_UNIT, classify, type_of
from assistant.drafting.phrases import Phrase
from assistant.library import ProjectType
from assistant.target import Target


@dataclass(slots=True)
class Component:
    """One use of the money. ``people`` are those it names; ``quantity``, ``price`` and ``amount`` are the figures given for it;
    ``standard`` is what the unit paid for the same service before, with its cell."""

    phrase: Phrase
    unit: str
    type: ProjectType | None
    people: tuple[str, ...] = ()
    said: str = ""
    quantity: Fact | None = None
    price: Fact | None = None
    amount: Fact | None = None
    standard: tuple[Target, Source] | None = None
    # What the other uses leave of the budget, where the request gives the rest to this one.
    remainder: Product | None = None
    # What the count is called where it is not the use itself: 行政村 for 村级运转.
    counted: str = ""
    # Whether it is one of the parts that the whole project is counted by.
    of_whole: bool = False

    def counting(self, quantity: Fact) -> Component:
        """The same use with its count."""
        self.quantity = quantity
        return self

    @property
    def thing(self) -> str:
        """What ``{对象}`` stands for."""
        if self.type is not None and self.type.code == "T05" and self.phrase.action in BOUGHT:
            return self.phrase.who + self.phrase.object
        return self.phrase.thing

    @property
    def nominal(self) -> str:
        """The component as a noun."""
        return self.phrase.nominal

    @property
    def is_used_up(self) -> bool:
        """Whether it buys or makes what is used up: no years of use, no hours of service."""
        return CONSUMED.search(self.phrase.object) is not None and self.phrase.action in BOUGHT | {"", "印制", "制作", "发放"}

    @property
    def is_cost(self) -> bool:
        """Whether it is only a sum that is paid (作业点租金6万, 人员工资30万) and counts nothing."""
        return self.amount is not None and self.quantity is None and self.price is None and self.said.endswith(RUNNING_COSTS)


@dataclass(slots=True)
class Uses:
    """A statement of use, taken apart: components in order, and what it is for (提升…, 保障…)."""

    components: list[Component] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    type: ProjectType | None = None
    # The project as a whole, where its name is no use of its own because the request counts its parts.
    whole: Component | None = None
    # What the request names without a number, or with an amount only: said in the statement of use.
    mentioned: list[str] = field(default_factory=list)


RUNNING_COSTS = ("租金", "房租", "工资", "电费", "水费", "利息")
BOUGHT = frozenset(lexicon.FORMAL.get(word, word) for word in lexicon.BUYING)
# What is used up: no years of use, no hours of service.
CONSUMED = re.compile(r"(?:弹|药|药品|药剂|剂|油|煤|用品|耗材|疫苗|袋|服装|被服|试剂|食品|图书|^书|教材|种子|化肥|农药|苗|苗木|材料|礼包)$")
PIECES = frozenset("台 台套 台件 辆 套 件 个 部 张 块 副 盏 支 具 把 顶 双 根 枚 艘 架 盘 卷".split())
# Counted by people and events: neither bought nor built.
OF_DEEDS = frozenset("人 名 位 人次 场 场次 次 期 批次 户次".split())
GROWN = frozenset("亩 公顷 万亩 头 只 羽 株".split())
PEOPLE_TYPES = frozenset("T01 T02 T11 T12 T13 T14 T15 T37 T38 T39 T43".split())


WORKERS = re.compile(
    r"(?<![党会学演议人])员(?:人数)?$|(?:^|服务|工作|窗口|聘用|派遣|安保|保洁|值守|临聘|编外|巡护|巡查|协管|管护|看护|护理|值班|驻场|采集|专职)人员$|社工$|"
    r"辅警$|村医$|保安$|保洁工$|环卫工$|志愿者$|工作者$"
)


def component_of(spoken: Phrase, unit: str, said: str, project: ProjectType | None) -> Component:
    """A phrase as a use of money: its type (else the project's), the unit it is counted by, the people it names."""
    customary = phrases.unit_of(spoken.object) or phrases.unit_of(spoken.nominal)
    kind = classify(spoken.nominal, spoken.action)
    if kind is None and not (project is not None and project.code == "T05" and (unit or customary) in OF_DEEDS):
        # 健身周活动1次 beside a purchase is not bought.
        kind = project
    if kind is not None and kind.code == "T05" and project is not None and CONSUMED.search(spoken.object):
        # Pesticide bought for pest control is judged by what it is for.
        kind = project
    bought = re.sub(r"(?:购置|更新|与应用)*(?:补贴|补助)?$", "", spoken.object)
    if bought != spoken.object and customary == "人":
        customary = phrases.unit_of(bought) or customary
    if not spoken.action and WORKERS.search(spoken.object) and (unit or customary) == "人":
        kind = type_of("T37")
    if kind is not None and kind.code == "T01" and unit in GROWN:
        # 撂荒地复耕补助 by the mu is a farm subsidy, not one for people.
        kind = type_of("T20")
    if kind is not None and kind.code == "T01" and project is not None and project.code in ("T34", "T47") and not phrases.people_in(spoken.nominal):
        # 利息补贴 of 储备粮: what the subsidy is for, not whom it is paid to.
        kind = project
    # 普查员劳务 is counted by the people who are paid; what is bought for them (服装) is a purchase.
    pay = re.search(r"^(.{2,10}?)的?(?:劳务|工资|报酬|薪酬|社保|社会保险|公积金|待遇|人员经费)$", spoken.nominal)
    if kind is not None and kind.code == "T37":
        pay = pay or re.search(r"^(.{2,10}?)的?(?:生活|岗位|工作)?(?:补贴|补助|津贴|经费|工作)$", spoken.nominal)
    if pay and (phrases.unit_of(pay[1]) == "人" or WORKERS.search(pay[1])):
        customary = "人"
        kind = kind if kind is not None and kind.code in PEOPLE_TYPES else type_of("T37")
        spoken = Phrase("", "", pay[1], spoken.said) if kind is not None and kind.code == "T37" else spoken
    if paid := PAY_OF_WORKERS.search(spoken.nominal):
        # 防疫员劳务补助 is paid to 防疫员, who are counted, assessed and paid in time.
        spoken, customary, kind = Phrase("", "", spoken.nominal[: paid.start() + 1], spoken.said), "人", type_of("T37")
    if kind is not None and kind.code == "T37" and (unit or customary) in ("套", "件", "台", "辆"):
        kind, spoken = type_of("T05"), spoken._replace(action="购置")
    if kind is None and not spoken.action and (code := TYPE_OF_UNIT.get(unit or customary or "")) in ("T04", "T05"):
        # 执法记录仪60台: a bare thing is bought, a bare road is built.
        kind, spoken = type_of(code), spoken._replace(action="购置" if code == "T05" else "建设")
    if not unit and kind is not None:
        row = next((row for row in kind.rows if row.use == "每项用途"), None)
        # 补贴, 培训 are counted by people only where their type says so (耕地地力保护补贴 by 亩).
        weak = customary == "人" and not phrases.people_in(spoken.object[-4:]) and kind.code not in PEOPLE_TYPES and not spoken.object.endswith(("人", "员"))
        unit = customary if customary and not weak else (row.unit if row else "项")
        if kind.code == "T05" and not customary:
            unit = "件"
    return Component(spoken, unit or customary or "项", kind, tuple(phrases.people_in(spoken.nominal)), said)


def collective(components: Sequence[Component], kind: ProjectType | None, short: str) -> str:
    """What the rows shared by several components of a type speak of; ``short`` is the project's own name where it is short enough."""
    # Of what is used up nothing is said for long where something lasting is done or bought beside it.
    lasting = [component for component in components if not component.is_used_up] or components
    named = list(dict.fromkeys(component.thing for component in lasting))
    things = [thing for thing in named if not any(thing != other and thing in other for other in named)]
    if len(things) <= 1:
        return things[0] if things else short
    if len(things) == 2 and sum(map(len, things)) <= 12 and kind is not None:
        return "和".join(things)
    if kind is not None and kind.code == "T05":
        return f"{things[0]}等设备" if len(things[0]) <= 8 else "购置设备"
    ending = _common_ending(things)
    if ending:
        return ending
    people = {word for component in components for word in component.people}
    if len(people) == 1 and kind is not None and kind.code in ("T01", "T11", "T12", "T13", "T14", "T15", "T38", "T43"):
        return people.pop()
    return short or (f"{things[0]}等" if len(things[0]) <= 10 else things[0])


def _common_ending(things: Sequence[str]) -> str:
    """The words all things end with (国土空间总体规划编制, 村庄规划编制 → 规划编制), at least three characters."""
    shortest = min(things, key=len)
    for size in range(len(shortest), 2, -1):
        ending = shortest[-size:]
        if all(thing.endswith(ending) for thing in things) and phrases.begins_a_word(ending):
            return ending if ending not in ("工作", "服务", "项目", "活动", "补贴", "补助", "经费") else ""
    return ""
