"""What a reader is given, and text out of bytes: the encoding ladder and the tell-tale first bytes of file formats.

Knows no format's inside. The ladder is BOM → strict UTF-8 → UTF-16 without a mark → strict GB18030 → UTF-8 with a few broken bytes
replaced and said.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from assistant.documents.model import Notice, SourceFile
from assistant.errors import UnreadableFile

# More text than any office writes; beyond it a file is refused before it costs time and memory.
MOST_TEXT = 24 * 1024 * 1024


@dataclass(slots=True, frozen=True)
class Content:
    """One file's bytes and how to read them: ``path`` as shown to people (``a.zip!b.docx``), ``original`` = tracked changes undone."""

    path: str
    data: bytes
    original: bool = False
    password: str | None = None

    @property
    def suffix(self) -> str:
        """The file name's ending in lower case (``.docx``), empty when there is none."""
        name = re.split(r"[/\\!]", self.path)[-1]
        return "." + name.rsplit(".", 1)[1].lower() if "." in name.lstrip(".") else ""

    def source(self, format: str) -> SourceFile:
        """The source of a document read from these bytes."""
        return SourceFile(self.path, hashlib.sha256(self.data).hexdigest(), format)


def decode(content: Content) -> tuple[str, list[Notice]]:
    """The text of a text file and what had to be accepted for it; UnreadableFile for bytes that are no text or too many."""
    data = content.data
    if len(data) > MOST_TEXT:
        raise UnreadableFile(
            f"“{content.path}”有{len(data) / 1024 / 1024:.0f}MB 文字，超过上限 {MOST_TEXT // 1024 // 1024}MB，没有读取。", "请只保留绩效目标表所在的部分。"
        )
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding), []
            except UnicodeDecodeError:
                return data.decode(encoding, errors="replace"), [Notice(content.path, f"按 {encoding} 读取，个别字节损坏，已用 � 代替。")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _without_utf8(content)
    if "\0" in text:
        return _without_utf8(content)
    return text, []


def _without_utf8(content: Content) -> tuple[str, list[Notice]]:
    data = content.data
    for encoding in ("utf-16-le", "utf-16-be") if b"\0" in data and len(data) % 2 == 0 else ():
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _readable(text):
            return text, [Notice(content.path, f"文件没有编码标记，按 {encoding.upper()} 读取。")]
    replaced = data.decode("utf-8", errors="replace")
    # A few broken bytes in a UTF-8 file must not turn the whole of it into GB18030 nonsense.
    broken = replaced.count("\ufffd")
    if "\0" not in replaced and broken * 200 <= len(replaced) and _readable(replaced):
        return replaced, [Notice(content.path, f"按 UTF-8 读取，有{broken}处字节损坏，已用 � 代替，请核对原文。")]
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
        broken = text.count("\ufffd")
        if broken * 200 <= len(text) and _readable(text):
            return text, [Notice(content.path, f"按 GB18030 读取，有{broken}处字节损坏，已用 � 代替，请核对原文。")]
    else:
        if _readable(text):
            return text, []
    raise UnreadableFile(f"“{content.path}”不是文本文件，读不出文字。", "请确认文件类型；如果是 Word、Excel 或 PDF，请保留原来的扩展名。")


def _readable(text: str) -> bool:
    # Text has next to no control characters and few letters of private or rare planes.
    sample = text[:200_000]
    odd = sum(1 for char in sample if (char < " " and char not in "\t\n\r\x0b\x0c\x07") or "\ue000" <= char <= "\uf8ff" or char > "\U0002fa1f")
    return odd * 50 <= len(sample)


# Pages begin so; office systems name many of them .doc and .xls.
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*|<!--.{0,2000}?-->\s*)*<(?:!doctype html|(?:html|head|meta|body|table|div|style|center)[\s>])", re.IGNORECASE | re.DOTALL
)
_OFFICE_XML = re.compile(rb"progid=.(?:Excel\.Sheet|Word\.Document)|urn:schemas-microsoft-com:office:spreadsheet|office/word/2003/wordml")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", ".pdf"),
    (b"\x89PNG\r\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"BM", ".bmp"),
    (b"GIF8", ".gif"),
    (b"{\\rtf", ".rtf"),
    (b"Rar!", ".rar"),
    (b"7z\xbc\xaf", ".7z"),
)
_PARTS: tuple[tuple[str, str], ...] = (("word/document.xml", ".docx"), ("xl/workbook.xml", ".xlsx"), ("content.xml", ".odt"), ("ppt/presentation.xml", ".pptx"))
# Streams of the old Office container (names in its directory are UTF-16).
_STREAMS: tuple[tuple[bytes, str], ...] = tuple(
    (name.encode("utf-16-le"), suffix)
    for name, suffix in (
        ("EncryptedPackage", ".encrypted"),
        ("WordDocument", ".doc"),
        ("Workbook", ".xls"),
        ("Book\0", ".xls"),
        ("PowerPoint Document", ".ppt"),
    )
)


def detected(data: bytes) -> str | None:
    """The suffix that the bytes speak for, or None for plain text.

    ``.encrypted`` is an Office file under a password, ``.ole`` an old Office container of unknown content, ``.zip`` any other zip.
    """
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        try:
            names = [name.replace("\\", "/").lower() for name in zipfile.ZipFile(BytesIO(data)).namelist()]
        except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
            return ".zip"
        if b"opendocument.spreadsheet" in data[:200]:
            return ".ods"
        for part, suffix in _PARTS:
            if part in names:
                return suffix
        for part, suffix in _PARTS if "[content_types].xml" in names else ():
            if any(name.startswith(part.split("/")[0] + "/") for name in names):
                return suffix
        return ".zip"
    if data.startswith(_OLE):
        return next((suffix for stream, suffix in _STREAMS if stream in data), ".ole")
    for signature, suffix in _SIGNATURES:
        if data.startswith(signature) and (suffix != ".bmp" or b"\0" in data[:16]):
            return suffix
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    saved_page = re.search(rb"^mime-version:", head, re.IGNORECASE | re.MULTILINE) and b"multipart/related" in head.lower()
    if _OFFICE_XML.search(head):
        return ".xml"
    return ".html" if saved_page or _PAGE.match(head) else None
