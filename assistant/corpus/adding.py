"""Adding to and removing from the user's layer: what changed is read, what is the same is left alone, what is newer supersedes.

Files to read are noted first, each document is then written with its note struck out in one transaction: after a crash the notes
say what is missing, and adding again goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from assistant.corpus import ingest
from assistant.corpus.catalogue import Corpus
from assistant.corpus.records import StoredDocument
from assistant.errors import AssistantError, InputError

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Added:
    """What adding did: documents by what became of them. ``unread`` and ``warnings`` are (path, reason in Chinese),
    ``skipped`` files of kinds that are never read, ``empty`` spreadsheets and blank texts without goal tables (not kept), ``texts``
    documents without goal tables kept as texts to be quoted, ``overlapping`` documents of one unit and year that share projects."""

    new: list[str] = field(default_factory=list)
    unchanged: int = 0
    same_content: list[tuple[str, str]] = field(default_factory=list)
    superseded: list[tuple[str, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)
    overlapping: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tables: int = 0


def add(
    corpus: Corpus,
    paths: Iterable[Path],
    *,
    now: str | None = None,
    replace: bool = False,
    progress: Progress = lambda _done, _total, _path: None,
) -> Added:
    """Add files, folders and archives to the user's layer, or go on with what an interrupted run left when ``paths`` is empty.

    A file whose size and time are known is not opened again; one whose content is already there is not kept twice; a new version of
    the same path supersedes the old one, and with ``replace`` a document, also one that was there, supersedes others of its unit and year. Raises
    InputError for a path that is not there; a file that cannot be read is reported in ``unread`` and stops nothing.
    """
    from assistant.documents.readers import files

    result = Added()
    with corpus.locked():
        wanted = [Path(path) for path in paths]
        for path in wanted:
            if not path.exists():
                raise InputError(f"找不到“{path}”。", "请检查路径和文件名，含空格时请加引号。")
        wanted = wanted or _unfinished(corpus, result)
        others: list[Path] = []
        changed = [file for file in files(wanted, skipped=others) if replace or not _known(corpus, file, result)]
        result.skipped += map(str, others)
        _note(corpus, [str(file.resolve()) for file in changed])
        for done, file in enumerate(changed):
            progress(done, len(changed), str(file))
            _add_file(corpus, file, result, now=now, replace=replace)
        if changed:
            progress(len(changed), len(changed), "")
    corpus.forget_cached()
    return result


def pending(corpus: Corpus) -> list[Path]:
    """Files that an interrupted run had still to read."""
    return [Path(row[0]) for row in corpus.records.connection.execute("SELECT path FROM pending ORDER BY path")]


def remove(corpus: Corpus, name: str) -> list[StoredDocument]:
    """Remove the user's documents that a path, file name or number means; gives what was removed.

    InputError when nothing fits, when several different files fit, or when it is part of the bundled texts.
    """
    with corpus.locked():
        chosen = _chosen(corpus, name)
        paths = {document.path for document in chosen}
        with corpus.records.transaction():
            for document in corpus.records.documents(layer="user", superseded=True):
                if document.path in paths:
                    corpus.records.drop_document(document.id)
                    _bring_back(corpus, document.id)
            for path in paths:
                corpus.records.connection.execute("DELETE FROM files WHERE path = ?", (path.split("!")[0],))
        corpus.records.scrub()
    corpus.forget_cached()
    return chosen


def find_documents(corpus: Corpus, name: str) -> list[StoredDocument]:
    """Documents that a number, a path, a file name or a part of the title means."""
    documents = corpus.documents(superseded=True)
    if name.isdigit() and (exact := [document for document in documents if document.id == int(name)]):
        return exact
    for test in (
        lambda document: document.path in (name, str(Path(name).absolute())),
        lambda document: Path(document.path.split("!")[-1]).name == name or document.title == name,
        lambda document: name in document.title or name in document.path,
    ):
        found = [document for document in documents if test(document)]
        if found:
            return found
    return []


def _chosen(corpus: Corpus, name: str) -> list[StoredDocument]:
    found = [document for document in find_documents(corpus, name) if document.superseded is None or document.layer == "user"]
    own = [document for document in found if document.layer == "user"]
    if not found:
        raise InputError(f"资料库里没有“{name}”。", "用 assistant corpus list 查看全部资料的编号和名称。")
    if not own:
        raise InputError(f"“{found[0].title}”是随程序提供的内置资料，不能移除。", "只能移除自己用 assistant corpus add 添加的资料。")
    if len({document.path for document in own}) > 1:
        listed = "、".join(f"{document.id} {document.title}" for document in own[:5])
        raise InputError(f"“{name}”对应多份资料：{listed}。", "请写编号。")
    return own


def _bring_back(corpus: Corpus, removed: int) -> None:
    """Bundled texts that the removed document stood for are found again."""
    connection = corpus.records.connection
    for (document,) in connection.execute("SELECT id FROM documents WHERE superseded = ? AND layer = 'bundled'", (removed,)).fetchall():
        connection.execute("UPDATE documents SET superseded = NULL WHERE id = ?", (document,))
        layer, kind, sha256, unit, year = connection.execute("SELECT layer, kind, sha256, unit, year FROM documents WHERE id = ?", (document,)).fetchone()
        ingest.derive(corpus.records, document, layer, kind, sha256, unit, year, corpus.records.content(document)[0])


def _unfinished(corpus: Corpus, result: Added) -> list[Path]:
    """What an interrupted run left; files that are gone since are reported and no longer waited for."""
    waiting = pending(corpus)
    gone = [path for path in waiting if not path.exists()]
    if gone:
        result.unread.extend((str(path), "文件已不在原处") for path in gone)
        with corpus.records.transaction():
            corpus.records.connection.executemany("DELETE FROM pending WHERE path = ?", [(str(path),) for path in gone])
    return [path for path in waiting if path not in gone]


def _known(corpus: Corpus, file: Path, result: Added) -> bool:
    """Whether the file was read before with this size and time; what could not be read of it then is told again."""
    stat = file.stat()
    path = str(file.resolve())
    row = corpus.records.connection.execute("SELECT size, modified, outcome FROM files WHERE path = ?", (path,)).fetchone()
    if row is None or row[0] != stat.st_size or row[1] != stat.st_mtime_ns:
        return False
    result.unchanged += 1
    if row[2]:
        result.unread.append((path, str(row[2])))
    return True


def _note(corpus: Corpus, files: list[str]) -> None:
    if files:
        with corpus.records.transaction():
            corpus.records.connection.executemany("INSERT OR IGNORE INTO pending VALUES (?)", [(file,) for file in files])


def _add_file(corpus: Corpus, file: Path, result: Added, *, now: str | None, replace: bool) -> None:
    """Read a file, or every member of an archive, and keep it. The file's note is struck out with the last of it in one transaction."""
    from assistant.documents.readers import expand

    path = str(file.resolve())
    if draft := ingest.unsigned_draft_of(file):
        # Not noted as read: once the draft is signed the form may be added.
        result.unread.append((path, f"是草稿的表，草稿还没有签字。先审核签字：assistant review {draft}"))
        with corpus.records.transaction():
            corpus.records.connection.execute("DELETE FROM pending WHERE path = ?", (path,))
        return
    try:
        items = [(item, path if isinstance(item, Path) else f"{path}!{item.path.partition('!')[2]}") for item in expand([file])]
    except AssistantError as error:
        result.unread.append((path, error.message))
        items = []
    readings: list[tuple[ingest.Reading, str]] = []
    for item, name in items:
        try:
            readings.append((ingest.read_file(item, name), name))
        except AssistantError as error:
            result.unread.append((name, error.message))
    with corpus.records.transaction():
        for reading, name in readings:
            _keep(corpus, reading, name, result, now=now, replace=replace)
        why = "；".join(reason for name, reason in result.unread if name == path or name.startswith(f"{path}!"))
        connection = corpus.records.connection
        connection.execute("DELETE FROM pending WHERE path = ?", (path,))
        stat = file.stat()
        connection.execute("INSERT OR REPLACE INTO files VALUES (?,?,?,'',?)", (path, stat.st_size, stat.st_mtime_ns, why))


