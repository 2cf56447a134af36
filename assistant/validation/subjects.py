"""What a text is about: topics, the people served, the characters that distinguish it, and the uses of funds it lists.

Chinese is not cut into words here; known words come from ``lexicons/topics.toml`` and everything else is compared by character pairs
after the words that fit any project (and the people served) are taken out. Unknown words therefore never make a finding by
themselves: they can only excuse one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from assistant.chinese import HAN, fold, pattern
from assistant.validation.lexicons import Words, lexicon, split
from assistant.validation.terms import unnumbered

_T = lexicon("topics")
_WORD_TOPICS: dict[str, list[str]] = {}
for _topic, _entry in _T["topics"].items():
    for _word in split(_entry["words"]):
        _WORD_TOPICS.setdefault(_word, []).append(_topic)
_TOPIC = Words(_WORD_TOPICS)
_BROAD = frozenset(split(_T["broad"]))
_NEAR: dict[str, frozenset[str]] = {topic: frozenset(split(entry["near"])) for topic, entry in _T["topics"].items()}
_WORD_PEOPLE: dict[str, list[str]] = {}
for _people, _words in _T["populations"].items():
    for _word in split(_words):
        _WORD_PEOPLE.setdefault(_word, []).append(_people)
_PEOPLE = Words(_WORD_PEOPLE)
_PUBLIC = Words(split(_T["public"]["words"]))
_KEPT = frozenset(split(_T["kept"]))
_NO_CONTENT = Words([*split(_T["generic"]), *_WORD_PEOPLE, *_KEPT])
_ALONE = Words(split(_T["alone"]))
_EXPENSES = frozenset(split(_T["expenses"]))
_UTILITIES = split(_T["utilities"])
_BUNDLES = split(_T["bundles"])
_ACTIVITY = Words(split(_T["activities"]))
# Doing something does not tell what is done to what: 购置 alone makes no two texts alike.
ACTIVITY_WORDS = frozenset(word for word in split(_T["activities"]) if len(word) == 2)


@lru_cache(maxsize=65536)
def topics(text: str) -> frozenset[str]:
    """The topics a text names."""
    return frozenset(topic for word in _TOPIC.all(text) for topic in _WORD_TOPICS[word])


@lru_cache(maxsize=65536)
def people(text: str) -> frozenset[str]:
    """The kinds of people a text names (残疾人, 学生 …); empty also for the general public."""
    return frozenset(kind for word in _PEOPLE.all(text) for kind in _WORD_PEOPLE[word])


def general_public(text: str) -> bool:
    """Does the text speak of people in general?"""
    return _PUBLIC.search(text) is not None


@lru_cache(maxsize=65536)
def content(text: str) -> frozenset[str]:
    """The character pairs that distinguish a text: what is left without the words that fit any project and without who is served."""
    left = _NO_CONTENT.without(fold(text), _KEPT)
    return frozenset(_TWO_TOGETHER.findall(left))


_TWO_TOGETHER = pattern(rf"(?=({HAN}{{2}}))")


def activities(text: str) -> list[str]:
    """The words of a text that say what is done (培训, 演练 …)."""
    return _ACTIVITY.all(text)


def specific(found: Iterable[str]) -> frozenset[str]:
    """The topics that cannot be the effect of just anything."""
    return frozenset(found) - _BROAD


@lru_cache(maxsize=16384)
def with_near(found: frozenset[str]) -> frozenset[str]:
    """Topics and what they may rightly appear with, in both directions."""
    near = found.union(*(_NEAR[topic] for topic in found)) if found else found
    return near | {topic for topic, others in _NEAR.items() if others & found}


class Use(NamedTuple):
    """One use of funds (or one promise of a goal): its words, topics, distinguishing pairs and people. ``kind`` are the pairs of what the
    list it stands in gives examples of (演出、展览等群众文化活动)."""

    text: str
    topics: frozenset[str]
    content: frozenset[str]
    people: frozenset[str]
    kind: frozenset[str] = frozenset()

    @property
    def expense(self) -> bool:
        """A running expense (水电、差旅 …, 营区水电), which needs no indicator of its own."""
        return re.sub("^(?:支付|缴纳|保障)", "", self.text) in _EXPENSES or self.text.endswith(_UTILITIES)


# After one of these a text says for what the money is; before an effect the list ends.
_LEAD = pattern(r"(?:主要|专项|资金|经费|全部|重点|分别)*(?:用于|用以|用作|用来)")
_DOES = pattern(r"(?:通过|开展|实施|组织实施|完成|支付|购置|购买)")
_EFFECT = pattern(
    r"(?:[，,；;]|^)(?:(?:切实|有效|更好地?)保障|(?:从而|进而|进一步|不断|切实|有效|使|以便|以|为了?)?(?:提高|提升|增强|改善|促进|减轻|推动|推进|满足|解决|缓解|确保|保证|维护|实现|达到|防止|避免|降低|减少|充分|更好|为.{1,12}(?:提供|创造|奠定)))|(?:主要)?(?:包括|包含|其中|具体为|如:)"
)
_GIVEN = pattern(r"对(.{4,}?)(?:按[^、]{1,16}?)?(?:分别)?给予[^、]{0,12}?(?:补贴|补助|奖补|奖励|补偿|资助)")
_SENTENCE = pattern(r"[。；;\n]|(?<!\d)\d{1,3}[.、．](?!\d)")
_SEPARATOR = pattern(r"、|，|,|以及|和|及其|及|与|并(?!网|轨)")
_TAIL = pattern(r"等(?:方面|工作|支出|费用|项目|活动|服务)?(?:的)?(?:支出|费用|经费)?$|(?:支出|经费|费用|所需资金|工作|项目)$")
# … of which the listed pieces are examples.
_KIND = pattern(r"、[^、]*(?<![同平初高中何相])等(?!方面|工作|支出|费用|项目|服务$|[级同待额候比])([^、，和与及\d]{2,12})$")
_HIRES = pattern("(?:聘用|招聘|雇用|聘请)")
_TAKES = pattern("(?:购置|采购|购买|更新|添置|新建|修建|租赁)")
_LONGEST_BARE = 45


@lru_cache(maxsize=16384)
def uses(text: str) -> tuple[Use, ...]:
    """The uses of funds a text lists (``用于残疾儿童康复训练和残疾人家庭无障碍改造`` → two).

    A piece is a use of its own only when it names an activity (or a thing that is a use by itself); a bare modifier stays with its
    neighbour (``重度肢体和精神智力残疾人托养服务`` is one). Long prose without ``用于`` lists nothing.
    """
    found: list[Use] = []
    for sentence in _SENTENCE.split(unnumbered(text)):
        stated = _stated(sentence)
        if stated:
            examples = _KIND.search(stated)
            kind = content(examples[1]) if examples else frozenset[str]()
            found.extend(Use(piece, topics(piece), content(piece), people(piece), kind) for piece in _pieces(stated))
    return tuple({use.text: use for use in found if use.content or use.topics}.values())


def _stated(sentence: str) -> str:
    lead = _LEAD.search(sentence)
    if lead:
        stated = sentence[lead.end() :]
    elif does := _DOES.match(sentence):
        stated = sentence[does.end() :]
    else:
        stated = sentence if len(sentence) <= _LONGEST_BARE else ""
    effect = _EFFECT.search(stated)
    stated = stated[: effect.start()] if effect else stated
    # 对农户购置插秧机、烘干机给予补贴: what is given says nothing of what for.
    given = _GIVEN.fullmatch(stated)
    return given[1] if given else stated


def _is_use(piece: str) -> bool:
    return _ACTIVITY.search(piece) is not None or _ALONE.search(piece) is not None


def _pieces(stated: str) -> list[str]:
    parts = _SEPARATOR.split(stated)
    marks = _SEPARATOR.findall(stated)
    pieces: list[str] = []
    held = ""
    for i, part in enumerate(parts):
        whole = held + part
        if held and pieces and _is_use(part) and _TAKES.match(pieces[-1]):
            # 购置摄像机、无人机和记者培训: what stands between belongs to the buying.
            pieces[-1] += "、" + held
            pieces.append(part)
            held = ""
        elif pieces and not held and _HIRES.match(pieces[-1]) and not _ACTIVITY.search(part):
            # 聘用中小学、幼儿园保安 is one hiring.
            pieces[-1] += "、" + part
        elif _is_use(part) or (held and _is_use(whole)):
            pieces.append(whole)
            held = ""
        else:
            held = whole + (marks[i] if i < len(marks) else "")
    if held:
        if pieces:
            pieces[-1] += "、" + held
        else:
            pieces.append(held)
    return [_TAIL.sub("", piece.strip("，,、")) or piece for piece in pieces if piece]


def is_bundle(name: str) -> bool:
    """Is the money by its name a fixed sum for whatever keeps an office or a school going (公用经费)?"""
    return any(word in name for word in _BUNDLES)
