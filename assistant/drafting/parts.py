"""Parts of a project that only its counts name: what a request counts without saying a use is a use too, or one group of the named one.

认定8家 counts 高新技术企业认定奖补 itself; C级12户 is a group of 危房改造; 冲锋舟4艘 beside 救援队建设 is a purchase of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.chinese import bigrams
from assistant.drafting import lexicon, phrases
from assistant.drafting.components import BOUGHT, CONSUMED, OF_DEEDS, PEOPLE_TYPES, PIECES, WORKERS, Component, Uses, component_of
from assistant.drafting.facts import Fact, best_for, same_unit, shared
from assistant.drafting.kinds import classify
from assistant.drafting.phrases import Phrase
from assistant.drafting.uses import EFFECT_COUNT, NO_OUTPUT
from assistant.library import ProjectType


def with_counted(uses: Uses, facts: Sequence[Fact]) -> Uses:
    """Things counted in a request that states no use are uses too: 买2台彩超、监护仪6台 names two purchases.

    A count named by the project itself (认定8家 of 高新技术企业认定奖补) is that use's; one of a group of it (C级12户 of 危房改造, 县道186公里 of
    县乡道养护) is the same deed for that group.
    """
    named = list(uses.components)
    first = named[0] if named else None
    lead = first.phrase.action if first is not None and _code(first) != "T07" and first.phrase.action in lexicon.BUYING | lexicon.BUILDING else ""
    counts = [fact for fact in facts if fact.kind == "count" and not EFFECT_COUNT.search(fact.name) and not NO_OUTPUT.search(fact.name)]
    parts: list[tuple[Component, Component | None]] = []
    group: Component | None = None
    for fact in counts:
        if any(fact is component.quantity for component in uses.components):
            continue
        noun = re.sub(rf"(?:{'|'.join({*lexicon.MEASURE_OF_UNIT.values(), '数量', '台数', '辆数', '套数'})})$", "", fact.name)
        if (owner := _owner(noun, fact, named, counts, facts)) is not None:
            owner.quantity, owner.unit = fact, fact.unit
            owner.price = owner.price or best_for(facts, noun, f"元/{owner.unit}", "price", alone=True)
            continue
        if any(component.phrase.object in fact.name and len(component.phrase.object) > 1 for component in uses.components):
            continue
        said = phrases.phrase(noun)
        host = max(named, key=lambda one: _nearness(one, noun, said.action), default=None)
        if group is not None and not said.action and fact.unit in lexicon.PEOPLE_UNITS:
            # 慰问离休干部12人、退休干部86人: the deed said first holds for the second group.
            host = group
        made = _counted_part(noun, fact, host, lead) or _priced_part(noun, fact, facts, host)
        if made is None:
            _count_for_want_of_another(noun, fact, facts, [one for one in (*named, *(part for part, _ in parts)) if one.quantity is None])
            continue
        group = host if host is not None and made.type is host.type and made.phrase.action == host.phrase.action else None
        _take_type_of_whole(made, host, noun)
        if made.phrase.action in BOUGHT and fact.unit in PIECES:
            lead = made.phrase.action
        made.price = best_for(facts, noun if len(noun) > 1 else made.nominal, f"元/{made.unit}", "price") or best_for(
            facts, made.nominal, f"元/{made.unit}", "price"
        )
        made.amount = best_for(facts, noun, "", "money") if made.price is None else None
        parts.append((made, host))
        uses.components.append(made)
    _superseded(uses, named, parts)
    return uses


def with_mentioned(uses: Uses, said: Sequence[str], facts: Sequence[Fact]) -> Uses:
    """Deeds said without a number are uses whose number is asked; services and sums of money are named in the statement of use."""
    whole = [uses.whole] if uses.whole is not None else []
    for words in said:
        spoken = phrases.phrase(words)
        if any(spoken.object in one.nominal or shared(words, one.nominal) >= 0.5 for one in (*uses.components, *whole)):
            continue
        if spoken.action:
            made = component_of(spoken, "", words, uses.type)
            made.of_whole = uses.whole is not None
            uses.components.append(made)
        else:
            uses.mentioned.append(words)
    sums = [fact for fact in facts if fact.kind == "money" and not lexicon.NOT_SPENT.search(fact.name) and not fact.name.startswith("其中")]
    # One of several costs of what is counted is named too (编纂费12万，印刷费6.4万).
    owned = [one.amount for one in uses.components if one.quantity is None or len(sums) == 1]
    for fact in sums:
        if not any(fact is amount for amount in owned):
            uses.mentioned.append(re.sub(r"资金$|（\d）", "", fact.name))
    return uses


def _nearness(component: Component, noun: str, action: str) -> tuple[bool, int, bool]:
    """How near a use is to a counted noun: by its deed, by the words they share, then one that has no count yet."""
    return _same_deed(component.phrase.action, action), len(bigrams(component.nominal) & bigrams(noun)), component.quantity is None


def _same_deed(left: str, right: str) -> bool:
    return bool(left) and (left == right or any({left, right} <= kind for kind in (BOUGHT, lexicon.BUILDING)))


def _code(component: Component | None) -> str:
    return component.type.code if component is not None and component.type is not None else ""


def _take_type_of_whole(made: Component, host: Component | None, noun: str) -> None:
    """What is printed for a census or used up in a rescue is judged by what it is for."""
    if host is None or host.type is None:
        return
    printed = _code(made) == "T09" and made.phrase.action in ("印制", "印刷", "制作") and not _TELLING.search(noun)
    # What is used up has no years of use and no hours: it is counted and priced, the rest is said of the whole.
    used_up = _code(made) == "T05" and (CONSUMED.search(made.phrase.object) or re.search("物资|储备", host.nominal))
    if printed or used_up or (_code(host) == "T47" and made.unit == host.unit):
        made.type = host.type


def _owner(noun: str, fact: Fact, named: Sequence[Component], counts: Sequence[Fact], facts: Sequence[Fact]) -> Component | None:
    """The use the project is named by whose count this is, or None."""
    noun = noun.removeprefix("日均").removeprefix("年均")
    free = [component for component in named if component.quantity is None]
    stores = [component for component in free if component.type is not None and component.type.code == "T47" and same_unit(component.unit, fact.unit)]
    if noun.endswith("储备") and stores and sum("储备" in count.name for count in counts) == 1:
        return stores[0]
    if noun in lexicon.BUILDING and (built := [one for one in free if one.phrase.action in lexicon.BUILDING and one.phrase.action not in lexicon.BUYING]):
        # 改造面积420平方米 of 制剂室建设和设备购置.
        return built[0]
    if noun in lexicon.ACTIONS and noun not in _OWN_DEEDS and len(free) == 1 and len(named) == 1:
        # 扫描180万页 of 档案数字化, 印刷2000套 of 县志出版: what is done to the one thing named.
        return free[0]
    noun = re.sub(r"^(?:成功|新增|新|已)(?=..)", "", noun)
    for component in free:
        fits = component.unit in ("项", "个", "次") or same_unit(component.unit, fact.unit) or {component.unit, fact.unit} <= lexicon.PEOPLE_UNITS
        if 2 <= len(noun) < len(component.nominal) and noun in component.nominal and (fits or noun == component.phrase.action):
            return component
        said = phrases.phrase(noun)
        if fact.unit not in lexicon.PEOPLE_UNITS and len(named) == 1 and noun in component.nominal and len(noun) >= 2:
            return component
        if len(named) == 1 and said.action in _PAYING and len(said.object) >= 2 and said.object in component.nominal:
            # 发放贷款380笔 of 创业担保贷款贴息.
            return component
        done_there = component.type is not None and (component.type.code in ("T04", "T07", "T36") or _has_price(noun, facts))
        if noun in _WHERE and len(named) == 1 and done_there and fact.unit not in lexicon.PEOPLE_UNITS:
            component.counted = f"{component.nominal}{noun}"
            return component
        if said.object == component.phrase.object and len(said.object) >= 4 and {component.unit, fact.unit} <= {"人", "个", "名"}:
            # 开发公益性岗位320个 of 公益性岗位补贴.
            return component
        if said.action and said.action == component.phrase.action and said.object in _WHERE:
            # 校舍维修, 维修3所学校: the places where it is done.
            return component
        pieces = noun.removeprefix(component.phrase.action)
        if component.phrase.action and pieces != noun and len(component.phrase.object) >= 2 and pieces.startswith(component.phrase.object):
            # 村村响维护, 维护村村响点位286个: the pieces of the thing.
            component.counted = pieces
            return component
        if len(named) == 1 and re.sub(_PAID_WORDS, "", noun) in lexicon.PEOPLE and component.type is not None and component.type.code in _BY_GROUP:
            # 奖补企业22家 of 研发投入补助: who is paid.
            component.counted = f"{component.nominal}{re.sub(_PAID_WORDS, '', noun)}"
            return component
        if len(noun) == 2 and component.nominal[0] == noun[0] and component.nominal.find(noun[1], 1) >= 2:
            # 婚检1600对 of 婚前医学检查: its short name.
            return component
    people = [one for one in counts if one.unit in lexicon.PEOPLE_UNITS]
    if fact.unit in lexicon.PEOPLE_UNITS and len(people) == 1 and not WORKERS.search(noun):
        served = [
            component for component in free if component.type is not None and (component.type.code in PEOPLE_TYPES or component.type.code in ("T16", "T23"))
        ]
        if served and (phrases.people_in(noun) or re.search("人员|人口", noun)) and phrases.phrase(noun).action not in _OWN_DEEDS:
            return served[0]
    return None


_TELLING = re.compile(r"宣传|广告|公益|普法|折页|海报")


def _has_price(noun: str, facts: Sequence[Fact]) -> bool:
    return any(fact.kind == "price" and shared(fact.name, noun) >= 0.8 for fact in facts)


def _priced_part(noun: str, fact: Fact, facts: Sequence[Fact], host: Component | None) -> Component | None:
    """A counted thing with a price of its own (火箭弹300枚每枚3200元) is paid for, so it is a use: bought where it is a thing in pieces."""
    if (
        not _has_price(noun, facts)
        or len(noun) < 2
        or _DELIVERED.search(noun)
        or (host is not None and host.quantity is None and host.type is not None and host.type.code == "T10")
    ):
        return None
    if host is not None and host.type is not None and any(row.use == "每项用途" and row.unit == fact.unit for row in host.type.rows):
        # 简单纠纷600件每件50元 of 人民调解: one kind of what is done.
        return Component(phrases.phrase(noun), fact.unit, host.type, tuple(phrases.people_in(noun)), fact.said).counting(fact)
    bought = fact.unit in PIECES and not phrases.phrase(noun).action and not noun.endswith(("租金", "费"))
    return component_of(Phrase("", "购置" if bought else "", noun, noun), fact.unit, fact.said, None).counting(fact)


def _count_for_want_of_another(noun: str, fact: Fact, facts: Sequence[Fact], free: Sequence[Component]) -> None:
    """地块14个 of 土壤污染状况调查, 河流8条 of 河湖健康评价编制: what is studied, checked or kept up counts the use that has no count."""
    if len(noun) < 2 or fact.unit in lexicon.PEOPLE_UNITS or _DELIVERED.search(noun):
        return
    open_ones = [one for one in free if one.type is not None and one.type.code in _STUDYING]
    if not open_ones:
        return
    host = max(open_ones, key=lambda one: len(set(one.nominal) & set(noun)))
    if not (set(host.nominal) & set(noun) or fact.unit in ("个", "处")):
        return
    host.quantity, host.unit = fact, fact.unit
    host.price = host.price or best_for(facts, noun, f"元/{fact.unit}", "price")
    host.counted = noun if host.phrase.object.endswith(noun[:2]) else f"{host.nominal}{noun}"


_STUDYING = frozenset("T10 T17 T27 T28 T46 T48".split())
_PAYING = frozenset("发放 支付 兑付 补贴 资助 补助 奖补".split())
_PAID_WORDS = re.compile(rf"^(?:{'|'.join(sorted(_PAYING))})")
_DEED_WORDS = tuple(word for word in lexicon.ACTIONS if len(word) > 1)
_WHERE = frozenset("教室 校舍 学校 中小学 中学 小学 幼儿园 村 行政村 村庄 乡镇 社区 小区 医院 卫生院 村卫生室 敬老院 站点 园区 街道".split())
_OWN_DEEDS = frozenset("培训 慰问 走访 体检 筛查 演练 宣传 聘用 招聘 检查".split())
# Types that pay or serve whoever belongs to a group.
_BY_GROUP = frozenset("T01 T12 T14 T15 T16 T20 T36 T38 T39 T40 T41 T43 T44 T50".split())
_PIECES_GIVEN = PIECES - {"个", "件", "部"}
# What is handed over at the end says how much was done; it is no use of money by itself.
_DELIVERED = re.compile(r"(?:报告|台账|成果|方案|图件)$")
_MODIFIER = re.compile(r"(?:级|类|档|岁|以上|以下|型|段|组|期|户型)$")
_SERVING = frozenset(
    """慰问 维护 运维 养护 管护 维保 检查 检测 监测 抽检 抽查 检定 核查 评估 审计 清运 保洁 数字化 外包 租赁 租用
    补贴 补助 资助 奖补 免疫 防控 巡查""".split()
)


def _counted_part(noun: str, fact: Fact, host: Component | None, lead: str) -> Component | None:
    """One counted thing as a use of its own, or None where it is none (its row is then made from the figure alone)."""
    spoken = phrases.phrase(noun)
    deed = _deed_of(host)[0] if host is not None else ""
    if deed in _SERVING and noun.startswith(deed) and len(noun) >= len(deed) + 2:
        # 维护雨量站42处 under …维护: the same deed, said again.
        noun = noun.removeprefix(deed)
        spoken = phrases.phrase(noun)
    if deed and spoken.action == deed:
        spoken = spoken._replace(action="", object=re.sub(r"(?<=..)(?:全额|定额|部分)$", "", spoken.object))
    kind = classify(spoken.nominal, spoken.action)
    if noun in ("人员", "工作人员", "队员", "职工") and host is not None:
        return component_of(Phrase("", "", f"{host.phrase.object[-4:]}{noun}", spoken.said), fact.unit, fact.said, None).counting(fact)
    if WORKERS.search(noun):
        return component_of(spoken, fact.unit, fact.said, None).counting(fact)
    if host is not None and not spoken.action and not _DELIVERED.search(noun) and (group := _of_group(spoken, kind, fact, host)) is not None:
        return Component(group, fact.unit, host.type, tuple(phrases.people_in(noun)), fact.said).counting(fact)
    if len(noun) < 2 or _DELIVERED.search(noun) or (noun in _WHERE and host is not None):
        return None
    if host is not None and host.quantity is not None and noun in lexicon.ACTIONS and noun in host.nominal:
        # 鉴定6件 of 检测鉴定费 whose 检测20批次 are its count: another figure of the same use.
        return None
    if not spoken.action and lead and not noun.startswith(_DEED_WORDS):
        piece = fact.unit in PIECES | {"辆", "艘"}
        if (phrases.unit_of(spoken.object) == fact.unit and fact.unit not in OF_DEEDS) or (lead in lexicon.BUYING and piece):
            spoken = spoken._replace(action="购置" if piece and lead in lexicon.BUILDING else lead)
            kind = classify(spoken.nominal, spoken.action)
    if kind is None and phrases.unit_of(noun) != fact.unit:
        if host is None or spoken.action or fact.unit not in _PIECES_GIVEN:
            return None
        if host.type is not None and host.type.works:
            return component_of(spoken._replace(action="购置"), fact.unit, fact.said, None).counting(fact)
        # 轮椅80辆 of 辅具适配: a thing in pieces is what the whole provides.
        return Component(spoken, fact.unit, host.type, tuple(phrases.people_in(noun)), fact.said).counting(fact)
    return component_of(spoken, fact.unit, fact.said, None).counting(fact)


def _of_group(spoken: Phrase, kind: ProjectType | None, fact: Fact, host: Component) -> Phrase | None:
    """The host's deed for one group of it: 宫颈癌 → 宫颈癌检查, C级 → C级危房改造, 80-89岁 → 80-89岁高龄津贴; None where the thing is no group."""
    if host.type is None:
        return None
    action, object_ = _deed_of(host)
    if kind is not None and kind is not host.type and not (host.type.code in _BY_GROUP and re.search(r"(?:对象|户|人员|家庭|群众|儿童|老人)$", spoken.object)):
        return None
    if spoken.object in _WHERE and action in ("运维", "维护", "管护", "养护", "清运", "保洁"):
        # 行政村262个 of 应急广播运维: where it is done.
        return None
    if action in _PAYING and fact.unit not in lexicon.PEOPLE_UNITS | PIECES | {"亩", "公顷", "头", "只", "羽", "株", "家", "吨", "具"}:
        # 阅读活动24场 of 免费开放补助: nobody is paid by the event.
        return None
    paying = host.type.code in _BY_GROUP and (action or _MODIFIER.search(spoken.object) or kind is not host.type)
    if not paying and action not in _SERVING:
        return None
    if _MODIFIER.search(spoken.object):
        return Phrase("", action, spoken.object + (object_[-2:] if action else object_[-6:]), spoken.said)
    if not action:
        return Phrase("", "", spoken.object + host.phrase.object[-2:], spoken.said) if host.phrase.object[-2:] not in spoken.object else None
    return Phrase("", action, spoken.object, spoken.said)


