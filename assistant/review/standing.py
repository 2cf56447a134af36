"""Where a review stands: which cells are decided and how, what is still open, what is unchanged and clean. All derived, never stored.

Everything follows from the draft and its history, so that a file that was copied, mailed or restored carries its whole state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Literal, NamedTuple

from assistant.chinese import fold, tidy
from assistant.draft import Draft, Entry, OpenQuestion, Provenance, Status
from assistant.findings import Finding, Outcome, Severity
from assistant.review.places import Mover, coming, group_of, is_row, leaving, moving, row_of
from assistant.table import INDICATOR_LABELS, GoalTable
from assistant.taxonomy import OPEN_VALUE

State = Literal["undecided", "accepted", "edited", "rejected"]
STATE_LABELS: dict[str, str] = {"undecided": "未定", "accepted": "已采纳", "edited": "已修改", "rejected": "未采纳"}
# Acts that end every signature before them, even when they leave the content as it was.
_ENDING = ("edit", "reject", "insert", "move", "mend", "undo", "return", "adopt")
_STATE_OF = {"accept": "accepted", "edit": "edited", "reject": "rejected", "insert": "edited"}


class Waiver(NamedTuple):
    """A finding set aside: its code, its cell (None = the table), and the entry that tells who, why and until when."""

    code: str
    cell: str | None
    entry: Entry

    def in_force(self, today: str) -> bool:
        """Whether the waiver still holds on that day (ISO date)."""
        return self.entry.until is None or today[:10] <= self.entry.until


@dataclass(slots=True)
class Decided:
    """What the history amounts to: the entry that decided each cell, and the waivers given."""

    cells: dict[str, Entry] = field(default_factory=dict)
    waivers: list[Waiver] = field(default_factory=list)


def effective(history: Sequence[Entry]) -> list[Entry]:
    """The entries that count: those undone, and the undoing itself, left out."""
    found: list[Entry] = []
    for entry in history:
        if entry.action == "undo":
            found = [each for each in found if each.n != entry.undoes]
        else:
            found.append(entry)
    return found


def signatures(draft: Draft) -> dict[str, Entry]:
    """The signatures in force by role: none after which content changed or the table was returned."""
    found: dict[str, Entry] = {}
    for entry in draft.history:
        if entry.action in _ENDING or any(signed.content != entry.content for signed in found.values()):
            found = {}
        if entry.action == "sign" and entry.role and entry.signature:
            found[entry.role] = entry
    return found


def with_status(draft: Draft) -> Draft:
    """The draft with the status that follows from its history."""
    status: Status = "draft" if not draft.history else ("signed" if signatures(draft) else "in-review")
    return draft if draft.status == status else draft.model_copy(update={"status": status})


def decided(history: Sequence[Entry]) -> Decided:
    """Replay the history: cells decided and waivers in their present places."""
    result = Decided()
    for entry in effective(history):
        if entry.action == "adopt":
            result = Decided()
        elif entry.action == "waive":
            result.waivers.extend(Waiver(code, entry.cell, entry) for code in entry.waives or ())
        elif entry.action == "accept":
            for cell in entry.cells or ((entry.cell,) if entry.cell else ()):
                result.cells[cell] = entry
            result.waivers.extend(Waiver(code, entry.cell, entry) for code in entry.waives or ())
        elif entry.action == "mend":
            # The program wrote it: whatever was decided before, a person has not seen this text.
            result.cells.pop(entry.cell or "", None)
            result.waivers = [waiver for waiver in result.waivers if waiver.cell != entry.cell]
        elif entry.action in ("edit", "reject", "insert", "move") and entry.cell:
            _changed(result, entry, entry.cell)
    return result


def _changed(result: Decided, entry: Entry, cell: str) -> None:
    place = row_of(cell)
    if place and entry.action == "move" and entry.kept:
        _move(result, moving(place[0], place[1], int(entry.kept["to"])))
    elif place and entry.action == "insert":
        _move(result, coming(place[0], place[1]))
        for part in INDICATOR_LABELS if place[0] == "indicators" else (None,):
            result.cells[cell if part is None else f"{cell}.{part}"] = entry
    elif place and entry.action == "reject" and entry.kept and "row" in entry.kept:
        _move(result, leaving(place[0], place[1]))
    else:
        result.cells[cell] = entry
        # A waiver was given for the text that stood there.
        result.waivers = [waiver for waiver in result.waivers if waiver.cell != cell]


def _move(result: Decided, move: Mover) -> None:
    result.cells = {address: entry for cell, entry in result.cells.items() if (address := move(cell)) is not None}
    result.waivers = [
        Waiver(waiver.code, address, waiver.entry)
        for waiver in result.waivers
        if (address := None if waiver.cell is None else move(waiver.cell)) is not None or waiver.cell is None
    ]


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell as a reviewer sees it: text, last year's text, where it comes from, what is asked and found about it, how it was decided."""

    address: str
    label: str
    text: str
    previous: str | None
    provenance: Provenance | None
    question: OpenQuestion | None
    findings: tuple[Finding, ...]
    state: State
    entry: Entry | None
    clean: bool

    @property
    def open(self) -> bool:
        """Whether nobody has given this cell its content yet (待核实, or a question and no text)."""
        return OPEN_VALUE in self.text or (self.question is not None and not self.text)

    @property
    def same(self) -> bool:
        """Whether the text is last year's."""
        return self.previous is not None and equal(self.text, self.previous)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that a bureau would return the table for, unless waived."""
        return tuple(finding for finding in self.findings if pressing(finding, Severity.ERROR))

    @property
    def needed(self) -> bool:
        """Whether somebody has to decide on it: it has text, a question or a finding."""
        return bool(self.text or self.question or any(pressing(finding, Severity.WARNING) for finding in self.findings))


def goes_with_name(standing: Standing, address: str) -> bool:
    """Whether a level of a row (一级, 二级) is undecided and best decided together with the row's name: nothing is the matter with it."""
    place = row_of(address)
    if not place or place[2] not in ("level1", "level2"):
        return False
    level, name = standing.by_address[address], standing.by_address[f"indicators[{place[1]}].level3"]
    waiting = level.state == name.state == "undecided" and level.needed and name.needed
    return waiting and not level.open and not level.errors


