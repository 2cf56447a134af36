"""Drafts written over last year's Word file as revisions: accepted they are the draft, rejected they are last year's file."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from assistant.delivery import deliver, deliver_revision
from assistant.documents.libreoffice import converted
from assistant.documents.libreoffice import program as libreoffice
from assistant.documents.model import Paragraph
from assistant.documents.readers import Member, read
from assistant.errors import InputError
from assistant.export import differences, render
from assistant.export.alignment import align_rows, pair_tables
from assistant.export.revisions import Reviser
from assistant.export.tracking import as_in
from assistant.extraction import extract
from assistant.table import GoalTable, Indicator, Project
from assistant.target import Target
from tests.forms import LAYOUTS, Facts
from tests.strategies import departments, indicators, targets, texts
from tests.test_export import PART_ONE, W, body, example
from tests.test_formats import as_word

DATE = "2026-01-05T09:00:00Z"
slowly = settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def revise(folder: Path, old: list[GoalTable] | bytes, new: list[GoalTable], **options: object) -> bytes:
    """The bytes of last year's file with the new tables written over it."""
    against, path = folder / "old.docx", folder / "new.docx"
    against.write_bytes(old if isinstance(old, bytes) else render(old))
    deliver_revision(path, against, new, **{"author": "张三", "date": DATE, **options})  # type: ignore[arg-type]
    return path.read_bytes()


def tables(data: bytes, *, original: bool = False) -> list[GoalTable]:
    return list(extract(read(Member("x.docx", data), original=original)).tables)


def row(level2: str, level3: str, value: str = "≥90%", level1: str = "产出指标") -> Indicator:
    return Indicator(level1=level1, level2=level2, level3=level3, description=level3, value=Target.parse(value), basis="工作计划")


@st.composite
def next_year(draw: st.DrawFn, table: GoalTable) -> GoalTable:
    """The table as the next year might have it: cells changed, rows put in, taken out, moved."""
    changes: dict[str, object] = {"year": (table.year or 2025) + 1}
    for name, value in (("purpose", texts(20)), ("goals", st.lists(texts(15), min_size=1, max_size=4).map(tuple))):
        if draw(st.booleans()):
            changes[name] = draw(value)
    if draw(st.booleans()):
        changes["budget"] = table.budget.model_copy(update={"total": 480 + draw(st.integers(0, 9)), "other": None})
    if draw(st.booleans()):
        name = draw(texts(2).map(lambda text: text.translate(dict.fromkeys(map(ord, "。；：，…;")))))
        changes |= {"project": Project(code=table.project.code, name=name), "title": f"{name}绩效目标表"}
    rows = list(table.indicators)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(rows)))
        kind = draw(st.sampled_from(["insert", "delete", "value", "name"]))
        if kind == "insert":
            rows.insert(at, draw(indicators(table.frame, 1))[0])
        elif len(rows) > 1 and at < len(rows):
            if kind == "delete":
                del rows[at]
            elif kind == "value":
                rows[at] = rows[at].model_copy(update={"value": draw(targets())})
            else:
                rows[at] = rows[at].model_copy(update={"level3": draw(texts(4)), "basis": draw(texts(4))})
    changes["indicators"] = tuple(rows)
    return GoalTable.model_validate(table.model_dump() | changes)


@given(departments(3), st.data())
@slowly
def test_accepted_is_the_draft_and_rejected_is_last_year(tmp_path_factory: pytest.TempPathFactory, old: list[GoalTable], data: st.DataObject) -> None:
    new = [data.draw(next_year(table)) for table in old]
    made = revise(tmp_path_factory.mktemp("x"), old, new, previous=old)
    assert differences(old, tables(made, original=True)) == []
    assert differences([as_in(a, b) for a, b in zip(old, new, strict=True)], tables(made)) == []


@given(departments(1), departments(1))
@settings(slowly, max_examples=10)
def test_even_a_wholly_other_table_is_written_over(tmp_path_factory: pytest.TempPathFactory, old: list[GoalTable], new: list[GoalTable]) -> None:
    # A plan in which nothing is written does not say its dates either; other dates than the printed ones cannot be put under them.
    assume(any(node.percent is not None for node in old[0].spending_plan))
    made = revise(tmp_path_factory.mktemp("x"), old, new)
    assert differences(old, tables(made, original=True)) == []
    assert differences([as_in(old[0], new[0])], tables(made)) == []


