"""适当性 of definitions: descriptions that define nothing, two measures in one row, satisfaction without an object, a basis that names
nothing, growth without a base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.chinese import fold, pattern
from assistant.findings import Severity
from assistant.validation.context import BENEFIT_TYPES, COST_TYPES, TableContext
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import Words, alternation, lexicon, split
from assistant.validation.subjects import general_public, people
from assistant.validation.terms import bare_name, numbers_of

_FILLER = pattern(r"的|之|了|所|情况|数量|数$|反映|考察|考核|衡量|用于|用以|是指|指|本项目|该项目|[，。,.、:：；;“”\"'()（）]")
_AS_RATE = pattern(r"比例|比率|百分比|占比")
_MEASURES = alternation(split(lexicon("measures")["measure_words"]))
_RATE_WORD = pattern(r"率|比例|水平|程度|质量|能力|效果|度$")
_DEFINES = pattern(r"[÷/×*=＝]|除以|占|之比|比例为|公式|按照?.{2,}计算|指的?是|包括|包含|统计|以.{2,}为准|是否|与.{1,10}(?:相比|之比)")


@lru_cache(maxsize=65536)
def defines_nothing(name: str, description: str) -> bool:
    """Does a description only repeat its indicator's name (a few particles more or less)?"""
    left, right = _bare(name), _bare(description)
    if not right or _DEFINES.search(description):
        return False
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    # A couple of characters more or less say nothing new either; anything longer may be a definition.
    return len(short) >= 4 and len(long) - len(short) <= 2 and _within(short, long)


def _bare(text: str) -> str:
    return _FILLER.sub("", _AS_RATE.sub("率", fold(text)))


def _within(short: str, long: str) -> bool:
    letters = iter(long)
    return all(letter in letters for letter in short)


@rule("W414", "description-defines-nothing", Severity.INFO, "适当性")
def description_defines_nothing(table: TableContext) -> Iterator[Hit]:
    """绩效指标描述只是重复名称。

    查什么：描述去掉“的”“数量”“情况”等字后与三级指标名称相同。率、质量、水平、程度一类要靠定义才能算的指标为警告，其余为提示。
    为什么：描述应当说明怎么算、算谁、数据从哪来；重复名称等于没写。
    反例：残疾人职业技能培训合格率：残疾人职业技能培训合格的比例。
    正例：残疾人职业技能培训合格率：考核合格人数÷参训人数×100%，以培训机构考核记录为准。
    依据：财预〔2021〕101号（指标解释）；财预〔2015〕88号“细化量化”
    """
    for row in table.named:
        if row.description and defines_nothing(row.name, row.description):
            needs = _RATE_WORD.search(row.facts.folded) is not None and row.type != "服务对象满意度指标"
            yield Hit(
                f"{row.shown}的描述只是重复名称，没有说明怎么算。",
                row.at("description"),
                expected="定义或计算公式" if needs else "统计口径或数据来源",
                found=row.description,
                severity=Severity.WARNING if needs else Severity.INFO,
            )


_TWO = pattern(rf"(?:{_MEASURES})(?:、|和|及|与|/|，|以及)(.{{0,8}}?(?:{_MEASURES}))$")


@lru_cache(maxsize=65536)
def two_measures(name: str) -> bool:
    """Does a (folded) name hold two measures (服务水平、覆盖率)? 数量和质量达标率 is one."""
    text = bare_name(name)
    match = _TWO.search(text)
    if match is None:
        return False
    right = match[1]
    nouns = [word for word in ("数量", "质量", "水平", "能力", "效果", "时间") if word in right[:-1] and right.endswith(("率", "度", "比例"))]
    return not nouns and not right.endswith("满意度" if "满意" not in text[: match.start(1)] else "\0")


