"""What a sentence wants, without a model: one recogniser per kind of wish, tried in order; None = not understood.

The recognisers look at how the sentence is built (把…改成…, 再加一个…指标, 第3个问题), not at any project's own words. What is left and
reads like a question goes to answering; what is left and names a project with money goes to drafting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.chinese import chinese_number, fold

_CLEAN = re.compile(
    r"^(?:那么|那[，,]|然后|接着|另外|还有|好的?|行|嗯+|哦|请(?:你|您)?|麻烦(?:你|您)?|帮我|给我|能不能|可不可以|可以|我想|我要|你)[，,、\s]*|[。！!~～\s]+$"
)
_NUMBER = r"(\d+|[一二两三四五六七八九十]+)"


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish: its kind and its parts by name."""

    kind: str
    parts: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A part's text, empty when it was not said."""
        return self.parts.get(name, "")


_TO = (
    r"(?:改成|改为|改到|改作|调整为|调整到|调成|调到|提高到|提升到|提到|升到|涨到|降低到|降到|减到|减少到|增加到|加到|换成|设为|设成|"
    r"定为|定到|写成|写为|变成|填成|填上?|应该是|应为|更正为)"
)
_EDIT = re.compile(
    (
        rf"(?:把|将)?(?P<what>.{{1,40}}?)(?:的?(?P<part>指标值|目标值|数值|值|绩效指标描述|指标描述|描述|指标解释|解释|确定依据|依据|"
        rf"指标名称|名称|名字))?{_TO}[:：]?(?P<to>.{{1,400}})"
    ),
    re.DOTALL,
)
_RELATIVE = re.compile(r"(?:把|将)?(?P<what>.{2,30}?)(?:再|多|少)?(?P<way>增加|减少|加|减|多|少)(?:上|掉|了)?(?P<amount>\d+(?:\.\d+)?)(?P<unit>[^\d，。]{0,6})")
_LEVELS = "数量|质量|时效|成本|经济效益|社会效益|生态效益|可持续影响|效益|满意度"
_ADD = re.compile(
    (
        rf"(?:再|还要|还得|另)?(?:加|增加|添加|添|补|补充|新增|加上)(?:上|入)?(?:一|1|两|2)?(?:个|条|行|"
        rf"项)?(?P<level>{_LEVELS})?(?:的)?(?:三级)?指标[，,:：\s]*(?:叫|是|为)?(?P<rest>.*)"
    ),
    re.DOTALL,
)
_ADD_GOAL = re.compile(r"(?:再|还要)?(?:加|增加|添加|补)(?:上)?(?:一|1)?(?:个|条|段)?(?:绩效)?目标[，,:：\s]*(?P<rest>.+)", re.DOTALL)
_DELETE = re.compile(r"(?:把|将)?(?P<what>.{0,30}?)(?:都)?(?:删掉|删了|删除|去掉|拿掉|取消掉|不要了)$|(?:删掉|删除|删|去掉|拿掉|不要)(?P<after>.{1,30})$")
_CHECK = re.compile(
    r"检查|校验|查一?(?:下|查)(?:草稿|表|有|看)|审一?审|有没有(?:什么)?(?:问题|毛病|错误?|不对)|合不合(?:格|规)|能(?:不能)?(?:过|"
    r"通过)(?:审|吗)?|看看.{0,8}问题|还有(?:什么|哪些)?问题"
)
_EXPLAIN = re.compile(
    rf"第?{_NUMBER}(?:个|条|项)(?:问题|错误|警告|提示|发现|意见).{{0,12}}|(?P<code>[A-Za-z]{{1,3}}\d{{2,4}})|(?:这个|那个|"
    rf"刚才的?)(?:问题|错误|警告|提示|发现).{{0,12}}"
)
_DIFF = re.compile(
    r"(?:和|跟|与|同|比|对比|比较)(?:一下)?(?:去年|上年|上一年|往年|今年的?老?表)|(?:去年|上年)(?:的)?(?:比|相比|对比)|(?:改|变)(?:了|"
    r"动)(?:什么|哪些|哪里|多少)|有(?:什么|哪些)变化|哪些(?:是)?(?:改|新加|新增|沿用)"
)
_SOURCES = re.compile(
    r"(?:数|数字|值|内容|这行|这一行|那行|行)?(?:是)?(?:从)?(?:哪儿|哪里|哪)(?:来|得来|出)的?|什么(?:出处|来源)|(?:出处|来源)(?:呢|"
    r"是什么|在哪)?|怎么(?:算|得)(?:出来|来)?的"
)
_EXPORT = re.compile(
    (
        r"(?:导出|输出|存成|存为|保存成|保存为|另存为?|转成|生成|打印|打成|发我|弄成|做成)(?:一份|一个|为|成)?.{0,8}?(?P<to>word|docx|"
        r"excel|xlsx|电子表格|表格|pdf|markdown|md|html|网页|json)?(?:文档|文件|格式|版)?(?:吧|出来)?$|^(?:导出|下载|打印)"
    ),
    re.IGNORECASE,
)
_SHOW = re.compile(
    r"(?:看看?|显示|打开|给我看|再看一?下|列出来?)(?:一下|看)?(?:这张|那张|刚才的?|现在的?|当前的?|整张|全部)?(?:的)?(?:草稿|表|"
    r"目标表|整表)(?:吧)?$|^(?:草稿|表)(?:呢|现在什么样.*)?$"
)
_QUESTIONS = re.compile(
    r"还(?:缺|差|需要)(?:什么|哪些|啥|多少).*|(?:哪些|什么|啥)(?:还)?(?:没填|空着|待核实|没有(?:填|定)).*|待核实(?:的)?(?:有|"
    r"还有)?(?:哪些|什么|多少).*|继续(?:填|问|补)?"
)
_DRAFT = re.compile(
    r"(?:起草|草拟|拟定?|编制?|编写|写|做|填|生成|弄|出|来|新建|申报)(?:一下|一?[张个份])?.{0,40}(?:绩效目标表|目标表|绩效表|申报表|"
    r"目标申报表|表|草稿|项目)|^(?:起草|草拟|新建)|照(?:今年|去年|上年).{0,4}(?:改|做|写|编)"
)
_MONEY = re.compile(r"\d(?:\.\d+)?\s*(?:个)?(?:万元?|亿元?|元|块)|[一二三四五六七八九十百千]+万")
_NEXT_YEAR = re.compile(r"20[2-4]\d\s*年?|明年|今年|后年|下一年|下年")
_QUESTION = re.compile(
    r"[?？]|吗$|呢$|多少|几|什么|怎么|如何|为什么|为啥|咋|啥|哪|谁|是否|是不是|有没有|何时|多久|多高|多大|占比|一共|总共|合计|平均|"
    r"最[多少大小高低]|列出|分别|请问|要求|意思|区别|写法"
)
_HELP = re.compile(r"^(?:帮助|help|你?能(?:做|干)(?:什么|啥).*|怎么用.*|有(?:什么|哪些)功能.*|使用说明|不会用)$", re.IGNORECASE)
_GREETING = re.compile(r"^(?:你好|您好|早上好|上午好|下午好|在吗|嗨|hello|hi)[啊呀吗]?$", re.IGNORECASE)
_THANKS = re.compile(
    r"^(?:谢谢|多谢|感谢|辛苦了?|好的谢谢|太好了|很好|不错|挺好|可以了?|就这样吧?|行了?|好的?|明白了?|知道了?|了解|收到|ok|嗯+)(?:你|您|啦|了)?$", re.IGNORECASE
)
_BYE = re.compile(r"^(?:再见|拜拜|退出|结束|走了|exit|quit|bye)$", re.IGNORECASE)
_UNDO = re.compile(
    r"^(?:撤销|撤回|取消(?:刚才|上一步|修改)?|恢复(?:刚才|原来|上一步)?|改回(?:去|来|原来)|退回(?:上一步)?|不改了|刚才(?:那步|的|"
    r"那个)?(?:不算|作废|撤销|取消)|上一步(?:撤销|取消|不要))(?:一下|吧|了|的修改|那步)?$"
)
_YES = re.compile(r"^(?:是|是的|对|对的|好|好的|可以|行|确认|确定|同意|要|没错|嗯|yes|y|ok)[啊呀吧的了]?$", re.IGNORECASE)
_NO = re.compile(r"^(?:不|不是|不要|不用|不行|否|算了|先不|别|取消|不了|no|n)[啊呀吧了]?$", re.IGNORECASE)
_SKIP = re.compile(
    r"^(?:跳过|略过|先不填|暂时?不填|先空着|空着|不知道|不清楚|还没定|没定|待定|不确定|下一个|以后再说|再说|没有|skip|pass)(?:吧|了|呢|这个)?$", re.IGNORECASE
)
_STOP = re.compile(r"^(?:都跳过|全部跳过|都先?空着|都不知道|先不问了?|别问了|不用问了|先这样|停|够了)(?:吧|了)?$")
_CORRECTION = re.compile(r"^(?:不对|不是|错了|说错了|写错了|更正|纠正|应该是|改一下)[，,、:：\s]*(?:应该)?(?:是|为)?(?P<to>.{1,60})$")
_FORMATS = {
    "word": "docx",
    "docx": "docx",
    "excel": "xlsx",
    "xlsx": "xlsx",
    "电子表格": "xlsx",
    "表格": "xlsx",
    "pdf": "pdf",
    "markdown": "md",
    "md": "md",
    "html": "html",
    "网页": "html",
    "json": "json",
}


