"""Excel: a workbook with one sheet a project that looks like the form, or one flat list with a row for each indicator.

Texts are always texts: nothing that begins with ``=``, ``+``, ``-`` or ``@`` becomes a formula, no address becomes a link. Money is a
number shown with the decimals of its source; a number Excel could not hold exactly stays text.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from assistant.export.characters import clean, clean_name
from assistant.export.layout import FormBlock, FormCell, PrintedForm, goal_lines, year_line
from assistant.export.outline import Whole, numbered
from assistant.export.pages import lines_of
from assistant.table import GoalTable

# Excel's limits: a cell's text, a sheet's name (UTF-16 units).
MOST_CHARACTERS = 32_767
_NAME_LENGTH = 31
_FONT = "宋体"
# The form is this many characters of the standard font wide: what fits A4 upright.
_SHEET_WIDTH = 84.0
# A text is narrower: a single column is not scaled down in print, and programs without Excel's own font make columns wider.
_TEXT_WIDTH = 70.0
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True}


def excel(whole: Whole) -> bytes:
    """The document as the bytes of an .xlsx file: part 1 on a sheet of text, then a sheet for each project."""
    book = _Book(whole.title)
    taken: set[str] = set()
    if whole.lines:
        book.text_sheet(sheet_name("部门整体绩效目标", taken), whole)
    for form in whole.forms:
        book.form_sheet(sheet_name(form.heading, taken), form)
    return book.bytes()


def sheet_name(text: str, taken: set[str]) -> str:
    """A sheet name that Excel accepts, made of a heading, unlike every name in ``taken`` (which it joins)."""
    plain = "".join(" " if char in "[]:*?/\\" else char for char in clean_name(text).removesuffix("绩效目标表"))
    plain = " ".join(plain.split()).strip("' ") or "绩效目标表"
    if plain.lower() == "history":
        plain = "绩效目标表"
    for count in range(1, 10_000):
        tail = "" if count == 1 else f"({count})"
        name = _cut(plain, _NAME_LENGTH - len(tail)) + tail
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
    raise AssertionError("more sheets than Excel can hold")


def _cut(text: str, most: int) -> str:
    while len(text.encode("utf-16-le")) // 2 > most:
        text = text[:-1]
    return text.rstrip("' ")


class _Book:
    """A workbook and the cell formats it has made so far."""

    def __init__(self, title: str) -> None:
        import xlsxwriter

        self._stream = io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._stream, _OPTIONS)
        # A fixed date: the same tables give the same file.
        self._book.set_properties({"title": clean_name(title)[:255], "created": datetime(2000, 1, 1)})
        self._formats: dict[tuple[Any, ...], Any] = {}

    def bytes(self) -> bytes:
        self._book.close()
        return self._stream.getvalue()

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": _FONT, "font_size": 10.5, "valign": "vcenter", "text_wrap": True, **properties})
        return self._formats[key]

    def text_sheet(self, name: str, whole: Whole) -> None:
        """Part 1, a paragraph a row."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, _TEXT_WIDTH)
        row = 0
        for line in whole.cover:
            sheet.write_string(row, 0, line, self.format(font_name="黑体", font_size=16, align="center"))
            sheet.set_row(row, 28.0 * lines_of(line, 16, 420))
            row += 1
        for text in whole.lines:
            style = self.format(bold=True) if text.level else self.format()
            sheet.write_string(row, 0, text.text[:MOST_CHARACTERS], style)
            sheet.set_row(row, min(_height(text.text, _TEXT_WIDTH / _SHEET_WIDTH), 409.0))
            row += 1
        self._printed(sheet)

    def _printed(self, sheet: Any) -> None:
        """A4, as wide as the page, its number at the foot."""
        sheet.set_paper(9)
        sheet.set_margins(left=0.7, right=0.7, top=0.9, bottom=0.9)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C— &P —")

    def form_sheet(self, name: str, form: PrintedForm) -> None:
        """One project's form with its real merged cells."""
        sheet = self._book.add_worksheet(name)
        edges = sorted({edge for block in form.blocks for edge in block.edges})
        for i, (left, right) in enumerate(itertools.pairwise(edges)):
            sheet.set_column(i, i, (right - left) / 1000 * _SHEET_WIDTH)
        last = len(edges) - 2
        self._wide(sheet, 0, last, form.heading, self.format(font_name="黑体", font_size=16, align="center"), 24.0 * lines_of(form.heading, 16, 510))
        row = 1
        # A sheet stands alone: its year is on it, whatever the cover says.
        if year := year_line(form.table):
            self._wide(sheet, row, last, year, self.format(align="center"), 18.0)
            row += 1
        for block, least in zip(form.blocks, (22.0, 32.0), strict=True):
            row = self._block(sheet, row, block, edges, least)
        self._printed(sheet)

    def _wide(self, sheet: Any, row: int, last: int, text: str, style: Any, height: float) -> None:
        sheet.merge_range(row, 0, row, last, "", style)
        sheet.write_string(row, 0, text[:MOST_CHARACTERS], style)
        sheet.set_row(row, height)

    def _block(self, sheet: Any, row: int, block: FormBlock, edges: Sequence[int], least: float) -> int:
        for i, cells in enumerate(block.rows):
            height = least
            for cell in cells:
                if cell.rows == 1:
                    height = max(height, _height(cell.text, (cell.right - cell.left) / 1000))
                if cell.rows:
                    self._cell(sheet, row, cell, edges, head=i < block.head)
            sheet.set_row(row, min(height, 409.0))
            row += 1
        return row

    def _cell(self, sheet: Any, row: int, cell: FormCell, edges: Sequence[int], *, head: bool) -> None:
        first, last = edges.index(cell.left), edges.index(cell.right) - 1
        properties: dict[str, Any] = {"align": {"left": "left", "unit": "left", "note": "right"}.get(cell.kind, "center")}
        if cell.kind in ("unit", "note"):
            properties["bottom"] = 1
        else:
            properties["border"] = 1
        if head and cell.kind == "label":
            properties["bold"] = True
        if cell.open:
            properties.update(bg_color="#FFF2CC", font_color="#C00000", bold=True)
        number = exact(cell.number)
        if number is not None and cell.number is not None:
            properties["num_format"] = number_format(cell.number)
        style = self.format(**properties)
        if last > first or cell.rows > 1:
            sheet.merge_range(row, first, row + cell.rows - 1, last, "", style)
        if number is not None:
            sheet.write_number(row, first, number, style)
        elif cell.text:
            sheet.write_string(row, first, cell.text[:MOST_CHARACTERS], style)
        else:
            sheet.write_blank(row, first, None, style)

    def list_sheet(self, rows: Sequence[Sequence[str | Decimal | None]]) -> None:
        """The flat list: a header row that stays in view, a filter, one row for each indicator."""
        sheet = self._book.add_worksheet("绩效指标")
        head = self.format(bold=True, align="center", border=1, bg_color="#E7E6E6")
        plain, still_open = self.format(border=1), self.format(border=1, bg_color="#FFF2CC", font_color="#C00000", bold=True)
        for column, label in enumerate(rows[0]):
            sheet.write_string(0, column, str(label), head)
            widest = max((_widest(row[column]) for row in rows), default=4.0)
            sheet.set_column(column, column, min(40.0, max(8.0, 2.0 * widest + 2)))
        for i, row in enumerate(rows[1:], start=1):
            for column, value in enumerate(row):
                number = exact(value) if isinstance(value, Decimal) else None
                if number is not None and isinstance(value, Decimal):
                    sheet.write_number(i, column, number, self.format(border=1, num_format=number_format(value)))
                elif value is None or value == "":
                    sheet.write_blank(i, column, None, plain)
                else:
                    text = f"{value:f}" if isinstance(value, Decimal) else value
                    sheet.write_string(i, column, text[:MOST_CHARACTERS], still_open if "待核实" in text else plain)
        sheet.freeze_panes(1, 0)
        # A3 across, the head on each page: a list this wide is for systems, and is printed in parts.
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.repeat_rows(0)
        sheet.set_footer("&C— &P —")
        if len(rows) > 1:
            sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)


