"""``python -m fuzz [--runs N] [--only TARGET …] [--seconds S]``: every target under atheris (libFuzzer for Python), guided by the coverage
of ``assistant``, each in a process of its own; one line of figures a target, and every unexpected exception once, with its input.

The runs are shared out by ``SHARES``: what costs microseconds gets most of them. Without atheris (no wheel for the platform) the same
targets are fed by unguided mutation, and the line says so. Exit code 1 when anything unexpected was found.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Of every thousand executions.
SHARES = {"values": 480, "answers": 180, "events": 120, "requests": 40, "drafts": 50, "decisions": 40, "records": 50, "texts": 25, "containers": 15}
# Seconds of processor time after which one input counts as a hang.
SLOW = 10.0


class Watch:
    """One target, counted: executions, the slowest, and each unexpected exception once with the shortest input that gave it."""

    def __init__(self, name: str, target: Callable[[bytes], None], told: Path) -> None:
        self.name, self.target, self.told = name, target, told
        self.runs, self.slowest, self.began = 0, 0.0, time.time()
        self.found: dict[str, tuple[bytes, str]] = {}

    def __call__(self, data: bytes) -> None:
        from assistant.errors import AssistantError

        began = time.process_time()
        try:
            self.target(data)
        except AssistantError:
            pass
        except Exception as error:
            self._keep(_place(error), data, f"{type(error).__name__}: {error}"[:300])
        taken = time.process_time() - began
        if taken > SLOW:
            self._keep("slow", data, f"{taken:.1f} s")
        self.slowest = max(self.slowest, taken)
        self.runs += 1
        if self.runs % 250 == 0:
            self.tell()

    def _keep(self, place: str, data: bytes, words: str) -> None:
        if place not in self.found or len(data) < len(self.found[place][0]):
            self.found[place] = (data, words)
            self.tell()

    def tell(self) -> None:
        """Leave the figures where the parent reads them."""
        figures = {
            "target": self.name, "runs": self.runs, "seconds": round(time.time() - self.began), "slowest_s": round(self.slowest, 2),
            "found": [{"place": place, "error": words, "input": data.hex()} for place, (data, words) in self.found.items()],
        }  # fmt: skip
        beside = self.told.with_suffix(".part")
        beside.write_text(json.dumps(figures), encoding="utf-8")
        beside.replace(self.told)


def _place(error: BaseException) -> str:
    """Where an exception came from in our own code: the two innermost frames."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if str(ROOT) in frame.filename and "__main__" not in frame.filename]
    return f"{type(error).__name__} " + " < ".join(f"{Path(frame.filename).relative_to(ROOT)}:{frame.name}:{frame.lineno}" for frame in frames[:-3:-1])


def guided(name: str, runs: int, seconds: int, told: Path) -> None:
    """Fuzz one target under atheris; does not return."""
    import atheris

    with atheris.instrument_imports(include=["assistant"]):
        _load_all()
        from fuzz.targets import SEEDS, TARGETS
    watch = Watch(name, TARGETS[name], told)
    seeds = told.parent / f"{name}-seeds"
    seeds.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds_of(name, SEEDS)):
        (seeds / str(number)).write_bytes(seed)

    def once(data: bytes) -> None:
        watch(data)
        if watch.runs >= runs:
            watch.tell()
            os._exit(0)

    limits = [f"-max_total_time={seconds}"] if seconds else []
    # The process's own limits on time and memory are the watch's; libFuzzer's would end the whole run.
    atheris.Setup([sys.argv[0], str(seeds), f"-runs={runs * 2}", "-max_len=2048", "-timeout=300", "-rss_limit_mb=4096", "-print_final_stats=1", *limits], once)
    atheris.Fuzz()


def unguided(name: str, runs: int, seconds: int, told: Path) -> None:
    """Feed one target by mutating its seeds blindly."""
    from fuzz.targets import SEEDS, TARGETS

    watch = Watch(name, TARGETS[name], told)
    for data in mutations(seeds_of(name, SEEDS), runs, random.Random(name)):
        watch(data)
        if seconds and time.time() - watch.began > seconds:
            break
    watch.tell()


