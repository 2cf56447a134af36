"""The head of an indicator block: which column holds what.

A head is one row, or two where 指标值 is split below (符号 | 值 | 单位, 优 | 良 | 中 | 差), or has a row above that parts the years
(长期 | 年度) or names the level 1 of the columns below it (产出指标 | 效益指标 …). Indicator sets side by side are several ``ColumnSet``s;
those of several years are marked ``long``. Blocks that stand one below the other are told apart by the group at their left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.chinese import fold
from assistant.extraction import lexicon
from assistant.extraction.rows import Row, Slot, at, written
from assistant.table import canonical_level1, canonical_level2
from assistant.target import Target

_LEVELS = ("level1", "level2", "level3", "content")
# What the role of a column without a label begins with.
UNNAMED = "unnamed:"
_TOLD_BY_CELLS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("level1", canonical_level1),
    ("level2", canonical_level2),
    ("value", lambda text: Target.parse(text).number is not None),
)


@dataclass(slots=True)
class Column:
    """One column: role (``level1``, ``value``, ``extra:权重``, ``field:unit.name``, ``group``), its label, its place, years (True = several)."""

    role: str
    label: str
    start: int
    long: bool | None = None
    level1: str = ""


@dataclass(slots=True)
class ColumnSet:
    """The columns of one indicator: one per role, extra columns by name; ``level1`` where the head names it instead of a column."""

    roles: dict[str, Column] = field(default_factory=dict)
    extras: list[tuple[str, Column]] = field(default_factory=list)
    long: bool | None = None
    level1: str = ""


@dataclass(slots=True)
class Layout:
    """A whole head: its sets, the columns of table fields beside them (flat lists), its width in columns, the folded words of its labels."""

    sets: list[ColumnSet]
    fields: list[tuple[str, Column]]
    width: int
    first: int
    words: set[str]
    rows: int = 1
    ragged: bool = False
    group: str = ""

    @property
    def long(self) -> bool | None:
        """Whether the whole block is that of several years (长期绩效指标), None when its group says nothing."""
        return lexicon.long_term(self.group) if self.group else None

    @property
    def flat(self) -> bool:
        """Whether one row names the project too: a list of many projects."""
        return any(name == "project.name" for name, _ in self.fields)

    @property
    def main(self) -> list[ColumnSet]:
        """The sets of the year."""
        return [one for one in self.sets if not one.long] or self.sets

    @property
    def side(self) -> list[ColumnSet]:
        """The sets of several years that stand beside those of the year."""
        return [one for one in self.sets if one.long] if any(not one.long for one in self.sets) else []


def layout_at(rows: list[Row], r: int, *, ragged: bool, two_terms: bool = False) -> Layout | None:
    """The head of an indicator block that begins at row ``r``, or None.

    ``two_terms`` = the table has goals of several years and of the year side by side, so two equal sets are those.
    """
    if not is_head(rows[r]):
        return None
    if not ragged and r + 1 < len(rows) and (whole := _completed(rows[r], rows[r + 1])):
        layout = layout_at([*rows[:r], whole, *rows[r + 2 :]], r, ragged=ragged, two_terms=two_terms)
        if layout is not None:
            layout.rows += 1
            layout.words |= {fold(slot.text) for slot in rows[r] + rows[r + 1] if not slot.blank}
        return layout
    second = rows[r + 1] if r + 1 < len(rows) and _is_second(rows[r], rows[r + 1]) else None
    above = rows[r - 1] if r > 0 and not ragged and _parts_columns(rows[r - 1]) else None
    leaves = _ragged_leaves(rows[r], second, rows[max(r - 2, 0) : r]) if ragged else _leaves(rows[r], second)
    roles = [lexicon.column(leaf.text) for leaf, _ in leaves]
    level1 = next((leaf.start for (leaf, _), role in zip(leaves, roles, strict=True) if role == "level1"), -1)
    names = [leaf for (leaf, _), role in zip(leaves, roles, strict=True) if role in ("level3", "content")]
    below = rows[r + (2 if second else 1) :]
    columns: list[Column] = []
    for leaf, parent in leaves:
        named = {*roles, *(column.role for column in columns)}
        columns += _unnamed(leaf, below, named) if leaf.blank else [_column(leaf, parent, above, level1, names)]
    group = next((column for column in columns if column.role == "group"), None)
    if group is not None and level1 < 0 and _names_below(group.start, below):
        group.role = "level1"
    sets, fields = _sets(columns)
    _name_years(sets, two_terms)
    for one in sets:
        _settle(one)
    words = {fold(slot.text) for row in (rows[r], second or []) for slot in row if not slot.blank}
    words |= {lexicon.key(slot.text) for row in (rows[r], second or []) for slot in row if not slot.blank}
    width = len(leaves) if ragged else max(slot.end for slot in rows[r])
    over = (group.label if group is not None else "") or _group_above(rows[r - 1] if r > 0 else [])
    return Layout(sets, fields, width, leaves[0][0].start, words, 2 if second else 1, ragged, over)


def _names_below(column: int, rows: list[Row]) -> bool:
    """Whether the column of a group's label (绩效指标) holds the names of level 1 below it."""
    first = next((slot for row in rows if (slot := at(row, column)) is not None and slot.fresh), None)
    return first is not None and canonical_level1(first.line) is not None


