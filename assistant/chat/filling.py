"""What is asked back: the missing pieces of a request one at a time, then the open questions of the draft; skippable, corrigible.

Only what can be an answer is taken as one. 算了不弄了 is no number of people, 495万 is none either; what fits neither the question nor
any wish is not written down, and the question is asked again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assistant.chat import acting, fitting, intents, references, saying, telling
from assistant.chat.intents import Intent
from assistant.chat.session import Answered, Pending, Reply
from assistant.chinese import CHINESE_NUMERAL, DocumentNumber, document_numbers, without_document_numbers
from assistant.draft import OpenQuestion, Request
from assistant.errors import InputError
from assistant.review.standing import previous_texts
from assistant.taxonomy import OPEN_VALUE

if TYPE_CHECKING:
    from assistant.chat.conversation import Conversation

# What a request needs, in the order it is asked: field of Request → question.
SLOTS = {"name": "要起草哪个项目？请说项目名称。", "budget": "预算是多少万元？（还没定可以说“跳过”）", "purpose": "这笔钱用来做什么？（资金用途）"}
# 一是…；二是…: how a use is listed, no part of it.
_ENUMERATED = re.compile(r"(?:(?<=^)|(?<=[；;。，,：:]))\s*(?:[一二三四五六七八九]是|[（(]?[1-9一二三四五六七八九][）)、.．](?!\d))")
# The budget said anew while something else is asked.
_MONEY_SAID = re.compile(
    r"(?:(?:预算|金额|经费|钱|资金)(?:数|总额)?)(?:我?(?:刚才)?(?:说|写|打|填|弄|搞|记)?(?:错|反)了)?[，,\s]*(?:不是[^，,]{1,12}[，,]\s*)?(?:应该|应|还|改)*(?:是|为|成)?\s*"
    r"(?P<to>[\d.一二三四五六七八九十百千]+\s*(?:万|亿)?元?)(?:吧|才对|哦|啊)?"
)
# A request for a table that names its project by pointing at it.
_SAME_PROJECT = re.compile(
    r"就?(?:按照?|照着?|参照|用|拿|以)?(?:这个|那个|它|这张|那张|该|此|上面(?:的|那个)?|刚才(?:的|那个|说的)?)(?:项目|表)?(?:的样子)?"
    r"(?:再|另外?|重新|来|也)*(?:做|弄|写|编|起草|来|出)?一?(?:张|份|个)?(?P<when>明年|今年|后年|20\d\d年)?度?的?(?:绩效)?(?:目标)?(?:表|草稿)?(?=[，,；;。]|$)"
)


class Filling:
    """The questions of one conversation."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    # ---- a request --------------------------------------------------------------------------------------------------------------------

    def start(self, wish: Intent) -> Reply:
        """A new request, from what was said so far."""
        talk = self.talk
        sentence = wish.get("sentence")
        if wish.get("again") and (file := talk.file) is not None:
            return self._finished(file.draft.request)
        sentence = self._of_topic(sentence)
        labelled = intents.labelled(sentence)
        request = talk.desk.understand(None, **labelled) if labelled else talk.desk.understand(sentence or None)
        if request.year is None:
            request = request.model_copy(update={"year": talk.desk.this_year + 1})
        talk.set(request=request, pending=None, skipped=(), answers=())
        return self.next_slot()

    def _of_topic(self, sentence: str) -> str:
        """按这个再做一张明年的: the project last spoken of stands for 这个; without one it is asked for."""
        match = _SAME_PROJECT.match(sentence)
        if match is None:
            return sentence
        name = without_document_numbers(self.talk.session.topic).strip()
        return f"{name}{match['when'] or ''}{sentence[match.end() :]}".strip("，,；; ")

    def next_slot(self) -> Reply:
        """Ask for the first piece that is missing; draft when there is none."""
        talk = self.talk
        request = talk.session.request
        if request is None:
            return talk.not_understood("")
        known = {"name": request.name or request.purpose, "budget": request.budget or request.fiscal, "purpose": True}
        for slot, question in SLOTS.items():
            if not known[slot] and slot not in talk.session.skipped:
                talk.set(pending=Pending(kind="slot", slot=slot))
                return Reply(question, kind="slot")
        return self._finished(request)

    def _finished(self, request: Request) -> Reply:
        talk = self.talk
        draft = talk.desk.draft(request)
        if draft.previous is None and not request.purpose and "purpose" not in talk.session.skipped:
            talk.set(pending=Pending(kind="slot", slot="purpose"))
            return Reply(f"“{request.name}”在往年的表里没有找到，是新项目。{SLOTS['purpose']}", kind="slot")
        path = talk.desk.keep(draft)
        talk.set(draft=str(path), request=None, pending=None, focus=None, skipped=(), topic=draft.table.project.name or "", shown=(), at=0, changed=None)
        text = [telling.table_in_short(draft.table)]
        if draft.previous is not None:
            text.append(f"沿用{draft.previous.year or '上年'}年的表改成，说“和去年比有什么变化”看改动。")
        problems = [finding for finding in draft.findings if finding.severity.value == "error" and not finding.waived and OPEN_VALUE not in finding.message]
        text += [f"**注意**：{finding.message}" for finding in problems[:4]]
        text.append(f"已保存：{path}")
        return self.next_question("\n\n".join(text))

    # ---- open questions ---------------------------------------------------------------------------------------------------------------

    def next_question(self, before: str, *, again: bool = False) -> Reply:
        """Ask the first open question of the draft that was not put off."""
        talk = self.talk
        draft = talk.draft().draft
        if again:
            talk.set(skipped=())
        waiting = [question for question in draft.open_questions if _key(question) not in talk.session.skipped]
        if not waiting:
            talk.set(pending=None)
            left = len(draft.open_questions)
            done = f"还有{left}处待核实，说“还缺什么”接着填。" if left else "没有要问的了。可以说“检查一下”或“导出Word”。"
            return Reply("\n\n".join(part for part in (before, done) if part), kind="draft")
        first = waiting[0]
        talk.set(pending=Pending(kind="question", cell=first.cell, known_as=first.known_as or ""))
        more = f"（还有{len(waiting) - 1}个，可说“跳过”或“都跳过”）" if len(waiting) > 1 else "（可说“跳过”）"
        return Reply("\n\n".join(part for part in (before, f"想请您确认：{first.question}{more}") if part), kind="question")

    def remind(self, reply: Reply) -> None:
        """Repeat the question that waits under a reply to something else: a missing piece of a request each time, an open question once,
        then where to find it; a person who goes on with other things is left in peace."""
        pending = self.talk.session.pending
        question = self._question(pending) if pending is not None and pending.kind == "question" else None
        away = 0
        for turn in reversed(self.talk.session.turns) if question is not None else ():
            if turn.kind == "question" or (turn.kind == "error" and question is not None and question.question in turn.reply):
                break
            away += turn.kind not in ("choice", "confirm", "error")
        if away == 0:
            reply.text += "\n\n" + self.waiting()
        elif away == 1 and "还缺什么" not in reply.text:
            reply.text += f"\n\n（还有{len(self.talk.draft().draft.open_questions)}处待核实，说“还缺什么”接着填。）"

    def waiting(self) -> str:
        """The question that waits, to be repeated after something else."""
        pending = self.talk.session.pending
        if pending is None:
            return ""
        if pending.kind == "slot":
            return f"接着刚才的：{SLOTS[pending.slot]}"
        found = self._question(pending)
        if found is None:
            # Answered by the way: on to the next.
            return self.next_question("").text
        return f"接着刚才的：{found.question}（可说“跳过”）"

    def _question(self, pending: Pending) -> OpenQuestion | None:
        if self.talk.file is None:
            return None
        questions = self.talk.draft().draft.open_questions
        return next((each for each in questions if (each.known_as or "") == pending.known_as and (pending.known_as or each.cell == pending.cell)), None)

    # ---- answers ----------------------------------------------------------------------------------------------------------------------

    def answer(self, words: str, wish: Intent | None) -> Reply | None:
        """What was said, as an answer to the question that waits; None when it is something else."""
        talk = self.talk
        pending = talk.session.pending
        if pending is None:
            return None
        if saying.said_stop(words):
            return self._stop(pending)
        if pending.kind == "slot" and saying.said_no(words):
            talk.set(pending=None, request=None)
            return Reply("好，先不起草。", kind="cancel")
        question = self._question(pending) if pending.kind == "question" else None
        yes_no = question is not None and "吗" in question.question
        if yes_no and question is not None and (saying.said_yes(words) or saying.said_same(words)):
            return self._kept(pending, question)
        if saying.said_skip(words) or (saying.said_no(words) and pending.kind == "question"):
            return self._skip(pending)
        if pending.kind == "slot" and (amount := _MONEY_SAID.fullmatch(saying.bare(words))) and pending.slot != "budget":
            return self.rebudget(amount["to"])
        if (better := saying.correction(words)) is not None and (redone := self._corrected(better)) is not None:
            return redone
        if saying.said_wrong(words) and talk.session.answers:
            return self.take_back(ask_again=True)
        if saying.said_wrong(words):
            return Reply(f"哪里不对？可以直接说怎么改。\n\n{self.waiting()}", kind="unclear")
        if wish is not None and not self._rather_an_answer(wish, pending):
            return None
        return self._slot(words) if pending.kind == "slot" else self._open(pending, question, words)

    def _rather_an_answer(self, wish: Intent, pending: Pending) -> bool:
        """Whether what looks like a wish is more likely the answer: 480万明年用 for a budget, 拨付资金要及时 for a use."""
        if pending.kind == "slot":
            return wish.kind == "draft" and not wish.get("again") and wish.get("command") == ""
        if wish.kind == "shift" and wish.get("unit")[:1] in ("万", "亿", "元", "块") and (self.talk.session.focus or "").startswith("budget."):
            return False
        # 多50人 answers, 培训人数多50人 speaks of a row.
        return wish.kind == "shift" and not (wish.get("what") and self.talk.file and references.find(self.talk.file.draft.table, wish.get("what")))

    def restated(self, old: str, new: str) -> Reply | None:
        """45公里写错了，是54公里, while a piece of the request is asked: the figure said before is another one; None when none was said so."""
        request = self.talk.session.request
        if request is None or not any(old in text for text in (*request.known.values(), request.purpose or "")):
            return None
        known = {name: text.replace(old, new) for name, text in request.known.items()}
        self.talk.set(request=request.model_copy(update={"known": known, "purpose": (request.purpose or "").replace(old, new) or None}))
        return Reply(f"改好了：{old} → {new}。\n\n{self.waiting()}", kind="slot")

    def _slot(self, words: str) -> Reply:
        talk = self.talk
        pending, request = talk.session.pending, talk.session.request
        if pending is None or request is None:
            return talk.not_understood(words)
        better = saying.clean(saying.correction(words) or words)
        if not re.search(r"\w", better):
            raise InputError("没有听到内容。", self.waiting())
        if pending.slot == "budget":
            better = re.sub(r"(?<=[\d一二两三四五六七八九十百])[来多](?=[万千百])", "", better)
            said = talk.desk.understand(f"预算{better}" if better[:1].isdigit() or CHINESE_NUMERAL.match(better) else better, name=request.name or "项目")
            if said.budget is None:
                bare = re.fullmatch(r"(\d+(?:\.\d+)?)(?:左右|上下|吧|多)?", better)
                purpose = _as_use(better)
                if bare is None and not request.purpose and len(purpose) > 4 and _is_use(purpose) and not re.search("钱|金额|预算|万", purpose):
                    said = talk.desk.understand(f"用于{purpose}", name=request.name or "项目")
                    talk.set(request=_merged(request, said).model_copy(update={"purpose": purpose}))
                    return Reply(f"记下了用途：{purpose}。{SLOTS['budget']}", kind="slot")
                if bare is None:
                    raise InputError("没听出金额。", "请说数字，例如 480万；还没定请说“跳过”。")
                said = said.model_copy(update={"budget": bare[1]})
            request = _merged(request, said)
        elif pending.slot == "purpose":
            if saying.said_same(better):
                raise InputError("往年的表里没有这个项目，没有可以沿用的用途。", "请说这笔钱用来做什么；不说请回“跳过”。")
            if not _is_use(better):
                raise InputError(f"“{better[:30]}”不像资金用途，没有记下。", "请说这笔钱用来做什么，例如：用于购置设备50台；不说请回“跳过”。")
            if re.fullmatch(r"(?:是)?(?:20\d\d年?|今年|明年|后年|本年度?)(?:度)?(?:的|用|要用)*", better):
                raise InputError(f"“{better[:30]}”不像资金用途，没有记下。", self.waiting().removeprefix("接着刚才的："))
            purpose = _as_use(better)
            said = talk.desk.understand(f"用于{purpose}", name=request.name or "项目")
            request = _merged(request, said).model_copy(update={"purpose": purpose})
        else:
            if fitting.no_answer(better) or not re.search(r"[\u4e00-\u9fffA-Za-z]", better):
                raise InputError(f"“{better[:30]}”不像项目名称。", "请说项目名称，例如：农村公路养护；不起草了请说“算了”。")
            said = talk.desk.understand(better)
            request = _merged(request, said).model_copy(update={"name": said.name or better})
        talk.set(request=request, pending=None, answers=(*talk.session.answers, Answered(slot=pending.slot, text=better)))
        return self.next_slot()

    def _open(self, pending: Pending, question: OpenQuestion | None, words: str) -> Reply:
        talk = self.talk
        file = talk.draft()
        text = saying.clean(words)
        if question is None:
            talk.set(pending=None)
            return self.next_question("")
        if saying.said_same(text) and "吗" not in question.question:
            text = previous_texts(file.draft).get(pending.cell) or ""
            if not text or OPEN_VALUE in text:
                raise InputError("上年的表里没有这一项，不知道是多少。", f"{question.question}不清楚请说“跳过”。")
        documents = document_numbers(text) if "注明文件" in question.question else []
        if documents:
            # 1600元/人，冀人社〔2024〕5号: the figure is the value, the document its basis.
            text = re.split(r"[，,；;（(\s]|依据|根据|按", text)[0]
        text = fitting.shaped(question, text)
        if not file.draft.history and pending.known_as:
            # Nothing was decided by hand yet: draft again with the answer, so that what depends on it is computed too.
            before = file.draft.request
            again = talk.desk.draft(talk.desk.answered(before, pending.known_as, text))
            if any(each.known_as == pending.known_as for each in again.open_questions):
                raise InputError(f"“{text[:30]}”没有解开这个问题，没有记下。", f"{question.question}不清楚请说“跳过”。")
            file.save(again)
            answered = Answered(cell=pending.cell, known_as=pending.known_as, text=text, before=before)
            said = f"记下了：{pending.known_as} {text}。"
        else:
            answered = Answered(cell=pending.cell, known_as=pending.known_as, text=text)
            said = self._written(pending, text)
        if pending.known_as:
            talk.desk.remember(file.draft, pending.known_as, text)
        said += self._documented(pending.known_as, documents)
        talk.set(pending=None, focus=pending.cell, skipped=(*talk.session.skipped, pending.known_as or pending.cell), answers=(*talk.session.answers, answered))
        return self.next_question(said)

    def _documented(self, known_as: str, documents: Sequence[DocumentNumber]) -> str:
        """The document named with a figure becomes the basis of its row."""
        file = self.talk.draft()
        at = next((i for i, row in enumerate(file.draft.table.indicators) if row.level3 == known_as), None)
        if not documents or at is None:
            return ""
        before, after = acting.edit(file, self.talk.hand, f"indicators[{at}].basis", "、".join(map(str, documents)))
        return f"\n依据：{before or '空'} → {after}"

    def _written(self, pending: Pending, text: str) -> str:
        """The answer written into its cell by hand, on record; what was done."""
        talk = self.talk
        file, table = talk.draft(), talk.draft().draft.table
        cell = pending.cell
        if cell.startswith("spending_plan"):
            percents = re.findall(r"\d+(?:\.\d+)?", text)
            for i, percent in enumerate(percents[: len(table.spending_plan)]):
                acting.edit(file, talk.hand, f"spending_plan[{i}].percent", percent)
            return "支出计划：" + "、".join(f"{node.by}{node.percent}%" for node in talk.draft().draft.table.spending_plan if node.percent is not None)
        if pending.known_as == "资金文件号" and cell == "project.name":
            text = f"{text} {table.project.name or ''}".strip()
        before, after = acting.edit(file, talk.hand, cell, text)
        return f"{telling.label(file.draft.table, cell)}：{before or '空'} → {after}"

    def _kept(self, pending: Pending, question: OpenQuestion) -> Reply:
        """仍按上年…吗？ — 是: the cell stays as it is and the question is answered."""
        talk = self.talk
        draft = talk.draft().draft
        now = draft.table.text(pending.cell)
        stood = re.search(r"仍?按(?:上年|去年)?([≥≤=<>]?[\d.]+[^\d吗？?]*)吗", question.question)
        return self._open(pending, question, stood[1] if stood else now)

    def _corrected(self, better: str) -> Reply | None:
        """不对，是495万: what was answered before, given anew; None when it speaks of the question that waits now."""
        talk = self.talk
        if talk.session.turns and talk.session.turns[-1].kind == "edit" and talk.session.focus:
            meant = talk.editing.meant(better)
            if meant is not None:
                reply = talk.act(meant)
                self.remind(reply)
                return reply
        last = talk.session.answers[-1] if talk.session.answers else None
        if last is None:
            return None
        money = re.fullmatch(r"(?:预算)?(?:是|为)?[\d.一二三四五六七八九十百千]+\s*(?:万|亿)?元?", better)
        if money and (last.slot == "budget" or (last.slot and talk.session.request is None)) and talk.desk.understand(f"预算{better}", name="项目").budget:
            return self.rebudget(better)
        if last.slot:
            pending = Pending(kind="slot", slot=last.slot)
        else:
            pending = Pending(kind="question", cell=last.cell, known_as=last.known_as)
        if last.slot and talk.session.request is None:
            return talk.editing.by_unit(better)
        if last.slot:
            talk.set(pending=pending, answers=talk.session.answers[:-1])
            return self._slot(better)
        waiting = self._question(talk.session.pending) if talk.session.pending else None
        self.take_back(quiet=True)
        question = self._question(pending)
        if question is None:
            return None
        try:
            return self._open(pending, question, better)
        except InputError:
            if waiting is None:
                raise
            self._open(pending, question, last.text)
            return None

    def rebudget(self, amount: str) -> Reply:
        """The budget said anew, while the request or the fresh draft stands."""
        talk = self.talk
        said = talk.desk.understand(f"预算{amount}", name="项目")
        if talk.session.request is not None:
            talk.set(request=talk.session.request.model_copy(update={"budget": said.budget, "fiscal": said.fiscal, "other": said.other}))
            return self.next_slot()
        reply = talk.editing.edit(Intent("edit", {"what": "预算", "to": amount}))
        if talk.session.pending is not None:
            self.remind(reply)
        return reply

    def take_back(self, *, ask_again: bool = False, quiet: bool = False) -> Reply:
        """Undo the last answer: the draft as it was before it, the question open again."""
        talk = self.talk
        last = talk.session.answers[-1]
        talk.set(answers=talk.session.answers[:-1])
        if last.slot:
            talk.set(pending=Pending(kind="slot", slot=last.slot) if talk.session.request is not None else talk.session.pending)
            if talk.session.request is not None:
                talk.set(request=_without(talk.session.request, last.slot))
                return Reply(f"好，“{last.text[:30]}”不算。{SLOTS[last.slot]}", kind="slot")
            return Reply("请直接说要改成什么，例如：预算改成500万、用途改成…。" + ("\n\n" + self.waiting() if talk.session.pending else ""), kind="unclear")
        file = talk.draft()
        if last.before is not None:
            if file.draft.history:
                raise InputError("回答之后已经改过表，不能再退回。", "请直接说要改成什么。")
            talk.desk.forget(file.draft, last.known_as)
            file.save(talk.desk.draft(last.before))
        else:
            acting.undo(file, talk.hand)
            if last.known_as:
                talk.desk.forget(file.draft, last.known_as)
        key = last.known_as or last.cell
        talk.set(pending=None, skipped=tuple(each for each in talk.session.skipped if each != key), focus=None)
        if quiet:
            return Reply("")
        said = f"撤销了刚才的回答“{last.text[:40]}”。"
        if not ask_again:
            return Reply(said, kind="edit")
        talk.set(pending=Pending(kind="question", cell=last.cell, known_as=last.known_as))
        return Reply(f"{said}\n\n{self.waiting()}", kind="question")

    def _skip(self, pending: Pending) -> Reply:
        talk = self.talk
        if pending.kind == "slot":
            if pending.slot == "name":
                talk.set(pending=None, request=None)
                return Reply("没有项目名称就没法起草。想好了再说。", kind="cancel")
            talk.set(skipped=(*talk.session.skipped, pending.slot), pending=None)
            return self.next_slot()
        talk.set(skipped=(*talk.session.skipped, pending.known_as or pending.cell), pending=None)
        return self.next_question("好，先空着。")

    def _stop(self, pending: Pending) -> Reply:
        talk = self.talk
        if pending.kind == "slot":
            request = talk.session.request
            if request is None or not (request.name or request.purpose):
                talk.set(pending=None, request=None)
                return Reply("好，先不起草。", kind="cancel")
            talk.set(skipped=(*talk.session.skipped, *SLOTS), pending=None)
            return self.next_slot()
        talk.set(pending=None)
        left = len(talk.draft().draft.open_questions)
        return Reply(f"好，不问了。还有{left}处待核实，说“还缺什么”接着填。", kind="draft")


