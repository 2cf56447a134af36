"""The model judge: goals and rows graded 4 to 1 by a Chinese rubric (``prompts/judge.md``). Optional, never alone, measured itself.

The model stands in a named role (``judge``), apart from the one that drafts. What its opinion is worth is told by the suite *judging*,
whose cases carry the grades people gave: exact agreement and weighted kappa with its interval.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assistant import prompts, workspace
from assistant.draft import Draft
from assistant.errors import ModelError
from assistant.evaluation.cases import Case
from assistant.evaluation.runs import Run, Score
from assistant.evaluation.statistics import Agreement, agreement
from assistant.model import answers
from assistant.model.call import Call, Message, Model, OnText, Reply
from assistant.table import GoalTable, Indicator

BEST, WORST = 4, 1
GRADE_NAMES = {4: "优", 3: "良", 2: "中", 1: "差"}
DEFINITIONS = {
    "评判·目标": "模型评判（仅供参考）：绩效目标的等次，优4良3中2差1折成 1—0",
    "评判·指标": "模型评判（仅供参考）：各行指标等次的平均，优4良3中2差1折成 1—0",
    "一致": "模型给的等次与人工给的相同",
    "相近": "模型与人工相差的等次折成 1—0（相同为1，差三等为0）",
}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "grades": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"key": {"type": "string"}, "grade": {"type": "integer", "enum": [1, 2, 3, 4]}, "reason": {"type": "string"}},
                "required": ["key", "grade", "reason"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["grades"],
    "additionalProperties": False,
}


class Item(NamedTuple):
    """One thing to grade: ``kind`` is 目标 or 指标."""

    kind: str
    text: str


class Remembering:
    """A judge that keeps its replies in a folder: the same draft is not paid for twice, and a broken run goes on."""

    def __init__(self, model: Model, folder: Path) -> None:
        self.name = model.name
        self._model, self._folder = model, folder

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The kept reply to an equal call, else the model's."""
        name = hashlib.sha256(f"{self.name}\0{call.fingerprint}".encode()).hexdigest()[:32]
        path = self._folder / f"{name}.txt"
        if path.is_file():
            return Reply(path.read_text(encoding="utf-8"), model=self.name)
        reply = self._model.reply(call, on_text)
        if reply.whole:
            workspace.write(path, reply.text, durable=False)
        return reply


class Grade(NamedTuple):
    """A grade, 4 (best) to 1, and the judge's reason."""

    grade: int
    reason: str


def grades(project: str, items: Sequence[Item], model: Model) -> list[Grade | None]:
    """The judge's grade of every item, None for one it left out. Raises ModelError when the model cannot be asked or graded nothing."""
    prompt = prompts.load("judge")
    listed = "\n\n".join(f"{number}. {item.kind}\n{prompts.fenced(item.kind, item.text)}" for number, item in enumerate(items, 1))
    user = prompt.fill(项目=prompts.fenced("项目", project), 待评=listed)
    call = Call(
        (Message("system", prompt.system), Message("user", user)),
        schema=_SCHEMA,
        schema_name="grades",
        max_tokens=200 + 90 * len(items),
        temperature=0.0,
        prompt=prompt.label,
        words=prompt.fingerprint,
        purpose=f"评等 {project[:40]}",
    )
    found = _read(model.reply(call).text)
    if not found:
        raise ModelError("模型没有给出等次。", "请换一个模型作评判，或不用 --judge。", kind="answer")
    return [found.get(str(number)) for number in range(1, len(items) + 1)]


def _read(text: str) -> dict[str, Grade]:
    value = answers.find(text, ("grades",)).value
    rows = value.get("grades") if isinstance(value, Mapping) else value
    found: dict[str, Grade] = {}
    for row in rows if isinstance(rows, Sequence) and not isinstance(rows, str) else ():
        if isinstance(row, Mapping) and str(row.get("grade", "")).strip() in ("1", "2", "3", "4"):
            found.setdefault(str(row.get("key", "")).strip().rstrip("."), Grade(int(str(row["grade"]).strip()), str(row.get("reason", ""))[:200]))
    return found


