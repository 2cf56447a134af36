"""Any file as a Document: the registry of readers and the walk over folders.

One module per format, each with functions ``(Content) -> Document``; a new format is a module and its lines in ``READERS``. What
the bytes are wins over what the name says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from assistant.documents.content import Content, detected
from assistant.documents.model import Document, Notice
from assistant.errors import UnreadableFile, reason

# A file beyond this is no office document; it is refused before a byte of it is read.
MOST_BYTES = 256 * 1024 * 1024

Reader = Callable[[Content], Document]


def _by(module: str, function: str) -> Reader:
    """A reader of a module that loads when it is first needed."""

    def reader(content: Content) -> Document:
        found: Reader = getattr(import_module(f"assistant.documents.{module}"), function)
        return found(content)

    return reader


def _office_xml(content: Content) -> Document:
    spreadsheet = b"urn:schemas-microsoft-com:office:spreadsheet" in content.data
    return (_by("spreadsheetml", "read_spreadsheetml") if spreadsheet else _OLD_TEXT)(content)


_WORD, _EXCEL, _OLD_EXCEL = _by("word", "read_word"), _by("excel", "read_excel"), _by("xls", "read_xls")
_TEXT, _MARKDOWN = _by("plain", "read_text"), _by("plain", "read_markdown")
_OLD_TEXT, _SPREADSHEET = _by("legacy", "read_text_document"), _by("legacy", "read_spreadsheet")
_DELIMITED, _HTML, _PDF, _PICTURE = _by("delimited", "read_delimited"), _by("html", "read_html"), _by("pdf", "read_pdf"), _by("ocr", "read_picture")

# Suffix → reader; the modules load when first needed. Archives are in ARCHIVES.
READERS: dict[str, Reader] = {
    ".txt": _TEXT,
    ".text": _TEXT,
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".docx": _WORD,
    ".docm": _WORD,
    ".xlsx": _EXCEL,
    ".xlsm": _EXCEL,
    ".csv": _DELIMITED,
    ".tsv": _DELIMITED,
    ".html": _HTML,
    ".htm": _HTML,
    ".mht": _HTML,
    ".mhtml": _HTML,
    ".xls": _OLD_EXCEL,
    ".et": _OLD_EXCEL,
    ".doc": _OLD_TEXT,
    ".wps": _OLD_TEXT,
    ".rtf": _OLD_TEXT,
    ".odt": _OLD_TEXT,
    ".ods": _SPREADSHEET,
    ".xml": _office_xml,
    ".pdf": _PDF,
    ".png": _PICTURE,
    ".jpg": _PICTURE,
    ".jpeg": _PICTURE,
    ".tif": _PICTURE,
    ".tiff": _PICTURE,
    ".bmp": _PICTURE,
}


@dataclass(slots=True, frozen=True)
class Member:
    """A file inside an archive: ``path`` as shown (``a.zip!b.docx``) and its bytes, or the error that ``read`` raises for it."""

    path: str
    data: bytes
    error: UnreadableFile | None = None


def _zip(content: Content, skipped: list[Path] | None) -> Iterator[Member]:
    from assistant.documents.archive import members

    return members(content, skipped)


# Suffix → the members of an archive, already safe to read; names of files of other kinds are added to the list.
ARCHIVES: dict[str, Callable[[Content, list[Path] | None], Iterator[Member]]] = {".zip": _zip}

# Suffixes that one and the same kind of bytes may carry.
_FAMILIES: dict[str, frozenset[str]] = {
    ".docx": frozenset({".docx", ".docm"}),
    ".xlsx": frozenset({".xlsx", ".xlsm"}),
    ".doc": frozenset({".doc", ".wps"}),
    ".xls": frozenset({".xls", ".et"}),
    ".ole": frozenset({".doc", ".wps", ".xls", ".et"}),
    # A zip that is no Office file under an Office name is a damaged one: its own reader says so.
    ".zip": frozenset({".zip", ".docx", ".docm", ".xlsx", ".xlsm", ".odt", ".ods"}),
    ".html": frozenset({".html", ".htm", ".mht", ".mhtml"}),
    ".jpg": frozenset({".jpg", ".jpeg"}),
    ".tif": frozenset({".tif", ".tiff"}),
}


def read(path: Path | Member, *, original: bool = False, password: str | None = None) -> Document:
    """The document in a file. ``original`` undoes tracked changes; ``password`` opens an encrypted file.

    UnreadableFile when it is missing, empty, broken or of a kind that cannot be read.
    """
    if isinstance(path, Member):
        if path.error is not None:
            raise path.error
        content = Content(path.path, path.data, original, password)
    else:
        content = Content(str(path), _bytes(path), original, password)
    if not content.data.strip(b"\0 \t\r\n"):
        raise UnreadableFile(f"“{content.path}”是空文件。", "请确认文件已保存完整后再读。")
    reader, notice = _reader(content)
    try:
        document = reader(content)
    except (RecursionError, MemoryError):
        raise UnreadableFile(f"“{content.path}”的内容嵌套过深或过大，没有读取。", "请用原软件打开后另存，或拆成较小的文件再试。") from None
    if notice:
        document.notices.insert(0, notice)
    return document


def expand(paths: Iterable[Path], *, skipped: list[Path] | None = None) -> Iterator[Path | Member]:
    """The files to read: files as they are, folders walked in order of name, archives opened (a broken one is a member with its error).

    In folders hidden files, Office's lock files (``~$…``) and files of other kinds are left out; the last are added to ``skipped``.
    """
    for file in files(paths, skipped=skipped):
        yield from _members(file, skipped)


def files(paths: Iterable[Path], *, skipped: list[Path] | None = None) -> Iterator[Path]:
    """The files meant, archives closed: files as they are, folders walked in order of name, as ``expand`` does."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, inner, names in os.walk(path):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for name in sorted(names):
                if name.startswith((".", "~$")):
                    continue
                found = Path(folder) / name
                if found.suffix.lower() in READERS or found.suffix.lower() in ARCHIVES:
                    yield found
                elif skipped is not None:
                    skipped.append(found)


