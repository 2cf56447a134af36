"""Many projects in one run: each drafted and saved on its own, so that an interruption or one bad project costs nothing of the rest.

What is done is noted beside the drafts; running the same list again goes on where it stopped and drafts again only what changed.
The summary compares with last year: continued, new and dropped projects, budgets, open questions.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant import __version__, workspace
from assistant.chinese import fold
from assistant.corpus import PastTable
from assistant.draft import Draft
from assistant.drafting import saving
from assistant.errors import AssistantError

PROGRESS_FILE, SUMMARY_FILE = ".批量进度", "汇总"
STATES = {"continued": "延续", "new": "新增", "failed": "失败", "dropped": "未延续"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One project of a list: where it stands there (第3行) and what it says, by the names of the contract."""

    where: str
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Result:
    """What became of one project. ``state`` continued, new or failed; amounts in 万元 as decimal strings; ``message`` why it failed."""

    where: str
    name: str
    unit: str | None = None
    year: int | None = None
    state: str = "new"
    last_name: str | None = None
    last_budget: str | None = None
    budget: str | None = None
    rows: int = 0
    open_questions: int = 0
    errors: int = 0
    warnings: int = 0
    json: str | None = None
    docx: str | None = None
    message: str | None = None
    resumed: bool = False


@dataclass(slots=True)
class Summary:
    """The whole run: results in the list's order and last year's projects that nobody continued."""

    results: list[Result] = field(default_factory=list)
    dropped: list[Result] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Counts, results and dropped projects as plain values."""
        counts = {state: sum(one.state == state for one in (*self.results, *self.dropped)) for state in STATES}
        counts["open_questions"] = sum(one.open_questions for one in self.results)
        return {
            "kind": "batch",
            "counts": counts,
            "budget": _sum(one.budget for one in self.results),
            "last_budget": _sum(one.last_budget for one in (*self.results, *self.dropped)),
            "results": [asdict(one) for one in self.results],
            "dropped": [asdict(one) for one in self.dropped],
        }


def run(
    entries: Sequence[Entry],
    make: Callable[[Mapping[str, Any]], Any],
    folder: Path,
    *,
    state: str,
    again: bool = False,
    finish: Callable[[Any], Draft] | None = None,
    workers: int = 1,
    advance: Callable[[int, int, str], None] = lambda _done, _total, _name: None,
) -> Summary:
    """Draft every entry with ``make`` into ``folder``.

    ``state`` is what besides the entry decides a draft (corpus, drafter): a noted result of the same entry and state whose files are
    there is taken as it is, unless ``again``. Only the failure to write to the folder ends the run. With ``finish`` a draft is made in two
    steps: ``make`` prepares in this thread, where the corpus is, and ``finish`` waits for a model in ``workers`` threads; results stand in
    the order of the list all the same.
    """
    workspace.make_folder(folder)
    noted = {} if again else _noted(folder)
    summary = Summary()
    results: dict[int, tuple[Result, Draft | None]] = {}
    for index, result, draft in _results(entries, make, folder, noted, state, finish, workers):
        fields = entries[index].fields
        results[index] = (result, draft)
        advance(len(results), len(entries), str(fields.get("name") or fields.get("sentence") or entries[index].where))
    for index in sorted(results):
        result, draft = results[index]
        summary.results.append(result)
        if draft is not None:
            summary.drafts.append(draft)
    return summary


def _results(
    entries: Sequence[Entry],
    make: Callable[[Mapping[str, Any]], Any],
    folder: Path,
    noted: Mapping[str, Mapping[str, Any]],
    state: str,
    finish: Callable[[Any], Draft] | None,
    workers: int,
) -> Iterator[tuple[int, Result, Draft | None]]:
    """Place in the list, result and draft of each entry, as they are ready. At most twice ``workers`` are prepared ahead."""
    pool = ThreadPoolExecutor(max(workers, 1)) if finish is not None else None
    waiting: dict[Future[Draft], int] = {}

    def kept(index: int, draft: Draft) -> tuple[int, Result, Draft]:
        return index, _saved(entries[index], draft, folder, _key(entries[index], state)), draft

    def ready() -> Iterator[tuple[int, Result, Draft | None]]:
        for future in wait(waiting, return_when=FIRST_COMPLETED).done:
            index = waiting.pop(future)
            error = future.exception()
            yield (index, _failed(entries[index], error), None) if isinstance(error, Exception) else kept(index, future.result())

    try:
        for index, entry in enumerate(entries):
            if (resumed := _resumed(noted.get(_key(entry, state)), folder)) is not None:
                yield index, resumed, None
                continue
            try:
                made = make(entry.fields)
            except Exception as error:
                yield index, _failed(entry, error), None
                continue
            if pool is None or finish is None:
                yield kept(index, made)
                continue
            waiting[pool.submit(finish, made)] = index
            while len(waiting) >= 2 * max(workers, 1):
                yield from ready()
        while waiting:
            yield from ready()
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _saved(entry: Entry, draft: Draft, folder: Path, key: str) -> Result:
    """Save a draft and note it. The note comes just before the draft's file, with the hashes of what stood there and of what will: a kill
    in between shows."""
    made: list[Result] = []

    def note(saved: saving.Saved, text: str) -> None:
        made.append(_result(entry, draft, saved))
        after = hashlib.sha256(text.encode()).hexdigest()
        line = {"key": key, "before": _digest(saved.json), "after": after, "result": asdict(made[0])}
        workspace.append(folder / PROGRESS_FILE, json.dumps(line, ensure_ascii=False))

    saving.save(draft, folder, check=False, noting=note)
    return made[0]


def _failed(entry: Entry, error: Exception) -> Result:
    name = str(entry.fields.get("name") or entry.fields.get("sentence") or "")[:40]
    if isinstance(error, AssistantError):
        return Result(entry.where, name, state="failed", message=f"{error.message}{error.hint}")
    # A defect of ours in one project must not cost the others.
    return Result(entry.where, name, state="failed", message=f"程序内部出错（{type(error).__name__}：{error}），该项目没有起草，请反馈这一行的内容。")


def _result(entry: Entry, draft: Draft, saved: saving.Saved) -> Result:
    table, last = draft.table, draft.previous
    return Result(
        where=entry.where,
        name=table.project.name or "",
        unit=table.unit.name,
        year=table.year,
        state="continued" if last is not None else "new",
        last_name=last.project.name if last is not None else None,
        last_budget=f"{last.budget.total:f}" if last is not None and last.budget.total is not None else None,
        budget=f"{table.budget.total:f}" if table.budget.total is not None else None,
        rows=len(table.indicators),
        open_questions=len(draft.open_questions),
        errors=sum(finding.severity == "error" and finding.outcome == "failed" for finding in draft.findings),
        warnings=sum(finding.severity == "warning" and finding.outcome == "failed" for finding in draft.findings),
        json=saved.json.name,
        docx=saved.docx.name,
    )


def year_on_year(summary: Summary, past: Iterable[PastTable]) -> None:
    """Add last year's projects of the units drafted that no draft of this run continues."""
    years = {(fold(one.unit or ""), one.year) for one in summary.results if one.state != "failed" and one.year}
    taken = {fold(one.last_name or "") for one in summary.results}
    for table in past:
        name = table.table.project.name or ""
        unit = fold(table.unit or "")
        if (unit, (table.year or 0) + 1) not in years or fold(name) in taken:
            continue
        total = table.table.budget.total
        summary.dropped.append(
            Result(
                "", name, table.unit, table.year, "dropped", name, f"{total:f}" if total is not None else None, message="清单中没有接续这个项目，请确认是否取消"
            )
        )


