"""The indicator rows of a table of an old Word file turned into this year's: changed in place, inserted and deleted as revisions.

Cells are known by the column of the grid in which they begin, because merged level cells stand in another row than their indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from assistant.chinese import fold
from assistant.export.alignment import align_rows
from assistant.export.characters import clean
from assistant.export.layout import level_runs
from assistant.export.revisions import Reviser
from assistant.table import Indicator

PARTS = ("level1", "level2", "level3", "description", "value", "basis")
_LABELS = {"level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "description": "绩效指标描述", "value": "指标值", "basis": "指标值确定依据"}


class CannotTrack(Exception):
    """The old file's table has a shape in which this change cannot be written as revisions; the message says why, in Chinese."""


def replaced(text: str, before: str, after: str, printed: str) -> str:
    """A cell's text with one field's text in it replaced; ``printed`` where the field is not found (empty, or written otherwise)."""
    if before and text.count(before) >= 1:
        return text.replace(before, after, 1)
    if before:
        loose = re.compile(r"\s*".join(re.escape(char) for char in re.sub(r"\s", "", before)))
        if loose.search(text):
            return loose.sub(lambda _: after, text, count=1)
    return printed


class TrackedRows:
    """The rows of one table. ``elements`` are the cells of the old table's addresses; ``old`` its indicators, ``new`` this year's."""

    def __init__(self, reviser: Reviser, elements: Mapping[str, etree._Element], old: Sequence[Indicator], new: Sequence[Indicator]) -> None:
        self.reviser = reviser
        self.old, self.new = old, new
        named = [{part: f"indicators[{i}].{part}" for part in PARTS} for i in range(len(old))]
        self.cells = [{part: elements[address] for part, address in row.items() if address in elements} for row in named]
        self.rows = [self._row_of(cells) for cells in self.cells]
        self._beginnings: dict[etree._Element, dict[int, etree._Element]] = {}
        self.starts: dict[str, int] = {}
        for cells in self.cells:
            for part, cell in cells.items():
                self.starts.setdefault(part, self._start(cell))
        self.sign, self.unit = self._split_columns()
        self.beyond = self._columns_beyond()

    def write(self, *, whole: bool) -> None:
        """Make the revisions; ``whole`` takes all old rows out and puts all new ones in."""
        if list(self.old) == list(self.new):
            return
        if not self.old:
            raise CannotTrack("上年表里没有指标行")
        if len(set(self.rows)) != len(self.rows):
            self._change_side_by_side()
            return
        match = {} if whole else align_rows(self.old, self.new, self._groups())
        if not match:
            self._replace_all()
            return
        made = self._inserts(match)
        for j, i in match.items():
            self._change(i, self.new[j])
        kept = set(match.values())
        for i in range(len(self.old)):
            if i not in kept:
                self.reviser.delete_row(self.rows[i])
        for place, before, row in made:
            if before:
                place.addprevious(row)
            else:
                place.addnext(row)

    # -- where things stand -----------------------------------------------------------------------------------------------------

    def _row_of(self, cells: Mapping[str, etree._Element]) -> etree._Element:
        cell = next((cells[part] for part in ("level3", "value", "description", "basis") if part in cells), None)
        row = cell.getparent() if cell is not None else None
        if row is None or row.tag != self.reviser.tag("tr"):
            raise CannotTrack("上年表的指标行不是普通的表格行（可能是内容控件）")
        return row

    def _cells_of(self, row: etree._Element) -> dict[int, etree._Element]:
        """The cells of a row by the column of the grid in which they begin."""
        if row not in self._beginnings:
            self._beginnings[row] = self.reviser.columns(row)
        return self._beginnings[row]

    def _start(self, cell: etree._Element) -> int:
        row = cell.getparent()
        found = next((start for start, other in self._cells_of(row).items() if other is cell), None) if row is not None else None
        if found is None:
            raise CannotTrack("上年表的指标行结构特殊（内容控件），不能逐行修订")
        return found

    def _merge(self, cell: etree._Element | None) -> str | None:
        """restart, continue, or None for a cell of one row."""
        found = cell.find(f"{self.reviser.tag('tcPr')}/{self.reviser.tag('vMerge')}") if cell is not None else None
        return None if found is None else found.get(self.reviser.tag("val")) or "continue"

    def _groups(self) -> list[tuple[int, ...]]:
        """For each row which level-1, level-2 and leftmost merged cell it stands under."""
        lead = 0
        groups: list[tuple[int, ...]] = []
        side = next((start for start in self._side_columns() if any(self._merge(self._cells_of(row).get(start)) for row in self.rows)), None)
        for i, cells in enumerate(self.cells):
            if side is None or self._merge(self._cells_of(self.rows[i]).get(side)) != "continue":
                lead = i
            groups.append((id(cells.get("level1", self.rows[i])), id(cells.get("level2", self.rows[i])), lead))
        return groups

    def _side_columns(self) -> list[int]:
        """The columns left of the indicators: project, office, number in a list of several projects."""
        first = min((self.starts[part] for part in ("level1", "level2", "level3") if part in self.starts), default=0)
        return sorted({start for row in self.rows for start in self._cells_of(row) if start < first})

    def _split_columns(self) -> tuple[int | None, int | None]:
        """The columns of sign and unit where the form gives them columns of their own."""
        for i, row in enumerate(self.old):
            value = self.cells[i].get("value")
            if value is None or row.value.number is None or fold(self.reviser.text(value)) == fold(row.value.text):
                continue
            texts = {start: fold(self.reviser.text(cell)) for start, cell in self._cells_of(self.rows[i]).items()}
            sign = next((start for start, text in texts.items() if row.value.comparator and text == fold(row.value.comparator)), None)
            unit = next((start for start, text in texts.items() if row.value.unit and text == fold(row.value.unit)), None)
            if sign is not None or unit is not None:
                return sign, unit
        return None, None

    def _columns_beyond(self) -> dict[str, int]:
        """The columns of what the model has no field for (权重 …), found by what stands in them."""
        # The sign's column may hold what is no sign (定性).
        taken = {*self.starts.values(), self.unit}
        found: dict[str, int] = {}
        for key in dict.fromkeys(key for row in self.old for key in row.extra):
            fitting: set[int] | None = None
            for i, row in enumerate(self.old):
                if row.extra.get(key):
                    cells = self._cells_of(self.rows[i])
                    same = {start for start, cell in cells.items() if start not in taken and fold(self.reviser.text(cell)) == fold(row.extra[key])}
                    fitting = same if fitting is None else fitting & same
            if fitting:
                found[key] = min(fitting - set(found.values()), default=min(fitting))
        return found

    # -- texts of a row ---------------------------------------------------------------------------------------------------------

    def _texts(self, row: Indicator, above: Indicator | None = None) -> dict[int, str]:
        """What a new row says in each column. Where levels stand on rows of their own, a row's level is that of the row ``above``."""
        texts: dict[int, str] = {}
        for part in PARTS:
            text = _text(row, part)
            if part in self.starts:
                texts[self.starts[part]] = text
            elif text and not (above is not None and part in ("level1", "level2") and fold(text) == fold(_text(above, part))):
                raise CannotTrack(f"上年表里没有“{_LABELS[part]}”一栏，写不下“{text[:30]}”")
        texts.update(self._split(row) or {})
        for key, text in row.extra.items():
            if key in self.beyond:
                texts[self.beyond[key]] = clean(text)
            elif text:
                raise CannotTrack(f"上年表里没有“{key}”一栏，写不下“{text[:30]}”")
        return texts

    def _split(self, row: Indicator) -> dict[int, str] | None:
        """Texts of sign, number and unit columns, or None where the form writes values whole."""
        target, column = row.value, self.starts.get("value")
        if column is None or (self.sign is None and self.unit is None):
            return None
        sign, unit = target.comparator or "", target.unit or ""
        number = "" if target.number is None else f"{target.number:f}"
        if not number or f"{sign}{number}{unit}" != target.text:
            return {start: "" for start in (self.sign, self.unit) if start is not None} | {column: target.text}
        texts = {column: ("" if self.sign is not None else sign) + number + ("" if self.unit is not None else unit)}
        if self.sign is not None:
            texts[self.sign] = sign
        if self.unit is not None:
            texts[self.unit] = unit
        return texts

    # -- changing rows ----------------------------------------------------------------------------------------------------------

    def _change(self, i: int, new: Indicator) -> None:
        old, cells = self.old[i], self.cells[i]
        own = self._cells_of(self.rows[i])
        for part in PARTS:
            before, after = _text(old, part), _text(new, part)
            if _same(before, after):
                continue
            cell = cells.get(part)
            if cell is None:
                raise CannotTrack(f"上年表里没有“{_LABELS[part]}”一栏，写不下“{after[:30]}”")
            split = self._split(new) if part == "value" else None
            if split is None:
                self.reviser.set_cell(cell, replaced(self.reviser.text(cell), before, after, after))
                continue
            for start, text in split.items():
                if start in own:
                    self.reviser.set_cell(own[start], text)
        for key in {*old.extra, *new.extra}:
            before, after = old.extra.get(key, ""), new.extra.get(key, "")
            if _same(before, after):
                continue
            if not after and self.beyond.get(key) == self.sign is not None:
                continue
            if key not in self.beyond or self.beyond[key] not in own:
                raise CannotTrack(f"上年表里没有“{key}”一栏，写不下“{after[:30]}”")
            self.reviser.set_cell(own[self.beyond[key]], clean(after))

    def _change_side_by_side(self) -> None:
        """Several indicators to a row: texts can be changed, rows cannot come or go."""
        if len(self.old) != len(self.new):
            raise CannotTrack("上年表一行里并排几个指标，不能增减行")
        self.sign = self.unit = None
        for i, row in enumerate(self.new):
            self._change(i, row)

    def _inserts(self, match: Mapping[int, int]) -> list[tuple[etree._Element, bool, etree._Element]]:
        """(place, before it, row) of every new row, in an order in which they can be put in; made before anything is changed."""
        made: list[tuple[etree._Element, bool, etree._Element]] = []
        above: etree._Element | None = None
        last: int | None = None
        previous: Indicator | None = None
        for j, row in enumerate(self.new):
            if j in match:
                last, previous = match[j], row
                above = self.rows[last]
                continue
            below = (0 if last is None else last + 1) if last is None or last + 1 < len(self.old) else None
            merged = set()
            for part in ("level1", "level2"):
                if last is not None and below is not None and self._under_one_cell(part, last, below):
                    if previous is None or fold(getattr(previous, part)) != fold(getattr(row, part)):
                        raise CannotTrack("新增的行落在合并单元格中间而名称不同")
                    merged.add(self.starts[part])
            new = self._new_row(self._texts(row, previous), merged, beside=last)
            made.append((self.rows[0], True, new) if above is None else (above, False, new))
            above = None if above is None else new
            previous = row
        return made

    def _under_one_cell(self, part: str, one: int, other: int) -> bool:
        cell = self.cells[one].get(part)
        return cell is not None and cell is self.cells[other].get(part)

    def _new_row(
        self, texts: dict[int, str], merged: Iterable[int], tops: Iterable[int] = (), *, beside: int | None = None, lead: bool = False
    ) -> etree._Element:
        """A row for the texts by column. What stands left of the indicators is that of the row ``beside``; ``lead`` begins a merge there."""
        like = max(self.rows, key=lambda row: len(self._cells_of(row)))
        own = list(self._cells_of(like))
        below, first = set(merged), set(tops)
        texts = dict(texts)
        next_to = self._cells_of(self.rows[beside or 0])
        for start in self._side_columns():
            merge = self._merge(next_to.get(start))
            if merge and beside is not None and not lead:
                below.add(start)
                continue
            top = next_to.get(start)
            while merge == "continue" and top is not None:
                above = _above(top.getparent(), self.reviser)
                top = self._cells_of(above).get(start) if above is not None else None
                merge = self._merge(top)
            texts[start] = self.reviser.text(top) if top is not None else ""
            if merge and lead:
                first.add(start)
        indexes = {start: n for n, start in enumerate(own)}
        if missing := [text for start, text in texts.items() if text and start not in indexes]:
            raise CannotTrack(f"上年表的行结构不一致，写不下“{missing[0][:30]}”")
        return self.reviser.new_row(
            like,
            {indexes[start]: text for start, text in texts.items() if start in indexes},
            merged=[indexes[start] for start in below if start in indexes],
            tops=[indexes[start] for start in first if start in indexes],
        )

    def _replace_all(self) -> None:
        """All old rows out, all new rows in after them, merged among themselves."""
        runs = {part: level_runs(self.new, part) for part in ("level1", "level2") if part in self.starts}
        made = []
        for j, row in enumerate(self.new):
            merged = {self.starts[part] for part, spans in runs.items() if spans[j] == 0}
            tops = {self.starts[part] for part, spans in runs.items() if spans[j] > 1}
            made.append(self._new_row(self._texts(row), merged, tops, beside=0, lead=j == 0))
        for new in reversed(made):
            self.rows[-1].addnext(new)
        for gone in self.rows:
            self.reviser.delete_row(gone)


def _above(row: etree._Element | None, reviser: Reviser) -> etree._Element | None:
    found = row.getprevious() if row is not None else None
    return found if found is not None and found.tag == reviser.tag("tr") else None


def _same(left: str, right: str) -> bool:
    return re.sub(r"\s", "", left) == re.sub(r"\s", "", right)


def _text(row: Indicator, part: str) -> str:
    found = getattr(row, part)
    return clean(found.text if part == "value" else found or "")
