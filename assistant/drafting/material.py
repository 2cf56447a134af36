"""What a model is given for one draft: the request, the embedded draft, last year, evidence; and what its answer may rest on.

``gather`` reads the corpus once and makes plain texts and facts; ``pack`` fits them into a prompt: first what is the same for every
draft of a batch, then this project's own, the most useful first, within the budget of tokens. Passages that talk to a model instead
of about a project are left out and told.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from assistant import library, prompts, retrieval, taxonomy
from assistant.chinese import fold
from assistant.corpus import Corpus
from assistant.draft import ORIGIN_LABELS, Draft, Provenance, Request, Source
from assistant.drafting.grounding import Fact, Ground, instructs, mentions, scaled, subjects
from assistant.findings import Finding, Outcome, Severity
from assistant.model import tokens
from assistant.model.call import Call, Message
from assistant.table import GoalTable, Indicator
from assistant.target import Target

# A prompt of one draft never exceeds this.
BUDGET = 6000
_ANSWER = 3500
# Sections of the bundled digests that every draft is written by, in this order; the same for all drafts of a batch.
_GUIDES = (
    "绩效目标文字怎么写",
    "指标值怎么写",
    "指标值确定依据怎么写",
    "绩效指标描述怎么写",
    "绩效目标表最常见的问题有哪些",
    "社会效益指标怎么写",
    "效益与产出重复怎么办",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line the model may use: its key (``k3``), the line, where it stands."""

    key: str
    line: str
    source: Source
    worth: float = 0.0


@dataclass(frozen=True)
class Material:
    """Everything for one draft. ``left_out`` names passages that were not given to the model, with the reason."""

    draft: Draft
    shared: dict[str, str]
    evidence: tuple[Evidence, ...]
    ground: Ground
    left_out: tuple[str, ...] = ()
    previous_source: Source = field(default_factory=Source)
    # What was looked up once: findings of tables, by the table's identity (the table is kept, so that the identity stays its own).
    checked: dict[int, tuple[GoalTable, list[Finding]]] = field(default_factory=dict, compare=False, repr=False)

    @functools.cached_property
    def origins(self) -> dict[str, Provenance]:
        """Address → provenance of the embedded draft."""
        return {entry.cell: entry for entry in self.draft.provenance}

    @property
    def sources(self) -> dict[str, Source]:
        """Key of a line → where it stands."""
        return {item.key: item.source for item in self.evidence}


def gather(draft: Draft, corpus: Corpus | None, store: Any = None) -> Material:
    """The material for improving a draft. ``corpus`` None: only what the draft itself carries and the indicator library."""
    collected = _Collected(draft)
    collected.request()
    collected.embedded()
    collected.last_year()
    collected.library()
    if corpus is not None:
        collected.policies(corpus, store)
        collected.alike(corpus, store)
    table = draft.table
    years = {table.year, (table.year or 0) - 1 if table.year else None, draft.request.year, draft.previous.year if draft.previous else None}
    ground = Ground(collected.facts, collected.texts, years, dates=collected.dates, places=collected.places)
    return Material(draft, _shared(draft, corpus), tuple(collected.evidence), ground, tuple(dict.fromkeys(collected.left_out)), collected.previous_source)


