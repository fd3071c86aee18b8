"""Moments that the service has to remember, each under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import MOMENTS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def recall(connection: Connection, name: str) -> datetime | None:
    """A moment, with its time zone; None where none is remembered."""
    return connection.execute(select(MOMENTS.c.at).where(MOMENTS.c.name == name)).scalar_one_or_none()


def remember(connection: Connection, name: str, at: datetime) -> None:
    """Keeps a moment in the place of the one before; `at` has a time zone."""
    new = insert(MOMENTS).values(name=name, at=at)
    connection.execute(new.on_conflict_do_update(index_elements=["name"], set_={"at": at}))
