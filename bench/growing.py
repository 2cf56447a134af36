"""How index, query, memory and disk grow with the number of tables, beside rank_bm25 and plain LangChain + Chroma on the same passages.

    python -m bench.growing [--tables 100 1000 10000]   one JSON line a size

``lines()`` gives the bars' figures at 10,000 tables and the rivals' at 1,000. Every size is measured in a process of its own; times
are processor time (user + system), because other work on the machine does not count there; queries are warm, ``clock`` is the wall's.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.line import ROOT, Line

QUESTIONS = (
    "培训补贴标准是多少",
    "危房改造户数",
    "公路养护里程",
    "满意度指标怎么写",
    "救助资金发放及时率",
    "设备采购数量",
    "图书馆开放天数",
    "饮水安全工程",
    "河道清淤",
    "校园安保经费",
)
SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"


def spent() -> float:
    """Seconds of processor time of this process and its finished children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def memory() -> float:
    """Megabytes this process takes now, by the system's own account; the most it ever took where there is none."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def measure(tables: int, home: Path) -> dict[str, Any]:
    """Fill a workspace with made-up tables of other offices, index it, ask it, add one more text; the figures."""
    from assistant import corpus as library
    from assistant.corpus import Corpus
    from assistant.retrieval import search
    from assistant.store import open_store
    from bench.scale import fill

    corpus = Corpus.open(home)
    began = spent()
    fill(corpus, tables)
    records = spent() - began
    store = open_store(home)
    began = spent()
    store.refresh(corpus)
    vectors = spent() - began
    search(corpus, store, QUESTIONS[0])
    times, clock = [], []
    for _ in range(5):
        for question in QUESTIONS:
            start, start_clock = time.process_time(), time.perf_counter()
            search(corpus, store, question)
            times.append(time.process_time() - start)
            clock.append(time.perf_counter() - start_clock)
    one = home.parent / "蔚县某局-2025.txt"
    one.write_text(SEED.read_text(encoding="utf-8").replace("怀来县", "蔚县"), encoding="utf-8")
    began = spent()
    library.add(corpus, [one])
    store.refresh(corpus)
    adding = (spent() - began) / 10
    passages = sum(corpus.records.counts().values())
    corpus.close()
    return {
        "tables": tables, "passages": passages, "records_s": round(records, 2), "vectors_s": round(vectors, 2), "index_s": round(records + vectors, 2),
        "query_p50_ms": round(_share(times, 0.5), 1), "query_p95_ms": round(_share(times, 0.95), 1), "clock_p95_ms": round(_share(clock, 0.95), 1), "add_one_s": round(adding, 3),
        "memory_mb": round(memory()), "disk_mb": round(sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6, 1),
    }  # fmt: skip


def rivals(tables: int, home: Path) -> dict[str, Any]:
    """The same passages in rank_bm25 (character bigrams) and in LangChain's own Chroma wrapper: index and query."""
    from assistant.corpus import Corpus
    from assistant.store import embed
    from bench.scale import fill

    corpus = Corpus.open(home)
    fill(corpus, tables)
    texts = [f"{title} {text}" for title, text in corpus.records.connection.execute("SELECT title, text FROM passages")]
    found: dict[str, Any] = {"passages": len(texts)}
    try:
        from rank_bm25 import BM25Okapi

        began = spent()
        index = BM25Okapi([[text[i : i + 2] for i in range(len(text) - 1)] for text in texts])
        found["bm25_index_s"] = spent() - began
        times = []
        for question in QUESTIONS:
            start = time.process_time()
            index.get_top_n([question[i : i + 2] for i in range(len(question) - 1)], texts, n=8)
            times.append(time.process_time() - start)
        found["bm25_p95_ms"] = _share(times, 0.95)
    except ImportError:
        pass
    try:
        from langchain_chroma import Chroma

        class Embeddings:
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                return [list(map(float, row)) for row in embed(texts)]

            def embed_query(self, text: str) -> list[float]:
                return self.embed_documents([text])[0]

        from chromadb.config import Settings

        began = spent()
        store = Chroma(
            "plain",
            Embeddings(),
            persist_directory=str(home / "plain"),
            client_settings=Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(home / "plain")),
        )
        for start_ in range(0, len(texts), 5000):
            store.add_texts(texts[start_ : start_ + 5000])
        found["chroma_index_s"] = spent() - began
        times = []
        for question in QUESTIONS:
            start = time.process_time()
            store.similarity_search(question, k=8)
            times.append(time.process_time() - start)
        found["chroma_p95_ms"] = _share(times, 0.95)
    except ImportError:
        pass
    corpus.close()
    return found


def apart(what: str, tables: int) -> dict[str, Any]:
    """``measure`` or ``rivals`` in a process and a workspace of their own."""
    with tempfile.TemporaryDirectory(prefix="growing-") as folder:
        command = [sys.executable, "-m", "bench.growing", f"--{what}", str(tables), "--home", str(Path(folder) / "home")]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def lines() -> Iterator[Line]:
    """The bars at 10,000 tables, the rivals at 1,000."""
    ours, theirs = apart("one", 1000), apart("rivals", 1000)
    yield Line("index 1,000 tables", ours["index_s"], "s", "rank_bm25", theirs.get("bm25_index_s"), note="ours is kept on disk and has vectors too")
    yield Line("index 1,000 tables", ours["index_s"], "s", "LangChain + Chroma", theirs.get("chroma_index_s"))
    yield Line("query among 1,000 tables, p95", ours["query_p95_ms"], "ms", "rank_bm25", theirs.get("bm25_p95_ms"))
    yield Line("query among 1,000 tables, p95", ours["query_p95_ms"], "ms", "LangChain + Chroma", theirs.get("chroma_p95_ms"))
    ten = apart("one", 10_000)
    yield Line("index 10,000 tables", ten["index_s"], "s", at_most=180)
    yield Line("query among 10,000 tables, p95, warm", ten["query_p95_ms"], "ms", at_most=100)
    yield Line("memory with 10,000 tables indexed and asked", ten["memory_mb"], "MB", at_most=800)
    yield Line("add one table to 10,000", ten["add_one_s"], "s", at_most=1, note="a tenth of a text of ten")


def _share(times: list[float], share: float) -> float:
    """The time under which a share of the times lies, in milliseconds."""
    return sorted(times)[min(len(times) - 1, math.ceil(len(times) * share) - 1)] * 1000


def main() -> None:
    """Measure the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--rivals", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one or options.rivals:
        print(json.dumps(measure(options.one, options.home) if options.one else rivals(options.rivals, options.home)))
        return
    for tables in options.tables:
        print(json.dumps(apart("one", tables)), flush=True)


if __name__ == "__main__":
    main()
