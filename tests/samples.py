"""Drafts as a drafter leaves them, for the tests of everything that comes after drafting: every origin, last year's table, open questions,
findings. Built on the tables of the seed text, with a reviewer's hands and clock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from assistant.documents.readers import read
from assistant.draft import Change, Draft, Dropped, OpenQuestion, Origin, Provenance, Request, Source, Trace
from assistant.extraction import extract
from assistant.findings import Finding, Fix, Report, Severity
from assistant.review import Hand, recheck
from assistant.table import Budget, GoalTable, Indicator, Project
from assistant.target import Target

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "corpus" / "tables" / "怀来县残疾人联合会-2025年部门预算绩效文本.txt"
SEED_NAME = f"tables/{SEED.name}"
NOON = "2025-11-20T12:00:00+08:00"


@lru_cache(maxsize=1)
def past_tables() -> tuple[GoalTable, ...]:
    """The ten tables of 2025."""
    return extract(read(SEED)).tables


def hands(person: str = "王会计") -> Iterator[Hand]:
    """One person's acts, a minute apart."""
    return (Hand(person, f"2025-11-20T{9 + i // 60:02d}:{i % 60:02d}:00+08:00") for i in itertools.count())


def sample_draft() -> Draft:
    """残疾人就业保障金 for 2026: eight rows, of which some are last year's, some changed by the request, computed, from the library, a
    policy or a model; one figure and the project's code are open."""
    old = past_tables()[0]
    rows = list(old.indicators)
    rows[0] = rows[0].model_copy(update={"value": Target.parse("≥55人")})
    rows[3] = rows[3].model_copy(update={"value": Target.parse("≤1600元/人"), "basis": "冀财社〔2024〕163号"})
    total = Indicator(
        level1="产出指标",
        level2="成本指标",
        level3="职业培训补贴总成本",
        description="全年发放的职业培训补贴总额",
        value=Target.parse("≤8.8万元"),
        basis="预算测算：55人×1600元/人",
    )
    aids = Indicator(
        level1="产出指标",
        level2="数量指标",
        level3="生活困难残疾人救助人数",
        description="年内得到生活救助的残疾人人数",
        value=Target.parse("待核实"),
        basis="工作计划",
    )
    lasting = Indicator(
        level1="效益指标",
        level2="可持续影响指标",
        level3="培训后稳定就业6个月以上的比例",
        description="参训残疾人中稳定就业满6个月的人数占比",
        value=Target.parse("稳步提升"),
        basis="工作计划",
    )
    # rows: training, aids (new), pass rate, on time, price, total cost (new), jobs, lasting (new), satisfaction
    indicators = (rows[0], aids, rows[1], rows[2], rows[3], total, rows[4], lasting, rows[5])
    table = old.model_copy(
        update={
            "number": None,
            "year": 2026,
            "title": "残疾人就业保障金绩效目标表",
            "project": Project(code=None, name="残疾人就业保障金"),
            "budget": Budget(total="495", fiscal="495", other=None),  # type: ignore[arg-type]
            "indicators": indicators,
        }
    )
    request = Request(
        name="残疾人就业保障金",
        year=2026,
        unit="怀来县残疾人联合会",
        budget="495",
        purpose=old.purpose,
        known={"培训人数": "55人", "培训补贴标准": "1600元/人"},
        sentence="残保金2026年预算495万，培训55人每人1600元",
    )
    draft = Draft(
        id="残疾人就业保障金-2026",
        request=request,
        table=table,
        previous=old,
        provenance=tuple(_provenance(table, old)),
        dropped=(Dropped(text="“2025年”字样", reason="年度已更新", source=Source(path=SEED_NAME, cell="项目名称")),),
        open_questions=(
            OpenQuestion(cell="project.code", question="2026年的项目编码是多少？", known_as="项目编码"),
            OpenQuestion(cell="indicators[1].value", question="2026年计划救助多少名生活困难的残疾人？", known_as="救助人数"),
        ),
        trace=Trace(drafter="embedded", corpus="10张表", version="0.1.0"),
    )
    return recheck(draft, NOON)


