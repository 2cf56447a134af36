"""The live model against a real server on loopback: every fault in words, within bounds, and what may pass retried."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from assistant.errors import ModelError
from assistant.model import Call, Message, Reply
from assistant.model.endpoints import Endpoint, endpoint
from assistant.model.live import LiveModel
from tests.model_server import Exchange, ModelServer, Step, chunk, drips, gives, hangs, refuses, resets, says, serving

KEY = "sk-secret-12345678"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
CALL = Call((Message("system", "用 json 回答"), Message("user", "问题")), schema=SCHEMA)
ANSWER = '{"a":"培训人数≥46人"}'


@contextmanager
def talking(*script: Step, timeout: float = 60, **options: object) -> Iterator[tuple[LiveModel, ModelServer]]:
    with serving(*script) as server:
        model = LiveModel(endpoint(server.url, "some-model", api_key=KEY, timeout=timeout), **options)  # type: ignore[arg-type]
        try:
            yield model, server
        finally:
            model.close()


def fails(*script: Step, timeout: float = 60) -> tuple[ModelError, int, float]:
    """The error, the number of requests, the seconds it took."""
    with talking(*script, timeout=timeout) as (model, server):
        begun = time.perf_counter()
        with pytest.raises(ModelError) as caught:
            model.reply(CALL)
        error = caught.value
        assert KEY not in error.message + error.hint
        assert any("\u4e00" <= char <= "\u9fff" for char in error.message)
        assert error.hint
        return error, len(server.seen), time.perf_counter() - begun


def test_the_request_on_the_wire() -> None:
    with talking(says(ANSWER)) as (model, server):
        reply = model.reply(CALL)
        sent = server.seen[0]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert [(m["role"], m["content"]) for m in sent.body["messages"]] == [("system", "用 json 回答"), ("user", "问题")]
    assert sent.body["model"] == "some-model"
    assert sent.body["max_tokens"] == CALL.max_tokens
    assert sent.body["temperature"] == CALL.temperature
    assert sent.body["stream"] is True
    assert sent.body["response_format"]["json_schema"]["strict"] is True
    assert "max_completion_tokens" not in sent.body
    assert (reply.text, reply.finish, reply.rung, reply.attempts) == (ANSWER, "stop", "json_schema", 1)
    assert (reply.usage.prompt, reply.usage.cached, reply.usage.completion, reply.usage.estimated) == (1200, 1000, 300, False)


def test_text_arrives_while_it_is_written_in_the_callers_thread() -> None:
    seen: list[str] = []
    threads: set[int] = set()

    def slowly(exchange: Exchange) -> None:
        exchange.stream()
        for char in ANSWER:
            exchange.event(chunk({"content": char}))
            time.sleep(0.005)
        exchange.event(chunk({}, "stop"))
        exchange.event("[DONE]")

    with talking(slowly) as (model, _):
        reply = model.reply(CALL, lambda text: (seen.append(text), threads.add(threading.get_ident())))  # type: ignore[func-returns-value]
    assert reply.text == ANSWER
    assert len(seen) > 3
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
    assert threads == {threading.get_ident()}


def test_an_error_in_the_callback_ends_the_call() -> None:
    def stop(text: str) -> None:
        raise RuntimeError("enough")

    with talking(drips()) as (model, _), pytest.raises(RuntimeError, match="enough"):
        model.reply(CALL, stop)


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (refuses(401, f"Incorrect API key provided: {KEY}"), "auth", "不认这个密钥"),
        (refuses(403, "forbidden"), "auth", "拒绝了这个密钥"),
        (refuses(404, "Not Found"), "address", "地址不对"),
        (refuses(404, "The model `some-model` does not exist"), "model", "没有名为“some-model”的模型"),
        (refuses(400, "Model Not Exist"), "model", "没有名为"),
        (refuses(402, "Insufficient Balance"), "quota", "余额"),
        (refuses(429, "You exceeded your current quota", code="insufficient_quota"), "quota", "余额"),
        (refuses(400, "This model's maximum context length is 4096 tokens"), "context", "上下文长度"),
        (refuses(413, "Payload Too Large"), "context", "上下文长度"),
        (refuses(400, "Input data may contain inappropriate content", code="data_inspection_failed"), "refusal", "审核"),
        (refuses(429, "slow down", headers={"Retry-After": "100"}), "rate", "要求等待100秒"),
        (gives("<!DOCTYPE html><title>登录</title>".encode(), kind="text/html"), "web_page", "网页"),
        (gives(b"<html>login</html>"), "web_page", "网页"),
        (lambda x: x.whole(302, b"", headers={"Location": "http://elsewhere.example/v1"}), "redirect", "没有跟随"),
        (lambda x: (x.stream(), x.raw('data: {"choices":[{"index":0,"delta":{"content":"中文"}}]}\n\n'.encode("gbk")))[0], "encoding", "UTF-8"),
        (gives(b"\xff\xfe\x81\x00\xff"), "encoding", "UTF-8"),
    ],
)
def test_what_cannot_pass_is_told_at_once(step: Step, kind: str, words: str) -> None:
    error, requests, seconds = fails(step)
    assert error.kind == kind
    assert words in error.message
    assert requests == 1
    assert seconds < 45


@pytest.mark.parametrize(
    ("broken", "attempts"),
    [
        (refuses(429, "slow down", headers={"Retry-After": "0"}), 2),
        (refuses(429, "slow down", headers={"retry-after-ms": "20"}), 2),
        (refuses(500, "busy"), 2),
        (refuses(503, body=b"<html>busy", kind="text/html"), 2),
        (resets(), 2),
        (resets('{"a":"half of the answ'), 2),
        (gives(b'{"error":{"message":"overloaded","code":503}}'), 2),
        (gives(b'{"id":"x"}'), 2),
        (gives(b'{"id":"x","choices":null}'), 2),
        (gives(b'{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}'), 2),
        (gives(b"[]"), 2),
        (gives(b""), 2),
        (says(""), 2),
        (says('{"a"', finish="insufficient_system_resource"), 2),
        (lambda x: (x.stream(), x.event('{"choices":[{"delta":{"content":"a'))[0], 2),
        (lambda x: (x.stream(), x.event({"error": {"message": "server overloaded"}}))[0], 2),
    ],
)
def test_what_may_pass_is_tried_again(broken: Step, attempts: int) -> None:
    with talking(broken, says(ANSWER)) as (model, server):
        reply = model.reply(CALL)
        assert (reply.text, reply.attempts, len(server.seen)) == (ANSWER, attempts, attempts)


def test_retries_end() -> None:
    error, requests, _ = fails(refuses(503, "busy"))
    assert (error.kind, error.retryable, requests) == ("server", True, 4)


def test_what_had_arrived_is_kept() -> None:
    error, _, _ = fails(resets('{"goals":["甲"],"indicators":[{"a":"b"},'))
    assert error.kind == "reset"
    assert error.partial.startswith('{"goals":["甲"],"indicators":[{"a":"b"}')


@pytest.mark.parametrize(
    "step",
    [
        hangs(),
        drips(),
        drips(comments=True),
        drips(text=" ", every=0.01),
        lambda x: (x.head(200, {"Content-Type": "application/json"}), [(x.raw(b" "), time.sleep(0.1)) for _ in range(300)])[0],
    ],
    ids=["silence", "drip", "keep-alive", "blanks", "dripping body"],
)
def test_the_whole_call_is_bounded(step: Step) -> None:
    error, _, seconds = fails(step, timeout=0.8)
    assert error.kind == "timeout"
    assert "0.8秒" in error.message
    assert 0.7 < seconds < 28


def test_a_stream_without_end_is_stopped() -> None:
    def endless(exchange: Exchange) -> None:
        exchange.stream()
        while True:
            exchange.event(chunk({"content": "啊" * 5000}))

    error, _, _ = fails(endless)
    assert error.kind == "endless"


def test_a_body_without_end_is_stopped() -> None:
    def endless(exchange: Exchange) -> None:
        exchange.head(200, {"Content-Type": "application/json"})
        while True:
            exchange.raw(b" " * 500_000)

    error, _, _ = fails(endless)
    assert error.kind == "endless"


def test_loading_the_libraries_is_not_the_endpoints_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.model import live

    # A first call loads them: several seconds on a busy machine, before anything is sent.
    load, clock, order = live.chat_model, live.asyncio.timeout, []
    monkeypatch.setattr(live, "chat_model", lambda *given: (order.append("loaded"), load(*given))[1])
    monkeypatch.setattr(live.asyncio, "timeout", lambda seconds: (order.append("clock"), clock(seconds))[1])
    with talking(says(ANSWER)) as (model, _):
        assert model.reply(CALL).text == ANSWER
    with talking(says(ANSWER)) as (model, _):
        model.models()
    assert order == ["loaded", "clock", "loaded", "clock"]


def test_rate_limits_are_waited_for() -> None:
    with talking(refuses(429, "slow down", headers={"Retry-After": "1"}), says(ANSWER)) as (model, _):
        begun = time.perf_counter()
        assert model.reply(CALL).text == ANSWER
        assert time.perf_counter() - begun >= 1.0


def test_one_rate_limit_pauses_all() -> None:
    times: list[float] = []

    def script(exchange: Exchange) -> None:
        times.append(time.perf_counter())
        (refuses(429, "slow", headers={"Retry-After": "1"}) if len(times) == 1 else says(ANSWER, latency=0.2))(exchange)

    with talking(script) as (model, _):
        first = threading.Thread(target=model.reply, args=(CALL,))
        first.start()
        while not model._gate._not_before:
            time.sleep(0.01)
        model.reply(CALL)
        first.join()
    assert min(times[1:]) - times[0] >= 0.95


@pytest.mark.parametrize(
    ("script", "rung", "note"),
    [
        ([refuses(400, "This response_format type is unavailable now")], "function", "function"),
        ([refuses(400, "response_format not supported"), refuses(400, "tools are not supported")], "json_object", "json_object"),
        ([refuses(400, "response_format not supported"), refuses(400, "tool_choice is not supported by a reasoning model")], "function", "不强制"),
        ([refuses(422, "bad"), refuses(422, "bad"), refuses(422, "bad")], "text", "text"),
    ],
)
def test_the_ladder_steps_down_once_and_remembers(script: list[Step], rung: str, note: str) -> None:
    with talking(*script, says(ANSWER)) as (model, server):
        first = model.reply(CALL)
        assert (first.text, first.rung) == (ANSWER, rung)
        assert note in first.notes[-1]
        steps = len(server.seen)
        second = model.reply(CALL)
        assert len(server.seen) == steps + 1
        assert (second.rung, second.notes) == (rung, ())


def test_a_function_call_is_read_without_forced_choice() -> None:
    with talking(refuses(400, "response_format"), refuses(400, "tool_choice"), says(ANSWER)) as (model, server):
        assert model.reply(CALL).text == ANSWER
        assert server.seen[-1].body["tool_choice"] == "auto"
        assert server.seen[-1].body["tools"][0]["function"]["parameters"] == SCHEMA


def test_a_tool_call_answered_in_words_is_read_too() -> None:
    with talking(refuses(400, "response_format"), says(ANSWER, tool=False)) as (model, _):
        assert model.reply(CALL).text == ANSWER


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        ("Unsupported value: 'temperature' does not support 0.2 with this model", "temperature"),
        ("stream_options is not supported", "stream_options"),
    ],
)
def test_a_refused_field_is_left_out(words: str, absent: str) -> None:
    with talking(refuses(400, words), says(ANSWER)) as (model, server):
        assert model.reply(CALL).text == ANSWER
        assert absent in server.seen[0].body
        assert absent not in server.seen[1].body


def test_the_newer_name_of_the_limit() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    with talking(refuses(400, words), says(ANSWER)) as (model, server):
        model.reply(CALL)
        assert server.seen[1].body["max_completion_tokens"] == CALL.max_tokens


@pytest.mark.parametrize(
    ("step", "finish", "text"),
    [
        (says('{"a":"cu', finish="length"), "length", '{"a":"cu'),
        (says(ANSWER, finish=None), "cut", ANSWER),
        (says("", refusal="I cannot help"), "refusal", "I cannot help"),
        (says("", finish="content_filter"), "refusal", ""),
        (says("[" * 5000, piece=500), "stop", "[" * 5000),
        (says('{"a":NaN}'), "stop", '{"a":NaN}'),
    ],
)
def test_how_an_answer_ended(step: Step, finish: str, text: str) -> None:
    with talking(step) as (model, _):
        reply = model.reply(CALL)
        assert (reply.finish, reply.text) == (finish, text)


def by_character(exchange: Exchange) -> None:
    exchange.stream()
    lines = b"".join(b"data: " + json.dumps(chunk({"content": char})).encode() + b"\r\n\r\n" for char in ANSWER)
    exchange.raw(b": hello\r\n\r\n" + lines)
    exchange.event(chunk({}, "stop"))
    exchange.event({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}})
    exchange.event("[DONE]")


def test_a_stream_of_single_characters_is_brought_together() -> None:
    with talking(by_character) as (model, _):
        reply = model.reply(CALL)
    assert (reply.text, reply.finish, reply.usage.total) == (ANSWER, "stop", 16)
    assert reply.chunks < len(ANSWER)


def test_halves_of_a_character_find_each_other() -> None:
    def split(exchange: Exchange) -> None:
        exchange.stream()
        for part in ('{"a":"', "\\ud83d", "\\ude00", "\\ud83d", '"}'):
            escaped = part.replace('"', '\\"')
            exchange.event('{"choices":[{"index":0,"delta":{"content":"' + escaped + '"}}]}')
            time.sleep(0.02)
        exchange.event(chunk({}, "stop"))

    with talking(split) as (model, _):
        assert model.reply(CALL).text == '{"a":"😀"}'


def test_missing_usage_is_estimated() -> None:
    with talking(says(ANSWER, usage=None)) as (model, _):
        usage = model.reply(CALL).usage
        assert usage.estimated
        assert usage.prompt > 5
        assert usage.completion > 5


def test_a_server_that_ignores_stream_is_asked_once() -> None:
    with talking(says(ANSWER, ignore_stream=True)) as (model, server):
        reply = model.reply(CALL)
        assert (reply.text, reply.usage.prompt, len(server.seen)) == (ANSWER, 1200, 1)


def test_gbk_is_read() -> None:
    body = json.dumps(
        {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": "中文"}, "finish_reason": "stop"}],
        },
        ensure_ascii=False,
    )
    with talking(gives(body.encode("gbk"))) as (model, _):
        assert model.reply(CALL).text == "中文"


def test_lone_surrogates_do_not_arrive() -> None:
    body = b'{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a\\ud800b"},"finish_reason":"stop"}]}'
    with talking(gives(body)) as (model, _):
        model.reply(CALL).text.encode("utf-8")


@pytest.mark.parametrize(
    ("base_url", "kind"),
    [("http://127.0.0.1:9/v1", "connect"), ("https://127.0.0.1:{port}/v1", "tls")],
)
def test_no_connection(base_url: str, kind: str) -> None:
    with serving(says(ANSWER)) as server:
        model = LiveModel(endpoint(base_url.format(port=server.server_address[1]), "m", timeout=60))
        with pytest.raises(ModelError) as caught:
            model.reply(CALL)
        model.close()
    assert caught.value.kind == kind


def test_environment_proxies_and_gateways_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with talking(says(ANSWER)) as (model, _):
        assert model.reply(CALL).text == ANSWER


def test_many_at_once_share_one_door() -> None:
    replies: list[Reply] = []
    met = threading.Barrier(16)

    def sixteen(exchange: Exchange) -> None:
        # Answers only when sixteen are here: fewer at once would break the barrier, more are not let in.
        met.wait(60)
        says(ANSWER)(exchange)

    with talking(sixteen, concurrency=16) as (model, server):
        threads = [threading.Thread(target=lambda: replies.append(model.reply(CALL))) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(replies) == 32
    assert len(server.seen) == 32


def test_a_narrow_endpoint_is_found_and_respected() -> None:
    busy = threading.Semaphore(2)

    def narrow(exchange: Exchange) -> None:
        if not busy.acquire(blocking=False):
            refuses(429, "too many requests")(exchange)
            return
        try:
            says(ANSWER, latency=0.1)(exchange)
        finally:
            busy.release()

    replies: list[Reply] = []
    with talking(narrow, concurrency=12) as (model, server):
        threads = [threading.Thread(target=lambda: replies.append(model.reply(CALL))) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(replies) == 24
    assert len(server.seen) < 24 * 4


def test_closing_ends_what_is_under_way() -> None:
    caught: list[ModelError] = []

    def ask(model: LiveModel) -> None:
        try:
            model.reply(CALL)
        except ModelError as error:
            caught.append(error)

    with talking(hangs(), timeout=30) as (model, _):
        thread = threading.Thread(target=ask, args=(model,))
        thread.start()
        time.sleep(0.5)
        model.close()
        thread.join(5)
        assert not thread.is_alive()
    assert caught[0].kind == "cancelled"


def test_the_key_is_in_no_representation() -> None:
    place: Endpoint = endpoint("http://127.0.0.1:1/v1", "m", api_key=KEY)
    assert KEY not in repr(place)


def test_the_list_of_models() -> None:
    def script(exchange: Exchange) -> None:
        (gives(b'{"data":[{"id":"b"},{"id":"a"}]}') if exchange.path.endswith("/models") else says(ANSWER))(exchange)

    with talking(script) as (model, _):
        assert model.models() == ["a", "b"]
    with talking(refuses(401, "no")) as (model, _), pytest.raises(ModelError, match="密钥"):
        model.models()
    with talking(refuses(404, "no")) as (model, _):
        assert model.models() == []
