"""How runs of the evals look in the terminal: scores with intervals, several ways beside one another, what moved case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.cli import render

if TYPE_CHECKING:
    from assistant.evaluation.cases import Suite
    from assistant.evaluation.charts import Line
    from assistant.evaluation.compare import Comparison
    from assistant.evaluation.runs import Run

_CHANGES, _DIFFS, _LINES, _REASON = 20, 6, 24, 90
# More ways than these do not fit beside one another.
_ABREAST = 5


def show(runs: Sequence[Run], suites: Mapping[str, Suite], baselines: Mapping[str, Run], *, as_json: bool) -> None:
    """Every run's scores; with several ways for one suite the matrix; ``baselines`` by run id."""
    from assistant.evaluation import report

    if as_json:
        data = [report.as_data(run, baselines.get(run.id), suites.get(run.suite)) for run in runs]
        render.as_json({"runs": data, "matrix": [{**row, "main": row["main"].interval._asdict() if row["main"] else None} for row in report.matrix(runs)]})
        return
    for suite in dict.fromkeys(run.suite for run in runs):
        some = [run for run in runs if run.suite == suite]
        if 2 <= len(some) <= _ABREAST:
            _abreast(some)
        else:
            for run in some:
                _scores(run, baselines.get(run.id))
        for run in some:
            _below(run, suites.get(run.suite))
    if rows := report.matrix(runs):
        shown = [
            (
                row["suite"],
                row["way"],
                f"{row['main'].interval.mean:.3f}" if row["main"] else "",
                row["difference"],
                row["tokens"] or "",
                _money(row["cost"]),
                f"{row['seconds']:.1f}",
            )
            for row in rows
        ]
        heads = ("评测集", "做法", "主要得分", "与第一种之差", "词元", "费用/元", "秒")
        render.console().print(render.grid(heads, shown, title="几种做法比较（同一用例配对相减）"))


def _abreast(runs: Sequence[Run]) -> None:
    """Several ways of one suite in one table: a row a score, a column a way."""
    from assistant.evaluation.charts import lines

    found = {run.id: {line.name: line for line in lines(run)} for run in runs}
    names = list(dict.fromkeys(name for some in found.values() for name in some))
    rows = [(name, *(_mean(found[run.id].get(name)) for run in runs)) for name in names]
    cases = len({sample.case for run in runs for sample in run.samples})
    render.console().print(render.grid(("得分", *(run.way for run in runs)), rows, title=f"{runs[0].title or runs[0].suite}：{cases}个用例，各做法的均值"))


def _mean(line: Line | None) -> str:
    return "" if line is None else f"{line.interval.mean:.3f}{' 未达' if line.below else ''}"


def _scores(run: Run, baseline: Run | None) -> None:
    """One run's scores with intervals, bars and what moved."""
    from assistant.evaluation.charts import lines
    from assistant.evaluation.compare import compare

    rows = [
        (
            line.name,
            f"{line.interval.mean:.3f}",
            f"{line.interval.low:.3f}—{line.interval.high:.3f}",
            line.interval.cases,
            "" if line.bar is None else f"{'未达' if line.below else '达到'} {line.bar:.2f}",
            line.movement,
        )
        for line in lines(run, compare(baseline, run) if baseline is not None else None)
    ]
    title = f"{run.title or run.suite}（{run.way}）：{len({sample.case for sample in run.samples})}个用例"
    render.console().print(render.grid(("得分", "均值", "95%区间", "用例", "要求", "变化"), rows, title=title))


