"""What was known before a request: answers people gave to open questions, standards this unit already pays, what policies say of the rest.

Answers are kept in the workspace as plain JSON (``answers.json``) by unit and project, and come back the next time the same project is
drafted: as given figures in the same year, as last year's figures later. What a policy text says of a standard that nobody gave is shown
beside the question, never written into the table: whether it holds here is for a person to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from assistant import workspace
from assistant.chinese import bigrams, fold
from assistant.corpus import PastTable
from assistant.draft import Request, Source
from assistant.drafting import matching
from assistant.drafting.components import Uses
from assistant.drafting.heading import carried_source
from assistant.drafting.matching import core_of
from assistant.drafting.sheet import Ask, Cell, Row, Sheet
from assistant.drafting.suggestions import whole_value
from assistant.errors import WorkspaceError
from assistant.target import Target

ANSWERS = "answers.json"


def answers_for(home: Path, unit: str | None, request: Request) -> dict[str, tuple[str, int | None]]:
    """Earlier answers about the same project of the unit: name → (text, year), the newest year up to the request's winning."""
    core = "-".join(core_of(request.name))
    found: dict[str, tuple[str, int | None]] = {}
    for entry in sorted(_entries(home / ANSWERS), key=lambda entry: entry.get("year") or 0):
        if entry.get("project") == core and _same(entry.get("unit"), unit) and (request.year is None or (entry.get("year") or 0) <= request.year):
            found[str(entry["known_as"])] = (str(entry["value"]), entry.get("year"))
    return found


