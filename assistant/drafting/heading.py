"""The cells above the indicator rows: unit, project, money, use, spending plan. What nobody gave stays open.

Money that contradicts itself is not mended: the total stands as given, the parts stay open, and the sum is shown where it is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

from assistant.chinese import document_numbers, fold, without_document_numbers
from assistant.corpus import PastTable
from assistant.corpus.units import same_unit
from assistant.draft import Change, Request, Source
from assistant.drafting import matching
from assistant.drafting.amounts import places
from assistant.drafting.components import Component, Uses
from assistant.drafting.facts import Product
from assistant.drafting.naming import office_in
from assistant.drafting.request import documents_of
from assistant.drafting.sheet import Ask, Cell, Sheet, open_cell
from assistant.drafting.wording import plain
from assistant.table import GoalTable, Money
from assistant.target import Target
from assistant.validation.forms import form_of

HEBEI_NODES = ("3月底", "6月底", "10月底", "12月底")
_BLANK_FUNDS = "没有其他资金"


def carried_source(past: PastTable, label: str, text: str) -> Source:
    """A cell of last year's table as a source."""
    return Source(path=past.source.path, project=past.table.project.name, year=past.year, cell=label, text=text)


def write(sheet: Sheet, request: Request, uses: Uses, past: PastTable | None, unit: str | None, reckoned: Product | None = None) -> None:
    """Write all header cells but the spending plan; ``reckoned`` is what the request's figures come to where it says no budget."""
    last = past.table if past is not None else None
    _unit(sheet, request, past, unit)
    _year(sheet, request, past)
    _project(sheet, request, past, uses)
    _money(sheet, request, last, reckoned)
    _purpose(sheet, request, past, uses)
    name = sheet.header["project.name"].text
    sheet.title = f"{name}绩效目标表"


def _unit(sheet: Sheet, request: Request, past: PastTable | None, unit: str | None) -> None:
    said = request.unit or unit
    match = re.fullmatch(r"(\d{3,9})\s*(.+)", said or "")
    code, name = (match[1], match[2]) if match else (None, said)
    last = past.table.unit if past is not None else None
    if past is not None and last is not None and last.name and (name is None or same_unit(name, last.name)):
        sheet.header["unit.name"] = Cell(last.name, "carried", "same", carried_source(past, "预算单位", last.name), previous=last.name)
        if last.code:
            sheet.header["unit.code"] = Cell(last.code, "carried", "same", carried_source(past, "单位编码", last.code), previous=last.code)
    elif name:
        short = name == office_in(request.sentence or "")[0] and not _WITH_COUNTY.match(name)
        ask = Ask(f"“{name}”的全称是什么？（带上县区名）", "预算单位", 30) if short else None
        sheet.header["unit.name"] = Cell(name, "request", source=Source(path="request", cell="unit", text=said), ask=ask)
    else:
        sheet.header["unit.name"] = Cell("", "open", ask=Ask("预算单位是哪一家？（写全称）", "预算单位", 30))
    if code:
        sheet.header["unit.code"] = Cell(code, "request", source=Source(path="request", cell="unit", text=said))
    sheet.header.setdefault("unit.code", Cell("", "open", note="没有给出单位编码，可留空由财政部门填写"))


# An office's name that begins with its county (云州市文化馆, not 县气象局).
_WITH_COUNTY = re.compile(r".{1,7}?(?:自治县|县|市|区|旗|省)(?![场政委]).{2,}")


def _year(sheet: Sheet, request: Request, past: PastTable | None) -> None:
    if request.year is not None:
        said = request.stated.get("year", str(request.year))
        formula = None if str(request.year) in said else f"“{said}”={request.year}年（按最近一份表的年度推算）"
        cell = Cell(str(request.year), "request" if formula is None else "computed", source=Source(path="request", cell="year", text=said), formula=formula)
        sheet.header["year"] = cell.against(str(past.year) if past is not None and past.year else None)
    elif past is not None and past.year is not None:
        next_year = past.year + 1
        ask = Ask(f"年度按上年表推算为{next_year}年，对吗？", "年度", 45)
        sheet.header["year"] = Cell(
            str(next_year),
            "computed",
            "changed",
            carried_source(past, "年度", str(past.year)),
            formula=f"{past.year}+1={next_year}",
            previous=str(past.year),
            ask=ask,
        )
    else:
        sheet.header["year"] = Cell("", "open", ask=Ask("编哪一年的绩效目标表？", "年度", 98))


