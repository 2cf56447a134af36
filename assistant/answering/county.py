"""Questions over many offices: what the tables of a county come to, which office has most, how many projects say this or that.

Exact for ten thousand tables as for ten. An answer shows the largest parts and what the rest come to, so that a person can add up; what
could not be counted is said; every cell it stands on is among its citations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.computing import place_asked, smallest_first
from assistant.answering.dissecting import take_apart
from assistant.answering.question import Condition, Known
from assistant.answering.scope import Scope, called
from assistant.answering.selecting import compare
from assistant.answering.survey import (
    ALL,
    BY_OFFICE,
    BY_PLACE,
    HOW_MANY_GROUPS,
    INDICATORS,
    OFFICE,
    STANDS,
    USUAL,
    Figure,
    Group,
    Part,
    Survey,
    choose,
    compares_years,
    demanded,
    figure_of,
    money_of,
    parts_of,
    read,
    reckons,
)  # fmt: skip
from assistant.answering.views import Cell, TableView
from assistant.corpus import Corpus
from assistant.corpus.units import county_of, short_name
from assistant.retrieval import normalised
from assistant.table import HEADER_LABELS

_NOT_RECKONED = ("why", "place", "person", "per", "time")
# So many parts are shown; the rest are added up.
_SHOWN = 5
_LARGEST_SHARE = re.compile(r"占比?(?:重)?(?:是)?最[大高多小低少](?:的)?")
_LESS_WORDS = re.compile(r"减少|下降|降低|压减|削减|降|减")
Said = tuple[str, list[Cell]]


def answer(text: str, corpus: Corpus, scope: Scope, *, year: int | None) -> Answer | None:
    """The answer over all offices that a question means, or None when it means one office only or nothing that is reckoned here."""
    meant = _offices(corpus, scope, text)
    if meant is None:
        return None
    units, names, label, places = meant
    q = take_apart(text, Known(names=names))
    if q.how_to or q.absent or q.codes or q.ordinals or q.nodes or q.in_words or q.in_numbers or q.whole_row or q.kind in _NOT_RECKONED:
        return None
    if q.all_rows and not INDICATORS.search(q.text):
        return None
    if re.search(r"标准|单价|每[人户亩]", q.text) or (q.yes_no and not re.search(rf"(?:有没有|有无|是否有).*(?:项目|{OFFICE})", q.text)):
        return None
    group = "place" if BY_PLACE.search(q.text) and not BY_OFFICE.search(q.text) else "unit" if BY_OFFICE.search(q.text) else "place" if places > 1 else ""
    focus = scope.units[0] if scope.names and scope.units is not None and len(scope.units) == 1 and units != scope.units else None
    if focus and q.operator != "share" and not STANDS.search(q.text):
        return None
    years = sorted({when for unit, when, *_ in corpus.units if when is not None and (units is None or unit in units)}, reverse=True)
    if not years:
        return None
    wished = {year} if year is not None else set()
    asked = sorted({*q.years, *(years[0] + offset for offset in q.relative_years)} or wished, reverse=True)
    if (largest := _LARGEST_SHARE.search(q.text)) and group:
        # 占比最大的单位 has the most.
        q = replace(q, operator="most", operator_text=largest[0], settled=q.marked(largest.span()))
    survey = Survey(q, corpus, units, asked[0] if asked else years[0], label, [], group, focus)
    if unknown := [when for when in asked if when not in years]:
        have = "、".join(f"{when}年" for when in years)
        return Answer(text, False, f"{NOT_THERE}{label}{unknown[0]}年的绩效目标表，现有{have}的。", scope=label) if reckons(q, group) else None
    if not reckons(q, group):
        return None
    said = _over_years(survey, asked, years) if compares_years(q, asked) else _within_year(survey, years)
    if said is None:
        return None
    words, cells = said
    notes = "".join(f"。{note}" for note in survey.notes)
    when = "" if compares_years(q, asked) else f"{survey.year}年"
    return Answer(text, True, f"{words}{notes}。（按{label}{when}回答）", tuple(dict.fromkeys(map(Citation.of, cells))), scope=f"{label}{when}")


# -- whose tables ------------------------------------------------------------------------------------------------------------------------


def _offices(corpus: Corpus, scope: Scope, text: str) -> tuple[tuple[str, ...] | None, tuple[str, ...], str, int] | None:
    """The offices meant (None = all that the user added), what of the question names them, how they are called, how many places it names;
    None for one office."""
    said = normalised(text)
    wide = tuple(match[0] for match in ALL.finditer(said))
    grouped = BY_OFFICE.search(said) or BY_PLACE.search(said)
    known = corpus.own_units
    named = [place for place in dict.fromkeys(map(county_of, known)) if place and (place in said or (len(place) > 2 and place[:-1] in said))]
    by_place = [name for place in named for name in (place, place[:-1]) if len(name) >= 2 and name in said]
    only_place = not scope.names or set(scope.names) <= set(by_place)
    if named and only_place:
        units: tuple[str, ...] | None = tuple(unit for unit in known if county_of(unit) in named)
    elif scope.names and len(scope.units or ()) > 1 and (wide or not scope.ambiguous):
        units = scope.units
    elif scope.units is None:
        units = None
    elif wide or grouped:
        units = tuple(unit for unit in known if county_of(unit) == county_of(scope.units[0]))
    else:
        return None
    if len(units if units is not None else known) < 2:
        return None
    return units, (*by_place, *scope.names, *wide), called(units if units is not None else known), len(named) if only_place else 0


def _amount(value: Decimal, unit: str) -> str:
    if unit != "元":
        return f"{wording.plain(value)}{unit}"
    said = wording.amount(value)
    return f"{said}（{wording.plain(value / 100_000_000)}亿元）" if abs(value) >= 100_000_000 else said


def _shown(survey: Survey, groups: Sequence[Group], unit: str, *, most: int = _SHOWN, what: str = "") -> str:
    """The first groups with their figures, and what the rest come to."""
    what = what or ("个县区" if survey.group == "place" else "个单位")
    lines = [
        f"{group.name}{_amount(group.value, unit)}{f'（{len(group.parts)}个项目）' if unit == '元' and what != '个项目' else ''}" for group in groups[:most]
    ]
    rest = groups[most:]
    if rest:
        lines.append(f"其余{len(rest)}{what}合计{_amount(sum((group.value for group in rest), Decimal(0)), unit)}")
    return "；".join(lines)


def _cells(groups: Sequence[Group]) -> list[Cell]:
    return [cell for group in groups for part in group.parts for cell in part.cells]


def _each(parts: Sequence[Part]) -> list[Group]:
    """Every table by itself, the largest first."""
    tables: dict[str, list[Part]] = {}
    for part in parts:
        tables.setdefault(part.view.past.id, []).append(part)
    return sorted((Group(members[0].view.said, members) for members in tables.values()), key=lambda group: (-group.value, group.name))


# -- operations --------------------------------------------------------------------------------------------------------------------------


def _within_year(survey: Survey, years: Sequence[int]) -> Said | None:
    """One year's tables: ranked, shared out, averaged, counted, listed or added up."""
    q = survey.q
    survey.tables = [view for view in read(survey, [survey.year or years[0]]) if view.past.year == survey.year]
    whole = list(survey.tables)
    others = [when for when in years if when != survey.year]
    if others and not q.years and not q.relative_years:
        survey.notes.append(f"资料里还有{'、'.join(map(str, others))}年的，未计入")
    if q.operator == "share":
        return _share(survey, whole)
    figure = figure_of(survey)
    if figure is None or not choose(survey, figure):
        return None
    if not survey.tables:
        return f"没有这样的项目（{survey.demand.removesuffix('的')}）：共看了{len(whole)}张绩效目标表", []
    if HOW_MANY_GROUPS.search(q.text) and q.operator in ("", "sum"):
        return _count_groups(survey)
    if survey.rows and figure.kind in ("projects", "money") and q.operator == "":
        return _evidence(survey)
    if figure.kind == "money" and "没有填" in survey.demand:
        figure = Figure("projects", "项目")
    parts = parts_of(survey, figure)
    if not parts:
        return None
    if q.operator in ("most", "least", "rank", "greater") or survey.focus:
        return _rank(survey, parts, figure)
    units = {part.unit for part in parts}
    if figure.kind == "rows" and (USUAL.search(q.text) or units == {"%"}):
        return _spread(parts, figure)
    if q.operator == "average":
        return _average(survey, parts, figure)
    if figure.kind == "projects" or ((q.listing or q.which or q.counting) and not survey.group and q.operator != "sum"):
        return _count(survey, parts_of(survey, Figure("projects", "项目")) if figure.kind == "money" and q.counting else parts, figure)
    asks_money = q.operator == "sum" or q.kind in ("money", "budget") or any(one.hard and one.meaning.startswith("budget.") for one in q.fields)
    return _total(survey, parts, figure) if figure.kind != "money" or asks_money else None


