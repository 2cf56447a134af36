"""kill -9 at random moments: of adding to the corpus, drafting a batch, deciding in a review, talking, running evals.

    python -m bench.kills [how many] [seed]

After each kill the folder is looked at as the next user would: every JSON file whole, every draft finished before still there and
unchanged, the next command works and says so. Prints a table and exits 1 when anything was lost or broken.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WHOLE: dict[tuple[object, ...], float] = {}
TEXTS = sorted((ROOT / "evals" / "answering" / "texts").glob("*.txt"))


@dataclass
class Place:
    """A workspace under fire and what was seen in it."""

    folder: Path
    finished: dict[Path, str] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "assistant", *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_HOME": str(self.home), "PYTHONIOENCODING": "utf-8"}

    def run(self, *arguments: object, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), input=said, capture_output=True, encoding="utf-8", env=self.environment(), cwd=self.folder, timeout=180, check=False
        )

    def killed(self, *arguments: object, said: str = "", after: float) -> None:
        """Start a command in a process group of its own and kill the whole group after some seconds."""
        process = subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
            cwd=self.folder,
            start_new_session=True,
        )
        if process.stdin is not None and said:
            process.stdin.write(said.encode())
            process.stdin.flush()
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()

    def whole(self, *arguments: object) -> float:
        """Seconds a command takes here when it is left alone in a workspace of its own; measured once per kind of work."""
        if arguments[:2] not in WHOLE:
            with tempfile.TemporaryDirectory() as folder:
                other, began = Place(Path(folder)), time.monotonic()
                for name in arguments:
                    if isinstance(name, Path) and name.is_file() and name.is_relative_to(self.folder):
                        (other.folder / name.name).write_bytes(name.read_bytes())
                moved = [
                    other.folder / name.relative_to(self.folder) if isinstance(name, Path) and name.is_relative_to(self.folder) else name for name in arguments
                ]
                other.run(*moved)
                WHOLE[arguments[:2]] = time.monotonic() - began
        return WHOLE[arguments[:2]]

    def look(self, what: str, *, changing: bool = False) -> None:
        """Every JSON file is whole; finished drafts are what they were (unless the command is one that changes them)."""
        for path in self.folder.rglob("*.json"):
            try:
                json.loads(path.read_text(encoding="utf-8"))
            except (ValueError, OSError) as error:
                self.troubles.append(f"{what}: {path.name} {error}")
        if not changing:
            for path, digest in self.finished.items():
                if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                    self.troubles.append(f"{what}: {path.name} lost or changed")
        drafts = (self.folder / "out").glob("20*.json") if (self.folder / "out").is_dir() else []
        self.finished.update({path: hashlib.sha256(path.read_bytes()).hexdigest() for path in drafts})

    def expect(self, what: str, result: subprocess.CompletedProcess[str], codes: set[int]) -> None:
        if result.returncode not in codes or "Traceback" in result.stderr:
            self.troubles.append(f"{what}: next command gave {result.returncode}: {result.stderr[-300:]}")


def adding(place: Place, draw: random.Random) -> None:
    """Corpus add killed in a workspace of its own; the next add finishes, and every text is there."""
    place.killed("corpus", "add", *TEXTS, after=draw.uniform(0.05, 1.0) * place.whole("corpus", "add", *TEXTS))
    place.look("add")
    place.expect("add", place.run("corpus", "add", *TEXTS), {0})
    listed = place.run("corpus", "list", "--json")
    place.expect("add", listed, {0})
    for text in TEXTS:
        if text.stem not in listed.stdout:
            place.troubles.append(f"add: {text.name} is missing")


def drafting(place: Place, draw: random.Random) -> None:
    """A batch killed in a workspace of its own; what was finished stays as it is, the next run goes on to the end."""
    rows = [f"项目{i}培训,2026,{5 + i},用于农民技能培训" for i in range(25)]
    projects = place.folder / "projects.csv"
    projects.write_text("name,year,budget,purpose\n" + "\n".join(rows) + "\n", encoding="utf-8")
    command = ("draft", "--projects", projects, "-o", place.folder / "out")
    place.killed(*command, after=draw.uniform(0.05, 1.0) * place.whole(*command))
    place.look("batch")
    place.expect("batch", place.run(*command), {0, 1})
    place.look("batch")
    made = list((place.folder / "out").glob("2026-项目*.json"))
    if len(made) != len(rows):
        place.troubles.append(f"batch: {len(made)} of {len(rows)} drafts")


def reviewing(place: Place, draw: random.Random) -> None:
    """Decisions killed; the draft is the one before or the one after, and verifies."""
    draft = _draft(place)
    decisions = place.folder / "decisions.json"
    decisions.write_text(
        json.dumps({"decisions": [{"cell": "indicators[0].value", "action": "edit", "value": f"≥{draw.randint(40, 90)}人", "reason": "核实"}]}),
        encoding="utf-8",
    )
    place.killed("review", draft, "--decide", decisions, "--person", "张三", after=draw.uniform(0.1, 1.2))
    place.look("review", changing=True)
    place.expect("review", place.run("review", draft, "--list"), {0, 1})


def talking(place: Place, draw: random.Random) -> None:
    """A conversation killed; it can be taken up again, and the draft it made is whole."""
    said = "残保金2026年预算480万\n都跳过\n满意度提到95%\n把第一行改成60人\n撤销\n检查一下\n" * 3
    place.killed("chat", "--person", "张三", said=said, after=draw.uniform(0.5, 3.0))
    place.look("chat", changing=True)
    place.expect("chat", place.run("chat", "--list"), {0})
    place.expect(
        "chat",
        place.run("chat", "--session", "last", said="看看草稿\n再见\n") if list((place.home / "sessions").glob("*.json")) else place.run("chat", said="再见\n"),
        {0},
    )


def evaluating(place: Place, draw: random.Random) -> None:
    """An eval run killed; the next one goes on."""
    place.killed("evals", "run", "robustness", "--limit", "4", after=draw.uniform(0.5, 4.0))
    place.look("evals")
    place.expect("evals", place.run("evals", "run", "robustness", "--limit", "4"), {0, 1})


def _draft(place: Place) -> Path:
    made = place.folder / "out" / "2026-残疾人就业保障金.json"
    if not made.exists():
        place.run("draft", "残保金2026年预算480万，用于残疾人就业、培训", "-o", place.folder / "out", "--no-input")
    return next((place.folder / "out").glob("2026-残疾人就业保障金.json"))


TARGETS: dict[str, Callable[[Place, random.Random], None]] = {
    "corpus add": adding,
    "draft --projects": drafting,
    "review --decide": reviewing,
    "chat": talking,
    "evals run": evaluating,
}
ANEW = frozenset({"corpus add", "draft --projects"})


def kill(many: int, seed: int, targets: list[str] | None = None) -> dict[str, tuple[int, list[str]]]:
    """``many`` kills spread over the targets: target → (kills, troubles)."""
    draw = random.Random(seed)
    found: dict[str, tuple[int, list[str]]] = {}
    names = targets or list(TARGETS)
    for number, name in enumerate(names):
        share = many // len(names) + (number < many % len(names))
        troubles: list[str] = []
        with contextlib.ExitStack() as folders:
            place = None
            for _ in range(share):
                # What a kill may cost shows only while there is something left to do: such work begins in a new workspace each time.
                if place is None or name in ANEW:
                    folders.close()
                    place = Place(Path(folders.enter_context(tempfile.TemporaryDirectory())), troubles=troubles)
                TARGETS[name](place, draw)
        found[name] = (share, troubles)
        print(f"{name:20} {share:4} kills  {len(troubles)} troubles", flush=True)
        for trouble in troubles[:5]:
            print(f"    {trouble}", flush=True)
    return found


def main() -> int:
    """Kill, and fail when anything was lost."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = kill(many, seed)
    return 1 if any(troubles for _, troubles in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
