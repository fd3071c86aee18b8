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
        try:
            self._insert(self._connection, items)
        except psycopg.errors.ReadOnlySqlTransaction:
            # The host became a stand-by; the name in the DSN already leads to the new primary.
            self._insert(self.reconnect(), items)

    def reconnect(self) -> psycopg.Connection:
        """Follows the database to the host that took over."""
        self._connection = psycopg.connect(self._dsn, connect_timeout=10)
        return self._connection

    def _insert(self, connection: psycopg.Connection, items: Sequence[Item]) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(INSERT, [(item.feed, item.key, item.title, item.link) for item in items])

    def close(self) -> None:
        """Closes the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
