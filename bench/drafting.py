"""Drafting: the draft score by group and by part beside copying the nearest table, what one draft and a thousand cost, what a model adds.

Quality comes from the requests of ``evals/drafting`` and from leaving out each table of the bundled corpus in turn; speed is processor time.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.line import ROOT, Line, command, processor

SENTENCE = "残保金2026年495万，其中培训55人、人均1600"
CASES = ROOT / "evals" / "drafting" / "cases.jsonl"
# The groups of the issue, by a case's tag; contradictions and vague wording are told apart.
GROUPS = {"continuing": "continuing", "same-field": "new, same field", "other-field": "other fields", "conflict": "contradictory", "vague": "vague"}
MANY = 1000


def lines() -> Iterator[Line]:
    """Every figure of drafting."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        from assistant.corpus import Corpus

        corpus = Corpus.open(home / "home")
        yield from scored(corpus)
        yield from left_out(corpus)
        yield from fast(corpus, home)
        yield from with_a_model(corpus, home)
        corpus.close()


def said() -> list[dict[str, Any]]:
    """The suite's cases."""
    return [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines() if line.strip()]


def requests(cases: Sequence[dict[str, Any]]) -> list[Any]:
    """The cases' requests, understood as in the suite."""
    from assistant.drafting.request import understand

    return [understand(case["input"].get("sentence"), this_year=2025, **case["input"].get("options", {})) for case in cases]


def scored(corpus: Any) -> Iterator[Line]:
    """The draft score of the suite's requests: overall, by group, by part, and what must never be."""
    from assistant.drafting.embedded import draft
    from assistant.evaluation import draft_score
    from assistant.evaluation.draft_score import copied

    cases = said()
    ours, theirs, groups = [], [], {}  # type: ignore[var-annotated]
    conflicts = told = 0
    for case, request in zip(cases, requests(cases), strict=True):
        made = draft_score.score(case["target"], draft(request, corpus), corpus)
        ours.append(made)
        theirs.append(draft_score.score(case["target"], copied(request, corpus.past_tables()), corpus))
        groups.setdefault(GROUPS.get(case["tags"][0], case["tags"][0]), []).append(draft_score.total(made))
        if case["target"].get("conflict"):
            conflicts += 1
            told += made["numbers"].value > 0
    copy = "copying the nearest table"
    yield Line("draft score, all requests", _mean(map(draft_score.total, ours)), "of 100", copy, _mean(map(draft_score.total, theirs)), at_least=90, exact=True)
    for name, scores in sorted(groups.items()):
        yield Line(f"draft score, {name}", _mean(scores), "of 100", at_least=85, exact=True, note=f"{len(scores)} requests, least {min(scores):.1f}")
    for part in draft_score.WEIGHTS:
        mine, other = _mean(one[part].value for one in ours), _mean(one[part].value for one in theirs)
        yield Line(f"draft score, part {part}", 100 * mine, "of 100", copy, 100 * other, exact=True)
    yield Line("drafts with a number without source", float(sum(one["sourced"].value < 1 for one in ours)), "drafts", at_most=0, exact=True)
    yield Line("drafts with a validator error", float(sum(one["clean"].value == 0 for one in ours)), "drafts", at_most=0, exact=True)
    yield Line("contradictions reported with their arithmetic", 100 * told / max(conflicts, 1), "%", at_least=100, exact=True, note=f"{conflicts} requests")


def left_out(corpus: Any) -> Iterator[Line]:
    """Each table of the bundled corpus drafted as if it had never been seen."""
    from assistant.drafting.embedded import draft
    from assistant.evaluation import draft_score, left_out
    from assistant.evaluation.draft_score import copied

    mine = [draft_score.total(parts) for _, parts in left_out.scores(corpus, draft)]
    theirs = [draft_score.total(parts) for _, parts in left_out.scores(corpus, lambda request, rest: copied(request, rest.past_tables()))]
    yield Line("draft score, leaving each table out", _mean(mine), "of 100", "copying the nearest table", _mean(theirs), at_least=90, exact=True)


