"""Documents: any file an office sends, as located blocks and grids. Knows nothing of budgets.

``read(path)`` gives one Document; ``expand(paths)`` walks folders and archives. One module per format, all with the same
signature, listed in ``readers.READERS``.
"""

from assistant.documents.model import NOWHERE, Document, Grid, GridCell, Locator, Notice, Paragraph, SourceFile

__all__ = ["NOWHERE", "Document", "Grid", "GridCell", "Locator", "Notice", "Paragraph", "SourceFile"]
