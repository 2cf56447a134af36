"""Records: the corpus's truth in one SQLite file. Documents as read, the tables and texts in them, and the words to find them by.

Everything below ``documents`` is derived from it and can be made again. The full-text index keeps our own words (see ``tokens``).
Writers hold a file lock; every document is written in one transaction, so a crash leaves whole documents only. Where the file cannot
be written the same records live in memory.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.corpus.passages import Passage, number_key, own_name
from assistant.corpus.tokens import query_tokens, tokens
from assistant.errors import StoreError, WorkspaceError

# Raised whenever the tables below, the passages or the index words change: what is derived is then made again from the documents.
SCHEMA = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
  id INTEGER PRIMARY KEY, layer TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL, format TEXT NOT NULL, kind TEXT NOT NULL,
  title TEXT NOT NULL, unit TEXT, county TEXT, year INTEGER, added TEXT, superseded INTEGER, content TEXT NOT NULL, original TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS documents_by_path ON documents (layer, path);
CREATE INDEX IF NOT EXISTS documents_by_sha ON documents (sha256);
CREATE TABLE IF NOT EXISTS files (
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pending (path TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS tables (
  id TEXT PRIMARY KEY, document INTEGER NOT NULL, ordinal INTEGER NOT NULL, number INTEGER, project TEXT, own TEXT, code TEXT,
  numbers TEXT, unit TEXT, county TEXT, year INTEGER, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS tables_by_scope ON tables (unit, year);
CREATE INDEX IF NOT EXISTS tables_by_document ON tables (document);
CREATE TABLE IF NOT EXISTS parts (
  document INTEGER NOT NULL, ordinal INTEGER NOT NULL, unit TEXT, county TEXT, year INTEGER, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS parts_by_scope ON parts (unit, year);
CREATE INDEX IF NOT EXISTS parts_by_document ON parts (document);
CREATE TABLE IF NOT EXISTS passages (
  rowid INTEGER PRIMARY KEY, id TEXT NOT NULL, document INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
  context TEXT NOT NULL, cell TEXT NOT NULL, unit TEXT, county TEXT, year INTEGER, tbl TEXT, vector INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS passages_by_id ON passages (id);
CREATE INDEX IF NOT EXISTS passages_by_document ON passages (document);
CREATE INDEX IF NOT EXISTS passages_with_vector ON passages (document, id) WHERE vector = 1;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(own, context, scope, content='', tokenize='unicode61');
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, 'row');
"""
# The system would not let a page be written (quota, full disk, pulled cable): nothing is wrong with the file.
_UNWRITTEN = ("SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_DELETE", "SQLITE_IOERR_GETTEMPPATH")
# Bytes up to which a file is checked whole when it is opened.
_CHECKED = 8_000_000
_DERIVED = ("tables", "parts", "passages", "words", "vocabulary")
_ACTIVE = "SELECT id FROM documents WHERE superseded IS NULL"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One document of the corpus. ``content`` is its reading as JSON (the shape of ``read --json`` for tables, sections for a policy);
    ``superseded`` the id of the newer version, or None."""

    id: int
    layer: str
    path: str
    sha256: str
    format: str
    kind: str
    title: str
    unit: str | None
    county: str | None
    year: int | None
    added: str | None
    superseded: int | None


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A goal table's columns for finding it, and its JSON."""

    id: str
    document: int
    number: int | None
    project: str
    unit: str | None
    county: str | None
    year: int | None
    json: str


