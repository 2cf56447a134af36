"""Targets written in sentences: the measures of part 1, and forms that give a paragraph where others have a block of indicators."""

from __future__ import annotations

import re

from assistant.chinese import HAN, pattern
from assistant.extraction import wording
from assistant.table import Indicator, NamedTarget, canonical_level1, canonical_level2
from assistant.target import Target
from assistant.taxonomy import LEVEL1_NAMES, LEVEL2_NAMES

_LEVEL = pattern(rf"((?:{'|'.join(sorted(map(re.escape, {*LEVEL1_NAMES, *LEVEL2_NAMES}), key=len, reverse=True))})指标)(?:[（(][^（）()]*[)）])?\s*[:：]\s*")
# A target at the end of a clause: 满意程度 90%以上, 数量 300 条以上, 达到90%.
_AT_END = pattern(
    rf"(?P<name>.*?(?:{HAN}|[）)”]))\s*(?P<value>(?:≥|≤|>=|<=|＞|＜|>|<|=|不低于|不少于|不高于|不超过|大于|小于|达到|达|控制在|至少|超过)*\s*\d[\d,.]*\s*(?:%|％|‰|万|亿|千|百)?\s*"
    rf"(?:{HAN}|[/·]){{0,6}}?(?:及)?(?:以上|以下|以内|左右)?)"
)


def measures_in(text: str) -> tuple[NamedTarget, ...]:
    """The measures of a prose of indicators: clauses that end in a number, each as name and target."""
    found = []
    for clause in re.split(r"[；;。\n，,]|(?<=[\d%％上下内])、", text):
        clause = re.sub(r"^\s*(?:\d{1,2}[、.．](?!\d)|[（(][一二三四五六七八九十\d]{1,2}[)）])\s*", "", clause.strip())
        match = _AT_END.fullmatch(clause)
        if not match:
            continue
        value = Target.parse(wording.one_line(match["value"]))
        if value.number is None:
            continue
        name = re.sub(r"(?:达到|达|为|是|控制在|要|应|：|:)+$", "", match["name"].strip()).strip()
        found.append(NamedTarget.model_construct(name=name, value=value))
    return tuple(found)


def indicators_in(text: str, level1: str = "", level2: str = "") -> tuple[list[Indicator], list[str]]:
    """The indicators of a paragraph such as 数量指标：培训50人；质量指标：合格率≥90%, and the clauses without a target that is certain."""
    found: list[Indicator] = []
    left: list[str] = []
    pieces = _LEVEL.split(text)
    for name, clauses in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        if name:
            level1, level2 = (level1, name) if canonical_level2(name) and not _first_level(name) else (name, "")
        for clause in re.split(r"[；;。\n]|(?<=[\d%％上下内人户次个])[，,、]", clauses):
            clause = wording.without_number(clause.strip())
            named = measures_in(clause)
            colon = re.fullmatch(r"([^:：]{2,40})[:：]\s*(.{1,20})", clause)
            if colon:
                found.append(Indicator.model_construct(level1=level1, level2=level2, level3=colon[1].strip(), value=Target.parse(colon[2].strip())))
            elif len(named) == 1 and named[0].name:
                found.append(Indicator.model_construct(level1=level1, level2=level2, level3=named[0].name, value=named[0].value))
            elif clause:
                left.append(clause)
    return found, left


def _first_level(name: str) -> bool:
    return canonical_level1(name) is not None and not name.startswith(("服务对象", "社会公众")) and name != "成本指标"
