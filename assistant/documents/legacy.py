"""Older and foreign Office formats (.doc .wps .rtf .odt .ods, Word 2003 XML): converted by LibreOffice, then read as Word or Excel.

Needs LibreOffice; without it one clear sentence says so. Files under a password are opened before they are handed on.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from assistant.documents.content import Content
from assistant.documents.libreoffice import converted
from assistant.documents.model import Document
from assistant.errors import UnreadableFile

_OLE = b"\xd0\xcf\x11\xe0"


def read_text_document(content: Content) -> Document:
    """A .doc, .wps, .rtf, .odt or Word 2003 XML file, by way of .docx."""
    from assistant.documents.word import read_word

    return _by_way_of("docx", read_word, content, _real_suffix(content.data))


def read_spreadsheet(content: Content) -> Document:
    """An .ods, .xls or .et file, by way of .xlsx."""
    from assistant.documents.excel import read_excel

    return _by_way_of("xlsx", read_excel, content, ".xls" if content.data.startswith(_OLE) else ".ods")


def _by_way_of(to: str, read: Callable[[Content], Document], content: Content, suffix: str) -> Document:
    data = unlocked(content) if content.data.startswith(_OLE) else content.data
    document = read(Content(content.path, converted(data, suffix, to, content.path), content.original))
    document.source = content.source(suffix.lstrip("."))
    return document


def _real_suffix(data: bytes) -> str:
    """The ending LibreOffice shall see. A .wps of today is a .doc inside, but its ending stands for Microsoft Works there."""
    if data.startswith(b"{\\rtf"):
        return ".rtf"
    if data.startswith(b"PK"):
        return ".odt"
    return ".doc" if data.startswith(_OLE) else ".xml"


def unlocked(content: Content) -> bytes:
    """The bytes of an old Office file without its password; UnreadableFile when one is needed or wrong."""
    import msoffcrypto

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content.data))
        locked = file.is_encrypted()
    except Exception:  # the library raises anything on files that it does not know; whoever reads them next judges
        return content.data
    if not locked:
        return content.data
    if content.password is None:
        raise UnreadableFile(f"“{content.path}”设有打开密码。", "请用 --password 给出密码，或先在 Word、WPS 中去掉密码再试。")
    opened = io.BytesIO()
    try:
        file.load_key(password=content.password)
        file.decrypt(opened)
    except Exception as error:  # wrong password, unknown cipher, broken stream: many kinds, one thing to say
        raise UnreadableFile(f"“{content.path}”的密码不对，或加密方式不支持。", "请核对密码，或先在 Word、WPS 中去掉密码再试。") from error
    return opened.getvalue()
