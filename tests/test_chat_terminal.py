"""The conversation in a real terminal: Chinese typed and corrected, pasted lines, completion, resize, interrupt, kill -9 and going on; pipes."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console

from assistant.cli.chatting import _markdown
from assistant.cli.completing import Words
from tests.conftest import ROOT
from tests.model_server import chunk, serving

BACKSPACE, LEFT, TAB, INTERRUPT, END = "\x7f", "\x1b[D", "\t", "\x03", "\x04"


@pytest.fixture
def terminal(home: Path) -> Iterator[Callable[..., Any]]:
    """Start ``assistant chat`` in a pseudo terminal of 80 × 24."""
    pexpect = pytest.importorskip("pexpect")
    if sys.platform == "win32":
        pytest.skip("needs a pseudo terminal")
    running: list[Any] = []

    def start(*arguments: str, **more: str) -> Any:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8", "ASSISTANT_HOME": str(home), **more}
        child = pexpect.spawn(sys.executable, ["-m", "assistant", "chat", *arguments], env=environment, dimensions=(24, 80), encoding="utf-8", timeout=60)
        running.append(child)
        child.expect("›")
        return child

    yield start
    for child in running:
        child.close(force=True)


def turns(home: Path) -> list[dict[str, Any]]:
    """The turns of the newest session on disk."""
    files = sorted((home / "sessions").glob("*.json"), key=lambda path: path.stat().st_mtime)
    found: list[dict[str, Any]] = json.loads(files[-1].read_text(encoding="utf-8"))["turns"] if files else []
    return found


def ended(child: Any) -> None:
    """End the conversation; only a prompt that stands there takes the end of input for what it is, so it is said until it is heard."""
    import pexpect

    for _ in range(12):
        child.send(END)
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=5) == 0:
            return
    raise AssertionError("the conversation did not end")


def until(child: Any, condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait, taking what the terminal writes, so that it never waits for us."""
    import pexpect

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        with contextlib.suppress(pexpect.TIMEOUT):
            child.read_nonblocking(65536, timeout=0.05)


def test_wide_characters_are_edited_by_backspace_and_cursor_keys(terminal: Callable[..., Any], home: Path) -> None:
    child = terminal()
    # 残疾保金 → 残保金, and 多少 put in before the mark.
    child.send("残疾" + BACKSPACE + "保金今年预算？" + LEFT + "多少\r")
    child.expect("470")
    until(child, lambda: len(turns(home)) == 1)
    assert turns(home)[0]["user"] == "残保金今年预算多少？"


def test_pasted_lines_are_one_turn(terminal: Callable[..., Any], home: Path) -> None:
    child = terminal()
    child.send("\x1b[200~项目：农村公路养护\r预算：300万元\r用途：县乡道路日常养护200公里\x1b[201~")
    time.sleep(0.3)
    child.send("\r")
    until(child, lambda: len(turns(home)) == 1)
    assert turns(home)[0]["user"].count("\n") == 2
    assert "300" in turns(home)[0]["reply"]
    assert len(list((home / "drafts").glob("*.json"))) == 1


def test_interrupting_the_line_keeps_the_session_and_a_new_size_the_screen(terminal: Callable[..., Any], home: Path) -> None:
    child = terminal()
    child.send("你好\r")
    until(child, lambda: len(turns(home)) == 1)
    child.send("打了一半" + INTERRUPT)
    child.setwinsize(10, 40)
    time.sleep(0.2)
    child.setwinsize(50, 160)
    child.send("谢谢\r")
    until(child, lambda: len(turns(home)) == 2)
    assert [turn["user"] for turn in turns(home)] == ["你好", "谢谢"]
    ended(child)
    child.close()
    assert child.exitstatus == 0


def test_killed_in_the_middle_everything_said_is_there_and_goes_on(terminal: Callable[..., Any], home: Path) -> None:
    child = terminal()
    child.send("残保金2026年预算480万\r")
    until(child, lambda: len(turns(home)) == 1)
    child.send("满意度提到95%\r")
    until(child, lambda: len(turns(home)) == 2)
    child.kill(9)
    child.wait()
    again = terminal("--session", "last")
    again.send("它改成96%\r")
    until(again, lambda: len(turns(home)) == 3)
    assert "≥95% → ≥96%" in turns(home)[2]["reply"]
    assert len(list((home / "sessions").glob("*.json"))) == 1


def test_tab_completes_a_slash_command(terminal: Callable[..., Any], home: Path) -> None:
    child = terminal()
    child.send("/he" + TAB)
    time.sleep(0.3)
    child.send("\r")
    until(child, lambda: len(turns(home)) == 1)
    assert turns(home)[0]["user"].strip() == "/help"


