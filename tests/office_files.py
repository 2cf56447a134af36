"""Office files made from scratch by hand-written XML, so that every odd variant can be had and nothing depends on a writer's habits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from assistant.documents.model import Document, Grid
from assistant.documents.sheets import a1

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = {
    "w": W,
    "r": R,
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
}
_DECLARATIONS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/{main}" ContentType="{type}"/></Types>'
)
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def zipped(parts: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(name, data)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def relationships(links: Mapping[str, tuple[str, str]]) -> str:
    """id → (kind, target); a target with ``://`` is external."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if "://" in target else ""}/>'
        for key, (kind, target) in links.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def word_part(root: str, inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:{root} {_DECLARATIONS}>{inner}</w:{root}>'


def docx(body: str, parts: Mapping[str, str] | None = None, *, main: str = "word/document.xml", links: Mapping[str, tuple[str, str]] | None = None) -> bytes:
    """A Word file with this body; ``parts`` are further parts under ``word/`` by kind (styles, numbering, footnotes, comments …)."""
    parts = dict(parts or {})
    own = {f"rId{kind}": (kind, f"{kind}.xml") for kind in parts}
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES.format(main=main, type=_WORD_TYPE),
        "_rels/.rels": relationships({"rId1": ("officeDocument", main)}),
        main: word_part("document", f"<w:body>{body}<w:sectPr/></w:body>"),
    }
    folder, leaf = main.rsplit("/", 1)
    files[f"{folder}/_rels/{leaf}.rels"] = relationships({**own, **(links or {})})
    files.update({f"{folder}/{kind}.xml": text for kind, text in parts.items()})
    return zipped(files)


def strict(data: bytes) -> bytes:
    """The same file in the strict namespaces of ISO 29500."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    table = {
        W: STRICT_W,
        "http://schemas.openxmlformats.org/officeDocument/2006/math": "http://purl.oclc.org/ooxml/officeDocument/math",
        R: "http://purl.oclc.org/ooxml/officeDocument/relationships",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/drawingml/2006/": "http://purl.oclc.org/ooxml/drawingml/",
    }
    for old, new in table.items():
        parts = {name: text.replace(old, new) for name, text in parts.items()}
    return zipped(parts)


def r(text: str, properties: str = "") -> str:
    """A run."""
    return f'<w:r>{f"<w:rPr>{properties}</w:rPr>" if properties else ""}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(text: str = "", *, style: str | None = None, properties: str = "", raw: str = "") -> str:
    """A paragraph of a text and raw inner XML."""
    inside = (f'<w:pStyle w:val="{style}"/>' if style else "") + properties
    return f"<w:p>{f'<w:pPr>{inside}</w:pPr>' if inside else ''}{r(text) if text else ''}{raw}</w:p>"


def tc(*content: str, span: int = 1, vertical: str | None = None, properties: str = "", before: str = "") -> str:
    """A table cell: plain texts become paragraphs, XML stays."""
    inner = "".join(item if item.startswith("<") else p(item) for item in content) or p()
    merge = "" if vertical is None else "<w:vMerge/>" if vertical == "continue" else f'<w:vMerge w:val="{vertical}"/>'
    wide = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return f"<w:tc><w:tcPr>{before}{wide}{merge}{properties}</w:tcPr>{inner}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def tbl(*rows: str, columns: int = 1) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid>{'<w:gridCol/>' * columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


@dataclass(frozen=True)
class Spot:
    """One cell of a layout: place, spans, text."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


_BORDERS = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))


def word_table(layout: Sequence[Spot], *, width: int = 9600, heads: int = 0) -> str:
    """A bordered Word table of a layout that covers all its places, ``width`` in twentieths of a point, ``heads`` rows repeated on each page."""
    rows = max(spot.row + spot.row_span for spot in layout)
    columns = max(spot.column + spot.column_span for spot in layout)
    covering = {(row, spot.column): spot for spot in layout for row in range(spot.row, spot.row + spot.row_span)}
    lines = []
    for row in range(rows):
        cells = []
        for column in range(columns):
            spot = covering.get((row, column))
            if spot is None:
                continue
            vertical = None if spot.row_span == 1 else "restart" if spot.row == row else "continue"
            texts = spot.text.split("\n") if spot.row == row else []
            wide = f'<w:tcW w:w="{width // columns * spot.column_span}" w:type="dxa"/>'
            cells.append(tc(*(p(text) for text in texts), span=spot.column_span, vertical=vertical, before=wide))
        lines.append(tr(*cells, properties="<w:tblHeader/>" if row < heads else ""))
    properties = f'<w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    grid = f'<w:gridCol w:w="{width // columns}"/>' * columns
    return f"<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"


