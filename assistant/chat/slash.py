"""The slash commands of the conversation: each does what a sentence does, by a fixed word; sessions are seen, changed and branched by them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.chat import intents, telling
from assistant.chat.intents import Intent
from assistant.chat.session import Reply
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat.conversation import Conversation

# Commands that take nothing → the wish they are.
_PLAIN = {
    "help": "help", "check": "check", "diff": "diff", "undo": "undo", "show": "show", "questions": "questions", "quit": "bye", "exit": "bye",
    "drafts": "drafts", "new": "fresh",
}  # fmt: skip
# Commands that need something behind them → an example.
_EXAMPLES = {"ask": "/ask 残保金今年预算多少", "explain": "/explain F113", "read": "/read 目标表.docx", "open": "/open 残保金"}
_EDITS = ("edit", "shift", "add", "add-goal", "delete", "move", "merge")


class Slash:
    """The commands of one conversation."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    def act(self, wish: Intent) -> Reply:
        """Carry a command out."""
        name, rest = wish.get("name"), wish.get("rest")
        if name in _PLAIN:
            return self.talk.act(Intent(_PLAIN[name]))
        if name in ("session", "sessions"):
            return self._session(rest or ("list" if name == "sessions" else ""))
        if name == "branch":
            return self._session(f"branch {rest}")
        if name in ("model", "cost"):
            return Reply("现在没有使用模型：回答和起草都在本机完成，不联网、不花钱。", kind="help")
        if name in ("source", "sources") and rest.isdigit():
            return self._cited(int(rest))
        if name == "edit":
            return self._edit(rest)
        meant = self._meant(name, rest)
        if meant is not None:
            return self.talk.act(meant)
        if name in _EXAMPLES:
            return Reply(f"/{name} 后面要写内容，例如：{_EXAMPLES[name]}", kind="unclear")
        return Reply(f"没有命令 /{name}。\n\n{telling.HELP}", kind="unclear")

    def _meant(self, name: str, rest: str) -> Intent | None:
        """The wish that a command with something behind it is; None where it is none, or something is missing."""
        if name == "draft":
            return Intent("draft", {"sentence": intents.draft_wanted(rest) or rest})
        if name in ("source", "sources"):
            return Intent("sources", {"what": rest})
        if name == "export":
            return Intent("export", {"to": rest.lower().lstrip(".") or "docx"})
        if name == "explain" and rest:
            return Intent("explain", {"number": rest} if rest.isdigit() else {"code": rest.upper()})
        asked = {"ask": "question", "open": "name", "read": "path"}.get(name)
        return Intent(name, {asked: rest}) if asked and rest else None

    def _edit(self, rest: str) -> Reply:
        found = intents.recognise(rest, has_draft=True) if rest else None
        if found is None and rest:
            found = self.talk.editing.implied(rest, self.talk.draft().draft.table)
        return self.talk.act(found) if found is not None and found.kind in _EDITS else self.talk.not_understood(rest)

    def _session(self, rest: str) -> Reply:
        """This session, or all; going on with another, branching and exporting."""
        talk = self.talk
        word, _, more = rest.strip().partition(" ")
        if word in ("list", "列表"):
            lines = [f"- {each.id}　{each.title}（{len(each.turns)}轮）" for each in talk.sessions.all()[:20]]
            return Reply("\n".join(lines) or "还没有对话。", kind="help")
        if word in ("branch", "分支"):
            if not more.strip().isdigit():
                return Reply("请说从第几轮另起，例如：/session branch 3。", kind="unclear")
            talk.session = talk.sessions.branch(talk.session, int(more), talk.desk.now())
            return Reply(f"从第{more.strip()}轮另起了一个对话：{talk.session.id}。原来的还在。", kind="help")
        if word in ("export", "导出"):
            path = Path(more.strip() or f"对话-{talk.session.id}.md").expanduser()
            if path.exists():
                raise InputError(f"“{path}”已经有了。", "请换一个文件名，例如：/session export 对话2.md。")
            talk.desk.write(path, talk.session.markdown())
            return Reply(f"对话已存成 Markdown：{path}", kind="export")
        if word:
            talk.session = talk.sessions.load(word)
            return Reply(f"接着对话 {talk.session.id}（{talk.session.title}，{len(talk.session.turns)}轮）。", kind="help")
        turns = len(talk.session.turns)
        return Reply(
            f"本次对话编号 {talk.session.id}，共{turns}轮。下次用 assistant chat --session {talk.session.id} 接着说。\n"
            "`/session list` 列出全部，`/session 编号` 换一个，`/session branch 3` 从第3轮另起，`/session export 文件.md` 存成 Markdown。",
            kind="help",
        )

    def _cited(self, number: int) -> Reply:
        """One citation of the last answer that had any, in full."""
        for turn in reversed(self.talk.session.turns):
            if turn.citations:
                if not 1 <= number <= len(turn.citations):
                    return Reply(f"上一个回答只有{len(turn.citations)}处引用。", kind="unclear")
                cited = turn.citations[number - 1]
                lines = [("文件", cited.source), ("年度", cited.year), ("项目", cited.project), ("位置", cited.cell), ("原文", cited.text)]
                return Reply("\n".join(f"- {word}：{text}" for word, text in lines if text), kind="sources")
        return Reply("还没有带引用的回答。", kind="unclear")
