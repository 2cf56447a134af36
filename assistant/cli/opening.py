"""What most commands begin with: the option ``--json``, the time, settings, the open corpus, and the vector store that belongs to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from assistant.cli.render import notice

if TYPE_CHECKING:
    from assistant.corpus import Corpus
    from assistant.settings import Settings
    from assistant.store import VectorStore


JSON = typer.Option(False, "--json", help="以 JSON 输出。")


def now() -> str:
    """The time with which what a person does is kept, to the second, with its zone."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def settings_and_corpus() -> tuple[Settings, Corpus]:
    """Settings and the open corpus of this workspace."""
    from assistant import settings
    from assistant.corpus import Corpus

    loaded = settings.load()
    return loaded, Corpus.open(loaded.home, notify=notice)


def corpus_and_store() -> tuple[Settings, Corpus, VectorStore]:
    """Settings, corpus and store of this workspace. On first use, and after the bundled texts changed, the index is made, and said."""
    from assistant.store import open_store

    loaded, corpus = settings_and_corpus()
    store = open_store(loaded.home, loaded.chroma_url, headers=loaded.chroma_headers, notify=notice)
    if corpus.updated and corpus.records.writable:
        notice("首次使用或资料有更新，正在建立索引…")
        store.refresh(corpus)
    return loaded, corpus, store
