"""A statement of use → uses of money, each with the figures given for it.

A statement names several things in one breath (购置电脑、打印机和投影仪; 职工食堂、办公楼维修; 残疾人就业、培训以及生活保障); each becomes a use of
its own, sharing the action or the people named once. What is said about the aim is kept apart as effects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.chinese import bigrams
from assistant.drafting import lexicon, phrases, wording
from assistant.drafting.components import BOUGHT, GROWN, OF_DEEDS, PEOPLE_TYPES, PIECES, WORKERS, Component, Uses, component_of
from assistant.drafting.facts import Fact, best_for, same_unit, shared
from assistant.drafting.kinds import HOUSED, classify, type_of
from assistant.drafting.phrases import Phrase
from assistant.library import ProjectType

_JOIN = re.compile(r"、|，|,|；|;|。|以及|及(?!时)|和(?!美|谐|平|睦|解)|(?<!参)与(?!会)|并且|并(?!网|轨|购)|\n|暨|\+|/(?=[一-龥])")
_WORD_WITH_JOINER = re.compile(
    r"购置[与和]应用补贴|以及时|普及|涉及|和美乡村|和谐|和平|参与|与会|合并|饱和|共和|调和|温和|中和|缓和|并网|和睦|和解|触及|波及|危及|顾及|埃及|及时|企及|军属和|国际和"
)
_MONTHLY = re.compile(r"\(.*?\)|（.*?）")
_EFFECT = re.compile(rf"^(?:以|来|从而|进而|切实|进一步|有效|不断|全面)?(?:{'|'.join(lexicon.EFFECT_WORDS)})")
_GOOD_NOUN_FOR_EFFECT_WORD = re.compile(
    r"^(?:保障(?:房|性|残疾人综合|[一-龥]{0,12}(?:运行|运转|工作|开支|支出|经费|供应|生活))|维护(?:费|服务|保养)|推动(?:[一-龥]{0,6}建设)|改善(?:办学条件|[一-龥]{0,4}工程)|提升(?:改造|工程)|增加(?:[一-龥]{1,6}岗位))"
)


def uses_of(text: str, facts: Sequence[Fact] = (), *, name: str = "") -> Uses:
    """Take a statement of use apart and give its components the figures that belong to them."""
    found = Uses()
    project = classify(name) if name else None
    items = _items(text)
    kept: list[str] = []
    for item in items:
        if _EFFECT.match(item) and not _GOOD_NOUN_FOR_EFFECT_WORD.match(item) and (kept or len(items) == 1):
            found.effects.append(item)
        else:
            kept.append(item)
    if not kept:
        kept, found.effects = items, []
    found.components = _components(kept, project)
    if project is not None and project.code == "T05":
        # 实训设备采购：数控车床12台: the things listed under a purchase are bought.
        for index, component in enumerate(found.components):
            if not component.phrase.action and component.unit in PIECES | {"辆", "张", "座"} and not component.phrase.object.startswith("购"):
                found.components[index] = component_of(component.phrase._replace(action="购置"), component.unit, component.said, project)
    found.type = project or next((component.type for component in found.components if component.type), None)
    _give_figures(found.components, facts)
    return found


def _items(text: str) -> list[str]:
    text = _MONTHLY.sub("", wording.normalised(text))
    text = re.sub(r"^(?:资金|经费|项目|本项目|该项目)?(?:主要)?(?:是)?(?:用于|用来|用作|用以)[:：]?|^主要(?:内容)?[是为:：]", "", text)
    protected: dict[str, str] = {}

    def hide(match: re.Match[str]) -> str:
        key = chr(0xE000 + len(protected))
        protected[key] = match[0]
        return key

    text = _WORD_WITH_JOINER.sub(hide, re.sub(r"[“\"《][^”\"》]{1,20}[”\"》]", hide, text))
    pieces: list[str] = []
    joiners: list[str] = []
    at = 0
    for match in _JOIN.finditer(text):
        pieces.append(text[at : match.start()])
        joiners.append(match[0])
        at = match.end()
    pieces.append(text[at:])
    restored = ["".join(protected.get(char, char) for char in piece).strip(" :：.．") for piece in pieces]
    # 重度肢体和精神智力残疾人托养服务: half a noun before the joiner belongs to the next piece.
    merged: list[str] = []
    carry = ""
    for index, piece in enumerate(restored):
        piece = carry + piece
        carry = ""
        if not piece:
            continue
        last = index == len(restored) - 1
        if merged and index and joiners[index - 1] in ("和", "及", "与") and phrases.cleaned(piece) in (*lexicon.ACTIONS, "运营", "运行", "管理") and not carry:
            # 路灯电费和维护: two things done to one.
            merged[-1] += joiners[index - 1] + piece
            continue
        if not last and joiners[index] in ("和", "及", "、", "与") and not _stands_alone(piece) and restored[index + 1]:
            carry = piece + joiners[index]
            continue
        merged.append(piece)
    return [piece for piece in merged if len(re.sub(r"\d|等", "", piece)) >= 2]


def _stands_alone(piece: str) -> bool:
    words = re.sub(r"\d+(?:\.\d+)?[一-龥]{0,3}", "", piece)
    said = phrases.cleaned(words)
    spoken = phrases.phrase(words)
    if spoken.action or classify(said) is not None or phrases.unit_of(said) is not None or re.search(r"\d", piece):
        return True
    return said.endswith(_SERVICE_ENDS)


_LEADS = tuple(lexicon.BUYING | lexicon.BUILDING | lexicon.LEADING)
_SERVICE_ENDS = tuple(
    """
    保障 服务 费 租金 房租 利息 工作 活动 建设 管理 教育 就业 资料 经费 支出 物资 系统 设施 材料 运行 运转 用品
    补贴 补助 奖励 工程 项目 行动 宣传 器具 社保 工资 保险 服装
    """.split()
)


# 购置打印机20台，培训50人: people and events are neither bought nor built.
_OF_THINGS = frozenset(lexicon.FORMAL.get(word, word) for word in lexicon.BUYING | lexicon.BUILDING)


def _components(items: Sequence[str], project: ProjectType | None) -> list[Component]:
    found: list[Component] = []
    lead = ""
    for item in items:
        reading = wording.read(item)
        # 17所中小学31栋校舍鉴定: the count beside the deed is the output, the others say where.
        counts = reading.of("count")
        count = counts[-1] if len(counts) > 1 and counts[-1].after and counts[0].before[-2:] not in lexicon.ACTIONS else next(iter(counts), None)
        words = "".join(reading.clauses) if count is None or not count.after else ""
        spoken = phrases.phrase(count.before, count.after) if count is not None else phrases.phrase(words)
        if count is not None and not spoken.object:
            spoken = phrases.phrase("".join(reading.clauses))
        if not spoken.object or len(spoken.nominal) < 2:
            continue
        pair = _two_things(spoken)
        if spoken.action in phrases.LEADING_FORMS and phrases.cleaned(item).startswith(_LEADS):
            lead = spoken.action
        elif (
            not spoken.action
            and lead
            and (phrases.unit_of(spoken.object) or (count is not None and count.unit in PIECES))
            and not spoken.object.endswith(_SERVICE_ENDS)
            and not (lead in _OF_THINGS and (count.unit if count is not None else phrases.unit_of(spoken.object)) in OF_DEEDS)
        ):
            spoken = spoken._replace(action=lead)
        elif spoken.action:
            lead = ""
        unit = count.unit if count is not None else ""
        if pair:
            found += [component_of(spoken._replace(object=thing), "", item, project) for thing in pair]
            continue
        found.append(component_of(_without_funds(spoken), unit, item, project))
    _share_trailing_action(found, project)
    _share_people(found, project)
    return _distinct(found)


def _two_things(spoken: Phrase) -> tuple[str, str] | None:
    """电脑打印机 are two things, said in one breath."""
    words = spoken.object
    for cut in range(2, len(words) - 1):
        left, right = words[:cut], words[cut:]
        if left in lexicon.THINGS and right in lexicon.THINGS and right not in ("设备", "器材", "系统", "终端", "系统设备") and spoken.action in BOUGHT:
            return left, right
    return None


def _without_funds(spoken: Phrase) -> Phrase:
    """治超站运转经费 is the running of the station, 水毁抢修工程款 the works; the word for money names nothing."""
    if not spoken.action and (works := re.fullmatch(r"(.{2,}工程)(?:进度)?款", spoken.object)):
        return spoken._replace(object=works[1])
    match = re.fullmatch(r"(.{2,}(?:运转|运行|办公|工作|活动|维护|管理|宣传|培训|维稳|保障|服务|养护|管护|巡查))经费", spoken.nominal)
    return phrases.phrase(match[1])._replace(said=spoken.said) if match and not spoken.action and len(match[1]) >= 4 else spoken


def _share_trailing_action(found: list[Component], project: ProjectType | None) -> None:
    """职工食堂、办公楼维修: the action said last holds for the bare things before it."""
    for index in range(len(found) - 1, 0, -1):
        action, before = found[index].phrase.action, found[index - 1]
        if (
            action
            and not before.phrase.action
            and action in lexicon.BUILDING | lexicon.BUYING | {"租赁", "清运", "印制", "养护", "保洁", "防治", "防控"}
            and found[index].said.endswith(action)
        ):
            own = classify(before.nominal)
            if (action in ("防治", "防控") and before.phrase.object.endswith("病")) or (
                phrases.unit_of(before.phrase.object)
                and not before.phrase.object.endswith(_SERVICE_ENDS)
                and (own is None or own.works or own.code == "T05" or own.code in HOUSED)
            ):
                found[index - 1] = component_of(before.phrase._replace(action=action), "", before.said, project)


def _share_people(found: list[Component], project: ProjectType | None) -> None:
    """残疾人就业、培训: the people named with the first service are those of the bare ones after it."""
    if not found or not found[0].people or not found[0].phrase.object.startswith(found[0].people[0]):
        return
    people = found[0].people[0]
    for index, component in enumerate(found[1:], 1):
        if not component.people and len(component.nominal) <= 4 and component.type is not None and component.type.code in PEOPLE_TYPES:
            spoken = component.phrase
            shared_phrase = spoken._replace(object=people + (spoken.object if spoken.object != spoken.action else ""))
            found[index] = replace(component_of(shared_phrase, component.unit, component.said, project), unit=component.unit)


def _distinct(found: list[Component]) -> list[Component]:
    kept: list[Component] = []
    for component in found:
        if not any(component.nominal == other.nominal for other in kept):
            kept.append(component)
    return kept


def _give_figures(components: list[Component], facts: Sequence[Fact]) -> None:
    left = list(facts)
    for component in components:
        own = [fact for fact in left if component.said and component.said == fact.said]
        alone = len(components) == 1
        name = component.nominal
        component.quantity = _quantity(component, left, alone) or next((fact for fact in own if fact.kind == "count"), None)
        if component.quantity is not None:
            left.remove(component.quantity)
            component.unit = component.quantity.unit or component.unit
        per = f"元/{component.unit}"
        # What is paid to those who do the work (普查员每人2000元) is no price of what is done.
        working = WORKERS.search(component.nominal) or (alone and component.type is not None and component.type.code in PEOPLE_TYPES)
        paid = [fact for fact in left if working or not WORKERS.search(re.sub(r"(?:补助|补贴|报酬)?标准$", "", fact.name))]
        component.price = best_for(paid, name, per, "price", alone=alone or _only(paid, "price")) or (
            best_for(paid, name, "", "price") if component.quantity is None else None
        )
        if component.price is not None:
            left.remove(component.price)
            if component.quantity is None and (unit := component.price.unit.partition("/")[2].split("·")[0]):
                component.unit = unit
        component.amount = best_for(left, name, "", "money")
        if component.amount is not None:
            left.remove(component.amount)
    _give_what_only_one_can_take(components, left)
    for component in components:
        _count_by_price(component, left)
        if component.type is not None and component.type.code == "T01" and component.quantity is not None:
            component.type = type_of("T20" if component.unit in GROWN else "T44" if component.unit in _PAID_PLACES else "T01")
    _share_price(components, left)


def _count_by_price(component: Component, left: list[Fact]) -> None:
    """运转经费每村6万元, 行政村23个: what the price is paid for is what is counted."""
    per = component.price.unit.partition("/")[2].split("·")[0] if component.price is not None else ""
    if component.quantity is not None or per not in _PLACES:
        return
    fact = next((fact for fact in left if fact.kind == "count" and per in fact.name and (fact.unit == per or same_unit(fact.unit, per))), None)
    if fact is not None:
        component.quantity, component.unit = fact, fact.unit
        component.counted = re.sub(r"(?:数量|个数)$", "", fact.name)
        left.remove(fact)


def _is_paid(component: Component) -> bool:
    return component.type is not None and component.type.code == "T37"


def _share_price(components: Sequence[Component], left: list[Fact]) -> None:
    """农产品800批次、食品1200批次、每批次680元: the last price said holds for all that are counted in its unit and have none."""
    prices = [fact for fact in left if fact.kind == "price"]
    given = [component.price for component in components if component.price is not None]
    for component in components:
        if component.price is not None or component.quantity is None:
            continue
        per = f"元/{component.unit}"
        # 见习岗位120人，每人每月1800元 of 就业见习补贴: what is counted is what is paid for.
        of_count = [price for price in prices if same_unit(price.unit, per) and shared(price.name, component.quantity.name) >= 0.8]
        if len(of_count) == 1 and of_count[0] in left:
            component.price = of_count[0]
            left.remove(of_count[0])
        if component.price is not None or component.amount is not None or (component.unit in lexicon.PEOPLE_UNITS and not _is_paid(component)):
            continue
        own = [price for price in prices if same_unit(price.unit, per)]
        same = [other for other in components if other is not component and other.unit == component.unit]
        if len(own) == 1 and not same:
            component.price = own[0]
            left.remove(own[0])
        elif not own and len(shared_ones := [price for price in given if same_unit(price.unit, per)]) == 1 and len(components) == len(same) + 1:
            component.price = shared_ones[0]


_PAID_PLACES = frozenset("个 家 所 座".split())
_PLACES = frozenset("村 队 镇 乡 校 园 院 社区 所 站 点 中队 标段".split())


def _give_what_only_one_can_take(components: Sequence[Component], left: list[Fact]) -> None:
    """登记对象=8600个 belongs to 农业普查入户登记 when no other use is counted in 个 and no other figure is."""
    for component in components:
        if component.quantity is not None:
            continue
        others = [one for one in components if one is not component and one.quantity is None and same_unit(one.unit, component.unit)]
        fitting = [
            fact
            for fact in left
            if fact.kind == "count"
            and same_unit(fact.unit, component.unit)
            and not EFFECT_COUNT.search(fact.name)
            and not NO_OUTPUT.search(fact.name)
            and (not WORKERS.search(fact.name) or WORKERS.search(component.nominal))
        ]
        if len(fitting) == 1 and not others and bigrams(fitting[0].name) & bigrams(component.nominal):
            component.quantity, component.unit = fitting[0], fitting[0].unit
            left.remove(fitting[0])


EFFECT_COUNT = re.compile(r"进场|求职|达成|意向|到场|受益|惠及|覆盖|服务群众|吸引|带动|新增就业|受惠|辐射|参与|参加|覆盖面")
# Counts that are no output of the year: for each, in all, per day.
NO_OUTPUT = re.compile(r"^(?:每|共|日处理|日均(?!.*人数)|每日|每天|月均)|天数$|月数$")


def _quantity(component: Component, facts: list[Fact], alone: bool) -> Fact | None:
    # Who does the work (普查员780人) is no count of what is done.
    workers = bool(WORKERS.search(component.nominal)) or (component.type is not None and component.type.code == "T37")
    facts = [fact for fact in facts if not NO_OUTPUT.search(fact.name) and (workers or not WORKERS.search(re.sub(r"人数$", "", fact.name)))]
    held = component.type is not None and component.type.code == "T09"
    facts = [fact for fact in facts if not (held and re.search("参与|参加", fact.name))]  # a festival is no count of its visitors
    facts = [fact for fact in facts if fact.unit not in PIECES or _same_thing(fact.name, component)]
    found = best_for(facts, component.nominal, component.unit, "count", alone=alone)
    if found is not None:
        alike = [fact for fact in facts if fact.unit == found.unit and fact.kind == "count" and shared(fact.name, component.nominal)]
        # 小麦储备8000吨、玉米储备5000吨 of 储备粮补贴: two groups, none of them the whole.
        told_apart = len({shared(fact.name, component.nominal) for fact in alike}) == len(alike) or not shared(found.name, component.nominal)
        return found if told_apart else None
    # Another unit than the customary one: accept a figure that names the whole component (路灯=120基).
    named = [
        fact
        for fact in facts
        if fact.kind == "count"
        and shared(fact.name, component.nominal) >= 0.8
        and len(component.phrase.object) >= 2
        and component.phrase.object[-2:] in fact.name
    ]
    return named[0] if named else None


def _same_thing(name: str, component: Component) -> bool:
    """Whether a count of pieces may be of this very thing: 防火服120套 is not what 护林防火装备 counts, 车辆3辆 may be 救护车."""
    noun = phrases.phrase(re.sub(r"(?:数量|个数|件数|具数)$", "", name)).object
    thing = component.phrase.object
    return not noun or noun[-2:] in component.nominal or thing[-2:] in name or noun[-1] == thing[-1:]


def _only(facts: Sequence[Fact], kind: str) -> bool:
    return sum(fact.kind == kind for fact in facts) == 1
