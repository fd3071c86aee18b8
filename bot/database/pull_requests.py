"""What is remembered of a pull request between two jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import NOW, PULL_REQUESTS

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Paused:
    """Who told Stanch to leave the pull request alone, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Memory:
    """What is known of a pull request.

    Attributes:
        wanted_head: the newest head that was heard of.
        wanted_since: when it was pushed, by GitHub's clock; None where that was not heard.
        head_before: the head before that one.
        reviewed_head: the head whose review is published.
        report_digest: of the report that was published last.
        paused: set while it is left alone.
    """

    wanted_head: str | None = None
    reviewed_head: str | None = None
    report_digest: str | None = None
    paused: Paused | None = None
    wanted_since: datetime | None = None
    head_before: str | None = None

    def head_at(self, moment: datetime) -> str | None:
        """The head at a moment by GitHub's clock, which tells whole seconds; None where it is not known."""
        if self.head_before is not None and self.wanted_since is not None and moment < self.wanted_since:
            return self.head_before
        return self.wanted_head


def recall(connection: Connection, repository_id: int, number: int) -> Memory:
    """What is known of a pull request; an empty memory where nothing is."""
    table = PULL_REQUESTS.c
    query = select(PULL_REQUESTS).where(table.repository_id == repository_id, table.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Memory()
    paused = None if row.paused_at is None else Paused(row.paused_by, row.paused_at)
    return Memory(row.wanted_head, row.reviewed_head, row.report_digest, paused, row.wanted_since, row.head_before)


def want(
    connection: Connection, repository_id: int, number: int, head: str | None, since: datetime | None = None
) -> None:
    """Remembers which head is to be reviewed, None where none is; `since`: when it was pushed, by GitHub's clock."""
    before = recall(connection, repository_id, number)
    if head != before.wanted_head:
        before = Memory(head_before=before.wanted_head)
    known = {"wanted_since": before.wanted_since or since, "head_before": before.head_before}
    _set(connection, repository_id, number, wanted_head=head, **known)


def reviewed(connection: Connection, repository_id: int, number: int, head: str, report_digest: str | None) -> None:
    """Remembers what was published; `report_digest` None: that there is no report."""
    _set(connection, repository_id, number, reviewed_head=head, report_digest=report_digest)


def pause(connection: Connection, repository_id: int, number: int, by: str) -> None:
    """Leaves a pull request alone from now on."""
    _set(connection, repository_id, number, paused_by=by, paused_at=NOW)


def resume(connection: Connection, repository_id: int, number: int) -> bool:
    """Ends a pause; says whether there was one."""
    table = PULL_REQUESTS.c
    here = (table.repository_id == repository_id) & (table.number == number) & table.paused_at.is_not(None)
    change = update(PULL_REQUESTS).where(here).values(paused_by=None, paused_at=None, updated_at=NOW)
    return connection.execute(change).rowcount > 0


def behind(connection: Connection, older_than: timedelta) -> list[tuple[int, int, str]]:
    """Repository, number and wanted head where another head was reviewed, and nothing has changed for so long."""
    table = PULL_REQUESTS.c
    query = select(table.repository_id, table.number, table.wanted_head).where(
        table.wanted_head.is_distinct_from(table.reviewed_head),
        table.wanted_head.is_not(None),
        table.paused_at.is_(None),
        table.updated_at < NOW - older_than,
    )
    rows = connection.execute(query.order_by(table.updated_at))
    return [(row.repository_id, row.number, row.wanted_head) for row in rows]


def _set(connection: Connection, repository_id: int, number: int, **values: object) -> None:
    new = insert(PULL_REQUESTS).values(repository_id=repository_id, number=number, **values)
    change = new.on_conflict_do_update(index_elements=["repository_id", "number"], set_={**values, "updated_at": NOW})
    connection.execute(change)
