"""What the words of one cell say, read once per distinct text and remembered: facts about an indicator's name and about a value.

Everything here is a pure function of a string (and of the lexicons), so that a thousand tables that share their wording cost
little more than one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from assistant.chinese import CHINESE_NUMERAL, HAN, DocumentNumber, chinese_number, document_numbers, fold, pattern, without_document_numbers
from assistant.target import Target
from assistant.validation.lexicons import Words, alternation, lexicon, split

_M = {name: split(words) if isinstance(words, str) else words for name, words in lexicon("measures").items()}
_RATES = _M["rate_endings"]
_COUNTS = (*_M["count_endings"], "数")
# 故障率, 安全事故发生次数 and the like, whole: a bad thing with or without an ending, at the end of the name.
_BAD = tuple(word + ending for word in _M["bad"] for ending in ("", *_M["bad_endings"]))
# 不合格率, 未办结数: a good thing denied, at the end of the name.
_NOT_GOOD = pattern(rf"[不未](?:{alternation(_M['good'])})(?:{alternation(_M['bad_endings'])})$")
_GOOD = Words(word + ending for word in _M["good"] for ending in (*_RATES, "度", "性"))
_BOUNDED = Words(word + ending for word in _M["bounded"] for ending in (*_RATES, "度"))
_HANDLED, _SAVING, _GROWING, _SHORT_TIME = (Words(_M[name]) for name in ("handled", "saving", "growing", "short_times"))
_TIME, _UNIT_PRICE, _TOTAL = (Words(_M[name]) for name in ("time_words", "unit_price_words", "total_words"))
_FLOOR, _SUBSIDY, _LIMITED, _LONG_TIME, _NEUTRAL = (Words(_M[name]) for name in ("statutory_floor", "subsidy_words", "limited", "long_times", "neutral"))
# A quantity of one day: 日处理污水量, 日均供水量, 每日用餐人数.
_DAILY = pattern(r"^日(?:均|处理|供|产|清运|收集|接待)|每日|日均|每天")
_SURVEY = pattern(r"满意.{0,3}(?:调查|问卷|回访|测评)")
TIME_UNITS = frozenset(_M["time_units"])


def bare_name(name: str) -> str:
    """A (folded) name without the unit or formula some provinces print after it: 预算编制准确率(计算方法为…)."""
    return name[: name.index("(")] if name.endswith(")") and "(" in name else name


def counted_thing(name: str) -> str:
    """What a (folded) name counts, without the word of counting: 聘用保安人数 → 聘用保安."""
    return _COUNTING.sub("", bare_name(name))


_COUNTING = pattern(r"(?:人次?|户|数量?|次|[个台套件家所处辆册份座盏])?数?$")


class NameFacts(NamedTuple):
    """What an indicator's name says. Several may be true at once; all are False for a name that says nothing of the kind."""

    folded: str
    rate: bool
    counts: bool
    bad: bool
    saving: bool
    good_rate: bool
    bounded: bool
    short_time: bool
    speaks_of_time: bool
    satisfaction: bool
    unit_price: bool
    total: bool
    floor: bool
    subsidy: bool
    daily: bool
    limited: bool


@lru_cache(maxsize=65536)
def name_facts(name: str) -> NameFacts:
    """The facts of an indicator's name (三级指标)."""
    text = fold(name)
    bare = bare_name(text)
    rate = bare.endswith(_RATES)
    saving = _SAVING.search(text) is not None
    bad = not saving and (bare.endswith(_BAD) or _NOT_GOOD.search(bare) is not None) and _HANDLED.search(text) is None
    satisfaction = "满意" in text and _SURVEY.search(text) is None
    good = not bad and (satisfaction or (_GOOD.search(text) is not None and _NEUTRAL.search(text) is None))
    return NameFacts(
        folded=text,
        rate=rate,
        counts=not rate and bare.endswith(_COUNTS),
        bad=bad,
        saving=saving,
        good_rate=good,
        bounded=satisfaction or (rate and not bad and _GROWING.search(text) is None and _BOUNDED.search(text) is not None),
        short_time=not saving and _SHORT_TIME.search(text) is not None and _LONG_TIME.search(text) is None,
        speaks_of_time=_TIME.search(text) is not None,
        satisfaction=satisfaction,
        unit_price=_UNIT_PRICE.search(text) is not None,
        total=_TOTAL.search(text) is not None,
        floor=_FLOOR.search(text) is not None,
        subsidy=_SUBSIDY.search(text) is not None,
        daily=_DAILY.search(text) is not None,
        limited=_LIMITED.search(text) is not None,
    )