class _Guarded(sqlite3.Connection):
    """A connection that marks the file when a page turns out damaged in the middle of work, and says so in words."""

    path: Path | None = None

    def __del__(self) -> None:
        # Closed with whoever held it; from Python 3.13 on SQLite's module warns of what nobody closed.
        with contextlib.suppress(sqlite3.Error):
            self.close()

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _GuardedCursor)

    # The connection's own shortcuts do not ask ``cursor`` for theirs.
    def execute(self, *arguments: Any) -> Any:
        return self.cursor().execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self.cursor().executemany(*arguments)

    def found(self, error: sqlite3.DatabaseError) -> Exception:
        if self.path is None or isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)):
            return error
        text = str(error)
        if "locked" in text:
            return WorkspaceError(f"资料库“{self.path}”正被另一个进程写入。", "请稍候重试。")
        if "readonly" in text or "full" in text or getattr(error, "sqlite_errorname", "") in _UNWRITTEN:
            return WorkspaceError(f"资料库“{self.path}”写不进去：{text}。", "请检查权限和磁盘空间。")
        if "malformed" in text or "disk image" in text or "not a database" in text or "disk I/O" in text:
            with contextlib.suppress(OSError):
                damage_mark(self.path).touch()
            return StoreError(f"资料库“{self.path}”损坏：{text}。", "再运行一次命令，会另存损坏的文件并重建。")
        return error


class _GuardedCursor(sqlite3.Cursor):
    def _run(self, step: Callable[[], Any]) -> Any:
        try:
            return step()
        except sqlite3.DatabaseError as error:
            assert isinstance(self.connection, _Guarded)
            raise self.connection.found(error) from error

    def execute(self, *arguments: Any) -> Any:
        return self._run(lambda: super(_GuardedCursor, self).execute(*arguments))

    def executemany(self, *arguments: Any) -> Any:
        return self._run(lambda: super(_GuardedCursor, self).executemany(*arguments))

    def fetchone(self) -> Any:
        return self._run(super().fetchone)

    def fetchall(self) -> Any:
        return self._run(super().fetchall)

    def __next__(self) -> Any:
        return self._run(super().__next__)


def damage_mark(path: Path) -> Path:
    """The file beside the records whose being there says that they are damaged."""
    return path.with_suffix(".damaged")


