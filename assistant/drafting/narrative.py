"""Part 1 of a department's text for a new year: overall goal, itemised goals with indicators, measures.

Last year's text is carried: the office's own duties stay in its own words. What is out of date is flagged with a proposal and changed
by nobody but a person; figures that project tables contradict are flagged; the figures of this year's tables are added to the item that
the project serves. Without last year's text the part is written from the project tables alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assistant.chinese import bigrams, document_numbers, fold, without_document_numbers
from assistant.corpus import PastDepartment
from assistant.drafting.goals import AIMS
from assistant.drafting.kinds import classify
from assistant.drafting.uses import uses_of
from assistant.table import DepartmentGoals, GoalItem, GoalTable, Indicator, Measure, NamedTarget, Unit
from assistant.target import Target

# Wording that has had its time: pattern → what to write instead or to look at. {year} is the year drafted.
OUTDATED: tuple[tuple[str, str], ...] = (
    (r"统筹疫情防控和[^，。；]{2,12}|疫情防控", "疫情防控已转入常态，删去或改写"),
    (r"贫困(?:重度)?残疾人|重度贫困残疾人|贫困残疾人家庭", "“贫困残疾人”改为“困难残疾人”或“低收入残疾人家庭”"),
    (r"建档立卡(?:贫困户)?|贫困人口|贫困户|精准扶贫|脱贫攻坚", "脱贫攻坚已完成，改为“脱贫人口”“监测对象”“巩固拓展脱贫攻坚成果”"),
    (r"扶贫(?!开发协会)", "“扶贫”改为“帮扶”或“乡村振兴”"),
    (r"新农合|新型农村合作医疗", "已并入城乡居民基本医疗保险"),
    (r"旅游局|卫计委|卫生和计划生育|质监局|工商局|安监局|国土局|畜牧局|广电局", "机构已更名，用现名"),
    (r"护理津贴", "现行制度名称为“重度残疾人护理补贴”"),
    (r"制定[^，。；]{0,8}法律法规", "县级单位无权制定法律法规，改为“贯彻落实”"),
)
# Five-year plans: name → the years it covers.
_PLANS = {"十二五": range(2011, 2016), "十三五": range(2016, 2021), "十四五": range(2021, 2026), "十五五": range(2026, 2031)}


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person must look at in part 1: where it stands, the words, why, and what is proposed."""

    where: str
    text: str
    why: str


@dataclass(slots=True)
class Narrative:
    """Part 1 as drafted, with what was flagged and where each text comes from (cell → origin)."""

    goals: DepartmentGoals
    notes: list[Note] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    previous: DepartmentGoals | None = None

    def to_json(self) -> dict[str, Any]:
        """The shape of ``read --json``'s department, with notes and origins beside it."""
        return {
            "overall_goal": self.goals.overall_goal,
            "items": [{"title": item.title, "goal": item.goal, "indicators": item.indicators} for item in self.goals.items],
            "measures": [{"title": measure.title, "text": measure.text} for measure in self.goals.measures],
            "notes": [{"where": note.where, "text": note.text, "why": note.why} for note in self.notes],
            "origins": self.origins,
        }


def write(
    tables: Sequence[GoalTable], last: PastDepartment | None, *, unit: str | None, year: int | None, model_measures: tuple[Measure, ...] = ()
) -> Narrative:
    """Part 1 for ``year``. ``model_measures`` are another office's measures, used only where the own text has none (and noted)."""
    name = unit or (last.unit if last is not None else None) or next((table.unit.name for table in tables if table.unit.name), None)
    owner = Unit(code=next((table.unit.code for table in tables if table.unit.code), None), name=name)
    if last is None:
        return _from_tables(tables, owner, year, model_measures)
    return _carried(tables, last, owner, year)


def _carried(tables: Sequence[GoalTable], last: PastDepartment, owner: Unit, year: int | None) -> Narrative:
    goals = last.goals
    notes: list[Note] = []
    origins = {"overall_goal": "carried"}
    overall = _renewed(goals.overall_goal, "总体绩效目标", year, last.year, notes)
    items = []
    placed = _placed(tables, goals.items)
    for index, item in enumerate(goals.items):
        where = f"分项绩效目标“{item.title}”"
        for text in (item.title, item.goal, item.indicators):
            _flag(text, where, year, notes)
        mine = placed.get(index, [])
        words, named = _with_figures(item, mine, where, notes)
        items.append(item.model_copy(update={"indicators": words, "measures": named}))
        origins[f"items[{index}]"] = "carried" if not mine else "computed"
    unplaced = placed.get(-1, [])
    for table in unplaced:
        origins[f"items[{len(items)}]"] = "computed"
        items.append(_item_of(table))
    if unplaced:
        names = "、".join(without_document_numbers(table.project.name or "") for table in unplaced)
        notes.append(Note("分项绩效目标", names, "上年分项目标中没有与这些项目对应的一项，按项目绩效目标表新写，请核对归属"))
    measures = tuple(
        measure.model_copy(update={"text": _renewed(measure.text, f"工作保障措施“{measure.title}”", year, last.year, notes)}) for measure in goals.measures
    )
    made_goals = DepartmentGoals(overall_goal=overall, items=tuple(items), measures=measures, unit=owner, year=year)
    return Narrative(made_goals, notes, origins, goals)


