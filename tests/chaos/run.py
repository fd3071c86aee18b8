"""A run of chaos: people work while things go wrong; then nothing does, everything settles, and is looked at."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from bot.workflows import lanes
from tests.chaos import faults, invariants
from tests.chaos.people import People
from tests.chaos.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

MOST_WAITING: Final = 12
"""People wait while more jobs do, for they outrun any service: then nothing would be reviewed amid the faults."""
_ROUND: Final = 25
"""After so many actions time is moved on, so that jobs which wait for a retry get their turn."""
_MOVED: Final = timedelta(seconds=65)
_SETTLED_SECONDS: Final = 1200
_UPKEEP_ROUNDS: Final = 3
_SWEEP_AFTER: Final = timedelta(minutes=11)


@dataclass(frozen=True)
class Plan:
    """How a run is to be.

    `short`: without faults that take a minute to get over; `minutes`: after so many, people do nothing more.
    """

    events: int
    seed: int = 1
    organisations: int = 4
    repositories: int = 2
    workers: int = 1
    kills: int = 4
    minutes: float = math.inf
    short: bool = False


@dataclass
class Result:
    """What has happened, and what is wrong."""

    plan: Plan
    events: int = 0
    deliveries: int = 0
    requests: int = 0
    kills: int = 0
    seconds: float = 0.0
    settling_seconds: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    verdict: invariants.Verdict = field(default_factory=invariants.Verdict)


def run(plan: Plan, folder: Path, database_url: str) -> Result:
    """Carries a plan out.

    Args:
        plan: what is to happen.
        folder: for everything that is written; kept.
        database_url: of an empty database.

    Raises:
        AssertionError: the service does not come up, or does not settle.
    """
    began = time.monotonic()
    result = Result(plan)
    with Stage(folder, database_url, workers=plan.workers, seed=plan.seed) as stage:
        people = People(stage, plan.seed, organisations=plan.organisations, repositories=plan.repositories)
        faults.inject(stage.github, short=plan.short)
        _work(stage, people, plan, result)
        result.faults = faults.happened(stage.github)
        stage.github.faults.clear()
        calm = time.monotonic()
        _settle(stage)
        result.settling_seconds = time.monotonic() - calm
        result.done, result.kills = people.done, stage.kills
        result.deliveries, result.requests = len(stage.github.deliveries), len(stage.github.requests)
        with stage.database.begin() as connection:
            rows = connection.execute(text("SELECT kind, sum(times)::int AS times FROM job_outcomes GROUP BY kind"))
            result.jobs = {row.kind: row.times for row in rows}
        result.verdict = invariants.check(stage, people)
    result.seconds = time.monotonic() - began
    return result


class _Events:
    """How many webhooks came of what people did; what our own writing sets off is not counted."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen = 0
        self._guids: set[str] = set()

    def count(self) -> int:
        log = self._stage.github.deliveries
        for attempt in log[self._seen :]:
            if attempt.payload["sender"]["login"] != self._stage.app.account.login:
                self._guids.add(attempt.guid)
        self._seen = len(log)
        return len(self._guids)


def _work(stage: Stage, people: People, plan: Plan, result: Result) -> None:
    events = _Events(stage)
    chance = random.Random(plan.seed + 1)
    # The first is the one that answers requests; each is killed now and then.
    due = sorted(chance.randrange(plan.events // 10, plan.events) for _ in range(plan.kills))
    actions = 0
    enough = time.monotonic() + plan.minutes * 60
    with (stage.folder / "actions.log").open("w", encoding="utf-8") as log:
        while (now := events.count()) < plan.events and time.monotonic() < enough:
            while due and due[0] <= now:
                due.pop(0)
                process = chance.choice(stage.processes)
                log.write(f"{time.time():.3f} kill {process.name}\n")
                stage.kill(process)
            log.write(f"{time.time():.3f} {people.act()}\n")
            log.flush()
            actions += 1
            stage.bury()
            if actions % _ROUND == 0:
                stage.forward(_MOVED)
            while (left := stage.left()).waiting + left.running > max(MOST_WAITING, 2 * len(people.workshops)):
                stage.bury()
                if left.due == 0 and left.until is not None:
                    stage.forward(left.until)
                time.sleep(0.1)
        result.events = events.count()


def _settle(stage: Stage) -> None:
    """Lets everything end, with the upkeep that otherwise comes every few minutes."""
    for _ in range(_UPKEEP_ROUNDS):
        stage.settle(_SETTLED_SECONDS)
        stage.forward(_SWEEP_AFTER)
        stage.submit(lanes.SWEEP)
        stage.settle(_SETTLED_SECONDS)
        stage.submit(lanes.RECONCILE)
        stage.settle(_SETTLED_SECONDS)
