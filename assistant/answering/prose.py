"""Answers in prose: what a policy requires, how a cell is written, what a term means, which indicators a kind of project has.

A section answers when its heading asks the same thing: the rarer a word of the question, the more it must be found there, and what
neither heading nor names nor text of a section explain keeps the answer back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant import library
from assistant.answering import wording
from assistant.answering.answer import Answer, Citation
from assistant.answering.desk import Desk
from assistant.answering.matching import Matcher
from assistant.answering.question import QUOTED, Question
from assistant.answering.views import Pool
from assistant.chinese import chinese_number, document_numbers, fold
from assistant.corpus import Corpus, Passage, Policy
from assistant.retrieval import alias_table, search
from assistant.store import VectorStore

_STRONG_MEANING = re.compile(r"(?:什么|啥)意思|含义|什么是|啥是|什么叫|啥叫|何谓|何为|(?:定义|概念)(?:是什么)?|指(?:的是)?(?:什么|啥)|怎么理解")
_MEANING = re.compile(_STRONG_MEANING.pattern + r"|是(?:什么|啥)(?=[?!.]*$)|是什么东西")
# Words of asking; everything else of a question has to be found in a section.
_ASKING = re.compile(
    r"要求|才好|最好|比较好|更好|合适|请问|麻烦|想问|一下|怎么样|怎么|怎样|如何|咋|什么样|什么|啥|哪些|哪几[个种类条项]|哪个|哪|多少|几[个种类条项档分天]?|是不是|是否|能不能|可不可以|可以|要不要|需不需要|应该|应当|"
    r"该|得|要|能|会|是|的|地|了|吗|呢|吧|么|呀|有没有|有|对|在|和|与|跟|及(?!时)|、|,|[?!.:;\"“”()]|主要|一般|通常|具体|规定|内容|方面|讲|说|写|关于|(?<!预)(?<!决)(?<!概)算|才|就|都|设|填|定|编|里|中|上|作为|当作|当|做|钱|政策"
)
_KIND_ASKED = re.compile(
    r"类(?:的)?(?:项目|资金).{0,6}(?:指标|目标)(?!值)|(?:怎么|如何|咋|怎样)(?:写|填|设|定|编)(?:绩效)?(?:指标|目标)(?!值)|类(?:.{2,4}指标|指标)"
)
# How a text ought to be worded: advice, whatever some table happens to say.
_ADVICE = re.compile(
    r"(?:怎么|怎样|如何|咋)(?:改|替换|修改|完善|规范|优化)|(?:换|改)成(?:什么|啥)|(?:怎么|怎样|如何|咋)写(?:才|比较|最|更)(?:好|合适|规范|对)|"
    r"应(?:当|该)?(?:用|写|填|设)(?:成|为)?(?:什么|啥|哪)|用(?:什么|啥|哪个|哪种)(?:符号|单位|计量单位)|"
    r"(?:用|写|填|设|定|带)(?:成|为)?[^,?!.是有]{1,14}(?:对|行|可以|合适|规范|好|妥)(?:吗|么|不|不对|不行)?[?!.]*$|"
    r"(?:能不能|可不可以|可以|能|算)(?:用来|拿来)?(?:做|作|当|当作|作为|用|写|填|放|设|写进)[^,?!.]{0,12}(?:指标|依据|目标)[^,?!.]{0,4}(?:吗|么|不)?[?!.]*$|"
    r"(?:用|写|填|带|是)(?:≥|≤|=|>|<|大于等于号?|小于等于号?|等于号?)[^,?!.]{0,2}还是"
)
_KINDS_OF = re.compile(
    r"指标(?:都|一般|主要)?包括(?:哪些|什么|啥)(?:指标)?(?=$|[?!.])|指标(?:都|一般|主要|可以)?(?:包括|包含|分成?|有|分为)(?:哪几|哪|几|多少)(?:类|种|大类)|(?:哪几|几)(?:类|种)(?:[一-鿿]{2,4})?指标"
)
# A province in the question: another place's paper does not answer for it.
_PROVINCES = dict(
    pair.split(":")
    for pair in """
    北京:京 天津:津 河北:冀 山西:晋 内蒙古:内 辽宁:辽 吉林:吉 黑龙江:黑 上海:沪 江苏:苏 浙江:浙 安徽:皖 福建:闽 江西:赣 山东:鲁 河南:豫
    湖北:鄂 湖南:湘 广东:粤 广西:桂 海南:琼 重庆:渝 四川:川 贵州:黔 云南:云 西藏:藏 陕西:陕 甘肃:甘 青海:青 宁夏:宁 新疆:新
    """.split()
)
_LEAST, _LEAST_IN_HEAD = 0.8, 0.45
_STRICT, _STRICT_IN_HEAD = 0.95, 0.75
# A section that names its own policy answers for that policy only; one kept from memory comes after one checked.
_OTHER_POLICY, _FROM_MEMORY = 0.4, 0.1
_TITLED = re.compile(r"(?:规范|办法|意见|指引|通知|条例|法|号文?)$")
# What is asked for, too common to be looked up by: a heading that says it too is the better one.
_ASKED_FOR, _SAME_ASKED_FOR = ("要求", "规定", "方面", "原则", "步骤", "种类", "程序", "时间", "问题", "什么意思"), 0.4


def comes_first(q: Question, desk: Desk, corpus: Corpus) -> bool:
    """Whether a question is about how things are done in general rather than about a table's cell."""
    own = _names_a_field(q) or _names_part_one(q, desk)
    if _STRONG_MEANING.search(q.text) or (_MEANING.search(q.text) and _term_of(q) is not None and not own):
        return True
    if _KIND_ASKED.search(q.text) and _kind_of(q) is not None:
        return True
    if _ADVICE.search(q.text) and not desk.m.hard and not any(desk.m.spelled(view) >= 3 for view in desk.tables):
        return True
    if _KINDS_OF.search(q.text) and _names_a_field(q) and not desk.named_tables():
        return True
    if q.listing and not q.how_to and {"basis", "description"} & q.meanings():
        return False
    if not desk.m.hard and _names_policy(q, corpus) and not desk.named_tables():
        return True
    if not q.how_to or (desk.m.hard and not desk.m.unknown_keys):
        return False
    # A project named or a cell's own words asked for: it is about a table.
    runs = q.runs()
    texts = [cell for part in desk.parts for cell in part.cells if cell.type in ("safeguard", "item")]
    if runs and any(all(all(desk.m.covered(Pool(cell.name))[start:end]) for start, end in runs) for cell in texts):
        # A goal or safeguard of part 1 is called just that.
        return False
    return not desk.named_tables() and not any(fit.own and (fit.cell.row is not None or fit.cell.type == "measure") for fit in desk.choose())


