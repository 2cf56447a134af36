"""The fuzz targets on their seeds, on every case once found, and on a few hundred inputs mutated without guidance.

``make fuzz`` runs a million under atheris; what it finds is kept in ``fuzz/found`` as hexadecimal text and replayed here.
"""

from __future__ import annotations

import contextlib
import os
import random
import time

import pytest

from assistant.errors import AssistantError
from fuzz.__main__ import SHARES, SLOW, Watch, found_cases, mutations, seeds_of
from fuzz.inputs import WORDS, Taker, changed, text, value
from fuzz.targets import SEEDS, TARGETS


def feed(name: str, data: bytes) -> None:
    with contextlib.suppress(AssistantError):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_targets_hold_on_seeds_and_mutations(name: str) -> None:
    seeds = seeds_of(name, SEEDS)
    for data in [*seeds, *mutations(seeds, 150, random.Random(None if os.environ.get("NEW_EXAMPLES") else name))]:
        try:
            feed(name, data)
        except Exception as error:
            raise AssertionError(f"{name}: {data.hex()}") from error


@pytest.mark.parametrize("path", [path for name in TARGETS for path in found_cases(name)], ids=lambda path: path.stem)
def test_what_was_found_once_stays_mended(path) -> None:  # type: ignore[no-untyped-def]
    began = time.process_time()
    feed(path.stem.split("-")[0], bytes.fromhex(path.read_text(encoding="ascii")))
    # Not a figure of speed: what was found had no end.
    assert time.process_time() - began < SLOW


def test_every_target_has_its_share_and_seeds() -> None:
    assert set(SHARES) == set(TARGETS) == set(SEEDS)
    assert sum(SHARES.values()) == 1000


def test_the_watch_sees_what_is_unexpected_and_lets_words_pass(tmp_path) -> None:  # type: ignore[no-untyped-def]
    def target(data: bytes) -> None:
        if data == b"words":
            raise AssistantError("话")
        if data[:1] == b"x":
            raise KeyError("x")

    watch = Watch("t", target, tmp_path / "t.json")
    for data in (b"", b"words", b"xyz", b"x", b"xy"):
        watch(data)
    assert watch.runs == 5
    assert [data for data, _ in watch.found.values()] == [b"x"]
    assert "KeyError" in (tmp_path / "t.json").read_text(encoding="utf-8")


def test_bytes_become_text_choices_and_changed_trees() -> None:
    assert text(b"abc") == "abc"
    assert text(b"\xff\x00\x01") == WORDS[0] + WORDS[1]
    take = Taker(bytes([7, 200, 3]))
    assert (take.number(5), take.number(256), take.number(2), take.number(9), take.more) == (2, 200, 1, 0, False)
    draw = random.Random(1)
    for _ in range(300):
        noise = Taker(draw.randbytes(60))
        value(noise)
        changed({"a": [1, {"b": None}], "c": "d"}, noise)
