"""A stand-in for Chinese fonts that neither a PDF file nor the machine has.

PDFium measures characters with the font they are shown in. When a file does not carry its font and the machine has none for Chinese (a
server, a container), every character measures nothing, and PDFium drops text that measures nothing: a cell with one character, a
column of them. So it is given a font of 700 bytes in which every character is a box. It is asked for only after the machine's own fonts.

Sources: TrueType tables as in Apple's reference manual; ``FPDF_SYSFONTINFO`` of PDFium's fpdf_sysfontinfo.h.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

# Charsets of fonts as PDFium asks for them: Japanese, Korean, simplified and traditional Chinese.
_EAST_ASIAN = (128, 129, 134, 136)
# What stands for the font where PDFium holds a pointer to one of its own.
_HANDLE = 0x7B0C
# Ascent and descent of the boxes, in thousandths.
_TOP, _FOOT = 880, -120


# What PDFium points to must live as long as the process.
_kept: list[Any] = []


def install(*, only: bool = False) -> None:
    """Have PDFium use the stand-in where it finds no East Asian font (``only``: even where it would find one).

    Once a process, after PDFium has been started.
    """
    import pypdfium2.raw as raw

    if _kept or not (info := raw.FPDF_GetDefaultSystemFontInfo()):
        return
    own: dict[str, Any] = {}
    kinds = dict(raw.FPDF_SYSFONTINFO._fields_)

    def mapped(this: Any, weight: int, italic: int, charset: int, pitch: int, face: Any, exact: Any) -> int | None:
        east_asian = charset in _EAST_ASIAN
        found = None if only and east_asian else own["MapFont"](this, weight, italic, charset, pitch, face, exact)
        return found or (_HANDLE if east_asian else None)

    replaced: dict[str, Callable[..., Any]] = {
        "MapFont": mapped,
        "GetFontData": lambda this, font, table, room, size: (
            _copied(b"" if table else stand_in(), room, size) if font == _HANDLE else own["GetFontData"](this, font, table, room, size)
        ),
        "GetFaceName": lambda this, font, room, size: _copied(b"Box\0", room, size) if font == _HANDLE else own["GetFaceName"](this, font, room, size),
        "GetFontCharset": lambda this, font: 134 if font == _HANDLE else own["GetFontCharset"](this, font),
        "DeleteFont": lambda this, font: None if font == _HANDLE else own["DeleteFont"](this, font),
    }
    for name, function in replaced.items():
        # The pointer itself, not the place it lies in, which is about to be written over.
        pointer = ctypes.cast(getattr(info.contents, name), ctypes.c_void_p).value
        own[name] = kinds[name](pointer) if pointer else lambda *_: None
        _kept.append(called := kinds[name](function))
        setattr(info.contents, name, called)
    _kept.append(info)
    raw.FPDF_SetSystemFontInfo(info)


def _copied(data: bytes, room: Any, size: int) -> int:
    if room and size >= len(data):
        ctypes.memmove(room, data, len(data))
    return len(data)


@lru_cache(maxsize=1)
def stand_in() -> bytes:
    """A TrueType font in which every Latin character is a narrow box and every other one a square box."""
    boxes = [_box(50, 950), _box(50, 450), _box(50, 950)]
    tables = {
        "OS/2": struct.pack(
            ">HhHHH11h10s4I4s3H3h2H2I", 1, 1000, 400, 5, 0, *(0,) * 10, 0, b"", 0, 0, 0, 0, b"NONE", 64, 32, 65535, _TOP, _FOOT, 0, _TOP, -_FOOT, 1 << 18, 0
        ),
        # Format 13: many characters to one glyph.
        "cmap": struct.pack(">4HI2H9I", 0, 1, 3, 10, 12, 13, 0, 40, 0, 2, 32, 255, 1, 256, 0xFFFF, 2),
        "glyf": b"".join(boxes),
        "head": struct.pack(">4I2H2q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, 1000, 0, 0, 50, _FOOT, 950, _TOP, 0, 8, 2, 1, 0),
        "hhea": struct.pack(">I3hH11hH", 0x10000, _TOP, _FOOT, 0, 1000, 50, 50, 950, 1, *(0,) * 7, 3),
        "hmtx": struct.pack(">HhHhHh", 1000, 50, 500, 50, 1000, 50),
        "loca": struct.pack(">4I", *(sum(map(len, boxes[:i])) for i in range(4))),
        "maxp": struct.pack(">I14H", 0x10000, 3, 4, 1, 0, 0, 2, *(0,) * 8),
        "name": struct.pack(">9H", 0, 1, 18, 3, 1, 0x409, 1, 6, 0) + "Box".encode("utf-16-be"),
        "post": struct.pack(">2I2h5I", 0x30000, 0, 0, 0, 1, 0, 0, 0, 0),
    }
    place = 12 + 16 * len(tables)
    directory, body = struct.pack(">I4H", 0x10000, len(tables), 128, 3, 32), b""
    for tag, data in tables.items():
        directory += struct.pack(">4s3I", tag.encode(), 0, place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return directory + body


def _box(left: int, right: int) -> bytes:
    """One closed outline of four points."""
    corners = struct.pack(">8h", left, 0, right - left, 0, _FOOT, _TOP - _FOOT, 0, _FOOT - _TOP)
    glyph = struct.pack(">5h2H4B", 1, left, _FOOT, right, _TOP, 3, 0, 1, 1, 1, 1) + corners
    return glyph + bytes(-len(glyph) % 4)
