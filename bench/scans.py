"""How well scanned goal tables are read: forms drawn on paper, scanned as offices do it, and every cell compared.

``python -m bench --only scans`` draws the provinces' forms of the tests as pages, makes scans of them (noise, tilt, shadow, JPEG, a red seal,
low resolution, fax black and white), counts the cells that came out wrong, and of those the ones that were not listed as doubtful.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from assistant.chinese import fold
from assistant.documents import Document
from assistant.documents.readers import Member, read
from assistant.extraction import extract
from bench.line import Line

COUNT = 25


def rendered(data: bytes, dpi: int) -> Any:
    """The first page of a PDF as a picture."""
    import pypdfium2

    return pypdfium2.PdfDocument(data)[0].render(scale=dpi / 72).to_pil().convert("RGB")


def noise(image: Any, strength: float) -> Any:
    """Grain of a cheap sensor, the same every time."""
    import numpy
    from PIL import Image

    grain = numpy.random.default_rng(3).normal(0, strength, (image.height, image.width, 1))
    return Image.fromarray((numpy.asarray(image).astype(float) + grain).clip(0, 255).astype("uint8"))


def tilt(image: Any, degrees: float) -> Any:
    """A page laid askew."""
    from PIL import Image

    return image.rotate(degrees, fillcolor=(255, 255, 255), resample=Image.Resampling.BICUBIC)


def shadow(image: Any) -> Any:
    """A photo's light, darker to one side."""
    import numpy
    from PIL import Image

    light = numpy.linspace(0.72, 0.97, image.width)[None, :, None]
    return Image.fromarray((numpy.asarray(image).astype(float) * light * 0.95 + 8).clip(0, 255).astype("uint8"))


def jpeg(image: Any, quality: int) -> Any:
    """Saved as a strongly packed JPEG."""
    from PIL import Image

    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def seal(image: Any) -> Any:
    """A red seal over the table."""
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw, x, y, r = ImageDraw.Draw(layer), image.width * 0.6, image.height * 0.3, 130
    draw.ellipse((x - r, y - r, x + r, y + r), outline=(220, 30, 30, 170), width=6)
    draw.regular_polygon((x, y, r // 3), 5, fill=(220, 30, 30, 150))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def blur(image: Any) -> Any:
    """Out of focus."""
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur(1.1))


def fax(image: Any) -> Any:
    """Black and white only."""
    return image.convert("L").point(lambda value: 255 if value > 150 else 0).convert("RGB")


SCANNERS: dict[str, tuple[int, Callable[[Any], Any]]] = {
    "clean": (200, lambda image: image),
    "noise": (200, lambda image: noise(image, 22)),
    "tilt": (200, lambda image: tilt(image, 1.1)),
    "tilt, noise": (200, lambda image: noise(tilt(image, -0.7), 12)),
    "shadow, jpeg": (200, lambda image: jpeg(shadow(image), 40)),
    "seal": (200, seal),
    "150 dpi, jpeg": (150, lambda image: jpeg(image, 60)),
    "blur, tilt": (200, lambda image: tilt(blur(image), 0.5)),
    "fax": (300, fax),
}


def compared(truth: Document, scan: Document) -> tuple[int, list[tuple[str, str, bool]]]:
    """How many cells there are, and the wrong ones: as they should be, as they came out, whether they were listed."""
    report = extract(scan).report
    said = fold("\n".join([*report.warnings, *(item.where + item.why for item in report.unread)]))
    cells = [cell for grid in truth.grids() for cell in grid.cells if fold(cell.text) and cell.locator.page == 1]
    found = {(cell.row, cell.column): cell for grid in list(scan.grids())[:1] for cell in grid.cells}
    wrong = []
    for cell in cells:
        got = found.get((cell.row, cell.column))
        if got is None or fold(got.text) != fold(cell.text):
            wrong.append((cell.text, got.text if got else "", got is not None and fold(str(got.locator)) in said))
    return len(cells), wrong


def scanned(i: int) -> tuple[str, int, list[tuple[str, str, bool]], float]:
    """The i-th scan: what it is, its cells, the wrong ones (``compared``), seconds of processor time."""
    from tests.paper import pdf
    from tests.provinces import CASES

    name, scanner = list(CASES)[i % len(CASES)], list(SCANNERS)[(i + i // len(CASES) * 4) % len(SCANNERS)]
    dpi, spoil = SCANNERS[scanner]
    paper = pdf(list(CASES[name].blocks), size=(842, 595))
    picture = io.BytesIO()
    spoil(rendered(paper, dpi)).save(picture, "PNG")
    began = time.process_time()
    scan = read(Member("a.png", picture.getvalue()))
    taken = time.process_time() - began
    count, wrong = compared(read(Member("a.pdf", paper)), scan)
    return f"{name}（{scanner}）", count, wrong, taken


def lines() -> Iterator[Line]:
    """Cells read right, and wrong ones that nobody was told of, over all scans; every scan is told on stderr."""
    from assistant.documents import ocr

    if not ocr.available():
        yield Line("cells of scans read right", None, "%", at_least=95, exact=True, note="the [ocr] extra is not installed")
        return
    cells = mistakes = silent = 0
    seconds = 0.0
    for i in range(COUNT):
        name, count, wrong, taken = scanned(i)
        cells, mistakes, silent, seconds = cells + count, mistakes + len(wrong), silent + sum(not listed for *_, listed in wrong), seconds + taken
        print(f"{name}: {count} cells, {len(wrong)} wrong, {taken:.1f} s", file=sys.stderr, flush=True)
        for should, came, listed in wrong:
            print(f"    {should!r} came out as {came!r}, {'listed' if listed else 'NOT LISTED'}", file=sys.stderr)
    right = 100 * (1 - mistakes / cells)
    yield Line("cells of scans read right", right, "%", at_least=95, exact=True, note=f"{COUNT} scans, {cells} cells, {mistakes} wrong")
    yield Line("wrong cells of scans not listed as doubtful", silent, "cells", at_most=0, exact=True)
    yield Line("a scanned page", seconds / COUNT, "s a page")