def clean(text: str) -> str:
    """A sentence without the small talk around it."""
    text = text.strip()
    while True:
        shorter = _CLEAN.sub("", text).strip()
        if shorter == text or not shorter:
            return text
        text = shorter


def said_yes(text: str) -> bool:
    """Whether an answer agrees."""
    return bool(_YES.fullmatch(text.strip().rstrip("。！!")))


def said_no(text: str) -> bool:
    """Whether an answer declines."""
    return bool(_NO.fullmatch(text.strip().rstrip("。！!")))


def said_skip(text: str) -> bool:
    """Whether an answer leaves a question open."""
    return bool(_SKIP.fullmatch(text.strip().rstrip("。！!")))


def said_stop(text: str) -> bool:
    """Whether an answer wants no more questions."""
    return bool(_STOP.fullmatch(text.strip().rstrip("。！!")))


def correction(text: str) -> str | None:
    """The corrected answer in 不对，是55人, or None."""
    match = _CORRECTION.fullmatch(text.strip().rstrip("。！!"))
    return match["to"].strip() if match else None


def is_question(text: str) -> bool:
    """Whether a sentence asks something."""
    return bool(_QUESTION.search(text))


def ordinal(text: str) -> int | None:
    """The number in 3 or 三, or None."""
    return int(text) if text.isdigit() else chinese_number(text)


