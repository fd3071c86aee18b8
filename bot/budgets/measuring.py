"""Measures the profiles of a configuration: of a work tree as it is, or of two commits."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.budgets.arms import Plan, run_setup
from bot.budgets.documents import document
from bot.budgets.gauges import Outside
from bot.budgets.limits import allowed_growth
from bot.budgets.pairs import compare
from bot.budgets.programs import ProgramError
from bot.budgets.records import Arm
from bot.budgets.revisions import exported
from bot.budgets.verdicts import Evidence
from bot.config.budgets import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from bot.config import Config
    from bot.config.budgets import Profile
    from bot.decisions.budgets import Budgets
    from bot.git import Repository


@dataclass(frozen=True)
class Measured:
    """What was measured. `remarks`: what is to be known besides, by profile. `failed`: a program could not be measured."""

    budgets: Budgets
    remarks: tuple[tuple[str, str], ...]
    failed: bool


def measure_work_tree(
    repository: Repository,
    commit: str,
    profiles: Sequence[Profile],
    config: Config,
    today: date,
    *,
    dirty: bool,
    tell: Callable[[str], None],
) -> Measured:
    """Runs profiles on the files of the work tree, where they lie.

    Args:
        repository: whose work tree.
        commit: what is checked out.
        profiles: which.
        config: what is in force.
        today: what the ends of accepted growth are held against.
        dirty: whether files differ from the commit.
        tell: called with what is being done.

    Raises:
        GitError: the repository is bare.
    """
    root = repository.files_root()
    evidence = [_measure(profile, config, root, None, today, tell) for profile in profiles]
    return _measured(evidence, document(evidence, today, commit=commit, dirty=dirty))


def measure_change(
    repository: Repository,
    base: str,
    head: str,
    profiles: Sequence[Profile],
    config: Config,
    today: date,
    *,
    tell: Callable[[str], None],
) -> Measured:
    """Runs profiles on two commits, each in a folder of its own.

    Args:
        repository: where they are.
        base: the id of what is compared with.
        head: the id of what is judged.
        profiles: which.
        config: what is in force.
        today: what the ends of accepted growth are held against.
        tell: called with what is being done.

    Raises:
        GitError: objects are missing.
    """
    evidence = []
    for profile in profiles:
        with ExitStack() as stack:
            before = stack.enter_context(exported(repository, base))
            after = stack.enter_context(exported(repository, head))
            evidence.append(_measure(profile, config, after, before, today, tell))
    return _measured(evidence, document(evidence, today, commit=head, base=base))


def _measure(
    profile: Profile, config: Config, head: Path, base: Path | None, today: date, tell: Callable[[str], None]
) -> Evidence:
    budget = config.budgets.get(profile.name, Budget())

    def tick(what: str) -> None:
        tell(f"Measuring {profile.name}: {what}")

    for which, folder in (("base", base), ("head", head)):
        if folder is not None:
            tick(f"setting up the {which}")
            try:
                run_setup(profile, folder)
            except ProgramError as error:
                failed = (Arm(failure=str(error)),)
                return Evidence(
                    profile.name, budget, failed if which == "head" else (), failed if which == "base" else ()
                )
    plan = Plan(profile, allowed_growth(budget), lambda _: Outside(), tick)
    return compare(plan, budget, head, base, today)


def _measured(evidence: Sequence[Evidence], budgets: Budgets) -> Measured:
    remarks = [
        (one.profile, remark)
        for one in evidence
        for remark in dict.fromkeys(
            [*filter(None, [one.failure()]), *(said for arm in one.head for said in arm.remarks)]
        )
    ]
    return Measured(budgets, tuple(remarks), any(one.failure() for one in evidence))
