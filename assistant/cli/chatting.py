"""``assistant chat``: the conversation on a terminal, through a pipe, or as JSON lines for another program."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import corpus_and_store, now
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.chat.agent import Agent
    from assistant.chat.conversation import Conversation, Reply
    from assistant.chat.session import Sessions
    from assistant.draft import Draft
    from assistant.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("chat", help="对话：用平常话提问、起草、修改、检查、导出；说“帮助”看例子，对话自动保存。")(chat)


def chat(
    session: str | None = typer.Option(None, "--session", help="接着哪个对话说（编号或编号开头）；last 为最近一个。", show_default=False),
    draft: Path | None = typer.Option(None, "--draft", help="一开始就打开这份草稿。", show_default=False),
    person: str | None = typer.Option(None, "--person", help="谁在修改，记入草稿的历史；默认取设置中的 person，再不然用登录名。", show_default=False),
    listed: bool = typer.Option(False, "--list", help="列出所有对话后退出。"),
    branch: int | None = typer.Option(None, "--branch", help="从 --session 的第几轮另起一个对话。", show_default=False),
    transcript: Path | None = typer.Option(None, "--export", help="把 --session 的对话存成 Markdown（含引用）后退出。", show_default=False),
    offline: bool = typer.Option(False, "--offline", help="即使设置了模型也不用。"),
    as_json: bool = typer.Option(False, "--json", help="每轮输出一行 JSON，供其他程序使用。"),
) -> None:
    """Choose the session, then read, answer, keep, until the end of input."""
    from assistant import settings
    from assistant.chat.session import Sessions

    # Read once: the first reading takes call-home variables, OPENAI_* among them, out of the process.
    loaded = settings.load()
    sessions = Sessions(loaded.home / "sessions")
    if listed:
        _list(sessions, as_json=as_json)
        return
    if transcript is not None:
        _write_transcript(transcript, sessions, session, branch)
        return
    chosen = _chosen(sessions, session, branch)
    talk = _conversation(loaded, sessions, chosen, person)
    if draft is not None:
        talk.session = talk.session.model_copy(update={"draft": str(talk.desk.draft_named(str(draft)).absolute())})
        # What is no draft is said now, not at the first sentence.
        talk.draft()
    _converse(talk, None if offline else _agent(loaded, talk), as_json=as_json)


def _write_transcript(path: Path, sessions: Sessions, session: str | None, branch: int | None) -> None:
    from assistant import workspace

    if session is None:
        raise InputError("--export 要和 --session 一起用。", "例如：assistant chat --session last --export 对话.md。")
    workspace.write(path, _chosen(sessions, session, branch).markdown())
    render.notice(f"已保存：{path}")


def _agent(loaded: Settings, talk: Conversation) -> Agent | None:
    """The agent of the configured model, None without one."""
    from assistant import settings

    place = settings.endpoint(loaded)
    if place is None:
        return None
    from assistant.chat.agent import Agent
    from assistant.cli.connection import call_log

    log = call_log(loaded)
    return Agent(talk, place, record=lambda call, outcome: log.record(call, place.host, place.model, outcome, 0.0))


def _chosen(sessions: Sessions, name: str | None, branch: int | None) -> Any:
    if name is None:
        if branch is not None:
            raise InputError("--branch 要和 --session 一起用。", "例如：assistant chat --session last --branch 3。")
        return sessions.new(now())
    everything = sessions.all()
    if not everything:
        raise InputError("还没有对话。", "不加 --session 就是新的对话：assistant chat。")
    found = everything[0] if name == "last" else sessions.load(name)
    return found if branch is None else sessions.branch(found, branch, now())


def _list(sessions: Sessions, *, as_json: bool) -> None:
    found = sessions.all()
    if as_json:
        render.as_json([{"id": one.id, "title": one.title, "turns": len(one.turns), "updated": one.updated, "draft": one.draft} for one in found])
        return
    rows = [(one.id, one.title, len(one.turns), one.updated.replace("T", " "), Path(one.draft).name if one.draft else "") for one in found]
    render.console().print(render.grid(("编号", "开头", "轮数", "最近", "草稿"), rows) if rows else "还没有对话。")


def _conversation(loaded: Settings, sessions: Sessions, session: Any, person: str | None) -> Conversation:
    import getpass

    from assistant.chat.conversation import Conversation
    from assistant.chat.desk import Desk
    from assistant.cli.drafting import this_year
    from assistant.corpus import Corpus

    corpus = Corpus.open(loaded.home, notify=render.notice)
    desk = Desk(
        home=loaded.home,
        unit=loaded.unit,
        person=person or loaded.person or getpass.getuser(),
        now=now,
        this_year=this_year(corpus),
        open_corpus=lambda: corpus,
        open_store=_open_store,
        export=_export,
        drafts=loaded.drafts,
    )
    return Conversation(desk, sessions, session)


def _open_store(corpus: Any) -> Any:
    return corpus_and_store()[2]


def _export(draft: Draft, to: str, path: Path) -> Path:
    from assistant.delivery import deliver
    from assistant.export import FORMATS

    if to not in FORMATS:
        raise InputError(f"不能导出成“{to}”。", f"可用的格式：{'、'.join(FORMATS)}。")
    deliver(path, [draft.table], to=to)
    return path


def _converse(talk: Conversation, agent: Agent | None, *, as_json: bool) -> None:
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    handle = talk.handle if agent is None else (lambda line: _arriving(agent, line)) if terminal else agent.handle
    if terminal:
        at_hand = f"手上的草稿是{Path(talk.session.draft).stem}。" if talk.session.draft else ""
        render.console().print(f"{'接着上次的对话。' if talk.session.turns else '您好。'}{at_hand}说“帮助”看例子，Ctrl-D 退出；对话自动保存。", style="dim")
    for line in _lines(talk) if terminal else (line.rstrip("\n") for line in sys.stdin):
        try:
            reply = handle(line)
            _show(reply, as_json=as_json, terminal=terminal)
        except KeyboardInterrupt:
            # Ctrl-C stops this answer; what was said before is kept, and the conversation goes on.
            render.notice("已停止这个回答。")
            continue
        if reply.over:
            break


def _arriving(agent: Agent, line: str) -> Reply:
    """The model's words as they come, shown dim until they are checked."""
    from rich.live import Live
    from rich.text import Text

    with Live(Text(""), console=render.console(), transient=True, refresh_per_second=8, vertical_overflow="visible") as live:
        return agent.handle(line, lambda text: live.update(Text(render.plain(text), style="dim")))


