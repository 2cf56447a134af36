"""The figures a person gave, each with its words, so that a row can use it and quote it.

A fact is a name and a value; its kind follows from the unit. Facts come from ``known`` and from figures inside the statement of use
and the project's name. Matching a fact to a row goes by unit first, then by the words they share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

from assistant import taxonomy
from assistant.chinese import bigrams, fold
from assistant.draft import Request, Source
from assistant.drafting import lexicon, phrases, wording
from assistant.target import Target

FactKind = Literal["count", "price", "rate", "money", "date", "months", "text"]


def bare_unit(value: Target) -> str:
    """The unit of a value without its scale (万人次 → 人次); prices keep theirs (万元/公里)."""
    unit = value.unit or ""
    return value.base[1] if value.base is not None and "元" not in unit and value.base[1] else unit


# Words that say nothing of what is counted.
_PLAIN = re.compile(
    r"人数|人次|户数|数量|次数|场次|面积|里程|长度|份数|件数|台数|册数|条数|标准|单价|成本|补助|补贴|资金|金额|人均|户均|年度|全年|计划|实际|本年|的|数$|人$|≥|≤|指标|情况|得到|接受|享受|开展|完成"
)


class Fact(NamedTuple):
    """One given figure: its name, value, kind, and the words it was given in."""

    name: str
    value: Target
    kind: FactKind
    said: str

    @property
    def source(self) -> Source:
        """The request as the source of a cell."""
        return Source(path="request", cell=self.name, text=self.said)

    @property
    def unit(self) -> str:
        """The unit as a form writes it (名 → 人), its scale left out (万人次 → 人次)."""
        unit = self.value.unit or ""
        if self.kind == "count":
            unit = bare_unit(self.value)
        return lexicon.UNIT_FORMS.get(unit, unit)

    @property
    def number(self) -> Decimal | None:
        """The number with scales multiplied out (2万人次 → 20000)."""
        return self.value.base[0] if self.value.base else None


class Product(NamedTuple):
    """n × c, spelled out: the product in 元 and the arithmetic in words."""

    yuan: Decimal
    words: str


def facts_of(request: Request) -> list[Fact]:
    """Every figure of the request that is not the budget itself, each once."""
    found = [_fact(name, text, _said(request, name, text)) for name, text in request.known.items() if fold(text) != taxonomy.OPEN_VALUE]
    seen = {(fact.number, fact.unit) for fact in found}
    for words in (request.purpose, request.name):
        if not words:
            continue
        reading = wording.read(words)
        for mention in reading.mentions:
            if (mention.number, mention.unit) in seen or mention.kind == "money":
                continue
            noun = phrases.phrase(mention.before, mention.after).nominal
            name = mention.before if mention.kind == "rate" else phrases.counted(noun, mention.unit) if mention.kind == "count" else f"{noun}标准"
            found.append(_fact(name or words[:12], mention.text, words))
            seen.add((mention.number, mention.unit))
    return found


def _said(request: Request, name: str, text: str) -> str:
    """The request's own words for a figure, else the name and value as given."""
    words = request.stated.get(name, "")
    figure = re.search(r"\d+(?:\.\d+)?", text)
    return words if figure and figure[0] in words else f"{name}={text}"


def _fact(name: str, text: str, said: str) -> Fact:
    value = Target.parse(text)
    return Fact(name, value, _kind(name, value), said)


def _kind(name: str, value: Target) -> FactKind:
    unit = fold(value.unit or "")
    if value.kind == "date":
        return "date"
    if value.number is None:
        return "text"
    if unit == "个月" and "月数" in name:
        return "months"
    if "/" in unit and unit.split("/")[0].endswith("元"):
        return "price"
    if unit in ("%", "百分比", "‰", "个百分点"):
        return "rate"
    if unit.endswith("元") and unit in ("元", "万元", "亿元", "千元"):
        return "price" if re.search(r"标准|单价|人均|户均|每[人户台辆场次]|均价", name) else "money"
    if not unit and re.search(r"率$|满意度$|比例$|占比$", name):
        return "rate"
    if not unit and re.search(r"标准$|单价$|成本$|造价$", name):
        return "price"
    return "count"


def words_of(name: str) -> set[str]:
    """The character pairs of a name that say what is measured."""
    plain = _PLAIN.sub("", name)
    return bigrams(plain) if len(plain) >= 2 else set()


def shared(left: str, right: str) -> float:
    """How much of the shorter of two names, measured by its telling words, the other contains: 0 to 1."""
    a, b = words_of(left), words_of(right)
    if not a or not b:
        return 0.0
    return len(a & b) / min(len(a), len(b))


# Where a thing is put, not how many of it (11个卫生院各配1台).
_COVERED = re.compile(r"覆盖|惠及|受益")
_SAME_UNIT = (
    {"人", "名", "位", "生"},
    {"期", "班", "班次", "期次"},
    {"场", "场次", "次"},
    {"公里", "千米"},
    {"平方米", "㎡", "m²", "平米"},
    {"批", "批次"},
    {"个", "处", "座", "所", "家"},
    {"个", "村", "镇", "乡", "社区", "校", "园", "院", "所"},
    {"支", "队", "个", "组"},
    {"份", "册", "本"},
    {"台", "套", "台套", "部", "个"},
    {"件", "套", "个"},
    {"条", "个", "部"},
)


def same_unit(left: str, right: str) -> bool:
    """Whether two units count the same (人 and 名; 元/人 and 元/人·年)."""
    a, b = fold(left).replace("*", "·"), fold(right).replace("*", "·")
    if a == b:
        return True
    if "/" in a and "/" in b:
        money_a, _, per_a = a.partition("/")
        money_b, _, per_b = b.partition("/")
        return money_a[-1:] == money_b[-1:] and same_unit(per_a.split("·")[0], per_b.split("·")[0])
    return any(a in group and b in group for group in _SAME_UNIT)


def best_for(facts: Iterable[Fact], name: str, unit: str, kind: FactKind, *, context: str = "", alone: bool = False) -> Fact | None:
    """The fact that gives this row its value: same kind, same unit, most words shared; None when nothing fits.

    ``context`` adds the words of the row's component. ``alone`` accepts a fact without telling words (人均标准=1600元) because
    only one row of that kind exists.
    """
    best: tuple[float, Fact] | None = None
    for fact in facts:
        if fact.kind != kind or (unit and fact.unit and not same_unit(fact.unit, unit)):
            continue
        score = max(shared(fact.name, name), 0.9 * shared(fact.name, context))
        if not words_of(fact.name) and alone:
            score = 0.5
        if unit and fact.unit == unit and score >= 0.5:
            score += 0.1
        if _COVERED.match(fact.name) and not _COVERED.match(name):
            score -= 0.3
        if fold(fact.name) == fold(name):
            score = 2.0
        if score >= 0.5 and (best is None or score > best[0]):
            best = (score, fact)
    return best[1] if best else None
