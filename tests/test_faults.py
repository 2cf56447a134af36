"""What machines do to programs: full disks, closed folders, clocks that go back, two at once, terminals without Chinese, odd names, huge files.

Each command either works or ends with two Chinese lines and exit code 2, never with a traceback, and what was there before is whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEED

Run = Callable[..., subprocess.CompletedProcess[str]]
POSIX = pytest.mark.skipif(os.name == "nt", reason="a fault of POSIX systems")
NOT_ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
REQUEST = ("--name", "残疾人就业保障金", "--year", "2026", "--budget", "480", "--purpose", "用于残疾人就业、培训。", "--no-input")


def clean(result: subprocess.CompletedProcess[str], codes: tuple[int, ...] = (0, 1, 2)) -> None:
    """No traceback, a code of the contract, and two Chinese lines when it could not run."""
    assert "Traceback" not in result.stderr, result.stderr[-2000:]
    assert result.returncode in codes, (result.returncode, result.stdout[-500:], result.stderr[-1500:])
    if result.returncode == 2:
        assert [line[:3] for line in result.stderr.splitlines() if line.startswith(("错误：", "建议："))] == ["错误：", "建议："], result.stderr


@pytest.fixture
def made(run: Run, tmp_path: Path) -> Path:
    """A draft made while all was well."""
    assert run("draft", *REQUEST, "-o", tmp_path / "out").returncode == 0
    return tmp_path / "out" / "2026-残疾人就业保障金.json"


def commands(tmp_path: Path, draft: Path) -> list[tuple[object, ...]]:
    """One command of every group that writes something."""
    decisions, text = tmp_path / "decisions.json", tmp_path / "另一份.txt"
    decisions.write_text('{"decisions": [{"cell": "purpose", "action": "accept"}]}', encoding="utf-8")
    text.write_text(SEED.read_text(encoding="utf-8").replace("怀来县", "蔚县"), encoding="utf-8")
    return [
        ("corpus", "add", text),
        ("corpus", "search", "培训"),
        ("ask", "残保金预算多少"),
        ("draft", *REQUEST),
        ("review", draft, "--decide", decisions, "--person", "张三"),
        ("export", draft, "--to", "docx"),
        ("validate", draft),
        ("config", "set", "person", "张三"),
        ("doctor", "--offline"),
    ]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of three megabytes; skipped where none may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", place], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def test_a_full_disk_is_told_and_harms_nothing(run: Run, tiny_disk: Path, made: Path, tmp_path: Path) -> None:
    home = tiny_disk / "home"
    shutil.copytree(made.parent, home / "drafts")
    draft = home / "drafts" / made.name
    before = draft.read_bytes()
    ballast = os.open(tiny_disk / "ballast", os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(ballast, b"\0" * 4096):
            pass
    os.close(ballast)
    for arguments in commands(tmp_path, draft):
        result = run(*arguments, env={"ASSISTANT_HOME": str(home)}, cwd=tiny_disk)
        clean(result)
        assert draft.read_bytes() == before, arguments
        assert [path.name for path in home.rglob("*.part")] == [], arguments
    (tiny_disk / "ballast").unlink()
    clean(run("review", draft, "--list", env={"ASSISTANT_HOME": str(home)}), (0, 1))


@POSIX
@pytest.mark.parametrize("limit", [0, 20_000])
def test_a_file_that_may_not_grow_is_told(made: Path, tmp_path: Path, home: Path, limit: int) -> None:
    """The same without the right to mount: no file may become larger than some bytes (a quota says as much)."""
    before = made.read_bytes()
    code = f"import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, ({limit},) * 2); from assistant.cli.app import main; main()"
    for arguments in commands(tmp_path, made)[:6]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
        result = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, encoding="utf-8", env=environment, cwd=tmp_path, check=False
        )
        clean(result)
        assert made.read_bytes() == before, arguments
    assert [path.name for path in tmp_path.rglob("*.part")] == []


@POSIX
@NOT_ROOT
def test_a_closed_home_is_told_or_done_without(run: Run, made: Path, tmp_path: Path, home: Path) -> None:
    _closed_home(run, made, tmp_path, home)


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("setpriv"), reason="needs setpriv to give up the superuser's rights")
def test_a_home_that_is_read_only(made: Path, home: Path) -> None:
    """As a user without the superuser's rights, in a home that others made."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user is tested beside")
    give_up = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with tempfile.TemporaryDirectory(prefix="closed-") as name:
        place = Path(name)
        place.chmod(0o755)
        shutil.copytree(made.parent, place / "out")
        shutil.copytree(home, place / "home")

        def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
            environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "HOME": "/nowhere", "ASSISTANT_HOME": str(place / "home")}
            command = [*give_up, sys.executable, "-m", "assistant", *map(str, arguments)]
            return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, check=False)

        probe = run("--version")
        if probe.returncode:
            pytest.skip(f"another user cannot run this checkout: {probe.stderr[-200:]}")
        _closed_home(run, place / "out" / made.name, place, place / "home")


