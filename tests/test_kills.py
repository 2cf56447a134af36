"""A few kill -9 at random moments of each kind of work; ``python -m bench.kills 500`` does hundreds."""

from __future__ import annotations

import sys

import pytest

from bench.kills import TARGETS, kill


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_kill_loses_nothing(name: str) -> None:
    if name == "evals run":
        pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
    kills, troubles = kill(1, 7, [name])[name]
    assert kills == 1
    assert troubles == []