def _group_above(row: Row) -> str:
    """A group's name on a row of its own above the head."""
    new = written(row)
    return new[0].line if len(new) == 1 and lexicon.is_group(new[0].text) else ""


def is_head(row: Row) -> bool:
    """Whether a row is the head of an indicator block."""
    roles = [(slot, role) for slot in row if slot.fresh and (role := lexicon.column(slot.text))]
    named = {role for _, role in roles}
    if len(named) < 2:
        return False
    levels = any(role in ("level1", "level2", "level3") and "级" in slot.key for slot, role in roles)
    names = named & {"level1", "level2", "level3", "content"}
    values = named & {"value", "value.long", "comparator", "standard", "basis", "description"}
    if levels:
        return len(names) >= 2 or bool(values)
    if "level1" in named and names - {"level1"} and values:
        return True
    return bool({"level3", "content"} & names) and "value" in named and not _other_words(row)


def _other_words(row: Row) -> bool:
    # 指标 | 目标 beside labels of a header block is no head.
    return any(lexicon.column(slot.text) is None and lexicon.field(slot.text) not in (None, "project.name") for slot in row if not slot.blank)


def _completed(head: Row, row: Row) -> Row | None:
    """A head whose labels were broken over two rows that are not merged (一级 over 指标), each whole again; None for any other row below."""
    whole: dict[int, str] = {}
    new = written(row)
    for slot in new:
        over = at(head, slot.start)
        if over is None or (over.start, over.end) != (slot.start, slot.end) or len(slot.key) > 6:
            return None
        if not over.blank and lexicon.column(over.text + slot.text):
            whole[slot.start] = over.text + slot.text
        elif len(slot.key) > 1:  # one character may be part of a word drawn down the group's column
            return None
    if len(whole) < min(2, len(new)) or not whole:
        return None
    return [Slot(whole.get(slot.start, slot.text), slot.start, slot.end, slot.inherited, slot.cell) for slot in head]


def _is_second(head: Row, row: Row) -> bool:
    new = written(row)
    if not new or is_head(row):
        return False
    if any(slot.inherited and lexicon.column(slot.text) in ("level1", "level2") for slot in row):
        return True
    known = [slot for slot in new if lexicon.column(slot.text) or (lexicon.long_term(slot.text) is not None and len(slot.key) <= 12)]
    if len(known) != len(new):
        return False
    # A second row of the head stands below cells that span several columns, or leaves all others blank.
    return any(slot.inherited for slot in row) or row[0].blank


def _parts_columns(row: Row) -> bool:
    """Whether a row above a head parts its columns by years or by level 1."""
    return parts_by_level1(row) or any(not slot.blank and len(slot.key) <= 24 and lexicon.long_term(slot.text) is not None for slot in row)


def parts_by_level1(row: Row) -> bool:
    """Whether a row above a head names the level 1 of the columns below it."""
    return sum(slot.fresh and _names_level1(slot) for slot in row) >= 2


