"""A whole Word file revised: which drafts change which tables, which tables are new or gone, and the lines around them that carry the
year and the titles (cover, contents). The result is the old package with only its main part changed.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree

from assistant.chinese import fold
from assistant.documents.word import OpenWord
from assistant.errors import InputError
from assistant.export.revisions import Reviser
from assistant.export.tracked_rows import CannotTrack
from assistant.export.tracking import OldTable, as_in, set_text, write_changes
from assistant.table import GoalTable


class CannotTrackTable(CannotTrack):
    """CannotTrack, with the number of the new table it happened to."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index


@dataclass(slots=True)
class Revised:
    """A revised file: its bytes, the number of revisions, and the tables it says when all are accepted, in the order of the file."""

    data: bytes
    revisions: int
    accepted: list[GoalTable] = field(default_factory=list)


def revise(
    data: bytes,
    opened: OpenWord,
    old: Sequence[OldTable],
    new: Sequence[GoalTable],
    pairs: Sequence[int | None],
    *,
    author: str,
    date: str,
    remove_others: bool = False,
    whole_rows: frozenset[int] = frozenset(),
) -> Revised:
    """Write the new tables over an old Word file. ``pairs`` says which old table each new one goes on (``alignment.pair_tables``).

    ``whole_rows`` are the new tables whose indicator rows are replaced as a whole. InputError for a file that still holds somebody's
    revisions, CannotTrackTable where a change cannot be written.
    """
    reviser = Reviser(opened.root, author=author, date=date)
    if reviser.has_revisions(opened.root):
        raise InputError("上年文件里还有没处理的修订，不能再叠加修订。", "请先在 Word 里接受或拒绝全部修订，保存后再试。")
    if any(index is None for index in pairs) and not old:
        raise InputError("上年文件里没有读到绩效目标表，无法对照修订。", "请给出含上年绩效目标表的 Word 文件。")
    before = [_Blocks.of(reviser, table) for table in old]
    models = [copy.deepcopy(block.span()) for block in before[-1:]] if None in pairs else []
    model_elements = _elements_in(before[-1].span(), models[0], old[-1]) if models else {}
    # A new year on the cover holds for the untouched tables too.
    accepted = {i: table.table.model_copy(update={"year": None}) for i, table in enumerate(old)}
    for j, i in enumerate(pairs):
        if i is None:
            continue
        _guarded(j, reviser, old[i], new[j], whole=j in whole_rows)
        _titles_elsewhere(reviser, opened.root, old[i], new[j])
        accepted[i] = as_in(old[i].table, new[j])
    _years(reviser, opened.root, before, old, [(old[i].table, new[j], i) for j, i in enumerate(pairs) if i is not None])
    if remove_others:
        for i in set(range(len(old))) - set(pairs):
            for block in before[i].span():
                reviser.mark_block(block, "del")
            del accepted[i]
    added = [new[j] for j, i in enumerate(pairs) if i is None]
    extra = _add(reviser, added, old[-1], before[-1], models[0], model_elements, accepted.values()) if added else []
    return Revised(_packed(data, opened), reviser.made, [*(accepted[i] for i in sorted(accepted)), *extra])


def _guarded(index: int, reviser: Reviser, old: OldTable, new: GoalTable, *, whole: bool) -> None:
    try:
        write_changes(reviser, old, new, whole_rows=whole)
    except CannotTrack as error:
        raise CannotTrackTable(index, str(error)) from None


# -- blocks of the body -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Blocks:
    """The blocks of one table among their siblings: heading (or first table) to last table."""

    first: etree._Element
    last: etree._Element

    @classmethod
    def of(cls, reviser: Reviser, old: OldTable) -> _Blocks:
        tables: list[etree._Element] = []
        for address, element in old.elements.items():
            if address != "title" and (outer := _outermost(element, reviser.tag("tbl"))) is not None and outer not in tables:
                tables.append(outer)
        if not tables:
            raise InputError("上年文件的绩效目标表不在普通表格里，不能写成修订。", "请用 Word 打开上年文件，确认表格是真正的表格。")
        siblings = list(_parent(tables[0]))
        tables = sorted((table for table in tables if table in siblings), key=siblings.index)
        title = old.elements.get("title")
        first = title if title is not None and title in siblings and siblings.index(title) < siblings.index(tables[0]) else tables[0]
        return cls(first, tables[-1])

    def span(self) -> list[etree._Element]:
        """The blocks themselves, in order."""
        siblings = list(_parent(self.first))
        return siblings[siblings.index(self.first) : siblings.index(self.last) + 1]

    def lead(self, most: int = 3) -> list[etree._Element]:
        """The blocks right before, at most ``most``: a year may stand there."""
        siblings = list(_parent(self.first))
        start = siblings.index(self.first)
        return siblings[max(0, start - most) : start]


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _outermost(element: etree._Element, tag: str) -> etree._Element | None:
    found = list(element.iterancestors(tag))
    return found[-1] if found else None


# -- titles and years outside the form ----------------------------------------------------------------------------------------------


