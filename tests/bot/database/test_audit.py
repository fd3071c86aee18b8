"""The audit log: rows are only ever added, and who tampers with them is found out."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.database import audit
from bot.database.audit import Act

if TYPE_CHECKING:
    from bot.database.audit import Chain
    from bot.database.engine import Database

ACTS = [
    Act("ada", "a command", "reply:1", "made 77", repository_id=1, delivery="g1"),
    Act("schedule", "the nightly scan", "check:2", "made 78", repository_id=1),
    Act("bob\0 <script> \ud800 \u202e", "a push", "comment:3", "refused: 403"),
    Act("eve", "", "", ""),
]


def fill(database: Database) -> None:
    for act in ACTS:
        with database.begin() as connection:
            audit.append(connection, act)


def verify(database: Database) -> Chain:
    with database.begin() as connection:
        return audit.verify(connection)


def tamper(database: Database, statement: str) -> None:
    """As somebody who owns the database can, and means to."""
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text(statement))


def test_what_was_done_is_read_again_newest_first(database: Database) -> None:
    assert verify(database) == audit.Chain(0, "00" * 32)
    fill(database)
    with database.begin() as connection:
        entries = audit.latest(connection, 3)
    assert [entry.id for entry in entries] == [4, 3, 2]
    assert entries[2].act == ACTS[1]
    assert entries[1].act.asked_by == "bob\ufffd <script> \ufffd \u202e"
    assert entries[0].at >= entries[1].at
    chain = verify(database)
    assert (chain.rows, chain.broken_at) == (4, None)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET asked_by = 'mallory' WHERE id = 2", 2),
        ("UPDATE audit SET result = '' WHERE id = 4 OR id = 1", 1),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 3", 3),
        ("UPDATE audit SET repository_id = NULL WHERE id = 1", 1),
        ("UPDATE audit SET asked_by = 'adaa', reason = ' command' WHERE id = 1", 1),
        ("UPDATE audit SET hash = sha256('') WHERE id = 4", 4),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 1; UPDATE audit SET id = id - 1", 1),
        ("UPDATE audit SET id = 5 - id + 100; UPDATE audit SET id = id - 100", 1),
        ("INSERT INTO audit SELECT 5, at, 1, 'mallory', '', '', '', NULL, hash, hash FROM audit WHERE id = 4", 5),
    ],
)
def test_tampering_is_found_where_it_begins(database: Database, statement: str, broken_at: int) -> None:
    fill(database)
    tamper(database, statement)
    assert verify(database).broken_at == broken_at


def test_an_end_that_was_cut_off_is_seen_by_who_kept_the_chain(database: Database) -> None:
    fill(database)
    before = verify(database)
    tamper(database, "DELETE FROM audit WHERE id = 4")
    after = verify(database)
    assert after.broken_at is None
    assert (after.rows, after.head) != (before.rows, before.head)


@pytest.mark.parametrize("statement", ["UPDATE audit SET key = ''", "DELETE FROM audit", "TRUNCATE audit"])
def test_rows_are_only_ever_added(database: Database, statement: str) -> None:
    fill(database)
    with pytest.raises(DBAPIError, match="rows of audit are only ever added"), database.begin() as connection:
        connection.execute(text(statement))
    assert verify(database).rows == len(ACTS)


def test_many_writers_make_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=fill, args=[database]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    chain = verify(database)
    assert (chain.rows, chain.broken_at) == (24, None)


def test_what_is_rolled_back_was_not_done(database: Database) -> None:
    fill(database)
    with pytest.raises(RuntimeError), database.begin() as connection:
        audit.append(connection, ACTS[0])
        raise RuntimeError
    fill(database)
    chain = verify(database)
    assert (chain.rows, chain.broken_at) == (8, None)
