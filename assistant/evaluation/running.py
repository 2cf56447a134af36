"""One suite, one variant, one run: cases solved (from the cache where nothing changed), judged, put on record.

Every output is kept the moment it is made, under a fingerprint of the case, the variant, the corpus and the program's own files, so
that a broken run goes on where it stopped and nothing is solved twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant import __version__, prompts, workspace
from assistant.evaluation import engine, scorers, solvers
from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.runs import Run, Sample
from assistant.evaluation.world import World
from assistant.resources import bundled


def run(
    suite: Suite,
    world: World,
    *,
    folder: Path,
    now: str,
    epochs: int = 1,
    fresh: bool = False,
    at_once: int = 8,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Solve and judge a suite's cases. ``folder`` holds cache, logs and runs; ``fresh`` solves everything anew; ``at_once`` bounds how
    many cases wait for a model together."""
    solve = solvers.solver(suite.solver)
    corpus = world.corpus.fingerprint
    counts: dict[str, int] = {}

    def solved(case: Case) -> dict[str, Any] | Callable[[], dict[str, Any]]:
        counts[case.id] = counts.get(case.id, 0) + 1
        path = folder / "cache" / f"{_fingerprint(suite, case, world, corpus, counts[case.id])}.json"
        if not fresh and (kept := _kept(path)) is not None:
            return {**kept, "reused": True}
        return solvers.kept(solve, case, world, lambda output: workspace.write(path, json.dumps(output, ensure_ascii=False), durable=False))

    with prompts.using(world.prompts):
        samples, log = engine.run(
            suite,
            solved,
            lambda case, output: scorers.judge(suite.scorers, case, output, world),
            logs=folder / "logs",
            epochs=epochs,
            at_once=at_once if world.model is not None else 1,
            model=world.model_name,
            progress=progress,
        )
    return _record(suite, world, samples, log, now=now, corpus=corpus)


def rescore(run: Run, suite: Suite, world: World) -> Run:
    """A run judged again from its kept outputs: generate once, score many times. Cases that ask something else by now stay as they are."""
    cases = {case.id: case for case in suite.cases}
    samples = [_judged(sample, suite, cases.get(sample.case), world) for sample in run.samples]
    return _described(run.model_copy(update={"samples": tuple(samples), "bars": suite.bars}))


def _judged(sample: Sample, suite: Suite, case: Case | None, world: World) -> Sample:
    if sample.error or case is None or (sample.asked and sample.asked != case.fingerprint):
        return sample
    return sample.model_copy(update={"scores": tuple(scorers.judge(suite.scorers, case, sample.output, world))})


def _record(suite: Suite, world: World, samples: list[Sample], log: str | None, *, now: str, corpus: str) -> Run:
    stamp = now[:19].replace(":", "").replace("-", "").replace("T", "-")
    variant = world.variant
    made = Run(
        id="",
        suite=suite.name,
        title=suite.title,
        variant=variant,
        settings={"drafter": world.drafter, "model": world.model_name, "prompts": world.prompts_label, "judge": world.judge_name},
        created=now,
        version=__version__,
        suite_fingerprint=suite.fingerprint,
        corpus=corpus,
        bars=suite.bars,
        samples=tuple(samples),
        log=log,
    )
    return _described(made.model_copy(update={"id": f"{made.file_name.removesuffix('.json')}-{stamp}"}))


def _described(run: Run) -> Run:
    return run.model_copy(update={"definitions": {name: scorers.definition(name) for name in run.names}})


def _fingerprint(suite: Suite, case: Case, world: World, corpus: str, epoch: int) -> str:
    # Where no model takes part a repeat is the same again.
    repeat = epoch if world.model_name else 1
    shape = [suite.solver, case.input, case.target, case.sources, world.variant, world.prompts_label, corpus, world.this_year, program_fingerprint(), repeat]
    return hashlib.sha256(json.dumps(shape, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def program_fingerprint() -> str:
    """A hash over the program's own files that shape an output, so that changed code solves anew (and changed scorers only score anew)."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    for folder in (package, bundled("prompts"), bundled("corpus")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not _NO_PART.intersection(path.relative_to(folder).parts):
                digest.update(f"{path.relative_to(folder)}:".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


# The terminal, and all of this folder but what puts cases to the program.
_HERE = {path.name for path in Path(__file__).parent.iterdir()} - {"solvers.py", "world.py", "__init__.py"}
_NO_PART = frozenset({"__pycache__", "cli", "screen", *_HERE})


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
