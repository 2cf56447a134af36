"""The text as a document: document numbers, codes, titles, years left over from before, outdated words, typing faults.

Safe mends change no meaning (brackets, widths, doubled marks); everything that touches a name the budget system knows is unsafe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from assistant.chinese import DocumentNumber, fold, pattern, without_document_numbers
from assistant.findings import Fix, Severity
from assistant.target import Target
from assistant.validation.context import TableContext
from assistant.validation.engine import Hit, rule
from assistant.validation.faults import has_dated, mended_number, placeholder, typing_of
from assistant.validation.lexicons import lexicon
from assistant.validation.terms import numbers_of, unnumbered


@rule("T701", "malformed-document-number", Severity.INFO, "适当性")
def malformed_document_number(table: TableContext) -> Iterator[Hit]:
    """文号写法不规范。

    查什么：发文字号的年份是否用六角括号〔〕、四位年份，顺序号不加“第”、不编虚位，末尾有“号”。每张表同一个文号只报一次，并给出改法。
    为什么：文号不规范，检索和核对依据时会找不到；公文格式标准规定用六角括号。
    反例：冀财社【2024】163号；冀财社(24)第163号。
    正例：冀财社〔2024〕163号。
    依据：GB/T 9704—2012《党政机关公文格式》
    """
    places: dict[str, list[tuple[str, str, str]]] = {}
    for cell, text in table.suspicious:
        mended = mended_number(text)
        if mended is not None:
            places.setdefault(fold(mended[1]), []).append((cell, text, mended[0]))
    for found in places.values():
        # A cell a program may mend before the name; among rows by content, so that the finding does not depend on their order.
        cell, text, mended_text = found[0] if len(found) == 1 else min(found, key=lambda place: _rank(place[0], table))
        shown = mended_number(text)
        wrong = shown[1] if shown else text
        # The project's name is what the budget system knows it by; only a person may change it.
        fix = Fix.of(safe=cell != "project.name", to=mended_text)
        more = f"，本表共{len(found)}处" if len(found) > 1 else ""
        right = "、".join(str(number) for number in numbers_of(mended_text)) or mended_text
        yield Hit(f"文号“{wrong}”写法不规范{more}。", cell, expected=right, found=wrong, fix=fix)


def _rank(cell: str, table: TableContext) -> tuple[object, ...]:
    if not cell.startswith("indicators["):
        return (2 if cell == "project.name" else 1, "", cell, "")
    index, _, part = cell[11:].partition("].")
    row = table.rows[int(index)]
    return (0, row.facts.folded, part, row.basis)


@rule("T702", "document-number-differs", Severity.WARNING, "相关性")
def document_number_differs(table: TableContext) -> Iterator[Hit]:
    """依据里的文号与项目名称里的不同。

    查什么：项目名称带文号时，指标值确定依据里同一系列、同一年的文号是否就是这一个。
    为什么：只差序号的文号多半是从别的表复制后忘了改。
    反例：项目名称 冀财社〔2024〕164号，依据 冀财社〔2024〕163号。
    正例：项目名称和依据都是 冀财社〔2024〕164号。
    依据：财预〔2015〕88号绩效目标审核“相关性”
    """
    own = numbers_of(table.name)
    if not own:
        return
    for row in table.rows:
        cited = numbers_of(row.basis)
        if cited and not set(cited) & set(own) and all(_sibling(number, own) for number in cited):
            yield Hit(
                f"{row.shown}的依据是“{cited[0]}”，项目名称里是“{own[0]}”。",
                row.at("basis"),
                expected=str(own[0]),
                found=str(cited[0]),
                fix=None if len(cited) > 1 or len(own) > 1 else Fix.of(safe=False, to=str(own[0])),
            )


def _sibling(number: DocumentNumber, own: tuple[DocumentNumber, ...]) -> bool:
    return any(number.prefix == other.prefix and number.year == other.year and number.number != other.number for other in own)


@rule("T703", "document-year-off", Severity.WARNING, "可行性")
def document_year_off(table: TableContext) -> Iterator[Hit]:
    """文号年份与预算年度不符。

    查什么：依据的文号年份是否晚于预算年度；项目名称里资金文号的年份是否早于预算年度三年以上（写明结转的不查）。
    为什么：上年底提前下达的资金用上年文号是正常的；晚于预算年度或早了好几年的，多半写错或是旧项目没有清理。
    反例：2025年预算，依据“×财社〔2026〕3号”。
    正例：2025年预算，依据“冀财社〔2024〕163号”（提前下达）。
    依据：《中华人民共和国预算法》第三十八条（提前下达）
    """
    year = table.table.year
    if year is None:
        return
    for row in table.rows:
        late = [number for number in numbers_of(row.basis) if number.year > year]
        if late:
            yield Hit(
                f"{row.shown}的依据“{late[0]}”晚于预算年度{year}年。",
                row.at("basis"),
                expected=f"{year}年及以前",
                found=str(late[0]),
                difference=f"{late[0].year - year}年",
            )
    if "结转" in table.name + table.purpose:
        return
    for number in numbers_of(table.name):
        if number.year > year or number.year <= year - 3:
            yield Hit(
                f"项目名称里的“{number}”与预算年度{year}年相差{abs(year - number.year)}年。",
                "project.name",
                expected=f"{year - 2}至{year}年",
                found=str(number),
                difference=f"{abs(year - number.year)}年",
            )


@rule("T704", "malformed-project-code", Severity.WARNING, "完整性")
def malformed_project_code(table: TableContext) -> Iterator[Hit]:
    """项目编码不合规则。

    查什么：河北表样的项目编码是否为21位字母数字，第7、8位是否为预算年度的后两位。
    为什么：编码错了，系统里对不上项目；上年编码没换，说明表是照抄的。
    反例：2026年预算用编码 13073025P00TF1J100047。
    正例：2025年预算用编码 13073025P00TF1J100047。
    依据：预算管理一体化规范（项目编码）；河北省项目编码样式
    """
    code = (table.table.project.code or "").strip()
    length = table.form.code_length
    if not code or not length or placeholder(code):
        return
    if len(code) != length or not re.fullmatch(r"[0-9A-Za-z]+", code):
        yield Hit(f"项目编码“{code}”不是{length}位字母数字。", "project.code", expected=f"{length}位", found=f"{len(code)}位")
        return
    at, year = table.form.code_year_at, table.table.year
    if at is not None and year is not None and code[at : at + 2].isdigit() and int(code[at : at + 2]) != year % 100:
        yield Hit(
            f"项目编码第{at + 1}、{at + 2}位是“{code[at : at + 2]}”，预算年度是{year}年。",
            "project.code",
            expected=f"{year % 100:02d}",
            found=code[at : at + 2],
        )


@rule("T705", "title-differs", Severity.WARNING, "相关性")
def title_differs(table: TableContext) -> Iterator[Hit]:
    """表的标题与项目名称不一致。

    查什么：标题去掉“绩效目标表”、序号、文号后是否与项目名称一致。
    为什么：标题和名称不一致，多半是复制表格后只改了一处。
    反例：标题“残疾人就业保障金绩效目标表”，项目名称“残疾人托养补助”。
    正例：标题“残疾人就业保障金绩效目标表”，项目名称“残疾人就业保障金”。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    title = _own_title(table.table.title or "")
    name = unnumbered(table.name)
    if not title or not name or title in name or name in title:
        return
    # One that merely shortens the other, or adds the unit's name, is the same title.
    common = sum(1 for letter in set(name) if letter in title)
    if common * 2 < len(set(name)):
        yield Hit(f"标题“{table.table.title}”与项目名称“{table.name}”不一致。", "project.name", expected=table.table.title, found=table.name)


