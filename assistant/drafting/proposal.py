"""What a model answered, read loosely: goals and rows in any of the shapes models choose, with every slip in words.

The loose type holds plain texts only. Level names are brought to the frame's own, a row's id to the embedded draft's row; what cannot
be used is kept in ``unusable`` with the reason, never dropped in silence. Nothing here decides whether a row is true or good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant import taxonomy
from assistant.chinese import fold, likeness, tidy
from assistant.model import answers
from assistant.table import Indicator, canonical_level1, canonical_level2

_PARTS = {
    "id": ("id", "编号", "序号", "行号", "no", "number"),
    "level1": ("level1", "一级指标", "一级", "level_1"),
    "level2": ("level2", "二级指标", "二级", "level_2", "type", "指标类型"),
    "level3": ("level3", "三级指标", "三级", "level_3", "name", "名称", "指标名称", "indicator", "指标"),
    "description": ("description", "绩效指标描述", "指标描述", "指标解释", "描述", "解释", "desc"),
    "value": ("value", "指标值", "目标值", "值", "target"),
    "basis": ("basis", "指标值确定依据", "确定依据", "依据"),
    "source": ("source", "sources", "来源", "出处", "evidence"),
    "reason": ("reason", "理由", "说明", "why", "note"),
    "comparator": ("comparator", "符号", "sign"),
    "unit": ("unit", "计量单位", "单位"),
    "formula": ("formula", "算式", "计算"),
}
_ROWS = ("indicators", "rows", "指标", "绩效指标", "table", "表")
_GOALS = ("goals", "goal", "绩效目标", "目标")
_QUESTIONS = ("questions", "待问", "问题", "open_questions")
WANTED = (*_ROWS, *_GOALS)
_LONGEST_CELL = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One proposed row: ``number`` is the embedded row it rewrites (0-based, None = new); ``source`` the evidence it names."""

    number: int | None
    level1: str
    level2: str
    level3: str
    description: str
    value: str
    basis: str
    source: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return "｜".join(part for part in (self.level2, self.level3, self.value, self.basis) if part)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A whole answer. ``faults`` are the slips worth telling the model; ``unusable`` (text, reason) what nothing could be made of;
    ``whole`` False = the answer was cut; ``repairs`` what the reader forgave."""

    goals: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    questions: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()
    repairs: tuple[str, ...] = ()
    whole: bool = True


@dataclass(slots=True)
class _Notes:
    faults: list[str] = field(default_factory=list)
    unusable: list[tuple[str, str]] = field(default_factory=list)


def read(text: str, embedded: Sequence[Indicator], frame: str) -> Proposal:
    """The proposal in a model's answer; ``embedded`` are the rows it was asked to rewrite, ``frame`` gives the level names."""
    found = answers.find(text, WANTED)
    notes = _Notes()
    value = found.value
    if isinstance(value, list):
        value = {"indicators": value} if any(isinstance(item, (dict, list)) for item in value) else {"goals": value}
    if not isinstance(value, dict):
        value = _from_markdown(answers.without_thoughts(answers.clean(text)))
        if value is None:
            return Proposal(faults=("答复里没有找到 JSON。请只答一个 JSON 对象，不要别的文字。",), repairs=found.repairs, whole=False)
    # {"table": {"goals": …}} and the like: look one level down.
    for key in ("table", "表", "result", "data", "draft", "answer"):
        inner = value.get(key)
        if isinstance(inner, dict) and any(name in inner for name in WANTED):
            value = {**value, **inner}
    rows = tuple(row for row in _rows(value, embedded, frame, notes) if row)
    if not rows:
        notes.faults.append("答复里没有 indicators，或其中没有一行可用。请按格式给出每一行。")
    repeated = [row.number + 1 for row in rows if row.number is not None and sum(row.number == other.number for other in rows) > 1]
    if repeated:
        notes.faults.append(f"离线稿的第{repeated[0]}行出现了不止一次，只采用第一次。")
    if not found.whole and found.value is not None:
        notes.faults.append("答复没有写完就断了。请把整张表重新写一遍，理由写短些。")
    return Proposal(
        goals=tuple(_goals(_first(value, _GOALS))),
        rows=_once(rows),
        questions=tuple(_texts(_first(value, _QUESTIONS))),
        faults=tuple(notes.faults),
        unusable=tuple(notes.unusable),
        repairs=found.repairs,
        whole=found.whole or found.value is None,
    )


