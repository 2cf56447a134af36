"""The text of cells: wrapped lines joined, numbers taken off goals, amounts, codes and years found. Pure functions over strings.

What is kept keeps its words, widths and punctuation; only what a form's layout put there goes (line breaks inside a name, the
number in front of a goal).
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from assistant.chinese import HAN, chinese_number, fold, pattern, visible, without_document_numbers

_LINE = pattern(r"\s*[\n\r\t\v\f]+\s*")
_BREAK = pattern(r"[\n\r\t\v\f]")
_ENDS_SENTENCE = tuple("。；;！!？?：:")
_NUMBER = pattern(
    r"\s*(?:[（(]\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[)）][.、．]?|(?:目标|指标)\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[:：.、．]"
    r"|\d{1,2}\s*(?:[、:：)）]|[.．](?:(?!\d)|(?=\d{1,2}月|20\d\d年)))|[①-⑳]|[⑴-⒇]|[⒈-⒛]|[一二三四五六七八九十]{1,3}[、.．])\s*"
)
_INNER_NUMBER = pattern(r"(?<=[。；;！!\s])\s*(?:(\d{1,2})\s*(?:[、)）]|[.．](?!\d))|[（(](\d{1,2})[)）]|([①-⑳])|目标\s*(\d{1,2})\s*[:：])")


def one_line(text: str) -> str:
    """A name or value on one line: invisible marks gone, line breaks of the layout gone, everything else as written."""
    if text.isprintable():
        return text.strip()
    text = visible(text).strip()
    if not _BREAK.search(text):
        return text
    parts = _LINE.split(text)
    joined = parts[0]
    for part in parts[1:]:
        apart = joined[-1:].isascii() and part[:1].isascii() and joined[-1:].isalnum() and part[:1].isalnum()
        joined += " " + part if apart else part
    return joined


def prose(text: str, *, wrapped: bool = False) -> str:
    """A text of one or more paragraphs, one a line. ``wrapped`` = the source breaks lines for want of room (PDF): such breaks are undone."""
    if text.isprintable():
        return text.strip()
    lines = [line.strip() for line in visible(text).replace("\t", " ").splitlines()]
    lines = [line for line in lines if line]
    if not wrapped:
        return "\n".join(lines)
    kept: list[str] = []
    for line in lines:
        if kept and not kept[-1].endswith(_ENDS_SENTENCE) and not _NUMBER.match(line):
            kept[-1] = one_line(kept[-1] + "\n" + line)
        else:
            kept.append(line)
    return "\n".join(kept)


def without_number(text: str) -> str:
    """A goal or heading without the number in front of it (``1.``, ``（一）``, ``目标1：``)."""
    match = _NUMBER.match(text)
    return text[match.end() :] if match and match.end() < len(text) else text.strip()


def goals(text: str, *, wrapped: bool) -> tuple[str, ...]:
    """The goals of a cell: one per number, else one per sentence that ends its line; a line that ends within a sentence goes on in the next."""
    lines = [line.strip() for line in visible(text).replace("\t", " ").splitlines() if line.strip()]
    if len(lines) == 1:
        lines = _at_inner_numbers(lines[0])
    numbered = any(_NUMBER.match(line) for line in lines)
    found: list[str] = []
    for line in lines:
        starts = bool(_NUMBER.match(line)) if numbered else not found or found[-1].endswith(_ENDS_SENTENCE)
        if starts or not found:
            found.append(line)
        elif found[-1].endswith(_ENDS_SENTENCE) or not (wrapped or found[-1].endswith(("，", ",", "、"))):
            found[-1] += "\n" + line
        else:
            found[-1] = one_line(found[-1] + "\n" + line)
    return tuple(goal for goal in map(without_number, found) if goal)


def _at_inner_numbers(line: str) -> list[str]:
    """A line cut at 2., 3. … when it opens with 1. and the numbers follow each other."""
    first = _NUMBER.match(line)
    if not first or not re.search(r"[1①⑴⒈一]", first[0]):
        return [line]
    cuts, expected = [0], 2
    for match in _INNER_NUMBER.finditer(line):
        digits = match[1] or match[2] or match[4]
        number = int(digits) if digits else ord(match[3]) - ord("①") + 1
        if number == expected:
            cuts.append(match.start())
            expected += 1
    return [line[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(line)], strict=True)]


_AMOUNT = pattern(r"(?:约|共|人民币|¥)?(-?\d+(?:\.\d+)?)(亿元|亿|万元|万|千元|元整|元)?")
_NO_AMOUNT = frozenset({"", "-", "--", "/", "—", "无", "\\", "0元", "——"})


@lru_cache(maxsize=4096)
def amount(text: str) -> tuple[Decimal, str | None] | None:
    """The amount written in a cell and its unit there (None when not written), or None for a text that is no amount.

    ``1,234.50`` is 1234.50; the number of decimals stays as written.
    """
    match = _AMOUNT.fullmatch(re.sub(r"(?<=\d),(?=\d{3})", "", fold(text)))
    if not match:
        return None
    unit = {"亿": "亿元", "万": "万元", "元整": "元"}.get(match[2], match[2])
    return Decimal(match[1]), unit


def no_amount(text: str) -> bool:
    """Whether a money cell says that there is nothing."""
    return fold(text) in _NO_AMOUNT


_PERCENT = pattern(r"(?:达到|达|≥|>=|≤|<=|=|不低于|支出|累计)*(\d+(?:\.\d+)?)(%)?")


def percent(text: str) -> Decimal | None:
    """The number of a percentage cell (``25%`` → 25), or None."""
    match = _PERCENT.fullmatch(fold(text))
    return Decimal(match[1]) if match else None


_YEAR = pattern(r"(?<![\d—~～至-])([2２][0０]\d{2})\s*(?:年度|年|财年)")
_YEAR_CHINESE = pattern(r"二[〇○零O0][一二三四五六七八九〇○零]{2}年")


@lru_cache(maxsize=4096)
def year_in(text: str) -> int | None:
    """The first ``2025年`` of a text (not the years of document numbers), or None."""
    plain = without_document_numbers(text)
    if match := _YEAR.search(plain):
        return int(match[1])
    if match := _YEAR_CHINESE.search(plain):
        return chinese_number(match[0][:4].replace("O", "〇").replace("0", "〇"))
    return None


_CODE_AND_NAME = pattern(rf"[\[【(（〔]?\s*([0-9０-９]{{3,12}})\s*[\]】)）〕]?\s*[-—－_:：]?\s*(?!年)({HAN}[（）()、·—\-“”\w\s]*)")
_NAME_AND_CODE = pattern(rf"({HAN}(?:{HAN}|[（）()、·])*?)\s*[\[【(（〔]\s*([0-9]{{3,12}})\s*[\]】)）〕]")
# Where the seal goes: no part of the name.
_SEAL = pattern(r"[（(]\s*(?:盖章|公章|签章|单位公章|加盖公章|章)\s*[)）]\s*[:：]?\s*$")
_ORGANISATION = pattern(
    r"(?:局|委|委员会|联合会|会|院|校|学|园|中心|办|办公室|所|站|队|支队|大队|馆|公司|集团|政府|部|处|社|团|厅|法院|检察院|联社|街道|乡|镇|基地|台|段|库|场|署|组织|机关|总队|本级)(?:[（(][^）)]*[）)])?(?:本级|机关)?"
)


def organisation(text: str) -> tuple[str | None, str | None]:
    """Code and name of an office as written together (``762001怀来县残疾人联合会``, ``[103]六安市…``); either may be None."""
    text = _SEAL.sub("", one_line(text)).strip()
    if match := _CODE_AND_NAME.fullmatch(text):
        return fold(match[1]), match[2].strip()
    if match := _NAME_AND_CODE.fullmatch(text):
        return fold(match[2]), match[1].strip()
    if re.fullmatch(r"[0-9]{3,12}", text):
        return text, None
    return None, text or None


def is_organisation(text: str) -> bool:
    """Whether a text reads like the name of an office (ends in 局, 委员会, 中心 …), with or without its code."""
    code, name = organisation(text)
    if not name or len(name) > 40 or name.startswith("年") or re.search(r"[，。；：:]", name):
        return False
    return bool(code and name) or bool(re.search(_ORGANISATION.pattern + r"$", name))
