"""Rows of the draft at hand by sentence: added, named or from the library; deleted; merged; moved, one by one or a whole type at once."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from assistant.chat import acting, references, telling
from assistant.chat.intents import Intent
from assistant.chat.session import Reply
from assistant.taxonomy import OPEN_VALUE

if TYPE_CHECKING:
    from assistant.chat.conversation import Conversation
    from assistant.table import GoalTable
    from assistant.target import Target


class Rows:
    """The rows of one conversation's draft."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    def add(self, wish: Intent) -> Reply:
        """Rows more, named or from the library."""
        talk = self.talk
        file = talk.draft()
        told = []
        for _ in range(int(wish.get("many") or 1)):
            row = acting.add(file, talk.hand, wish.get("level"), wish.get("rest"))
            at = next(i for i, each in enumerate(file.draft.table.indicators) if each == row)
            talk.set(focus=f"indicators[{at}].value", changed=None)
            more = "。值还没有，说“它改成…”来填" if row.value.text == OPEN_VALUE else ""
            described = f"\n说明：{row.description}" if row.description else ""
            told.append(f"加在第{at + 1}行：{row.level2} · {row.level3} {row.value.text}{more}{described}{self.talk.editing.alarms(f'indicators[{at}]')}")
            if wish.get("rest"):
                break
        return Reply("\n".join(told) + ("\n不合适可以说“撤销”。" if not wish.get("rest") else ""), kind="edit")

    def add_goal(self, wish: Intent) -> Reply:
        """A goal more."""
        acting.add_goal(self.talk.draft(), self.talk.hand, wish.get("rest"))
        return Reply(f"加了一条目标：{wish.get('rest')}", kind="edit")

    def delete(self, wish: Intent) -> Reply:
        """Rows leave the table; the money, the use and the draft itself never do."""
        talk = self.talk
        file = talk.draft()
        table = file.draft.table
        if several := references.numbered(table, wish.get("what")):
            names = [acting.remove(file, talk.hand, f"indicators[{i}]") for i in sorted(several, reverse=True)]
            talk.set(focus=None, changed=None)
            return Reply(f"删掉了{len(names)}行：{'、'.join(f'“{name}”' for name in reversed(names))}。说“撤销”可以恢复。", kind="edit")
        if (every := re.match("(?:所有|全部)的?", wish.get("what"))) and (cells := references.exact(table, wish.get("what")[every.end() :])):
            places = sorted({row for cell in cells if (row := references.row_in(cell)) is not None})
            return self.delete(Intent("delete", {"what": "、".join(f"第{row + 1}行" for row in places)}))
        cells = references.find(table, wish.get("what"), focus=talk.session.focus)
        if cells and not any(cell.startswith(("indicators[", "goals[")) for cell in cells):
            return Reply(f"“{telling.label(table, cells[0])}”是表里必有的，不能删；可以说改成什么。", kind="unclear")
        rows = list(dict.fromkeys(cell for cell in cells if cell.startswith(("indicators[", "goals["))))
        if len(rows) != 1:
            return self.talk.editing.which(wish, rows)
        name = acting.remove(file, talk.hand, rows[0])
        talk.set(focus=None, changed=None)
        return Reply(f"删掉了“{name}”。说“撤销”可以恢复。", kind="edit")

    def drop(self, wish: Intent) -> Reply:
        """A whole draft is never deleted by a sentence."""
        file = self.talk.draft()
        said = "对话里不删整张表，也不一次删光。要删某一行，请说“删掉第3行”；整份草稿不要了，可以另外起草一份，或自己删除文件："
        return Reply(f"{said}{file.path}", kind="unclear")

    def move(self, wish: Intent) -> Reply:
        """A row, or all rows of a type, put in another place; two rows exchanged."""
        talk = self.talk
        file = talk.draft()
        table = file.draft.table
        rows = self._rows(table, wish.get("what"))
        if len(rows) != 1 and not _together(rows, table):
            return talk.editing.which(wish, [f"indicators[{i}].value" for i in rows])
        if wish.get("with"):
            return self._exchanged(wish, rows[0])
        start = self._start(table, rows, wish)
        if isinstance(start, Reply):
            return start
        names = "、".join(f"“{table.indicators[i].level3}”" for i in rows)
        if start == rows[0]:
            return Reply(f"{names}本来就在第{start + 1}行。", kind="edit")
        acting.move(file, talk.hand, rows, start)
        talk.set(focus=f"indicators[{start}].value", changed=None)
        last = f"—{start + len(rows)}" if len(rows) > 1 else ""
        return Reply(f"{names}从第{rows[0] + 1}行移到了第{start + 1}{last}行。{_parted(table, talk.draft().draft.table)}", kind="edit")

    def merge(self, wish: Intent) -> Reply:
        """Several rows of one type become one: names joined, counts added and shown; figures that differ otherwise have to be said."""
        talk = self.talk
        file = talk.draft()
        table = file.draft.table
        rows = references.numbered(table, wish.get("what")) or self._named(table, wish.get("what"))
        if len(rows) < 2:
            return Reply("要合并哪几行？请说行号，例如：合并第2行和第3行。", kind="unclear")
        chosen = [table.indicators[i] for i in rows]
        if len({row.level2 for row in chosen}) > 1:
            return Reply("、".join(f"第{i + 1}行是{row.level2}" for i, row in zip(rows, chosen, strict=True)) + "，不同类的行不能合并。", kind="unclear")
        value, shown = (wish.get("value"), "") if wish.get("value") else _value_together([row.value for row in chosen], counted="数量" in chosen[0].level2)
        if not value:
            values = "、".join(row.value.text or "空" for row in chosen)
            return Reply(f"这几行的值是{values}，不知道合并后是多少。请一并说值，例如：合并{wish.get('what')}，值为{chosen[0].value.text}。", kind="unclear")
        texts = {"level3": wish.get("name") or _name_together([row.level3 for row in chosen]), "value": acting.value_said(value, chosen[0].value)}
        for column, joint in (("description", "；"), ("basis", "、")):
            texts[column] = joint.join(dict.fromkeys(text for row in chosen if (text := getattr(row, column))))
        acting.merge(file, talk.hand, rows, texts)
        cell = f"indicators[{rows[0]}]"
        talk.set(focus=f"{cell}.value", changed=None)
        left = "、".join(f"第{i + 1}行“{table.indicators[i].level3}”" for i in rows)
        merged = talk.draft().draft.table.indicators[rows[0]]
        note = f"（{shown}；有重复计算的请改数）" if shown else ""
        return Reply(f"{left}合并成第{rows[0] + 1}行：{merged.level3} {merged.value.text}{note}。说“撤销”可以恢复。{talk.editing.alarms(cell)}", kind="edit")

    def _named(self, table: GoalTable, what: str) -> list[int]:
        """The rows of a type, or those named one by one (培训人数和就业人数)."""
        found = {
            row
            for piece in re.split("[和跟与、，,]", what)
            if len(cells := references.exact(table, piece))
            for cell in cells
            if (row := references.row_in(cell)) is not None
        }
        return sorted(found)

    def _rows(self, table: GoalTable, what: str) -> list[int]:
        """The places of the rows meant, in the table's order; ``focus`` is what 它 means."""
        cells = references.find(table, what, focus=self.talk.session.focus)
        return sorted({row for cell in cells if (row := references.row_in(cell)) is not None})

    def _start(self, table: GoalTable, rows: list[int], wish: Intent) -> int | Reply:
        """Where the first of the rows is to stand once they are taken out, or what is the matter."""
        left = [i for i in range(len(table.indicators)) if i not in rows]
        if wish.get("by"):
            return min(max(rows[0] + int(wish.get("by")), 0), len(left))
        if wish.get("side") == "end":
            return len(left)
        if wish.get("side") == "at":
            number = int(wish.get("to"))
            return number - 1 if 1 <= number <= len(table.indicators) else Reply(f"表里只有{len(table.indicators)}行指标。", kind="unclear")
        beside = [i for i in self._rows(table, wish.get("to")) if i not in rows]
        if not beside or (len(beside) > 1 and not _together(beside, table)):
            return Reply(f"移到哪一行？没看出“{wish.get('to')}”是哪一行。请说行号，例如：第3行移到第1行。", kind="unclear")
        return sum(i < (beside[0] if wish.get("side") == "before" else beside[-1] + 1) for i in left)

    def _exchanged(self, wish: Intent, first: int) -> Reply:
        talk = self.talk
        file = talk.draft()
        table = file.draft.table
        others = self._rows(table, wish.get("with"))
        if len(others) != 1 or others[0] == first:
            return Reply(f"没看出要和哪一行换：“{wish.get('with')}”。请说行号，例如：第2行和第3行换一下。", kind="unclear")
        above, below = sorted((first, others[0]))
        acting.move(file, talk.hand, [below], above)
        acting.move(file, talk.hand, [above + 1], below)
        talk.set(focus=None, changed=None)
        names = f"第{above + 1}行“{table.indicators[above].level3}”和第{below + 1}行“{table.indicators[below].level3}”"
        return Reply(f"{names}换了位置。{_parted(table, talk.draft().draft.table)}", kind="edit")


