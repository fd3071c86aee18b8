"""The front door of the jobs: submit them, and purge the old ones."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from bot.database.tables import JOBS, UNENDED
from bot.jobs.model import Submitted

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from bot.database.engine import Database
    from bot.jobs.model import Argument

CHANNEL: Final = "stanch_jobs"
"""Where PostgreSQL tells workers that a job may be due."""
LONGEST_WINDOW: Final = 6
"""A waiting job that is replaced again and again is due after so many of its delays, at the latest."""
KEPT: Final = timedelta(days=7)
"""How long finished jobs are kept, for whoever asks what happened."""
POISON_KEPT: Final = timedelta(days=60)
"""How long those are kept that were given up; while they are, they are not run again by themselves."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9._:/#@+-]{1,200}")
# docs.github.com, "About authentication to GitHub": tokens begin with ghp_, gho_, ghu_, ghs_, ghr_ or github_pat_.
_TOKEN: Final = re.compile(r"gh[a-z]_|github_pat_")

_JSON: Final = bindparam("arguments", type_=JSONB)
_FIND_POISON: Final = text("""
    SELECT id FROM jobs WHERE lane = :lane AND kind = :kind AND state = 'poison' AND arguments = :arguments LIMIT 1
""").bindparams(_JSON)
_FIND_SAME: Final = text("""
    SELECT id FROM jobs WHERE lane = :lane AND kind = :kind AND state = 'waiting' AND arguments = :arguments LIMIT 1
""").bindparams(_JSON)
_LEAVE_POISON: Final = text("""
    UPDATE jobs SET state = 'superseded' WHERE lane = :lane AND kind = :kind AND state = 'poison'
""")
# What is the same keeps its place; what is new waits for its own window, but not for longer than the first one's end.
_SUBMIT: Final = text("""
    WITH waiting AS (
        SELECT arguments FROM jobs WHERE lane = :lane AND kind = :kind AND state = 'waiting' AND "coalesce"
    ), now AS (
        SELECT clock_timestamp() AS at
    )
    INSERT INTO jobs AS job (kind, lane, arguments, state, "coalesce", priority, submitted_at, due_at, due_by)
    SELECT :kind, :lane, :arguments, 'waiting', :coalesce, :priority, at, at + :delay, at + :window FROM now
    ON CONFLICT (lane, kind) WHERE state = 'waiting' AND "coalesce" DO UPDATE SET
        arguments = excluded.arguments,
        priority = greatest(job.priority, excluded.priority),
        submitted_at = excluded.submitted_at,
        woken_at = NULL,
        failures = CASE WHEN job.arguments = excluded.arguments AND NOT :revive THEN job.failures ELSE 0 END,
        giving_up = CASE WHEN job.arguments = excluded.arguments AND NOT :revive THEN job.giving_up END,
        started_at = CASE WHEN job.arguments = excluded.arguments AND NOT :revive THEN job.started_at END,
        due_by = CASE WHEN job.started_at IS NULL THEN job.due_by ELSE excluded.due_by END,
        due_at = CASE
            WHEN :revive THEN excluded.due_at
            WHEN job.arguments = excluded.arguments THEN job.due_at
            WHEN job.started_at IS NULL THEN least(excluded.due_at, greatest(job.due_by, excluded.submitted_at))
            ELSE excluded.due_at
        END
    RETURNING xmax = 0 AS is_new, (SELECT arguments FROM waiting) = :arguments AS is_known
""").bindparams(_JSON)
_NOTIFY: Final = text("SELECT pg_notify(:channel, '')").bindparams(channel=CHANNEL)
_PURGE: Final = text("""
    DELETE FROM jobs
    WHERE finished_at < clock_timestamp() - CASE WHEN state = 'poison' THEN :poison_kept ELSE :kept END
""")


class Queue:
    """Where jobs are submitted; what runs them is a `Worker`."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def submit(
        self,
        kind: str,
        lane: str,
        arguments: Mapping[str, Argument],
        *,
        delay: timedelta = timedelta(0),
        coalesce: bool = True,
        priority: int = 0,
        revive: bool = False,
        connection: Connection | None = None,
    ) -> Submitted:
        """Leaves a job for the workers.

        Args:
            kind: which handler runs it.
            lane: what it may not overlap with, such as `pr:1234#5`; jobs of one lane run one at a time.
            arguments: ids, commits and words of ours.
            delay: how long to wait for something newer. Every replacement begins the wait anew, up to six waits.
            coalesce: takes the place of a waiting job of the same lane and kind; otherwise it waits behind it, unless
                it is the same.
            priority: higher ones are begun first, where workers are scarce.
            revive: somebody asks for it: it runs although the same was given up before, and at once although it is put
                off after a failure.
            connection: the transaction it belongs to; without one it has its own. At most one lane in a transaction,
                lest two of them wait for each other.

        Raises:
            ValueError: a name or an argument may be from outside, or a secret.
        """
        _refuse_foreign(kind, lane, arguments)
        values = {
            "kind": kind,
            "lane": lane,
            "arguments": dict(arguments),
            "delay": delay,
            "window": delay * LONGEST_WINDOW,
            "coalesce": coalesce,
            "priority": priority,
            "revive": revive,
        }
        with self.database.begin() if connection is None else nullcontext(connection) as transaction:
            return _submit(transaction, values)

    def busy(self, lanes: Collection[str]) -> set[str]:
        """Those of some lanes in which a job waits or runs, so that none has to be submitted to be sure of one."""
        query = select(JOBS.c.lane).where(JOBS.c.lane.in_(lanes), JOBS.c.state.in_(UNENDED))
        with self.database.begin() as connection:
            return set(connection.execute(query).scalars())

    def purge(self, kept: timedelta = KEPT, poison_kept: timedelta = POISON_KEPT) -> int:
        """Deletes jobs that were finished so long ago, and says how many."""
        with self.database.begin() as connection:
            return connection.execute(_PURGE, {"kept": kept, "poison_kept": poison_kept}).rowcount


def _submit(connection: Connection, values: dict[str, object]) -> Submitted:
    names = {name: values[name] for name in ("kind", "lane")}
    if not values["revive"] and connection.execute(_FIND_POISON, {**names, "arguments": values["arguments"]}).first():
        return Submitted.POISON
    if not values["coalesce"] and connection.execute(_FIND_SAME, {**names, "arguments": values["arguments"]}).first():
        return Submitted.KNOWN
    connection.execute(_LEAVE_POISON, names)
    row = connection.execute(_SUBMIT, values).one()
    connection.execute(_NOTIFY)
    if row.is_new:
        return Submitted.NEW
    return Submitted.KNOWN if row.is_known else Submitted.REPLACED


def _refuse_foreign(kind: str, lane: str, arguments: Mapping[str, Argument]) -> None:
    for name, value in {"kind": kind, "lane": lane, **arguments}.items():
        if isinstance(value, str) and (not _PLAIN.fullmatch(value) or _TOKEN.search(value)):
            raise ValueError(
                f"The {name} of a job ({kind!r:.50}) is not an id, a commit or a word of ours; keep it elsewhere, "
                f"and hand over where."
            )
