"""The live model: any OpenAI-compatible endpoint through LangChain's ``BaseChatOpenAI``, made bounded, patient and honest.

One call is one ``reply``: it walks down the ladder of structured output once and remembers, retries what may pass (jittered, with the
endpoint's Retry-After), ends within the endpoint's timeout whatever drips, and raises nothing but ModelError. Inside the door it
is asynchronous: threads that call ``reply`` share one event loop, one connection pool, and one gate that pauses for rate limits.

Traps this hides (measured): ``ChatOpenAI`` renames ``max_tokens``; a reserved model name moves calls to another API; structured-output
helpers lose text or usage; no SDK timeout bounds a slow drip; the SDK retries spent quotas and follows redirects with the prompt.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from assistant.errors import ModelError
from assistant.model import faults, tokens
from assistant.model.call import Call, OnText, Reply, Usage
from assistant.model.dialect import Dialect, Memory, adapt, fields, first
from assistant.model.endpoints import Endpoint

T = TypeVar("T")
ATTEMPTS = 4
# A server that is not there, or that talks nonsense, is asked once more only; one that asks for patience gets it.
_ATTEMPTS_BY_KIND = {"garbled": 2, "empty": 2, "connect": 2, "rate": 8}
# Steps down the ladder are not retries, but they are bounded too.
_ADAPTATIONS = 6
_LONGEST = 200_000
_FINISHES = {"stop": "stop", "tool_calls": "stop", "function_call": "stop", "length": "length", "content_filter": "refusal"}


@dataclass(slots=True)
class _Arrival:
    """What has arrived of one answer so far."""

    text: str = ""
    arguments: str = ""
    finish: str = ""
    refusal: str = ""
    usage: Usage | None = None
    served: str = ""
    chunks: int = 0

    @property
    def body(self) -> str:
        return self.text if self.text.strip() else self.arguments


class LiveModel:
    """A model behind an endpoint. Thread-safe; ``close`` ends its connections."""

    def __init__(self, endpoint: Endpoint, *, memory: Memory | None = None, concurrency: int = 16) -> None:
        self.name = endpoint.model
        self.endpoint = endpoint
        self.corrector = tokens.Corrector()
        self._memory = memory
        kept = memory.dialect(endpoint.base_url, endpoint.model) if memory else None
        remembered = Dialect.from_json(kept) if kept else None
        self.dialect = remembered or first(endpoint)
        self.proven = remembered is not None
        # False once the endpoint was seen to answer in one piece though asked for a stream.
        self.streams = True
        self._gate = _Gate(concurrency)
        self._kept = remembered
        self._chat: Any = None
        self._client: Any = None
        self._running: set[Any] = set()

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The answer to a call; ModelError in words when there is none, with what had arrived in ``partial``."""
        pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(self._whole_call(call, pieces.put if on_text else None), _loop())
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        if on_text is None:
            return _result(future)
        future.add_done_callback(lambda _: pieces.put(None))
        try:
            while (text := _next(pieces)) is not None:
                on_text(text)
        except BaseException:
            future.cancel()
            raise
        return _result(future)

    def models(self) -> list[str]:
        """The names that the endpoint lists; ModelError when it cannot be asked, an empty list when it has no such list."""

        async def ask() -> Any:
            self._load()
            async with asyncio.timeout(min(self.endpoint.timeout, 20)):
                self._prepared()
                headers = {"Authorization": f"Bearer {self.endpoint.api_key}"} if self.endpoint.api_key else {}
                return await self._client.get(f"{self.endpoint.base_url}/models", headers=headers)

        try:
            response = run(ask())
        except TimeoutError:
            raise faults.timed_out(self.endpoint).error() from None
        except Exception as error:
            raise faults.of(error, self.endpoint).error() from error
        if response.status_code in (401, 403):
            raise faults.by_status(response.status_code, response.text, response.headers, self.endpoint).error()
        try:
            return sorted(str(entry["id"]) for entry in response.json()["data"])
        except (ValueError, KeyError, TypeError):
            return []

    def close(self) -> None:
        """End what is under way (those calls raise ModelError) and the connections."""
        for future in list(self._running):
            future.cancel()
        client, self._client, self._chat = self._client, None, None
        if client is not None:
            with contextlib.suppress(Exception):
                asyncio.run_coroutine_threadsafe(client.aclose(), _loop()).result(5)

    async def _whole_call(self, call: Call, tell: Any) -> Reply:
        arrival = _Arrival()
        self._load()
        await self._gate.enter()
        # Neither loading the libraries (seconds on a busy machine) nor waiting for our own turn is the endpoint's time.
        begun, answered = time.monotonic(), False
        try:
            async with asyncio.timeout(self.endpoint.timeout):
                reply = await self._attempts(call, arrival, tell, begun)
            answered = True
            return reply
        except TimeoutError:
            raise faults.timed_out(self.endpoint).error(arrival.body) from None
        finally:
            await asyncio.shield(self._gate.leave(answered=answered))

    async def _attempts(self, call: Call, arrival: _Arrival, tell: Any, begun: float) -> Reply:
        notes: list[str] = []
        attempts = adaptations = 0
        best = ""
        whole = False
        while True:
            attempts += 1
            dialect = replace(self.dialect, stream=False) if whole else self.dialect
            arrival.text = arrival.arguments = arrival.finish = arrival.refusal = ""
            arrival.usage, arrival.chunks = None, 0
            try:
                await self._gate.ready()
                await self._ask(call, dialect, arrival, tell)
                fault = self._checked(arrival)
            except (asyncio.CancelledError, TimeoutError, KeyboardInterrupt):
                raise
            except Exception as error:
                fault = faults.of(error, self.endpoint)
            best = max(best, arrival.body, key=len)
            if fault is None:
                return self._finished(call, dialect, arrival, attempts, begun, notes)
            changed = adapt(dialect, fault.status, fault.text, call, proven=self.proven) if adaptations < _ADAPTATIONS else None
            if changed:
                # Another call may have stepped down meanwhile; then its dialect is tried first.
                self.dialect = replace(changed[0], stream=self.dialect.stream and changed[0].stream) if whole or self.dialect == dialect else self.dialect
                notes.append(changed[1])
                adaptations, attempts = adaptations + 1, attempts - 1
                continue
            if not fault.retryable or attempts >= _ATTEMPTS_BY_KIND.get(fault.kind, ATTEMPTS):
                raise fault.error(best)
            # Some endpoints break their streams, and a refusal is told only in a whole answer: ask once without a stream.
            whole = whole or fault.kind in ("garbled", "empty")
            await self._pause(fault, attempts, begun, best)

    async def _pause(self, fault: faults.Fault, attempts: int, begun: float, partial: str) -> None:
        delay = fault.wait if fault.wait is not None else random.uniform(0.5, 1.0) * min(0.5 * 2 ** (attempts - 1), 8.0)
        left = self.endpoint.timeout - (time.monotonic() - begun)
        if delay >= left:
            raise fault.error(partial)
        if fault.kind == "rate":
            self._gate.pause(delay)
        # A little more than asked for, spread out, so that waiting calls do not return in one wave.
        await asyncio.sleep(delay + random.uniform(0, min(0.1 * delay, 1.0)) if fault.wait else delay)

    async def _ask(self, call: Call, dialect: Dialect, arrival: _Arrival, tell: Any) -> None:
        chat = self._prepared()
        messages = [(message.role, message.text) for message in call.messages]
        body = fields(call, dialect, self.endpoint)
        if not dialect.stream:
            take(await chat.ainvoke(messages, extra_body=body), arrival)
            if tell:
                tell(arrival.body)
            return
        async for chunk in chat.astream(messages, extra_body=body, stream_usage=dialect.stream_usage):
            if take(chunk, arrival):
                arrival.chunks += 1
                if tell:
                    tell(arrival.body)
            if len(arrival.text) + len(arrival.arguments) > _LONGEST:
                from assistant.model.transport import NotAnAnswer

                raise NotAnAnswer("too_large", "stream")

    def _prepared(self) -> Any:
        if self._chat is None:
            self._chat, self._client = chat_model(self.endpoint, self._whole_came)
        return self._chat

    def _load(self) -> None:
        # What fails here fails again where the endpoint is asked, and is put into words there.
        with contextlib.suppress(Exception):
            self._prepared()

    def _whole_came(self) -> None:
        self.streams = False

    def _checked(self, arrival: _Arrival) -> faults.Fault | None:
        if arrival.finish == "insufficient_system_resource":
            return faults.overloaded(self.endpoint)
        if not arrival.body.strip() and not arrival.refusal and _FINISHES.get(arrival.finish) != "refusal":
            return faults.empty(self.endpoint)
        return None

    def _finished(self, call: Call, dialect: Dialect, arrival: _Arrival, attempts: int, begun: float, notes: list[str]) -> Reply:
        self.proven = True
        if self._kept != self.dialect:
            self._kept = self.dialect
            if self._memory:
                self._memory.keep_dialect(self.endpoint.base_url, self.endpoint.model, self.dialect.to_json())
        finish = "refusal" if arrival.refusal else _FINISHES.get(arrival.finish, "stop" if arrival.finish else "cut")
        ours = tokens.count_messages(message.text for message in call.messages)
        usage = arrival.usage
        if usage is None:
            usage = Usage(prompt=self.corrector.corrected(ours), completion=tokens.count(arrival.body), estimated=True)
        else:
            self.corrector.learn(ours, usage.prompt)
        price = self.endpoint.price
        return Reply(
            text=_paired(arrival.refusal or arrival.body),
            finish=finish,  # type: ignore[arg-type]
            usage=usage,
            model=arrival.served or self.endpoint.model,
            rung=dialect.rung if call.schema is not None else "text",
            seconds=time.monotonic() - begun,
            attempts=attempts,
            cost=price.of(usage) if price else None,
            currency=price.currency if price else "元",
            chunks=arrival.chunks,
            notes=tuple(notes),
        )


