"""Answers from the corpus: found or computed in the records, cited to the cell, or an honest 资料中没有.

``ask`` takes the question apart (``question``), settles whose and which year's texts are meant (``scope``), looks for cells that explain
every word of it (``matching`` over ``views``), applies the operation asked for (``deciding``, ``computing``), and otherwise looks into
policies, library and terms (``prose``). Nothing is retrieved that could be computed, and nothing is guessed.
"""

from __future__ import annotations

from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.asking import ask

__all__ = ["NOT_THERE", "Answer", "Citation", "ask"]
