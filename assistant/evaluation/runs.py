"""A run: what the program gave for every case of a suite, the scores with their reasons, and how it was made. One JSON file each.

Outputs are kept, so that a run can be scored again without being generated again. Runs live in the workspace under ``evals/runs``;
accepted ones are copied to ``evals/baselines``, slim: scores, reasons and the readable text of each output.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant import workspace
from assistant.errors import InputError, reason
from assistant.target import Frozen

# Drafters by the names that people read.
WAYS = {"embedded": "离线", "copy": "照抄", "model": "模型", "judge": "评判"}


class Score(Frozen):
    """One score of one sample, 0 to 1 (1 = right); None = not applicable to this case. ``reason`` says why in Chinese."""

    name: str
    value: float | None
    reason: str = ""


class Sample(Frozen):
    """One case solved once. An error is kept as an error and never counted as a zero.

    ``asked`` is the fingerprint of the case as it stood; ``seconds``, ``tokens`` and ``cost`` are those of the solving, also when the
    output came from the cache (``reused``); ``cost`` None = the price is unknown.
    """

    case: str
    epoch: int = 1
    group: str = ""
    asked: str = ""
    output: dict[str, Any] = Field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    seconds: float = 0.0
    tokens: int = 0
    cost: float | None = 0.0
    reused: bool = False
    error: str | None = None

    def score(self, name: str) -> float | None:
        """The value of a score, None when it is absent or not applicable."""
        return next((score.value for score in self.scores if score.name == name), None)

    def reason(self, name: str) -> str:
        """The reason beside a score."""
        return next((score.reason for score in self.scores if score.name == name), "")

    @property
    def text(self) -> str:
        """The output as a person reads it."""
        return str(self.output.get("text", ""))


class Run(Frozen):
    """A whole run with what is needed to make it again. ``variant`` names who solved (drafter, model, prompts)."""

    id: str
    suite: str
    title: str = ""
    variant: str = "embedded"
    settings: dict[str, str] = Field(default_factory=dict)
    created: str = ""
    version: str = ""
    suite_fingerprint: str = ""
    corpus: str = ""
    definitions: dict[str, str] = Field(default_factory=dict)
    bars: dict[str, float] = Field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    log: str | None = None

    @property
    def names(self) -> list[str]:
        """Names of the scores, in order of first appearance."""
        return list(dict.fromkeys(score.name for sample in self.samples for score in sample.scores))

    @property
    def steady(self) -> bool:
        """Whether the same program gives the same output each time: no model had a part in it."""
        return not self.settings.get("model")

    @property
    def way(self) -> str:
        """The variant in Chinese: 离线, 照抄, 模型·deepseek-chat."""
        return told(self.variant)

    @property
    def yardstick(self) -> bool:
        """Whether the run is only there to be compared with (copying the nearest table): no bar holds for it."""
        return self.settings.get("drafter", self.variant) == "copy"

    def values(self, name: str) -> dict[str, list[float]]:
        """Case → its applicable values of one score, one an epoch."""
        found: dict[str, list[float]] = {}
        for sample in self.samples:
            value = None if sample.error else sample.score(name)
            if value is not None:
                found.setdefault(sample.case, []).append(value)
        return found

    def means(self, name: str) -> dict[str, float]:
        """Case → its mean over the epochs."""
        return {case: sum(values) / len(values) for case, values in self.values(name).items()}

    def groups(self) -> dict[str, str]:
        """Case → its group."""
        return {sample.case: sample.group for sample in self.samples}

    def first(self, case: str) -> Sample | None:
        """The first sample of a case."""
        return next((sample for sample in self.samples if sample.case == case), None)

    def slim(self) -> Run:
        """The run as a baseline: of each output only its readable text."""
        samples = tuple(sample.model_copy(update={"output": {"text": sample.text} if sample.text else {}}) for sample in self.samples)
        return self.model_copy(update={"samples": samples, "log": None})

    @property
    def file_name(self) -> str:
        """The name of its baseline's file: suite and variant, without what a file's name cannot hold."""
        safe = re.sub(r"[^-.@+\w]+", "_", self.variant)
        return f"{self.suite}-{safe}.json"


def told(variant: str) -> str:
    """A variant in Chinese."""
    drafter, _, rest = variant.partition("·")
    return "·".join(part for part in (WAYS.get(drafter, drafter), rest) if part)


def save(run: Run, path: Path) -> None:
    """Write a run whole or not at all: one sample a line, so that a changed score is one changed line."""
    head = run.model_dump_json(indent=1, exclude={"samples"}).removesuffix("\n}")
    samples = ",\n".join(f"  {sample.model_dump_json(exclude_defaults=True)}" for sample in run.samples)
    workspace.write(path, f'{head},\n "samples": [\n{samples}\n ]\n}}\n')


def load(path: Path) -> Run:
    """Read a run back. InputError for a file that is none."""
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"读不到评测结果“{path}”：{reason(error)}。", "用 assistant evals list 查看已有的结果。") from None
    except ValidationError:
        raise InputError(f"“{path}”不是评测结果文件。", "请选择 assistant evals run 写出的 .json 文件。") from None