@lru_cache(maxsize=65536)
def numbers_of(text: str) -> tuple[DocumentNumber, ...]:
    """The document numbers of a text."""
    return tuple(document_numbers(text)) if text else ()


@lru_cache(maxsize=65536)
def unnumbered(text: str) -> str:
    """The text without its document numbers, folded."""
    return fold(without_document_numbers(text))


class ValueFacts(NamedTuple):
    """A value read for arithmetic: ``number`` and ``unit`` with the scale multiplied out (万元 → 元); for money ``per`` is what one
    price buys, in parts (元/人·月 → 人, 月), empty for a plain amount."""

    text: str
    folded: str
    kind: str
    comparator: str | None
    number: Decimal | None
    upper: Decimal | None
    unit: str
    money: bool
    per: tuple[str, ...]


@lru_cache(maxsize=65536)
def value_facts(text: str, unit_of_name: str = "", cost: bool = False, each: str = "") -> ValueFacts:
    """The facts of a value (指标值) as written.

    ``unit_of_name`` is the unit its indicator's name tells (人均标准（元/人）), used when the value has none; in a ``cost`` row 20.7万 is money,
    and ``each`` is what its name says the money is for (人均标准 1500元 → 人).
    """
    target = Target.parse(text)
    if target.kind == "text":
        target = Target.parse(_plain_share(fold(text)) or ("元" in text and _plain_price(fold(text))) or text)
    base = target.base
    number, unit = base if base is not None else (None, "")
    if number is not None and not target.unit and unit_of_name:
        told = Target.parse(f"{number}{unit_of_name}")
        number, unit = told.base or (number, unit)
    if number is not None and unit.startswith("万") and not unit.startswith("万元"):
        # 万平方米, 万吨: units of their own to the grammar, a scale to arithmetic.
        number, unit = number * 10_000, unit[1:]
    if cost and number is not None and (unit == "" or unit.startswith("/")) and (target.unit or "").startswith(("万", "亿", "千", "百")):
        unit = "元" + unit
    head, _, tail = unit.partition("/")
    money = number is not None and head in ("元", "万元", "亿元")
    if money and cost and not tail and each:
        tail = each
        unit = f"{unit}/{each}"
    per = tuple(canonical_unit(part) for part in re.split(r"[·./]", re.sub(r"^\d+", "", tail)) if part) if money else ()
    if number is not None and per and per[0].startswith("万") and per[0] != "万元" and len(per[0]) > 1:
        # 100元/万尾 is a hundredth of a yuan each.
        number, per = number / 10_000, (canonical_unit(per[0][1:]), *per[1:])
        unit = f"{head}/{'·'.join(per)}"
    upper = target.upper
    if upper is not None and target.number and number is not None:
        upper = upper * (number / target.number)
    return ValueFacts(text.strip(), fold(text), target.kind, target.comparator, number, upper, unit, money, per)


_SHARE = pattern(r"([≥≤<>=]|不超过|不高于|不低于|小于|低于)?(?:(\d+(?:\.\d+)?)/(10{2,6}|(?:10?)?万|十万)|([千万])分之([\d.一二三四五六七八九十]+))")


_WHOLES = {"千": 1_000, "万": 10_000, "1万": 10_000, "10万": 100_000, "十万": 100_000}


