"""适当性 of words: values nobody can measure, each with a measurable row proposed from the library.

The words are ``lexicons/vague.toml``; the proposals are the office's own table 替换.csv of the indicator library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.chinese import HAN, pattern
from assistant.errors import InputError
from assistant.findings import Fix, Severity
from assistant.library import Replacement, replacements
from assistant.validation.context import BENEFIT_TYPES, COST_TYPES, Row, TableContext, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import Words, lexicon, split

_V = lexicon("vague")
_WORDS = {kind: Words(split(_V[kind]["words"])) for kind in ("standard", "timeliness", "trend", "slogan")}
_JUDGED = Words(word for word in split(_V["judged"]["words"]) if len(word) > 1)
_JUDGED_WHOLE = frozenset(split(_V["judged"]["words"]))
_NAMED = pattern("|".join(_V["named"]["patterns"]))
_DIGIT = pattern(r"\d")


# States that are no trend, whatever the word may mean in a longer value.
_STATES = frozenset({"健全", "完善", "稳定", "较健全", "较完善", "比较完善", "基本健全", "基本完善"})
_CLEAR_STATE = 4


@lru_cache(maxsize=65536)
def vagueness(value: str) -> str | None:
    """Which kind of unmeasurable a value without digits is: standard, timeliness, trend, slogan; None for the others."""
    if not value or _DIGIT.search(value) or value in _JUDGED_WHOLE or _NAMED.search(value):
        return None
    if value in _STATES:
        return "standard"
    for kind in ("slogan", "timeliness", "trend", "standard"):
        if _WORDS[kind].search(value):
            # 公开透明度有所提升 is a trend although 公开 is a state; 持续正常运行 is a state although 持续 is a trend.
            state = max(_JUDGED.all(value), key=len, default="")
            return None if kind != "timeliness" and len(state) >= (_CLEAR_STATE if kind == "trend" else 2) else kind
    return None


def kind_of(row: Row) -> str | None:
    """The vagueness of a row's value, unless its description or basis names the standard meant."""
    kind = vagueness(row.value.folded)
    # 合格率 优秀 is no number whatever the standard; 较好 is nothing that a standard defines.
    if kind == "standard" and row.value.folded in _GRADES and not row.facts.rate and _GRADED.search(row.facts.folded):
        # What is examined and found good has been measured: 验收结果 合格.
        return None
    if (
        kind == "standard"
        and not (row.facts.rate and row.value.folded in _GRADES)
        and not _NO_GRADE.search(row.value.folded)
        and (_STANDARD_NAMED.search(row.description) or _STANDARD_NAMED.search(row.basis))
    ):
        return None
    return kind


_GRADES = frozenset({"优秀", "优良", "良好", "优", "良", "合格", "高"})
_GRADED = pattern(r"验收|评审|年检|检定|鉴定|(?:考核|评定|评价|考评|测评)(?:结果|结论|等次|等级|情况)?$")
_NO_GRADE = pattern(r"^[较很]|基本|有保障|得到保障|达到预期")
# A fund notice is no quality standard: only a title or a standard's number names one.
_STANDARD_NAMED = pattern(r"《[^》]*(?:标准|规范|规程|办法|细则|指南|导则|要求|规定)[^》]*》|(?:GB|JTG|CJJ|DB|JGJ|HJ|GA|YY|WS|SL|NY|TD|CJ|MZ)[ /]?T?[ ]?\d")


def _vague(table: TableContext) -> list[tuple[Row, str]]:
    # Kept with the table: five rules ask.
    found: list[tuple[Row, str]] | None = table.memory.get("vague")
    if found is None:
        found = table.memory["vague"] = [(row, kind) for row in table.written if (kind := kind_of(row))]
    return found


@lru_cache(maxsize=1)
def _library() -> tuple[Replacement, ...]:
    try:
        return replacements()
    except (InputError, FileNotFoundError, KeyError):
        # The office's table is missing or broken: the rules still judge, only without a proposal.
        return ()


