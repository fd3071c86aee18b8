"""Submissions: what takes the place of what, when it is due, what is refused, what is purged."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.jobs import runs
from bot.jobs.model import Done, Drop, Kind, Retry, Submitted
from bot.jobs.numbers import depths, outcomes
from bot.jobs.queue import Queue
from tests.bot.jobs.support import LEASE, states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from bot.database.engine import Database
    from bot.jobs.model import Outcome

HOUR = timedelta(hours=1)
KINDS = {"review": Kind(lambda job, lease: Done())}


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def rows(queue: Queue) -> Sequence[Row[tuple[object, ...]]]:
    query = "SELECT *, extract(epoch FROM due_at - clock_timestamp()) AS due_in FROM jobs ORDER BY id"
    with queue.database.begin() as connection:
        return connection.execute(text(query)).all()


def later(queue: Queue, passed: timedelta) -> None:
    """As if so much time had passed."""
    shift = (
        "UPDATE jobs SET submitted_at = submitted_at - :passed, due_at = due_at - :passed, due_by = due_by - :passed"
    )
    with queue.database.begin() as connection:
        connection.execute(text(shift), {"passed": passed})


def run(queue: Queue, lane: str, outcome: Outcome, kind: Kind = KINDS["review"]) -> runs.Run:
    """One run of a lane's next job, which ends so."""
    with queue.database.begin() as connection:
        claimed = runs.claim(connection, lane, {"review": kind}, "test", LEASE)
        assert claimed is not None
        runs.settle(connection, claimed, kind, outcome)
    return claimed


def test_the_newest_takes_the_place_of_the_one_that_waits(queue: Queue) -> None:
    assert queue.submit("review", "pr:1", {"head": "a"}) is Submitted.NEW
    assert queue.submit("review", "pr:1", {"head": "b"}) is Submitted.REPLACED
    assert queue.submit("review", "pr:1", {"head": "b"}) is Submitted.KNOWN
    assert queue.submit("review", "pr:2", {"head": "b"}) is Submitted.NEW
    assert queue.submit("cleanup", "pr:1", {"head": "b"}) is Submitted.NEW
    assert [(row.kind, row.lane, row.arguments) for row in rows(queue)] == [
        ("review", "pr:1", {"head": "b"}),
        ("review", "pr:2", {"head": "b"}),
        ("cleanup", "pr:1", {"head": "b"}),
    ]


def test_what_may_not_be_replaced_waits_in_order(queue: Queue) -> None:
    for number in range(3):
        assert queue.submit("review", "pr:1", {"comment": number}, coalesce=False) is Submitted.NEW
    assert queue.submit("review", "pr:1", {"comment": 1}, coalesce=False) is Submitted.KNOWN
    assert [run(queue, "pr:1", Done()).job.arguments["comment"] for _ in range(3)] == [0, 1, 2]
    assert queue.submit("review", "pr:1", {"comment": 1}, coalesce=False) is Submitted.NEW


def test_a_window_begins_anew_with_each_push_and_ends_after_six(queue: Queue) -> None:
    window = timedelta(seconds=10)
    waits = []
    for push in range(9):
        queue.submit("review", "pr:1", {"head": f"{push}"}, delay=window)
        (row,) = rows(queue)
        waits.append((row.due_at - row.submitted_at).total_seconds())
        later(queue, timedelta(seconds=8))
    assert waits[:7] == [10] * 7
    assert 0 <= waits[7] <= 4
    assert waits[8] == 0
    assert [row.arguments for row in rows(queue)] == [{"head": "8"}]


def test_what_is_not_due_does_not_hold_up_its_lane(queue: Queue) -> None:
    queue.submit("review", "pr:1", {"head": "a"}, delay=HOUR)
    queue.submit("cleanup", "pr:1", {})
    kinds = {**KINDS, "cleanup": KINDS["review"]}
    with queue.database.begin() as connection:
        assert runs.wake(connection, kinds, LEASE) == [runs.DueLane("pr:1", "cleanup", 0)]
        assert runs.wake(connection, kinds, LEASE) == []
        claimed = runs.claim(connection, "pr:1", kinds, "test", LEASE)
    assert claimed is not None
    assert claimed.job.kind == "cleanup"


def test_a_failure_is_put_off_and_what_is_newer_is_not(queue: Queue) -> None:
    kind = Kind(lambda job, lease: Done(), backoff=(HOUR, 2 * HOUR))
    queue.submit("review", "pr:1", {"head": "a"})
    run(queue, "pr:1", Retry("No."), kind)
    assert 3500 < rows(queue)[0].due_in <= 3600
    # The same keeps its place; somebody who asks for it does not wait.
    assert queue.submit("review", "pr:1", {"head": "a"}) is Submitted.KNOWN
    assert rows(queue)[0].due_in > 3500
    assert rows(queue)[0].failures == 1
    assert queue.submit("review", "pr:1", {"head": "a"}, revive=True) is Submitted.KNOWN
    assert rows(queue)[0].due_in <= 0
    run(queue, "pr:1", Retry("No."), kind)
    assert queue.submit("review", "pr:1", {"head": "b"}, delay=timedelta(seconds=5)) is Submitted.REPLACED
    assert rows(queue)[0].due_in <= 5
    assert rows(queue)[0].failures == 0


