"""ask: one question, one answer. The order of attempts, and the words of a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answering import comparing, computing, conditions, issuing, lacking, lexicon, prose, ranking, selecting, several, shortened, sounds, tallies
from assistant.answering import scope as scoping
from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.deciding import Desk, Found
from assistant.answering.dissecting import take_apart
from assistant.answering.question import Known, Question
from assistant.answering.scope import Scope
from assistant.answering.views import Cell, PartView, Pool, TableView
from assistant.chinese import fold
from assistant.corpus import Corpus, own_name
from assistant.corpus.units import county_of, short_name
from assistant.errors import InputError
from assistant.retrieval import alias_table
from assistant.store import VectorStore

_LONGEST = 500
# Names shorter than this may mean something else than the project of another unit.
_LONG_NAME = 4


# The small words of a comparison between years.
_BESIDE = (
    r"(?:相比于?|比起|比较|相较于?|对比|比)|(?:(?:降|涨|升|跌|增|减)(?:低|加|少|高)?|(?:多|少|高|低)(?=[一-鿿]{0,4}(?:多少|几|百分)))了?|"
    r"从(?:几|多少)[一-鿿]?|(?:到|成)了?(?:几|多少)[一-鿿]?$|百分之(?:几|多少)|(?:几|多少)(?=个?百分)|没有?$|从|到(?=[几多])"
)


@dataclass
class _Shelf:
    """The tables and texts of a scope taken out once for many questions: chats, pipes and suites ask the same unit again and again."""

    tables: list[TableView]
    parts: list[PartView]
    complete: bool

    @cached_property
    def known(self) -> Known:
        """What these tables lend to the reading of a question."""
        cells = [cell for view in self.tables for cell in view.rows] + [cell for part in self.parts for cell in part.measures]
        return Known(
            numbers=frozenset(number for view in self.tables for *_, number in view.numbers if number >= 10),
            units=frozenset(cell.number[1] for cell in cells if cell.number),
            words="\n".join(dict.fromkeys(fold(cell.name) for cell in cells)),
            phrases=frozenset(text for view in self.tables for cell in view.rows for text in _quotable(cell)),
        )


# Scopes taken out and not changed since, oldest first.
_SHELVES: dict[tuple[str, str, tuple[str, ...] | None, int | None], _Shelf] = {}
_KEPT = 32


@dataclass(slots=True)
class _Room:
    """A scope with its tables, ready for questions."""

    scope: Scope
    shelf: _Shelf

    @property
    def tables(self) -> list[TableView]:
        """The tables of the scope."""
        return self.shelf.tables

    @property
    def parts(self) -> list[PartView]:
        """Part 1 of the texts of the scope."""
        return self.shelf.parts

    @property
    def complete(self) -> bool:
        """Whether these are all tables of the scope."""
        return self.shelf.complete

    @property
    def ambient(self) -> Pool:
        """The unit's own name, which every table of it is about."""
        return Pool(*(self.scope.units or ()))


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
    if scope.ambiguous:
        return _refused(text, f"{NOT_THERE}能确定是哪个单位的依据，同名的有：{'、'.join(scope.ambiguous[:6])}。请写明单位，或用 --unit 指定。")
    room = _enter(corpus, scope, text)
    q = _taken_apart(text, room)
    if not scope.names and (elsewhere := _elsewhere(corpus, q, room, text)) is not None:
        room, scope = elsewhere, elsewhere.scope
        q = _taken_apart(text, room)
    late = _other_year(q, room)
    if late is not None:
        return _about_last_year(text, q, room) or late
    asked = _years_asked(q, room)
    moved = comparing.MOVED.search(q.text)
    beside = re.search(r"(?:比|较|与|跟|和)(?:起|着)?(?:去年|上年|上一年|前年|今年|20\d\d年?)", q.text)
    compared = beside or q.operator in ("difference", "times", "greater", "wording") or moved or re.search(lexicon.CHANGE, q.text)
    if compared and not asked and (moved or "同比" in text) and len(scope.years) > 1:
        asked = [scope.years[0] - 1]
    if len(asked) == 2 or (len(asked) == 1 and compared and asked[0] != _newest(scope) and (moved or re.search(r"比|较|与|和|跟|今年|本年", text))):
        return _between_years(text, q, room, corpus, asked)
    if asked and asked[0] != scope.year:
        room = _enter(corpus, replace(scope, year=asked[0]), text)
    given = _answer(text, q, room, corpus, store, k)
    changed = re.search(r"(?:降|涨|增|减|升|提高|降低|变化?)(?:低|加|少|高)?(?:到|成)?了", q.text)
    if not given.answered and changed and not asked and room.scope.year and len(room.scope.years) > 1:
        # 单价降了多少 without a year: against the year before.
        older = [year for year in room.scope.years if year < room.scope.year]
        since = _between_years(text, q, room, corpus, older[:1]) if older else given
        return since if since.answered else given
    return given


