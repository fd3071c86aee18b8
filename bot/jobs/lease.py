"""What a running job holds: the right to write, for as long as its worker keeps it up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from bot.database.fences import Fence, LeaseLost, hold
from bot.database.tables import JOBS

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.jobs.model import Job

__all__ = ["Fence", "Lease", "LeaseLost"]


class Lease:
    """The lease of one run of a job. Handlers ask it before each write, and now and then while they work."""

    def __init__(self, database: Database, job: Job, fence: Fence) -> None:
        self.fence = fence
        """What the ledger and other guarded writes take."""
        self._database = database
        self._job = job
        self._lost = threading.Event()

    def check(self) -> None:
        """Asks the database whether the job is still this run's.

        Raises:
            LeaseLost: a take-over raised the fence, or the run was ended.
        """
        if self.lost:
            raise LeaseLost(f"The run of job {self._job.id} was ended.")
        with self._database.begin() as connection:
            hold(connection, self.fence)

    def superseded(self) -> bool:
        """Whether a newer job of the same kind waits in the lane, so that this one's result would be stale."""
        newer = select(
            exists().where(JOBS.c.lane == self._job.lane, JOBS.c.kind == self._job.kind, JOBS.c.state == "waiting")
        )
        with self._database.begin() as connection:
            return bool(connection.execute(newer).scalar_one())

    @property
    def lost(self) -> bool:
        """Whether the worker knows already that the run is over; asks nobody, so loops may look at it often."""
        return self._lost.is_set()

    def wait_lost(self, seconds: float) -> bool:
        """Waits until the run is over, at most some seconds; says whether it is."""
        return self._lost.wait(seconds)

    def end(self) -> None:
        """Called by the worker when the run is over."""
        self._lost.set()
