"""Rows of a project that was not there last year: from the library by project type, one count per use, fitted to its own things.

Mixed projects get rows for every component; the mix keeps to 8 to 14 rows, at least one of each level-2 type that the project needs.
Every figure the request gives is used: in the row it belongs to, or in a row of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant import library
from assistant.chinese import bigrams, fold, likeness
from assistant.draft import Source
from assistant.drafting import lexicon, phrases, suggestions, wording
from assistant.drafting.bases import basis_cell
from assistant.drafting.components import Component, Uses
from assistant.drafting.facts import Fact, bare_unit, best_for, same_unit, shared
from assistant.drafting.given import level_of, own_row, paid_besides
from assistant.drafting.project import Project
from assistant.drafting.sheet import Cell, Row, Sheet, level2_of
from assistant.library import LibraryRow, ProjectType
from assistant.validation.completeness import serves_public

FEWEST, MOST = 8, 14
_BENEFITS = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")


def compose(sheet: Sheet, uses: Uses, facts: Sequence[Fact], project: Project) -> None:
    """Write all rows of a new project on the sheet."""
    components = uses.components
    kinds = types_of(uses)
    left = [fact for fact in facts if not _is_components(fact, components)]
    for index, component in enumerate(components[:6]):
        if _given_in_parts(component, left):
            continue
        if component.amount is not None and component.quantity is None and (component.is_cost or _is_cost_of(component, components)):
            add(sheet, _amount_row(component, index, project), project)
            continue
        itemised = any(fact.kind == "money" and level_of(fact)[0] == "成本指标" and not lexicon.WORKED_ON.search(fact.name) for fact in left)
        if itemised and component.quantity is not None and component.amount is not None:
            # 电费260万，维护费95万: one of several costs is no price of what is counted.
            left.append(component.amount)
            component.amount = None
        add_component(sheet, component, index, project, whole=len(components) == 1 and uses.whole is None and not itemised)
    wanted: Sequence[ProjectType | None] = kinds[:3] or [None]
    for kind in wanted:
        mine = [component for component in components if component.type is kind and not component.is_cost]
        if uses.whole is not None and uses.whole.type is kind and mine:
            # 县道养护、乡道养护 of 农村公路养护: what they share is said of the whole.
            mine = [replace(uses.whole, people=tuple(dict.fromkeys(word for one in (uses.whole, *mine) for word in one.people)))]
        mine = mine or ([uses.whole] if uses.whole is not None and uses.whole.type is kind else components)
        add_required(sheet, kind, mine, project, left, several=len(kinds) > 1)
    add_total_cost(sheet, kinds, components if uses.whole is None else (), project)
    use_facts(sheet, left, kinds, components, project)
    ensure_satisfaction(sheet, kinds, components, project, left)
    fill(sheet, kinds, components, project)
    trim(sheet)


def ensure_satisfaction(sheet: Sheet, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project, facts: Sequence[Fact]) -> None:
    """Whoever serves people outside the office asks them, also where the project type alone would not say so."""
    if sheet.named("服务对象满意度指标") or (
        not any(kind.code == "T37" for kind in kinds) and not serves_public(fold(f"{project.core}。{sheet.header['purpose'].text}"))
    ):
        return
    for rows in (*(kind.rows for kind in kinds), library.general_rows()):
        row = next((row for row in rows if row.level2 == "服务对象满意度指标"), None)
        if row is not None:
            fact = next((fact for fact in facts if fact.kind == "rate" and "满意" in fact.name and fact not in project.used), None)
            thing = collective(components, None, project) if components else project.short
            add(sheet, suggestions.from_library(row, thing, project, fact=fact, kind="满意度"), project)
            return


def types_of(uses: Uses) -> list[ProjectType]:
    """The project types of the components, in order, each once; the project's own type when no component has one."""
    kinds: list[ProjectType] = [uses.whole.type] if uses.whole is not None and uses.whole.type is not None else []
    for component in uses.components:
        if component.type is not None and component.type not in kinds and not component.is_cost:
            kinds.append(component.type)
    if not kinds and uses.type is not None:
        kinds.append(uses.type)
    return kinds