def year_of(sheet: Sheet) -> int | None:
    """The year written on the sheet."""
    text = sheet.header["year"].text
    return int(text) if text else None


def _project(sheet: Sheet, request: Request, past: PastTable | None, uses: Uses) -> None:
    last = past.table.project if past is not None else None
    name = without_document_numbers(request.name) or (uses.components[0].nominal if uses.components else "")
    documents = documents_of(request)
    ask: Ask | None = None
    if past is not None and last is not None and last.name:
        own = without_document_numbers(last.name) or last.name
        own = re.sub(r"20\d\d(?=年|\)|）)", lambda match: str(year_of(sheet) or match[0]), own)
        full = _fuller(name, own)
        numbered = document_numbers(last.name)
        if numbered:
            if documents:
                full = f"{documents[0]} {full}"
            else:
                ask = Ask(f"“{own}”本年的资金文件号是什么？（上年为{numbered[0]}，收到后补到项目名称前）", "资金文件号", 65)
        note = "上年名称中的文号不沿用，文号待核实" if numbered and not documents else "文号换成本年的" if numbered else None
        formula = f"资金文件号{documents[0]}＋上年项目名称" if numbered and documents else None
        cell = Cell(full, "computed" if formula else "carried", source=carried_source(past, "项目名称", last.name), formula=formula, note=note, ask=ask)
        sheet.header["project.name"] = cell.against(last.name)
    elif name:
        said = f"{documents[0]} {name}" if documents and document_numbers(request.name) else name
        sheet.header["project.name"] = Cell(said, "request", source=Source(path="request", cell="name", text=request.name or request.sentence))
    else:
        sheet.header["project.name"] = open_cell(Ask("项目名称是什么？", "项目名称", 99))
    code = Ask("本年的项目编码是什么？（项目入库后由一体化系统生成）", "项目编码", 10)
    before = last.code if last is not None else None
    if given := request.known.get("项目编码"):
        sheet.header["project.code"] = Cell(given, "request", source=Source(path="request", cell="项目编码", text=given)).against(before)
    else:
        sheet.header["project.code"] = open_cell(code, note="上年编码含年份，不沿用" if before else "项目入库后才有编码", previous=before)


def _fuller(name: str, own: str) -> str:
    """Last year's own name, unless the request says the whole name differently."""
    if not name or matching.core_of(name) == matching.core_of(own):
        return own
    return name if len(name) > len(own) and fold(own) in fold(name) else own


def _money(sheet: Sheet, request: Request, last: GoalTable | None, reckoned: Product | None) -> None:
    before = last.budget if last is not None else None

    def was(part: str) -> str | None:
        value = getattr(before, part) if before is not None else None
        if value is None or last is None:
            return None
        return f"{value:f}" if last.money_unit == "万元" else f"{Money(value, last.money_unit).to('万元').amount:f}"

    fiscal, other = (Decimal(value) if value is not None else None for value in (request.fiscal, request.other))
    source = _money_source(request, "budget")
    sheet.header["budget.total"] = _total(request, reckoned, was("total"))
    total = Decimal(text) if (text := sheet.header["budget.total"].text) else None
    if total is None:
        for part in ("fiscal", "other"):
            sheet.header[f"budget.{part}"] = Cell("", "open", previous=was(part), note="预算数未给出")
        return
    if fiscal is not None and other is not None and fiscal + other != total:
        said = f"财政资金{fiscal:f}+其他资金{other:f}={fiscal + other:f}万元，不等于预算数{total:f}万元（差{abs(total - fiscal - other):f}万元）"
        for part, label in (("fiscal", "财政资金"), ("other", "其他资金")):
            ask = Ask(f"{said}，请核对三个数。", label, 97)
            sheet.header[f"budget.{part}"] = Cell("", "open", note=f"需求中给的数互相矛盾：{said}", previous=was(part), ask=ask)
        return
    if (fiscal is not None and fiscal > total) or (other is not None and other > total):
        part, label, amount = ("fiscal", "财政资金", fiscal) if fiscal is not None and fiscal > total else ("other", "其他资金", other)
        ask = Ask(f"{label}{amount:f}万元大于预算数{total:f}万元，请核对。", label, 97)
        sheet.header["budget.fiscal"] = Cell("", "open", previous=was("fiscal"), ask=ask, note="需求中给的数互相矛盾")
        sheet.header["budget.other"] = Cell("", "open", previous=was("other"), note="需求中给的数互相矛盾")
        return
    if (
        fiscal is None
        and other is None
        and last is not None
        and before is not None
        and before.fiscal is not None
        and before.total
        and before.fiscal != before.total
    ):
        ask = Ask(f"上年财政资金{was('fiscal')}万元、其他资金{was('other') or '0'}万元，本年{total:f}万元怎么分？", "财政资金", 85)
        sheet.header["budget.fiscal"] = Cell("", "open", "changed", previous=was("fiscal"), ask=ask)
        sheet.header["budget.other"] = Cell("", "open", "changed", previous=was("other"), note="随财政资金一并核实")
        return
    _sources_of_money(sheet, request, total, fiscal, other, was("fiscal"), was("other"), source)


