"""A worker: runs what is due in a few slots, keeps its runs up, and takes over from workers that died."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError

from bot.jobs import runs
from bot.jobs.lease import Lease, LeaseLost
from bot.jobs.model import Done, Retry
from bot.jobs.threads import start_thread
from bot.jobs.wakeups import AWAY, PAUSE_SECONDS, Slots, Wakeup, Wakeups

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from bot.jobs.model import Argument, Job, Kind, Outcome, Schedule
    from bot.jobs.queue import Queue
    from bot.jobs.runs import Run

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LEASE: Final = timedelta(seconds=30)
"""How long a worker may be silent before its jobs are taken over."""
SLOTS: Final = Slots(patient=2, quick=2)
GRACE: Final = timedelta(seconds=25)
"""How long a worker that is asked to stop waits for its runs, before it gives their jobs back."""

_LAST_WORDS_SECONDS: Final = 3
"""How long a run that lost its lease may take to end its processes, before this process ends."""
_PURGE_SECONDS: Final = 3600

_log = structlog.get_logger("stanch.worker")


@dataclass(frozen=True)
class _Held:
    """A run of this worker; `over` ends when it is not this worker's any more."""

    lease: Lease
    over: asyncio.Future[None]

    def end(self) -> None:
        self.lease.end()
        if not self.over.done():
            self.over.set_result(None)


