"""PDF through LibreOffice: the Word file of this package printed, with the page numbers of its contents measured, not estimated.

On Linux the font names of Windows that Chinese forms use are mapped to the Chinese fonts that are there (``parts/fonts.conf``).
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from assistant.chinese import fold
from assistant.documents.libreoffice import converted, program
from assistant.errors import AssistantError, UnreadableFile
from assistant.export.outline import Whole
from assistant.export.word import contents_entries, word

_FONTS = Path(__file__).parent / "parts" / "fonts.conf"


class ConverterMissing(AssistantError):
    """LibreOffice is needed and not on this machine, or did not do its work."""


def pdf(whole: Whole) -> bytes:
    """The document as the bytes of a .pdf file; ConverterMissing without LibreOffice."""
    if program() is None:
        raise ConverterMissing(
            "导出 PDF 需要 LibreOffice，本机没有找到。", "请安装 LibreOffice 后重试；或先导出 Word（--to docx），再用 Word 或 WPS 另存为 PDF。"
        )
    printed = _printed(word(whole))
    entries = contents_entries(whole)
    if whole.cover and entries:
        measured = _measured(printed, [text for _, text in entries])
        if measured:
            printed = _printed(word(whole, pages=measured))
    return printed


def _printed(docx: bytes) -> bytes:
    # A child process takes its environment whole: this machine's own, and on Linux our names for its fonts.
    environment = {"FONTCONFIG_FILE": str(_FONTS), **os.environ} if Path("/etc/fonts/fonts.conf").is_file() else None
    try:
        return converted(docx, ".docx", "pdf", "form.docx", environment=environment)
    except UnreadableFile as error:
        raise ConverterMissing(
            f"LibreOffice 没有生成 PDF：{error.message}", "请确认 LibreOffice Writer 组件已安装（libreoffice-writer），或先导出 Word 再另存为 PDF。"
        ) from None


def _measured(printed: bytes, headings: list[str]) -> dict[int, int]:
    """Contents entry → page, found by the headings in the order they stand; empty when one cannot be found."""
    import pypdfium2

    document = pypdfium2.PdfDocument(printed)
    try:
        texts = [fold(page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()
    # Cover and contents carry no page number; page 1 is the first that ends with one.
    first = next((i for i, text in enumerate(texts) if re.search(r"-1-$", text)), None)
    if first is None:
        return {}
    found: dict[int, int] = {}
    page = first
    for index, heading in enumerate(headings):
        wanted = fold(heading)
        page = next((i for i in range(page, len(texts)) if wanted in texts[i]), -1)
        if page < 0:
            return {}
        found[index] = page - first + 1
    return found
