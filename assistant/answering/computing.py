"""Operations over several cells: sums, means, ratios, extremes, what a plan spends by a date.

Every figure is computed from records with exact decimals, and the answer shows what was computed from what.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import Fit, fits_kind
from assistant.answering.question import Question
from assistant.answering.selecting import WIDELY, matching
from assistant.answering.views import Cell, TableView
from assistant.chinese import chinese_number, fold
from assistant.library import synonyms


def column(desk: Desk) -> list[Cell]:
    """One cell per table that an operation runs over: the field asked for (the budget when none is) in every table that the rest of
    the question allows."""
    q = desk.q
    bare = not q.kind and not q.fields
    cells = [cell for cell in (desk.budgets() if bare else desk.cells()) if isinstance(cell.holder, TableView) and cell.number is not None]
    if q.kind == "money" and not any("成本" in one.meaning for one in q.fields):
        cells = [cell for cell in cells if cell.address.startswith("budget.")]
    if q.operator == "sum":
        # Prices and rates do not add up.
        cells = [cell for cell in cells if cell.kind not in ("per", "percent")]
    unit = measures_of(q)
    if unit:
        cells = [cell for cell in cells if cell.target is not None and cell.row is not None and fold(cell.target.unit or "") in unit]
    widely = WIDELY.search(q.text) is not None and q.kind in ("", "money", "budget") and bool(q.runs())
    if q.conditions or widely:
        # 10万以下的项目合计, 与康复有关的项目合计: only over the tables that meet the demand.
        demands = replace(q.without_fields() if widely else q, operator="", operator_text="", kind="", classifier="")
        meeting = {id(fit.cell.holder) for fit in matching(desk.with_question(demands)) or ()}
        cells = [cell for cell in cells if id(cell.holder) in meeting]
    if widely and len({id(cell.holder) for cell in cells}) > 1:
        return [cell for cell in cells if cell.address == "budget.total"]
    fits = [fit for fit in desk.m.choose(cells) if desk._reasoned(fit)]
    return [fit.cell for fit in best_each(desk, fits)]


def best_each(desk: Desk, fits: list[Fit]) -> list[Fit]:
    """The best fit of each table."""
    best: dict[int, Fit] = {}
    for fit in sorted(fits, key=desk._order):
        best.setdefault(id(fit.cell.holder), fit)
    ranks = {desk._field_rank(fit) for fit in best.values()}
    return [fit for fit in best.values() if desk._field_rank(fit) == max(ranks)] if ranks else []


def measures_of(q: Question) -> tuple[str, ...]:
    """Units that a word like 人数 or 户数 demands."""
    if re.search(r"人数|人次|多少人|几个人", q.text):
        return ("人", "名", "人次", "位")
    return ("户",) if "户数" in q.text else ()


# -- sums, averages, extremes ----------------------------------------------------------------------------------------------------------


def total(desk: Desk) -> Found | None:
    """The sum (or mean) of a field over the tables asked for."""
    q = desk.q
    if q.operator == "average":
        rates = [cell for view in desk.named_tables() for cell in view.rows if cell.kind == "per" and "人均" in q.operator_text and "人均" in cell.pool]
        if len(rates) == 1:
            return desk.say(rates)
        prices = [fit for fit in desk.choose() if fit.own and fit.cost <= 0.4 and fit.cell.kind == "per"]
        if prices:
            # The mean is itself an indicator (每延米改造费用); what the budget comes to is said beside it.
            said, divided = desk.say([fit.cell for fit in prices]), ratio(desk)
            if divided is None or not re.search(r"每|人均", q.operator_text + q.text[q.text.find("平均") :]):
                return said
            return Found(f"{said.text.rstrip('。')}；{divided.text}", [*said.cells, *divided.cells])
    if q.operator == "average" and not re.search(r"(?:每|一)(?:个|张|项)?(?:项目|表)", q.text) and re.search(r"每|人均|除以|÷|一(?:个|户|人)", q.text):
        return ratio(desk)
    cells = column(desk) or several(desk)
    if not cells:
        return None
    if len(cells) == 1 and q.operator == "sum":
        rows = _of_one_table(desk, cells[0])
        if len(rows) < 2:
            # A price is no total.
            return None if cells[0].kind == "per" and re.search(r"总|一共|共|合计", q.text) else desk.say(cells)
        cells = rows
    units = {cell.number[1] for cell in cells if cell.number}
    lines = []
    for unit in sorted(units):
        same = [cell for cell in cells if cell.number and cell.number[1] == unit]
        values = [cell.number[0] for cell in same if cell.number]
        result = sum(values, Decimal(0))
        if q.operator == "average":
            result /= len(values)
        shown = "＋".join(_short(cell) for cell in same) if len(same) <= 12 else f"{len(same)}项相加"
        name = "平均" if q.operator == "average" else "合计"
        many = len({id(cell.holder) for cell in same})
        head = f"{len(same)}个项目{_label(same)}" if many == len(same) else f"{same[0].holder.said}的{'、'.join(cell.name for cell in same)}"
        lines.append(f"{head}{name}{wording.number_said(result, unit)}（{shown}{f'，再除以{len(same)}' if name == '平均' else ''}）")
    names = "；".join(dict.fromkeys(cell.holder.said for cell in cells)) if 2 <= len({id(cell.holder) for cell in cells}) <= 4 else ""
    return Found(wording.listed(lines) + (f"。项目：{names}" if names else "") + "。", cells)


# Where the money comes from, as people say it.
_SOURCES = re.compile(r"资金的?(?:来源|构成|组成|渠道)(?:是什么|有哪些|是哪些|情况|呢)?(?=$|[?!.,])|(?:钱|资金)(?:是|都)?从?哪(?:里|儿)?来的?")


def funds(desk: Desk) -> Found | None:
    """财政资金 and 其他资金 side by side, of the tables named or of all (资金来源 means both): each fund's sum, and that a fund is filled in
    nowhere."""
    q = desk.q
    if q.conditions or q.operator not in ("", "sum"):
        return None
    asked = {one.meaning: one.start for one in q.fields if one.meaning in ("budget.fiscal", "budget.other")}
    sources = _SOURCES.search(q.text)
    if sources is not None:
        asked, views = {"budget.fiscal": 0, "budget.other": 1}, desk.tables_meant(sources.span())
    else:
        views = desk.tables_meant() if len(asked) == 2 and re.search(r"各|分别|和|与|、|及|多少.*多少", q.text) else []
    lines, cells = [], list[Cell]()
    for address in sorted(asked, key=lambda address: asked[address]):
        label = "财政资金" if address == "budget.fiscal" else "其他资金"
        found = [cell for view in views if (cell := view.cell(address)) is not None and cell.number is not None]
        cells += found
        several = f"{len(found)}个项目合计" if len(views) > 1 else ""
        total = sum((cell.number[0] for cell in found if cell.number), Decimal(0))
        lines.append(f"{label}{several}{wording.amount(total)}" if found else f"{label}一栏{'都' if len(views) > 1 else ''}没有填写")
    name = f"{views[0].said}：" if len(views) == 1 else ""
    return Found(f"{name}{'；'.join(lines)}。", cells) if cells else None


def _of_one_table(desk: Desk, best: Cell) -> list[Cell]:
    """The rows of one table that the question fits as well as the best one, in the same unit: 城市 and 农村 of 低保人数."""
    if best.row is None or best.number is None or best.kind in ("per", "percent"):
        return []
    fits = [fit for fit in desk.m.choose(desk.cells()) if fit.cell.holder is best.holder and fit.cell.type == best.type and fit.cell.number is not None]
    cheap = min((fit.cost for fit in fits), default=0.0)
    unit = best.number[1]
    return [fit.cell for fit in fits if fit.cell.number and fit.cell.number[1] == unit and fit.cost <= cheap + 0.05]


def several(desk: Desk) -> list[Cell]:
    """The same field of several things that the question lists (残保金、经费、医保补贴): the cells of each part, in order; empty when a
    part names nothing."""
    q = desk.q
    pieces = [match.span() for match in re.finditer(r"(?:(?!、|,|和|与|跟|及|以及|还有|加上|加).)+", q.text)]
    found: list[Cell] = []
    parts = 0
    for start, end in pieces:
        half = stretch(q, start, end)
        if not (half.runs() or half.keys) and not any(len(name) >= 2 and name in half.text for view in desk.tables for name in view.identities):
            continue
        borrowed = [replace(one, start=len(half.text), end=len(half.text)) for one in q.fields if not start <= one.start < end]
        part = desk.with_question(replace(half, fields=[*half.fields, *borrowed]))
        fits = part.choose() if q.fields or q.kind else part.choose(part.budgets())
        named = part.named_tables()
        cells = [fit.cell for fit in fits if fit.cell.holder in named] or [fit.cell for fit in fits]
        if not cells:
            return []
        parts += 1
        found += [cell for cell in cells if cell not in found]
    return found if parts >= 2 else []


def stretch(q: Question, start: int, end: int) -> Question:
    """A stretch of the question as a question of its own."""
    inside = [one for one in q.fields if start <= one.start and one.end <= end]
    return replace(
        q,
        text=q.text[start:end],
        settled=q.settled[start:end],
        keys=[replace(key, start=key.start - start, end=key.end - start) for key in q.keys if start <= key.start < end],
        fields=[replace(one, start=one.start - start, end=one.end - start) for one in inside],
        operator="",
        loose_numbers=[],
    )


def _label(cells: list[Cell]) -> str:
    labels = {cell.label if cell.row is None else cell.type for cell in cells}
    return labels.pop() if len(labels) == 1 else ""


def _short(cell: Cell) -> str:
    if cell.address.startswith("budget.") and cell.number is not None:
        written = wording.value(cell)
        return written.removesuffix("万元") if written == f"{cell.text}万元" else wording.amount(cell.number[0]).removesuffix("万元")
    return cell.text


def ratio(desk: Desk) -> Found | None:
    """Budget ÷ quantity within one table."""
    measure, noun, span = _divisor(desk.q)
    q = replace(desk.q, kind="", classifier="", settled=list(desk.q.settled))
    q.settle(*span)
    views = desk.with_question(q).named_tables()
    results, cells = [], []
    for view in views[:3]:
        counts = [cell for cell in view.rows if cell.kind == "count" and cell.number]
        rows = _divided_by(counts, measure, noun)
        if desk.q.kind == "count":
            many = [cell for cell in counts if cell not in rows and cell.type == "数量指标" and fits_kind(desk.q, cell)]
            if len(rows) == 1 and len(many) == 1 and rows[0].number and many[0].number and rows[0].number[0]:
                (parts, unit), (whole, what) = rows[0].number, many[0].number
                said = f"{many[0].name}{many[0].text}÷{rows[0].name}{rows[0].text}"
                results.append(f"{view.said}：{said}，平均每{unit}{wording.plain(whole / parts)}{what}")
                cells += [many[0], rows[0]]
            continue
        budget = view.cell("budget.total")
        if budget is None or budget.number is None or len(rows) != 1 or not rows[0].number or not rows[0].number[0]:
            # With two quantities of the same measure nobody knows by which to divide.
            continue
        money, (number, unit) = budget.number[0], rows[0].number
        each = money / number
        results.append(f"{view.said}：预算数{wording.value(budget)}÷{rows[0].name}{rows[0].text}，平均每{unit}{_each(each)}")
        cells += [budget, rows[0]]
    return Found(wording.listed(results) + "（按目标值计算）。", cells) if results else None


def _divided_by(rows: list[Cell], measure: str, noun: str) -> list[Cell]:
    """The quantities that a measure or noun may mean."""
    nouns = {noun, *synonyms().get(noun, ())} - {""}
    named = [cell for cell in rows if any(one in cell.pool for one in nouns)]
    if named:
        return named
    units = {measure, *_PEOPLE.get(measure, ()), *(_PEOPLE.get(noun, ()) if noun else ())} - {""}
    return [cell for cell in rows if cell.type == "数量指标" and cell.number and (not units or cell.number[1] in units)]


_PEOPLE = {"人": ("名", "位", "人次"), "个": ("所", "处", "家", "座"), "孩子": ("人", "名"), "学生": ("人", "名"), "老人": ("人", "名")}


_DIVIDED_BY = "期|人次|个|名|位|座|所|处|户|辆|台|次|场|件|条|公里|亩|人|张|间|套|块|村"


def _divisor(q: Question) -> tuple[str, str, tuple[int, int]]:
    """What is divided by: a measure (人), a noun (学位), and where it stands in the question."""
    each = "(?:每|平均一|(?<![一二三四五六七八九十统同])一(?=[个期场次户人]))"
    match = re.search(
        rf"{each}(?:一)?(?:({_DIVIDED_BY})(?!项目))?([一-鿿]{{0,4}}?)(?=平均|多少|几|的|花|要|投|需|补|是|能|$|[?!,.])",
        q.text,
    )
    if match and (match[1] or match[2]):
        noun = match[2] if len(match[2] or "") >= 2 else ""
        return match[1] or match[2] or "", noun, match.span()
    return ("人" if re.search(r"人均|人数|每人", q.text) else ""), "", (0, 0)


def _each(yuan: Decimal) -> str:
    text = f"{yuan.quantize(Decimal('0.01')):f}元"
    return f"{text}（约{wording.amount(yuan)}）" if yuan >= 10_000 else text


def planned(desk: Desk) -> Found | None:
    """How much money a table's plan has spent by a node: the share of the plan × the budget."""
    q = replace(desk.q, settled=list(desk.q.settled), kind="", classifier="")
    views = desk.with_question(q).named_tables() if q.runs() or desk.m.hard else desk.tables
    lines, cells = [], list[Cell]()
    for view in views[:12]:
        budget = view.cell("budget.total")
        for node in (cell for cell in view.cells if cell.type == "plan" and cell.name in desk.nodes):
            if budget is not None and budget.number and node.number:
                money = budget.number[0] * node.number[0] / 100
                lines.append(f"{view.said}：预算数{wording.value(budget)}×{node.name}{node.text}，计划支出{wording.amount(money)}")
                cells += [budget, node]
    return Found(wording.listed(lines) + "。", cells) if lines else None


