"""Workers for tests: in threads of this process, and conditions that are waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.jobs.wakeups import Slots
from bot.jobs.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.database.engine import Database
    from bot.jobs.model import Kind, Schedule
    from bot.jobs.queue import Queue

DEADLINE_SECONDS = 20
LEASE = timedelta(seconds=1.2)
PLENTY = Slots(patient=4, quick=4)
SOON = timedelta(0)


def wait_for(condition: Callable[[], object], what: str = "the condition") -> None:
    """Waits until something is so; a test that waits too long fails."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} was not met within {DEADLINE_SECONDS} seconds")
        time.sleep(0.01)


@contextmanager
def working(
    queue: Queue,
    kinds: Mapping[str, Kind],
    *,
    workers: int = 1,
    slots: Slots = PLENTY,
    schedules: Sequence[Schedule] = (),
    lease: timedelta = LEASE,
    grace: timedelta = timedelta(seconds=10),
) -> Iterator[list[Worker]]:
    """Workers that work during the block, each with an event loop of its own."""
    made = [Worker(queue, kinds, slots=slots, schedules=schedules, lease=lease, grace=grace) for _ in range(workers)]
    threads = [
        threading.Thread(target=asyncio.run, args=[worker.run(handle_signals=False)], daemon=True) for worker in made
    ]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        for worker in made:
            worker.stop()
        for thread in threads:
            thread.join(DEADLINE_SECONDS)
        assert not any(thread.is_alive() for thread in threads)


def states(database: Database) -> list[str]:
    """The states of all jobs, in the order in which they were submitted."""
    with database.begin() as connection:
        return list(connection.execute(text("SELECT state FROM jobs ORDER BY id")).scalars())


def all_ended(database: Database) -> bool:
    """Whether there are jobs, and none waits or runs."""
    return bool(states(database)) and not {"waiting", "running"} & set(states(database))
