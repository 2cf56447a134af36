"""The part of a form above and below its indicators: labels with their values beside or under them.

Read row by row. A label's value is the cell right of it; labels that stand side by side without a value between them have their
values in the row below, column under column (3月底 | 6月底 …, 中期目标 | 年度目标); a label merged down over several rows, or left
blank below, holds for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assistant.chinese import fold
from assistant.extraction import labels, lexicon, titles, wording
from assistant.extraction.building import Builder, is_money
from assistant.extraction.rows import Row, Slot, at, written
from assistant.table import YUAN, canonical_level1, canonical_level2
from assistant.taxonomy import OPEN_VALUE

_SUM = "extra:总分"
_LONGEST_LABEL = 16
# A label's cell, with its blanks and line breaks.
_LONGEST_LABEL_CELL = 64


@dataclass(slots=True)
class _Label:
    """A label met in a row; ``name`` its field, ``plan`` for a node of the spending plan, ``money`` for an amount column, "" for a group."""

    slot: Slot
    name: str
    served: bool = False

    @property
    def text(self) -> str:
        return self.slot.line


class HeaderReader:
    """Reads the rows of one header block into a builder. Keeps what one row means for the next."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._left: _Label | None = None
        self._below: list[_Label] = []
        self._money: list[_Label] = []
        # Labels of the totals of several years and of the year, by the order in which they stand in a row.
        self._terms: list[tuple[Slot, bool]] = []
        self._ragged = False
        self._following: Row | None = None
        self._amounts: list[Slot] = []

    def read(self, row: Row, following: Row | None = None, *, ragged: bool) -> None:
        """One row; ``following`` is the next one, which tells labels over their values from a value that reads like a label."""
        self._ragged = ragged
        self._following = following
        row = self._split_tabs(row) if ragged else row
        new = written(row)
        if not new:
            return
        row = [part for slot in row for part in _opened(slot)] if len(new) > 1 else row
        left, rest = self._left_of(row)
        if left is None and len(new) == 1 and self._lone(new[0], row):
            return
        if left is not None and left.name in labels.OWN_TABLES:
            self._keep_line(left, rest)
            return
        self._pairs(left, rest, row)

    def note_blank(self, row: Row) -> None:
        """A row in which nothing is written: where the use would be, the blank cell right of a label merged down."""
        label = self._label(row[0]) if row and row[0].inherited else None
        blank = next((slot for slot in row[1:] if not slot.inherited and slot.cell is not None), None)
        if label is not None and label.name in ("purpose", "goals") and blank is not None:
            self.builder.note_blank(label.name, blank.locator)

    @property
    def waits(self) -> bool:
        """Whether the last row was labels whose values stand below them."""
        return bool(self._below)

    @property
    def two_terms(self) -> bool:
        """Whether the table has goals of several years beside those of the year."""
        return "长期目标" in self.builder.extra

    def take_more(self, text: str) -> bool:
        """Take a line that text without cell borders cut off the goals or the use above it; False when nothing is open."""
        if not self._ragged or self._left is None or self._left.name not in ("goals", "purpose"):
            return False
        name = self._left.name
        texts = self.builder.goals if name == "goals" else self.builder.purpose
        if not texts:
            return False
        texts[-1] += "\n" + text
        return True

    # -- what stands at the left -------------------------------------------------------------------------------------------------

    def _left_of(self, row: Row) -> tuple[_Label | None, Row]:
        """The label that holds for the whole row from above (merged down, or blank under it), and the slots it leaves."""
        first = row[0]
        if first.inherited:
            label = self._label(first)
            if label is not None:
                if self._left is not None and self._left.slot.cell is first.cell:
                    label = self._left
                self._left = label
                rest = row[1:]
                # A second merged label beside it (项目资金 | 其中) narrows it down.
                if label.name not in labels.OWN_TABLES and rest and rest[0].inherited and (inner := self._label(rest[0])) is not None and len(rest) > 1:
                    return inner if inner.name else label, rest[1:]
                return label, rest
            return None, row
        narrow = self._left is not None and first.end - first.start <= self._left.slot.end - self._left.slot.start
        if first.blank and self._left is not None and len(row) > 1 and (self._ragged or narrow) and not self._goals_of_their_own(row):
            return self._left, row[1:]
        self._left = self._label(first)
        if self._left is None or (self._left.name not in labels.OWN_TABLES):
            self._drop_money_of_another(row)
        if self._left is not None and self._left.name in labels.OWN_TABLES:
            return self._left, row[1:]
        return None, row

    def _goals_of_their_own(self, row: Row) -> bool:
        """Whether a row under a blank first cell brings labels of goals, which belong to nothing at the left but 总体目标."""
        if self._left is None or self._left.name.startswith("goals"):
            return False
        return any(lexicon.field(slot.text) in ("goals", "goals.long") for slot in row if not slot.blank)

    def _drop_money_of_another(self, row: Row) -> None:
        name = self._left.name if self._left is not None else ""
        if not name.startswith("budget.") and not name.startswith("extra:"):
            self._money = []

    def _label(self, slot: Slot) -> _Label | None:
        if slot.blank or len(slot.text) > _LONGEST_LABEL_CELL:
            return None
        name = _label_name(slot.text)
        if name is None:
            return None
        if self.builder.money_unit is None and (not name or is_money(name)):
            # 项目资金（万元） holds for the labels beside it.
            self.builder.money_unit = lexicon.money_unit(slot.text)
        return _Label(slot, name)

    # -- a row with one text -----------------------------------------------------------------------------------------------------

    def _lone(self, slot: Slot, row: Row) -> bool:
        """A row that holds a single text: title, year, unit, money unit, a label over its value, or a value under its label."""
        builder, text = self.builder, slot.line
        if self._label(slot) is not None:
            return False
        if any(label.slot.covers(slot) for label in self._below):
            return False
        title = titles.heading(text, slot.locator)
        if title is not None:
            if builder.title is None or titles.heading(builder.title.text, slot.locator) is None:
                # A numbered line above (a sheet's name) only stands in for a title.
                builder.title = title
            builder.words.add(fold(text))
            builder.year = builder.year or wording.year_in(text)
            return True
        return self._loose(slot)

    def _loose(self, slot: Slot) -> bool:
        """A text that carries its own label or explains itself; False when it does not."""
        builder, text = self.builder, slot.text
        if lexicon.only_money_unit(text):
            builder.money_unit = lexicon.money_unit(text)
            return True
        if fold(text).strip("()") in YUAN:
            # 预算金额 | 20 | 万元
            builder.money_unit = builder.money_unit or fold(text).strip("()")
            return True
        if pairs := lexicon.inline_pairs(text):
            for pair in pairs:
                builder.assign(*pair, slot.locator)
            builder.money_unit = builder.money_unit or lexicon.money_unit(text)
            return True
        if titles.form_number(text):
            return True
        bare = fold(text).strip("()")
        if bare.endswith(("年度", "年")) and (year := wording.year_in(text)) and len(bare) <= 12:
            builder.year = builder.year or year
            builder.places.setdefault("year", slot.locator)
            return True
        if builder.empty and wording.is_organisation(text) and builder.unit_name is None:
            builder.assign_unit(text, slot.locator)
            return True
        return False

    # -- labels and values -------------------------------------------------------------------------------------------------------

    def _pairs(self, left: _Label | None, rest: Row, row: Row) -> None:
        below, self._below = self._below, []
        current = left
        if left is not None:
            left.served = left.served or left.name in ("", "plan")
        waiting: list[_Label] = []
        met: list[_Label] = []
        values = [slot for slot in rest if not slot.inherited and self._label(slot) is None] if self._money or self._ragged else []
        self._amounts = [slot for slot in rest if not slot.blank and (lexicon.field(slot.text) or "").startswith("budget.")] if self._terms else []
        nodes = [label for label in below if label.name == "node"] if self._ragged else []
        long_goal = self._goal_of_years(rest)
        by_order = self._ragged and len(nodes) > 1 and len(values) == len(nodes)
        for slot in rest:
            if slot.inherited and slot.blank:
                continue
            label = self._label(slot)
            if label is not None and self._is_value(label, current, below, row):
                label = None
            if label is not None and slot is long_goal:
                label.name = "goals.long"
            if label is not None and label.name == _SUM and self._among_money(row, slot):
                label.name = "budget.total"
            if label is not None:
                if current is not None and not current.served and current is not left:
                    waiting.append(current)
                elif current is left and left is not None and not left.served and left.slot in row and not left.slot.inherited:
                    waiting.append(left)
                current = label
                met.append(label)
                continue
            if slot.inherited or (slot.blank and _heads_of_columns(met)):
                continue
            if slot.blank and current is not None and current.name in labels.BLANK_BESIDE:
                self.builder.note_blank(current.name, slot.locator)
                continue
            if by_order:
                self._give(nodes[values.index(slot)], slot)
            elif (above := self._above(slot, below, current, left)) is not None:
                self._give(above, slot)
            elif current is not None and self._money and current not in self._money and current.name not in labels.PROSE:
                self._give_money(current, slot, values)
            elif current is not None and not (current.served and current.name not in ("goals", "purpose") and current is not left):
                self._give(current, slot)
            else:
                current = self._without_label(slot, row, current)
        if current is not None and not current.served and current is not left:
            waiting.append(current)
        self._after(waiting, met, left)

    def _is_value(self, label: _Label, current: _Label | None, below: list[_Label], row: Row) -> bool:
        """Whether a text that reads like a label is a value here (项目类型 | 其他, 立项依据 | 工作计划)."""
        if label.slot.inherited:
            return False
        if label.name == "node" and current is not None and not current.served and current.slot.end == label.slot.start and current.name.startswith("extra:"):
            # 填报日期 | 2024年11月5日
            return True
        behind_it = [slot for slot in row[row.index(label.slot) + 1 :] if not slot.inherited]
        if current is not None and not current.served and current.name in labels.TEXTS and current.slot in row and not self._spans_more(current, label):
            behind = next((slot for slot in behind_it if slot.cell is not None), None)
            alone = behind is None or self._label(behind) is not None
            under = next((slot for slot in self._following or () if slot.fresh), None)
            ends = under is None or self._label(under) is not None or lexicon.column(under.text) is not None
            if alone and ends and not (current.name in labels.GOALS and label.name in labels.GOALS):
                return True
        if current is not None and not current.served and current.name in labels.MAY_HOLD_A_LABEL and label.name.startswith(("budget.", "extra:")):
            # 资金来源 | 财政拨款 is a value, 资金来源 | 财政拨款 | 120.00 a group with its first amount.
            behind = next((slot for slot in behind_it if not slot.blank), None)
            return not self._spans_more(current, label) and (behind is None or wording.amount(behind.text) is None)
        return any(waiting.name in labels.MAY_HOLD_A_LABEL and waiting.slot.covers(label.slot) for waiting in below)

    def _among_money(self, row: Row, total: Slot) -> bool:
        """Whether a 合计 is that of the money beside it (项目资金 | 合计 | 560 | 财政拨款 | 420), not of the scores at a table's foot."""
        return any(is_money(name) for slot in row if slot is not total and not slot.blank and (name := lexicon.field(slot.text)))

    def _spans_more(self, current: _Label, label: _Label) -> bool:
        high = [one.slot.cell.row_span if one.slot.cell is not None else 1 for one in (current, label)]
        return high[0] > high[1]

    def _above(self, slot: Slot, below: list[_Label], current: _Label | None, left: _Label | None) -> _Label | None:
        """The label of the row above that this slot stands under, unless a label of its own row claims it."""
        found = [label for label in below if label.slot.covers(slot)]
        if left is not None and not slot.blank and wording.amount(slot.text) is None:
            # Prose under an amount's label belongs to the label at the left.
            found = [label for label in found if not label.name.startswith("budget.")]
        if current is not None and current is not left and not (current.name == "goals" and any(label.name in labels.GOALS for label in found)):
            return None
        return max(found, key=lambda label: label.slot.start) if found else None

    def _give(self, label: _Label, slot: Slot) -> None:
        builder = self.builder
        label.served = True
        if label.name == "node" and self._left is not None and (unit := lexicon.money_unit(self._left.text)) and wording.amount(slot.text):
            builder.keep(f"资金支出计划（{unit}）", f"{label.text}：{slot.line}")
        elif label.name == "node":
            builder.assign_node(label.text, slot.text, slot.locator)
        elif label.name == "level":
            self._sentence(label, slot)
        elif label.name in ("money", ""):
            if not slot.blank and not self._loose(slot):
                (builder.keep(label.text, slot.text) if label.name == "money" else self._unlabelled(label, slot))
        elif label.name.startswith("budget.") and lexicon.inline(slot.text):
            self._loose(slot)
        else:
            name = self._term(label)
            if slot.blank and name == f"extra:{label.text.rstrip(':：')}" and lexicon.field(label.text) is None:
                builder.warnings.append(f"{slot.locator}“{label.text[:40]}”不是认得的栏目，旁边没有内容。")
            builder.assign(name, label.text, slot.text, slot.locator)

    def _sentence(self, label: _Label, slot: Slot) -> None:
        """Indicators in prose beside the name of their level."""
        if slot.blank:
            return
        first = self._left if self._left is not None and self._left.name == "level" and self._left.slot is not label.slot else label
        names = [one.slot.line for one in (first, label)] if first is not label else [label.slot.line]
        level1 = next((name for name in names if canonical_level1(name)), "")
        level2 = next((name for name in reversed(names) if canonical_level2(name) and name != level1), "")
        self.builder.sentences.append((level1, level2, slot.text, slot.locator))
        self.builder.keep(names[-1], slot.text)

    def _unlabelled(self, group: _Label, slot: Slot) -> None:
        if lexicon.key(group.text).endswith("绩效指标"):
            self.builder.sentences.append(("", "", slot.text, slot.locator))
            self.builder.keep("绩效指标", slot.text)
        else:
            self.builder.leave(slot.text, slot.locator)

    def _term(self, label: _Label) -> str:
        """The field of an amount, moved out of the year's budget when it stands under the total of several years."""
        if not label.name.startswith("budget.") or not self._terms or label.name == "budget.total" or lexicon.long_term(label.text) is False:
            return label.name
        if len(self._amounts) > 1 and len(self._terms) > 1:
            place = next((i for i, slot in enumerate(self._amounts) if slot is label.slot), 0)
            long = self._terms[min(place, len(self._terms) - 1)][1]
        else:
            long = next((long for slot, long in self._terms if slot.covers(label.slot)), False) if not self._ragged else False
        return f"extra:中期{fold(label.text).removeprefix('其中').strip(':')}" if long else label.name

    def _give_money(self, label: _Label, slot: Slot, values: list[Slot]) -> None:
        """One amount of a row whose columns are 年初预算数, 全年预算数, 执行数 …"""
        label.served = True
        if self._ragged:
            filled = [other for other in values if other.start > label.slot.start]
            place = filled.index(slot) if slot in filled else 0
            column = self._money[place] if place < len(self._money) else None
        else:
            column = next((head for head in self._money if head.slot.covers(slot)), None)
        name = (lexicon.money_column(column.text) if column is not None else None) or "金额"
        main = [lexicon.money_column(head.text) for head in self._money]
        chosen = next((wanted for wanted in ("年初预算数", "全年预算数", "金额") if wanted in main), None)
        if name == chosen and label.name.startswith("budget."):
            self.builder.assign(label.name, label.text, slot.text, slot.locator)
        elif not slot.blank:
            self.builder.keep(f"{fold(label.text).removeprefix('其中').strip(':')}·{name}", slot.text)

    def _without_label(self, slot: Slot, row: Row, current: _Label | None) -> _Label | None:
        """A text no label claims: it may explain itself, be an unknown label itself, or is kept as it is."""
        if slot.blank or self._loose(slot):
            return current
        if _waits_for_unit(slot.text) and self.builder.unit_name is None and any(lexicon.only_money_unit(other.text) for other in row):
            self.builder.assign_unit(slot.text, slot.locator)
            return current
        title = titles.heading(slot.line, slot.locator)
        if title is not None and self.builder.title is None:
            self.builder.title = title
            return current
        following = next((other for other in row if other.start >= slot.end and not other.inherited), None)
        if slot.start == 0 and slot.cell is not None and slot.cell.row_span > 1 and following is not None and self._label(following):
            # An unknown name of a group of fields, merged down beside their labels.
            self.builder.words.add(slot.key)
            return current
        short = len(slot.key) <= _LONGEST_LABEL and not any(mark in slot.text for mark in "，。；")
        beside = self._label(following) if following is not None else None
        behind = next((other for other in row if following is not None and other.start >= following.end), None)
        # One date is a value (完成时间 | 12月底), several side by side are the heads of a plan.
        date = beside is not None and beside.name == "node" and (behind is None or (next_one := self._label(behind)) is None or next_one.name != "node")
        if short and following is not None and (beside is None or date) and (current is None or current.served):
            return _Label(slot, f"extra:{slot.line.rstrip(':：')}")
        self.builder.leave(slot.text, slot.locator)
        return current

    def _after(self, waiting: list[_Label], met: list[_Label], left: _Label | None) -> None:
        """What this row means for the next ones."""
        columns = [label for label in waiting if lexicon.money_column(label.text)]
        if len(columns) >= 2:
            self._money = columns
            waiting = [label for label in waiting if label not in columns]
        # 资金来源 before labels with their own values only holds them together.
        holds = any(label.served for label in met)
        self._below = [label for label in waiting if label.name and not (holds and label.name in labels.MAY_HOLD_A_LABEL)]
        terms = [(label.slot, label.name == "extra:中期资金总额") for label in met if label.served and label.name in labels.TOTALS]
        if any(long for _, long in terms):
            self._terms = terms
        if self._left is None and met and left is None:
            self._left = met[0] if met[0].slot.start == 0 else None

    def _goal_of_years(self, row: Row) -> Slot | None:
        """The label of the goal of several years in a row that has 总目标 beside 本年度目标, or None."""
        found = [(slot, label) for slot in row if slot.fresh and (label := self._label(slot)) is not None and label.name in ("goals", "goals.long")]
        left = self._left.slot if self._left is not None else None
        if left is not None and (self._ragged or (left.cell is not None and left.cell.row_span > 1)):
            # What is merged down at the left holds the goals of both.
            found = [(slot, label) for slot, label in found if slot is not left]
        years = [lexicon.long_term(label.text) if label.name == "goals" else True for _, label in found]
        return found[0][0] if years == [None, False] else None

    def _keep_line(self, left: _Label, rest: Row) -> None:
        line = " | ".join(slot.line for slot in rest if slot.fresh)
        self.builder.words.add(left.slot.key)
        self.builder.keep(left.name.removeprefix("extra:"), line)

    def _split_tabs(self, row: Row) -> Row:
        """A cell of ragged text that holds TABs and a known label is several cells in one line."""
        if not any("\t" in slot.text for slot in row):
            return row
        cut: Row = []
        for slot in row:
            parts = [part.strip() for part in slot.text.split("\t")]
            if len(parts) > 1 and any(lexicon.field(part) for part in parts):
                cut.extend(Slot(part, slot.start, slot.end, slot.inherited, slot.cell) for part in parts)
            else:
                cut.append(slot)
        return [Slot(slot.text, i, i + 1, slot.inherited, slot.cell) for i, slot in enumerate(cut)]


