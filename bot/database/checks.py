"""Check runs that were started and not ended yet: each has to end, whatever becomes of the job that started it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import NOW, OPEN_CHECKS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row


@dataclass(frozen=True)
class OpenCheck:
    """A check run in progress. `number`: of the pull request, where it is about one; `key`: its external id."""

    repository_id: int
    check_id: int
    head_sha: str
    key: str
    number: int | None
    started_at: datetime


def started(
    connection: Connection, repository_id: int, check_id: int, head_sha: str, key: str, number: int | None = None
) -> None:
    """Remembers a check run that is in progress."""
    values = {"repository_id": repository_id, "check_id": check_id, "head_sha": head_sha, "key": key, "number": number}
    connection.execute(insert(OPEN_CHECKS).values(values).on_conflict_do_nothing())


def ended(connection: Connection, repository_id: int, check_id: int) -> None:
    """Forgets a check run: it is completed, or GitHub does not know it any more."""
    table = OPEN_CHECKS.c
    connection.execute(delete(OPEN_CHECKS).where(table.repository_id == repository_id, table.check_id == check_id))


def open_in_pull_request(connection: Connection, repository_id: int, number: int) -> list[OpenCheck]:
    """The check runs of a pull request that are in progress, oldest first; a newer review ends those of older heads."""
    table = OPEN_CHECKS.c
    query = select(OPEN_CHECKS).where(table.repository_id == repository_id, table.number == number)
    return [_check(row) for row in connection.execute(query.order_by(table.started_at))]


def left_open(connection: Connection, older_than: timedelta) -> list[OpenCheck]:
    """The check runs that were started so long ago and did not end, oldest first."""
    table = OPEN_CHECKS.c
    query = select(OPEN_CHECKS).where(table.started_at < NOW - older_than)
    return [_check(row) for row in connection.execute(query.order_by(table.started_at))]


def _check(row: Row[tuple[object, ...]]) -> OpenCheck:
    return OpenCheck(row.repository_id, row.check_id, row.head_sha, row.key, row.number, row.started_at)
