"""``assistant validate`` and ``assistant rules`` as a user runs them: formats, exit codes, mends, waivers, baseline, wrong input."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.chinese import columns
from assistant.cli.checking import Settings, check
from assistant.draft import Draft, Provenance, Request
from assistant.table import GoalTable
from assistant.validation import RULES

sys.path.insert(0, str(Path(__file__).parent))
from tables import good, parse

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in this process: the same command line, without starting Python forty times."""
    from assistant.cli.app import app

    def call(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        if cwd is not None:
            monkeypatch.chdir(cwd)
        code = 0
        capsys.readouterr()
        try:
            app([str(each) for each in arguments])
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        said = capsys.readouterr()
        return subprocess.CompletedProcess(list(arguments), code, said.out, said.err)

    return call


def draft(path: Path, table: GoalTable, **fields: object) -> Path:
    made = Draft(id="d1", request=Request(name="x"), table=table, provenance=(Provenance(cell="indicators[5].value", origin="carried"),), **fields)  # type: ignore[arg-type]
    path.write_text(made.to_json(), encoding="utf-8")
    return path


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    table = parse("基于 托养服务\n改 indicators[5].value = ≧９０％\n改 indicators[3].value = ≥1500元/人·年")[0][0]
    return draft(tmp_path / "draft.json", table)


def test_the_seed_is_reported_for_a_narrow_terminal(run: Run, seed: Path) -> None:
    done = run("validate", seed)
    assert done.returncode == 1
    assert not done.stderr
    lines = done.stdout.splitlines()
    assert max(map(columns, lines)) <= 80
    assert "46人 × 1500元/人 = 6.90万元" in done.stdout
    assert "未说明463.10万元（98.5%）" in done.stdout.replace("\n       ", "")
    assert "130.73万元 ÷ 3976人 = 328.80元/人" in done.stdout
    assert "10张表" in lines[-5] or any(line.startswith("10张表") for line in lines)


def test_json_has_the_shape_of_the_contract(run: Run, seed: Path) -> None:
    done = run("validate", seed, "--json")
    data = json.loads(done.stdout)
    wanted = {"code", "name", "severity", "outcome", "file", "table", "cell", "message", "expected", "found", "difference", "quote", "basis", "fix"}
    assert all(wanted <= set(finding) for finding in data["findings"])
    assert {"tables", "error", "warning", "info", "undecided", "waived", "grade"} <= set(data["summary"])
    assert data["summary"]["tables"] == 10
    undecided = [f for f in data["findings"] if f["outcome"] == "undecided" and f["code"] == "M501"]
    assert undecided[0]["table"] == {"number": 9, "project": "冀财社【2024】164号 残疾人事业发展补助资金-康复"}


def test_rules_are_chosen_and_the_exit_code_follows_fail_on(run: Run, seed: Path) -> None:
    assert run("validate", seed, "--select", "N").returncode == 0
    assert run("validate", seed, "--select", "V207").returncode == 0
    assert run("validate", seed, "--select", "V207", "--fail-on", "warning").returncode == 1
    assert run("validate", seed, "--select", "V", "--ignore", "V201,V207", "--fail-on", "info").returncode == 0
    assert "V201" not in run("validate", seed, "--ignore", "cost-without-ceiling").stdout


def test_other_formats(run: Run, seed: Path, tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    assert run("validate", seed, "--format", "html", "-o", page).returncode == 1
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert text.count("<h2") == 11
    assert 'class="marked error"' in text
    book = tmp_path / "r.xlsx"
    assert run("validate", seed, "--format", "xlsx", "-o", book).returncode == 1
    with zipfile.ZipFile(book) as parts:
        assert {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml"} <= set(parts.namelist())
    suite = ET.fromstring(run("validate", seed, "--format", "junit").stdout)
    assert suite.find("testsuite").attrib["failures"] == "4"  # type: ignore[union-attr]


def test_a_page_shows_hostile_text_as_text(run: Run, tmp_path: Path) -> None:
    table = parse("基于 托养服务\n用途 用于<script>alert(1)</script>培训。。")[0][0]
    page = tmp_path / "r.html"
    run("validate", draft(tmp_path / "d.json", table), "--format", "html", "-o", page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_safe_mends_are_written_into_a_draft_and_shown(run: Run, spoilt: Path) -> None:
    shown = run("validate", spoilt, "--fix", "--diff")
    assert "+ ≥90%" in shown.stdout
    piped = run("validate", spoilt, "--fix", "--diff", "--json")
    assert json.loads(piped.stdout)["summary"]["tables"] == 1
    assert "+ ≥90%" in piped.stderr
    assert "≧９０％" in spoilt.read_text(encoding="utf-8"), "--diff 只看不改"
    done = run("validate", spoilt, "--fix")
    after = Draft.model_validate_json(spoilt.read_text(encoding="utf-8"))
    assert after.table.indicators[5].value.text == "≥90%"
    assert after.table.indicators[3].value.text == "≥1500元/人·年", "不安全的不改"
    assert done.returncode == 1
    assert "T709" in (after.origin_of("indicators[5].value").note or "")  # type: ignore[union-attr]
    assert "T709" in (after.history[-1].reason or "")
    assert "V201" in {finding.code for finding in after.findings}


def test_unsafe_mends_only_when_asked(run: Run, spoilt: Path) -> None:
    assert run("validate", spoilt, "--fix", "--unsafe-fixes").returncode == 0
    after = Draft.model_validate_json(spoilt.read_text(encoding="utf-8"))
    assert after.table.indicators[3].value.text == "=1500元/人·年"


def test_a_signed_draft_is_not_touched(run: Run, tmp_path: Path) -> None:
    table = parse("基于 托养服务\n改 indicators[5].value = ≧９０％")[0][0]
    path = draft(tmp_path / "d.json", table, status="signed")
    before = path.read_bytes()
    assert "已签字" in run("validate", path, "--fix").stderr
    assert path.read_bytes() == before


def test_a_document_is_mended_beside_itself(run: Run, seed: Path, tmp_path: Path) -> None:
    copy = tmp_path / seed.name
    copy.write_bytes(seed.read_bytes())
    done = run("validate", copy, "--fix")
    beside = tmp_path / f"{seed.stem}.修正.docx"
    assert str(beside) in done.stderr
    assert copy.read_bytes() == seed.read_bytes()
    again = run("validate", beside, "--json", "--select", "T701")
    cells = {finding["cell"] for finding in json.loads(again.stdout)["findings"]}
    assert cells == {"project.name"}, "名称要由人改，其余文号已规范"


def test_records_of_read_are_judged_too(run: Run, seed: Path, tmp_path: Path) -> None:
    record = tmp_path / "read.json"
    record.write_text(run("read", seed, "--json").stdout, encoding="utf-8")
    direct, again = (json.loads(run("validate", path, "--json", "--ignore", "D802").stdout) for path in (seed, record))
    assert again["summary"] == direct["summary"]
    one = tmp_path / "one.json"
    one.write_text(good("托养服务").model_dump_json(), encoding="utf-8")
    assert run("validate", one).returncode == 0


def test_waivers_need_a_person_and_go_stale(run: Run, spoilt: Path, tmp_path: Path) -> None:
    waivers = tmp_path / "豁免.toml"
    entry = '[[waiver]]\ncode = "V201"\nproject = "残疾人事业发展补助资金-托养服务"\nrow = "托养服务补贴标准"\nperson = "张三"\nreason = "省定最低标准"\ndate = 2025-03-01\n'
    waivers.write_text(entry + '\n[[waiver]]\ncode = "N301"\nperson = "李四"\nreason = "系统尾差"\ndate = 2025-03-01\n', encoding="utf-8")
    done = run("validate", spoilt, "--waivers", waivers)
    assert done.returncode == 0
    assert "已豁免1" in done.stdout
    assert "豁免已无对应的发现：N301" in done.stdout.replace("\n  ", "")
    waivers.write_text(entry + "until = 2025-06-30\n", encoding="utf-8")
    done = run("validate", spoilt, "--waivers", waivers)
    assert done.returncode == 1
    assert "豁免已过期" in done.stdout
    waivers.write_text('[[waiver]]\ncode = "V201"\nperson = "张三"\ndate = 2025-03-01\n', encoding="utf-8")
    done = run("validate", spoilt, "--waivers", waivers)
    assert done.returncode == 2
    assert "缺少reason" in done.stderr


def test_only_new_findings_fail_against_a_baseline(run: Run, spoilt: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    run("validate", spoilt, "--write-baseline", baseline)
    assert run("validate", spoilt, "--baseline", baseline).returncode == 0
    table = Draft.model_validate_json(spoilt.read_text(encoding="utf-8")).table
    moved = table.model_copy(update={"indicators": tuple(reversed(table.indicators))})
    assert run("validate", draft(spoilt, moved), "--baseline", baseline, "--fail-on", "info").returncode == 0, "换行序不算新问题"
    worse = moved.with_text("indicators[0].value", "≥900%")
    done = run("validate", draft(spoilt, worse), "--baseline", baseline)
    assert done.returncode == 1
    assert "V206" in done.stdout
    assert "基线中有1条已经没有了" in done.stdout, "原来那一行的符号问题不在了"


def test_a_folder_is_judged_whole_and_one_bad_file_does_not_stop_it(run: Run, seed: Path, tmp_path: Path) -> None:
    for i in range(12):
        draft(tmp_path / f"{i:02}.json", good("托养服务"))
    (tmp_path / "别的程序.json").write_text('{"a": 1}', encoding="utf-8")
    (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04broken")
    done = run("validate", tmp_path)
    assert done.returncode == 2
    assert "坏.docx" in done.stderr
    assert "别的程序" not in done.stderr
    assert done.stdout.count("张表") >= 12
    (tmp_path / "坏.docx").unlink()
    done = run("validate", tmp_path, "--format", "json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["tables"] == 12


def test_last_year_and_the_departments_total(run: Run, seed: Path, tmp_path: Path) -> None:
    done = run("validate", seed, "--previous", seed, "--select", "Y952", "--json")
    assert len(json.loads(done.stdout)["findings"]) >= 5
    done = run("validate", seed, "--total", "700", "--select", "X907")
    assert done.returncode == 1
    assert "671.64万元" in done.stdout
    assert run("validate", seed, "--total", "671.64", "--select", "X907").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.docx"], "找不到"),
        (["."], "没有可检查的文件"),
        (["{seed}", "--select", "Q1"], "没有规则"),
        (["{seed}", "--format", "pdf"], "--format 的值无效"),
        (["{seed}", "--fail-on", "bad"], "--fail-on 的值无效"),
        (["{seed}", "--format", "xlsx"], "要写成文件"),
        (["{seed}", "--total", "abc"], "不是一个数"),
        (["{seed}", "--baseline", "none.json"], "读不到基线文件"),
        (["{seed}", "--waivers", "none.toml"], "读不到豁免文件"),
        (["broken.json"], "不是有效的 JSON"),
        (["other.json"], "不是绩效目标表的 JSON"),
        (["empty.txt"], "空文件"),
        (["{seed}", "-o", "{file}/x.html", "--format", "html"], "写入"),
    ],
    ids=lambda value: "-".join(value)[-30:] if isinstance(value, list) else None,
)
def test_wrong_input_is_told_in_two_lines(run: Run, seed: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "in").mkdir()
    place = tmp_path / "in"
    for name, content in (("broken.json", "{"), ("other.json", '{"kind": "x"}'), ("empty.txt", "")):
        if name in arguments:
            (place / name).write_text(content, encoding="utf-8")
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    done = run("validate", *(each.format(seed=seed, file=file) for each in arguments), cwd=place)
    assert done.returncode == 2
    assert said in done.stderr
    lines = done.stderr.strip().splitlines()
    assert [line.split("：")[0] for line in lines[-2:]] == ["错误", "建议"]
    assert "Traceback" not in done.stderr


def test_the_catalogue_and_one_rule(run: Run) -> None:
    listed = run("rules").stdout
    assert all(f"{each.code} " in listed for each in RULES)
    one = run("rules", "budget-sum").stdout
    assert all(head in one for head in ("N301", "查什么：", "为什么：", "反例：", "正例：", "依据："))
    assert len(json.loads(run("rules", "--json").stdout)) == len(RULES)
    assert json.loads(run("rules", "V201", "--json").stdout)["name"] == "cost-without-ceiling"
    missing = run("rules", "V2O1")
    assert missing.returncode == 2
    assert "V201" in missing.stderr


def test_what_a_draft_was_written_out_as_is_not_judged_again(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "项目.csv").write_text("项目名称,预算数（万元）,资金用途\n残疾人就业保障金,495,用于残疾人就业、培训以及残疾人生活保障。\n", encoding="utf-8")
    run("draft", "--projects", "项目.csv", "--year", "2026", "-o", "明年", cwd=tmp_path)
    (tmp_path / "明年" / "图.png2").write_bytes(b"")
    result = run("validate", "明年", cwd=tmp_path)
    assert result.returncode == 1, result.stderr
    assert "\n1张表，" in result.stdout
    assert "没有重复检查：2026-残疾人就业保障金.docx、汇总.xlsx" in result.stderr
    assert "已跳过：图.png2" in result.stderr
    assert "\n1张表，" in run("validate", "明年/2026-残疾人就业保障金.docx", cwd=tmp_path).stdout


def test_only_heads_of_tables_are_kept_where_no_page_draws_them(spoilt: Path) -> None:
    whole, report = check(spoilt, Settings())
    content, same = check(spoilt, Settings(whole=False))
    assert same == report
    assert [(table.number, table.project, table.budget, table.money_unit) for table in content.tables] == [
        (table.number, table.project, table.budget, table.money_unit) for table in whole.tables
    ]
    assert whole.tables[0].indicators
    assert not content.tables[0].indicators
