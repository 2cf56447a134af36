"""What Tab completes in the conversation: slash commands and what follows them, project names, rule codes, files.

Imported only when a terminal asks for lines: the base class is prompt_toolkit's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

COMMANDS = {
    "draft": "起草", "edit": "修改", "check": "检查", "explain": "解释问题或规则", "diff": "和上年比", "sources": "出处", "questions": "还缺什么",
    "show": "看草稿", "export": "导出", "open": "打开草稿", "drafts": "有哪些草稿", "read": "读文件", "undo": "撤销", "session": "本次对话",
    "model": "模型", "cost": "费用", "new": "从头来", "help": "帮助", "quit": "退出",
}  # fmt: skip
_FILE = re.compile(r"(?:^|[\s“\"'：:])((?:~|\.{1,2}|[A-Za-z]:)?[/\\][^\s“”\"']*)$")
_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{1,3}\d{0,4})$")
# A name is completed from the part typed last: from here back to a blank, a mark, or a word that stands before names.
_BREAK = re.compile(r"[\s，,。；;：:、“”\"'（(]|把|将|起草|打开|和|跟|的")
_LONGEST = 14


class Words(Completer):
    """Completes from what is at hand; ``drafts`` is asked anew each time, the rest is fixed."""

    def __init__(self, projects: Iterable[str], rules: Sequence[str], formats: Sequence[str], drafts: Callable[[], Sequence[str]]) -> None:
        self.projects = sorted(set(projects))
        self.rules = rules
        self.formats = formats
        self.drafts = drafts
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """The completions at the cursor, those that begin as typed first."""
        text = document.text_before_cursor
        if text.startswith(("/", "／")):
            yield from self._after_slash(text, complete_event)
        elif (path := _FILE.search(text)) is not None:
            yield from self._paths.get_completions(Document(path[1]), complete_event)
        elif (code := _CODE.search(text)) is not None:
            yield from _matching(code[1], self.rules)
        else:
            typed = _BREAK.split(text)[-1][-_LONGEST:]
            yield from _matching(typed, [*self.projects, *self.drafts()] if typed else [])

    def _after_slash(self, text: str, event: CompleteEvent) -> Iterator[Completion]:
        name, blank, rest = text[1:].partition(" ")
        if not blank:
            for command, told in COMMANDS.items():
                if command.startswith(name.lower()):
                    yield Completion(command, start_position=-len(name), display=f"/{command}", display_meta=told)
        elif name == "open":
            yield from _matching(rest, self.drafts(), empty=True)
        elif name == "export":
            yield from _matching(rest, self.formats, empty=True)
        elif name == "explain":
            yield from _matching(rest, self.rules, empty=True)
        elif name == "read":
            yield from self._paths.get_completions(Document(rest), event)
        elif name == "draft":
            yield from _matching(rest, self.projects)


def _matching(typed: str, words: Sequence[str], *, empty: bool = False) -> Iterator[Completion]:
    if not typed and not empty:
        return
    low = typed.lower()
    found = [word for word in words if word.lower().startswith(low)] + [word for word in words if low in word.lower() and not word.lower().startswith(low)]
    for word in found[:30]:
        yield Completion(word, start_position=-len(typed))
