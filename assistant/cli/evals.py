"""``assistant evals``: run the suites, compare runs, accept baselines, add an office's own past years, open the engine's viewer."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli import render, scoreboard
from assistant.cli.opening import JSON, now
from assistant.cli.ways import EMBEDDED, Ways
from assistant.errors import InputError
from assistant.resources import installing

if TYPE_CHECKING:
    from assistant.evaluation.cases import Suite
    from assistant.evaluation.runs import Run
    from assistant.evaluation.world import World

_BASELINE_WORDS = ("baseline", "baselines", "基线")
_AGAINST = typer.Option(None, "--against", help="与什么比：baseline（已接受的基线）、基线文件夹、结果的编号或文件；变差则退出码为 1。", show_default=False)
_REPORT = typer.Option(None, "--report", help="写一份能直接给领导看的 HTML 报告（一个文件，不联网）。", show_default=False)
_JUNIT = typer.Option(None, "--junit", help="写一份 JUnit XML。", show_default=False)


def register(app: typer.Typer) -> None:
    """Add the group."""
    from assistant.cli.app import add_group

    commands = {
        "list": (list_suites, "列出评测集和已有的结果。"),
        "run": (run, "运行评测集，报告得分与95%区间。中断后再运行同一命令，接着做。"),
        "show": (show, "重看已有的结果，重写报告；--rescore 用现在的评分规则重新打分，不重新起草。"),
        "compare": (compare, "比较两次结果，逐个用例列出变好和变差，附前后输出的差异。"),
        "accept": (accept, "把结果立为基线。"),
        "add": (add, "用自己往年的文件建评测集：拿上一年起草，与签过字的这一年比。"),
        "view": (view, "用评测引擎的查看器打开运行日志。"),
    }
    add_group(app, "evals", "评测：起草、回答、检查、读取做得怎么样，带区间、可比较。", commands)


def list_suites(as_json: bool = JSON) -> None:
    """Suites with their cases and runs."""
    from assistant.evaluation.solvers import drafters

    suites = _suites()
    folder = _folder() / "runs"
    runs = sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime, path.name), reverse=True) if folder.is_dir() else []
    if as_json:
        listed = [{"name": s.name, "title": s.title, "cases": len(s.cases), "purpose": s.purpose, "drafters": list(drafters(s.solver))} for s in suites]
        render.as_json({"suites": listed, "runs": [path.stem for path in runs]})
        return
    if not suites:
        render.notice("还没有评测集。用自己往年的文件建一个：assistant evals add 2024年.docx 2025年.xlsx")
        return
    rows = [(suite.name, suite.title, len(suite.cases), suite.purpose) for suite in suites]
    render.console().print(render.grid(("评测集", "名称", "用例", "测什么"), rows))
    if runs:
        render.console().print("最近的结果（新的在前）：")
        for path in runs[:10]:
            render.console().print(f"  {path.stem}")
    render.notice("运行全部：assistant evals run --all --against baseline --report 报告.html")


def run(
    names: list[str] = typer.Argument(None, metavar="[评测集…]", help="评测集的名称。", show_default=False),
    everything: bool = typer.Option(False, "--all", help="全部评测集（要用模型的除外）。"),
    drafter: str = typer.Option("embedded", "--drafter", help="做法，可用逗号分开几种：embedded（不用模型）、copy（照抄最近的表）、model。"),
    models: str | None = typer.Option(None, "--model", help="同一服务地址上的模型名，可用逗号分开几个；默认是设置的模型。", show_default=False),
    prompts: list[Path] = typer.Option([], "--prompts", help="另试一套提示词：放着改过的 .md 的文件夹，可多次；与原来的并列比较。", show_default=False),
    judge: bool = typer.Option(False, "--judge", help="另请模型按评分细则给草稿评等（只供参考）。"),
    judge_model: str | None = typer.Option(None, "--judge-model", help="评等用的模型名，默认是设置的模型。", show_default=False),
    epochs: int = typer.Option(1, "--epochs", min=1, max=20, help="每个用例运行几次。"),
    concurrency: int = typer.Option(8, "--concurrency", min=1, max=64, help="用模型时，同时问几个用例。"),
    max_cost: str | None = typer.Option(None, "--max-cost", help="模型费用上限，到了就停，再运行接着做。", show_default=False),
    limit: int | None = typer.Option(None, "--limit", min=1, help="每个评测集最多多少个用例。", show_default=False),
    only: list[str] = typer.Option([], "--only", help="只要这些编号、单位或标签的用例，可多次。", show_default=False),
    against: str | None = _AGAINST,
    fail_under: float | None = typer.Option(None, "--fail-under", min=0, max=1, help="第一个得分低于它则退出码为 1。", show_default=False),
    again: bool = typer.Option(False, "--again", help="不用缓存，全部重新生成。"),
    report: Path | None = _REPORT,
    junit: Path | None = _JUNIT,
    as_json: bool = JSON,
) -> None:
    """Run, show, compare, write, and exit 1 below a bar."""
    from assistant import settings

    chosen = settings.load()
    suites = _chosen(names or [], everything)
    runs: list[Run] = []
    with ExitStack() as stack:
        ways = Ways(chosen, drafter, models, prompts, judge_model if judge_model else "" if judge else None, max_cost, stack)
        planned = [(suite.only(only, limit), way) for suite in suites for way in ways.of(suite)]
        if left := [suite.title for suite in suites if not ways.of(suite)]:
            render.notice(f"这种做法不适用、没有运行：{'、'.join(left)}。")
        for suite, way in planned:
            if not suite.cases:
                raise InputError(f"评测集“{suite.name}”里没有符合 --only 的用例。", "--only 写用例编号、单位全名或标签。")
            runs.append(_solved(suite, ways.world(suite, way, _folder(), _checkout()), epochs=epochs, fresh=again, at_once=concurrency))
    if not runs:
        raise InputError("所选评测集都不支持这种做法。", "去掉 --drafter，或换一个评测集；assistant evals list --json 可看各评测集支持的做法。")
    _finish(runs, suites, against, fail_under, report, junit, as_json=as_json, partial=bool(only or limit))


def _solved(suite: Suite, world: World, *, epochs: int, fresh: bool, at_once: int) -> Run:
    """The run of a suite in a world, kept."""
    from assistant.evaluation import running
    from assistant.evaluation.runs import save, told

    with render.progress(f"{suite.title}·{told(world.variant)}") as advance:

        def going(done: int, total: int) -> None:
            advance(done, total, "")

        made = running.run(suite, world, folder=_folder(), now=now(), epochs=epochs, fresh=fresh, at_once=at_once, progress=going)
    save(made, _folder() / "runs" / f"{made.id}.json")
    return made


def show(
    results: list[str] = typer.Argument(None, metavar="[结果…]", help="结果的编号或文件；不写就是每个评测集最近的一次。", show_default=False),
    rescore: bool = typer.Option(False, "--rescore", help="用现在的评分规则重新打分（不重新生成）。"),
    against: str | None = _AGAINST,
    fail_under: float | None = typer.Option(None, "--fail-under", min=0, max=1, help="第一个得分低于它则退出码为 1。", show_default=False),
    report: Path | None = _REPORT,
    junit: Path | None = _JUNIT,
    as_json: bool = JSON,
) -> None:
    """Runs that were made before, opened again."""
    runs = [_load(name) for name in results] if results else _latest()
    suites = {suite.name: suite for suite in _suites()}
    if rescore:
        from assistant import settings
        from assistant.evaluation import running

        with ExitStack() as stack:
            ways = Ways(settings.load(), "embedded", None, [], None, None, stack)
            known = [run.suite in suites for run in runs]
            runs = [
                running.rescore(run, suites[run.suite], ways.world(suites[run.suite], EMBEDDED, _folder(), _checkout())) if there else run
                for run, there in zip(runs, known, strict=True)
            ]
    _finish(runs, list(suites.values()), against, fail_under, report, junit, as_json=as_json, partial=False)


def compare(
    before: str = typer.Argument(..., metavar="前", help="结果的编号或文件；也可以写 baseline。"),
    after: str = typer.Argument(..., metavar="后", help="结果的编号或文件，与前一个同一评测集。"),
    as_json: bool = JSON,
) -> None:
    """Two runs, case by case; exit 1 when the later one may not land."""
    from assistant.evaluation.compare import compare as compared
    from assistant.evaluation.compare import gate

    new = _load(after)
    old = _baselines(before, [new], offline=True).get(new.id)
    if old is None:
        raise InputError(f"没有可与“{after}”比较的“{before}”。", "两边要是同一评测集的结果；先用 assistant evals accept 立基线。")
    found = compared(old, new)
    reasons = gate(found)
    scoreboard.compared(old, new, found, reasons, as_json=as_json)
    raise typer.Exit(1 if reasons else 0)


def accept(
    results: list[str] = typer.Argument(None, metavar="[结果…]", help="结果的编号或文件；不写就是每个评测集最近的一次。", show_default=False),
    output: Path | None = typer.Option(None, "-o", "--output", help="基线放在哪个文件夹。", show_default=False),
    as_json: bool = JSON,
) -> None:
    """Runs become the baselines of their suites and variants; of the outputs only the readable text is kept."""
    from assistant.evaluation.runs import save

    whole = {suite.name: len(suite.cases) for suite in _suites()}
    kept = []
    for run in [_load(name) for name in results] if results else _latest():
        path = (output or _baseline_folders()[0]) / run.file_name
        save(run.slim(), path)
        cases = len({sample.case for sample in run.samples})
        part = f"（注意：只有{cases}个用例，评测集有{whole[run.suite]}个）" if cases < whole.get(run.suite, cases) else ""
        errors = sum(sample.error is not None for sample in run.samples)
        render.notice(f"已立为基线：{path}{part}" + (f"（注意：其中{errors}个用例出错）" if errors else ""))
        kept.append({"run": run.id, "path": str(path), "cases": cases, "errors": errors})
    if as_json:
        render.as_json({"baselines": kept})


def add(
    paths: list[Path] = typer.Argument(..., metavar="文件…", help="签过字的各年文件或放着它们的文件夹，至少两年。"),
    name: str = typer.Option("own-years", "--name", help="评测集的名称。"),
    as_json: bool = JSON,
) -> None:
    """An office's own past years as a suite of the workspace."""
    from assistant.evaluation.years import make_suite

    made = make_suite(paths, _folder() / "suites" / name, name=name)
    for line in made.notes:
        render.notice(line)
    render.notice(f"建好评测集“{name}”：{len(made.suite.cases)}个用例。运行：assistant evals run {name} --report 报告.html")
    if as_json:
        render.as_json({"suite": name, "cases": [case.id for case in made.suite.cases], "notes": list(made.notes)})