def answer(text: str, q: Question, corpus: Corpus, store: VectorStore | None, k: int) -> Answer | None:
    """The section, library rows or term that answers, or None."""
    found = _two_terms(text, q) or _term(text, q) or _kinds(text, q)
    if found is not None:
        return found
    if q.kind in ("place", "person") or q.operator not in ("", "wording", "average", "share"):
        return None
    asks = q.how_to or _ADVICE.search(q.text) or _KIND_ASKED.search(q.text) or q.keys or (q.listing and not q.fields) or _names_policy(q, corpus) or _general(q)
    if q.kind == "budget" or (q.absent is not None and not asks):
        return None
    if q.kind in ("count", "per", "money") or not asks:
        # What asks for a figure or names a subject only: the section that is called just that.
        return _section(text, q, corpus, store, k, strict=True)
    if _KIND_ASKED.search(q.text) and _kind_of(q) is not None:
        return _library(text, q) or _section(text, q, corpus, store, k)
    return _section(text, q, corpus, store, k) or _library(text, q)


_GENERAL = re.compile(
    r"谁(?:批复|审核|负责|评价)|权重|占(?:多少|几)分|(?:多少|几)分(?:算|为|是)|多少天|几天|分(?:几|哪)|(?:包括|包含|有)哪|怎么办|为什么|合适|区别|不同|划分|"
    r"(?:评|看|管|讲|写|填|审|管)(?:的是)?(?:什么|啥|哪)|(?<!预)(?<!决)(?<!概)算(?:不算)?"
)


