"""The zip package of Word and Excel files, opened as if it were hostile.

Only parts that are asked for are inflated, each under a cap that holds before and while inflating; duplicate members, foreign
compression, encryption and every DOCTYPE are refused; relationships are followed inside the package only. Every failure is one
UnreadableFile with a Chinese sentence. Measured: 2–3 MB bombs cost 4–6 GB in readers without these caps.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass

from lxml import etree

from assistant.errors import UnreadableFile

MEBIBYTE = 1 << 20
PART_CAP = 64 * MEBIBYTE
TAG_CAP = 6_000_000
MEMBER_CAP = 20_000
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_PROLOG = 1 << 16
_CHUNK = 1 << 18
_STORED_OR_DEFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What a damaged zip raises.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, OSError, ValueError, RuntimeError, IndexError)
_RELATIONSHIPS = "_rels/.rels"
# In every encoding an XML parser takes without being told: a DOCTYPE cannot hide in UTF-16 or UTF-32.
_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037"))


@dataclass(slots=True, frozen=True)
class Relationship:
    """One link of a part: its kind (the last word of the type address), the target part, and whether that lies outside the package."""

    kind: str
    target: str
    external: bool


def inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, cap: int) -> bytes | None:
    """The bytes of a member, None as soon as they are more than ``cap``, by what the archive says or by what comes; raises ``BROKEN``."""
    chunks: list[bytes] = []
    size = 0
    with archive.open(info) as stream:
        while size <= cap >= info.file_size and (chunk := stream.read(_CHUNK)):
            chunks.append(chunk)
            size += len(chunk)
    return b"".join(chunks) if size <= cap >= info.file_size else None


class Package:
    """An opened OOXML package; ``name`` is how messages call the file."""

    def __init__(self, data: bytes, name: str, *, password: str | None = None) -> None:
        self.name = name
        if data[:8] == OLE_MAGIC:
            data = decrypt(data, name, password)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except BROKEN as error:
            raise UnreadableFile(f"“{name}”的压缩包结构损坏或被截断，打不开。", "请重新下载或向来源索取完整文件。") from error
        if len(infos) > MEMBER_CAP:
            raise UnreadableFile(f"“{name}”含 {len(infos)} 个内部部件，不像正常的办公文件。", "请用 Word、WPS 或 Excel 打开后另存一份再试。")
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            part = info.filename.replace("\\", "/").lstrip("/").lower()
            if part.endswith("/"):
                continue
            if part in self._members:
                raise UnreadableFile(f"“{name}”里有两个同名部件（{info.filename}），内容有歧义，不予读取。", "请用 Word、WPS 或 Excel 打开后另存一份再试。")
            self._members[part] = info

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def parts(self) -> list[str]:
        """The names of all parts, lower case, in the order of the package."""
        return list(self._members)

    def read(self, part: str, cap: int = PART_CAP) -> bytes:
        """The bytes of one part; UnreadableFile when it is missing, broken, encrypted or larger than ``cap``."""
        info = self._members.get(part.lower())
        if info is None:
            raise UnreadableFile(f"“{self.name}”缺少部件 {part}，不是完整的办公文件。", "请用 Word、WPS 或 Excel 打开后另存一份再试。")
        if info.flag_bits & 0x1:
            raise UnreadableFile(f"“{self.name}”的部件被加密，无法读取。", "请先去掉密码再试。")
        if info.compress_type not in _STORED_OR_DEFLATED:
            raise UnreadableFile(f"“{self.name}”用了办公文件不用的压缩方式。", "请用 Word、WPS 或 Excel 打开后另存一份再试。")
        try:
            data = inflated(self._zip, info, cap)
        except BROKEN as error:
            raise UnreadableFile(f"“{self.name}”的部件 {part} 损坏或被截断。", "请重新下载或向来源索取完整文件。") from error
        if data is None:
            raise self._too_big(part, cap)
        return data

    def _too_big(self, part: str, cap: int) -> UnreadableFile:
        return UnreadableFile(
            f"“{self.name}”的部件 {part} 解压后超过 {cap // MEBIBYTE} MB，可能是压缩炸弹，不予读取。", "若确是正常文件，请拆成几个较小的文件再试。"
        )

    def xml(self, part: str) -> etree._Element:
        """The root element of a part."""
        return parse_xml(self.read(part), self.name, part)

    def relationships(self, part: str = "") -> dict[str, Relationship]:
        """The links of a part (of the package itself for ``""``) by id; targets inside are full part names, nothing outside is opened."""
        folder, leaf = posixpath.split(part)
        source = posixpath.join(folder, "_rels", leaf + ".rels") if part else _RELATIONSHIPS
        if source not in self:
            return {}
        found: dict[str, Relationship] = {}
        for element in self.xml(source):
            target = element.get("Target", "")
            external = element.get("TargetMode", "") == "External" or "://" in target
            if not external:
                target = posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")
            found[element.get("Id", "")] = Relationship(element.get("Type", "").rsplit("/", 1)[-1], target, external)
        return found

    def main_part(self, default: str) -> str:
        """The part that holds the document itself, as the package's own links say, else ``default``."""
        for link in self.relationships().values():
            if link.kind == "officeDocument" and not link.external and link.target in self:
                return link.target
        return default


