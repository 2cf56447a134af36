"""``assistant validate`` and ``assistant rules``: findings on drafts and documents, and the catalogue of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import JSON, now
from assistant.errors import AssistantError, InputError

if TYPE_CHECKING:
    from assistant.cli.checking import Content, Settings
    from assistant.draft import Draft
    from assistant.findings import Report, Severity
    from assistant.validation.fixing import Change
    from assistant.validation.report_files import Judged

# More files than this are listed one line each on the terminal; the whole goes into a workbook or a page.
_SHOWN_IN_FULL = 10
# What a mended copy is called, and who stands in a draft's history for what the program itself mended.
_MARK, _BY = ".修正", "自动修正"


class FailOn(StrEnum):
    """The severities by name: their type proper would load pydantic for every ``--help``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Form(StrEnum):
    """What the report is written as."""

    TEXT = "text"
    JSON = "json"
    XLSX = "xlsx"
    HTML = "html"
    JUNIT = "junit"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("validate", help="检查绩效目标表：草稿、Word、Excel、PDF、文本或整个文件夹；列出问题、算式、依据和改法。")(validate)
    app.command("rules", help="规则目录；给出规则编号则显示这条规则查什么、为什么、正反例和依据。")(rules)


def validate(
    paths: list[Path] = typer.Argument(..., metavar="路径…", help="草稿（.json）、任何可读的文件、文件夹或压缩包，可多个。"),
    form: Form = typer.Option(Form.TEXT, "--format", help="输出格式。", show_default=True),
    as_json: bool = typer.Option(False, "--json", help="等于 --format json。"),
    output: Path | None = typer.Option(None, "-o", "--output", help="写到文件；xlsx 必须给出。", show_default=False),
    select: list[str] = typer.Option([], "--select", help="只用这些规则：编号、编号开头（如 M）、名称或方面（如 可行性），可多次。", show_default=False),
    ignore: list[str] = typer.Option([], "--ignore", help="不用这些规则，写法同上。", show_default=False),
    fail_on: FailOn = typer.Option(FailOn.ERROR, "--fail-on", help="达到这一级别即退出码为 1。"),
    fix: bool = typer.Option(False, "--fix", help="自动修正不改变意思的地方：草稿就地改，其他文件另存修正稿。"),
    unsafe_fixes: bool = typer.Option(False, "--unsafe-fixes", help="连同建议值一起改；改后须逐处核对。"),
    diff: bool = typer.Option(False, "--diff", help="只显示会怎样修正，不写文件。"),
    waivers: Path | None = typer.Option(None, "--waivers", help="豁免文件（TOML：[[waiver]] 下写 code、person、reason、date 等）。", show_default=False),
    baseline: Path | None = typer.Option(None, "--baseline", help="基线文件：已有的问题不再计入，只报新问题。", show_default=False),
    write_baseline: Path | None = typer.Option(None, "--write-baseline", help="把现有问题写成基线文件。", show_default=False),
    previous: Path | None = typer.Option(None, "--previous", help="上年的文件，用来比对项目、目标值和单价。", show_default=False),
    total: str | None = typer.Option(None, "--total", help="部门项目支出总额，默认单位万元，用来核对各表之和。", show_default=False),
    password: str | None = typer.Option(None, "--password", help="打开加密文件的密码。", show_default=False),
) -> None:
    """Judge, mend, set aside, show, and exit 0 (clean), 1 (findings at or above ``--fail-on``) or 2 (a file could not be judged)."""
    from assistant.cli.checking import Settings, content_of
    from assistant.findings import Severity
    from assistant.table import Money

    worst = Severity(fail_on.value)
    if as_json:
        form = Form.JSON
    if form is Form.XLSX and output is None:
        raise InputError("xlsx 要写成文件。", "请加 -o 结果.xlsx。")
    before = tuple(content_of(previous, password).tables) if previous is not None else ()
    limit, talks, whole = Money.parse(total) if total else None, form is Form.TEXT and output is None, form is Form.HTML or fix or diff
    settings = Settings(tuple(select), tuple(ignore), before, limit, password, talks, whole)
    judged, failed = _judge(paths, settings, mending=(fix or diff, unsafe_fixes, diff))
    judged, notes = _set_aside(judged, waivers, baseline, write_baseline)
    report = _whole(judged, notes)
    if judged or not failed:
        _write(form, output, judged, report, worst)
    if failed:
        raise typer.Exit(2)
    raise typer.Exit(report.exit_code(worst))


