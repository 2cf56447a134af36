from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from assistant import corpus as library
from assistant.corpus import Corpus
from assistant.corpus.tokens import query_tokens, tokens
from assistant.corpus.units import county_of, names_of, short_name
from assistant.errors import InputError

POLICY = '+++\ntitle = "{title}"\nnumber = "怀财绩〔2025〕{number}号"\ndate = "2025-03-01"\n+++\n\n## 怎么填\n\n{text}\n'


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """A small bundled folder: one policy, no tables."""
    folder = tmp_path / "bundled"
    (folder / "policies").mkdir(parents=True)
    (folder / "policies" / "甲.md").write_text(POLICY.format(title="填表说明", number=1, text="满意度指标用问卷取数。"), encoding="utf-8")
    return folder


def policy(folder: Path, name: str, text: str, number: int = 9) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(POLICY.format(title=path.stem, number=number, text=text), encoding="utf-8")
    return path


def test_pairs_are_found_and_numbers_stay_whole() -> None:
    assert tokens("托养 42人 20.7万") == ["托", "养", "托养", "42", "人", "20p7", "万"]
    assert query_tokens("托养费 163") == ["托养", "养费", "163"]


@pytest.mark.parametrize(
    ("unit", "county", "short"),
    [
        ("怀来县残疾人联合会", "怀来县", "怀来县残联"),
        ("张家口市宣化区民政局", "宣化区", "张家口市宣化区民政局"),
        ("杭锦后旗农业农村局", "杭锦后旗", "杭锦后旗农业局"),
        ("某某委员会", None, "某某委员会"),
    ],
)
def test_units_are_called_by_their_customary_names(unit: str, county: str | None, short: str) -> None:
    assert county_of(unit) == county
    assert short_name(unit) == short
    assert short in names_of(unit)


def test_opening_twice_reads_nothing_again(home: Path, bundled: Path) -> None:
    first = Corpus.open(home, bundled=bundled)
    assert first.updated
    assert [policy.title for policy in first.policies()] == ["填表说明"]
    first.close()
    before = (home / "corpus" / "records.sqlite").stat().st_mtime_ns
    second = Corpus.open(home, bundled=bundled)
    assert not second.updated
    assert second.fingerprint == first.fingerprint
    assert (home / "corpus" / "records.sqlite").stat().st_mtime_ns == before


def test_a_changed_bundled_file_is_read_again_and_a_lost_one_goes(home: Path, bundled: Path) -> None:
    Corpus.open(home, bundled=bundled).close()
    policy(bundled / "policies", "乙.md", "时效指标写到月。")
    (bundled / "policies" / "甲.md").unlink()
    corpus = Corpus.open(home, bundled=bundled)
    assert [policy.title for policy in corpus.policies()] == ["乙"]
    assert not corpus.records.find("满意度问卷", 5)
    assert corpus.records.find("时效", 5)


