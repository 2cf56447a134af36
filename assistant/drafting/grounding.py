"""Tracing: every number, name and document number that a model writes, back to the request, a cited cell, a standard or a sum.

A ``Fact`` is a number with its unit, what it says something about, and where it stands. A value is grounded only by a fact with the
same number and unit that is about the same thing; and figures that depend on the place (people, households, money, area) are grounded
by the request, by this project's own cells or by arithmetic only, never by another project's table and never by running text of
a document, so that a sentence planted in one cannot put a figure into a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation

from assistant import taxonomy
from assistant.chinese import document_numbers, fold
from assistant.draft import Origin, Source
from assistant.target import Target

# Who speaks: own = the request or this project's cells; custom = library rows and like tables (rates only); clause = a policy's text.
_GENERIC = frozenset(
    (
        "人数 数量 户数 次数 个数 金额 标准 面积 情况 指标 项目 工作 完成 补贴 补助 服务 发放 资金 经费 "
        "总额 成本 合格 及时 满意 意度 意率 覆盖 盖率 格率 时率 成率 比例"
    ).split()
)
_RATES = frozenset({"%", "‰", "分"})
_TIMES = frozenset({"天", "日", "工作日", "个工作日", "小时", "分钟", "年", "月", "个月", "次/年"})
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_WORDS = "|".join(sorted((re.escape(fold(unit)) for unit in (*taxonomy.UNITS, "万元", "亿元")), key=len, reverse=True))
_UNIT = rf"(?:(?:亿|千万|百万|十万|万|千|百)?(?:{_WORDS})(?:[·*×](?:{_WORDS}))*(?:/\d*(?:{_WORDS})(?:[·*×.](?:{_WORDS}))*)?)"
_MENTION = re.compile(rf"(?<![\d.a-z])({_NUMBER})\s*({_UNIT}|亿|万|千|百)?")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?=年|[-—~至]|度|$|[^\d])")
_DATE = re.compile(r"(?<!\d)(\d{1,2})月(?:份)?(?:(\d{1,2})日|[上中下]旬)?")
_STANDARD = re.compile(r"(?:gb|db\d{2}|jt|jgj|hj|ny|sl|ws|ga|mz|cj)(?:[/-]?t)?\s?\d[\d.\-—]*\d", re.IGNORECASE)
_CONTACT = re.compile(r"https?://|www\.|[\w.]+@[\w.]+|(?<!\d)1[3-9]\d{9}(?!\d)|sk-[\w-]{8,}")
_TITLE = re.compile(r"《([^《》]{2,60})》")
_PLACE = re.compile(r"[\u4e00-\u9fff]{2,8}?(?:省|自治区|市|县|自治县)(?![城域级内外直里民区乡镇场委属本辖政府容貌值])")
_NOT_A_PLACE = re.compile(
    r"(?:全|我|本|各|外|跨|该|每|县|城|省|乡|市|上级|中心|农贸|菜|超|门|夜|早|批发|人才|劳务|集贸|文明|卫生|森林|园林|试点|示范|先进|一个|多个|相关|所在|周边|重点|贫困|县城|地级|节|到|在|由|向|为|和|及|与|对|使|让|的)(?:省|市|县)$"
)
_ORGANISATION = re.compile(r"[\u4e00-\u9fff]{2,18}?(?:有限责任公司|有限公司|集团|联合会|委员会|管理局|研究院|研究所|基金会|大学|学院|医院|中学|小学|银行)")


@dataclass(frozen=True, slots=True)
class Fact:
    """One number with a source. ``unit`` folded and in base form (``元`` for 万元, the number scaled); ``about`` what it measures."""

    number: Decimal
    unit: str
    about: str
    origin: Origin
    source: Source | None = None
    formula: str | None = None
    kind: str = "own"
    level2: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """What tracing a value found: the fact (None = no number to trace or none found) and the fault in words, empty when grounded."""

    fact: Fact | None = None
    fault: str = ""
    formula: str | None = None


class Ground:
    """All that a text may rest on: facts, years, and the texts whose names and document numbers may be used.

    ``strict``: also a bare 1 (同一人只计1次) needs a source, as in an answer.
    """

    def __init__(
        self,
        facts: Iterable[Fact],
        texts: Iterable[str],
        years: Iterable[int | None],
        *,
        dates: Iterable[tuple[int, int | None]] = (),
        strict: bool = False,
        places: Iterable[tuple[str, Source]] = (),
    ) -> None:
        self._strict = strict
        self._places = tuple(places)
        self.facts = tuple(facts)
        whole = "\n".join(texts)
        self._text = fold(whole)
        self._documents = set(document_numbers(whole))
        self._years = {year for year in years if year}
        self._dates = {*dates, (12, None), (12, 31)}
        self._by_number: dict[Decimal, list[Fact]] = {}
        for fact in self.facts:
            self._by_number.setdefault(fact.number.normalize(), []).append(fact)

    def value(self, text: str, *, name: str, level2: str | None, source: str = "") -> Traced:
        """Trace an indicator's value; ``name`` is what it measures, ``source`` what the model gave as its source (it may hold a sum)."""
        target = Target.parse(text)
        if target.kind == "date":
            fault = self._date_fault(text)
            return Traced(fault=fault)
        if target.kind in ("missing", "cycle") or not any(char.isdigit() for char in fold(text)):
            return Traced()
        numbers = [target.number, target.upper] if target.number is not None else [number for number, _ in mentions(text)]
        unit = target.unit or ""
        best: Fact | None = None
        for number in numbers:
            if number is None:
                continue
            base, plain = scaled(number, unit) if target.number is not None else next((m for m in mentions(text) if m[0] == number), (number, ""))
            fact, fault = self._fact(base, plain, name, level2)
            if fact is None:
                if formula := self._sum(base, plain, source):
                    fact = Fact(base, plain, name, "computed", formula=formula)
                else:
                    return Traced(fault=fault)
            best = best or fact
        return Traced(best, formula=best.formula if best else None)

    def place(self, text: str) -> Source | None:
        """Where the first number or document number of a text stands, None when it holds none or the request is its place."""
        wanted: set[object] = {*document_numbers(text), *mentions(_YEAR.sub(" ", _without_references(text)))}
        for held, source in self._places if wanted else ():
            if wanted & {*document_numbers(held), *mentions(_without_references(held))}:
                return source.model_copy(update={"text": held[:300]})
        return None

    def prose(self, text: str, *, free: Sequence[str] = ()) -> list[str]:
        """The faults of running text (a goal, a name, a description, a basis): what in it stands nowhere. ``free`` are texts whose
        numbers may be repeated (the row's own grounded value, the draft's own wording)."""
        faults = [f"网址、电话或密钥一类的内容“{match[0]}”不能写进表里" for match in _CONTACT.finditer(text)]
        for number in document_numbers(text):
            if number not in self._documents:
                faults.append(f"文号“{number}”在需求和资料里都没有")
        for standard in _STANDARD.findall(fold(text)):
            if standard not in self._text:
                faults.append(f"标准号“{standard}”在资料里没有")
        for name in self._names(text):
            faults.append(f"名称“{name}”在需求和资料里都没有")
        return faults + list(self._number_faults(_without_references(text), free))

    def _number_faults(self, text: str, free: Sequence[str]) -> Iterator[str]:
        folded = fold(text)
        for year in _YEAR.findall(folded):
            if int(year) not in self._years:
                yield f"年份“{year}”没有出处"
        rest = _YEAR.sub(" ", folded)
        for month, day in _DATE.findall(rest):
            if (int(month), int(day) if day else None) not in self._dates:
                yield f"日期“{month}月{f'{day}日' if day else ''}”没有出处"
        rest = _DATE.sub(" ", rest)
        allowed = {mention for given in free for mention in mentions(given)}
        loose = {number for number, _ in allowed}
        for number, unit in mentions(rest):
            if (number, unit) in allowed or (not unit and number in loose):
                continue
            # ×100% in a formula, "counted once" in a definition: not figures of the project.
            if re.search(rf"[×*x/÷]{re.escape(f'{number.normalize():f}')}(?:%|$|\D)", rest) or (number == 1 and unit not in _RATES and not self._strict):
                continue
            if not any(fact.unit == unit or not unit for fact in self._by_number.get(number.normalize(), ()) if fact.kind == "own"):
                yield f"数“{number.normalize():f}{unit}”在需求和本项目的表里都没有"

    def _names(self, text: str) -> Iterator[str]:
        for title in _TITLE.findall(text):
            if fold(title) not in self._text:
                yield f"《{title}》"
        bare = _TITLE.sub(" ", text)
        for match in _ORGANISATION.finditer(bare):
            if not _held(fold(match[0]), self._text):
                yield match[0]
        for match in _PLACE.finditer(bare):
            place = match[0]
            if not _NOT_A_PLACE.search(place) and not _held(fold(place), self._text):
                yield place

    def _date_fault(self, text: str) -> str:
        folded = fold(text)
        for year in _YEAR.findall(folded):
            if int(year) not in self._years:
                return f"年份“{year}”没有出处"
        for month, day in _DATE.findall(_YEAR.sub(" ", folded)):
            if (int(month), int(day) if day else None) not in self._dates:
                return f"日期“{text}”没有出处"
        return ""

    def _fact(self, number: Decimal, unit: str, name: str, level2: str | None) -> tuple[Fact | None, str]:
        same = [fact for fact in self._by_number.get(number.normalize(), ()) if fact.unit == unit]
        fitting = [fact for fact in same if _allowed(fact, unit, level2) and _same_subject(fact, name, level2)]
        if fitting:
            return min(fitting, key=lambda fact: _RANK[fact.origin]), ""
        shown = f"{number.normalize():f}{unit}"
        if own := [fact for fact in same if fact.kind == "own"]:
            return None, f"“{shown}”说的是“{own[0].about[:24]}”，不是“{name}”"
        other = next((fact for fact in self._by_number.get(number.normalize(), ()) if fact.kind == "own"), None)
        if other:
            return None, f"“{shown}”没有出处；有出处的是“{other.number.normalize():f}{other.unit}”"
        return None, f"“{shown}”在需求、去年的表和资料里都没有出处"

    def _sum(self, number: Decimal, unit: str, source: str) -> str | None:
        """The formula in what the model gave as source, when its terms are facts and it comes out at the number."""
        for expression in re.findall(r"[\d.,]+[^=＝；;，。：:]*?[×*÷/+\-－＋][^=＝；;，。：:]*[=＝]\s*[\d.,]+\s*[^\s；;，。）)]*", source):
            left, _, right = re.split(r"([=＝])", fold(expression), maxsplit=1)
            terms = mentions(left)
            if len(terms) < 2 or not all(self._known(term) for term in terms):
                continue
            came_out = mentions(right)
            result = _calculated(left)
            if result is None or not came_out or came_out[0][0] != number or came_out[0][1] != unit:
                continue
            if abs(result - number) <= Decimal("0.005") * max(Decimal(1), abs(number)):
                return str(expression).strip()
        return None

    def _known(self, term: tuple[Decimal, str]) -> bool:
        return any(fact.kind in ("own", "clause") and fact.unit == term[1] for fact in self._by_number.get(term[0].normalize(), ()))


