"""Installs the program from this folder, without a network: check every file, make a virtual environment, install, try it.

Run by install.sh, install.bat or install.ps1 with a Python that the kit serves. ``python install.py [FOLDER] [--check]``.
Standard library only; messages in Chinese; exit code 2 and two lines for what the person can mend.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS = HERE / "SHA256SUMS"


class Trouble(Exception):
    """What went wrong and what to do, in Chinese."""


def checked():
    """How many files of the kit are whole. Trouble names those that are missing or not what they were."""
    if not SUMS.exists():
        raise Trouble("安装包里没有 SHA256SUMS。", "文件没有拷全，请重新拷贝整个安装包。")
    missing, changed, count = [], [], 0
    for line in SUMS.read_text(encoding="utf-8").splitlines():
        wanted, _, name = line.partition("  ")
        path = HERE / name
        if not path.is_file():
            missing.append(name)
            continue
        found = hashlib.sha256()
        with path.open("rb") as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                found.update(piece)
        count += 1
        if found.hexdigest() != wanted:
            changed.append(name)
    if missing or changed:
        told = ["缺少 " + "、".join(missing[:5])] if missing else []
        told += ["内容不对 " + "、".join(changed[:5])] if changed else []
        raise Trouble(
            f"安装包不完整：{'；'.join(told)}（共{len(missing) + len(changed)}个）。", "拷贝时损坏或被改过，请从可靠的来源重新拷贝。没有安装任何东西。"
        )
    return count


def default_folder():
    """Where the program goes unless the person says otherwise."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "goal-table-assistant"
    return Path.home() / ".local" / "lib" / "goal-table-assistant"


def said(command):
    """Run a command with nothing of a network or of another Python in its way; its output."""
    quiet = ("PIP_", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(quiet)}
    environment.update(PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUTF8="1", PYTHONIOENCODING="utf-8")
    done = subprocess.run([str(word) for word in command], capture_output=True, env=environment, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
        raise Trouble(f"{Path(str(command[0])).name} 没有成功：{' '.join(words[-3:])[-400:]}", "请检查磁盘空间和文件夹权限后重试；重复运行不会损坏已有的数据。")
    return done.stdout.decode("utf-8", "replace").strip()


def installed(folder):
    """Install into a folder (again, or over an older version); the program's path and version."""
    version = ".".join(map(str, sys.version_info[:2]))
    pins = HERE / f"requirements-{version}.txt"
    if not pins.exists():
        offered = "、".join(sorted(path.stem.partition("-")[2] for path in HERE.glob("requirements-*.txt")))
        raise Trouble(f"本机的 Python 是 {version}，安装包只带了 {offered} 的。", "请换用其中一个版本的 Python。")
    try:
        # Without pip: some systems leave out what would bring it; the kit has its own.
        venv.EnvBuilder(clear=(folder / "pyvenv.cfg").exists(), symlinks=os.name != "nt", with_pip=False).create(str(folder))
    except OSError as error:
        raise Trouble(f"不能在“{folder}”建立运行环境：{error.strerror or error}。", "请换一个可写的文件夹：install 后面加上文件夹路径。") from None
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = next((HERE / "wheels").glob("pip-*.whl"))
    said(
        [python, f"{pip}/pip", "install", "--no-index", "--find-links", HERE / "wheels", "--require-hashes", "--only-binary", ":all:", "--no-deps", "-r", pins]
    )
    program = scripts / ("assistant.exe" if os.name == "nt" else "assistant")
    return program, said([program, "--version"])


def main():
    """Check, install, tell."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("folder", nargs="?", type=Path, default=default_folder())
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        print("一、核对安装包……", flush=True)
        print(f"    {checked()}个文件都完整。")
        if options.check:
            return 0
        folder = options.folder.expanduser().absolute()
        if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists():
            raise Trouble(f"文件夹“{folder}”里已有别的东西。", "请换一个空的或新的文件夹。")
        print(f"二、安装到 {folder}（约一两分钟）……", flush=True)
        program, version = installed(folder)
        print(f"    {version}")
        print("三、试一试：问一个问题……", flush=True)
        print("    " + said([program, "ask", "残保金预算多少"]).splitlines()[0])
    except Trouble as trouble:
        print(f"错误：{trouble.args[0]}\n建议：{trouble.args[1]}", file=sys.stderr)
        return 2
    print(f"安装好了。开始使用：\n    {program} --help\n    {program} doctor")
    if os.name != "nt":
        print(f"想直接输入 assistant：ln -s {program} ~/.local/bin/assistant（~/.local/bin 要在 PATH 里）。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