def _renewed(text: str, where: str, year: int | None, last_year: int | None, notes: list[Note]) -> str:
    """The text with its own year moved on (noted); everything else as it was, outdated wording flagged."""
    moved = text
    if year is not None and last_year is not None and not document_numbers(text):
        moved = re.sub(rf"(?<!\d){last_year}(?=\s*年)", str(year), text)
        if moved != text:
            notes.append(Note(where, f"{last_year}年", f"年份改为{year}年"))
    _flag(moved, where, year, notes)
    return moved


def _flag(text: str, where: str, year: int | None, notes: list[Note]) -> None:
    seen = {(note.where, note.text) for note in notes}
    for pattern, why in OUTDATED:
        for match in re.finditer(pattern, text):
            if (where, match[0]) not in seen:
                notes.append(Note(where, match[0], why))
                seen.add((where, match[0]))
    for plan, years in _PLANS.items():
        if plan in text and year is not None and year not in years:
            now = next((name for name, covered in _PLANS.items() if year in covered), None)
            said = f"“{plan}”规划期为{years.start}—{years.stop - 1}年，{year}年" + (f"属于“{now}”时期，请改写" if now else "已不在规划期内，请改写")
            if (where, plan) not in seen:
                notes.append(Note(where, plan, said))


def _placed(tables: Sequence[GoalTable], items: Sequence[GoalItem]) -> dict[int, list[GoalTable]]:
    """Which item each project serves: the one that shares most of its uses' words; -1 for none."""
    found: dict[int, list[GoalTable]] = {}
    for table in tables:
        nouns = [component.nominal for component in uses_of(table.purpose or "").components] or [table.project.name or ""]
        scores = [sum(_share(noun, item) for noun in nouns) / len(nouns) for item in items]
        best = max(range(len(items)), key=lambda index: scores[index], default=-1)
        found.setdefault(best if best >= 0 and scores[best] >= 0.34 else _by_telling_words(table, nouns, items), []).append(table)
    return found


def _by_telling_words(table: GoalTable, nouns: Sequence[str], items: Sequence[GoalItem]) -> int:
    """The item that alone, or with few others, speaks of what the project's name and uses say (动物疫病 → 畜牧业发展); -1 where none stands out."""
    name = without_document_numbers(table.project.name or "")
    named = bigrams(_COMMON.sub("|", name.rpartition("-")[2]))
    used = {pair for noun in nouns for pair in bigrams(_COMMON.sub("|", noun))}
    texts = [bigrams(f"{item.title}。{item.goal}。{item.indicators}") for item in items]
    spread = {pair: sum(pair in text for text in texts) for pair in named | used if "|" not in pair}
    scores = [
        sum((2 if pair in named else 1) * (1.5 if pair in item.title else 1) / spread[pair] for pair in spread if pair in text)
        for item, text in zip(items, texts, strict=True)
    ]
    order = sorted(range(len(items)), key=lambda index: -scores[index])
    clear = bool(order) and scores[order[0]] >= 2 and (len(order) == 1 or scores[order[0]] >= 1.3 * scores[order[1]])
    return order[0] if clear else -1


_COMMON = re.compile(r"残疾人|群众|工作|开展|保障|服务|项目|资金|县|全|补助|补贴|经费|事业|发展")


def _share(noun: str, item: GoalItem) -> float:
    words = bigrams(_COMMON.sub("", noun)) or bigrams(noun)
    title, goal = bigrams(item.title), bigrams(item.goal + item.indicators)
    if not words:
        return 0.0
    return (0.6 * len(words & title) + 0.5 * len(words & (goal | title))) / len(words)


