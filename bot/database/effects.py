"""The ledger of effects: what was written to GitHub under which key, so that each is written once.

match effects.begin(connection, repository_id, key, lease.fence):      (in a transaction of its own, before the call)
    case Fresh():         make it
    case Unfinished():    it may have been made: look for it on GitHub, by its key, and make it only if it is not there
                          (`begin_anew` before that, in a transaction of its own)
    case Underway():      another job is making it just now: try again later
    case Done():          it is there
effects.finish(connection, repository_id, key, remote_id, digest)       (after the call, or after finding it)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.fences import hold
from bot.database.tables import EFFECTS, JOBS, NOW

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.database.fences import Fence

KEPT: Final = timedelta(days=90)
"""By then GitHub's own lists, in which everything is looked for by its key, have long shown what was made."""


@dataclass(frozen=True)
class Fresh:
    """Nobody has begun it before."""


@dataclass(frozen=True)
class Unfinished:
    """Somebody began it, and nobody knows whether it was made. `begun_at`: when it was tried last."""

    begun_at: datetime


@dataclass(frozen=True)
class Underway:
    """Another job, which runs, is making it."""


@dataclass(frozen=True)
class Done:
    """It was made. `remote_id`: GitHub's id of it; `digest`: of what it said, as `finish` was given them."""

    remote_id: str | None
    digest: str | None


Standing = Fresh | Unfinished | Underway | Done


def begin(connection: Connection, repository_id: int, key: str, fence: Fence) -> Standing:
    """Says that an effect is about to be made, and what is known of it.

    Args:
        connection: its transaction must be over before the effect is made.
        repository_id: the keys of different repositories have nothing to do with each other.
        key: what the effect is; the same for every attempt.
        fence: of the run that makes it.

    Raises:
        LeaseLost: the run may not write any more.
    """
    hold(connection, fence)
    new = insert(EFFECTS).values(repository_id=repository_id, key=key, fence=fence.number, begun_at=NOW)
    if connection.execute(new.on_conflict_do_nothing().returning(EFFECTS.c.key)).first() is not None:
        return Fresh()
    here = (EFFECTS.c.repository_id == repository_id) & (EFFECTS.c.key == key)
    row = connection.execute(select(EFFECTS).where(here).with_for_update()).one()
    if row.finished_at is not None:
        return Done(row.remote_id, row.digest)
    other = select(exists().where(JOBS.c.fence == row.fence, JOBS.c.state == "running"))
    if row.fence != fence.number and connection.execute(other).scalar_one():
        return Underway()
    connection.execute(update(EFFECTS).where(here).values(fence=fence.number))
    return Unfinished(row.begun_at)


def begin_anew(connection: Connection, repository_id: int, key: str, fence: Fence) -> None:
    """Says that an effect that was begun before is about to be made again, as it was nowhere to be found.

    Arguments and errors: as of `begin`.
    """
    hold(connection, fence)
    here = (EFFECTS.c.repository_id == repository_id) & (EFFECTS.c.key == key)
    connection.execute(update(EFFECTS).where(here).values(begun_at=NOW))


def finish(
    connection: Connection, repository_id: int, key: str, remote_id: int | str | None = None, digest: str | None = None
) -> None:
    """Says that an effect is there, whoever says so: it is a fact. Again, where it says something else by now."""
    values = {"finished_at": NOW, "remote_id": None if remote_id is None else str(remote_id), "digest": digest}
    connection.execute(
        update(EFFECTS).where(EFFECTS.c.repository_id == repository_id, EFFECTS.c.key == key).values(values)
    )


def is_made(connection: Connection, repository_id: int, key: str) -> bool:
    """Whether an effect is there, as far as is known."""
    query = select(EFFECTS.c.key).where(
        EFFECTS.c.repository_id == repository_id, EFFECTS.c.key == key, EFFECTS.c.finished_at.is_not(None)
    )
    return connection.execute(query).first() is not None


def forget(connection: Connection, repository_id: int, key: str) -> None:
    """Says that an effect is certainly not there: GitHub refused to make it, or somebody deleted it."""
    connection.execute(delete(EFFECTS).where(EFFECTS.c.repository_id == repository_id, EFFECTS.c.key == key))


def purge(connection: Connection, kept: timedelta = KEPT) -> int:
    """Deletes effects that were begun so long ago, finished or not, and says how many."""
    return connection.execute(delete(EFFECTS).where(EFFECTS.c.begun_at < NOW - kept)).rowcount
