"""How values, projects and lists are said in an answer: short, exact, in the words of the source."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assistant.answering.views import Cell, TableView
from assistant.table import Money

_LONG = 60


def value(cell: Cell) -> str:
    """A cell's value with its unit, as written."""
    if cell.address in ("purpose",) or cell.address.startswith("goals"):
        return cell.text.rstrip("。")
    if cell.address.startswith("budget.") and isinstance(cell.holder, TableView):
        unit, number = cell.holder.past.table.money_unit, cell.number
        large = unit == "元" and number is not None and number[0] >= 10_000
        return f"{cell.text}{unit}" + (f"（{amount(number[0])}）" if large and number is not None else "")
    return cell.text


def said(cell: Cell, *, basis: bool = False, description: bool = False) -> str:
    """A cell as label：value; a row with the name of its indicator, with description and basis when asked for."""
    if cell.row is None:
        if cell.type == "measure":
            return f"{cell.name}：{cell.text}"
        if cell.type == "plan":
            return f"{cell.name}{cell.text}"
        return f"{cell.label}：{value(cell)}"
    text = f"{cell.name}：{cell.text or '未填写'}"
    if description:
        text += f"（指标描述：{cell.row.description or '未填写'}）"
    if basis:
        text += f"（依据：{cell.row.basis or '未填写'}）"
    return text


def whole_row(cell: Cell) -> str:
    """A row with all its columns."""
    row = cell.row
    assert row is not None
    parts = [f"{row.level2}", f"三级指标“{row.level3}”", f"指标描述“{row.description}”" if row.description else "", f"指标值{row.value.text or '未填写'}"]
    if row.basis:
        parts.append(f"确定依据：{row.basis}")
    return "，".join(part for part in parts if part)


def amount(yuan: Decimal, unit: str = "万元") -> str:
    """Money said in a unit, without trailing zeros beyond two places."""
    money = Money(yuan, "元").to(unit).amount
    return f"{plain(money)}{unit}"


def plain(number: Decimal) -> str:
    """A number without exponent, rounded to two places where it has more."""
    if number == number.to_integral_value():
        return f"{number.quantize(Decimal(1)):f}"
    if -number.as_tuple().exponent > 2:  # type: ignore[operator]
        number = number.quantize(Decimal("0.01"))
    return f"{number:f}"


def number_said(number: Decimal, unit: str) -> str:
    """A number with its unit; money of ten thousand 元 and more in 万元."""
    if unit == "元" and abs(number) >= 1000 and not number % 1:
        return amount(number) if abs(number) >= 10_000 or number % 100 == 0 else f"{plain(number)}元"
    return f"{plain(number)}{unit}"


def listed(names: Sequence[str]) -> str:
    """A list in one line."""
    return "；".join(names)


def shortened(text: str, limit: int = 220) -> str:
    """A text cut at the end of a sentence, as near to the limit as it goes."""
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit) for mark in "。；;\n")
    return text[: cut + 1] if cut > limit // 3 else text[:limit] + "…"
