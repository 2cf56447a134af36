"""The validator's word lists: TOML files beside this one that a finance officer can edit, each explained by its own head."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


@lru_cache(maxsize=32)
def lexicon(name: str) -> dict[str, Any]:
    """The content of ``<name>.toml``."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


class Words:
    """A set of words to look for in a text. For hundreds of words this is made and searched much faster than a regular expression of
    them all; where words overlap, the longest at a place wins."""

    __slots__ = ("_by_first",)

    def __init__(self, words: Iterable[str]) -> None:
        by_first: dict[str, list[str]] = {}
        for word in sorted(set(words), key=lambda word: (-len(word), word)):
            by_first.setdefault(word[0], []).append(word)
        self._by_first = {first: tuple(found) for first, found in by_first.items()}

    def search(self, text: str) -> str | None:
        """The first word met in the text, or None."""
        by_first = self._by_first
        for i, char in enumerate(text):
            for word in by_first.get(char, ()):
                if text.startswith(word, i):
                    return word
        return None

    def all(self, text: str) -> list[str]:
        """Every word that stands in the text, at each place the longest only; words may overlap."""
        by_first = self._by_first
        found = []
        for i, char in enumerate(text):
            for word in by_first.get(char, ()):
                if text.startswith(word, i):
                    found.append(word)
                    break
        return found

    def without(self, text: str, keep: frozenset[str] = frozenset()) -> str:
        """The text with its words replaced by blanks, from left to right; words to ``keep`` stay and guard the words inside them."""
        by_first = self._by_first
        kept: list[str] = []
        i = 0
        while i < len(text):
            for word in by_first.get(text[i], ()):
                if text.startswith(word, i):
                    kept.append(word if word in keep else " ")
                    i += len(word)
                    break
            else:
                kept.append(text[i])
                i += 1
        return "".join(kept)


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first, so that a longer word is never read as a shorter one."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def split(text: str) -> tuple[str, ...]:
    """The words of a list written with blanks between them."""
    return tuple(text.split())
