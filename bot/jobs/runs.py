"""The life of a job in its table: woken, claimed, kept up, settled. Each function is a step inside a transaction.

Unique indexes keep the order, whatever happens at the same time: one running job a lane, one waiting job of those that
replace each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from bot.database.fences import Fence, LeaseLost
from bot.database.tables import clean
from bot.jobs.model import Job, Retry
from bot.jobs.queue import CHANNEL
from bot.jobs.verdicts import Ended, Verdict, judge_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Row

    from bot.jobs.model import Kind, Outcome

_STALLED: Final = Retry("The worker that ran it stopped.")

_BATCH: Final = 200

# SKIP LOCKED: several workers look at once, and each row is one's.
_WAKE: Final = text("""
    UPDATE jobs SET woken_at = clock_timestamp() FROM (
        SELECT id FROM jobs AS job
        WHERE state = 'waiting' AND due_at <= clock_timestamp() AND kind = ANY(:kinds)
          AND (woken_at IS NULL OR woken_at < clock_timestamp() - :again)
          AND NOT EXISTS (SELECT FROM jobs AS other WHERE other.lane = job.lane AND other.state = 'running')
        ORDER BY priority DESC, due_at LIMIT :batch FOR UPDATE SKIP LOCKED
    ) AS due WHERE jobs.id = due.id RETURNING jobs.lane, jobs.kind, jobs.priority
""").bindparams(batch=_BATCH)
# It waits for whoever looks at the first row just now: passing it by would begin the lane's jobs out of order.
_CLAIM: Final = text("""
    UPDATE jobs SET
        state = 'running', fence = nextval('job_fences'), worker = :worker, started_at = clock_timestamp(),
        lease_until = clock_timestamp() + :lease,
        deadline = clock_timestamp() + (:limits ->> kind)::float * interval '1 second'
    WHERE id = (
        SELECT id FROM jobs
        WHERE lane = :lane AND state = 'waiting' AND due_at <= clock_timestamp() AND :limits ? kind
        ORDER BY priority DESC, due_at, id LIMIT 1 FOR UPDATE
    ) AND NOT EXISTS (SELECT FROM jobs WHERE lane = :lane AND state = 'running')
    RETURNING id, kind, lane, arguments, failures, fence, giving_up
""").bindparams(bindparam("limits", type_=JSONB))
_RENEW: Final = text("""
    UPDATE jobs SET lease_until = clock_timestamp() + :lease
    WHERE state = 'running' AND fence = ANY(:fences) RETURNING fence
""")
_FIND: Final = text("SELECT FROM jobs WHERE id = :id AND fence = :fence AND state = 'running' FOR UPDATE")
_LOST: Final = text("""
    SELECT id, kind, lane, arguments, failures, fence, giving_up, lease_until < clock_timestamp() AS is_stalled
    FROM jobs
    WHERE state = 'running' AND kind = ANY(:kinds) AND (lease_until < clock_timestamp() OR deadline < clock_timestamp())
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
""")
_WAIT: Final = text("""
    UPDATE jobs SET
        state = 'waiting', failures = :failures, reason = :reason, giving_up = :giving_up, lease_until = NULL,
        deadline = NULL, due_at = greatest(CAST(:at AS timestamptz), clock_timestamp() + :wait)
    WHERE id = :id
""")
_END: Final = text("""
    UPDATE jobs SET
        state = :state, failures = :failures, reason = :reason, giving_up = NULL, lease_until = NULL, deadline = NULL,
        finished_at = clock_timestamp()
    WHERE id = :id
""")
_LEAVE_LANE: Final = text("""
    WITH counted AS (
        INSERT INTO job_outcomes AS known (kind, outcome, times) VALUES (:kind, :outcome, 1)
        ON CONFLICT (kind, outcome) DO UPDATE SET times = known.times + 1
    ), next AS (
        UPDATE jobs SET woken_at = NULL WHERE lane = :lane AND state = 'waiting' RETURNING id
    )
    SELECT pg_notify(:channel, '') FROM next LIMIT 1
