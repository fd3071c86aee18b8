"""Workers: what runs, where, how often, and what becomes of it."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import threading
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import procrastinate
import psutil
import pytest
from sqlalchemy import text

from bot.database.embedded import start
from bot.database.engine import open_database
from bot.database.migrations import migrate
from bot.jobs import wakeups
from bot.jobs.lease import Lease, LeaseLost
from bot.jobs.model import Done, Drop, Job, Kind, Retry, Schedule, Submitted
from bot.jobs.numbers import depths, outcomes
from bot.jobs.queue import Queue
from bot.jobs.wakeups import Slots
from bot.jobs.worker import Worker
from tests.bot.jobs.support import all_ended, states, wait_for, working
from tests.bot.postgres import FAST

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.jobs.model import Outcome

AT_ONCE = (timedelta(0),)


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def test_lanes_are_serial_and_different_lanes_are_not(queue: Queue) -> None:
    lanes = [f"pr:{number}" for number in range(4)]
    running: Counter[str] = Counter()
    order: dict[str, list[object]] = defaultdict(list)
    together = threading.Barrier(2, timeout=20)
    overlaps = []
    lock = threading.Lock()

    def handler(job: Job, lease: Lease) -> Outcome:
        with lock:
            running[job.lane] += 1
            if running[job.lane] > 1:
                overlaps.append(job)
            order[job.lane].append(job.arguments["step"])
            first = len(order[job.lane]) == 1
        if first and job.lane in lanes[:2]:
            together.wait()
        lease.check()
        with lock:
            running[job.lane] -= 1
        return Done()

    for step in range(9):
        for lane in lanes:
            queue.submit("review", lane, {"step": step}, coalesce=False)
    with working(queue, {"review": Kind(handler)}, workers=2):
        wait_for(lambda: all_ended(queue.database), "the end of all jobs")
    assert overlaps == []
    assert order == {lane: list(range(9)) for lane in lanes}
    assert set(states(queue.database)) == {"done"}


def test_a_failed_job_is_tried_three_times_and_then_told_about(queue: Queue) -> None:
    tries: list[int] = []
    told: list[tuple[int, str]] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        tries.append(job.failures)
        if len(tries) == 1:
            raise RuntimeError("text that may hold a secret")
        return Retry("GitHub is away.")

    def gave_up(job: Job, lease: Lease, reason: str) -> Outcome:
        lease.check()
        told.append((job.id, reason))
        if len(told) == 1:
            raise RuntimeError("the first time goes wrong too")
        return Done()

    kinds = {"review": Kind(handler, gave_up, backoff=AT_ONCE)}
    assert queue.submit("review", "pr:1", {"head": "abc"}) is Submitted.NEW
    with working(queue, kinds):
        wait_for(lambda: all_ended(queue.database), "the end of the job")
        assert tries == [0, 1, 2]
        assert told == [(1, "GitHub is away.")] * 2
        assert states(queue.database) == ["poison"]
        assert queue.submit("review", "pr:1", {"head": "abc"}) is Submitted.POISON
        assert queue.submit("review", "pr:1", {"head": "abc"}, revive=True) is Submitted.NEW
        wait_for(lambda: all_ended(queue.database), "the end of the second job")
    assert states(queue.database) == ["superseded", "poison"]
    assert tries == [0, 1, 2] * 2
    with queue.database.begin() as connection:
        assert outcomes(connection) == {("review", "failed"): 7, ("review", "gave_up"): 2}
        assert depths(connection)["review"].poison == 1
        reason = connection.execute(text("SELECT reason FROM jobs WHERE id = 1")).scalar_one()
    assert reason == "GitHub is away."


def test_being_put_off_is_no_failure(queue: Queue) -> None:
    runs: list[int] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        runs.append(job.failures)
        return Retry("The rate limit is reached.", after=timedelta(0)) if len(runs) < 6 else Drop("It was closed.")

    queue.submit("review", "pr:1", {})
    with working(queue, {"review": Kind(handler)}):
        wait_for(lambda: all_ended(queue.database), "the end of the job")
    assert runs == [0] * 6
    assert states(queue.database) == ["dropped"]


def test_a_running_job_hears_that_a_newer_one_waits(queue: Queue) -> None:
    seen: list[tuple[object, bool]] = []
    started = threading.Event()

    def handler(job: Job, lease: Lease) -> Outcome:
        if job.arguments["head"] == "a":
            started.set()
            wait_for(lease.superseded, "the newer job")
        seen.append((job.arguments["head"], lease.superseded()))
        return Done()

    queue.submit("review", "pr:1", {"head": "a"})
    with working(queue, {"review": Kind(handler)}):
        assert started.wait(20)
        queue.submit("cleanup", "pr:1", {})
        queue.submit("review", "pr:2", {"head": "other"})
        for head in "bcd":
            queue.submit("review", "pr:1", {"head": head})
        wait_for(lambda: len(seen) == 3, "three runs")
    assert ("a", True) in seen
    assert ("d", False) in seen
    assert {head for head, _ in seen} == {"a", "d", "other"}


def test_a_run_that_takes_too_long_is_ended_though_its_worker_lives(queue: Queue) -> None:
    hung, lost = threading.Event(), threading.Event()
    runs = []

    def handler(job: Job, lease: Lease) -> Outcome:
        runs.append(job.failures)
        if len(runs) > 1:
            return Done()
        assert lease.wait_lost(20)
        with pytest.raises(LeaseLost):
            lease.check()
        lost.set()
        hung.wait(20)
        return Done()

    queue.submit("review", "pr:1", {})
    kinds = {"review": Kind(handler, limit=timedelta(seconds=0.3), backoff=AT_ONCE)}
    # One slot: it is free again although the thread still hangs in it.
    with working(queue, kinds, slots=Slots(patient=1, quick=1)):
        wait_for(lambda: all_ended(queue.database), "the end of the job")
        assert lost.wait(20)
        hung.set()
    assert runs == [0, 1]
    assert states(queue.database) == ["done"]
    with queue.database.begin() as connection:
        assert outcomes(connection) == {("review", "overdue"): 1, ("review", "done"): 1}


def test_a_worker_that_stops_waits_for_its_runs(queue: Queue) -> None:
    started, go = threading.Event(), threading.Event()

    def handler(job: Job, lease: Lease) -> Outcome:
        started.set()
        assert go.wait(20)
        return Done()

    queue.submit("review", "pr:1", {})
    with working(queue, {"review": Kind(handler)}) as workers:
        assert started.wait(20)
        workers[0].stop()
        queue.submit("review", "pr:2", {})
        go.set()
    assert states(queue.database) == ["done", "waiting"]


def test_a_worker_that_stops_gives_back_what_takes_too_long(queue: Queue) -> None:
    started, ended = threading.Event(), threading.Event()

    def handler(job: Job, lease: Lease) -> Outcome:
        started.set()
        try:
            assert lease.wait_lost(20)
            lease.check()
        finally:
            ended.set()
        return Done()

    queue.submit("review", "pr:1", {"head": "a"})
    with working(queue, {"review": Kind(handler)}, grace=timedelta(seconds=0.1)):
        assert started.wait(20)
    assert ended.is_set()
    assert states(queue.database) == ["waiting"]
    with queue.database.begin() as connection:
        assert outcomes(connection) == {("review", "returned"): 1}
        assert depths(connection)["review"].waiting == 1
    with working(queue, {"review": Kind(lambda job, lease: Done())}):
        wait_for(lambda: all_ended(queue.database), "the end of the job")
    assert states(queue.database) == ["done"]


def test_a_database_that_goes_away_for_a_while_is_waited_for() -> None:
    state = Path(tempfile.mkdtemp(prefix="stanch-"))
    database = open_database(state, settings=FAST)
    migrate(database)
    queue = Queue(database)
    started, go = threading.Event(), threading.Event()
    ran: list[str] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        started.set()
        assert go.wait(20)
        ran.append(job.lane)
        return Done()

    queue.submit("review", "pr:1", {})
    with working(queue, {"review": Kind(handler)}, lease=timedelta(seconds=30)):
        assert started.wait(20)
        data = state / "postgresql" / "server" / "data"
        server = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        server.send_signal(signal.SIGINT)
        wait_for(lambda: not (data / "postmaster.pid").exists(), "the end of the server")
        go.set()
        wait_for(lambda: ran == ["pr:1"], "the end of the handler")
        again = start(state, FAST)
        queue.submit("review", "pr:2", {})
        wait_for(lambda: all_ended(database), "the end of both jobs")
    assert sorted(ran) == ["pr:1", "pr:2"]
    assert states(database) == ["done", "done"]
    database.close()
    assert again.close()
    shutil.rmtree(state)


def test_a_worker_that_cannot_keep_up_ends_and_says_so(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    def take_back(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.jobs.runs.take_back", take_back)
    with pytest.raises(RuntimeError, match="cannot keep its leases up"):
        asyncio.run(Worker(queue, {}, grace=timedelta(0)).run(handle_signals=False))


def test_a_worker_ends_though_it_is_not_heard_at_once(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg can turn a cancellation into an error of its own, after which Procrastinate goes on."""
    serving: list[None] = []
    unheard: list[None] = []

    async def serve(*_: object, **__: object) -> None:
        serving.append(None)
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                unheard.append(None)
                if len(unheard) > 4:
                    raise

    monkeypatch.setattr(procrastinate.App, "run_worker_async", serve)
    monkeypatch.setattr(wakeups, "_UNHEARD_SECONDS", 0.1)
    with working(queue, {}, grace=timedelta(0)):
        wait_for(lambda: len(serving) == 2, "both queues")
    assert len(unheard) > 4


