"""What the conversation does to the draft at hand: edit a cell, shift a figure, add or remove a row, answer an open question, undo.

Every act goes through ``review.decisions``, so that it stands in the draft's history and can be taken back, and is saved at once.
"""

from __future__ import annotations

import re
from decimal import Decimal

from assistant.chat import references
from assistant.chinese import chinese_number, fold
from assistant.draft import Draft
from assistant.errors import InputError
from assistant.library import LibraryRow, general_rows, project_types
from assistant.review import decisions
from assistant.review.files import DraftFile
from assistant.review.history import Hand
from assistant.table import GoalTable, Indicator, canonical_level1
from assistant.target import Target
from assistant.taxonomy import FRAMES, OPEN_VALUE

_VALUE_IN_TEXT = re.compile(
    r"^(?P<name>.*?[^≥≤><=不达到\d\s，,：:])[\s，,：:]*(?:的?(?:值|目标)?(?:是|为|定为)?)[\s，,：:]*(?P<value>(?:≥|≤|>=|<=|>|<|=|"
    r"不低于|不少于|不超过|不高于|达到)?\s*\d.*)$"
)


# 12月20日前完成: a limit that names no thing.
_TIME_LIMIT = re.compile(
    r"(?:在|于|要|须)*(?P<value>(?:20\d\d年)?(?:\d{1,2}|[一二三四五六七八九十]+)月(?:份|底|\d{1,2}日|上旬|中旬|下旬)?(?:底)?(?:之前|以前|前)?)(?:全部)?(?P<act>完成|完工|竣工|开工|交付|发放|拨付|验收)?(?:到位|完毕|任务|工作)?"
)
_MERGED = "对话中合并"
_LIMITS = {"完工": "完工", "竣工": "竣工", "开工": "开工", "交付": "交付", "发放": "资金发放", "拨付": "资金拨付", "验收": "验收"}


def value_said(text: str, before: Target) -> str:
    """The value a person means: a bare number keeps the comparator and unit that stood there (95 → ≥95%); anything else is as said."""
    text = regular(text)
    said = Target.parse(text)
    if said.kind != "quant":
        return text
    comparator = said.comparator or before.comparator or ""
    unit = said.unit or before.unit or ""
    # 450万 where 475万元 stood.
    if before.unit and before.unit.startswith(unit) and unit in ("万", "亿") and before.unit.startswith(f"{unit}元"):
        unit = before.unit
    # 把满意度提到0.95 and the like stay as said: only a missing unit is filled in, never another one.
    if said.comparator and said.unit == unit and text.startswith(("≥", "≤", ">", "<", "=", "±")):
        return text
    return f"{comparator}{said.number:f}{unit}" if said.number is not None else text


_PER = re.compile(
    r"(?:每|一)(?P<per>个?[\u4e00-\u9fff]{1,3}?)(?:每(?P<time>年|月|天|次|期))?(?:补助?|补贴|发|给|标准)?(?P<cmp>不超过|不低于|≥|"
    r"≤)?(?P<n>\d[\d.,]*)(?P<money>万元|元|块钱?)?"
)
_IN_WORDS = re.compile(
    r"(?:百分之(?P<hundredth>[零一二三四五六七八九十百]+|\d+(?:\.\d+)?))|"
    r"(?P<numeral>[一二两三四五六七八九十百千万]{1,9})(?=[人户名个台套件次场期辆份座处所天年月公亩平元块%万具眼盏头只株棵口吨册部架条项米]|$)"
)


def regular(text: str) -> str:
    """A value as forms write it: 百分之九十五 → 95%, 五十人 → 50人, 每人1600元 → 1600元/人; anything else as said."""
    text = text.strip()
    if match := _PER.fullmatch(text):
        per = match["per"].removeprefix("个") or match["per"]
        money = "元" if (match["money"] or "元").startswith("块") else match["money"] or "元"
        return f"{match['cmp'] or ''}{match['n']}{money}/{per}" + (f"·{match['time']}" if match["time"] else "")

    def digits(match: re.Match[str]) -> str:
        said = match["hundredth"] or match["numeral"]
        number = said if said[0].isdigit() else chinese_number(said)
        return match[0] if number is None else f"{number}%" if match["hundredth"] else str(number)

    whole = re.fullmatch(rf"(\D*?)({_IN_WORDS.pattern})(.{{0,6}})", text)
    return _IN_WORDS.sub(digits, text, count=1) if whole else text


