"""Models without an endpoint: scripted ones for tests and demonstrations, and one that replays recorded answers.

``ScriptedModel`` answers from a list or a function; ``ReplayModel`` answers a call with what was once answered to the same
fingerprint, so that an evaluation can be scored again without a key, a network or a cent.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from assistant.errors import ModelError
from assistant.model.call import Call, OnText, Reply, Usage
from assistant.model.tokens import estimate

Script = Iterable[str | Reply | ModelError] | Callable[[Call], str | Reply | ModelError]


class ScriptedModel:
    """Answers in order from ``script`` (the last one again and again), or what ``script(call)`` returns; errors are raised.

    Keeps every call in ``calls``.
    """

    def __init__(self, script: Script, *, name: str = "scripted", piece: int = 7) -> None:
        self.name = name
        self.calls: list[Call] = []
        self._function = script if callable(script) else None
        self._answers = [] if callable(script) else list(script)
        self._piece = piece
        self._lock = threading.Lock()

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The next scripted answer, handed to ``on_text`` in pieces as a stream would."""
        with self._lock:
            position = len(self.calls)
            self.calls.append(call)
        if self._function is not None:
            answer = self._function(call)
        elif self._answers:
            answer = self._answers[min(position, len(self._answers) - 1)]
        else:
            raise ModelError("脚本模型没有可用的回答。", "请给出至少一个回答。", kind="script")
        if isinstance(answer, ModelError):
            raise answer
        reply = answer if isinstance(answer, Reply) else Reply(answer, usage=usage_of(call, answer), model=self.name)
        if on_text is not None:
            for end in range(self._piece, len(reply.text) + self._piece, self._piece):
                on_text(reply.text[:end])
        return reply


class ReplayModel:
    """Answers from records of earlier calls, by fingerprint; a call never seen is a ModelError that names it."""

    def __init__(self, records: Mapping[str, Reply], *, name: str = "replay") -> None:
        self.name = name
        self._records = records

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The recorded answer to an equal call."""
        reply = self._records.get(call.fingerprint)
        if reply is None:
            raise ModelError(
                f"没有这次调用的录音（指纹 {call.fingerprint}，提示词 {call.prompt or '未命名'}）。", "提示词或资料已变，请用真实模型重新录制。", kind="replay"
            )
        if on_text is not None:
            on_text(reply.text)
        return reply


def usage_of(call: Call, answer: str) -> Usage:
    """Our own estimate of the tokens of a call and its answer, for models that do not count."""
    return Usage(prompt=sum(estimate(m.text) + 4 for m in call.messages), completion=estimate(answer), estimated=True)
