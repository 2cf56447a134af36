"""Facts about the project told in passing (培训55个人，每人1600): put where they belong in the draft at hand, whatever question waits.

While nothing was decided by hand the table is drafted anew with them, so that what depends on them is worked out too; afterwards each
goes to the one row it speaks of. What finds no place is said, never dropped silently.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.chat import acting, references, saying, telling
from assistant.chat.session import Pending, Reply
from assistant.errors import AssistantError
from assistant.table import GoalTable

if TYPE_CHECKING:
    from assistant.chat.conversation import Conversation
    from assistant.draft import Request

# A figure with nothing said of what it counts.
_NAMELESS = re.compile(r"(?:总|共)?(?:人数|人次|户数|数量|次数|场次|件数|台数|套数|面积|里程|期数|天数|.{1,2}数)")


class Facts:
    """The facts of one conversation."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    def told(self, words: str) -> dict[str, str]:
        """The facts in a sentence that tells several, by their names; empty where it tells fewer, asks, or names money for a table."""
        if saying.is_question(words):
            return {}
        try:
            request = self.talk.desk.understand(saying.clean(words), name="项目")
        except AssistantError:
            return {}
        return dict(request.known) if len(request.known) >= 2 and request.budget is None else {}

    def take(self, words: str, facts: dict[str, str], pending: Pending | None) -> Reply:
        """Put the facts into the draft; a nameless figure answers the question that waits."""
        talk = self.talk
        file = talk.draft()
        asked = pending.known_as if pending is not None and pending.kind == "question" else ""
        facts = {asked if asked and (_NAMELESS.fullmatch(name) or _counts_the_same(name, asked)) else name: text for name, text in facts.items()}
        if file.draft.history:
            return Reply("\n".join(self._placed(name, text) for name, text in facts.items()), kind="edit")
        request = file.draft.request
        for name, text in facts.items():
            request = talk.desk.answered(request, name, text)
        return self.anew(request, words)

    def anew(self, request: Request, words: str) -> Reply:
        """The table drafted again from a request, and what is otherwise now."""
        talk = self.talk
        file = talk.draft()
        old, before = file.draft.request, file.draft.table
        file.save(talk.desk.draft(request))
        talk.set(focus=None, changed=None)
        talk.remember_request(old, words[:40])
        return Reply("\n".join(_differences(before, talk.draft().draft.table)) or "这些在表里都已经有了。", kind="edit")

    def _placed(self, name: str, text: str) -> str:
        file = self.talk.draft()
        cells = references.find(file.draft.table, name)
        if len(cells) != 1:
            return f"没有记下“{name} {text}”：表里没有明确对应的一行，可以说“第几行改成{text}”或“再加一个数量指标：{name}{text}”。"
        before, after = acting.edit(file, self.talk.hand, cells[0], text)
        return f"{telling.label(file.draft.table, cells[0])}：{before or '空'} → {after}"


def _counts_the_same(name: str, asked: str) -> bool:
    """Whether 老人数量 (80个老人) answers what 老人午餐补助人数 asks."""
    return asked.endswith("人数") and name.endswith("数量") and name.removesuffix("数量") in asked


def _differences(before: GoalTable, after: GoalTable) -> list[str]:
    """What a table drafted anew says otherwise than the one before, row by row."""
    old = {row.level3: row.value.text for row in before.indicators}
    told = []
    for i, row in enumerate(after.indicators, 1):
        if row.level3 not in old:
            told.append(f"加在第{i}行：{row.level2} · {row.level3} {row.value.text}")
        elif old[row.level3] != row.value.text:
            told.append(f"第{i}行“{row.level3}”：{old[row.level3] or '空'} → {row.value.text}")
    gone = [row.level3 for row in before.indicators if row.level3 not in {each.level3 for each in after.indicators}]
    return told + ([f"不再需要：{'、'.join(gone)}"] if gone else [])
