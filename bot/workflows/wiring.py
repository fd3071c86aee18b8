"""The service put together: the database, the queue and the jobs behind the web side."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.database import deliveries
from bot.database.engine import open_database
from bot.database.limits import DatabaseLimitStore
from bot.database.migrations import migrate, schema_fault
from bot.github.client import App
from bot.github.events import EVENTS
from bot.github.limits import UNPACED
from bot.jobs import numbers
from bot.jobs.model import Kind, Schedule
from bot.jobs.queue import Queue
from bot.jobs.worker import Worker
from bot.object_store import ObjectStore
from bot.sandbox.outcomes import Failure
from bot.sandbox.parent import in_force
from bot.service.metrics import QueueNumbers
from bot.workflows import delivering, fixing, lanes, queueing, reviewing, scanning, upkeep
from bot.workflows.context import Context, counted_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.database.engine import Database
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.service.metrics import Metrics
    from bot.service.parts import CredentialsStore
    from bot.settings import Settings

SCHEDULES: Final = (
    Schedule("*/5 * * * *", lanes.SWEEP, "upkeep/sweep"),
    Schedule("*/30 * * * *", lanes.RECONCILE, lanes.RECONCILE_LANE),
    Schedule("17 3 * * *", lanes.NIGHTLY, "upkeep/nightly"),
)
OBJECTS: Final = "objects"
"""The folder in the state folder in which fetched git objects are kept."""


@dataclass(frozen=True)
class DeliveryRecorder:
    """Where the door records deliveries."""

    queue: Queue

    def record(self, guid: str, event: str, payload: bytes) -> deliveries.Recorded:
        """Keeps a delivery and has it dealt with; see `bot.service.parts.DeliveryStore`."""
        with self.queue.database.begin() as connection:
            known = deliveries.record(connection, guid, event, payload)
            if known is not deliveries.Recorded.DONE:
                lanes.submit_delivery(self.queue, guid, connection)
        return known


class Backend:
    """All behind the web side; see `bot.service.running.Backend`."""

    def __init__(self, settings: Settings, credentials: CredentialsStore, metrics: Metrics, database: Database) -> None:
        self._settings = settings
        self._credentials = credentials
        self._metrics = metrics
        self._database = database
        self._queue = Queue(database)
        self.deliveries = DeliveryRecorder(self._queue)
        self.events = EVENTS
        self.checks: Mapping[str, Callable[[], str | None]] = {"database": self._database_fault}

    def queue_numbers(self) -> QueueNumbers:
        """The queue at this moment."""
        with self._database.begin() as connection:
            return QueueNumbers(numbers.depths(connection), numbers.outcomes(connection))

    async def run_worker(self, stop: asyncio.Event) -> None:
        """Runs jobs until `stop` is set, and those that have begun then to their end."""
        credentials = self._credentials.load()
        if credentials is None:
            raise AssertionError("the worker is started when there are credentials")
        rules = UNPACED if self._settings.rate_limits == "none" else None
        with App(credentials, limits=DatabaseLimitStore(self._database), rules=rules) as app:
            objects = ObjectStore(self._settings.state_folder / OBJECTS, self._settings.object_store_limit)
            context = Context(self._settings, self._database, self._queue, app, objects, self._metrics, _confinement())
            worker = Worker(self._queue, kinds_of(context), schedules=SCHEDULES)
            stopping = asyncio.create_task(_stopped(stop, worker))
            try:
                await worker.run(handle_signals=False)
            finally:
                stopping.cancel()

    def _database_fault(self) -> str | None:
        with self._database.begin() as connection:
            return schema_fault(connection)


def _confinement() -> str:
    means = in_force()
    return means.sentence if isinstance(means, Failure) else means.sentence()


async def _stopped(stop: asyncio.Event, worker: Worker) -> None:
    await stop.wait()
    worker.stop()


@contextmanager
def open_backend(settings: Settings, credentials: CredentialsStore, metrics: Metrics) -> Iterator[Backend]:
    """Opens the database, brings it to this version, and closes all at the end of the block.

    Raises:
        DatabaseError: the database cannot be used; the message says why.
    """
    url = settings.database_url.get_secret_value() if settings.database_url is not None else None
    database = open_database(settings.state_folder, url)
    try:
        migrate(database)
        yield Backend(settings, credentials, metrics, database)
    finally:
        database.close()


def kinds_of(context: Context) -> dict[str, Kind]:
    """How each kind of job is worked off."""

    def kind(name: str, handler: _Handler, gave_up: _GaveUp | None = None, *, is_quick: bool = False) -> Kind:
        told = partial(gave_up, context) if gave_up is not None else None
        return Kind(partial(_measured, context, name, handler), told, is_quick=is_quick)

    return {
        lanes.DELIVERY: kind(lanes.DELIVERY, delivering.deliver, delivering.give_up, is_quick=True),
        lanes.COMMAND: kind(lanes.COMMAND, delivering.carry_out_command, delivering.give_up),
        lanes.REVIEW: kind(lanes.REVIEW, reviewing.review, reviewing.give_up),
        lanes.BRANCH: kind(lanes.BRANCH, scanning.scan_branch, scanning.give_up),
        lanes.MERGE_QUEUE: kind(lanes.MERGE_QUEUE, queueing.answer_merge_queue, queueing.give_up, is_quick=True),
        lanes.FIX: kind(lanes.FIX, fixing.fix_branch),
        lanes.SWEEP: kind(lanes.SWEEP, upkeep.sweep),
        lanes.RECONCILE: kind(lanes.RECONCILE, upkeep.reconcile),
        lanes.NIGHTLY: kind(lanes.NIGHTLY, upkeep.nightly),
    }


def _measured(context: Context, name: str, handler: _Handler, job: Job, lease: Lease) -> Outcome:
    began = time.monotonic()
    with counted_calls() as calls:
        outcome = handler(context, job, lease)
    context.metrics.job_ended(name, type(outcome).__name__.lower(), time.monotonic() - began, calls.made)
    return outcome


if TYPE_CHECKING:
    _Handler = Callable[[Context, Job, Lease], Outcome]
    _GaveUp = Callable[[Context, Job, Lease, str], Outcome]
