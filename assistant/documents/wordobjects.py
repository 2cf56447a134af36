"""What lies inside a Word file in another format: chunks of web pages or Word files, workbooks put in as objects, scans put in as pictures.

Read by the reader of their own format, from the package only, to a small depth.
"""

from __future__ import annotations

from assistant.documents.model import Document, Grid, Notice, Paragraph
from assistant.documents.ooxml import Package, Relationship
from assistant.errors import UnreadableFile

_DEPTH = 2
_OBJECT_CAP = 64 << 20
_PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_READABLE = (".docx", ".docm", ".xlsx", ".xlsm", ".html", ".htm", ".mht", ".mhtml", ".rtf", ".txt", ".doc", ".xls", ".xml", *_PICTURES)
# A page pasted in as a picture: fewer characters around it than this, and no table.
_HARDLY_TEXT = 300
_MOST_PICTURES = 30


def embedded(package: Package, link: Relationship | None, where: str, *, original: bool, grids: int) -> Document | Notice:
    """The document that a link of a Word file leads to inside the package, its grids counted on from ``grids``; else why it is not read."""
    if link is None or link.external or link.target not in package:
        return Notice(where, "引用的外部文档没有访问，其中的内容未读取")
    path = f"{package.name}!{link.target}"
    if path.count("!") > _DEPTH or not link.target.lower().endswith(_READABLE):
        return Notice(where, f"嵌入的内容 {link.target} 未读取")
    from assistant.documents.readers import Member, read

    try:
        document = read(Member(path, package.read(link.target, _OBJECT_CAP)), original=original)
    except UnreadableFile as error:
        return Notice(where, f"嵌入的内容 {link.target} 未读取：{error.message}")
    for grid in document.grids():
        grid.locator = grid.locator._replace(grid=(grid.locator.grid or 0) + grids)
        for cell in grid.cells:
            cell.locator = cell.locator._replace(grid=(cell.locator.grid or 0) + grids)
    document.notices.insert(0, Notice(where, f"嵌入的内容 {link.target} 已一并读取"))
    return document


def scans(package: Package, links: dict[str, Relationship], ids: list[str], blocks: list[Paragraph | Grid], original: bool) -> list[Document | Notice]:
    """The pictures of a Word file that is hardly more than pictures, recognised; nothing where there is text or no recognition."""
    if any(isinstance(block, Grid) for block in blocks) or sum(len(block.text) for block in blocks if isinstance(block, Paragraph)) > _HARDLY_TEXT:
        return []
    pictures = [link for link in dict.fromkeys(links.get(key) for key in ids) if link is not None and link.target.lower().endswith(_PICTURES)]
    if not pictures:
        return []
    from assistant.documents import ocr

    if not ocr.available():
        return [Notice("全文", f"正文几乎只有图片。{ocr.MISSING}{ocr.HINT}")]
    found: list[Document | Notice] = []
    for link in pictures[:_MOST_PICTURES]:
        grids = sum(1 for document in found if isinstance(document, Document) for _ in document.grids())
        found.append(embedded(package, link, "全文", original=original, grids=grids))
    return found
