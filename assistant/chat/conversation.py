"""The conversation without a model: each turn is understood, carried out on the desk, answered, and kept before it is shown.

What waits for an answer (a missing piece of a request, an open question of the draft, a yes) is tried first; when the person says
something else instead, that is done, and the waiting question is repeated. Nothing that cannot be taken back is done without a yes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.chat import acting, edits, intents, saying, telling
from assistant.chat.asking import Asking
from assistant.chat.desk import Desk
from assistant.chat.editing import Editing
from assistant.chat.facts import Facts
from assistant.chat.filling import Filling
from assistant.chat.intents import Intent
from assistant.chat.rows import Rows
from assistant.chat.session import Answered, Pending, Reply, Session, Sessions, Turn
from assistant.chat.slash import Slash
from assistant.draft import Request
from assistant.errors import AssistantError, InputError, WorkspaceError
from assistant.export import FORMATS
from assistant.findings import Finding, Report
from assistant.review.files import DraftFile
from assistant.review.history import Hand
from assistant.review.signing import signed_table
from assistant.validation import validate

__all__ = ["Conversation", "Reply"]

# After these, a question that waits is not repeated: they answer it, ask it or end it themselves.
_NOT_REPEATED = frozenset({"draft", "questions", "bye", "fresh", "open"})
_NO_DRAFT = "先说要起草什么，例如：残保金2026年预算495万；或用 /open 打开已有的草稿。"


class Conversation:
    """A session in progress at a desk."""

    def __init__(self, desk: Desk, sessions: Sessions, session: Session) -> None:
        self.desk = desk
        self.sessions = sessions
        self.session = session
        self.filling = Filling(self)
        self.editing = Editing(self)
        self.asking = Asking(self)
        self.rows = Rows(self)
        self.facts = Facts(self)
        self.slash = Slash(self)
        self._file: DraftFile | None = None
        self._unkept = False

    def handle(self, text: str, by: Callable[[str], Reply] | None = None) -> Reply:
        """One turn, answered by ``by`` (the agent) or by ourselves. Errors a person can cause become the reply; the turn is saved
        before it is returned.
        """
        words = text.strip()
        if not words:
            return Reply("", kind="empty")
        try:
            signed = self._signed()
            reply = (by or self.embedded)(words)
            if signed and signed[0] == self.session.draft and not self._signed():
                reply.text += f"\n{'、'.join(signed[1])}的签字随修改失效，改好后请重新签字。"
        except AssistantError as error:
            reply = Reply(f"{error.message}{error.hint}", kind="error")
        turn = Turn(n=len(self.session.turns) + 1, user=words, reply=reply.text, kind=reply.kind, citations=reply.citations, draft=self.session.draft)
        self.session = self.session.with_turn(turn, self.desk.now())
        self._keep(reply)
        return reply

    def _signed(self) -> tuple[str, tuple[str, ...]] | None:
        """The draft at hand and who has signed it as it stands; None when there is none or nobody has."""
        try:
            who = signed_table(self.file.draft) if self.file is not None else ()
        except AssistantError:  # gone or broken: what needs the draft will say so
            return None
        return (self.session.draft, who) if who and self.session.draft else None

    def _keep(self, reply: Reply) -> None:
        """Save the session; where it cannot be saved, say so once and go on: an answer is not lost to a full disk."""
        try:
            self.sessions.save(self.session)
            self._unkept = False
        except WorkspaceError as error:
            if not self._unkept:
                reply.text += f"\n\n（注意：这个对话没有存下来：{error.message}{error.hint}）"
            self._unkept = True

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

    @property
    def hand(self) -> Hand:
        """Who decides and when; what one sentence does is marked, so that it is taken back together."""
        return self.desk.hand._replace(via=f"对话 {self.session.id}#{len(self.session.turns) + 1}")

    # ---- understanding ----------------------------------------------------------------------------------------------------------------

    def embedded(self, words: str) -> Reply:
        """What we answer ourselves, without keeping the turn."""
        has_draft = self.session.draft is not None
        if (figures := saying.restated(words)) is not None and (mended := self._restated(*figures)) is not None:
            return mended
        words = saying.revised(words)
        wish = self._wish(words, has_draft=has_draft)
        pending = self.session.pending
        if pending is not None:
            taken = self._answer_pending(words, wish, pending)
            if taken is not None:
                return taken
        elif has_draft and (said := self._second_thoughts(words)) is not None:
            return said
        elif wish is None and (saying.said_no(words) or saying.said_stop(words)):
            return Reply("好。", kind="cancel")
        reply = self._chained(words) or self._looked(words, wish) or (self.act(wish) if wish is not None else self._told_or_not(words))
        still = self.session.pending
        asked = reply.kind in ("slot", "question") or (wish is not None and wish.kind in _NOT_REPEATED)
        if still is not None and still.kind in ("slot", "question") and still == pending and not asked:
            self.filling.remind(reply)
        return reply

    def _restated(self, old: str, new: str) -> Reply | None:
        if self.session.request is not None:
            return self.filling.restated(old, new)
        reply = self.editing.restated(old, new) if self.session.draft is not None else None
        if reply is not None and self.session.pending is not None and reply.kind == "edit":
            self.filling.remind(reply)
        return reply

    def _told_or_not(self, words: str) -> Reply:
        """Facts about the project at hand, or a plain no."""
        facts = self.facts.told(words) if self.session.draft is not None else {}
        return self.facts.take(words, facts, self.session.pending) if facts else self.not_understood(words)

    def _wish(self, words: str, *, has_draft: bool) -> Intent | None:
        shown = any(turn.kind in ("check", "explain") for turn in self.session.turns[-3:])
        if (named := intents.opened(words)) is not None:
            found = self.desk.drafts_named(named[0])
            if (found and (named[1] or len(found) == 1)) or (named[1] and re.search("打开|切|换|回到", words)):
                return Intent("open", {"name": named[0]})
        wish = intents.recognise(words, has_draft=has_draft, after_check=shown)
        if has_draft and (wish is None or (wish.kind == "draft" and not wish.get("command") and self._budget_only(wish))):
            file = self.file
            implied = self.editing.implied(saying.bare(saying.clean(words)), file.draft.table) if file is not None else None
            wish = implied or wish
        if wish is None:
            wish = self._request_in(words, has_draft=has_draft)
        if wish is None and not has_draft and self.session.pending is None and edits.put(saying.bare(words)) is not None:
            wish = Intent("no-draft")
        return wish

    def _request_in(self, words: str, *, has_draft: bool) -> Intent | None:
        """A project with its money, said without 起草 and without a year."""
        if self.session.pending is not None or not intents.has_money(words):
            return None
        try:
            request = self.desk.understand(words)
        except AssistantError:
            return None
        if not request.budget or len(request.name) < 3:
            return None
        return Intent("draft", {"sentence": words, "ask": request.name if has_draft else ""})

    def _budget_only(self, wish: Intent) -> bool:
        """Whether what looks like a request names no project: then it speaks of the draft at hand."""
        try:
            return not self.desk.understand(wish.get("sentence")).name
        except AssistantError:
            return False

    def _second_thoughts(self, words: str) -> Reply | None:
        """不对，是55人 and 不对, after an edit or an answer."""
        if (better := saying.correction(words)) and not saying.is_question(words):
            inner = self.editing.meant(better)
            if inner is not None:
                return self.act(inner)
        if saying.said_wrong(words):
            if self.session.turns and self.session.turns[-1].kind == "edit":
                return Reply("请说应该是什么，例如：不对，是55人；或说“撤销”回到改之前。", kind="unclear")
            return Reply("哪里不对？可以直接说怎么改，例如：第2行改成60人；说“撤销”回到上一步。", kind="unclear")
        if saying.said_no(words) or saying.said_stop(words):
            return Reply("好，没有动。", kind="cancel")
        return None

    def _answer_pending(self, words: str, wish: Intent | None, pending: Pending) -> Reply | None:
        if pending.kind in ("confirm", "choice"):
            self.set(pending=pending.behind)
            taken = self.editing.choose(pending, words) if pending.kind == "choice" else self._confirmed(pending, words, wish)
            if taken is not None and pending.behind is not None and self.session.pending == pending.behind:
                self.filling.remind(taken)
            return taken
        if (both := self._put_off_and(words)) is not None:
            return both
        if (chained := self._chained(words)) is not None:
            if self.session.pending == pending:
                self.filling.remind(chained)
            return chained
        if wish is None and pending.kind == "question":
            wants_to_see = saying.asks(words) or re.match("再?(?:看|显示|查看|瞧)", saying.bare(words))
            if (wants_to_see and self.asking.look(words) is not None) or self.facts.told(words):
                return None
        return self.filling.answer(words, wish)

    def _confirmed(self, pending: Pending, words: str, wish: Intent | None) -> Reply | None:
        if saying.said_yes(words):
            return self.act(Intent(str(pending.action["kind"]), dict(pending.action["parts"])))
        return Reply("好，没有动。", kind="cancel") if saying.said_no(words) or saying.said_stop(words) or wish is None else None

    def wait(self, pending: Pending) -> None:
        """Wait for a choice or a yes; a question of ours that waited comes back after it."""
        before = self.session.pending
        self.set(pending=pending.model_copy(update={"behind": before if before is not None and before.kind in ("slot", "question") else None}))

    def _put_off_and(self, words: str) -> Reply | None:
        """都跳过，检查一下: the question put off, then the wish."""
        pieces = edits.several(words)
        if len(pieces) != 2 or not (saying.said_stop(pieces[0]) or saying.said_skip(pieces[0])) or saying.said_skip(pieces[1]) or saying.said_stop(pieces[1]):
            return None
        wish = self._wish(pieces[1], has_draft=self.session.draft is not None)
        if wish is None:
            return None
        first = self.filling.answer(pieces[0], None)
        reply = self.act(wish)
        reply.text = f"{first.text if first else ''}\n\n{reply.text}"
        return reply

    def _chained(self, words: str) -> Reply | None:
        if self.session.draft is None or words.lstrip().startswith(("/", "／")):
            return None
        return self.editing.chain(saying.bare(saying.clean(words)))

    def _looked(self, words: str, wish: Intent | None) -> Reply | None:
        return self.asking.look(words) if wish is None or wish.kind == "ask" else None

    # ---- acting -----------------------------------------------------------------------------------------------------------------------

    def act(self, wish: Intent) -> Reply:
        """Carry a wish out."""
        handlers: dict[str, Callable[[Intent], Reply]] = {
            "help": lambda _: Reply(telling.HELP, kind="help"),
            "greeting": lambda _: Reply("您好。可以提问往年的绩效目标，也可以起草、修改、检查明年的表。说“帮助”看例子。", kind="help"),
            "thanks": lambda _: Reply("好的。", kind="help"),
            "bye": lambda _: Reply("再见。对话和草稿都已保存。", kind="bye", over=True),
            "undo": self.editing.undo,
            "redo": lambda _: Reply("撤销之后不能自动重做，请再说一遍要改什么。", kind="unclear"),
            "edit": self.editing.edit,
            "shift": self.editing.shift,
            "add": self.rows.add,
            "add-goal": self.rows.add_goal,
            "delete": self.rows.delete,
            "drop": self.rows.drop,
            "move": self.rows.move,
            "merge": self.rows.merge,
            "reckon": lambda wish: Reply(f"{wish.get('told')}。", kind="answer"),
            "goal-too": self.editing.goal_too,
            "check": self._check,
            "explain": self._explain,
            "fix": self._fix,
            "diff": lambda _: Reply(telling.changes(self.draft().draft), kind="diff"),
            "sources": self.asking.sources,
            "export": self._export,
            "show": lambda _: Reply(telling.table_in_short(self.draft().draft.table), kind="show"),
            "count": self._count,
            "questions": lambda _: self.filling.next_question("", again=True),
            "draft": self._draft,
            "ask": self.asking.ask,
            "no-draft": lambda _: Reply(f"现在手上没有草稿。{_NO_DRAFT}", kind="help"),
            "drafts": self._drafts,
            "sessions": lambda _: self.slash.act(Intent("slash", {"name": "sessions"})),
            "private": lambda _: self.slash.act(Intent("slash", {"name": "model"})),
            "how": self._how,
            "which": self._which_draft,
            "where": self._where,
            "save": self._where,
            "open": self._open,
            "previous": self._previous,
            "fresh": self._fresh,
            "sign": self._sign,
            "read": self._read,
            "slash": self.slash.act,
        }
        return handlers[wish.kind](wish)

    def _draft(self, wish: Intent) -> Reply:
        if wish.get("ask"):
            self.wait(Pending(kind="confirm", action={"kind": "draft", "parts": {"sentence": wish.get("sentence")}}))
            return Reply(f"要另外起草“{wish.get('ask')}”吗？手上的草稿不会动。（是/否）", kind="confirm")
        return self.filling.start(wish)

    # ---- looking ----------------------------------------------------------------------------------------------------------------------

    def _check(self, wish: Intent) -> Reply:
        report = self.report()
        text, codes = telling.findings(report.findings, self.draft().draft.table)
        if wish.get("grade"):
            text = "\n".join([*(note for note in report.notes if note.startswith("建议等级")), text])
        self.set(shown=codes, at=0)
        return Reply(text, kind="check")

    def _explain(self, wish: Intent) -> Reply:
        code = wish.get("code")
        if not code and self.session.draft is None:
            return self.act(Intent("no-draft"))
        found = [finding for finding in self.findings() if not finding.waived] if self.session.draft else []
        if code:
            ours = [telling.finding_in_full(finding) for finding in found if finding.code == code]
            return Reply("\n\n".join([*ours, self.desk.rule(code).doc.strip()]), kind="explain")
        number = self._number(wish)
        if not 1 <= number <= len(found):
            return Reply(f"现在只有{len(found)}个问题。说“检查一下”看全部。" if found else "现在没有问题。说“检查一下”再查一遍。", kind="unclear")
        finding = found[number - 1]
        self.set(at=number, focus=finding.cell if finding.cell and "." in finding.cell else self.session.focus)
        hint = f"\n- 怎么做：{telling.remedy(self.draft().draft.table, finding)}"
        return Reply(f"{telling.finding_in_full(finding)}{hint}\n\n{self.desk.rule(finding.code).doc.strip()}", kind="explain")

    def _number(self, wish: Intent) -> int:
        if wish.get("which") == "next":
            return self.session.at + 1
        return int(wish.get("number") or self.session.at or 1)

    def _fix(self, wish: Intent) -> Reply:
        """Do what the findings propose; where only a person can tell, ask for it."""
        file = self.draft()
        found = [finding for finding in self.findings() if not finding.waived]
        chosen = found if wish.get("all") else found[self._number(wish) - 1 : self._number(wish)]
        if not chosen:
            return Reply("没有这个问题。说“检查一下”看全部。" if found else "没有要改的问题。", kind="unclear")
        told = []
        known = {each.address for each in file.draft.table.cells()}
        for finding in chosen:
            if finding.fix is not None and finding.cell is not None and finding.cell in known:
                before, after = acting.edit(file, self.hand, finding.cell, finding.fix.to, f"按检查建议修改（{finding.code}）")
                told.append(f"{telling.label(file.draft.table, finding.cell)}：{before or '空'} → {after}")
        if told:
            left = len(chosen) - len(told)
            return Reply("\n".join(told) + (f"\n另有{left}个要您给出内容，说“检查一下”看。" if left else ""), kind="edit")
        first = chosen[0]
        if first.cell and "." in first.cell:
            self.set(focus=first.cell)
        return Reply(f"这个要您定：{telling.remedy(file.draft.table, first)}", kind="unclear")

    def _count(self, wish: Intent) -> Reply:
        table = self.draft().draft.table
        return Reply(f"现在有{len(table.indicators)}行指标：" + "、".join(f"{i}.{row.level3}" for i, row in enumerate(table.indicators, 1)), kind="show")

    def _export(self, wish: Intent) -> Reply:
        """The form in one format, or in several (docx+pdf); what is there already is written over only after a yes."""
        file = self.draft()
        at = self.desk.place(wish.get("place"), Path(file.path).stem) if wish.get("place") else Path(file.path)
        to = wish.get("to") or (at.suffix[1:] if wish.get("place") else "") or "docx"
        if to == "json":
            return Reply(f"草稿本身就是 JSON：{file.path}", kind="export")
        paths = {
            name: at.with_name(f"{at.name.removesuffix(at.suffix) if at.suffix[1:] in FORMATS else at.name}.{name}") for name in to.split("+") if name != "json"
        }
        there = [f"“{path.name}”" for path in paths.values() if path.exists()]
        if there and not wish.get("sure"):
            self.wait(Pending(kind="confirm", action={"kind": "export", "parts": {**wish.parts, "to": to, "sure": "1"}}))
            return Reply(f"{'、'.join(there)}已经有了，要覆盖吗？（是/否）", kind="confirm")
        left = len(file.draft.open_questions)
        more = f"\n表里还有{left}处待核实，说“还缺什么”接着填。" if left else ""
        written = "、".join(str(self.desk.export(file.draft, name, path)) for name, path in paths.items())
        return Reply(f"已导出并回读核对一致：{written}{more}", kind="export")

    def _read(self, wish: Intent) -> Reply:
        document = self.desk.read(Path(wish.get("path")).expanduser())
        told = [telling.document(document)]
        if wish.get("check"):
            told += [telling.findings_in(table, validate([table], department=document.department).findings) for table in document.tables[:3]]
        return Reply("\n\n".join(told), kind="read")

    # ---- drafts and sessions ------------------------------------------------------------------------------------------------------------

    def _drafts(self, wish: Intent) -> Reply:
        known = self.desk.known_drafts()
        if not known:
            return Reply(f"还没有草稿。{_NO_DRAFT}", kind="show")
        lines = [f"{i}. {path.stem}{'（手上这份）' if str(path) == self.session.draft else ''}" for i, path in enumerate(known[:30], 1)]
        return Reply("草稿（新的在前）：\n" + "\n".join(lines) + "\n说“打开…那份”可以换一份。", kind="show")

    def _which_draft(self, wish: Intent) -> Reply:
        if self.session.draft is None:
            return self.act(Intent("no-draft"))
        table = self.draft().draft.table
        return Reply(f"手上是“{table.project.name}”{table.year or ''}年的草稿（{Path(self.session.draft).name}）。", kind="show")

    def _where(self, wish: Intent) -> Reply:
        path = Path(self.draft().path)
        made = [each for each in path.parent.glob(f"{path.stem}.*") if each.suffix in (".docx", ".xlsx", ".pdf", ".html", ".md", ".csv") and each.is_file()]
        files = "、".join(str(each) for each in sorted(made))
        return Reply(f"每改一处就已保存。草稿：{path}" + (f"\n导出的文件：{files}" if files else "\n还没有导出；说“导出Word”。"), kind="show")

    def _open(self, wish: Intent) -> Reply:
        path = self.desk.draft_named(wish.get("name"))
        file = self.desk.file(str(path.absolute()))
        self._file = file
        self._clear(draft=str(path.absolute()), topic=file.draft.table.project.name or "")
        return Reply(f"打开了 {path.name}。\n\n{telling.table_in_short(self.draft().draft.table)}", kind="show")

    def _previous(self, wish: Intent) -> Reply:
        """The draft that was at hand before this one in the conversation, else the one worked on before it."""
        here = self.session.draft
        seen = [turn.draft for turn in reversed(self.session.turns) if turn.draft and turn.draft != here and Path(turn.draft).is_file()]
        known = [str(path.absolute()) for path in self.desk.known_drafts() if str(path.absolute()) != here]
        if not seen and not known:
            return Reply("只有手上这一份草稿。" if here else f"还没有草稿。{_NO_DRAFT}", kind="unclear")
        return self._open(Intent("open", {"name": (seen or known)[0]}))

    def _fresh(self, wish: Intent) -> Reply:
        kept = f"刚才的草稿还在：{self.session.draft}。" if self.session.draft else ""
        self._clear(draft=None, asked="", topic="")
        return Reply(f"好，从头来。{kept}要起草哪个项目，或想问什么？", kind="help")

    def _how(self, wish: Intent) -> Reply:
        """How something is done here; signing of the draft at hand by its own name."""
        if self.session.draft is not None and re.search("签|审核|定稿", wish.get("act")):
            return self._sign(wish)
        return Reply(telling.how(wish.get("act")), kind="help")

    def _sign(self, wish: Intent) -> Reply:
        path = self.draft().path
        return Reply(f"逐格审核和签字在全屏里做，请退出对话后运行：\n\n    assistant review {path}", kind="help")

    # ---- shared -----------------------------------------------------------------------------------------------------------------------

    def draft(self) -> DraftFile:
        """The draft at hand. InputError when there is none."""
        file = self.file
        if file is None:
            raise InputError("现在手上没有草稿。", _NO_DRAFT)
        return file

    def report(self) -> Report:
        """What the rules say of the draft at hand."""
        draft = self.draft().draft
        return validate([draft.table], previous=[draft.previous] if draft.previous is not None else [])

    def findings(self) -> tuple[Finding, ...]:
        """The findings alone."""
        return self.report().findings

    def not_understood(self, words: str) -> Reply:
        """A plain no with examples that fit where the conversation stands."""
        shown = f"“{words[:40]}”" if words else ""
        bare = saying.bare(words)
        if self.session.draft is None and re.fullmatch(r"[\u4e00-\u9fff]{2,20}", bare) and not saying.said_same(bare):
            # A bare name: what the records say about it, when they know it as one project.
            answer = self.desk.ask(bare)
            if answer.answered and len({cited.project for cited in answer.citations}) == 1:
                return self.asking.ask(Intent("ask", {"question": bare}))
        return Reply(f"我没听懂{shown}。\n\n{telling.examples(has_draft=self.session.draft is not None)}", kind="unclear")

    def remember_request(self, before: Request, text: str) -> None:
        """Keep the request that a fresh draft was made from, so that making it anew can be taken back."""
        self.set(answers=(*self.session.answers, Answered(cell="budget.total", text=text, before=before)))

    def _clear(self, **changes: Any) -> None:
        """Forget what was said about the draft that was at hand until now."""
        self.set(request=None, pending=None, focus=None, skipped=(), answers=(), changed=None, shown=(), at=0, **changes)

    def set(self, **changes: Any) -> None:
        """Change the session."""
        self.session = self.session.model_copy(update=changes)