def _general(q: Question) -> bool:
    """Whether a question asks as one asks of rules."""
    return _GENERAL.search(q.text) is not None and q.absent is None


def _names_a_field(q: Question) -> bool:
    return any(one.hard and one.meaning.endswith("指标") for one in q.fields)


def _names_part_one(q: Question, desk: Desk) -> bool:
    """Whether it is the office's own goals or safeguards that a question names."""
    return bool(desk.parts) and any(one.hard and one.meaning in ("overall", "item", "safeguard") for one in q.fields)


# -- terms -----------------------------------------------------------------------------------------------------------------------------


def _term_of(q: Question) -> library.Term | None:
    rest = _MEANING.sub("", q.text).strip("?!,.的请问一下是指")
    for entry in library.glossary():
        names = [fold(name) for name in (entry.term, *entry.aliases)]
        if {rest, rest.removesuffix("指标"), re.sub(r"^(?:部门|项目|财政|预算)+", "", rest)} & set(names):
            return entry
    return None


def _term(text: str, q: Question) -> Answer | None:
    """The meaning of a term, when the question asks for the meaning of just that."""
    entry = _term_of(q) if _MEANING.search(q.text) else None
    return None if entry is None else Answer(text, True, f"{_said(entry)}。", (_cited(entry),))


def _kinds(text: str, q: Question) -> Answer | None:
    """What kinds a family of indicators has (产出指标包括哪几类), from its term."""
    if not _KINDS_OF.search(q.text):
        return None
    named = next((q.text[one.start : one.end] for one in q.fields if one.hard and one.meaning.endswith("指标")), "")
    entry = next((entry for entry in library.glossary() if named in [fold(name) for name in (entry.term, *entry.aliases)]), None)
    divided = entry is not None and re.search("分|、", entry.meaning)
    return Answer(text, True, f"{_said(entry)}。", (_cited(entry),)) if entry is not None and divided else None


def _two_terms(text: str, q: Question) -> Answer | None:
    """What two terms mean, when their difference is asked for."""
    if q.operator != "wording" and not re.search(r"区别|不同|差别", q.text):
        return None
    found: dict[str, library.Term] = {}
    taken = [False] * len(q.text)
    names = [(fold(name), entry) for entry in library.glossary() for name in (entry.term, *entry.aliases) if len(name) >= 2]
    for name, entry in sorted(names, key=lambda pair: -len(pair[0])):
        at = q.text.find(name)
        if at >= 0 and not any(taken[at : at + len(name)]):
            found[entry.term] = entry
            taken[at : at + len(name)] = [True] * len(name)
    rest = "".join(char for char, mark in zip(q.text, taken, strict=True) if not mark)
    if len(found) != 2 or _ASKING.sub("", rest).replace("区别", "").replace("不同", "").replace("差别", ""):
        return None
    terms = list(found.values())
    return Answer(text, True, "；".join(map(_said, terms)) + "。", tuple(map(_cited, terms)))


def _said(entry: library.Term) -> str:
    also = f"（也叫{'、'.join(entry.aliases[:3])}）" if entry.aliases else ""
    return f"{entry.term}{also}：{entry.meaning.rstrip('。')}"


def _cited(entry: library.Term) -> Citation:
    return Citation("glossary/术语.csv", None, None, entry.term, entry.meaning)


# -- kinds of projects -----------------------------------------------------------------------------------------------------------------


def _kind_of(q: Question) -> library.ProjectType | None:
    """The project type that a question names: the longest of its names and triggers that stands in it."""
    best: tuple[int, library.ProjectType] | None = None
    for kind in library.project_types():
        for name in (kind.name, *kind.triggers):
            if len(name) >= 2 and fold(name) in q.text and (best is None or len(name) > best[0]):
                best = (len(name), kind)
    return best[1] if best else None


