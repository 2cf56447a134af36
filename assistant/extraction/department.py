"""Part 1 of a department's text: overall goal, itemised goals with their measures in prose, and measures of support.

Read by its headings and by the labels 绩效目标： and 绩效指标：, whatever numbers stand in front of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assistant.chinese import fold, pattern
from assistant.documents import NOWHERE, Grid, Paragraph
from assistant.extraction import lexicon, titles
from assistant.extraction.sentences import measures_in
from assistant.table import DepartmentGoals, GoalItem, Measure, Unit

_OVERALL = pattern(r"(?:部门|单位|年度)?(?:整体|总体)(?:绩效)?目标|(?:部门|单位)?年度(?:总体)?绩效目标|总体目标")
_ITEMS = pattern(r"(?:部门|单位)?(?:分项|分类|具体|职责分项)(?:绩效)?目标(?:及指标)?|(?:部门)?职责(?:及)?(?:分项)?绩效目标")
_MEASURES = pattern(r"(?:工作|绩效目标|绩效|目标|实现绩效目标的|实现年度发展规划目标的|实现绩效目标)?(?:保障|保证)措施")
_PART_ONE = pattern(r"(?:第一部分)?(?:部门|单位)(?:整体)?绩效(?:总体)?目标")
_PART_TWO = pattern(r"第[二三四]部分.*|(?:预算)?项目(?:支出)?绩效目标(?:表)?|第二部分")
_HEAD = pattern(r"^(?:第[一二三四五]部分|[一二三四五六七八九十]{1,2}[、.．]|[（(][一二三四五六七八九十]{1,2}[)）]|\d{1,2}[、.．])?")
_ITEM_NUMBER = pattern(
    r"\s*(?:[（(]\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[)）]|\d{1,2}\s*[、.．](?!\d)|[一二三四五六七八九十]{1,3}\s*[、.．]|职责\s*[一二三四五六七八九十\d]{1,3}\s*[:：、]?)\s*"
)
_GOAL_LABEL = pattern(r"(?:年度)?(?:绩效)?目标\s*[:：]\s*")
_INDICATOR_LABEL = pattern(r"(?:年度)?(?:绩效)?指标\s*[:：]\s*")
_STARTS_LABEL = pattern(r"\s*(?:年度)?(?:绩效)?(目标|指标)\s*(?:[:：]|$)")


@dataclass(slots=True)
class _Item:
    title: str
    goal: list[str] = field(default_factory=list)
    indicators: list[str] = field(default_factory=list)
    into: str = "title"


@dataclass(slots=True)
class _Part:
    overall: list[str] = field(default_factory=list)
    items: list[_Item] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    unit: str | None = None
    year: int | None = None
    section: str = ""
    kind: str = ""
    numbered: bool = False
    # Within a project's table that lost its cells, whose labels read like headings.
    in_table: bool = False

    @property
    def empty(self) -> bool:
        return not (self.overall or self.items or self.measures)


def departments(blocks: Iterable[Paragraph | Grid]) -> tuple[DepartmentGoals, ...]:
    """Every part 1 of a document, in order: a text with several departments has several."""
    parts: list[_Part] = [_Part()]
    for block in blocks:
        if isinstance(block, Grid):
            # Tables are part 2; what follows them is a new department's part 1 or nothing of it.
            parts[-1].section = ""
            continue
        if block.kind not in ("body", "textbox"):
            continue
        for line in block.text.splitlines():
            if line.strip():
                _line(parts, line.strip())
    return tuple(_finished(part) for part in parts if not part.empty)


def _line(parts: list[_Part], line: str) -> None:
    part = parts[-1]
    if found := titles.text_title(line):
        if not part.empty and found[0] and found[0] != part.unit:
            parts.append(part := _Part())
        part.unit, part.year = found[0] or part.unit, found[1]
        part.in_table = False
    if (pair[0] if (pair := lexicon.inline(line)) else lexicon.field(line)) == "project.name":
        part.in_table, part.section = True, ""
    if part.in_table and not _HEAD.match(line)[0]:  # type: ignore[index]  # the pattern may match nothing, but always matches
        return
    labelled = part.section == "items" and _STARTS_LABEL.match(line) is not None
    section = None if labelled else _section(line)
    if section is not None:
        if section == "overall" and (part.items or part.measures):
            parts.append(part := _Part(unit=None, year=part.year))
        part.section = section
        behind = _behind_heading(line)
        if behind and section == "overall":
            part.overall.append(behind)
        return
    if part.section == "overall":
        part.overall.append(line)
    elif part.section == "items":
        _item_line(part, line)
    elif part.section == "measures":
        _measure_line(part, line)


def _section(line: str) -> str | None:
    """The section a heading opens (``overall``, ``items``, ``measures``, "" for the end of part 1), or None for other lines."""
    bare = _HEAD.sub("", fold(re.split(r"[:：]", line, maxsplit=1)[0])).strip("。").strip()
    if len(bare) > 24:
        return None
    if line.lstrip().startswith(("第二部分", "第三部分")) or titles.heading(line, NOWHERE) or _PART_TWO.fullmatch(bare):
        return ""
    if _ITEMS.fullmatch(bare):
        return "items"
    if _MEASURES.fullmatch(bare):
        return "measures"
    if _PART_ONE.fullmatch(bare) and not re.search("总体", bare):
        return "part"
    return "overall" if _OVERALL.fullmatch(bare) else None


def _behind_heading(line: str) -> str:
    parts = re.split(r"[:：]", line, maxsplit=1)
    return parts[1].strip() if len(parts) == 2 else ""


def _item_line(part: _Part, line: str) -> None:
    """A line under 分项绩效目标: the title of an item, its goal, its indicators, or more of the one before."""
    items = part.items
    if not _STARTS_LABEL.match(line) and _opens_item(part, line):
        numbered = _ITEM_NUMBER.match(line)
        part.kind = part.kind or _number_kind(line)
        title, goal, indicators = _parted(line[numbered.end() :] if numbered else line)
        into = "indicators" if indicators else "goal" if goal else "title"
        items.append(_Item(title.strip().rstrip("。：:；;"), [goal] if goal else [], [indicators] if indicators else [], into))
        return
    if not items:
        items.append(_Item(""))
    item = items[-1]
    before, goal, indicators = _parted(line)
    if before.strip() and (goal or indicators):
        (item.indicators if item.into == "indicators" else item.goal).append(before.strip())
    if goal:
        item.goal.append(goal)
        item.into = "goal"
    if indicators:
        item.indicators.append(indicators)
        item.into = "indicators"
    if not goal and not indicators and (label := _STARTS_LABEL.match(line)):
        # The label on a line of its own, its text on the next.
        item.into = "indicators" if label[1] == "指标" else "goal"
    elif not goal and not indicators:
        item.into = "indicators" if item.into == "indicators" else "goal"
        (item.indicators if item.into == "indicators" else item.goal).append(line)


def _opens_item(part: _Part, line: str) -> bool:
    """Whether a line without a label opens an item: the numbering of the items, or without numbers a short line after indicators."""
    if not part.items:
        return True
    if _ITEM_NUMBER.match(line):
        return _number_kind(line) == part.kind or part.items[-1].into == "title"
    return not part.kind and part.items[-1].into == "indicators" and len(line) <= 60 and not re.search(r"\d\s*[%％]", line)


def _number_kind(line: str) -> str:
    match = _ITEM_NUMBER.match(line)
    if not match:
        return ""
    return re.sub(r"[\d一二三四五六七八九十\s]+", "1" if re.search(r"\d", match[0]) else "一", match[0].strip().replace("(", "（").replace(")", "）"))


def _parted(line: str) -> tuple[str, str, str]:
    """Title, goal and indicators of a line, cut at the labels 绩效目标： and 绩效指标：."""
    indicator = _INDICATOR_LABEL.search(line)
    goal = _GOAL_LABEL.search(line)
    if goal and indicator and indicator.start() < goal.start():
        goal = None
    end = indicator.start() if indicator else len(line)
    indicators = line[indicator.end() :].strip() if indicator else ""
    if goal:
        return line[: goal.start()], line[goal.end() : end].strip(), indicators
    return line[:end], "", indicators


def _measure_line(part: _Part, line: str) -> None:
    numbered = _ITEM_NUMBER.match(line)
    if not part.measures:
        part.numbered = numbered is not None
    opens = not part.numbered and part.measures and part.measures[-1].text and re.match(r".{2,20}?[。：:]", line)
    if numbered or not part.measures or opens:
        bare = line[numbered.end() :] if numbered else line
        cut = re.match(r"(.{2,40}?)[。：:]\s*(.*)", bare, re.DOTALL)
        title, text = (cut[1], cut[2]) if cut else (bare if len(bare) <= 40 else "", "" if len(bare) <= 40 else bare)
        part.measures.append(Measure.model_construct(title=title.strip(), text=text.strip()))
        return
    last = part.measures[-1]
    part.measures[-1] = Measure.model_construct(title=last.title, text=f"{last.text}\n{line}" if last.text else line)


def _finished(part: _Part) -> DepartmentGoals:
    items = []
    for item in part.items:
        text = "\n".join(item.indicators)
        items.append(GoalItem.model_construct(title=item.title, goal="\n".join(item.goal), indicators=text, measures=measures_in(text)))
    return DepartmentGoals.model_construct(
        overall_goal="\n".join(part.overall),
        items=tuple(items),
        measures=tuple(part.measures),
        unit=Unit.model_construct(name=part.unit) if part.unit else Unit.model_construct(),
        year=part.year,
    )
