"""A JSON reader for what models write: whole or cut, fenced or not, with the slips they make, each slip reported.

The standard reader either takes an answer or loses it. This one takes what is there: trailing and missing commas, full-width commas
and colons, curly or single quotes, quotes inside strings, raw line breaks, comments, ``None``/``True``/``NaN``, keys without quotes,
duplicate keys, text cut in the middle. It never recurses deeper than ``DEPTH``, and never raises on any text.

Containers that were still open when the text ended are ``Cut``/``CutList``, so that a half-written row is never taken for a whole one.
Numbers stay strings as written: ``25.00`` is not ``25.0``.
"""

from __future__ import annotations

import re
from typing import Any

DEPTH = 24
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None, "undefined": None, "nan": None, "infinity": None, "-infinity": None}
_BARE = re.compile(r"-?[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*")
_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?(?:\*/|\Z)|…|\.\.\.)+", re.DOTALL)
_CLOSERS = {'"': '"', "'": "'", "“": "”", "”": "”", "‘": "’", "「": "」"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "/": "/", "\\": "\\", '"': '"', "'": "'"}
# What must not reach a terminal or a file by way of an escape either: control characters, direction marks.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060-\u2064\ufeff]")
_COMMAS, _COLONS = ",，;；", ":：="


class Cut(dict[str, Any]):
    """An object whose closing brace never came."""


class CutList(list[Any]):
    """A list whose closing bracket never came."""


