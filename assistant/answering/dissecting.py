"""How a question is taken apart: keys first, then operators, conditions, what kind of answer is asked, fields, numbers, small talk."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from decimal import Decimal

from assistant import library, taxonomy
from assistant.answering import lexicon
from assistant.answering.keys import find_keys
from assistant.answering.question import QUOTED, Condition, Field, Key, Known, Question
from assistant.chinese import CHINESE_NUMERAL, chinese_number, fold
from assistant.retrieval import normalised, small_talk

_NODE = re.compile(r"(\d{1,2})月(?:底|末|(?=的?(?:支出)?(?:计划|进度|比例)))|年底|年末|上半年|半年|年中|(?:第)?[一二三四1-4]季度(?:末|底)?|前三季度")
_SIGN = re.compile(
    r"大于等于号?|大于或等于号?|大于号|小于等于号?|小于或等于号?|小于号|等于号|约等于号?|≥号?|≤号?|"
    r"(?<=[写设有定带])(?:了|有)?[上下]限|>=|<=|>号?|<号?|不低于号?|不超过号?"
)
_SIGN_MEANING = {
    "大于等于": "≥",
    "大于或等于": "≥",
    "大于": ">",
    "小于等于": "≤",
    "小于或等于": "≤",
    "小于": "<",
    "等于": "=",
    "约等于": "≈",
    "上限": "≤",
    "下限": "≥",
    ">=": "≥",
    "<=": "≤",
}
_AMOUNT = (
    r"(\d+(?:\.\d+)?)((?:万元|元)/(?:人次|批次|平方米|立方米|公里|人|块|个|座|处|张|所|间|套|场|期|只|头|吨|株|天|米|生|床|"
    r"户|辆|次|年|月|亩|台|件)|%|个百分点|万元|万|亿元|亿|千元|元|块钱|块|"
    r"人次|人|户|名|个|辆|台|套|条|次|场|期|件|亩|公里|天|个月|部|座|处|所|村|头|只|吨|立方米|平方米|米|批次|份|册|株|张|间|栋|块|起)?"
)
_CONDITION = re.compile(
    (
        r"(不低于|不少于|不小于|大于等于|大于或等于|至少|≥|>=|超过|大于|高于|多于|超出|>|不超过|不高于|不多于|不大于|小于等于|"
        r"小于或等于|至多|≤|<=|低于|小于|少于|不足|不到|不满|<|等于|=|刚好|正好)(?:了)?"
    )
    + _AMOUNT
)
_BETWEEN = re.compile(_AMOUNT + r"(?:到|至|-|~|和)" + _AMOUNT + r"(?:之间|的)?")
_CONDITION_AFTER = re.compile(_AMOUNT + r"(?:\(?含\)?)?(及以上|以上|及以下|以下|以内|之内|之上|之下|往上|往下)")
_COMPARING = {
    **dict.fromkeys(("不低于", "不少于", "不小于", "大于等于", "大于或等于", "至少", "≥", ">=", "及以上", "以上", "之上", "往上"), "≥"),
    **dict.fromkeys(("超过", "大于", "高于", "多于", "超出", ">"), ">"),
    **dict.fromkeys(
        ("不超过", "不高于", "不多于", "不大于", "小于等于", "小于或等于", "至多", "≤", "<=", "及以下", "以下", "以内", "之内", "之下", "往下"), "≤"
    ),
    **dict.fromkeys(("低于", "小于", "少于", "不足", "不到", "不满", "<"), "<"),
    **dict.fromkeys(("等于", "=", "刚好", "正好"), "="),
}
_ASK_PEOPLE = re.compile(
    r"(?:多少|几个|几名|几位)[一-鿿]{0,5}?(残疾人|老年人|老人|儿童|学生|学员|群众|农户|家庭|居民|职工|对象|人员|教师|村民|患者|病人|孤儿|干部|贫困户|低保户|大学生)"
)
_NO_MEASURES = {"元", "角", "分", "度", "月", "号", "百分点", "百分比", "倍"}
_MEASURES = (set(library.measures()) | {unit for unit in taxonomy.UNITS if "一" <= unit[0] <= "鿿"}) - _NO_MEASURES
_ASK_COUNT = re.compile(
    r"(?:多少|(?<!哪)几)(?!(?:个|项|种|类|条)?(?:方面|要求|步|档|等级|标准))(?:个|名|位|万|千|百)?("
    + "|".join(sorted(_MEASURES, key=len, reverse=True))
    + r")(?!号|月|一遇)"
)
# Single words of small talk that are half of a word here (中 of 中心).
_WHOLE_WORDS = re.compile(r"中(?:心|学|小|央|职|医|药|等)|[初高]中|里程|上岗|上级|下达|内容")
# Writings of everyday for those of forms, and ways to speak of the own office.
_WRITINGS = (
    (re.compile("其它"), "其他"),
    (re.compile(r"(?<![收开借超透])支(?=(?:出去|掉)?(?:多少|几|百分))"), "支出"),
    (re.compile("亩地"), "亩"),
    (re.compile("平米|平方(?!米|公里|千米|厘米)"), "平方米"),
    (re.compile(r"(?<=[多少几])平(?![方米均台房])"), "平方米"),
)
_PRICED = "人次|人|户|辆|次|台|套|件|亩|公里|平方米|村|处|座|张|块|所|间|棵|株|头|只"
_PER = "人|户|辆|次|台|套|件|亩|公里|平方米|处|座|所|间|张|块|株|头|只|吨|村|天|月|年|期|班|场|家"
_OWN_OFFICE = re.compile(r"(?:咱们|咱|我们|我|俺|本|全)(?:局|委|办|会|中心|单位|部门|机关|县|区|市)(?!议)")
_SPENT = re.compile(r"(?:花|投入|投|安排|批|拨|下达|预算|总共|一共|共)(?:要|得|了)?(?:多少|几)(?:钱|资金|经费|万|元)")
_ALL_SPENT = re.compile(r"(?:要|得|应|就|须|必须)?(?:全部|全)?(?:花|支|用|付|支付|支出|拨付)(?:完|光|清)(?:毕|成)?|全部(?:支出|花掉|支付|用掉|拨付)")
# An amount asked with money just before it, no measure behind.
_ASK_MONEY = re.compile(r"(?:经费|资金|预算|费用|款项?)(?:一共|总共|合计)?(?:是|有|为)?(?:多少|几何)(?=$|[?!.,]|钱|元|万)")


def take_apart(raw: str, known: Known | None = None) -> Question:
    """A question taken apart, read with what the scope knows."""
    known = known or Known()
    # A blank inside a document number parts nothing.
    joined = re.sub(r"\s+(?=[号〔【\[（(])|(?<=[〕】\])）])\s+(?=第?\d)", "", raw.strip())
    text = normalised(re.sub(r"\s+", ",", joined))
    # 500元每人 is 500元/人.
    text = re.sub(r"(?<=元)每(?=人|户|辆|台|亩|公里|次|月|年)", "/", text)
    for said, written in _WRITINGS:
        text = said.sub(written, text)
    q = Question(raw=raw, text=text, settled=[False] * len(text))
    for name in known.names:
        for match in re.finditer(re.escape(name), text):
            if not any(q.settled[match.start() : match.end()]):
                q.settle(*match.span())
    find_keys(q)
    _absent(q)
    _operators(q, known.words)
    _manner(q)
    for match in _OWN_OFFICE.finditer(text):
        q.settle(*match.span())
    _conditions(q)
    _asks(q, known.units)
    _fields(q, {match.end() + len(joint) for name in known.names for match in re.finditer(re.escape(name), text) for joint in ("", "的")})
    _numbers(q, known.numbers)
    spent = _ALL_SPENT.search(q.text) if q.nodes and (q.which or q.listing or q.counting) and not q.loose_numbers else None
    if spent and not q.conditions:
        # 6月底要花完的项目: those whose plan says 100 % by then.
        q.conditions.append(Condition("=", Decimal(100), "%", *spent.span()))
        q.settle(*spent.span())
    if not q.kind and not q.fields and re.search(r"(?:资金|经费|费用|钱|款项|花费|开销)[?!.]*$", q.text):
        q.kind = "budget"
    _small_talk(q, known.phrases)
    return q


def _absent(q: Question) -> None:
    for label_pattern, label in lexicon.ABSENT:
        match = re.search(label_pattern, q.text)
        if match:
            q.absent = (label, match[0])
            return


def _operators(q: Question, words: str) -> None:
    for name, pattern in lexicon.OPERATORS:
        match = re.search(pattern, q.text)
        if name in ("most", "least") and match and re.match(r"(?:能|可以|可|补|给|发|报|享受|按)", q.text[match.end() :]):
            # 最多补多少 asks for a ceiling, not for the largest.
            q.settle(*match.span())
            continue
        if match and name == "average" and re.search(r"计划|进度", q.text):
            continue
        if match and name == "difference" and match[0][0] in "长短贵便早晚" and "比" not in q.text[: match.start()]:
            continue
        if match and (q.free(*match.span()) or (name == "share" and q.free(match.start(), match.start() + 1))) and not _in_a_name(q.text, *match.span(), words):
            if not q.operator:
                q.operator, q.operator_text = name, match[0]
                if name == "greater" and (people := re.search(r"人(?:数)?(?=更?(?:多|少))", q.text)):
                    q.kind, q.classifier = "count", "人"
                    q.settle(*people.span())
                if match.re.groups and match[1]:
                    q.settle(*match.span(1))
                    q.settle(*match.span(2))
                    continue
                if name == "difference" and (counted := re.search(r"(?:人|户|公里|米|亩|台|套|天|次)$", match[0])):
                    q.kind, q.classifier = "count", counted[0]
                q.settle(*match.span())
                for again in re.finditer(pattern, q.text) if name == "rank" else ():
                    q.settle(*again.span())
            elif name in ("sum", "average"):
                q.settle(*match.span())


def _manner(q: Question) -> None:
    """Whether it asks yes or no, how many, a list, which one; what it negates; whether it wants whole rows or general advice."""
    yes_no = re.search(lexicon.YES_NO, q.text)
    q.yes_no = yes_no is not None
    if yes_no and (yes_no[1] or yes_no["verb"]):
        q.settle(*yes_no.span())
    counting = re.search(lexicon.COUNT, q.text)
    if counting and re.fullmatch(lexicon.SUMMED_UP, q.text[counting.end() :]) and not re.search(r"有(?:多少|几)", q.text):
        # 164号的几个项目合计: what they come to, not how many there are.
        q.settle(*counting.span())
        q.kind = q.kind or "money"
        counting = None
    if counting and (re.search(r"表|项目|资金|指标|目标|措施", counting[0]) or re.match(lexicon.COUNTED_BY, q.text[counting.end() :])):
        before = re.search(r"(指标|项目|措施|分项目标)(?:里面?|中|当中|一)?(?:共)?(?:有|设|设了)?$", q.text[: counting.start()])
        what = re.search(r"措施|分项|三级指标|绩效指标|指标|表|项目|资金|目标", counting[0]) or before
        q.counting, q.counted = True, what[0] if what else ""
        measure = re.search(r"(?:多少|几)(个|张|份|项|条|笔)", counting[0])
        if not what and measure and not q.operator:
            q.kind, q.classifier = "count", measure[1]
        noun = re.search(r"(?:多少|几)(?:个|张|份|项|条|笔)([一-鿿]{2,6}?)(?=指标)", counting[0])
        q.settle(counting.start(), counting.start() + noun.start(1) if noun else counting.end())
    listing = re.search(lexicon.LISTING, q.text)
    q.listing = listing is not None
    which = re.search(lexicon.WHICH, q.text) or re.search(
        rf"{_AMOUNT}的?(?:那个|这个|那张)?(?:项目|表)?(?:是|叫)(?:什么|啥)(?:名字|项目|钱|资金|经费)?(?=$|[?!.,])", q.text
    )
    q.which = which is not None
    if which and which.re.groups and which[1] and which.lastindex:
        which = re.search(r"的?(?:那个|这个|那张)?(?:项目|表)?(?:是|叫)(?:什么|啥)(?:名字|项目|钱|资金|经费)?(?=$|[?!.,])", q.text)
    for found in (listing, which):
        if found:
            q.settle(*found.span())
    q.negated = (
        re.search(lexicon.NEGATION, re.sub(r"有没有|是不是|有无|不低于|不少于|不超过|不高于|不足|不到|不同|不一样|没有[?!.]*$|无障碍", "", q.text)) is not None
    )
    wordy = re.search(lexicon.IN_WORDS, q.text)
    if wordy:
        q.in_words, q.negated = True, False
        q.settle(*wordy.span())
    counted_values = re.search(lexicon.IN_NUMBERS, q.text)
    if counted_values and not q.in_words:
        q.in_numbers = True
        q.settle(*counted_values.span())
    for match in re.finditer(r"[一二两三四五六七八九十]+(?:张|项|笔|份|个)(?=项目|绩效|目标|表|资金|指标|文件|的|一共|总共|合计|都)", q.text):
        q.settle(*match.span())
    q.whole_row = re.search(lexicon.WHOLE_ROW, q.text) is not None
    q.all_rows = re.search(lexicon.ALL_ROWS, q.text) is not None
    if q.negated and (q.listing or q.which or q.counting):
        for match in re.finditer(lexicon.NEGATION, q.text):
            q.settle(*match.span())
    for pattern in (lexicon.WHOLE_ROW, lexicon.ALL_ROWS):
        for match in re.finditer(pattern, q.text):
            q.settle(*match.span())
    q.how_to = re.search(lexicon.HOW_TO, q.text) is not None


def _in_a_name(text: str, start: int, end: int, words: str) -> bool:
    """Whether a word that could be an operator is part of an indicator's name (教师占比, 用水总量)."""
    around = {text[max(0, start - 2) : end], text[max(0, start - 1) : end + 1], text[start : end + 2]}
    return any(len(piece) >= end - start + 2 and piece in words for piece in around)


