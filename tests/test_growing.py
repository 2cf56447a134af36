"""The growing guide's commands work as written: against a real Chroma server, and one workspace an office."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.conftest import ROOT, SEED

GUIDE = (ROOT / "docs" / "growing.zh-CN.md").read_text(encoding="utf-8")
BLOCKS = [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The guide's own server command, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    (command,) = BLOCKS[0]
    words = shlex.split(command.replace("8000", str(number)))
    assert words[0] == "chroma"
    program = Path(sys.executable).parent / "chroma"
    process = subprocess.Popen([program, *words[1:]], cwd=tmp_path_factory.mktemp("server"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urlopen(f"http://127.0.0.1:{number}/api/v2/heartbeat", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield number
    finally:
        process.terminate()
        process.wait(20)


def asked(address: str, body: dict[str, Any] | None = None) -> Any:
    request = Request(address, None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def follow(lines: list[str], folder: Path, home: Path, port: int) -> list[str]:
    """Run the lines as a shell would; what each said."""
    told = []
    for line in lines:
        words = shlex.split(line.replace("8000", str(port)))
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "ASSISTANT_HOME": str(home)}
        while re.match(r"[A-Z_]+=", words[0]):
            name, _, value = words.pop(0).partition("=")
            environment[name] = str(folder / value)
        assert words[0] == "assistant", line
        result = subprocess.run(
            [sys.executable, "-m", "assistant", *words[1:]], capture_output=True, encoding="utf-8", env=environment, cwd=folder, timeout=200, check=False
        )
        assert result.returncode in ((0, 1) if "doctor" in words else (0,)), (line, result.stderr)
        assert "Traceback" not in result.stderr
        told.append(result.stdout)
    return told


def test_a_bureau_shares_one_server(port: int, tmp_path: Path, home: Path) -> None:
    (tmp_path / "资料").mkdir()
    (tmp_path / "资料" / "a.txt").write_text(SEED.read_text(encoding="utf-8").replace("怀来县", "蔚县"), encoding="utf-8")
    told = follow(BLOCKS[1], tmp_path, home, port)
    assert "培训" in told[3]
    assert not list((home / "corpus").glob("chroma*"))
    place = f"http://127.0.0.1:{port}/api/v2/tenants/default_tenant/databases/default_database/collections"
    (collection,) = [found for found in asked(place) if "vectors" in found["name"]]
    kept = asked(f"{place}/{collection['id']}/get", {"include": ["metadatas", "documents"], "limit": 10_000})
    assert kept["ids"]
    assert not any(kept["documents"] or [])
    assert "蔚县" not in json.dumps(kept, ensure_ascii=False)


def test_every_office_has_a_workspace_of_its_own(port: int, tmp_path: Path, home: Path) -> None:
    for office in ("蔚县民政局", "康保县水务局"):
        (tmp_path / office).mkdir()
        (tmp_path / office / f"{office}.txt").write_text(SEED.read_text(encoding="utf-8").replace("怀来县残疾人联合会", office), encoding="utf-8")
    told = follow(BLOCKS[2], tmp_path, home, port)
    assert "新增 1 份" in told[0]
    assert "新增 1 份" in told[1]
    assert "康保县水务局" not in told[2]
    assert (tmp_path / "单位" / "蔚县民政局" / "corpus" / "records.sqlite").exists()


def test_the_guide_names_what_is_there() -> None:
    assert len(BLOCKS) == 3
    assert "python -m bench.growing" in GUIDE
    assert (ROOT / "bench" / "growing.py").exists()
    assert "{" not in re.sub(r"```.*?```", "", GUIDE, flags=re.DOTALL)


def test_a_header_with_chinese_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant import settings
    from assistant.errors import SettingsError

    monkeypatch.setenv("ASSISTANT_CHROMA_HEADERS", "X-Token: 口令")
    with pytest.raises(SettingsError, match="中文"):
        settings.load()