def test_kinds_that_a_worker_does_not_know_are_left_to_others(queue: Queue) -> None:
    queue.submit("newer", "pr:1", {})
    queue.submit("review", "pr:1", {})
    with working(queue, {"review": Kind(lambda job, lease: Done())}):
        wait_for(lambda: "done" in states(queue.database), "the end of the known job")
    assert states(queue.database) == ["waiting", "done"]


def test_priority_goes_first_where_slots_are_scarce(queue: Queue) -> None:
    order: list[str] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        order.append(job.lane)
        return Done()

    for number in range(5):
        queue.submit("review", f"pr:{number}", {})
    queue.submit("command", "command:1", {}, priority=10)
    kinds = {"review": Kind(handler), "command": Kind(handler)}
    with working(queue, kinds, slots=Slots(patient=1, quick=1)):
        wait_for(lambda: all_ended(queue.database), "the end of all jobs")
    assert order[0] == "command:1"
    assert sorted(order[1:]) == [f"pr:{number}" for number in range(5)]


def test_what_is_quick_does_not_wait_for_what_takes_long(queue: Queue) -> None:
    answered = threading.Event()

    def long(job: Job, lease: Lease) -> Outcome:
        assert answered.wait(20)
        return Done()

    def quick(job: Job, lease: Lease) -> Outcome:
        answered.set()
        return Done()

    for number in range(3):
        queue.submit("review", f"pr:{number}", {})
    kinds = {"review": Kind(long), "delivery": Kind(quick, is_quick=True)}
    with working(queue, kinds, slots=Slots(patient=1, quick=1)):
        wait_for(lambda: "running" in states(queue.database), "the begin of a long job")
        queue.submit("delivery", "delivery:1", {})
        wait_for(lambda: all_ended(queue.database), "the end of all jobs")
    assert states(queue.database) == ["done"] * 4


