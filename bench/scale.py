"""Answering among 20,000 tables of other offices: accuracy beside the same questions without them, times, memory, disk.

``python -m bench.scale [--tables 20000] [--home DIR]`` builds a workspace with the eval texts, asks the eval questions, adds the
distractors, asks again, and prints one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from assistant import corpus as library
from assistant.answering import ask
from assistant.corpus import Corpus, ingest
from assistant.evaluation.cases import Case, load_suite
from assistant.evaluation.scorers import answering
from assistant.evaluation.world import World
from assistant.store import open_store
from bench.distractors import texts

ROOT = Path(__file__).resolve().parent.parent
EVALS = ROOT / "evals" / "answering"


def fill(corpus: Corpus, tables: int) -> float:
    """Add made-up texts of other offices to the records; gives the seconds it took."""
    began = time.perf_counter()
    own = {unit for unit, *_ in corpus.units}
    with corpus.locked(), corpus.records.transaction():
        for unit, year, found in ((unit, year, found) for unit, year, found in texts(tables) if unit not in own):
            content: dict[str, Any] = {"tables": found, "departments": []}
            digest = hashlib.sha256(f"{unit}{year}".encode()).hexdigest()
            ingest.keep(corpus.records, "user", ingest.Reading(f"{unit}-{year}.txt", digest, "txt", "tables", f"{unit}{year}", content, "", unit, year))
    corpus.forget_cached()
    return time.perf_counter() - began


def put(corpus: Corpus, cases: list[Case]) -> tuple[dict[str, bool], list[float]]:
    """Every question's verdict and processor time (the clock's would measure what else the machine does)."""
    verdicts, times = {}, []
    for case in cases:
        began = time.process_time()
        answer = ask(case.input["question"], corpus, None, unit=case.input.get("unit"))
        times.append(time.process_time() - began)
        verdicts[case.id] = bool(answering(case, {"answer": answer.to_json()}, World(corpus.home))[0].value)
    return verdicts, times


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="scale-"))
    corpus = Corpus.open(home)
    library.add(corpus, [EVALS / "texts"])
    cases = list(load_suite(EVALS).cases)
    alone, _ = put(corpus, cases)
    seconds = fill(corpus, options.tables)
    among, times = put(corpus, cases)
    store = open_store(home)
    began = time.perf_counter()
    store.refresh(corpus)
    index = time.perf_counter() - began
    store.search(corpus, "残疾人培训", 10)
    began = time.perf_counter()
    for case in cases[:50]:
        store.search(corpus, case.input["question"], 10)
    vector = (time.perf_counter() - began) / 50
    corpus.close()
    print(json.dumps({
        "tables": options.tables, "right_alone": sum(alone.values()) / len(alone), "right_among": sum(among.values()) / len(among),
        "lost": [id for id in alone if alone[id] and not among[id]], "records_s": round(seconds, 1), "index_s": round(index, 1),
        "ask_p50_ms": _share(times, 0.5), "ask_p95_ms": _share(times, 0.95), "vector_ms": round(vector * 1000, 1),
        "cold_ask_s": cold(home), "cold_policy_s": cold(home, "满意度指标怎么写"),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "disk_mb": sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) // 2**20,
    }, ensure_ascii=False, indent=1))  # fmt: skip


def _share(times: list[float], share: float) -> float:
    return round(sorted(times)[int(len(times) * share)] * 1000, 1)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cold(home: Path, question: str = "怀来县残联残保金预算多少") -> float:
    """Seconds of processor time of one ``assistant ask`` in a process of its own, the best of three."""
    command = [sys.executable, "-m", "assistant", "ask", question, "--json"]
    best = 1e9
    for _ in range(3):
        began = _of_children()
        subprocess.run(command, env={**os.environ, "ASSISTANT_HOME": str(home), "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
        best = min(best, _of_children() - began)
    return round(best, 2)


if __name__ == "__main__":
    main()