def _total(survey: Survey, parts: list[Part], figure: Figure) -> Said:
    lines, cells = [], list[Cell]()
    for unit in sorted({part.unit for part in parts}, key=lambda unit: -sum(part.unit == unit for part in parts))[:3]:
        same = [part for part in parts if part.unit == unit]
        groups = survey.groups(same)
        if len(groups) == 1 or len(same) <= _SHOWN:
            shown = _shown(survey, _each(same), unit, what="个项目")
        else:
            shown = f"按{'县区' if survey.group == 'place' else '单位'}从多到少：{_shown(survey, groups, unit, most=20 if survey.group else _SHOWN)}"
        projects = len({part.view.past.id for part in same})
        counted = f"{projects}个{survey.demand}项目" if figure.kind != "rows" else f"{projects}个项目的{len(same)}个指标"
        value = sum((part.value for part in same), Decimal(0))
        lines.append(f"{counted}{figure.label if unit == '元' else ''}合计{_amount(value, unit)}{'（按目标值计算）' if figure.kind == 'rows' else ''}。{shown}")
        cells += _cells(groups)
    return "；".join(lines), cells


def _count(survey: Survey, parts: list[Part], figure: Figure) -> Said:
    """How many projects, and which: by office when there are many."""
    groups = survey.groups(parts)
    totals = {id(part): cell.number[0] for part in parts if (cell := part.view.cell("budget.total")) is not None and cell.number}
    head = f"共{len(parts)}个{survey.demand}项目，分属{len(groups)}个单位" + (
        f"，预算数合计{_amount(sum(totals.values(), Decimal(0)), '元')}" if totals else ""
    )
    by_money = sorted(parts, key=lambda part: -totals.get(id(part), Decimal(0)))
    shown = [f"{part.view.said}{_budget(part.view)}" for part in by_money[:_SHOWN]]
    rest = f"；其余{len(parts) - _SHOWN}个见引用" if len(parts) > _SHOWN else ""
    offices = (
        f"。按单位：{_shown(survey, survey.groups([replace(part, value=Decimal(1)) for part in parts]), '个')}"
        if len(groups) > 1 and len(parts) > _SHOWN
        else ""
    )
    return f"{head}：{'；'.join(shown)}{rest}{offices}", [cell for part in by_money for cell in part.cells]