def _once(rows: Sequence[Row]) -> tuple[Row, ...]:
    seen: set[int] = set()
    kept = []
    for row in rows:
        if row.number is not None and row.number in seen:
            continue
        if row.number is not None:
            seen.add(row.number)
        kept.append(row)
    return tuple(kept)


def _rows(value: dict[str, Any], embedded: Sequence[Indicator], frame: str, notes: _Notes) -> Iterator[Row | None]:
    listed = _first(value, _ROWS)
    taken: set[int] = set()
    for place, item in enumerate(_flat(listed), start=1):
        if answers.is_cut(item):
            notes.unusable.append((_shown(item), "答复在这一行中间断开"))
            continue
        parts = _parts(item)
        if parts is None or not (parts["level3"] or parts["value"]):
            notes.unusable.append((_shown(item), "读不出指标名称和指标值"))
            notes.faults.append(f"indicators 的第{place}项读不出指标名称和指标值。")
            continue
        row = _row(parts, embedded, frame, place, notes, taken)
        if row is not None and row.number is not None:
            taken.add(row.number)
        yield row


def _row(parts: dict[str, str], embedded: Sequence[Indicator], frame: str, place: int, notes: _Notes, taken: set[int]) -> Row | None:
    number = _number(parts["id"], len(embedded))
    if number is None and not re.search(r"new|新", parts["id"].lower()):
        number = _nearest(parts, embedded, taken)
    level2 = canonical_level2(parts["level2"], parts["level1"])
    names = _names(frame)
    if level2 not in names and parts["level2"] == "" and canonical_level1(parts["level1"]) == "满意度指标":
        level2 = "服务对象满意度指标"
    if level2 not in names:
        if number is not None:
            level2 = canonical_level2(embedded[number].level2, embedded[number].level1)
            if parts["level2"]:
                notes.faults.append(f"第{place}项的二级指标“{parts['level2'][:20]}”不在框架里，应为“{level2}”。")
        elif guess := _guess(parts["level3"], names):
            notes.faults.append(f"第{place}项的二级指标“{parts['level2'][:20]}”不在框架里，按名称当作“{guess}”。")
            level2 = guess
        else:
            notes.faults.append(f"第{place}项的二级指标“{parts['level2'][:20]}”不在框架里，不知归到哪一类；只用框架里的名称。")
            notes.unusable.append((f"{parts['level3']} {parts['value']}".strip(), f"不认识的二级指标“{parts['level2'][:20]}”"))
            return None
    if level2 is None:
        return None
    level1 = names.get(level2, parts["level1"])
    if number is not None and canonical_level2(embedded[number].level2, embedded[number].level1) == level2:
        # Names as the draft writes them, so that an unchanged level is the same text.
        level1, level2 = embedded[number].level1, embedded[number].level2
    return Row(number, level1, level2, parts["level3"], parts["description"], parts["value"], parts["basis"], parts["source"], parts["reason"])


def _parts(item: Any) -> dict[str, str] | None:
    if isinstance(item, str):
        item = [piece.strip() for piece in re.split(r"[|｜\t]", item.strip("|｜ "))]
    if isinstance(item, list):
        cells = [_text(cell) for cell in item]
        if len(cells) >= 6 and (re.fullmatch(r"r\d+|new|\d+|新增?", fold(cells[0])) or len(cells) == 9):
            names = ["id", "level1", "level2", "level3", "description", "value", "basis", "source", "reason"]
        else:
            names = ["level1", "level2", "level3", "description", "value", "basis", "source", "reason"]
        if len(cells) < 5:
            return None
        item = dict(zip(names, cells, strict=False))
    if not isinstance(item, dict):
        return None
    parts = {name: _text(_first(item, keys)) for name, keys in _PARTS.items()}
    if parts["comparator"] and parts["value"] and parts["value"][0].isdigit():
        parts["value"] = parts["comparator"] + parts["value"]
    if parts["unit"] and re.fullmatch(r"\D*\d[\d.,]*", parts["value"]):
        parts["value"] += parts["unit"]
    if parts["formula"]:
        parts["source"] = f"{parts['source']} {parts['formula']}".strip()
    return parts


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dict):
        text = value.get("text") or value.get("值")
        if text is None:
            text = "".join(_text(value.get(key)) for key in ("comparator", "number", "unit"))
        value = text
    if isinstance(value, list):
        value = "、".join(_text(part) for part in value)
    # A vertical line or a tab in a cell would break the row in every listing of it.
    return re.sub(r"[|｜\t]", "/", tidy(str(value)))[:_LONGEST_CELL]


