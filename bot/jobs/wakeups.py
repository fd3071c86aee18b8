"""Wake-ups by Procrastinate: which lane a free slot of some worker should look into.

A wake-up is a hint, no truth: it may come twice, too late or not at all, and the lane is looked up in our own table.
So Procrastinate's retries, locks and delays are not used; only its way of handing out, of stopping gracefully, and of
doing a thing at a certain time in one worker of all.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.jobs import DeleteJobCondition, Status
from sqlalchemy.exc import SQLAlchemyError

from bot.jobs.queue import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import timedelta

    from procrastinate.types import JSONValue

    from bot.jobs.model import Schedule

AWAY: Final = (psycopg.Error, SQLAlchemyError, ProcrastinateException, OSError)
"""What a database that is away, or comes back, makes calls raise."""
_UNHEARD_SECONDS: Final = 2.0
"""How much longer than its grace a worker of Procrastinate's may take, before it has not heard that it shall end."""
PAUSE_SECONDS: Final = 1.0
"""How often due jobs are looked for when nobody tells of any, and how long a database that is away is left alone."""

_PATIENT: Final = "stanch"
_QUICK: Final = "stanch-quick"
# Each of the two queues is listened to on a connection of its own.
_CONNECTIONS: Final = 5

_log = structlog.get_logger("stanch.worker")


@dataclass(frozen=True)
class Slots:
    """How many jobs a worker runs at a time: of kinds that may take minutes, and of those that are quick."""

    patient: int
    quick: int


@dataclass(frozen=True)
class Wakeup:
    """A lane to look into, for a job that is quick or is not."""

    lane: str
    is_quick: bool
    priority: int


class Wakeups:
    """Procrastinate, as far as a worker uses it."""

    def __init__(
        self,
        url: str,
        look_into: Callable[[str, bool], Awaitable[None]],
        submit: Callable[[str, str], Awaitable[None]],
        *,
        slots: Slots,
        schedules: Sequence[Schedule],
        lease: timedelta,
    ) -> None:
        """Sets Procrastinate up.

        Args:
            url: of the database, for libpq.
            look_into: runs the next job of a lane that is quick, or that is not.
            submit: submits a job of a kind in a lane, when a schedule says so.
            slots: how many lanes are looked into at a time.
            schedules: what is submitted at certain times.
            lease: after how long in silence a worker is taken for dead.
        """
        self._url = url
        self._slots = slots
        self._lease = lease.total_seconds()
        connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=_CONNECTIONS)
        self._app = procrastinate.App(connector=connector)

        @self._app.task(name="look_into")
        async def run_lane(lane: str, is_quick: bool) -> None:
            await look_into(lane, is_quick)

        @self._app.task(name="submit", queue=_QUICK, pass_context=False)
        async def run_schedule(timestamp: int, kind: str, lane: str) -> None:  # noqa: ARG001 - every periodic task gets it
            await submit(kind, lane)

        self._run_lane = run_lane
        for schedule in schedules:
            values: dict[str, JSONValue] = {"kind": schedule.kind, "lane": schedule.lane}
            name = f"{schedule.kind} {schedule.lane}"
            self._app.periodic(cron=schedule.cron, periodic_id=name, task_kwargs=values)(run_schedule)

    def open(self) -> AbstractAsyncContextManager[object]:
        """Its connections, for the length of a block."""
        return self._app.open_async()

    async def serve(self, stopping: asyncio.Event, grace: timedelta) -> None:
        """Hands wake-ups out until it shall stop; then waits so long for those that run, and cancels them."""
        await asyncio.gather(
            self._serve(_PATIENT, self._slots.patient, stopping, grace),
            self._serve(_QUICK, self._slots.quick, stopping, grace),
        )

    async def _serve(self, queue: str, slots: int, stopping: asyncio.Event, grace: timedelta) -> None:
        while not stopping.is_set():
            serving = asyncio.create_task(
                self._app.run_worker_async(
                    queues=[queue],
                    concurrency=slots,
                    install_signal_handlers=False,
                    # What is left before it listens is found when it looks.
                    fetch_job_polling_interval=PAUSE_SECONDS,
                    delete_jobs=DeleteJobCondition.ALWAYS,
                    shutdown_graceful_timeout=grace.total_seconds(),
                    update_heartbeat_interval=self._lease / 3,
                    stalled_worker_timeout=self._lease,
                )
            )
            stop = asyncio.create_task(stopping.wait())
            try:
                await asyncio.wait({serving, stop}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stop.cancel()
                await _ended(serving, grace)
            try:
                serving.result()
            except asyncio.CancelledError:
                return
            except AWAY as error:
                _log.warning("the database is away", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), PAUSE_SECONDS)

    async def listen(self, due: Callable[[], Awaitable[Sequence[Wakeup]]]) -> None:
        """Makes wake-ups for lanes in which a job is due, for as long as it is not cancelled.

        Args:
            due: asks which those are, and takes it that they are woken.
        """
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    while True:
                        await self._wake(await due())
                        async for _ in connection.notifies(timeout=PAUSE_SECONDS, stop_after=1):
                            pass
            except AWAY as error:
                _log.warning("the database is away", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _wake(self, wakeups: Sequence[Wakeup]) -> None:
        for wakeup in wakeups:
            queue = _QUICK if wakeup.is_quick else _PATIENT
            deferred = self._run_lane.configure(
                queue=queue, queueing_lock=f"{queue} {wakeup.lane}", priority=wakeup.priority
            )
            with suppress(AlreadyEnqueued):
                await deferred.defer_async(lane=wakeup.lane, is_quick=wakeup.is_quick)

    async def clear_up(self) -> None:
        """Ends the wake-ups that dead workers left: what they were for is found again; schedules are run again."""
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=self._lease):
            if job.task_name == self._run_lane.name:
                await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            else:
                await self._app.job_manager.retry_job(job)


async def _ended(serving: asyncio.Task[None], grace: timedelta) -> None:
    """Ends a worker of Procrastinate's, however often that takes.

    psycopg can turn a cancellation into an error of its own, which Procrastinate takes for a database away: then it
    goes on. One that was heard of gives the runs their grace, and a second one in it would cut that short.
    """
    while not serving.done():
        serving.cancel()
        await asyncio.wait({serving}, timeout=grace.total_seconds() + _UNHEARD_SECONDS)
