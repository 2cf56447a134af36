"""Without a model nothing opens a connection: every command runs under an audit hook that records and forbids each attempt.

Also the two Chinese lines and exit code 2 for everything a user can get wrong, with nothing half-written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
GUARD = """
import os, sys
def watch(event, args, place=os.environ["ATTEMPTS"]):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname", "socket.bind", "urllib.Request"):
        with open(place, "a", encoding="utf-8") as stream:
            stream.write(f"{event} {args[1:]}\\n")
        raise PermissionError("no network")
sys.addaudithook(watch)
"""


@pytest.fixture
def offline(tmp_path: Path, home: Path) -> Callable[..., tuple[subprocess.CompletedProcess[str], str]]:
    """Run a command with every connection forbidden; its result and the attempts it made."""
    guard, attempts = tmp_path / "guard", tmp_path / "attempts"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    attempts.touch()

    def call(*args: object, input: str = "", program: Sequence[str] = ("-m", "assistant")) -> tuple[subprocess.CompletedProcess[str], str]:
        environment = {**os.environ, "PYTHONPATH": f"{guard}{os.pathsep}{ROOT}", "ATTEMPTS": str(attempts), "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, *program, *map(str, args)]
        result = subprocess.run(command, input=input, capture_output=True, encoding="utf-8", env=environment, cwd=tmp_path, timeout=200, check=False)
        return result, attempts.read_text(encoding="utf-8")

    return call


def test_the_guard_bites(offline: Callable[..., tuple[subprocess.CompletedProcess[str], str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("ASSISTANT_MODEL", "m")
    _, attempts = offline("draft", "残保金2026年预算480万", "--drafter", "model")
    assert attempts


Command = tuple[tuple[object, ...], str, set[int]]
NAME = "残疾人就业保障金"
MAKING = ("draft", "--name", NAME, "--year", "2026", "--budget", "480", "--purpose", "用于残疾人就业、培训。", "--no-input")


# Every command in a fork of one process that has the libraries loaded: each is as alone as in a process of its own, and starts at once.
RUNNER = """
import json, os, sys
from assistant.cli.app import main
import assistant.chat, assistant.drafting, assistant.extraction, assistant.validation, chromadb
folder = sys.argv[1]
for i, (arguments, said) in enumerate(json.loads(sys.stdin.read())):
    name = os.path.join(folder, f"command{i}")
    with open(name + ".in", "w", encoding="utf-8") as stream:
        stream.write(said)
    child = os.fork()
    if not child:
        for target, ending, mode in ((0, ".in", os.O_RDONLY), (1, ".out", os.O_WRONLY | os.O_CREAT), (2, ".err", os.O_WRONLY | os.O_CREAT)):
            os.dup2(os.open(name + ending, mode), target)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(i, mode, encoding="utf-8") for i, mode in enumerate("rww"))
        sys.argv = ["assistant", *arguments]
        code = 1
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), os.path.getsize(os.environ["ATTEMPTS"])]), flush=True)
"""


def goes_through(offline: Callable[..., tuple[subprocess.CompletedProcess[str], str]], commands: list[Command]) -> None:
    out = Path(f"{os.environ['ASSISTANT_HOME']}-commands")
    out.mkdir()
    script = out / "runner.py"
    script.write_text(RUNNER, encoding="utf-8")
    given = json.dumps([[list(map(str, arguments)), said] for arguments, said, _ in commands])
    result, attempts = offline(out, input=given, program=[str(script)])
    assert result.returncode == 0, result.stderr[-2000:]
    ends = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(ends) == len(commands)
    for i, ((arguments, _, codes), (code, attempted)) in enumerate(zip(commands, ends, strict=True)):
        said, told = ((out / f"command{i}.{ending}").read_text(encoding="utf-8") for ending in ("out", "err"))
        assert not attempted, (arguments, attempts)
        assert code in codes, (arguments, said[-500:], told[-500:])
        assert "Traceback" not in told, (arguments, told)


def test_no_command_opens_a_connection(offline: Callable[..., tuple[subprocess.CompletedProcess[str], str]], tmp_path: Path) -> None:
    draft = tmp_path / "out" / f"2026-{NAME}.json"
    commands: list[Command] = [
        (("read", TEXT), "", {0}),
        (("corpus", "list"), "", {0}),
        (("corpus", "stats"), "", {0}),
        (("corpus", "search", "培训补贴标准"), "", {0}),
        (("ask", "残保金今年预算多少"), "", {0}),
        (("ask", "数量指标怎么写"), "", {0}),
        ((*MAKING, "-o", tmp_path / "out"), "", {0}),
        (("validate", TEXT), "", {0, 1}),
        (("validate", draft, "--format", "html", "-o", tmp_path / "r.html"), "", {0, 1}),
        (("rules",), "", {0}),
        (("export", draft, "--to", "xlsx", "-o", tmp_path / "x.xlsx"), "", {0}),
        (("review", draft, "--list"), "", {0, 1}),
        (("chat",), "你好\n残保金今年预算多少\n再见\n", {0}),
        (("doctor",), "", {0, 1}),
        (("config", "show"), "", {0}),
        (("log", "list"), "", {0}),
        (("evals", "list"), "", {0}),
    ]
    goes_through(offline, commands)


def test_none_that_writes_does_either(offline: Callable[..., tuple[subprocess.CompletedProcess[str], str]], tmp_path: Path) -> None:
    draft = tmp_path / "out" / f"2026-{NAME}.json"
    copied, projects, decisions = tmp_path / "另一份.txt", tmp_path / "projects.csv", tmp_path / "decisions.json"
    copied.write_text(TEXT.read_text(encoding="utf-8").replace("怀来县", "蔚县"), encoding="utf-8")
    projects.write_text("name,year,budget,purpose\n培训,2026,5,用于农民技能培训\n", encoding="utf-8")
    decisions.write_text('{"decisions": [{"cell": "purpose", "action": "accept"}]}', encoding="utf-8")
    commands: list[Command] = [
        (("corpus", "add", copied), "", {0}),
        (("corpus", "search", "培训补贴"), "", {0}),
        (("corpus", "remove", copied.name), "", {0}),
        (("department", "--year", "2026", "-o", tmp_path / "all"), "", {0}),
        (("draft", "--projects", projects, "-o", tmp_path / "batch"), "", {0, 1}),
        ((*MAKING, "-o", tmp_path / "out"), "", {0}),
        (("review", draft, "--decide", decisions, "--person", "张三"), "", {0, 1}),
        (("review", draft, "--verify"), "", {0, 1}),
        (("config", "set", "person", "张三"), "", {0}),
        (("log", "prune", "--all"), "", {0}),
        (("doctor", "--privacy"), "", {0}),
    ]
    goes_through(offline, commands)


def test_nor_does_an_eval_run(offline: Callable[..., tuple[subprocess.CompletedProcess[str], str]]) -> None:
    pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
    goes_through(offline, [(("evals", "run", "robustness", "--limit", "2"), "", {0, 1})])


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace: an audit hook does not see what compiled libraries do")
@pytest.mark.parametrize("arguments", [("corpus", "search", "培训补贴"), ("chat",)], ids=" ".join)
def test_compiled_libraries_open_no_connection_either(arguments: tuple[str, ...], tmp_path: Path, home: Path) -> None:
    seen = tmp_path / "seen"
    trace = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(seen)]
    if subprocess.run([*trace, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this place does not let processes be traced")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    said = "残保金今年预算多少\n再见\n"
    result = subprocess.run(
        [*trace, sys.executable, "-m", "assistant", *arguments], input=said, capture_output=True, encoding="utf-8", env=environment, cwd=tmp_path, check=False
    )
    assert result.returncode == 0, result.stderr
    assert not [line for line in seen.read_text(encoding="utf-8").splitlines() if re.search(r"AF_INET|sin_addr|sin6_addr", line)]


WRONG = [
    ("read", "没有这个文件.docx"),
    ("read", "empty.txt"),
    ("read", "noise.docx"),
    ("read", "letter.txt"),
    ("read",),
    ("validate", "没有这个文件.docx"),
    ("validate", "empty.txt"),
    ("draft", "--name", "甲", "--year", "2026", "--budget", "abc"),
    ("draft", "--name", "甲", "--year", "2026", "--budget", "-5"),
    ("draft", "--name", "甲", "--year", "二零年", "--budget", "5"),
    ("draft", "--name", "甲", "--drafter", "gpt"),
    ("draft", "--name", "甲", "--frame", "1999"),
    ("draft", "--projects", "没有.xlsx"),
    ("draft",),
    ("ask", ""),
    ("rules", "ZZ999"),
    ("review", "没有.json"),
    ("export", "没有.json"),
    ("export", "letter.txt", "--to", "exe"),
    ("corpus", "show", "没有这份"),
    ("corpus", "remove", "没有这份"),
    ("evals", "run", "没有"),
    ("log", "show", "999"),
    ("config", "set", "没有的键", "1"),
    ("chat", "--session", "没有"),
    ("validate", "--format", "doc", "letter.txt"),
    ("没有的命令",),
    ("draft", "--没有的选项"),
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_is_two_chinese_lines(arguments: tuple[str, ...], run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "noise.docx").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "letter.txt").write_text("各位同事：明天上午九点开会，请准时参加。\n", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    result = run(*arguments, cwd=tmp_path)
    told = [line for line in result.stderr.splitlines() if line.startswith(("错误：", "建议："))]
    assert result.returncode == 2, (result.returncode, result.stdout[-300:], result.stderr)
    assert [line[:3] for line in told] == ["错误：", "建议："], result.stderr
    assert "Traceback" not in result.stderr
    assert all(len(line) > 6 for line in told)
    assert sorted(tmp_path.rglob("*")) == before
