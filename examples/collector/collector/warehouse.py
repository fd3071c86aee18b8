"""The reporting database, which belongs to another team and is restarted when they like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.parsing import Item

INSERT = "INSERT INTO feed_items (feed, key, title, link) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"


class Warehouse:
    """A connection to the reporting database, opened when it is first needed; `close()` ends it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection | None = None

    def copy(self, items: Sequence[Item]) -> None:
        """Adds the items, all or none.

        Raises:
            psycopg.Error: the database is away, or refuses.
        """
        if self._connection is None:
            self._connection = psycopg.connect(self._dsn)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(INSERT, [(item.feed, item.key, item.title, item.link) for item in items])

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