def _lines(talk: Conversation) -> Iterator[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    from assistant import workspace
    from assistant.cli.completing import Words
    from assistant.export import FORMATS
    from assistant.validation import RULES

    home = workspace.make_folder(talk.desk.home)
    history = home / "chat-history"
    history.touch(mode=0o600, exist_ok=True)
    names = {past.table.project.name for past in talk.desk.corpus.past_tables() if past.table.project.name}
    words = Words(names, [rule.code for rule in RULES], list(FORMATS), lambda: [path.stem for path in talk.desk.known_drafts()])
    prompt: PromptSession[str] = PromptSession(history=FileHistory(str(history)), completer=words, complete_while_typing=False)
    while True:
        try:
            yield prompt.prompt("› ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


def _markdown(text: str) -> Any:
    """A reply for the terminal: its lines stay lines, which Markdown would join, and long cells are folded, not cut."""
    from rich.markdown import Markdown, TableElement

    class Folded(TableElement):
        def __rich_console__(self, console: Any, options: Any) -> Any:
            for table in super().__rich_console__(console, options):
                for column in getattr(table, "columns", ()):
                    column.overflow = "fold"
                yield table

    class Reply(Markdown):
        elements = {**Markdown.elements, "table_open": Folded}  # noqa: RUF012

    return Reply(render.plain(text).replace("\n", "  \n"))


def _show(reply: Reply, *, as_json: bool, terminal: bool) -> None:
    if reply.kind == "empty":
        return
    if as_json:
        cited = [each.model_dump(mode="json") for each in reply.citations]
        print(json.dumps({"reply": reply.text, "kind": reply.kind, "citations": cited, "over": reply.over}, ensure_ascii=False), flush=True)
        return
    if terminal:
        render.console().print(_markdown(reply.text))
    else:
        print(render.plain(reply.text))
    if reply.citations:
        from assistant.chat.session import place

        lines = [f"  [{number}] {place(each)}" for number, each in enumerate(reply.citations[:8], 1)]
        more = [f"  … 共{len(reply.citations)}处"] if len(reply.citations) > 8 else []
        shown = render.plain("\n".join([*lines, *more]))
        render.console().print(shown, style="dim") if terminal else print(shown)
    print(flush=True)
