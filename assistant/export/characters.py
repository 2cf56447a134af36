"""Text that any file can carry: without control characters, lone surrogates and the marks that reorder what a reader sees.

What is removed never carries meaning in a goal table; what stays is unchanged. Every writer of this package passes each text through
here once, so that one bad byte of a web page or a model's answer can neither break a file nor hide in it.
"""

from __future__ import annotations

import re

# C0 controls other than tab and line feed, DEL and C1, surrogates, non-characters, direction overrides and isolates, BOM.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff"
    + "".join(chr(plane << 16 | tail) for plane in range(1, 17) for tail in (0xFFFE, 0xFFFF))
    + "]"
)
# What an ESC begins (colours of a terminal) goes with it, or a colour code would be left as text.
_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINE_ENDS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")


def clean(text: str) -> str:
    """The text with every line end as ``\\n`` and nothing in it that XML, Excel or a terminal refuses."""
    if text.isascii() and text.isprintable():
        return text
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCE.sub("", text)))


def clean_name(text: str) -> str:
    """The text on one line: a heading, a sheet's or a file's name."""
    return " ".join(clean(text).split())


_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\t\n]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


def file_name(text: str, longest: int = 80) -> str:
    """A name that Windows, macOS and Linux accept, made of a project's name; ``绩效目标表`` when nothing is left."""
    name = _NOT_IN_FILE_NAMES.sub("_", clean_name(text)).strip(" ._")[:longest].strip(" ._")
    while len(name.encode("utf-8")) > 200:
        name = name[:-1]
    return f"_{name}" if _RESERVED.match(name) else name or "绩效目标表"
