"""``assistant evals``: run the suites, compare runs, accept baselines, add an office's own past years, open the engine's viewer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import now
from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.evaluation.cases import Suite
    from assistant.evaluation.runs import Run
    from assistant.evaluation.world import World


def register(app: typer.Typer) -> None:
    """Add the group."""
    from assistant.cli.app import Command, Group

    group = typer.Typer(name="evals", cls=Group, help="评测：起草、回答、检查、读取做得怎么样，带区间、可比较。", no_args_is_help=True, rich_markup_mode=None)
    group.command("list", cls=Command, help="列出评测集和已有的结果。")(list_suites)
    group.command("run", cls=Command, help="运行评测集，报告得分与95%区间。")(run)
    group.command("compare", cls=Command, help="比较两次结果，逐个用例列出变好和变差。")(compare)
    group.command("accept", cls=Command, help="把一次结果立为基线。")(accept)
    group.command("add", cls=Command, help="用自己往年的文件建评测集：拿上一年起草，与签过字的这一年比。")(add)
    group.command("view", cls=Command, help="用评测引擎的查看器打开运行日志。")(view)
    app.add_typer(group)


def list_suites(as_json: bool = typer.Option(False, "--json", help="以 JSON 输出。")) -> None:
    """Suites with their cases and runs."""
    suites = _suites()
    runs = sorted(path.stem for path in (_folder() / "runs").glob("*.json")) if (_folder() / "runs").is_dir() else []
    if as_json:
        render.as_json({"suites": [{"name": s.name, "title": s.title, "cases": len(s.cases), "purpose": s.purpose} for s in suites], "runs": runs})
        return
    render.console().print(render.grid(("评测集", "名称", "用例", "测什么"), [(s.name, s.title, len(s.cases), s.purpose) for s in suites]))
    if runs:
        render.console().print("已有的结果：" + "、".join(runs[-10:]))


def run(
    names: list[str] = typer.Argument(None, metavar="[评测集…]", help="评测集的名称。", show_default=False),
    everything: bool = typer.Option(False, "--all", help="全部评测集。"),
    drafter: str = typer.Option("embedded", "--drafter", help="起草器，可用逗号分开几个：embedded、copy（照抄最近的表）、model。"),
    epochs: int = typer.Option(1, "--epochs", min=1, max=20, help="每个用例运行几次。"),
    limit: int | None = typer.Option(None, "--limit", min=1, help="每个评测集最多多少个用例。", show_default=False),
    only: list[str] = typer.Option([], "--only", help="只要这些编号、单位或标签的用例，可多次。", show_default=False),
    against: Path | None = typer.Option(None, "--against", help="与这份结果（或这个文件夹里的基线）比，变差则退出码为 1。", show_default=False),
    fail_under: float | None = typer.Option(None, "--fail-under", min=0, max=1, help="第一个得分低于它则退出码为 1。", show_default=False),
    fresh: bool = typer.Option(False, "--fresh", help="全部重新生成，不用缓存。"),
    report: Path | None = typer.Option(None, "--report", help="写一份 HTML 报告。", show_default=False),
    junit: Path | None = typer.Option(None, "--junit", help="写一份 JUnit XML。", show_default=False),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出。"),
) -> None:
    """Run, show, compare, write, and exit 1 below a bar."""
    suites = _chosen(names or [], everything)
    runs = [
        _one(suite.only(only, limit), name.strip(), epochs, fresh)
        for suite in suites
        for name in drafter.split(",")
        if name.strip() == "embedded" or suite.solver == "draft"
    ]
    baselines = _baselines(against, runs)
    _show(runs, baselines, as_json=as_json)
    _write(runs, suites, baselines, report, junit)
    reasons = _reasons(runs, baselines, fail_under, partial=bool(only or limit))
    for reason in reasons:
        render.notice(f"未达要求：{reason}")
    raise typer.Exit(1 if reasons else 0)


def compare(
    before: Path = typer.Argument(..., metavar="前", help="较早的结果：文件或编号。"),
    after: Path = typer.Argument(..., metavar="后", help="较新的结果：文件或编号。"),
    as_json: bool = typer.Option(False, "--json", help="以 JSON 输出。"),
) -> None:
    """Two runs, case by case; exit 1 when the later one may not land."""
    from assistant.evaluation.compare import compare as compared
    from assistant.evaluation.compare import gate

    found = compared(_load(before), _load(after))
    reasons = gate(found)
    if as_json:
        render.as_json({**found.model_dump(mode="json"), "gate": reasons})
    else:
        rows = [(m.score, f"{m.before:.3f}", f"{m.after:.3f}", f"{m.difference:+.3f}", f"[{m.low:+.3f}, {m.high:+.3f}]", m.count) for m in found.movements]
        console = render.console()
        console.print(render.grid(("得分", "前", "后", "差", "95%区间", "用例"), rows))
        for word, changes in (("变差", found.worse), ("变好", found.better)):
            for change in changes[:20]:
                console.print(f"{word} {change.case} {change.score} {change.before:.2f}→{change.after:.2f} {render.plain(change.reason)}")
        console.print("可以接受。" if not reasons else "不可接受：" + "；".join(reasons))
    raise typer.Exit(1 if reasons else 0)


def accept(
    result: Path = typer.Argument(..., metavar="结果", help="结果的文件或编号。"),
    to: Path | None = typer.Option(None, "--to", help="基线放在哪个文件夹。", show_default=False),
) -> None:
    """A run becomes the baseline of its suite and variant; outputs are left out, scores and reasons kept."""
    from assistant.evaluation.runs import save

    chosen = _load(result)
    slim = chosen.model_copy(update={"samples": tuple(sample.model_copy(update={"output": {}}) for sample in chosen.samples), "log": None})
    path = (to or _baseline_folder()) / f"{chosen.suite}-{chosen.variant}.json"
    save(slim, path)
    render.notice(f"已立为基线：{path}")


def add(
    paths: list[Path] = typer.Argument(..., metavar="文件…", help="签过字的各年文件，至少两年。"),
    name: str = typer.Option("own-years", "--name", help="评测集的名称。"),
) -> None:
    """An office's own past years as a suite of the workspace."""
    from assistant.evaluation.years import make_suite

    made = make_suite(paths, _folder() / "suites" / name, name=name)
    render.notice(f"建好评测集“{name}”：{len(made.cases)}个用例。运行：assistant evals run {name}")


