"""A list of next year's projects (``draft --projects``): a table with one project a row, or JSON with one object a project.

Headings may be the contract's keys or Chinese in many wordings; title rows may stand above them, the office may be merged down, sums
are left out. Amounts become decimal strings in 万元, whatever unit the heading, a line above or the cell itself says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from assistant.chinese import fold, pattern
from assistant.documents import Document, Grid, Paragraph
from assistant.documents.content import Content, decode
from assistant.documents.readers import read
from assistant.draft import Request
from assistant.errors import InputError, UnreadableFile, fault_in, reason
from assistant.extraction import lexicon, wording
from assistant.extraction.labels import PROJECT_COLUMNS
from assistant.extraction.report import ReadingReport, Unread
from assistant.extraction.rows import Row, rows_of
from assistant.table import Money

_COLUMNS = {fold(word): key for key, words in PROJECT_COLUMNS.items() for word in words}
_AMOUNTS = ("budget", "fiscal", "other")
_SUMS = pattern(r"(?:合计|总计|小计|共计|累计)(?:\(.*\))?")
_SECTION = pattern(r"(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十]{1,3}[)）]).{1,30}")
_BETWEEN = pattern(r"[;；\n]|[,，、](?=[^=＝:：,，;；、\n]{1,20}[=＝:：])")


@dataclass(slots=True, frozen=True)
class ProjectLine:
    """One project of a list: where it stands, what it asks for, and its fields by the contract's keys as written."""

    where: str
    request: Request
    fields: Mapping[str, Any] = field(default_factory=dict)


def read_list(path: Path) -> tuple[list[ProjectLine], ReadingReport]:
    """The projects of a file: ``.json`` (a list of objects, or one under ``projects``), or any readable document with a list in it."""
    if path.suffix.lower() != ".json":
        return project_lines(read(path))
    try:
        text, _ = decode(Content(str(path), path.read_bytes()))
        data = json.loads(text)
    except OSError as error:
        raise UnreadableFile(f"读不到文件“{path}”：{reason(error)}。", "请检查路径和文件名。") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"“{path}”不是规范的 JSON：{fault_in(error)}。", "请给出一个数组，每个项目一个对象，键为 name、budget、purpose 等。") from None
    entries = data.get("projects") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(f"“{path}”里没有项目列表。", "请给出一个数组，每个项目一个对象，键为 name、budget、purpose 等。")
    report = ReadingReport(tables_read=1)
    lines = [line for i, entry in enumerate(entries, 1) if (line := _line(f"第{i}个项目", _of_json(entry, report, f"第{i}个项目"), "万元", None, report))]
    return _some(lines, str(path)), report


def project_lines(document: Document) -> tuple[list[ProjectLine], ReadingReport]:
    """The projects of every list in a document; InputError when there is no list."""
    report = ReadingReport(warnings=[f"{notice.where}：{notice.why}" for notice in document.notices])
    lines: list[ProjectLine] = []
    unit, year = "万元", _year_of_name(document.source.path)
    for block in document.blocks:
        if isinstance(block, Paragraph):
            unit, year = lexicon.money_unit(block.text) or unit, wording.year_in(block.text) or year
            continue
        report.grids_found += 1
        found = list(_lines_of(block, unit, year, report))
        if found:
            report.grids_read += 1
            report.tables_read += 1
            lines += found
    return _some(lines, document.source.path), report


def _some(lines: list[ProjectLine], path: str) -> list[ProjectLine]:
    if not lines:
        raise InputError(f"“{path}”里没有找到项目清单。", "清单第一行应是表头，例如：项目名称、预算数（万元）、资金用途；每行一个项目。")
    return lines


def _lines_of(grid: Grid, unit: str, year: int | None, report: ReadingReport) -> Iterator[ProjectLine]:
    rows = rows_of(grid)
    head = next((r for r, row in enumerate(rows) if _is_head(row)), None)
    if head is None:
        return
    for row in rows[:head]:
        for slot in row:
            unit, year = lexicon.money_unit(slot.text) or unit, wording.year_in(slot.text) or year
    keys = {slot.start: key for slot in rows[head] if (key := _key(slot.text))}
    units = {slot.start: lexicon.money_unit(slot.text) for slot in rows[head]}
    unused = [slot.line for slot in rows[head] if not slot.blank and slot.start not in keys and fold(slot.text) not in ("序号", "编号", "no", "no.")]
    if unused:
        report.warnings.append(f"{grid.locator._replace(line=None)}的列“{'”“'.join(unused)}”没有用到。")
    office = ""
    for row in rows[head + 1 :]:
        fields = {key: slot.text for slot in row for start, key in keys.items() if slot.start <= start < slot.end and not slot.blank}
        if not fields or _is_head(row):
            continue
        office = fields.get("unit", office)
        if office and "unit" in keys.values():
            fields["unit"] = office
        place = next((slot.locator for slot in row if slot.cell is not None), grid.locator)
        own = {key: units.get(start) or unit for start, key in keys.items() if key in _AMOUNTS}
        line = _line(str(place._replace(column=None, line=None)), fields, own, year, report)
        if line is not None:
            yield line


