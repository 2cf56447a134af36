"""What people say around and instead of an answer: small talk before a wish, yes, no, skip, enough, 不对，是…, and slips of the ear.

Each test looks at a whole sentence, so that a word inside a longer text (检查站, 不是很多) is never taken for an answer.
"""

from __future__ import annotations

import functools
import re

from assistant.chinese import chinese_number

_CLEAN = re.compile(
    r"^(?:(?:你|您)好[啊呀，,！!。\s]|(?:换个话题|话说回来|话说|说正事)(?=[，,\s])|"
    r"(?:这?(?:张|份)?(?:表|草稿)?(?:都|已经)?(?:做|弄|写|填|改|编|看)(?:好|完)(?:了|啦)|(?:这样)?(?:就)?可以了|没问题了?|差不多了)(?=[，,])|"
    r"[^，,]{2,10}(?:太|有点|不够)(?:笼统|长|短|多|少|啰嗦|高|低|泛|空|模糊|粗|具体|准确)了?(?=[，,])|那么|那[，,]|那就|那(?=帮|请|把|先|再|导|看|检)|然后|接着|接下来|另外|还有[，,]|对了|顺便|好的?|"
    r"行|嗯+|呃+|哦|噢|啊|哎|喂|ok|请(?:你|您)?|麻烦(?:你|您)?|帮(?:我|忙|咱)|给(?:我|咱)|替我|"
    r"能不能|可不可以|能否|可以|我们?(?=想|要|需)|我?(?:想|要|需要|打算)(?:请)?(?=你|您|起草|草拟|拟|编|写|做|弄|填|新建|申报|改|把|将|"
    r"加|删|问|看|查|检查|导出|撤销)|问(?:一?下)|你(?=把|帮|看|再|给)|您(?=把|帮|看|再|给)|先(?=帮|把|看|检查|导出))"
    r"[，,、\s]*|[。！!~～\s]+$|(?:谢谢|多谢|好吗|行吗|可以吗|好不好)$",
    re.IGNORECASE,
)
_TAIL = "(?:吧|了|呢|这个|啊|呀|哈|的|嘛|先|一下|就行|算了)*"
_YES = re.compile(
    rf"(?:是|是的|对|对的|对头|好|好的|可以|行|中|确认|确定|同意|要|要的|没错|没问题|嗯+|恩+|成|当然|就这样|就这么办|覆盖|yes|y|ok|"
    rf"okay){_TAIL}",
    re.IGNORECASE,
)
_NO = re.compile(rf"(?:不|不是|不要|不用|不行|否|算了|先不|先别|别|取消|不了|不导|不覆盖|不改|不弄|不做|不起草|不必|没有|no|n){_TAIL}", re.IGNORECASE)
_SKIP = re.compile(
    r"(?:(?:这个|这项|这一?个|这题|那个|它)?(?:我)?(?:也|都|暂时|现在|目前|先|还|暂)*(?:跳过|略过|跳|过|pass|skip|不填|不写|不管|放着|"
    r"放一?放|空着|留空|空|不知道|不清楚|不晓得|不了解|说不准|说不好|"
    r"还?不(?:知道|清楚|晓得|确定)(?:要|是|有|得|花)*(?:多少(?:钱|人|个|万)?|怎么(?:写|填)|什么)|随便|都行|(?:你|您)?看着(?:办|填|写|来|定)|(?:还)?没有?(?:文件|文号|依据|数据?)|没定|没有?定下来|没数|没想好|没确定|待定|未定|不确定|不好说|没下来|没有?下来|没批|没出来)|下一?(?:个|题|项)|(?:回头|以后|之后|"
    r"后面|等会儿?|晚点|过后|到时候?)(?:再)?(?:说|补|填|看|定)|再说|再补|没有|暂无|无)"
    rf"{_TAIL}",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"(?:(?:剩下的?|其他的?|其余的?|后面的?|这些|全部|全)?(?:都|全都?|全部)(?:先)?(?:跳过|略过|空着|不填|不知道|不清楚|不管|不用(?:填|"
    r"问)|待定|没定|不要问|留空|没有)|"
    r"(?:先)?(?:不问|别问|不用问|不要问|别再问|不要再问|不用再问|别烦)(?:我)?|先这样|就先这样|停|停下|够|不想(?:填|答|回答|弄)|不(?:答|"
    r"回答)|(?:算了?)?[，,]?(?:先)?不(?:填|弄|做|搞|写)|先不(?:填|弄|做|搞|写)?)"
    rf"{_TAIL}"
)
_SAME = re.compile(
    r"(?:全都|全部|都)?(?:还是|就|仍|仍然|继续)?(?:按|照|跟|和|同|与|用|沿用|参照|参考)?(?:去年|上年|今年|往年|上一年|原来|之前|以前|老表|旧表)(?:的|"
    r"那样|水平|标准|数|一样|来|办|定|填|写|执行|一致|相同|不变)*|"
    r"(?:照旧|不变|不动|没变|没变化|没有变化|一样|照样|维持不变|保持不变|老样子|沿用|不用改|不改)",
)
_CORRECTION = re.compile(
    r"(?:不对|不是|[啊哦额嗯哎]?不(?=[，,])|错了|说错了|写错了|打错了|填错了|弄错了|我?(?:刚才)?(?:说|写|打|填|弄|记|看|改)错了|更正(?:一下)?|"
    r"纠正(?:一下)?|应该是|应为|改一下)"
    r"(?:(?:[，,、:：;；。\s]+|(?<=应该是)|(?<=应为))(?:应该|我?是说|是|为|改成|改为|写成|要|得)*|(?:应该|是|改成|改为)+)[，,：:\s]*(?P<to>.{1,200})",
    re.DOTALL,
)
_INSTEAD = re.compile(r"不是[^，,；;]{1,16}[，,；;\s]+(?:而|应该|应当)?(?:是|要|改成)(?P<to>.{1,200})", re.DOTALL)
_WRONG = re.compile(
    r"(?:不对|错了|不是|(?:我?(?:刚才|刚刚)?)?(?:说|写|打|填|弄|记|改|搞)错了|填错|搞错|不是这个(?:意思)?|不是我?要的|"
    r"我不是这个意思)(?:了|吧|啊|呀|，|,|。|重来|重新来|再来)*"
)
_RESTATED = re.compile(
    r"(?:刚才)?(?:(?P<no>不是)|把)?(?P<old>\d+(?:\.\d+)?[^\d，,。；;\s错写说打填弄记报搞]{0,6})(?P<wrong>我?(?:写|说|打|填|弄|记|报|搞)?(?:错了?|不对))?"
    r"[，,；;\s]*(?:应该|应当|而|其实|实际)*(?:是|为|改成)(?P<new>\d+(?:\.\d+)?[^\d，,。；;\s]{0,6}?)(?:吧|才对)?"
)
_QUESTION = re.compile(
    r"[?？]|(?:吗|呢|么)$|多少|几(?!乎|何|内|率)|什么|怎么|怎样|如何|为什么|为啥|咋|啥|哪|谁|是否|是不是|有没有|能不能|可不可以|何时|"
    r"多久|多高|多大|占比|一共|总共|合计|平均|"
    r"最[多少大小高低]|列出|分别|请问|要求|意思|区别|写法"
)
_ASKING = re.compile(
    r"[?？]$|(?:吗|呢|么|多少|什么|啥|怎么样|怎么写|怎么填|怎么办|哪些|哪里|几个|几项|几张|多大)$|^(?:请问|什么|怎么|如何|为什么|为啥|"
    r"哪|谁|多少|能不能|可不可以|是不是)"
)

