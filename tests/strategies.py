"""Hypothesis strategies for goal tables as offices could write them: odd characters, long texts, missing cells, both frames.

Texts are already tidy (``chinese.tidy`` leaves them unchanged) and hold nothing that an XML file cannot carry; ``dirty_texts`` are the
opposite, for what must be cleaned. Shared by every test of a round trip.
"""

from __future__ import annotations

import random
import re
from decimal import Decimal
from functools import lru_cache

from hypothesis import strategies as st

from assistant.chinese import tidy
from assistant.table import Budget, DepartmentGoals, GoalItem, GoalTable, Indicator, Measure, PlanNode, Project, Unit
from assistant.target import Target
from assistant.taxonomy import FRAMES

WORDS = (
    "残疾人 职业技能培训 补贴 发放 道路 维修 养护 采购 设备 学生 资助 困难群众 救助 耕地 保护 信息系统 运行 维护 公共卫生 服务 农村 饮水 安全 "
    "垃圾 清运 人数 合格率 完成率 覆盖率 及时率 满意度 成本 标准 保障 提升 改善 上级 专项 资金 项目 全县 乡镇 社区 第三方 评估 “三公” "
    "《管理办法》 冀财社〔2024〕163号 A类 B-2"
).split()
# Characters that break careless writers: markup, quotes, formulas, astral planes, full width, combining, signs of targets, Word's own codes.
ODD = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "=",
    "+",
    "-",
    "@",
    "|",
    "*",
    "_",
    "#",
    "`",
    "\\",
    "/",
    "%",
    "％",
    "～",
    "（",
    "）",
    "【】",
    "〇",
    "é",
    "𠮷",
    "𫝆",
    "😀",
    "①",
    "㎡",
]
ODD += ["≥", "≤", "＜", "&amp;", "&#10;", "<br>", "]]>", "${x}", "{{x}}", "HYPERLINK(1)", "\\n", "、", "，", "；", "。", "：", "……", "——", "·"]
VALUES = (
    "≥46人 ≥90% 1500元/人 全年 ≤20.7万元 及时发放 100% 达到标准 ≥12000元/人 =22个 12月底前 2026年6月30日前 10-20人 ±5% 90%以上 不低于95% 3,976人次 "
    "≧60户 有所提升 按月 1个 0起 ≤2小时 ≥1.5万人次 ＞80％ 260元/人·月"
).split()


@lru_cache
def _pool(longest: int) -> tuple[str, ...]:
    # Made once and drawn from by index: a table has a hundred texts, and drawing each piece by piece took most of a test's time.
    pieces = random.Random(longest)
    made = set(WORDS)
    while len(made) < 2000:
        tail = [pieces.choice((*WORDS, *WORDS, *ODD, str(pieces.randrange(100_000)))) for _ in range(pieces.randrange(longest + 1))]
        made.add(tidy(pieces.choice(WORDS) + "".join(tail)))
    return tuple(sorted(made, key=lambda text: (len(text), text)))


def texts(longest: int = 12) -> st.SearchStrategy[str]:
    """Tidy, non-empty texts of the field's words mixed with odd characters; of at most ``longest`` + 1 pieces, the plainest first."""
    return st.sampled_from(_pool(longest))


def odd_first_texts() -> st.SearchStrategy[str]:
    """Texts that begin like a formula or a mark-up sign."""
    return st.tuples(st.sampled_from(["=", "+", "-", "@", "=cmd|", "|", "#", "* ", "<b>"]), texts(3)).map(lambda parts: tidy("".join(parts)))


def dirty_texts() -> st.SearchStrategy[str]:
    """Texts with characters that no XML file may hold: control characters, lone surrogates, non-characters."""
    dirt = st.sampled_from(["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b[31m", "\ud800", "\udfff", "\ufffe", "\uffff", "\u202e", "\ufeff"])
    return st.lists(st.one_of(dirt, st.sampled_from(WORDS)), min_size=1, max_size=6).map("".join)


def amounts() -> st.SearchStrategy[Decimal]:
    """Money as sources print it, the number of decimals kept."""
    return st.tuples(st.integers(0, 9_999_999), st.integers(0, 6)).map(lambda pair: Decimal(pair[0]).scaleb(-pair[1]))


