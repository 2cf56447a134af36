"""The full-screen review. The only room that knows Textual; loaded only when a screen is opened.

page (the form laid out in columns) and panel (the text beside it) are pure; desk does and saves; form, dialogs, asking and app draw and ask.
"""

from __future__ import annotations

from assistant.cli.screen.app import ReviewApp, run

__all__ = ["ReviewApp", "run"]
