"""The office a sentence begins with: 教育局2026年校舍维修… is asked by 教育局, 残疾人综合服务中心2026年运行经费 is about the place itself."""

from __future__ import annotations

import re

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
