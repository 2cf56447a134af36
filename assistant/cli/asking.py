"""``assistant ask``: one answer with citations, or an honest no; a file of questions from a pipe."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from assistant.cli import render
from assistant.cli.connection import phrasing
from assistant.cli.opening import corpus_and_store

if TYPE_CHECKING:
    from assistant.answering import Answer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("ask", help="问资料库：找出或算出答案并注明出处；资料中没有的如实说没有。")(ask)


def ask(
    question: list[str] = typer.Argument(..., metavar="问题…", help="要问的话；写 - 则从标准输入读，每行一个问题。"),
    year: int = typer.Option(None, "--year", min=2000, max=2099, help="问哪一年的；不写则用最新一年的。"),
    unit: str = typer.Option(None, "--unit", help="问哪个单位的；默认取设置中的 unit，再不然用资料库里唯一的单位。"),
    k: int = typer.Option(8, "-k", "--k", min=1, max=50, help="最多看几段政策资料。"),
    offline: bool = typer.Option(False, "--offline", help="即使设置了模型也不用，直接给出查到、算出的答案。"),
    dry_run: bool = typer.Option(False, "--dry-run", help="只显示会送给模型的全文、词元数和费用，不发送。"),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出；从标准输入读时每行一个 JSON。"),
) -> None:
    """One answer, or one for each line of stdin."""
    from assistant.answering import ask as answer_to

    settings, corpus, store = corpus_and_store()
    whose = unit or settings.unit
    with phrasing(settings, offline=offline, dry_run=dry_run, as_json=as_json) as phrased:
        if question == ["-"]:
            for line in sys.stdin:
                if line.strip() and (answer := phrased(answer_to(line.strip(), corpus, store, unit=whose, year=year, k=k))):
                    _print_line(answer) if as_json else _print(answer, asked=True)
            return
        if answer := phrased(answer_to(" ".join(question), corpus, store, unit=whose, year=year, k=k)):
            render.as_json(answer.to_json()) if as_json else _print(answer)


def _print_line(answer: Answer) -> None:
    import json

    print(json.dumps(answer.to_json(), ensure_ascii=False), flush=True)


def _print(answer: Answer, *, asked: bool = False) -> None:
    from pathlib import PurePath

    from assistant.table import place_of

    if asked:
        render.say(f"问：{answer.question}", style="bold")
    render.say(answer.answer)
    for citation in answer.citations[:12]:
        name = PurePath(citation.source).name
        where = "，".join(part for part in (name, citation.project, place_of(citation.cell)) if part)
        render.say(f"  出处：{where}：{citation.text[:60]}", style="dim", hang=6)
    if len(answer.citations) > 12:
        render.say(f"  出处：另有 {len(answer.citations) - 12} 处，用 --json 查看全部", style="dim", hang=6)
    if asked:
        print()
