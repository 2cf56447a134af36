"""The one door to Chroma: an embedded folder in the workspace, or a Chroma server by address, behind one small class.

Vectors are always ours (``embed``, or an embedder given by the caller); the embedder's name, version and dimension are part of the
collection's name, so that vectors of two kinds never meet. Chroma is derived: ``refresh`` compares the ids it holds with those the
records want and adds or removes what differs; a lost, wedged or foreign index is made again from the records, and said.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from assistant import workspace
from assistant.chinese import fold
from assistant.corpus import Corpus, Passage
from assistant.errors import AssistantError, StoreError, WorkspaceError

if TYPE_CHECKING:
    import numpy
    import numpy.typing

Notify = Callable[[str], None]
# Rows of numbers: lists of lists, or a numpy matrix.
Vectors = Any
DIMENSIONS = 512
# Chroma refuses larger batches.
_BATCH = 5000
# With the default breadth the search among near-duplicate tables loses up to half of its ranking quality.
_HNSW = {"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}}


@dataclass(frozen=True)
class Embedder:
    """Texts → vectors. ``name`` tells algorithm, version and dimension and becomes part of the collection's name; ``batch`` texts a call."""

    name: str
    function: Callable[[Sequence[str]], Vectors]
    batch: int = 2000


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour: passage id and likeness (cosine, 1 = same direction)."""

    id: str
    likeness: float


def embed(texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
    """Hashed character n-gram vectors (1 to 3 characters), one row of ``DIMENSIONS`` numbers of length 1 per text.

    Sublinear counts; a piece weighs more the longer it is and less the more of its characters stand in nearly every form.
    """
    import numpy

    matrix = numpy.zeros((len(texts), DIMENSIONS), dtype=numpy.float32)
    for row, text in enumerate(texts):
        counts: dict[str, int] = {}
        folded = fold(text)
        for size in (1, 2, 3):
            for start in range(len(folded) - size + 1):
                piece = folded[start : start + size]
                counts[piece] = counts.get(piece, 0) + 1
        for piece, count in counts.items():
            place, weight = _slot(piece)
            matrix[row, place] += weight * (1.0 + math.log(count))
    lengths = numpy.linalg.norm(matrix, axis=1, keepdims=True)
    matrix /= numpy.maximum(lengths, 1e-9)
    return matrix


# Characters that stand in nearly every form and tell little.
_COMMON = frozenset("的了和与及等率数人项目指标资金用于提高保障服务工作标准绩效目标值元个年月底及时完成情况，。；、：（）()%≥≤=·-0123456789")


@functools.lru_cache(maxsize=400_000)
def _slot(piece: str) -> tuple[int, float]:
    code = zlib.crc32(piece.encode())
    telling = sum(char not in _COMMON for char in piece) / len(piece)
    weight = (0.35, 1.0, 1.3)[len(piece) - 1] * (0.25 + 0.75 * telling)
    return code % DIMENSIONS, weight if code & 0x80000000 else -weight


@contextlib.contextmanager
def _not_importing(name: str) -> Iterator[None]:
    """A package taken for absent meanwhile. Where rfc3987-syntax happens to be installed, chromadb's import compiles 38 grammars for
    formats that nothing here checks, which takes longer than all the rest."""
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[name]


HASHED = Embedder(f"hash13-v1-{DIMENSIONS}", embed)


class VectorStore:
    """One collection of passage vectors. Nothing is imported or opened until it is used."""

    def __init__(self, home: Path, *, url: str | None, headers: dict[str, str] | None, embedder: Embedder, notify: Notify) -> None:
        self.embedder = embedder
        self._place = home / "corpus"
        self._url = url
        self._headers = headers or {}
        self._notify = notify
        self._collection: Any = None
        self._fresh: str | None = None

    # -- the collection itself -----------------------------------------------------------------------------------------------------

    def add(self, passages: Sequence[Passage]) -> None:
        """Put passages in (again)."""
        for start in range(0, len(passages), min(_BATCH, self.embedder.batch)):
            part = passages[start : start + min(_BATCH, self.embedder.batch)]
            vectors = self.embedder.function([_embedded_text(passage) for passage in part])
            self._collection.upsert(ids=[passage.id for passage in part], embeddings=vectors, metadatas=[_metadata(passage) for passage in part])

    def remove(self, ids: Sequence[str]) -> None:
        """Take passages out; ids that are not there are no matter."""
        for start in range(0, len(ids), _BATCH):
            self._collection.delete(ids=list(ids[start : start + _BATCH]))

    def query(self, vector: Sequence[float], k: int, where: dict[str, Any] | None = None) -> list[Near]:
        """The nearest passages; ``where`` maps a field (kind, unit, year) to the value it must have, or a list of allowed ones."""
        if where and where.get("unit"):
            where = {**where, "unit": _sign(where["unit"]) if isinstance(where["unit"], str) else [_sign(name) for name in where["unit"]]}
        conditions = [{field: {"$in": list(value)} if isinstance(value, (list, tuple)) else {"$eq": value}} for field, value in (where or {}).items()]
        clause = None if not conditions else conditions[0] if len(conditions) == 1 else {"$and": conditions}
        found = self._collection.query(query_embeddings=[list(map(float, vector))], n_results=k, where=clause, include=["distances"])
        return [Near(id, 1.0 - float(distance)) for id, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    # -- what the program uses -----------------------------------------------------------------------------------------------------

    def search(self, corpus: Corpus, text: str, k: int, where: dict[str, Any] | None = None) -> list[Near]:
        """The passages nearest in meaning to a text, the index brought up to date first. A damaged index is rebuilt once, and said."""
        self.refresh(corpus)
        vector = self.embedder.function([text])[0]
        try:
            return self.query(vector, k, where)
        except AssistantError:
            raise
        except Exception as error:
            self._reset(corpus, error)
            return self.query(vector, k, where)

    def refresh(self, corpus: Corpus) -> int:
        """Bring the collection to what the records want; gives how many vectors were added or removed.

        Cheap when nothing changed since this process last looked.
        """
        fingerprint = corpus.fingerprint
        if self._fresh == fingerprint and self._collection is not None:
            return 0
        try:
            return self._refresh(corpus, fingerprint)
        except AssistantError:
            raise
        except Exception as error:
            return self._reset(corpus, error)

    def rebuild(self, corpus: Corpus) -> int:
        """Make the collection anew from the records; gives how many vectors it holds."""
        with self._writing(corpus):
            self._forget()
            self._open(corpus, anew=True)
            changed = self._bring_in_line(corpus)
            self._remember(corpus.fingerprint)
        self._fresh = corpus.fingerprint
        return changed

    def count(self, corpus: Corpus) -> int:
        """How many vectors the collection holds."""
        self.refresh(corpus)
        return int(self._collection.count())

    # -- opening and mending -------------------------------------------------------------------------------------------------------

    def _refresh(self, corpus: Corpus, fingerprint: str) -> int:
        if self._state().get(self._name(corpus)) == fingerprint:
            self._open(corpus)
            if self._collection.count() == len(corpus.records.vector_ids()):
                self._fresh = fingerprint
                return 0
            self._notify("向量索引与资料记录不一致，正在补齐…")
        with self._writing(corpus):
            self._forget()
            self._open(corpus)
            changed = self._bring_in_line(corpus)
            self._remember(fingerprint)
        self._fresh = fingerprint
        return changed

    def _reset(self, corpus: Corpus, error: Exception) -> int:
        if self._url is not None and not _wedged(error):
            raise StoreError(
                f"连不上 Chroma 服务“{self._url}”：{_first_line(error)}", "请检查 ASSISTANT_CHROMA_URL 和该服务；取消该设置即改用本机索引。"
            ) from None
        self._notify(f"向量索引损坏（{_first_line(error)}），正在由资料记录重建…")
        try:
            return self.rebuild(corpus)
        except AssistantError:
            raise
        except Exception as again:
            raise StoreError(f"向量索引无法重建：{_first_line(again)}", "请检查磁盘空间和权限，或删除工作区的 corpus/chroma 文件夹后重试。") from None

    def _bring_in_line(self, corpus: Corpus) -> int:
        wanted = set(corpus.records.vector_ids())
        held = set(self._collection.get(include=[])["ids"])
        missing = sorted(wanted - held)
        if len(missing) > 2000:
            self._notify(f"正在为 {len(missing)} 段资料建立向量索引…")
        self.remove(sorted(held - wanted))
        for start in range(0, len(missing), 2000):
            found = corpus.records.passages(missing[start : start + 2000])
            self.add([found[id] for id in missing[start : start + 2000] if id in found])
        return len(missing) + len(held - wanted)

    def _writing(self, corpus: Corpus) -> contextlib.AbstractContextManager[None]:
        return workspace.locked(self._place / "records") if corpus.records.writable else contextlib.nullcontext()

    def _name(self, corpus: Corpus) -> str:
        name = f"vectors-{self.embedder.name}"
        # One server may serve many workspaces: each keeps a collection of its own.
        return name if self._url is None else f"{name}-{_workspace_id(corpus)}"

    def _open(self, corpus: Corpus, *, anew: bool = False) -> None:
        if self._collection is not None and not anew:
            return
        with _not_importing("rfc3987_syntax"):
            import chromadb
            from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        client: Any
        if self._url is not None:
            address = urlparse(self._url)
            secure = address.scheme == "https"
            client = chromadb.HttpClient(
                host=address.hostname or "", port=address.port or (443 if secure else 80), ssl=secure, headers=self._headers, settings=settings
            )
            if anew:
                with contextlib.suppress(Exception):
                    client.delete_collection(self._name(corpus))
        elif not corpus.records.writable:
            client = chromadb.EphemeralClient(settings=settings)
        else:
            client = chromadb.PersistentClient(path=str(self._folder(anew=anew)), settings=settings)
            if any(found.name.startswith("passages-") for found in client.list_collections()):
                # Earlier indexes held the names of offices, which stay in Chroma's files even when deleted: a fresh folder holds none.
                self._forget()
                self._open(corpus, anew=True)
                return
        self._collection = client.get_or_create_collection(self._name(corpus), configuration=_HNSW, embedding_function=None)

    def _folder(self, *, anew: bool) -> Path:
        """The embedded index's folder; a rebuild starts a fresh one, since files of a wedged one may still be held open."""
        folders = sorted(self._place.glob("chroma*/"), key=lambda folder: int("0" + "".join(filter(str.isdigit, folder.name))))
        current = folders[-1] if folders else self._place / "chroma"
        if anew and folders:
            digits = "".join(filter(str.isdigit, current.name))
            fresh = self._place / f"chroma-{int(digits or 1) + 1}"
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            return fresh
        return current

    def _forget(self) -> None:
        """Close what is open, so that the next use sees what other processes wrote."""
        self._collection = None
        self._fresh = None
        import chromadb.api.shared_system_client as shared

        shared.SharedSystemClient.clear_system_cache()

    # -- what was last written -----------------------------------------------------------------------------------------------------

    @property
    def _state_file(self) -> Path:
        return self._place / "index.json"

    def _state(self) -> dict[str, str]:
        try:
            state = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _remember(self, fingerprint: str) -> None:
        for_this = {key: value for key, value in self._state().items() if self._url is not None or key.startswith("vectors-")}
        assert self._collection is not None
        with contextlib.suppress(WorkspaceError):
            workspace.write(self._state_file, json.dumps({**for_this, self._collection.name: fingerprint}, ensure_ascii=False))


