"""The printed forms as data: which cells stand where, with which label and width. A new province is a few lines here.

A header row is a tuple of ``Slot``: a label or a field, its width in thousandths of the form, and over how many rows it reaches.
``PLAN``, ``GOALS`` stand for the rows that a table's spending plan and goals need. Whatever a table holds that its form has no slot
for is printed in rows of its own below the header block (``layout``), and columns beyond the model (``Indicator.extra``) as further
columns: a form may be narrower than a record, but printing loses nothing.

Sources: 部门预算绩效文本 of Hebei counties (2025), 项目支出绩效目标表 of 财预〔2015〕88号 as filled by central and local offices,
the columns of provincial systems as published (Anhui, Sichuan, Yunnan, Hunan, Hubei).
"""

from __future__ import annotations

from typing import NamedTuple

WIDTH = 1000


class Slot(NamedTuple):
    """A place of the header block: ``text`` is a label, or with ``field`` the address of GoalTable that fills it.

    ``rows`` > 1 reaches down; the rows below leave that width out. Fields beyond the model are written ``extra:主管部门``.
    """

    text: str
    width: int
    rows: int = 1
    field: str | None = None


class Column(NamedTuple):
    """A column of the indicator block: part of Indicator (``level1`` … ``basis``, ``comparator``, ``number``, ``unit`` or ``extra:权重``)."""

    part: str
    label: str
    width: int


class Form(NamedTuple):
    """A printed form: header rows, indicator columns, whether the year stands under the title, and the labels of the repeated rows."""

    header: tuple[tuple[Slot, ...] | str, ...]
    columns: tuple[Column, ...]
    goals_label: str = "绩效目标"
    plan_label: str = "资金支出计划（%）"
    label_width: int = 160


PLAN = "plan"
GOALS = "goals"


def _field(address: str, width: int) -> Slot:
    return Slot("", width, field=address)


_HEBEI_HEADER: tuple[tuple[Slot, ...] | str, ...] = (
    (Slot("项目编码", 160), _field("project.code", 290), Slot("项目名称", 180), _field("project.name", 370)),
    (
        Slot("预算规模及资金用途", 160, rows=2),
        Slot("预算数", 130),
        _field("budget.total", 160),
        Slot("其中：财政资金", 180),
        _field("budget.fiscal", 130),
        Slot("其他资金", 115),
        _field("budget.other", 125),
    ),
    (_field("purpose", 840),),
    PLAN,
    GOALS,
)
_NATIONAL_HEADER: tuple[tuple[Slot, ...] | str, ...] = (
    (Slot("项目名称", 160), _field("project.name", 420), Slot("项目编码", 140), _field("project.code", 280)),
    (Slot("主管部门", 160), _field("extra:主管部门", 340), Slot("实施单位", 160), _field("unit.name", 340)),
    (Slot("项目资金", 160, rows=3), Slot("年度资金总额", 340), _field("budget.total", 500)),
    (Slot("其中：财政拨款", 340), _field("budget.fiscal", 500)),
    (Slot("其他资金", 340), _field("budget.other", 500)),
    GOALS,
)

# Five and seven characters of 宋体 五号 fit the first two columns: 满意度指标, 服务对象满意度 | 指标.
_LEVELS = (Column("level1", "一级指标", 133), Column("level2", "二级指标", 180))

FORMS: dict[str, Form] = {
    "hebei": Form(
        _HEBEI_HEADER,
        (
            *_LEVELS,
            Column("level3", "三级指标", 172),
            Column("description", "绩效指标描述", 196),
            Column("value", "指标值", 137),
            Column("basis", "指标值确定依据", 182),
        ),
    ),
    "national": Form(_NATIONAL_HEADER, (*_LEVELS, Column("level3", "三级指标", 437), Column("value", "指标值", 250)), goals_label="年度总体目标"),
    "sichuan-2025": Form(
        _NATIONAL_HEADER,
        (
            *_LEVELS,
            Column("level3", "三级指标", 350),
            Column("comparator", "指标性质", 110),
            Column("number", "指标值", 180),
            Column("unit", "度量单位", 120),
        ),
        goals_label="年度目标",
    ),
    "yunnan": Form(
        _NATIONAL_HEADER,
        (
            *_LEVELS,
            Column("level3", "三级指标", 240),
            Column("comparator", "指标性质", 90),
            Column("number", "指标值", 120),
            Column("unit", "度量单位", 90),
            Column("description", "指标内容", 220),
        ),
        goals_label="项目年度绩效目标",
    ),
    "hunan": Form(
        _NATIONAL_HEADER,
        (*_LEVELS, Column("level3", "三级指标", 250), Column("value", "绩效指标值", 180), Column("description", "指标解释", 330)),
        goals_label="年度绩效目标",
    ),
    "hubei": Form(
        _NATIONAL_HEADER,
        (*_LEVELS, Column("level3", "三级指标", 250), Column("description", "绩效标准", 330), Column("value", "当年预期实现值", 180)),
        goals_label="年度绩效目标",
    ),
}
# Forms that print like another one, by the part of their name before the hyphen.
_LIKE = dict.fromkeys(("anhui", "central", "shanxi", "guangdong", "transfer", "sichuan", "investment", "self"), "national")


def form_of(name: str) -> Form:
    """The printed form for ``GoalTable.form``; what is not known prints as the Hebei form, which has the most columns."""
    head = name.partition("-")[0]
    return FORMS.get(name) or FORMS.get(_LIKE.get(head, head)) or FORMS["hebei"]
