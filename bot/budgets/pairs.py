"""Base and head, run in turn and never at once, until the verdict stands.

The base is run twice at first: what differs between those runs can fail nothing. What looks red is repeated in pairs of
a base and a head that do equal work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.budgets.arms import run_arm
from bot.budgets.verdicts import Evidence, decide, needed_runs

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.budgets.arms import Plan
    from bot.config.budgets import Budget

AGREEING_BASES = 2


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
    while not evidence.failure() and len(evidence.head) < needed_runs(decide(evidence, today), profile.pairs):
        depth = len(evidence.head[0].stages)
        again = range(depth, depth + 1)
        if base is not None:
            evidence = _with(evidence, plan, again, base=base)
        evidence = _with(evidence, plan, again, head=head)
    return evidence


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
