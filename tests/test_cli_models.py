"""The model side as a user meets it: settings, log, doctor, dry run, faults in two lines, 继续离线; and where requests go."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from assistant.cli.app import app
from tests.model_server import Exchange, ModelServer, Step, chunk, gives, hangs, refuses, resets, says, serving

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose corpus is read and indexed already."""
    from assistant.corpus import Corpus
    from assistant.store import open_store

    place = tmp_path_factory.mktemp("indexed")
    corpus = Corpus.open(place)
    open_store(place).refresh(corpus)
    corpus.close()
    return place


@pytest.fixture(autouse=True)
def _begin_indexed(indexed: Path, home: Path) -> None:
    shutil.copytree(indexed / "corpus", home / "corpus", dirs_exist_ok=True)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program in this process: the heavy libraries are loaded once for all tests of the file."""

    def call(*arguments: object, input: str | None = None, env: dict[str, str] | None = None) -> Result:
        with monkeypatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


KEY = "sk-secret-12345678"
REQUEST = ("残保金2026年495万，其中培训55人、人均1600元", "--json")


def environment(server: ModelServer, model: str = "deepseek-chat") -> dict[str, str]:
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "ASSISTANT_MODEL": model, "ASSISTANT_MODEL_TIMEOUT": "60"}


def table_of(exchange: Exchange, **changes: dict[str, str]) -> str:
    """The rows the prompt shows, given back as an answer with some cells changed."""
    rows = []
    for line in exchange.body["messages"][1]["content"].splitlines():
        if match := re.match(r"(r\d+)\|", line):
            cells = line.split("|")
            names = ("id", "level1", "level2", "level3", "description", "value", "basis")
            rows.append({**dict(zip(names, cells, strict=False)), "source": match[1], "reason": "", **changes.get(match[1], {})})
    return json.dumps({"goals": [], "indicators": rows, "questions": []}, ensure_ascii=False)


def echoes(**changes: dict[str, str]) -> Step:
    return lambda exchange: says(table_of(exchange, **changes))(exchange)


def test_a_draft_with_a_model(run: Run, tmp_path: Path, home: Path) -> None:
    better = {"level3": "残疾人职业技能培训人数", "description": "年内参加培训并结业的残疾人，同一人只计一次"}
    with serving(echoes(r1=better)) as server:
        done = run("draft", *REQUEST, "--drafter", "model", "-o", tmp_path, env=environment(server))
        assert done.exit_code == 0, done.stderr
        assert all(sent.headers["host"] == server.url.split("/")[2] for sent in server.seen)
        assert all(sent.headers["authorization"] == f"Bearer {KEY}" for sent in server.seen)
    draft = json.loads(done.stdout)
    assert draft["trace"]["drafter"] == "model"
    assert draft["table"]["indicators"][0]["level3"] == better["level3"]
    assert draft["table"]["indicators"][0]["value"]["text"] == "≥55人"
    assert "模型 deepseek-chat" in done.stderr
    assert "元" in done.stderr
    assert stat.S_IMODE((home / "calls.sqlite").stat().st_mode) == 0o600
    assert KEY.encode() not in (home / "calls.sqlite").read_bytes()
    assert KEY not in done.stdout + done.stderr
    listed = json.loads(run("log", "list", "--json").stdout)["calls"]
    assert listed
    shown = run("log", "show", listed[0]["id"])
    assert "残疾人就业保障金" in shown.stdout
    assert "system" not in shown.stdout.split("\n")[0]
    whole = json.loads(run("log", "show", listed[0]["id"], "--json").stdout)
    assert whole["messages"][0]["role"] == "system"
    assert re.fullmatch(r"draft@\d+#[0-9a-f]{12}", whole["prompt"])
    assert run("log", "prune", "--all").stdout.startswith("已删除")
    assert "还没有" in run("log", "list").stdout


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (refuses(401, f"bad key {KEY}"), "密钥"),
        (refuses(404, "Not Found"), "地址不对"),
        (refuses(402, "Insufficient Balance"), "余额"),
        (gives(b"<html>login</html>", kind="text/html"), "网页"),
        (says("对不起，我不能回答。"), "没有可用的表"),
        (says("", refusal="I cannot"), "拒绝回答"),
        (resets(), "中途断开"),
    ],
)
def test_a_fault_is_two_lines_with_the_way_on(run: Run, tmp_path: Path, step: Step, words: str) -> None:
    with serving(step) as server:
        done = run("draft", *REQUEST, "--drafter", "model", "-o", tmp_path, env=environment(server))
    assert done.exit_code == 2
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith(("错误：", "建议："))]
    assert len(lines) == 2
    assert words in lines[0]
    assert "--continue-offline" in lines[1]
    assert "Traceback" not in done.stderr
    assert KEY not in done.stderr
    assert not list(tmp_path.iterdir())


def test_going_on_offline_gives_the_embedded_draft_with_a_mark(run: Run, tmp_path: Path) -> None:
    with serving(refuses(401, "no")) as server:
        done = run("draft", *REQUEST, "--drafter", "model", "--continue-offline", "-o", tmp_path, env=environment(server))
    offline = run("draft", *REQUEST, "-o", tmp_path / "offline")
    assert done.exit_code == 0
    draft, plain = json.loads(done.stdout), json.loads(offline.stdout)
    assert draft["table"] == plain["table"]
    assert "已继续离线" in draft["trace"]["notes"][-1]
    assert "已继续离线" in done.stderr


def test_a_dry_run_shows_everything_and_sends_nothing(run: Run, tmp_path: Path) -> None:
    with serving(says("{}")) as server:
        shown = run("draft", REQUEST[0], "--dry-run", "-o", tmp_path, env=environment(server))
        exact = run("draft", *REQUEST, "--dry-run", "-o", tmp_path, env=environment(server))
        assert server.seen == []
        sent = run("draft", *REQUEST, "--drafter", "model", "-o", tmp_path / "out", env=environment(server))
        assert sent.exit_code == 2
        real = server.seen[0].body
    assert "没有发送" in shown.stdout
    assert "词元" in shown.stdout
    assert "约0.0" in shown.stdout
    call = json.loads(exact.stdout)["calls"][0]
    assert call["body"] == real
    assert call["tokens"]["prompt"] <= 6000
    assert KEY not in shown.stdout + exact.stdout
    assert not list(tmp_path.glob("*.json"))


def test_without_a_model_the_draft_says_how_to_set_one(run: Run, tmp_path: Path) -> None:
    done = run("draft", *REQUEST, "--drafter", "model", "-o", tmp_path)
    assert done.exit_code == 2
    assert "config set preset" in done.stderr


def test_settings_are_written_privately_and_the_key_is_never_shown(run: Run, home: Path) -> None:
    assert run("config", "set", "preset", "qwen").exit_code == 0
    changed = run("config", "set", "api_key", input=f"{KEY}\n")
    assert KEY not in changed.stdout + changed.stderr
    run("config", "set", "model_timeout", "30")
    shown = run("config", "show")
    assert "dashscope.aliyuncs.com" in shown.stdout
    assert "已设置，不显示" in shown.stdout
    everything = shown.stdout + run("config", "show", "--json").stdout + run("doctor", "--offline").stdout + run("doctor", "--privacy").stdout
    assert KEY not in everything
    file = Path(run("config", "path").stdout.strip())
    assert file == home / "config.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert KEY in file.read_text(encoding="utf-8")
    run("config", "set", "api_key", "")
    assert KEY not in file.read_text(encoding="utf-8")


def test_what_a_person_wrote_in_the_file_stays(run: Run, home: Path) -> None:
    (home / "config.toml").write_text('# 我的备注\nunit = "怀来县残疾人联合会"  # 本单位\n', encoding="utf-8")
    run("config", "set", "model", "glm-4.6")
    text = (home / "config.toml").read_text(encoding="utf-8")
    assert "# 我的备注" in text
    assert "# 本单位" in text
    assert 'model = "glm-4.6"' in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("preset", "nope"), "没有名为“nope”的预设"),
        (("nope", "1"), "没有设置“nope”"),
        (("model_timeout", "0"), "大于 0"),
        (("base_url", "example"), "不是网址"),
        (("model_price", "abc"), "不是单价"),
    ],
)
def test_a_wrong_setting_is_told_and_not_written(run: Run, home: Path, arguments: tuple[str, str], words: str) -> None:
    done = run("config", "set", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (home / "config.toml").exists()


def test_a_closed_input_clears_no_setting(run: Run, home: Path) -> None:
    assert run("config", "set", "unit", "甲局").exit_code == 0
    assert "没有给出“unit”的值" in run("config", "set", "unit", input="").stderr
    assert "甲局" in (home / "config.toml").read_text(encoding="utf-8")
    assert run("config", "set", "unit", input="\n").exit_code == 0
    assert "甲局" not in (home / "config.toml").read_text(encoding="utf-8")


def checks(run: Run, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
    done = run("doctor", "--json", *arguments, env=env)
    return done.exit_code, {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_doctor_without_a_model(run: Run) -> None:
    code, found = checks(run)
    assert code == 0
    assert found["模型"]["state"] == "off"
    assert {"Python", "程序包", "LibreOffice", "扫描件识别", "工作区", "资料库", "索引"} <= set(found)


def healthy(exchange: Exchange) -> None:
    if exchange.path.endswith("/models"):
        gives(b'{"data":[{"id":"deepseek-chat"}]}')(exchange)
    elif "response_format" in exchange.body or "tools" in exchange.body:
        says('{"答":"2"}')(exchange)
    else:
        says("一、二、三、四、五、六、七、八、九、十", piece=2)(exchange)


def test_doctor_with_a_healthy_endpoint(run: Run) -> None:
    with serving(healthy) as server:
        code, found = checks(run, env=environment(server))
    assert code == 0
    assert {found[name]["state"] for name in ("模型服务连接", "模型名", "结构化输出", "流式输出", "用量与费用")} == {"ok"}


@pytest.mark.parametrize(
    ("step", "model", "name", "state", "words"),
    [
        (refuses(401, "no"), "m", "模型服务连接", "failed", "密钥"),
        (healthy, "deepseek-chatt", "模型名", "warning", "deepseek-chat"),
        (lambda x: (gives(b"{}") if x.path.endswith("models") else refuses(404, "model m not found"))(x), "m", "结构化输出", "failed", "config set model"),
        (lambda x: (gives(b"{}") if x.path.endswith("models") else says('{"答":"2"}', ignore_stream=True))(x), "m", "流式输出", "warning", "不能逐行"),
        (
            lambda x: (gives(b"{}") if x.path.endswith("models") else refuses(400, "response_format, tools") if x.rung != "text" else says("二"))(x),
            "m",
            "结构化输出",
            "warning",
            "修复",
        ),
        (lambda x: (gives(b"{}") if x.path.endswith("models") else says('{"答":"2"}', usage=None))(x), "m", "用量与费用", "warning", "估计"),
    ],
)
def test_doctor_names_the_mend(run: Run, step: Step, model: str, name: str, state: str, words: str) -> None:
    with serving(step) as server:
        code, found = checks(run, env=environment(server, model))
    assert found[name]["state"] == state
    assert words in found[name]["mend"] + found[name]["detail"]
    assert code == (1 if state == "failed" else 0)


def test_doctor_when_nobody_listens(run: Run) -> None:
    code, found = checks(run, env={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "ASSISTANT_MODEL": "m"})
    assert code == 1
    assert found["模型服务连接"]["state"] == "failed"


def test_privacy_tells_what_is_kept_and_sent(run: Run) -> None:
    run("draft", *REQUEST)
    nothing = json.loads(run("doctor", "--privacy", "--json").stdout)
    assert nothing["sent"] == []
    assert any("drafts" in entry["path"] for entry in nothing["stored"])
    set_ = json.loads(run("doctor", "--privacy", "--json", env={"OPENAI_BASE_URL": "https://api.deepseek.com/v1", "ASSISTANT_MODEL": "m"}).stdout)
    assert [entry["to"] for entry in set_["sent"]] == ["https://api.deepseek.com/v1"]


def test_the_networks_proxy_is_used_for_far_addresses_only(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(healthy) as server:
        proxy = server.url.removesuffix("/v1")
        env = {**environment(server), "OPENAI_BASE_URL": "http://model.invalid/v1", "HTTP_PROXY": proxy, "http_proxy": proxy, "NO_PROXY": ""}
        code, found = checks(run, env=env)
        assert all(sent.path.startswith("http://model.invalid/v1/") for sent in server.seen)
        assert server.seen
        near, _ = checks(run, env={**environment(server), "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"})
    assert (code, near) == (0, 0)
    assert "proxy" not in capfd.readouterr().err
    assert "代理" in found["模型服务地址"]["detail"]


GUARD = """
import socket, sys
allowed = sys.argv[1] if sys.argv[1] != "-" else None
tried = []
real = socket.socket.connect
def connect(self, address):
    if isinstance(address, tuple):
        tried.append(f"{address[0]}:{address[1]}")
        if allowed is None or tried[-1] != allowed:
            raise OSError("blocked " + tried[-1])
    return real(self, address)