def _closed_home(run: Run, made: Path, tmp_path: Path, home: Path) -> None:
    before = made.read_bytes()
    prepared = commands(tmp_path, made)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    home.chmod(0o555)
    try:
        for arguments in prepared:
            result = run(*arguments, cwd=tmp_path)
            clean(result)
            assert made.read_bytes() == before, arguments
            if arguments[0] == "ask":
                assert "470" in result.stdout
    finally:
        for path in (home, tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())):
            path.chmod(0o755)


def test_a_home_that_is_a_file(run: Run, tmp_path: Path, made: Path) -> None:
    place = tmp_path / "home-file"
    place.write_text("x", encoding="utf-8")
    for arguments in commands(tmp_path, made):
        clean(run(*arguments, env={"ASSISTANT_HOME": str(place)}, cwd=tmp_path))
    assert place.read_text(encoding="utf-8") == "x"


def test_a_clock_that_goes_back(run: Run, made: Path, tmp_path: Path) -> None:
    """Decisions after the clock was set back: recorded, verified, and a newer file is never taken for an older."""
    code = (
        "import sys, datetime, time\nclass Back(datetime.datetime):\n    @classmethod\n    def now(cls, tz=None): return cls.fromtimestamp(1_000_000_000, tz)\n"
        "datetime.datetime = Back\nreal = time.time\ntime.time = lambda: real() - 8e8\nfrom assistant.cli.app import main\nmain()"
    )

    def earlier(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, encoding="utf-8", env=environment, cwd=tmp_path, check=False
        )

    decisions = tmp_path / "decisions.json"
    decisions.write_text('{"decisions": [{"cell": "purpose", "action": "accept"}]}', encoding="utf-8")
    for way in (run, earlier, run):
        clean(way("review", made, "--decide", decisions, "--person", "张三"), (0, 1))
    clean(run("review", made, "--verify"), (0, 1))
    entries = json.loads(made.read_text(encoding="utf-8"))["history"]
    assert len(entries) >= 1
    for _ in range(2):
        clean(earlier("corpus", "add", SEED.with_name(SEED.name)), (0,))
        clean(run("ask", "残保金预算多少"), (0,))


def test_two_at_once_lose_nothing(run: Run, tmp_path: Path, home: Path) -> None:
    """Two adding, two drafting, two deciding at the same time."""
    texts = []
    for county in ("蔚县", "康保县", "沽源县", "尚义县"):
        texts.append(tmp_path / f"{county}.txt")
        texts[-1].write_text(SEED.read_text(encoding="utf-8").replace("怀来县", county), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "assistant", *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
        )
        for command in (
            ("corpus", "add", *texts[:2]),
            ("corpus", "add", *texts[2:]),
            ("draft", *REQUEST, "-o", tmp_path / "out"),
            ("draft", *REQUEST, "-o", tmp_path / "out"),
        )
    ]
    for process in both:
        _, told = process.communicate(timeout=280)
        assert process.returncode == 0, told
        assert "Traceback" not in told
    listed = run("corpus", "list", "--json").stdout
    assert [text.stem for text in texts if text.stem not in listed] == []
    drafts = sorted((tmp_path / "out").glob("*.json"))
    assert drafts
    assert all(json.loads(path.read_text(encoding="utf-8"))["kind"] == "draft" for path in drafts if path.name.startswith("2026-"))


@pytest.mark.parametrize(
    "terminal",
    [
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
        {"PYTHONIOENCODING": "ascii", "LANG": ""},
        {"PYTHONIOENCODING": "gbk"},
        {"PYTHONIOENCODING": "latin-1:strict", "TERM": "dumb", "COLUMNS": "20"},
    ],
    ids=["locale C", "ascii", "gbk", "latin-1, 20 columns"],
)
def test_a_terminal_without_chinese_gets_every_line(terminal: dict[str, str], made: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **terminal}
    environment = {name: value for name, value in environment.items() if value}
    for arguments in (
        ("ask", "残保金预算多少"),
        ("validate", made),
        ("review", made, "--list"),
        ("draft", "--name"),
        ("corpus", "list"),
        ("rules",),
        ("read", "没有.docx"),
    ):
        result = subprocess.run([sys.executable, "-m", "assistant", *map(str, arguments)], capture_output=True, env=environment, cwd=tmp_path, check=False)
        assert b"Traceback" not in result.stderr, result.stderr[-1500:]
        assert result.returncode in (0, 1, 2)
        assert result.stdout + result.stderr


