"""Every layout of a goal table as a made-up, format-free form: paragraphs and grids with real spans, and the tables that must be read.

``LAYOUTS`` maps a layout's name to a function of a ``Facts`` (random values from a seed). A ``Form`` can be turned into a Document
(``document``), into text without spans (``text_of``, ``rows_of_text``) or drawn by any writer of real files from its ``blocks``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from assistant.documents import Document, Grid, GridCell, Locator, Paragraph, SourceFile
from assistant.table import Budget, GoalTable, Indicator, PlanNode, Project, Unit
from assistant.target import Target
from tests.office_files import Spot

COUNTIES = ["怀安县", "涿鹿县", "霍山县", "通江县", "昭阳区", "宁乡市", "石首市", "阳城县", "定边县", "东坑镇"]
OFFICES = ["水务局", "教育局", "卫生健康局", "民政局", "农业农村局", "交通运输局", "残疾人联合会", "文化广电和旅游局", "退役军人事务局", "城市管理综合执法局"]
THINGS = [
    "农村饮水安全巩固提升",
    "义务教育薄弱环节改善",
    "基层卫生服务能力提升",
    "困难群众临时救助",
    "高标准农田管护",
    "农村公路养护",
    "公共文化场馆免费开放",
    "垃圾清运",
    "信息系统运维",
]
KINDS = ["补助资金", "专项经费", "工程款", "以奖代补资金", "项目", "（第二批）", "经费-其他"]
OBJECTS = ["受益群众", "参训人员", "服务对象", "在校学生", "用水户", "村民", "参保对象"]
UNITS = {"数量": ["人", "户", "个", "公里", "人次", "台", "亩", "期"], "质量": ["%"], "时效": ["%", "天"], "成本": ["元/人", "万元", "元/户", "元/平方米"]}
WORDY = ["及时发放", "达到标准", "有所提升", "全年", "按计划完成", "12月底前", "持续改善", "通过验收"]
BASES = ["工作计划", "历史数据", "冀财社〔2024〕163号", "行业标准", "《管理办法》第八条", "实施方案"]
FRAME_2015 = {
    "产出指标": ["数量指标", "质量指标", "时效指标", "成本指标"],
    "效益指标": ["经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"],
    "满意度指标": ["服务对象满意度指标"],
}
FRAME_2021 = {
    "成本指标": ["经济成本指标", "社会成本指标", "生态环境成本指标"],
    "产出指标": ["数量指标", "质量指标", "时效指标"],
    "效益指标": ["经济效益指标", "社会效益指标", "生态效益指标"],
    "满意度指标": ["服务对象满意度指标"],
}


@dataclass(frozen=True)
class Row:
    """One made-up indicator, its target in parts."""

    level1: str
    level2: str
    name: str
    description: str
    comparator: str
    number: str
    unit: str
    basis: str
    weight: str
    formula: str

    @property
    def value(self) -> str:
        return f"{self.comparator}{self.number}{self.unit}"


class Facts:
    """Random but repeatable values for a form."""

    def __init__(self, seed: int, frame: dict[str, list[str]] | None = None, number: int = 1) -> None:
        self.random = random.Random(f"{seed}-{number}")
        pick = self.random.choice
        self.number = number
        office = random.Random(seed)
        self.county, self.office = office.choice(COUNTIES), office.choice(OFFICES)
        self.unit = self.county + self.office
        self.unit_code = str(office.randint(101001, 989999))
        self.year = office.randint(2022, 2027)
        self.name = f"{pick(['', '冀财社【2024】163号 ', '提前下达', self.county])}{pick(THINGS)}{pick(KINDS)}{number}"
        self.code = f"13073025P{self.random.randint(10**11, 10**12 - 1)}"
        cents = self.random.randint(1, 99_999_99)
        other = pick([0, 0, self.random.randint(0, cents)])
        self.total, self.fiscal, self.other = (f"{Decimal(value) / 100:.2f}" for value in (cents, cents - other, other))
        self.purpose = f"用于{pick(THINGS)}和{pick(THINGS)}，覆盖{self.random.randint(2, 30)}个乡镇。"
        self.goals = [f"完成{pick(THINGS)}{self.random.randint(1, 99)}处，提高{pick(OBJECTS)}满意度。" for _ in range(self.random.randint(1, 3))]
        self.long_goal = f"到{self.year + 2}年，{pick(THINGS)}全面达标。"
        self.plan = [str(value) for value in sorted(self.random.sample(range(5, 100), 3))] + ["100"]
        self.frame = frame or FRAME_2015
        self.rows = [row for level1, types in self.frame.items() for level2 in types for row in self._rows(level1, level2)]

    def _rows(self, level1: str, level2: str) -> list[Row]:
        return [self._row(level1, level2, i) for i in range(1 if "满意" in level1 else self.random.choice([1, 1, 2]))]

    def _row(self, level1: str, level2: str, i: int) -> Row:
        pick = self.random.choice
        kind = next((kind for kind in UNITS if kind in level2), "质量")
        thing = pick(THINGS)
        name = f"{thing}{pick(['完成率', '人数', '合格率', '标准', '覆盖率', '满意率'])}{i + 1}"
        if self.random.random() < 0.2:
            comparator, number, unit = "", pick(WORDY), ""
        else:
            comparator, number, unit = pick(["≥", "≤", "=", ""]), pick([str(self.random.randint(1, 9999)), "98.5", "100"]), pick(UNITS[kind])
        return Row(
            level1,
            level2,
            name,
            f"反映{thing}的{kind}情况",
            comparator,
            number,
            unit,
            pick(BASES),
            pick(["10", "15", "5", "22.5"]),
            f"实际{kind}÷计划{kind}×100%",
        )

    def table(self, **changes: object) -> GoalTable:
        """The table as the Hebei form carries it, with the differences of another form."""
        found = GoalTable(
            number=None,
            title=None,
            year=self.year,
            unit=Unit(code=None, name=self.unit),
            money_unit="万元",
            project=Project(name=self.name),
            budget=Budget(total=Decimal(self.total), fiscal=Decimal(self.fiscal), other=Decimal(self.other)),
            goals=tuple(self.goals),
            indicators=tuple(self.indicator(row) for row in self.rows),
        )
        return found.model_copy(update=changes)

    def indicator(
        self, row: Row, *, description: bool = False, basis: bool = False, value: str | None = None, extra: dict[str, str] | None = None
    ) -> Indicator:
        return Indicator(
            level1=row.level1,
            level2=row.level2,
            level3=row.name,
            description=row.description if description else None,
            value=Target.parse(row.value if value is None else value),
            basis=row.basis if basis else None,
            extra=extra or {},
        )


@dataclass
class Sheet:
    """A grid being laid out row by row, cells placed in the first free column as in HTML."""

    spots: list[Spot] = field(default_factory=list)
    rows: int = 0
    _taken: set[tuple[int, int]] = field(default_factory=set)

    def row(self, *cells: str | tuple[str, int] | tuple[str, int, int]) -> Sheet:
        """One row of cells: text, or (text, columns), or (text, columns, rows)."""
        column = 0
        for cell in cells:
            text, wide, high = (cell, 1, 1) if isinstance(cell, str) else (*cell, 1) if len(cell) == 2 else cell
            while (self.rows, column) in self._taken:
                column += 1
            self._taken.update((self.rows + i, column + j) for i in range(high) for j in range(wide))
            self.spots.append(Spot(self.rows, column, text, high, wide))
            column += wide
        self.rows += 1
        return self

    def levels(
        self, rows: list[Row], cells: Callable[[Row], list[str]], *, merged: bool = True, group: str | None = None, named: Callable[[str], str] = str
    ) -> Sheet:
        """Indicator rows with 一级 and 二级 merged down (or blank below the first), after a group cell merged over all of them."""
        for i, row in enumerate(rows):
            lead: list[str | tuple[str, int, int]] = []
            for depth, name in ((1, row.level1), (2, row.level2)):
                same = [other for other in rows if other.level1 == row.level1 and (depth == 1 or other.level2 == row.level2)]
                if rows.index(row) == rows.index(same[0]):
                    lead.append((named(name), 1, len(same)) if merged else named(name))
                elif not merged:
                    lead.append("")
            if group is not None and i == 0:
                lead.insert(0, (group, 1, len(rows)))
            self.row(*lead, *cells(row))
        return self


Block = str | list[Spot]


@dataclass
class Form:
    """A made-up document: ``blocks`` in reading order, the tables that must be read, form and frame among them."""

    blocks: list[Block]
    tables: list[GoalTable]


def document(form: Form, name: str = "表.docx") -> Document:
    """The form as a Document with exact grids."""
    blocks: list[Paragraph | Grid] = []
    for block in form.blocks:
        if isinstance(block, str):
            blocks.append(Paragraph(block, Locator(line=len(blocks) + 1)))
        else:
            blocks.append(grid(block, sum(isinstance(one, Grid) for one in blocks) + 1))
    return Document(SourceFile(name, "0" * 64, name.rsplit(".", 1)[-1]), blocks)


def grid(spots: list[Spot], number: int = 1) -> Grid:
    cells = [GridCell(s.row, s.column, s.text, s.row_span, s.column_span, Locator(grid=number, row=s.row + 1, column=s.column + 1)) for s in spots]
    return Grid(max(s.row + s.row_span for s in spots), max(s.column + s.column_span for s in spots), cells, Locator(grid=number))


def rows_of_text(spots: list[Spot]) -> list[list[str]]:
    """The rows of a grid as Word gives them without spans: one cell for a merged one, a blank cell below a vertical merge."""
    rows: list[list[tuple[int, str]]] = [[] for _ in range(max(s.row + s.row_span for s in spots))]
    for spot in spots:
        for i in range(spot.row_span):
            rows[spot.row + i].append((spot.column, spot.text if i == 0 else ""))
    return [[text for _, text in sorted(row)] for row in rows]


def text_of(form: Form) -> str:
    """The form as text with one cell a line, each opened by TAB."""
    parts: list[str] = []
    for block in form.blocks:
        if isinstance(block, str):
            parts.append(block + "\n")
        else:
            parts.extend("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows_of_text(block))
            parts.append(" \n")
    return "".join(parts)


def tabbed_of(form: Form) -> str:
    """The form as text with one row a line, cells parted by TAB, a cell of several lines in quotes."""
    lines: list[str] = []
    for block in form.blocks:
        rows = [] if isinstance(block, str) else rows_of_text(block)
        lines += [block] if isinstance(block, str) else ["\t".join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in rows]
        lines.append("")
    return "\n".join(lines)


# -- the layouts -------------------------------------------------------------------------------------------------------------------


def hebei(facts: Facts, *, grids: int = 1, number: str = "{}.", heading: bool = True, unit_code: bool = True) -> Form:
    """河北（2025）: part 2 of a department's text."""
    title = f"{facts.name}绩效目标表"
    head = Sheet()
    head.row((f"{facts.unit_code if unit_code else ''}{facts.unit}", 4), ("单位：万元", 3))
    head.row("项目编码", (facts.code, 2), "项目名称", (facts.name, 3))
    head.row(("预算规模及\n资金用途", 1, 2), "预算数", facts.total, "其中：财政    资金", facts.fiscal, "其他资金", facts.other)
    head.row((facts.purpose, 6))
    head.row(("资金支出计划（%）", 1, 2), "3月底", "6月底", "10月底", ("12月底", 3))
    head.row(*[f"{value}%" for value in facts.plan[:3]], (f"{facts.plan[3]}%", 3))
    head.row("绩效目标", ("\n".join(f"{i}.{goal}" for i, goal in enumerate(facts.goals, 1)), 6))
    body = head if grids == 1 else Sheet()
    columns = ("一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据")
    body.row(*columns[:5], (columns[5], 2)) if grids == 1 else body.row(*columns)
    start = body.rows
    body.levels(facts.rows, lambda row: [row.name, row.description, row.value, row.basis])
    if grids == 1:
        body.spots = [s if s.column != 5 or s.row < start else Spot(s.row, 5, s.text, s.row_span, 2) for s in body.spots]
    expected = facts.table(
        number=facts.number if heading else None,
        title=title if heading else None,
        year=None,
        unit=Unit(code=facts.unit_code if unit_code else None, name=facts.unit),
        project=Project(code=facts.code, name=facts.name),
        purpose=facts.purpose,
        spending_plan=tuple(PlanNode(by=by, percent=Decimal(value)) for by, value in zip(("3月底", "6月底", "10月底", "12月底"), facts.plan, strict=True)),
        indicators=tuple(facts.indicator(row, description=True, basis=True) for row in facts.rows),
        form="hebei-2025",
    )
    blocks: list[Block] = [f"{number.format(facts.number)}{title}"] if heading else []
    return Form([*blocks, head.spots, *([body.spots] if grids == 2 else [])], [expected])


