"""How fast files are read, beside the libraries one would take instead, on the same files, turn by turn in the same run.

``python -m bench --only reading`` gives milliseconds of processor time a table (Word, Excel, web page) and a page (PDF), from the bytes of
the file to the fields of its goal tables; the rivals stop at cells or text. The folder test reads many files through the pool of processes
and compares the memory of all of them at half the way and at the end.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from assistant.documents.batch import read_many
from assistant.documents.libreoffice import converted
from assistant.documents.readers import Member, read
from assistant.export import write
from assistant.extraction import extract, extract_file
from bench.line import ROOT, Line, pair, processor

SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
FILES = 1000
ROUNDS = 11


def docx_cells(data: bytes) -> int:
    """python-docx: every cell of every row, the way its users read a table."""
    import docx

    return sum(len(cell.text) for table in docx.Document(io.BytesIO(data)).tables for row in table.rows for cell in row.cells)


def openpyxl_cells(data: bytes) -> int:
    """openpyxl: every value of every sheet, merged ranges known."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(data))
    return sum(len(str(value or "")) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)


def pdfplumber_tables(data: bytes) -> int:
    """pdfplumber: the tables of every page."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return sum(len(page.extract_tables()) for page in pdf.pages)


def markitdown(suffix: str, data: bytes) -> int:
    """MarkItDown: the whole file as Markdown."""
    from markitdown import MarkItDown, StreamInfo

    return len(MarkItDown(enable_plugins=False).convert_stream(io.BytesIO(data), stream_info=StreamInfo(extension=suffix)).text_content)


def pages_of(data: bytes) -> int:
    """How many pages a PDF has."""
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(data)) as pdf:
        return len(pdf)


def samples() -> dict[str, bytes]:
    """The seed text's ten tables in every format the program writes, and its Word file as LibreOffice saves it."""
    tables = extract(read(SEED)).tables
    made = {}
    with tempfile.TemporaryDirectory() as place:
        for to in ("docx", "xlsx", "html", "pdf"):
            path = Path(place) / f"a.{to}"
            try:
                write(path, tables, to=to)
            except Exception as error:  # without LibreOffice there is no PDF to measure
                print(f".{to}: {error}", file=sys.stderr)
                continue
            made[f".{to}"] = path.read_bytes()
    with contextlib.suppress(Exception):
        made["LibreOffice.docx"] = converted(made[".docx"], ".docx", "docx", "a.docx")
    return made


def beside(what: str, suffix: str, data: bytes, count: int, unit: str, rivals: dict[str, tuple[str, Callable[[bytes], object]]]) -> Iterator[Line]:
    """One line for each rival; the first also carries the bar of its format."""
    item = Member("a" + suffix, data)

    def ours() -> object:
        return extract(read(item))

    at_most = {".docx": 2.5, ".pdf": 10.0}.get(suffix)
    each = f"ms a {unit}"
    for place, (name, (module, rival)) in enumerate(rivals.items()):
        bars = {"at_most": None if place else at_most, "ratio_at_most": 0.25 if name == "python-docx" else None}
        if importlib.util.find_spec(module) is None:
            yield Line(what, None if place else processor(ours) * 1000 / count, each, name, None, note=f"{name} is not installed", **bars)
            continue
        try:
            mine, theirs = pair(ours, partial(rival, data), ROUNDS if unit == "table" else 5)
        except Exception as error:  # a rival without the part it needs for this format
            yield Line(what, processor(ours) * 1000 / count, each, name, None, note=f"{name}: {str(error).strip().splitlines()[0][:60]}", **bars)
            continue
        yield Line(what, mine * 1000 / count, each, name, theirs * 1000 / count, **bars)


def folder(data: bytes) -> Iterator[Line]:
    """A folder of many files through the pool: time a file, and the memory at the end against that at half the way."""
    with tempfile.TemporaryDirectory() as place:
        for i in range(FILES):
            (Path(place) / f"{i:05}.docx").write_bytes(data)
        began, marks = time.perf_counter(), []
        for done, outcome in enumerate(read_many(sorted(Path(place).iterdir()), extract_file), 1):
            assert outcome.error is None, outcome.error
            if done in (FILES // 2, FILES - 2):
                marks.append(_memory())
        taken = time.perf_counter() - began
    yield Line(f"a folder of {FILES} Word files of ten tables", taken * 1000 / FILES, "ms a file")
    grown = marks[1] - marks[0] if marks[0] else None
    yield Line("memory gained over its second half", grown, "MB", at_most=20, note=f"{marks[1]:.0f} MB in all" if marks[0] else "ps is missing")


def _memory() -> float:
    """Resident memory of this process and its children, in megabytes (0 where ps is missing)."""
    try:
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return 0.0
    rows = [tuple(map(int, line.split())) for line in listed]
    family = {os.getpid()}
    while more := {pid for pid, parent, _ in rows if parent in family and pid not in family}:
        family |= more
    return sum(size for pid, _, size in rows if pid in family) / 1024


def lines() -> Iterator[Line]:
    """Every format beside its rivals, then the folder."""
    files = samples()
    word = {"python-docx": ("docx", docx_cells), "MarkItDown": ("markitdown", partial(markitdown, ".docx"))}
    yield from beside("Word file to fields", ".docx", files[".docx"], 10, "table", word)
    if "LibreOffice.docx" in files:
        yield from beside("Word file of LibreOffice to fields", ".docx", files["LibreOffice.docx"], 10, "table", {"python-docx": word["python-docx"]})
    excel = {"openpyxl": ("openpyxl", openpyxl_cells), "MarkItDown": ("markitdown", partial(markitdown, ".xlsx"))}
    yield from beside("Excel file to fields", ".xlsx", files[".xlsx"], 10, "table", excel)
    yield from beside("web page to fields", ".html", files[".html"], 10, "table", {"MarkItDown": ("markitdown", partial(markitdown, ".html"))})
    if ".pdf" in files:
        paper = {"pdfplumber": ("pdfplumber", pdfplumber_tables), "MarkItDown": ("markitdown", partial(markitdown, ".pdf"))}
        yield from beside("PDF to fields", ".pdf", files[".pdf"], pages_of(files[".pdf"]), "page", paper)
    else:
        yield Line("PDF to fields", None, "ms a page", at_most=10.0, note="LibreOffice is not installed")
    yield from folder(files[".docx"])