@lru_cache(maxsize=16384)
def proposal(value: str, level2: str, name: str) -> Replacement | None:
    """The library's measurable row for a vague value, chosen by level-2 type, the words of the value and the key words of the name."""
    best: tuple[tuple[int, int], Replacement] | None = None
    for entry in _library():
        types = re.split(r"[、/,，]", entry.level2)
        if entry.level2 and not any(kind and (kind in level2 or level2.startswith(kind)) for kind in types):
            continue
        keywords = [word for word in re.split(r"[、/,，|]", entry.keyword) if word]
        hit = max((len(word) for word in keywords if word in name), default=0)
        said = any(word and word in value for word in re.split(r"[、/,，|]", entry.vague))
        if keywords and not hit:
            continue
        # Of like ones the word nearest to the end of the name, which says what is measured (照护负担).
        score = (hit * 2 + said * 3, max((name.rfind(word) for word in keywords), default=-1))
        if score[0] and (best is None or score > best[0]):
            best = (score, entry)
    return best[1] if best else None


def _hit(table: TableContext, row: Row, why: str) -> Hit:
    entry = proposal(row.value.folded, row.type or "", row.facts.folded)
    message = f"{row.shown}的值“{row.value.text}”{why}。"
    if entry is None:
        return Hit(message, row.at("value"), expected=_EXPECTED.get(row.type or "", "数字+单位"), found=row.value.text)
    number = "" if entry.customary is None else number_text(entry.customary)
    target = f"{entry.comparator}{number or '（待核实）'}{entry.unit}"
    subject = _subject(table, row)
    name = _filled(entry.name, subject)
    # The number alone would measure nothing under the old name: name and description change with it.
    also = {row.at("level3"): name, row.at("description"): _filled(entry.description, subject)}
    fix = Fix.of(safe=False, to=f"{entry.comparator}{number}{entry.unit}", also=also) if number else None
    better = f"{name} {target}"
    return Hit(f"{message}可改为“{better}”。", row.at("value"), expected=better, found=row.value.text, fix=fix)


_LONGEST_SUBJECT = 16


def _subject(table: TableContext, row: Row) -> str:
    """The use of funds a row is about, empty when none or several fit."""
    about = [use for use in table.uses if row.is_about(use)] or ([*table.uses] if len(table.uses) == 1 and not row.topics else [])
    return about[0].text if len(about) == 1 else ""


@lru_cache(maxsize=16384)
def _filled(template: str, subject: str) -> str:
    """A template with {对象} filled by a use of funds, without saying a word twice (残疾儿童康复训练 + 康复评估 → 残疾儿童康复评估)."""
    before, place, after = template.partition("{对象}")
    if not place:
        return template
    said = re.sub(r"^(?:开展|实施|保障|发放|落实|支付)", "", subject)
    if after.startswith(_OF_PEOPLE):
        said = _MONEY_FOR.sub("", said)
    for word in (after[:2], after[2:4]):
        if len(word) == 2 and word in said:
            said = said[: said.index(word)]
    if not said or len(said) > _LONGEST_SUBJECT or not re.fullmatch(rf"(?:{HAN}|[“”])+", said):
        said = "改造" if after.startswith("后") else ""
    return before + said + _filled(after, subject)


# What is measured of people is not measured of the money they get: 独生子女父母奖励金 → 独生子女父母.
_OF_PEOPLE = ("家庭", "自理", "人均", "新增就业")
_MONEY_FOR = pattern(r"(?:年老|一次性|生活|基本)*(?:奖励|扶助|补贴|补助|津贴|救助|资助|优待|抚恤|慰问)+(?:金|费|资金|标准)?$")

_EXPECTED = {
    "数量指标": "数字+单位，如 ≥46人",
    "质量指标": "率或等级，如 ≥90%",
    "时效指标": "日期、天数或及时率，如 12月10日前、≥95%",
    "成本指标": "金额，如 ≤1500元/人",
    "经济成本指标": "金额，如 ≤1500元/人",
    "服务对象满意度指标": "百分比，如 ≥90%",
}


