"""Who asks, what the project is called and what its money is used for, in the words of one sentence.

Commands, years and amounts are left out; a sentence that only lists what is done is named by its deeds. The office a sentence begins with
(教育局2026年校舍维修…) asks; 残疾人综合服务中心2026年运行经费 is about the place itself.
"""

from __future__ import annotations

import re

from assistant.drafting import lexicon, phrases
from assistant.drafting.kinds import TYPE_OF_UNIT, classify
from assistant.drafting.wording import Reading

_COMMANDS = re.compile(
    r"^(?:请?(?:你|您)?(?:帮我?|帮忙|麻烦|替我|给我)?们?(?:起草|拟定?|写|做|编|弄|出|生成|填|来)(?:一下|一?[个张份])?)(?:关于)?|^(?:请|帮我|麻烦|我们?(?:局|单位|中心)?|本单位|本局|我县)?(?:想|要|打算|计划(?!生育|免疫)|准备|申请|申报)+(?:做|搞|办|用|弄|上|列)?(?:一下|一?[个次批](?=..))?"
)
_USE = re.compile(r"^(?:资金)?(?:主要)?(?:用于|用来|用作|用以|拿来|用在|内容[是为包括]*|包括|任务是)[:：]?")
# 余下用于…, 剩余40万用于…: what the rest of the money is for. Not 其余县级配套, which says where it comes from.
REST = re.compile(
    r"^(?:其余|余下|剩余|剩下|余款)的?(?:部分|资金|经费|款项|款|钱)?(?:全部|都|主要)?(?:用于|用来|用作|用以|用在|拿来|作为|(?=支付|购[买置]|买|开展|发放|补助|补贴))"
)
_AS_BEFORE = re.compile(
    r"照(?:今年|去年|上年|老)?的?(?:表|样子?|旧)?(?:来|改|做|办)?$|跟(?:今年|去年|上年)一样|(?:内容|其他|别的)(?:都)?(?:不变|照旧|不动)|参照(?:今年|去年|上年).*|和(?:去年|上年|今年)(?:的)?一样"
)
_MONEY_WORDS = re.compile(
    r"(?>其中|预算|总?投资|资金|财政(?:拨款|资金|出的?|承担|安排)?|自筹|其他|其它|县里(?:出的?)?|上级(?:补助)?|中央|省级|共计?|合计|总共|一共|全年|大概|约|大约|左右|单位自己(?:出的?)?|出的|申请|安排|需要|每|给|拨款|经费|全部|都是|由|批了|定了|下达|元|块|万|标准|单价)++"
)
# Good intentions name no project.
_TALK = re.compile(r"办[点些]?[好实]?(?:事|实事)$|^(?:解决|改善)[一-龥]{0,4}问题$|^干[点些]事|(?:建设|服务|合同|工)期限?(?:为|约)?\d*[年月]*$")
_SHORT_NUMBER = re.compile(r"\d{1,4}号(?:文件?)?的?(?:项目|那个)?")
_DEEDS = frozenset(
    """购置 更换 更新 配备 新建 建设 修建 改建 扩建 改造 维修 修缮 修补 修复 硬化 铺设 安装 加固 绿化 疏浚 清淤 施划 抽检 检测 监测 检查 核查 检定 养护 管护
    清运 保洁 编制 印制
    制作 培训 宣传 慰问 救助 资助 奖励 体检 筛查 普查 调查 演练 造林 种植 抚育 消毒 数字化 整治 治理 新打 建成 租赁 储备""".split()
)

_BOUGHT_THINGS = ("设备", "器材", "仪器", "车辆", "装备", "家具", "终端", "工具")
# 改造面积: how much is done, no thing it is done to.
_MEASURES = frozenset("面积 总面积 里程 长度 数量 规模".split())
# Not a deed but a thing named by it (培训教材).
_PIECES = frozenset("台 套 件 份 册 个 辆 部 张 块 座".split())
# 购置电脑并培训村干部: a purchase or works, then another deed; the first deed's word is not said again after it.
_SECOND_DEED = re.compile(
    rf"((?:{'|'.join(sorted((lexicon.BUYING | lexicon.BUILDING) - {'建', '修', '铺', '打', '挖', '买', '换', '配', '购'}))})[一-龥]{{2,12}}?)"
    rf"(?:并且?|以及|和|及|、)((?:举办|组织|开展|进行)?(?:{'|'.join(sorted(_DEEDS - lexicon.BUYING - lexicon.BUILDING))})[一-龥]{{0,10}})"
)


