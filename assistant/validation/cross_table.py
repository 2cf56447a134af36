"""Tables of one file seen together: duplicates, the same people counted twice, copies, sums, one plan for all."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from assistant.chinese import fold
from assistant.findings import Severity
from assistant.table import YUAN, Money
from assistant.validation.context import FileContext, Row, TableContext, money_text, number_text
from assistant.validation.engine import Hit, rule
from assistant.validation.subjects import content, topics

_ZERO = Decimal(0)


def _ordered(tables: list[TableContext]) -> list[TableContext]:
    # An order of content, so that a finding on "the later one" does not depend on the order of the file.
    return sorted(tables, key=lambda table: (table.table.number or 0, table.name, table.table.project.code or "", table.purpose))


@rule("X901", "duplicate-project-code", Severity.ERROR, "完整性", scope="file")
def duplicate_project_code(file: FileContext) -> Iterator[Hit]:
    """项目编码重复。

    查什么：同一文件里两张表的项目编码是否相同。
    为什么：编码是项目的唯一标识，重复的一张会被系统覆盖。
    反例：两张表的编码都是 13073025P00081010002G。
    正例：每个项目一个编码。
    依据：预算管理一体化规范（项目编码唯一）
    """
    seen: dict[str, list[TableContext]] = defaultdict(list)
    for table in file.tables:
        code = fold(table.table.project.code or "")
        if code:
            seen[code].append(table)
    for tables in seen.values():
        first, *others = _ordered(tables)
        for table in others:
            yield Hit(
                f"项目编码“{table.table.project.code}”与“{first.name}”相同。",
                "project.code",
                expected="唯一编码",
                found=table.table.project.code,
                table=table.index,
            )


@rule("X902", "duplicate-project-name", Severity.WARNING, "完整性", scope="file")
def duplicate_project_name(file: FileContext) -> Iterator[Hit]:
    """项目名称重复。

    查什么：同一文件、同一年度里两张表的项目名称（连同文号）是否完全相同。
    为什么：重名的项目无法区分，可能是重复申报。
    反例：两张表都叫“农村公路养护经费”。
    正例：用文号或内容区分。
    依据：财预〔2015〕88号绩效目标审核“完整性”
    """
    seen: dict[tuple[str, int | None, str], list[TableContext]] = defaultdict(list)
    for table in file.tables:
        if table.name:
            seen[fold(table.name), table.table.year, fold(table.table.unit.name or "")].append(table)
    for tables in seen.values():
        _, *others = _ordered(tables)
        for table in others:
            yield Hit(f"项目名称“{table.name}”出现{len(tables)}次。", "project.name", expected="不重名", found=table.name, table=table.index)


@rule("X903", "same-people-twice", Severity.INFO, "可行性", scope="file")
def same_people_twice(file: FileContext) -> Iterator[Hit]:
    """几个项目可能重复统计同一批人。

    查什么：用途相同的两个项目，数量指标的名称和单位也相同；名单不在表里，因此只提请核对，不下结论。
    为什么：一个人领两份钱要有依据，重复统计会使受益人数虚高。
    反例：163号托养19人与164号托养42人，其中几人相同看不出来。
    正例：描述里写明“与164号项目不重复”。
    依据：财预〔2015〕88号“相应匹配”
    """
    groups: dict[tuple[str, str], list[tuple[TableContext, Row]]] = defaultdict(list)
    for table in file.tables:
        for row in table.quantities:
            if row.value.unit in ("人", "户", "名", "人次") and row.value.number and row.facts.folded:
                groups[row.facts.folded, row.value.unit].append((table, row))
    for (_, unit), found in groups.items():
        found = [(table, row) for table, row in found if not re.search(r"不重复|去重|除外|不含", row.description)]
        found.sort(key=lambda pair: (pair[0].table.number or 0, pair[0].name, pair[1].value.folded, pair[1].description))
        # A row that a table has twice is F116's; here every project counts once.
        found = list({id(table): (table, row) for table, row in reversed(found)}.values())[::-1]
        alike = [pair for pair in found if any(other is not pair and _same_use(pair[0], other[0]) for other in found)]
        if len(alike) < 2:
            continue
        numbers = [row.value.number or _ZERO for _, row in alike]
        named = "、".join(f"“{table.name}”{row.value.text}" for table, row in alike)
        table, row = alike[-1]
        yield Hit(
            f"{len(alike)}个项目用途相同，都统计{row.shown}：{named}；是否同一批人无法判断，缺人员名单或去重说明。",
            row.at("value"),
            expected="描述里写明是否重复",
            found=f"合计{number_text(sum(numbers, _ZERO))}{unit}",
            undecided=True,
            table=table.index,
        )


def _same_use(table: TableContext, other: TableContext) -> bool:
    if table.table.year != other.table.year:
        return False
    mine, theirs = content(table.purpose), content(other.purpose)
    shared = topics(fold(table.purpose)) & topics(fold(other.purpose))
    return bool(shared) and bool(mine & theirs)


@rule("X904", "standard-differs-between-tables", Severity.WARNING, "适当性", scope="file")
def standard_differs_between_tables(file: FileContext) -> Iterator[Hit]:
    """同一标准在几张表里不一样。

    查什么：名称相同的人均标准、单价，在同一文件的不同表里金额是否相同。
    为什么：同一对象同一事项应执行同一标准，不同就要写明原因。
    反例：一张表“托养服务补贴标准 1500元/人”，另一张“托养服务补贴标准 1800元/人”。
    正例：两张表都写1500元/人。
    依据：财预〔2021〕101号（预算支出标准）
    """
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[TableContext, Row]]] = defaultdict(list)
    for table in file.tables:
        for row in table.costs:
            # 人均标准 alone names no object: it may be another thing in every table.
            if row.value.per and row.value.number and row.content:
                groups[re.sub("的|人均|补助|补贴", "", row.facts.folded), row.value.per].append((table, row))
    for found in groups.values():
        found.sort(key=lambda pair: (pair[0].table.number or 0, pair[0].name))
        first_table, first = found[0]
        for table, row in found[1:]:
            if row.value.number != first.value.number and table is not first_table:
                yield Hit(
                    f"{row.shown}为“{row.value.text}”，“{first_table.name}”里同样的标准是“{first.value.text}”。",
                    row.at("value"),
                    expected=first.value.text,
                    found=row.value.text,
                    table=table.index,
                )


@rule("X905", "copied-from-sibling", Severity.WARNING, "相关性", scope="file")
def copied_from_sibling(file: FileContext) -> Iterator[Hit]:
    """指标是从另一张表抄来的。

    查什么：某行指标与另一张表的指标名称、值都一样，而它的内容只与那张表的用途有关，与本表无关。
    为什么：抄来的指标与本项目资金无关。
    反例：燃油补贴表里出现无障碍改造表的效益指标。
    正例：按本项目用途设置效益指标。
    依据：财预〔2015〕88号绩效目标审核“相关性”
    """
    if len(file.tables) < 2:
        return
    from assistant.validation.coherence import foreign_indicator

    holders = Counter(name for table in file.tables for name in {row.facts.folded for row in table.named})
    for table in file.tables:
        shared = [row for row in table.rows if row.name and holders[row.facts.folded] > 1 and len(row.content) >= 3 and row.type != "服务对象满意度指标"]
        if not shared or not table.purpose:
            continue
        about = content(table.about)
        lonely = [row for row in shared if not row.content & about and not row.topics & topics(table.about)]
        if not lonely:
            continue
        told = {hit.cell for hit in foreign_indicator.check(table)}
        for row in lonely:
            twin = table.twin(row)
            if twin is not None and row.at("level3") not in told and len(row.content & content(twin.purpose)) >= 2:
                yield Hit(
                    f"{row.level2}{row.shown}与本项目用途无关，与“{twin.name}”的指标相同。",
                    row.at("level3"),
                    expected="与本项目用途有关的指标",
                    found=row.name,
                    quote=table.purpose,
                    table=table.index,
                )


@rule("X906", "copied-table", Severity.WARNING, "相关性", scope="file")
def copied_table(file: FileContext) -> Iterator[Hit]:
    """用途不同的两个项目，绩效目标一字不差。

    查什么：两张表的绩效目标文字相同，而资金用途讲的不是一件事。
    为什么：目标照抄，至少有一张表的目标与自己的用途无关。
    反例：“道路养护”和“设备采购”两张表的目标都是“保障机关工作正常开展”。
    正例：各写各的目标。
    依据：财预〔2015〕88号“指向明确”
    """
    groups: dict[str, list[TableContext]] = defaultdict(list)
    for table in file.tables:
        goal = fold("".join(table.goals))
        if len(goal) >= 8:
            groups[goal].append(table)
    for tables in groups.values():
        first, *others = _ordered(tables)
        for table in others:
            mine, theirs = content(table.purpose), content(first.purpose)
            if mine and theirs and not mine & theirs and not topics(fold(table.purpose)) & topics(fold(first.purpose)):
                yield Hit(f"绩效目标与“{first.name}”一字不差，用途却不同。", "goals[0]", expected="本项目自己的目标", found=table.goals[0], table=table.index)


@rule("X907", "department-total-differs", Severity.ERROR, "完整性", scope="file")
def department_total_differs(file: FileContext) -> Iterator[Hit]:
    """各项目预算之和与部门项目支出总额不符。

    查什么：给出部门项目支出总额（--total，或第一部分写明“项目支出……万元”）时，各表预算数之和是否相等。
    为什么：总数对不上，说明漏了项目或金额有误。
    反例：项目支出总额660.00万元，十张表合计671.64万元。
    正例：两数相等。
    依据：《中华人民共和国预算法》第三十二条；财预〔2015〕88号绩效目标审核“完整性”
    """
    total = file.total or _stated_total(file)
    if total is None or not file.tables:
        return
    lacking = [table.name or "（无名）" for table in file.tables if table.budget is None]
    together = sum((table.budget or _ZERO for table in file.tables), _ZERO)
    difference = together - total.yuan
    if lacking:
        yield Hit(
            f"有{len(lacking)}张表没有预算数，无法与部门总额{money_text(total.yuan)}核对：{'、'.join(lacking)}。",
            expected=money_text(total.yuan),
            found=f"已填的合计{money_text(together)}",
            undecided=True,
        )
    elif abs(difference) > Decimal(100):
        yield Hit(
            f"{len(file.tables)}个项目预算合计{money_text(together)}，部门项目支出总额是{money_text(total.yuan)}。",
            expected=money_text(total.yuan),
            found=" + ".join(money_text(table.budget or _ZERO) for table in _ordered(file.tables)) + f" = {money_text(together)}",
            difference=f"{'多' if difference > 0 else '少'}{money_text(abs(difference))}",
        )


def _stated_total(file: FileContext) -> Money | None:
    if file.department is None:
        return None
    text = file.department.overall_goal + "".join(measure.text for measure in file.department.measures)
    match = re.search(r"项目支出(?:预算)?(?:总额|合计|共|为|总计|安排|资金)*[:：]?(\d[\d,]*(?:\.\d+)?)(万元|亿元|元)", text)
    if match is None:
        return None
    return Money(Decimal(match[1].replace(",", "")) * YUAN[match[2]], "元")


@rule("X908", "mixed-years", Severity.WARNING, "完整性", scope="file")
def mixed_years(file: FileContext) -> Iterator[Hit]:
    """同一文件里有不同年度的表。

    查什么：同一单位的表是否都是同一预算年度。
    为什么：年度不同的表混在一起，多半是上年的表没有换下来。
    反例：九张表是2025年，一张是2024年。
    正例：全部是2025年。
    依据：《中华人民共和国预算法》第十八条（预算年度）
    """
    years = Counter(table.table.year for table in file.tables if table.table.year is not None)
    if len(years) != 2 or len(file.tables) < 3:
        return
    (usual, count), (_, fewer) = years.most_common()
    if fewer * 2 >= count:
        return
    for table in file.tables:
        if table.table.year is not None and table.table.year != usual:
            yield Hit(f"年度是{table.table.year}年，其他表都是{usual}年。", "year", expected=f"{usual}", found=f"{table.table.year}", table=table.index)


@rule("X909", "unit-code-differs", Severity.WARNING, "完整性", scope="file")
def unit_code_differs(file: FileContext) -> Iterator[Hit]:
    """同一单位的编码前后不一。

    查什么：同一文件里单位名称相同的表，单位编码是否相同。
    为什么：编码不同会被归到两个单位。
    反例：同一单位，一张表762001，一张表762010。
    正例：都是762001。
    依据：预算管理一体化规范（单位代码）
    """
    codes: dict[str, Counter[str]] = defaultdict(Counter)
    for table in file.tables:
        unit = table.table.unit
        if unit.name and unit.code:
            codes[fold(unit.name)][unit.code.strip()] += 1
    for table in file.tables:
        unit = table.table.unit
        if not unit.name or not unit.code:
            continue
        counted = codes[fold(unit.name)]
        usual, count = min(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        if unit.code.strip() != usual and counted[unit.code.strip()] < count:
            yield Hit(f"单位“{unit.name}”的编码是“{unit.code}”，其他表是“{usual}”。", "unit.code", expected=usual, found=unit.code, table=table.index)


@rule("X910", "one-plan-for-all", Severity.INFO, "可行性", scope="file")
def one_plan_for_all(file: FileContext) -> Iterator[Hit]:
    """所有项目用同一个平均的支出计划。

    查什么：三张以上的表，支出计划全部是25%、50%、75%、100%。
    为什么：一次性发放的补贴、下半年开工的工程不会平均支出；照搬平均数，执行监控时会频频预警。
    反例：十张表全部是25/50/75/100。
    正例：燃油补贴10月一次发放：0/0/100/100。
    依据：财预〔2015〕88号“合理可行”
    """
    plans = [tuple(node.percent for node in table.table.spending_plan) for table in file.tables if table.table.spending_plan]
    even = (Decimal(25), Decimal(50), Decimal(75), Decimal(100))
    if len(plans) >= 3 and all(plan == even for plan in plans):
        yield Hit(f"{len(plans)}个项目的支出计划都是25%、50%、75%、100%。", expected="按各项目实际进度编制", found="全部相同")


@rule("X911", "numbering-broken", Severity.INFO, "完整性", scope="file")
def numbering_broken(file: FileContext) -> Iterator[Hit]:
    """表的序号重复或跳号。

    查什么：同一文件里表的序号是否从小到大、不重不漏。
    为什么：序号断了，可能漏了一张表。
    反例：第3张之后是第5张。
    正例：1、2、3、4、5。
    依据：河北省部门预算绩效文本样式；财预〔2015〕88号绩效目标审核“完整性”
    """
    numbers = sorted(table.table.number for table in file.tables if table.table.number is not None)
    if len(numbers) < 3 or len(numbers) != len(file.tables):
        return
    twice = sorted({number for number, count in Counter(numbers).items() if count > 1})
    missing = [number for number in range(numbers[0], numbers[-1]) if number not in numbers]
    if twice:
        yield Hit(f"序号{'、'.join(map(str, twice))}重复。", expected="不重复", found="、".join(map(str, numbers)))
    if missing and len(missing) <= len(numbers):
        yield Hit(f"序号缺{'、'.join(map(str, missing))}，请核对是否漏了表。", expected="连续", found="、".join(map(str, numbers)))
