"""Row by row the better stays: a model's proposal against the embedded draft, cell by cell traced, row by row judged, with reasons.

The embedded draft is the floor. A cell of the model's enters only when everything in it has a source; a row's new wording stays only when
the validator likes it no less than the old; the whole is compared once more at the end. What does not enter is kept beside, with why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.chinese import fold, likeness
from assistant.draft import ORIGIN_LABELS, Change, Dropped, Origin, Provenance
from assistant.drafting.embedded import SAID_BY_QUESTIONS
from assistant.drafting.grounding import Ground, Traced, instructs, subjects
from assistant.drafting.material import Material
from assistant.drafting.proposal import Proposal, Row
from assistant.drafting.renewal import speaks_of
from assistant.drafting.uses import uses_of
from assistant.findings import Finding, Outcome, Severity
from assistant.table import GoalTable, Indicator
from assistant.target import Target
from assistant.taxonomy import FRAMES, OPEN_VALUE
from assistant.validation import validate

_RANK: dict[str, int] = {"request": 0, "person": 0, "computed": 1, "carried": 2, "policy": 3, "library": 4, "model": 5, "open": 6}
_MOST_ROWS = 16
_PLAIN_BASIS = re.compile(r"^(?:年度|部门|本单位)?(?:工作)?(?:计划|安排|要求|实际|情况|方案|历史数据)*$")
_DEFINES = re.compile(r"[÷×/]|占|比例|比率|指|包括|含|按|以.{1,12}为准|计(?:算|入|数)|同一|不重复|凭|之和|平均|数$")


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one cell: its text, and its provenance when it is not the embedded one."""

    text: str
    provenance: Provenance | None = None


@dataclass(slots=True)
class Merged:
    """A table made of both, with provenance for what changed, what was set aside, what the model should mend, and the reasons.

    ``added`` are whole new rows (row, provenance by part); ``questions`` the proposals beside open cells by their address."""

    table: GoalTable
    provenance: dict[str, Provenance] = field(default_factory=dict)
    added: list[tuple[Indicator, dict[str, Provenance]]] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    taken: int = 0


def merge(material: Material, proposal: Proposal) -> Merged:
    """The best of the embedded draft and a proposal."""
    draft, ground = material.draft, material.ground
    base = draft.table
    merged = Merged(base)
    proposed = {row.number: row for row in proposal.rows if row.number is not None}
    rows: list[Indicator] = []
    for i, row in enumerate(base.indicators):
        offered = proposed.get(i)
        rows.append(_row(material, merged, i, row, offered) if offered else row)
    _keep_better(material, merged, rows)
    _goals(material, merged, proposal.goals)
    _add(material, merged, [row for row in proposal.rows if row.number is None], ground)
    merged.dropped += [Dropped(text=text, reason=f"模型提出，未采用：{why}") for text, why in proposal.unusable]
    for number, offered in sorted(proposed.items()):
        if offered.reason.startswith("建议删除"):
            merged.notes.append(f"第{(number or 0) + 1}行：模型{offered.reason[:60]}，是否删除由人决定。")
    return merged


def weight(findings: Sequence[Finding]) -> tuple[int, int, int]:
    """How bad a set of findings is: errors, warnings, infos; undecided ones do not count."""
    failed = [finding.severity for finding in findings if finding.outcome is Outcome.FAILED]
    return failed.count(Severity.ERROR), failed.count(Severity.WARNING), failed.count(Severity.INFO)


def check(material: Material, table: GoalTable) -> list[Finding]:
    """The validator's findings on one table beside last year's."""
    known = material.checked.get(id(table))
    if known is not None and known[0] is table:
        return known[1]
    previous = (material.draft.previous,) if material.draft.previous else ()
    found = [f for f in validate([table], previous=previous).findings if f.code not in SAID_BY_QUESTIONS and not _about_open_cell(material, table, f)]
    material.checked[id(table)] = (table, found)
    return found


