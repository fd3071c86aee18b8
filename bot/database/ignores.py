"""Findings that were accepted by command: which, who said so, why and when. What was taken back is kept as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from bot.database.tables import IGNORES, NOW
from bot.ignores import Ignored, Ignores

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True)
class IgnoreRecord:
    """An accepted finding and its story; `revoked_by` and `revoked_at` are set where it was taken back."""

    ignored: Ignored
    ignored_by: str
    ignored_at: datetime
    revoked_by: str | None
    revoked_at: datetime | None


def ignore(connection: Connection, repository_id: int, ignored: Ignored, by: str, rule: str | None = None) -> bool:
    """Accepts a finding, of a rule where that is known; says whether that is new.

    A new reason takes the place of the old one.
    """
    is_new = not unignore(connection, repository_id, ignored.fingerprint, by)
    values = {
        "repository_id": repository_id,
        "fingerprint": ignored.fingerprint,
        "rule": rule,
        "path": ignored.path,
        "reason": ignored.reason,
        "until": ignored.until,
        "ignored_by": by,
    }
    connection.execute(insert(IGNORES).values(values))
    return is_new


def unignore(connection: Connection, repository_id: int, fingerprint: str, by: str) -> bool:
    """Takes it back; says whether the finding was accepted."""
    table = IGNORES.c
    change = (
        update(IGNORES)
        .where(table.repository_id == repository_id, table.fingerprint == fingerprint, table.revoked_at.is_(None))
        .values(revoked_by=by, revoked_at=NOW)
    )
    return connection.execute(change).rowcount > 0


def in_force(connection: Connection, repository_id: int) -> Ignores:
    """What a scan of the repository takes as accepted, in a fixed order, so that its digest depends on nothing else."""
    table = IGNORES.c
    query = select(IGNORES).where(table.repository_id == repository_id, table.revoked_at.is_(None))
    rows = connection.execute(query.order_by(table.fingerprint.collate("C")))
    return Ignores(
        ignores=tuple(
            Ignored(fingerprint=row.fingerprint, path=row.path, reason=row.reason, until=row.until) for row in rows
        )
    )


def history(connection: Connection, repository_id: int) -> list[IgnoreRecord]:
    """Everything that was ever accepted in a repository, oldest first."""
    query = select(IGNORES).where(IGNORES.c.repository_id == repository_id).order_by(IGNORES.c.id)
    return [
        IgnoreRecord(
            Ignored(fingerprint=row.fingerprint, path=row.path, reason=row.reason, until=row.until),
            row.ignored_by,
            row.ignored_at,
            row.revoked_by,
            row.revoked_at,
        )
        for row in connection.execute(query)
    ]