def _plain_share(folded: str) -> str | None:
    """A share of a thousand or more as a percentage (≤1/10000, 万分之一 → 0.01%; 12/10万 → 0.012%), or None."""
    match = _SHARE.fullmatch(folded)
    if match is None:
        return None
    sign, part, whole, scale, said = match.groups()
    number = part or (str(chinese_number(said)) if CHINESE_NUMERAL.fullmatch(said) else said)
    try:
        share = Decimal(number) / (Decimal(whole) if whole and whole.isdigit() else _WHOLES[whole or scale])
    except ArithmeticError:
        return None
    return f"{sign or ''}{(share * 100).normalize():f}%"


_PRICE = r"(?P<number>\d[\d,]*(?:\.\d+)?)(?P<money>万元|元|万)"
_SIGN = r"(?P<sign>[≥≤<>=]|不超过|不高于|不低于|不少于|控制在|约)?"
_PER = rf"(?P<per>{HAN}{{1,3}}?)"
_MORE = r"(?:每?(?P<more>年|月|天|日))?"
_LATER = _SIGN.replace("sign", "later")
_EACH_FIRST = pattern(rf"{_SIGN}(?:每{_PER}|(?P<average>人|户|亩|场|次|生|班)均){_MORE}(?:标准|补助|补贴)?{_LATER}{_PRICE}$")
_EACH_LAST = pattern(rf"{_SIGN}{_PRICE}每{_PER}{_MORE}$")


def _plain_price(folded: str) -> str | None:
    """A price said in words as sign, number and unit (每人每月50元 → 50元/人·月), or None."""
    text = folded.replace("•", "·").replace("(", "·").replace(")", "")
    match = _EACH_FIRST.fullmatch(text) or _EACH_LAST.fullmatch(text)
    if match is None:
        return text if text != folded else None
    said = match.groupdict()
    money = "万元" if said["money"] == "万" else said["money"]
    per = {"生": "人", None: said["per"]}.get(said.get("average"), said.get("average"))
    return f"{said['sign'] or said.get('later') or ''}{said['number']}{money}/{per}" + (f"·{said['more']}" if said["more"] else "")


@lru_cache(maxsize=65536)
def unit_of_name(name: str) -> str:
    """The unit a (folded) indicator's name tells in parentheses or by its ending (培训人数 → 人); empty when it tells none."""
    if name.endswith(")") and "(" in name:
        inner = name[name.rindex("(") + 1 : -1].removeprefix("单位:")
        return inner if Target.parse(f"1{inner}").unit == inner and Target.parse(f"1{inner}").kind == "quant" else ""
    return next((unit for ending, unit in _COUNTED_BY if name.endswith(ending)), "")


_EACH_NAMED = pattern(
    r"每(?P<each>人|户|亩|村|所|站|场|期|班|个|台|套|辆|件|份|座|处|盏|株|条|头|只|吨|公里|平方米|课时|学时)(?:每(?P<often>月|年|天|日|学期))?"
    r"|(?P<average>人|户|亩|生|村|校|站|场)均(?P<every>月|年|天|日)?|单(?P<one>台|套|场|座|处|所|件|份|盏|株|条|头|只|辆|期)"
)


@lru_cache(maxsize=65536)
def each_of_name(name: str) -> str:
    """What a (folded) name says its money is for, as the tail of a unit (每人每月补贴 → 人·月, 人均费用 → 人); empty when it says nothing or
    the money is saved or earned."""
    match = _EACH_NAMED.search(name)
    if match is None or _SAVING.search(name) or len(_EACH_NAMED.findall(name)) > 1:
        return ""
    said = match.groupdict()
    each = said["each"] or said["one"] or {"生": "人", "校": "所"}.get(said["average"], said["average"])
    often = said["often"] or said["every"]
    return f"{each}·{often}" if often else each


_COUNTED_BY = (("人次数", "人次"), ("人次", "人次"), ("人数", "人"), ("户数", "户"))
_SAME_UNIT: dict[str, str] = {other: unit for unit, others in lexicon("units")["same"].items() for other in split(others)}


@lru_cache(maxsize=4096)
def canonical_unit(unit: str) -> str:
    """The unit's name for comparing (名 → 人, ㎡ → 平方米)."""
    return _SAME_UNIT.get(unit, unit)
