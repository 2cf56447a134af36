"""The amounts of a sentence and what each is: the budget, the government's or other money in it, one item's, another year's.

Where nobody said a budget and every amount is an item's own, the items are added up here, or with numbers and prices in ``arithmetic``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.drafting import lexicon, phrases
from assistant.drafting.kinds import classify
from assistant.drafting.naming import REST, name_in
from assistant.drafting.wording import Mention, Reading, plain
from assistant.errors import InputError

# Where the government's money comes from, said right before the amount: 县级配套, 上级文化产业资金, but not 省级自行车赛.
_FISCAL = re.compile(
    r"(?:财政|拨款|县里|县级|县财|中央|省级|省里|省|市级|市里|市|上级|本级|配套|一般公共预算|(?:彩票|体彩|福彩)公益金|政府出)"
    r"(?:.*(?:资金|补助|补贴|配套|拨款|安排|专项|承担|负担|出|给|补|款|下达|投资|解决|支付|预算|财政|奖补)的?|.?)$"
)
_OTHER = tuple(
    """
    自筹 其他资金 其它资金 其他 自有 社会 单位资金 单位自己 单位出 事业收入 红会 基金会 捐赠 捐款 企业出 群众出 村里出
    村集体 自己出 经营收入 赞助 捐资 社会资本 企业投资
    """.split()
)
# Money of the government's funds, where it is told apart from another part.
_FUNDS = re.compile(r"(?:专项债券?|一般债券?|政府债券?|国债|债券资金|衔接资金|政府性基金|中央预算内|车购税|成品油税|转移支付)(?:资金|补助|解决|安排|承担|出)*$")
_REST_IS_FISCAL = re.compile(r"(?:其余|剩余|不足部分|余下)[^,;。]{0,6}(?:县|市|省|本级|中央|财政)[^,;。]{0,6}(?:配套|承担|解决|安排|出|负担)")
# What this year pays of a sum for several years or of a contract: 今年付60%即192万, 本年安排30万.
_THIS_YEARS = re.compile(r"(?:今年|本年度?|当年|首年|首期|首付|本期)(?!合计)[^,;。:]{0,10}$")
_FOR_YEARS = re.compile(
    r"(?:合同|协议)(?:总?价款?|总?额|总?金额|总?款)|总价款?|总金额|[两二三四五2-5]年(?:期|合同|总)?(?:总?共|合计|共计|总计|总额|总投资|合同)"
)
# Against another year: 比今年多了1.8万.
_COMPARED = re.compile(r"(?:比|较|跟|同)(?:今年|去年|上年|上一年|往年|年初|原来).{0,4}(?:多|增|少|减|涨|降|高|低)|(?:增加|减少|多|少|涨|压减)了$")
_TOTAL = tuple(
    """
    预算 总投资 总额 总共 一共 = 合计 共计 总计 总 投资 申请 安排 资金 经费 下达 全年 需要 需 共 大概 约 给 批了
    定了 花 首期 首付 一年 每年
    """.split()
)
BOUGHT = frozenset(lexicon.FORMAL.get(word, word) for word in lexicon.BUYING)
# A count inside the words before another figure (消防车1辆180万).
_NUMBERED = re.compile(rf"(?:共|约|不少于)?\d+(?:\.\d+)?[万千百]?(?:{'|'.join(sorted(map(re.escape, lexicon.COUNT_UNITS), key=len, reverse=True))})")
_MONEY_LABELS = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金"}


@dataclass(slots=True)
class Spoken:
    """What a sentence says, field by field; ``money`` by role in 万元, ``stated`` how each was said."""

    name: str = ""
    year: int | None = None
    money: dict[str, str] = field(default_factory=dict)
    purpose: str | None = None
    basis: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)


def take_money(reading: Reading, found: Spoken) -> None:
    """Amounts by role; several sources of the same kind (上级补助500万、县级配套360万) are added up when the total allows."""
    by_role: dict[str, list[Mention]] = {}
    for mention in reading.of("money"):
        role = role_of(mention, reading)
        if role in _MONEY_LABELS and mention.number < 0:
            raise InputError(f"{_MONEY_LABELS[role]}“{mention.words}”不能是负数。", "请写大于零的数，例如 480万元。")
        if role == "budget" and mention.aside:
            # （约200元）: said beside another figure, not an amount of the project.
            continue
        by_role.setdefault(role, []).append(mention)
    by_role.get("budget", []).sort(key=_rank_as_total)
    _share_out(by_role, reading)
    if "budget" not in by_role and not any(other.kind == "price" for other in reading.mentions) and len(items := by_role.get("part", [])) > 1:
        # 平台建设35万，抽检12万: the items are the budget where nobody said one.
        amount = sum((item.number for item in items), Decimal(0))
        found.money["budget"], found.stated["budget"] = places(amount), "＋".join(_quoted(item) for item in items)
    total = by_role["budget"][0].number if by_role.get("budget") else None
    for role in ("budget", "fiscal", "other"):
        mentions = by_role.get(role, [])
        if not mentions:
            continue
        amount = sum((mention.number for mention in mentions), Decimal(0))
        together = role != "budget" and len(mentions) > 1 and (total is None or amount <= total)
        used = mentions if together else mentions[:1]
        found.money[role] = places(amount if together else mentions[0].number)
        found.stated[role] = "＋".join(_quoted(mention) for mention in used)
        for mention in mentions:
            if mention not in used or together:
                found.known.setdefault(_name_of_amount(mention, reading), mention.text) if not together else None
    rest = _REST_IS_FISCAL.search(reading.text)
    if rest and "budget" not in found.money and "fiscal" in found.money:
        # 中央2100万其余县配套: a part of a budget that is to be reckoned or asked.
        found.known["资金来源说明"] = f"{found.stated.pop('fiscal')}，{rest[0]}"
        del found.money["fiscal"]
    if rest and "budget" in found.money:
        # 其余县里配套: all of it is the government's.
        found.money["fiscal"] = found.money["budget"]
        found.stated["fiscal"] = f"{found.stated.get('fiscal', '')}{'，' if 'fiscal' in found.stated else ''}{rest[0]}"
    for mention in by_role.get("compared", []):
        found.known["预算变化说明"] = f"{mention.before}{mention.words}"
    for mention in by_role.get("contract", []):
        found.known["合同总额" if re.search(r"合同|协议|价", mention.before) else "各年度合计"] = mention.text
    for mention in by_role.get("part", []):
        if mention.before == "=" and any(price.start < mention.start for price in reading.of("price")):
            # 1200具*85元=10.2万: the product again.
            continue
        name = unused(_name_of_amount(mention, reading), found.known)
        found.known[name], found.stated[name] = mention.text, _quoted(mention, 12)


def role_of(mention: Mention, reading: Reading) -> str:
    """budget, fiscal, other, compared, contract (a sum for several years) or part: what an amount of the sentence is."""
    before = mention.before
    others = [other for other in reading.of("money") if other is not mention]
    if (paid := _paid_this_year(reading)) is not None and mention is not paid and _FOR_YEARS.search(before):
        return "contract"
    if any(word in before for word in _OTHER) and not lexicon.NOT_SPENT.search(before):
        return "other"
    if _FISCAL.search(before) or (others and _FUNDS.search(before)):
        return "fiscal"
    if others and _COMPARED.search(before):
        return "compared"
    chosen = _budget_in(reading)
    if mention is chosen:
        return "budget"
    repeats = chosen is not None and mention.number == chosen.number and any(word in before for word in _TOTAL)
    return "budget" if repeats and not before.startswith("其中") else "part"


def _budget_in(reading: Reading) -> Mention | None:
    """The amount that is the project's budget: what this year pays, the one called so, the sum of the others, said alone (2026年54万), or the
    first unmarked."""
    if (paid := _paid_this_year(reading)) is not None:
        return paid
    found = [
        mention
        for mention in reading.of("money")
        if not _marked(mention) and not lexicon.NOT_SPENT.search(mention.before) and not (len(reading.of("money")) > 1 and _COMPARED.search(mention.before))
    ]
    if plain_totals := [mention for mention in found if _role_is_plain_total(mention)]:
        # 灭火器1200具*85元=10.2万，合计15万: a product is the total where nothing else is called so.
        return min(plain_totals, key=lambda mention: (mention.before == "=", *_rank_as_total(mention)))
    spent = [mention for mention in found if not mention.aside]
    for mention in spent:
        others = [other.number for other in spent if other is not mention]
        named = mention.clause == _named_clause(reading) or not mention.before.strip() or _called_total(mention)
        if named and len(others) > 1 and sum(others, Decimal(0)) == mention.number:
            return mention
    said_alone = [mention for mention in spent if not mention.before.strip() or (_called_total(mention) and _stem(mention) <= 2)]
    if said_alone:
        return said_alone[0]
    whole = spent and (_called_total(spent[0]) or _heads(spent[0], reading) or any(REST.match(clause) for clause in reading.clauses))
    if whole and spent[0].number >= sum((other.number for other in spent[1:]), Decimal(0)):
        return spent[0]
    if len(spent) > 1 or (spent and _beside_prices(spent[0], reading)):
        # Each amount is an item's own; what they come to is reckoned.
        return None
    return spent[0] if spent else None


def _paid_this_year(reading: Reading) -> Mention | None:
    """The part of a contract or of a sum for several years that this year pays, where the sentence says both; else None."""
    amounts = reading.of("money")
    if not any(_FOR_YEARS.search(amount.before) for amount in amounts):
        return None
    return next((amount for amount in amounts if _THIS_YEARS.search(reading.text[: amount.start]) and not _COMPARED.search(amount.before)), None)


def _heads(amount: Mention, reading: Reading) -> bool:
    """Whether an amount stands at the project's name, before anything is counted (租车服务120万，租用车辆15辆，每辆每月5000元)."""
    first = amount.clause == _named_clause(reading) and not any(count.start < amount.start for count in reading.of("count"))
    return bool(reading.of("price")) and first and not _beside_another_deed(amount, reading)


