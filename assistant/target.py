"""Target: the value of an indicator (指标值), parsed from what offices write and never losing it.

The grammar is the union of what published tables of several provinces print::

    value  := quant | range | date | cycle | text | missing
    quant  := [comparator] number [unit] [以上|以内|左右]     ≥46人  1500元/人  ≤20.7万元  100%  90%以上
    range  := number[unit] (-|~|至) number unit | ±number%     10-20人  ±5%
    date   := [comparator] (yyyy年)(m月)(d日|底|前|底前)        2026年12月底前
    cycle  := 全年 | 按月 | 每季度 …

A value the grammar does not know is ``text``: kept whole, with no number guessed out of it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from assistant import taxonomy
from assistant.chinese import HAN, fold, pattern


class Frozen(BaseModel):
    """A value: immutable, no unknown fields.

    The machinery that validates is built when first needed: reading and judging tables makes its values with ``model_construct`` from
    parts that have their types already, and starts a tenth of a second sooner for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def built(cls, **values: Any) -> Self:
        """A value from parts that have their types already, every field given: many times faster than validation (a test compares)."""
        made = object.__new__(cls)
        for name, part in (("__dict__", values), ("__pydantic_fields_set__", set(values)), ("__pydantic_extra__", None), ("__pydantic_private__", None)):
            object.__setattr__(made, name, part)
        return made


Kind = Literal["quant", "range", "date", "cycle", "text", "missing"]


class Target(Frozen):
    """指标值: ``text`` as written; comparator (≥ ≤ > < = ≈ ±, None when not written), number, unit as written, upper end of a range.

    ``kind`` tells which branch of the grammar matched. For ``date`` and ``cycle`` number and unit stay None.
    """

    text: str = ""
    kind: Kind = "missing"
    comparator: str | None = None
    number: Decimal | None = None
    upper: Decimal | None = None
    unit: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, data: Any) -> Any:
        # A plain string, or a record that carries only the text, is parsed: people and models write those.
        if isinstance(data, str):
            return _parse(data)._asdict()
        if isinstance(data, dict) and "kind" not in data and "text" in data:
            return _parse(str(data["text"]))._asdict()
        return data

    @classmethod
    def parse(cls, text: str) -> Target:
        """The target written as ``text``; never fails, what is not understood is kind ``text``."""
        return _target(text) if cls is Target else cls.built(**_parse(text)._asdict())

    @classmethod
    def of(cls, comparator: str | None, number: Decimal | int | str, unit: str = "") -> Target:
        """The target in the regular form: comparator, number, unit."""
        return cls.parse(f"{comparator or ''}{Decimal(number):f}{unit}")

    def __str__(self) -> str:
        return self.text

    @property
    def base(self) -> tuple[Decimal, str] | None:
        """Number and unit with the scale multiplied out (1.5万人次 → 15000, 人次; 20.7万元 → 207000, 元), or None without a number."""
        if self.number is None:
            return None
        return _base(self.number, self.unit or "")

    @property
    def measured_per(self) -> str | None:
        """What one unit of a price is (元/人·月 → 人·月), or None when the unit is no ratio."""
        unit = fold(self.unit or "").replace("*", "·").replace("×", "·")
        head, slash, tail = unit.partition("/")
        return tail if slash and head.endswith(("元", "角")) else None

    @property
    def deadline(self) -> tuple[int | None, int, int | None] | None:
        """Year (None when not written), month and day (None = end of the month) of a ``date``, or None."""
        return _deadline(self.text) if self.kind == "date" else None


class _Parts(NamedTuple):
    text: str
    kind: Kind
    comparator: str | None = None
    number: Decimal | None = None
    upper: Decimal | None = None
    unit: str | None = None


_NUMBER = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_UNITS = frozenset(fold(unit) for unit in taxonomy.UNITS)
_SCALES = tuple(sorted(taxonomy.SCALES, key=len, reverse=True))
_SUFFIX = "|".join(re.escape(word) for word, _ in sorted(taxonomy.COMPARATOR_SUFFIXES, key=lambda pair: -len(pair[0])))
# The unit is taken loosely here and looked up by ``_is_unit``: the units themselves in a pattern cost a tenth of a second at start.
_QUANT = pattern(rf"(?:约|共|计|总计)?({_NUMBER})(.{{0,24}}?)({_SUFFIX})?")
_RANGE = pattern(rf"({_NUMBER})(.{{0,12}}?)(?:-|~|至|到)({_NUMBER})(.{{0,24}}?)(以内|之间)?")
_TOLERANCE = pattern(rf"(?:±|正负)({_NUMBER})(.{{0,24}}?)(以内|之内)?")
_SHORT_WORD = pattern(rf"{HAN}{{1,6}}(?:/{HAN}{{1,6}}(?:·{HAN}{{1,3}})?)?")
# What a price may be paid for: a thing of any name (元/馆, 元/路·年).
_THING = pattern(rf"(?:{HAN}|[a-z]){{1,5}}")
_DATE = pattern(
    r"(?:截至|于|在)?(?:(\d{4}|当|本|次)年(?:度)?)?(?:(\d{1,2})月(?:份)?(?:(\d{1,2})日|([上中下]旬))?|年底|年末|年终|底)(底|末|初)?(?:之?前|以前|以内)?"
    r"(?:完成|前完成|全部完成|完工|完毕|竣工|办结|发放|发放到位|发放完毕)?"
)
_DATE_NUMERIC = pattern(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:日)?(?:之?前|以前)?")
_DATE_SPAN = pattern(r"(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日)?(?:-|~|至|到)(?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底)?(?:前)?")
_CYCLE = pattern(
    r"(?:全年|全年度|常年|长期|按[日周月季年](?:度)?(?:发放|缴纳|支付|拨付|完成|结算)?"
    r"|每[日周月季年](?:度)?(?:[一二三四\d]+次)?|[日月季年]度|半年一次|一年一次|分期)"
)


