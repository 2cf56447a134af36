"""One row of last year's table → this year's: carried, renewed, or replaced by something measurable, each cell with its reason.

A strong value stays and is cited; a vague one (达到标准, 有所提升, 及时发放) gives way to a measurable one from the library with last
year's wording shown; a sign that lets costs grow is turned; a description that repeats its name is replaced by a definition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import library
from assistant.chinese import bigrams, document_numbers, fold, likeness
from assistant.corpus import PastTable
from assistant.draft import Source
from assistant.drafting import phrases, suggestions
from assistant.drafting.components import Component
from assistant.drafting.definitions import customary, definition, formula_of, repeats
from assistant.drafting.facts import Fact, FactKind, bare_unit, best_for, same_unit, shared, words_of
from assistant.drafting.heading import carried_source, renewed
from assistant.drafting.kinds import classify
from assistant.drafting.project import Project, basis_cell, library_source
from assistant.drafting.sheet import Ask, Cell, Row
from assistant.library import LibraryRow, ProjectType, Replacement
from assistant.table import Indicator
from assistant.target import Target
from assistant.validation.definitions import is_generic

COST = ("成本指标", "经济成本指标")
_GROWTH = re.compile(r"新增|增加|净增|新建|新招")


@dataclass(slots=True)
class Old:
    """A row of last year's table and what it means here: its place, the component it counts or prices, the thing it speaks of."""

    past: PastTable
    index: int
    row: Indicator
    component: int | None
    thing: str
    kinds: tuple[ProjectType, ...]

    def source(self, label: str, text: str) -> Source:
        """A cell of the row as a source."""
        return carried_source(self.past, f"第{self.index + 1}行·{label}", text)

    @property
    def level2(self) -> str:
        """The canonical level-2 type; a row of an unknown one counts as quantity only when it counts."""
        return self.row.type or ("数量指标" if self.row.value.number is not None else "社会效益指标")


def renew(old: Old, project: Project, facts: Sequence[Fact], components: Sequence[Component], *, only_price: bool, only_count: bool) -> Row:
    """The row of this year. ``only_price``/``only_count`` tell that no other row of that kind stands in the table."""
    value = old.row.value
    if _is_total_cost(old):
        return _carried_row(old, project, _total(old, project), kind="总成本")
    own = _of_component(old, components, project)
    if own is not None and any(_speaks_better(fact, own, old) and fact not in project.used for fact in facts):
        # 县道420公里，乡村道1900公里: each goes to the row that names it.
        own = None
    fact = own or _fact(old, facts, project, alone=only_price if _kind(value) == "price" else only_count)
    if fact is not None:
        project.used.append(fact)
        used = _carried_row(old, project, suggestions.given(fact, _sign(old), value.unit or "").against(value.text), kind=_row_kind(old))
        return _named_as_given(used, old, fact, components)
    if _is_vague(value):
        made = replacement(old, project) or _library_row(old, project)
        if made is not None:
            return made
    return _carried_row(old, project, _carried_value(old, project), kind=_row_kind(old))


def _named_as_given(made: Row, old: Old, fact: Fact, components: Sequence[Component]) -> Row:
    """A figure given for one group (残疾儿童康复训练人数) is not written under a name that means another (残疾人人数) when there are several uses."""
    if old.component is None or len(components) < 2 or made.level2 != "数量指标":
        return made
    component = components[old.component]
    if component.quantity is fact and component.people and not any(people in old.row.level3 for people in component.people):
        name = phrases.counted(component.nominal, component.unit)
        made.level3 = Cell(name, "request", source=fact.source, note="给出的数只指这一类人，名称随之写明").against(old.row.level3)
    return made


def _is_vague(value: Target) -> bool:
    """Whether nobody could say at the year's end if the value was reached."""
    if value.kind == "cycle":
        return re.search(r"全年|常年|长期|分期", value.text) is not None
    return value.kind in ("text", "missing") and not _names_a_proof(value.text)


