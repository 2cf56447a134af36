"""The report as files for other programs: JSON (the contract's shape), JUnit XML, an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from assistant.chinese import columns as columns_of
from assistant.chinese import harmless
from assistant.findings import Finding, Outcome, Report, Severity, TableRef
from assistant.table import GoalTable, place_of
from assistant.validation.grading import letter_of, points_of

# The head of what is found in part 1 and in the tables together.
WHOLE = "部门整体和全部表"


class Judged(NamedTuple):
    """One file that was judged: its name, its tables, its report, what the reader could not read (in words)."""

    file: str
    tables: Sequence[GoalTable]
    report: Report
    unread: Sequence[str] = ()

    def parts(self) -> Iterator[tuple[str, GoalTable | None, list[Finding]]]:
        """What is headed apart in a report: the file as a whole when something was found in it, and every table, each with its findings."""
        found: dict[TableRef | None, list[Finding]] = {}
        for finding in self.report.findings:
            found.setdefault(finding.table, []).append(finding)
        if None in found:
            yield WHOLE, None, found[None]
        for table in self.tables:
            reference = TableRef.of(table)
            yield str(reference), table, found.get(reference, [])


def report_json(report: Report, judged: Sequence[Judged] = ()) -> dict[str, Any]:
    """The contract's ``validate --json``."""
    data: dict[str, Any] = {
        "findings": [finding.model_dump(mode="json") for finding in report.findings],
        "summary": report.summary.model_dump(mode="json"),
        "notes": list(report.notes),
    }
    if judged:
        data["documents"] = [{"file": each.file, **each.report.summary.model_dump(mode="json"), "unread": list(each.unread)} for each in judged]
    return data


def report_junit(judged: Sequence[Judged], fail_on: Severity = Severity.ERROR) -> str:
    """JUnit XML: a suite for each file, a case for each table; findings at or above ``fail_on`` are failures, the others output."""
    from xml.sax.saxutils import escape, quoteattr

    def attribute(text: object) -> str:
        return quoteattr(harmless(str(text)).replace("\n", " "))

    suites = []
    for each in judged:
        cases = []
        failures = 0
        for name, _, found in each.parts():
            bad = [one for one in found if one.outcome is Outcome.FAILED and not one.waived and one.severity.rank <= fail_on.rank]
            rest = [one for one in found if one not in bad]
            failures += bool(bad)
            lines = [f"  <testcase classname={attribute(each.file)} name={attribute(name)}>"]
            if bad:
                text = "\n".join(_line(one) for one in bad)
                kinds = "、".join(sorted({one.code for one in bad}))
                lines.append(f"   <failure type={attribute(kinds)} message={attribute(bad[0].message)}>{escape(harmless(text))}</failure>")
            if rest:
                lines.append(f"   <system-out>{escape(harmless(chr(10).join(_line(one) for one in rest)))}</system-out>")
            lines.append("  </testcase>")
            cases.append("\n".join(lines))
        suites.append(
            f' <testsuite name={attribute(each.file)} tests="{len(cases)}" failures="{failures}" errors="0">\n' + "\n".join(cases) + "\n </testsuite>"
        )
    return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="assistant validate">\n' + "\n".join(suites) + "\n</testsuites>\n"


def _line(one: Finding) -> str:
    where = place_of(one.cell)
    word = "未定" if one.outcome is Outcome.UNDECIDED else one.severity.label
    parts = [f"{word} {one.code} {one.name} {where}：{one.message}" if where else f"{word} {one.code} {one.name} {one.message}"]
    parts += [f"  {label}：{text}" for label, text in (("应为", one.expected), ("现为", one.found), ("相差", one.difference), ("依据", one.basis)) if text]
    parts += [f"  已豁免：{one.waived}"] if one.waived else []
    return "\n".join(parts)


_FOUND_COLUMNS = (
    ("文件", 20),
    ("序号", 6),
    ("项目名称", 22),
    ("级别", 7),
    ("规则", 8),
    ("名称", 22),
    ("位置", 16),
    ("说明", 44),
    ("应为", 24),
    ("现为", 20),
    ("相差", 14),
    ("审核方面", 10),
    ("依据", 24),
    ("建议改为", 18),
    ("已豁免", 12),
)
_FILE_COLUMNS = (
    ("文件", 44),
    ("表数", 7),
    ("预算合计（万元）", 16),
    ("错误", 7),
    ("警告", 7),
    ("提示", 7),
    ("未定", 7),
    ("已豁免", 8),
    ("建议等级", 10),
    ("没有读懂", 40),
)
_TABLE_COLUMNS = (
    ("文件", 34),
    ("序号", 6),
    ("项目名称", 44),
    ("预算数", 12),
    ("单位", 8),
    ("错误", 7),
    ("警告", 7),
    ("提示", 7),
    ("未定", 7),
    ("建议等级", 10),
    ("得分", 8),
)


