"""Policy digests: Markdown files with TOML front matter between ``+++`` lines and one ``##`` heading per section.

The front matter names the document (``title``, ``number``, ``issued`` …); what else it carries is kept and shown.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field

from assistant.errors import InputError, fault_in
from assistant.target import Frozen


class Section(Frozen):
    """One headed piece of a policy digest."""

    heading: str
    text: str


class Policy(Frozen):
    """A policy digest: title, document number (None for a law), date as written, sections, the rest of the front matter."""

    title: str
    number: str | None = None
    issued: str | None = None
    sections: tuple[Section, ...] = ()
    facts: dict[str, str] = Field(default_factory=dict)
    source: str = ""


def parse(text: str, source: str) -> Policy:
    """A policy digest from its file's text; InputError names the file when the front matter is missing or broken."""
    match = re.match(r"﻿?\+\+\+\s*\n(.*?)\n\+\+\+\s*\n?(.*)", text.replace("\r\n", "\n"), re.DOTALL)
    if not match:
        raise InputError(f"“{source}”开头没有 +++ 之间的说明。", "请对照 corpus/policies 里的其他文件补上标题和文号。")
    try:
        facts = tomllib.loads(match[1])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"“{source}”开头的说明写法有误：{fault_in(error)}。", '请写成 键 = "值"。') from None
    title = str(facts.pop("title", "") or Path(source).stem)
    number, issued = facts.pop("number", None), facts.pop("issued", None) or facts.pop("date", None)
    pieces = re.split(r"^##\s+(.+?)\s*$", match[2], flags=re.MULTILINE)
    sections = [Section(heading="", text=pieces[0].strip())] if _body(pieces[0]) else []
    sections += [Section(heading=heading, text=body.strip()) for heading, body in zip(pieces[1::2], pieces[2::2], strict=True) if body.strip()]
    return Policy(
        title=title,
        number=str(number) if number else None,
        issued=str(issued) if issued else None,
        sections=tuple(sections),
        facts={key: _as_text(value) for key, value in facts.items()},
        source=source,
    )


def _body(text: str) -> str:
    return re.sub(r"^#\s+.*$", "", text, flags=re.MULTILINE).strip()


def _as_text(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
