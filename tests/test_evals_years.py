"""An office's own years as a suite: made with one command from Word and Excel, solved without what must not be seen; a killed run goes on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.evaluation.cases import Case, load_suite
from assistant.evaluation.world import Leak, Without, World
from assistant.evaluation.years import make_suite
from assistant.export import write
from assistant.table import Budget, GoalTable, Indicator, PlanNode, Project, Unit
from assistant.target import Target

ROOT = Path(__file__).resolve().parent.parent
UNIT = "滦平县卫生健康局"


def row(level2: str, name: str, value: str, basis: str) -> Indicator:
    level1 = {"数量": "产出指标", "质量": "产出指标", "时效": "产出指标", "成本": "产出指标", "社会": "效益指标"}.get(level2[:2], "满意度指标")
    return Indicator(level1=level1, level2=level2, level3=name, description=f"反映{name}", value=Target.parse(value), basis=basis)


def table(year: int, number: int, name: str, total: str, purpose: str, *rows: Indicator) -> GoalTable:
    return GoalTable(
        number=number,
        title=f"{name}绩效目标表",
        year=year,
        unit=Unit(code="361001", name=UNIT),
        project=Project(code=f"13082423P00KX1J1000{number}X", name=name),
        budget=Budget(total=Decimal(total), fiscal=Decimal(total)),
        purpose=purpose,
        spending_plan=tuple(PlanNode(by=by, percent=Decimal(percent)) for by, percent in (("3月底", 25), ("6月底", 50), ("10月底", 80), ("12月底", 100))),
        goals=(f"完成{name}各项任务，使群众受益。",),
        indicators=rows,
    )


def tables(year: int) -> list[GoalTable]:
    later = year > 2023
    health = table(
        year,
        1,
        "基本公共卫生服务补助资金",
        "1911.50" if later else "1842.00",
        "用于为城乡居民免费提供基本公共卫生服务。",
        row("数量指标", "65岁及以上老年人健康管理人数", "≥29500人" if later else "≥28600人", "公共卫生服务任务书"),
        row("质量指标", "居民规范化电子健康档案覆盖率", "≥64%" if later else "≥62%", "国家基本公共卫生服务规范"),
        row("成本指标", "人均补助标准", "=94元/人" if later else "=89元/人", "冀卫基层〔2023〕7号"),
        row("社会效益指标", "居民健康素养水平", "≥26%" if later else "≥24%", "健康素养监测报告"),
        row("服务对象满意度指标", "居民满意度", "≥85%", "问卷调查"),
    )
    doctors = table(
        year,
        2,
        "乡村医生养老补助",
        "103.20" if later else "96.36",
        "用于发放离岗乡村医生养老补助。",
        row("数量指标", "享受补助离岗乡村医生人数", "=391人" if later else "=365人", "离岗乡村医生名册"),
        row("质量指标", "补助发放准确率", "=100%", "发放台账"),
        row("成本指标", "人均月补助标准", "=220元/人·月", "冀卫发〔2016〕12号"),
        row("服务对象满意度指标", "离岗乡村医生满意度", "≥95%", "问卷调查"),
    )
    new = table(
        year,
        3,
        "县中医院康复科设备购置项目",
        "168.00",
        "用于县中医院康复科购置康复训练设备。",
        row("数量指标", "购置康复设备数量", "=18台", "采购清单"),
        row("质量指标", "设备验收合格率", "=100%", "验收报告"),
        row("服务对象满意度指标", "就诊患者满意度", "≥90%", "问卷调查"),
    )
    return [health, doctors, new] if later else [health, doctors]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "往年"
    folder.mkdir()
    write(folder / f"{UNIT}2023年绩效目标.docx", tables(2023), to="docx")
    write(folder / f"{UNIT}2024年绩效目标.xlsx", tables(2024), to="xlsx")
    return folder


def test_two_years_in_word_and_excel_become_a_suite(files: Path, tmp_path: Path) -> None:
    made = make_suite([files], tmp_path / "suite", name="卫健局")
    assert [case.tags[1] for case in made.suite.cases] == ["延续", "延续", "新增"]
    assert {case.group for case in made.suite.cases} == {UNIT}
    assert all(case.sources == (f"{UNIT}2024年绩效目标.xlsx@2024",) for case in made.suite.cases)
    assert made.suite.title == "往年对照·卫健局"
    assert f"{UNIT} 2023年：2张表" in made.notes
    assert "最早一年的2张表只作起草的依据，不出题。" in made.notes
    shutil.rmtree(files)
    assert load_suite(tmp_path / "suite").cases == made.suite.cases
    assert len(list((tmp_path / "suite" / "texts").iterdir())) == 2


def test_one_year_alone_is_told_with_what_was_read(files: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="滦平县卫生健康局 2024年：3张表"):
        make_suite([files / f"{UNIT}2024年绩效目标.xlsx"], tmp_path / "suite", name="x")


def test_adding_again_leaves_no_old_file_behind(files: Path, tmp_path: Path) -> None:
    make_suite([files], tmp_path / "suite", name="x")
    (files / f"{UNIT}2023年绩效目标.docx").rename(files / f"{UNIT}-2023.docx")
    made = make_suite([files], tmp_path / "suite", name="x")
    assert len(made.suite.cases) == 3
    texts = tmp_path / "suite" / "texts"
    assert sorted(path.name for path in texts.iterdir()) == [f"{UNIT}-2023.docx", f"{UNIT}2024年绩效目标.xlsx"]
    world = World(home=tmp_path / "home", texts=(texts,))
    assert len([past for past in world.corpus.past_tables() if past.layer == "user"]) == 5
    (texts / f"{UNIT}-2023.docx").unlink()
    again = World(home=tmp_path / "home", texts=(texts,))
    assert len([past for past in again.corpus.past_tables() if past.layer == "user"]) == 3


def test_neither_the_year_itself_nor_a_later_one_is_seen(files: Path, tmp_path: Path) -> None:
    write(files / f"{UNIT}2025年绩效目标.docx", [one.model_copy(update={"year": 2025}) for one in tables(2024)], to="docx")
    suite = make_suite([files], tmp_path / "suite", name="x").suite
    world = World(home=tmp_path / "home", texts=(tmp_path / "suite" / "texts",))
    for case in suite.cases:
        seen = world.given(case)
        assert isinstance(seen, Without)
        year = int(case.target["table"]["year"])
        assert [past for past in seen.past_tables() if past.unit == UNIT and (past.year or 0) >= year] == []
        hidden = {past.id for past in seen.hidden}
        found = [passage for passage, _, _ in seen.records.find("离岗乡村医生 养老补助 老年人健康管理", 200)]
        assert found
        assert not [passage for passage in found if passage.table in hidden]
        assert not hidden.intersection(seen.tables_by_id(sorted(hidden)))
        assert not [passage for passage in seen.records.passages([p.id for p in world.corpus.contents(1)]).values() if passage.table in hidden]


def leaking(files: Path, tmp_path: Path, change: Callable[[Case], Case] = lambda case: case) -> World:
    suite = make_suite([files], tmp_path / "suite", name="x").suite
    world = World(home=tmp_path / "home", texts=(tmp_path / "suite" / "texts",))
    with pytest.raises(Leak, match="答案就在"):
        world.given(change(suite.cases[0]))
    return world


def test_the_guard_bites_when_a_case_forgets_its_source(files: Path, tmp_path: Path) -> None:
    leaking(files, tmp_path, lambda case: case.model_copy(update={"sources": ()}))


def test_the_guard_bites_when_the_signed_table_came_in_a_second_time(files: Path, tmp_path: Path) -> None:
    # The same year's tables once more under another name: added after the suite was made, so no case knows of it.
    suite = make_suite([files], tmp_path / "suite", name="x").suite
    write(tmp_path / "suite" / "texts" / "上报稿.docx", tables(2024), to="docx")
    world = World(home=tmp_path / "home", texts=(tmp_path / "suite" / "texts",))
    with pytest.raises(Leak, match=r"上报稿\.docx"):
        world.given(suite.cases[0])


def test_the_guard_bites_when_hiding_fails(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Without, "past_tables", lambda self, unit=None, year=None: self._corpus.past_tables(unit, year))
    leaking(files, tmp_path)


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "ASSISTANT_HOME": str(home)}


def test_the_command_makes_solves_and_reports(files: Path, run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
    added = run("evals", "add", files, "--name", "卫健局")
    assert added.returncode == 0, added.stderr
    assert "3个用例" in added.stderr
    solved = run("evals", "run", "卫健局", "--report", tmp_path / "r.html", "--json")
    assert solved.returncode == 0, solved.stderr
    (found,) = json.loads(solved.stdout)["runs"]
    assert (found["cases"], found["errors"]) == (3, 0)
    assert {score["name"] for score in found["scores"]} == {"行命中", "值接近", "有来源"}
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "往年对照·卫健局" in page
    assert "应有的内容" in page  # the signed table beside the draft
    assert "购置康复设备数量 =18台" in page


def stopped(command: list[str], home: Path, with_signal: signal.Signals, after: int) -> subprocess.Popen[str]:
    """The command, stopped by a signal as soon as ``after`` outputs are kept."""
    started = subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and started.poll() is None and kept(home) < after:
        time.sleep(0.01)
    started.send_signal(with_signal)
    return started


def kept(home: Path) -> int:
    return len(list((home / "evals" / "cache").glob("*.json")))


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX")
def test_a_killed_and_an_interrupted_run_go_on_where_they_stopped(home: Path) -> None:
    pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
    command = [sys.executable, "-m", "assistant", "evals", "run", "validation", "--json"]
    stopped(command, home, signal.SIGKILL, 4).communicate()
    first = kept(home)
    assert first >= 4
    interrupted = stopped(command, home, signal.SIGINT, first + 3)
    _, said = interrupted.communicate()
    assert interrupted.returncode == 130, said
    assert "错误：操作已中断。" in said
    assert "Traceback" not in said
    assert not list((home / "evals").glob("runs/*"))
    before = kept(home)
    assert before >= first + 3
    finished = subprocess.run(command, env=environment(home), capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert finished.returncode == 0, finished.stderr
    (found,) = json.loads(finished.stdout)["runs"]
    assert found["errors"] == 0
    assert before < found["cases"]
    assert before == found["reused"]
