"""The projects of an office listed: 有哪些项目, with their budgets where these are asked too."""

from __future__ import annotations

import re

from assistant.answering import wording
from assistant.answering.desk import Desk, Found
from assistant.answering.selecting import name_cell

_PROJECTS = r"(?:的)?(?:预算|支出|专项)?项目"
# Nothing may stand behind the projects but their budgets or the end: 有哪些项目用于培训 asks something else.
_END = (
    r"(?:清单|名单|名称|列表)?[,，]?"
    r"(?P<money>(?:以?及|和|还有)?(?:各|分别|每个|它们|其)*(?:是|要|有|的|安排)*(?:多少(?:钱|资金|经费|预算)?|预算数?|金额|资金)(?:是?多少)?)?"
    r"[?？!。.]*$"
)
_ASKED = re.compile(
    rf"(?:(?:有|是|报|做|安排|申报|管|实施)了?(?:的)?(?:哪些|哪几个|什么|些什么)(?:具体)?{_PROJECTS}|"
    rf"(?:哪些|哪几个){_PROJECTS}|项目(?:一共|总共|共|都|分别)*(?:有|是)?(?:哪些|哪几个|什么|些什么)|"
    rf"(?:列出|列一下|列举|列|说说|看看)(?:一下)?(?:所有|全部|各个?)?{_PROJECTS}|"
    rf"(?:所有|全部){_PROJECTS}|项目(?=清单|名单|列表)){_END}"
)


def answer(desk: Desk) -> Found | None:
    """Every project of the scope by name; None for a question that says anything more of them."""
    q = desk.q
    asked = _ASKED.search(q.text)
    if asked is None or not desk.tables or desk.m.hard:
        return None
    if q.conditions or q.loose_numbers or q.in_words or q.in_numbers or q.negated or q.yes_no or q.nodes or q.how_to or q.operator not in ("", "sum"):
        return None
    marks = list(q.settled)
    marks[asked.start() :] = [True] * (len(marks) - asked.start())
    if q.runs(marks) or any(one.end <= asked.start() for one in q.fields):
        return None
    names = [name_cell(view) for view in desk.tables]
    money = [view.cell("budget.total") for view in desk.tables] if asked["money"] else [None] * len(names)
    said = [
        f"{n}. {view.said}" + (f"，{wording.value(amount)}" if amount is not None else "")
        for n, (view, amount) in enumerate(zip(desk.tables, money, strict=True), 1)
    ]
    return Found(f"共{len(names)}个项目：{'；'.join(said)}。", [cell for pair in zip(names, money, strict=True) for cell in pair if cell is not None])
