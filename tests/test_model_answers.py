"""The JSON in what models write: slips forgiven and told, cuts seen, nothing raises."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.model import answers

WANTED = ("indicators", "goals")
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=12)
ROW = {"level1": "产出指标", "value": "≥46人"}


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ('{"indicators":[{"a":"1"}]}', {"indicators": [{"a": "1"}]}, None),
        ('```json\n{"indicators":[{"a":"1"}]}\n```', {"indicators": [{"a": "1"}]}, None),
        ('<think>先写{"indicators":[]}</think>{"indicators":[{"a":"1"}]}', {"indicators": [{"a": "1"}]}, "思考"),
        ('想好了</think>{"goals":["甲"]}', {"goals": ["甲"]}, "思考"),
        ('{"goals":["甲",],}', {"goals": ["甲"]}, "多余的逗号"),
        ('{"goals":["甲" "乙"]}', {"goals": ["甲", "乙"]}, "缺少逗号"),
        ("{'goals':['甲']}", {"goals": ["甲"]}, "引号写法"),
        ("{“goals”：[“甲”，“乙”]}", {"goals": ["甲", "乙"]}, "冒号写法"),
        ('{"goals":["称为"两补"的补贴"]}', {"goals": ['称为"两补"的补贴']}, "没有转义"),
        ('{"goals":["一\n二"]}', {"goals": ["一\n二"]}, None),
        ('{goals:["甲"]}', {"goals": ["甲"]}, "键没有加引号"),
        ('{"indicators":[{"value":46人}]}', {"indicators": [{"value": "46人"}]}, "没有加引号"),
        ('{"indicators":[{"value":NaN,"n":None,"t":True}]}', {"indicators": [{"value": None, "n": None, "t": True}]}, "空值"),
        ('{"goals":["旧"],"goals":["新"]}', {"goals": ["新"]}, "重复的键"),
        ('{"goals":["旧"],"goals":[]}', {"goals": ["旧"]}, "重复的键"),
        ('{"goals":["甲"] // 说明\n}', {"goals": ["甲"]}, "注释"),
        ('{"goals":["\\ud800甲\\u4e59\\q"]}', {"goals": ["甲乙q"]}, "残缺字符"),
        ('{"goals":["\\ud83d\\ude00"]}', {"goals": ["😀"]}, None),
        ('{"goals":["\x1b[31m甲\x1b[0m\u202e"]}', {"goals": ["甲"]}, "终端控制"),
        (r'{"goals":["\u001b[2J甲\u202e"]}', {"goals": ["[2J甲"]}, "控制字符"),
        ('示例：{"goals":["例"]} 正式：{"goals":["甲"]}', {"goals": ["甲"]}, None),
        ('{"备注":1} {"goals":["甲"],"indicators":[]} {"x":2}', {"goals": ["甲"], "indicators": []}, None),
    ],
)
def test_slips_are_forgiven_and_told(text: str, value: object, repair: str | None) -> None:
    found = answers.find(text, WANTED)
    assert found.value == value
    assert found.whole
    if repair:
        assert any(repair in line for line in found.repairs), found.repairs
    else:
        assert not found.repairs


def test_numbers_stay_as_written() -> None:
    assert answers.find('{"goals":[25.00, 1e3, -4]}').value == {"goals": ["25.00", "1e3", "-4"]}


@pytest.mark.parametrize("text", ["", "没有表", "{", "[", "<think>一直想 {", '"', "}{", "```json\n```"])
def test_nothing_is_found_in_nothing(text: str) -> None:
    found = answers.find(text, WANTED)
    assert not found.value
    assert not found.whole


@pytest.mark.parametrize("end", range(1, 60))
def test_a_cut_answer_is_never_whole_and_keeps_only_whole_rows(end: int) -> None:
    text = json.dumps({"goals": ["甲"], "indicators": [ROW, ROW]}, ensure_ascii=False)
    cut = text[:-end]
    found = answers.find(cut, WANTED)
    assert not found.whole
    assert all(row == ROW for row in answers.rows(cut, "indicators"))


def test_rows_appear_one_by_one_while_the_answer_is_written() -> None:
    text = json.dumps({"goals": ["甲"], "indicators": [ROW, ROW, ROW]}, ensure_ascii=False)
    counts = [len(answers.rows(text[:end], "indicators")) for end in range(len(text) + 1)]
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3}


@pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, '{"a":' * 5000, "[" * 200_000, "<think>" * 60_000, '{"' * 60_000, '["' + 'x",\\"' * 50_000])
def test_hostile_answers_take_no_time_and_no_stack(text: str) -> None:
    begun = time.perf_counter()
    answers.find(text, WANTED)
    assert time.perf_counter() - begun < 30


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*"{}[]\",:“”，：'\\ \n人12.%x/*", '"a"', '{"goals":', "</think>", "<think>", "\\u4e2d", "null", "\ud800", "\x1b[2J"]), max_size=60
    )
)
def test_no_text_makes_the_reader_raise(pieces: list[str]) -> None:
    found = answers.find("".join(pieces), WANTED)
    json.dumps(found.value, ensure_ascii=False).encode("utf-8")


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12))
def test_valid_json_is_read_as_the_standard_reader_does(value: object) -> None:
    text = json.dumps([value], ensure_ascii=False)
    assert answers.find(text).value == json.loads(text)
