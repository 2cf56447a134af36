"""How the conversation says things: the draft in short, its changes, its sources, its findings, as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.chinese import fold
from assistant.draft import CHANGE_LABELS, ORIGIN_LABELS, Draft, Provenance
from assistant.findings import Finding, Outcome
from assistant.table import GoalTable
from assistant.taxonomy import OPEN_VALUE

if TYPE_CHECKING:
    from assistant.extraction import Extraction

HELP = """可以这样说：

- **提问**：残保金今年培训多少人？ · 那用途呢？ · 163号文里哪些项目是康复？ · 数量指标怎么写？
- **起草**：残保金2026年预算495万，培训55人每人1600元 · 再起草一张农村公路养护的表
- **修改**：把培训人数改成60人 · 满意度提到95% · 第三行的依据改成年度培训计划 · 预算加20万 · 删掉第四行 · 合并第2行和第3行 · 把第三行移到第一行 · 撤销
- **计算**：算一下55人1400元
- **检查**：检查一下 · 第2个问题怎么改 · 和去年比有什么变化 · 第一行的数哪来的 · 还缺什么
- **导出**：导出Word · 保存到桌面 · 我有哪些草稿 · 打开残保金那份草稿

斜杠命令：`/draft` `/edit` `/check` `/explain` `/diff` `/sources` `/questions` `/show` `/export` `/open` `/drafts`
`/read` `/undo` `/session` `/model` `/cost` `/new` `/help` `/quit`"""


_HOW = (
    ("导出|打印|下载", "有了草稿以后说“导出Word”“导出Excel”“导出PDF”，文件和草稿放在一起，打开即可打印。"),
    ("签字|签名|审核|定稿", "逐格审核和签字在全屏里做：退出对话后运行 assistant review 草稿.json；没有签完的下次接着审。"),
    ("撤销|反悔|退回", "说“撤销”回到上一步，“撤销三步”回到三步以前；审核记录里都留着。"),
    ("起草|填表|做表|新建", "说项目、年度、金额和用途，例如：残保金2026年预算495万，培训55人每人1600元。缺的我会一样一样问。"),
    ("改|加|删|移动", "例如：第3行改成95% · 把培训人数改成60人 · 再加一个质量指标 · 删掉第四行 · 把第三行移到第一行 · 第2行和第3行换一下。"),
    ("检查", "有了草稿以后说“检查一下”；要查别的文件，说“检查 /路径/目标表.docx”。"),
    ("送领导", "说“导出Word”，把文件发给领导；领导在 Word 里改过的，用 assistant review 草稿.json --from-word 文件.docx 逐格读回。"),
    ("退出|结束", "说“再见”或按 Ctrl-D；对话和草稿都已保存，下次用 assistant chat --session last 接着说。"),
    ("问|查", "直接问就行，例如：残保金今年预算多少？ · 哪些项目有满意度指标？ · 数量指标怎么写？"),
)


def how(act: str) -> str:
    """How something is done here, in a sentence."""
    return next((text for words, text in _HOW if re.search(words, act)), HELP)


def examples(*, has_draft: bool) -> str:
    """A few things that can be said now."""
    if has_draft:
        return "可以这样说：第3行改成95% · 再加一个质量指标 · 检查一下 · 和去年比有什么变化 · 导出Word · 撤销。说“帮助”看全部。"
    return "可以这样说：残保金今年预算多少？ · 起草残疾人就业保障金2026年的表，预算480万 · 打开某份草稿。说“帮助”看全部。"


def table_in_short(table: GoalTable) -> str:
    """A table as Markdown: heading, money, use, goals, and its numbered rows."""
    money = f"{table.budget.total:f}{table.money_unit}" if table.budget.total is not None else OPEN_VALUE
    lines = [f"**{table.project.name or '未命名项目'}**（{table.year or '年度待定'}）预算 {money}", f"用途：{table.purpose or OPEN_VALUE}"]
    lines += [f"目标：{goal}" for goal in table.goals]
    lines += ["", "| 行 | 二级指标 | 三级指标 | 指标值 | 依据 |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {i} | {bar(row.level2)} | {bar(row.level3)} | {bar(row.value.text) or OPEN_VALUE} | {bar(row.basis or '')} |"
        for i, row in enumerate(table.indicators, 1)
    ]
    return "\n".join(lines)


def bar(text: str) -> str:
    """Text that can stand in a Markdown table's cell."""
    return " ".join(text.replace("|", "｜").split())


