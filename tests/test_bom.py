"""The bill of materials and the licence list are those of what is installed; every licence is one an office may use without asking."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOM = json.loads((ROOT / "docs" / "bom.cdx.json").read_text(encoding="utf-8"))
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "licences.md").read_text(encoding="utf-8").splitlines()
    if line[:2] == "| "
]
LICENCES = {plain: (version, licence) for name, version, licence in ROWS[2:] if (plain := re.sub(r"[-_.]+", "-", name).lower())}
# Permissive, or weak copyleft that binds changes to the package itself only.
ALLOWED = {
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "PSF-2.0",
    "Zlib",
    "CC0-1.0",
    "CNRI-Python",
    "MPL-2.0",
    "Unlicense",
}
PINS = {
    re.sub(r"[-_.]+", "-", name).lower(): version
    for name, _, version in (line.partition("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if "==" in line)
}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> set[str]:
    """Everything that the program's own dependencies bring, walked through the installed packages' metadata."""
    requirements = pytest.importorskip("packaging.requirements")
    todo = [(requirements.Requirement(text), "") for text in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]]
    seen: set[tuple[str, str]] = set()
    while todo:
        wanted, extra = todo.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue
        for asked in ("", *wanted.extras):
            if (plain(wanted.name), asked) in seen:
                continue
            seen.add((plain(wanted.name), asked))
            todo += [(requirements.Requirement(text), asked) for text in metadata.requires(wanted.name) or ()]
    return {name for name, _ in seen}


def test_bill_and_list_name_the_same_packages_as_the_pins() -> None:
    components = {plain(part["name"]): part["version"] for part in BOM["components"]}
    assert BOM["bomFormat"] == "CycloneDX"
    assert {name: version for name, (version, _) in LICENCES.items()} == components
    assert {name: version for name, version in components.items() if PINS.get(name) != version} == {}


def test_nothing_that_the_program_needs_is_missing_from_the_bill() -> None:
    missing = needed() - LICENCES.keys()
    assert missing <= {"colorama", "uvloop"}, "run make bom"


def test_every_licence_is_free_to_use() -> None:
    for name, (_, licence) in LICENCES.items():
        named = {part.strip("() ") for part in re.split(r" AND | OR |,", licence)} - {"dependency licenses"}
        assert named, name
        assert named <= ALLOWED, (name, licence)


def test_the_bill_says_nothing_of_the_machine_it_was_made_on() -> None:
    assert not re.search(r'"file://|/home/|/root/|/tmp/', json.dumps(BOM))
