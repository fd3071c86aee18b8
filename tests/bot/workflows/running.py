"""The service in this process: what `stanch serve` puts together, with a worker in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import func, select

from bot.database.tables import DELIVERIES, JOBS
from bot.github.manifest import PERMISSIONS, Size, default_events
from bot.jobs.queue import Queue
from bot.service.app import create_app
from bot.service.metrics import Metrics
from bot.service.parts import Parts
from bot.service.running import listen, run_web
from bot.settings import Settings
from bot.workflows.wiring import Backend

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from bot.database.engine import Database
    from bot.github.models import Credentials
    from tests.github import AppHandle, FakeGitHub, RepositoryHandle
    from tests.github.git_store import Content

PATIENCE_SECONDS: Final = 300
LEAK: Final = """\
export class Poller {
  start() {
    this.timer = setInterval(() => this.poll(), 1000);
  }
  poll() {}
  stop() {
    this.stopped = true;
  }
}
"""
MENDED: Final = LEAK.replace("this.stopped = true;", "clearInterval(this.timer);")


class _Given:
    """A store of credentials that are there from the beginning."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials


class Service:
    """The door and a worker, until the end of the block."""

    def __init__(
        self, github: FakeGitHub, database: Database, state: Path, *, rate_limits: Literal["github", "none"] = "github"
    ) -> None:
        self.github = github
        self.state = state
        self.database = database
        self._settings = Settings(
            state_folder=state, database_url=None, sandbox="if-available", rate_limits=rate_limits
        )
        self._listener = listen("127.0.0.1", 0)
        port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.app: AppHandle = github.register_app(
            PERMISSIONS[Size.REVIEW], default_events(PERMISSIONS[Size.REVIEW]), f"{self.url}/webhook"
        )
        self.metrics = Metrics()
        self.backend = Backend(self._settings, _Given(self.app.credentials), self.metrics, database)
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_SECONDS)
        self._listener.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        store = _Given(self.app.credentials)
        backend = self.backend
        parts = Parts(backend.deliveries, backend.events, store, backend.checks, self.metrics)

        async def both() -> None:
            web = run_web(create_app(parts), self._listener, self._stop)
            await asyncio.gather(web, backend.run_worker(self._stop))

        self._loop.run_until_complete(both())

    def settle(self) -> None:
        """Waits until every delivery was sent and dealt with, and no job is left."""
        wait_for(self._is_settled)

    def submit(self, kind: str) -> None:
        """Submits an upkeep job now."""
        Queue(self.database).submit(kind, f"upkeep/{kind}", {})

    def _is_settled(self) -> bool:
        self.github.settle()
        with self.database.begin() as connection:
            left = select(func.count()).select_from(JOBS).where(JOBS.c.state.in_(("waiting", "running")))
            return connection.execute(left).scalar_one() == 0 and undone(self.database) == 0


def install(
    github: FakeGitHub, service: Service, files: Mapping[str, Content] | None = None, *, private: bool = False
) -> RepositoryHandle:
    """A repository of its own with the App installed, in which alice may write."""
    taken = len(github.world.repositories)
    name = f"octo/app-{taken}" if taken else "octo/app"
    repository = github.create_repository(name, files=files or {"src/poll.js": "export {};\n"}, private=private)
    repository.set_role("alice", "write")
    service.app.install(repository)
    return repository


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for a condition.

    Raises:
        AssertionError: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def undone(database: Database) -> int:
    """How many deliveries are not done."""
    query = select(func.count()).select_from(DELIVERIES).where(DELIVERIES.c.done_at.is_(None))
    with database.begin() as connection:
        return connection.execute(query).scalar_one()


def jobs_run(database: Database, kind: str) -> int:
    """How many jobs of a kind there were."""
    with database.begin() as connection:
        return connection.execute(select(func.count()).select_from(JOBS).where(JOBS.c.kind == kind)).scalar_one()
