"""What a process of the sandbox does to itself before it looks at anything: limits, and the means of confinement."""

from __future__ import annotations

import ctypes
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.sandbox import landlock, seccomp
from bot.sandbox.identity import tasks_of_this_user
from bot.sandbox.means import Means

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sandbox.limits import Limits

_CLONE_NEWIPC: Final = 0x08000000
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWPID: Final = 0x20000000
_CLONE_NEWNET: Final = 0x40000000
_NICE: Final = 5
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_PACKAGES: Final = ("bot", "fixers")
_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def end_with_parent() -> None:
    """Has the kernel kill this process when the thread that has started it ends (prctl(2): PR_SET_PDEATHSIG)."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent has ended, so that none gets out of sight."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def enter_namespaces() -> bool:
    """Leaves the network, the processes and the shared memory of the machine; the next child is the first inside.

    Returns:
        Whether the machine allows it: root by its rights, others by becoming root of a world of their own
        (user_namespaces(7)).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    own = _CLONE_NEWNET | _CLONE_NEWPID | _CLONE_NEWIPC
    return bool(libc.unshare(own) == 0 or libc.unshare(own | _CLONE_NEWUSER) == 0)


def confine(readable: Iterable[str], limits: Limits, *, namespaces: bool) -> Means:
    """Gives up, for good, whatever the work does not need.

    Args:
        readable: files and folders that the work reads, beside the programs that do it.
        limits: what it may use.
        namespaces: whether it lies in namespaces of its own.

    Returns:
        The means that are in force.
    """
    import resource  # noqa: PLC0415 - Windows, where this module is loaded for `module_path`, has no such module

    for name, value in (
        (resource.RLIMIT_CORE, 0),
        # The work writes no file at all; pipes do not count.
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
    ):
        _lower(name, value)
    # With room above, so that the signal tells of the limit (getrlimit(2): SIGXCPU, then SIGKILL).
    _lower(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 5)
    # What the kernel refuses beyond twice the number is for a bomb that is faster than who watches.
    _lower(resource.RLIMIT_NPROC, tasks_of_this_user() + 2 * limits.processes)
    os.nice(_NICE)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    restricted = landlock.restrict(_rules(readable))
    filtered = seccomp.install(stays_in_group=not namespaces)
    return Means(namespaces=namespaces, seccomp=filtered, landlock=landlock.version() if restricted else 0)


def module_path() -> str:
    """The module path for a process of ours: this one's, whatever the current folder is."""
    entries = [os.fspath(_ROOT), *(os.path.abspath(entry) for entry in sys.path if entry)]  # noqa: PTH100 - text in, text out
    return os.pathsep.join(dict.fromkeys(entries))


def _rules(readable: Iterable[str]) -> Iterator[tuple[str, int]]:
    yield from ((path, landlock.DEVICE) for path in _DEVICES)
    # A module path is listed; of a checkout only the packages are read.
    yield os.fspath(_ROOT), landlock.LIST
    yield from ((os.fspath(_ROOT / package), landlock.READ) for package in _PACKAGES)
    programs = {*_SYSTEM, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, *site.getsitepackages()}
    git = shutil.which("git")
    if git is not None:
        programs |= {os.path.realpath(git), _git_programs()}
    yield from ((path, landlock.READ) for path in sorted(programs))
    yield from ((path, landlock.READ) for path in readable)


def _git_programs() -> str:
    done = subprocess.run(["git", "--exec-path"], capture_output=True, check=False)
    return os.fsdecode(done.stdout.strip()) or "/usr/lib/git-core"


def _lower(name: int, soft: int, hard: int | None = None) -> None:
    """Sets a limit, both for what this process may use and for what it may ask for."""
    import resource  # noqa: PLC0415 - see above

    allowed = resource.getrlimit(name)[1]
    hard = soft if hard is None else hard
    hard = hard if allowed == resource.RLIM_INFINITY else min(hard, allowed)
    resource.setrlimit(name, (min(soft, hard), hard))


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0):
        error = ctypes.get_errno()
        raise OSError(error, f"prctl({option}): {os.strerror(error)}")