def view(port: int = typer.Option(7575, "--port", help="本机端口。")) -> None:
    """The engine's viewer over the logs, on loopback."""
    import subprocess

    from assistant.evaluation import engine

    if not engine.available():
        raise InputError("没有安装评测引擎 inspect-ai。", f"请运行：{installing('evals')}")
    logs = _folder() / "logs"
    if not logs.is_dir():
        raise InputError("还没有运行日志。", "先运行一个评测集：assistant evals run validation。")
    render.notice(f"在浏览器打开 http://127.0.0.1:{port} ，Ctrl-C 结束。")
    with engine.at_home(_folder()):
        command = [sys.executable, "-m", "inspect_ai", "view", "start", "--log-dir", str(logs), "--host", "127.0.0.1", "--port", str(port)]
        subprocess.run(command, check=False)


def _finish(
    runs: list[Run],
    suites: list[Suite],
    against: str | None,
    fail_under: float | None,
    report: Path | None,
    junit: Path | None,
    *,
    as_json: bool,
    partial: bool,
) -> None:
    """Show, write, say what is below its bar, and exit 1 when something is."""
    from assistant import __version__, workspace
    from assistant.evaluation import report as reports

    baselines = _baselines(against, runs) if against else {}
    named = {suite.name: suite for suite in suites}
    scoreboard.show(runs, named, baselines, as_json=as_json)
    if report is not None:
        workspace.write(report, reports.page(runs, named, baselines, created=now(), version=__version__))
        render.notice(f"报告：{report}")
    if junit is not None:
        workspace.write(junit, reports.junit(runs))
        render.notice(f"JUnit：{junit}")
    reasons = _reasons(runs, baselines, fail_under, partial=partial)
    for reason in reasons:
        render.notice(f"未达要求：{reason}")
    raise typer.Exit(1 if reasons else 0)


