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
from assistant.drafting import phrases, suggestions
from assistant.drafting.components import Component, Uses
from assistant.drafting.facts import Fact, bare_unit, best_for, same_unit, shared
from assistant.drafting.sheet import Cell, Row, Sheet, level2_of
from assistant.drafting.suggestions import Project
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
        if component.amount is not None and component.quantity is None and _is_cost_of(component, components):
            add(sheet, _amount_row(component, index, project), project)
            continue
        itemised = any(fact.kind == "money" and level_of(fact)[0] == "成本指标" and not _NOT_SPENT.search(fact.name) for fact in left)
        add_component(sheet, component, index, project, whole=len(components) == 1 and uses.whole is None and not itemised)
    wanted: Sequence[ProjectType | None] = kinds[:3] or [None]
    for kind in wanted:
        mine = [component for component in components if component.type is kind]
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
        if component.type is not None and component.type not in kinds:
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


def _is_cost_of(component: Component, components: Sequence[Component]) -> bool:
    """Whether a use is only what another one costs (利息补贴 beside the grain stored): it has an amount and nothing to count."""
    others = [other for other in components if other is not component and other.type is component.type and other.quantity is not None]
    return bool(others) and component.nominal.endswith(("补贴", "费", "费用", "利息", "经费", "租金"))


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
    assert component.amount is not None
    project.used.append(component.amount)
    name = f"{component.nominal}成本"
    return Row(
        level2="成本指标",
        level3=Cell(name, "request", source=component.amount.source),
        description=Cell(
            f"用于{component.nominal}的支出合计",
            "library",
            source=Source(path="corpus/indicators/通用", cell="总成本", text="项目各项支出合计，不超过年度预算数"),
        ),
        value=suggestions.given(component.amount, "≤"),
        basis=suggestions.basis_cell("预算测算", project),
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
    things = list(dict.fromkeys(component.thing for component in components))
    if len(things) <= 1:
        return things[0] if things else project.short
    if len(things) == 2 and sum(map(len, things)) <= 9 and kind is not None:
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
        if fact in project.used or fact.kind in ("months", "text") or fact.name.startswith("每") or _NOT_SPENT.search(fact.name):
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
            _paid_besides(made, fact, components)
            add(sheet, made, project)


_BESIDES = re.compile(
    r"^(?:另外?|还|并)?(?:缴纳?|交|购买|发放)?(社保|社会保险|五险(?:一金)?|公积金|保险|意外险|食宿|伙食|交通|通讯|加班|高温|取暖|绩效)(?:费|补助|补贴)?标准$"
)


def _paid_besides(row: Row, fact: Fact, components: Sequence[Component]) -> None:
    """社保每人每月900元: paid besides the wage for the people already counted, so it is named by them and multiplied with their count."""
    said = _BESIDES.match(fact.name)
    if fact.kind != "price" or said is None:
        return
    paid = [index for index, one in enumerate(components) if one.quantity is not None and same_unit(f"元/{one.unit}", fact.unit)]
    if len(paid) == 1:
        row.level3 = row.level3._replace(text=f"{components[paid[0]].thing}{said[1]}标准")
        row.component, row.kind = paid[0], "另付"


# Money that is neither spent nor brought in: what is audited or insured says how much work there is. The note on unused figures names it.
_NOT_SPENT = re.compile(r"送审|保额|授信|贷款余额|合同额")


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
            if fact.kind != _kind_of(row):
                continue
            score = max(shared(fact.name, row.name), likeness(fact.name, row.name))
            if score >= 0.5 and (best is None or score > best[0]):
                best = (score, row, thing)
    return (best[1], best[2]) if best else (None, "")


def own_row(fact: Fact, project: Project, kinds: Sequence[ProjectType] = ()) -> Row:
    """A row made for one given figure; a price takes sign and basis from the price row of the project's type."""
    level2, comparator, basis = level_of(fact)
    usual = next((row for kind in kinds for row in kind.rows if row.use == "单价"), None)
    if level2 == "成本指标" and fact.kind == "price" and usual is not None:
        comparator, basis = usual.comparator, usual.basis
    describing = {
        "数量指标": f"本年实际完成并有记录可查的{_row_name(fact)}",
        "服务对象满意度指标": "选择“满意”“基本满意”的问卷数÷有效问卷数×100%",
    }.get(level2, f"年末按台账核定的{_row_name(fact)}")
    if level2 == "成本指标":
        per = fact.unit.partition("/")[2].split("·")[0]
        describing = f"文件规定或合同约定的每{per}金额，按实际数量结算" if per else "该项实际支出合计，以合同和支付凭证为准，不超过给定金额"
    project.used.append(fact)
    return Row(
        level2=level2,
        level3=Cell(_row_name(fact), "request", source=fact.source),
        description=Cell(describing, "library", source=Source(path="corpus/indicators/通用", cell="指标解释", text=describing)),
        value=suggestions.given(fact, comparator),
        basis=suggestions.basis_cell(basis, project),
        kind=fact.kind,
        unit=fact.unit,
        comparator=comparator,
    )


def _row_name(fact: Fact) -> str:
    """A figure's name as the name of its row: 电费 → 电费支出, 前端摄像机标准 stays; the number that tells two alike names apart goes."""
    name = re.sub(r"（\d）|^其中", "", fact.name)
    if _PLACE_COUNT.fullmatch(name):
        return f"覆盖{name}"
    if fact.kind == "count" and fact.unit in ("人", "户"):
        return phrases.counted(name, fact.unit)
    if fact.kind == "money" and level_of(fact)[0] == "成本指标":
        return f"{name.removesuffix('资金')}支出" if name.endswith(("费", "资金")) else name
    return name


_PLACE_COUNT = re.compile(r"(?:行政村|自然村|乡镇|社区|小区|村庄|学校|街道)(?:数量|个数|数)")


def level_of(fact: Fact) -> tuple[str, str, str]:
    """Level-2 type, sign and kind of basis for a given figure, by what it measures."""
    name = fact.name
    if "满意" in name:
        return "服务对象满意度指标", "≥", "满意度问卷调查"
    if fact.kind == "price" or fact.kind == "money":
        if any(
            word in name
            for word in ("增收", "收入", "产值", "节约", "销售额", "撬动", "带动", "拉动", "到位", "引进", "税收", "贷款", "签约", "成交", "追回", "挽回")
        ):
            return "经济效益指标", "≥", "上年跟踪回访结果"
        return "成本指标", "≤", "预算测算"
    if fact.kind == "date" or any(word in name for word in ("及时", "按期", "按时", "时间", "工期", "时限", "天内")):
        return "时效指标", "≤" if fact.kind in ("date", "count") else "≥", "年度工作计划"
    if fact.kind == "rate":
        if any(word in name for word in ("合格", "准确", "达标", "完好", "优良", "有效", "验收", "出勤", "完成")):
            return "质量指标", "≥", "实施方案"
        if any(word in name for word in ("故障", "差错", "投诉")):
            return "质量指标", "≤", "合同"
        return "社会效益指标", "≥", "上年业务台账"
    if any(word in name for word in ("使用年限", "使用寿命")):
        return "可持续影响指标", "≥", "资产配置标准"
    if any(word in name for word in ("事故", "投诉", "事件")):
        return "社会效益指标", "≤", "安全生产责任制"
    if any(word in name for word in ("受益", "惠及", "覆盖", "带动", "新增就业", "吸引", "服务群众", "受惠")):
        return "社会效益指标", "≥", "实施方案"
    return "数量指标", "≥", "年度工作计划"


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
