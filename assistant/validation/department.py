"""Part 1 of a department's text (部门整体绩效目标): is it whole, up to date, and of one mind with the projects?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.chinese import fold
from assistant.findings import Severity
from assistant.table import DepartmentGoals, GoalItem, NamedTarget
from assistant.validation.context import FileContext
from assistant.validation.document import beyond_authority, outdated, typing
from assistant.validation.engine import Hit, rule
from assistant.validation.subjects import content, specific, topics, with_near
from assistant.validation.terms import name_facts


def _texts(part: DepartmentGoals) -> Iterator[tuple[str, str]]:
    yield "department.overall_goal", part.overall_goal
    for i, item in enumerate(part.items):
        yield f"department.items[{i}].title", item.title
        yield f"department.items[{i}].goal", item.goal
        yield f"department.items[{i}].indicators", item.indicators
    for i, measure in enumerate(part.measures):
        yield f"department.measures[{i}].text", measure.text


def _year(file: FileContext) -> int | None:
    if file.department is not None and file.department.year is not None:
        return file.department.year
    years = {table.table.year for table in file.tables if table.table.year is not None}
    return max(years) if years else None


@rule("D801", "department-part-missing", Severity.WARNING, "完整性", scope="file")
def department_part_missing(file: FileContext) -> Iterator[Hit]:
    """部门整体绩效目标缺少组成部分。

    查什么：总体绩效目标、分项绩效目标、工作保障措施是否都有；每个分项是否写了绩效目标和绩效指标。部门整体支出绩效目标表的指标集中填写，也没有
    措施一栏，只查总体目标和指标。
    为什么：第一部分不完整，项目目标就没有上级目标可以对照。
    反例：分项“加强困难残疾人帮扶”只有目标，没有绩效指标。
    正例：每个分项都有目标和可量化的指标。
    依据：河北省部门预算绩效文本样式；财预〔2015〕88号绩效目标审核“完整性”
    """
    part = file.department
    if part is None:
        return
    gathered = part.gathered
    for missing, address, label in (
        (not part.overall_goal.strip(), "department.overall_goal", "总体绩效目标"),
        (not part.items, "department.items", "分项绩效目标"),
        (not part.measures and gathered is None, "department.measures", "工作保障措施"),
        (gathered is not None and not gathered.indicators.strip(), "department.items", "绩效指标"),
    ):
        if missing:
            yield Hit(f"部门整体绩效目标缺少{label}。", address, expected=label, found="空")
    for i, item in enumerate(part.items if gathered is None else ()):
        for text, name in ((item.goal, "goal"), (item.indicators, "indicators")):
            if not text.strip():
                yield Hit(
                    f"分项“{item.title}”没有写{'绩效目标' if name == 'goal' else '绩效指标'}。", f"department.items[{i}].{name}", expected="填写", found="空"
                )


@rule("D802", "department-value-differs", Severity.WARNING, "相关性", scope="file")
def department_value_differs(file: FileContext) -> Iterator[Hit]:
    """项目指标值与部门分项指标不一致。

    查什么：名称实质相同的指标，在部门分项绩效指标和项目表里的值是否一致。
    为什么：项目是完成部门目标的手段，同一指标两个值，年底无法汇总评价。
    反例：第一部分“培训合格率80%以上”，项目表“培训合格率 ≥90%”。
    正例：两处都写 ≥90%。
    依据：财预〔2015〕88号绩效目标审核“相关性”
    """
    if file.department is None:
        return
    # By the last three characters of the name, which must agree: most rows then have nothing to be compared with.
    measures: dict[str, list[tuple[GoalItem, NamedTarget]]] = {}
    for item in file.department.items:
        for measure in item.measures:
            if measure.value.number is not None:
                measures.setdefault(fold(measure.name)[-3:], []).append((item, measure))
    if not measures:
        return
    for table in file.tables:
        for row in table.numeric:
            if not row.name:
                continue
            for item, measure in measures.get(row.facts.folded[-3:], ()):
                if row.value.number == measure.value.number or row.indicator.value.unit != measure.value.unit:
                    continue
                if not _same_name(fold(measure.name), row.facts.folded):
                    continue
                yield Hit(
                    f"{row.shown}为“{row.value.text}”，部门分项“{item.title}”里“{measure.name}”为“{measure.value.text}”。",
                    row.at("value"),
                    expected=measure.value.text,
                    found=row.value.text,
                    quote=item.indicators,
                    table=table.index,
                )


@lru_cache(maxsize=65536)
def _same_name(own: str, other: str) -> bool:
    if own == other:
        return True
    if not other.endswith(own[-3:]) or "满意" in own or "满意" in other:
        return False
    # The same rate under two wordings: all distinguishing words of one are in the other, and there are enough of them.
    a, b = content(own), content(other)
    return name_facts(own).rate == name_facts(other).rate and len(a & b) >= 3 and (a <= b or b <= a)


@rule("D803", "department-outdated-wording", Severity.INFO, "相关性", scope="file")
def department_outdated_wording(file: FileContext) -> Iterator[Hit]:
    """部门整体绩效目标用语过时。

    查什么：第一部分的文字里有没有本年度已不再使用的政策提法、机构名称（lexicons/dated.toml）。
    为什么：整体目标是公开文本，过时用语说明多年没有更新。
    反例：2025年文本写“统筹疫情防控”“贫困残疾人”。
    正例：删去，或写“困难残疾人”。
    依据：财预〔2015〕88号“指向明确”
    """
    if file.department is not None:
        for cell, text in _texts(file.department):
            yield from outdated(text, _year(file), cell)


@rule("D804", "department-beyond-authority", Severity.WARNING, "相关性", scope="file")
def department_beyond_authority(file: FileContext) -> Iterator[Hit]:
    """部门目标超出职权。

    查什么：第一部分有没有“制定法律法规”一类县级部门无权做的事。
    为什么：做不到的目标不能作为考核依据。
    反例：制定残疾人法律法规。
    正例：落实残疾人保障法律法规。
    依据：财预〔2015〕88号“指向明确”“合理可行”
    """
    if file.department is not None:
        for cell, text in _texts(file.department):
            yield from beyond_authority(text, cell)


@rule("D805", "department-typing-fault", Severity.INFO, "适当性", scope="file")
def department_typing_fault(file: FileContext) -> Iterator[Hit]:
    """部门整体绩效目标的标点和录入差错。

    查什么：第一部分文字里重复的标点、汉字之间的半角标点、连写两遍的词，以及“满足……需求能够满足”这样的重复。
    为什么：第一部分要公开，差错有损严肃性。
    反例：进行内部审计:并配合好外部监督。
    正例：进行内部审计；并配合好外部监督。
    依据：GB/T 15834—2011《标点符号用法》
    """
    if file.department is None:
        return
    for cell, text in _texts(file.department):
        yield from typing(text, cell)
        if match := re.search(r"(满足|实现|完成|达到|保障)[^，。；]{2,14}(?:能够|得到|得以)\1", text):
            yield Hit(f"“{match[0]}”前后重复。", cell, expected="删去一处", found=match[0])


@rule("D806", "project-off-duties", Severity.INFO, "相关性", scope="file")
def project_off_duties(file: FileContext) -> Iterator[Hit]:
    """项目与部门职责目标没有关系。

    查什么：项目讲的事在第一部分总体目标、分项目标里有没有提到。运行、办公、人员类项目不查。
    为什么：项目应当服务于部门目标；对不上的，或是第一部分漏写，或是不该由本部门做。
    反例：残联的项目“农村公路养护”，第一部分没有道路方面的内容。
    正例：项目“残疾人托养服务”，第一部分有“建立残疾人托养补贴制度”。
    依据：财预〔2015〕88号绩效目标审核“相关性”
    """
    part = file.department
    if part is None or not part.items:
        return
    text = fold("。".join(text for _, text in _texts(part)))
    duties, said = topics(text), content(text)
    for table in file.tables:
        about = topics(table.about)
        own = specific(about)
        if not about & _RUNNING and own and not own & with_near(duties) and not content(fold(table.name + table.purpose)) & said:
            yield Hit(
                f"项目讲的是{'、'.join(sorted(own))}，部门整体绩效目标里没有提到。",
                "project.name",
                expected="第一部分有对应的分项目标",
                found=table.name,
                table=table.index,
            )


# Running the office itself is nobody's itemised goal.
_RUNNING = frozenset({"运行", "办公", "人员"})


@rule("D807", "department-measure-vague", Severity.INFO, "适当性", scope="file")
def department_measure_vague(file: FileContext) -> Iterator[Hit]:
    """分项绩效指标没有数字。

    查什么：分项绩效指标整段文字里有没有任何数字。
    为什么：“成绩优良”“较上年增加”年底无法判断是否完成。
    反例：征收残疾人就业保障金，确保稳定增收，较上年增加。
    正例：残疾人就业保障金征收额较上年增长3%以上。
    依据：财预〔2015〕88号“细化量化”
    """
    if file.department is None:
        return
    for i, item in enumerate(file.department.items):
        if item.indicators.strip() and not re.search(r"\d|[一二三四五六七八九十百]+(?:个|次|项|人|场|%)|百分之", item.indicators):
            yield Hit(f"分项“{item.title}”的绩效指标没有数字。", f"department.items[{i}].indicators", expected="可量化的指标", found=item.indicators)