def _names_level1(slot: Slot) -> bool:
    return len(slot.key) <= 12 and slot.key.endswith("指标") and canonical_level1(slot.line) is not None


def _leaves(head: Row, second: Row | None) -> list[tuple[Slot, Slot | None]]:
    leaves: list[tuple[Slot, Slot | None]] = []
    for slot in head:
        below = [other for other in second or () if slot.start <= other.start < slot.end and other.fresh]
        if below:
            leaves.extend((other, slot) for other in below)
        elif slot.end - slot.start == 2 and (names := lexicon.levels_of(slot.text)):
            leaves.extend((Slot(label, slot.start + i, slot.start + i + 1, slot.inherited, slot.cell), None) for i, (_, label) in enumerate(names))
        else:
            leaves.append((slot, None))
    return leaves


def _ragged_leaves(head: Row, second: Row | None, above: list[Row]) -> list[tuple[Slot, Slot | None]]:
    """Heads in text that lost its spans: labels of a second row take the place of the one label that spans them. ``above`` = up to two rows."""
    leaves: list[tuple[Slot, Slot | None]] = _leaves_under_levels(head, above)
    if leaves:
        return _placed(leaves)
    if second is None:
        leaves += [(slot, None) for slot in head]
    elif len(second) == len(head):
        leaves += [(slot, None) if below.blank else (below, slot) for slot, below in zip(head, second, strict=True)]
    else:
        lead = next((i for i, slot in enumerate(second) if not slot.blank), 0)
        labels = [slot for slot in second if not slot.blank]
        spanning = lead if lead < len(head) else len(head) - 1
        leaves += [(slot, None) for slot in head[:spanning]]
        leaves += [(slot, head[spanning]) for slot in labels]
        leaves += [(slot, None) for slot in head[spanning + 1 :]]
    return _placed(leaves)