def _library(text: str, q: Question) -> Answer | None:
    """The customary indicators of a kind of project, of one level-2 type when the question says so."""
    if "指标" not in q.text and not (q.how_to and _names_a_field(q)) and not _KIND_ASKED.search(q.text):
        return None
    kind = _kind_of(q)
    types = {one.meaning for one in q.fields if one.hard and one.meaning.endswith("指标")}
    rows: Sequence[library.LibraryRow] = kind.rows if kind is not None else library.general_rows() if types else ()
    rows = [row for row in rows if not types or row.level2 in types]
    rows = sorted(rows, key=lambda row: ("必备", "每项用途", "单价", "总成本", "可选").index(row.use) if row.use else 9)[:9]
    if not rows:
        return None
    name = f"{kind.name}类项目" if kind is not None else "各类项目"
    lines = [f"{row.level2.removesuffix('指标')}—{row.name}{_customary(row)}" for row in rows]
    source = f"indicators/{kind.code}-{kind.name}.csv" if kind is not None else "indicators/通用.csv"
    citations = tuple(Citation(source, name, None, f"{row.level2} {row.name}", row.description) for row in rows)
    return Answer(text, True, f"{name}常用的指标：{'；'.join(lines)}。（依据内置绩效指标库，数值须按本项目实际填）", citations)


def _customary(row: library.LibraryRow) -> str:
    return f"（{row.comparator}{row.customary:f}{row.unit}）" if row.customary is not None else f"（单位：{row.unit}）" if row.unit else ""


# -- sections --------------------------------------------------------------------------------------------------------------------------


def _names_policy(q: Question, corpus: Corpus) -> bool:
    """Whether a policy's title or other name stands in the question."""
    return any(name in q.text for policy in corpus.policies() for name in _names((policy.title, policy.facts.get("aliases", ""))))


def _names(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in map(fold, re.split(r"[、\s]", text)) if len(name) >= 3]


def _section(text: str, q: Question, corpus: Corpus, store: VectorStore | None, k: int, *, strict: bool = False) -> Answer | None:
    """The section of a policy digest that answers; ``strict`` when only one may that its heading asks nearly in the same words."""
    hits = [hit.passage for hit in search(corpus, store, text, k=max(8 * k, 64), kind="policy")]
    if q.keys:
        hits = [passage for passage in hits if any(key.means(*one) for key in q.keys for one in document_numbers(passage.context))]
    place = next((name for name in _PROVINCES if re.search(rf"{name}(?:省|市|自治区|的|(?=[一-鿿]))", q.text)), None)
    if place is not None:
        hits = [one for one in hits if place in one.title + one.context or any(no.prefix.startswith(_PROVINCES[place]) for no in document_numbers(one.context))]
    if not hits:
        return None
    asked = _asked(q)
    if q.keys and not asked.runs():
        if q.which or q.listing or q.counting or q.fields or q.kind:
            return None
        return _contents(text, hits, corpus)
    weights = _rarity(asked.text, hits)
    scored = [(score, -rank, passage) for rank, passage in enumerate(hits) if (score := _alike(asked, passage, weights, strict=strict)) is not None]
    if not scored:
        return None
    _, _, passage = max(scored, key=lambda one: one[:2])
    body = passage.text.partition("\n")[2] or passage.text
    number = next((str(one) for one in document_numbers(passage.context)), "")
    title = f"《{passage.title}》" + (f"（{number}）" if number else "")
    said = wording.shortened(re.sub(r"\n+", "\n", body).strip(), 240)
    return Answer(text, True, f"{said}（依据{title}“{passage.cell}”）", (Citation(passage.source, passage.title, None, passage.cell, body),))


def _contents(text: str, hits: Sequence[Passage], corpus: Corpus) -> Answer:
    """What a policy is about, when only its number is given: its sections by name."""
    policy = next(one for one in corpus.policies() if one.title == hits[0].title)
    number = f"（{policy.number}）" if policy.number else ""
    headings = "；".join(section.heading for section in policy.sections if section.heading)
    citation = Citation(policy.source, policy.title, None, policy.sections[0].heading, policy.sections[0].text)
    return Answer(text, True, f"《{policy.title}》{number}，资料中整理了：{headings}。可以就其中一条再问。", (citation,))


