"""Export as a user has it: write, read the file back, compare; the command with its errors and names."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from assistant.delivery import NotWhatWasMeant, collect, deliver, what_differs
from assistant.documents.libreoffice import program as libreoffice
from assistant.documents.model import Paragraph
from assistant.documents.readers import read
from assistant.draft import Draft, OpenQuestion, Request
from assistant.errors import AssistantError, InputError
from assistant.export import render
from assistant.table import Budget, DepartmentGoals, GoalTable, Unit
from assistant.target import Target
from tests.strategies import department_goals, departments
from tests.test_export import PART_ONE, W, body, example

Run = Callable[..., subprocess.CompletedProcess[str]]
round_trip = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def differs(tables: list[GoalTable], to: str, *, department: DepartmentGoals | None = None, flat: bool = False) -> list[str]:
    data = render(tables, department=department, to=to, flat=flat)
    return what_differs(data, Path("x"), tables, department=department, to=to, flat=flat)


@pytest.mark.parametrize("to", ["docx", "xlsx", "md", "html", "csv"])
@given(tables=departments())
@round_trip
def test_what_is_written_is_read_back(to: str, tables: list[GoalTable]) -> None:
    assert differs(tables, to) == []


@pytest.mark.parametrize("to", ["docx", "xlsx", "md", "html", "csv"])
@pytest.mark.parametrize("name", ["群众满意度", "成本指标", "社会效益", "产出指标", "服务对象满意度指标"])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_an_indicator_of_which_only_the_name_is_written_is_no_level(to: str, name: str, place: int) -> None:
    table = example()
    rows = list(table.indicators)
    rows[place] = rows[place].model_copy(update={"level3": name, "description": None, "value": Target.parse(""), "basis": None})
    assert differs([table.model_copy(update={"indicators": tuple(rows)})], to) == []


@given(departments())
@round_trip
def test_the_flat_list_is_read_back(tables: list[GoalTable]) -> None:
    assert differs(tables, "xlsx", flat=True) == []


@given(departments())
@round_trip
def test_json_round_trip(tables: list[GoalTable]) -> None:
    content = json.loads(render(tables, to="json"))
    assert [GoalTable.model_validate(table) for table in content["tables"]] == tables


@given(departments(2), department_goals())
@settings(round_trip, max_examples=15)
def test_a_whole_text_comes_back_with_part_one(tables: list[GoalTable], department: DepartmentGoals) -> None:
    department = department.model_copy(update={"unit": tables[0].unit, "year": tables[0].year})
    assert differs(tables, "docx", department=department) == []
    assert differs(tables, "md", department=department) == []
    assert differs(tables, "html", department=department) == []


FORMS = """hebei-2025 hebei-2019 anhui central-2015 central-2018 central-2021 sichuan-2025 sichuan yunnan hunan hunan-2021 hubei guangdong shanxi
 transfer investment self-evaluation list other""".split()


@pytest.mark.parametrize("to", ["docx", "xlsx", "md", "html"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_comes_back(form: str, to: str) -> None:
    table = example(form=form)
    assert differs([table], to) == []
    rich = example(form=form, extra={"主管部门": "某某局", "项目期": "3年"})
    rich = rich.model_copy(update={"indicators": tuple(row.model_copy(update={"extra": {"权重": "18"}}) for row in rich.indicators)})
    assert differs([rich], to) == []


def test_the_seed_comes_back_from_word(seed: Path) -> None:
    material = collect([seed])
    assert len(material.tables) == 10
    assert material.department is not None
    for to in ("docx", "xlsx", "md", "html", "csv"):
        assert differs(material.tables, to, department=material.department) == [], to


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not on this machine")
def test_pdf_is_read_back_with_measured_contents(seed: Path, tmp_path: Path) -> None:
    material = collect([seed])
    path = tmp_path / "x.pdf"
    assert deliver(path, material.tables, department=material.department, to="pdf") == []
    lines = [block.text for block in read(path).blocks if isinstance(block, Paragraph)]
    # The contents name the page on which each heading really stands, counted from the first page behind them.
    pages = {line: int(number) for line in lines if (found := re.fullmatch(r"(.*?)\.{3,}(\d+)", line)) for line, number in [found.groups()]}
    stands = {block.text: (block.locator.page or 0) - 2 for block in read(path).blocks if isinstance(block, Paragraph) and block.level}
    assert pages["第二部分 预算项目绩效目标"] == stands["第二部分 预算项目绩效目标"]
    assert pages["2.怀财字【2025】7号 经费绩效目标表"] == stands["2.怀财字【2025】7号 经费绩效目标表"]


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not on this machine")
@given(tables=departments(2))
@settings(round_trip, max_examples=2, phases=[Phase.generate])
def test_pdf_round_trip(tables: list[GoalTable]) -> None:
    assert differs(tables, "pdf") == []


def test_pdf_without_libreoffice_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.export.pdf.program", lambda: None)
    with pytest.raises(AssistantError, match="需要 LibreOffice") as caught:
        render([example()], to="pdf")
    assert "--to docx" in caught.value.hint


def test_a_file_that_does_not_hold_what_was_meant_is_not_written(tmp_path: Path) -> None:
    # A level name that no frame knows and that reads like a column head cannot come back as a row.
    row = example().indicators[0].model_copy(update={"level1": "一级指标", "level2": "二级指标", "level3": "三级指标", "value": Target.parse("指标值")})
    table = example(indicators=(*example().indicators, row))
    path = tmp_path / "x.docx"
    with pytest.raises(NotWhatWasMeant) as caught:
        deliver(path, [table])
    assert "指标行数" in caught.value.message
    assert not path.exists()
    assert deliver(path, [table], checked=False) == caught.value.differences
    assert path.exists()


# -- what can be exported -----------------------------------------------------------------------------------------------------------


def draft(path: Path, table: GoalTable) -> Path:
    path.write_text(Draft(id=path.stem, request=Request(name="x"), table=table).to_json(), encoding="utf-8")
    return path


def test_collect_takes_drafts_exports_documents_and_folders(tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    one = draft(folder / "a.json", example())
    draft(folder / "b.json", example(number=2))
    (folder / "summary.json").write_text('{"kind": "summary"}', encoding="utf-8")
    deliver(folder / "a.docx", [example()])
    assert [table.number for table in collect([folder]).tables] == [1, 2]
    assert collect([one]).tables == [example()]
    assert len(collect([folder / "a.docx"]).tables) == 1
    deliver(tmp_path / "all.json", [example()], department=PART_ONE, to="json")
    found = collect([tmp_path / "all.json"])
    assert found.tables == [example()]
    assert found.department == PART_ONE


def test_a_draft_full_of_open_cells_is_written_marked_and_read_back(tmp_path: Path) -> None:
    table = example(unit=Unit(name="待核实"), budget=Budget()).with_text("project.code", "待核实").with_text("indicators[0].value", "待核实")
    for to in ("docx", "xlsx", "md", "html", "csv"):
        assert differs([table], to) == [], to
    asked = tuple(OpenQuestion(cell=cell, question="？") for cell in ("budget.total", "indicators[0].value"))
    path = tmp_path / "a.json"
    path.write_text(Draft(id="a", request=Request(), table=table, open_questions=asked).to_json(), encoding="utf-8")
    material = collect([path])
    assert material.waiting == [{"budget.total", "indicators[0].value"}]
    plain, marked = (render([table], waiting=waiting) for waiting in ([], material.waiting))
    # Unit, code and value say 待核实 themselves; the blank budget is shaded only when it is asked for.
    assert [body(data).xpath("count(//w:shd)", namespaces={"w": W[1:-1]}) for data in (plain, marked)] == [3.0, 4.0]


@pytest.mark.parametrize("content", ["{", "[]", '{"kind":"draft"}', '{"tables":[{"x":1}]}', "\ufeff", "null"])
def test_collect_says_what_is_no_draft(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(AssistantError) as caught:
        collect([path])
    assert caught.value.hint


def test_collect_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        collect([tmp_path])
    with pytest.raises(AssistantError, match="找不到"):
        collect([tmp_path / "x.json"])


# -- the command --------------------------------------------------------------------------------------------------------------------


def test_export_command_names_files_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    path = draft(tmp_path / "a.json", example())
    first = run("export", path, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "怀财字【2025】7号 残疾人就业保障金-2025年绩效目标表.docx\n"
    assert "读回核对一致" in first.stderr
    again = run("export", path, "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["files"] == [
        {"path": "怀财字【2025】7号 残疾人就业保障金-2025年绩效目标表(2).docx", "format": "docx", "tables": 1, "differences": []}
    ]


def test_export_command_takes_the_format_from_the_name_and_splits(run: Run, tmp_path: Path) -> None:
    draft(tmp_path / "a.json", example())
    draft(tmp_path / "b.json", example(number=2).with_text("indicators[0].value", "≥待核实人"))
    assert run("export", "a.json", "-o", "x.md", cwd=tmp_path).returncode == 0
    assert (tmp_path / "x.md").read_text(encoding="utf-8").startswith("## 1.")
    split = run("export", "a.json", "b.json", "--split", "-o", "out", cwd=tmp_path)
    assert split.returncode == 0
    assert "有 1 处“待核实”等待填写" in split.stderr
    assert sorted(item.name for item in (tmp_path / "out").iterdir()) == [
        "怀财字【2025】7号 残疾人就业保障金-2025年绩效目标表(2).docx",
        "怀财字【2025】7号 残疾人就业保障金-2025年绩效目标表.docx",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "doc"], "没有导出格式“doc”"),
        (["--flat", "--to", "pdf"], "不能与 pdf 同用"),
        (["nothing.docx"], "找不到"),
        (["a.json", "-o", "a.json/x.docx"], "无法写入"),
    ],
)
def test_export_command_says_what_is_wrong(run: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    draft(tmp_path / "a.json", example())
    done = run("export", *(["a.json"] if arguments[0] != "a.json" else []), *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 2
    assert done.stdout == ""


def test_a_unit_still_open_is_read_back_as_open(tmp_path: Path) -> None:
    from assistant.documents.readers import read
    from assistant.export import write
    from assistant.extraction import extract
    from assistant.table import GoalTable

    row = {"level1": "产出指标", "level2": "数量指标", "level3": "蜂箱购置数", "value": {"text": "≥50个"}}
    made = {
        "title": "养蜂绩效目标表",
        "unit": {"code": None, "name": "待核实"},
        "project": {"name": "养蜂"},
        "budget": {"total": "10.00"},
        "goals": ["购置蜂箱"],
    }
    table = GoalTable.model_validate({**made, "indicators": [row]})
    write(tmp_path / "a.docx", [table])
    assert extract(read(tmp_path / "a.docx")).tables[0].unit.name == "待核实"
