"""The usual endpoints as a table: where they are, what they take, how thinking is switched off, what they cost. Data, little logic.

Everything speaks the OpenAI wire format; vendors differ by base URL and by a row here. A row only says where to *begin*: what an
endpoint refuses is learned from its own error (``Dialect`` in ``dialect.py``) and remembered, so an endpoint that is in no row works too.

Sources: the vendors' public documentation as of 2026; prices are reference prices per million tokens in the currency named, they
change, and ``model_price`` in the settings wins over them.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from assistant.model.call import Rung, Usage


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens: prompt, cached prompt, completion, in ``currency`` (元 or 美元)."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal
    currency: str = "元"

    def of(self, usage: Usage) -> Decimal:
        """What a call cost."""
        fresh = max(usage.prompt - usage.cached, 0)
        return (fresh * self.prompt + usage.cached * self.cached + usage.completion * self.completion) / 1_000_000

    @classmethod
    def parse(cls, text: str) -> Price:
        """``2/0.2/3`` or ``2/3`` (prompt[/cached]/completion), ``美元`` or ``$`` in front for dollars; ValueError otherwise."""
        body = text.strip().removeprefix("¥").removeprefix("人民币")
        currency = "元"
        for sign in ("$", "美元", "USD"):
            if body.startswith(sign):
                body, currency = body.removeprefix(sign), "美元"
        try:
            parts = [Decimal(part.strip()) for part in body.split("/")]
        except ArithmeticError:
            raise ValueError(text) from None
        if len(parts) not in (2, 3) or any(not part.is_finite() or part < 0 for part in parts):
            raise ValueError(text)
        return cls(parts[0], parts[1] if len(parts) == 3 else parts[0], parts[-1], currency)


@dataclass(frozen=True, slots=True)
class Preset:
    """One row of the table. ``rung`` is where the ladder of structured output begins; ``quiet`` are the request fields that switch
    thinking off; ``needs_key`` False = a local server; ``note`` is what an office should know before it chooses."""

    name: str
    title: str
    base_url: str
    hosts: tuple[str, ...]
    model: str
    rung: Rung
    quiet: dict[str, Any] = field(default_factory=dict)
    stream_usage: bool = True
    context: int = 32_000
    needs_key: bool = True
    forced_tool: bool = True
    prices: tuple[tuple[str, Price], ...] = ()
    note: str = ""


def _price(text: str) -> Price:
    return Price.parse(text)


_OFF = {"thinking": {"type": "disabled"}}
PRESETS: tuple[Preset, ...] = (
    Preset(
        "deepseek",
        "深度求索 DeepSeek",
        "https://api.deepseek.com/v1",
        ("api.deepseek.com",),
        "deepseek-chat",
        "json_object",
        _OFF,
        context=128_000,
        forced_tool=False,
        prices=(("deepseek*", _price("2/0.2/3")),),
        note="忙时会先发保活行，可能等上几分钟；超时不要设得太短。",
    ),
    Preset(
        "qwen",
        "通义千问（阿里云百炼）",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com"),
        "qwen-plus",
        "json_object",
        {"enable_thinking": False},
        context=128_000,
        forced_tool=False,
        prices=(("qwen-turbo*", _price("0.3/0.06/0.6")), ("qwen-plus*", _price("0.8/0.16/2")), ("qwen*-max*", _price("6/1.2/24"))),
        note="思考模式下不接受 JSON 模式，预设已关闭思考。",
    ),
    Preset(
        "glm",
        "智谱 GLM",
        "https://open.bigmodel.cn/api/paas/v4",
        ("open.bigmodel.cn", "api.z.ai"),
        "glm-4.6",
        "json_object",
        _OFF,
        stream_usage=False,
        context=128_000,
        forced_tool=False,
        prices=(("glm-5*", _price("4/1/18")), ("glm-4*", _price("4/0.8/16"))),
        note="工具调用只接受 auto。",
    ),
    Preset(
        "moonshot",
        "月之暗面 Kimi",
        "https://api.moonshot.cn/v1",
        ("api.moonshot.cn", "api.moonshot.ai"),
        "kimi-k2-turbo-preview",
        "json_object",
        _OFF,
        context=128_000,
        prices=(("kimi*", _price("4/1/16")),),
    ),
    Preset(
        "ollama",
        "Ollama（本机）",
        "http://127.0.0.1:11434/v1",
        ("*:11434",),
        "qwen3:8b",
        "json_schema",
        {"reasoning_effort": "none"},
        context=4_096,
        needs_key=False,
        prices=(("*", _price("0/0")),),
        note="默认上下文只有 4096，更长的内容会被悄悄截断；请用 OLLAMA_CONTEXT_LENGTH=16384 启动。",
    ),
    Preset(
        "vllm",
        "vLLM / llama.cpp（内网自建）",
        "http://127.0.0.1:8000/v1",
        ("*:8000", "*:8080"),
        "default",
        "json_schema",
        {"chat_template_kwargs": {"enable_thinking": False}},
        context=32_000,
        needs_key=False,
        prices=(("*", _price("0/0")),),
    ),
    Preset(
        "openai",
        "OpenAI",
        "https://api.openai.com/v1",
        ("api.openai.com",),
        "gpt-4.1-mini",
        "json_schema",
        context=128_000,
        prices=(("gpt-4.1-mini*", _price("$0.4/0.1/1.6")), ("gpt-4.1*", _price("$2/0.5/8")), ("gpt-4o-mini*", _price("$0.15/0.075/0.6"))),
        note="服务器在境外，送出资料前请确认单位的保密要求。",
    ),
    Preset(
        "azure",
        "Azure OpenAI（世纪互联或国际版）",
        "https://资源名.openai.azure.com/openai/v1",
        ("*.openai.azure.com", "*.openai.azure.cn", "*.services.ai.azure.com"),
        "gpt-4.1-mini",
        "json_schema",
        context=128_000,
        note="把地址中的“资源名”换成自己的；模型名填部署名。",
    ),
)
# Where no price is known and a ceiling is asked for: rather too high than too low.
CAUTIOUS = _price("8/8/32")
_OTHER = Preset("other", "其他 OpenAI 兼容服务", "", (), "", "json_schema", needs_key=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The endpoint in force: where, with which key and model, how long one whole call may take, the row it begins with, and the
    network's own proxy on the way there (never for this machine or a private address)."""

    base_url: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 120.0
    preset: Preset = _OTHER
    price: Price | None = None
    proxy: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port, the only place requests go to."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @property
    def local(self) -> bool:
        """True for this machine or a private address: environment proxies must not come between."""
        return is_local(self.base_url)


