"""The form on the left: the laid-out page as a scrolling widget with a cursor on one cell, for keys and mouse."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from assistant.cli.screen.look import styles
from assistant.cli.screen.page import WIDE, Page, Rect, lay_out
from assistant.review import Standing
from assistant.review.places import row_of


class FormView(ScrollView, can_focus=True):
    """Shows a page and the cell at hand; says when another cell is chosen by mouse."""

    class Chosen(Message):
        """A cell was clicked; ``twice`` for a double click (edit)."""

        def __init__(self, address: str, *, twice: bool) -> None:
            super().__init__()
            self.address = address
            self.twice = twice

    # Instead of the scrolling keys of the parent: the page follows the cell at hand.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.step(0,-1)"),
        Binding("down", "app.step(0,1)"),
        Binding("left", "app.step(-1,0)"),
        Binding("right", "app.step(1,0)"),
        Binding("pageup", "app.leaf(-1)"),
        Binding("pagedown", "app.leaf(1)"),
        Binding("home", "app.edge(0)"),
        Binding("end", "app.edge(-1)"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.page: Page = Page(1)
        self.standing: Standing | None = None
        self.cell = ""
        self._strips: list[Strip] = []
        self._styles: dict[str, Style] = {}
        self._made_for: tuple[object, ...] = ()

    def show(self, standing: Standing, cell: str) -> None:
        """Show a standing with the cursor on a cell, scrolled into sight."""
        before = self.cell
        self.standing, self.cell = standing, cell
        if self._make():
            self._into_sight()
            self.refresh()
            return
        # The same page: only where the cursor was and is has to be drawn again.
        self._into_sight()
        for address in {before, cell} & set(self.page.places):
            rect = self.page.places[address]
            self.refresh(Region(0, rect.y - self.scroll_offset.y, self.size.width, rect.height))

    def move(self, right: int, down: int) -> str:
        """The cell that lies in a direction from the one at hand (the same when there is none)."""
        here = self.page.places.get(self.cell)
        if here is None:
            return self.cell
        best, least = self.cell, None
        for address, rect in self.page.places.items():
            if rect == here:
                continue
            ahead, aside = _apart(here, rect, right, down)
            if ahead <= 0:
                continue
            distance = ahead + aside * 4
            if least is None or distance < least:
                best, least = address, distance
        return best if best != self.cell else self._within(down or right)

    def _within(self, step: int) -> str:
        # Cells of a folded row share one place: step through them in the order of the form.
        if self.standing is None:
            return self.cell
        order = [cell.address for cell in self.standing.cells]
        place = order.index(self.cell) + (1 if step > 0 else -1)
        return order[place] if 0 <= place < len(order) else self.cell

    def _make(self) -> bool:
        """Lay the page out where anything that it depends on has changed; whether it did."""
        if self.standing is None or not self.size.width:
            return False
        width = max(self.scrollable_content_region.width, 34)
        place = row_of(self.cell)
        unfolded = place[1] if width < WIDE and place and place[0] == "indicators" else None
        theme = self.app.theme
        made_for = (id(self.standing), width, unfolded, theme)
        if made_for == self._made_for:
            return False
        self._made_for = made_for
        self.page = lay_out(self.standing, width, self.cell)
        self._styles = styles(theme)
        self._strips = [Strip([Segment(text, self._styles[role]) for text, role in line]) for line in self.page.lines]
        self.virtual_size = Size(self.page.width, len(self.page.lines))
        return True

    def _into_sight(self) -> None:
        rect = self.page.places.get(self.cell)
        if rect is None:
            return
        place = row_of(self.cell)
        row = f"{place[0]}[{place[1]}]" if place else self.cell
        # The whole row where it fits (a narrow page unfolds it below the cell), and one line around, so that the box's lines are seen too.
        together = [other for address, other in self.page.places.items() if address.startswith(row) and not address.endswith(("level1", "level2"))]
        top, end = min((other.y for other in together), default=rect.y), max((other.y + other.height for other in together), default=rect.y + rect.height)
        if end - top + 2 > self.size.height:
            top, end = rect.y, rect.y + rect.height
        self.scroll_to_region(Region(rect.x, max(top - 1, 0), rect.width, end - top + 2), animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        """One line of the widget, the cell at hand on another ground."""
        line = y + self.scroll_offset.y
        width = self.size.width
        blank = self._styles.get("blank", Style())
        if line >= len(self._strips):
            return Strip.blank(width, blank)
        strip = self._strips[line]
        rect = self.page.places.get(self.cell)
        if rect is not None and rect.y <= line < rect.y + rect.height:
            left, here, right = strip.crop(0, rect.x), strip.crop(rect.x, rect.x + rect.width), strip.crop(rect.x + rect.width)
            strip = Strip.join([left, Strip([Segment(each.text, (each.style or Style()) + self._styles["cursor"]) for each in here]), right])
        return strip.crop_extend(self.scroll_offset.x, self.scroll_offset.x + width, blank)

    def on_resize(self, _: events.Resize) -> None:
        """Lay the page out anew for another width."""
        self._make()
        self._into_sight()
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Choose the cell under the mouse."""
        address = self.page.at(event.x + self.scroll_offset.x, event.y + self.scroll_offset.y)
        if address:
            self.post_message(self.Chosen(address, twice=event.chain >= 2))


def _apart(here: Rect, there: Rect, right: int, down: int) -> tuple[int, int]:
    """How far ahead, and how far aside, one place lies from another in a direction; ahead ≤ 0 = not in that direction."""
    if right:
        ahead = there.x - (here.x + here.width) + 1 if right > 0 else here.x - (there.x + there.width) + 1
        aside = max(there.y - here.y, here.y - (there.y + there.height - 1), 0)
    else:
        ahead = there.y - (here.y + here.height) + 1 if down > 0 else here.y - (there.y + there.height) + 1
        aside = max(there.x - (here.x + here.width - 1), here.x - (there.x + there.width - 1), 0)
    return ahead, aside