def _below(run: Run, suite: Suite | None) -> None:
    """What stands under a run's scores: errors, unsteady cases, agreement with people, costs."""
    from assistant.evaluation import judging, report

    failed = [sample for sample in run.samples if sample.error]
    for sample in failed[:5]:
        render.say(f"出错 {sample.case}：{sample.error or ''}", style="red")
    if len(failed) > 5:
        render.say(f"还有{len(failed) - 5}个用例出错（错误不当作零分）。")
    if flaky := report.unsteady(run):
        render.say(f"{run.way} 几次不一：" + "、".join(f"{case}（差{spread:.2f}）" for case, spread in sorted(flaky.items(), key=lambda one: -one[1])[:8]))
    agreed = judging.agreed(run, {case.id: case for case in suite.cases}) if suite is not None else None
    if agreed is not None:
        render.say(judging.said(agreed) + "。")
    spent = report.spent(run)
    used = f"，{spent['tokens']}词元，费用{_money(spent['cost']) or '0'}{'' if spent['cost'] is None else '元'}" if spent["tokens"] else ""
    reused = sum(sample.reused for sample in run.samples)
    render.notice(f"结果 {run.id}：解题{spent['seconds']:.1f}秒{used}" + (f"，{reused}次沿用上次的输出" if reused else ""))


def _money(cost: float | None) -> str:
    return "未知" if cost is None else f"{cost:.4f}" if cost else ""


def compared(before: Run, after: Run, found: Comparison, reasons: Sequence[str], *, as_json: bool) -> None:
    """A comparison: scores, then case by case what got worse (with the diff of the outputs) and better, then whether it may land."""
    from assistant.evaluation.compare import differences

    worse = list(dict.fromkeys(change.case for change in found.worse))
    if as_json:
        diffs: dict[str, Any] = {case: differences(before, after, case) for case in worse}
        render.as_json({**found.model_dump(mode="json"), "differences": {case: lines for case, lines in diffs.items() if lines}, "gate": list(reasons)})
        return
    console = render.console()
    rows = [
        (move.score, f"{move.before:.3f}", f"{move.after:.3f}", f"{move.difference:+.3f}", f"[{move.low:+.3f}, {move.high:+.3f}]", move.count)
        for move in found.movements
    ]
    render.say(f"前：{found.before}\n后：{found.after}")
    if rows:
        console.print(render.grid(("得分", "前", "后", "差", "95%区间", "用例"), rows))
    for note, cases in (("只在一边的用例", found.unmatched), ("内容已改、不比较的用例", found.changed)):
        if cases:
            render.say(f"{note}（{len(cases)}个）：{'、'.join(cases[:6])}{'…' if len(cases) > 6 else ''}")
    for case in found.new_errors:
        sample = after.first(case)
        render.say(f"新出错 {case}：{sample.error or '' if sample else ''}", style="red")
    for number, case in enumerate(worse[:_CHANGES]):
        render.say("变差 " + case, style="red")
        for name in after.names:
            for change in [change for change in found.worse if (change.case, change.score) == (case, name)]:
                reason = render.plain(change.reason)
                cut = reason if len(reason) <= _REASON else reason[:_REASON] + "…"
                render.say(f"  {name} {change.before:.2f} → {change.after:.2f}  {cut}")
        if number < _DIFFS:
            _difference(differences(before, after, case))
    if len(worse) > _CHANGES:
        render.say(f"还有{len(worse) - _CHANGES}个变差的用例，--json 可看全部。")
    for change in found.better[:_CHANGES]:
        render.say(f"变好 {change.case}  {change.score} {change.before:.2f} → {change.after:.2f}", style="green")
    if len(found.better) > _CHANGES:
        render.say(f"还有{len(found.better) - _CHANGES}处变好，--json 可看全部。")
    render.say("可以接受：没有变差。" if not reasons else "不可接受：\n" + "\n".join(f"  · {reason}" for reason in reasons), style="bold")


def _difference(lines: Sequence[str]) -> None:
    for line in lines[:_LINES]:
        style = "red" if line.startswith("-") else "green" if line.startswith("+") else "dim"
        render.say(f"    {line[:1]} {line[1:]}", style=style)
    if len(lines) > _LINES:
        render.say(f"    …还有{len(lines) - _LINES}行")
