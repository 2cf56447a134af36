"""Is the endpoint there, does it know the model, how does it take structured output, does it stream: small real calls, each with the mend.

For ``assistant doctor``. Sends no text of the user's, only a sentence of our own.
"""

from __future__ import annotations

import difflib
from typing import Literal, NamedTuple

from assistant.errors import ModelError
from assistant.model.call import Call, Message, Reply
from assistant.model.endpoints import Endpoint
from assistant.model.live import LiveModel

State = Literal["ok", "warning", "failed", "off"]
_RUNGS = {
    "json_schema": "严格 JSON 模式（json_schema）",
    "function": "函数调用",
    "json_object": "JSON 模式（json_object）",
    "text": "只能用普通文字，由本程序修复",
}
_SCHEMA = {"type": "object", "properties": {"答": {"type": "string"}}, "required": ["答"], "additionalProperties": False}
_SYSTEM = '只答一个 JSON 对象，不要解释。格式：{"答":"…"}'


class Check(NamedTuple):
    """One thing looked at: what, how it stands, in words, and what to do when it is not well."""

    name: str
    state: State
    detail: str
    mend: str = ""


def checks(model: LiveModel) -> list[Check]:
    """The endpoint, looked at step by step; a step that fails ends the looking."""
    place = model.endpoint
    found = [_address(place)]
    try:
        listed = model.models()
    except ModelError as error:
        return [*found, Check("模型服务连接", "failed", error.message, error.hint)]
    found.append(Check("模型服务连接", "ok", f"{place.host} 可达"))
    found.append(_name(place, listed))
    try:
        structured = model.reply(Call((Message("system", _SYSTEM), Message("user", "一加一等于几？")), schema=_SCHEMA, max_tokens=300, purpose="检查"))
    except ModelError as error:
        return [*found, Check("结构化输出", "failed", error.message, error.hint)]
    found.append(_structured(structured))
    try:
        told = model.reply(Call((Message("user", "请用中文从一数到二十，用顿号隔开。"),), max_tokens=300, purpose="检查"), lambda _text: None)
    except ModelError as error:
        return [*found, Check("流式输出", "failed", error.message, error.hint)]
    found.append(_streaming(model, told))
    usage = structured.usage
    counted = Check("用量与费用", "warning", "服务不返回用量，按本机估算", "费用为估计值，以服务商账单为准。")
    found.append(counted if usage.estimated else Check("用量与费用", "ok", f"本次检查用了{usage.total + told.usage.total}词元"))
    if place.price is None:
        found.append(Check("单价", "warning", f"不知道“{place.model}”的单价", "需要 --max-cost 时先设置：assistant config set model_price 输入/缓存/输出。"))
    return found


def _address(place: Endpoint) -> Check:
    if place.base_url.startswith("http://") and not place.local:
        return Check("模型服务地址", "warning", f"{place.base_url} 不加密，资料和密钥是明文{'，经网络代理' if place.proxy else ''}", "请改用 https 地址。")
    known = place.preset.title + ("，经网络代理" if place.proxy else "")
    note = f"；{place.preset.note}" if place.preset.note else ""
    if place.preset.needs_key and not place.api_key:
        return Check("模型服务地址", "warning", f"{place.base_url}（{known}），没有设置密钥", "请设置：assistant config set api_key。")
    return Check("模型服务地址", "ok", f"{place.base_url}（{known}）{note}")


def _name(place: Endpoint, listed: list[str]) -> Check:
    if not listed:
        return Check("模型名", "ok", f"{place.model}（服务没有模型列表，以调用为准）")
    if place.model in listed:
        return Check("模型名", "ok", place.model)
    near = difflib.get_close_matches(place.model, listed, n=3, cutoff=0.3) or listed[:5]
    return Check("模型名", "warning", f"服务的模型列表里没有“{place.model}”", f"现有：{'、'.join(near)}；用 assistant config set model 名称 改。")


def _structured(reply: Reply) -> Check:
    steps = f"；{'、'.join(reply.notes)}" if reply.notes else ""
    state: State = "ok" if reply.rung != "text" else "warning"
    mend = "" if state == "ok" else "可以使用，答复由本程序修复；换支持 JSON 模式的模型更稳。"
    return Check("结构化输出", state, f"{_RUNGS[reply.rung]}，{reply.seconds:.1f}秒{steps}", mend)


def _streaming(model: LiveModel, reply: Reply) -> Check:
    if model.dialect.stream and model.streams:
        return Check("流式输出", "ok", f"边写边送，首尾{reply.seconds:.1f}秒")
    return Check("流式输出", "warning", "服务不分段输出，答完才一次给出", "可以使用；只是起草时不能逐行看到。")