def exact(amount: Decimal | None) -> float | None:
    """The amount as a number Excel keeps exactly (15 digits), or None."""
    if amount is None or len(amount.as_tuple().digits) > 15 or not amount.is_finite():
        return None
    return float(amount)


def number_format(amount: Decimal) -> str:
    """The format that shows an amount with its own decimals."""
    exponent = amount.as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    return "0." + "0" * places if places else "0"


def _height(text: str, share: float) -> float:
    """The height in points of a text in a cell as wide as this share of the form."""
    return 14.5 * lines_of(text, 10.5, share * 510 - 6) + 5


def _widest(value: str | Decimal | None) -> float:
    return max((len(line) for line in str(value or "").split("\n")), default=0) * 0.8


def flat_rows(tables: Sequence[GoalTable]) -> list[list[str | Decimal | None]]:
    """The flat list: header, then a row for each indicator with its project's cells repeated; a table without indicators keeps one row."""
    nodes = sorted(dict.fromkeys(clean_name(node.by) for table in tables for node in table.spending_plan), key=_month)
    beyond = list(dict.fromkeys(key for table in tables for row in table.indicators for key, text in row.extra.items() if text))
    about = list(dict.fromkeys(key for table in tables for key, text in table.extra.items() if text))
    units = list(dict.fromkeys(table.money_unit for table in tables)) or ["万元"]
    one_unit = f"（{units[0]}）" if len(units) == 1 else ""
    head = ["序号", "年度", "单位编码", "单位名称", "项目编码", "项目名称"]
    head += [] if one_unit else ["金额单位"]
    head += [f"预算数{one_unit}", f"财政资金{one_unit}", f"其他资金{one_unit}", "资金用途", *(f"{by}支出进度" for by in nodes), "绩效目标"]
    head += [clean_name(key) for key in about]
    head += ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值", "指标值确定依据", *(clean_name(key) for key in beyond)]
    rows: list[list[str | Decimal | None]] = [list(head)]
    for table in numbered(tables):
        start = list(_project_cells(table, nodes, about, with_unit=not one_unit))
        for row in table.indicators:
            texts = [row.level1, row.level2, row.level3, row.description, row.value.text, row.basis, *(row.extra.get(key) for key in beyond)]
            rows.append([*start, *(clean(text) if text else None for text in texts)])
        if not table.indicators:
            rows.append([*start, *([None] * (6 + len(beyond)))])
    return rows


