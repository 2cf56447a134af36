"""The validator's word lists: TOML files beside this one that a finance officer can edit, each explained by its own head."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=32)
def lexicon(name: str) -> dict[str, Any]:
    """The content of ``<name>.toml``."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"))


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first, so that a longer word is never read as a shorter one."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def split(text: str) -> tuple[str, ...]:
    """The words of a list written with blanks between them."""
    return tuple(text.split())
