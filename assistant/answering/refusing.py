"""The words of an honest no: what goal tables never say, what was not found, a year or an office that the corpus has not."""

from __future__ import annotations

from assistant.answering.answer import NOT_THERE
from assistant.answering.desk import Desk
from assistant.answering.question import Question
from assistant.answering.rooms import Room
from assistant.answering.views import TableView
from assistant.chinese import document_numbers


def never_said(desk: Desk) -> str | None:
    """The words of a refusal for what goal tables never say, unless a row or a safeguard is called just that; None for what they may say."""
    q = desk.q
    if q.absent is None:
        heads = q.kind == "count" and q.classifier in ("人", "名", "位") and q.operator in ("", "sum") and not (q.conditions or q.loose_numbers or q.which)
        ambient = desk.m.covered(desk.m.ambient)
        content = any(not ambient[i] for start, end in q.runs() for i in range(start, end))
        if not heads or content or desk.m.hard or any(one.hard for one in q.fields) or desk.named_tables():
            return None
        # 残联有几个人: of no project, of nothing a row counts.
        return f"{NOT_THERE}机构编制和人员：绩效目标表只写项目服务多少人。要问某个项目的人数，请写明项目或做什么。"
    label, words = q.absent
    cells = [cell for view in desk.tables for cell in view.rows] + [cell for part in desk.parts for cell in part.cells]
    if any(words in cell.pool for cell in cells):
        return None
    return f"{NOT_THERE}{label}：绩效目标表只有预算数、用途、支出计划、绩效目标和指标，不载这类内容。"


def not_found(desk: Desk, room: Room) -> str:
    """The words of a refusal: what was not found, and the nearest things without their numbers."""
    q = desk.q
    if desk.m.unknown_keys:
        asked = "、".join(f"{key.prefix}{f'〔{key.year}〕' if key.year else ''}{key.number}号" for key in desk.m.unknown_keys)
        known = "、".join(dict.fromkeys(str(one) for view in room.tables for one in _numbers(view)))
        return f"{NOT_THERE}{asked}文。" + (f"现有的文号：{known}。" if known else "")
    if not desk.tables and desk.m.hard:
        asked = "、".join([*(f"编码含{code.upper()}" for code in q.codes), *(f"第{number}张表" for number in q.ordinals)])
        return f"{NOT_THERE}{asked}的目标表。"
    if not room.tables and not room.parts:
        return f"{NOT_THERE}{room.scope.label}的绩效目标表。"
    missing = desk.missing()
    near = f"相近的内容有：{'、'.join(f'“{name}”' for name in missing.near)}。" if missing.near else ""
    if missing.words:
        words = [word for word in missing.words if len(word) > 1]  # a single character left over says nothing to a reader
        return f"{NOT_THERE}与“{'”“'.join(words)}”对应的内容。{near}" if words else f"{NOT_THERE}能回答这个问题的内容。{near}"
    return f"{NOT_THERE}这一项：{missing.why or '目标表里'}没有设这个内容。{near}"


def _numbers(view: TableView) -> list[object]:
    return list(document_numbers(view.name))


def needs_all(q: Question) -> bool:
    """Whether an operation needs every table of the scope, not just those that the index thought near."""
    return bool(q.operator in ("most", "least", "rank", "sum", "average", "share") or q.counting or q.listing or q.which or q.conditions)