# A project of many offices, named by nothing else; what it is for is said after it.
_MERE_FUNDS = ("经费", "工作经费", "专项经费", "业务经费", "项目经费")


def name_in(reading: Reading) -> str:
    """The project's name as said, without commands, amounts and the year; a sentence that only lists what is done is named by that."""
    first = next((re.sub(r"^年?度?的?", "", clause) for clause in reading.clauses if clause), "")
    if first in _MERE_FUNDS and any(_USE.match(clause) for clause in reading.clauses):
        return first
    for index, clause in enumerate(reading.clauses):
        head = re.split(r"[:(]", clause)[0] if ")" not in clause else clause.partition(":")[0]
        words = _stripped(head)
        if len(ahead := _stripped(reading.before_year.get(index, ""))) >= 4 and phrases.cleaned(ahead) == ahead and _is_whole(ahead):
            # 矿山生态修复2027年3座矿山面积860亩: the year parts the name from the figures.
            words = ahead
        words = _without_what_is_counted(words, index, reading)
        if _SHORT_NUMBER.fullmatch(words):
            # 164号的，残疾人托养: the number alone is half a name.
            rest = next((more for other in reading.clauses[index + 1 :] if len(more := _stripped(other)) >= 2), "")
            return f"{words.rstrip('的')}{phrases.phrase(rest).nominal}"
        if len(words) >= 2 and not _USE.match(words) and not head.startswith("其中") and not _TALK.search(words):
            words = re.sub(r"(?:各自?|每(?:[个所家][一-龥]{0,4}?)?)(?=[配买建装发购])", "", words)
            if listed := _listed_name(words, index, reading):
                return listed
            if (both := _SECOND_DEED.fullmatch(words)) and phrases.unit_of(both[2]) not in _PIECES:
                return f"{phrases.phrase(both[1]).nominal}和{phrases.phrase(both[2]).nominal}"
            said = phrases.phrase(words)
            if phrases.spoken_as_action(words) and len(said.nominal) <= 24:
                return said.nominal
            if not said.action and said.object.endswith("服务") and words.endswith(said.object) and words.startswith(("购买", "采购", "购置", "买")):
                return said.object
            words = re.sub(r"(?<=..)共(?=[、和及与]|$)", "", words)
            return re.sub(r"^(?:举办|开展|组织开展|组织|实施|进行|推进|办(?![公案学证理事件会]))(?=..)", "", words)
    for clause in reading.clauses:
        words = _stripped(_USE.sub("", clause))
        if len(words) >= 2:
            return phrases.phrase(words).nominal
    return ""


def _without_what_is_counted(words: str, index: int, reading: Reading) -> str:
    """驻外招商4个组, 方案编制2个片区, 病虫害防治面积3.2万亩飞防作业: neither the class counted nor the measure is of the name."""
    for count in reading.of("count"):
        if count.clause != index or not count.before:
            continue
        measure = re.search(r"(?<=..)(?<!占地)(?<!建筑)(?:面积|里程|长度)$", count.before)
        words = words.replace(count.before, count.before[: measure.start()], 1) if measure and count.before in words else words
        head = words.removesuffix(count.after)
        if count.after and len(count.after) <= 3 and head != words and len(head) >= 4 and _is_whole(head) and not phrases.phrase(count.after).action:
            words = head
    return words


def _is_whole(words: str) -> bool:
    """Whether words name a project without what follows: they end as a use of money does."""
    return classify(words) is not None or bool(phrases.phrase(words).action)


