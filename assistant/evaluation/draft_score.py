"""The draft score: 0 to 100 for one drafted table against what its request needs. The one place where it is defined.

Reference-free: no gold table is copied from real ones (published tables are flawed, and two real tables for like purposes agree only in part);
a case says which uses of money must be counted, which figures were given, what follows by arithmetic, and whether the public is
served. Parts, their weights, and what each asks:

=============  ======  ===========================================================================================
part           weight  1 means
=============  ======  ===========================================================================================
levels             14  数量, 质量, 时效, 成本, a benefit, and 满意度 where people are served, each has a row
fit                14  every row speaks of this project: shares its words, or is one of the rows any project has
form               10  every value is comparator + number + unit (or a date, or open with a question)
numbers            14  every figure of the request stands in the table; what follows by arithmetic is within ±20 %
basis              10  every row names its basis (document, plan or record by name and year), and not one for all
components         14  every use of the money is counted by a 数量 row
measurable          8  no row's value is vague or missing
sourced             8  no number without a source (0 with a single one)
clean               8  no validator error; warnings cost a tenth each
=============  ======  ===========================================================================================

For a request that contradicts itself the contradiction must be reported with its arithmetic, else ``numbers`` is 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from assistant.chinese import bigrams, fold, likeness
from assistant.corpus import PastTable
from assistant.draft import Draft, Request
from assistant.evaluation.sourcing import Tables, unsourced
from assistant.table import GoalTable, Money
from assistant.target import Target
from assistant.taxonomy import OPEN_VALUE
from assistant.validation import validate

WEIGHTS: dict[str, int] = {"levels": 14, "fit": 14, "form": 10, "numbers": 14, "basis": 10, "components": 14, "measurable": 8, "sourced": 8, "clean": 8}
# Errors about cells that are open on purpose and asked.
_OPEN_ON_PURPOSE = frozenset({"F113", "N306"})


class Part(NamedTuple):
    """One part of the score, 0 to 1, and the reason for what is missing."""

    value: float
    reason: str = ""


def total(parts: Mapping[str, Part]) -> float:
    """The draft score, 0 to 100."""
    return sum(WEIGHTS[name] * part.value for name, part in parts.items())


def score(target: Mapping[str, Any], draft: Draft, corpus: Tables, found: Sequence[Sequence[str]] | None = None) -> dict[str, Part]:
    """Every part of the score of a draft for a case's ``target`` (uses, figures, derived, public, conflict); ``found`` is what
    ``findings`` gave for it, looked up when not given."""
    table = draft.table
    asked = {question.cell for question in draft.open_questions}
    rows = list(enumerate(table.indicators))
    return {
        "levels": _levels(table, public=bool(target.get("public", True))),
        "fit": _fit(table, draft.request, target),
        "form": _share(rows, lambda pair: _well_formed(pair[1].value, f"indicators[{pair[0]}].value" in asked), "指标值"),
        "numbers": _numbers(target, draft),
        "basis": _basis(table, asked),
        "components": _components(target, table),
        "measurable": _share(rows, lambda pair: _measurable(pair[1].value, f"indicators[{pair[0]}].value" in asked), "指标值"),
        "sourced": _sourced(draft, corpus),
        "clean": _clean(draft, findings(draft) if found is None else found),
    }


def _levels(table: GoalTable, *, public: bool) -> Part:
    types = {row.type for row in table.indicators}
    families = {row.family for row in table.indicators}
    has = {
        "数量": "数量指标" in types,
        "质量": "质量指标" in types,
        "时效": "时效指标" in types,
        "成本": bool(types & {"成本指标", "经济成本指标"}),
        "效益": "效益指标" in families,
    }
    if public:
        has["满意度"] = "服务对象满意度指标" in types
    missing = [name for name, there in has.items() if not there]
    return Part(1 - len(missing) / len(has), "缺" + "、".join(missing) if missing else "")


# Rows that any project may have, whatever it is about.
_ANY_PROJECT = re.compile(
    r"^(?:项目|预算|资金|总)?(?:总成本|成本控制率|按期完成率|完成及时率|支付及时率|资金使用合规率|预算执行率)|满意度?率?$|责任事故数|投诉"
)


def _fit(table: GoalTable, request: Request, target: Mapping[str, Any]) -> Part:
    about = bigrams(f"{table.project.name or ''}{request.name}{request.purpose or ''}{request.sentence or ''}{''.join(request.known)}{table.purpose or ''}")
    about |= {pair for use in target.get("uses", ()) for word in use for pair in bigrams(word)}
    strangers = [row.level3 for row in table.indicators if not _ANY_PROJECT.search(row.level3) and not bigrams(row.level3) & about]
    if not table.indicators:
        return Part(0.0, "没有指标")
    return Part(1 - len(strangers) / len(table.indicators), "与本项目无关：" + "、".join(strangers) if strangers else "")


def _share(rows: Sequence[Any], test: Callable[[Any], bool], what: str) -> Part:
    if not rows:
        return Part(0.0, "没有指标")
    bad = [row for row in rows if not test(row)]
    names = "、".join(f"{row.level3}“{row.value.text}”" for _, row in bad[:4])
    return Part(1 - len(bad) / len(rows), f"{what}：{names}" if bad else "")


def _well_formed(value: Target, asked: bool) -> bool:
    if value.text == OPEN_VALUE:
        return asked
    if value.kind in ("date", "range"):
        return True
    return value.kind == "quant" and value.comparator is not None and bool(value.unit)


def _measurable(value: Target, asked: bool) -> bool:
    if value.text == OPEN_VALUE:
        return asked
    return value.kind in ("quant", "range", "date")


def _numbers(target: Mapping[str, Any], draft: Draft) -> Part:
    conflict = target.get("conflict")
    if conflict and not any(fold(str(conflict)) in fold(finding.message) for finding in draft.findings):
        return Part(0.0, f"没有指出矛盾（{conflict}）")
    written = [row.value for row in draft.table.indicators]
    texts = fold("".join([*(value.text for value in written), draft.table.purpose or "", draft.table.text("budget.total")]))
    missing = [str(figure) for figure in target.get("figures", ()) if not _stands(str(figure), written, texts)]
    wrong = []
    for derived in target.get("derived", ()):
        wanted = Decimal(str(derived["number"]))
        near = [
            value.number
            for value in written
            if value.number is not None and fold(value.unit or "") == fold(derived["unit"]) and abs(value.number - wanted) <= wanted / 5
        ]
        if not near:
            wrong.append(f"{derived.get('use', '')}{wanted}{derived['unit']}")
    count = len(target.get("figures", ())) + len(target.get("derived", ()))
    if not count:
        return Part(1.0)
    bad = [*missing, *wrong]
    return Part(1 - len(bad) / count, "没有用上：" + "、".join(bad) if bad else "")


def _stands(figure: str, written: Sequence[Target], texts: str) -> bool:
    wanted = Target.parse(figure)
    if wanted.base is None:
        return fold(figure) in texts
    number, unit = wanted.base
    for value in written:
        if (
            value.base is not None
            and value.base[0] == number
            and (fold(value.base[1]).split("·")[0] == fold(unit).split("·")[0] or fold(value.base[1]) == fold(unit))
        ):
            return True
    return False


_VAGUE_BASIS = re.compile(r"^(?:年度|部门|单位)?(?:工作)?(?:计划|要求|安排|实际情况|历史数据|工作计划)?$")


def _basis(table: GoalTable, asked: set[str]) -> Part:
    texts = [(row.basis or "").strip() for row in table.indicators]
    if not texts:
        return Part(0.0, "没有指标")
    bad = [text or "空" for text in texts if not text or _VAGUE_BASIS.match(text)]
    value = 1 - len(bad) / len(texts)
    if len(set(texts)) == 1 and len(texts) > 3:
        return Part(value / 2, "全表只有一个依据")
    return Part(value, "依据笼统：" + "、".join(sorted(set(bad))) if bad else "")


def _components(target: Mapping[str, Any], table: GoalTable) -> Part:
    uses = target.get("uses", ())
    counts = [fold(row.level3) for row in table.indicators if row.type == "数量指标"]
    missing = [use[0] for use in uses if not any(fold(word) in name for word in use for name in counts)]
    return Part(1 - len(missing) / len(uses), "没有数量指标：" + "、".join(missing) if missing else "") if uses else Part(1.0)


def _sourced(draft: Draft, corpus: Tables) -> Part:
    found = unsourced(draft, corpus)
    said = "；".join(f"{one.cell} {one.number:f}（{one.why}）" for one in found[:4])
    return Part(0.0 if found else 1.0, said)


def findings(draft: Draft) -> list[list[str]]:
    """What the validator finds in a draft's table: code, severity, cell, message of everything that failed."""
    report = validate([draft.table], previous=[draft.previous] if draft.previous else [])
    return [[one.code, one.severity.value, one.cell or "", one.message] for one in report.findings if one.outcome == "failed"]


