"""Corpus: the open catalogue of records, both layers, and how it gets open: made, brought up to date, mended, or held in memory.

Opening is cheap while nothing changed: the bundled folder is compared by sizes and times, not read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import tomllib
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant import workspace
from assistant.chinese import fold
from assistant.corpus import ingest, passages
from assistant.corpus.policies import Policy
from assistant.corpus.records import SCHEMA, Records, StoredDocument, StoredTable, damage_mark
from assistant.corpus.tokens import VERSION as WORDS_VERSION
from assistant.corpus.units import county_of, names_of
from assistant.draft import Source
from assistant.errors import InputError, StoreError, WorkspaceError, fault_in
from assistant.resources import bundled as bundled_folder
from assistant.table import Budget, DepartmentGoals, GoalTable, Project, Unit

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PastTable:
    """A goal table of the corpus and where it stands. ``source.path`` is its document; ``layer`` bundled or user."""

    table: GoalTable
    source: Source
    unit: str | None
    county: str | None
    year: int | None
    layer: str
    id: str


@dataclass(frozen=True, slots=True)
class PastDepartment:
    """Part 1 of a department's text and where it stands."""

    goals: DepartmentGoals
    source: Source
    unit: str | None
    county: str | None
    year: int | None
    layer: str


class Corpus:
    """The open corpus. Made by ``Corpus.open``; reading only, save through ``add``, ``remove`` and ``rebuild``."""

    def __init__(self, records: Records, home: Path, notify: Notify) -> None:
        self.records = records
        self.home = home
        self.notify = notify
        # Whether opening made or changed records, so that the index has to follow.
        self.updated = False

    @classmethod
    def open(cls, home: Path, *, bundled: Path | None = None, notify: Notify = lambda _message: None) -> Corpus:
        """The corpus of a workspace: its records are made or brought up to date when the bundled texts changed.

        ``notify`` gets Chinese lines about anything done beyond reading. Raises WorkspaceError when another process holds the
        records too long, StoreError when they can neither be read nor made.
        """
        folder = bundled or bundled_folder("corpus")
        corpus = cls(_open_records(home, notify), home, notify)
        corpus._bring_up_to_date(folder)
        return corpus

    @property
    def place(self) -> Path:
        """The folder that records and index live in."""
        return self.home / "corpus"

    def close(self) -> None:
        """Close the records file."""
        self.records.close()

    # -- what there is -------------------------------------------------------------------------------------------------------------

    def documents(self, *, superseded: bool = False) -> list[StoredDocument]:
        """Every document, bundled first; older versions only when asked for."""
        return self.records.documents(superseded=superseded)

    def past_tables(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> list[PastTable]:
        """Past goal tables, optionally of some units (exact names) and one year, in the order of document and form."""
        units = [unit] if isinstance(unit, str) else unit
        return [self._past(stored) for stored in self.records.tables(units=units, year=year)]

    def tables_by_id(self, ids: Sequence[str]) -> dict[str, PastTable]:
        """Past tables by id, as passages name them; ids that are gone are missing."""
        return {stored.id: self._past(stored) for stored in self.records.tables(ids=ids)} if ids else {}

    def heads(self, units: Sequence[str] | None, years: Sequence[int]) -> list[PastTable]:
        """The tables of some units (None = all, also those of no unit) in these years and of no year: their heads only, quick by the ten thousand."""
        return [self._headed(*row) for row in self.records.heads(units, years)]

    def _headed(self, id: str, document: int, number: int | None, project: str, code: str | None, *rest: Any) -> PastTable:
        unit_code, unit, county, year, money_unit, total, fiscal, other, purpose = rest
        amounts = (None if text is None else Decimal(text) for text in (total, fiscal, other))
        table = GoalTable.built(
            number=number, title=None, year=year, unit=Unit.built(code=unit_code, name=unit), money_unit=money_unit,
            project=Project.built(code=code, name=project), budget=Budget.built(**dict(zip(("total", "fiscal", "other"), amounts, strict=True))),
            purpose=purpose, spending_plan=(), goals=(), indicators=(), form="", frame="", extra={},
        )  # fmt: skip
        kept = self._documents[document]
        return PastTable(table, Source(path=kept.path, project=project, year=year), unit, county, year, kept.layer, id)

    def departments(self, unit: str | Sequence[str] | None = None, year: int | None = None) -> list[PastDepartment]:
        """Part 1 of department texts, optionally of some units (exact names) and one year."""
        units = [unit] if isinstance(unit, str) else unit
        return [
            PastDepartment(
                DepartmentGoals.model_validate_json(text),
                Source(path=self._documents[document].path, year=when),
                office,
                county,
                when,
                self._documents[document].layer,
            )
            for document, office, county, when, text in self.records.parts(units=units, year=year)
        ]

    def policies(self) -> list[Policy]:
        """Every policy digest and policy text."""
        return [
            Policy.model_validate({**self.records.content(document.id)[0], "source": document.path})
            for document in self._documents.values()
            if document.kind == "policy"
        ]

    def contents(self, document: int) -> list[passages.Passage]:
        """Every passage of one document, in order."""
        return self.records.passages_of(document)

    @cached_property
    def units(self) -> list[tuple[str, int | None, str, int]]:
        """Every (unit, year, layer, number of tables)."""
        return self.records.units()

    @property
    def own_unit(self) -> str | None:
        """The unit meant when nobody names one: the one unit of the user's layer, else the one of the bundled layer, else None."""
        for layer in ("user", "bundled"):
            found = {unit for unit, _year, where, _n in self.units if where == layer}
            if found:
                return found.pop() if len(found) == 1 else None
        return None

    @cached_property
    def own_units(self) -> tuple[str, ...]:
        """The units that all means: the user's, and bundled ones of their counties; the bundled ones while the user has none."""
        mine = [unit for unit, _year, layer, _n in self.units if layer == "user"]
        places = {county_of(unit) for unit in mine}
        return tuple(dict.fromkeys(unit for unit, *_ in self.units if not mine or unit in mine or county_of(unit) in places))

    def units_named(self, name: str) -> list[str]:
        """The corpus's units that a name (full, short, place alone) may mean, in order."""
        wanted = fold(name)
        return [unit for unit in dict.fromkeys(unit for unit, *_ in self.units) if wanted in names_of(unit)]

    @property
    def fingerprint(self) -> str:
        """A short hash of every living document: the state of the corpus, for traces and for the vector index."""
        text = "\n".join(f"{document.layer}:{document.path}:{document.sha256}" for document in self._documents.values())
        return hashlib.sha256(f"{SCHEMA}.{WORDS_VERSION}\n{text}".encode()).hexdigest()[:16]

    def forget_cached(self) -> None:
        """Called after records changed: what is remembered about them is read again."""
        for name in ("_documents", "units", "own_units"):
            self.__dict__.pop(name, None)

    @cached_property
    def _documents(self) -> dict[int, StoredDocument]:
        return {document.id: document for document in self.records.documents()}

    def _past(self, stored: StoredTable) -> PastTable:
        document = self._documents[stored.document]
        source = Source(path=document.path, project=stored.project, year=stored.year)
        return PastTable(_table(stored), source, stored.unit, stored.county, stored.year, document.layer, stored.id)

    # -- keeping the bundled layer -------------------------------------------------------------------------------------------------

    def rebuild(self, *, bundled: Path | None = None) -> None:
        """Make everything derived anew: the bundled layer from its files, the user's layer from its stored readings."""
        with self.locked():
            self._derive_all()
            self._import_bundled(bundled or bundled_folder("corpus"), everything=True)
        self.forget_cached()

    def locked(self) -> AbstractContextManager[None]:
        """The one writer's lock over records and index."""
        if not self.records.writable:
            raise WorkspaceError(f"没有写入“{self.place}”的权限，资料库只能读。", "请换一个可写的文件夹（ASSISTANT_HOME），或请管理员开放权限。")
        return workspace.locked(self.place / "records")

    def _bring_up_to_date(self, folder: Path) -> None:
        sizes = _sizes(folder)
        current = f"{SCHEMA}.{WORDS_VERSION}"
        if self.records.meta("bundled sizes") == sizes and self.records.meta("schema") == current:
            return
        if not self.records.writable:
            self._update(folder, sizes, current)
            return
        with self.locked():
            # Another process may have done it while this one waited.
            if self.records.meta("bundled sizes") != sizes or self.records.meta("schema") != current:
                self._update(folder, sizes, current)

    def _update(self, folder: Path, sizes: str, current: str) -> None:
        schema = self.records.meta("schema")
        if schema not in (None, current):
            self.notify("资料库的格式已更新，正在由已存资料重建…")
            self._derive_all()
        self._import_bundled(folder, everything=schema != current)
        self.records.set_meta("bundled sizes", sizes)
        self.records.set_meta("schema", current)
        self.updated = True
        self.forget_cached()

    def _derive_all(self) -> None:
        with self.records.transaction():
            self.records.clear_derived()
            for document in self.records.documents(layer="user"):
                content, _ = self.records.content(document.id)
                ingest.derive(self.records, document.id, document.layer, document.kind, document.sha256, document.unit, document.year, content)

    def _import_bundled(self, folder: Path, *, everything: bool) -> None:
        known = {document.path: document for document in self.records.documents(layer="bundled", superseded=True)}
        wanted = {path.relative_to(folder).as_posix(): path for path in _files(folder) if path.parent.name in ("tables", "policies")}
        told = _manifest(folder)
        with self.records.transaction():
            for name, document in known.items():
                if everything or name not in wanted or hashlib.sha256(wanted[name].read_bytes()).hexdigest() != document.sha256:
                    self.records.drop_document(document.id)
            kept = {document.path for document in self.records.documents(layer="bundled", superseded=True)}
            for name, path in sorted(wanted.items()):
                if name not in kept:
                    self._keep_bundled(name, path, told.get(name, {}))
            self._keep_library(folder)

    def _keep_bundled(self, name: str, path: Path, told: dict[str, Any]) -> None:
        try:
            reading = ingest.read_file(path, name, unit=told.get("unit"), year=told.get("year"))
        except InputError as error:
            self.notify(f"内置资料“{name}”没有读成：{error.message}")
            return
        document = ingest.keep(self.records, "bundled", reading)
        twin = next((one for one in self.records.documents(layer="user") if one.sha256 == reading.sha256), None)
        if twin is not None:
            self.hide(document, twin.id)

    def hide(self, document: int, newer: int) -> None:
        """Let a newer document stand for an older one: the old stays listed as superseded and is no longer found."""
        self.records.drop_document(document, keep=True)
        self.records.connection.execute("UPDATE documents SET superseded = ? WHERE id = ?", (newer, document))

    def _keep_library(self, folder: Path) -> None:
        from assistant import library

        parts: list[tuple[str, str, Callable[[], Iterable[passages.Passage]]]] = []
        if (folder / "indicators" / "类型.csv").is_file():
            parts.append(("indicators", "绩效指标库", lambda: passages.of_library(library.project_types(folder), library.general_rows(folder))))
        if (folder / "glossary" / "术语.csv").is_file():
            parts.append(("glossary", "术语表", lambda: passages.of_glossary(library.glossary(folder))))
        for name, title, make in parts:
            digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((folder / name).glob("*.csv")))).hexdigest()
            for old in self.records.documents(layer="bundled"):
                if old.path == name:
                    self.records.drop_document(old.id)
            document = self.records.put_document(
                layer="bundled", path=name, sha256=digest, format="csv", kind=name, title=title, unit=None, county=None, year=None, content={}, original=""
            )
            self.records.put_passages(document, make())


