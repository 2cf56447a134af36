"""``python -m kit.bom`` (``make bom``): what the program is made of, as docs/bom.cdx.json (CycloneDX) and docs/licences.md.

A virtual environment with nothing but the program and what it needs is made from constraints.txt; cyclonedx-py and pip-licenses read it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import venv
from collections import Counter
from pathlib import Path

from kit.assembling import ROOT

BOM = ROOT / "docs" / "bom.cdx.json"
LICENCES = ROOT / "docs" / "licences.md"
OWN = "goal-table-assistant"
HEAD = """# Licences of what is installed

The program is under the MIT licence ([LICENSE](../LICENSE)). Installing it brings the packages below, from the registry or in the kit;
none is changed. Made by `make bom` from a clean environment on Linux with Python {python}; on Windows `colorama` (BSD-3-Clause) comes
too, and `uvloop` does not. Optional extras (`ocr`, `evals`) are not listed. With versions, addresses and checks:
[bom.cdx.json](bom.cdx.json) (CycloneDX).

{counts}

| package | version | licence |
| --- | --- | --- |
{rows}
"""
# One name for what packages write in many ways.
_SAME = (
    ("Apache Software License", "Apache-2.0"), ("Apache License, Version 2.0", "Apache-2.0"), ("MIT License", "MIT"), ("3-Clause BSD License", "BSD-3-Clause"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"), ("Python Software Foundation License", "PSF-2.0"), ("ISC License (ISCL)", "ISC"), ("BSD License", "BSD"),
)  # fmt: skip


def licence(text: str) -> str:
    """A package's licence on one line."""
    line = text.strip().splitlines()[0] if text.strip() else "UNKNOWN"
    for written, name in _SAME:
        line = line.replace(written, name)
    return line.replace("; ", " AND ")


def environment(folder: Path) -> Path:
    """An environment with the program alone; its Python."""
    venv.EnvBuilder(clear=True, with_pip=True).create(folder)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", "-c", ROOT / "constraints.txt", ROOT], check=True)
    subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "uninstall", "-q", "-y", "pip", "setuptools"], check=False)
    return python


def main() -> int:
    """Make both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, help="an environment that is already there")
    options = parser.parse_args()
    python = options.python or environment(ROOT / "build" / "runtime")
    tools = Path(sys.executable).parent
    subprocess.run(
        [tools / "cyclonedx-py", "environment", python, "--pyproject", ROOT / "pyproject.toml", "--output-reproducible", "--short-PURLs", "-o", BOM], check=True
    )
    bom = json.loads(BOM.read_text(encoding="utf-8"))
    # Where the program was installed from is this machine's business.
    bom["components"] = [part for part in bom["components"] if part["name"] not in (OWN, "pip", "setuptools")]
    BOM.write_text(json.dumps(bom, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    listed = subprocess.run(
        [tools / "pip-licenses", "--python", python, "--format=json", "--from=mixed", "--with-system"], capture_output=True, encoding="utf-8", check=True
    )
    found = [(row["Name"], row["Version"], licence(row["License"])) for row in json.loads(listed.stdout) if row["Name"] not in (OWN, "pip", "setuptools")]
    found.sort(key=lambda row: row[0].lower())
    counts = "、".join(f"{name} {many}" for name, many in Counter(row[2] for row in found).most_common())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    rows = "\n".join(f"| {' | '.join(row)} |" for row in found)
    LICENCES.write_text(HEAD.format(python=version, counts=counts.replace("、", ", "), rows=rows), encoding="utf-8")
    print(f"{BOM.relative_to(ROOT)}: {len(bom['components'])} components; {LICENCES.relative_to(ROOT)}: {len(found)} packages")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
