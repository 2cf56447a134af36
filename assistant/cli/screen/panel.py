"""The panel on the right: everything about the cell at hand that a person needs to decide. Builds styled text, nothing more."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text

from assistant.chinese import wrap
from assistant.cli.render import plain
from assistant.cli.screen.page import MARK_WORDS, MARKS, mark_of
from assistant.draft import Draft
from assistant.findings import Finding, Outcome
from assistant.review import STATE_LABELS, CellView, Standing
from assistant.review.places import row_of
from assistant.review.summary import change_label, origin_label
from assistant.table import place_of


def panel(standing: Standing, cell: CellView, styles: dict[str, Style], width: int) -> Text:
    """The panel's text for a cell, wrapped to a width in columns."""
    writer = _Writer(styles, width)
    writer.head(standing.draft, cell)
    writer.pair("拟填", cell.text or ("（待填）" if cell.open else "（空）"), "open" if cell.open else "changed")
    if cell.previous is not None:
        writer.pair("上年", cell.previous or "（空）", "text")
    writer.pair("变化", change_label(cell) if cell.previous is not None else "上年没有", "label")
    writer.source(cell)
    if cell.question:
        writer.pair("要问", cell.question.question, "open")
        if cell.question.known_as:
            writer.line(f"     对应已知项：{cell.question.known_as}", "label")
    writer.findings(cell)
    writer.state(cell)
    writer.beside(standing)
    return writer.text


class _Writer:
    def __init__(self, styles: dict[str, Style], width: int) -> None:
        self.styles = {role: Style(color=style.color, bold=style.bold) for role, style in styles.items()}
        self.width = max(width, 20)
        self.text = Text()

    def line(self, words: str, role: str = "text", *, indent: int = 0) -> None:
        for line in wrap(plain(words), self.width - indent):
            self.text.append(" " * indent + line + "\n", self.styles[role])

    def pair(self, label: str, words: str, role: str) -> None:
        lines = wrap(plain(" ".join(words.split())), self.width - 5)
        self.text.append(f"{label} ", self.styles["label"])
        self.text.append((lines[0] if lines else "") + "\n", self.styles[role])
        for line in lines[1:]:
            self.text.append("     " + line + "\n", self.styles[role])

    def gap(self) -> None:
        self.text.append("\n")

    def head(self, draft: Draft, cell: CellView) -> None:
        self.line(cell.label, "title")
        place = row_of(cell.address)
        if place and place[0] == "indicators":
            row = draft.table.indicators[place[1]]
            self.line(f"{row.level2} · {row.level3 or '（无名）'}", "label")
        self.text.append("─" * self.width + "\n", self.styles["line"])

    def source(self, cell: CellView) -> None:
        self.gap()
        self.pair("来源", origin_label(cell) or "未注明", "text")
        origin = cell.provenance
        if origin is None:
            return
        if origin.source:
            place = place_of(origin.source.cell) if origin.source.cell else ""
            where = " ".join(part for part in (_file_name(origin.source.path), str(origin.source.year or ""), origin.source.project or "", place) if part)
            if origin.source.text:
                self.pair("原文", f"“{origin.source.text}”", "text")
            if where:
                self.pair("出处", where, "label")
        if origin.formula:
            self.pair("算式", origin.formula, "changed")
        if origin.note:
            self.pair("说明", origin.note, "label")

    def findings(self, cell: CellView) -> None:
        if not cell.findings:
            return
        self.gap()
        for finding in sorted(cell.findings, key=lambda each: (bool(each.waived), each.severity.rank)):
            self.finding(finding)

    def finding(self, finding: Finding) -> None:
        undecided = finding.outcome is Outcome.UNDECIDED
        word = "无法判断" if undecided else finding.severity.label
        role = "same" if finding.waived or undecided or finding.severity.rank == 2 else "error"
        sign = "·" if role == "same" else "!"
        self.line(f"{sign} {word} {finding.code}", role)
        self.line(finding.message, "text", indent=2)
        if finding.waived:
            self.line(f"已豁免：{finding.waived}", "label", indent=2)
            return
        shown = [f"应为 {finding.expected}" if finding.expected else "", f"相差 {finding.difference}" if finding.difference else ""]
        if any(shown):
            self.line("；".join(part for part in shown if part), "text", indent=2)
        if finding.fix:
            self.line(f"建议改为：{finding.fix.to}（按 f）", "edited", indent=2)
        if finding.basis:
            self.line(f"依据：{finding.basis}", "label", indent=2)

    def state(self, cell: CellView) -> None:
        self.gap()
        mark = mark_of(cell)
        words = STATE_LABELS[cell.state] if cell.state != "undecided" else MARK_WORDS[mark]
        entry = cell.entry
        who = f" {entry.person} {entry.time[5:16].replace('T', ' ')}" if entry else ""
        self.pair("状态", f"{MARKS[mark]} {words}{who}", mark)
        if entry and entry.reason:
            self.pair("原因", entry.reason, "label")

    def beside(self, standing: Standing) -> None:
        worst = [finding for finding in standing.table_findings if not finding.waived]
        if worst:
            self.gap()
            self.line(f"全表还有{len(worst)}个问题（按 p 查看）", "warn" if "warn" in self.styles else "label")


def _file_name(path: str | None) -> str:
    return "需求" if path == "request" else (path or "").rsplit("/", 1)[-1]