def _is_components(fact: Fact, components: Iterable[Component]) -> bool:
    return any(fact is given for component in components for given in (component.quantity, component.price, component.amount))


def add_component(sheet: Sheet, component: Component, index: int, project: Project, *, whole: bool) -> None:
    """The count of a component and, where it is known or a standard, its price."""
    rows = component.type.rows if component.type is not None else library.general_rows()
    count = _count_row(component, rows)
    add(sheet, suggestions.quantity_row(component, index, count, project), project)
    price = next((row for row in rows if row.use == "单价"), None)
    if price is not None:
        made = suggestions.price_row(component, index, price, project, whole=whole)
        if made is not None and made.is_open and component.amount is not None:
            # What it costs in all is known; the price of one is not asked.
            made = None
        if made is not None:
            add(sheet, made, project)
        elif component.amount is not None and component.amount not in project.used:
            add(sheet, _amount_row(component, index, project), project)
    if component.remainder is not None:
        add(sheet, _amount_row(component, index, project), project)


def _is_cost_of(component: Component, components: Sequence[Component]) -> bool:
    """Whether a use is only what another one costs (利息补贴 beside the grain stored): it has an amount and nothing to count."""
    others = [other for other in components if other is not component and other.type is component.type and other.quantity is not None]
    return bool(others) and component.nominal.endswith(("补贴", "经费", *_COSTS))


_COSTS = ("费", "费用", "利息", "租金", "工资")


def _given_in_parts(component: Component, left: Sequence[Fact]) -> bool:
    """Whether the one use is counted by groups (小学300人、初中200人): the groups are its rows, nothing is left to ask."""
    if component.quantity is not None or component.price is not None:
        return False
    return sum(fact.kind == "count" and same_unit(fact.unit, component.unit) for fact in left) >= 2


def _count_row(component: Component, rows: Sequence[LibraryRow]) -> LibraryRow | None:
    """The library's count for a component: one in its own unit that shares its words, else the type's count per use."""
    named = [row for row in rows if row.level2 == "数量指标" and row.unit == component.unit and shared(row.name, component.nominal) >= 0.5]
    usual = next((row for row in rows if row.use == "每项用途"), None)
    return usual if usual is not None and usual.unit == component.unit else named[0] if named else usual


def _amount_row(component: Component, index: int, project: Project) -> Row:
    """What one use costs in all: the amount given, or what the others leave of the budget."""
    source = component.amount.source if component.amount is not None else project.money.source if project.money is not None else None
    if component.amount is not None:
        project.used.append(component.amount)
        value = suggestions.given(component.amount, "≤")
    else:
        assert component.remainder is not None
        left = component.remainder
        value = Cell(f"≤{wording.plain(left.yuan / 10_000)}万元", "computed", source=source, formula=left.words)
    name = component.said if component.is_cost else component.nominal
    return Row(
        level2="成本指标",
        level3=Cell(f"{name}{'支出' if name.endswith(_COSTS) else '成本'}", "request", source=source),
        description=Cell(
            f"本年用于{name}的实际支出，以合同（发放表）和支付凭证为准",
            "library",
            source=Source(path="corpus/indicators/通用", cell="总成本", text="项目各项支出合计，不超过年度预算数"),
        ),
        value=value,
        basis=basis_cell("预算测算", project),
        kind="分项成本",
        component=index,
        unit="万元",
        comparator="≤",
    )


