"""Several questions in one sentence: 残保金培训多少人，每人补多少. Each clause is asked by itself, the project of the first understood in the rest.

Used only when the sentence as a whole has no answer; given only when every clause has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.answering.answer import Answer
from assistant.chinese import without_document_numbers
from assistant.retrieval import small_talk

_CLAUSES = re.compile(
    r"[，,；;？?]+(?:以及|还有|另外|和|那么?)?|(?:(?<=多少[场人户亩个台件次辆名处])|(?<=几[场人户亩个台件次辆名处]))(?=每)|(?:以及|还有)(?=.*(?:多少|几|什么|哪))"
)
_ASKS = re.compile(r"多少|几|什么|哪|怎么|如何|何时|是否|吗")
_MOST = 4
_COUNT_AND_SUM = re.compile(
    r"(?P<count>.*?(?:有|共|一共|总共)?(?:几|多少)[个张](?:项目|目标表|表))(?P<sum>(?:一共|总共|合计|共|加起来|总)(?:是|有)?(?:多少|几).*)"
)


def clauses(question: str) -> list[str]:
    """The clauses of a sentence that each ask something; empty when it asks one thing only."""
    parts = [part.strip(" 。的呢") for part in _CLAUSES.split(question) if part and part.strip(" 。")]
    if len(parts) == 1:
        # 188号文几个项目一共多少钱: a count and a sum without a comma.
        match = _COUNT_AND_SUM.fullmatch(parts[0])
        parts = [match["count"], match["sum"]] if match else parts
    if not 2 <= len(parts) <= _MOST or not all(_ASKS.search(part) for part in parts):
        return []
    return parts


# What a clause asks of the projects it picks out, which the next clause asks something else of.
_HOW_MANY = re.compile(r"(?:一共|总共|共)?(?:有|是)?(?:哪|几|多少)(?:些|几)?(?:个|张|项)?(?:项目|目标表|表)?(?:呀|啊|呢)?$")

_SUM = re.compile(r"(?:多少|几)(?:钱|万|元|资金)|预算|(?:共|合计|总计|加起来)(?:是|有)?(?:多少|几)")


def answer(question: str, ask: Callable[[str], Answer]) -> Answer | None:
    """The joined answers of all clauses, or None when one of them has none."""
    parts = clauses(question)
    found: list[Answer] = []
    for part in parts:
        one = (_of_the_same(parts[0], part, found[0], ask) or _follow(part, found[0], ask)) if found else ask(part)
        if one is None or not one.answered:
            return None
        found.append(one)
    if not found:
        return None
    scope = found[0].scope
    said = "；".join(one.answer.removesuffix(f"（按{scope}回答）").rstrip("。") for one in found)
    citations = tuple(dict.fromkeys(cited for one in found for cited in one.citations))
    return Answer(question, True, f"{said}。" + (f"（按{scope}回答）" if scope else ""), citations, found[0].mode, scope)


def _of_the_same(first: str, part: str, answered: Answer, ask: Callable[[str], Answer]) -> Answer | None:
    """A sum asked of the several projects that the first clause picked out."""
    if not _HOW_MANY.search(first) or not _SUM.search(part) or len({cited.project for cited in answered.citations}) < 2:
        return None
    picked = _HOW_MANY.sub("", first)
    if not picked.endswith(("项目", "文", "号")):
        picked = f"{picked.removesuffix('的')}的项目"
    one = ask(f"{picked}预算一共多少钱")
    # A count also cites projects that only speak of the thing; the sum is over those named so, and names them.
    among = {cited.project for cited in one.citations} <= {cited.project for cited in answered.citations}
    return one if one.answered and among else None


def _follow(part: str, first: Answer, ask: Callable[[str], Answer]) -> Answer | None:
    """A later clause: about the first one's project unless it names one itself; None when it can only be taken for all projects."""
    projects = {cited.project for cited in first.citations}
    if len(projects) == 1 and (project := next(iter(projects))):
        for words in (f"{project}的{part}", f"{without_document_numbers(project)}{part}"):
            one = ask(words)
            if one.answered and {cited.project for cited in one.citations} == projects:
                return one
    one = ask(part)
    content = small_talk().sub(" ", part)
    said = any(content[i : i + 2] in one.answer for i in range(len(content) - 1) if " " not in content[i : i + 2])
    meant = {cited.project for cited in one.citations}
    return one if one.answered and (meant == projects or (said and len(meant) == 1)) else None
