"""What a person asks for, from options, from one sentence as staff would say it, or both: a ``Request``.

Options win over the sentence. Every amount ends in 万元 as a decimal string; every figure that belongs to an indicator becomes an
entry of ``known`` under a plain name (``培训人数`` → ``55人``). Nothing is added that was not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from assistant.chinese import bigrams, document_numbers, fold, tidy
from assistant.draft import Request
from assistant.drafting import wording
from assistant.drafting.amounts import Spoken, places, role_of
from assistant.drafting.kinds import classify
from assistant.drafting.naming import name_in, office_in
from assistant.drafting.spoken import said_in
from assistant.errors import InputError
from assistant.table import Money
from assistant.target import Target

YEARS = range(2010, 2051)


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
    office, said = office_in(sentence or "")
    reading = wording.read(said) if said.strip() else None
    spoken = said_in(reading, this_year) if reading else Spoken()
    if office and sentence and not spoken.name:  # no office: the project itself is named after one
        office, spoken = None, said_in(wording.read(sentence), this_year)
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
        unit=tidy(unit) if unit and unit.strip() else office,
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
    """The sentence cut into one sentence per project: at a semicolon or full stop where both sides name a budget of their own, at a comma
    where two names with their amounts stand beside each other."""
    pieces = [piece.strip() for piece in re.split(r"[;；。\n]", sentence) if piece.strip()]
    pieces = [part for piece in pieces for part in _beside_each_other(piece)]
    projects: list[str] = []
    for piece in pieces:
        named = name_in(wording.read(piece)) and not piece.startswith(("其中", "用于", "包括", "主要"))
        if projects and not (named and _has_budget(piece) and _has_budget(projects[-1])):
            projects[-1] += "；" + piece
        else:
            projects.append(piece)
    if len(projects) < 2:
        return [sentence]
    # The first project's year and office hold for those that name none.
    office = office_in(projects[0])[0]
    projects[1:] = [f"{office}{piece}" if office and office_in(piece)[0] is None else piece for piece in projects[1:]]
    first = wording.read(projects[0])
    word = f"{first.year}年" if first.year else first.year_word or ""
    return [
        piece if index == 0 or not word or wording.read(piece).year or wording.read(piece).year_word else f"{piece}，{word}"
        for index, piece in enumerate(projects)
    ]


def _has_budget(piece: str) -> bool:
    reading = wording.read(piece)
    return any(role_of(mention, reading) == "budget" for mention in reading.of("money"))


def _beside_each_other(piece: str) -> list[str]:
    """平台建设35万，药品抽检经费12万: two names, each with its own amount and nothing counted, of different kinds, are two projects."""
    clauses = [clause.strip() for clause in re.split(r"[，,]", piece) if clause.strip()]
    if len(clauses) != 2:
        return [piece]
    readings = [wording.read(clause) for clause in clauses]
    alone = all(len(reading.of("money")) == 1 and not reading.of("price") and not reading.documents for reading in readings)
    if not alone or re.match(r"其中|含|包括|另|财政|自筹|比|较|用于|预算|县|上级|中央|省|市", clauses[1]):
        return [piece]
    names = [re.sub(r"(?:专项)?(?:经费|资金)$", "", name_in(reading)) for reading in readings]
    kinds = [classify(name) for name in names]
    apart = None not in kinds and kinds[0] is not kinds[1] and all(len(name) >= 4 for name in names) and not names[1].endswith(("费", "设计", "监理"))
    return clauses if apart and not bigrams(names[0]) & bigrams(names[1]) else [piece]


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
    if not text.isdigit() or len(text) > 4 or int(text) not in YEARS:
        raise InputError(f"年度“{year}”不是有效的年份。", f"请写四位年份（{YEARS.start}—{YEARS.stop - 1}），例如 2026。")
    return int(text)


def _amount(label: str, given: str | None) -> str | None:
    if given is None or not str(given).strip():
        return None
    money = Money.parse(str(given))
    if money.amount < 0 or (label == "预算" and money.amount == 0):
        raise InputError(f"{label}“{given}”必须大于零。", "请写大于零的数，可带单位，例如 480、480万元 或 4800000元。")
    if money.yuan >= Decimal(10) ** 13 or money.yuan != money.yuan.quantize(Decimal("0.01")):
        raise InputError(f"{label}“{given}”不是合理的金额。", "金额最小到分，最大到万亿；请写例如 480、480万元 或 4800000元。")
    return places(money.to("万元").amount)


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
    ).model_copy(update={"sentence": request.sentence, "stated": {key: text for key, text in request.stated.items() if _FIELD_OF.get(key, key) not in answers}})


_FIELD_OF = {"budget": "预算", "fiscal": "财政资金", "other": "其他资金", "year": "年度"}