# Words that begin a wish, for slips of the ear at the beginning of a sentence; each written form that is a word itself is left alone.
_VERBS = ("起草", "草拟", "导出", "撤销", "撤消", "检查", "删除", "删掉", "解释", "跳过", "修改", "增加", "添加", "打开", "切换")
# Written by eye or by a slip of the finger: these do not sound alike.
_SLIPS = {"起早": "起草", "起稿": "起草", "拟草": "草拟", "导岀": "导出", "撤消": "撤销", "检杳": "检查", "册除": "删除", "册掉": "删掉", "倒出": "导出"}
_WORDS_THEMSELVES = frozenset(("检察", "解释", "开支", "删节", "增价", "删改"))


def clean(text: str) -> str:
    """A sentence without the small talk around it."""
    text = text.strip()
    while True:
        shorter = _CLEAN.sub("", text).strip()
        if shorter == text or not shorter:
            return _ear(text)
        text = shorter


def bare(text: str) -> str:
    """A sentence without the marks at its end."""
    return text.strip().rstrip("。！!~～，,、… ").strip()


def said_yes(text: str) -> bool:
    """Whether an answer agrees."""
    return bool(_YES.fullmatch(bare(text)))


def said_no(text: str) -> bool:
    """Whether an answer declines."""
    return bool(_NO.fullmatch(bare(text)))