def _budget(view: TableView) -> str:
    cell = view.cell("budget.total")
    return f"（{wording.value(cell)}）" if cell is not None else "（没有填预算数）"


def _count_groups(survey: Survey) -> Said:
    """How many offices (or places) there are, that have such projects."""
    groups = survey.groups(parts_of(survey, Figure("projects", "项目")))
    numbers = [one for one in survey.q.conditions if one.unit in ("个", "张", "项")]
    money = [one for one in survey.q.conditions if one.unit in ("万元", "元", "亿元")]
    if money:
        groups = survey.groups(parts_of(survey, Figure("money", "预算数", "budget.total")))
    for one in (*numbers, *money):
        groups = [group for group in groups if _meets(one, group.value)]
    what = "县区" if survey.group == "place" else "单位"
    if not groups:
        return f"没有这样的{what}", []
    shown = _shown(survey, groups, "元" if money else "个项目", most=4 * _SHOWN)
    which = f"有这样的项目（{survey.demand.removesuffix('的')}，共{sum(len(group.parts) for group in groups)}个）" if survey.demand else ""
    demands = "且".join(map(demanded, (*numbers, *money)))
    return f"{len(groups)}个{what}{which}{f'合计{demands}' if demands else ''}：{shown}", _cells(groups)


def _meets(one: Condition, value: Decimal) -> bool:
    return one.number is not None and compare(value, one.comparator, one.number * {"万元": 10_000, "亿元": 100_000_000}.get(one.unit, 1))


