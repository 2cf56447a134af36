"""Extraction: a Document becomes goal tables, department goals and a reading report."""