def refuse_doctype(data: bytes, name: str, part: str) -> None:
    """UnreadableFile for an XML text that declares a document type: Office never writes one, entity attacks need one."""
    # It can only stand before the first element; what is padded further down is found after parsing.
    head = data[:_PROLOG]
    if any(mark in head for mark in _DOCTYPES):
        where = f"“{name}”" + (f"的部件 {part}" if part else "")
        raise UnreadableFile(f"{where}含有 DOCTYPE 声明（可能藏有外部实体），不予读取。", "正常的办公文件不含这种声明；请用 Word、WPS 或 Excel 另存一份再试。")


def parse_xml(data: bytes, name: str, part: str = "") -> etree._Element:
    """The root of an XML text; a DOCTYPE, entities, excessive depth or broken markup give UnreadableFile."""
    where = f"“{name}”" + (f"的部件 {part}" if part else "")
    refuse_doctype(data, name, part)
    if data.count(b"<") > TAG_CAP:
        raise UnreadableFile(f"{where}的标记过多，可能是压缩炸弹，不予读取。", "若确是正常文件，请拆成几个较小的文件再试。")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(f"{where}的内容不是完整的 XML，可能损坏或被截断。", "请用 Word、WPS 或 Excel 打开后另存一份再试。") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):  # hidden in an encoding of its own choice
        raise UnreadableFile(f"{where}含有 DOCTYPE 声明（可能藏有外部实体），不予读取。", "正常的办公文件不含这种声明。")
    return root


def decrypt(data: bytes, name: str, password: str | None) -> bytes:
    """The package inside an encrypted Office file; UnreadableFile tells whether a password is missing or wrong."""
    import msoffcrypto

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(data))
        if not file.is_encrypted():
            raise UnreadableFile(f"“{name}”是旧版（97-2003）格式，与扩展名不符。", "请改成对应的扩展名（.doc、.xls、.wps、.et）后再试。")
        if password is None:
            raise UnreadableFile(f"“{name}”设有打开密码。", "请用 --password 给出密码，或先在 Word、WPS 中去掉密码再试。")
        file.load_key(password=password, verify_password=True)
        opened = io.BytesIO()
        file.decrypt(opened)
    except UnreadableFile:
        raise
    except Exception as error:  # the library raises its own, olefile's and bare exceptions for a wrong password and for broken files alike
        if password is not None and re.search(r"password|key", str(error), re.IGNORECASE):
            raise UnreadableFile(f"“{name}”的密码不对。", "请核对密码后重试。") from error
        raise UnreadableFile(f"“{name}”是加密或损坏的旧格式容器，打不开。", "请在 Word、WPS 中打开并另存为 .docx 或 .xlsx 后再试。") from error
    return opened.getvalue()


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without control characters and lone surrogates, which no terminal, file or spreadsheet takes well."""
    return CONTROL.sub("", text) if CONTROL.search(text) else text