def _asked(q: Question) -> Question:
    """The question with only its words of asking and its keys accounted for, articles in the writing of laws."""
    text = re.sub(r"第(\d{1,3})条", lambda match: f"第{_han(int(match[1]))}条", q.text)
    asked = replace(q, text=text, settled=[False] * len(text), fields=[], loose_numbers=[])
    for match in _ASKING.finditer(text):
        asked.settle(*match.span())
    for match in QUOTED.finditer(text):
        asked.settled[match.start(1) : match.end(1)] = [False] * len(match[1])
    for match in re.finditer(r"(?:[一-鿿]{0,4}(?:20\d{2}年?|[\[(]?\d{0,4}[\])]?))?第?\d{1,4}号(?:文件|文)?|中发|财预", text):
        if q.keys:
            asked.settle(*match.span())
    return asked


def _han(number: int) -> str:
    for text in (f"{a}{b}{c}" for a in ("", "一百", "二百") for b in ("", "十", *(f"{d}十" for d in "二三四五六七八九")) for c in ("", *"一二三四五六七八九")):
        if text and chinese_number(text) == number:
            return text
    return str(number)


def _rarity(text: str, passages: Sequence[Passage]) -> list[float]:
    """How telling each character of a text is among these passages: that of its rarest pair."""
    pools = [passage.cell + passage.text for passage in passages]
    weights = [0.3] * len(text)
    for i in range(len(text) - 1):
        among = sum(text[i : i + 2] in pool for pool in pools)
        weight = math.log(1 + len(pools) / (1 + among))
        for place in (i, i + 1):
            weights[place] = max(weights[place], weight)
    return weights


def _lonely(q: Question) -> set[int]:
    """Places of single characters left between words of asking: they tell next to nothing."""
    return {start for start, end in q.runs() if end - start == 1}


def _alike(asked: Question, passage: Passage, weights: list[float], *, strict: bool = False) -> float | None:
    """How well a section's heading answers, or None when too much of the question is found neither there nor in the text (``strict``: in
    the heading and its document's name)."""
    matcher = Matcher(asked, ())
    heading = Pool(passage.cell)
    head = matcher.covered(heading)
    names = matcher.covered(Pool(passage.title, passage.context))
    body = matcher.covered(Pool(passage.text))
    content = [i for start, end in asked.runs() for i in range(start, end)]
    weights = [0.3 if i in lonely else weight for i, weight in enumerate(weights)] if (lonely := _lonely(asked)) else weights
    total = sum(weights[i] for i in content)
    if not total:
        return None
    found = sum(weights[i] for i in content if head[i] or names[i] or body[i]) / total
    in_head = sum(weights[i] for i in content if head[i]) / total
    named = sum(weights[i] for i in content if names[i]) / total
    called = any(name in asked.text for name in _names((passage.title, passage.context)))
    if found < _LEAST or (max(in_head, named) < _LEAST_IN_HEAD and not called):
        return None
    if strict and (sum(weights[i] for i in content if head[i] or names[i]) / total < _STRICT or in_head < _STRICT_IN_HEAD or not _tells(asked, passage)):
        return None
    told = {heading.text[i : i + 2] for i in range(len(heading.text) - 1)}
    said = {asked.text[i : i + 2] for i in range(len(asked.text) - 1)}
    dice = 2 * len(told & said) / max(len(told) + len(said), 1)
    own = any(_TITLED.search(name) and name in heading and name not in asked.text for name in _names((passage.title, passage.context)))
    less = (_OTHER_POLICY if own else 0.0) + (_FROM_MEMORY if "凭记忆" in passage.text else 0.0)
    return found + in_head + 0.4 * named + dice - less + (_SAME_ASKED_FOR if any(noun in asked.text and noun in heading for noun in _ASKED_FOR) else 0.0)


def _tells(asked: Question, passage: Passage) -> bool:
    """Whether a section says a figure of the kind asked for; what asks how much is told by a heading that asks how much too."""
    how_much = re.compile(r"多少|几(?!乎)")
    if how_much.search(asked.text) and not how_much.search(passage.cell):
        return False
    figure = {"count": r"\d", "per": r"\d(?:万?元|块)", "money": r"\d(?:万?元|块)"}.get(asked.kind, "")
    return re.search(figure, passage.text) is not None and "没有查到" not in passage.text


