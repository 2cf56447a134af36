"""The model drafter: the embedded draft is the material and the floor, the model proposes better words, and what has no source stays out.

``gather`` (material) takes what is needed from the corpus and ``improve`` asks the model without touching the corpus again, so that a batch
can prepare in one thread and ask in many. Faults go back to the model in its own words of fault at most
twice. Whatever the model does, the result is a whole draft, never worse than the embedded one, and says in notes what was kept and why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from assistant import __version__, prompts
from assistant.chinese import fold
from assistant.draft import Draft, Dropped, OpenQuestion, Provenance, Trace
from assistant.drafting import merging, proposal
from assistant.drafting.material import BUDGET, Material, pack
from assistant.drafting.merging import Merged
from assistant.drafting.proposal import Proposal, Row
from assistant.errors import ModelError
from assistant.findings import Finding
from assistant.model import answers
from assistant.model.call import Call, Model, Reply, Usage
from assistant.table import GoalTable, Indicator
from assistant.validation import RULES

# How often faults go back.
ROUNDS = 2
OnRow = Callable[[Row], None]


def improve(material: Material, model: Model, *, on_row: OnRow | None = None) -> Draft:
    """The embedded draft of ``material``, improved by a model. ``on_row`` gets each row as soon as the model has written it.

    Raises ModelError only when not one usable row or goal arrived; its ``partial`` is what had.
    """
    call = pack(material)
    replies: list[Reply] = []
    notes: list[str] = []
    answer = _first_answer(material, model, call, on_row, notes)
    whole = Proposal()
    best: Merged | None = None
    told: set[str] = set()
    for turn in range(ROUNDS + 1):
        if isinstance(answer, Reply):
            replies.append(answer)
        text = answer.text if isinstance(answer, Reply) else answer.partial
        whole = _together(whole, proposal.read(text, material.draft.table.indicators, material.draft.table.frame))
        merged = merging.merge(material, whole)
        complaints = [line for line in dict.fromkeys((*whole.faults, *merged.complaints)) if line not in told]
        if best is None or merged.taken >= best.taken:
            best = merged
        if not isinstance(answer, Reply) or answer.finish == "refusal" or turn == ROUNDS or not complaints:
            break
        told.update(complaints)
        call = _back(call, text, complaints, answer)
        try:
            answer = model.reply(call, _streaming(on_row, material))
        except ModelError as error:
            notes.append(f"退回修改时{error.message}已有的结果保留。")
            break
    assert best is not None
    if not best.taken and not whole.rows and not whole.goals:
        raise _nothing(answer, whole)
    if isinstance(answer, ModelError):
        notes.append(f"模型中途失败：{answer.message}已收到的{len(whole.rows)}行照常核对采用，其余保留离线稿。")
    elif answer.finish in ("length", "cut") and not whole.whole:
        notes.append("模型的回答没有写完，没有写到的行保留离线稿。")
    return _assembled(material, best, whole, call, replies, notes, told)


def offline(material_or_draft: Material | Draft, error: ModelError) -> Draft:
    """The embedded draft with a mark that the model was asked for and why it did not serve (继续离线)."""
    draft = material_or_draft.draft if isinstance(material_or_draft, Material) else material_or_draft
    note = f"要求用模型起草，但{error.message.rstrip('。')}；已继续离线，这是离线稿。"
    return draft.model_copy(update={"trace": draft.trace.model_copy(update={"notes": (*draft.trace.notes, note)})})


def _first_answer(material: Material, model: Model, call: Call, on_row: OnRow | None, notes: list[str]) -> Reply | ModelError:
    try:
        return model.reply(call, _streaming(on_row, material))
    except ModelError as error:
        if error.kind == "context":
            # Too long for this endpoint: once more with the evidence cut to half; then the fault is the caller's to tell.
            notes.append("模型的上下文不够长，减少资料后重试。")
            return model.reply(pack(material, budget=BUDGET // 2), _streaming(on_row, material))
        if not answers.rows(error.partial, "indicators"):
            raise
        return error


def _back(call: Call, text: str, complaints: Sequence[str], answer: Reply) -> Call:
    """The next turn: what was wrong, in the words of the checks. A model that ran out of room gets more of it."""
    repair = prompts.load("repair")
    listed = "\n".join(f"{i}. {line}" for i, line in enumerate(complaints[:12], start=1))
    call = replace(call.then(text[:12_000], repair.fill(问题=listed)), prompt=f"{call.prompt.split('+')[0]}+{repair.label}")
    return replace(call, max_tokens=call.max_tokens * 2) if answer.finish == "length" else call


def _streaming(on_row: OnRow | None, material: Material) -> Callable[[str], None] | None:
    if on_row is None:
        return None
    rows = material.draft.table.indicators
    seen = braces = 0

    def take(text: str) -> None:
        nonlocal seen, braces
        if text.count("}") == braces:
            return
        braces = text.count("}")
        found = proposal.read(text, rows, material.draft.table.frame).rows
        for row in found[seen:]:
            on_row(row)
        seen = max(seen, len(found))

    return take


def _together(before: Proposal, after: Proposal) -> Proposal:
    """The earlier proposal with what a later turn says anew: rows by their number, new rows by name, goals when given."""
    if not before.rows and not before.goals:
        return after
    rows = {_key(row): row for row in before.rows}
    rows.update({_key(row): row for row in after.rows})
    return replace(
        after,
        goals=after.goals or before.goals,
        rows=tuple(rows.values()),
        questions=before.questions or after.questions,
        # "No row at all" is no fault when there was nothing to mend in the rows.
        faults=tuple(fault for fault in after.faults if after.rows or not after.goals or "indicators" not in fault),
        unusable=tuple(dict.fromkeys((*before.unusable, *after.unusable))),
        whole=after.whole,
    )


def _key(row: Row) -> Any:
    return row.number if row.number is not None else fold(row.level3)


def _nothing(answer: Reply | ModelError, whole: Proposal) -> ModelError:
    if isinstance(answer, ModelError):
        return answer
    if answer.finish == "refusal":
        said = f"：{answer.text[:80]}" if answer.text else ""
        return ModelError(f"模型“{answer.model}”拒绝回答{said}。", "请换一个模型，或先不用模型继续离线起草。", kind="refusal", partial=answer.text)
    return ModelError(
        f"模型“{answer.model}”的回答里没有可用的表（{(whole.faults or ('没有内容',))[0].rstrip('。')}）。",
        "请换一个模型，或先不用模型继续离线起草；原文可用 assistant log show 查看。",
        kind="unusable",
        partial=answer.text,
    )


def _assembled(material: Material, merged: Merged, whole: Proposal, call: Call, replies: Sequence[Reply], notes: Sequence[str], told: set[str]) -> Draft:
    """The final draft: rows in the frame's order, provenance and questions at their new addresses, never worse than the embedded one."""
    base = material.draft
    table, provenance, questions = _placed(base, merged)
    findings = merging.check(material, table)
    if merging.weight(findings) > merging.weight(merging.check(material, base.table)):
        # The parts were each no worse, the whole is: the embedded draft stays, the proposal is beside it.
        notes = (*notes, "整表核对后不如离线稿，保留离线稿。")
        rejected = [Dropped(text=str(row)[:300], reason="模型提出，未采用：整表核对后不如离线稿") for row in whole.rows]
        merged = Merged(base.table, dropped=rejected, notes=merged.notes)
        table, provenance, questions = _placed(base, merged)
        findings = merging.check(material, table)
    ours = {rule.code for rule in RULES}
    usage = sum((reply.usage for reply in replies), start=Usage())
    said = [f"退回修改{len(replies) - 1}次"] if len(replies) > 1 else []
    said += [f"读取答复时{line}" for line in whole.repairs] + [f"退回：{line}" for line in sorted(told)][:8]
    prompt = prompts.load("draft")
    return base.model_copy(
        update={
            "table": table,
            "provenance": provenance,
            "dropped": (*base.dropped, *_once(merged.dropped)),
            "open_questions": questions,
            "findings": (*_kept_findings(base.findings, ours), *findings),
            "trace": Trace(
                drafter="model",
                model=replies[-1].model if replies else None,
                prompt=call.prompt or prompt.label,
                fingerprint=prompt.fingerprint,
                passages=tuple(
                    dict.fromkeys((*base.trace.passages, *(f"{item.source.path or item.source.project}#{item.source.cell}" for item in material.evidence)))
                ),
                corpus=base.trace.corpus,
                version=__version__,
                tokens=usage.total,
                notes=(*base.trace.notes, *notes, *material.left_out, *merged.notes, *said),
            ),
        }
    )


