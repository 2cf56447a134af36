"""A project that goes on: last year's rows carried, renewed, rescaled or left out, what its use of money lacks added.

Quantities follow the budget only where quantity × unit cost was the budget last year; otherwise they stay, and a changed budget is
asked about. Rows that speak of something the money is not used for go, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.chinese import bigrams, fold, likeness
from assistant.corpus import PastTable
from assistant.draft import Dropped
from assistant.drafting import arithmetic, new, phrases, renewal, suggestions
from assistant.drafting.components import Component, Uses, collective
from assistant.drafting.facts import Fact, Product
from assistant.drafting.given import use_facts
from assistant.drafting.heading import carried_source
from assistant.drafting.project import Project
from assistant.drafting.renewal import Old
from assistant.drafting.sheet import Ask, Row, Sheet
from assistant.drafting.uses import uses_of
from assistant.drafting.wording import plain
from assistant.library import ProjectType
from assistant.table import Indicator


def compose(sheet: Sheet, past: PastTable, uses: Uses, facts: Sequence[Fact], project: Project) -> None:
    """Write all rows of a continuing project on the sheet."""
    indicators = past.table.indicators
    kinds = tuple(new.types_of(uses))
    before = uses_of(past.table.purpose or "")
    prices = [row for row in indicators if row.value.measured_per]
    counts = [row for row in indicators if row.type == "数量指标" and row.value.number is not None]
    explained = arithmetic.explains(indicators, past.table.total.yuan if past.table.total else None)
    for index, row in enumerate(indicators):
        old = Old(past, index, row, renewal.component_of(row, uses.components), _thing(row, uses, project), kinds)
        reason = _why_not(row, past, uses, before)
        if reason is not None:
            source = carried_source(past, f"第{index + 1}行·三级指标", row.level3)
            sheet.dropped.append(Dropped(cell=f"indicators[{index}]", text=f"{row.level2}：{row.level3} {row.value.text}", reason=reason, source=source))
            continue
        only = len(prices) == 1 and sum(fact.kind == "price" for fact in facts) == 1
        mine = [fact for fact in facts if (only and fact.kind == "price") or _may_use(fact, old, uses.components)]
        made = renewal.renew(old, project, mine, uses.components, only_price=len(prices) == 1, only_count=len(counts) == 1)
        if not _already(sheet, made):
            sheet.rows.append(made)
        else:
            sheet.dropped.append(
                Dropped(cell=f"indicators[{index}]", text=f"{row.level2}：{row.level3} {row.value.text}", reason="与同表另一行重复", source=None)
            )
    if explained is not None:
        _rescale(sheet, past, explained, project)
    else:
        _ask_about_quantities(sheet, past, project)
    _add_missing(sheet, uses, facts, project, kinds)


def _may_use(fact: Fact, old: Old, components: Sequence[Component]) -> bool:
    """A figure given for one use of the money does not become another use's, nor its count the figure of an effect (扶持人数, 新增就业人数)."""
    component = old.component
    counts = any(fact is one.quantity for one in components)
    if counts and old.level2 != "数量指标" and likeness(fact.name, old.row.level3) < 0.8:
        return False
    owners = [index for index, one in enumerate(components) if fact is one.quantity or fact is one.price or fact is one.amount]
    return not owners or component in owners or len(components) == 1


def _already(sheet: Sheet, made: Row) -> bool:
    return any(other.level2 == made.level2 and fold(other.level3.text) == fold(made.level3.text) for other in sheet.rows)


def _thing(row: Indicator, uses: Uses, project: Project) -> str:
    """What a row speaks of: its component, else the people the project serves, else nothing."""
    index = renewal.component_of(row, uses.components)
    if index is not None:
        return uses.components[index].thing
    people = [set(component.people) for component in uses.components]
    common = set.intersection(*people) if people else set()
    if len(common) == 1:
        return common.pop()
    return project.short if len(uses.components) > 1 else ""


