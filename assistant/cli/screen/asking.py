"""The acts that need an answer first: what is asked, with what is shown beside it, and what is done with the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from assistant import review
from assistant.chinese import tidy, wrap
from assistant.cli.render import plain
from assistant.cli.screen.desk import Desk, Said
from assistant.cli.screen.dialogs import REASONS, Answers, Asked, Pick, Question
from assistant.draft import ACTION_LABELS, Draft
from assistant.errors import AssistantError
from assistant.findings import Severity
from assistant.review import Hand
from assistant.review.places import is_row, row_of
from assistant.table import Indicator
from assistant.target import Target

if TYPE_CHECKING:
    from assistant.cli.screen.app import ReviewApp


class Asking:
    """The questions of one screen."""

    def __init__(self, app: ReviewApp, desk: Desk) -> None:
        self.app = app
        self.desk = desk

    def edit(self) -> None:
        """A new text for the cell at hand; what the rules would say of it is shown while it is typed."""
        cell = self.desk.view
        fields = [Asked("text", "改为", "" if cell.open else plain(tidy(cell.text)), "text")]
        if review.needs_reason(cell):
            fields.append(Asked("reason", "原因", required=True, offers=REASONS))

        def done(answers: Answers | None) -> None:
            if answers is not None:
                self.app.done(self.desk.edit(answers["text"], answers.get("reason") or None))

        self.app.push_screen(Question(f"修改 {cell.label}", fields, told=self._told(), check=self._check), done)

    def refuse(self) -> None:
        """What stands instead, and why."""
        cell = self.desk.view
        place = row_of(cell.address)
        instead = review.instead_of(cell)
        choices: list[tuple[str, str, str | None]] = []
        row = f"{place[0]}[{place[1]}]" if place else None
        whole = ("删除整行" if place and place[0] == "indicators" else "删除这一条目标", row or "", None)
        if place and (place[2] == "level3" or is_row(cell.address)) and cell.previous is None:
            choices.append(whole)
        if cell.previous and not cell.same:
            choices.append((f"改回上年：{plain(tidy(cell.previous))}", cell.address, cell.previous))
        blank = "待核实" if cell.address.endswith(".value") else ""
        choices.append(("留作待核实" if blank else "留空待填", cell.address, blank))
        if row and whole not in choices:
            choices.append(whole)
        if instead and instead != blank and not any(choice[2] == instead for choice in choices):
            choices.insert(0, (f"改为：{instead}", cell.address, instead))
        fields = [Asked("reason", "原因", required=True, offers=REASONS), Asked("instead", "处理", kind="choice", offers=[choice[0] for choice in choices])]

        def done(answers: Answers | None) -> None:
            if answers is not None:
                _, address, to = choices[int(answers["instead"])]
                self.app.done(self.desk.refuse(address, answers["reason"], to))

        self.app.push_screen(Question(f"不采纳 {cell.label}", fields, told=self._told()), done)

    def accept_anyway(self) -> None:
        """A reason for accepting what the rules call an error."""
        cell = self.desk.view
        told = Text("\n".join(f"! {finding.code} {plain(finding.message)}" for finding in cell.errors))
        fields = [Asked("reason", "仍要采纳的理由（记为豁免，到预算年度末）", required=True)]
        self.app.push_screen(Question(f"采纳 {cell.label}", fields, told=told), self._accepted)

    def leave_empty(self) -> None:
        """A reason for leaving a cell empty that is asked for."""
        cell = self.desk.view
        question = cell.question.question if cell.question else ""
        fields = [Asked("reason", "留空的原因", required=True, offers=("暂无，待下达后补填", "本项目不涉及"))]
        self.app.push_screen(Question(f"{cell.label} 留空", fields, told=Text(plain(question) + "\n要填写内容请按 Esc 返回，再按 e。")), self._accepted)

    def _accepted(self, answers: Answers | None) -> None:
        if answers is not None:
            self.app.done(self.desk.accept(answers["reason"]))

    def insert(self) -> None:
        """A new row after the one at hand (a new goal beside goals)."""
        place = row_of(self.desk.cell)
        table = self.desk.draft.table
        if place and place[0] == "goals":
            fields = [Asked("goal", "绩效目标", kind="text", required=True)]
            at = f"goals[{place[1] + 1}]"
        else:
            here = place[1] if place else len(table.indicators) - 1
            near = table.indicators[here] if table.indicators else Indicator()
            fields = [
                Asked("level1", "一级指标", near.level1, required=True),
                Asked("level2", "二级指标", near.level2, required=True),
                Asked("level3", "三级指标", required=True),
                Asked("value", "指标值", required=True),
                Asked("description", "绩效指标描述"),
                Asked("basis", "指标值确定依据"),
            ]
            at = f"indicators[{here + 1}]"

        def done(answers: Answers | None) -> None:
            if answers is None:
                return
            row = answers["goal"] if "goal" in answers else Indicator(**{**answers, "value": Target.parse(answers["value"])})  # type: ignore[arg-type]
            said = self.desk.act(lambda draft, hand: review.insert(draft, at, row, hand), "已增加一行。")
            if said.done:
                self.desk.go(at if "goal" in answers else f"{at}.level3")
            self.app.done(said)

        self.app.push_screen(Question("增加一条绩效目标" if at.startswith("goals") else "增加一行指标", fields), done)

    def find(self) -> None:
        """Words to look for."""

        def done(answers: Answers | None) -> None:
            if answers and answers["words"]:
                self.app.wanted = answers["words"]
                self.app.action_find_on()

        self.app.push_screen(Question("查找", [Asked("words", "要找的字词（F3 继续查找）", self.app.wanted, required=True)]), done)

    def problems(self) -> None:
        """All findings; one leads to its cell, or is waived."""
        found = sorted(self.desk.draft.findings, key=lambda each: (bool(each.waived), each.outcome.value != "failed", each.severity.rank))
        if not found:
            self.app.say(Said(True, "没有问题。"))
            return
        lines = []
        for finding in found:
            word = "已豁免" if finding.waived else ("无法判断" if finding.outcome.value == "undecided" else finding.severity.label)
            head = f"{word} {finding.code}  {review.label_of(self.desk.draft, finding.cell)}"
            room = min(self.app.size.width - 18, 58)
            lines.append(Text("\n".join([head, *(f"    {line}" for line in wrap(plain(finding.message), room))])))

        def done(picked: tuple[str, int] | None) -> None:
            if picked is None:
                return
            finding = found[picked[1]]
            if picked[0] == "w":
                self._waive(finding.code, finding.cell, plain(finding.message))
            elif finding.cell in self.desk.standing.by_address:
                self.desk.go(finding.cell)
                self.app.show()

        self.app.push_screen(Pick(f"全部问题 {len(found)} 个", lines, keys={"w": "豁免"}), done)

    def _waive(self, code: str, cell: str | None, message: str) -> None:
        year = self.desk.draft.table.year
        fields = [Asked("reason", "豁免理由", required=True), Asked("until", "豁免到", f"{year}-12-31" if year else "")]

        def done(answers: Answers | None) -> None:
            if answers is None:
                return

            def act(draft: Draft, hand: Hand) -> Draft:
                return review.waive(draft, code, hand, reason=answers["reason"], cell=cell, until=answers["until"] or None)

            self.app.done(self.desk.act(act, f"已豁免 {code}。"))

        self.app.push_screen(Question(f"豁免 {code}", fields, told=Text(message)), done)

    def sign(self) -> None:
        """Sign as the level whose turn it is; what speaks against it is shown, and then a reason is asked."""
        role = review.next_role(self.desk.draft)
        if role is None:
            self.app.say(Said(True, "各级都已签字。"))
            return
        against = review.obstacles(self.desk.draft, role)
        warnings = sum(review.pressing(finding, Severity.WARNING) for finding in self.desk.draft.findings)
        told = Text(f"以{role}身份签字。签字后修改任何内容，签字即失效。")
        if warnings:
            told.append(f"\n现有未改未豁免的问题 {warnings} 个，将一并记入签字。")
        for line in against:
            told.append(f"\n!\u00a0{plain(line)}")
        fields = [Asked("person", "签字人", self.desk.person, required=True)]
        many = len(self.desk.paths) > 1
        if against and not many:
            fields.append(Asked("reason", "仍要签字的理由", required=True))
        elif many:
            offers = [f"全部{len(self.desk.paths)}张表中已审定、无错误的", "只签本表"]
            fields.append(Asked("scope", "范围", kind="choice", offers=offers if against else offers[::-1]))
            if against:
                fields.append(Asked("reason", "带着上列问题只签本表的理由"))

        def done(answers: Answers | None) -> None:
            if answers is None:
                return
            whole = many and (answers["scope"] == "0") == bool(against)
            said = self.desk.sign_all(answers["person"]) if whole else self.desk.sign(answers["person"], answers.get("reason") or None)
            self.app.done(said)

        self.app.push_screen(Question("签字", fields, told=told), done)

    def send_back(self) -> None:
        """A reason for returning the table."""
        fields = [Asked("reason", "退回原因", required=True)]

        def done(answers: Answers | None) -> None:
            if answers is not None:
                self.app.done(self.desk.act(lambda draft, hand: review.send_back(draft, hand, reason=answers["reason"]), "已退回，签字失效。"))

        self.app.push_screen(Question("退回", fields, told=Text("退回后已有签字失效，须重新签字。")), done)

    def history_text(self) -> Text:
        """The record, newest first."""
        text = Text()
        for entry in reversed(self.desk.draft.history):
            where = f"{len(entry.cells)}格" if entry.cells else (entry.role or review.label_of(self.desk.draft, entry.cell))
            text.append(f"{entry.n:>3}  {entry.time[5:16].replace('T', ' ')}  {plain(entry.person)}  {ACTION_LABELS[entry.action]} {where}\n")
            if entry.action in ("edit", "reject", "insert", "move"):
                text.append(f"     {plain(entry.before or '（空）')} → {plain(entry.after or '（空）')}\n")
            if entry.reason:
                text.append(f"     原因：{plain(entry.reason)}\n")
        return text if self.desk.draft.history else Text("还没有审核记录。")

    def _told(self) -> Text:
        cell = self.desk.view
        told = Text(f"拟填  {plain(tidy(cell.text)) or '（空）'}")
        if cell.previous is not None:
            told.append(f"\n上年  {plain(tidy(cell.previous)) or '（空）'}")
        if cell.question:
            told.append(f"\n要问  {plain(cell.question.question)}")
        return told

    def _check(self, answers: Answers) -> Text:
        try:
            found = review.findings_with(self.desk.draft, self.desk.cell, answers["text"])
        except AssistantError as error:
            return Text(f"! {error.message}{error.hint}")
        shown = [finding for finding in found if finding.outcome.value == "failed"]
        if not shown:
            return Text("✓ 检查无问题")
        return Text("\n".join(f"! {finding.severity.label} {finding.code} {plain(finding.message)}" for finding in shown[:3]))
