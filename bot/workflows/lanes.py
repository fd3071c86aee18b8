"""The names of jobs and of their lanes, and how each is submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.jobs.model import Argument
    from bot.jobs.queue import Queue

DELIVERY: Final = "delivery"
COMMAND: Final = "command"
REVIEW: Final = "review"
BRANCH: Final = "branch"
MERGE_QUEUE: Final = "merge-queue"
FIX: Final = "fix"
RECONCILE: Final = "reconcile"
SWEEP: Final = "sweep"
NIGHTLY: Final = "nightly"
RECONCILE_LANE: Final = "upkeep/reconcile"

PUSH_WINDOW: Final = timedelta(seconds=5)
"""Pushes that follow each other within this become one scan."""
_PERSON: Final = 10
_TRUSTED: Final = 5
_ANYBODY: Final = -5
_PATIENT: Final = -10


def submit_delivery(queue: Queue, guid: str, connection: Connection | None = None) -> None:
    """Has a recorded delivery dealt with; commands are in it, so it goes before scans."""
    queue.submit(DELIVERY, f"delivery/{guid}", {"delivery": guid}, priority=_PERSON, connection=connection)


def submit_command(queue: Queue, repository_id: int, guid: str, *, is_open_to_all: bool) -> None:
    """Has a command carried out that was acknowledged and takes a scan; those of a repository one after the other.

    Args:
        queue: where.
        repository_id: GitHub's.
        guid: of the delivery that it is in.
        is_open_to_all: whether anybody may give it, so that any number may wait; reviews go before it.
    """
    priority = _ANYBODY if is_open_to_all else _TRUSTED
    queue.submit(COMMAND, f"commands/{repository_id}", {"delivery": guid}, coalesce=False, priority=priority)


def review_lane(repository_id: int, number: int) -> str:
    """The lane of a pull request's reviews."""
    return f"pull/{repository_id}/{number}"


def branch_lane(repository_id: int) -> str:
    """The lane of the scans of a default branch."""
    return f"branch/{repository_id}"


def submit_review(
    queue: Queue, repository_id: int, number: int, head: str, *, revive: bool = False, delay: timedelta = timedelta(0)
) -> None:
    """Has a pull request reviewed.

    Args:
        queue: where.
        repository_id: GitHub's.
        number: of the pull request.
        head: the commit that was heard of. What is reviewed is the newest one; but that one commit was given up says
            nothing of the next.
        revive: somebody asks for it, so that it is done although it was given up before.
        delay: how long to wait for something newer.
    """
    arguments: dict[str, Argument] = {"repository": repository_id, "number": number, "head": head}
    queue.submit(REVIEW, review_lane(repository_id, number), arguments, delay=delay, revive=revive)


def submit_branch(
    queue: Queue,
    repository_id: int,
    head: str | None = None,
    *,
    revive: bool = False,
    delay: timedelta = timedelta(0),
) -> None:
    """Has the default branch scanned; see `submit_review`. `head`: None where no commit was heard of."""
    arguments: dict[str, Argument] = {"repository": repository_id, "head": head}
    queue.submit(BRANCH, branch_lane(repository_id), arguments, delay=delay, revive=revive)


def submit_reconcile(queue: Queue) -> None:
    """Has what GitHub has compared with what was reviewed, now."""
    queue.submit(RECONCILE, RECONCILE_LANE, {}, revive=True)


def submit_fixes(
    queue: Queue, repository_id: int, *, delay: timedelta = timedelta(0), again: bool = False, revive: bool = False
) -> None:
    """Has the pull requests that fix a repository looked after.

    Args:
        queue: where.
        repository_id: GitHub's.
        delay: how long to wait, where it is time that changes something.
        again: GitHub did not know all that it was asked.
        revive: something has happened, so that it is done now, whatever it would wait for.
    """
    arguments: dict[str, Argument] = {"repository": repository_id, "again": again}
    queue.submit(FIX, f"fixes/{repository_id}", arguments, delay=delay, revive=revive, priority=_PATIENT)


def submit_merge_queue(queue: Queue, repository_id: int, head: str, number: int) -> None:
    """Has the commit that a merge queue made of a pull request get its check."""
    arguments: dict[str, Argument] = {"repository": repository_id, "head": head, "number": number}
    queue.submit(MERGE_QUEUE, f"merge-queue/{repository_id}/{head}", arguments, priority=_TRUSTED)
