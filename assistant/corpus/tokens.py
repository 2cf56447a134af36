"""Words for the full-text index: Chinese has no blanks, and the terms of this field have two characters.

A run of Han characters gives its characters and its pairs of neighbours; a run of letters and digits is one word. SQLite's own
tokenisers would take a whole sentence for one word or miss two-character terms.
"""

from __future__ import annotations

import re

from assistant.chinese import fold

VERSION = 1
_RUN = re.compile(r"[一-鿿]+|[a-z0-9]+(?:\.[0-9]+)?")


def tokens(text: str) -> list[str]:
    """The index words of a text, in order, with repetitions."""
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if "一" <= run[0] <= "鿿":
            found.extend(run)
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run.replace(".", "p"))
    return found


def query_tokens(text: str) -> list[str]:
    """The words to look for: pairs where a run has them, the character where it stands alone; each once, in order."""
    found: dict[str, None] = {}
    for run in _RUN.findall(fold(text)):
        if "一" <= run[0] <= "鿿":
            found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else {run: None})
        else:
            found[run.replace(".", "p")] = None
    return list(found)
