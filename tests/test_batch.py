"""Many files at once: order, errors, crashes and hangs of single files, interruption, memory."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assistant.documents import batch
from assistant.documents.batch import Item, read_many
from assistant.errors import UnreadableFile
from tests.conftest import ROOT


def work(item: Item) -> str:
    name = Path(str(item)).name
    if name == "bad":
        raise UnreadableFile("坏文件", "换一个")
    if name == "bug":
        raise ValueError("缺陷")
    if name == "crash":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "hang":
        time.sleep(60)
    if name == "deep":
        return work(item)  # RecursionError
    if name == "slow":
        time.sleep(0.5)
    return name


def outcomes(names: list[str], **options: object) -> dict[str, str]:
    found = list(read_many([Path(name) for name in names], work, **options))  # type: ignore[arg-type]
    assert [str(outcome.item) for outcome in found] == names
    return {str(outcome.item): outcome.result or (outcome.error.message if outcome.error else "") for outcome in found}


@pytest.mark.parametrize("jobs", [1, 2])
def test_outcomes_come_in_order_and_errors_stay_with_their_file(jobs: int) -> None:
    finished: list[int] = []
    found = outcomes(["slow", "a", "bad", "b", "bug", "c"], jobs=jobs, progress=finished.append)
    assert found["a"] == "a"
    assert found["bad"] == "坏文件"
    assert "ValueError" in found["bug"]
    assert finished == [1, 2, 3, 4, 5, 6]


def test_a_crash_a_hang_and_a_bottomless_file_cost_only_themselves() -> None:
    found = outcomes(["a", "crash", "hang", "deep", "b", "c", "d"], jobs=2, seconds=1.5)
    assert "中途退出" in found["crash"]
    assert "没有读完" in found["hang"]
    assert "嵌套过深" in found["deep"]
    assert [found[name] for name in "abcd"] == list("abcd")


def test_workers_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "WORKER_LIFE", 3)
    names = [f"f{i}" for i in range(20)]
    assert outcomes(names, jobs=2) == {name: name for name in names}


def test_no_files_give_no_outcomes() -> None:
    assert list(read_many([], work)) == []


def test_an_interruption_ends_all_workers(tmp_path: Path) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(
        "from pathlib import Path\nfrom assistant.documents.batch import read_many\nfrom tests.test_batch import work\n"
        "if __name__ == '__main__':\n"
        "    for outcome in read_many([Path(n) for n in ['a', 'hang', 'hang', 'hang', 'b']], work, jobs=2):\n        print(outcome.item, flush=True)\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "a"
    os.killpg(process.pid, signal.SIGINT)
    began = time.monotonic()
    _, errors = process.communicate(timeout=50)
    # A worker left alone would sleep for a minute.
    assert time.monotonic() - began < 45
    assert "KeyboardInterrupt" in errors
    while (alive := _alive_in_group(process.pid)) and time.monotonic() - began < 50:
        time.sleep(0.05)
    assert not alive


def _alive_in_group(group: int) -> list[str]:
    if Path("/proc/self/stat").exists():
        # A small machine has no ps. Name in brackets, then state, parent, group.
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state, _, own = (place / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
                if own == str(group) and state != "Z":
                    found.append((place / "cmdline").read_text(encoding="utf-8", errors="replace"))
        return found
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in listed if line.split()[0] == str(group) and not line.split()[1].startswith("Z")]
