"""The figures of `python -m bench.overhead`: what pairs of runs say, with their interval."""

from __future__ import annotations

import pytest

from bench.overhead.__main__ import overhead


def test_equal_ratios_leave_no_doubt() -> None:
    assert overhead([1.1] * 10) == pytest.approx((0.1, 0.1, 0.1))


def test_ratios_multiply() -> None:
    found = overhead([2.0, 0.5])
    assert found.mean == pytest.approx(0)
    assert (1 + found.low) * (1 + found.high) == pytest.approx(1)


def test_the_interval_is_students() -> None:
    # Ten pairs: t is 2.26 for nine degrees of freedom; these logarithms have a deviation of 0.0105409.
    found = overhead([1.01, 1 / 1.01] * 5)
    assert found.high == pytest.approx(0.0075, abs=0.0001)
    assert found.low == pytest.approx(-0.0075, abs=0.0001)
