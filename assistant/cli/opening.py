"""What most commands begin with: settings, the open corpus, and the vector store that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.cli.render import notice

if TYPE_CHECKING:
    from assistant.corpus import Corpus
    from assistant.settings import Settings
    from assistant.store import VectorStore


def corpus_and_store() -> tuple[Settings, Corpus, VectorStore]:
    """Settings, corpus and store of this workspace. On first use, and after the bundled texts changed, the index is made, and said."""
    from assistant import settings
    from assistant.corpus import Corpus
    from assistant.store import open_store

    loaded = settings.load()
    corpus = Corpus.open(loaded.home, notify=notice)
    store = open_store(loaded.home, loaded.chroma_url, headers=loaded.chroma_headers, notify=notice)
    if corpus.updated and corpus.records.writable:
        notice("首次使用或资料有更新，正在建立索引…")
        store.refresh(corpus)
    return loaded, corpus, store
