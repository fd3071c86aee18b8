"""Webhook deliveries: kept from before GitHub is answered until what they ask for is done.

GitHub never sends a delivery again by itself, and when it is asked to, the new attempt has the GUID of the first. So a
delivery counts as done only when its effect is: what was recorded and not finished is taken up again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import DELIVERIES, JOBS, NOW, UNENDED

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

KEPT: Final = timedelta(days=10)
"""GitHub can be asked to send a delivery again for 3 days, GitHub Enterprise Server for 7."""


class Recorded(StrEnum):
    """What was known of a delivery when it came."""

    NEW = "new"
    UNFINISHED = "unfinished"
    DONE = "done"


@dataclass(frozen=True)
class StoredDelivery:
    """A delivery that is not done. `payload`: the body, byte for byte, as GitHub signed it."""

    guid: str
    event: str
    payload: bytes
    received_at: datetime


def record(connection: Connection, guid: str, event: str, payload: bytes) -> Recorded:
    """Keeps a delivery whose signature was checked; one that is known stays as it is."""
    new = insert(DELIVERIES).values(guid=guid, event=event, payload=payload).on_conflict_do_nothing()
    if connection.execute(new.returning(DELIVERIES.c.guid)).first() is not None:
        return Recorded.NEW
    done_at = connection.execute(select(DELIVERIES.c.done_at).where(DELIVERIES.c.guid == guid)).scalar_one()
    return Recorded.UNFINISHED if done_at is None else Recorded.DONE


def load(connection: Connection, guid: str) -> StoredDelivery | None:
    """A delivery that is to be worked on; None when it is done, or not known (any more)."""
    query = select(DELIVERIES).where(DELIVERIES.c.guid == guid, DELIVERIES.c.done_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else StoredDelivery(row.guid, row.event, row.payload, row.received_at)


def is_known(connection: Connection, guid: str) -> bool:
    """Whether a delivery was recorded, done or not."""
    return connection.execute(select(DELIVERIES.c.guid).where(DELIVERIES.c.guid == guid)).first() is not None


def done(connection: Connection, guid: str) -> None:
    """Marks a delivery whose effect is certain, and drops its payload."""
    connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.guid == guid, DELIVERIES.c.done_at.is_(None))
        .values(done_at=NOW, payload=None)
    )


def unfinished(connection: Connection, older_than: timedelta) -> list[str]:
    """The GUIDs of deliveries that came so long ago, are not done, and have no job that waits or runs; oldest first."""
    has_job = exists().where(JOBS.c.arguments["delivery"].astext == DELIVERIES.c.guid, JOBS.c.state.in_(UNENDED))
    query = select(DELIVERIES.c.guid).where(
        DELIVERIES.c.done_at.is_(None), DELIVERIES.c.received_at < NOW - older_than, ~has_job
    )
    return list(connection.execute(query.order_by(DELIVERIES.c.received_at)).scalars())


def purge(connection: Connection, kept: timedelta = KEPT) -> int:
    """Deletes deliveries that came so long ago, done or not, and says how many."""
    return connection.execute(delete(DELIVERIES).where(DELIVERIES.c.received_at < NOW - kept)).rowcount
