"""What is said of each metric, from the runs of base and head. Pure.

Nothing fails on one run: what looks red is repeated, and has to be red in every run of the head. Nothing fails that
differs from itself: the base is run twice at first, and what those runs do not agree on is inconclusive. Of weighed
metrics every run of the head has to exceed every run of the base by a margin; without a margin, the chance of that
among equal programs is 1 in C(2k, k) for k runs of each, whatever the noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from bot.budgets.growth import growing, grows, is_whole, middle, rate, weighed_rates
from bot.budgets.limits import allowed_growth, in_force, limits
from bot.budgets.meters.model import Series, precision, unit
from bot.config.budgets import GrowthVerdict, Metric
from bot.decisions.budgets import MAX_GROWN, MAX_POINTS, Grown, Precision, Result, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from bot.budgets.limits import Limit
    from bot.budgets.records import Arm
    from bot.config.budgets import Budget

FASTER: Final = 1.25
"""By what factor every rate of the head must exceed every rate of the base to be another rate."""
RUNS: Final = {Precision.EXACT: 2, Precision.NEAR_EXACT: 3, Precision.STATISTICAL: 3}
"""How many runs of the head have to agree before growth is shown."""
_GROWING: Final = frozenset({State.NEW_GROWTH, State.GROWTH_IN_BASE, State.INCONCLUSIVE})
_RED: Final = frozenset({State.NEW_GROWTH, State.OVER_BUDGET})


@dataclass(frozen=True)
class Evidence:
    """The runs of a profile, in their order. `base`: none where nothing is compared."""

    profile: str
    budget: Budget
    head: tuple[Arm, ...]
    base: tuple[Arm, ...] = ()

    def failure(self) -> str:
        """Why there is nothing to be said; empty where there is."""
        broken = [("base: ", arm) for arm in self.base] + [("", arm) for arm in self.head]
        return next((f"{which}{arm.failure}" for which, arm in broken if not arm.is_complete), "")


def decide(evidence: Evidence, today: date) -> list[Result]:
    """What is said of each metric that was measured, or has a limit, in the order of `Metric`.

    Args:
        evidence: the runs.
        today: what the ends of accepted growth are held against.
    """
    bounds = limits(evidence.budget)
    whole = {limit.metric: limit for limit in bounds if not limit.detail}
    failure = evidence.failure()
    measured = {series.metric for arm in evidence.head for series in arm.series()}
    results = []
    for metric in Metric:
        if metric in measured or metric in whole:
            judged = _Judge(evidence, metric, today).result(whole.get(metric))
            results.append(_without_result(judged, failure) if failure and metric in measured else judged)
        parts = [limit for limit in bounds if limit.metric is metric and limit.detail]
        results += [_part(evidence, limit, failure) for limit in parts]
    return results


def needed_runs(results: Sequence[Result], pairs: int, fail_on: GrowthVerdict = GrowthVerdict.NEW_GROWTH) -> int:
    """How many runs of the head it takes to show what looks red; none for what only warns.

    Args:
        results: by the runs so far.
        pairs: how many the profile wants at least.
        fail_on: which growth fails.
    """
    failing = _RED | ({State.GROWTH_IN_BASE} if fail_on is GrowthVerdict.ANY_GROWTH else set())
    red = [result.precision for result in results if result.state in failing]
    kinds = [RUNS[kind] for kind in red if kind is not Precision.STATISTICAL]
    return max(pairs, *kinds) if kinds else 0


class _Judge:
    """One metric of one profile."""

    def __init__(self, evidence: Evidence, metric: Metric, today: date) -> None:
        self._evidence = evidence
        self._metric = metric
        self._precision = precision(metric)
        self._most = allowed_growth(evidence.budget).get(metric)
        self._accepted = {
            entry.class_ for entry in in_force(evidence.budget, today) if entry.metric is metric and entry.class_
        }

    def result(self, limit: Limit | None) -> Result:
        """The metric as a whole."""
        evidence, metric = self._evidence, self._metric
        head = middle(_highest(evidence.head, metric))
        if head is None:
            return _result(evidence, metric, State.NOT_MEASURED, limit=limit)
        if metric is Metric.CPU:
            return self._per_iteration()
        state, reason, grown = self._growth()
        if state not in {State.NEW_GROWTH, State.INCONCLUSIVE} and _is_over(evidence.head, metric, limit):
            state = State.OVER_BUDGET
        base_points, head_points = _points(evidence, metric)
        shown = self._most is not None and (state in _GROWING or self._grew(evidence.base))
        return _result(
            evidence,
            metric,
            state,
            limit=limit,
            base=middle(_highest(evidence.base, metric)),
            head=head,
            rate=middle(self._told_rates(evidence.head)) if shown else None,
            base_rate=middle(self._told_rates(evidence.base)) if shown else None,
            grown=grown,
            base_points=base_points,
            head_points=head_points,
            reason=reason or None,
        )

    def _grew(self, arms: Sequence[Arm]) -> bool:
        """Whether it grew by more than is allowed in each of some runs."""
        if not arms or self._most is None:
            return False
        if self._precision is Precision.EXACT:
            return all(self._growing(arm, self._most) for arm in arms)
        rates = self._rates(arms)
        return self._precision is Precision.NEAR_EXACT and bool(rates) and min(rates) > self._most

    def _per_iteration(self) -> Result:
        """What an iteration costs: of what only ever adds up, the most that was held says nothing."""
        base, head = middle(self._rates(self._evidence.base)), middle(self._rates(self._evidence.head))
        return _result(self._evidence, self._metric, State.PASS, limit=None, base=base, head=head)

    def _rates(self, arms: Sequence[Arm]) -> list[float]:
        if self._precision is Precision.EXACT or self._metric is Metric.CPU:
            return [rate(arm, Series(self._metric)) for arm in arms]
        return weighed_rates(equally_deep(arms, self._evidence.head), self._metric)

    def _told_rates(self, arms: Sequence[Arm]) -> list[float]:
        """The rates of what grows; others of the metric may come and go, such as timers of the runtime itself."""
        telling: list[Series] = []
        if self._precision is Precision.EXACT and self._most is not None:
            evidence = self._evidence
            telling = self._steady(evidence.head, self._most) or self._steady(evidence.base, self._most)
        return [sum(rate(arm, series) for series in telling) for arm in arms] if telling else self._rates(arms)

    def _growth(self) -> tuple[State, str, tuple[Grown, ...]]:
        if self._most is None:
            return State.PASS, "", ()
        if any(arm.lost(self._metric) for arm in (*self._evidence.base, *self._evidence.head)):
            return State.INCONCLUSIVE, "It could not be read at every moment.", ()
        return self._exact(self._most) if self._precision is Precision.EXACT else self._weighed(self._most)

    def _exact(self, most: float) -> tuple[State, str, tuple[Grown, ...]]:
        head, base = self._evidence.head, self._evidence.base
        parts = self._steady(head, most)
        if not parts:
            unsteady = len(head) > 1 and any(self._growing(arm, most) for arm in head)
            return (State.INCONCLUSIVE, "It grew in some runs only.", ()) if unsteady else (State.PASS, "", ())
        verdicts = {series: self._compared(series, base) for series in parts}
        for state in (State.NEW_GROWTH, State.INCONCLUSIVE, State.GROWTH_IN_BASE):
            telling = [series for series in parts if verdicts[series] is state]
            if telling:
                reason = "The base's own runs differ in it." if state is State.INCONCLUSIVE else ""
                return state, reason, tuple(self._grown(series) for series in telling[:MAX_GROWN])
        raise AssertionError("each of the growing series has one of these states")

    def _steady(self, arms: Sequence[Arm], most: float) -> list[Series]:
        """What grows in each of some runs: the parts, and the whole where they do not explain it."""
        if not arms:
            return []
        candidates = [self._growing(arm, most) for arm in arms]
        steady = [series for series in candidates[0] if all(series in other for other in candidates[1:])]
        parts = [series for series in steady if series.detail]
        known = sum(rate(arms[0], series) for series in parts)
        unexplained = [
            series for series in steady if not series.detail and rate(arms[0], series) > known * FASTER + most
        ]
        return [*parts, *unexplained]

    def _growing(self, arm: Arm, most: float) -> list[Series]:
        """What grows in a run by more than is allowed, without what is accepted, the fastest first."""
        found = growing(arm, {self._metric: most})
        accepted = [series for series in found if series.detail in self._accepted]
        if not accepted:
            return found
        known = sum(rate(arm, series) for series in accepted)
        return [
            series
            for series in found
            if series not in accepted and (series.detail or rate(arm, series) > known * FASTER + most)
        ]

    def _compared(self, series: Series, base: Sequence[Arm]) -> State:
        grew = [grows(arm, series) and len(arm.stages) == len(self._evidence.head[0].stages) for arm in base]
        if not any(grew):
            return State.NEW_GROWTH
        if not all(grew):
            return State.INCONCLUSIVE
        before = [rate(arm, series) for arm in base]
        now = [rate(arm, series) for arm in self._evidence.head]
        agreed = max(before) <= FASTER * min(before)
        return State.NEW_GROWTH if agreed and min(now) > FASTER * max(before) else State.GROWTH_IN_BASE

    def _grown(self, series: Series) -> Grown:
        head = self._evidence.head
        speed = middle(rate(arm, series) for arm in head) or 0.0
        whole = all(is_whole(arm, series) for arm in head)
        return Grown(detail=shown_detail(series.detail), rate=speed, whole=whole)

    def _weighed(self, margin: float) -> tuple[State, str, tuple[Grown, ...]]:
        head = self._evidence.head
        now, before = self._rates(head), self._rates(self._evidence.base)
        exact = self._precision is Precision.NEAR_EXACT
        if not now or len(now) < len(head) or (not exact and len(now) < RUNS[self._precision]):
            return State.PASS, "", ()
        if not self._evidence.base:
            return (State.NEW_GROWTH if exact and min(now) > margin else State.PASS), "", ()
        if not before or min(now) <= margin:
            return State.PASS, "", ()
        if min(now) > max(before) + margin:
            if max(before) - min(before) > margin:
                return State.INCONCLUSIVE, "The base's own runs differ in it.", ()
            return State.NEW_GROWTH, "", ()
        return (State.GROWTH_IN_BASE if exact and min(before) > margin else State.PASS), "", ()


def equally_deep(arms: Sequence[Arm], head: Sequence[Arm]) -> list[Arm]:
    """The runs with as many stages as the head has, since only equal work can be compared; all where none has."""
    depth = max((len(arm.stages) for arm in head), default=0)
    return [arm for arm in arms if len(arm.stages) == depth] or list(arms)


def shown_detail(detail: str) -> str | None:
    """The name of a part as a result may hold it."""
    cleaned = "".join(character if character.isprintable() and character not in "|\\" else "?" for character in detail)
    return cleaned[:200] or None


def _highest(arms: Sequence[Arm], metric: Metric, detail: str = "") -> list[float]:
    return [value for arm in arms if (value := arm.highest(metric, detail)) is not None]


def _is_over(arms: Sequence[Arm], metric: Metric, limit: Limit | None) -> bool:
    held = _highest(arms, metric, limit.detail if limit else "")
    if limit is None or not held:
        return False
    exact = precision(metric) is Precision.EXACT
    return min(held) > limit.most if exact else (middle(held) or 0) > limit.most


def _points(evidence: Evidence, metric: Metric) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What the last pair of runs held after each batch; nothing of the base where it was not asked for as much."""
    head = evidence.head[-1].points(metric)[:MAX_POINTS] if evidence.head else ()
    base = evidence.base[-1].points(metric)[:MAX_POINTS] if evidence.base else ()
    return (base if len(base) == len(head) else ()), head


