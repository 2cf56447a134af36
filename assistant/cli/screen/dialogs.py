"""The screen's questions: one dialog of fields, one of a list, one of text. Enter confirms, Esc gives up, the mouse works too.

A field may offer ready answers, taken by a digit while it is empty; what is typed is checked as it is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static, TextArea
from textual.widgets.option_list import Option

REASONS = ("按实际情况调整", "按上级文件要求", "按预算测算结果", "领导审定意见", "与上年口径一致")
Answers = dict[str, str]
Checker = Callable[[Answers], Text]


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: ``line`` (one line), ``text`` (wraps), ``choice`` (one of ``offers``, the first at the start). Of a ``line`` the offers are ready answers."""

    name: str
    label: str
    value: str = ""
    kind: Literal["line", "text", "choice"] = "line"
    required: bool = False
    offers: Sequence[str] = ()


class LongText(TextArea):
    """Text that wraps; Enter confirms instead of breaking the line (a cell is one paragraph)."""

    class Confirmed(Message):
        """Enter was pressed."""

    async def _on_key(self, event: events.Key) -> None:
        # Textual goes on to the parent's handler of the same name unless the default is prevented.
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Confirmed())


class Line(Input):
    """One line with ready answers: a digit takes one while the line is empty."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked.value, id=asked.name, select_on_focus=False)
        self.offers = asked.offers

    async def _on_key(self, event: events.Key) -> None:
        digit = ord(event.character) - ord("1") if event.character and event.character in "123456789" else -1
        if not self.value and 0 <= digit < len(self.offers):
            event.stop()
            event.prevent_default()
            self.value = self.offers[digit]
            self.post_message(self.Submitted(self, self.value))


class Choice(Static):
    """One of a few, changed by the up and down keys or a click."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(id=asked.name)
        self.offers = list(asked.offers)
        self.chosen = 0

    def on_mount(self) -> None:
        """Draw the first state."""
        self.step(0)

    def step(self, by: int) -> None:
        """Choose the next or the one before."""
        self.chosen = (self.chosen + by) % len(self.offers)
        lines = [f"{'▸' if i == self.chosen else ' '} {offer}" for i, offer in enumerate(self.offers)]
        self.update(Text("\n".join(lines)))

    def on_click(self, event: events.Click) -> None:
        """Choose the line clicked."""
        if 0 <= event.y < len(self.offers):
            self.chosen = event.y
            self.step(0)


class Question(ModalScreen[Answers | None]):
    """A dialog of fields. Gives the answers by name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "give_up", "取消"),
        Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]

    def __init__(self, title: str, fields: Sequence[Asked], *, told: Text | None = None, check: Checker | None = None) -> None:
        super().__init__()
        self.heading = title
        self.fields = list(fields)
        self.told = told
        self.check = check

    def compose(self) -> ComposeResult:
        """Title, what is told, the fields each under its label, what the check says, the keys."""
        with Vertical(classes="box"):
            yield Static(Text(self.heading), classes="heading")
            if self.told is not None:
                yield Static(self.told, classes="told")
            for asked in self.fields:
                yield Static(Text(asked.label + ("（必填）" if asked.required and not asked.value else "")), classes="label")
                if asked.kind == "text":
                    yield LongText(asked.value, id=asked.name, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False, compact=True)
                elif asked.kind == "choice":
                    yield Choice(asked)
                else:
                    yield Line(asked)
                    if asked.offers:
                        yield Static(Text("  ".join(f"{i}{offer}" for i, offer in enumerate(asked.offers, start=1))), classes="offers")
            yield Static(id="said")
            move = "↑↓ 选择  " if any(asked.kind == "choice" for asked in self.fields) else ""
            tab = "Tab 下一栏  " if sum(asked.kind != "choice" for asked in self.fields) > 1 else ""
            yield Static(Text(f"回车 确定  {move}{tab}Esc 取消"), classes="keys")

    def on_mount(self) -> None:
        """Begin in the first field, at the end of its text; of several filled ones, in the first that waits for an answer."""
        lines = [asked for asked in self.fields if asked.kind == "line" and self.fields[0].kind == "line"]
        waiting = next((asked for asked in lines if asked.required and not asked.value), None)
        first = waiting or next((asked for asked in self.fields if asked.kind != "choice"), None)
        if first is not None:
            field = self.query_one(f"#{first.name}")
            field.focus()
            if isinstance(field, LongText):
                field.move_cursor(field.document.end)
        self._checked()

    def answers(self) -> Answers:
        """What stands in the fields."""
        found: Answers = {}
        for asked in self.fields:
            field = self.query_one(f"#{asked.name}")
            if isinstance(field, LongText):
                found[asked.name] = field.text.replace("\n", "").strip()
            elif isinstance(field, Choice):
                found[asked.name] = str(field.chosen)
            elif isinstance(field, Input):
                found[asked.name] = field.value.strip()
        return found

    @on(Input.Submitted)
    @on(LongText.Confirmed)
    def _confirm(self, event: Message) -> None:
        event.stop()
        answers = self.answers()
        for asked in self.fields:
            if asked.required and not answers[asked.name]:
                self.query_one(f"#{asked.name}").focus()
                self.query_one("#said", Static).update(Text(f"请填写{asked.label}。"))
                return
        self.dismiss(answers)

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _checked(self, _: Any = None) -> None:
        if self.check is not None:
            self.query_one("#said", Static).update(self.check(self.answers()))

    def action_choose(self, by: int) -> None:
        """Up and down change the choice, where there is one."""
        for choice in self.query(Choice):
            choice.step(by)

    def action_give_up(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Pick(ModalScreen[tuple[str, int] | None]):
    """A list to choose from. Gives the key (``enter`` or one of ``keys``) and the place chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "give_up", "取消")]

    def __init__(self, title: str, items: Sequence[Text], *, keys: dict[str, str] | None = None, at: int = 0) -> None:
        super().__init__()
        self.heading = title
        self.items = list(items)
        self.keys = keys or {}
        self.at = at

    def compose(self) -> ComposeResult:
        """Title, list, keys."""
        with Vertical(classes="box"):
            yield Static(Text(self.heading), classes="heading")
            yield OptionList(*(Option(item) for item in self.items), compact=True)
            more = "".join(f"{key} {words}  " for key, words in self.keys.items())
            yield Static(Text(f"回车 选定  {more}Esc 返回"), classes="keys")

    def on_mount(self) -> None:
        """Begin at the given item."""
        options = self.query_one(OptionList)
        options.highlighted = self.at if self.items else None
        options.focus()

    def on_key(self, event: events.Key) -> None:
        """A further key chooses for another purpose."""
        highlighted = self.query_one(OptionList).highlighted
        if event.character in self.keys and highlighted is not None:
            event.stop()
            self.dismiss((str(event.character), highlighted))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(("enter", event.option_index))

    def action_give_up(self) -> None:
        """Close without a choice."""
        self.dismiss(None)


class Reading(ModalScreen[None]):
    """Text to read: help, the history."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter,question_mark,f1", "give_up", "返回")]

    def __init__(self, title: str, text: Text) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        """Title, text that scrolls, keys."""
        with Vertical(classes="box"):
            yield Static(Text(self.heading), classes="heading")
            with VerticalScroll():
                yield Static(self.text)
            yield Static(Text("↑↓ 翻看  Esc 返回"), classes="keys")

    def on_mount(self) -> None:
        """The text takes the keys."""
        self.query_one(VerticalScroll).focus()

    def action_give_up(self) -> None:
        """Close."""
        self.dismiss(None)
