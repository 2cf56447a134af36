"""Which province's form and which frame of levels a table has, told by the words met in it."""

from __future__ import annotations

from assistant.chinese import fold
from assistant.extraction import labels
from assistant.extraction.building import Builder
from assistant.table import canonical_level1

_FORMS = tuple((name, tuple(map(fold, every)), tuple(map(fold, one))) for name, (_, every, one) in labels.FORMS.items())


def form_of(builder: Builder) -> str:
    """The id of the form in ``labels.FORMS`` whose tell-tale words are all there; ``other`` when none is."""
    words = set(builder.words)
    if builder.title is not None:
        words.add(fold(builder.title.text))
    words |= {fold(indicator.level1) for indicator in builder.indicators} | {fold(indicator.level2) for indicator in builder.indicators}
    words |= {fold(name) for name in builder.extra}
    if builder.flat:
        words.add("#list")
    joined = "\n".join(words)
    for name, every, one in _FORMS:
        if all(_there(word, words, joined) for word in every) and (not one or any(_there(word, words, joined) for word in one)):
            return name
    return labels.OTHER_FORM


def _there(word: str, words: set[str], joined: str) -> bool:
    # One-character labels (优 良 中 差) must stand alone; longer ones may be part of a longer label.
    return word in words or (len(word) > 2 and word in joined)


def frame_of(builder: Builder) -> str:
    """``2021`` when cost is a level-1 family of its own, else ``2015``."""
    return "2021" if any(canonical_level1(indicator.level1) == "成本指标" for indicator in builder.indicators) else "2015"
