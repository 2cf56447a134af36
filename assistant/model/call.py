"""What goes to a model and what comes back: Message, Call, Usage, Reply, and the protocol with one method.

Plain values, no library behind them, so that drafting, answering, tests and the log all speak of calls without importing LangChain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]
# How the answer's form was asked for, strictest first.
Rung = Literal["json_schema", "function", "json_object", "text"]
# Called with all text that has arrived so far; a retry starts again from the empty text.
OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation with a model."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """One question to a model. ``schema`` is the JSON schema of the wanted answer (None = prose); ``prompt`` names the prompt
    file as ``name@version``, ``words`` is that file's fingerprint; ``purpose`` is one line for the log (which project, which question)."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    schema_name: str = "answer"
    max_tokens: int = 3000
    temperature: float = 0.2
    prompt: str = ""
    words: str = ""
    purpose: str = ""

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits over everything that shapes the answer: two equal calls have equal fingerprints."""
        shape = [[[m.role, m.text] for m in self.messages], self.schema, self.max_tokens, self.temperature]
        return hashlib.sha256(json.dumps(shape, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def then(self, answer: str, request: str) -> Call:
        """The same conversation one turn on: the model's answer, then our request; what came before stays the identical prefix."""
        from dataclasses import replace

        return replace(self, messages=(*self.messages, Message("assistant", answer), Message("user", request)))


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call: prompt, those of the prompt the endpoint had cached, completion, those spent thinking.
    ``estimated`` = the endpoint did not say, the counts are ours."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    thinking: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        """Prompt and completion."""
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.thinking + other.thinking,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. ``finish``: ``stop`` = whole, ``length`` = cut at the token limit, ``refusal`` = declined or filtered,
    ``cut`` = the stream ended without saying so. ``cost`` in ``currency``, None when the price is unknown;
    ``chunks`` counts the pieces of the stream."""

    text: str
    finish: Literal["stop", "length", "refusal", "cut"] = "stop"
    usage: Usage = Usage()
    model: str = ""
    rung: Rung = "text"
    seconds: float = 0.0
    attempts: int = 1
    cost: Decimal | None = None
    currency: str = "元"
    chunks: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def whole(self) -> bool:
        """True when the endpoint said that the answer is complete."""
        return self.finish == "stop"


class Model(Protocol):
    """Anything that answers calls. Safe to use from several threads; raises ModelError, and nothing else, when it cannot."""

    name: str

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The answer to a call. ``on_text`` runs in the caller's thread each time more text has arrived."""
        ...
