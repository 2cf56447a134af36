"""The door to inspect-ai, the eval engine: dataset, epochs, concurrency, logs, errors that are no zeros. An extra: ``[evals]``.

Our side is two plain functions, ``solve(case) → output`` and ``judge(case, output) → scores``; the engine runs them and writes its
``.eval`` log, which ``assistant evals view`` opens. No network is involved here: a suite that needs a model gets it inside its solver.
A solver may answer with a function instead of an output: the rest of the work, which touches no records and may run beside others.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant import workspace
from assistant.errors import AssistantError, SettingsError, reason
from assistant.evaluation.cases import Case, Suite
from assistant.evaluation.runs import Sample, Score
from assistant.resources import installing

Output = dict[str, Any]
Solve = Callable[[Case], Output | Callable[[], Output]]
Judge = Callable[[Case, Output], list[Score]]
Progress = Callable[[int, int], None]


def available() -> bool:
    """Whether the engine is installed."""
    import importlib.util

    return importlib.util.find_spec("inspect_ai") is not None


def run(
    suite: Suite,
    solve: Solve,
    judge: Judge,
    *,
    logs: Path,
    epochs: int = 1,
    at_once: int = 1,
    model: str = "",
    progress: Progress | None = None,
) -> tuple[list[Sample], str | None]:
    """Solve and judge every case ``epochs`` times, ``at_once`` of them together; samples in the order of the cases, and the log's path.

    A case whose solver raises is kept as an error. ``model`` is only named in the log. SettingsError when the engine is not installed.
    """
    if not available():
        raise SettingsError("没有安装评测引擎 inspect-ai。", f"请运行：{installing('evals')}")
    with at_home(logs.parent):
        from inspect_ai import Task
        from inspect_ai import eval as evaluate

        cases = {case.id: case for case in suite.cases}
        if progress is not None:
            progress(0, len(cases) * epochs)
        solver, scorer = _adapters(cases, solve, judge, progress, len(cases) * epochs)
        task = Task(dataset=_dataset(suite), solver=solver, scorer=scorer, name=suite.name, metadata={"title": suite.title, "model": model})
        options: dict[str, Any] = {"display": "none", "score_display": False, "log_realtime": False, "ctl_server": False, "acp_server": False}
        try:
            made = evaluate(
                task, model="none/none", log_dir=str(workspace.make_folder(logs)), epochs=epochs, fail_on_error=False, max_samples=at_once, **options
            )
        except (OSError, ExceptionGroup) as error:
            raise _in_words(error) from error
    # The engine takes an interruption itself and gives no log, or one that says so.
    log = made[0] if made else None
    if log is None or log.status == "cancelled":
        raise KeyboardInterrupt
    if log.status != "success":
        raise AssistantError(f"评测引擎没有跑完：{log.error.message if log.error else log.status}。", "再运行一次会接着做；若仍失败，请附上日志反馈。")
    return [_sample(cases, sample) for sample in log.samples or ()], str(log.location)


def _in_words(error: Exception) -> Exception:
    """What the engine fell over, in our words: a full disk or a folder that cannot be written; anything else as it came."""
    if isinstance(error, ExceptionGroup):
        leaves = [_in_words(each) for each in error.exceptions]
        return next((each for each in leaves if isinstance(each, AssistantError)), error)
    if isinstance(error, OSError):
        return AssistantError(f"评测没有跑完：{reason(error)}。", "请检查磁盘空间和工作区权限；再运行一次会接着做。")
    return error


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Within the body the engine keeps its own files (traces, state) under ``folder`` instead of the user's home, and stays quiet."""
    wanted = {"XDG_DATA_HOME": str(folder / "engine"), "XDG_CACHE_HOME": str(folder / "engine"), "INSPECT_LOG_LEVEL": "error", "INSPECT_TELEMETRY": ""}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _dataset(suite: Suite) -> Any:
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.dataset import Sample as EngineSample

    return MemoryDataset(
        [
            EngineSample(id=case.id, input=case.asked, target=case.expected, metadata={"group": case.group, "why": case.why, "tags": list(case.tags)})
            for case in suite.cases
        ],
        name=suite.name,
    )


def _adapters(cases: dict[str, Case], solve: Solve, judge: Judge, progress: Progress | None, total: int) -> tuple[Any, Any]:
    from anyio import to_thread
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
                if callable(output):
                    output = await to_thread.run_sync(output)
            finally:
                done += 1
                if progress is not None:
                    progress(done, total)
            # What the cache gave tells how long it once took.
            output.setdefault("seconds", round(time.perf_counter() - started, 4))
            state.metadata["result"] = output
            state.output = ModelOutput.from_content("none", str(output.get("text", ""))[:4000])
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
    cost = result.get("cost", 0.0)
    return Sample(
        case=case.id,
        epoch=sample.epoch,
        group=case.group,
        asked=case.fingerprint,
        output={name: value for name, value in result.items() if name not in ("seconds", "tokens", "cost", "reused")},
        scores=tuple(Score.model_validate(score) for score in sample.metadata.get("scores", ())),
        seconds=float(result.get("seconds", 0.0)),
        tokens=int(result.get("tokens", 0) or 0),
        cost=None if cost is None else float(cost),
        reused=bool(result.get("reused")),
        error=sample.error.message if sample.error else None,
    )
