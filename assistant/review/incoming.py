"""A Word file that the boss changed, read back as decisions against the draft: cell by cell, who changed what.

Compared is what the file says now with what the draft says now. Who and when come from Word's own revision marks in that cell, else from
whoever saved the file last. Two things keep an old file from undoing newer work: where the file keeps track of changes and a cell bears
no mark, its difference is the draft's own later change; and a cell decided after the mark's date is left alone. Both are said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from assistant.chinese import fold, likeness
from assistant.draft import Draft
from assistant.errors import InputError, unreadable
from assistant.export.revisions import AUTHOR
from assistant.review.batch import Decision
from assistant.review.standing import Standing, equal
from assistant.table import HEADER_LABELS, INDICATOR_LABELS, GoalTable, Indicator

_LONGEST = 64 * 1024 * 1024


@dataclass(slots=True)
class Mark:
    """Who changed something, and when (ISO time as Word writes it, empty when unknown)."""

    author: str = ""
    date: str = ""


@dataclass(slots=True)
class Incoming:
    """A table read back: the cells that the file has, the marks found in them, the marks of rows that are gone, and who saved the file
    last. ``tracked`` = the file keeps track of changes."""

    table: GoalTable
    known: frozenset[str] = frozenset()
    marks: dict[str, Mark] = field(default_factory=dict)
    gone: list[Mark] = field(default_factory=list)
    tracked: bool = False
    saved: Mark = field(default_factory=Mark)


class Change(NamedTuple):
    """One difference: what it would be as a decision, how the place is called, and the mark that tells whose it is."""

    decision: Decision
    label: str
    mark: Mark | None


def decisions_of(path: Path, draft: Draft) -> tuple[list[Decision], list[str]]:
    """The decisions that a changed file amounts to, and what a person should know about them (Chinese sentences).

    UnreadableFile for a file that cannot be read, InputError when it holds no table that is this draft's.
    """
    incoming = _read(path, draft)
    found, notes = [], []
    for change in _Comparison(draft, incoming).changes():
        reason = _newer(draft, change, incoming)
        if reason:
            notes.append(f"{change.label}：{reason}，没有写入。")
        else:
            found.append(change.decision)
    if not found:
        notes.append(f"“{path.name}”里没有可记的改动。")
    return found, notes


class _Comparison:
    """The draft's table against the one read back."""

    def __init__(self, draft: Draft, incoming: Incoming) -> None:
        self.old = draft.table
        self.new = incoming.table
        self.incoming = incoming
        self.labels = {cell.address: cell.label for cell in draft.table.cells()}

    def changes(self) -> Iterator[Change]:
        for address in HEADER_LABELS:
            # What a form does not show is not taken back.
            if self.new.text(address) or address in self.incoming.known:
                yield from self.cell(address, address)
        there = {fold(node.by): i for i, node in enumerate(self.new.spending_plan)}
        for i, node in enumerate(self.old.spending_plan):
            place = there.get(fold(node.by))
            if place is not None:
                yield from self.cell(f"spending_plan[{i}].percent", f"spending_plan[{place}].percent")
        yield from self.goals()
        yield from self.rows()

    def cell(self, cell: str, place: str) -> Iterator[Change]:
        left, right = self.old.text(cell), self.new.text(place)
        if not (equal(left, right) or fold(left) == fold(right)):
            mark = self.incoming.marks.get(place)
            yield self.change(mark, self.labels[cell], action="edit", cell=cell, to=right)

    def goals(self) -> Iterator[Change]:
        for i in range(min(len(self.old.goals), len(self.new.goals))):
            yield from self.cell(f"goals[{i}]", f"goals[{i}]")
        for i in range(len(self.new.goals), len(self.old.goals)):
            yield self.removal(f"goals[{i}]", self.labels[f"goals[{i}]"])
        for i in range(len(self.old.goals), len(self.new.goals)):
            mark = self.incoming.marks.get(f"goals[{i}]")
            yield self.change(mark, f"绩效目标{i + 1}", action="insert", cell=f"goals[{i}]", goal=self.new.goals[i])

    def rows(self) -> Iterator[Change]:
        pairs = paired(self.old.indicators, self.new.indicators)
        for i, place in enumerate(pairs):
            if place is None:
                yield self.removal(f"indicators[{i}]", f"第{i + 1}行")
                continue
            for part in INDICATOR_LABELS:
                yield from self.cell(f"indicators[{i}].{part}", f"indicators[{place}].{part}")
        for place, row in enumerate(self.new.indicators):
            if place in pairs:
                continue
            before = [i for i, other in enumerate(pairs) if other is not None and other < place]
            at = before[-1] + 1 if before else 0
            mark = next((found for part in INDICATOR_LABELS if (found := self.incoming.marks.get(f"indicators[{place}].{part}"))), None)
            yield self.change(mark, f"新增行“{row.level3}”", action="insert", cell=f"indicators[{at}]", row=row)

    def removal(self, row: str, label: str) -> Change:
        # Which deleted row it was cannot be told from the marks; one author for all of them can.
        authors = {mark.author for mark in self.incoming.gone}
        return self.change(self.incoming.gone[0] if len(authors) == 1 else None, label, action="reject", cell=row)

    def change(self, mark: Mark | None, label: str, **what: Any) -> Change:
        shown = mark or self.incoming.saved
        verb = {"edit": "修改", "reject": "删除", "insert": "增加"}[what["action"]]
        when = f"，{shown.date[:16].replace('T', ' ')}" if shown.date else ""
        reason = f"在 Word 中{verb}（{shown.author or '未署名'}{when}）"
        return Change(Decision(person=shown.author or None, reason=reason, **what), label, mark)


