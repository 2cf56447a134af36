"""The opinion sheet (审核意见表) of a draft: findings by aspect and how each was dealt with, decisions, signatures, the checking code."""

from __future__ import annotations

from pathlib import Path

from assistant.draft import ACTION_LABELS, Draft, Entry
from assistant.export.opinion import OpinionSheet, write_opinion_sheet
from assistant.findings import Finding, Outcome, Severity
from assistant.review.decisions import label_of
from assistant.review.history import code_of
from assistant.review.signing import ROLES
from assistant.review.standing import Standing, effective, pressing, removed_row, signatures
from assistant.table import Money

# Aspect → what is asked (财预〔2015〕88号, 审核的四个方面).
ASKED = {
    "完整性": "内容是否填写完整，绩效目标是否明确清晰",
    "相关性": "目标与部门职责、资金用途是否相关，指标是否对应目标",
    "适当性": "预期绩效是否合理，资金规模与目标是否匹配",
    "可行性": "目标能否实现，数字之间是否自洽，实施条件是否具备",
}
_STATUS = {"draft": "未审核", "in-review": "审核中", "signed": "已签字"}


def write_opinion(path: Path, draft: Draft) -> None:
    """Write a draft's opinion sheet as a Word file."""
    write_opinion_sheet(path, sheet_of(draft))


def sheet_of(draft: Draft) -> OpinionSheet:
    """The sheet of a draft as it stands."""
    table = draft.table
    money = str(Money(table.budget.total, table.money_unit)) if table.budget.total is not None else "未填"
    done, total = Standing(draft).progress
    head = (
        ("项目名称", table.project.name or draft.id),
        ("年度", str(table.year or "")),
        ("预算单位", " ".join(part for part in (table.unit.code, table.unit.name) if part)),
        ("预算数", money),
        ("审核进度", f"应审{total}格，已定{done}格"),
        ("状态", _STATUS[draft.status]),
    )
    return OpinionSheet(
        head=head,
        aspects=tuple(_aspect(name, asked, draft) for name, asked in ASKED.items()),
        findings=_findings(draft),
        decisions=tuple(_decision(entry, draft) for entry in effective(draft.history)),
        signatures=tuple(_signature(role, draft) for role in ROLES),
        remarks=_remarks(draft),
    )


def _aspect(name: str, asked: str, draft: Draft) -> tuple[str, str, str, str]:
    found = [finding for finding in draft.findings if finding.aspect == name and finding.outcome is Outcome.FAILED]
    waived = sum(1 for finding in found if finding.waived)
    left = {severity: sum(1 for finding in found if not finding.waived and finding.severity is severity) for severity in Severity}
    counts = "，".join(f"{severity.label}{count}" for severity, count in left.items() if count)
    unsure = sum(1 for finding in draft.findings if finding.aspect == name and finding.outcome is Outcome.UNDECIDED)
    if left[Severity.ERROR]:
        opinion = "有错误未改，不宜报送。"
    elif left[Severity.WARNING]:
        opinion = "建议修改后报送。"
    else:
        opinion = "未发现须修改的问题。"
    opinion += f"豁免{waived}项。" if waived else ""
    opinion += f"另有{unsure}项缺少依据，未能判断。" if unsure else ""
    return name, asked, counts or "无", opinion


def _findings(draft: Draft) -> tuple[tuple[str, str, str], ...]:
    """One line for findings of one code that are treated alike: their places together, the first message for all."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(draft.findings, key=_order):
        if finding.outcome is Outcome.FAILED:
            groups.setdefault((finding.code, _treatment(finding)), []).append(finding)
    rows = []
    for (_, treatment), found in groups.items():
        first = found[0]
        places = _places(draft, [finding.cell for finding in found])
        message = f"{first.severity.label} {first.code}：{first.message}" + (f"（等{len(found)}处）" if len(found) > 1 else "")
        rows.append(("\n".join(places), "\n".join([message, *([f"依据：{first.basis}"] if first.basis else [])]), treatment))
    return tuple(rows)


def _places(draft: Draft, cells: list[str | None]) -> list[str]:
    """Places as people name them; the same cell of several rows together (第1、3行·指标值)."""
    rows: dict[str, list[str]] = {}
    for cell in cells:
        label = label_of(draft, cell)
        head, dot, part = label.partition("行·")
        rows.setdefault(part if dot else label, []).append(head.removeprefix("第") if dot else "")
    return [f"第{'、'.join(dict.fromkeys(numbers))}行·{part}" if numbers[0] else part for part, numbers in rows.items()]


def _treatment(finding: Finding) -> str:
    if finding.waived:
        return f"豁免：{finding.waived}"
    if pressing(finding, Severity.WARNING):
        return "未处理" + (f"；建议改为 {finding.fix.to}" if finding.fix else "")
    return "供参考"


def _decision(entry: Entry, draft: Draft) -> tuple[str, str, str, str, str]:
    if entry.cells:
        place, text = f"{len(entry.cells)}格", "按拟填内容采纳"
    elif entry.action in ("sign", "return"):
        place, text = entry.role or "", ""
    elif entry.action == "adopt":
        place, text = "全表", ""
    else:
        # The address is that of its time; the row may stand elsewhere now, so the record keeps it as it was.
        place = _place_then(entry, draft)
        text = f"采纳“{entry.after}”" if entry.action == "accept" else f"{entry.before or '（空）'} → {entry.after or '（空）'}"
        if removed_row(entry):
            text = f"删除“{entry.before}”"
        if entry.action == "waive":
            text = f"豁免 {'、'.join(entry.waives or ())}{f'，至{entry.until}' if entry.until else ''}"
    reason = f"原因：{entry.reason}" if entry.reason else ""
    return _when(entry), entry.person, ACTION_LABELS[entry.action], place, "\n".join(part for part in (text, reason) if part)


def _place_then(entry: Entry, draft: Draft) -> str:
    row = (entry.kept or {}).get("row") or (entry.kept or {}).get("indicator")
    name = row.get("level3") if isinstance(row, dict) else None
    label = label_of(draft, entry.cell)
    return f"{label}（{name}）" if name else label


def _signature(role: str, draft: Draft) -> tuple[str, str, str, str]:
    entry = signatures(draft).get(role)
    if entry is None or entry.signature is None:
        return role, "", "", ""
    bound = entry.signature
    remark = f"未决问题{len(bound.open)}个，豁免{len(bound.waived)}个，未逐格审定{len(bound.undecided)}格"
    return role, entry.person, _when(entry), remark + (f"\n{entry.reason}" if entry.reason else "")


def _when(entry: Entry) -> str:
    return entry.time[:16].replace("T", "\n")


def _remarks(draft: Draft) -> tuple[str, ...]:
    if not draft.history:
        return ("本表尚无审核记录。",)
    return (
        f"校验码：{code_of(draft)}。审核记录共{len(draft.history)}条，可用 assistant review 草稿 --verify --code 校验码 核对本表是否为最后一次审核的内容。",
    )


def _order(finding: Finding) -> tuple[bool, int, str]:
    return bool(finding.waived), finding.severity.rank, finding.code
