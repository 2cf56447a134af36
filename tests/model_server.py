"""A real HTTP server on loopback that speaks the OpenAI wire format, well or as badly as a test asks it to.

Each request takes the next step of a script (the last one again and again) or what ``script(request)`` gives; a step is a function
that writes the response on the connection. Every request's path, headers and JSON body are kept.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Callable[["Exchange"], None]


class Exchange:
    """One request and the means to answer it."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        self.handler = handler
        self.path = handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    def raw(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def head(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self.raw("\r\n".join(lines).encode("utf-8"))

    def whole(self, status: int, content: bytes, kind: str = "application/json", headers: dict[str, str] | None = None) -> None:
        self.head(status, {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})})
        self.raw(content)

    def stream(self) -> None:
        self.head(200, {"Content-Type": "text/event-stream", "Connection": "close"})
        self.close()

    def event(self, value: Any) -> None:
        self.raw(f"data: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}\n\n".encode("utf-8", "surrogatepass"))

    def close(self) -> None:
        self.handler.close_connection = True

    def reset(self) -> None:
        self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handler.connection.close()
        self.handler.close_connection = True

    @property
    def streaming(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def rung(self) -> str:
        """How the answer's form was asked for."""
        if "tools" in self.body:
            return "function"
        return str(self.body.get("response_format", {}).get("type", "text"))


class ModelServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False

    def __init__(self, script: Sequence[Step] | Callable[[Exchange], Step]) -> None:
        self.script = script
        self.seen: list[Exchange] = []
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next(self, exchange: Exchange) -> Step:
        with self._lock:
            self.seen.append(exchange)
            position = len(self.seen) - 1
        if callable(self.script):
            return self.script(exchange)
        return self.script[min(position, len(self.script) - 1)]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of many tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self._answer(body)

    def do_GET(self) -> None:
        self._answer({})

    def _answer(self, body: dict[str, Any]) -> None:
        assert isinstance(self.server, ModelServer)
        exchange = Exchange(self, body)
        self.close_connection = False
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.server.next(exchange)(exchange)

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""


@contextlib.contextmanager
def serving(*script: Step) -> Iterator[ModelServer]:
    """A running server; one function of the exchange that returns a step may stand for a list of steps."""
    server = ModelServer(script)
    server.thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


USAGE = {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500, "prompt_tokens_details": {"cached_tokens": 1000}}


def says(
    text: str,
    *,
    finish: str | None = "stop",
    usage: dict[str, Any] | None = USAGE,
    latency: float = 0.0,
    piece: int = 12,
    tool: bool | None = None,
    refusal: str | None = None,
    ignore_stream: bool = False,
) -> Step:
    """The model answers ``text``: as a stream when asked for one, as a tool call when asked by tools (unless ``tool`` says)."""

    def step(exchange: Exchange) -> None:
        if latency:
            time.sleep(latency)
        as_tool = exchange.rung == "function" if tool is None else tool
        if exchange.streaming and not ignore_stream:
            _stream(exchange, text, finish, usage, piece, as_tool, refusal)
            return
        message: dict[str, Any] = {"role": "assistant", "content": None if as_tool or refusal else text}
        if refusal:
            message["refusal"] = refusal
        if as_tool:
            name = exchange.body["tools"][0]["function"]["name"]
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": {"name": name, "arguments": text}}]
        value = {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "served",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }
        if usage:
            value["usage"] = usage
        exchange.whole(200, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    return step


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "served", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _stream(exchange: Exchange, text: str, finish: str | None, usage: Any, piece: int, as_tool: bool, refusal: str | None) -> None:
    exchange.stream()
    exchange.event(chunk({"role": "assistant", "content": ""}))
    if refusal:
        exchange.event(chunk({"refusal": refusal}))
    for start in range(0, 0 if refusal else len(text), piece):
        part = text[start : start + piece]
        if as_tool:
            call: dict[str, Any] = {"index": 0, "function": {"arguments": part}}
            if start == 0:
                call |= {"id": "call_1", "type": "function", "function": {"name": exchange.body["tools"][0]["function"]["name"], "arguments": part}}
            exchange.event(chunk({"tool_calls": [call]}))
        else:
            exchange.event(chunk({"content": part}))
    if finish:
        exchange.event(chunk({}, finish))
    if usage and exchange.body.get("stream_options", {}).get("include_usage"):
        exchange.event({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "served", "choices": [], "usage": usage})
    exchange.event("[DONE]")


def refuses(
    status: int, message: str = "", *, headers: dict[str, str] | None = None, body: bytes | None = None, code: str | None = None, kind: str = "application/json"
) -> Step:
    """An error status with the usual error body."""

    def step(exchange: Exchange) -> None:
        content = (
            body
            if body is not None
            else json.dumps({"error": {"message": message, "type": "invalid_request_error", "code": code}}, ensure_ascii=False).encode()
        )
        exchange.whole(status, content, kind, headers)

    return step


def gives(content: bytes, *, status: int = 200, kind: str = "application/json") -> Step:
    """Any bytes as a whole response."""
    return lambda exchange: exchange.whole(status, content, kind)


def resets(after: str = "") -> Step:
    """The connection is reset, at once or after part of a stream."""

    def step(exchange: Exchange) -> None:
        if after:
            exchange.stream()
            for start in range(0, len(after), 12):
                exchange.event(chunk({"content": after[start : start + 12]}))
            time.sleep(0.05)
        exchange.reset()

    return step


def drips(text: str = "x", every: float = 0.05, count: int = 10_000, comments: bool = False) -> Step:
    """A stream that never gets anywhere: a character, or a keep-alive comment, now and then."""

    def step(exchange: Exchange) -> None:
        exchange.stream()
        for _ in range(count):
            if comments:
                exchange.raw(b": keep-alive\n\n")
            else:
                exchange.event(chunk({"content": text}))
            time.sleep(every)

    return step


def hangs(seconds: float = 30) -> Step:
    """Nothing at all."""
    return lambda exchange: time.sleep(seconds)
