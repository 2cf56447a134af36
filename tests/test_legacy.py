"""Older formats: by LibreOffice or xlrd to the same grids as their modern like, deaf to links and macros, clear where a tool is missing."""

from __future__ import annotations

import http.server
import io
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.documents import Document, Grid, libreoffice, xls
from assistant.documents.libreoffice import converted, program
from assistant.documents.readers import Member, read
from assistant.errors import UnreadableFile
from tests.office_files import Spot, docx, excel_tab, layout_of, p, r, rows_of, tbl, tc, texts, tr, word_table, xlsx

office = pytest.mark.usefixtures("_office")

LAYOUT = [
    Spot(0, 0, "产出指标", 2, 1),
    Spot(0, 1, "数量指标"),
    Spot(0, 2, "≥46人"),
    Spot(1, 1, "质量指标"),
    Spot(1, 2, "<90%>&"),
    Spot(2, 0, "第一段\n第二段", 1, 3),
]


@pytest.fixture
def _office() -> None:
    if program() is None:
        pytest.skip("LibreOffice is not installed")


def only(document: Document) -> Grid:
    (grid,) = document.grids()
    return grid


# -- word processors ----------------------------------------------------------------------------------------------------------------


@office
@pytest.mark.libreoffice
@pytest.mark.parametrize(("to", "name"), [("doc", "a.wps"), ("doc", "误名.docx"), ("rtf", "a.doc"), ("odt", "a.odt")])
def test_old_word_processors_read_like_word(to: str, name: str) -> None:
    body = p("前言") + word_table(LAYOUT) + p("符", raw='<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>' + r("90%"))
    document = read(Member(name, converted(docx(body), ".docx", to, name)))
    assert layout_of(only(document)) == LAYOUT
    assert texts(document) == ["前言", "符≥90%"]
    assert document.source.format == to


@office
@pytest.mark.libreoffice
def test_revisions_survive_the_conversion() -> None:
    body = tbl(
        tr(
            tc(
                p(
                    "≥",
                    raw=f'<w:del w:id="1" w:author="a" w:date="2025-01-01T00:00:00Z"><w:r><w:delText>46</w:delText></w:r></w:del><w:ins w:id="2" w:author="a" w:date="2025-01-01T00:00:00Z">{r("50")}</w:ins>',
                )
            ),
            tc("x"),
        )
    )
    data = converted(docx(body + p("尾")), ".docx", "doc", "a")
    assert only(read(Member("a.doc", data))).cells[0].text == "≥50"
    assert only(read(Member("a.doc", data), original=True)).cells[0].text == "≥46"


class _Door(http.server.BaseHTTPRequestHandler):
    knocks: list[str]

    def do_GET(self) -> None:
        type(self).knocks.append(self.path)
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that notes who knocks."""
    _Door.knocks = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", _Door.knocks
    server.shutdown()
    server.server_close()
    thread.join()


@office
@pytest.mark.libreoffice
def test_links_of_a_document_are_never_followed(door: tuple[str, list[str]], tmp_path: Path) -> None:
    address, knocks = door
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密", encoding="utf-8")
    flat = f"""<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:section text:name="a"><text:section-source xlink:href="{address}/a.odt"/>