def _members(path: Path, skipped: list[Path] | None) -> Iterator[Path | Member]:
    opener = ARCHIVES.get(path.suffix.lower())
    if opener is None or not path.is_file():
        yield path
        return
    try:
        content = Content(str(path), _bytes(path))
    except UnreadableFile as error:
        yield Member(str(path), b"", error)
        return
    yield from opener(content, skipped)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableFile(f"“{path}”是文件夹，不是文件。", "请给出文件夹里的文件，或直接把文件夹交给 assistant read。")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UnreadableFile(f"“{path}”有{size / 1024 / 1024:.0f}MB，超过上限 {MOST_BYTES // 1024 // 1024}MB，没有读取。", "请拆成较小的文件。")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(f"找不到文件“{path}”。", "请检查路径和文件名，含空格时请加引号。") from None
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"读不到文件“{path}”：{reason(error)}。", "请检查文件是否存在、是否有读取权限。") from None


def _reader(content: Content) -> tuple[Reader, Notice | None]:
    suffix, real = content.suffix, detected(content.data)
    if real == ".encrypted":
        from assistant.documents.ooxml import decrypt

        real = detected(decrypt(content.data, content.path, content.password))
    if real is None or suffix == real or suffix in _FAMILIES.get(real, ()):
        reader = READERS.get(suffix)
        if reader is not None and not (real is None and suffix in _BINARY):
            return reader, None
        if real is None:
            # Text under another name: a saved page or a list without a known ending is still worth reading.
            notice = Notice(content.path, f"扩展名“{suffix or '（无）'}”不是已知的文本类型，按纯文本读取。")
            return (_text_under_another_name if suffix in _BINARY else _TEXT), notice
    else:
        reader = READERS.get(real)
        if reader is not None:
            return reader, Notice(content.path, f"扩展名是“{suffix or '（无）'}”，内容其实是“{real}”，按内容读取。")
    shown = f"“{suffix}”" if real is None or suffix == real or suffix in _FAMILIES.get(real, ()) else f"“{suffix or '（无）'}”（内容是 {real}）"
    raise UnreadableFile(f"“{content.path}”的类型{shown}不能读取。", f"可读的类型：{' '.join(sorted({*READERS, *ARCHIVES}))}。")


def _text_under_another_name(content: Content) -> Document:
    try:
        return _TEXT(content)
    except UnreadableFile:
        damaged = f"“{content.path}”的内容不是 {content.suffix} 格式：文件已损坏、被截断，或扩展名不对。"
        raise UnreadableFile(damaged, "请用原软件打开确认，或向来源重新索取。") from None


# Formats that are never plain text: such a name over text is a damaged file or a misnamed one.
_BINARY = frozenset(
    {".docx", ".docm", ".doc", ".wps", ".xlsx", ".xlsm", ".xls", ".et", ".pdf", ".odt", ".ods", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"}
)
