"""Which past table a request continues, whatever the document number, year or suffix in its name; and which other tables are like it.

A project is the same when its own name is the same once number and year are taken out and aliases are resolved (残保金 =
残疾人就业保障金), when a short form of the number says so (163号康复), or when the name says just what one table's money is used
for (服务中心 → 用于保障残疾人综合服务中心运行). Sub-projects after a dash are told apart. What cannot be told apart is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol
from weakref import WeakKeyDictionary

from assistant import library
from assistant.chinese import bigrams, document_numbers, fold, likeness, without_document_numbers
from assistant.corpus import PastTable
from assistant.corpus.units import names_of, same_unit
from assistant.draft import Request
from assistant.drafting.uses import uses_of


class Past(Protocol):
    """What drafting needs of a corpus."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the corpus does."""
        ...

    def past_tables(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> Sequence[PastTable]:
        """Past tables, optionally of a unit and a year."""
        ...


class Candidate(NamedTuple):
    """A past table prepared for comparing."""

    past: PastTable
    core: str
    suffix: str
    numbers: frozenset[int]
    prefix: str
    about: frozenset[str]
    uses: tuple[str, ...]


class Match(NamedTuple):
    """The past table a request continues, how it was told, and the others that fitted as well. ``sure`` is False where only the
    likeness of names or the use of the money told it."""

    past: PastTable
    why: str
    rivals: tuple[PastTable, ...] = ()
    sure: bool = True


_prepared: WeakKeyDictionary[Past, dict[tuple[str, str | None], list[Candidate]]] = WeakKeyDictionary()
_NOT_OF_PROJECTS = frozenset({"预算与绩效", "表格字段", "指标类型"})
GENERIC = frozenset({"经费", "其他", "专项经费", "工作经费", "补助资金", "专项资金", "项目经费", "业务费", "资金"})


def candidates(corpus: Past, unit: str | None) -> list[Candidate]:
    """The past tables of a unit (of all units when None), prepared once per state of the corpus."""
    kept = _prepared.setdefault(corpus, {})
    key = (corpus.fingerprint, unit)
    if key not in kept:
        for old in [old for old in kept if old[0] != key[0]]:
            del kept[old]
        kept[key] = [_prepare(past) for past in corpus.past_tables() if unit is None or same_unit(past.unit, unit)]
    return kept[key]


def unit_meant(corpus: Past, request: Request) -> str | None:
    """The unit meant when none is named: the one whose tables the user keeps; the bundled sample's only for its own field."""
    unit = getattr(corpus, "own_unit", None)
    if not unit:
        return None
    own = candidates(corpus, unit)
    if any(one.past.layer == "user" for one in own):
        return str(unit)
    field = bigrams(re.sub(r"^.{2,6}?[省市县区]|联合会|委员会|办公室|管理局|局|中心", "", fold(unit)))
    return str(unit) if field & bigrams(f"{request.name}{request.purpose or ''}") else None


def unit_named(corpus: Past, said: str | None) -> str | None:
    """The unit as the corpus writes it, when what was said (教育局) is exactly one of its units; else as said."""
    if not said:
        return said
    known = {past.unit for past in corpus.past_tables() if past.unit} | {str(own) for own in [getattr(corpus, "own_unit", None)] if own}
    alike = {fold(unit): unit for unit in known if same_unit(unit, said)}
    return next(iter(alike.values())) if len(alike) == 1 else said


# A form of a name that names an office, not only its county.
_BODY = re.compile(r"(?:局|会|联|委|办|院|校|所|队|站|处|府|室|社|馆|台|镇|乡|街道)$")


def unit_leading(corpus: Past, name: str) -> tuple[str, str] | None:
    """The one unit of the corpus whose name, whole or short (怀来县残联 for 怀来县残疾人联合会), begins the project's name; and the rest of the name."""
    units = {one.past.unit for one in candidates(corpus, None) if one.past.unit}
    found = {(unit, len(form)) for unit in units for form in names_of(unit) if _BODY.search(form) and name.startswith(form) and len(name) >= len(form) + 2}
    if len({unit for unit, _ in found}) != 1:
        return None
    unit, length = max(found, key=lambda pair: pair[1])
    return unit, name[length:].lstrip("的-— ")


def _prepare(past: PastTable) -> Candidate:
    name = past.table.project.name or (past.table.title or "").removesuffix("绩效目标表")
    core, suffix = core_of(name)
    numbers = document_numbers(name)
    about = bigrams(core + suffix + (past.table.purpose or "") + "".join(past.table.goals))
    uses = tuple(component.nominal for component in uses_of(past.table.purpose or "").components)
    return Candidate(past, core, suffix, frozenset(number.number for number in numbers), numbers[0].prefix if numbers else "", frozenset(about), uses)


@lru_cache(maxsize=8192)
def core_of(name: str) -> tuple[str, str]:
    """A project's own name and its sub-project: number, year and form words out, aliases resolved (残保金 → 残疾人就业保障金)."""
    text = without_document_numbers(name)
    text = re.sub(r"(?:项目)?(?:支出)?绩效目标(?:申报|批复)?表?$", "", fold(text))
    text = re.sub(r"\(?20\d\d(?:年度?)?\)?|\d{2}年度?(?=[一-龥])", "", text)
    text = re.sub(r"\[.*?\]|^第?\d+号文?的?(?=.)|(?:项目|专项)$", "", text).strip("-_ ()")
    head, _, suffix = text.partition("-")
    return _resolved(head), suffix


@lru_cache(maxsize=8192)
def _resolved(text: str) -> str:
    for alias, term in _aliases():
        if alias in text and term not in text:
            text = text.replace(alias, term)
    return text


@lru_cache(maxsize=1)
def _aliases() -> tuple[tuple[str, str], ...]:
    # The words of budgeting itself name no project (一体化 is no alias inside 城乡公交一体化).
    terms = [term for term in library.glossary() if term.category not in _NOT_OF_PROJECTS]
    pairs = [(fold(alias), fold(term.term)) for term in terms for alias in term.aliases if len(alias) >= 2]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def short_number(text: str) -> int | None:
    """The number of a short form (``163号康复`` → 163), or None."""
    match = re.search(r"(?<!\d)(\d{1,4})号(?!线|楼|院|路|井)", without_document_numbers(text))
    return int(match[1]) if match else None


def previous(corpus: Past, request: Request, unit: str | None) -> Match | None:
    """The past table that the request continues, from the newest year before the request's; None for a new project."""
    found = candidates(corpus, unit)
    if request.year is not None:
        found = [one for one in found if one.past.year is None or one.past.year < request.year]
    if unit is None and len({one.past.unit for one in found}) > 1:
        # Nobody said which office: only what one office alone has can be meant, by its document number or by its whole name.
        found = [one for one in found if _same_number(request, one)] or [one for one in found if _same_name(request, one)]
        if len({one.past.unit for one in found}) > 1:
            return None
    for year in sorted({one.past.year or 0 for one in found}, reverse=True)[:2]:
        match = _among([one for one in found if (one.past.year or 0) == year], request)
        if match is not None:
            return match
    return None


def _same_number(request: Request, one: Candidate) -> bool:
    """Whether the request's name gives the number of the table's document, and nothing else in it speaks of another project."""
    core, suffix = core_of(request.name)
    short, whole = short_number(request.name), document_numbers(request.name)
    if short is None and not whole:
        return False
    words = re.sub(r"\d+号(?:文)?的?", "", core) + suffix
    named = short in one.numbers if short is not None else any(number in document_numbers(one.past.table.project.name or "") for number in whole)
    return named and (not words or words in f"{one.core}-{one.suffix}" or _covered(words, one) >= 0.6)


def _same_name(request: Request, one: Candidate) -> bool:
    core, suffix = core_of(request.name)
    return bool(core) and core == one.core and suffix == one.suffix


def _among(found: list[Candidate], request: Request) -> Match | None:
    core, suffix = core_of(request.name)
    number = short_number(request.name)
    numbers = frozenset(n.number for text in (request.name, *request.basis) for n in document_numbers(text))
    if number is not None:
        words = re.sub(r"\d+号(?:文)?的?", "", core) + suffix
        same = [one for one in found if number in one.numbers and (not words or words in one.core + "-" + one.suffix or _covered(words, one) >= 0.99)]
        same = [one for one in same if words and words == one.suffix] or same
        if same:
            return _settled(same, request, f"“{number}号”与上年文号相符", numbers)
    if core:
        same = [one for one in found if core == one.core and suffix == one.suffix]
        if same and core in GENERIC and request.purpose:
            # 经费 of one office may be several projects: told by the use, or asked where there is but one.
            alike = [one for one in same if _purpose_likeness(request, one) >= 0.3]
            if not alike and len(same) == 1:
                return Match(same[0].past, "项目名称相同，用途不同", sure=False)
            same = alike
        if same:
            return _settled(same, request, "项目名称相同（不计文号和年份）", numbers)
        close = [one for one in found if _close(core, suffix, one)]
        if close:
            return _settled(close, request, "项目名称相近", numbers)._replace(sure=False)
        told = [one for one in found if _named_by_use(core + suffix, one)]
        if told:
            return _settled(told, request, "名称即上年该表的资金用途", numbers)._replace(sure=False)
    return None


def _close(core: str, suffix: str, one: Candidate) -> bool:
    if suffix != one.suffix and (suffix or one.suffix):
        # 防汛抗旱专项经费 is 专项经费-防汛抗旱.
        return suffix == "" and re.sub(r"(?:专项|工作)?(?:经费|资金)$", "", core) == one.suffix and len(one.suffix) >= 4
    if len(core) < 4 or one.core in GENERIC:
        return False
    if likeness(core, one.core) >= 0.75:
        return True
    shorter, longer = sorted((core, one.core), key=len)
    if len(shorter) >= 5 and shorter[:2] == longer[:2] and shorter[-2:] == longer[-2:] and _within(shorter, longer):
        # 城乡公交补贴 is how staff say 城乡公交一体化运营补贴.
        return len(shorter) / len(longer) >= 0.45
    share = len(shorter) / len(longer)
    if len(shorter) >= 6 and shorter[-2:] == longer[-2:] and _within(shorter, longer) and share >= 0.65:
        # 水库管护员补助 and 小型水库管护人员补助.
        return True
    return len(shorter) >= 5 and shorter in longer and (share >= 0.6 or (len(shorter) >= 6 and longer.endswith(shorter) and share >= 0.5))


def _within(shorter: str, longer: str) -> bool:
    """Whether the characters of one stand in the other in the same order."""
    rest = iter(longer)
    return all(char in rest for char in shorter)


def _covered(words: str, one: Candidate) -> float:
    pairs = bigrams(words)
    return len(pairs & one.about) / len(pairs) if pairs else 0.0


def _named_by_use(words: str, one: Candidate) -> bool:
    """Whether the words name the one use of the table's money: 服务中心, 燃油补贴, 重度残疾人医保补贴."""
    words = re.sub(r"项目|资金|经费|工作$", "", words)
    said = [piece for piece in re.split(r"[、和及与]", words) if len(piece) >= 2]
    if len(words) >= 8 and len(said) > 1 and len(one.uses) > 1 and all(_covered(piece, one) >= 0.6 for piece in said):
        # All its uses: 残疾人家庭无障碍改造和残疾评定补贴; 河湖巡查、公示牌更换、宣传.
        return all(len(bigrams(use) & bigrams(words)) / len(bigrams(use)) >= 0.25 for use in one.uses)
    if len(words) < 3 or len(one.uses) != 1:
        return False
    use = one.uses[0]
    purpose = fold(one.past.table.purpose or "")
    if fold(words) in purpose or fold(words) in fold(use):
        return len(words) >= 4 or len(words) / max(len(use), 1) >= 0.3
    pairs = bigrams(words)
    return len(words) >= 5 and len(pairs & bigrams(purpose)) / len(pairs) >= 0.8


def _purpose_likeness(request: Request, one: Candidate) -> float:
    return likeness(request.purpose or request.name, one.past.table.purpose or "")


def _settled(same: list[Candidate], request: Request, why: str, numbers: frozenset[int]) -> Match:
    """One of several tables that fit: by number, then use of money, then the nearest budget; the others stay named."""
    if len(same) == 1:
        return Match(same[0].past, why)
    exact = [one for one in same if one.numbers & numbers]
    if len(exact) == 1:
        return Match(exact[0].past, f"{why}，文号序号相同")
    pool = exact or same
    if request.purpose:
        ranked = sorted(pool, key=lambda one: -_purpose_likeness(request, one))
        if _purpose_likeness(request, ranked[0]) - _purpose_likeness(request, ranked[1]) > 0.1:
            return Match(ranked[0].past, f"{why}，用途最接近")
    by_budget = sorted(pool, key=lambda one: _distance(request, one.past))
    rivals = tuple(one.past for one in by_budget[1:])
    return Match(by_budget[0].past, f"{why}，按预算规模最接近选定", rivals)


def _distance(request: Request, past: PastTable) -> Decimal:
    total = past.table.budget.total
    if request.budget is None or total is None or total <= 0:
        return Decimal(9)
    ratio = Decimal(request.budget) / total
    return abs(ratio - 1) if ratio >= 1 else abs(1 / ratio - 1) if ratio > 0 else Decimal(9)
