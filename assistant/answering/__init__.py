"""Answers from the corpus: found or computed in the records, cited to the cell, or an honest 资料中没有.

In the order of the data: ``asking`` settles whose and which year's texts are meant (``scope``, ``rooms``), takes the question apart
(``dissecting`` with ``keys`` and ``lexicon`` → ``question``), lets ``deciding`` choose the operation, and otherwise looks into policies,
library and terms (``prose``, ``issuing``) or says no (``refusing``). An operation works on a ``desk``: one question over ``views`` of the
tables, where ``matching`` finds the cells that explain every word of it. Operations: ``roster``, ``selecting``, ``conditions``,
``lacking``, ``tallies`` list, pick and count; ``computing``, ``shares``, ``comparing``, ``years`` calculate; ``claims`` judges. Words nobody knows are tried
by sound (``sounds``) and as short forms (``shortened``); ``several`` takes a sentence with two questions apart; ``wording`` says values.
Nothing is retrieved that could be computed, and nothing is guessed.
"""

from __future__ import annotations

from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.asking import ask

__all__ = ["NOT_THERE", "Answer", "Citation", "ask"]