def _answer(text: str, q: Question, room: _Room, corpus: Corpus, store: VectorStore | None, k: int) -> Answer:
    desk = Desk(q, room.tables, room.parts, room.ambient)
    if room.complete:
        left = lacking.without_some(desk)
        desk = left or desk
        q = desk.q
        if left is not None and (named := lacking.all_left(left)) is not None:
            return _given(text, named, room)
        selected = conditions.answer(desk) or lacking.answer(desk) or tallies.answer(desk) or ranking.answer(desk)
        if selected is not None:
            return _given(text, selected, room)
    if not desk.m.hard or desk.m.unknown_keys:
        issued = issuing.answer(text, q, corpus)
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
    absent = _absent(q, desk)
    if absent is None and not room.complete and _over_all(q):
        units = len({unit for unit, *_ in corpus.units})
        return _refused(text, f"{NOT_THERE}确定的单位可供汇总：资料库里有{units}个单位的目标表。请写明单位，或用 --unit 指定。")
    if absent is None:
        result = decide(desk)
        if result is None and room.complete:
            corrected = sounds.corrected(q, room.tables, room.parts, desk) or shortened.spelled_out(q, room.tables, desk)
            if corrected is not None:
                result = decide(Desk(_taken_apart(corrected, room), room.tables, room.parts, room.ambient))
        if result is not None:
            return _given(text, result, room)
    found = None if q.keys and not desk.m.unknown_keys else prose.answer(text, q, corpus, store, k)
    if found is not None:
        return found
    return _refused(text, absent or _no(desk, room) + _kept_by_others(text, room, corpus), room)


def _newest(scope: Scope) -> int | None:
    return scope.years[0] if scope.years else None


def _elsewhere(corpus: Corpus, q: Question, room: _Room, text: str) -> _Room | None:
    """The one other unit whose tables carry the document number, the code or the whole name of the project that the question names and
    the default scope has not: hard keys beat the default scope."""
    desk = Desk(q, room.tables, room.parts, room.ambient)
    named = any(desk.m.spelled(view) >= _LONG_NAME for view in room.tables)
    lost = bool(desk.m.unknown_keys) or (bool(q.codes) and not desk.tables)
    if room.scope.units is None or len(corpus.units) <= 1 or (named and not lost) or (desk.m.hard and not lost):
        return None
    wide = scoping.Scope(None, year=q.years[0] if q.years else None)
    views = [view for view in _enter(corpus, wide, text).tables if view.past.unit and view.past.unit not in room.scope.units]
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
    return _enter(corpus, scoping.of_unit(corpus, unit), text)


_FEW_UNITS = 20


