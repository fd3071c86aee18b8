"""What the store knows of the past, read beside the running collector."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_known(database: Path, link: str) -> bool:
    """Whether any feed has told us about this link already."""
    connection = sqlite3.connect(database)
    row = connection.execute("SELECT 1 FROM items WHERE link = ?", (link,)).fetchone()
    return row is not None


def busiest_feeds(database: Path, limit: int = 10) -> list[tuple[str, int]]:
    """The feeds with the most items."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT feed, count(*) FROM items GROUP BY feed ORDER BY 2 DESC LIMIT ?", (limit,)
        ).fetchall()


def open_read_only(database: Path) -> sqlite3.Connection:
    """A connection that cannot change anything; the caller closes it."""
    return sqlite3.connect(f"file:{database}?mode=ro", uri=True)


def count_items(database: Path) -> int:
    """How many items the store has."""
    connection = open_read_only(database)
    try:
        (count,) = connection.execute("SELECT count(*) FROM items").fetchone()
    finally:
        connection.close()
    return int(count)
