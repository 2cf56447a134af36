"""Other offices' goal tables by the thousand, made up from the indicator library: what the right row must be found among.

Counties, bureaus and years are combined, projects and rows drawn from the library's project types with a fixed seed, so that the same
words, document numbers and values occur again and again. Nothing here is a real figure.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from assistant import library

_COUNTIES = (
    "蔚县 尚义县 康保县 沽源县 万全区 崇礼区 涿鹿县 张北县 桥东区 桥西区 下花园区 宣化区 平泉市 滦平县 "
    "隆化县 承德县 兴隆县 宽城县 围场县 双桥区 遵化市 迁安市 滦南县 乐亭县 玉田县 昌黎县 卢龙县 青龙县 "
    "三河市 香河县 "
).split()
_BODIES = (
    "残疾人联合会 民政局 教育局 水务局 农业农村局 卫生健康局 人力资源和社会保障局 交通运输局 住房和城乡建设局 文化广电和旅游局 "
    "应急管理局 退役军人事务局 医疗保障局 林业和草原局 "
    "司法局 统计局 审计局 商务局 科学技术局 妇女联合会 总工会 机关事务管理局 "
).split()
_OBJECTS = ("残疾人 老年人 困难群众 农村 城镇居民 中小学生 退役军人 脱贫户 企业 乡镇 社区 妇女儿童 公路 河道 校园 卫生院 图书馆 农户 职工 青年 ").split()
_ISSUERS = "冀财社 冀财教 冀财农 张财社 县财字 冀财建".split()


def texts(tables: int, *, seed: int = 2026, each: int = 10) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
    """Departments' texts with ``each`` tables: unit, year, tables as JSON of ``GoalTable``. ``tables`` is how many in all."""
    draw = random.Random(seed)
    kinds = [kind for kind in library.project_types() if kind.rows]
    made = 0
    for year in range(2026, 2000, -1):
        for county in _COUNTIES:
            for body in _BODIES:
                if made >= tables:
                    return
                unit = county + body
                yield unit, year, [_table(draw, kinds, unit, year, number + 1) for number in range(min(each, tables - made))]
                made += each


def _table(draw: random.Random, kinds: list[library.ProjectType], unit: str, year: int, number: int) -> dict[str, Any]:
    kind = draw.choice(kinds)
    thing = draw.choice(_OBJECTS)
    name = f"{draw.choice(_ISSUERS)}〔{year - 1}〕{draw.randint(1, 260)}号 {thing}{kind.name}"
    rows = draw.sample(kind.rows, min(len(kind.rows), 8))
    total = f"{draw.randint(20, 90000) / 100:.2f}"
    return {
        "number": number,
        "title": f"{name}绩效目标表",
        "year": year,
        "unit": {"code": f"{draw.randint(100000, 999999)}", "name": unit},
        "project": {"code": f"1307{draw.randint(10, 99)}{year % 100}P{draw.randint(0, 10**9):010d}", "name": name},
        "budget": {"total": total, "fiscal": total, "other": None},
        "purpose": f"用于{thing}{kind.name}。",
        "spending_plan": [{"by": by, "percent": percent} for by, percent in (("3月底", "25"), ("6月底", "50"), ("10月底", "75"), ("12月底", "100"))],
        "goals": [f"通过{thing}{kind.name}，提高服务水平。"],
        "indicators": [
            {
                "level1": "满意度指标" if "满意" in row.level2 else "效益指标" if "效益" in row.level2 or "影响" in row.level2 else "产出指标",
                "level2": row.level2,
                "level3": row.template.replace("{对象}", thing),
                "description": row.description.replace("{对象}", thing),
                "value": {"text": f"{row.comparator}{row.customary if row.customary is not None else draw.randint(1, 5000)}{row.unit}"},
                "basis": "工作计划",
            }
            for row in rows
        ],
    }