def _kept_by_others(text: str, room: _Room, corpus: Corpus) -> str:
    """Which other units of the corpus could answer, when the question named no unit: said, never answered in their place."""
    if room.scope.units is None or room.scope.names or len(corpus.units) > _FEW_UNITS:
        return ""
    able = []
    for unit in dict.fromkeys(unit for unit, *_ in corpus.units if unit and unit not in room.scope.units):
        other = _enter(corpus, scoping.of_unit(corpus, unit), text)
        q = _taken_apart(text, other)
        desk = Desk(q, other.tables, other.parts, other.ambient)
        if (desk.named_tables() or desk.m.hard) and _absent(q, desk) is None and decide(desk) is not None:
            able.append(short_name(unit))
    return f"{'、'.join(able[:4])}的目标表里有相关内容，要问请写明单位或用 --unit 指定。" if able else ""


def _body(unit: str) -> str:
    """What kind of office a unit is, by the first two characters behind its county (教育局, 教育体育局)."""
    return unit.removeprefix(county_of(unit) or "")[:2]


def _over_all(q: Question) -> bool:
    """Whether an operation needs every table of the scope, not just those that the index thought near."""
    return bool(q.operator in ("most", "least", "rank", "sum", "average", "share") or q.counting or q.listing or q.which or q.conditions)


def decide(desk: Desk) -> Found | None:
    """The first operation that fits the question and gives something."""
    q = desk.q
    if desk.m.unknown_keys or (desk.m.hard and not desk.tables):
        return None
    if (q.counting or q.listing or q.operator == "sum") and (grouped := selecting.by_document(desk)) is not None:
        return grouped
    if "还是" in q.text and len(q.loose_numbers) == 2 and not q.which:
        # 46人还是48人: which of two figures it is.
        desk = selecting.without_numbers(desk)
        return desk.look_up() if desk.q.runs() or desk.m.hard else None
    if q.nodes and q.kind == "money":
        return computing.planned(desk)
    for attempt in _attempts(desk):
        found = attempt(desk)
        if found is not None:
            return found
    return None


def _attempts(desk: Desk) -> list[Callable[[Desk], Found | None]]:
    """The operations that a question may mean, likeliest first."""
    q = desk.q
    attempts: list[Callable[[Desk], Found | None]] = []
    if q.operator in ("difference", "times", "wording", "greater"):
        attempts.append(comparing.pair)
    if q.operator == "share":
        attempts.append(comparing.share)
    attempts.append(computing.funds)
    if q.yes_no and (q.loose_numbers or q.conditions) and not q.which and not q.listing and q.operator in ("", "sum"):
        attempts.append(comparing.yes_no)
    if q.counting:
        # 几个 at the end may ask for a quantity (保障几个中心) or for how many projects there are.
        narrowed = q.in_numbers or q.in_words or q.conditions or q.negated
        attempts += [Desk.look_up, selecting.count] if not q.counted and q.kind == "count" and not narrowed else [selecting.count]
    if q.operator in ("most", "least") and re.search(r"(?:最多|最高|最少|最低)(?:是)?(?:多少|几)", q.text) and len(desk.named_tables()) == 1:
        # 成本最多多少: the ceiling of one project named.
        attempts.append(Desk.look_up)
    if q.operator in ("most", "least", "rank", "greater"):
        attempts.append(computing.extreme)
    if q.operator in ("sum", "average"):
        attempts.append(computing.total)
    if q.yes_no and not q.which and not q.listing:
        attempts.append(comparing.yes_no)
    if q.all_rows and not (q.loose_numbers or q.conditions) and "item" in q.meanings():
        attempts.append(Desk.item_indicators)
    if q.all_rows and not (q.loose_numbers or q.conditions):
        attempts += [Desk.rows_of_table, Desk.item_indicators]
    if attempts == [computing.funds] or q.all_rows:
        attempts.append(selecting.part_items)
        if q.which or q.listing:
            selects = q.which or q.conditions or q.negated or q.in_words or q.in_numbers or q.loose_numbers or not (q.kind or q.fields)
            attempts += [selecting.listing] if selects or re.search(r"的(?:项目|表|目标表)(?:有哪些|是哪些|都有|$|[?!.])", q.text) else []
        # What a table lacks is never told by a cell that it has.
        attempts += [] if q.negated and (q.which or q.listing) else [Desk.look_up, Desk.glance]
    return attempts