@lru_cache(maxsize=16384)
def _own_title(title: str) -> str:
    own = re.sub(r"^[\d一二三四五六七八九十]+[.、．]", "", unnumbered(title))
    if "绩效目标" not in own:
        return ""
    own = re.sub(r"(?:省级|市级|县级|部门|单位|年度|\(?20\d\d年?度?\)?|预算)*(?:项目)?(?:支出)?(?:预算)?绩效目标(?:申报|批复|审核)?表.*$", "", own)
    return own if len(own) >= 4 else ""


@rule("T706", "stale-year-in-text", Severity.WARNING, "可行性")
def stale_year_in_text(table: TableContext) -> Iterator[Hit]:
    """用途或目标里还是别的年份。

    查什么：资金用途、绩效目标里写的年份是否为预算年度；与上年比较、时间跨度、文件标题和文号里的年份不查。
    为什么：年份没改，说明内容照抄上年，数量和标准也可能没更新。
    反例：2026年的表，目标写“2025年完成培训46人”。
    正例：2026年的表，目标写“2026年完成培训55人”。
    依据：《中华人民共和国预算法》第十八条（预算年度）
    """
    year = table.table.year
    if year is None:
        return
    for cell, text in (("purpose", table.purpose), *((f"goals[{i}]", goal) for i, goal in enumerate(table.goals))):
        years = _years_meant(text)
        if years and year not in years and max(years) < year:
            yield Hit(f"写的是{max(years)}年，预算年度是{year}年。", cell, expected=f"{year}年", found=f"{max(years)}年", quote=text)