def layout_of(grid: Grid) -> list[Spot]:
    """A grid read back as a layout, in reading order."""
    return sorted((Spot(cell.row, cell.column, cell.text, cell.row_span, cell.column_span) for cell in grid.cells), key=lambda spot: (spot.row, spot.column))


def texts(document: Document, kind: str = "body") -> list[str]:
    return [block.text for block in document.blocks if not isinstance(block, Grid) and block.kind == kind]


def rows_of(grid: Grid) -> list[list[str]]:
    """The texts of a grid row by row; a cell spanning rows is named in its first row only."""
    return [[cell.text for cell in grid.row_cells(row) if cell.row == row] for row in range(grid.rows)]


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True)
class Tab:
    """One sheet of a workbook: raw rows (inner XML of sheetData), merged ranges, state, further raw XML before and after the data."""

    name: str
    rows: str
    merges: Sequence[str] = ()
    state: str = ""
    before: str = ""
    links: Mapping[str, tuple[str, str]] | None = None


def xlsx(
    *tabs: Tab,
    strings: Sequence[str] = (),
    formats: Mapping[int, str] | None = None,
    styles: Sequence[int] = (0,),
    parts: Mapping[str, str] | None = None,
    properties: str = "",
) -> bytes:
    """An Excel file: ``strings`` are raw inner XML of shared strings, ``styles`` number format ids by style index."""
    sheets = "".join(
        f'<sheet name="{escape(tab.name)}" sheetId="{i}" r:id="rId{i}"{f" state={chr(34)}{tab.state}{chr(34)}" if tab.state else ""}/>'
        for i, tab in enumerate(tabs, 1)
    )
    own = "".join(f'<numFmt numFmtId="{number}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>' for number, code in (formats or {}).items())
    style = f'<styleSheet xmlns="{SHEET}"><numFmts>{own}</numFmts><cellXfs>{"".join(f"<xf numFmtId={chr(34)}{n}{chr(34)}/>" for n in styles)}</cellXfs></styleSheet>'
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": _CONTENT_TYPES.format(main="xl/workbook.xml", type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
        "_rels/.rels": relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{R}">{properties}<sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relationships(
            {f"rId{i}": ("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(tabs) + 1)}
            | {"rIdStrings": ("sharedStrings", "sharedStrings.xml"), "rIdStyles": ("styles", "styles.xml")}
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{"".join(f"<si>{text}</si>" for text in strings)}</sst>',
        "xl/styles.xml": style,
    }
    for i, tab in enumerate(tabs, 1):
        merged = f"<mergeCells>{''.join(f'<mergeCell ref={chr(34)}{ref}{chr(34)}/>' for ref in tab.merges)}</mergeCells>" if tab.merges else ""
        files[f"xl/worksheets/sheet{i}.xml"] = f'<worksheet xmlns="{SHEET}" xmlns:r="{R}">{tab.before}<sheetData>{tab.rows}</sheetData>{merged}</worksheet>'
        if tab.links:
            files[f"xl/worksheets/_rels/sheet{i}.xml.rels"] = relationships(tab.links)
    files.update(parts or {})
    return zipped(files)


def inline_rows(rows: Sequence[Sequence[str]]) -> str:
    """Rows of plain texts as inline strings."""
    return "".join(
        f'<row r="{i}">{"".join(f"<c r={chr(34)}{a1(i - 1, j)}{chr(34)} t={chr(34)}inlineStr{chr(34)}><is><t>{escape(text)}</t></is></c>" for j, text in enumerate(row) if text)}</row>'
        for i, row in enumerate(rows, 1)
    )


def excel_tab(layout: Sequence[Spot], name: str = "表一") -> Tab:
    """A sheet of a layout."""
    rows = max(spot.row for spot in layout) + 1
    columns = max(spot.column for spot in layout) + 1
    texts = {(spot.row, spot.column): spot.text for spot in layout}
    merges = [
        f"{a1(spot.row, spot.column)}:{a1(spot.row + spot.row_span - 1, spot.column + spot.column_span - 1)}"
        for spot in layout
        if (spot.row_span, spot.column_span) != (1, 1)
    ]
    return Tab(name, inline_rows([[texts.get((row, column), "") for column in range(columns)] for row in range(rows)]), merges)
