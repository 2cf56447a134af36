"""``assistant review``: the full-screen review, and the same acts without a screen for scripts and auditors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from assistant.cli import render
from assistant.cli.opening import JSON, now
from assistant.errors import AssistantError, InputError, reason

if TYPE_CHECKING:
    from assistant.draft import Draft
    from assistant.review import CellView, Hand, Verification
    from assistant.settings import Settings

Act = tuple[str, "Callable[[Draft, Hand], Draft]"]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review", help="审核草稿：不带选项打开全屏审核；各选项供脚本和审计使用。可给草稿文件、草稿所在文件夹，或草稿名称。")(review)


def review(
    drafts: list[str] = typer.Argument(None, metavar="[草稿…]", help="草稿文件、文件夹，或草稿的名称。"),
    listing: bool = typer.Option(False, "--list", help="列出未定的单元格和进度；加 --full 列出全部。"),
    full: bool = typer.Option(False, "--full", help="与 --list 同用：已定的单元格也列出。"),
    decide: str | None = typer.Option(None, "--decide", metavar="文件.json", help="按文件中的决定逐条执行，要么全部写入，要么都不写；- 表示标准输入。"),
    from_word: Path | None = typer.Option(None, "--from-word", metavar="文件.docx", help="把领导在 Word 里改过的目标表读回来，逐格记为决定。"),
    accept_clean: bool = typer.Option(False, "--accept-clean", help="一次采纳全部与上年相同且无问题的单元格。"),
    undo: bool = typer.Option(False, "--undo", help="撤销最近一次决定。"),
    waive: str | None = typer.Option(None, "--waive", metavar="编号[@单元格]", help="豁免一个问题，须有 --reason，可加 --until。"),
    adopt: str | None = typer.Option(None, "--adopt", metavar="原因", help="接收审核之外对文件的改动（已有采纳和签字失效）。"),
    sign: str | None = typer.Option(None, "--sign", metavar="姓名", help="签字；级别用 --role，默认轮到的一级。"),
    role: str | None = typer.Option(None, "--role", metavar="级别", help="编制人、科室负责人或单位负责人。"),
    send_back: str | None = typer.Option(None, "--return", metavar="原因", help="退回，已有签字失效。"),
    reason: str | None = typer.Option(None, "--reason", metavar="理由", help="豁免的理由，或带着未决问题签字的理由。"),
    until: str | None = typer.Option(None, "--until", metavar="日期", help="豁免到哪一天，例如 2026-06-30；默认到预算年度末。"),
    verify: bool = typer.Option(False, "--verify", help="核验文件、记录和签字是否被改动：完好且已签字退出码为 0，否则为 1。"),
    code: str | None = typer.Option(None, "--code", metavar="校验码", help="与 --verify 同用：核对签字时打印的校验码。"),
    opinion: Path | None = typer.Option(None, "--opinion", metavar="文件.docx", help="把审核意见表（问题、处理、记录、签字）写成 Word。"),
    refusals: bool = typer.Option(False, "--refusals", help="列出工作区里记住的不采纳（起草时参考）。"),
    person: str | None = typer.Option(None, "--person", metavar="姓名", help="审核人姓名；默认取设置中的 person。", show_default=False),
    as_json: bool = JSON,
) -> None:
    """Show, decide, sign or verify; without any of those open the screen."""
    from assistant import settings

    loaded = settings.load()
    if refusals:
        return _refusals(loaded, as_json)
    if not drafts:
        raise InputError("没有给出草稿。", f"例如 assistant review 草稿.json；工作区中的草稿在 {loaded.drafts}。")
    if verify:
        return _verify(drafts, loaded, code, as_json)
    _check_together(
        role=role and (sign is None and send_back is None), until=until and waive is None, reason=reason and waive is None and sign is None, code=code
    )
    name = (sign or person or loaded.person or "").strip()
    acts = _acts(loaded, decide, from_word, adopt, accept_clean, undo, waive, sign, role, send_back, reason, until)
    if not acts and not (listing or full) and opinion is None:
        return _screen(drafts, loaded, name or None)
    return _without_screen(drafts, loaded, name, acts, opinion, full=full, as_json=as_json)


def _check_together(**alone: object) -> None:
    """InputError for an option that means nothing without another one, which was not given."""
    partners = {"role": "--sign 或 --return", "until": "--waive", "reason": "--waive 或 --sign", "code": "--verify"}
    for option, given in alone.items():
        if given:
            raise InputError(f"--{option} 要和 {partners[option]} 一起用。", "查看用法：assistant review --help。")


def _acts(
    loaded: Settings,
    decide: str | None,
    from_word: Path | None,
    adopt: str | None,
    accept_clean: bool,
    undo: bool,
    waive: str | None,
    sign: str | None,
    role: str | None,
    send_back: str | None,
    reason: str | None,
    until: str | None,
) -> list[Act]:
    """The acts asked for, in the order that makes sense of several at once, each with its name for messages."""
    from assistant import review as desk

    acts: list[Act] = []
    if adopt is not None:
        acts.append(("接收外部改动", lambda draft, hand: desk.adopt(draft, hand, reason=adopt)))
    if from_word is not None:
        acts.append(("读回 Word 改动", _word_reader(from_word)))
    if decide is not None:
        acts.append(("执行决定", _decider(decide)))
    if accept_clean:
        acts.append(("采纳未变项", desk.accept_clean))
    if undo:
        acts.append(("撤销", desk.undo))
    if waive is not None:
        finding, _, cell = waive.partition("@")
        acts.append(("豁免", lambda draft, hand: desk.waive(draft, finding.strip(), hand, reason=reason or "", cell=cell.strip() or None, until=until)))
    if sign is not None:
        acts.append(("签字", lambda draft, hand: desk.sign(draft, hand, role=role, reason=reason if waive is None else None)))
    if send_back is not None:
        acts.append(("退回", lambda draft, hand: desk.send_back(draft, hand, reason=send_back, role=role)))
    return acts


def _decider(name: str) -> Callable[[Draft, Hand], Draft]:
    from assistant import review as desk

    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不到决定文件“{name}”：{reason(error) if isinstance(error, OSError) else '不是 UTF-8 文本'}。", "请检查路径和编码。") from None
    person, items = desk.decisions_in(text, name="决定文件" if name == "-" else f"“{Path(name).name}”")
    return lambda draft, hand: desk.apply(draft, items, hand._replace(person=hand.person or person or "", via="file"))


def _word_reader(path: Path) -> Callable[[Draft, Hand], Draft]:
    from assistant.review.incoming import decisions_of

    def act(draft: Draft, hand: Hand) -> Draft:
        from assistant import review as desk

        items, notes = decisions_of(path, draft)
        for note in notes:
            render.notice(f"提示：{note}")
        return desk.apply(draft, items, hand._replace(via=f"word:{path.name}"))

    return act


def _without_screen(drafts: list[str], loaded: Settings, name: str, acts: list[Act], opinion: Path | None, *, full: bool, as_json: bool) -> None:
    from assistant import review as desk

    paths = desk.find(drafts, loaded.drafts)
    found = []
    for path in paths:
        draft = _acted(path, loaded, name, acts) if acts else desk.DraftFile(path).draft
        found.append((path, draft))
    if opinion is not None:
        _opinion(opinion, [draft for _, draft in found])
    if as_json:
        from assistant.review.summary import summary

        render.as_json({"drafts": [{"path": str(path), **summary(draft)} for path, draft in found]})
        return
    for path, draft in found:
        _show(path, draft, cells=not acts and (full or opinion is None), full=full)


def _opinion(path: Path, drafts: list[Draft]) -> None:
    from assistant.review.opinion import write_opinion

    if len(drafts) > 1:
        raise InputError("审核意见表一次写一份草稿。", "请只给出一份草稿。")
    write_opinion(path, drafts[0])
    render.notice(f"审核意见表已写入 {path}。")


def _acted(path: Path, loaded: Settings, name: str, acts: list[Act]) -> Draft:
    from assistant import review as desk

    at = now()
    with desk.place(path, name or "另一位审核人", at, waiting=1.0):
        file = desk.DraftFile(path, home=loaded.home)
        draft = file.draft
        if not any(label == "接收外部改动" for label, _ in acts):
            desk.check_untouched(draft)
        signed = draft.status == "signed"
        for label, act in acts:
            if label == "撤销" and (entry := desk.last(draft)) is not None:
                render.notice(f"撤销了：{desk.taken_back(entry)}。")
            draft = act(draft, desk.Hand(name, at, "command"))
        if draft is not file.draft:
            file.save(draft)
    if signed and draft.status != "signed":
        render.notice(f"“{path.name}”的签字已失效，须重新签字。")
    return draft


def _show(path: Path, draft: Draft, *, cells: bool, full: bool) -> None:
    from assistant.review import Standing, code_of, goes_with_name, signatures

    standing = Standing(draft)
    render.say(f"\n{draft.table.project.name or draft.id} {draft.table.year or ''}（{path.name}）", style="bold")
    if cells:
        # What one key accepts is only counted below, unless everything is wanted.
        for cell in standing.cells if full else standing.undecided:
            if cell.needed and (full or not cell.clean) and not goes_with_name(standing, cell.address):
                render.say(_cell_lines(draft, cell))
    done, total = standing.progress
    render.say(f"已定{done}/{total}，待核实{sum(cell.open for cell in standing.cells)}格。")
    if standing.clean_cells:
        render.say(f"与上年相同且无问题的未定{len(standing.clean_cells)}格{'' if full else '（未列出）'}，可用 --accept-clean 一次采纳。")
    there = signatures(draft)
    render.say("签字：" + ("、".join(f"{role} {entry.person}（{entry.time[:16].replace('T', ' ')}）" for role, entry in there.items()) or "无") + "。")
    if there:
        render.say(f"校验码：{code_of(draft)}（抄在纸质表上，核验时用 --verify --code）")


def _cell_lines(draft: Draft, cell: CellView) -> str:
    from assistant.review import STATE_LABELS
    from assistant.review.places import row_of
    from assistant.review.summary import origin_label, problems_of

    mark = {"accepted": "✓", "edited": "✎", "rejected": "✗"}.get(cell.state, "?" if cell.open else ("!" if problems_of(cell) else "●"))
    old = "上年没有" if cell.previous is None else ("与上年相同" if cell.same else f"上年：{cell.previous or '空'}")
    place = row_of(cell.address)
    levels = ""
    if place and place[2] == "level3":
        row = draft.table.indicators[place[1]]
        levels = f"（{row.level1} › {row.level2}）"
    lines = [f"{mark} {cell.address}  {cell.label}{levels}", f"    {cell.text or '（空）'}（{'；'.join(part for part in (old, origin_label(cell)) if part)}）"]
    if cell.question and cell.state == "undecided":
        lines.append(f"    要问：{cell.question.question}")
    if problem := problems_of(cell):
        lines.append(f"    问题：{problem}")
    if cell.entry:
        reason = f"，{cell.entry.reason}" if cell.entry.reason else ""
        lines.append(f"    {STATE_LABELS[cell.state]}：{cell.entry.person} {cell.entry.time[:16].replace('T', ' ')}{reason}")
    return "\n".join(lines)


def _verify(drafts: list[str], loaded: Settings, code: str | None, as_json: bool) -> None:
    from assistant import review as desk
    from assistant.errors import unreadable
    from assistant.review.summary import verification

    results: list[tuple[Path, Verification]] = []
    for path in desk.find(drafts, loaded.drafts):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise unreadable(path, error) from None
        results.append((path, desk.verify(data, now=now(), code=code)))
    if as_json:
        render.as_json({"drafts": [{"path": str(path), **verification(result)} for path, result in results]})
    else:
        for path, result in results:
            _show_verification(path, result)
    if not all(result.ok for _, result in results):
        raise typer.Exit(1)


def _show_verification(path: Path, result: Verification) -> None:
    verdict = "完好，签字有效" if result.ok else ("完好，但没有有效签字" if result.intact else "被改动或损坏")
    render.say(f"{path.name}：{verdict}（审核记录{result.entries}条{f'，校验码 {result.code}' if result.code else ''}）", style="bold")
    for problem in result.problems:
        render.say(f"  ✗ {problem}", style="bold red")
    for each in result.signatures:
        mark = "✓" if each.in_force else "✗ 已失效"
        bound = f"未决问题{len(each.open)}个，豁免{len(each.waived)}个，未逐格审定{len(each.undecided)}格，规则包 {each.rules}"
        render.say(f"  {mark} {each.role} {each.person}，{each.time[:16].replace('T', ' ')}；{bound}")
        if each.reason:
            render.say(f"      签字说明：{each.reason}")
    for notice in result.notices:
        render.say(f"  · {notice}")


def _refusals(loaded: Settings, as_json: bool) -> None:
    from assistant.refusals import refusals, store

    found = refusals(loaded.home)
    if as_json:
        render.as_json({"refusals": [each.model_dump(mode="json") for each in found]})
        return
    lines: list[Any] = [(each.time[:10], each.unit or "", each.project or "", each.row or each.part, each.refused, each.instead, each.reason) for each in found]
    if not lines:
        print("没有记住的不采纳。")
        return
    render.console().print(render.grid(("日期", "单位", "项目", "指标或栏目", "未采纳", "改为", "原因"), lines))
    render.notice(f"全部内容在 {store(loaded.home)}，每行一条，可作评测数据。")


def _screen(drafts: list[str], loaded: Settings, person: str | None) -> None:
    from assistant import review as desk

    paths = desk.find(drafts, loaded.drafts)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError("全屏审核要在终端里打开。", "在脚本中请用 --list、--decide 文件.json、--accept-clean、--sign 姓名 或 --verify。")
    from assistant.cli.screen import run

    failure = run(paths, loaded.home, person, now)
    if isinstance(failure, AssistantError):
        raise failure
