"""A worker without threads: it does what is due when it is told, so that a test says what happens in which order."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import text

import bot.acting
import bot.sandbox.jobs
from bot.database import deliveries
from bot.database.fences import LeaseLost
from bot.github.client import App
from bot.github.limits import UNPACED
from bot.github.manifest import PERMISSIONS, Size, default_events
from bot.jobs import runs
from bot.jobs.lease import Lease
from bot.jobs.queue import Queue
from bot.object_store import ObjectStore
from bot.service.metrics import Metrics
from bot.settings import Settings
from bot.workflows import lanes
from bot.workflows.context import Context
from bot.workflows.wiring import DeliveryRecorder, kinds_of
from tests.bot.postgres import migrated_database
from tests.bot.workflows.conftest import judge_here
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from bot.database.embedded import EmbeddedPostgres
    from bot.database.engine import Database
    from bot.jobs.runs import Run

LEASE: Final = timedelta(minutes=5)
SOON: Final = timedelta(minutes=10)
"""What waits for no longer than this is done at once."""
_DONE: Final = (lanes.DELIVERY, lanes.COMMAND, lanes.FIX)
"""The kinds of jobs that are done; reviews and scans are others' subject."""
_HURRY: Final = text("""
    UPDATE jobs SET due_at = clock_timestamp() WHERE state = 'waiting' AND due_at < clock_timestamp() + :soon
""")
_DUE: Final = text("""
    SELECT lane FROM jobs WHERE state = 'waiting' AND due_at <= clock_timestamp() AND kind = ANY(:kinds)
    ORDER BY priority DESC, id LIMIT 1
""")
_LATER: Final = (
    "UPDATE jobs SET due_at = due_at - :by WHERE state = 'waiting' AND lane = 'fixes/' || CAST(:id AS text)",
    "UPDATE fix_pull_requests SET opened_at = opened_at - :by, updated_at = updated_at - :by WHERE repository_id = :id",
    "UPDATE effects SET begun_at = begun_at - :by WHERE repository_id = :id",
)


@contextmanager
def a_hand(postgres: EmbeddedPostgres, folder: Path) -> Iterator[Hand]:
    """A hand with a GitHub and a database of its own.

    It waits for nothing, and judges without a process for each scan.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        FakeGitHub(folder / "github", hourly_limit=None) as github,
        migrated_database(postgres, folder) as database,
        Hand(github, database, folder / "state") as hand,
    ):
        patch.setattr(bot.acting, "SETTLING", timedelta(0))
        patch.setattr(bot.sandbox.jobs, "run", judge_here)
        yield hand


class Killed(BaseException):
    """The process is gone: nothing of what comes after a call is done."""


class Hand:
    """An App with the Fix size's permissions, and what does its jobs, until the end of the block."""

    def __init__(
        self, github: FakeGitHub, database: Database, state: Path, permissions: Mapping[str, str] | None = None
    ) -> None:
        asked = permissions or PERMISSIONS[Size.FIX]
        self.github = github
        self.database = database
        self.app = github.register_app(asked, default_events(asked))
        self.app.app.receiver = self._receive
        self.queue = Queue(database)
        settings = Settings(state_folder=state, database_url=None, sandbox="if-available", rate_limits="none")
        client = App(self.app.credentials, rules=UNPACED)
        objects = ObjectStore(state / "objects", settings.object_store_limit)
        self.context = Context(settings, database, self.queue, client, objects, Metrics(), "")
        self._running: list[Run] = []
        self._every_kind = kinds_of(self.context)
        self.kinds = {name: self._every_kind[name] for name in _DONE}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.app.close()

    def _receive(self, headers: Mapping[str, str], body: bytes) -> int:
        named = {name.lower(): value for name, value in headers.items()}
        recorder = DeliveryRecorder(self.queue)
        known = recorder.record(named["x-github-delivery"], named["x-github-event"], body)
        return 200 if known is deliveries.Recorded.DONE else 202

    @contextmanager
    def doing(self, name: str) -> Iterator[None]:
        """Does jobs of a further kind, within the block."""
        self.kinds[name] = self._every_kind[name]
        try:
            yield
        finally:
            del self.kinds[name]

    def settle(self) -> None:
        """Does everything that there is to do, and that follows from it."""
        while True:
            self.github.settle()
            run = self.claim()
            if run is None:
                return
            self.work(run)

    def claim(self) -> Run | None:
        """Begins the next job; None where none is due."""
        with self.database.begin() as connection:
            connection.execute(_HURRY, {"soon": SOON})
            lane = connection.execute(_DUE, {"kinds": list(self.kinds)}).scalars().first()
            return None if lane is None else runs.claim(connection, lane, self.kinds, "hand", LEASE)

    def work(self, run: Run) -> None:
        """Does a job; a killed one is taken over by whoever claims next."""
        lease = Lease(self.database, run.job, run.fence)
        kind = self.kinds[run.job.kind]
        self._running.append(run)
        try:
            outcome = kind.handler(run.job, lease)
            with self.database.begin() as connection:
                runs.settle(connection, run, kind, outcome)
        except Killed:
            self._give_back(run)
            return
        except LeaseLost:
            return
        finally:
            self._running.remove(run)

    def take_over(self) -> None:
        """Takes away what is being done just now: it waits again, for whoever claims it next."""
        for run in self._running:
            self._give_back(run)

    def _give_back(self, run: Run) -> None:
        with self.database.begin() as connection:
            runs.give_back(connection, run)

    def pass_time(self, repository_id: int, by: timedelta) -> None:
        """Moves on what goes by the clock in a repository."""
        with self.database.begin() as connection:
            for statement in _LATER:
                connection.execute(text(statement), {"by": by, "id": repository_id})
