"""相关性 within a table: uses, goals and indicators speak of the same things; numbers and dates do not contradict each other.

``subjects`` tells topics and uses; a rule here speaks only where a known topic is at stake, so that words the lexicon does not know can
never make a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from assistant.chinese import fold, pattern
from assistant.findings import Severity
from assistant.validation.completeness import edition, is_works
from assistant.validation.context import TableContext
from assistant.validation.engine import Hit, rule
from assistant.validation.lexicons import Words, lexicon, split
from assistant.validation.subjects import ACTIVITY_WORDS, Use, content, general_public, people, specific, topics, with_near
from assistant.validation.terms import unnumbered

_L = lexicon("topics")
_SHOWN_SINGLY = 3
_NAME_AT_LEAST = 4


@rule("S601", "use-without-indicator", Severity.WARNING, "相关性")
def use_without_indicator(table: TableContext) -> Iterator[Hit]:
    """用途里的内容没有对应指标。

    查什么：资金用途列出的几项内容，是否每项至少有一行指标（名称或描述里提到）。水电、差旅等日常费用不逐项要求；几项内容同属一类的（应急物资和应急演练），要有讲到这一项的字才算；只有一项内容的不查。
    为什么：没有指标的那部分钱，做没做、做了多少都无从考核。
    反例：用于残疾儿童康复训练和残疾人家庭无障碍改造，指标里没有一行讲无障碍改造。
    正例：数量指标增加“残疾人家庭无障碍改造户数 ≥3户”。
    依据：财预〔2021〕101号“高度关联”；财预〔2015〕88号“指向明确”
    """
    # Rows that count "people" without saying for what may count any of the uses.
    vague = [row for row in table.quantities if row.name and not row.content and not row.topics]
    missing = table.uncovered
    if len(missing) > _SHOWN_SINGLY and len(missing) == len(table.uses):
        # Nothing at all matches: the words differ throughout, which says more about the words than about the table.
        return
    for use in missing:
        message = f"用途中的“{use.text}”没有对应的指标。"
        if vague:
            message = f"看不出用途中的“{use.text}”由哪一行指标衡量；{vague[0].shown}没有写明是哪一项。"
        yield Hit(message, "purpose", expected=f"至少一行讲“{use.text}”的指标", found="没有", quote=table.purpose, undecided=bool(vague))


@rule("S602", "promise-without-indicator", Severity.WARNING, "相关性")
def promise_without_indicator(table: TableContext) -> Iterator[Hit]:
    """目标承诺的内容没有指标衡量。

    查什么：绩效目标里列出、用途里没有列出的工作内容，有没有任何指标提到。
    为什么：写进目标却没有指标，年底无法证明完成；用途里也没有的，还要核对钱从哪里来。
    反例：目标写“用于残疾人就业、教育、培训”，指标里没有教育。
    正例：增加“资助残疾大学生人数 ≥10人”，或从目标里删去教育。
    依据：财预〔2021〕101号“高度关联”；财预〔2015〕88号绩效目标审核“相关性”
    """
    if len(table.promises) < 2:
        return
    own = fold(_FUND.sub("", unnumbered(table.name)))
    for i, use in _promised(table):
        if len(own) >= _NAME_AT_LEAST and own in fold(use.text):
            # 将耕地地力保护补贴发放到户 is the project itself; every row measures it.
            continue
        if use.topics and not use.expense and not use.text.startswith("服务") and not _named_in(use, table.uses) and not table.rows_about(use):
            yield Hit(
                f"目标中的“{use.text}”没有指标衡量{'' if not table.purpose else '，资金用途里也没有'}。",
                f"goals[{i}]",
                expected=f"至少一行讲“{use.text}”的指标",
                found="没有",
                quote=table.goals[i],
            )


def _promised(table: TableContext) -> Iterator[tuple[int, Use]]:
    for use in table.promises:
        for i, goal in enumerate(table.goals):
            if use.text in unnumbered(goal) or len(table.goals) == 1:
                yield i, use
                break


def _named_in(use: Use, uses: Sequence[Use]) -> bool:
    return any(use.topics & other.topics or use.content & other.content for other in uses)


@rule("S603", "foreign-indicator", Severity.WARNING, "相关性")
def foreign_indicator(table: TableContext) -> Iterator[Hit]:
    """指标与本项目无关，像是从别的项目抄来的。

    查什么：指标讲的是一个具体的事（如无障碍改造、供暖、疫苗），而项目名称、用途、目标里既没有这件事，也没有与它相近的事。就业、安全、环境等普遍效果不算。
    为什么：抄来的指标与资金无关，完成与否都不说明本项目的效果。
    反例：燃油补贴项目的社会效益：改善残疾人居家的无障碍环境程度。
    正例：燃油补贴项目的社会效益：补贴对象出行负担减轻的人数占比 ≥90%。
    依据：财预〔2015〕88号绩效目标审核“相关性”；财预〔2021〕101号“高度关联”
    """
    about = topics(table.about)
    if not about or not table.purpose + "".join(table.goals):
        return
    known = with_near(about)
    said = content(table.about)
    for row in table.named:
        if row.type in _HARM:
            # What may come to harm has its own subject (破坏林地面积).
            continue
        foreign = specific(row.topics)
        # 通行安全 is an effect of a bridge, but safety alone ties no bridge to a project about food.
        its_own = row.topics - _UNIVERSAL
        if foreign and not its_own & known and not with_near(its_own) & about and not row.content - ACTIVITY_WORDS - _UNIVERSAL & said:
            twin = table.twin(row)
            copied = "" if twin is None else f"“{twin.name}”的表里有同样的指标，像是从那里抄来的。"
            yield Hit(
                f"{row.level2}{row.shown}讲的是{'、'.join(sorted(foreign))}，项目的名称、用途和目标里都没有。{copied}",
                row.at("level3"),
                expected=f"与“{table.uses[0].text if table.uses else table.name}”有关的指标",
                found=row.name,
                quote=table.purpose or None,
            )


_HARM = frozenset({"社会成本指标", "生态环境成本指标"})
# What anything may be good for.
_UNIVERSAL = frozenset({"安全", "健康", "环境", "收入", "服务"})
_FUND = pattern(r"(?:保障金|补助资金|专项资金|发展资金|补助经费|专项经费|经费|资金|公益金|基金|补助)$")
_CATEGORY = pattern(r"[-—－_](?!.*[-—－_])(.+)$")


@rule("S604", "name-contradicts-use", Severity.WARNING, "相关性")
def name_contradicts_use(table: TableContext) -> Iterator[Hit]:
    """名称里的类别与用途不符。

    查什么：项目名称“-”后的类别（没有“-”的看整个名称）与资金用途讲的是不是一类事；“其他”“彩票公益金”“中央”等不指事的类别不查。
    为什么：类别与用途不符，要么名称错，要么改变了资金用途。
    反例：残疾人事业发展补助资金-教育就业，用于重度残疾人托养服务。
    正例：残疾人事业发展补助资金-托养，用于重度残疾人托养服务。
    依据：《中华人民共和国预算法》第六十三条；财预〔2015〕88号“指向明确”
    """
    name = unnumbered(table.name)
    match = _CATEGORY.search(name)
    said = match[1] if match else name
    if match is None and _FUND.search(name):
        # The name of a fund says where the money comes from; what it may be spent on is wider than its name.
        return
    named = topics(said) - {"运行", "服务"}
    used = frozenset().union(*(use.topics for use in table.uses)) if table.uses else frozenset()
    if not named or not used or named & with_near(used) or with_near(named) & used or content(said) & content(table.purpose):
        return
    if match is None and not (specific(named) and specific(used)):
        return
    yield Hit(
        f"名称中的“{said}”与用途“{'、'.join(use.text for use in table.uses)}”不是一类事。",
        "project.name",
        expected=f"与用途一致的类别（{'、'.join(sorted(used))}）",
        found=said,
        quote=table.purpose,
    )


@rule("S605", "goal-copies-purpose", Severity.WARNING, "适当性")
def goal_copies_purpose(table: TableContext) -> Iterator[Hit]:
    """绩效目标照抄资金用途。

    查什么：绩效目标去掉“用于”“通过”等字后是否与资金用途完全一样。
    为什么：用途说钱花在哪，目标要说花完以后达到什么结果。
    反例：用途“用于残疾人托养服务”，目标“用于残疾人托养服务”。
    正例：目标“为42名重度残疾人提供托养服务，减轻42户家庭照护负担”。
    依据：财预〔2015〕88号“指向明确”“细化量化”
    """
    purpose = _plain(table.purpose)
    for i, goal in enumerate(table.goals):
        if len(purpose) >= 6 and _plain(goal) == purpose:
            yield Hit("绩效目标与资金用途一样，没有写要达到的结果。", f"goals[{i}]", expected="要完成的数量和取得的效果", found=goal, quote=table.purpose)


@lru_cache(maxsize=16384)
def _plain(text: str) -> str:
    return re.sub(r"^\d+[.、．]|主要|用于|通过|开展|进行|实施|工作|项目|资金|[，。,.；;、]", "", fold(text))


_SLOGAN_ONLY = pattern(r"坚持|贯彻|落实|深入|推动|促进|高质量发展|社会稳定|和谐|不断|全面|切实|进一步|提升|提高|加强|维护|保障|完善|优化|营造|助力|服务")


@rule("S606", "goal-says-nothing", Severity.WARNING, "适当性")
def goal_says_nothing(table: TableContext) -> Iterator[Hit]:
    """绩效目标是口号，与项目内容无关。

    查什么：绩效目标里没有数字，也没有提到名称、用途或指标里的任何具体事项。
    为什么：看不出这笔钱要做什么、做到什么程度。
    反例：目标“促进社会和谐稳定，推动高质量发展”。
    正例：目标“完成3期职业技能培训，培训46人，新增就业35人”。
    依据：财预〔2015〕88号“指向明确”“细化量化”
    """
    if not any(table.goals):
        return
    text = fold("".join(table.goals))
    if re.search(r"\d", text) or not _SLOGAN_ONLY.search(text):
        return
    # Names, uses and all indicators together: one shared word is enough to pass.
    known = content(table.name + "。" + table.purpose + "。" + "。".join(row.name for row in table.rows))
    own = topics(fold(table.name + table.purpose))
    if known and not content(text) & known and not topics(text) & with_near(own) and not people(text) & people(fold(table.name + table.purpose)):
        yield Hit("绩效目标只有口号，没有说要做什么、做到什么程度。", "goals[0]", expected="工作内容、数量和效果", found=table.goals[0])


@rule("S610", "satisfaction-of-others", Severity.WARNING, "相关性")
def satisfaction_of_others(table: TableContext) -> Iterator[Hit]:
    """满意度的对象不是本项目服务的人。

    查什么：满意度指标写明的人群（学生、患者、残疾人等）在名称、用途、目标和产出指标里都没有出现。群众、服务对象、使用单位等泛称不查。
    为什么：对象错了，多半是抄自别的项目，问卷也发不出去。
    反例：道路养护项目的满意度：残疾人满意度。
    正例：道路养护项目的满意度：沿线群众满意度。
    依据：财预〔2021〕101号（服务对象满意度）；财预〔2015〕88号绩效目标审核“相关性”
    """
    served = people(table.about + "。".join(row.facts.folded for row in table.rows if row.type != "服务对象满意度指标"))
    if not served and not specific(topics(table.about)):
        return
    for row in table.satisfaction:
        asked = row.people - _ANYBODY
        if not asked or asked & _kin(served) or general_public(row.facts.folded) or (not served and _could_serve(asked, table)):
            continue
        yield Hit(
            f"{row.shown}问的是{'、'.join(sorted(asked))}，项目里没有提到。",
            row.at("level3"),
            expected="、".join(sorted(served)) or "本项目的服务对象",
            found=row.name,
            quote=table.purpose or None,
        )


_ANYBODY = frozenset(split(_L["anybody"]))
# 儿童 and 学生 are often the same people, and so are 农民 and 困难群众.
_SAME_PEOPLE = [frozenset(split(group)) for group in _L["same_people"]]


def _kin(found: frozenset[str]) -> frozenset[str]:
    return found.union(*(group for group in _SAME_PEOPLE if group & found)) if found else found


# Who a topic serves although the text does not name them.
_SERVES = {kind: frozenset(split(served)) for kind, served in _L["serves"].items()}


def _could_serve(asked: frozenset[str], table: TableContext) -> bool:
    about = topics(table.about)
    return any(_SERVES.get(kind, set()) & about or kind not in _SERVES for kind in asked)


@rule("S613", "works-without-service-life", Severity.INFO, "完整性")
def works_without_service_life(table: TableContext) -> Iterator[Hit]:
    """工程、购置类项目没有使用期限指标。

    查什么：工程建设、大修、设备购置类项目的指标里有没有使用年限、质保期、设计年限。
    为什么：建成、买来能用多久，决定这笔钱值不值。
    反例：道路硬化项目没有一行讲使用年限。
    正例：可持续影响指标：路面设计使用年限 ≥10年。
    依据：财预〔2021〕101号（工程基建、大型修缮及购置类项目）
    """
    # What is bought beside other things (防治和诱捕器购置) lasts no longer than they do: the name or the first use decides.
    main = fold(f"{table.name}。{table.uses[0].text if table.uses else table.purpose}")
    if (
        not is_works(table.named_for)
        or not is_works(main)
        or _KEPT_UP.search(table.named_for)
        or not table.rows
        or table.budget is None
        or table.budget < _WORTH_A_LIFE
    ):
        return
    if not any(re.search(r"年限|寿命|使用期|质保|保质期|耐久|使用周期", row.name + row.description) for row in table.rows):
        yield Hit("工程、修缮或购置类项目没有使用年限指标。", expected="如 设计使用年限 ≥10年", found="没有")


# Upkeep and what is used up have no service life of their own.
_KEPT_UP = Words(split(lexicon("kinds")["kept_up"]))
# Small repairs and purchases (under 100,000 元) are not asked for it.
_WORTH_A_LIFE = Decimal(100_000)


@rule("S614", "harm-ignored", Severity.INFO, "完整性")
def harm_ignored(table: TableContext) -> Iterator[Hit]:
    """有负面影响的项目没有社会成本或生态环境成本指标。

    查什么：2021版框架下，施工、拆除、垃圾焚烧填埋、污水处理一类项目，有没有社会成本、生态环境成本或扬尘、噪声、投诉类指标。
    为什么：成本不只是花的钱，对社会和环境的负面影响也要控制。
    反例：垃圾填埋场项目只有经济成本指标。
    正例：生态环境成本指标：渗滤液达标排放率 =100%。
    依据：财预〔2021〕101号（社会成本、生态环境成本指标）
    """
    if edition(table) != "2021" or not re.search(r"拆除|焚烧|填埋|爆破|污水处理厂|道路施工|公路建设|土石方|矿山|开挖", table.about):
        return
    if table.types & {"社会成本指标", "生态环境成本指标"}:
        return
    if not any(re.search(r"扬尘|噪声|噪音|排放|污染|投诉|阻断|中断|植被", row.name) for row in table.rows):
        yield Hit("项目可能影响环境或周边群众，却没有社会成本、生态环境成本指标。", expected="如 施工扬尘投诉 ≤2起", found="没有")


@rule("S615", "no-number-at-all", Severity.ERROR, "适当性")
def no_number_at_all(table: TableContext) -> Iterator[Hit]:
    """整张表没有一个数字。

    查什么：有名称的指标在三行以上，指标值全部是文字，没有任何数字、日期。
    为什么：照抄上级的定性指标而不分解成本县的数字，无法考核。
    反例：全表的值都是“达到标准”“有所提升”。
    正例：至少数量、成本和满意度写出本县的数字。
    依据：财预〔2015〕88号“细化量化”
    """
    rows = [row for row in table.rows if row.name and row.value.kind != "missing"]
    if len(rows) >= 3 and all(row.value.kind in ("text", "cycle") and not re.search(r"\d", row.value.folded) for row in rows):
        yield Hit(f"全表{len(rows)}行指标没有一个数字。", expected="数量、成本、满意度等写出数字", found="全部为文字")
