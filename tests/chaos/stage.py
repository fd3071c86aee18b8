"""What chaos and load run on: a fake GitHub, a database, and the service as processes of its own that can be killed."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

from sqlalchemy import text

from bot.database.engine import open_database
from bot.database.migrations import migrate
from bot.github.manifest import PERMISSIONS, Size, default_events
from bot.jobs.queue import Queue
from bot.workflows import lanes
from tests.github import FakeGitHub

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS: Final = 120
_SWEEP_EVERY: Final = timedelta(minutes=5)
_LAST_WRITES_SECONDS: Final = 3.0
"""How long a request of a dead worker may still be on its way to GitHub; a lease of half a minute outlasts that."""

# PostgreSQL's clock is the only one that jobs go by, so time is moved by moving what is written down of it.
_FORWARD: Final = (
    "UPDATE jobs SET due_at = due_at - :by, due_by = due_by - :by, woken_at = woken_at - :by WHERE state = 'waiting'",
    "UPDATE effects SET begun_at = begun_at - :by WHERE finished_at IS NULL",
    "UPDATE deliveries SET received_at = received_at - :by WHERE done_at IS NULL",
    "UPDATE open_checks SET started_at = started_at - :by",
    "UPDATE pull_requests SET updated_at = updated_at - :by",
    "UPDATE moments SET at = at - :by",
)
_EXPIRE: Final = text(
    "UPDATE jobs SET lease_until = clock_timestamp() WHERE state = 'running' AND worker LIKE '%:' || :pid || ':%'"
)
_LEFT: Final = text("""
    SELECT
        (SELECT count(*) FROM deliveries WHERE done_at IS NULL) AS deliveries,
        count(*) FILTER (WHERE state = 'running') AS running,
        count(*) FILTER (WHERE state = 'waiting' AND due_at <= clock_timestamp()) AS due,
        count(*) FILTER (WHERE state = 'waiting') AS waiting,
        min(due_at) FILTER (WHERE state = 'waiting') - clock_timestamp() AS until
    FROM jobs WHERE state IN ('running', 'waiting')
""")


@dataclass(frozen=True)
class Left:
    """What is still to be done. `until`: how long it is to the next job that waits."""

    deliveries: int
    running: int
    due: int
    waiting: int
    until: timedelta | None

    @property
    def is_nothing(self) -> bool:
        """Whether all is done."""
        return self.deliveries == 0 and self.running == 0 and self.waiting == 0


@dataclass
class Process:
    """A process of the service, which can be killed and started again any number of times."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    starts: int = 0
    _running: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it, its log behind what it logged before."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "bot", *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.starts += 1

    def kill(self) -> int:
        """Kills it without a word (SIGKILL); returns the id that it had."""
        assert self._running is not None
        self._running.kill()
        self._running.wait()
        return self._running.pid

    def stop(self) -> None:
        """Asks it to end, and makes it."""
        if self._running is None:
            return
        self._running.terminate()
        try:
            self._running.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._running is not None and self._running.poll() is None


