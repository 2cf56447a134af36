"""``python -m kit.check [KIT.zip]`` (``make kit-check``): the kit of this machine, unpacked and installed in a network namespace without a network.

Nothing of this checkout is used but its tests: the demo and an offline part of the tests run on what the kit installed. The test tools
(pytest and friends, not part of the kit) are fetched before the network goes. Needs Linux with ``unshare`` (root, or user namespaces).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from kit.assembling import ROOT
from kit.platforms import here

TOOLS = ("pytest", "pytest-socket", "pytest-timeout", "hypothesis", "python-docx", "xlwt", "reportlab", "pexpect")
# Tests that need neither the checkout's evals nor its tools, and take a minute or two together.
TESTS = (
    "test_target test_table test_chinese test_formats test_word test_excel test_plain test_extraction test_validation_rules test_corpus test_store "
    "test_answering test_drafting test_export test_review test_offline test_settings"
).split()
SETTINGS = """[pytest]
testpaths = tests
pythonpath = .
addopts = -q --strict-markers --import-mode=importlib --allow-hosts=127.0.0.1,::1,localhost --allow-unix-socket -p no:cacheprovider
timeout = 300
markers =
    slow: takes more than a few seconds
    libreoffice: needs LibreOffice on the machine
    ocr: needs the [ocr] extra
"""


def cut_off() -> list[str]:
    """What to put in front of a command so that it has no network at all, not even loopback."""
    for way in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
            return way
    raise SystemExit("错误：本机不能断开网络来验证（没有 unshare，或没有权限）。\n建议：在 Linux 上以 root 运行。")


def step(title: str, command: list[object], *, folder: Path, environment: dict[str, str], codes: tuple[int, ...] = (0,)) -> str:
    """Run one step, tell how long it took; its output. Ends the program with its last lines when it fails."""
    began = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False)
    print(f"{'通过' if done.returncode in codes else '失败'}  {time.monotonic() - began:6.1f} 秒  {title}", flush=True)
    if done.returncode not in codes:
        raise SystemExit(f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout + done.stderr


def main() -> int:
    """Prove it, step by step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kit", nargs="?", type=Path)
    parser.add_argument("--python", default=sys.executable, help="the Python that the cut-off machine has")
    parser.add_argument("--no-tests", action="store_true")
    options = parser.parse_args()
    platform = here()
    found = sorted((ROOT / "dist" / "kit").glob(f"*-{platform.name}.zip")) if platform else []
    kit = (options.kit or (found[-1] if found else Path("没有"))).absolute()
    if not kit.exists():
        print("错误：没有找到本机的安装包。\n建议：先运行 make kit。", file=sys.stderr)
        return 2
    offline = cut_off()
    with tempfile.TemporaryDirectory(prefix="kit-check-") as name:
        place = Path(name)
        base = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "ASSISTANT_", "UV_", "VIRTUAL_ENV"))}
        environment = {**base, "HOME": str(place), "ASSISTANT_HOME": str(place / "home"), "PYTHON": options.python}
        if not options.no_tests:
            tools = place / "tools"
            step(
                "取测试工具（断网之前）",
                [options.python, "-m", "pip", "download", "-q", "-c", ROOT / "constraints.txt", "-d", tools, *TOOLS],
                folder=place,
                environment=dict(os.environ),
            )
        with zipfile.ZipFile(kit) as archive:
            archive.extractall(place)
        folder = next(path for path in place.iterdir() if path.name.startswith("goal-table-assistant-"))
        refused = subprocess.run(
            [*offline, options.python, "-c", "import socket; socket.create_connection(('127.0.0.1', 9), 1)"], capture_output=True, text=True, check=False
        )
        assert "unreachable" in refused.stderr, refused.stderr
        install = [*offline, "sh", folder / "install.sh", place / "program"]
        told = step("断网安装", install, folder=place, environment=environment)
        print("\n".join(f"      {line}" for line in told.strip().splitlines()))
        _damaged(folder, offline, environment, options.python)
        program = place / "program" / "bin" / "assistant"
        step("断网自检 doctor", [*offline, program, "doctor"], folder=place, environment=environment, codes=(0, 1))
        draft = [
            *offline,
            program,
            "draft",
            "--name",
            "残疾人就业保障金",
            "--year",
            "2026",
            "--budget",
            "480",
            "--purpose",
            "用于残疾人就业、培训以及残疾人生活保障。",
        ]
        step("断网示例（make demo 的同一条命令）", [*draft, "-o", place / "demo", "--no-input"], folder=place, environment=environment)
        step("断网检查 validate", [*offline, program, "validate", place / "demo"], folder=place, environment=environment, codes=(0, 1))
        if not options.no_tests:
            _tests(place, folder, offline, environment)
    print("安装包在断网的机器上装得上、用得了。")
    return 0


def _damaged(folder: Path, offline: list[str], environment: dict[str, str], python: str) -> None:
    """A kit with one byte changed is refused."""
    wheel = max((folder / "wheels").glob("*.whl"), key=lambda path: path.stat().st_size)
    whole = wheel.read_bytes()
    wheel.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    told = step("改动一个字节后拒绝安装", [*offline, python, folder / "install.py", "--check"], folder=folder, environment=environment, codes=(2,))
    assert wheel.name in told, told
    wheel.write_bytes(whole)


def _tests(place: Path, folder: Path, offline: list[str], environment: dict[str, str]) -> None:
    """The offline part of the tests on the installed program; loopback is switched on inside the namespace for those that need it."""
    python = place / "program" / "bin" / "python"
    pip = next((folder / "wheels").glob("pip-*.whl"))
    step(
        "装测试工具（断网）",
        [*offline, python, f"{pip}/pip", "install", "-q", "--no-index", "--find-links", place / "tools", "--find-links", folder / "wheels", *TOOLS],
        folder=place,
        environment=environment,
    )
    work = place / "work"
    for part in ("tests", "corpus", "prompts", "evals"):
        shutil.copytree(ROOT / part, work / part, ignore=shutil.ignore_patterns("__pycache__"))
    (work / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    where = "import assistant, sys; print(assistant.__file__); sys.exit('site-packages' not in assistant.__file__)"
    step("测的是装好的程序", [*offline, python, "-c", where], folder=work, environment=environment)
    files = [f"tests/{name}.py" for name in TESTS if (work / "tests" / f"{name}.py").exists()]
    loopback = 'ip link set lo up 2>/dev/null; exec "$@"'
    told = step("断网测试", [*offline, "sh", "-c", loopback, "sh", python, "-m", "pytest", *files], folder=work, environment=environment)
    print(f"      {told.strip().splitlines()[-1]}")


if __name__ == "__main__":
    raise SystemExit(main())
