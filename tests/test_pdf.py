"""PDF pages: ruled tables cell by cell however the rules are drawn, tables over page ends, text as meant, broken files."""

from __future__ import annotations

import contextlib
import io
import random
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.documents import Document, Grid, Paragraph
from assistant.documents.content import Content
from assistant.documents.libreoffice import converted, program
from assistant.documents.pdf import read_pdf
from assistant.documents.typeset import Piece, joined, lines_of
from assistant.errors import UnreadableFile
from tests.layouts import layouts
from tests.office_files import Spot, docx, layout_of, p, rows_of, texts, word_table
from tests.paper import FONT, pdf

ROOT = Path(__file__).resolve().parent.parent
FILLED = st.sampled_from(
    "产出指标|数量指标|得到培训或职业介绍服务的残疾人人数|≥46人|工作计划|25%|470.00|A类 B-2|《管理办法》（试行）第八条，2025年|".split("|")
)


def paper(data: bytes, password: str | None = None) -> Document:
    return read_pdf(Content("a.pdf", data, password=password))


def only(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


def compact(layout: Sequence[Spot]) -> list[Spot]:
    """Without the edges that bound no cell: nobody can see them on paper."""
    rows = sorted({s.row for s in layout} | {s.row + s.row_span for s in layout})
    columns = sorted({s.column for s in layout} | {s.column + s.column_span for s in layout})
    return [
        Spot(
            rows.index(s.row),
            columns.index(s.column),
            s.text,
            rows.index(s.row + s.row_span) - rows.index(s.row),
            columns.index(s.column + s.column_span) - columns.index(s.column),
        )
        for s in layout
    ]


def drawable(layout: list[Spot]) -> bool:
    """More than a frame, and every row with a cell of its own height: the test's printer gives others next to none."""
    return len(layout) > 1 and {s.row for s in layout if s.row_span == 1} == set(range(max(s.row + s.row_span for s in layout)))


@settings(max_examples=25, deadline=None)
@given(layouts(texts=FILLED).filter(lambda layout: drawable(layout)))
def test_the_grid_read_is_the_grid_drawn(layout: list[Spot]) -> None:
    assert layout_of(only(paper(pdf([layout])))) == compact(layout)


# -- rules drawn in other ways ------------------------------------------------------------------------------------------------------


def drawn(draw: Callable[[Any], None], size: tuple[float, float] = (300, 200)) -> Document:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size)
    canvas.setFont(FONT, 10)
    draw(canvas)
    canvas.save()
    return paper(out.getvalue())


XS, YS = (50.0, 120.0, 190.0, 260.0), (150.0, 120.0, 90.0)


def words(canvas: Any) -> None:
    for i, row in enumerate(["一二三", "四五六"]):
        for j, text in enumerate(row):
            canvas.drawString(XS[j] + 6, YS[i] - 20, text)


def as_lines(canvas: Any) -> None:
    for y in YS:
        canvas.line(XS[0], y, XS[-1], y)
    for x in XS:
        canvas.line(x, YS[0], x, YS[-1])


def as_thin_boxes(canvas: Any) -> None:
    for i in range(2):
        for j in range(3):
            for x, y, w, h in (
                (XS[j], YS[i], XS[j + 1] - XS[j], 0.5),
                (XS[j], YS[i + 1], XS[j + 1] - XS[j], 0.5),
                (XS[j], YS[i + 1], 0.5, 30),
                (XS[j + 1], YS[i + 1], 0.5, 30),
            ):
                canvas.rect(x, y, w, h, stroke=0, fill=1)


def as_cell_boxes(canvas: Any) -> None:
    canvas.setFillColorRGB(0.9, 0.9, 0.9)
    for i in range(2):
        for j in range(3):
            canvas.rect(XS[j], YS[i + 1], XS[j + 1] - XS[j], 30, stroke=1, fill=1)
    canvas.setFillColorRGB(0, 0, 0)


def as_double_lines(canvas: Any) -> None:
    for y in YS:
        canvas.line(XS[0], y, XS[-1], y)
        canvas.line(XS[0], y + 1.5, XS[-1], y + 1.5)
    for x in XS:
        canvas.line(x, YS[0], x, YS[-1])
        canvas.line(x + 1.5, YS[0], x + 1.5, YS[-1])


def as_dashes(canvas: Any) -> None:
    for y in YS:
        for k in range(int(XS[0]), int(XS[-1]), 6):
            canvas.line(k, y, min(k + 4.5, XS[-1]), y)
    for x in XS:
        for k in range(int(YS[-1]), int(YS[0]), 6):
            canvas.line(x, k, x, min(k + 4.5, YS[0]))