def chat_model(endpoint: Endpoint, on_whole: Callable[[], None] = lambda: None) -> tuple[Any, Any]:
    """LangChain's chat model for an endpoint and the HTTP client under it (async only), with every trap switched off; ``on_whole`` is
    told when the endpoint does not stream.

    For the agent of ``chat``; everything else goes through ``LiveModel``.
    """
    import httpx2 as httpx
    from langchain_openai.chat_models.base import BaseChatOpenAI
    from pydantic import SecretStr

    from assistant.model.transport import GuardedTransport

    client = httpx.AsyncClient(
        base_url=endpoint.base_url,
        transport=GuardedTransport(endpoint, on_whole),
        timeout=httpx.Timeout(endpoint.timeout, connect=min(10.0, endpoint.timeout)),
        follow_redirects=False,
        trust_env=False,
        headers={"accept-encoding": "identity"},
    )
    chat = BaseChatOpenAI(
        model=endpoint.model,
        base_url=endpoint.base_url,
        api_key=SecretStr(endpoint.api_key or "none"),
        timeout=endpoint.timeout,
        max_retries=0,
        use_responses_api=False,
        stream_usage=endpoint.preset.stream_usage,
        # Thinking multiplies time and tokens; the vendors' own services are known to take the field that switches it off.
        extra_body=dict(endpoint.preset.quiet) if endpoint.preset.needs_key else None,
        stream_chunk_timeout=0,
        http_async_client=client,
        http_client=httpx.Client(transport=httpx.MockTransport(_never)),
        # Ours are in the transport; left to itself it warns on stderr about proxies of the environment.
        http_socket_options=(),
        organization="",
        cache=False,
    )
    return chat, client


