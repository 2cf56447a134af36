"""Wishes to change the draft: 把…改成…, 满意度95%, 再加10人, 再加一个质量指标, 删掉第三行和第五行, 把第三行移到第一行; and a sentence with several."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.chat.saying import asks, clean, is_question, ordinal

if TYPE_CHECKING:
    from assistant.chat.intents import Intent

_NUMBER = r"(\d+|[一二两三四五六七八九十]+)"
TO = (
    r"(?:改成|改为|改到|改作|改回到?|改个|更改为|修改为|修改成|变更为|调整为|调整到|调整成|调成|调到|调为|提高到|提升到|提升至|提高至|"
    r"提到|提至|升到|升至|涨到|增加到|增至|加到|降低到|降到|降至|降为|"
    r"减到|减少到|减至|压到|压减到|换成|换为|设为|设成|设置为|定为|定成|定到|写成|写为|变成|变为|填成|填为|填上?|弄成|搞成|该成|改城|"
    r"应该是|应该为|应该写|应为|应是|更正为|取(?=[\d≥≤=＝])|(?<=.)按(?![期时月年季])|改(?:短|长|简单|具体)(?:一?点|些)?(?=[:：，,])|改(?=[\d≥≤=＝百]))"
)
_PART = r"指标值|目标值|数值|值|绩效指标描述|指标描述|描述|指标解释|解释|说明|口径|确定依据|依据|指标名称|名称|名字|三级指标"
_EDIT = re.compile(
    rf"(?:请|就)?(?:把|将|给)?(?P<what>.{{0,40}}?)(?:的?(?P<part>{_PART}))?(?:都|也|还是|再|就|统一|重新|给我|"
    rf"帮我)*{TO}(?:一下)?[:：，,]?(?P<to>.{{1,400}})",
    re.DOTALL,
)
_EDIT_FIRST = re.compile(
    rf"(?:修改|更改|调整|变更|更正|提高|降低|改)(?:一下|下)?(?P<what>.{{1,30}}?)(?:的?(?P<part>{_PART}))?[，,：:]?(?:为|到|成|至|改成|"
    rf"改为|换成)(?P<to>.{{1,400}})",
    re.DOTALL,
)
_COMPARED = r"≥|≤|>=|<=|>|<|=|不低于|不少于|不小于|不超过|不高于|不大于|至少|至多|最多|最少|大于|小于|超过|达到"
SET = re.compile(
    rf"(?:把|将)?(?P<what>.{{1,25}}?)(?:的?(?P<part>指标值|目标值|数值|值|目标))?(?:要|得|应该?|需要?|必须|就|还是|至少要|定|也)*(?:写|"
    rf"填|按|用|是|为|到|在|设|取)?[:：，,\s]*"
    rf"(?P<to>(?:{_COMPARED})?\s*(?:\d[\d.,]*|百分之百|百分之[一二三四五六七八九十]+)\s*[^\d，,。；;\s是有]{{0,8}}(?:以上|以内|以下|左右)?)",
)
_NUMERAL = re.compile(r"(?<!第)[一二两三四五六七八九十百千]{1,7}(?=(?:万?[人户名个台套件次场期辆份座处所天年月亩元块]|公里|万)(?:以上|以内|以下|左右)?$)")
_RELATIVE = re.compile(
    r"(?:把|将|给)?(?P<what>.{0,30}?)(?:的?(?:指标值|目标值|数值|值))?(?:再|多|少|就|都|往[上下])?(?P<way>增加|减少|提高|提升|降低|上调|"
    r"下调|调高|调低|调增|调减|上浮|下浮|压减|追加|加|减|多|少|降|砍|涨|扣)(?:上|掉|了|去)?"
    r"(?P<amount>\d+(?:\.\d+)?|[一二两三四五六七八九十百千]+)(?P<unit>个百分点|百分点|个点|点|%|[^\d，,。]{0,6}?)(?:吧|了|就行)?"
)
_DOWN = frozenset(("减少", "降低", "下调", "调低", "调减", "下浮", "压减", "减", "少", "降", "砍", "扣"))
_LEVELS = "数量|质量|时效|成本|经济效益|社会效益|生态效益|可持续影响|可持续|效益|满意度|满意|环境|生态|社会|经济|时间|进度|费用"
_FULL = {
    "满意": "满意度",
    "可持续": "可持续影响",
    "环境": "生态效益",
    "生态": "生态效益",
    "社会": "社会效益",
    "经济": "经济效益",
    "时间": "时效",
    "进度": "时效",
    "费用": "成本",
}
_MANY = {"两": "2", "二": "2", "2": "2", "三": "3", "3": "3"}
_ADD = re.compile(
    rf"(?:给.{{0,8}}?)?(?:再|还要|还得|还|另外?|又|多|最后|在?(?:下面|后面|最后))*(?:加|增加|添加|添|补|补充|新增|增设|来|要|设)(?:上|入|"
    rf"进去)?(?P<many>一|1|两|二|2|三|3)?(?P<kind>个|条|行|项)?(?P<level>{_LEVELS})?(?:类|方面)?(?:的)?"
    rf"(?:三级|二级)?(?P<noun>指标|行|条)?(?:进去)?[，,:：\s]*(?:叫做?|是|为|名称是|名字叫)?(?P<rest>.*)",
    re.DOTALL,
)
_TYPE_FIRST = re.compile(
    rf"(?P<level>{_LEVELS})(?:类|方面)?(?:的)?(?:指标)?(?:里|下面?|中)?(?:再|还要?|也|另外?)?(?:加|增加|添|补|来|设)(?:上)?(?P<many>一|1|两|二|2|三|3)?(?:个|条|行|项)?[，,:：\s]*(?P<rest>.*)",
    re.DOTALL,
)
_NAMED_FIRST = re.compile(
    r"(?P<name>[^，,：:]{2,20}?)(?:也|再|要|单独|另外?)*(?:加|增加|添|补|来|设)(?:上)?一?(?:行|条|个)(?:指标)?[，,：:\s]+(?P<value>(?:≥|≤|>=|<=|=|不低于|不少于|不超过|不高于|至少|最多)?\s*\d\S*)"
)
_HEADED = re.compile(r"(?:我们?的?|本)?(?P<what>预算单位|单位名称|单位|项目编码|项目名称)(?:就|应该)?(?:是|为|叫|：|:)(?P<to>[\w（）()]{4,40})")
_APPEND = re.compile(
    r"(?:在|给)?(?P<what>(?:绩效|年度|总体)?目标(?:第?[\d一二三四五]+)?|(?:资金)?用途|第?[\d一二三四五六七八九十]+行的?(?:描述|依据))(?:的)?(?:后面|末尾|最后|后|里面?|中)?(?:再|还要?)?"
    r"(?:加上|加|补上|补充|补|接上)(?:一句|一段|一句话|几个字)?[：:，,\s]*(?P<to>.{2,200})",
    re.DOTALL,
)
_LIKE_LAST_YEAR = re.compile(
    r"(?:把|将)?(?P<what>.{1,20}?)(?:的?(?:指标值|目标值|数值|值))?(?:就|还是|仍|也)?(?:和|跟|与|同|照|按照?)(?:着)?(?:去年|上年|上一年)(?:的)?(?:那样|一样|"
    r"一致|相同|不变|来|办|定|填|写)(?:的)?"
)
_LACKS = re.compile(
    rf"(?:好像|是不是|似乎)?(?:还)?(?:缺|少|差|没有?|漏)(?:了)?(?:一|1|两)?(?:个|条|项)?(?P<level>{_LEVELS})(?:的)?指标(?:[，,。]?(?:请|"
    rf"你|帮我|给我)*(?:加|补|添)(?:一个|一条|上|一下)*)(?:吧)?"
)
_ADD_GOAL = re.compile(
    r"(?:再|还要|另外)?(?:加|增加|添加|添|补|补充|新增)(?:上)?(?:一|1)?(?:个|条|段)?(?:绩效|年度|总体)?目标[，,:：\s]*(?P<rest>.+)", re.DOTALL
)
_DELETE = re.compile(
    r"(?:把|将)?(?P<what>.{0,40}?)(?:都|全)?(?:给我|帮我)?(?:删掉|删了|删除|删去|删|去掉|拿掉|取消掉|划掉|移除|撤掉)(?:了|吧|掉)?|(?:把|"
    r"将)?(?P<what2>.{2,40}?)(?:都)?(?:不要了?|不用了|不需要了?|多余)(?:吧)?|"
    r"(?:删掉|删除|删去|删了|删|去掉|拿掉|划掉|移除|撤掉|不要)(?P<after>.{1,40})"
)
_MOVING = r"(?:往|向)?(?:移动|移|挪动|挪|搬|调整|调|排|放置|放|摆|提|换|拿|改)"
_END = r"最前面?|最上面?|最上方|最开头|开头|首行|首位|最前头|最后面?|最下面?|最下方|最?末尾|结尾|最底下"
_PLACE = r"(?:行|条|位|格)"
_MOVE = re.compile(
    rf"(?:请)?(?:把|将)?(?P<what>.{{1,30}}?)(?:都|整个|一起|统一)?{_MOVING}(?:到|至|在|去)?"
    rf"(?:(?P<end>{_END})(?:一行|一个|一条|那行)?(?:去|来)?|(?:第{_NUMBER}(?:{_PLACE}|个(?!月))?|{_NUMBER}{_PLACE})(?:的?(?:位置|去))?|"
    rf"(?P<beside>.{{1,24}}?)的?(?P<side>前面|前头|前|之前|上面|上方|上边|后面|后头|后|之后|下面|下方|下边)(?:一行)?(?:去|来)?)"
)
_STEP = re.compile(
    rf"(?:请)?(?:把|将)?(?P<what>.{{1,30}}?)(?:再)?(?:往|向)?(?:(?P<way>[上下前后])(?:面|边)?(?:(?:移动|移|挪动|挪)(?:一下)?|(?:调|排|提)(?=.))|"
    rf"(?:移|挪)(?P<way2>[上下前后])(?:去|来|面)?)(?:{_NUMBER}{_PLACE})?"
)
_EXCHANGE = re.compile(
    r"(?:请)?(?:把|将)?(?P<what>.{1,24}?)(?:和|跟|与|同|、)(?P<with>.{1,24}?)(?:的)?(?:顺序|位置|次序|两行)?(?:换一?下|换一?换|互换|对换|对调|调换|交换|"
    r"换个?位置|换位|调个?位置|颠倒|掉个?个儿?|换过来|倒过来|换)(?:一下)?(?:顺序|位置|次序)?(?:过来)?"
)
_MERGE = re.compile(
    r"(?:请)?(?:(?:把|将)?(?P<what>.{0,40}?)(?:这两行|两行)?合并(?:一下|起来|到一起|在一起|(?:成|为|到)(?:一|同一)?(?:个|行|条)(?:指标)?)?|合并(?:一下)?(?P<after>.{1,40}?)(?:(?:成|为)(?:一)?(?:个|行|条)(?:指标)?)?)"
    r"(?:[，,\s]*(?:名称(?:是|为)?|名字(?:叫|是)?|叫做?)[“\"]?(?P<name>[^，,“”\"]{2,40})[”\"]?)?(?:[，,\s]*(?:指标)?值(?:为|是|取|定为)?(?P<value>[^，,]{1,20}))?(?:吧)?"
)
GOAL_TOO = re.compile(
    r"(?:把|将)?(?:绩效|年度|总体)?目标(?:里|中|里面|文字)?(?:的)?(?:数|数字|值)?(?:也|一起|一并|同步|跟着|都)+(?:要)?(?:改|更新|调整|"
    r"换|变)(?:一下|掉|过来|了|改|成这个|吧)*"
)
_QUOTED = re.compile(r"^[“\"「『'](?P<inside>[^“”\"「」『』']+)[”\"」』']$")
_CLAUSE = re.compile(r"[，,；;。\n]+\s*(?:然后|再|并且?|同时|顺便|接着|还有|以及|最后)?[，,\s]*|(?:然后|并且|同时|顺便|接着)[，,\s]*")
_BECAUSE = re.compile(r"[，,；;。\s（(]+(?:因为|原因是|理由是|由于|考虑到|是因为|按照?|根据|依据)(?P<why>.+?)[）)]?$", re.DOTALL)


def edit(words: str) -> Intent | None:
    """A cell gets another text, said outright."""
    from assistant.chat.intents import Intent

    doubtful = re.search(r"是不是(?:应该?|要)?|要不要|该不该|应不应该", words)
    words = re.sub(r"(?:吗|么|行不行|好不好|可以不|行不)?[?？]*$", "", words)
    words = re.sub(r"(?:能不能|可不可以|能否|是不是(?:应该?|要)?|要不要|该不该|应不应该|(?<!只)(?:可以|能)(?=把|将|改|提|调))", "", words, count=1)
    if asks(words) or re.search(r"怎么(?!样)|咋|为什么", words.split("改")[0]):
        return None
    if renamed := re.fullmatch(r"(?:把)?(?:项目|表)?(?:改名|更名|重命名)(?:叫做?|为|成)(?P<to>.{2,60})", words):
        return Intent("edit", {"what": "项目名称", "part": "", "to": _QUOTED.sub(r"\1", renamed["to"])})
    if named := re.fullmatch(
        r"(?:把|将)?(?P<what>.{1,30}?)(?:的?(?:名称|名字|三级指标))?(?:改名|更名|重命名|改个?名字?)(?:叫做?|为|成)?[:：]?(?P<to>.{2,60})", words
    ) or re.fullmatch(rf"(?:把|将)?(?P<what>第?{_NUMBER}(?:行|条|个|项)|最后一行)(?:就|应该|还是|改)*叫做?[:：]?(?P<to>.{{2,60}})", words):
        return Intent("edit", {"what": named["what"], "part": "名称", "to": _QUOTED.sub(r"\1", named["to"])})
    if (told := _HEADED.fullmatch(words)) and not is_question(words):
        return Intent("edit", {"what": told["what"], "part": "", "to": told["to"]})
    if blank := re.fullmatch(r"(?:把|将)?(?P<what>.{1,20}?)(?:先|就|都)?(?:空着|留空|空出来|填待核实|写待核实|待定|先不填|清空)", words):
        return Intent("edit", {"what": blank["what"], "part": "", "to": "待核实", "implied": "1"})
    if more := _APPEND.fullmatch(words):
        return Intent("edit", {"what": more["what"], "part": "", "to": _QUOTED.sub(r"\1", more["to"].strip()), "append": "1"})
    for pattern in (_EDIT_FIRST, _EDIT) if re.match(r"(?:修改|更改|调整|变更|更正|提高|降低|改)", words) else (_EDIT,):
        match = pattern.fullmatch(words)
        if match is None:
            continue
        what, to = match["what"].strip(" 的，,"), match["to"].strip(" 。，,")
        to = re.sub(r"(?:吧|就行|就好|就可以了?|得了)$", "", to).strip()
        to = _QUOTED.sub(r"\1", to)
        if not to or what.startswith(("不要", "别")):
            return None
        part = match["part"] or ""
        if what in ("项目", "单位", "预算单位") and part.startswith("名"):
            what, part = f"{what}{part}", ""
        why = _BECAUSE.search(to)
        reason = why["why"].strip() if why and why.start() else ""
        return Intent(
            "edit",
            {"what": what, "part": part, "to": to[: why.start()] if reason and why else to, "reason": reason, "ask": "1" if doubtful else ""},
        )
    if like := _LIKE_LAST_YEAR.fullmatch(words):
        return Intent("edit", {"what": like["what"].strip(" 的，,"), "part": "", "to": "去年一样"})
    return None


def put(words: str) -> Intent | None:
    """A cell gets another value, said by naming both: 满意度95%, 第二行60人. Only for a name that the table knows for sure."""
    from assistant.chat.intents import Intent

    words = re.sub(r"(?:吧|就行|就好)$", "", words)
    match = SET.fullmatch(_NUMERAL.sub(lambda found: str(ordinal(found[0]) or found[0]), words))
    if match is None or is_question(words):
        return None
    what = re.sub(r"^(?:明年|今年|20\d\d年?)(?:的)?", "", match["what"].strip(" 的，,"))
    return Intent("edit", {"what": what, "part": "", "to": match["to"].strip(), "implied": "1"}) if what else None


def relative(words: str) -> Intent | None:
    """A figure moves by an amount."""
    from assistant.chat.intents import Intent

    match = _RELATIVE.fullmatch(words)
    if match is None or is_question(words):
        return None
    if match["what"].endswith(("至", "不", "最", "太", "很")):
        return None
    amount = match["amount"] if match["amount"][0].isdigit() else str(ordinal(match["amount"]) or "")
    if not amount:
        return None
    sign = "-" if match["way"] in _DOWN else "+"
    return Intent("shift", {"what": match["what"].strip(" 的，,"), "by": sign + amount, "unit": match["unit"].strip(" 吧了")})


def add(words: str) -> Intent | None:
    """A row or a goal more."""
    from assistant.chat.intents import Intent

    if match := _LACKS.fullmatch(words):
        return Intent("add", {"level": match["level"], "rest": ""})
    if (match := _TYPE_FIRST.fullmatch(words)) and not asks(words):
        return Intent(
            "add", {"level": _FULL.get(match["level"], match["level"]), "rest": match["rest"].strip(" 。吧，,"), "many": _MANY.get(match["many"], "1")}
        )
    if match := _NAMED_FIRST.fullmatch(words):
        return Intent("add", {"level": "", "rest": f"{match['name']}{match['value']}", "many": "1"})
    if match := _ADD_GOAL.fullmatch(words):
        return Intent("add-goal", {"rest": match["rest"].strip(" 。，,")})
    match = _ADD.fullmatch(words)
    if match is None or asks(words):
        return None
    rest = match["rest"].strip(" 。吧，,")
    valued = match["kind"] == "个" and re.search(rf"\w{{2}}.*(?:{_COMPARED})", rest)
    if not (match["level"] or match["noun"] or (match["kind"] in ("行", "条") and rest) or valued):
        return None
    if re.fullmatch(r"(?:进去|上去|试试|看看|看|我看看|好了)?", rest):
        rest = ""
    return Intent("add", {"level": _FULL.get(match["level"] or "", match["level"] or ""), "rest": rest, "many": _MANY.get(match["many"], "1")})


def delete(words: str) -> Intent | None:
    """One or more rows leave the table."""
    from assistant.chat.intents import Intent

    match = _DELETE.fullmatch(words)
    if match is None or is_question(words):
        return None
    what = (match["what"] or match["what2"] or match["after"] or "").strip(" 的，,")
    return Intent("delete", {"what": re.sub(r"^(?:把|将)|的?(?:也|都|全都?)+$", "", what)})


def move(words: str) -> Intent | None:
    """A row (or all rows of a type) goes to another place; two rows change places. ``side`` tells how ``to`` is meant: at a row's number,
    before or after a row, at the end; ``by`` is a number of rows down, or up."""
    from assistant.chat.intents import Intent

    if is_question(words):
        return None
    words = re.sub(r"(?:吧|就行|就好|了)$", "", words)
    if step := _STEP.fullmatch(words):
        rows = ordinal(step[4]) if step[4] else 1
        up = (step["way"] or step["way2"]) in "上前"
        return Intent("move", {"what": step["what"].strip(" 的，,"), "by": f"{'-' if up else '+'}{rows or 1}"})
    if match := _MOVE.fullmatch(words):
        what = match["what"].strip(" 的，,")
        if match["end"]:
            first = re.search(r"前|上|头|首|第一", match["end"])
            return Intent("move", {"what": what, "side": "at", "to": "1"} if first else {"what": what, "side": "end"})
        if match["beside"]:
            # 提到12月底前 is a time, no place.
            if re.search(r"[月日年天底\d]", match["beside"]) and not re.search(_PLACE, match["beside"]):
                return None
            return Intent("move", {"what": what, "side": "before" if re.search("前|上", match["side"]) else "after", "to": match["beside"]})
        return Intent("move", {"what": what, "side": "at", "to": str(ordinal(match[3] or match[4]) or 0)})
    if match := _EXCHANGE.fullmatch(words):
        return Intent("move", {"what": match["what"].strip(" 的，,"), "with": match["with"].strip(" 的，,")})
    return None


def merge(words: str) -> Intent | None:
    """Rows become one: 合并第1行和第2行, 把第3、4行合并成一行，叫…，值为…."""
    from assistant.chat.intents import Intent

    match = _MERGE.fullmatch(words)
    if match is None or asks(words):
        return None
    what = (match["what"] or match["after"] or "").strip(" 的，,")
    return Intent(
        "merge",
        {"what": "" if re.fullmatch("(?:这|那)?(?:两|几|2)(?:行|条|个)?(?:指标)?", what) else what, "name": match["name"] or "", "value": match["value"] or ""},
    )


def several(words: str) -> list[str]:
    """A sentence cut where it may say several things: at commas, 然后, 同时; one piece when it says one."""
    return [piece for piece in (clean(part) for part in _CLAUSE.split(words)) if piece.strip()]