_PLAIN_WORDS = re.compile(
    r"残疾人|群众|对象|服务|人员|工作|改善|提升|提高|保障|完成|情况|程度|水平|能力|环境|数量|质量|标准|补贴|补助|发放|及时|按期|覆盖|满意|受益|比例|率|度|的|人数|户数|项目|资金|成本|时间|时限|年"
)


def _why_not(row: Indicator, past: PastTable, uses: Uses, before: Uses) -> str | None:
    """Why a row of last year has no place this year: its use is gone, or it never spoke of this project's use."""
    if not row.level3.strip():
        return "上年该行没有指标名称"
    if row.type == "服务对象满意度指标":
        return None
    gone = [component for component in before.components if not any(_same_service(component, other) for other in uses.components)]
    name = row.level3
    for component in gone:
        if renewal.speaks_of(name, component) and not any(renewal.speaks_of(name, other) for other in uses.components):
            return f"本年资金用途不再包括“{component.nominal}”"
    total = row.type in renewal.COST and not row.value.measured_per
    if gone and len(gone) == len(before.components) and not total and not any(renewal.speaks_of(name, other) for other in uses.components):
        return f"本年资金用途不再包括“{'、'.join(component.nominal for component in gone)}”"
    own = _PLAIN_WORDS.sub("", name)
    about = bigrams(
        (past.table.purpose or "") + (past.table.project.name or "") + "".join(past.table.goals) + "".join(component.nominal for component in uses.components)
    )
    # Only an effect that names things of its own, none of them this project's, is another project's; slogans are replaced instead.
    if len(own) >= 4 and row.family == "效益指标" and row.value.number is None and not _SLOGAN.search(name) and not bigrams(own) & about:
        return f"“{name}”与本项目用途无关，疑为照抄其他项目"
    return None


_SLOGAN = re.compile(r"社会|稳定|和谐|经济|发展|民生|可持续|影响|形象|机制|制度|权益|生产|消费|知晓|意识")


def _same_service(left: Component, right: Component) -> bool:
    if fold(left.nominal) == fold(right.nominal):
        return True
    a, b = bigrams(left.nominal), bigrams(right.nominal)
    return len(a & b) / min(len(a), len(b)) >= 0.6


def _rescale(sheet: Sheet, past: PastTable, explained: tuple[int, int, Product], project: Project) -> None:
    """Where n × c was last year's budget, this year's n follows from this year's money and standard, the arithmetic shown."""
    i, j, product = explained
    count = next((row for row in sheet.rows if row.position == i), None)
    price = next((row for row in sheet.rows if row.position == j), None)
    if count is None or price is None or project.money is None or count.value.origin != "carried" or past.table.total is None:
        return
    each = price.target.base
    if each is None or each[0] <= 0:
        return
    same_price = each[0] == (past.table.indicators[j].value.base or (None,))[0]
    if project.money.yuan == past.table.total.yuan and same_price:
        return
    n, c = past.table.indicators[i].value.base, past.table.indicators[j].value.base
    times = product.yuan / (n[0] * c[0]) if n and c and n[0] and c[0] else Decimal(1)
    many = int(project.money.yuan / (each[0] * times))
    unit = past.table.indicators[i].value.unit or ""
    if many < 1:
        return
    sign = past.table.indicators[i].value.comparator or "≥"
    months = "" if times == 1 else f"÷{plain(times)}"
    formula = f"上年{product.words}（上年预算{past.table.total}）；本年{project.money.text}÷{price.target.number:f}{price.target.unit}{months}≈{many}{unit}"
    before = past.table.indicators[i].value.text
    count.value = count.value._replace(text=f"{sign}{many}{unit}", origin="computed", formula=formula, note="数量随预算按上年的人均（单位）标准调整").against(
        before
    )


def _ask_about_quantities(sheet: Sheet, past: PastTable, project: Project) -> None:
    """A budget that moved without an arithmetic to follow: the quantities stay and are asked about."""
    last = past.table.total
    if project.money is None or last is None or project.money.yuan == last.yuan:
        return
    for index, row in enumerate(sheet.rows):
        if row.level2 == "数量指标" and row.value.origin == "carried" and row.target.number is not None and row.target.number > 1:
            ask = Ask(f"预算由{last}变为{project.money.text}，{row.level3.text}仍按上年{row.value.previous or row.value.text}吗？", row.level3.text, 75)
            sheet.rows[index].value = row.value._replace(ask=ask, note="预算有变，数量沿用上年，请核实")