def _provenance(table: GoalTable, old: GoalTable) -> Iterator[Provenance]:
    project = old.project.name

    def cited(label: str, text: str) -> Source:
        return Source(path=SEED_NAME, project=project, year=2025, cell=label, text=text)

    def made(cell: str, origin: Origin, change: Change, previous: str | None = None, **more: object) -> Provenance:
        return Provenance(cell=cell, origin=origin, change=change, previous=previous, **more)  # type: ignore[arg-type]

    yield made("unit.code", "carried", "same", "762001", source=cited("单位编码", "762001"))
    yield made("unit.name", "carried", "same", old.unit.name, source=cited("预算单位", old.unit.name or ""))
    yield made("year", "request", "changed", "2025", source=Source(cell="年度", text="残保金2026年预算495万"))
    yield made("project.code", "open", "changed", old.project.code)
    yield made("project.name", "request", "changed", project, source=Source(cell="项目名称", text="残保金"))
    yield made("budget.total", "request", "changed", "470.00", source=Source(cell="预算", text="预算495万"))
    yield made("budget.fiscal", "computed", "changed", "470.00", formula="495万元 − 0万元（其他资金）＝ 495万元")
    yield made("purpose", "carried", "same", old.purpose, source=cited("资金用途", old.purpose or ""))
    for i, node in enumerate(table.spending_plan):
        yield made(f"spending_plan[{i}].percent", "carried", "same", f"{node.percent:f}", source=cited(f"支出计划·{node.by}", f"{node.percent}%"))
    yield made("goals[0]", "carried", "same", old.goals[0], source=cited("绩效目标", old.goals[0]))
    pairs = {0: 0, 2: 1, 3: 2, 4: 3, 6: 4, 8: 5}
    for new, before in pairs.items():
        for part in ("level1", "level2", "level3", "description", "value", "basis"):
            text, last = table.text(f"indicators[{new}].{part}"), old.text(f"indicators[{before}].{part}")
            if text == last:
                yield made(f"indicators[{new}].{part}", "carried", "same", last, source=cited(f"第{before + 1}行", last))
    yield made("indicators[0].value", "request", "changed", "≥46人", source=Source(cell="已知·培训人数", text="培训55人"))
    yield made("indicators[4].value", "request", "changed", "1500元/人", source=Source(cell="已知·培训补贴标准", text="每人1600元"))
    clause = Source(path="policies/冀财社〔2024〕163号.md", cell="第三条", text="职业技能培训补贴按每人不超过1600元的标准执行。")
    yield made("indicators[4].basis", "policy", "changed", "工作计划", source=clause)
    library = Source(path="indicators/T12-困难群众救助.csv", cell="救助人数", text="救助{对象}人数")
    for part in ("level1", "level2", "level3", "description", "basis"):
        yield made(f"indicators[1].{part}", "library", "new", source=library)
        yield made(f"indicators[5].{part}", "library", "new", source=Source(path="indicators/T02-培训.csv", cell="补贴总成本"))
        yield made(f"indicators[7].{part}", "model", "new", note="模型建议")
    yield made("indicators[1].value", "open", "new")
    yield made("indicators[5].value", "computed", "new", formula="55人 × 1600元/人 ＝ 88000元 ＝ 8.8万元")
    yield made("indicators[7].value", "model", "new", note="模型建议")


def department_drafts() -> list[Draft]:
    """Ten drafts for 2026, one a table of 2025: most rows unchanged; years and budgets new, and in some projects figures too."""
    changed = {
        0: {"indicators[0].value": "≥55人", "indicators[3].value": "≤1600元/人"},
        2: {"indicators[0].value": "≥3300人"},
        5: {"indicators[0].value": "≥130人"},
    }
    drafts = []
    for i, old in enumerate(past_tables()):
        table = old.model_copy(update={"year": 2026})
        new = {"budget.total": f"{old.budget.total}", "budget.fiscal": f"{old.budget.fiscal}", **changed.get(i, {})}
        if i % 3 == 0:
            new["budget.total"] = new["budget.fiscal"] = f"{(old.budget.total or 0) + 5:f}"
        for cell, text in new.items():
            table = table.with_text(cell, text)
        provenance = []
        for address, label, text in table.cells():
            before = old.text(address)
            if text:
                origin: Origin = "carried" if text == before else "request"
                change: Change = "same" if text == before else "changed"
                source = Source(path=SEED_NAME, project=old.project.name, year=2025, cell=label, text=before)
                provenance.append(Provenance(cell=address, origin=origin, change=change, previous=before, source=source))
        draft = Draft(
            id=f"表{i + 1:02d}-2026", request=Request(name=old.project.name or "", year=2026), table=table, previous=old, provenance=tuple(provenance)
        )
        drafts.append(recheck(draft, NOON))
    return drafts


def few_findings(tables: Sequence[GoalTable], **_: object) -> Report:
    """A handful of findings whose words never change, instead of the whole rule pack: for pictures and for tests of the screen."""
    found = []

    def add(code: str, name: str, severity: Severity, cell: str, message: str, **more: object) -> None:
        basis = "财预〔2015〕88号 绩效目标审核“适当性”"
        found.append(Finding(code=code, name=name, severity=severity, cell=cell, message=message, basis=basis, aspect="适当性", **more))  # type: ignore[arg-type]

    for i, row in enumerate(tables[0].indicators):
        cell, value = f"indicators[{i}].value", row.value
        if "待核实" in value.text:
            add("F113", "unresolved-placeholder", Severity.ERROR, cell, f"“{row.level3}”的指标值还是“待核实”。")
        elif value.kind == "text":
            add("W404", "vague-trend", Severity.WARNING, cell, f"“{row.level3}”的值“{value.text}”没有写明提升多少、与什么相比。")
        elif "满意" in row.level3 and value.number is not None and value.number < 85:
            fix = Fix(safe=False, to="≥85%")
            add("V207", "target-too-low", Severity.WARNING, cell, f"“{row.level3}”的目标“{value.text}”偏低，同类项目一般不低于85%。", expected="≥85%", fix=fix)
        if row.level3.endswith("总成本"):
            message = f"“{row.level3}”“{value.text}”比预算数{tables[0].budget.total}万元少。"
            add("M506", "total-cost", Severity.WARNING, cell, message, expected=f"≤{tables[0].budget.total}万元")
        if row.basis == "工作计划" and i == 1:
            add("W419", "bare-basis", Severity.WARNING, f"indicators[{i}].basis", "依据“工作计划”没有写明是哪个文件、哪一年。")
    if tables[0].budget.total is not None and tables[0].budget.total < 0:
        add("N502", "budget-not-positive", Severity.ERROR, "budget.total", "预算数不是正数。")
    return Report.of(found, tables=1)


def write_draft(folder: Path, draft: Draft) -> Path:
    """The draft's file in a folder, as a drafter writes it."""
    path = folder / f"{draft.id}.json"
    path.write_text(draft.to_json(), encoding="utf-8")
    return path
