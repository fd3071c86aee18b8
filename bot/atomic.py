"""Files replaced as a whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


class ReplaceError(OSError):
    """A file is not as it was read, so it is left alone; the message says so."""


def replace_file(path: Path, data: bytes, *, expected: bytes | None = None) -> None:
    """Gives a file new bytes in one step, or makes it. An existing file keeps its mode, and its owner if possible.

    Args:
        path: the file.
        data: its new bytes.
        expected: what it must hold now, if that matters.

    Raises:
        ReplaceError: it holds something else by now, or is no plain file.
        OSError: it cannot be written; then it is as it was.
    """
    before = _status(path)
    if expected is not None and (before is None or _read_plain(path) != expected):
        raise ReplaceError(f"{path} has changed since it was read; run the command again.")
    descriptor, name = tempfile.mkstemp(prefix=".stanch-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            if before is not None:
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
                with suppress(PermissionError):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
            else:
                os.fchmod(descriptor, 0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _status(path: Path) -> os.stat_result | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise ReplaceError(f"{path} is not a plain file; it is left alone.")
    return status


def _read_plain(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