def _clean(draft: Draft, found: Sequence[Sequence[str]]) -> Part:
    open_cells = {entry.cell for entry in draft.provenance if entry.origin == "open"}
    counted = [one for one in found if one[0] not in _OPEN_ON_PURPOSE and one[2] not in open_cells]
    errors = [f"{code} {message}" for code, severity, _, message in counted if severity == "error"]
    warnings = [f"{code} {message}" for code, severity, _, message in counted if severity == "warning"]
    if errors:
        return Part(0.0, "；".join(errors[:3]))
    return Part(max(0.0, 1 - len(warnings) / 10), "；".join(warnings[:4]))


def copied(request: Request, past: Sequence[PastTable]) -> Draft:
    """The baseline: the nearest past table with the request's name, year and money on it, nothing else changed."""

    def likeness_to(one: PastTable) -> float:
        table = one.table
        return likeness(f"{request.name}{request.purpose or ''}{request.sentence or ''}", f"{table.project.name or ''}{table.purpose or ''}")

    nearest = max(past, key=likeness_to)
    table: GoalTable = nearest.table
    amount = Money.parse(request.budget).amount if request.budget else table.budget.total
    changed = table.model_copy(
        update={
            "year": request.year or table.year,
            "project": table.project.model_copy(update={"name": request.name or table.project.name}),
            "budget": table.budget.model_copy(update={"total": amount, "fiscal": amount}),
            "purpose": request.purpose or table.purpose,
        }
    )
    return Draft(id="baseline", request=request, table=changed)
