"""Units (预算单位) as offices name them: the place before the body, and the short names staff use.

Data and pure functions; a new customary short name is a line in ``SHORT_BODIES``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.chinese import fold

# Full name of a body → how staff shorten it. Longest full names first where one ends another.
SHORT_BODIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("残疾人联合会", ("残联",)),
    ("妇女联合会", ("妇联",)),
    ("工商业联合会", ("工商联",)),
    ("文学艺术界联合会", ("文联",)),
    ("科学技术协会", ("科协",)),
    ("总工会", ("工会",)),
    ("供销合作社联合社", ("供销社", "供销联社")),
    ("供销合作社", ("供销社",)),
    ("人力资源和社会保障局", ("人社局", "人力社保局", "社保局")),
    ("卫生健康委员会", ("卫健委", "卫健局")),
    ("卫生健康局", ("卫健局", "卫生局")),
    ("教育体育和科学技术局", ("教体局", "教科局", "教育局")),
    ("教育体育局", ("教体局", "教育局")),
    ("教育和体育局", ("教体局", "教育局")),
    ("教育科技局", ("教科局", "教育局")),
    ("文化广电和旅游局", ("文旅局", "文广旅局")),
    ("文化体育广电和旅游局", ("文旅局", "文体广旅局")),
    ("文化旅游局", ("文旅局",)),
    ("文化和旅游局", ("文旅局",)),
    ("住房和城乡建设局", ("住建局",)),
    ("城市管理综合行政执法局", ("城管局", "执法局")),
    ("城市管理局", ("城管局",)),
    ("交通运输局", ("交通局",)),
    ("自然资源和规划局", ("自然资源局", "自规局")),
    ("农业农村局", ("农业局", "农村局")),
    ("林业和草原局", ("林草局", "林业局")),
    ("生态环境局", ("环保局",)),
    ("市场监督管理局", ("市监局", "市场监管局")),
    ("行政审批局", ("审批局",)),
    ("退役军人事务局", ("退役军人局",)),
    ("应急管理局", ("应急局",)),
    ("医疗保障局", ("医保局",)),
    ("发展和改革局", ("发改局",)),
    ("发展和改革委员会", ("发改委",)),
    ("科学技术和工业信息化局", ("科工局", "科技局", "工信局")),
    ("乡村振兴局", ("乡村局",)),
    ("机关事务管理局", ("机关事务局",)),
    ("机关事务服务中心", ("机关事务中心",)),
    ("疾病预防控制中心", ("疾控中心", "疾控")),
    ("妇幼保健院", ("妇幼院",)),
    ("人民检察院", ("检察院",)),
    ("人民法院", ("法院",)),
    ("人民医院", ("医院",)),
    ("委员会组织部", ("组织部",)),
    ("委员会宣传部", ("宣传部",)),
    ("委员会政法委员会", ("政法委",)),
)

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
    for full, shorts in SHORT_BODIES:
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
    for full, shorts in SHORT_BODIES:
        if folded.endswith(full):
            return folded.removesuffix(full) + shorts[0]
    return unit