def write_summary(summary: Summary, folder: Path) -> tuple[Path, Path]:
    """Write the summary as JSON and as a workbook."""
    kept, book = folder / f"{SUMMARY_FILE}.json", folder / f"{SUMMARY_FILE}.xlsx"
    workspace.write(kept, json.dumps(summary.to_json(), ensure_ascii=False, indent=2) + "\n")
    workspace.write(book, _workbook(summary))
    return kept, book


COLUMNS: tuple[tuple[str, int], ...] = (
    ("位置", 8),
    ("项目名称", 44),
    ("预算单位", 24),
    ("年度", 7),
    ("与上年", 8),
    ("上年预算（万元）", 14),
    ("本年预算（万元）", 14),
    ("增减（万元）", 12),
    ("指标行数", 9),
    ("待核实", 8),
    ("错误", 6),
    ("警告", 6),
    ("文件", 40),
    ("说明", 50),
)


def lines(summary: Summary) -> list[tuple[Any, ...]]:
    """The summary as rows under ``COLUMNS``."""
    return [
        (
            one.where,
            one.name,
            one.unit or "",
            one.year or "",
            STATES[one.state],
            _decimal(one.last_budget),
            _decimal(one.budget),
            _difference(one),
            one.rows or "",
            one.open_questions or "",
            one.errors or "",
            one.warnings or "",
            one.docx or "",
            one.message or "",
        )
        for one in (*summary.results, *summary.dropped)
    ]


def _decimal(text: str | None) -> Decimal | str:
    return Decimal(text) if text else ""


def _difference(one: Result) -> Decimal | str:
    if one.state == "dropped":
        return -Decimal(one.last_budget) if one.last_budget else ""
    if one.budget is None or (one.state == "continued" and one.last_budget is None):
        return ""
    return Decimal(one.budget) - Decimal(one.last_budget or 0)


def _sum(amounts: Iterable[str | None]) -> str:
    return f"{sum((Decimal(amount) for amount in amounts if amount), Decimal(0)):f}"


def _workbook(summary: Summary) -> bytes:
    import io

    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("汇总")
    head = book.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1, "text_wrap": True})
    money = book.add_format({"num_format": "#,##0.00"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    rows = lines(summary)
    for index, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Decimal):
                sheet.write_number(index, column, float(cell), money)
            elif isinstance(cell, int):
                sheet.write_number(index, column, cell)
            else:
                sheet.write_string(index, column, "".join(char for char in str(cell) if char >= " " or char in "\n\t"))
    total = len(rows) + 1
    sheet.write_string(total, 1, "合计", head)
    for column in (5, 6, 7):
        sheet.write_number(total, column, float(sum((row[column] for row in rows if isinstance(row[column], Decimal)), Decimal(0))), money)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    book.close()
    return buffer.getvalue()


def _key(entry: Entry, state: str) -> str:
    data = json.dumps([__version__, state, dict(entry.fields)], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(data.encode()).hexdigest()[:24]


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _noted(folder: Path) -> dict[str, dict[str, Any]]:
    """The last note of each key; a line cut by a kill is none."""
    try:
        text = (folder / PROGRESS_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    notes: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            note = json.loads(line)
            notes[str(note["key"])] = note
    return notes


def _resumed(note: Mapping[str, Any] | None, folder: Path) -> Result | None:
    if note is None:
        return None
    try:
        result = Result(**{**note["result"], "resumed": True})
    except (KeyError, TypeError):
        return None
    if not result.json or not result.docx or not (folder / result.docx).is_file():
        return None
    # Edited since, it stays; only what the note found there is no result of it.
    digest = _digest(folder / result.json)
    return result if digest == note.get("after") or digest not in (None, note.get("before")) else None