def _evidence(survey: Survey) -> Said:
    """How many projects have rows that meet a demand: by the values written, with the first of them by name."""
    cells = [cell for view in survey.tables for cell in survey.rows[view.past.id]]
    written: dict[str, int] = {}
    for cell in cells:
        written[cell.text] = written.get(cell.text, 0) + 1
    values = [f"写{text}的{n}处" for text, n in sorted(written.items(), key=lambda pair: -pair[1])[:_SHOWN]]
    rest = len(cells) - sum(sorted(written.values(), reverse=True)[:_SHOWN])
    offices = len({view.past.unit for view in survey.tables})
    first = [f"{cell.holder.said}（{wording.said(cell)}）" for cell in cells[:_SHOWN]]
    more = f"；其余{len(cells) - _SHOWN}处见引用" if len(cells) > _SHOWN else ""
    head = f"{len(survey.tables)}个项目的{survey.demand.removesuffix('的')}，分属{offices}个单位：{'，'.join(values)}{f'，其他写法{rest}处' if rest else ''}"
    return f"{head}。例如{'；'.join(first)}{more}", cells


def _spread(parts: list[Part], figure: Figure) -> Said:
    """What values the rows have, from frequent to rare."""
    written: dict[str, list[Part]] = {}
    for part in parts:
        written.setdefault(part.cells[0].text, []).append(part)
    ordered = sorted(written.items(), key=lambda pair: -len(pair[1]))
    values = [part.value for part in parts]
    lines = [f"写{text}的{len(members)}个" for text, members in ordered[: 2 * _SHOWN]]
    rest = len(parts) - sum(len(members) for _, members in ordered[: 2 * _SHOWN])
    mean = wording.plain(sum(values, Decimal(0)) / len(values)) if len({part.unit for part in parts}) == 1 else ""
    range_ = f"；最低{wording.plain(min(values))}{parts[0].unit}，最高{wording.plain(max(values))}{parts[0].unit}，平均{mean}{parts[0].unit}" if mean else ""
    words = f"{len(parts)}个{figure.label}里，{'，'.join(lines)}{f'，其他写法{rest}个' if rest else ''}{range_}"
    return words, [part.cells[0] for _, members in ordered for part in members]


def _average(survey: Survey, parts: list[Part], figure: Figure) -> Said | None:
    units = {part.unit for part in parts}
    if len(units) != 1:
        return None
    unit = units.pop()
    value = sum((part.value for part in parts), Decimal(0))
    groups = survey.groups(parts)
    each, what = (len(groups), "单位") if re.search(rf"(?:每|一)(?:一)?(?:个|家)?{OFFICE}", survey.q.text) else (len(parts), "项目")
    return f"{_amount(value, unit)}÷{each}个{what}，平均每个{what}{_amount(value / each, unit)}。{_shown(survey, groups, unit)}", _cells(groups)