def _library_row(old: Old, project: Project) -> Row | None:
    """Where no replacement is listed: a row of the same level-2 type that the project's type has a customary value for."""
    for rows in (*(kind.rows for kind in old.kinds), library.general_rows()):
        found = next((row for row in rows if row.level2 == old.level2 and row.customary is not None and "仅用于" not in row.range), None)
        if found is not None:
            return _marked(suggestions.from_library(found, old.thing, project, kind=_row_kind(old), component=old.component), old)
    return None


def _marked(made: Row, old: Old) -> Row:
    """A row that stands in for a vague one, last year's wording beside every cell."""
    row, said = old.row, f"上年写“{old.row.value.text or '空'}”，无法考核，换成可衡量的指标"
    made.level3 = made.level3._replace(note=said).against(row.level3)
    made.description = made.description.against(row.description)
    made.value = made.value._replace(note="；".join(part for part in (said, made.value.note) if part)).against(row.value.text)
    made.basis = made.basis.against(row.basis)
    made.position = old.index
    return made


def _kind(value: Target) -> FactKind:
    if value.kind == "date":
        return "date"
    if value.measured_per:
        return "price"
    unit = fold(value.unit or "")
    if unit in ("%", "百分比", "‰"):
        return "rate"
    return "money" if unit.endswith("元") and unit else "count"


def _row_kind(old: Old) -> str:
    if old.level2 == "数量指标":
        return "数量"
    if old.level2 in COST:
        return "单价" if old.row.value.measured_per else "成本"
    return "满意度" if old.level2 == "服务对象满意度指标" else "必备"


def _is_total_cost(old: Old) -> bool:
    base, total = old.row.value.base, old.past.table.total
    if old.level2 not in COST or base is None or total is None or base[1] != "元":
        return False
    return abs(base[0] - total.yuan) <= total.yuan / 1000


def _total(old: Old, project: Project) -> Cell:
    if project.money is None:
        return Cell("待核实", "open", previous=old.row.value.text, ask=Ask("本项目预算数是多少万元？", "预算", 100)).against(old.row.value.text)
    cell = Cell(f"≤{project.money.text}", "computed", source=project.money.source, formula=project.money.shown(f"总成本上限=预算数={project.money.text}"))
    return cell.against(old.row.value.text)


def _of_component(old: Old, components: Sequence[Component], project: Project) -> Fact | None:
    """The figure given for the very use that the row counts or prices."""
    if old.component is None:
        return None
    component = components[old.component]
    given = component.quantity if old.level2 == "数量指标" else component.price if old.row.value.measured_per else None
    if given is None or given in project.used or not same_unit(given.unit, bare_unit(old.row.value) or given.unit):
        return None
    return given


def _speaks_better(fact: Fact, own: Fact, old: Old) -> bool:
    """Whether another figure of the same kind and unit shares more of the row's own words than the use's figure does."""
    alike = fact is not own and fact.kind == own.kind and same_unit(fact.unit, own.unit)
    return alike and shared(fact.name, old.row.level3) >= 0.8 > shared(own.name, old.row.level3)


def _fact(old: Old, facts: Sequence[Fact], project: Project, *, alone: bool) -> Fact | None:
    # What was said of satisfaction is no other rate.
    about = old.level2 == "服务对象满意度指标"
    left = [fact for fact in facts if fact not in project.used and (about or "满意" not in fact.name)]
    value, kind = old.row.value, _kind(old.row.value)
    if value.number is None:
        kind = {"数量指标": "count", "服务对象满意度指标": "rate", "质量指标": "rate"}.get(old.level2, "price" if old.level2 in COST else "rate")  # type: ignore[assignment]
    if old.level2 == "服务对象满意度指标":
        return next((fact for fact in left if fact.kind == "rate" and "满意" in fact.name), None)
    found = best_for(left, old.row.level3, bare_unit(value), kind, context=old.row.description or "", alone=alone)
    if found is None and kind == "price" and alone:
        # The only price asked and the only price there: 人均1600 answers 职业培训补贴人均标准 1500元/人.
        prices = [fact for fact in left if fact.kind == "price" and same_unit(fact.unit, value.unit or fact.unit)]
        found = prices[0] if len(prices) == 1 else None
    if found is None and kind == "count" and alone and old.level2 == "数量指标":
        # 教育就业6万，45人: a count that only the project's own name speaks of is the one the table counts.
        counts = [fact for fact in left if fact.kind == "count" and same_unit(fact.unit, bare_unit(value) or fact.unit)]
        own_words = words_of(counts[0].name) if len(counts) == 1 else set()
        found = counts[0] if len(counts) == 1 and own_words <= bigrams(project.request.name) else None
    if found is not None and old.level2 != "数量指标" and _GROWTH.search(old.row.level3) and not _GROWTH.search(found.name):
        # Those who are helped are not those who are newly employed.
        return None
    if found is not None and old.level2 != "数量指标" and found.kind == "count" and not (words_of(found.name) & words_of(old.row.level3)):
        return None
    return found