def without_outer_sides(canvas: Any) -> None:
    for y in YS:
        canvas.line(XS[0], y, XS[-1], y)
    for x in XS[1:-1]:
        canvas.line(x, YS[0], x, YS[-1])


def in_a_scaled_form(canvas: Any) -> None:
    canvas.beginForm("f")
    canvas.setLineWidth(0.5)
    for y in YS:
        canvas.line(XS[0] / 2, y / 2, XS[-1] / 2, y / 2)
    for x in XS:
        canvas.line(x / 2, YS[0] / 2, x / 2, YS[-1] / 2)
    canvas.endForm()
    canvas.saveState()
    canvas.scale(2, 2)
    canvas.doForm("f")
    canvas.restoreState()
    canvas.setFont(FONT, 10)


def with_underlines(canvas: Any) -> None:
    as_lines(canvas)
    canvas.line(XS[0] + 2, YS[0] - 22, XS[0] + 40, YS[0] - 22)
    canvas.setStrokeColorRGB(1, 1, 1)
    canvas.line(XS[0], 105, XS[-1], 105)  # white on white


@pytest.mark.parametrize(
    "rules",
    [as_lines, as_thin_boxes, as_cell_boxes, as_double_lines, as_dashes, without_outer_sides, in_a_scaled_form, with_underlines],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rules_however_they_are_drawn(rules: Callable[[Any], None], turn: int) -> None:
    def draw(canvas: Any) -> None:
        canvas.setPageRotation(turn)
        if turn:
            # Counter the page's own turn, as a landscape table in an upright document is written.
            width, height = 300, 200
            canvas.translate(*{90: (width, 0), 180: (width, height), 270: (0, height)}[turn])
            canvas.rotate(turn)
            if turn != 180:
                canvas.scale(height / width, height / width)
        rules(canvas)
        words(canvas)

    assert rows_of(only(drawn(draw))) == [list("一二三"), list("四五六")]


@pytest.mark.parametrize("turn", [90, 270])
def test_a_table_set_sideways_on_an_upright_page(turn: int) -> None:
    def draw(canvas: Any) -> None:
        canvas.translate(*{90: (200, 0), 270: (0, 300)}[turn])
        canvas.rotate(turn)
        as_lines(canvas)
        words(canvas)

    assert rows_of(only(drawn(draw, (200, 300)))) == [list("一二三"), list("四五六")]


def test_a_table_inside_a_cell_is_nested_and_a_frame_is_no_table() -> None:
    def draw(canvas: Any) -> None:
        as_lines(canvas)
        words(canvas)
        canvas.rect(10, 10, 280, 180)
        canvas.rect(140, 125, 46, 20)
        canvas.line(163, 125, 163, 145)
        canvas.setFont(FONT, 6)
        canvas.drawString(145, 132, "甲")
        canvas.drawString(168, 132, "乙")
        canvas.drawString(20, 20, "框里的话")

    document = drawn(draw)
    outer, inner = document.grids()
    assert rows_of(inner) == [["甲", "乙"]]
    assert outer.cells[1].nested == [inner]
    assert texts(document) == ["框里的话"]


# -- over the end of a page -----------------------------------------------------------------------------------------------------------


def long_table(rows: int, *, merged: bool = True) -> list[Spot]:
    head = [Spot(0, i, text) for i, text in enumerate(["一级指标", "二级指标", "三级指标", "指标值"])]
    spots = list(head)
    for row in range(1, rows):
        if merged and row % 3 == 1:
            spots.append(Spot(row, 0, f"产出指标{row}", min(3, rows - row), 1))
        elif not merged:
            spots.append(Spot(row, 0, f"产出指标{row}"))
        spots += [Spot(row, column, f"{text}{row}") for column, text in ((1, "数量指标"), (2, "得到培训的人数"), (3, "≥46人"))]
    return spots


@pytest.mark.parametrize("repeat", [0, 1])
@pytest.mark.parametrize("merged", [False, True])
def test_a_table_over_several_pages_is_one(repeat: int, merged: bool) -> None:
    layout = long_table(60, merged=merged)
    document = paper(pdf(["1.残保金绩效目标表", layout, "后文"], size=(595, 500), repeat=repeat))
    grid = only(document)
    assert layout_of(grid) == layout
    assert texts(document) == ["1.残保金绩效目标表", "后文"]
    assert [cell.locator.page for cell in grid.cells if cell.text.startswith("≥46人59")] == [4]
    assert any("表头" in notice.why for notice in document.notices) == bool(repeat)


def test_page_numbers_and_running_heads_do_not_part_a_table() -> None:
    def dress(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawString(200, 475, "怀来县部门预算绩效文本")
        canvas.drawString(280, 20, f"— {page.page} —")

    layout = long_table(60)
    document = paper(pdf([layout], size=(595, 500), dress=dress))
    assert layout_of(only(document)) == layout
    assert texts(document, "header") == ["怀来县部门预算绩效文本"]
    assert texts(document, "footer") == []


def test_forms_on_pages_of_their_own_stay_apart() -> None:
    forms = [
        [Spot(0, 0, "项目支出绩效目标表", 1, 2), Spot(1, 0, "项目名称"), Spot(1, 1, name), Spot(2, 0, "预算数"), Spot(2, 1, "470.00")]
        for name in ("甲", "乙", "丙")
    ]
    import pypdfium2

    merged = pypdfium2.PdfDocument.new()
    for form in forms:
        merged.import_pages(pypdfium2.PdfDocument(pdf([form])))
    out = io.BytesIO()
    merged.save(out)
    assert [layout_of(grid) for grid in paper(out.getvalue()).grids()] == forms


WORDS = "残疾人 培训 补贴 发放 ≥46人 完成率 A类 2025年 资金 及时 服务对象 满意度 1500元/人 ，".split()


def random_table(seed: int) -> list[Spot]:
    """Rows of very different height, so that some are cut by the end of a page."""
    pick = random.Random(seed)

    def some(count: int) -> str:
        return "".join(pick.choice(WORDS) for _ in range(count)).strip("，").replace("，，", "，") or "甲"

    layout = [Spot(0, i, text) for i, text in enumerate(["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据"])]
    row, rows = 1, 26
    while row < rows:
        high = min(pick.randint(1, 7), rows - row)
        layout.append(Spot(row, 0, some(2), high, 1))
        for i in range(high):
            layout += [Spot(row + i, 1, some(2))] + [Spot(row + i, c, some(pick.choice([1, 2, 4, 8, 40 if c == 3 else 3]))) for c in (2, 3, 4, 5)]
        row += high
    return sorted(layout, key=lambda spot: (spot.row, spot.column))


@pytest.mark.libreoffice
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_cut_by_the_end_of_a_page_are_put_together(seed: int) -> None:
    if program() is None:
        pytest.skip("LibreOffice is not installed")
    layout = random_table(seed)
    data = converted(docx(p("1.残保金绩效目标表") + p("说明" * 40) + word_table(layout, heads=seed % 2) + p("尾")), ".docx", "pdf", "a")
    document = paper(data)
    assert layout_of(only(document)) == layout
    assert any("同一行" in notice.why for notice in document.notices)


# -- text as it was meant -------------------------------------------------------------------------------------------------------------


def test_wrapped_lines_join_and_paragraphs_stay() -> None:
    long = "坚持以习近平新时代中国特色社会主义思想为指导，全面贯彻落实党的二十大精神，2025年培训残疾人46人、发放补贴1500元/人，经费-其他按期完成。" * 2
    document = paper(
        pdf([long, "一、总体绩效目标", "English words are wrapped between the words and keep one blank there, whatever the width of the page may be."])
    )
    assert texts(document) == [
        long,
        "一、总体绩效目标",
        "English words are wrapped between the words and keep one blank there, whatever the width of the page may be.",
    ]


def test_goals_in_a_cell_are_paragraphs_even_when_their_lines_are_full() -> None:
    goals = "1.完成基层卫生服务能力提升三十一处，提高在校学生满意度。\n2.完成高标准农田管护十一处，提高村民满意度。"
    assert (
        only(paper(pdf([[Spot(0, 0, "绩效目标"), Spot(0, 1, goals, 1, 3), Spot(1, 0, "甲"), Spot(1, 1, "乙"), Spot(1, 2, "丙"), Spot(1, 3, "丁")]])))
        .cells[1]
        .text
        == goals
    )


def test_numbered_items_are_paragraphs_without_a_full_stop_before_them() -> None:
    from assistant.documents.typeset import Line, joined

    def told(*lines: str) -> str:
        return joined([Line(0, 20 * i, 10 * len(text), 20 * i + 12, text, 10 * len(text), 10) for i, text in enumerate(lines)], 0, 60)

    assert told("1.培训一批", "2.补贴一批", "3.救助一批") == "1.培训一批\n2.补贴一批\n3.救助一批"
    assert told("改造道路共计", "2.5公里") == "改造道路共计2.5公里"
    assert told("培训人员共计", "1.合格") == "培训人员共计1.合格"


def test_gaps_are_blanks_only_between_latin_words() -> None:
    def line(*words: tuple[str, float]) -> str:
        pieces, x = [], 0.0
        for text, gap in words:
            x += gap
            for char in text:
                width = 10.0 if char > "\u0250" else 5.0
                pieces.append(Piece(x, 0, x + width, 12, char))
                x += width
        return joined(lines_of(pieces), 0, 1000)

    assert line(("培训", 0), ("46", 2.5), ("人", 2.5)) == "培训46人"
    assert line(("A", 0), ("class", 3)) == "A class"
    assert line(("财", 0), ("政", 30), ("资", 30), ("金", 30)) == "财政资金"


def test_columns_without_rules_are_parted_by_a_tab_and_said() -> None:
    def draw(canvas: Any) -> None:
        canvas.drawString(20, 150, "762001怀来县残疾人联合会")
        canvas.drawString(230, 150, "单位：万元")
        for y in (140, 120, 100):
            canvas.line(20, y, 280, y)

    document = drawn(draw)
    assert texts(document) == ["762001怀来县残疾人联合会\t单位：万元"]
    assert any("没有竖" in notice.why for notice in document.notices)


def test_headings_of_the_outline_have_levels() -> None:
    def draw(canvas: Any) -> None:
        canvas.bookmarkPage("a")
        canvas.addOutlineEntry("一、总体 绩效目标", "a", 0)
        canvas.drawString(20, 150, "一、总体绩效目标")
        canvas.drawString(20, 100, "正文")

    assert [(b.text, b.level) for b in drawn(draw).blocks if isinstance(b, Paragraph)] == [("一、总体绩效目标", 1), ("正文", None)]


# -- broken and locked ----------------------------------------------------------------------------------------------------------------


def test_locked_files_open_with_their_password() -> None:
    data = pdf([long_table(3)], encrypt=_lock("1234"))
    with pytest.raises(UnreadableFile, match="设有打开密码"):
        paper(data)
    with pytest.raises(UnreadableFile, match="密码不对"):
        paper(data, "4321")
    assert layout_of(only(paper(data, "1234"))) == long_table(3)


def _lock(password: str) -> Any:
    from reportlab.lib.pdfencrypt import StandardEncryption

    return StandardEncryption(password, strength=128)


def test_broken_files_end_in_words() -> None:
    data = pdf([long_table(3)])
    for broken in (b"%PDF-1.4\n", data[:300], b"%PDF-1.7" + bytes(range(256)) * 20):
        with pytest.raises(UnreadableFile):
            paper(broken)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=30))