""").bindparams(channel=CHANNEL)


@dataclass(frozen=True)
class Run:
    """A job that was claimed. `giving_up`: the reason where this run calls `gave_up` rather than the handler."""

    job: Job
    fence: Fence
    giving_up: str | None


@dataclass(frozen=True)
class DueLane:
    """A lane in which a job of a kind is due and none runs."""

    lane: str
    kind: str
    priority: int


def wake(connection: Connection, kinds: Iterable[str], again: timedelta) -> list[DueLane]:
    """Where a job is due and none runs; each is named once in `again`."""
    rows = connection.execute(_WAKE, {"kinds": list(kinds), "again": again})
    return [DueLane(row.lane, row.kind, row.priority) for row in rows]


def claim(connection: Connection, lane: str, kinds: Mapping[str, Kind], worker: str, lease: timedelta) -> Run | None:
    """Begins the next job of a lane; None where none is due, or one runs.

    Raises:
        IntegrityError: another worker began one in the same moment.
    """
    limits = {name: kind.limit.total_seconds() for name, kind in kinds.items()}
    values = {"lane": lane, "limits": limits, "worker": worker, "lease": lease}
    row = connection.execute(_CLAIM, values).one_or_none()
    return None if row is None else _run(row)


def renew(connection: Connection, fences: Iterable[int], lease: timedelta) -> set[int]:
    """Keeps runs up for another lease; returns those that still may run."""
    rows = connection.execute(_RENEW, {"fences": list(fences), "lease": lease})
    return {row.fence for row in rows}


def settle(connection: Connection, run: Run, kind: Kind, outcome: Outcome) -> Ended:
    """Writes down how a run ended.

    Raises:
        LeaseLost: it was not this run's to say.
    """
    _find(connection, run)
    verdict = judge_run(kind, outcome, run.job.failures, run.giving_up)
    return _write(connection, run, verdict, Ended.of(outcome, verdict))


def give_back(connection: Connection, run: Run) -> None:
    """Ends a run that was not finished, through no fault of the job's.

    Raises:
        LeaseLost: it is not this run's any more.
    """
    _find(connection, run)
    verdict = Verdict("waiting", failures=run.job.failures, giving_up=run.giving_up)
    _write(connection, run, verdict, Ended.RETURNED)


def take_back(connection: Connection, kinds: Mapping[str, Kind]) -> Run | None:
    """Ends one run whose worker has died or hangs, or that takes too long; None where there is none.

    Its fence is worth nothing from then on. A job whose worker died is due again at once.
    """
    row = connection.execute(_LOST, {"kinds": list(kinds)}).one_or_none()
    if row is None:
        return None
    run, kind = _run(row), kinds[row.kind]
    if row.is_stalled:
        verdict = judge_run(kind, _STALLED, run.job.failures, run.giving_up)
        _write(connection, run, replace(verdict, wait=timedelta(0)), Ended.STALLED)
    else:
        overdue = Retry(f"It took longer than {kind.limit.total_seconds() / 60:g} minutes.")
        _write(connection, run, judge_run(kind, overdue, run.job.failures, run.giving_up), Ended.OVERDUE)
    return run


def _find(connection: Connection, run: Run) -> None:
    if connection.execute(_FIND, {"id": run.fence.job_id, "fence": run.fence.number}).first() is None:
        raise LeaseLost(f"Job {run.job.id} was taken over before it ended.")


def _run(row: Row[tuple[object, ...]]) -> Run:
    job = Job(row.id, row.kind, row.lane, row.arguments, row.failures)
    return Run(job, Fence(row.id, row.fence), row.giving_up)


def _write(connection: Connection, run: Run, verdict: Verdict, ended: Ended) -> Ended:
    # GitHub's own words may be in a reason, and a row that cannot be written would be tried for ever.
    reason = None if verdict.reason is None else clean(verdict.reason)
    values = {"id": run.job.id, "state": verdict.state, "failures": verdict.failures, "reason": reason}
    if verdict.state == "waiting" and not _wait(connection, values, verdict):
        connection.execute(_END, {**values, "state": "superseded"})
        ended = Ended.SUPERSEDED
    elif verdict.state != "waiting":
        connection.execute(_END, values)
    connection.execute(_LEAVE_LANE, {"kind": run.job.kind, "outcome": ended, "lane": run.job.lane})
    return ended


def _wait(connection: Connection, values: Mapping[str, object], verdict: Verdict) -> bool:
    """Puts a job back among those that wait; False where a newer one of its lane and kind waits already."""
    wait, at = (verdict.wait, None) if isinstance(verdict.wait, timedelta) else (timedelta(0), verdict.wait)
    try:
        giving_up = None if verdict.giving_up is None else clean(verdict.giving_up)
        with connection.begin_nested():
            connection.execute(_WAIT, {**values, "wait": wait, "at": at, "giving_up": giving_up})
    except IntegrityError:
        return False
    return True
