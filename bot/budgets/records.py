"""What was recorded of a run: readings at quiet moments, in stages of batches. Pure.

An *arm* is one run of one revision: a fresh process, a warm-up, then stages. Every stage has `BATCHES` batches of the
same number of iterations, three times as many as the stage before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bot.budgets.meters.model import Series
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.budgets.meters.model import Place

BATCHES: Final = 3
GROWTH_OF_STAGES: Final = 3
_OF_ONE_OBJECT: Final = frozenset({Metric.LISTENERS_PER_EMITTER})


@dataclass(frozen=True)
class Stage:
    """Batches of `iterations` each. `readings`: before the first batch, and after each."""

    iterations: int
    readings: tuple[Mapping[Series, float], ...]

    def rises(self, series: Series) -> list[float] | None:
        """By how much a series rose with each batch; None where a reading has not measured it."""
        amounts = [amount(reading, series) for reading in self.readings]
        known = [value for value in amounts if value is not None]
        return [after - before for before, after in pairwise(known)] if len(known) == len(amounts) else None

    def series(self) -> frozenset[Series]:
        """Everything that any reading has."""
        return frozenset(series for reading in self.readings for series in reading)


@dataclass(frozen=True)
class Arm:
    """A run of one revision.

    `failure`: why it ended early, a sentence. `sites`: by how many live objects each series has grown over all batches,
    by where they were created (witness pass only). `remarks`: what is to be known of it besides.
    """

    stages: tuple[Stage, ...] = ()
    failure: str = ""
    sites: Mapping[Series, Mapping[Place, float]] = field(default_factory=dict)
    runtimes: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it says anything: it ran to its end, and has a stage."""
        return not self.failure and bool(self.stages)

    def readings(self) -> Iterator[Mapping[Series, float]]:
        """All readings, in order."""
        for stage in self.stages:
            yield from stage.readings

    def iterations(self) -> int:
        """How many iterations lie between the first reading and the last."""
        return sum(stage.iterations * (len(stage.readings) - 1) for stage in self.stages)

    def series(self) -> frozenset[Series]:
        """Everything that any reading has."""
        return frozenset(series for stage in self.stages for series in stage.series())

    def lost(self, metric: Metric) -> bool:
        """Whether a metric that a reading had was absent from a later one, which then could not be taken."""
        known = [total(reading, metric) is not None for reading in self.readings()]
        return any(known) and not all(known[known.index(True) :])

    def highest(self, metric: Metric, detail: str = "") -> float | None:
        """The most that was held at a quiet moment; None where it was not measured."""
        amounts = [
            total(reading, metric) if not detail else amount(reading, Series(metric, detail))
            for reading in self.readings()
        ]
        known = [value for value in amounts if value is not None]
        return max(known, default=None)

    def points(self, metric: Metric) -> tuple[float, ...]:
        """What was held after each batch; nothing where it was not always measured."""
        amounts = [total(reading, metric) for stage in self.stages for reading in stage.readings[1:]]
        known = tuple(value for value in amounts if value is not None)
        return known if len(known) == len(amounts) else ()


def amount(reading: Mapping[Series, float], series: Series) -> float | None:
    """What a reading has of a series: 0 where it has measured the metric and met none of this; else None."""
    if series in reading:
        return reading[series]
    return 0.0 if any(other.metric is series.metric for other in reading) else None


def total(reading: Mapping[Series, float], metric: Metric) -> float | None:
    """What a reading has of a metric altogether; None where it was not measured."""
    whole = reading.get(Series(metric))
    if whole is not None:
        return whole
    parts = [value for series, value in reading.items() if series.metric is metric]
    if not parts:
        return None
    return max(parts) if metric in _OF_ONE_OBJECT else sum(parts)
