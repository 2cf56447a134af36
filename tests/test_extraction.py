"""Documents to goal tables: the seed cell by cell, other departments' texts, part 1, what is reported."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.documents.readers import Member, read
from assistant.extraction import Extraction, extract, extract_file
from assistant.table import DepartmentGoals, GoalTable
from tests import forms
from tests.forms import Form
from tests.provinces import spots

GOLDEN = Path(__file__).parent / "golden" / "extraction"


def extracted(text: str, name: str = "文本.txt") -> Extraction:
    return extract(read(Member(name, text.encode("utf-8"))))


def cell_texts(table: GoalTable) -> list[str]:
    """Every text of a table as the form shows it, levels once for each merged cell."""
    texts = [table.unit.code or "", table.unit.name or "", table.project.code or "", table.project.name or "", table.purpose or ""]
    texts += [f"{value:f}" for value in (table.budget.total, table.budget.fiscal, table.budget.other) if value is not None]
    texts += [f"{node.percent}%" for node in table.spending_plan] + [node.by for node in table.spending_plan]
    texts += list(table.goals)
    level1 = ""
    for row in table.indicators:
        texts += [row.level1] if row.level1 != level1 else []
        level1 = row.level1
        texts += [row.level2, row.level3, row.description or "", row.value.text, row.basis or ""]
    return [text for text in texts if text]


def test_the_seed_is_read_cell_by_cell(seed: Path) -> None:
    """Every cell of the file, cut at TABs without knowing any form, is a text of the tables, and nothing else is."""
    found = extract_file(seed)
    assert [len(table.indicators) for table in found.tables] == [6] * 10
    part_two = seed.read_text(encoding="utf-8").split("第二部分", 1)[1]
    labels = set(
        "项目编码 项目名称 预算规模及资金用途 预算数 其中：财政资金 其他资金 资金支出计划（%） 绩效目标 一级指标 二级指标 三级指标 绩效指标描述 指标值 指标值确定依据 单位：万元".split()
    )
    cells: Counter[str] = Counter()
    for cell in re.split(r"\t|\n\s*\n \n?\[bookmark[^\n]*|\n\[bookmark[^\n]*", part_two):
        text = cell.strip()
        if not text or text.replace(" ", "") in labels or text.startswith(("预算项目", "[bookmark")):
            continue
        unit = re.fullmatch(r"(\d{6})(怀来县残疾人联合会)", text)
        cells.update(unit.groups() if unit else [re.sub(r"^1\.(?!\d)", "", text)])
    assert Counter(text for table in found.tables for text in cell_texts(table)) == cells


def test_the_seed_is_read_as_recorded(seed: Path, accept: bool) -> None:
    found = extract_file(seed).to_json()
    found["source"]["path"] = seed.name
    golden(GOLDEN / "怀来县残疾人联合会-2025.json", found, accept)


def golden(path: Path, found: object, accept: bool) -> None:
    text = json.dumps(_without_grammar(found), ensure_ascii=False, indent=1) + "\n"
    if accept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def _without_grammar(value: object) -> object:
    """The JSON with every target as its text alone: how targets are parsed is tested with ``Target``, not here."""
    if isinstance(value, dict):
        return value["text"] if "comparator" in value else {name: _without_grammar(one) for name, one in value.items()}
    return [_without_grammar(one) for one in value] if isinstance(value, list) else value


def test_part_one_of_the_seed_is_complete(seed: Path) -> None:
    part = extract_file(seed).department
    assert part is not None
    assert part.overall_goal.startswith("坚持以习近平新时代")
    assert part.overall_goal.endswith("奋力开创我县残疾人事业新局面。")
    assert len(part.items) == 7
    assert len(part.measures) == 7
    assert (part.unit.name, part.year) == ("怀来县残疾人联合会", 2025)
    text = seed.read_text(encoding="utf-8")
    for item in part.items:
        assert item.title in text
        assert f"绩效目标：{item.goal}\n" in text
        assert f"绩效指标：{item.indicators}\n" in text
    for measure in part.measures:
        assert f"）{measure.title}。{measure.text}\n" in text
    named = {one.name: one.value.text for item in part.items for one in item.measures}
    assert named["就业年龄段智力、精神、重度肢体残疾人护理照料覆盖率"] == "90%以上"
    assert named["县级主要媒体刊播助残公益广告的数量"] == "300 条以上"
    assert len(named) == 13


def test_cells_know_where_they_stand(seed: Path) -> None:
    found = extract_file(seed)
    lines = seed.read_text(encoding="utf-8").splitlines()
    for table, places in zip(found.tables, found.places, strict=True):
        for address in ("project.name", "budget.total", "purpose", "indicators[3].value", "spending_plan[2].percent"):
            line = places[address].line
            assert line is not None
            assert lines[line - 1].strip().rstrip("%") == table.text(address)


def test_json_follows_the_contract(seed: Path) -> None:
    document = extract_file(seed).to_json()
    assert list(document) == ["source", "department", "tables", "report"]
    assert set(document["source"]) == {"path", "sha256", "format"}
    assert document["report"] == {"grids_found": 10, "grids_read": 10, "tables_read": 10, "unread": [], "warnings": []}
    table = document["tables"][0]
    assert table["number"] == 1
    assert table["title"] == "怀财字【2025】7号 残疾人就业保障金绩效目标表"
    assert (table["year"], table["unit"], table["money_unit"]) == (2025, {"code": "762001", "name": "怀来县残疾人联合会"}, "万元")
    assert table["project"] == {"code": "13073025P00TF1J100047", "name": "怀财字【2025】7号 残疾人就业保障金"}
    assert table["budget"] == {"total": "470.00", "fiscal": "470.00", "other": None}
    assert table["spending_plan"][0] == {"by": "3月底", "percent": "25"}
    first = table["indicators"][0]
    assert (first["level1"], first["level2"], first["basis"]) == ("产出指标", "数量指标", "工作计划")
    assert {name: first["value"][name] for name in ("text", "comparator", "number", "unit")} == {
        "text": "≥46人",
        "comparator": "≥",
        "number": "46",
        "unit": "人",
    }
    assert (table["form"], table["frame"]) == ("hebei-2025", "2015")


def test_the_command_shows_counts_and_what_is_missing(run: Callable[..., object], seed: Path, tmp_path: Path) -> None:
    result = run("read", seed)
    assert result.returncode == 0, result.stderr  # type: ignore[attr-defined]
    assert "得到绩效目标表10张，指标60行" in result.stdout  # type: ignore[attr-defined]
    assert "分项目标7项" in result.stdout  # type: ignore[attr-defined]
    shown = run("read", seed, "--json")
    assert len(json.loads(shown.stdout)["documents"][0]["tables"]) == 10  # type: ignore[attr-defined]


def test_bad_files_of_a_batch_cost_only_themselves(run: Callable[..., object], seed: Path, tmp_path: Path) -> None:
    (tmp_path / "空.txt").write_bytes(b"")
    (tmp_path / "无表.txt").write_text("今天天气很好。\n", encoding="utf-8")
    result = run("read", tmp_path / "空.txt", tmp_path / "无表.txt", seed, tmp_path / "缺.txt", "--json")
    assert result.returncode == 2  # type: ignore[attr-defined]
    assert len(json.loads(result.stdout)["documents"]) == 1  # type: ignore[attr-defined]
    assert "共" not in run("read", seed).stdout.splitlines()[-1]  # type: ignore[attr-defined]
    shown = run("read", tmp_path / "空.txt", seed).stdout.splitlines()[-1]  # type: ignore[attr-defined]
    assert shown == "共2份文件，绩效目标表10张，指标60行；没有读成1份。"
    lines = result.stderr.strip().splitlines()  # type: ignore[attr-defined]
    assert [line[:3] for line in lines] == ["错误：", "建议："] * 3
    assert "空文件" in lines[0]
    assert "没有找到预算项目绩效目标表" in lines[2]
    assert "找不到文件" in lines[4]


@pytest.mark.parametrize("text", ["财政部关于印发办法的通知\n财预〔2020〕10号\n第一条 为加强管理，制定本办法。\n"])
def test_a_policy_is_no_goal_table_and_no_error(run: Callable[..., object], tmp_path: Path, text: str) -> None:
    path = tmp_path / "办法.txt"
    path.write_text(text, encoding="utf-8")
    result = run("read", path)
    assert result.returncode == 0  # type: ignore[attr-defined]
    assert "政策文件" in result.stdout  # type: ignore[attr-defined]


TEXTS = sorted((Path(__file__).parent / "texts").glob("*.txt"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_other_departments_texts_are_read_whole(path: Path, accept: bool) -> None:
    """Other counties and bureaus: 4、 numbering or none, lines broken elsewhere, money in 元, one row a line, a heading under a cell."""
    found = extract_file(path)
    assert found.report.complete
    shown = found.to_json()
    shown["source"] = {"path": path.name}
    golden(GOLDEN / f"{path.stem}.json", shown, accept)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
@pytest.mark.parametrize(("encoding", "newline"), [("gb18030", "\r\n"), ("utf-8-sig", "\r"), ("utf-16", "\r\n")])
def test_encodings_and_line_ends_change_nothing(path: Path, encoding: str, newline: str) -> None:
    text = path.read_text(encoding="utf-8")
    other = extract(read(Member(path.name, text.replace("\n", newline).encode(encoding))))
    assert (other.tables, other.departments) == (extract_file(path).tables, extract_file(path).departments)


def test_two_departments_in_one_text() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TEXTS[1:]]
    found = extracted("\n\n".join(texts))
    apart = [extract(read(Member(path.name, path.read_bytes()))) for path in TEXTS[1:]]
    assert found.tables == tuple(table for one in apart for table in one.tables)
    assert [len(part.items) for part in found.departments] == [len(one.departments[0].items) for one in apart]
    assert [part.unit.name for part in found.departments] == [one.departments[0].unit.name for one in apart]
    assert len(found.to_json()["departments"]) == 2


def part_one(text: str) -> DepartmentGoals:
    (part,) = extracted(text).departments
    return part


@pytest.mark.parametrize(
    "text",
    [
        "总体绩效目标\n做好工作。\n分项绩效目标\n（一）供水保障\n绩效目标：\n保障供水。\n检修水源井。\n绩效指标：\n合格率95%以上。\n保障措施\n1、加强管理。专人负责。\n",
        "一、总体绩效目标：做好工作。\n二、分项绩效目标\n1.供水保障。年度绩效目标：保障供水。\n检修水源井。年度绩效指标：合格率95%以上。\n三、工作保障措施\n（一）加强管理：专人负责。\n",
        "部门整体绩效目标\n总体绩效目标\n做好工作。\n职责分项绩效目标\n职责一：供水保障\n绩效目标\n保障供水。\n检修水源井。\n绩效指标\n合格率95%以上。\n绩效保障措施\n加强管理。\n专人负责。\n",
    ],
)
def test_part_one_in_other_words(text: str) -> None:
    part = part_one(text)
    assert part.overall_goal == "做好工作。"
    (item,) = part.items
    assert (item.title, item.goal, item.indicators) == ("供水保障", "保障供水。\n检修水源井。", "合格率95%以上。")
    assert [(one.name, one.value.text) for one in item.measures] == [("合格率", "95%以上")]
    assert [(one.title, one.text) for one in part.measures] == [("加强管理", "专人负责。")]


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("怀安县水务局2026年部门预算绩效文本", 2026),
        ("2026年度怀安县水务局部门预算公开", 2026),
        ("2026年部门预算项目绩效目标", 2026),
        ("一、2023年绩效评价工作情况", None),
        ("2023年以来预算执行进度加快", None),
        ("落实怀财字【2025】7号文件要求", None),
    ],
)
def test_the_year_comes_from_titles_and_not_from_talk(seed: Path, line: str, year: int | None) -> None:
    text = seed.read_text(encoding="utf-8").split("第二部分", 1)[1]
    assert {table.year for table in extracted(f"{line}\n\n{text}").tables} == {year}


def test_a_year_in_the_name_of_the_file_counts_and_a_contradiction_is_said(seed: Path) -> None:
    text = seed.read_text(encoding="utf-8").split("第二部分", 1)[1]
    assert {table.year for table in extracted(text, "2027年文本.txt").tables} == {2027}
    found = extracted(f"怀安县水务局2026年部门预算绩效文本\n\n{text}", "2027年文本.txt")
    assert {table.year for table in found.tables} == {2026}
    assert "文件名写的是2027年，表里写的是2026年，以表为准。" in found.report.warnings


def test_a_list_of_projects_without_indicators_is_said_once() -> None:
    rows = """