def _month(node: str) -> int:
    """The month of a plan's node, so that the columns of tables with other dates fall into one order."""
    found = re.search(r"(\d{1,2})月", node)
    return int(found[1]) if found else 13


def _project_cells(table: GoalTable, nodes: Sequence[str], about: Sequence[str], *, with_unit: bool) -> Iterator[str | Decimal | None]:
    yield str(table.number)
    yield str(table.year) if table.year else None
    yield from (clean_name(text) if text else None for text in (table.unit.code, table.unit.name, table.project.code, table.project.name))
    if with_unit:
        yield table.money_unit
    yield from (table.budget.total, table.budget.fiscal, table.budget.other)
    yield clean(table.purpose) if table.purpose else None
    plan = {clean_name(node.by): node.percent for node in table.spending_plan}
    yield from (None if plan.get(by) is None else f"{plan[by]:f}%" for by in nodes)
    yield "\n".join(goal_lines(table.goals)) or None
    yield from (clean(table.extra[key]) if table.extra.get(key) else None for key in about)


def flat_excel(tables: Sequence[GoalTable]) -> bytes:
    """The flat list as the bytes of an .xlsx file."""
    book = _Book("绩效指标")
    book.list_sheet(flat_rows(tables))
    return book.bytes()


def flat_csv(tables: Sequence[GoalTable]) -> bytes:
    """The flat list as the bytes of a .csv file (UTF-8 with BOM, as Excel expects it).

    A text that a spreadsheet would run as a formula gets an apostrophe in front, the spreadsheet's own sign for text.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for row in flat_rows(tables):
        writer.writerow([f"{value:f}" if isinstance(value, Decimal) else _disarmed(value or "") for value in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8")


def _disarmed(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠") else text