class Records:
    """An open records file. ``connection`` is for this package only."""

    def __init__(self, connection: sqlite3.Connection, *, writable: bool) -> None:
        self.connection = connection
        self.writable = writable
        connection.executescript(_TABLES)

    @classmethod
    def at(cls, path: Path) -> Records:
        """The records in a file, made when missing. sqlite3.Error when the file is damaged or the place is closed to us."""
        if damage_mark(path).exists():
            raise sqlite3.DatabaseError("marked as damaged")
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, factory=_Guarded)
        try:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-32000")
            connection.execute("PRAGMA secure_delete=ON")
            # A whole check of a large file costs more than a question may; damage found later is marked and mended at the next opening.
            if path.stat().st_size < _CHECKED and (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise sqlite3.DatabaseError(found)
            records = cls(connection, writable=True)
            connection.path = path
            return records
        except BaseException:
            connection.close()
            raise

    @classmethod
    def in_memory(cls, copy_of: Path | None = None) -> Records:
        """Records that live as long as this process; filled from a file that can be read but not written, when given."""
        connection = sqlite3.connect(":memory:", isolation_level=None, factory=_Guarded)
        if copy_of is not None:
            source = sqlite3.connect(f"{copy_of.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            try:
                source.backup(connection)
            finally:
                source.close()
        return cls(connection, writable=False)

    def close(self) -> None:
        """Close the file; nothing is open in between calls but reading."""
        self.connection.close()

    # -- writing -------------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the body or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # A full disk ends the transaction by itself.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """A remembered fact, or None."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact."""
        self.connection.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))

    def put_document(
        self,
        *,
        layer: str,
        path: str,
        sha256: str,
        format: str,
        kind: str,
        title: str,
        unit: str | None,
        county: str | None,
        year: int | None,
        content: dict[str, Any],
        original: str,
        added: str | None = None,
    ) -> int:
        """Keep a document; its tables and passages are put beside it by the caller. Gives its id."""
        cursor = self.connection.execute(
            "INSERT INTO documents (layer, path, sha256, format, kind, title, unit, county, year, added, content, original) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (layer, path, sha256, format, kind, title, unit, county, year, added, json.dumps(content, ensure_ascii=False), original),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def put_table(
        self, document: int, ordinal: int, table_id: str, number: int | None, project: str, code: str | None, scope: Sequence[Any], text: str
    ) -> None:
        """Keep one goal table (``scope`` = unit, county, year; ``text`` its JSON)."""
        self.connection.execute(
            "INSERT OR REPLACE INTO tables VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (table_id, document, ordinal, number, project, own_name(project), code, number_key(project), *scope, text),
        )

    def put_part(self, document: int, ordinal: int, unit: str | None, county: str | None, year: int | None, text: str) -> None:
        """Keep part 1 of a department's text (``text`` its JSON)."""
        self.connection.execute("INSERT INTO parts VALUES (?,?,?,?,?,?)", (document, ordinal, unit, county, year, text))

    def put_passages(self, document: int, passages: Iterable[Passage]) -> None:
        """Keep passages and their words."""
        for passage in passages:
            cursor = self.connection.execute(
                "INSERT INTO passages (id, document, kind, title, text, context, cell, unit, county, year, tbl, vector) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                (passage.id, document, passage.kind, passage.title, passage.text, passage.context, passage.cell, passage.unit, passage.county, passage.year,
                 passage.table, int(passage.vector)),
            )  # fmt: skip
            words = _words(passage.kind, passage.text, passage.context, passage.unit, passage.year)
            self.connection.execute("INSERT INTO words (rowid, own, context, scope) VALUES (?,?,?,?)", (cursor.lastrowid, *words))

    def drop_document(self, document: int, *, keep: bool = False) -> None:
        """Forget a document with all that was made from it; with ``keep`` the document itself stays (a superseded version)."""
        # A contentless index forgets a row only when told its words again (deleting by number needs a newer SQLite than many machines have).
        rows = self.connection.execute("SELECT rowid, kind, text, context, unit, year FROM passages WHERE document = ?", (document,)).fetchall()
        for rowid, *rest in rows:
            self.connection.execute("INSERT INTO words (words, rowid, own, context, scope) VALUES ('delete',?,?,?,?)", (rowid, *_words(*rest)))
        self.connection.execute("DELETE FROM passages WHERE document = ?", (document,))
        self.connection.execute("DELETE FROM tables WHERE document = ?", (document,))
        self.connection.execute("DELETE FROM parts WHERE document = ?", (document,))
        if not keep:
            self.connection.execute("DELETE FROM documents WHERE id = ?", (document,))

    def scrub(self) -> None:
        """Leave nothing of what was dropped in the file: the word index merged (it keeps words of dropped rows till then), free pages gone."""
        self.connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self.connection.execute("VACUUM")

    def clear_derived(self) -> None:
        """Drop everything that can be made again from the documents, and make its empty tables anew."""
        for name in _DERIVED:
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")
        # Not executescript: it would commit the transaction this runs in.
        for statement in _TABLES.split(";"):
            self.connection.execute(statement)

    # -- reading -------------------------------------------------------------------------------------------------------------------

    def documents(self, *, layer: str | None = None, superseded: bool = False) -> list[StoredDocument]:
        """Documents in the order they came, superseded versions only when asked for."""
        where, values = ["1"], []
        if layer is not None:
            where.append("layer = ?")
            values.append(layer)
        if not superseded:
            where.append("superseded IS NULL")
        rows = self.connection.execute(f"SELECT {_DOCUMENT} FROM documents WHERE {' AND '.join(where)} ORDER BY layer, path, id", values)
        return [StoredDocument(*row) for row in rows]

    def documents_like(self, sha256: str, path: str, unit: str | None, year: int | None) -> list[StoredDocument]:
        """Living documents with this content, this path, or this unit and year."""
        sql = f"SELECT {_DOCUMENT} FROM documents WHERE superseded IS NULL AND (sha256 = ? OR path = ? OR (unit = ? AND year IS ?)) ORDER BY id"
        return [StoredDocument(*row) for row in self.connection.execute(sql, (sha256, path, unit, year))]

    def content(self, document: int) -> tuple[dict[str, Any], str]:
        """A document's reading and its original text."""
        row = self.connection.execute("SELECT content, original FROM documents WHERE id = ?", (document,)).fetchone()
        return json.loads(row[0]), str(row[1])

    def tables(self, *, units: Sequence[str] | None = None, year: int | None = None, ids: Sequence[str] | None = None) -> list[StoredTable]:
        """Goal tables of living documents, in the order of document and form; each filter narrows when given."""
        where, values = _scoped(units, year)
        if ids is not None:
            where += f" AND id IN ({','.join('?' * len(ids))})"
            values.extend(ids)
        sql = f"SELECT id, document, number, project, unit, county, year, json FROM tables WHERE {where} ORDER BY document, ordinal"
        return [StoredTable(*row) for row in self.connection.execute(sql, values)]

    def heads(self, units: Sequence[str] | None, years: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The heads alone of the tables of some units (None = of all, and of nobody) in these years and of no year: id, document, number,
        project, code, unit code, unit, county, year, money unit, total, fiscal, other, purpose. Thousands are looked over without being
        taken out whole."""
        where, values = _scoped(units)
        parts = ("money_unit", "budget.total", "budget.fiscal", "budget.other", "purpose")
        sql = (
            "SELECT id, document, number, project, code, json_extract(json, '$.unit.code'), unit, county, year, "
            + ", ".join(f"json_extract(json, '$.{part}')" for part in parts)
            + f" FROM tables WHERE {where} AND (year IS NULL OR year IN ({','.join('?' * len(years))})) ORDER BY document, ordinal"
        )
        return self.connection.execute(sql, (*values, *years))

    def rows(self, units: Sequence[str] | None, year: int | None, wanted: Callable[[str, str], bool]) -> Iterator[tuple[str, int, str]]:
        """The indicator rows of the tables of some units and a year whose level 1 and level 2 are ``wanted``: table id, place, row as JSON."""
        where, values = _scoped(units, year)
        # Asked in the middle of the statement, so that only the rows wanted are taken out.
        self.connection.create_function("wanted", 2, lambda level1, level2: int(wanted(level1 or "", level2 or "")))
        sql = (
            f"SELECT tables.id, row.key, row.value FROM tables, json_each(tables.json, '$.indicators') AS row WHERE {where}"
            " AND wanted(json_extract(row.value, '$.level1'), json_extract(row.value, '$.level2')) ORDER BY document, ordinal, row.key"
        )
        return self.connection.execute(sql, values)

    def parts(self, *, units: Sequence[str] | None = None, year: int | None = None) -> list[tuple[int, str | None, str | None, int | None, str]]:
        """Part 1 of department texts as (document, unit, county, year, JSON); each filter narrows when given."""
        where, values = _scoped(units, year)
        sql = f"SELECT document, unit, county, year, json FROM parts WHERE {where} ORDER BY document, ordinal"
        return list(self.connection.execute(sql, values))

    def units(self) -> list[tuple[str, int | None, str, int]]:
        """Every (unit, year, layer) that has tables, with how many."""
        sql = (
            "SELECT t.unit, t.year, d.layer, count(*) FROM tables t JOIN documents d ON d.id = t.document"
            " WHERE d.superseded IS NULL AND t.unit IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2"
        )
        return [(str(u), y, str(layer), int(n)) for u, y, layer, n in self.connection.execute(sql)]

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Living passages by id; ids that are gone are missing from the answer."""
        found: dict[str, Passage] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            sql = f"{_PASSAGE} WHERE p.id IN ({','.join('?' * len(part))})"
            found.update((passage.id, passage) for passage in map(_passage, self.connection.execute(sql, part)))
        return found

    def passages_of(self, document: int) -> list[Passage]:
        """Every passage of one document, in order."""
        return [_passage(row) for row in self.connection.execute(f"{_PASSAGE} WHERE p.document = ? ORDER BY p.rowid", (document,))]

    def table_counts(self) -> dict[int, int]:
        """How many goal tables each document has."""
        return dict(self.connection.execute("SELECT document, count(*) FROM tables GROUP BY document"))

    def vector_ids(self) -> list[str]:
        """The ids of every passage that belongs in the vector index."""
        return [row[0] for row in self.connection.execute(f"SELECT id FROM passages WHERE vector = 1 AND document IN ({_ACTIVE}) ORDER BY id")]

    def counts(self) -> dict[str, int]:
        """How many passages of each kind."""
        return dict(self.connection.execute(f"SELECT kind, count(*) FROM passages WHERE document IN ({_ACTIVE}) GROUP BY kind"))

    def find(
        self, query: str, k: int, *, kinds: Sequence[str] | None = None, unit: str | None = None, year: int | None = None
    ) -> list[tuple[Passage, float, tuple[str, ...]]]:
        """The best passages by BM25, with score (higher is better) and the words that were looked for.

        Words that nearly every passage has are left out when rarer ones are there: they order nothing and cost the most.
        """
        wanted = self._telling(query_tokens(query))
        if not wanted:
            return []
        scope = [f"k{kind}" for kind in kinds] if kinds else []
        match = "{own context} : (" + " OR ".join(f'"{word}"' for word in wanted) + ")"
        if scope:
            match += " AND {scope} : (" + " OR ".join(f'"{word}"' for word in scope) + ")"
        if unit is not None:
            match += f' AND {{scope}} : ("{_scope_word(unit)}" OR "u0")'
        if year is not None:
            match += f' AND {{scope}} : ("y{year}" OR "y0")'
        sql = "SELECT rowid, bm25(words, 2.0, 1.0, 0.0) AS score FROM words WHERE words MATCH ? ORDER BY score LIMIT ?"
        ranked = self.connection.execute(sql, (match, k * 3)).fetchall()
        places = {row[0]: -row[1] for row in ranked}
        rows = self.connection.execute(f"{_PASSAGE_ROWID} WHERE p.rowid IN ({','.join('?' * len(places))})", list(places)).fetchall()
        hits = [(_passage(row[1:]), places[row[0]], tuple(wanted)) for row in rows]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0].id))[:k]

    def _telling(self, words: list[str]) -> list[str]:
        total = self.connection.execute("SELECT count(*) FROM passages").fetchone()[0]
        if total < 2000 or len(words) < 3:
            return words
        many = {word: self.connection.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone() for word in words}
        known = {word: row[0] for word, row in many.items() if row}
        rare = [word for word in words if known.get(word, 0) and known[word] <= total * 0.08]
        return rare if len(rare) >= 2 else [word for word in words if word in known]


