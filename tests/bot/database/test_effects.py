"""The ledger: each effect is made once, whoever dies over it, and by nobody whose job is another's by now."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.database import effects
from bot.database.effects import Done, Fresh, Underway, Unfinished
from bot.database.fences import Fence, LeaseLost, hold
from bot.jobs import runs
from bot.jobs.model import Done as JobDone
from bot.jobs.model import Kind
from bot.jobs.queue import Queue

if TYPE_CHECKING:
    from bot.database.engine import Database
    from bot.jobs.runs import Run

KINDS = {"review": Kind(lambda job, lease: JobDone())}
LEASE = timedelta(minutes=1)
NONE = timedelta(0)


def begun(database: Database, lane: str = "pr:1") -> Run:
    """A run of a new job."""
    Queue(database).submit("review", lane, {}, coalesce=False)
    return again(database, lane)


def again(database: Database, lane: str = "pr:1") -> Run:
    with database.begin() as connection:
        run = runs.claim(connection, lane, KINDS, "test", LEASE)
    assert run is not None
    return run


def taken_back(database: Database) -> None:
    """As if the worker had been silent for longer than its lease."""
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = clock_timestamp() WHERE state = 'running'")
    with database.begin() as connection:
        assert runs.take_back(connection, KINDS) is not None


def begin(database: Database, key: str, fence: Fence, repository_id: int = 1) -> effects.Standing:
    with database.begin() as connection:
        return effects.begin(connection, repository_id, key, fence)


def test_an_effect_is_fresh_once_and_done_for_ever(database: Database) -> None:
    fence = begun(database).fence
    assert begin(database, "comment", fence) == Fresh()
    with database.begin() as connection:
        effects.finish(connection, 1, "comment", 77, "digest")
    assert begin(database, "comment", fence) == Done("77", "digest")
    assert begin(database, "comment", fence, repository_id=2) == Fresh()
    assert begin(database, "check", fence) == Fresh()
    with database.begin() as connection:
        effects.finish(connection, 1, "comment", 77, "another")
    assert begin(database, "comment", fence) == Done("77", "another")


def test_an_effect_that_was_begun_and_not_finished_is_looked_for(database: Database) -> None:
    assert begin(database, "comment", begun(database).fence) == Fresh()
    taken_back(database)
    assert isinstance(begin(database, "comment", again(database).fence), Unfinished)
    with database.begin() as connection:
        effects.forget(connection, 1, "comment")
    taken_back(database)
    assert begin(database, "comment", again(database).fence) == Fresh()


def test_what_was_begun_long_ago_is_forgotten_finished_or_not(database: Database) -> None:
    fence = begun(database).fence
    for key in ("comment", "check", "reply"):
        begin(database, key, fence)
    with database.begin() as connection:
        effects.finish(connection, 1, "comment", 77)
        connection.exec_driver_sql(
            "UPDATE effects SET begun_at = clock_timestamp() - interval '91 days' WHERE key <> 'reply'"
        )
        assert effects.purge(connection) == 2
    assert begin(database, "comment", fence) == begin(database, "check", fence) == Fresh()
    assert isinstance(begin(database, "reply", fence), Unfinished)


def test_an_effect_that_another_running_job_makes_is_left_to_it(database: Database) -> None:
    one, two = begun(database, "pr:1"), begun(database, "command:1")
    assert begin(database, "reply", one.fence) == Fresh()
    assert begin(database, "reply", two.fence) == Underway()
    assert isinstance(begin(database, "reply", one.fence), Unfinished)
    with database.begin() as connection:
        runs.settle(connection, one, KINDS["review"], JobDone())
    assert isinstance(begin(database, "reply", two.fence), Unfinished)


def test_a_run_whose_job_was_taken_over_is_refused(database: Database) -> None:
    old = begun(database).fence
    taken_back(database)
    with pytest.raises(LeaseLost):
        begin(database, "comment", old)
    new = again(database).fence
    assert new.number > old.number
    with pytest.raises(LeaseLost):
        begin(database, "comment", old)
    with pytest.raises(LeaseLost), database.begin() as connection:
        effects.begin_anew(connection, 1, "comment", old)
    assert begin(database, "comment", new) == Fresh()
    with pytest.raises(LeaseLost):
        begin(database, "comment", Fence(12345, 1))


def test_a_take_over_waits_for_a_write_that_was_allowed(database: Database) -> None:
    run = begun(database)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = clock_timestamp()")
    with database.begin() as writer:
        hold(writer, run.fence)
        with database.begin() as connection:
            assert runs.take_back(connection, KINDS) is None
    with database.begin() as connection:
        assert runs.take_back(connection, KINDS) is not None


def test_of_many_that_begin_at_once_one_makes_it(database: Database) -> None:
    runs_at_once = [begun(database, f"lane:{number}") for number in range(4)]
    ready = threading.Barrier(len(runs_at_once))
    standings: Counter[type[effects.Standing]] = Counter()

    def make(run: Run) -> None:
        ready.wait(20)
        standings[type(begin(database, "reply", run.fence))] += 1

    threads = [threading.Thread(target=make, args=[run]) for run in runs_at_once]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert standings == {Fresh: 1, Underway: 3}
