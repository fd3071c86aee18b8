"""Items as files, for people with spreadsheets."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.parsing import Item

COLUMNS = ("feed", "key", "title", "link")


class CsvExport:
    """Writes items to a file that it takes over; `close()` ends both."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._rows = csv.writer(file)

    def write(self, item: Item) -> None:
        """Adds a row."""
        self._rows.writerow((item.feed, item.key, item.title, item.link))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def start_export(path: Path) -> CsvExport:
    """An export into a new file; the caller closes it."""
    return CsvExport(path.open("w", newline="", encoding="utf-8"))


def export_items(items: Iterable[Item], path: Path) -> int:
    """Writes all items into one file with a heading, and says how many there were."""
    file = open(path, "w", newline="", encoding="utf-8")
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    count = 0
    for item in items:
        rows.writerow((item.feed, item.key, item.title, item.link))
        count += 1
    file.close()
    return count


def export_by_feed(items: Iterable[Item], folder: Path) -> None:
    """Writes a file for each feed."""
    with ExitStack() as stack:
        writers = {}
        for item in items:
            if item.feed not in writers:
                file = stack.enter_context(open(folder / f"{item.feed}.csv", "w", newline="", encoding="utf-8"))
                writers[item.feed] = csv.writer(file)
            writers[item.feed].writerow((item.key, item.title, item.link))