def _sources_of_money(
    sheet: Sheet, request: Request, total: Decimal, fiscal: Decimal | None, other: Decimal | None, was_fiscal: str | None, was_other: str | None, source: Source
) -> None:
    told = sheet.header["budget.total"]
    # A total that nobody said brings the sum that gave it.
    how = f"{told.formula}；" if told.origin == "computed" and told.formula else ""
    if fiscal is not None:
        sheet.header["budget.fiscal"] = _amount(request, "fiscal", fiscal).against(was_fiscal)
    elif other is not None:
        rest = total - other
        sheet.header["budget.fiscal"] = Cell(
            f"{rest:f}", "computed", source=source, formula=f"{how}{total:f}-{other:f}={rest:f}万元（预算数-其他资金）"
        ).against(was_fiscal)
    else:
        cell = Cell(f"{total:f}", "computed", source=source, formula=f"{how}没有说明其他资金，财政资金=预算数={total:f}万元", note="如有其他资金请改")
        sheet.header["budget.fiscal"] = cell.against(was_fiscal)
    if other is not None:
        sheet.header["budget.other"] = _amount(request, "other", other).against(was_other)
    elif fiscal is not None and fiscal != total:
        rest = total - fiscal
        sheet.header["budget.other"] = Cell(
            f"{rest:f}", "computed", source=source, formula=f"{how}{total:f}-{fiscal:f}={rest:f}万元（预算数-财政资金）"
        ).against(was_other)
    else:
        change: Change = "new" if was_fiscal is None else "changed" if was_other else "same"
        sheet.header["budget.other"] = Cell("", "computed", change, formula="财政资金=预算数", note=_BLANK_FUNDS, previous=was_other)


def _total(request: Request, reckoned: Product | None, before: str | None) -> Cell:
    """预算数: as said, else from its parts, else what the request's figures come to (asked), else open."""
    total, fiscal, other = (Decimal(value) if value is not None else None for value in (request.budget, request.fiscal, request.other))
    if total is not None:
        return _amount(request, "budget", total).against(before)
    if fiscal is not None and other is not None:
        formula = f"{fiscal:f}+{other:f}={fiscal + other:f}万元"
        return Cell(f"{fiscal + other:f}", "computed", source=_money_source(request, "fiscal"), formula=formula).against(before)
    if fiscal is not None:
        formula = f"只给出财政资金：预算数={fiscal:f}万元"
        return Cell(f"{fiscal:f}", "computed", source=_money_source(request, "fiscal"), formula=formula).against(before)
    if reckoned is not None:
        text = places(reckoned.yuan / 10_000)
        ask = Ask(f"没有给出预算数，按给出的数量、标准和金额算得{text}万元（{reckoned.words}），对吗？", "预算", 100)
        source = Source(path="request", cell="需求", text=request.sentence or request.name)
        return Cell(text, "computed", source=source, formula=reckoned.words, ask=ask).against(before)
    return Cell("", "open", "new" if before is None else "changed", previous=before, ask=Ask("本项目预算数是多少万元？", "预算", 100))