def test_a_limit_puts_off_until_its_moment(queue: Queue) -> None:
    queue.submit("review", "pr:1", {"head": "a"})
    with queue.database.begin() as connection:
        moment = connection.execute(text("SELECT clock_timestamp() + interval '20 minutes'")).scalar_one()
    run(queue, "pr:1", Retry("Limited.", after=moment))
    assert rows(queue)[0].due_at == moment
    later(queue, HOUR)
    run(queue, "pr:1", Retry("Limited.", after=datetime(2020, 1, 1, tzinfo=UTC)))
    assert rows(queue)[0].failures == 0
    assert -1 < rows(queue)[0].due_in <= 0


def test_a_failed_job_gives_way_to_a_newer_one(queue: Queue) -> None:
    queue.submit("review", "pr:1", {"head": "a"})
    with queue.database.begin() as connection:
        claimed = runs.claim(connection, "pr:1", KINDS, "test", LEASE)
    assert claimed is not None
    assert queue.submit("review", "pr:1", {"head": "b"}) is Submitted.NEW
    with queue.database.begin() as connection:
        runs.settle(connection, claimed, KINDS["review"], Retry("No."))
    assert states(queue.database) == ["superseded", "waiting"]
    assert run(queue, "pr:1", Done()).job.arguments == {"head": "b"}


def test_of_many_claims_at_once_one_wins(queue: Queue) -> None:
    queue.submit("review", "pr:1", {"n": 1}, coalesce=False)
    queue.submit("review", "pr:1", {"n": 2}, coalesce=False)
    ready = threading.Barrier(4)
    claimed: list[runs.Run | None] = []

    def claim() -> None:
        with suppress(IntegrityError), queue.database.begin() as connection:
            ready.wait(20)
            claimed.append(runs.claim(connection, "pr:1", KINDS, "test", LEASE))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(run is not None for run in claimed) == 1
    assert states(queue.database).count("running") == 1


def test_submissions_at_once_leave_one(queue: Queue) -> None:
    def submit(number: int) -> None:
        for head in range(20):
            queue.submit("review", "pr:1", {"head": f"{number}.{head}"})

    threads = [threading.Thread(target=submit, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (row,) = rows(queue)
    assert row.arguments["head"].endswith(".19")


def test_a_submission_belongs_to_its_transaction(queue: Queue) -> None:
    with pytest.raises(RuntimeError), queue.database.begin() as connection:
        queue.submit("review", "pr:1", {}, connection=connection)
        raise RuntimeError
    assert rows(queue) == []


@pytest.mark.parametrize(
    "value",
    ["a b", "", "two\nlines", "ünïcode", "<script>", "ghs_" + "a" * 36, "x/github_pat_11AA", "a" * 201, "$(id)"],
)
def test_nothing_from_outside_and_no_token_goes_into_a_job(queue: Queue, value: str) -> None:
    with pytest.raises(ValueError, match="keep it elsewhere"):
        queue.submit("review", "pr:1", {"head": value})
    with pytest.raises(ValueError, match="keep it elsewhere"):
        queue.submit("review", value, {})
    assert rows(queue) == []


def test_finished_jobs_are_purged_and_poison_is_kept_longer(queue: Queue) -> None:
    for lane in ("pr:0", "pr:1", "pr:2"):
        queue.submit("review", lane, {})
    run(queue, "pr:0", Done())
    run(queue, "pr:1", Drop("It was closed."))
    for _ in range(3):
        run(queue, "pr:2", Retry("No."), Kind(lambda job, lease: Done(), backoff=(timedelta(0),)))
    queue.submit("review", "pr:9", {})
    assert states(queue.database) == ["done", "dropped", "poison", "waiting"]
    assert queue.purge() == 0
    assert queue.purge(kept=-HOUR) == 2
    assert states(queue.database) == ["poison", "waiting"]
    assert queue.purge(poison_kept=-HOUR) == 1
    assert states(queue.database) == ["waiting"]
    with queue.database.begin() as connection:
        depth = depths(connection)["review"]
        assert (depth.waiting, depth.running, depth.poison) == (1, 0, 0)
        assert depth.oldest_due_seconds > 0
        # What is counted outlives the jobs.
        expected = {"done": 1, "dropped": 1, "failed": 2, "gave_up": 1}
        assert outcomes(connection) == {("review", name): times for name, times in expected.items()}


def test_a_reason_may_hold_anything(queue: Queue) -> None:
    queue.submit("review", "pr:1", {})
    run(queue, "pr:1", Retry("GitHub says \0 and \udcff."), Kind(lambda job, lease: Done(), backoff=(timedelta(0),)))
    assert [row.reason for row in rows(queue)] == ["GitHub says \ufffd and \ufffd."]


def test_lanes_that_are_busy(queue: Queue) -> None:
    queue.submit("review", "pr:1", {})
    queue.submit("review", "pr:2", {})
    run(queue, "pr:2", Done())
    assert queue.busy(["pr:1", "pr:2", "pr:3"]) == {"pr:1"}