def targets() -> st.SearchStrategy[Target]:
    """指标值 of every kind, the missing one included."""
    quant = st.tuples(st.sampled_from(["", "≥", "≤", "=", ">", "<"]), amounts(), st.sampled_from(["人", "%", "元/人", "万元", "个", "次", "人次", "户"]))
    written = quant.map(lambda parts: f"{parts[0]}{parts[1]:f}{parts[2]}")
    return st.one_of(st.sampled_from(VALUES), written, texts(4), st.just("")).map(Target.parse)


@st.composite
def indicators(draw: st.DrawFn, frame: str, most: int = 20) -> tuple[Indicator, ...]:
    """1 to ``most`` rows in the order of the frame, levels always written (merged cells carried down)."""
    kinds = [(level1, level2) for level1, types in FRAMES[frame].items() for level2 in types]
    chosen = sorted(draw(st.lists(st.integers(0, len(kinds) - 1), min_size=1, max_size=most)))
    optional = st.one_of(texts(8), texts(2), odd_first_texts(), st.none())
    return tuple(
        Indicator(
            level1=kinds[i][0],
            level2=kinds[i][1],
            level3=draw(texts(6)),
            description=draw(optional),
            value=draw(targets()),
            basis=draw(optional),
        )
        for i in chosen
    )


@st.composite
def tables(draw: st.DrawFn, number: int = 1, *, frames: tuple[str, ...] = ("2015", "2021"), most_rows: int = 20) -> GoalTable:
    """One goal table: the Hebei form in either frame, any cell but names and levels possibly missing."""
    frame = draw(st.sampled_from(frames))
    # No sentence stops: a project's name heads its table, and a heading with a full stop is a sentence.
    name = draw(texts(5).map(lambda text: tidy(re.sub("[。；：，…;]", "", text))))
    total = draw(st.none() | amounts())
    fiscal, other = draw(st.none() | amounts()), draw(st.none() | amounts())
    nodes = draw(st.sampled_from([("3月底", "6月底", "10月底", "12月底"), ("3月底", "6月底", "9月底", "12月底")]))
    percents = draw(st.lists(st.none() | st.integers(0, 100).map(Decimal) | st.sampled_from([Decimal("33.3"), Decimal("66.67")]), min_size=4, max_size=4))
    return GoalTable(
        number=number,
        title=f"{name}绩效目标表",
        year=draw(st.integers(2020, 2032)),
        unit=draw(st.sampled_from([Unit(code="762001", name="怀来县残疾人联合会"), Unit(code="301003", name="某县教育局")])),
        project=Project(code=draw(st.none() | st.from_regex(r"1307302[0-9][PN][A-Z0-9]{12}", fullmatch=True)), name=name),
        budget=Budget(total=total, fiscal=fiscal, other=other),
        purpose=draw(st.none() | texts(40)),
        spending_plan=tuple(PlanNode(by=by, percent=percent) for by, percent in zip(nodes, percents, strict=True)),
        goals=tuple(draw(st.lists(texts(30), max_size=4))),
        indicators=draw(indicators(frame, most_rows)),
        frame=frame,
    )


@st.composite
def departments(draw: st.DrawFn, most_tables: int = 4) -> list[GoalTable]:
    """The tables of one department's text: same unit and year, numbered from 1, project names all different."""
    made = draw(st.lists(tables(), min_size=1, max_size=most_tables, unique_by=lambda table: table.project.name))
    first = made[0]
    return [table.model_copy(update={"number": i + 1, "unit": first.unit, "year": first.year}) for i, table in enumerate(made)]


@st.composite
def department_goals(draw: st.DrawFn) -> DepartmentGoals:
    """Part 1 of a department's text."""
    return DepartmentGoals(
        overall_goal=draw(texts(60)),
        items=tuple(GoalItem(title=draw(texts(4)), goal=draw(texts(30)), indicators=draw(texts(20))) for _ in range(draw(st.integers(1, 4)))),
        measures=tuple(Measure(title=draw(st.sampled_from(WORDS)) + "管理", text=draw(texts(30))) for _ in range(draw(st.integers(0, 4)))),
    )