def mutations(seeds: list[bytes], count: int, draw: random.Random) -> list[bytes]:
    """Inputs made of seeds and noise, the same for the same ``draw``."""
    made = []
    for _ in range(count):
        noise = bytes(draw.randrange(256) for _ in range(draw.randrange(60)))
        seed = draw.choice(seeds)
        at = draw.randrange(len(seed) + 1)
        made.append(draw.choice([seed[:at] + noise + seed[at:], noise, seed[at:] + noise, b"\xff" + noise, seed[:at] + seed]))
    return made


def seeds_of(name: str, seeds: dict[str, list[str]]) -> list[bytes]:
    """A target's seeds and the cases once found for it."""
    return [seed.encode() for seed in seeds[name]] + [bytes.fromhex(path.read_text(encoding="ascii")) for path in found_cases(name)]


def found_cases(name: str) -> list[Path]:
    """The kept cases of a target: files of hexadecimal text."""
    return sorted((Path(__file__).parent / "found").glob(f"{name}-*.hex"))


def _load_all() -> None:
    """Import what the targets use, so that all of it is instrumented."""
    import importlib

    for module in (
        "chinese target table draft findings taxonomy library prompts refusals settings workspace extraction validation export review "
        "documents.readers documents.plain documents.delimited documents.html documents.word documents.excel documents.pdf documents.xls "
        "documents.archive documents.spreadsheetml drafting.proposal drafting.request drafting.grounding drafting.facts drafting.known "
        "answering corpus chat.intents chat.session evaluation.cases extraction.projects model.answers model.events model.dialect "
        "review.batch review.files review.history review.signing review.standing review.summary validation.setaside export.word export.excel"
    ).split():
        importlib.import_module(f"assistant.{module}")


def main() -> int:
    """Fuzz every target and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000, help="executions over all targets")
    parser.add_argument("--seconds", type=int, default=0, help="at most so long a target (0: no limit)")
    parser.add_argument("--only", nargs="*", choices=list(SHARES))
    parser.add_argument("--blind", action="store_true", help="without atheris")
    parser.add_argument("--into", type=Path, help="folder for the figures (default: a temporary one)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        told = options.into / f"{options.one}.json"
        (unguided if options.blind else guided)(options.one, options.runs, options.seconds, told)
        return 0
    try:
        import atheris as _atheris  # noqa: F401
    except ImportError:
        options.blind = True
    into = options.into or Path(tempfile.mkdtemp(prefix="fuzz-"))
    into.mkdir(parents=True, exist_ok=True)
    total, bad = 0, 0
    for name in options.only or SHARES:
        runs = options.runs * SHARES[name] // 1000
        command = [sys.executable, "-m", "fuzz", "--one", name, "--runs", str(runs), "--seconds", str(options.seconds), "--into", str(into)]
        with (into / f"{name}.log").open("wb") as log:
            done = subprocess.run([*command, *(["--blind"] if options.blind else [])], cwd=ROOT, stdout=log, stderr=log, check=False)
        told = into / f"{name}.json"
        figures = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"runs": 0, "seconds": 0, "slowest_s": 0, "found": []}
        total, bad = total + figures["runs"], bad + len(figures["found"]) + (done.returncode != 0)
        way = "unguided" if options.blind else "guided"
        print(f"{name:12} {figures['runs']:9,} runs {way:8} {figures['seconds']:6} s  slowest {figures['slowest_s']:.2f} s  ", end="")
        print(f"{len(figures['found'])} unexpected" + (f", ended with {done.returncode}" if done.returncode else ""), flush=True)
        for case in figures["found"]:
            print(f"    {case['place']}\n      {case['error']}\n      {case['input'][:400]}")
    print(f"total        {total:9,} runs, {bad} unexpected; figures in {into}")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
