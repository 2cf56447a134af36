"""``assistant corpus``: the past tables, policies and indicator library, and their index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import JSON, corpus_and_store, now

if TYPE_CHECKING:
    from assistant.corpus import Added, StoredDocument

_LAYERS = {"bundled": "内置", "user": "自有"}
_KINDS = {"tables": "目标表", "policy": "政策", "indicators": "指标库", "glossary": "术语"}


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    from assistant.cli.app import add_group

    commands = {
        "add": (add, "添加资料：读得懂的任何格式，以及已签字的草稿；没有变化的不重读，同一路径的新版替代旧版。"),
        "list": (list_, "列出全部资料。"),
        "show": (show, "看一份资料：由哪些表、目标、章节组成。"),
        "search": (search, "在资料库中查找：词面与向量两路合并。"),
        "remove": (remove, "移除自己添加的一份资料（内置资料不能移除）。"),
        "rebuild": (rebuild, "由资料记录重建全部索引。"),
        "stats": (stats, "资料库里有多少什么，索引是否完整，添加是否中断过。"),
    }
    add_group(app, "corpus", "资料库：往年目标表、政策、指标库及其索引。", commands)


def add(
    paths: list[Path] = typer.Argument(None, metavar="[路径…]", help="文件、文件夹或压缩包；不写则继续上次中断的添加。", show_default=False),
    replace: bool = typer.Option(False, "--replace", help="新资料替代同一单位同一年度的旧资料。"),
    as_json: bool = JSON,
) -> int:
    """Add files, go on with an adding that was cut off, show what came in; exit 1 when something could not be read."""
    from assistant import corpus as library

    _check_signatures(paths or [])

    _, corpus, store = corpus_and_store()
    if not paths and not library.pending(corpus):
        from assistant.errors import InputError

        raise InputError("没有给出要添加的文件。", "写上文件或文件夹，例如：assistant corpus add 往年目标表/。")
    with render.progress("读取资料") as advance:
        added = library.add(corpus, paths or [], now=datetime.now().isoformat(timespec="seconds"), replace=replace, progress=advance)
    if added.new:
        store.refresh(corpus)
    render.as_json(_added_json(added)) if as_json else _print_added(added)
    return 1 if added.unread else 0


def _check_signatures(paths: list[Path]) -> None:
    """InputError for a draft whose signature no longer fits its content: only what was signed becomes a past table."""
    from assistant.errors import InputError
    from assistant.review import draft_in, verify

    for path in paths:
        draft = draft_in(path) if path.suffix.lower() == ".json" and path.is_file() else None
        if draft is None or draft.status != "signed":
            continue
        result = verify(path.read_bytes(), now=now())
        if not result.ok:
            raise InputError(f"草稿“{path.name}”的签字无效：{(result.problems or result.notices or ('',))[0]}", f"查看详情：assistant review {path} --verify。")


def list_(everything: bool = typer.Option(False, "--all", help="也列出已被新版替代的资料。"), as_json: bool = JSON) -> None:
    """The documents."""
    _, corpus, _ = corpus_and_store()
    counts = corpus.records.table_counts()
    documents = [_document(document, counts) for document in corpus.documents(superseded=everything)]
    if as_json:
        render.as_json({"documents": documents})
        return
    rows = [(d["id"], _LAYERS[d["layer"]], _KINDS[d["kind"]], d["title"], d["unit"], d["year"], d["tables"] or "", _state(d)) for d in documents]
    render.console().print(render.grid(("编号", "来源", "类别", "名称", "单位", "年度", "表数", "状态"), rows))


def show(name: str = typer.Argument(..., metavar="资料", help="编号、路径、文件名或名称的一部分。"), as_json: bool = JSON) -> None:
    """What a document is cut into."""
    from assistant import corpus as library
    from assistant.errors import InputError

    _, corpus, _ = corpus_and_store()
    found = library.find_documents(corpus, name)
    if not found:
        raise InputError(f"资料库里没有“{name}”。", "用 assistant corpus list 查看全部资料的编号和名称。")
    contents = [(document, corpus.contents(document.id)) for document in found]
    if as_json:
        render.as_json({"documents": [{**_document(document, {}), "contents": [_piece(piece) for piece in pieces]} for document, pieces in contents]})
        return
    for document, pieces in contents:
        title = f"{document.title}（{_LAYERS[document.layer]}，{document.path}）"
        rows = [(library.KIND_LABELS[piece.kind], piece.title, piece.cell, piece.text) for piece in pieces]
        render.console().print(render.grid(("类别", "名称", "位置", "内容"), rows, title=title))


def search(
    query: str = typer.Argument(..., metavar="内容", help="要找的话。"),
    k: int = typer.Option(8, "-k", "--k", min=1, max=100, help="最多几条。"),
    year: int = typer.Option(None, "--year", help="只找这一年的。"),
    unit: str = typer.Option(None, "--unit", help="只找这个单位的。"),
    kind: str = typer.Option(None, "--kind", help="只找一类：table、row、goal、policy、library、glossary。"),
    why: bool = typer.Option(False, "--why", help="说明每条为什么找到。"),
    as_json: bool = JSON,
) -> None:
    """The passages nearest to some words."""
    from assistant.corpus import KIND_LABELS
    from assistant.errors import InputError
    from assistant.retrieval import search as look_up

    if not query.strip():
        raise InputError("要找的话是空的。", "例如：assistant corpus search 职业培训补贴。")
    if kind is not None and kind not in KIND_LABELS:
        raise InputError(f"--kind 的值“{kind}”无效。", f"可用的值：{'、'.join(KIND_LABELS)}。")
    _, corpus, store = corpus_and_store()
    hits = look_up(corpus, store, query, k=k, year=year, unit=_one_unit(corpus, unit) if unit else None, kind=kind)
    if as_json:
        render.as_json({"query": query, "hits": [{**_piece(hit.passage), "score": round(hit.score, 5), "why": hit.why} for hit in hits]})
        return
    rows = [(n, KIND_LABELS[hit.passage.kind], hit.passage.title, hit.passage.text, *((hit.why,) if why else ())) for n, hit in enumerate(hits, 1)]
    render.console().print(render.grid(("", "类别", "名称", "内容", *(("理由",) if why else ())), rows) if rows else "没有找到。")


def remove(name: str = typer.Argument(..., metavar="资料", help="编号、路径或文件名。"), as_json: bool = JSON) -> None:
    """Remove one's own documents."""
    from assistant import corpus as library

    _, corpus, store = corpus_and_store()
    gone = library.remove(corpus, name)
    store.refresh(corpus)
    if as_json:
        render.as_json({"removed": [_document(document, {}) for document in gone]})
        return
    for document in gone:
        print(render.plain(f"已移除：{document.title}（{document.path}）"))