_DOCUMENT = "id, layer, path, sha256, format, kind, title, unit, county, year, added, superseded"
_PASSAGE_COLUMNS = "p.id, p.kind, p.title, p.text, p.context, p.cell, d.path, d.layer, p.unit, p.county, p.year, p.tbl, p.vector"
_FROM = "FROM passages p JOIN documents d ON d.id = p.document AND d.superseded IS NULL"
_PASSAGE = f"SELECT {_PASSAGE_COLUMNS} {_FROM}"
_PASSAGE_ROWID = f"SELECT p.rowid, {_PASSAGE_COLUMNS} {_FROM}"


def _scoped(units: Sequence[str] | None, year: int | None = None) -> tuple[str, list[Any]]:
    """The condition for records of living documents of these units and this year, with its values."""
    where, values = f"document IN ({_ACTIVE})", list[Any]()
    if units is not None:
        where += " AND unit IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(list(units)))
    if year is not None:
        where += " AND year = ?"
        values.append(year)
    return where, values


def _passage(row: Sequence[Any]) -> Passage:
    names = ("id", "kind", "title", "text", "context", "cell", "source", "layer", "unit", "county", "year", "table")
    return Passage(**dict(zip(names, row, strict=False)), vector=bool(row[12]))


def _scope_word(unit: str | None) -> str:
    # Passages that belong to nobody in particular (policies, library) carry u0 and pass every unit's filter.
    if not unit:
        return "u0"
    return "u" + hashlib.blake2b(unit.encode(), digest_size=6).hexdigest()


def _words(kind: str, text: str, context: str, unit: str | None, year: int | None) -> tuple[str, str, str]:
    scope = f"k{kind} y{year or 0} {_scope_word(unit)}"
    return " ".join(tokens(text)), " ".join(tokens(context)), scope
