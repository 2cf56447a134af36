"""Word's own revisions (w:ins, w:del) on an existing document's XML: a changed paragraph, cell or row that Word, WPS and LibreOffice
show, accept and reject.

What is changed is cut as finely as it differs; every run keeps its formatting, inserted text takes that of what it replaces. With
``tracked=False`` the same edits are made without a trace (to fill a copied form). Nothing here knows goal tables.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lxml import etree

from assistant.export.characters import clean

# Who stands on revisions that the program makes, unless a person is named.
AUTHOR = "绩效目标助手"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WORDS_2010 = "http://schemas.microsoft.com/office/word/2010/wordml"
# One sign, or a run of digits or Latin letters: what a reader takes in as one.
_TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|[\s\S]")
_OBJECT = "\ufffc"
# Texts less alike than this are replaced whole; a patchwork of single characters helps nobody.
_LEAST_ALIKE = 0.4


@dataclass(slots=True)
class _Atom:
    """One character of a paragraph and the run child it stands in."""

    text: str
    run: etree._Element
    child: etree._Element


class Reviser:
    """Makes revisions in one document. ``author`` and ``date`` (ISO 8601) stand on each; ids continue after those in use.
    ``made`` counts the marks."""

    def __init__(self, root: etree._Element, *, author: str, date: str, tracked: bool = True) -> None:
        self._w = "{" + str(root.tag)[1:].partition("}")[0] + "}"
        self._author, self._date = clean(author), date
        self.tracked = tracked
        self.made = 0
        used = (element.get(f"{self._w}id") or "" for element in root.iter() if isinstance(element.tag, str))
        self._next = max((int(number) for number in used if number.isdigit()), default=0) + 1

    # -- reading ----------------------------------------------------------------------------------------------------------------

    def paragraphs(self, container: etree._Element) -> list[etree._Element]:
        """The paragraphs of a cell, those of nested tables and text boxes left out."""
        inside = (self.tag("tbl"), self.tag("txbxContent"))
        return [p for p in container.iter(self.tag("p")) if not any(parent.tag in inside for parent in _between(p, container))]

    def text(self, container: etree._Element) -> str:
        """The text of a paragraph or of a cell's paragraphs, one a line."""
        if container.tag == self.tag("p"):
            return "".join(atom.text for atom in self._atoms(container))
        return "\n".join(self.text(p) for p in self.paragraphs(container))

    def tag(self, name: str) -> str:
        """The full name of an element or attribute of Word's namespace."""
        return f"{self._w}{name}"

    def columns(self, row: etree._Element) -> dict[int, etree._Element]:
        """The cells of a table row by the column of the grid in which they begin."""
        before = row.find(f"{self.tag('trPr')}/{self.tag('gridBefore')}")
        column = int(before.get(self.tag("val")) or 0) if before is not None else 0
        found: dict[int, etree._Element] = {}
        for cell in row.findall(self.tag("tc")):
            found[column] = cell
            span = cell.find(f"{self.tag('tcPr')}/{self.tag('gridSpan')}")
            column += int(span.get(self.tag("val")) or 1) if span is not None else 1
        return found

    def has_revisions(self, root: etree._Element) -> bool:
        """Whether somebody's changes are still waiting in this document."""
        names = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel")
        return any(True for _ in root.iter(*(self.tag(name) for name in names)))

    # -- text -------------------------------------------------------------------------------------------------------------------

    def set_cell(self, cell: etree._Element, text: str) -> None:
        """Give a cell a text, a paragraph a line."""
        paragraphs = self.paragraphs(cell)
        while len(paragraphs) > 1 and not self.text(paragraphs[-1]).strip():
            paragraphs.pop()
        lines = clean(text).split("\n")
        if not paragraphs:
            return
        for paragraph, line in zip(paragraphs, lines, strict=False):
            self.set_paragraph(paragraph, line)
        if len(lines) > len(paragraphs):
            self._add_paragraphs(paragraphs[-1], lines[len(paragraphs) :])
        else:
            self._drop_paragraphs(paragraphs, len(lines))

    def set_paragraph(self, paragraph: etree._Element, text: str) -> None:
        """Give a paragraph a text on one line, changing no more than differs."""
        atoms = self._atoms(paragraph)
        old = "".join(atom.text for atom in atoms)
        text = clean(text).replace("\n", " ")
        if old == text:
            return
        deleted: set[int] = set()
        inserted: dict[int, str] = {}
        for start, end, new in _edits(old, text):
            deleted.update(range(start, end))
            if new:
                inserted[end] = new
        self._apply(paragraph, atoms, deleted, inserted)

    def _atoms(self, paragraph: etree._Element) -> list[_Atom]:
        atoms = []
        skipped = tuple(self.tag(name) for name in ("del", "moveFrom", "txbxContent", "tbl"))
        for run in paragraph.iter(self.tag("r")):
            if any(parent.tag in skipped or str(parent.tag).endswith("}Fallback") for parent in _between(run, paragraph)):
                continue
            for child in run:
                name = str(child.tag).rpartition("}")[2] if isinstance(child.tag, str) else ""
                if name == "t":
                    atoms += [_Atom(char, run, child) for char in child.text or ""]
                elif name in _SHOWN:
                    atoms.append(_Atom(_SHOWN[name], run, child))
        return atoms

    def _apply(self, paragraph: etree._Element, atoms: Sequence[_Atom], deleted: set[int], inserted: dict[int, str]) -> None:
        by_run: dict[int, list[int]] = {}
        for i, atom in enumerate(atoms):
            by_run.setdefault(id(atom.run), []).append(i)
        for indexes in by_run.values():
            if any(i in deleted or i in inserted or (i == len(atoms) - 1 and len(atoms) in inserted) for i in indexes):
                self._rebuild(atoms, indexes, deleted, inserted)
        if not atoms and inserted:
            paragraph.append(self._inserted_run("".join(inserted.values()), self._mark_properties(paragraph)))

    def _rebuild(self, atoms: Sequence[_Atom], indexes: Sequence[int], deleted: set[int], inserted: dict[int, str]) -> None:
        """Replace one run by runs of one piece each, deleted pieces and insertions marked."""
        run = atoms[indexes[0]].run
        properties = run.find(self.tag("rPr"))
        last_atom = indexes[-1] == len(atoms) - 1
        pieces: list[etree._Element] = []
        place = 0
        for child in run:
            if child is properties:
                continue
            own = []
            while place < len(indexes) and atoms[indexes[place]].child is child:
                own.append(indexes[place])
                place += 1
            if not own:
                pieces.append(self._piece(run, properties, copy.deepcopy(child), deleted=False))
                continue
            for group in _groups(own, deleted, inserted):
                if group[0] in inserted:
                    pieces.append(self._inserted_run(inserted[group[0]], properties))
                part = copy.deepcopy(child)
                if child.tag == self.tag("t"):
                    part.text = "".join(atoms[i].text for i in group)
                    part.set(_XML_SPACE, "preserve")
                gone = group[0] in deleted
                if not gone or self.tracked:
                    pieces.append(self._piece(run, properties, part, deleted=gone))
        if last_atom and len(atoms) in inserted:
            pieces.append(self._inserted_run(inserted[len(atoms)], properties))
        parent = run.getparent()
        assert parent is not None
        index = parent.index(run)
        parent.remove(run)
        for offset, piece in enumerate(pieces):
            parent.insert(index + offset, piece)

    def _piece(self, run: etree._Element, properties: etree._Element | None, child: etree._Element, *, deleted: bool) -> etree._Element:
        made = self._run(properties)
        for name, value in run.attrib.items():
            made.set(name, value)
        made.append(child)
        return self._wrapped("del", made) if deleted else made

    def _run(self, properties: etree._Element | None) -> etree._Element:
        made = etree.Element(self.tag("r"))
        if properties is not None:
            made.append(copy.deepcopy(properties))
        return made

    def _inserted_run(self, text: str, properties: etree._Element | None) -> etree._Element:
        made = self._run(properties)
        fonts = made.find(f"{self.tag('rPr')}/{self.tag('rFonts')}")
        if fonts is not None and any("symbol" in value.lower() or "wingdings" in value.lower() for value in fonts.attrib.values()):
            # A symbol font would show letters as pictures.
            fonts.getparent().remove(fonts)  # type: ignore[union-attr]
        for i, part in enumerate(text.split("\t")):
            if i:
                etree.SubElement(made, self.tag("tab"))
            if part:
                element = etree.SubElement(made, self.tag("t"))
                element.text = part
                element.set(_XML_SPACE, "preserve")
        return self._wrapped("ins", made) if self.tracked else made

    def _wrapped(self, kind: str, run: etree._Element) -> etree._Element:
        mark = self._mark(kind)
        mark.append(run)
        if kind == "del":
            for name, gone in (("t", "delText"), ("instrText", "delInstrText")):
                for element in run.iter(self.tag(name)):
                    element.tag = self.tag(gone)
        return mark

    def _mark(self, kind: str) -> etree._Element:
        mark = etree.Element(self.tag(kind))
        mark.set(self.tag("id"), str(self._next))
        mark.set(self.tag("author"), self._author)
        mark.set(self.tag("date"), self._date)
        self._next += 1
        self.made += 1
        return mark

    def _mark_properties(self, paragraph: etree._Element) -> etree._Element | None:
        """The formatting of a paragraph's mark, which is what typing into an empty one gets."""
        found = paragraph.find(f"{self.tag('pPr')}/{self.tag('rPr')}")
        if found is None:
            return None
        made = copy.deepcopy(found)
        for name in ("ins", "del", "moveFrom", "moveTo", "rPrChange"):
            for element in made.findall(self.tag(name)):
                made.remove(element)
        return made

    # -- paragraphs -------------------------------------------------------------------------------------------------------------

    def _add_paragraphs(self, last: etree._Element, lines: Sequence[str]) -> None:
        run = next(iter(last.iter(self.tag("r"))), None)
        properties = run.find(self.tag("rPr")) if run is not None else self._mark_properties(last)
        place = last
        for line in lines:
            made = etree.Element(self.tag("p"))
            style = last.find(self.tag("pPr"))
            if style is not None:
                made.append(self._fresh(style))
            if line:
                made.append(self._inserted_run(line, properties))
            # The mark of the paragraph before is the new one: rejecting joins the two again.
            self._mark_end(place, "ins")
            place.addnext(made)
            place = made

    def _drop_paragraphs(self, paragraphs: Sequence[etree._Element], kept: int) -> None:
        for i in range(kept, len(paragraphs)):
            if self.tracked:
                self.delete_content(paragraphs[i])
                self._mark_end(paragraphs[i - 1], "del")
            else:
                _detach(paragraphs[i])

    def _mark_end(self, paragraph: etree._Element, kind: str) -> None:
        """Mark a paragraph's end as inserted or deleted."""
        if not self.tracked:
            return
        properties = paragraph.find(self.tag("pPr"))
        if properties is None:
            properties = etree.Element(self.tag("pPr"))
            paragraph.insert(0, properties)
        marks = properties.find(self.tag("rPr"))
        if marks is None:
            marks = etree.Element(self.tag("rPr"))
            after = [child for child in properties if child.tag in (self.tag("sectPr"), self.tag("pPrChange"))]
            properties.insert(properties.index(after[0]) if after else len(properties), marks)
        if marks.find(self.tag(kind)) is None:
            marks.insert(0, self._mark(kind))

    def delete_content(self, container: etree._Element) -> None:
        """Mark every run of a paragraph or cell as deleted."""
        for run in list(container.iter(self.tag("r"))):
            parent = run.getparent()
            if parent is None or parent.tag in (self.tag("del"), self.tag("ins")):
                continue
            index = parent.index(run)
            mark = self._wrapped("del", run)
            parent.insert(index, mark)

    def insert_content(self, container: etree._Element) -> None:
        """Mark every run of a paragraph or cell as inserted, and the ends of its paragraphs."""
        for run in list(container.iter(self.tag("r"))):
            parent = run.getparent()
            if parent is not None and parent.tag != self.tag("ins"):
                index = parent.index(run)
                parent.insert(index, self._wrapped("ins", run))

    # -- rows and whole blocks --------------------------------------------------------------------------------------------------

    def delete_row(self, row: etree._Element) -> None:
        """Delete a table row."""
        if self.tracked:
            self._mark_row(row, "del")
        else:
            _detach(row)

    def new_row(self, like: etree._Element, texts: dict[int, str], *, merged: Iterable[int] = (), tops: Iterable[int] = ()) -> etree._Element:
        """A row built like another: ``texts`` by number of the cell; ``merged`` cells belong to the cell above, ``tops`` begin a merge.
        Not yet in the table."""
        row = self._fresh(like)
        below, first = set(merged), set(tops)
        for i, cell in enumerate(row.findall(self.tag("tc"))):
            properties = cell.find(self.tag("tcPr"))
            for vertical in properties.findall(self.tag("vMerge")) if properties is not None else []:
                properties.remove(vertical)  # type: ignore[union-attr]
            if i in below or i in first:
                if properties is None:
                    properties = etree.Element(self.tag("tcPr"))
                    cell.insert(0, properties)
                merge = etree.Element(self.tag("vMerge"))
                if i in first:
                    merge.set(self.tag("val"), "restart")
                _in_order(properties, merge, self._w)
            self._one_paragraph(cell, "" if i in below else texts.get(i, ""))
        if self.tracked:
            self._mark_row(row, "ins")
        return row

    def _one_paragraph(self, cell: etree._Element, text: str) -> None:
        paragraphs = self.paragraphs(cell)
        properties = paragraphs[0].find(self.tag("pPr")) if paragraphs else None
        run = next((run for paragraph in paragraphs for run in paragraph.iter(self.tag("r"))), None)
        look = run.find(self.tag("rPr")) if run is not None else (self._mark_properties(paragraphs[0]) if paragraphs else None)
        for child in list(cell):
            if child.tag != self.tag("tcPr"):
                cell.remove(child)
        tracked, self.tracked = self.tracked, False
        for line in clean(text).split("\n"):
            made = etree.SubElement(cell, self.tag("p"))
            if properties is not None:
                made.append(copy.deepcopy(properties))
            if line:
                made.append(self._inserted_run(line, look))
        self.tracked = tracked

    def _mark_row(self, row: etree._Element, kind: str) -> None:
        properties = row.find(self.tag("trPr"))
        if properties is None:
            properties = etree.Element(self.tag("trPr"))
            before = [child for child in row if child.tag == self.tag("tblPrEx")]
            row.insert(row.index(before[0]) + 1 if before else 0, properties)
        change = properties.find(self.tag("trPrChange"))
        if change is not None:
            change.addprevious(self._mark(kind))
        else:
            properties.append(self._mark(kind))
        (self.delete_content if kind == "del" else self.insert_content)(row)
        for paragraph in row.iter(self.tag("p")):
            self._mark_end(paragraph, kind)

    def mark_block(self, block: etree._Element, kind: str) -> None:
        """Mark a paragraph or a whole table as inserted (``ins``) or deleted (``del``)."""
        if block.tag == self.tag("tbl"):
            for row in block.iter(self.tag("tr")):
                if not any(parent.tag == self.tag("tbl") for parent in _between(row, block)):
                    self._mark_row(row, kind)
        else:
            (self.delete_content if kind == "del" else self.insert_content)(block)
            if block.tag == self.tag("p"):
                self._mark_end(block, kind)

    def _fresh(self, element: etree._Element) -> etree._Element:
        return self.strip(copy.deepcopy(element))

    def strip(self, made: etree._Element) -> etree._Element:
        """A copied block without what must be unique or belongs to the old place (ids, bookmarks, comments, section breaks)."""
        made.tail = None
        doomed = ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference", "sectPr", "pPrChange", "rPrChange", "proofErr")
        for name in doomed:
            for inner in list(made.iter(self.tag(name))):
                _detach(inner)
        for inner in made.iter():
            for attribute in (f"{{{_WORDS_2010}}}paraId", f"{{{_WORDS_2010}}}textId"):
                if attribute in inner.attrib:
                    del inner.attrib[attribute]
        return made


