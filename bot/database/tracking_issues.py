"""Which issue of a repository is its tracking issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import TRACKING_ISSUES

if TYPE_CHECKING:
    from sqlalchemy import Connection


def number_of(connection: Connection, repository_id: int) -> int | None:
    """The issue's number; None where none is known."""
    query = select(TRACKING_ISSUES.c.number).where(TRACKING_ISSUES.c.repository_id == repository_id)
    number: int | None = connection.execute(query).scalar_one_or_none()
    return number


def save(connection: Connection, repository_id: int, number: int) -> None:
    """Remembers the issue's number."""
    new = insert(TRACKING_ISSUES).values(repository_id=repository_id, number=number)
    connection.execute(new.on_conflict_do_update(index_elements=["repository_id"], set_={"number": number}))
