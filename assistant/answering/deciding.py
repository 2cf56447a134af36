"""Which operation a question means: selections over all tables of a scope, then the operations in the order of likelihood.

Each operation gives a ``Found`` or None; when all give None, the answer is a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.answering import claims, comparing, computing, conditions, counting, lacking, selecting, shares
from assistant.answering.desk import Desk, Found

# How the office sees to something: its safeguards say that, not its figures.
_HOW_ASSURED = re.compile(
    r"(?:怎么|怎样|如何|咋)(?:来|去)?(?:保证|保障|确保|做到|做好|加强|落实|推进|规范|监督|管好|管理|抓)|(?:采取|有)(?:了)?(?:什么|哪些|啥)(?:措施|办法|举措)|靠(?:什么|啥)(?:保证|保障)"
)


def select(desk: Desk) -> Found | None:
    """What only a look through every table of the scope can tell: which of them say, lack or count something."""
    for attempt in (counting.projects, conditions.answer, lacking.answer, lacking.unfilled, counting.indicators, shares.top, shares.by_share, comparing.beside):
        found = attempt(desk)
        if found is not None:
            return found
    return None


def decide(desk: Desk) -> Found | None:
    """The first operation that fits the question and gives something."""
    q = desk.q
    if desk.m.unknown_keys or (desk.m.hard and not desk.tables):
        return None
    if (q.counting or q.listing or q.operator == "sum") and (grouped := selecting.by_document(desk)) is not None:
        return grouped
    if "还是" in q.text and len(q.loose_numbers) == 2 and not q.which:
        # 46人还是48人: which of two figures it is.
        desk = selecting.without_numbers(desk)
        return desk.look_up() if desk.q.runs() or desk.m.hard else None
    if _HOW_ASSURED.search(q.text) and (assured := selecting.safeguard(desk)) is not None:
        return assured
    if (bought := selecting.done(desk)) is not None:
        return bought
    if q.nodes and q.kind == "money":
        return computing.planned(desk)
    for attempt in _attempts(desk):
        found = attempt(desk)
        if found is not None:
            return found
    return None


def _attempts(desk: Desk) -> list[Callable[[Desk], Found | None]]:
    """The operations that a question may mean, likeliest first."""
    q = desk.q
    attempts: list[Callable[[Desk], Found | None]] = []
    if q.operator in ("difference", "times", "wording", "greater"):
        attempts += [comparing.uniform, comparing.pair]
    if q.operator == "share":
        attempts.append(shares.share)
    attempts += [computing.funds, computing.spent_by, computing.by_standard]
    if q.yes_no and (q.loose_numbers or q.conditions) and not q.which and not q.listing and q.operator in ("", "sum"):
        attempts.append(claims.yes_no)
    if q.counting:
        # 几个 at the end may ask for a quantity (保障几个中心) or for how many projects there are.
        narrowed = q.in_numbers or q.in_words or q.conditions or q.negated
        attempts += [Desk.look_up, selecting.count] if not q.counted and q.kind == "count" and not narrowed else [selecting.count]
    if q.operator in ("most", "least") and re.search(r"(?:最多|最高|最少|最低)(?:是)?(?:多少|几)", q.text) and len(desk.named_tables()) == 1:
        # 成本最多多少: the ceiling of one project named.
        attempts.append(Desk.look_up)
    if q.operator in ("most", "least", "rank", "greater"):
        attempts.append(computing.extreme)
    if q.operator in ("sum", "average"):
        attempts.append(computing.total)
    if q.yes_no and not q.which and not q.listing:
        attempts.append(claims.yes_no)
    if q.all_rows and not (q.loose_numbers or q.conditions) and "item" in q.meanings():
        attempts.append(Desk.item_indicators)
    if q.all_rows and not (q.loose_numbers or q.conditions):
        attempts += [Desk.rows_of_table, Desk.item_indicators]
    if attempts == [computing.funds, computing.spent_by, computing.by_standard] or q.all_rows:
        attempts.append(selecting.part_items)
        if q.which or q.listing or (q.conditions and re.search(r"的[?!.]*$", q.text)):
            selects = q.which or q.conditions or q.negated or q.in_words or q.in_numbers or q.loose_numbers or not (q.kind or q.fields)
            attempts += [selecting.listing] if selects or re.search(r"的(?:项目|表|目标表)(?:有哪些|是哪些|都有|$|[?!.])", q.text) else []
        # What a table lacks is never told by a cell that it has.
        attempts += [] if q.negated and (q.which or q.listing) else [Desk.look_up, Desk.glance]
    return attempts