def _sign(old: Old) -> str:
    if old.level2 in COST:
        return cost_sign(old.row.level3, old.row.value)
    return old.row.value.comparator or ("≥" if old.level2 == "数量指标" else "")


def cost_sign(name: str, value: Target) -> str:
    """The sign of a cost: a set standard is paid as it is (=), any other cost is held down (≤)."""
    if value.comparator in ("≤", "<", "="):
        return value.comparator
    return "=" if re.search(r"标准|补贴|补助|津贴|定额", name) else "≤"


def _carried_value(old: Old, project: Project) -> Cell:
    value = old.row.value
    text, note = renewed(value.text, project.year, old.past.year)
    source = old.source("指标值", value.text)
    if old.level2 in COST and value.comparator in ("≥", ">") and value.number is not None and not re.search(r"节约|节支|下降|降低|压减", old.row.level3):
        sign = cost_sign(old.row.level3, value)
        text = f"{sign}{value.number:f}{value.unit or ''}"
        note = f"成本写“{value.comparator}”等于不设上限，改为“{sign}”，数值沿用上年"
    elif value.comparator in ("≤", "<") and old.level2 == "数量指标" and value.kind == "quant" and not _UNWANTED.search(old.row.level3):
        text = f"≥{value.number:f}{value.unit or ''}"
        note = "数量指标应写下限，数值沿用上年"
    elif value.kind == "quant" and value.comparator is None and value.number is not None and (sign := _missing_sign(old)):
        text = f"{sign}{value.text}"
        note = f"补上符号“{sign}”，数值未变"
    elif old.level2 == "服务对象满意度指标" and value.number is not None and value.number < 85:
        note = f"沿用上年；低于常见的85%—95%，如有条件建议提高（上年{value.text}）"
    return Cell(text, "carried", source=source, note=note).against(value.text)


# What is the better the less there is of it.
_UNWANTED = re.compile(r"故障|投诉|差错|事故|违规|变更|流失|信访|案发|死亡|伤亡|中断|停电|停水")


def _missing_sign(old: Old) -> str:
    """The sign that a bare number means: a set standard and a closed list are exact, a ceiling is a ceiling."""
    if old.level2 in COST:
        return cost_sign(old.row.level3, old.row.value)
    value = old.row.value
    rate = fold(value.unit or "") in ("%", "百分比")
    if rate and value.number is not None and value.number < 100:
        return "≤" if _UNWANTED.search(old.row.level3) else "≥"
    return "="


def _carried_row(old: Old, project: Project, value: Cell, *, kind: str) -> Row:
    row = old.row
    name = Cell(row.level3, "carried", source=old.source("三级指标", row.level3)).against(row.level3)
    if re.search(r"人次数$", row.level3) and row.value.unit == "人":
        name = Cell(re.sub(r"人次数$", "人数", row.level3), "carried", source=old.source("三级指标", row.level3), note="计量单位是人，不是人次").against(
            row.level3
        )
    return Row(
        level2=old.level2,
        level3=name,
        description=_description(old, project),
        value=value,
        basis=_basis(old, project, value),
        kind=kind,
        component=old.component,
        position=old.index,
        unit=bare_unit(row.value),
        comparator=row.value.comparator or "",
        carried=True,
    )


