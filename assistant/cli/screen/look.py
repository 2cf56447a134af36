"""How the screen looks: two palettes (paper and ink), and what each role of the page is drawn with."""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

PAPER = {
    "ground": "#faf8f2",
    "panel": "#f3f0e6",
    "ink": "#1f2a33",
    "soft": "#6b7680",
    "line": "#c9c5b8",
    "cursor": "#ffe9a8",
    "good": "#2e6b46",
    "edit": "#1f5a94",
    "warn": "#9a5b00",
    "bad": "#a8261c",
    "bar": "#33505f",
    "bar-ink": "#ffffff",
}
INK = {
    "ground": "#1b2127",
    "panel": "#222a31",
    "ink": "#e3e6e4",
    "soft": "#97a3ab",
    "line": "#46525b",
    "cursor": "#4a4327",
    "good": "#8ecfa4",
    "edit": "#8fc1ee",
    "warn": "#e8b765",
    "bad": "#ff9c90",
    "bar": "#33505f",
    "bar-ink": "#ffffff",
}
PALETTES = {"paper": PAPER, "ink": INK}


def theme(name: str) -> Theme:
    """A palette as Textual's theme."""
    colours = PALETTES[name]
    return Theme(
        name=name,
        primary=colours["bar"],
        secondary=colours["edit"],
        accent=colours["warn"],
        foreground=colours["ink"],
        background=colours["ground"],
        surface=colours["panel"],
        panel=colours["panel"],
        success=colours["good"],
        warning=colours["warn"],
        error=colours["bad"],
        dark=name == "ink",
        variables={
            "line": colours["line"],
            "soft": colours["soft"],
            "bar-ink": colours["bar-ink"],
            "input-selection-background": colours["cursor"],
            "scrollbar": colours["line"],
            "scrollbar-background": colours["ground"],
            "scrollbar-corner-color": colours["ground"],
            "scrollbar-hover": colours["soft"],
            "scrollbar-active": colours["soft"],
            "scrollbar-background-hover": colours["ground"],
            "scrollbar-background-active": colours["ground"],
        },
    )


def styles(name: str) -> dict[str, Style]:
    """Role of a piece of the page or panel → style. Marks and words carry the meaning; colour and weight only help."""
    colours = PALETTES[name]
    ground = colours["ground"]

    def made(colour: str, *, bold: bool = False, italic: bool = False) -> Style:
        return Style(color=colours[colour], bgcolor=ground, bold=bold, italic=italic)

    return {
        "title": made("ink", bold=True),
        "text": made("ink"),
        "changed": made("ink", bold=True),
        "open": made("bad", bold=True),
        "label": made("soft"),
        "line": made("line"),
        "accepted": made("good"),
        "edited": made("edit", bold=True),
        "rejected": made("warn", bold=True),
        "same": made("soft"),
        "error": made("bad", bold=True),
        "blank": made("ink"),
        "cursor": Style(bgcolor=colours["cursor"]),
    }
