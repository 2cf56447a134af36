"""What one sentence says, field by field: the project's name, its money by role, its use, and every other figure under a plain name.

``wording`` finds the figures; here each gets its meaning: which amount is the budget, what a count counts, what a price belongs to. A
figure said for each of several (8个卫生院各配1台, 2期每期80人) becomes the total, with the multiplication kept to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.drafting import lexicon, phrases
from assistant.drafting.wording import Mention, Reading, plain
from assistant.errors import InputError

# Where the government's money comes from, said right before the amount: 县级配套, 上级文化产业资金, but not 省级自行车赛.
_FISCAL = re.compile(
    r"(?:财政|拨款|县里|县级|县财|中央|省级|省里|省|市级|市里|市|上级|本级|配套|一般公共预算|彩票公益金|政府出)"
    r"(?:.*(?:资金|补助|补贴|配套|拨款|安排|专项|承担|负担|出|给|补|款|下达|投资|解决|支付|预算|财政|奖补)的?|.?)$"
)
_OTHER = (
    "自筹",
    "其他资金",
    "其它资金",
    "其他",
    "自有",
    "社会",
    "单位资金",
    "单位自己",
    "单位出",
    "事业收入",
    "捐赠",
    "捐款",
    "企业出",
    "群众出",
    "村里出",
    "村集体",
    "自己出",
    "经营收入",
    "赞助",
    "捐资",
    "社会资本",
    "企业投资",
)
# Money of the government's funds, where it is told apart from another part.
_FUNDS = re.compile(r"(?:专项债券?|一般债券?|政府债券?|国债|债券资金|衔接资金|政府性基金|中央预算内|车购税|成品油税|转移支付)(?:资金|补助|解决|安排|承担|出)*$")
# Money that the project brings in or works on, not money that it spends.
_EFFECT = re.compile(r"送审|到位|引进|引资|撬动|带动|拉动|产值|销售|营业额|成交|税收|增收|贷款|授信|保额|签约(?:金额|额)|投放|合同额|追回|挽回|节约")
_REST_IS_FISCAL = re.compile(r"(?:其余|剩余|不足部分|余下)[^,;。]{0,6}(?:县|市|省|本级|中央|财政)[^,;。]{0,6}(?:配套|承担|解决|安排|出|负担)")
# Against another year: 比今年多了1.8万.
_COMPARED = re.compile(r"(?:比|较|跟|同)(?:今年|去年|上年|上一年|往年|年初|原来).{0,4}(?:多|增|少|减|涨|降|高|低)|(?:增加|减少|多|少|涨|压减)了$")
_TOTAL = (
    "预算",
    "总投资",
    "总额",
    "总共",
    "一共",
    "合计",
    "共计",
    "总计",
    "总",
    "投资",
    "申请",
    "安排",
    "资金",
    "经费",
    "下达",
    "全年",
    "需要",
    "需",
    "共",
    "大概",
    "约",
    "给",
    "批了",
    "定了",
    "花",
    "首期",
    "首付",
)
_COMMANDS = re.compile(
    r"^(?:请?(?:你|您)?(?:帮我?|帮忙|麻烦|替我|给我)?们?(?:起草|拟定?|写|做|编|弄|出|生成|填|来)(?:一下|一?[个张份])?)(?:关于)?|^(?:请|帮我|麻烦|我们?(?:局|单位|中心)?|本单位|本局|我县)?(?:想|要|打算|计划(?!生育|免疫)|准备|申请|申报)+(?:做|搞|办|用|弄|上|列)?(?:一下|一?[个次批](?=..))?"
)
_USE = re.compile(r"^(?:资金)?(?:主要)?(?:用于|用来|用作|用以|拿来|用在|内容[是为包括]*|包括|任务是)[:：]?")
_AS_BEFORE = re.compile(
    r"照(?:今年|去年|上年|老)?的?(?:表|样子?|旧)?(?:来|改|做|办)?$|跟(?:今年|去年|上年)一样|(?:内容|其他|别的)(?:都)?(?:不变|照旧|不动)|参照(?:今年|去年|上年).*|和(?:去年|上年|今年)(?:的)?一样"
)
_MONEY_WORDS = re.compile(
    r"(?>其中|预算|总?投资|资金|财政(?:拨款|资金|出的?|承担|安排)?|自筹|其他|其它|县里(?:出的?)?|上级(?:补助)?|中央|省级|共计?|合计|总共|一共|全年|大概|约|大约|左右|单位自己(?:出的?)?|出的|申请|安排|需要|每|给|拨款|经费|全部|都是|由|批了|定了|下达|元|块|万|标准|单价)++"
)


_WHEN = r"20\d\d|明年|今年|下一?年|本年"
_TASK = r"(?:要|想|拟|计划|准备|打算|申请|申报|起草|编制?|写|做|搞|弄|报)+(?:一下|一?[个张份])?"
_BODIES = (  # these name an office wherever they stand
    r"(?<![布格大全邮书])局|(?<![村居])委员会|联合会|残联|妇联|总工会|文联|工商联|供销社|纪检?委|监委|[政法卫健发改编]{2}委|团委|(?<=[县市区旗])委(?!宣传|组织|统战|政法|党校|办|老干|编|网信|巡察|社会工作)|组织部|宣传部|统战部|武装部"
    r"|(?:我们?|咱们?|本)(?:单位|中心)|党校|政法委|红十字会|(?<=[县市区旗])编办|机关事务(?:服务|管理)?中心"
)
# These only before a year or a comma, for 医院污水处理改造 is a project.
_PLACES = (
    r"政府(?:办(?:公室)?)?|街道办事处|街道办|街道|[一-鿿]镇|[一-鿿]乡|检察院|法院|档案馆|图书馆|文化馆|博物馆|医院|卫生院|保健院|学校|中学|小学|幼儿园|大队|支队|中队|"
    r"中心|电视台|融媒体|人大(?:常委会)?(?:办公室)?|政协(?:办公室)?|(?:县|市|区|旗)委?办(?:公室)?|[河湖林]长办|[县市区史地]志办|编办|管理处|管理站|服务站|敬老院|林场"
)
_OFFICE = re.compile(
    rf"^(?P<lead>(?:请|麻烦|帮忙?|给|替|为|由)*)"
    rf"(?P<office>(?:[一-鿿]{{1,8}}?(?:自治县|县|区|市|旗))?[一-鿿]{{0,12}}?(?:{_BODIES}|(?:{_PLACES})(?=[:：,，《]|{_WHEN}|(?:要|想要?|拟|准备|打算|计划)(?:购|买|采购|更新|更换|建|修|办|搞|开展))))"
    rf"(?:[:：,，、 ]|的(?=[一-鿿])|(?P<verb>{_TASK})|(?={_WHEN}|《|[一-鿿]{{2}}))"
)
_OWN = re.compile(r"^(?:我|我们|咱|咱们|本)?(?:局|单位|中心)$")
_RUNS_ITSELF = re.compile(
    rf"(?:{_WHEN})?+度?的?(?:预算)?[:：,，、 ]?(?:\d|正常|日常|运行|运转|运维|维护|维修|改造|修缮|装修|扩建|建设|物业|水电|取暖|供暖|电费|房租|租金|保洁|保安|免费开放|开放|办公|经费|消防改造)"
)
_NO_OFFICE = re.compile(r"村民|居民|业主|^[各该某每几]")


@dataclass(slots=True)
class Spoken:
    """What a sentence says, field by field."""

    name: str = ""
    year: int | None = None
    money: dict[str, str] = field(default_factory=dict)
    purpose: str | None = None
    basis: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)


def said_in(reading: Reading, this_year: int | None) -> Spoken:
    """The fields of a sentence; InputError for a negative amount."""
    found = Spoken(name=name_in(reading), purpose=_purpose(reading), basis=tuple(reading.documents))
    stated, known = found.stated, found.known
    _take_money(reading, found)
    for mention in reading.mentions:
        if mention.kind != "money":
            name = _unused(_fact_name(mention, reading), known)
            known[name] = mention.text
            if (times := _multiplier(mention, reading)) is not None:
                # 2期，每期80人: the total is what an indicator counts.
                known[name] = f"{plain(times.number * mention.number)}{mention.unit}"
                stated[name] = f"{times.words}×{mention.words}：{plain(times.number)}×{plain(mention.number)}={known[name]}"
    if reading.months:
        known["发放月数"] = f"{reading.months}个月"
    if reading.payments:
        known["付款安排"] = "，".join(reading.payments)
    if reading.document_pending:
        known["资金文件号"] = "待核实"
    if reading.year or reading.year_word:
        year = reading.year or _relative(reading.year_word or "", this_year)
        if year is not None:
            found.year = year
            stated["year"] = f"{reading.year}年" if reading.year else str(reading.year_word)
    return found


def office_in(sentence: str) -> tuple[str | None, str]:
    """The office a sentence begins with (教育局2026年校舍维修…) and what it then says; None and the whole sentence where it begins with none.

    给/替 an office something is done only when a word for drafting follows (给残联服务中心买电脑 names no office); what an ordinary
    office or a school is followed by its year or a comma, for 医院污水处理改造 is a project's name.
    """
    text = sentence.strip()
    year = re.match(r"(?:20\d\d年度?|明年|今年|下一?年度?|本年度?)[,，、]?", text)
    match = _OFFICE.match(text[year.end() :] if year else text)
    if match is None or (_NO_OFFICE.search(match["office"])) or (match["lead"] and not match["verb"]):
        return None, sentence
    rest = (text[year.end() :] if year else text)[match.end() :]
    if re.search(r"[中心馆站院所园场]$", match["office"]) and _RUNS_ITSELF.match(rest):
        # 残疾人综合服务中心2026年运行经费: what is kept running, not who asks.
        return None, sentence
    return None if _OWN.search(match["office"]) else match["office"], f"{year[0] if year else ''}{rest}"


def _take_money(reading: Reading, found: Spoken) -> None:
    """Amounts by role; several sources of the same kind (上级补助500万、县级配套360万) are added up when the total allows."""
    by_role: dict[str, list[Mention]] = {}
    for mention in reading.of("money"):
        role = role_of(mention, reading)
        if role != "part" and mention.number < 0:
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
                found.known.setdefault(_name_of_amount(mention), mention.text) if not together else None
    if "budget" in found.money and (rest := _REST_IS_FISCAL.search(reading.text)):
        # 其余县里配套: all of it is the government's.
        found.money["fiscal"] = found.money["budget"]
        found.stated["fiscal"] = f"{found.stated.get('fiscal', '')}{'，' if 'fiscal' in found.stated else ''}{rest[0]}"
    for mention in by_role.get("compared", []):
        found.known["预算变化说明"] = f"{mention.before}{mention.words}"
    for mention in by_role.get("part", []):
        found.known[_unused(_name_of_amount(mention), found.known)] = mention.text


# A count inside the words before another figure (消防车1辆180万).
_NUMBERED = re.compile(rf"(?:共|约|不少于)?\d+(?:\.\d+)?[万千百]?(?:{'|'.join(sorted(map(re.escape, lexicon.COUNT_UNITS), key=len, reverse=True))})")
_EACH = re.compile(r"(?:每(期|班|次|场|个|所|家|户|人|村|镇|乡|院|校|处|站|队|点)?|各)(?:[一-龥]{0,6}?)(?:配备?|买|建|装|发|购置?|安装|设置?|举办|办)?$")


def _multiplier(mention: Mention, reading: Reading) -> Mention | None:
    """The count that a figure said for each of several is multiplied by (2期 for 每期80人, 8个卫生院 for 各配1台), or None."""
    if mention.kind != "count":
        return None
    each = _EACH.search(mention.before)
    if not each:
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


def role_of(mention: Mention, reading: Reading) -> str:
    """budget, fiscal, other, compared, or part: what an amount of the sentence is."""
    before = mention.before
    others = [other for other in reading.of("money") if other is not mention]
    if any(word in before for word in _OTHER) and not _EFFECT.search(before):
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
    """The amount that is the project's budget: called so, the sum of the others, said alone (2026年54万), or the first unmarked."""
    found = [
        mention
        for mention in reading.of("money")
        if not _marked(mention) and not _EFFECT.search(mention.before) and not (len(reading.of("money")) > 1 and _COMPARED.search(mention.before))
    ]
    if plain_totals := [mention for mention in found if _role_is_plain_total(mention)]:
        return min(plain_totals, key=_rank_as_total)
    spent = [mention for mention in found if not mention.aside]
    for mention in spent:
        others = [other.number for other in spent if other is not mention]
        if len(others) > 1 and sum(others, Decimal(0)) == mention.number:
            return mention
    said_alone = [mention for mention in spent if not mention.before.strip() or (_called_total(mention) and _stem(mention) <= 2)]
    if said_alone:
        return said_alone[0]
    if spent and spent[0].number >= sum((other.number for other in spent[1:]), Decimal(0)) and (_called_total(spent[0]) or _heads(spent[0], reading)):
        return spent[0]
    if len(spent) > 1 or (spent and _beside_prices(spent[0], reading)):
        # Each amount is an item's own; what they come to is reckoned.
        return None
    return spent[0] if spent else None


