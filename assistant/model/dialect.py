"""What one endpoint and model take: the rung of structured output and the request fields, learned from refusals and remembered.

An endpoint refuses a field with a 400 or 422 that names it. ``adapt`` reads the words and gives the next dialect to try: one step down
the ladder, or one field less. The last dialect that worked is kept in memory and, through ``Memory``, in the call log's file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from assistant.model.call import Call, Rung
from assistant.model.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which form of request an endpoint takes. ``forced`` = the tool choice may be forced; ``limit`` names the token limit field."""

    rung: Rung = "json_schema"
    forced: bool = True
    limit: str = "max_tokens"
    temperature: bool = True
    quiet: bool = True
    stream: bool = True
    stream_usage: bool = True

    def to_json(self) -> str:
        """For keeping."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Dialect | None:
        """As kept; None for what an older version wrote."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None


class Memory(Protocol):
    """Where dialects outlive the process."""

    def dialect(self, base_url: str, model: str) -> str | None:
        """What was kept for an endpoint and model."""
        ...

    def keep_dialect(self, base_url: str, model: str, text: str) -> None:
        """Keep it."""
        ...


def first(endpoint: Endpoint) -> Dialect:
    """Where to begin with an endpoint that nothing is remembered of."""
    row = endpoint.preset
    return Dialect(rung=row.rung, forced=row.forced_tool, quiet=bool(row.quiet), stream_usage=row.stream_usage)


def fields(call: Call, dialect: Dialect, endpoint: Endpoint) -> dict[str, Any]:
    """The request fields of a call beyond model and messages, for ``extra_body``: LangChain's own handling of them loses answers."""
    body: dict[str, Any] = {dialect.limit: call.max_tokens}
    if dialect.temperature:
        body["temperature"] = call.temperature
    if dialect.quiet:
        body |= endpoint.preset.quiet
    if call.schema is None:
        return body
    if dialect.rung == "json_schema":
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": call.schema_name, "strict": True, "schema": dict(call.schema)}}
    elif dialect.rung == "json_object":
        body["response_format"] = {"type": "json_object"}
    elif dialect.rung == "function":
        body["tools"] = [{"type": "function", "function": {"name": call.schema_name, "description": "交回结果", "parameters": dict(call.schema)}}]
        body["tool_choice"] = {"type": "function", "function": {"name": call.schema_name}} if dialect.forced else "auto"
    return body


def body(call: Call, dialect: Dialect, endpoint: Endpoint) -> dict[str, Any]:
    """The whole request as it goes over the wire, for showing without sending."""
    sent: dict[str, Any] = {"model": endpoint.model, "messages": [{"role": message.role, "content": message.text} for message in call.messages]}
    if dialect.stream:
        sent["stream"] = True
        if dialect.stream_usage:
            sent["stream_options"] = {"include_usage": True}
    return sent | fields(call, dialect, endpoint)


_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("limit", re.compile(r"max_tokens|max_completion_tokens")),
    ("temperature", re.compile(r"temperature")),
    ("stream_usage", re.compile(r"stream_options|include_usage")),
    ("forced", re.compile(r"tool_choice")),
    ("rung", re.compile(r"response_format|json_schema|json_object|structured.?output|guided|grammar|schema|\btools?\b|function")),
    ("quiet", re.compile(r"thinking|enable_thinking|reasoning_effort|chat_template_kwargs|extra (?:inputs|fields)|unrecognized|unknown (?:field|param)")),
    ("stream", re.compile(r"\bstream(?:ing)?\b")),
)


def adapt(dialect: Dialect, status: int, words: str, call: Call, *, proven: bool) -> tuple[Dialect, str] | None:
    """The next dialect after a refusal, and what was given up, in words; None when the refusal is about something else.

    ``words`` is the endpoint's error text. An endpoint that never worked in this dialect and gives no reason loses structured
    output first: that is what most of them refuse.
    """
    if status not in (400, 404, 415, 422, 501):
        return None
    lower = words.lower()
    if re.search(r"context.{0,20}(?:length|window)|too long|maximum context|input length|上下文", lower):
        return None
    for name, pattern in _NAMES:
        if pattern.search(lower) and (changed := _without(dialect, name, call, lower)):
            return changed
    if (
        status in (400, 422)
        and not proven
        and call.schema is not None
        and dialect.rung != "text"
        and not re.search(r"model|api.?key|safety|sensitive|inappropriate|inspection|敏感|审核|filter", lower)
    ):
        return _without(dialect, "rung", call, lower)
    return None


def _without(dialect: Dialect, name: str, call: Call, words: str) -> tuple[Dialect, str] | None:
    if name == "limit":
        if dialect.limit == "max_tokens" and "max_completion_tokens" in words:
            return replace(dialect, limit="max_completion_tokens"), "改用 max_completion_tokens"
        if dialect.limit == "max_completion_tokens" and re.search(r"max_completion_tokens.{0,60}(?:not|unknown|unsupported|unrecogni)", words):
            return replace(dialect, limit="max_tokens"), "改用 max_tokens"
        return None
    if name == "temperature" and dialect.temperature:
        return replace(dialect, temperature=False), "不传 temperature"
    if name == "stream_usage" and dialect.stream and dialect.stream_usage:
        return replace(dialect, stream_usage=False), "不传 stream_options"
    if name == "forced" and dialect.rung == "function" and dialect.forced:
        return replace(dialect, forced=False), "函数调用不强制"
    if name == "rung" and call.schema is not None:
        lower: Mapping[Rung, Rung] = {"json_schema": "function", "function": "json_object", "json_object": "text"}
        if dialect.rung in lower:
            down = lower[dialect.rung]
            if down == "function" and re.search(r"\btools?\b|function", words):
                down = "json_object"
            return replace(dialect, rung=down), f"结构化输出退到 {down}"
    if name == "quiet" and dialect.quiet:
        return replace(dialect, quiet=False), "不传关闭思考的字段"
    if name == "stream" and dialect.stream:
        return replace(dialect, stream=False), "不用流式"
    return None