def _never(request: Any) -> Any:
    # The synchronous side of the SDK is not used; were it ever, nothing would leave.
    raise RuntimeError("the synchronous client is closed")


def _paired(text: str) -> str:
    # Halves of a character that came in two pieces find each other; a half that stays alone goes.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def take(chunk: Any, arrival: _Arrival) -> bool:
    """Take one message or chunk of LangChain's into the arrival; True when text was added."""
    text = chunk.content if isinstance(chunk.content, str) else "".join(part.get("text", "") for part in chunk.content if isinstance(part, dict))
    calls = getattr(chunk, "tool_call_chunks", None)
    arguments = ""
    if calls is not None:
        arguments = "".join(call.get("args") or "" for call in calls)
    else:
        arguments = _arguments(chunk)
    arrival.text += text
    arrival.arguments += arguments
    arrival.refusal += str(chunk.additional_kwargs.get("refusal") or "")
    metadata = chunk.response_metadata or {}
    arrival.finish = metadata.get("finish_reason") or arrival.finish
    arrival.served = metadata.get("model_name") or arrival.served
    if usage := chunk.usage_metadata:
        arrival.usage = Usage(
            prompt=usage.get("input_tokens") or 0,
            cached=(usage.get("input_token_details") or {}).get("cache_read") or 0,
            completion=usage.get("output_tokens") or 0,
            thinking=(usage.get("output_token_details") or {}).get("reasoning") or 0,
        )
    return bool(text or arguments)