def _reasons(runs: list[Run], baselines: dict[str, Run], fail_under: float | None, *, partial: bool) -> list[str]:
    from assistant.evaluation.charts import lines
    from assistant.evaluation.compare import below_bars, gate
    from assistant.evaluation.compare import compare as compared

    reasons = []
    for run in runs:
        if run.yardstick:
            continue
        named = run.title or run.suite
        reasons += below_bars(run) if not partial else []
        if run.id in baselines:
            reasons += [f"{named}：{reason}" for reason in gate(compared(baselines[run.id], run))]
        reasons += [f"{named}用例 {sample.case} 出错：{sample.error}" for sample in run.samples if sample.error]
        found = lines(run)
        if fail_under is not None and found and found[0].interval.mean < fail_under:
            reasons.append(f"{named} 的 {found[0].name} 为 {found[0].interval.mean:.3f}，低于 {fail_under}")
    return list(dict.fromkeys(reasons))


def _baselines(against: str, runs: list[Run], *, offline: bool = False) -> dict[str, Run]:
    """Run id → what it is compared with: the baseline of its suite and variant (``offline``: else the offline one's), or the one run named."""
    folders = [Path(against)] if Path(against).is_dir() else _baseline_folders() if against in _BASELINE_WORDS else None
    if folders is None:
        one = _load(against)
        return {run.id: one for run in runs if run.suite == one.suite}
    found = {}
    for run in runs:
        names = (run.file_name, f"{run.suite}-embedded.json") if offline else (run.file_name,)
        path = next((folder / name for name in names for folder in folders if (folder / name).is_file()), None)
        if path is not None:
            found[run.id] = _load(str(path))
        elif not run.yardstick:
            render.notice(f"{run.title or run.suite}（{run.way}）还没有基线；看过结果后：assistant evals accept {run.id}")
    return found


