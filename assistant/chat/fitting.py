"""What can be an answer to a question about a cell: its form brought to what the question asks for, anything else refused with a reason.

Nothing is written down that does not fit: a sentence about something else, an amount of money for a number of people, a time for a count.
"""

from __future__ import annotations

import re

from assistant.chat import acting
from assistant.chinese import CHINESE_NUMERAL, chinese_number, document_numbers, fold
from assistant.draft import Draft, OpenQuestion
from assistant.errors import InputError
from assistant.target import Target
from assistant.taxonomy import OPEN_VALUE

_HINT = re.compile(r"写成\s*(?P<sign>[≥≤=<>]?)…(?P<unit>[^，,）)]*)")
_MONEY = re.compile(r"[\d一二三四五六七八九十百千.]\s*(?:万|亿)?(?:元|块)|[\d十百千]\s*[万亿]$")
# What people put around a figure, and how many other characters may stand there that the question does not have.
_SMALL_WORDS = re.compile(
    r"大概|大约|差不多|左右|上下|以上|以下|以内|估计|预计|可能|应该|一共|总共|合计|计划|打算|安排|目标|今年|明年|去年|上年|全年|本年|每年|按照?|实际|"
    r"不少于|不低于|不超过|不高于|至少|至多|最多|最少|达到|还是|就|定为?|改成|写|填|报|万|元|块|人|名|个|次|户|台|套|件|年|月|日|天|是|有|能|要|吧|了|的|呢|"
    r"依据|根据|文件|号|发改|财|办"
)
_STRANGE = 4
# What nobody answers to a question about a figure or a use: a wish that was not understood, or small talk.
_NO_ANSWER = re.compile(
    r"(?:打开|切换|切到|回到|换到|看看|显示|导出|撤销|删|检查|起草|再起草|新建|帮我|给我|请|算了|不对|不是|等等|等一下|稍等|什么意思|"
    r"第[\d一二三四五六七八九十]+(?:个|条|项|行)?$|怎么|为什么|我不|你|别|天气|不弄|不做|不想|哈|呵|嗯|啊|哦)|"
    r".*(?:改成|改为|改回|弄错|搞错|说错|草稿|天气|吃饭|下班|开会|听不懂|没听懂|什么意思|为什么)"
)


def no_answer(text: str) -> bool:
    """Whether a text is a wish that was not understood, or small talk: nobody answers so."""
    return bool(_NO_ANSWER.match(text))


def shaped(question: OpenQuestion, text: str) -> str:
    """The answer in the form that the question asks for. InputError when it can be none: nothing is written down then."""
    if no_answer(text) or not re.search(r"\w", text):
        raise InputError(f"“{text[:30]}”不像这个问题的答案，没有记下。", f"{question.question}不清楚请说“跳过”。")
    if question.known_as == "资金文件号":
        if not document_numbers(text):
            raise InputError(f"“{text[:30]}”不像文号，没有记下。", "请写全文号，例如 冀财社〔2025〕163号；还没下来请说“跳过”。")
        return text
    if question.cell == "unit.name" and (re.search(r"\d", text) or len(text) < 3):
        raise InputError(f"“{text[:30]}”不像单位名称，没有记下。", "请写全称；不清楚请说“跳过”。")
    if question.cell == "project.code" and not re.fullmatch(r"[0-9A-Za-z\-]{6,40}", text):
        raise InputError(f"“{text[:30]}”不像项目编码，没有记下。", "编码由数字和字母组成；还没有请说“跳过”。")
    hint = _HINT.search(question.question)
    wants_figure = hint is not None or question.cell.endswith((".percent", "budget.total")) or bool(re.search("百分之几|多少", question.question))
    if "吗" in question.question:
        text, wants_figure = re.sub(r"^(?:不[是了]?|改成|改为|要|按)[，,\s]*", "", text) or text, True
    if not wants_figure:
        return text
    text = re.sub(r"(?:吧|呢|啊|呀|哦|了|左右|上下)+$", "", text)
    _about(text, question)
    if not re.search(r"\d", text):
        whole = chinese_number(text) if CHINESE_NUMERAL.fullmatch(text) else None
        text = acting.regular(text) if whole is None else str(whole)
    if not re.search(r"\d", text):
        raise InputError(f"“{text[:30]}”里没有数，没有记下。", f"{question.question}不清楚请说“跳过”。")
    if not question.cell.endswith(".value"):
        return text
    return _with_unit(text, hint["sign"] if hint else "", hint["unit"].strip() if hint else "", question.question)


