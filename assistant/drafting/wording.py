"""One sentence as staff would say it, read into its parts: year, money, prices, quantities, rates, document numbers, and what is left.

Every part is taken out of the sentence with its own words kept, so that nothing is counted twice and every number can be quoted.
Knows no corpus and no clock: ``明年`` comes back as a word, ``request`` decides what year that is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assistant.chinese import chinese_number, numbered_places, tidy
from assistant.drafting import lexicon
from assistant.table import Money

_UNITS = "|".join(sorted(map(re.escape, lexicon.COUNT_UNITS), key=len, reverse=True))
_NUMBER = r"\d+(?:\.\d+)?"
_MONEY_UNIT = r"亿元|亿|千万元|万元|万块钱?|万|千元|千块|元|块钱|块"
_PER = "|".join(sorted(map(re.escape, {*lexicon.PRICE_UNITS, *lexicon.COUNT_UNITS}), key=len, reverse=True))
_HAN = r"\u4e00-\u9fff"
# Stands for a character that has been read already.
_TAKEN = "\x00"


@dataclass(slots=True)
class Mention:
    """One figure of a sentence: its words, what stands before and after it in its clause, and its place."""

    kind: str
    number: Decimal
    unit: str
    words: str
    before: str = ""
    after: str = ""
    comparator: str = ""
    start: int = 0
    clause: int = 0
    scale: str = ""
    aside: bool = False

    @property
    def text(self) -> str:
        """The figure as a target: comparator, number with the scale it was said in, unit."""
        number = self.number / _SCALES[self.scale] if self.scale else self.number
        return f"{self.comparator}{plain(number)}{self.scale}{self.unit}"


_SCALES = {"万": 10_000, "千": 1_000, "百": 100}


@dataclass(slots=True)
class Reading:
    """What a sentence says: figures by kind, words for the year, document numbers, clauses with the figures taken out."""

    text: str
    mentions: list[Mention] = field(default_factory=list)
    year: int | None = None
    year_word: str | None = None
    documents: list[str] = field(default_factory=list)
    document_pending: bool = False
    unit: str | None = None
    clauses: list[str] = field(default_factory=list)
    full_clauses: list[str] = field(default_factory=list)
    months: int | None = None
    payments: list[str] = field(default_factory=list)
    # The years of a project of several (2026-2027年); the table is the first one's.
    span: str | None = None
    # Where a clause was parted by its year (矿山生态修复2027年3座…): the words before, by the clause's place.
    before_year: dict[int, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[Mention]:
        """The mentions of one kind in order."""
        return [mention for mention in self.mentions if mention.kind == kind]


def plain(number: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_SINGLE = "一两二三四五六七八九十"
_NOT_COUNTS = re.compile(
    r"一次性|一体|一线|一批|一卡通|一站式|一[户人家]一|一事一议|一带一路|一张网|一老一小|一对一|十[四五]五|二十大|三[中四]全会|三公|三农|三重一大|两会|两癌|两项补贴|两补|两房|八一|六一|七一|五一|十一|三八|"
    r"二次|三方|第[一二三四五六七八九十]+|百[姓年]|千[兆伏瓦米克]|万[家全]|三支一扶|四好农村路|双一流|九三|四上|一般|一类|二类|三类|[一二三]期工程|(?<=建设)[一二三]期|(?<=工程)[一二三]期|(?<=项目)[一二三]期|(?<=改造)[一二三]期|(?<=平台)[一二三]期|(?<=系统)[一二三]期|(?<=园区)[一二三]期|[一二三]等奖|[一二三四]级|一二三产|"
    r"[二两三四]轮|五保|六保|三变|三资|三务|百日|一网|一窗|一件事|一户一|一村一|一镇一|一张图|三防|四害|三甲|五小|十佳|三包|两不愁|三保障"
)


# 一户1600, 一台45万, but not 一台64排CT.
_PRICE_OF_ONE = re.compile(rf"(?:{_PER})(?:补|给|按|约|大概|大约|是|要|花|用|不超过)?\d+(?:\.\d+)?(?:{_MONEY_UNIT}|(?![\d.A-Za-z{_HAN}]))")


# What people say in one character → the word a form writes.
_WHOLE = {"路": "道路", "桥": "桥梁", "渠": "渠道", "井": "水井", "房": "房屋", "墙": "围墙", "灯": "路灯", "厕": "厕所"}
_SOME = rf"(?:{_NUMBER}|[一二两三四五六七八九十百千万]+)(?:{_MONEY_UNIT}|{_UNITS})"
_COUNTED = rf"(?![天日年月]|个月)({_PER})"
# Turns of speech → the words a form writes.
_SPEECH: tuple[tuple[str, Any], ...] = (
    (r"((?:人口|参保|居民|农民|学生)(?:数|人数)?(?:约|共)?\d+(?:\.\d+)?万)(?![元人亩平户块名\d])", r"\1人"),
    (r"(岗位)(\d+)个(?=[^;；。]{0,8}(?:每人|人均))", r"\1\2人"),
    (r"(?<![人户])月均(?=\d)", "每月"),
    (r"新购(?=[一-龥]{2})", "购置"),
    (r"公益岗(?!位)", "公益性岗位"),
    (r"(公益性岗位|公益岗位)(\d+)个", r"\1\2人"),
    (r"高企(?!业)", "高新技术企业"),
    (r"修一修|修修", "维修"),
    (r"换一换|换换", "更换"),
    (r"改一改|改改", "改造"),
    (r"整一整", "整修"),
    (r"补补|补一补", "修补"),
    (r"买[点些](?=[一-龥])", "购置"),
    (r"(弄|搞|做|办|上|整|列)(?:一)?(?:个|些|点)(?=[一-龥]{3})", r"\1"),
    (r"(维修|修补|维护|修)([路桥渠井房墙灯厕])(?=[,;。，；、]|$)", lambda match: f"{match[1]}{_WHOLE[match[2]]}"),
    (r"(?:今年|去年|上年)?那个(?=[一-龥]{3})", ""),
    (r"(?<=\d)[来多]?个(?=人(?:[,;。，；、]|$|每|的|参|左右|以上))", ""),
    # 冷链设备更新——冰箱8台: what follows the dash is what the project consists of.
    (r"[—–―-]{2,}|(?<=[一-龥])[—–―](?=[一-龥])", ":"),
    # 45人*1500元*12个月=81万, 1500元*45人
    (
        rf"({_NUMBER}){_COUNTED}[×x*]({_NUMBER}(?:{_MONEY_UNIT}))(?:/(?:{_PER}|[·/])+)?(?:[×x*](\d{{1,2}})个?月)?(=)?",
        lambda match: _multiplied(*match.groups()),
    ),
    (
        rf"({_NUMBER}(?:{_MONEY_UNIT}))(?:/(?:{_PER}|[·/])+)?[×x*]({_NUMBER}){_COUNTED}(?:[×x*](\d{{1,2}})个?月)?(=)?",
        lambda match: _multiplied(match[2], match[3], match[1], match[4], match[5]),
    ),
    # 不是45万而是54万, 由45万调整为54万: what is said last holds.
    (rf"不是{_SOME},?(?:而|应该?)?是(?={_SOME})", ""),
    (rf"(?:由|从|原(?:来|定|报|计划)?(?:的|是|为)?){_SOME},?(?:现|已)?(?:调整|变更|更正|修改|改|调)(?:为|到|至|成)(?={_SOME})", ""),
)


def _multiplied(count: str, unit: str, price: str, months: str | None, equals: str | None) -> str:
    """A product as staff would say it: 45人，每人每月1500元，12个月，=."""
    return f"{count}{unit},每{unit}{'每月' if months else ''}{price}{f',{months}个月' if months else ''}{',=' if equals else ''}"


def _as_written(text: str) -> str:
    for said, written in _SPEECH:
        text = re.sub(said, written, text)
    return text


def normalised(sentence: str) -> str:
    """The sentence with half-width letters and digits, thousands separators gone, Chinese numerals before units as digits."""
    # 4,800,000 is one number; the comma of 每月2500，354万 parts clauses.
    text = re.sub(r"(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d,])", lambda match: match[0].replace(",", ""), sentence)
    text = unicodedata.normalize("NFKC", text).strip()
    # A blank before the figure that a word labels (中央 90万) is none; between other Chinese words it parts clauses just as a comma does.
    text = re.sub(rf"(?<=[{_HAN}A-Za-z])(?<!\d[{_HAN}])(?<!\d[{_HAN}]{{2}})[ \t]+(?=\d|[一二两三四五六七八九十百千万]+(?:{_MONEY_UNIT}|{_UNITS}))", "", text)
    text = re.sub(rf"(?<=[{_HAN}\w号)])\s+(?=[{_HAN}\d])", ",", text)
    text = _as_written(text)
    text = re.sub(r"(\d),(?=元|块|万|亿|%|人|户|台|个|公里)", r"\1", tidy(text))
    kept = [match.span() for match in _NOT_COUNTS.finditer(text)]

    def digits(match: re.Match[str]) -> str:
        if any(start < match.end() and match.start() < end for start, end in kept):
            return match[0]
        words = match[1]
        # 一户1600, 一人200: the price of one, read by the price patterns.
        if words == "一" and _PRICE_OF_ONE.match(text[match.end() :]):
            return match[0]
        scale = re.fullmatch(r"(.+?)([万亿])", words)
        number = chinese_number(scale[1] if scale else words)
        if number is None:
            return match[0]
        if scale and not scale[1].endswith(("万", "亿")):
            return f"{number}{scale[2]}"
        return str(number)

    text = re.sub(rf"(?<![\d.])([零〇一二两三四五六七八九十百千万亿]+)(?=(?:{_MONEY_UNIT}|{_UNITS}|年|个月|多(?:{_UNITS})|余(?:{_UNITS})))", digits, text)
    text = re.sub(r"(?<=[均每标准价](?:人|户|次|场|台|准|价))([一二两三四五六七八九十百千万]{2,})", lambda m: str(chinese_number(m[1]) or m[1]), text)
    text = re.sub(
        r"(?<=[均每](?:人|户))([一二两三四五六七八九][百千]?[一二三四五六七八九]?[百]?)(?![\u4e00-\u9fff])", lambda m: str(chinese_number(m[1]) or m[1]), text
    )
    text = re.sub(
        rf"(每(?:一)?(?:{_PER})[{_HAN}]{{0,4}}?(?:补助?|发放?|给|奖励?|约|按|标准|资助))([一二两三四五六七八九十百千万]{{2,}})(?=[,;。]|$)",
        lambda m: f"{m[1]}{chinese_number(m[2]) or m[2]}",
        text,
    )
    return re.sub(r"百分之([零一二三四五六七八九十百]+|\d+(?:\.\d+)?)", lambda m: f"{m[1] if m[1][0].isdigit() else chinese_number(m[1])}%", text)


_BOUNDARY = "[,;:、。!?，；：！？\\n()（）]"
_YEARS = re.compile(
    r"(?<!\d)(20[1-4]\d)(?:年度?|(?!\d|\.|\s*(?:元|块|万|亿|人|户|个|台|套|件|亩|米|公里|平|份|册|吨|株)))|(?<!\d)(2[4-9]|3\d)年(?!级|龄)|(明年|来年|下一?年度?|今年|本年度?|后年)"
)
_SPAN = re.compile(r"(?<!\d)20[1-4]\d年?度?[-~—–至到](20[1-4]\d|[2-4]\d)年度?")
_PRICES = (
    # 每个点位每月650元
    re.compile(rf"每(?:一)?(?P<per>{_PER})[{_HAN}]{{1,4}}?每(?P<per2>学年|年|月|天|日|次|期|学期|季度)[{_HAN}]{{0,4}}?(?P<n>{_NUMBER})(?P<m>{_MONEY_UNIT})"),
    # 每人每月200元, 每户补助5000, 人均1600, 户均标准1.2万
    re.compile(
        rf"(?:每(?:一)?(?P<per>{_PER})|(?P<per0>年|月)?(?P<avg>人|户|次|场|台|班|批次|辆|亩|平方米|公里|生|村|校|园|床)均)(?:每?(?P<per2>学年|年|月|天|日|次|期|学期|季度))?[{_HAN}]{{0,8}}?(?:不超过|约|大概|大约|为|是|≤|=|按)?(?P<n>{_NUMBER})(?:(?P<m>{_MONEY_UNIT})|(?![\d.%]|{_UNITS}))"
    ),
    # 1600元/人, 260元每辆, 100块一个月, 12000元/人·年, 1600元一人
    re.compile(rf"(?P<n>{_NUMBER})(?P<m>{_MONEY_UNIT})(?:/|每一?|一)(?P<per>{_PER})(?:[·*/、每]+(?P<per2>学年|年|月|天|日|次|期))?"),
    # 一户补5000, 一台45万, 单价2800元
    re.compile(
        rf"(?<![\d第])一(?P<per>{_PER})(?:补助?|给|按|约|大概|大约|是|要|花|用|不超过|奖)?(?P<n>{_NUMBER})(?:(?P<m>{_MONEY_UNIT})|(?![\d.%A-Za-z{_HAN}]))"
    ),
    re.compile(rf"(?P<flat>单价|标准)(?:为|是|不超过|约|按|每)?(?P<n>{_NUMBER})(?P<m>{_MONEY_UNIT})(?:/(?P<per>{_PER})(?:[·*/](?P<per2>年|月|天|日|次))?)?"),
)
_RATE = re.compile(
    rf"([{_HAN}A-Za-z]{{2,14}}?)(?:要|能)?(达到?|不低于|不少于|≥|>=|大于|不超过|≤|<=|控制在|为|在|是|保持)?\s*(\d+(?:\.\d+)?)\s*%\s*(以上|以内|以下)?"
)
_RATE_OF = re.compile(rf"(\d+(?:\.\d+)?)%(以上)?的?([{_HAN}]{{2,8}}?(?:率|满意度|比例))")
_MONEY = re.compile(
    rf"(?P<minus>-)?(?P<n>{_NUMBER})(?P<m>{_MONEY_UNIT})(?!/|每|[{_HAN}]?均|人次|人(?!民)|户(?!口)|方(?!面)|亩|株|棵|吨|册|份|条|只|头|羽|尾|页|枚|个|台|套|件|家|平方米|平米|立方|次|公里|字|(?:{_UNITS})(?=[,;:。、]|每|$))"
)
_COUNT = re.compile(
    rf"(?P<cmp>不少于|至少|不低于|≥|>=|超过|不超过|(?<!签)约|大约|大概)?(?P<n>{_NUMBER})(?P<s>万|千|百)?[多余来]?(?P<u>{_UNITS})(?P<suf>以上|左右|以内)?"
)
_MONTHS = re.compile(r"(?:[×x*]|发|共|按)?(\d{1,2})个月")
_TIMES = re.compile(r"[×x*]\s*(\d{1,2})(?!\d|\.|[万元块%])")
# When the money is paid: no count of what is done, no rate to be reached.
_PAYMENT = re.compile(
    r"分(?:\d+|[一二两三四五])(?:次|期|年|批|笔|个年度)(?:支付|付款|付清|付|拨付|兑付)|"
    r"(?:今年|本年|当年|首年|首期|首付|先期?|第[一1][期年次])(?:支付|付款|付|拨付|拨)?(?:合同(?:价|款|总价)?的?)?(?:约)?\d+(?:\.\d+)?%|"
    r"(?:尾款|余款|质保金)(?:明年|下年|验收后)?(?:支付|付清|付)?\d+(?:\.\d+)?%"
)
_PENDING = re.compile(r"(?:文件?号?|通知|批文)(?:都|也)?(?:还|暂时?|尚)?(?:没|未)(?:有)?(?:下来|下达|收到|定|出|到|发)+")
_COMPARATORS = {
    **dict.fromkeys(("不少于", "至少", "不低于", "超过", ">=", "≥", "以上", "达到", "达", "大于"), "≥"),
    **dict.fromkeys(("不超过", "≤", "<=", "控制在", "以内", "以下"), "≤"),
}


class _Scan:
    """The sentence being read: what has been taken is blanked out, so that places stay."""

    def __init__(self, sentence: str) -> None:
        self.reading = Reading(normalised(sentence))
        self._rest = list(self.reading.text)

    @property
    def left(self) -> str:
        return "".join(self._rest)

    def take(self, start: int, end: int) -> None:
        self._rest[start:end] = _TAKEN * (end - start)

    def note(self, kind: str, match: re.Match[str], number: Decimal, unit: str, *, comparator: str = "", before: str | None = None) -> Mention:
        """Record a figure with the words of its clause before and after it, up to the next figure, and take it out."""
        start, end = match.span()
        left = self.left
        ahead = re.split(rf"{_BOUNDARY}|{_TAKEN}", left[:start])[-1].strip() if before is None else before
        # 1台64排CT: the figures of a model's name end nothing.
        behind = re.split(rf"{_BOUNDARY}|{_TAKEN}|\d+(?:\.\d+)?(?![\d.]*(?:排|寸|线|通道|[A-Za-z]))", left[end:])[0].strip()
        clause = len(re.findall(_BOUNDARY, self.reading.text[:start]))
        ahead = "" if re.fullmatch(r"(?:预计|计划|大约|约)+", ahead) else ahead
        opened = self.reading.text[:start].count("(") > self.reading.text[:start].count(")")
        mention = Mention(kind, number, unit, match[0], ahead, behind, comparator, start, clause, aside=opened)
        self.reading.mentions.append(mention)
        self.take(start, end)
        return mention


def read(sentence: str) -> Reading:
    """Read a sentence. Never fails: what is not understood stays in ``clauses``."""
    scan = _Scan(sentence)
    reading = scan.reading
    for number, (start, end) in numbered_places(reading.text):
        reading.documents.append(str(number))
        scan.take(start, end)
    for match in _PENDING.finditer(scan.left):
        reading.document_pending = True
        scan.take(*match.span())
    for match in _PAYMENT.finditer(scan.left):
        reading.payments.append(match[0])
        scan.take(*match.span())
    for match in _SPAN.finditer(scan.left):
        reading.span = match[0]
        scan.take(match.start(1) - 1, match.end())
    years = list(_YEARS.finditer(scan.left))
    # 今年那个项目明年接着干: the coming year is meant.
    if year := next((match for match in years if match[3] not in ("今年", "本年", "本年度")), years[0] if years else None):
        reading.year = int(year[1]) if year[1] else 2000 + int(year[2]) if year[2] else None
        reading.year_word = year[3]
        ahead = re.split(_BOUNDARY, scan.left[: year.start()])
        if re.match(r"\s*\d", scan.left[year.end() :]):
            reading.before_year[len(ahead) - 1] = ahead[-1].strip(" \x00")
        scan.take(*year.span())
    for match in _RATE.finditer(scan.left):
        name = match[1].split("的")[-1] or match[1]
        sign = _COMPARATORS.get(match[4] or "") or _COMPARATORS.get(match[2] or "") or ""
        scan.note("rate", match, Decimal(match[3]), "%", comparator=sign, before=name)
    for match in _RATE_OF.finditer(scan.left):
        scan.note("rate", match, Decimal(match[1]), "%", comparator="≥" if match[2] else "", before=match[3])
    _take_prices(scan)
    _take_months(scan)
    _take_money(scan)
    _take_counts(scan)
    _one_for_its_amount(reading)
    _join_prices_with_their_object(reading)
    _cut_clauses(reading, scan.left)
    reading.mentions.sort(key=lambda mention: mention.start)
    return reading


def _take_prices(scan: _Scan) -> None:
    for pattern in _PRICES:
        for match in pattern.finditer(scan.left):
            groups = match.groupdict()
            per = groups.get("per") or groups.get("avg") or ""
            bare_month = per == "月" and not groups.get("m") and Decimal(groups["n"]) >= 50
            if per == "年" and (groups.get("m") or "")[:1] in ("万", "亿") and match[0].startswith("每"):
                # 每年450万元: what a year of it costs.
                continue
            if per in ("年", "月", "天", "日") and not bare_month and (not groups.get("m") or (match[0].startswith("一") and groups["m"][0] in "万亿")):
                continue
            money = _money(groups["n"], groups.get("m") or "元")
            per = per if per == "村" else lexicon.UNIT_FORMS.get(per, per)
            period = groups.get("per2") or groups.get("per0")
            unit = money.unit + (f"/{per}" if per else "") + (f"·{period}" if period else "")
            scan.note("price", match, money.amount, unit)


def _take_months(scan: _Scan) -> None:
    if not any("月" in mention.unit for mention in scan.reading.of("price")):
        return
    for pattern in (_MONTHS, _TIMES):
        for match in pattern.finditer(scan.left):
            scan.reading.months = int(match[1])
            scan.take(*match.span())


def _take_money(scan: _Scan) -> None:
    for match in _MONEY.finditer(scan.left):
        if match["m"] == "块" and Decimal(match["n"]) < 1000 and not scan.left[match.end() :].startswith("钱"):
            # 智慧黑板24块: pieces; what is paid for each was read as a price before.
            continue
        amount = _money(match["n"], match["m"]).to("万元").amount
        if match["m"] in ("元", "块") and amount < Decimal("0.5") and (price := _price_before(scan, match)) is not None:
            # 人均670元，其中县级负担30元: a share of the price, not an amount.
            scan.note("price", match, _money(match["n"], match["m"]).amount, price.unit)
            continue
        scan.note("money", match, -amount if match["minus"] else amount, "万元")


def _price_before(scan: _Scan, match: re.Match[str]) -> Mention | None:
    """The price that a small amount beside it is a share of (其中县级负担30元), or None."""
    clause = re.split(_BOUNDARY, scan.reading.text[: match.start()])[-1]
    prices = [price for price in scan.reading.of("price") if price.start < match.start() and match.start() - price.start < 24]
    return prices[-1] if prices and re.search(r"其中|负担|承担|补助|补贴|财政|县级|个人|自付", clause) else None


def _take_counts(scan: _Scan) -> None:
    for match in _COUNT.finditer(scan.left):
        if match["u"] in ("级", "期") and scan.left[match.end() :].startswith(("工程", "项目", "建设")):
            continue
        number = Decimal(match["n"]) * _SCALES.get(match["s"] or "", 1)
        sign = _COMPARATORS.get(match["suf"] or "") or _COMPARATORS.get(match["cmp"] or "") or ""
        mention = scan.note("count", match, number, lexicon.UNIT_FORMS.get(match["u"], match["u"]), comparator=sign)
        mention.scale = "万" if match["s"] == "万" else ""
        if match["u"] == "村" and not mention.after:
            mention.after = "村"


def _one_for_its_amount(reading: Reading) -> None:
    """举办自行车赛一场85万: one is held and costs that much, where no other count of it makes the figure a price."""
    counted = {count.unit for count in reading.of("count")}
    for price in reading.of("price"):
        per = price.unit.partition("/")[2]
        if price.words.startswith("一") and per in ("场", "次", "届", "期") and per not in counted and price.unit.startswith("万元"):
            amount = Mention("money", price.number, "万元", price.words, price.before, price.after, "", price.start, price.clause)
            price.kind, price.number, price.unit = "count", Decimal(1), lexicon.UNIT_FORMS.get(per, per)
            reading.mentions.append(amount)


def _join_prices_with_their_object(reading: Reading) -> None:
    """给320户老人每月发100块: the price is per household and month, though only the month stands at the price."""
    counts = reading.of("count")
    for price in reading.of("price"):
        head, _, tail = price.unit.partition("/")
        if not tail and (beside := [count for count in counts if 0 <= price.clause - count.clause <= 1 and count.start < price.start]):
            # 安检仪25台单价1.2万
            price.unit = f"{head}/{beside[-1].unit}"
        if tail in ("月", "年", "天", "日", "次") and (
            near := [count for count in counts if count.unit in ("人", "户", "辆", "台") and count.clause <= price.clause]
        ):
            price.unit = f"{head}/{near[-1].unit}·{tail}"


def _money(number: str, unit: str) -> Money:
    """Money as people say it, in 元 or 万元."""
    factor, form = {
        "亿元": (10_000, "万元"),
        "亿": (10_000, "万元"),
        "千万元": (1_000, "万元"),
        "万元": (1, "万元"),
        "万块": (1, "万元"),
        "万块钱": (1, "万元"),
        "万": (1, "万元"),
        "千元": (1_000, "元"),
        "千块": (1_000, "元"),
    }.get(unit, (1, "元"))
    return Money(Decimal(number) * factor, form)


def _cut_clauses(reading: Reading, rest: str) -> None:
    at = 0
    for piece in re.split(r"([,;。!?，；：！？\n])", rest):
        if not re.fullmatch(r"[,;。!?，；：！？\n]", piece):
            reading.clauses.append(piece.replace(_TAKEN, "").strip(" :-—()（）"))
            reading.full_clauses.append(reading.text[at : at + len(piece)].strip())
        at += len(piece)