class Stage:
    """The fake GitHub, the database and the processes, until the end of the block."""

    def __init__(self, folder: Path, database_url: str, *, workers: int = 1, seed: int = 0) -> None:
        """Starts nothing yet.

        Args:
            folder: for repositories, logs and the state of the service.
            database_url: of an empty database.
            workers: how many processes run jobs, beside the one that answers requests (and runs jobs as well).
            seed: of the fake's faults.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._exit = ExitStack()
        self.github = FakeGitHub(folder / "github", enterprise=True, hourly_limit=None, webhook_workers=4, seed=seed)
        self.database = open_database(folder, database_url)
        self.queue = Queue(self.database)
        self._workers = workers
        self._dead: list[tuple[float, int]] = []
        self.processes: list[Process] = []
        self.kills = 0
        self._since_sweep = timedelta(0)

    def __enter__(self) -> Self:
        self._exit.callback(self.database.close)
        migrate(self.database)
        self._exit.enter_context(self.github)
        port = _free_port()
        permissions = PERMISSIONS[Size.REVIEW]
        self.app = self.github.register_app(
            permissions, default_events(permissions), f"http://127.0.0.1:{port}/webhook", secrets.token_hex(16)
        )
        environment = self._environment(port)
        names = ["serve", *(f"worker-{number}" for number in range(1, self._workers + 1))]
        for name in names:
            command = name.partition("-")[0]
            self.processes.append(Process(name, (command,), environment, self.folder / f"{name}.log"))
        self._exit.callback(self._stop)
        for process in self.processes:
            process.start()
        self.url = f"http://127.0.0.1:{port}"
        wait_for(self._answers, "The service does not answer; see its log.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def _environment(self, port: int) -> dict[str, str]:
        key = self.folder / "key.pem"
        key.write_text(self.app.private_key, "utf-8")
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database.url,
            "STANCH_STATE_FOLDER": str(self.folder / "state"),
            "STANCH_PORT": str(port),
            "STANCH_GITHUB_URL": self.github.html_url,
            "STANCH_APP_ID": str(self.app.id),
            "STANCH_PRIVATE_KEY_FILE": str(key),
            "STANCH_WEBHOOK_SECRETS": str(self.app.webhook_secret),
            "STANCH_SANDBOX": "if-available",
            "STANCH_RATE_LIMITS": "none",
        }

    def _stop(self) -> None:
        for process in self.processes:
            process.stop()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self, process: Process) -> None:
        """Kills a process and starts it again. Its jobs are taken over when its leases would have run out."""
        self._dead.append((time.monotonic(), process.kill()))
        self.kills += 1
        process.start()

    def bury(self) -> None:
        """Ends the leases of processes that were killed a few seconds ago; it spares the wait for them."""
        ready = [entry for entry in self._dead if time.monotonic() - entry[0] > _LAST_WRITES_SECONDS]
        with self.database.begin() as connection:
            for entry in ready:
                connection.execute(_EXPIRE, {"pid": str(entry[1])})
                self._dead.remove(entry)

    def forward(self, by: timedelta) -> None:
        """Moves time on for everything that waits, and has the sweep done that would have come meanwhile."""
        for statement in _FORWARD:
            with self.database.begin() as connection:
                connection.execute(text(statement), {"by": by})
        # How long a failed delivery is left alone goes by GitHub's log.
        for attempt in list(self.github.deliveries):
            attempt.delivered_at -= by
        self._since_sweep += by
        if self._since_sweep > _SWEEP_EVERY:
            self._since_sweep = timedelta(0)
            self.submit(lanes.SWEEP)

    def left(self) -> Left:
        """What is still to be done."""
        with self.database.begin() as connection:
            row = connection.execute(_LEFT).one()
        return Left(row.deliveries, row.running, row.due, row.waiting, row.until)

    def settle(self, patience: float) -> None:
        """Waits until every webhook was sent and no job is left, and moves time on to jobs that wait.

        Raises:
            AssertionError: that takes longer than `patience` seconds.
        """

        def is_settled() -> bool:
            self.github.settle(patience)
            self.bury()
            left = self.left()
            if left.running == 0 and left.due == 0 and left.until is not None:
                self.forward(left.until + timedelta(milliseconds=10))
            return left.is_nothing or (left.running == 0 and left.waiting == 0)

        wait_for(is_settled, "Jobs are left.", patience, pause=0.2)

    def submit(self, kind: str) -> None:
        """Submits an upkeep job, which otherwise runs at certain times."""
        self.queue.submit(kind, f"upkeep/{kind}", {}, revive=True)


def wait_for(
    condition: Callable[[], bool], otherwise: str, seconds: float = PATIENCE_SECONDS, pause: float = 0.05
) -> None:
    """Waits for a condition.

    Raises:
        AssertionError: it did not come true in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(pause)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