def pressing(finding: Finding, least: Severity) -> bool:
    """Whether a finding is a defect at or above a severity that nobody has waived."""
    return finding.outcome is Outcome.FAILED and not finding.waived and finding.severity.rank <= least.rank


class Standing:
    """A draft with everything a reviewer asks of it, worked out once."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.decided = decided(draft.history)

    @cached_property
    def cells(self) -> tuple[CellView, ...]:
        """Every cell in the order of the form."""
        return tuple(self._views())

    @cached_property
    def by_address(self) -> dict[str, CellView]:
        """The cells by address."""
        return {cell.address: cell for cell in self.cells}

    @cached_property
    def undecided(self) -> tuple[CellView, ...]:
        """The cells somebody still has to decide on, in the order of the form."""
        return tuple(cell for cell in self.cells if cell.state == "undecided" and cell.needed)

    @property
    def progress(self) -> tuple[int, int]:
        """How many cells are decided, of how many that need it."""
        needed = sum(1 for cell in self.cells if cell.needed)
        return needed - len(self.undecided), needed

    @property
    def clean_cells(self) -> tuple[str, ...]:
        """The undecided cells that are last year's and without findings: what one key accepts."""
        return tuple(cell.address for cell in self.undecided if cell.clean)

    @cached_property
    def table_findings(self) -> tuple[Finding, ...]:
        """The findings about the table as a whole, or about a place that is no cell."""
        known = {cell.address for cell in self.cells}
        return tuple(finding for finding in self.draft.findings if finding.cell not in known)

    def group(self, address: str) -> tuple[CellView, ...]:
        """The cells accepted together with a cell: its row, the plan, the money, the head."""
        name = group_of(address)
        return tuple(cell for cell in self.cells if group_of(cell.address) == name)

    def next_undecided(self, after: str | None, *, back: bool = False) -> str | None:
        """The address of the undecided cell after (or before) a cell, going round; None when all are decided."""
        order = {cell.address: i for i, cell in enumerate(self.cells)}
        start = order.get(after or "", -1 if not back else len(order))
        places = [order[cell.address] for cell in self.undecided]
        if not places:
            return None
        ahead = [place for place in places if (place < start if back else place > start)]
        chosen = (ahead[-1] if ahead else places[-1]) if back else (ahead[0] if ahead else places[0])
        return self.cells[chosen].address

    def _views(self) -> Iterator[CellView]:
        draft = self.draft
        provenance = {entry.cell: entry for entry in draft.provenance}
        questions = {question.cell: question for question in draft.open_questions}
        before = previous_texts(draft)
        found: dict[str, list[Finding]] = {}
        for finding in draft.findings:
            found.setdefault(finding.cell or "", []).append(finding)
        for address, label, text in draft.table.cells():
            entry = self.decided.cells.get(address)
            findings = tuple(found.get(address, ()))
            question = questions.get(address)
            old = before.get(address)
            unchanged = old is not None and equal(text, old) and self._row_unchanged(address, before)
            clean = unchanged and question is None and OPEN_VALUE not in text and not any(pressing(finding, Severity.WARNING) for finding in findings)
            state: State = _STATE_OF[entry.action] if entry else "undecided"  # type: ignore[assignment]
            yield CellView(address, label, text, old, provenance.get(address), question, findings, state, entry, clean)

    def _row_unchanged(self, address: str, before: dict[str, str]) -> bool:
        # An equal figure under another indicator's name is not an unchanged cell.
        place = row_of(address)
        if place is None or place[0] != "indicators":
            return True
        name = f"indicators[{place[1]}].level3"
        return name in before and equal(self.draft.table.text(name), before[name])


