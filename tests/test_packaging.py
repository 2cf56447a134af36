"""What a user installs is complete: the wheel carries corpus and prompts, leaves tests and evals out, and runs from elsewhere."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    code = f"import os; os.chdir({str(ROOT)!r})\nfrom hatchling.build import build_wheel\nprint(build_wheel({str(folder)!r}))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return next(folder.glob("*.whl"))


def test_wheel_carries_every_text_and_nothing_else(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for room in ("corpus", "prompts"):
        texts = {f"assistant/_data/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / room).rglob("*") if path.is_file()}
        assert texts
        assert texts <= inside
    assert not [name for name in inside if name.startswith(("tests/", "evals/", "bench/", "docs/"))]
    assert not [name for name in inside if name.endswith((".sqlite", ".sqlite3", ".bin", ".parquet"))]


def test_program_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "ASSISTANT_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONSAFEPATH", None)
    code = "import assistant, assistant.resources as r; print(r.bundled('corpus')); from assistant.cli.app import main; main()"
    result = subprocess.run([sys.executable, "-c", code, "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert str(tmp_path) in result.stdout


def test_constraints_pin_every_direct_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line}
    wanted = {
        requirement.split(";")[0].split("[")[0].split(">")[0].split("=")[0].split("<")[0].strip().lower().replace("_", "-")
        for requirement in [*project["dependencies"], *project["optional-dependencies"]["dev"], *project["optional-dependencies"]["evals"]]
    }
    assert wanted <= pinned


def test_pins_take_every_python_the_project_takes() -> None:
    # An older patch release (Debian's 3.11.2) must do: a pin that asks for a later one makes the README's commands fail there.
    from packaging.specifiers import SpecifierSet

    pins = [line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line]
    wanted = {}
    for name, version in pins:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            if importlib.metadata.version(name) == version:
                wanted[f"{name}=={version}"] = importlib.metadata.metadata(name).get("Requires-Python", "")
    assert len(wanted) > 50
    assert not {pin: python for pin, python in wanted.items() if not SpecifierSet(python).contains("3.11.0")}
