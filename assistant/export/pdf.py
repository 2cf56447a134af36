"""PDF through LibreOffice: the Word file of this package printed, with the page numbers of its contents measured, not estimated.

LibreOffice runs apart: its own profile folder for each call (two calls on one profile fail silently), a time limit, and on Linux font
names of Windows mapped to the Chinese fonts that are there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from assistant.chinese import fold
from assistant.errors import AssistantError
from assistant.export.outline import Whole
from assistant.export.word import contents_entries, part, word

SECONDS = 120.0


class ConverterMissing(AssistantError):
    """LibreOffice is needed and not on this machine, or did not do its work."""


def pdf(whole: Whole) -> bytes:
    """The document as the bytes of a .pdf file; ConverterMissing without LibreOffice."""
    office = libreoffice()
    if office is None:
        raise ConverterMissing(
            "导出 PDF 需要 LibreOffice，本机没有找到。", "请安装 LibreOffice 后重试；或先导出 Word（--to docx），再用 Word 或 WPS 另存为 PDF。"
        )
    printed = _printed(office, word(whole))
    entries = contents_entries(whole)
    if whole.cover and entries:
        measured = _measured(printed, [text for _, text in entries])
        if measured:
            printed = _printed(office, word(whole, pages=measured))
    return printed


def libreoffice() -> str | None:
    """The path of LibreOffice's program, or None."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found:
            return found
    usual = (
        Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
        Path(r"C:\Program Files\LibreOffice\program\soffice.exe"),
        Path(r"C:\Program Files (x86)\LibreOffice\program\soffice.exe"),
    )
    return next((str(path) for path in usual if path.is_file()), None)


def _printed(office: str, docx: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="goal-table-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "form.docx").write_bytes(docx)
        command = [office, f"-env:UserInstallation={(place / 'profile').as_uri()}", "--headless", "--norestore", "--convert-to", "pdf"]
        try:
            subprocess.run(
                [*command, "--outdir", str(place), str(place / "form.docx")],
                env=_environment(place),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ConverterMissing(
                f"LibreOffice 在 {SECONDS:.0f} 秒内没有完成转换。", "请关闭其他 LibreOffice 窗口后重试，或先导出 Word 再另存为 PDF。"
            ) from None
        except OSError as error:
            raise ConverterMissing(f"LibreOffice 无法启动：{error.strerror or error}。", "请检查 LibreOffice 的安装，或先导出 Word 再另存为 PDF。") from None
        made = place / "form.pdf"
        if not made.is_file():
            raise ConverterMissing("LibreOffice 没有生成 PDF。", "请确认 LibreOffice Writer 组件已安装（libreoffice-writer），或先导出 Word 再另存为 PDF。")
        return made.read_bytes()


def _environment(place: Path) -> dict[str, str]:
    environment = dict(os.environ)
    fonts = Path("/etc/fonts/fonts.conf")
    if fonts.is_file() and "FONTCONFIG_FILE" not in environment:
        (place / "fonts.conf").write_text(part("fonts.conf"), encoding="utf-8")
        environment["FONTCONFIG_FILE"] = str(place / "fonts.conf")
    return environment


def _measured(printed: bytes, headings: list[str]) -> dict[int, int]:
    """Contents entry → page, found by the headings in the order they stand; empty when one cannot be found."""
    import pypdfium2

    document = pypdfium2.PdfDocument(printed)
    try:
        texts = [_bare(page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()
    # Cover and contents carry no page number; page 1 is the first that ends with one.
    first = next((i for i, text in enumerate(texts) if re.search(r"-1-$", text)), None)
    if first is None:
        return {}
    found: dict[int, int] = {}
    page = first
    for index, heading in enumerate(headings):
        wanted = _bare(heading)
        page = next((i for i in range(page, len(texts)) if wanted in texts[i]), -1)
        if page < 0:
            return {}
        found[index] = page - first + 1
    return found


def _bare(text: str) -> str:
    return fold(text)
