"""What the machine says in English is told in Chinese: reasons of the system, places in files, commands that install what is missing."""

from __future__ import annotations

import errno
import json
import os
import tomllib
from pathlib import Path

import pytest

from assistant.errors import fault_in, reason
from assistant.resources import installing


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOENT, "没有这个文件或文件夹"), (errno.EACCES, "没有权限"), (errno.EISDIR, "是文件夹，不是文件"), (errno.ENOSPC, "磁盘已满")]
)
def test_reasons_of_the_system(code: int, said: str) -> None:
    assert reason(OSError(code, os.strerror(code))) == said


def test_a_reason_without_a_word_of_ours_is_told_as_it_is() -> None:
    assert reason(OSError(errno.EXDEV, "Invalid cross-device link")) == "Invalid cross-device link"
    assert reason(ValueError("怪")) == "怪"


@pytest.mark.parametrize(("text", "place"), [("a = 1\nb = = 2\n", "第2行第5个字符处"), ("a = [1", "文件末尾")])
def test_places_in_toml(text: str, place: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as error:
        tomllib.loads(text)
    assert fault_in(error.value) == place


def test_places_in_json() -> None:
    with pytest.raises(json.JSONDecodeError) as error:
        json.loads('{"a": 1,\n "b" 2}')
    assert fault_in(error.value) == "第2行第6个字符处"


def test_the_command_that_installs_an_optional_part_names_this_very_installation() -> None:
    command = installing("ocr")
    assert command.endswith('[ocr]"')
    assert "constraints.txt" in command
    assert str(Path(__file__).resolve().parent.parent) in command


def test_a_device_or_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    from assistant import workspace

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        workspace.write(pipe, "目标表")
        assert os.read(reader, 100).decode() == "目标表"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