def _heads(amount: Mention, reading: Reading) -> bool:
    """Whether an amount stands at the project's name, before anything is counted (租车服务120万，租用车辆15辆，每辆每月5000元)."""
    return bool(reading.of("price")) and not any(count.start < amount.start for count in reading.of("count"))


def _beside_prices(amount: Mention, reading: Reading) -> bool:
    """Whether a lone amount is one item's beside others told as number and price (68人，年人均7.8万，消防车1辆180万)."""
    prices = [price for price in reading.of("price") if price.clause < amount.clause]
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
        mention.before.endswith(("预算", "总投资", "总额", "总共", "一共", "合计", "共计", "总计", "共", "预算数", "预算为")) and "其中" not in mention.before
    )


def _marked(mention: Mention) -> bool:
    return (_FISCAL.search(mention.before) is not None or any(word in mention.before for word in _OTHER)) or mention.before.startswith("其中")


_MONEY_LABELS = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金"}


def _quoted(mention: Mention) -> str:
    return (mention.before[-6:] + mention.words).strip()


def _name_of_amount(mention: Mention) -> str:
    """电费160万 → 电费; 购置设备30万 → 设备购置资金; 送审金额4.8亿 → 送审金额."""
    before = re.sub(r"^(?:其中|另外?|外加|再加|还有|以及)+", "", mention.before)
    before = re.sub(r"(?<=..)(?:预算|合计|共计?|总计|需要?|投资|安排)+$", "", _NUMBERED.sub("", before))
    if re.search(r"(?<!经)费$|金额$|资金$|收入$|产值$|税收$|[^补资救]助金$|工资$|利息$|本金$", before) and 2 <= len(before) <= 14:
        return before
    noun = phrases.phrase(before, mention.after).nominal or "分项"
    return noun if _EFFECT.search(noun) else noun + "资金"


