"""Deliveries: kept until their effect is certain, harmless when they come again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.database import deliveries
from bot.database.deliveries import Recorded
from bot.jobs.queue import Queue

if TYPE_CHECKING:
    from bot.database.engine import Database

PAYLOAD = b'{"action": "opened"}\n\x00\xff'
NONE = timedelta(0)


def test_a_delivery_is_taken_up_again_until_it_is_done(database: Database) -> None:
    with database.begin() as connection:
        assert deliveries.record(connection, "g1", "pull_request", PAYLOAD) is Recorded.NEW
    with database.begin() as connection:
        assert deliveries.record(connection, "g1", "pull_request", b"other") is Recorded.UNFINISHED
        stored = deliveries.load(connection, "g1")
        assert stored is not None
        assert (stored.event, stored.payload) == ("pull_request", PAYLOAD)
        assert deliveries.unfinished(connection, NONE) == ["g1"]
        assert deliveries.unfinished(connection, timedelta(hours=1)) == []
    with database.begin() as connection:
        deliveries.done(connection, "g1")
        deliveries.done(connection, "g1")
        deliveries.done(connection, "never heard of")
    with database.begin() as connection:
        assert deliveries.record(connection, "g1", "pull_request", PAYLOAD) is Recorded.DONE
        assert deliveries.load(connection, "g1") is None
        assert deliveries.unfinished(connection, NONE) == []
        assert connection.execute(text("SELECT payload FROM deliveries")).scalars().all() == [None]


def test_what_a_job_deals_with_is_not_taken_up(database: Database) -> None:
    with database.begin() as connection:
        for guid in ("g1", "g2", "g3"):
            deliveries.record(connection, guid, "issue_comment", PAYLOAD)
    queue = Queue(database)
    queue.submit("command", "commands/1", {"delivery": "g1"})
    queue.submit("command", "commands/2", {"delivery": "g2"})
    with database.begin() as connection:
        connection.execute(text("UPDATE jobs SET state = 'poison' WHERE lane = 'commands/2'"))
        assert deliveries.unfinished(connection, NONE) == ["g2", "g3"]


def test_what_is_rolled_back_was_not_done(database: Database) -> None:
    with database.begin() as connection:
        deliveries.record(connection, "g1", "push", PAYLOAD)
    with pytest.raises(RuntimeError), database.begin() as connection:
        deliveries.done(connection, "g1")
        raise RuntimeError
    with database.begin() as connection:
        assert deliveries.load(connection, "g1") is not None


def test_the_largest_payload_is_kept_byte_for_byte(database: Database) -> None:
    largest = bytes(range(256)) * (25 * 1024 * 1024 // 256)
    with database.begin() as connection:
        deliveries.record(connection, "g1", "push", largest)
        stored = deliveries.load(connection, "g1")
    assert stored is not None
    assert stored.payload == largest


def test_old_deliveries_are_purged(database: Database) -> None:
    with database.begin() as connection:
        for guid in ("old", "old and done", "new"):
            deliveries.record(connection, guid, "push", PAYLOAD)
        deliveries.done(connection, "old and done")
        connection.execute(
            text("UPDATE deliveries SET received_at = received_at - interval '11 days' WHERE guid <> 'new'")
        )
        assert deliveries.purge(connection) == 2
        assert deliveries.unfinished(connection, NONE) == ["new"]