序号 | 项目名称 | 预算单位 | 预算数（万元） | 资金用途
1 | 农村公路养护 | 某县交通运输局 | 120 | 用于县乡公路日常养护
2 | 校车补贴 | 某县教育局 | 80 | 用于校车运营补贴
"""
    found = extract(forms.document(Form([spots(rows)], [])))
    assert not found.tables
    assert not found.report.unread
    assert found.report.warnings == ["第1个表格是项目清单（2行），没有指标，不是绩效目标表；要据此起草请用 assistant draft --projects。"]
    goals = rows.replace("资金用途", "绩效目标")
    (left,) = extract(forms.document(Form([spots(goals)], []))).report.unread
    assert left.why == "列了2个项目和它们的绩效目标，没有指标，不是认得的绩效目标表，没有读取"


@pytest.mark.parametrize("unit", ["元", "万元"])
def test_the_money_unit_of_a_group_of_labels_holds_for_its_labels(unit: str) -> None:
    rows = f"""
项目名称 | 校车补贴 | < | <
项目资金（{unit}） | 年度资金总额 | 80 | <
^ | 其中：财政拨款 | 80 | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 校车线路数量 | ≥12条
"""
    found = extract(forms.document(Form([spots(rows)], []), "2025年.docx"))
    assert [table.money_unit for table in found.tables] == [unit]
    assert not found.report.warnings


_SMALL = """
项目名称 | 渔港清淤 | < | <
项目资金（万元） | 合计 | 560.00 | 财政拨款：420.00
一级 | 二级 | 三级指标 | 指标值
指标 | 指标 | |
产出指标 | 数量指标 | 清淤土方量 | ≥18万立方米
注：指标值由业务科室审核。 | < | < | <
"""


def test_a_sum_among_money_a_head_in_two_rows_and_a_note_below() -> None:
    (found,) = (extraction := extract(forms.document(Form([spots(_SMALL)], []), "2026年.docx"))).tables
    assert extraction.report.complete
    assert (found.budget.total, found.budget.fiscal) == (Decimal("560.00"), Decimal("420.00"))
    assert [(row.level1, row.level2, row.level3, row.value.text) for row in found.indicators] == [("产出指标", "数量指标", "清淤土方量", "≥18万立方米")]
    assert found.extra["备注"] == "指标值由业务科室审核。"


def test_money_in_a_table_inside_a_cell_belongs_to_the_form_around_it() -> None:
    inner = forms.grid(spots("年度资金总额 | 财政拨款\n86.40 | 80.00"), 2)
    form = forms.document(Form([spots(_SMALL.replace("合计 | 560.00 | 财政拨款：420.00", " | < | <"))], []), "2026年.docx")
    cell = next(cell for grid in form.grids() for cell in grid.cells if (cell.row, cell.column) == (1, 1))
    cell.nested.append(inner)
    found = extract(form)
    assert found.report.complete
    assert (found.tables[0].budget.total, found.tables[0].budget.fiscal) == (Decimal("86.40"), Decimal("80.00"))
    inner.cells[0].text = "没有见过的栏目"
    assert [item.why for item in extract(form).report.unread] or "没有见过的栏目" in str(extract(form).to_json())
