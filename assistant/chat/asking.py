"""Questions in a conversation: to the records, following on from the last one (那用途呢, 彩票公益金呢, 去年呢, 它的用途), or about the draft at
hand (第三行是什么, 满意度现在是多少, 为什么预算变了).

A question that leaves out what the last one was about is completed with it, and the completed question is shown, so that nobody takes an
answer about one project for another's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.chat import references, saying, telling
from assistant.chat.intents import Intent
from assistant.chat.session import Cited, Reply
from assistant.chinese import fold, without_document_numbers
from assistant.draft import Draft
from assistant.review.standing import previous_texts
from assistant.target import Target

if TYPE_CHECKING:
    from assistant.answering.answer import Answer
    from assistant.chat.conversation import Conversation

_IT = re.compile(r"(?:它|该项目|这个项目|那个项目|此项目|本项目|刚才(?:说的|那个|问的)?(?:的)?项目|这个|那个)(?:的)?")
_ELLIPSIS = re.compile(r"^(?:那|那么|还有)?[，,]?(?![你您])(?P<core>.{1,14}?)(?:又|都|的话)?(?:呢|咋样|怎么样|是多少|多少|是什么)?[？?]*$")
_YEAR = re.compile(r"(?:20\d\d年?度?|今年|去年|前年|上年|本年|明年)(?:的)?")
_LOOK = re.compile(
    r"^(?:现在|目前|草稿(?:里|中)?(?:的)?|这张表(?:里|的|上)?(?:的)?|表(?:里|中|上)(?:的)?|我的|看看?|看一下|"
    r"给我看看?)*(?P<what>.{1,24}?)(?:的(?:值|数|指标值|内容))?(?:现在|目前)?(?:是|写的(?:是)?|填的(?:是)?|定的(?:是)?|为|有)?"
    r"(?:什么|啥|多少|几|怎么写的|怎么填的|多高|多大|几个|哪些)?(?:来着|呢|了|啊)?[？?]*$"
)
_COMPARED = re.compile(
    r"(?:和|跟|与|同|比)(?:去年|上年|上一年)(?:的)?(?:相)?(?:比|比较)?[，,]?(?P<what>.{1,16}?)(?:是)?(?:多|少|增加?|减少?|变化?|差|提高|"
    r"降低|涨)(?:了|出)?(?:多少|几个?|几成)?|"
    r"(?P<what2>.{1,16}?)(?:和|跟|与|同|比)(?:去年|上年|上一年)(?:的)?(?:相)?(?:比|比较)?(?:是)?(?:多|少|增加?|减少?|变化?|差|提高|降低|"
    r"涨)(?:了|出)?(?:多少|几个?)"
)
_LAST_YEAR = re.compile(
    r"(?:那么?)?(?:去年|上年|上一年)(?:的)?(?:是)?(?P<what>.{0,24}?)(?:的)?(?:是|为|有)?(?:多少|几|什么|啥)?(?:来着|呢|啊)?[?？]*|"
    r"(?P<what2>.{1,24}?)(?:的)?(?:去年|上年|上一年)(?:的)?(?:是|为|有)?(?:多少|几|什么|啥)?(?:来着|呢|啊)?[?？]*"
)
_OF_DRAFT = re.compile(r"^(?:现在|目前|草稿|这张表|这个表|表里|表中|我的|这份)|第?[\d一二三四五六七八九十]+(?:行|条)|最后一行")

# So many places are kept of an answer over thousands of tables.
_CITED = 200


class Asking:
    """The questions of one conversation."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk

    def ask(self, wish: Intent) -> Reply:
        """An answer from the records; a question that leaves its subject out is completed from the last one."""
        talk = self.talk
        question = wish.get("question")
        answer, meant = self._following(question)
        if not answer.answered and (there := self._loosely(question)) is not None:
            return there
        topics = {cited.project for cited in answer.citations if cited.project and cited.year}
        if answer.answered:
            talk.set(asked=meant, topic=next(iter(topics)) if len(topics) == 1 else talk.session.topic)
        cited = tuple(Cited(source=c.source, project=c.project, year=c.year, cell=c.cell, text=c.text) for c in answer.citations[:_CITED])
        scope = f"（{answer.scope}）" if answer.scope and answer.scope not in answer.answer else ""
        head = f"（按“{meant}”回答）\n" if meant != question and answer.answered else ""
        text = f"{head}{answer.answer}{scope}"
        if not answer.answered and talk.session.draft is not None:
            text += "\n问的若是手上的草稿，请带上行号或说“草稿里”，例如：第3行是多少。"
        return Reply(text, kind="answer" if answer.answered else "refusal", citations=cited)

    def _following(self, question: str) -> tuple[Answer, str]:
        """The answer and the question it answers: as said, or completed with the project or the field of the last one."""
        talk = self.talk
        topic, last = self._topic(), talk.session.asked
        for meant in self._completed(question, topic, last):
            answer = talk.desk.ask(meant)
            projects = {cited.project for cited in answer.citations if cited.project}
            if answer.answered and len(projects) <= 1:
                return answer, meant
        return talk.desk.ask(question), question

    def _completed(self, question: str, topic: str, last: str) -> list[str]:
        """The fuller questions that a short one can mean, the likeliest first; none for a question that stands by itself."""
        name = without_document_numbers(topic).strip() or topic
        words = saying.bare(saying.clean(question))
        if name and (pronoun := _IT.search(words)):
            return [words[: pronoun.start()] + f"{name}的" + words[pronoun.end() :]]
        match = _ELLIPSIS.fullmatch(words)
        short = match is not None and (words.endswith(("呢", "呢?", "呢？")) or words.startswith(("那", "还有")) or len(words) <= 5)
        if match is None or not short:
            return []
        core = match["core"].strip(" 的，,")
        found: list[str] = []
        if last and _YEAR.fullmatch(core):
            found.append(_YEAR.sub(core, last, count=1) if _YEAR.search(last) else f"{core}{last}")
        if last and not self._is_field(core) and (subject := _subject(last, topic)):
            # Another project under the same question.
            found.append(last.replace(subject, core, 1))
        if name:
            found += [f"{name}的{core}是多少", f"{name}的{core}是什么"]
        return found

    @staticmethod
    def _is_field(core: str) -> bool:
        return bool(re.search(r"预算|用途|目标|指标|满意|成本|标准|人数|数量|质量|时效|效益|率$|依据|支出|编码|年度|单位", core))

    def _topic(self) -> str:
        return self.talk.session.topic or (self.talk.session.request.name if self.talk.session.request else "")

    # ---- the draft at hand --------------------------------------------------------------------------------------------------------------

    def look(self, words: str) -> Reply | None:
        """What one place of the draft says, for a question or a bare name that can mean nothing else; None otherwise."""
        talk = self.talk
        if talk.session.draft is None:
            return None
        said = saying.bare(saying.clean(words))
        if talk.session.focus and re.fullmatch(r"(?:它|这个|那个|刚才(?:改的)?(?:那个|的)?)(?:现在)?(?:是|变成|改成)?(?:多少|什么|啥|几)了?", said):
            return self._told([talk.session.focus])
        if (compared := _COMPARED.fullmatch(said)) is not None and (told := self._compared(compared["what"] or compared["what2"])) is not None:
            return told
        if (before := _LAST_YEAR.fullmatch(said)) is not None:
            return self._last_year((before["what"] or before["what2"] or "").strip(" 的，,"))
        match = _LOOK.fullmatch(said)
        if match is None or _YEAR.search(said):
            return None
        file = talk.file
        if file is None:
            return None
        table = file.draft.table
        what = match["what"].strip(" 的是，,")
        if re.fullmatch(r"第(?:\d+|[一二三四五六七八九十]+)(?:行|条)(?:指标)?", what) and not references.exact(table, what):
            return Reply(f"表里只有{len(table.indicators)}行指标。", kind="unclear")
        cells = references.exact(table, what)
        if not cells and _OF_DRAFT.search(said):
            cells = references.find(table, what)
        if not cells or not (_OF_DRAFT.search(said) or saying.asks(words) or saying.is_question(words)):
            return None
        return self._told(cells[:6])

    def _last_year(self, what: str) -> Reply | None:
        """去年是多少, 预算去年是多少: last year's text of a place of the draft, of the one spoken of last, or of the budget; None for what
        the draft does not have."""
        file, focus = self.talk.file, self.talk.session.focus
        if file is None:
            return None
        table = file.draft.table
        cells = references.exact(table, what) if what else [focus if focus in {each.address for each in table.cells()} else "budget.total"]
        if not cells:
            return None
        if file.draft.previous is None:
            return Reply(f"资料中没有“{table.project.name}”上年的表，不知道上年是多少。", kind="show")
        before = previous_texts(file.draft)
        lines = [f"- {telling.label(table, cell)}：上年“{before.get(cell) or '没有'}”，草稿现为“{table.text(cell) or '空'}”" for cell in map(str, cells[:6])]
        return Reply(f"上年（{file.draft.previous.year}年）的表：\n" + "\n".join(lines), kind="show")

    def _compared(self, what: str) -> Reply | None:
        """跟上年比预算多了多少: the draft's figure beside last year's, and the difference."""
        file = self.talk.file
        if file is None or file.draft.previous is None:
            return None
        cells = references.exact(file.draft.table, what.strip(" 的，,")) or references.sure(file.draft.table, what)
        old = previous_texts(file.draft).get(cells[0]) if len(cells) == 1 else None
        if old is None:
            return None
        now = file.draft.table.text(cells[0])
        before, after = Target.parse(old), Target.parse(now)
        said = f"{telling.label(file.draft.table, cells[0])}：上年{old or '空'}，草稿{now or '空'}"
        if before.number is not None and after.number is not None and (before.unit or "") == (after.unit or ""):
            difference = after.number - before.number
            unit = after.unit or (file.draft.table.money_unit if cells[0].startswith("budget.") else "")
            said += "，相同" if not difference else f"，{'多' if difference > 0 else '少'}{abs(difference):f}{unit}"
        return Reply(said + "。", kind="show")

    def _loosely(self, question: str) -> Reply | None:
        """What the records cannot answer but one or two places of the draft can."""
        match = _LOOK.fullmatch(saying.bare(saying.clean(question)))
        file = self.talk.file
        if file is None or match is None or _YEAR.search(question) or len(match["what"]) < 2:
            return None
        cells = references.find(file.draft.table, match["what"].strip(" 的是，,"))
        return self._told(cells) if 1 <= len(cells) <= 2 else None

    def _told(self, cells: list[str]) -> Reply:
        talk = self.talk
        draft = talk.draft().draft
        if len(cells) == 1:
            talk.set(focus=cells[0])
        return Reply("手上的草稿：\n" + "\n".join(telling.place(draft, cell) for cell in cells), kind="show")

    def sources(self, wish: Intent) -> Reply:
        """Where a place of the draft comes from, or why it stands as it does; a question about something else goes to the records."""
        talk = self.talk
        draft: Draft = talk.draft().draft
        what = wish.get("what")
        cells = references.find(draft.table, what, focus=talk.session.focus)
        if not cells:
            if wish.get("question"):
                return self.ask(Intent("ask", {"question": wish.get("question")}))
            if what and fold(what) not in ("这些", "表里", "草稿", "表", "这张表", "所有", "全部"):
                return Reply(f"表里没找到“{what}”。可以说行号，例如：第1行的数哪来的。", kind="unclear")
            cells = [f"indicators[{i}].value" for i in range(len(draft.table.indicators))]
        if len(cells) == 1:
            talk.set(focus=cells[0])
        return Reply("\n".join(telling.source_of(draft, cell) for cell in cells), kind="sources")


def _subject(question: str, topic: str) -> str:
    """The words by which a question named its project: the longest stretch that stands in the project's name or is a short name of it."""
    from assistant.retrieval import aliases_in

    folded, name = question, fold(topic)
    best = ""
    for start in range(len(folded)):
        for end in range(len(folded), start + 1, -1):
            piece = folded[start:end]
            if len(piece) <= len(best) or len(piece) < 2:
                break
            plain = fold(piece)
            if plain in name or any(fold(other) in name for other in aliases_in(plain) if len(plain) <= 8):
                best = piece
                break
    return best
