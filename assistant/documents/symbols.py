"""Characters of the symbol fonts (Symbol, Wingdings) as the Unicode characters a person sees.

Word stores them by ``w:sym`` or as U+F000 + code in ordinary text; a ``≥`` typed by "insert symbol" is U+F0B3 in the font Symbol.
The same code means other things in other fonts (Wingdings 2 A3 is an empty box, Symbol A3 is ≤), so the font decides.

Source: encoding vectors of the Adobe Symbol font and of Wingdings / Wingdings 2 as shipped with Office.
"""

from __future__ import annotations

import re


def _symbol_table() -> dict[int, str]:
    table = {code: chr(code) for code in range(0x20, 0x7F)}
    table.update(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True))
    table.update(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True))
    table.update({0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "*", 0x2D: "-", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "~"})
    table.update(zip(range(0xA0, 0xC0), "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…|—↵", strict=True))
    table.update(zip(range(0xC0, 0xE0), "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√·¬∧∨⇔⇐⇑⇒⇓", strict=True))
    table.update({0xE0: "◊", 0xE5: "∑", 0xF2: "∫"})
    return table


SYMBOL = _symbol_table()
WINGDINGS = {
    **{0x81 + i: chr(0x2460 + i) for i in range(10)},
    **{0x8C + i: chr(0x2776 + i) for i in range(10)},
    0x6C: "●",
    0x6E: "■",
    0x6F: "□",
    0x71: "□",
    0x72: "□",
    0x75: "◆",
    0x77: "◆",
    0x9F: "•",
    0xA1: "○",
    0xA7: "■",
    0xA8: "□",
    0xAB: "★",
    0xB2: "☆",
    0xD8: "➢",
    0xDF: "←",
    0xE0: "→",
    0xE1: "↑",
    0xE2: "↓",
    0xE8: "→",
    0xF0: "⇨",
    0xFB: "✗",
    0xFC: "✓",
    0xFD: "☒",
    0xFE: "☑",
}
WINGDINGS2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●", 0x98: "●", 0xA2: "■", 0xA3: "□", 0xAE: "◆"}
UNKNOWN = "\ufffd"

PRIVATE = re.compile("[\uf020-\uf0ff]")


def symbol(font: str | None, code: int) -> str:
    """The character that ``code`` (with or without U+F000) shows in a symbol font; U+FFFD when it has no like in Unicode."""
    low = code - 0xF000 if code >= 0xF000 else code
    name = (font or "").lower().replace(" ", "")
    if name.startswith("wingdings2"):
        return WINGDINGS2.get(low, UNKNOWN)
    if name.startswith(("wingdings", "webdings")):
        return WINGDINGS.get(low, UNKNOWN)
    if name and name != "symbol" and code < 0xF000:
        return chr(code)
    return SYMBOL.get(low, UNKNOWN)


SYMBOL_FONTS = ("symbol", "wingdings", "webdings")


def readable(text: str, font: str | None = None) -> str:
    """Text with the private-use characters of symbol fonts, and all Latin ones set in such a font, turned into what they show."""
    if font and font.lower().startswith(SYMBOL_FONTS):
        return "".join(symbol(font, 0xF000 + ord(char)) if " " < char <= "\xff" else symbol(font, ord(char)) if PRIVATE.match(char) else char for char in text)
    return PRIVATE.sub(lambda match: symbol(font, ord(match[0])), text) if PRIVATE.search(text) else text


SUPERSCRIPTS = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")


def superscript(text: str) -> str:
    """Raised digits as raised digits: ``10`` with a raised ``4`` must not become 104."""
    return text.translate(SUPERSCRIPTS)
