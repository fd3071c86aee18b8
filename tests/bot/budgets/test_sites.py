"""Where growth comes from, and the finding there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import msgspec
import pytest

from bot.budgets.meters.model import Place, Series
from bot.budgets.sites import NEAR, confirmed, located, not_exercised, without_accepted
from bot.budgets.verdicts import decide
from bot.config.budgets import Allowance, Budget, Metric
from bot.decisions.budgets import Result, State
from fixers.findings import Family, Witness
from tests.bot.budgets.runs import counting, evidence, run
from tests.bot.findings import finding as made

if TYPE_CHECKING:
    from fixers.findings import Finding

TODAY = date(2026, 11, 24)
ROOT = "/checkout"
HELD = {**counting(Metric.TIMERS, rate=1), **counting(Metric.TIMERS, "interval", rate=1)}
INTERVAL = Series(Metric.TIMERS, "interval")


def results(places: dict[Place, float], budget: Budget | None = None) -> list[Result]:
    arm = run(HELD, 1)
    witness = replace(arm, sites={INTERVAL: places})
    return located(decide(evidence([run(HELD), run(HELD)], budget=budget), TODAY), witness, ROOT)


def timers(found: list[Result]) -> Result:
    return next(result for result in found if result.metric is Metric.TIMERS)


def finding(path: str = "src/poll.ts", line: int = 42, family: Family = Family.TIMER) -> Finding:
    return msgspec.structs.replace(made(path, line), end_line=line, family=family, id="abcd.1")


@pytest.mark.parametrize(
    ("places", "sites"),
    [
        ({Place("/checkout/src/poll.ts", 42, 13): 300.0}, [("src/poll.ts", 42, 13, 1.0)]),
        (
            {Place("/checkout/a.js", 1, 2): 225.0, Place("/checkout/b.js", 3, 4): 75.0},
            [("a.js", 1, 2, 0.75), ("b.js", 3, 4, 0.25)],
        ),
        ({Place("/checkout/a.js", 1, 2): 300.0, Place("/checkout/b.js", 3, 4): 1.0}, [("a.js", 1, 2, 1.0)]),
        ({Place("/checkout/node_modules/x/i.js", 1, 2): 300.0}, [None]),
        ({Place("/usr/lib/node/timers.js", 1, 2): 300.0}, [None]),
        ({Place("/checkout/a.js", 1, 2): 0.0, Place("/checkout/b.js", 1, 2): -5.0}, [None]),
        ({Place("/checkout/a|b.js", 1, 2): 300.0}, [None]),
        ({}, [None]),
    ],
)
def test_growth_is_split_by_place(places: dict[Place, float], sites: list[tuple[str, int, int, float] | None]) -> None:
    found = timers(results(places))
    told: list[object] = [
        (one.site.path, one.site.line, one.site.column, pytest.approx(one.rate)) if one.site else None
        for one in found.grown
    ]
    assert told == sites
    assert (found.site is None) == (sites == [None])


@pytest.mark.parametrize(
    ("candidate", "is_confirmed"),
    [
        (finding(), True),
        (finding(line=42 + NEAR), True),
        (finding(line=42 - NEAR), True),
        (finding(line=43 + NEAR), False),
        (finding(path="src/other.ts"), False),
        (finding(family=Family.FILE), False),
    ],
)
def test_a_finding_is_confirmed_where_what_grows_is_made(candidate: Finding, is_confirmed: bool) -> None:
    found = results({Place("/checkout/src/poll.ts", 42, 13): 300.0})
    joined, witnesses = confirmed(found, [candidate])
    assert [one.finding for one in timers(joined).grown] == ["abcd.1" if is_confirmed else None]
    expected = Witness(profile="poll", rate="+1 timers per iteration", exact=True)
    assert witnesses == ({"abcd.1": expected} if is_confirmed else {})
    assert not_exercised([candidate], witnesses) == ([] if is_confirmed else [candidate])


def test_the_nearest_finding_is_the_one() -> None:
    found = results({Place("/checkout/src/poll.ts", 42, 13): 300.0})
    near, nearer = finding(line=40), msgspec.structs.replace(finding(line=43), id="near.1")
    assert list(confirmed(found, [near, nearer])[1]) == ["near.1"]


@pytest.mark.parametrize(
    ("site", "state"),
    [
        ("src/poll.ts:42", State.PASS),
        ("src/poll.ts:44", State.PASS),
        ("src/poll.ts", State.PASS),
        ("src/poll.ts:60", State.NEW_GROWTH),
        ("src/other.ts:42", State.NEW_GROWTH),
    ],
)
def test_growth_that_is_accepted_by_its_place(site: str, state: State) -> None:
    budget = Budget(allow=(Allowance(metric=Metric.TIMERS, site=site, reason="known"),))
    found = results({Place("/checkout/src/poll.ts", 42, 13): 300.0}, budget)
    assert timers(without_accepted(found, budget, TODAY)).state is state


def test_accepted_places_move_with_their_lines() -> None:
    budget = Budget(allow=(Allowance(metric=Metric.TIMERS, site="old.ts:7", reason="known"),))
    found = results({Place("/checkout/src/poll.ts", 42, 13): 300.0}, budget)
    moves = {("old.ts", 7): ("src/poll.ts", 41)}
    assert timers(without_accepted(found, budget, TODAY)).state is State.NEW_GROWTH
    there = without_accepted(found, budget, TODAY, lambda path, line: moves.get((path, line)))
    assert timers(there).state is State.PASS
    gone = without_accepted(found, budget, TODAY, lambda path, line: None)
    assert timers(gone).state is State.NEW_GROWTH
