"""Headings of goal tables, and what the title of a whole text says: number, year, office.

A heading is told by its words (…绩效目标表) or, for text right above a table, by its number. Lines of a table of contents repeat the
headings with a page number behind and are no headings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.chinese import HAN, chinese_number, fold, pattern, tidy, visible
from assistant.documents import NOWHERE, Locator
from assistant.extraction.lexicon import generic_title
from assistant.extraction.wording import is_organisation, one_line


@dataclass(slots=True)
class Title:
    """A heading of a table: its number, its words without number and （续）, whether it says 续, where it stands."""

    text: str
    number: int | None = None
    continued: bool = False
    locator: Locator = NOWHERE


_CONTINUED = pattern(r"[（(]\s*续\s*表?\s*[一二三四五六七八九十\d]*\s*[）)]|(?<=表)续\s*\d*$|^续表\s*\d*[:：]?")
_CONTENTS = pattern(r"(?:\.{3,}|…+|·{3,}|-{3,}|_{3,}|\t|[ \u3000]{2,})\s*-?\s*\d{1,4}\s*-?\s*$")
_NUMBERED = pattern(
    r"(?:附件?\s*\d*\s*[:：]\s*)?(?:[（(]\s*(?P<a>\d{1,3}|[一二三四五六七八九十百]{1,4})\s*[)）]|(?P<b>\d{1,3})\s*(?:[、)）:：]|[.．](?!\d))|(?P<c>[一二三四五六七八九十百]{1,4})\s*[、.．]"
    r"|第(?P<d>\d{1,3}|[一二三四五六七八九十百]{1,4})[个项张][:：、 ]|项目(?P<e>\d{1,3}|[一二三四五六七八九十]{1,3})[:：、 ])\s*"
)
_TABLE = pattern(r"绩效.{0,16}(?:目标|自评|指标|评价|申报|批复)?.{0,8}表\s*(?:[（(].{0,20}[)）])*$|预算05-\d|^绩效目标申报表")
_TABLE_WORDS = pattern(rf"绩效目标表|绩效目标{HAN}{{0,8}}表|绩效自评{HAN}{{0,4}}表|绩效指标表|绩效{HAN}{{0,6}}表")
_FORM_NUMBER = pattern(r"(?:预算|附件|附表|公开|表|公开表|报表编号|编号)[:：]?[\d\-._a-z]*表?(?:[:：])?")
# 项 目 支 出 绩 效 目 标 表
_DRAWN_OUT = pattern(rf"(?:{HAN}[ \u3000]+){{4}}")
_LONGEST = 120


def heading(text: str, place: Locator) -> Title | None:
    """The title of a goal table that a line is, or None. 第一部分 … 绩效目标 is a part's name, not a table's."""
    if "绩" not in text:
        return None
    line = one_line(text)
    if _DRAWN_OUT.search(line):
        line = tidy(line)
    if len(line) > _LONGEST or "绩效" not in fold(line) or _CONTENTS.search(visible(text).rstrip()):
        return None
    continued = bool(_CONTINUED.search(line))
    bare = _CONTINUED.sub("", line).strip()
    if not _TABLE.search(bare) or re.search(r"[。；;]|见附表|如下表|填写.*表|[：:].*，", bare):
        return None
    number, words = numbered(bare)
    return Title(words, number, continued, place)


def numbered(text: str) -> tuple[int | None, str]:
    """The number in front of a heading (Arabic or Chinese) and the words behind it."""
    match = _NUMBERED.match(text)
    if not match or match.end() >= len(text):
        return None, text
    digits = next((value for value in match.groups() if value), None)
    if digits is None:
        return None, text
    return (int(digits) if digits.isdigit() else chinese_number(digits)), text[match.end() :].strip()


def numbered_heading(text: str, place: Locator) -> Title | None:
    """A short numbered line that may be a table's heading when it stands right above it, or None."""
    line = one_line(text)
    if not 3 <= len(line) <= 80 or re.search(r"[。；;]$", line) or _CONTENTS.search(visible(text).rstrip()):
        return None
    bare = _CONTINUED.sub("", line).strip()
    number, words = numbered(bare)
    if number is None or not words:
        return None
    return Title(words, number, bool(_CONTINUED.search(line)), place)


def continuation(text: str) -> bool:
    """Whether a line says that the table above goes on."""
    line = one_line(text)
    return len(line) <= _LONGEST and bool(_CONTINUED.search(line))


def form_number(text: str) -> bool:
    """Whether a text is only the number a form has among others (预算05-2表, 附件3, 表1-2, 报表编号：510000_0013)."""
    return _FORM_NUMBER.fullmatch(fold(text)) is not None


# Words of numbered headings that part a text and name no project.
_PART_WORDS = pattern("绩效|目标|指标|预算|情况|说明|部分|附件|明细|汇总|合计")


def project_of(title: Title) -> str | None:
    """The project's name inside a table's title, or None when the title is the form's own."""
    if generic_title(title.text):
        return None
    name = re.sub(r"[（(]\s*20\d\d年?度?\s*[)）]$", "", title.text).strip()
    places = [match.start() for match in _TABLE_WORDS.finditer(name)]
    if not places:
        # （一）村卫生室补助 right above a table that names no project.
        return name if title.number is not None and not _PART_WORDS.search(name) and not re.search("[。；：:]", name) else None
    return re.sub(r"项目支出$", "", name[: places[-1]]).strip(' 　-—:：“”"') or None


_TEXT_TITLE = pattern(rf"((?:{HAN}|[（）()·]){{3,40}}?)\s*[-—－_]?\s*(20\d{{2}})\s*年(?:度)?\s*(?:部门|单位|县级|本级|市级|区级)*\s*(?:预算|绩效|项目)")
_TITLE_YEAR_FIRST = pattern(rf"(20\d{{2}})\s*年(?:度)?\s*((?:{HAN}|[（）()·]){{0,40}}?)\s*(?:部门|单位)?(?:预算|绩效)")


def text_title(text: str) -> tuple[str | None, int] | None:
    """Office (None when it does not read like one) and year of a title such as ``某县水务局2025年部门预算绩效文本``, or None."""
    line = one_line(text)
    if len(line) > 80 or "。" in line or _NUMBERED.match(line):
        return None
    if match := _TEXT_TITLE.search(line):
        office = re.split(r"关于|下达|印发|批复|的通知", match[1])[-1]
        return _title_of(line, office, int(match[2]))
    if match := _TITLE_YEAR_FIRST.search(line):
        return _title_of(line, match[2], int(match[1]))
    return None


def _title_of(line: str, office: str, year: int) -> tuple[str | None, int] | None:
    # A line that only mentions a year and a budget is no title.
    named = is_organisation(office)
    return ((office if named else None), year) if named or re.search(r"绩效文本|绩效目标|部门预算|预算公开|项目支出", line) else None
