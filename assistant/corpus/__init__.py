"""The corpus: past goal tables, part 1 of department texts, policies, indicator library and glossary, as exact records.

``Corpus.open(home)`` gives two layers in one records file under the workspace: what travels with the program (``bundled``, read again
only where its files changed) and what the user added (``user``). Records are the truth; word index and vectors are made from them.
"""

from assistant.corpus.adding import Added, add, find_documents, pending, remove
from assistant.corpus.catalogue import Corpus, PastDepartment, PastTable
from assistant.corpus.passages import KIND_LABELS, Passage, own_name
from assistant.corpus.policies import Policy, Section
from assistant.corpus.records import StoredDocument

__all__ = [
    "KIND_LABELS",
    "Added",
    "Corpus",
    "Passage",
    "PastDepartment",
    "PastTable",
    "Policy",
    "Section",
    "StoredDocument",
    "add",
    "find_documents",
    "own_name",
    "pending",
    "remove",
]