def _part(evidence: Evidence, limit: Limit, failure: str) -> Result:
    """A part of a metric that has a limit of its own; growth is judged of the metric as a whole."""
    metric, detail = limit.metric, limit.detail
    head = middle(_highest(evidence.head, metric, detail))
    if head is None:
        return _result(evidence, metric, State.NOT_MEASURED, limit=limit)
    state = State.OVER_BUDGET if _is_over(evidence.head, metric, limit) else State.PASS
    base = middle(_highest(evidence.base, metric, detail))
    result = _result(evidence, metric, state, limit=limit, base=base, head=head)
    return _without_result(result, failure) if failure else result


def _result(evidence: Evidence, metric: Metric, state: State, *, limit: Limit | None, **fields: object) -> Result:
    return Result(
        profile=evidence.profile,
        metric=metric,
        detail=shown_detail(limit.detail) if limit else None,
        unit=unit(metric),
        precision=precision(metric),
        state=state,
        limit=limit.most if limit else None,
        runs=len(evidence.head),
        iterations=max((arm.iterations() for arm in evidence.head), default=0),
        **fields,  # type: ignore[arg-type]
    )


def _without_result(result: Result, failure: str) -> Result:
    return msgspec.structs.replace(result, state=State.INCONCLUSIVE, reason=failure[:500], grown=(), rate=None)