def hebei_old(facts: Facts) -> Form:
    """河北（2019）: 优良中差, 产出 and 效果 only."""
    facts.frame = {"产出指标": [""], "效果指标": [""]}
    facts.rows = [facts._row(level1, "", i) for level1 in facts.frame for i in range(3)]
    sheet = Sheet().row("项目名称", (facts.name, 3), "项目编码", (facts.code, 3))
    sheet.row("预算单位", (facts.unit, 3), "预算数（万元）", (facts.total, 3))
    sheet.row("绩效目标", (facts.goals[0], 7))
    sheet.row(("绩效指标分类", 1, 2), ("绩效指标", 1, 2), ("绩效指标描述", 1, 2), ("绩效指标评价标准", 4), ("评价标准确定依据", 1, 2)).row(
        "优", "良", "中", "差"
    )
    for i, row in enumerate(facts.rows):
        lead = [(row.level1, 1, 3)] if i % 3 == 0 else []
        sheet.row(*lead, row.name, row.description, "100%", "90%", "85%", "80%", row.basis)
    rows = [facts.indicator(row, description=True, basis=True, value="100%", extra={"良": "90%", "中": "85%", "差": "80%"}) for row in facts.rows]
    table = facts.table(
        project=Project(code=facts.code, name=facts.name),
        budget=Budget(total=Decimal(facts.total)),
        goals=(facts.goals[0],),
        indicators=tuple(rows),
        form="hebei-2019",
    )
    return Form([f"{facts.year}年度绩效目标表", sheet.spots], [table.model_copy(update={"title": f"{facts.year}年度绩效目标表"})])


