"""The log of calls, the ledger, and what an endpoint was found to take: private, prunable, and never in the way of a draft."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.errors import InputError, ModelError, SettingsError, WorkspaceError
from assistant.model import Call, Message, ReplayModel, Reply, ScriptedModel, Usage, tokens
from assistant.model.calls import CallLog, LoggedModel
from assistant.model.dialect import Dialect, first
from assistant.model.endpoints import PRESETS, Price, endpoint, recognise
from assistant.model.ledger import Ledger

CALL = Call((Message("system", "规则"), Message("user", "培训多少人？")), prompt="draft@1", purpose="起草 甲")
GOOD = Reply("答", usage=Usage(1000, 800, 200), model="m", seconds=1.5, cost=Decimal("0.0014"))


def log_at(path: Path) -> CallLog:
    moments = iter(f"2026-01-{day:02d}T08:00:00" for day in range(1, 29))
    return CallLog(path, lambda: next(moments))


def logged(path: Path, *script: Reply | ModelError | str) -> tuple[CallLog, LoggedModel]:
    log = log_at(path)
    return log, LoggedModel(ScriptedModel(list(script)), log, host="api.example", timer=lambda: 0.0)


def test_every_call_is_kept_answered_or_failed(tmp_path: Path) -> None:
    log, model = logged(tmp_path / "calls.sqlite", GOOD, ModelError("断了。", kind="reset", partial="半"))
    model.reply(CALL)
    with pytest.raises(ModelError):
        model.reply(CALL)
    failed, good = log.entries()
    assert (good.outcome, good.answer, good.usage, good.cost, good.prompt, good.host) == (
        "ok",
        "答",
        Usage(1000, 800, 200),
        Decimal("0.0014"),
        "draft@1",
        "api.example",
    )
    assert [message["text"] for message in good.messages] == ["规则", "培训多少人？"]
    assert (failed.outcome, failed.error, failed.answer) == ("reset", "断了。", "半")
    assert log.entry(1).fingerprint == CALL.fingerprint
    assert good.to_dict()["tokens"]["cached"] == 800


def test_the_file_is_private(tmp_path: Path) -> None:
    log, model = logged(tmp_path / "deep" / "calls.sqlite", GOOD)
    model.reply(CALL)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    log.path.chmod(0o644)
    model.reply(CALL)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_pruning_really_deletes(tmp_path: Path) -> None:
    log, model = logged(tmp_path / "calls.sqlite", Reply("独一无二的答复", model="m"))
    for _ in range(5):
        model.reply(CALL)
    assert log.prune(before="2026-01-03T00:00:00") == 2
    assert log.prune(keep=1) == 2
    assert [entry.id for entry in log.entries()] == [5]
    assert log.prune() == 1
    assert "独一无二的答复".encode() not in log.path.read_bytes()
    assert log_at(tmp_path / "none.sqlite").prune() == 0


def test_a_log_that_cannot_be_written_costs_no_call(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    path.write_bytes(b"this is no database" * 100)
    log, model = logged(path, GOOD)
    assert model.reply(CALL) == GOOD
    assert log.trouble
    with pytest.raises(WorkspaceError):
        log.entries()


def test_odd_texts_are_kept(tmp_path: Path) -> None:
    log, model = logged(tmp_path / "calls.sqlite", Reply("a\ud800b\x00c", model="m"))
    model.reply(CALL)
    assert log.trouble is None
    assert len(log.entries()) == 1


def test_threads_share_the_log(tmp_path: Path) -> None:
    log = CallLog(tmp_path / "calls.sqlite", lambda: "2026-01-01T00:00:00")
    model = LoggedModel(ScriptedModel([GOOD]), log, timer=lambda: 0.0)
    threads = [threading.Thread(target=model.reply, args=(CALL,)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.entries()) == 24


def test_an_unknown_number_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有编号为 7"):
        log_at(tmp_path / "calls.sqlite").entry(7)


def test_recorded_answers_are_replayed(tmp_path: Path) -> None:
    log, model = logged(tmp_path / "calls.sqlite", GOOD)
    model.reply(CALL)
    replay = ReplayModel(log.replies())
    assert replay.reply(CALL).text == "答"
    with pytest.raises(ModelError, match="没有这次调用"):
        replay.reply(Call((Message("user", "别的"),)))


def test_what_an_endpoint_takes_is_remembered(tmp_path: Path) -> None:
    log = log_at(tmp_path / "calls.sqlite")
    assert log.dialect("http://x/v1", "m") is None
    log.keep_dialect("http://x/v1", "m", Dialect(rung="text", limit="max_completion_tokens").to_json())
    kept = log.dialect("http://x/v1", "m")
    assert kept is not None
    assert Dialect.from_json(kept) == Dialect(rung="text", limit="max_completion_tokens")
    assert Dialect.from_json("{}") == Dialect()
    assert Dialect.from_json('{"old": 1}') is None
    with contextlib.closing(sqlite3.connect(log.path)) as database:
        assert database.execute("select count(*) from dialects").fetchone() == (1,)


PRICE = Price(Decimal(2), Decimal("0.2"), Decimal(3))


def test_money_is_counted_by_fresh_cached_and_answered_tokens() -> None:
    assert PRICE.of(Usage(1_000_000, 400_000, 100_000)) == Decimal("1.2") + Decimal("0.08") + Decimal("0.3")


@pytest.mark.parametrize(
    ("text", "price"),
    [("2/0.2/3", PRICE), ("2/3", Price(Decimal(2), Decimal(2), Decimal(3))), ("$0.4/1.6", Price(Decimal("0.4"), Decimal("0.4"), Decimal("1.6"), "美元"))],
)
def test_prices_as_people_write_them(text: str, price: Price) -> None:
    assert Price.parse(text) == price


@pytest.mark.parametrize("text", ["", "2", "a/b", "1/2/3/4", "-1/2", "nan/1"])
def test_what_is_no_price(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Price.parse(text)


def test_the_ledger_adds_up() -> None:
    ledger = Ledger(ScriptedModel([GOOD, ModelError("断。", partial="半个答复"), GOOD]), price=PRICE)
    ledger.reply(CALL)
    with pytest.raises(ModelError):
        ledger.reply(CALL)
    ledger.reply(CALL)
    spent = ledger.spent
    assert (spent.calls, spent.failed) == (2, 1)
    assert spent.usage.completion > 400
    assert spent.cost is not None
    assert spent.cost > 2 * Decimal("0.0014")
    assert "调用3次（失败1次）" in str(spent)


def test_no_call_goes_over_the_ceiling() -> None:
    inner = ScriptedModel([GOOD])
    ledger = Ledger(inner, price=PRICE, ceiling=Decimal("0.02"))

    def spend() -> None:
        for _ in range(100):
            ledger.reply(CALL)

    with pytest.raises(ModelError) as caught:
        spend()
    assert caught.value.kind == "ceiling"
    assert 1 <= len(inner.calls) < 15
    assert ledger.spent.cost is not None
    assert ledger.spent.cost <= Decimal("0.02")


def test_a_ceiling_holds_with_many_at_once() -> None:
    ledger = Ledger(ScriptedModel([GOOD]), price=PRICE, ceiling=Decimal("0.03"))
    stopped: list[str] = []

    def work() -> None:
        try:
            ledger.reply(CALL)
        except ModelError as error:
            stopped.append(error.kind)

    threads = [threading.Thread(target=work) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(stopped) == {"ceiling"}
    assert ledger.spent.cost is not None
    assert ledger.spent.cost <= Decimal("0.03")


@pytest.mark.parametrize(("kind", "calls"), [("auth", 1), ("quota", 1), ("connect", 3), ("server", 6), ("timeout", 6)])
def test_a_lasting_fault_is_met_once(kind: str, calls: int) -> None:
    inner = ScriptedModel([ModelError("坏了。", kind=kind)])
    ledger = Ledger(inner)
    for _ in range(6):
        with pytest.raises(ModelError, match="坏了"):
            ledger.reply(CALL)
    assert len(inner.calls) == calls


def test_a_ceiling_needs_a_price() -> None:
    with pytest.raises(SettingsError, match="单价"):
        Ledger(ScriptedModel(["x"]), ceiling=Decimal(1))


@pytest.mark.parametrize("row", PRESETS, ids=lambda row: row.name)
def test_a_preset_recognises_itself(row: object) -> None:
    from assistant.model.endpoints import Preset

    assert isinstance(row, Preset)
    place = endpoint(row.base_url, row.model)
    assert place.preset is row
    assert row.title
    assert first(place).rung == row.rung
    assert place.price is not None or row.name == "azure"


def test_addresses_as_people_paste_them() -> None:
    assert endpoint("https://api.deepseek.com/v1/chat/completions/", "deepseek-chat").base_url == "https://api.deepseek.com/v1"
    assert recognise("https://gateway.example/v1").name == "other"
    assert endpoint("https://gateway.example/v1", "deepseek-chat").price is not None
    assert endpoint("http://127.0.0.1:8000/v1", "x").local
    assert not endpoint("https://api.deepseek.com/v1", "x").local


def test_tokens_are_counted_without_a_network() -> None:
    text = "残疾人就业保障金，用于残疾人就业、培训以及残疾人生活保障。" * 20
    assert tokens.exact()
    assert 0.5 * len(text) < tokens.count(text) < 1.1 * len(text)
    assert tokens.estimate(text) >= tokens.count(text)
    assert tokens.count("") == 0
    assert tokens.count("\ud800<|endoftext|>") > 0


def test_the_corrector_learns_and_is_not_thrown() -> None:
    corrector = tokens.Corrector()
    for _ in range(10):
        corrector.learn(1000, 800)
    assert corrector.corrected(1000) == 800
    corrector.learn(1000, 1_000_000)
    assert corrector.corrected(1000) < 1000
    corrector.learn(1, 1)
    assert corrector.ratio < 1.0
