"""Hard keys of a question: document numbers in any writing, project codes, ordinals of tables, years. None of them is a matter of likeness."""

from __future__ import annotations

import re

from assistant.answering.question import Key, Question
from assistant.chinese import chinese_number

_TAIL = r"(?:文件|文(?![化物体书具案本]))?"
_NAMES_OF_KEYS = re.compile(rf"\[(\d{{4}})\]第?(\d{{1,5}})号?{_TAIL}|\((\d{{4}})\)第?(\d{{1,5}})号{_TAIL}")
_KEY_IN_WORDS = re.compile(rf"(20\d{{2}})年?第?(\d{{1,4}})号{_TAIL}")
_SHORT_KEY = re.compile(r"(?<![\d.])(\d{1,4})号(?:文件|文)?(?!(?:楼|线|路|表|项目|公路|桥|前|之前|以前|后|左右|起|发))")
# 20年一遇, 使用50年 and 2000万 are no years.
_YEAR = re.compile(
    r"(?<![\d.])(20\d{2})(?:年度|年|(?![万亿千元%人户个亩公里米吨台套件辆次名头只株立平处座所多余来左右以及]))(?![\d.号]|一遇|以上|以内)|"
    r"(?<![\d.满过于达约近每至到低])(1[5-9]|2\d|3[0-5])年度?(?!以|一遇|内|期|限|使用|寿命|质保|不|的?(?:使用|设计|质保))"
)
_RELATIVE = (("前年", -2), ("去年", -1), ("上一年度", -1), ("上一年", -1), ("上年度", -1), ("上年", -1), ("明年", 1), ("下一年", 1), ("来年", 1))
_CODE = re.compile(r"(?=[0-9a-z]*[a-z])(?=[0-9a-z]*\d)[0-9a-z]{3,24}|(?<=尾号)(?:是|为)?\d{2,6}|(?<=编码)(?:是|为)?\d{6,24}")
_CODE_LEAD = re.compile(
    r"(?:项目)?(?:编码|编号|代码)(?:是|为)?(?=[0-9a-z]{6,24})|"
    r"(?:项目)?(?:编码|编号|代码)?(?:的)?(?:尾号|后[三四五六]位|后面|后头|最后[三四五六几]位|末[三四五六]位|结尾|末尾)(?:是|为)?(?=[0-9a-z]{2,24})"
)
_ORDINAL = re.compile(
    r"表(\d{1,3})(?!\d|月|号文)|第(\d{1,3}|[一二三四五六七八九十]{1,3})(?:个|张|份|号)?(?:绩效)?(?:目标)?(?:表|项目)|(?<!\d)(\d{1,2})号(?:表|项目)"
)


def find_keys(q: Question) -> None:
    """Note and settle the document numbers, ordinals, codes and years of a question."""
    text = q.text
    for match in _NAMES_OF_KEYS.finditer(text):
        year, number = (match[1], match[2]) if match[1] else (match[3], match[4])
        start = _prefix_start(text, match.start())
        q.keys.append(Key(text[start : match.start()], int(year), int(number), start, match.end()))
        q.settle(start, match.end())
    for match in _KEY_IN_WORDS.finditer(text):
        if q.free(*match.span()):
            start = _prefix_start(text, match.start())
            q.keys.append(Key(text[start : match.start()], int(match[1]), int(match[2]), start, match.end()))
            q.settle(start, match.end())
    for match in _ORDINAL.finditer(text):
        said = next(group for group in match.groups() if group)
        value = int(said) if said.isdigit() else chinese_number(said)
        if value and q.free(*match.span()):
            q.ordinals.append(value)
            q.settle(*match.span())
    for match in _SHORT_KEY.finditer(text):
        if q.free(*match.span()):
            start = _prefix_start(text, match.start())
            q.keys.append(Key(text[start : match.start()], None, int(match[1]), start, match.end()))
            q.settle(start, match.end())
    for lead in _CODE_LEAD.finditer(text):
        q.settle(*lead.span())
    for match in _CODE.finditer(text):
        if q.free(*match.span()) and not re.fullmatch(r"[a-z]?\d+(?:mbps|km|kg|m2|m3|gb|mb)?", match[0]):
            q.codes.append(re.sub(r"^[是为]", "", match[0]))
            q.settle(*match.span())
    if re.search(r"编码|编号|代码|尾号|结尾", text):
        for match in re.finditer(r"(?<![\d.])\d{3,24}(?!\d|号)", text):
            if q.free(*match.span()) and not re.fullmatch(r"20\d\d", match[0]):
                q.codes.append(match[0])
                q.settle(*match.span())
    last = re.search(r"最后(?:一|的)?(?:一)?(?:张|个)(?:目标)?(?:表|项目)", text)
    if last:
        q.ordinals.append(-1)
        q.settle(*last.span())
    for match in _YEAR.finditer(text):
        if q.free(*match.span()) and (match[1] is None or match[0] != match[1] or 2000 <= int(match[1]) <= 2099):
            q.years.append(int(match[1]) if match[1] else 2000 + int(match[2]))
            q.settle(*match.span())
    for word, offset in _RELATIVE:
        for match in re.finditer(word, text):
            if q.free(*match.span()):
                q.relative_years.append(offset)
                q.settle(*match.span())


# Issuers' short names are two to four characters; 文, 的 and the like before a number are no part of one.
def _prefix_start(text: str, end: int) -> int:
    match = re.search(
        (
            r"(?:[一-鿿]{1,3}(?:财|政|发|办|农|教|卫|民|水|建|环|交|人社|社|预|绩|资|综|字|税|会|规|函){1,3}(?:字)?|财(?:社|预|绩|"
            r"农|教|建|资|综|税|字|办|发)|中发|国发|国办发|财字)$"
        ),
        text[:end],
    )
    if match is None:
        return end
    lead = re.match(r"(?:不是|不属于|不含|除了|除|非|没有|没|是|的|和|与|跟|用|按|在|问)+", match[0])
    return match.start() + (lead.end() if lead else 0)
