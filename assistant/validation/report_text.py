"""The report for a terminal: grouped by file and table, arithmetic shown, like findings of one rule in one entry, 80 columns.

Plain text without colour, so that it reads the same in a pipe, a log and a mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from assistant.chinese import columns as columns_of
from assistant.chinese import harmless, wrap
from assistant.findings import Finding, Outcome, Report
from assistant.table import place_of, places_of
from assistant.validation.engine import Rule
from assistant.validation.grading import letter_of, points_of
from assistant.validation.report_files import WHOLE

_INDENT = "       "


def wrapped(text: str, columns: int, first: str, rest: str) -> Iterator[str]:
    """The text broken into lines of at most ``columns``, the first begun and the others indented as said."""
    begun = not first.isspace()
    for i, line in enumerate(wrap(harmless(first + text if begun else text), columns - columns_of(rest))):
        yield line if begun and i == 0 else rest + line


def report_text(report: Report, *, columns: int = 80) -> str:
    """The whole report as text; waived findings are only counted."""
    lines: list[str] = []
    for file, found in groupby(report.findings, key=lambda each: each.file):
        if file:
            lines += ["", *wrapped(file, columns, "", "  "), "=" * min(columns, columns_of(file))]
        for reference, group in groupby(found, key=lambda each: each.table):
            findings = list(group)
            head = WHOLE if reference is None else f"{reference}{_grade(findings) if report.grade else ''}"
            lines += ["", *wrapped(head, columns, "── ", "   ")]
            lines += _table_lines([each for each in findings if not each.waived], columns)
    lines += ["", *_ending(report, columns)]
    return "\n".join(lines).lstrip("\n")


def _grade(findings: Sequence[Finding]) -> str:
    points, _ = points_of(findings)
    return f"（建议{letter_of(points)} {points:g}分）"


def _table_lines(findings: Sequence[Finding], columns: int) -> Iterator[str]:
    if not findings:
        yield "   没有发现问题。"
    for _, group in groupby(findings, key=lambda each: (each.outcome, each.severity, each.code)):
        yield from _entry(list(group), columns)


def _entry(found: list[Finding], columns: int) -> Iterator[str]:
    first = found[0]
    word = "未定" if first.outcome is Outcome.UNDECIDED else first.severity.label
    head = f"{word} {first.code} "
    if len(found) > 1 and not any(each.difference or each.fix for each in found):
        yield from wrapped(f"{places_of(each.cell for each in found)}：{first.message}等{len(found)}处。".replace("。等", "，等"), columns, head, _INDENT)
        return
    for each in found:
        where = place_of(each.cell)
        yield from wrapped(f"{where}：{each.message}" if where else each.message, columns, head, _INDENT)
        if shown := _arithmetic(each):
            yield from wrapped(shown, columns, _INDENT, _INDENT)


def _arithmetic(each: Finding) -> str:
    """Expected, found, difference and mend in one line, without what the message has said already."""
    if each.difference is None and each.fix is None and each.outcome is Outcome.FAILED:
        return ""
    pieces = []
    reckoned = each.expected is not None and re.search(r"[×÷+].*=", each.expected) is not None
    for label, text in (("算式" if reckoned else "应为", each.expected), ("现为", each.found), ("相差", each.difference)):
        if text and (text not in each.message or each.difference is not None):
            pieces.append(f"{label} {text}")
    if each.fix is not None and each.fix.to not in (each.expected or "") and each.fix.to not in each.message:
        pieces.append(f"{'可自动改为' if each.fix.safe else '建议改为'} {each.fix.to}")
    return "；".join(pieces)


def _ending(report: Report, columns: int) -> Iterator[str]:
    counts = report.summary
    parts = [f"{counts.tables}张表", f"错误{counts.error}", f"警告{counts.warning}", f"提示{counts.info}"]
    parts += [f"未定{counts.undecided}"] if counts.undecided else []
    parts += [f"已豁免{counts.waived}"] if counts.waived else []
    yield "，".join(parts) + "。"
    safe = sum(1 for each in report.findings if each.fix is not None and each.fix.safe and not each.waived)
    unsafe = sum(1 for each in report.findings if each.fix is not None and not each.fix.safe and not each.waived)
    if safe or unsafe:
        yield from wrapped(f"{safe}条可以自动修正（--fix），{unsafe}条有建议值、要人核对（--fix --unsafe-fixes）；先看改动：--diff。", columns, "", "")
    for note in report.notes:
        if not re.fullmatch(r".*：[优良中差]（[\d.]+分：.*）", note):
            yield from wrapped(note, columns, "", "  ")
    codes = sorted({each.code for each in report.findings if not each.waived})
    if codes:
        yield f"规则说明：assistant rules {codes[0]}"


def file_list(reports: Sequence[tuple[str, Report]], whole: Report, *, columns: int = 80) -> str:
    """One line for each of many files, and the counts of all; the findings themselves belong into a workbook or a page."""
    lines = []
    for file, report in reports:
        counts = report.summary
        numbers = f"{counts.tables:>4}张表  错误{counts.error:>3}  警告{counts.warning:>3}  提示{counts.info:>3}  未定{counts.undecided:>3}"
        lines.append(f"{numbers}  {counts.grade or ' '}  {harmless(file)}")
    codes: dict[tuple[str, str], int] = {}
    for finding in whole.findings:
        if finding.outcome is Outcome.FAILED and not finding.waived:
            codes[finding.code, finding.name] = codes.get((finding.code, finding.name), 0) + 1
    most = sorted(codes.items(), key=lambda pair: (-pair[1], pair[0]))[:10]
    if most:
        lines += ["", "最常见的问题："] + [f"  {code} {name}  {count}处" for (code, name), count in most]
    lines += ["", *_ending(whole, columns), "逐条结果请用 --format xlsx -o 结果.xlsx 或 --format html -o 结果.html。"]
    return "\n".join(lines)


def catalogue(rules: Sequence[Rule]) -> str:
    """Every rule in a line, by family: code, severity, aspect, title and name."""
    lines = [f"共{len(rules)}条规则；assistant rules 编号 看一条规则的全文。"]
    for _, group in groupby(rules, key=lambda each: each.code[0]):
        lines.append("")
        lines += [f"{each.code} {each.severity.label} {each.aspect} {each.title}（{each.name}）" for each in group]
    return "\n".join(lines)
