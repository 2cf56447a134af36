from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import taxonomy
from assistant.chinese import fold
from assistant.target import Target

WRITTEN = [
    # text, kind, comparator, number, unit
    ("≥46人", "quant", "≥", "46", "人"),
    ("1500元/人", "quant", None, "1500", "元/人"),
    ("≤20.7万元", "quant", "≤", "20.7", "万元"),
    ("100%", "quant", None, "100", "%"),
    ("90%以上", "quant", "≥", "90", "%"),
    ("达到90%以上", "quant", "≥", "90", "%"),
    ("=22个", "quant", "=", "22", "个"),
    (">=4754人", "quant", "≥", "4754", "人"),
    ("&gt;=90%", "quant", "≥", "90", "%"),
    ("＞＝９０％", "quant", "≥", "90", "%"),
    ("≧90%", "quant", "≥", "90", "%"),
    ("≥ 12000元/人·年", "quant", "≥", "12000", "元/人·年"),
    ("1200元/人*月", "quant", None, "1200", "元/人*月"),
    ("300 条以上", "quant", "≥", "300", "条"),
    ("不超过3个工作日", "quant", "≤", "3", "个工作日"),
    ("1,500元/人", "quant", None, "1500", "元/人"),
    ("≥1.5万人次", "quant", "≥", "1.5", "万人次"),
    ("46", "quant", None, "46", None),
    ("≥100百分比", "quant", "≥", "100", "百分比"),
    ("10-20人", "range", None, "10", "人"),
    ("10人至20人", "range", None, "10", "人"),
    ("10人-20场", "text", None, None, None),
    ("≥12卷册", "quant", "≥", "12", "卷册"),
    ("12卷册以上", "quant", "≥", "12", "卷册"),
    ("12卷册", "text", None, None, None),
    ("±5%", "range", "±", "5", "%"),
    ("2026年12月底前", "date", "≤", None, None),
    ("12月10日前", "date", "≤", None, None),
    ("全年", "cycle", None, None, None),
    ("按月发放", "cycle", None, None, None),
    ("及时发放", "text", None, None, None),
    ("达到标准", "text", None, None, None),
    ("按实际缴费金额补贴", "text", None, None, None),
    ("》95%", "text", None, None, None),
    ("接待群众200人次以上", "text", None, None, None),
    ("1:3", "text", None, None, None),
    ("", "missing", None, None, None),
    ("无", "missing", None, None, None),
    ("/", "missing", None, None, None),
]


@pytest.mark.parametrize(("text", "kind", "comparator", "number", "unit"), WRITTEN, ids=[row[0] or "empty" for row in WRITTEN])
def test_values_as_offices_write_them(text: str, kind: str, comparator: str | None, number: str | None, unit: str | None) -> None:
    target = Target.parse(text)
    assert target.text == text
    assert (target.kind, target.comparator, target.unit) == (kind, comparator, unit)
    assert target.number == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "base"),
    [("≥1.5万人次", (15000, "人次")), ("≤20.7万元", (207000, "元")), ("≥100百分比", (100, "%")), ("1.2亿元", (120_000_000, "元")), ("3千人", (3000, "人"))],
)
def test_scales_are_multiplied_out(text: str, base: tuple[int, str]) -> None:
    assert Target.parse(text).base == (Decimal(base[0]), base[1])


@pytest.mark.parametrize(
    ("text", "deadline"),
    [("2026年12月底前", (2026, 12, None)), ("12月10日前", (None, 12, 10)), ("2025.11.30", (2025, 11, 30)), ("年底前", (None, 12, None)), ("≥46人", None)],
)
def test_deadlines(text: str, deadline: tuple[int | None, int, int | None] | None) -> None:
    assert Target.parse(text).deadline == deadline


@pytest.mark.parametrize(("text", "per"), [("1500元/人", "人"), ("1200元/人*月", "人·月"), ("3万元/公里", "公里"), ("≥46人", None), ("≤5次/年", None)])
def test_prices_know_what_they_are_per(text: str, per: str | None) -> None:
    assert Target.parse(text).measured_per == per


@given(
    comparator=st.sampled_from([None, "≥", "≤", ">", "<", "="]),
    number=st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False),
    unit=st.sampled_from(taxonomy.UNITS),
)
def test_printing_then_parsing_gives_the_same_parts(comparator: str | None, number: Decimal, unit: str) -> None:
    target = Target.of(comparator, number, unit)
    assert (target.kind, target.comparator, target.number) == ("quant", comparator, number)
    assert fold(target.unit or "") == fold(unit)


@given(st.text(max_size=60))
def test_any_text_is_kept_and_never_fails(text: str) -> None:
    target = Target.parse(text)
    assert target.text == text.strip()
    assert Target.model_validate_json(target.model_dump_json()) == target
