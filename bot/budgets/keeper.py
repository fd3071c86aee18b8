"""A process of ours that starts programs and ends whatever becomes of them. Run as a script; imports nothing of Stanch.

Orders come as JSON lines on stdin: `{"id", "words", "folder", "environment"}` starts a program. News goes to stdout as
JSON lines: `{"id", "pid"}` or `{"id", "error"}`, later `{"id", "status"}`, the exit status or minus the signal. What
programs print goes to stderr. When stdin ends, as it also does when whoever gave the orders was killed, all processes
below this one are ended: asked first, then killed. Orphans below it become its children (prctl(2): child subreaper),
so that a program which detaches itself is found all the same.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 1.0
"""What programs have to end by themselves after SIGTERM."""
_POLL_SECONDS = 0.01
_KILL_ROUNDS = 500
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _die_with_the_keeper() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Keeper:
    """The programs that were started, by process id."""

    def __init__(self) -> None:
        self._ids: dict[int, int] = {}
        self._kept: dict[int, subprocess.Popen[bytes]] = {}
        self._orders = b""

    def run(self) -> None:
        """Takes orders until stdin ends."""
        wakeup, alarm = os.pipe()
        os.set_blocking(alarm, False)
        signal.set_wakeup_fd(alarm, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        while True:
            ready, _, _ = select.select([0, wakeup], [], [])
            if wakeup in ready and set(os.read(wakeup, 4096)) - {signal.SIGCHLD}:
                return
            self._reap()
            if 0 in ready and not self._take_orders():
                return

    def end_everything(self, grace: float) -> None:
        """Ends every process below this one; `grace`: seconds that they have to do it themselves."""
        for pid in descendants():
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + grace
        while descendants() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            self._reap()
        for _ in range(_KILL_ROUNDS):
            below = descendants()
            if not below:
                return
            # Stopped first, so that none of them starts another one meanwhile.
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in below:
                    _signal(pid, number)
            time.sleep(_POLL_SECONDS)
            self._reap()

    def _take_orders(self) -> bool:
        data = os.read(0, 1 << 16)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            self._start(json.loads(line))
        return bool(data)

    def _start(self, order: dict[str, object]) -> None:
        number = int(str(order["id"]))
        try:
            process = subprocess.Popen(
                order["words"],  # type: ignore[call-overload]
                cwd=order["folder"],
                env=order["environment"],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                stderr=sys.stderr.fileno(),
                start_new_session=True,
                preexec_fn=_die_with_the_keeper,  # noqa: PLW1509 - there are no threads here
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            tell({"id": number, "error": getattr(error, "strerror", None) or str(error)})
            return
        self._ids[process.pid] = number
        self._kept[process.pid] = process
        tell({"id": number, "pid": process.pid})

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended[0], os.waitstatus_to_exitcode(ended[1])
                if pid in self._ids:
                    self._kept.pop(pid).returncode = status
                    tell({"id": self._ids.pop(pid), "status": status})


def tell(news: dict[str, object]) -> None:
    """Writes a line of news; nobody may be there to read it."""
    with suppress(OSError):
        os.write(1, json.dumps(news).encode() + b"\n")


def descendants() -> list[int]:
    """The processes below this one that have not ended."""
    parents = dict(_processes())
    me = os.getpid()
    found = []
    for pid in parents:
        above, seen = parents.get(pid), {pid}
        while above is not None and above != me and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above == me:
            found.append(pid)
    return found


def _processes() -> list[tuple[int, int]]:
    """Every process that runs, with its parent."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112 - pathlib would double the time that this script takes to start
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, check=False).stdout
        rows = [line.split() for line in listing.decode().splitlines()]
        return [(int(pid), int(parent)) for pid, parent, state in rows if not state.startswith("Z")]
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
            # The second field is the program's name in parentheses, and may hold anything.
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state not in {b"Z", b"X"}:
                found.append((int(name), int(parent)))
    return found


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


if __name__ == "__main__":
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    keeper = Keeper()
    try:
        keeper.run()
    finally:
        keeper.end_everything(float(sys.argv[1]))