def _flat(value: Any, above: tuple[str, ...] = ()) -> Iterator[Any]:
    # Rows may be nested under their levels: {"产出指标": {"数量指标": [{…}]}}.
    if isinstance(value, dict):
        if any(key in value for keys in (_PARTS["level3"], _PARTS["value"]) for key in keys):
            levels = {name: text for name, text in zip(("level1", "level2"), above, strict=False) if not any(key in value for key in _PARTS[name])}
            filled = {**levels, **value}
            yield filled if not answers.is_cut(value) else value
            return
        for key, inner in value.items():
            yield from _flat(inner, (*above, str(key))[:2])
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, above) if isinstance(item, dict) else [item]


def _first(value: dict[str, Any], keys: Sequence[str]) -> Any:
    return next((value[key] for key in keys if key in value and value[key] not in (None, "")), None)


def _goals(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        value = [part for part in re.split(r"\n+|(?<=[。；])\s*(?=\d{1,2}[.、．])", value) if part.strip()]
    for text in _texts(value):
        yield re.sub(r"^(?:\d{1,2}[.、．)）]|[（(]\d{1,2}[)）]|目标\s*\d{0,2}\s*[:：])\s*", "", text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, dict):
        value = list(value.values()) if not any(key in value for key in ("text", "goal", "question")) else [value]
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict):
            item = next((item[key] for key in ("text", "goal", "goals", "目标", "question", "问题", "内容") if item.get(key)), "")
        if text := _text(item):
            yield text


def _number(text: str, rows: int) -> int | None:
    match = re.fullmatch(r"[rR第]?(\d{1,3})行?", fold(text))
    return int(match[1]) - 1 if match and 1 <= int(match[1]) <= rows else None


def _nearest(parts: dict[str, str], embedded: Sequence[Indicator], taken: set[int]) -> int | None:
    level2 = canonical_level2(parts["level2"], parts["level1"])
    same = [(likeness(parts["level3"], row.level3), i) for i, row in enumerate(embedded) if i not in taken and (level2 is None or row.type == level2)]
    best = max(same, default=(0.0, -1))
    return best[1] if best[0] >= 0.5 else None


def _names(frame: str) -> dict[str, str]:
    return {level2: level1 for level1, types in taxonomy.FRAMES.get(frame, taxonomy.FRAMES["2015"]).items() for level2 in types}


def _guess(name: str, names: dict[str, str]) -> str | None:
    for words, level2 in (
        (r"满意", "服务对象满意度指标"),
        (r"成本|单价|标准|造价|费用|总额", "成本指标" if "成本指标" in names else "经济成本指标"),
        (r"及时|时限|时间|按期|工期|天数", "时效指标"),
        (r"合格|达标|准确|完好|优良|故障", "质量指标"),
        (r"人数|数量|户数|次数|面积|里程|台数|个数|场次", "数量指标"),
    ):
        if re.search(words, name) and level2 in names:
            return level2
    return None


def _shown(item: Any) -> str:
    return _text(item if isinstance(item, (str, list)) else list(item.values()) if isinstance(item, dict) else str(item))[:120] or "（空）"


def _from_markdown(text: str) -> dict[str, Any] | None:
    # An answer in words with a Markdown table in it: heads name the columns.
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines() if line.count("|") >= 3]
    heads = next((i for i, cells in enumerate(lines) if any(cell in _PARTS["level3"] for cell in cells)), None)
    if heads is None:
        return None
    rows, carried = [], ["", ""]
    for cells in lines[heads + 1 :]:
        if all(re.fullmatch(r":?-*:?", cell) for cell in cells):
            continue
        row = dict(zip(lines[heads], cells, strict=False))
        for i, keys in enumerate((_PARTS["level1"], _PARTS["level2"])):
            name = next((key for key in keys if key in row), None)
            if name:
                carried[i] = row[name] = row[name] or carried[i]
        rows.append(row)
    return {"indicators": rows}