def _table(stored: StoredTable) -> GoalTable:
    """The table with the unit and year that only the file's name told."""
    table = GoalTable.model_validate_json(stored.json)
    found: dict[str, object] = {}
    if table.year is None and stored.year is not None:
        found["year"] = stored.year
    if table.unit.name is None and stored.unit is not None:
        found["unit"] = table.unit.model_copy(update={"name": stored.unit})
    return table.model_copy(update=found) if found else table


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~$")))


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """What the manifest tells of each file, by path; a missing manifest tells nothing."""
    try:
        data = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"“{folder / 'manifest.toml'}”写法有误：{fault_in(error)}。", "请按 TOML 格式改正。") from None
    return {str(entry["path"]): entry for entry in data.get("table", ())}


def _sizes(folder: Path) -> str:
    stats = [(path.relative_to(folder).as_posix(), path.stat()) for path in _files(folder)]
    return hashlib.sha256(json.dumps([(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]).encode()).hexdigest()


def _open_records(home: Path, notify: Notify) -> Records:
    """The records file, whatever state it is in: made, opened, mended from what can still be read, or copied to memory."""
    place = home / "corpus"
    path = place / "records.sqlite"
    try:
        workspace.make_folder(place)
        if not path.exists() or _writable(path):
            return Records.at(path)
    except WorkspaceError:
        pass
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise WorkspaceError(f"资料库“{path}”正被另一个进程写入。", "请稍候重试。") from None
    except sqlite3.DatabaseError:
        return _mended(path, notify)
    notify(f"“{place}”不可写，本次在内存中使用内置资料" + ("和已有资料。" if path.exists() else "，不会保存。"))
    try:
        return Records.in_memory(path if path.exists() else None)
    except sqlite3.DatabaseError:
        return Records.in_memory()


def _writable(path: Path) -> bool:
    import os

    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _mended(path: Path, notify: Notify) -> Records:
    """A damaged file is put aside; the user's documents that can still be read out of it are kept."""
    aside = next(place for n in range(1, 1000) if not (place := path.with_name(f"records.damaged-{n}.sqlite")).exists())
    with workspace.locked(path.with_suffix("")):
        path.replace(aside)
        damage_mark(path).unlink(missing_ok=True)
        for suffix in ("-journal", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        try:
            records = Records.at(path)
        except sqlite3.Error as error:
            raise StoreError(f"资料库“{path}”损坏，也无法新建：{error}。", "请检查磁盘，或用 ASSISTANT_HOME 换一个文件夹。") from None
        saved = _salvage(aside, records)
    notify(f"资料库文件已损坏，已另存为“{aside.name}”并重建；从中救回自己添加的资料 {saved} 份，缺的请用 assistant corpus add 重新添加。")
    return records


def _salvage(damaged: Path, records: Records) -> int:
    columns = "layer, path, sha256, format, kind, title, unit, county, year, added, content, original"
    saved = 0
    try:
        with contextlib.closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as source:
            for row in source.execute(f"SELECT {columns} FROM documents WHERE layer = 'user' AND superseded IS NULL"):
                layer, _path, sha256, _format, kind, _title, unit, _county, year, _added, content, _original = row
                with records.transaction():
                    marks = ",".join("?" * len(row))
                    cursor = records.connection.execute(f"INSERT INTO documents ({columns}) VALUES ({marks})", row)
                    assert cursor.lastrowid is not None
                    ingest.derive(records, cursor.lastrowid, layer, kind, sha256, unit, year, json.loads(content))
                saved += 1
    except (sqlite3.Error, ValueError):
        # Whatever came before the damage is saved; the caller says how many.
        pass
    return saved