# -- the head of a policy -----------------------------------------------------------------------------------------------------------------

_ISSUED = re.compile(
    r"(?:是)?(?:哪一?年|哪天|哪月|什么时候|啥时候|何时|几月|几几年|什么时间|多会儿)(?:份)?(?:由谁)?(?:下发|印发|发布|颁布|公布|出台|制定|通过|修订|修改|修正|实施|施行|执行|生效|开始|发|出|定)*(?:的)?|"
    r"(?:是)?(?:谁|哪个(?:部门|单位|机关)|哪(?:几个|些)?(?:部门|单位)|什么部门)(?:下发|印发|发布|颁布|公布|出台|制定|发|出|定)(?:的)?|"
    r"(?:的)?(?:文号|发文字号|文件号)(?:是)?(?:多少|什么|几号|啥)?|(?:的)?(?:发文|印发|制定|颁布|施行|生效)(?:机关|单位|部门|时间|日期)(?:是)?(?:什么|哪个|谁|哪天)?|"
    r"(?:现在)?(?:还)?(?:有效|管用|作废|废止|失效|现行)(?:了)?(?:吗|没有|不|没)?(?:了)?(?=[?!.]*$)"
)
_PAPER = re.compile(r"意见|办法|通知|指引|条例|规范|规定|公告|(?<!办)法(?!律)|文件|号文?")
_ASIDE = re.compile(r"请问|麻烦|那个|这个|文件|的|《|》|[?!.,:;\"“”()]|是|请|问|一下|关于|国家")


def issued(text: str, q: Question, corpus: Corpus) -> Answer | None:
    """The facts of the one to three policies whose title the question gives, when it asks for just these facts."""
    asked = _ISSUED.search(q.text)
    if asked is None or not _PAPER.search(q.text):
        return None
    if q.keys:
        found = [policy for policy in corpus.policies() if any(key.means(*one) for key in q.keys for one in document_numbers(policy.number or ""))]
    else:
        rest = _ASIDE.sub("", q.text[: asked.start()] + q.text[asked.end() :])
        found = _titled(rest, corpus)
        for name, others in alias_table().items() if not found else ():
            if len(name) >= 2 and name in rest:  # 残保金征收使用管理办法
                found += [policy for other in others for policy in _titled(rest.replace(name, other), corpus) if policy not in found]
    if not 1 <= len(found) <= 3:
        return None
    citations = tuple(Citation(policy.source, policy.title, None, "文件信息", _facts(policy)) for policy in found)
    return Answer(text, True, "；".join(f"《{policy.title}》：{_facts(policy)}" for policy in found) + "。", citations)


def _titled(words: str, corpus: Corpus) -> list[Policy]:
    """The policies whose title (or other name) holds the words in one piece; else those that hold all their pairs of characters."""
    if len(words) < 3:
        return []
    names = [(policy, [_ASIDE.sub("", fold(name)) for name in (policy.title, *policy.facts.get("aliases", "").split("、"))]) for policy in corpus.policies()]
    whole = [policy for policy, said in names if any(words in name or (len(name) >= 3 and name == words) for name in said)]
    if whole:
        return sorted(whole, key=lambda policy: len(policy.title))[:1] if any(fold(policy.title).endswith(words) for policy in whole) else whole
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return [policy for policy, said in names if any(all(pair in name for pair in pairs) for name in said)]


def _facts(policy: Policy) -> str:
    parts = [
        f"文号{policy.number}" if policy.number else "",
        f"{policy.facts['issuer']}发布" if policy.facts.get("issuer") else "",
        f"日期{policy.issued}" if policy.issued else "",
        f"状态：{policy.facts['status']}" if policy.facts.get("status") else "",
        f"核对程度：{policy.facts['certainty']}" if policy.facts.get("certainty") else "",
    ]
    return "，".join(part for part in parts if part)
