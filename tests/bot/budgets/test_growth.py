"""What grows in a run: leaks do, whatever their rate; what is still filling, noisy or late does not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budgets.growth import growing, grows, is_whole, rate, slope, suspects
from bot.budgets.limits import allowed_growth
from bot.budgets.meters.model import Series
from bot.budgets.records import Arm, Stage
from bot.config.budgets import Budget, Growth, Metric
from tests.bot.budgets.runs import FIRST, counting, run, steady

TIMERS = Series(Metric.TIMERS)
HEAP = Series(Metric.HEAP)
ALLOWED = allowed_growth(Budget())


@pytest.mark.parametrize("added", [1, 2, 0.5, 0.1, 0.01])
def test_a_leak_grows(added: float) -> None:
    arm = steady(added)
    assert grows(arm, TIMERS)
    assert rate(arm, TIMERS) == pytest.approx(added, rel=0.05)
    assert is_whole(arm, TIMERS) == (added >= 1)
    assert growing(arm, ALLOWED) == [TIMERS]


@given(st.integers(1, 4000), st.floats(0.02, 3))
def test_a_cache_that_fills_up_is_no_growth(entries: int, speed: float) -> None:
    arm = run({TIMERS: lambda done: min(entries, int(done * speed))})
    if entries < speed * 3 * FIRST * (1 + 3 + 9 * 2 / 3):
        assert not grows(arm, TIMERS)


@pytest.mark.parametrize("size", [100, 500, 2000, 10_000])
def test_a_cache_of_random_keys_is_no_growth(size: int) -> None:
    randomness = random.Random(size)
    seen: set[int] = set()
    held = [len(seen)]
    for _ in range(3 * FIRST * 13):
        seen.add(randomness.randrange(size))
        held.append(len(seen))
    arm = run({TIMERS: lambda done: held[done]})
    assert grows(arm, TIMERS) == (size == 10_000), "only one that is empty yet cannot be told from a leak"


@given(st.lists(st.integers(-1, 1), min_size=12, max_size=12))
def test_what_comes_and_goes_is_no_growth(noise: list[int]) -> None:
    stages = [
        Stage(FIRST * 3**depth, tuple({TIMERS: 10.0 + value} for value in noise[4 * depth : 4 * depth + 4]))
        for depth in range(3)
    ]
    assert not grows(Arm(tuple(stages)), TIMERS)


@pytest.mark.parametrize(
    "readings",
    [
        ({TIMERS: 1.0}, {TIMERS: 2.0}, {TIMERS: 3.0}),
        ({TIMERS: 1.0}, {}, {TIMERS: 3.0}, {TIMERS: 4.0}),
        ({TIMERS: 1.0}, {TIMERS: 2.0}, {TIMERS: 2.0}, {TIMERS: 3.0}),
        (),
    ],
    ids=["too few batches", "not measured once", "a pause", "nothing"],
)
def test_what_is_not_known_to_grow(readings: tuple[dict[Series, float], ...]) -> None:
    assert not grows(Arm((Stage(FIRST, readings),)), TIMERS)


def test_a_part_that_was_not_there_at_first_was_zero() -> None:
    part = Series(Metric.TIMERS, "interval")
    readings = ({TIMERS: 0.0}, *({TIMERS: float(n), part: float(n)} for n in (1, 2, 3)))
    assert grows(Arm((Stage(1, readings),)), part)


def test_what_may_grow_does_not_count() -> None:
    arm = steady(0.5)
    assert growing(arm, allowed_growth(Budget(growth=Growth(timers=0.5)))) == []
    assert growing(arm, allowed_growth(Budget(growth=Growth(timers=0.4)))) == [TIMERS]
    assert growing(steady(1, Metric.ROWS), ALLOWED) == []
    assert growing(steady(1, Metric.ROWS), allowed_growth(Budget(growth=Growth(rows=0.0)))) == [Series(Metric.ROWS)]


@pytest.mark.parametrize(("bytes_", "suspicious"), [(0, False), (90, False), (150, True)])
def test_a_heap_is_weighed_where_batches_are_long_enough(bytes_: int, suspicious: bool) -> None:
    held = {HEAP: lambda done: 5e6 + bytes_ * done}
    short, long = run(held, 1), run(held, 2)
    assert slope(short.stages[-1], Metric.HEAP) is None
    assert suspects(short, ALLOWED) == {Metric.HEAP}, "one more stage, and it is known"
    assert slope(long.stages[-1], Metric.HEAP) == pytest.approx(bytes_)
    assert suspects(long, ALLOWED) == ({Metric.HEAP} if suspicious else frozenset())


def test_a_clean_run_of_counts_needs_no_second_stage() -> None:
    assert suspects(run(counting(Metric.TIMERS), 1), ALLOWED) == frozenset()
    assert suspects(run(counting(Metric.TIMERS, rate=0.1), 1), ALLOWED) == {Metric.TIMERS}