_TIMES_A_YEAR = {"月": 12, "季": 4}
_BY_STANDARD = re.compile(
    r"按照?(?:补贴|补助)?标准(?=[^?!.,]{1,10}(?:要|得|应|需)(?:多少|几)(?:钱|万|元))|"
    r"按照?(?:[一-鿿]{0,6})(?:标准|单价)(?:[一-鿿]{0,2})(?:算|测算|计算|要|得|应|需|一共|总共|合计|下来)|(?:人数|数量|户数|辆数)(?:乘以?|×|x|\*)(?:[一-鿿]{0,6})(?:标准|单价)|(?:标准|单价)(?:乘以?|×|x|\*)(?:[一-鿿]{0,4})(?:人数|数量|户数)"
)


def by_standard(desk: Desk) -> Found | None:
    """Quantity × price of one table beside its budget (按补贴标准算要多少钱): only where one row of each has the same measure."""
    match = _BY_STANDARD.search(desk.q.text)
    if match is None:
        return None
    asked = desk.with_question(replace(desk.q.without_fields(match.span()), kind="per", operator="", yes_no=False))
    lines, cells = [], list[Cell]()
    for price in (fit.cell for fit in asked.choose() if fit.cell.kind == "per"):
        view, per = price.holder, fold(price.target.measured_per or "") if price.target is not None else ""
        if not isinstance(view, TableView) or price.number is None:
            continue
        rows = [cell for cell in view.rows if cell.type == "数量指标" and cell.kind == "count" and cell.number and cell.number[1] == re.split(r"[/·*]", per)[0]]
        budget = view.cell("budget.total")
        if len(rows) != 1 or rows[0].number is None or budget is None or len([cell for cell in view.rows if cell.kind == "per"]) != 1:
            continue
        span = re.search(r"[/·*](?:[^/·*]*)(月|季|天|日|次|学期|期)$", f"/{per}")
        if span is not None and span[1] not in _TIMES_A_YEAR:
            continue
        times = _TIMES_A_YEAR[span[1]] if span is not None else 1
        money = rows[0].number[0] * price.number[0] * times
        often = f"×{times}{'个月' if times == 12 else '个季度'}" if times > 1 else ""
        lines.append(f"{view.said}：{rows[0].name}{rows[0].text}×{price.name}{price.text}{often}＝{wording.amount(money)}，预算数{wording.value(budget)}")
        cells += [rows[0], price, budget]
    return Found(f"{wording.listed(lines)}（按目标值计算）。", cells) if lines else None