def test_damaged_bytes_give_words_or_a_document(place: int, noise: bytes) -> None:
    data = bytearray(DAMAGED)
    at = place % len(data)
    data[at : at + len(noise)] = noise
    with contextlib.suppress(UnreadableFile):
        paper(bytes(data))


DAMAGED = pdf([long_table(4), "后文"])


# -- machines without Chinese fonts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("installed", ["install(only=True)", "install()"])
def test_characters_alone_in_a_cell_are_read_whether_or_not_the_machine_has_chinese_fonts(installed: str, tmp_path: Path) -> None:
    # PDFium drops text that measures nothing, and without a font a character alone measures nothing. Fonts belong to a process.
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=(300, 200))
    canvas.setFont(FONT, 10)
    as_lines(canvas)
    words(canvas)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(XS[0] + 30, YS[0] - 20, "46%")
    canvas.save()
    code = (
        "import sys, pypdfium2\nfrom pathlib import Path\nfrom assistant.documents import standin\nfrom assistant.documents.readers import read\n"
        f"standin.{installed}\nprint([[cell.text for cell in grid.cells] for grid in read(Path(sys.argv[1])).grids()])"
    )
    result = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.pdf")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "[['一46%', '二', '三', '四', '五', '六']]"


def test_the_stand_in_is_a_font() -> None:
    from PIL import ImageFont

    from assistant.documents.standin import stand_in

    font = ImageFont.truetype(io.BytesIO(stand_in()), 100)
    assert font.getlength("一a") == 150
    assert len(stand_in()) < 1000