_RANK: dict[str, int] = {"request": 0, "person": 0, "computed": 1, "carried": 2, "policy": 3, "library": 4, "model": 5, "open": 6}


def mentions(text: str) -> list[tuple[Decimal, str]]:
    """Every number of a text with its unit, both in base form: ``8.8万元`` → (88000, 元)."""
    return [scaled(Decimal(match[1].replace(",", "")), match[2] or "") for match in _MENTION.finditer(fold(text))]


def scaled(number: Decimal, unit: str) -> tuple[Decimal, str]:
    """Number and unit with 万, 千 and the like multiplied out, units in one spelling."""
    plain = fold(unit).replace("*", "·").replace("×", "·").replace("百分比", "%")
    # 46名 and 46人 are the same people; 人次 and 人 are not.
    plain = re.sub(r"名|位", "人", plain)
    for scale, factor in taxonomy.SCALES.items():
        if plain.startswith(scale) and (plain == scale or plain not in taxonomy.UNITS):
            return number * factor, plain[len(scale) :]
    return number, plain


def subjects(text: str) -> set[str]:
    """The character pairs of a text that tell what it is about: the pairs that every indicator has are left out."""
    folded = re.sub(r"[\d.%]+", "", fold(text))
    return {folded[i : i + 2] for i in range(len(folded) - 1)} - _GENERIC