def _enter(corpus: Corpus, scope: Scope, text: str) -> _Room:
    key = (str(corpus.home), corpus.fingerprint, scope.units, scope.year)
    shelf = _SHELVES.get(key)
    if shelf is None:
        shelf = _shelf(corpus, scope, text)
        if shelf.complete:
            # Those that the index thought near are near to this question only.
            while len(_SHELVES) >= _KEPT:
                del _SHELVES[next(iter(_SHELVES))]
            _SHELVES[key] = shelf
    return _Room(scope, shelf)


def _shelf(corpus: Corpus, scope: Scope, text: str) -> _Shelf:
    tables, departments, complete = scoping.tables_in(corpus, scope, text)
    aliases = alias_table()
    several = scope.units is None or len(scope.units) > 1

    def whose(unit: str | None) -> str:
        return f"{short_name(unit)}·" if several and unit else ""

    views = [TableView(past, whose(past.unit), aliases) for past in tables]
    return _Shelf(views, [PartView(past, whose(past.unit)) for past in departments], complete)


def _taken_apart(text: str, room: _Room) -> Question:
    return take_apart(text, replace(room.shelf.known, names=room.scope.names))


def _quotable(cell: Cell) -> list[str]:
    """Texts of a row that a question may quote: its basis, and a value in words."""
    assert cell.row is not None
    texts = [cell.row.basis or "", cell.text if cell.kind == "text" else ""]
    return [fold(text) for text in texts if len(text) >= 3 and not any(char.isdigit() for char in text)]


def _years_asked(q: Question, room: _Room) -> list[int]:
    """The years that a question names, newest first; 去年 counts from the newest year of the unit."""
    newest = room.scope.years[0] if room.scope.years else 0
    asked = {*q.years, *(newest + offset for offset in q.relative_years)}
    if q.relative_years and re.search(r"今年|本年|当年", q.text):
        asked.add(newest)
    return sorted(asked, reverse=True)


def _between_years(text: str, q: Question, room: _Room, corpus: Corpus, asked: list[int]) -> Answer:
    """The same cell in two years side by side."""
    newer, older = (asked[0], asked[1]) if len(asked) == 2 else (_newest(room.scope) or asked[0], asked[0])
    operator = q.operator if q.operator in ("times", "greater", "wording") else "difference"
    # By how many percent something changed asks for no percentage that stands in a table.
    kind = "" if q.kind == "percent" and re.search(lexicon.CHANGE, q.text) else q.kind
    plain = replace(q, settled=list(q.settled), operator=operator, yes_no=False, kind=kind)
    for match in re.finditer(f"{lexicon.CHANGE}|{_BESIDE}", q.text):
        plain.settle(*match.span())
    rooms = [_enter(corpus, replace(room.scope, year=year), text) for year in (newer, older)]
    now, then = (Desk(plain, place.tables, place.parts, place.ambient) for place in rooms)
    found = comparing.projects(now, then) or comparing.years(now, then)
    if found is None:
        return _refused(text, _no(now if not now.choose() else then, room), room)
    label = f"{room.scope.label.removesuffix(f'{room.scope.year}年')}{newer}年和{older}年"
    return Answer(text, True, f"{found.text}（按{label}回答）", tuple(Citation.of(cell) for cell in found.cells), scope=label)


def _about_last_year(text: str, q: Question, room: _Room) -> Answer | None:
    """An answer whose own words compare with the year before (较上年增加), when there are no tables of that year."""
    if not q.relative_years or q.years:
        return None
    plain = replace(q, settled=list(q.settled), relative_years=[])
    for match in re.finditer("上年|去年|上一年", q.text):
        plain.settled[match.start() : match.end()] = [False] * len(match[0])
    found = decide(Desk(plain, room.tables, room.parts, room.ambient))
    if found is None or not any("上年" in cell.text or "去年" in cell.text for cell in found.cells):
        return None
    return _given(text, found, room)


