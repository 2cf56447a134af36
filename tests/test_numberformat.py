"""Numbers and dates as Excel shows them; the expected texts are what Excel (zh-cn) shows for these codes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.documents.numberformat import BUILT_IN, NumberFormat, general, plain


def shown(value: str, code: str, **options: bool) -> str:
    number = plain(value)
    assert number is not None
    return NumberFormat(code).number(number, **options).text


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        ("470", "General", "470"),
        ("0.28999999999999998", "General", "0.29"),
        ("20.699999999999999", "General", "20.7"),
        ("1.0000000000000001E-2", "General", "0.01"),
        ("13073025000000", "General", "13073025000000"),
        ("470", "0.00", "470.00"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("12", "#,##0", "12"),
        ("0.25", "0%", "25%"),
        ("0.9555", "0.00%", "95.55%"),
        ("0.9555", "0%", "96%"),
        ("-3.5", "0.0", "-3.5"),
        ("-3.5", "0.0;(0.0)", "(3.5)"),
        ("-0.001", "0.0", "0.0"),
        ("0", '0.0;-0.0;"-"', "-"),
        ("0", "0.00;-0.00;", ""),
        ("46", '0"人"', "46人"),
        ("46", '"≥"0"人"', "≥46人"),
        ("46", "≥0人", "≥46人"),
        ("46", r"\≥0\人", "≥46人"),
        ("90", '[>=60]"合格 "0;"不合格 "0', "合格 90"),
        ("50", '[>=60]"合格 "0;"不合格 "0', "不合格 50"),
        ("4700000", '0.00,,"百万"', "4.70百万"),
        ("4700000", "0!.00,", "47.00"),
        ("123456", '0!.0,"万元"', "12.3万元"),
        ("5", "000", "005"),
        ("5.5", "#.##", "5.5"),
        ("0.5", "#.##", ".5"),
        ("5", "0.##", "5"),
        ("12345", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "12,345.00"),
        ("0", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "-"),
        ("8", "[$¥-804]#,##0.00", "¥8.00"),
        ("8", "[Red]0.0", "8.0"),
        ("1234.5", "0.00E+00", "1.23E+03"),
        ("0.25", "# ?/?", "1/4"),
        ("2.3333333333333335", "# ?/?", "2 1/3"),
        ("0.5", "?/100", "50/100"),
        ("0.125", "0.00", "0.13"),
        ("1.005", "0.00", "1.01"),
        ("2025", '0"年"', "2025年"),
        ("46", "@", "46"),
        ("20250007", "0000-0000", "2025-0007"),
        ("12", "[DBNum1]0", "十二"),
        ("1234", "[DBNum2]0", "壹仟贰佰叁拾肆"),
        ("10050", "[DBNum1][$-804]General", "10050"),
        ("10050", "[DBNum1]0", "一万零五十"),
    ],
)
def test_numbers(value: str, code: str, expected: str) -> None:
    assert shown(value, code) == expected


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        ("45992", "yyyy/m/d", "2025/12/1"),
        ("45992", BUILT_IN[31], "2025年12月1日"),
        ("45992", BUILT_IN[57], "2025年12月"),
        ("45992", "yyyy-mm-dd", "2025-12-01"),
        ("45992.604166666664", "yyyy/m/d h:mm", "2025/12/1 14:30"),
        ("45992.604166666664", "h:mm AM/PM", "2:30 PM"),
        ("45992.604166666664", BUILT_IN[34], "下午2时30分"),
        ("45992", '[$-804]yyyy"年"m"月"d"日";@', "2025年12月1日"),
        ("45992", '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二五年十二月一日"),
        ("45992", "aaaa", "星期一"),
        ("45992", "ddd, mmm d", "Mon, Dec 1"),
        ("45992", "m月d日", "12月1日"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("0.0208449074074074", "mm:ss.0", "30:01.0"),
        ("59", "yyyy/m/d", "1900/2/28"),
        ("61", "yyyy/m/d", "1900/3/1"),
        ("-1", "yyyy/m/d", "-1"),
        ("1e99", "yyyy/m/d", "1" + "0" * 99),
    ],
)
def test_dates(value: str, code: str, expected: str) -> None:
    assert shown(value, code) == expected


def test_dates_of_the_other_epoch() -> None:
    assert shown("44530", "yyyy-mm-dd", since_1904=True) == "2025-12-01"


def test_lost_decimals_are_told() -> None:
    form = NumberFormat("0.00")
    assert form.number(Decimal("156.67")).exact
    assert not form.number(Decimal("156.666667")).exact
    assert NumberFormat("0%").number(Decimal("0.25")).exact


def test_texts_under_formats() -> None:
    assert NumberFormat("@").text("甲") == "甲"
    assert NumberFormat("0.00").text("甲") == "甲"
    assert NumberFormat(';;;"第"@"期"').text("3") == "第3期"
    assert NumberFormat(";;;").text("藏") == ""


@pytest.mark.parametrize(
    "code", ["", ";", '"', "[", "\\", "[$", "0.0.0", "E+", "/", "?/", "0/0", "%%%", ",,,", "[>x]0", "y;m;d;s;h", "_", "*", "#" * 300, "[DBNum9]0"]
)
@pytest.mark.parametrize("value", ["0", "-1.5", "45992", "1e300", "1e-300"])
def test_no_format_breaks_the_reader(code: str, value: str) -> None:
    assert isinstance(shown(value, code), str)


def test_what_is_no_number() -> None:
    assert plain("nan") is None
    assert plain("inf") is None
    assert plain("x") is None
    assert general(Decimal("1E+3")) == "1000"
