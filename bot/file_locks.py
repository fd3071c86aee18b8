"""Locks on open files that end with whoever holds them (flock(2)); Windows has none, and is locked by nobody.

There only a job of the Action uses what is locked elsewhere, alone in a folder of its own.
"""

from __future__ import annotations

import os
import sys
from typing import Final

CLOSE_ON_EXEC: Final[int] = getattr(os, "O_CLOEXEC", 0)


def try_lock(descriptor: int, *, exclusive: bool) -> bool:
    """Takes the lock of an open file, until it is closed, if nobody holds it in a way that forbids that."""
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 - Windows has no such module

    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