class _Collected:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.facts: list[Fact] = []
        self.texts: list[str] = []
        self.places: list[tuple[str, Source]] = []
        self.dates: set[tuple[int, int | None]] = set()
        self.evidence: list[Evidence] = []
        self.left_out: list[str] = []
        self.previous_source = next((p.source for p in draft.provenance if p.origin == "carried" and p.source), None) or Source(
            project=draft.previous.project.name if draft.previous else None, year=draft.previous.year if draft.previous else None
        )

    def request(self) -> None:
        request = self.draft.request
        source = Source(cell="需求")
        for name, text in request.known.items():
            self._facts_of(text, name, "request", source)
        for text in (request.sentence or "", request.purpose or "", request.name):
            for clause in _clauses(text):
                self._facts_of(clause, clause, "request", source)
        for name, amount in (("预算", request.budget), ("财政资金", request.fiscal), ("其他资金", request.other)):
            if amount:
                number, unit = scaled(Decimal(amount), request.money_unit)
                self.facts.append(Fact(number, unit, name, "request", source))
        self.texts += [request.sentence or "", request.purpose or "", request.name, request.unit or "", *request.basis, *request.known.values()]

    def embedded(self) -> None:
        table = self.draft.table
        for i, row in enumerate(table.indicators):
            entry = self.draft.origin_of(f"indicators[{i}].value")
            if entry and entry.origin == "open":
                continue
            origin = entry.origin if entry else "carried"
            self._facts_of(row.value.text, f"{row.level3} {row.description or ''}", origin, entry.source if entry else None, entry.formula if entry else None)
            self._date_of(row.value)
        if table.budget.total is not None:
            number, unit = scaled(table.budget.total, table.money_unit)
            self.facts.append(Fact(number, unit, "预算", "request", Source(cell="需求")))
        self.texts += [cell.text for cell in table.cells()]

    def last_year(self) -> None:
        previous = self.draft.previous
        if previous is None:
            return
        for i, row in enumerate(previous.indicators):
            source = self.previous_source.model_copy(update={"cell": f"indicators[{i}].value", "text": row.value.text})
            self._facts_of(row.value.text, f"{row.level3} {row.description or ''}", "carried", source)
            self._date_of(row.value)
        self.texts += [cell.text for cell in previous.cells()]
        self.places += [(cell.text, self.previous_source.model_copy(update={"cell": cell.label})) for cell in previous.cells() if cell.text]

    def library(self) -> None:
        used = {fold(row.level3) for row in self.draft.table.indicators}
        kinds = _kinds(self.draft)
        number = 0
        for kind in kinds:
            for row in kind.rows:
                source = Source(path=f"indicators/{kind.code}", project=kind.name, cell=row.name, text=row.description)
                if row.customary is not None:
                    base, unit = scaled(row.customary, row.unit)
                    self.facts.append(Fact(base, unit, row.name, "library", source, kind="custom", level2=row.level2))
                self.texts.append(f"{row.name} {row.description} {row.basis}")
                core = fold(row.template.replace("{对象}", ""))
                if any(core in name for name in used):
                    continue
                number += 1
                value = f"{row.comparator}{row.customary:f}{row.unit}" if row.customary is not None else f"{row.comparator}（按实际）{row.unit}"
                line = f"k{number}|指标库·{kind.name}|{row.level2}|{row.template}|{row.description}|{value}|{row.basis}"
                self.evidence.append(Evidence(f"k{number}", line, source, {"必备": 0.9, "每项用途": 0.7}.get(row.use, 0.5) - 0.02 * number))
        for row in library.general_rows():
            if row.customary is not None:
                base, unit = scaled(row.customary, row.unit)
                self.facts.append(Fact(base, unit, row.name, "library", Source(path="indicators/通用", cell=row.name), kind="custom", level2=row.level2))

    def policies(self, corpus: Corpus, store: Any) -> None:
        query = f"{self.draft.table.project.name or ''} {self.draft.table.purpose or ''}"
        for i, hit in enumerate(retrieval.search(corpus, store, query, k=4, kind="policy"), start=1):
            passage = hit.passage
            source = Source(path=passage.source or None, project=passage.title, cell=passage.cell, text=passage.text[:200])
            if self._planted(passage.text, f"{passage.title}·{passage.cell}"):
                continue
            for sentence in re.split(r"[。；\n]", passage.text):
                for number, unit in mentions(sentence):
                    self.facts.append(Fact(number, unit, sentence.strip()[:80], "policy", source, kind="clause"))
            self.texts.append(f"{passage.title} {passage.context} {passage.text}")
            self.places.append((f"{passage.context} {passage.text}", source))
            line = f"p{i}|政策《{passage.title}》|{' '.join(passage.text.split())[:240]}"
            self.evidence.append(Evidence(f"p{i}", line, source, 0.75 - 0.1 * i))

    def alike(self, corpus: Corpus, store: Any) -> None:
        own = {fold(self.draft.table.project.name or ""), fold((self.draft.previous.project.name or "") if self.draft.previous else "")} - {""}
        query = f"{self.draft.table.project.name or ''} {self.draft.table.purpose or ''} 指标"
        about = subjects(query)
        number = 0
        passages = [hit.passage for hit in retrieval.search(corpus, store, query, k=10, kind="row")]
        passages = [passage for passage in passages if fold(passage.title) not in own and passage.table]
        tables = corpus.tables_by_id(sorted({passage.table for passage in passages if passage.table}))
        for passage in passages:
            if self._planted(passage.text, f"{passage.title}·{passage.cell}"):
                continue
            stored = tables.get(passage.table or "")
            place = re.fullmatch(r"indicators\[(\d+)\]", passage.cell)
            if stored is None or place is None or int(place[1]) >= len(stored.table.indicators):
                continue
            row = stored.table.indicators[int(place[1])]
            if row.value.number is None or not subjects(f"{row.level3} {passage.title}") & about:
                continue
            source = stored.source.model_copy(update={"cell": f"{passage.cell}.value", "text": row.value.text, "project": passage.title, "year": stored.year})
            for base, unit in mentions(row.value.text):
                self.facts.append(Fact(base, unit, row.level3, "carried", source, kind="custom", level2=row.type))
            number += 1
            line = f"s{number}|同类项目“{passage.title[:24]}”|{row.level2}|{row.level3}|{row.description or ''}|{row.value.text}|{row.basis or ''}"
            self.evidence.append(Evidence(f"s{number}", line, source, 0.55 - 0.03 * number))

    def _facts_of(self, text: str, about: str, origin: Any, source: Source | None, formula: str | None = None) -> None:
        for number, unit in mentions(text):
            self.facts.append(Fact(number, unit, about, origin, source, formula))

    def _date_of(self, value: Target) -> None:
        if value.deadline is not None:
            self.dates.add(value.deadline[1:])

    def _planted(self, text: str, where: str) -> bool:
        if instructs(text):
            self.left_out.append(f"“{where}”里有像是写给模型的话，没有交给模型。")
            return True
        return False


