"""Makes ``cases-made.jsonl``: questions over the texts of six offices with gold cells, from the records, by a fixed seed.

    python evals/answering/make_cases.py

Each kind of question has several phrasings; names that two projects of a department share are left out, because then the right answer is
both. The gold is computed here from the extracted tables, not by the answerer.
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from assistant.chinese import fold, without_document_numbers  # noqa: E402
from assistant.documents.readers import read  # noqa: E402
from assistant.extraction import extract  # noqa: E402
from assistant.table import GoalTable  # noqa: E402

HERE = Path(__file__).resolve().parent
OFFICES = ("丰宁", "围场", "尚义", "怀安", "阳原")
TEXTS = [*sorted((ROOT / "corpus" / "tables").glob("*.txt")), *(path for name in OFFICES for path in (HERE / "texts").glob(f"{name}*2025*.txt"))]
DRAW = random.Random(20260)
CASES: list[dict[str, Any]] = []


def add(kind: str, unit: str, why: str, question: str, **target: Any) -> None:
    CASES.append(
        {
            "id": f"answering-{kind}-{len(CASES) + 1:03}",
            "why": why,
            "group": unit,
            "input": {"question": question, "unit": unit},
            "target": {"answerable": True, **target},
            "tags": [kind, "dev" if DRAW.random() < 0.3 else "held"],
        }
    )


def plain(number: Decimal) -> list[str]:
    """The ways a number may be written: as it stands, without trailing zeros."""
    return list(dict.fromkeys([f"{number:f}", f"{number.normalize():f}"]))


def of_table(table: GoalTable, unit: str, name: str) -> None:
    said = table.project.name or ""
    if table.budget.total is not None:
        words = DRAW.choice([f"{name}预算多少", f"{name}今年安排了多少钱", f"{name}的预算数是几万", f"{name}一共多少资金"])
        add("cell", unit, "预算数", words, contains=[plain(table.budget.total)], cells=[f"{said}#budget.total"])
    if table.purpose and DRAW.random() < 0.5:
        words = DRAW.choice([f"{name}的钱用来做什么", f"{name}资金用途是什么", f"{name}干啥用的"])
        add("cell", unit, "资金用途", words, contains=[table.purpose.rstrip("。")], cells=[f"{said}#purpose"])
    rows = [(i, row) for i, row in enumerate(table.indicators) if sum(fold(row.level3) == fold(other.level3) for other in table.indicators) == 1]
    for i, row in DRAW.sample(rows, min(2, len(rows))):
        words = DRAW.choice([f"{name}的{row.level3}是多少", f"{name}{row.level3}定的多少", f"{name}里{row.level3}目标值"])
        add("cell", unit, f"{row.level2}的指标值", words, contains=[row.value.text], cells=[f"{said}#indicators[{i}].value"])
    types = [row.type for row in table.indicators]
    for i, row in enumerate(table.indicators):
        if types.count(row.type) == 1 and DRAW.random() < 0.25:
            words = DRAW.choice([f"{name}的{row.level2}是怎么写的", f"{name}{row.level2}完整写一下"])
            add("row", unit, f"一整行{row.level2}", words, contains=[row.level3, row.value.text], cells=[f"{said}#indicators[{i}].value"])
    if table.spending_plan and DRAW.random() < 0.3:
        node = DRAW.choice(table.spending_plan)
        if node.percent is not None:
            index = table.spending_plan.index(node)
            add(
                "cell",
                unit,
                "支出计划的一个节点",
                f"{name}{node.by}支出进度是多少",
                contains=[f"{node.percent:f}%"],
                cells=[f"{said}#spending_plan[{index}].percent"],
            )
    if table.project.code and DRAW.random() < 0.3:
        add("cell", unit, "由编码找项目", f"编码{table.project.code}是哪个项目", contains=[without_document_numbers(said)])


def of_department(tables: list[GoalTable], unit: str) -> None:
    budgets = [table.budget.total for table in tables if table.budget.total is not None]
    if len(budgets) == len(tables) and len(tables) > 1:
        add("sum", unit, "全部预算之和", DRAW.choice(["所有项目预算一共多少", "全部项目的预算加起来是多少"]), contains=[plain(sum(budgets, Decimal(0)))])
        add("count", unit, "项目个数", DRAW.choice(["一共有几个项目", "共有多少张绩效目标表"]), contains=[[str(len(tables))]])
        for word, pick in (("最多", max), ("最少", min)):
            best = pick(budgets)
            if budgets.count(best) == 1:
                table = next(table for table in tables if table.budget.total == best)
                add(
                    "extreme",
                    unit,
                    f"预算{word}",
                    f"预算{word}的是哪个项目",
                    contains=[without_document_numbers(table.project.name or "")],
                    cells=[f"{table.project.name}#budget.total"],
                )
        line = sorted(budgets)[len(budgets) // 2]
        more = [table for table in tables if table.budget.total is not None and table.budget.total > line]
        add(
            "list",
            unit,
            "按预算列清单",
            f"预算超过{line.normalize():f}万元的项目有哪些",
            contains=[without_document_numbers(table.project.name or "") for table in more],
        )
    vague = [(table, row) for table in tables for row in table.indicators if row.value.kind == "text"]
    if vague:
        table, row = DRAW.choice(vague)
        same = [t for t in tables if any(fold(r.value.text) == fold(row.value.text) for r in t.indicators)]
        add(
            "list",
            unit,
            "按指标值的文字列清单",
            f"哪些项目的指标值写的是“{row.value.text}”",
            contains=[without_document_numbers(t.project.name or "") for t in same],
        )


def compared(tables: list[tuple[GoalTable, str]], unit: str) -> None:
    for (left, name), (right, other) in itertools.pairwise(tables):
        if left.budget.total is None or right.budget.total is None or left.budget.total == right.budget.total or DRAW.random() < 0.5:
            continue
        difference = abs(left.budget.total - right.budget.total)
        add("compare", unit, "两个项目预算之差", DRAW.choice([f"{name}和{other}预算差多少", f"{name}与{other}的预算相差多少"]), contains=[plain(difference)])


def refused(unit: str, name: str) -> None:
    for question, why in (
        (f"{name}实际花了多少钱", "执行数不在目标表里"),
        (f"{name}自评得了多少分", "自评得分不在目标表里"),
        ("单位有多少在编人员", "没有编制人员"),
        (f"{name}2019年预算多少", "没有那一年的表"),
        ("蓬莱县粮食局的预算是多少", "别的单位"),
        (f"{name}负责人的电话是多少", "没有电话"),
        (f"{name}的无人机飞行架次是多少", "没有这个指标"),
    ):
        if DRAW.random() < 0.75:
            add("unanswerable", unit, why, question, answerable=False)
            CASES[-1]["target"] = {"answerable": False}


def in_general() -> None:
    unit = "怀来县残疾人联合会"
    for question, words, why in (
        ("数量指标怎么写", ["人", "量"], "写法"),
        ("质量指标应该怎么写", ["合格"], "写法"),
        ("什么是定性指标", ["定性"], "术语"),
        ("预算绩效运行监控是什么意思", ["监控"], "术语"),
        ("残保金是什么", ["残疾人就业保障金"], "别名"),
        ("88号文要求绩效目标符合哪四个要求", ["指向明确"], "政策"),
        ("101号文里成本指标有什么要求", ["成本"], "政策"),
        ("2025年城乡居民医保个人缴费标准是多少", ["400"], "标准"),
    ):
        add("policy", unit, why, question, contains=words)


def main() -> None:
    """Write the cases."""
    for path in TEXTS:
        tables = list(extract(read(path)).tables)
        unit = tables[0].unit.name or ""
        names = [without_document_numbers(table.project.name or "") for table in tables]
        alone = [(table, name) for table, name in zip(tables, names, strict=True) if names.count(name) == 1 and len(name) >= 3]
        for table, name in alone:
            of_table(table, unit, name)
        of_department(tables, unit)
        compared(alone, unit)
        refused(unit, DRAW.choice(alone)[1])
    in_general()
    (HERE / "cases-made.jsonl").write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in CASES), encoding="utf-8")
    print(len(CASES), {kind: sum(case["tags"][0] == kind for case in CASES) for kind in sorted({case["tags"][0] for case in CASES})})


if __name__ == "__main__":
    main()