def view(port: int = typer.Option(7575, "--port", help="本机端口。")) -> None:
    """The engine's viewer over the logs, on loopback."""
    import subprocess

    from assistant.evaluation import engine

    if not engine.available():
        raise InputError("没有安装评测引擎 inspect-ai。", "请运行：pip install 'goal-table-assistant[evals]'。")
    render.notice(f"在浏览器打开 http://127.0.0.1:{port} ，Ctrl-C 结束。")
    subprocess.run(
        [sys.executable, "-m", "inspect_ai", "view", "start", "--log-dir", str(_folder() / "logs"), "--host", "127.0.0.1", "--port", str(port)], check=False
    )


def _folder() -> Path:
    from assistant import settings

    return settings.load().home / "evals"


def _checkout() -> Path:
    from assistant.resources import bundled

    return bundled("corpus").parent / "evals"


def _baseline_folder() -> Path:
    return _checkout() / "baselines" if _checkout().is_dir() else _folder() / "baselines"


def _suites() -> list[Suite]:
    from assistant.evaluation.cases import find_suites

    return find_suites(_checkout(), _folder() / "suites")


def _chosen(names: list[str], everything: bool) -> list[Suite]:
    suites = {suite.name: suite for suite in _suites()}
    if not names and not everything:
        raise InputError("没有说运行哪个评测集。", f"可用的：{'、'.join(suites)}；或 --all。")
    unknown = [name for name in names if name not in suites]
    if unknown:
        raise InputError(f"没有评测集“{'、'.join(unknown)}”。", f"可用的：{'、'.join(suites)}。")
    return list(suites.values()) if everything else [suites[name] for name in names]


def _one(suite: Suite, drafter: str, epochs: int, fresh: bool) -> Run:
    from contextlib import ExitStack

    from assistant.evaluation import running
    from assistant.evaluation.runs import save

    folder = _folder()
    texts = (_checkout() / suite.name / "texts", folder / "suites" / suite.name / "texts")
    with ExitStack() as stack:
        world = _world(drafter, folder, texts, stack)
        made = running.run(suite, world, folder=folder, now=now(), epochs=epochs, fresh=fresh, progress=_progress(suite.title))
    save(made, folder / "runs" / f"{made.id}.json")
    return made


