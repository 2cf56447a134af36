"""Answers in better words: what ``ask`` found and computed, said by a model sentence by sentence, each cited and each checked.

The model is given the question, the finished conclusion and the cited places, and nothing else; it finds nothing and computes nothing.
A refusal is kept as it is and never shown to it. A sentence that cites nothing, or says a number, name, year or document number that
its sources do not, goes back at most twice and then out; when the conclusion would be lost, the plain answer stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from assistant import prompts
from assistant.answering import Answer, Citation
from assistant.chinese import fold, tidy
from assistant.drafting.grounding import Ground, instructs, mentions
from assistant.errors import ModelError
from assistant.model import answers
from assistant.model.call import Call, Message, Model

ROUNDS = 2
_MOST_LINES = 40
_SCOPE = re.compile(r"（(?:按[^（）]*回答|查的是[^（）]*)）\s*$")
_HEAD = re.compile(r"^(不是|是|没有|有|不同|相同|不一致|一致|不会|会|不能|能|未达到|达到|不包括|包括)")
_OPPOSITES = (("增加", "减少"), ("增长", "下降"), ("高于", "低于"), ("多于", "少于"), ("大于", "小于"), ("最多", "最少"), ("最高", "最低"), ("最大", "最小"))
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answered": {"type": "boolean"},
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "cites": {"type": "array", "items": {"type": "string"}}},
                "required": ["text", "cites"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["answered", "sentences"],
    "additionalProperties": False,
}


class Sentence(NamedTuple):
    """A sentence and the places it cites, by their number in the answer's citations (from 0)."""

    text: str
    cites: tuple[int, ...]

    def __str__(self) -> str:
        marks = "".join(f"[{number + 1}]" for number in self.cites)
        return f"{self.text.rstrip('。.')}{marks}。"


def phrase(answer: Answer, model: Model) -> Answer:
    """The answer in a model's words (mode ``model``), or as it was when it is a refusal or the words do not hold.

    Raises ModelError when the model cannot be asked; the answer given is still whole then.
    """
    call = question_call(answer)
    if call is None:
        return answer
    desk = _Desk(answer)
    reply = model.reply(call)
    kept: list[Sentence] = []
    for turn in range(ROUNDS + 1):
        kept, faults = desk.judged(reply.text)
        if not faults or turn == ROUNDS or reply.finish == "refusal":
            break
        listed = "\n".join(f"{i}. {fault}" for i, fault in enumerate(faults[:8], start=1))
        try:
            reply = model.reply(call.then(reply.text[:8000], prompts.load("answer-repair").fill(问题=listed)))
        except ModelError:
            break
    if not kept or desk.lost(kept):
        return answer
    return replace(answer, answer="".join(map(str, kept)) + desk.scope, mode="model")


def question_call(answer: Answer) -> Call | None:
    """The call that phrases an answer; None for what stays as it is: a refusal, an answer that cites nothing, planted words."""
    if not answer.answered or not answer.citations or instructs(answer.answer):
        return None
    prompt = prompts.load("answer")
    conclusion = _SCOPE.sub("", answer.answer).strip()
    lines = [_line(number, citation) for number, citation in enumerate(answer.citations[:_MOST_LINES], start=1)]
    if len(answer.citations) > _MOST_LINES:
        lines.append(f"（另有{len(answer.citations) - _MOST_LINES}处，已计入结论）")
    scope = _SCOPE.search(answer.answer)
    user = prompt.fill(
        问题=answer.question,
        结论=prompts.fenced("结论", conclusion + (f"\n范围：{scope[0].strip('（）')}" if scope else "")),
        资料=prompts.fenced("出处", "\n".join(lines)),
    )
    messages = (Message("system", prompt.system), Message("user", user))
    return Call(
        messages, schema=_SCHEMA, schema_name="answer", max_tokens=1500, prompt=prompt.label, words=prompt.fingerprint, purpose=f"回答 {answer.question[:40]}"
    )


def _line(number: int, citation: Citation) -> str:
    where = "，".join(str(part) for part in (citation.source.rpartition("/")[2], citation.project, citation.year, citation.cell) if part)
    return f"{number}｜{where}｜{_said(citation) or '（此处有像是写给模型的话，未提供）'}"


def _said(citation: Citation) -> str:
    """The text at a cited place, empty when it talks to a model: then it is neither shown nor a source."""
    return "" if instructs(citation.text) else " ".join(citation.text.split())[:500]


