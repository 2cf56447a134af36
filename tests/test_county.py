"""Questions over all offices of a county, against sums done here from the same tables."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from assistant.answering import Answer, ask
from assistant.corpus import Corpus, ingest

OFFICES = ("平山县教育局", "平山县水利局", "平山县民政局", "平山县卫生健康局", "平山县交通运输局", "平山县农业农村局")
KINDS = ("培训", "维修改造", "设备购置", "补贴发放", "运行维护", "宣传活动", "信息化建设")
EACH = 60


def amount(office: int, year: int, number: int) -> Decimal:
    """A total in 万元; offices and years differ, no two projects are alike."""
    return Decimal((office + 1) * 1000 + (year - 2023) * 500 + number * 7 + 3) / 100


def table(office: int, year: int, number: int, **changes: Any) -> dict[str, Any]:
    """A goal table; every eleventh writes its money in 元, every fifth promises 98 % instead of 90 %, every seventh says nothing of content people."""
    total, unit = amount(office, year, number), "万元"
    if number % 11 == 0:
        total, unit = total * 10000, "元"
    rows = [("产出指标", "数量指标", f"{KINDS[number % 7]}数量", f"{number + 1}{'人' if number % 7 == 0 else '处'}")]
    if number % 7:
        rows.append(("满意度指标", "服务对象满意度指标", "群众满意度", "≥98%" if number % 5 == 0 else "≥90%"))
    return {
        "number": number + 1, "year": year, "unit": {"code": None, "name": OFFICES[office]}, "money_unit": unit,
        "project": {"code": None, "name": f"{KINDS[number % 7]}项目第{number}期"}, "budget": {"total": f"{total}", "fiscal": f"{total}", "other": None},
        "purpose": f"用于{KINDS[number % 7]}。",
        "indicators": [{"level1": a, "level2": b, "level3": c, "description": None, "value": {"text": d}, "basis": None} for a, b, c, d in rows],
    } | changes  # fmt: skip


def keep(corpus: Corpus, name: str, office: int, year: int | None, tables: Iterable[dict[str, Any]]) -> None:
    content: dict[str, Any] = {"tables": list(tables), "departments": []}
    reading = ingest.Reading(f"/{name}.txt", name, "txt", "tables", name, content, "", OFFICES[office], year)
    with corpus.records.transaction():
        ingest.keep(corpus.records, "user", reading)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Six offices of one county: 360 tables of 2025, 300 of 2024 (the last office has none), and beside them a table without a total, one without a
    year, and one that two documents have."""
    corpus = Corpus.open(tmp_path_factory.mktemp("county"))
    for year in (2024, 2025):
        for office in range(6 if year == 2025 else 5):
            keep(corpus, f"{year}-{office}", office, year, [table(office, year, number) for number in range(EACH)])
    blank = table(0, 2025, 60, budget={"total": None, "fiscal": None, "other": None}, indicators=[])
    keep(corpus, "更多", 0, 2025, [blank, table(0, 2025, 3), table(0, 2025, 61)])
    with corpus.records.transaction():
        corpus.records.connection.execute("UPDATE tables SET year = NULL WHERE project LIKE '%第61期'")
    corpus.forget_cached()
    return corpus


def total(year: int, offices: Iterable[int] = range(6), numbers: Iterable[int] = range(EACH)) -> Decimal:
    return sum((amount(office, year, number) for office in offices for number in numbers), Decimal(0)).normalize()


def said(answer: Answer) -> str:
    assert answer.answered, answer.answer
    return answer.answer


@pytest.mark.parametrize("question", ["全县2025年绩效目标表预算合计是多少", "全县一共多少钱", "2025年各单位预算总额", "平山县2025年预算合计"])
def test_a_county_adds_up_in_one_unit_and_says_what_it_left_out(corpus: Corpus, question: str) -> None:
    answer = ask(question, corpus)
    assert f"360个项目预算数合计{total(2025)}万元" in said(answer)
    assert "1张没有填预算数，未计入：平山县教育局·" in answer.answer
    assert "1张没有写年度，未计入" in answer.answer
    assert "1张与另一份资料里的同单位、同年、同项目、同金额，只计一次" in answer.answer
    assert "6个单位" in answer.answer
    assert len(answer.citations) == 360
    assert {citation.cell for citation in answer.citations} == {"budget.total"}