socket.socket.connect = connect
socket.socket.connect_ex = lambda self, address: (tried.append(str(address)), 111)[1]
def resolve(host, *rest, _real=socket.getaddrinfo, **more):
    if allowed is None or host != allowed.split(":")[0]:
        tried.append(f"resolve {host}")
        raise OSError("blocked " + str(host))
    return _real(host, *rest, **more)
socket.getaddrinfo = resolve
sys.argv = ["assistant", *sys.argv[2:]]
from assistant.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as end:
    code = end.code
print("TRIED", sorted(set(tried)), "CODE", code, file=sys.stderr)
"""
HOSTILE = {
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "ls-x",
    "LANGSMITH_ENDPOINT": "http://127.0.0.2:1",
    "LANGSMITH_GATEWAY": "true",
    "OPENAI_PROXY": "http://127.0.0.3:1",
    "OPENAI_ORG_ID": "org",
    "HTTP_PROXY": "http://127.0.0.4:1",
    "HTTPS_PROXY": "http://127.0.0.4:1",
    "ANONYMIZED_TELEMETRY": "true",
}


def guarded(allowed: str, arguments: tuple[object, ...], env: dict[str, str]) -> str:
    import os
    import sys

    from tests.conftest import ROOT

    done = subprocess.run(
        [sys.executable, "-c", GUARD, allowed, *map(str, arguments)],
        env={**os.environ, **HOSTILE, **env, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.stderr


def test_embedded_mode_opens_no_connection(tmp_path: Path) -> None:
    for arguments in (("draft", REQUEST[0], "-o", tmp_path), ("ask", "残保金多少钱"), ("doctor",), ("draft", REQUEST[0], "--dry-run")):
        assert "TRIED [] CODE 0" in guarded("-", arguments, {}), arguments


def test_with_a_model_only_its_address_is_spoken_to(tmp_path: Path) -> None:
    with serving(echoes()) as server:
        place = server.url.split("/")[2]
        said = guarded(place, ("draft", REQUEST[0], "--drafter", "model", "-o", tmp_path), environment(server))
        headers = server.seen[0].headers
    assert f"TRIED ['{place}'] CODE 0" in said
    assert "openai-organization" not in headers


def test_an_answer_in_a_models_words(run: Run) -> None:
    def step(exchange: Exchange) -> None:
        assert "470.00" in exchange.body["messages"][1]["content"]
        says('{"answered":true,"sentences":[{"text":"2025年残疾人就业保障金的预算数是470.00万元。","cites":["1"]}]}')(exchange)

    with serving(step) as server:
        phrased = json.loads(run("ask", "残保金预算多少", "--json", env=environment(server)).stdout)
        plain = json.loads(run("ask", "残保金预算多少", "--json", "--offline", env=environment(server)).stdout)
        refused = json.loads(run("ask", "县长工资多少", "--json", env=environment(server)).stdout)
        assert len(server.seen) == 1
        dry = run("ask", "残保金预算多少", "--dry-run", env=environment(server))
        assert len(server.seen) == 1
    assert (phrased["mode"], plain["mode"], refused["mode"]) == ("model", "embedded", "embedded")
    assert phrased["answer"].startswith("2025年残疾人就业保障金的预算数是470.00万元[1]。")
    assert phrased["citations"] == plain["citations"]
    assert not refused["answered"]
    assert "没有发送" in dry.stdout


def test_words_that_do_not_hold_are_left_out_and_said(run: Run) -> None:
    with serving(says('{"answered":true,"sentences":[{"text":"预算数是999万元。","cites":["1"]}]}')) as server:
        done = run("ask", "残保金预算多少", env=environment(server))
    assert "470.00" in done.stdout
    assert "999" not in done.stdout
    assert "核对不上，没有采用" in done.stderr


def test_answers_go_on_plainly_when_the_model_fails(run: Run) -> None:
    with serving(refuses(401, "no")) as server:
        done = run("ask", "-", "--json", input="残保金预算多少\n残保金培训多少人\n", env=environment(server))
        assert len(server.seen) == 1
    assert done.exit_code == 0
    assert [json.loads(line)["mode"] for line in done.stdout.splitlines()] == ["embedded", "embedded"]
    assert done.stderr.count("密钥") >= 1


PROJECTS = ("残疾人就业保障金", "乡村道路养护", "便携式彩超采购", "困难残疾人生活补贴", "农村饮水安全巩固", "小学营养改善", "政务云运维", "群众文化节")


def listed(folder: Path, count: int) -> Path:
    lines = ["项目名称,年度,预算数,资金用途"]
    lines += [f"{PROJECTS[i % 8]}{'' if i < 8 else f'（{i // 8}片）'},2026,{100 + i},用于{PROJECTS[i % 8]}的购置、培训和补贴发放" for i in range(count)]
    path = folder / "清单.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def summary_of(result: Result) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(result.stdout)
    return value


def test_a_batch_goes_on_where_it_stopped(run: Run, tmp_path: Path) -> None:
    def step(exchange: Exchange) -> None:
        bad = "便携式彩超采购" in exchange.body["messages"][1]["content"] and not healthy
        (refuses(400, "sorry, odd request") if bad else echoes())(exchange)

    healthy: list[int] = []
    with serving(step) as server:
        arguments = ("draft", "--projects", listed(tmp_path, 8), "--drafter", "model", "-o", tmp_path / "out", "--json", "--concurrency", 4)
        first = run(*arguments, env=environment(server))
        assert first.exit_code == 1
        states = [one["state"] for one in summary_of(first)["results"]]
        assert (states[2], states.count("failed")) == ("failed", 1)
        asked = len(server.seen)
        healthy.append(1)
        second = run(*arguments, env=environment(server))
        assert second.exit_code == 0
        assert len(server.seen) == asked + 1
        assert [one["resumed"] for one in summary_of(second)["results"]] == [True, True, False, True, True, True, True, True]
    names = [one["name"] for one in summary_of(second)["results"]]
    assert names == [one["name"] for one in summary_of(first)["results"][:2]] + names[2:]
    assert "词元" in second.stderr


def test_a_batch_never_goes_over_the_ceiling(run: Run, tmp_path: Path) -> None:
    with serving(echoes()) as server:
        arguments = ("draft", "--projects", listed(tmp_path, 8), "--drafter", "model", "-o", tmp_path / "out", "--json", "--concurrency", 2)
        done = run(*arguments, "--max-cost", "0.025", env=environment(server))
        results = summary_of(done)["results"]
        failed = [one for one in results if one["state"] == "failed"]
        assert 0 < len(failed) < 8
        assert all("费用上限" in one["message"] for one in failed)
        assert len(server.seen) == 8 - len(failed)
        offline = run(*arguments, "--max-cost", "0.025", "--continue-offline", env=environment(server))
        assert [one["state"] for one in summary_of(offline)["results"]].count("failed") == 0


def test_a_wrong_key_is_tried_once_for_a_whole_batch(run: Run, tmp_path: Path) -> None:
    with serving(refuses(401, "no")) as server:
        done = run(
            "draft", "--projects", listed(tmp_path, 8), "--drafter", "model", "-o", tmp_path / "out", "--json", "--concurrency", 1, env=environment(server)
        )
        assert len(server.seen) == 1
    assert done.exit_code == 1
    assert all("密钥" in one["message"] for one in summary_of(done)["results"])


@pytest.mark.skipif(not os.environ.get("BENCH"), reason="a figure of speed: BENCH=1 measures it")
@pytest.mark.slow
def test_sixty_four_drafts_at_sixteen_are_twelve_times_as_fast(run: Run, tmp_path: Path) -> None:
    """Slow: one run of 64 calls of 1.5 s, sixteen at once, and one of 6 in a row to compare with."""
    slow: Step = lambda exchange: says(table_of(exchange), latency=1.5)(exchange)  # noqa: E731
    many, few = tmp_path / "many", tmp_path / "few"
    many.mkdir()
    few.mkdir()
    with serving(slow) as server:
        run("draft", "--projects", listed(tmp_path, 1), "--drafter", "model", "-o", tmp_path / "warm", env=environment(server))
        begun = time.perf_counter()
        done = run("draft", "--projects", listed(many, 64), "--drafter", "model", "-o", many / "out", "--json", "--concurrency", 16, env=environment(server))
        together = time.perf_counter() - begun
        begun = time.perf_counter()
        run("draft", "--projects", listed(few, 6), "--drafter", "model", "-o", few / "out", "--json", "--concurrency", 1, env=environment(server))
        one = (time.perf_counter() - begun) / 6
    assert done.exit_code == 0
    assert 64 * one / together >= 12, (one, together)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_ends_a_waiting_call_at_once(tmp_path: Path) -> None:
    import os
    import signal

    from tests.conftest import ROOT

    with serving(hangs(60)) as server:
        env = {**os.environ, **environment(server), "PYTHONPATH": str(ROOT)}
        arguments = [sys.executable, "-m", "assistant", "draft", REQUEST[0], "--drafter", "model", "-o", str(tmp_path)]
        with subprocess.Popen(arguments, env=env, stderr=subprocess.PIPE, encoding="utf-8") as process:
            while not server.seen:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            begun = time.perf_counter()
            _, said = process.communicate(timeout=50)
    assert process.returncode == 130
    assert time.perf_counter() - begun < 45
    assert "操作已中断" in said


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_rows_appear_as_they_are_written_and_going_on_offline_is_offered(tmp_path: Path) -> None:
    import os

    import pexpect

    from tests.conftest import ROOT

    def slowly(exchange: Exchange) -> None:
        text = table_of(exchange)
        exchange.stream()
        for start in range(0, len(text), 150):
            exchange.event(chunk({"content": text[start : start + 150]}))
            time.sleep(0.06)
        exchange.event(chunk({}, "stop"))
        exchange.event("[DONE]")

    script = [slowly, refuses(402, "Insufficient Balance")]
    with serving(*script) as server:
        env = {**os.environ, **environment(server), "PYTHONPATH": str(ROOT), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
        arguments = ["-m", "assistant", "draft", "残保金2026年480万", "--drafter", "model", "--no-input", "-o", str(tmp_path)]
        with pexpect.spawn(sys.executable, arguments, env=env, encoding="utf-8", timeout=60, dimensions=(50, 120)) as terminal:
            terminal.expect("模型正在写")
            terminal.expect("得到培训或职业介绍服务的残疾人")
            terminal.expect("已保存")
            terminal.expect(pexpect.EOF)
        arguments.remove("--no-input")
        with pexpect.spawn(sys.executable, arguments, env=env, encoding="utf-8", timeout=60, dimensions=(50, 120)) as terminal:
            for _ in range(12):
                if terminal.expect(["继续离线起草？", "> "]) == 0:
                    break
                terminal.sendline("")
            assert "余额" in terminal.before
            terminal.sendline("y")
            terminal.expect("已继续离线")
            terminal.expect("已保存")
            terminal.expect(pexpect.EOF)
    drafts = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.json")]
    assert any("已继续离线" in note for draft in drafts for note in draft["trace"]["notes"])