def _conditions(q: Question) -> None:
    for match in _BETWEEN.finditer(q.text):
        if q.free(*match.span()) and (match[0].endswith("之间") or match[4]):
            unit = _unit(match[4] or match[2])
            q.conditions += [Condition("≥", Decimal(match[1]), unit, *match.span()), Condition("≤", Decimal(match[3]), unit, *match.span())]
            q.settle(*match.span())
    for match in _CONDITION.finditer(q.text):
        if q.free(match.start(2), match.end()):
            q.conditions.append(Condition(_COMPARING[match[1]], Decimal(match[2]), _unit(match[3]), *match.span()))
            q.settle(*match.span())
    for match in _CONDITION_AFTER.finditer(q.text):
        if q.free(*match.span()):
            q.conditions.append(Condition(_COMPARING[match[3]], Decimal(match[1]), _unit(match[2]), *match.span()))
            q.settle(*match.span())
    for match in _SIGN.finditer(q.text):
        if q.free(*match.span()):
            word = match[0].removesuffix("号").lstrip("了有")
            q.conditions.append(Condition(_SIGN_MEANING.get(word, _COMPARING.get(word, word)), None, "", *match.span()))
            q.settle(*match.span())


def _unit(said: str | None) -> str:
    """The unit of an amount as tables write it (20万 is 20万元)."""
    return {"万": "万元", "亿": "亿元", "块": "元", "块钱": "元", None: ""}.get(said, said or "")


