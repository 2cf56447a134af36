"""Every figure that a request gives gets its row: the library row that asks for it, else a row of its own with name, type, sign, definition.

What finds no place is said in the notes, so that nothing is lost silently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.chinese import bigrams, likeness
from assistant.draft import Source
from assistant.drafting import lexicon, phrases, suggestions
from assistant.drafting.components import Component, collective
from assistant.drafting.definitions import priced
from assistant.drafting.facts import Fact, bare_unit, best_for, same_unit, shared
from assistant.drafting.project import Project, basis_cell
from assistant.drafting.sheet import Cell, Row, Sheet
from assistant.library import LibraryRow, ProjectType


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
        describing = priced(per) if per else "该项实际支出合计，以合同和支付凭证为准，不超过给定金额"
    project.used.append(fact)
    return Row(
        level2=level2,
        level3=Cell(_row_name(fact), "request", source=fact.source),
        description=Cell(describing, "library", source=Source(path="corpus/indicators/通用", cell="指标解释", text=describing)),
        value=suggestions.given(fact, comparator),
        basis=basis_cell(basis, project),
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
        if lexicon.BROUGHT_IN.search(name):
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


_BESIDES = re.compile(
    r"^(?:另外?|还|并)?(?:缴纳?|交|购买|发放)?(社保|社会保险|五险(?:一金)?|公积金|保险|意外险|食宿|伙食|交通|通讯|加班|高温|取暖|绩效)(?:费|补助|补贴)?标准$"
)


def paid_besides(row: Row, fact: Fact, components: Sequence[Component]) -> None:
    """社保每人每月900元: paid besides the wage for the people already counted, so it is named by them and multiplied with their count."""
    said = _BESIDES.match(fact.name)
    if fact.kind != "price" or said is None:
        return
    paid = [index for index, one in enumerate(components) if one.quantity is not None and same_unit(f"元/{one.unit}", fact.unit)]
    if len(paid) == 1:
        row.level3 = row.level3._replace(text=f"{components[paid[0]].thing}{said[1]}标准")
        row.component, row.kind = paid[0], "另付"


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
            sheet.add(made, project.refused)
        else:
            made = own_row(fact, project, kinds)
            paid_besides(made, fact, components)
            sheet.add(made, project.refused)


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
        thing = collective([component for component in components if component.type is kind] or components, kind, project.short)
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


def fact_for(row: LibraryRow, name: str, facts: Sequence[Fact], project: Project) -> Fact | None:
    """The given figure that a library row asks for, None where nobody gave one."""
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
    return {word for word in _TELLING if word in name}


_TELLING = tuple("受益 覆盖 合格 及时 按期 按时 准确 满意 就业 知晓 完好 达标 验收 开放 使用年限 利用 出勤 整改 优良 增收 投诉 事故".split())


def _kind_of(row: LibraryRow) -> str:
    if row.unit in ("%", "‰"):
        return "rate"
    if row.unit == "日期":
        return "date"
    if row.unit.startswith(("元/", "万元/")):
        return "price"
    return "money" if row.unit in ("万元", "元") else "count"
