"""What went wrong between us and an endpoint, told in Chinese with the mend, and whether trying again may help.

``of`` takes any exception that the HTTP library, the SDK or LangChain may raise and gives a ``Fault``. The endpoint's own words are
quoted, shortened, cleaned of control characters and of the key.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from assistant.errors import ModelError
from assistant.model.answers import clean
from assistant.model.endpoints import Endpoint


class Fault(NamedTuple):
    """A fault: its kind, the words for the user, the mend, whether a retry may help, how long the endpoint asks to wait (seconds),
    the HTTP status (0 = none) and the endpoint's own text in full."""

    kind: str
    message: str
    hint: str
    retryable: bool = False
    wait: float | None = None
    status: int = 0
    text: str = ""

    def error(self, partial: str = "") -> ModelError:
        """The error to raise."""
        return ModelError(self.message, self.hint, retryable=self.retryable, kind=self.kind, partial=partial)


_OFFLINE = "也可以先不用模型继续离线起草。"
_QUOTA = re.compile(r"insufficient.?(?:quota|balance|funds)|arrearage|余额|欠费|exceeded your current quota|billing", re.IGNORECASE)
_CONTEXT = re.compile(r"context.{0,20}(?:length|window)|maximum context|too long|input length|prompt is too|exceed.{0,30}token|上下文|超长", re.IGNORECASE)
_MODEL = re.compile(
    r"model.{0,60}(?:not found|not exist|does not exist|unknown|invalid|no access|unsupported)|(?:no such|unknown|invalid) model|模型不存在", re.IGNORECASE
)
_REFUSED = re.compile(r"content.?filter|safety|inappropriate|sensitive|risk|敏感|违规|审核", re.IGNORECASE)


# What the client says by itself where the service said nothing.
_BARE = re.compile(r"^Error code: \d+(?: - )?")


def of(error: BaseException, endpoint: Endpoint) -> Fault:
    """The fault behind an exception."""
    for inner in _chain(error):
        name = type(inner).__name__
        if name == "NotAnAnswer":
            return _no_answer(getattr(inner, "kind", ""), endpoint)
        status = getattr(inner, "status_code", None)
        if isinstance(status, int) and hasattr(inner, "response"):
            return by_status(status, _words(getattr(inner, "body", None)) or _BARE.sub("", str(inner)), inner.response.headers, endpoint)
        if isinstance(inner, UnicodeDecodeError):
            return Fault("encoding", "模型服务返回的内容不是 UTF-8 编码。", f"请让服务按 UTF-8 输出，或更换服务地址。{_OFFLINE}", retryable=False)
        if isinstance(inner, RecursionError):
            return Fault("garbled", "模型服务返回的内容嵌套过深，无法读取。", f"请换一个模型再试。{_OFFLINE}", retryable=True)
    return _by_name(error, endpoint)


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found and len(found) < 8:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def by_status(status: int, text: str, headers: Any, endpoint: Endpoint) -> Fault:
    """The fault behind an HTTP status and the endpoint's words."""
    quote = _quote(text, endpoint)
    wait = _retry_after(headers)
    if status in (301, 302, 303, 307, 308):
        to = str(headers.get("location", ""))
        return Fault(
            "redirect",
            f"模型服务要求改去别处（{status}{_quote(to, endpoint)}），没有跟随，资料没有送出。",
            "请核对并改正服务地址：assistant config set base_url 新地址。",
            status=status,
        )
    if status == 402 or _QUOTA.search(text):
        return Fault(
            "quota",
            f"模型服务的账户余额或额度不足（{status}）{quote}。",
            f"请充值或更换密钥：assistant config set api_key。{_OFFLINE}",
            status=status,
            text=text,
        )
    if status in (401, 403):
        what = "没有设置密钥" if not endpoint.api_key else "不认这个密钥" if status == 401 else "拒绝了这个密钥的访问"
        said = f"模型服务要求密钥，而{what}（{status}）" if not endpoint.api_key else f"模型服务{what}（{status}）"
        return Fault("auth", f"{said}{quote}。", f"请核对密钥与地址是否属于同一家：assistant config set api_key。{_OFFLINE}", status=status, text=text)
    if status == 413 or (status in (400, 422) and _CONTEXT.search(text)):
        return Fault(
            "context", f"送出的内容超过了模型“{endpoint.model}”的上下文长度{quote}。", f"请换上下文更长的模型，或减少资料。{_OFFLINE}", status=status, text=text
        )
    if status == 404 or (status == 400 and _MODEL.search(text)):
        if _MODEL.search(text):
            return Fault(
                "model",
                f"模型服务没有名为“{endpoint.model}”的模型（{status}）{quote}。",
                "请改模型名：assistant config set model 名称；可用 assistant doctor 查看。",
                status=status,
                text=text,
            )
        return Fault(
            "address",
            f"模型服务地址不对（404）：{endpoint.base_url}{quote}。",
            "地址一般以 /v1 结尾，不含 /chat/completions；请用 assistant config set base_url 改正。",
            status=status,
            text=text,
        )
    if status in (400, 422) and _REFUSED.search(text):
        return Fault("refusal", f"模型服务的内容审核拒绝了这次请求{quote}。", f"请换一个模型或服务。{_OFFLINE}", status=status, text=text)
    if status == 429:
        after = f"，要求等待{wait:.0f}秒" if wait is not None else ""
        return Fault("rate", f"模型服务限流（429）{after}{quote}。", f"请稍后再试，或把 --concurrency 调小。{_OFFLINE}", True, wait, status, text)
    if status in (408, 409, 425) or status >= 500:
        return Fault("server", f"模型服务出错（{status}）{quote}。", f"多半是服务方的暂时故障，请稍后再试。{_OFFLINE}", True, wait, status, text)
    return Fault("request", f"模型服务拒绝了请求（{status}）{quote}。", f"请运行 assistant doctor 查看该服务支持什么。{_OFFLINE}", status=status, text=text)


