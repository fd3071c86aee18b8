"""Watches a process: reads it at an interval until it ends, or somebody has seen enough. It only reads."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.budgets.meters import outside
from bot.budgets.meters.model import together
from bot.budgets.monitoring.watch import Watch
from bot.budgets.programs import ProgramError
from bot.git import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from bot.budgets.meters.model import Reading
    from bot.budgets.monitoring.samples import Sample
    from bot.config.budgets import Budget

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class WatchError(ProgramError):
    """A process cannot be watched; the message says why, and what to do."""


@dataclass
class Session:
    """What is being watched, and for how long.

    `seen` are sentences of the meter, each one once. `own`: it was started to be watched, and ends with that.
    """

    watch: Watch
    seconds: float = 0.0
    samples: int = 0
    seen: tuple[str, ...] = ()
    ended: bool = False
    own: bool = False


def attach(pid: int) -> Callable[[], bool]:
    """What says whether a process still runs; one that has got its number later is another process.

    Raises:
        WatchError: there is none.
    """
    import psutil  # noqa: PLC0415

    try:
        process = psutil.Process(pid)
    except psutil.NoSuchProcess:
        raise WatchError(f"No process has the number {pid}; `ps aux` lists those that run.") from None
    except psutil.AccessDenied:
        raise WatchError(f"The process {pid} belongs to somebody else; watch it as the same user.") from None

    def runs() -> bool:
        try:
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    return runs


def follow(
    pid: int,
    budget: Budget,
    runs: Callable[[], bool],
    beside: Callable[[], Reading],
    *,
    interval: float,
    duration: float | None,
    own: bool,
    take: Callable[[Session, Sample], None],
) -> Session:
    """Takes samples until the process ends, the time is over, or SIGINT, SIGTERM or SIGHUP comes.

    Args:
        pid: the process; its children belong to it.
        budget: what it may hold.
        runs: whether it still does.
        beside: reads what else belongs to it, such as its databases.
        interval: seconds between samples.
        duration: seconds to watch it; None: as long as it runs.
        own: whether it was started to be watched.
        take: is given each sample.
    """
    session = Session(Watch(pid, budget), own=own)
    begin = time.monotonic()
    with _stopped_by_signals() as stop:
        while runs():
            reading = together([outside.read_tree(pid), beside()])
            session.seconds = time.monotonic() - begin
            if reading.values:
                session.samples += 1
                session.seen += tuple(printable(fault) for fault in reading.faults if fault not in session.seen)
                take(session, session.watch.take(session.seconds, reading.values))
            if duration is not None and session.seconds + interval > duration:
                stop.wait(max(0.0, duration - session.seconds))
                break
            # The beat is kept, however long a sample takes.
            beat = begin + (session.samples if reading.values else 1) * interval
            if stop.wait(max(0.0, beat - time.monotonic())):
                break
        session.ended = not runs()
    session.seconds = time.monotonic() - begin
    return session


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that is set instead of what these signals would do."""
    stop = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        stop.set()

    in_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handle) for number in _STOPPING} if in_main else {}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
