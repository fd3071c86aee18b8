"""What grows in a run, by the rule of each class of metric. Pure.

Exact counts grow when they rise with every batch of every stage, and about as fast at the end as at the beginning: so a
cache that is still filling is no growth (measured: 0 of 10 flagged, leaks 20 of 20). What is weighed grows by a slope,
over enough iterations: the noise of a heap after its collection is 10 kB a batch, however many iterations that has.
"""

from __future__ import annotations

from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from bot.budgets.meters.model import precision
from bot.budgets.records import BATCHES, GROWTH_OF_STAGES, total
from bot.budgets.statistics import theil_sen
from bot.config.budgets import Metric
from bot.decisions.budgets import Precision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.budgets.meters.model import Series
    from bot.budgets.records import Arm, Stage

MIN_ITERATIONS: Final = MappingProxyType({Metric.HEAP: 300, Metric.RSS: 300})
"""How many iterations a batch must have for a slope to say anything."""
STEADY: Final = 0.5
"""How much of its first rate a leak still has in the last stage; a filling cache has less."""


def rate(arm: Arm, series: Series) -> float:
    """How much of a series an iteration has added, over all stages."""
    rises = [rise for stage in arm.stages for rise in stage.rises(series) or ()]
    return sum(rises) / arm.iterations() if arm.iterations() else 0.0


def is_whole(arm: Arm, series: Series) -> bool:
    """Whether every iteration has added the same whole number."""
    rates = {rise / stage.iterations for stage in arm.stages for rise in stage.rises(series) or ()}
    return len(rates) == 1 and all(value == int(value) for value in rates)


def grows(arm: Arm, series: Series) -> bool:
    """Whether an exact count has grown in all that was run so far."""
    rises = [stage.rises(series) for stage in arm.stages]
    if not rises or any(part is None or len(part) < BATCHES or min(part) <= 0 for part in rises):
        return False
    rates = [
        sum(part or ()) / (stage.iterations * len(part or ())) for stage, part in zip(arm.stages, rises, strict=True)
    ]
    return rates[-1] >= STEADY * rates[0]


def slope(stage: Stage, metric: Metric) -> float | None:
    """How much of a weighed metric an iteration adds; None where it was not measured, or too little was done."""
    if stage.iterations < MIN_ITERATIONS.get(metric, 1):
        return None
    amounts = [total(reading, metric) for reading in stage.readings]
    known = [value for value in amounts if value is not None]
    if len(known) < len(amounts) or len(known) <= BATCHES:
        return None
    return theil_sen([number * stage.iterations for number in range(len(known))], known)


def suspects(arm: Arm, allowed: Mapping[Metric, float]) -> frozenset[Metric]:
    """The metrics that may be growing by what was run so far, so that more has to be run to know.

    Args:
        arm: the run so far.
        allowed: what an iteration may add, of each metric that is judged.
    """
    weighed = {metric for metric in allowed if precision(metric) is Precision.NEAR_EXACT and arm.stages}
    unknown = {metric for metric in weighed if _is_known_next(arm.stages[-1], metric)}
    steep = {metric for metric in weighed if (slope(arm.stages[-1], metric) or 0) > allowed[metric]}
    measured = {series.metric for series in arm.series()}
    return frozenset({series.metric for series in growing(arm, allowed)} | ((unknown | steep) & measured))


def _is_known_next(stage: Stage, metric: Metric) -> bool:
    """Whether it takes one more stage to know the slope of a metric."""
    least = MIN_ITERATIONS.get(metric, 1)
    return stage.iterations < least <= stage.iterations * GROWTH_OF_STAGES


def growing(arm: Arm, allowed: Mapping[Metric, float]) -> list[Series]:
    """The exact series that grow by more than is allowed, the fastest first; the whole of a metric before its parts."""
    found = [
        series
        for series in arm.series()
        if series.metric in allowed
        and precision(series.metric) is Precision.EXACT
        and grows(arm, series)
        and rate(arm, series) > allowed[series.metric]
    ]
    return sorted(found, key=lambda series: (-rate(arm, series), series.detail != "", series))


def weighed_rates(arms: Iterable[Arm], metric: Metric) -> list[float]:
    """The slopes of a weighed metric, a number for each run; of the last stage, where the batches are the longest."""
    return [steepness for arm in arms if arm.stages and (steepness := slope(arm.stages[-1], metric)) is not None]


def middle(values: Iterable[float]) -> float | None:
    """The median; None of nothing."""
    known = list(values)
    return median(known) if known else None
