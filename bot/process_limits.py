"""Limits of a process that runs already, where the system has such: Linux does."""

from __future__ import annotations

import sys


def limit_process(pid: int, *, memory_bytes: int, file_bytes: int | None = None) -> None:
    """Limits what a process may take from now on, and its children after it.

    Args:
        pid: the process.
        memory_bytes: of data, for each process.
        file_bytes: how large a file may become; None: as large as before.

    Raises:
        ProcessLookupError: it has ended.
    """
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - Windows has no such module

    resource.prlimit(pid, resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    if file_bytes is not None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