def _leaves_under_levels(head: Row, rows: list[Row]) -> list[tuple[Slot, Slot | None]]:
    """The leaves of a head below names of level 1, each with an equal share of the columns; empty when there are no such names.

    The labels before those names stand beside them or, where that cell is blank, in the row above.
    """
    above = rows[-1] if rows else []
    if not parts_by_level1(above):
        return []
    top = rows[0] if len(rows) > 1 else []
    above = [top[i] if slot.blank and i < len(top) and not any(not other.blank for other in above[:i]) else slot for i, slot in enumerate(above)]
    lead = next(i for i, slot in enumerate(above) if not slot.blank and _names_level1(slot))
    names, labels = above[lead:], [slot for slot in head if not slot.blank]
    if len(head) != lead + len(labels) or len(labels) % len(names):
        return []
    share = len(labels) // len(names)
    leaves: list[tuple[Slot, Slot | None]] = [(slot, None) for slot in above[:lead]]
    return leaves + [(slot, names[i // share]) for i, slot in enumerate(labels)]


def _placed(leaves: list[tuple[Slot, Slot | None]]) -> list[tuple[Slot, Slot | None]]:
    return [(Slot(slot.text, i, i + 1, False, slot.cell), parent) for i, (slot, parent) in enumerate(leaves)]


def _column(leaf: Slot, parent: Slot | None, above: Row | None, level1: int, names: list[Slot]) -> Column:
    """The column under a label; ``level1`` = where the first level stands (-1: nowhere), ``names`` the labels of indicators' names."""
    label = leaf.line
    role = lexicon.column(leaf.text)
    known = lexicon.field(leaf.text)
    has_level3 = any(slot is not leaf for slot in names)
    if lexicon.is_group(leaf.text) and leaf.start < max(level1, 1) and has_level3:
        role = "group"
    elif role == "project.name" or (known and leaf.start < level1 and role not in _LEVELS):
        role = f"field:{role if role == 'project.name' else known}"
    elif role is None and known:
        role = f"field:{known}"
    elif role is None and lexicon.plan_node(leaf.text):
        role = "field:node"
    elif role is None and parent is not None:
        role = lexicon.column(parent.text)
        label = f"{parent.line}·{label}"
    if role is None:
        role = f"extra:{label}"
    over = at(above, leaf.start) if above is not None else None
    long = lexicon.long_term(leaf.text)
    for slot in (parent, over):
        if long is None and slot is not None and not slot.blank:
            long = lexicon.long_term(slot.text)
            label = f"{slot.line}·{label}" if long is not None and role != f"extra:{label}" and "·" not in label else label
    if role == "value.long":
        role, long = "value", True
    named = next((slot.line for slot in (parent, over) if slot is not None and not slot.blank and _names_level1(slot)), "")
    return Column(role, label, leaf.start, long, named)


def _unnamed(leaf: Slot, below: list[Row], named: set[str | None]) -> list[Column]:
    """The columns under a blank of the head: levels and targets by what stands below it, anything else kept under the column's number."""
    columns = []
    for start in range(leaf.start, leaf.end):
        slots = [slot for row in below if (slot := at(row, start)) is not None and slot.start == start and slot.fresh]
        role = next((role for role, fits in _TOLD_BY_CELLS if role not in named and len(slots) > 1 and all(fits(slot.line) for slot in slots)), None)
        columns.append(Column(role or f"{UNNAMED}第{start + 1}列（无栏名）", "", start))
    return columns


def _sets(columns: list[Column]) -> tuple[list[ColumnSet], list[tuple[str, Column]]]:
    sets, fields = [ColumnSet()], []
    for column in columns:
        one = sets[-1]
        if column.role == "group":
            continue
        if column.role.startswith("field:"):
            fields.append((column.role.removeprefix("field:"), column))
            continue
        one.level1 = one.level1 or column.level1
        again = column.role in _LEVELS and column.role in one.roles and _name(one.roles[column.role]) == _name(column)
        if again:
            # The levels that are not repeated are shared with the set before.
            shared = {role: old for role, old in one.roles.items() if role in _LEVELS[: _LEVELS.index(column.role)]}
            one = ColumnSet(roles=shared, level1=column.level1)
            sets.append(one)
        _put(one, column)
    return sets, fields


def _name(column: Column) -> str:
    return fold(column.label.rsplit("·", 1)[-1])


def _put(one: ColumnSet, column: Column) -> None:
    if column.role.startswith(("extra:", UNNAMED)):
        one.extras.append((column.role.partition(":")[2], column))
    elif column.role == "value" and "value" in one.roles:
        old = one.roles["value"]
        # Of several value columns the year's own is the target; the others keep their labels.
        if (old.long and not column.long) or (old.long is None and column.long is False):
            one.roles["value"], column = column, old
        one.extras.append((column.label, column))
    elif column.role == "grade":
        if "value" not in one.roles:
            one.roles["value"] = column
        else:
            one.extras.append((column.label.split("·")[-1], column))
    elif column.role in one.roles:
        one.extras.append((column.label, column))
    else:
        one.roles[column.role] = column


def _name_years(sets: list[ColumnSet], two_terms: bool) -> None:
    for one in sets:
        own = [column for role, column in one.roles.items() if role in ("level3", "content", "value")]
        years = {column.long for column in own} - {None}
        one.long = years.pop() if len(years) == 1 else None
    if two_terms and len(sets) == 2 and all(one.long is None for one in sets):
        sets[0].long, sets[1].long = True, False
    if len(sets) == 1 and sets[0].long:
        sets[0].long = None


def _settle(one: ColumnSet) -> None:
    """Give the labels that mean different things in different provinces their meaning here."""
    roles = one.roles
    if content := roles.pop("content", None):
        if "level3" not in roles:
            roles["level3"] = content
        elif "description" not in roles:
            roles["description"] = content
        else:
            one.extras.append((content.label, content))
    if standard := roles.pop("standard", None):
        behind = "value" in roles and standard.start > roles["value"].start
        wanted = "basis" if behind else "description"
        if wanted not in roles:
            roles[wanted] = standard
        else:
            one.extras.append((standard.label, standard))
    if "basis" not in roles:
        source = next(((name, column) for name, column in one.extras if name == "数据来源"), None)
        if source is not None:
            one.extras.remove(source)
            roles["basis"] = source[1]
