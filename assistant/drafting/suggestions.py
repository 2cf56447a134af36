"""Library rows → rows of this project: names fitted to its own things, definitions, customary values, a basis for each row.

The library says what is customary; the project says what it is about. Figures come from the request or from arithmetic on it; rates
with a customary value are cited as such (惯用值，可调整); every other figure stays open and is asked.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from assistant.draft import Source
from assistant.drafting import lexicon, phrases, wording
from assistant.drafting.components import BOUGHT, Component
from assistant.drafting.definitions import LAID, PAYMENTS, counting, definition, priced
from assistant.drafting.facts import Fact
from assistant.drafting.project import Project, basis_cell, library_source
from assistant.drafting.sheet import Ask, Cell, Row, open_cell
from assistant.library import LibraryRow
from assistant.target import Target

CUSTOMARY_NOTE = "惯用值，可调整"


def fitted(template: str, thing: str) -> str:
    """``{对象}`` filled without saying a word twice: 残疾儿童康复训练 + 康复评估有效率 → 残疾儿童康复评估有效率."""
    if "{对象}" not in template:
        return template
    if not thing:
        # Several things without one name for them: the row speaks of the project.
        return re.sub(r"对\{对象\}的", "对本项目的", template).replace("{对象}", "")
    head, _, tail = template.partition("{对象}")
    thing = thing if len(thing) <= 12 else _shortened(thing)
    tail = _one_of(tail, thing)
    if tail.startswith("补助") and thing.endswith(PAYMENTS):
        return f"{head}{thing}{tail[2:]}"
    if tail.startswith("奖补") and thing.endswith(_AWARDS):
        return f"{head}{thing}{tail[2:]}"
    if tail.startswith("补贴") and thing.endswith(PAYMENTS):
        # 高龄津贴 is a subsidy by its own name.
        return f"{head}{thing}{tail[2:] if not tail.startswith('补贴对象') else tail[2:].replace('对象', '发放对象', 1)}"
    if thing[-2:] in _SAID_IN_TAIL and thing[-2:] in tail and len(thing) >= 6:
        # 困难大学生资助 + 人均资助标准 → 困难大学生人均资助标准.
        thing = thing[:-2]
    for size in range(min(8, len(tail)), 1, -1):
        start = tail[:size]
        place = thing.rfind(start)
        if place >= 0 and re.match(r"[一-龥]", start):
            thing = thing[:place]
            break
    return re.sub(r"(.{2,4})\1", r"\1", f"{head}{thing}{tail}").replace("等的满意", "等工作的满意")


_SAID_IN_TAIL = frozenset("资助 补贴 补助 培训 奖励 救助 养护 维修 清运 检测 抽检 调查 普查 评审 审计 会议".split())


def _one_of(tail: str, thing: str) -> str:
    """面积（数量）核实准确率 → one of the two words: the bracketed one where the thing says so, else the first."""
    match = re.search(r"([一-龥]{2})（([一-龥]{2})）", tail)
    if not match:
        return tail
    other = {"验收": r"演练|巡护|值守|救援|巡查|队|服务|作业", "开放": r"租|车|电|取暖|网络|设备"}.get(match[1])
    chosen = (
        match[2]
        if match[2] in thing or (other and re.search(other, thing)) or (match[1] == "面积" and not re.search(r"地|田|林|草|亩|粮|播|种", thing))
        else match[1]
    )
    return tail.replace(match[0], chosen)


_AWARDS = ("以奖代补", "奖补", "奖励", "奖励金", "补助", "补贴")


def _shortened(thing: str) -> str:
    """A long thing by its last group of people and what is done for them, else by its last noun."""
    people = phrases.people_in(thing)
    if people and (place := thing.rfind(people[-1])) > 0 and len(thing) - place <= 14:
        return thing[place:]
    pieces = [piece for piece in re.split(r"[的、和及与（(]", thing) if piece]
    return pieces[-1] if pieces and 4 <= len(pieces[-1]) <= 16 else thing


def from_library(
    row: LibraryRow, thing: str, project: Project, *, fact: Fact | None = None, unit: str = "", kind: str = "", component: int | None = None
) -> Row:
    """A library row for this project, its value from the fact, from custom, or open."""
    name = fitted(row.template, thing)
    unit = unit or row.unit
    value = _value(row, name, unit, project, fact)
    return Row(
        level2=row.level2,
        level3=Cell(name, "library", source=library_source(row, "三级指标"), note=f"指标库“{row.name}”按本项目改写"),
        description=Cell(definition(row.description, thing), "library", source=library_source(row, "指标解释")),
        value=value,
        basis=basis_cell(row.basis, project, row),
        kind=kind or row.use,
        component=component,
        unit=unit,
        comparator=row.comparator,
    )


def _value(row: LibraryRow, name: str, unit: str, project: Project, fact: Fact | None) -> Cell:
    if fact is not None:
        project.used.append(fact)
        return given(fact, row.comparator, unit)
    if row.customary is not None:
        text = f"{row.comparator}{wording.plain(row.customary)}{unit}"
        return Cell(text, "library", source=library_source(row, "惯用值"), note=CUSTOMARY_NOTE)
    if unit == "日期" and project.year is not None:
        return Cell(
            f"{project.year}年12月底前",
            "computed",
            formula=f"预算年度{project.year}年 → {project.year}年12月31日前（预算年度自公历1月1日起至12月31日止）",
            source=Source(path="预算法", cell="第十八条", text="预算年度自公历一月一日起，至十二月三十一日止"),
        )
    shown = f"{row.comparator}…{unit}" if unit != "日期" else "某年某月某日前"
    hint = f"，常见{row.range}{'' if row.range[-1:] in '%人次' or not row.range[-1:].isdigit() else unit}" if row.range and row.range[0].isdigit() else ""
    return open_cell(Ask(f"“{name}”定为多少？（写成 {shown}{hint}）", name, _weight(row)))


def _weight(row: LibraryRow) -> int:
    if row.use == "每项用途":
        return 90
    if row.use == "单价":
        return 80
    return 60 if row.use == "必备" else 40


def given(fact: Fact, comparator: str = "", unit: str = "") -> Cell:
    """A figure of the request as a value: the row's sign and unit added where none was given."""
    target = fact.value
    text = whole_value(target, comparator, unit)
    if comparator == "≥" and fact.kind == "rate" and fact.number == 100:
        text = whole_value(target, "=", unit)
    impossible = fact.kind == "rate" and fact.number is not None and fact.number > 100 and "增" not in fact.name
    if impossible:
        return open_cell(Ask(f"“{fact.name}”给的是{target.text}，超过100%，应为多少？", fact.name, 96), note=f"需求中写{fact.said}，比率不能超过100%")
    return Cell(text, "request", source=fact.source)


