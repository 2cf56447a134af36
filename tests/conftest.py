"""Shared by all tests: sockets other than loopback are blocked, the workspace is a fresh folder, nothing of the machine leaks in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"

# A shell starts what it puts in the background deaf to Ctrl-C, and the programs that the tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples every time, so that a red run means a change; NEW_EXAMPLES=1 draws new ones. Shared machines are slow: no deadline.
hypothesis_settings.register_profile("same", derandomize=True, deadline=None)
hypothesis_settings.register_profile("new", deadline=None)
hypothesis_settings.load_profile("new" if os.environ.get("NEW_EXAMPLES") else "same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite the golden files with what the program does now")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--accept"))


@pytest.fixture(autouse=True)
def _own_workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("ASSISTANT_", "OPENAI_", "LANGCHAIN_", "LANGSMITH_", "CHROMA_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def home() -> Path:
    return Path(os.environ["ASSISTANT_HOME"])


@pytest.fixture
def seed() -> Path:
    return SEED


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the program as a user does, in a process of its own: ``run("read", path)`` → CompletedProcess with text output."""

    def call(
        *args: object, input: str | None = None, env: dict[str, str] | None = None, cwd: Path | None = None, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **(env or {})}
        return subprocess.run(
            [sys.executable, "-m", "assistant", *map(str, args)],
            input=input,
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=cwd,
            timeout=timeout,
            check=False,
        )

    return call
