"""A bureau's folder: some thousand made-up files of many departments, read, added to the corpus and judged by the commands a person types.

python -m bench.folder [--files 3000]    a line for each command: processor time, clock, memory of the largest process
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.line import ROOT

# How the files of a bureau are mixed, in percent.
KINDS = {"docx": 45, "xlsx": 35, "md": 20}


def fill(folder: Path, files: int, *, seed: int = 7) -> int:
    """Write that many files of one to four tables each, in one folder a county; how many tables that makes."""
    from assistant.export import write
    from assistant.table import GoalTable
    from bench.distractors import texts

    draw = random.Random(seed)
    made = 0
    for unit, year, tables in texts(files * 4, each=4):
        some = [GoalTable.model_validate(table) for table in tables[: draw.choice([1, 2, 3, 4, 4])]]
        kind = draw.choices([*KINDS], [*KINDS.values()])[0]
        path = folder / unit[:3] / f"{unit}{year}年预算绩效目标.{kind}"
        path.parent.mkdir(exist_ok=True)
        write(path, some, to=kind, title=f"{unit}{year}年部门预算绩效文本")
        made += len(some)
    return made


def main() -> None:
    """Make the folder, run the commands, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=3000)
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        (work / "全县").mkdir()
        print(f"{parser.parse_args().files} files, {fill(work / '全县', parser.parse_args().files)} tables")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_HOME": str(work / "home")}
        for words in (["read", "全县"], ["corpus", "add", "全县"], ["validate", "全县", "--format", "xlsx", "-o", "结果.xlsx"]):
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "assistant", *words], cwd=work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            # The children's peak only grows: it is the largest so far.
            print(f"assistant {' '.join(words)}: {spent:.1f} s of processor time, {time.perf_counter() - began:.0f} s, at most {after.ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main()
