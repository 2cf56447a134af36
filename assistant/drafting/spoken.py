"""What one sentence says, field by field: the project's name, its money by role, its use, and every other figure under a plain name.

``wording`` finds the figures; here each gets its meaning: what a count counts, what a price belongs to (amounts: ``amounts``). A
figure said for each of several (8个卫生院各配1台, 2期每期80人) becomes the total, with the multiplication kept to be shown.
"""

from __future__ import annotations

import re

from assistant.drafting import lexicon, phrases
from assistant.drafting.amounts import Spoken, take_money, unused
from assistant.drafting.naming import name_in, purpose_in
from assistant.drafting.wording import Mention, Reading, plain


def said_in(reading: Reading, this_year: int | None) -> Spoken:
    """The fields of a sentence; InputError for a negative amount."""
    _share_out(reading)
    found = Spoken(name=name_in(reading), purpose=purpose_in(reading), basis=tuple(reading.documents))
    stated, known = found.stated, found.known
    take_money(reading, found)
    for mention in reading.mentions:
        if mention.kind != "money":
            name = unused(_fact_name(mention, reading), known)
            known[name] = mention.text
            stated[name] = f"{mention.before[-12:]}{mention.words}" if mention.before else f"{mention.words}{mention.after[:12]}"
            if (times := _multiplier(mention, reading)) is not None:
                # 2期，每期80人: the total is what an indicator counts.
                known[name] = f"{plain(times.number * mention.number)}{mention.unit}"
                stated[name] = f"{times.words}×{mention.words}：{plain(times.number)}×{plain(mention.number)}={known[name]}"
    if reading.months:
        known["发放月数"] = f"{reading.months}个月"
    if reading.payments:
        known["付款安排"] = "，".join(reading.payments)
    if reading.span:
        known["实施期限"] = reading.span
    if reading.document_pending:
        known["资金文件号"] = "待核实"
    if reading.year or reading.year_word:
        year = reading.year or _relative(reading.year_word or "", this_year)
        if year is not None:
            found.year = year
            stated["year"] = f"{reading.year}年" if reading.year else str(reading.year_word)
    return found


def _share_out(reading: Reading) -> None:
    """外墙维修、跑道翻新，面积分别为2600平方米和4200平方米: the counts are those of the things named before, in order."""
    counts = reading.of("count")
    first = next((index for index, count in enumerate(counts) if _RESPECTIVELY.search(count.before)), None)
    if first is None:
        return
    shared = [count for count in counts[first:] if count.unit == counts[first].unit]
    things = [thing for thing in re.split(r"[、和及与]", name_in(reading)) if thing]
    if len(things) == len(shared):
        for thing, count in zip(things, shared, strict=True):
            count.before, count.after = thing, ""


_RESPECTIVELY = re.compile(r"(?:分别|各)(?:为|是|有)?$")
_EACH = re.compile(
    r"(?:每(期|班|次|场|个|所|家|户|人|村|镇|乡|院|校|处|站|队|点)?|各(?![类种级]))(?:[一-龥]{0,6}?)(?:配备?|买|建|装|发|购置?|安装|设置?|举办|办)?$"
)


def _multiplier(mention: Mention, reading: Reading) -> Mention | None:
    """The count that a figure said for each of several is multiplied by (2期 for 每期80人, 8个卫生院 for 各配1台), or None."""
    if mention.kind != "count" or mention.unit in ("天", "课时", "学时"):
        # 每期5天: how long one lasts, not a total.
        return None
    each = _EACH.search(mention.before)
    if not each or (each[0].startswith("各") and mention.unit in ("次", "场", "期")):
        # 春节、中秋各慰问一次: of what it is each, no count says.
        return None
    others = [other for other in reading.of("count") if other is not mention]
    if each[1] in ("期", "班", "次", "场"):
        unit = {"班": "期"}.get(each[1], each[1])
        return next((other for other in others if other.unit == unit), None)
    before = [other for other in others if other.start < mention.start and other.unit in ("个", "所", "家", "处", "户")]
    if each[0].startswith("各"):
        return before[-1] if before else None
    named = re.search(r"每(?:个|所|家)?([一-龥]{1,6}?)(?:配|买|建|装|发|购|安|设|办|$)", mention.before)
    return next((other for other in others if named and named[1] and named[1] in other.after + other.before), None)


def _relative(word: str, this_year: int | None) -> int | None:
    if this_year is None:
        return None
    return this_year + {"今年": 0, "本年": 0, "本年度": 0, "后年": 2}.get(word, 1)


def _fact_name(mention: Mention, reading: Reading) -> str:
    """The plain name of a figure: 培训人数, 每个乡镇车辆数量, 辅警标准."""
    if mention.kind == "rate":
        return mention.before
    if mention.kind == "price":
        noun = _noun_priced(mention, reading)
        return f"{noun}标准" if noun else "补助标准"
    each = _EACH.search(_own_words(mention))
    if each and mention.unit in ("天", "课时", "学时"):
        return f"{name_in(reading)}每{each[1] or '次'}{phrases.measure(mention.unit)}"
    if each and _multiplier(mention, reading) is None:
        # 每个乡镇配2辆, without the number of 乡镇: not the total, and named so that it is never taken for it.
        return f"每{each[1] or '个'}{phrases.counted(_said_with(mention).object or name_in(reading), mention.unit)}"
    if any(_multiplier(other, reading) is mention for other in reading.of("count")) and mention.unit not in ("期", "次", "场"):
        said = _said_with(mention)
        return f"覆盖{phrases.counted(said.object or said.nominal, mention.unit)}"
    if _WHERE.fullmatch(_own_words(mention)) and (place := _said_with(mention)).who and place.action:
        # 给25所学校配安检仪25台: where it is put, not what is bought.
        return f"覆盖{phrases.counted(place.who, mention.unit)}"
    noun = _noun_counted(mention, reading)
    return phrases.counted(noun, mention.unit) if noun else phrases.measure(mention.unit)


