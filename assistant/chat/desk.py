"""The desk: what the conversation can do, as plain functions over the modules below, each opened when first needed.

The same desk serves the embedded conversation and the agent. It reads neither clock nor environment: who speaks, what time it is and
where the workspace lies come in from the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.draft import Draft, Request
from assistant.errors import InputError
from assistant.review.files import DraftFile
from assistant.review.history import Hand

if TYPE_CHECKING:
    from assistant.answering.answer import Answer
    from assistant.extraction import Extraction
    from assistant.validation.engine import Rule

Export = Callable[[Draft, str, Path], Path]


@dataclass
class Desk:
    """The workspace ``home`` and its drafts, the own ``unit``, the ``person`` speaking, ``now`` for the time, ``corpus`` and ``store``
    as openers, ``export`` as the command line does it (write, read back, compare)."""

    home: Path
    unit: str | None
    person: str
    now: Callable[[], str]
    this_year: int
    open_corpus: Callable[[], Any]
    open_store: Callable[[Any], Any]
    export: Export
    drafts: Path = field(default_factory=Path)

    @cached_property
    def corpus(self) -> Any:
        """The corpus, opened at the first need."""
        return self.open_corpus()

    @cached_property
    def store(self) -> Any:
        """The vectors, opened at the first need."""
        return self.open_store(self.corpus)

    @property
    def hand(self) -> Hand:
        """Who decides and when, for the history of a draft."""
        return Hand(self.person, self.now(), "对话")

    def ask(self, question: str) -> Answer:
        """An answer from the corpus."""
        from assistant.answering import ask

        return ask(question, self.corpus, self.store, unit=self.unit)

    def understand(self, sentence: str | None, **said: Any) -> Request:
        """What a sentence asks to be drafted."""
        from assistant.drafting.request import understand

        return understand(sentence, this_year=self.this_year, **said)

    def answered(self, request: Request, known_as: str, answer: str) -> Request:
        """A request with one open question answered. InputError for an answer that it cannot hold."""
        from assistant.drafting.request import answered

        return answered(request, {known_as: answer})

    def draft(self, request: Request) -> Draft:
        """A draft of a request by the embedded drafter, with what was answered and refused before."""
        from assistant import refusals
        from assistant.drafting import known
        from assistant.drafting.embedded import draft

        unit = request.unit or self.unit
        answers = known.answers_for(self.home, unit, request)
        refused = refusals.refused_rows(self.home, unit)
        return draft(request, self.corpus, now=self.now(), unit=self.unit, refused=refused, answers=answers)

    def remember(self, draft: Draft, known_as: str, answer: str) -> None:
        """Keep an answer for the next year."""
        from assistant.drafting import known

        table = draft.table
        known.keep_answers(self.home, table.unit.name, table.project.name or draft.request.name, table.year, {known_as: answer}, at=self.now())

    def forget(self, draft: Draft, known_as: str) -> None:
        """Take an answer back that was kept for the next year."""
        from assistant.drafting import known

        table = draft.table
        known.forget_answer(self.home, table.unit.name, table.project.name or draft.request.name, table.year, known_as)

    def keep(self, draft: Draft) -> Path:
        """Write a fresh draft under a name of its own, never over another draft."""
        from assistant import workspace

        name = re.sub(r'[\\/:*?"<>|\s【】〔〕\[\]]+', "-", draft.table.project.name or draft.request.name or "草稿").strip("-. ")[:60]
        stem = f"{draft.table.year or ''}-{name}".lstrip("-")
        path = self.drafts / f"{stem}.json"
        number = 2
        while path.exists():
            path = self.drafts / f"{stem}-{number}.json"
            number += 1
        workspace.write(path, draft.to_json())
        return path

    def file(self, path: str) -> DraftFile:
        """A draft file, read and guarded against changes from elsewhere."""
        return DraftFile(Path(path), home=self.home)

    def read(self, path: Path) -> Extraction:
        """What a document of any kind holds."""
        from assistant.documents.readers import read
        from assistant.extraction import extract

        return extract(read(path))

    def write(self, path: Path, text: str) -> None:
        """Write a text file for the person."""
        from assistant import workspace

        workspace.write(path, text)

    def place(self, said: str, stem: str) -> Path:
        """Where a file is to be put: 桌面, a folder, or a file's own path. InputError when the folder is not there."""
        folders = {"桌面": ("Desktop", "桌面", "OneDrive/Desktop", "OneDrive/桌面"), "下载文件夹": ("Downloads", "下载"), "文档文件夹": ("Documents", "文档")}
        if said in folders:
            found = next((path for name in folders[said] if (path := Path("~").expanduser() / name).is_dir()), None)
            if found is None:
                raise InputError(f"这台电脑上没找到{said}。", "请说文件夹的路径，例如：保存到 /home/我/文件；或说“导出Word”，存在草稿旁边。")
            return found / stem
        path = Path(said).expanduser()
        file = not path.is_dir() and bool(path.suffix)
        if not (path.parent if file else path).is_dir():
            raise InputError(f"没有文件夹“{path.parent if file else path}”。", "请换一个已有的文件夹；或说“导出Word”，存在草稿旁边。")
        return path if file else path / stem

    def rule(self, code: str) -> Rule:
        """A rule by its code. InputError when there is none."""
        from assistant.validation import rule

        return rule(code)

    def known_drafts(self) -> list[Path]:
        """Draft files of the workspace, the newest first."""
        if not self.drafts.is_dir():
            return []
        return sorted(self.drafts.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)

    def draft_named(self, words: str) -> Path:
        """The one draft file whose name holds some words, as the file is called or by a short name of the project (残保金). InputError
        when none or several do."""
        path = Path(words).expanduser()
        if words and path.suffix == ".json" and path.is_file():
            return path
        found = self.drafts_named(words)
        if len(found) != 1:
            names = "、".join(each.stem for each in (found or self.known_drafts())[:6])
            raise InputError(f"{'有几份' if found else '没有'}名称含“{words}”的草稿。", f"现有草稿：{names}。" if names else "还没有草稿，先说要起草什么项目。")
        return found[0]

    def drafts_named(self, words: str) -> list[Path]:
        """The draft files that some words can mean, the newest first."""
        from assistant.chinese import fold
        from assistant.retrieval import aliases_in, normalised

        if not words.strip():
            return []
        known = self.known_drafts()
        for wanted in dict.fromkeys((fold(words), fold(normalised(words)), *map(fold, aliases_in(fold(words))))):
            exact = [each for each in known if fold(each.stem) == wanted]
            if exact:
                return exact
            year = "".join(re.findall(r"20\d\d", wanted)[:1])
            name = re.sub(r"20\d\d年?|的|那|这|张|份|草稿|目标表|绩效|表$|项目$|-", "", wanted)
            found = [each for each in known if name and name in fold(each.stem).replace("-", "") and year in each.stem]
            if found:
                return found
        return []