def add_required(sheet: Sheet, kind: ProjectType | None, components: Sequence[Component], project: Project, facts: Sequence[Fact], *, several: bool) -> None:
    """The rows that a project type must have: quality, time, benefit, satisfaction."""
    rows = kind.rows if kind is not None else library.general_rows()
    thing = collective(components, kind, project)
    for row in rows:
        if row.use != "必备" or row.level2 == "数量指标":
            continue
        if kind is None and "验收" in row.name and thing.endswith(_FUNDS):
            # Nothing is delivered and accepted of a fund; that it is spent by the rules is measured instead.
            continue
        if several and row.level2 in ("可持续影响指标", "生态效益指标") and any(name in sheet.named(row.level2) for name in sheet.named()):
            continue
        if row.level2 == "服务对象满意度指标":
            add_satisfaction(sheet, row, components, kind, project, facts)
            continue
        if several and row.level2 in _BENEFITS and any(f"“{row.name}”" in (other.level3.note or "") for other in sheet.rows):
            # 受益人口数 of one part of the project is not asked again for the next.
            continue
        fact = _fact_for(row, suggestions.fitted(row.template, thing), facts, project)
        add(sheet, suggestions.from_library(row, thing, project, fact=fact), project)


_FUNDS = ("金", "经费", "费", "开支", "支出", "补助", "补贴")


def add_satisfaction(sheet: Sheet, row: LibraryRow, components: Sequence[Component], kind: ProjectType | None, project: Project, facts: Sequence[Fact]) -> None:
    """One satisfaction row for the people a component serves."""
    who = served(components, kind, project)
    fact = next((fact for fact in facts if fact.kind == "rate" and "满意" in fact.name and fact not in project.used), None)
    if any(other.level2 == row.level2 and (who in other.level3.text or not who) for other in sheet.rows):
        return
    add(sheet, suggestions.satisfied(row, who, collective(components, kind, project), project, fact), project)


def served(components: Sequence[Component], kind: ProjectType | None, project: Project) -> str:
    """Who is asked: the people the components name, else those the project type serves."""
    people = [word for component in components for word in component.people]
    if kind is not None and not kind.public and kind.code not in ("T06",):
        # What is bought for people outside the office is judged by them; staff is named by the library's own wording.
        people = [word for word in (*people, *phrases.people_in(project.core)) if word not in _STAFF] if kind.code == "T05" else []
    if not people:
        return ""
    who = people[0].removesuffix("家庭")
    return f"{who}及家长" if who in ("残疾儿童", "儿童") and kind is not None and kind.code in ("T11", "T22") else who


_STAFF = frozenset("消防员 辅警 干部 职工 教师 医务人员 公务员 网格员 护林员 保洁员 村干部 村医 驾驶员 党员 军人 师生 学生 中小学生".split())


def collective(components: Sequence[Component], kind: ProjectType | None, project: Project) -> str:
    """What the rows shared by several components of a type speak of."""
    # Of what is used up nothing is said for long where something lasting is done or bought beside it.
    lasting = [component for component in components if not component.is_used_up] or components
    named = list(dict.fromkeys(component.thing for component in lasting))
    things = [thing for thing in named if not any(thing != other and thing in other for other in named)]
    if len(things) <= 1:
        return things[0] if things else project.short
    if len(things) == 2 and sum(map(len, things)) <= 12 and kind is not None:
        return "和".join(things)
    if kind is not None and kind.code == "T05":
        return f"{things[0]}等设备" if len(things[0]) <= 8 else "购置设备"
    ending = _common_ending(things)
    if ending:
        return ending
    people = {word for component in components for word in component.people}
    if len(people) == 1 and kind is not None and kind.code in ("T01", "T11", "T12", "T13", "T14", "T15", "T38", "T43"):
        return people.pop()
    return project.short or (f"{things[0]}等" if len(things[0]) <= 10 else things[0])


def _common_ending(things: Sequence[str]) -> str:
    """The words all things end with (国土空间总体规划编制, 村庄规划编制 → 规划编制), at least three characters."""
    shortest = min(things, key=len)
    for size in range(len(shortest), 2, -1):
        ending = shortest[-size:]
        if all(thing.endswith(ending) for thing in things) and phrases.begins_a_word(ending):
            return ending if ending not in ("工作", "服务", "项目", "活动", "补贴", "补助", "经费") else ""
    return ""