def _about_open_cell(material: Material, table: GoalTable, finding: Finding) -> bool:
    # A cell that is open on purpose is asked about; a finding that it is open says nothing more.
    address = finding.cell or ""
    if address.startswith(("indicators[", "goals[")):
        try:
            return OPEN_VALUE in table.text(address)
        except KeyError:
            return False
    entry = material.origins.get(address)
    return entry is not None and entry.origin == "open"


def _row(material: Material, merged: Merged, i: int, old: Indicator, offered: Row) -> Indicator:
    """The row with every cell of the offer that has sources; the rest as it was. Faults become complaints."""
    ground = material.ground
    texts = {"level3": old.level3, "description": old.description or "", "basis": old.basis or ""}
    value = _value(material, merged, i, old, offered)
    free = (old.level3, old.description or "", old.basis or "", old.value.text, value.text)
    for part, limit in (("level3", 40), ("description", 160), ("basis", 120)):
        text = getattr(offered, part)
        if not text or fold(text) == fold(texts[part]):
            continue
        faults = _text_faults(ground, text, free, limit)
        if faults:
            merged.complaints.append(f"第{i + 1}行（{old.level3}）的{_LABELS[part]}：{'；'.join(faults)}。")
            merged.notes.append(f"第{i + 1}行的{_LABELS[part]}保留离线稿：模型写的“{text[:40]}”{faults[0]}。")
            continue
        texts[part] = text
    return old.model_copy(
        update={"level3": texts["level3"], "description": texts["description"] or None, "basis": texts["basis"] or None, "value": Target.parse(value.text)}
    )


def _value(material: Material, merged: Merged, i: int, old: Indicator, offered: Row) -> Cell:
    """The value that stays: the draft's own where it has a source as good, the model's where that is traced, else open."""
    address = f"indicators[{i}].value"
    embedded = material.origins.get(address)
    is_open = _is_open(old.value) or (embedded is not None and embedded.origin == "open")
    text = offered.value.strip()
    if not text or _is_open(Target.parse(text)) or fold(text) == fold(old.value.text):
        return Cell(old.value.text)
    traced = material.ground.value(text, name=f"{offered.level3} {old.level3}", level2=old.type, source=offered.source)
    target = Target.parse(text)
    if traced.fault:
        merged.complaints.append(f"第{i + 1}行（{offered.level3 or old.level3}）的指标值“{text[:30]}”：{traced.fault}。")
        if is_open:
            merged.beside[address] = f"模型建议“{text[:40]}”，没有找到出处"
        else:
            merged.notes.append(f"第{i + 1}行的指标值保留“{old.value.text}”：模型写的“{text[:30]}”没有出处。")
        return Cell(old.value.text)
    same_number = target.number is not None and (target.number, target.unit, target.upper) == (old.value.number, old.value.unit, old.value.upper)
    flagged = any(f.cell == address and f.outcome is Outcome.FAILED for f in check(material, material.draft.table))
    if same_number or is_open or (flagged and traced.fact is not None) or _is_better(traced, embedded, old, target):
        if traced.fact is None and not same_number and target.kind != "date" and is_open:
            # Words in place of a number nobody has given: the question stays open, the words stand beside it.
            merged.beside[address] = f"模型建议“{text[:40]}”"
            return Cell(old.value.text)
        merged.provenance[address] = _value_provenance(material, address, text, traced, embedded, same_number)
        return Cell(text, merged.provenance[address])
    merged.notes.append(f"第{i + 1}行的指标值保留“{old.value.text}”（{_said(embedded)}）；模型建议“{text[:30]}”。")
    return Cell(old.value.text)


def _is_better(traced: Traced, embedded: Provenance | None, old: Indicator, new: Target) -> bool:
    if traced.fact is None or embedded is None:
        return False
    vague = not any(char.isdigit() for char in old.value.text)
    return _RANK[traced.fact.origin] < _RANK[embedded.origin] or (vague and new.number is not None)


