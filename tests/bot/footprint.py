"""What lies in a folder, byte for byte: to see that nothing was touched."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Trace(NamedTuple):
    """One name: its kind and mode, when it was changed, and its bytes or where it leads."""

    mode: int
    changed: int
    content: bytes


def footprint(folder: Path, *, times: bool = True) -> dict[Path, Trace]:
    """Everything below a folder, links not followed.

    Args:
        folder: where.
        times: whether the times count too.
    """
    found = {}
    for place in folder.rglob("*"):
        status = place.lstat()
        content = b""
        if stat.S_ISLNK(status.st_mode):
            content = os.fsencode(place.readlink())
        elif stat.S_ISREG(status.st_mode):
            content = place.read_bytes()
        found[place] = Trace(status.st_mode, status.st_mtime_ns if times else 0, content)
    return found
