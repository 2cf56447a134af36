"""The conversation without a model: each turn is understood, carried out on the desk, answered, and kept before it is shown.

What waits for an answer (a missing piece of a request, an open question of the draft, a yes) is tried first; when the person says
something else instead, that is done, and the waiting question is repeated. Nothing that cannot be taken back is done without a yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.chat import acting, intents, references, telling
from assistant.chat.desk import Desk
from assistant.chat.intents import Intent
from assistant.chat.session import Cited, Pending, Session, Sessions, Turn
from assistant.draft import OpenQuestion
from assistant.errors import AssistantError, InputError
from assistant.findings import Finding
from assistant.review.files import DraftFile
from assistant.taxonomy import OPEN_VALUE
from assistant.validation import validate

# What a request needs, in the order it is asked: field of Request → question.
_SLOTS = {"name": "要起草哪个项目？请说项目名称。", "budget": "预算是多少万元？（还没定可以说“跳过”）", "purpose": "这笔钱用来做什么？（资金用途）"}


@dataclass
class Reply:
    """What is shown after a turn: Markdown, citations, what kind of turn it was, whether the conversation ends."""

    text: str
    kind: str = "answer"
    citations: tuple[Cited, ...] = ()
    over: bool = False
    notes: list[str] = field(default_factory=list)


class Conversation:
    """A session in progress at a desk."""

    def __init__(self, desk: Desk, sessions: Sessions, session: Session) -> None:
        self.desk = desk
        self.sessions = sessions
        self.session = session
        self._file: DraftFile | None = None

    def handle(self, text: str, by: Callable[[str], Reply] | None = None) -> Reply:
        """One turn, answered by ``by`` (the agent) or by ourselves. Errors a person can cause become the reply; the turn is saved
        before it is returned.
        """
        words = text.strip()
        if not words:
            return Reply("", kind="empty")
        try:
            reply = (by or self.embedded)(words)
        except AssistantError as error:
            reply = Reply(f"{error.message}{error.hint}", kind="error")
        turn = Turn(n=len(self.session.turns) + 1, user=words, reply=reply.text, kind=reply.kind, citations=reply.citations, draft=self.session.draft)
        self._set(session=self.session.with_turn(turn, self.desk.now()))
        self.sessions.save(self.session)
        return reply

    @property
    def file(self) -> DraftFile | None:
        """The draft at hand, read anew when it was changed elsewhere."""
        if self.session.draft is None:
            return None
        if self._file is None or str(self._file.path) != self.session.draft:
            self._file = self.desk.file(self.session.draft)
        elif self._file.changed():
            self._file.reload()
        return self._file

    def embedded(self, words: str) -> Reply:
        """What we answer ourselves, without keeping the turn."""
        has_draft = self.session.draft is not None
        wish = intents.recognise(words, has_draft=has_draft)
        if self.session.pending is not None:
            taken = self._answer_pending(words, wish)
            if taken is not None:
                return taken
        elif has_draft and self.session.focus and (better := intents.correction(words)) and not intents.is_question(words):
            return self._edit(Intent("edit", {"what": "它", "to": better}))
        if wish is None:
            return self._not_understood(words)
        reply = self.act(wish)
        if self.session.pending is not None and self.session.pending.kind in ("slot", "question") and wish.kind not in ("draft", "edit", "questions"):
            reply.text += "\n\n" + self._waiting_question()
        return reply

    def act(self, wish: Intent) -> Reply:
        """Carry a wish out."""
        handlers: dict[str, Callable[[Intent], Reply]] = {
            "help": lambda _: Reply(telling.HELP, kind="help"),
            "greeting": lambda _: Reply("您好。可以提问往年的绩效目标，也可以起草、修改、检查明年的表。说“帮助”看例子。", kind="help"),
            "thanks": lambda _: Reply("好的。", kind="help"),
            "bye": lambda _: Reply("再见。对话和草稿都已保存。", kind="bye", over=True),
            "undo": self._undo,
            "edit": self._edit,
            "shift": self._shift,
            "add": self._add,
            "add-goal": self._add_goal,
            "delete": self._delete,
            "check": self._check,
            "explain": self._explain,
            "diff": lambda _: Reply(telling.changes(self._draft().draft), kind="diff"),
            "sources": self._sources,
            "export": self._export,
            "show": lambda _: Reply(telling.table_in_short(self._draft().draft.table), kind="show"),
            "questions": lambda _: self._next_question("", again=True),
            "draft": self._start_draft,
            "ask": self._ask,
            "no-draft": lambda _: Reply("现在手上没有草稿。先说要起草什么，例如：残保金2026年预算495万；或用 /open 打开已有的草稿。", kind="help"),
            "slash": self._slash,
        }
        return handlers[wish.kind](wish)

    # ---- asking -------------------------------------------------------------------------------------------------------------------

    def _ask(self, wish: Intent) -> Reply:
        answer = self.desk.ask(wish.get("question"))
        cited = tuple(Cited(source=c.source, project=c.project, year=c.year, cell=c.cell, text=c.text) for c in answer.citations)
        scope = f"（{answer.scope}）" if answer.scope else ""
        return Reply(f"{answer.answer}{scope}", kind="answer" if answer.answered else "refusal", citations=cited)

    # ---- drafting -----------------------------------------------------------------------------------------------------------------

    def _start_draft(self, wish: Intent) -> Reply:
        request = self.desk.understand(wish.get("sentence") or None)
        if request.year is None:
            request = request.model_copy(update={"year": self.desk.this_year + 1})
        self._set(request=request, pending=None, skipped=())
        return self._fill_slots()

    def _fill_slots(self) -> Reply:
        request = self.session.request
        if request is None:
            return self._not_understood("")
        known = {"name": request.name or request.purpose, "budget": request.budget, "purpose": True}
        for slot, question in _SLOTS.items():
            if not known[slot] and slot not in self.session.skipped:
                self._set(pending=Pending(kind="slot", slot=slot))
                return Reply(question, kind="slot")
        draft = self.desk.draft(request)
        if draft.previous is None and not request.purpose and "purpose" not in self.session.skipped:
            self._set(pending=Pending(kind="slot", slot="purpose"))
            return Reply(f"“{request.name}”在往年的表里没有找到，是新项目。{_SLOTS['purpose']}", kind="slot")
        path = self.desk.keep(draft)
        self._set(draft=str(path), request=None, pending=None, focus=None, skipped=())
        text = [telling.table_in_short(draft.table)]
        if draft.previous is not None:
            text.append(f"沿用{draft.previous.year or '上年'}年的表改成，说“和去年比有什么变化”看改动。")
        problems = [finding for finding in draft.findings if finding.severity.value == "error" and not finding.waived]
        text += [f"**注意**：{finding.message}" for finding in problems]
        text.append(f"已保存：{path}")
        return self._next_question("\n\n".join(text))

    def _next_question(self, before: str, *, again: bool = False) -> Reply:
        draft = self._draft().draft
        if again:
            self._set(skipped=())
        waiting = [question for question in draft.open_questions if _key(question) not in self.session.skipped]
        if not waiting:
            self._set(pending=None)
            left = len(draft.open_questions)
            done = f"还有{left}处待核实，说“还缺什么”可以继续填。" if left else "没有要问的了。可以说“检查一下”或“导出Word”。"
            return Reply("\n\n".join(part for part in (before, done) if part), kind="draft")
        first = waiting[0]
        self._set(pending=Pending(kind="question", cell=first.cell, known_as=first.known_as or ""))
        more = f"（还有{len(waiting) - 1}个，可说“跳过”或“都跳过”）" if len(waiting) > 1 else "（可说“跳过”）"
        return Reply("\n\n".join(part for part in (before, f"想请您确认：{first.question}{more}") if part), kind="question")

    def _waiting_question(self) -> str:
        pending = self.session.pending
        if pending is None:
            return ""
        if pending.kind == "slot":
            return f"接着刚才的：{_SLOTS[pending.slot]}"
        questions = self._draft().draft.open_questions if self.session.draft else ()
        found = next((question.question for question in questions if question.cell == pending.cell), "")
        return f"接着刚才的：{found}（可说“跳过”）" if found else ""

    def _answer_pending(self, words: str, wish: Intent | None) -> Reply | None:
        pending = self.session.pending
        if pending is None:
            return None
        if pending.kind == "confirm":
            self._set(pending=None)
            if intents.said_yes(words):
                return self.act(Intent(str(pending.action["kind"]), dict(pending.action["parts"])))
            return Reply("好，没有动。", kind="cancel") if intents.said_no(words) or wish is None else None
        if pending.kind == "choice":
            return self._choose(pending, words)
        if intents.said_stop(words):
            return self._stop_asking(pending)
        if pending.kind == "slot" and intents.said_no(words):
            self._set(pending=None, request=None)
            return Reply("好，先不起草。", kind="cancel")
        if intents.said_skip(words) or (intents.said_no(words) and pending.kind == "question"):
            return self._skip(pending)
        if wish is not None and wish.kind not in ("thanks", "draft", "shift", "greeting"):
            return None
        return self._fill(words) if pending.kind == "slot" else self._answer_question(pending, words)

    def _fill(self, words: str) -> Reply:
        pending, request = self.session.pending, self.session.request
        if pending is None or request is None:
            return self._not_understood(words)
        better = intents.correction(words) or words
        if pending.slot == "budget":
            said = self.desk.understand(f"预算{better}" if better[:1].isdigit() else better, name=request.name or "项目")
            if said.budget is None:
                raise InputError("没听出金额。", "请说数字，例如 480万；还没定请说“跳过”。")
            update: dict[str, Any] = {"budget": said.budget, "fiscal": request.fiscal or said.fiscal, "other": request.other or said.other}
            update["known"] = {**said.known, **request.known}
        elif pending.slot == "purpose":
            update = {"purpose": better.removeprefix("用来")}
        else:
            said = self.desk.understand(better)
            update = {"name": said.name or better, "budget": request.budget or said.budget, "known": {**said.known, **request.known}}
        self._set(request=request.model_copy(update=update), pending=None)
        return self._fill_slots()

    def _answer_question(self, pending: Pending, words: str) -> Reply:
        file = self._draft()
        text = intents.correction(words) or words
        if not file.draft.history and pending.known_as:
            # Nothing was decided by hand yet: draft again with the answer, so that what depends on it is computed too.
            file.save(self.desk.draft(self.desk.answered(file.draft.request, pending.known_as, text)))
            said = f"记下了：{pending.known_as} {text}。"
        else:
            before, after = acting.edit(file, self.desk, pending.cell, text)
            said = f"{telling.label(file.draft.table, pending.cell)}：{before or '空'} → {after}"
        if pending.known_as:
            self.desk.remember(file.draft, pending.known_as, text)
        self._set(pending=None, focus=pending.cell, skipped=(*self.session.skipped, pending.known_as or pending.cell))
        return self._next_question(said)

    def _skip(self, pending: Pending) -> Reply:
        if pending.kind == "slot":
            if pending.slot == "name":
                self._set(pending=None, request=None)
                return Reply("没有项目名称就没法起草。想好了再说。", kind="cancel")
            self._set(skipped=(*self.session.skipped, pending.slot), pending=None)
            return self._fill_slots()
        self._set(skipped=(*self.session.skipped, pending.known_as or pending.cell), pending=None)
        return self._next_question("好，先空着。")

    def _stop_asking(self, pending: Pending) -> Reply:
        if pending.kind == "slot":
            self._set(skipped=(*self.session.skipped, *_SLOTS), pending=None)
            return self._fill_slots()
        self._set(pending=None)
        left = len(self._draft().draft.open_questions)
        return Reply(f"好，不问了。还有{left}处待核实，说“还缺什么”可以继续。", kind="draft")

    # ---- editing ------------------------------------------------------------------------------------------------------------------

    def _edit(self, wish: Intent) -> Reply:
        file = self._draft()
        cells = references.find(file.draft.table, wish.get("what"), part=wish.get("part"), focus=self.session.focus)
        if len(cells) != 1:
            return self._which(wish, cells)
        before, after = acting.edit(file, self.desk, cells[0], wish.get("to"))
        self._set(focus=cells[0])
        return Reply(f"{telling.label(file.draft.table, cells[0])}：{before or '空'} → {after}{self._alarms(cells[0])}", kind="edit")

    def _shift(self, wish: Intent) -> Reply:
        file = self._draft()
        cells = references.find(file.draft.table, wish.get("what"), focus=self.session.focus)
        if len(cells) != 1:
            return self._which(wish, cells)
        if not cells[0].endswith(".value"):
            raise InputError("只有指标值可以加减。", "请直接说改成多少。")
        at = int(cells[0].split("[")[1].split("]")[0])
        to = acting.shifted(file.draft.table.indicators[at].value, wish.get("by"))
        return self._edit(Intent("edit", {"what": f"第{at + 1}行", "to": to}))

    def _which(self, wish: Intent, cells: list[str]) -> Reply:
        table = self._draft().draft.table
        if not cells:
            rows = "、".join(f"{i}.{row.level3}" for i, row in enumerate(table.indicators, 1))
            return Reply(f"表里没找到“{wish.get('what')}”。现有的行：{rows}。可以说“把第1行改成…”。", kind="unclear")
        self._set(pending=Pending(kind="choice", action={"kind": wish.kind, "parts": wish.parts}, options=tuple(cells)))
        listed = "\n".join(f"{i}. {telling.label(table, cell)}（现为{table.text(cell) or '空'}）" for i, cell in enumerate(cells, 1))
        return Reply(f"“{wish.get('what')}”可能是：\n{listed}\n要哪一个？说序号即可。", kind="choice")

    def _choose(self, pending: Pending, words: str) -> Reply | None:
        self._set(pending=None)
        digits = words.strip().removeprefix("第").rstrip("个行条项。")
        number = intents.ordinal(digits)
        if number is not None and 1 <= number <= len(pending.options):
            row = pending.options[number - 1]
            at = row.split("[")[1].split("]")[0] if "[" in row else ""
            parts = {**pending.action["parts"], "what": f"第{int(at) + 1}行" if row.startswith("indicators") else f"目标第{int(at) + 1}"}
            return self.act(Intent(str(pending.action["kind"]), parts))
        return Reply("好，没有动。", kind="cancel") if intents.said_no(words) else None

    def _add(self, wish: Intent) -> Reply:
        file = self._draft()
        row = acting.add(file, self.desk, wish.get("level"), wish.get("rest"))
        at = next(i for i, each in enumerate(file.draft.table.indicators) if each == row)
        self._set(focus=f"indicators[{at}].value")
        more = "。值还没有，说“它改成…”来填" if row.value.text == OPEN_VALUE else ""
        described = f"\n说明：{row.description}" if row.description else ""
        return Reply(f"加在第{at + 1}行：{row.level2} · {row.level3} {row.value.text}{more}{described}{self._alarms(f'indicators[{at}]')}", kind="edit")

    def _add_goal(self, wish: Intent) -> Reply:
        acting.add_goal(self._draft(), self.desk, wish.get("rest"))
        return Reply(f"加了一条目标：{wish.get('rest')}", kind="edit")

    def _delete(self, wish: Intent) -> Reply:
        file = self._draft()
        cells = references.find(file.draft.table, wish.get("what"), focus=self.session.focus)
        rows = [cell for cell in cells if cell.startswith(("indicators[", "goals["))]
        if len(rows) != 1:
            return self._which(wish, rows)
        name = acting.remove(file, self.desk, rows[0])
        self._set(focus=None)
        return Reply(f"删掉了“{name}”。说“撤销”可以恢复。", kind="edit")

    def _undo(self, wish: Intent) -> Reply:
        file = self._draft()
        acting.undo(file, self.desk)
        self._set(pending=None)
        return Reply("撤销了上一步。", kind="edit")

    # ---- looking ------------------------------------------------------------------------------------------------------------------

    def _check(self, wish: Intent) -> Reply:
        found = self._findings()
        text, codes = telling.findings(found)
        self._set(shown=codes)
        return Reply(text, kind="check")

    def _explain(self, wish: Intent) -> Reply:
        code = wish.get("code")
        found = [finding for finding in self._findings() if not finding.waived] if self.session.draft else []
        if not code:
            number = int(wish.get("number") or 1)
            if not 1 <= number <= len(found):
                return Reply(f"现在只有{len(found)}个问题。说“检查一下”看全部。", kind="unclear")
            finding = found[number - 1]
            return Reply(f"{telling.finding_in_full(finding)}\n\n{self.desk.rule(finding.code).doc.strip()}", kind="explain")
        ours = [telling.finding_in_full(finding) for finding in found if finding.code == code]
        return Reply("\n\n".join([*ours, self.desk.rule(code).doc.strip()]), kind="explain")

    def _sources(self, wish: Intent) -> Reply:
        draft = self._draft().draft
        cells = references.find(draft.table, wish.get("what"), focus=self.session.focus)
        if not cells:
            cells = [f"indicators[{i}].value" for i in range(len(draft.table.indicators))]
        return Reply("\n".join(telling.source_of(draft, cell) for cell in cells), kind="sources")

    def _export(self, wish: Intent) -> Reply:
        file = self._draft()
        to = wish.get("to") or "docx"
        path = Path(file.path).with_suffix(f".{to}")
        if path.exists() and path != file.path and not wish.get("sure"):
            self._set(pending=Pending(kind="confirm", action={"kind": "export", "parts": {"to": to, "sure": "1"}}))
            return Reply(f"“{path.name}”已经有了，要覆盖吗？", kind="confirm")
        if to == "json":
            return Reply(f"草稿本身就是 JSON：{file.path}", kind="export")
        return Reply(f"已导出并回读核对一致：{self.desk.export(file.draft, to, path)}", kind="export")

    def _slash(self, wish: Intent) -> Reply:
        name, rest = wish.get("name"), wish.get("rest")
        plain = {
            "help": "帮助",
            "check": "检查",
            "diff": "和去年比",
            "undo": "撤销",
            "show": "看看草稿",
            "questions": "还缺什么",
            "quit": "再见",
            "exit": "再见",
        }
        if name in plain:
            found = intents.recognise(plain[name], has_draft=self.session.draft is not None)
            return self.act(found) if found else self._not_understood(name)
        if name == "draft":
            return self._start_draft(Intent("draft", {"sentence": rest})) if rest else self._start_draft(Intent("draft"))
        if name == "edit":
            found = intents.recognise(rest, has_draft=True) if rest else None
            return self.act(found) if found is not None and found.kind in ("edit", "shift", "add", "add-goal", "delete") else self._not_understood(rest)
        if name == "ask" and rest:
            return self._ask(Intent("ask", {"question": rest}))
        if name in ("sources", "source"):
            return self._cited(rest) if rest.isdigit() else self._sources(Intent("sources", {"what": rest}))
        if name == "export":
            return self._export(Intent("export", {"to": rest.lower().lstrip(".") or "docx"}))
        if name == "open":
            path = self.desk.draft_named(rest)
            self._set(draft=str(path.absolute()), pending=None, focus=None)
            return Reply(f"打开了 {path.name}。\n\n{telling.table_in_short(self._draft().draft.table)}", kind="show")
        if name == "session":
            return Reply(
                f"本次对话编号 {self.session.id}，共{len(self.session.turns)}轮。下次用 assistant chat --session {self.session.id} 接着说。", kind="help"
            )
        if name in ("model", "cost"):
            return Reply("现在没有使用模型：回答和起草都在本机完成，不联网、不花钱。", kind="help")
        return Reply(f"没有命令 /{name}。\n\n{telling.HELP}", kind="unclear")

    def _cited(self, number: str) -> Reply:
        for turn in reversed(self.session.turns):
            if turn.citations:
                if not 1 <= int(number) <= len(turn.citations):
                    return Reply(f"上一个回答只有{len(turn.citations)}处引用。", kind="unclear")
                cited = turn.citations[int(number) - 1]
                lines = [("文件", cited.source), ("年度", cited.year), ("项目", cited.project), ("位置", cited.cell), ("原文", cited.text)]
                return Reply("\n".join(f"- {word}：{text}" for word, text in lines if text), kind="sources")
        return Reply("还没有带引用的回答。", kind="unclear")

    # ---- shared -------------------------------------------------------------------------------------------------------------------

    def _draft(self) -> DraftFile:
        file = self.file
        if file is None:
            raise InputError("现在手上没有草稿。", "先说要起草什么，例如：残保金2026年预算495万；或用 /open 打开已有的草稿。")
        return file

    def _findings(self) -> tuple[Finding, ...]:
        draft = self._draft().draft
        previous = [draft.previous] if draft.previous is not None else []
        return validate([draft.table], previous=previous).findings

    def _alarms(self, cell: str) -> str:
        """Errors and warnings at a cell just changed, so that a slip is seen at once."""
        row = cell.split(".")[0]
        found = [each for each in self._findings() if (each.cell or "").split(".")[0] == row and each.severity.value == "error"]
        return "".join(f"\n注意：{each.message}" for each in found[:3])

    def _not_understood(self, words: str) -> Reply:
        return Reply(f"我没听懂{f'“{words[:40]}”' if words else ''}。\n\n{telling.HELP}", kind="unclear")

    def _set(self, **changes: Any) -> None:
        session = changes.pop("session", None)
        self.session = session if session is not None else self.session.model_copy(update=changes)


def _key(question: OpenQuestion) -> str:
    return question.known_as or question.cell