def moved(number: Decimal | None, own: str, by: str, unit: str) -> Decimal:
    """A number moved by a signed amount said in some unit: 万 and 元 are brought to the number's own unit, 10% of a number that is no
    percentage is a tenth of it. InputError when there is no number, the units do not fit, or the result is below zero or not whole."""
    if number is None:
        raise InputError("这一格还没有数，不能加减。", "请直接说改成多少。")
    amount = Decimal(by)
    money = {"万": 10_000, "万元": 10_000, "元": 1, "块": 1, "块钱": 1, "亿": 10**8, "亿元": 10**8}
    if unit in ("%", "％") and own not in ("%", "％"):
        result = number * (100 + amount) / 100
        if result != result.to_integral_value() and number == number.to_integral_value():
            raise InputError(f"{number:f}{own}的{by}%算出来是{result.normalize():f}{own}，不是整数。", "请直接说改成多少。")
    elif unit in money and own.split("/")[0] in money:
        result = number + amount * money[unit] / money[own.split("/")[0]]
    elif unit and own and unit[0] not in own and unit not in ("个", "点", "个点", "百分点", "个百分点"):
        raise InputError(f"这一格的单位是“{own}”，不能加减“{unit}”。", "请直接说改成多少。")
    else:
        result = number + amount
    if result < 0:
        raise InputError(f"{number:f}{by} 小于零。", "请直接说改成多少。")
    return result.quantize(Decimal(1)) if result == result.to_integral_value() else result.normalize()


def shifted(before: Target, by: str, unit: str = "") -> str:
    """A value moved by a signed amount. InputError as for ``moved``."""
    if before.number is None:
        raise InputError(f"“{before.text}”里没有数，不能加减。", "请直接说改成多少。")
    return f"{before.comparator or ''}{moved(before.number, before.unit or '', by, unit):f}{before.unit or ''}"


def edit(file: DraftFile, hand: Hand, cell: str, text: str, reason: str = "") -> tuple[str, str]:
    """Write a text into a cell and save; the texts before and after. What stands there already is no act, unless it answers a question."""
    before = file.draft.table.text(cell)
    if cell.endswith(".value"):
        text = value_said(text, Target.parse(before))
    elif cell.endswith(".percent"):
        text = text.strip().rstrip("%％")
    if file.draft.table.with_text(cell, text).text(cell) == before and not any(question.cell == cell for question in file.draft.open_questions):
        return before, before
    file.save(decisions.edit(file.draft, cell, text, hand, reason=reason or "对话中修改"))
    return before, file.draft.table.text(cell)


def remove(file: DraftFile, hand: Hand, row: str) -> str:
    """Take a row or goal out of the table and save; its name."""
    at = int(re.findall(r"\d+", row)[0])
    name = file.draft.table.indicators[at].level3 if row.startswith("indicators") else file.draft.table.goals[at]
    file.save(decisions.refuse(file.draft, row.split(".")[0], hand, reason="对话中删除"))
    return name


def merge(file: DraftFile, hand: Hand, rows: list[int], texts: dict[str, str]) -> None:
    """Write what several rows are together into the first of them, take the others out, and save."""
    draft = file.draft
    for column, text in texts.items():
        if draft.table.text(f"indicators[{rows[0]}].{column}") != text:
            draft = decisions.edit(draft, f"indicators[{rows[0]}].{column}", text, hand, reason=_MERGED)
    for at in reversed(rows[1:]):
        draft = decisions.refuse(draft, f"indicators[{at}]", hand, reason=f"{_MERGED}到第{rows[0] + 1}行")
    file.save(draft)


def move(file: DraftFile, hand: Hand, rows: list[int], start: int) -> None:
    """Put neighbouring rows where the first of them stands at ``start`` once all are moved, in their order, and save."""
    draft = file.draft
    # Seen from the side they move to, so that a row that moved does not shift those that still have to.
    places = list(enumerate(rows))
    for i, at in places if start < rows[0] else reversed(places):
        draft = decisions.move(draft, f"indicators[{at}]", start + i, hand, reason="对话中移动")
    file.save(draft)


def undo(file: DraftFile, hand: Hand) -> list[str]:
    """Take back what the last turn did (all acts that came in by one sentence) and save; what was taken back, in words. InputError when
    there is nothing to take back."""
    draft = file.draft
    said: list[str] = []
    way = None
    while True:
        entry = decisions.last(draft)
        if said and (entry is None or entry.via is None or entry.via != way):
            break
        draft = decisions.undo(draft, hand)
        if entry is not None:
            way = entry.via
            said.append("合并的几行恢复了原样" if (entry.reason or "").startswith(_MERGED) else decisions.taken_back(entry))
    file.save(draft)
    return list(dict.fromkeys(said))


def level_meant(table: GoalTable, word: str) -> tuple[str, str] | None:
    """Level 1 and level 2, as this table writes them, for what a person calls a type; None when the frame has no such type."""
    if not word:
        return None
    wanted = "服务对象满意度指标" if word == "满意度" else ("社会效益指标" if word == "效益" else f"{word}指标")
    for row in table.indicators:
        if row.type == wanted or (wanted == "成本指标" and row.type == "经济成本指标"):
            return row.level1, row.level2
    for level1, types in FRAMES[table.frame if table.frame in FRAMES else "2015"].items():
        for level2 in types:
            if level2 == wanted or (wanted == "成本指标" and level2 == "经济成本指标"):
                return level1, level2
    return None