def _value_provenance(material: Material, address: str, text: str, traced: Traced, embedded: Provenance | None, same_number: bool) -> Provenance:
    if same_number and embedded is not None:
        return embedded.model_copy(update={"note": _joined(embedded.note, "写法由模型改"), "change": _change(material, address, text, embedded)})
    fact = traced.fact
    origin: Origin = fact.origin if fact else "computed"
    source = fact.source if fact else None
    note = "由模型填入，出处已核对" if fact else "年度末，由模型填入"
    return Provenance(
        cell=address,
        origin=origin,
        change=_change(material, address, text, embedded),
        source=source,
        formula=traced.formula or (fact.formula if fact else None),
        note=note,
        previous=embedded.previous if embedded else None,
    )


def _keep_better(material: Material, merged: Merged, rows: list[Indicator]) -> None:
    """Judge each changed row beside the old one; where the old is better it stays, with the reason."""
    base = material.draft.table
    before = _by_row(check(material, base))
    proposed = base.model_copy(update={"indicators": tuple(rows)})
    after = _by_row(check(material, proposed)) if proposed != base else before
    kept: list[Indicator] = []
    for i, (old, new) in enumerate(zip(base.indicators, rows, strict=True)):
        if new == old:
            kept.append(old)
            continue
        was, now = before.get(i, []), after.get(i, [])
        verdict = _worse(material, old, new, was, now) or _uncounted(material, rows, i, old, new)
        if verdict:
            worse = [f for f in now if f.code not in {g.code for g in was}]
            merged.complaints += [f"第{i + 1}行（{new.level3}）：{f.message}" for f in worse if _mendable(f)]
            merged.notes.append(f"第{i + 1}行“{old.level3}”保留离线稿：{verdict}。")
            if new.value == old.value or not _is_open(old.value):
                merged.provenance.pop(f"indicators[{i}].value", None)
                kept.append(old)
                continue
            # The words are worse, yet the value fills an open cell: take the value alone.
            new = old.model_copy(update={"value": new.value})
        else:
            merged.complaints += [f"第{i + 1}行（{new.level3}）：{f.message}" for f in now if _mendable(f)]
        _record(material, merged, i, old, new)
        merged.taken += 1
        kept.append(new)
    merged.table = base.model_copy(update={"indicators": tuple(kept)})


def _record(material: Material, merged: Merged, i: int, old: Indicator, new: Indicator) -> None:
    for part in ("level3", "description", "basis"):
        before, after = getattr(old, part) or "", getattr(new, part) or ""
        if before == after:
            continue
        address = f"indicators[{i}].{part}"
        embedded = material.origins.get(address)
        merged.provenance[address] = Provenance(
            cell=address,
            origin="model",
            change=_change(material, address, after, embedded),
            source=material.ground.place(after) or (embedded.source if embedded else None),
            note=f"模型改写，离线稿为“{before[:60]}”" if before else "模型补写",
            previous=embedded.previous if embedded else None,
        )


def _worse(material: Material, old: Indicator, new: Indicator, was: list[Finding], now: list[Finding]) -> str:
    """Why the new row is worse than the old; empty when it is not."""
    if weight(now) > weight(was):
        new_ones = [f.message for f in now if f.code not in {g.code for g in was}]
        return f"模型的写法会新增问题（{(new_ones or [now[0].message])[0][:60]}）"
    if weight(now) < weight(was):
        return ""
    if _quality(material, new) < _quality(material, old):
        return "模型的写法没有离线稿具体"
    return ""


def _uncounted(material: Material, rows: Sequence[Indicator], i: int, old: Indicator, new: Indicator) -> str:
    """Which use of the money no row would count any more once this row bears its new name; empty when each is still counted."""
    if old.type != "数量指标" or fold(old.level3) == fold(new.level3):
        return ""
    base = material.draft.table
    for component in uses_of(base.purpose or base.project.name or "").components:
        if not speaks_of(old.level3, component) or speaks_of(new.level3, component):
            continue
        # The better of old and new names of the other rows: they may yet keep theirs.
        others = [row.level3 for j, row in enumerate(rows) if j != i and row.type == "数量指标"]
        if not any(speaks_of(name, component) for name in others):
            return f"改名后没有一行再数“{component.nominal}”"
    return ""


