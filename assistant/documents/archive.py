"""Archives (.zip): their files are handed on in memory under names that are only ever shown, never written to disk.

Bounded in number, size and nesting; a name that climbs out of the archive is only a name here, but such an archive is not one that
an office made, so it is said. Names written by Chinese Windows (GBK without the UTF-8 flag) are decoded as such.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from assistant.documents.content import Content
from assistant.documents.ooxml import BROKEN, MEMBER_CAP, inflated
from assistant.documents.readers import READERS, Member
from assistant.errors import UnreadableFile

FILE_CAP = 256 << 20
TOTAL_CAP = 2 << 30
DEPTH_CAP = 3

_UTF8_FLAG = 0x800


def members(content: Content, skipped: list[Path] | None = None) -> Iterator[Member]:
    """The readable files of a zip, in order of name, archives inside it opened too.

    What is broken, locked or a bomb comes as a member that carries its error, so that the files beside it can still be read. The names
    of files of other kinds are added to ``skipped``.
    """
    yield from _Opener(skipped).members(content.path, content.data, 1)


class _Opener:
    """An archive and all archives inside it, with what may still be inflated."""

    def __init__(self, skipped: list[Path] | None) -> None:
        self.bytes = TOTAL_CAP
        self.files = MEMBER_CAP
        self.skipped = skipped if skipped is not None else []

    def members(self, path: str, data: bytes, depth: int) -> Iterator[Member]:
        try:
            archive, infos = self._opened(path, data, depth)
        except UnreadableFile as error:
            yield Member(path, b"", error)
            return
        for name, info in sorted(((_name(info), info) for info in infos), key=lambda pair: pair[0]):
            leaf, shown = name.rsplit("/", 1)[-1], f"{path}!{name}"
            suffix = "." + leaf.rsplit(".", 1)[1].lower() if "." in leaf else ""
            if leaf.startswith((".", "~$")) or "__MACOSX/" in name:
                continue
            if suffix not in READERS and suffix != ".zip":
                self.skipped.append(Path(shown))
                continue
            try:
                inner = self._inflated(archive, info, shown)
            except UnreadableFile as error:
                yield Member(shown, b"", error)
                continue
            if suffix == ".zip":
                yield from self.members(shown, inner, depth + 1)
            else:
                yield Member(shown, inner)

    def _opened(self, path: str, data: bytes, depth: int) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
        if depth > DEPTH_CAP:
            raise UnreadableFile(f"“{path}”嵌套超过 {DEPTH_CAP} 层压缩包，没有读取。", "请先解压里层的压缩包。")
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
            infos = [info for info in archive.infolist() if not info.is_dir()]
        except BROKEN as error:
            raise UnreadableFile(f"“{path}”不是完整的压缩包，打不开。", "请重新下载，或解压后直接读取文件夹。") from error
        self.files -= len(infos)
        if self.files < 0:
            raise UnreadableFile(f"“{path}”里的文件超过 {MEMBER_CAP} 个，没有读取。", "请解压后分批读取。")
        return archive, infos

    def _inflated(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str) -> bytes:
        if info.flag_bits & 0x1:
            raise UnreadableFile(f"“{shown}”设有解压密码，没有读取。", "请先解压，再读取解压后的文件夹。")
        try:
            data = inflated(archive, info, min(FILE_CAP, self.bytes))
        except BROKEN as error:
            raise UnreadableFile(f"“{shown}”已损坏，解压不出来。", "请重新下载压缩包，或解压后直接读取文件夹。") from error
        if data is None:
            message = f"“{shown}”解压后过大（单个文件上限 {FILE_CAP >> 20} MB，合计上限 {TOTAL_CAP >> 30} GB），可能是压缩炸弹，没有读取。"
            raise UnreadableFile(message, "请解压后分批读取。")
        self.bytes -= len(data)
        return data


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: UTF-8 when flagged or valid, else GBK, shown with forward slashes and without leading ones."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        for encoding in ("utf-8", "gb18030") if raw else ():
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    return name.replace("\\", "/").lstrip("/")