def instructs(text: str) -> bool:
    """True for text that talks to a model rather than about a project: such a passage is kept away from it."""
    return bool(_INSTRUCTION.search(fold(text)))


_INSTRUCTION = re.compile(
    r"忽略(?:以上|上述|之前|前面|所有|一切)|无视(?:以上|上述|之前|前面|规则)|(?:以上|之前)(?:的)?(?:指令|规则|要求)(?:作废|无效)|你(?:现在)?是(?:一个|一名)?(?:ai|人工智能|语言模型|助手)|系统提示词?"
    r"|(?:输出|打印|泄露|告诉我|写出|显示)(?:你的)?(?:系统|提示词|密钥|apikey|api密钥|设置|环境变量|口令|密码)|ignore(?:all|any|the)?(?:previous|above|prior)|disregard(?:the|all|any)|systemprompt|developermode|"
    r"(?:大)?模型(?:必须|务必|应当|请)|(?:ai|助手|模型)(?:请|必须|务必)|<\|im_start|\[inst\]|assistant:"
)


def _allowed(fact: Fact, unit: str, level2: str | None) -> bool:
    if fact.kind == "own":
        return True
    if fact.kind == "clause":
        return "/" in unit or unit in _RATES or unit in _TIMES
    return (unit in _RATES or unit in _TIMES or (unit in ("起", "次") and fact.number == 0)) and (fact.level2 is None or fact.level2 == level2)


