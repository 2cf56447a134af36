"""The conversation without a model: from cold to the prompt, and from a line typed to its answer, warm."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.line import ROOT, Line

# Asked, drafted, edited, checked, explained, compared: a working hour in small.
SAID = (
    "残保金今年预算多少？",
    "那用途呢",
    "十个项目预算一共多少",
    "残保金2026年预算480万",
    "都跳过",
    "满意度提到95%",
    "把第一行改成50人，第二行改成60人",
    "再加一个质量指标",
    "检查一下",
    "第2个问题怎么改",
    "和去年比有什么变化",
    "第一行的数哪来的",
    "撤销",
)


def until_shown(arguments: Sequence[object], words: str, leave: str, *, home: Path, rounds: int = 3) -> float | None:
    """Seconds of processor time of a program on a terminal, from its start until it shows some words; None without pexpect or /proc."""
    try:
        import pexpect
    except ImportError:
        return None
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    times = []
    for _ in range(rounds):
        child = pexpect.spawn(sys.executable, ["-m", "assistant", *map(str, arguments)], env=environment, dimensions=(40, 120), encoding="utf-8", timeout=60)
        child.expect(words)
        spent = _spent(child.pid)
        child.send(leave)
        child.expect(pexpect.EOF)
        child.close()
        if spent is None:
            return None
        times.append(spent)
    return statistics.median(times)


def _spent(process: int) -> float | None:
    """User and system seconds a running process has taken, where the system tells."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def answers(home: Path, rounds: int = 3) -> dict[str, float]:
    """Seconds of processor time from each line to its whole answer, the median of some conversations; the first conversation warms up."""
    from assistant.chat.conversation import Conversation
    from assistant.chat.desk import Desk
    from assistant.chat.session import Sessions
    from assistant.corpus import Corpus
    from assistant.store import open_store

    corpus = Corpus.open(home)
    store = open_store(home)
    store.refresh(corpus)
    times: dict[str, list[float]] = {said: [] for said in SAID}
    for number in range(rounds + 1):
        place = home / f"talk{number}"
        desk = Desk(
            home=place,
            unit=None,
            person="张三",
            now=lambda: "2026-11-23T10:00:00+08:00",
            this_year=2025,
            open_corpus=lambda: corpus,
            open_store=lambda _: store,
            export=lambda draft, to, path: path,
            drafts=place / "drafts",
        )
        sessions = Sessions(place / "sessions")
        talk = Conversation(desk, sessions, sessions.new("2026-11-23T10:00:00+08:00"))
        for said in SAID:
            began = time.process_time()
            talk.handle(said)
            if number:
                times[said].append(time.process_time() - began)
    corpus.close()
    return {said: statistics.median(found) for said, found in times.items()}


def lines() -> Iterator[Line]:
    """The bars of the conversation."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        took = answers(home)
        slowest = max(took, key=lambda said: took[said])
        yield Line("chat: a line to its whole answer, warm (median of 13 turns)", statistics.median(took.values()) * 1000, "ms", at_most=300)
        yield Line(f"chat: the slowest turn (“{slowest}”)", took[slowest] * 1000, "ms", at_most=300)
        shown = until_shown(["chat", "--offline"], "›", "\x04", home=home)
        yield Line("chat: cold start to the prompt", shown, "s", at_most=1.5, note="" if shown is not None else "needs pexpect and /proc")
