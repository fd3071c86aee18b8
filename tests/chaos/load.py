"""`python -m tests.chaos.load`: deliveries at a fixed rate; how fast the door answers, and what becomes of them."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text

from bot.database.embedded import start
from bot.database.tables import DELIVERIES, PULL_REQUESTS
from tests.bot.workflows.running import LEAK, MENDED
from tests.chaos.stage import ROOT, Stage, wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github import PullHandle

DOOR_SECONDS: Final = 0.5
"""What 99 of 100 deliveries have to be answered in."""
_DRAIN_SECONDS: Final = 1800
_AGAIN_RATE: Final = 5.0
_ORGANISATIONS: Final = 4
_PUSHES: Final = 3
_REVIEWS: Final = text("""
    SELECT count(*) AS runs, extract(epoch FROM max(finished_at) - min(started_at))::float AS seconds
    FROM jobs WHERE kind = 'review' AND state = 'done'
""")


@dataclass
class Load:
    """What was measured.

    `late`: how many seconds behind its time the latest delivery was sent; `lost`: a sentence for each delivery or pull
    request that nothing came of.
    """

    sent: int
    processes: int
    latencies: list[float]
    late: float
    statuses: dict[int, int]
    drain_seconds: float = 0.0
    reviews: int = 0
    review_seconds: float = 0.0
    lost: list[str] = field(default_factory=list)

    def percentile(self, part: float) -> float:
        """The seconds in which this part of all deliveries were answered."""
        return sorted(self.latencies)[min(len(self.latencies) - 1, int(part * len(self.latencies)))]

    @property
    def reviews_per_minute(self) -> float:
        """How many reviews one process with a worker has done in a minute."""
        return self.reviews * 60 / self.review_seconds / self.processes if self.review_seconds else 0.0


@dataclass
class _Captured:
    """What GitHub would have sent while the pull requests were made."""

    deliveries: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, headers: Mapping[str, str], body: bytes) -> int:
        self.deliveries.append((headers, body))
        return 202


def load(folder: Path, database_url: str, *, seconds: float, rate: float, pulls: int, workers: int = 1) -> Load:
    """Sends `rate` deliveries a second for some seconds, and waits until the queue is empty.

    Args:
        folder: for everything that is written; kept.
        database_url: of an empty database.
        seconds: how long.
        rate: deliveries a second.
        pulls: how many pull requests they are about.
        workers: processes that run jobs, beside the one that serves.
    """
    with Stage(folder, database_url, workers=workers) as stage:
        captured = _Captured()
        stage.app.app.receiver = captured
        opened = _open(stage, pulls)
        stage.github.settle()
        stage.app.app.receiver = None
        # What came of the installation first: without it nobody knows the repositories.
        deliveries = [captured.deliveries[number % len(captured.deliveries)] for number in range(int(seconds * rate))]
        guids = [str(uuid.uuid4()) for _ in deliveries]
        answers = _send(stage, rate, deliveries, guids)
        ended = time.monotonic()
        # GitHub keeps what it was not answered for, and the sweep has it sent again.
        failed = [number for number, (status, _, _) in enumerate(answers) if status != 202]
        _send(stage, _AGAIN_RATE, [deliveries[number] for number in failed], [guids[number] for number in failed])
        wait_for(lambda: stage.left().is_nothing, "The queue does not drain.", _DRAIN_SECONDS, pause=0.25)
        statuses = [status for status, _, _ in answers]
        result = Load(
            sent=len(deliveries),
            processes=len(stage.processes),
            latencies=[latency for _, latency, _ in answers],
            late=max(late for *_, late in answers),
            statuses={status: statuses.count(status) for status in sorted(set(statuses))},
            drain_seconds=time.monotonic() - ended,
        )
        with stage.database.begin() as connection:
            row = connection.execute(_REVIEWS).one()
        result.reviews, result.review_seconds = row.runs, row.seconds or 0.0
        result.lost = _lost(stage, opened, guids)
    return result


def _open(stage: Stage, pulls: int) -> list[PullHandle]:
    repositories = []
    for number in range(_ORGANISATIONS):
        repository = stage.github.create_repository(f"org-{number}/app", files={"src/main.js": "export {};\n"})
        repository.set_role("alice", "write")
        stage.app.install(repository)
        repositories.append(repository)
    opened = []
    for number in range(pulls):
        repository = repositories[number % len(repositories)]
        pull = repository.open_pull_request("alice", f"feature-{number}", files={f"src/p{number}.js": LEAK})
        pull.comment("alice", "/perf-scan help")
        for _ in range(_PUSHES):
            pull.push({f"src/p{number}.js": f"// {uuid.uuid4()}\n{MENDED}"})
            pull.comment("alice", "Better?")
        opened.append(pull)
    return opened


def _send(
    stage: Stage, rate: float, deliveries: list[tuple[Mapping[str, str], bytes]], guids: list[str]
) -> list[tuple[int, float, float]]:
    asked = {
        "url": f"{stage.url}/webhook",
        "rate": rate,
        "deliveries": [
            ({**headers, "X-GitHub-Delivery": guid}, body.decode())
            for (headers, body), guid in zip(deliveries, guids, strict=True)
        ],
    }
    command = [sys.executable, "-m", "tests.chaos.sender"]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(asked).encode(), stdout=subprocess.PIPE, check=True)
    return [(int(status), float(latency), float(late)) for status, latency, late in json.loads(done.stdout)]


def _lost(stage: Stage, opened: list[PullHandle], guids: list[str]) -> list[str]:
    with stage.database.begin() as connection:
        done = set(connection.execute(select(DELIVERIES.c.guid).where(DELIVERIES.c.done_at.is_not(None))).scalars())
        rows = connection.execute(select(PULL_REQUESTS)).all()
    reviewed = {(row.repository_id, row.number): row.reviewed_head for row in rows}
    lost = [f"delivery {guid} was not dealt with" for guid in guids if guid not in done]
    for pull in opened:
        repository = stage.github.repository(pull.repository.full_name)
        runs = repository.check_runs(pull.head_sha, "stanch")
        if reviewed.get((repository.id, pull.number)) != pull.head_sha or not runs or runs[0].status != "completed":
            lost.append(f"{repository.full_name}#{pull.number} was not reviewed at its head")
    return lost


def table(result: Load) -> str:
    """What was measured, for a person."""
    rows: list[tuple[str, object]] = [
        ("deliveries sent", result.sent),
        *((f"  answered {status}", times) for status, times in result.statuses.items()),
        *((f"door, p{part * 100:.0f}, ms", f"{result.percentile(part) * 1000:.0f}") for part in (0.5, 0.95, 0.99)),
        ("door, slowest, ms", f"{max(result.latencies) * 1000:.0f}"),
        ("sent too late, at most, ms", f"{result.late * 1000:.0f}"),
        ("seconds until the queue was empty", f"{result.drain_seconds:.1f}"),
        ("processes that run jobs", result.processes),
        ("reviews", result.reviews),
        ("reviews a minute and process", f"{result.reviews_per_minute:.1f}"),
        ("lost", len(result.lost)),
    ]
    return "\n".join([*(f"{name:<40}{value:>10}" for name, value in rows), *(f"- {line}" for line in result.lost)])


def main() -> int:
    """Runs it, prints a table, and says by the exit code whether the door was fast enough and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.load", description="The service under load.")
    parser.add_argument("--seconds", type=float, default=60, help="how long (60)")
    parser.add_argument("--rate", type=float, default=50, help="deliveries a second (50)")
    parser.add_argument("--pulls", type=int, default=60, help="pull requests that they are about (60)")
    parser.add_argument("--workers", type=int, default=1, help="processes that run jobs, beside the one that serves")
    options = parser.parse_args()
    # Whoever ends it ends its processes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.gettempdir()) / f"stanch-load-{os.getpid()}"
    server = start(folder)
    try:
        result = load(
            folder / "run",
            server.url(),
            seconds=options.seconds,
            rate=options.rate,
            pulls=options.pulls,
            workers=options.workers,
        )
    finally:
        server.close()
    print(table(result))
    if result.lost or set(result.statuses) != {202}:
        print(f"Logs are in {folder}.")
        return 1
    shutil.rmtree(folder)
    return int(result.percentile(0.99) > DOOR_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
