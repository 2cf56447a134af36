"""The model side of a command: the connection with log and ledger, rows as they arrive, the dry run, 继续离线, and what it cost."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from assistant.cli import render
from assistant.errors import InputError, ModelError, SettingsError

if TYPE_CHECKING:
    from assistant.answering import Answer
    from assistant.corpus import Corpus
    from assistant.draft import Draft
    from assistant.drafting.material import Material
    from assistant.drafting.proposal import Row
    from assistant.model import Call
    from assistant.model.calls import CallLog
    from assistant.model.ledger import Ledger
    from assistant.settings import Settings

_NO_MODEL = (
    "请先设置：assistant config set preset deepseek（或 qwen、glm、moonshot、ollama、vllm、openai、azure），"
    "再 assistant config set api_key；不用模型也能起草：--drafter embedded。"
)


def call_log(settings: Settings) -> CallLog:
    """The log of this workspace's calls."""
    from assistant.model.calls import CallLog

    return CallLog(settings.calls, lambda: datetime.now().isoformat(timespec="seconds"))


@contextmanager
def connected(settings: Settings, *, concurrency: int = 16, max_cost: str | None = None) -> Iterator[Ledger]:
    """The configured model with its log and ledger; the connections end with the body. SettingsError when no model is set."""
    from assistant import settings as setting
    from assistant.model.calls import LoggedModel
    from assistant.model.endpoints import CAUTIOUS
    from assistant.model.ledger import Ledger
    from assistant.model.live import LiveModel

    place = setting.endpoint(settings)
    if place is None:
        raise SettingsError("还没有设置模型。", _NO_MODEL)
    price = place.price
    if price is None and max_cost is not None:
        price = CAUTIOUS
        render.notice(f"不知道模型“{place.model}”的单价，费用上限按偏高的 8/8/32 元（每百万词元）计算；可用 assistant config set model_price 设置。")
    log = call_log(settings)
    live = LiveModel(place, memory=log, concurrency=concurrency)
    try:
        yield Ledger(LoggedModel(live, log, host=place.host, timer=time.monotonic), price=price, ceiling=ceiling(max_cost))
    finally:
        live.close()
        log.close()
        if log.trouble:
            render.notice(f"注意：{log.trouble}")