_WHERE = re.compile(r"(?:给|为|在|对|向)?(?:全县|全市|全区|县内)?")


def _own_words(mention: Mention) -> str:
    """The words before a figure, without the measure it is given in (防治面积3.2万亩)."""
    words = re.sub(r"^.*其中", "", mention.before)
    return re.sub(r"(?<!占地)(?<!建筑)(?:总?面积|总?里程|总?长度)$", "", words) if mention.kind == "count" else words


def _said_with(mention: Mention) -> phrases.Phrase:
    # 3座矿山面积860亩: the measure belongs to the figure after it.
    after = re.sub(r"(?<=..)(?:面积|总面积|长度|总长|里程|规模|容量|高度|深度|重量)$", "", mention.after)
    words = re.sub(r"^(?:预计|计划|大约|约|共|全年|年内)+$", "", re.sub(r"每(?:个|期|班|次|场)?|各(?![类种级])", "", _own_words(mention)))
    return phrases.phrase(words, after)


def _noun_counted(mention: Mention, reading: Reading) -> str:
    """What a count counts, by the words at it, else by those of its clause, of the count before, of the project."""
    before, said = _own_words(mention), _said_with(mention)
    each = _EACH.search(before)
    noun = said.nominal if len(said.nominal) > 1 or said.nominal in _ANIMALS else ""
    if noun != mention.before and noun in lexicon.ACTIONS and (noun in ("租用", "租赁") or phrases.phrase(name_in(reading)).action == noun):
        # 黑臭水体治理，治理面积3.8万平方米: the measure of what the project is named by.
        noun = phrases.phrase(name_in(reading)).nominal
    if mention.unit in ("人", "人次") and _COMING.fullmatch(said.said):
        noun = f"{phrases.phrase(name_in(reading)).thing}参与"
    if mention.unit in ("天", "日") and len(re.sub("全年|每年|一年|年内|平均|按|共|约", "", before)) < 2:
        noun = phrases.phrase(name_in(reading)).thing
    if not noun or each:
        noun = noun if len(noun) > 1 else _label_in_clause(mention, reading) or _subject_near(mention, reading)
    return noun


def _noun_priced(price: Mention, reading: Reading) -> str:
    """What a price is paid for: what the count of its unit before it counts, in its own clause or in the ones before (培训55人、人均1600)."""
    per = price.unit.partition("/")[2].split("·")[0]
    before = [count for count in reading.of("count") if count.start < price.start and not _EACH.search(count.before)]
    here = [count for count in before if count.clause == price.clause]
    if near := [count for count in here if count.unit == per] or here:
        return _noun_counted(near[-1], reading)
    own = phrases.phrase(re.sub(r"^.*其中|\d.*$", "", price.before)).nominal if price.before else ""
    if len(own) > 1 and own not in _SAYS_MONEY:
        return own
    if near := [count for count in before if count.unit == per and price.clause - count.clause <= 2]:
        return _noun_counted(near[-1], reading)
    return _subject_near(price, reading)


_SAYS_MONEY = frozenset("经费 费用 资金 补助 补贴 成本 单价 标准 金额 预算 工作经费 奖励 奖补 报酬 工资".split())


def _label_in_clause(mention: Mention, reading: Reading) -> str:
    """小学每人每年1000元共300人: what stands before the price of the same clause names the count too."""
    for price in reading.of("price"):
        if price.clause == mention.clause and price.start < mention.start and len(price.before) > 1:
            said = phrases.phrase(price.before).nominal
            return said if len(said) > 1 else ""
    return ""


# 预计来5万人, 到场800人: those who take part.
_COMING = re.compile(r"(?:预计|估计|大约|约)*(?:来|到|到场|参加|参与|前来)(?:的)?")
_ANIMALS = frozenset("牛 羊 猪 鸡 鸭 鹅 驴 马 兔 犬 鱼".split())


def _subject_near(mention: Mention, reading: Reading) -> str:
    counts = [other for other in reading.of("count") if other is not mention and (other.before or other.after) and not _EACH.search(other.before)]
    near = [other for other in counts if other.start < mention.start] or (counts if mention.kind == "price" else [])
    if near and mention.kind == "price":
        per = mention.unit.partition("/")[2].split("·")[0]
        same = [other for other in near if other.unit == per]
        near = same or near
    if near:
        chosen = near[-1] if near[-1].start < mention.start else near[0]
        noun = phrases.phrase(re.sub(r"^.*其中", "", chosen.before), chosen.after).nominal
        if len(noun) > 1:
            return noun
    own = _EACH.sub("", re.sub(r"\d.*$", "", _own_words(mention)))
    said = phrases.phrase(own).nominal if len(own) > 1 else ""
    return said if len(said) > 1 else phrases.phrase(name_in(reading)).nominal