def _newer(draft: Draft, change: Change, incoming: Incoming) -> str | None:
    """Why a difference is not a change made in the file but the draft's own later one, or None."""
    if incoming.tracked and change.decision.action == "edit" and change.mark is None:
        return "文件记录了修订，但这一格没有修订标记，是草稿在导出之后改过的"
    entry = Standing(draft).decided.cells.get(change.decision.cell or "")
    if entry is not None and entry.action != "accept" and _later(entry.time, incoming.saved.date):
        return f"草稿中{entry.person}已于{entry.time[:16].replace('T', ' ')}另行决定，晚于该文件的保存时间"
    return None


def _later(left: str, right: str) -> bool:
    try:
        return datetime.fromisoformat(left) > datetime.fromisoformat(right)
    except (ValueError, TypeError):
        # No time, or one without its zone: nothing can be said.
        return False


def paired(old: tuple[Indicator, ...], new: tuple[Indicator, ...]) -> list[int | None]:
    """For each old row the place of the new row that it became, None when it is gone: equal names first, then in order the most alike."""
    found: list[int | None] = [None] * len(old)
    free = list(range(len(new)))
    for exact in (True, False):
        for i, row in enumerate(old):
            if found[i] is not None:
                continue
            best = max(free, key=lambda place: (_score(row, new[place], exact), -abs(place - i)), default=None)
            if best is not None and _score(row, new[best], exact) >= (1.0 if exact else 0.5):
                found[i] = best
                free.remove(best)
    return found


def _score(left: Indicator, right: Indicator, exact: bool) -> float:
    same = fold(left.level3) == fold(right.level3)
    if exact:
        return (1.0 + 0.1 * (fold(left.level2) == fold(right.level2))) if same else 0.0
    if fold(left.level2) != fold(right.level2):
        return 0.0
    others = [fold(left.description or "") == fold(right.description or ""), fold(left.value.text) == fold(right.value.text)]
    return max(likeness(left.level3, right.level3), 0.3 * sum(others))


# -- reading ---------------------------------------------------------------------------------------------------------------------------


def _read(path: Path, draft: Draft) -> Incoming:
    from assistant.documents.readers import read
    from assistant.extraction import extract

    if path.suffix.lower() not in (".docx", ".docm"):
        extraction = extract(read(path)).required()
        which = _which(extraction.tables, draft, path)
        return Incoming(extraction.tables[which], frozenset(extraction.places[which]))
    from assistant.documents.content import Content
    from assistant.documents.word import open_word
    from assistant.errors import UnreadableFile

    try:
        if path.stat().st_size > _LONGEST:
            raise UnreadableFile(f"“{path}”太大。", "请给出导出的目标表文件。")
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    opened = open_word(Content(str(path), data))
    extraction = extract(opened.document).required()
    which = _which(extraction.tables, draft, path)
    places = extraction.places[which]
    marks = {address: mark for address, place in places.items() if (mark := _mark_in(opened.elements.get(place)))}
    grids = {place.grid for place in places.values()}
    gone = [mark for place, element in opened.elements.items() if place.grid in grids for mark in _rows_gone(element)]
    return Incoming(extraction.tables[which], frozenset(places), marks, gone, _is_tracked(opened.root), _saved_by(data, str(path)))


def _which(tables: tuple[GoalTable, ...], draft: Draft, path: Path) -> int:
    code, name = fold(draft.table.project.code or ""), fold(draft.table.project.name or "")
    for i, table in enumerate(tables):
        if code and fold(table.project.code or "") == code:
            return i
    fitting = [i for i, table in enumerate(tables) if fold(table.project.name or "") == name]
    if len(fitting) == 1:
        return fitting[0]
    if len(tables) == 1:
        return 0
    raise InputError(f"“{path.name}”里有{len(tables)}张目标表，认不出哪一张是“{draft.table.project.name}”。", "请只保留这个项目的表，或核对项目名称和编码。")


_MARKS = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel")


def _mark_in(element: Any) -> Mark | None:
    """The newest revision mark within a cell, or on its row, that a person made (not the program's own against last year's text)."""
    if element is None:
        return None
    found = [_mark(each) for each in element.iter() if _local(each) in _MARKS]
    row = next((above for above in element.iterancestors() if _local(above) == "tr"), None)
    if row is not None:
        found.extend(_mark(each) for each in row if _local(each) == "trPr" for each in each if _local(each) in ("ins", "del"))
    return max((mark for mark in found if mark.author != AUTHOR), key=lambda mark: mark.date, default=None)


def _rows_gone(element: Any) -> list[Mark]:
    """Marks of deleted rows in the table that a cell stands in (each table is met once a cell; equal marks do no harm)."""
    table = next((above for above in element.iterancestors() if _local(above) == "tbl"), None)
    if table is None:
        return []
    marks = [_mark(mark) for row in table.iter() if _local(row) == "trPr" for mark in row if _local(mark) == "del"]
    return [mark for mark in marks if mark.author != AUTHOR]


def _is_tracked(root: Any) -> bool:
    return any(_local(each) in _MARKS for each in root.iter())


def _mark(element: Any) -> Mark:
    named = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    return Mark(named.get("author", "").strip(), named.get("date", ""))


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _saved_by(data: bytes, name: str) -> Mark:
    from assistant.documents.ooxml import Package

    package = Package(data, name)
    part = "docProps/core.xml"
    if part not in package:
        return Mark()
    texts = {_local(element): (element.text or "").strip() for element in package.xml(part)}
    return Mark(texts.get("lastModifiedBy", ""), texts.get("modified", ""))
