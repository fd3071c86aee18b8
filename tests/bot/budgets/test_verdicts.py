"""What is said of metrics, in tables of runs of base and head."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from math import comb
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budgets.documents import document
from bot.budgets.meters.model import Series
from bot.budgets.verdicts import decide, needed_runs, shown_detail
from bot.config.budgets import Allowance, Budget, Growth, Metric, RowLimit
from bot.decisions.budgets import Precision, Result, State, embedded, parse_budgets
from tests.bot.budgets.runs import broken, counting, evidence, run, steady

if TYPE_CHECKING:
    from bot.budgets.records import Arm
    from bot.budgets.verdicts import Evidence

TODAY = date(2026, 11, 24)


def of(given: Evidence, metric: Metric = Metric.TIMERS) -> Result:
    (result,) = [result for result in decide(given, TODAY) if result.metric is metric and result.detail is None]
    return result


def weighed(metric: Metric, *rates: float) -> list[Arm]:
    return [run({Series(metric): lambda done, rate=rate: 5e6 + rate * done}, 2) for rate in rates]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("head", "base", "state"),
    [
        ([0], [0, 0], State.PASS),
        ([0], [], State.PASS),
        ([1, 1], [0, 0, 0], State.NEW_GROWTH),
        ([0.1, 0.1], [0, 0, 0], State.NEW_GROWTH),
        ([1, 1], [], State.NEW_GROWTH),
        ([1, 1, 1], [1, 1, 1, 1], State.GROWTH_IN_BASE),
        ([2, 2, 2], [1, 1, 1, 1], State.NEW_GROWTH),
        ([1.1, 1.1], [1, 1, 1], State.GROWTH_IN_BASE),
        ([1, 1, 1], [1, 0, 1, 1], State.INCONCLUSIVE),
        ([2, 2], [1, 4, 1], State.GROWTH_IN_BASE),
        ([1, 0, 1], [0, 0, 0], State.INCONCLUSIVE),
        ([0], [1, 1], State.PASS),
    ],
)
def test_exact_counts(head: list[float], base: list[float], state: State) -> None:
    result = of(evidence([steady(rate) for rate in head], [steady(rate) for rate in base]))
    assert (result.state, result.precision) == (state, Precision.EXACT)
    assert not result.grown or state is not State.PASS
    assert result.grown or state not in {State.NEW_GROWTH, State.GROWTH_IN_BASE}
    assert result.runs == len(head)


def test_growth_is_told_with_its_rates_and_parts() -> None:
    held = {**counting(Metric.LISTENERS, rate=2), **counting(Metric.LISTENERS, "Bus#tick", start=0, rate=2)}
    clean = {**counting(Metric.LISTENERS), **counting(Metric.LISTENERS, "Bus#tick", start=0)}
    result = of(evidence([run(held), run(held)], [run(clean, 1)] * 3), Metric.LISTENERS)
    assert [(one.detail, one.rate, one.whole) for one in result.grown] == [("Bus#tick", 2.0, True)]
    assert (result.rate, result.base_rate, result.base, result.head) == (2.0, 0.0, 10.0, 10 + 2 * 3900)


@pytest.mark.parametrize(
    ("head", "base", "state"),
    [
        ([150, 160, 170], [10, 20, 30, 0], State.NEW_GROWTH),
        ([120, 160, 170], [10, 20, 30, 0], State.PASS),
        ([90, 90, 90], [-50, -50, -50, -50], State.PASS),
        ([500, 500, 500], [450, 460, 470, 440], State.GROWTH_IN_BASE),
        ([500, 500, 500], [10, 300, 10, 10], State.INCONCLUSIVE),
        ([150, 160, 170], [], State.NEW_GROWTH),
        ([50, 160, 170], [], State.PASS),
    ],
)
def test_near_exact_amounts(head: list[float], base: list[float], state: State) -> None:
    result = of(evidence(weighed(Metric.HEAP, *head), weighed(Metric.HEAP, *base)), Metric.HEAP)
    assert (result.state, result.precision) == (state, Precision.NEAR_EXACT)


@pytest.mark.parametrize(
    ("head", "base", "state"),
    [
        ([3000, 3100, 3200], [1000, 1100, 1200, 1300], State.NEW_GROWTH),
        ([3000, 3100, 3200], [], State.PASS),
        ([3000, 3100], [1000, 1100, 1200], State.PASS),
        ([3000, 3100, 3200], [2500, 2600, 2700, 2400], State.PASS),
    ],
)
def test_the_size_of_a_process_is_judged_against_a_base_only(
    head: list[float], base: list[float], state: State
) -> None:
    result = of(evidence(weighed(Metric.RSS, *head), weighed(Metric.RSS, *base)), Metric.RSS)
    assert (result.state, result.precision) == (state, Precision.STATISTICAL)


@given(st.integers(1, 4), st.integers(0, 2**32))
def test_the_promise_on_weighed_metrics(runs: int, seed: int) -> None:
    """Without a margin, equal programs are called grown in 1 of C(2k, k) orders of their runs, here: of all."""
    rates = random.Random(seed).sample(range(1000, 9000), 2 * runs)
    budget = Budget(growth=Growth(heap=0))
    head, base = weighed(Metric.HEAP, *rates[:runs]), weighed(Metric.HEAP, *rates[runs:])
    result = of(evidence(head, base, budget), Metric.HEAP)
    separate = min(rates[:runs]) > max(rates[runs:])
    assert (result.state in {State.NEW_GROWTH, State.INCONCLUSIVE}) == separate
    assert comb(2 * runs, runs) >= 2


@pytest.mark.parametrize(
    ("metric", "budget", "amounts", "state"),
    [
        (Metric.OPEN_FILES, Budget(open_files=40), [41, 42], State.OVER_BUDGET),
        (Metric.OPEN_FILES, Budget(open_files=40), [40, 40], State.PASS),
        (Metric.OPEN_FILES, Budget(open_files=40), [41, 39], State.PASS),
        (Metric.HEAP, Budget(heap_after_gc=50_000_000), [51e6, 49e6, 52e6], State.OVER_BUDGET),
        (Metric.HEAP, Budget(heap_after_gc=50_000_000), [51e6, 49e6, 48e6], State.PASS),
        (Metric.RSS, Budget(rss=150_000_000), [151e6, 152e6], State.OVER_BUDGET),
    ],
)
def test_levels(metric: Metric, budget: Budget, amounts: list[float], state: State) -> None:
    head = [run(counting(metric, start=amount)) for amount in amounts]
    result = of(evidence(head, budget=budget), metric)
    assert result.state is state
    assert result.limit is not None


def test_tables_have_budgets_of_their_own() -> None:
    rows = (RowLimit("app.db", "messages", 500), RowLimit("app.db", "people", 10))
    held = {**counting(Metric.ROWS, "messages", start=600), **counting(Metric.ROWS, "people", start=5)}
    results = decide(evidence([run(held), run(held)], budget=Budget(rows=rows)), TODAY)
    parts = {result.detail: (result.state, result.head, result.limit) for result in results if result.detail}
    assert parts == {"messages": (State.OVER_BUDGET, 600, 500), "people": (State.PASS, 5, 10)}


def test_what_was_not_measured_is_said_and_is_not_zero() -> None:
    result = of(evidence([steady(0)], budget=Budget(heap_after_gc=1, rows=(RowLimit("a", "t", 1),))), Metric.HEAP)
    assert (result.state, result.head, result.base) == (State.NOT_MEASURED, None, None)


@pytest.mark.parametrize(("head", "base"), [([broken()], [steady(0)]), ([steady(1)], [broken()])])
def test_a_program_that_died_gives_no_result(head: list[Arm], base: list[Arm]) -> None:
    result = of(evidence(head, base))
    assert (result.state, result.grown) == (State.INCONCLUSIVE, ())
    assert "It died." in (result.reason or "")


def test_what_could_not_always_be_read_is_no_pass() -> None:
    arm = steady(1)
    last = arm.stages[-1]
    stages = (*arm.stages[:-1], replace(last, readings=(*last.readings[:-1], {})))
    assert of(evidence([replace(arm, stages=stages)])).state is State.INCONCLUSIVE


@pytest.mark.parametrize(
    ("allowance", "grown"),
    [
        (Allowance(metric=Metric.COLLECTIONS, class_="Map@1", reason="sessions"), False),
        (Allowance(metric=Metric.COLLECTIONS, class_="Map@1", reason="sessions", until=date(2026, 11, 23)), True),
        (Allowance(metric=Metric.TIMERS, class_="Map@1", reason="another metric"), True),
        (Allowance(metric=Metric.COLLECTIONS, class_="Map@2", reason="another one"), True),
    ],
)
def test_growth_that_is_accepted(allowance: Allowance, grown: bool) -> None:
    held = {**counting(Metric.COLLECTIONS, rate=1), **counting(Metric.COLLECTIONS, "Map@1", rate=1)}
    result = of(evidence([run(held), run(held)], budget=Budget(allow=(allowance,))), Metric.COLLECTIONS)
    assert (result.state is State.NEW_GROWTH) == grown


def test_what_is_accepted_hides_nothing_else() -> None:
    allowance = Allowance(metric=Metric.COLLECTIONS, class_="Map@1", reason="sessions")
    held = {**counting(Metric.COLLECTIONS, rate=2), **counting(Metric.COLLECTIONS, "Map@1", rate=1)}
    result = of(evidence([run(held), run(held)], budget=Budget(allow=(allowance,))), Metric.COLLECTIONS)
    assert [(one.detail, one.rate) for one in result.grown] == [(None, 2.0)]


def test_a_little_more_than_is_allowed_is_too_much() -> None:
    budget = Budget(growth=Growth(timers=0.5))
    assert of(evidence([steady(0.55), steady(0.55)], budget=budget)).state is State.NEW_GROWTH
    assert of(evidence([steady(0.5), steady(0.5)], budget=budget)).state is State.PASS


def test_a_red_is_to_be_repeated() -> None:
    once = decide(evidence([steady(1)], [steady(0, stages=1)] * 2), TODAY)
    assert needed_runs(once, 1) == 2
    assert needed_runs(once, 5) == 5
    heap = decide(evidence(weighed(Metric.HEAP, 900), weighed(Metric.HEAP, 0, 0)), TODAY)
    assert needed_runs(heap, 1) == 3
    assert needed_runs(decide(evidence([steady(0)]), TODAY), 3) == 0
    large = evidence([run(counting(Metric.RSS, start=9))], budget=Budget(rss=5))
    assert needed_runs(decide(large, TODAY), 3) == 0


def test_cpu_is_told_per_iteration_and_never_judged() -> None:
    result = of(evidence([steady(0.25, Metric.CPU)], [steady(0.1, Metric.CPU)]), Metric.CPU)
    assert (result.head, result.state) == (0.25, State.PASS)


@given(st.text(max_size=300))
def test_any_name_of_a_part_can_be_published(name: str) -> None:
    held = {**counting(Metric.TIMERS, rate=1), **counting(Metric.TIMERS, name, rate=1)}
    results = decide(evidence([run(held), run(held)]), TODAY)
    budgets = document(results, ["node 24.0.0"], commit="0" * 40)
    assert parse_budgets(embedded(budgets)) == budgets
    assert shown_detail(name) in {one.detail for result in results for one in result.grown}