def rebuild(as_json: bool = JSON) -> None:
    """Make all indexes anew from the records."""
    _, corpus, store = corpus_and_store()
    corpus.rebuild()
    vectors = store.rebuild(corpus)
    if as_json:
        render.as_json({"passages": sum(corpus.records.counts().values()), "vectors": vectors})
        return
    print(f"已重建：{sum(corpus.records.counts().values())} 段资料，{vectors} 个向量。")


def stats(as_json: bool = JSON) -> None:
    """Counts, and whether the index is whole."""
    from assistant import corpus as library

    facts = _facts()
    if as_json:
        render.as_json(facts)
        return
    counts, waiting = facts["passages"], facts["unfinished"]
    rows = [("位置", facts["place"]), ("资料", f"{facts['documents']} 份（另有旧版 {facts['superseded']} 份）"), ("单位", f"{facts['units']} 个")]
    rows += [(library.KIND_LABELS[kind], f"{counts[kind]} 段") for kind in library.KIND_LABELS if kind in counts]
    rows += [("向量", f"{facts['vectors']} 个（{facts['embedder']}）"), ("默认单位", facts["own_unit"] or "（未定，可用 assistant config set unit 设置）")]
    rows += [("未添加完", "、".join(waiting) + "（运行 assistant corpus add 继续）")] if waiting else []
    render.console().print(render.grid(("项目", "内容"), rows))


def _facts() -> dict[str, Any]:
    from assistant import corpus as library

    _, corpus, store = corpus_and_store()
    return {
        "place": str(corpus.place),
        "documents": len(corpus.documents()),
        "superseded": len(corpus.documents(superseded=True)) - len(corpus.documents()),
        "units": len({unit for unit, *_ in corpus.units}),
        "passages": corpus.records.counts(),
        "vectors": store.count(corpus),
        "embedder": store.embedder.name,
        "fingerprint": corpus.fingerprint,
        "own_unit": corpus.own_unit,
        "unfinished": [str(path) for path in library.pending(corpus)],
    }


def _one_unit(corpus: Any, name: str) -> str:
    from assistant.errors import InputError

    units = corpus.units_named(name)
    if len(units) == 1:
        return str(units[0])
    known = "、".join(dict.fromkeys(units or [unit for unit, *_ in corpus.units][:10]))
    raise InputError(f"--unit “{name}”{'对应多个单位' if units else '在资料库中没有'}。", f"可写：{known}。")


def _document(document: StoredDocument, counts: dict[int, int]) -> dict[str, Any]:
    names = ("id", "layer", "kind", "title", "path", "unit", "county", "year", "format", "sha256", "added", "superseded")
    return {**{name: getattr(document, name) for name in names}, "tables": counts.get(document.id, 0)}


def _piece(passage: Any) -> dict[str, Any]:
    names = ("kind", "title", "text", "cell", "source", "layer", "unit", "year")
    return {name: getattr(passage, name) for name in names}


def _state(document: dict[str, Any]) -> str:
    return f"已被 {document['superseded']} 号替代" if document["superseded"] else ""


def _added_json(added: Added) -> dict[str, Any]:
    pairs = ("same_content", "superseded", "unread", "warnings", "overlapping")
    return {
        "new": added.new,
        "unchanged": added.unchanged,
        "tables": added.tables,
        "skipped": added.skipped,
        "empty": added.empty,
        "texts": added.texts,
        **{name: [list(pair) for pair in getattr(added, name)] for name in pairs},
    }


def _print_added(added: Added) -> None:
    lines = [f"新增 {len(added.new)} 份资料，{added.tables} 张目标表；未变 {added.unchanged} 份。"]
    lines += [f"内容相同，未重复添加：{name}（已有 {other}）" for name, other in added.same_content]
    lines += [f"新版替代旧版：{new} → 替代 {old}" for old, new in added.superseded]
    lines += [
        f"同单位同年度已有相同项目：{name} 与 {other}；如为新版，请加 --replace 重新添加，或用 assistant corpus remove 移除旧的。"
        for name, other in added.overlapping
    ]
    lines += [f"没有读成：{name}：{why}" for name, why in added.unread]
    for said, names in (
        ("没有目标表，按文字资料收入（可以查原文）", added.texts),
        ("没有目标表，未收入", added.empty),
        ("没有读的其他类型文件", added.skipped),
    ):
        if names:
            lines.append(f"{said} {len(names)} 个：{'、'.join(Path(name).name for name in names[:5])}{'…' if len(names) > 5 else ''}")
    lines += [f"注意：{name}：{why}" for name, why in added.warnings]
    print(render.plain("\n".join(lines)))