_SPENT_BY = re.compile(
    r"(?:全部|全|都|才|就|能|要|应该?|该|须|得)*(?:花|支|用|付|拨|支付|支出|拨付|使用)(?:得|到)?(?:完|光|清|一半|过半|(?=\d))(?:毕|成|掉)?|全部(?:支出|支付|花掉|用掉|拨付)|支出(?:进度)?(?:达到?|到|过)(?=\d|百分|一半|半)"
)


def spent_by(desk: Desk) -> Found | None:
    """By which node the plan has spent everything, or the percentage asked for (什么时候支付完, 什么时候花到一半)."""
    q = desk.q
    match = _SPENT_BY.search(q.text)
    if q.kind != "time" or match is None:
        return None
    shares = [one for one in q.conditions if one.unit == "%" and one.number is not None]
    number = re.search(r"(\d+(?:\.\d+)?)%", q.text)
    line = Decimal(50) if re.search("一半|过半|半", match[0] + q.text[match.end() : match.end() + 2]) else Decimal(100)
    line = shares[0].number or line if shares else Decimal(number[1]) if number else line
    views = desk.tables_meant(match.span(), *q.loose_numbers)
    reached = [next((cell for cell in view.cells if cell.type == "plan" and cell.number and cell.number[0] >= line), None) for view in views]
    nodes = [cell for cell in reached if cell is not None]
    if not nodes or len(nodes) != len(views):
        return None
    groups: dict[str, list[Cell]] = {}
    for cell in nodes:
        groups.setdefault(f"{cell.name}{cell.text}", []).append(cell)
    if len(groups) == 1:
        whose = nodes[0].holder.said if len(nodes) == 1 else f"{len(nodes)}个项目"
        return Found(f"{nodes[0].name}。按资金支出计划，{whose}{'都' if len(nodes) > 1 else ''}是{next(iter(groups))}。", nodes)
    lines = [f"{said}的有{len(cells)}个：{'、'.join(cell.holder.said for cell in cells)}" for said, cells in groups.items()]
    return Found(f"按资金支出计划，{wording.listed(lines)}。", nodes)