@lru_cache(maxsize=16384)
def _years_meant(text: str) -> frozenset[int]:
    """The years a text speaks of as its own: not those of titles, document numbers, spans and comparisons."""
    if "20" not in text:
        return frozenset()
    plain = re.sub(r"《[^》]*》|[（(][^）)]*[〔\[【][^）)]*[）)]", "", without_document_numbers(text))
    if _COMPARES.search(plain):
        return frozenset()
    return frozenset(int(match[1]) for match in re.finditer(r"(?<![\d〔\[【.\-~至])(20\d\d)年(?!来|以来|前|底前已|起|至|-|—|~)", plain))


_COMPARES = pattern(
    r"较|比|自20|从20|截至|截止|上年|去年|历年|尾款|结转|已于|建成于|规划|-20\d\d|至20\d\d|欠|拖欠|学年|冬|跨年|续建|上年度|清算|结算|兑付|补发|奖励20"
)


@rule("T707", "outdated-wording", Severity.INFO, "相关性")
def outdated_wording(table: TableContext) -> Iterator[Hit]:
    """用语已经过时。

    查什么：文字里有没有预算年度已不再使用的政策提法、机构名称（lexicons/dated.toml，按年份判断）。
    为什么：过时用语说明内容多年没更新，也与现行政策不符。
    反例：2025年的表写“建档立卡贫困户”“新农合”“卫计局”。
    正例：写“脱贫户、监测对象”“城乡居民基本医疗保险”“卫生健康局”。
    依据：财预〔2015〕88号“指向明确”
    """
    for cell, text in table.suspicious:
        if has_dated(text):
            yield from outdated(text, table.table.year, cell)


_AUTHORITY = pattern("|".join(lexicon("dated")["authority"]["patterns"]))


def outdated(text: str, year: int | None, cell: str) -> Iterator[Hit]:
    """The outdated words of a text, one hit for each kind; nothing when the year is not known (a word may have been right then)."""
    if year is None or not has_dated(text):
        return
    for entry in lexicon("dated")["word"]:
        word = next((word for word in entry["words"] if word in text), None)
        if word and year >= entry["since"] and not any(other in text for other in entry["unless"]):
            instead = entry["instead"]
            mend = f"，现在写“{instead}”" if instead else "，可以删去"
            yield Hit(f"“{word}”到{year}年已经过时{mend}。", cell, expected=instead or "删去", found=word)


def beyond_authority(text: str, cell: str) -> Iterator[Hit]:
    """Promises no county office can keep."""
    if match := _AUTHORITY.search(text):
        yield Hit(f"“{match[0]}”超出县级部门的职权。", cell, expected="落实、执行相关法律法规", found=match[0])


@rule("T708", "typing-fault", Severity.INFO, "适当性")
def typing_fault(table: TableContext) -> Iterator[Hit]:
    """标点和录入差错。

    查什么：重复的标点、汉字之间的半角标点、单元格内多余的空格和换行、连打两遍的词。
    为什么：差错影响公开文本的质量，也会妨碍检索。
    反例：用于培训。。；制定制度:并做好审计。
    正例：用于培训。；制定制度；并做好审计。
    依据：GB/T 15834—2011《标点符号用法》
    """
    for cell, text in table.suspicious:
        if typing_of(text):
            yield from typing(text, cell)


def typing(text: str, cell: str) -> Iterator[Hit]:
    """The typing faults of a text, one hit for a cell."""
    fault = typing_of(text) if text else None
    if fault is not None:
        fix = Fix.of(safe=True, to=fault[1]) if fault[1] and fault[1] != text and cell != "project.name" and not cell.startswith("department") else None
        expected, found = _where_they_differ(fault[1], text) if fault[1] else (None, text if len(text) <= 2 * _AROUND else None)
        yield Hit(f"{fault[0]}。", cell, expected=expected, found=found, fix=fix)


_AROUND = 12


def _where_they_differ(mended: str, text: str) -> tuple[str, str]:
    """Both texts whole when short, else a few characters around the first place where they differ."""
    if len(text) <= 3 * _AROUND:
        return mended, text
    at = next((i for i, (a, b) in enumerate(zip(mended, text, strict=False)) if a != b), min(len(mended), len(text)))
    start, end = max(0, at - _AROUND), at + _AROUND
    return tuple(f"{'…' if start else ''}{each[start:end]}{'…' if end < len(each) else ''}" for each in (mended, text))  # type: ignore[return-value]


