"""Quantity × price, parts against the whole, last year's signs, and which given figure a row takes: the arithmetic of drafts, case by case."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from assistant.corpus import Corpus
from assistant.draft import Request
from assistant.drafting.arithmetic import money_words, of_request, product, reckoned
from assistant.drafting.definitions import customary
from assistant.drafting.embedded import draft
from assistant.drafting.facts import best_for, facts_of, same_unit
from assistant.drafting.request import understand
from assistant.drafting.uses import uses_of
from assistant.table import Budget, Indicator
from assistant.target import Target


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus.open(tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize(
    ("count", "price", "months", "days", "words"),
    [
        ("40人", "300元/人·月", None, None, "40人×300元/人·月×12个月=14.4万元"),
        ("40人", "300元/人·月", 10, None, "40人×300元/人·月×10个月=12万元"),
        ("200人", "5元/人·天", None, 200, "200人×5元/人·天×200天=20万元"),
        ("40人", "1200元/人·年", None, 200, "40人×1200元/人·年=4.8万元"),
        ("12公里", "3万元/公里", None, None, "12公里×3万元/公里=36万元"),
        ("1.5万人次", "20元/人次", None, None, "15000人次×20元/人次=30万元"),
        ("200人", "5元/人·天", None, None, None),
        ("40台", "300元/人", None, None, None),
        ("40人", "300元", None, None, None),
    ],
)
def test_a_product_spelled_out_or_none(count: str, price: str, months: int | None, days: int | None, words: str | None) -> None:
    made = product(Target.parse(count), Target.parse(price), months and Decimal(months), days and Decimal(days))
    assert (made.words if made else None) == words
    if made:
        assert money_words(made.yuan) == made.words.rpartition("=")[2]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"budget": "150000", "stated": {"budget": "150000"}}, ("Q905", "预算150000万元（合15亿元）异常大，单位是不是元？", "请确认单位", "150000万元", None)),
        ({"budget": "100000", "stated": {"budget": "100000"}}, ("Q905", "预算100000万元（合10亿元）异常大，单位是不是元？", "请确认单位", "100000万元", None)),
        ({"budget": "150000", "stated": {"budget": "15亿元"}}, None),
        ({"budget": "150000", "stated": {"budget": "150000万"}}, None),
        ({"budget": "99999", "stated": {"budget": "99999"}}, None),
        (
            {"budget": "45", "fiscal": "40", "other": "8"},
            ("Q901", "需求中的金额互相矛盾：财政资金40+其他资金8=48万元，不等于预算数45万元（差3万元）。", "45万元", "48万元", "3万元"),
        ),
        ({"budget": "45", "fiscal": "40", "other": "5"}, None),
        ({"budget": "45", "fiscal": "48"}, ("Q901", "需求中的财政资金48万元大于预算数45万元。", "≤45万元", "48万元", "3万元")),
        ({"budget": "45", "other": "46"}, ("Q901", "需求中的其他资金46万元大于预算数45万元。", "≤45万元", "46万元", "1万元")),
        ({"budget": "45", "other": "45"}, None),
        (
            {"budget": "10", "known": {"设备款": "8万元", "安装费": "3万元"}},
            ("Q904", "需求中的分项金额设备款8万元+安装费3万元=11万元，超过预算数10万元。", "≤10万元", "11万元", "1万元"),
        ),
        ({"budget": "10", "known": {"设备款": "8万元", "安装费": "2万元"}}, None),
        ({"budget": "10", "known": {"设备款": "8万元", "带动增收": "30万元"}}, None),
        (
            {"budget": "10", "known": {"合格率": "120%", "增长率": "120%", "到课率": "100%"}},
            ("Q903", "需求中的合格率120%超过100%。", "≤100%", "120%", "20个百分点"),
        ),
    ],
)
def test_contradictions_inside_a_request(asked: dict[str, object], told: tuple[str | None, ...] | None) -> None:
    request = Request.model_validate({"name": "某项目", **asked})
    found = [(one.code, one.message, one.expected, one.found, one.difference) for one in of_request(request, facts_of(request))]
    assert found == ([] if told is None else [told])


@pytest.mark.parametrize(
    ("purpose", "known", "words"),
    [
        ("购置打印机20台，每台2500元", {}, "20台×2500元/台=5万元"),
        ("培训50人", {}, None),
        ("购置打印机和复印机", {"打印机款": "5万元", "复印机款": "3万元"}, "打印机购置5万元；复印机购置3万元；合计5+3=8万元"),
        (
            "公益岗补贴40人",
            {"岗位补贴标准": "1200元/人·月", "社保补贴标准": "900元/人·月", "补贴月数": "10个月"},
            "40人×1200元/人·月×10个月=48万元；40人×900元/人·月×10个月=36万元；合计48+36=84万元",
        ),
        # One use has its money, the other has none: no sum says the whole.
        ("购置打印机20台，每台2500元和慰问困难群众", {}, None),
        # What the project brings in is not what it costs.
        ("组织招商推介", {"签约引资": "300万元"}, None),
    ],
)
def test_a_budget_nobody_said_is_reckoned_only_when_every_use_has_its_money(purpose: str, known: dict[str, str], words: str | None) -> None:
    request = Request(purpose=purpose, known=known)
    facts = facts_of(request)
    made = reckoned(uses_of(purpose, facts), facts)
    assert (made.words if made else None) == words


def taken(known: dict[str, str], name: str, unit: str, **more: object) -> str | None:
    fact = best_for(facts_of(Request(known=known)), name, unit, "count", **more)  # type: ignore[arg-type]
    return fact.name if fact else None


def test_a_row_takes_the_figure_that_speaks_of_it() -> None:
    assert taken({"康复训练场次": "12场", "康复训练对象": "90人"}, "康复训练人数", "人") == "康复训练对象"
    # Of two that fit alike, the one in the row's own unit.
    assert taken({"康复训练对象": "90名", "康复训练次数": "12次", "康复训练场地": "3场"}, "康复训练场次", "场") == "康复训练场地"
    # Who is reached is not what is done, unless the row asks for that.
    assert taken({"覆盖康复训练残疾人": "300人", "康复训练残疾人": "90人"}, "残疾人康复训练数", "人") == "康复训练残疾人"
    assert taken({"覆盖康复训练残疾人": "300人", "康复训练残疾人": "90人"}, "覆盖康复训练残疾人", "人") == "覆盖康复训练残疾人"
    assert taken({"绿化面积": "30亩"}, "康复训练人数", "人") is None


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("人", "名", True),
        ("人", "户", False),
        ("元/人", "元/人·年", True),
        ("元/人", "元/户", False),
        ("万元/公里", "元/公里", True),
        ("场", "次", True),
        ("人", "元/人", False),
    ],
)
def test_units_that_count_the_same(left: str, right: str, same: bool) -> None:
    assert same_unit(left, right) is same


MONEY = [
    # given, then total, fiscal, other as written, and what is asked about them
    ({"budget": "45"}, ("45.00", "45.00", ""), []),
    ({"fiscal": "40", "other": "5"}, ("45.00", "40.00", "5.00"), []),
    ({"fiscal": "40"}, ("40.00", "40.00", ""), []),
    ({"other": "5"}, ("", "", ""), ["本项目预算数是多少万元？"]),
    ({"budget": "45", "fiscal": "40"}, ("45.00", "40.00", "5.00"), []),
    ({"budget": "45", "other": "5"}, ("45.00", "40.00", "5.00"), []),
    ({"budget": "45", "fiscal": "45"}, ("45.00", "45.00", ""), []),
    ({"budget": "45", "fiscal": "48"}, ("45.00", "", ""), ["财政资金48.00万元大于预算数45.00万元，请核对。"]),
    ({"budget": "45", "other": "46"}, ("45.00", "", ""), ["其他资金46.00万元大于预算数45.00万元，请核对。"]),
    (
        {"budget": "45", "fiscal": "40", "other": "8"},
        ("45.00", "", ""),
        ["财政资金40.00+其他资金8.00=48.00万元，不等于预算数45.00万元（差3.00万元），请核对三个数。"] * 2,
    ),
]


@pytest.mark.parametrize(("given", "written", "asked"), MONEY, ids=["+".join(f"{part}{amount}" for part, amount in row[0].items()) for row in MONEY])
def test_total_fiscal_and_other_money(corpus: Corpus, given: dict[str, str], written: tuple[str, str, str], asked: list[str]) -> None:
    made = draft(understand(name="某项培训", year="2026", **given), corpus)  # type: ignore[arg-type]
    assert tuple(made.table.text(f"budget.{part}") for part in ("total", "fiscal", "other")) == written
    assert [question.question for question in made.open_questions if question.cell.startswith("budget")] == asked


@pytest.mark.parametrize(("unit", "scale"), [("万元", 1), ("元", 10_000)])
def test_money_that_was_mixed_last_year_is_asked_in_this_years_unit(corpus: Corpus, unit: str, scale: int) -> None:
    last = next(past for past in corpus.past_tables() if "彩票公益金" in (past.table.project.name or ""))
    budget = Budget(total=Decimal(18 * scale), fiscal=Decimal(10 * scale), other=Decimal(8 * scale))
    mixed = replace(last, table=last.table.model_copy(update={"budget": budget, "money_unit": unit}))
    made = draft(understand(name="彩票公益金", year="2026", budget="20"), corpus, previous=mixed)
    assert [q.question for q in made.open_questions if q.cell == "budget.fiscal"] == ["上年财政资金10万元、其他资金8万元，本年20.00万元怎么分？"]
    split = draft(understand(name="彩票公益金", year="2026", budget="20", fiscal="12"), corpus, previous=mixed)
    assert (split.table.text("budget.fiscal"), split.table.text("budget.other")) == ("12.00", "8.00")


@pytest.mark.parametrize(
    ("level2", "name", "before", "after", "words"),
    [
        ("数量指标", "康复训练人数", "≤50人", "≥50人", "数量指标应写下限"),
        ("数量指标", "康复训练投诉次数", "≤2次", "≤2次", ""),
        ("数量指标", "康复训练人数", "50人", "=50人", "补上符号"),
        ("质量指标", "康复训练合格率", "95%", "≥95%", "补上符号"),
        ("质量指标", "康复设备故障率", "3%", "≤3%", "补上符号"),
        ("质量指标", "康复训练覆盖率", "100%", "=100%", "补上符号"),
        ("成本指标", "康复训练总成本", "≥5万元", "≤5万元", "等于不设上限"),
        ("服务对象满意度指标", "残疾人满意度", "≥84%", "≥84%", "低于常见的85%—95%"),
        ("服务对象满意度指标", "残疾人满意度", "≥85%", "≥85%", ""),
    ],
)
def test_signs_of_last_years_values(corpus: Corpus, level2: str, name: str, before: str, after: str, words: str) -> None:
    last = next(past for past in corpus.past_tables() if "彩票公益金" in (past.table.project.name or ""))
    level1 = {"服务对象满意度指标": "满意度指标"}.get(level2, "产出指标")
    row = Indicator(level1=level1, level2=level2, level3=name, value=Target.parse(before))
    past = replace(last, table=last.table.model_copy(update={"indicators": (row,), "purpose": "用于残疾人康复训练。"}))
    made = draft(understand(name="彩票公益金", year="2026", budget=str(last.table.budget.total)), corpus, previous=past)
    index = next(i for i, one in enumerate(made.table.indicators) if one.level3 == name)
    entry = made.origin_of(f"indicators[{index}].value")
    assert made.table.indicators[index].value.text == after
    assert entry is not None
    assert (entry.origin, words in (entry.note or "")) == ("carried", True)
    assert bool(entry.note) == bool(words)


@pytest.mark.parametrize(
    ("level2", "name", "value", "basis", "note"),
    [
        ("数量指标", "康复训练人数", "≥50人", "资金", "本年应换成本年的资金文件"),
        ("质量指标", "康复训练合格率", "≥95%", "2025年实际完成情况", "不能说明该指标值从何而来"),
        ("时效指标", "康复训练及时率", "≥95%", "实施方案", "不能说明该指标值从何而来"),
        ("服务对象满意度指标", "残疾人满意度", "≥90%", "满意度", "不能说明该指标值从何而来"),
    ],
)
def test_last_years_notice_of_funds_is_no_basis_this_year(corpus: Corpus, level2: str, name: str, value: str, basis: str, note: str) -> None:
    last = next(past for past in corpus.past_tables() if "彩票公益金" in (past.table.project.name or ""))
    level1 = {"服务对象满意度指标": "满意度指标"}.get(level2, "产出指标")
    row = Indicator(level1=level1, level2=level2, level3=name, value=Target.parse(value), basis="冀财社〔2024〕163号")
    project = last.table.project.model_copy(update={"name": "冀财社〔2024〕163号 彩票公益金"})
    past = replace(last, table=last.table.model_copy(update={"project": project, "indicators": (row,), "purpose": "用于残疾人康复训练。"}))
    made = draft(understand(name="彩票公益金", year="2026", budget=str(last.table.budget.total)), corpus, previous=past)
    index = next(i for i, one in enumerate(made.table.indicators) if one.level3 == name)
    entry = made.origin_of(f"indicators[{index}].basis")
    assert entry is not None
    assert "163号" not in (made.table.indicators[index].basis or "")
    assert (basis in (made.table.indicators[index].basis or ""), note in (entry.note or "")) == (True, True), (made.table.indicators[index].basis, entry.note)


@pytest.mark.parametrize(
    ("name", "level2", "value", "said"),
    [
        ("群众满意率", "服务对象满意度指标", "≥90%", "选择“满意”“基本满意”的问卷数÷有效问卷数×100%"),
        ("验收完成时间", "时效指标", "2026年11月底前", "全部任务完成并通过验收（核查）的日期"),
        ("安全事故", "质量指标", "≤2起", "本年发生并经认定的安全事故起数"),
        ("入户走访覆盖率", "质量指标", "≥95%", "实际服务（享受）人数÷应服务（享受）人数×100%"),
        ("规范管理占比", "质量指标", "≥95%", "实际达到规范管理要求的数量÷应达到的数量×100%"),
        ("人均补助标准", "成本指标", "1500元/人", "该项支出÷实际数量，有文件标准的按标准执行"),
        ("项目总成本", "成本指标", "≤20万元", "项目各项支出合计，不超过年度预算数"),
        ("接受培训人数", "数量指标", "≥50人", "本年接受培训的实际人数，同一人全年只计1次，以名册和台账为准"),
        ("改造户数", "数量指标", "≥20户", "本年实际完成（享受）的户数，同一户全年只计1次，以台账和验收记录为准"),
        ("巡查次数", "数量指标", "≥12次", "本年实际完成并有记录可查的数量，按次计"),
        ("群众受益情况", "社会效益指标", "明显改善", "年末按台账和有关记录核定的群众受益情况"),
    ],
)
def test_a_definition_in_the_customary_form(name: str, level2: str, value: str, said: str) -> None:
    assert customary(name, level2, Target.parse(value)) == said


def test_a_contract_paid_over_years_is_told_with_its_rest(corpus: Corpus) -> None:
    made = draft(understand("采购检测设备10台每台5万元，合同分期付款，2026年首付预算20万元", this_year=2025), corpus)
    found = next(one for one in made.findings if one.code == "Q907")
    assert (found.severity, found.expected, found.found, found.difference) == ("info", "20.00万元", "50万元", "30万元")
    assert "10台×5万元/台=50万元是合同总额" in found.message
    assert "本年支付20.00万元（40%），余下30万元在以后年度支付" in found.message


def test_who_gave_the_figure_that_cannot_stand_is_said(corpus: Corpus) -> None:
    made = draft(understand("残保金2026年预算6万元，培训每人1600元", this_year=2025), corpus)
    assert [one.difference for one in made.findings if one.code == "Q902"] == ["1.36万元"]
    notes = [entry.note or "" for entry in made.provenance if entry.origin == "open" and "互相矛盾" in (entry.note or "")]
    assert [note.split("与")[0] for note in notes] == ["需求中的≥46人"]


def test_a_spending_plan_that_was_given_is_written(corpus: Corpus) -> None:
    def plan(known: str) -> list[str]:
        made = draft(understand(name="残疾人就业保障金", year="2026", budget="480", known=[f"资金支出计划={known}"]), corpus)
        return [str(node.percent) for node in made.table.spending_plan]

    assert plan("20%、50%、80%、100%") == plan("3月底20，6月底50，10月底80，12月底100") == ["20", "50", "80", "100"]
    # Three figures are no plan of four dates: last year's stays.
    assert plan("20%、50%、100%") != ["20", "50", "100"]
    assert len(plan("20%、50%、100%")) == 4
