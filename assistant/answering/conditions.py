"""Conditions on what a field's text says: 依据是工作计划的项目, 描述里写了比例的指标, 用途提到培训的有几个.

The text of just that field must contain the words; what other cells of the table say does not count. Kept for the fields that hold
texts; demands on numbers are conditions of ``computing``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.answering import wording
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import means
from assistant.answering.question import Key, Question
from assistant.answering.views import Cell, TableView
from assistant.chinese import document_numbers, fold

_FIELDS: tuple[tuple[str, str], ...] = (
    ("basis", r"(?:指标值?|目标值?)?(?:的)?(?:确定|设定|制定|取值)?依据"),
    ("description", r"(?:绩效)?指标(?:的)?(?:描述|解释|说明)|描述"),
    ("value", r"指标值|目标值|(?:数量|质量|时效|成本|效益|满意度)指标(?:值)?"),
    ("purpose", r"(?:资金)?用途"),
    ("goals", r"(?:年度)?绩效目标"),
)
_LINK = (
    r"(?:一栏|那栏|栏|列)?(?:里|中|上|里面|当中)?(?:面)?(?P<all>都|均|全部|全都|全|一律|统一|只)?"
    r"(?:不|没有?|未|并不|并没有)?(?:写的是|写的|填的是|填的|用的是|用的|写着|写成|写为|填着|填了|填|写了|写有|写|含有|包含|包括|含|带有|带|提到了?|提及|涉及|出现了?|是|为|有)"
)
_MANY = r"(?:几|多少)个|哪些|哪几个"
_WORDS = r"(?P<words>[“\"‘「][^”\"’」]+[”\"’」]|[^,?!.;“”]{2,24}?)(?:字样|这?(?:几|[两二三四五六])个字)?"
_AFTER = r"(?=的?(?:项目|表|目标表|资金|指标|一共|总共|共)|的?(?:有|是)?(?:哪|几|多少)|的[?!.,]|的?$|[?!.,])"
_ASKING = re.compile(r"什么|啥|哪|多少|几|谁|怎|如何|何|吗")
_NUMERIC = re.compile(r"[≥≤><=\d第]|不低于|不少于|不超过|大于|小于|高于|低于|超过|至少|最")


@dataclass(frozen=True, slots=True)
class Saying:
    """A demand that a field's text contains ``words``; ``every`` when all rows of a table must."""

    meaning: str
    words: str
    every: bool
    start: int
    end: int
    number: tuple[int, int] | None = None

    def holds(self, cell: Cell) -> bool:
        """Whether this cell's field says it."""
        text = fold(_text(self.meaning, cell))
        if self.number is not None:
            return any((one.year, one.number) == self.number or (self.number[0] == 0 and one.number == self.number[1]) for one in document_numbers(text))
        return self.words in text


def _text(meaning: str, cell: Cell) -> str:
    if cell.row is not None:
        return {"basis": cell.row.basis, "description": cell.row.description, "value": cell.text}.get(meaning) or ""
    return cell.text


def sayings(q: Question) -> list[Saying]:
    """The demands of a question that selects tables or rows; empty for one that asks what a field says."""
    if not (q.which or q.listing or q.counting or re.search(r"的(?:项目|表|指标)|有没有|几个|多少个", q.text)) or q.operator:
        return []
    found: list[Saying] = []
    for meaning, words in _FIELDS:
        patterns = [rf"(?:{words})(?:里面?|中|当中)?(?:有(?!没|无))?(?:{_MANY})?{_LINK}{_WORDS}{_AFTER}"]
        if meaning == "value" and not (q.in_words or q.in_numbers):
            # 几个指标写的是及时发放
            patterns.append(rf"(?:{_MANY})(?:绩效|三级|具体)?指标(?:里面?|中)?{_LINK}{_WORDS}{_AFTER}")
        if meaning == "basis":
            # 以批复作为依据的, 工作计划是几个指标的依据
            patterns.append(rf"(?:以|把|按照?|用)?{_WORDS}(?:作|当)?(?:作|为)(?:{words}){_AFTER}")
            patterns.append(rf"{_WORDS}是(?:哪些|哪几个|几个|多少个?)(?:指标|项目)的(?:{words})(?=$|[?!.,])")
        for match in (match for pattern in patterns for match in re.finditer(pattern, q.text)):
            said = match["words"].strip('“”"‘’「」的')
            if len(said) < 2 or any(one.start < match.end() and match.start() < one.end for one in found):
                continue
            key = next((key for key in q.keys if match.start("words") <= key.start and key.end <= match.end("words")), None)
            if key is None and (_ASKING.search(said) or _NUMERIC.match(said)):
                continue
            number = (key.year or 0, key.number) if key is not None else None
            found.append(Saying(meaning, said, match.groupdict().get("all") is not None, *match.span(), number=number))
    return found


