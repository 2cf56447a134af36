"""What was spent, by tokens and money, and the ceiling that no batch goes over.

A fault that every further call would meet too (a wrong key, an empty account, a wrong address) stops the ledger: the rest of a batch is
told at once instead of being tried. A call is let through only when its worst case (whole prompt fresh, answer as long as allowed) fits
under the ceiling beside what is spent and what is still under way; afterwards the worst case is replaced by what it really cost.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal

from assistant.errors import ModelError, SettingsError
from assistant.model import tokens
from assistant.model.call import Call, Model, OnText, Reply, Usage
from assistant.model.endpoints import Price

# Faults that do not pass by trying the next call.
_LASTING = frozenset({"auth", "quota", "address", "model", "tls", "redirect", "strayed", "web_page"})


@dataclass(frozen=True, slots=True)
class Spent:
    """A state of the ledger: calls answered, failed, tokens, money (None = price unknown), seconds of waiting summed up."""

    calls: int = 0
    failed: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = Decimal(0)
    currency: str = "元"
    seconds: float = 0.0

    @property
    def short(self) -> str:
        """Tokens and money in a few characters, for a progress line."""
        money = "费用未知" if self.cost is None else f"{self.cost.quantize(Decimal('0.001')):f}{self.currency}"
        return f"{self.usage.total}词元，{money}"

    def __str__(self) -> str:
        money = "费用未知" if self.cost is None else f"约{self.cost.quantize(Decimal('0.0001')).normalize():f}{self.currency}"
        cached = f"，其中缓存{self.usage.cached}" if self.usage.cached else ""
        failed = f"（失败{self.failed}次）" if self.failed else ""
        return f"调用{self.calls + self.failed}次{failed}，送出{self.usage.prompt}词元{cached}，收回{self.usage.completion}词元，{money}"


class Ledger:
    """A model with an account. Thread-safe; wraps any model and is one itself."""

    def __init__(self, model: Model, *, price: Price | None = None, ceiling: Decimal | None = None) -> None:
        if ceiling is not None and price is None:
            raise SettingsError(
                f"不知道模型“{model.name}”的单价，无法按 --max-cost 控制费用。",
                "请先设置单价（每百万词元，输入/缓存/输出）：assistant config set model_price 2/0.2/3。",
            )
        self.name = model.name
        self.ceiling = ceiling
        self._model, self._price = model, price
        self._lock = threading.Lock()
        self._reserved = Decimal(0)
        self._stopped: ModelError | None = None
        self._unreachable = 0
        self._spent = Spent(cost=Decimal(0) if price else None, currency=price.currency if price else "元")

    @property
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spent

    def reply(self, call: Call, on_text: OnText | None = None) -> Reply:
        """The model's reply; ModelError of kind ``ceiling`` when the call might go over it."""
        if self._stopped is not None:
            raise self._stopped
        worst = self._reserve(call)
        try:
            reply = self._model.reply(call, on_text)
        except ModelError as error:
            self._judge(error)
            # What had arrived was paid for; without a count from the endpoint, ours.
            usage = Usage(tokens.count_messages(m.text for m in call.messages), 0, tokens.count(error.partial), 0, True) if error.partial else Usage()
            self._settle(worst, usage, None, 0.0, failed=True)
            raise
        except BaseException:
            self._settle(worst, Usage(), None, 0.0, failed=True)
            raise
        self._unreachable = 0
        self._settle(worst, reply.usage, reply.cost, reply.seconds, failed=False)
        return reply

    def _judge(self, error: ModelError) -> None:
        with self._lock:
            self._unreachable = self._unreachable + 1 if error.kind == "connect" else 0
            if error.kind in _LASTING or self._unreachable >= 3:
                self._stopped = error

    def _reserve(self, call: Call) -> Decimal:
        if self._price is None or self.ceiling is None:
            return Decimal(0)
        prompt = sum(tokens.estimate(m.text) + tokens.PER_MESSAGE for m in call.messages)
        worst = self._price.of(Usage(prompt=prompt, completion=call.max_tokens))
        with self._lock:
            spent = self._spent.cost or Decimal(0)
            if spent + self._reserved + worst > self.ceiling:
                raise ModelError(
                    f"再调用一次可能超过费用上限{self.ceiling:f}{self._price.currency}（已用{spent:.4f}{self._price.currency}），已停止调用模型。",
                    "可调高 --max-cost 后重新运行同一命令，已完成的不会重做。",
                    kind="ceiling",
                )
            self._reserved += worst
        return worst

    def _settle(self, worst: Decimal, usage: Usage, cost: Decimal | None, seconds: float, *, failed: bool) -> None:
        with self._lock:
            self._reserved -= worst
            old = self._spent
            paid = cost if cost is not None else self._price.of(usage) if self._price else None
            self._spent = Spent(
                old.calls + (not failed),
                old.failed + failed,
                old.usage + usage,
                None if old.cost is None or paid is None else old.cost + paid,
                old.currency,
                old.seconds + seconds,
            )