def hinted(draft: Draft, cell: str, text: str) -> str:
    """A figure for a cell that is still open, with the comparator and unit its question asks for; anything else as it is."""
    if OPEN_VALUE not in draft.table.text(cell):
        return text
    question = next((each for each in draft.open_questions if each.cell == cell), None)
    hint = _HINT.search(question.question) if question is not None else None
    said = Target.parse(acting.regular(text))
    if hint is None or said.number is None or said.kind != "quant":
        return text
    return f"{said.comparator or hint['sign']}{said.number:f}{_unit(said.unit, hint['unit'].strip())}"


def _about(text: str, question: OpenQuestion) -> None:
    """InputError for a sentence about something else that happens to hold a figure (完工时间定在10月底前 for a number of people): what is left
    of it beside figures, small words and the question's own words must be next to nothing."""
    left = re.sub(rf"[^\u4e00-\u9fff]|{CHINESE_NUMERAL.pattern}", "", _SMALL_WORDS.sub("", text))
    asked = f"{question.question}{question.known_as or ''}{question.cell.endswith('.percent') and '月底百分之支出进度'}"
    strange = [char for char in left if char not in asked]
    if len(strange) > _STRANGE:
        raise InputError(f"“{text[:30]}”像是在说别的，没有记下。", f"{question.question}不清楚请说“跳过”。")


def _with_unit(text: str, sign: str, unit: str, question: str) -> str:
    """A figure with the comparator and unit that the question asks for where none was said (60 → ≥60人). InputError for an amount of money
    where people or things are counted."""
    bare = re.search(r"(?:≥|≤|>=|<=|不少于|不低于|不超过|至少|最多|大概|大约|约|计划)?\s*\d[\d.,]*\s*\S{0,12}$", text)
    said = Target.parse(fold(bare[0].strip() if bare else text))
    if unit and "元" not in unit and (_MONEY.search(text) or (said.unit or "") in ("万", "万元", "元")):
        raise InputError(f"问的是{unit}，“{text[:30]}”像是金额，没有记下。", f"{question}不清楚请说“跳过”。")
    if unit and said.unit and (said.unit in ("%", "％")) != bool(re.search("[%％]", unit)):
        raise InputError(f"问的是{unit}，“{text[:30]}”不像，没有记下。", f"{question}不清楚请说“跳过”。")
    if "元" in unit and said.unit and "元" not in said.unit and said.unit not in ("万", "亿", "块"):
        raise InputError(f"问的是{unit}，“{text[:30]}”不像，没有记下。", f"{question}不清楚请说“跳过”。")
    if re.fullmatch("[年月天日]", unit) and said.unit and not re.search("[年月天日周季]", said.unit):
        raise InputError(f"问的是{unit}，“{text[:30]}”不像，没有记下。", f"{question}不清楚请说“跳过”。")
    timely = not unit or bool(re.search("[年月日天]", unit))
    if said.kind not in (("quant", "range", "date", "cycle") if timely else ("quant", "range")) and unit:
        raise InputError(f"“{text[:30]}”没听懂，没有记下。", f"{question}不清楚请说“跳过”。")
    if said.kind != "quant" or said.number is None:
        return text
    comparator = said.comparator or sign
    return f"{comparator}{said.number:f}{_unit(said.unit, unit)}"


def _unit(said: str | None, asked: str) -> str:
    """The unit of an answer: as said, else as asked for; of a price said as a sum (30万 for 元/台) the sum's unit for one of what is asked."""
    money = {"万": "万元", "万元": "万元", "元": "元", "块": "元", "块钱": "元"}.get(said or "")
    return f"{money}{asked[asked.index('/') :]}" if money and "/" in asked else said or asked
