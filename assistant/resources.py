"""Where the texts that travel with the program lie, ``corpus/`` and ``prompts/``, and how its optional parts are installed.

In a checkout the checkout's own folders win, so that an edit is seen at once (also with an editable install, whose copies are a
stale snapshot); in a wheel they are package data under ``assistant/_data``.
"""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """The folder ``corpus`` or ``prompts`` that belongs to this program.

    Raises FileNotFoundError only for a broken installation.
    """
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / name).is_dir():
        return checkout / name
    folder = _PACKAGE / "_data" / name
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return folder


def installing(extra: str) -> str:
    """The command that adds an optional part (``ocr``, ``evals``) to this very installation."""
    checkout = _PACKAGE.parent
    if (checkout / "constraints.txt").is_file():
        return f'"{sys.executable}" -m pip install -c "{checkout / "constraints.txt"}" -e "{checkout}[{extra}]"'
    return f'"{sys.executable}" -m pip install "goal-table-assistant[{extra}]"'
