"""Which row of last year's table became which row of this year's, and which table of last year's text a draft goes on.

Pure functions over goal tables; ``tracking`` turns what they say into revisions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.chinese import fold, likeness, without_document_numbers
from assistant.table import GoalTable, Indicator

# Below this two project names are two projects.
_SAME_PROJECT = 0.5


def pair_tables(old: Sequence[GoalTable], new: Sequence[GoalTable], previous: Sequence[GoalTable | None] = ()) -> list[int | None]:
    """For each new table the index of the old one it goes on, or None. Each old table is used once.

    ``previous`` holds, where known, the table a draft was made from. One table against one always belong together.
    """
    if len(old) == len(new) == 1:
        return [0]
    scores = ((_same_project(other, table, _at(previous, j)), -j, -i) for j, table in enumerate(new) for i, other in enumerate(old))
    scored = sorted((entry for entry in scores if entry[0] >= _SAME_PROJECT), reverse=True)
    found: list[int | None] = [None] * len(new)
    used: set[int] = set()
    for _, j, i in scored:
        if found[-j] is None and -i not in used:
            found[-j] = -i
            used.add(-i)
    return found


def _at(previous: Sequence[GoalTable | None], index: int) -> GoalTable | None:
    return previous[index] if index < len(previous) else None


def _same_project(old: GoalTable, new: GoalTable, previous: GoalTable | None) -> float:
    if previous is not None:
        same = previous.project.code == old.project.code if previous.project.code and old.project.code else _name(previous) == _name(old)
        return 2.0 if same else 0.0
    if old.project.code and old.project.code == new.project.code:
        return 1.5
    left, right = _name(old), _name(new)
    bare = likeness(_bare(left), _bare(right))
    return 0.3 * likeness(left, right) + 0.7 * bare


def _name(table: GoalTable) -> str:
    return fold(table.project.name or table.title or "")


def _bare(name: str) -> str:
    """A name without its document number and year, which change from year to year."""
    return re.sub(r"20\d\d年?(?:度)?", "", without_document_numbers(name)) or name


def align_rows(old: Sequence[Indicator], new: Sequence[Indicator], groups: Sequence[tuple[int, ...]]) -> dict[int, int]:
    """New row → old row it was made from, in order on both sides.

    ``groups[i]`` tells which level-1, level-2 and any further cell the old row ``i`` stands under (rows under one merged cell share its
    number). A row under a shared level cell keeps that cell's text; the first row under a shared cell is never without a partner while
    another row of the cell has one, because a merged cell begins in it.
    """
    shared = [{group for group in column if column.count(group) > 1} for column in (list(column) for column in zip(*groups, strict=True))] or [set(), set()]
    score = [[_alike(a, b, groups[i], shared) for b in new] for i, a in enumerate(old)]
    rows, columns = len(old), len(new)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            taken = score[i][j] + best[i + 1][j + 1] if score[i][j] > 0 else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], taken)
    match: dict[int, int] = {}
    i = j = 0
    while i < rows and j < columns:
        if score[i][j] > 0 and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            match[j] = i
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return _with_first_rows(match, groups)


def _alike(old: Indicator, new: Indicator, group: tuple[int, ...], shared: Sequence[set[int]]) -> float:
    """How likely a row became another, 0 = it cannot have."""
    for part, column in (("level1", 0), ("level2", 1)):
        if group[column] in shared[column] and fold(getattr(old, part)) != fold(getattr(new, part)):
            return 0.0
    names = likeness(old.level3, new.level3)
    if fold(old.level2) != fold(new.level2):
        # Under another type only what is clearly the same indicator is a moved one.
        return names - 0.5 if names > 0.8 else 0.0
    return 0.4 + 0.6 * names + (0.1 if fold(old.value.text) == fold(new.value.text) else 0.0)


def _with_first_rows(match: dict[int, int], groups: Sequence[tuple[int, ...]]) -> dict[int, int]:
    by_old = {i: j for j, i in match.items()}
    changed = True
    while changed:
        changed = False
        for column in range(len(groups[0])):
            for first in sorted({next(i for i, other in enumerate(groups) if other[column] == group[column]) for group in groups}):
                if first in by_old:
                    continue
                stand_in = next((i for i in range(first + 1, len(groups)) if groups[i][column] == groups[first][column] and i in by_old), None)
                if stand_in is not None:
                    by_old[first] = by_old.pop(stand_in)
                    changed = True
    return {j: i for i, j in by_old.items()}
