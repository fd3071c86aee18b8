"""Fences: the number that each run of a job gets, higher than all before it, and that each of its writes is checked by.

A worker that only was slow still holds an old number when its job was taken over; nothing that it writes counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.database.tables import JOBS

if TYPE_CHECKING:
    from sqlalchemy import Connection


class LeaseLost(Exception):  # noqa: N818 - it is no fault, but how a run ends
    """The job is not this run's any more: it was taken over, or ended for taking too long. Stop without a word."""


@dataclass(frozen=True)
class Fence:
    """The right of one run of a job to write."""

    job_id: int
    number: int


def hold(connection: Connection, fence: Fence) -> None:
    """Checks that a run may write; whoever wants to take its job over waits for the end of this transaction.

    Raises:
        LeaseLost: it may not.
    """
    query = select(JOBS.c.id).where(JOBS.c.id == fence.job_id, JOBS.c.fence == fence.number, JOBS.c.state == "running")
    if connection.execute(query.with_for_update(read=True)).first() is None:
        raise LeaseLost(f"Job {fence.job_id} runs elsewhere, or was ended: fence {fence.number} is not its newest.")
