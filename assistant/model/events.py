"""Server-sent events of a stream, brought together: what arrived in one read of the socket goes up as few events as say the same.

The SDK and LangChain spend a third of a millisecond on each event, and some servers send one per character; sixteen streams at once
then cost more than the answers. Only plain pieces of content are joined; every other event passes as it came, in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# A single event longer than this is no piece of an answer and is passed on as it arrives.
_LONGEST = 1024 * 1024


class Joiner:
    """Feed it the bytes of a stream as they come; it gives back the bytes to pass on."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """What may be passed on after these bytes: whole events, joined where that changes nothing."""
        data = self._rest + data.replace(b"\r\n", b"\n")
        whole, mark, self._rest = data.rpartition(b"\n\n")
        if len(self._rest) > _LONGEST:
            whole, mark, self._rest = data, b"", b""
        return b"".join(_joined(whole.split(b"\n\n"))) if mark else whole

    def end(self) -> bytes:
        """What is left when the stream ends."""
        rest, self._rest = self._rest, b""
        return rest


def _joined(events: list[bytes]) -> Iterator[bytes]:
    waiting: dict[str, Any] | None = None
    text = ""
    for event in events:
        if event.startswith(b":") and b"\n" not in event:
            continue
        chunk = _content(event)
        if chunk is None:
            if waiting is not None:
                yield _event(waiting, text)
                waiting, text = None, ""
            if event:
                yield event + b"\n\n"
            continue
        text += chunk["choices"][0]["delta"]["content"]
        waiting = waiting or chunk
    if waiting is not None:
        yield _event(waiting, text)


def _content(event: bytes) -> dict[str, Any] | None:
    """The chunk in an event when it is nothing but a piece of content, else None."""
    if not event.startswith(b"data:") or b"\n" in event or b'"content"' not in event:
        return None
    try:
        chunk = json.loads(event[5:])
        choices = chunk["choices"]
        delta = choices[0]["delta"]
        plain = len(choices) == 1 and not choices[0].get("finish_reason") and not chunk.get("usage") and not chunk.get("error")
        plain = plain and isinstance(delta["content"], str) and not any(delta.get(key) for key in delta if key not in ("content", "role"))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    return chunk if plain else None


def _event(chunk: dict[str, Any], text: str) -> bytes:
    chunk["choices"][0]["delta"]["content"] = text
    return b"data: " + json.dumps(chunk).encode("ascii") + b"\n\n"
