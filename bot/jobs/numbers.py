"""The queue in numbers, for metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text

from bot.database.tables import JOB_OUTCOMES

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COUNT: Final = text("""
    SELECT kind,
        count(*) FILTER (WHERE state = 'waiting') AS waiting,
        count(*) FILTER (WHERE state = 'running') AS running,
        count(*) FILTER (WHERE state = 'poison') AS poison,
        max(clock_timestamp() - due_at) FILTER (WHERE state = 'waiting' AND due_at < clock_timestamp()) AS late
    FROM jobs WHERE state IN ('waiting', 'running', 'poison') GROUP BY kind
""")


@dataclass(frozen=True)
class Depth:
    """How much there is of a kind of job.

    Attributes:
        waiting: jobs that wait, due or not.
        running: jobs that run.
        poison: jobs that were given up and not asked for again.
        oldest_due_seconds: for how long the oldest of those that are due has been so; 0 where none is.
    """

    waiting: int
    running: int
    poison: int
    oldest_due_seconds: float


def depths(connection: Connection) -> dict[str, Depth]:
    """How much there is of each kind that has any."""
    return {
        row.kind: Depth(row.waiting, row.running, row.poison, row.late.total_seconds() if row.late else 0.0)
        for row in connection.execute(_COUNT)
    }


def outcomes(connection: Connection) -> dict[tuple[str, str], int]:
    """How often runs ended how, by kind and outcome (`verdicts.Ended`), ever since the database was made."""
    table = JOB_OUTCOMES.c
    return {
        (row.kind, row.outcome): row.times for row in connection.execute(select(table.kind, table.outcome, table.times))
    }