def place_for(table: GoalTable, level1: str, level2: str) -> int:
    """The index after the last row of the same type, else of the same family, else the end."""
    for same in (lambda row: row.level2 == level2, lambda row: canonical_level1(row.level1) == canonical_level1(level1)):
        found = [i for i, row in enumerate(table.indicators) if same(row)]
        if found:
            return found[-1] + 1
    return len(table.indicators)


def add(file: DraftFile, hand: Hand, level: str, rest: str) -> Indicator:
    """Add an indicator of a type and save. ``rest`` may hold its name and value (培训出勤率≥95%); without, the library's first row of
    that type that the table lacks is taken, its figure open unless customary. InputError when neither gives a row."""
    table = file.draft.table
    match = _VALUE_IN_TEXT.match(rest) if rest else None
    timed = _TIME_LIMIT.fullmatch(rest.strip())
    if timed:
        name, value = f"{_LIMITS.get(timed['act'] or '', '任务完成')}时限", timed["value"]
    else:
        name, value = (match["name"].strip(" ：:，,的"), match["value"].strip()) if match else (rest.strip(), "")
    levels = level_meant(table, level or _type_of(name))
    if levels is None:
        raise InputError("没听出要加哪一类指标。", "请说明类型，例如：再加一个质量指标：培训出勤率≥95%。")
    if name:
        row = Indicator(level1=levels[0], level2=levels[1], level3=name, value=Target.parse(value or OPEN_VALUE))
    else:
        suggested = suggestion(file.draft, levels[1])
        if suggested is None:
            raise InputError(f"指标库里没有更多适合这个项目的{levels[1]}。", "请直接说名称和值，例如：再加一个质量指标：培训出勤率≥95%。")
        row = from_library(suggested, levels, _thing(table))
    at = place_for(table, *levels)
    file.save(decisions.insert(file.draft, f"indicators[{at}]", row, hand, reason="对话中增加"))
    return row


def add_goal(file: DraftFile, hand: Hand, text: str) -> None:
    """Add a goal after the last and save."""
    file.save(decisions.insert(file.draft, f"goals[{len(file.draft.table.goals)}]", text, hand, reason="对话中增加"))


def suggestion(draft: Draft, level2: str) -> LibraryRow | None:
    """The first library row of a type that fits the project and that the table does not have yet."""
    text = fold(f"{draft.table.project.name or ''}{draft.table.purpose or ''}")
    fitting = [kind for kind in project_types() if any(fold(word) in text for word in kind.triggers) and not any(fold(word) in text for word in kind.excluded)]
    fitting.sort(key=lambda kind: -max(len(word) for word in kind.triggers if fold(word) in text))
    wanted = "成本指标" if level2 == "经济成本指标" else level2
    for row in [*(row for kind in fitting for row in kind.rows), *general_rows()]:
        if row.level2 == wanted and "仅用于" not in row.range and not references.rows_of(draft.table, row.name):
            return row
    return None


def from_library(row: LibraryRow, levels: tuple[str, str], thing: str) -> Indicator:
    """A library row as an indicator: its figure is the customary one, else open."""
    value = Target.of(row.comparator, row.customary, row.unit) if row.customary is not None else Target.parse(OPEN_VALUE)
    name = row.template.replace("{对象}", thing) if thing else row.name
    return Indicator(level1=levels[0], level2=levels[1], level3=name, description=row.description.replace("{对象}", thing), value=value, basis=row.basis)


def _thing(table: GoalTable) -> str:
    """Who is served, by the satisfaction row's name (残疾人满意率 → 残疾人), empty when that does not tell."""
    for row in table.indicators:
        if row.type == "服务对象满意度指标":
            name = re.sub(r"(?:对象)?(?:的)?满意(?:度|率|程度).*$", "", row.level3)
            return "" if name in ("服务", "受益", "社会公众或服务") else name
    return ""


def _type_of(name: str) -> str:
    """The type a name speaks of by its own words, or nothing."""
    for pattern, kind in (
        (r"满意", "满意度"),
        (r"合格率|出勤率|准确率|达标率|完好率|通过率", "质量"),
        (r"及时率|按期|按时|时间|时限", "时效"),
        (
            r"成本|标准|"
            r"单价|造价",
            "成本",
        ),
        (r"人数|人次|数量|次数|场次|面积|户数|里程|(?:天|台|套|件|辆|期|座|所|处|个|项|条|份|册|批)数$", "数量"),
        (r"覆盖率|知晓率|就业率|增收", "社会效益"),
    ):
        if re.search(pattern, name):
            return kind
    return "质量" if name.endswith("率") else ""