def _deed_of(host: Component) -> tuple[str, str]:
    """What a use does and to what, the empty 服务 at its end left out (天网监控运维服务 → 运维)."""
    action, object_ = host.phrase.action, host.phrase.object
    if action in ("服务", "工作", "项目", ""):
        inner = phrases.phrase(re.sub(r"(?:服务|工作|项目)?费?$", "", object_))
        return (inner.action, inner.object) if inner.action else ("", object_)
    return action, object_


def _together(parts: Sequence[tuple[Component, Component | None]], named: Sequence[Component]) -> bool:
    """Whether the one use named is counted by its parts together (培育300人，其中经营管理型120人、专业生产型180人)."""
    whole = named[0].quantity if len(named) == 1 else None
    counts = [part.quantity.number or 0 for part, _ in parts if part.quantity is not None and whole is not None and part.quantity.unit == whole.unit]
    return whole is not None and len(counts) > 1 and whole.number == sum(counts)


def _superseded(uses: Uses, named: Sequence[Component], parts: Sequence[tuple[Component, Component | None]]) -> None:
    """A use known by the project's name alone gives way to the parts that count it, and becomes the whole they are parts of."""
    bare = [one for one in named if one.quantity is None and one.price is None and one.amount is None]
    gone = [one for one in bare if len(named) == 1 or any(host is one and part.type is one.type for part, host in parts)] if parts else []
    for part, host in parts:
        part.of_whole = host in gone or _together(parts, named)
    if not gone:
        return
    uses.whole = gone[0] if len(gone) == 1 else replace(gone[0], phrase=Phrase("", "", "和".join(one.nominal for one in gone), ""))
    uses.components = [component for component in uses.components if component not in gone]