def _asks(q: Question, units: frozenset[str]) -> None:
    for pattern, kind in lexicon.ASKS:
        match = re.search(pattern, q.text)
        if match and kind == "money" and re.fullmatch(r"(?:多少|几)块", match[0]) and "块" in units:
            # 多少块 of boards, not of money.
            kind = "count"
        if match:
            if kind == "count":
                q.classifier = "块"
            if not q.kind:
                q.kind = kind
                found = re.search(rf"(?:每|一|1)(?:个|名|位)?(?:残疾)?({_PER})", match[0])
                q.classifier = found[1] if found and kind == "per" else q.classifier
            q.settle(*match.span())
            before = re.search(r"每(?:个|名|位)?(人|户|辆|台|亩)$", q.text[: match.start()]) if kind == "per" else None
            if before and q.classifier in ("年", "月", "天", "期", "次"):
                # 每人每年: of one of them, by the year.
                q.settle(*before.span())
    if not q.kind and _ASK_MONEY.search(q.text):
        q.kind = "money"
    each = re.search(
        r"每(?:个|名|位)?(?:残疾)?(人|户|辆|次|台|套|亩|公里|平方米)(?!次|数)[^?!.,每]{1,12}?(?:补|发|给|资助|奖|领|拨)(?:贴|助)?(?:多少|几)(?:钱|元|块)?(?=$|[?!.,])",
        q.text,
    )
    if each and q.kind in ("", "money"):
        # 每户无障碍改造补多少: what one of them is given, not how many there are.
        q.kind, q.classifier = "per", each[1]
        q.settle(each.start(), each.end(1))
    priced = re.search(rf"每(?:个|名|位|一)?({_PRICED})(?!次|数)[一-鿿]{{1,6}}(?:多少|几)(?:钱|元|块|万)(?=$|[?!.,])", q.text)
    if priced and q.kind == "money":
        q.kind, q.classifier = "per", priced[1]
        q.settle(priced.start(), priced.end(1))
    q.spent = (
        q.kind == "money"
        and _SPENT.search(q.text) is not None
        and re.search(r"每|标准|单价|(?:一|1|单)(?:个|人|户|名|年|亩|公里|块|台|套|场|次|件|处|座|站)", q.text) is None
    )
    people = _ASK_PEOPLE.search(q.text)
    if people and not q.counting and q.kind in ("", "money"):
        # 多少重度残疾人: the noun stays a word to be found.
        q.kind, q.classifier = "count", "户" if people[1] in ("农户", "家庭", "贫困户", "低保户") else "人"
        q.settle(people.start(), people.start() + 2)
    ending = re.search(r"(?:对象|人员|残疾人|老人|学生|群众|儿童|职工|居民|户|农户)(?:一共|总共)?(有|是)?(多少|几)(?:个|人|名)?(?=$|[?!.,])", q.text)
    if ending and not q.counting and not q.kind:
        q.kind, q.classifier = "count", "户" if "户" in ending[0] else "人"
        q.settle(ending.start(2), ending.end())
    match = _ASK_COUNT.search(q.text)
    if match and not q.counting and q.kind in ("", "money") and q.free(*match.span()):
        q.kind, q.classifier = "count", match[1]
        q.settle(*match.span())
    if not q.kind and re.search(r"(?:每|一)(?:个|名|位)?(?:人|户|辆|次|台|套|件|亩|公里|平方米|村|天|月)(?:的)?(?:补|发|给|标准|资助|奖|$|[?!.,])", q.text):
        q.kind = "per"
        for each in re.finditer(r"每(?:个|名|位)?(?:人|户|辆|次|天|月|年)", q.text):
            q.settle(*each.span())
        found = re.search(r"(?:每|一)(?:个|名|位)?(人|户|辆|次|台|套|件|亩|公里|平方米|村|天|月)", q.text)
        q.classifier = found[1] if found else ""
        if found:
            q.settle(*found.span())


