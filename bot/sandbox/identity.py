"""Who the sandbox runs as: a user that nobody else is, where the service itself runs as root.

Root's processes are not counted against a limit of processes (getrlimit(2): RLIMIT_NPROC), and own everything.
"""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path
from typing import Final

_PR_SET_SECUREBITS: Final = 28
_NO_SETUID_FIXUP: Final = 1 << 2
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_CAP_DAC_OVERRIDE: Final = 1
_CAP_DAC_READ_SEARCH: Final = 2
_FIRST_USER: Final = 2_000_000_000
"""Above what any distribution gives to people, services or containers (systemd: UIDS-GIDS)."""


def become_nobody(number: int) -> bool:
    """Gives up being root for a user that nobody else is; of root's rights only that to read files is kept.

    Whether a file may be reached is for Landlock to say then.

    Args:
        number: tells this sandbox from others.

    Returns:
        Whether it was root, and could.
    """
    if os.geteuid() != 0:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    permitted = _permitted(libc)
    kept = next((cap for cap in (_CAP_DAC_READ_SEARCH, _CAP_DAC_OVERRIDE) if permitted & (1 << cap)), None)
    user = _FIRST_USER + number
    # Else neither the change of user nor access(2), which git asks, would leave that right (capabilities(7)).
    if libc.prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP, 0, 0, 0):
        return False
    try:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:
        # In a container whose root is a user of the machine there is no other one to become.
        return False
    mask = 0 if kept is None else 1 << kept
    data = struct.pack("6I", mask, mask, mask, 0, 0, 0)
    libc.capset(struct.pack("Ii", _CAPABILITY_VERSION_3, 0), data)
    if kept is not None:
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, kept, 0, 0)
    return True


def tasks_of_this_user() -> int:
    """How many processes and threads the kernel counts for this user now, at least."""
    user, count = os.getuid(), 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == user:
                count += len(list((entry / "task").iterdir()))
        except OSError:
            # It has ended, or is not ours to look at.
            continue
    return count


def _permitted(libc: ctypes.CDLL) -> int:
    data = ctypes.create_string_buffer(24)
    libc.capget(struct.pack("Ii", _CAPABILITY_VERSION_3, 0), data)
    return int(struct.unpack_from("6I", data.raw)[1])