def _amount(request: Request, part: str, amount: Decimal) -> Cell:
    said = request.stated.get(part, "")
    same = f"{amount:f}" in said or f"{amount.normalize():f}" in said
    formula = None if same or not said else f"{said}={amount:f}万元"
    return Cell(f"{amount:f}", "request", source=_money_source(request, part), formula=formula)


def _money_source(request: Request, part: str) -> Source:
    label = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金"}[part]
    return Source(path="request", cell=label, text=request.stated.get(part) or getattr(request, part))


def _purpose(sheet: Sheet, request: Request, past: PastTable | None, uses: Uses) -> None:
    before = past.table.purpose if past is not None else None
    if request.purpose:
        text = request.purpose if request.purpose.startswith(("用于", "主要用于", "资金")) or len(request.purpose) > 60 else f"用于{request.purpose}"
        text = _with_terms(text.rstrip("，,、;；.。"), request) if not text.endswith("！") else text
        sheet.header["purpose"] = Cell(text, "request", source=Source(path="request", cell="purpose", text=request.purpose)).against(before)
    elif before and past is not None:
        text, note = renewed(before, year_of(sheet), past.year)
        cell = Cell(text, "carried", source=carried_source(past, "资金用途", before), note=note)
        if any(name in request.known for name in TERMS):
            cell = cell._replace(text=_with_terms(text.rstrip("。"), request), origin="computed", formula="上年资金用途＋本年的合同和付款安排")
        sheet.header["purpose"] = cell.against(before)
    elif uses.components:
        text = _with_terms(_use_of(uses), request)
        said = request.sentence or request.name
        itemised = (uses.whole is not None or uses.mentioned or len(uses.components) > 1) and all(one.quantity or one.amount for one in uses.components)
        sheet.header["purpose"] = Cell(
            text,
            "request",
            source=Source(path="request", cell="name", text=said),
            note="由项目名称写成",
            ask=None if itemised else Ask("除了项目名称，这笔钱还具体用来做哪几件事？（逐项写）", "资金用途", 50 if request.known else 88),
        )
    else:
        sheet.header["purpose"] = open_cell(Ask("这笔钱用来做什么？（逐项写）", "资金用途", 95))


def _use_of(uses: Uses) -> str:
    """A statement of use from the uses that the request names: the whole with its parts, or one use after the other."""
    parts = [_spoken(component) for component in uses.components if component.of_whole]
    others = [_spoken(component) for component in uses.components if not component.of_whole]
    named = "、".join([*parts, *uses.mentioned])
    if uses.whole is None or uses.whole.nominal in matching.GENERIC:
        listed = "、".join(others)
        return f"用于{listed}，包括{named}" if others and named else f"用于{listed or named}"
    if not others:
        return f"用于{uses.whole.phrase.spoken}，包括{named}"
    return f"用于{uses.whole.phrase.spoken}（{named}）、{'、'.join(others)}"


def _spoken(component: Component) -> str:
    """A use as a statement says it; people who are paid with the word for their pay."""
    words = component.phrase.spoken
    if component.type is None or component.type.code != "T37" or component.phrase.action or words.endswith(("报酬", "工资", "补助", "补贴", "待遇", "经费")):
        return words
    pay = re.search(r"(?:劳务费?|工资|报酬|薪酬|待遇|补助|补贴|津贴|经费)$", component.said)
    return words + (pay[0] if pay else "报酬")


# What the request says of the contract and the years it is paid in: no figure of an indicator, but of the use of the money.
TERMS = ("实施期限", "各年度合计", "合同总额", "付款安排")


def _with_terms(text: str, request: Request) -> str:
    """The statement of use with the contract's sum, years and payments as said, ended with a full stop."""
    said = [f"{name}{request.known[name]}" if name in ("各年度合计", "合同总额") else request.known[name] for name in TERMS if name in request.known]
    return f"{text}；{'，'.join(said)}。" if said else f"{text}。"