def _three_amounts(facts: Facts, sheet: Sheet, wide: int) -> None:
    sheet.row(("项目资金\n（万元）", 1, 3), "年度资金总额：", (facts.total, wide))
    sheet.row("其中：财政拨款", (facts.fiscal, wide)).row("其他资金", (facts.other, wide))


def anhui(facts: Facts) -> Form:
    """安徽: comparator, number and unit in one cell."""
    title = "项目支出绩效目标表"
    sheet = Sheet().row((title, 5)).row((f"（{facts.year}年度）", 5))
    sheet.row("项目名称", (facts.name, 4)).row("主管部门及代码", (f"[103]{facts.county}人民政府", 2), "实施单位", facts.unit)
    sheet.row("项目属性", ("新增", 2), "项目期", "3年").row("项目责任人", ("张三", 2), "项目来源", "其他")
    _three_amounts(facts, sheet, 3)
    sheet.row("立项依据", (facts.rows[0].basis, 4)).row("年度绩效目标", ("\n".join(f"目标{i}：{goal}" for i, goal in enumerate(facts.goals, 1)), 4))
    sheet.row(("绩\n效\n指\n标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "指标值")
    sheet.levels(facts.rows, lambda row: [row.name, row.value])
    extra = {"主管部门": f"[103]{facts.county}人民政府", "项目属性": "新增\n其他", "项目期": "3年", "负责人": "张三", "立项依据": facts.rows[0].basis}
    return Form([sheet.spots], [facts.table(title=title, form="anhui", extra=extra)])


def sichuan(facts: Facts) -> Form:
    """四川（新）: one row per indicator for all projects, money in 元, sign and unit in columns of their own."""
    projects = [Facts(facts.random.randint(0, 999), number=i) for i in (1, 2, 3)]
    for one in projects:
        one.unit = facts.unit
    sheet = Sheet().row(
        "单位名称", "项目名称", "预算数", "年度目标", "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "权重", "指标方向性"
    )
    tables, first = [], True
    for one in projects:
        yuan = f"{Decimal(one.total) * 10000:.2f}"
        rows = []
        for i, row in enumerate(one.rows):
            lead: list[str | tuple[str, int, int]] = [(facts.unit, 1, sum(len(p.rows) for p in projects))] if first else []
            first = False
            lead += [(one.name, 1, len(one.rows)), (yuan, 1, len(one.rows)), (one.goals[0], 1, len(one.rows))] if i == 0 else []
            wordy = not row.unit
            value = "优良中低差" if wordy else row.number
            sheet.row(*lead, row.level1, row.level2, row.name, "定性" if wordy else row.comparator or "=", value, row.unit, row.weight, "正向指标")
            extra = ({"指标性质": "定性"} if wordy else {}) | {"权重": row.weight, "指标方向性": "正向指标"}
            rows.append(one.indicator(row, value=value if wordy else f"{row.comparator or '='}{row.number}{row.unit}", extra=extra))
        tables.append(
            one.table(
                unit=Unit(name=facts.unit), budget=Budget(total=Decimal(yuan)), money_unit="元", goals=(one.goals[0],), indicators=tuple(rows), year=facts.year, form="sichuan-2025",
                title=f"{facts.year}年部门预算项目绩效目标表",
            )
        )  # fmt: skip
    return Form([f"{facts.year}年部门预算项目绩效目标表", "金额单位：元", sheet.spots], tables)


def sichuan_old(facts: Facts) -> Form:
    """四川（2021年前）: 项目完成指标, 项目效益指标."""
    facts.rows = [row for row in facts.rows if row.level1 != "效益指标" or "社会" in row.level2 or "持续" in row.level2]
    names = {"产出指标": "项目完成指标", "效益指标": "项目效益指标"}
    sheet = Sheet().row("项目名称", (facts.name, 4)).row("预算单位", (facts.unit, 4))
    sheet.row(("项目资金\n（万元）", 1, 3), ("年度资金总额：", 2), (facts.total, 2)).row(("其中：财政拨款", 2), (facts.fiscal, 2)).row(
        ("其他资金", 2), (facts.other, 2)
    )
    sheet.row("总体目标", ("\n".join(facts.goals), 4))
    sheet.row(("绩效指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "指标值（包含数字及文字描述）")
    sheet.levels(facts.rows, lambda row: [row.name, row.value], named=lambda name: names.get(name, name))
    rows = tuple(facts.indicator(row).model_copy(update={"level1": names.get(row.level1, row.level1)}) for row in facts.rows)
    title = f"{facts.year}年项目支出绩效目标表"
    return Form([title, sheet.spots], [facts.table(title=title, indicators=rows, form="sichuan")])


def yunnan(facts: Facts, *, own_rows: bool = False) -> Form:
    """云南 预算05-2表: unit and projects in one column; the levels may stand on rows of their own."""
    projects = [Facts(facts.random.randint(0, 999), number=i) for i in (1, 2)]
    columns = ("单位名称、项目名称", "项目年度绩效目标", "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "指标属性", "指标内容")
    sheet = Sheet().row(*columns).row(*[str(i + 1) for i in range(10)]).row(facts.unit, *[""] * 9)
    tables = []
    for one in projects:
        rows, before = [], ("", "")
        one.rows = [row for row in one.rows if row.unit]
        for i, row in enumerate(one.rows):
            lead = [one.name, one.goals[0]] if i == 0 else ["", ""]
            levels = [row.level1 if row.level1 != before[0] else "", row.level2 if (row.level1, row.level2) != before else ""]
            before = (row.level1, row.level2)
            if own_rows:
                if levels[0]:
                    sheet.row(*lead, levels[0], *[""] * 7)
                    lead = ["", ""]
                if levels[1]:
                    sheet.row(*lead, "", levels[1], *[""] * 6)
                    lead = ["", ""]
                levels = ["", ""]
            sheet.row(*lead, *levels, row.name, row.comparator or "=", row.number, row.unit, "定量指标", row.description)
            rows.append(one.indicator(row, description=True, value=f"{row.comparator or '='}{row.number}{row.unit}", extra={"指标属性": "定量指标"}))
        tables.append(
            one.table(
                unit=Unit(name=facts.unit),
                budget=Budget(),
                goals=(one.goals[0],),
                indicators=tuple(rows),
                year=facts.year,
                form="yunnan",
                title="项目支出绩效目标表（本级下达）",
            )
        )
    return Form([f"{facts.unit}{facts.year}年部门预算公开表", "预算05-2表", "项目支出绩效目标表（本级下达）", sheet.spots], tables)


def hunan(facts: Facts) -> Form:
    """湖南（新）: scoring rule, unit and kind of value beside the target."""
    sheet = (
        Sheet()
        .row("单位（专项）名称", (facts.name, 4), "填报单位", (facts.unit, 3))
        .row("资金总额（万元）", (facts.total, 8))
        .row("年度绩效目标", ("".join(facts.goals[:1]), 8))
    )
    sheet.row(("绩效指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "绩效指标值", "评（扣）分标准", "度量单位", "指标值类型", "备注")
    sheet.levels(facts.rows, lambda row: [row.name, row.comparator + row.number, f"每少1{row.unit}扣1分", row.unit, "定量" if row.unit else "定性", ""])
    rows = tuple(facts.indicator(row, extra={"评分标准": f"每少1{row.unit}扣1分", "指标属性": "定量" if row.unit else "定性"}) for row in facts.rows)
    title = f"{facts.year}年度项目支出绩效目标表"
    return Form(
        [title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), indicators=rows, form="hunan")]
    )


def _pair(facts: Facts, sheet: Sheet, group: str | None, cells: Callable[[Row, bool], list[str]], first: int = 1) -> None:
    """Rows with a set of several years on the left and the year's on the right, levels merged in both."""
    for i, row in enumerate(facts.rows):
        lead: list[str | tuple[str, int, int]] = [(group, 1, len(facts.rows))] if group and i == 0 else []
        out: list[str | tuple[str, int, int]] = []
        for long in (True, False):
            for depth, name in ((1, row.level1), (2, row.level2)):
                if depth == 1 and not long and first == 1:
                    continue
                same = [other for other in facts.rows if other.level1 == row.level1 and (depth == 1 or other.level2 == row.level2)]
                if same[0] is row:
                    out.append((name, 1, len(same)))
            out += cells(row, long)
        sheet.row(*lead, *out)


def _long_row(row: Row) -> dict[str, str]:
    return {"长期三级指标": f"累计{row.name}", "长期指标值": f"≥{len(row.name) * 7}次"}


def _long_cells(row: Row, long: bool) -> list[str]:
    return list(_long_row(row).values()) if long else [row.name, row.value]


def hunan_old(facts: Facts) -> Form:
    """湖南、陕西（2021年前）: 长期 and 年度 sets with 指标内容 | 指标值 | 备注 each."""
    sheet = Sheet().row("项目名称", (facts.name, 4), "项目单位", (facts.unit, 3)).row("资金总额（万元）", (facts.total, 8))
    sheet.row(("项目立项情况", 1, 2), ("项目立项的依据", 2), (facts.rows[0].basis, 6)).row(("项目申报的可行性和必要性", 2), ("十分必要，切实可行。", 6))
    sheet.row(("项目实施进度计划", 1, 2), ("项目实施内容", 3), ("开始时间", 2), ("完成时间", 3)).row((facts.purpose, 3), ("1月", 2), ("12月", 3))
    sheet.row(("总体目标", 1, 2), ("长期目标", 4), ("年度目标", 4)).row((facts.long_goal, 4), (facts.goals[0], 4))
    sheet.row(("绩效指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "指标内容", "指标值", "备注", "二级指标", "指标内容", "指标值", "备注")
    _pair(facts, sheet, None, lambda row, long: [*_long_cells(row, long), ""])
    rows = tuple(facts.indicator(row, extra=_long_row(row)) for row in facts.rows)
    extra = {
        "立项依据": facts.rows[0].basis,
        "项目申报的可行性和必要性": "十分必要，切实可行。",
        "实施计划": f"项目实施内容 | 开始时间 | 完成时间\n{facts.purpose} | 1月 | 12月",
        "长期目标": facts.long_goal,
    }
    title = "项目绩效目标申报表"
    table = facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), indicators=rows, extra=extra, form="hunan-2021")
    return Form([title, f"（{facts.year}年度）", sheet.spots], [table])


def hubei(facts: Facts) -> Form:
    """湖北: cost table, 绩效标准 explains, 当年预期实现值 is the target, 保障措施 below."""
    sheet = Sheet().row("项目名称", (facts.name, 2), "项目编码", facts.code).row("主管部门", (facts.county + "财政局", 2), "项目执行单位", facts.unit)
    sheet.row("项目总预算", ("99999.00", 2), "项目当年预算", facts.total)
    sheet.row(("项目预算成本构成", 1, 3), "项目支出明细", "金额", "测算依据及说明").row("劳务费", "3.5", "人数×标准").row("合计", facts.total, "")
    sheet.row("项目绩效总目标", (facts.goals[0], 3))
    body = Sheet().row("一级指标", "二级指标", "三级指标", "绩效标准", "当年预期实现值").levels(facts.rows, lambda row: [row.name, row.description, row.value])
    body.row("保障绩效目标实现措施", ("加强组织领导。", 4))
    rows = tuple(facts.indicator(row, description=True) for row in facts.rows)
    extra = {
        "主管部门": facts.county + "财政局",
        "项目总预算": "99999.00",
        "成本构成": f"项目支出明细 | 金额 | 测算依据及说明\n劳务费 | 3.5 | 人数×标准\n合计 | {facts.total}",
        "保障措施": "加强组织领导。",
    }
    title = f"{facts.year}年项目绩效目标表"
    table = facts.table(
        title=title,
        project=Project(code=facts.code, name=facts.name),
        budget=Budget(total=Decimal(facts.total)),
        goals=(facts.goals[0],),
        indicators=rows,
        extra=extra,
        form="hubei",
    )
    return Form([title, "单位：万元", sheet.spots, body.spots], [table])


def guangdong(facts: Facts) -> Form:
    """广东: 中期滚动目标 and 年度目标 side by side, one name, two targets; the frame of 预期产出."""
    names = {"产出指标": "预期产出指标", "效益指标": "效果指标"}
    facts.rows = [row for row in facts.rows if row.level1 in names]
    sheet = Sheet().row("项目名称", (facts.name, 4)).row("单位名称", (facts.unit, 4)).row("本年度申请市财政预算资金（万元）", (facts.total, 4))
    sheet.row(("绩效目标", 1, 2), ("中期滚动目标", 2), ("年度目标", 2)).row((facts.long_goal, 2), (facts.goals[0], 2))
    sheet.row(("一级指标", 1, 2), ("二级指标", 1, 2), ("三级指标", 1, 2), "中期滚动目标", "年度目标").row("指标值（或计划水平）", "指标值（或计划水平）")
    sheet.levels(facts.rows, lambda row: [row.name, "≥300次", row.value], named=lambda name: names.get(name, name))
    label = "中期滚动目标·指标值（或计划水平）"
    rows = tuple(facts.indicator(row, extra={label: "≥300次"}).model_copy(update={"level1": names[row.level1]}) for row in facts.rows)
    title = f"{facts.year}年项目支出绩效目标表"
    table = facts.table(
        title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), indicators=rows, extra={"长期目标": facts.long_goal}, form="guangdong"
    )
    return Form([title, sheet.spots], [table])


def shanxi(facts: Facts) -> Form:
    """山西: long texts, then 中期目标 and 年度目标 as two whole sets."""
    sheet = (
        Sheet()
        .row("项目名称", (facts.name, 3), "项目属性", (facts.random.choice(["新增项目", "延续项目"]), 3))
        .row("主管部门", (facts.county + "人民政府", 3), "实施单位", (facts.unit, 3))
    )
    nature = sheet.spots[3].text
    sheet.row("项目资金（万元）", ("年度资金总额", 2), facts.total, "其中：财政拨款", (facts.fiscal, 3))
    sheet.row("项目概况", (facts.purpose, 7)).row("立项依据", (facts.rows[0].basis, 7)).row("项目设立必要性", ("确有必要。", 7))
    sheet.row("保证项目实施的制度、措施", ("制度健全。", 7)).row("项目实施计划", ("全年实施。", 7))
    sheet.row("", ("中期目标", 3), ("年度目标", 4)).row("总体目标", (facts.long_goal, 3), (facts.goals[0], 4))
    sheet.row("一级指标", "二级指标", "三级指标", "指标值", "一级指标", "二级指标", "三级指标", "指标值")
    _pair(facts, sheet, None, _long_cells, first=2)
    rows = tuple(facts.indicator(row, extra=_long_row(row)) for row in facts.rows)
    extra = {
        "项目属性": nature,
        "主管部门": facts.county + "人民政府",
        "项目概况": facts.purpose,
        "立项依据": facts.rows[0].basis,
        "必要性": "确有必要。",
        "保障措施": "制度健全。",
        "实施计划": "全年实施。",
        "长期目标": facts.long_goal,
    }
    title = f"{facts.year}年项目支出绩效目标申报表"
    budget = Budget(total=Decimal(facts.total), fiscal=Decimal(facts.fiscal))
    return Form([title, sheet.spots], [facts.table(title=title, budget=budget, goals=(facts.goals[0],), indicators=rows, extra=extra, form="shanxi")])


def transfer(facts: Facts) -> Form:
    """转移支付区域绩效目标表."""
    sheet = Sheet().row(("专项名称", 2), (facts.name, 3)).row(("省级主管部门", 2), ("省残联", 1), "实施单位", facts.unit)
    sheet.row(("资金\n金额\n（万元）", 1, 3), "年度资金总额：", (facts.total, 3)).row("其中：中央补助", (facts.fiscal, 3)).row("地方资金", (facts.other, 3))
    sheet.row("年度\n总体\n目标", ("\n".join(f"目标{i}：{goal}" for i, goal in enumerate(facts.goals, 1)), 4))
    sheet.row(("绩\n效\n指\n标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "指标值").levels(facts.rows, lambda row: [row.name, row.value])
    title = "残疾人事业发展补助资金区域绩效目标表"
    extra = {"主管部门": "省残联", "中央资金": facts.fiscal, "本级资金": facts.other}
    return Form(
        [title, f"（{facts.year}年度）", sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), extra=extra, form="transfer")]
    )


def central_2015(facts: Facts) -> Form:
    """中央部门（2015）: 实施期 and 年度 in amounts, goals and indicators."""
    sheet = Sheet().row((f"（{facts.year}年度）", 7)).row("项目名称", (facts.name, 6))
    sheet.row("主管部门及代码", ("[015]水利部", 3), "实施单位", (facts.unit, 2)).row("项目属性", ("延续项目", 3), "项目期", ("3年", 2))
    sheet.row(("项目资金\n（万元）", 1, 3), ("中期资金总额：", 2), "900.00", ("年度资金总额：", 2), facts.total)
    sheet.row(("其中：财政拨款", 2), "800.00", ("其中：财政拨款", 2), facts.fiscal).row(("其他资金", 2), "100.00", ("其他资金", 2), facts.other)
    sheet.row(("总体\n目标", 1, 2), ("中期目标（2024年—2026年）", 3), ("年度目标", 3)).row((facts.long_goal, 3), (facts.goals[0], 3))
    sheet.row(("绩效\n指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值")
    _pair(facts, sheet, None, _long_cells)
    rows = tuple(facts.indicator(row, extra=_long_row(row)) for row in facts.rows)
    extra = {
        "主管部门": "[015]水利部",
        "项目属性": "延续项目",
        "项目期": "3年",
        "中期资金总额": "900.00",
        "中期财政拨款": "800.00",
        "中期其他资金": "100.00",
        "长期目标": facts.long_goal,
    }
    title = "项目支出绩效目标申报表"
    return Form([title, sheet.spots], [facts.table(title=title, goals=(facts.goals[0],), indicators=rows, extra=extra, form="central-2015")])


def central_2018(facts: Facts) -> Form:
    """中央部门（2018）: 当年财政拨款, 指标内容."""
    sheet = Sheet().row("项目名称", (facts.name, 4)).row("主管部门及代码", ("[015]水利部", 2), "实施单位", facts.unit)
    sheet.row(("项目资金\n（万元）", 1, 4), ("年度资金总额", 2), (facts.total, 2)).row(("其中：当年财政拨款", 2), (facts.fiscal, 2))
    sheet.row(("上年结转资金", 2), ("12.00", 2)).row(("其他资金", 2), (facts.other, 2)).row("年度\n总体\n目标", (facts.goals[0], 4))
    sheet.row(("绩效\n指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "指标内容", "指标值").levels(facts.rows, lambda row: [row.name, row.value])
    title = f"项目支出绩效目标表（{facts.year}年度）"
    extra = {"主管部门": "[015]水利部", "结转资金": "12.00"}
    return Form([title, sheet.spots], [facts.table(title=title, goals=(facts.goals[0],), extra=extra, form="central-2018")])


def central_2021(facts: Facts, *, merged: bool = True) -> Form:
    """中央部门（2021）: cost as a level 1 of its own, weights."""
    facts = Facts(facts.random.randint(0, 9999), FRAME_2021)
    sheet = Sheet().row("项目名称", (facts.name, 5)).row("主管部门及代码", ("[015]水利部", 2), "实施单位", (facts.unit, 2))
    sheet.row(("项目资金\n（万元）", 1, 3), "年度资金总额", (facts.total, 4)).row("其中：财政拨款", (facts.fiscal, 4)).row("其他资金", (facts.other, 4))
    sheet.row("年度\n总体\n目标", ("\n".join(facts.goals), 5))
    sheet.row(("绩效\n指标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "指标值", "分值权重（90）")
    sheet.levels(facts.rows, lambda row: [row.name, row.value, row.weight], merged=merged)
    rows = tuple(facts.indicator(row, extra={"权重": row.weight}) for row in facts.rows)
    title = f"项目支出绩效目标表（{facts.year}年度）"
    table = facts.table(title=title, indicators=rows, extra={"主管部门": "[015]水利部"}, form="central-2021", frame="2021")
    return Form([title, sheet.spots], [table])


def self_evaluation(facts: Facts) -> Form:
    """项目支出绩效自评表: amounts in columns, actual values and scores."""
    sheet = Sheet().row(("项目名称", 1), (facts.name, 8)).row("主管部门", (facts.county + "人民政府", 3), "实施单位", (facts.unit, 4))
    sheet.row(("项目资金\n（万元）", 1, 5), ("", 2), "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    sheet.row(("年度资金总额", 2), facts.total, "110.00", "99.00", "10", "90%", "9.0").row(
        ("其中：本年财政拨款", 2), facts.fiscal, "80.00", "79.00", "—", "—", "—"
    )
    sheet.row(("上年结转资金", 2), "1.00", "1.00", "1.00", "—", "—", "—").row(("其他资金", 2), facts.other, "0.00", "0.00", "—", "—", "—")
    sheet.row(("年度\n总体\n目标", 1, 2), ("预期目标", 4), ("实际完成情况", 4)).row((facts.goals[0], 4), ("已全部完成。", 4))
    sheet.row(
        ("绩\n效\n指\n标", 1, len(facts.rows) + 1), "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"
    )
    sheet.levels(facts.rows, lambda row: [row.name, row.value, "完成", row.weight, row.weight, ""]).row(("总分", 6), "100", "99", "")
    rows = tuple(facts.indicator(row, extra={"实际完成值": "完成", "权重": row.weight, "得分": row.weight}) for row in facts.rows)
    extra = {"主管部门": facts.county + "人民政府"}
    for label, values in (("年度资金总额", ("110.00", "99.00", "10", "90%", "9.0")), ("本年财政拨款", ("80.00", "79.00", "—", "—", "—"))):
        extra |= {f"{label}·{name}": value for name, value in zip(("全年预算数", "执行数", "分值", "执行率", "得分"), values, strict=True)}
    extra |= {
        f"上年结转资金·{name}": value
        for name, value in zip(("年初预算数", "全年预算数", "执行数", "分值", "执行率", "得分"), ("1.00",) * 3 + ("—",) * 3, strict=True)
    }
    extra |= {
        f"其他资金·{name}": value for name, value in zip(("全年预算数", "执行数", "分值", "执行率", "得分"), ("0.00", "0.00", "—", "—", "—"), strict=True)
    }
    extra |= {"实际完成情况": "已全部完成。", "总分": "100 | 99"}
    title = "项目支出绩效自评表"
    return Form(
        [title, f"（{facts.year}年度）", sheet.spots], [facts.table(title=title, goals=(facts.goals[0],), indicators=rows, extra=extra, form="self-evaluation")]
    )


def investment(facts: Facts) -> Form:
    """中央预算内投资: 实施效果指标 around 产出, 效益, 满意度."""
    sheet = (
        Sheet()
        .row("项目名称", (facts.name, 4))
        .row("项目单位", (facts.unit, 4))
        .row("总投资（万元）", ("5000.00", 4))
        .row("年度资金总额（万元）", (facts.total, 4))
        .row("总体目标", (facts.goals[0], 4))
    )
    sheet.row("", "一级指标", "二级指标", "三级指标", "指标值").levels(facts.rows, lambda row: [row.name, row.value], group="实施效果指标")
    title = f"{facts.year}年中央预算内投资项目绩效目标表"
    table = facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), extra={"中期资金总额": "5000.00"}, form="investment")
    return Form([title, sheet.spots], [table])


def own_rows(facts: Facts) -> Form:
    """Levels on rows of their own across the table."""
    sheet = (
        Sheet().row("项目名称", (facts.name, 2)).row("实施单位", (facts.unit, 2)).row("资金总额（万元）", (facts.total, 2)).row("绩效目标", (facts.goals[0], 2))
    )
    sheet.row("三级指标", "指标值", "备注")
    before = ("", "")
    for row in facts.rows:
        if row.level1 != before[0]:
            sheet.row((row.level1, 3))
        if (row.level1, row.level2) != before:
            sheet.row((row.level2, 3))
        before = (row.level1, row.level2)
        sheet.row(row.name, row.value, "")
    title = f"{facts.year}年项目绩效目标表"
    return Form([title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), form="other")])


def side_by_side(facts: Facts) -> Form:
    """Two sets of the year beside each other to save paper."""
    half = (len(facts.rows) + 1) // 2
    sheet = (
        Sheet().row("项目名称", (facts.name, 7)).row("实施单位", (facts.unit, 7)).row("资金总额（万元）", (facts.total, 7)).row("绩效目标", (facts.goals[0], 7))
    )
    sheet.row(*["一级指标", "二级指标", "三级指标", "指标值"] * 2)
    for i in range(half):
        left, right = facts.rows[i], facts.rows[half + i] if half + i < len(facts.rows) else None
        sheet.row(left.level1, left.level2, left.name, left.value, *([right.level1, right.level2, right.name, right.value] if right else [""] * 4))
    title = f"{facts.year}年项目绩效目标表"
    return Form([title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), form="other")])


def stacked(facts: Facts, *, group_rows: bool = False) -> Form:
    """湖南、陕西: 长期绩效指标 and 年度绩效指标 as two blocks, one below the other."""
    sheet = Sheet().row("项目名称", (facts.name, 5)).row("填报单位", (facts.unit, 5)).row("资金总额（万元）", (facts.total, 5))
    sheet.row(("项目绩效目标", 1, 2), ("总目标", 3), ("本年度目标", 2)).row((facts.long_goal, 3), (facts.goals[0], 2))
    long_rows = [replace(row, name=f"累计{row.name}") for row in facts.rows[:4]]
    for group, rows in (("长期绩效指标", long_rows), ("年度绩效指标", facts.rows)):
        if group_rows:
            sheet.row((group, 6)).row("一级指标", "二级指标", "指标内容", "指标值", ("备注", 2))
            sheet.levels(rows, lambda row: [row.name, row.value, ""])
            sheet.spots = [replace(spot, column_span=2) if spot.column == 4 and not spot.text else spot for spot in sheet.spots]
        else:
            sheet.row((group, 1, len(rows) + 1), "一级指标", "二级指标", "指标内容", "指标值", "备注").levels(rows, lambda row: [row.name, row.value, ""])
    kept = "\n".join(" | ".join(part for part in (row.level1, row.level2, row.name, row.value) if part) for row in long_rows)
    extra = {"长期目标": facts.long_goal, "长期绩效指标": kept}
    title = f"{facts.year}年度项目绩效目标申报表"
    return Form(
        [title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), extra=extra, form="hunan-2021")]
    )


def wide(facts: Facts) -> Form:
    """河南: one row per project, level 1 named above the columns, several indicators side by side."""
    names = ["成本指标", "产出指标", "效益指标", "满意度指标"]
    projects = [Facts(facts.random.randint(0, 999), number=i) for i in (1, 2)]
    sheet = (
        Sheet()
        .row(("单位名称", 1, 2), ("项目名称", 1, 2), ("资金总额（万元）", 1, 2), ("年度绩效目标", 1, 2), *[(name, 2) for name in names])
        .row(*["三级指标", "指标值"] * 4)
    )
    tables = []
    for one in projects:
        rows = {name: [row for row in one.rows if row.level1 == name][:2] for name in names}
        rows["成本指标"] = [row for row in one.rows if row.level2 == "成本指标"][:2]
        high = max(map(len, rows.values()))
        found: list[list[Indicator]] = [[] for _ in names]
        for i in range(high):
            lead = [(facts.unit, 1, high), (one.name, 1, high), (one.total, 1, high), (one.goals[0], 1, high)] if i == 0 else []
            cells = []
            for j, name in enumerate(names):
                row = rows[name][i] if i < len(rows[name]) else None
                cells += [row.name, row.value] if row else ["", ""]
                if row:
                    found[j].append(one.indicator(row).model_copy(update={"level1": name, "level2": ""}))
            sheet.row(*lead, *cells)
        indicators = tuple(indicator for part in found for indicator in part)
        changes = {"unit": Unit(name=facts.unit), "budget": Budget(total=Decimal(one.total)), "goals": (one.goals[0],), "indicators": indicators}
        tables.append(one.table(**changes, year=facts.year, form="list", frame="2021", title=f"{facts.year}年项目支出绩效目标表"))
    return Form([f"{facts.year}年项目支出绩效目标表", sheet.spots], tables)


def split_target(facts: Facts) -> Form:
    """指标值 over three columns: sign, number, unit."""
    sheet = (
        Sheet().row("项目名称", (facts.name, 6)).row("实施单位", (facts.unit, 6)).row("资金总额（万元）", (facts.total, 6)).row("绩效目标", (facts.goals[0], 6))
    )
    sheet.row(*[(name, 1, 2) for name in ("一级指标", "二级指标", "三级指标")], ("指标值", 3), ("指标值确定依据", 1, 2)).row("符号", "值", "单位")
    sheet.levels(facts.rows, lambda row: [row.name, row.comparator, row.number, row.unit, row.basis])
    title = f"{facts.year}年项目绩效目标表"
    rows = tuple(facts.indicator(row, basis=True) for row in facts.rows)
    return Form(
        [title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), indicators=rows, form="other")]
    )


