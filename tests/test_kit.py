"""The kit without a network: what is in it fits its platform, every byte is accounted for, and a damaged one installs nothing.

``make kit`` and ``make kit-check`` do the whole thing; here a kit of one tiny wheel goes the same way in seconds.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("packaging", reason="the kit's builder needs packaging")
from kit import assembling
from kit.platforms import MOST_MEGABYTES, PLATFORMS, here

LINUX, WINDOWS = PLATFORMS["linux-x86_64"], PLATFORMS["windows-x86_64"]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PROGRAM = """
import sys
def main():
    print("assistant 9.9" if "--version" in sys.argv else "预算数：470.00万元。")
"""


def wheel(folder: Path, name: str, version: str = "1.0", tag: str = "py3-none-any", **files: str) -> Path:
    """A wheel that pip installs, with a console script when it has a module ``main``."""
    info = f"{name}-{version}.dist-info"
    parts = {f"{name}.py": files.get("code", ""), f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    parts[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    if "code" in files:
        parts[f"{info}/entry_points.txt"] = f"[console_scripts]\nassistant = {name}:main\n"
    parts[f"{info}/RECORD"] = "".join(f"{part},,\n" for part in parts) + f"{info}/RECORD,,\n"
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return path


def bundled_pip(folder: Path) -> Path:
    ensurepip = pytest.importorskip("ensurepip", reason="needs the pip that Python brings")
    # Debian keeps it in a place of its own.
    places = (Path(ensurepip.__file__).parent / "_bundled", Path("/usr/share/python-wheels"))
    found = next((path for place in places for path in place.glob("pip-*.whl")), None)
    if found is None:
        pytest.skip("this Python brings no pip")
    return Path(shutil.copy2(found, folder))


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@pytest.fixture
def kit(wheels: Path, tmp_path: Path) -> Path:
    bundled_pip(wheels)
    wheel(wheels, "goal_table_assistant", "9.9", code=PROGRAM)
    wheel(wheels, "left_out")
    folder = tmp_path / "kit"
    assembling.assemble(folder, wheels, {PYTHON: ["goal-table-assistant==9.9"]}, here() or LINUX, version="9.9")
    return folder


def installs(kit: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **variables}
    return subprocess.run([sys.executable, kit / "install.py", *arguments], capture_output=True, encoding="utf-8", env=environment, timeout=120, check=False)


def test_each_pin_gets_the_wheel_that_fits_best(wheels: Path) -> None:
    best = wheel(wheels, "one", tag="cp312-cp312-manylinux_2_28_x86_64")
    wheel(wheels, "one", tag="py3-none-any")
    wheel(wheels, "one", tag="cp312-cp312-win_amd64")
    text = assembling.pinned(["one==1.0"], wheels, LINUX, "3.12")
    assert text == f"one==1.0 --hash=sha256:{hashlib.sha256(best.read_bytes()).hexdigest()}\n"
    assert assembling.pinned(["one==1.0"], wheels, LINUX, "3.11") != text


@pytest.mark.parametrize(
    "tag", ["cp312-cp312-win_amd64", "cp312-cp312-manylinux_2_34_x86_64", "cp310-cp310-manylinux_2_17_x86_64", "cp312-cp312-musllinux_1_2_x86_64"]
)
def test_a_wheel_for_another_machine_is_no_wheel(wheels: Path, tag: str) -> None:
    wheel(wheels, "one", tag=tag)
    with pytest.raises(assembling.Incomplete, match=r"one==1\.0"):
        assembling.pinned(["one==1.0"], wheels, LINUX, "3.12")


def test_stable_abi_wheels_serve_later_versions(wheels: Path) -> None:
    wheel(wheels, "one", tag="cp39-abi3-win_amd64")
    assert assembling.pinned(["one==1.0"], wheels, WINDOWS, "3.13").startswith("one==1.0 --hash")


def test_checksums_cover_every_file_and_nothing_unneeded_is_inside(kit: Path) -> None:
    listed = {line.split("  ")[1]: line.split("  ")[0] for line in (kit / assembling.SUMS).read_text(encoding="utf-8").splitlines()}
    inside = {path.relative_to(kit).as_posix(): path for path in kit.rglob("*") if path.is_file() and path.name != assembling.SUMS}
    assert listed.keys() == inside.keys()
    assert all(hashlib.sha256(inside[name].read_bytes()).hexdigest() == wanted for name, wanted in listed.items())
    assert not [name for name in inside if "left_out" in name]
    assert {"说明.txt", "install.py", "corpus/manifest.toml", "docs/guide.zh-CN.md"} <= inside.keys()
    assert "{" not in (kit / "说明.txt").read_text(encoding="utf-8-sig")


def test_the_kit_installs_and_runs_without_a_network(kit: Path, tmp_path: Path) -> None:
    target = tmp_path / "程序 文件夹"
    dead = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_NO_INDEX": "0", "HTTPS_PROXY": "http://127.0.0.1:9"}
    for _ in range(2):  # again over itself, as for a newer version
        result = installs(kit, target, **dead)
        assert result.returncode == 0, result.stderr
        assert "assistant 9.9" in result.stdout
        assert "470.00万元" in result.stdout


@pytest.mark.parametrize("harm", ["changed", "missing", "no list"])
def test_a_damaged_kit_installs_nothing(kit: Path, tmp_path: Path, harm: str) -> None:
    victim = next((kit / "wheels").glob("goal_table*.whl"))
    if harm == "changed":
        data = bytearray(victim.read_bytes())
        data[40] ^= 1
        victim.write_bytes(bytes(data))
    elif harm == "missing":
        victim.unlink()
    else:
        (kit / assembling.SUMS).unlink()
    result = installs(kit, tmp_path / "target")
    assert result.returncode == 2
    assert [line[:3] for line in result.stderr.splitlines()] == ["错误：", "建议："]
    assert harm == "no list" or victim.name in result.stderr
    assert not (tmp_path / "target").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(kit: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "重要.txt").write_text("x", encoding="utf-8")
    result = installs(kit, tmp_path / "target")
    assert result.returncode == 2
    assert "已有别的东西" in result.stderr
    assert [path.name for path in (tmp_path / "target").iterdir()] == ["重要.txt"]


def test_a_python_that_the_kit_does_not_serve_is_told(kit: Path, tmp_path: Path) -> None:
    (kit / f"requirements-{PYTHON}.txt").rename(kit / "requirements-3.9.txt")
    assembling.sums(kit)
    result = installs(kit, tmp_path / "target")
    assert result.returncode == 2
    assert "3.9" in result.stderr


def test_windows_gets_its_launchers_and_linux_its_own(wheels: Path, tmp_path: Path) -> None:
    bundled_pip(wheels)
    wheel(wheels, "one")
    for platform, there, absent in ((WINDOWS, "install.bat", "install.sh"), (LINUX, "install.sh", "install.bat")):
        folder = tmp_path / platform.name
        assembling.assemble(folder, wheels, {"3.12": ["one==1.0"]}, platform, version="1")
        assert (folder / there).exists()
        assert not (folder / absent).exists()
        archive = zipfile.ZipFile(io.BytesIO(assembling.zipped(folder).read_bytes()))
        assert f"{platform.name}/说明.txt" in archive.namelist()
    batch = (tmp_path / WINDOWS.name / "install.bat").read_bytes()
    assert batch.count(b"\r\n") == batch.count(b"\n")
    assert batch.isascii()
    assert (tmp_path / WINDOWS.name / "install.ps1").read_bytes().startswith(b"\xef\xbb\xbf")
    assert os.access(tmp_path / LINUX.name / "install.sh", os.X_OK) or os.name == "nt"


def test_the_launcher_finds_no_python_in_words(kit: Path) -> None:
    launcher = kit / "install.sh"
    if not launcher.exists() or shutil.which("sh") is None:
        pytest.skip("a launcher for Linux")
    result = subprocess.run(["/bin/sh", launcher], env={"PATH": "/nowhere"}, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode != 0
    assert "错误：" in result.stderr


def test_the_bar_is_what_the_issue_says() -> None:
    assert MOST_MEGABYTES == 300
    assert set(PLATFORMS) == {"linux-x86_64", "linux-aarch64", "windows-x86_64"}
