"""``python -m kit [--platform NAME …] [--python 3.12 …]`` (``make kit``): download the wheels, build what comes as source, put kits together.

Versions are those of constraints.txt. uv resolves for each platform and Python version (pip looks at this machine's markers only), pip
downloads, hatchling builds the program. Kits go to ``dist/kit``, wheels are kept in ``build/kit`` for the next time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from assistant import __version__
from kit.assembling import ROOT, Incomplete, assemble, zipped
from kit.platforms import MOST_MEGABYTES, PLATFORMS, Platform

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def run(*command: object) -> str:
    """Run a command; its stdout. Incomplete with its last words when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode:
        raise Incomplete(f"{' '.join(map(str, command[:6]))} …：{(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout


def resolve(platform: Platform, python: str) -> list[str]:
    """Every package that the program needs there, pinned."""
    uv = Path(sys.executable).with_name("uv")
    listed = run(
        uv if uv.exists() else "uv", "pip", "compile", "-q", ROOT / "pyproject.toml", "-c", ROOT / "constraints.txt", "--python-platform", platform.target,
        "--python-version", python, "--no-header", "--no-annotate", "--python", sys.executable,
    )  # fmt: skip
    return [line.strip() for line in listed.splitlines() if "==" in line]


def download(pins: list[str], platform: Platform, python: str, into: Path) -> None:
    """The wheels of the pins; what has none comes as source and is built, which only a package without compiled code survives."""
    into.mkdir(parents=True, exist_ok=True)
    listed = into / "wanted.txt"
    listed.write_text("\n".join(pins) + "\n", encoding="utf-8")
    tags = [word for tag in platform.tags for word in ("--platform", tag)]
    run(*PIP, "download", "-q", "--no-deps", "-r", listed, "-d", into, "--find-links", into, *tags, "--python-version", python)
    listed.unlink()
    for source in [*into.glob("*.tar.gz"), *into.glob("*.zip")]:
        run(*PIP, "wheel", "-q", "--no-deps", "-w", into, source)
        name = source.name.split("-")[0].lower().replace("_", "").replace("-", "")
        built = [path for path in into.glob("*.whl") if path.name.split("-")[0].lower().replace("_", "") == name]
        if not any(path.name.endswith("-none-any.whl") for path in built):
            raise Incomplete(f"{source.name} 没有现成的轮子，也不是纯 Python，{platform.title} 用不了。")
        source.unlink()


def build(platform: Platform, pythons: list[str], into: Path, kept: Path) -> Path:
    """One platform's kit; the zip."""
    wheels = kept / platform.name
    pins: dict[str, list[str]] = {}
    for python in pythons:
        pins[python] = resolve(platform, python)
        download(pins[python], platform, python, wheels)
        pins[python].append(f"goal-table-assistant=={__version__}")
    for old in wheels.glob("goal_table_assistant-*.whl"):
        old.unlink()
    run(*PIP, "wheel", "-q", "--no-deps", "-w", wheels, ROOT)
    if not list(wheels.glob("pip-*.whl")):
        run(*PIP, "download", "-q", "--no-deps", "--only-binary=:all:", "-d", wheels, "pip")
    folder = into / f"goal-table-assistant-{__version__}-{platform.name}"
    assemble(folder, wheels, pins, platform, version=__version__)
    return zipped(folder)


def main() -> int:
    """Build the kits and tell what each weighs; exit code 1 when one cannot be made or is too heavy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", nargs="*", choices=list(PLATFORMS), default=list(PLATFORMS))
    parser.add_argument("--python", nargs="*", help="in place of the versions usual for the platform")
    parser.add_argument("--into", type=Path, default=ROOT / "dist" / "kit")
    parser.add_argument("--kept", type=Path, default=ROOT / "build" / "kit", help="where downloaded wheels are kept")
    options = parser.parse_args()
    # Names and files of the kit are UTF-8 whatever the terminal is.
    os.environ["PYTHONUTF8"] = "1"
    if shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}") is None:
        print("错误：没有 uv。\n建议：用 make kit，它会装好所需的程序。", file=sys.stderr)
        return 2
    bad = 0
    for name in options.platform:
        began = time.monotonic()
        pythons = options.python or list(PLATFORMS[name].pythons)
        try:
            path = build(PLATFORMS[name], pythons, options.into, options.kept)
        except Incomplete as error:
            print(f"{name}：{error}", file=sys.stderr)
            bad += 1
            continue
        size = path.stat().st_size / 1e6
        bad += size > MOST_MEGABYTES
        print(f"{path}  {size:.0f} MB（上限 {MOST_MEGABYTES}）  Python {'、'.join(pythons)}  {time.monotonic() - began:.0f} 秒", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
