"""What is remembered of a pull request between two jobs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.database.tables import NOW, PULL_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

KEPT: Final = timedelta(days=90)
"""Whoever reopens a pull request after so long has it reviewed as if it were new."""
KEPT_HEADS: Final = 20
"""So many pushes may follow a command before it is dealt with; beyond them, its commit is not known any more."""


@dataclass(frozen=True)
class Paused:
    """Who told Stanch to leave the pull request alone, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Head:
    """A head that was heard of.

    Attributes:
        commit: its id.
        since: when it was pushed, by GitHub's clock; where that was not heard, when it was seen first.
        was_told: whether `since` is when it was pushed.
    """

    commit: str
    since: datetime
    was_told: bool


@dataclass(frozen=True)
class Memory:
    """What is known of a pull request.

    Attributes:
        wanted_head: the newest head that was heard of; None where none is to be reviewed.
        reviewed_head: the head whose review is published.
        paused: set while it is left alone.
        heads: the newest heads that were heard of, oldest first.
    """

    wanted_head: str | None = None
    reviewed_head: str | None = None
    paused: Paused | None = None
    heads: tuple[Head, ...] = ()

    def head_at(self, moment: datetime) -> str | None:
        """The head at a moment by GitHub's clock, never one that was pushed later; None where it is not known.

        The clock tells whole seconds: what was pushed in the second of the moment may have come after it.
        """
        if self.wanted_head is None:
            return None
        for head in reversed(self.heads):
            if head.since < moment:
                return head.commit
            if head is self.heads[0] and len(self.heads) < KEPT_HEADS:
                # The first of all: none was there before it.
                return head.commit
            if not head.was_told:
                return None
        return None


def recall(connection: Connection, repository_id: int, number: int) -> Memory:
    """What is known of a pull request; an empty memory where nothing is."""
    table = PULL_REQUESTS.c
    query = select(PULL_REQUESTS).where(table.repository_id == repository_id, table.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Memory()
    paused = None if row.paused_at is None else Paused(row.paused_by, row.paused_at)
    return Memory(row.wanted_head, row.reviewed_head, paused, _heads(row.heads))


def want(
    connection: Connection, repository_id: int, number: int, head: str | None, since: datetime | None = None
) -> None:
    """Remembers which head is to be reviewed, None where none is; `since`: when it was pushed, by GitHub's clock."""
    _set(connection, repository_id, number, wanted_head=head)
    if head is not None:
        # The row is this transaction's by now, so nobody else changes the list meanwhile.
        table = PULL_REQUESTS.c
        here = (table.repository_id == repository_id) & (table.number == number)
        row = connection.execute(select(table.heads, NOW.label("now")).where(here)).one()
        heard = _with(_heads(row.heads), Head(head, since or row.now, was_told=since is not None))
        stored = [[known.commit, known.since.isoformat(), known.was_told] for known in heard[-KEPT_HEADS:]]
        connection.execute(update(PULL_REQUESTS).where(here).values(heads=stored))


def reviewed(connection: Connection, repository_id: int, number: int, head: str) -> None:
    """Remembers the head whose review was published."""
    _set(connection, repository_id, number, reviewed_head=head)


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


def purge(connection: Connection, kept: timedelta = KEPT) -> int:
    """Forgets pull requests that are closed, not paused, and unchanged for so long, and says how many."""
    table = PULL_REQUESTS.c
    closed = table.wanted_head.is_(None) & table.paused_at.is_(None)
    return connection.execute(delete(PULL_REQUESTS).where(closed, table.updated_at < NOW - kept)).rowcount


def _with(heads: Sequence[Head], heard: Head) -> list[Head]:
    """The heads with one that was heard of; what is told of a push comes late, out of order, and more than once."""
    if not heard.was_told:
        if heads and heads[-1].commit == heard.commit:
            return [*heads]
        # PostgreSQL's clock may be behind GitHub's.
        return [*heads, replace(heard, since=max([heard.since, *(head.since for head in heads[-1:])]))]
    if heard in heads:
        return [*heads]
    seen = next((head for head in heads if head.commit == heard.commit and not head.was_told), None)
    return sorted([*(head for head in heads if head is not seen), heard], key=lambda head: head.since)


def _heads(stored: Iterable[tuple[str, str, bool]]) -> tuple[Head, ...]:
    return tuple(Head(commit, datetime.fromisoformat(since), was_told) for commit, since, was_told in stored)


def _set(connection: Connection, repository_id: int, number: int, **values: object) -> None:
    new = insert(PULL_REQUESTS).values(repository_id=repository_id, number=number, **values)
    change = new.on_conflict_do_update(index_elements=["repository_id", "number"], set_={**values, "updated_at": NOW})
    connection.execute(change)
