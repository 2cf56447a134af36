"""A use of money as a phrase: the action, the thing or people, and how an indicator names their count.

``购置执法记录仪`` and ``执法记录仪购置`` are one phrase; ``更换路灯`` becomes 路灯更换数量. Pure functions over words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from assistant.drafting import lexicon

_LONG_ACTIONS = tuple(sorted((word for word in lexicon.ACTIONS if len(word) > 1), key=len, reverse=True))
_SHORT_ACTIONS = tuple(word for word in lexicon.ACTIONS if len(word) == 1)
_EMPTY = tuple(sorted(lexicon.EMPTY_ACTIONS, key=len, reverse=True))
# Actions that stand before their object; the others are mostly part of a noun when they come first (培训学员, 检测设备, 服务中心).
_LEADING = lexicon.BUYING | lexicon.BUILDING | lexicon.LEADING

# Of these, what is an action also in the middle of a phrase, after who does it.
_INSIDE = (_LEADING - frozenset("补助 奖励 资助 救助 慰问 支付 建设 治理 走访 发放 储备 播放".split())) | {"买", "修", "建", "配", "换"}
# Giving is said with the action last (困难职工慰问) as often as first.
_GIVING = frozenset("慰问 走访 走访慰问 救助 资助 奖励 补助 发放 缴纳 代缴 储备 收购 治理 整治".split())
_WANTING = re.compile(r"(?:还要|要|想|拟|需要|需|准备|打算|计划|将|也|再|给)+$")
_WHO_ASKS = re.compile(r"^(?:我们?局?|本?单位|我[局县办中心]|县里|局里|全县)?(?:打算|准备|计划|拟|想要?|要)*(?:给|为|对|向)?")
_FOR = re.compile(r"^(?:给|为|对|向|帮)(.+?)(?:做|搞|开展|进行|实施|提供|办)(.+)$")


class Phrase(NamedTuple):
    """``who`` acts or owns, ``action`` in the form's word, ``object`` the thing or people, ``said`` the words as cleaned."""

    who: str
    action: str
    object: str
    said: str

    @property
    def nominal(self) -> str:
        """As a noun: 道路硬化, 执法记录仪购置, 残疾儿童康复训练."""
        if not self.action or self.object.endswith(self.action):
            return self.who + self.object
        return self.who + self.object + self.action

    @property
    def spoken(self) -> str:
        """As a verb phrase where the action comes first in speech: 购置执法记录仪, 修建农村公路; else the noun."""
        if not self.said.startswith(self.action) and self.action in _GIVING | {"核查", "抽查", "检定", "巡查"}:
            return self.nominal
        if self.object.endswith(_LONG_ACTIONS) and self.said.endswith(self.action):
            # 桥梁检测加固: two deeds, none of them the thing.
            return self.nominal
        if self.action in LEADING_FORMS and self.action not in ("补助", "治理") and not self.object.endswith(self.action):
            return self.action + self.who + self.object
        return self.nominal

    @property
    def thing(self) -> str:
        """The noun without an action that says nothing of the thing: 执法记录仪, 道路硬化."""
        return self.who + self.object if self.action in lexicon.SILENT_ACTIONS else self.nominal


# What follows a count and only says again what is counted by it (定量检测850个样, 运维4个站).
_CLASSES = frozenset("样 样品 样本 站 站点 点 点位 项目 标段 单位 地方 批".split())


# Where something is done, said after its count (村内道路硬化28个村).
_PLACES = frozenset("村 行政村 自然村 社区 小区 乡镇 镇 乡 学校 片区 路段".split())


@lru_cache(maxsize=8192)
def phrase(text: str, after: str = "") -> Phrase:
    """Read the words before a figure (and the noun after it) as one phrase; a bare noun has no action."""
    said = cleaned(text)
    if after in _CLASSES or (after in _PLACES and (done := _parsed(said)).action and done.object):
        after = ""
    after = re.sub(r"^(?:的|左右|以上|多|余)+", "", after)
    after = re.split(r"(?:进行|提供|开展|每|给予|需|各|均|共|约|其中|以及|分别)", after)[0] if after else ""
    if match := _FOR.match(text.strip()):
        said = cleaned(match[1]) + cleaned(match[2])
    if after:
        action = _ends_with(said, (*_LONG_ACTIONS, *_SHORT_ACTIONS))
        if action:
            head = said[: -len(action)]
            # 中心维修更换2台: 维修 before 更换 is part of the action of another clause, drop nothing; keep who short.
            inner = _parsed(head) if head else Phrase("", "", "", "")
            return Phrase(inner.who + inner.object if len(head) <= 10 else "", _formal(action), after, said + after)
        if not said or said in _EMPTY:
            return _parsed(cleaned(after))
        return _parsed(said + after)
    return _parsed(said)