@rule("W415", "two-measures-in-one-row", Severity.WARNING, "适当性")
def two_measures_in_one_row(table: TableContext) -> Iterator[Hit]:
    """一行里放了两个指标。

    查什么：三级指标名称用“、”“和”“及”连着两个度量（水平、覆盖率；入学率和巩固率）。
    为什么：两个度量只有一个值，完成一个没完成一个时无法评分。
    反例：残疾人的康复服务水平、覆盖率：有所提升。
    正例：拆成两行：康复服务覆盖率 ≥95%；功能改善率 ≥70%。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.named:
        if two_measures(row.facts.folded):
            yield Hit(f"{row.shown}是两个指标，应拆成两行。", row.at("level3"), expected="每行一个度量", found=row.name)


@rule("W416", "satisfaction-without-object", Severity.WARNING, "适当性")
def satisfaction_without_object(table: TableContext) -> Iterator[Hit]:
    """满意度没有写是谁的满意度。

    查什么：满意度指标的名称和描述里有没有对象（群众、学生、培训学员、使用单位等）。
    为什么：不写对象就无法确定问卷发给谁。
    反例：满意度 ≥90%。
    正例：参训学员满意度 ≥90%。
    依据：财预〔2021〕101号（服务对象满意度指标）
    """
    for row in table.satisfaction:
        if not row.name:
            continue
        stem = re.sub(r"满意.*|指标|目标|调查|对.*|的|综合|总体|整体|平均|服务$", "", row.facts.folded)
        if not stem and not people(fold(row.description)) and not general_public(fold(row.description)):
            yield Hit(f"{row.shown}没有写是谁的满意度。", row.at("level3"), expected="服务对象+满意度", found=row.name)


@rule("W417", "certain-satisfaction", Severity.INFO, "适当性")
def certain_satisfaction(table: TableContext) -> Iterator[Hit]:
    """满意度定为100%。

    查什么：满意度目标是否为100%。
    为什么：问卷很难人人满意，定100%多半完不成，或者说明没有真实调查。
    反例：社会公众满意度 100%。
    正例：社会公众满意度 ≥95%。
    依据：财预〔2015〕88号“合理可行”
    """
    for row in table.numeric:
        if row.facts.satisfaction and row.value.number == 100 and row.value.unit in ("%", "") and row.value.comparator not in ("≤", "<"):
            yield Hit(f"{row.shown}定为100%，问卷结果很难达到。", row.at("value"), expected="≥90%至≥98%", found=row.value.text)


@rule("W418", "growth-without-base", Severity.INFO, "适当性")
def growth_without_base(table: TableContext) -> Iterator[Hit]:
    """增长率没有写与什么比。

    查什么：增长率、提高率、下降率一类指标，名称、描述和依据里有没有基数（上年、同比、年份或基数值）。
    为什么：没有基数，增长多少都算不出来。
    反例：游客接待量增长率 ≥5%，描述“游客接待量增长率”。
    正例：游客接待量增长率 ≥5%，描述“与上年接待量120万人次相比”。
    依据：财预〔2021〕101号（历史标准）
    """
    for row in table.numeric:
        if not row.facts.saving or not re.search(r"(?:增长|增幅|增加|提高|提升|上升|下降|降低|降幅|减少)(?:率|比例|幅度)$", row.facts.folded):
            continue
        if not _BASE.search(row.name + row.description + row.basis + row.value.text):
            yield Hit(f"{row.shown}没有写与哪一年、什么基数相比。", row.at("description"), expected="上年数或基数", found=row.description or "空")


_BASE = pattern(r"上年|去年|上一年|同比|环比|较|相比|基数|基期|历史|往年|以前年度|三年|20\d\d|比")


@rule("W419", "generic-basis", Severity.INFO, "适当性")
def generic_basis(table: TableContext) -> Iterator[Hit]:
    """指标值确定依据只写“工作计划”一类空话。

    查什么：依据是否只是“工作计划”“相关文件”“实际情况”，没有文件名、文号、年份或标准。单价、补贴标准为警告，其他为提示；总成本以预算为依据、满意度以问卷调查为依据的不查。
    为什么：标准和单价直接决定要多少钱，必须查得到出处。
    反例：职业培训补贴人均标准1500元/人，依据“工作计划”。
    正例：依据“《××县职业培训补贴办法》（×人社〔2023〕8号）”。
    依据：财预〔2021〕101号（指标值应有依据：计划、历史、行业、预算支出标准或其他标准）
    """
    for row in table.named:
        if row.basis and is_generic(row.basis):
            price = row.type in COST_TYPES and bool(row.value.per)
            if (not price and row.basis in _KINDS) or (row.type in COST_TYPES and not price and "预算" in row.basis):
                continue
            if row.type == "服务对象满意度指标" and ("问卷" in row.basis or "调查" in row.basis):
                # Where satisfaction comes from; the survey of the year is still to be made.
                continue
            yield Hit(
                f"{row.shown}的依据“{row.basis}”没有写明是哪个文件、哪一年。",
                row.at("basis"),
                expected="文件名称、文号或年份",
                found=row.basis,
                severity=Severity.WARNING if price else Severity.INFO,
            )


_B = lexicon("basis")
_KINDS = frozenset(split(_B["kinds"]))
_GENERIC = Words([*split(_B["generic"]), *split("根据 依据 按照 按 结合 本单位 单位 本部门 部门 我县 县 年度 制定 确定 测算 和 及 与 等")])


@lru_cache(maxsize=16384)
def is_generic(basis: str) -> bool:
    """Does a basis name no document, year or standard?"""
    folded = fold(basis)
    if not folded or re.search(r"\d", folded) or "《" in folded or numbers_of(basis):
        return False
    return not _GENERIC.without(folded).strip(" 、,，;；/。.")


@rule("W420", "one-basis-for-all", Severity.INFO, "适当性")
def one_basis_for_all(table: TableContext) -> Iterator[Hit]:
    """所有指标用同一个依据。

    查什么：六行以上的表，包括成本指标在内全部写同一个依据。
    为什么：数量来自计划、成本来自标准、满意度来自历史或问卷，很少出自同一处；一份资金下达文件一般也不规定满意度。
    反例：六行指标的依据全写“冀财社〔2024〕163号”。
    正例：数量写实施方案，成本写补助标准文件，满意度写上年问卷结果。
    依据：财预〔2021〕101号（指标值依据的五类标准）
    """
    rows = [row for row in table.named if row.basis]
    if len(rows) < 6 or is_generic(rows[0].basis):
        return
    if len({fold(row.basis) for row in rows}) == 1 and table.types & COST_TYPES and table.types & (BENEFIT_TYPES | {"服务对象满意度指标"}):
        first = min(rows, key=lambda row: (row.type not in COST_TYPES, row.facts.folded))
        yield Hit(f"全部{len(rows)}行指标的依据都是“{first.basis}”。", first.at("basis"), expected="按指标分别写明依据", found=first.basis)