def whole_value(target: Target, comparator: str, unit: str) -> str:
    """A value with the sign and unit that its row has, where the words have none (320 → ≥320人)."""
    if target.number is None or target.kind != "quant":
        return target.text
    sign = comparator if not target.comparator else ""
    return f"{sign}{target.text}{unit if not target.unit and unit != '日期' else ''}"


def quantity_row(component: Component, index: int, row: LibraryRow | None, project: Project) -> Row:
    """The count of one component: its own name and unit, the request's figure or an open one."""
    noun = component.nominal
    unit = component.unit
    name = _count_name(component)
    if row is not None and row.level2 != "数量指标":
        row = None
    repeated = row is not None and unit != row.unit and ({unit, row.unit} & lexicon.PEOPLE_UNITS or unit in LAID or _MEASURED.search(row.description))
    # Paid once, nobody is counted month by month.
    once = row is not None and "各月" in row.description and component.price is not None and "月" not in component.price.unit
    # 管网清淤12.4公里 is done this year; only what is kept up is a closed list.
    done = row is not None and row.basis == "资产台账" and component.phrase.action in lexicon.BUILDING | BOUGHT
    comparator = row.comparator if row is not None and not done else "≥"
    if component.quantity is not None:
        project.used.append(component.quantity)
        value = given(component.quantity, comparator, unit)
    else:
        value = open_cell(Ask(f"{noun}计划{_how_many(unit)}？（写成 {comparator}…{unit}）", name, 90))
    describing = counting(component) if row is None or repeated or once or done else definition(row.description, component.thing)
    source = library_source(row, "指标解释") if row is not None else Source(path="corpus/indicators/通用", cell="指标解释", text="本年完成并可核查的数量")
    return Row(
        level2="数量指标",
        level3=Cell(name, "request" if project.request.purpose else "library", source=Source(path="request", cell="资金用途", text=component.said or noun)),
        description=Cell(describing, "library", source=source),
        value=value,
        basis=basis_cell(row.basis if row is not None and not done else "年度工作计划", project, row),
        kind="数量",
        component=index,
        unit=unit,
        comparator=comparator,
    )


