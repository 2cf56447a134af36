from __future__ import annotations

import os
from pathlib import Path

import pytest

from assistant import settings
from assistant.errors import SettingsError


def test_environment_wins_over_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "config.toml").write_text('unit = "甲局"\nmodel = "qwen"\nmodel_timeout = 30\n', encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_UNIT", "乙局")
    loaded = settings.load()
    assert (loaded.unit, loaded.model, loaded.model_timeout) == ("乙局", "qwen", 30.0)


def test_no_model_without_settings() -> None:
    loaded = settings.load()
    assert loaded.model is None
    assert loaded.api_key is None


def test_key_is_never_in_the_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    loaded = settings.load()
    assert loaded.api_key == "sk-secret"
    assert "sk-secret" not in repr(loaded)


@pytest.mark.parametrize(
    "name", ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2", "LANGSMITH_GATEWAY", "OPENAI_ORG_ID", "OPENAI_CUSTOM_HEADERS", "CHROMA_SERVER_HOST"]
)
def test_variables_that_call_out_are_gone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "true")
    settings.load()
    assert os.environ.get(name) in (None, "false")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unit = 甲局", "写法有误"),
        ('unitt = "甲局"', "不认识的键"),
        ('base_url = "example.com"', "不是网址"),
        ('model_timeout = "soon"', "不是秒数"),
        ("model_timeout = 0", "大于 0"),
        ('chroma_headers = "Bearer"', "写法有误"),
    ],
)
def test_bad_settings_are_told(home: Path, text: str, words: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        settings.load()


def test_headers_as_written_in_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_CHROMA_HEADERS", "Authorization: Bearer x:y; X-Team: budget")
    assert settings.load().chroma_headers == {"Authorization": "Bearer x:y", "X-Team": "budget"}
