"""``assistant doctor``: what works on this machine and what does not, each with the mend; with --privacy, what is kept and sent where."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import JSON
from assistant.resources import installing

if TYPE_CHECKING:
    from assistant.model.probe import Check
    from assistant.settings import Settings

_SIGNS = {"ok": "正常", "warning": "注意", "failed": "不行", "off": "未用"}
_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red", "off": "dim"}
_NEEDED = (
    "typer rich textual pydantic lxml openpyxl xlsxwriter pypdfium2 jinja2 numpy chromadb langchain langchain-openai openai tiktoken"
    " bpe-openai filelock tomlkit"
).split()
_KEPT = (
    ("config.toml", "设置，可能含密钥"),
    ("calls.sqlite", "模型调用的全文"),
    ("corpus", "资料记录与索引"),
    ("drafts", "草稿和其中的审核记录"),
    ("answers.json", "回答过的待核实问题"),
    ("refusals.jsonl", "审核时不采纳的写法和原因"),
    ("sessions", "对话"),
    ("chat-history", "对话里输入过的话"),
    ("reviews", "审核时看到哪一格"),
    ("evals", "评测结果和缓存"),
)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("doctor", help="体检：本机能做什么、不能做什么，以及怎么修。")(doctor)


def doctor(
    privacy: bool = typer.Option(False, "--privacy", help="只说明本机存了什么、会向哪里送出什么。"),
    offline: bool = typer.Option(False, "--offline", help="不连接模型服务。"),
    as_json: bool = JSON,
) -> int:
    """Look at the machine, the data and the model; exit 1 when something does not work."""
    from assistant import settings

    loaded = settings.load()
    if privacy:
        kept = _privacy(loaded)
        render.as_json(kept) if as_json else _print_privacy(kept)
        return 0
    found = [*_machine(loaded), *_data(loaded), *_model(loaded, offline)]
    if as_json:
        render.as_json({"ok": all(check.state != "failed" for check in found), "checks": [check._asdict() for check in found]})
    else:
        _print(found)
    return 1 if any(check.state == "failed" for check in found) else 0


def _machine(loaded: Settings) -> Iterator[Check]:
    from assistant import __version__
    from assistant.model.probe import Check

    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Check("Python", "ok" if good else "failed", f"{version}，助手 {__version__}", "" if good else "请安装 Python 3.11 或更新版本。")
    missing = [name for name in _NEEDED if not _installed(name)]
    yield Check(
        "程序包",
        "failed" if missing else "ok",
        f"缺少 {'、'.join(missing)}" if missing else f"{len(_NEEDED)}个都在",
        "请重新安装：pip install goal-table-assistant。" if missing else "",
    )
    from assistant.documents.libreoffice import program

    office = program()
    yield Check(
        "LibreOffice",
        "ok" if office else "off",
        office or "没有安装；不影响 docx、xlsx、pdf 的读取",
        "" if office else "要读 doc、wps、rtf、odt 或导出 PDF，请安装 LibreOffice。",
    )
    ocr = importlib.util.find_spec("rapidocr") is not None and importlib.util.find_spec("onnxruntime") is not None
    yield Check(
        "扫描件识别",
        "ok" if ocr else "off",
        "rapidocr 可用" if ocr else "没有安装；读不了扫描件和图片",
        "" if ocr else f"需要时安装：{installing('ocr')}",
    )
    encoding = (sys.stdout.encoding or "").lower()
    utf8 = "utf" in encoding
    yield Check(
        "终端", "ok" if utf8 else "warning", f"编码 {encoding or '未知'}", "" if utf8 else "请把终端设为 UTF-8（Windows：chcp 65001），否则有些字显示不出。"
    )


def _data(loaded: Settings) -> Iterator[Check]:
    from assistant import workspace
    from assistant.errors import AssistantError
    from assistant.model.probe import Check

    try:
        trial = loaded.home / ".doctor"
        workspace.write(trial, "ok", private=True)
        trial.unlink()
        free = shutil.disk_usage(loaded.home).free // 1024**2
        low = free < 500
        yield Check("工作区", "warning" if low else "ok", f"{loaded.home} 可写，剩余{free}MB", "磁盘快满了，请清理。" if low else "")
    except (AssistantError, OSError) as error:
        yield Check("工作区", "failed", str(error), getattr(error, "hint", "请检查文件夹权限。"))
        return
    if (
        loaded.file.exists()
        and os.name == "posix"
        and loaded.file.stat().st_mode & 0o077
        and "api_key" in loaded.file.read_text(encoding="utf-8", errors="replace")
    ):
        yield Check("设置文件", "warning", f"{loaded.file} 含密钥而别人也能读", f"请执行：chmod 600 {loaded.file}。")
    yield from _index(loaded)


def _index(loaded: Settings) -> Iterator[Check]:
    from assistant.corpus import Corpus
    from assistant.errors import AssistantError
    from assistant.model.probe import Check
    from assistant.store import open_store

    try:
        corpus = Corpus.open(loaded.home, notify=render.notice)
        tables = len(corpus.past_tables())
        yield Check("资料库", "ok", f"{len(corpus.documents())}份资料，{tables}张目标表")
        store = open_store(loaded.home, loaded.chroma_url, headers=loaded.chroma_headers, notify=render.notice)
        if corpus.records.writable:
            store.refresh(corpus)
        where = loaded.chroma_url or "本机"
        yield Check("索引", "ok", f"{where}，{store.count(corpus)}条向量")
    except AssistantError as error:
        yield Check("资料库与索引", "failed", error.message, error.hint)


def _model(loaded: Settings, offline: bool) -> Iterator[Check]:
    from assistant import settings
    from assistant.errors import AssistantError
    from assistant.model.probe import Check

    try:
        place = settings.endpoint(loaded)
    except AssistantError as error:
        yield Check("模型", "failed", error.message, error.hint)
        return
    if place is None:
        key = "（设置了密钥，但没有设置模型）" if loaded.api_key else ""
        yield Check(
            "模型",
            "off",
            f"没有设置模型{key}；起草、问答、检查全部离线完成，不联网",
            "需要时：assistant config set preset deepseek，再 assistant config set api_key。",
        )
        return
    if offline:
        yield Check("模型", "off", f"{place.model}（{place.host}），按 --offline 没有连接")
        return
    from assistant.model import tokens
    from assistant.model.live import LiveModel
    from assistant.model.probe import checks

    model = LiveModel(place)
    try:
        yield from checks(model)
    finally:
        model.close()
    yield Check(
        "词元计数",
        "ok" if tokens.exact() else "warning",
        "本机计数" if tokens.exact() else "按上限估算",
        "" if tokens.exact() else "安装 bpe-openai 后可准确计数。",
    )


def _installed(name: str) -> bool:
    from importlib import metadata

    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _privacy(loaded: Settings) -> dict[str, Any]:
    from assistant import settings
    from assistant.errors import AssistantError

    stored = []
    for name, what in _KEPT:
        place = loaded.home / name
        if place.exists():
            stored.append({"path": str(place), "what": what, "bytes": _size(place), "mode": oct(place.stat().st_mode & 0o777) if os.name == "posix" else None})
    try:
        place_ = settings.endpoint(loaded)
    except AssistantError:
        place_ = None
    sent = []
    if place_ is not None:
        sent.append(
            {
                "to": place_.base_url,
                "what": "只在用模型起草、问答、对话时：需求、草稿、与之相关的资料片段",
                "encrypted": place_.base_url.startswith("https://"),
                "local": place_.local,
            }
        )
    if loaded.chroma_url:
        sent.append({"to": loaded.chroma_url, "what": "资料的向量与编号", "encrypted": loaded.chroma_url.startswith("https://"), "local": None})
    if loaded.embedding_model and loaded.base_url:
        sent.append(
            {
                "to": loaded.base_url,
                "what": f"建立索引和检索时：资料与问题的文字（向量模型 {loaded.embedding_model}）",
                "encrypted": loaded.base_url.startswith("https://"),
                "local": None,
            }
        )
    return {"stored": stored, "sent": sent, "telemetry": "各程序包的遥测与追踪均已关闭", "key": "已设置" if loaded.api_key else "未设置"}


def _size(place: Path) -> int:
    if place.is_file():
        return place.stat().st_size
    return sum(file.stat().st_size for file in place.rglob("*") if file.is_file())


def _print(found: list[Check]) -> None:
    from rich.text import Text

    rows = [
        (
            check.name,
            Text(_SIGNS[check.state], style=_STYLES[check.state]),
            "\n".join(part for part in (check.detail, f"→ {check.mend}" if check.mend else "") if part),
        )
        for check in found
    ]
    render.console().print(render.grid(("项目", "状态", "说明"), rows))


def _print_privacy(kept: dict[str, Any]) -> None:
    console = render.console()
    rows = [(entry["path"], entry["what"], f"{entry['bytes'] / 1024:.0f}KB", entry["mode"] or "") for entry in kept["stored"]]
    console.print(render.grid(("存在本机", "内容", "大小", "权限"), rows) if rows else "本机还没有存任何东西。")
    if kept["sent"]:
        console.print(render.grid(("会送往", "内容", "加密"), [(entry["to"], entry["what"], "是" if entry["encrypted"] else "否") for entry in kept["sent"]]))
    else:
        render.say("没有设置任何服务：不向外送出任何内容。")
    render.say(f"密钥：{kept['key']}。{kept['telemetry']}。")
    render.say("删除：assistant corpus remove 资料；assistant log prune --all 调用记录；其余删除上面的文件或文件夹即可。")