# -- what a person sees -------------------------------------------------------------------------------------------------------------


def marks(data: bytes, kind: str) -> list[str]:
    """The texts of all insertions or deletions inside paragraphs, in order."""
    text = "t" if kind == "ins" else "delText"
    return [found for mark in body(data).iter(f"{W}{kind}") if (found := "".join(mark.itertext(f"{W}{text}")))]


def test_only_what_differs_is_marked_and_carries_author_and_date(tmp_path: Path) -> None:
    new = example().with_text("indicators[0].value", "≥55人").with_text("purpose", "用于残疾人就业、培训、托养以及残疾人生活保障。")
    made = revise(tmp_path, [example()], [new])
    assert marks(made, "del") == ["46"]
    assert marks(made, "ins") == ["、托养", "55"]
    for mark in (*body(made).iter(f"{W}ins"), *body(made).iter(f"{W}del")):
        assert (mark.get(f"{W}author"), mark.get(f"{W}date")) == ("张三", DATE)
    ids = [mark.get(f"{W}id") for mark in body(made).iter(f"{W}ins", f"{W}del", f"{W}bookmarkStart")]
    assert len(set(ids)) == len(ids)


def test_rows_are_inserted_and_deleted_inside_their_merged_cell(tmp_path: Path) -> None:
    rows = list(example().indicators)
    new = example(indicators=(rows[0], row("数量指标", "培训班期数", "≥4期"), *rows[2:]))
    made = revise(tmp_path, [example()], [new])
    changed = {
        kind: ["".join(tr.itertext(f"{W}t", f"{W}delText")) for tr in body(made).iter(f"{W}tr") if tr.find(f"{W}trPr/{W}{kind}") is not None]
        for kind in ("ins", "del")
    }
    assert changed == {"ins": ["数量指标培训班期数培训班期数≥4期工作计划"], "del": ["质量指标残疾人职业技能培训合格率残疾人职业技能培训合格的比例≥90%工作计划"]}
    inserted = next(tr for tr in body(made).iter(f"{W}tr") if tr.find(f"{W}trPr/{W}ins") is not None)
    assert inserted.find(f"{W}tc/{W}tcPr/{W}vMerge").get(f"{W}val") is None


def test_the_first_row_of_a_merged_cell_is_rewritten_not_deleted(tmp_path: Path) -> None:
    rows = example().indicators
    made = revise(tmp_path, [example()], [example(indicators=rows[1:])])
    assert [row.level1 for row in tables(made)[0].indicators] == [row.level1 for row in rows[1:]]
    first = next(tr for tr in body(made).iter(f"{W}tr") if tr.find(f"{W}tc/{W}tcPr/{W}vMerge") is not None)
    assert first.find(f"{W}trPr/{W}del") is None


def test_goals_come_and_go_as_paragraphs(tmp_path: Path) -> None:
    old = example(goals=("减轻压力。", "促进就业。", "提高满意度。"))
    for goals in (("减轻压力。",), ("减轻压力。", "促进就业。", "提高满意度。", "增加收入。"), ("促进就业。", "增加收入。"), ()):
        made = revise(tmp_path, [old], [old.model_copy(update={"goals": goals})])
        assert tables(made)[0].goals == goals
        assert tables(made, original=True)[0].goals == old.goals


def test_a_plan_left_blank_last_year_is_filled(tmp_path: Path) -> None:
    old = example(spending_plan=tuple(node.model_copy(update={"percent": None}) for node in example().spending_plan))
    made = revise(tmp_path, [old], [example()])
    assert tables(made)[0].spending_plan == example().spending_plan
    assert marks(made, "ins") == ["25%", "50%", "75%", "100%"]


def test_year_and_title_change_on_the_cover_and_in_the_contents(tmp_path: Path) -> None:
    against = render([example(), example(number=2, project=Project(name="经费"), title="经费绩效目标表")], department=PART_ONE)
    new = example(year=2026, title="怀财字【2026】3号 残疾人就业保障金绩效目标表", project=Project(code="1", name="怀财字【2026】3号 残疾人就业保障金"))
    made = revise(tmp_path, against, [new])
    lines = [block.text for block in read(Member("x.docx", made)).blocks if isinstance(block, Paragraph)]
    assert "2026年部门预算绩效文本" in lines
    assert sum("【2026】3号 残疾人就业保障金绩效目标表" in line for line in lines) == 2
    assert [table.project.name for table in tables(made)] == ["怀财字【2026】3号 残疾人就业保障金", "经费"]
    assert lines != [block.text for block in read(Member("x.docx", made), original=True).blocks if isinstance(block, Paragraph)]