def _merged(request: Request, said: Request) -> Request:
    """A request with what was said later filled in where it had nothing."""
    update: dict[str, Any] = {name: getattr(request, name) or getattr(said, name) for name in ("name", "budget", "fiscal", "other", "purpose")}
    return request.model_copy(update={**update, "known": {**said.known, **request.known}, "stated": {**said.stated, **request.stated}})


def _without(request: Request, slot: str) -> Request:
    gone: dict[str, Any] = {"budget": None, "fiscal": None, "other": None} if slot == "budget" else {slot: "" if slot == "name" else None}
    return request.model_copy(update=gone)


def _as_use(text: str) -> str:
    """What money is for, without the words that lead to it and without 一是, 二是."""
    led = r"(?:我们?)?(?:想|要)*(?:申请|要)(?:点|一?笔|一?些)(?:钱|资金|经费)(?:来|去|用于|用来)?|(?:主要)?(?:用来|是|就是)"
    return _ENUMERATED.sub("", re.sub(rf"^(?:{led})", "", text).replace("\n", ""))


def _is_use(text: str) -> bool:
    """Whether a text can say what money is for: no question, no small talk, no bare figure (54公里)."""
    bare = re.sub(r"\d+(?:\.\d+)?[\u4e00-\u9fff]{0,2}|[^\u4e00-\u9fff]", "", text)
    return len(bare) >= 2 and not (fitting.no_answer(text) or saying.asks(text) or re.search(r"([\u4e00-\u9fff])不\1|错了", text))


def _key(question: OpenQuestion) -> str:
    return question.known_as or question.cell
