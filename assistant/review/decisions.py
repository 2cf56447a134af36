"""What a person decides, put on record: accept, edit, refuse, add or move a row, take back, waive. Pure: a draft in, a draft out.

Each act checks itself, changes table, provenance and questions together, re-validates, and adds one entry to the history that holds
what is needed to take it back. A reason is asked only for an override: refusing, changing what has a source, accepting despite an error.
"""

from __future__ import annotations

from typing import Any

from assistant.draft import Change, Draft, Dropped, Entry, OpenQuestion, Origin, Provenance, Source
from assistant.errors import InputError
from assistant.findings import Severity
from assistant.review.checking import recheck
from assistant.review.history import Hand, pending, record
from assistant.review.places import coming, is_row, leaving, move_beside, moving, put_back, row_of, taken
from assistant.review.standing import CellView, Standing, effective, equal, pressing, previous_texts, with_status
from assistant.table import HEADER_LABELS, INDICATOR_LABELS, GoalTable, Indicator
from assistant.taxonomy import OPEN_VALUE

_UNDOABLE = ("accept", "edit", "reject", "insert", "move", "mend", "waive")
# A longer reason or text is a mistake (a whole file pasted), and would be repeated in every report.
_LONGEST = 20_000


def accept(draft: Draft, cells: tuple[str, ...], hand: Hand, *, reason: str | None = None, until: str | None = None) -> Draft:
    """Accept cells as they stand; one entry. Their questions count as answered.

    InputError for a cell that is still 待核实, and for errors without a reason; with one they are waived until ``until`` (one cell only).
    """
    views = _views(draft, cells)
    if not views:
        raise InputError("没有可采纳的单元格。", "用 assistant review 草稿.json --list 查看各单元格的状态。")
    for view in views:
        if view.open and (view.text or not reason):
            raise InputError(f"“{view.label}”还是待核实，不能采纳。", "请先填写（修改），或不采纳并说明原因。")
        if view.errors and not reason:
            raise InputError(f"“{view.label}”有错误：{view.errors[0].message}", "请先修改；确有理由仍要采纳的，请写明理由（记为豁免）。")
    waives = tuple(dict.fromkeys(finding.code for view in views for finding in view.errors))
    if waives and len(views) > 1:
        raise InputError("有错误的单元格不能成批采纳。", "请逐格处理有错误的单元格。")
    chosen = {view.address for view in views}
    kept = {"questions": taken(draft.open_questions, chosen.__contains__)}
    after = draft.model_copy(update={"open_questions": tuple(each for each in draft.open_questions if each.cell not in chosen)})
    return _sealed(
        after,
        hand,
        action="accept",
        cell=views[0].address if len(views) == 1 else None,
        cells=tuple(view.address for view in views) if len(views) > 1 else None,
        after=views[0].text if len(views) == 1 else None,
        reason=reason or None,
        waives=waives or None,
        until=(until or _end_of_year(draft)) if waives else None,
        kept=kept if kept["questions"] else None,
    )


def accept_clean(draft: Draft, hand: Hand) -> Draft:
    """Accept at once every undecided cell that is last year's and without findings; the draft unchanged when there is none."""
    cells = Standing(draft).clean_cells
    return accept(draft, cells, hand) if cells else draft