def test_new_projects_are_inserted_as_tables_and_others_may_be_deleted(tmp_path: Path) -> None:
    old = [example(), example(number=2, project=Project(code="2", name="综合服务中心运行经费"), title="综合服务中心运行经费绩效目标表")]
    new = [example(), example(number=None, project=Project(code="3", name="道路养护"), title=None, indicators=example().indicators[:2], goals=("养护道路。",))]
    kept = revise(tmp_path, old, new)
    assert [(table.number, table.project.name) for table in tables(kept)] == [
        (1, "怀财字【2025】7号 残疾人就业保障金"),
        (2, "综合服务中心运行经费"),
        (3, "道路养护"),
    ]
    assert len(tables(kept)[2].indicators) == 2
    gone = revise(tmp_path, old, new, remove_others=True)
    assert [table.project.name for table in tables(gone)] == ["怀财字【2025】7号 残疾人就业保障金", "道路养护"]
    assert differences(old, tables(gone, original=True)) == []


def test_unchanged_is_unmarked(tmp_path: Path) -> None:
    made = revise(tmp_path, [example()], [example()])
    assert not list(body(made).iter(f"{W}ins", f"{W}del"))


def test_every_other_part_of_the_file_stays(tmp_path: Path) -> None:
    old = render([example()])
    made = revise(tmp_path, old, [example().with_text("indicators[0].value", "≥55人")])
    before, after = zipfile.ZipFile(io.BytesIO(old)), zipfile.ZipFile(io.BytesIO(made))
    assert before.namelist() == after.namelist()
    assert [name for name in before.namelist() if before.read(name) != after.read(name)] == ["word/document.xml"]