def open_store(
    home: Path, url: str | None = None, *, headers: dict[str, str] | None = None, embedder: Embedder = HASHED, notify: Notify = lambda _message: None
) -> VectorStore:
    """The vector store of a workspace: embedded under ``home``, or the Chroma server at ``url`` with ``headers`` on every request.

    Cheap: Chroma is loaded at the first search.
    """
    return VectorStore(home, url=url, headers=headers, embedder=embedder, notify=notify)


def _embedded_text(passage: Passage) -> str:
    return f"{passage.title} {passage.text}" if passage.title not in passage.text else passage.text


def _metadata(passage: Passage) -> dict[str, Any]:
    unit = _sign(passage.unit) if passage.unit else None
    fields = {"kind": passage.kind, "unit": unit, "year": passage.year, "layer": passage.layer}
    return {key: value for key, value in fields.items() if value is not None}


def _sign(unit: str) -> str:
    """What stands for an office's name in Chroma, which keeps what was deleted in its log: nothing that can be read there is a text."""
    return hashlib.sha256(unit.encode()).hexdigest()[:20]


def _workspace_id(corpus: Corpus) -> str:
    known = corpus.records.meta("workspace")
    if known is None:
        import uuid

        known = uuid.uuid4().hex[:12]
        corpus.records.set_meta("workspace", known)
    return known


def _wedged(error: Exception) -> bool:
    return any(word in str(error) for word in ("hnsw", "segment", "compaction", "backfill"))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:120]
