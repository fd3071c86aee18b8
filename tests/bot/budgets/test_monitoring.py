"""What is said of a live process: thresholds, growth and its chance of being noise, in bounded memory."""

from __future__ import annotations

import math
import random
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budgets.meters.model import Series
from bot.budgets.monitoring.samples import AlertKind
from bot.budgets.monitoring.trends import BLOCKS, CHANCE, SAMPLES_OF_BLOCK, Floor, Trend, growth_per_minute
from bot.budgets.monitoring.view import sparkline
from bot.budgets.monitoring.watch import MAX_ALERTS, MAX_POINTS, History, Watch
from bot.config.budgets import Budget, Metric, RowLimit

NONE = Floor(0, 0)
SHORT = BLOCKS * SAMPLES_OF_BLOCK[0]
FILES = Series(Metric.OPEN_FILES)


def rates(values: list[float], floor: Floor = NONE, interval: float = 5.0) -> list[float | None]:
    trend = Trend(floor)
    found = []
    for number, value in enumerate(values):
        trend.take(number * interval, value)
        found.append(trend.per_minute())
    return found


def test_growth_is_seen_when_two_windows_are_full() -> None:
    found = rates([float(number) for number in range(2 * SHORT)])
    assert found[:-1] == [None] * (2 * SHORT - 1)
    assert found[-1] == pytest.approx(12)


@pytest.mark.parametrize(
    "value",
    [
        lambda n: 7.0,
        lambda n: 100.0 - n,
        lambda n: float(n % 20),
        lambda n: 50 * math.sin(n / 7),
        lambda n: 0.0 if n < 30 else 90.0,
    ],
    ids=["level", "falling", "saw", "wave", "step"],
)
def test_what_does_not_grow(value: object) -> None:
    assert callable(value)
    assert not any(rates([value(number) for number in range(4 * SHORT)]))


def test_a_saw_that_rises_grows() -> None:
    assert rates([number / 10 + number % 5 * 20 for number in range(2 * SHORT)])[-1] == pytest.approx(1.2)


def test_a_slow_leak_is_seen_in_the_long_window() -> None:
    randomness = random.Random(7)
    values = [number / 100 + randomness.gauss(0, 3) for number in range(2 * BLOCKS * SAMPLES_OF_BLOCK[1])]
    assert rates(values)[-1] is not None


def test_what_is_below_the_floor_is_no_growth() -> None:
    values = [float(number) for number in range(2 * SHORT)]
    assert rates(values, Floor(per_minute=11, rise=50))[-1] is not None
    assert rates(values, Floor(per_minute=13, rise=0))[-1] is None
    assert rates(values, Floor(per_minute=0, rise=100))[-1] is None


def test_noise_is_called_growth_as_rarely_as_promised() -> None:
    """Of blocks in random order one in a thousand rises so steadily; the slope asks for more, so that it is fewer."""
    randomness = random.Random(11)
    windows = 30_000
    found = sum(
        growth_per_minute(tuple((number, randomness.random()) for number in range(BLOCKS)), NONE) is not None
        for _ in range(windows)
    )
    assert found <= windows * CHANCE * 1.5


@given(st.lists(st.floats(0, 1e9), max_size=600))
def test_a_history_is_bounded_and_keeps_its_beginning(values: list[float]) -> None:
    history = History()
    for value in values:
        history.take(value)
    assert len(history.points) <= MAX_POINTS
    assert history.points[:1] == values[:1]


def test_memory_does_not_grow_with_samples() -> None:
    watch = Watch(1, Budget(open_files=5))

    def size() -> int:
        seen: set[int] = set()

        def weigh(thing: object) -> int:
            if id(thing) in seen:
                return 0
            seen.add(id(thing))
            inner = list(vars(thing).values()) if hasattr(thing, "__dict__") else []
            if isinstance(thing, dict):
                inner += [*thing.keys(), *thing.values()]
            elif isinstance(thing, list | tuple | set) or hasattr(thing, "maxlen"):
                inner += list(thing)  # type: ignore[call-overload]
            return sys.getsizeof(thing) + sum(map(weigh, inner))

        return weigh(watch)

    def feed(first: int, last: int) -> None:
        for number in range(first, last):
            watch.take(float(number), {FILES: float(number % 11), Series(Metric.RSS): 1e6 + number})

    feed(0, 3000)
    before = size()
    feed(3000, 12000)
    assert size() <= before * 1.1
    assert all(len(item.alerts) <= MAX_ALERTS for item in watch.observed())


def test_an_alert_stands_as_long_as_its_reason() -> None:
    watch = Watch(7, Budget(open_files=5))
    held = [4, 6, 7, 5, 6]
    found = [watch.take(float(number), {FILES: float(value)}) for number, value in enumerate(held)]
    assert [[(alert.since, alert.value) for alert in sample.alerts] for sample in found] == [
        [], [(1, 6)], [(1, 7)], [], [(4, 6)],
    ]  # fmt: skip
    (item,) = watch.observed()
    assert (item.base, item.last, item.peak, len(item.alerts)) == (4, 6, 7, 2)


def test_tables_and_growth_have_alerts_too() -> None:
    watch = Watch(7, Budget(rows=(RowLimit("a.db", "messages", 5),), heap_after_gc=1))
    for number in range(2 * SHORT):
        sample = watch.take(number * 5.0, {Series(Metric.ROWS, "messages"): float(number)})
    kinds = {(alert.kind, alert.detail) for alert in sample.alerts}
    assert kinds == {(AlertKind.OVER_BUDGET, "messages"), (AlertKind.GROWTH, None)}
    assert watch.unmeasured() == ["heap"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], ""), ([5, 5, 5], "▁▁▁"), ([0, 7], "▁█"), (list(range(8)), "▁▂▃▄▅▆▇█"), ([0, 1, 0, 9], "▁█")],
)
def test_sparklines(values: list[float], expected: str) -> None:
    assert sparkline(values, 8 if len(values) != 4 else 2) == expected