def _judge(paths: list[Path], settings: Settings, mending: tuple[bool, bool, bool]) -> tuple[list[Judged], bool]:
    from assistant.cli.checking import check_all
    from assistant.cli.checking import judged as rejudged
    from assistant.validation import chosen_rules
    from assistant.validation.report_files import Judged

    chosen_rules(settings.select, settings.ignore)
    judged: list[Judged] = []
    failed = False
    with render.progress("检查文件") as progress:
        for item in check_all(paths, settings, lambda done: progress(done, 0, "")):
            if isinstance(item, AssistantError):
                failed = True
                render.fault(item.message, item.hint)
                continue
            content, report = item
            if mending[0]:
                mended = _mended(content, settings, unsafe=mending[1], show_only=mending[2])
                content, report = (content, report) if mended is content else (mended, rejudged(mended, settings))
            judged.append(Judged(content.file, content.tables, report, content.unread))
    if not judged and not failed:
        raise InputError(f"“{'、'.join(map(str, paths))}”里没有可检查的文件。", "请给出草稿、Word、Excel、PDF 或文本文件，或装有这些文件的文件夹。")
    return judged, failed


def _mended(content: Content, settings: Settings, *, unsafe: bool, show_only: bool) -> Content:
    """The content with its mends made (or only shown: then the diff goes to stdout if a person reads it); notices go to stderr."""
    from assistant.validation.fixing import difference, fix

    tables, changes = fix(
        content.tables, unsafe=unsafe, department=content.department, previous=settings.previous, select=settings.select, ignore=settings.ignore
    )
    if not changes:
        render.notice(f"{content.file}：没有可以{'修正' if unsafe else '自动修正'}的地方。")
        return content
    shown = f"{content.file}：{len(changes)}处修正\n{difference(content.tables, changes)}"
    if show_only:
        # The diff is what was asked for: it goes where the results go, unless a program reads them there.
        print(render.plain(shown)) if settings.talks else render.notice(shown)
        render.notice("以上只是预览，文件没有改动；去掉 --diff 并加 --fix 写入。")
        return content
    render.notice(shown)
    if content.draft is not None and content.draft.status == "signed":
        render.notice(f"{content.file}：草稿已签字，没有改动；请先退回（assistant review 草稿 --return 原因）再修正。")
        return content
    mended = replace(content, tables=tables)
    _write_mended(mended, changes)
    return mended


def _write_mended(content: Content, changes: Sequence[Change]) -> None:
    path = Path(content.file)
    if content.draft is not None:
        from assistant import review

        with review.place(path, _BY, now(), waiting=1.0):
            file = review.DraftFile(path)
            review.check_untouched(file.draft)
            content.draft = _mended_draft(file.draft, changes)
            file.save(content.draft)
        render.notice(f"已写入草稿：{path}")
        return
    if "!" in content.file:
        path = Path(content.file.split("!", 1)[0]).parent / Path(content.file.rpartition("!")[2]).name
    beside = path.with_name(f"{path.stem}{_MARK}{'.json' if path.suffix.lower() == '.json' else '.docx'}")
    from assistant.export import write

    write(beside, content.tables, department=content.department, to="json" if beside.suffix == ".json" else "docx")
    render.notice(f"原文件没有改动；修正后的内容另存为：{beside}")


def _mended_draft(draft: Draft, changes: Sequence[Change]) -> Draft:
    """The draft with each mend on record: the source of the cell stays, a person still decides on the new text, and can take it back."""
    from assistant import review

    for change in changes:
        if draft.table.text(change.cell) != change.after:
            draft = review.mend(draft, change.cell, change.after, review.Hand(_BY, now(), "validate --fix"), reason=f"校验修正 {change.code}")
    return draft


