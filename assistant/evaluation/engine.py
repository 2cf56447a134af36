"""The door to inspect-ai, the eval engine: dataset, epochs, concurrency, logs, errors that are no zeros. An extra: ``[evals]``.

Our side is two plain functions, ``solve(case) → output`` and ``judge(case, output) → scores``; the engine runs them and writes its
``.eval`` log, which ``assistant evals view`` opens. No model and no network is involved here: a suite that needs a model gets it
inside its solver.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, SettingsError
from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.runs import Sample, Score

Solve = Callable[[Case], dict[str, Any]]
Judge = Callable[[Case, dict[str, Any]], list[Score]]
Progress = Callable[[int, int], None]


def available() -> bool:
    """Whether the engine is installed."""
    import importlib.util

    return importlib.util.find_spec("inspect_ai") is not None


def run(suite: Suite, solve: Solve, judge: Judge, *, logs: Path, epochs: int = 1, progress: Progress | None = None) -> tuple[list[Sample], str | None]:
    """Solve and judge every case ``epochs`` times; samples in the order of the cases, and the path of the engine's log.

    A case whose solver raises is kept as an error. SettingsError when the engine is not installed.
    """
    if not available():
        raise SettingsError("没有安装评测引擎 inspect-ai。", "请运行：pip install 'goal-table-assistant[evals]'。")
    os.environ.setdefault("INSPECT_TELEMETRY", "")
    os.environ["INSPECT_LOG_LEVEL"] = "error"
    from inspect_ai import Task
    from inspect_ai import eval as evaluate

    cases = {case.id: case for case in suite.cases}
    solver, scorer = _adapters(cases, solve, judge, progress, len(cases) * epochs)
    log = evaluate(
        Task(dataset=_dataset(suite), solver=solver, scorer=scorer, name=suite.name),
        model="none/none",
        log_dir=str(logs),
        display="none",
        epochs=epochs,
        fail_on_error=False,
        log_realtime=False,
        score_display=False,
        max_samples=1,
    )[0]
    if log.status != "success":
        raise AssistantError(f"评测引擎没有跑完：{log.error.message if log.error else log.status}。", "请重试；若仍失败，请附上日志反馈。")
    return [_sample(cases, sample) for sample in log.samples or ()], str(log.location)


def _dataset(suite: Suite) -> Any:
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.dataset import Sample as EngineSample

    samples = [EngineSample(id=case.id, input=case.model_dump_json(), metadata={"group": case.group, "why": case.why}) for case in suite.cases]
    return MemoryDataset(samples, name=suite.name)


def _adapters(cases: dict[str, Case], solve: Solve, judge: Judge, progress: Progress | None, total: int) -> tuple[Any, Any]:
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score as EngineScore
    from inspect_ai.scorer import mean, scorer, stderr
    from inspect_ai.solver import solver

    done = 0

    @solver  # type: ignore[untyped-decorator]
    def program() -> Any:
        async def run_case(state: Any, generate: Any) -> Any:
            nonlocal done
            started = time.perf_counter()
            try:
                output = solve(cases[str(state.sample_id)])
            finally:
                done += 1
                if progress is not None:
                    progress(done, total)
            state.metadata["result"] = output
            state.metadata["seconds"] = time.perf_counter() - started
            state.output = ModelOutput.from_content("none", str(output.get("text", ""))[:2000])
            return state

        return run_case

    @scorer(metrics={"*": [mean(), stderr(cluster="group")]})  # type: ignore[untyped-decorator]
    def scores() -> Any:
        async def judge_case(state: Any, target: Any) -> Any:
            found = judge(cases[str(state.sample_id)], state.metadata["result"])
            # The engine takes numbers only and the same names for every sample; "not applicable" is its NaN, and None in ours.
            value = {score.name: float("nan") if score.value is None else score.value for score in found}
            state.metadata["scores"] = [score.model_dump() for score in found]
            return EngineScore(value=value, explanation="\n".join(f"{score.name}：{score.reason}" for score in found if score.reason))

        return judge_case

    return program(), scores()


def _sample(cases: dict[str, Case], sample: Any) -> Sample:
    case = cases[str(sample.id)]
    result = sample.metadata.get("result") or {}
    return Sample(
        case=case.id,
        epoch=sample.epoch,
        group=case.group,
        output=result,
        scores=tuple(Score.model_validate(score) for score in sample.metadata.get("scores", ())),
        seconds=round(float(sample.metadata.get("seconds", 0.0)), 4),
        tokens=int(result.get("tokens", 0) or 0),
        cost=float(result.get("cost", 0.0) or 0.0),
        error=sample.error.message if sample.error else None,
    )