def label(table: GoalTable, cell: str) -> str:
    """A cell's name as a person would say it (第1行“培训人数”的指标值)."""
    for each in table.cells():
        if each.address == cell:
            if cell.startswith("indicators["):
                row = table.indicators[int(cell[len("indicators[") : cell.index("]")])]
                return f"{each.label.split('·')[0]}“{row.level3}”的{each.label.split('·')[-1]}"
            return each.label
    return cell


def place(draft: Draft, cell: str) -> str:
    """What stands in a cell, and last year's text beside it."""
    text, entry = _text(draft, cell), draft.origin_of(cell)
    said = f"- {label(draft.table, cell)}：{bar(text) or '空'}"
    if match := re.fullmatch(r"indicators\[(\d+)\]\.\w+", cell):
        row = draft.table.indicators[int(match[1])]
        said = f"- 第{int(match[1]) + 1}行 {bar(row.level2)} · {bar(row.level3)}：{bar(row.value.text) or OPEN_VALUE}"
        said += f"（依据：{bar(row.basis)}）" if row.basis else ""
        if not cell.endswith(".value") and text != row.basis:
            said += f"；{label(draft.table, cell)}：{bar(text) or '空'}"
    if entry is not None and entry.previous is not None and fold(entry.previous) != fold(text):
        said += f"，上年为“{bar(entry.previous) or '空'}”"
    return said


def remedy(table: GoalTable, finding: Finding) -> str:
    """What to say to put a finding right."""
    cell = finding.cell or ""
    match = re.fullmatch(r"indicators\[(\d+)\]\.(\w+)", cell)
    if finding.fix is not None:
        where = label(table, cell) if cell else "这一处"
        return f"把{where}改成“{finding.fix.to}”；同意就说“按建议改”。"
    if match and match[2] == "value":
        return f"说“第{int(match[1]) + 1}行改成…”，给出“{table.indicators[int(match[1])].level3}”的值。"
    if match:
        part = {"description": "描述", "basis": "依据", "level3": "名称"}.get(match[2], "")
        return f"说“第{int(match[1]) + 1}行的{part}改成…”。" if part else f"说“第{int(match[1]) + 1}行改成…”。"
    known = {each.address for each in table.cells()}
    return f"说“{label(table, cell).split('·')[-1]}改成…”。" if cell in known else "按上面的依据改表，改完再检查一次。"


def document(extraction: Extraction) -> str:
    """What a document holds: its tables in short, and what could not be read."""
    report = extraction.report
    lines = [f"读了 {extraction.source.path}：目标表{len(extraction.tables)}张。"]
    lines += [table_in_short(table) for table in extraction.tables[:3]]
    if len(extraction.tables) > 3:
        names = "、".join(table.project.name or "未命名" for table in extraction.tables[3:])
        lines.append(f"其余：{names}。")
    lines += [f"没读懂：{each.where}（{each.why}）" for each in report.unread[:5]]
    return "\n\n".join(lines)


def changes(draft: Draft) -> str:
    """The draft against last year's table: changed, new, dropped, with their reasons."""
    if draft.previous is None:
        return "资料中没有找到这个项目上年的表，全表都是新写的。"
    lines = [f"与{draft.previous.year or '上年'}年“{draft.previous.project.name}”相比："]
    kept = 0
    for each in draft.provenance:
        if each.change == "same":
            kept += 1
        elif each.change == "changed" and fold(each.previous or "") != fold(_text(draft, each.cell)):
            lines.append(f"- 改：{label(draft.table, each.cell)}：{bar(each.previous or '空')} → {bar(_text(draft, each.cell)) or '空'}{_why(each)}")
        elif each.change == "new" and each.cell.endswith(".level3"):
            value = _text(draft, each.cell.replace(".level3", ".value"))
            lines.append(f"- 增：{_text(draft, each.cell)} {value}{_why(each)}")
    lines += [f"- 去：{bar(each.text)}（{each.reason}）" for each in draft.dropped]
    lines.append(f"- 其余{kept}格与上年相同。")
    return "\n".join(lines)


