"""In which order base and head are run, and how often: as often as the verdict needs, and no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import bot.budgets.pairs
from bot.budgets.arms import Plan
from bot.budgets.gauges import Meters
from bot.budgets.limits import allowed_growth
from bot.budgets.meters.model import Series
from bot.budgets.pairs import compare
from bot.config.budgets import Budget, GrowthVerdict, Metric, Profile, Workload
from tests.bot.budgets.runs import broken, run, steady

if TYPE_CHECKING:
    from bot.budgets.records import Arm

BASE, HEAD = Path("base"), Path("head")
DEFAULT = Budget()


def heap(rate: float, stages: int) -> Arm:
    return run({Series(Metric.HEAP): lambda done: 5e6 + rate * done}, stages)


def order(
    monkeypatch: pytest.MonkeyPatch,
    runs: dict[Path, Any],
    *,
    base: Path | None = BASE,
    pairs: int = 3,
    budget: Budget = DEFAULT,
) -> str:
    """Which were run, with how many stages at least; `runs` give an arm for a number of stages."""
    done: list[str] = []

    def run_arm(plan: Plan, folder: Path, *, stages: range) -> Arm:
        done.append(f"{folder}{stages.start}")
        arm: Arm = runs[folder](stages)
        return arm

    monkeypatch.setattr(bot.budgets.pairs, "run_arm", run_arm)
    profile = Profile(name="poll", command="x", workload=Workload(run="x"), pairs=pairs)
    plan = Plan(profile, allowed_growth(Budget()), Meters)
    compare(plan, budget, HEAD, base, date(2026, 11, 24))
    return " ".join(done)


def clean(stages: range) -> Arm:
    return steady(0, stages=stages.start)


def leaking(stages: range) -> Arm:
    return steady(1, stages=stages.stop - 1)


@pytest.mark.parametrize(
    ("runs", "pairs", "expected"),
    [
        ({BASE: clean, HEAD: clean}, 3, "base1 base1 head1"),
        ({BASE: clean, HEAD: leaking}, 3, "base1 base1 head1 base3 head3 base3 head3"),
        ({BASE: clean, HEAD: leaking}, 1, "base1 base1 head1 base3 head3"),
        ({BASE: leaking, HEAD: leaking}, 3, "base1 base1 head1"),
        ({BASE: leaking, HEAD: clean}, 3, "base1 base1 head1"),
        ({BASE: lambda _: broken(), HEAD: clean}, 3, "base1"),
        ({BASE: clean, HEAD: lambda _: broken()}, 3, "base1 base1 head1"),
        (
            {BASE: lambda stages: heap(0, max(2, stages.start)), HEAD: lambda stages: heap(900, stages.stop - 1)},
            1,
            "base1 base1 head1 base3 head3 base3 head3 base3",
        ),
    ],
    ids=["clean", "leak", "fewest", "in both", "fixed", "base breaks", "head breaks", "weighed"],
)
def test_base_and_head_take_turns(
    runs: dict[Path, Any], pairs: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert order(monkeypatch, runs, pairs=pairs) == expected


@pytest.mark.parametrize(("head", "expected"), [(clean, "head1"), (leaking, "head1 head3 head3")])
def test_without_a_base_the_head_is_repeated(head: Any, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert order(monkeypatch, {HEAD: head}, base=None) == expected


def test_what_fails_in_both_is_repeated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget(fail_on=GrowthVerdict.ANY_GROWTH)
    expected = "base1 base1 head1 base3 head3"
    assert order(monkeypatch, {BASE: leaking, HEAD: leaking}, pairs=2, budget=budget) == expected


def test_a_red_that_does_not_come_again_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = iter([steady(1), steady(0), steady(1)])
    assert order(monkeypatch, {BASE: clean, HEAD: lambda _: next(heads)}) == "base1 base1 head1 base3 head3"
