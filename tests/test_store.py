from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

import numpy
import pytest

from assistant import corpus as library
from assistant.corpus import Corpus
from assistant.errors import StoreError
from assistant.retrieval import search
from assistant.store import DIMENSIONS, Embedder, embed, open_store

ROOT = Path(__file__).resolve().parent.parent
POLICY = '+++\ntitle = "{title}"\nnumber = "怀财绩〔2025〕{number}号"\n+++\n\n## {title}\n\n{text}\n'


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    folder = tmp_path / "bundled"
    (folder / "policies").mkdir(parents=True)
    for number, (title, text) in enumerate([("满意度怎么取数", "发放问卷，算满意的比例。"), ("时效怎么写", "写到月份和截止时间。")], 1):
        (folder / "policies" / f"{number}.md").write_text(POLICY.format(title=title, number=number, text=text), encoding="utf-8")
    return folder


def own(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.md"
    path.write_text(POLICY.format(title=name, number=len(list(folder.iterdir())) + 20, text=text), encoding="utf-8")
    return path


def test_vectors_are_steady_and_of_length_one() -> None:
    once, again = embed(["残疾人托养服务", ""]), embed(["残疾人托养服务", ""])
    assert once.shape == (2, DIMENSIONS)
    assert numpy.array_equal(once, again)
    assert abs(float(numpy.linalg.norm(once[0])) - 1) < 1e-5
    assert not once[1].any()


def test_alike_texts_are_nearer_than_others() -> None:
    one, like, other = embed(["残疾人托养服务人数", "托养的残疾人人数", "河道清淤工程完工时间"])
    assert float(one @ like) > 0.4 > float(one @ other)


def test_the_index_follows_the_records(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    store = open_store(home)
    assert store.refresh(corpus) == 2
    assert store.refresh(corpus) == 0
    library.add(corpus, [own(tmp_path / "own", "成本怎么写", "写明单价和总额。")])
    assert store.refresh(corpus) == 1
    near = store.search(corpus, "单价和总额怎么写", 1)
    assert corpus.records.passages([near[0].id])[near[0].id].title == "成本怎么写"
    library.remove(corpus, "成本怎么写")
    assert store.count(corpus) == 2


def test_another_process_sees_what_is_there(home: Path, bundled: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    open_store(home).refresh(corpus)
    said: list[str] = []
    again = open_store(home, notify=said.append)
    assert again.refresh(corpus) == 0
    assert again.search(corpus, "问卷", 1)
    assert not said


def test_two_kinds_of_vectors_never_meet(home: Path, bundled: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    open_store(home).refresh(corpus)
    other = open_store(home, embedder=Embedder("flat-v1-3", lambda texts: [[float(len(text)), 1.0, 0.0] for text in texts]))
    assert other.refresh(corpus) == 2
    assert len(other.search(corpus, "问卷", 2)) == 2
    assert open_store(home).refresh(corpus) == 0


@pytest.mark.parametrize("harm", ["files", "database", "folder"])
def test_a_damaged_index_is_rebuilt_and_said(home: Path, bundled: Path, harm: str) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    first = open_store(home)
    first.refresh(corpus)
    first._forget()
    place = home / "corpus" / "chroma"
    if harm == "files":
        for path in place.rglob("*"):
            if path.is_file():
                path.write_bytes(b"\0" * 10)
    elif harm == "database":
        (place / "chroma.sqlite3").write_bytes(b"no database at all" * 100)
    else:
        for path in sorted(place.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
    said: list[str] = []
    store = open_store(home, notify=said.append)
    assert len(store.search(corpus, "问卷的比例", 2)) == 2
    assert said
    assert open_store(home).refresh(corpus) == 0


def test_search_fuses_words_and_vectors_and_says_why(home: Path, bundled: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    hits = search(corpus, open_store(home), "满意度问卷怎么取数", k=2)
    assert hits[0].passage.title == "满意度怎么取数"
    assert "词面第1" in hits[0].why
    assert "向量第1" in hits[0].why
    assert search(corpus, None, "满意度问卷怎么取数", k=1)[0].passage.title == "满意度怎么取数"


# -- two processes, and one that dies --------------------------------------------------------------------------------------------------


def test_two_processes_adding_lose_nothing(home: Path, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    run("corpus", "stats")
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        for number in range(10):
            own(folder, f"{folder.name}{number}", f"{folder.name}的第{number}条要求。")
    command = [sys.executable, "-m", "assistant", "corpus", "add"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen([*command, str(folder)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for folder in folders]
    assert [process.wait(120) for process in both] == [0, 0]
    for process in both:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()
    corpus = Corpus.open(home)
    assert len([document for document in corpus.documents() if document.layer == "user"]) == 20
    store = open_store(home)
    assert store.count(corpus) == len(corpus.records.vector_ids())


def test_a_killed_add_says_what_is_missing_and_goes_on(home: Path, tmp_path: Path, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    run("corpus", "stats")
    folder = tmp_path / "many"
    for number in range(150):
        own(folder, f"第{number}份", f"第{number}条要求。" * 50)
    dying = """
import os, signal, sys
from assistant.corpus import adding
kept, left = adding._keep, [20]
def keep(*given, **named):
    kept(*given, **named)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)  # in the middle of a transaction
adding._keep = keep
from assistant.cli.app import main
sys.argv = ["assistant", "corpus", "add", sys.argv[1]]
main()
"""
    process = subprocess.run([sys.executable, "-c", dying, str(folder)], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()
    corpus = Corpus.open(home)
    kept = len([document for document in corpus.documents() if document.layer == "user"])
    missing = library.pending(corpus)
    assert kept == 19
    assert kept + len(missing) == 150
    corpus.close()
    assert str(missing[0]) in run("corpus", "stats", "--json").stdout
    assert run("corpus", "add").returncode == 0
    corpus = Corpus.open(home)
    assert len([document for document in corpus.documents() if document.layer == "user"]) == 150
    assert not library.pending(corpus)
    assert open_store(home).count(corpus) == len(corpus.records.vector_ids())


# -- a Chroma server -------------------------------------------------------------------------------------------------------------------


class _Proxy(BaseHTTPRequestHandler):
    """A proxy in front of the server that lets only requests with the right header through, as an office would put one there."""

    target = ""
    refused = 0

    def _pass(self) -> None:
        if self.headers.get("X-Office") != "secret":
            type(self).refused += 1
            self.send_error(401)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.target + self.path, data=body or None, method=self.command, headers={"Content-Type": "application/json"})
        with urlopen(request, timeout=30) as reply:
            content = reply.read()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _pass

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real ``chroma run`` behind a proxy that wants a header."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = tmp_path_factory.mktemp("server")
    chroma = Path(sys.executable).parent / "chroma"
    process = subprocess.Popen(
        [str(chroma), "run", "--path", str(place), "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _Proxy.target = f"http://127.0.0.1:{port}"
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        for _ in range(600):
            try:
                urlopen(f"{_Proxy.target}/api/v2/heartbeat", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        process.terminate()
        process.wait(20)


def test_a_server_serves_the_same_code(server: str, home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    store = open_store(home, server, headers={"X-Office": "secret"})
    assert store.refresh(corpus) == 2
    assert corpus.records.passages([store.search(corpus, "问卷", 1)[0].id])
    assert not list((home / "corpus").glob("chroma*"))
    # Another workspace on the same server keeps to itself.
    other_home = tmp_path / "other"
    other = Corpus.open(other_home, bundled=bundled)
    library.add(other, [own(tmp_path / "own", "成本怎么写", "写明单价。")])
    second = open_store(other_home, server, headers={"X-Office": "secret"})
    assert second.refresh(other) == 3
    assert store.count(corpus) == 2


def test_a_server_that_refuses_or_is_gone_is_said(server: str, home: Path, bundled: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    with pytest.raises(StoreError, match="Chroma 服务"):
        open_store(home, server).refresh(corpus)
    with pytest.raises(StoreError, match="连不上"):
        open_store(home, "http://127.0.0.1:9").refresh(corpus)
