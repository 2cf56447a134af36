"""The goal table as it will be printed, laid out in terminal columns: lines of styled pieces, and where every cell stands. Pure.

The form is a stack of bands (one row of boxes each); lines between them are drawn from what meets at each place, so that merged cells
stay merged. A wide page has all six columns of the indicator block; a narrow one shows 二级, 三级 and 指标值, and unfolds the row at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from assistant.chinese import cut, tidy, wrap
from assistant.cli.render import plain
from assistant.findings import Severity
from assistant.review import CellView, Standing, pressing
from assistant.review.places import row_of
from assistant.table import GoalTable

WIDE = 72
# Mark → role. The mark alone says it; the role only colours it.
MARKS = {"open": "?", "error": "!", "accepted": "✓", "edited": "✎", "rejected": "✗", "changed": "●", "same": "·"}
MARK_WORDS = {
    "open": "待核实",
    "error": "有问题未定",
    "changed": "有变化未定",
    "same": "与上年相同未定",
    "accepted": "已采纳",
    "edited": "已修改",
    "rejected": "未采纳",
}

Piece = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rect:
    """Where a cell stands on the page: left column, top line, width, height."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether a place lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(slots=True)
class Page:
    """The laid-out form: lines of (text, role), and each cell's place by address."""

    width: int
    lines: list[list[Piece]] = field(default_factory=list)
    places: dict[str, Rect] = field(default_factory=dict)

    def at(self, x: int, y: int) -> str | None:
        """The address of the cell at a place, or None; of cells that share a box, the first."""
        return next((address for address, rect in self.places.items() if rect.holds(x, y)), None)


@dataclass(slots=True)
class _Box:
    """One box of a band: text, width inside the lines, address, role; ``joined`` = it continues the box above."""

    text: str
    width: int
    address: str | None = None
    role: str = "text"
    mark: str | None = None
    joined: bool = False
    centred: bool = False


def mark_of(cell: CellView) -> str:
    """The name of the mark that a cell bears."""
    if cell.open and cell.state != "accepted":
        return "open"
    if cell.state != "undecided":
        return "error" if cell.errors else cell.state
    if any(pressing(finding, Severity.WARNING) for finding in cell.findings):
        return "error"
    return "same" if cell.same or not cell.needed else "changed"


def lay_out(standing: Standing, width: int, current: str | None = None) -> Page:
    """The page for a width in columns. ``current`` is the cell at hand, whose row a narrow page unfolds."""
    maker = _Maker(standing, max(width, 34))
    maker.make(current)
    return maker.page