def said_skip(text: str) -> bool:
    """Whether an answer leaves a question open."""
    return _all_of(text, _SKIP)


def said_stop(text: str) -> bool:
    """Whether an answer wants no more questions."""
    return bool(_STOP.fullmatch(bare(text))) or (_all_of(text, _STOP, _SKIP) and any(_STOP.fullmatch(part) for part in _parts(text)))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[，,、。；;！!\s]+", bare(text)) if part]


def _all_of(text: str, *patterns: re.Pattern[str]) -> bool:
    """Whether every clause of a sentence is wholly one of the patterns (不知道，先空着)."""
    parts = _parts(text)
    return bool(parts) and all(any(pattern.fullmatch(part) for pattern in patterns) for part in parts)


def said_same(text: str) -> bool:
    """Whether an answer says: as it was last year."""
    return bool(_SAME.fullmatch(bare(text)))


def said_wrong(text: str) -> bool:
    """Whether a sentence says that something was wrong, and no more."""
    return bool(_WRONG.fullmatch(bare(text)))


def correction(text: str) -> str | None:
    """The corrected answer in 不对，是55人, or None."""
    match = _INSTEAD.fullmatch(bare(text)) or _CORRECTION.fullmatch(bare(text))
    return match["to"].strip() if match else None


def restated(text: str) -> tuple[str, str] | None:
    """The old and the new figure in 45公里写错了，是54公里 and 不是55人，是58人; None for other sentences."""
    match = _RESTATED.fullmatch(bare(text))
    return (match["old"], match["new"]) if match and (match["no"] or match["wrong"]) else None


_REVISED = re.compile(
    r"(?P<said>.{2,60}?)[，,；;。\s]*(?:啊|哦|诶|额)?(?:不对|不是|错了|说错了|打错了|写错了|更正)[，,；;。：:\s]*(?:应该)?(?:是|要|"
    r"改成)?(?P<meant>[^，,；;。]{1,20})",
    re.DOTALL,
)
_ROW_SAID = re.compile(r"第?(?:\d+|[一二两三四五六七八九十]+)(?:行|条|项|个)")
_FIGURE_SAID = re.compile(r"\d+(?:\.\d+)?[^\d，,；;。\s]{0,6}")


def revised(text: str) -> str:
    """A sentence that corrects itself (删掉第三行，不对，第四行) as it is meant (删掉第四行); any other sentence as it is."""
    match = _REVISED.fullmatch(bare(text))
    if match is None or is_question(text):
        return text
    for pattern in (_ROW_SAID, _FIGURE_SAID):
        meant = pattern.fullmatch(match["meant"].strip())
        places = list(pattern.finditer(match["said"]))
        if meant and places:
            start, end = places[-1].span()
            return f"{match['said'][:start]}{meant[0]}{match['said'][end:]}"
    return text


def is_question(text: str) -> bool:
    """Whether a sentence may ask something."""
    return bool(_QUESTION.search(text))


def asks(text: str) -> bool:
    """Whether a sentence asks outright: by its beginning or its end, not by a word inside it."""
    return bool(_ASKING.search(bare(text)))


def ordinal(text: str) -> int | None:
    """The number in 3 or 三, or None."""
    return int(text) if text.isdigit() else chinese_number(text)


def _ear(text: str) -> str:
    """The sentence with a verb at its beginning that was written by ear (起早 for 起草, 到出 for 导出) put right."""
    head = text[:2]
    if head in _SLIPS:
        return _SLIPS[head] + text[2:]
    if len(head) < 2 or head in _VERBS or head in _WORDS_THEMSELVES or not any(char in verb for verb in _VERBS for char in head):
        return text
    for verb in _VERBS:
        if sum(a != b for a, b in zip(head, verb, strict=True)) == 1 and sounds_like(head, verb):
            return verb + text[2:]
    return text


def sounds_like(left: str, right: str) -> bool:
    """Whether two words of equal length sound alike, tones and zh/z, ng/n aside."""
    return len(left) == len(right) and all(_sound(a) == _sound(b) for a, b in zip(left, right, strict=True))


@functools.lru_cache(maxsize=4096)
def _sound(char: str) -> str:
    from pypinyin import Style, pinyin

    sound = pinyin(char, style=Style.NORMAL, errors="default")[0][0]
    sound = re.sub(r"^([zcs])h", r"\1", sound)
    return re.sub(r"(?<=[aei])ng$", "n", sound)