def _set_aside(judged: list[Judged], waivers: Path | None, baseline: Path | None, write_baseline: Path | None) -> tuple[list[Judged], list[str]]:
    """The reports with waived findings and those of the baseline marked, and notes on what is stale."""
    if waivers is None and baseline is None and write_baseline is None:
        return judged, []
    from datetime import date

    from assistant import workspace
    from assistant.validation.setaside import against_baseline, baseline_text, load_baseline, load_waivers, waive

    findings = [finding for each in judged for finding in each.report.findings]
    notes: list[str] = []
    if waivers is not None:
        findings, said = waive(findings, load_waivers(waivers), date.today())
        notes += said
    if write_baseline is not None:
        workspace.write(write_baseline, baseline_text(findings))
        render.notice(f"已把{sum(1 for each in findings if not each.waived)}条发现写成基线：{write_baseline}")
    if baseline is not None:
        findings, said = against_baseline(findings, load_baseline(baseline))
        notes += said
    rest = iter(findings)
    marked = [each._replace(report=each.report.model_copy(update={"findings": tuple(next(rest) for _ in each.report.findings)})) for each in judged]
    return marked, notes


def _whole(judged: Sequence[Judged], notes: Sequence[str]) -> Report:
    """One report of all files; the proposed grade only when there is one file, because it is a file's."""
    from assistant.findings import Report

    alone = judged[0].report if len(judged) == 1 else None
    return Report.of(
        (finding for each in judged for finding in each.report.findings),
        tables=sum(each.report.tables for each in judged),
        grade=alone.grade if alone else None,
        notes=[*(alone.notes if alone else ()), *notes, *(f"没有读懂：{each.file} {what}" for each in judged for what in each.unread)],
    )


def _write(form: Form, output: Path | None, judged: Sequence[Judged], report: Report, fail_on: Severity) -> None:
    from assistant import workspace

    content = _rendered(form, judged, report, fail_on)
    if output is None:
        print(render.plain(content) if isinstance(content, str) else content)
        return
    workspace.write(output, content if isinstance(content, bytes) else content + "\n")
    render.notice(f"已写入：{output}（{render.summary_line(report)}）")


def _rendered(form: Form, judged: Sequence[Judged], report: Report, fail_on: Severity) -> str | bytes:
    from assistant.validation import report_files

    if form is Form.JSON:
        import json

        return json.dumps(report_files.report_json(report, judged), ensure_ascii=False, indent=2)
    if form is Form.JUNIT:
        return report_files.report_junit(judged, fail_on)
    if form is Form.XLSX:
        return report_files.report_xlsx(judged)
    if form is Form.HTML:
        from assistant.validation.report_html import report_html

        return report_html(judged, notes=report.notes)
    from assistant.validation.report_text import file_list, report_text

    if len(judged) > _SHOWN_IN_FULL:
        return file_list([(each.file, each.report) for each in judged], report)
    return report_text(report)


def rules(
    code: str | None = typer.Argument(None, metavar="[编号]", help="规则编号或名称，例如 V201、budget-sum。", show_default=False),
    as_json: bool = JSON,
) -> None:
    """Show the catalogue, or one rule whole."""
    from assistant.validation import RULES, rule

    chosen = RULES if code is None else (rule(code),)
    if as_json:
        entries = [_as_json(each) for each in chosen]
        render.as_json(entries if code is None else entries[0])
    elif code is None:
        from assistant.validation.report_text import catalogue

        print(catalogue(RULES))
    else:
        each = chosen[0]
        print(f"{each.code} {each.name}\n级别：{each.severity.label}　方面：{each.aspect}\n\n{each.doc}")


def _as_json(each: Any) -> dict[str, object]:
    return {
        "code": each.code,
        "name": each.name,
        "severity": each.severity.value,
        "aspect": each.aspect,
        "title": each.title,
        "basis": each.basis,
        "scope": each.scope,
        "doc": each.doc,
    }
