"""The validator's word lists: TOML files beside this one that a finance officer can edit, each explained by its own head."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from operator import add
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent


@lru_cache(maxsize=32)
def lexicon(name: str) -> dict[str, Any]:
    """The content of ``<name>.toml``."""
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4096)
def pairs_of(text: str) -> frozenset[str]:
    """Every two characters that stand together. One text is asked for many lists of words in a row."""
    return frozenset(map(add, text, text[1:]))


class Words:
    """A set of words to look for in a text. For hundreds of words this is made and searched much faster than a regular expression of
    them all; where words overlap, the longest at a place wins."""

    __slots__ = ("_by_pair", "_single")

    def __init__(self, words: Iterable[str]) -> None:
        by_pair: dict[str, list[str]] = {}
        single: set[str] = set()
        for word in sorted(set(words), key=lambda word: (-len(word), word)):
            if len(word) == 1:
                single.add(word)
            else:
                by_pair.setdefault(word[:2], []).append(word)
        # Chinese words differ in their first two characters, so nearly every pair that is found begins a word.
        self._by_pair = {pair: tuple(found) for pair, found in by_pair.items()}
        self._single = frozenset(single)

    def _places(self, text: str) -> list[tuple[int, str]]:
        """Where words stand and the longest at each place, from left to right; words may overlap."""
        at: dict[int, str] = {}
        for pair in self._by_pair.keys() & pairs_of(text):
            words, i = self._by_pair[pair], text.find(pair)
            while i >= 0:
                for word in words:
                    if text.startswith(word, i):
                        at[i] = word
                        break
                i = text.find(pair, i + 1)
        if self._single and not self._single.isdisjoint(text):
            for i, letter in enumerate(text):
                if letter in self._single:
                    at.setdefault(i, letter)
        return sorted(at.items())

    def search(self, text: str) -> str | None:
        """The first word met in the text, or None."""
        places = self._places(text)
        return places[0][1] if places else None

    def all(self, text: str) -> list[str]:
        """Every word that stands in the text, at each place the longest only; words may overlap."""
        return [word for _, word in self._places(text)]

    def without(self, text: str, keep: frozenset[str] = frozenset()) -> str:
        """The text with its words replaced by blanks, from left to right; words to ``keep`` stay and guard the words inside them."""
        kept: list[str] = []
        end = 0
        for i, word in self._places(text):
            if i >= end:
                kept += (text[end:i], word if word in keep else " ")
                end = i + len(word)
        kept.append(text[end:])
        return "".join(kept)


def alternation(words: Iterable[str]) -> str:
    """A regular expression for any of the words, the longest first, so that a longer word is never read as a shorter one."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def split(text: str) -> tuple[str, ...]:
    """The words of a list written with blanks between them."""
    return tuple(text.split())