def equal(left: str, right: str) -> bool:
    """Whether two texts of a cell say the same: blanks beside Chinese aside, numbers by value."""
    if left == right or tidy(left) == tidy(right):
        return True
    try:
        return Decimal(left.strip()) == Decimal(right.strip())
    except InvalidOperation:
        return False


def previous_texts(draft: Draft) -> dict[str, str]:
    """Last year's text of each cell that had one: as the provenance tells, else from last year's table by name."""
    texts = _from_table(draft.table, draft.previous) if draft.previous else {}
    for entry in draft.provenance:
        if entry.previous is not None:
            texts[entry.cell] = entry.previous
        elif entry.change == "same" and entry.cell not in texts:
            try:
                texts[entry.cell] = draft.table.text(entry.cell)
            except KeyError:
                continue
    return texts


def _from_table(table: GoalTable, previous: GoalTable) -> dict[str, str]:
    texts: dict[str, str] = {}
    for address, _, text in previous.cells():
        if row_of(address) is None and not address.startswith("spending_plan"):
            texts[address] = text
    nodes = {fold(node.by): i for i, node in enumerate(previous.spending_plan)}
    for i, node in enumerate(table.spending_plan):
        if fold(node.by) in nodes:
            texts[f"spending_plan[{i}].percent"] = previous.text(f"spending_plan[{nodes[fold(node.by)]}].percent")
    for i, goal in enumerate(previous.goals[: len(table.goals)]):
        texts[f"goals[{i}]"] = goal
    rows: dict[str, list[int]] = {}
    for i, row in enumerate(previous.indicators):
        rows.setdefault(fold(row.level3), []).append(i)
    for i, row in enumerate(table.indicators):
        if fold(row.level3) and rows.get(fold(row.level3)):
            old = rows[fold(row.level3)].pop(0)
            texts.update({f"indicators[{i}].{part}": previous.text(f"indicators[{old}].{part}") for part in INDICATOR_LABELS})
    return texts


def removed_row(entry: Entry) -> bool:
    """Whether an entry took a whole row or goal out of the table."""
    return entry.action == "reject" and is_row(entry.cell) and bool(entry.kept and "row" in entry.kept)