@lru_cache(maxsize=65536)
def _target(text: str) -> Target:
    # Values cannot be changed, so equal texts share one.
    return Target.built(**_parse(text)._asdict())


@lru_cache(maxsize=65536)
def _parse(text: str) -> _Parts:
    raw = text.strip()
    folded = fold(_unescaped(raw))
    if folded in taxonomy.EMPTY_VALUES:
        return _Parts(raw, "missing")
    comparator, rest = _leading_comparator(folded)
    if (match := _TOLERANCE.fullmatch(rest)) and _is_unit(match[2]):
        return _Parts(raw, "range", "±", _decimal(match[1]), None, _original_unit(raw, match[2]))
    if (match := _RANGE.fullmatch(rest)) and match[2] in ("", match[4]) and _is_unit(match[4]):
        return _Parts(raw, "range", comparator, _decimal(match[1]), _decimal(match[3]), _original_unit(raw, match[4]))
    if _is_date(rest):
        before = rest.rstrip("完成发放到位工毕竣办结全部").endswith(("前", "底", "末"))
        return _Parts(raw, "date", comparator or ("≤" if before else None))
    if _CYCLE.fullmatch(rest):
        return _Parts(raw, "cycle", comparator)
    if match := _QUANT.fullmatch(rest):
        unit, suffix = match[2], match[3]
        if _is_unit(unit) or ((comparator or suffix) and _SHORT_WORD.fullmatch(unit)):
            written = dict(taxonomy.COMPARATOR_SUFFIXES).get(suffix or "")
            return _Parts(raw, "quant", written or comparator, _decimal(match[1]), None, _original_unit(raw, unit))
    return _Parts(raw, "text")


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    import html

    return html.unescape(text)


@lru_cache(maxsize=4096)
def _is_unit(text: str) -> bool:
    """Whether a text is a unit: nothing, a known one, or known ones joined by ``/`` and ``·``, with a scale in front (万人次, 元/人·月)."""
    if not text or text in _UNITS:
        return True
    for scale in _SCALES:
        if text.startswith(scale) and _is_unit(text[len(scale) :]):
            return True
    head, slash, tail = text.partition("/")
    parts = re.split(r"[·*×.\-]", head)
    if parts[0] and parts[0] not in _UNITS and parts[0] not in _SCALES and not any(parts[0] == scale + unit for scale in _SCALES for unit in _UNITS):
        return False
    if not all(part in _UNITS for part in parts[1:]):
        return False
    paid = head.endswith("元")
    return not slash or all(part in _UNITS or (paid and _THING.fullmatch(part)) for part in re.split(r"[·*×./]", tail.lstrip("0123456789")))


def _is_date(rest: str) -> bool:
    if _DATE_SPAN.fullmatch(rest) or _DATE_NUMERIC.fullmatch(rest):
        return True
    # 12月 alone is a length of time, 12月底 is a date.
    return bool(_DATE.fullmatch(rest) and re.search(r"月|底|末", rest) and not re.fullmatch(r"\d+月", rest))


def _leading_comparator(folded: str) -> tuple[str | None, str]:
    for sign, meaning in (*taxonomy.COMPARATOR_SIGNS, *taxonomy.COMPARATOR_WORDS):
        if folded.startswith(sign):
            inner = _leading_comparator(folded[len(sign) :].lstrip("到在于"))
            return (inner[0] or meaning, inner[1])
    return None, folded


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("，", ""))


def _original_unit(raw: str, unit: str) -> str | None:
    """The unit in the case of the source (MB, not mb); widths stay regular (％ is %)."""
    if not unit:
        return None
    at = raw.lower().rfind(unit)
    return raw[at : at + len(unit)] if at >= 0 else unit


def _base(number: Decimal, unit: str) -> tuple[Decimal, str]:
    folded = fold(unit).replace("*", "·").replace("×", "·").replace("百分比", "%")
    for scale, factor in taxonomy.SCALES.items():
        # 千克 is a unit; 万平方米 is one to the form and ten thousand 平方米 to arithmetic.
        if folded.startswith(scale) and (scale == "万" or folded not in taxonomy.UNITS):
            return number * factor, folded[len(scale) :]
    return number, folded


@lru_cache(maxsize=4096)
def _deadline(text: str) -> tuple[int | None, int, int | None] | None:
    folded = fold(text)
    if match := _DATE_NUMERIC.search(folded):
        return int(match[1]), int(match[2]), int(match[3])
    year = re.search(r"(\d{4})年", folded)
    months = re.findall(r"(\d{1,2})月(?:(\d{1,2})日)?", folded)
    month, day = (int(months[-1][0]), int(months[-1][1]) if months[-1][1] else None) if months else (12, None)
    return (int(year[1]) if year else None), month, day