def _fact_name(mention: Mention, reading: Reading) -> str:
    """The plain name of a figure: 培训人数, 每个乡镇车辆数量, 辅警标准."""
    if mention.kind == "rate":
        return mention.before
    if mention.kind == "price":
        noun = _noun_priced(mention, reading)
        return f"{noun}标准" if noun else "补助标准"
    each = _EACH.search(_own_words(mention))
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
    return re.sub(r"^.*其中", "", mention.before)


def _said_with(mention: Mention) -> phrases.Phrase:
    return phrases.phrase(re.sub(r"每(?:个|期|班|次|场)?|各", "", _own_words(mention)), mention.after)


def _noun_counted(mention: Mention, reading: Reading) -> str:
    """What a count counts, by the words at it, else by those of its clause, of the count before, of the project."""
    before, said = _own_words(mention), _said_with(mention)
    each = _EACH.search(before)
    noun = said.nominal if len(said.nominal) > 1 or said.nominal in _ANIMALS else ""
    if mention.unit in ("人", "人次") and _COMING.fullmatch(said.said):
        noun = f"{phrases.phrase(name_in(reading)).thing}参与"
    if mention.unit in ("天", "日") and len(re.sub("全年|每年|一年|年内|按|共|约", "", before)) < 2:
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
    if len(own) > 1:
        return own
    if near := [count for count in before if count.unit == per and price.clause - count.clause <= 2]:
        return _noun_counted(near[-1], reading)
    return _subject_near(price, reading)


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
    own = re.sub(r"^.*其中", "", mention.before)
    own = _EACH.sub("", re.sub(r"\d.*$", "", own))
    said = phrases.phrase(own).nominal if len(own) > 1 else ""
    return said if len(said) > 1 else phrases.phrase(name_in(reading)).nominal


