"""What hooks count in Python: exactly what leaks, nothing in the fixed twin, and where it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from bot.budgets.meters.model import Series
from bot.config.budgets import Metric
from tests.bot.budgets.meters.running import PROGRAMS, at_line, line_of, pythons, running

if TYPE_CHECKING:
    pass

LEAKS: Final = PROGRAMS / "leaks.py"

KINDS: Final = {
    "file": (53, Series(Metric.HANDLES, "FileIO")),
    "dropped": (53, Series(Metric.UNCLOSED)),
    "sockets": (53, Series(Metric.SOCKETS, "socket")),
    "streams": (53, Series(Metric.SOCKETS, "socket")),
    "connection": (53, Series(Metric.CONNECTIONS)),
    "task": (53, Series(Metric.TASKS, "task.<locals>.wait")),
    "later": (53, Series(Metric.TIMERS, "TimerHandle")),
    "timer": (20, Series(Metric.TIMERS, "Timer")),
    "thread": (20, Series(Metric.THREADS, "Thread")),
    "child": (3, Series(Metric.CHILDREN, "Popen")),
    "httpx_client": (20, Series(Metric.CLIENTS, "Client")),
    "requests_session": (20, Series(Metric.CLIENTS)),
    "growing": (53, Series(Metric.COLLECTIONS, "__main__.cache")),
    "attribute": (53, Series(Metric.COLLECTIONS, "dict")),
    "names": (53, Series(Metric.COLLECTIONS, "set")),
}
"""How often each leaks in a batch, and what grows by just that."""


@pytest.mark.parametrize("kind", KINDS)
def test_each_leak_is_counted_exactly(kind: str) -> None:
    times, series = KINDS[kind]
    with running([pythons()[0], LEAKS, kind]) as program:
        assert program.deltas(series, batches=2, times=times) == [times, times]


@pytest.mark.parametrize("kind", KINDS)
def test_its_fixed_twin_does_not_grow(kind: str) -> None:
    times, series = KINDS[kind]
    with running([pythons()[0], LEAKS, kind, "fixed"]) as program:
        assert program.deltas(series, batches=2, times=times) == [0, 0]


def test_what_only_the_garbage_collector_closes_is_told_apart() -> None:
    with running([pythons()[0], LEAKS, "cycle"]) as program:
        freed = program.deltas(Series(Metric.FREED_BY_GC), batches=2, times=10)
        assert program.deltas(Series(Metric.HANDLES), batches=2, times=10) == [0, 0]
    assert freed == [10, 10]


SITES: Final = {
    "file": Series(Metric.HANDLES, "FileIO"),
    "descriptor": Series(Metric.OPEN_FILES, "file"),
    "dropped": Series(Metric.UNCLOSED),
    "sockets": Series(Metric.SOCKETS),
    "streams": Series(Metric.SOCKETS),
    "connection": Series(Metric.CONNECTIONS),
    "task": Series(Metric.TASKS),
    "later": Series(Metric.TIMERS),
    "timer": Series(Metric.TIMERS, "Timer"),
    "thread": Series(Metric.THREADS),
    "child": Series(Metric.CHILDREN),
    "httpx_client": Series(Metric.CLIENTS),
    "requests_session": Series(Metric.CLIENTS, "Session"),
    "attribute": Series(Metric.COLLECTIONS, "dict"),
}


@pytest.mark.parametrize("kind", SITES)
def test_witnesses_say_where_what_lives_was_created(kind: str) -> None:
    times = {"child": 2, "timer": 10, "thread": 10}.get(kind, 60)
    with running([pythons()[0], LEAKS, kind], mode="witness") as program:
        # Collections are sought once they are seen to grow.
        for _ in range(2):
            program.leak(times)
            reading = program.read()
    assert reading.faults == ()
    expected = 2 * times - 40 if kind == "attribute" else 2 * times
    assert at_line(reading, SITES[kind], LEAKS, line_of(LEAKS, kind)) == expected
