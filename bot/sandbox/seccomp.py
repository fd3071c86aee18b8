"""System calls that the sandbox refuses, as a seccomp filter (seccomp(2), kernel: userspace-api/seccomp_filter).

No socket of any kind can be made: there is no network in the sandbox, and no socket file through which a program
outside would do something for it. Refused beside them is what could undo that, or reach into another process.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from typing import Final

_SYS_SECCOMP: Final = {"x86_64": 317, "aarch64": 277}
_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name -> number on x86_64, on aarch64 (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
_REFUSED: Final[dict[str, tuple[int, int]]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    # It makes and uses sockets without the calls above.
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
}
# Without a namespace of process ids the group is what ends together, so nobody may leave it.
_LEAVES_GROUP: Final[dict[str, tuple[int, int]]] = {"setsid": (112, 157), "setpgid": (109, 154)}

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_ERRNO: Final = 0x00050000
_EACCES: Final = 13
_NUMBER_OFFSET: Final = 0
_ARCH_OFFSET: Final = 4
_X32_BIT: Final = 0x40000000

_SET_MODE_FILTER: Final = 1


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_program(machine: str, *, stays_in_group: bool) -> bytes | None:
    """The filter for an architecture, as `struct sock_filter`s; None for one that is not known here.

    A call by another architecture's numbers (32-bit, x32) kills the process; a refused one fails with EACCES.

    Args:
        machine: as `uname -m` says it.
        stays_in_group: whether leaving the process group is refused too.
    """
    if machine not in _AUDIT_ARCH:
        return None
    column = list(_AUDIT_ARCH).index(machine)
    numbers = sorted(entry[column] for entry in (_REFUSED | (_LEAVES_GROUP if stays_in_group else {})).values())
    refuse = len(numbers) + 1
    program = [
        _instruction(_LOAD, _ARCH_OFFSET),
        _instruction(_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER_OFFSET),
        _instruction(_AT_LEAST, _X32_BIT, 0, 1),
        _instruction(_RETURN, _KILL),
        *(_instruction(_EQUAL, number, refuse - 1 - index) for index, number in enumerate(numbers)),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERRNO | _EACCES),
    ]
    return b"".join(program)


def install(*, stays_in_group: bool) -> bool:
    """Filters this process and whatever it starts, for good. It must have given up new privileges before.

    Returns:
        Whether the filter is in force; where it is not, the kernel or the architecture does not know how.
    """
    machine = platform.machine()
    program = filter_program(machine, stays_in_group=stays_in_group)
    if program is None:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    argument = _Program(len(program) // 8, program)
    return bool(libc.syscall(_SYS_SECCOMP[machine], _SET_MODE_FILTER, 0, ctypes.byref(argument)) == 0)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
