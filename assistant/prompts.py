"""Prompt files: one Markdown file per task, with declared variables, a version, and a fingerprint that is recorded with every call.

::

    +++
    name = "draft"
    version = 3
    purpose = "…"
    variables = ["需求", "资料"]
    +++
    # system
    …                      (no variables: the part that never changes, which endpoints cache)
    # user
    …${需求}…${资料}…

Placeholders are ``string.Template``'s, filled in one pass: a ``$`` or a brace inside a document is never taken for one. Text from
documents goes into ``# user`` only, through ``fenced``: named as data, and unable to close its own fence.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from string import Template

from assistant.errors import InputError, fault_in
from assistant.resources import bundled
from assistant.target import Frozen


class _Template(Template):
    # Variables have the field's Chinese names, and only the braced form counts: "$5" in a prompt is money.
    pattern = r"""
    (?P<escaped>\$\$) | \$\{(?P<braced>[\w\u4e00-\u9fff]+)\} | (?P<named>(?!)) | (?P<invalid>(?!))
    """  # type: ignore[assignment]


class Prompt(Frozen):
    """A prompt as loaded. ``system`` has no variables; ``user`` has exactly those declared."""

    name: str
    version: int
    purpose: str
    variables: tuple[str, ...]
    system: str
    user: str

    @property
    def label(self) -> str:
        """``name@version``, as traces and the log name it."""
        return f"{self.name}@{self.version}"

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits over the words."""
        return hashlib.sha256(f"{self.system}\0{self.user}".encode()).hexdigest()[:12]

    def fill(self, **values: str) -> str:
        """The user part with its variables filled in, in one pass. KeyError-like slips of ours are InputErrors naming the variable."""
        if set(values) != set(self.variables):
            wrong = "、".join(sorted(set(values) ^ set(self.variables)))
            raise InputError(f"提示词“{self.name}”的变量不符：{wrong}。", "请核对提示词文件开头声明的 variables。")
        return _Template(self.user).substitute(values)


# Where prompts are looked for first, while ``using`` is in force.
_first: ContextVar[Path | None] = ContextVar("prompts", default=None)


@contextmanager
def using(folder: Path | None) -> Iterator[None]:
    """Within the body prompts come from ``folder`` where it has them: a variant that is being tried. None changes nothing."""
    token = _first.set(folder)
    try:
        yield
    finally:
        _first.reset(token)


def load(name: str, folder: Path | None = None) -> Prompt:
    """The prompt of that name, from ``folder``, the variant in use, or those that travel with the program.

    InputError for a missing or broken file: no front matter, a variable declared and not used or used and not declared, a
    placeholder in the system part.
    """
    variant = _first.get()
    if folder is None and variant is not None and (variant / f"{name}.md").is_file():
        folder = variant
    return _load(name, folder)


@lru_cache(maxsize=64)
def _load(name: str, folder: Path | None) -> Prompt:
    path = (folder or bundled("prompts")) / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不到提示词文件“{path}”：{error}。", "请恢复该文件，或重新安装。") from None
    return parse(text, path.name)


def parse(text: str, where: str = "提示词") -> Prompt:
    """A prompt from the text of its file."""
    match = re.fullmatch(r"\+\+\+\n(.*?)\n\+\+\+\n+# system\n(.*?)\n# user\n(.*)", text.replace("\r\n", "\n"), re.DOTALL)
    if not match:
        raise InputError(f"提示词文件“{where}”的结构不对。", "开头用两行 +++ 括住声明，正文分 # system 与 # user 两节。")
    try:
        front = tomllib.loads(match[1])
        prompt = Prompt(
            name=front["name"],
            version=front["version"],
            purpose=front["purpose"],
            variables=tuple(front["variables"]),
            system=match[2].strip(),
            user=match[3].strip(),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise InputError(f"提示词文件“{where}”的声明有误：{fault_in(error)}。", "需要 name、version、purpose、variables 四项。") from None
    if _used(prompt.system):
        raise InputError(f"提示词文件“{where}”的 # system 里有变量：{'、'.join(sorted(_used(prompt.system)))}。", "资料只能放在 # user 里。")
    if _used(prompt.user) != set(prompt.variables):
        wrong = "、".join(sorted(_used(prompt.user) ^ set(prompt.variables)))
        raise InputError(f"提示词文件“{where}”声明的变量与正文不符：{wrong}。", "请让 variables 与正文中的 ${…} 一一对应。")
    return prompt


def fenced(name: str, text: str) -> str:
    """Text of a document as data: between marks that name it, with anything inside that looks like such a mark made harmless."""
    harmless = re.sub(r"<(/?\s*资料)", r"＜\1", text)
    label = re.sub(r'[<>"\s]+', " ", name).strip()
    return f'<资料 名称="{label}">\n{harmless}\n</资料>'


def _used(text: str) -> set[str]:
    return {match["braced"] for match in _Template.pattern.finditer(text) if match["braced"]}  # type: ignore[attr-defined]