def _quality(material: Material, row: Indicator) -> int:
    """Small points for what makes a row easier to check: a name that says of what, a description that defines, a basis that names."""
    table = material.draft.table
    about = subjects(f"{table.project.name or ''} {table.purpose or ''} {material.draft.request.sentence or ''}")
    name, description, basis = row.level3, row.description or "", row.basis or ""
    points = min(len(subjects(name) & about), 2) + (4 <= len(name) <= 16) - bool(re.search(r"[和、及与]", name))
    points += 2 * bool(_DEFINES.search(description)) - 3 * (not description or likeness(description, name) > 0.8)
    points += 2 * (not _PLAIN_BASIS.match(basis)) + bool(re.search(r"〔\d{4}〕|《|合同|名册|台账|方案|问卷|清单", basis))
    return points + (row.value.number is not None)


def _goals(material: Material, merged: Merged, proposed: Sequence[str]) -> None:
    """Take the model's goals when each has its sources, agrees with the rows, and the validator likes them no less."""
    draft = material.draft
    if not proposed or list(map(fold, proposed)) == list(map(fold, draft.table.goals)):
        return
    values = [row.value.text for row in merged.table.indicators]
    good = []
    for goal in proposed[:5]:
        faults = _text_faults(material.ground, goal, (*values, *draft.table.goals), 300)
        if faults:
            merged.complaints.append(f"绩效目标“{goal[:24]}…”：{'；'.join(faults)}。")
            merged.dropped.append(Dropped(cell="goals", text=goal[:300], reason=f"模型提出，未采用：{faults[0]}"))
        elif len(goal) >= 12:
            good.append(goal)
    if not good:
        return
    table = merged.table.model_copy(update={"goals": tuple(good)})
    purpose = draft.table.purpose or draft.request.sentence or ""
    was = [f for f in check(material, merged.table) if (f.cell or "").startswith("goals")]
    now = [f for f in check(material, table) if (f.cell or "").startswith("goals")]
    if weight(now) > weight(was) or _goal_quality(good, values, purpose) < _goal_quality(draft.table.goals, values, purpose):
        merged.notes.append("绩效目标保留离线稿：模型的写法没有更具体。")
        merged.complaints += [f"绩效目标：{f.message}" for f in now if _mendable(f)]
        return
    for i, goal in enumerate(good):
        address = f"goals[{i}]"
        embedded = material.origins.get(address)
        same = i < len(draft.table.goals) and draft.table.goals[i] == goal
        if not same:
            note = f"模型改写，离线稿为“{draft.table.goals[i][:80]}”" if i < len(draft.table.goals) else "模型补写"
            merged.provenance[address] = Provenance(
                cell=address, origin="model", change=_change(material, address, goal, embedded), note=note, previous=embedded.previous if embedded else None
            )
            merged.taken += 1
    for i in range(len(good), len(draft.table.goals)):
        merged.dropped.append(Dropped(cell=f"goals[{i}]", text=draft.table.goals[i], reason="模型把几条目标并成了较少的几条"))
    merged.table = table


def _goal_quality(goals: Sequence[str], values: Sequence[str], purpose: str) -> int:
    """Small points for goals that say figures of the rows, every use of the funds, and an effect, in a readable length."""
    whole = fold("".join(goals))
    figures = sum(number in whole for value in values for number in re.findall(r"\d+(?:\.\d+)?", value)[:1])
    uses = [subjects(use) for use in re.split(r"[、，,。；;和及与]", purpose) if len(use) >= 2]
    # What only this use is called; words that stand in several of them tell nothing.
    own = [use - set().union(*(other for other in uses if other is not use)) for use in uses]
    covered = sum(bool(use & subjects(whole)) for use in own if use)
    fitting = all(20 <= len(goal) <= 240 for goal in goals)
    return min(figures, 2) + 2 * covered + 2 * fitting + bool(re.search(r"提高|减少|改善|降低|保障|增加|解决|缓解|使|让|方便", whole))


