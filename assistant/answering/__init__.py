"""Answers from the corpus: found or computed in the records, cited to the cell, or an honest 资料中没有.

In the order of the data: ``asking`` takes a sentence with two questions apart (``several``) and settles whose and which year's texts are
meant (``scope``). A question over many offices is reckoned by ``county`` from the heads of all their tables (``survey``). For one office
``rooms`` takes out its tables, ``dissecting`` takes the question apart (with ``keys`` and ``lexicon``, into a ``question``), ``deciding``
chooses the operation; what no table says is looked for in policies, library and terms (``prose``), or there is an honest no (``refusing``).

An operation works on a ``desk``: one question over ``views`` of the tables, where ``matching`` finds the cells that explain every word of
it. ``counting``, ``selecting``, ``conditions``, ``lacking`` list, pick and count; ``computing``, ``shares``, ``comparing`` calculate;
``claims`` judges. Words nobody knows are tried in other spellings (``respelling``); ``wording`` says values; an ``answer`` carries its
citations. Nothing is retrieved that could be computed, and nothing is guessed.
"""

from __future__ import annotations

from assistant.answering.answer import NOT_THERE, Answer, Citation
from assistant.answering.asking import ask

__all__ = ["NOT_THERE", "Answer", "Citation", "ask"]