def _add_missing(sheet: Sheet, uses: Uses, facts: Sequence[Fact], project: Project, kinds: tuple[ProjectType, ...]) -> None:
    components = uses.components
    left = [fact for fact in facts if fact not in project.used]
    for index, component in enumerate(components):
        if _is_counted(component, index, sheet, len(components)):
            continue
        new.add_component(sheet, _as_counted(component), index, project, whole=len(components) == 1 and uses.whole is None)
    if not any(row.kind == "总成本" for row in sheet.rows):
        new.add_total_cost(sheet, kinds[:1] if len(kinds) == 1 else (), components, project)
    use_facts(sheet, [fact for fact in left if fact not in project.used], kinds, components, project)
    for level2 in ("质量指标", "时效指标"):
        if not sheet.named(level2):
            _add_level(sheet, level2, components, kinds, project)
    if not any(row.level2.endswith(("效益指标", "影响指标")) for row in sheet.rows):
        _add_level(sheet, "社会效益指标", components, kinds, project)
    if not sheet.named("服务对象满意度指标") and any(kind.public for kind in kinds):
        for kind in kinds:
            row = next((row for row in kind.rows if row.level2 == "服务对象满意度指标" and row.use == "必备"), None)
            if row is not None and kind.public:
                new.add_satisfaction(sheet, row, components, kind, project, left)
    if len(kinds) > 1:
        for kind in kinds:
            _add_of_type(sheet, kind, components, project)
    new.ensure_satisfaction(sheet, kinds, components, project, left)
    new.fill(sheet, kinds, components, project)
    new.trim(sheet)


def _is_counted(component: Component, index: int, sheet: Sheet, many: int) -> bool:
    counts = [row for row in sheet.rows if row.level2 == "数量指标"]
    if many == 1:
        return bool(counts)
    return any(row.component == index or renewal.speaks_of(row.level3.text, component) for row in counts)


def _as_counted(component: Component) -> Component:
    """就业 alone is an effect; what the money pays for is supporting it."""
    if component.nominal.endswith(("就业", "创业")) and (component.quantity is None or "扶持" in component.quantity.name):
        component.phrase = phrases.Phrase(component.phrase.who, "扶持", component.phrase.object, component.phrase.said)
    return component


def _add_of_type(sheet: Sheet, kind: ProjectType, components: Sequence[Component], project: Project) -> None:
    """Quality, time and benefit rows for the components of a type that no row speaks of; a row of the whole speaks of all."""
    places = [index for index, component in enumerate(components) if component.type is kind]
    mine = [components[index] for index in places]
    if not mine:
        return
    thing = collective(mine, kind, project.short)
    for lib in kind.rows:
        if lib.use != "必备" or lib.level2 not in ("质量指标", "时效指标", "社会效益指标"):
            continue
        level = [row for row in sheet.rows if row.level2 == lib.level2]
        if any(
            (row.position is not None and row.component is None)
            or row.component in places
            or any(renewal.speaks_of(row.level3.text, component) for component in mine)
            for row in level
        ):
            continue
        made = suggestions.from_library(lib, thing, project, component=places[0])
        if not (made.is_open and level):
            sheet.add(made, project.refused)


def _add_level(sheet: Sheet, level2: str, components: Sequence[Component], kinds: tuple[ProjectType, ...], project: Project) -> None:
    from assistant import library

    for rows, kind in [*((kind.rows, kind) for kind in kinds), (library.general_rows(), None)]:
        row = next((row for row in rows if row.level2 == level2 and row.use == "必备"), None)
        if row is not None:
            thing = collective([c for c in components if c.type is kind] or components, kind, project.short) if components else project.short
            sheet.add(suggestions.from_library(row, thing, project), project.refused)
            return
