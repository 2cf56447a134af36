"""Archives and folders: names, nesting, and that one broken member costs only itself."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest

from assistant.documents import archive
from assistant.documents.readers import Member, expand, read
from assistant.errors import UnreadableFile
from tests.office_files import docx, p, texts, zipped


def members(path: Path, skipped: list[Path] | None = None) -> dict[str, Member]:
    found = list(expand([path], skipped=skipped))
    assert all(isinstance(item, Member) for item in found)
    return {item.path.removeprefix(str(path)): item for item in found if isinstance(item, Member)}


@pytest.fixture
def pack(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(parts: object, name: str = "a.zip") -> Path:
        path = tmp_path / name
        path.write_bytes(parts if isinstance(parts, bytes) else zipped(parts))  # type: ignore[arg-type]
        return path

    return make


def test_files_are_read_in_order_and_other_kinds_named(pack) -> None:  # type: ignore[no-untyped-def]
    skipped: list[Path] = []
    path = pack({"b/乙.docx": docx(p("乙")), "a.txt": "甲", "~$b.docx": "锁", ".DS_Store": "x", "__MACOSX/a.txt": "x", "c.exe": "x"})
    found = members(path, skipped)
    assert list(found) == ["!a.txt", "!b/乙.docx"]
    assert texts(read(found["!b/乙.docx"])) == ["乙"]
    assert [str(skip) for skip in skipped] == [f"{path}!c.exe"]


def test_names_written_by_chinese_windows(pack) -> None:  # type: ignore[no-untyped-def]
    for encoding in ("gbk", "utf-8"):
        path = pack(_unflagged("项目/绩效目标表.txt".encode(encoding), "甲".encode()))
        assert list(members(path)) == ["!项目/绩效目标表.txt"]


def _unflagged(name: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(content)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, crc, len(content), len(content), len(name), 0) + name + content
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, crc, len(content), len(content), len(name), 0, 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local), 0)


def test_a_climbing_name_writes_nothing_and_is_only_shown(pack, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = pack({"../../climbed.txt": "甲", "/abs.txt": "乙", "..\\win.txt": "丙"})
    found = members(path)
    assert sorted(found) == ["!../../climbed.txt", "!../win.txt", "!abs.txt"]
    assert texts(read(found["!../../climbed.txt"])) == ["甲"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


def test_archives_inside_archives_to_a_depth(pack) -> None:  # type: ignore[no-untyped-def]
    inner = zipped({"d.txt": "深"})
    path = pack({"1.zip": zipped({"2.zip": inner, "a.txt": "甲"})})
    assert list(members(path)) == ["!1.zip!2.zip!d.txt", "!1.zip!a.txt"]
    for _ in range(5):
        inner = zipped({"x.zip": inner})
    (only,) = members(pack({"x.zip": inner, "notes.exe": ""})).values()
    with pytest.raises(UnreadableFile, match="嵌套超过"):
        read(only)


def test_a_broken_archive_or_member_leaves_the_others(pack, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    whole = zipped({"a.txt": "甲" * 500, "b.txt": "乙" * 500})
    damaged = bytearray(whole)
    damaged[whole.index(b"a.txt") + 12] ^= 0xFF
    (tmp_path / "z").mkdir()
    (tmp_path / "z/1.zip").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "z/2.zip").write_bytes(bytes(damaged))
    found = members(tmp_path / "z")
    good = [name for name, member in found.items() if member.error is None]
    assert good == ["/2.zip!b.txt"]
    assert len(found) == 3


def test_locked_members(pack) -> None:  # type: ignore[no-untyped-def]
    data = bytearray(zipped({"a.txt": "甲"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (only,) = members(pack(bytes(data))).values()
    with pytest.raises(UnreadableFile, match="密码"):
        read(only)


def test_a_bomb_is_refused_before_and_while_inflating(pack, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(archive, "FILE_CAP", 1 << 20)
    path = pack({"a.txt": b"0" * (3 << 20), "b.txt": "乙"})
    data = bytearray(path.read_bytes())
    found = members(path)
    assert found["!b.txt"].error is None
    with pytest.raises(UnreadableFile, match="炸弹"):
        read(found["!a.txt"])
    # The same, lying about its size in both headers.
    at, central = data.index(b"a.txt") - 30 + 22, data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = data[central : central + 4] = (100).to_bytes(4, "little")
    found = members(pack(bytes(data)))
    assert found["!a.txt"].error is not None
    assert found["!b.txt"].error is None


def test_too_many_members(pack, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(archive, "MEMBER_CAP", 3)
    (only,) = members(pack({f"{i}.txt": "x" for i in range(5)})).values()
    with pytest.raises(UnreadableFile, match="超过 3 个"):
        read(only)


def test_the_order_of_a_zip_in_memory_is_that_of_names() -> None:
    buffer = io.BytesIO(zipped({"b.txt": "2", "a.txt": "1"}))
    from assistant.documents.content import Content

    assert [member.path for member in archive.members(Content("z.zip", buffer.getvalue()))] == ["z.zip!a.txt", "z.zip!b.txt"]
