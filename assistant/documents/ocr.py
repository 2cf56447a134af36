"""x"""

from __future__ import annotations

from typing import Any

from assistant.documents.pages import Page


def available() -> bool:
    """X"""
    return False


def read_pdf_page(pdf: Any, page: Page) -> Page:
    """X"""
    return page