def _several(first: str, index: int, reading: Reading) -> str:
    """应急救护培训3000人，AED配置20台 → 应急救护培训和AED配置: uses of different kinds, each counted, none of them the whole."""
    said = [(first, index), *((_stripped(words), place) for place, words in enumerate(reading.clauses) if place > index)]
    bare = {count.clause for count in reading.of("count") if not count.before and not count.after}
    names: list[str] = []
    kinds: list[object] = []
    for words, place in said:
        words = re.sub(r"^(?:另外?|还有?|同时|外?加|再|并|以及|开展|举办|组织)+(?=..)", "", words)
        counted = any(count.clause == place for count in reading.of("count"))
        if place == index:
            counted = (
                counted
                or index + 1 in bare
                or (phrases.phrase(first).action in lexicon.BUYING | lexicon.BUILDING and any(amount.clause == place for amount in reading.of("money")))
            )
        kind = classify(phrases.phrase(words).nominal)
        if not counted or "、" in words or phrases.phrase(words).object in _MEASURES or not 3 <= len(words) <= 16 or kind is None or _AIDE.search(words):
            if place == index:
                return ""
            continue
        if kind in kinds or any(phrases.phrase(words).action and name.endswith(phrases.phrase(words).action) for name in names):
            return ""
        built = any(count.clause == place and TYPE_OF_UNIT.get(count.unit) == "T04" for count in reading.of("count"))
        names.append(phrases.phrase(words).nominal + ("建设" if built and not phrases.phrase(words).action else ""))
        kinds.append(kind)
    return "和".join(names) if len(names) == 2 and sum(map(len, names)) <= 28 else ""


# Counts of people who work, of those who come, of what is handed over: no use beside another.
_AIDE = re.compile(r"(?:员|人员|报告|资料|企业|群众|学员|人次|受益|覆盖|其中|每)")


def _listed_name(first: str, index: int, reading: Reading) -> str:
    """换课桌椅1200套，再买智慧黑板24块 → 课桌椅更换和智慧黑板购置: where the first clause already counts, the deeds name the project."""
    if several := _several(first, index, reading):
        return several
    if not any(mention.clause == index for mention in reading.of("count")):
        return ""
    items: list[str] = []
    for place, clause in enumerate(reading.clauses[index:]):
        words = first if place == 0 else _stripped(clause)
        for piece in re.split("、", words) if not _MONEY_WORDS.fullmatch(words) else ():
            said = phrases.phrase(piece)
            if said.action and len(said.object) >= 2 and said.object not in _MEASURES and said.action in _DEEDS and not piece.startswith(("其中", "每")):
                items.append(said.nominal)
            elif place == 0 or "、" in words:
                return ""
    items = list(dict.fromkeys(items))
    if not 2 <= len(items) <= 4 or sum(map(len, items)) > 30 or (len(reading.clauses[index:]) == 1 and "、" not in first):
        return ""
    return "、".join(items[:-1]) + "和" + items[-1]


def _stripped(words: str) -> str:
    words = re.sub(r"(?<=..)(?:每[期班次场]|专项(?:资金|经费)?)$", "", words)
    words = _AS_BEFORE.sub("", words)
    words = _COMMANDS.sub("", words.strip())
    words = re.sub(r"^(?:给|为|对|把|将|拟)(?=[\u4e00-\u9fff]{3})|^(?:我们?(?:局|单位|中心)?|本单位)(?:的|拟|想|要)?", "", words)
    if _MONEY_WORDS.fullmatch(words):
        return ""
    words = re.sub(
        # Without going back: words that two branches take alike would be tried both ways, twice as long with each repetition.
        r"(?>预计|(?:中央|省级|市级|县级|上级)(?:财政)?(?:专项)?(?:资金|补助)?|的?(?:也|还)?有没有|的?(?:项目)?(?:还|要|再)?(?:接着|继续)(?:干|做|搞|办|弄)|的(?:项目|事情?)|的?(?:也|还)?(?:还有|还要|继续|接着(?:做|搞)?|照旧|延续)|的?(?:项目)?(?:预算|资金)(?:绩效)?(?:目标)?表?|的?绩效目标表?|目标表|大概|大约|约|共|一共|总共|需要?|要|申请|安排|的)++$",
        "",
        words,
    )
    return words.strip(" 　、,，-—:=的")


def purpose_in(reading: Reading) -> str | None:
    """The statement of use that a sentence gives (用于…, 包括…, or its deeds one after the other), None where it gives none."""
    uses: list[str] = []
    if any(REST.match(clause) for clause in reading.clauses):
        return f"用于{'，'.join(_with_the_rest(reading))}。"
    for clause in reading.clauses:
        _, colon, tail = clause.partition(":")
        if _USE.match(clause):
            uses.append(_USE.sub("", clause))
        elif colon and len(tail) >= 4 and not _figures_only(tail, reading) and not reading.of("count"):
            uses.append(_USE.sub("", tail))
        elif uses and clause and not _MONEY_WORDS.fullmatch(clause) and not _AS_BEFORE.search(clause) and not clause.startswith("其中") and len(clause) > 2:
            uses.append(clause)
    if not uses and not reading.of("count"):
        uses = _deeds(reading)
    words = "，".join(use for use in uses if use)
    return f"用于{words}。" if len(words) > 1 else None


