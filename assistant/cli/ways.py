"""The ways in which an eval suite is solved: drafters × models × prompts, and the worlds they are solved in."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assistant.errors import InputError

if TYPE_CHECKING:
    from assistant.evaluation.cases import Suite
    from assistant.evaluation.world import World
    from assistant.model import Model
    from assistant.settings import Settings


class Way(NamedTuple):
    """A drafter, the name of its model (empty = the one that is set, None = no model), a folder of prompts being tried."""

    drafter: str
    model: str | None = None
    prompts: Path | None = None


EMBEDDED = Way("embedded")


class Ways:
    """The ways in which suites are to be solved: drafters × models × prompts; models are opened once and closed with ``stack``."""

    def __init__(
        self, settings: Settings, drafter: str, models: str | None, prompts: list[Path], judge: str | None, max_cost: str | None, stack: ExitStack
    ) -> None:
        self._settings = settings
        self._drafters = [name.strip() for name in drafter.split(",") if name.strip()]
        self._models = [name.strip() for name in (models or "").split(",") if name.strip()] or [""]
        self._prompts: list[Path | None] = [None, *prompts]
        self._judge, self._max_cost, self._stack = judge, max_cost, stack
        self._open: dict[str, Model] = {}
        from assistant.evaluation.solvers import DRAFTERS

        known = {name for names in DRAFTERS.values() for name in names}
        if unknown := [name for name in self._drafters if name not in known]:
            raise InputError(f"没有起草器“{'、'.join(unknown)}”。", "可用的：embedded、copy、model。")

    def of(self, suite: Suite) -> list[Way]:
        """The ways that fit a suite."""
        from assistant.evaluation.solvers import drafters

        fitting = drafters(suite.solver)
        found: list[Way] = []
        for name in ["judge"] if fitting == ("judge",) else [name for name in self._drafters if name in fitting]:
            by_model = name in ("model", "judge")
            found += [Way(name, model, folder) for model in self._models for folder in self._prompts] if by_model else [Way(name)]
        return found

    def world(self, suite: Suite, way: Way, folder: Path, checkout: Path) -> World:
        """The world of a suite solved in a way: its texts, its model, the judge."""
        from assistant.evaluation.world import World

        drafter, model, prompts = way
        homes = (checkout / suite.name, folder / "suites" / suite.name)
        texts = (*(home / "texts" for home in homes), *(home / more for home in homes for more in suite.texts))
        return World(
            home=folder / "workspace" / suite.name,
            texts=texts,
            drafter=drafter,
            model=None if model is None else self._opened(model),
            judge=None if self._judge is None or suite.solver != "draft" else self._remembering(folder),
            prompts=prompts,
        )

    def _opened(self, name: str) -> Model:
        from assistant.cli.connection import connected

        if name not in self._open:
            chosen = self._settings
            if name and name != chosen.model:
                # A price set by hand belongs to the model set by hand.
                chosen = chosen.model_copy(update={"model": name, "model_price": None})
            self._open[name] = self._stack.enter_context(connected(chosen, max_cost=self._max_cost))
        return self._open[name]

    def _remembering(self, folder: Path) -> Model:
        from assistant.evaluation.judging import Remembering

        return Remembering(self._opened(self._judge or ""), folder / "cache" / "judge")