_SHOWN = {
    "tab": "\t",
    "br": "\n",
    "cr": "\n",
    "noBreakHyphen": "-",
    "sym": _OBJECT,
    "drawing": _OBJECT,
    "pict": _OBJECT,
    "object": _OBJECT,
    "AlternateContent": _OBJECT,
    "footnoteReference": _OBJECT,
    "endnoteReference": _OBJECT,
}
# The order of tcPr's children that may follow vMerge.
_AFTER_MERGE = ("tcBorders", "shd", "noWrap", "tcMar", "textDirection", "tcFitText", "vAlign", "hideMark", "headers", "cellIns", "cellDel", "tcPrChange")


def _in_order(properties: etree._Element, merge: etree._Element, w: str) -> None:
    after = [child for child in properties if child.tag in tuple(f"{w}{name}" for name in _AFTER_MERGE)]
    properties.insert(properties.index(after[0]) if after else len(properties), merge)


def _between(element: etree._Element, top: etree._Element) -> Iterator[etree._Element]:
    for parent in element.iterancestors():
        if parent is top:
            return
        yield parent


def _detach(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _edits(old: str, new: str) -> list[tuple[int, int, str]]:
    """(start, end, text): what of ``old`` is replaced by what."""
    left, right = _TOKEN.findall(old), _TOKEN.findall(new)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.ratio() < _LEAST_ALIKE:
        return [(0, len(old), new)]
    at = [0]
    for token in left:
        at.append(at[-1] + len(token))
    return [(at[i1], at[i2], "".join(right[j1:j2])) for kind, i1, i2, j1, j2 in matcher.get_opcodes() if kind != "equal"]


def _groups(own: Sequence[int], deleted: set[int], inserted: dict[int, str]) -> list[list[int]]:
    """Neighbouring characters with one fate: cut where deletion begins or ends and where something is inserted."""
    groups: list[list[int]] = []
    for i in own:
        if groups and i not in inserted and (i in deleted) == (groups[-1][-1] in deleted):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups
