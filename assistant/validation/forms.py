"""Forms and frames as the rules see them: what a province's form has and what an edition of the indicator frame asks for.

The data is ``lexicons/forms.toml``; a new province or edition is an entry there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from assistant.validation.lexicons import lexicon


class Form(NamedTuple):
    """A form: cells it requires (addresses), cells it wants, indicator columns it has, months of its spending plan, length of its
    project code (0 = not fixed), where the two digits of the year stand in it (None = nowhere), and whether its system writes >= for ≥."""

    required: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    plan: tuple[int, ...] = ()
    code_length: int = 0
    code_year_at: int | None = None
    ascii_signs: bool = False


class Frame(NamedTuple):
    """An edition of the indicator frame: the type that holds the price, and whether a cost row is asked of every project or only of works,
    repair and purchase."""

    cost: str
    cost_always: bool


@lru_cache(maxsize=64)
def form_of(name: str) -> Form:
    """The form of that id; the nearest of the province when only the edition is unknown, else the generic one."""
    forms = lexicon("forms")["form"]
    family = name.partition("-")[0]
    near = [key for key in forms if key.partition("-")[0] == family]
    entry = forms.get(name) or forms[near[0] if near else "generic"]
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Form(**values)


@lru_cache(maxsize=8)
def frame_of(edition: str) -> Frame:
    """The frame of that edition; an unknown edition is judged as 2015, the wider one."""
    frames = lexicon("forms")["frame"]
    return Frame(**frames.get(edition, frames["2015"]))