def _value_together(values: list[Target], *, counted: bool) -> tuple[str, str]:
    """The value of rows become one, and the sum it was made by; empty where only a person can tell."""
    if len({value.text for value in values}) == 1:
        return values[0].text, ""
    numbers = [value.number for value in values if value.number is not None and value.unit == values[0].unit and value.comparator == values[0].comparator]
    if not counted or len(numbers) < len(values) or (values[0].unit or "").startswith(("%", "％")):
        return "", ""
    total = f"{sum(numbers):f}"
    return f"{values[0].comparator or ''}{total}{values[0].unit or ''}", f"{'+'.join(f'{number:f}' for number in numbers)}={total}"


def _name_together(names: list[str]) -> str:
    """残疾人就业扶持人数 and 残疾人生活保障人数 as 残疾人就业扶持和生活保障人数."""
    head = _same_start(names)
    tail = _same_start([name[len(head) :][::-1] for name in names])[::-1]
    middles = [name[len(head) : len(name) - len(tail)] for name in names]
    return f"{head}{'和'.join(middles)}{tail}" if all(middles) else max(names, key=len)


def _same_start(names: list[str]) -> str:
    return "".join(chars[0] for chars in itertools.takewhile(lambda chars: len(set(chars)) == 1, zip(*names, strict=False)))


def _together(rows: list[int], table: GoalTable) -> bool:
    """Whether several rows are one type's and stand next to one another."""
    return len(rows) > 1 and rows[-1] - rows[0] == len(rows) - 1 and len({table.indicators[i].level2 for i in rows}) == 1


def _parted(before: GoalTable, after: GoalTable) -> str:
    """A warning where a type whose rows stood together now stands in two places of the form."""
    new = [level2 for level2 in _places(after) if _places(after).count(level2) > max(_places(before).count(level2), 1)]
    return f"\n注意：“{new[0]}”的行现在分在两处，导出的表里也会分开；不合适可以说“撤销”。" if new else ""


def _places(table: GoalTable) -> list[str]:
    """The types in the order of the form, each as often as it begins anew."""
    rows = table.indicators
    return [row.level2 for i, row in enumerate(rows) if i == 0 or (rows[i - 1].level1, rows[i - 1].level2) != (row.level1, row.level2)]