def _fields(q: Question, offices: set[int]) -> None:
    """Note the field words; ``offices`` are the places behind the names of offices."""
    for pattern, meaning in lexicon.HEADER_FIELDS:
        q.fields += [Field(meaning, *match.span(), True) for match in re.finditer(pattern, q.text) if match[0]]
    for pattern, meaning, hard in lexicon.TYPE_FIELDS:
        q.fields += [Field(meaning, *match.span(), hard) for match in re.finditer(pattern, q.text) if match[0]]
    for pattern, meaning in lexicon.PART_FIELDS:
        q.fields += [Field(meaning, *match.span(), True) for match in re.finditer(pattern, q.text) if match[0]]
    for words, meaning in _slang():
        # 培训多少: the asking part is a field word, what is asked about stays a word to be found.
        about = re.match(r"(?![每一补])[一-鿿]{2,}(?=多少$)", words)
        skip = about.end() if about is not None and not small_talk().fullmatch(about[0]) else 0
        q.fields += [Field(meaning, match.start() + skip, match.end(), False) for match in re.finditer(re.escape(words), q.text)]
    if q.which or q.listing:
        q.fields = [one for one in q.fields if one.meaning != "project.name"]
    for match in _NODE.finditer(q.text):
        q.nodes.append(match[0])
        q.fields.append(Field("plan", *match.span(), False))
    if q.nodes:
        q.fields += [Field("plan", *match.span(), False) for match in re.finditer(r"(?:累计)?(?:支出|花费|花|用款|用|拨付|支付)", q.text)]
    # The label before a code, and the whole name of an office.
    q.fields = [one for one in q.fields if one.meaning != "project.code" or q.free(one.start, one.end)]
    if any(one.meaning == "project.name" and one.start in offices for one in q.fields):
        q.fields = [replace(one, meaning="unit.name") if one.meaning == "project.name" else one for one in q.fields]
    # 项目的 is not 目的.
    q.fields = [one for one in q.fields if not (one.start and q.text[one.start - 1 : one.start + 1] == "项目")]


