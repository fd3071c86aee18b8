"""Check runs that were begun and not ended yet: each has to end, whatever becomes of the job that began it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import NOW, OPEN_CHECKS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select

KEPT: Final = timedelta(days=14)
"""After so long GitHub itself calls a check run stale (docs.github.com, "About status checks")."""


@dataclass(frozen=True)
class OpenCheck:
    """A check run that has not ended.

    Attributes:
        key: its external id.
        check_id: GitHub's id of it; None where it is not known whether it was made.
        number: of the pull request; None where it is about the default branch.
        age: since it was begun.
    """

    repository_id: int
    key: str
    check_id: int | None
    head_sha: str
    number: int | None
    age: timedelta


def begun(connection: Connection, repository_id: int, head_sha: str, key: str, number: int | None = None) -> None:
    """Remembers a check run that is about to be made."""
    values = {"repository_id": repository_id, "key": key, "head_sha": head_sha, "number": number}
    connection.execute(insert(OPEN_CHECKS).values(values).on_conflict_do_nothing())


def started(
    connection: Connection, repository_id: int, check_id: int, head_sha: str, key: str, number: int | None = None
) -> None:
    """Remembers a check run that is in progress."""
    values = {"repository_id": repository_id, "key": key, "head_sha": head_sha, "number": number, "check_id": check_id}
    new = insert(OPEN_CHECKS).values(values)
    change = new.on_conflict_do_update(index_elements=["repository_id", "key"], set_={"check_id": check_id})
    connection.execute(change)


def ended(connection: Connection, repository_id: int, key: str) -> None:
    """Forgets a check run: it is completed, or GitHub does not know it (any more)."""
    table = OPEN_CHECKS.c
    connection.execute(delete(OPEN_CHECKS).where(table.repository_id == repository_id, table.key == key))


def open_in_pull_request(connection: Connection, repository_id: int, number: int) -> list[OpenCheck]:
    """The check runs of a pull request that have not ended, oldest first; a newer review ends those of older heads."""
    table = OPEN_CHECKS.c
    return _read(connection, _ALL.where(table.repository_id == repository_id, table.number == number))


def open_on_branch(connection: Connection, repository_id: int) -> list[OpenCheck]:
    """The check runs of the default branch that have not ended, oldest first."""
    table = OPEN_CHECKS.c
    return _read(connection, _ALL.where(table.repository_id == repository_id, table.number.is_(None)))


def left_open(connection: Connection, older_than: timedelta) -> list[OpenCheck]:
    """The check runs that were begun so long ago and did not end, oldest first."""
    return _read(connection, _ALL.where(OPEN_CHECKS.c.started_at < NOW - older_than))


def purge(connection: Connection, kept: timedelta = KEPT) -> None:
    """Forgets the check runs that were begun so long ago."""
    connection.execute(delete(OPEN_CHECKS).where(OPEN_CHECKS.c.started_at < NOW - kept))


_ALL = select(OPEN_CHECKS, (NOW - OPEN_CHECKS.c.started_at).label("age")).order_by(OPEN_CHECKS.c.started_at)


def _read(connection: Connection, query: Select[tuple[object, ...]]) -> list[OpenCheck]:
    return [_check(row) for row in connection.execute(query)]


def _check(row: Row[tuple[object, ...]]) -> OpenCheck:
    return OpenCheck(row.repository_id, row.key, row.check_id, row.head_sha, row.number, row.age)