# A definition that measures in a unit of its own holds for no other.
_MEASURED = re.compile(r"(?:设施|个|份|条|台|吨|件|户|亩|班|期|批|头|处|场|段)数|里程|面积|批（次）|场次|机构、场馆")
_RUNNING = re.compile(r"(?:运转|运行|日常运转|日常运行)$")


def _count_name(component: Component) -> str:
    """What a component's count is called; of a place kept running the place is counted (保障治超站数量)."""
    noun, unit = component.counted or component.nominal, component.unit
    if component.type is not None and component.type.code == "T45":
        return phrases.counted(f"{noun}支付项目", unit)
    if component.type is not None and component.type.code == "T06" and unit not in lexicon.PEOPLE_UNITS:
        if component.counted:
            return f"保障{phrases.counted(noun, unit)}"
        if noun.endswith(("经费", "费用")):
            return f"{noun}保障单位数量"
        if _RUNNING.search(noun):
            place = _RUNNING.sub("", noun)
            return phrases.counted(place if place.startswith("保障") else f"保障{place}", unit)
    return phrases.counted(noun, unit)


def _how_many(unit: str) -> str:
    return {"人次": "多少人次", "公里": "多长（公里）", "米": "多长（米）", "平方米": "多大面积（平方米）", "亩": "多少亩", "日期": "何时完成"}.get(
        unit, f"多少{unit}"
    )


def price_row(component: Component, index: int, row: LibraryRow, project: Project, *, whole: bool) -> Row | None:
    """The price of one unit of a component: given, or at most budget ÷ quantity where that is the whole project, or asked.

    None where nothing is known and the price is no standard that a document sets.
    """
    unit = _price_unit(row, component)
    pays = component.thing.endswith(PAYMENTS) and "标准" in row.template
    monthly = component.price is None or "月" in component.price.unit
    template = row.template if monthly else row.template.replace("月保障标准", "标准")
    pays = pays or (component.thing.endswith(PAYMENTS) and component.unit != row.unit.partition("/")[2].split("·")[0])
    name = f"{component.thing}标准" if pays else _per_unit(fitted(template, component.thing), component.unit)
    if component.price is not None:
        project.used.append(component.price)
        value = given(component.price, row.comparator, unit)
    elif component.standard is not None:
        target, source = component.standard
        sign = row.comparator or "="
        ask = Ask(f"{component.nominal}仍按过去的标准{target.number:f}{target.unit}吗？", name, 72)
        value = Cell(f"{sign}{target.number:f}{target.unit}", "carried", source=source, note="同类服务过去的标准，请核实本年是否调整", ask=ask)
    else:
        computed = _at_most(component, project, whole)
        if computed is not None:
            value = computed
        elif ("标准" in row.name or "标准" in row.basis) and _same_per(row, component):
            what = "补助标准" if re.search("补|资助|标准", row.name) else "单价"
            value = open_cell(Ask(f"{component.nominal}的{what}是多少？（写成 {row.comparator}…{unit}，并注明文件）", name, 80))
        else:
            return None
    # A definition by the library's own unit (每生每年) holds for no other.
    per = row.unit.partition("/")[2]
    paid_once = "·月" in per and not monthly and "年" not in (component.price.unit if component.price is not None else "")
    own_unit = (component.unit == per.split("·")[0] and not paid_once) or not _PER_ONE.search(row.description)
    describing = definition(row.description, component.thing) if own_unit else priced(component.unit)
    describing = describing if monthly else describing.replace("每月（年）", "每年").replace("每月", "每年")
    return Row(
        level2="成本指标",
        level3=Cell(name, "library", source=library_source(row, "三级指标"), note=f"指标库“{row.name}”按本项目改写"),
        description=Cell(describing, "library", source=library_source(row, "指标解释")),
        value=value,
        basis=basis_cell(row.basis, project, row),
        kind="单价",
        component=index,
        unit=unit,
        comparator=row.comparator,
    )


_PER_ONE = re.compile(r"每(?:[人户生个亩吨件台名位]|公里)|人均|÷.{0,6}(?:人|户|个)数")


def _same_per(row: LibraryRow, component: Component) -> bool:
    """Whether a standard of this kind exists per unit of the component (not 每公里补贴 for 免费乘车 by 人次)."""
    per = row.unit.partition("/")[2].split("·")[0]
    own = next((one.unit for one in component.type.rows if one.use == "每项用途"), "") if component.type is not None else ""
    return per == component.unit or {per, component.unit} <= lexicon.PEOPLE_UNITS or own == component.unit


