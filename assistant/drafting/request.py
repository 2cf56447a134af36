"""What a person asks for, from options, from one sentence as staff would say it, or both: a ``Request``.

Options win over the sentence. Every amount ends in 万元 as a decimal string; every figure that belongs to an indicator becomes an
entry of ``known`` under a plain name (``培训人数`` → ``55人``). Nothing is added that was not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.chinese import document_numbers, fold, tidy
from assistant.draft import Request
from assistant.drafting import phrases, wording
from assistant.drafting.wording import Mention, Reading, plain
from assistant.errors import InputError
from assistant.table import Money
from assistant.target import Target

YEARS = range(2010, 2051)
_FISCAL = ("财政", "拨款", "县里", "县级", "县财", "中央", "省级", "省里", "市级", "上级", "一般公共预算", "彩票公益金", "政府出")
_OTHER = (
    "自筹",
    "其他资金",
    "其它资金",
    "其他",
    "自有",
    "社会",
    "单位资金",
    "单位自己",
    "单位出",
    "事业收入",
    "捐赠",
    "捐款",
    "企业出",
    "群众出",
    "村里出",
    "村集体",
    "自己出",
    "经营收入",
)
_TOTAL = (
    "预算",
    "总投资",
    "总额",
    "总共",
    "一共",
    "合计",
    "共计",
    "总计",
    "总",
    "投资",
    "申请",
    "安排",
    "资金",
    "经费",
    "下达",
    "全年",
    "需要",
    "需",
    "共",
    "大概",
    "约",
    "给",
    "批了",
    "定了",
    "花",
)
_COMMANDS = re.compile(
    r"^(?:请?(?:你|您)?(?:帮我?|帮忙|麻烦|替我|给我)?们?(?:起草|拟定?|写|做|编|弄|出|生成|填|来)(?:一下|一?[个张份])?)(?:关于)?|^(?:请|帮我|麻烦|我们?(?:局|单位|中心)?|本单位|本局|我县)?(?:想|要|打算|计划|准备|申请|申报)+(?:做|搞|办|用)?"
)
_USE = re.compile(r"^(?:资金)?(?:主要)?(?:用于|用来|用作|用以|拿来|用在|内容[是为包括]*|包括|任务是)[:：]?")
_AS_BEFORE = re.compile(
    r"照(?:今年|去年|上年|老)?的?(?:表|样子?|旧)?(?:来|改|做|办)?$|跟(?:今年|去年|上年)一样|(?:内容|其他|别的)(?:都)?(?:不变|照旧|不动)|参照(?:今年|去年|上年).*|和(?:去年|上年|今年)(?:的)?一样"
)
_MONEY_WORDS = re.compile(
    r"(?:其中|预算|总?投资|资金|财政(?:拨款|资金|出的?|承担|安排)?|自筹|其他|其它|县里出?|上级(?:补助)?|中央|省级|共计?|合计|总共|一共|全年|大概|约|大约|左右|单位自己出?|出的|申请|安排|需要|每|给|拨款|经费|全部|都是|由|批了|定了|下达|元|块|万|标准|单价)+"
)


def understand(
    sentence: str | None = None,
    *,
    name: str = "",
    year: int | str | None = None,
    budget: str | None = None,
    fiscal: str | None = None,
    other: str | None = None,
    purpose: str | None = None,
    basis: Iterable[str] = (),
    known: Mapping[str, str] | Iterable[str] = (),
    unit: str | None = None,
    frame: str | None = None,
    form: str | None = None,
    this_year: int | None = None,
) -> Request:
    """The request said by options and ``sentence``; ``this_year`` is what 今年 means (明年 is the year after).

    InputError for amounts that are no number or not above zero, years that are none, and ``known`` entries without ``=``.
    """
    reading = wording.read(sentence) if sentence and sentence.strip() else None
    spoken = _from_sentence(reading, this_year) if reading else _Spoken()
    facts = dict(spoken.known)
    for key, value in _known_pairs(known):
        facts[key] = value
    # What stands in ``known`` under the name of a field is that field, unless an option says it.
    name, unit, purpose = name or facts.pop("项目名称", ""), unit or facts.pop("预算单位", None), purpose or facts.pop("资金用途", None)
    year = year if year not in (None, "") else facts.pop("年度", None)
    budget, fiscal, other = budget or facts.pop("预算", None), fiscal or facts.pop("财政资金", None), other or facts.pop("其他资金", None)
    money = {key: _amount(label, given) for key, label, given in (("budget", "预算", budget), ("fiscal", "财政资金", fiscal), ("other", "其他资金", other))}
    stated = dict(spoken.stated)
    for key, given in (("budget", budget), ("fiscal", fiscal), ("other", other), ("year", year)):
        if given is not None and str(given).strip():
            stated[key] = str(given).strip()
    return Request(
        name=tidy(name) or spoken.name,
        year=_year(year) if year is not None and str(year).strip() else spoken.year,
        unit=tidy(unit) if unit and unit.strip() else None,
        budget=money["budget"] or spoken.money.get("budget"),
        fiscal=money["fiscal"] or spoken.money.get("fiscal"),
        other=money["other"] or spoken.money.get("other"),
        purpose=tidy(purpose) if purpose and purpose.strip() else spoken.purpose,
        basis=tuple(dict.fromkeys([*(tidy(text) for text in basis if text.strip()), *spoken.basis])),
        known=facts,
        sentence=sentence.strip() if sentence and sentence.strip() else None,
        frame=frame,
        form=form,
        stated=stated,
    )


def projects_in(sentence: str) -> list[str]:
    """The sentence cut into one sentence per project: at a semicolon or full stop where both sides name a budget of their own."""
    pieces = [piece.strip() for piece in re.split(r"[;；。\n]", sentence) if piece.strip()]
    projects: list[str] = []
    for piece in pieces:
        reading = wording.read(piece)
        own_budget = any(_role(mention, reading) == "budget" for mention in reading.of("money"))
        if projects and not (own_budget and _name(reading) and not piece.startswith(("其中", "用于", "包括", "主要"))):
            projects[-1] += "；" + piece
        else:
            projects.append(piece)
    if len(projects) < 2:
        return [sentence]
    # The first project's year holds for those that name none.
    first = wording.read(projects[0])
    word = f"{first.year}年" if first.year else first.year_word or ""
    return [
        piece if index == 0 or not word or wording.read(piece).year or wording.read(piece).year_word else f"{piece}，{word}"
        for index, piece in enumerate(projects)
    ]


@dataclass(slots=True)
class _Spoken:
    """What a sentence says, field by field."""

    name: str = ""
    year: int | None = None
    money: dict[str, str] = field(default_factory=dict)
    purpose: str | None = None
    basis: tuple[str, ...] = ()
    known: dict[str, str] = field(default_factory=dict)
    stated: dict[str, str] = field(default_factory=dict)


def _from_sentence(reading: Reading, this_year: int | None) -> _Spoken:
    found = _Spoken(name=_name(reading), purpose=_purpose(reading), basis=tuple(reading.documents))
    stated, known = found.stated, found.known
    for mention in reading.of("money"):
        role = _role(mention, reading)
        if role in ("budget", "fiscal", "other") and role not in found.money:
            if mention.number < 0:
                raise InputError(f"{_MONEY_LABELS[role]}“{mention.words}”不能是负数。", "请写大于零的数，例如 480万元。")
            found.money[role] = _places(mention.number)
            stated[role] = _quoted(mention)
        else:
            known[_money_name(mention)] = mention.text
    for mention in reading.mentions:
        if mention.kind != "money":
            known[_unused(_fact_name(mention, reading), known)] = mention.text
    if reading.months:
        known["发放月数"] = f"{reading.months}个月"
    if reading.document_pending:
        known["资金文件号"] = "待核实"
    if reading.year or reading.year_word:
        year = reading.year or _relative(reading.year_word or "", this_year)
        if year is not None:
            found.year = year
            stated["year"] = f"{reading.year}年" if reading.year else str(reading.year_word)
    return found


def _relative(word: str, this_year: int | None) -> int | None:
    if this_year is None:
        return None
    return this_year + {"今年": 0, "本年": 0, "本年度": 0, "后年": 2}.get(word, 1)


def _role(mention: Mention, reading: Reading) -> str:
    """budget, fiscal, other, or part: what an amount of the sentence is."""
    before = mention.before
    # 财政40万自筹8万: the word nearest before the figure decides.
    placed = [(before.rfind(word), role) for role, words in (("fiscal", _FISCAL), ("other", _OTHER), ("budget", _TOTAL)) for word in words if word in before]
    sums = [other for other in reading.of("money") if other is not mention]
    if any(role == "other" for _, role in placed) and not before.endswith(("等其他", "及其他")):
        return "other"
    if any(role == "fiscal" for _, role in placed):
        return "fiscal"
    if any(role == "budget" for _, role in placed) and not before.startswith("其中"):
        stem = re.sub("|".join(_TOTAL), "", before)
        return "budget" if len(stem) <= 2 or not any(_role_is_plain_total(other) for other in sums) else "part"
    if mention is next((other for other in reading.of("money") if not _marked(other)), None) and not before.startswith("其中"):
        return "budget" if not any(_role_is_plain_total(other) for other in sums) else "part"
    return "part"


def _role_is_plain_total(mention: Mention) -> bool:
    return (
        mention.before.endswith(("预算", "总投资", "总额", "总共", "一共", "合计", "共计", "总计", "共", "预算数", "预算为")) and "其中" not in mention.before
    )


def _marked(mention: Mention) -> bool:
    return any(word in mention.before for word in (*_FISCAL, *_OTHER)) or mention.before.startswith("其中")


_MONEY_LABELS = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金"}


def _quoted(mention: Mention) -> str:
    return (mention.before[-6:] + mention.words).strip()


def _money_name(mention: Mention) -> str:
    noun = phrases.phrase(re.sub(r"^其中", "", mention.before), mention.after).nominal or "分项"
    return noun + "资金"


def _fact_name(mention: Mention, reading: Reading) -> str:
    if mention.kind == "rate":
        return mention.before
    before = re.sub(r"^.*其中", "", mention.before)
    if mention.kind == "count":
        said = phrases.phrase(before, mention.after)
        if each := re.search(r"每个?(?:[一-龥]{1,6}?)(?=配|买|建|装|发|购|安)", before):
            # 每个乡镇配2辆: not the total, and named so that it is never taken for it.
            return f"{each[0]}{phrases.counted(said.object, mention.unit)}"
        noun = said.nominal if len(said.nominal) > 1 else ""
        if not noun:
            noun = _subject_near(mention, reading)
        return phrases.counted(noun, mention.unit) if noun else phrases.measure(mention.unit)
    # A price belongs to the count before it, in its own clause or the one before: 培训55人、人均1600.
    noun = _subject_near(mention, reading)
    return f"{noun}标准" if noun else "补助标准"


def _subject_near(mention: Mention, reading: Reading) -> str:
    counts = [other for other in reading.of("count") if other is not mention and (other.before or other.after)]
    near = [other for other in counts if other.start < mention.start] or counts
    if near and mention.kind == "price":
        per = mention.unit.partition("/")[2].split("·")[0]
        same = [other for other in near if other.unit == per]
        near = same or near
    if near:
        chosen = near[-1] if near[-1].start < mention.start else near[0]
        noun = phrases.phrase(re.sub(r"^.*其中", "", chosen.before), chosen.after).nominal
        if len(noun) > 1:
            return noun
    own = re.sub(r"^.*其中", "", mention.before)
    own = re.sub(r"\d.*$", "", own)
    said = phrases.phrase(own).nominal if len(own) > 1 else ""
    return said if len(said) > 1 else phrases.phrase(_name(reading)).nominal


def _unused(name: str, known: Mapping[str, str]) -> str:
    if name not in known:
        return name
    return next(f"{name}（{i}）" for i in range(2, 100) if f"{name}（{i}）" not in known)


def _name(reading: Reading) -> str:
    for clause in reading.clauses:
        head, _, _ = clause.partition(":")
        words = _stripped(head)
        if len(words) >= 2 and not _USE.match(words) and not head.startswith("其中"):
            said = phrases.phrase(words)
            if phrases.spoken_as_action(words) and len(said.nominal) <= 24:
                return said.nominal
            return re.sub(r"^(?:举办|开展|组织开展|组织|实施|进行|推进)(?=..)", "", words)
    for clause in reading.clauses:
        words = _stripped(_USE.sub("", clause))
        if len(words) >= 2:
            return phrases.phrase(words).nominal
    return ""


def _stripped(words: str) -> str:
    words = _AS_BEFORE.sub("", words)
    words = _COMMANDS.sub("", words.strip())
    words = re.sub(r"^(?:给|为|对|把|将|拟)(?=[\u4e00-\u9fff]{3})|^(?:我们?(?:局|单位|中心)?|本单位)(?:的|拟|想|要)?", "", words)
    if _MONEY_WORDS.fullmatch(words):
        return ""
    words = re.sub(
        r"(?:的?(?:项目)?(?:预算|资金)(?:绩效)?(?:目标)?表?|的?绩效目标表?|目标表|的?预算|大概|大约|约|共|一共|总共|需要?|要|申请|安排|的)+$", "", words
    )
    return words.strip(" 　、,，-—:的")


def _purpose(reading: Reading) -> str | None:
    uses: list[str] = []
    for clause in reading.clauses:
        _, colon, tail = clause.partition(":")
        if _USE.match(clause):
            uses.append(_USE.sub("", clause))
        elif colon and len(tail) >= 2:
            uses.append(_USE.sub("", tail))
        elif uses and clause and not _MONEY_WORDS.fullmatch(clause) and not _AS_BEFORE.search(clause) and not clause.startswith("其中") and len(clause) > 2:
            uses.append(clause)
    words = "，".join(use for use in uses if use)
    return f"用于{words}。" if len(words) > 1 else None


def _known_pairs(known: Mapping[str, str] | Iterable[str]) -> Iterable[tuple[str, str]]:
    if isinstance(known, Mapping):
        pairs = [(str(key), str(value)) for key, value in known.items()]
    else:
        pairs = []
        for entry in known:
            folded = entry.replace("＝", "=")
            key, sign, value = folded.partition("=")
            if not sign:
                key, sign, value = entry.replace("：", ":").partition(":")
            if not sign or not key.strip() or not value.strip():
                raise InputError(f"已知数“{entry}”写法有误。", "请写成 名称=数值，例如 --known 培训人数=50人；可以重复多次。")
            pairs.append((key, value))
    for key, value in pairs:
        if key.strip() and value.strip():
            text = tidy(value)
            target = Target.parse(text)
            if (target.number is not None and target.number < 0) or re.fullmatch(r"-\d.*", fold(text)):
                raise InputError(f"已知数“{key.strip()}={text}”不能是负数。", "请改成不小于零的数。")
            yield tidy(key), text


def _year(year: int | str) -> int:
    text = fold(str(year)).removesuffix("年度").removesuffix("年")
    if not text.isdigit() or int(text) not in YEARS:
        raise InputError(f"年度“{year}”不是有效的年份。", f"请写四位年份（{YEARS.start}—{YEARS.stop - 1}），例如 2026。")
    return int(text)


def _amount(label: str, given: str | None) -> str | None:
    if given is None or not str(given).strip():
        return None
    money = Money.parse(str(given))
    if money.amount < 0 or (label == "预算" and money.amount == 0):
        raise InputError(f"{label}“{given}”必须大于零。", "请写大于零的数，可带单位，例如 480、480万元 或 4800000元。")
    if money.yuan != money.yuan.quantize(Decimal("0.01")) or money.yuan >= Decimal(10) ** 13:
        raise InputError(f"{label}“{given}”不是合理的金额。", "金额最小到分，最大到万亿；请写例如 480、480万元 或 4800000元。")
    return _places(money.to("万元").amount)


def _places(amount: Decimal) -> str:
    """An amount in 万元 with at least the two places of the form."""
    text = plain(amount)
    _, _, fraction = text.partition(".")
    return text if len(fraction) > 2 else f"{Decimal(text):.2f}"


def documents_of(request: Request) -> tuple[str, ...]:
    """The document numbers that the request names, in regular form."""
    texts = (request.known.get("资金文件号", ""), *request.basis, request.name)
    return tuple(dict.fromkeys(str(number) for text in texts for number in document_numbers(text)))


def answered(request: Request, answers: Mapping[str, str]) -> Request:
    """The request with answers to open questions added, by the names the questions are known as."""
    return understand(
        name=request.name,
        year=request.year,
        budget=None if "预算" in answers else request.budget,
        fiscal=None if "财政资金" in answers else request.fiscal,
        other=None if "其他资金" in answers else request.other,
        purpose=None if "资金用途" in answers else request.purpose,
        basis=request.basis,
        known={**request.known, **{key: value for key, value in answers.items() if value.strip()}},
        unit=request.unit,
        frame=request.frame,
        form=request.form,
    ).model_copy(update={"sentence": request.sentence, "stated": {key: text for key, text in request.stated.items() if _FIELD_OF.get(key) not in answers}})


_FIELD_OF = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金", "year": "年度"}
