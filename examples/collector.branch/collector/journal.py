"""One line for each run, in a file that stays open as long as the process lives."""

from __future__ import annotations

import atexit
import os
from datetime import UTC, datetime

_journal = open(os.environ.get("COLLECTOR_JOURNAL", os.devnull), "a", encoding="utf-8")
atexit.register(_journal.close)


def note(text: str) -> None:
    """Adds a line with the time."""
    _journal.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {text}\n")
    _journal.flush()