def keep_answers(home: Path, unit: str | None, name: str, year: int | None, answers: Mapping[str, str], *, at: str | None = None) -> None:
    """Keep answers; an earlier one to the same question for the same year is replaced."""
    if not answers:
        return
    path = home / ANSWERS
    core = "-".join(core_of(name))
    with workspace.locked(path):
        kept = [
            entry
            for entry in _entries(path)
            if not (entry.get("project") == core and _same(entry.get("unit"), unit) and entry.get("year") == year and entry.get("known_as") in answers)
        ]
        kept += [{"unit": unit, "project": core, "year": year, "known_as": known_as, "value": value, "at": at} for known_as, value in answers.items()]
        workspace.write(path, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


def forget_answer(home: Path, unit: str | None, name: str, year: int | None, known_as: str) -> None:
    """Take an answer back; nothing happens when there is none."""
    path = home / ANSWERS
    core = "-".join(core_of(name))
    with workspace.locked(path):
        entries = _entries(path)
        kept = [
            entry
            for entry in entries
            if not (entry.get("project") == core and _same(entry.get("unit"), unit) and entry.get("year") == year and entry.get("known_as") == known_as)
        ]
        if len(kept) < len(entries):
            workspace.write(path, json.dumps(kept, ensure_ascii=False, indent=2) + "\n")


def _same(left: Any, right: str | None) -> bool:
    return not left or not right or fold(str(left)) == fold(right)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except (ValueError, OSError) as error:
        raise WorkspaceError(f"读不了“{path}”：{error}。", "请改正或删除该文件后重试；其中只有以前的回答，删除不影响资料。") from None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise WorkspaceError(f"“{path}”的内容不是一列记录。", "请改正或删除该文件后重试。")
    return data


def use_answers(sheet: Sheet, answers: Mapping[str, tuple[str, int | None]]) -> None:
    """An open value that was answered for an earlier year takes that answer, and asks whether it still holds."""
    for row in sheet.rows:
        known_as = row.value.ask.known_as if row.is_open and row.value.ask is not None else None
        if known_as is None or known_as not in answers:
            continue
        text, year = answers[known_as]
        ask = Ask(f"{row.level3.text}{year or '以前'}年答的是{text}，本年仍是吗？", known_as, 70)
        source = Source(path="answers.json", year=year, cell=known_as, text=text)
        written = whole_value(Target.parse(text), row.comparator, row.unit)
        row.value = Cell(written, "carried", "same", source, note="沿用以前的回答，请核实", previous=text, ask=ask)


def standards_paid(uses: Uses, corpus: matching.Past, unit: str | None) -> None:
    """A standard this unit already pays for the same service is known, and cited."""
    for component in uses.components:
        if component.price is not None or component.type is None:
            continue
        found = _standard_paid(corpus, unit, component.nominal, component.unit) if unit else None
        if found is not None:
            past, index = found
            row = past.table.indicators[index]
            source = carried_source(past, f"第{index + 1}行·指标值", row.value.text)
            component.standard = (row.value, source)


def _standard_paid(corpus: matching.Past, unit: str | None, noun: str, per: str) -> tuple[PastTable, int] | None:
    """A past cost row that sets the standard of the same service (table, row), newest first: 家庭无障碍改造 → 3500元/户."""
    best: tuple[tuple[float, int], PastTable, int] | None = None
    wanted = bigrams(noun)
    for one in matching.candidates(corpus, unit):
        for index, row in enumerate(one.past.table.indicators):
            target = row.value
            if row.type not in ("成本指标", "经济成本指标") or target.number is None or not target.measured_per or not target.measured_per.startswith(per):
                continue
            score = len(wanted & bigrams(row.level3)) / len(wanted) if wanted else 0.0
            key = (score, one.past.year or 0)
            if score >= 0.75 and (best is None or key > best[0]):
                best = (key, one.past, index)
    return (best[1], best[2]) if best else None


_STANDARD = re.compile(r"每(?:人|户|辆|台|亩|名|生|村|件)[^。；]{0,12}?\d[\d.]*(?:万)?元|\d[\d.]*元/(?:人|户|辆|台|亩)")
_known: WeakKeyDictionary[Any, tuple[str, list[tuple[frozenset[str], str, str]]]] = WeakKeyDictionary()


def cite_policies(sheet: Sheet, corpus: Any, year: int | None) -> None:
    """Add to every open price the sentence of a policy text that speaks of its standard, with where it stands."""
    for row in sheet.rows:
        if row.kind != "单价" and not (row.is_open and row.level2 in ("成本指标", "经济成本指标") and "标准" in row.level3.text):
            continue
        if not row.is_open or row.value.ask is None:
            continue
        found = _sentence(row, corpus, year)
        if found is not None:
            said, where = found
            ask = row.value.ask._replace(question=f"{row.value.ask.question}参考：{said}（{where}，是否适用请核对）")
            row.value = row.value._replace(ask=ask, note="；".join(part for part in (row.value.note, f"参考：{said}（{where}）") if part))


def _sentence(row: Row, corpus: Any, year: int | None) -> tuple[str, str] | None:
    wanted = bigrams(re.sub(r"标准|人均|户均|补助|补贴|发放|资助|单位|参加|城乡|重度|残疾人", "", row.level3.text))
    best: tuple[float, str, str] | None = None
    for words, sentence, where in _sentences(corpus):
        score = len(wanted & words) / len(wanted) if wanted else 0.0
        score += 0.3 if year is not None and f"{year}" in sentence else 0.0
        if score >= 0.5 and (best is None or score > best[0]):
            best = (score, sentence, where)
    return (best[1], best[2]) if best else None


def _sentences(corpus: Any) -> list[tuple[frozenset[str], str, str]]:
    """Sentences of policy texts that state a price per unit: the words of heading and sentence, the sentence, the text's title."""
    if not hasattr(corpus, "policies"):
        return []
    kept = _known.get(corpus)
    if kept is None or kept[0] != corpus.fingerprint:
        found = [
            (frozenset(bigrams(section.heading + sentence)), sentence.strip(), policy.title)
            for policy in corpus.policies()
            for section in policy.sections
            if "标准" in section.heading or "标准" in policy.title
            for sentence in re.split(r"[。；]", section.text)
            if _STANDARD.search(sentence) and len(sentence) <= 80 and "写" not in sentence
        ]
        kept = (corpus.fingerprint, found)
        _known[corpus] = kept
    return kept[1]