def ceiling(max_cost: str | None) -> Decimal | None:
    """The cost ceiling as said, None when none was; InputError for what is no amount."""
    if max_cost is None:
        return None
    try:
        amount = Decimal(max_cost.strip().removesuffix("元").removeprefix("¥"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise InputError(f"--max-cost 的值“{max_cost}”不是金额。", "请写数字，单位与单价相同，例如 --max-cost 5。")
    return amount


@dataclass(frozen=True, slots=True)
class ByModel:
    """How the drafts of a command are to be improved by the model."""

    dry_run: bool
    max_cost: str | None
    offline: bool
    as_json: bool
    concurrency: int = 8

    def improved(self, drafts: Sequence[Draft], corpus: Corpus, settings: Settings, *, asking: bool) -> list[Draft]:
        """The drafts improved one after the other; a dry run shows what would be sent and gives them back as they are."""
        from assistant.drafting.material import gather, pack

        materials = [gather(draft, corpus) for draft in drafts]
        if self.dry_run:
            show_calls(settings, [pack(material) for material in materials], as_json=self.as_json)
            return list(drafts)
        with connected(settings, max_cost=self.max_cost) as model:
            made = [_one(model, material, offline=self.offline, asking=asking) for material in materials]
            render.notice(f"模型 {model.name}：{model.spent}。")
        return made


def modelled(drafter: str, *, dry_run: bool, max_cost: str | None, offline: bool, as_json: bool, concurrency: int = 8) -> ByModel | None:
    """How the model is to be used, None when it is not. A dry run is of the model whatever the drafter: nothing else sends anything."""
    ceiling(max_cost)
    return ByModel(dry_run, max_cost, offline, as_json, concurrency) if drafter == "model" or dry_run else None


def _one(model: Ledger, material: Material, *, offline: bool, asking: bool) -> Draft:
    from assistant.drafting import generated

    try:
        with rows_arriving() as on_row:
            return generated.improve(material, model, on_row=on_row)
    except ModelError as error:
        if not (offline or (asking and _go_on(error))):
            hint = f"{error.hint}加 --continue-offline 可在模型失败时自动继续离线。"
            raise ModelError(error.message, hint, kind=error.kind, partial=error.partial) from None
        render.notice(f"{error.message}已继续离线，这是离线稿。")
        return generated.offline(material, error)


def show_calls(settings: Settings, calls: list[Call], *, as_json: bool) -> None:
    """Print what would be sent, with tokens and cost, and send nothing."""
    from assistant import settings as setting
    from assistant.drafting.generated import prompt_text
    from assistant.model import dialect, tokens
    from assistant.model.call import Usage
    from assistant.model.endpoints import Endpoint

    place = setting.endpoint(settings) or Endpoint("（未设置）", settings.model or "（未设置）")
    shown = []
    for call in calls:
        prompt = tokens.count_messages(message.text for message in call.messages)
        likely = Usage(prompt=prompt, completion=min(call.max_tokens, 1200))
        cost = None if place.price is None else place.price.of(likely)
        shown.append((call, prompt, likely.completion, cost))
    if as_json:
        bodies = [
            {
                "to": f"{place.base_url}/chat/completions",
                "purpose": call.purpose,
                "prompt": call.prompt,
                "fingerprint": call.fingerprint,
                "tokens": {"prompt": prompt, "answer_expected": answer, "answer_at_most": call.max_tokens, "exact": tokens.exact()},
                "cost": {"amount": None if cost is None else f"{cost:.6f}", "currency": place.price.currency if place.price else None},
                "body": dialect.body(call, dialect.first(place), place),
            }
            for call, prompt, answer, cost in shown
        ]
        render.as_json({"dry_run": True, "sent": False, "calls": bodies})
        return
    for call, prompt, answer, cost in shown:
        print(render.plain(f"将送往 {place.base_url}（模型 {place.model}）：{call.purpose}\n\n{prompt_text(call)}\n"))
        unknown = "费用未知（没有单价，用 assistant config set model_price 设置）"
        money = unknown if cost is None or place.price is None else f"约{cost:.4f}{place.price.currency}"
        counted = "" if tokens.exact() else "（估算）"
        print(f"送出{prompt}词元{counted}，预计收回约{answer}词元（上限{call.max_tokens}），{money}。没有发送。")


@contextmanager
def phrasing(settings: Settings, *, offline: bool, dry_run: bool, as_json: bool) -> Iterator[Callable[[Answer], Answer | None]]:
    """What is done to each answer: phrased by the model where one is set; a fault is said once and the plain answers go on.

    A dry run shows what would be sent for the answer, and gives None.
    """
    if dry_run:
        from assistant.phrasing import question_call

        def shown(answer: Answer) -> None:
            call = question_call(answer)
            if call is None:
                render.notice("这个问题不会送给模型：资料中没有，或没有可引用的出处。")
            show_calls(settings, [call] if call else [], as_json=as_json)

        yield shown
        return
    if offline or not settings.model:
        yield lambda answer: answer
        return
    with connected(settings) as model:
        from assistant.phrasing import phrase, question_call

        told: set[str] = set()

        def once(fault: str) -> None:
            if fault not in told:
                render.notice(f"{fault}以下是不用模型的答案。")
            told.add(fault)

        def phrased(answer: Answer) -> Answer:
            try:
                said = phrase(answer, model)
            except ModelError as error:
                once(f"{error.message}{error.hint}")
                return answer
            if said.mode != "model" and question_call(answer) is not None:
                once("模型说的与资料核对不上，没有采用（原话见 assistant log）。")
            return said

        yield phrased


@contextmanager
def rows_arriving() -> Iterator[Callable[[Row], None] | None]:
    """On a terminal, a table on stderr whose rows appear as the model writes them; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.live import Live

    rows: dict[object, Row] = {}

    def table() -> Any:
        heads = ("", "二级指标", "三级指标", "指标值")
        return render.grid(heads, [(n, row.level2, row.level3, row.value) for n, row in enumerate(rows.values(), 1)], title="模型正在写…（尚未核对）")

    with Live(table(), console=render.console(stderr=True), transient=True, refresh_per_second=8) as live:

        def take(row: Row) -> None:
            rows[row.number if row.number is not None else row.level3] = row
            live.update(table())

        yield take


def _go_on(error: ModelError) -> bool:
    import typer

    render.notice(f"错误：{error.message}\n建议：{error.hint}")
    return typer.confirm("继续离线起草？", default=True, err=True)
