"""``assistant log`` and ``assistant config``: what was asked of a model and what it cost; the settings."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import typer

from assistant.cli import render
from assistant.cli.connection import call_log
from assistant.cli.opening import JSON

if TYPE_CHECKING:
    from assistant.model.calls import CallLog, Entry

_OUTCOMES = {"ok": "完成", "length": "未写完", "cut": "未写完", "refusal": "拒绝"}


def register(app: typer.Typer) -> None:
    """Add both groups to the application."""
    from assistant.cli.app import add_group

    log = {
        "list": (list_calls, "列出最近的模型调用，新的在前。"),
        "show": (show_call, "看一次调用的全文：提示词、答复、用量、结果。"),
        "prune": (prune, "删除旧的调用记录；删除后无法恢复。"),
    }
    config = {
        "show": (show_settings, "显示生效的设置和各自的来处；密钥只显示是否已设置。"),
        "set": (set_setting, "修改一项设置，写入设置文件。"),
        "path": (path, "显示设置文件的位置。"),
    }
    add_group(app, "log", "模型调用记录：送出什么、答了什么、用了多少词元和钱。", log)
    add_group(app, "config", "设置：查看、修改、所在文件。", config)


def list_calls(limit: int = typer.Option(20, "-n", "--limit", min=1, help="最近多少次。"), as_json: bool = JSON) -> None:
    """The newest calls."""
    entries = _log().entries(limit=limit)
    if as_json:
        render.as_json({"calls": [entry.to_dict(texts=False) for entry in entries]})
        return
    rows = [
        (e.id, e.at.replace("T", " "), e.purpose or e.prompt, e.model, e.usage.prompt, e.usage.completion, f"{e.seconds:.1f}", _money(e), _outcome(e))
        for e in entries
    ]
    heads = ("编号", "时间", "用途", "模型", "送出", "收回", "秒", "费用", "结果")
    render.console().print(render.grid(heads, rows) if rows else "还没有调用过模型。")


def show_call(number: int = typer.Argument(..., metavar="编号", help="assistant log list 里的编号。"), as_json: bool = JSON) -> None:
    """One call in full."""
    entry = _log().entry(number)
    if as_json:
        render.as_json(entry.to_dict())
        return
    cached = f"（其中缓存{entry.usage.cached}）" if entry.usage.cached else ""
    guessed = "（估计）" if entry.usage.estimated else ""
    facts = {
        "时间": entry.at.replace("T", " "),
        "用途": entry.purpose,
        "模型": f"{entry.model}（{entry.host}）",
        "提示词": f"{entry.prompt}，指纹 {entry.fingerprint}",
        "用量": f"送出{entry.usage.prompt}词元{cached}，收回{entry.usage.completion}词元{guessed}，{entry.seconds:.1f}秒，费用{_money(entry)}",
        "结果": _outcome(entry) + (f"：{entry.error}" if entry.error else ""),
        "经过": "；".join(entry.notes),
    }
    for name, text in facts.items():
        if text:
            render.say(f"{name}：{text}")
    for message in entry.messages:
        render.say(f"\n── 送出·{_ROLES.get(message['role'], message['role'])} ──\n{message['text']}")
    render.say(f"\n── 答复 ──\n{entry.answer or '（无）'}")


def prune(
    before: str | None = typer.Option(None, "--before", help="删除这天以前的：日期如 2026-01-31，或天数如 30天。"),
    keep: int | None = typer.Option(None, "--keep", min=0, help="只留最近多少次。"),
    everything: bool = typer.Option(False, "--all", help="全部删除。"),
    as_json: bool = JSON,
) -> None:
    """Delete old calls."""
    from assistant.errors import InputError

    if sum((before is not None, keep is not None, everything)) != 1:
        raise InputError("没有说清删除哪些。", "用 --before 日期、--keep 次数、--all 三者之一。")
    gone = _log().prune(before=_moment(before) if before else None, keep=keep)
    render.as_json({"deleted": gone}) if as_json else print(f"已删除{gone}次调用的记录。")


def show_settings(as_json: bool = JSON) -> None:
    """The settings in force and where each comes from."""
    from assistant import settings

    rows = settings.shown()
    settings.load()
    if as_json:
        render.as_json({"settings": {key: {"value": value, "from": source} for key, value, source in rows}})
        return
    render.console().print(render.grid(("设置", "值", "来处"), rows))


def set_setting(
    key: str = typer.Argument(..., metavar="设置名", help="设置名，或 preset（常用模型服务）。"),
    value: str | None = typer.Argument(None, metavar="[值]", help="值；不写则从键盘输入（密钥不显示），写空串则清除。", show_default=False),
    as_json: bool = JSON,
) -> None:
    """Change a setting; without a value it is read from the keyboard."""
    from assistant import settings

    if value is None and key != "preset":
        value = _typed(key)
    elif key == "api_key" and value:
        render.notice("提醒：密钥写在命令里会留在命令历史中；下次可不写值，改由键盘输入。")
    changed = settings.change(key, value)
    if as_json:
        render.as_json({"changed": changed, "file": str(settings.home() / "config.toml")})
        return
    for name, text in changed.items():
        print(render.plain(f"{name} = {text}" if text is not None else f"{name} 已清除"))
    render.notice(f"已写入 {settings.home() / 'config.toml'}；检查是否可用：assistant doctor")


def _typed(key: str) -> str:
    """The value of a setting from a pipe, or a key typed unseen."""
    from assistant.errors import InputError

    if sys.stdin.isatty() and key == "api_key":
        return str(typer.prompt("密钥（输入时不显示）", hide_input=True, err=True))
    line = "" if sys.stdin.isatty() else sys.stdin.readline()
    if not line:
        raise InputError(f"没有给出“{key}”的值。", f'例如：assistant config set {key} 值；清除写空串 ""。')
    return line.strip()


def path(as_json: bool = JSON) -> None:
    """Where the settings file lies."""
    from assistant import settings

    file = settings.home() / "config.toml"
    render.as_json({"path": str(file), "exists": file.exists()}) if as_json else print(file)


def _log() -> CallLog:
    from assistant import settings

    return call_log(settings.load())


def _moment(text: str) -> str:
    from assistant.errors import InputError

    if match := re.fullmatch(r"(\d{1,5})\s*天?", text.strip()):
        return (datetime.now() - timedelta(days=int(match[1]))).isoformat(timespec="seconds")
    try:
        return datetime.fromisoformat(text.strip()).isoformat(timespec="seconds")
    except ValueError:
        raise InputError(f"--before 的值“{text}”不是日期。", "写日期如 2026-01-31，或天数如 30天。") from None


def _money(entry: Entry) -> str:
    return "未知" if entry.cost is None else f"{entry.cost.quantize(_CENT):f}{entry.currency}"


def _outcome(entry: Entry) -> str:
    return _OUTCOMES.get(entry.finish if entry.outcome == "ok" and entry.finish != "stop" else entry.outcome, f"失败（{entry.outcome}）")


_CENT = Decimal("0.0001")
_ROLES = {"system": "系统", "user": "用户", "assistant": "模型"}
