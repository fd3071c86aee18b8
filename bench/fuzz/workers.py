"""Worker processes that examine inputs, each of which may die or hang: that is a failure of the input, and no more."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.fuzz.properties import Outcome, outcome_of
from bot.garbage import collect_seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

    from bench.fuzz.inputs import Input

    Examine = Callable[[str, bytes], Outcome]

PATIENCE_SECONDS: Final = 60.0
"""Far beyond what any input costs; the engine itself bounds counts, never time."""

# Each worker is a fresh interpreter, so that each has a seed of its own for the hashes of texts.
_CONTEXT: Final = multiprocessing.get_context("spawn")


class Examined(NamedTuple):
    """An input with what became of it."""

    input: Input
    outcome: Outcome


def examined(
    inputs: Iterable[Input], jobs: int, *, patience: float = PATIENCE_SECONDS, examine: Examine = outcome_of
) -> Iterator[Examined]:
    """Examines inputs in worker processes; in no order.

    Args:
        inputs: what is examined.
        jobs: how many processes.
        patience: seconds after which an input counts as hanging.
        examine: what a worker does with an input; a function of a module.
    """
    waiting = iter(inputs)
    workers: list[_Worker] = []
    try:
        while True:
            workers = [worker for worker in workers if not worker.ended]
            idle = [worker for worker in workers if worker.input is None]
            while (idle or len(workers) < jobs) and (item := next(waiting, None)) is not None:
                if not idle:
                    idle.append(_Worker(examine))
                    workers += idle
                idle.pop().give(item)
            busy = [worker for worker in workers if worker.input is not None]
            if not busy:
                return
            wait([worker.pipe for worker in busy], timeout=1)
            for worker in busy:
                done = worker.look(patience)
                if done is not None:
                    yield done
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process that examines one input at a time. It ends when an input kills it, or takes too long."""

    def __init__(self, examine: Examine) -> None:
        self.pipe, other = _CONTEXT.Pipe()
        self.input: Input | None = None
        self.ended = False
        self._started = 0.0
        self._process = _CONTEXT.Process(target=_serve, args=(other, examine), daemon=True)
        self._process.start()
        other.close()
        # What it costs to start is no input's time.
        self.pipe.recv()

    def give(self, item: Input) -> None:
        """Has it examine an input."""
        self.input, self._started = item, time.perf_counter()
        try:
            self.pipe.send((item.path, item.data))
        except OSError:
            # It is dead, as `look` will find.
            return

    def look(self, patience: float) -> Examined | None:
        """What became of its input; None while it still works at it."""
        assert self.input is not None
        item = self.input
        if not self.pipe.poll():
            if time.perf_counter() - self._started <= patience:
                return None
            self.end()
            return Examined(item, Outcome(failures=[f"hang: no answer in {patience:.0f} s"]))
        try:
            self.input, outcome = None, self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            code = self._process.exitcode
            self.end()
            return Examined(item, Outcome(failures=[f"death: the worker process ended with exit code {code}"]))
        return Examined(item, outcome)

    def end(self) -> None:
        """Ends the process."""
        self.ended = True
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _serve(pipe: Connection, examine: Examine) -> None:
    collect_seldom()
    pipe.send("ready")
    while True:
        try:
            path, data = pipe.recv()
        except EOFError:
            return
        pipe.send(examine(path, data))