@lru_cache(maxsize=16384)
def _label_name(text: str) -> str | None:
    """What a text is the label of: a field, a node of the plan, an amount column, a level, a group (""); None for no label."""
    name = lexicon.field(text)
    if name is not None:
        return name
    if lexicon.plan_node(text):
        return "node"
    if lexicon.money_column(text):
        return "money"
    word = lexicon.key(text)
    if len(word) <= 14 and word.endswith("指标") and (canonical_level1(text) or canonical_level2(text)):
        return "level"
    return "" if lexicon.is_group(text) else None


def _waits_for_unit(text: str) -> bool:
    """Whether a text left of the money unit stands for an office that nobody has named yet."""
    return fold(text) == OPEN_VALUE


def _heads_of_columns(met: list[_Label]) -> bool:
    """Whether the last labels of a row are dates side by side (3月底 | 6月底 | …): a blank behind them is padding, not a value."""
    return len(met) > 1 and met[-1].name == met[-2].name == "node" and met[-2].slot.end == met[-1].slot.start


def _opened(slot: Slot) -> list[Slot]:
    """A cell that holds a label and its value (年度资金总额：100) as the two cells that other forms have there."""
    if slot.inherited or not (pair := lexicon.inline(slot.text)) or not pair[2] or len(lexicon.inline_pairs(slot.text)) > 1:
        return [slot]
    if not (pair[0].startswith(("budget.", "project.", "unit.", "goals")) or pair[0] in labels.TOTALS or pair[0].endswith("资金")) or lexicon.only_money_unit(
        slot.text
    ):
        return [slot]
    return [Slot(text, slot.start, slot.end, False, slot.cell) for text in pair[1:]]


def starts_header(row: Row) -> bool:
    """Whether a row under an indicator block belongs to a header (or foot) again: it opens with a field's label or explains itself."""
    first = next((slot for slot in row if not slot.blank), None)
    if first is None or first.inherited:
        return False
    if lexicon.field(first.text) or lexicon.is_group(first.text):
        return not (lexicon.column(first.text) and lexicon.field(first.text) is None)
    new = written(row)
    if titles.heading(first.line, first.locator) or any(lexicon.only_money_unit(slot.text) for slot in new):
        return True
    if lexicon.inline(first.text):
        return True
    return len(new) == 1 and len(row) <= 2 and wording.is_organisation(first.text) and at(row, 0) is first