class Worker:
    """Works off the jobs of a queue, on this machine; any number of workers share a queue."""

    def __init__(
        self,
        queue: Queue,
        kinds: Mapping[str, Kind],
        *,
        slots: Slots = SLOTS,
        schedules: Sequence[Schedule] = (),
        lease: timedelta = LEASE,
        grace: timedelta = GRACE,
    ) -> None:
        """Makes a worker, which does nothing yet.

        Args:
            queue: whose jobs.
            kinds: how they are worked off, by name; jobs of other kinds are left to other workers.
            slots: how many run at a time.
            schedules: what is submitted at certain times; the same for all workers.
            lease: how long it may be silent before others take its jobs over.
            grace: how long it waits for its runs when it is asked to stop.
        """
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._queue = queue
        self._kinds = kinds
        self._lease = lease
        self._grace = grace
        self._wakeups = Wakeups(
            queue.database.url, self._look_into, self._submit, slots=slots, schedules=schedules, lease=lease
        )
        self._held: dict[int, _Held] = {}
        self._renewed = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        # Beside a step for each slot, one for keeping up and one for waking.
        self._steps = ThreadPoolExecutor(slots.patient + slots.quick + 2, thread_name_prefix="jobs")

    async def run(self, *, handle_signals: bool = True) -> None:
        """Works until it is told to stop, by `stop` or by SIGTERM or SIGINT.

        A database that goes away meanwhile is waited for.

        Args:
            handle_signals: whether the signals are its own to handle; where a web server runs beside it, they are not.

        Raises:
            RuntimeError: it fails at what it does beside its runs; they have ended, or their jobs are given back.
        """
        self._loop = asyncio.get_running_loop()
        if handle_signals:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._stopping.set)
        try:
            async with self._wakeups.open():
                beside = [asyncio.create_task(self._keep_up()), asyncio.create_task(self._wakeups.listen(self._due))]
                for task in beside:
                    # Neither ends by itself; without it, the worker is none.
                    task.add_done_callback(lambda _: self._stopping.set())
                try:
                    await self._wakeups.serve(self._stopping, self._grace)
                finally:
                    await _cancel(beside)
                    ends = await asyncio.gather(*beside, return_exceptions=True)
            for end in ends:
                if not isinstance(end, asyncio.CancelledError):
                    raise RuntimeError("The worker cannot keep its leases up or look for jobs any more.") from end
        finally:
            self._steps.shutdown()

    def stop(self) -> None:
        """Asks it to stop; from any thread."""
        if self._loop is None:
            self._stopping.set()
        else:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _step(
        self,
        step: Callable[Concatenate[Connection, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Runs a function in a transaction, in a thread."""

        def transaction() -> Result:
            with self._queue.database.begin() as connection:
                return step(connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._steps, transaction)

    async def _due(self) -> list[Wakeup]:
        if self._stopping.is_set():
            return []
        due = await self._step(runs.wake, list(self._kinds), self._lease)
        return [Wakeup(found.lane, self._kinds[found.kind].is_quick, found.priority) for found in due]

    async def _submit(self, kind: str, lane: str) -> None:
        # Each time is an occasion of its own: what was given up at an earlier one, by workers that died, is no reason.
        submit = partial(self._queue.submit, kind, lane, {}, revive=True)
        await asyncio.get_running_loop().run_in_executor(self._steps, submit)

    async def _look_into(self, lane: str, is_quick: bool) -> None:
        """Runs the next job of a lane. Never raises: how a run ended is written into our own table."""
        kinds = {name: kind for name, kind in self._kinds.items() if kind.is_quick is is_quick}
        try:
            run = await self._step(runs.claim, lane, kinds, self.name, self._lease)
        except IntegrityError:
            return
        except AWAY as error:
            # It is woken again; if it was claimed after all, its lease runs out.
            _log.warning("the database is away", error=type(error).__name__)
            return
        if run is None:
            return
        held = _Held(Lease(self._queue.database, run.job, run.fence), asyncio.get_running_loop().create_future())
        self._held[run.fence.number] = held
        thread = start_thread(f"job {run.job.id}", partial(self._work, run, held.lease))
        try:
            both: set[asyncio.Future[Any]] = {thread, held.over}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if thread.done():
                await self._settle(run, held, thread.result())
        except asyncio.CancelledError:
            held.lease.end()
            await self._give_back(run)
            await asyncio.wait({thread}, timeout=_LAST_WORDS_SECONDS)
            raise
        finally:
            held.end()
            del self._held[run.fence.number]

    def _work(self, run: Run, lease: Lease) -> Outcome | None:
        """What a thread does: the handler, or `gave_up`; None where the lease was lost over it."""
        kind = self._kinds[run.job.kind]
        with structlog.contextvars.bound_contextvars(**_names(run.job)):
            try:
                if run.giving_up is not None:
                    return kind.gave_up(run.job, lease, run.giving_up) if kind.gave_up is not None else Done()
                return kind.handler(run.job, lease)
            except LeaseLost:
                _log.info("lease lost")
                return None
            except BaseException as error:
                _log.exception("run failed")
                # Not the error's own text, which may hold anything.
                return Retry(f"It failed with an error of its own ({type(error).__name__}).")

    async def _settle(self, run: Run, held: _Held, outcome: Outcome | None) -> None:
        """Writes down how a run ended, however often the database is away, as long as it is this worker's to say."""
        while outcome is not None and not held.over.done():
            try:
                ended = await self._step(runs.settle, run, self._kinds[run.job.kind], outcome)
            except LeaseLost:
                _log.info("lease lost", job=run.job.id)
                return
            except AWAY as error:
                _log.warning("the database is away", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                _log.info("run ended", **_names(run.job), ended=str(ended))
                return

    async def _give_back(self, run: Run) -> None:
        with suppress(LeaseLost, *AWAY):
            await self._step(runs.give_back, run)

    async def _keep_up(self) -> None:
        """Renews leases and takes jobs back from the dead, several times a lease."""
        purged = 0.0
        while True:
            try:
                await self._renew()
                while (lost := await self._step(runs.take_back, self._kinds)) is not None:
                    _log.warning("taken back", **_names(lost.job))
                await self._renew()
                await self._wakeups.clear_up()
                if time.monotonic() - purged > _PURGE_SECONDS:
                    await asyncio.get_running_loop().run_in_executor(self._steps, self._queue.purge)
                    purged = time.monotonic()
            except AWAY as error:
                _log.warning("the database is away", error=type(error).__name__)
            if time.monotonic() - self._renewed > self._lease.total_seconds():
                for held in list(self._held.values()):
                    held.end()
            await asyncio.sleep(self._lease.total_seconds() / 4)

    async def _renew(self) -> None:
        """Renews this worker's leases; those that were lost meanwhile end."""
        began, held = time.monotonic(), dict(self._held)
        still = await self._step(runs.renew, list(held), self._lease) if held else set()
        self._renewed = began
        for number in held.keys() - still:
            held[number].end()


def _names(job: Job) -> dict[str, Argument]:
    """What tells a job from others in a log: what it is about too, such as its delivery, or its repository."""
    return {**job.arguments, "job": job.id, "kind": job.kind, "lane": job.lane}


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    """Ends tasks. psycopg can turn a cancellation into an error of its own, which they take for a database away."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=1)
