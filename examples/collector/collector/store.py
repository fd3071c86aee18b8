"""Items in SQLite: what was seen, and what the warehouse does not have yet."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from collector.parsing import Item

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    feed TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, link TEXT NOT NULL, copied INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (feed, key)
)
"""


class Store:
    """The items of all feeds; a context manager that closes the database."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def prepare(self) -> None:
        """Makes the tables of a new database."""
        self._connection.execute(SCHEMA)

    def add(self, items: Iterable[Item]) -> int:
        """Adds the items that are new, and says how many were."""
        before = self._connection.total_changes
        with self._connection:
            self._connection.executemany(
                "INSERT OR IGNORE INTO items (feed, key, title, link) VALUES (?, ?, ?, ?)",
                [(item.feed, item.key, item.title, item.link) for item in items],
            )
        return self._connection.total_changes - before

    def uncopied(self) -> list[Item]:
        """The items that the warehouse does not have."""
        rows = self._connection.execute("SELECT feed, key, title, link FROM items WHERE copied = 0")
        return [Item(*row) for row in rows]

    def mark_copied(self, items: Iterable[Item]) -> None:
        """Remembers that the warehouse has these."""
        with self._connection:
            self._connection.executemany(
                "UPDATE items SET copied = 1 WHERE feed = ? AND key = ?", [(item.feed, item.key) for item in items]
            )
