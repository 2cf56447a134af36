"""Looking a cell's text up in the labels: which field, which column, which node of a plan, which money unit it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from assistant.chinese import fold, pattern
from assistant.extraction import labels

T = TypeVar("T")


def _of_short(*, texts: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Remember what a function says of texts up to a length; to it longer ones are as good as empty: they are no labels, and fill no cache."""

    def remembering(function: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(maxsize=16384)(function)
        return wraps(function)(lambda text: known(text if len(text) <= texts else ""))

    return remembering


def _index(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in table.items():
        for word in words:
            found.setdefault(fold(word), name)
    return found


_FIELDS = _index(labels.FIELDS)
_COLUMNS = _index(labels.COLUMNS)
_EXTRA_COLUMNS = _index(labels.EXTRA_COLUMNS)
# 指标值确定依据及备注: what may stand behind a column's own name.
_COLUMNS_AND_EXTRA = {word: f"extra:{name}" for word, name in _EXTRA_COLUMNS.items()} | _COLUMNS
_MONEY_COLUMNS = _index(labels.MONEY_COLUMNS)
_GROUPS = frozenset(map(fold, labels.GROUPS))
# Labels are short; whatever is longer is not looked at and fills no cache.
_LONGEST = 40
_LONGEST_LINE = 600

_LEAD = pattern(r"^(?:\*|※|★|[一二三四五六七八九十]{1,2}、|\d{1,2}[.、](?!\d)|\([一二三四五六七八九十\d]{1,2}\))+")
_OF_WHICH = pattern(r"^其中[:,，]?")
_BRACKETS_BEHIND = pattern(r"\([^()]*\)$")
_BRACKETS = pattern(r"\([^()]*\)")


@lru_cache(maxsize=16384)
def key(text: str) -> str:
    """A label's words for comparing: folded, without a colon behind, a number or ``其中:`` in front."""
    folded = fold(text)
    if len(folded) > _LONGEST:
        return folded
    folded = _LEAD.sub("", folded.rstrip(":")) or folded
    return (_OF_WHICH.sub("", folded) or folded).rstrip(":")


def _found(index: dict[str, str], text: str) -> str | None:
    word = key(text)
    if not word or len(word) > _LONGEST:
        return None
    if word in index:
        return index[word]
    shorter = _BRACKETS_BEHIND.sub("", word).rstrip(":")
    if shorter != word and shorter in index:
        return index[shorter]
    shorter = _BRACKETS.sub("", word)
    return index.get(shorter)


@_of_short(texts=64)
def field(text: str) -> str | None:
    """The field that a text is the label of (``project.name``, ``extra:主管部门``), or None."""
    found = _found(_FIELDS, text) or _made_of_words(text) or ("goals" if _NUMBERED_GOAL.fullmatch(fold(text)) else None)
    if found is None and (several := fields_of(text)):
        return several[0][0]
    return found


_BETWEEN_LABELS = pattern(r"[/、及和与]")


def _both(index: dict[str, str], text: str) -> list[tuple[str, str]]:
    """What the two names of one label stand for (项目名称及编码, 一级指标/二级指标), each with its own words; empty for any other text."""
    word = key(text)
    parts = _BETWEEN_LABELS.split(word) if 5 <= len(word) <= 24 and word not in index else []
    if len(parts) != 2 or not all(parts):
        return []
    first, second = parts
    # 项目名称及编码: the second name may leave out what the first begins with.
    found = [(name, label) for label in (first, first[:-2] + second, second) if (name := index.get(label))]
    return [found[0], found[1]] if len(found) > 1 and found[0][1] == first and found[0][0] != found[1][0] else []


def fields_of(text: str) -> list[tuple[str, str]]:
    """The two fields that a label of two names holds, each with its own label; empty for any other text."""
    return _both(_FIELDS, text)


def levels_of(text: str) -> list[tuple[str, str]]:
    """The two levels that the head of merged columns names (一级指标/二级指标), each with its own label; empty for any other text."""
    found = _both(_COLUMNS, text)
    return found if all(role.startswith("level") for role, _ in found) else []


# Labels that name their years and what they hold in words of their own: 实施周期总体绩效目标, 2025年度绩效目标, 实施期金额.
_GOAL_LABEL = pattern(r"(?:项目)?(?P<years>.{2,8}?)(?:总体|整体)?(?:绩效)?(?:总)?目标")
# 目标1 in a cell of its own beside its text.
_NUMBERED_GOAL = pattern(r"(?:年度|绩效|总体)*目标(?:\d{1,2}|[一二三四五六七八九十]{1,2})[:：、.]?")
_TOTAL_LABEL = pattern(r"(?:项目)?(?P<years>.{2,8}?)(?:资金|预算)?(?:总额|金额|总金额|资金|预算数)")


def _made_of_words(text: str) -> str | None:
    word = _BRACKETS.sub("", key(text))
    if not 4 <= len(word) <= 14:
        return None
    for label, of_year, of_years in ((_GOAL_LABEL, "goals", "goals.long"), (_TOTAL_LABEL, "budget.total", "extra:中期资金总额")):
        match = label.fullmatch(word)
        if match and (years := _years(match["years"])) is not None:
            return of_years if years else of_year
    return None


def _years(word: str) -> bool | None:
    """True for words of several years, False for words of one, None for words with anything else in them."""
    if re.fullmatch(r"(?:20\d\d年?[-—~至]20\d\d年?|\d年|三年|五年)?(?:长期|中期|中长期|实施期|实施周期|滚动|中期滚动|规划期)?", word):
        return True
    return False if re.fullmatch(r"(?:20\d\d)?(?:年度|年|当年|本年|本年度|全年|年初)", word) else None


@_of_short(texts=64)
def is_group(text: str) -> bool:
    """Whether the text is a label that only holds others together."""
    word = key(text)
    return word in _GROUPS or _BRACKETS.sub("", word) in _GROUPS


_VALUE_LABEL = pattern(r"(?P<years>.{2,10}?)(?:绩效)?(?:指标|目标|预期|计划)(?:指标|目标)?值")


@_of_short(texts=64)
def column(text: str) -> str | None:
    """The role of an indicator column (``level1``, ``value``, ``extra:权重``), or None."""
    role = _found(_COLUMNS, text)
    if role is not None:
        return role
    match = _VALUE_LABEL.fullmatch(_BRACKETS.sub("", key(text)))
    if match and (years := _years(match["years"])) is not None:
        return "value.long" if years else "value"
    extra = _found(_EXTRA_COLUMNS, text)
    if extra is None and (several := _both(_COLUMNS_AND_EXTRA, text)):
        return several[0][0]
    return f"extra:{extra}" if extra else None


@_of_short(texts=64)
def money_column(text: str) -> str | None:
    """The canonical name of an amount column (年初预算数 …), or None."""
    return _found(_MONEY_COLUMNS, text)


_NODE = pattern(
    r"(?:20\d\d年)?(?:\d{1,2}月(?:份)?(?:底|末|前|底前)?|\d{1,2}-\d{1,2}月|第?[一二三四1234]季度|[上下]半年|年底|全年|\d{1,2}月\d{1,2}日(?:前)?)(?:支出进度|进度|支出|累计支出|累计|计划)?(?:\(%\)|%)?"
)


@_of_short(texts=40)
def plan_node(text: str) -> bool:
    """Whether the text names a node of a spending plan (3月底, 第一季度)."""
    word = fold(text).rstrip(":")
    return len(word) <= 16 and _NODE.fullmatch(word) is not None


_MONEY_UNIT = pattern(r"(?:金额|计量|货币|资金)?单位[:为]?\(?(?:人民币)?(亿元|万元|千元|元)\)?")
_UNIT_IN_LABEL = pattern(r"\((?:单位[:为]?)?(?:人民币)?(亿元|万元|千元|元)\)")


@lru_cache(maxsize=4096)
def money_unit(text: str) -> str | None:
    """The money unit that a text states (``单位：万元``, ``项目资金（万元）``), or None."""
    if "元" not in text:
        return None
    folded = fold(text)
    match = _MONEY_UNIT.search(folded) or (_UNIT_IN_LABEL.search(folded) if len(folded) <= _LONGEST else None)
    return match[1] if match else None


@_of_short(texts=40)
def only_money_unit(text: str) -> bool:
    """Whether the text says nothing but the money unit."""
    return _MONEY_UNIT.fullmatch(fold(text).strip("()")) is not None


# "label：value" in one cell; blanks may stand inside the label (项 目 名 称：…).
_OF_WHICH_WIDE = pattern(r"^\s*其中\s*[:：]\s*")
_INLINE = pattern(r"\s*([^：:\n]{1,40}?)\s*[:：]\s*")


def inline(text: str) -> tuple[str, str, str] | None:
    """(field, label, value) of a cell that holds a known label, a colon and its value, or None."""
    if "：" not in text and ":" not in text:
        return None
    text = _OF_WHICH_WIDE.sub("", text)
    match = _INLINE.match(text[:_LONGEST_LINE])
    if not match:
        return None
    name = field(match[1])
    return (name, match[1].strip(), text[match.end() :].strip()) if name else None


_INLINE_LABEL = pattern(r"(?:^|[\s，,；;。])([^\s：:，,；;。]{2,16})\s*[:：]")


def inline_pairs(text: str) -> list[tuple[str, str, str]]:
    """Every known ``label：value`` of a line such as ``项目单位：某局    金额单位：万元``, one that opens the text with blanks in it or of a
    single character (``注：…``) too; empty when there is none."""
    if len(text) > _LONGEST_LINE or ("：" not in text and ":" not in text):
        return []
    starts = [(match.start(1), match.end(), match[1]) for match in _INLINE_LABEL.finditer(text) if field(match[1]) or money_unit(text[match.start(1) :])]
    pairs = []
    for i, (_, end, label) in enumerate(starts):
        stop = starts[i + 1][0] if i + 1 < len(starts) else len(text)
        name = field(label)
        if name:
            pairs.append((name, label, text[end:stop].strip(" \t\u3000，,；;")))
    if len(pairs) < 2 and (whole := inline(text)):
        return [whole]
    return pairs


_LONG_TERM, _ANNUAL = pattern(labels.LONG_TERM), pattern(labels.ANNUAL)


def long_term(text: str) -> bool | None:
    """True for a label of several years, False for one of the year, None when it says neither."""
    return _long_term(key(text))


@lru_cache(maxsize=4096)
def _long_term(word: str) -> bool | None:
    if _LONG_TERM.search(word):
        return True
    return False if _ANNUAL.search(word) else None


_GENERIC_TITLES = frozenset(map(fold, labels.GENERIC_TITLES))
_TITLE_NOISE = pattern(r"\(?20\d\d(?:-20\d\d)?年度?\)?|附(?:件|表)\d*[:.-]?|\(续(?:表)?\d*\)|\(?公开表?\)?$|^表\d+[-.:]?\d*|^\d+-\d+")


# Titles made of nothing but the words of forms.
_FORM_TITLE = pattern(
    r"(?:预算|部门|单位|中央|省级|市级|县级|区级|县区|乡镇|街道|本级|对地方|年度|项目|支出|专项|资金|经费|财政|政府|转移支付|区域|整体|政策|一般性|特定目标类?|其他运转类?|重点"
    r"|共同财政事权|上级|下达|提前下达|安排|公开|\(项目\)|\(政策\)|\(单位\)|/|和|及|、)*绩效(?:目标|指标|自评|评价|及|和|与|、|值)*(?:申报|批复|公开|情况|汇总|审核|自评|明细|结果|设置|填报|备案)*表"
)


@_of_short(texts=200)
def generic_title(text: str) -> bool:
    """Whether a title is a form's own name without a project's name in it."""
    bare = _TITLE_NOISE.sub("", fold(text)).strip(":-")
    return any(words in _GENERIC_TITLES or _FORM_TITLE.fullmatch(words) for words in (bare, _BRACKETS_BEHIND.sub("", bare)))