def source_of(draft: Draft, cell: str) -> str:
    """Where a cell comes from, in a sentence."""
    entry = draft.origin_of(cell)
    text = _text(draft, cell)
    head = f"{label(draft.table, cell)}“{bar(text) or '空'}”"
    if entry is None:
        return f"{head}：没有记录来源。"
    parts = [ORIGIN_LABELS[entry.origin] + (f"（{CHANGE_LABELS[entry.change]}）" if entry.change != "new" else "")]
    if entry.source is not None:
        where = " · ".join(
            str(part)
            for part in ("需求" if entry.source.path == "request" else entry.source.path, entry.source.year, entry.source.project, entry.source.cell)
            if part
        )
        parts.append(f"出自 {where}" + (f"：“{bar(entry.source.text)}”" if entry.source.text else ""))
    if entry.formula:
        parts.append(f"算式 {entry.formula}")
    if entry.previous is not None and fold(entry.previous) != fold(text):
        parts.append(f"上年为“{bar(entry.previous)}”")
    if entry.note:
        parts.append(entry.note)
    return f"{head}：{'；'.join(parts)}。"


def findings(items: tuple[Finding, ...], table: GoalTable) -> tuple[str, tuple[str, ...]]:
    """Findings as a numbered list and the codes in that order; waived ones are left out."""
    shown = [finding for finding in items if not finding.waived]
    lines = _findings(shown, table)
    if shown:
        lines.append("\n想知道原因和改法，可以说“第1个问题怎么改”。")
    return "\n".join(lines), tuple(finding.code for finding in shown)


def findings_in(table: GoalTable, items: tuple[Finding, ...]) -> str:
    """The findings of a document's table under its name."""
    return f"**{table.project.name or '未命名项目'}** " + "\n".join(_findings([finding for finding in items if not finding.waived], table))


def _findings(shown: list[Finding], table: GoalTable) -> list[str]:
    if not shown:
        return ["检查过了，没有发现问题。"]
    counts = {word: sum(finding.severity.label == word and finding.outcome is Outcome.FAILED for finding in shown) for word in ("错误", "警告", "提示")}
    undecided = sum(finding.outcome is Outcome.UNDECIDED for finding in shown)
    lines = ["，".join(f"{word}{count}个" for word, count in [*counts.items(), ("未定", undecided)] if count) + "："]
    for number, finding in enumerate(shown, 1):
        word = "未定" if finding.outcome is Outcome.UNDECIDED else finding.severity.label
        row = re.match(r"indicators\[(\d+)\]", finding.cell or "")
        where = f"第{int(row[1]) + 1}行 " if row and int(row[1]) < len(table.indicators) else ""
        lines.append(f"{number}. 【{word}】{finding.code} {where}{finding.message}" + (f" 建议：{finding.fix.to}" if finding.fix else ""))
    return lines


def finding_in_full(finding: Finding) -> str:
    """One finding with its arithmetic, basis and mend."""
    parts = [f"**{finding.code}** {finding.message}"]
    for word, text in (("应为", finding.expected), ("现为", finding.found), ("相差", finding.difference), ("依据", finding.basis)):
        if text:
            parts.append(f"- {word}：{text}")
    if finding.fix:
        parts.append(f"- 改法：{finding.fix.to}")
    return "\n".join(parts)


def _text(draft: Draft, cell: str) -> str:
    try:
        return draft.table.text(cell)
    except KeyError:
        return ""


def _why(entry: Provenance) -> str:
    reason = entry.formula or entry.note
    return f"（{reason}）" if reason else f"（{ORIGIN_LABELS[entry.origin]}）"