def _rank(survey: Survey, parts: list[Part], figure: Figure) -> Said | None:
    """The largest, smallest, first few or n-th projects, offices or places."""
    q = survey.q
    units = [part.unit for part in parts]
    unit = max(set(units), key=units.count)
    if other := [part for part in parts if part.unit != unit]:
        survey.notes.append(f"另有{len(other)}项单位不同，未列入比较")
    parts = [part for part in parts if part.unit == unit]
    # Rates do not add up.
    by_group = (bool(survey.group or survey.focus) and unit != "%") or figure.kind == "projects" or q.operator == "greater"
    groups = survey.groups(parts) if by_group else _each(parts)
    # 哪个单位的项目平均预算最高: each office's mean.
    mean = by_group and "平均" in q.text
    label = f"平均{figure.label}" if mean else figure.label

    def worth(group: Group) -> Decimal:
        return group.value / len(group.parts) if mean else group.value

    what = ("个县区" if survey.group == "place" else "个单位") if by_group else "个项目"
    up = smallest_first(q)
    groups.sort(key=worth, reverse=not up)
    first, count = place_asked(q)
    if survey.focus is not None:
        place = next((i for i, group in enumerate(groups) if group.name == short_name(survey.focus or "")), None)
        if place is None:
            return None
        mine = groups[place]
        return f"{mine.name}{figure.label}{_amount(mine.value, unit)}，从{'少到多' if up else '多到少'}在{len(groups)}{what}里排第{place + 1}", _cells([mine])
    if q.operator == "rank" and re.search(r"排(?:个)?(?:序|名|队)|从(?:大|小|高|低|多|少)", q.operator_text) and (first, count) == (0, 1):
        count = 2 * _SHOWN
    if q.operator == "greater":
        count = len(groups)
    if first >= len(groups):
        return None
    end = first + count
    if count == 1:
        end += sum(worth(group) == worth(groups[first]) for group in groups[end:])
    chosen = groups[first:end]
    more, less = "高低" if figure.kind == "rows" else "多少"
    if count > 1:
        head = f"{label}从{less}到{more}前{len(chosen)}的{what[1:]}：" if up else f"{label}从{more}到{less}前{len(chosen)}的{what[1:]}："
    else:
        head = f"{label}第{first + 1}{less if up else more}的是" if first else f"{label}最{less if up else more}的是"
    many = f"，共{len(chosen)}{what}相同" if count == 1 and len(chosen) > 2 * _SHOWN else ""
    names = [
        f"{group.name}{f'平均每个项目{_amount(worth(group), unit)}，共' if mean else ''}{_ranked(group, unit, by_group, figure)}"
        for group in chosen[: max(2 * _SHOWN, 1)]
    ]
    others = len(chosen) - len(names)
    total = sum((group.value for group in groups), Decimal(0))
    rest = f"。比较了{len(groups)}{what}，合计{_amount(total, unit)}" if unit != "%" else f"。比较了{len(groups)}{what}"
    return f"{head}{'；'.join(names)}{many}{f'；等{others}{what}' if others and not many else ''}{rest}", _cells(chosen)


def _ranked(group: Group, unit: str, by_group: bool, figure: Figure) -> str:
    if by_group:
        return f"{_amount(group.value, unit)}{f'（{len(group.parts)}个项目）' if unit == '元' else ''}"
    return f"（{'，'.join(wording.said(part.cells[0]) for part in group.parts[:3])}）" if figure.kind != "indicators" else f"（{_amount(group.value, unit)}）"


def _share(survey: Survey, whole: list[TableView]) -> Said | None:
    """What part of all money some offices, projects or the largest few have."""
    q = survey.q
    address = money_of(q)
    budgets = parts_of(survey, Figure("money", "预算数", "budget.total"))
    total = sum((part.value for part in budgets), Decimal(0))
    if not total:
        return None
    if survey.focus is not None:
        chosen, name = [part for part in budgets if part.view.past.unit == survey.focus], short_name(survey.focus)
    elif address != "budget.total":
        chosen = parts_of(survey, Figure("money", HEADER_LABELS[address], address))
        name = HEADER_LABELS[address]
    elif top := re.search(r"前(?:面)?(?P<n>[一二两三四五六七八九十]+|\d+)|最[大多高](?:的)?(?P<m>[一二两三四五六七八九十]+|\d+)", q.text):
        groups = survey.groups(budgets) if survey.group else _each(budgets)
        _, size = place_asked(replace(q, operator_text=f"前{top['n'] or top['m']}"))
        chosen = [part for group in groups[:size] for part in group.parts]
        what = "个单位" if survey.group else "个项目"
        name = f"预算数最多的{size}{what}（{_shown(survey, groups[:size], '元', most=2 * _SHOWN, what=what)}）"
    else:
        inner = replace(survey, q=replace(q, operator=""), notes=[])
        if not choose(inner, Figure("money", "预算数", "budget.total")) or len(inner.tables) == len(whole):
            return None
        chosen, name = parts_of(inner, Figure("money", "预算数", "budget.total")), f"{len(inner.tables)}个{inner.demand}项目"
        survey.notes += inner.notes
    part = sum((one.value for one in chosen), Decimal(0))
    percent = (part / total * 100).quantize(Decimal("0.01"))
    return f"{name}合计{_amount(part, '元')}，占{len(budgets)}个项目预算数合计{_amount(total, '元')}的{percent}%", [
        cell for one in chosen for cell in one.cells
    ]


