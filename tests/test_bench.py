"""The benchmarks' one shape: what is met is computed from the figures, what could not be measured is never met, modules are found by themselves."""

from __future__ import annotations

import dataclasses
import json

from bench.__main__ import modules, table
from bench.line import Line


def test_bars_are_held_to_the_figures() -> None:
    line = Line("x", 2.0, "s", "other", 8.0, at_most=3, ratio_at_most=0.25)
    assert line.ratio == 0.25
    assert line.met is True
    assert dataclasses.replace(line, value=2.1).met is False
    assert dataclasses.replace(line, value=3.1, ratio_at_most=None).met is False
    assert Line("x", 0.9, "of 1", at_least=0.95).met is False
    assert Line("x", 0.95, "of 1", at_least=0.95).met is True


def test_what_was_not_measured_is_never_met() -> None:
    assert Line("x", None, "s", at_most=3).met is None
    assert Line("x", 1.0, "s", "other", None, ratio_at_most=2).met is None
    assert Line("x", 1.0, "s", "other", None, at_most=2, ratio_at_most=2).met is None
    assert Line("x", 1.0, "s").met is None
    assert "not measured" in table({"m": [Line("x", None, "s", at_most=3)]})
    assert "**no**" in table({"m": [Line("x", 4.0, "s", at_most=3)]})


def test_modules_with_lines_are_found() -> None:
    assert "starting" in modules()
    assert not {"line", "__main__", "kills"} & set(modules())


def test_a_line_travels_as_json() -> None:
    line = Line("阅读", 2.0, "ms", "python-docx", 8.0, ratio_at_most=0.25, note="n")
    assert Line(**json.loads(json.dumps(dataclasses.asdict(line)))) == line


def test_the_picture_holds_every_ratio_and_every_size() -> None:
    from xml.etree import ElementTree

    from bench.plot import drawn

    lines = [Line("read <Word>", 1.0, "ms", "python-docx", 8.0), Line("slower", 4.0, "s", "other", 2.0), Line("alone", 1.0, "s")]
    lines += [
        Line("rate", 6.0, "tables/s", "other", 2.0),
        Line("score", 9.0, "of 10", "other", 1.0, exact=True),
        Line("own", 4.0, "s", "assistant --help", 2.0),
    ]
    curve = [{"tables": size, "index_s": size / 100, "query_p95_ms": 50, "memory_mb": 200, "disk_mb": 6} for size in (100, 1000)]
    words = [element.text or "" for element in ElementTree.fromstring(drawn(lines, curve, "told")).iter() if element.tag.endswith("text")]
    assert {"8 ×", "0.5 ×", "3 ×", "100", "1,000", "told"} <= set(words)
    assert "read <Word> / python-docx" in words
    assert not [text for text in words if text.startswith(("alone", "score", "own"))]
    ElementTree.fromstring(drawn([], [], ""))