def test_a_lane_may_hold_both_what_is_quick_and_what_takes_long(queue: Queue) -> None:
    kinds = {"review": Kind(lambda job, lease: Done()), "delivery": Kind(lambda job, lease: Done(), is_quick=True)}
    for number in range(3):
        queue.submit("review", "pr:1", {"n": number}, coalesce=False)
        queue.submit("delivery", "pr:1", {"n": number}, coalesce=False)
    with working(queue, kinds):
        wait_for(lambda: all_ended(queue.database), "the end of all jobs")
    assert states(queue.database) == ["done"] * 6


def test_what_is_scheduled_runs_again_after_it_was_given_up(queue: Queue) -> None:
    runs: list[int] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        runs.append(job.id)
        return Retry("It failed.") if len(runs) <= 3 else Done()

    schedules = [Schedule("* * * * * *", "sweep", "upkeep/sweep")]
    with working(queue, {"sweep": Kind(handler, backoff=AT_ONCE)}, schedules=schedules):
        wait_for(lambda: len(runs) > 4)
    assert len(set(runs)) > 1


def test_what_is_scheduled_is_submitted_by_one_worker_of_all(queue: Queue) -> None:
    ran: list[str] = []

    def handler(job: Job, lease: Lease) -> Outcome:
        ran.append(job.lane)
        return Done()

    schedules = [Schedule("* * * * * *", "nightly", "nightly:all"), Schedule("0 0 29 2 *", "nightly", "never")]
    with working(queue, {"nightly": Kind(handler)}, workers=2, schedules=schedules):
        wait_for(lambda: len(ran) >= 2, "two runs")
    assert set(ran) == {"nightly:all"}