def _add(material: Material, merged: Merged, rows: Sequence[Row], ground: Ground) -> None:
    """New rows: only with a traced value, about something no row measures yet, and not beyond what a table can carry."""
    table = merged.table
    for row in rows:
        reason = ""
        existing = [*table.indicators, *(added for added, _ in merged.added)]
        traced = ground.value(row.value, name=row.level3, level2=_canonical(row), source=row.source) if row.value else Traced()
        faults = (
            [f for part in (row.level3, row.description, row.basis) for f in _text_faults(ground, part, (row.value,), 160)]
            if not traced.fault
            else [traced.fault]
        )
        if len(existing) >= _MOST_ROWS:
            reason = f"表已有{len(existing)}行"
        elif any(fold(row.level3) == fold(old.level3) or (old.type == _canonical(row) and likeness(row.level3, old.level3) > 0.75) for old in existing):
            reason = "与已有的行重复"
        elif faults:
            reason = faults[0]
            merged.complaints.append(f"新增行“{row.level3[:24]}”：{'；'.join(faults[:2])}。")
        elif traced.fact is None:
            reason = "指标值没有可核对的数"
        if reason:
            merged.dropped.append(Dropped(text=str(row)[:300], reason=f"模型提出，未采用：{reason}"))
            continue
        assert traced.fact is not None
        indicator = Indicator(
            level1=row.level1, level2=row.level2, level3=row.level3, description=row.description or None, value=Target.parse(row.value), basis=row.basis or None
        )
        with_it = table.model_copy(update={"indicators": (*table.indicators, *(added for added, _ in merged.added), indicator)})
        without = table.model_copy(update={"indicators": (*table.indicators, *(added for added, _ in merged.added))})
        if weight(check(material, with_it)) > weight(check(material, without)):
            merged.dropped.append(Dropped(text=str(row)[:300], reason="模型提出，未采用：加上它会新增问题"))
            continue
        fact = traced.fact
        parts = {
            part: Provenance(cell=part, origin="model", change="new", note=row.reason[:80] or "模型补写")
            for part in ("level1", "level2", "level3", "description", "basis")
        }
        parts["value"] = Provenance(cell="value", origin=fact.origin, change="new", source=fact.source, formula=fact.formula, note="由模型填入，出处已核对")
        merged.added.append((indicator, parts))
        merged.taken += 1


def _canonical(row: Row) -> str | None:
    return Indicator(level1=row.level1, level2=row.level2).type


def order(frame: str, row: Indicator) -> int:
    """Where a row's type stands in its frame."""
    types = [level2 for group in FRAMES.get(frame, FRAMES["2015"]).values() for level2 in group]
    return types.index(row.type) if row.type in types else len(types)


def _text_faults(ground: Ground, text: str, free: Sequence[str], limit: int) -> list[str]:
    if not text:
        return []
    faults = ground.prose(text, free=free)
    if len(text) > limit:
        faults.append(f"过长（{len(text)}字）")
    if instructs(text) or re.search(r"提示词|system|prompt|JSON|json|<资料|模型", text):
        faults.append("不是写在表里的话")
    return faults


def _mendable(finding: Finding) -> bool:
    open_cell = OPEN_VALUE in (finding.quote or "") or OPEN_VALUE in finding.message or OPEN_VALUE in (finding.found or "")
    return finding.outcome is Outcome.FAILED and finding.severity is not Severity.INFO and not open_cell


def _by_row(findings: Sequence[Finding]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for finding in findings:
        if match := re.match(r"indicators\[(\d+)\]", finding.cell or ""):
            found.setdefault(int(match[1]), []).append(finding)
    return found


def _is_open(value: Target) -> bool:
    return value.kind == "missing" or OPEN_VALUE in value.text


def _change(material: Material, address: str, text: str, embedded: Provenance | None) -> Change:
    """The mark against last year that a cell with a new text carries."""
    if embedded is None or embedded.change == "new":
        return "new"
    last = embedded.previous
    if last is None and embedded.change == "same":
        last = material.draft.table.text(address)
    return "same" if last is not None and fold(last) == fold(text) else "changed"


def _said(entry: Provenance | None) -> str:
    return f"出处：{ORIGIN_LABELS[entry.origin]}" if entry else "有出处"


def _joined(first: str | None, second: str) -> str:
    return f"{first}；{second}" if first else second


_LABELS = {"level3": "三级指标", "description": "指标描述", "basis": "确定依据"}
