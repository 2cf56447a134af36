"""Changing the draft at hand by sentence: cells, figures moved by an amount, rows added and deleted, several acts at once, undo.

What a sentence speaks of must be one place; several are asked about, none is said so with what comes near. All acts of one sentence are
taken back together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.chat import acting, edits, references, saying, telling
from assistant.chat.fitting import hinted
from assistant.chat.intents import Intent
from assistant.chat.session import Pending, Reply
from assistant.errors import AssistantError, InputError
from assistant.findings import Finding
from assistant.review.standing import equal, previous_texts
from assistant.table import GoalTable
from assistant.target import Target
from assistant.taxonomy import OPEN_VALUE

if TYPE_CHECKING:
    from assistant.chat.conversation import Conversation

_DOING = ("edit", "shift", "add", "add-goal", "delete", "move", "merge", "goal-too")
_AFTER = ("check", "export", "show", "diff", "questions", "undo", "save", "bye")
_OPEN_WORDS = re.compile(r"待核实|空着?|空白|待定|没定|留空")
_ALL = re.compile(r"(?:这|那)?(?:几|两|三|四|二|2|3|4)?(?:个|行|条|项)?(?:全部|全都|都|全|一起)(?:要|是|删|删掉|删除|去掉|改|不要)?(?:了|掉|吧)*")
_ROWS_IN_ALL = re.compile(r"(?:所有|全部|每个|每行|整张|各个?)")


class Editing:
    """The changes of one conversation."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    # ---- one cell ---------------------------------------------------------------------------------------------------------------------

    def edit(self, wish: Intent) -> Reply:
        """Another text for one cell."""
        talk = self.talk
        file = talk.draft()
        cells = references.find(file.draft.table, wish.get("what"), part=wish.get("part"), focus=talk.session.focus)
        if wish.get("cell"):
            cells = [wish.get("cell")]
        if len(cells) > 1:
            cells = self._counted(file.draft.table, cells, wish.get("to"))
        if len(cells) != 1 and (rows := references.numbered(file.draft.table, wish.get("what"))):
            replies = [self.edit(Intent("edit", {**wish.parts, "what": f"第{i + 1}行"})) for i in rows]
            return Reply("\n".join(reply.text for reply in replies), kind="edit")
        if len(cells) != 1:
            return self.which(wish, cells)
        cell = cells[0]
        to = self._meant(cell, wish.get("to"))
        if wish.get("append"):
            to = _appended(file.draft.table.text(cell), to)
        if wish.get("ask") or (not wish.get("sure") and self._loses_its_figure(cell, to)):
            talk.wait(Pending(kind="confirm", action={"kind": "edit", "parts": {**wish.parts, "ask": "", "sure": "1"}}))
            now = file.draft.table.text(cell)
            return Reply(f"{telling.label(file.draft.table, cell)}现在是“{now or '空'}”。要改成“{to}”吗？（是/否）", kind="confirm")
        to = hinted(file.draft, cell, to)
        if cell == "budget.total":
            return self._budget(to)
        before, after = acting.edit(file, talk.hand, cell, to, wish.get("reason"))
        talk.set(focus=cell, changed=(cell, before, after))
        if before == after:
            return Reply(f"{telling.label(file.draft.table, cell)}本来就是“{after or '空'}”。", kind="edit")
        told = f"{telling.label(file.draft.table, cell)}：{before or '空'} → {after or '空'}"
        return Reply(told + self._goal_hint(cell, before, after) + self.alarms(cell), kind="edit")

    @staticmethod
    def _counted(table: GoalTable, cells: list[str], to: str) -> list[str]:
        """Of several places those counted in the unit that was said (送戏下乡改成80场); all of them where that does not tell."""
        unit = Target.parse(acting.regular(to)).unit
        fitting = [cell for cell in cells if unit and (row := references.row_in(cell)) is not None and references.counted_in(table.indicators[row], unit)]
        return fitting if len(fitting) == 1 else cells

    def _loses_its_figure(self, cell: str, to: str) -> bool:
        """Whether words without a figure would stand where a figure stands: then it is asked first."""
        if not cell.endswith(".value") or to == OPEN_VALUE:
            return False
        before, after = Target.parse(self.talk.draft().draft.table.text(cell)), Target.parse(acting.regular(to))
        return before.number is not None and after.kind == "text"

    def _meant(self, cell: str, to: str) -> str:
        """The text meant by 改成去年的, 改成待核实, or as said; InputError for a sentence where a figure should be."""
        draft = self.talk.draft().draft
        if saying.said_same(to) or re.fullmatch(r"(?:和|跟|与)?(?:去年|上年)(?:的)?(?:那个)?(?:一样|一致|相同)?(?:的)?(?:值|数)?", to):
            old = previous_texts(draft).get(cell)
            if old is None:
                raise InputError("这一格上年没有内容。", "请直接说改成什么。")
            return old
        if like := re.fullmatch(r"(?:和|跟|与|同|照)(?P<what>.{2,12}?)(?:的内容|的)?(?:一样|一致|相同|同步)", to):
            cells = references.exact(draft.table, like["what"])
            if len(cells) != 1 or not draft.table.text(cells[0]):
                raise InputError(f"没看出“{like['what']}”是哪一格。", "请直接说改成什么。")
            return draft.table.text(cells[0])
        if _OPEN_WORDS.fullmatch(to):
            return OPEN_VALUE if cell.endswith(".value") else ""
        if cell.endswith(".value") and len(to) > 40 and Target.parse(acting.regular(to)).kind == "text":
            raise InputError(f"“{to[:24]}…”太长，不像指标值。", "请说一个值，例如 ≥95%；要改描述请说“第几行的描述改成…”。")
        return to

    def _budget(self, to: str) -> Reply:
        """The budget and what follows from it: a fresh draft is made again; one already worked on gets the cells that stood at the old sum."""
        talk = self.talk
        file = talk.draft()
        draft = file.draft
        request = talk.desk.understand(f"预算{to}" if to[:1].isdigit() or saying.ordinal(re.sub(r"[万亿元]+$", "", to)) else to, name="项目")
        if request.budget is None:
            number = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:万元?)?", to)
            if number is None:
                raise InputError(f"“{to}”不是一个数。", "请说金额，例如：预算改成500万。")
            request = request.model_copy(update={"budget": number[1]})
        old = draft.table.text("budget.total")
        if not draft.history:
            said = draft.request.model_copy(update={"budget": request.budget, "fiscal": request.fiscal, "other": request.other, "stated": {}})
            file.save(talk.desk.draft(said))
            talk.remember_request(draft.request, f"预算{to}")
            talk.set(focus="budget.total", changed=None)
            new = talk.draft().draft.table.text("budget.total")
            return Reply(f"预算：{old or '空'} → {new}{draft.table.money_unit}，随预算变的各格已重新计算。" + self._overall_alarms(), kind="edit")
        same = [cell for cell in ("budget.fiscal",) if draft.table.text(cell) and equal(draft.table.text(cell), old)]
        before, after = acting.edit(file, talk.hand, "budget.total", str(request.budget))
        lines = [f"预算数：{before or '空'} → {after}"]
        for cell in same:
            before, after = acting.edit(file, talk.hand, cell, str(request.budget))
            lines.append(f"财政资金：{before} → {after}")
        for i, row in enumerate(draft.table.indicators):
            value = row.value
            if old and value.number is not None and (value.unit or "") in ("万元", "万") and equal(f"{value.number:f}", old) and "成本" in row.level3:
                before, after = acting.edit(file, talk.hand, f"indicators[{i}].value", f"{value.comparator or ''}{request.budget}{value.unit}")
                lines.append(f"第{i + 1}行“{row.level3}”：{before} → {after}")
        talk.set(focus="budget.total", changed=None)
        return Reply("\n".join(lines) + self._overall_alarms(), kind="edit")

    def shift(self, wish: Intent) -> Reply:
        """A figure moved by an amount."""
        talk = self.talk
        file = talk.draft()
        table = file.draft.table
        cells = references.find(table, wish.get("what"), focus=talk.session.focus)
        if len(cells) != 1:
            return self.which(wish, cells)
        cell, by, unit = cells[0], wish.get("by"), wish.get("unit")
        if cell.startswith("budget."):
            money = table.budget.total if cell == "budget.total" else table.budget.fiscal if cell == "budget.fiscal" else table.budget.other
            to = f"{acting.moved(money, table.money_unit, by, unit or table.money_unit):f}"
            return self._budget(to) if cell == "budget.total" else self.edit(Intent("edit", {"what": wish.get("what"), "to": to}))
        if not cell.endswith(".value"):
            raise InputError("只有预算和指标值可以加减。", "请直接说改成多少。")
        at = int(cell.split("[")[1].split("]")[0])
        return self.edit(Intent("edit", {"what": f"第{at + 1}行", "to": acting.shifted(table.indicators[at].value, by, unit)}))

    def which(self, wish: Intent, cells: list[str]) -> Reply:
        """Ask which place is meant, or say that there is none."""
        talk = self.talk
        table = talk.draft().draft.table
        what = wish.get("what")
        if not cells:
            if not what:
                return Reply("要改哪一行？请说行号或指标名称，例如：第2行改成60人。", kind="unclear")
            if _ROWS_IN_ALL.match(what):
                return Reply("一次只改一处，免得改错。请逐行说，例如：第2行改成60人，第3行改成95%。", kind="unclear")
            if re.fullmatch(r"第?(?:\d+|[一二三四五六七八九十]+)(?:行|条|项|个指标)", what):
                return Reply(f"表里只有{len(table.indicators)}行指标。", kind="unclear")
            near = references.near(table, what)
            rows = "、".join(f"{i + 1}.{table.indicators[i].level3}" for i in near)
            hint = f"相近的行：{rows}。" if rows else f"表里有{len(table.indicators)}行，说“看看草稿”可以看到。"
            return Reply(f"表里没找到“{what}”。{hint}也可以说行号，例如：第1行改成…。", kind="unclear")
        talk.wait(Pending(kind="choice", action={"kind": wish.kind, "parts": wish.parts}, options=tuple(cells)))
        listed = "\n".join(f"{i}. {telling.label(table, cell)}（现为{table.text(cell) or '空'}）" for i, cell in enumerate(cells, 1))
        return Reply(f"“{what}”可能是：\n{listed}\n要哪一个？说序号或名称。", kind="choice")

    def choose(self, pending: Pending, words: str) -> Reply | None:
        """The place chosen by number, row number or name; None when something else was said."""
        talk = self.talk
        said = saying.bare(saying.clean(words))
        if _ALL.fullmatch(said) and pending.action["kind"] in ("delete", "edit"):
            rows = sorted({row for cell in pending.options if (row := references.row_in(cell)) is not None})
            return talk.act(Intent(str(pending.action["kind"]), {**pending.action["parts"], "what": "、".join(f"第{row + 1}行" for row in rows)}))
        if pending.action["kind"] == "edit" and (better := saying.correction(words)) and re.search(r"\d|[一二三四五六七八九十百千]", better):
            return talk.act(Intent("edit", {**pending.action["parts"], "to": better.removeprefix("还是")}))
        row_said = re.fullmatch(r"第?(\d+|[一二三四五六七八九十]+)行", said)
        digits = re.fullmatch(r"(?:第|选|是)?(\d+|[一二两三四五六七八九十]+)(?:个|条|项|号)?", said)
        number = saying.ordinal(digits[1]) if digits else None
        table = talk.draft().draft.table
        chosen = ""
        if row_said:
            row = (saying.ordinal(row_said[1]) or 0) - 1
            chosen = next((cell for cell in pending.options if cell.startswith(f"indicators[{row}]")), "")
        elif number is not None and 1 <= number <= len(pending.options):
            chosen = pending.options[number - 1]
        elif re.fullmatch(r"(?:最后|末尾)(?:一|那)?个", said):
            chosen = pending.options[-1]
        elif number is None and len(said) >= 2:
            named = [cell for cell in pending.options if said.strip("那个的") in telling.label(table, cell)]
            chosen = named[0] if len(named) == 1 else ""
        if chosen:
            at = chosen.split("[")[1].split("]")[0] if "[" in chosen else ""
            parts = {**pending.action["parts"], "cell": chosen, "what": f"第{int(at) + 1}行" if chosen.startswith("indicators") else f"目标第{int(at) + 1}"}
            return talk.act(Intent(str(pending.action["kind"]), parts))
        if saying.said_no(words) or saying.said_stop(words) or saying.said_skip(words):
            return Reply("好，没有动。", kind="cancel")
        if number is not None or saying.said_yes(words):
            talk.set(pending=pending)
            return Reply(f"请说1到{len(pending.options)}中的一个序号，或说“算了”。", kind="choice")
        return None

    def goal_too(self, wish: Intent) -> Reply:
        """目标里也改: the figure changed last is changed in the goals as well."""
        talk = self.talk
        file = talk.draft()
        found = self._goals_with(talk.session.changed) if talk.session.changed else []
        if not found:
            return Reply("目标里没有刚才改掉的那个数。要改目标请说“目标改成…”。", kind="unclear")
        told = []
        for cell, text in found:
            before, after = acting.edit(file, talk.hand, cell, text)
            told.append(f"{telling.label(file.draft.table, cell)}：{before} → {after}")
        return Reply("\n".join(told), kind="edit")

    def _goals_with(self, changed: tuple[str, str, str]) -> list[tuple[str, str]]:
        """The goals that still say the figure a value had before, each with its text put right."""
        _, before, after = changed
        old, new = Target.parse(before), Target.parse(after)
        if old.number is None or new.number is None or old.number == new.number or not old.unit:
            return []
        pattern = re.compile(rf"(?<![\d.]){re.escape(f'{old.number:f}')}(?={re.escape(old.unit)})")
        goals = self.talk.draft().draft.table.goals
        return [(f"goals[{i}]", pattern.sub(f"{new.number:f}", goal)) for i, goal in enumerate(goals) if len(pattern.findall(goal)) == 1]

    def _goal_hint(self, cell: str, before: str, after: str) -> str:
        if not cell.endswith(".value") or not self._goals_with((cell, before, after)):
            return ""
        old = Target.parse(before)
        return f"\n绩效目标里还写着“{old.number:f}{old.unit}”，说“目标也改”一并改。"

    # ---- several at once, and back ------------------------------------------------------------------------------------------------------

    def chain(self, words: str) -> Reply | None:
        """A sentence with several acts, done one after another; None when it is one act. What is not understood is said and not done."""
        from assistant.chat.intents import about_the_draft, small_talk

        talk = self.talk
        pieces = edits.several(words)
        whole = edits.add(words)
        if len(pieces) < 2 or len(pieces) > 8 or (whole is not None and len(pieces) == 2 and whole.get("rest") == pieces[1]):
            return None
        table = talk.draft().draft.table
        wishes = [self._act_in(piece, table, after=i > 0) or about_the_draft(piece) or small_talk(piece) for i, piece in enumerate(pieces)]
        doing = [wish is not None and wish.kind in _DOING for wish in wishes]
        if wishes[0] is not None and wishes[0].kind in _AFTER:
            doing[0] = all(wish is not None and wish.kind in (*_DOING, *_AFTER) for wish in wishes)
        if not doing[0] or sum(wish is not None and wish.kind in (*_DOING, *_AFTER) for wish in wishes) < 2:
            return None
        if any(wish is None for wish in wishes) and wishes[0] is not None and wishes[0].kind == "edit" and not self._is_value(wishes[0]):
            return None
        told: list[Reply] = []
        for piece, wish in zip(pieces, wishes, strict=True):
            if wish is None or wish.kind not in (*_DOING, *_AFTER):
                told.append(Reply(f"“{piece[:30]}”没听懂，没有做。", kind="unclear"))
                continue
            try:
                told.append(talk.act(wish))
            except AssistantError as error:
                told.append(Reply(f"“{piece[:30]}”没有做成：{error.message}{error.hint}", kind="error"))
            if told[-1].kind in ("choice", "confirm"):
                rest = pieces[len(told) :]
                if rest:
                    told[-1].text += f"\n（后面的还没做：{'；'.join(rest)}）"
                break
        kinds = [reply.kind for reply in told]
        kind = next((each for each in ("choice", "confirm") if each in kinds), "edit" if "edit" in kinds else kinds[-1])
        return Reply("\n".join(reply.text for reply in told), kind=kind, over=any(reply.over for reply in told))

    def _act_in(self, piece: str, table: GoalTable, *, after: bool) -> Intent | None:
        for recogniser in (edits.merge, edits.move, edits.add, edits.edit, edits.delete, edits.relative):
            if (found := recogniser(piece)) is not None and not (found.kind == "edit" and not found.get("what") and not after):
                return found
        return self.implied(piece, table)

    def _is_value(self, wish: Intent) -> bool:
        cells = references.find(self.talk.draft().draft.table, wish.get("what"), part=wish.get("part"), focus=self.talk.session.focus)
        return bool(cells) and all(cell.endswith((".value", ".percent")) or cell.startswith("budget.") for cell in cells)

    def meant(self, better: str) -> Intent | None:
        """What the end of 不对，… wants: an act of its own, another figure for a place the table knows, or another text for the cell spoken
        of last; None when it is none of them."""
        from assistant.chat.intents import recognise

        talk = self.talk
        wish = recognise(better, has_draft=True)
        if wish is not None and (wish.kind == "undo" or (wish.kind in _DOING and (wish.get("what") or wish.kind == "add"))):
            return wish
        if (there := self.implied(better, talk.draft().draft.table)) is not None:
            return there
        focus, said = talk.session.focus, edits.put(better)
        if focus and said is not None and self._spoken_of(focus, said.get("what")):
            return Intent("edit", {"what": "它", "to": said.get("to")})
        value = Target.parse(acting.regular(better)).number is not None or bool(_OPEN_WORDS.fullmatch(better)) or saying.said_same(better)
        return Intent("edit", {"what": "它", "to": better}) if focus and wish is None and (value or not focus.endswith(".value")) else None

    def _spoken_of(self, focus: str, what: str) -> bool:
        """Whether some words can mean the row of the cell spoken of last."""
        table = self.talk.draft().draft.table
        return references.row_in(focus) in [references.row_in(cell) for cell in references.find(table, what)]

    def restated(self, old: str, new: str) -> Reply | None:
        """不是55人，是58人: the one value that stands at the old figure gets the new one; None when none does."""
        draft, was = self.talk.draft().draft, Target.parse(acting.regular(old))
        known = {name: new if text == old else text for name, text in draft.request.known.items()}
        if not draft.history and known != draft.request.known:
            return self.talk.facts.anew(draft.request.model_copy(update={"known": known}), f"{old} → {new}")
        rows = [i for i, row in enumerate(draft.table.indicators) if _same_figure(row.value, was)]
        wish = Intent("edit", {"what": old, "to": new})
        if len(rows) > 1:
            return self.which(wish, [f"indicators[{i}].value" for i in rows])
        return self.edit(Intent("edit", {**wish.parts, "what": f"第{rows[0] + 1}行"})) if rows else None

    def by_unit(self, words: str) -> Reply | None:
        """15台, said as a correction: the one row that is counted in that unit gets it; None when there is no such row, or several."""
        said = Target.parse(acting.regular(words))
        table = self.talk.draft().draft.table
        if said.number is None or not said.unit:
            return None
        rows = [i for i, row in enumerate(table.indicators) if row.value.number is not None and references.counted_in(row, said.unit)]
        return self.edit(Intent("edit", {"what": f"第{rows[0] + 1}行", "to": words})) if len(rows) == 1 else None

    def implied(self, words: str, table: GoalTable) -> Intent | None:
        """满意度95%: a place that the table knows for sure, and a figure."""
        wish = edits.put(words)
        if wish is None:
            return None
        cells = references.sure(table, wish.get("what"), Target.parse(acting.regular(wish.get("to"))).unit or "")
        if len(cells) != 1 or not (cells[0].endswith((".value", ".percent")) or cells[0].startswith("budget.")):
            return None
        return Intent("edit", {**wish.parts, "cell": cells[0]})

    def undo(self, wish: Intent) -> Reply:
        """Take back the last turn's acts, or the last answer where nothing was decided by hand yet."""
        talk = self.talk
        file = talk.draft()
        told: list[str] = []
        asking = talk.session.pending is not None and talk.session.pending.kind == "question"
        for _ in range(min(int(wish.get("times") or 1), 20)):
            try:
                if not file.draft.history and talk.session.answers and talk.session.answers[-1].before is not None:
                    told.append(talk.filling.take_back(ask_again=asking).text)
                else:
                    told.append("撤销了：" + "；".join(acting.undo(file, talk.hand)) + "。")
            except AssistantError:
                if told:
                    told.append("再往前没有可以撤销的了。")
                    break
                raise
        talk.set(changed=None)
        return Reply("\n".join(told), kind="edit")

    # ---- alarms -----------------------------------------------------------------------------------------------------------------------

    def alarms(self, cell: str) -> str:
        """Errors at a cell just changed, so that a slip is seen at once."""
        row = cell.split(".")[0]
        return "".join(f"\n注意：{each.message}" for each in self._errors() if (each.cell or "").split(".")[0] == row)

    def _overall_alarms(self) -> str:
        found = [each for each in self._errors() if (each.cell or "").startswith(("budget", "indicators"))]
        return "".join(f"\n注意：{each.message}" for each in found[:3])

    def _errors(self) -> list[Finding]:
        return [each for each in self.talk.findings() if each.severity.value == "error" and OPEN_VALUE not in each.message]


def _same_figure(value: Target, said: Target) -> bool:
    return value.number is not None and value.number == said.number and (not said.unit or (value.unit or "").startswith(said.unit))


def _appended(text: str, more: str) -> str:
    """A text with words put behind it, before the full stop that ends it."""
    stop = "。" if text.endswith("。") else ""
    joint = "" if not text or more.startswith(("，", "；", "、", "及", "并", "和", "以及")) else "；" if stop else "，"
    return f"{text.removesuffix('。')}{joint}{more.removesuffix('。')}{stop}"