def _with_figures(item: GoalItem, tables: Sequence[GoalTable], where: str, notes: list[Note]) -> tuple[str, tuple[NamedTarget, ...]]:
    """The item's indicators with the figures of its projects added, contradictions flagged."""
    added: list[NamedTarget] = []
    for table in tables:
        for row in _telling_rows(table):
            twice = next((named for named in (*item.measures, *added) if fold(row.level3) == fold(named.name)), None)
            if twice is not None:
                if _contradicts(twice.value, row.value):
                    said = (
                        f"项目表“{without_document_numbers(table.project.name or '')}”的{row.level3}是{row.value.text}，这里只写了{twice.value.text}，请合并写"
                    )
                    notes.append(Note(where, f"{row.level3}{twice.value.text}", said))
                continue
            for named in item.measures:
                if _same_measure(named.name, row.level3) and _contradicts(named.value, row.value):
                    notes.append(
                        Note(
                            where,
                            f"{named.name}{named.value.text}",
                            f"与项目表“{without_document_numbers(table.project.name or '')}”的{row.level3}{row.value.text}不一致，请统一",
                        )
                    )
            if fold(row.level3) not in fold(item.indicators):
                added.append(NamedTarget(name=row.level3, value=row.value))
    if not added:
        return item.indicators, item.measures
    said = "；".join(f"{named.name}{_spoken(named.value)}" for named in added)
    words = item.indicators.rstrip("。；; ")
    return (f"{words}；{said}。" if words else f"{said}。"), (*item.measures, *added)


def _telling_rows(table: GoalTable) -> list[Indicator]:
    """The rows worth saying in part 1: the counts and the first effect, with numbers."""
    counted = [row for row in table.indicators if row.type == "数量指标" and row.value.number is not None][:2]
    effects = [row for row in table.indicators if row.family == "效益指标" and row.value.number is not None][:1]
    return counted + effects


def _same_measure(left: str, right: str) -> bool:
    a, b = bigrams(_COMMON.sub("", left)), bigrams(_COMMON.sub("", right))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= 0.6


def _contradicts(left: Target, right: Target) -> bool:
    return left.number is not None and right.number is not None and fold(left.unit or "") == fold(right.unit or "") and left.number != right.number


def _spoken(value: Target) -> str:
    if value.number is None:
        return value.text
    figure = f"{value.number:f}{value.unit or ''}"
    return {"≥": f"不少于{figure}" if value.unit != "%" else f"{figure}以上", "≤": f"不超过{figure}"}.get(value.comparator or "", figure)


def _item_of(table: GoalTable) -> GoalItem:
    """An item written from one project's table."""
    uses = uses_of(table.purpose or table.project.name or "")
    kind = next((component.type for component in uses.components if component.type is not None), None) or classify(table.project.name or "")
    title = without_document_numbers(table.project.name or "") or "其他工作"
    goal = "".join(table.goals[:1]) or (f"{AIMS.get(kind.code, '')}。" if kind is not None else "")
    rows = _telling_rows(table)
    words = "；".join(f"{row.level3}{_spoken(row.value)}" for row in rows)
    return GoalItem(
        title=title, goal=goal, indicators=f"{words}。" if words else "", measures=tuple(NamedTarget(name=row.level3, value=row.value) for row in rows)
    )


def _from_tables(tables: Sequence[GoalTable], owner: Unit, year: int | None, model_measures: tuple[Measure, ...]) -> Narrative:
    total = sum((table.budget.total for table in tables if table.budget.total is not None), Decimal(0))
    names = [without_document_numbers(table.project.name or "") for table in tables]
    aims: list[str] = []
    for table in tables:
        for component in uses_of(table.purpose or table.project.name or "").components:
            aim = AIMS.get(component.type.code) if component.type is not None else None
            if aim and aim not in aims:
                aims.append(aim)
    listed = "、".join(names[:6]) + ("等" if len(names) > 6 else "")
    overall = (
        f"{year or '本'}年，{owner.name or '本部门'}围绕部门职责和年度重点工作，安排预算项目{len(tables)}个、资金{total:f}万元，"
        f"组织实施{listed}；{'；'.join(aims[:4])}。按期保质完成各项绩效目标，提高财政资金使用效益。"
    )
    notes = [Note("总体绩效目标", overall[:20] + "…", "资料库里没有本单位上年的文本，按项目绩效目标表写成，请补充部门职责和年度工作要求")]
    if model_measures:
        notes.append(Note("工作保障措施", "、".join(measure.title for measure in model_measures), "参照资料库中其他单位的写法，请按本单位实际修改"))
    origins = {"overall_goal": "computed", **{f"items[{i}]": "computed" for i in range(len(tables))}}
    goals = DepartmentGoals(overall_goal=overall, items=tuple(_item_of(table) for table in tables), measures=model_measures, unit=owner, year=year)
    return Narrative(goals, notes, origins)