def _named_clause(reading: Reading) -> int:
    return next((index for index, clause in enumerate(reading.clauses) if len(clause) >= 2), 0)


def _beside_another_deed(amount: Mention, reading: Reading) -> bool:
    """消防站营房维修120万，购置战斗服80套每套4500元: the amount is of one deed, number and price of another beside it."""
    own = phrases.phrase(amount.before)
    others = [phrases.phrase(count.before, count.after) for count in reading.of("count") if count.clause > amount.clause]
    return own.action in lexicon.BUYING | lexicon.BUILDING and any(
        one.action in BOUGHT and classify(one.nominal) is not classify(own.nominal) for one in others
    )


def _beside_prices(amount: Mention, reading: Reading) -> bool:
    """Whether a lone amount is one item's beside others told as number and price (68人，年人均7.8万，消防车1辆180万)."""
    if amount.clause == _named_clause(reading):
        return _beside_another_deed(amount, reading)
    prices = [price for price in reading.of("price") if price.clause != amount.clause]
    return bool(prices) and (bool(_NUMBERED.search(amount.before)) or len(phrases.cleaned(amount.before)) >= 2) and not _called_total(amount)


def _rank_as_total(mention: Mention) -> tuple[bool, bool]:
    """How surely an amount is the sum of all: 共129万 by itself before 大赛1次预算8万, which names an item."""
    return (not _role_is_plain_total(mention), _stem(mention) > 4 or re.search(r"\d", mention.before) is not None)