def acceptable(draft: Draft, cells: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the cells that can be accepted in one stroke: undecided, with text, neither open nor in error."""
    views = Standing(draft).by_address
    chosen = (views[cell] for cell in cells if cell in views)
    return tuple(view.address for view in chosen if view.state == "undecided" and view.needed and view.text and not view.open and not view.errors)


def edit(draft: Draft, cell: str, text: str, hand: Hand, *, reason: str | None = None) -> Draft:
    """Write another text into a cell. Its source is the person from then on; its question is answered.

    InputError for an address the table lacks or a text the cell cannot hold.
    """
    view = _views(draft, (cell,))[0]
    _check_length(text)
    table = draft.table.with_text(cell, text)
    if table.text(cell) == view.text:
        return accept(draft, (cell,), hand, reason=reason)
    return _rewritten(draft, view, table, _sourced(draft, view, table, "person", reason), hand, action="edit", reason=reason)


def mend(draft: Draft, cell: str, text: str, hand: Hand, *, reason: str) -> Draft:
    """Write what a rule proposes into a cell, by the program: the source stays, with a note, and a person still has to decide on it."""
    view = _views(draft, (cell,))[0]
    table = draft.table.with_text(cell, text)
    old = view.provenance or Provenance(cell=cell, origin="person")
    new = _sourced(draft, view, table, old.origin, f"{old.note}；{reason}" if old.note else reason)
    new = new.model_copy(update={"source": old.source, "formula": old.formula})
    return _rewritten(draft, view, table, new, hand, action="mend", reason=reason)


def refuse(draft: Draft, cell: str, hand: Hand, *, reason: str, to: str | None = None) -> Draft:
    """Do not take what is proposed: a row or goal as a whole leaves the table; a cell gets ``to``, else last year's text, else is left open.

    InputError without a reason.
    """
    if not reason.strip():
        raise InputError("不采纳要写明原因。", "原因会记入审核记录，并在下次起草时参考。")
    _check_length(reason)
    if is_row(cell) and (to is None or cell.startswith("indicators")):
        return _without_row(draft, cell, hand, reason)
    view = _views(draft, (cell,))[0]
    text = instead_of(view) if to is None else to
    table = draft.table.with_text(cell, text)
    origin: Origin = (
        "carried" if text and view.previous is not None and equal(text, view.previous) else ("person" if text and OPEN_VALUE not in text else "open")
    )
    return _rewritten(draft, view, table, _sourced(draft, view, table, origin, reason), hand, action="reject", reason=reason)


def instead_of(view: CellView) -> str:
    """What a refused cell gets when nothing else is said: last year's text when that is another one, else it is open again."""
    if view.previous is not None and view.previous and not view.same:
        return view.previous
    return OPEN_VALUE if view.address.endswith(".value") else ""


def insert(draft: Draft, at: str, row: Indicator | str, hand: Hand, *, reason: str | None = None) -> Draft:
    """Put a row (an indicator) or a goal (a text) in at an address such as ``indicators[3]``: before the row that stands there now."""
    place = row_of(at)
    name = "goals" if isinstance(row, str) else "indicators"
    rows: list[Any] = list(getattr(draft.table, name))
    if place is None or place[0] != name or place[2] is not None or place[1] > len(rows):
        raise InputError(f"没有位置“{at}”，不能在那里增加一行。", f"指标行的位置从 indicators[0] 到 indicators[{len(draft.table.indicators)}]。")
    shown = row if isinstance(row, str) else row.level3
    if not shown.strip():
        raise InputError("新增的一行没有名称。", "请写三级指标（或绩效目标）的内容。")
    rows.insert(place[1], row)
    after = draft.model_copy(update={"table": _with_rows(draft.table, name, rows), **move_beside(draft, coming(name, place[1]))})
    cells = [at] if isinstance(row, str) else [f"{at}.{part}" for part in ("level3", "description", "value", "basis")]
    added = tuple(Provenance(cell=cell, origin="person", note=f"{hand.person}增加") for cell in cells if after.table.text(cell))
    after = after.model_copy(update={"provenance": (*after.provenance, *added)})
    text = shown if isinstance(row, str) else f"{row.level3} {row.value.text}".strip()
    return _sealed(after, hand, action="insert", cell=at, after=text, reason=reason or None)


def move(draft: Draft, row: str, to: int, hand: Hand, *, reason: str | None = None) -> Draft:
    """Put a row or goal (``indicators[3]``) in place ``to`` of its list, counted from 0; what was decided and asked about it goes with it.

    InputError for a row or a place that the table lacks; the draft unchanged when the row stands there already.
    """
    place = row_of(row)
    rows: list[Any] = list(getattr(draft.table, place[0])) if place else []
    if place is None or place[2] is not None or place[1] >= len(rows):
        raise InputError(f"目标表没有“{row}”这一行。", "行的写法见 assistant review 草稿.json --list，例如 indicators[2]。")
    if not 0 <= to < len(rows):
        raise InputError(f"不能移到第{to + 1}行。", f"请写第1行到第{len(rows)}行。")
    name, at = place[0], place[1]
    if at == to:
        return draft
    gone = rows.pop(at)
    rows.insert(to, gone)
    after = draft.model_copy(update={"table": _with_rows(draft.table, name, rows), **move_beside(draft, moving(name, at, to))})
    shown = label_of(draft, f"{name}[{to}]")
    return _sealed(after, hand, action="move", cell=row, before=label_of(draft, row), after=shown, reason=reason or None, kept={"to": to})


def waive(draft: Draft, code: str, hand: Hand, *, reason: str, cell: str | None = None, until: str | None = None) -> Draft:
    """Set a finding aside with a reason, until a day (the end of the table's year when none is named).

    InputError without a reason, for a date that is none or past, and when there is no such finding.
    """
    if not reason.strip():
        raise InputError("豁免要写明理由。", "例如 --reason 上级已批复，见某文件。")
    until = _checked_day(until, hand.now) if until else _end_of_year(draft)
    fitting = [each for each in draft.findings if each.code == code.upper() and (cell is None or each.cell == cell) and pressing(each, Severity.INFO)]
    if not fitting:
        raise InputError(f"草稿中没有未豁免的问题 {code}{f'（{cell}）' if cell else ''}。", "用 assistant review 草稿.json --list 查看现有问题及其编号。")
    places = list(dict.fromkeys(each.cell for each in fitting))
    if len(places) > 1:
        raise InputError(f"问题 {code} 出现在 {len(places)} 处。", f"请指明单元格，例如 {code}@{places[0] or places[1]}。")
    return _sealed(draft, hand, action="waive", cell=places[0], waives=(code.upper(),), until=until, reason=reason, before=fitting[0].message)


def undo(draft: Draft, hand: Hand) -> Draft:
    """Take back the newest decision that still counts; InputError when there is none."""
    entry = last(draft)
    if entry is None:
        raise InputError("没有可以撤销的决定。", "签字和退回不能撤销；修改内容会使签字失效。")
    after = _taken_back(draft, entry)
    return _sealed(after, hand, action="undo", cell=entry.cell, cells=entry.cells, undoes=entry.n, before=entry.after, after=entry.before)


def last(draft: Draft) -> Entry | None:
    """The newest decision that still counts and can be taken back: what came before an outside change no longer fits the content."""
    entry = next((each for each in reversed(effective(draft.history)) if each.action in (*_UNDOABLE, "adopt")), None)
    return None if entry is None or entry.action == "adopt" else entry


def taken_back(entry: Entry) -> str:
    """What undoing a decision does, in words."""
    if entry.action == "move":
        return f"{entry.after}移回{entry.before}"
    if entry.action == "waive":
        return f"不再豁免{'、'.join(entry.waives or ())}"
    if entry.action == "accept":
        return f"{len(entry.cells)}格不再采纳" if entry.cells else f"不再采纳“{entry.after or '空'}”"
    if entry.action == "insert":
        return f"去掉了新加的“{entry.after}”"
    if entry.action == "reject" and entry.cell and "." not in entry.cell:
        return f"恢复了“{entry.before}”"
    return f"“{entry.after or '空'}”改回“{entry.before or '空'}”"


def needs_reason(view: CellView) -> bool:
    """Whether changing a cell overrides something that has a source (then a reason is asked), or only fills what nobody had given."""
    origin = view.provenance.origin if view.provenance else None
    return bool(view.text) and not view.open and origin not in (None, "open", "person", "model")


def _views(draft: Draft, cells: tuple[str, ...]) -> list[CellView]:
    known = Standing(draft).by_address
    for cell in cells:
        if cell not in known:
            raise InputError(f"目标表没有单元格“{cell}”。", "单元格的写法见 assistant review 草稿.json --list，例如 indicators[0].value、budget.total。")
    return [known[cell] for cell in cells]


def _sourced(draft: Draft, view: CellView, table: GoalTable, origin: Origin, note: str | None) -> Provenance:
    """The provenance of a cell's new text; last year's cell is cited where it is taken up again."""
    text, old = table.text(view.address), view.previous
    change: Change = "new" if old is None else ("same" if equal(text, old) else "changed")
    year = draft.previous.year if draft.previous else None
    source = Source(project=draft.table.project.name, year=year, cell=view.label, text=old) if origin == "carried" else None
    return Provenance(cell=view.address, origin=origin, change=change, source=source, note=note or None, previous=old)


def _rewritten(draft: Draft, view: CellView, table: GoalTable, new: Provenance, hand: Hand, **what: Any) -> Draft:
    cell, text = view.address, table.text(view.address)
    kept: dict[str, Any] = {
        "provenance": taken(draft.provenance, cell.__eq__),
        "questions": taken(draft.open_questions, cell.__eq__),
    }
    place = row_of(cell)
    if place and place[0] == "indicators":
        kept["indicator"] = draft.table.indicators[place[1]].model_dump(mode="json")
    provenance = tuple(new if each.cell == cell else each for each in draft.provenance)
    if not kept["provenance"]:
        provenance = (*provenance, new)
    questions = draft.open_questions
    if text and OPEN_VALUE not in text:
        questions = tuple(each for each in questions if each.cell != cell)
    elif view.question is None:
        questions = (*questions, OpenQuestion(cell=cell, question=f"请给出“{view.label}”。"))
    after = draft.model_copy(update={"table": table, "provenance": provenance, "open_questions": questions})
    return _sealed(after, hand, cell=cell, before=view.text, after=text, kept=kept, **{**what, "reason": what.get("reason") or None})


def _without_row(draft: Draft, row: str, hand: Hand, reason: str) -> Draft:
    place = row_of(row)
    name, at = (place[0], place[1]) if place else ("", 0)
    rows: list[Any] = list(getattr(draft.table, name))
    if at >= len(rows):
        raise InputError(f"目标表没有“{row}”这一行。", "行的写法见 assistant review 草稿.json --list，例如 indicators[2]。")
    gone = rows.pop(at)
    text = gone if isinstance(gone, str) else f"{gone.level3} {gone.value.text}".strip()
    move = leaving(name, at)
    kept = {
        "row": gone if isinstance(gone, str) else gone.model_dump(mode="json"),
        "provenance": taken(draft.provenance, lambda cell: move(cell) is None),
        "questions": taken(draft.open_questions, lambda cell: move(cell) is None),
    }
    before = previous_texts(draft)
    cited = next((each.source for each in draft.provenance if move(each.cell) is None and each.source), None)
    dropped = Dropped(cell=row, text=text, reason=reason, source=cited if before else None)
    after = draft.model_copy(update={"table": _with_rows(draft.table, name, rows), **move_beside(draft, move), "dropped": (*draft.dropped, dropped)})
    return _sealed(after, hand, action="reject", cell=row, before=text, reason=reason, kept=kept)


def _taken_back(draft: Draft, entry: Entry) -> Draft:
    kept = entry.kept or {}
    questions = kept.get("questions", ())
    if entry.action in ("accept", "waive") or not entry.cell:
        return draft.model_copy(update={"open_questions": put_back(draft.open_questions, questions, OpenQuestion)})
    place = row_of(entry.cell)
    if entry.action == "move" and place:
        back = int(kept["to"])
        rows = list(getattr(draft.table, place[0]))
        rows.insert(place[1], rows.pop(back))
        return draft.model_copy(update={"table": _with_rows(draft.table, place[0], rows), **move_beside(draft, moving(place[0], back, place[1]))})
    if entry.action == "insert" and place:
        rows = [row for i, row in enumerate(getattr(draft.table, place[0])) if i != place[1]]
        return draft.model_copy(update={"table": _with_rows(draft.table, place[0], rows), **move_beside(draft, leaving(place[0], place[1]))})
    if "row" in kept and place:
        rows = list(getattr(draft.table, place[0]))
        rows.insert(place[1], kept["row"] if place[0] == "goals" else Indicator.model_validate(kept["row"]))
        beside = move_beside(draft, coming(place[0], place[1]))
        table, dropped = _with_rows(draft.table, place[0], rows), draft.dropped[:-1]
        provenance, asked = beside["provenance"], beside["open_questions"]
        draft = draft.model_copy(update={"findings": beside["findings"], "dropped": dropped})
    else:
        table = _cell_back(draft.table, entry)
        provenance = tuple(each for each in draft.provenance if each.cell != entry.cell)
        asked = tuple(each for each in draft.open_questions if each.cell != entry.cell)
    restored = {
        "table": table,
        "provenance": put_back(provenance, kept.get("provenance", ()), Provenance),
        "open_questions": put_back(asked, questions, OpenQuestion),
    }
    return draft.model_copy(update=restored)


def _cell_back(table: GoalTable, entry: Entry) -> GoalTable:
    place, kept = row_of(entry.cell or ""), entry.kept or {}
    if place and "indicator" in kept:
        # The whole row as it was read, so that what a reader parsed out of the cell comes back exactly.
        rows = list(table.indicators)
        rows[place[1]] = Indicator.model_validate(kept["indicator"])
        return table.model_copy(update={"indicators": tuple(rows)})
    return table.with_text(entry.cell or "", entry.before or "")


def _with_rows(table: GoalTable, name: str, rows: list[Any]) -> GoalTable:
    return table.model_copy(update={name: tuple(rows)})


def _sealed(draft: Draft, hand: Hand, **what: Any) -> Draft:
    # The findings follow from the entry (a waiver) and are part of what its hash covers: check with it, then seal it.
    entry = pending(draft, hand, **what)
    checked = recheck(draft.model_copy(update={"history": (*draft.history, entry)}), hand.now)
    return with_status(record(checked.model_copy(update={"history": draft.history}), entry))


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        raise InputError(f"文字有{len(text)}个字，太长了。", f"一格最多{_LONGEST}个字。")


def _end_of_year(draft: Draft) -> str | None:
    return f"{draft.table.year}-12-31" if draft.table.year else None


def _checked_day(day: str, now: str) -> str:
    from datetime import date

    try:
        until = date.fromisoformat(day).isoformat()
    except ValueError:
        raise InputError(f"日期“{day}”写法有误。", "请写成 2026-12-31 的样子。") from None
    if until < now[:10]:
        raise InputError(f"豁免的截止日期 {until} 已经过去。", "请写一个今天以后的日期。")
    return until


def label_of(draft: Draft, cell: str | None) -> str:
    """How a cell, row or the table as a whole is called to people; an address that the table no longer has is called alike."""
    if cell is None:
        return "全表"
    place = row_of(cell)
    if place is None:
        return HEADER_LABELS.get(cell) or next((each.label for each in draft.table.cells() if each.address == cell), cell)
    if place[0] == "goals":
        return f"绩效目标{place[1] + 1}" if len(draft.table.goals) > 1 or place[1] else "绩效目标"
    return f"第{place[1] + 1}行" + (f"·{INDICATOR_LABELS.get(place[2], place[2])}" if place[2] else "")