def _world(drafter: str, folder: Path, texts: tuple[Path, ...], stack: Any) -> World:
    from assistant import settings
    from assistant.evaluation.world import World

    model = None
    if drafter == "model":
        from assistant.cli.connection import connected

        model = stack.enter_context(connected(settings.load()))
    return World(home=folder / "workspace" / texts[0].parent.name, texts=texts, drafter=drafter, model=model)


def _progress(title: str) -> Any:
    if not sys.stderr.isatty():
        return None
    return lambda done, total: print(f"\r{title} {done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _load(name: Path) -> Run:
    from assistant.evaluation.runs import load

    kept = _folder() / "runs" / f"{name}.json"
    return load(kept if kept.is_file() else name)


def _baselines(against: Path | None, runs: list[Run]) -> dict[str, Run]:
    if against is None:
        return {}
    if against.is_dir():
        found = {run.suite: against / f"{run.suite}-{run.variant}.json" for run in runs}
        return {suite: _load(path) for suite, path in found.items() if path.is_file()}
    one = _load(against)
    return {one.suite: one}


def _show(runs: list[Run], baselines: dict[str, Run], *, as_json: bool) -> None:
    from assistant.evaluation.report import lines

    if as_json:
        shown = [
            {
                "run": run.id,
                "suite": run.suite,
                "variant": run.variant,
                "cases": len({sample.case for sample in run.samples}),
                "errors": sum(sample.error is not None for sample in run.samples),
                "scores": [
                    {
                        "name": line.name,
                        "mean": line.interval.mean,
                        "low": line.interval.low,
                        "high": line.interval.high,
                        "cases": line.interval.cases,
                        "bar": line.bar,
                    }
                    for line in lines(run)
                ],
            }
            for run in runs
        ]
        render.as_json({"runs": shown})
        return
    for run in runs:
        rows = [
            (
                line.name,
                f"{line.interval.mean:.3f}",
                f"{line.interval.low:.3f}—{line.interval.high:.3f}",
                line.interval.cases,
                "" if line.bar is None else f"{line.bar:.2f}",
                line.movement,
            )
            for line in lines(run, baselines.get(run.suite))
        ]
        errors = sum(sample.error is not None for sample in run.samples)
        title = f"{run.title or run.suite}（{run.variant}）：{len({sample.case for sample in run.samples})}个用例，出错{errors}个"
        render.console().print(render.grid(("得分", "均值", "95%区间", "用例", "要求", "与基线之差"), rows, title=title))
        render.notice(f"结果：{run.id}")


def _write(runs: list[Run], suites: list[Suite], baselines: dict[str, Run], report: Path | None, junit: Path | None) -> None:
    from assistant import __version__, workspace
    from assistant.evaluation import report as reports

    if report is not None:
        workspace.write(report, reports.page(runs, {suite.name: suite for suite in suites}, baselines, created=now(), version=__version__))
        render.notice(f"报告：{report}")
    if junit is not None:
        workspace.write(junit, reports.junit(runs))


def _reasons(runs: list[Run], baselines: dict[str, Run], fail_under: float | None, *, partial: bool) -> list[str]:
    from assistant.evaluation.compare import below_bars, gate
    from assistant.evaluation.compare import compare as compared
    from assistant.evaluation.report import lines

    reasons = []
    for run in runs:
        if run.variant != "copy":
            reasons += below_bars(run) if not partial else []
        if run.suite in baselines:
            reasons += [f"{run.suite}：{reason}" for reason in gate(compared(baselines[run.suite], run), tolerance=0.003)]
        reasons += [f"{run.suite} 用例 {sample.case} 出错：{sample.error}" for sample in run.samples if sample.error]
        found = lines(run)
        if fail_under is not None and found and found[0].interval.mean < fail_under:
            reasons.append(f"{run.suite} 的 {found[0].name} 为 {found[0].interval.mean:.3f}，低于 {fail_under}")
    return reasons
