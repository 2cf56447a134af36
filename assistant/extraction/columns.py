"""The head of an indicator block: which column holds what.

A head is one row, or two where 指标值 is split below (符号 | 值 | 单位, 优 | 良 | 中 | 差), or has a row above that parts the years
(长期 | 年度). Two indicator sets side by side are two ``ColumnSet``s; the one of several years is marked ``long``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.chinese import fold
from assistant.extraction import lexicon
from assistant.extraction.rows import Row, Slot, at

_LEVELS = ("level1", "level2", "level3", "content")


@dataclass(slots=True)
class Column:
    """One column: role (``level1``, ``value``, ``extra:权重``, ``field:unit.name``, ``group``), its label, its place, years (True = several)."""

    role: str
    label: str
    start: int
    long: bool | None = None


@dataclass(slots=True)
class ColumnSet:
    """The columns of one indicator: one per role, extra columns by name."""

    roles: dict[str, Column] = field(default_factory=dict)
    extras: list[tuple[str, Column]] = field(default_factory=list)
    long: bool | None = None


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
    second = rows[r + 1] if r + 1 < len(rows) and _is_second(rows[r], rows[r + 1]) else None
    above = rows[r - 1] if r > 0 and not ragged and _parts_years(rows[r - 1]) else None
    leaves = _ragged_leaves(rows[r], second) if ragged else _leaves(rows[r], second)
    columns = [_column(leaf, parent, above, leaves) for leaf, parent in leaves]
    sets, fields = _sets(columns)
    _name_years(sets, two_terms)
    for one in sets:
        _settle(one)
    words = {fold(slot.text) for row in (rows[r], second or []) for slot in row if not slot.blank}
    words |= {lexicon.key(slot.text) for row in (rows[r], second or []) for slot in row if not slot.blank}
    return Layout(sets, fields, len(leaves) if ragged else max(slot.end for slot in rows[r]), leaves[0][0].start, words, 2 if second else 1, ragged)


def is_head(row: Row) -> bool:
    """Whether a row is the head of an indicator block."""
    roles = [(slot, role) for slot in row if not slot.blank and not slot.inherited and (role := lexicon.column(slot.text))]
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


def _is_second(head: Row, row: Row) -> bool:
    new = [slot for slot in row if not slot.inherited and not slot.blank]
    if not new or is_head(row):
        return False
    known = [slot for slot in new if lexicon.column(slot.text) or (lexicon.long_term(slot.text) is not None and len(slot.key) <= 12)]
    if len(known) != len(new):
        return False
    # A second row of the head stands below cells that span several columns, or leaves all others blank.
    return any(slot.inherited for slot in row) or row[0].blank


def _parts_years(row: Row) -> bool:
    return any(not slot.blank and len(slot.key) <= 24 and lexicon.long_term(slot.text) is not None for slot in row)


def _leaves(head: Row, second: Row | None) -> list[tuple[Slot, Slot | None]]:
    leaves: list[tuple[Slot, Slot | None]] = []
    for slot in head:
        below = [other for other in second or () if slot.start <= other.start < slot.end and not other.inherited and not other.blank]
        if below:
            leaves.extend((other, slot) for other in below)
        else:
            leaves.append((slot, None))
    return leaves


def _ragged_leaves(head: Row, second: Row | None) -> list[tuple[Slot, Slot | None]]:
    """Heads in text that lost its spans: the second row's labels replace the one label that spans them."""
    leaves: list[tuple[Slot, Slot | None]] = []
    if second is None:
        leaves = [(slot, None) for slot in head]
    else:
        if len(second) == len(head):
            leaves += [(slot, None) if below.blank else (below, slot) for slot, below in zip(head, second, strict=True)]
            return [(Slot(slot.text, i, i + 1, False, slot.cell), parent) for i, (slot, parent) in enumerate(leaves)]
        lead = next((i for i, slot in enumerate(second) if not slot.blank), 0)
        labels = [slot for slot in second if not slot.blank]
        spanning = lead if lead < len(head) else len(head) - 1
        leaves += [(slot, None) for slot in head[:spanning]]
        leaves += [(slot, head[spanning]) for slot in labels]
        leaves += [(slot, None) for slot in head[spanning + 1 :]]
    return [(Slot(slot.text, i, i + 1, False, slot.cell), parent) for i, (slot, parent) in enumerate(leaves)]


def _column(leaf: Slot, parent: Slot | None, above: Row | None, leaves: list[tuple[Slot, Slot | None]]) -> Column:
    label = leaf.line
    level1 = next((slot.start for slot, _ in leaves if lexicon.column(slot.text) == "level1"), -1)
    role = lexicon.column(leaf.text)
    known = lexicon.field(leaf.text)
    has_level3 = any(lexicon.column(slot.text) in ("level3", "content") and slot is not leaf for slot, _ in leaves)
    if leaf.blank:
        role = "blank"
    elif lexicon.is_group(leaf.text) and leaf.start < max(level1, 1) and has_level3:
        role = "group"
    elif role == "project.name" or (known and leaf.start < level1 and role not in _LEVELS):
        role = f"field:{known or 'project.name'}"
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
    return Column(role, label, leaf.start, long)


def _sets(columns: list[Column]) -> tuple[list[ColumnSet], list[tuple[str, Column]]]:
    sets, fields = [ColumnSet()], []
    for column in columns:
        one = sets[-1]
        if column.role in ("blank", "group"):
            continue
        if column.role.startswith("field:"):
            fields.append((column.role.removeprefix("field:"), column))
            continue
        again = column.role in _LEVELS and column.role in one.roles and _name(one.roles[column.role]) == _name(column)
        if again:
            # The levels that are not repeated are shared with the set before.
            shared = {role: old for role, old in one.roles.items() if role in _LEVELS[: _LEVELS.index(column.role)]}
            one = ColumnSet(roles=shared)
            sets.append(one)
        _put(one, column)
    return sets, fields


def _name(column: Column) -> str:
    return fold(column.label.rsplit("·", 1)[-1])


def _put(one: ColumnSet, column: Column) -> None:
    if column.role.startswith("extra:"):
        one.extras.append((column.role.removeprefix("extra:"), column))
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