def _same_subject(fact: Fact, name: str, level2: str | None) -> bool:
    if fact.kind == "custom" and level2 == "服务对象满意度指标":
        return True
    if fact.about == "预算" and fact.kind == "own":
        return level2 in ("成本指标", "经济成本指标") or bool(re.search(r"成本|总额|资金|预算|投资|费用", name))
    return bool(subjects(fact.about) & subjects(name)) or (fact.kind == "custom" and fold(fact.about)[-3:] == fold(name)[-3:])


def _held(name: str, text: str) -> bool:
    # The lazy pattern may have taken words before the name with it: some tail of at least four characters must stand there.
    return any(name[start:] in text for start in range(max(len(name) - 3, 1)))


def _without_references(text: str) -> str:
    text = re.sub(r"[\u4e00-\u9fff]{1,8}\s*[〔【\[（(]\s*\d{4}\s*[〕】\]）)]\s*第?\s*\d{1,5}\s*号", " ", text)
    return _TITLE.sub(" ", _STANDARD.sub(" ", text))


def _calculated(expression: str) -> Decimal | None:
    tokens: list[Decimal | str] = []
    rest = re.sub(r"[()（）]", "", expression).replace("－", "-").replace("＋", "+")
    at = 0
    while at < len(rest):
        if match := _MENTION.match(rest, at):
            tokens.append(scaled(Decimal(match[1].replace(",", "")), match[2] or "")[0])
            at = match.end()
            continue
        if rest[at] in "×*÷/+-x":
            tokens.append({"×": "*", "x": "*", "÷": "/"}.get(rest[at], rest[at]))
        at += 1
    return _evaluated(tokens)


def _evaluated(tokens: list[Decimal | str]) -> Decimal | None:
    # Products first, then sums; anything that is no number–sign–number chain is no formula.
    if len(tokens) % 2 == 0 or any(isinstance(token, str) == (i % 2 == 0) for i, token in enumerate(tokens)):
        return None
    try:
        terms: list[Decimal] = [Decimal(tokens[0])]
        for sign, number in zip(tokens[1::2], tokens[2::2], strict=True):
            value = Decimal(number)
            if sign == "*":
                terms[-1] *= value
            elif sign == "/":
                terms[-1] /= value
            else:
                terms.append(-value if sign == "-" else value)
        return sum(terms, Decimal(0))
    except (InvalidOperation, DivisionByZero):
        return None