class Reader:
    """Reads one value beginning at ``at``; afterwards ``at`` is behind it and ``slips`` names what had to be forgiven."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.slips: dict[str, int] = {}
        self.cut = False

    def value(self, depth: int = 0) -> Any:
        """The value at this place (None for nothing readable)."""
        self._blank()
        char = self._peek()
        if char in "{[" and char:
            if depth >= DEPTH:
                self._slip("嵌套过深")
                self._skip_container()
                return None
            return self._object(depth) if char == "{" else self._list(depth)
        if char in _CLOSERS and char:
            return self._string()
        if match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            return self._number(match.group())
        if match := _BARE.match(self.text, self.at):
            self.at = match.end()
            word = match.group()
            if word.lower() in _WORDS:
                if word not in ("true", "false", "null"):
                    self._slip("不是 JSON 的空值")
                return _WORDS[word.lower()]
            self._slip("文字没有加引号")
            return word
        return None

    def _object(self, depth: int) -> dict[str, Any]:
        self.at += 1
        found: dict[str, Any] = {}
        while True:
            self._separators()
            char = self._peek()
            if not char:
                self.cut = True
                return Cut(found)
            if char in "}]":
                self.at += 1
                if char == "]":
                    self._slip("括号不配对")
                return found
            before = self.at
            key = self._key()
            self._blank()
            if self._peek() and self._peek() in _COLONS:
                if self._peek() != ":":
                    self._slip("冒号写法")
                self.at += 1
            value = self.value(depth + 1)
            if self.at == before:
                self.at += 1
                self._slip("多余字符")
                continue
            if self.cut and not self._peek() and not isinstance(value, (Cut, CutList)):
                # The text ended inside this value: a half string is no value.
                return Cut(found)
            if key in found:
                self._slip("重复的键")
                value = value if value not in (None, "", [], {}) else found[key]
            found[key] = value

    def _list(self, depth: int) -> list[Any]:
        self.at += 1
        found: list[Any] = []
        while True:
            self._separators()
            char = self._peek()
            if not char:
                self.cut = True
                return CutList(found)
            if char == "]":
                self.at += 1
                return found
            if char == "}":
                # The list was never closed before its object was: leave the brace to the object.
                self._slip("括号不配对")
                return found
            before = self.at
            value = self.value(depth + 1)
            if self.at == before:
                self.at += 1
                self._slip("多余字符")
                continue
            if self.cut and not self._peek() and not isinstance(value, (Cut, CutList)):
                return CutList(found)
            found.append(value)

    def _key(self) -> str:
        char = self._peek()
        if char in _CLOSERS:
            return str(self._string())
        if match := re.compile(r"[^\s:：=,，{}\[\]\"]+").match(self.text, self.at):
            self._slip("键没有加引号")
            self.at = match.end()
            return match.group()
        return ""

    def _string(self) -> str:
        opener = self.text[self.at]
        closer = _CLOSERS[opener]
        if opener != '"':
            self._slip("引号写法")
        pieces: list[str] = []
        at, text = self.at + 1, self.text
        start = at
        while True:
            if at >= len(text):
                self.cut, self.at = True, at
                pieces.append(text[start:at])
                return "".join(pieces)
            char = text[at]
            if char == "\\":
                pieces.append(text[start:at])
                piece, at = self._escape(at)
                pieces.append(piece)
                start = at
            elif char == closer or (opener == "“" and char == '"'):
                if self._closes(at + 1):
                    pieces.append(text[start:at])
                    self.at = at + 1
                    return "".join(pieces)
                self._slip("文字中的引号没有转义")
                at += 1
            else:
                at += 1

    def _closes(self, at: int) -> bool:
        # A quote ends its string when what follows can follow a string; else it is a quotation inside the text.
        blank = _BLANK.match(self.text, at)
        after = blank.end() if blank else at
        follower = self.text[after : after + 1]
        if not follower or follower in "}]:：":
            return True
        if follower in _COMMAS:
            nearer = _BLANK.match(self.text, after + 1)
            ahead = self.text[nearer.end() if nearer else after + 1 :][:1]
            return not ahead or ahead in "\"'“{[}]-" or ahead.isdigit() or (follower == "," and self.text[after + 1 :].lstrip()[:4] in ("null", "true", "fals"))
        if blank and follower in "\"'“{[":
            self._slip("缺少逗号")
            return True
        return False

    def _escape(self, at: int) -> tuple[str, int]:
        kind = self.text[at + 1 : at + 2]
        if kind == "u":
            digits = self.text[at + 2 : at + 6]
            if re.fullmatch(r"[0-9a-fA-F]{4}", digits):
                code = int(digits, 16)
                pair = re.match(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})", self.text[at + 6 : at + 12])
                if 0xD800 <= code < 0xDC00 and pair:
                    return chr(0x10000 + ((code - 0xD800) << 10) + (int(pair[1], 16) - 0xDC00)), at + 12
                if 0xD800 <= code < 0xE000:
                    self._slip("残缺字符")
                    return "", at + 6
                if _HIDDEN.match(chr(code)):
                    self._slip("控制字符")
                    return "", at + 6
                return chr(code), at + 6
        if kind in _ESCAPES and kind:
            return _ESCAPES[kind], at + 2
        self._slip("转义写法")
        return kind, at + 2

    def _number(self, digits: str) -> str:
        # A number with a unit and no quotes (46人, 90%) is what offices would write: keep all of it.
        unit = re.compile(r"[%％\u4e00-\u9fff/·/㎡]+").match(self.text, self.at)
        if unit:
            self._slip("文字没有加引号")
            self.at = unit.end()
            return digits + unit.group()
        return digits

    def _separators(self) -> None:
        while True:
            self._blank()
            char = self._peek()
            if not char or char not in _COMMAS:
                return
            if char != ",":
                self._slip("逗号写法")
            self.at += 1
            self._blank()
            following = self._peek()
            if following and (following in _COMMAS or following in "}]"):
                self._slip("多余的逗号")

    def _blank(self) -> None:
        if match := _BLANK.match(self.text, self.at):
            if match.group().strip():
                self._slip("注释或省略号")
            self.at = match.end()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_container(self) -> None:
        open_ones = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            self.at += 1
            if char in "[{":
                open_ones += 1
            elif char in "]}":
                open_ones -= 1
                if not open_ones:
                    return
        self.cut = True

    def _slip(self, name: str) -> None:
        self.slips[name] = self.slips.get(name, 0) + 1
