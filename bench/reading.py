"""How fast files are read, beside the libraries one would take instead, on the same files in the same run.

``python -m bench.reading`` prints milliseconds of processor time a table (Word, Excel) and a page (PDF), the ratio to python-docx's cell
walk, openpyxl, pdfplumber and MarkItDown, and the memory over a folder of files. "cells" is the file read into grids with everything
around them, what the others are asked for; "fields" is the same and the goal tables understood, which none of them does.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from assistant.documents.batch import read_many
from assistant.documents.readers import Member, read
from assistant.export import write
from assistant.extraction import extract, extract_file

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
# Milliseconds that a table or page may take, and how many times faster than python-docx's row.cells a Word file must be read.
BARS = {"docx": 2.5, "pdf": 10.0}
RATIO = 4.0


def best(action: Callable[[], object], rounds: int) -> float:
    """The least processor time of some rounds, in milliseconds: what took longer was disturbed by the machine's other work."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return min(times) * 1000


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


def measure(suffix: str, data: bytes, count: int, unit: str, others: dict[str, Callable[[bytes], object]], rounds: int) -> tuple[float, dict[str, float]]:
    """Ours and the others' milliseconds a table or page, printed as one block."""
    item = Member("a" + suffix, data)
    grids = best(lambda: read(item), rounds) / count
    fields = best(lambda: extract(read(item)), rounds) / count
    print(f"{suffix:6}{len(data) / 1024:8.0f} KB {count:4} {unit}    {'cells':12}{grids:9.2f} ms a {unit}")
    print(f"{'':31}{'fields':12}{fields:9.2f} ms a {unit}")
    slower = {}
    for name, other in others.items():
        try:
            taken = best(partial(other, data), max(1, rounds // 3)) / count
        except Exception as error:  # not installed, or without the part it needs for this format
            print(f"{'':31}{name:12}{'not measured':>12}: {str(error).strip().splitlines()[0][:60]}")
            continue
        slower[name] = taken / fields
        print(f"{'':31}{name:12}{taken:9.2f} ms a {unit}  {taken / grids:6.1f} × cells  {taken / fields:6.1f} × fields")
    return fields, slower


def folder(files: int, data: bytes) -> None:
    """A folder of many files through the pool: time, and the memory of this process and its workers at the middle and at the end."""
    with tempfile.TemporaryDirectory() as place:
        for i in range(files):
            (Path(place) / f"{i:05}.docx").write_bytes(data)
        began, marks = time.perf_counter(), []
        for done, outcome in enumerate(read_many(sorted(Path(place).iterdir()), extract_file), 1):
            assert outcome.error is None, outcome.error
            if done in (files // 2, files - 2):
                marks.append(_memory())
        print(f"folder {files} files: {time.perf_counter() - began:.1f} s, memory at half {marks[0]:.0f} MB, at the end {marks[1]:.0f} MB")


def _memory() -> float:
    """Resident memory of this process and its children, in megabytes (0 where ps is missing)."""
    try:
        listed = subprocess.run(["ps", "-eo", "pgid=,rss="], capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return 0.0
    return sum(int(line.split()[1]) for line in listed if line.split()[0] == str(os.getpgrp())) / 1024


def samples() -> dict[str, bytes]:
    """The seed text's ten tables in every format the program writes."""
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
    return made


def main() -> int:
    """Measure, print, and say whether the bars hold (exit code 1 when not)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--files", type=int, default=200, help="files in the folder test")
    options = parser.parse_args()
    files = samples()
    held = []
    fields, slower = measure(".docx", files[".docx"], 10, "table", {"python-docx": docx_cells, "MarkItDown": partial(markitdown, ".docx")}, options.rounds)
    held += [("docx → fields at most 2.5 ms a table", fields <= BARS["docx"]), ("4 × python-docx", slower.get("python-docx", RATIO) >= RATIO)]
    measure(".xlsx", files[".xlsx"], 10, "table", {"openpyxl": openpyxl_cells, "MarkItDown": partial(markitdown, ".xlsx")}, options.rounds)
    measure(".html", files[".html"], 10, "table", {"MarkItDown": partial(markitdown, ".html")}, options.rounds)
    if ".pdf" in files:
        pages = pages_of(files[".pdf"])
        fields, _ = measure(".pdf", files[".pdf"], pages, "page", {"pdfplumber": pdfplumber_tables, "MarkItDown": partial(markitdown, ".pdf")}, options.rounds)
        held.append(("pdf at most 10 ms a page", fields <= BARS["pdf"]))
    folder(options.files, files[".docx"])
    for name, good in held:
        print(f"{'holds ' if good else 'BROKEN'} {name}")
    return 0 if all(good for _, good in held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