def test_ctrl_c_stops_an_answer_that_is_being_written_and_keeps_the_session(terminal: Callable[..., Any], home: Path) -> None:
    def endless(exchange: Any) -> None:
        exchange.stream()
        for _ in range(200):
            exchange.event(chunk({"role": "assistant", "content": "慢慢说，"}))
            time.sleep(0.05)

    with serving(endless) as server:
        child = terminal(OPENAI_API_KEY="k", OPENAI_BASE_URL=server.url, ASSISTANT_MODEL="m")
        child.send("说说残保金\r")
        child.expect("慢慢说")
        child.send(INTERRUPT)
        child.expect("已停止这个回答")
        child.expect("›")
        child.send("/session\r")
        child.expect("本次对话编号")
    assert [turn["user"] for turn in turns(home)] == ["/session"]


def words() -> Words:
    return Words(["残疾人就业保障金", "残疾人托养"], ["F101", "F113", "V207"], ["docx", "xlsx"], lambda: ["农村公路养护-2026"])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("/ex", ["explain", "export"]),
        ("/export ", ["docx", "xlsx"]),
        ("/explain F1", ["F101", "F113"]),
        ("/open 公路", ["农村公路养护-2026"]),
        ("把残疾人就", ["残疾人就业保障金"]),
        ("起草残疾人", ["残疾人就业保障金", "残疾人托养"]),
        ("解释一下 V2", ["V207"]),
        ("", []),
    ],
)
def test_what_is_completed(typed: str, found: list[str]) -> None:
    assert [each.text for each in words().get_completions(Document(typed), CompleteEvent())] == found


def test_files_are_completed(tmp_path: Path) -> None:
    (tmp_path / "目标表.docx").touch()
    for typed in (f"/read {tmp_path}/目", f"检查 {tmp_path}/目"):
        assert [each.text for each in words().get_completions(Document(typed), CompleteEvent())] == ["标表.docx"]


def test_a_pipe_is_answered_line_by_line_and_sessions_are_listed_branched_and_exported(run: Callable[..., Any], home: Path, tmp_path: Path) -> None:
    said = "残保金2026年预算480万\n都跳过\n满意度提到95%\n再见\n"
    done = run("chat", "--json", input=said)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["question", "draft", "edit", "bye"]
    assert lines[-1]["over"] is True
    listed = json.loads(run("chat", "--list", "--json").stdout)
    assert [one["turns"] for one in listed] == [4]
    branched = run("chat", "--session", "last", "--branch", "2", input="满意度是多少？\n")
    assert "≥95%" in branched.stdout, "the draft is not rolled back by a branch"
    assert len(json.loads(run("chat", "--list", "--json").stdout)) == 2
    out = tmp_path / "对话.md"
    assert run("chat", "--session", listed[0]["id"], "--export", out).returncode == 0
    assert "满意度提到95%" in out.read_text(encoding="utf-8")


def test_what_a_conversation_cannot_begin_with_is_said_at_once(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "坏.json").write_text("{", encoding="utf-8")
    for arguments, words in (
        (("--draft", tmp_path / "坏.json"), "不是草稿"),
        (("--export", tmp_path / "对话.md"), "--export 要和 --session 一起用"),
        (("--session", "last"), "还没有对话"),
        (("--branch", "2"), "--branch 要和 --session 一起用"),
    ):
        done = run("chat", *arguments, input="")
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "对话.md").exists()


def test_an_answer_is_shown_where_the_conversation_cannot_be_kept(run: Callable[..., Any], home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "sessions").write_text("在文件夹的位置上是一个文件", encoding="utf-8")
    done = run("chat", "--json", input="残保金今年预算多少？\n谢谢\n")
    first, second = (json.loads(line)["reply"] for line in done.stdout.splitlines())
    assert "470.00" in first
    assert "这个对话没有存下来" in first
    assert "没有存下来" not in second


def test_lines_stay_lines_and_long_cells_are_folded_on_a_narrow_terminal() -> None:
    name = "得到培训或职业介绍服务的残疾人和他们的家庭成员"
    out = io.StringIO()
    Console(width=40, file=out).print(_markdown(f"第1行：3 → 4\n第2行：5 → 6\n\n| 行 | 三级指标 |\n| --- | --- |\n| 1 | {name}{name} |"))
    lines = [line.strip() for line in out.getvalue().splitlines()]
    assert lines[:2] == ["第1行：3 → 4", "第2行：5 → 6"]
    assert name * 2 in "".join(lines).replace(" ", "")