def spoken_as_action(text: str) -> bool:
    """Whether the words begin with what is to be done (修建…, 购置…), or say so right after who does it."""
    said = cleaned(text)
    return _parsed(said).action in _FORMAL_LEADING and not said.endswith(tuple(_FORMAL_LEADING)) and "-" not in said


LEADING_FORMS = frozenset(lexicon.FORMAL.get(word, word) for word in _LEADING)
_FORMAL_LEADING = frozenset(
    lexicon.FORMAL.get(word, word)
    for word in (lexicon.BUYING | lexicon.BUILDING | {"编制", "印制", "制作", "安装", "更换", "资助", "奖励", "慰问", "救助", "种植", "栽植"})
    if len(word) > 1 or word in lexicon.FORMAL
)


def _parsed(said: str) -> Phrase:
    first = _starts_with(said, _LONG_ACTIONS) or (said[:1] if said[:1] in _SHORT_ACTIONS and len(said) > 1 and not said.startswith(_REAL_WORDS) else "")
    if any(len(word) > len(first) and word.startswith(first) and said.startswith(word) for word in _REAL_WORDS if first):
        # 聘用制书记员
        first = ""
    if first and first in _LEADING and len(said) > len(first):
        rest = said[len(first) :]
        if _PAYMENT.search(rest) or (len(first) == 1 and _PAID_FOR.search(rest)):
            # 配镜补助, 储备粮轮换价差补贴, 修路工程款: money for what is done, not the doing of it.
            return Phrase("", "", _noun(said), said)
        if first in lexicon.BUYING and rest.endswith(("服务", "服务项目")) and len(rest) >= 4:
            # 购买第三方审计服务: a service is not an asset bought.
            return Phrase("", "", _noun(rest), said)
        if rest in _LONG_ACTIONS:
            # 维修维护: two actions and no thing.
            return Phrase("", "", said, said)
        second = _starts_with(rest, _LONG_ACTIONS)
        if second and second in _LEADING and len(rest) > len(second):
            return Phrase("", first + second, _noun(rest[len(second) :]), said)
        return Phrase("", _formal(first), _noun(rest), said)
    last = _ends_with(said, _LONG_ACTIONS)
    if last in lexicon.BUYING and said.removesuffix(last).endswith(("服务", "服务项目")):
        return Phrase("", "", _noun(said.removesuffix(last)), said)
    if last and len(said) > len(last):
        return Phrase("", _formal(last), _noun(said[: -len(last)]), said)
    for action in (*_LONG_ACTIONS, "买", "修", "建", "配", "换", "装"):
        place = said.find(action)
        if action in _INSIDE and 0 < place <= 12 and place + len(action) < len(said) and _is_done_there(said, place, action):
            return Phrase(_WANTING.sub("", _noun(said[:place])), _formal(action), _noun(said[place + len(action) :]), said)
    return Phrase("", "", _noun(said), said)


# A character before a short action that makes one word with it: 创建, 续修, 调配.
_COMPOUNDS = frozenset(
    "创建 筹建 组建 搭建 共建 党建 基建 城建 在建 兴建 续建 援建 迁建 自建 承建 编建 续修 编修 检修 整修 装修 大修 中修 小修 抢修 进修 岁修 自修 撰修 "
    "调配 分配 适配 搭配 支配 装配 选配 匹配 置换 交换 轮换 兑换 替换 变换 转换 收买 安装 包装 服装 组装 武装 加装 拆装 换装".split()
)
# What money words after an action say: the action is part of the thing paid for (技术改造贷款贴息, 老旧小区改造尾款).
_PAYMENT = re.compile(r".(?:补贴|补助|奖补|贴息|以奖代补|尾款|余款|工程款|欠款)$")
_PAID_FOR = re.compile(
    r"(?:款|资金|贴息|补贴|补助|奖补|以奖代补|奖励|经费|费用?|债务|利息|本息|项目|工程|方案|规划|设计|监理|评审|服务|任务|考试|比赛|大会|活动|行动)$|^[与和及]"
)


def _is_done_there(said: str, place: int, action: str) -> bool:
    """Whether an action in the middle of a phrase parts who from what (卫生院更新彩超), and is not part of a noun (景区创建奖补)."""
    rest = said[place + len(action) :]
    if len(action) == 1 and said[place : place + 2] in lexicon.ACTIONS:
        return False
    if len(action) == 1 and (said[place - 1 : place + 1] in _COMPOUNDS or said[place:].startswith(_REAL_WORDS)):
        return False
    return not _PAID_FOR.search(rest) and len(rest) >= 2


