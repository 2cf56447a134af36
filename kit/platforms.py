"""The machines a kit is made for: their names, wheel tags and Python versions."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

# Up to glibc 2.28: what RHEL 8, Debian 10, Kylin V10 and UOS 20 and anything newer have.
_GLIBC = range(28, 4, -1)


@dataclass(frozen=True)
class Platform:
    """A kind of machine: ``name`` in file names, ``target`` as uv calls it, ``tags`` of the wheels it takes, Python versions served."""

    name: str
    title: str
    target: str
    tags: tuple[str, ...]
    pythons: tuple[str, ...]


def _manylinux(machine: str) -> tuple[str, ...]:
    old = ("manylinux2014", "manylinux2010", "manylinux1") if machine == "x86_64" else ("manylinux2014",)
    return (*(f"manylinux_2_{minor}_{machine}" for minor in _GLIBC), *(f"{name}_{machine}" for name in old))


PLATFORMS: dict[str, Platform] = {
    found.name: found
    for found in (
        Platform("linux-x86_64", "Linux（x86-64，glibc 2.28 以上）", "x86_64-manylinux_2_28", _manylinux("x86_64"), ("3.11", "3.12")),
        Platform("linux-aarch64", "Linux（ARM64，glibc 2.28 以上）", "aarch64-manylinux_2_28", _manylinux("aarch64"), ("3.11", "3.12")),
        Platform("windows-x86_64", "Windows 10 以上（x86-64）", "x86_64-pc-windows-msvc", ("win_amd64",), ("3.11", "3.12", "3.13")),
    )
}
# What a kit may weigh.
MOST_MEGABYTES = 300


def here() -> Platform | None:
    """The platform of this machine, None when no kit is made for it."""
    system = {"linux": "linux", "win32": "windows"}.get(sys.platform, "")
    machine = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine().lower(), "")
    return PLATFORMS.get(f"{system}-{machine}")
