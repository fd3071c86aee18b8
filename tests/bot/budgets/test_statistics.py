"""Trends in short series, against tables and against what must hold of any series."""

from __future__ import annotations

from itertools import permutations
from math import factorial, isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budgets.statistics import mann_kendall, theil_sen, theil_sen_lower

SERIES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=15)


@pytest.mark.parametrize(
    ("ys", "expected"),
    [
        ([1, 2, 3, 4], 1 / 24),
        ([1, 2, 4, 3], 4 / 24),
        ([4, 3, 2, 1], 1.0),
        # Kendall (1970), table 1: for n = 5, P(S >= 6) is .117 and P(S >= 8) .042.
        ([1, 2, 4, 3, 5], 5 / 120),
        ([2, 1, 4, 3, 5], 14 / 120),
        ([1, 2, 3, 5, 4, 6], 6 / 720),
        ([5], 1.0),
        ([], 1.0),
        ([7, 7, 7, 7], 1.0),
    ],
)
def test_the_chance_of_a_rise(ys: list[float], expected: float) -> None:
    assert isclose(mann_kendall(ys), expected)


@pytest.mark.parametrize("length", [3, 5, 6])
def test_the_exact_chance_is_that_of_all_orders(length: int) -> None:
    chances = [mann_kendall(order) for order in permutations(range(length))]
    for chance in set(chances):
        # The share of orders that look at least as steep is just what the test promises.
        assert isclose(sum(other <= chance + 1e-12 for other in chances) / factorial(length), chance)


def test_ties_are_taken_into_account() -> None:
    # n = 6 with one pair of ties: S = 14, Var S = (6*5*17 - 2*1*9)/18 = 27.33, z = 13/5.228.
    assert isclose(mann_kendall([1, 2, 2, 3, 4, 5]), 0.006451, abs_tol=1e-5)


@given(SERIES)
def test_what_is_turned_around_falls_where_it_rose(ys: list[int]) -> None:
    xs = range(len(ys))
    assert isclose(theil_sen(xs, ys), -theil_sen(xs, [-y for y in ys]))
    assert 0 <= mann_kendall(ys) <= 1
    if mann_kendall(ys) < 0.5:
        assert mann_kendall([-y for y in ys]) >= 0.5


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(3, 12))
def test_a_straight_line_has_its_slope(slope: int, start: int, length: int) -> None:
    xs = list(range(length))
    assert theil_sen(xs, [start + slope * x for x in xs]) == slope
    assert theil_sen_lower(xs, [start + slope * x for x in xs]) <= slope


@given(SERIES, st.integers(-10, 10))
def test_one_step_more_is_one_more_slope(ys: list[int], slope: int) -> None:
    xs = range(len(ys))
    tilted = [y + slope * x for x, y in zip(xs, ys, strict=True)]
    assert isclose(theil_sen(xs, tilted), theil_sen(xs, ys) + slope, abs_tol=1e-9)


@given(SERIES)
def test_the_lower_end_lies_below_the_slope(ys: list[int]) -> None:
    xs = range(len(ys))
    assert theil_sen_lower(xs, ys) <= theil_sen(xs, ys) + 1e-9


def test_a_single_step_is_no_slope() -> None:
    assert theil_sen(range(9), [0, 0, 0, 0, 0, 0, 0, 0, 90]) == 0
    assert theil_sen([], []) == theil_sen_lower([1], [1]) == 0
