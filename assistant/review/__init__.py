"""Review: a person decides cell by cell, on the record, and signs. Knows no terminal, no clock, no settings.

``DraftFile`` reads and saves; ``Standing`` tells where a review stands; ``accept``, ``edit``, ``refuse``, ``insert``, ``waive``, ``undo`` decide;
``sign``, ``send_back``, ``verify`` seal. One module each::

    places     addresses of rows and cells, and how they move
    standing   what the history amounts to: decided, open, clean; signatures in force
    history    the chain of hashes
    checking   re-validation, waivers applied
    decisions  the acts of a person
    signing    levels, return, the auditor's check
    refused    refusals in a history
    files      one reviewer at a time, nothing overwritten
    batch      decisions from a JSON file
    incoming   decisions from a Word file that the boss changed
    opinion    the opinion sheet
    summary    a review as JSON
"""

from assistant.review.batch import apply, decisions_in
from assistant.review.checking import findings_with, recheck, rules_fingerprint
from assistant.review.decisions import (
    accept,
    accept_clean,
    acceptable,
    edit,
    insert,
    instead_of,
    label_of,
    last,
    mend,
    move,
    needs_reason,
    refuse,
    taken_back,
    undo,
    waive,
)
from assistant.review.files import Busy, ChangedOutside, DraftFile, draft_in, find, place
from assistant.review.history import Hand, check_untouched, code_of, untouched
from assistant.review.signing import ROLES, SignatureView, Verification, adopt, next_role, obstacles, send_back, sign, signed_table, verify
from assistant.review.standing import STATE_LABELS, CellView, Standing, goes_with_name, pressing, signatures

__all__ = [
    "ROLES",
    "STATE_LABELS",
    "Busy",
    "CellView",
    "ChangedOutside",
    "DraftFile",
    "Hand",
    "SignatureView",
    "Standing",
    "Verification",
    "accept",
    "accept_clean",
    "acceptable",
    "adopt",
    "apply",
    "check_untouched",
    "code_of",
    "decisions_in",
    "draft_in",
    "edit",
    "find",
    "findings_with",
    "goes_with_name",
    "insert",
    "instead_of",
    "label_of",
    "last",
    "mend",
    "move",
    "needs_reason",
    "next_role",
    "obstacles",
    "place",
    "pressing",
    "recheck",
    "refuse",
    "rules_fingerprint",
    "send_back",
    "sign",
    "signatures",
    "signed_table",
    "taken_back",
    "undo",
    "untouched",
    "verify",
    "waive",
]