def test_added_changed_and_removed(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    path = policy(tmp_path / "own", "通知.md", "成本指标写上限。")
    assert library.add(corpus, [path.parent]).new == [str(path)]
    assert [hit[0].layer for hit in corpus.records.find("成本上限", 5)] == ["user"]
    again = library.add(corpus, [path])
    assert (again.new, again.unchanged) == ([], 1)
    policy(path.parent, "通知.md", "成本指标写单价。")
    changed = library.add(corpus, [path])
    assert changed.superseded == [(str(path), str(path))]
    assert not corpus.records.find("上限", 5)
    assert [document.superseded is None for document in corpus.documents(superseded=True) if document.layer == "user"] == [False, True]
    library.remove(corpus, "通知.md")
    assert [document.layer for document in corpus.documents(superseded=True)] == ["bundled"]
    assert not corpus.records.find("单价", 5)


def test_the_same_content_is_kept_once(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    first = policy(tmp_path / "own", "一.md", "同样的话。")
    second = first.with_name("二.md")
    second.write_bytes(first.read_bytes())
    added = library.add(corpus, [first.parent])
    assert added.new == [str(first)]
    assert added.same_content == [(str(second), str(first))]


def test_a_bundled_text_added_by_the_user_is_the_users_until_removed(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    copy = tmp_path / "副本.md"
    copy.write_bytes((bundled / "policies" / "甲.md").read_bytes())
    library.add(corpus, [copy])
    assert [hit[0].layer for hit in corpus.records.find("问卷取数", 5)] == ["user"]
    library.remove(corpus, "副本.md")
    assert [hit[0].layer for hit in corpus.records.find("问卷取数", 5)] == ["bundled"]


def test_what_cannot_be_removed_is_said(home: Path, bundled: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    with pytest.raises(InputError, match="内置资料"):
        library.remove(corpus, "填表说明")
    with pytest.raises(InputError, match="没有"):
        library.remove(corpus, "不存在")


def test_a_missing_path_adds_nothing(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    with pytest.raises(InputError, match="找不到"):
        library.add(corpus, [policy(tmp_path / "own", "一.md", "好的。"), tmp_path / "没有.docx"])
    assert len(corpus.documents()) == 1


def test_rebuilding_keeps_the_users_documents_without_their_files(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    path = policy(tmp_path / "own", "一.md", "按月发放。")
    library.add(corpus, [path])
    path.unlink()
    corpus.rebuild(bundled=bundled)
    assert [hit[0].title for hit in corpus.records.find("按月发放", 5)] == ["一"]
    assert corpus.records.find("问卷", 5)


def test_another_shape_of_records_is_made_again_from_what_is_stored(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    library.add(corpus, [policy(tmp_path / "own", "一.md", "按月发放。")])
    corpus.records.set_meta("schema", "0.0")
    corpus.close()
    said: list[str] = []
    again = Corpus.open(home, bundled=bundled, notify=said.append)
    assert "重建" in said[0]
    assert len(again.records.find("按月发放", 5)) == 1


def test_a_damaged_file_is_put_aside_and_the_own_documents_saved(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    library.add(corpus, [policy(tmp_path / "own", "一.md", "按月发放。")])
    corpus.close()
    path = home / "corpus" / "records.sqlite"
    path.write_bytes(b"no database" * 1000)
    said: list[str] = []
    again = Corpus.open(home, bundled=bundled, notify=said.append)
    assert "损坏" in said[0]
    assert "救回自己添加的资料 0 份" in said[0]
    assert again.records.find("问卷", 5)
    assert len(list(path.parent.glob("records.damaged-*"))) == 1


def test_what_is_left_of_a_torn_file_is_saved(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    for n in range(30):
        library.add(corpus, [policy(tmp_path / "own", f"{n}.md", f"第{n}份，" + "按月发放。" * 300, number=n + 1)])
    corpus.close()
    path = home / "corpus" / "records.sqlite"
    data = bytearray(path.read_bytes())
    # Tear the index of words apart, which lies behind the documents.
    middle = len(data) // 2
    data[middle : middle + 200_000] = os.urandom(200_000)
    path.write_bytes(data)
    said: list[str] = []
    again = Corpus.open(home, bundled=bundled, notify=said.append)
    assert said
    assert "损坏" in said[0]
    assert again.records.find("问卷", 5)
    assert len([document for document in again.documents() if document.layer == "user"]) == int(said[0].split("救回自己添加的资料 ")[1].split(" ")[0])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_closed_workspace_still_answers(home: Path, bundled: Path) -> None:
    home.chmod(0o500)
    try:
        said: list[str] = []
        corpus = Corpus.open(home, bundled=bundled, notify=said.append)
        assert "内存" in said[0]
        assert corpus.records.find("问卷", 5)
    finally:
        home.chmod(0o700)


def test_damaged_records_raise_nothing_but_words(home: Path, bundled: Path) -> None:
    place = home / "corpus"
    place.mkdir()
    with contextlib.closing(sqlite3.connect(place / "records.sqlite")) as database, database:
        database.execute("CREATE TABLE documents (id)")
    said: list[str] = []
    corpus = Corpus.open(home, bundled=bundled, notify=said.append)
    assert corpus.records.find("问卷", 5)


def test_what_is_there_already_can_still_replace_its_year(home: Path, bundled: Path, tmp_path: Path) -> None:
    seed = next((Path(__file__).parent.parent / "corpus" / "tables").glob("*.txt")).read_text(encoding="utf-8")
    old, new = tmp_path / "旧版.txt", tmp_path / "新版.txt"
    old.write_text(seed, encoding="utf-8")
    new.write_text(seed.replace("46人", "47人"), encoding="utf-8")
    corpus = Corpus.open(home, bundled=bundled)
    assert library.add(corpus, [old, new]).overlapping
    again = library.add(corpus, [new], replace=True)
    assert (again.new, again.unchanged, again.superseded) == ([], 1, [(str(old), str(new))])
    assert {document.path for document in corpus.documents() if document.kind == "tables"} == {str(new)}


def test_a_list_without_tables_is_said_and_not_kept(home: Path, bundled: Path, tmp_path: Path) -> None:
    corpus = Corpus.open(home, bundled=bundled)
    (tmp_path / "通讯录.csv").write_text("姓名,电话\n张三,0313-1\n", encoding="utf-8")
    (tmp_path / "通知.txt").write_text("关于做好绩效目标填报的通知\n\n请各单位按时填报绩效目标表。\n", encoding="utf-8")
    (tmp_path / "空.txt").write_text("", encoding="utf-8")
    added = library.add(corpus, [tmp_path / "通讯录.csv", tmp_path / "通知.txt"])
    assert added.new == added.texts == [str(tmp_path / "通知.txt")]
    assert added.empty == [str(tmp_path / "通讯录.csv")]
    assert not corpus.records.find("张三", 5)
    assert library.add(corpus, [tmp_path / "通讯录.csv"]).unchanged == 1


def test_the_form_of_an_unsigned_draft_is_no_past_table(home: Path, tmp_path: Path) -> None:
    from assistant.drafting.embedded import draft
    from assistant.drafting.request import understand
    from assistant.export import write

    corpus = Corpus.open(home)
    made = draft(understand(name="残疾人就业保障金", year=2026, budget="480", purpose="用于残疾人就业培训。"), corpus)
    form = tmp_path / "2026-残疾人就业保障金.docx"
    write(form, [made.table])
    form.with_suffix(".json").write_text(made.model_dump_json(), encoding="utf-8")
    added = library.add(corpus, [tmp_path])
    assert added.new == []
    assert [(path, "还没有签字" in why) for path, why in added.unread] == [(str(form), True)]
    assert not library.pending(corpus)
    form.with_suffix(".json").write_text(made.model_copy(update={"status": "signed"}).model_dump_json(), encoding="utf-8")
    assert library.add(corpus, [tmp_path]).new == [str(form)]