def _fact_for(row: LibraryRow, name: str, facts: Sequence[Fact], project: Project) -> Fact | None:
    left = [fact for fact in facts if fact not in project.used]
    kind = _kind_of(row)
    found = best_for(left, name, row.unit if kind in ("count", "price") else "", kind)  # type: ignore[arg-type]
    if found is None and kind == "count":
        # 受益群众3000人 answers 受益人口数.
        found = next((fact for fact in left if fact.kind == "count" and same_unit(fact.unit, row.unit) and _telling(row.name) & _telling(fact.name)), None)
    if found is not None and kind == "rate" and not _same_rate(row, found):
        return None
    return found


def _same_rate(row: LibraryRow, fact: Fact) -> bool:
    """Whether a given rate is the library's: like names, or the same telling word and nothing else said (出水达标率 is no 村容村貌达标率)."""
    if likeness(row.name, fact.name) >= 0.5:
        return True
    common = _telling(row.name) & _telling(fact.name)
    rest = fact.name
    for word in common:
        rest = rest.replace(word, "")
    rest = re.sub(r"率|度|的|比例|服务对象|群众|人员|项目|工程|系统|设备", "", rest)
    return bool(common) and (len(rest) < 2 or bool(bigrams(rest) & bigrams(row.template)))


def _telling(name: str) -> set[str]:
    return {
        word
        for word in (
            "受益",
            "覆盖",
            "合格",
            "及时",
            "按期",
            "按时",
            "准确",
            "满意",
            "就业",
            "知晓",
            "完好",
            "达标",
            "验收",
            "开放",
            "使用年限",
            "利用",
            "出勤",
            "整改",
            "优良",
            "增收",
            "投诉",
            "事故",
        )
        if word in name
    }


def _kind_of(row: LibraryRow) -> str:
    if row.unit in ("%", "‰"):
        return "rate"
    if row.unit == "日期":
        return "date"
    if row.unit.startswith(("元/", "万元/")):
        return "price"
    return "money" if row.unit in ("万元", "元") else "count"


