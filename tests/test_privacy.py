"""What is kept, who can read it, and that deleting deletes: the bytes of every file are looked through, free pages and logs of SQLite included."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.corpus import Corpus
from assistant.store import open_store
from tests.conftest import SEED
from tests.model_server import says, serving

Run = Callable[..., subprocess.CompletedProcess[str]]
POSIX = pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")


def files_with(home: Path, *words: str) -> list[str]:
    """Files in which a word stands in any spelling that a file of ours may have."""
    spellings = [spelling for word in words for spelling in (word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode())]
    return sorted(path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file() and any(s in path.read_bytes() for s in spellings))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A text of an office whose words stand nowhere else."""
    text = SEED.read_text(encoding="utf-8").replace("怀来县残疾人联合会", "乌有县饕餮局").replace("怀来县残联", "乌有饕餮").replace("残疾人", "饕餮人")
    path = tmp_path / "乌有县饕餮局-2025.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_removed_document_is_gone_from_every_byte(run: Run, home: Path, elsewhere: Path) -> None:
    from assistant.corpus import add

    corpus = Corpus.open(home)
    add(corpus, [elsewhere])
    store = open_store(home)
    store.search(corpus, "饕餮人培训", 5)  # the vectors are made now
    elsewhere.write_text(elsewhere.read_text(encoding="utf-8").replace("470", "471"), encoding="utf-8")
    add(corpus, [elsewhere])  # and the first version superseded
    store.search(corpus, "饕餮人培训", 5)
    corpus.close()
    assert "corpus/records.sqlite" in files_with(home, "饕餮", "乌有")
    assert run("corpus", "remove", elsewhere.name).returncode == 0
    assert files_with(home, "饕餮", "乌有") == []


def test_the_words_index_keeps_no_word_of_what_was_removed(home: Path, elsewhere: Path) -> None:
    from assistant.corpus import add, remove

    corpus = Corpus.open(home)
    before = {row[0] for row in corpus.records.connection.execute("SELECT term FROM vocabulary")}
    add(corpus, [elsewhere])
    assert "饕餮" in {row[0] for row in corpus.records.connection.execute("SELECT term FROM vocabulary")}
    remove(corpus, elsewhere.name)
    assert {row[0] for row in corpus.records.connection.execute("SELECT term FROM vocabulary")} == before
    corpus.close()


def test_chroma_holds_no_text_and_older_indexes_that_do_are_replaced(home: Path, elsewhere: Path) -> None:
    import chromadb

    from assistant.corpus import add

    old = chromadb.PersistentClient(path=str(home / "corpus" / "chroma"))
    old.create_collection("passages-hash13-v1-512").add(ids=["a"], embeddings=[[0.1] * 512], metadatas=[{"unit": "乌有县饕餮局"}])
    import chromadb.api.shared_system_client as shared

    shared.SharedSystemClient.clear_system_cache()
    assert files_with(home / "corpus", "饕餮")
    corpus = Corpus.open(home)
    add(corpus, [elsewhere])
    store = open_store(home)
    near = store.search(corpus, "饕餮人培训", 5, {"unit": "乌有县饕餮局"})
    found = corpus.records.passages([each.id for each in near])
    assert {passage.unit for passage in found.values()} == {"乌有县饕餮局"}
    assert store.search(corpus, "饕餮人培训", 5, {"unit": "没有这个单位"}) == []
    corpus.close()
    assert [name for name in files_with(home / "corpus", "饕餮") if name.startswith("chroma")] == []


def test_pruned_calls_are_gone_from_every_byte(run: Run, home: Path) -> None:
    with serving(says('{"indicators":[],"goals":["饕餮之答"]}')) as server:
        model = {"OPENAI_BASE_URL": server.url, "ASSISTANT_MODEL": "m", "OPENAI_API_KEY": "sk-secret-tongtao"}
        run("draft", "饕餮补贴2026年预算480万，用于饕餮培训", "--drafter", "model", "--no-input", "-o", home.parent / "out", env=model)
        assert server.seen
    assert "饕餮" in run("log", "show", "1").stdout
    assert [name for name in files_with(home, "饕餮") if name.startswith("calls.sqlite")]
    assert files_with(home, "sk-secret-tongtao") == []
    assert run("log", "prune", "--all").returncode == 0
    assert [name for name in files_with(home, "饕餮") if name.startswith("calls.sqlite")] == []


@POSIX
def test_keys_calls_and_conversations_are_for_their_owner_alone(run: Run, home: Path) -> None:
    with serving(says("{}")) as server:
        for key, value in (("base_url", server.url), ("model", "m")):
            assert run("config", "set", key, value).returncode == 0
        assert run("config", "set", "api_key", input="sk-secret-tongtao\n").returncode == 0
        run("draft", "残保金2026年预算480万", "--drafter", "model", "--no-input")
        run("chat", "--offline", input="残保金2026年预算480万\n再见\n")
        shown = run("config", "show", "--json").stdout + run("doctor", "--privacy").stdout + run("log", "show", "1").stdout
    assert "sk-secret-tongtao" not in shown
    assert files_with(home, "sk-secret-tongtao") == ["config.toml"]
    private = [home / "config.toml", *home.glob("calls.sqlite*"), *(home / "sessions").iterdir(), *home.glob("chat-history")]
    assert len(private) >= 3
    assert {oct(path.stat().st_mode & 0o777) for path in private if not path.name.endswith(".lock")} == {"0o600"}


def test_doctor_names_every_file_that_is_kept(run: Run, home: Path, tmp_path: Path) -> None:
    shutil.copy2(SEED, tmp_path / "a.txt")
    assert run("corpus", "add", tmp_path / "a.txt").returncode == 0
    assert run("config", "set", "person", "张三").returncode == 0
    run("corpus", "search", "培训")
    run("chat", input="残保金2026年预算480万\n都跳过\n再见\n")
    drafts = list((home / "drafts").glob("*.json"))
    assert drafts
    run("review", drafts[0], "--list")
    told = json.loads(run("doctor", "--privacy", "--json").stdout)
    listed = [Path(entry["path"]) for entry in told["stored"]]
    kept = [path for path in home.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    assert [path for path in kept if not any(path.is_relative_to(place) for place in listed)] == []
    assert told["sent"] == []
    for entry in told["stored"]:
        size = (
            sum(path.stat().st_size for path in Path(entry["path"]).rglob("*") if path.is_file())
            if Path(entry["path"]).is_dir()
            else Path(entry["path"]).stat().st_size
        )
        assert entry["bytes"] == size


def test_doctor_says_what_would_be_sent_where(run: Run) -> None:
    settings = {
        "OPENAI_BASE_URL": "https://llm.example.gov.cn/v1",
        "ASSISTANT_MODEL": "m",
        "OPENAI_API_KEY": "sk-secret-tongtao",
        "ASSISTANT_CHROMA_URL": "http://chroma.example.gov.cn:8000",
        "ASSISTANT_EMBEDDING_MODEL": "e",
    }
    result = run("doctor", "--privacy", "--json", env=settings)
    sent = json.loads(result.stdout)["sent"]
    assert [entry["to"] for entry in sent] == ["https://llm.example.gov.cn/v1", "http://chroma.example.gov.cn:8000", "https://llm.example.gov.cn/v1"]
    assert [entry["encrypted"] for entry in sent] == [True, False, True]
    assert "sk-secret-tongtao" not in result.stdout