def _folder() -> Path:
    from assistant import settings

    # Not load(): a second reading would miss what the first takes out of the environment.
    return settings.home() / "evals"


def _checkout() -> Path:
    from assistant.resources import bundled

    return bundled("corpus").parent / "evals"


def _baseline_folders() -> list[Path]:
    """Where baselines are looked for; the first is where they are put."""
    own = _folder() / "baselines"
    return [_checkout() / "baselines", own] if _checkout().is_dir() else [own]


def _suites() -> list[Suite]:
    from assistant.evaluation.cases import find_suites

    return find_suites(_checkout(), _folder() / "suites")


def _chosen(names: list[str], everything: bool) -> list[Suite]:
    from assistant.evaluation.solvers import drafters

    suites = {suite.name: suite for suite in _suites()}
    if not suites:
        raise InputError("还没有评测集。", "用自己往年的文件建一个：assistant evals add 2024年.docx 2025年.xlsx。")
    if not names and not everything:
        raise InputError("没有说运行哪个评测集。", f"可用的：{'、'.join(suites)}；或 --all。")
    unknown = [name for name in names if name not in suites]
    if unknown:
        raise InputError(f"没有评测集“{'、'.join(unknown)}”。", f"可用的：{'、'.join(suites)}。")
    if not everything:
        return [suites[name] for name in names]
    skipped = [suite.name for suite in suites.values() if "judge" in drafters(suite.solver)]
    if skipped:
        render.notice(f"要用模型的评测集不在 --all 之内：{'、'.join(skipped)}（设置模型后可单独运行）。")
    return [suite for suite in suites.values() if suite.name not in skipped]


def _load(name: str) -> Run:
    from assistant.evaluation.runs import load

    kept = _folder() / "runs" / f"{name}.json"
    return load(kept if kept.is_file() else Path(name))


def _latest() -> list[Run]:
    """The latest run of every suite and variant that is no part of one."""
    folder = _folder() / "runs"
    paths = sorted(folder.glob("*.json"), key=lambda path: (path.stat().st_mtime, path.name)) if folder.is_dir() else []
    if not paths:
        raise InputError("还没有评测结果。", "先运行：assistant evals run --all。")
    # A run's name is its suite and variant and the time.
    newest = {path.stem.rsplit("-", 2)[0]: path for path in paths}
    return [_load(str(path)) for _, path in sorted(newest.items())]
