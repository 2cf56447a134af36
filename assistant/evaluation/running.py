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

from assistant import __version__, workspace
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
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Solve and judge a suite's cases. ``folder`` holds cache, logs and runs; ``fresh`` solves everything anew."""
    solve = solvers.solver(suite.solver)
    corpus = world.corpus.fingerprint
    counts: dict[str, int] = {}

    def solved(case: Case) -> dict[str, Any]:
        counts[case.id] = counts.get(case.id, 0) + 1
        path = folder / "cache" / f"{_fingerprint(suite, case, world, corpus, counts[case.id])}.json"
        if not fresh and (kept := _kept(path)) is not None:
            return kept
        output = solve(case, world)
        workspace.write(path, json.dumps(output, ensure_ascii=False))
        return output

    samples, log = engine.run(
        suite,
        solved,
        lambda case, output: scorers.judge(suite.scorers, case, output, world),
        logs=folder / "logs",
        epochs=epochs,
        progress=progress,
    )
    return _record(suite, world, samples, log, now=now, corpus=corpus)


def rescore(run: Run, suite: Suite, world: World) -> Run:
    """A run judged again from its kept outputs: generate once, score many times."""
    cases = {case.id: case for case in suite.cases}
    samples = [sample if sample.error or sample.case not in cases else _judged(sample, suite, cases[sample.case], world) for sample in run.samples]
    return run.model_copy(update={"samples": tuple(samples), "bars": suite.bars})


def _judged(sample: Sample, suite: Suite, case: Case, world: World) -> Sample:
    return sample.model_copy(update={"scores": tuple(scorers.judge(suite.scorers, case, sample.output, world))})


def _record(suite: Suite, world: World, samples: list[Sample], log: str | None, *, now: str, corpus: str) -> Run:
    stamp = now[:19].replace(":", "").replace("-", "").replace("T", "-")
    names = dict.fromkeys(score.name for sample in samples for score in sample.scores)
    return Run(
        id=f"{suite.name}-{world.drafter}-{stamp}",
        suite=suite.name,
        title=suite.title,
        variant=world.drafter,
        settings={"drafter": world.drafter, "model": getattr(world.model, "name", "") or ""},
        created=now,
        version=__version__,
        suite_fingerprint=suite.fingerprint,
        corpus=corpus,
        definitions={name: scorers.DEFINITIONS[name] for name in names if name in scorers.DEFINITIONS},
        bars=suite.bars,
        samples=tuple(samples),
        log=log,
    )


def _fingerprint(suite: Suite, case: Case, world: World, corpus: str, epoch: int) -> str:
    model = getattr(world.model, "name", "") if world.model is not None else ""
    shape = [suite.solver, case.input, case.sources, world.drafter, model, corpus, world.this_year, program_fingerprint(), epoch if model else 1]
    return hashlib.sha256(json.dumps(shape, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def program_fingerprint() -> str:
    """A hash over the program's own files, so that changed code solves anew."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    for folder in (package, bundled("prompts"), bundled("corpus")):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(folder)}:".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