def _placed(base: Draft, merged: Merged) -> tuple[GoalTable, tuple[Provenance, ...], tuple[OpenQuestion, ...]]:
    table = merged.table
    rows: list[tuple[Indicator, int | None, dict[str, Provenance]]] = [(row, i, {}) for i, row in enumerate(table.indicators)]
    for row, parts in merged.added:
        place = next((i for i in range(len(rows) - 1, -1, -1) if merging.order(table.frame, rows[i][0]) <= merging.order(table.frame, row)), -1)
        rows.insert(place + 1, (row, None, parts))
    moved = {old: new for new, (_, old, _) in enumerate(rows) if old is not None}
    if merged.added:
        table = table.model_copy(update={"indicators": tuple(row for row, _, _ in rows)})
    changed = {_moved(address, moved): entry for address, entry in merged.provenance.items()}
    beside = {_moved(address, moved): note for address, note in merged.beside.items()}
    provenance: dict[str, Provenance] = {}
    for entry in base.provenance:
        address = _moved(entry.cell, moved)
        note = "；".join(part for part in (entry.note, beside.get(address)) if part) or None
        provenance[address] = entry.model_copy(update={"cell": address, "note": note})
    for address, entry in changed.items():
        provenance[address] = entry.model_copy(update={"cell": address})
    for new, (_, old, parts) in enumerate(rows):
        if old is None:
            provenance.update({f"indicators[{new}].{part}": entry.model_copy(update={"cell": f"indicators[{new}].{part}"}) for part, entry in parts.items()})
    in_order = [cell.address for cell in table.cells() if cell.address in provenance]
    others = [address for address in provenance if address not in set(in_order) and not address.startswith("goals[")]
    asked = []
    for question in base.open_questions:
        address = _moved(question.cell, moved)
        if address in changed and changed[address].origin != "open":
            continue
        words = f"{question.question}（{beside[address]}）" if address in beside else question.question
        asked.append(question.model_copy(update={"cell": address, "question": words}))
    return table, tuple(provenance[address] for address in (*in_order, *others)), tuple(asked)


def _moved(address: str, moved: dict[int, int]) -> str:
    if not address.startswith("indicators["):
        return address
    number, _, rest = address.removeprefix("indicators[").partition("]")
    return f"indicators[{moved.get(int(number), int(number))}]{rest}"


def _kept_findings(findings: Sequence[Finding], ours: set[str]) -> list[Finding]:
    return [finding for finding in findings if finding.code not in ours]


def _once(dropped: Sequence[Dropped]) -> list[Dropped]:
    return list({(entry.text, entry.reason): entry for entry in dropped}.values())


def prompt_text(call: Call) -> str:
    """A call as it would be sent, for ``--dry-run``: every message in full, named by its role."""
    return "\n\n".join(f"【{_ROLES[message.role]}】\n{message.text}" for message in call.messages)


_ROLES: dict[str, str] = {"system": "系统", "user": "用户", "assistant": "模型"}
