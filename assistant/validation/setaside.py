"""Findings that were looked at and set aside: waivers (a person's decision, with reason and date) and the baseline (what was there
before, so that only new findings fail).

A waiver file is TOML that a person writes::

    [[waiver]]
    code = "V201"                       # rule code or name
    project = "残疾人托养服务"            # project name or code; left out = every project
    row = "残疾托养服务标准"              # indicator name; or cell = "budget.total"; left out = every cell
    person = "张三"
    reason = "省级文件规定最低标准"
    date = 2025-03-01
    until = 2025-12-31                  # left out = until withdrawn

A baseline file is JSON that the program writes. Both know a finding by what it says about which project and row, not by its place, so
that moving rows changes nothing. Whatever no longer applies is reported as stale.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from assistant.chinese import fold, without_document_numbers
from assistant.errors import InputError, fault_in, reason
from assistant.findings import Finding
from assistant.validation import rule_named
from assistant.validation.engine import current


class Waiver(NamedTuple):
    """A person's decision to let a finding stand."""

    code: str
    project: str
    row: str
    cell: str
    person: str
    reason: str
    on: date
    until: date | None

    def fits(self, finding: Finding) -> bool:
        """Is this finding the one waived?"""
        if self.code != finding.code:
            return False
        if self.project:
            name = (finding.table.project if finding.table else None) or ""
            wanted = fold(self.project)
            if wanted not in (fold(name), fold(without_document_numbers(name))):
                return False
        if self.row and fold(f"“{self.row}”") not in fold(finding.message):
            return False
        return not self.cell or self.cell == finding.cell

    def __str__(self) -> str:
        return f"{self.person} {self.on.isoformat()}：{self.reason}"


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; InputError names what is missing in which one."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"读不到豁免文件“{path}”：{reason(error)}。", "请检查路径。") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"豁免文件“{path}”不是有效的 TOML：{fault_in(error)}。", "请对照 assistant validate --help 中的格式修改。") from None
    entries = data.get("waiver")
    if not isinstance(entries, list):
        raise InputError(f"豁免文件“{path}”里没有 [[waiver]]。", "每条豁免写 code、person、reason、date，可写 project、row、cell、until。")
    return tuple(_waiver(entry, i, path) for i, entry in enumerate(entries, 1))


def _waiver(entry: Any, number: int, path: Path) -> Waiver:
    if not isinstance(entry, dict):
        raise InputError(f"豁免文件“{path}”第{number}条不是一组键值。", "每条以 [[waiver]] 开头。")
    unknown = sorted(set(entry) - {"code", "project", "row", "cell", "person", "reason", "date", "until"})
    if unknown:
        raise InputError(
            f"豁免文件“{path}”第{number}条有不认识的键：{'、'.join(unknown)}。", "可用的键：code、project、row、cell、person、reason、date、until。"
        )
    missing = [key for key in ("code", "person", "reason", "date") if not str(entry.get(key, "")).strip()]
    if missing:
        raise InputError(f"豁免文件“{path}”第{number}条缺少{'、'.join(missing)}。", "豁免必须写明规则、批准人、理由和日期。")
    written = str(entry["code"]).strip()
    rule = rule_named(written)
    if rule is None:
        raise InputError(f"豁免文件“{path}”第{number}条的规则“{written}”不存在。", "查看全部规则：assistant rules。")
    return Waiver(
        code=rule.code,
        project=str(entry.get("project", "")).strip(),
        row=str(entry.get("row", "")).strip(),
        cell=str(entry.get("cell", "")).strip(),
        person=str(entry["person"]).strip(),
        reason=str(entry["reason"]).strip(),
        on=_date(entry["date"], number, path),
        until=None if "until" not in entry else _date(entry["until"], number, path),
    )


def _date(value: Any, number: int, path: Path) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"豁免文件“{path}”第{number}条的日期“{value}”不是日期。", "请写成 2025-03-01。") from None


def waive(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date) -> tuple[list[Finding], list[str]]:
    """The findings with the waived ones marked, and a note on every waiver that is expired or fits nothing any more."""
    notes: list[str] = []
    standing: list[Waiver] = []
    for waiver in waivers:
        if waiver.until is not None and waiver.until < today:
            notes.append(f"豁免已过期：{waiver.code} {waiver.project or '全部项目'}（{waiver}，有效至{waiver.until.isoformat()}），请撤销或重新批准。")
        else:
            standing.append(waiver)
    used: set[Waiver] = set()
    marked: list[Finding] = []
    for finding in findings:
        fitting = next((each for each in standing if each.fits(finding)), None)
        if fitting is not None:
            used.add(fitting)
            finding = finding.model_copy(update={"waived": str(fitting)})
        marked.append(finding)
    for waiver in standing:
        if waiver not in used:
            notes.append(f"豁免已无对应的发现：{waiver.code} {waiver.project or '全部项目'}（{waiver}），可以删去。")
    return marked, notes


def fingerprint(finding: Finding) -> str:
    """What a finding is known by from run to run: rule, project, kind of cell and words, not the number of its row or its file."""
    return _fingerprint(finding.code, (finding.table.project if finding.table else None) or "", finding.cell or "", finding.message)


def _fingerprint(code: str, project: str, cell: str, message: str) -> str:
    said = "\n".join((code, fold(project), re.sub(r"\[\d*\]", "[]", cell), fold(message)))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:24]


def baseline_text(findings: Iterable[Finding]) -> str:
    """The content of a baseline file for these findings."""
    entries = [
        {
            "fingerprint": fingerprint(each),
            "code": each.code,
            "project": each.table.project if each.table else None,
            "cell": each.cell,
            "message": each.message,
        }
        for each in findings
        if not each.waived
    ]
    entries.sort(key=lambda entry: (entry["code"] or "", entry["project"] or "", entry["fingerprint"] or ""))
    return json.dumps({"kind": "baseline", "schema": 1, "findings": entries}, ensure_ascii=False, indent=1) + "\n"


def load_baseline(path: Path) -> Counter[str]:
    """The fingerprints of a baseline file, each as often as it was found."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"读不到基线文件“{path}”：{reason(error)}。", "用 --write-baseline 生成基线文件。") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise InputError(f"基线文件“{path}”不是有效的 JSON。", "用 --write-baseline 重新生成。") from None
    if not isinstance(data, dict) or data.get("kind") != "baseline" or not isinstance(data.get("findings"), list):
        raise InputError(f"“{path}”不是基线文件。", "用 --write-baseline 生成基线文件。")
    return Counter(_known(entry) for entry in data["findings"] if isinstance(entry, dict))


def _known(entry: dict[str, Any]) -> str:
    """The fingerprint of a baseline's entry; one of an old code is known by the present code."""
    code, *parts = (str(entry.get(key) or "") for key in ("code", "project", "cell", "message"))
    return str(entry.get("fingerprint")) if current(code) == code else _fingerprint(current(code), *parts)


def against_baseline(findings: Iterable[Finding], known: Counter[str]) -> tuple[list[Finding], list[str]]:
    """The findings with those of the baseline marked as set aside, and a note when some of the baseline are gone."""
    left = Counter(known)
    marked: list[Finding] = []
    for finding in findings:
        mark = fingerprint(finding)
        if not finding.waived and left[mark] > 0:
            left[mark] -= 1
            finding = finding.model_copy(update={"waived": "基线中已有"})
        marked.append(finding)
    gone = sum(left.values())
    return marked, [f"基线中有{gone}条已经没有了，可用 --write-baseline 更新。"] if gone else []
