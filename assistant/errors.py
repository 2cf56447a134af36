"""Errors a person can cause or mend, as two Chinese sentences and an exit code.

The tree::

    AssistantError            anything the user is told in words (exit code 2)
    ├── InputError            what was given cannot be used: a value, an option, a file's content
    │   └── UnreadableFile    a file that cannot be opened or read as what it claims to be
    ├── SettingsError         settings that contradict each other or are missing
    ├── WorkspaceError        the workspace cannot be read or written (permission, disk, lock)
    ├── StoreError            the index is unusable and could not be rebuilt
    └── ModelError            the model endpoint failed; carries the kind, whether a retry may help, and what had arrived

``cli.app`` turns each into ``错误：…`` and ``建议：…`` on stderr. Anything else is a defect of ours and surfaces as such.
"""

from __future__ import annotations

import errno
import re
from typing import Any


class AssistantError(Exception):
    """What went wrong and where (``message``), and what to do next (``hint``), both in Chinese."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or "请检查输入后重试；查看用法：assistant --help。"

    def __str__(self) -> str:
        return self.message


class InputError(AssistantError):
    """What the user gave cannot be used."""


class UnreadableFile(InputError):
    """A file cannot be opened, or is not what it claims to be."""


def unreadable(path: object, error: OSError) -> UnreadableFile:
    """What to raise for a file that the system would not read."""
    return UnreadableFile(f"读不到“{path}”：{reason(error)}。", "请检查路径和权限。")


class SettingsError(AssistantError):
    """Settings are missing or contradict each other."""


class WorkspaceError(AssistantError):
    """The workspace cannot be read or written."""


class StoreError(AssistantError):
    """The index cannot be used and could not be rebuilt."""


class ModelError(AssistantError):
    """The model endpoint failed. ``kind`` names the fault (``auth``, ``quota``, ``rate``, ``context``, ``timeout`` …),
    ``retryable`` tells whether the same call may succeed later, ``partial`` is the text that had arrived before it broke."""

    def __init__(self, message: str, hint: str = "", *, retryable: bool = False, kind: str = "", partial: str = "") -> None:
        super().__init__(message, hint)
        self.retryable = retryable
        self.kind = kind
        self.partial = partial


_REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "名称太长",
    errno.EEXIST: "已经有同名的文件",
    errno.EMFILE: "同时打开的文件太多",
    errno.EINVAL: "名称里有不能用的字符",
    errno.EIO: "磁盘读写出错",
}


def reason(error: Exception) -> str:
    """Why the system would not: in Chinese where the reason is a usual one."""
    code = getattr(error, "errno", None)
    return _REASONS.get(code) or getattr(error, "strerror", None) or str(error) if isinstance(code, int) else str(error)


def misfit(error: Any) -> str:
    """Where a pydantic ValidationError found its first fault, and what it is: the library says it in English."""
    first = error.errors()[0]
    place = "“" + ".".join(map(str, first["loc"])) + "”" if first["loc"] else "内容"
    return {"missing": f"缺少{place}", "extra_forbidden": f"{place}是多出的键"}.get(first["type"], f"{place}的写法不对")


def fault_in(error: Exception) -> str:
    """Where a TOML or JSON text is wrong: the place alone in Chinese, for what parsers say of it is English."""
    place = re.search(r"line (\d+),? col(?:umn)? (\d+)", str(error))
    return f"第{place[1]}行第{place[2]}个字符处" if place else "文件末尾" if "end of document" in str(error) else str(error)
