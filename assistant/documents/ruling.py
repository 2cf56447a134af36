"""Tables out of ruling lines: where lines cross there is a grid; where a line is missing between two places they are one cell.

Used for PDF pages (drawn lines) and for scans (lines found in the picture). Coordinates are points (or pixels scaled to points) with
the origin at the top left of the page as it is shown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

# Lines nearer than this are one line (double borders, borders of neighbouring cells drawn one by one).
NEAR = 3.0
_RULE_CAP = 20_000
_PLACE_CAP = 200_000


class Rule(NamedTuple):
    """A straight line: its place on the other axis, and where it begins and ends."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Box:
    """One cell of a frame: place and spans (0-based), edges."""

    row: int
    column: int
    row_span: int
    column_span: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class Frame:
    """A ruled table: the edges of its rows and columns and its cells in reading order."""

    xs: list[float]
    ys: list[float]
    boxes: list[Box]
    _at: dict[tuple[int, int], Box] = field(default_factory=dict)

    @property
    def area(self) -> float:
        """How much of the page it takes."""
        return (self.xs[-1] - self.xs[0]) * (self.ys[-1] - self.ys[0])

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in the table."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def box_at(self, x: float, y: float) -> Box | None:
        """The cell at a point."""
        if not self._at:
            for box in self.boxes:
                for row in range(box.row, box.row + box.row_span):
                    for column in range(box.column, box.column + box.column_span):
                        self._at[row, column] = box
        return self._at.get((bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1))


def frames(horizontal: list[Rule], vertical: list[Rule]) -> list[Frame]:
    """The ruled tables of a page, top to bottom; frames around a single cell (text boxes, page borders) are none."""
    if len(horizontal) > _RULE_CAP or len(vertical) > _RULE_CAP:
        return []
    across, down = _joined(horizontal), _joined(vertical)
    found = [_frame([across[i] for i in h], [down[i] for i in v]) for h, v in _crossing(across, down)]
    return sorted((frame for frame in found if frame is not None), key=lambda frame: (frame.ys[0], frame.xs[0]))


def _joined(rules: list[Rule]) -> list[Rule]:
    """Rules on (nearly) the same line made one where they touch or overlap."""
    found: list[Rule] = []
    group: list[Rule] = []
    for rule in sorted(rules):
        if group and rule.at - group[-1].at > NEAR:
            found.extend(_merged(group))
            group = []
        group.append(rule)
    return found + _merged(group) if group else found


def _merged(group: list[Rule]) -> list[Rule]:
    at = sum(rule.at for rule in group) / len(group)
    spans: list[list[float]] = []
    for rule in sorted(group, key=lambda rule: rule.start):
        if spans and rule.start <= spans[-1][1] + NEAR:
            spans[-1][1] = max(spans[-1][1], rule.end)
        else:
            spans.append([rule.start, rule.end])
    return [Rule(at, start, end) for start, end in spans if end - start > 2 * NEAR]


def _crossing(across: list[Rule], down: list[Rule]) -> list[tuple[list[int], list[int]]]:
    """Groups of rules that hang together by crossing or touching: indices of horizontal and of vertical ones."""
    parent = list(range(len(across) + len(down)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    places = [rule.at for rule in across]
    for j, rule in enumerate(down):
        for i in range(bisect_left(places, rule.start - NEAR), bisect_right(places, rule.end + NEAR)):
            if across[i].start - NEAR <= rule.at <= across[i].end + NEAR:
                parent[root(i)] = root(len(across) + j)
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for i in range(len(parent)):
        group = groups.setdefault(root(i), ([], []))
        if i < len(across):
            group[0].append(i)
        else:
            group[1].append(i - len(across))
    return [group for group in groups.values() if group[0] and group[1] and len(group[0]) + len(group[1]) > 2]


def _edges(rules: list[Rule], others: list[Rule]) -> list[float]:
    """The places of rules, and of open sides where the crossing rules reach well beyond the outermost one."""
    edges: list[float] = []
    for rule in sorted(rules):
        if not edges or rule.at - edges[-1] > NEAR:
            edges.append(rule.at)
    first, last = min(rule.start for rule in others), max(rule.end for rule in others)
    if first < edges[0] - 4 * NEAR:
        edges.insert(0, first)
    if last > edges[-1] + 4 * NEAR:
        edges.append(last)
    return edges


def _covers(edges: list[float], rules: list[Rule], lines: list[float]) -> list[list[bool]]:
    """For each line (edge across) and each interval between two ``edges``: whether a rule runs along there."""
    table = [[False] * (len(edges) - 1) for _ in lines]
    for rule in rules:
        k = bisect_left(lines, rule.at - NEAR)
        if k == len(lines) or abs(lines[k] - rule.at) > NEAR:
            continue
        for j in range(len(edges) - 1):
            slack = min(2 * NEAR, 0.3 * (edges[j + 1] - edges[j]))
            if rule.start <= edges[j] + slack and rule.end >= edges[j + 1] - slack:
                table[k][j] = True
    return table


def _frame(across: list[Rule], down: list[Rule]) -> Frame | None:
    xs, ys = _edges(down, across), _edges(across, down)
    columns, rows = len(xs) - 1, len(ys) - 1
    if rows < 1 or columns < 1 or rows * columns < 2 or rows * columns > _PLACE_CAP:
        return None
    lines, walls = _covers(xs, across, ys), _covers(ys, down, xs)
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    rectangles: list[tuple[int, int, int, int]] = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in owner:
                continue
            wide = 1
            while column + wide < columns and not walls[column + wide][row] and (row, column + wide) not in owner:
                wide += 1
            high = 1
            while row + high < rows and _opens(row + high, column, wide, lines, walls, owner):
                high += 1
            for i in range(row, row + high):
                for j in range(column, column + wide):
                    owner[i, j] = (row, column)
            rectangles.append((row, column, high, wide))
    if len(rectangles) < 2:
        return None
    return _compact(xs, ys, rectangles)


def _opens(row: int, column: int, wide: int, lines: list[list[bool]], walls: list[list[bool]], owner: dict[tuple[int, int], tuple[int, int]]) -> bool:
    """Whether the cell above goes on into this row: no line above it, no wall inside it, nothing there yet."""
    return not any(lines[row][j] or (row, j) in owner for j in range(column, column + wide)) and not any(
        walls[j][row] for j in range(column + 1, column + wide)
    )


def _compact(xs: list[float], ys: list[float], rectangles: list[tuple[int, int, int, int]]) -> Frame:
    """Edges that bound no cell (underlines, strokes of no meaning) are dropped."""
    rows = sorted({row for row, _, _, _ in rectangles} | {row + high for row, _, high, _ in rectangles})
    columns = sorted({column for _, column, _, _ in rectangles} | {column + wide for _, column, _, wide in rectangles})
    row_at, column_at = {row: i for i, row in enumerate(rows)}, {column: i for i, column in enumerate(columns)}
    boxes = [
        Box(
            row_at[row],
            column_at[column],
            row_at[row + high] - row_at[row],
            column_at[column + wide] - column_at[column],
            xs[column],
            ys[row],
            xs[column + wide],
            ys[row + high],
        )
        for row, column, high, wide in rectangles
    ]
    return Frame([xs[column] for column in columns], [ys[row] for row in rows], boxes)