def figures_follow(sheet: Sheet) -> None:
    """A carried statement of use that repeats a count (危桥改造3座) says this year's count, or none where it is open."""
    cell = sheet.header.get("purpose")
    if cell is None or cell.origin != "carried":
        return
    text, why = cell.text, []
    for row in sheet.rows:
        old = Target.parse(row.value.previous or "")
        if row.level2 != "数量指标" or old.number is None or not old.unit:
            continue
        said = f"{plain(old.number)}{old.unit}"
        new = row.target
        if row.is_open:
            now = ""
        elif new.number is not None and new.number != old.number:
            now = f"{plain(new.number)}{new.unit}"
        else:
            continue
        if re.search(rf"(?<![\d.]){re.escape(said)}", text):
            text = re.sub(rf"(?<![\d.]){re.escape(said)}", now, text)
            why.append(f"{said}→{now}" if now else f"{said}待核实")
    if why:
        changed = cell._replace(text=text, origin="computed", formula="数量与指标一致：" + "，".join(why), note="上年用途中的数量随本年指标更新")
        sheet.header["purpose"] = changed.against(cell.previous)


def renewed(text: str, year: int | None, last_year: int | None) -> tuple[str, str | None]:
    """Text of last year with its years moved on, and why (2025年 → 2026年); unchanged where it names no year of the table."""
    if year is None or last_year is None or year == last_year or str(last_year) not in without_document_numbers(text):
        return text, None
    held = [str(number) for number in document_numbers(text)]
    moved = re.sub(rf"(?<!\d){last_year}(?=\s*年)", str(year), text)
    return (moved, f"年份由{last_year}改为{year}") if moved != text and not held else (text, None)


def plan(sheet: Sheet, request: Request, past: PastTable | None, corpus: matching.Past, unit: str | None) -> None:
    """The spending plan: last year's, the request's, the office's customary one, else open."""
    given = next((value for name, value in request.known.items() if "支出计划" in name or "支出进度" in name), None)
    if given:
        percents = re.findall(r"\d+(?:\.\d+)?(?=\s*%)", given) or re.findall(r"\d+(?:\.\d+)?", re.sub(r"\d+月底?", "", given))
        if len(percents) == len(HEBEI_NODES):
            source = Source(path="request", cell="资金支出计划", text=given)
            before = {node.by: f"{node.percent:f}" for node in past.table.spending_plan if node.percent is not None} if past is not None else {}
            sheet.plan = [(by, Cell(percent, "request", source=source).against(before.get(by))) for by, percent in zip(HEBEI_NODES, percents, strict=True)]
            return
    if past is not None and past.table.spending_plan:
        _carried_plan(sheet, past, change=True, note=None)
        return
    if not form_of(sheet.form).plan:
        # This province's form has no spending plan.
        return
    customary = _customary(corpus, unit)
    if customary is not None:
        _carried_plan(sheet, customary[0], change=False, note=customary[1])
        return
    said = f"（给出：{request.known['付款安排']}）" if "付款安排" in request.known else ""
    ask = Ask(f"资金支出计划{said}：3月底、6月底、10月底累计各支出百分之几？", "支出计划", 55)
    for by in HEBEI_NODES[:-1]:
        sheet.plan.append((by, Cell("", "open", ask=ask)))
    basis = Source(path="预算法", cell="第十八条", text="预算年度自公历一月一日起，至十二月三十一日止")
    sheet.plan.append((HEBEI_NODES[-1], Cell("100", "policy", source=basis, note="年度预算到12月底应全部安排完，累计100%")))


def _carried_plan(sheet: Sheet, past: PastTable, *, change: bool, note: str | None) -> None:
    for node in past.table.spending_plan:
        text = f"{node.percent:f}" if node.percent is not None else ""
        cell = Cell(text, "carried", "new", carried_source(past, f"支出计划·{node.by}", f"{text}%"), note=note)
        sheet.plan.append((node.by, cell.against(text) if change else cell))


def _customary(corpus: matching.Past, unit: str | None) -> tuple[PastTable, str] | None:
    """The plan most of the unit's past tables share; None when no unit is known."""
    if unit is None:
        return None
    found = matching.candidates(corpus, unit)
    plans = Counter(tuple((node.by, node.percent) for node in one.past.table.spending_plan) for one in found if one.past.table.spending_plan)
    if not plans:
        return None
    usual, count = plans.most_common(1)[0]
    past = next(one.past for one in found if tuple((node.by, node.percent) for node in one.past.table.spending_plan) == usual)
    return past, f"本单位{past.year}年{count}个项目都用这一进度，请按本项目实际付款安排核对" if count > 1 else "参照本单位上年项目，请按实际付款安排核对"