class _Desk:
    """What an answer's sentences are held against."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        match = _SCOPE.search(answer.answer)
        self.scope = match[0].strip() if match else ""
        self.conclusion = _SCOPE.sub("", answer.answer).strip()
        texts = [self.conclusion, self.scope, answer.question]
        texts += [f"{c.source} {c.project or ''} {c.year or ''} {_said(c)}" for c in answer.citations]
        self.whole = "\n".join(texts)
        years = {int(year) for year in re.findall(r"(?<!\d)(20\d{2})(?!\d)", self.whole)}
        dates = [(int(month), int(day) if day else None) for month, day in re.findall(r"(?<!\d)(\d{1,2})月(?:(\d{1,2})日)?", fold(self.whole))]
        self.ground = Ground((), texts, years, dates=dates, strict=True)

    def judged(self, text: str) -> tuple[list[Sentence], list[str]]:
        """The sentences that hold and the faults of those that do not."""
        found = answers.find(text, ("sentences", "answered"))
        value = found.value if isinstance(found.value, dict) else {}
        listed = value.get("sentences")
        if not isinstance(listed, list) or not listed:
            return [], [] if value.get("answered") in (False, "false") else ["答复里没有 sentences。请按格式给出每一句和它的 cites。"]
        kept, faults = [], []
        for item in listed:
            if answers.is_cut(item):
                faults.append("答复没有写完就断了。")
                continue
            sentence = self._sentence(item)
            wrong = self._faults(sentence)
            if wrong:
                faults.append(f"“{sentence.text[:40]}”：{'；'.join(wrong)}。")
            elif sentence.text:
                kept.append(sentence)
        if kept and not faults and self.lost(kept):
            faults.append(f"没有把结论说全：{self.conclusion[:80]}。")
        return kept, faults

    def lost(self, kept: Sequence[Sentence]) -> bool:
        """True when the conclusion is not all there any more: a figure missing, a yes turned."""
        said = "".join(sentence.text for sentence in kept)
        figures = set(mentions(_without_projects(self.conclusion, self.answer)))
        missing = figures - set(mentions(said))
        # A long list may be told shortened by a little, a short answer by nothing.
        if len(missing) > (0 if len(figures) <= 12 else len(figures) // 10):
            return True
        head = _HEAD.match(self.conclusion)
        if head and head[1] not in kept[0].text[:60]:
            return True
        return any(b in said and b not in self.whole for pair in _OPPOSITES for b in pair)

    def _with_unit(self, citation: Citation) -> str:
        # A budget cell holds the bare number; its unit is the one that the conclusion, made from the record, says.
        text = _said(citation)
        if (citation.cell or "").startswith("budget.") and re.fullmatch(r"[\d.,]+", text):
            return text + next((unit for unit in ("亿元", "万元", "元") if unit in self.conclusion), "万元")
        return text

    def _sentence(self, item: Any) -> Sentence:
        text = item.get("text") if isinstance(item, dict) else item
        cites = item.get("cites") or item.get("citations") or [] if isinstance(item, dict) else []
        numbers = [int(digits) - 1 for cite in (cites if isinstance(cites, list) else [cites]) for digits in re.findall(r"\d+", str(cite))]
        valid = tuple(dict.fromkeys(number for number in numbers if 0 <= number < len(self.answer.citations)))
        return Sentence(re.sub(r"(?:\[\d+\]|【\d+】)+", "", tidy(str(text or ""))), valid)

    def _faults(self, sentence: Sentence) -> list[str]:
        if not sentence.text:
            return ["空句"]
        if not sentence.cites:
            return ["没有写出处（cites），或编号不存在"]
        if instructs(sentence.text) or re.search(r"提示词|JSON|json|<资料", sentence.text):
            return ["不是对问题的回答"]
        cited = [self.answer.citations[number] for number in sentence.cites]
        free = [self.conclusion, *(self._with_unit(citation) for citation in cited), *(citation.project or "" for citation in cited), self.answer.question]
        return self.ground.prose(sentence.text, free=free)


def _without_projects(text: str, answer: Answer) -> str:
    # Figures inside names (怀财字〔2025〕7号) are not what was asked for.
    for name in sorted({citation.project or "" for citation in answer.citations}, key=len, reverse=True):
        text = text.replace(name, " ") if name else text
    return re.sub(r"20\d{2}年|\d{1,3}个(?=项目)|[\u4e00-\u9fff]{1,8}[〔【]\d{4}[〕】]\d+号|（[^（）]*[＋+][^（）]*）", " ", text)
