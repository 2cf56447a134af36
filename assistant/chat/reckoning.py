"""算一下55人1400元: arithmetic said in a sentence, done and shown. Only figures of the sentence are used; nothing is written anywhere."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

from assistant.chinese import CHINESE_NUMERAL, chinese_number

_HEAD = re.compile(r"^[^\d一二两三四五六七八九十百]{0,12}?(?:算(?:一算|算看|一下|一算|算|下)|计算(?:一下)?|核算一下|算(?=\d))[：:，,\s]*")
_BEHIND = re.compile(r"[，,\s]*(?:帮我|请|给我)*(?:算一下|算算|算一算|算下)[。!！]*$")
_TAIL = re.compile(r"[，,\s]*(?:一共|总共|合计|共计|总计|加起来|下来)?(?:是|等于|要|需要|得|有)*(?:多少|几)(?:个)?(?:钱|元|万元?|块钱?)?[?？]*$")
_TIMES, _OVER, _PLUS, _MINUS = r"乘以?|×|x|X|\*|的(?=\d+(?:\.\d+)?[%％])", r"除以|÷|/", r"加上?|\+", r"减去?|减掉|-"
_SIGN = re.compile(rf"\s*(?:(?P<times>{_TIMES})|(?P<over>{_OVER})|(?P<plus>{_PLUS})|(?P<minus>{_MINUS}))\s*")
_FIGURE = re.compile(r"(?P<n>\d+(?:\.\d+)?)(?P<unit>万元|亿元|万块钱?|万|亿|元|块钱?|[%％]|[个名]?[人户次期天月年场台套件辆份座处所公里亩米]{1,2})?")
_SCALE = {"万": 10_000, "亿": 10**8}
_SMALL_WORDS = re.compile(r"(?:每|一)(?:个)?[\u4e00-\u9fff]{0,3}|按照?|标准|补助|补贴|培训|计划|共|补|给|发|花|的|，|,|、|。|\s|/人|/户")


def reckoned(words: str) -> str | None:
    """The sum a sentence asks for, with its arithmetic; None when it asks for none."""
    told, body = _HEAD.match(words) or _BEHIND.search(words), _TAIL.sub("", _BEHIND.sub("", _HEAD.sub("", words, count=1)))
    asked = body != words
    body = re.sub(r"百分之(\d+(?:\.\d+)?|[一二三四五六七八九十百]+)", lambda said: f"{_digits(said[1])}%", body)
    body = CHINESE_NUMERAL.sub(lambda said: _digits(said[0]) if len(said[0]) > 1 else said[0], body)
    figures = list(_FIGURE.finditer(body))
    if not asked or len(figures) < 2 or any(re.fullmatch(r"(?:19|20)\d\d年", figure[0]) for figure in figures):
        return None
    between = [body[: figures[0].start()], *(body[a.end() : b.start()] for a, b in itertools.pairwise(figures)), body[figures[-1].end() :]]
    signs = [_SIGN.fullmatch(part) for part in between[1:-1]]
    if all(signs):
        if not told and any(sign and sign[0].strip() in "-/+*xX" for sign in signs):
            return None  # 1-3月, 2024/2025: no arithmetic unless it is asked for
        return _expression(figures, [sign.lastgroup or "" for sign in signs if sign])
    if any(signs) or any(_SMALL_WORDS.sub("", part) for part in between[1:]):
        return None
    return _listed(figures)


def _expression(figures: list[re.Match[str]], signs: list[str]) -> str | None:
    """55人×1400元: products first, then sums, as written."""
    if "over" in signs and any(not _value(figure) for figure in figures[1:]):
        return None
    terms, kinds = [_value(figures[0])], [_is_money(figures[0])]
    for sign, figure in zip(signs, figures[1:], strict=True):
        value, money = _value(figure), _is_money(figure)
        if sign in ("times", "over"):
            terms[-1] = terms[-1] * value if sign == "times" else terms[-1] / value
            kinds[-1] = kinds[-1] != money if sign == "over" else kinds[-1] or money
        else:
            terms.append(value if sign == "plus" else -value)
            kinds.append(money)
    if len(set(kinds)) > 1:
        return None
    shown = {"times": "×", "over": "÷", "plus": "+", "minus": "-"}
    left = figures[0][0] + "".join(f"{shown[sign]}{figure[0]}" for sign, figure in zip(signs, figures[1:], strict=True))
    return _told(left, sum(terms, Decimal(0)), money=kinds[0])


def _listed(figures: list[re.Match[str]]) -> str | None:
    """55人1400元，30人1600元: what stands before a price is multiplied with it, the products added; one price takes what follows it too."""
    terms: list[list[re.Match[str]]] = [[]]
    for figure in figures:
        terms[-1].append(figure)
        if _is_money(figure):
            terms.append([])
    rest = terms.pop()
    if len(terms) == 1:
        terms[0] += rest
    elif rest and terms:
        return None
    if not terms or any(len(term) < 2 for term in terms):
        return None
    total = Decimal(0)
    for term in terms:
        made = Decimal(1)
        for figure in term:
            made *= _value(figure)
        total += made
    return _told(" + ".join("×".join(figure[0] for figure in term) for term in terms), total, money=True)


def _told(left: str, result: Decimal, *, money: bool) -> str:
    if not money:
        return f"{left}＝{_plain(result)}"
    amount = f"{left}＝{_plain(result)}元"
    return f"{amount}，合{_plain(result / 10_000)}万元" if abs(result) >= 10_000 else amount


def _value(figure: re.Match[str]) -> Decimal:
    unit = figure["unit"] or ""
    return Decimal(figure["n"]) * _SCALE.get(unit[:1], 1) / (100 if unit in ("%", "％") else 1)


def _is_money(figure: re.Match[str]) -> bool:
    return bool(re.fullmatch("万元?|亿元?|元|块钱?|万块钱?", figure["unit"] or ""))


def _digits(said: str) -> str:
    number = said if said[0].isdigit() else chinese_number(said)
    return said if number is None else str(number)


def _plain(number: Decimal) -> str:
    rounded = number.quantize(Decimal("0.0001")) if number != number.to_integral_value() else number.quantize(Decimal(1))
    return f"{rounded.normalize():f}"