def test_a_split_value_column_is_changed_part_by_part(tmp_path: Path) -> None:
    old = example(form="sichuan-2025", unit=example().unit.model_copy(update={"code": None}))
    new = old.with_text("indicators[0].value", "≤55人次").with_text("indicators[2].value", "≥90%")
    made = revise(tmp_path, [old], [new])
    cells = [["".join(cell.itertext(f"{W}t")) for cell in tr.findall(f"{W}tc")] for tr in body(made).findall(f"{W}tbl")[1].findall(f"{W}tr")]
    assert cells[1][3:6] == ["≤", "55", "人次"]
    assert cells[3][3:6] == ["≥", "90", "%"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_provinces_form_is_revised(tmp_path: Path, layout: str) -> None:
    against = as_word(LAYOUTS[layout](Facts(3)))
    old = tables(against)
    side_by_side = layout in ("河南", "两组并列")
    new = []
    for table in old:
        rows = [*table.indicators]
        rows[0] = rows[0].model_copy(update={"level3": "改了名称的指标"})
        measured = next(i for i, row in enumerate(rows) if row.value.number is not None)
        rows[measured] = rows[measured].model_copy(update={"value": Target.of("≥", 57, rows[measured].value.unit or "人")})
        if not side_by_side:
            rows[-1:] = [rows[-1], rows[-1].model_copy(update={"level3": "新增加的一项"})]
            del rows[len(rows) // 2]
        changes = {"indicators": tuple(rows), "goals": (table.goals[0] + "另加一句。", *table.goals[1:])}
        changed = table.model_copy(update=changes)
        new.append(changed if table.budget.total is None else changed.with_text("budget.total", "495.50"))
    made = revise(tmp_path, against, new, previous=old)
    assert differences(old, tables(made, original=True)) == []
    assert differences([as_in(a, b) for a, b in zip(old, new, strict=True)], tables(made)) == []


# -- what cannot be done ------------------------------------------------------------------------------------------------------------


def test_a_file_with_open_revisions_is_refused(tmp_path: Path) -> None:
    once = revise(tmp_path, [example()], [example().with_text("indicators[0].value", "≥55人")])
    with pytest.raises(InputError, match="还有没处理的修订"):
        revise(tmp_path, once, [example()])


def test_what_last_years_form_has_no_place_for_is_refused(tmp_path: Path) -> None:
    bare = example(form="anhui", indicators=tuple(row.model_copy(update={"description": None, "basis": None}) for row in example().indicators))
    with pytest.raises(InputError, match="写不下"):
        revise(tmp_path, [bare], [example(form="anhui")])
    assert not (tmp_path / "new.docx").exists()


@pytest.mark.parametrize("to", ["xlsx", "md"])
def test_only_word_files_can_be_written_over(tmp_path: Path, to: str) -> None:
    deliver(tmp_path / f"old.{to}", [example()], to=to)
    with pytest.raises(InputError, match="不是 Word"):
        deliver_revision(tmp_path / "new.docx", tmp_path / f"old.{to}", [example()], author="x", date=DATE)


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not on this machine")
def test_an_old_doc_file_is_converted_first(tmp_path: Path) -> None:
    (tmp_path / "old.doc").write_bytes(converted(render([example()]), ".docx", "doc", "old.docx"))
    new = example().with_text("indicators[0].value", "≥55人")
    done = deliver_revision(tmp_path / "new.docx", tmp_path / "old.doc", [new], author="x", date=DATE)
    assert "已先转换成 .docx" in done.notices[0]
    assert done.revisions == 2
    assert tables((tmp_path / "new.docx").read_bytes())[0].indicators[0].value.text == "≥55人"


def test_a_word_file_without_tables_is_refused(tmp_path: Path) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(render([example()]))) as source, zipfile.ZipFile(package, "w") as target:
        for entry in source.namelist():
            content = source.read(entry)
            if entry == "word/document.xml":
                root = etree.fromstring(content)
                for table in root.iter(f"{W}tbl"):
                    table.getparent().remove(table)
                content = etree.tostring(root)
            target.writestr(entry, content)
    with pytest.raises(InputError, match="没有读到绩效目标表"):
        revise(tmp_path, package.getvalue(), [example()])


# -- pairing ------------------------------------------------------------------------------------------------------------------------


def test_tables_are_paired_by_draft_code_and_name() -> None:
    names = ["冀财社【2024】163号 残疾人事业发展补助资金-康复", "冀财社【2024】163号 残疾人事业发展补助资金-其他", "怀财字【2025】7号 残疾人就业保障金"]
    old = [example(project=Project(name=name)) for name in names]
    new = [example(project=Project(name=name)) for name in ("残疾人就业保障金", "冀财社【2025】90号 残疾人事业发展补助资金-其他", "道路养护")]
    assert pair_tables(old, new) == [2, 1, None]
    assert pair_tables(old, [new[2], new[0]], [old[0], None]) == [0, 2]
    assert pair_tables(old[:1], new[2:]) == [0]


def test_rows_are_aligned_in_order() -> None:
    old = [row("数量指标", "培训人数"), row("质量指标", "培训合格率"), row("时效指标", "完成时间")]
    new = [row("数量指标", "培训人数（人次）"), row("数量指标", "补贴户数"), row("时效指标", "按期完成率")]
    alone = [(i, 10 + i) for i in range(3)]
    assert align_rows(old, new, alone) == {0: 0, 2: 2}
    # Under one merged level-1 cell the first row is kept even where its like is gone.
    assert 0 in align_rows(old, new[1:], [(1, 10), (1, 11), (1, 12)]).values()


def test_long_texts_are_cut_finely_and_unlike_ones_replaced() -> None:
    root = etree.fromstring(
        f'<w:document xmlns:w="{W[1:-1]}"><w:body><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>补贴3976人，</w:t></w:r><w:r><w:t>参保率90%。</w:t></w:r></w:p></w:body></w:document>'
    )
    reviser = Reviser(root, author="x", date=DATE)
    paragraph = root[0][0]
    reviser.set_paragraph(paragraph, "补贴4100人，参保率95%以上。")
    assert marks_of(paragraph) == [("del", "3976"), ("ins", "4100"), ("del", "90"), ("ins", "95"), ("ins", "以上")]
    bold = [mark for mark in paragraph.iter(f"{W}ins") if mark.find(f"{W}r/{W}rPr/{W}b") is not None]
    assert len(bold) == 1
    assert reviser.made == 5


def marks_of(paragraph: etree._Element) -> list[tuple[str, str]]:
    return [(etree.QName(mark).localname, "".join(mark.itertext())) for mark in paragraph.iter(f"{W}ins", f"{W}del")]


# -- LibreOffice, as a second opinion -----------------------------------------------------------------------------------------------

_MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Decide(source As String, target As String, command As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden" : hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(source, "_blank", 0, hidden())
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  dispatcher.executeDispatch(document.CurrentController.Frame, command, "", 0, Array())
  Dim options(0) As New com.sun.star.beans.PropertyValue
  options(0).Name = "FilterName" : options(0).Value = "MS Word 2007 XML"
  document.storeToURL(target, options())
  document.close(True)
End Sub
</script:module>"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Module1"/></library:library>"""
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>"""


def decide(folder: Path, data: bytes, command: str) -> bytes:
    """The file after LibreOffice accepted or rejected all changes."""
    office = libreoffice()
    assert office is not None
    start = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore"]
    basic = folder / "profile" / "user" / "basic"
    if not basic.exists():
        # The first start makes the profile and would overwrite a macro put there before.
        subprocess.run([*start, "--terminate_after_init"], capture_output=True, timeout=120, check=False)
        (basic / "Standard").mkdir(parents=True, exist_ok=True)
        (basic / "script.xlc").write_text(_LIBRARIES, encoding="utf-8")
        (basic / "Standard" / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
        (basic / "Standard" / "Module1.xba").write_text(_MACRO, encoding="utf-8")
    source, target = folder / "in.docx", folder / "out.docx"
    source.write_bytes(data)
    target.unlink(missing_ok=True)
    macro = f'macro:///Standard.Module1.Decide("{source.as_uri()}","{target.as_uri()}",".uno:{command}")'
    subprocess.run([*start, macro], capture_output=True, timeout=120, check=False)
    return target.read_bytes()


@pytest.mark.libreoffice
@pytest.mark.skipif(libreoffice() is None, reason="LibreOffice is not on this machine")
def test_libreoffice_accepts_and_rejects_the_same(tmp_path: Path) -> None:
    old = [
        example(goals=("减轻压力。", "促进就业。")),
        example(number=2, project=Project(code="2", name="综合服务中心运行经费"), title="综合服务中心运行经费绩效目标表"),
    ]
    rows = old[0].indicators
    changed = old[0].with_text("budget.total", "495.00").with_text("indicators[0].value", "≥55人")
    changed = changed.model_copy(
        update={
            "indicators": (changed.indicators[0], row("数量指标", "培训班期数", "≥4期"), *rows[2:]),
            "goals": ("减轻压力。", "促进就业。", "增加收入。"),
            "year": 2026,
        }
    )
    new = [changed, example(number=None, project=Project(code="3", name="道路养护"), title=None, year=2026)]
    made = revise(tmp_path, old, new)
    assert differences(old, tables(decide(tmp_path, made, "RejectAllTrackedChanges"))) == []
    wanted = [as_in(old[0], new[0]), old[1], new[1].model_copy(update={"number": 3})]
    assert differences(wanted, tables(decide(tmp_path, made, "AcceptAllTrackedChanges"))) == []


# -- the command --------------------------------------------------------------------------------------------------------------------


def test_export_command_writes_revisions(run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    deliver(tmp_path / "上年.docx", [example(), example(number=2, project=Project(name="经费"), title="经费绩效目标表")])
    deliver(tmp_path / "new.json", [example().with_text("indicators[0].value", "≥55人")], to="json")
    done = run("export", "new.json", "--track-changes", "上年.docx", "--author", "李四", "--date", "2026-01-05", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "上年-修订稿.docx\n"
    assert "修订 2 处" in done.stderr
    assert "另有 1 个项目不在草稿中，原样保留：经费" in done.stderr
    mark = next(body((tmp_path / "上年-修订稿.docx").read_bytes()).iter(f"{W}ins"))
    assert (mark.get(f"{W}author"), mark.get(f"{W}date")) == ("李四", "2026-01-05T00:00:00Z")
    wrong = run("export", "new.json", "--track-changes", "上年.docx", "--date", "昨天", cwd=tmp_path)
    assert (wrong.returncode, "不是日期" in wrong.stderr) == (2, True)
