"""Rows of a project that was not there last year: from the library by project type, one count per use, fitted to its own things.

Mixed projects get rows for every component; the mix keeps to 8 to 14 rows, at least one of each level-2 type that the project needs.
Every figure the request gives is used: in the row it belongs to, or in a row of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant import library
from assistant.chinese import fold
from assistant.draft import Source
from assistant.drafting import lexicon, phrases, suggestions, wording
from assistant.drafting.components import Component, Uses, collective
from assistant.drafting.facts import Fact, same_unit, shared
from assistant.drafting.given import fact_for, level_of, use_facts
from assistant.drafting.project import Project, basis_cell
from assistant.drafting.sheet import Cell, Row, Sheet
from assistant.drafting.uses import EFFECT_COUNT, NO_OUTPUT
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
            sheet.add(_amount_row(component, index, project), project.refused)
            continue
        itemised = any(fact.kind == "money" and level_of(fact)[0] == "成本指标" and not lexicon.WORKED_ON.search(fact.name) for fact in left)
        if itemised and component.quantity is not None and component.amount is not None:
            # 电费260万，维护费95万: one of several costs is no price of what is counted.
            left.append(component.amount)
            component.amount = None
        # 评价项目15个，部门整体评价5家: the money is not that of the first count alone.
        besides = component.unit not in lexicon.PEOPLE_UNITS and any(_is_output(fact) for fact in left)
        add_component(sheet, component, index, project, whole=len(components) == 1 and uses.whole is None and not itemised and not besides)
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
            thing = collective(components, None, project.short) if components else project.short
            sheet.add(suggestions.from_library(row, thing, project, fact=fact, kind="满意度"), project.refused)
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


def _is_output(fact: Fact) -> bool:
    return fact.kind == "count" and level_of(fact)[0] == "数量指标" and not EFFECT_COUNT.search(fact.name) and not NO_OUTPUT.search(fact.name)


def _is_components(fact: Fact, components: Iterable[Component]) -> bool:
    return any(fact is given for component in components for given in (component.quantity, component.price, component.amount))


def add_component(sheet: Sheet, component: Component, index: int, project: Project, *, whole: bool) -> None:
    """The count of a component and, where it is known or a standard, its price."""
    rows = component.type.rows if component.type is not None else library.general_rows()
    count = _count_row(component, rows)
    sheet.add(suggestions.quantity_row(component, index, count, project), project.refused)
    price = next((row for row in rows if row.use == "单价"), None)
    if price is not None:
        made = suggestions.price_row(component, index, price, project, whole=whole)
        if made is not None and made.is_open and component.amount is not None:
            # What it costs in all is known; the price of one is not asked.
            made = None
        if made is not None:
            sheet.add(made, project.refused)
        elif component.amount is not None and component.amount not in project.used:
            sheet.add(_amount_row(component, index, project), project.refused)
    if component.remainder is not None:
        sheet.add(_amount_row(component, index, project), project.refused)


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
    thing = collective(components, kind, project.short)
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
        fact = fact_for(row, suggestions.fitted(row.template, thing), facts, project)
        sheet.add(suggestions.from_library(row, thing, project, fact=fact), project.refused)


_FUNDS = ("金", "经费", "费", "开支", "支出", "补助", "补贴")


def add_satisfaction(sheet: Sheet, row: LibraryRow, components: Sequence[Component], kind: ProjectType | None, project: Project, facts: Sequence[Fact]) -> None:
    """One satisfaction row for the people a component serves."""
    who = served(components, kind, project)
    fact = next((fact for fact in facts if fact.kind == "rate" and "满意" in fact.name and fact not in project.used), None)
    if any(other.level2 == row.level2 and (who in other.level3.text or not who) for other in sheet.rows):
        return
    sheet.add(suggestions.satisfied(row, who, collective(components, kind, project.short), project, fact), project.refused)


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


def add_total_cost(sheet: Sheet, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> None:
    """One row that holds the whole project to its budget."""
    rows = kinds[0].rows if len(kinds) == 1 else library.general_rows()
    row = next((row for row in rows if row.use == "总成本"), None)
    if row is not None:
        thing = components[0].thing if len(components) == 1 else project.short
        sheet.add(suggestions.total_cost_row(row, thing, project), project.refused)


def fill(sheet: Sheet, kinds: Sequence[ProjectType], components: Sequence[Component], project: Project) -> None:
    """Optional rows with a customary value until the table has enough rows, and a benefit row where none came yet."""
    missing = [level2 for level2 in ("质量指标", "时效指标") if not sheet.named(level2)]
    if not any(sheet.named(level2) for level2 in _BENEFITS):
        missing.append("社会效益指标")
    for rows, thing in [
        *((kind.rows, collective([c for c in components if c.type is kind] or components, kind, project.short)) for kind in kinds),
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
            if (wanted or few) and sheet.add(suggestions.from_library(row, thing, project), project.refused) and wanted:
                missing.remove(row.level2)


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