def report_xlsx(judged: Sequence[Judged]) -> bytes:
    """A workbook: 汇总 (a row for each file), 各表 (a row for each table with its proposed grade), 发现 (a row for each finding)."""
    import xlsxwriter

    buffer = io.BytesIO()
    # Row by row: what is written waits in a temporary file, not in memory.
    manners = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, manners) as book:
        head = book.add_format({"bold": True, "bg_color": "#DDE6F0", "border": 1, "text_wrap": True, "valign": "vcenter"})
        body = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#C8C8C8"})
        colours = {word: book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#C8C8C8", **look}) for word, look in _LOOKS.items()}
        _sheet(book.add_worksheet("汇总"), _FILE_COLUMNS, (_file_row(each) for each in judged), head, body)
        _sheet(book.add_worksheet("各表"), _TABLE_COLUMNS, (row for each in judged for row in _table_rows(each)), head, body)
        _sheet(book.add_worksheet("发现"), _FOUND_COLUMNS, (_found_row(each, one) for each in judged for one in each.report.findings), head, body, colours)
    return buffer.getvalue()


# The colours of the severities, the same as in the page; the word stands there too.
_LOOKS: dict[str, dict[str, str | bool]] = {
    "错误": {"font_color": "#B3261E", "bg_color": "#FDE7E5", "bold": True},
    "警告": {"font_color": "#8A5A00", "bg_color": "#FFF3D6"},
    "提示": {"font_color": "#1C5D99", "bg_color": "#E8F1FA"},
    "未定": {"font_color": "#6B3FA0", "bg_color": "#F1E9FA"},
}


def _sheet(
    sheet: Any, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]], head: Any, body: Any, colours: Mapping[str, Any] | None = None
) -> None:
    # Printed on A4 across, as wide as the page, the heads on every page.
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    for column, (title, wide) in enumerate(columns):
        sheet.set_column(column, column, wide)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, 1):
        # The height wrapped text needs: not every program reckons it when it opens the file.
        lines = max((-(-columns_of(str(value or "")) // max(wide - 1, 1)) for value, (_, wide) in zip(row, columns, strict=True)), default=1)
        sheet.set_row(last, 14.5 * min(max(lines, 1), 12))
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(last, column, value, body)
            else:
                # Excel takes at most 32,767 characters a cell and no control characters.
                look = colours.get(str(value), body) if colours else body
                sheet.write_string(last, column, harmless("" if value is None else str(value))[:32000], look)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _file_row(each: Judged) -> list[object]:
    counts = each.report.summary
    budgets = [money.to("万元").amount for table in each.tables if (money := table.total) is not None]
    return [
        each.file,
        counts.tables,
        float(sum(budgets)) if budgets else "",
        counts.error,
        counts.warning,
        counts.info,
        counts.undecided,
        counts.waived,
        counts.grade or "",
        "；".join(each.unread),
    ]


def _table_rows(each: Judged) -> Iterable[list[object]]:
    for _, table, found in each.parts():
        if table is None:
            continue
        counts = Report.of(found, tables=1).summary
        points, _ = points_of(found)
        yield [
            each.file,
            table.number if table.number is not None else "",
            table.project.name or "",
            float(table.budget.total) if table.budget.total is not None else "",
            table.money_unit,
            counts.error,
            counts.warning,
            counts.info,
            counts.undecided,
            letter_of(points) if each.report.grade else "",
            float(points) if each.report.grade else "",
        ]


def _found_row(each: Judged, one: Finding) -> list[object]:
    reference = one.table or TableRef()
    return [
        each.file,
        reference.number if reference.number is not None else "",
        reference.project or "",
        "未定" if one.outcome is Outcome.UNDECIDED else one.severity.label,
        one.code,
        one.name,
        place_of(one.cell),
        one.message,
        one.expected,
        one.found,
        one.difference,
        one.aspect,
        one.basis,
        one.fix.to if one.fix else "",
        one.waived,
    ]
