"""What a job is, how it can end, and what a kind of job says about its handler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.jobs.lease import Lease

Argument = int | str | bool | None
"""Ids, commits and our own words: no token, and no text from outside."""

MAX_FAILURES: Final = 3
"""After so many a job is given up."""


@dataclass(frozen=True)
class Job:
    """A job that runs.

    Attributes:
        id: of its row; a job that is tried again keeps it.
        lane: jobs of one lane run one at a time.
        failures: how often it failed before.
    """

    id: int
    kind: str
    lane: str
    arguments: Mapping[str, Argument]
    failures: int = 0


@dataclass(frozen=True)
class Done:
    """The job did what it had to."""


@dataclass(frozen=True)
class Drop:
    """There is nothing to do any more; the reason is a sentence of ours."""

    reason: str


@dataclass(frozen=True)
class Retry:
    """The job has to run again.

    Attributes:
        reason: a sentence of ours, shown where the job is given up.
        after: not before this, for what is not the job's fault, such as a rate limit: it does not count as a failure.
            Without it, the failure counts and the wait grows.
    """

    reason: str
    after: datetime | timedelta | None = None


Outcome = Done | Drop | Retry


@dataclass(frozen=True)
class Kind:
    """How jobs of one kind are worked off.

    Attributes:
        handler: does the work, in a thread of its own. An exception counts as a failure; `LeaseLost` as nothing.
        gave_up: called instead of the handler after the last failure, with the reason, to tell about it (a check that
            ends neutral). It has a lease too, and is itself tried again until it succeeds or has failed ten times.
        limit: a run that takes longer is ended as a failure, though its worker may live.
        backoff: the waits before the second and the third try.
        is_quick: takes moments, so that it runs in slots of its own, and never behind those that take minutes.
    """

    handler: Callable[[Job, Lease], Outcome]
    gave_up: Callable[[Job, Lease, str], Outcome] | None = None
    limit: timedelta = timedelta(minutes=15)
    backoff: tuple[timedelta, ...] = (timedelta(seconds=20), timedelta(minutes=3))
    is_quick: bool = False


@dataclass(frozen=True)
class Schedule:
    """A job submitted at the times that `cron` names (UTC; a sixth field is seconds), by one worker of all."""

    cron: str
    kind: str
    lane: str


class Submitted(StrEnum):
    """What became of a submission."""

    NEW = "new"
    """A job waits now."""
    REPLACED = "replaced"
    """A waiting job of the same lane and kind has these arguments now."""
    KNOWN = "known"
    """A waiting job had these arguments already."""
    POISON = "poison"
    """The same was given up before, and `revive` was not asked for: nothing waits."""