def in_name(facts: Facts) -> Form:
    """The sign and unit of the target inside the indicator's name: 培训人数（≥**人）."""
    facts.rows = [row for row in facts.rows if row.unit and row.comparator]
    sheet = (
        Sheet().row("项目名称", (facts.name, 3)).row("实施单位", (facts.unit, 3)).row("资金总额（万元）", (facts.total, 3)).row("绩效目标", (facts.goals[0], 3))
    )
    sheet.row("一级指标", "二级指标", "三级指标", "指标值").levels(facts.rows, lambda row: [f"{row.name}（{row.comparator}**{row.unit}）", row.number])
    rows = tuple(facts.indicator(row).model_copy(update={"level3": f"{row.name}（{row.comparator}**{row.unit}）"}) for row in facts.rows)
    title = f"{facts.year}年项目绩效目标表"
    return Form(
        [title, sheet.spots], [facts.table(title=title, budget=Budget(total=Decimal(facts.total)), goals=(facts.goals[0],), indicators=rows, form="other")]
    )


LAYOUTS: dict[str, Callable[[Facts], Form]] = {
    "河北新": hebei,
    "河北新·两个表格": lambda facts: hebei(facts, grids=2),
    "河北旧": hebei_old,
    "安徽": anhui,
    "四川新": sichuan,
    "四川旧": sichuan_old,
    "云南": yunnan,
    "云南·级次单独成行": lambda facts: yunnan(facts, own_rows=True),
    "湖南新": hunan,
    "湖南旧": hunan_old,
    "湖北": hubei,
    "广东": guangdong,
    "山西": shanxi,
    "转移支付": transfer,
    "中央2015": central_2015,
    "中央2018": central_2018,
    "中央2021": central_2021,
    "中央2021·空白级次": lambda facts: central_2021(facts, merged=False),
    "自评": self_evaluation,
    "中央预算内投资": investment,
    "级次单独成行": own_rows,
    "长期年度上下两块": stacked,
    "长期年度上下两块·分组成行": lambda facts: stacked(facts, group_rows=True),
    "河南": wide,
    "两组并列": side_by_side,
    "指标值分列": split_target,
    "符号在名称里": in_name,
}
