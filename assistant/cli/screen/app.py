"""The full-screen review: form, panel, bars and dialogs put together. Every key is one act of the desk, saved at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from assistant.chinese import cut, tidy
from assistant.cli.render import plain
from assistant.cli.screen import words
from assistant.cli.screen.asking import Asking
from assistant.cli.screen.desk import Desk, Said
from assistant.cli.screen.dialogs import Asked, Pick, Question, Reading
from assistant.cli.screen.form import FormView
from assistant.cli.screen.look import styles, theme
from assistant.cli.screen.panel import panel
from assistant.errors import AssistantError

_WIDE = 112


class ReviewApp(App[AssistantError | None]):
    """The application. Its result is the error that kept a file from being opened, or None."""

    CSS_PATH = "style.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "审核"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,enter", "accept"),
        Binding("space", "accept_group"),
        Binding("A", "accept_clean"),
        Binding("e,f2", "edit"),
        Binding("f", "mend"),
        Binding("r,delete", "refuse"),
        Binding("i", "insert"),
        Binding("ctrl+up,less_than_sign", "move_row(-1)"),
        Binding("ctrl+down,greater_than_sign", "move_row(1)"),
        Binding("n,f4", "forward"),
        Binding("b", "backward"),
        Binding("u,ctrl+z", "undo"),
        Binding("slash", "find"),
        Binding("f3", "find_on"),
        Binding("p", "problems"),
        Binding("h", "history"),
        Binding("left_square_bracket", "turn(-1)"),
        Binding("right_square_bracket", "turn(1)"),
        Binding("g", "drafts"),
        Binding("s", "sign"),
        Binding("R", "send_back"),
        Binding("question_mark,f1", "help"),
        Binding("t", "colours"),
        Binding("f5", "refresh_file"),
        Binding("q,ctrl+q,ctrl+c", "leave", priority=False),
    ]

    def __init__(self, paths: Sequence[Path], home: Path, person: str | None, clock: Callable[[], str], *, look: str = "paper") -> None:
        super().__init__()
        self.paths = list(paths)
        self.home = home
        self.person = person
        self.clock = clock
        self.desk: Desk | None = None
        self.wanted = ""
        for name in ("paper", "ink"):
            self.register_theme(theme(name))
        self.theme = look

    def compose(self) -> ComposeResult:
        """Bar, form and panel, a line for what was said, keys."""
        yield Static(id="top")
        with Horizontal(id="body"):
            yield FormView(id="form")
            side = VerticalScroll(Static(id="panel"), id="side")
            side.can_focus = False
            yield side
        yield Static(id="said-line")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Open the drafts, after asking for a name when none is known."""
        self.query_one(FormView).focus()
        if self.person:
            self._open()
        else:
            self._ask_name()

    @work
    async def _ask_name(self) -> None:
        told = Text("每个决定都会记下姓名和时间。可用 assistant config set person 姓名 设为默认。")
        answers = await self.push_screen_wait(Question("您的姓名", [Asked("person", "审核人姓名", required=True)], told=told))
        if answers is None:
            self.exit(None)
            return
        self.person = answers["person"]
        self._open()

    def _open(self) -> None:
        try:
            self.desk = Desk(self.paths, self.home, self.person or "", self.clock)
        except AssistantError as error:
            self.exit(error)
            return
        self.asking = Asking(self, self.desk)
        self._greet()
        self.show()

    def _greet(self) -> None:
        desk = self._desk()
        if desk.holder is not None:
            self.say(Said(False, desk.holder.message.replace("您的操作没有执行。", "现在只能查看；对方退出后按 F5 接手。")))
        elif not desk.intact:
            self.say(Said(False, "文件在审核之外被改动过，只能查看。", "查明后退出，用 --adopt 原因 接收。"))
        elif not desk.standing.undecided:
            self.say(Said(True, "本表已全部审定，按 s 签字。" if desk.draft.status != "signed" else "本表已签字；修改会使签字失效。"))
        else:
            clean = len(desk.standing.clean_cells)
            self.say(Said(True, f"有{clean}格与上年相同且无问题，按 A 一次采纳。" if clean else "按 n 到下一个未定的格，? 看帮助。"))

    # -- drawing -------------------------------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Draw everything as the desk has it now."""
        desk = self.desk
        if desk is None:
            return
        self.query_one(FormView).show(desk.standing, desk.cell)
        side = self.query_one("#side", VerticalScroll)
        # What the style leaves of the panel's 42 or 30 columns beside padding and scroll bar.
        width = 37 if side.has_class("wide") else 27
        self.query_one("#panel", Static).update(panel(desk.standing, desk.view, styles(self.theme), width))
        side.scroll_home(animate=False, immediate=True)
        self._bars(desk)

    def _bars(self, desk: Desk) -> None:
        table = desk.draft.table
        name = plain(tidy(f"{table.project.name or desk.draft.id}")) + f" {table.year or ''}"
        state = f"已保存 {desk.saved}" if desk.saved else ("已签字" if desk.draft.status == "signed" else "自动保存")
        if desk.holder or not desk.intact:
            state = "只读"
        waiting = sum(cell.open for cell in desk.standing.cells)
        place, right = (desk.index + 1, len(desk.paths)), f"{desk.person} · {state}"
        self.query_one("#top", Static).update(words.top_bar(name, place, desk.standing.progress, waiting, right, self.size.width - 2))
        self.query_one("#keys", Static).update(words.keys_bar(self.size.width - 2))

    def say(self, said: Said) -> None:
        """Put a line under the form; what did not work is marked by a sign too."""
        line = self.query_one("#said-line", Static)
        line.set_class(not said.done, "bad")
        line.update(Text(("" if said.done else "! ") + plain(said.words + said.hint), no_wrap=True, overflow="ellipsis"))

    def on_resize(self, event: events.Resize) -> None:
        """A wide screen has a wide panel."""
        self.query_one("#side").set_class(event.size.width >= _WIDE, "wide")
        self.call_after_refresh(self.show)

    @on(FormView.Chosen)
    def _chosen(self, event: FormView.Chosen) -> None:
        self._go(event.address)
        if event.twice:
            self.action_edit()

    def on_key(self, event: events.Key) -> None:
        """What an input method in Chinese mode sends: full-width letters and Chinese punctuation."""
        if len(self.screen_stack) > 1 or not event.character or event.is_printable is False:
            return
        action = words.TYPED.get(event.character)
        letter = unicodedata.normalize("NFKC", event.character)
        if action is None and letter != event.character and letter.isascii() and letter.isalpha():
            action = next((str(binding.action) for binding in self.BINDINGS if isinstance(binding, Binding) and letter in binding.key.split(",")), None)
        if action:
            event.stop()
            self.run_worker(self.run_action(action))

    # -- acts ----------------------------------------------------------------------------------------------------------------------

    def _desk(self) -> Desk:
        assert self.desk is not None
        return self.desk

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No act before the draft is open, and none behind a dialog."""
        if action.split("(")[0] in _OURS:
            return self.desk is not None and len(self.screen_stack) == 1
        return True

    def done(self, said: Said) -> None:
        """Say what came of an act, and draw."""
        self.say(said)
        self.show()

    def _go(self, address: str | None) -> None:
        if address is not None:
            self._desk().go(address)
            self.say(Said(True, ""))
            self.show()

    def action_accept(self) -> None:
        """Accept the cell; an error in it asks for a reason first."""
        cell = self._desk().view
        if cell.errors and not cell.open:
            self.asking.accept_anyway()
        elif cell.open and not cell.text:
            self.asking.leave_empty()
        else:
            self.done(self._desk().accept())

    def action_accept_group(self) -> None:
        """Accept the row."""
        self.done(self._desk().accept_group())

    def action_accept_clean(self) -> None:
        """Accept all unchanged and clean cells."""
        self.done(self._desk().accept_clean())

    def action_edit(self) -> None:
        """Edit the cell."""
        self.asking.edit()

    def action_mend(self) -> None:
        """Edit the cell to what a finding proposes."""
        fix = next((finding.fix for finding in self._desk().view.findings if finding.fix and not finding.waived), None)
        if fix is None:
            self.say(Said(False, "这一格没有可以照改的建议。", "按 e 修改。"))
        else:
            self.done(self._desk().edit(fix.to, "按检查建议修改"))

    def action_refuse(self) -> None:
        """Refuse the cell or its row."""
        self.asking.refuse()

    def action_insert(self) -> None:
        """Add a row."""
        self.asking.insert()

    def action_move_row(self, by: int) -> None:
        """Move the row up or down."""
        self.done(self._desk().move_row(by))

    def action_undo(self) -> None:
        """Take back the last decision."""
        self.done(self._desk().undo())

    def action_forward(self) -> None:
        """Next undecided cell, in the next table when this one is done."""
        self._undecided(back=False)

    def action_backward(self) -> None:
        """Undecided cell before."""
        self._undecided(back=True)

    def _undecided(self, *, back: bool) -> None:
        desk = self._desk()
        address = desk.next_cell(desk.cell, back=back)
        if address is not None:
            self._go(address)
        elif len(desk.paths) > 1 and not back:
            self.action_turn(1)
        else:
            self.say(Said(True, "本表已全部审定，按 s 签字。"))

    def action_step(self, right: int, down: int) -> None:
        """Go to the cell in a direction."""
        self._go(self.query_one(FormView).move(right, down))

    def action_edge(self, place: int) -> None:
        """Go to the first or the last cell."""
        self._go(self._desk().standing.cells[place].address)

    def action_leaf(self, pages: int) -> None:
        """Turn the panel's text."""
        side = self.query_one("#side", VerticalScroll)
        side.scroll_relative(y=pages * max(side.size.height - 2, 1), animate=False)

    def action_turn(self, by: int) -> None:
        """Go to another draft."""
        desk = self._desk()
        if len(desk.paths) < 2:
            self.say(Said(False, "这次只打开了一张表。"))
        else:
            self._open_draft((desk.index + by) % len(desk.paths))

    def _open_draft(self, index: int) -> None:
        try:
            self._desk().open(index)
        except AssistantError as error:
            self.say(Said(False, error.message, error.hint))
            return
        self._greet()
        self.show()

    @work
    async def action_drafts(self) -> None:
        """Choose a draft from the list."""
        desk = self._desk()
        lines = [
            Text(f"{i:>2}  {'✓ 已签字' if each.signed else f'{each.done:>3}/{each.total:<4}'}  {cut(plain(tidy(each.name)), min(self.size.width - 24, 50))}")
            for i, each in enumerate(desk.overviews(), start=1)
        ]
        picked = await self.push_screen_wait(Pick("本次审核的表", lines, at=desk.index))
        if picked is not None and picked[1] != desk.index:
            self._open_draft(picked[1])

    def action_find(self) -> None:
        """Search."""
        self.asking.find()

    def action_find_on(self) -> None:
        """Search on for the same words."""
        if not self.wanted:
            self.action_find()
            return
        found = self._desk().find(self.wanted, after=self._desk().cell)
        self._go(found) if found else self.say(Said(False, f"没有找到“{self.wanted}”。"))

    def action_problems(self) -> None:
        """List the findings."""
        self.asking.problems()

    def action_history(self) -> None:
        """Show the record."""
        self.push_screen(Reading("审核记录", self.asking.history_text()))

    def action_sign(self) -> None:
        """Sign."""
        self.asking.sign()

    def action_send_back(self) -> None:
        """Return with a reason."""
        self.asking.send_back()

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Reading("按键和标记", words.help_text(min(self.size.width - 12, 66))))

    def action_colours(self) -> None:
        """Change between paper and ink."""
        self.theme = "ink" if self.theme == "paper" else "paper"
        self.show()

    def action_refresh_file(self) -> None:
        """Read the file again, take over when the other has left."""
        self.done(self._desk().refresh())

    def action_leave(self) -> None:
        """Leave; everything is saved."""
        if self.desk is not None:
            self.desk.close()
        self.exit(None)

    async def on_unmount(self) -> None:
        """However the screen ends, the place is left."""
        if self.desk is not None:
            self.desk.close()


_OURS = frozenset(name.removeprefix("action_") for name in vars(ReviewApp) if name.startswith("action_")) - {"leave"}


def run(paths: Sequence[Path], home: Path, person: str | None, clock: Callable[[], str]) -> Any:
    """Open the screen; gives the error that kept it from opening, or None."""
    return ReviewApp(paths, home, person, clock).run()