def fast(corpus: Any, home: Path) -> Iterator[Line]:
    """One draft from cold, one warm, and a list of a thousand saved as files."""
    from assistant.drafting import batch
    from assistant.drafting.embedded import draft
    from assistant.drafting.request import understand

    cold = command(["draft", SENTENCE, "--json", "--no-input"], home=home / "cold", rounds=5)
    yield Line("one draft in a new process", cold, "s", at_most=2)
    asked = requests(said())
    for request in asked:
        draft(request, corpus)
    warm = processor(lambda: [draft(request, corpus) for request in asked], 5) / len(asked)
    yield Line("one draft in a running process", 1000 * warm, "ms", at_most=50)
    entries = [batch.Entry(f"第{i + 2}行", {"sentence": SENTENCE.replace("495", str(300 + i)), "name": f"项目{i}"}) for i in range(MANY)]

    def make(fields: Any) -> Any:
        return draft(understand(fields["sentence"], name=fields["name"], this_year=2025), corpus)

    began, clock = time.process_time(), time.perf_counter()
    summary = batch.run(entries, make, home / "many", state="bench")
    batch.write_summary(summary, home / "many")
    spent, waited = time.process_time() - began, time.perf_counter() - clock
    assert len(summary.results) == MANY
    yield Line(
        "1,000 drafts in one list, each saved as JSON and Word", spent, "s", at_most=60, note=f"{waited:.0f} s by the clock on {os.cpu_count()} processors"
    )


def with_a_model(corpus: Any, home: Path) -> Iterator[Line]:
    """What the program adds to a model's own time, and what it sends: a scripted endpoint on loopback."""
    from assistant.drafting.embedded import draft
    from assistant.drafting.material import gather, pack
    from assistant.model import tokens
    from assistant.store import open_store

    store = open_store(home / "home")
    store.refresh(corpus)
    cases = [case for case in said() if case["tags"][0] in ("continuing", "other-field")][:24]
    calls = [pack(gather(draft(request, corpus, store=store), corpus, store)) for request in requests(cases)]
    sizes = [tokens.count_messages(message.text for message in call.messages) for call in calls]
    yield Line("prompt of one draft with full evidence, the largest", float(max(sizes)), "tokens", at_most=6000, exact=True, note=f"{len(sizes)} requests")
    same = [_shared(calls[i], calls[i + 1]) / max(sizes[i : i + 2]) for i in range(0, len(calls) - 1, 2)]
    yield Line("identical prefix of two drafts of one list, the least", 100 * min(same), "% of tokens", at_least=60, exact=True)
    sys.path.insert(0, str(ROOT))
    yield from _latency(corpus, draft(requests(cases)[0], corpus))


def _shared(one: Any, other: Any) -> int:
    """How many tokens two prompts have in common from the start: what endpoints bill at a fraction."""
    from assistant.model import tokens

    texts = ["\n".join(message.text for message in call.messages) for call in (one, other)]
    alike = next((i for i, (left, right) in enumerate(zip(*texts, strict=False)) if left != right), min(map(len, texts)))
    return tokens.count(texts[0][:alike])


def _latency(corpus: Any, base: Any) -> Iterator[Line]:
    from concurrent.futures import ThreadPoolExecutor

    from assistant.drafting import generated
    from assistant.drafting.embedded import draft
    from assistant.drafting.material import gather
    from assistant.model.endpoints import endpoint
    from assistant.model.live import LiveModel
    from tests.model_server import says, serving

    rows = [
        {"id": f"r{i}", "level1": row.level1, "level2": row.level2, "level3": row.level3, "description": row.description, "value": row.value.text}
        | {"basis": row.basis, "source": f"r{i}", "reason": "保留"}
        for i, row in enumerate(base.table.indicators, 1)
    ]
    answer = json.dumps({"goals": list(base.table.goals), "indicators": rows, "questions": []}, ensure_ascii=False)
    wait = 0.6
    with serving(says(answer, latency=wait)) as server:
        model = LiveModel(endpoint(server.url, "m", timeout=30))
        generated.improve(gather(base, corpus), model)
        taken, spent = [], []
        for _ in range(7):
            began, own = time.perf_counter(), time.process_time()
            generated.improve(gather(draft(base.request, corpus), corpus), model)
            taken.append(time.perf_counter() - began)
            spent.append(time.process_time() - own)
        model.close()
    note = f"least of 7: {1000 * (min(taken) - wait):.0f} ms by the clock beyond a latency of {wait} s, server and client in one process"
    yield Line("what a draft by a model costs beside the model's latency", 1000 * statistics.median(spent), "ms", at_most=150, note=note)
    with serving(says(answer, latency=1.5)) as server:
        model = LiveModel(endpoint(server.url, "m", timeout=30), concurrency=16)
        materials = [gather(draft(base.request, corpus), corpus) for _ in range(64)]
        generated.improve(materials[0], model)
        began = time.perf_counter()
        generated.improve(materials[0], model)
        one = time.perf_counter() - began
        began = time.perf_counter()
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda material: generated.improve(material, model), materials))
        together = time.perf_counter() - began
        model.close()
    yield Line("64 drafts sixteen at a time, faster than one after another", 64 * one / together, "times", at_least=12, note="latency 1.5 s, by the clock")


def _mean(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found)