def _other_year(q: Question, room: _Room) -> Answer | None:
    """A refusal for a year that the unit has no tables of."""
    newest = room.scope.years[0] if room.scope.years else None
    asked = [*q.years, *(newest + offset for offset in q.relative_years if newest)]
    unknown = [year for year in asked if year not in room.scope.years]
    if not unknown or not room.scope.years:
        return None
    have = "、".join(f"{year}年" for year in room.scope.years)
    label = room.scope.label.removesuffix(f"{room.scope.year}年") if room.scope.year else room.scope.label
    return _refused(q.raw, f"{NOT_THERE}{label}{unknown[0]}年的绩效目标表，现有{have}的。", room)


def _absent(q: Question, desk: Desk) -> str | None:
    """The words of a refusal for what goal tables never say, unless a row or a safeguard is called just that."""
    if q.absent is None:
        heads = q.kind == "count" and q.classifier in ("人", "名", "位") and q.operator in ("", "sum") and not (q.conditions or q.loose_numbers or q.which)
        if not heads or q.runs() or desk.m.hard or any(one.hard for one in q.fields) or desk.named_tables():
            return None
        # 残联有几个人: of no project, of nothing a row counts.
        return f"{NOT_THERE}机构编制和人员：绩效目标表只写项目服务多少人。要问某个项目的人数，请写明项目或做什么。"
    label, words = q.absent
    cells = [cell for view in desk.tables for cell in view.rows] + [cell for part in desk.parts for cell in part.cells]
    if any(words in cell.pool for cell in cells):
        return None
    return f"{NOT_THERE}{label}：绩效目标表只有预算数、用途、支出计划、绩效目标和指标，不载这类内容。"


def _no(desk: Desk, room: _Room) -> str:
    """The words of a refusal: what was not found, and the nearest things without their numbers."""
    q = desk.q
    if desk.m.unknown_keys:
        asked = "、".join(f"{key.prefix}{f'〔{key.year}〕' if key.year else ''}{key.number}号" for key in desk.m.unknown_keys)
        known = "、".join(dict.fromkeys(str(one) for view in room.tables for one in _numbers(view)))
        return f"{NOT_THERE}{asked}文。" + (f"现有的文号：{known}。" if known else "")
    if not desk.tables and desk.m.hard:
        asked = "、".join([*(f"编码含{code.upper()}" for code in q.codes), *(f"第{number}张表" for number in q.ordinals)])
        return f"{NOT_THERE}{asked}的目标表。"
    if not room.tables and not room.parts:
        return f"{NOT_THERE}{room.scope.label}的绩效目标表。"
    missing = desk.missing()
    near = f"相近的内容有：{'、'.join(f'“{name}”' for name in missing.near)}。" if missing.near else ""
    if missing.words:
        words = [word for word in missing.words if len(word) > 1]  # a single character left over says nothing to a reader
        return f"{NOT_THERE}与“{'”“'.join(words)}”对应的内容。{near}" if words else f"{NOT_THERE}能回答这个问题的内容。{near}"
    return f"{NOT_THERE}这一项：{missing.why or '目标表里'}没有设这个内容。{near}"


def _numbers(view: TableView) -> list[object]:
    from assistant.chinese import document_numbers

    return list(document_numbers(view.name))


def _given(text: str, found: Found, room: _Room) -> Answer:
    citations = tuple(dict.fromkeys(Citation.of(cell) for cell in found.cells))
    label = room.scope.label
    return Answer(text, True, f"{found.text}（按{label}回答）", citations, scope=label)


def _refused(text: str, words: str, room: _Room | None = None) -> Answer:
    label = room.scope.label if room is not None and room.tables else None
    return Answer(text, False, f"{words}{f'（查的是{label}）' if label else ''}", scope=label)