def add_total_cost(sheet: Sheet, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> None:
    """One row that holds the whole project to its budget."""
    rows = kinds[0].rows if len(kinds) == 1 else library.general_rows()
    row = next((row for row in rows if row.use == "总成本"), None)
    if row is not None:
        thing = components[0].thing if len(components) == 1 else project.short
        add(sheet, suggestions.total_cost_row(row, thing, project), project)


def use_facts(sheet: Sheet, facts: Sequence[Fact], kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> None:
    """Every figure given and not yet used gets the optional library row it belongs to, or a row of its own."""
    for fact in facts:
        if fact in project.used or fact.kind in ("months", "text") or fact.name.startswith("每") or lexicon.WORKED_ON.search(fact.name):
            continue
        if (there := _row_for(sheet, fact)) is not None:
            project.used.append(fact)
            there.value = suggestions.given(fact, there.comparator, there.unit).against(there.value.previous)
            continue
        row, thing = _optional_row(fact, kinds, components, project)
        if row is not None:
            made = suggestions.from_library(row, thing, project, fact=fact, unit=fact.unit)
            if likeness(made.level3.text, fact.name) < 0.5:
                made.level3 = Cell(fact.name, "request", source=fact.source)
            add(sheet, made, project)
        else:
            made = own_row(fact, project, kinds)
            paid_besides(made, fact, components)
            add(sheet, made, project)


def _row_for(sheet: Sheet, fact: Fact) -> Row | None:
    """The row already written under the fact's name: its value gives way to what was said."""
    for row in sheet.rows:
        unit = row.unit or bare_unit(row.target)
        if likeness(row.level3.text, fact.name) >= 0.8 and (not unit or not fact.unit or same_unit(unit, fact.unit)) and row.value.origin != "request":
            return row
    return None


def note_unused(sheet: Sheet, facts: Sequence[Fact], project: Project) -> None:
    """Say which of the given words found no place, so that nothing is lost silently."""
    for fact in facts:
        if fact not in project.used and fact.kind != "months":
            sheet.notes.append(f"给出的“{fact.said}”没有写进表里，请核对。")


def _optional_row(fact: Fact, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> tuple[LibraryRow | None, str]:
    best: tuple[float, LibraryRow, str] | None = None
    for kind in kinds:
        thing = collective([component for component in components if component.type is kind] or components, kind, project)
        for row in kind.rows:
            if (row.unit in ("%", "日期", "‰") and fact.kind not in ("rate", "date")) or (
                fact.kind in ("count", "price") and not same_unit(fact.unit, row.unit)
            ):
                continue
            if fact.kind != _kind_of(row) or (fact.kind == "rate" and not _same_rate(row, fact)):
                continue
            score = max(shared(fact.name, row.name), likeness(fact.name, row.name))
            if score >= 0.5 and (best is None or score > best[0]):
                best = (score, row, thing)
    return (best[1], best[2]) if best else (None, "")


def fill(sheet: Sheet, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> None:
    """Optional rows with a customary value until the table has enough rows, and a benefit row where none came yet."""
    missing = [level2 for level2 in ("质量指标", "时效指标") if not sheet.named(level2)]
    if not any(sheet.named(level2) for level2 in _BENEFITS):
        missing.append("社会效益指标")
    for rows, thing in [
        *((kind.rows, collective([c for c in components if c.type is kind] or components, kind, project)) for kind in kinds),
        (library.general_rows(), project.short),
    ]:
        for row in rows:
            wanted = row.level2 in missing
            if row.use != "可选" or row.customary is None or (row.level2.endswith("成本指标") and row.level2 != "成本指标") or "仅用于" in row.range:
                continue
            if any(name.endswith(row.name[-6:]) for name in sheet.named(row.level2)):
                continue
            if "认定" in row.name and not any(component.people for component in components):
                # Only people can be wrongly taken for eligible.
                continue
            few = len(sheet.rows) < FEWEST and row.level2 in ("质量指标", "时效指标", "社会效益指标", "生态效益指标")
            if (wanted or few) and add(sheet, suggestions.from_library(row, thing, project), project) and wanted:
                missing.remove(row.level2)


def add(sheet: Sheet, row: Row, project: Project) -> bool:
    """Write a row unless it is there already or the unit has refused it before."""
    name = fold(row.level3.text)
    if name in project.refused:
        sheet.notes.append(f"“{row.level3.text}”以前被本单位退回过，没有再列。")
        return False
    for other in sheet.rows:
        # C级危房改造 and D级危房改造 are named alike and are two uses.
        apart = None not in (other.component, row.component) and other.component != row.component
        if other.level2 == row.level2 and (fold(other.level3.text) == name or (not apart and likeness(other.level3.text, row.level3.text) > 0.9)):
            return False
    row.level2 = level2_of(row.level2, sheet.frame)
    sheet.rows.append(row)
    return True


def trim(sheet: Sheet) -> None:
    """No more rows than a person reads: open rows that nobody needs go first."""

    def least_needed(row: Row) -> int:
        if row.kind in ("数量", "总成本", "满意度") or row.value.origin == "request" or row.carried:
            return 0
        if row.kind == "单价":
            return 1 if row.is_open else 0
        siblings = sum(other.level2 == row.level2 for other in sheet.rows)
        return 0 if siblings == 1 else 3 if row.is_open else 2

    while len(sheet.rows) > MOST:
        worst = max(range(len(sheet.rows)), key=lambda index: (least_needed(sheet.rows[index]), index))
        if least_needed(sheet.rows[worst]) == 0:
            return
        del sheet.rows[worst]
