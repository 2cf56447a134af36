"""Many files at once: a pool of processes that one bad file cannot stop.

A worker that crashes, hangs or eats memory costs its own file one Chinese error; the others go on. Workers are renewed now and then,
so that memory stays flat over a folder of any size. Ctrl-C ends all of them at once.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from assistant.documents import memory
from assistant.documents.readers import Member
from assistant.errors import AssistantError, UnreadableFile

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext

T = TypeVar("T")
Item = Path | Member

# Fewer files than this are read here: starting processes would cost more.
FEW = 4
WORKER_LIFE = 250
MEMORY_CAP = 6 << 30


@dataclass(slots=True, frozen=True)
class Outcome(Generic[T]):
    """What became of one file: its result, or the error to show for it."""

    item: Item
    result: T | None = None
    error: AssistantError | None = None


def read_many(
    items: Iterable[Item],
    work: Callable[[Item], T],
    *,
    jobs: int | None = None,
    seconds: float = 300,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Outcome[T]]:
    """``work`` done on every file, outcomes in the order of the files; ``progress`` is told how many are finished.

    ``work`` and its results must be picklable (a module's function or a ``partial`` of one). ``jobs`` processes (default: one per core),
    ``seconds`` for one file. With one job or few files everything happens in this process, without the guard of ``seconds``.
    """
    source = iter(items)
    first = list(islice(source, FEW))
    jobs = jobs or os.cpu_count() or 1
    if len(first) < FEW or jobs < 2:
        for done, item in enumerate(chain(first, source), 1):
            outcome = _attempt(item, work)
            if progress:
                progress(done)
            yield outcome
        return
    yield from _Pool(work, jobs, seconds, progress).run(chain(first, source))


def _attempt(item: Item, work: Callable[[Item], T]) -> Outcome[T]:
    try:
        return Outcome(item, work(item))
    except AssistantError as error:
        return Outcome(item, error=error)
    except (RecursionError, MemoryError):
        return Outcome(item, error=UnreadableFile(f"“{_name(item)}”嵌套过深或过大，没有读取。", "请拆成较小的文件再试。"))
    except Exception as error:  # a defect of ours must cost one file, not the folder
        message = f"“{_name(item)}”处理时出现意外错误（{type(error).__name__}：{error}）。"
        return Outcome(item, error=UnreadableFile(message, "这是程序的缺陷：请单独运行这个文件，并把它和错误信息反馈给维护者。"))


def _name(item: Item) -> str:
    return item.path if isinstance(item, Member) else str(item)


class _TooSlow(BaseException):
    """Raised inside a worker by its own alarm; nothing on the way catches it."""


def _serve(connection: Connection, work: Callable[[Item], Any], seconds: float) -> None:
    """A worker's life: take a file, send its outcome, until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.limit(MEMORY_CAP)
    alarm = hasattr(signal, "setitimer")
    if alarm:
        signal.signal(signal.SIGALRM, _too_slow)
    while (item := connection.recv()) is not None:
        try:
            if alarm:
                signal.setitimer(signal.ITIMER_REAL, seconds)
            outcome = _attempt(item, work)
        except _TooSlow:
            outcome = _slow(item, seconds)
        finally:
            if alarm:
                signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send(_without_data(outcome))


def _too_slow(signum: int, frame: FrameType | None) -> None:
    raise _TooSlow


def _slow(item: Item, seconds: float) -> Outcome[Any]:
    return Outcome(item, error=UnreadableFile(f"“{_name(item)}”在 {seconds:.0f} 秒内没有读完，已放弃。", "请拆成较小的文件，或单独读取它。"))


def _without_data(outcome: Outcome[Any]) -> tuple[Any, AssistantError | None]:
    # The file itself is known to the other side: an archive's bytes need not travel back.
    return outcome.result, outcome.error


class _Worker:
    """One process and the file it is busy with."""

    def __init__(self, context: BaseContext, work: Callable[[Item], Any], seconds: float) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work, seconds), daemon=True)  # type: ignore[attr-defined]
        self.process.start()
        theirs.close()
        self.index: int | None = None
        self.item: Item | None = None
        self.deadline = 0.0
        self.files = 0

    def give(self, index: int, item: Item, seconds: float) -> None:
        self.index, self.item, self.files = index, item, self.files + 1
        # Its own alarm rings first; this one is for a worker stuck where no alarm reaches.
        self.deadline = time.monotonic() + seconds + 10
        self.connection.send(item)

    def stop(self, *, gently: bool = False) -> None:
        if gently:
            try:
                self.connection.send(None)
                self.process.join(1)
            except OSError:
                pass
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.connection.close()


class _Pool(Generic[T]):
    """Workers, the files they are busy with, and the outcomes waiting for their turn."""

    def __init__(self, work: Callable[[Item], T], jobs: int, seconds: float, progress: Callable[[int], None] | None) -> None:
        import multiprocessing

        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        self._context = multiprocessing.get_context(method)
        self._work, self._seconds, self._progress = work, seconds, progress
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._ready: dict[int, Outcome[T]] = {}
        self._finished = 0

    def run(self, items: Iterable[Item]) -> Iterator[Outcome[T]]:
        source = enumerate(items)
        turn, more = 0, True
        try:
            while more or self._busy():
                # Not more than a few files ahead of the slowest: what is finished early waits in memory.
                while more and self._busy() < self._jobs and len(self._ready) < 8 * self._jobs:
                    following = next(source, None)
                    if following is None:
                        more = False
                    else:
                        self._idle_worker().give(*following, self._seconds)
                self._collect()
                while turn in self._ready:
                    yield self._ready.pop(turn)
                    turn += 1
        finally:
            for worker in self._workers:
                worker.stop(gently=worker.index is None)

    def _busy(self) -> int:
        return sum(worker.index is not None for worker in self._workers)

    def _idle_worker(self) -> _Worker:
        for worker in [worker for worker in self._workers if worker.index is None and worker.files >= WORKER_LIFE]:
            worker.stop(gently=True)
            self._workers.remove(worker)
        for worker in self._workers:
            if worker.index is None:
                return worker
        self._workers.append(_Worker(self._context, self._work, self._seconds))
        return self._workers[-1]

    def _collect(self) -> None:
        from multiprocessing.connection import wait

        busy = [worker for worker in self._workers if worker.index is not None]
        if not busy:
            return
        patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
        answered = wait([worker.connection for worker in busy], patience)
        for worker in busy:
            if worker.connection in answered:
                self._take(worker)
            elif time.monotonic() > worker.deadline and worker.item is not None:
                self._finish(worker, _slow(worker.item, self._seconds))
                self._discard(worker)

    def _take(self, worker: _Worker) -> None:
        assert worker.item is not None
        try:
            result, error = worker.connection.recv()
        except (EOFError, OSError):
            message = f"读取“{_name(worker.item)}”的进程中途退出（内存不足，或文件使底层库崩溃），这个文件没有读取。"
            self._finish(worker, Outcome(worker.item, error=UnreadableFile(message, "请用原软件打开并另存后再试。")))
            self._discard(worker)
            return
        self._finish(worker, Outcome(worker.item, result, error))

    def _finish(self, worker: _Worker, outcome: Outcome[T]) -> None:
        assert worker.index is not None
        self._ready[worker.index] = outcome
        worker.index = worker.item = None
        self._finished += 1
        if self._progress:
            self._progress(self._finished)

    def _discard(self, worker: _Worker) -> None:
        worker.stop()
        self._workers.remove(worker)
