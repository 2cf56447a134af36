"""Answers from the corpus: computed or quoted, cited, or an honest no."""