def answer(desk: Desk) -> Found | None:
    """The tables (or rows, when 指标 are asked) whose field says it; None when the question has no such demand or more that is unclear."""
    found = sayings(desk.q)
    if not found:
        return None
    inner = _without(desk, found)
    rows = any(one.meaning in ("basis", "description", "value") for one in found)
    if rows and any(one.meaning not in ("basis", "description", "value") for one in found):
        return None
    types = [one for one in desk.q.fields if one.meaning.endswith("指标") and one.hard]
    views = inner.named_tables() if inner.q.runs() or any(inner.m.spelled(view) >= 2 for view in inner.tables) else inner.tables
    if inner.q.runs() and not views:
        return None

    def of(view: TableView) -> list[Cell]:
        if not rows:
            return [cell for cell in view.cells if cell.address.split("[")[0] in {one.meaning for one in found}]
        return [cell for cell in view.rows if not types or any(means(one, cell) for one in types)]

    return _say(inner.q, found, [(view, of(view)) for view in views], rows)


def _without(desk: Desk, found: list[Saying]) -> Desk:
    """The question without its demands: their words are no names, their numbers name no table."""
    q = desk.q

    def outside(one: Saying) -> Callable[[int, int], bool]:
        return lambda start, end: end <= one.start or one.end <= start

    plain = replace(q, settled=list(q.settled))
    keys: list[Key] = []
    for key in q.keys:
        if all(outside(one)(key.start, key.end) for one in found):
            keys.append(key)
    plain.keys = keys
    plain.fields = [one for one in q.fields if all(outside(saying)(one.start, one.end) for saying in found) and one.meaning not in ("level3", "project.name")]
    for one in found:
        plain.settle(one.start, one.end)
    for match in re.finditer(r"(?:绩效|三级)?指标|项目|目标表", q.text):
        plain.settle(*match.span())
    return desk.with_question(plain)


def _say(q: Question, found: list[Saying], tables: list[tuple[TableView, list[Cell]]], rows: bool) -> Found | None:
    kept: list[tuple[TableView, list[Cell]]] = []
    for view, cells in tables:
        good = [cell for cell in cells if all(one.holds(cell) for one in found)]
        if good and (len(good) == len(cells) or not any(one.every for one in found)):
            kept.append((view, good))
    if q.negated:
        chosen = {id(view) for view, _ in kept}
        kept = [(view, cells) for view, cells in tables if cells and id(view) not in chosen]
    if not kept:
        return None
    typed = found[0].meaning == "value" and re.search(rf"(?:{_MANY})", q.text[: found[0].end])
    if rows and (
        typed
        or re.search(
            r"指标(?=$|[?!.,]|有|是|几|多少|一共|总共|共|都有)|[几哪]个指标|多少个?指标|哪些指标", q.text[found[0].end :] + "|" + q.text[: found[0].start]
        )
    ):
        cells = [cell for _, good in kept for cell in good]
        lines = [f"{view.said}：" + "、".join(f"{cell.name}{cell.text}" for cell in good) for view, good in kept]
        return Found(f"{len(cells)}个指标。{wording.listed(lines)}。", cells)
    shown = [cell for _, good in kept for cell in good[:1]]
    lines = [view.said + _shown(view, good, found) for view, good in kept]
    return Found(f"{len(kept)}个项目：{wording.listed(lines)}。", shown)


def _shown(view: TableView, cells: list[Cell], found: list[Saying]) -> str:
    """What of a table shows that it is meant."""
    texts = list(dict.fromkeys(_text(found[0].meaning, cell) for cell in cells))
    if found[0].meaning == "basis" and len(cells) == len(view.rows) and len(texts) == 1:
        return f"（{len(cells)}个指标的依据都是{texts[0]}）"
    if cells[0].row is not None:
        return f"（{'、'.join(cell.name for cell in cells[:4])}{'等' if len(cells) > 4 else ''}：{wording.shortened(texts[0], 40)}）"
    return f"（{wording.shortened(texts[0], 60).rstrip('。')}）"