def cleaned(text: str) -> str:
    """The words without fillers before and after (用于, 主要, 开展, 的, 等, 费用)."""
    text = re.sub(r"[\s“”\"'《》]+", "", text)
    text = _WHO_ASKS.sub("", text) if not text.startswith(_REAL_WORDS) else text
    changed = True
    while changed and text:
        changed = False
        for word in _EMPTY:
            # 对 and 为 begin real words too (对讲机); only strip a single character when something longer than two stays.
            if text.startswith(word) and len(text) - len(word) >= 2 and not text.startswith(_REAL_WORDS):
                text = text[len(word) :]
                changed = True
    text = re.sub(r"^\d{1,2}(?:周?岁)(?:及?以[上下])?的?(?!及?以[上下])(?=..)", "", text)
    text = re.sub(r"^(?:符合(?:条件|政策|规定)的?)(?=..)|(?<=..)(?:合计|共计|总计|每[期班次场]|专项资金|专项经费)$", "", text)
    text = re.sub(
        r"^(?:其中|每个|每|各|共计?|全年|年内|一批|一些|部分|新增(?!就业|岗位|床位|造林|植被)|另外?|还要?|再加|外加|加上|加(?=培训|购|买|印|租|宣传)|再|预计|估计|请(?=媒体|专家|第三方|中介|人)|聘请(?=中介|专家|第三方|律师|会计)|以及|并且?|和(?!美|谐|平|睦)|及(?!时)|与|同时)+(?=..)",
        "",
        text,
    )
    text = re.sub(r"^(?:开展|组织|实施|举办|进行)(?=..)", "", text)
    return (
        re.sub(
            r"(?:等(?:工作|方面|项目|内容|支出|费用|活动|服务)?|(?<![经收消电水气暖油运邮药])费用?|资金|支出|方面|工作|左右|共|各|(?<!签)约|预计|计划|项目|需要|需)$",
            "",
            text,
        )
        or text
    )


_REAL_WORDS = lexicon.REAL_WORDS


def _noun(text: str) -> str:
    text = re.sub(r"^(?:的|了|好|一[批些套台个])+(?=..)|(?:的|所需的?|等)$", "", text)
    # 食品抽检经费 is for 食品抽检; 公用经费 is a thing by itself.
    return re.sub(r"(?<=[一-鿿]{3})(?<!公用)(?<!人员)(?<!办公)(?<!运行)(?<!运转)(?<!保障)(?<!业务)(?:专项)?经费$", "", text)


def _formal(action: str) -> str:
    return lexicon.FORMAL.get(action, action)


def _starts_with(text: str, words: tuple[str, ...]) -> str:
    return next((word for word in words if text.startswith(word)), "")


def _ends_with(text: str, words: tuple[str, ...]) -> str:
    return next((word for word in words if text.endswith(word)), "")


def measure(unit: str) -> str:
    """How a count by this unit is called: 人 → 人数, 公里 → 里程, 台 → 数量."""
    return lexicon.MEASURE_OF_UNIT.get(unit, "数量")


def counted(noun: str, unit: str) -> str:
    """The name of a count: ``路灯更换`` by 盏 → 路灯更换数量; a measure word already there is not said twice."""
    word = "期数" if unit == "期" and noun.endswith(("刊", "报", "杂志")) else measure(unit)
    if noun.endswith((word, "人数", "户数", "数量", "次数", "场次", "面积", "里程", "长度", "规模")):
        return noun
    if word == "场次" and noun.endswith("场"):
        noun = noun[:-1]
    return noun + word


def unit_of(thing: str) -> str | None:
    """The customary unit of a thing by the end of its name, or None: 路灯 → 盏, 农村公路 → 公里."""
    best = ""
    for word in lexicon.THINGS:
        if thing.endswith(word) and len(word) > len(best):
            best = word
    return lexicon.THINGS[best] if best else None


def begins_a_word(text: str) -> bool:
    """Whether a piece cut from a name begins with a word (危房改造), and not within one (级危房改造)."""
    return text.startswith((*lexicon.THINGS, *lexicon.PEOPLE, *_LONG_ACTIONS, *REGIONS))


REGIONS = ("农村", "城区", "城乡", "全县", "社区", "公共", "基本", "国土", "村庄", "规划", "危房", "校园", "设施", "服务")


def people_in(text: str) -> list[str]:
    """Groups of people named in a text, in order, longer names first where one holds another."""
    found: list[tuple[int, str]] = []
    taken = [False] * len(text)
    for word in sorted(lexicon.PEOPLE, key=len, reverse=True):
        for match in re.finditer(re.escape(word), text):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * len(word)
                found.append((match.start(), word))
    ordered: list[str] = []
    for _, word in sorted(found):
        if word not in ordered:
            ordered.append(word)
    return ordered
