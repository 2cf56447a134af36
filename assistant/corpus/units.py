"""Units (预算单位) as offices name them: the place before the body, and the short names staff use.

A new customary short name is a line in ``corpus/glossary/单位简称.csv``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.chinese import fold
from assistant.library import short_names

_PLACE = re.compile(
    r"^(?:[一-鿿]{2,8}?(?:自治区|省|自治州|州|盟|市))?(?:[一-鿿]{2,6}?(?:地区|市))?(?:[一-鿿]{1,9}?(?:自治县|自治旗|县|区|旗|市|镇|(?<!城)乡))?"
)


@lru_cache(maxsize=65536)
def county_of(unit: str | None) -> str | None:
    """The smallest place a unit's name begins with (怀来县残疾人联合会 → 怀来县), or None when it begins with no place."""
    folded = fold(unit or "")
    match = _PLACE.match(folded)
    place = match[0] if match else ""
    if not place or place == folded:
        return None
    parts = re.findall(r".+?(?:自治区|自治州|自治县|自治旗|地区|省|市|县|区|旗|州|盟|镇|(?<!城)乡)", place)
    return parts[-1] if parts else None


@lru_cache(maxsize=65536)
def names_of(unit: str) -> tuple[str, ...]:
    """What people may call a unit, folded, longest first: full name, place + short body, body alone, short body alone, place alone."""
    folded = fold(unit)
    county = county_of(unit)
    body = folded[folded.rindex(county) + len(county) :] if county else folded
    bodies = {body}
    for full, shorts in short_names():
        if body.endswith(full):
            bodies.update(shorts)
            bodies.update(body.removesuffix(full) + short for short in shorts if body != full)
    names = {folded, *bodies}
    if county:
        bare = county[:-1] if len(county) > 2 else county
        names.update(place + name for place in (county, bare) for name in bodies)
        names.update((county, bare))
    return tuple(sorted((name for name in names if len(name) >= 2), key=lambda name: (-len(name), name)))


def same_unit(left: str | None, right: str | None) -> bool:
    """Whether two names may be one unit's: the same, one with its place and one without, or full and customary short."""
    a, b = fold(left or ""), fold(right or "")
    return bool(a and b) and (a in b or b in a or a in names_of(b) or b in names_of(a))


@lru_cache(maxsize=65536)
def short_name(unit: str) -> str:
    """How a unit is named in an answer: place and the customary short body (怀来县残联)."""
    folded = fold(unit)
    for full, shorts in short_names():
        if folded.endswith(full):
            return folded.removesuffix(full) + shorts[0]
    return unit