def _by_name(error: BaseException, endpoint: Endpoint) -> Fault:
    names = {type(inner).__name__ for inner in _chain(error)}
    said = " ".join(str(inner) for inner in _chain(error))
    if any("Timeout" in name for name in names):
        return Fault("timeout", f"连接模型服务“{endpoint.host}”超时。", f"请检查网络，或调大 ASSISTANT_MODEL_TIMEOUT。{_OFFLINE}", True)
    if re.search(r"getaddrinfo|Name or service|nodename|No address|Temporary failure in name", said):
        return Fault("connect", f"找不到模型服务器“{endpoint.host}”。", f"请核对地址 {endpoint.base_url}，或检查网络与 DNS。{_OFFLINE}", True)
    if re.search(r"certificate|CERTIFICATE|SSL|TLS", said):
        return Fault(
            "tls", f"与“{endpoint.host}”的加密连接没有建立：证书不受信任或协议不符。", f"请核对地址是 http 还是 https，或请管理员安装根证书。{_OFFLINE}"
        )
    if "ConnectError" in names or "ConnectionRefusedError" in names:
        return Fault("connect", f"连不上模型服务“{endpoint.host}”。", f"请确认服务已启动、地址 {endpoint.base_url} 正确、网络可达。{_OFFLINE}", True)
    if names & {
        "RemoteProtocolError",
        "ReadError",
        "WriteError",
        "ConnectionResetError",
        "APIConnectionError",
        "ProtocolError",
        "LocalProtocolError",
        "CloseError",
    }:
        return Fault("reset", f"与模型服务“{endpoint.host}”的连接中途断开。", f"请稍后再试。{_OFFLINE}", True)
    if "APIError" in names:
        text = _words(getattr(error, "body", None)) or str(error)
        kind = "quota" if _QUOTA.search(text) else "context" if _CONTEXT.search(text) else "server"
        return Fault(kind, f"模型服务在回答途中报错{_quote(text, endpoint)}。", f"请稍后再试。{_OFFLINE}", kind == "server", text=text)
    if names & {"JSONDecodeError", "ValidationError", "KeyError", "IndexError", "AttributeError", "TypeError", "ValueError", "APIResponseValidationError"}:
        return Fault(
            "garbled",
            "模型服务返回的内容不是约定的格式（没有 choices 或不是 JSON）。",
            f"请核对服务地址是否为 OpenAI 兼容接口：{endpoint.base_url}。{_OFFLINE}",
            True,
        )
    return Fault("unknown", f"调用模型服务失败：{_quote(f'{type(error).__name__} {error}', endpoint)}。", f"请运行 assistant doctor 检查。{_OFFLINE}")


def _no_answer(kind: str, endpoint: Endpoint) -> Fault:
    if kind == "web_page":
        return Fault(
            "web_page",
            f"“{endpoint.host}”返回的是网页，不是模型的回答（可能是登录页、代理提示页，或地址不对）。",
            f"请核对 {endpoint.base_url}（一般以 /v1 结尾），或先完成网络认证。{_OFFLINE}",
        )
    if kind == "too_large":
        return Fault("endless", "模型服务的回答没完没了，已中止读取。", f"请换一个模型再试。{_OFFLINE}")
    if kind == "strayed":
        return Fault("strayed", "请求要发往设置之外的地址，已拦下，资料没有送出。", "请核对 base_url；若确实更换了服务，请重新设置。")
    return Fault("encoding", "模型服务返回的内容不是 UTF-8，也不是 GB18030，无法读取。", f"请让服务按 UTF-8 输出。{_OFFLINE}")


def timed_out(endpoint: Endpoint) -> Fault:
    """The whole call took longer than it may."""
    return Fault("timeout", f"模型在{endpoint.timeout:g}秒内没有答完。", f"请调大 ASSISTANT_MODEL_TIMEOUT（秒），或换快一些的模型。{_OFFLINE}", True)


def empty(endpoint: Endpoint) -> Fault:
    """An answer without a word in it."""
    return Fault("empty", f"模型“{endpoint.model}”的回答是空的。", f"请换一个模型，或稍后再试。{_OFFLINE}", True)


def overloaded(endpoint: Endpoint) -> Fault:
    """The endpoint gave up half-way and said so."""
    return Fault("server", f"“{endpoint.host}”资源不足，回答中途停止。", f"请稍后再试。{_OFFLINE}", True)


def _words(body: Any) -> str:
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            # The type is the same word in every refusal and tells nothing.
            return " ".join(str(inner[key]) for key in ("message", "code", "param") if inner.get(key))
        return str(inner)
    return str(body) if body else ""


def _quote(text: str, endpoint: Endpoint) -> str:
    text = " ".join(clean(text).split())
    if endpoint.api_key and len(endpoint.api_key) >= 4:
        text = text.replace(endpoint.api_key, "****")
    # Endpoints echo keys in part ("sk-12***89"): whatever looks like one goes.
    text = re.sub(r"\b(?:sk|ak|key)-[\w*.\-]{6,}|Bearer\s+\S+", "****", text)
    return f"：{text[:160]}{'…' if len(text) > 160 else ''}" if text else ""


def _retry_after(headers: Any) -> float | None:
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(float(milliseconds) / 1000, 0.0)
        text = headers.get("retry-after")
        if not text:
            return None
        if re.fullmatch(r"\d+(?:\.\d+)?", text.strip()):
            return float(text)
        # A date: measured against the server's own clock, ours may be wrong.
        return max((parsedate_to_datetime(text) - parsedate_to_datetime(headers["date"])).total_seconds(), 0.0)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
