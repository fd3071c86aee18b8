"""Which files the sandbox may reach, by Landlock (landlock(7), kernel: userspace-api/landlock).

Everything is refused but reading what was named. Where the kernel knows how, so are TCP connections, signals to
processes outside and abstract sockets of theirs.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYS_CREATE_RULESET: Final = 444
_SYS_ADD_RULE: Final = 445
_SYS_RESTRICT_SELF: Final = 446
_CREATE_RULESET_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1

_EXECUTE: Final = 1 << 0
_WRITE_FILE: Final = 1 << 1
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
READ: Final = _EXECUTE | _READ_FILE | _READ_DIR
LIST: Final = _READ_DIR
DEVICE: Final = _READ_FILE | _WRITE_FILE
_FILE_RIGHTS: Final = _EXECUTE | _WRITE_FILE | _READ_FILE

# What each version of the interface can refuse; what it does not know must not be asked for.
_FILE_ACCESS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_ACCESS_SINCE: Final = 4
_NETWORK_ACCESS: Final = 0b11
_SCOPES_SINCE: Final = 6
_SCOPES: Final = 0b11


def version() -> int:
    """The version of Landlock that the kernel has; 0 where it has none, or it is switched off."""
    found = _libc().syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), _CREATE_RULESET_VERSION)
    return max(int(found), 0)


def restrict(rules: Iterable[tuple[str, int]]) -> bool:
    """Restricts this process and whatever it starts, for good. It must have given up new privileges before.

    Args:
        rules: files and folders, with what is allowed there and below; what does not exist is left out.

    Returns:
        Whether the restriction is in force; where it is not, the kernel does not know how.
    """
    known = version()
    if not known:
        return False
    libc = _libc()
    handled = _FILE_ACCESS[min(known, max(_FILE_ACCESS))]
    network = _NETWORK_ACCESS if known >= _NETWORK_ACCESS_SINCE else 0
    scopes = _SCOPES if known >= _SCOPES_SINCE else 0
    attributes = struct.pack("QQQ", handled, network, scopes)
    size = 8 * (1 + (known >= _NETWORK_ACCESS_SINCE) + (known >= _SCOPES_SINCE))
    ruleset = libc.syscall(_SYS_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path, rights in rules:
            with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
                _allow(ruleset, path, rights & handled)
        return bool(libc.syscall(_SYS_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        # `struct landlock_path_beneath_attr` is packed.
        attributes = struct.pack("=Qi", rights, descriptor)
        if _libc().syscall(_SYS_ADD_RULE, ruleset, _RULE_PATH_BENEATH, attributes, 0):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), path)
    finally:
        os.close(descriptor)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