def _price_unit(row: LibraryRow, component: Component) -> str:
    head, slash, tail = row.unit.partition("/")
    if not slash:
        return row.unit
    _, dot, period = tail.partition("·")
    return f"{head}/{component.unit}{dot}{period}"


# The word for one in a price's name → the units it holds for.
_COUNTED_BY = {"单件": "件", "单批": ("批次", "批"), "单个系统": "个", "单项": ("项", "个", "份"), "单处": "处", "单个对象": "个"}


def _per_unit(name: str, unit: str) -> str:
    if unit not in ("个", "处", "所", "座"):
        name = name.replace("单个场所年运行成本", "单位运行成本").replace("单个模块建设成本", "单位建设成本").replace("单个项目财政补助额", "单位财政补助额")
    for word, units in _COUNTED_BY.items():
        name = name if unit in units else name.replace(word, {"次": "单次", "场": "单场", "份": "单份", "台": "单台", "个": "单个"}.get(unit, "单位"))
    if unit != "户":
        name = name.replace("户均", {"家": "单家", "笔": "单笔", "个": "单个", "人": "人均"}.get(unit, "单位"))
    if unit != "公里":
        name = name.replace("单位里程", "单位")
    if unit != "亩":
        name = name.replace("亩均", {"株": "单株", "人": "人均", "户": "户均", "台": "单台"}.get(unit, "单位"))
    if unit != "人":
        name = name.replace(
            "人均",
            {"户": "户均", "台": "单台", "辆": "单辆", "件": "单件", "期": "单期", "人次": "人次均", "场": "单场"}.get(unit, "单位") if "人均" in name else "",
        )
    return name


def _at_most(component: Component, project: Project, whole: bool) -> Cell | None:
    """Budget (or the component's own amount) ÷ quantity, the ceiling of one unit, with the arithmetic shown."""
    quantity = component.quantity.number if component.quantity is not None else None
    if quantity is None or quantity < 1 or (quantity == 1 and component.amount is None):
        return None
    if component.amount is not None and component.amount.value.base is not None:
        yuan, shown, source = component.amount.value.base[0], component.amount.value.text, component.amount.source
        project.used.append(component.amount)
    elif whole and project.money is not None:
        yuan, shown, source = project.money.yuan, project.money.text, project.money.source
    else:
        return None
    each = yuan / quantity
    big = each >= 100_000
    # A ceiling is cut, not rounded: n times it never exceeds the budget.
    amount = (each / 10_000 if big else each).quantize(Decimal("0.01"), ROUND_DOWN)
    unit = f"{'万元' if big else '元'}/{component.unit}"
    exact = (yuan / quantity) == (amount * (10_000 if big else 1))
    formula = f"{shown}÷{wording.plain(quantity)}{component.unit}{'=' if exact else '≈'}{wording.plain(amount)}{unit}"
    formula = project.money.shown(formula) if project.money is not None and shown == project.money.text else formula
    return Cell(f"≤{wording.plain(amount)}{unit}", "computed", source=source, formula=formula, note="由预算和数量反算的上限，有标准或询价的请改用标准")


def total_cost_row(row: LibraryRow, thing: str, project: Project) -> Row:
    """The ceiling of the whole cost: the budget itself."""
    name = fitted(row.template, thing)
    if project.money is not None:
        value = Cell(f"≤{project.money.text}", "computed", source=project.money.source, formula=project.money.shown(f"总成本上限=预算数={project.money.text}"))
    else:
        value = open_cell(Ask("本项目预算数是多少万元？", "预算", 100))
    return Row(
        level2="成本指标",
        level3=Cell(name, "library", source=library_source(row, "三级指标"), note=f"指标库“{row.name}”按本项目改写"),
        description=Cell(definition(row.description, thing), "library", source=library_source(row, "指标解释")),
        value=value,
        basis=basis_cell(row.basis, project, row),
        kind="总成本",
        unit="万元",
        comparator="≤",
    )


def satisfied(row: LibraryRow, who: str, thing: str, project: Project, fact: Fact | None) -> Row:
    """The satisfaction row with those who are asked in its name."""
    thing = who if who and row.template.startswith("{对象}及家属") else thing
    made = from_library(row, thing, project, fact=fact, kind="满意度")
    if who and who not in made.level3.text:
        made.level3 = made.level3._replace(text=f"{who}满意度")
    return made