def _arguments(message: Any) -> str:
    # A whole message: LangChain has parsed the arguments, or set aside the ones it could not; both come back as text.
    import json

    whole = [json.dumps(call["args"], ensure_ascii=False) for call in getattr(message, "tool_calls", [])]
    broken = [str(call.get("args") or "") for call in getattr(message, "invalid_tool_calls", [])]
    return "".join([*whole, *broken])


class _Gate:
    """At most ``width`` calls at once, none before ``pause`` is over. Lives on the one event loop.

    A rate limit halves how many go at once, each answer gives a little back: the endpoint's own limit is found and kept.
    """

    def __init__(self, width: int) -> None:
        self._width = self._limit = float(width)
        self._active = 0
        self._free = asyncio.Condition()
        self._not_before = 0.0

    async def enter(self) -> None:
        async with self._free:
            await self._free.wait_for(lambda: self._active < max(int(self._limit), 1))
            self._active += 1

    async def leave(self, *, answered: bool) -> None:
        async with self._free:
            self._active -= 1
            if answered:
                self._limit = min(self._width, self._limit + 0.25)
            self._free.notify_all()

    def pause(self, seconds: float) -> None:
        now = time.monotonic()
        if now >= self._not_before:
            # The calls of one wave are refused together: that is one sign, not many.
            self._limit = max(self._limit / 2, 1.0)
        self._not_before = max(self._not_before, now + seconds)

    async def ready(self) -> None:
        while (wait := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(wait + random.uniform(0, 0.05))


_starting = threading.Lock()
_running: asyncio.AbstractEventLoop | None = None


def _loop() -> asyncio.AbstractEventLoop:
    global _running
    with _starting:
        if _running is None or _running.is_closed():
            _running = asyncio.new_event_loop()
            threading.Thread(target=_running.run_forever, name="model", daemon=True).start()
        return _running


def _result(future: Any) -> Reply:
    try:
        reply: Reply = future.result()
        return reply
    except KeyboardInterrupt:
        future.cancel()
        raise
    except ModelError:
        raise
    except (asyncio.CancelledError, concurrent.futures.CancelledError):
        raise ModelError("模型调用已取消。", "可重新运行同一命令。", kind="cancelled") from None


def _next(pieces: queue.SimpleQueue[str | None]) -> str | None:
    while True:
        with contextlib.suppress(queue.Empty):
            # A bounded wait, so that Ctrl-C is seen on every platform.
            text = pieces.get(timeout=0.5)
            # Several pieces may have come meanwhile: the newest holds them all.
            while text is not None and not pieces.empty():
                newer = pieces.get()
                if newer is None:
                    pieces.put(None)
                    break
                text = newer
            return text


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the door's event loop and wait for it."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()
