"""What meters say: amounts by series, and where what is counted was created."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.config.budgets import Metric
from bot.decisions.budgets import Precision, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STATISTICAL: Final = frozenset({Metric.RSS, Metric.CPU})
_NEAR_EXACT: Final = frozenset({Metric.HEAP, Metric.OBJECTS})
_BYTES: Final = frozenset({Metric.HEAP, Metric.RSS, Metric.DATABASE_SIZE, Metric.WAL})
_HIGHEST: Final = frozenset({Metric.LISTENERS_PER_EMITTER})
"""What is not added up over processes."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something was created: the path as the runtime gives it, line and column from 1."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, order=True)
class Series:
    """What is counted, the same in every process and every run.

    `detail` names a part of the metric, such as `Bus#tick`, `socket` or a table; empty: all of it.
    """

    metric: Metric
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """What was held at one moment; what could not be measured is absent.

    `values` are counts, bytes or seconds (`unit`). `places`, which only witnesses have, says how many live objects of a
    series were created where. `faults` are sentences on what did not answer. `runtimes` are what was measured from
    within, such as `node 24.19.0`.
    """

    values: Mapping[Series, float] = field(default_factory=dict)
    places: Mapping[Series, Mapping[Place, int]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    runtimes: frozenset[str] = field(default=frozenset())


def precision(metric: Metric) -> Precision:
    """How far a metric's numbers may be trusted (measured: counts of live objects after GC never differ)."""
    if metric in _STATISTICAL:
        return Precision.STATISTICAL
    return Precision.NEAR_EXACT if metric in _NEAR_EXACT else Precision.EXACT


def unit(metric: Metric) -> Unit:
    """What a metric's numbers count."""
    if metric is Metric.CPU:
        return Unit.SECONDS
    return Unit.BYTES if metric in _BYTES else Unit.COUNT


def together(readings: Iterable[Reading]) -> Reading:
    """Readings of several processes or meters as one: added up, and of what one object holds the highest."""
    values: dict[Series, float] = {}
    places: dict[Series, dict[Place, int]] = {}
    faults: list[str] = []
    runtimes: set[str] = set()
    for reading in readings:
        for series, value in reading.values.items():
            before = values.get(series, 0)
            values[series] = max(before, value) if series.metric in _HIGHEST else before + value
        for series, found in reading.places.items():
            counts = places.setdefault(series, {})
            for place, number in found.items():
                counts[place] = counts.get(place, 0) + number
        faults += reading.faults
        runtimes |= reading.runtimes
    return Reading(values, places, tuple(faults), frozenset(runtimes))
