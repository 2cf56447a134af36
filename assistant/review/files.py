"""Draft files on disk: found, read, kept by one reviewer at a time, and saved only over what was read.

Two guards. A reviewer's place (``place``) is a lock held while a screen or a command works on a file: the second is told who and since
when. And a save compares the file with what was read, under a short lock, so that a change by any other way is never overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from assistant import workspace
from assistant.draft import Draft
from assistant.errors import InputError, UnreadableFile, WorkspaceError, misfit, reason, unreadable
from assistant.refusals import remember, withdraw
from assistant.review.refused import refusals_of

_LARGEST = 64 * 1024 * 1024


class ChangedOutside(WorkspaceError):
    """The file is no longer what was read: somebody else saved in between. Nothing was written."""


class Busy(WorkspaceError):
    """Another reviewer has the file; ``person`` and ``since`` tell who and since when."""

    def __init__(self, path: Path, person: str, since: str) -> None:
        super().__init__(f"{person}正在审核“{path.name}”（{_clock(since)}起），您的操作没有执行。", "请等对方退出后再试；只看不改可用 --list。")
        self.person = person
        self.since = since


class DraftFile:
    """One draft file as read: ``draft`` is what it holds now, kept in step by ``save``."""

    def __init__(self, path: Path, *, home: Path | None = None) -> None:
        self.path = path
        self.home = home
        self.draft, self._stamp = self._read()

    def save(self, draft: Draft, *, durable: bool = True) -> None:
        """Write a draft over what was read. ChangedOutside when the file is another one by now; WorkspaceError when it cannot be written.

        Not ``durable``: without waiting for the disk (``flush`` does that later). Refusals new in its history are remembered in the
        workspace, those undone withdrawn.
        """
        data = (draft.to_json() + "\n").encode("utf-8")
        with workspace.locked(_beside(self.path)):
            if _stamp(_bytes(self.path)) != self._stamp:
                raise ChangedOutside(f"“{self.path.name}”刚被别人改动，您的这一步没有保存。", "已有内容没有被覆盖；请重新打开，在最新内容上再作决定。")
            workspace.write(self.path, data, durable=durable)
        before, self.draft, self._stamp = self.draft, draft, _stamp(data)
        if self.home is not None:
            self._remember(self.home, before)

    def flush(self) -> None:
        """Wait until the disk has what was saved."""
        with contextlib.suppress(OSError), open(self.path, "rb+") as stream:
            os.fsync(stream.fileno())

    def reload(self) -> None:
        """Read the file again."""
        self.draft, self._stamp = self._read()

    def changed(self) -> bool:
        """Whether the file on disk is another one than was read."""
        try:
            return _stamp(_bytes(self.path)) != self._stamp
        except UnreadableFile:
            return True

    def _remember(self, home: Path, before: Draft) -> None:
        old = {refusal.id: refusal for refusal in refusals_of(before)}
        new = {refusal.id: refusal for refusal in refusals_of(self.draft)}
        remember(home, [refusal for name, refusal in new.items() if name not in old])
        withdraw(home, [name for name in old if name not in new])

    def _read(self) -> tuple[Draft, str]:
        data = _bytes(self.path)
        return parsed(data, self.path), _stamp(data)


def parsed(data: bytes, path: Path) -> Draft:
    """The draft in a file's bytes; UnreadableFile when it is none."""
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise UnreadableFile(
            f"“{path}”不是草稿文件（读不出 JSON）。", "请给出起草得到的 .json 文件；曾能打开的，用 assistant review 草稿.json --verify 查看损坏情况。"
        ) from None
    if not isinstance(raw, dict) or raw.get("kind") != "draft":
        raise UnreadableFile(f"“{path}”不是草稿文件。", "请给出起草（assistant draft）得到的 .json 文件。")
    try:
        return Draft.model_validate(raw)
    except ValidationError as error:
        raise UnreadableFile(f"草稿“{path}”的内容不合格式：{misfit(error)}。", "文件可能被手工改坏，请恢复备份，或重新起草。") from None


def draft_in(path: Path) -> Draft | None:
    """The draft in a file, None when the file holds something else."""
    try:
        return parsed(_bytes(path), path)
    except UnreadableFile:
        return None


def find(names: Iterable[str], drafts: Path) -> list[Path]:
    """The draft files that names mean: a file, a folder of drafts, or the id or project name of a draft in the workspace.

    InputError for a name that means none, or several.
    """
    found: list[Path] = []
    for name in names:
        path = Path(name).expanduser()
        if path.is_dir():
            inside = [each for each in sorted(path.glob("*.json")) if _is_draft(each)]
            if not inside:
                raise InputError(f"文件夹“{path}”中没有草稿。", "请给出起草得到的 .json 文件或其所在文件夹。")
            found.extend(inside)
        elif path.exists():
            found.append(path)
        else:
            found.append(_named(name, drafts))
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def place(path: Path, person: str, now: str, *, waiting: float = 0.0) -> Iterator[None]:
    """Hold a file's reviewer's place for the body. Busy when another has it; it ends with the process, even when that is killed."""
    from filelock import FileLock, Timeout

    sign = path.with_name(f".{path.name}.reviewer")
    lock = FileLock(str(sign) + ".lock")
    try:
        lock.acquire(timeout=waiting)
    except Timeout:
        raise Busy(path, *_holder(sign)) from None
    except OSError as error:
        raise WorkspaceError(f"不能在“{path.parent}”中写文件：{reason(error)}。", "请把草稿复制到可写的文件夹再审核。") from None
    try:
        workspace.write(sign, json.dumps({"person": person, "since": now}, ensure_ascii=False))
        yield
    finally:
        with contextlib.suppress(OSError):
            sign.unlink()
        lock.release()


def _holder(sign: Path) -> tuple[str, str]:
    try:
        told = json.loads(sign.read_text(encoding="utf-8"))
        return str(told["person"] or "另一位审核人"), str(told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return "另一位审核人", ""


def _clock(since: str) -> str:
    return since[5:16].replace("T", " ") if since else "此前"


def _named(name: str, drafts: Path) -> Path:
    from assistant.chinese import fold

    # Ids first: cheap and exact.
    exact = drafts / f"{name}.json"
    if "/" not in name and "\\" not in name and exact.is_file():
        return exact
    fitting = []
    for path in sorted(drafts.rglob("*.json")) if drafts.is_dir() else []:
        with contextlib.suppress(UnreadableFile):
            draft = parsed(_bytes(path), path)
            if fold(name) in (fold(draft.id), fold(draft.table.project.name or ""), fold(draft.request.name)):
                fitting.append(path)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise InputError(f"有{len(fitting)}份草稿叫“{name}”。", f"请写明文件：{'、'.join(str(path) for path in fitting[:4])}。")
    raise InputError(f"没有找到草稿“{name}”。", f"请给出草稿文件的路径；工作区中的草稿在 {drafts}。")


def _is_draft(path: Path) -> bool:
    try:
        return b'"kind"' in (data := _bytes(path)) and json.loads(data.decode("utf-8-sig")).get("kind") == "draft"
    except (UnreadableFile, ValueError, AttributeError, RecursionError):
        return False


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableFile(f"“{path}”太大，不是草稿文件。", "请给出起草得到的 .json 文件。")
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def _stamp(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}")