def _keep(corpus: Corpus, reading: ingest.Reading, name: str, result: Added, *, now: str | None, replace: bool) -> None:
    result.warnings.extend((name, warning) for warning in reading.warnings)
    if reading.kind == "none":
        result.empty.append(name)
        return
    alike = corpus.records.documents_like(reading.sha256, name, reading.unit if reading.kind == "tables" else None, reading.year)
    twin = next((one for one in alike if one.layer == "user" and one.sha256 == reading.sha256), None)
    if twin is not None:
        if twin.path != name:
            result.same_content.append((name, twin.path))
        elif replace:
            result.unchanged += 1
            for old in alike:
                if old.id != twin.id and _same_scope(old, reading):
                    corpus.hide(old.id, twin.id)
                    result.superseded.append((old.path, name))
        return
    document = ingest.keep(corpus.records, "user", reading, added=now)
    for old in alike:
        same_text = old.layer == "bundled" and old.sha256 == reading.sha256
        same_place = old.layer == "user" and old.path == name
        same_scope = _same_scope(old, reading)
        if same_text or same_place or (replace and same_scope):
            corpus.hide(old.id, document)
            if not same_text:
                result.superseded.append((old.path, name))
        elif same_scope and _share_projects(corpus, old.id, document):
            result.overlapping.append((name, old.path))
    result.new.append(name)
    if reading.kind == "policy" and reading.format != "md":
        result.texts.append(name)
    result.tables += reading.tables


def _same_scope(old: StoredDocument, reading: ingest.Reading) -> bool:
    return reading.kind == old.kind == "tables" and reading.unit is not None and (old.unit, old.year) == (reading.unit, reading.year)


def _share_projects(corpus: Corpus, old: int, new: int) -> bool:
    sql = "SELECT 1 FROM tables a JOIN tables b ON a.project = b.project WHERE a.document = ? AND b.document = ? LIMIT 1"
    return corpus.records.connection.execute(sql, (old, new)).fetchone() is not None