def _with_the_rest(reading: Reading) -> list[str]:
    """抽检1000批次，余下用于快检设备: the items named one by one, then what the rest is for; the project itself where one of them is it."""
    name, uses, at = name_in(reading), list[str](), _first_words(reading)
    for index, clause in enumerate(reading.clauses):
        words = _stripped(_USE.sub("", REST.sub("", re.sub(r"^(?:其中|另外?|还有)+", "", clause))))
        priced = any(price.clause == index and price.before and words.startswith(price.before) for price in reading.of("price"))
        counted = any(count.clause == index for count in reading.of("count"))
        if len(words) < 2 or (index == at and not counted) or (priced and not counted) or _MONEY_WORDS.fullmatch(words) or _AS_BEFORE.search(clause):
            continue
        if re.sub(r"(?:总?面积|里程|长度)$", "", words) in lexicon.ACTIONS:
            # 租用面积1200平方米: the measure of the project itself.
            words = name
        words = re.sub(r"^(..+)租金$", r"租赁\1", words) if words != name else words
        said = phrases.phrase(words)
        if not said.action and words.endswith(_BOUGHT_THINGS):
            words = f"购置{words}"
        elif said.action and "、" not in words and said.said[:1] in lexicon.FORMAL and said.said[:2] not in lexicon.ACTIONS:
            # 买火箭弹
            words = said.spoken
        uses.append(name if index == at or words in name else words)
    # Only the rest is named: the project is the first use.
    return list(dict.fromkeys(uses if len(uses) > 1 else [name, *uses]))


def said_besides(reading: Reading) -> list[str]:
    """What a sentence lists beside the project's name and without a figure (买防汛物资、搞演练5次 → 防汛物资购置; 保洁、保安、绿化)."""
    name, at, found = name_in(reading), _first_words(reading), list[str]()
    for index, clause in enumerate(reading.full_clauses):
        opened = re.search(r"[:(]", clause)
        listed = clause[opened.end() :].rstrip(")") if opened else clause if index != at else ""
        if not listed or listed.startswith(("其中", "每", "各")) or REST.match(listed) or _AS_BEFORE.search(listed) or _FROM.search(listed):
            continue
        pieces = [piece for piece in re.split(r"[、+]|以及|(?<=..)[和及](?=..)", listed) if piece]
        for piece in pieces:
            words = _stripped(re.sub(r"^(?:另外?|还有?|同时|外?加|再|并|以及|主要|包括)+(?=..)", "", piece))
            said = phrases.phrase(words)
            bare = not re.search(r"\d|[一二三四五六七八九十]+(?:次|期|场)", piece) and 2 <= len(words) <= 16 and not _TALK.search(words)
            deed = said.action in _DEEDS and len(said.object) >= 2 and said.object not in _MEASURES and not words.startswith(lexicon.EFFECT_WORDS)
            if bare and words not in name and (deed or (len(pieces) > 1 and not re.search(r"\d", listed) and classify(words) is not None)):
                found.append(words)
    return list(dict.fromkeys(found))


# Clauses that say where money or a number comes from, or when.
_FROM = re.compile(r"财政|自筹|配套|上级|预算|资金|文号|文件|年底|月底|合同|招标|采购方式|比[今去上]|惠及|受益|覆盖")


def _first_words(reading: Reading) -> int:
    return next((index for index, clause in enumerate(reading.clauses) if len(_stripped(clause)) >= 2), 0)


def _deeds(reading: Reading) -> list[str]:
    """办公楼维修，再买电脑打印机: clauses that say one deed each, without a count among them, are the uses."""
    bare = [_stripped(re.sub(r"^(?:乡里|镇里|县里|村里|我们)?(?:再|还要?|另外?|同时|并)+", "", clause)) for clause in reading.clauses]
    said = [re.sub(r"^(?:乡里|镇里|县里|村里)", "", words) for words in bare if words and not _MONEY_WORDS.fullmatch(words) and not _TALK.search(words)]
    parsed = [phrases.phrase(words) for words in said]
    if len(said) < 2 or not all(one.action in _DEEDS and len(one.object) >= 2 for one in parsed):
        return []
    return [one.spoken for one in parsed]


