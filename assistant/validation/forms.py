"""Forms and frames as the rules see them: what a province's form has and what an edition of the indicator frame asks for.

The data is ``lexicons/forms.toml``; a new province or edition is an entry there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from assistant.validation.lexicons import lexicon


class Form(NamedTuple):
    """A form: cells it requires (addresses), cells it wants, indicator columns it has, months of its spending plan, length of its
    project code (0 = not fixed), where the two digits of the year stand in it (None = nowhere), and whether its system writes >= for ≥."""

    id: str
    title: str
    province: str
    required: tuple[str, ...]
    wanted: tuple[str, ...]
    columns: tuple[str, ...]
    plan: tuple[int, ...]
    code_length: int
    code_year_at: int | None
    ascii_signs: bool


class Frame(NamedTuple):
    """An edition of the indicator frame: level-1 families every project must have, output types, the type that holds the price, and
    whether a cost row is asked of every project or only of works, repair and purchase."""

    must: tuple[str, ...]
    outputs: tuple[str, ...]
    cost: str
    cost_always: bool


@lru_cache(maxsize=64)
def form_of(name: str) -> Form:
    """The form of that id; the nearest of the province when only the edition is unknown, else the generic one."""
    forms = lexicon("forms")
    entry = forms.get(name)
    if not isinstance(entry, dict) or "required" not in entry:
        family = name.partition("-")[0]
        near = [key for key, value in forms.items() if isinstance(value, dict) and "required" in value and key.partition("-")[0] == family]
        entry = forms[near[0]] if near else forms["generic"]
    return Form(
        id=name,
        title=entry["title"],
        province=entry["province"],
        required=tuple(entry["required"]),
        wanted=tuple(entry["wanted"]),
        columns=tuple(entry["columns"]),
        plan=tuple(entry["plan"]),
        code_length=entry["code_length"],
        code_year_at=entry.get("code_year_at"),
        ascii_signs=entry.get("ascii_signs", False),
    )


@lru_cache(maxsize=8)
def frame_of(edition: str) -> Frame:
    """The frame of that edition; an unknown edition is judged as 2015, the wider one."""
    frames = lexicon("forms")["frame"]
    entry = frames.get(edition, frames["2015"])
    return Frame(tuple(entry["must"]), tuple(entry["outputs"]), entry["cost"], entry["cost_always"])