def recognise(text: str, *, has_draft: bool) -> Intent | None:
    """What a sentence wants. ``has_draft`` tells whether there is a draft that 改成 and 检查 could speak of. None = not understood."""
    if text.lstrip().startswith(("/", "／")):
        return _slash(text.strip())
    bare = text.strip().rstrip("。！!~～ ")
    for kind, pattern in (("help", _HELP), ("greeting", _GREETING), ("bye", _BYE), ("undo", _UNDO), ("thanks", _THANKS)):
        if pattern.fullmatch(bare):
            return Intent(kind)
    words = clean(text)
    found = _about_the_draft(words) if has_draft else None
    if found is not None:
        return found
    if _wants_a_draft(words):
        return Intent("draft", {"sentence": words})
    if is_question(words) or is_question(text):
        return Intent("ask", {"question": text.strip()})
    if not has_draft:
        # Editing or checking with nothing at hand: say so instead of guessing.
        without = _about_the_draft(words)
        if without is not None:
            return Intent("no-draft", {"wish": without.kind})
    return None


def _about_the_draft(words: str) -> Intent | None:
    for recogniser in (_add, _edit, _delete, _explain, _diff, _check, _sources, _export, _show, _questions, _relative):
        found = recogniser(words)
        if found is not None:
            return found
    return None