def extreme(desk: Desk) -> Found | None:
    """The largest, smallest, or n-th of a field."""
    cells = column(desk)
    if len(cells) < 2 and not (cells and (desk.m.hard or cells[0].address.startswith("budget."))):
        return None
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.number[1] if cell.number else "", []).append(cell)
    _unit, cells = max(groups.items(), key=lambda pair: len(pair[1]))
    down = not smallest_first(desk.q)
    ordered = sorted(cells, key=lambda cell: cell.number[0] if cell.number else Decimal(0), reverse=down)
    values = [cell.number[0] for cell in ordered if cell.number]
    first, count = place_asked(desk.q)
    if desk.q.operator == "rank" and re.search(r"排(?:个)?(?:序|名|队)|从(?:大|小|高|低|多|少)", desk.q.operator_text) and count == 1 and first == 0:
        count = len(ordered)
    if first >= len(ordered):
        return None
    end = first + count
    if count == 1:
        end = first + sum(1 for value in values[first:] if value == values[first])
    chosen = ordered[first:end]
    word = ("最高" if down else "最低") if first == 0 and count == 1 else ""
    lines = [f"{cell.holder.said}（{wording.said(cell)}）" for cell in chosen]
    if len(chosen) > 4 and count == 1:
        lines = [f"{wording.said(chosen[0])}，共{len(chosen)}个项目相同"]
    head = f"{_label(chosen)}{word}的是" if word else f"按{_label(chosen)}从{'高到低' if down else '低到高'}"
    head += f"第{first + 1}的是" if first and count == 1 else "：" if not word else ""
    left_out = [cell for cell in column(desk) if cell not in ordered]
    tail = f"（另有{len(left_out)}项单位不同，未列入比较）" if left_out else ""
    return Found(head + "；".join(lines) + tail + "。", chosen)