def preset(name: str) -> Preset | None:
    """The row of that name."""
    return next((row for row in PRESETS if row.name == name), None)


def recognise(base_url: str) -> Preset:
    """The row whose hosts match a base URL, or the row for any other endpoint."""
    place = urlsplit(base_url).netloc.rpartition("@")[2].lower()
    for row in PRESETS:
        if any(fnmatch.fnmatchcase(place, pattern) or fnmatch.fnmatchcase(place.partition(":")[0], pattern) for pattern in row.hosts):
            return row
    return _OTHER


def endpoint(
    base_url: str, model: str, *, api_key: str | None = None, timeout: float = 120.0, price: Price | None = None, proxy: str | None = None
) -> Endpoint:
    """An endpoint with its row found by address and its price by model name, unless ``price`` is given."""
    # People copy the whole address of the call; what they mean is the part before it.
    base_url = base_url.strip().rstrip("/").removesuffix("/chat/completions").removesuffix("/completions")
    row = recognise(base_url)
    # A gateway in between has another address and the same models: then the model's own price is the best guess.
    rows = (row, *(other for other in PRESETS if other.needs_key))
    known = (cost for each in rows for pattern, cost in each.prices if fnmatch.fnmatchcase(model.lower().rpartition("/")[2], pattern))
    return Endpoint(base_url.rstrip("/"), model, api_key, timeout, row, price or next(known, None), None if is_local(base_url) else proxy)


def is_local(base_url: str) -> bool:
    """True for loopback and private addresses."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
