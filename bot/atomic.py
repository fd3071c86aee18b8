"""Files replaced as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ReplaceError(OSError):
    """A file is not as it was read, so it is left alone; the message says so."""


def replace_file(path: Path, data: bytes, *, expected: bytes | None = None, mode: int | None = None) -> None:
    """Gives a file new bytes in one step, or makes it. An existing file keeps its owner if possible.

    Whatever ends this early, Ctrl-C included, the file is as it was and nothing lies beside it.

    Args:
        path: the file.
        data: its new bytes.
        expected: what it must hold now, if that matters.
        mode: of the file afterwards; by default that of before or, of a new file, what the umask leaves.

    Raises:
        ReplaceError: it holds something else by now, or is no plain file.
        OSError: it cannot be written; then it is as it was. The error names it.
    """
    try:
        _replace(path, data, expected, mode)
    except ReplaceError:
        raise
    except OSError as error:
        # The system speaks of the temporary file, or of none.
        raise OSError(error.errno, f"it cannot be written: {error.strerror or error}", os.fspath(path)) from None


def _replace(path: Path, data: bytes, expected: bytes | None, mode: int | None) -> None:
    before = _status(path)
    if expected is not None and (before is None or _read_plain(path) != expected):
        raise ReplaceError(f"{path} has changed since it was read; run the command again.")
    # Named before it is made, so that there is no moment at which an interruption would leave it behind.
    temporary = path.with_name(f".stanch-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            if before is not None:
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode) if mode is None else mode)
                with suppress(PermissionError):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
            else:
                os.fchmod(descriptor, 0o666 & ~_umask() if mode is None else mode)
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
