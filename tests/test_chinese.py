from __future__ import annotations

import pytest

from assistant.chinese import chinese_number, document_numbers, fold, han_number, likeness, numbers_in, tidy, without_document_numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("五十五", 55),
        ("一千六", 1600),
        ("三万五", 35000),
        ("二〇二六", 2026),
        ("四百九十五", 495),
        ("十二", 12),
        ("一百零五", 105),
        ("三亿五千万", 350_000_000),
        ("残联", None),
        ("", None),
    ],
)
def test_chinese_numerals(text: str, value: int | None) -> None:
    assert chinese_number(text) == value


@pytest.mark.parametrize("number", [*range(1, 120), 1000, 1005, 1050, 10_000, 10_005, 30_500, 120_000_000])
def test_numbers_in_chinese_are_read_back(number: int) -> None:
    assert chinese_number(han_number(number)) == number


def test_numbers_as_headings_and_vouchers_write_them() -> None:
    assert [han_number(number) for number in (0, 10, 11, 20, 99, 105)] == ["零", "十", "十一", "二十", "九十九", "一百零五"]
    assert han_number(1015, "零壹贰叁肆伍陆柒捌玖", "拾佰仟") == "壹仟零壹拾伍"


@pytest.mark.parametrize(
    "text",
    [
        "冀财社【2024】163号 残疾人事业发展补助资金-康复",
        "冀财社〔2024〕163号残疾人事业发展补助资金-康复",
        "冀财社(2024) 163 号-残疾人事业发展补助资金-康复",
        "冀财社[2024]第163号 残疾人事业发展补助资金-康复",
    ],
)
def test_document_numbers_in_any_bracket(text: str) -> None:
    assert [str(number) for number in document_numbers(text)] == ["冀财社〔2024〕163号"]
    assert without_document_numbers(text) == "残疾人事业发展补助资金-康复"


def test_words_before_a_document_number_are_no_part_of_it() -> None:
    assert [number.prefix for number in document_numbers("根据冀财社〔2024〕163号和怀财预（2025）12号文")] == ["冀财社", "怀财预"]


def test_folding_compares_what_people_mean() -> None:
    assert fold("其中：财政    资金") == fold("其中:财政资金")
    assert fold("怀财字【2025】７号") == fold("怀财字〔2025〕7号")
    assert fold("≧90％") == "≥90%"


def test_tidying_keeps_words() -> None:
    assert tidy(" 残疾人 康复\n服务 ABC def ") == "残疾人康复服务ABC def"


def test_numbers_of_a_text() -> None:
    assert [str(number) for number in numbers_in("培训55人，每人1,600元，共8.8万元")] == ["55", "1600", "8.8"]


def test_likeness_is_symmetric_and_bounded() -> None:
    assert likeness("残疾人就业保障金", "残疾人就业保障金") == 1.0
    assert 0.3 < likeness("残疾人就业保障金", "就业保障金") < 1
    assert likeness("道路", "") == 0.0