def _is_head(row: Row) -> bool:
    found = {key for slot in row if not slot.inherited and (key := _key(slot.text))}
    return bool(found & {"name", "request"}) and (len(found) >= 2 or found == {"request"})


def _key(text: str) -> str | None:
    word = lexicon.key(text)
    return _COLUMNS.get(word) or _COLUMNS.get(re.sub(r"\([^()]*\)", "", word))


def _of_json(entry: dict[str, Any], report: ReadingReport, where: str) -> dict[str, str]:
    """A JSON object's fields as texts, lists and objects of ``basis`` and ``known`` joined."""
    fields: dict[str, str] = {}
    for name, value in entry.items():
        key = _key(str(name))
        if key is None:
            report.warnings.append(f"{where}的“{name}”没有用到。")
        elif isinstance(value, dict):
            fields[key] = "；".join(f"{one}={two}" for one, two in value.items())
        elif isinstance(value, list):
            fields[key] = "；".join(map(str, value))
        elif value is not None and not isinstance(value, bool):
            fields[key] = str(value)
    return fields


def _line(where: str, fields: dict[str, str], units: dict[str, str] | str, year: int | None, report: ReadingReport) -> ProjectLine | None:
    """One project, or None for a sum, a section's heading or a row that names none; what cannot be read is reported."""
    name = wording.one_line(fields.get("name", ""))
    rest = {key: text for key, text in fields.items() if key not in ("name", "unit", "year")}
    if _SUMS.fullmatch(fold(name)) or (not name and not fields.get("request") and any(_SUMS.fullmatch(fold(text)) for text in fields.values())):
        return None
    if not name and not fields.get("request"):
        if rest:
            report.unread.append(Unread(where, "这一行没有项目名称"))
        return None
    if _SECTION.fullmatch(name) and not rest:
        return None
    amounts: dict[str, str] = {}
    for key in _AMOUNTS:
        text = fields.get(key, "")
        if not text.strip() or wording.no_amount(text):
            continue
        amount = _in_wan(text, units if isinstance(units, str) else units.get(key, "万元"))
        if amount is None:
            report.unread.append(Unread(where, f"“{name or fields.get('request', '')[:20]}”的金额“{wording.one_line(text)[:20]}”不是一个数"))
        else:
            amounts[key] = amount
    own_year = re.search(r"20\d{2}", fold(fields.get("year", "")))
    if fields.get("year", "").strip() and own_year is None:
        report.unread.append(Unread(where, f"“{name}”的年度“{fields['year'].strip()[:20]}”不是年份"))
    request = Request(
        name=name,
        year=int(own_year[0]) if own_year else year,
        unit=wording.organisation(fields["unit"])[1] if fields.get("unit") else None,
        purpose=wording.prose(fields.get("purpose", "")) or None,
        basis=_several(fields.get("basis", "")),
        known=_known(fields.get("known", "")),
        sentence=wording.one_line(fields.get("request", "")) or None,
        budget=amounts.get("budget"),
        fiscal=amounts.get("fiscal"),
        other=amounts.get("other"),
    )
    return ProjectLine(where, request, {key: wording.prose(text) for key, text in fields.items()})


def _in_wan(text: str, unit: str) -> str | None:
    found = wording.amount(text)
    if found is None:
        return None
    number, own = found
    money = Money(number, own or unit)
    if money.unit == "万元":
        return f"{number:f}"
    if money.unit == "千元":
        return f"{(number / 10).normalize() + 0:f}"
    return f"{money.to('万元').amount.normalize() + Decimal(0):f}"


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[;；\n]|(?<=号)[,，、]|(?<=》)[,，、]", text) if part.strip())


def _known(text: str) -> dict[str, str]:
    """``培训人数=50人；标准：1600元/人`` as facts; a part without = or ： is kept under its own words."""
    facts: dict[str, str] = {}
    for part in _BETWEEN.split(text):
        name, sign, value = re.sub(r"[＝:：]", "=", part, count=1).partition("=")
        if name.strip():
            facts[name.strip()] = value.strip() if sign else name.strip()
    return facts


def _year_of_name(path: str) -> int | None:
    found = re.search(r"(?<!\d)(20\d{2})(?!\d)", re.split(r"[/\\!]", path)[-1])
    return int(found[1]) if found else None