def _titles_elsewhere(reviser: Reviser, root: etree._Element, old: OldTable, new: GoalTable) -> None:
    """The same title in the table of contents (and wherever else a paragraph repeats it)."""
    before, after = old.table.title or "", as_in(old.table, new).title or ""
    if not before or fold(before) == fold(after):
        return
    own = old.elements.get("title")
    for paragraph in root.iter(reviser.tag("p")):
        if paragraph is own or _outermost(paragraph, reviser.tag("tbl")) is not None:
            continue
        text = reviser.text(paragraph)
        # A title may begin another one (…资金, …资金-康复): only what ends there, before the page number, is this title.
        if match := re.fullmatch(rf"(\s*\d*[.、．]?\s*){re.escape(before)}(\s*\d*\s*)", text):
            reviser.set_paragraph(paragraph, f"{match[1]}{after}{match[2]}")


def _years(
    reviser: Reviser, root: etree._Element, blocks: Sequence[_Blocks], old: Sequence[OldTable], changed: Sequence[tuple[GoalTable, GoalTable, int]]
) -> None:
    """The year on the cover and in the lines above the changed tables."""
    done: set[etree._Element] = set()
    for was, now, i in changed:
        if not was.year or not now.year or was.year == now.year:
            continue
        near = [block for block in (*blocks[i].lead(), *blocks[i].span()) if block.tag == reviser.tag("p")]
        first = min((_order(root, block.first) for block in blocks), default=0)
        cover = [p for p in root.iter(reviser.tag("p")) if _outermost(p, reviser.tag("tbl")) is None and _order(root, p) < first] if i == changed[0][2] else []
        for paragraph in (*near, *cover):
            text = reviser.text(paragraph)
            if paragraph in done or paragraph is old[i].elements.get("title"):
                continue
            if _is_year_line(text, was.year) or (paragraph in cover and _is_text_title(text, was.year)):
                done.add(paragraph)
                set_text(reviser, paragraph, text.replace(str(was.year), str(now.year), 1))


def _order(root: etree._Element, element: etree._Element) -> int:
    # The place of the block of the body that holds the element.
    body = next(iter(root), root)
    top = element
    for parent in element.iterancestors():
        if parent is body:
            break
        top = parent
    return body.index(top) if top.getparent() is body else 0


def _is_year_line(text: str, year: int) -> bool:
    return re.fullmatch(rf"[（(]?{year}年?度?[)）]?", fold(text)) is not None


def _is_text_title(text: str, year: int) -> bool:
    return len(text) <= 60 and f"{year}年" in fold(text) and "。" not in text and bool(re.search("绩效|预算", text))


# -- new tables ---------------------------------------------------------------------------------------------------------------------


def _elements_in(blocks: Sequence[etree._Element], copies: Sequence[etree._Element], old: OldTable) -> dict[str, etree._Element]:
    """The elements of a table's addresses in copies of its blocks."""
    twin = {a: b for block, other in zip(blocks, copies, strict=True) for a, b in zip(block.iter(), other.iter(), strict=True)}
    return {address: twin[element] for address, element in old.elements.items() if element in twin}


def _add(
    reviser: Reviser,
    new: Sequence[GoalTable],
    old: OldTable,
    place: _Blocks,
    model: Sequence[etree._Element],
    elements: dict[str, etree._Element],
    others: object,
) -> list[GoalTable]:
    """Put tables that last year's file does not have behind its last one, as inserted copies of that one's form."""
    at, made = place.last, []
    numbers = [table.number for table in others if isinstance(table, GoalTable) and table.number]  # type: ignore[attr-defined]
    for count, table in enumerate(new, start=1):
        blocks = [copy.deepcopy(block) for block in model]
        twin = {a: b for block, other in zip(model, blocks, strict=True) for a, b in zip(block.iter(), other.iter(), strict=True)}
        own = OldTable(old.table, {address: twin[element] for address, element in elements.items()})
        number = max(numbers) + count if numbers and old.table.number else old.table.number
        reviser.tracked = False
        try:
            write_changes(reviser, own, table, whole_rows=True)
        except CannotTrack as error:
            raise InputError(f"“{table.project.name or ''}”在上年文件里没有对应的表，按上年表样新增时写不下：{error}。", "请另行导出该项目的表。") from None
        finally:
            reviser.tracked = True
        _renumber(reviser, own.elements.get("title"), old.table.number, number)
        _set_year(reviser, blocks, old.table.year, table.year)
        for block in blocks:
            reviser.strip(block)
            at.addnext(block)
            at = block
            reviser.mark_block(block, "ins")
        made.append(as_in(old.table, table).model_copy(update={"number": number}))
    return made


def _renumber(reviser: Reviser, title: etree._Element | None, old: int | None, new: int | None) -> None:
    if title is None or not old or not new:
        return
    text = reviser.text(title)
    if re.match(rf"\s*{old}(?!\d)", text):
        reviser.tracked = False
        set_text(reviser, title, text.replace(str(old), str(new), 1))
        reviser.tracked = True


def _set_year(reviser: Reviser, blocks: Sequence[etree._Element], old: int | None, new: int | None) -> None:
    """The year in the lines of a copied form."""
    if not old or not new:
        return
    reviser.tracked = False
    for block in blocks:
        if block.tag == reviser.tag("p") and _is_year_line(reviser.text(block), old):
            set_text(reviser, block, reviser.text(block).replace(str(old), str(new), 1))
    reviser.tracked = True


def _packed(data: bytes, opened: OpenWord) -> bytes:
    """The old package with its main part replaced; every other part as it was."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.replace("\\", "/").lstrip("/").lower() == opened.part.lower():
                content = etree.tostring(opened.root, xml_declaration=True, encoding="UTF-8", standalone=True)
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = info.external_attr
            target.writestr(entry, content)
    return stream.getvalue()
