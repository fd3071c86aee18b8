"""What becomes of a job after a run: a pure decision over how the run ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from bot.jobs.model import MAX_FAILURES, Done, Drop, Retry

if TYPE_CHECKING:
    from bot.jobs.model import Kind, Outcome

MAX_GAVE_UP_FAILURES: Final = 10
"""After so many failures of `gave_up` itself, the job ends without a word."""


class Ended(StrEnum):
    """How runs end, as they are counted."""

    DONE = "done"
    DROPPED = "dropped"
    DELAYED = "delayed"
    FAILED = "failed"
    STALLED = "stalled"
    OVERDUE = "overdue"
    GAVE_UP = "gave_up"
    SUPERSEDED = "superseded"
    RETURNED = "returned"

    @classmethod
    def of(cls, outcome: Outcome, verdict: Verdict) -> Ended:
        """How a run ended that said so itself."""
        if verdict.state == "poison":
            return cls.GAVE_UP
        if isinstance(outcome, Retry):
            return cls.FAILED if outcome.after is None else cls.DELAYED
        return cls.DROPPED if isinstance(outcome, Drop) else cls.DONE


@dataclass(frozen=True)
class Verdict:
    """What to write into the job's row.

    Attributes:
        state: the new one; `waiting` for another run.
        wait: when that is: after a time, or not before a moment.
        failures: the new count.
        reason: why it is not done.
        giving_up: with which reason the next run calls `gave_up` rather than the handler.
    """

    state: str
    wait: timedelta | datetime = timedelta(0)
    failures: int = 0
    reason: str | None = None
    giving_up: str | None = None


def judge_run(kind: Kind, outcome: Outcome, failures: int, giving_up: str | None) -> Verdict:
    """Decides how a job goes on.

    Args:
        kind: of the job.
        outcome: what the handler, or `gave_up` where that was called, said.
        failures: how often the job failed before this run.
        giving_up: the reason where this run called `gave_up`.
    """
    if isinstance(outcome, Retry):
        if outcome.after is not None:
            return Verdict("waiting", outcome.after, failures, outcome.reason, giving_up)
        return _after_failure(kind, outcome.reason, failures + 1, giving_up)
    if giving_up is not None:
        return Verdict("poison", failures=failures, reason=giving_up)
    if isinstance(outcome, Drop):
        return Verdict("dropped", failures=failures, reason=outcome.reason)
    assert isinstance(outcome, Done)
    return Verdict("done", failures=failures)


def _after_failure(kind: Kind, reason: str, failures: int, giving_up: str | None) -> Verdict:
    if giving_up is not None:
        if failures >= MAX_FAILURES + MAX_GAVE_UP_FAILURES:
            return Verdict("poison", failures=failures, reason=giving_up)
        return Verdict("waiting", kind.backoff[-1], failures, giving_up, giving_up)
    if failures < MAX_FAILURES:
        wait = kind.backoff[min(failures, len(kind.backoff)) - 1]
        return Verdict("waiting", wait, failures, reason)
    if kind.gave_up is None:
        return Verdict("poison", failures=failures, reason=reason)
    return Verdict("waiting", failures=failures, reason=reason, giving_up=reason)
