"""What the screen works on: the drafts of a session, the one at hand, the cell at hand; every act saved at once. Draws nothing.

The reviewer's place is held for the draft at hand only, so that two people can share the drafts of a department. The cell at hand is
written down at every step, so that a closed terminal or a killed process resumes at the same cell.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from assistant import review, workspace
from assistant.cli.render import plain
from assistant.draft import Draft
from assistant.errors import AssistantError
from assistant.review import Busy, CellView, ChangedOutside, DraftFile, Hand, Standing
from assistant.review.places import row_of

Act = Callable[[Draft, Hand], Draft]


class Said(NamedTuple):
    """What an act came to: whether it was done, and a line for the person."""

    done: bool
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """One draft of the session in a list: name, cells decided and in all, signed or not."""

    name: str
    done: int
    total: int
    signed: bool
    person: str | None = None


class Desk:
    """The drafts being reviewed by one person."""

    def __init__(self, paths: Sequence[Path], home: Path, person: str, clock: Callable[[], str]) -> None:
        self.paths = list(paths)
        self.home = home
        self.person = plain(person).strip()
        self.clock = clock
        self.index = -1
        self.cell = ""
        self.holder: Busy | None = None
        self.saved: str | None = None
        self._held = contextlib.ExitStack()
        self._notes = self._read_notes()
        # The draft left last time, and in it the cell.
        last = self._notes.get("draft")
        self.open(next((i for i, path in enumerate(self.paths) if str(path.absolute()) == last), 0))

    # -- the draft at hand ---------------------------------------------------------------------------------------------------------

    def open(self, index: int) -> None:
        """Put another draft at hand: its place taken when free, its findings as of now, its cell where it was left."""
        file = DraftFile(self.paths[index], home=self.home)
        self._leave()
        self.index, self.file, self.saved = index, file, None
        self.claim()
        # Only now is it sure that nobody else is writing.
        self._load()
        cell = self._notes.get(self._name)
        self.go(cell if cell in self.standing.by_address else (self.next_cell(None) or self.standing.cells[0].address))

    def claim(self) -> bool:
        """Try to take the reviewer's place; when another holds it, ``holder`` tells who, and nothing can be decided."""
        try:
            self._held.enter_context(review.place(self.paths[self.index], self.person, self.clock()))
        except Busy as busy:
            self.holder = busy
        except AssistantError as error:
            self.holder = Busy(self.paths[self.index], "无法写入，", "")
            self.holder.message, self.holder.hint = error.message, error.hint
        else:
            self.holder = None
        return self.holder is None

    def refresh(self) -> Said:
        """Read the file again and try to take the place: what the second reviewer does when the first has left."""
        if self.holder is not None:
            self.claim()
        self._load()
        return Said(self.holder is None, "已载入最新内容。" if self.holder is None else self.holder.message, "" if self.holder is None else self.holder.hint)

    def close(self) -> None:
        """Leave the place, with everything on the disk."""
        self._leave()
        self._held.close()

    def overviews(self) -> list[Overview]:
        """Every draft of the session, read as it stands on the disk."""
        found = []
        for i, path in enumerate(self.paths):
            try:
                draft = self.draft if i == self.index else DraftFile(path).draft
            except AssistantError as error:
                found.append(Overview(f"{path.name}：{error.message}", 0, 0, False))
                continue
            done, total = Standing(draft).progress
            found.append(Overview(draft.table.project.name or draft.id, done, total, draft.status == "signed"))
        return found

    # -- acts ----------------------------------------------------------------------------------------------------------------------

    def act(self, act: Act, words: str) -> Said:
        """Do one act and save it. Nothing is lost: what cannot be done or saved is said, and the draft stays as it is on the disk."""
        if self.holder is not None:
            return Said(False, self.holder.message, self.holder.hint)
        try:
            if not self.intact:
                review.check_untouched(self.file.draft)
            was_signed = self.draft.status == "signed"
            after = act(self.draft, Hand(self.person, self.clock()))
            if after is self.draft:
                return Said(False, "没有可做的。")
            self.file.save(after, durable=False)
        except ChangedOutside as error:
            self._load()
            return Said(False, error.message, "已载入最新内容，请再看一眼后重做。")
        except AssistantError as error:
            return Said(False, error.message, error.hint)
        self._see(after)
        self.saved = self.clock()[11:16]
        if was_signed and after.status != "signed":
            words += "原有签字已失效。"
        return Said(True, words)

    def accept(self, reason: str | None = None) -> Said:
        """Accept the cell at hand; a row's name takes its levels along."""
        cell = self.view
        riders = self._riders(cell.address)
        if riders and not cell.open and not cell.errors:
            return self._moving(lambda draft, hand: review.accept(draft, (*riders, cell.address), hand), f"已采纳：{cell.label}。")
        return self._moving(lambda draft, hand: review.accept(draft, (cell.address,), hand, reason=reason), f"已采纳：{cell.label}。")

    def accept_group(self) -> Said:
        """Accept what can be accepted of the row (or plan, money, head) at hand."""
        cells = review.acceptable(self.draft, tuple(cell.address for cell in self.standing.group(self.cell)))
        if not cells:
            return Said(False, "这一行没有可直接采纳的单元格。", "待核实的请填写（e），有错误的请修改。")
        return self._moving(lambda draft, hand: review.accept(draft, cells, hand), f"已采纳这一行的{len(cells)}格。")

    def accept_clean(self) -> Said:
        """Accept all that is last year's and clean."""
        cells = self.standing.clean_cells
        if not cells:
            return Said(False, "没有“与上年相同且无问题”的未定单元格。")
        return self._moving(review.accept_clean, f"已采纳与上年相同且无问题的{len(cells)}格。")

    def edit(self, text: str, reason: str | None) -> Said:
        """Write the cell at hand."""
        cell = self.view
        return self._moving(lambda draft, hand: review.edit(draft, cell.address, text, hand, reason=reason), f"已修改：{cell.label}。")

    def refuse(self, address: str, reason: str, to: str | None) -> Said:
        """Refuse the cell at hand, or its row."""
        return self._moving(lambda draft, hand: review.refuse(draft, address, hand, reason=reason, to=to), "已记为不采纳。")

    def move_row(self, by: int) -> Said:
        """Move the row at hand that many places down, or up; the cell at hand goes with it."""
        place = row_of(self.cell)
        to = place[1] + by if place else -1
        if place is None or not 0 <= to < len(getattr(self.draft.table, place[0])):
            return Said(False, "只有指标行和绩效目标可以上下移动。" if place is None else "已经到头了。")
        said = self.act(lambda draft, hand: review.move(draft, f"{place[0]}[{place[1]}]", to, hand), f"已移到第{to + 1}{'行' if place[2] else '条'}。")
        if said.done:
            self.go(f"{place[0]}[{to}]" + (f".{place[2]}" if place[2] else ""))
        return said

    def undo(self) -> Said:
        """Take back the last decision and go to where it was made."""
        entry = review.last(self.draft)
        said = self.act(review.undo, f"撤销了：{review.taken_back(entry)}。" if entry else "")
        if said.done:
            entry = self.draft.history[-1]
            self.go(next((cell for cell in (entry.cell, *(entry.cells or ())) if cell in self.standing.by_address), self.cell))
        return said

    def sign(self, person: str, reason: str | None) -> Said:
        """Sign the draft at hand as the level whose turn it is; the code that anchors it is told."""
        role = review.next_role(self.draft)
        words = f"{role}{person}已签字。"
        said = self.act(lambda draft, hand: review.sign(draft, hand._replace(person=person), role=role, reason=reason), words)
        return said._replace(words=f"{words}校验码 {review.code_of(self.draft)}") if said.done else said

    def sign_all(self, person: str) -> Said:
        """Sign every draft of the session that nothing speaks against; the others are counted and left as they are."""
        here, signed, left = self.index, 0, 0
        for index in range(len(self.paths)):
            self.open(index)
            role = review.next_role(self.draft)
            if role is None:
                continue
            done = not review.obstacles(self.draft, role) and self.sign(person, None).done
            signed, left = signed + done, left + (not done)
        self.open(here)
        return Said(signed > 0, f"{person}已签{signed}张表。" + (f"另有{left}张还有未决的内容，没有签。" if left else ""))

    def _moving(self, act: Act, words: str) -> Said:
        before = self.cell
        said = self.act(act, words)
        if said.done:
            self.go(self.next_cell(before) or before)
            if not self.standing.undecided:
                said = said._replace(words=said.words + "本表已全部审定，按 s 签字。")
        return said

    # -- the cell at hand ----------------------------------------------------------------------------------------------------------

    @property
    def view(self) -> CellView:
        """The cell at hand."""
        return self.standing.by_address[self.cell]

    def go(self, address: str | None) -> None:
        """Go to a cell, and write down that one is there. An address the table no longer has leads to the nearest row's."""
        if address is not None:
            self.cell = address
        if self.cell not in self.standing.by_address:
            place = row_of(self.cell)
            rows = len(getattr(self.draft.table, place[0])) if place else 0
            self.cell = self.standing.cells[0].address
            if place and rows:
                self.cell = f"{place[0]}[{min(place[1], rows - 1)}]" + (".level3" if place[0] == "indicators" else "")
        self._note()

    def next_cell(self, after: str | None, *, back: bool = False) -> str | None:
        """The next cell to decide on: undecided, and not a level that goes with its row's name."""
        cell = after
        for _ in range(len(self.standing.cells)):
            cell = self.standing.next_undecided(cell, back=back)
            if cell is None or not review.goes_with_name(self.standing, cell):
                return cell
        return cell

    def find(self, words: str, *, after: str | None = None) -> str | None:
        """The next cell whose text or label holds the words, going round."""
        from assistant.chinese import fold

        wanted = fold(words)
        cells = self.standing.cells
        start = next((i for i, cell in enumerate(cells) if cell.address == after), -1) + 1
        for cell in (*cells[start:], *cells[:start]):
            if wanted and wanted in fold(cell.text + " " + cell.label):
                return cell.address
        return None

    def _riders(self, address: str) -> tuple[str, ...]:
        place = row_of(address)
        if not place or place[2] != "level3":
            return ()
        levels = (f"indicators[{place[1]}].{part}" for part in ("level1", "level2"))
        return tuple(cell for cell in levels if review.goes_with_name(self.standing, cell))

    # -- keeping -------------------------------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Read the file, and see its draft with the findings of today's rules (unless it was changed by other means: then as it is)."""
        self.file.reload()
        self.intact = review.untouched(self.file.draft)
        self._see(review.recheck(self.file.draft, self.clock()) if self.intact else self.file.draft)

    def _see(self, draft: Draft) -> None:
        self.draft = draft
        self.standing = Standing(draft)
        if self.cell:
            self.go(None)

    @property
    def _name(self) -> str:
        return str(self.paths[self.index].absolute())

    def _leave(self) -> None:
        if self.index >= 0:
            self.file.flush()
            self._held.close()
            self._held = contextlib.ExitStack()

    @property
    def _notes_path(self) -> Path:
        return self.home / "reviews" / "places.json"

    def _read_notes(self) -> dict[str, str]:
        try:
            raw = json.loads(self._notes_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(key): str(value) for key, value in raw.items()} if isinstance(raw, dict) else {}

    def _note(self) -> None:
        self._notes.update({"draft": self._name, self._name: self.cell})
        with contextlib.suppress(AssistantError):
            workspace.write(self._notes_path, json.dumps(self._notes, ensure_ascii=False), private=True, durable=False)
