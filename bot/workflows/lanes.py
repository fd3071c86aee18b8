"""The names of jobs and of their lanes, and how each is submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.jobs.model import Argument
    from bot.jobs.queue import Queue

DELIVERY: Final = "delivery"
REVIEW: Final = "review"
BRANCH: Final = "branch"
MERGE_QUEUE: Final = "merge-queue"
RECONCILE: Final = "reconcile"
SWEEP: Final = "sweep"
NIGHTLY: Final = "nightly"

PUSH_WINDOW: Final = timedelta(seconds=5)
"""Pushes that follow each other within this become one scan."""
_PERSON: Final = 10
_QUEUE: Final = 5


def submit_delivery(queue: Queue, guid: str, connection: Connection | None = None) -> None:
    """Has a recorded delivery dealt with; commands are in it, so it goes before scans."""
    queue.submit(DELIVERY, f"delivery/{guid}", {"guid": guid}, priority=_PERSON, connection=connection)


def submit_review(
    queue: Queue, repository_id: int, number: int, *, revive: bool = False, delay: timedelta = timedelta(0)
) -> None:
    """Has a pull request reviewed. `revive`: somebody asks for it, so that it is done although it failed before."""
    arguments: dict[str, Argument] = {"repository": repository_id, "number": number}
    queue.submit(REVIEW, f"pull/{repository_id}/{number}", arguments, delay=delay, revive=revive)


def submit_branch(queue: Queue, repository_id: int, *, revive: bool = False, delay: timedelta = timedelta(0)) -> None:
    """Has the default branch scanned."""
    arguments: dict[str, Argument] = {"repository": repository_id}
    queue.submit(BRANCH, f"branch/{repository_id}", arguments, delay=delay, revive=revive)


def submit_merge_queue(queue: Queue, repository_id: int, head: str, number: int) -> None:
    """Has the commit that a merge queue made of a pull request get its check."""
    arguments: dict[str, Argument] = {"repository": repository_id, "head": head, "number": number}
    queue.submit(MERGE_QUEUE, f"merge-queue/{repository_id}/{head}", arguments, priority=_QUEUE)