# -- two years ---------------------------------------------------------------------------------------------------------------------------


def _over_years(survey: Survey, asked: Sequence[int], years: Sequence[int]) -> Said | None:
    """Two years' figures side by side: all together, or office by office; offices with tables of one year only are said."""
    newer, older = (asked[0], asked[1]) if len(asked) == 2 else (years[0], asked[0] if asked else years[0] - 1)
    if newer == older or not {newer, older} <= set(years):
        return None
    q = survey.q
    every = read(survey, [newer, older])
    both: list[list[Part]] = []
    figure = figure_of(survey)
    if figure is None or figure.kind not in ("money", "projects"):
        return None
    for year in (newer, older):
        one = replace(survey, year=year, tables=[view for view in every if view.past.year == year], notes=[], demand="")
        if not choose(one, figure):
            return None
        both.append(parts_of(one, figure))
        survey.notes += [f"{year}年{note}" for note in one.notes]
    unit = "元" if figure.kind == "money" else "个项目"
    now, then = ({group.name: group for group in survey.groups(parts)} for parts in both)
    sums = [sum((part.value for part in parts), Decimal(0)) for parts in both]
    cells = [cell for parts in both for part in parts for cell in part.cells]
    alone = [(year, [name for name in mine if name not in theirs]) for year, mine, theirs in ((newer, now, then), (older, then, now))]
    shared = [name for name in now if name in then]
    for year, names in alone:
        if names:
            survey.notes.append(f"只有{year}年有表的{len(names)}个：{'、'.join(names[:3])}{'等' if len(names) > 3 else ''}")
    changes = sorted(((now[name].value - then[name].value, name) for name in shared), key=lambda pair: (-pair[0], pair[1]))
    if survey.group:
        if _LESS_WORDS.search(q.text) and not re.search("增", q.text):
            changes.reverse()
        _, size = place_asked(q)
        lines = [f"{name}{_change(now[name].value, then[name].value, unit, newer, older)}" for _, name in changes[: max(size, _SHOWN)]]
        return (f"两年都有表的{len(shared)}个单位里，变化最大的：{'；'.join(lines)}", cells) if shared else None
    said = [
        f"{year}年{len(parts)}个项目{f'合计{_amount(value, unit)}' if unit == '元' else ''}"
        for year, parts, value in zip((newer, older), both, sums, strict=True)
    ]
    words = f"{'，'.join(said)}，{_gap(sums[0], sums[1], unit)}"
    if any(names for _, names in alone) and shared:
        ours = [sum((side[name].value for name in shared), Decimal(0)) for side in (now, then)]
        words += f"。其中两年都有表的{len(shared)}个单位：{newer}年{_amount(ours[0], unit)}，{older}年{_amount(ours[1], unit)}，{_gap(ours[0], ours[1], unit)}"
    return words, cells


def _change(new: Decimal, old: Decimal, unit: str, newer: int, older: int) -> str:
    return f"{_gap(new, old, unit)}（{older}年{_amount(old, unit)}，{newer}年{_amount(new, unit)}）"


def _gap(new: Decimal, old: Decimal, unit: str) -> str:
    gap = new - old
    percent = f"，{'增长' if gap > 0 else '下降'}{abs(gap / old * 100).quantize(Decimal('0.01'))}%" if old and gap else ""
    return f"{'增加' if gap > 0 else '减少'}{_amount(abs(gap), unit)}{percent}" if gap else "一样"