class _Maker:
    def __init__(self, standing: Standing, width: int) -> None:
        self.standing = standing
        self.table: GoalTable = standing.draft.table
        self.page = Page(width)
        self.wide = width >= WIDE
        self.above: list[_Box] | None = None

    def make(self, current: str | None) -> None:
        self._head()
        for band in (*self._project(), *self._money(), self._line("资金用途", "purpose"), *self._plan(), *self._goals()):
            self._band(band)
        if self.wide:
            self._rows_wide()
        else:
            self._rows_narrow(current)
        self._rule([])

    def _head(self) -> None:
        width = self.page.width
        title = plain(self.table.title or f"{self.table.project.name or ''}绩效目标表")
        for line in wrap(title, width - 2):
            self.page.lines.append([(_centred(line, width), "title")])
        money = f"单位：{self.table.money_unit}"
        room = width - cell_len(money) - 1
        pieces: list[Piece] = []
        x = 0
        # The year and the code are short and must show; the unit's name takes what is left.
        for address, after, most in (("year", "年 ", 4), ("unit.code", " ", 10), ("unit.name", "", room)):
            cell = self.standing.by_address[address]
            text = cut(plain(tidy(cell.text)), min(most, room - x - 2 - cell_len(after)))
            if not text:
                continue
            name = mark_of(cell)
            size = 2 + cell_len(text)
            self.page.places[address] = Rect(x, len(self.page.lines), size, 1)
            pieces += [(f"{MARKS[name]} ", name), (text, "text" if cell.same else "changed"), (after, "label")]
            x += size + cell_len(after)
        pieces.append((" " * (width - x - cell_len(money)) + money, "label"))
        self.page.lines.append(pieces)

    def _project(self) -> list[list[_Box]]:
        if not self.wide:
            return [self._line("项目编码", "project.code"), self._line("项目名称", "project.name")]
        code, label = 24, 8
        name = self.page.width - 5 - 2 * label - code
        return [
            [_Box("项目编码", label, role="label"), self._box("project.code", code), _Box("项目名称", label, role="label"), self._box("project.name", name)]
        ]

    def _money(self) -> list[list[_Box]]:
        first = 8
        rest = self.page.width - first - 5
        widths = [rest // 3, rest // 3, rest - 2 * (rest // 3)]
        names = ("预算数", "财政资金", "其他资金")
        heads = [_Box("预算规模", first, role="label"), *(_Box(name, width, role="label") for name, width in zip(names, widths, strict=True))]
        cells = [self._box(f"budget.{part}", width) for part, width in zip(("total", "fiscal", "other"), widths, strict=True)]
        return [heads, [_Box("", first, joined=True), *cells]]

    def _plan(self) -> list[list[_Box]]:
        nodes = self.table.spending_plan
        if not nodes:
            return []
        first = 8
        rest = self.page.width - first - 2 - len(nodes)
        widths = [rest // len(nodes)] * (len(nodes) - 1)
        widths.append(rest - sum(widths))
        heads = [_Box("支出计划", first, role="label"), *(_Box(plain(node.by), width, role="label") for node, width in zip(nodes, widths, strict=True))]
        cells = [self._box(f"spending_plan[{i}].percent", width, after="%") for i, width in enumerate(widths)]
        return [heads, [_Box("", first, joined=True), *cells]]

    def _goals(self) -> list[list[_Box]]:
        return [
            [_Box("" if i else "绩效目标", 8, role="label", joined=i > 0), self._box(f"goals[{i}]", self.page.width - 11)] for i in range(len(self.table.goals))
        ]

    def _rows_wide(self) -> None:
        widths = _six(self.page.width - 7)
        names = ("一级", "二级指标", "三级指标", "绩效指标描述", "指标值", "确定依据")
        self._band([_Box(name, width, role="label", centred=True) for name, width in zip(names, widths, strict=True)])
        last: tuple[str, str] = ("", "")
        shared: dict[str, list[str]] = {}
        for i, row in enumerate(self.table.indicators):
            level1, level2 = row.level1 == last[0] and i > 0, (row.level1, row.level2) == last and i > 0
            boxes = [
                self._level(i, "level1", widths[0], level1),
                self._level(i, "level2", widths[1], level2),
                *(self._box(f"indicators[{i}].{part}", width) for part, width in zip(("level3", "description", "value", "basis"), widths[2:], strict=True)),
            ]
            self._band(boxes)
            for part, joined in (("level1", level1), ("level2", level2)):
                shared[part] = [*shared.get(part, []), f"indicators[{i}].{part}"] if joined else [f"indicators[{i}].{part}"]
                self._share(shared[part])
            last = (row.level1, row.level2)

    def _share(self, addresses: list[str]) -> None:
        # Cells merged into one box all stand in the whole of it.
        first, end = self.page.places[addresses[0]], self.page.places[addresses[-1]]
        whole = Rect(first.x, first.y, first.width, end.y + end.height - first.y)
        for address in addresses:
            self.page.places[address] = whole

    def _rows_narrow(self, current: str | None) -> None:
        place = row_of(current or "")
        unfolded = place[1] if place and place[0] == "indicators" else None
        inner = self.page.width - 4
        second, value = 8, max(inner // 4, 10)
        widths = (second, inner - second - value, value)
        self._band([_Box(name, width, role="label", centred=True) for name, width in zip(("二级指标", "三级指标", "指标值"), widths, strict=True)])
        last: tuple[str, str] = ("", "")
        for i, row in enumerate(self.table.indicators):
            if row.level1 != last[0] or i == 0:
                self._band([self._box(f"indicators[{i}].level1", self.page.width - 2, role="label", marked=False)])
            else:
                self.page.places[f"indicators[{i}].level1"] = self.page.places[f"indicators[{i - 1}].level1"]
            parts = ("level3", "value")
            boxes = [
                self._level(i, "level2", widths[0], False),
                *(self._box(f"indicators[{i}].{part}", width) for part, width in zip(parts, widths[1:], strict=True)),
            ]
            self._band(boxes)
            for part, label in (("description", "描述"), ("basis", "依据")):
                if i == unfolded:
                    wide = self.page.width - 3 - second
                    self._band([_Box("", second, joined=True), self._box(f"indicators[{i}].{part}", wide, before=f"{label} ")])
                else:
                    self.page.places[f"indicators[{i}].{part}"] = self.page.places[f"indicators[{i}].level3"]
            last = (row.level1, row.level2)

    def _line(self, label: str, address: str) -> list[_Box]:
        return [_Box(label, 8, role="label"), self._box(address, self.page.width - 11)]

    def _level(self, i: int, part: str, width: int, joined: bool) -> _Box:
        address = f"indicators[{i}].{part}"
        box = self._box(address, width, role="label", marked=False)
        if joined:
            box.text, box.joined = "", True
        return box

    def _box(self, address: str, width: int, *, role: str = "text", before: str = "", after: str = "", marked: bool = True) -> _Box:
        cell = self.standing.by_address[address]
        name = mark_of(cell)
        text = plain(tidy(cell.text))
        shown = f"{before}{text}{after}" if text else f"{before}{'待填' if cell.open else ''}"
        needs_mark = (marked and cell.needed) or name in ("open", "error", "edited", "rejected")
        role = "open" if cell.open else ("changed" if role == "text" and text and not cell.same else role)
        return _Box(shown, width, address, role, mark=name if needs_mark else None)

    def _band(self, boxes: Sequence[_Box]) -> None:
        self._rule(list(boxes))
        top = len(self.page.lines)
        wrapped = [wrap(box.text, max(box.width - (2 if box.mark else 0), 2)) for box in boxes]
        height = max(1, *(len(lines) for lines in wrapped))
        for y in range(height):
            line: list[Piece] = [("│", "line")]
            for box, lines in zip(boxes, wrapped, strict=True):
                line.extend(self._inside(box, lines, y))
                line.append(("│", "line"))
            self.page.lines.append(line)
        x = 1
        for box in boxes:
            if box.address:
                self.page.places[box.address] = Rect(x, top, box.width, height)
            x += box.width + 1
        self.above = list(boxes)

    def _inside(self, box: _Box, lines: list[str], y: int) -> list[Piece]:
        text = lines[y] if y < len(lines) else ""
        pieces: list[Piece] = []
        room = box.width
        if box.mark:
            pieces.append((f"{MARKS[box.mark]} " if y == 0 else "  ", box.mark))
            room -= 2
        if box.centred:
            text = " " * ((room - cell_len(text)) // 2) + text
        pieces.append((text + " " * (room - cell_len(text)), box.role))
        return pieces

    def _rule(self, below: list[_Box]) -> None:
        """The line between the band above and the one below, its crossings drawn from what meets there."""
        width = self.page.width
        up, down = _verticals(self.above or []), _verticals(below)
        blank = _joined(below)
        line = [not any(start <= x < end for start, end in blank) for x in range(width)]
        drawn = []
        for x in range(width):
            if x in up or x in down:
                drawn.append(_CROSSING[(x in up, x in down, x > 0 and line[x - 1], x < width - 1 and line[x + 1])])
            else:
                drawn.append("─" if line[x] else " ")
        self.page.lines.append([("".join(drawn), "line")])


_CROSSING = {
    (True, True, True, True): "┼",
    (True, True, True, False): "┤",
    (True, True, False, True): "├",
    (True, True, False, False): "│",
    (True, False, True, True): "┴",
    (True, False, True, False): "┘",
    (True, False, False, True): "└",
    (True, False, False, False): "│",
    (False, True, True, True): "┬",
    (False, True, True, False): "┐",
    (False, True, False, True): "┌",
    (False, True, False, False): "│",
    (False, False, True, True): "─",
}


def _verticals(boxes: Sequence[_Box]) -> set[int]:
    places, x = set(), 0
    for box in boxes:
        places.add(x)
        x += box.width + 1
    return places | {x} if boxes else set()


def _joined(boxes: Sequence[_Box]) -> list[tuple[int, int]]:
    spans, x = [], 1
    for box in boxes:
        if box.joined:
            spans.append((x, x + box.width))
        x += box.width + 1
    return spans


def _six(room: int) -> tuple[int, ...]:
    """Widths of the six columns: the levels and the value narrow, the texts sharing the rest."""
    level1, level2 = 4, 8
    value = 12 if room < 90 else 16
    rest = room - level1 - level2 - value
    third = rest * 36 // 100
    basis = rest * 26 // 100
    return (level1, level2, third, rest - third - basis, value, basis)


def _centred(text: str, width: int) -> str:
    left = max((width - cell_len(text)) // 2, 0)
    return " " * left + text + " " * max(width - left - cell_len(text), 0)
