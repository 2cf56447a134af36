"""Projects listed by name, indicators counted: what an office has, without any demand on it."""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.answering import wording
from assistant.answering.desk import Desk, Found
from assistant.answering.matching import means
from assistant.answering.selecting import name_cell
from assistant.answering.views import Cell, TableView

_PROJECTS = r"(?:的)?(?:预算|支出|专项)?项目"
# Nothing may stand behind the projects but their budgets or the end: 有哪些项目用于培训 asks something else.
_END = (
    r"(?:清单|名单|名称|列表)?[,，]?"
    r"(?P<money>(?:以?及|和|还有)?(?:各|分别|每个|它们|其)*(?:是|要|有|的|安排)*(?:多少(?:钱|资金|经费|预算)?|预算数?|金额|资金)(?:是?多少)?)?"
    r"[?？!。.]*$"
)
_PROJECTS_ASKED = re.compile(
    rf"(?:(?:有|是|报|做|安排|申报|管|实施)了?(?:的)?(?:哪些|哪几个|什么|些什么)(?:具体)?{_PROJECTS}|"
    rf"(?:哪些|哪几个){_PROJECTS}|项目(?:一共|总共|共|都|分别)*(?:有|是)?(?:哪些|哪几个|什么|些什么)|"
    rf"(?:列出|列一下|列举|列|说说|看看)(?:一下)?(?:所有|全部|各个?)?{_PROJECTS}|"
    rf"(?:所有|全部){_PROJECTS}|项目(?=清单|名单|列表)){_END}"
)


def projects(desk: Desk) -> Found | None:
    """Every project of the scope by name; None for a question that says anything more of them."""
    q = desk.q
    asked = _PROJECTS_ASKED.search(q.text)
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


# -- indicators ---------------------------------------------------------------------------------------------------------------------------

_HOW_MANY = re.compile(
    r"(?:一共|总共|共|合计|都)?(?:有|设|写|列|定)?了?(?:几|多少)(?:个|条|项)(?:的)?(?:绩效|三级|具体|考核)?(?:[一-鿿]{2,4})?指标(?!值)|"
    r"指标(?:的)?(?:个数|数目|总数|条数)|"
    r"(?:指标|效益|成本|产出|满意度|数量|质量|时效)(?:方面|类)?(?:一共|总共|共|合计|都)?(?:有|设|写|列|定)?了?(?:几|多少)(?:个|条|项)(?=$|[?!.,])"
)
_MOST = re.compile(r"(?<!数量)指标(?:个数|数目|数|条数)?(?:是)?最(?P<word>多|少)(?:的)?")


def indicators(desk: Desk) -> Found | None:
    """How many indicators, of the types and projects named; None for a question that counts none or demands something of their values."""
    q = desk.q
    most = _MOST.search(q.text)
    if most is None and _HOW_MANY.search(q.text) is None:
        return None
    if q.conditions or q.loose_numbers or q.in_words or q.in_numbers or q.negated or "basis" in q.meanings() or (most is None and q.yes_no):
        return None
    fields = [one for one in q.fields if one.hard and (one.meaning.endswith("指标") or one.meaning == "效益")]
    wide = [name for name in ("产出", "效益", "满意度") if re.search(rf"(?<!社会)(?<!经济)(?<!生态){name}(?:指标|方面|类|写|设|有|几|一共)", q.text)]
    views = _views(desk)
    if not views:
        return None

    def rows(view: TableView) -> list[Cell]:
        named = [cell for cell in view.rows if any(means(one, cell) for one in fields)]
        return (
            named if fields else [cell for cell in view.rows if not wide or (cell.row is not None and (cell.row.family or "")[:2] in [one[:2] for one in wide])]
        )

    counts = [(view, rows(view)) for view in views]
    what = next((one.meaning for one in fields), f"{wide[0]}指标" if wide else "指标")
    if most is not None:
        sizes = {len(cells) for _, cells in counts}
        size = max(sizes) if most["word"] == "多" else min(sizes)
        best = [(view, cells) for view, cells in counts if len(cells) == size]
        said = "；".join(view.said for view, _ in best)
        return Found(f"{what}最{most['word']}的是{said}，{'各' if len(best) > 1 else ''}{size}个。", [name_cell(view) for view, _ in best])
    total = sum(len(cells) for _, cells in counts)
    every = [cell for _, cells in counts for cell in cells]
    if q.operator == "average":
        mean = wording.plain(Decimal(total) / len(views))
        return Found(f"{len(views)}个项目共{total}个{what}，平均每个项目{mean}个。", [name_cell(view) for view in views])
    if len(views) == 1:
        listed = "；".join(f"{cell.type.removesuffix('指标')}—{cell.name}{cell.text}" for cell in every)
        return Found(f"{total}个。{views[0].said}的{total}个{what}" + (f"：{listed}。" if every else "。"), every or [name_cell(views[0])])
    each = "；".join(f"{view.said}{len(cells)}个" for view, cells in counts)
    return Found(f"{len(views)}个项目一共{total}个{what}：{each}。", [name_cell(view) for view in views])


def _views(desk: Desk) -> list[TableView]:
    """The tables meant: those named, else all; none when words remain that name no table."""
    q = desk.q
    patterns = (_HOW_MANY, _MOST, re.compile(r"效益|成本|产出|满意度|数量|质量|时效|社会|经济|生态"))
    marks = q.marked(*(match.span() for pattern in patterns for match in pattern.finditer(q.text)))
    if not q.runs(marks) and not any(desk.m.spelled(view) >= 2 for view in desk.tables):
        return desk.tables
    return desk.named_tables()
