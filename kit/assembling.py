"""From a folder of wheels to a kit: pins with hashes, launchers, texts, checksums, the zip. Reaches no network."""

from __future__ import annotations

import hashlib
import shutil
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from kit.platforms import Platform

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SUMS = "SHA256SUMS"
# What the machine's user reads: the repository's own pages.
PAGES = ("README.zh-CN.md", "CHANGELOG.md", "LICENSE", "docs/guide.zh-CN.md", "docs/privacy.zh-CN.md", "docs/troubleshooting.zh-CN.md", "docs/growing.zh-CN.md")
PAGES += ("docs/commands.md", "docs/rules.md", "docs/bom.cdx.json", "docs/licences.md")


class Incomplete(Exception):
    """A kit that would not install: what is missing, in Chinese."""


def tags_of(platform: Platform, python: str) -> set[Tag]:
    """The tags of every wheel that a Python version on a platform takes."""
    version = tuple(int(part) for part in python.split("."))
    tags = list(platform.tags)
    return {*cpython_tags(version, platforms=tags), *compatible_tags(version, f"cp{version[0]}{version[1]}", tags)}


def digest(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def pinned(pins: Iterable[str], wheels: Path, platform: Platform, python: str) -> str:
    """A requirements file for one Python version: each pin with the hash of the one wheel in ``wheels`` that fits it best.

    Incomplete names every pin without a wheel that fits.
    """
    order = {tag: place for place, tag in enumerate([*cpython_tags(_version(python), platforms=list(platform.tags)), *_compatible(platform, python)])}
    fitting: dict[tuple[str, str], tuple[int, Path]] = {}
    for path in sorted(wheels.glob("*.whl")):
        name, version, _, tags = parse_wheel_filename(path.name)
        places = [order[tag] for tag in tags if tag in order]
        key = (canonicalize_name(name), str(version))
        if places and (key not in fitting or min(places) < fitting[key][0]):
            fitting[key] = (min(places), path)
    lines, missing = [], []
    for pin in sorted(pins, key=str.lower):
        wanted = Requirement(pin)
        (version,) = (spec.version for spec in wanted.specifier)
        found = fitting.get((canonicalize_name(wanted.name), version))
        if found is None:
            missing.append(pin)
        else:
            lines.append(f"{pin} --hash=sha256:{digest(found[1])}")
    if missing:
        raise Incomplete(f"{platform.title}、Python {python} 缺少这些包的轮子：{'、'.join(missing)}。")
    return "\n".join(lines) + "\n"


def _version(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))


def _compatible(platform: Platform, python: str) -> Iterable[Tag]:
    return compatible_tags(_version(python), f"cp{python.replace('.', '')}", list(platform.tags))


def assemble(folder: Path, wheels: Path, pins: dict[str, list[str]], platform: Platform, *, version: str, root: Path = ROOT) -> None:
    """Make the kit's folder anew: wheels that some Python version needs, one pinned file a version, installer, texts, corpus, checksums."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    wanted: set[str] = set()
    for python, lines in pins.items():
        text = pinned(lines, wheels, platform, python)
        (folder / f"requirements-{python}.txt").write_text(text, encoding="utf-8", newline="\n")
        wanted |= {line.rsplit(":", 1)[1] for line in text.splitlines()}
    pip = list(wheels.glob("pip-*.whl"))
    if len(pip) != 1:
        raise Incomplete("轮子文件夹里应当有且只有一个 pip。")
    for path in sorted(wheels.glob("*.whl")):
        if path in pip or digest(path) in wanted:
            shutil.copy2(path, folder / "wheels" / path.name)
    shutil.copytree(root / "corpus", folder / "corpus", ignore=shutil.ignore_patterns("__pycache__"))
    for page in PAGES:
        if (root / page).exists():
            (folder / "docs").mkdir(exist_ok=True)
            shutil.copy2(root / page, folder / "docs" / Path(page).name)
    facts = {"版本": version, "平台": platform.title, "解释器": "、".join(pins), "大小": f"{_size(folder) / 1e6:.0f}"}
    for source in sorted((HERE / "files").iterdir()):
        _put(source, folder, platform, facts)
    sums(folder)


def _put(source: Path, folder: Path, platform: Platform, facts: dict[str, str]) -> None:
    windows = platform.name.startswith("windows")
    if (source.suffix in (".bat", ".ps1") and not windows) or (source.suffix == ".sh" and windows):
        return
    text = source.read_text(encoding="utf-8")
    if source.name == "说明.txt":
        for name, fact in facts.items():
            text = text.replace(f"{{{name}}}", fact)
        text = text.replace("{安装}", "双击 install.bat" if windows else "在本文件夹里运行：sh install.sh")
    path = folder / source.name
    # Notepad and cmd want CRLF; PowerShell 5 and old Notepad know UTF-8 by its mark only. cmd must not meet one.
    mark = "utf-8-sig" if windows and source.suffix in (".ps1", ".txt") else "utf-8"
    path.write_text(text, encoding=mark, newline="\r\n" if windows else "\n")
    if source.suffix == ".sh":
        path.chmod(0o755)


def sums(folder: Path) -> Path:
    """Write the checksums of every file under a folder, in the form that ``sha256sum -c`` takes."""
    place = folder / SUMS
    place.unlink(missing_ok=True)
    lines = [f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in sorted(folder.rglob("*")) if path.is_file()]
    place.write_text("".join(lines), encoding="utf-8", newline="\n")
    return place


def zipped(folder: Path) -> Path:
    """The folder as one zip beside it, not compressed again: wheels are."""
    path = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if not file.is_file():
                continue
            info = zipfile.ZipInfo(f"{folder.name}/{file.relative_to(folder).as_posix()}", time.localtime(file.stat().st_mtime)[:6])
            info.external_attr = (file.stat().st_mode & 0xFFFF) << 16
            info.compress_type = zipfile.ZIP_STORED if file.suffix == ".whl" else zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes())
    return path


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