def opinions(draft: Draft, model: Model) -> list[Score]:
    """A draft's goals and rows graded; scores that do not apply, with the reason, when the judge cannot be asked."""
    table = draft.table
    items = [Item("目标", "\n".join(table.goals)), *(Item("指标", row_text(row)) for row in table.indicators)]
    try:
        goal, *rows = grades(about(table), items, model)
    except ModelError as error:
        return [Score(name=name, value=None, reason=f"没有评判：{error.message}") for name in ("评判·目标", "评判·指标")]
    given = [(row.level3, grade) for row, grade in zip(table.indicators, rows, strict=True) if grade is not None]
    low = sorted(((grade.grade, f"{name}（{GRADE_NAMES[grade.grade]}）{grade.reason}") for name, grade in given if grade.grade < BEST))
    return [
        Score(name="评判·目标", value=None if goal is None else share(goal.grade), reason="" if goal is None else goal.reason),
        Score(
            name="评判·指标",
            value=sum(share(grade.grade) for _, grade in given) / len(given) if given else None,
            reason="；".join(reason for _, reason in low[:4]),
        ),
    ]


def share(grade: int) -> float:
    """A grade as 0 to 1."""
    return (grade - WORST) / (BEST - WORST)


def about(table: GoalTable) -> str:
    """What a judge is told of the project."""
    return f"{table.project.name or ''}；资金用途：{table.purpose or '（未写）'}；预算{table.text('budget.total')}{table.money_unit}"


def row_text(row: Indicator) -> str:
    """A row as a judge reads it."""
    return f"{row.level1}/{row.level2}；名称：{row.level3}；描述：{row.description or '（空）'}；指标值：{row.value.text}；依据：{row.basis or '（空）'}"


def grade_case(case: Case, model: Model) -> dict[str, Any]:
    """One labelled case put to the judge. Input ``kind``, ``project``, ``text``."""
    (found,) = grades(str(case.input["project"]), [Item(str(case.input["kind"]), str(case.input["text"]))], model)
    if found is None:
        raise ModelError("模型没有给这一项评等。", "请重试，或换一个模型作评判。", kind="answer")
    return {"grade": found.grade, "reason": found.reason, "text": f"{GRADE_NAMES[found.grade]}：{found.reason}"}


def agreeing(case: Case, output: Mapping[str, Any], _world: object) -> list[Score]:
    """How a grade compares with the one people gave (target ``grade``)."""
    given, wanted = int(output["grade"]), int(case.target["grade"])
    reason = "" if given == wanted else f"人工{GRADE_NAMES[wanted]}（{case.target.get('why', '')}），模型{GRADE_NAMES[given]}（{output.get('reason', '')}）"
    return [Score(name="相近", value=1 - abs(given - wanted) / (BEST - WORST), reason=reason), Score(name="一致", value=float(given == wanted), reason=reason)]


def agreed(run: Run, cases: Mapping[str, Case]) -> Agreement | None:
    """Agreement of a run of the suite *judging* with the people's grades; None for another run or fewer than five grades."""
    pairs = [
        (int(sample.output["grade"]), int(cases[sample.case].target["grade"]))
        for sample in run.samples
        if not sample.error and "grade" in sample.output and sample.case in cases and "grade" in cases[sample.case].target
    ]
    return agreement([given for given, _ in pairs], [wanted for _, wanted in pairs]) if len(pairs) >= 5 else None


def said(found: Agreement) -> str:
    """An agreement in words, with what it is worth."""
    kappa = found.kappa
    worth = "很好" if kappa.low >= 0.8 else "可以参考" if kappa.low >= 0.6 else "只能略作参考" if kappa.low >= 0.4 else "不可采信"
    return f"与人工等次完全一致{found.exact:.0%}，加权κ {kappa.mean:.2f}（95%区间 {kappa.low:.2f}—{kappa.high:.2f}，{kappa.cases}例）：{worth}"
