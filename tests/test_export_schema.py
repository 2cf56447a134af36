"""Word is strict about the order of elements where other readers are not: what is written keeps the order of the standard (ECMA-376)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from assistant.export import render
from assistant.export.opinion import OpinionSheet, opinion_sheet
from assistant.export.word import part
from tests.test_export import PART_ONE, W, example
from tests.test_export_revisions import revise, row

ORDER = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap "
    "overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc "
    "textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
    "rPr": "ins del moveFrom moveTo rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden "
    "color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout specVanish oMath",
    "tcPr": "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
    "tblPr": "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook",
    "sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols titlePg docGrid",
    "style": "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked rsid pPr rPr tblPr trPr tcPr",
    "tbl": "tblPr tblGrid tr",
    "tc": "tcPr p",
    "tr": "trPr tc",
    "settings": "zoom defaultTabStop characterSpacingControl compat themeFontLang",
    "font": "altName panose1 charset family pitch",
}


def disorder(root: etree._Element) -> list[str]:
    """Every element whose children are unknown or out of order."""
    found = []
    for element in root.iter():
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name not in ORDER:
            continue
        order = ORDER[name].split()
        places = [order.index(child) if (child := etree.QName(inner).localname) in order else -1 for inner in element if isinstance(inner.tag, str)]
        if places != sorted(places) or -1 in places:
            found.append(f"{name}: {[etree.QName(inner).localname for inner in element if isinstance(inner.tag, str)]}")
    return found


def parts(data: bytes) -> list[etree._Element]:
    package = zipfile.ZipFile(io.BytesIO(data))
    assert package.testzip() is None
    return [etree.fromstring(package.read(name)) for name in package.namelist()]


@pytest.mark.parametrize("form", ["hebei-2025", "anhui", "sichuan-2025"])
def test_forms_keep_the_order_of_the_standard(form: str) -> None:
    table = example(form=form, number=None).with_text("indicators[0].value", "≥待核实人")
    for data in (render([table]), render([table, table], department=PART_ONE), render([table], title="甲")):
        assert [line for root in parts(data) for line in disorder(root)] == []


def test_opinion_sheets_keep_the_order_of_the_standard() -> None:
    sheet = OpinionSheet((("项目名称", "甲"),), (("完整性", "a", "无", "b"),), (("位置", "问题", "处理"),), (), (("编制人", "", "", ""),), ("注",))
    assert [line for root in parts(opinion_sheet(sheet)) for line in disorder(root)] == []


def test_revisions_keep_the_order_of_the_standard(tmp_path: Path) -> None:
    rows = example().indicators
    new = [
        example(year=2026, goals=("甲。", "乙。"), indicators=(rows[1], row("数量指标", "新", "≥4期"), *rows[2:])),
        example(number=None, title=None, year=2026, project=example().project.model_copy(update={"name": "道路养护", "code": "3"})),
    ]
    data = revise(tmp_path, render([example(), example(number=2, title="经费绩效目标表")], department=PART_ONE), new, remove_others=True)
    assert [line for root in parts(data) for line in disorder(root)] == []
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    # Deleted text is only where Word looks for it, and every mark says who and when.
    assert all(any(parent.tag == f"{W}del" for parent in text.iterancestors()) for text in root.iter(f"{W}delText"))
    assert not [text for mark in root.iter(f"{W}del") for text in mark.iter(f"{W}t")]
    assert all(mark.get(f"{W}id") and mark.get(f"{W}author") and mark.get(f"{W}date") for mark in root.iter(f"{W}ins", f"{W}del"))


def test_every_style_that_is_used_exists() -> None:
    known = {style.get(f"{W}styleId") for style in etree.fromstring(part("styles.xml").encode()).iter(f"{W}style")}
    for data in (render([example(), example(number=2)], department=PART_ONE), render([example().with_text("purpose", "待核实")])):
        for root in parts(data):
            used = {style.get(f"{W}val") for style in root.iter(f"{W}pStyle", f"{W}tblStyle", f"{W}rStyle", f"{W}basedOn", f"{W}next")}
            assert used <= known
