"""LibreOffice as a converter: each call alone, bounded, and deaf to what a document asks for.

Every call has a profile folder of its own (two calls on one profile: one ends without output and without an error), a time limit after
which its whole process group is killed, macros switched off, links never updated, and a dead proxy instead of the network.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from assistant.documents import memory
from assistant.errors import UnreadableFile, reason

SECONDS = 120.0
MEMORY_CAP = 4 << 30

_PLACES = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path(r"C:\Program Files\LibreOffice\program\soffice.exe"),
    Path(r"C:\Program Files (x86)\LibreOffice\program\soffice.exe"),
)
_COMMON = "/org.openoffice.Office.Common/Security/Scripting"
_PROXY = "/org.openoffice.Inet/Settings"
# Setting → value: macros never run, links never updated, nothing fetched. Link update: 0 always, 1 on request, 2 never.
_SETTINGS: tuple[tuple[str, str, str], ...] = (
    (_COMMON, "MacroSecurityLevel", "3"),
    (_COMMON, "DisableMacrosExecution", "true"),
    (_COMMON, "BlockUntrustedRefererLinks", "true"),
    ("/org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("/org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    (_PROXY, "ooInetProxyType", "1"),
    (_PROXY, "ooInetHTTPProxyName", "127.0.0.1"),
    (_PROXY, "ooInetHTTPProxyPort", "9"),
    (_PROXY, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_PROXY, "ooInetHTTPSProxyPort", "9"),
)


def program() -> str | None:
    """The path of LibreOffice's program on this machine, or None."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return found
    return next((str(path) for path in _PLACES if path.is_file()), None)


def converted(data: bytes, suffix: str, to: str, name: str, *, seconds: float = SECONDS, environment: Mapping[str, str] | None = None) -> bytes:
    """A document converted by LibreOffice: ``suffix`` of the input (``.doc``), ``to`` a format (``docx``), ``name`` for messages.

    UnreadableFile when LibreOffice is missing, too slow or makes nothing.
    """
    office = program()
    if office is None:
        raise UnreadableFile(f"读取“{name}”（{suffix}）需要 LibreOffice，本机没有安装。", "请安装 LibreOffice，或用 Word、WPS 打开并另存为 .docx、.xlsx。")
    with tempfile.TemporaryDirectory(prefix="goal-table-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        given, out = place / f"in{suffix}", place / "out"
        given.write_bytes(data)
        out.mkdir()
        _write_profile(place / "profile")
        command = [office, f"-env:UserInstallation={(place / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck", "--convert-to", to]
        _run([*command, "--outdir", str(out), str(given)], name, seconds, environment)
        made = next(iter(out.iterdir()), None)
        if made is None:
            raise UnreadableFile(f"LibreOffice 打不开“{name}”，文件可能已损坏或有密码。", "请用 Word 或 WPS 打开，另存为 .docx 或 .xlsx 再试。")
        return made.read_bytes()


def _run(command: list[str], name: str, seconds: float, environment: Mapping[str, str] | None) -> None:
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment) if environment is not None else None,
            start_new_session=True,
            preexec_fn=partial(memory.limit, MEMORY_CAP) if os.name == "posix" else None,
        )
    except OSError as error:
        raise UnreadableFile(f"LibreOffice 无法启动：{reason(error)}。", "请检查 LibreOffice 的安装，或把文件另存为 .docx 再试。") from error
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise UnreadableFile(f"LibreOffice 在 {seconds:.0f} 秒内没有转换完“{name}”。", "请用 Word 或 WPS 打开，另存为 .docx 或 .xlsx 再试。") from None
    finally:
        if process.poll() is None:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The program is a starter script: its children must go with it.
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _write_profile(profile: Path) -> None:
    items = "".join(f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>' for path, name, value in _SETTINGS)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>',
        encoding="utf-8",
    )