<text:p>甲</text:p></text:section><text:section text:name="b"><text:section-source xlink:href="{secret.as_uri()}"/><text:p>乙</text:p></text:section>
<text:p>丙<draw:frame><draw:image xlink:href="{address}/p.png" xlink:type="simple"/></draw:frame></text:p></office:text></office:body></office:document>"""
    made = converted(flat.encode(), ".fodt", "docx", "a")
    assert "秘密" not in " ".join(texts(read(Member("a.docx", made))))
    assert knocks == []


@office
@pytest.mark.libreoffice
def test_a_broken_file_and_a_slow_one_end_in_words() -> None:
    with pytest.raises(UnreadableFile):
        read(Member("a.odt", b"PK\x03\x04 broken"))
    began = time.monotonic()
    with pytest.raises(UnreadableFile, match="没有转换完"):
        converted(docx(p("甲")), ".docx", "doc", "a", seconds=0.2)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("name", ["a.doc", "a.wps", "a.rtf", "a.odt", "a.ods"])
def test_without_libreoffice_one_sentence_says_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice.shutil, "which", lambda name: None)
    monkeypatch.setattr(libreoffice, "_PLACES", ())
    data = {
        ".rtf": b"{\\rtf1 a}",
        ".odt": _zip_of("text"),
        ".ods": _zip_of("spreadsheet"),
    }.get(name[1:], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"))
    with pytest.raises(UnreadableFile, match="需要 LibreOffice") as caught:
        read(Member(name, data))
    assert "另存为" in caught.value.hint


def _zip_of(kind: str) -> bytes:
    from tests.office_files import zipped

    return zipped([("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("content.xml", "<x/>")], compression=0)


# -- spreadsheets -------------------------------------------------------------------------------------------------------------------


def old_excel() -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("项目一")
    percent, money, date, own = (xlwt.XFStyle() for _ in range(4))
    percent.num_format_str, money.num_format_str, date.num_format_str, own.num_format_str = "0%", "0.00", 'yyyy"年"m"月"d"日"', '"≥"0"人"'
    sheet.write_merge(0, 0, 0, 3, "残保金绩效目标表")
    sheet.write(1, 0, 0.25, percent)
    sheet.write(1, 1, 470, money)
    sheet.write(1, 2, 45992, date)
    sheet.write(1, 3, 46, own)
    sheet.write_merge(2, 3, 0, 0, "产出指标")
    sheet.write(2, 1, True)
    sheet.write(3, 1, "≥46人")
    sheet.write(3, 3, 156.666666667, money)
    hidden = book.add_sheet("暗")
    hidden.visibility = 1
    hidden.write(0, 0, "藏")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.xls", "a.et", "误名.xlsx"])
def test_old_excel_is_read_as_a_person_sees_it(name: str) -> None:
    document = read(Member(name, old_excel()))
    assert layout_of(only(document)) == [
        Spot(0, 0, "残保金绩效目标表", 1, 4),
        Spot(1, 0, "25%"),
        Spot(1, 1, "470.00"),
        Spot(1, 2, "2025年12月1日"),
        Spot(1, 3, "≥46人"),
        Spot(2, 0, "产出指标", 2, 1),
        Spot(2, 1, "TRUE"),
        Spot(2, 2, ""),
        Spot(2, 3, ""),
        Spot(3, 1, "≥46人"),
        Spot(3, 2, ""),
        Spot(3, 3, "156.67"),
    ]
    said = " ".join(f"{notice.where}{notice.why}" for notice in document.notices)
    assert "“暗”是隐藏的工作表" in said
    assert "D4 显示 156.67，存储 156.666666667" in said


@office
@pytest.mark.libreoffice
def test_open_spreadsheets() -> None:
    data = converted(xlsx(excel_tab(LAYOUT)), ".xlsx", "ods", "a")
    assert layout_of(only(read(Member("a.ods", data)))) == LAYOUT


def test_a_broken_old_excel_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls, "program", lambda: None)
    data = old_excel()
    for broken in (data[:1500], data[:600] + b"\xff" * 600 + data[1200:]):
        with pytest.raises(UnreadableFile):
            read(Member("a.xls", broken))


def test_a_hungry_or_slow_child_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xls, "program", lambda: None)
    monkeypatch.setattr(xls, "SECONDS", 0.01)
    with pytest.raises(UnreadableFile, match="没有读完"):
        read(Member("a.xls", old_excel()))


XML_SHEET = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">
<Styles><Style ss:ID="d"><NumberFormat ss:Format="0.00"/></Style><Style ss:ID="p" ss:Parent="d"><NumberFormat ss:Format="Percent"/></Style><Style ss:ID="c" ss:Parent="d"/>
<Style ss:ID="t"><NumberFormat ss:Format="Long Date"/></Style></Styles>
<Worksheet ss:Name="表"><Table><Row><Cell ss:MergeAcross="2"><Data ss:Type="String">题</Data></Cell></Row>
<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">产出</Data></Cell><Cell ss:StyleID="c"><Data ss:Type="Number">470</Data></Cell><Cell ss:StyleID="p"><Data ss:Type="Number">0.25</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">甲</Data></Cell><Cell ss:StyleID="t"><Data ss:Type="DateTime">2025-12-01T00:00:00.000</Data></Cell></Row></Table></Worksheet>
<Worksheet ss:Name="暗"><Table><Row><Cell><Data ss:Type="String">藏</Data></Cell></Row></Table><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
</Workbook>"""


@pytest.mark.parametrize("name", ["a.xls", "a.xml"])
def test_excel_2003_xml(name: str) -> None:
    document = read(Member(name, XML_SHEET.encode()))
    assert rows_of(only(document)) == [["题"], ["", "", ""], ["产出", "470.00", "25.00%"], ["甲", "2025年12月1日"]]
    assert any("“暗”" in notice.where for notice in document.notices)


def test_excel_2003_xml_with_entities_is_refused() -> None:
    bad = XML_SHEET.replace("<Workbook", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Workbook', 1)
    with pytest.raises(UnreadableFile, match="DOCTYPE"):
        read(Member("a.xls", bad.encode()))
