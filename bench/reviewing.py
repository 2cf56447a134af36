"""The full-screen review: from a key to the next cell, from cold to the screen, and the keys a ten-project department takes.

The department is drafted for next year from the bundled text; every key is pressed in the real application (headless). Letters of a
figure or a reason that only a person knows are not counted, the keys around them are.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.line import Line

NOW = "2026-11-23T10:00:00+08:00"


def department(home: Path, folder: Path, *, most: int = 10) -> list[Path]:
    """Next year's drafts of every project of the bundled department with the same money, as files."""
    from assistant.corpus import Corpus
    from assistant.draft import Request
    from assistant.drafting.embedded import draft

    paths = []
    corpus = Corpus.open(home)
    for number, past in enumerate(corpus.past_tables()[:most], 1):
        table = past.table
        amount = f"{table.budget.total:f}" if table.budget.total is not None else None
        request = Request(name=table.project.name or "", year=(table.year or 2025) + 1, budget=amount, purpose=table.purpose)
        made = draft(request, corpus, now=NOW, unit=past.unit, previous=past)
        path = folder / f"{number:02}.json"
        path.write_text(made.to_json(), encoding="utf-8")
        paths.append(path)
    corpus.close()
    return paths


@dataclass
class Tally:
    """What a pass over a department took: ``sweeps`` (A, one a table), the ``keys`` after them, the cells of each kind, rows in all."""

    tables: int = 0
    rows: int = 0
    unchanged: int = 0
    changed: int = 0
    sweeps: int = 0
    keys: int = 0
    left: int = 0


def tally(paths: list[Path], home: Path) -> Tally:
    """Decide a whole department by keys: A, then each cell or row that is left, as the quickest careful reviewer would."""
    from assistant.cli.screen import ReviewApp

    app = ReviewApp(paths, home, "王会计", lambda: NOW)
    count = Tally(tables=len(paths))

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            for index in range(len(paths)):
                await _table(app, pilot, count, last=index == len(paths) - 1)

    asyncio.run(run())
    return count


async def _table(app: Any, pilot: Any, count: Tally, *, last: bool) -> None:
    desk = app.desk
    count.rows += len(desk.draft.table.indicators)
    clean = len(desk.standing.clean_cells)
    count.unchanged += clean
    count.changed += len(desk.standing.undecided) - clean
    if clean:
        await pilot.press("A")
        count.sweeps += 1
    stuck = 0
    while desk.standing.undecided and stuck < 3:
        before = len(desk.draft.history)
        count.keys += await _cell(desk, pilot)
        stuck = 0 if len(desk.draft.history) > before else stuck + 1
    count.left += len(desk.standing.undecided)
    if not last:
        await pilot.press("right_square_bracket")
        count.keys += 1


async def _cell(desk: Any, pilot: Any) -> int:
    """Decide on what is at hand; how many keys it took."""
    cell = desk.view
    keys = 0
    if cell.state != "undecided" or not cell.needed:
        await pilot.press("n")
        cell, keys = desk.view, 1
    if cell.open and not cell.text:
        await pilot.press("a")
        await pilot.pause()
        await pilot.press("1")
        keys += 2
    elif cell.open:
        await pilot.press("e")
        await pilot.pause()
        text = cell.text.replace("待核实", "冀残字〔2025〕9号") if cell.address.endswith("basis") else "30" if "percent" in cell.address else "≥30人"
        await pilot.press("ctrl+a", "ctrl+k", *text)
        await pilot.press("enter")
        await pilot.pause()
        if len(pilot.app.screen_stack) > 1:
            await pilot.press("tab", "1")
            keys += 1
        keys += 2
    elif cell.errors and any(finding.fix for finding in cell.errors):
        await pilot.press("f")
        keys += 1
    elif cell.errors:
        await pilot.press("a")
        await pilot.pause()
        await pilot.press(*"已批复", "enter")
        keys += 2
    else:
        await pilot.press("space")
        keys += 1
    await pilot.pause()
    return keys


def twenty_rows(path: Path) -> Path:
    """The first draft of a department made up to twenty rows."""
    from assistant.draft import Draft
    from assistant.review import recheck
    from assistant.table import Indicator
    from assistant.target import Target

    draft = Draft.model_validate_json(path.read_bytes())
    rows = list(draft.table.indicators)
    for i in range(20 - len(rows)):
        rows.append(
            Indicator(
                level1="产出指标", level2="数量指标", level3=f"第{i + 1}期培训人数", description="该期人数", value=Target.parse(f"≥{i + 9}人"), basis="年度计划"
            )
        )
    made = recheck(draft.model_copy(update={"id": "二十行", "table": draft.table.model_copy(update={"indicators": tuple(rows)})}), NOW)
    wide = path.with_name("二十行.json")
    wide.write_text(made.to_json(), encoding="utf-8")
    return wide


def key_to_cell(path: Path, home: Path, rounds: int = 15) -> list[float]:
    """Seconds of processor time from a key (accept or edit) to the drawn next cell, re-validation and saving included."""
    from assistant.cli.screen import ReviewApp

    app = ReviewApp([path], home, "王会计", lambda: NOW)
    spent: list[float] = []

    async def run() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            desk = app.desk
            assert desk is not None
            at = len(desk.draft.table.indicators) - 8
            desk.go(f"indicators[{at}].value")
            app.show()
            await pilot.pause()
            for i in range(rounds):
                began = time.process_time()
                if i % 3:
                    app.action_accept()
                else:
                    app.done(desk.edit(f"≥{i + 20}人", "按计划"))
                app.screen._compositor.render_update(full=True)
                spent.append(time.process_time() - began)
                await pilot.pause()

    asyncio.run(run())
    return spent


def lines() -> Iterator[Line]:
    """The bars of the review."""
    from bench.chatting import until_shown

    with tempfile.TemporaryDirectory() as folder:
        home, drafts = Path(folder) / "home", Path(folder) / "drafts"
        home.mkdir()
        drafts.mkdir()
        paths = department(home, drafts)
        wide = twenty_rows(paths[0])
        spent = key_to_cell(wide, home)
        yield Line("review: key to next cell, 20 rows, checked and saved (median)", statistics.median(spent) * 1000, "ms", at_most=50)
        yield Line("review: the same, the slowest of 15", max(spent) * 1000, "ms")
        shown = until_shown(["review", wide, "--person", "王会计"], "采纳", "q", home=home)
        yield Line("review: cold start to the screen", shown, "s", at_most=1.0, note="" if shown is not None else "needs pexpect and /proc")
        took = tally(paths, home)
        what = f"{took.tables} tables, {took.rows} rows, {took.unchanged} cells unchanged, {took.changed} changed"
        yield Line(f"review: keys per changed cell ({what})", took.keys / max(took.changed, 1), "keys", at_most=1.5, exact=True)
        yield Line("review: keys for all unchanged clean cells of a table", took.sweeps / took.tables, "keys", at_most=1, exact=True)
