from __future__ import annotations

import random
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.evaluation.cases import Case, Suite, find_suites, load_suite
from assistant.evaluation.compare import below_bars, compare, gate
from assistant.evaluation.runs import Run, Sample, Score, load, save
from assistant.evaluation.statistics import flakiness, interval, paired


def run_of(values: dict[str, float], name: str = "对", id: str = "run") -> Run:
    return Run(
        id=id,
        suite="s",
        samples=tuple(Sample(case=case, group=case[0], scores=(Score(name=name, value=value, reason="因"),)) for case, value in values.items()),
    )


def test_interval_covers_the_mean_about_95_percent_of_the_time() -> None:
    draw = random.Random(7)
    hits = 0
    for _ in range(200):
        found = interval([float(draw.random() < 0.8) for _ in range(60)])
        hits += found.low <= 0.8 <= found.high
    assert 0.88 <= hits / 200 <= 0.99


def test_clusters_widen_the_interval() -> None:
    values = [1.0] * 20 + [0.0] * 20
    alone = interval(values)
    clustered = interval(values, ["甲"] * 20 + ["乙"] * 20)
    assert clustered.high - clustered.low > alone.high - alone.low


def test_empty_and_equal() -> None:
    assert interval([]).cases == 0
    assert paired([0.5, 0.7], [0.5, 0.7]) == (0.0, 0.0, 0.0, 2)
    assert flakiness([0.2, 0.9]) == pytest.approx(0.7)


def test_gate_stops_a_worse_run_and_lets_an_equal_one_pass() -> None:
    base = {f"{'甲乙丙丁'[i % 4]}{i}": 1.0 for i in range(40)}
    worse = {case: (0.0 if i % 8 == 0 else 1.0) for i, case in enumerate(base)}
    assert gate(compare(run_of(base), run_of(worse)))
    assert gate(compare(run_of(base), run_of(base))) == []


def test_equal_runs_with_noise_pass_in_95_percent_of_seeds() -> None:
    passed = 0
    for seed in range(60):
        draw = random.Random(seed)
        before = {f"{'甲乙丙丁'[i % 4]}{i}": min(1.0, max(0.0, draw.gauss(0.9, 0.02))) for i in range(80)}
        after = {case: min(1.0, max(0.0, value + draw.gauss(0, 0.01))) for case, value in before.items()}
        passed += not gate(compare(run_of(before), run_of(after)), tolerance=0.003)
    assert passed >= 57


def test_an_error_is_not_a_zero() -> None:
    before = run_of({"甲1": 1.0, "甲2": 1.0})
    after = Run(id="b", suite="s", samples=(before.samples[0], Sample(case="甲2", group="甲", error="断了")))
    comparison = compare(before, after)
    assert comparison.movements[0].after == 1.0
    assert comparison.new_errors == ("甲2",)
    assert any("出错" in reason for reason in gate(comparison))


def test_bars() -> None:
    assert below_bars(run_of({"甲1": 0.5}), {"对": 0.9}) == ["s 的 对 为 0.500，低于要求的 0.900"]
    assert below_bars(run_of({"甲1": 0.95}), {"对": 0.9}) == []


def test_a_run_is_read_back_as_written(tmp_path: Path) -> None:
    run = run_of({"甲1": 0.25})
    save(run, tmp_path / "a.json")
    assert load(tmp_path / "a.json") == run
    (tmp_path / "b.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="不是评测结果"):
        load(tmp_path / "b.json")


def write_suite(folder: Path, cases: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "suite.toml").write_text('name = "demo"\ntitle = "示例"\npurpose = "试"\nsolver = "echo"\nscorers = ["same"]\n', encoding="utf-8")
    (folder / "cases.jsonl").write_text(cases, encoding="utf-8")
    return folder


def test_suites_are_found_and_an_offices_own_cases_are_added(tmp_path: Path) -> None:
    write_suite(tmp_path / "a" / "demo", '{"id":"1","why":"x"}\n')
    write_suite(tmp_path / "b" / "demo", '{"id":"1","why":"x"}\n{"id":"2","why":"y","tags":["t"]}\n')
    (suite,) = find_suites(tmp_path / "a", tmp_path / "b", tmp_path / "none")
    assert [case.id for case in suite.cases] == ["1", "2"]
    assert [case.id for case in suite.only(["t"]).cases] == ["2"]


@pytest.mark.parametrize(("cases", "words"), [('{"id":"1"}', "第1行"), ("{", "第1行"), ('{"id":"1","why":"a"}\n{"id":"1","why":"b"}', "重复")])
def test_a_broken_case_is_named(tmp_path: Path, cases: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        load_suite(write_suite(tmp_path / "s", cases))


def test_engine_runs_cases_keeps_errors_apart_and_writes_its_log(tmp_path: Path) -> None:
    pytest.importorskip("inspect_ai", reason="needs the [evals] extra")
    from assistant.evaluation import engine

    suite = Suite(name="demo", title="", purpose="", solver="", scorers=(), cases=tuple(Case(id=str(i), why="", group="甲") for i in range(5)))

    def solve(case: Case) -> dict[str, object]:
        if case.id == "3":
            raise ValueError("坏")
        return {"text": case.id}

    samples, log = engine.run(
        suite,
        solve,
        lambda case, output: [Score(name="同", value=float(output["text"] == case.id), reason="比对"), Score(name="无", value=None)],
        logs=tmp_path,
        epochs=2,
    )
    assert len(samples) == 10
    assert {sample.case for sample in samples if sample.error} == {"3"}
    assert all(sample.score("同") == 1.0 for sample in samples if not sample.error)
    assert log is not None
    assert Path(log).exists()
