"""``ask``: one question, one answer: whose and which year's texts, then the records, then policies and terms, then an honest no."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answering import comparing, county, lacking, lexicon, prose, refusing, respelling, several
from assistant.answering import scope as scoping
from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.deciding import decide, select
from assistant.answering.desk import Desk, Found
from assistant.answering.dissecting import take_apart
from assistant.answering.question import Question
from assistant.answering.rooms import Room, enter, taken_apart
from assistant.answering.views import Pool
from assistant.chinese import fold
from assistant.corpus import Corpus, own_name
from assistant.corpus.units import county_of, short_name
from assistant.errors import InputError
from assistant.store import VectorStore

_LONGEST = 500
# Names shorter than this may mean something else than the project of another unit.
_LONG_NAME = 4


# The small words of a comparison between years.
_BESIDE = (
    r"(?:相比于?|比起|比较|相较于?|对比|比)|(?:(?:降|涨|升|跌|增|减)(?:低|加|少|高)?|(?:多|少|高|低)(?=[一-鿿]{0,4}(?:多少|几|百分)))了?|"
    r"从(?:几|多少)[一-鿿]?|(?:到|成)了?(?:几|多少)[一-鿿]?$|百分之(?:几|多少)|(?:几|多少)(?=个?百分)|没有?$|从|到(?=[几多])"
)


def ask(question: str, corpus: Corpus, store: VectorStore | None = None, *, unit: str | None = None, year: int | None = None, k: int = 8) -> Answer:
    """The answer to a question. ``unit`` and ``year`` are the default scope; a unit or year named in the question wins. ``k`` bounds
    how many passages of policies are looked at. InputError for an empty or endless question."""
    text = question.strip()
    if not text:
        raise InputError("问题是空的。", '请写出问题，例如：assistant ask "残保金预算多少"。')
    if len(text) > _LONGEST:
        raise InputError(f"问题太长（{len(text)}字）。", f"请缩短到{_LONGEST}字以内，一次问一件事。")
    asked = re.sub(lexicon.NOT_MEASURABLE, "定性", text)
    together = several.answer(asked, lambda part: _one(part, corpus, store, unit=unit, year=year, k=k)) if several.clauses(asked) else None
    found = together or _one(asked, corpus, store, unit=unit, year=year, k=k)
    return found if asked == text else replace(found, question=text)


def _one(text: str, corpus: Corpus, store: VectorStore | None, *, unit: str | None, year: int | None, k: int) -> Answer:
    scope = scoping.resolve(corpus, text, unit=unit, year=year)
    over = county.answer(text, corpus, scope, year=year)
    if over is not None:
        return over
    if scope.ambiguous:
        return _refused(text, f"{NOT_THERE}能确定是哪个单位的依据，同名的有：{'、'.join(scope.ambiguous[:6])}。请写明单位，或用 --unit 指定。")
    room = enter(corpus, scope, text)
    q = taken_apart(text, room)
    if not scope.names and (elsewhere := _elsewhere(corpus, q, room, text)) is not None:
        room, scope = elsewhere, elsewhere.scope
        q = taken_apart(text, room)
    late = _other_year(q, room)
    if late is not None:
        return _about_last_year(text, q, room) or late
    asked = _years_asked(q, room)
    moved = comparing.MOVED.search(q.text)
    both = re.search(r"(?:这|前后)?(?:两年|两个年度)(?:间|之间|来)?", q.text)
    if both and not asked and q.operator in ("difference", "times", "greater", "wording") and len(scope.years) > 1:
        asked = list(scope.years[:2])
        q.settle(*both.span())
    beside = re.search(r"(?:比|较|与|跟|和)(?:起|着)?(?:去年|上年|上一年|前年|今年|20\d\d年?)", q.text)
    compared = beside or q.operator in ("difference", "times", "greater", "wording") or moved or re.search(lexicon.CHANGE, q.text)
    if compared and not asked and (moved or "同比" in text) and len(scope.years) > 1:
        asked = [scope.years[0] - 1]
    if len(asked) == 2 or (len(asked) == 1 and compared and asked[0] != room.newest and (moved or re.search(r"比|较|与|和|跟|今年|本年", text))):
        return _between_years(text, q, room, corpus, asked)
    if asked and asked[0] != scope.year:
        room = enter(corpus, replace(scope, year=asked[0]), text)
    given = _answer(text, q, room, corpus, store, k)
    changed = re.search(r"(?:降|涨|增|减|升|提高|降低|变化?)(?:低|加|少|高)?(?:到|成)?了", q.text)
    if not given.answered and changed and not asked and room.scope.year and len(room.scope.years) > 1:
        # 单价降了多少 without a year: against the year before.
        older = [year for year in room.scope.years if year < room.scope.year]
        since = _between_years(text, q, room, corpus, older[:1]) if older else given
        return since if since.answered else given
    return given


def _answer(text: str, q: Question, room: Room, corpus: Corpus, store: VectorStore | None, k: int) -> Answer:
    desk = room.desk(q)
    if _ALLOWED.search(q.text):
        # Whether something may still be changed is told by rules, whatever project it is asked of.
        rules = "".join(char for char, named in zip(q.text, _named(desk), strict=True) if not named)
        rules = rules if re.search("目标|指标|用途", rules) else f"绩效目标{rules}"
        found = prose.answer(text, take_apart(rules), corpus, store, k)
        return found or _refused(text, refusing.not_found(desk, room), room)
    if room.complete:
        left = lacking.without_some(desk)
        desk = left or desk
        q = desk.q
        if left is not None and (named := lacking.all_left(left)) is not None:
            return _given(text, named, room)
        selected = select(desk)
        if selected is not None:
            return _given(text, selected, room)
    if not desk.m.hard or desk.m.unknown_keys:
        issued = prose.issued(text, q, corpus)
        if issued is not None:
            return issued
    if prose.comes_first(q, desk, corpus):
        found = prose.answer(text, q, corpus, store, k)
        if found is not None:
            return found
    stranger = scoping.stranger(
        text, room.scope, [cell.text for view in room.tables for cell in view.cells] + [part.text for one in room.parts for part in one.cells]
    )
    if stranger is not None:
        found = prose.answer(text, q, corpus, store, k) if q.how_to else None
        return found or _refused(text, f"{NOT_THERE}{stranger}的绩效目标表。", room)
    absent = refusing.never_said(desk)
    if absent is None and not room.complete and refusing.needs_all(q):
        units = len(corpus.own_units)
        asked = "可以问合计、个数、排名、占比、两年比较，或写明单位再问（也可用 --unit 指定）。"
        return _refused(text, f"{NOT_THERE}能从全部{units}个单位的目标表里算出的这个内容。{asked}")
    if absent is None:
        result = decide(desk)
        if result is None and room.complete:
            corrected = respelling.by_sound(q, room.tables, room.parts, desk) or respelling.spelled_out(q, room.tables, desk)
            if corrected is not None:
                result = decide(room.desk(taken_apart(corrected, room)))
        if result is not None:
            return _given(text, result, room)
    found = None if q.keys and not desk.m.unknown_keys else prose.answer(text, q, corpus, store, k)
    if found is not None:
        return found
    return _refused(text, absent or refusing.not_found(desk, room) + _kept_by_others(text, room, corpus), room)


# Whether goals, indicators or budgets may be changed.
_ALLOWED = re.compile(r"(?:还|能不能|可不可以|能否|可否)?(?:能|可以)?(?:再|随便|自己)?(?:改|调整|变更|修改|调)(?:吗|么|不)[?!.]*$")


def _named(desk: Desk) -> list[bool]:
    """Which characters of the question name a project."""
    marks = [False] * len(desk.q.text)
    for view in desk.named_tables() or [view for view in desk.tables if desk.m.spelled(view) >= 2]:
        marks = [mark or covered for mark, covered in zip(marks, desk.m.covered(view.title), strict=True)]
    return marks


def _elsewhere(corpus: Corpus, q: Question, room: Room, text: str) -> Room | None:
    """The one other unit whose tables carry the document number, the code or the whole name of the project that the question names and
    the default scope has not: hard keys beat the default scope."""
    desk = room.desk(q)
    named = any(desk.m.spelled(view) >= _LONG_NAME for view in room.tables)
    lost = bool(desk.m.unknown_keys) or (bool(q.codes) and not desk.tables)
    if room.scope.units is None or len(corpus.units) <= 1 or (named and not lost) or (desk.m.hard and not lost):
        return None
    if not lost and any(fit.own for fit in desk.choose()):
        # A row of the own office is called so too.
        return None
    wide = scoping.Scope(None, year=q.years[0] if q.years else None)
    views = [view for view in enter(corpus, wide, text).tables if view.past.unit and view.past.unit not in room.scope.units]
    there = Desk(q, views, [], Pool())
    if lost:
        owners = {view.past.unit for view in there.tables} if there.tables and not there.m.unknown_keys else set()
    else:
        # A like office of another county may have a project of the same name: that one's figures are not ours.
        mine = {_body(unit) for unit in room.scope.units}
        views = [view for view in views if _body(view.past.unit or "") not in mine]
        names = fold(q.text)
        owners = {view.past.unit for view in views if len(own := fold(own_name(view.name))) >= _LONG_NAME and own in names}
    if len(owners) != 1 or (unit := owners.pop()) is None:
        return None
    return enter(corpus, scoping.of_unit(corpus, unit), text)


_FEW_UNITS = 20


def _kept_by_others(text: str, room: Room, corpus: Corpus) -> str:
    """Which other units of the corpus could answer, when the question named no unit: said, never answered in their place."""
    if room.scope.units is None or room.scope.names or len(corpus.units) > _FEW_UNITS:
        return ""
    able = []
    for unit in dict.fromkeys(unit for unit, *_ in corpus.units if unit and unit not in room.scope.units):
        other = enter(corpus, scoping.of_unit(corpus, unit), text)
        q = taken_apart(text, other)
        desk = other.desk(q)
        if (desk.named_tables() or desk.m.hard) and refusing.never_said(desk) is None and decide(desk) is not None:
            able.append(short_name(unit))
    return f"{'、'.join(able[:4])}的目标表里有相关内容，要问请写明单位或用 --unit 指定。" if able else ""


def _body(unit: str) -> str:
    """What kind of office a unit is, by the first two characters behind its county (教育局, 教育体育局)."""
    return unit.removeprefix(county_of(unit) or "")[:2]


def _years_asked(q: Question, room: Room) -> list[int]:
    """The years that a question names, newest first; 去年 counts from the newest year of the unit."""
    newest = room.scope.years[0] if room.scope.years else 0
    asked = {*q.years, *(newest + offset for offset in q.relative_years)}
    if q.relative_years and re.search(r"今年|本年|当年", q.text):
        asked.add(newest)
    return sorted(asked, reverse=True)


def _between_years(text: str, q: Question, room: Room, corpus: Corpus, asked: list[int]) -> Answer:
    """The same cell in two years side by side."""
    newer, older = (asked[0], asked[1]) if len(asked) == 2 else (room.newest or asked[0], asked[0])
    operator = q.operator if q.operator in ("times", "greater", "wording") else "difference"
    # By how many percent something changed asks for no percentage that stands in a table.
    kind = "" if q.kind == "percent" and re.search(lexicon.CHANGE, q.text) else q.kind
    plain = replace(q, settled=list(q.settled), operator=operator, yes_no=False, kind=kind)
    for match in re.finditer(f"{lexicon.CHANGE}|{_BESIDE}", q.text):
        plain.settle(*match.span())
    rooms = [enter(corpus, replace(room.scope, year=year), text) for year in (newer, older)]
    now, then = (place.desk(plain) for place in rooms)
    found = comparing.projects(now, then) or comparing.same_cell(now, then)
    if found is None:
        return _refused(text, refusing.not_found(now if not now.choose() else then, room), room)
    label = f"{room.scope.label.removesuffix(f'{room.scope.year}年')}{newer}年和{older}年"
    return Answer(text, True, f"{found.text}（按{label}回答）", tuple(Citation.of(cell) for cell in found.cells), scope=label)


def _about_last_year(text: str, q: Question, room: Room) -> Answer | None:
    """An answer whose own words compare with the year before (较上年增加), when there are no tables of that year."""
    if not q.relative_years or q.years:
        return None
    plain = replace(q, settled=list(q.settled), relative_years=[])
    for match in re.finditer("上年|去年|上一年", q.text):
        plain.settled[match.start() : match.end()] = [False] * len(match[0])
    found = decide(room.desk(plain))
    if found is None or not any("上年" in cell.text or "去年" in cell.text for cell in found.cells):
        return None
    return _given(text, found, room)


def _other_year(q: Question, room: Room) -> Answer | None:
    """A refusal for a year that the unit has no tables of."""
    newest = room.scope.years[0] if room.scope.years else None
    asked = [*q.years, *(newest + offset for offset in q.relative_years if newest)]
    unknown = [year for year in asked if year not in room.scope.years]
    if not unknown or not room.scope.years:
        return None
    have = "、".join(f"{year}年" for year in room.scope.years)
    label = room.scope.label.removesuffix(f"{room.scope.year}年") if room.scope.year else room.scope.label
    return _refused(q.raw, f"{NOT_THERE}{label}{unknown[0]}年的绩效目标表，现有{have}的。", room)


def _given(text: str, found: Found, room: Room) -> Answer:
    citations = tuple(dict.fromkeys(Citation.of(cell) for cell in found.cells))
    label = room.scope.label
    return Answer(text, True, f"{found.text}（按{label}回答）", citations, scope=label)


def _refused(text: str, words: str, room: Room | None = None) -> Answer:
    label = room.scope.label if room is not None and room.tables else None
    return Answer(text, False, f"{words}{f'（查的是{label}）' if label else ''}", scope=label)