NAMES = ["CON", "NUL", "a:b?", "项目.", "项目 ", "aux.txt", "LPT1", "x/y\\z", '<>|*"', "..", "项" * 200, "\u202e倒写", "COM¹", " ", "甲\t乙\n丙", "😀"]


def test_project_names_that_no_windows_folder_takes(run: Run, tmp_path: Path) -> None:
    """Every project is saved under a name that Windows, macOS and Linux take, and none over another."""
    projects = tmp_path / "projects.json"
    rows = [{"name": f"{name}", "year": 2026, "budget": str(5 + i), "purpose": "用于农民技能培训"} for i, name in enumerate(NAMES)]
    projects.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    result = run("draft", "--projects", projects, "-o", tmp_path / "out", timeout=280)
    clean(result)
    saved = sorted(path.name for path in (tmp_path / "out").glob("2026-*.json"))
    assert len(saved) >= len([name for name in NAMES if name.strip() not in ("", "..")]) - 1, (saved, result.stdout[-800:])
    reserved = {"CON", "PRN", "AUX", "NUL", *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "123456789¹²³")}
    for name in (path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")):
        assert not set(name) & set('<>:"/\\|?*\t\n\r\u202e'), name
        assert name.split(".")[0].upper() not in reserved, name
        assert not name.rsplit(".", 1)[0].endswith((".", " ")), name
        assert len(name.encode()) <= 255, name
    everywhere = {path.resolve().parent for path in tmp_path.rglob("2026-*")}
    assert everywhere == {(tmp_path / "out").resolve()}


@pytest.mark.parametrize("place", ["空 格/中文 夹", "a'b\"c$d", "结尾."])
def test_folders_with_odd_names(run: Run, tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True)
    text = folder / "一份 文本(终稿)#1.txt"
    text.write_bytes(SEED.read_bytes())
    env = {"ASSISTANT_HOME": str(folder / "home")}
    clean(run("corpus", "add", folder, env=env), (0,))
    clean(run("validate", text, env=env), (0, 1))
    clean(run("draft", *REQUEST, "-o", folder / "出", env=env), (0,))
    assert list((folder / "出").glob("*.docx"))


def test_a_workbook_of_a_million_rows(run: Run, tmp_path: Path) -> None:
    """Read or refused in words, within a gigabyte and a half of memory."""
    path = tmp_path / "big.xlsx"
    head = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    row = '<row><c t="inlineStr"><is><t>培训人数</t></is></c><c><v>46</v></c></row>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", head + row * 1_000_000 + "</sheetData></worksheet>")
    code = "import sys\nfrom assistant.cli.app import app\ntry:\n    app(sys.argv[1:])\nfinally:\n    import resource\n    print('PEAK', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)\n"
    if os.name == "nt":
        code = "from assistant.cli.app import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run([sys.executable, "-c", code, "read", str(path)], capture_output=True, encoding="utf-8", env=environment, timeout=280, check=False)
    peak = [int(line.split()[1]) for line in result.stderr.splitlines() if line.startswith("PEAK")]
    clean(result)
    assert not peak or peak[0] < 1500


@POSIX
def test_a_slow_disk_changes_nothing_but_the_time(tmp_path: Path, home: Path) -> None:
    """Every wait for the disk takes a twentieth of a second more, as on a network share; locks and whole-or-nothing writes still hold."""
    code = (
        "import os, time\nreal, move = os.fsync, os.replace\n"
        "def slow(handle):\n    time.sleep(0.05)\n    return real(handle)\ndef moved(*a, **k):\n    time.sleep(0.05)\n    return move(*a, **k)\n"
        "os.fsync, os.replace = slow, moved\nfrom assistant.cli.app import main\nmain()"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", code, "draft", *REQUEST, "-o", str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        for _ in range(2)
    ]
    for process in commands:
        _, told = process.communicate(timeout=280)
        assert process.returncode == 0, told
    for path in (tmp_path / "out").glob("2026-*.json"):
        assert json.loads(path.read_text(encoding="utf-8"))["kind"] == "draft"