_SLANG_FIELDS = {
    "预算数": "budget.total", "财政资金": "budget.fiscal", "其他资金": "budget.other", "资金用途": "purpose", "资金支出计划": "plan", "绩效目标": "goals",
    "指标值确定依据": "basis", "绩效指标描述": "description", "项目名称": "project.name", "项目编码": "project.code", "预算单位": "unit.name", "年度": "year",
    "满意度指标": "服务对象满意度指标",
}  # fmt: skip


@functools.lru_cache(maxsize=1)
def _slang() -> tuple[tuple[str, str], ...]:
    """The field words of the editable table, folded, each with what it means here."""
    return tuple((fold(row.words), _SLANG_FIELDS.get(row.field, row.field)) for row in library.slang())


def _numbers(q: Question, known: frozenset[int]) -> None:
    """Bare numbers: a document number's when the corpus knows it, else a number the answer must account for."""
    for match in re.finditer(r"(?<![\d.])\d+(?:个|张|项|条)?(?:项目|绩效目标表|目标表|指标|节点)|(?<![\d.])" + _AMOUNT, q.text):
        if match[1] is None:
            # 10个项目, 六个指标: how many there are, no value.
            q.settle(match.start(), match.start() + len(re.match(r"\d+(?:个|张|项|条)?", match[0])[0]))  # type: ignore[index]
            continue
        if not q.free(*match.span()) or re.match(r"(?:月|季度)", q.text[match.end() :]):
            continue
        if match[0].isdigit() and int(match[0]) in known:
            q.keys.append(Key("", None, int(match[0]), *match.span()))
            q.settle(*match.span())
        else:
            q.loose_numbers.append(match.span())
    for match in CHINESE_NUMERAL.finditer(q.text):
        if len(match[0]) >= 2 and (value := chinese_number(match[0])) in known and value is not None and value > 100:
            q.keys.append(Key("", None, value, *match.span()))
            q.settle(*match.span())


def _small_talk(q: Question, phrases: frozenset[str]) -> None:
    whole = [match.span() for match in _WHOLE_WORDS.finditer(q.text)]
    for match in small_talk().finditer(q.text):
        if not any(len(match[0]) == 1 and start <= match.start() < end for start, end in whole):
            q.settle(*match.span())
    for match in re.finditer(r"第(?:[一二三四五六七八九十]{1,2}|\d{1,2})(?:项|条)|(?:折合|折|合|等于|相当于|也就是)(?=多少(?:元|块|万))", q.text):
        q.settle(*match.span())
    for words in (*lexicon.NEVER_SMALL_TALK, *map(re.escape, phrases)):
        for match in re.finditer(words, q.text):
            q.settled[match.start() : match.end()] = [False] * len(match[0])
    # What is quoted is asked for word by word.
    for match in QUOTED.finditer(q.text):
        q.settled[match.start(1) : match.end(1)] = [False] * len(match[1])