_FEWEST = re.compile(
    r"最(?:少|低|小|便宜|短|早|省)|(?<![多大高])(?:少|低|小|便宜|短)(?=$|[?!,.呢啊的])|第[^,]{1,3}(?:少|低|小)|倒数|后[一二两三四五\d]|从(?:小|低|少)"
)


def smallest_first(q: Question) -> bool:
    """Whether an order begins with the smallest."""
    return _FEWEST.search(q.operator_text + q.text) is not None


def place_asked(q: Question) -> tuple[int, int]:
    """Where to begin (0 = first) and how many are asked for."""
    text = q.operator_text
    if match := re.search(r"最[多少高低大小贵](?:的)?(?:前)?([一二两三四五六七八九十]|\d+)(?:个|项|名|张|家)", q.text):
        number = int(match[1]) if match[1].isdigit() else chinese_number(match[1].replace("两", "二")) or 1
        return 0, number
    if match := re.search(r"(?:前|后|倒数|最多的前)([一二两三四五六七八九十]|\d+)", text):
        number = int(match[1]) if match[1].isdigit() else chinese_number(match[1].replace("两", "二")) or 1
        return (number - 1, 1) if "倒数第" in text else (0, number)
    if match := re.search(r"第([一二三四五六七八九十]|\d+)", text):
        return (int(match[1]) if match[1].isdigit() else chinese_number(match[1]) or 1) - 1, 1
    return 0, 1