@rule("T709", "odd-sign", Severity.INFO, "适当性")
def odd_sign(table: TableContext) -> Iterator[Hit]:
    """指标值的符号写法不规范。

    查什么：值里用了 ≧、>=、＞＝、全角数字、％ 等写法，或同时写了“≥”和“以上”；意思不变，可以自动改。
    为什么：符号不统一，系统导入和比较时会出错。
    反例：≧９０％；≥90%以上。
    正例：≥90%。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.rows:
        regular = regular_sign(row.value.text)
        if regular is not None and not (table.form.ascii_signs and _ASCII_SIGN.match(row.value.text)):
            yield Hit(
                f"{row.shown}的值“{row.value.text}”写法不规范。",
                row.at("value"),
                expected=regular,
                found=row.value.text,
                fix=Fix.of(safe=True, to=regular),
            )


_ASCII_SIGN = pattern(r"[><]=\s*[\d.]+[^＞＜＝％０-９．]*$")
_ODD = pattern(r"[≧≦⩾⩽═＞＜＝％０-９．]|[><]=|=[><]|&[gl]t;")
_SAYS_TWICE = pattern(r"^(≥.*?)(?:及以上|（含）以上|\(含\)以上|以上)$|^(≤.*?)(?:及以下|（含）以内|\(含\)以内|以内|之内|以下)$")
_REGULAR = {"≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "═": "=", "＞": ">", "＜": "<", "＝": "=", "％": "%", "．": "."} | {
    chr(0xFF10 + digit): str(digit) for digit in range(10)
}
_REGULAR_TABLE = str.maketrans(_REGULAR)


@lru_cache(maxsize=65536)
def regular_sign(text: str) -> str | None:
    """The value with regular signs when it is a number with odd ones and its meaning stays the same; else None."""
    if not _ODD.search(text) and not _SAYS_TWICE.match(text):
        return None
    regular = text.replace("&gt;", ">").replace("&lt;", "<").translate(_REGULAR_TABLE)
    regular = re.sub(r">\s*=|=\s*>", "≥", regular)
    regular = re.sub(r"<\s*=|=\s*<", "≤", regular)
    if match := _SAYS_TWICE.match(regular):
        regular = match[1] or match[2]
    before, after = Target.parse(text), Target.parse(regular)
    same = (before.kind, before.comparator, before.number, before.upper, fold(before.unit or "")) == (
        after.kind,
        after.comparator,
        after.number,
        after.upper,
        fold(after.unit or ""),
    )
    return regular if same and regular != text and before.kind not in ("text", "missing") else None


@rule("T710", "name-says-nothing", Severity.INFO, "完整性")
def name_says_nothing(table: TableContext) -> Iterator[Hit]:
    """项目名称看不出做什么。

    查什么：项目名称去掉文号后只剩“经费”“其他”“专项资金”“补助资金-其他”这样的词。
    为什么：名称看不出内容，公开后群众看不懂，内部也不便检索。
    反例：怀财字〔2025〕7号 经费。
    正例：怀财字〔2025〕7号 残疾人综合服务中心运行经费。
    依据：财预〔2015〕88号“指向明确”
    """
    name = unnumbered(table.name)
    if table.name and _SAYS_NOTHING.fullmatch(name):
        yield Hit(f"项目名称“{table.name}”看不出要做什么。", "project.name", expected="写明做什么", found=table.name)


_SAYS_NOTHING = pattern(
    r"(?:(?:其他|项目|专项|工作|业务|补助|日常|年度|本级|县级|省级|市级|中央|上级|财政|20\d\d年)*(?:经费|资金|费用|支出|项目|补助|款)?|.*[-—](?:其他|其它|其他支出|其他资金|其他项目))"
)


@rule("T711", "beyond-authority", Severity.WARNING, "相关性")
def promise_beyond_authority(table: TableContext) -> Iterator[Hit]:
    """目标超出县级部门的职权。

    查什么：用途、目标里有没有“制定法律法规”一类县级部门做不到的事。
    为什么：做不到的目标无法完成，也不符合部门职责。
    反例：制定残疾人法律法规。
    正例：落实残疾人保障法律法规。
    依据：财预〔2015〕88号“指向明确”“合理可行”
    """
    yield from beyond_authority(table.purpose, "purpose")
    for i, goal in enumerate(table.goals):
        yield from beyond_authority(goal, f"goals[{i}]")


@rule("T712", "sign-contradicts-word", Severity.ERROR, "可行性")
def sign_contradicts_word(table: TableContext) -> Iterator[Hit]:
    """符号和文字方向相反。

    查什么：值前面的“≥”与后面的“以内”“以下”，或“≤”与“以上”同时出现。
    为什么：上限还是下限说不清，无法评分。
    反例：≥30分钟以内；≤90%以上。
    正例：≤30分钟；≥90%。
    依据：财预〔2021〕101号“量化易评”
    """
    for row in table.rows:
        text = row.value.folded
        if text[-1:] not in ("上", "内", "下"):
            continue
        if re.match(r"(?:[≥>]|大于|不低于|不少于).*(?:以内|以下|之内)$", text) or re.match(r"(?:[≤<]|小于|不超过|不高于).*以上$", text):
            yield Hit(f"{row.shown}的值“{row.value.text}”前后方向相反。", row.at("value"), expected="只写一个方向", found=row.value.text)
