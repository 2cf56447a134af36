"""Quantity × price, parts against the whole, and which given figure a row takes: the arithmetic of drafts, case by case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.draft import Request
from assistant.drafting.arithmetic import money_words, of_request, product, reckoned
from assistant.drafting.components import uses_of
from assistant.drafting.facts import best_for, facts_of, same_unit
from assistant.target import Target


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
        ("购置打印机和复印机", {"打印机款": "5万元", "复印机款": "3万元"}, "打印机购置5万元；复印机购置3万元；合计8万元"),
        (
            "公益岗补贴40人",
            {"岗位补贴标准": "1200元/人·月", "社保补贴标准": "900元/人·月", "补贴月数": "10个月"},
            "40人×1200元/人·月×10个月=48万元；40人×900元/人·月×10个月=36万元；合计84万元",
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