def test_what_is_shown_and_the_rest_come_to_the_whole(corpus: Corpus) -> None:
    answer = said(ask("全县2025年预算合计", corpus))
    for office in range(5, 0, -1):
        assert f"{total(2025, [office])}万元（60个项目）" in answer
    assert f"其余1个单位合计{total(2025, [0])}万元" in answer


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("2025年哪个部门项目最多", "平山县教育局61个项目"),
        ("2025年预算最大的五个项目", f"平山县农业局·补贴发放项目第59期（预算数：{amount(5, 2025, 59)}万元）"),
        ("预算最少的单位是哪个", f"预算数最少的是平山县教育局{total(2025, [0])}万元"),
        ("2025年比2024年增加了多少", f"2025年360个项目合计{total(2025)}万元（1.70亿元），2024年300个项目合计{total(2024, range(5))}万元"),
        ("2025年比2024年增加了多少", f"其中两年都有表的5个单位：2025年{total(2025, range(5))}万元"),
        ("2025年比2024年增加了多少", "只有2025年有表的1个：平山县农业局"),
        ("有多少项目用了满意度≥95%", "写≥98%的60处"),
        ("2025年没有满意度指标的项目有几个", "共55个没有服务对象满意度指标的项目"),
        ("70万以上的项目有几个", "预算数≥70万元"),
        ("平均每个单位多少钱", "÷6个单位"),
        (
            "平山县教育局占全县预算的百分之几",
            f"占360个项目预算数合计{total(2025)}万元（1.70亿元）的{(total(2025, [0]) / total(2025) * 100).quantize(Decimal('0.01'))}%",
        ),
        ("平山县教育局的预算在全县排第几", "在6个单位里排第6"),
        ("培训类项目一共多少钱", f"54个名称里有“培训”的项目预算数合计{total(2025, numbers=range(0, EACH, 7))}万元"),
        ("全县一共培训多少人", f"合计{sum(number + 1 for number in range(0, EACH, 7)) * 6}人"),
        ("教育局和水利局哪个预算多", f"平山县水利局{total(2025, [1])}万元（60个项目）；平山县教育局{total(2025, [0])}万元"),
        ("有几个单位", "6个单位："),
        ("预算超过3000万的单位有哪些", "3个单位合计>3000万元"),
        ("预算超过1亿的单位有几个", "没有这样的单位"),
        ("全县满意度一般定多少", "写≥90%的"),
        ("没有预算数的项目有哪些", "共1个没有填预算数的项目"),
        ("哪个部门比去年增加最多", "两年都有表的5个单位里"),
        ("满意度指标一共多少个", "合计306个指标"),
        ("培训类项目有多少个一共多少钱", "共54个名称里有“培训”的项目"),
        ("哪个单位的项目平均预算最高", "平山县农业局平均每个项目72.10万元"),
        ("各单位满意度最低是多少", "群众满意度：≥90%"),
        ("平均每个项目几个指标", "个指标÷360个项目"),
    ],
)
def test_reckoned_over_all_offices(corpus: Corpus, question: str, says: str) -> None:
    assert says in said(ask(question, corpus))


def test_an_own_office_keeps_its_questions_to_itself_unless_the_county_is_named(corpus: Corpus) -> None:
    own = "平山县教育局"
    assert "61张绩效目标表" in said(ask("一共几张目标表", corpus, unit=own)) or "教育局" in (ask("一共几张目标表", corpus, unit=own).scope or "")
    assert "平山县6个单位2025年" in said(ask("全县预算合计多少", corpus, unit=own))


@pytest.mark.parametrize(
    "question", ["全县2023年预算合计", "全县月球基地项目一共多少钱", "全县局长有几个", "哪些项目的依据是工作计划", "全县残疾人补贴标准多少"]
)
def test_what_cannot_be_reckoned_is_refused(corpus: Corpus, question: str) -> None:
    answer = ask(question, corpus)
    assert not answer.answered
    assert "资料中没有" in answer.answer
    assert not answer.citations


def test_a_year_wished_for_is_the_year_reckoned(corpus: Corpus) -> None:
    assert f"300个项目预算数合计{total(2024, range(5))}万元" in said(ask("全县预算合计", corpus, year=2024))
    assert not ask("全县预算合计", corpus, year=2019).answered


def test_the_bundled_example_of_another_county_is_not_added_in(corpus: Corpus) -> None:
    assert not any("怀来" in citation.source for citation in ask("全部单位预算合计", corpus).citations)
