"""What hooks count in Node: exactly what leaks, nothing in the fixed twin, and where it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from bot.budgets.meters.model import Series
from bot.config.budgets import Metric
from tests.bot.budgets.meters.running import PROGRAMS, at_line, line_of, nodes, running

if TYPE_CHECKING:
    pass

LEAKS: Final = PROGRAMS / "leaks.cjs"

KINDS: Final = {
    "interval": (53, Series(Metric.TIMERS, "interval")),
    "unrefd": (53, Series(Metric.TIMERS)),
    "timeout": (53, Series(Metric.TIMERS, "timeout")),
    "listener": (53, Series(Metric.LISTENERS, "Bus#tick")),
    "once": (53, Series(Metric.LISTENERS_PER_EMITTER)),
    "target": (53, Series(Metric.LISTENERS, "AbortSignal#abort")),
    "server": (53, Series(Metric.SERVERS)),
    "worker": (2, Series(Metric.WORKERS)),
    "child": (3, Series(Metric.CHILDREN, "ChildProcess")),
    "handle": (53, Series(Metric.HANDLES, "FileHandle")),
    "watcher": (53, Series(Metric.HANDLES)),
    "map": (53, Series(Metric.COLLECTIONS, "Map")),
    "array": (53, Series(Metric.COLLECTIONS)),
    "object": (53, Series(Metric.COLLECTIONS, "Object")),
}
"""How often each leaks in a batch, and what grows by just that."""


@pytest.mark.parametrize("kind", KINDS)
def test_each_leak_is_counted_exactly(kind: str) -> None:
    times, series = KINDS[kind]
    with running([nodes()[0], LEAKS, kind]) as program:
        assert program.deltas(series, batches=2, times=times) == [times, times]


@pytest.mark.parametrize("kind", KINDS)
def test_its_fixed_twin_does_not_grow(kind: str) -> None:
    times, series = KINDS[kind]
    with running([nodes()[0], LEAKS, kind, "fixed"]) as program:
        assert program.deltas(series, batches=2, times=times) == [0, 0]


def test_both_ends_of_a_socket_are_counted() -> None:
    with running([nodes()[0], LEAKS, "socket"]) as program:
        assert program.deltas(Series(Metric.SOCKETS, "tcp"), batches=2, times=53) == [106, 106]


SITES: Final = {
    "interval": Series(Metric.TIMERS, "interval"),
    "unrefd": Series(Metric.TIMERS),
    "timeout": Series(Metric.TIMERS, "timeout"),
    "listener": Series(Metric.LISTENERS, "Bus#tick"),
    "once": Series(Metric.LISTENERS, "Bus#end"),
    "target": Series(Metric.LISTENERS, "AbortSignal#abort"),
    "socket": Series(Metric.SOCKETS),
    "server": Series(Metric.SERVERS),
    "worker": Series(Metric.THREADS),
    "child": Series(Metric.CHILDREN),
    "handle": Series(Metric.HANDLES, "FileHandle"),
    "file": Series(Metric.OPEN_FILES, "file"),
    "watcher": Series(Metric.HANDLES),
    "map": Series(Metric.COLLECTIONS, "Map"),
    "array": Series(Metric.COLLECTIONS),
}


@pytest.mark.parametrize("kind", SITES)
def test_witnesses_say_where_what_lives_was_created(kind: str) -> None:
    times = 2 if kind in {"worker", "child"} else 60
    with running([nodes()[0], LEAKS, kind], mode="witness") as program:
        # Collections are watched from when they are seen to grow.
        for _ in range(3):
            program.leak(times)
            reading = program.read()
    assert reading.faults == ()
    watched = times if kind in {"map", "array"} else 3 * times
    assert at_line(reading, SITES[kind], LEAKS, line_of(LEAKS, kind)) == watched