def _figures_only(tail: str, reading: Reading) -> bool:
    """Whether what stands after a colon only says prices (小学每人每年1000元): no use of money by itself."""
    return any(price.before and tail.startswith(price.before) for price in reading.of("price"))


_WHEN = r"20\d\d|明年|今年|下一?年|本年"
_TASK = r"(?:要|想|拟|计划|准备|打算|申请|申报|起草|编制?|写|做|搞|弄|报)+(?:一下|一?[个张份])?"
_BODIES = (  # these name an office wherever they stand
    r"(?<![布格大全邮书])局|(?<![村居])委员会|联合会|残联|妇联|总工会|文联|工商联|供销社|纪检?委|监委|[政法卫健发改编]{2}委|团委|(?<=[县市区旗])委(?!宣传|组织|统战|政法|党校|办|老干|编|网信|巡察|社会工作)|组织部|宣传部|统战部|武装部"
    r"|(?:我们?|咱们?|本)(?:单位|中心)|党校|政法委|红十字会|(?<=[县市区旗])编办|机关事务(?:服务|管理)?中心"
)
# These only before a year or a comma, for 医院污水处理改造 is a project.
_PLACES = (
    r"政府(?:办(?:公室)?)?|街道办事处|街道办|街道|[一-鿿]镇|[一-鿿]乡|检察院|法院|档案馆|图书馆|文化馆|博物馆|医院|卫生院|保健院|学校|中学|小学|幼儿园|大队|支队|中队|"
    r"中心|电视台|融媒体|人大(?:常委会)?(?:办公室)?|政协(?:办公室)?|(?:县|市|区|旗)委?办(?:公室)?|[河湖林]长办|[县市区史地]志办|编办|敬老院|林场|"
    r"[一二三四五六七八九十]中|科协|[一-鿿]{1,8}(?:校|站|协会|学会|工商联|办|公司|管委会|处|社|厂)"
)
_OFFICE = re.compile(
    rf"^(?P<lead>(?:请|麻烦|帮忙?|给|替|为|由)*)"
    rf"(?P<office>(?:[一-鿿]{{1,8}}?(?:自治县|县|区|市|旗))?[一-鿿]{{0,12}}?(?:{_BODIES}|(?:{_PLACES})(?=[:：,，《]|{_WHEN}|(?:要|想要?|拟|准备|打算|计划)(?:购|买|采购|更新|更换|建|修|办|搞|开展))))"
    rf"(?:[:：,，、 ]|的(?=[一-鿿])|(?P<verb>{_TASK})|(?={_WHEN}|[《“‘A-Z]|\d{{1,4}}号|[一-鿿]{{2}}))"
)
_OWN = re.compile(r"^(?:我|我们|咱|咱们|本)?(?:局|单位|中心)$")
_RUNS_ITSELF = re.compile(
    rf"(?:{_WHEN})?+度?的?(?:预算)?[:：,，、 ]?(?:\d|正常|日常|运行|运转|运维|维护|维修|"
    rf"改造|修缮|装修|扩建|建设|物业|水电|取暖|供暖|电费|房租|租金|保洁|保安|免费开放|开放|办公|经费|消防改造)"
)
_NO_OFFICE = re.compile(r"村民|居民|业主|^[各该某每几]")


def office_in(sentence: str) -> tuple[str | None, str]:
    """The office a sentence begins with (教育局2026年校舍维修…) and what it then says; None and the whole sentence where it begins with none.

    给/替 an office something is done only when a word for drafting follows (给残联服务中心买电脑 names no office); what an ordinary
    office or a school is followed by its year or a comma, for 医院污水处理改造 is a project's name.
    """
    text = sentence.strip()
    year = re.match(r"(?:20\d\d年度?|明年|今年|下一?年度?|本年度?)[,，、]?", text)
    match = _OFFICE.match(text[year.end() :] if year else text)
    if match is None or (_NO_OFFICE.search(match["office"])) or (match["lead"] and not match["verb"]):
        return None, sentence
    rest = (text[year.end() :] if year else text)[match.end() :]
    if re.search(r"[中心馆站院所园场]$", match["office"]) and _RUNS_ITSELF.match(rest):
        # 残疾人综合服务中心2026年运行经费: what is kept running, not who asks.
        return None, sentence
    return None if _OWN.search(match["office"]) else match["office"], f"{year[0] if year else ''}{rest}"