def _description(old: Old, project: Project) -> Cell:
    row = old.row
    text = row.description or ""
    if text and not repeats(row.level3, text):
        moved, note = renewed(text, project.year, old.past.year)
        return Cell(moved, "carried", source=old.source("绩效指标描述", text), note=note).against(text)
    found = _count_definition(old) or _library_definition(old, 0.6)
    if found is None and not formula_of(row.level3):
        found = _library_definition(old, 0.45)
    if found is not None:
        lib, defined = found
        cell = Cell(defined, "library", source=library_source(lib, "指标解释"), note="上年描述只是重复指标名称，换成口径")
        return cell.against(text)
    defined = customary(row.level3, old.level2, row.value)
    source = Source(path="corpus/indicators/通用", cell="指标解释", text=defined)
    return Cell(defined, "library", source=source, note="上年描述只是重复指标名称，换成口径").against(text)


def _count_definition(old: Old) -> tuple[LibraryRow, str] | None:
    """The library's definition of a use's own count, for the count row of that use."""
    if old.level2 != "数量指标":
        return None
    for kind in old.kinds:
        row = next((row for row in kind.rows if row.use == "每项用途" and row.unit == old.row.value.unit), None)
        if row is not None and len(old.kinds) == 1:
            return row, definition(row.description, old.thing)
    return None


def _library_definition(old: Old, least: float) -> tuple[LibraryRow, str] | None:
    best: tuple[float, LibraryRow] | None = None
    for rows in (*(kind.rows for kind in old.kinds), library.general_rows()):
        for lib in rows:
            same = lib.level2 == old.level2 or (lib.level2 in COST and old.level2 in COST)
            if not same or (
                old.row.value.unit and lib.unit != "日期" and not same_unit(lib.unit, old.row.value.unit) and lib.unit.split("/")[0] != fold(old.row.value.unit)
            ):
                continue
            own = words_of(lib.template.replace("{对象}", ""))
            # Sharing only the thing's name (…点位数量 for …工程数量) is no likeness.
            named = likeness(suggestions.fitted(lib.template, old.thing), old.row.level3) if not own or own & words_of(old.row.level3) else 0.0
            score = max(likeness(lib.name, old.row.level3), named)
            score += 0.3 * len(_KEYS & _keys(lib.name) & _keys(old.row.level3))
            if best is None or score > best[0]:
                best = (score, lib)
    if best is None or best[0] < least:
        return None
    return best[1], definition(best[1].description, old.thing)


_KEYS = frozenset({"合格", "按期", "及时", "满意", "覆盖", "就业", "参保", "标准", "准确", "成本", "验收", "知晓", "完好", "培训"})


def _keys(name: str) -> frozenset[str]:
    return frozenset(word for word in _KEYS if word in name)


def _basis(old: Old, project: Project, value: Cell) -> Cell:
    text = old.row.basis or ""
    numbers = document_numbers(text)
    project_numbers = document_numbers(old.past.table.project.name or "")
    if value.origin == "computed" and value.formula and "预算数" in value.formula:
        return basis_cell("预算测算", project).against(text)
    if (
        numbers
        and any(number in project_numbers for number in numbers)
        and old.level2 in ("质量指标", "时效指标", "服务对象满意度指标")
        and value.origin != "request"
    ):
        shorthand = {"服务对象满意度指标": "满意度问卷调查", "时效指标": "实施方案"}.get(old.level2, "上年实际完成值")
        return basis_cell(shorthand, project)._replace(note=f"上年依据是{numbers[0]}，资金文件不能说明该指标值从何而来").against(text)
    if numbers and any(number in project_numbers for number in numbers):
        # Last year's notice of funds: this year's has another number.
        cell = basis_cell("资金下达文件", project)
        return cell._replace(note=f"上年依据是{numbers[0]}，本年应换成本年的资金文件").against(text)
    if text and not is_generic(text):
        moved, note = renewed(text, project.year, old.past.year)
        return Cell(moved, "carried", source=old.source("指标值确定依据", text), note=note).against(text)
    last = f"{old.past.year}年" if old.past.year else "上年"
    if old.level2 in COST and value.origin == "carried":
        why = Cell(
            f"{last}同项目执行标准（{old.row.value.text.lstrip('≥≤=>< ')}）",
            "carried",
            source=old.source("指标值", old.row.value.text),
            note="“工作计划”不能说明标准从何而来，写明出处",
        )
        return why.against(text)
    if old.level2 in COST and value.origin == "request":
        return basis_cell("实施方案", project).against(text)
    held = value.origin == "carried" and old.row.value.kind != "date"
    shorthand = {"数量指标": "年度工作计划", "服务对象满意度指标": "满意度问卷调查"}.get(old.level2, "上年实际完成值" if held else "年度工作计划")
    return basis_cell(shorthand, project)._replace(note="上年依据过于笼统，写明年度和名称").against(text)