@rule("W401", "vague-quantity", Severity.ERROR, "适当性")
def vague_quantity(table: TableContext) -> Iterator[Hit]:
    """数量指标没有数字。

    查什么：数量指标的值是不是“达到标准”“及时”“有所增加”一类说不清数量的话。“全覆盖”“应保尽保”和能判定有无的状态不算。
    为什么：数量指标的值就是工作量，没有数字等于没有任务，也无法与预算核对。
    反例：培训残疾人人数：完成任务。
    正例：培训残疾人人数：≥46人。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号“量化易评”
    """
    for row, _ in _vague(table):
        if row.type == "数量指标":
            yield _hit(table, row, "没有数字，看不出要做多少")


@rule("W402", "vague-standard", Severity.WARNING, "适当性")
def vague_standard(table: TableContext) -> Iterator[Hit]:
    """“达到标准”没有写明哪个标准。

    查什么：“达到标准”“符合要求”“按规定”“良好”等值，在值、描述和依据里都没有写出标准的名称或编号。
    为什么：不写明标准就没法判断达没达到。
    反例：康复服务质量：达到标准。
    正例：康复服务质量：达到《残疾人康复服务规范》合格等级；或 康复服务评估有效率 ≥85%。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号（行业标准）
    """
    for row, kind in _vague(table):
        if kind == "standard" and row.type not in COST_TYPES and row.type != "数量指标":
            yield _hit(table, row, "没有写明是哪个标准")


@rule("W403", "vague-timeliness", Severity.WARNING, "适当性")
def vague_timeliness(table: TableContext) -> Iterator[Hit]:
    """“及时”“按时”没有时间。

    查什么：值是“及时发放”“按时完成”“按计划”等，没有日期、天数或及时率。
    为什么：没有时间点，年底无法判断是否及时。
    反例：发放及时性：及时发放。
    正例：补贴发放及时率 ≥95%；或 发放完成时间 12月10日前。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号“量化易评”
    """
    for row, kind in _vague(table):
        if kind == "timeliness" and row.type != "数量指标" and row.type not in COST_TYPES:
            yield _hit(table, row, "没有写明时间")


@rule("W404", "vague-trend", Severity.WARNING, "适当性")
def vague_trend(table: TableContext) -> Iterator[Hit]:
    """“有所提升”没有基数和幅度。

    查什么：值是“有所提升”“有所改善”“逐步完善”“较上年增加”等趋势词，没有数字。
    为什么：没有基数和目标，提升多少都算完成；效益难以量化时也应给出分级标准或调查比例。
    反例：残疾人托养服务水平：有所提升。
    正例：托养对象生活自理能力改善或维持率 ≥80%。
    依据：财预〔2015〕88号“细化量化”；财预〔2021〕101号“量化易评”
    """
    for row, kind in _vague(table):
        if kind == "trend" and row.type != "数量指标" and row.type not in COST_TYPES:
            yield _hit(table, row, "没有写明提升多少、与什么相比" if row.type in BENEFIT_TYPES else "是趋势，不是可考核的产出")


@rule("W405", "slogan-as-value", Severity.WARNING, "适当性")
def slogan_as_value(table: TableContext) -> Iterator[Hit]:
    """用口号作指标值。

    查什么：值是“促进社会稳定”“推动高质量发展”一类口号。
    为什么：口号可以写在目标里，不能作为考核的值。
    反例：社会效益：促进社会和谐稳定。
    正例：社会效益：信访事项按期办结率 ≥95%。
    依据：财预〔2015〕88号“细化量化”
    """
    for row, kind in _vague(table):
        if kind == "slogan" and row.type != "数量指标" and row.type not in COST_TYPES:
            yield _hit(table, row, "是口号，无法考核")
