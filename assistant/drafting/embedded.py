"""The embedded drafter: a request becomes a draft with no model and no network. Carry forward, match, compute; ask for the rest.

``draft`` is the entry: it finds last year's table or says that there is none, writes every cell with its origin, holds the figures
against each other, and lets the validator judge the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from assistant import __version__
from assistant.chinese import document_numbers, fold, without_document_numbers
from assistant.corpus import PastTable
from assistant.draft import Draft, Request, Source, Trace
from assistant.drafting import arithmetic, continuing, goals, heading, known, matching, new, wording
from assistant.drafting.components import Uses
from assistant.drafting.facts import Fact, facts_of
from assistant.drafting.given import note_unused
from assistant.drafting.matching import Match, Past
from assistant.drafting.naming import office_in, said_besides
from assistant.drafting.parts import with_counted, with_mentioned
from assistant.drafting.project import Money, Project
from assistant.drafting.sheet import Ask, Sheet
from assistant.drafting.uses import uses_of
from assistant.errors import InputError
from assistant.findings import Finding, TableRef
from assistant.taxonomy import FRAMES
from assistant.validation import validate

# Findings about what is open on purpose, or matched under another name: the open questions say it better. Other findings on open cells are left out too.
SAID_BY_QUESTIONS = frozenset({"F113", "N306", "Y951"})
# A contradiction of the request → the finding on the table that says the same again: beyond the budget, a price without its (opened) count.
SAID_ALREADY = {"Q907": "M501", "Q902": "M505"}


def draft(
    request: Request,
    corpus: Past,
    *,
    now: str | None = None,
    unit: str | None = None,
    refused: Collection[str] = (),
    answers: Mapping[str, tuple[str, int | None]] | None = None,
    previous: PastTable | None = None,
) -> Draft:
    """Draft the table of a request.

    ``unit`` is the own unit where the request names none; ``refused`` are level-3 names this unit sent back before; ``answers`` are
    what was answered in earlier years (name → text, year), used where nothing newer is known. InputError for a request
    that says nothing (neither name nor use). ``previous`` is last year's table where the caller knows it.
    """
    _require_words(request)
    if request.unit:
        request = request.model_copy(update={"unit": matching.unit_named(corpus, request.unit)})
    elif (led := matching.unit_leading(corpus, request.name)) is not None:
        unit = led[0]
        request = request.model_copy(update={"name": led[1]})
    said = request.unit or unit
    match = Match(previous, "已指定") if previous is not None else matching.previous(corpus, request, said or getattr(corpus, "own_unit", None))
    past = match.past if match is not None else None
    own = said or (past.unit if past is not None else matching.unit_meant(corpus, request))
    request = _without_last_years_number(request, past)
    facts = [fact for fact in facts_of(request) if not _of_heading(fact)]
    sheet = Sheet(frame=_frame(request, past), form=request.form or (past.table.form if past is not None and request.frame is None else "hebei-2025"))
    uses = _uses(request, past, facts)
    arithmetic.take_remainder(uses, request, facts)
    heading.write(sheet, request, uses, past, own, arithmetic.reckoned(uses, facts) if past is None else None)
    heading.plan(sheet, request, past, corpus, own)
    project = _project(sheet, request, uses, own, refused)
    if past is not None:
        continuing.compose(sheet, past, uses, facts, project)
    else:
        known.standards_paid(uses, corpus, own)
        new.compose(sheet, uses, facts, project)
    known.use_answers(sheet, answers or {})
    note_unused(sheet, facts, project)
    contradictions = arithmetic.of_request(request, facts)
    contradictions += arithmetic.open_what_differs(sheet, arithmetic.told_twice(request, facts))
    contradictions += arithmetic.settle(sheet, project, facts)
    known.cite_policies(sheet, corpus, heading.year_of(sheet))
    heading.figures_follow(sheet)
    sheet.sort()
    goals.write(
        sheet,
        uses,
        effects=goals.effects_of(past.table.goals) if past is not None else (),
        previous="\n".join(past.table.goals) if past is not None else None,
    )
    if match is not None:
        _note_match(sheet, match)
    return _finished(sheet, request, past, corpus, contradictions, now)


def _without_last_years_number(request: Request, past: PastTable | None) -> Request:
    """A request named just as last year's table says no number of this year."""
    old = document_numbers(past.table.project.name or "") if past is not None else []
    if not old or not any(number in old for number in document_numbers(request.name)):
        return request
    return request.model_copy(update={"name": without_document_numbers(request.name)})


