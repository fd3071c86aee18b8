"""Measures the profiles of a configuration: of a work tree as it is, or of two commits."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.budgets.arms import Plan, run_arm, run_setup
from bot.budgets.documents import document
from bot.budgets.gauges import Meters, databases_of
from bot.budgets.limits import allowed_growth
from bot.budgets.pairs import compare
from bot.budgets.programs import ProgramError
from bot.budgets.records import Arm
from bot.budgets.revisions import exported
from bot.budgets.sites import confirmed, located, not_exercised, without_accepted
from bot.budgets.verdicts import Evidence, decide
from bot.config.budgets import Budget
from bot.diffs import file_diffs
from bot.linemap import LineMap
from bot.reports.paths import printable_path
from bot.reports.wording import count
from fixers.findings import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.config import Config
    from bot.config.budgets import Profile
    from bot.decisions.budgets import Budgets, Result
    from bot.git import Repository
    from fixers.findings import Finding, Witness

    Move = Callable[[str, int], tuple[str, int] | None]

_NAMED: Final = 3


@dataclass(frozen=True)
class Question:
    """What to measure.

    Attributes:
        profiles: which.
        config: what is in force.
        today: what the ends of accepted growth are held against.
        findings: the static findings of the revision that is judged.
        tell: called with what is being done.
    """

    profiles: Sequence[Profile]
    config: Config
    today: date
    findings: Sequence[Finding] = ()
    tell: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True)
class Measured:
    """What was measured.

    `remarks`: what is to be known besides, with the profile's name. `witnesses`: what was measured of static findings,
    by id. `failed`: a program could not be measured.
    """

    budgets: Budgets
    remarks: tuple[tuple[str, str], ...]
    witnesses: Mapping[str, Witness]
    failed: bool


@dataclass(frozen=True)
class _Outcome:
    """What came of one profile."""

    evidence: Evidence
    results: list[Result]
    witnesses: dict[str, Witness]
    remarks: list[str]


def measure_folder(folder: Path, question: Question, *, commit: str, dirty: bool) -> Measured:
    """Runs profiles on files where they lie.

    Args:
        folder: the files.
        question: what to measure.
        commit: what is checked out there.
        dirty: whether files differ from it.
    """
    outcomes = [_measure(profile, question, folder, None, _stay) for profile in question.profiles]
    return _measured(outcomes, question, commit=commit, dirty=dirty)


def measure_change(repository: Repository, base: str, head: str, question: Question) -> Measured:
    """Runs profiles on two commits, each in a folder of its own.

    Args:
        repository: where they are.
        base: the id of what is compared with.
        head: the id of what is judged.
        question: what to measure.

    Raises:
        GitError: objects are missing.
    """
    outcomes = []
    moves = _moves(repository, base, head)
    for profile in question.profiles:
        with ExitStack() as stack:
            before = stack.enter_context(exported(repository, base))
            after = stack.enter_context(exported(repository, head))
            outcomes.append(_measure(profile, question, after, before, moves))
    return _measured(outcomes, question, commit=head, base=base)


def measure_folders(before: Path, after: Path, question: Question, *, commit: str) -> Measured:
    """Runs profiles on two folders of files.

    Args:
        before: what is compared with.
        after: what is judged.
        question: what to measure.
        commit: what both were made of.
    """
    outcomes = [_measure(profile, question, after, before, _stay) for profile in question.profiles]
    return _measured(outcomes, question, commit=commit, dirty=True)


def _measure(profile: Profile, question: Question, head: Path, base: Path | None, moves: Move) -> _Outcome:
    budget = question.config.budgets.get(profile.name, Budget())

    def tick(what: str) -> None:
        question.tell(f"Measuring {profile.name}: {what}")

    gauge = partial(Meters, databases=databases_of(profile, budget))
    plan = Plan(profile, allowed_growth(budget), gauge, tick)
    evidence = _set_up(profile, budget, head, base, tick) or compare(plan, budget, head, base, question.today)
    results = decide(evidence, question.today)
    remarks = [evidence.failure(), *(remark for arm in evidence.head for remark in arm.remarks)]
    witnesses: dict[str, Witness] = {}
    if any(result.grown for result in results):
        tick("looking for where it is created")
        witness = run_arm(plan, head, stages=range(1, 2), mode="witness")
        remarks.append(witness.failure and f"Where it is created is not known. {witness.failure}")
        results = without_accepted(located(results, witness, str(head)), budget, question.today, moves)
        results, witnesses = confirmed(results, question.findings)
    return _Outcome(evidence, results, witnesses, [remark for remark in dict.fromkeys(remarks) if remark])


def _set_up(
    profile: Profile, budget: Budget, head: Path, base: Path | None, tick: Callable[[str], None]
) -> Evidence | None:
    """Runs the set-up of each revision; what a failure leaves to be said."""
    for which, folder in (("base", base), ("head", head)):
        if folder is None:
            continue
        tick(f"setting up the {which}")
        try:
            run_setup(profile, folder)
        except ProgramError as error:
            arms = {which: (Arm(failure=str(error)),)}
            return Evidence(profile.name, budget, arms.get("head", ()), arms.get("base", ()))
    return None


def _measured(
    outcomes: Sequence[_Outcome], question: Question, *, commit: str, base: str | None = None, dirty: bool = False
) -> Measured:
    witnesses = {key: value for outcome in outcomes for key, value in outcome.witnesses.items()}
    runtimes = {name for outcome in outcomes for arm in outcome.evidence.head for name in arm.runtimes}
    results = [result for outcome in outcomes for result in outcome.results]
    remarks = [(outcome.evidence.profile, remark) for outcome in outcomes for remark in outcome.remarks]
    idle = not_exercised(
        [item for item in question.findings if (item.severity, item.confidence) == (Severity.LEAK, Confidence.HIGH)],
        witnesses,
    )
    if idle:
        remarks.append(("not exercised", _not_exercised(idle)))
    return Measured(
        document(results, runtimes, commit=commit, base=base, dirty=dirty),
        tuple(remarks),
        witnesses,
        any(outcome.evidence.failure() for outcome in outcomes),
    )


def _not_exercised(findings: Sequence[Finding]) -> str:
    names = ", ".join(f"{printable_path(item.path)}:{item.line}" for item in findings[:_NAMED])
    more = f" and {len(findings) - _NAMED} more" if len(findings) > _NAMED else ""
    return f"no growth was measured for {count(len(findings), 'leak')} that the scan finds ({names}{more})."


def _stay(path: str, line: int) -> tuple[str, int]:
    return path, line


def _moves(repository: Repository, base: str, head: str) -> Move:
    """Where lines of the base are in the head."""
    diffs = {diff.old: diff for diff in file_diffs(repository, base, head) if diff.old is not None}

    def move(path: str, line: int) -> tuple[str, int] | None:
        diff = diffs.get(path)
        if diff is None:
            return path, line
        there = LineMap(diff.hunks).to_head(line)
        return None if diff.new is None or there is None else (diff.new, there)

    return move
