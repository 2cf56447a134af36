"""When and by whom a policy was issued, its number, whether it is in force: from the head of its digest, never from its text."""

from __future__ import annotations

import re

from assistant.answering.answer import Answer, Citation
from assistant.answering.question import Question
from assistant.chinese import document_numbers, fold
from assistant.corpus import Corpus
from assistant.corpus.policies import Policy
from assistant.retrieval import alias_table

_ASKED = re.compile(
    r"(?:是)?(?:哪一?年|哪天|哪月|什么时候|啥时候|何时|几月|几几年|什么时间|多会儿)(?:份)?(?:由谁)?(?:下发|印发|发布|颁布|公布|出台|制定|通过|修订|修改|修正|实施|施行|执行|生效|开始|发|出|定)*(?:的)?|"
    r"(?:是)?(?:谁|哪个(?:部门|单位|机关)|哪(?:几个|些)?(?:部门|单位)|什么部门)(?:下发|印发|发布|颁布|公布|出台|制定|发|出|定)(?:的)?|"
    r"(?:的)?(?:文号|发文字号|文件号)(?:是)?(?:多少|什么|几号|啥)?|(?:的)?(?:发文|印发|制定|颁布|施行|生效)(?:机关|单位|部门|时间|日期)(?:是)?(?:什么|哪个|谁|哪天)?|"
    r"(?:现在)?(?:还)?(?:有效|管用|作废|废止|失效|现行)(?:了)?(?:吗|没有|不|没)?(?:了)?(?=[?!.]*$)"
)
_PAPER = re.compile(r"意见|办法|通知|指引|条例|规范|规定|公告|(?<!办)法(?!律)|文件|号文?")
_ASIDE = re.compile(r"请问|麻烦|那个|这个|文件|的|《|》|[?!.,:;\"“”()]|是|请|问|一下|关于|国家")


def answer(text: str, q: Question, corpus: Corpus) -> Answer | None:
    """The facts of the one to three policies whose title the question gives, when it asks for just these facts."""
    asked = _ASKED.search(q.text)
    if asked is None or not _PAPER.search(q.text):
        return None
    if q.keys:
        found = [policy for policy in corpus.policies() if any(_carries(policy, key.prefix, key.year, key.number) for key in q.keys)]
    else:
        rest = _ASIDE.sub("", q.text[: asked.start()] + q.text[asked.end() :])
        found = _titled(rest, corpus)
        for name, others in alias_table().items() if not found else ():
            if len(name) >= 2 and name in rest:  # 残保金征收使用管理办法
                found += [policy for other in others for policy in _titled(rest.replace(name, other), corpus) if policy not in found]
    if not 1 <= len(found) <= 3:
        return None
    citations = tuple(Citation(policy.source, policy.title, None, "文件信息", _facts(policy)) for policy in found)
    return Answer(text, True, "；".join(f"《{policy.title}》：{_facts(policy)}" for policy in found) + "。", citations)


def _carries(policy: Policy, prefix: str, year: int | None, number: int) -> bool:
    asked = prefix.removesuffix("字")
    return any(one.number == number and year in (None, one.year) and (not asked or asked in one.prefix) for one in document_numbers(policy.number or ""))


def _titled(words: str, corpus: Corpus) -> list[Policy]:
    """The policies whose title (or other name) holds the words in one piece; else those that hold all their pairs of characters."""
    if len(words) < 3:
        return []
    names = [(policy, [_ASIDE.sub("", fold(name)) for name in (policy.title, *policy.facts.get("aliases", "").split("、"))]) for policy in corpus.policies()]
    whole = [policy for policy, said in names if any(words in name or (len(name) >= 3 and name == words) for name in said)]
    if whole:
        return sorted(whole, key=lambda policy: len(policy.title))[:1] if any(fold(policy.title).endswith(words) for policy in whole) else whole
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return [policy for policy, said in names if any(all(pair in name for pair in pairs) for name in said)]


def _facts(policy: Policy) -> str:
    parts = [
        f"文号{policy.number}" if policy.number else "",
        f"{policy.facts['issuer']}发布" if policy.facts.get("issuer") else "",
        f"日期{policy.issued}" if policy.issued else "",
        f"状态：{policy.facts['status']}" if policy.facts.get("status") else "",
        f"核对程度：{policy.facts['certainty']}" if policy.facts.get("certainty") else "",
    ]
    return "，".join(part for part in parts if part)
