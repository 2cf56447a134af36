"""``python -m bench`` (``make bench``): every benchmark module that has ``lines()``, each in a process of its own, as one table and one plot.

    python -m bench [--only NAME …] [--json] [--plot docs/images/bench.svg]

Exit code 1 when a bar does not hold or a module failed.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import pkgutil
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import bench
from bench.line import ROOT, Line


def modules() -> list[str]:
    """The names of this package's modules that give lines, in order."""
    names = []
    for found in pkgutil.iter_modules(bench.__path__):
        place = Path(bench.__path__[0]) / f"{found.name}.py"
        if found.name not in ("__main__", "line") and place.exists() and "\ndef lines(" in place.read_text(encoding="utf-8"):
            names.append(found.name)
    return names


def measure(name: str) -> tuple[list[Line], str]:
    """A module's lines, measured in a process of its own, and what it said when it failed."""
    done = subprocess.run([sys.executable, "-m", "bench", "--one", name], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    lines = [Line(**json.loads(text)) for text in done.stdout.splitlines() if text.startswith("{")]
    return lines, "" if done.returncode == 0 else f"{name}: ended with {done.returncode}"


def table(found: dict[str, list[Line]]) -> str:
    """All lines as a Markdown table."""
    rows = ["| what | ours | rival | theirs | ours ÷ theirs | bar | met |", "| --- | ---: | --- | ---: | ---: | --- | --- |"]
    for lines in found.values():
        for line in lines:
            ours = "not measured" if line.value is None else f"{line.value:.4g} {line.unit}"
            theirs = "" if line.theirs is None else f"{line.theirs:.4g} {line.unit}"
            ratio = "" if line.ratio is None else f"{line.ratio:.2g}"
            met = {True: "yes", False: "**no**", None: ""}[line.met]
            what = f"{line.what} ({line.note})" if line.note else line.what
            rows.append(f"| {what} | {ours} | {line.rival} | {theirs} | {ratio} | {line.bar} | {met} |")
    return "\n".join(rows)


def main() -> int:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="NAME", help=f"of {', '.join(modules())}")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, help="also draw the figures and the scaling curves into this SVG file")
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 10_000], help="numbers of tables for the curves of --plot")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        for line in importlib.import_module(f"bench.{options.one}").lines():
            print(json.dumps(asdict(line), ensure_ascii=False), flush=True)
        return 0
    found: dict[str, list[Line]] = {}
    failed = []
    for name in options.only or modules():
        print(f"… {name}", file=sys.stderr, flush=True)
        found[name], trouble = measure(name)
        failed += [trouble] * bool(trouble)
    if options.json:
        shown = {name: [{**asdict(line), "ratio": line.ratio, "bar": line.bar, "met": line.met} for line in lines] for name, lines in found.items()}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        print(table(found))
    if options.plot:
        from bench import growing, plot

        curve = [growing.apart("one", size) for size in sorted(options.sizes)]
        told = f"python -m bench --plot (make bench), {platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, processor time"
        options.plot.write_text(plot.drawn((line for lines in found.values() for line in lines), curve, told), encoding="utf-8")
        for point in curve:
            print(json.dumps(point))
    for trouble in failed:
        print(trouble, file=sys.stderr)
    return 1 if failed or any(line.met is False for lines in found.values() for line in lines) else 0


if __name__ == "__main__":
    raise SystemExit(main())