def replacement(old: Old, project: Project) -> Row | None:
    """The measurable row that stands in for a vague value, last year's wording kept beside every cell."""
    found = _replacement_for(old)
    if found is None:
        return None
    kind = found.name
    lib = LibraryRow(
        type="替换",
        level2=old.level2,
        name=kind,
        template=found.name,
        description=found.description,
        comparator=found.comparator,
        customary=found.customary,
        range="",
        unit=found.unit,
        basis=found.basis,
        use="必备",
    )
    made = suggestions.from_library(lib, old.thing, project, kind=_row_kind(old), component=old.component)
    return _marked(made, old)


def _replacement_for(old: Old) -> Replacement | None:
    text = fold(old.row.value.text)
    name = fold(old.row.level3) + fold(old.thing)
    fitting = [one for one in library.replacements() if one.level2 == old.level2 or (one.level2 in COST and old.level2 in COST)]
    words = [one for one in fitting if fold(one.vague) in text] or fitting
    ranked: list[tuple[int, Replacement]] = []
    for one in words:
        keys = [key for key in re.split(r"[、,，]", one.keyword) if key]
        hit = max((len(key) + (2 if key in fold(old.row.level3) else 0) for key in keys if key in name), default=-1 if keys else 0)
        if hit >= 0:
            ranked.append((hit + (1 if fold(one.vague) == text else 0), one))
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


_PROOF = re.compile(r"通过验收|取得|证书|《.+》|GB|印发|公示|正常运行|[优良]秀?$|\d级|[一二三甲乙]级|^是$|^否$")


def _names_a_proof(text: str) -> bool:
    """A judged state that can be proved (通过验收, 达到《标准》二级) is no vague wording."""
    return bool(_PROOF.search(text)) and not re.search(r"优良|良好", text)


def speaks_of(name: str, component: Component) -> bool:
    """Whether an indicator's name speaks of a use of money: it shares half of the words of the service, people left out."""
    service = component.nominal
    for people in component.people:
        service = service.replace(people, "")
    pairs = words_of(service) or bigrams(service)
    return bool(pairs) and len(pairs & bigrams(name)) / len(pairs) >= 0.5


_COMMON_ENDS = frozenset("服务 项目 建设 活动 补贴 补助 工作 运行 购置 保障 管理 维修 改造 经费 资金 工程 扶持".split())


def component_of(row: Indicator, components: Sequence[Component]) -> int | None:
    """The component a row of last year speaks of, by shared words; None when it speaks of the whole or of none."""
    scored = [(shared(f"{component.nominal}", row.level3), index) for index, component in enumerate(components)]
    best = max(scored, default=(0.0, -1))
    if best[0] < 0.5:
        speaking = [index for index, component in enumerate(components) if speaks_of(row.level3, component)]
        if len(speaking) == 1:
            return speaking[0]
        # 培训 alone tells 残疾人职业技能培训 when no other use ends with it.
        ends = [index for index, component in enumerate(components) if component.nominal[-2:] in row.level3 and component.nominal[-2:] not in _COMMON_ENDS]
        if len(ends) == 1:
            return ends[0]
    if best[0] < 0.5 and (kind := classify(row.level3)) is not None:
        same = [index for index, component in enumerate(components) if component.type is kind]
        if len(same) == 1:
            return same[0]
    if best[0] < 0.5 or sum(score == best[0] for score, _ in scored) > 1:
        return 0 if len(components) == 1 else None
    return best[1]