def _wants_a_draft(words: str) -> bool:
    if _DRAFT.search(words) and not re.search(r"[?？]|怎么|如何|咋|吗$|多少", words):
        return True
    return bool(_MONEY.search(words) and _NEXT_YEAR.search(words) and not is_question(words))


def _edit(words: str) -> Intent | None:
    match = _EDIT.fullmatch(words)
    if match is None or re.search(r"[?？]|吗$|怎么", words):
        return None
    return Intent("edit", {"what": match["what"].strip(" 的，,"), "part": match["part"] or "", "to": match["to"].strip(" 。，,吧")})


def _relative(words: str) -> Intent | None:
    match = _RELATIVE.fullmatch(words)
    if match is None or is_question(words):
        return None
    sign = "-" if match["way"] in ("减少", "减", "少") else "+"
    return Intent("shift", {"what": match["what"].strip(" 的，,"), "by": sign + match["amount"], "unit": match["unit"].strip(" 吧了")})


def _add(words: str) -> Intent | None:
    if match := _ADD.fullmatch(words):
        return Intent("add", {"level": match["level"] or "", "rest": match["rest"].strip(" 。吧，,")})
    if match := _ADD_GOAL.fullmatch(words):
        return Intent("add-goal", {"rest": match["rest"].strip(" 。，,")})
    return None


def _delete(words: str) -> Intent | None:
    match = _DELETE.fullmatch(words.rstrip("吧"))
    if match is None or is_question(words):
        return None
    return Intent("delete", {"what": (match["what"] or match["after"] or "").strip(" 的，,")})


def _explain(words: str) -> Intent | None:
    match = _EXPLAIN.search(words)
    if match is None or re.search(_TO, words):
        return None
    number = ordinal(match[1]) if match[1] else None
    if number is None and match["code"] is None and not re.search(r"解释|为什么|为啥|怎么改|什么意思|详细|依据|说说|咋", words):
        return None
    return Intent("explain", {"number": str(number or ""), "code": (match["code"] or "").upper()})


def _check(words: str) -> Intent | None:
    return Intent("check") if _CHECK.search(words) else None


def _diff(words: str) -> Intent | None:
    # 今年比去年多多少钱 asks the corpus; 和去年比有什么变化 asks about the draft.
    if re.search(r"多少|几|项目|预算", words) and not re.search(r"草稿|这张|变化|改", words):
        return None
    return Intent("diff") if _DIFF.search(words) else None


def _sources(words: str) -> Intent | None:
    if not _SOURCES.search(words) or re.search(r"163|164|文件|政策", words):
        return None
    return Intent("sources", {"what": re.sub(_SOURCES, "", words).strip(" 的是，,？?")})


def _export(words: str) -> Intent | None:
    match = _EXPORT.search(words)
    if match is None or is_question(words):
        return None
    return Intent("export", {"to": _FORMATS.get((match["to"] or "").lower(), "docx")})


def _show(words: str) -> Intent | None:
    return Intent("show") if _SHOW.search(words) else None


def _questions(words: str) -> Intent | None:
    return Intent("questions") if _QUESTIONS.fullmatch(fold(words)) else None


def _slash(text: str) -> Intent:
    name, _, rest = text.lstrip("/／").partition(" ")
    return Intent("slash", {"name": name.lower(), "rest": rest.strip()})