def _require_words(request: Request) -> None:
    if not (request.name.strip() or (request.purpose or "").strip()):
        raise InputError("没有说要起草什么项目。", "请给出项目名称或资金用途，例如 --name 残疾人就业保障金 --year 2026 --budget 480。")
    if request.frame is not None and request.frame not in FRAMES:
        raise InputError(f"没有“{request.frame}”版指标框架。", f"可用的框架：{'、'.join(FRAMES)}。")


def _frame(request: Request, past: PastTable | None) -> str:
    if request.frame is not None:
        return request.frame
    return past.table.frame if past is not None and past.table.frame in FRAMES else "2015"


def _uses(request: Request, past: PastTable | None, facts: Sequence[Fact]) -> Uses:
    name = without_document_numbers(request.name)
    if request.purpose:
        return uses_of(request.purpose, facts, name=name)
    if past is not None and past.table.purpose:
        return uses_of(past.table.purpose, facts)
    said = said_besides(wording.read(office_in(request.sentence)[1])) if request.sentence else []
    return with_mentioned(with_counted(uses_of(name, facts, name=name), facts), said, facts)


def _project(sheet: Sheet, request: Request, uses: Uses, unit: str | None, refused: Collection[str]) -> Project:
    total = sheet.header["budget.total"]
    money = None
    if total.text:
        amount = Decimal(total.text)
        source = total.source or Source(path="request", cell="预算", text=request.budget)
        money = Money(amount * 10_000, f"{amount:f}万元", source, total.formula or "" if total.origin == "computed" else "")
    core = without_document_numbers(sheet.header["project.name"].text)
    head, _, suffix = core.partition("-")
    if head in matching.GENERIC and suffix:
        core = suffix
    elif core in matching.GENERIC and uses.components:
        named = "、".join(component.nominal for component in uses.components)
        core = named if len(named) <= 24 else f"{uses.components[0].nominal}等"
    return Project.of(core, request, heading.year_of(sheet), money, unit, frozenset(fold(name) for name in refused))


def _of_heading(fact: Fact) -> bool:
    """Whether what is known belongs above the rows."""
    return any(word in fact.name for word in (*heading.TERMS, "支出计划", "支出进度", "资金来源说明", "资金文件号", "补助标准文件", "项目编码", "上年项目"))


def _note_match(sheet: Sheet, match: Match) -> None:
    past = match.past
    sheet.notes.insert(0, f"延续项目：沿用{past.year or ''}年“{past.table.project.name}”（{match.why}）")
    if match.rivals:
        named = "、".join(f"“{rival.table.project.name}”{rival.table.budget.total or ''}万元" for rival in match.rivals[:3])
        ask = Ask(
            f"上年有几张表都对得上，现按“{past.table.project.name}”{past.table.budget.total or ''}万元起草；另有{named}。延续的是哪一张？", "上年项目", 94
        )
        sheet.extra_questions.append(("project.name", ask))
    elif not match.sure:
        ask = Ask(f"本项目是上年“{past.table.project.name}”的延续吗？（{match.why}；不是请用 --name 写全称）", "上年项目", 58)
        sheet.extra_questions.append(("project.name", ask))


def _finished(sheet: Sheet, request: Request, past: PastTable | None, corpus: Past, contradictions: list[Finding], now: str | None) -> Draft:
    table = sheet.table()
    previous = [past.table] if past is not None else []
    report = validate([table], previous=previous)
    reference = TableRef(number=table.number, project=table.project.name)
    open_cells = {entry.cell for entry in sheet.provenance() if entry.origin == "open"}
    said = {*SAID_BY_QUESTIONS, *(SAID_ALREADY[finding.code] for finding in contradictions if finding.code in SAID_ALREADY)}
    judged = [finding for finding in report.findings if finding.code not in said and finding.cell not in open_cells]
    findings = [finding.model_copy(update={"table": reference}) for finding in contradictions] + judged
    trace = Trace(
        drafter="embedded",
        passages=(past.id,) if past is not None else (),
        corpus=corpus.fingerprint,
        version=__version__,
        notes=(*sheet.notes, *((f"起草时间：{now}",) if now else ())),
    )
    return Draft(
        id=draft_id(request, table.project.name or "", table.year),
        request=request,
        table=table,
        previous=past.table if past is not None else None,
        provenance=sheet.provenance(),
        dropped=tuple(sheet.dropped),
        open_questions=sheet.questions(),
        findings=tuple(findings),
        trace=trace,
    )


def draft_id(request: Request, name: str, year: int | None) -> str:
    """A short stable id: the same request gives the same id."""
    data = json.dumps([name, year, request.unit, request.budget, request.purpose, request.known, request.basis], ensure_ascii=False, sort_keys=True)
    return f"{year or '未定'}-{hashlib.sha256(data.encode()).hexdigest()[:10]}"
