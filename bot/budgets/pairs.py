"""Base and head, run in turn and never at once, until the verdict stands.

The base is run twice at first: what differs between those runs can fail nothing. What looks red is repeated in pairs of
a base and a head that do equal work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.budgets.arms import run_arm
from bot.budgets.verdicts import Evidence, decide, needed_runs
from bot.decisions.budgets import Precision, State

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.budgets.arms import Plan
    from bot.config.budgets import Budget

AGREEING_BASES: Final = 2


def compare(plan: Plan, budget: Budget, head: Path, base: Path | None, today: date) -> Evidence:
    """Runs a profile as often as its verdict needs.

    Args:
        plan: how to run it.
        budget: what it may hold and grow.
        head: the files of what is judged, set up.
        base: the files of what it is compared with, set up; None: nothing.
        today: what the ends of accepted growth are held against.
    """
    profile = plan.profile
    stages = range(1, profile.stages + 1)
    evidence = Evidence(profile.name, budget, ())
    for _ in range(AGREEING_BASES if base is not None else 0):
        evidence = _with(evidence, plan, stages, base=base)
    evidence = _with(evidence, plan, stages, head=head)
    while not evidence.failure() and len(evidence.head) < _needed(evidence, profile.pairs, today):
        depth = len(evidence.head[0].stages)
        again = range(depth, depth + 1)
        if base is not None:
            evidence = _with(evidence, plan, again, base=base)
        evidence = _with(evidence, plan, again, head=head)
    while base is not None and _lacks_bases(evidence, today):
        depth = len(evidence.head[0].stages)
        evidence = _with(evidence, plan, range(depth, depth + 1), base=base)
    return evidence


def _needed(evidence: Evidence, pairs: int, today: date) -> int:
    return needed_runs(decide(evidence, today), pairs, evidence.budget.fail_on)


def _lacks_bases(evidence: Evidence, today: date) -> bool:
    """Whether weighed growth is to be shown that fewer runs of the base than of the head speak against.

    The first ones may have had fewer stages than the head, whose counts grew.
    """
    if evidence.failure():
        return False
    weighed = any(
        result.precision is Precision.NEAR_EXACT and result.state is State.NEW_GROWTH
        for result in decide(evidence, today)
    )
    depth = len(evidence.head[0].stages)
    return weighed and sum(len(arm.stages) == depth for arm in evidence.base) < len(evidence.head)


def _with(
    evidence: Evidence, plan: Plan, stages: range, *, base: Path | None = None, head: Path | None = None
) -> Evidence:
    """The evidence with another run, unless a run before it has failed."""
    if any(not arm.is_complete for arm in (*evidence.base, *evidence.head)):
        return evidence
    bases, heads = evidence.base, evidence.head
    if base is not None:
        bases = (*bases, run_arm(plan, base, stages=stages))
    if head is not None:
        heads = (*heads, run_arm(plan, head, stages=stages))
    return Evidence(evidence.profile, evidence.budget, heads, bases)
