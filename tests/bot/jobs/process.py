"""A worker as a process of its own, to be killed: `python -m tests.bot.jobs.process URL FOLDER`.

Its handler leaves a file named `begun-<lane>-<process>` in the folder, waits for a file named `go`, or for the loss of
its lease, enters the effect of its job in the ledger, and leaves `done-<lane>-<process>` or, where it was refused,
`refused-<lane>-<process>`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.database import effects
from bot.database.engine import open_database
from bot.jobs.lease import Lease, LeaseLost
from bot.jobs.model import Done, Job, Kind
from bot.jobs.queue import Queue
from bot.jobs.worker import Worker
from tests.bot.jobs.support import LEASE, PLENTY, SOON

if TYPE_CHECKING:
    from bot.jobs.model import Outcome


def main(url: str, folder: Path) -> None:
    database = open_database(folder, url)

    def leave(word: str, job: Job) -> None:
        (folder / f"{word}-{job.lane}-{os.getpid()}").touch()

    def handler(job: Job, lease: Lease) -> Outcome:
        leave("begun", job)
        while not (folder / "go").exists() and not lease.wait_lost(0.01):
            continue
        try:
            with database.begin() as connection:
                effects.begin(connection, 1, job.lane, lease.fence)
        except LeaseLost:
            leave("refused", job)
            raise
        leave("done", job)
        return Done()

    worker = Worker(Queue(database), {"review": Kind(handler)}, slots=PLENTY, lease=LEASE, grace=SOON)
    asyncio.run(worker.run())
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
