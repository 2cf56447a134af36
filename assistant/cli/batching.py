"""``assistant draft --projects``: a whole list drafted with progress, resumed where it stopped, and summed up against last year."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.cli import drafting as single
from assistant.cli import render
from assistant.cli.opening import settings_and_corpus
from assistant.errors import ModelError

if TYPE_CHECKING:
    from assistant.cli.connection import ByModel
    from assistant.corpus import Corpus
    from assistant.draft import Draft
    from assistant.drafting.batch import Entry, Summary
    from assistant.settings import Settings


def many(
    path: Path,
    options: dict[str, Any],
    drafting: Callable[..., Draft],
    output: Path | None,
    *,
    again: bool,
    as_json: bool,
    by_model: ByModel | None,
) -> None:
    """Draft every project of the list, then show and save the summary. Exit 1 when a project failed."""
    import typer

    from assistant.drafting import batch
    from assistant.drafting.saving import file_name

    settings, corpus = settings_and_corpus()
    entries = _entries(path, options)
    folder = output or settings.drafts / file_name(path.stem)

    def make(fields: Mapping[str, Any]) -> Draft:
        return single.one(fields.get("sentence"), {key: value for key, value in fields.items() if key != "sentence"}, settings, corpus, drafting, asking=False)

    if by_model is not None and by_model.dry_run:
        by_model.improved([make(entry.fields) for entry in entries], corpus, settings, asking=False)
        return
    at_once = by_model.concurrency if by_model else 1
    state = f"{corpus.fingerprint}|{'embedded' if by_model is None else f'model:{settings.model}'}"
    with render.progress("起草") as bar, _asking_model(by_model, corpus, settings) as (prepare, finish, spent):

        def advance(done: int, total: int, name: str) -> None:
            bar(done, total, f"{name}{spent()}")

        summary = batch.run(entries, lambda fields: prepare(make(fields)), folder, state=state, again=again, finish=finish, workers=at_once, advance=advance)
    units = [one.unit for one in summary.results if one.unit]
    batch.year_on_year(summary, corpus.past_tables(unit=sorted(set(units))) if units else ())
    kept = batch.write_summary(summary, folder)
    render.as_json({**summary.to_json(), "folder": str(folder)}) if as_json else _show(summary)
    say = render.notice if as_json else print
    say(f"草稿和汇总已保存在：{folder}（{'、'.join(one.name for one in kept)}）")
    if any(one.state == "failed" for one in summary.results):
        raise typer.Exit(1)


def _entries(path: Path, options: dict[str, Any]) -> list[Entry]:
    """The list's projects as the drafter's options; options of the command line hold for what a line does not say."""
    from assistant.drafting.batch import Entry
    from assistant.extraction.projects import read_list
    from assistant.extraction.wording import no_amount

    lines, report = read_list(path)
    for warning in report.warnings:
        render.notice(f"注意：{warning}")
    for unread in report.unread:
        render.notice(f"没有读懂：{unread.where}：{unread.why}")
    entries = []
    for line in lines:
        request = line.request
        fields: dict[str, Any] = {
            "sentence": request.sentence,
            "name": request.name,
            "year": request.year or (None if request.sentence and "年" in request.sentence else options["year"]),
            "unit": request.unit or options["unit"],
            "purpose": request.purpose,
            "basis": list(request.basis) or list(options["basis"]),
            "known": dict(request.known),
            "frame": options["frame"],
        }
        for part in ("budget", "fiscal", "other"):
            written = line.fields.get(part, "")
            # An amount that was written but is none fails its project, with the words; the others go on.
            fields[part] = getattr(request, part) or (written if str(written).strip() and not no_amount(str(written)) else None)
        entries.append(Entry(line.where, fields))
    return entries


_Steps = tuple[Callable[["Draft"], Any], "Callable[[Any], Draft] | None", Callable[[], str]]


@contextmanager
def _asking_model(by_model: ByModel | None, corpus: Corpus, settings: Settings) -> Iterator[_Steps]:
    """What prepares a draft (here, where the corpus is), what finishes it (with the model, several at a time; None without one), and
    what was spent so far, for the progress line."""
    if by_model is None:
        yield (lambda draft: draft), None, (lambda: "")
        return
    from assistant.cli.connection import connected
    from assistant.drafting import generated
    from assistant.drafting.material import gather

    with connected(settings, concurrency=by_model.concurrency, max_cost=by_model.max_cost) as model:

        def finish(material: Any) -> Draft:
            try:
                return generated.improve(material, model)
            except ModelError as error:
                if not by_model.offline:
                    raise
                return generated.offline(material, error)

        yield (lambda draft: gather(draft, corpus)), finish, (lambda: f"（{model.spent.short}）")
        render.notice(f"模型 {model.name}：{model.spent}。")


def _line(where: str) -> str:
    """Where a project stands, as its line alone."""
    import re

    found = re.search(r"第\d+[行项个]$", where)
    return found[0] if found else where


def _short(name: str) -> str:
    """A project's name with its document number cut to the number itself (163号 残疾人事业发展补助资金-康复)."""
    from assistant.chinese import document_numbers, without_document_numbers

    found = document_numbers(name)
    return f"{found[0].number}号 {without_document_numbers(name)}" if found else name


def _show(summary: Summary) -> None:
    from assistant.drafting import batch

    out = render.console()
    # What every terminal can hold, and what a wide one adds; reasons stand below the table.
    columns, wide = ["项目名称", "与上年", "上年预算", "本年预算", "增减", "待核实"], ["指标", "错误", "警告"]
    roomy = out.width >= 100
    rows = []
    for row in batch.lines(summary):
        where, name, _unit, _year, state, last, now, change, count, asked, errors, warnings, _file, _message = row
        rows.append([f"{_line(where)} {_short(name)}".strip(), state, last, now, change, asked, *((count, errors, warnings) if roomy else ())])
    out.print(render.grid(columns + (wide if roomy else []), rows))
    for one in summary.results:
        if one.message:
            render.say(f"{one.where}“{_short(one.name)}”：{one.message}")
    if summary.dropped:
        render.say(f"上年有而清单中没有：{'、'.join(_short(one.name) for one in summary.dropped)}。请确认是否取消。")
    counts = summary.to_json()["counts"]
    resumed = sum(one.resumed for one in summary.results)
    said = f"延续{counts['continued']}个，新增{counts['new']}个，失败{counts['failed']}个，上年有而清单中没有{counts['dropped']}个；"
    said += f"待核实{counts['open_questions']}处；金额单位万元。"
    render.say(said + (f"其中{resumed}个是上次已完成的。" if resumed else ""))
