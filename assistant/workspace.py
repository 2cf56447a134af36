"""The user's folder on disk: whole-or-nothing writes and locks. Paths come in as arguments; nothing here knows what is stored.

A write goes beside the target, is flushed to the disk, and is renamed over it, so that a crash or a full disk leaves the old file
whole. Private files (keys, logs, sessions) are made readable by their owner only.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import WorkspaceError, reason


def write(path: Path, content: str | bytes, *, private: bool = False, durable: bool = True) -> None:
    """Write a file whole or not at all. Raises WorkspaceError when the place cannot be written.

    Not ``durable``: safe against a killed process, but not yet against a power cut (no waiting for the disk).
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            # A device or a pipe (-o /dev/stdout) is written to, never replaced.
            path.write_bytes(data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            if not private:
                os.chmod(beside, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(beside)
            raise
    except OSError as error:
        raise _as_words(path, error) from error


def append(path: Path, line: str) -> None:
    """Add one line to a file of lines; WorkspaceError when the place cannot be written. A line that a kill cut in two ends before the next."""
    try:
        with path.open("a+b") as stream:
            torn = stream.tell() > 0 and (stream.seek(-1, os.SEEK_END), stream.read(1))[1] != b"\n"
            stream.write(("\n" if torn else "").encode() + line.encode("utf-8") + b"\n")
    except OSError as error:
        raise _as_words(path, error) from error


def make_folder(path: Path) -> Path:
    """Make a folder (and its parents); WorkspaceError when that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _as_words(path, error) from error
    return path


@contextlib.contextmanager
def locked(path: Path, *, waiting: float = 30.0) -> Iterator[None]:
    """Hold the lock beside ``path`` for the body; WorkspaceError when another process keeps it longer than ``waiting`` seconds."""
    from filelock import FileLock, Timeout

    make_folder(path.parent)
    lock = FileLock(str(path) + ".lock")
    try:
        lock.acquire(timeout=waiting)
    except Timeout:
        raise WorkspaceError(f"另一个进程正在使用“{path}”，等了{waiting:.0f}秒仍未结束。", "请等它结束后重试；若确认没有其他进程，可重启后再试。") from None
    except OSError as error:
        raise _as_words(path, error) from error
    try:
        yield
    finally:
        lock.release()


def _umask() -> int:
    # There is no way to read the mask without setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _as_words(path: Path, error: OSError) -> WorkspaceError:
    import errno

    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return WorkspaceError(f"没有写入“{path}”的权限。", "请换一个可写的文件夹（-o 或 ASSISTANT_HOME），或请管理员开放权限。")
    if error.errno == errno.ENOSPC:
        return WorkspaceError(f"磁盘已满，“{path}”没有写成，原文件未动。", "请清理磁盘后重试。")
    return WorkspaceError(f"无法写入“{path}”：{reason(error)}。", "请检查路径是否存在、是否被其他程序占用。")
