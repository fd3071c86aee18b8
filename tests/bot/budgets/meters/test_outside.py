"""What is seen of a program from outside: exact counts, whatever it is written in."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from bot.budgets.meters import outside
from bot.budgets.meters.model import Series
from bot.budgets.meters.outside import read_tree
from bot.config.budgets import Metric
from tests.bot.budgets.meters.running import PATIENCE, PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.budgets.meters.model import Reading

HOLDER: Final = PROGRAMS / "holder.py"


@contextmanager
def holding(kind: str) -> Iterator[subprocess.Popen[str]]:
    """A program that holds one thing of a kind more for each line of its input."""
    process = subprocess.Popen(
        [sys.executable, "-S", HOLDER, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.stdin.close() if process.stdin else None
        process.wait(PATIENCE)
        process.stdout.close() if process.stdout else None


def one_more(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"


def growth(before: Reading, after: Reading) -> dict[Series, float]:
    exact = {Metric.OPEN_FILES, Metric.SOCKETS, Metric.THREADS, Metric.CHILDREN}
    return {
        series: value - before.values.get(series, 0)
        for series, value in after.values.items()
        if series.metric in exact and value != before.values.get(series, 0)
    }


def three_growths(process: subprocess.Popen[str]) -> list[dict[Series, float]]:
    readings = [read_tree(process.pid, protocols=True)]
    for _ in range(3):
        one_more(process)
        readings.append(read_tree(process.pid, protocols=True))
    assert all(reading.faults == () for reading in readings)
    return [growth(before, after) for before, after in pairwise(readings)]


OPEN_FILES: Final = Series(Metric.OPEN_FILES)
GROWTH: Final = {
    "file": {OPEN_FILES: 1, Series(Metric.OPEN_FILES, "file"): 1},
    "pipe": {OPEN_FILES: 2, Series(Metric.OPEN_FILES, "pipe"): 2},
    "device": {OPEN_FILES: 1, Series(Metric.OPEN_FILES, "other"): 1},
    "tcp": {
        OPEN_FILES: 1,
        Series(Metric.OPEN_FILES, "socket"): 1,
        Series(Metric.SOCKETS): 1,
        Series(Metric.SOCKETS, "tcp"): 1,
    },
    "unix": {
        OPEN_FILES: 2,
        Series(Metric.OPEN_FILES, "socket"): 2,
        Series(Metric.SOCKETS): 2,
        Series(Metric.SOCKETS, "unix"): 2,
    },
    "thread": {Series(Metric.THREADS): 1},
}


@pytest.mark.skipif(not psutil.LINUX, reason="kinds of descriptors are told by Linux only")
@pytest.mark.parametrize("kind", GROWTH)
def test_exact_counts_from_outside(kind: str) -> None:
    with holding(kind) as process:
        assert three_growths(process) == [GROWTH[kind]] * 3


def test_children_are_counted_with_what_they_hold() -> None:
    with holding("child") as process:
        for grown in three_growths(process):
            assert grown[Series(Metric.CHILDREN)] == 1
            assert grown[Series(Metric.THREADS)] == 1
            # Its standard streams, and its parent's end of a pipe.
            assert grown[OPEN_FILES] == 4


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere sockets cannot be told apart over processes")
def test_a_socket_that_a_child_inherits_is_one_socket_open_twice() -> None:
    with holding("inherited") as process:
        for grown in three_growths(process):
            assert grown[Series(Metric.SOCKETS)] == 1
            assert grown[Series(Metric.OPEN_FILES, "socket")] == 2


def test_cpu_seconds_hold_those_of_children_that_ended() -> None:
    with holding("work") as process:
        before = read_tree(process.pid).values[Series(Metric.CPU)]
        one_more(process)
        after = read_tree(process.pid)
    assert after.values[Series(Metric.CPU)] - before >= 0.2
    assert after.values[Series(Metric.CHILDREN)] == 0


def test_memory_is_that_of_the_whole_tree() -> None:
    with holding("memory") as process:
        before = read_tree(process.pid).values[Series(Metric.RSS)]
        one_more(process)
        grown = read_tree(process.pid).values[Series(Metric.RSS)] - before
    assert 20_000_000 <= grown <= 60_000_000


def test_a_process_that_is_gone_is_a_fault_and_has_no_amounts() -> None:
    with holding("file") as process:
        pid = process.pid
    reading = read_tree(pid)
    assert reading.values == {}
    assert reading.faults == (f"The process {pid} is gone.",)


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere psutil says what may be read")
def test_what_may_not_be_read_is_absent_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: object) -> Iterator[str]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(outside, "_descriptors", refused)
    reading = read_tree(os.getpid())
    assert {series.metric for series in reading.values} == {Metric.THREADS, Metric.CHILDREN, Metric.RSS, Metric.CPU}
    assert len(reading.faults) == 1
    assert "may not be read" in reading.faults[0]


def test_other_systems_get_the_totals_that_psutil_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "_IS_LINUX", False)
    with holding("tcp") as process:
        before = read_tree(process.pid)
        one_more(process)
        after = read_tree(process.pid)
    assert growth(before, after) == {OPEN_FILES: 1, Series(Metric.SOCKETS): 1}
    assert after.values[Series(Metric.THREADS)] == 1
