"""The audit log: a row for each outward act, never changed, each chained to the one before by a hash.

Who changes or removes a row breaks the chain from there on; who cuts off its end is found out by whoever kept an
earlier `Chain`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from sqlalchemy import func, insert, select

from bot.database.tables import AUDIT, NOW, clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

# Any number that nobody else's advisory locks in this database use.
_LOCK: Final = 7_351_820_463
_START: Final = bytes(32)
_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Act:
    """Something that was done to the world outside.

    Attributes:
        asked_by: who wanted it: a login, or a name of ours such as `schedule`.
        reason: why, in words of ours.
        key: the effect's key.
        result: what came of it.
        repository_id: where.
        delivery: the GUID of the delivery that it answers.
    """

    asked_by: str
    reason: str
    key: str
    result: str
    repository_id: int | None = None
    delivery: str | None = None


@dataclass(frozen=True)
class Entry:
    """A row of the log."""

    id: int
    at: datetime
    act: Act


@dataclass(frozen=True)
class Chain:
    """The state of the log. `broken_at`: the id of the first row that is not as it was written, or that is missing."""

    rows: int
    head: str
    broken_at: int | None = None


def append(connection: Connection, act: Act) -> Entry:
    """Adds a row. Writers take turns until the end of their transactions, so those should be short."""
    connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    last = connection.execute(select(AUDIT.c.id, AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)).first()
    number, previous = (1, _START) if last is None else (last.id + 1, last.hash)
    at = connection.execute(select(NOW)).scalar_one().astimezone(UTC)
    # Cleaned before it is hashed, as what is read again is what was stored.
    act = replace(act, asked_by=clean(act.asked_by), reason=clean(act.reason), result=clean(act.result))
    entry = Entry(number, at, act)
    row = {"id": number, "at": at, "previous": previous, "hash": _hash(previous, entry), **vars(act)}
    connection.execute(insert(AUDIT).values(row))
    return entry


def verify(connection: Connection) -> Chain:
    """Reads the whole log and computes its chain anew."""
    rows, previous = 0, _START
    for row in _rows(connection):
        entry = _entry(row)
        if entry.id != rows + 1 or row.previous != previous or row.hash != _hash(previous, entry):
            return Chain(rows, previous.hex(), broken_at=rows + 1)
        rows, previous = rows + 1, row.hash
    return Chain(rows, previous.hex())


def latest(connection: Connection, count: int) -> list[Entry]:
    """The last rows, newest first."""
    return [_entry(row) for row in connection.execute(select(AUDIT).order_by(AUDIT.c.id.desc()).limit(count))]


def _rows(connection: Connection) -> Iterator[Row[tuple[object, ...]]]:
    after = -1
    while rows := connection.execute(
        select(AUDIT).where(AUDIT.c.id > after).order_by(AUDIT.c.id).limit(_AT_ONCE)
    ).all():
        yield from rows
        after = rows[-1].id


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    act = Act(row.asked_by, row.reason, row.key, row.result, row.repository_id, row.delivery)
    return Entry(row.id, row.at.astimezone(UTC), act)


def _hash(previous: bytes, entry: Entry) -> bytes:
    return hashlib.sha256(previous + msgspec.json.encode(entry, order="deterministic")).digest()
