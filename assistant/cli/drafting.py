"""``assistant draft``: one table from options or a sentence, or many from a list of projects."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.connection import modelled
from assistant.cli.opening import now, settings_and_corpus
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.cli.connection import ByModel
    from assistant.corpus import Corpus
    from assistant.draft import Draft, Request
    from assistant.settings import Settings

# The few questions whose answers change the table most; the rest is listed.
_ASKED_AT_ONCE = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("draft", help="起草绩效目标表：说一句话，或用选项逐项给出；--projects 给一张项目清单则全部起草。")(draft)


def draft(
    sentence: str | None = typer.Argument(
        None, metavar="[一句话需求]", help="例如：残保金2026年预算495万，培训55人每人1600元。选项比这句话优先。", show_default=False
    ),
    name: str = typer.Option("", "--name", help="项目名称。", show_default=False),
    year: str | None = typer.Option(None, "--year", help="预算年度，例如 2026。", show_default=False),
    budget: str | None = typer.Option(None, "--budget", help="预算数，默认单位万元，也可写 4800000元。", show_default=False),
    fiscal: str | None = typer.Option(None, "--fiscal", help="其中：财政资金。", show_default=False),
    other: str | None = typer.Option(None, "--other", help="其中：其他资金。", show_default=False),
    purpose: str | None = typer.Option(None, "--purpose", help="资金用途，逐项写。", show_default=False),
    basis: list[str] = typer.Option([], "--basis", help="依据的文件（文号），可多次。", show_default=False),
    known: list[str] = typer.Option([], "--known", help="已知的数：名称=数值，例如 培训人数=50人，可多次。", show_default=False),
    unit: str | None = typer.Option(None, "--unit", help="预算单位；默认取设置中的 unit。", show_default=False),
    projects: Path | None = typer.Option(None, "--projects", help="项目清单（xlsx、csv 或 json），全部起草。", show_default=False),
    drafter: str = typer.Option("embedded", "--drafter", help="embedded（不用模型）或 model（用设置的模型）。"),
    output: Path | None = typer.Option(None, "-o", "--output", help="存到哪个文件夹；默认存到工作区的 drafts。", show_default=False),
    frame: str | None = typer.Option(None, "--frame", help="指标框架：2015 或 2021。", show_default=False),
    dry_run: bool = typer.Option(False, "--dry-run", help="只显示会送给模型的全文、词元数和费用，不发送。"),
    max_cost: str | None = typer.Option(None, "--max-cost", help="模型费用上限，到了就停；单位同单价。", show_default=False),
    concurrency: int = typer.Option(8, "--concurrency", min=1, max=64, help="用模型批量起草时，同时几个。"),
    continue_offline: bool = typer.Option(False, "--continue-offline", help="模型失败时不停下，继续离线起草并注明。"),
    again: bool = typer.Option(False, "--again", help="与 --projects 合用：不接着上次，全部重新起草。"),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出草稿。"),
    no_input: bool = typer.Option(False, "--no-input", help="不在终端提问，只列出待核实的问题。"),
) -> None:
    """Understand, draft, ask, save, show."""
    by_model = modelled(drafter, dry_run=dry_run, max_cost=max_cost, offline=continue_offline, as_json=as_json, concurrency=concurrency)
    drafting = drafter_named(drafter)
    options = {
        "name": name,
        "year": year,
        "budget": budget,
        "fiscal": fiscal,
        "other": other,
        "purpose": purpose,
        "basis": basis,
        "known": known,
        "unit": unit,
        "frame": frame,
    }
    if projects is None:
        asking = not no_input and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
        one_or_few(sentence, options, drafting, output, as_json=as_json, asking=asking, by_model=by_model)
        return
    from assistant.cli import batching

    batching.many(projects, options, drafting, output, again=again, as_json=as_json, by_model=by_model)


def drafter_named(name: str) -> Callable[..., Draft]:
    """The drafter of that name: extension point "name → callable"."""
    # The model's drafter begins with the same draft; what it adds needs a connection and is put around it in ``one_or_few``.
    drafters: dict[str, Callable[[], Callable[..., Draft]]] = {"embedded": _embedded, "model": _embedded}
    if name not in drafters:
        raise InputError(f"没有起草器“{name}”。", f"可用的起草器：{'、'.join(drafters)}。")
    return drafters[name]()


def _embedded() -> Callable[..., Draft]:
    from assistant.drafting import embedded

    return embedded.draft


def one_or_few(
    sentence: str | None,
    options: dict[str, Any],
    drafting: Callable[..., Draft],
    output: Path | None,
    *,
    as_json: bool,
    asking: bool,
    by_model: ByModel | None = None,
) -> None:
    """Draft what the sentence and options ask for: one project, or each of the few that one sentence names."""
    from assistant.drafting.request import projects_in

    if not sentence and not any(options[key] for key in ("name", "purpose", "known", "budget")):
        raise InputError("没有说要起草什么项目。", "写一句话（例如 残保金2026年495万），或用 --name、--budget 等选项给出；--projects 给清单。")
    settings, corpus = settings_and_corpus()
    said = projects_in(sentence) if sentence and not options["name"] else [sentence]
    drafts = [one(piece, options, settings, corpus, drafting, asking=asking) for piece in said]
    if by_model is not None:
        drafts = by_model.improved(drafts, corpus, settings, asking=asking)
        if by_model.dry_run:
            return
    saved = [_saved(draft, output or settings.drafts) for draft in drafts]
    if as_json:
        shown = [draft.model_dump(mode="json", by_alias=True) for draft in drafts]
        render.as_json(shown[0] if len(shown) == 1 else {"drafts": shown})
    for draft, (json_path, docx_path, wrong) in zip(drafts, saved, strict=True):
        if not as_json:
            from assistant.cli import form

            form.show_draft(draft)
        _say_saved(json_path, docx_path, wrong, as_json=as_json)


def one(sentence: str | None, options: dict[str, Any], settings: Settings, corpus: Corpus, drafting: Callable[..., Draft], *, asking: bool) -> Draft:
    """Draft one project, with what was answered and refused before; ``asking`` puts the questions that matter most to the person."""
    from assistant import refusals
    from assistant.drafting import known, matching
    from assistant.drafting.request import answered, understand

    request = understand(sentence, this_year=this_year(corpus), **options)
    unit = matching.unit_named(corpus, request.unit) or settings.unit or corpus.own_unit
    earlier = known.answers_for(settings.home, unit, request)
    same_year = {key: text for key, (text, year) in earlier.items() if year == request.year and key not in request.known}
    request = answered(request, same_year) if same_year else request
    extra = {"unit": settings.unit, "refused": refusals.refused_rows(settings.home, unit), "answers": earlier, "now": now()}
    made = drafting(request, corpus, **extra)
    if asking and made.open_questions:
        answers = ask(made)
        if answers:
            # Under both names: what was said, and what the table is called.
            for name in dict.fromkeys(filter(None, (request.name, made.table.project.name))):
                known.keep_answers(settings.home, unit, name, made.table.year, answers, at=now())
            made = drafting(answered(request, answers), corpus, **extra)
    return made


def ask(made: Draft) -> dict[str, str]:
    """Ask the questions that matter most, one line each; an empty line skips, Ctrl-D ends."""
    from assistant.cli import form

    form.show_table(made.table, provenance=made.provenance)
    questions = [question for question in made.open_questions if question.known_as][:_ASKED_AT_ONCE]
    render.console().print(f"\n还有{len(questions)}个问题会影响这张表，直接回车跳过：", style="bold")
    answers: dict[str, str] = {}
    for i, question in enumerate(questions, 1):
        try:
            text = input(f"{i}/{len(questions)} {render.plain(question.question)}\n> ").strip()
        except EOFError:
            break
        if text and _acceptable(made.request, str(question.known_as), text):
            answers[str(question.known_as)] = text
    return answers


def _acceptable(request: Request, known_as: str, text: str) -> bool:
    """An answer that cannot be used is said so and skipped, not fatal."""
    from assistant.drafting.request import answered

    try:
        answered(request, {known_as: text})
    except InputError as error:
        render.notice(f"{error.message}{error.hint}已跳过。")
        return False
    return True


def this_year(corpus: Corpus) -> int:
    """What 今年 means: the year of the newest past table when that is this year or last year (people say 照今年的表), else the clock's."""
    newest = max((year for _, year, _, _ in corpus.units if year), default=0)
    this = datetime.now().year
    return newest if newest in (this, this - 1) else this


def _saved(draft: Draft, folder: Path) -> tuple[Path, Path, tuple[str, ...]]:
    from assistant.drafting.saving import save

    done = save(draft, folder)
    return done.json, done.docx, done.differences


def _say_saved(json_path: Path, docx_path: Path, wrong: tuple[str, ...], *, as_json: bool) -> None:
    say = render.notice if as_json else print
    say(f"\n已保存：{docx_path}\n        {json_path}" if not as_json else f"已保存：{docx_path}、{json_path}")
    for difference in wrong:
        render.notice(f"注意：写出的 Word 与草稿不一致：{difference}")
