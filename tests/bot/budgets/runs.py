"""Runs as tests write them: what is held before the first batch, and by how much each iteration adds to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.budgets.meters.model import Series
from bot.budgets.records import BATCHES, GROWTH_OF_STAGES, Arm, Stage
from bot.budgets.verdicts import Evidence
from bot.config.budgets import Budget, Metric

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FIRST = 100


def run(held: Mapping[Series, Callable[[int], float]], stages: int = 3, first: int = FIRST) -> Arm:
    """A run in which `held` says how much there is after so many iterations."""
    done = 0
    recorded = []
    for depth in range(stages):
        batch = first * GROWTH_OF_STAGES**depth
        marks = [done + number * batch for number in range(BATCHES + 1)]
        done = marks[-1]
        recorded.append(Stage(batch, tuple({series: f(mark) for series, f in held.items()} for mark in marks)))
    return Arm(tuple(recorded), runtimes=frozenset({"node 24.0.0"}))


def counting(
    metric: Metric, detail: str = "", *, start: float = 10, rate: float = 0.0
) -> dict[Series, Callable[[int], float]]:
    """A count that rises by the same with every iteration."""
    return {Series(metric, detail): lambda done: start + int(done * rate)}


def steady(rate: float, metric: Metric = Metric.TIMERS, stages: int = 3) -> Arm:
    return run(counting(metric, rate=rate), stages)


def broken(sentence: str = "It died.") -> Arm:
    return replace(steady(0, stages=1), failure=sentence)


def evidence(head: Sequence[Arm], base: Sequence[Arm] = (), budget: Budget | None = None) -> Evidence:
    return Evidence("poll", budget or Budget(), tuple(head), tuple(base))