def _share_out(by_role: dict[str, list[Mention]], reading: Reading) -> None:
    """国土调查和边界调整，各80万和45万: the amounts are those of the things named before, in order."""
    amounts = [mention for mentions in by_role.values() for mention in mentions]
    each = [index for index, mention in enumerate(amounts) if re.fullmatch(r"(?:各|分别)(?:为|是|需要?)?", mention.before)]
    if not each:
        return
    shared = [mention for mention in sorted(amounts, key=lambda mention: mention.start) if mention.clause >= amounts[each[0]].clause]
    things = [thing for thing in re.split(r"[、和及与]", name_in(reading)) if thing]
    if len(things) == len(shared) > 1:
        for thing, mention in zip(things, shared, strict=True):
            mention.before = thing
        for role in ("budget", "part"):
            by_role[role] = [mention for mention in by_role.get(role, []) if mention not in shared]
        by_role.pop("budget") if not by_role["budget"] else None
        by_role["part"] += shared


def _called_total(mention: Mention) -> bool:
    return any(word in mention.before for word in _TOTAL)


def _stem(mention: Mention) -> int:
    return len(re.sub("|".join(_TOTAL), "", mention.before))


def _role_is_plain_total(mention: Mention) -> bool:
    return (
        mention.before.endswith(("预算", "总投资", "总额", "总共", "一共", "合计", "共计", "总计", "共", "预算数", "预算为", "="))
        and "其中" not in mention.before
    )


def _marked(mention: Mention) -> bool:
    return (_FISCAL.search(mention.before) is not None or any(word in mention.before for word in _OTHER)) or mention.before.startswith("其中")


def _quoted(mention: Mention, most: int = 6) -> str:
    return (mention.before[-most:] + mention.words).strip()


def _name_of_amount(mention: Mention, reading: Reading) -> str:
    """电费160万 → 电费; 购置设备30万 → 设备购置资金; 送审金额4.8亿 → 送审金额; 冷藏车1辆（28万） → 冷藏车资金."""
    counts = [count for count in reading.of("count") if count.before and 0 < mention.start - count.start <= 12]
    if not mention.before and counts:
        return f"{phrases.phrase(counts[-1].before, counts[-1].after).nominal}资金"
    before = re.sub(r"^(?:其中|另外?|外加|再加|还有|以及)+", "", mention.before)
    before = re.sub(r"(?<=..)(?:预算|合计|共计?|总计|需要?|投资|安排)+$", "", _NUMBERED.sub("", before))
    if re.search(r"(?<!经)费$|金额$|资金$|收入$|产值$|税收$|[^补资救]助金$|工资$|利息$|本金$", before) and 2 <= len(before) <= 14:
        return before
    noun = phrases.phrase(before, mention.after).nominal or "分项"
    noun = f"其中{noun}" if mention.before.startswith("其中") else noun
    return noun if lexicon.NOT_SPENT.search(noun) else noun + "资金"


def unused(name: str, known: Mapping[str, str]) -> str:
    """The name, numbered where another figure has it already."""
    if name not in known:
        return name
    return next(numbered for i in itertools.count(2) if (numbered := f"{name}（{i}）") not in known)


def places(amount: Decimal) -> str:
    """An amount in 万元 with at least the two places of the form."""
    text = plain(amount)
    _, _, fraction = text.partition(".")
    return text if len(fraction) > 2 else f"{Decimal(text):.2f}"