def _unused(name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        return name
    return next(f"{name}（{i}）" for i in range(2, 100) if f"{name}（{i}）" not in known)


def name_in(reading: Reading) -> str:
    """The project's name as said, without commands, amounts and the year; a sentence that only lists what is done is named by that."""
    for index, clause in enumerate(reading.clauses):
        head, _, _ = clause.partition(":")
        words = _stripped(head)
        if _SHORT_NUMBER.fullmatch(words):
            # 164号的，残疾人托养: the number alone is half a name.
            rest = next((more for other in reading.clauses[index + 1 :] if len(more := _stripped(other)) >= 2), "")
            return f"{words.rstrip('的')}{phrases.phrase(rest).nominal}"
        if len(words) >= 2 and not _USE.match(words) and not head.startswith("其中") and not _TALK.search(words):
            words = re.sub(r"(?:各自?|每个?)(?=[配买建装发购])", "", words)
            if listed := _listed_name(words, index, reading):
                return listed
            said = phrases.phrase(words)
            if phrases.spoken_as_action(words) and len(said.nominal) <= 24:
                return said.nominal
            if not said.action and said.object.endswith("服务") and words.endswith(said.object) and words.startswith(("购买", "采购", "购置", "买")):
                return said.object
            return re.sub(r"^(?:举办|开展|组织开展|组织|实施|进行|推进|办(?![公案学证理事件会]))(?=..)", "", words)
    for clause in reading.clauses:
        words = _stripped(_USE.sub("", clause))
        if len(words) >= 2:
            return phrases.phrase(words).nominal
    return ""


# Good intentions name no project.
_TALK = re.compile(r"办[点些]?[好实]?(?:事|实事)$|^(?:解决|改善)[一-龥]{0,4}问题$|^干[点些]事")
_SHORT_NUMBER = re.compile(r"\d{1,4}号(?:文件?)?的?(?:项目|那个)?")


def _listed_name(first: str, index: int, reading: Reading) -> str:
    """换课桌椅1200套，再买智慧黑板24块 → 课桌椅更换和智慧黑板购置: where the first clause already counts, the deeds name the project."""
    if not any(mention.clause == index for mention in reading.of("count")):
        return ""
    items: list[str] = []
    for place, clause in enumerate(reading.clauses[index:]):
        words = first if place == 0 else _stripped(clause)
        for piece in re.split("、", words) if not _MONEY_WORDS.fullmatch(words) else ():
            said = phrases.phrase(piece)
            if said.action and len(said.object) >= 2 and said.action in _DEEDS and not piece.startswith(("其中", "每")):
                items.append(said.nominal)
            elif place == 0 or "、" in words:
                return ""
    items = list(dict.fromkeys(items))
    if not 2 <= len(items) <= 4 or sum(map(len, items)) > 30 or (len(reading.clauses[index:]) == 1 and "、" not in first):
        return ""
    return "、".join(items[:-1]) + "和" + items[-1]


_DEEDS = frozenset(
    """购置 更换 更新 配备 新建 建设 修建 改建 扩建 改造 维修 修缮 修补 修复 硬化 铺设 安装 加固 绿化 疏浚 清淤 施划 抽检 检测 监测 检查 核查 检定 养护 管护
    清运 保洁 编制 印制
    制作 培训 宣传 慰问 救助 资助 奖励 体检 筛查 普查 调查 演练 造林 种植 抚育 消毒 数字化 整治 治理 新打 建成 租赁 储备""".split()
)


def _stripped(words: str) -> str:
    words = re.sub(r"(?<=..)(?:每[期班次场]|专项(?:资金|经费)?)$", "", words)
    words = _AS_BEFORE.sub("", words)
    words = _COMMANDS.sub("", words.strip())
    words = re.sub(r"^(?:给|为|对|把|将|拟)(?=[\u4e00-\u9fff]{3})|^(?:我们?(?:局|单位|中心)?|本单位)(?:的|拟|想|要)?", "", words)
    if _MONEY_WORDS.fullmatch(words):
        return ""
    words = re.sub(
        # Without going back: words that two branches take alike would be tried both ways, twice as long with each repetition.
        r"(?>的?(?:也|还)?有没有|的?(?:项目)?(?:还|要|再)?(?:接着|继续)(?:干|做|搞|办|弄)|的(?:项目|事情?)|的?(?:也|还)?(?:还有|还要|继续|接着(?:做|搞)?|照旧|延续)|的?(?:项目)?(?:预算|资金)(?:绩效)?(?:目标)?表?|的?绩效目标表?|目标表|大概|大约|约|共|一共|总共|需要?|要|申请|安排|的)++$",
        "",
        words,
    )
    return words.strip(" 　、,，-—:的")


def _purpose(reading: Reading) -> str | None:
    uses: list[str] = []
    for clause in reading.clauses:
        _, colon, tail = clause.partition(":")
        if _USE.match(clause):
            uses.append(_USE.sub("", clause))
        elif colon and len(tail) >= 4 and not _figures_only(tail, reading) and not reading.of("count"):
            uses.append(_USE.sub("", tail))
        elif uses and clause and not _MONEY_WORDS.fullmatch(clause) and not _AS_BEFORE.search(clause) and not clause.startswith("其中") and len(clause) > 2:
            uses.append(clause)
    if not uses and not reading.of("count"):
        uses = _deeds(reading)
    words = "，".join(use for use in uses if use)
    return f"用于{words}。" if len(words) > 1 else None


def _deeds(reading: Reading) -> list[str]:
    """办公楼维修，再买电脑打印机: clauses that say one deed each, without a count among them, are the uses."""
    bare = [_stripped(re.sub(r"^(?:乡里|镇里|县里|村里|我们)?(?:再|还要?|另外?|同时|并)+", "", clause)) for clause in reading.clauses]
    said = [re.sub(r"^(?:乡里|镇里|县里|村里)", "", words) for words in bare if words and not _MONEY_WORDS.fullmatch(words) and not _TALK.search(words)]
    parsed = [phrases.phrase(words) for words in said]
    if len(said) < 2 or not all(one.action in _DEEDS and len(one.object) >= 2 for one in parsed):
        return []
    return [one.spoken for one in parsed]


def _figures_only(tail: str, reading: Reading) -> bool:
    """Whether what stands after a colon only says prices (小学每人每年1000元): no use of money by itself."""
    return any(price.before and tail.startswith(price.before) for price in reading.of("price"))


def places(amount: Decimal) -> str:
    """An amount in 万元 with at least the two places of the form."""
    text = plain(amount)
    _, _, fraction = text.partition(".")
    return text if len(fraction) > 2 else f"{Decimal(text):.2f}"
