"""Scans and pictures: tables by their lines, text by recognition, every doubt said aloud, and a clear word where the extra is missing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.documents import Document, ocr
from assistant.documents.ocr import suspicion
from assistant.documents.readers import Member, read
from assistant.errors import UnreadableFile
from tests.office_files import rows_of, texts

FONTS = sorted(
    path for folder in ("/usr/share/fonts", "/Library/Fonts", "C:/Windows/Fonts") for path in Path(folder).rglob("*CJK*Regular*") if Path(folder).is_dir()
)
ROWS = [
    ["一级指标", "三级指标", "指标值"],
    ["产出指标", "得到培训的残疾人人数", "≥46人"],
    ["产出指标", "培训按期完成率", "≥90%"],
    ["满意度指标", "残疾人满意率", "≥80%"],
]


def scan(angle: float = 0.0, *, quarter: int = 0, values: Sequence[str] = ()) -> Any:
    """A picture of a page with a title and a ruled table of ``ROWS``, as a scanner of 200 dpi makes it."""
    from PIL import Image, ImageDraw, ImageFont

    if not ocr.available() or not FONTS:
        pytest.skip("the [ocr] extra or a Chinese font is not installed")
    font = ImageFont.truetype(str(FONTS[0]), 30)
    image = Image.new("L", (1300, 620), 255)
    draw = ImageDraw.Draw(image)
    draw.text((350, 60), "残疾人就业保障金绩效目标表", font=font, fill=20)
    xs, ys = [90, 400, 850, 1200], [150, 240, 330, 420, 510]
    for x in xs:
        draw.line((x, ys[0], x, ys[-1]), fill=0, width=2)
    for y in ys:
        draw.line((xs[0], y, xs[-1], y), fill=0, width=2)
    for i, row in enumerate(ROWS):
        for j, text in enumerate(row):
            text = values[i - 1] if values and i and j == 2 else text
            draw.text((xs[j] + 20, ys[i] + 24), text, font=font, fill=20)
    image = image.rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC)
    return image.rotate(90 * quarter, expand=True)


def saved(image: Any, kind: str) -> bytes:
    out = io.BytesIO()
    image.convert("RGB").save(out, kind, **({"resolution": 200.0} if kind == "PDF" else {}))
    return out.getvalue()


def check(document: Document) -> None:
    (grid,) = document.grids()
    assert rows_of(grid) == ROWS
    assert "残疾人就业保障金绩效目标表" in texts(document)
    assert any("OCR" in notice.why for notice in document.notices)


@pytest.mark.ocr
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name", "angle", "quarter"), [("PDF", "a.pdf", 0.0, 0), ("JPEG", "a.jpg", 1.2, 0), ("PNG", "误名.docx", 0.0, 1)])
def test_a_scanned_table_is_read_and_marked(kind: str, name: str, angle: float, quarter: int) -> None:
    check(read(Member(name, saved(scan(angle, quarter=quarter), kind))))


@pytest.mark.ocr
def test_lines_of_a_picture_are_found_and_strokes_of_characters_are_none() -> None:
    import numpy

    from assistant.documents.picture import prepared, rules_of

    picture = prepared(numpy.asarray(scan(-1.0).convert("RGB")))
    horizontal, vertical = rules_of(picture, 1.0, 30.0)
    assert len({round(rule.at / 10) for rule in horizontal}) == 5
    assert len({round(rule.at / 10) for rule in vertical}) == 4


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "误名.docx"])
def test_without_the_extra_one_sentence_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "available", lambda: False)
    with pytest.raises(UnreadableFile, match="没有安装") as caught:
        read(Member(name, (b"\xff\xd8\xff" if name.endswith("jpg") else b"\x89PNG\r\n\x1a\n") + b"\0" * 60))
    assert "[ocr]" in caught.value.hint


@pytest.mark.ocr
def test_broken_and_giant_pictures_end_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saved(scan(), "PNG")
    with pytest.raises(UnreadableFile, match="不是完整的图片"):
        read(Member("a.png", data[:200]))
    monkeypatch.setattr(ocr, "PIXEL_CAP", 1000)
    with pytest.raises(UnreadableFile, match="过大"):
        read(Member("a.png", data))


@pytest.mark.parametrize(("text", "words"), [("之46人", "≥"), ("1500元人", "元/人"), ("1500元1人", "“/”"), ("1O0%", "字母"), ("补贴 1500 元 人", "元/人")])
def test_likely_slips_are_suspected_aloud(text: str, words: str) -> None:
    assert words in (suspicion(text) or "")


@pytest.mark.parametrize("text", ["≥92%", "20%", "2025年12月底前", "2280次", "三级指标", "1500元/人", "13073025P00TF1J100047", "A类", "及时发放", "三个月"])
def test_what_is_likely_right_is_not_suspected(text: str) -> None:
    assert suspicion(text) is None


@pytest.mark.ocr
@pytest.mark.slow
def test_a_scan_read_to_the_end_lists_doubts_and_slips() -> None:
    from assistant.extraction import extract

    found = extract(read(Member("a.png", saved(scan(values=["292%", "≥90%", "≥80%"]), "PNG"))))
    assert found.source.format == "ocr-png"
    assert [row.value.text for row in found.tables[0].indicators] == ["292%", "≥90%", "≥80%"]
    assert any("≥92%" in warning for warning in found.report.warnings)