def pack(material: Material, *, budget: int = BUDGET) -> Call:
    """The call for one draft: within ``budget`` tokens, the shared part first, then this project's, the most useful evidence first."""
    prompt = prompts.load("draft")
    draft = material.draft
    blank = dict.fromkeys(prompt.variables, "")
    blank_user = prompt.fill(**{**blank, **material.shared})
    heads = blank_user.partition("## 需求")[2]
    stable = tokens.count_messages([prompt.system, blank_user])
    prefix = stable - tokens.count(heads)
    # What differs between drafts stays within six tenths of what does not, so that the common prefix is over 60 % of a prompt.
    room = max(min(budget - stable, prefix * 6 // 10 - tokens.count(heads)), budget // 8)
    own = {"需求": _request_text(draft.request), "去年": "没有去年的表。", "离线稿": "", "检查": "没有问题。", "资料": "没有别的资料。", "待问": "没有。"}
    own["离线稿"] = prompts.fenced("离线稿", "\n".join(_table_lines(draft, material)))
    if questions := [f"{question.cell}：{question.question}" for question in draft.open_questions[:8]]:
        own["待问"] = "\n".join(questions)
    if found := list(_findings(draft)):
        own["检查"] = "\n".join(found)
    left = room - sum(tokens.count(text) for text in own.values())
    if draft.previous is not None:
        lines = list(_changed_lines(draft))
        text = prompts.fenced("去年本项目的表", "\n".join(lines)) if lines else "各行与离线稿相同。"
        if tokens.count(text) <= left:
            own["去年"] = text
            left -= tokens.count(text)
    chosen: list[Evidence] = []
    for item in sorted(material.evidence, key=lambda item: -item.worth):
        cost = tokens.count(item.line) + 1
        if cost <= left - 30:
            chosen.append(item)
            left -= cost
    if chosen:
        own["资料"] = prompts.fenced("可引用的资料", "\n".join(item.line for item in sorted(chosen, key=lambda item: item.key)))
    user = prompt.fill(**{**material.shared, **own})
    project = draft.table.project.name or draft.request.name
    return Call(
        (Message("system", prompt.system), Message("user", user)),
        schema=schema(),
        schema_name="goal_table",
        max_tokens=_ANSWER,
        prompt=prompt.label,
        words=prompt.fingerprint,
        purpose=f"起草 {draft.table.year or ''} {project}".strip(),
    )


def schema() -> dict[str, Any]:
    """The strict JSON schema of an answer: texts only, everything required, nothing more."""
    text = {"type": "string"}
    row = ("id", "level1", "level2", "level3", "description", "value", "basis", "source", "reason")
    rows = {"type": "object", "properties": dict.fromkeys(row, text), "required": list(row), "additionalProperties": False}
    properties = {"goals": {"type": "array", "items": text}, "indicators": {"type": "array", "items": rows}, "questions": {"type": "array", "items": text}}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _shared(draft: Draft, corpus: Corpus | None) -> dict[str, str]:
    table = draft.table
    frame = taxonomy.FRAMES.get(table.frame, taxonomy.FRAMES["2015"])
    unit = table.unit.name or draft.request.unit or "（未写明）"
    return {
        "单位": f"预算单位：{unit}；年度：{table.year or '（未写明）'}；金额单位：{table.money_unit}；表式：{table.form}",
        "框架": "\n".join(f"{level1}：{'、'.join(types)}" for level1, types in frame.items()),
        "要求": _guides(corpus),
    }


_GUIDE_CACHE: dict[str, str] = {}


def _guides(corpus: Corpus | None) -> str:
    if corpus is None:
        return "按上面的规则。"
    known = _GUIDE_CACHE.get(corpus.fingerprint)
    if known is None:
        pieces = []
        policies = corpus.policies()
        sections = {section.heading: section.text for policy in reversed(policies) for section in policy.sections}
        for heading in _GUIDES:
            text = sections.get(heading, "")
            if text and not instructs(text):
                pieces.append(prompts.fenced(heading, text[:320]))
        known = "\n".join(pieces) or "按上面的规则。"
        _GUIDE_CACHE.clear()
        _GUIDE_CACHE[corpus.fingerprint] = known
    return known


def _request_text(request: Request) -> str:
    unit = request.money_unit
    parts: list[tuple[str, str | None]] = [
        ("项目", request.name),
        ("原话", request.sentence),
        ("预算", f"{request.budget}{unit}" if request.budget else None),
        ("其中财政资金", f"{request.fiscal}{unit}" if request.fiscal else None),
        ("其他资金", f"{request.other}{unit}" if request.other else None),
        ("资金用途", request.purpose),
        ("依据文件", "；".join(request.basis)),
        ("已知", "；".join(f"{name}={text}" for name, text in request.known.items())),
    ]
    return "\n".join(f"{name}：{text}" for name, text in parts if text)


def _table_lines(draft: Draft, material: Material) -> Iterator[str]:
    for i, goal in enumerate(draft.table.goals, start=1):
        yield f"目标{i}：{_safe(goal)}"
    for i, row in enumerate(draft.table.indicators):
        entry = material.origins.get(f"indicators[{i}].value")
        origin = ORIGIN_LABELS[entry.origin] if entry else ""
        formula = f"（{entry.formula}）" if entry and entry.formula else ""
        yield f"r{i + 1}|{_row_line(row)}|值的出处：{origin}{formula}"


def _findings(draft: Draft) -> Iterator[str]:
    """What the checks say about goals and rows, for the model to mend: failed ones, the worst first."""
    failed = [f for f in draft.findings if f.outcome is Outcome.FAILED and f.severity is not Severity.INFO]
    for finding in sorted(failed, key=lambda finding: finding.severity.rank)[:8]:
        if match := re.match(r"(goals|indicators)\[(\d+)\]", finding.cell or ""):
            yield f"{'r' if match[1] == 'indicators' else '目标'}{int(match[2]) + 1}：{_safe(finding.message)[:90]}"


def _changed_lines(draft: Draft) -> Iterator[str]:
    previous = draft.previous
    assert previous is not None
    now = {_row_line(row) for row in draft.table.indicators}
    if previous.purpose and fold(previous.purpose) != fold(draft.table.purpose or ""):
        yield f"去年用途：{_safe(previous.purpose)}"
    if previous.budget.total is not None:
        yield f"去年预算：{previous.budget.total:f}{previous.money_unit}"
    for i, goal in enumerate(previous.goals, start=1):
        if goal not in draft.table.goals:
            yield f"去年目标{i}：{_safe(goal)}"
    for i, row in enumerate(previous.indicators, start=1):
        if _row_line(row) not in now:
            yield f"q{i}|{_row_line(row)}"


def _row_line(row: Indicator) -> str:
    cells = (row.level1, row.level2, row.level3, row.description or "", row.value.text, row.basis or "")
    return "|".join(_safe(cell).replace("|", "/")[:120] for cell in cells)


def _safe(text: str) -> str:
    return "（此格有像是写给模型的话，未提供）" if instructs(text) else " ".join(text.split())


def _clauses(text: str) -> Iterator[str]:
    before = ""
    for clause in re.split(r"[，,。；;、\n]", text):
        words = re.sub(r"[\d.%\s元万亿人户个次]+", "", clause)
        # "培训55人、每人1600元": a clause that names nothing speaks of the one before.
        yield clause if len(words) >= 4 else f"{before} {clause}"
        if len(words) >= 2:
            before = re.sub(r"[\d.]+", "", clause)[:20]


def _kinds(draft: Draft) -> list[library.ProjectType]:
    paths = " ".join(p.source.path or "" for p in draft.provenance if p.source and p.origin == "library")
    text = fold(f"{draft.table.project.name or ''} {draft.table.purpose or ''} {draft.request.sentence or ''}")
    scored = []
    for kind in library.project_types():
        hits = sum(fold(word) in text for word in kind.triggers) - 2 * sum(fold(word) in text for word in kind.excluded)
        score = hits + (3 if f"{kind.code}-" in paths or kind.code in paths.split() or f"/{kind.code}" in paths else 0)
        if score > 0:
            scored.append((score, kind))
    return [kind for _, kind in sorted(scored, key=lambda pair: (-pair[0], pair[1].code))[:2]]
