"""The wire below the OpenAI client: one origin only, bounded sizes, and answers that are not what they should be named for what they are.

Sits under the SDK, so that a login page with status 200, bytes in GBK, a JSON body in place of a stream, an error dressed as success
or a body without end is dealt with before any library stumbles over it. Imports the SDK's HTTP library: only ``live`` loads this.
"""

from __future__ import annotations

import contextlib
import functools
import json
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2 as httpx

from assistant.model.endpoints import Endpoint
from assistant.model.events import Joiner

# A whole answer of a model is tens of kilobytes; a stream carries a few hundred bytes of frame for each token.
LARGEST_BODY = 8 * 1024 * 1024
LARGEST_STREAM = 64 * 1024 * 1024


class NotAnAnswer(Exception):
    """What came back is no answer of a model; ``kind`` is one of ``web_page``, ``too_large``, ``strayed``, ``encoding``."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends to one origin, reads within bounds, and hands the SDK something it can read."""

    def __init__(self, endpoint: Endpoint, on_whole: Callable[[], None] = lambda: None) -> None:
        self._on_whole = on_whole
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        self._inner = httpx.AsyncHTTPTransport(retries=0, trust_env=False, limits=limits, proxy=endpoint.proxy, verify=_certificates())
        self._origin = _origin(httpx.URL(endpoint.base_url))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, made readable; NotAnAnswer for what is none."""
        if _origin(request.url) != self._origin:
            raise NotAnAnswer("strayed", request.url.host)
        response = await self._inner.handle_async_request(request)
        return await readable(request, response, self._on_whole)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@functools.lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    # The system's own store, where an office keeps its root certificate, and the public ones for systems without a store.
    context = ssl.create_default_context()
    with contextlib.suppress(ImportError, OSError):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


async def readable(request: httpx.Request, response: httpx.Response, on_whole: Callable[[], None] = lambda: None) -> httpx.Response:
    """The response as the SDK expects it; ``on_whole`` is told when a stream was asked for and a whole answer came."""
    kind = response.headers.get("content-type", "").lower()
    if "text/event-stream" in kind and response.status_code == 200:
        response.stream = _Bounded(response.stream)
        return response
    try:
        body = await _whole(response)
    finally:
        await response.aclose()
    text = _text(body)
    headers = [(name, value) for name, value in response.headers.items() if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")]
    if response.is_success:
        if "html" in kind or text.lstrip()[:1] == "<":
            raise NotAnAnswer("web_page", text[:200])
        if text.lstrip().startswith(("data:", ":")):
            # A stream under another content type.
            return _response(response.status_code, [("content-type", "text/event-stream")], text)
        value = _json(text)
        if isinstance(value, dict) and value.get("error") and not value.get("choices"):
            return _response(_status_of(value["error"]), headers, text)
        if isinstance(value, dict) and value.get("choices") and _asked_for_stream(request):
            on_whole()
            return _response(200, [("content-type", "text/event-stream")], _as_stream(value))
    return _response(response.status_code, headers, text)


class _Bounded(httpx.AsyncByteStream):
    """A stream of events, joined, that ends with NotAnAnswer when it has no end."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        joiner = Joiner()
        async for chunk in self._inner:
            seen += len(chunk)
            if seen > LARGEST_STREAM:
                raise NotAnAnswer("too_large", str(seen))
            if ready := joiner.feed(chunk):
                yield ready
        if rest := joiner.end():
            yield rest

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _whole(response: httpx.Response) -> bytes:
    pieces, seen = [], 0
    async for piece in response.aiter_bytes(65536):
        seen += len(piece)
        if seen > LARGEST_BODY:
            raise NotAnAnswer("too_large", str(seen))
        pieces.append(piece)
    return b"".join(pieces)


def _text(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAnAnswer("encoding")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _response(status: int, headers: list[tuple[str, str]], text: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, content=text.encode("utf-8", "ignore"))


def _status_of(error: Any) -> int:
    code = str(error.get("code") or error.get("status") or "") if isinstance(error, dict) else ""
    return int(code) if code.isdigit() and 400 <= int(code) < 600 else 400


def _asked_for_stream(request: httpx.Request) -> bool:
    asked = _json(request.content.decode("utf-8", "replace"))
    return isinstance(asked, dict) and asked.get("stream") is True


def _as_stream(completion: dict[str, Any]) -> str:
    # The server ignored "stream": its whole answer becomes a stream of one piece, and no second call is paid for.
    chunk = {**completion, "object": "chat.completion.chunk"}
    chunk["choices"] = [
        {**{k: v for k, v in choice.items() if k != "message"}, "delta": _delta(choice.get("message"))}
        for choice in completion["choices"]
        if isinstance(choice, dict)
    ]
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\ndata: [DONE]\n\n"


def _delta(message: Any) -> dict[str, Any]:
    delta: dict[str, Any] = dict(message) if isinstance(message, dict) else {}
    calls = delta.get("tool_calls")
    if isinstance(calls, list):
        delta["tool_calls"] = [{"index": i, **call} for i, call in enumerate(calls) if isinstance(call, dict)]
    return delta


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host.lower(), url.port or (443 if url.scheme == "https" else 80)
